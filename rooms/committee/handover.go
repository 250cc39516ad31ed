package committee

import (
	"context"
	"database/sql"
	"encoding/json"
	"slices"
	"strings"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/store"
	"cuobian/rooms/people"
)

// Faults of hand-overs.
var (
	ErrItems    = fault.Bad("items", "committee.items", "请逐项写明移交的印章、账册、资料、资产", "list what is handed over: seals, books, papers, assets")
	ErrGiver    = fault.New(fault.Refused, "committee.giver", "移交清单由移交人填写，移交人不到场的由社区代为清点", "the list is made by who hands over, or by the community in their absence")
	ErrReceiver = fault.New(fault.Refused, "committee.receiver", "接收人须是接任的委员，不能是移交人本人或代为清点的人", "the receiver is a member who takes over, not the one who hands over or made the list")
	ErrOver     = fault.New(fault.Conflict, "committee.handed", "这次移交已经签收", "this hand-over was signed off already")
	ErrNotGiven = fault.New(fault.Conflict, "committee.not_given", "移交清单还没有填写", "there is no list yet")
)

// Item is one thing handed over.
type Item struct {
	What  string `json:"what" maxLength:"100"`
	Count int    `json:"count" minimum:"0" maximum:"100000"`
	State string `json:"state" enum:"there,missing" doc:"missing things are named too"`
	Note  string `json:"note,omitempty" maxLength:"200"`
}

// Handover is one hand-over: by a member who leaves (three days), by a committee to the next (ten days), R23.
type Handover struct {
	ID       string      `json:"id"`
	Org      string      `json:"org"`
	Path     scope.Path  `json:"path"`
	Kind     string      `json:"kind" enum:"member,committee"`
	Giver    string      `json:"giver" doc:"person id"`
	ToOrg    string      `json:"to_org"`
	Items    []Item      `json:"items"`
	At       day.Instant `json:"at"`
	Given    day.Instant `json:"given,omitempty"`
	Received day.Instant `json:"received,omitempty"`
	Receiver string      `json:"receiver,omitempty"`
	Note     string      `json:"note,omitempty"`
	Version  int64       `json:"version"`
	by       string
}

const handoverColumns = `id, org, path, kind, giver, to_org, items, at, given, received, receiver, note, version`

func handovers(ctx context.Context, q store.Queryer, cond string, args ...any) ([]Handover, error) {
	out, err := store.All(ctx, q, func(r *sql.Rows) (x Handover, err error) {
		var items string
		if err = r.Scan(&x.ID, &x.Org, &x.Path, &x.Kind, &x.Giver, &x.ToOrg, &items, &x.At, &x.Given, &x.Received, &x.Receiver, &x.Note, &x.Version); err != nil {
			return x, err
		}
		var kept struct {
			By    string `json:"by"`
			Items []Item `json:"items"`
		}
		err = json.Unmarshal([]byte(items), &kept)
		if x.Items, x.by = kept.Items, kept.By; x.Items == nil {
			x.Items = []Item{}
		}
		return x, err
	}, `select `+handoverColumns+` from committee_handover where `+cond+` order by id`, args...)
	if out == nil {
		out = []Handover{}
	}
	return out, err
}

// beginHandover owes a hand-over from a day on.
func (c *Chamber) beginHandover(ctx context.Context, tx *store.Tx, o people.Org, kind, giver, to string, from day.Day, within day.Limit, cal *day.Calendar) (string, error) {
	id := tx.NewID()
	if _, err := tx.Exec(ctx, `insert into committee_handover (id, org, path, kind, giver, to_org, items, at, given, received, receiver, note, version) values ($1, $2, $3, $4, $5, $6, '{"items":[]}', $7, 0, 0, '', '', 1)`,
		id, o.ID, string(o.Path), kind, giver, to, int64(tx.Now)); err != nil {
		return "", err
	}
	zh, en := "移交本人保管的业委会资料、印章和财物", "hand over what you keep of the committee"
	if kind == "committee" {
		zh, en = "向新一届委员会移交印章、账册、资料和财物", "hand over to the new committee"
	}
	return id, c.owe(ctx, tx, dutyHandover, "handovers/"+id, zh, en, o.Path, holder{person: giver}, room(cal, from, within))
}

// Give makes the list: by who hands over, or by the community in their absence (then somebody else receives).
func (c *Chamber) Give(ctx context.Context, who access.Who, id string, items []Item, note string) (x Handover, err error) {
	if err := person(who); err != nil {
		return x, err
	}
	err = c.db.Write(ctx, func(tx *store.Tx) error {
		if x, err = c.handover(ctx, tx, id); err != nil {
			return err
		}
		a := Know
		if who.Person != x.Giver {
			if a = Form; who.May(Form, x.Path) != nil {
				if who.May(Know, x.Path) == nil {
					return ErrGiver
				}
				return ErrMissing
			}
		}
		if x.Received != 0 {
			return ErrOver
		}
		if len(items) == 0 || slices.ContainsFunc(items, func(i Item) bool { return strings.TrimSpace(i.What) == "" }) {
			return ErrItems
		}
		for i := range items {
			if items[i].State == "" {
				items[i].State = "there"
			}
		}
		x.Items, x.Given, x.Note = items, tx.Now, strings.TrimSpace(note)
		n, err := tx.Exec(ctx, `update committee_handover set items = $1, given = $2, note = $3, version = version + 1 where id = $4 and version = $5`, text(map[string]any{"by": who.Person, "items": items}), int64(tx.Now), x.Note, id, x.Version)
		if err == nil && n == 0 {
			err = ErrChanged
		}
		if err != nil {
			return err
		}
		x.Version++
		return c.trail(ctx, tx, who, a, x.Path, "give", "committees/"+x.Org, "", map[string]any{"handover": id, "items": len(items)})
	})
	return x, err
}

func (c *Chamber) handover(ctx context.Context, q store.Queryer, id string) (Handover, error) {
	all, err := handovers(ctx, q, `id = $1`, id)
	if err == nil && len(all) == 0 {
		err = ErrMissing
	}
	if err != nil {
		return Handover{}, err
	}
	return all[0], nil
}

// Receive signs the list off: a member of the committee that takes over, never who handed over or made the list.
func (c *Chamber) Receive(ctx context.Context, who access.Who, id, note string) (x Handover, err error) {
	if err := person(who); err != nil {
		return x, err
	}
	err = c.db.Write(ctx, func(tx *store.Tx) error {
		if x, err = c.handover(ctx, tx, id); err != nil {
			return err
		}
		if !sits(who, x.Path, x.ToOrg) {
			if who.May(Know, x.Path) == nil {
				return ErrReceiver
			}
			return ErrMissing
		}
		switch {
		case x.Received != 0:
			return ErrOver
		case x.Given == 0:
			return ErrNotGiven
		case who.Person == x.Giver || who.Person == x.by:
			return ErrReceiver
		}
		x.Received, x.Receiver = tx.Now, who.Person
		if note = strings.TrimSpace(note); note != "" {
			x.Note = strings.TrimSpace(x.Note + " " + note)
		}
		n, err := tx.Exec(ctx, `update committee_handover set received = $1, receiver = $2, note = $3, version = version + 1 where id = $4 and version = $5`, int64(tx.Now), who.Person, x.Note, id, x.Version)
		if err == nil && n == 0 {
			err = ErrChanged
		}
		if err != nil {
			return err
		}
		x.Version++
		if err := c.met(ctx, tx, dutyHandover, "handovers/"+id, who.Person); err != nil {
			return err
		}
		if _, err := c.keep(ctx, tx, who, Paper{Org: x.ToOrg, Path: x.Path, Kind: "handover", Zh: "移交清单", En: "list of a hand-over", Ref: "handovers/" + id}, x); err != nil {
			return err
		}
		if x.Kind == "committee" {
			if err := c.endStamp(ctx, tx, who, x); err != nil {
				return err
			}
		}
		return c.trail(ctx, tx, who, Sit, x.Path, "receive", "committees/"+x.ToOrg, "", map[string]any{"handover": id})
	})
	return x, err
}
