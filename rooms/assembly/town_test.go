package assembly

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"cuobian/basis/area"
	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/blob"
	"cuobian/platform/jobs"
	"cuobian/platform/rules"
	"cuobian/platform/seal"
	"cuobian/platform/store"
	"cuobian/platform/store/storetest"
	"cuobian/rooms/assembly/tally"
	"cuobian/rooms/duty"
	"cuobian/rooms/outreach"
	"cuobian/rooms/people"
	"cuobian/rooms/place"
)

var ctx = context.Background()

// town is an invented compound of ten homes of 100 m²: Jia owns two, seven others one each, Xin and Ren one together, and
// one is not sold. That is nine heads and 1,000 m². A neighbour compound has one home.
type town struct {
	*Hall
	t         testing.TB
	db        *store.DB
	clock     *storetest.Clock
	jobs      *jobs.Runner
	duty      *duty.Diary
	register  *people.Register
	street    place.Node
	community place.Node
	here      place.Node
	there     place.Node
	home      map[string]place.Node
	person    map[string]string
	org       string

	director, secretary, officer, office, leader, next, manager, ended, neighbour access.Who
}

func open(t testing.TB) *town {
	t.Helper()
	w := &town{t: t, clock: storetest.NewClock("2026-03-02T09:00:00+08:00"), home: map[string]place.Node{}, person: map[string]string{}} // a Monday
	w.db = storetest.Open(t, w.clock, seal.Schema(), audit.Schema(), jobs.Schema(), blob.Schema(), rules.Schema(), place.Schema(), people.Schema(), duty.Schema(), outreach.Schema(), Schema())
	ring := seal.Memory()
	m := place.New(w.db)
	w.register = people.New(w.db, ring, m)
	w.duty = duty.New(w.db)
	w.jobs = jobs.New(w.db, jobs.Options{})
	office := outreach.New(w.db, ring, outreach.Sink{Channel: "sms", DB: w.db, Ring: ring})
	office.QuietFrom, office.QuietTo = 0, 0
	office.Holders = func(ctx context.Context, q store.Queryer, post access.Post, at scope.Path, org string) (out []string, err error) {
		terms, err := w.register.Holders(ctx, q, at, w.db.Now().Day(day.Shanghai), post)
		for _, x := range terms {
			out = append(out, x.Person)
		}
		return out, err
	}
	office.Address = func(ctx context.Context, q store.Queryer, person, channel string) (string, string, error) {
		phones, err := w.register.Phones(ctx, q, person)
		if err != nil || len(phones) == 0 || channel != "sms" {
			return "", "zh", err
		}
		return phones[0], "zh", nil
	}
	w.Hall = New(w.db, ring, Rooms{Rules: rules.New(w.db), Map: m, Register: w.register, Duty: w.duty, Office: office, Jobs: w.jobs})
	w.jobs.Handle("assembly.tell", w.Tell)
	w.jobs.Handle("assembly.final", func(context.Context, jobs.Job) error { return nil })
	w.jobs.Handle("assembly.annulled", func(context.Context, jobs.Job) error { return nil })
	err := w.db.Write(ctx, func(tx *store.Tx) (err error) {
		if w.street, err = m.EnsureStreet(ctx, tx, audit.System, "350503002", ""); err != nil {
			return err
		}
		next := func(p place.Node, k place.Kind, name string) place.Node {
			n, _, e := m.Ensure(ctx, tx, audit.System, p, k, name)
			if e != nil {
				t.Fatal(e)
			}
			return n
		}
		w.community = next(w.street, place.Community, "源淮社区")
		w.here, w.there = next(w.community, place.Compound, "样例花苑"), next(w.community, place.Compound, "样例新村")
		put := func(name string, at place.Node, phone string) string {
			p, e := w.register.Put(ctx, tx, audit.System, at.Path, people.NewPerson{Name: name, Phones: []string{phone}})
			if e != nil {
				t.Fatal(e)
			}
			w.person[name] = p.ID
			return p.ID
		}
		owns := func(at place.Node, no, state string, names ...string) {
			h := next(at, place.Home, no)
			w.home[no] = h
			if e := m.SetHome(ctx, tx, audit.System, h, place.HomeFacts{Use: "dwelling", Area: 100_00, AreaSource: "registered", State: state}, ""); e != nil {
				t.Fatal(e)
			}
			var list []people.Owner
			for _, n := range names {
				list = append(list, people.Owner{Person: w.person[n]})
			}
			if e := w.register.SetOwners(ctx, tx, audit.System, h, list, day.MustParse("2020-01-01")); e != nil {
				t.Fatal(e)
			}
		}
		for i, n := range []string{"甲", "乙", "丙", "丁", "戊", "己", "庚", "辛", "壬"} {
			put(n, w.here, fmt.Sprintf("1380000000%d", i+1))
		}
		put("邻", w.there, "13800000020")
		b := next(w.here, place.Building, "1")
		owns(b, "101", "delivered", "甲")
		owns(b, "102", "delivered", "甲")
		for i, n := range []string{"乙", "丙", "丁", "戊", "己", "庚"} {
			owns(b, fmt.Sprint(103+i), "delivered", n)
		}
		owns(b, "109", "delivered", "辛", "壬")
		owns(b, "110", "unsold")
		owns(w.there, "901", "delivered", "邻")
		o, err := w.register.PutOrg(ctx, tx, audit.System, people.Org{Kind: people.OwnersCommittee, Name: "样例花苑业委会", Path: w.here.Path})
		if err != nil {
			return err
		}
		w.org = o.ID
		term := func(name string, post access.Post, at place.Node, org string) access.Who {
			id := put(name, at, fmt.Sprintf("1390000%04d", len(w.person)))
			if _, e := w.register.PutTerm(ctx, tx, audit.System, people.Term{Person: id, Post: post, Path: at.Path, Org: org, From: day.MustParse("2025-01-01")}); e != nil {
				t.Fatal(e)
			}
			return access.Who{Account: "a-" + id, Person: id, Name: name, Grants: []access.Grant{{Post: post, Path: at.Path, Org: org}}}
		}
		w.director = term("主任", access.CommitteeDirector, w.here, o.ID)
		w.secretary = term("书记", access.CommunitySecretary, w.community, "")
		w.officer = term("干事", access.CommunityOfficer, w.community, "")
		w.office = term("物管办", access.StreetOfficer, w.street, "")
		w.leader = term("街道领导", access.StreetLeader, w.street, "")
		w.manager = term("经理", access.PropertyManager, w.here, "")
		w.neighbour = term("邻主任", access.CommitteeDirector, w.there, "")
		w.next = w.owner("邻")
		w.ended = access.Who{Account: "a-ended", Person: "ended", Name: "前主任"} // whose term is over has no grant
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// owner is an owner of the compound (or of the neighbour's) at the door.
func (w *town) owner(name string) access.Who {
	at := w.here.Path
	if name == "邻" {
		at = w.there.Path
	}
	return access.Who{Account: "a-" + name, Person: w.person[name], Name: name, Grants: []access.Grant{{Post: access.Resident, Path: at}}}
}

func (w *town) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// want is the fault that must come.
func (w *town) want(err, fault error) {
	w.t.Helper()
	if !errors.Is(err, fault) {
		w.t.Fatalf("got %v, want %v", err, fault)
	}
}

// go to a day at nine, running what falls due on the way.
func (w *town) day(d string) {
	w.t.Helper()
	w.at(d + "T09:00:00+08:00")
}

func (w *town) at(when string) {
	w.t.Helper()
	i, err := day.ParseInstant(when)
	w.must(err)
	w.clock.Set(i)
	w.run()
}

func (w *town) run() {
	w.t.Helper()
	for {
		n, err := w.Tick(ctx)
		w.must(err)
		if n == 0 {
			break
		}
	}
	_, err := w.jobs.RunDue(ctx)
	w.must(err)
}

// drafted is a meeting with one ordinary matter, by the committee's director, with the earliest plan.
func (w *town) drafted(more ...func(*Drafting)) Meeting {
	w.t.Helper()
	open := false
	d := Drafting{Compound: w.here.ID, Title: "使用维修资金", Convener: "committee", Secret: &open}
	for _, f := range more {
		f(&d)
	}
	m, err := w.Draft(ctx, w.director, d)
	w.must(err)
	if m.Elects() {
		return m
	}
	_, err = w.AddMatter(ctx, w.director, m.ID, 0, Wording{Title: "更换水泵", Text: "从维修资金列支 3 万元更换生活水泵。", Item: 5})
	w.must(err)
	return w.read1(m.ID)
}

func (w *town) read1(id string) Meeting {
	w.t.Helper()
	m, err := w.meeting(ctx, w.db, id)
	w.must(err)
	return m
}

// noticed is a meeting whose notice went out on 2 March: voting from 18 to 24 March.
func (w *town) noticed(more ...func(*Drafting)) Meeting {
	w.t.Helper()
	m := w.drafted(more...)
	_, err := w.PostRoll(ctx, w.director, m.ID, 0)
	w.must(err)
	m, err = w.GiveNotice(ctx, w.director, m.ID, 0, nil)
	w.must(err)
	w.run()
	return m
}

// voting is a meeting whose voting has opened, at nine on 18 March.
func (w *town) voting(more ...func(*Drafting)) Meeting {
	w.t.Helper()
	m := w.noticed(more...)
	w.day("2026-03-18")
	return w.read1(m.ID)
}

// says puts a right's ballot with one choice for every matter into the records.
func (w *town) says(m Meeting, right int64, choice tally.Choice) {
	w.t.Helper()
	list, err := w.matters(ctx, w.db, m.ID)
	w.must(err)
	c := cast{right: right, choices: map[int]tally.Choice{}, salt: make([]byte, saltLen), channel: "phone"}
	for _, x := range list {
		c.choices[int(x.No)] = choice
	}
	copy(c.salt, fmt.Sprintf("%d %d", right, w.db.Now()))
	w.must(w.db.Write(ctx, func(tx *store.Tx) error {
		m, err := w.meeting(ctx, tx, m.ID)
		if err != nil {
			return err
		}
		if err := w.taking(ctx, tx, m, tx.Now, "phone"); err != nil {
			return err
		}
		_, err = w.put(ctx, tx, access.System, m, c)
		return err
	}))
}

// right finds the right that holds a home.
func (w *town) right(m Meeting, home string) (no int64) {
	w.t.Helper()
	w.must(w.db.QueryRow(ctx, `select right_no from assembly_part where meeting = $1 and node = $2 and ended = 0`, m.ID, w.home[home].ID).Scan(&no))
	return no
}

// refused tries a step as everybody who may not: nobody, a stranger, the neighbour compound's director and owner, company
// staff, whose term has ended. seen are those who may see the meeting and get refused for the step itself.
func (w *town) refused(what string, do func(access.Who) error, seen ...access.Who) {
	w.t.Helper()
	for name, x := range map[string]struct {
		who  access.Who
		kind fault.Kind
	}{
		"nobody": {access.Who{}, fault.SignIn}, "stranger": {access.Who{Account: "a", Person: "p"}, fault.Missing}, "neighbour's director": {w.neighbour, fault.Missing},
		"neighbour's owner": {w.next, fault.Missing}, "ended term": {w.ended, fault.Missing},
	} {
		if err := do(x.who); !fault.IsKind(err, x.kind) {
			w.t.Errorf("%s by %s: %v", what, name, err)
		}
	}
	if err := do(w.manager); !fault.IsKind(err, fault.Refused) && !fault.IsKind(err, fault.Missing) {
		w.t.Errorf("%s by company staff: %v", what, err)
	}
	for _, who := range seen {
		if err := do(who); !fault.IsKind(err, fault.Refused) {
			w.t.Errorf("%s by %s: %v", what, who.Name, err)
		}
	}
}

func paths(p ...scope.Path) []scope.Path { return p }

func areaOf(hundredths int64) area.Area { return area.Area(hundredths) }
