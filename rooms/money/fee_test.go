package money

import (
	"context"
	"io"
	"strings"
	"sync"
	"testing"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/yuan"
	"cuobian/platform/access"
	"cuobian/platform/store"
	"cuobian/rooms/money/ledger"
	"cuobian/rooms/money/tariff"
	"cuobian/rooms/place"
)

// priced is a town whose compound has a property fee of 0.85 a m² (85 yuan a home and month).
func priced(t testing.TB) *town {
	x := build(t)
	x.price(PropertyFee, tariff.Tariff{By: tariff.Area, Rate: 8500})
	return x
}

func (x *town) price(kind BillKind, a tariff.Tariff, more ...func(*Tariff)) Tariff {
	x.t.Helper()
	a.Decision = "law"
	if !a.From.Sound() {
		a.From = day.MustParse("2026-01-01")
	}
	in := Tariff{Tariff: a, Compound: x.here.ID, Kind: kind}
	for _, f := range more {
		f(&in)
	}
	out, err := x.SetTariff(ctx, x.manager(), in)
	x.ok(err)
	return out
}

// billed makes the bills of a period and runs the job.
func (x *town) bill1(period string, kinds ...BillKind) Run {
	x.t.Helper()
	if len(kinds) == 0 {
		kinds = []BillKind{PropertyFee}
	}
	list, err := x.MakeBills(ctx, x.cashier(), x.here.ID, period, kinds)
	x.ok(err)
	x.jobs()
	got, err := x.runs(ctx, x.db, `id = $1`, list[0].ID)
	x.ok(err)
	return got[0]
}

func (x *town) jobs() {
	x.t.Helper()
	_, err := x.run.RunDue(ctx)
	x.ok(err)
}

func (x *town) openOf(home place.Node) []Bill {
	x.t.Helper()
	list, err := x.Till.bills(ctx, x.db, `home = $1 and state in ('open', 'part') order by due, period_from, id`, home.ID)
	x.ok(err)
	return list
}

// proven fails unless books and parts agree and all accounts are zero together.
func (x *town) proven() {
	x.t.Helper()
	x.zero()
	list, err := x.proveBills(ctx, x.db, x.here.ID)
	x.ok(err)
	for _, p := range list {
		if !p.Holds {
			x.t.Fatalf("%s: books %s, parts %s", p.Account, p.Books, p.Parts)
		}
	}
}

func (x *town) pay(way string, home place.Node, amount yuan.Amount, bills ...string) Receipt {
	x.t.Helper()
	r, err := x.Receive(ctx, x.cashier(), x.here.ID, Receipt{Way: way, Home: home.ID, Amount: amount, Bills: bills}, "")
	x.ok(err)
	x.proven()
	return r
}

func TestBillsOfAPeriod(t *testing.T) {
	x := priced(t)
	v, err := x.PreviewBills(ctx, x.cashier(), x.here.ID, "2026-11", []BillKind{PropertyFee})
	x.ok(err)
	if v[0].Bills != 6 || v[0].Amount != 6*85_00 || len(v[0].Sample) != 5 || v[0].Sample[0].Steps[0].Zh != "100.00 m² × 0.85 元 × 1 个月" {
		t.Fatalf("%+v", v)
	}
	r := x.bill1("2026-11")
	if r.State != "done" || r.Bills != 6 || r.Total != 6 || r.Done != 6 || r.Amount != 6*85_00 {
		t.Fatalf("%+v", r)
	}
	x.shows(x.here.ID, "fees:owed", 510_00) // remuneration: held for the owners (R30)
	x.shows(x.here.ID, "fees:earned:property", -510_00)
	x.proven()
	b := x.openOf(x.homes[0])[0]
	if b.Due != day.MustParse("2026-12-10") || b.Zh != "2026-11 物业费" || b.Steps[0].Amount != b.Amount {
		t.Errorf("%+v", b)
	}
	// Again: the same billing, no bill more.
	if again := x.bill1("2026-11"); again.ID != r.ID || again.Bills != 6 || again.State != "done" {
		t.Errorf("%+v", again)
	}
	x.shows(x.here.ID, "fees:owed", 510_00)
	// A period that cuts into it.
	_, err = x.MakeBills(ctx, x.cashier(), x.here.ID, "2026-Q4", []BillKind{PropertyFee})
	x.refused(err, ErrPeriods)
	_, err = x.MakeBills(ctx, x.cashier(), x.here.ID, "2026-12", []BillKind{ParkingFee})
	x.refused(err, ErrNoTariff)
	_, err = x.MakeBills(ctx, x.cashier(), x.here.ID, "2028-12", []BillKind{PropertyFee})
	x.refused(err, ErrEarly)
}

// Two clerks begin the same billing at the same moment, and two runners work at it: each home has one bill.
func TestTwoClerksBillOnce(t *testing.T) {
	x := priced(t)
	var wg sync.WaitGroup
	ids := make([]string, 4)
	for i := range ids {
		wg.Go(func() {
			list, err := x.MakeBills(ctx, x.cashier(), x.here.ID, "2026-11", []BillKind{PropertyFee})
			if err != nil {
				t.Error(err)
				return
			}
			ids[i] = list[0].ID
		})
	}
	wg.Wait()
	for _, id := range ids {
		if id != ids[0] {
			t.Fatal("two billings of one period")
		}
	}
	for range 3 {
		wg.Go(func() {
			if err := x.doRun(ctx, ids[0]); err != nil && !fault.IsKind(err, fault.Conflict) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	x.ok(x.doRun(ctx, ids[0]))
	n, err := store.Count(ctx, x.db, `select count(*) from money_bill`)
	x.ok(err)
	if n != 6 {
		t.Fatal(n, "bills of six homes")
	}
	x.shows(x.here.ID, "fees:owed", 510_00)
	x.proven()
}

func TestLumpSumIsTheCompanys(t *testing.T) {
	x := priced(t)
	c, _, err := x.on.Service.Serving(ctx, x.db, x.here.Path, x.Today())
	x.ok(err)
	c.Pay = "lump_sum"
	_, err = x.on.Service.Change(ctx, x.officer(), c, "更正")
	x.ok(err)
	x.bill1("2026-11")
	x.shows(x.here.ID, "company:owed", 510_00)
	x.shows(x.here.ID, "fees:owed", 0)
	if got := ruleOf(ledger.Company); got != "R76" {
		t.Error("fees of a company stand on R76, Civil Code 944, not", got)
	}
}

// Oldest first, in part, the rest ahead; the next bill is paid from it by itself.
func TestReceive(t *testing.T) {
	x := priced(t)
	x.bill1("2026-10")
	x.bill1("2026-11")
	h := x.homes[0]
	r := x.pay(Cash, h, 100_00)
	if r.No != "2026-000001" || len(r.Parts) != 2 || r.Parts[0].Amount != 85_00 || r.Parts[1].Amount != 15_00 || r.Ahead != 0 {
		t.Fatalf("%+v", r)
	}
	x.shows(x.here.ID, "fees:cash", 100_00)
	open := x.openOf(h)
	if len(open) != 1 || open[0].State != BillPart || open[0].Rest != 70_00 {
		t.Fatalf("%+v", open)
	}
	r = x.pay(Transfer, h, 200_00)
	if r.No != "2026-000002" || r.Ahead != 130_00 {
		t.Fatalf("%+v", r)
	}
	x.shows(x.here.ID, "fees:ahead", -130_00)
	x.bill1("2026-12")
	x.shows(x.here.ID, "fees:ahead", -45_00)
	if len(x.openOf(h)) != 0 {
		t.Error("what was paid ahead did not pay the next bill")
	}
	x.proven()
	// As said: the younger bill, not the older.
	other := x.homes[1]
	young := x.openOf(other)[2]
	r = x.pay(QR, other, 85_00, young.ID)
	if len(r.Parts) != 1 || r.Parts[0].Bill != young.ID {
		t.Errorf("%+v", r)
	}
	// Settled, another home's, twice in one.
	for _, bills := range [][]string{{young.ID}, {x.openOf(h0(x, 2))[0].ID}, {x.openOf(other)[0].ID, x.openOf(other)[0].ID}} {
		_, err := x.Receive(ctx, x.cashier(), x.here.ID, Receipt{Way: Cash, Home: other.ID, Amount: 1_00, Bills: bills}, "")
		x.refused(err, ErrBills)
	}
	for want, in := range map[error]Receipt{ErrAmount: {Way: Cash, Home: h.ID}, ErrWay: {Way: "gold", Home: h.ID, Amount: 1}, ErrHome: {Way: Cash, Home: "x", Amount: 1}, ErrFuture: {Way: Cash, Home: h.ID, Amount: 1, On: day.MustParse("2026-11-11")}} {
		_, err := x.Receive(ctx, x.cashier(), x.here.ID, in, "")
		x.refused(err, want)
	}
	p, err := x.ShowReceipt(ctx, x.cashier(), x.here.ID, r.ID)
	x.ok(err)
	if p.Capital != "捌拾伍元整" || p.Company != "甲物业" || p.CompoundName != "样例花苑" {
		t.Errorf("%+v", p)
	}
}

func h0(x *town, n int) place.Node { return x.homes[n] }

// A receipt for a payment that has one is refused, whoever comes second.
func TestReceiptOnce(t *testing.T) {
	x := priced(t)
	x.bill1("2026-11")
	var wg sync.WaitGroup
	got := make([]error, 4)
	for i := range got {
		wg.Go(func() {
			_, got[i] = x.Receive(ctx, x.cashier(), x.here.ID, Receipt{Way: Transfer, Home: x.homes[0].ID, Amount: 85_00, Ref: "流水 77"}, "")
		})
	}
	wg.Wait()
	fine := 0
	for _, err := range got {
		if err == nil {
			fine++
		} else {
			x.refused(err, ErrTwice)
		}
	}
	if fine != 1 {
		t.Fatal(fine, "receipts for one payment")
	}
	x.shows(x.here.ID, "fees:bank", 85_00)
	x.proven()
	// A page's second click.
	a, err := x.Receive(ctx, x.cashier(), x.here.ID, Receipt{Way: Cash, Home: x.homes[1].ID, Amount: 85_00}, "k1")
	x.ok(err)
	_, err = x.Receive(ctx, x.cashier(), x.here.ID, Receipt{Way: Cash, Home: x.homes[1].ID, Amount: 85_00}, "k1")
	x.refused(err, ErrTwice)
	if a.No != "2026-000002" {
		t.Error("numbers run without gaps:", a.No)
	}
}

func TestRefunds(t *testing.T) {
	x := priced(t)
	x.bill1("2026-11")
	h := x.homes[0]
	r := x.pay(Cash, h, 100_00)
	give := func(a yuan.Amount) (Refund, error) {
		return x.GiveBack(ctx, x.cashier(), x.here.ID, r.ID, a, "", "多收")
	}
	_, err := give(100_01)
	x.refused(err, ErrTooMuch)
	f, err := give(10_00)
	x.ok(err)
	if f.Ahead != 10_00 || f.No != "2026-000001" {
		t.Errorf("%+v", f)
	}
	x.shows(x.here.ID, "fees:cash", 90_00)
	x.proven()
	f, err = give(50_00) // 5 of what is ahead, 45 of the bill
	x.ok(err)
	if f.Ahead != 5_00 || x.openOf(h)[0].Rest != 45_00 {
		t.Errorf("%+v", f)
	}
	x.proven()
	_, err = give(40_01)
	x.refused(err, ErrTooMuch)
	_, err = x.GiveBack(ctx, x.cashier(), x.here.ID, r.ID, 1, "", " ")
	x.refused(err, ErrReason)
	// Two at once take no more than there is.
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() { give(30_00) })
	}
	wg.Wait()
	x.shows(x.here.ID, "fees:cash", 10_00)
	x.proven()
	// What is paid ahead is used, then it cannot be given back twice.
	k := x.homes[1]
	first := x.pay(Cash, k, 285_00)
	x.bill1("2026-12")
	_, err = x.GiveBack(ctx, x.cashier(), x.here.ID, first.ID, 200_00, "", "搬走")
	x.ok(err) // 115 ahead, 85 of the bill of November; what paid December came ahead from it, and stays paid
	x.proven()
	list, err := x.receipts(ctx, x.db, `way = 'prepaid'`)
	x.ok(err)
	_, err = x.GiveBack(ctx, x.cashier(), x.here.ID, list[0].ID, 1, "", "x")
	x.refused(err, ErrNoMoney)
}

func TestWaiveAndCorrect(t *testing.T) {
	x := priced(t)
	x.bill1("2026-11")
	h := x.homes[0]
	b := x.openOf(h)[0]
	contract, _, err := x.on.Service.Serving(ctx, x.db, x.here.Path, x.Today())
	x.ok(err)
	by := "contracts/" + contract.ID
	_, err = x.Waive(ctx, x.cashier(), x.here.ID, b.ID, 10_00, "law", "x")
	x.refused(err, ErrGround)
	_, err = x.Waive(ctx, x.cashier(), x.here.ID, b.ID, 10_00, by, "")
	x.refused(err, ErrReason)
	_, err = x.Waive(ctx, x.cashier(), x.here.ID, b.ID, 85_01, by, "x")
	x.refused(err, ErrWaive)
	got, err := x.Waive(ctx, x.cashier(), x.here.ID, b.ID, 10_00, by, "漏水补偿")
	x.ok(err)
	if got.Rest != 75_00 || got.State != BillOpen {
		t.Errorf("%+v", got)
	}
	x.proven()
	r := x.pay(Cash, h, 75_00)
	if got, _ := x.Till.bill(ctx, x.db, b.ID); got.State != BillWaived {
		t.Errorf("%+v", got)
	}
	// The area was wrong: 70 instead of 85. What was paid goes over, the rest stays ahead.
	next, err := x.Correct(ctx, x.cashier(), x.here.ID, b.ID, 70_00, "面积有误")
	x.ok(err)
	if next.State != BillPaid || next.Paid != 70_00 {
		t.Errorf("%+v", next)
	}
	x.shows(x.here.ID, "fees:ahead", -5_00)
	x.shows(x.here.ID, "fees:earned:property", -(5*85_00 + 70_00))
	x.proven()
	_, err = x.GiveBack(ctx, x.cashier(), x.here.ID, r.ID, 5_00, "", "更正后退款")
	x.ok(err)
	x.proven()
	_, err = x.Correct(ctx, x.cashier(), x.here.ID, b.ID, 60_00, "again")
	x.refused(err, ErrBill)
	if again := x.bill1("2026-11"); again.Bills != 6 {
		t.Error("a corrected bill was billed again")
	}
	// To nothing: void, and what was paid is ahead.
	c := x.openOf(x.homes[1])[0]
	x.pay(Cash, x.homes[1], 85_00)
	void, err := x.Correct(ctx, x.cashier(), x.here.ID, c.ID, 0, "空置房误收")
	x.ok(err)
	if void.State != BillVoid {
		t.Errorf("%+v", void)
	}
	x.proven()
}

func TestParkingAndUtilities(t *testing.T) {
	x := build(t)
	x.price(ParkingFee, tariff.Tariff{By: tariff.Unit, Rate: 150_0000}, func(a *Tariff) { a.Spaces, a.Fund = true, ledger.Income })
	_, err := x.Rent(ctx, x.cashier(), x.here.ID, Space{Home: x.homes[0].ID, Label: "A-12", From: day.MustParse("2026-01-01")})
	x.ok(err)
	if r := x.bill1("2026-11", ParkingFee); r.Bills != 1 || r.Amount != 150_00 {
		t.Fatalf("%+v", r)
	}
	x.shows(x.here.ID, "income:earned:parking", -150_00) // on common land: the owners' income (R34)
	_, err = x.Rent(ctx, x.cashier(), x.here.ID, Space{Home: x.homes[0].ID, Label: "A-13", From: day.MustParse("2026-11-02")})
	x.refused(err, ErrBilled)
	x.price(UtilityFee, tariff.Tariff{Item: "水费", By: tariff.Meter, Rate: 30000}, func(a *Tariff) { a.Meter = "water" })
	read := func(on string, value int64) error {
		_, err := x.Readings(ctx, x.cashier(), x.here.ID, []Reading{{Home: x.homes[1].ID, Sort: "water", Label: "W1", Day: day.MustParse(on), Value: value}})
		return err
	}
	x.ok(read("2026-09-30", 100_000))
	x.ok(read("2026-10-31", 112_500))
	x.refused(read("2026-10-15", 113_000), tariff.ErrReading)
	x.refused(read("2026-11-01", 1), tariff.ErrReading)
	shared := Shared{Period: tariff.Period{From: day.MustParse("2026-10-01"), To: day.MustParse("2026-10-31")}, Item: "公摊电费", Amount: 100_00, Weigh: "area", Decision: "law", Document: "电费单 2026-10"}
	_, err = x.Share(ctx, x.cashier(), x.here.ID, shared)
	x.ok(err)
	_, err = x.Share(ctx, x.cashier(), x.here.ID, shared)
	x.refused(err, ErrShared)
	if r := x.bill1("2026-10", UtilityFee); r.Bills != 6 || r.Amount != 100_00+37_50 {
		t.Fatalf("%+v", r)
	}
	var sum yuan.Amount
	for _, h := range x.homes {
		for _, b := range x.openOf(h) {
			for _, s := range b.Steps {
				if s.What == "shared" {
					sum += s.Amount
				}
			}
		}
	}
	if sum != 100_00 {
		t.Error("a shared sum of 100.00 is", sum)
	}
	x.refused(read("2026-10-20", 111_000), ErrBilled)
	x.proven()
}

func TestArrearsAndReminders(t *testing.T) {
	x := priced(t)
	x.bill1("2026-11")
	x.pay(Cash, x.homes[5], 85_00)
	remind := func(on string, want int) {
		t.Helper()
		x.to(on + "T09:00")
		n, err := x.Remind(ctx)
		x.ok(err)
		if n != want {
			t.Fatalf("%s: %d told, want %d", on, n, want)
		}
	}
	remind("2026-12-10", 0) // the day itself
	remind("2026-12-17", 0)
	remind("2026-12-18", 5) // seven days are over
	remind("2026-12-18", 0)
	var zh, en string
	x.ok(x.db.QueryRow(ctx, `select zh, en from outreach_message where person = $1 order by id desc limit 1`, x.owners[0]).Scan(&zh, &en))
	for _, s := range []string{"第九百四十四条", "不得采取停止供电、供水", "85.00"} {
		if !strings.Contains(zh, s) {
			t.Errorf("%q lacks %q", zh, s)
		}
	}
	if !strings.Contains(en, "Civil Code 944") || !strings.Contains(en, "never cut off") {
		t.Error(en)
	}
	x.pay(Cash, x.homes[4], 85_00)
	remind("2027-01-12", 4) // the second step
	p, err := x.Arrears(ctx, x.cashier(), x.here.ID, 0)
	x.ok(err)
	if p.Count != 4 || p.Amount != 4*85_00 || p.Items[0].Days != 33 || p.Items[0].Reminded != 2 {
		t.Errorf("%+v", p)
	}
	rates, err := x.Collection(ctx, x.cashier(), x.here.ID, day.MustParse("2026-01-01"), day.MustParse("2026-12-31"))
	x.ok(err)
	if r := rates[0]; r.Billed != 510_00 || r.Got != 170_00 || r.Percent != "33.33" || r.Bills != 6 || r.Settled != 2 {
		t.Errorf("%+v", r)
	}
	if rates[1].Percent != "" {
		t.Error("a rate of nothing:", rates[1])
	}
}

func TestDiscountNeedsAResolution(t *testing.T) {
	x := priced(t)
	d := Discount{Discount: tariff.Discount{N: 3, D: 10, Words: "空置", From: day.MustParse("2026-12-01"), Under: x.homes[0].Path}, Compound: x.here.ID, Kind: PropertyFee}
	for _, by := range []string{"", "law", "assemblies/none/1", "contracts/none", "blobs/none"} {
		d.Decision = by
		_, err := x.SetDiscount(ctx, x.manager(), d)
		if !fault.IsKind(err, fault.Invalid) {
			t.Errorf("%q: %v", by, err)
		}
	}
	c, _, err := x.on.Service.Serving(ctx, x.db, x.here.Path, x.Today())
	x.ok(err)
	d.Decision = "contracts/" + c.ID
	_, err = x.SetDiscount(ctx, x.manager(), d)
	x.ok(err)
	x.bill1("2026-12")
	b := x.openOf(x.homes[0])[0]
	if b.Amount != 59_50 || len(b.Steps) != 2 || b.Steps[1].Amount != -25_50 {
		t.Errorf("%+v", b)
	}
	_, err = x.SetDiscount(ctx, x.manager(), d)
	x.refused(err, ErrBilled)
	_, err = x.SetTariff(ctx, x.manager(), Tariff{Tariff: tariff.Tariff{By: tariff.Area, Rate: 9000, Decision: "law", From: day.MustParse("2027-01-01")}, Compound: x.here.ID, Kind: PropertyFee})
	x.refused(err, ErrOverlap)
	list, _, err := x.Tariffs(ctx, x.manager(), x.here.ID)
	x.ok(err)
	_, err = x.EndTariff(ctx, x.manager(), x.here.ID, list[0].ID, day.MustParse("2026-11-30"), "调价")
	x.refused(err, ErrBilled)
	_, err = x.EndTariff(ctx, x.manager(), x.here.ID, list[0].ID, day.MustParse("2026-12-31"), "调价")
	x.ok(err)
	x.price(PropertyFee, tariff.Tariff{By: tariff.Area, Rate: 9000, From: day.MustParse("2027-01-01")})
}

func TestOwnBills(t *testing.T) {
	x := priced(t)
	x.bill1("2026-11")
	m, err := x.MyBills(ctx, x.owner(0))
	x.ok(err)
	if len(m.Items) != 1 || m.Items[0].Home != x.homes[0].ID || m.Owed != 85_00 {
		t.Fatalf("%+v", m)
	}
	_, err = x.ownBill(ctx, x.db, x.owner(1), m.Items[0].ID)
	x.refused(err, ErrMissing) // a neighbour's
	m, err = x.MyBills(ctx, x.owner(0))
	x.ok(err)
	// Sold on the 1st of December: the seller keeps November's, the buyer does not see it.
	x.to("2026-12-01T09:00")
	buyer := x.owners[1]
	x.write(func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, `update people_title set to_day = '2026-11-30' where node = $1`, x.homes[0].ID)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `update people_household set to_day = '2026-11-30' where node = $1`, x.homes[0].ID); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `insert into people_title (id, node, path, person, from_day, created_at) values ('t-buyer', $1, $2, $3, '2026-12-01', 1)`, x.homes[0].ID, string(x.homes[0].Path), buyer)
		return err
	})
	if _, err := x.ownBill(ctx, x.db, x.owner(0), m.Items[0].ID); err != nil {
		t.Error("the seller no longer sees what he owes:", err)
	}
	_, err = x.ownBill(ctx, x.db, x.owner(1), m.Items[0].ID)
	x.refused(err, ErrMissing)
}

// Every operation refuses strangers, neighbours, the wrong company and posts.
func TestFeeRefusals(t *testing.T) {
	x := priced(t)
	x.bill1("2026-11")
	r := x.pay(Cash, x.homes[0], 100_00)
	b := x.openOf(x.homes[1])[0]
	id := x.here.ID
	ops := map[string]func(access.Who) error{
		"tariffs": func(w access.Who) error { _, _, err := x.Tariffs(ctx, w, id); return err },
		"tariff":  func(w access.Who) error { _, err := x.SetTariff(ctx, w, Tariff{Compound: id}); return err },
		"end":     func(w access.Who) error { _, err := x.EndTariff(ctx, w, id, "x", 1, "x"); return err },
		"discount": func(w access.Who) error {
			_, err := x.SetDiscount(ctx, w, Discount{Compound: id})
			return err
		},
		"preview": func(w access.Who) error { _, err := x.PreviewBills(ctx, w, id, "2026-12", byTariff); return err },
		"bills":   func(w access.Who) error { _, err := x.MakeBills(ctx, w, id, "2026-12", byTariff); return err },
		"list":    func(w access.Who) error { _, err := x.Bills(ctx, w, id, FindBills{}); return err },
		"runs":    func(w access.Who) error { _, err := x.ListRuns(ctx, w, id); return err },
		"account": func(w access.Who) error { _, err := x.HomeAccount(ctx, w, id, x.homes[0].ID); return err },
		"receive": func(w access.Who) error {
			_, err := x.Receive(ctx, w, id, Receipt{Way: Cash, Home: x.homes[0].ID, Amount: 1}, "")
			return err
		},
		"refund":     func(w access.Who) error { _, err := x.GiveBack(ctx, w, id, r.ID, 1, "", "x"); return err },
		"show":       func(w access.Who) error { _, err := x.ShowReceipt(ctx, w, id, r.ID); return err },
		"waive":      func(w access.Who) error { _, err := x.Waive(ctx, w, id, b.ID, 1, "law", "x"); return err },
		"correct":    func(w access.Who) error { _, err := x.Correct(ctx, w, id, b.ID, 1, "x"); return err },
		"arrears":    func(w access.Who) error { _, err := x.Arrears(ctx, w, id, 0); return err },
		"collection": func(w access.Who) error { _, err := x.Collection(ctx, w, id, 0, 0); return err },
		"invoices": func(w access.Who) error {
			return x.ExportInvoices(ctx, w, id, day.MustParse("2026-01-01"), day.MustParse("2026-12-31"), "x", io.Discard)
		},
		"rent":        func(w access.Who) error { _, err := x.Rent(ctx, w, id, Space{}); return err },
		"readings":    func(w access.Who) error { _, err := x.Readings(ctx, w, id, []Reading{{}}); return err },
		"share":       func(w access.Who) error { _, err := x.Share(ctx, w, id, Shared{}); return err },
		"differences": func(w access.Who) error { _, err := x.Differences(ctx, w, id, ""); return err },
		"settle":      func(w access.Who) error { return x.SettleDifference(ctx, w, id, "x", "x") },
	}
	for op, do := range ops {
		for name, who := range x.strangers() {
			err := do(who)
			if !fault.IsKind(err, fault.SignIn) && !fault.IsKind(err, fault.Missing) && !fault.IsKind(err, fault.Refused) {
				t.Errorf("%s by %s: %v", op, name, err)
			}
		}
		if op == "tariffs" || op == "show" {
			continue // an owner may see these; a receipt only his own
		}
		if err := do(x.owner(2)); !fault.IsKind(err, fault.Missing) && !fault.IsKind(err, fault.Refused) {
			t.Errorf("%s by an owner: %v", op, err)
		}
	}
	if _, err := x.ShowReceipt(ctx, x.owner(0), id, r.ID); err != nil {
		t.Error("one's own receipt:", err)
	}
	_, err := x.ShowReceipt(ctx, x.owner(1), id, r.ID)
	x.refused(err, ErrMissing)
	// A neighbour compound's things under this one's name, and this one's under theirs.
	other := x.as("m2", access.PropertyManager, x.there.Path, x.two.ID)
	_, err = x.Waive(ctx, other, x.there.ID, b.ID, 1, "law", "x")
	if !fault.IsKind(err, fault.Missing) && err != ErrNoBook {
		t.Error("another compound's bill:", err)
	}
	_, err = x.Receive(ctx, other, x.there.ID, Receipt{Way: Cash, Home: x.homes[0].ID, Amount: 1}, "")
	x.refused(err, ErrHome)
	// The contract ended: the company is a stranger.
	c, _, err := x.on.Service.Serving(ctx, x.db, x.here.Path, x.Today())
	x.ok(err)
	x.write(func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, `update service_contract set to_day = '2026-11-09' where id = $1`, c.ID)
		return err
	})
	_, err = x.Receive(ctx, x.cashier(), id, Receipt{Way: Cash, Home: x.homes[0].ID, Amount: 1}, "")
	x.refused(err, ErrCompany)
}

func TestCapital(t *testing.T) {
	for a, want := range map[yuan.Amount]string{0: "零元整", 85_00: "捌拾伍元整", 100_05: "壹佰元零伍分", 1_000_000_50: "壹佰万元伍角整", 10_010_00: "壹万零壹拾元整", 100_000_001_00: "壹亿零壹元整", 3: "叁分", 12_34: "壹拾贰元叁角肆分"} {
		if got := capital(a); got != want {
			t.Errorf("%s is %s, want %s", a, got, want)
		}
	}
}

// A billing that is broken off after some homes goes on where it was; what it wrote until then agrees with the books.
func TestBillingGoesOn(t *testing.T) {
	x := priced(t)
	x.atOnce = 2
	list, err := x.MakeBills(ctx, x.cashier(), x.here.ID, "2026-11", []BillKind{PropertyFee})
	x.ok(err)
	broken, cancel := context.WithCancel(ctx)
	seen := 0
	x.db.OnChange(func(c store.Change) {
		if c.Kind == "runs" {
			if seen++; seen == 3 { // begun, two homes, four homes
				cancel()
			}
		}
	})
	if err := x.doRun(broken, list[0].ID); err == nil {
		t.Fatal("it was not broken off")
	}
	n, err := store.Count(ctx, x.db, `select count(*) from money_bill`)
	x.ok(err)
	if n == 0 || n == 6 {
		t.Fatal(n, "bills")
	}
	x.proven()
	x.jobs()
	r, err := x.runs(ctx, x.db, `id = $1`, list[0].ID)
	x.ok(err)
	if r[0].State != "done" || r[0].Bills != 6 || r[0].Done != 6 || r[0].Amount != 510_00 {
		t.Fatalf("%+v", r[0])
	}
	x.proven()
}

// Money of a closed month is received today and keeps its day on the receipt; with the year the numbers begin anew.
func TestClosedMonthAndNewYear(t *testing.T) {
	x := priced(t)
	x.bill1("2026-11")
	x.to("2026-12-05T09:00")
	x.write(func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, `update money_book set closed = '2026-11-30' where compound = $1`, x.here.ID)
		return err
	})
	r, err := x.Receive(ctx, x.cashier(), x.here.ID, Receipt{Way: Transfer, Home: x.homes[0].ID, Amount: 85_00, On: day.MustParse("2026-11-28"), Ref: "1"}, "")
	x.ok(err)
	e, err := x.entry(ctx, x.db, x.here.ID, r.Entry)
	x.ok(err)
	if e.Day != day.MustParse("2026-12-05") || r.On != day.MustParse("2026-11-28") {
		t.Error(e.Day, r.On)
	}
	x.to("2027-01-01T00:00")
	if r := x.pay(Cash, x.homes[1], 85_00); r.No != "2027-000001" {
		t.Error(r.No)
	}
}

// No operation of the till cuts anything off.
func TestNothingIsCutOff(t *testing.T) {
	for _, a := range access.Actions() {
		if strings.HasPrefix(a.Name, "money.") && (strings.Contains(a.Zh, "停水") || strings.Contains(a.Zh, "停电") || strings.Contains(a.En, "cut")) {
			t.Errorf("%s may cut something off; R76 (Civil Code 944) forbids it", a.Name)
		}
	}
}

// A bill in a person's name goes over when two records turn out to be one person.
func TestMergedPersonKeepsBills(t *testing.T) {
	x := build(t)
	b := x.begun(x.here)
	x.write(func(tx *store.Tx) error {
		_, err := x.makeBill(ctx, tx, b, NewBill{Home: x.homes[0].ID, Person: "gone", Kind: OtherBill, Fund: ledger.Fees, Amount: 5_00, Zh: "门禁卡", En: "door card", Decision: "law"})
		return err
	})
	m, err := x.MyBills(ctx, x.owner(3))
	x.ok(err)
	if len(m.Items) != 0 {
		t.Fatal("somebody else's bill is seen")
	}
	x.write(func(tx *store.Tx) error { return x.Merged(ctx, tx, x.owners[3], "gone") })
	if m, err = x.MyBills(ctx, x.owner(3)); err != nil || len(m.Items) != 1 {
		t.Fatal(m, err)
	}
	if m, err = x.MyBills(ctx, x.owner(0)); err != nil || len(m.Items) != 0 {
		t.Fatal("the home's owner is shown a bill in another's name", m, err)
	}
}
