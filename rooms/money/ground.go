package money

import (
	"context"
	"database/sql"
	"slices"

	"cuobian/basis/day"
	"cuobian/platform/access"
	"cuobian/platform/store"
	"cuobian/rooms/assembly"
)

// Ground is what a payment, a use of the fund or shared works may stand on: a final resolution of the owners that was not annulled, or
// a decision that the committee has made. Whoever reads the books chooses among them, also who may not read the meetings: their
// results are public, how each voted is not in here.
type Ground struct {
	Kind   string  `json:"kind" enum:"assemblies,decisions"`
	Ref    string  `json:"ref" doc:"assemblies/ID/NO or decisions/ID"`
	Number string  `json:"number,omitempty" doc:"of the meeting"`
	No     int64   `json:"no"`
	Title  string  `json:"title"`
	Item   int     `json:"item,omitempty" doc:"of Civil Code 278"`
	On     day.Day `json:"on" doc:"final, or made"`
	Range  *Range  `json:"range,omitempty" doc:"who voted: the cost range"`
	Used   bool    `json:"used,omitempty" doc:"a use of the fund, works or a change stands on it already, and nothing else can"`
}

// Grounds lists a compound's, newest first; item 0 is all, of resolutions of the owners.
func (t *Till) Grounds(ctx context.Context, who access.Who, compound string, item int) (out []Ground, err error) {
	out = []Ground{}
	err = t.db.View(ctx, func(q store.Queryer) error {
		n, err := t.readable(ctx, who, compound)
		if err != nil {
			return err
		}
		list, err := store.All(ctx, q, func(r *sql.Rows) (g Ground, err error) {
			g.Kind = "assemblies"
			var meeting string
			err = r.Scan(&meeting, &g.No)
			g.Ref = meeting
			return g, err
		}, `select r.meeting, r.matter from assembly_v_result r join assembly_v_meeting m on m.id = r.meeting
where m.path = $1 and m.state = 'final' and r.stage = 'final' and r.passed = $2 and r.candidate = '' and ($3 = 0 or r.item = $3) order by m.final_on desc, m.id desc, r.matter limit 60`, string(n.Path), true, item)
		if err != nil {
			return err
		}
		for _, g := range list {
			r, err := t.on.Hall.Resolution(ctx, q, g.Ref, g.No)
			if err != nil {
				return err
			}
			g.Ref, g.Number, g.Title, g.Item, g.On = decisionOf(r), r.Number, r.Title, r.Item, r.On
			g.Range = &Range{Kind: r.Scope.Kind, Paths: r.Scope.Paths}
			if g.Used, err = t.taken(ctx, q, r); err != nil {
				return err
			}
			out = append(out, g)
		}
		if item != 0 {
			return nil
		}
		made, err := store.All(ctx, q, func(r *sql.Rows) (g Ground, err error) {
			g.Kind = "decisions"
			var id, title, words string
			var at day.Instant
			err = r.Scan(&id, &title, &g.No, &words, &at)
			g.Ref, g.Number, g.Title, g.On = "decisions/"+id, title, words, at.Day(day.Shanghai)
			return g, err
		}, `select id, title, no, words, made from committee_v_decision where path = $1 and state = 'made' order by made desc, id desc limit 60`, string(n.Path))
		out = slices.Concat(out, made)
		return err
	})
	return out, err
}

// taken reports whether something stands on a resolution that nothing else may stand on then: a use of the fund (item 5), works or a
// change of works (item 7).
func (t *Till) taken(ctx context.Context, q store.Queryer, r assembly.Resolution) (bool, error) {
	if r.Item != 5 && r.Item != 7 {
		return false, nil
	}
	d := decisionOf(r)
	n, err := store.Count(ctx, q, `select (select count(*) from money_use where decision = $1 and state not in ('refused', 'dropped') or again = $1) + (select count(*) from money_project_change where decision = $1)`, d)
	return n > 0, err
}
