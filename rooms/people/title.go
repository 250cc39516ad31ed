package people

import (
	"context"
	"database/sql"
	"errors"
	"math/big"
	"slices"
	"strings"

	"cuobian/basis/area"
	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/store"
	"cuobian/rooms/people/owner"
	"cuobian/rooms/place"
)

// Title is one owner's title to a home or a titled parking space.
type Title struct {
	ID      string     `json:"id"`
	Node    string     `json:"node"`
	Path    scope.Path `json:"path"`
	Person  string     `json:"person"`
	Name    string     `json:"name"`
	ShareN  int64      `json:"share_n,omitempty" doc:"share as a fraction; 0 is not said"`
	ShareD  int64      `json:"share_d,omitempty"`
	From    day.Day    `json:"from_day,omitempty"`
	To      day.Day    `json:"to_day,omitempty" doc:"last day; empty while it lasts"`
	Why     string     `json:"why,omitempty"`
	Version int64      `json:"version"`
}

// Household is somebody who lives in a home.
type Household struct {
	ID       string     `json:"id"`
	Node     string     `json:"node"`
	Path     scope.Path `json:"path"`
	Person   string     `json:"person"`
	Name     string     `json:"name"`
	Relation string     `json:"relation" enum:"owner,tenant,family"`
	Kin      string     `json:"kin,omitempty"`
	From     day.Day    `json:"from_day,omitempty"`
	To       day.Day    `json:"to_day,omitempty"`
	Version  int64      `json:"version"`
}

// HomeFile is a home with everybody in it: today and before.
type HomeFile struct {
	Home      place.Node        `json:"home"`
	Facts     place.HomeFacts   `json:"facts"`
	Words     string            `json:"words"`
	Owners    []Title           `json:"owners"`
	Household []Household       `json:"household"`
	History   []Title           `json:"history" doc:"titles that have ended, latest first"`
	Lived     []Household       `json:"lived" doc:"households that have ended, latest first"`
	Numbers   map[string]Person `json:"persons" doc:"who they are, numbers masked"`
}

// Owner is one new owner in a move.
type Owner struct {
	Person string     `json:"person,omitempty" doc:"id of somebody on the register, or a new person in new"`
	New    *NewPerson `json:"-"`
	ShareN int64      `json:"share_n,omitempty"`
	ShareD int64      `json:"share_d,omitempty"`
}

// File reads a home with everybody in it.
func (r *Register) File(ctx context.Context, who access.Who, home string) (f HomeFile, err error) {
	n, err := r.Map.Get(ctx, r.db, home)
	if err != nil {
		return f, err
	}
	if err := who.May(See, n.Path); err != nil {
		return f, err
	}
	if n.Kind != place.Home && n.Kind != place.Parking {
		return f, ErrMissing
	}
	f.Home = n
	if n.Kind == place.Home {
		if f.Facts, err = r.Map.Home(ctx, r.db, n.ID); err != nil {
			return f, err
		}
	}
	if f.Words, err = r.Map.Words(ctx, r.db, n.Path); err != nil {
		return f, err
	}
	titles, err := r.titles(ctx, r.db, n.ID)
	if err != nil {
		return f, err
	}
	lives, err := r.households(ctx, r.db, n.ID)
	if err != nil {
		return f, err
	}
	f.Owners, f.History, f.Household, f.Lived = []Title{}, []Title{}, []Household{}, []Household{}
	var ids []string
	for _, t := range titles {
		ids = append(ids, t.Person)
		if t.To.Sound() {
			f.History = append(f.History, t)
		} else {
			f.Owners = append(f.Owners, t)
		}
	}
	for _, h := range lives {
		ids = append(ids, h.Person)
		if h.To.Sound() {
			f.Lived = append(f.Lived, h)
		} else {
			f.Household = append(f.Household, h)
		}
	}
	f.Numbers, err = r.persons(ctx, r.db, ids)
	return f, err
}

// Move makes owners the owners of a home from a day on: titles that the new set does not hold end the day before, the
// others stay, new ones begin. An empty set is no owner (unsold). The caller's trail keeps the reason.
func (r *Register) Move(ctx context.Context, who access.Who, home string, owners []Owner, on day.Day, why string) (out []Title, err error) {
	err = r.db.Write(ctx, func(tx *store.Tx) error {
		n, err := r.Map.Get(ctx, tx, home)
		if err != nil {
			return err
		}
		if err := who.May(Edit, n.Path); err != nil {
			return err
		}
		if n.Kind != place.Home && n.Kind != place.Parking {
			return ErrMissing
		}
		if strings.TrimSpace(why) == "" {
			return ErrReason
		}
		if !on.Sound() {
			on = today(tx)
		}
		if on > today(tx) {
			return fault.Bad("on", "people.future", "变更日期不能在今天之后", "the day of a move cannot lie in the future")
		}
		by := who.By(Edit, n.Path)
		for i := range owners {
			if owners[i].New != nil {
				p, err := r.Put(ctx, tx, by, n.Path, *owners[i].New)
				if err != nil {
					return err
				}
				owners[i].Person = p.ID
			}
		}
		if err := r.move(ctx, tx, by, n, owners, on, why); err != nil {
			return err
		}
		all, err := r.titles(ctx, tx, n.ID)
		for _, t := range all {
			if !t.To.Sound() {
				out = append(out, t)
			}
		}
		return err
	})
	return out, err
}

func (r *Register) move(ctx context.Context, tx *store.Tx, by audit.By, n place.Node, owners []Owner, on day.Day, why string) error {
	if err := checkShares(owners); err != nil {
		return err
	}
	old, err := r.titles(ctx, tx, n.ID)
	if err != nil {
		return err
	}
	var before, after []map[string]any
	held := map[string]Title{}
	for _, t := range old {
		if t.To.Sound() {
			continue
		}
		held[t.Person] = t
		before = append(before, map[string]any{"person": t.Person, "share": []int64{t.ShareN, t.ShareD}, "from": t.From})
	}
	wanted := map[string]bool{}
	for _, o := range owners {
		if o.Person == "" || wanted[o.Person] {
			return fault.Bad("owners", "people.owners", "业主缺少或重复", "an owner is missing or named twice")
		}
		wanted[o.Person] = true
		after = append(after, map[string]any{"person": o.Person, "share": []int64{o.ShareN, o.ShareD}})
	}
	for person, t := range held {
		if wanted[person] {
			continue
		}
		last := on.Add(-1)
		if t.From.Sound() && last < t.From {
			last = t.From
		}
		if _, err := tx.Exec(ctx, `update people_title set to_day = $2, why = $3, version = version + 1 where id = $1`, t.ID, last, why); err != nil {
			return err
		}
	}
	for _, o := range owners {
		if t, ok := held[o.Person]; ok {
			if t.ShareN == o.ShareN && t.ShareD == o.ShareD {
				continue
			}
			if why == "" || t.From.Sound() && t.From >= on {
				if _, err := tx.Exec(ctx, `update people_title set share_n = $2, share_d = $3, version = version + 1 where id = $1`, t.ID, o.ShareN, o.ShareD); err != nil {
					return err
				}
				continue
			}
			// Another share from a day on is history like another owner: what was owned until then stays on record.
			if _, err := tx.Exec(ctx, `update people_title set to_day = $2, why = $3, version = version + 1 where id = $1`, t.ID, on.Add(-1), why); err != nil {
				return err
			}
		}
		p, err := r.Person(ctx, tx, o.Person)
		if err != nil {
			return err
		}
		if p.Status != "" {
			return ErrGone
		}
		if _, err := tx.Exec(ctx, `insert into people_title (id, node, path, person, share_n, share_d, from_day, created_at) values ($1, $2, $3, $4, $5, $6, $7, $8)`,
			tx.NewID(), n.ID, string(n.Path), o.Person, o.ShareN, o.ShareD, on, tx.Now); err != nil {
			return err
		}
		if err := r.linkTo(ctx, tx, o.Person, n.Path); err != nil {
			return err
		}
	}
	tx.Changed(store.Change{Kind: "homes", ID: n.ID, Path: n.Path})
	return audit.Write(ctx, tx, audit.Entry{By: by, Action: "people.move", Path: n.Path, Ref: "homes/" + n.ID, Why: why, From: before, To: map[string]any{"owners": after, "on": on}})
}

// SetOwners makes owners the owners of a home in the caller's write, without a check of who may: for imports by hand and
// the demonstration. from "" is a day that nobody knows.
func (r *Register) SetOwners(ctx context.Context, tx *store.Tx, by audit.By, n place.Node, owners []Owner, from day.Day) error {
	return r.move(ctx, tx, by, n, owners, from, "")
}

// ChangeTitle corrects the days and the share of one title, when history itself was entered wrong; who owns stays.
func (r *Register) ChangeTitle(ctx context.Context, who access.Who, t Title, why string) (out Title, err error) {
	err = r.db.Write(ctx, func(tx *store.Tx) error {
		node := ""
		if err := tx.QueryRow(ctx, `select node from people_title where id = $1`, t.ID).Scan(&node); errors.Is(err, sql.ErrNoRows) {
			return ErrMissing
		} else if err != nil {
			return err
		}
		all, err := r.titles(ctx, tx, node)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(all, func(o Title) bool { return o.ID == t.ID })
		old := all[i]
		if err := who.May(Edit, old.Path); err != nil {
			return err
		}
		if old.Version != t.Version {
			return ErrVersion
		}
		if strings.TrimSpace(why) == "" {
			return ErrReason
		}
		if t.To.Sound() && t.To < t.From || t.From > today(tx) || t.To > today(tx) {
			return ErrDays
		}
		out = old
		out.ShareN, out.ShareD, out.From, out.To, out.Version = t.ShareN, t.ShareD, t.From, t.To, old.Version+1
		all[i] = out
		var owners []Owner
		for _, o := range all {
			if !o.To.Sound() {
				owners = append(owners, Owner{Person: o.Person, ShareN: o.ShareN, ShareD: o.ShareD})
			}
		}
		if err := checkShares(append(owners, Owner{})); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `update people_title set share_n = $2, share_d = $3, from_day = $4, to_day = $5, version = $6 where id = $1`, out.ID, out.ShareN, out.ShareD, out.From, out.To, out.Version); err != nil {
			if store.Unique(err) {
				return ErrHeld
			}
			return err
		}
		tx.Changed(store.Change{Kind: "homes", ID: node, Path: out.Path})
		trace := func(t Title) map[string]any {
			return map[string]any{"person": t.Person, "share": []int64{t.ShareN, t.ShareD}, "from": t.From, "to": t.To}
		}
		return audit.Write(ctx, tx, audit.Entry{By: who.By(Edit, out.Path), Action: Edit.Name, Path: out.Path, Ref: "homes/" + node, Why: why, From: trace(old), To: trace(out)})
	})
	return out, err
}

func checkShares(owners []Owner) error {
	sum := new(big.Rat)
	for _, o := range owners {
		if o.ShareN == 0 && o.ShareD == 0 {
			continue
		}
		if o.ShareN <= 0 || o.ShareD <= 0 || o.ShareN > o.ShareD || o.ShareD > 1_000_000_000 {
			return ErrShare
		}
		sum.Add(sum, big.NewRat(o.ShareN, o.ShareD))
	}
	if sum.Cmp(big.NewRat(1, 1)) > 0 {
		return ErrShare
	}
	return nil
}

// MoveIn adds somebody to a household.
func (r *Register) MoveIn(ctx context.Context, who access.Who, home string, h Household, new *NewPerson) (out Household, err error) {
	err = r.db.Write(ctx, func(tx *store.Tx) error {
		n, err := r.Map.Get(ctx, tx, home)
		if err != nil {
			return err
		}
		if err := who.May(Edit, n.Path); err != nil {
			return err
		}
		if n.Kind != place.Home {
			return ErrMissing
		}
		if new != nil {
			p, err := r.Put(ctx, tx, who.By(Edit, n.Path), n.Path, *new)
			if err != nil {
				return err
			}
			h.Person = p.ID
		}
		out, err = r.PutHousehold(ctx, tx, who.By(Edit, n.Path), n, h)
		return err
	})
	return out, err
}

// PutHousehold adds somebody to a household in the caller's write.
func (r *Register) PutHousehold(ctx context.Context, tx *store.Tx, by audit.By, n place.Node, h Household) (Household, error) {
	if !slices.Contains([]string{"owner", "tenant", "family"}, h.Relation) {
		return h, fault.Bad("relation", "people.relation", "住户关系应为业主、租户或家属", "the relation is owner, tenant or family")
	}
	if h.From.Sound() && h.To.Sound() && h.To < h.From {
		return h, ErrDays
	}
	p, err := r.Person(ctx, tx, h.Person)
	if err != nil {
		return h, err
	}
	if p.Status != "" {
		return h, ErrGone
	}
	h.ID, h.Node, h.Path, h.Name, h.Version = tx.NewID(), n.ID, n.Path, p.Name, 1
	if _, err := tx.Exec(ctx, `insert into people_household (id, node, path, person, relation, kin, from_day, to_day, created_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		h.ID, h.Node, string(h.Path), h.Person, h.Relation, h.Kin, h.From, h.To, tx.Now); err != nil {
		if store.Unique(err) {
			return h, fault.New(fault.Conflict, "people.lives", "此人已登记在这户", "this person is in that household already")
		}
		return h, err
	}
	if err := r.linkTo(ctx, tx, h.Person, n.Path); err != nil {
		return h, err
	}
	tx.Changed(store.Change{Kind: "homes", ID: n.ID, Path: n.Path})
	return h, audit.Write(ctx, tx, audit.Entry{By: by, Action: "people.move_in", Path: n.Path, Ref: "homes/" + n.ID, To: map[string]any{"person": h.Person, "relation": h.Relation, "from": h.From}})
}

// MoveOut ends somebody's living in a home.
func (r *Register) MoveOut(ctx context.Context, who access.Who, household string, last day.Day, version int64, why string) error {
	return r.db.Write(ctx, func(tx *store.Tx) error {
		h, err := r.household(ctx, tx, household)
		if err != nil {
			return err
		}
		if err := who.May(Edit, h.Path); err != nil {
			return err
		}
		if h.Version != version {
			return ErrVersion
		}
		if h.To.Sound() {
			return ErrEnded
		}
		if strings.TrimSpace(why) == "" {
			return ErrReason
		}
		if !last.Sound() {
			last = today(tx)
		}
		if h.From.Sound() && last < h.From {
			return ErrDays
		}
		if _, err := tx.Exec(ctx, `update people_household set to_day = $2, version = version + 1 where id = $1`, h.ID, last); err != nil {
			return err
		}
		tx.Changed(store.Change{Kind: "homes", ID: h.Node, Path: h.Path})
		return audit.Write(ctx, tx, audit.Entry{By: who.By(Edit, h.Path), Action: "people.move_out", Path: h.Path, Ref: "homes/" + h.Node, Why: why,
			From: map[string]any{"person": h.Person}, To: map[string]any{"to": last}})
	})
}

// Heads counts the owners of what lies below a path by R05 and R06 as the register has it: one head per owner set over
// what is delivered, titled parking included, and one for the developer where it still holds anything. Garages and
// common rooms are not counted.
func (r *Register) Heads(ctx context.Context, q store.Queryer, below scope.Path) (owner.Tally, error) {
	keys, err := r.ownerKeys(ctx, q, below)
	if err != nil {
		return owner.Tally{}, err
	}
	homes, err := r.Map.HomesIn(ctx, q, below)
	if err != nil {
		return owner.Tally{}, err
	}
	spaces, err := r.Map.ParkingIn(ctx, q, below)
	if err != nil {
		return owner.Tally{}, err
	}
	var parts []owner.Part
	for _, h := range homes {
		if h.Use == "dwelling" || h.Use == "shop" {
			parts = append(parts, owner.Part{Key: keys[h.ID], Developer: h.State == "unsold" || h.State == "undelivered", Area: h.Area})
		}
	}
	for _, p := range spaces {
		if p.Titled {
			parts = append(parts, owner.Part{Key: keys[p.ID], Developer: p.State == "unsold" || p.State == "undelivered", Area: p.Area})
		}
	}
	return owner.Count(parts), nil
}

// AreaOf adds up the areas a person owns below a path, for statements.
func (r *Register) AreaOf(ctx context.Context, q store.Queryer, person string, below scope.Path) (area.Area, error) {
	lo, hi := below.Bounds()
	n, err := store.Count(ctx, q, `select coalesce(sum(h.area), 0) from people_title t join place_v_home h on h.id = t.node where t.person = $1 and t.to_day = '' and t.path >= $2 and t.path < $3`, person, lo, hi)
	return area.Area(n), err
}
