package cases

import (
	"context"

	"cuobian/basis/day"
	"cuobian/platform/audit"
	"cuobian/platform/store"
)

// Recount computes the clocks of open matters anew whose end was provisional, as when the holidays of the coming year
// are published; duties move along. It says how many ends moved. Sweep calls it after the calendar or the rules in
// force changed, and once after the start.
func (d *Desk) Recount(ctx context.Context) (int, error) {
	moved := 0
	after := ""
	for {
		ids, err := store.Texts(ctx, d.db, `select id from cases_case where live and provisional and id > $1 order by id limit 200`, after)
		if err != nil || len(ids) == 0 {
			return moved, err
		}
		for _, id := range ids {
			changed := false
			if err := d.db.Write(ctx, func(tx *store.Tx) (err error) {
				changed, err = d.recount(ctx, tx, id)
				return err
			}); err != nil {
				return moved, err
			}
			if changed {
				moved++
			}
		}
		after = ids[len(ids)-1]
	}
}

func (d *Desk) recount(ctx context.Context, tx *store.Tx, id string) (changed bool, err error) {
	old, err := readRow(ctx, tx, id)
	if err != nil {
		return false, err
	}
	log, err := readEvents(ctx, tx, id)
	if err != nil {
		return false, err
	}
	periods, cal, _, err := d.rules(ctx, tx, old.Path, old.Created.Day(day.Shanghai))
	if err != nil {
		return false, err
	}
	c := old
	c.count(cal, periods, log, tx.Now)
	if c.ResolveDue == old.ResolveDue && c.Provisional == old.Provisional && c.AcceptDue == old.AcceptDue && c.ConfirmDue == old.ConfirmDue && c.CallbackDue == old.CallbackDue && c.ReturnDue == old.ReturnDue {
		return false, nil
	}
	c.Updated = tx.Now
	if err := c.update(ctx, tx, old.Version); err != nil {
		return false, err
	}
	if err := d.owe(ctx, tx, old, c, ""); err != nil {
		return false, err
	}
	tx.Changed(c.changed())
	return true, audit.Write(ctx, tx, audit.Entry{By: audit.System, Action: "cases.recount", Path: c.Path, Ref: "cases/" + c.ID,
		From: map[string]any{"resolve_due": old.ResolveDue, "provisional": old.Provisional}, To: map[string]any{"resolve_due": c.ResolveDue, "provisional": c.Provisional}})
}
