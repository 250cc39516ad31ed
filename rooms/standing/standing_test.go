package standing_test

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"cuobian/basis/day"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/jobs"
	"cuobian/platform/rules"
	"cuobian/platform/seal"
	"cuobian/platform/sheet"
	"cuobian/platform/store"
	"cuobian/platform/store/storetest"
	"cuobian/rooms/assembly"
	"cuobian/rooms/cases"
	"cuobian/rooms/committee"
	"cuobian/rooms/duty"
	"cuobian/rooms/money"
	"cuobian/rooms/outreach"
	"cuobian/rooms/people"
	"cuobian/rooms/place"
	"cuobian/rooms/service"
	"cuobian/rooms/standing"
)

var ctx = context.Background()

type town struct {
	db       *store.DB
	clock    *storetest.Clock
	board    *standing.Board
	desk     *cases.Desk
	register *people.Register
	street   place.Node
	first    place.Node // delivered long ago
	second   place.Node // delivered last month
}

func build(t *testing.T) *town {
	t.Helper()
	clock := storetest.NewClock("2026-03-02T09:00:00+08:00")
	db := storetest.Open(t, clock, seal.Schema(), audit.Schema(), jobs.Schema(), rules.Schema(), access.Schema(), place.Schema(), people.Schema(), service.Schema(), duty.Schema(), outreach.Schema(), cases.Schema(), assembly.Schema(), committee.Schema(), money.Schema())
	x := &town{db: db, clock: clock}
	ring := seal.Memory()
	m := place.New(db)
	x.register = people.New(db, ring, m)
	x.desk = cases.New(db, ring, duty.New(db))
	x.desk.Stand(cases.Rooms{Map: m, Register: x.register, Contracts: service.New(db, x.register), Rules: rules.New(db)})
	x.board = standing.New(db)
	err := db.Write(ctx, func(tx *store.Tx) (err error) {
		if x.street, err = m.EnsureStreet(ctx, tx, audit.System, "350503001", "东湖街道"); err != nil {
			return err
		}
		c, _, err := m.Ensure(ctx, tx, audit.System, x.street, place.Community, "铭湖社区")
		if err != nil {
			return err
		}
		for _, k := range []struct {
			node *place.Node
			name string
			day  string
		}{{&x.first, "老小区", "2010-01-01"}, {&x.second, "新小区", "2026-02-01"}} {
			if *k.node, _, err = m.Ensure(ctx, tx, audit.System, c, place.Compound, k.name); err != nil {
				return err
			}
			if err := m.SetCompound(ctx, tx, audit.System, *k.node, place.CompoundFacts{DeliveredOn: day.MustParse(k.day), Buildings: -1, Units: -1, Households: -1, ParkingSaid: -1}, ""); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func (x *town) org(t *testing.T, kind people.OrgKind, at place.Node, founded string) people.Org {
	t.Helper()
	var o people.Org
	if err := x.db.Write(ctx, func(tx *store.Tx) (err error) {
		o, err = x.register.PutOrg(ctx, tx, audit.System, people.Org{Kind: kind, Name: string(kind), Path: at.Path, FoundedOn: day.MustParse(founded)})
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return o
}

func (x *town) term(t *testing.T, post access.Post, o people.Org, party string) {
	t.Helper()
	if err := x.db.Write(ctx, func(tx *store.Tx) error {
		p, err := x.register.Put(ctx, tx, audit.System, o.Path, people.NewPerson{Name: "某人" + tx.NewID()})
		if err != nil {
			return err
		}
		_, err = x.register.PutTerm(ctx, tx, audit.System, people.Term{Post: post, Person: p.ID, Org: o.ID, Path: o.Path, From: day.MustParse("2026-01-01"), Party: party})
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

func (x *town) figure(t *testing.T, id string, a standing.Ask) standing.Figure {
	t.Helper()
	f, err := x.board.Figure(ctx, id, a)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// R11, R13, R25, R73: who is in the denominator, and whether interim committees count, is a parameter.
func TestFormationRateHasItsOwnDenominator(t *testing.T) {
	x := build(t)
	all := standing.Ask{Under: x.street.Path}
	if f := x.figure(t, "oc_rate", all); f.Fraction != "0/1" || f.Text != "0.00" {
		t.Fatalf("a compound delivered last month need not have a committee yet: %+v", f)
	}
	x.org(t, people.InterimCommittee, x.first, "2026-01-05")
	if f := x.figure(t, "oc_rate", all); f.Fraction != "0/1" || f.Interim {
		t.Fatalf("an interim committee counted: %+v", f)
	}
	x.board.Interim = func(context.Context, scope.Path, day.Day) (bool, error) { return true, nil }
	x.org(t, people.Branch, x.second, "2026-01-05") // any change of the roster is seen at once
	if f := x.figure(t, "oc_rate", all); f.Fraction != "1/1" || !f.Interim {
		t.Fatalf("switched on and not counted: %+v", f)
	}
	if f := x.figure(t, "oc_rate", standing.Ask{Under: x.street.Path, AsOf: day.MustParse("2026-01-04")}); f.Fraction != "0/1" {
		t.Fatalf("counted before it was founded: %+v", f)
	}
	// R67: stars belong to a later room; there is no figure, and it says why.
	if f := x.figure(t, "service_quality", all); f.Records || f.Text != "" || f.MissingZh == "" {
		t.Fatalf("a figure out of nothing: %+v", f)
	}
}

func TestMajorityCountsFullMembersOnly(t *testing.T) {
	x := build(t)
	o := x.org(t, people.OwnersCommittee, x.first, "2025-01-05")
	all := standing.Ask{Under: x.street.Path}
	if f := x.figure(t, "red_committees", all); f.Records {
		t.Fatalf("no member is on record: %+v", f)
	}
	x.term(t, access.CommitteeDirector, o, "member")
	x.term(t, access.CommitteeMember, o, "probation")
	x.term(t, access.CommitteeMember, o, "")
	x.term(t, access.CommitteeAlternate, o, "member")
	if f := x.figure(t, "red_committees", all); f.Fraction != "0/1" {
		t.Fatalf("one of three is no majority: %+v", f)
	}
	x.term(t, access.CommitteeMember, o, "member")
	if f := x.figure(t, "red_committees", all); f.Fraction != "0/1" {
		t.Fatalf("two of four is no majority: %+v", f)
	}
	x.term(t, access.CommitteeMember, o, "member")
	if f := x.figure(t, "red_committees", all); f.Fraction != "1/1" {
		t.Fatalf("three of five is a majority: %+v", f)
	}
}

// The cube and the rows behind it must never differ, and a change is seen right after its commit.
func TestFiguresFollowEachCommit(t *testing.T) {
	x := build(t)
	all := standing.Ask{Under: x.street.Path}
	report := func(kind string, at place.Node) cases.Case {
		c, err := x.desk.Report(ctx, access.System, cases.Report{Place: string(at.Path), Text: "楼道灯坏了", Kind: kind, Channel: "hotline", Urgency: "normal", Level: "simple"})
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	same := func(step string) {
		t.Helper()
		for _, id := range []string{"complaints_month", "cases_month", "on_time", "satisfaction", "followed_up", "reopened"} {
			for _, under := range []scope.Path{x.street.Path, x.first.Path, x.second.Path} {
				f := x.figure(t, id, standing.Ask{Under: under})
				rows, err := x.board.Rows(ctx, access.System, id, standing.Ask{Under: under})
				if err != nil {
					t.Fatal(err)
				}
				var n, d int64
				for _, r := range rows {
					d++
					if r.Counted {
						n++
					}
				}
				if f.N != n || f.Shape == "ratio" && f.D != d {
					t.Errorf("%s: %s under %s is %d/%d, its rows are %d/%d", step, id, under, f.N, f.D, n, d)
				}
			}
		}
	}
	same("nothing")
	if f := x.figure(t, "complaints_month", all); f.Records {
		t.Fatalf("zero complaints before any matter: %+v", f)
	}
	report("complaint", x.first)
	if f := x.figure(t, "complaints_month", all); f.Text != "1" {
		t.Fatalf("not seen after its commit: %+v", f)
	}
	report("repair", x.second)
	same("two reports")
	if f := x.figure(t, "complaints_month", standing.Ask{Under: x.second.Path}); f.Text != "0" || !f.Records {
		t.Fatalf("a street that keeps its matters here has zero, not nothing: %+v", f)
	}
	one, two := report("complaint", x.first), report("complaint", x.first)
	if _, err := x.desk.Merge(ctx, access.System, two.ID, one.ID); err != nil {
		t.Fatal(err)
	}
	if f := x.figure(t, "complaints_month", all); f.Text != "2" {
		t.Fatalf("a merged complaint counts once: %+v", f)
	}
	same("merged")
	if _, err := x.desk.Report(ctx, access.System, cases.Report{Place: string(x.first.Path), Text: "楼道灯坏了", Kind: "complaint", Channel: "hotline", Urgency: "normal", Level: "simple", Secret: true}); err != nil {
		t.Fatal(err)
	}
	if street, compound := x.figure(t, "complaints_month", all), x.figure(t, "complaints_month", standing.Ask{Under: x.first.Path}); street.Text != "3" || compound.Text != "2" {
		t.Fatalf("a confidential matter counts at the street alone: %s there, %s at its compound", street.Text, compound.Text)
	}
	same("confidential")
	x.clock.Advance(20 * 24 * time.Hour)
	if f := x.figure(t, "on_time", all); f.N != 0 || f.D == 0 {
		t.Fatalf("open overdue matters are misses: %+v", f)
	}
	same("overdue")
	x.clock.Advance(20 * 24 * time.Hour)
	for asOf, want := range map[string]string{"2026-03-01": "0", "2026-03-02": "3", "2026-03-31": "3"} {
		a := standing.Ask{Under: x.street.Path, AsOf: day.MustParse(asOf)}
		if f := x.figure(t, "complaints_month", a); f.Text != want {
			t.Errorf("as of %s: %q complaints, want %s", asOf, f.Text, want)
		}
	}
	if f := x.figure(t, "on_time", standing.Ask{Under: x.street.Path, AsOf: day.MustParse("2026-03-03")}); f.Records {
		t.Errorf("nothing had fallen due by then: %+v", f)
	}
	if f := x.figure(t, "complaints", standing.Ask{Under: x.street.Path}); f.Records {
		t.Fatalf("April has no matters yet, so there is no change to state: %+v", f)
	}
}

func TestBoardIsRefused(t *testing.T) {
	x := build(t)
	who := func(post access.Post, at scope.Path) access.Who {
		return access.Who{Account: "a", Person: "p", Grants: []access.Grant{{Post: post, Path: at}}}
	}
	a := standing.Ask{Under: x.first.Path}
	for name, c := range map[string]struct {
		who  access.Who
		want error
	}{
		"stranger":           {access.Who{}, access.ErrSignIn},
		"resident":           {who(access.Resident, x.first.Path), access.ErrRefused},
		"neighbour compound": {who(access.PropertyManager, x.second.Path), access.ErrMissing},
		"ended term":         {access.Who{Account: "a", Person: "p"}, access.ErrMissing},
	} {
		if _, err := x.board.Rows(ctx, c.who, "oc_rate", a); !errors.Is(err, c.want) {
			t.Errorf("rows by %s: %v", name, err)
		}
		if err := x.board.Report(ctx, c.who, a.Under, day.MustParse("2026-03-01"), "检查", &bytes.Buffer{}); !errors.Is(err, c.want) {
			t.Errorf("report by %s: %v", name, err)
		}
	}
	if _, err := x.board.Rows(ctx, who(access.PropertyManager, x.first.Path), "oc_rate", a); err != nil {
		t.Error(err)
	}
	if _, err := x.board.Figure(ctx, "made_up", a); !errors.Is(err, standing.ErrIndicator) {
		t.Error(err)
	}
	if _, err := x.board.Parts(ctx, "oc_rate", "colour", a); !errors.Is(err, standing.ErrBy) {
		t.Error(err)
	}
}

func TestReportIsAWorkbook(t *testing.T) {
	x := build(t)
	x.org(t, people.OwnersCommittee, x.first, "2025-01-05")
	officer := access.Who{Account: "a", Person: "p", Name: "李街道", Grants: []access.Grant{{Post: access.StreetOfficer, Path: x.street.Path}}}
	var b bytes.Buffer
	if err := x.board.Report(ctx, officer, x.street.Path, day.MustParse("2026-03-01"), "报区里", &b); err != nil {
		t.Fatal(err)
	}
	book, err := sheet.Read("r.xlsx", bytes.NewReader(b.Bytes()), sheet.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, s := range book.Sheets {
		for _, row := range s.Rows {
			for _, cell := range row {
				found[cell] = true
			}
		}
	}
	for _, want := range []string{"业委会组建率", "1/1", "100.00%", "还没有星级评定记录", "老小区"} {
		if !found[want] {
			t.Errorf("%q is not in the workbook", want)
		}
	}
	lines, err := audit.List(ctx, x.db, audit.Find{Paths: []scope.Path{x.street.Path}, Action: "standing.report"})
	if err != nil || len(lines) != 1 || lines[0].Why != "报区里" {
		t.Fatal(lines, err)
	}
	parts, err := x.board.Parts(ctx, "oc_rate", "compound", standing.Ask{Under: x.street.Path})
	if err != nil || len(parts) != 2 || parts[0].Fraction+parts[1].Fraction != "1/1" {
		t.Fatalf("%+v %v", parts, err)
	}
	months, err := x.board.Parts(ctx, "oc_rate", "month", standing.Ask{Under: x.street.Path})
	if err != nil || len(months) != 12 || months[11].Key != "2026-03" || months[0].Fraction != "1/1" {
		t.Fatalf("%+v %v", months, err)
	}
}
