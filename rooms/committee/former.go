package committee

import (
	"context"
	"encoding/json"

	"cuobian/basis/day"
	"cuobian/platform/audit"
	"cuobian/platform/store"
	"cuobian/rooms/people"
)

// former is a committee that an election relieved, as it was the moment before.
type former struct {
	Org     string        `json:"org"`
	EndedOn day.Day       `json:"ended_on"`
	Terms   []people.Term `json:"terms"`
}

// relieved notes whom an election is about to relieve.
func (c *Chamber) relieved(ctx context.Context, tx *store.Tx, orgs ...*people.Org) (list []former, err error) {
	for _, o := range orgs {
		if o == nil {
			continue
		}
		terms, err := c.terms(ctx, tx, o.ID, today(tx))
		if err != nil {
			return nil, err
		}
		list = append(list, former{o.ID, o.EndedOn, terms})
	}
	return list, nil
}

// restore brings back whom an annulled election had relieved, for the rest of their own terms, from today on: they were not in
// office in between. Who died, left the roster or has no home here any more does not come back; a committee whose own time is
// over does not either, and the street sees to it. What was handed over goes back the same way, and what was still owed of the
// first hand-over is owed no more. It says how many persons are back.
func (c *Chamber) restore(ctx context.Context, tx *store.Tx, meeting string, annulled body, why string) (back int, err error) {
	var text string
	if err := tx.QueryRow(ctx, `select former from committee_election where meeting = $1`, meeting).Scan(&text); err != nil || text == "" {
		return 0, err
	}
	var list []former
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		return 0, err
	}
	for _, f := range list {
		o, err := c.on.Register.Org(ctx, tx, f.Org)
		if err != nil {
			return 0, err
		}
		if o.To.Sound() && o.To < today(tx) {
			continue
		}
		here := 0
		for _, t := range f.Terms {
			if t.To.Sound() && t.To < today(tx) {
				continue
			}
			id, err := c.on.Register.Resolve(ctx, tx, t.Person)
			if err != nil {
				return 0, err
			}
			p, err := c.on.Register.Person(ctx, tx, id)
			if err != nil {
				return 0, err
			}
			lo, hi := o.Path.Bounds()
			was, err := store.Count(ctx, tx, `select count(*) from people_v_title where person = $1 and path >= $2 and path < $3`, id, lo, hi)
			if err != nil {
				return 0, err
			}
			own, err := owns(ctx, tx, id, o.Path, today(tx))
			if err != nil {
				return 0, err
			}
			if p.Status != "" || was > 0 && !own { // as the register ends memberships: whose title was never on record stays
				continue
			}
			t.ID, t.Person, t.From, t.EndedWhy = "", id, today(tx), ""
			if _, err := c.on.Register.PutTerm(ctx, tx, audit.System, t); err != nil {
				return 0, err
			}
			here++
		}
		if here == 0 {
			continue
		}
		back += here
		o.EndedOn = f.EndedOn
		if _, err := c.on.Register.AmendOrg(ctx, tx, audit.System, o, why); err != nil {
			return 0, err
		}
		if err := c.drop(ctx, tx, dutyAudit, "committees/"+o.ID); err != nil {
			return 0, err
		}
		given, err := handovers(ctx, tx, `org = $1 and to_org = $2 and kind = 'committee'`, o.ID, annulled.o.ID)
		if err != nil {
			return 0, err
		}
		for _, h := range given {
			if h.Received == 0 {
				if err := c.drop(ctx, tx, dutyHandover, "handovers/"+h.ID); err != nil {
					return 0, err
				}
			}
			if h.Given == 0 {
				continue
			}
			_, director := members(annulled.terms)
			if director == "" && len(annulled.all) > 0 {
				director = annulled.all[0]
			}
			if director == "" {
				continue
			}
			if _, err := c.beginHandover(ctx, tx, annulled.o, "committee", director, o.ID, today(tx), annulled.p.HandoverCommittee, annulled.cal); err != nil {
				return 0, err
			}
		}
	}
	return back, nil
}
