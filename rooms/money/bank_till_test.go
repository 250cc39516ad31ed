package money

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"cuobian/basis/day"
	"cuobian/basis/yuan"
	"cuobian/platform/access"
	"cuobian/platform/store"
	"cuobian/rooms/assembly"
	"cuobian/rooms/duty"
	"cuobian/rooms/money/ledger"
	"cuobian/rooms/money/tariff"
)

// tills fails unless the tills and what is on its way equal their parts.
func (x *town) tills() {
	x.t.Helper()
	x.proveBanks()
	list, err := x.proveTill(ctx, x.db, x.here.ID)
	x.ok(err)
	for _, p := range list {
		if !p.Holds {
			x.t.Fatalf("%+v", p)
		}
	}
}

// Cash lies in the till until it is paid into the bank, a code at the desk on its way, a transfer at the bank.
func TestTheTill(t *testing.T) {
	x := priced(t)
	a := x.feesAccount()
	x.bill1("2026-10")
	x.pay(Cash, x.homes[0], 8500)
	x.pay(QR, x.homes[1], 8500)
	x.pay(Transfer, x.homes[2], 8500)
	for account, want := range map[string]yuan.Amount{"fees:cash": 8500, "fees:clearing": 8500, "fees:bank": 8500} {
		x.shows(x.here.ID, account, want)
	}
	x.tills()
	in := func(amount yuan.Amount, more ...func(*Deposit)) (Deposit, error) {
		d := Deposit{Fund: ledger.Fees, Amount: amount}
		for _, f := range more {
			f(&d)
		}
		return x.PayIn(ctx, x.cashier(), x.here.ID, d)
	}
	_, err := in(8501)
	x.refused(err, ErrDeposit)
	_, err = in(0)
	x.refused(err, ErrAmount)
	_, err = in(1, func(d *Deposit) { d.Fund = ledger.Petty })
	x.refused(err, errFund)
	_, err = in(1, func(d *Deposit) { d.Account = "nowhere" })
	x.refused(err, ErrDepositBank)
	_, err = in(1, func(d *Deposit) { d.On = x.Today().Add(1) })
	x.refused(err, ErrFuture)
	wrong, err := in(6000, func(d *Deposit) { d.Account, d.Ref = a.ID, "回单 1" })
	x.ok(err)
	x.shows(x.here.ID, "fees:cash", 2500)
	_, err = x.UndoPayIn(ctx, x.cashier(), x.here.ID, wrong.ID, " ")
	x.refused(err, ErrReason)
	_, err = x.UndoPayIn(ctx, x.cashier(), x.here.ID, wrong.ID, "金额写错")
	x.ok(err)
	_, err = x.UndoPayIn(ctx, x.cashier(), x.here.ID, wrong.ID, "金额写错")
	x.refused(err, ErrChanged)
	x.shows(x.here.ID, "fees:cash", 8500)
	x.tills()
	// Several pay in at once: no more leaves the till than lies in it.
	var wg sync.WaitGroup
	good := make([]bool, 4)
	for i := range good {
		wg.Go(func() { _, err := in(3000); good[i] = err == nil })
	}
	wg.Wait()
	n := yuan.Amount(0)
	for _, g := range good {
		if g {
			n++
		}
	}
	if n != 2 {
		t.Fatal(good)
	}
	x.shows(x.here.ID, "fees:cash", 2500)
	x.shows(x.here.ID, "fees:bank", 8500+6000)
	// No more is given back in cash than the till holds.
	first, err := x.receipts(ctx, x.db, `way = 'cash'`)
	x.ok(err)
	_, err = x.GiveBack(ctx, x.cashier(), x.here.ID, first[0].ID, 2501, "", "多收")
	x.refused(err, ErrTillShort)
	_, err = x.GiveBack(ctx, x.cashier(), x.here.ID, first[0].ID, 2501, Transfer, "多收")
	x.ok(err)
	x.shows(x.here.ID, "fees:bank", 8500+6000-2501)
	x.tills()
	// The day is closed: what was counted against the account.
	count := func(books, counted yuan.Amount, why string) (TillCount, error) {
		return x.CountTill(ctx, x.cashier(), x.here.ID, TillCount{Fund: ledger.Fees, Books: books, Counted: counted, Reason: why})
	}
	_, err = count(2500, 2490, " ")
	x.refused(err, ErrCountReason)
	_, err = count(2400, 2400, "")
	x.refused(err, ErrCountMoved)
	_, err = count(2500, -1, "x")
	x.refused(err, ErrTillCount)
	c, err := count(2500, 2490, "找零少收一角")
	x.ok(err)
	if c.Difference != -10 || c.Entry == "" {
		t.Fatalf("%+v", c)
	}
	x.shows(x.here.ID, "fees:cash", 2490)
	x.shows(x.here.ID, "fees:unclear", 10)
	if c, err = count(2490, 2500, "柜底找到一角"); err != nil || c.Difference != 10 {
		t.Fatalf("%+v %v", c, err)
	}
	x.shows(x.here.ID, "fees:unclear", 0)
	if c, err = count(2500, 2500, ""); err != nil || c.Entry != "" {
		t.Fatalf("%+v %v", c, err)
	}
	x.tills()
	v, err := x.Desk(ctx, x.cashier(), x.here.ID)
	x.ok(err)
	if len(v.Funds) != 1 || v.Funds[0].Cash != 2500 || v.Funds[0].In != 8500 || v.Funds[0].Paid != 6000 || len(v.Funds[0].Clearing) != 1 || v.Funds[0].Clearing[0].Amount != 8500 || len(v.Deposits) != 3 || len(v.Counts) != 3 || len(v.Funds[0].Accounts) != 1 {
		t.Fatalf("%+v", v)
	}
	// The bank's lines: one deposit was entered before, what is left of the till is said by hand, without naming receipts.
	x.sent(a, "2026-11-10,,30.00,,,,,现金存入,", "2026-11-10,,20.00,,,,,现金,柜台", "2026-11-10,,6.00,,,,,现金,柜台")
	by := map[yuan.Amount]BankLine{}
	for _, l := range x.lines("unmatched") {
		by[l.Amount] = l
	}
	l, err := x.Line(ctx, x.manager(), x.here.ID, by[3000].ID)
	x.ok(err)
	if len(l.Proposed) != 2 || len(l.Proposed[0].To.Entries) != 1 || l.Proposed[0].Reasons[0].Code != "cash" {
		t.Fatalf("%+v", l.Proposed)
	}
	if len(l.Open) != 4 { // both deposits, the transfer, and what the code at the desk took
		t.Errorf("%+v", l.Open)
	}
	_, err = x.Match(ctx, x.manager(), x.here.ID, l.ID, l.Proposed[0].To)
	x.ok(err)
	if other, err := x.Line(ctx, x.manager(), x.here.ID, by[2000].ID); err != nil || len(other.Open) != 3 {
		t.Errorf("what stands for a line is offered again: %+v %v", other.Open, err)
	}
	for _, d := range v.Deposits {
		if d.Entry == l.Proposed[0].To.Entries[0] {
			_, err = x.UndoPayIn(ctx, x.cashier(), x.here.ID, d.ID, "x")
			x.refused(err, ErrDeposited)
		}
	}
	_, err = x.Match(ctx, x.manager(), x.here.ID, by[2000].ID, MatchTo{Account: "income:cash"})
	x.refused(err, ErrToAccount)
	_, err = x.Match(ctx, x.manager(), x.here.ID, by[2000].ID, MatchTo{Account: "fees:cash", Fee: 1})
	x.refused(err, ErrFee)
	_, err = x.Match(ctx, x.manager(), x.here.ID, by[2000].ID, MatchTo{Account: "fees:cash"})
	x.ok(err)
	_, err = x.Match(ctx, x.manager(), x.here.ID, by[600].ID, MatchTo{Account: "fees:cash"})
	x.refused(err, ErrOnWay)
	x.shows(x.here.ID, "fees:cash", 500)
	x.tills()
	_, err = x.Unmatch(ctx, x.manager(), x.here.ID, by[2000].ID, "不是柜台的款")
	x.ok(err)
	x.shows(x.here.ID, "fees:cash", 2500)
	x.tills()
}

// What a provider took lies on its account until the bank shows its settlement; what it kept is a charge of its own.
func TestProviderSettles(t *testing.T) {
	x := priced(t)
	a := x.feesAccount()
	local := NewLocal(x.db, []byte("secret"))
	x.UseProvider(local)
	x.bill1("2026-11")
	for n := range 3 {
		_, outside := x.order(n)
		body, sig, err := local.Pay(ctx, outside)
		x.ok(err)
		x.ok(x.Notified(ctx, "local", func(string) string { return sig }, body))
	}
	x.shows(x.here.ID, "fees:clearing:local", 255_00)
	x.to("2026-11-11T09:00")
	x.sent(a, "2026-11-11,,254.03,,,某支付公司,,结算,T+1 结算", "2026-11-11,,100.00,,,某支付公司,,转账,")
	got, err := x.Automatch(ctx, x.manager(), x.here.ID, "")
	x.ok(err)
	if got.Matched != 1 {
		t.Fatalf("%+v", got)
	}
	l := x.lines("matched")[0]
	if len(l.Matches) != 4 || l.Matches[0].Why[0].Code != "settled" || l.Matches[0].Why[1].Code != "fee" {
		t.Fatalf("%+v", l.Matches)
	}
	for account, want := range map[string]yuan.Amount{"fees:clearing:local": 0, "fees:bank": 254_03, "fees:spent:charges": 97} {
		x.shows(x.here.ID, account, want)
	}
	x.tills()
	entry := l.Matches[3].Entry
	for _, m := range l.Matches {
		if !m.Made {
			if m.Settles != 85_00 || m.Amount != 0 {
				t.Errorf("%+v", m)
			}
			entry = m.Entry
		}
	}
	other := x.lines("unmatched")[0]
	_, err = x.Match(ctx, x.manager(), x.here.ID, other.ID, MatchTo{Entries: []string{entry}})
	x.refused(err, ErrEntryTaken) // it is settled
	_, err = x.Unmatch(ctx, x.manager(), x.here.ID, l.ID, "对错了")
	x.ok(err)
	x.shows(x.here.ID, "fees:clearing:local", 255_00)
	x.shows(x.here.ID, "fees:spent:charges", 0)
	x.tills()
	// A fee above two of a hundred, below zero, or of nothing under way is none.
	for _, to := range []MatchTo{{Entries: []string{entry}, Fee: 1_71}, {Entries: []string{entry}, Fee: -1}, {Account: "fees:earned:other", Reason: "x", Fee: 1}} {
		_, err = x.Match(ctx, x.manager(), x.here.ID, l.ID, to)
		x.refused(err, ErrFee)
	}
	// Part of what is under way, without naming receipts.
	_, err = x.Match(ctx, x.manager(), x.here.ID, other.ID, MatchTo{Account: "fees:clearing:local", Fee: 50})
	x.ok(err)
	x.shows(x.here.ID, "fees:clearing:local", 154_50)
	x.tills()
	// A fen too little is explained and posted to its account.
	x.sent(a, "2026-11-12,,84.99,,,某支付公司,,转账,")
	for _, l := range x.lines("unmatched") {
		if l.Amount != 84_99 {
			continue
		}
		_, err = x.Match(ctx, x.manager(), x.here.ID, l.ID, MatchTo{Entries: []string{entry}})
		x.refused(err, ErrUneven)
		_, err = x.Match(ctx, x.manager(), x.here.ID, l.ID, MatchTo{Entries: []string{entry}, Rest: &Rest{Account: "fees:spent:office", Reason: "渠道少结一分"}})
		x.ok(err)
	}
	x.shows(x.here.ID, "fees:spent:office", 1)
	x.tills()
	p, err := x.proveAll(ctx, x.db, x.here.ID)
	x.ok(err)
	if !p.Holds {
		t.Errorf("%+v", p.Items)
	}
}

// Receipts from before there were tills stand on the bank's account: they are given back and matched there.
func TestReceiptsFromBefore(t *testing.T) {
	x := priced(t)
	a := x.feesAccount()
	x.bill1("2026-10")
	r, s := x.pay(Cash, x.homes[0], 8500), x.pay(QR, x.homes[1], 8500)
	x.write(func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, `update money_leg set account = 'fees:bank' where entry in ($1, $2) and amount > 0`, r.Entry, s.Entry)
		return err
	})
	x.tills()
	_, err := x.GiveBack(ctx, x.cashier(), x.here.ID, r.ID, 1000, "", "多收")
	x.ok(err)
	x.shows(x.here.ID, "fees:bank", 2*8500-1000)
	x.shows(x.here.ID, "fees:cash", 0)
	x.sent(a, "2026-11-10,,85.00,,,李某,,转账,收据"+s.No)
	got, err := x.Automatch(ctx, x.manager(), x.here.ID, "")
	x.ok(err)
	if got.Matched != 1 {
		t.Fatalf("%+v", got)
	}
	x.proveBanks()
}

func TestTillRefusals(t *testing.T) {
	x := priced(t)
	x.bill1("2026-10")
	x.pay(Cash, x.homes[0], 8500)
	id := x.here.ID
	d, err := x.PayIn(ctx, x.cashier(), id, Deposit{Fund: ledger.Fees, Amount: 100})
	x.ok(err)
	ops := map[string]func(who access.Who) error{
		"desk": func(who access.Who) error { _, err := x.Desk(ctx, who, id); return err },
		"pay in": func(who access.Who) error {
			_, err := x.PayIn(ctx, who, id, Deposit{Fund: ledger.Fees, Amount: 1})
			return err
		},
		"undo": func(who access.Who) error { _, err := x.UndoPayIn(ctx, who, id, d.ID, "x"); return err },
		"count": func(who access.Who) error {
			_, err := x.CountTill(ctx, who, id, TillCount{Fund: ledger.Fees, Books: 8400, Counted: 8400})
			return err
		},
		"spaces":   func(who access.Who) error { _, err := x.Spaces(ctx, who, id, ""); return err },
		"shared":   func(who access.Who) error { _, err := x.SharedSums(ctx, who, id); return err },
		"drop":     func(who access.Who) error { return x.DropShared(ctx, who, id, "x", "x") },
		"days":     func(who access.Who) error { _, err := x.ProviderDays(ctx, who, id); return err },
		"receipts": func(who access.Who) error { _, err := x.Receipts(ctx, who, id, FindReceipts{}); return err },
	}
	for op, run := range ops {
		for name, who := range x.strangers() {
			if err := run(who); err == nil {
				t.Errorf("%s may %s", name, op)
			}
		}
		if err := run(x.owner(0)); err == nil {
			t.Errorf("an owner may %s", op)
		}
	}
	_, err = x.UndoPayIn(ctx, x.as("m2", access.PropertyManager, x.there.Path, x.two.ID), x.there.ID, d.ID, "x")
	x.refused(err, ErrMissing)
	x.write(func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, `update service_contract set to_day = '2026-11-09' where org = $1`, x.one.ID)
		return err
	})
	for op, run := range ops {
		if err := run(x.cashier()); err == nil {
			t.Errorf("the company of before may %s", op)
		}
	}
	x.shows(id, "fees:cash", 8400)
}

// Receipts are found by number, home, payer, transfer and sum.
func TestReceiptsAreFound(t *testing.T) {
	x := priced(t)
	x.bill1("2026-10")
	x.pay(Cash, x.homes[0], 8500)
	r, err := x.Receive(ctx, x.cashier(), x.here.ID, Receipt{Way: Transfer, Home: x.homes[3].ID, Amount: 9000, Ref: "网银 778", Payer: "虚构某甲"}, "")
	x.ok(err)
	for q, n := range map[string]int{"": 2, r.No: 1, "000002": 1, "2-101": 1, "101": 2, "某甲": 1, "网银 778": 1, "90.00": 1, "90": 1, "没有": 0, "%": 0} {
		p, err := x.Receipts(ctx, x.cashier(), x.here.ID, FindReceipts{Text: q})
		x.ok(err)
		if len(p.Items) != n || p.Count != int64(n) {
			t.Errorf("%q: %d receipts, want %d", q, len(p.Items), n)
		}
	}
	p, err := x.Receipts(ctx, x.cashier(), x.here.ID, FindReceipts{Way: Cash, From: x.Today(), To: x.Today(), Limit: 1})
	x.ok(err)
	if len(p.Items) != 1 || p.More || p.Sum != 8500 || p.Items[0].Place == "" {
		t.Errorf("%+v", p)
	}
	if p, err = x.Receipts(ctx, x.cashier(), x.here.ID, FindReceipts{Limit: 1}); err != nil || p.More || p.Next == "" {
		t.Errorf("%+v %v", p, err)
	}
}

// An owner of two homes pays both with one order: a receipt for each, and each is given back by itself.
func TestTwoHomesOneOrder(t *testing.T) {
	x := priced(t)
	local := NewLocal(x.db, []byte("secret"))
	x.UseProvider(local)
	x.price(UtilityFee, tariff.Tariff{By: tariff.Area, Rate: 1_0000}, func(p *Tariff) { p.Fund = ledger.Company })
	x.write(func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, `update people_title set person = $1 where node = $2`, x.owners[0], x.homes[1].ID)
		return err
	})
	x.bill1("2026-11", PropertyFee, UtilityFee)
	m, err := x.MyBills(ctx, x.owner(0))
	x.ok(err)
	bills, homes := map[ledger.Fund][]string{}, map[string]bool{}
	for _, b := range m.Items {
		bills[b.Fund] = append(bills[b.Fund], b.ID)
		homes[b.Home] = true
	}
	if len(homes) != 2 || len(bills[ledger.Fees]) != 2 || len(bills[ledger.Company]) != 2 {
		t.Fatalf("%+v", m.Items)
	}
	_, err = x.PayBills(ctx, x.owner(0), append(bills[ledger.Fees], bills[ledger.Company]...), "local") // two homes, two funds
	x.refused(err, ErrOneHome)
	_, err = x.PayBills(ctx, x.owner(2), bills[ledger.Fees], "local")
	x.refused(err, ErrMissing)
	o, err := x.PayBills(ctx, x.owner(0), bills[ledger.Fees], "local")
	x.ok(err)
	if o.Amount != 170_00 || len(o.Parts) != 2 || o.Parts[0].Amount != 85_00 {
		t.Fatalf("%+v", o)
	}
	// One of the two is paid at the desk meanwhile: its share stays paid ahead.
	x.pay(Cash, x.homes[1], 85_00, x.feeBill(1))
	body, sig, err := local.Pay(ctx, o.URL[strings.LastIndex(o.URL, "/")+1:])
	x.ok(err)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if err := x.Notified(ctx, "local", func(string) string { return sig }, body); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if o, err = x.MyOrder(ctx, x.owner(0), o.ID); err != nil || o.State != "paid" || o.Parts[0].Receipt == "" || o.Parts[1].Receipt == "" || o.Parts[0].Receipt == o.Parts[1].Receipt || o.Receipt != o.Parts[0].Receipt {
		t.Fatalf("%+v %v", o, err)
	}
	for _, p := range o.Parts {
		r, err := x.receipt(ctx, x.db, p.Receipt)
		x.ok(err)
		if r.Home != p.Home || r.Amount != 85_00 || (p.Home == x.homes[1].ID) != (r.Ahead == 85_00) {
			t.Errorf("%+v", r)
		}
	}
	x.shows(x.here.ID, "fees:clearing:local", 170_00)
	x.shows(x.here.ID, "fees:ahead", -85_00)
	x.tills()
	// Given back from the second: the provider gives back, and its statement agrees.
	_, err = x.GiveBack(ctx, x.cashier(), x.here.ID, o.Parts[1].Receipt, 20_00, "", "多收")
	x.ok(err)
	x.jobs()
	x.shows(x.here.ID, "fees:clearing:local", 150_00)
	x.to("2026-11-11T03:00")
	x.ok(x.CheckProviders(ctx))
	if list, err := x.Differences(ctx, x.cashier(), x.here.ID, ""); err != nil || len(list) != 0 {
		t.Fatalf("%+v %v", list, err)
	}
	x.tills()
}

// Two accounts of one fund are reconciled apart; what passes between them is on its way.
func TestEachAccountItsMonth(t *testing.T) {
	x := priced(t)
	x.to("2026-10-20T09:00")
	one := x.feesAccount()
	two, err := x.OpenAccount(ctx, x.manager(), x.here.ID, BankAccount{Fund: ledger.Fees, Bank: "第二银行", Holder: x.one.ID, Kind: "company", Opened: day.MustParse("2026-02-01")}, "6222000000005678")
	x.ok(err)
	x.bill1("2026-10")
	r := x.pay(Transfer, x.homes[0], 8500) // into the second account; nobody has said so yet
	x.pay(Transfer, x.homes[1], 8500)
	x.pay(Cash, x.homes[2], 8500)
	x.to("2026-11-02T09:00")
	x.sent(one, "2026-10-25,,85.00,,85.00,业主2,,转账,1-201物业费", "2026-10-28,,,50.00,35.00,甲物业,,转账,划转")
	x.sent(two, "2026-10-28,,50.00,,50.00,甲物业,,转账,划转")
	got, err := x.Automatch(ctx, x.manager(), x.here.ID, one.ID)
	x.ok(err)
	if got.Matched != 1 {
		t.Fatalf("%+v", got)
	}
	var out, in BankLine
	for _, l := range x.lines("unmatched") {
		if l.Amount < 0 {
			out = l
		} else {
			in = l
		}
	}
	_, err = x.Match(ctx, x.manager(), x.here.ID, in.ID, MatchTo{Account: "fees:clearing"})
	x.refused(err, ErrOnWay) // nothing is on its way yet
	_, err = x.Match(ctx, x.manager(), x.here.ID, out.ID, MatchTo{Account: "fees:cash"})
	x.refused(err, ErrOutgoing)
	_, err = x.Match(ctx, x.manager(), x.here.ID, out.ID, MatchTo{Account: "fees:clearing"})
	x.ok(err)
	_, err = x.Match(ctx, x.manager(), x.here.ID, in.ID, MatchTo{Account: "fees:clearing"})
	x.ok(err)
	x.shows(x.here.ID, "fees:clearing", 0)
	n, err := x.BankTick(ctx)
	x.ok(err)
	if n != 2 {
		t.Fatal(n, "months were opened for two accounts")
	}
	list, err := x.Reconciliations(ctx, x.manager(), x.here.ID, "2026-10")
	x.ok(err)
	by := map[string]Reconciliation{}
	for _, m := range list {
		by[m.Account] = m
	}
	a, b := by[one.ID], by[two.ID]
	if len(list) != 2 || a.Books != 2*8500-5000 || a.Bank != 3500 || len(a.Entries) != 1 || a.Rest != 0 || !a.Main || len(a.OnWay) != 1 || a.OnWay[0].Amount != 8500 || len(a.Others) != 1 {
		t.Fatalf("%+v", a)
	}
	if b.Books != 5000 || b.Bank != 5000 || b.Difference != 0 || b.Unnoted != 0 || b.Main || len(b.OnWay) != 0 {
		t.Fatalf("%+v", b)
	}
	_, err = x.Reconcile(ctx, x.manager(), x.here.ID, "2026-10", Explained{Fund: ledger.Fees, Version: a.Version})
	x.refused(err, ErrWhich)
	_, err = x.Reconcile(ctx, x.manager(), x.here.ID, "2026-10", Explained{Fund: ledger.Fees, Account: one.ID, Version: a.Version, Move: map[string]string{a.Entries[0].Ref: "nowhere"}})
	x.refused(err, ErrWhich)
	_, err = x.Reconcile(ctx, x.manager(), x.here.ID, "2026-10", Explained{Fund: ledger.Income, Account: one.ID})
	x.refused(err, ErrMissing)
	// The payment lies in the second account: it is missing there now.
	a, err = x.Reconcile(ctx, x.manager(), x.here.ID, "2026-10", Explained{Fund: ledger.Fees, Account: one.ID, Version: a.Version, Move: map[string]string{"entries/" + r.Entry: two.ID}, Done: true})
	x.ok(err)
	if a.State != "done" || a.Books != 3500 || len(a.Entries) != 0 {
		t.Fatalf("%+v", a)
	}
	list, err = x.Reconciliations(ctx, x.manager(), x.here.ID, "2026-10")
	x.ok(err)
	for _, m := range list {
		if m.Account == two.ID && (m.Books != 13500 || len(m.Entries) != 1 || m.Rest != 0 || m.Unnoted != 1) {
			t.Fatalf("%+v", m)
		}
	}
	_, err = x.CheckMonth(ctx, x.director(), x.here.ID, "2026-10", ledger.Fees, two.ID, true, "")
	x.refused(err, ErrMonthState)
	for who, mine := range map[*access.Who]bool{ptr(x.manager()): true, ptr(x.director()): false} { // the page offers the check to others only
		list, err = x.Reconciliations(ctx, *who, x.here.ID, "2026-10")
		x.ok(err)
		for _, m := range list {
			if m.Mine != (mine && m.Account == one.ID) {
				t.Errorf("%+v", m)
			}
		}
	}
	_, err = x.CheckMonth(ctx, x.manager(), x.here.ID, "2026-10", ledger.Fees, one.ID, true, "")
	x.refused(err, ErrOwnMonth)
	a, err = x.CheckMonth(ctx, x.director(), x.here.ID, "2026-10", ledger.Fees, one.ID, true, "")
	x.ok(err)
	if a.State != "ended" {
		t.Fatalf("%+v", a)
	}
	x.tills()
}

// mute is a provider whose statement does not come.
type mute struct {
	*Local
	silent bool
}

func (m *mute) Statement(ctx context.Context, on day.Day) ([]StatementLine, error) {
	if m.silent {
		return nil, errors.New("no answer")
	}
	return m.Local.Statement(ctx, on)
}

// A provider's day that does not come is somebody's duty and stands in the month until it comes or is explained.
func TestAProvidersDayIsMissing(t *testing.T) {
	x := priced(t)
	x.to("2026-10-20T09:00")
	x.feesAccount()
	local := NewLocal(x.db, []byte("secret"))
	m := &mute{Local: local}
	x.UseProvider(m)
	x.bill1("2026-10")
	m.silent = true
	pays := func(n int, cents yuan.Amount) {
		t.Helper()
		_, outside := x.order(n)
		body, sig, err := local.Pay(ctx, outside)
		x.ok(err)
		x.ok(x.Notified(ctx, "local", func(string) string { return sig }, body))
		x.write(func(tx *store.Tx) error {
			_, err := tx.Exec(ctx, `update money_local set amount = amount + $2 where outside = $1`, outside, int64(cents))
			return err
		})
	}
	pays(0, 0)
	x.to("2026-10-21T09:00")
	pays(1, 1)
	owed := func() int {
		t.Helper()
		p, err := x.on.Duty.Inbox(ctx, x.manager(), duty.Ask{Limit: 100})
		x.ok(err)
		n := 0
		for _, d := range p.Items {
			if d.Kind == dutyProviderDay && d.State == duty.Open {
				n++
			}
		}
		return n
	}
	if err := x.CheckProviders(ctx); err == nil || owed() != 0 { // yesterday's may still come
		t.Fatal(err, owed())
	}
	x.to("2026-11-02T09:00")
	for range 2 {
		if err := x.CheckProviders(ctx); err == nil {
			t.Fatal("nobody is told that the statement does not come")
		}
	}
	if owed() != 2 {
		t.Fatal(owed(), "duties for two days")
	}
	days := func() string {
		list, err := x.ProviderDays(ctx, x.cashier(), x.here.ID)
		x.ok(err)
		said := ""
		for _, d := range list {
			said += fmt.Sprint(d.Day, " ", d.State, " ", d.Orders, " ", d.Amount, " ", d.Open, "; ")
		}
		return said
	}
	if got := days(); got != "2026-10-21 missing 1 85.00 0; 2026-10-20 missing 1 85.00 0; " {
		t.Error(got)
	}
	_, err := x.BankTick(ctx)
	x.ok(err)
	month := func() Reconciliation {
		t.Helper()
		list, err := x.Reconciliations(ctx, x.manager(), x.here.ID, "2026-10")
		x.ok(err)
		if len(list) != 1 {
			t.Fatalf("%+v", list)
		}
		return list[0]
	}
	got := month()
	if len(got.Days) != 2 || got.Days[0].Sort != "missing" || got.Days[0].Amount != 8500 || got.Unnoted != 2 || len(got.OnWay) != 1 || got.OnWay[0].Provider != "local" {
		t.Fatalf("%+v", got)
	}
	_, err = x.Reconcile(ctx, x.manager(), x.here.ID, "2026-10", Explained{Fund: ledger.Fees, Version: got.Version, Done: true})
	x.refused(err, ErrUnexplained)
	m.silent = false
	x.ok(x.CheckProviders(ctx))
	if owed() != 0 {
		t.Fatal(owed(), "duties stay")
	}
	got = month()
	if len(got.Days) != 1 || got.Days[0].Sort != "differs" || got.Days[0].Day != day.MustParse("2026-10-21") || got.Unnoted != 1 {
		t.Fatalf("%+v", got)
	}
	if got := days(); got != "2026-10-21 differs 1 85.00 1; 2026-10-20 agrees 1 85.00 0; " {
		t.Error(got)
	}
	list, err := x.Differences(ctx, x.cashier(), x.here.ID, "open")
	x.ok(err)
	x.ok(x.SettleDifference(ctx, x.cashier(), x.here.ID, list[0].ID, "渠道多记一分，已更正"))
	got, err = x.Reconcile(ctx, x.manager(), x.here.ID, "2026-10", Explained{Fund: ledger.Fees, Version: month().Version, Done: true})
	x.ok(err)
	if got.State != "done" || got.Days[0].Note != "渠道多记一分，已更正" {
		t.Fatalf("%+v", got)
	}
}

// A line that went out carries out the sealed payment that it pays: the right sum, by one who may pay and had no hand in it.
func TestLineCarriesOutAPayment(t *testing.T) {
	x := settled(t, 10_000_000)
	x.write(func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, `update people_org set path = $1 where id = $2`, string(x.here.Path), x.committee.ID)
		return err
	})
	a, err := x.OpenAccount(ctx, x.who["m0"], x.here.ID, BankAccount{Fund: ledger.Income, Bank: "样例银行", Holder: x.committee.ID, Kind: "committee", Opened: day.MustParse("2026-01-01")}, "6222000000001234")
	x.ok(err)
	p := x.agree(x.apply("staff", 600_000), "m0", "m1", "m2", "officer", "street")
	send := func(lines ...string) {
		t.Helper()
		f, err := x.SendStatement(ctx, x.who["manager"], x.here.ID, a.ID, "流水.csv", []byte(bankHead+strings.Join(lines, "\n")+"\n"))
		x.ok(err)
		_, err = x.ImportStatement(ctx, x.who["manager"], x.here.ID, a.ID, f.ID, "")
		x.ok(err)
	}
	on := x.Today().String()
	send(on+",,,6000.00,,丙灯具公司,,转账,灯具款", on+",,,5999.99,,丙灯具公司,,转账,灯具款")
	lines, _, _, _, err := x.Lines(ctx, x.who["manager"], x.here.ID, FindLines{})
	x.ok(err)
	by := map[yuan.Amount]BankLine{}
	for _, l := range lines {
		by[l.Amount] = l
	}
	match := func(name string, l BankLine, to MatchTo) error {
		_, err := x.Match(ctx, x.who[name], x.here.ID, l.ID, to)
		return err
	}
	to := MatchTo{Payment: p.ID}
	if err := match("manager", by[-600_000], to); err == nil {
		t.Fatal("a payment without its seals was paid")
	}
	p = x.seal2(p, "m4", "secretary")
	x.refused(match("manager", by[-599_999], to), ErrUneven)
	if err := match("m0", by[-600_000], to); err == nil {
		t.Error("who reviewed it carried it out")
	}
	if err := match("staff", by[-600_000], to); err == nil {
		t.Error("the cashier, who does not keep the books, matched a line")
	}
	x.refused(match("manager", by[-600_000], MatchTo{Payment: "nobody's"}), ErrMissing)
	one, err := x.Line(ctx, x.who["manager"], x.here.ID, by[-600_000].ID)
	x.ok(err)
	if len(one.Proposed) != 1 || one.Proposed[0].To.Payment != p.ID || one.Proposed[0].Reasons[0].Code != "payment" {
		t.Fatalf("%+v", one.Proposed)
	}
	var wg sync.WaitGroup
	errs := make([]error, 3)
	for i := range errs {
		wg.Go(func() { errs[i] = match("manager", by[-600_000], to) })
	}
	wg.Wait()
	good := 0
	for _, err := range errs {
		if err == nil {
			good++
		}
	}
	if good != 1 {
		t.Fatal(errs)
	}
	p, err = x.payment(ctx, x.db, p.ID)
	x.ok(err)
	if p.State != "paid" || p.Entry == "" {
		t.Fatalf("%+v", p)
	}
	x.shows(x.here.ID, "income:bank", 10_000_000-600_000)
	if err := match("manager", by[-599_999], to); err == nil {
		t.Error("one payment stands for two lines")
	}
	x.proveBanks()
	// Parted again, the payment stays paid: what was in the books before stays there.
	_, err = x.Unmatch(ctx, x.who["manager"], x.here.ID, by[-600_000].ID, "核对回单")
	x.ok(err)
	x.shows(x.here.ID, "income:bank", 10_000_000-600_000)
	x.ok(match("manager", by[-600_000], to))
	x.proveBanks()
}

// A discount and a tariff stand on a resolution that holds, of this compound; and bills are counted by it.
func TestByResolution(t *testing.T) {
	x := settled(t, 10_000_000)
	meeting := x.vote(assembly.Wording{Title: "物业费调整", Text: "物业费每平方米每月 1.00 元，一幢减免一成。", Item: 4}, 0, 1, 2, 3, 4)
	failed := x.vote(assembly.Wording{Title: "物业费减半", Text: "物业费减半。", Item: 4}, 0)
	from := day.MustParse(x.Today().Month() + "-01").AddMonths(1)
	set := func(decision string) error {
		_, err := x.SetTariff(ctx, x.manager(), Tariff{Compound: x.here.ID, Kind: PropertyFee, Tariff: tariff.Tariff{By: tariff.Area, Rate: 1_0000, Decision: decision, From: from}})
		return err
	}
	cut := func(decision string) error {
		_, err := x.SetDiscount(ctx, x.manager(), Discount{Compound: x.here.ID, Kind: PropertyFee, Discount: tariff.Discount{Under: x.homes[0].Path, N: 1, D: 10, Words: "一层减免一成", Decision: decision, From: from}})
		return err
	}
	for _, wrong := range []string{"assemblies/" + meeting + "/2", "assemblies/" + meeting, "assemblies/" + failed + "/1", "assemblies/nowhere/1"} {
		x.refused(set(wrong), ErrGround)
		x.refused(cut(wrong), ErrGround)
	}
	x.refused(cut("law"), ErrGround) // an official price is no ground for a discount
	good := "assemblies/" + meeting + "/1"
	x.ok(set(good))
	x.ok(cut(good))
	// Of another compound it is no ground there.
	_, err := x.SetDiscount(ctx, x.as("m2", access.PropertyManager, x.there.Path, x.two.ID), Discount{Compound: x.there.ID, Kind: PropertyFee, Discount: tariff.Discount{N: 1, D: 10, Words: "x", Decision: good, From: from}})
	x.refused(err, ErrGround)
	v, err := x.PreviewBills(ctx, x.cashier(), x.here.ID, from.Month(), []BillKind{PropertyFee})
	x.ok(err)
	if v[0].Bills != 6 || v[0].Amount != 5*100_00+90_00 {
		t.Fatalf("%+v", v)
	}
	x.goTo(from)
	x.bill1(from.Month())
	b := x.openOf(x.homes[0])
	if len(b) != 1 || b[0].Amount != 90_00 || !strings.Contains(b[0].Decision+fmt.Sprint(b[0].Steps), good) {
		t.Fatalf("%+v", b)
	}
}

// feeBill is the open bill of a home into the fees.
func (x *town) feeBill(n int) string {
	x.t.Helper()
	for _, b := range x.openOf(x.homes[n]) {
		if b.Fund == ledger.Fees {
			return b.ID
		}
	}
	x.t.Fatal("home", n, "has no such bill")
	return ""
}

// A shared sum that was typed wrongly is taken back before its bills are made; rents of spaces are found by space and home.
func TestSharedSumsAndSpaces(t *testing.T) {
	x := priced(t)
	at := d("2026-11-01")
	p, err := tariff.ParsePeriod("2026-11")
	x.ok(err)
	in := Shared{Period: p, Item: "公共用水", Amount: 600_00, Weigh: "equal", Decision: "law", Document: "水费单 1"}
	wrong, err := x.Share(ctx, x.cashier(), x.here.ID, in)
	x.ok(err)
	x.refused(x.DropShared(ctx, x.cashier(), x.here.ID, wrong.ID, " "), ErrReason)
	x.refused(x.DropShared(ctx, x.as("m2", access.PropertyManager, x.there.Path, x.two.ID), x.there.ID, wrong.ID, "x"), ErrMissing)
	x.ok(x.DropShared(ctx, x.cashier(), x.here.ID, wrong.ID, "金额填错"))
	x.refused(x.DropShared(ctx, x.cashier(), x.here.ID, wrong.ID, "金额填错"), ErrMissing)
	in.Amount = 60_00
	right, err := x.Share(ctx, x.cashier(), x.here.ID, in) // the same period and item again
	x.ok(err)
	if r := x.bill1("2026-11", UtilityFee); r.Amount != 60_00 {
		t.Fatalf("%+v", r)
	}
	x.refused(x.DropShared(ctx, x.cashier(), x.here.ID, right.ID, "x"), ErrBilled)
	list, err := x.SharedSums(ctx, x.cashier(), x.here.ID)
	x.ok(err)
	if len(list) != 2 || !list[0].Billed || list[0].Name != "2026-11" || list[0].Voided != "" || list[1].Voided != "金额填错" || list[0].Place == "" {
		t.Fatalf("%+v", list)
	}
	s, err := x.Rent(ctx, x.cashier(), x.here.ID, Space{Home: x.homes[0].ID, Label: "B-07", From: at})
	x.ok(err)
	for q, n := range map[string]int{"": 1, "07": 1, "1-101": 1, "9": 0, "_": 0} {
		if got, err := x.Spaces(ctx, x.cashier(), x.here.ID, q); err != nil || len(got) != n {
			t.Errorf("%q: %v %v", q, got, err)
		}
	}
	_, err = x.Rent(ctx, x.cashier(), x.here.ID, Space{ID: s.ID, To: d("2026-11-30")})
	x.ok(err)
	if got, err := x.Spaces(ctx, x.cashier(), x.here.ID, ""); err != nil || got[0].To != d("2026-11-30") || got[0].Place != "1-101" {
		t.Errorf("%+v %v", got, err)
	}
}

func ptr[T any](v T) *T { return &v }
