package people

import (
	"context"
	"slices"
	"strings"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/paged"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/seal"
	"cuobian/platform/store"
	"cuobian/rooms/people/ledger"
	"cuobian/rooms/place"
)

// Person is somebody on the register, numbers masked.
type Person struct {
	ID       string   `json:"id"`
	Name     string   `json:"name"`
	Kind     string   `json:"kind" enum:"person,org"`
	Gender   string   `json:"gender,omitempty"`
	Phones   []string `json:"phones" doc:"masked: 138****5678"`
	IDKind   string   `json:"id_kind,omitempty"`
	Identity string   `json:"identity,omitempty" doc:"masked"`
	Status   string   `json:"status,omitempty" enum:",merged,anonymous"`
	Merged   string   `json:"merged_into,omitempty"`
	Demo     bool     `json:"demo,omitempty"`
	Version  int64    `json:"version"`
	idIndex  string
}

// NewPerson is somebody to be entered. Phones and Identity are plain here and sealed before they are kept.
type NewPerson struct {
	Name     string
	Kind     string // "" is a human being, "org" a company or office
	Gender   string
	Phones   []string
	IDKind   string // resident, credit, passport, permit, other; "" finds out
	Identity string
	Demo     bool
}

// check normalises a draft: a number of 15 digits becomes its 18, phones their digits.
func (p *NewPerson) check() error {
	var bad []*fault.Fault
	name, err := trimName(p.Name)
	if err != nil {
		bad = append(bad, ErrName)
	}
	p.Name = name
	if p.Kind == "" {
		p.Kind = "person"
	}
	if p.Identity != "" {
		kind := map[string]string{"passport": "护照", "permit": "通行证", "other": "其他", "credit": "统一社会信用代码"}[p.IDKind]
		id, why := ledger.ParseIdentity(p.Identity, kind)
		if why != "" || id.Number == "" {
			bad = append(bad, ErrIdentity)
		}
		p.IDKind, p.Identity = id.Kind, id.Number
	}
	var phones []string
	for _, f := range p.Phones {
		f = seal.Normal(seal.Phone, f)
		if f == "" {
			continue
		}
		if len(f) < 5 || len(f) > 20 || strings.Trim(f, "0123456789+-") != "" {
			bad = append(bad, ErrPhone)
			continue
		}
		if !slices.Contains(phones, f) {
			phones = append(phones, f)
		}
	}
	p.Phones = phones
	return fault.Join(bad...)
}

// Put enters a person in the caller's write, linked to a place. The caller has checked who may.
func (r *Register) Put(ctx context.Context, tx *store.Tx, by audit.By, at scope.Path, p NewPerson) (Person, error) {
	if err := p.check(); err != nil {
		return Person{}, err
	}
	id := tx.NewID()
	if err := r.insertPersons(ctx, tx, []personRow{{id, p}}); err != nil {
		return Person{}, err
	}
	if err := r.link(ctx, tx, []link{{id, p.Name, at, r.last4s(p)}}); err != nil {
		return Person{}, err
	}
	out, err := r.Person(ctx, tx, id)
	if err != nil {
		return out, err
	}
	tx.Changed(store.Change{Kind: "people", ID: id, Path: at})
	return out, audit.Write(ctx, tx, audit.Entry{By: by, Action: Edit.Name, Path: at, Ref: "people/" + id, To: traced(out)})
}

// traced is a person as the trail keeps it: name and numbers masked.
func traced(p Person) map[string]any {
	return map[string]any{"name": seal.MaskName(p.Name), "kind": p.Kind, "phones": p.Phones, "identity": p.Identity, "status": p.Status}
}

// Enter enters a person by hand at a place. A person of the same document number is a conflict.
func (r *Register) Enter(ctx context.Context, who access.Who, at string, p NewPerson) (out Person, err error) {
	err = r.db.Write(ctx, func(tx *store.Tx) error {
		n, err := r.Map.Get(ctx, tx, at)
		if err != nil {
			return err
		}
		if err := who.May(Edit, n.Path); err != nil {
			return err
		}
		if err := p.check(); err != nil {
			return err
		}
		if ids, err := r.byIdentity(ctx, tx, p.Identity); err != nil {
			return err
		} else if len(ids) > 0 {
			return ErrKnown.At("identity")
		}
		out, err = r.Put(ctx, tx, who.By(Edit, n.Path), n.Path, p)
		return err
	})
	return out, err
}

// Change corrects a person; nil fields stay.
type Change struct {
	Version  int64
	Reason   string
	Name     *string
	Gender   *string
	Phones   *[]string
	IDKind   string
	Identity *string
}

// Correct changes a person by hand.
func (r *Register) Correct(ctx context.Context, who access.Who, id string, c Change) (out Person, err error) {
	err = r.db.Write(ctx, func(tx *store.Tx) error {
		old, at, err := r.within(ctx, tx, who, Edit, id)
		if err != nil {
			return err
		}
		if old.Version != c.Version {
			return ErrVersion
		}
		if old.Status != "" {
			return ErrGone
		}
		if strings.TrimSpace(c.Reason) == "" {
			return ErrReason
		}
		p := NewPerson{Name: old.Name, Kind: old.Kind, Gender: old.Gender}
		if c.Name != nil {
			p.Name = *c.Name
		}
		if c.Gender != nil {
			p.Gender = *c.Gender
		}
		if c.Phones != nil {
			p.Phones = *c.Phones
		}
		if c.Identity != nil {
			p.Identity, p.IDKind = *c.Identity, c.IDKind
		}
		if err := p.check(); err != nil {
			return err
		}
		if c.Identity != nil && p.Identity != "" {
			ids, err := r.byIdentity(ctx, tx, p.Identity)
			if err != nil {
				return err
			}
			if slices.ContainsFunc(ids, func(other string) bool { return other != id }) {
				return ErrKnown.At("identity")
			}
		}
		if err := r.updatePerson(ctx, tx, id, p, c.Phones != nil, c.Identity != nil); err != nil {
			return err
		}
		if err := r.relink(ctx, tx, id); err != nil {
			return err
		}
		if out, err = r.Person(ctx, tx, id); err != nil {
			return err
		}
		tx.Changed(store.Change{Kind: "people", ID: id, Path: at})
		return audit.Write(ctx, tx, audit.Entry{By: who.By(Edit, at), Action: Edit.Name, Path: at, Ref: "people/" + id, Why: c.Reason, From: traced(old), To: traced(out)})
	})
	return out, err
}

// within reads a person whom who may do a to by one of the places the person is linked to, and that place.
func (r *Register) within(ctx context.Context, q store.Queryer, who access.Who, a *access.Action, id string) (Person, scope.Path, error) {
	p, err := r.Person(ctx, q, id)
	if err != nil {
		return p, "", err
	}
	paths, err := r.places(ctx, q, id)
	if err != nil {
		return p, "", err
	}
	worst := error(access.ErrMissing)
	for _, at := range paths {
		err := who.May(a, at)
		if err == nil {
			return p, at, nil
		}
		if !fault.IsKind(err, fault.Missing) {
			worst = err
		}
	}
	if who.System {
		return p, "", nil
	}
	if who.Account == "" {
		worst = access.ErrSignIn
	}
	if fault.IsKind(worst, fault.Missing) {
		worst = ErrMissing
	}
	return Person{}, "", worst
}

// Look shows a person, masked, to whoever may see somebody at one of the person's places.
func (r *Register) Look(ctx context.Context, who access.Who, id string) (Person, error) {
	p, _, err := r.within(ctx, r.db, who, See, id)
	return p, err
}

// ShowNumber opens a sealed number for a reason, which the trail keeps. field is "phone" or "identity"; all phones are given.
func (r *Register) ShowNumber(ctx context.Context, who access.Who, id, field, reason string) (values []string, err error) {
	err = r.db.Write(ctx, func(tx *store.Tx) error {
		p, at, err := r.within(ctx, tx, who, Reveal, id)
		if err != nil {
			return err
		}
		if len([]rune(strings.TrimSpace(reason))) < 2 {
			return ErrReason
		}
		switch field {
		case "phone":
			values, err = r.phones(ctx, tx, id)
		case "identity":
			var v string
			if v, err = r.identity(ctx, tx, id); v != "" {
				values = []string{v}
			}
		default:
			return fault.Bad("field", "people.field", "只能查看 phone 或 identity", "the field is phone or identity")
		}
		if err != nil {
			return err
		}
		return audit.Write(ctx, tx, audit.Entry{By: who.By(Reveal, at), Action: Reveal.Name, Path: at, Ref: "people/" + p.ID, Why: reason, To: map[string]string{"field": field}})
	})
	if err != nil {
		return nil, err
	}
	return values, nil
}

// Find asks for persons.
type Find struct {
	Query  string // name or its beginning or tail, pinyin initials, last four digits, a full number, or a home: 明鑫 3-502
	Under  scope.Path
	After  string
	Limit  int
	Status string
}

// Found is a person on a list, with where.
type Found struct {
	Person
	At []Seat `json:"at" doc:"homes and posts within the asker's area, at most five"`
}

// Seat is why a person is somewhere.
type Seat struct {
	Kind  string     `json:"kind" enum:"owner,tenant,family,post,linked"`
	Post  string     `json:"post,omitempty"`
	Node  string     `json:"node,omitempty"`
	Path  scope.Path `json:"path"`
	Words string     `json:"words"`
}

// Page is one page of persons.
type Page = paged.List[Found]

// Search lists persons within who's places.
func (r *Register) Search(ctx context.Context, who access.Who, f Find) (p Page, err error) {
	if err := who.MaySomewhere(See); err != nil {
		return p, err
	}
	if f.Limit <= 0 || f.Limit > 200 {
		f.Limit = 50
	}
	p.Items = []Found{}
	paths := place.Narrow(who.Paths(See), f.Under)
	if len(paths) == 0 {
		return p, nil
	}
	query := strings.TrimSpace(f.Query)
	if len([]rune(query)) > 60 {
		return p, fault.Bad("q", "people.query", "查询太长", "the query is too long")
	}
	var ids []string
	switch {
	case query == "":
		ids, p.Next, p.Count, err = r.listed(ctx, paths, f.After, f.Limit)
	default:
		ids, err = r.named(ctx, query, paths, f.After, f.Limit)
		p.Count = int64(len(ids))
		if len(ids) > f.Limit || f.After != "" {
			p.More = true
		}
	}
	if err != nil {
		return p, err
	}
	if p.Count > CountTo {
		p.Count, p.More = CountTo, true
	}
	if len(ids) > f.Limit {
		ids = ids[:f.Limit]
		p.Next = ids[f.Limit-1]
	}
	people, err := r.persons(ctx, r.db, ids)
	if err != nil {
		return p, err
	}
	seats, err := r.seats(ctx, r.db, ids, paths, r.Today())
	if err != nil {
		return p, err
	}
	for _, id := range ids {
		if x, ok := people[id]; ok {
			p.Items = append(p.Items, Found{x, append([]Seat{}, seats[id]...)})
		}
	}
	return p, nil
}

// PersonOfPhone finds the one living person on the register with that telephone number; where several share it, the one
// of them who owns a home today. "" when there is none, or several that nothing tells apart.
func (r *Register) PersonOfPhone(ctx context.Context, q store.Queryer, phone string) (id, name string, err error) {
	all, err := r.byPhone(ctx, q, phone)
	if err != nil || len(all) == 0 {
		return "", "", err
	}
	if len(all) > 1 {
		var owners []Person
		for _, p := range all {
			n, err := store.Count(ctx, q, `select count(*) from people_title where person = $1 and to_day = ''`, p.ID)
			if err != nil {
				return "", "", err
			}
			if n > 0 {
				owners = append(owners, p)
			}
		}
		if len(owners) != 1 {
			return "", "", nil
		}
		all = owners
	}
	return all[0].ID, all[0].Name, nil
}

// PersonName gives a person's name.
func (r *Register) PersonName(ctx context.Context, q store.Queryer, id string) (string, error) {
	p, err := r.Person(ctx, q, id)
	return p.Name, err
}

// Phones gives a person's plain numbers, first the one to call; for channels that deliver, never for people.
func (r *Register) Phones(ctx context.Context, q store.Queryer, id string) ([]string, error) {
	return r.phones(ctx, q, id)
}

func overlaps(from, to, from2, to2 day.Day) bool {
	return (!to.Sound() || !from2.Sound() || from2 <= to) && (!to2.Sound() || !from.Sound() || from <= to2)
}
