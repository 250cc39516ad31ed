package cases

import (
	"context"
	"fmt"

	"cuobian/basis/day"
	"cuobian/platform/store"
	"cuobian/rooms/cases/course"
)

// Prove computes a matter's state and clocks anew from its events and says how they differ from what is kept: nil when
// they do not. The doctor asks it for all matters.
func (d *Desk) Prove(ctx context.Context, id string) error {
	return d.db.View(ctx, func(q store.Queryer) error {
		c, err := readRow(ctx, q, id)
		if err != nil {
			return err
		}
		log, err := readEvents(ctx, q, id)
		if err != nil {
			return err
		}
		state := course.State("")
		for _, e := range log {
			next, ok := course.After(state, course.Step(e.Kind))
			if !ok {
				return fmt.Errorf("cases %s: %s cannot follow in %q", id, e.Kind, state)
			}
			state = next
		}
		periods, cal, _, err := d.rules(ctx, q, c.Path, c.Created.Day(day.Shanghai))
		if err != nil {
			return err
		}
		fresh := c
		fresh.State = state
		fresh.count(cal, periods, log, c.Updated)
		a, b := c.cells(), fresh.cells()
		for i := range a {
			if x, y := value(a[i].at), value(b[i].at); fmt.Sprint(x) != fmt.Sprint(y) {
				return fmt.Errorf("cases %s: %s is kept otherwise than its events say", id, a[i].name)
			}
		}
		return nil
	})
}

// ProveAll proves every matter, oldest first, and gives the ids of those that do not hold, at most 100.
func (d *Desk) ProveAll(ctx context.Context) (proved int, wrong []string, err error) {
	after := ""
	for {
		ids, err := store.Texts(ctx, d.db, `select id from cases_case where id > $1 order by id limit 500`, after)
		if err != nil || len(ids) == 0 {
			return proved, wrong, err
		}
		for _, id := range ids {
			if err := ctx.Err(); err != nil {
				return proved, wrong, err
			}
			if err := d.Prove(ctx, id); err != nil {
				wrong = append(wrong, id)
				if len(wrong) >= 100 {
					return proved, wrong, nil
				}
				continue
			}
			proved++
		}
		after = ids[len(ids)-1]
	}
}
