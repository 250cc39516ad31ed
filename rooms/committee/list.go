package committee

import (
	"context"

	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/store"
	"cuobian/rooms/people"
	"cuobian/rooms/place"
)

// Listed is a committee in a list.
type Listed struct {
	people.Committee
	Place string `json:"place"`
	Size  int    `json:"size" doc:"members agreed, 0 not on record"`
}

// Committees lists the committees in office in who's area, by compound.
func (c *Chamber) Committees(ctx context.Context, who access.Who, under scope.Path) (out []Listed, err error) {
	if err := who.MaySomewhere(Know); err != nil {
		return nil, err
	}
	out = []Listed{}
	err = c.db.View(ctx, func(q store.Queryer) error {
		var at []scope.Path
		for _, p := range place.Narrow(who.Paths(Know), under) {
			all, err := c.on.Register.Committees(ctx, q, p, c.Today())
			if err != nil {
				return err
			}
			for _, x := range all {
				out = append(out, Listed{Committee: x})
				at = append(at, x.Org.Path)
			}
		}
		words, err := c.on.Map.WordsFor(ctx, q, at...)
		if err != nil {
			return err
		}
		for i := range out {
			out[i].Place = words[out[i].Org.Path]
			if err := q.QueryRow(ctx, `select size from committee_org where org = $1`, out[i].Org.ID).Scan(&out[i].Size); err != nil && !none(err) {
				return err
			}
		}
		return nil
	})
	return out, err
}

// QuestionsOf lists a board's questions, newest first: for its members and whoever may read a committee's papers.
func (c *Chamber) QuestionsOf(ctx context.Context, who access.Who, board string) ([]Question, error) {
	o, err := c.on.Register.Org(ctx, c.db, board)
	if err != nil {
		return nil, err
	}
	if o.Kind != people.SupervisoryBoard {
		return nil, ErrMissing
	}
	if err := who.May(Know, o.Path); err != nil {
		return nil, err
	}
	cond := `board = $1`
	if who.May(Read, o.Path) != nil {
		cond += ` and answered > 0`
	}
	return c.questions(ctx, c.db, cond, board)
}
