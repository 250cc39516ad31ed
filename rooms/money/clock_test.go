package money

import (
	"bytes"
	"context"
	"net/http"
	"testing"

	"cuobian/basis/day"
	"cuobian/basis/scope"
	"cuobian/basis/yuan"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/store"
	"cuobian/rooms/money/ledger"
	"cuobian/rooms/money/statement"
	"cuobian/rooms/service"
)

// ending is a house whose company's contract ends on 2027-06-30.
func ending(t *testing.T) (*house, service.Contract) {
	t.Helper()
	x := settled(t, 1)
	var c service.Contract
	x.write(func(tx *store.Tx) error {
		id, err := store.Texts(ctx, tx, `select id from service_v_contract where compound = $1`, x.here.ID)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `update service_contract set to_day = '2027-06-30' where id = $1`, id[0])
		c.ID = id[0]
		return err
	})
	c, err := x.on.Service.Get(ctx, x.db, c.ID)
	x.ok(err)
	return x, c
}

// duties fails unless as many duties of a kind stand in a state for ref.
func (x *house) duties(kind, ref, state string, want int64) {
	x.t.Helper()
	n, err := store.Count(ctx, x.db, `select count(*) from duty_duty where kind = $1 and ref = $2 and state = $3`, kind, ref, state)
	x.ok(err)
	if n != want {
		x.t.Fatalf("%s %s of %s: %d, want %d", state, kind, ref, n, want)
	}
}

// ticked moves the clock to a day and lets the clocks of contracts run, twice: nothing is raised a second time.
func (x *house) ticked(d string) {
	x.t.Helper()
	x.goTo(day.MustParse(d))
	_, err := x.ClockTick(ctx)
	x.ok(err)
	n, err := x.ClockTick(ctx)
	x.ok(err)
	if n != 0 {
		x.t.Fatal("raised twice:", n)
	}
}

// R32, R33: 15 days before the last day of notice the company (90 days before the end) and the owners' side (60 days) owe their
// decision; not a day earlier. A renewal ends the owners' duty; a company's silence is no refusal and owes nothing any more.
func TestContractClock(t *testing.T) {
	x, c := ending(t)
	ref := "contracts/" + c.ID
	x.ticked("2027-03-16")
	x.duties(DutyRefusal, ref, "open", 0)
	x.ticked("2027-03-17") // 2027-04-01 is 90 days before the end
	x.duties(DutyRefusal, ref, "open", 1)
	var due day.Instant
	var post, org string
	x.ok(x.db.QueryRow(ctx, `select due, post, org from duty_duty where kind = $1`, DutyRefusal).Scan(&due, &post, &org))
	if due != day.MustParse("2027-04-01").End(day.Shanghai) || post != string(access.PropertyManager) || org != x.one.ID {
		t.Fatal(due.Day(day.Shanghai), post, org)
	}
	x.ticked("2027-04-01")
	x.duties(DutyRefusal, ref, "open", 1)
	x.ticked("2027-04-02")
	x.duties(DutyRefusal, ref, "void", 1)
	x.ticked("2027-04-15")
	x.duties(DutyRenewal, ref, "open", 0)
	x.ticked("2027-04-16") // 2027-05-01 is 60 days before the end
	x.duties(DutyRenewal, ref, "open", 1)
	x.ok(x.db.QueryRow(ctx, `select due, post, org from duty_duty where kind = $1`, DutyRenewal).Scan(&due, &post, &org))
	if due != day.MustParse("2027-05-01").End(day.Shanghai) || post != string(access.CommitteeDirector) || org != x.committee.ID {
		t.Fatal(due.Day(day.Shanghai), post, org)
	}
	_, err := x.on.Service.Sign(ctx, x.who["officer"], service.Contract{Compound: x.here.ID, Org: x.one.ID, Mode: service.Market, Pay: "remuneration", From: c.To.Add(1)}, false)
	x.ok(err)
	x.duties(DutyRenewal, ref, "ended", 1)
	// The same company goes on: nothing is handed over.
	x.ticked("2027-07-02")
	if n, err := store.Count(ctx, x.db, `select count(*) from money_handover`); err != nil || n != 0 {
		t.Fatal(n, err)
	}
}

// A refusal by the company and a dismissal by the owners each settle both duties; where there is no committee the community owes.
func TestNoticeEndsTheClock(t *testing.T) {
	x, c := ending(t)
	ref := "contracts/" + c.ID
	x.ticked("2027-03-20")
	_, err := x.on.Service.GiveNotice(ctx, x.who["manager"], c.ID, service.NoRenewal, 0, "", "不再续约")
	x.ok(err)
	x.duties(DutyRefusal, ref, "ended", 1)
	x.ticked("2027-04-20")
	x.duties(DutyRenewal, ref, "open", 0)

	x, c = ending(t)
	x.on.Service.Resolved = func(_ context.Context, _ store.Queryer, at scope.Path, _ string, item int) (bool, error) {
		return at == x.here.Path && item == 4, nil
	}
	ref = "contracts/" + c.ID
	x.ticked("2027-04-20")
	x.duties(DutyRenewal, ref, "open", 1)
	_, err = x.on.Service.GiveNotice(ctx, x.who["m0"], c.ID, service.Dismissal, day.MustParse("2027-06-25"), "assemblies/x/1", "解聘")
	x.ok(err)
	x.duties(DutyRenewal, ref, "ended", 1)
	x.ticked("2027-06-24")

	// there has no committee, and the house learns of the end after the last day of notice.
	x, _ = ending(t)
	x.write(func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, `update service_contract set to_day = '2026-12-20' where compound = $1`, x.there.ID)
		return err
	})
	x.ticked("2026-12-01")
	var post string
	var due day.Instant
	x.ok(x.db.QueryRow(ctx, `select post, due from duty_duty where kind = $1`, DutyRenewal).Scan(&post, &due))
	if post != string(access.CommunitySecretary) || due != day.MustParse("2026-12-20").End(day.Shanghai) {
		t.Fatal(post, due)
	}
}

// A dismissal that took effect begins the hand-over by itself, once, to the company that serves now; its former manager owes it.
func TestHandoverBeginsByItself(t *testing.T) {
	x, c := ending(t)
	x.on.Service.Resolved = func(context.Context, store.Queryer, scope.Path, string, int) (bool, error) { return true, nil }
	x.ticked("2027-04-20")
	last := day.MustParse("2027-06-25")
	_, err := x.on.Service.GiveNotice(ctx, x.who["m0"], c.ID, service.Dismissal, last, "assemblies/x/1", "解聘")
	x.ok(err)
	_, err = x.on.Service.Sign(ctx, x.who["officer"], service.Contract{Compound: x.here.ID, Org: x.two.ID, Mode: service.Market, From: last.Add(1)}, false)
	x.ok(err)
	x.ticked("2027-06-25")
	if n, err := store.Count(ctx, x.db, `select count(*) from money_handover`); err != nil || n != 0 {
		t.Fatal("begun before the end", n, err)
	}
	x.ticked("2027-06-26")
	list, err := x.handovers(ctx, x.db, `h.compound = $1`, x.here.ID)
	x.ok(err)
	if len(list) != 1 || list[0].From != x.one.ID || list[0].To != x.two.ID || list[0].Kind != "company" || len(list[0].Items) == 0 {
		t.Fatalf("%+v", list)
	}
	x.duties(dutyHandover, "money-handovers/"+list[0].ID, "open", 1)
	var person string
	x.ok(x.db.QueryRow(ctx, `select person from duty_duty where kind = $1`, dutyHandover).Scan(&person))
	if person != x.who["manager"].Person {
		t.Fatal("nobody owes it:", person)
	}
	// Begun by hand before, it is not begun again; with nobody serving the committee takes over.
	x, c = ending(t)
	_, err = x.BeginHandover(ctx, x.who["officer"], x.here.ID, NewHandover{From: x.one.ID, To: x.committee.ID})
	x.ok(err)
	x.ticked("2027-07-01")
	if n, err := store.Count(ctx, x.db, `select count(*) from money_handover`); err != nil || n != 1 {
		t.Fatal(n, err)
	}
	x, c = ending(t)
	x.ticked("2027-07-01")
	list, err = x.handovers(ctx, x.db, `h.compound = $1`, x.here.ID)
	x.ok(err)
	if len(list) != 1 || list[0].To != x.committee.ID {
		t.Fatalf("%+v", list)
	}
	// What ended long ago is not dug up.
	x, _ = ending(t)
	x.ticked("2027-08-15")
	if n, err := store.Count(ctx, x.db, `select count(*) from money_handover`); err != nil || n != 0 {
		t.Fatal(n, err)
	}
}

// R30: after the year's end the company owes its accounts, filing publishes them with their hash and ends the duty; the same is
// not filed twice, a change needs a reason and makes a version that names the one before.
func TestAccountsFiled(t *testing.T) {
	x := settled(t, 1)
	ref := accountsRef(x.here.ID, 2026)
	book, err := x.book(ctx, x.db, x.here.ID)
	x.ok(err)
	spend := func(on string, fen yuan.Amount) {
		t.Helper()
		x.write(func(tx *store.Tx) error {
			_, err := x.post(ctx, tx, book, "", ledger.Entry{Day: day.MustParse(on), Text: "支出", Document: "bank/" + on, Decision: "contracts/1", Rule: "R30", Legs: []ledger.Leg{{Account: "fees:spent:staff", Amount: fen}, {Account: "fees:bank", Amount: -fen}}})
			return err
		})
	}
	x.write(func(tx *store.Tx) error {
		_, err := x.post(ctx, tx, book, "", ledger.Entry{Day: today(tx), Text: "物业费", Document: "receipts/1", Decision: "contracts/1", Rule: "R30", Legs: []ledger.Leg{{Account: "fees:bank", Amount: 1000_00}, {Account: "fees:ahead", Amount: -1000_00}}})
		return err
	})
	spend("2026-11-18", 300_00)
	_, err = x.FileAccounts(ctx, x.who["manager"], x.here.ID, 2026, "")
	x.refused(err, ErrAccountsYear)
	agreed := x.decided("通过预算")
	plan, err := x.PlanBudget(ctx, x.who["m0"], x.here.ID, NewBudget{Year: 2026, Decision: agreed, Text: "预算", Lines: []BudgetLine{{Account: "fees:spent:staff", Title: "人员", Amount: 100_00}}})
	x.ok(err)
	x.ticked("2026-12-31")
	x.duties(DutyAccounts, ref, "open", 0)
	x.ticked("2027-01-01")
	x.duties(DutyAccounts, ref, "open", 1)
	var due day.Instant
	x.ok(x.db.QueryRow(ctx, `select due from duty_duty where kind = $1 and ref = $2`, DutyAccounts, ref).Scan(&due))
	if due.Add(-1).Day(day.Shanghai) != day.MustParse("2027-03-31") { // 90 days after 31 December
		t.Fatal(due.Add(-1).Day(day.Shanghai))
	}
	spend("2027-01-01", 50_00) // of the next year
	for name, w := range x.strangers() {
		got := x.ask(w, "POST", "/api/money/"+x.here.ID+"/annual-accounts", `{"year":2026}`)
		if want := got == http.StatusNotFound || got == http.StatusForbidden; name == "nobody" && got != http.StatusUnauthorized || name != "nobody" && !want {
			t.Errorf("%s: answered %d", name, got)
		}
	}
	for _, w := range []string{"staff", "m1", "street"} {
		_, err = x.FileAccounts(ctx, x.who[w], x.here.ID, 2026, "")
		x.refused(err, access.ErrRefused)
	}
	_, err = x.FileAccounts(ctx, x.who["manager"], x.here.ID, 2025, "")
	x.refused(err, ErrAccountsYear)
	// The books of the year are closed first.
	_, err = x.FileAccounts(ctx, x.who["manager"], x.here.ID, 2026, "")
	x.refused(err, ErrAccountsOpen)
	_, err = x.Close(ctx, x.who["manager"], x.here.ID, day.MustParse("2026-11-30"))
	x.ok(err)
	_, err = x.FileAccounts(ctx, x.who["manager"], x.here.ID, 2026, "")
	x.refused(err, ErrAccountsOpen)
	_, err = x.Close(ctx, x.who["manager"], x.here.ID, day.MustParse("2026-12-31"))
	x.ok(err)
	p, err := x.FileAccounts(ctx, x.who["manager"], x.here.ID, 2026, "")
	x.ok(err)
	if p.Version != 1 || p.Planned != 100_00 || p.Actual != 300_00 || p.Owners != 700_00 || p.Collected != 1000_00 || len(p.Lines) != 1 || p.Lines[0].Zh == "" || !p.Lines[0].Needs {
		t.Fatalf("%+v", p)
	}
	x.duties(DutyAccounts, ref, "ended", 1)
	_, err = x.FileAccounts(ctx, x.who["m0"], x.here.ID, 2026, "再次")
	x.refused(err, ErrAccountsTwice)
	_, err = x.AgreeDeviation(ctx, x.who["m0"], x.here.ID, plan.ID, 1, "", agreed, "加班")
	x.ok(err)
	_, err = x.FileAccounts(ctx, x.who["m0"], x.here.ID, 2026, " ")
	x.refused(err, ErrReason)
	q, err := x.FileAccounts(ctx, x.who["m0"], x.here.ID, 2026, "超支已有决定")
	x.ok(err)
	list, err := x.PublicAccounts(ctx, x.here.ID)
	x.ok(err)
	if len(list) != 2 || list[0].Version != 2 || list[0].Prev != p.Hash || list[0].Hash != q.Hash || !list[1].Lines[0].Needs || list[0].Lines[0].Needs {
		t.Fatalf("%+v", list)
	}
	for _, f := range list {
		if f.Annual.Hash() != f.Hash {
			t.Fatal("what is shown is not what was hashed")
		}
	}
	if got := x.ask(access.Who{}, "GET", "/api/public/money/annual-accounts?compound="+x.here.ID, ""); got != 200 {
		t.Fatal(got)
	}
	if n, err := store.Count(ctx, x.db, `select count(*) from audit_record where kind = 'money.accounts'`); err != nil || n != 2 {
		t.Fatal(n, err)
	}
	// Anybody checks the file of them without the house.
	_, err = x.AccountsFile(ctx, x.here.ID)
	x.refused(err, audit.ErrNotYet)
	_, err = x.logs.Integrate(ctx)
	x.ok(err)
	file, err := x.AccountsFile(ctx, x.here.ID)
	x.ok(err)
	if r := statement.CheckAnnual(file, nil); !r.OK || r.Statements != 2 {
		t.Fatalf("%+v", r)
	}
	if r := statement.CheckAnnual(bytes.Replace(file, []byte(`"actual":30000`), []byte(`"actual":30001`), 1), nil); r.OK {
		t.Fatal("a changed fen is not found")
	}
	if got := x.ask(access.Who{}, "GET", "/api/public/money/annual-accounts/"+x.here.ID, ""); got != 200 {
		t.Fatal(got)
	}
	x.ticked("2027-02-01")
	// A lump sum owes none.
	x = settled(t, 1)
	x.write(func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, `update service_contract set pay = 'lump_sum'`)
		return err
	})
	x.ticked("2027-01-02")
	x.duties(DutyAccounts, accountsRef(x.here.ID, 2026), "open", 0)
}
