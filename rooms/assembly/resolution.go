package assembly

import (
	"context"
	"database/sql"
	"errors"

	"cuobian/basis/day"
	"cuobian/basis/scope"
	"cuobian/platform/store"
	"cuobian/rooms/assembly/roll"
)

// Resolution is what the owners decided in one matter, for the rooms that act on it.
type Resolution struct {
	Meeting      string     `json:"meeting"`
	Number       string     `json:"number"`
	Path         scope.Path `json:"path"`
	Matter       int64      `json:"matter"`
	Title        string     `json:"title"`
	Text         string     `json:"text"`
	Item         int        `json:"item"`
	Kind         string     `json:"kind"`
	Scope        Scope      `json:"scope"`
	Touched      []string   `json:"touched"`
	CountParking bool       `json:"count_parking"`
	State        State      `json:"state" doc:"of the meeting; a resolution holds while it is final"`
	Passed       bool       `json:"passed"`
	On           day.Day    `json:"on" doc:"on which it became final"`
}

// Holds reports whether the resolution can be acted on: passed, final, and not annulled (R12).
func (r Resolution) Holds() bool { return r.State == Final && r.Passed }

// Resolution reads a matter and its final result, by the meeting's id or number; ErrMissing where there is none. It asks
// nobody's rights.
func (h *Hall) Resolution(ctx context.Context, q store.Queryer, meeting string, no int64) (r Resolution, err error) {
	m, err := h.meeting(ctx, q, meeting)
	if err != nil {
		return r, err
	}
	list, err := h.matters(ctx, q, m.ID)
	if err != nil {
		return r, err
	}
	for _, x := range list {
		if x.No != no {
			continue
		}
		r = Resolution{Meeting: m.ID, Number: m.Number, Path: m.Path, Matter: no, Title: x.Title, Text: x.Text, Item: x.Item, Kind: x.Kind, Scope: x.Scope, Touched: x.Touched,
			CountParking: m.CountParking, State: m.State, On: m.FinalOn}
		err := q.QueryRow(ctx, `select passed from assembly_result where meeting = $1 and matter = $2 and stage = $3`, m.ID, no, stageFinal).Scan(&r.Passed)
		if errors.Is(err, sql.ErrNoRows) {
			err = nil
		}
		return r, err
	}
	return r, ErrMissing
}

// Today is the roll of rights of a compound as it would be made from the register now, and the persons behind each
// identity that may cast.
func (h *Hall) Today(ctx context.Context, q store.Queryer, compound scope.Path) (roll.Roll, map[string][]string, error) {
	parts, persons, err := h.parts(ctx, q, compound)
	if err != nil {
		return roll.Roll{}, nil, err
	}
	r, err := roll.Make(roll.Input{Compound: compound.Last(), Parts: parts})
	return r, persons, err
}
