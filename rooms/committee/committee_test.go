package committee

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"cuobian/basis/area"
	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/jobs"
	"cuobian/platform/rules"
	"cuobian/platform/seal"
	"cuobian/platform/store"
	"cuobian/platform/store/storetest"
	"cuobian/rooms/assembly"
	"cuobian/rooms/cases"
	"cuobian/rooms/committee/form"
	"cuobian/rooms/duty"
	"cuobian/rooms/outreach"
	"cuobian/rooms/people"
	"cuobian/rooms/place"
	"cuobian/rooms/service"
)

var ctx = context.Background()

// town is an invented street: a compound of two buildings with twelve owners, and another one beside it.
type town struct {
	*Chamber
	t                 *testing.T
	db                *store.DB
	clock             *storetest.Clock
	hall              *assembly.Hall
	reg               *people.Register
	m                 *place.Map
	desk              *cases.Desk
	stamps            *seal.Stamps
	street, community place.Node
	here, there       place.Node
	b                 []place.Node // buildings of here
	owners            []string     // of here, six in each building
	others            []string
	outcome           map[string]Elected
}

func build(t *testing.T) *town {
	t.Helper()
	x := &town{t: t, clock: storetest.NewClock("2026-03-02T09:00:00+08:00"), outcome: map[string]Elected{}}
	x.db = storetest.Open(t, x.clock, seal.Schema(), audit.Schema(), jobs.Schema(), rules.Schema(), place.Schema(), people.Schema(), service.Schema(), duty.Schema(), outreach.Schema(), cases.Schema(), assembly.Schema(), Schema())
	ring := seal.Memory()
	x.m = place.New(x.db)
	x.reg = people.New(x.db, ring, x.m)
	book, diary := rules.New(x.db), duty.New(x.db)
	office := outreach.New(x.db, ring)
	office.Holders = func(ctx context.Context, q store.Queryer, post access.Post, at scope.Path, org string) ([]string, error) {
		terms, err := x.reg.Holders(ctx, q, at, x.Today(), post)
		var out []string
		for _, t := range terms {
			if org == "" || t.Org == org {
				out = append(out, t.Person)
			}
		}
		return out, err
	}
	x.stamps = &seal.Stamps{DB: x.db, Ring: ring}
	x.hall = assembly.New(x.db, ring, assembly.Rooms{Rules: book, Map: x.m, Register: x.reg, Duty: diary, Office: office})
	x.desk = cases.New(x.db, ring, diary)
	x.desk.Stand(cases.Rooms{Rules: book, Map: x.m, Register: x.reg})
	x.Chamber = New(x.db, Rooms{Rules: book, Map: x.m, Register: x.reg, Duty: diary, Office: office, Stamps: x.stamps})
	x.Outcome = func(_ context.Context, _ store.Queryer, meeting string) (Elected, bool, error) {
		e, ok := x.outcome[meeting]
		return e, ok, nil
	}
	x.write(func(tx *store.Tx) (err error) {
		x.owners, x.others, x.b = nil, nil, nil
		if x.street, err = x.m.EnsureStreet(ctx, tx, audit.System, "350503001", ""); err != nil {
			return err
		}
		if x.community, _, err = x.m.Ensure(ctx, tx, audit.System, x.street, place.Community, "测试社区"); err != nil {
			return err
		}
		if x.here, _, err = x.m.Ensure(ctx, tx, audit.System, x.community, place.Compound, "样例花苑"); err != nil {
			return err
		}
		if x.there, _, err = x.m.Ensure(ctx, tx, audit.System, x.community, place.Compound, "样例新村"); err != nil {
			return err
		}
		for i := range 2 {
			b, _, err := x.m.Ensure(ctx, tx, audit.System, x.here, place.Building, fmt.Sprintf("%d幢", i+1))
			if err != nil {
				return err
			}
			x.b = append(x.b, b)
			for j := range 6 {
				p, err := x.home(tx, b, fmt.Sprintf("%d01", j+1), fmt.Sprintf("业主%d", i*6+j+1))
				if err != nil {
					return err
				}
				x.owners = append(x.owners, p)
			}
		}
		b, _, err := x.m.Ensure(ctx, tx, audit.System, x.there, place.Building, "1幢")
		if err != nil {
			return err
		}
		p, err := x.home(tx, b, "101", "邻居一")
		x.others = append(x.others, p)
		return err
	})
	return x
}

func (x *town) home(tx *store.Tx, b place.Node, name, owner string) (string, error) {
	h, _, err := x.m.Ensure(ctx, tx, audit.System, b, place.Home, name)
	if err != nil {
		return "", err
	}
	if err := x.m.SetHome(ctx, tx, audit.System, h, place.HomeFacts{Use: "dwelling", Area: 10000, AreaSource: area.Registered, State: "delivered", StateSaid: true, DeliveredOn: day.MustParse("2025-10-01")}, ""); err != nil {
		return "", err
	}
	p, err := x.reg.Put(ctx, tx, audit.System, h.Path, people.NewPerson{Name: owner})
	if err != nil {
		return "", err
	}
	if err := x.reg.SetOwners(ctx, tx, audit.System, h, []people.Owner{{Person: p.ID}}, day.MustParse("2025-10-01")); err != nil {
		return "", err
	}
	_, err = x.reg.PutHousehold(ctx, tx, audit.System, h, people.Household{Person: p.ID, Relation: "owner", From: day.MustParse("2025-10-01")})
	return p.ID, err
}

func (x *town) write(fn func(tx *store.Tx) error) {
	x.t.Helper()
	if err := x.db.Write(ctx, fn); err != nil {
		x.t.Fatal(err)
	}
}

// somebody is a person who is on the register with nothing else.
func (x *town) somebody(name string) (id string) {
	x.write(func(tx *store.Tx) error {
		p, err := x.reg.Put(ctx, tx, audit.System, x.community.Path, people.NewPerson{Name: name})
		id = p.ID
		return err
	})
	return id
}

// as is somebody with the rights that the register gives today, and one post more.
func (x *town) as(person string, posts ...any) access.Who {
	w := access.Who{Account: "a-" + person, Person: person, Lang: "zh"}
	grants, err := x.reg.Grants(ctx, x.db, person, x.Today())
	if err != nil {
		x.t.Fatal(err)
	}
	w.Grants = grants
	for i := 0; i+1 < len(posts); i += 2 {
		w.Grants = append(w.Grants, access.Grant{Post: posts[i].(access.Post), Path: posts[i+1].(scope.Path)})
	}
	return w
}

func (x *town) officer() access.Who {
	return x.as("officer", access.CommunityOfficer, x.community.Path)
}
func (x *town) office() access.Who { return x.as("office", access.StreetOfficer, x.street.Path) }

func (x *town) to(at string) { x.clock.Set(must(day.ParseInstant(at + ":00+08:00"))) }

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func (x *town) ok(err error) {
	x.t.Helper()
	if err != nil {
		x.t.Fatal(err)
	}
}

func (x *town) refused(err error, want error) {
	x.t.Helper()
	if !errors.Is(err, want) {
		x.t.Fatalf("got %v, want %v", err, want)
	}
}

// open counts the open duties of a kind.
func (x *town) open(kind, ref string) int64 {
	x.t.Helper()
	n, err := store.Count(ctx, x.db, `select count(*) from duty_duty where kind = $1 and ref = $2 and state = 'open'`, kind, ref)
	x.ok(err)
	return n
}

func (x *town) due(kind, ref string) day.Day {
	x.t.Helper()
	var at day.Instant
	x.ok(x.db.QueryRow(ctx, `select due from duty_duty where kind = $1 and ref = $2 and state = 'open'`, kind, ref).Scan(&at))
	return at.Day(day.Shanghai)
}

var allDrafts = []string{"rules", "regulation", "roll", "candidates"}

func (x *town) sitters(owners ...string) []form.Sitter {
	out := []form.Sitter{{Name: "街道代表", Side: form.Street, Head: true}, {Name: "居委会代表", Side: form.Community}}
	for _, o := range owners {
		out = append(out, form.Sitter{Person: o, Side: form.Owner})
	}
	return out
}

// elect puts an election's outcome where the chamber reads it, and makes it final.
func (x *town) elect(meeting, purpose string, size int, members []string, alternates ...string) {
	x.t.Helper()
	e := Elected{Meeting: meeting, Path: x.here.Path, On: x.Today(), Purpose: purpose, Size: size,
		Zones: []Zone{{Name: "甲区", Buildings: []scope.Path{x.b[0].Path}, Seats: 3}, {Name: "乙区", Buildings: []scope.Path{x.b[1].Path}, Seats: 2}}}
	zone := func(p string) string {
		if slices.Index(x.owners, p) < 6 {
			return "甲区"
		}
		return "乙区"
	}
	for i, p := range members {
		party := ""
		if i < 3 {
			party = "member"
		}
		e.Members = append(e.Members, Seat{Person: p, Zone: zone(p), Party: party, Heads: int64(12 - i), Area: 120000})
	}
	for i, p := range alternates {
		e.Alternates = append(e.Alternates, Seat{Person: p, Zone: zone(p), Heads: int64(6 - i), Area: 60000})
	}
	x.outcome[meeting] = e
	x.write(func(tx *store.Tx) error { return x.Final(ctx, tx, meeting) })
}

// seated is a committee of five, elected on the day, with its first meeting held: owners 0, 1, 2, 6, 7, director 0.
func (x *town) seated() people.Org {
	x.t.Helper()
	x.elect("m-first", "first", 5, []string{x.owners[0], x.owners[1], x.owners[2], x.owners[6], x.owners[7]}, x.owners[3], x.owners[8])
	o, _, err := x.standing(ctx, x.db, x.here.Path, x.Today())
	x.ok(err)
	if o == nil {
		x.t.Fatal("no committee")
	}
	m, err := x.CallMeeting(ctx, x.as(x.owners[1]), o.ID, Calling{Title: "首次会议", Agenda: []string{"推选主任"}, Planned: x.db.Now().Add(time.Hour), First: true})
	x.ok(err)
	x.clock.Advance(2 * time.Hour)
	_, err = x.Attend(ctx, x.as(x.owners[1]), m.ID, []string{x.owners[0], x.owners[1], x.owners[2]})
	x.ok(err)
	_, err = x.Hold(ctx, x.as(x.owners[1]), m.ID)
	x.ok(err)
	d, err := x.Decide(ctx, x.as(x.owners[1]), m.ID, "推选业主1为主任", "director", x.owners[0])
	x.ok(err)
	for _, p := range []int{0, 1, 6} {
		if d, err = x.Sign(ctx, x.as(x.owners[p]), d.ID, "agree"); err != nil {
			x.t.Fatal(err)
		}
	}
	if d.State != "made" {
		x.t.Fatalf("%+v", d)
	}
	_, err = x.Minute(ctx, x.as(x.owners[0]), m.ID, "选出主任。")
	x.ok(err)
	return must(x.reg.Org(ctx, x.db, o.ID))
}

// R11, R13, R14, R15, R16, R17, R18, R20: step by step, each too early refused with its rule; a term of five years.
func TestFormedStepByStep(t *testing.T) {
	x := build(t)
	f, err := x.OpenForming(ctx, x.officer(), x.here.ID, form.First, "居民多次反映")
	x.ok(err)
	_, err = x.OpenForming(ctx, x.officer(), x.here.ID, form.First, "")
	x.refused(err, ErrForming)
	_, err = x.OpenForming(ctx, x.officer(), x.there.ID, form.Reelection, "")
	x.refused(err, ErrNoneYet)

	_, err = x.Group(ctx, x.office(), f.ID, x.sitters(x.owners[:3]...), 0)
	x.refused(err, ErrOrder)
	// Nine join by phone, which is one too few; the tenth is on paper.
	for i := range 9 {
		_, err := x.Join(ctx, x.as(x.owners[i]), f.ID)
		x.ok(err)
	}
	_, err = x.Join(ctx, x.as(x.owners[0]), f.ID)
	x.ok(err)
	_, err = x.Join(ctx, x.as(x.others[0]), f.ID)
	x.refused(err, ErrMissing)
	_, err = x.Apply(ctx, x.officer(), f.ID, "owners", nil, 0)
	x.refused(err, ErrApply)
	_, err = x.Apply(ctx, x.officer(), f.ID, "owners", []string{x.others[0]}, 0)
	x.refused(err, ErrOwner)
	_, err = x.Apply(ctx, x.officer(), f.ID, "owners", []string{x.owners[9]}, day.MustParse("2026-03-03"))
	x.refused(err, ErrDay)
	f, err = x.Apply(ctx, x.officer(), f.ID, "owners", []string{x.owners[9]}, 0)
	x.ok(err)
	if f.Stage != form.Applied || x.due(dutyGroup, f.Ref()) != day.MustParse("2026-05-06") { // 60 days: 1 May, rolled over the holiday (R52)
		t.Fatalf("%+v %v", f, x.due(dutyGroup, f.Ref()))
	}
	_, err = x.Apply(ctx, x.officer(), f.ID, "developer", nil, 0)
	x.refused(err, ErrDone)

	x.to("2026-03-20T10:00")
	_, err = x.Group(ctx, x.officer(), f.ID, x.sitters(x.owners[:3]...), 0)
	x.refused(err, access.ErrRefused) // the street forms it
	_, err = x.Group(ctx, x.office(), f.ID, x.sitters(x.owners[:2]...), 0)
	x.refused(err, ErrGroupOdd)
	_, err = x.Group(ctx, x.office(), f.ID, x.sitters(x.owners[0], x.owners[1], x.others[0]), 0)
	x.refused(err, ErrOwner)
	f, err = x.Group(ctx, x.office(), f.ID, x.sitters(x.owners[:3]...), 0)
	x.ok(err)
	if x.open(dutyGroup, f.Ref()) != 0 || x.open(dutyPost, f.Ref()) != 1 || x.due(dutyFinish, f.Ref()) != day.MustParse("2026-06-22") { // 90 days: 18 June; the dragon boat festival is 19–21 June
		t.Log(x.due(dutyFinish, f.Ref()))
	}
	x.to("2026-03-30T10:00") // three days late
	f, err = x.PostGroup(ctx, x.officer(), f.ID, 0)
	x.ok(err)
	file, err := x.Forming(ctx, x.officer(), f.ID)
	x.ok(err)
	late := slices.IndexFunc(file.Deadlines, func(d Due) bool { return d.Kind == dutyPost && d.Late && d.Met != 0 })
	if late < 0 || file.GroupUntil != day.MustParse("2026-04-06") {
		t.Fatalf("%+v", file.Deadlines)
	}
	_, err = x.Drafts(ctx, x.officer(), f.ID, allDrafts, "", 0)
	x.refused(err, ErrOrder) // papers first
	_, err = x.Papers(ctx, x.office(), f.ID, true, []string{"业主名册"}, 0)
	x.refused(err, ErrRegistry) // 15 days are the developer's
	x.to("2026-04-14T10:00")
	_, err = x.Papers(ctx, x.office(), f.ID, true, []string{"业主名册"}, 0)
	x.refused(err, ErrRegistry)
	x.to("2026-04-15T10:00")
	_, err = x.Papers(ctx, x.officer(), f.ID, true, []string{"业主名册"}, 0)
	x.refused(err, access.ErrRefused) // the street confirms
	f, err = x.Papers(ctx, x.office(), f.ID, true, []string{"业主名册", "面积清册"}, 0)
	x.ok(err)

	o, err := x.Object(ctx, x.as(x.owners[5]), f.ID, "group", "组长应另选")
	x.ok(err)
	_, err = x.Drafts(ctx, x.officer(), f.ID, allDrafts, "", 0)
	x.refused(err, ErrOpenWord)
	x.refused(x.Answer(ctx, x.officer(), f.ID, o.ID, ""), ErrWords)
	x.ok(x.Answer(ctx, x.officer(), f.ID, o.ID, "已由街道复核，名单不变。"))
	x.refused(x.Answer(ctx, x.officer(), f.ID, o.ID, "again"), ErrMissing)
	_, err = x.Drafts(ctx, x.officer(), f.ID, allDrafts[:3], "", 0)
	x.refused(err, ErrDraftsAll)
	_, err = x.Drafts(ctx, x.officer(), f.ID, allDrafts, "", day.MustParse("2026-04-06"))
	x.refused(err, ErrDay)
	f, err = x.Drafts(ctx, x.officer(), f.ID, allDrafts, "草案全文", 0)
	x.ok(err)

	// R17: the meeting that opens on the sixteenth day after.
	meeting := func(opens string) string {
		m, err := x.hall.Draft(ctx, x.office(), assembly.Drafting{Compound: x.here.ID, Title: "首次业主大会", Purpose: "first", Convener: "street", Plan: assembly.Plan{OpensOn: day.MustParse(opens)}})
		x.ok(err)
		return m.ID
	}
	good := meeting("2026-05-10")
	_, err = x.Call(ctx, x.officer(), f.ID, "nothing")
	x.refused(err, ErrMeeting)
	f, err = x.Call(ctx, x.officer(), f.ID, good)
	x.ok(err)
	if f.Meeting != good || f.Stage != form.Called {
		t.Fatalf("%+v", f)
	}
	_, err = x.File(ctx, x.officer(), f.ID, 0, nil)
	x.refused(err, ErrOrder)
	// A meeting that was called off makes room for another, one that goes on does not.
	next := meeting("2026-05-12")
	_, err = x.Call(ctx, x.officer(), f.ID, next)
	x.refused(err, ErrDone)
	_, err = x.hall.Cancel(ctx, x.office(), good, "场地冲突")
	x.ok(err)
	_, err = x.Call(ctx, x.officer(), f.ID, good)
	x.refused(err, ErrDone)
	if file, err = x.Forming(ctx, x.officer(), f.ID); err != nil || file.MeetingIs != "cancelled" || !slices.ContainsFunc(file.Next, func(s StepWord) bool { return s.Step == form.Called }) {
		t.Fatalf("%+v %v", file.Next, err)
	}
	f, err = x.Call(ctx, x.officer(), f.ID, next)
	x.ok(err)
	good = next

	x.to("2026-06-01T10:00")
	x.elect(good, "first", 5, []string{x.owners[0], x.owners[1], x.owners[2], x.owners[6], x.owners[7]}, x.owners[3])
	x.write(func(tx *store.Tx) error { return x.Final(ctx, tx, good) }) // the job runs a second time
	c, _, err := x.standing(ctx, x.db, x.here.Path, x.Today())
	x.ok(err)
	ref := "committees/" + c.ID
	if c.To != day.MustParse("2031-05-31") || c.Number != 1 || c.Name != "样例花苑业主委员会" || x.due(dutyMeet, ref) != day.MustParse("2026-06-08") || x.due(dutyFile, ref) != day.MustParse("2026-07-01") || x.open(dutyFinish, f.Ref()) != 0 {
		t.Fatalf("%+v %v %v", c, x.due(dutyMeet, ref), x.due(dutyFile, ref))
	}
	all, err := x.reg.Committees(ctx, x.db, x.here.Path, x.Today())
	x.ok(err)
	if len(all) != 1 || all[0].Members != (people.Members{Members: 5, Alternates: 1, Party: 3, Majority: true}) {
		t.Fatalf("%+v", all)
	}

	_, err = x.Seal(ctx, x.officer(), f.ID, "", "", 0)
	x.refused(err, ErrOrder) // not before it is filed
	m, err := x.FirstMeeting(ctx, x.as(x.owners[0]), f.ID, x.db.Now().Add(time.Hour), "架空层")
	x.ok(err)
	_, err = x.Attend(ctx, x.as(x.owners[0]), m.ID, nil)
	x.refused(err, ErrTooSoon)
	x.clock.Advance(2 * time.Hour)
	for _, p := range []int{0, 1, 7, 3} {
		if p == 3 {
			_, err = x.Attend(ctx, x.as(x.owners[p]), m.ID, nil)
			x.refused(err, ErrNotMember) // an alternate's name is written by a member
			_, err = x.Attend(ctx, x.as(x.owners[0]), m.ID, []string{x.owners[3]})
		} else {
			_, err = x.Attend(ctx, x.as(x.owners[p]), m.ID, nil)
		}
		x.ok(err)
	}
	held, err := x.Hold(ctx, x.as(x.owners[0]), m.ID)
	x.ok(err)
	if held.Present != 3 || held.Members != 5 {
		t.Fatalf("%+v", held)
	}
	d, err := x.Decide(ctx, x.as(x.owners[0]), m.ID, "推选主任", "director", x.owners[7])
	x.ok(err)
	for i, p := range []int{0, 1, 7} {
		d, err = x.Sign(ctx, x.as(x.owners[p]), d.ID, "agree")
		x.ok(err)
		if (d.State == "made") != (i == 2) {
			t.Fatalf("after %d: %+v", i+1, d)
		}
	}
	if x.open(dutyMeet, ref) != 0 {
		t.Fatal("the first meeting is still owed")
	}
	terms, err := x.terms(ctx, x.db, c.ID, x.Today())
	x.ok(err)
	if members, director := members(terms); director != x.owners[7] || len(members) != 5 {
		t.Fatal(director, members)
	}
	filing, err := x.FilingOf(ctx, x.as(x.owners[7]), f.ID)
	x.ok(err)
	if len(filing.Members) != 6 || filing.Size != 5 || len(filing.Zones) != 2 || filing.Due.Day(day.Shanghai) != day.MustParse("2026-07-01") {
		t.Fatalf("%+v", filing)
	}
	f, err = x.File(ctx, x.as(x.owners[7]), f.ID, 0, []string{"议事规则"})
	x.ok(err)
	if x.open(dutyFile, ref) != 0 {
		t.Fatal("filing is still owed")
	}
	if filing, err = x.FilingOf(ctx, x.as(x.owners[7]), f.ID); err != nil || !slices.Equal(filing.Enclosed, []string{"议事规则"}) || filing.On != x.Today() {
		t.Fatalf("%+v %v", filing, err) // what was handed in stands on the paper
	}
	if n, _ := store.Count(ctx, x.db, `select count(*) from audit_record where kind = 'committee.filed' and ref = $1`, ref); n != 1 {
		t.Fatal("no public record of the filing")
	}
	_, err = x.Accept(ctx, x.officer(), f.ID, "丰业备2026-1", 0)
	x.refused(err, access.ErrRefused)
	_, err = x.Accept(ctx, x.office(), f.ID, " ", 0)
	x.refused(err, ErrReceipt)
	f, err = x.Accept(ctx, x.office(), f.ID, "丰业备2026-1", 0)
	x.ok(err)
	_, err = x.Seal(ctx, x.as(x.owners[7]), f.ID, "", x.owners[3], 0)
	x.refused(err, ErrNotMember) // an alternate keeps no seal
	f, err = x.Seal(ctx, x.as(x.owners[7]), f.ID, "", x.owners[1], 0)
	x.ok(err)
	if f.Closed == 0 || f.Stage != form.Sealed {
		t.Fatalf("%+v", f)
	}
	if stamps, err := x.stamps.Of(ctx, x.db, "orgs/"+c.ID); err != nil || len(stamps) != 1 || stamps[0].Name != c.Name {
		t.Fatal(stamps, err)
	}
	o2, err := x.reg.Org(ctx, x.db, c.ID)
	x.ok(err)
	if o2.FiledNo != "丰业备2026-1" || o2.FiledOn != x.Today() {
		t.Fatalf("%+v", o2)
	}
	_, err = x.OpenForming(ctx, x.officer(), x.here.ID, form.First, "")
	x.refused(err, ErrStanding)
	// Minutes are sealed from now on, and the use is in the log of the seal.
	_, err = x.Minute(ctx, x.as(x.owners[7]), m.ID, "推选业主8为主任。")
	x.ok(err)
	papers, _, count, err := x.PapersOf(ctx, x.as(x.owners[7]), c.ID, "", "", 0)
	x.ok(err)
	kinds := map[string]int{}
	for _, p := range papers {
		kinds[p.Kind]++
	}
	if count != int64(len(papers)) || kinds["minutes"] != 1 || kinds["stamp"] != 1 || kinds["filing"] != 1 || kinds["seal"] != 1 || kinds["members"] != 1 || kinds["notice"] != 1 {
		t.Fatalf("%v", kinds)
	}
	// The director seals a paper by hand; the use can be checked with the seal's public key.
	notice := papers[slices.IndexFunc(papers, func(p Paper) bool { return p.Kind == "notice" })]
	_, err = x.UseSeal(ctx, x.as(x.owners[0]), c.ID, notice.ID, "张贴")
	x.refused(err, access.ErrRefused)
	_, err = x.UseSeal(ctx, x.as(x.owners[7]), c.ID, notice.ID, " ")
	x.refused(err, ErrWhy)
	_, err = x.UseSeal(ctx, x.as(x.owners[7]), c.ID, "nothing", "张贴")
	x.refused(err, ErrMissing)
	used, err := x.UseSeal(ctx, x.as(x.owners[7]), c.ID, notice.ID, "张贴")
	x.ok(err)
	var u seal.Stamped
	x.ok(json.Unmarshal(used.Words, &u))
	own, err := x.stamps.Of(ctx, x.db, "orgs/"+c.ID)
	x.ok(err)
	if !u.Check(own[0].Public) || hex.EncodeToString(u.Hash) != notice.Hash {
		t.Error("the use of the seal does not check")
	}
	posted, _, _, err := x.PapersOf(ctx, x.as(x.owners[11]), c.ID, "", "", 0)
	x.ok(err)
	for _, p := range posted {
		if !p.Open || p.By != "" {
			t.Errorf("an owner reads %s", p.Kind)
		}
	}
}

// R13: nothing before its time; and the preset of another trigger does not exist here.
func TestNotRipe(t *testing.T) {
	x := build(t)
	x.write(func(tx *store.Tx) error {
		homes, err := x.m.HomesIn(ctx, tx, x.here.Path)
		if err != nil {
			return err
		}
		for i, h := range homes {
			if i < 7 { // five of twelve stay delivered
				h.State = "undelivered"
				if err := x.m.SetHome(ctx, tx, audit.System, h.Node, h.HomeFacts, ""); err != nil {
					return err
				}
			}
		}
		return nil
	})
	b, err := x.Formings(ctx, x.office(), Look{Stage: NotYet})
	x.ok(err)
	if len(b.Items) != 1 || b.Items[0].Path != x.here.Path {
		t.Fatalf("%+v", b.Items)
	}
	f, err := x.OpenForming(ctx, x.officer(), x.here.ID, form.First, "")
	x.ok(err)
	_, err = x.Apply(ctx, x.officer(), f.ID, "developer", nil, 0)
	x.refused(err, ErrTrigger)
	if !strings.Contains(fault.Of(err).En, "R13") || !strings.Contains(fault.Of(err).Zh, "2025-10-01") {
		t.Error(err)
	}
	x.to("2027-10-01T09:00") // two years after the first delivery
	_, err = x.Apply(ctx, x.officer(), f.ID, "developer", nil, 0)
	x.ok(err)
}

// Each step of the forming is refused to strangers, neighbours, wrong posts and those whose term ended.
func TestWhoFormsNot(t *testing.T) {
	x := build(t)
	f, err := x.OpenForming(ctx, x.officer(), x.here.ID, form.First, "")
	x.ok(err)
	ended := access.Who{Account: "e", Person: "e"} // a term that ended gives no grant
	for name, who := range map[string]access.Who{
		"nobody": {}, "ended": ended, "owner": x.as(x.owners[0]), "neighbour": x.as("n", access.CommunityOfficer, scope.Path("350503001/x/")),
		"company": x.as("m", access.PropertyManager, x.here.Path), "admin": x.as("s", access.SystemAdmin, scope.Everywhere),
	} {
		for what, do := range map[string]func() error{
			"open":     func() error { _, err := x.OpenForming(ctx, who, x.there.ID, form.First, ""); return err },
			"apply":    func() error { _, err := x.Apply(ctx, who, f.ID, "developer", nil, 0); return err },
			"group":    func() error { _, err := x.Group(ctx, who, f.ID, nil, 0); return err },
			"post":     func() error { _, err := x.PostGroup(ctx, who, f.ID, 0); return err },
			"papers":   func() error { _, err := x.Papers(ctx, who, f.ID, false, nil, 0); return err },
			"registry": func() error { _, err := x.Papers(ctx, who, f.ID, true, nil, 0); return err },
			"drafts":   func() error { _, err := x.Drafts(ctx, who, f.ID, nil, "", 0); return err },
			"call":     func() error { _, err := x.Call(ctx, who, f.ID, "m"); return err },
			"file":     func() error { _, err := x.File(ctx, who, f.ID, 0, nil); return err },
			"accept":   func() error { _, err := x.Accept(ctx, who, f.ID, "1", 0); return err },
			"seal":     func() error { _, err := x.Seal(ctx, who, f.ID, "", "", 0); return err },
			"propose":  func() error { _, err := x.Propose(ctx, who, f.ID, nil, 0); return err },
			"appoint":  func() error { _, err := x.AppointInterim(ctx, who, f.ID, 0); return err },
			"end":      func() error { _, err := x.EndForming(ctx, who, f.ID, "x"); return err },
			"answer":   func() error { return x.Answer(ctx, who, f.ID, "o", "x") },
			"team":     func() error { return x.NameTeam(ctx, who, f.ID, "p", "x") },
			"leave":    func() error { return x.LeaveTeam(ctx, who, f.ID, "p") },
			"task":     func() error { _, err := x.AddTask(ctx, who, f.ID, "x", "p", x.Today()); return err },
			"block":    func() error { _, err := x.Block(ctx, who, f.ID, "", "start", "x"); return err },
			"board":    func() error { _, err := x.Formings(ctx, who, Look{}); return err },
			"filing":   func() error { _, err := x.FilingOf(ctx, who, f.ID); return err },
			"found":    func() error { _, err := x.FoundBoard(ctx, who, x.here.ID, "", nil, 0); return err },
		} {
			if name == "neighbour" && what == "board" {
				continue // an area of its own, in which this compound is not
			}
			err := do()
			if !errors.Is(err, access.ErrRefused) && !errors.Is(err, access.ErrMissing) && !errors.Is(err, access.ErrSignIn) {
				t.Errorf("%s may %s: %v", name, what, err)
			}
		}
	}
	// Confirming is the street's alone.
	for what, do := range map[string]func() error{
		"group":   func() error { _, err := x.Group(ctx, x.officer(), f.ID, nil, 0); return err },
		"accept":  func() error { _, err := x.Accept(ctx, x.officer(), f.ID, "1", 0); return err },
		"appoint": func() error { _, err := x.AppointInterim(ctx, x.officer(), f.ID, 0); return err },
	} {
		if err := do(); !errors.Is(err, access.ErrRefused) {
			t.Errorf("the community may %s: %v", what, err)
		}
	}
	// An owner reads what is posted, not what is noted inside.
	x.ok(x.NameTeam(ctx, x.officer(), f.ID, x.owners[4], "联络员"))
	_, err = x.Block(ctx, x.as(x.owners[4]), f.ID, "", "start", "建设单位失联")
	x.ok(err)
	file, err := x.Forming(ctx, x.as(x.owners[0]), f.ID)
	x.ok(err)
	if len(file.Blockers) != 0 || len(file.Team) != 0 || len(file.Steps) != 1 || file.Steps[0].Person != "" {
		t.Fatalf("%+v", file)
	}
	_, err = x.Forming(ctx, x.as(x.others[0]), f.ID)
	x.refused(err, access.ErrMissing)
	if file, err = x.Forming(ctx, x.as(x.owners[4]), f.ID); err != nil || len(file.Blockers) != 1 {
		t.Fatal(err)
	}
}

// R21: more than half present, signed by more than half of all members, each once, alternates never.
func TestSignedByHalf(t *testing.T) {
	x := build(t)
	o := x.seated()
	director := x.as(x.owners[0])
	_, err := x.CallMeeting(ctx, director, o.ID, Calling{Title: "月会", Agenda: []string{"电梯"}, Planned: x.db.Now().Add(7 * 24 * time.Hour)})
	x.refused(err, ErrNotice)
	_, err = x.CallMeeting(ctx, director, o.ID, Calling{Title: "月会", Planned: x.db.Now().Add(9 * 24 * time.Hour)})
	x.refused(err, ErrAgenda)
	in := Calling{Title: "月会", Agenda: []string{"电梯"}, Planned: x.db.Now().Add(8 * 24 * time.Hour)}
	// One member alone is not a third of five; the second makes it.
	_, err = x.CallMeeting(ctx, x.as(x.owners[1]), o.ID, in)
	x.refused(err, ErrCallers)
	_, err = x.CallMeeting(ctx, x.as(x.owners[1]), o.ID, in)
	x.refused(err, ErrCallers)
	m, err := x.CallMeeting(ctx, x.as(x.owners[6]), o.ID, in)
	x.ok(err)
	if len(m.Callers) != 2 || m.No != 2 {
		t.Fatalf("%+v", m)
	}
	x.clock.Set(m.Planned.Add(time.Minute))
	_, err = x.Attend(ctx, director, m.ID, []string{x.owners[0], x.owners[1]})
	x.ok(err)
	_, err = x.Attend(ctx, director, m.ID, []string{x.owners[3]}) // an alternate is listed and not counted
	x.ok(err)
	_, err = x.Hold(ctx, director, m.ID)
	x.refused(err, ErrQuorum)
	_, err = x.Attend(ctx, director, m.ID, []string{x.others[0]})
	x.refused(err, ErrNotMember)
	_, err = x.Decide(ctx, director, m.ID, "维修电梯", "", "")
	x.refused(err, ErrSitting)
	_, err = x.Attend(ctx, x.as(x.owners[2]), m.ID, nil)
	x.ok(err)
	_, err = x.Hold(ctx, director, m.ID)
	x.ok(err)
	if at, err := x.PageOf(ctx, x.db, "meetings", m.ID); err != nil || !strings.HasPrefix(at, "committees/") {
		t.Error("a meeting opens", at, err)
	}
	if x.due(dutyMinutes, "meetings/"+m.ID) != m.Planned.Day(day.Shanghai).Add(3) {
		t.Log(x.due(dutyMinutes, "meetings/"+m.ID)) // rolled over a holiday
	}
	d, err := x.Decide(ctx, director, m.ID, "维修电梯", "", "")
	x.ok(err)
	_, err = x.Sign(ctx, x.as(x.owners[3]), d.ID, "agree")
	x.refused(err, ErrNotMember)
	_, err = x.Sign(ctx, x.as(x.owners[11]), d.ID, "agree")
	x.refused(err, ErrNotMember)
	_, err = x.Sign(ctx, x.as(x.others[0]), d.ID, "agree")
	x.refused(err, ErrMissing)
	_, err = x.Sign(ctx, access.Who{}, d.ID, "agree")
	x.refused(err, access.ErrSignIn)
	_, err = x.Sign(ctx, director, d.ID, "maybe")
	x.refused(err, ErrChoice)
	_, err = x.Minute(ctx, director, m.ID, "纪要")
	x.refused(err, ErrOpenItem)
	// Two sign at once, one of them twice: each counts once.
	var wg sync.WaitGroup
	errs := make([]error, 6)
	for i := range errs {
		wg.Go(func() { _, errs[i] = x.Sign(ctx, x.as(x.owners[i%2]), d.ID, "agree") })
	}
	wg.Wait()
	kept := 0
	for _, err := range errs {
		if err == nil {
			kept++
		} else if !errors.Is(err, ErrSignedBy) {
			t.Error(err)
		}
	}
	if kept != 2 {
		t.Fatalf("%d signatures kept", kept)
	}
	all, err := decisions(ctx, x.db, `id = $1`, d.ID)
	x.ok(err)
	if all[0].State != "open" || all[0].Signed != 2 || len(all[0].Signs) != 2 {
		t.Fatalf("%+v", all[0])
	}
	d, err = x.Sign(ctx, x.as(x.owners[7]), d.ID, "agree")
	x.ok(err)
	if d.State != "made" || d.Signed != 3 || d.Members != 5 {
		t.Fatalf("%+v", d)
	}
	_, err = x.Sign(ctx, x.as(x.owners[6]), d.ID, "agree")
	x.refused(err, ErrDecided)
	// Lost, once more than half can no longer agree.
	lost, err := x.Decide(ctx, director, m.ID, "更换物业", "", "")
	x.ok(err)
	for i, p := range []int{1, 2, 6} {
		lost, err = x.Sign(ctx, x.as(x.owners[p]), lost.ID, "against")
		x.ok(err)
		if (lost.State == "lost") != (i == 2) {
			t.Fatalf("%+v", lost)
		}
	}
	_, err = x.Minute(ctx, director, m.ID, "")
	x.refused(err, ErrWords)
	// What nobody signs is taken off by the director, with a reason.
	third, err := x.Decide(ctx, x.as(x.owners[1]), m.ID, "加装道闸", "", "")
	x.ok(err)
	_, err = x.Drop(ctx, x.as(x.owners[1]), third.ID, "没人签")
	x.refused(err, access.ErrRefused)
	_, err = x.Drop(ctx, director, third.ID, " ")
	x.refused(err, ErrWhy)
	third, err = x.Drop(ctx, director, third.ID, "没有过半数签字")
	x.ok(err)
	if third.State != "lost" {
		t.Fatal(third.State)
	}
	_, err = x.Sign(ctx, director, third.ID, "agree")
	x.refused(err, ErrDecided)
	_, err = x.Drop(ctx, director, d.ID, "已作出")
	x.refused(err, ErrDecided)
	m, err = x.Minute(ctx, director, m.ID, "维修电梯通过；更换物业未通过。")
	x.ok(err)
	if x.open(dutyMinutes, "meetings/"+m.ID) != 0 {
		t.Error("minutes are still owed")
	}
	_, err = x.Minute(ctx, director, m.ID, "再来一次")
	x.refused(err, ErrSitting)
	if n, _ := store.Count(ctx, x.db, `select count(*) from audit_record where kind = 'committee.minutes'`); n != 2 {
		t.Errorf("%d public records of minutes", n)
	}
	// Owners read minutes; a stranger does not.
	seen, err := x.Meetings(ctx, x.as(x.owners[11]), o.ID)
	x.ok(err)
	if len(seen) != 2 || len(seen[0].Decisions) != 3 || seen[0].Decisions[0].Signed != 3 {
		t.Fatalf("%+v", seen)
	}
	_, err = x.Meetings(ctx, x.as(x.others[0]), o.ID)
	x.refused(err, access.ErrMissing)
}

// R23, R24, R29: an alternate moves up, a place stays empty, a committee breaks; what is left is handed over and filed.
func TestVacancyAndHandover(t *testing.T) {
	x := build(t)
	o := x.seated()
	x.write(func(tx *store.Tx) error {
		o.FiledOn, o.FiledNo = x.Today(), "1"
		_, err := x.reg.AmendOrg(ctx, tx, audit.System, o, "test")
		return err
	})
	ref := "committees/" + o.ID
	x.refused(x.Resign(ctx, x.as(x.owners[0]), o.ID, "", ""), ErrWhy)
	x.refused(x.Resign(ctx, x.as(x.owners[11]), o.ID, "", "不干了"), ErrNotMember)
	x.refused(x.Resign(ctx, x.as(x.others[0]), o.ID, "", "不干了"), ErrMissing)
	x.refused(x.Resign(ctx, x.as(x.owners[0]), o.ID, x.owners[1], "代为辞职"), access.ErrRefused)
	x.refused(x.End(ctx, x.officer(), o.ID, x.owners[6], "no_longer_owner", "已卖房"), ErrStillOwn)
	x.refused(x.End(ctx, x.as(x.owners[0]), o.ID, x.owners[6], "other", "x"), access.ErrRefused)

	// 乙区's member resigns: 乙区's alternate (owner 8) goes before 甲区's, who has more votes.
	x.ok(x.Resign(ctx, x.as(x.owners[6]), o.ID, "", "工作调动"))
	terms, err := x.terms(ctx, x.db, o.ID, x.Today())
	x.ok(err)
	in, _ := members(terms)
	if len(in) != 5 || !slices.Contains(in, x.owners[8]) || slices.Contains(in, x.owners[6]) {
		t.Fatal(in)
	}
	if x.open(dutyByElect, ref) != 0 || x.due(dutyRefile, ref) != day.MustParse("2026-04-01") {
		t.Fatal(x.due(dutyRefile, ref))
	}
	x.refused(x.Resign(ctx, x.as(x.owners[6]), o.ID, "", "again"), ErrNotMember)
	// The leaver hands over within three days; somebody who takes over signs.
	page, err := x.Committee(ctx, x.officer(), o.ID)
	x.ok(err)
	if len(page.Handovers) != 1 || len(page.Vacancies) != 1 || page.Vacancies[0].State != "filled" || page.Vacancies[0].FilledBy != x.owners[8] {
		t.Fatalf("%+v", page)
	}
	h := page.Handovers[0]
	if at, err := x.PageOf(ctx, x.db, "handovers", h.ID); err != nil || !strings.HasPrefix(at, "committees/") {
		t.Error("a hand-over opens", at, err)
	}
	if x.due(dutyHandover, "handovers/"+h.ID) != day.MustParse("2026-03-05") {
		t.Error(x.due(dutyHandover, "handovers/"+h.ID))
	}
	_, err = x.Receive(ctx, x.as(x.owners[0]), h.ID, "")
	x.refused(err, ErrNotGiven)
	_, err = x.Give(ctx, x.as(x.owners[1]), h.ID, []Item{{What: "印章", Count: 1}}, "")
	x.refused(err, ErrGiver)
	_, err = x.Give(ctx, x.as(x.others[0]), h.ID, []Item{{What: "印章", Count: 1}}, "")
	x.refused(err, ErrMissing)
	_, err = x.Give(ctx, x.as(x.owners[6]), h.ID, nil, "")
	x.refused(err, ErrItems)
	_, err = x.Give(ctx, x.as(x.owners[6]), h.ID, []Item{{What: "会议记录", Count: 3}, {What: "公章", Count: 0, State: "missing", Note: "未保管"}}, "")
	x.ok(err)
	_, err = x.Receive(ctx, x.as(x.owners[6]), h.ID, "")
	x.refused(err, ErrReceiver) // not by the one who gives
	_, err = x.Receive(ctx, x.as(x.owners[11]), h.ID, "")
	x.refused(err, ErrReceiver)
	// Two sign off at once: one does.
	var wg sync.WaitGroup
	errs := make([]error, 2)
	for i := range errs {
		wg.Go(func() { _, errs[i] = x.Receive(ctx, x.as(x.owners[i]), h.ID, "无误") })
	}
	wg.Wait()
	if (errs[0] == nil) == (errs[1] == nil) {
		t.Fatal(errs)
	}
	if x.open(dutyHandover, "handovers/"+h.ID) != 0 {
		t.Error("the hand-over is still owed")
	}
	_, err = x.Give(ctx, x.as(x.owners[6]), h.ID, []Item{{What: "x", Count: 1}}, "")
	x.refused(err, ErrOver)

	x.refused(x.Refile(ctx, x.as(x.owners[11]), o.ID, "变更"), access.ErrRefused)
	x.ok(x.Refile(ctx, x.as(x.owners[0]), o.ID, "委员变更备案"))
	x.refused(x.Refile(ctx, x.as(x.owners[0]), o.ID, "again"), ErrNothing)

	// A home is sold; the register ends the membership by itself.
	x.write(func(tx *store.Tx) error {
		homes, err := x.m.HomesIn(ctx, tx, x.b[0].Path)
		if err != nil {
			return err
		}
		buyer, err := x.reg.Put(ctx, tx, audit.System, homes[1].Node.Path, people.NewPerson{Name: "买家"})
		if err != nil {
			return err
		}
		return x.reg.SetOwners(ctx, tx, audit.System, homes[1].Node, []people.Owner{{Person: buyer.ID}}, x.Today())
	})
	x.clock.Advance(48 * time.Hour)
	n, err := x.Watch(ctx)
	x.ok(err)
	if n != 1 {
		t.Fatal(n)
	}
	if n, err = x.Watch(ctx); err != nil || n != 0 {
		t.Fatal(n, err)
	}
	terms, err = x.terms(ctx, x.db, o.ID, x.Today())
	x.ok(err)
	if in, _ = members(terms); len(in) != 5 || slices.Contains(in, x.owners[1]) || !slices.Contains(in, x.owners[3]) {
		t.Fatal(in) // 甲区's alternate moved up
	}
	// No alternate is left: a by-election is owed; then fewer than half are left.
	x.ok(x.Resign(ctx, x.as(x.owners[0]), o.ID, "", "健康原因"))
	if x.open(dutyByElect, ref) != 1 || x.open(dutyAudit, ref) != 1 {
		t.Fatal("no by-election or no audit is owed after the director left")
	}
	x.ok(x.Audit(ctx, x.as(x.owners[2]), o.ID, "示例会计师事务所", "账目相符"))
	x.ok(x.Resign(ctx, x.officer(), o.ID, x.owners[2], "书面辞职"))
	if x.open(dutyReelect, ref) != 0 {
		t.Fatal("three of five are not fewer than half")
	}
	x.ok(x.Resign(ctx, x.as(x.owners[3]), o.ID, "", "搬家"))
	if x.open(dutyReelect, ref) != 1 || x.open(dutyByElect, ref) != 0 {
		t.Fatal("two of five are fewer than half (R24)")
	}
	b, err := x.Formings(ctx, x.office(), Look{Stage: Short})
	x.ok(err)
	if len(b.Items) != 1 || b.Items[0].Members != 2 || b.Items[0].Of != 5 {
		t.Fatalf("%+v", b.Items)
	}
	page, err = x.Committee(ctx, x.officer(), o.ID)
	x.ok(err)
	if !slices.ContainsFunc(page.Alarms, func(a Alarm) bool { return a.Kind == "broken" && a.Rule == "R24" }) {
		t.Fatalf("%+v", page.Alarms)
	}
}

// A by-election fills the places of a committee that stands; one short of its size waits for it.
func TestByElection(t *testing.T) {
	x := build(t)
	x.elect("m1", "first", 5, []string{x.owners[0], x.owners[1], x.owners[2]})
	if o, _, err := x.standing(ctx, x.db, x.here.Path, x.Today()); err != nil || o != nil {
		t.Fatal("three of five are no committee", err)
	}
	ref := "compounds/" + x.here.ID
	if x.due(dutyByElect, ref) != day.MustParse("2026-05-06") {
		t.Error(x.due(dutyByElect, ref))
	}
	x.to("2026-04-20T09:00")
	x.elect("m2", "by_election", 2, []string{x.owners[6], x.owners[7]})
	o, _, err := x.standing(ctx, x.db, x.here.Path, x.Today())
	x.ok(err)
	if o == nil || x.open(dutyByElect, ref) != 0 {
		t.Fatal("the committee does not stand with its by-election")
	}
	terms, err := x.terms(ctx, x.db, o.ID, x.Today())
	x.ok(err)
	if in, _ := members(terms); len(in) != 5 {
		t.Fatal(in)
	}
	x.ok(x.Resign(ctx, x.as(x.owners[7]), o.ID, "", "出国"))
	if x.open(dutyByElect, "committees/"+o.ID) != 1 {
		t.Fatal("no by-election is owed")
	}
	x.to("2026-05-20T09:00")
	x.elect("m3", "by_election", 1, []string{x.owners[9]})
	terms, err = x.terms(ctx, x.db, o.ID, x.Today())
	x.ok(err)
	in, _ := members(terms)
	if len(in) != 5 || !slices.Contains(in, x.owners[9]) {
		t.Fatal(in)
	}
	if x.open(dutyByElect, "committees/"+o.ID) != 0 {
		t.Error("the by-election is still owed")
	}
	v, err := vacancies(ctx, x.db, o.ID)
	x.ok(err)
	if v[0].State != "filled" || v[0].FilledBy != x.owners[9] {
		t.Fatalf("%+v", v)
	}
}

// R22: three months before the term ends the re-election is owed, once; its committee follows the old one.
func TestReelection(t *testing.T) {
	x := build(t)
	o := x.seated()
	ref := "committees/" + o.ID
	x.write(func(tx *store.Tx) error {
		s, err := x.stamps.Make(ctx, tx, o.Name, o.Path, "orgs/"+o.ID)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `update committee_org set stamp = $1 where org = $2`, s.ID, o.ID)
		return err
	})
	x.to("2030-11-30T09:00")
	if n, err := x.Watch(ctx); err != nil || n != 0 {
		t.Fatal(n, err)
	}
	x.to("2030-12-01T09:00") // the term ends on 2031-03-01
	if n, err := x.Watch(ctx); err != nil || n != 1 || x.due(dutyReelect, ref) != day.MustParse("2031-03-01") {
		t.Fatal(n, err)
	}
	if n, err := x.Watch(ctx); err != nil || n != 0 {
		t.Fatal("the alarm rings twice", n, err)
	}
	b, err := x.Formings(ctx, x.office(), Look{Stage: Expiring})
	x.ok(err)
	if len(b.Items) != 1 || b.Items[0].TermEnds != day.MustParse("2031-03-01") {
		t.Fatalf("%+v", b)
	}
	f, err := x.OpenForming(ctx, x.officer(), x.here.ID, form.Reelection, "")
	x.ok(err)
	if x.open(dutyReelect, ref) != 0 || f.Former != o.ID {
		t.Fatal("the re-election is still owed")
	}
	_, err = x.PostGroup(ctx, x.officer(), f.ID, 0)
	x.refused(err, ErrOrder)
	_, err = x.Apply(ctx, x.officer(), f.ID, "developer", nil, 0)
	x.refused(err, ErrKind) // a re-election needs no application
	x.to("2031-02-10T09:00")
	x.elect("m9", "election", 5, []string{x.owners[0], x.owners[1], x.owners[3], x.owners[8], x.owners[9]})
	next, _, err := x.standing(ctx, x.db, x.here.Path, x.Today())
	x.ok(err)
	if next.ID == o.ID || next.Number != 2 {
		t.Fatalf("%+v", next)
	}
	old, err := x.reg.Org(ctx, x.db, o.ID)
	x.ok(err)
	if old.EndedOn != day.MustParse("2031-02-09") {
		t.Fatal(old.EndedOn)
	}
	hs, err := handovers(ctx, x.db, `org = $1 and kind = 'committee'`, o.ID)
	x.ok(err)
	if len(hs) != 1 || hs[0].Giver != x.owners[0] || hs[0].ToOrg != next.ID || x.due(dutyHandover, "handovers/"+hs[0].ID) != day.MustParse("2031-02-20") {
		t.Fatalf("%+v", hs)
	}
	_, err = x.Give(ctx, x.as(x.owners[0]), hs[0].ID, []Item{{What: "公章", Count: 1}, {What: "账册", Count: 5}}, "")
	x.ok(err)
	// The old director is a member of the new committee too, but does not sign for it.
	_, err = x.Receive(ctx, x.as(x.owners[0]), hs[0].ID, "")
	x.refused(err, ErrReceiver)
	_, err = x.UseSeal(ctx, x.as(x.owners[8]), next.ID, "p", "x")
	x.refused(err, access.ErrRefused) // no director yet
	_, err = x.Receive(ctx, x.as(x.owners[8]), hs[0].ID, "")
	x.ok(err)
	if stamps, err := x.stamps.Of(ctx, x.db, "orgs/"+o.ID); err != nil || len(stamps) != 1 || stamps[0].Ended == 0 {
		t.Error("the former committee's seal is still in use", err)
	}
	if x.open(dutyAudit, ref) != 1 {
		t.Fatal("no audit of the former committee is owed")
	}
	x.ok(x.Audit(ctx, x.as(x.owners[8]), o.ID, "示例会计师事务所", "任期账目相符"))
	// What the old one may not do any more.
	_, err = x.CallMeeting(ctx, x.as(x.owners[2]), o.ID, Calling{Title: "t", Agenda: []string{"a"}, Planned: x.db.Now().Add(30 * 24 * time.Hour)})
	x.refused(err, ErrNotMember)
}

// R25: an interim committee is proposed, approved by the street, and ends when a committee is elected.
func TestInterim(t *testing.T) {
	x := build(t)
	f, err := x.OpenForming(ctx, x.officer(), x.here.ID, form.Interim, "选举未成")
	x.ok(err)
	head := x.somebody("居委会主任")
	seven := []form.Sitter{{Person: head, Side: form.Community, Head: true}, {Person: x.somebody("街道代表"), Side: form.Street}, {Person: x.somebody("社区民警"), Side: form.Community}}
	for _, p := range x.owners[:4] {
		seven = append(seven, form.Sitter{Person: p, Side: form.Owner})
	}
	_, err = x.Propose(ctx, x.officer(), f.ID, seven[:5], 0)
	x.refused(err, ErrGroupFew)
	_, err = x.Propose(ctx, x.officer(), f.ID, append(slices.Clone(seven[:6]), form.Sitter{Name: "无名", Side: form.Owner}), 0)
	x.refused(err, ErrRegister)
	wrong := slices.Clone(seven)
	wrong[3].Side = form.Community
	_, err = x.Propose(ctx, x.officer(), f.ID, wrong, 0)
	x.refused(err, ErrGroupHalf)
	_, err = x.AppointInterim(ctx, x.office(), f.ID, 0)
	x.refused(err, ErrOrder)
	_, err = x.Propose(ctx, x.officer(), f.ID, seven, 0)
	x.ok(err)
	_, err = x.AppointInterim(ctx, x.office(), f.ID, day.MustParse("2029-03-02"))
	x.refused(err, ErrTerm)
	f, err = x.AppointInterim(ctx, x.office(), f.ID, 0)
	x.ok(err)
	if f.Closed == 0 {
		t.Fatal("open")
	}
	_, interim, err := x.standing(ctx, x.db, x.here.Path, x.Today())
	x.ok(err)
	if interim == nil || interim.To != day.MustParse("2029-03-01") {
		t.Fatalf("%+v", interim)
	}
	_, err = x.OpenForming(ctx, x.officer(), x.here.ID, form.Interim, "")
	x.refused(err, ErrStanding)
	b, err := x.Formings(ctx, x.office(), Look{Stage: Stopgap})
	x.ok(err)
	if len(b.Items) != 1 || !b.Items[0].Interim {
		t.Fatalf("%+v", b)
	}
	// Its members decide as a committee's do: seven, so four sign.
	m, err := x.CallMeeting(ctx, x.as(head), interim.ID, Calling{Title: "筹备选举", Agenda: []string{"选区"}, Planned: x.db.Now().Add(8 * 24 * time.Hour)})
	x.ok(err)
	x.clock.Set(m.Planned.Add(time.Hour))
	_, err = x.Attend(ctx, x.as(head), m.ID, []string{head, seven[1].Person, x.owners[0], x.owners[1]})
	x.ok(err)
	_, err = x.Hold(ctx, x.as(head), m.ID)
	x.ok(err)
	// The first committee ends it.
	g, err := x.OpenForming(ctx, x.officer(), x.here.ID, form.First, "")
	x.ok(err)
	if g.Former != interim.ID {
		t.Fatal(g.Former)
	}
	x.to("2026-06-01T09:00")
	x.elect("m5", "first", 5, []string{x.owners[0], x.owners[1], x.owners[2], x.owners[6], x.owners[7]})
	elected, interim2, err := x.standing(ctx, x.db, x.here.Path, x.Today())
	x.ok(err)
	if elected == nil || interim2 != nil {
		t.Fatalf("%+v %+v", elected, interim2)
	}
	if x.as(head).Holds(x.here.Path, access.InterimDirector) {
		t.Error("the interim director still holds the post")
	}
	hs, err := handovers(ctx, x.db, `org = $1`, interim.ID)
	x.ok(err)
	if len(hs) != 1 || hs[0].Giver != head {
		t.Fatalf("%+v", hs)
	}
}

// A recall: a third of members or a fifth of owners propose it, the assembly decides.
func TestRecall(t *testing.T) {
	x := build(t)
	o := x.seated()
	_, err := x.ProposeRecall(ctx, x.as(x.others[0]), o.ID, x.owners[7], "not_doing", "从不到会", false)
	x.refused(err, ErrMissing)
	_, err = x.ProposeRecall(ctx, x.as(x.owners[11]), o.ID, x.owners[11], "not_doing", "从不到会", false)
	x.refused(err, ErrNotMember)
	_, err = x.ProposeRecall(ctx, x.as(x.owners[11]), o.ID, x.owners[7], "ugly", "x", false)
	x.refused(err, ErrLawful)
	r, err := x.ProposeRecall(ctx, x.as(x.owners[11]), o.ID, x.owners[7], "not_doing", "从不到会", false)
	x.ok(err)
	if r.Of != 12 || r.Enough {
		t.Fatalf("%+v", r)
	}
	_, err = x.ProposeRecall(ctx, x.as(x.owners[10]), o.ID, x.owners[7], "gain", "收礼", false)
	x.refused(err, ErrRecall)
	_, err = x.SignRecall(ctx, x.as(x.owners[11]), r.ID)
	x.refused(err, ErrSignedBy)
	_, err = x.PutRecall(ctx, x.officer(), r.ID, "m", 1)
	x.refused(err, ErrRecallN)
	r, err = x.SignRecall(ctx, x.as(x.owners[10]), r.ID)
	x.ok(err)
	r, err = x.SignRecall(ctx, x.as(x.owners[9]), r.ID)
	x.ok(err)
	if !r.Enough || r.N != 3 { // 3 of 12 ≥ a fifth
		t.Fatalf("%+v", r)
	}
	m, err := x.hall.Draft(ctx, x.office(), assembly.Drafting{Compound: x.here.ID, Title: "罢免", Purpose: "recall", Convener: "street", Plan: assembly.Plan{}})
	x.ok(err)
	_, err = x.PutRecall(ctx, x.officer(), r.ID, "nothing", 1)
	x.refused(err, ErrMatter)
	_, err = x.PutRecall(ctx, x.as(x.owners[0]), r.ID, m.ID, 1)
	x.refused(err, access.ErrRefused)
	r, err = x.PutRecall(ctx, x.officer(), r.ID, m.ID, 1)
	x.ok(err)
	_, err = x.PutRecall(ctx, x.officer(), r.ID, m.ID, 1)
	x.refused(err, ErrEnded)
	// Its meeting is cancelled: the signatures stand, and another meeting takes it up.
	_, err = x.hall.Cancel(ctx, x.office(), m.ID, "日程有误")
	x.ok(err)
	again, err := recalls(ctx, x.db, `id = $1`, r.ID)
	x.ok(err)
	if again[0].State != "proposed" || again[0].Meeting != "" || again[0].N != 3 {
		t.Fatalf("%+v", again[0])
	}
	m, err = x.hall.Draft(ctx, x.office(), assembly.Drafting{Compound: x.here.ID, Title: "罢免", Purpose: "recall", Convener: "street", Plan: assembly.Plan{}})
	x.ok(err)
	r, err = x.PutRecall(ctx, x.officer(), r.ID, m.ID, 1)
	x.ok(err)
	if r.State != "put" || r.Meeting != m.ID {
		t.Fatalf("%+v", r)
	}
	// Without a passed matter it fails; with one the member leaves.
	x.write(func(tx *store.Tx) error { return x.Final(ctx, tx, m.ID) })
	all, err := recalls(ctx, x.db, `id = $1`, r.ID)
	x.ok(err)
	if all[0].State != "failed" {
		t.Fatalf("%+v", all[0])
	}
	r, err = x.ProposeRecall(ctx, x.as(x.owners[0]), o.ID, x.owners[7], "not_doing", "从不到会", false)
	x.ok(err)
	if r.Side != "members" || r.Enough {
		t.Fatalf("%+v", r)
	}
	_, err = x.SignRecall(ctx, x.as(x.owners[9]), r.ID)
	x.refused(err, ErrRecallBy) // an owner does not sign the members' proposal
	r, err = x.SignRecall(ctx, x.as(x.owners[1]), r.ID)
	x.ok(err)
	if !r.Enough {
		t.Fatalf("%+v", r)
	}
	matter, err := x.hall.AddMatter(ctx, x.office(), m.ID, 0, assembly.Wording{Title: "罢免业主8", Text: "罢免", Item: 3})
	x.ok(err)
	r, err = x.PutRecall(ctx, x.officer(), r.ID, m.ID, matter.No)
	x.ok(err)
	x.write(func(tx *store.Tx) error {
		if _, err := tx.Exec(ctx, `insert into assembly_result (meeting, stage, matter, passed, figures, steps, at) values ($1, 'final', $2, $3, '{}', '[]', 0)`, m.ID, matter.No, true); err != nil {
			return err
		}
		return x.Final(ctx, tx, m.ID)
	})
	if x.as(x.owners[7]).Holds(x.here.Path, access.CommitteeMember) {
		t.Error("the recalled member still sits")
	}
}

// A board of three to five, apart from committee, households and company, asks; the director answers in ten days.
func TestBoardAsks(t *testing.T) {
	x := build(t)
	o := x.seated()
	wife, staff := x.somebody("配偶"), x.somebody("保安")
	x.write(func(tx *store.Tx) error {
		homes, err := x.m.HomesIn(ctx, tx, x.b[0].Path)
		if err != nil {
			return err
		}
		if _, err := x.reg.PutHousehold(ctx, tx, audit.System, homes[0].Node, people.Household{Person: wife, Relation: "family", From: day.MustParse("2025-10-01")}); err != nil {
			return err
		}
		firm, err := x.reg.PutOrg(ctx, tx, audit.System, people.Org{Kind: people.PropertyCompany, Name: "样例物业", Path: x.street.Path})
		if err != nil {
			return err
		}
		_, err = x.reg.PutTerm(ctx, tx, audit.System, people.Term{Post: access.PropertyStaff, Person: staff, Org: firm.ID, Path: x.here.Path, From: day.MustParse("2025-01-01")})
		return err
	})
	three := []string{x.owners[9], x.owners[10], x.owners[11]}
	_, err := x.FoundBoard(ctx, x.officer(), x.here.ID, "", three[:2], 0)
	x.refused(err, ErrBoardSize)
	for _, bad := range []string{x.owners[0], wife, staff} {
		_, err = x.FoundBoard(ctx, x.officer(), x.here.ID, "", append(slices.Clone(three), bad), 0)
		x.refused(err, ErrBoardWho)
	}
	board, err := x.FoundBoard(ctx, x.officer(), x.here.ID, "", three, 0)
	x.ok(err)
	_, err = x.FoundBoard(ctx, x.officer(), x.here.ID, "", three, 0)
	x.refused(err, ErrBoardTwo)
	_, err = x.AskCommittee(ctx, x.as(x.owners[0]), board.ID, "为何不公布收支？")
	x.refused(err, access.ErrRefused)
	_, err = x.AskCommittee(ctx, x.as(x.others[0]), board.ID, "为何不公布收支？")
	x.refused(err, access.ErrMissing)
	q, err := x.AskCommittee(ctx, x.as(three[0]), board.ID, "为何不公布收支？")
	x.ok(err)
	if q.Due.Day(day.Shanghai) != day.MustParse("2026-03-12") || x.open(dutyAnswer, "questions/"+q.ID) != 1 {
		t.Fatalf("%+v", q)
	}
	// An owner sees it once it is answered.
	page, err := x.Committee(ctx, x.as(x.owners[8]), o.ID)
	x.ok(err)
	alternates := page // owner 8 is an alternate and reads all
	if len(alternates.Questions) != 1 {
		t.Fatal("an alternate reads the papers")
	}
	if page, err = x.Committee(ctx, x.as(x.owners[4]), o.ID); err != nil || len(page.Questions) != 0 {
		t.Fatalf("%+v %v", page.Questions, err)
	}
	_, err = x.AnswerBoard(ctx, x.as(x.owners[1]), q.ID, "已公布")
	x.refused(err, ErrAnswerBy)
	_, err = x.AnswerBoard(ctx, x.as(three[0]), q.ID, "已公布")
	x.refused(err, ErrAnswerBy)
	_, err = x.AnswerBoard(ctx, x.as(x.others[0]), q.ID, "已公布")
	x.refused(err, access.ErrMissing)
	q, err = x.AnswerBoard(ctx, x.as(x.owners[0]), q.ID, "收支已张贴在公告栏。")
	x.ok(err)
	_, err = x.AnswerBoard(ctx, x.as(x.owners[0]), q.ID, "再答")
	x.refused(err, ErrAnswered)
	if page, err = x.Committee(ctx, x.as(x.owners[4]), o.ID); err != nil || len(page.Questions) != 1 || page.Questions[0].Late {
		t.Fatalf("%+v %v", page.Questions, err)
	}
	if at, err := x.PageOf(ctx, x.db, "questions", page.Questions[0].ID); err != nil || at != "committees/"+o.ID {
		t.Error("a question opens", at, err)
	}
	list, err := x.QuestionsOf(ctx, x.as(three[1]), board.ID)
	x.ok(err)
	if len(list) != 1 {
		t.Fatal(len(list))
	}
}

// The team, its tasks and blockers; the street's board counts each compound once and filters.
func TestTeamAndBoard(t *testing.T) {
	x := build(t)
	f, err := x.OpenForming(ctx, x.officer(), x.here.ID, form.First, "")
	x.ok(err)
	cadre := x.somebody("包干干部")
	x.refused(x.NameTeam(ctx, x.officer(), f.ID, cadre, ""), ErrWords)
	x.ok(x.NameTeam(ctx, x.officer(), f.ID, cadre, "组长"))
	x.refused(x.NameTeam(ctx, x.officer(), f.ID, cadre, "组长"), ErrInTeam)
	_, err = x.AddTask(ctx, x.officer(), f.ID, "联系建设单位", x.owners[0], x.Today())
	x.refused(err, ErrNoTeam)
	_, err = x.AddTask(ctx, x.officer(), f.ID, "联系建设单位", cadre, x.Today().Add(-1))
	x.refused(err, ErrTaskDue)
	task, err := x.AddTask(ctx, x.officer(), f.ID, "联系建设单位", cadre, x.Today().Add(3))
	x.ok(err)
	if at, err := x.PageOf(ctx, x.db, "tasks", task.ID); err != nil || at != "formings/"+f.ID {
		t.Error("a task opens", at, err)
	}
	if at, err := x.PageOf(ctx, x.db, "tasks", "none"); err != nil || at != "" {
		t.Error(at, err)
	}
	inbox, err := x.on.Duty.Inbox(ctx, x.as(cadre), duty.Ask{})
	x.ok(err)
	if len(inbox.Items) != 1 || inbox.Items[0].Kind != dutyTask {
		t.Fatalf("%+v", inbox)
	}
	x.refused(x.on.Duty.Finish(ctx, x.as(cadre), inbox.Items[0].ID, "done"), duty.ErrSteps)
	b1, err := x.Block(ctx, x.as(cadre), f.ID, "", "start", "建设单位不配合")
	x.ok(err)
	_, err = x.Block(ctx, x.as(cadre), f.ID, "", "other", "x")
	x.refused(err, ErrBlocker)
	x.refused(x.DoTask(ctx, x.as(x.owners[0]), f.ID, task.ID, "办了"), access.ErrRefused)
	x.clock.Advance(5 * 24 * time.Hour) // late
	board, err := x.Formings(ctx, x.office(), Look{Blocker: "start"})
	x.ok(err)
	if len(board.Items) != 1 || board.Blocked["start"] != 1 || board.Items[0].Forming != f.ID || board.Items[0].Stage != "opened" || board.Items[0].Place != "测试社区 样例花苑" {
		t.Fatalf("%+v", board)
	}
	x.ok(x.DoTask(ctx, x.as(cadre), f.ID, task.ID, "已发函"))
	x.refused(x.DoTask(ctx, x.as(cadre), f.ID, task.ID, "又办"), ErrChanged)
	file, err := x.Forming(ctx, x.officer(), f.ID)
	x.ok(err)
	if !file.Tasks[0].Late || file.Tasks[0].DoneBy != cadre {
		t.Fatalf("%+v", file.Tasks)
	}
	x.refused(x.Solve(ctx, x.as(x.owners[0]), b1.ID, "好了"), access.ErrRefused)
	x.ok(x.Solve(ctx, x.as(cadre), b1.ID, "已配合"))
	x.refused(x.Solve(ctx, x.as(cadre), b1.ID, "又好了"), ErrChanged)
	// Overdue: sixty days after the application nobody formed the group.
	_, err = x.Apply(ctx, x.officer(), f.ID, "developer", nil, 0)
	x.ok(err)
	x.to("2026-06-01T09:00")
	board, err = x.Formings(ctx, x.office(), Look{Overdue: true})
	x.ok(err)
	if len(board.Items) != 1 || board.Overdue != 1 || board.Items[0].Duty != dutyGroup {
		t.Fatalf("%+v", board)
	}
	board, err = x.Formings(ctx, x.office(), Look{})
	x.ok(err)
	sum := 0
	for _, s := range board.Stages {
		sum += s.N
		if s.Of != 2 {
			t.Errorf("%+v", s)
		}
	}
	if sum != 2 || board.Count != 2 || len(board.Items) != 2 {
		t.Fatalf("%+v", board)
	}
	page, err := x.Formings(ctx, x.office(), Look{Limit: 1})
	x.ok(err)
	rest, err := x.Formings(ctx, x.office(), Look{Limit: 1, After: page.Next})
	x.ok(err)
	if page.Next == "" || rest.Next != "" || page.Items[0].Path == rest.Items[0].Path {
		t.Fatalf("%+v %+v", page, rest)
	}
	// A neighbour's community sees nothing of it; the view that standing reads has the deadline.
	none, err := x.Formings(ctx, x.as("n", access.CommunityOfficer, scope.Path("350503001/zz/")), Look{})
	x.ok(err)
	if len(none.Items) != 0 {
		t.Fatalf("%+v", none)
	}
	var due int64
	x.ok(x.db.QueryRow(ctx, `select due from committee_v_forming where id = $1`, f.ID).Scan(&due))
	if due == 0 {
		t.Error("no deadline in the view")
	}
	x.refused(must2(x.EndForming(ctx, x.officer(), f.ID, " ")), ErrWhy)
	_, err = x.EndForming(ctx, x.officer(), f.ID, "转由街道托管")
	x.ok(err)
	if x.open(dutyGroup, f.Ref()) != 0 {
		t.Error("an ended forming still owes")
	}
	_, err = x.Group(ctx, x.office(), f.ID, x.sitters(x.owners[:3]...), 0)
	x.refused(err, ErrEnded)
}

func must2[T any](_ T, err error) error { return err }

// Two steps at once: one is taken.
func TestTwoStepsAtOnce(t *testing.T) {
	x := build(t)
	f, err := x.OpenForming(ctx, x.officer(), x.here.ID, form.First, "")
	x.ok(err)
	var wg sync.WaitGroup
	errs := make([]error, 4)
	for i := range errs {
		wg.Go(func() { _, errs[i] = x.Apply(ctx, x.officer(), f.ID, "developer", nil, 0) })
	}
	wg.Wait()
	ok := 0
	for _, err := range errs {
		if err == nil {
			ok++
		} else if !errors.Is(err, ErrDone) && !errors.Is(err, ErrChanged) {
			t.Error(err)
		}
	}
	if n, _ := store.Count(ctx, x.db, `select count(*) from committee_step where forming = $1 and step = 'applied'`, f.ID); ok != 1 || n != 1 {
		t.Fatalf("%d steps, %d ok", n, ok)
	}
	opened := make([]error, 3)
	for i := range opened {
		wg.Go(func() { _, opened[i] = x.OpenForming(ctx, x.officer(), x.there.ID, form.First, "") })
	}
	wg.Wait()
	if n, _ := store.Count(ctx, x.db, `select count(*) from committee_forming where path = $1 and closed = 0`, string(x.there.Path)); n != 1 {
		t.Fatalf("%d formings: %v", n, opened)
	}
}

// A member's own buildings: open matters of the zone, and each told once.
func TestMyBuildings(t *testing.T) {
	x := build(t)
	o := x.seated()
	_ = o
	report := func(b place.Node, confidential bool) {
		t.Helper()
		_, err := x.desk.Report(ctx, x.as(x.owners[11]), cases.Report{Place: b.ID, Text: "楼道灯不亮", Channel: "phone", Secret: confidential})
		x.ok(err)
	}
	x.clock.Advance(24 * time.Hour)
	report(x.b[0], false)
	report(x.b[1], false)
	report(x.b[0], true)
	mine, err := x.Mine(ctx, x.as(x.owners[0]))
	x.ok(err)
	if len(mine) != 1 || mine[0].Zone != "甲区" || mine[0].Open != 1 || len(mine[0].Matters) != 1 || len(mine[0].Buildings) != 1 || mine[0].Buildings[0].Name != "1幢" {
		t.Fatalf("%+v", mine)
	}
	if mine, err = x.Mine(ctx, x.as(x.owners[11])); err != nil || len(mine) != 0 {
		t.Fatal(mine, err)
	}
	_, err = x.Mine(ctx, access.Who{})
	x.refused(err, access.ErrSignIn)
	told, err := x.TellZones(ctx)
	x.ok(err)
	if told != 5 { // three members of 甲区, two of 乙区
		t.Fatal(told)
	}
	if told, err = x.TellZones(ctx); err != nil || told != 0 {
		t.Fatal(told, err)
	}
}

// R12: an annulled election ends what it brought about; a second time nothing happens.
func TestAnnulled(t *testing.T) {
	x := build(t)
	x.to("2026-03-02T09:00")
	o := x.seated()
	x.clock.Advance(5 * 24 * time.Hour)
	for range 2 {
		x.write(func(tx *store.Tx) error { return x.Annulled(ctx, tx, "m-first") })
	}
	if c, _, err := x.standing(ctx, x.db, x.here.Path, x.Today()); err != nil || c != nil {
		t.Fatal("the committee still stands", err)
	}
	if x.as(x.owners[0]).Holds(x.here.Path, access.CommitteeDirector) || x.open(dutyFile, "committees/"+o.ID) != 0 {
		t.Error("a director of an annulled election")
	}
	x.elect("m-second", "first", 5, []string{x.owners[0], x.owners[1], x.owners[2], x.owners[6], x.owners[7]})
	if c, _, err := x.standing(ctx, x.db, x.here.Path, x.Today()); err != nil || c == nil {
		t.Fatal(err)
	}
	x.write(func(tx *store.Tx) error { return x.Annulled(ctx, tx, "nothing") })
}

// A committee's steps are refused to nobody, strangers, the neighbour's committee, company staff and who left it; owners see
// and are refused.
func TestWhoSitsNot(t *testing.T) {
	x := build(t)
	o := x.seated()
	in := Calling{Title: "例会", Agenda: []string{"门锁"}, Planned: x.db.Now().Add(9 * 24 * time.Hour)}
	called, err := x.CallMeeting(ctx, x.as(x.owners[0]), o.ID, in)
	x.ok(err)
	held, err := x.CallMeeting(ctx, x.as(x.owners[0]), o.ID, in)
	x.ok(err)
	x.clock.Set(in.Planned.Add(time.Minute))
	_, err = x.Attend(ctx, x.as(x.owners[0]), held.ID, []string{x.owners[0], x.owners[1], x.owners[2]})
	x.ok(err)
	_, err = x.Hold(ctx, x.as(x.owners[0]), held.ID)
	x.ok(err)
	d, err := x.Decide(ctx, x.as(x.owners[0]), held.ID, "换锁", "", "")
	x.ok(err)
	x.ok(x.Resign(ctx, x.as(x.owners[2]), o.ID, "", "离任"))
	page, err := x.Committee(ctx, x.as(x.owners[0]), o.ID)
	x.ok(err)
	hand := page.Handovers[0].ID
	r, err := x.ProposeRecall(ctx, x.as(x.owners[11]), o.ID, x.owners[7], "not_doing", "不到会", false)
	x.ok(err)
	board, err := x.FoundBoard(ctx, x.officer(), x.here.ID, "", []string{x.owners[9], x.owners[10], x.owners[11]}, 0)
	x.ok(err)
	q, err := x.AskCommittee(ctx, x.as(x.owners[9]), board.ID, "收支？")
	x.ok(err)
	x.ok(x.FileAlone(ctx, x.as(x.owners[0]), o.ID, "备-1"))
	sealed, err := x.EnterSeal(ctx, x.as(x.owners[0]), o.ID, "", x.owners[1], 0)
	x.ok(err)
	stamp := sealed.ID
	sits := map[string]func(access.Who) error{
		"call":   func(w access.Who) error { _, err := x.CallMeeting(ctx, w, o.ID, in); return err },
		"cancel": func(w access.Who) error { _, err := x.CancelMeeting(ctx, w, called.ID, "x"); return err },
		"attend": func(w access.Who) error { _, err := x.Attend(ctx, w, called.ID, nil); return err },
		"hold":   func(w access.Who) error { _, err := x.Hold(ctx, w, called.ID); return err },
		"decide": func(w access.Who) error { _, err := x.Decide(ctx, w, held.ID, "x", "", ""); return err },
		"sign":   func(w access.Who) error { _, err := x.Sign(ctx, w, d.ID, "agree"); return err },
		"minute": func(w access.Who) error { _, err := x.Minute(ctx, w, held.ID, "x"); return err },
		"resign": func(w access.Who) error { return x.Resign(ctx, w, o.ID, "", "x") },
		"end":    func(w access.Who) error { return x.End(ctx, w, o.ID, x.owners[0], "other", "x") },
		"put":    func(w access.Who) error { _, err := x.PutRecall(ctx, w, r.ID, "m", 1); return err },
		"refile": func(w access.Who) error { return x.Refile(ctx, w, o.ID, "x") },
		"audit":  func(w access.Who) error { return x.Audit(ctx, w, o.ID, "x", "x") },
		"filed":  func(w access.Who) error { return x.FileAlone(ctx, w, o.ID, "1") },
		"seal":   func(w access.Who) error { _, err := x.EnterSeal(ctx, w, o.ID, "", x.owners[0], 0); return err },
		"keeper": func(w access.Who) error { _, err := x.KeepSeal(ctx, w, o.ID, stamp, x.owners[1]); return err },
		"unseal": func(w access.Who) error { _, err := x.EndSeal(ctx, w, o.ID, stamp, "x"); return err },
		"block":  func(w access.Who) error { _, err := x.Block(ctx, w, "", o.ID, "perform", "x"); return err },
		"give": func(w access.Who) error {
			_, err := x.Give(ctx, w, hand, []Item{{What: "x", Count: 1}}, "")
			return err
		},
		"receive":  func(w access.Who) error { _, err := x.Receive(ctx, w, hand, ""); return err },
		"board":    func(w access.Who) error { _, err := x.FoundBoard(ctx, w, x.here.ID, "", nil, 0); return err },
		"answer":   func(w access.Who) error { _, err := x.AnswerBoard(ctx, w, q.ID, "x"); return err },
		"ask":      func(w access.Who) error { _, err := x.AskCommittee(ctx, w, board.ID, "x"); return err },
		"of owner": func(w access.Who) error { return x.Resign(ctx, w, o.ID, x.owners[0], "x") },
	}
	reads := map[string]func(access.Who) error{
		"propose": func(w access.Who) error {
			_, err := x.ProposeRecall(ctx, w, o.ID, x.owners[6], "gain", "x", false)
			return err
		},
		"sign it":   func(w access.Who) error { _, err := x.SignRecall(ctx, w, r.ID); return err },
		"page":      func(w access.Who) error { _, err := x.Committee(ctx, w, o.ID); return err },
		"papers":    func(w access.Who) error { _, _, _, err := x.PapersOf(ctx, w, o.ID, "", "", 0); return err },
		"meetings":  func(w access.Who) error { _, err := x.Meetings(ctx, w, o.ID); return err },
		"meeting":   func(w access.Who) error { _, err := x.MeetingOf(ctx, w, held.ID); return err },
		"questions": func(w access.Who) error { _, err := x.QuestionsOf(ctx, w, board.ID); return err },
	}
	neighbour := access.Who{Account: "n", Person: x.others[0], Grants: []access.Grant{{Post: access.CommitteeDirector, Path: x.there.Path, Org: "other"}, {Post: access.Resident, Path: x.there.Path}}}
	company := access.Who{Account: "m", Person: "m", Grants: []access.Grant{{Post: access.PropertyManager, Path: x.here.Path}}}
	ended := access.Who{Account: "e", Person: x.owners[2]} // who left, and holds nothing any more
	for name, who := range map[string]access.Who{"nobody": {}, "stranger": {Account: "s", Person: "s"}, "neighbour": neighbour, "company": company, "ended": ended} {
		for _, list := range []map[string]func(access.Who) error{sits, reads} {
			for what, do := range list {
				err := do(who)
				if name == "ended" && (what == "give" || what == "propose" || what == "sign it") {
					continue // hands over what he keeps, and is an owner still
				}
				if !fault.IsKind(err, fault.Missing) && !fault.IsKind(err, fault.Refused) && !fault.IsKind(err, fault.SignIn) {
					t.Errorf("%s may %s: %v", name, what, err)
				}
			}
		}
	}
	// An owner of the compound knows the committee and does none of its steps; another's seat is no grant either.
	other := x.as(x.owners[5])
	other.Grants = append(other.Grants, access.Grant{Post: access.CommitteeDirector, Path: x.here.Path, Org: "another"})
	for name, who := range map[string]access.Who{"owner": x.as(x.owners[5]), "another committee's director": other, "alternate": x.as(x.owners[8])} {
		for what, do := range sits {
			if err := do(who); !fault.IsKind(err, fault.Refused) {
				t.Errorf("%s may %s: %v", name, what, err)
			}
		}
		for what, do := range map[string]func(access.Who) error{"page": reads["page"], "papers": reads["papers"], "meetings": reads["meetings"]} {
			if err := do(who); err != nil {
				t.Errorf("%s may not %s: %v", name, what, err)
			}
		}
	}
}

// Two records that were one person: signatures and seats go on, nothing counts twice.
func TestMergedMember(t *testing.T) {
	x := build(t)
	o := x.seated()
	in := Calling{Title: "例会", Agenda: []string{"门锁"}, Planned: x.db.Now().Add(9 * 24 * time.Hour)}
	m, err := x.CallMeeting(ctx, x.as(x.owners[0]), o.ID, in)
	x.ok(err)
	x.clock.Set(in.Planned.Add(time.Minute))
	_, err = x.Attend(ctx, x.as(x.owners[0]), m.ID, []string{x.owners[0], x.owners[1], x.owners[2]})
	x.ok(err)
	_, err = x.Hold(ctx, x.as(x.owners[0]), m.ID)
	x.ok(err)
	d, err := x.Decide(ctx, x.as(x.owners[0]), m.ID, "换锁", "", "")
	x.ok(err)
	_, err = x.Sign(ctx, x.as(x.owners[1]), d.ID, "agree")
	x.ok(err)
	double := x.somebody("业主2（重复）")
	x.reg.Merged = x.Merged
	_, err = x.reg.Merge(ctx, x.office(), double, x.owners[1], "同一人")
	x.ok(err)
	_, err = x.Sign(ctx, x.as(double), d.ID, "agree")
	x.refused(err, ErrSignedBy)
	// A candidate who was united with another record since is seated under the one that is kept.
	x.to("2031-02-10T09:00")
	x.elect("m-next", "election", 5, []string{x.owners[0], x.owners[1], x.owners[3], x.owners[8], x.owners[9]})
	next, _, err := x.standing(ctx, x.db, x.here.Path, x.Today())
	x.ok(err)
	terms, err := x.terms(ctx, x.db, next.ID, x.Today())
	x.ok(err)
	if all, _ := members(terms); !slices.Contains(all, double) || len(all) != 5 {
		t.Fatal(all)
	}
}
