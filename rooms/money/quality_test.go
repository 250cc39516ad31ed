package money

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"cuobian/basis/day"
	"cuobian/basis/scope"
	basis "cuobian/basis/share"
	"cuobian/basis/yuan"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/store"
	"cuobian/rooms/committee"
	"cuobian/rooms/money/bundle"
	"cuobian/rooms/money/ledger"
	"cuobian/rooms/money/share"
)

// paidByQuality is a house whose owners paid 300,000.07 yuan in the quarter July to September into the fund held for them, and
// a period under ten percent. On time is 97 of 100, satisfaction 45 of 50.
func paidByQuality(t *testing.T) (*house, Quality) {
	t.Helper()
	x := settled(t, 1)
	x.Figures = func(context.Context, store.Queryer, scope.Path, day.Day, day.Day) ([]share.Input, error) {
		return []share.Input{{Input: "on_time", Figure: basis.Of(97, 100), Source: "cases"}, {Input: "satisfaction", Figure: basis.Of(45, 50), Source: "cases"}}, nil
	}
	b := x.begun(x.here)
	x.write(func(tx *store.Tx) error {
		for _, d := range []string{"2026-06-30", "2026-07-01", "2026-09-30", "2026-10-01"} {
			fen := yuan.Amount(150_000_00)
			if d == "2026-09-30" {
				fen += 7
			}
			if _, err := x.post(ctx, tx, b, "", ledger.Entry{Day: day.MustParse(d), Text: "物业费", Document: "receipts/" + d, Decision: "contracts/1", Rule: "R30", Legs: []ledger.Leg{{Account: "fees:bank", Amount: fen}, {Account: "fees:ahead", Amount: -fen}}}); err != nil {
				return err
			}
		}
		return nil
	})
	rate := basis.Of(10, 100)
	q, err := x.OpenQuality(ctx, x.who["m0"], x.here.ID, NewQuality{From: day.MustParse("2026-07-01"), To: day.MustParse("2026-09-30"), Rate: &rate})
	x.ok(err)
	return x, q
}

// decided is a decision that the committee made: it meets eight days later and half of it signs.
func (x *house) decided(words string) string {
	x.t.Helper()
	m, err := x.on.Chamber.CallMeeting(ctx, x.who["m0"], x.committee.ID, committee.Calling{Title: "例会", Agenda: []string{words}, Planned: x.db.Now().Add(8 * 24 * time.Hour)})
	x.ok(err)
	x.later(8*24*time.Hour + time.Minute)
	_, err = x.on.Chamber.Attend(ctx, x.who["m0"], m.ID, x.owners[:5])
	x.ok(err)
	_, err = x.on.Chamber.Hold(ctx, x.who["m0"], m.ID)
	x.ok(err)
	d, err := x.on.Chamber.Decide(ctx, x.who["m0"], m.ID, words, "", "")
	x.ok(err)
	for _, who := range []string{"m0", "m1", "m2"} {
		_, err = x.on.Chamber.Sign(ctx, x.who[who], d.ID, "agree")
		x.ok(err)
	}
	return "decisions/" + d.ID
}

func (x *house) sheet(q Quality, who, confirms, input string, n, d int64, absent string) {
	x.t.Helper()
	_, err := x.EnterSheet(ctx, x.who[who], q.ID, NewSheet{Input: input, N: n, D: d, Absent: absent, On: x.Today(), Paper: x.upload(x.who[who])})
	x.ok(err)
	list, err := sheets(ctx, x.db, q.ID, "")
	x.ok(err)
	_, err = x.ConfirmSheet(ctx, x.who[confirms], q.ID, list[len(list)-1].ID)
	x.ok(err)
}

// R30: from inputs of two persons to a frozen, published, reproducible amount; a dispute corrects one input and makes a new
// version; the pay goes through reviews and seals, what is held back is owed and settled after the year.
func TestPayByQuality(t *testing.T) {
	x, q := paidByQuality(t)
	_, err := x.EnterSheet(ctx, x.who["staff"], q.ID, NewSheet{Input: "on_time", N: 1, D: 1, On: x.Today(), Paper: "p"})
	x.refused(err, ErrCounted)
	_, err = x.EnterSheet(ctx, x.who["staff"], q.ID, NewSheet{Input: "patrols", N: 2, D: 1, On: x.Today(), Paper: "p"})
	x.refused(err, ErrInput)
	_, err = x.EnterSheet(ctx, x.who["m1"], q.ID, NewSheet{Input: "patrols", N: 88, D: 90, On: x.Today()})
	x.refused(err, ErrSheetPaper)
	_, err = x.EnterSheet(ctx, x.who["m1"], q.ID, NewSheet{Input: "patrols", N: 88, D: 90, On: x.Today(), Paper: x.upload(x.who["m1"])})
	x.ok(err)
	list, err := sheets(ctx, x.db, q.ID, "")
	x.ok(err)
	_, err = x.ConfirmSheet(ctx, x.who["m1"], q.ID, list[0].ID)
	x.refused(err, ErrSelf)
	_, err = x.ConfirmSheet(ctx, x.who["staff"], q.ID, list[0].ID)
	x.refused(err, access.ErrRefused)
	_, err = x.FreezeQuality(ctx, x.who["m0"], q.ID)
	x.refused(err, ErrUnconfirmed)
	_, err = x.ConfirmSheet(ctx, x.who["officer"], q.ID, list[0].ID)
	x.ok(err)
	x.sheet(q, "staff", "m1", "hazards", 9, 10, "")
	x.sheet(q, "staff", "m1", "stars", 0, 0, "年度星级未评")
	_, err = x.FreezeQuality(ctx, x.who["manager"], q.ID)
	x.refused(err, access.ErrRefused)
	q, err = x.FreezeQuality(ctx, x.who["m0"], q.ID)
	x.ok(err)
	// 10% of 300,000.07 is 30,000.00; score (29.1 + 27 + 19.5… + 9) of 90.
	want, err := share.Quality().Pay(30_000_00, []share.Input{{Input: "on_time", Figure: basis.Of(97, 100)}, {Input: "satisfaction", Figure: basis.Of(45, 50)}, {Input: "patrols", Figure: basis.Of(88, 90)}, {Input: "hazards", Figure: basis.Of(9, 10)}, {Input: "stars", Absent: "x"}})
	x.ok(err)
	if q.Base.Collected != 300_000_07 || q.Base.Amount != 30_000_00 || q.Pay.Earned != want.Earned || q.Pay.Now != want.Now || q.Version != 1 {
		t.Fatalf("%+v", q.Pay)
	}
	_, err = x.FreezeQuality(ctx, x.who["m0"], q.ID)
	x.refused(err, ErrQualityState)
	// Company, committee and street get the same file, once it is in the log, and it checks.
	_, err = x.QualityBundle(ctx, x.who["m2"], x.here.ID, q.ID, 0)
	x.refused(err, audit.ErrNotYet)
	_, err = x.logs.Integrate(ctx)
	x.ok(err)
	var files []string
	for _, n := range []string{"manager", "m2", "street"} {
		f, err := x.QualityBundle(ctx, x.who[n], x.here.ID, q.ID, 0)
		x.ok(err)
		files = append(files, string(f))
	}
	if files[0] != files[1] || files[1] != files[2] || !bundle.Check([]byte(files[0]), nil).OK || !strings.Contains(files[0], q.Hash) {
		t.Fatal("the files differ or do not check")
	}
	_, err = x.QualityBundle(ctx, x.dweller(3), x.here.ID, q.ID, 0)
	x.refused(err, ErrMissing)
	// A dispute: one input, decided by another, a new version that names the old.
	_, err = x.DisputeQuality(ctx, x.who["manager"], q.ID, NewDispute{Input: "patrols", N: 90, D: 90, Why: " "})
	x.refused(err, ErrReason)
	_, err = x.DisputeQuality(ctx, x.who["manager"], q.ID, NewDispute{Input: "hazards", N: 10, D: 10, Why: "第十处已整改"})
	x.ok(err)
	_, err = x.SettleQuality(ctx, x.who["manager"], q.ID, Payee{Bank: "6222020200112233445"})
	x.refused(err, ErrOpenDispute)
	ds, err := disputes(ctx, x.db, q.ID)
	x.ok(err)
	_, err = x.DecideDispute(ctx, x.who["manager"], q.ID, ds[0].ID, true, "同意")
	x.refused(err, access.ErrRefused)
	old := q.Hash
	q, err = x.DecideDispute(ctx, x.who["street"], q.ID, ds[0].ID, true, "经核实已整改")
	x.ok(err)
	f, _, err := qualityFile(ctx, x.db, q.ID, 2)
	x.ok(err)
	if q.Version != 2 || f.Prev != old || f.Why == "" || q.Pay.Score == want.Score {
		t.Fatalf("%+v", f)
	}
	if n, err := store.Count(ctx, x.db, `select count(*) from audit_record where kind = 'money.quality'`); err != nil || n != 2 {
		t.Fatal(n, err)
	}
	// Payment, hold-back, settlement after the year.
	q, err = x.SettleQuality(ctx, x.who["manager"], q.ID, Payee{Bank: "6222020200112233445"})
	x.ok(err)
	x.paidOut(q.Payment)
	if q, err = x.quality(ctx, x.db, q.ID); err != nil || q.State != QualityPaid || q.Paid != q.Pay.Now {
		t.Fatalf("%+v %v", q, err)
	}
	x.shows(x.here.ID, "fees:held", -q.Pay.Held)
	x.shows(x.here.ID, "fees:spent:remuneration", q.Pay.Earned)
	_, err = x.SettleHeld(ctx, x.who["m0"], q.ID, HeldVerdict{Amount: q.Held, Reason: "三星", Paper: "p"})
	x.refused(err, ErrHoldBackEarly)
	x.goTo(day.MustParse("2027-02-01"))
	_, err = x.SettleHeld(ctx, x.who["manager"], q.ID, HeldVerdict{Amount: q.Held, Reason: "三星", Paper: "p"})
	x.refused(err, access.ErrRefused)
	half := q.Held / 2
	q, err = x.SettleHeld(ctx, x.who["officer2"], q.ID, HeldVerdict{Amount: half, Reason: "二星，付一半", Paper: x.upload(x.who["officer2"]), Payee: Payee{Bank: "6222020200112233445"}})
	x.ok(err)
	x.paidOut(q.HeldAsked)
	if q, err = x.quality(ctx, x.db, q.ID); err != nil || q.State != QualityDone || q.HeldPaid != half {
		t.Fatalf("%+v %v", q, err)
	}
	x.shows(x.here.ID, "fees:held", 0)
	x.zero()
}

func TestQualityRefuses(t *testing.T) {
	x, q := paidByQuality(t)
	rate := basis.Of(10, 100)
	for _, c := range []struct {
		in   NewQuality
		want error
	}{{NewQuality{From: day.MustParse("2026-09-01"), To: day.MustParse("2026-10-31"), Rate: &rate}, ErrPeriodTwice}, {NewQuality{From: day.MustParse("2026-10-31"), To: day.MustParse("2026-10-01"), Rate: &rate}, ErrPeriod},
		{NewQuality{From: day.MustParse("2023-01-01"), To: day.MustParse("2023-03-31"), Rate: &rate}, ErrContract}, {NewQuality{From: day.MustParse("2026-10-01"), To: day.MustParse("2026-12-31")}, share.ErrRate},
		{NewQuality{From: day.MustParse("2026-10-01"), To: day.MustParse("2026-12-31"), Rate: &rate, Fixed: 1}, share.ErrRate}} {
		_, err := x.OpenQuality(ctx, x.who["m0"], x.here.ID, c.in)
		x.refused(err, c.want)
	}
	next, err := x.OpenQuality(ctx, x.who["m0"], x.here.ID, NewQuality{From: day.MustParse("2026-10-01"), To: day.MustParse("2026-12-31"), Fixed: 20_000_00})
	x.ok(err)
	_, err = x.FreezeQuality(ctx, x.who["m0"], next.ID)
	x.refused(err, ErrPeriod)
	base := "/api/money/" + x.here.ID
	at := base + "/quality/" + q.ID
	ops := []struct{ method, path, body string }{
		{"GET", base + "/quality", ""}, {"POST", base + "/quality", `{"from":"2027-01-01","to":"2027-03-31","fixed":1}`}, {"GET", at, ""}, {"GET", at + "/bundle.json", ""}, {"POST", at + "/input", `{"input":"patrols","n":1,"d":1,"on":"2026-10-01","paper":"p"}`},
		{"POST", at + "/confirm", `{"sheet":"s"}`}, {"POST", at + "/freeze", ""}, {"POST", at + "/dispute", `{"input":"patrols","n":1,"d":1,"why":"x"}`}, {"POST", at + "/decide", `{"dispute":"d","uphold":true,"answer":"x"}`}, {"POST", at + "/settle", `{"payee":{"name":"x"}}`},
		{"POST", at + "/held", `{"amount":1,"reason":"r","paper":"p","payee":{"name":"x"}}`}, {"GET", base + "/budgets", ""}, {"POST", base + "/budgets", `{"year":2026,"decision":"decisions/1","text":"x","lines":[{"no":1,"account":"fees:spent:staff","title":"x","amount":1}]}`},
	}
	for name, w := range x.strangers() {
		for _, op := range ops {
			got := x.ask(w, op.method, op.path, op.body)
			want := got == http.StatusNotFound || got == http.StatusForbidden
			if name == "nobody" {
				want = got == http.StatusUnauthorized
			}
			if !want {
				t.Errorf("%s: %s %s answered %d", name, op.method, op.path, got)
			}
		}
	}
	if got := x.ask(x.dweller(0), "GET", at, ""); got != 404 {
		t.Error("an owner sees the company's pay:", got)
	}
}

// A budget line over its plan by more than a tenth, or by more than 10,000 yuan, needs the committee's decision (rules 5).
func TestBudgetAndAccounts(t *testing.T) {
	for _, c := range []struct {
		planned, actual yuan.Amount
		want            bool
	}{{100_00, 110_00, false}, {100_00, 110_01, true}, {1_000_000_00, 1_010_000_00, false}, {1_000_000_00, 1_010_000_01, true}, {100_00, 50_00, false}} {
		if got := deviates(c.planned, c.actual, 1, 10, 10_000_00); got != c.want {
			t.Errorf("%s to %s: %v", c.planned, c.actual, got)
		}
	}
	x, _ := paidByQuality(t)
	agreed := x.decided("通过预算")
	in := NewBudget{Year: 2026, Decision: agreed, Text: "二〇二六年预算", Lines: []BudgetLine{{Account: "fees:spent:staff", Title: "人员费用", Amount: 100_000_00}, {Account: "fees:spent:cleaning", Title: "保洁", Amount: 50_000_00}}}
	bad := in
	bad.Lines = append([]BudgetLine{{Account: "fees:bank", Title: "银行", Amount: 1}}, in.Lines...)
	_, err := x.PlanBudget(ctx, x.who["m0"], x.here.ID, bad)
	x.refused(err, ErrBudgetLine)
	bad = in
	bad.Lines = append([]BudgetLine{{Account: "income:spent:cost", Title: "公共收益", Amount: 1}}, in.Lines...)
	_, err = x.PlanBudget(ctx, x.who["m0"], x.here.ID, bad)
	x.refused(err, ErrBudgetLine)
	bad = in
	for _, bad.Decision = range []string{"assemblies/none/1", "assemblies/x", "decisions/none", "decisions/", "blobs/x"} {
		_, err = x.PlanBudget(ctx, x.who["m0"], x.here.ID, bad)
		x.refused(err, ErrBudgetVote)
	}
	b, err := x.PlanBudget(ctx, x.who["m0"], x.here.ID, in)
	x.ok(err)
	_, err = x.PlanBudget(ctx, x.who["m0"], x.here.ID, in)
	x.refused(err, ErrBudgetTwice)
	book, err := x.book(ctx, x.db, x.here.ID)
	x.ok(err)
	x.write(func(tx *store.Tx) error {
		for account, fen := range map[string]yuan.Amount{"fees:spent:staff": 112_000_00, "fees:spent:cleaning": 54_000_00, "fees:spent:office": 500_00} {
			if _, err := x.post(ctx, tx, book, "", ledger.Entry{Day: today(tx), Text: "支出", Document: "bank/" + account, Decision: "budgets/" + b.ID + "/1", Rule: "R30", Legs: []ledger.Leg{{Account: account, Amount: fen}, {Account: "fees:bank", Amount: -fen}}}); err != nil {
				return err
			}
		}
		return nil
	})
	a, err := x.AccountsOf(ctx, x.who["manager"], x.here.ID, b.ID)
	x.ok(err)
	if !a.Items[0].Needs || a.Items[1].Needs || len(a.Beside) != 1 || a.Actual != 166_500_00 || a.Collected != 600_000_07 || a.Owners != 600_000_07-166_500_00 {
		t.Fatalf("%+v", a)
	}
	_, err = x.AgreeDeviation(ctx, x.who["manager"], x.here.ID, b.ID, 1, "", agreed, "加班")
	x.refused(err, access.ErrRefused)
	_, err = x.AgreeDeviation(ctx, x.who["m0"], x.here.ID, b.ID, 2, "", agreed, "加班")
	x.refused(err, ErrNoDeviation)
	a, err = x.AgreeDeviation(ctx, x.who["m0"], x.here.ID, b.ID, 1, "", agreed, "加班")
	x.ok(err)
	if a.Items[0].Needs {
		t.Fatalf("%+v", a.Items[0])
	}
	// What was not in the plan at all stands apart: the committee agrees to it by its account, once, and it stays apart.
	if off := a.Beside[0]; !off.Off || !off.Needs || off.No != 0 || off.Account != "fees:spent:office" || a.Items[0].Off {
		t.Fatalf("%+v", off)
	}
	for _, c := range []struct {
		account, why string
		want         error
	}{{"fees:spent:greening", "x", ErrNoDeviation}, {"", "x", ErrNoDeviation}, {"fees:spent:staff", "x", ErrNoDeviation}, {"fees:spent:office", "", ErrReason}} {
		_, err = x.AgreeDeviation(ctx, x.who["m0"], x.here.ID, b.ID, 0, c.account, agreed, c.why)
		x.refused(err, c.want)
	}
	_, err = x.AgreeDeviation(ctx, x.who["manager"], x.here.ID, b.ID, 0, "fees:spent:office", agreed, "购置打印机")
	x.refused(err, access.ErrRefused)
	_, err = x.AgreeDeviation(ctx, x.who["m0"], x.here.ID, b.ID, 0, "fees:spent:office", agreed, "购置打印机")
	x.ok(err)
	_, err = x.AgreeDeviation(ctx, x.who["m0"], x.here.ID, b.ID, 0, "fees:spent:office", agreed, "购置打印机")
	x.refused(err, ErrNoDeviation)
	a, err = x.AccountsOf(ctx, x.who["manager"], x.here.ID, b.ID)
	x.ok(err)
	if len(a.Items) != 2 || len(a.Beside) != 1 || a.Beside[0].Needs || !a.Beside[0].Off || a.Beside[0].No != 3 || a.Beside[0].Title != "办公费用" || a.Beside[0].Why != "购置打印机" || a.Planned != 150_000_00 || a.Actual != 166_500_00 {
		t.Fatalf("%+v", a)
	}
	board, err := x.BoardHeldOf(ctx, x.here.ID)
	x.ok(err)
	if l := board.Budgets[0].Lines; len(l) != 3 || l[0].Off || !l[2].Off || !l[2].Agreed || l[2].Needs {
		t.Fatalf("%+v", l)
	}
}

// Who may not read the books does not see the accounts, and only the committee agrees to a deviation, with a decision and a
// reason, in its own compound.
func TestBudgetRefuses(t *testing.T) {
	x, _ := paidByQuality(t)
	agreed := x.decided("通过预算")
	b, err := x.PlanBudget(ctx, x.who["m0"], x.here.ID, NewBudget{Year: 2026, Decision: agreed, Text: "预算", Lines: []BudgetLine{{Account: "fees:spent:staff", Title: "人员费用", Amount: 100_00}}})
	x.ok(err)
	book, err := x.book(ctx, x.db, x.here.ID)
	x.ok(err)
	x.write(func(tx *store.Tx) error {
		_, err := x.post(ctx, tx, book, "", ledger.Entry{Day: today(tx), Text: "支出", Document: "bank/9", Decision: "budgets/" + b.ID + "/1", Rule: "R30", Legs: []ledger.Leg{{Account: "fees:spent:staff", Amount: 200_00}, {Account: "fees:bank", Amount: -200_00}}})
		return err
	})
	at := "/api/money/" + x.here.ID + "/budgets/" + b.ID
	agree := `{"no":1,"decision":"` + agreed + `","reason":"加班"}`
	for name, w := range x.strangers() {
		for _, op := range []struct{ method, path, body string }{{"GET", at + "/accounts", ""}, {"POST", at + "/agree", agree}, {"PUT", at, `{"version":0,"text":"x","lines":[{"no":1,"account":"fees:spent:staff","title":"x","amount":1}]}`}, {"POST", at + "/pass", `{"version":0,"decision":"` + agreed + `"}`}} {
			got := x.ask(w, op.method, op.path, op.body)
			if want := got == http.StatusNotFound || got == http.StatusForbidden; name == "nobody" && got != http.StatusUnauthorized || name != "nobody" && !want {
				t.Errorf("%s: %s %s answered %d", name, op.method, op.path, got)
			}
		}
	}
	for _, c := range []struct {
		who  access.Who
		want int
	}{{x.dweller(0), 404}, {x.who["manager"], 403}, {x.who["officer"], 403}, {x.who["street"], 403}} {
		if got := x.ask(c.who, "POST", at+"/agree", agree); got != c.want {
			t.Errorf("agree answered %d, want %d", got, c.want)
		}
	}
	for _, c := range []struct {
		decision, why string
		no            int
		want          error
	}{{agreed, " ", 1, ErrReason}, {"assemblies/x/1", "加班", 1, ErrBudgetVote}, {"decisions/", "加班", 1, ErrBudgetVote}, {"decisions/none", "加班", 1, ErrBudgetVote}, {agreed, "加班", 2, ErrNoDeviation}} {
		_, err := x.AgreeDeviation(ctx, x.who["m0"], x.here.ID, b.ID, c.no, "", c.decision, c.why)
		x.refused(err, c.want)
	}
	_, err = x.AccountsOf(ctx, x.who["m0"], x.there.ID, b.ID)
	x.refused(err, ErrMissing)
	_, err = x.AgreeDeviation(ctx, x.who["m0"], x.there.ID, b.ID, 1, "", agreed, "加班")
	x.refused(err, ErrMissing)
	if a, err := x.AccountsOf(ctx, x.who["m0"], x.here.ID, b.ID); err != nil || !a.Items[0].Needs {
		t.Fatalf("%+v %v", a, err)
	}
}

// A draft is written anew as often as needed, by one at a time; the committee enters the decision that agrees it, never the
// company, and from then on it stands. Everybody sees an agreed budget against what was spent, and nobody a draft (R30).
func TestBudgetDraft(t *testing.T) {
	x, q := paidByQuality(t)
	agreed := x.decided("通过预算")
	in := NewBudget{Year: 2026, Text: "草案", Lines: []BudgetLine{{Account: "fees:spent:staff", Title: "人员费用", Amount: 100_00}}}
	b, err := x.PlanBudget(ctx, x.who["manager"], x.here.ID, in)
	x.ok(err)
	if b.State != BudgetDraft {
		t.Fatalf("%+v", b)
	}
	if a, err := x.AccountsOf(ctx, x.who["manager"], x.here.ID, b.ID); err != nil || strings.Join(a.May, " ") != "redraft" {
		t.Fatal(a.May, err)
	}
	if a, err := x.AccountsOf(ctx, x.who["m1"], x.here.ID, b.ID); err != nil || strings.Join(a.May, " ") != "pass" {
		t.Fatal(a.May, err)
	}
	lines := []BudgetLine{{Account: "fees:spent:staff", Title: "人员费用", Amount: 120_00}, {Account: "fees:spent:office", Title: "办公", Amount: 10_00}}
	_, err = x.RedraftBudget(ctx, x.who["manager"], x.here.ID, b.ID, 1, "草案", append(lines, lines[0]))
	x.refused(err, ErrBudgetLine)
	_, err = x.RedraftBudget(ctx, x.who["m1"], x.here.ID, b.ID, 1, "草案", lines)
	x.refused(err, access.ErrRefused)
	b, err = x.RedraftBudget(ctx, x.who["manager"], x.here.ID, b.ID, 1, "草案二稿", lines)
	x.ok(err)
	_, err = x.PassBudget(ctx, x.who["m1"], x.here.ID, b.ID, 1, agreed)
	x.refused(err, ErrChanged) // it was written anew under one's hands
	_, err = x.PassBudget(ctx, x.who["manager"], x.here.ID, b.ID, 2, agreed)
	x.refused(err, access.ErrRefused)
	_, err = x.PassBudget(ctx, x.who["m1"], x.here.ID, b.ID, 2, "decisions/none")
	x.refused(err, ErrBudgetVote)
	_, err = x.PassBudget(ctx, x.who["m1"], x.there.ID, b.ID, 2, agreed)
	x.refused(err, ErrMissing)
	if f, err := x.BoardHeldOf(ctx, x.here.ID); err != nil || len(f.Budgets) != 0 || len(f.Pay) != 0 {
		t.Fatalf("a draft is on the board: %+v %v", f, err)
	}
	b, err = x.PassBudget(ctx, x.who["m1"], x.here.ID, b.ID, 2, agreed)
	x.ok(err)
	_, err = x.RedraftBudget(ctx, x.who["manager"], x.here.ID, b.ID, 3, "三稿", lines)
	x.refused(err, ErrBudgetState)
	_, err = x.PassBudget(ctx, x.who["m1"], x.here.ID, b.ID, 3, agreed)
	x.refused(err, ErrBudgetState)
	// The board: the budget, and a frozen period with its derivation.
	x.sheet(q, "staff", "m1", "patrols", 88, 90, "")
	x.sheet(q, "staff", "m1", "hazards", 9, 10, "")
	x.sheet(q, "staff", "m1", "stars", 0, 0, "年度星级未评，电话 13800000009")
	q, err = x.FreezeQuality(ctx, x.who["m0"], q.ID)
	x.ok(err)
	f, err := x.BoardHeldOf(ctx, x.here.ID)
	x.ok(err)
	if len(f.Budgets) != 1 || f.Budgets[0].Planned != 130_00 || f.Budgets[0].Collected != 600_000_07 || len(f.Pay) != 1 || f.Pay[0].Pay.Earned != q.Pay.Earned || f.Pay[0].Hash != q.Hash || len(f.Pay[0].Pay.Steps) < 8 {
		t.Fatalf("%+v", f)
	}
	if strings.Contains(text(f), "13800000009") {
		t.Error("a number stands on the board")
	}
	if got := x.ask(access.Who{}, "GET", "/api/public/money/held?compound="+x.here.ID, ""); got != 200 {
		t.Error(got)
	}
}
