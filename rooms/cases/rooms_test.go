package cases_test

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"cuobian/basis/day"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/rules"
	"cuobian/platform/seal"
	"cuobian/platform/store"
	"cuobian/platform/store/storetest"
	"cuobian/rooms/cases"
	"cuobian/rooms/cases/clock"
	"cuobian/rooms/duty"
	"cuobian/rooms/people"
	"cuobian/rooms/place"
	"cuobian/rooms/service"
)

// TestOnTheRoomsBelow stands a desk on the real rooms: places, organisations, contracts and rule packs, all invented.
func TestOnTheRoomsBelow(t *testing.T) {
	clk := storetest.NewClock("2026-11-20T09:00:00+08:00")
	db := storetest.Open(t, clk, audit.Schema(), seal.Schema(), rules.Schema(), place.Schema(), people.Schema(), service.Schema(), duty.Schema(), cases.Schema())
	ring := seal.Memory()
	m := place.New(db)
	reg := people.New(db, ring, m)
	con := service.New(db, reg)
	book := rules.New(db)
	diary := duty.New(db)
	d := cases.New(db, ring, diary)
	d.Stand(cases.Rooms{Rules: book, Map: m, Register: reg, Contracts: con})

	var compound, building, alone place.Node
	var company people.Org
	var persons []people.Person
	if err := db.Write(ctx, func(tx *store.Tx) error {
		s, err := m.EnsureStreet(ctx, tx, audit.System, "350503001", "测试街道")
		if err != nil {
			return err
		}
		c, _, err := m.Ensure(ctx, tx, audit.System, s, place.Community, "测试社区")
		if err != nil {
			return err
		}
		if compound, _, err = m.Ensure(ctx, tx, audit.System, c, place.Compound, "样例花苑"); err != nil {
			return err
		}
		if building, _, err = m.Ensure(ctx, tx, audit.System, compound, place.Building, "3"); err != nil {
			return err
		}
		if alone, _, err = m.Ensure(ctx, tx, audit.System, c, place.Compound, "样例新村"); err != nil {
			return err
		}
		if company, err = reg.PutOrg(ctx, tx, audit.System, people.Org{Kind: people.PropertyCompany, Name: "样例物业", Path: s.Path}); err != nil {
			return err
		}
		persons = nil
		for i, name := range []string{"测试经理", "测试社区员", "测试书记"} {
			p, err := reg.Put(ctx, tx, audit.System, c.Path, people.NewPerson{Name: name})
			if err != nil {
				return err
			}
			persons = append(persons, p)
			term := []people.Term{{Org: company.ID, Post: access.PropertyManager, Path: compound.Path}, {Post: access.CommunityOfficer, Path: c.Path}, {Post: access.CommunitySecretary, Path: c.Path}}[i]
			term.Person = p.ID
			if _, err := reg.PutTerm(ctx, tx, audit.System, term); err != nil {
				return err
			}
		}
		_, err = con.Put(ctx, tx, audit.System, service.Contract{Compound: compound.ID, Org: company.ID, Mode: service.Market, From: day.MustParse("2025-01-01")})
		return err
	}); err != nil {
		t.Fatal(err)
	}
	who := func(i int) access.Who {
		g, err := reg.Grants(ctx, db, persons[i].ID, clk.Now().Day(day.Shanghai))
		if err != nil {
			t.Fatal(err)
		}
		return access.Who{Account: "a" + persons[i].ID, Person: persons[i].ID, Name: persons[i].Name, Grants: g}
	}
	manager, officer, secretary := who(0), who(1), who(2)
	reporter := access.Who{Account: "a-reporter", Name: "测试居民"}
	ok := must[cases.Case](t)

	c := ok(d.Report(ctx, reporter, cases.Report{Place: building.ID, Text: "楼道灯坏了", Channel: "phone"}))
	if c.CompoundName != "样例花苑" || c.CompoundID != compound.ID || c.Path != building.Path {
		t.Fatalf("%+v", c)
	}
	if c = ok(d.Dispatch(ctx, officer, c.ID, cases.Sending{})); c.Holder.Org != company.ID || c.Holder.OrgName != "样例物业" {
		t.Fatalf("the company serves it: %+v", c.Holder)
	}
	if _, err := d.Dispatch(ctx, officer, c.ID, cases.Sending{Org: "nowhere"}); !errors.Is(err, cases.ErrHolder) {
		t.Fatal(err)
	}
	if c = ok(d.Take(ctx, manager, c.ID)); c.Holder.Name != "测试经理" {
		t.Fatalf("%+v", c.Holder)
	}
	ok(d.Handle(ctx, manager, c.ID, cases.Handling{Note: "已换", After: shot()}))
	ok(d.Verify(ctx, officer, c.ID, true, "", nil))
	ok(d.Confirm(ctx, reporter, c.ID, "satisfied", "", false))
	// The community has two people for both: who verified may call.
	if c = ok(d.CallBack(ctx, officer, c.ID, "satisfied", "")); c.State != "closed" {
		t.Fatalf("%+v", c)
	}
	_ = secretary
	other := ok(d.Report(ctx, reporter, cases.Report{Place: alone.ID, Text: "楼道灯坏了", Channel: "phone"}))
	if other = ok(d.Dispatch(ctx, officer, other.ID, cases.Sending{})); other.Holder.Org != "" || other.Holder.Post != "community_officer" {
		t.Fatalf("nobody serves it: %+v", other.Holder)
	}

	// What the street switches to holds for what is reported from then on.
	if _, err := book.Switch(ctx, audit.System, rules.Switch{Pack: rules.CasesClock, Preset: "three_ten", Path: "350503001/", Why: "试行"}); err != nil {
		t.Fatal(err)
	}
	later := ok(d.Report(ctx, reporter, cases.Report{Place: building.ID, Text: "楼道灯又坏了", Channel: "phone"}))
	if later.ResolveDue != day.MustParse("2026-12-04").End(day.Shanghai) {
		t.Fatal("10 working days from Friday 20 November:", later.ResolveDue)
	}

	// Across a year that is not published the due is provisional, and moves when it is.
	clk.Set(day.MustParse("2026-12-28").Start(day.Shanghai).Add(9 * time.Hour))
	far := ok(d.Report(ctx, reporter, cases.Report{Place: building.ID, Text: "单元门坏了", Channel: "phone"}))
	if !far.Provisional {
		t.Fatal("2027 is not published")
	}
	far = ok(d.Dispatch(ctx, officer, far.ID, cases.Sending{}))
	far = ok(d.Take(ctx, manager, far.ID))
	if _, err := book.SetYear(ctx, audit.System, rules.Notice{Year: day.Year{Year: 2027, Papers: []string{"测试"}, Days: []day.Record{
		{Day: day.MustParse("2027-01-01"), Off: true, Name: "元旦"}, {Day: day.MustParse("2027-01-04"), Off: true, Name: "元旦"}}}, Why: "测试通知"}); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Sweep(ctx); err != nil {
		t.Fatal(err)
	}
	now := ok(d.Get(ctx, officer, far.ID))
	if now.Provisional || now.ResolveDue <= far.ResolveDue {
		t.Fatal(far.ResolveDue, now.ResolveDue, now.Provisional)
	}
	inbox, err := diary.Inbox(ctx, manager, duty.Ask{Kind: "cases.handle"})
	if err != nil || len(inbox.Items) != 1 || inbox.Items[0].Due != now.ResolveDue {
		t.Fatal("the duty moves along:", inbox, err)
	}
}

// The pack of the house is what the kernel presets, so that both say the same.
func TestThePackIsThePreset(t *testing.T) {
	clk := storetest.NewClock("2026-03-02T09:00:00+08:00")
	db := storetest.Open(t, clk, audit.Schema(), rules.Schema())
	f, err := rules.New(db).InForce(ctx, db, rules.CasesClock, scope.Path("350503001/"), day.MustParse("2026-03-02"))
	if err != nil {
		t.Fatal(err)
	}
	var p clock.Periods
	if err := f.Read(&p); err != nil {
		t.Fatal(err)
	}
	want := clock.Preset()
	if p.Hours.String() != want.Hours.String() {
		t.Error(p.Hours)
	}
	p.Hours = want.Hours
	if !reflect.DeepEqual(p, want) {
		t.Errorf("%+v\n%+v", p, want)
	}
}
