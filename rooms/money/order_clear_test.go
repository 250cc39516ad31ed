package money

import (
	"context"
	"errors"
	"testing"

	"cuobian/basis/fault"
	"cuobian/basis/yuan"
	"cuobian/platform/access"
	"cuobian/platform/store"
	"cuobian/rooms/duty"
	"cuobian/rooms/money/ledger"
)

// deaf is a provider that takes money and answers no question while it is silent.
type deaf struct {
	*Local
	silent bool
}

func (d *deaf) Query(ctx context.Context, o Order) (Answer, error) {
	if d.silent {
		return Answer{}, errors.New("no answer")
	}
	return d.Local.Query(ctx, o)
}

func (x *town) stateOf(o Order) string {
	x.t.Helper()
	list, err := x.orders(ctx, x.db, `id = $1`, o.ID)
	x.ok(err)
	return list[0].State
}

func (x *town) duties(kind string) int {
	x.t.Helper()
	p, err := x.on.Duty.Inbox(ctx, x.manager(), duty.Ask{Limit: 100})
	x.ok(err)
	n := 0
	for _, d := range p.Items {
		if d.Kind == kind && d.State == duty.Open {
			n++
		}
	}
	return n
}

// A provider that answers nobody makes an order unclear and somebody's duty; the desk asks again, or says what the provider's own
// record shows; a late answer finds its way in any state.
func TestUnclearOrders(t *testing.T) {
	x := priced(t)
	local := NewLocal(x.db, []byte("secret"))
	d := &deaf{Local: local}
	x.UseProvider(d)
	x.bill1("2026-11")
	var orders []Order
	var outs []string
	for n := range 5 {
		o, out := x.order(n)
		orders, outs = append(orders, o), append(outs, out)
		if n == 3 {
			x.ok(local.Hush(ctx, out)) // the local provider itself can be told not to answer
		}
	}
	if _, err := d.Query(ctx, orders[3]); err == nil {
		t.Fatal("it answers")
	}
	if _, err := d.Query(ctx, orders[2]); err != nil {
		t.Fatal(err)
	}
	d.silent = true
	x.to("2026-11-10T09:45")
	x.ok(x.Pursue(ctx))
	if x.stateOf(orders[0]) != "open" || x.duties(dutyOrder) != 0 {
		t.Fatal("an answer may still come")
	}
	x.to("2026-11-10T10:05")
	for range 2 {
		x.ok(x.Pursue(ctx))
	}
	for _, o := range orders {
		if x.stateOf(o) != "unclear" {
			t.Fatal(x.stateOf(o))
		}
	}
	if n := x.duties(dutyOrder); n != 5 {
		t.Fatal(n, "duties for five orders")
	}
	page, err := x.Orders(ctx, x.cashier(), x.here.ID, "unclear", "")
	x.ok(err)
	if page.Count != 5 {
		t.Fatalf("%+v", page)
	}
	clear := func(n int, c Clearing) (DeskOrder, error) {
		return x.ClearOrder(ctx, x.cashier(), x.here.ID, orders[n].ID, c)
	}
	// Asked again while it is silent: it says so, and nothing changes.
	again, err := x.AskOrder(ctx, x.cashier(), x.here.ID, orders[0].ID)
	x.ok(err)
	if !again.Silent || again.State != "unclear" {
		t.Fatalf("%+v", again)
	}
	// What is wanted for each word.
	paper := x.upload(x.cashier())
	for _, c := range []struct {
		c    Clearing
		want error
	}{
		{Clearing{How: ClearPaid, Outside: "W1", Amount: 8500, Paper: paper, Reason: " "}, ErrReason},
		{Clearing{How: ClearPaid, Amount: 8500, Paper: paper, Reason: "x"}, ErrOrderNo},
		{Clearing{How: ClearPaid, Outside: "W1", Paper: paper, Reason: "x"}, ErrAmount},
		{Clearing{How: ClearPaid, Outside: "W1", Amount: 8500, Reason: "x"}, ErrClearPaper},
		{Clearing{How: ClearTake, Reason: "x"}, ErrClear},
		{Clearing{How: ClearReturned, Paper: paper, Reason: "x"}, ErrClear},
		{Clearing{How: "", Reason: "x"}, ErrClear},
	} {
		_, err := clear(0, c.c)
		x.refused(err, c.want)
	}
	own := x.cashier()
	own.Person = x.owners[0]
	_, err = x.ClearOrder(ctx, own, x.here.ID, orders[0].ID, Clearing{How: ClearUnpaid, Reason: "x"})
	x.refused(err, ErrOwnOrder)
	x.shows(x.here.ID, "fees:clearing:local", 0)
	// Paid, as the provider's record shows; the bill is paid, the duty ended, the number stands once.
	got, err := clear(0, Clearing{How: ClearPaid, Outside: outs[0], Amount: 8500, Paper: paper, Reason: "渠道后台显示已付"})
	x.ok(err)
	x.ok(x.OrderSight(ctx, x.cashier(), orders[0].ID))
	if err := x.OrderSight(ctx, x.owner(1), orders[0].ID); err == nil {
		t.Fatal("an owner sees the paper of another's payment")
	}
	if got.State != "paid" || got.Note != "渠道后台显示已付" || got.Paper != paper || got.Parts[0].Receipt == "" || len(x.openOf(x.homes[0])) != 0 {
		t.Fatalf("%+v", got)
	}
	_, err = clear(0, Clearing{How: ClearPaid, Outside: outs[0], Amount: 8500, Paper: paper, Reason: "再来一次"})
	x.refused(err, ErrClear)
	_, err = clear(1, Clearing{How: ClearPaid, Outside: outs[0], Amount: 8500, Paper: x.upload(x.cashier()), Reason: "x"})
	x.refused(err, ErrOrderNoTwice)
	x.refused(x.Notified(ctx, "local", func(string) string { return "00" }, nil), ErrSignature)
	// Unpaid: let go; the payer may pay anew, and a late answer is still received.
	got, err = clear(1, Clearing{How: ClearUnpaid, Reason: "渠道后台没有这笔"})
	x.ok(err)
	if got.State != "expired" || x.duties(dutyOrder) != 3 {
		t.Fatalf("%+v", got)
	}
	body, sig, err := local.Pay(ctx, outs[1])
	x.ok(err)
	x.ok(x.Notified(ctx, "local", func(string) string { return sig }, body))
	if x.stateOf(orders[1]) != "paid" {
		t.Fatal(x.stateOf(orders[1]))
	}
	// Another sum in the provider's record is received by nobody: it differs, and the desk takes what came.
	got, err = clear(2, Clearing{How: ClearPaid, Outside: outs[2], Amount: 8499, Paper: x.upload(x.cashier()), Reason: "渠道少收一分"})
	x.ok(err)
	if got.State != "differs" || got.Got != 8499 || x.duties("money.difference") != 1 {
		t.Fatalf("%+v", got)
	}
	if got, err = clear(2, Clearing{How: ClearTake, Reason: "按实收入账，差一分另收"}); err != nil || got.State != "paid" {
		t.Fatalf("%+v %v", got, err)
	}
	if left := x.openOf(x.homes[2]); len(left) != 1 || left[0].Rest != 1 || x.duties("money.difference") != 0 {
		t.Fatalf("%+v", left)
	}
	// The fourth answers when it is asked again, days later; the fifth says there was nothing.
	_, _, err = local.Pay(ctx, outs[3])
	x.ok(err)
	x.to("2026-11-15T10:00")
	d.silent = false
	got, err = x.AskOrder(ctx, x.cashier(), x.here.ID, orders[3].ID)
	x.ok(err)
	if got.State != "paid" || got.URL != "" {
		t.Fatalf("%+v", got)
	}
	x.ok(x.Pursue(ctx))
	if x.stateOf(orders[4]) != "expired" || x.duties(dutyOrder) != 0 {
		t.Fatal(x.stateOf(orders[4]), x.duties(dutyOrder))
	}
	x.proven()
	x.tills()
}

// What differs is taken or given back; the provider's statement agrees with either.
func TestDiffersIsCleared(t *testing.T) {
	x := priced(t)
	local := NewLocal(x.db, []byte("secret"))
	x.UseProvider(local)
	x.bill1("2026-11")
	more, a := x.order(0)
	back, b := x.order(1)
	for i, o := range []Order{more, back} {
		x.write(func(tx *store.Tx) error {
			_, err := tx.Exec(ctx, `update money_local set amount = 8600, state = 'paid', day = $2, back = $3 where outside = $1`, []string{a, b}[i], today(tx), []int64{0, 8600}[i])
			return err
		})
		x.ok(x.land(ctx, "local", Answer{Order: o.ID, Outside: []string{a, b}[i], State: "paid", Amount: 8600}))
	}
	_, err := x.ClearOrder(ctx, x.cashier(), x.here.ID, back.ID, Clearing{How: ClearReturned, Reason: "渠道已原路退回"})
	x.refused(err, ErrClearPaper)
	_, err = x.ClearOrder(ctx, x.cashier(), x.here.ID, back.ID, Clearing{How: ClearUnpaid, Reason: "x"})
	x.refused(err, ErrClear)
	got, err := x.ClearOrder(ctx, x.cashier(), x.here.ID, back.ID, Clearing{How: ClearReturned, Paper: x.upload(x.cashier()), Reason: "渠道已原路退回"})
	x.ok(err)
	if got.State != "expired" || len(x.openOf(x.homes[1])) != 1 {
		t.Fatalf("%+v", got)
	}
	// Its notice once more is not money.
	x.ok(x.land(ctx, "local", Answer{Order: back.ID, Outside: b, State: "paid", Amount: 8600}))
	_, err = x.ClearOrder(ctx, x.cashier(), x.here.ID, more.ID, Clearing{How: ClearTake, Reason: "多付一元记作预存"})
	x.ok(err)
	x.shows(x.here.ID, "fees:clearing:local", 8600)
	x.shows(x.here.ID, "fees:ahead", -100)
	x.to("2026-11-11T00:10")
	x.ok(x.CheckProviders(ctx))
	list, err := x.Differences(ctx, x.cashier(), x.here.ID, "")
	x.ok(err)
	if len(list) != 2 || list[0].State != "settled" || list[1].State != "settled" {
		t.Fatalf("%+v", list)
	}
	x.proven()
}

// A payment around midnight stands in the statement of the day before; one whose notice comes after the statement was compared
// is listed there as missing, until it comes.
func TestLateAnswersAgreeWithTheStatement(t *testing.T) {
	x := priced(t)
	local := NewLocal(x.db, []byte("secret"))
	x.UseProvider(local)
	x.bill1("2026-11")
	_, a := x.order(0)
	b, c := x.order(1)
	x.to("2026-11-10T09:20")
	body, sig, err := local.Pay(ctx, a) // paid on the 10th, its notice comes on the 11th
	x.ok(err)
	bodyC, sigC, err := local.Pay(ctx, c)
	x.ok(err)
	x.to("2026-11-11T00:01")
	x.ok(x.Notified(ctx, "local", func(string) string { return sig }, body))
	x.to("2026-11-11T00:10")
	x.ok(x.CheckProviders(ctx))
	open := func() (out []Difference) {
		t.Helper()
		out, err := x.Differences(ctx, x.cashier(), x.here.ID, "open")
		x.ok(err)
		return out
	}
	if d := open(); len(d) != 1 || d[0].Order != b.ID || d[0].Sort != "missing_here" {
		t.Fatalf("%+v", d)
	}
	x.to("2026-11-11T08:00")
	x.ok(x.Notified(ctx, "local", func(string) string { return sigC }, bodyC))
	if d := open(); len(d) != 0 || x.duties("money.difference") != 0 {
		t.Fatalf("%+v", d)
	}
	x.to("2026-11-12T00:10")
	x.ok(x.CheckProviders(ctx))
	if d := open(); len(d) != 1 || d[0].Order != b.ID || d[0].Sort != "missing_there" {
		t.Fatalf("only what no statement lists is missing there: %+v", d)
	}
	x.proven()
}

// Two at the desk clear one order at the same time: it is received once.
func TestTwoClearOneOrder(t *testing.T) {
	x := priced(t)
	d := &deaf{Local: NewLocal(x.db, []byte("secret")), silent: true}
	x.UseProvider(d)
	x.bill1("2026-11")
	o, out := x.order(0)
	x.to("2026-11-10T10:30")
	x.ok(x.Pursue(ctx))
	papers := []string{x.upload(x.cashier()), x.upload(x.manager())}
	errs := make(chan error, 2)
	for i, who := range []access.Who{x.cashier(), x.manager()} {
		go func() {
			_, err := x.ClearOrder(ctx, who, x.here.ID, o.ID, Clearing{How: ClearPaid, Outside: out, Amount: 8500, Paper: papers[i], Reason: "后台显示已付"})
			errs <- err
		}()
	}
	good := 0
	for range 2 {
		if err := <-errs; err == nil {
			good++
		} else if !errors.Is(err, ErrClear) {
			t.Error(err)
		}
	}
	if good != 1 {
		t.Fatal(good)
	}
	x.shows(x.here.ID, "fees:clearing:local", 8500)
	x.proven()
}

func TestClearingRefusesStrangers(t *testing.T) {
	x := priced(t)
	x.UseProvider(NewLocal(x.db, []byte("secret")))
	x.bill1("2026-11")
	o, _ := x.order(0)
	who := x.strangers()
	who["an owner"] = x.owner(1)
	for name, w := range who {
		_, e1 := x.AskOrder(ctx, w, x.here.ID, o.ID)
		_, e2 := x.ClearOrder(ctx, w, x.here.ID, o.ID, Clearing{How: ClearUnpaid, Reason: "x"})
		_, e3 := x.ClearTill(ctx, w, x.here.ID, TillClearing{Fund: ledger.Fees, How: TillFound, Amount: 1, Reason: "x"})
		for _, err := range []error{e1, e2, e3} {
			if !fault.IsKind(err, fault.SignIn) && !fault.IsKind(err, fault.Missing) && !fault.IsKind(err, fault.Refused) {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	// A neighbour's desk does not reach it under its own name.
	other := x.as("m2", access.PropertyManager, x.there.Path, x.two.ID)
	_, err := x.AskOrder(ctx, other, x.there.ID, o.ID)
	x.refused(err, ErrMissing)
	_, err = x.ClearOrder(ctx, other, x.there.ID, o.ID, Clearing{How: ClearUnpaid, Reason: "x"})
	x.refused(err, ErrMissing)
}

// What is over or short is made good, given back, borne or kept; the owners' money never bears a shortage.
func TestOverAndShortAreCleared(t *testing.T) {
	x := priced(t)
	x.bill1("2026-10")
	x.pay(Cash, x.homes[0], 8500)
	count := func(books, counted int64) {
		t.Helper()
		_, err := x.CountTill(ctx, x.cashier(), x.here.ID, TillCount{Fund: ledger.Fees, Books: yuan.Amount(books), Counted: yuan.Amount(counted), Reason: "盘点"})
		x.ok(err)
	}
	clear := func(how string, amount int64, more ...string) (TillFund, error) {
		c := TillClearing{Fund: ledger.Fees, How: how, Amount: yuan.Amount(amount), Reason: "查明"}
		if len(more) > 0 {
			c.Reason = more[0]
		}
		if len(more) > 1 {
			c.Paper = more[1]
		}
		return x.ClearTill(ctx, x.cashier(), x.here.ID, c)
	}
	refused := func(want error, how string, amount int64, more ...string) {
		t.Helper()
		_, err := clear(how, amount, more...)
		x.refused(err, want)
	}
	refused(ErrTillClear, TillFound, 1) // nothing is short
	count(8500, 8400)
	refused(ErrAmount, TillFound, 0)
	refused(ErrTillClear, TillFound, 101)
	refused(ErrTillClear, TillKept, 100)
	refused(ErrTillClear, "other", 100)
	refused(ErrReason, TillFound, 100, " ")
	refused(ErrTillOwners, TillBorne, 100)
	f, err := clear(TillFound, 60)
	x.ok(err)
	if f.Unclear != 40 || f.Cash != 8460 {
		t.Fatalf("%+v", f)
	}
	x.tills()
	_, err = clear(TillFound, 40)
	x.ok(err)
	x.shows(x.here.ID, "fees:unclear", 0)
	// Over: part goes back to whom it belongs, the rest nobody claims.
	count(8500, 8530)
	refused(ErrTillClear, TillBorne, 10)
	_, err = clear(TillFound, 10)
	x.ok(err)
	_, err = clear(TillKept, 20)
	x.ok(err)
	x.shows(x.here.ID, "fees:cash", 8520)
	x.shows(x.here.ID, "fees:unclear", 0)
	x.shows(x.here.ID, "fees:earned:other", -20)
	x.tills()
	// The company's own till bears its loss by its own decision.
	_, err = x.Receive(ctx, x.cashier(), x.here.ID, Receipt{Home: x.homes[1].ID, Way: Cash, Amount: 500, Fund: ledger.Company}, "")
	x.ok(err)
	_, err = x.CountTill(ctx, x.cashier(), x.here.ID, TillCount{Fund: ledger.Company, Books: 500, Counted: 470, Reason: "盘点"})
	x.ok(err)
	c := TillClearing{Fund: ledger.Company, How: TillBorne, Amount: 30, Reason: "经查无法追回"}
	_, err = x.ClearTill(ctx, x.cashier(), x.here.ID, c)
	x.refused(err, ErrTillPaper)
	c.Paper = x.upload(x.cashier())
	_, err = x.ClearTill(ctx, x.cashier(), x.here.ID, c)
	x.ok(err)
	x.shows(x.here.ID, "company:spent:other", 30)
	x.shows(x.here.ID, "company:unclear", 0)
	x.proven()
	x.tills()
}
