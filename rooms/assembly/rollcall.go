package assembly

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"

	"cuobian/basis/area"
	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/paged"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/store"
	"cuobian/rooms/assembly/roll"
	"cuobian/rooms/assembly/tally"
	"cuobian/rooms/place"
)

// Faults of the roll.
var (
	ErrEmptyRoll = fault.New(fault.Invalid, "assembly.empty_roll", "本小区还没有登记可以投票的专有部分，不能形成名册（R05）", "no exclusive part of this compound is on the register: there is no roll (R05)")
	ErrNoRoll    = fault.New(fault.Conflict, "assembly.no_roll", "名册还没有公示", "the roll has not been posted yet")
	ErrNoChange  = fault.New(fault.Conflict, "assembly.no_change", "登记没有变化：请先更正这些房屋的登记，再支持异议", "the register has not changed: correct these homes first, then uphold the objection")
	ErrRight     = fault.Bad("right", "assembly.right", "名册中没有这个表决权", "there is no such right on the roll")
	ErrHome      = fault.Bad("home", "assembly.home", "这处房屋不在本小区", "that home is not of this compound")
)

// RollFigures say which roll a meeting has.
type RollFigures struct {
	Version  int64        `json:"version"`
	Hash     string       `json:"hash" doc:"SHA-256 of the canonical text"`
	Heads    int64        `json:"heads"`
	Area     int64        `json:"area" doc:"0.01 m², as counted"`
	Late     bool         `json:"late" doc:"changed after voting opened"`
	At       day.Instant  `json:"at"`
	Until    day.Day      `json:"until" doc:"last day of posting for objections (R74)"`
	Warnings []tally.Flag `json:"warnings"`
	Versions []RollEntry  `json:"versions"`
}

// RollEntry is one version.
type RollEntry struct {
	Version int64       `json:"version"`
	Hash    string      `json:"hash"`
	Heads   int64       `json:"heads"`
	Area    int64       `json:"area"`
	Late    bool        `json:"late"`
	Why     string      `json:"why"`
	At      day.Instant `json:"at"`
}

func unitState(s string) roll.State {
	switch s {
	case "unsold":
		return roll.Unsold
	case "undelivered":
		return roll.Undelivered
	}
	return roll.Sold
}

// parts reads the exclusive parts below a compound as the register has them now: dwellings and shops, and parking spaces
// (the kernel leaves out those without a title). people names who holds each identity.
func (h *Hall) parts(ctx context.Context, q store.Queryer, compound scope.Path) (parts []roll.Part, people map[string][]string, err error) {
	homes, err := h.on.Map.HomesIn(ctx, q, compound)
	if err != nil {
		return nil, nil, err
	}
	spaces, err := h.on.Map.ParkingIn(ctx, q, compound)
	if err != nil {
		return nil, nil, err
	}
	above, err := h.on.Map.NodesIn(ctx, q, compound, place.Building, place.Unit)
	if err != nil {
		return nil, nil, err
	}
	names := map[scope.Path]place.Node{}
	for _, n := range above {
		names[n.Path] = n
	}
	held, err := h.on.Register.Holdings(ctx, q, compound)
	if err != nil {
		return nil, nil, err
	}
	owners := map[string][]string{}
	people = map[string][]string{}
	for _, x := range held {
		owners[x.Node] = append(owners[x.Node], x.Identity)
		if !slices.Contains(people[x.Identity], x.Person) {
			people[x.Identity] = append(people[x.Identity], x.Person)
		}
	}
	within := func(p *roll.Part) {
		for at := p.Path.Parent(); compound.Covers(at) && at != compound; at = at.Parent() {
			switch n := names[at]; n.Kind {
			case place.Building:
				p.Building = n.Name
			case place.Unit:
				p.Unit = n.Name
			}
		}
	}
	for _, x := range homes {
		if x.Use != "dwelling" && x.Use != "shop" {
			continue
		}
		p := roll.Part{ID: x.ID, Label: cmp.Or(x.Label, x.Name), Path: x.Path, Use: x.Use, Areas: []area.Figure{{Area: x.Area, Source: x.AreaSource}}, Owners: owners[x.ID], State: unitState(x.State)}
		within(&p)
		parts = append(parts, p)
	}
	for _, x := range spaces {
		p := roll.Part{ID: x.ID, Label: "车位" + x.Name, Path: x.Path, Use: roll.Parking, Areas: []area.Figure{{Area: x.Area, Source: x.AreaSource}}, Owners: owners[x.ID], State: unitState(x.State), Titled: x.Titled}
		within(&p)
		parts = append(parts, p)
	}
	return parts, people, nil
}

// counts is what a roll counts with or without titled parking (R06).
func counts(r roll.Roll, parking bool) (heads, space int64) {
	for _, x := range r.Electorate(roll.Scope{}) {
		if x.Spaces && !parking {
			continue
		}
		heads++
		space += int64(x.Area)
		if parking {
			space += int64(x.Parking)
		}
	}
	return heads, space
}

// PostRoll freezes the roll of rights from the register as it is now and posts it for objections (R74). The matters and
// the rest of the draft stand from here on.
func (h *Hall) PostRoll(ctx context.Context, who access.Who, id string, version int64) (f RollFigures, err error) {
	_, err = h.step(ctx, who, id, version, []State{Draft}, func(tx *store.Tx, m *Meeting) error {
		if err := h.ready(ctx, tx, *m); err != nil {
			return err
		}
		if err := h.planFor(ctx, tx, m, stepRoll); err != nil {
			return err
		}
		parts, people, err := h.parts(ctx, tx, m.Path)
		if err != nil {
			return err
		}
		r, err := roll.Make(roll.Input{Compound: m.Path.Last(), Parts: parts})
		if err != nil {
			return err
		}
		if heads, _ := counts(r, m.CountParking); heads == 0 {
			return ErrEmptyRoll
		}
		m.State, m.RollVersion = Posted, int64(r.Version)
		if err := h.keepRoll(ctx, tx, *m, roll.Roll{}, r, people, false, ""); err != nil {
			return err
		}
		heads, space := counts(r, m.CountParking)
		facts := map[string]any{"version": r.Version, "hash": r.Hash(), "heads": heads, "area": space, "until": m.RollUntil}
		if err := h.event(ctx, tx, who, Convene, *m, "roll", "", facts); err != nil {
			return err
		}
		if err := h.public(ctx, tx, *m, "assembly.roll", map[string]any{"meeting": m.Number, "version": r.Version, "hash": r.Hash(), "heads": heads, "area": space}); err != nil {
			return err
		}
		if err := h.tellAll(ctx, tx, *m, "assembly.roll", nil); err != nil {
			return err
		}
		if err := h.owe(ctx, tx, *m, DutyNotice, m.NoticeOn.End(day.Shanghai), false); err != nil {
			return err
		}
		f, err = h.rollFigures(ctx, tx, *m)
		f.Warnings = r.Flags
		return err
	})
	return f, err
}

// ready checks what a draft must have before its roll is posted. An election's candidates become matters later (R29).
func (h *Hall) ready(ctx context.Context, q store.Queryer, m Meeting) error {
	list, err := h.matters(ctx, q, m.ID)
	if err != nil {
		return err
	}
	if len(list) == 0 && !m.Nominates() {
		return ErrMatters
	}
	for _, x := range list {
		if err := h.barred(ctx, q, m, x); err != nil {
			return err
		}
	}
	return nil
}

// keepRoll writes a version of the roll: rights and parts that are new from it on, those that ended marked with it, and who
// may cast what changed. Voters who were recorded with a paper stay.
func (h *Hall) keepRoll(ctx context.Context, tx *store.Tx, m Meeting, old, r roll.Roll, people map[string][]string, late bool, why string) error {
	heads, space := counts(r, m.CountParking)
	if _, err := tx.Exec(ctx, `insert into assembly_roll (meeting, version, words, hash, heads, area, late, why, at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		m.ID, r.Version, r.Text(), r.Hash(), heads, space, late, why, int64(tx.Now)); err != nil {
		return err
	}
	for _, x := range old.Rights {
		if _, still := r.Find(x.No); !still {
			if _, err := tx.Exec(ctx, `update assembly_right set ended = $1 where meeting = $2 and no = $3`, r.Version, m.ID, x.No); err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, `update assembly_part set ended = $1 where meeting = $2 and right_no = $3 and ended = 0`, r.Version, m.ID, x.No); err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, `update assembly_voter set ended = $1 where meeting = $2 and right_no = $3 and ended = 0`, int64(tx.Now), m.ID, x.No); err != nil {
				return err
			}
		}
	}
	var rights, parts, voters [][]any
	for _, x := range r.Rights {
		was, had := old.Find(x.No)
		own, parking := x.Area()
		counted := own
		if m.CountParking {
			counted = area.Sum(own, parking)
		}
		spaces := !slices.ContainsFunc(x.Places, func(p roll.Place) bool { return p.Use != roll.Parking })
		switch {
		case !had:
			rights = append(rights, []any{m.ID, x.No, x.Label, int64(counted), x.Developer, r.Version, 0, x.Key, int64(parking), spaces, x.Unknown})
		default:
			if _, err := tx.Exec(ctx, `update assembly_right set label = $1, area = $2, owner_key = $3, parking = $4, spaces = $5, unknown = $6 where meeting = $7 and no = $8`,
				x.Label, int64(counted), x.Key, int64(parking), spaces, x.Unknown, m.ID, x.No); err != nil {
				return err
			}
		}
		for _, p := range was.Places {
			if !slices.Contains(x.Places, p) {
				if _, err := tx.Exec(ctx, `update assembly_part set ended = $1 where meeting = $2 and node = $3 and ended = 0`, r.Version, m.ID, p.ID); err != nil {
					return err
				}
			}
		}
		for _, p := range x.Places {
			if !slices.Contains(was.Places, p) {
				parts = append(parts, []any{m.ID, p.ID, x.No, string(p.Path), p.Label, p.Use, int64(p.Area), string(p.Source), r.Version, 0})
			}
		}
		if had && was.Key == x.Key {
			continue
		}
		if had {
			if _, err := tx.Exec(ctx, `update assembly_voter set ended = $1 where meeting = $2 and right_no = $3 and ended = 0 and paper = ''`, int64(tx.Now), m.ID, x.No); err != nil {
				return err
			}
		}
		seen := map[string]bool{}
		for _, v := range x.Voters {
			for _, person := range people[v.ID] {
				if !seen[person] {
					seen[person] = true
					voters = append(voters, []any{m.ID, x.No, person, string(v.Capacity), 0, "", "", int64(tx.Now)})
				}
			}
		}
	}
	if _, err := store.Fill(ctx, tx, `insert into assembly_right (meeting, no, label, area, developer, since, ended, owner_key, parking, spaces, unknown) values`, "", rights); err != nil {
		return err
	}
	if _, err := store.Fill(ctx, tx, `insert into assembly_part (meeting, node, right_no, path, label, kind, area, source, since, ended) values`, "", parts); err != nil {
		return err
	}
	_, err := store.Fill(ctx, tx, `insert into assembly_voter (meeting, right_no, person, capacity, ended, paper, by_person, at) values`,
		"on conflict (meeting, right_no, person) do update set ended = 0, capacity = excluded.capacity, at = excluded.at", voters)
	return err
}

// rollText reads a version's canonical text.
func (h *Hall) rollText(ctx context.Context, q store.Queryer, m Meeting, version int64) (text string, err error) {
	err = q.QueryRow(ctx, `select words from assembly_roll where meeting = $1 and version = $2`, m.ID, version).Scan(&text)
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrNoRoll
	}
	return text, err
}

// roll reads a version of the roll with its owner keys as they stand now.
func (h *Hall) roll(ctx context.Context, q store.Queryer, m Meeting, version int64) (r roll.Roll, err error) {
	text, err := h.rollText(ctx, q, m, version)
	if err != nil {
		return r, err
	}
	if r, err = roll.Parse(text); err != nil {
		return r, err
	}
	type key struct {
		no  int
		key string
	}
	keys, err := store.All(ctx, q, func(x *sql.Rows) (k key, err error) { err = x.Scan(&k.no, &k.key); return }, `select no, owner_key from assembly_right where meeting = $1`, m.ID)
	if err != nil {
		return r, err
	}
	of := map[int]string{}
	for _, k := range keys {
		of[k.no] = k.key
	}
	for i := range r.Rights {
		r.Rights[i].Key = of[r.Rights[i].No]
	}
	return r, nil
}

func (h *Hall) rollFigures(ctx context.Context, q store.Queryer, m Meeting) (f RollFigures, err error) {
	f.Versions, err = store.All(ctx, q, func(x *sql.Rows) (e RollEntry, err error) {
		err = x.Scan(&e.Version, &e.Hash, &e.Heads, &e.Area, &e.Late, &e.Why, &e.At)
		return e, err
	}, `select version, hash, heads, area, late, why, at from assembly_roll where meeting = $1 order by version`, m.ID)
	if err != nil {
		return f, err
	}
	if len(f.Versions) == 0 {
		return f, ErrNoRoll
	}
	e := f.Versions[len(f.Versions)-1]
	f.Version, f.Hash, f.Heads, f.Area, f.Late, f.At, f.Until, f.Warnings = e.Version, e.Hash, e.Heads, e.Area, e.Late, e.At, m.RollUntil, []tally.Flag{}
	return f, nil
}

// RollLine is one right as everybody may read it: no name stands in it.
type RollLine struct {
	No        int64      `json:"no"`
	Label     string     `json:"label"`
	Area      int64      `json:"area" doc:"0.01 m², as counted"`
	Parking   int64      `json:"parking" doc:"of titled parking spaces, counted or not (R06)"`
	Developer bool       `json:"developer,omitempty"`
	Unknown   bool       `json:"unknown,omitempty"`
	Since     int64      `json:"since" doc:"version of the roll it came with"`
	Ended     int64      `json:"ended,omitempty" doc:"version it ended with"`
	Parts     []RollPart `json:"parts"`
}

// RollPart is an exclusive part of a right.
type RollPart struct {
	Home   string     `json:"home"`
	Path   scope.Path `json:"path"`
	Label  string     `json:"label"`
	Kind   string     `json:"kind"`
	Area   int64      `json:"area"`
	Source string     `json:"source" doc:"registered, surveyed or contract (R04)"`
}

// RollPage is a part of the roll.
type RollPage struct {
	RollFigures
	paged.List[RollLine]
}

// Roll shows the posted roll, by number, to who may see the meeting.
func (h *Hall) Roll(ctx context.Context, who access.Who, id, building string, after int64, limit int) (p RollPage, err error) {
	err = h.db.View(ctx, func(q store.Queryer) error {
		m, err := h.meeting(ctx, q, id)
		if err != nil {
			return err
		}
		if err := h.sees(ctx, q, who, m); err != nil {
			return err
		}
		p, err = h.rollPage(ctx, q, m, building, after, limit)
		if err != nil || who.May(Look, m.Path) != nil {
			return err
		}
		r, err := h.roll(ctx, q, m, m.RollVersion)
		p.Warnings = tally.Flags(r.Electorate(roll.Scope{}))
		return err
	})
	return p, err
}

func (h *Hall) rollPage(ctx context.Context, q store.Queryer, m Meeting, building string, after int64, limit int) (p RollPage, err error) {
	if p.RollFigures, err = h.rollFigures(ctx, q, m); err != nil {
		return p, err
	}
	if limit <= 0 || limit > 1000 {
		limit = 200
	}
	cond, args := `r.meeting = $1`, []any{m.ID}
	if building != "" {
		at := scope.Path(building)
		if !m.Path.Covers(at) {
			return p, ErrHome.At("building")
		}
		lo, hi := at.Bounds()
		cond += ` and exists (select 1 from assembly_part b where b.meeting = r.meeting and b.right_no = r.no and b.ended = 0 and b.path >= $2 and b.path < $3)`
		args = append(args, lo, hi)
	}
	if p.Count, err = store.Count(ctx, q, `select count(*) from assembly_right r where `+cond+` and r.ended = 0`, args...); err != nil {
		return p, err
	}
	n := len(args)
	args = append(args, after, limit+1)
	p.Items, err = store.All(ctx, q, func(x *sql.Rows) (l RollLine, err error) {
		l.Parts = []RollPart{}
		err = x.Scan(&l.No, &l.Label, &l.Area, &l.Parking, &l.Developer, &l.Unknown, &l.Since, &l.Ended)
		return l, err
	}, `select r.no, r.label, r.area, r.parking, r.developer, r.unknown, r.since, r.ended from assembly_right r where `+cond+` and r.no > `+store.Marks(n+1, 1)+` order by r.no limit `+store.Marks(n+2, 1), args...)
	if err != nil || len(p.Items) == 0 {
		return p, err
	}
	if len(p.Items) > limit {
		p.Items = p.Items[:limit]
		p.Next = itoa(p.Items[limit-1].No)
	}
	type part struct {
		no int64
		RollPart
	}
	parts, err := store.All(ctx, q, func(x *sql.Rows) (l part, err error) {
		err = x.Scan(&l.no, &l.Home, &l.Path, &l.Label, &l.Kind, &l.Area, &l.Source)
		return l, err
	}, `select right_no, node, path, label, kind, area, source from assembly_part where meeting = $1 and ended = 0 and right_no >= $2 and right_no <= $3 order by right_no, path`, m.ID, p.Items[0].No, p.Items[len(p.Items)-1].No)
	if err != nil {
		return p, err
	}
	slices.SortStableFunc(parts, func(a, b part) int { return cmp.Or(cmp.Compare(a.no, b.no), roll.Natural(a.Label, b.Label)) })
	for _, x := range parts {
		i, ok := slices.BinarySearchFunc(p.Items, x.no, func(l RollLine, no int64) int { return cmp.Compare(l.No, no) })
		if ok {
			p.Items[i].Parts = append(p.Items[i].Parts, x.RollPart)
		}
	}
	return p, nil
}

// Naming records who casts a right that several hold, that its owner cannot cast, or that is the developer's, with the
// paper that says so.
type Naming struct {
	Right    int64  `json:"right"`
	Person   string `json:"person" maxLength:"40" doc:"id on the register"`
	Capacity string `json:"capacity" enum:"representative,guardian,agent"`
	Ward     string `json:"ward,omitempty" maxLength:"40" doc:"of a guardian: the owner who cannot act"`
	Paper    string `json:"paper" maxLength:"40" doc:"uploaded letter, or certificate"`
}

// Faults of naming.
var (
	ErrCapacity = fault.Bad("capacity", "assembly.capacity", "共有的表决权由共有人推选投票人，无行为能力的由监护人，开发企业的由其代理人", "co-owners name a voter, a guardian acts for one owner, an agent for the developer")
	ErrPaper    = fault.Bad("paper", "assembly.paper", "请附推选书、监护证明或授权书", "attach the letter or certificate")
	ErrPerson   = fault.Bad("person", "assembly.person", "请选择登记在册的人", "choose somebody on the register")
)

// Name records a named voter. A representative takes the place of all co-owners, a guardian that of the ward.
func (h *Hall) Name(ctx context.Context, who access.Who, id string, n Naming) error {
	return h.db.Write(ctx, func(tx *store.Tx) error {
		m, err := h.meeting(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := h.convenes(who, m); err != nil {
			return err
		}
		if err := m.in(Posted, Noticed, Voting); err != nil {
			return err
		}
		var developer, unknown bool
		var key string
		err = tx.QueryRow(ctx, `select developer, unknown, owner_key from assembly_right where meeting = $1 and no = $2 and ended = 0`, m.ID, n.Right).Scan(&developer, &unknown, &key)
		if errors.Is(err, sql.ErrNoRows) {
			return ErrRight
		}
		if err != nil {
			return err
		}
		joint := strings.Contains(key, "|")
		switch n.Capacity {
		case "representative":
			if !joint || developer {
				return ErrCapacity
			}
		case "agent":
			if !developer {
				return ErrCapacity
			}
		case "guardian":
			if developer || unknown || n.Ward == "" || n.Ward == n.Person {
				return ErrCapacity
			}
		default:
			return ErrCapacity
		}
		if n.Paper == "" {
			return ErrPaper
		}
		p, err := h.on.Register.Person(ctx, tx, n.Person)
		if fault.IsKind(err, fault.Missing) || err == nil && p.Status != "" {
			return ErrPerson
		}
		if err != nil {
			return err
		}
		end := `update assembly_voter set ended = $1 where meeting = $2 and right_no = $3 and ended = 0`
		args := []any{int64(tx.Now), m.ID, n.Right}
		if n.Capacity == "guardian" {
			end += ` and person = $4`
			args = append(args, n.Ward)
		}
		ended, err := tx.Exec(ctx, end, args...)
		if err != nil {
			return err
		}
		if n.Capacity == "guardian" && ended == 0 {
			return ErrCapacity.At("ward")
		}
		if _, err := tx.Exec(ctx, `insert into assembly_voter (meeting, right_no, person, capacity, ended, paper, by_person, at) values ($1, $2, $3, $4, 0, $5, $6, $7)
on conflict (meeting, right_no, person) do update set capacity = excluded.capacity, ended = 0, paper = excluded.paper, by_person = excluded.by_person, at = excluded.at`,
			m.ID, n.Right, n.Person, n.Capacity, n.Paper, who.Person, int64(tx.Now)); err != nil {
			return err
		}
		if err := h.attach(ctx, tx, who, n.Paper, m); err != nil {
			return err
		}
		return h.event(ctx, tx, who, Convene, m, "voter", "", map[string]any{"right": n.Right, "person": n.Person, "capacity": n.Capacity, "ward": n.Ward, "paper": n.Paper})
	})
}
