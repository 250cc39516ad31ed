package people

import (
	"context"
	"encoding/json"
	"strings"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/seal"
	"cuobian/platform/store"
)

// Faults of merging.
var (
	ErrSelf      = fault.New(fault.Invalid, "people.same", "不能与自己合并", "a person cannot be merged with themselves")
	ErrTwoPeople = fault.New(fault.Refused, "people.two_people", "两条记录的证件号码不同，不是同一人", "the two records have different document numbers and are not one person")
	ErrNotMerged = fault.New(fault.Conflict, "people.not_merged", "没有可以拆分的合并", "there is no merge to take apart")
)

// moved is what a merge took from one record to the other, so that parting gives back exactly that.
type moved struct {
	Phones     []string     `json:"phones"`
	Titles     []string     `json:"titles"`
	Households []string     `json:"households"`
	Terms      []string     `json:"terms"`
	Links      []scope.Path `json:"links"`            // that the kept one did not have
	Identity   bool         `json:"identity"`         // the kept one had none
	Ended      []string     `json:"ended"`            // titles of the gone one to a home that both owned
	EndedLives []string     `json:"ended_households"` // likewise
}

// Merge makes two records of one person one: everything of gone goes to kept; gone stays behind as a pointer. Different
// document numbers are refused.
func (r *Register) Merge(ctx context.Context, who access.Who, kept, gone, why string) (out Person, err error) {
	err = r.db.Write(ctx, func(tx *store.Tx) error {
		if kept == gone {
			return ErrSelf
		}
		k, at, err := r.within(ctx, tx, who, Edit, kept)
		if err != nil {
			return err
		}
		g, _, err := r.within(ctx, tx, who, Edit, gone)
		if err != nil {
			return err
		}
		if k.Status != "" || g.Status != "" {
			return ErrGone
		}
		if k.idIndex != "" && g.idIndex != "" && k.idIndex != g.idIndex {
			return ErrTwoPeople
		}
		if strings.TrimSpace(why) == "" {
			return ErrReason
		}
		m, err := r.takeOver(ctx, tx, k, g)
		if err != nil {
			return err
		}
		text, err := json.Marshal(m)
		if err != nil {
			return err
		}
		id := tx.NewID()
		if _, err := tx.Exec(ctx, `insert into people_merge (id, kept, gone, moved, why, at) values ($1, $2, $3, $4, $5, $6)`, id, kept, gone, string(text), why, tx.Now); err != nil {
			return err
		}
		if r.Merged != nil {
			if err := r.Merged(ctx, tx, kept, gone); err != nil {
				return err
			}
		}
		if err := r.relink(ctx, tx, gone); err != nil {
			return err
		}
		if err := r.relink(ctx, tx, kept); err != nil {
			return err
		}
		if out, err = r.Person(ctx, tx, kept); err != nil {
			return err
		}
		tx.Changed(store.Change{Kind: "people", ID: kept, Path: at})
		return audit.Write(ctx, tx, audit.Entry{By: who.By(Edit, at), Action: "people.merge", Path: at, Ref: "people/" + kept, Why: why, To: map[string]any{"gone": gone, "moved": m}})
	})
	return out, err
}

func (r *Register) takeOver(ctx context.Context, tx *store.Tx, k, g Person) (m moved, err error) {
	today := today(tx)
	type step struct {
		into  *[]string
		query string
	}
	// A home that both own or live in stays with one record; the other's row ends and comes back when they are parted.
	for _, s := range []step{
		{&m.Ended, `select t.id from people_title t where t.person = $1 and t.to_day = '' and exists (select 1 from people_title o where o.node = t.node and o.person = $2 and o.to_day = '')`},
		{&m.EndedLives, `select h.id from people_household h where h.person = $1 and h.to_day = '' and exists (select 1 from people_household o where o.node = h.node and o.person = $2 and o.relation = h.relation and o.to_day = '')`},
	} {
		if *s.into, err = store.Texts(ctx, tx, s.query, g.ID, k.ID); err != nil {
			return m, err
		}
	}
	for _, id := range m.Ended {
		if _, err = tx.Exec(ctx, `update people_title set to_day = $2, version = version + 1 where id = $1`, id, today); err != nil {
			return m, err
		}
	}
	for _, id := range m.EndedLives {
		if _, err = tx.Exec(ctx, `update people_household set to_day = $2, version = version + 1 where id = $1`, id, today); err != nil {
			return m, err
		}
	}
	ended := map[string]bool{}
	for _, id := range append(append([]string{}, m.Ended...), m.EndedLives...) {
		ended[id] = true
	}
	for _, s := range []step{
		{&m.Titles, `select id from people_title where person = $1 order by id`},
		{&m.Households, `select id from people_household where person = $1 order by id`},
		{&m.Terms, `select id from people_term where person = $1 order by id`},
		{&m.Phones, `select f.id from people_phone f where f.person = $1 and not exists (select 1 from people_phone o where o.person = $2 and o.phone_index = f.phone_index) order by f.ord`},
	} {
		args := []any{g.ID}
		if strings.Contains(s.query, "$2") {
			args = append(args, k.ID)
		}
		all, err := store.Texts(ctx, tx, s.query, args...)
		if err != nil {
			return m, err
		}
		*s.into = []string{}
		for _, id := range all {
			if !ended[id] {
				*s.into = append(*s.into, id)
			}
		}
	}
	if err = r.hand(ctx, tx, m, k.ID, 1000); err != nil {
		return m, err
	}
	links, err := r.places(ctx, tx, g.ID)
	if err != nil {
		return m, err
	}
	for _, at := range links {
		n, err := tx.Exec(ctx, `insert into people_link (person, path) values ($1, $2) on conflict do nothing`, k.ID, string(at))
		if err != nil {
			return m, err
		}
		if n > 0 {
			m.Links = append(m.Links, at)
		}
	}
	if k.idIndex == "" && g.idIndex != "" {
		number, err := r.identity(ctx, tx, g.ID)
		if err != nil {
			return m, err
		}
		m.Identity = true
		if _, err := tx.Exec(ctx, `update people_person set id_kind = $2, id_sealed = $3, id_index = $4, id_last4 = $5 where id = $1`,
			k.ID, g.IDKind, r.ring.Seal("people_person", "id_sealed", k.ID, number), r.ring.Index(seal.Identity, number), seal.Last4(seal.Identity, number)); err != nil {
			return m, err
		}
	}
	if _, err = tx.Exec(ctx, `update people_person set status = 'merged', merged_into = $2, version = version + 1, changed_at = $3 where id = $1`, g.ID, k.ID, tx.Now); err != nil {
		return m, err
	}
	_, err = tx.Exec(ctx, `update people_person set version = version + 1, changed_at = $2 where id = $1`, k.ID, tx.Now)
	return m, err
}

// hand gives the moved rows to a person; phones are put behind that person's own by adding to their order.
func (r *Register) hand(ctx context.Context, tx *store.Tx, m moved, to string, behind int64) error {
	for _, s := range []struct {
		ids   []string
		query string
	}{
		{m.Titles, `update people_title set person = $2, version = version + 1 where id = $1`},
		{m.Households, `update people_household set person = $2, version = version + 1 where id = $1`},
		{m.Terms, `update people_term set person = $2, version = version + 1 where id = $1`},
	} {
		for _, id := range s.ids {
			if _, err := tx.Exec(ctx, s.query, id, to); err != nil {
				return err
			}
		}
	}
	for _, id := range m.Phones {
		if _, err := tx.Exec(ctx, `update people_phone set person = $2, ord = ord + $3 where id = $1`, id, to, behind); err != nil {
			return err
		}
	}
	return nil
}

// Part takes the latest merge into a person apart again: exactly what came over goes back.
func (r *Register) Part(ctx context.Context, who access.Who, kept, why string) (back Person, err error) {
	err = r.db.Write(ctx, func(tx *store.Tx) error {
		k, at, err := r.within(ctx, tx, who, Edit, kept)
		if err != nil {
			return err
		}
		if strings.TrimSpace(why) == "" {
			return ErrReason
		}
		id, gone, text, err := latestMerge(ctx, tx, kept)
		if err != nil {
			return err
		}
		var m moved
		if err := json.Unmarshal([]byte(text), &m); err != nil {
			return err
		}
		if k.Status != "" {
			return ErrGone
		}
		if err := r.unword(ctx, tx, kept); err != nil {
			return err
		}
		if err := r.hand(ctx, tx, m, gone, -1000); err != nil {
			return err
		}
		for _, x := range m.Ended {
			if _, err := tx.Exec(ctx, `update people_title set to_day = '', version = version + 1 where id = $1`, x); err != nil {
				return err
			}
		}
		for _, x := range m.EndedLives {
			if _, err := tx.Exec(ctx, `update people_household set to_day = '', version = version + 1 where id = $1`, x); err != nil {
				return err
			}
		}
		for _, at := range m.Links {
			lo, hi := at.Bounds()
			if _, err := tx.Exec(ctx, `delete from people_link where person = $1 and path = $2
and not exists (select 1 from people_title where person = $1 and path >= $3 and path < $4)
and not exists (select 1 from people_household where person = $1 and path >= $3 and path < $4)
and not exists (select 1 from people_term where person = $1 and path >= $3 and path < $4)`, kept, string(at), lo, hi); err != nil {
				return err
			}
		}
		if m.Identity {
			if _, err := tx.Exec(ctx, `update people_person set id_kind = '', id_sealed = null, id_index = '', id_last4 = '' where id = $1`, kept); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(ctx, `update people_person set status = '', merged_into = '', version = version + 1, changed_at = $2 where id = $1`, gone, tx.Now); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `update people_person set version = version + 1, changed_at = $2 where id = $1`, kept, tx.Now); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `update people_merge set parted_at = $2 where id = $1`, id, tx.Now); err != nil {
			return err
		}
		if r.Parted != nil {
			if err := r.Parted(ctx, tx, kept, gone); err != nil {
				return err
			}
		}
		for _, p := range []string{kept, gone} {
			if err := r.relink(ctx, tx, p); err != nil {
				return err
			}
			tx.Changed(store.Change{Kind: "people", ID: p, Path: at})
		}
		if back, err = r.Person(ctx, tx, gone); err != nil {
			return err
		}
		return audit.Write(ctx, tx, audit.Entry{By: who.By(Edit, at), Action: "people.part", Path: at, Ref: "people/" + kept, Why: why, To: map[string]any{"back": gone}})
	})
	return back, err
}

// Resolve follows merges to the record that stands for a person today.
func (r *Register) Resolve(ctx context.Context, q store.Queryer, id string) (string, error) {
	for range 20 {
		next, err := mergedInto(ctx, q, id)
		if err != nil || next == "" {
			return id, err
		}
		id = next
	}
	return id, nil
}

// Correction is what a person asks to have corrected or deleted.
type Correction struct {
	ID        string      `json:"id"`
	Person    string      `json:"person"`
	Name      string      `json:"name,omitempty"`
	Kind      string      `json:"kind" enum:"correct,delete"`
	Text      string      `json:"text"`
	State     string      `json:"state" enum:"open,granted,refused"`
	Answer    string      `json:"answer,omitempty"`
	CreatedAt day.Instant `json:"created_at"`
	DecidedAt day.Instant `json:"decided_at,omitempty"`
	Version   int64       `json:"version"`
	path      scope.Path
	sealed    []byte
}

// MyData is everything that the register keeps about somebody, for themselves.
type MyData struct {
	Person      Person       `json:"person"`
	Phones      []string     `json:"full_phones,omitempty" doc:"only when asked for"`
	Identity    string       `json:"full_identity,omitempty" doc:"only when asked for"`
	Titles      []Title      `json:"titles"`
	Households  []Household  `json:"households"`
	Terms       []Term       `json:"terms"`
	Corrections []Correction `json:"corrections"`
}

// Mine shows somebody what is kept about them. full opens their own numbers and leaves an entry.
func (r *Register) Mine(ctx context.Context, who access.Who, full bool) (m MyData, err error) {
	if who.Account == "" {
		return m, access.ErrSignIn
	}
	if who.Person == "" {
		return m, ErrMissing
	}
	err = r.db.View(ctx, func(q store.Queryer) error {
		id, err := r.Resolve(ctx, q, who.Person)
		if err != nil {
			return err
		}
		if m.Person, err = r.Person(ctx, q, id); err != nil {
			return err
		}
		if m.Titles, err = r.titlesOf(ctx, q, id); err != nil {
			return err
		}
		if m.Households, err = r.householdsOf(ctx, q, id); err != nil {
			return err
		}
		if m.Terms, err = r.Terms(ctx, q, TermFind{Person: id}); err != nil {
			return err
		}
		m.Corrections, err = r.corrections(ctx, q, id, nil, "", 100)
		return err
	})
	if err != nil || !full {
		return m, err
	}
	err = r.db.Write(ctx, func(tx *store.Tx) error {
		if m.Phones, err = r.phones(ctx, tx, m.Person.ID); err != nil {
			return err
		}
		if m.Identity, err = r.identity(ctx, tx, m.Person.ID); err != nil {
			return err
		}
		// The trail of the place shows it, to whoever reads the trail there.
		at, err := r.places(ctx, tx, m.Person.ID)
		if err != nil {
			return err
		}
		e := audit.Entry{By: audit.By{Account: who.Account, Person: who.Person}, Action: "people.own_data", Ref: "people/" + m.Person.ID}
		if len(at) > 0 {
			e.Path = at[0]
		}
		return audit.Write(ctx, tx, e)
	})
	return m, err
}

// Ask asks for a correction or deletion of what is kept about oneself; staff decide.
func (r *Register) Ask(ctx context.Context, who access.Who, kind, text string) (c Correction, err error) {
	if who.Account == "" {
		return c, access.ErrSignIn
	}
	if who.Person == "" {
		return c, ErrMissing
	}
	text = strings.TrimSpace(text)
	if kind != "correct" && kind != "delete" || text == "" || len([]rune(text)) > 1000 {
		return c, fault.Bad("text", "people.ask", "请写明要更正或删除什么（1 至 1000 字）", "say what should be corrected or deleted, in 1 to 1000 characters")
	}
	err = r.db.Write(ctx, func(tx *store.Tx) error {
		id, err := r.Resolve(ctx, tx, who.Person)
		if err != nil {
			return err
		}
		paths, err := r.places(ctx, tx, id)
		if err != nil {
			return err
		}
		c = Correction{ID: tx.NewID(), Person: id, Kind: kind, Text: text, State: "open", CreatedAt: tx.Now, Version: 1}
		if len(paths) > 0 {
			c.path = paths[0]
		}
		if _, err := tx.Exec(ctx, `insert into people_correction (id, person, path, kind, text_sealed, created_at) values ($1, $2, $3, $4, $5, $6)`,
			c.ID, c.Person, string(c.path), c.Kind, r.ring.Seal("people_correction", "text_sealed", c.ID, text), tx.Now); err != nil {
			return err
		}
		tx.Changed(store.Change{Kind: "corrections", ID: c.ID, Path: c.path})
		return audit.Write(ctx, tx, audit.Entry{By: audit.By{Account: who.Account, Person: who.Person}, Action: "people.ask", Path: c.path, Ref: "corrections/" + c.ID, To: map[string]string{"kind": kind}})
	})
	return c, err
}

// Asked lists what people asked for within who's places, oldest first.
func (r *Register) Asked(ctx context.Context, who access.Who, state string) ([]Correction, error) {
	if err := who.MaySomewhere(Decide); err != nil {
		return nil, err
	}
	return r.corrections(ctx, r.db, "", who.Paths(Decide), state, 200)
}

// ErrNeeded says why somebody cannot be made anonymous now.
var ErrNeeded = fault.New(fault.Conflict, "people.needed", "仍是业主、住户或在任人员，法律要求保留登记，不能匿名", "still an owner, a resident or in a post: the register must be kept, the person cannot be made anonymous")

// DecideAsked answers a request. Granting a deletion makes the person anonymous: numbers are destroyed and the name goes;
// what the law wants kept (former titles and terms) stays without them. Corrections themselves are made with Correct.
func (r *Register) DecideAsked(ctx context.Context, who access.Who, id string, grant bool, answer string, version int64) (c Correction, err error) {
	err = r.db.Write(ctx, func(tx *store.Tx) error {
		if c, err = r.correction(ctx, tx, id); err != nil {
			return err
		}
		if err := who.May(Decide, c.path); err != nil {
			return err
		}
		if c.Version != version {
			return ErrVersion
		}
		if c.State != "open" {
			return ErrEnded
		}
		if strings.TrimSpace(answer) == "" {
			return ErrReason
		}
		c.State, c.Answer, c.DecidedAt, c.Version = "refused", answer, tx.Now, c.Version+1
		if grant {
			c.State = "granted"
			if c.Kind == "delete" {
				if err := r.anonymise(ctx, tx, c.Person); err != nil {
					return err
				}
				all, err := store.Texts(ctx, tx, `select id from people_person where id = $1 or merged_into = $1 order by id`, c.Person)
				if err != nil {
					return err
				}
				for _, p := range all {
					if r.Forgotten == nil {
						break
					}
					if err := r.Forgotten(ctx, tx, who, p, answer); err != nil {
						return err
					}
				}
			}
		}
		if _, err := tx.Exec(ctx, `update people_correction set state = $2, answer = $3, decided_by = $4, decided_at = $5, version = $6 where id = $1`,
			c.ID, c.State, c.Answer, who.Account, tx.Now, c.Version); err != nil {
			return err
		}
		tx.Changed(store.Change{Kind: "corrections", ID: c.ID, Path: c.path})
		return audit.Write(ctx, tx, audit.Entry{By: who.By(Decide, c.path), Action: Decide.Name, Path: c.path, Ref: "corrections/" + c.ID, Why: answer, To: map[string]string{"state": c.State}})
	})
	return c, err
}

// anonymousName stands where a name was.
const anonymousName = "（已匿名）"

func (r *Register) anonymise(ctx context.Context, tx *store.Tx, id string) error {
	on := today(tx)
	for _, q := range []string{
		`select count(*) from people_title where person = $1 and (to_day = '' or to_day >= $2)`,
		`select count(*) from people_household where person = $1 and (to_day = '' or to_day >= $2)`,
		`select count(*) from people_term where person = $1 and (to_day = '' or to_day >= $2)`,
	} {
		n, err := store.Count(ctx, tx, q, id, on)
		if err != nil {
			return err
		}
		if n > 0 {
			return ErrNeeded
		}
	}
	all, err := store.Texts(ctx, tx, `select id from people_person where id = $1 or merged_into = $1`, id)
	if err != nil {
		return err
	}
	for _, p := range all {
		if err := r.unword(ctx, tx, p); err != nil {
			return err
		}
		for _, q := range []string{
			`update people_person set words = '', name = '` + anonymousName + `', initials = '', gender = '', id_kind = '', id_sealed = null, id_index = '', id_last4 = '', status = 'anonymous', version = version + 1 where id = $1`,
			`delete from people_phone where person = $1`,
		} {
			if _, err := tx.Exec(ctx, q, p); err != nil {
				return err
			}
		}
	}
	return nil
}
