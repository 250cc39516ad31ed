package money

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"cuobian/basis/day"
	"cuobian/basis/scope"
	"cuobian/basis/yuan"
	"cuobian/platform/access"
	"cuobian/platform/store"
)

// SpaceRow is a rented parking space with its home.
type SpaceRow struct {
	Space
	Place string `json:"place" doc:"the home's label"`
}

// Spaces lists the rented parking spaces of a compound by label, those that are over last. words are a space's or a home's label.
func (t *Till) Spaces(ctx context.Context, who access.Who, compound, words string) ([]SpaceRow, error) {
	n, err := t.there(ctx, t.db, who, Collect, compound)
	if err != nil {
		return nil, err
	}
	words = strings.TrimSpace(words)
	like := "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(words) + "%"
	return store.All(ctx, t.db, func(r *sql.Rows) (x SpaceRow, err error) {
		err = r.Scan(&x.ID, &x.Home, &x.Label, &x.From, &x.To, &x.Place)
		return x, err
	}, `select s.id, s.home, s.label, s.from_day, s.to_day, coalesce(h.label, '') from money_space s left join place_v_node h on h.id = s.home
where s.compound = $1 and ($2 = '' or s.label like $3 escape '\' or h.label like $3 escape '\') order by case when s.to_day = '' or s.to_day >= $4 then 0 else 1 end, s.label, s.id limit 1000`, n.ID, words, like, t.Today())
}

// SharedRow is a shared sum with its place and what became of it.
type SharedRow struct {
	Shared
	Name   string `json:"name" doc:"of the period: 2026-10"`
	Place  string `json:"place"`
	Billed bool   `json:"billed" doc:"bills were made of its period: it stays"`
	Voided string `json:"voided,omitempty" doc:"why it was taken back"`
}

// SharedSums lists the sums that homes share, the latest period first.
func (t *Till) SharedSums(ctx context.Context, who access.Who, compound string) ([]SharedRow, error) {
	n, err := t.there(ctx, t.db, who, Collect, compound)
	if err != nil {
		return nil, err
	}
	list, err := store.All(ctx, t.db, func(r *sql.Rows) (x SharedRow, err error) {
		var billed int64
		err = r.Scan(&x.ID, &x.Period.From, &x.Period.To, &x.Item, &x.ItemEn, &x.Amount, &x.Weigh, &x.Under, &x.Fund, &x.Decision, &x.Document, &x.Voided, &billed)
		x.Name, x.Billed = x.Period.String(), billed > 0
		return x, err
	}, `select `+sharedColumns+`, voided, (select count(*) from money_run r where r.compound = money_shared.compound and r.kind = 'utility' and r.period_from = money_shared.period_from) from money_shared where compound = $1 order by period_from desc, id desc limit 200`, n.ID)
	if err != nil {
		return nil, err
	}
	var at []scope.Path
	for _, x := range list {
		at = append(at, x.Under)
	}
	words, err := t.on.Map.WordsFor(ctx, t.db, at...)
	for i := range list {
		list[i].Place = words[list[i].Under]
	}
	return list, err
}

// DropShared takes a shared sum back that was entered wrongly, before bills are made of it.
func (t *Till) DropShared(ctx context.Context, who access.Who, compound, id, why string) error {
	return t.db.Write(ctx, func(tx *store.Tx) error {
		n, err := t.there(ctx, tx, who, Collect, compound)
		if err != nil {
			return err
		}
		if why = strings.TrimSpace(why); why == "" {
			return ErrReason
		}
		list, err := store.All(ctx, tx, scanShared, `select `+sharedColumns+` from money_shared where id = $1 and compound = $2 and voided = ''`, id, n.ID)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			return ErrMissing
		}
		c, err := store.Count(ctx, tx, `select count(*) from money_run where compound = $1 and kind = 'utility' and period_from = $2`, n.ID, list[0].Period.From)
		if err == nil && c > 0 {
			err = ErrBilled
		}
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `update money_shared set voided = $2 where id = $1`, id, why); err != nil {
			return err
		}
		return t.trail(ctx, tx, who, Collect, n.Path, "shared_drop", "shared/"+id, why, nil)
	})
}

// ProviderDay is what a provider took on a day for a compound, beside its statement.
type ProviderDay struct {
	Provider string      `json:"provider"`
	Day      day.Day     `json:"day"`
	Orders   int64       `json:"orders"`
	Amount   yuan.Amount `json:"amount" doc:"by our orders"`
	State    string      `json:"state" enum:"agrees,differs,missing,waiting" doc:"waiting: the day is not over, or its statement is still to come"`
	Open     int64       `json:"open" doc:"differences that nobody has explained"`
}

// ProviderDays lists the days on which providers took a compound's money, the latest first, back to a day 62 days ago.
func (t *Till) ProviderDays(ctx context.Context, who access.Who, compound string) ([]ProviderDay, error) {
	n, err := t.there(ctx, t.db, who, Collect, compound)
	if err != nil {
		return nil, err
	}
	since := t.Today().Add(-62)
	out := []ProviderDay{}
	find := func(provider string, on day.Day) *ProviderDay {
		for i := range out {
			if out[i].Provider == provider && out[i].Day == on {
				return &out[i]
			}
		}
		out = append(out, ProviderDay{Provider: provider, Day: on})
		return &out[len(out)-1]
	}
	if err := eachRow(ctx, t.db, func(r *sql.Rows) error {
		var provider string
		var ended day.Instant
		var got yuan.Amount
		if err := r.Scan(&provider, &ended, &got); err != nil {
			return err
		}
		d := find(provider, ended.Day(day.Shanghai))
		d.Orders++
		d.Amount += got
		return nil
	}, `select provider, ended, got from money_order where compound = $1 and state in ('paid', 'differs') and ended >= $2 order by ended desc`, n.ID, int64(since.Start(day.Shanghai))); err != nil {
		return nil, err
	}
	differs := map[*ProviderDay]bool{}
	type odd struct {
		provider, state string
		on              day.Day
	}
	odds, err := store.All(ctx, t.db, func(r *sql.Rows) (o odd, err error) { err = r.Scan(&o.provider, &o.on, &o.state); return }, `select provider, day, state from money_difference where compound = $1 and day >= $2`, n.ID, since)
	if err != nil {
		return nil, err
	}
	for _, o := range odds {
		find(o.provider, o.on)
	}
	slices.SortStableFunc(out, func(a, b ProviderDay) int { return int(b.Day - a.Day) })
	for _, o := range odds {
		d := find(o.provider, o.on)
		if differs[d] = true; o.state == "open" {
			d.Open++
		}
	}
	checked := map[string]bool{}
	if err := eachRow(ctx, t.db, func(r *sql.Rows) error {
		var provider string
		var on day.Day
		err := r.Scan(&provider, &on)
		checked[provider+on.String()] = true
		return err
	}, `select provider, day from money_checked where day >= $1`, since); err != nil {
		return nil, err
	}
	for i := range out {
		d := &out[i]
		switch {
		case differs[d]:
			d.State = "differs"
		case checked[d.Provider+d.Day.String()]:
			d.State = "agrees"
		case d.Day < t.Today().Add(-1):
			d.State = "missing"
		default:
			d.State = "waiting"
		}
	}
	return out, nil
}
