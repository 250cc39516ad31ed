package money

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"cuobian/basis/day"
	"cuobian/basis/yuan"
	"cuobian/platform/access"
	"cuobian/platform/store"
	"cuobian/rooms/duty"
	"cuobian/rooms/money/ledger"
)

const bankHead = "交易日期,交易时间,收入,支出,余额,对方户名,对方账号,摘要,附言\n"

// feesAccount opens the account of the fees of here; statements then follow.
func (x *town) feesAccount() BankAccount {
	x.t.Helper()
	a, err := x.OpenAccount(ctx, x.manager(), x.here.ID, BankAccount{Fund: ledger.Fees, Bank: "样例银行", Holder: x.one.ID, Kind: "company", Opened: day.MustParse("2026-01-01")}, "6222 0000 0000 1234")
	x.ok(err)
	return a
}

// sent sends a statement of lines, and imports it.
func (x *town) sent(a BankAccount, lines ...string) BankFile {
	x.t.Helper()
	f, err := x.SendStatement(ctx, x.manager(), x.here.ID, a.ID, "流水.csv", []byte(bankHead+strings.Join(lines, "\n")+"\n"))
	x.ok(err)
	f, err = x.ImportStatement(ctx, x.manager(), x.here.ID, a.ID, f.ID, "")
	x.ok(err)
	return f
}

func (x *town) lines(state string) []BankLine {
	x.t.Helper()
	list, _, n, more, err := x.Lines(ctx, x.manager(), x.here.ID, FindLines{State: state})
	x.ok(err)
	if int64(len(list)) != n || more {
		x.t.Fatalf("%d of %d lines", len(list), n)
	}
	return list
}

func (x *town) proveBanks() {
	x.t.Helper()
	x.proven()
	list, err := x.proveBank(ctx, x.db, x.here.ID)
	x.ok(err)
	for _, p := range list {
		if !p.Holds {
			x.t.Fatalf("%+v", p)
		}
	}
}

func TestAccounts(t *testing.T) {
	x := build(t)
	a := x.feesAccount()
	if a.Last4 != "1234" || a.ID == "" {
		t.Fatalf("%+v", a)
	}
	var sealed []byte
	x.ok(x.db.QueryRow(ctx, `select number from money_bank_account where id = $1`, a.ID).Scan(&sealed))
	if strings.Contains(string(sealed), "6222") {
		t.Error("the number lies open")
	}
	open := func(fund ledger.Fund, holder, kind, number string) error {
		_, err := x.OpenAccount(ctx, x.manager(), x.here.ID, BankAccount{Fund: fund, Bank: "样例银行", Holder: holder, Kind: kind}, number)
		return err
	}
	x.refused(open(ledger.Income, x.committee.ID, "committee", "6222-0000-0000-1234"), ErrNumberTwice)
	x.refused(open(ledger.Income, x.committee.ID, "committee", "12"), ErrNumber)
	x.refused(open(ledger.Income, x.committee.ID, "committee", "账号一二三四"), ErrNumber)
	x.refused(open(ledger.Income, x.two.ID, "company", "622200009999"), ErrHolder)
	x.refused(open(ledger.Income, x.committee.ID, "company", "622200009999"), ErrHolder)
	x.refused(open(ledger.Petty, x.one.ID, "company", "622200009999"), errFund)
	x.ok(open(ledger.Income, x.committee.ID, "committee", "622200009999"))
	list, err := x.Accounts(ctx, x.member(1), x.here.ID)
	x.ok(err)
	if len(list) != 2 || list[0].Fund != ledger.Fees {
		t.Fatalf("%+v", list)
	}
	n, err := x.ShowAccount(ctx, x.manager(), x.here.ID, a.ID, "核对开户资料")
	x.ok(err)
	if n != "6222000000001234" {
		t.Error(n)
	}
	_, err = x.ShowAccount(ctx, x.manager(), x.here.ID, a.ID, "")
	x.refused(err, ErrReason)
	seen, err := store.Count(ctx, x.db, `select count(*) from audit_entry where action = 'money.account_show'`)
	if err == nil && seen != 1 {
		t.Error("the trail does not know that the number was shown:", seen)
	}
	_, err = x.CloseAccount(ctx, x.manager(), x.here.ID, a.ID, "")
	x.refused(err, ErrReason)
	_, err = x.CloseAccount(ctx, x.manager(), x.here.ID, a.ID, "换行")
	x.ok(err)
	_, err = x.CloseAccount(ctx, x.manager(), x.here.ID, a.ID, "换行")
	x.refused(err, ErrShut)
	_, err = x.SendStatement(ctx, x.manager(), x.here.ID, a.ID, "x", []byte(bankHead+"2026-11-02,,1.00,,,甲,,转账,\n"))
	x.refused(err, ErrShut)
	x.ok(open(ledger.Fees, x.one.ID, "company", "6222000000001234")) // the number is free again
}

// The same file twice, and another that overlaps it: each line once.
func TestEachLineOnce(t *testing.T) {
	x := build(t)
	a := x.feesAccount()
	one := []string{"2026-11-02,09:00:00,85.00,,1085.00,业主1,,转账,1-101物业费", "2026-11-02,09:00:00,10.00,,1095.00,某人,,转账,", "2026-11-02,09:00:00,10.00,,1105.00,某人,,转账,"}
	if f := x.sent(a, one...); f.Added != 3 || f.New != 0 || f.Doubtful || f.State != "imported" {
		t.Fatalf("%+v", f)
	}
	if f := x.sent(a, one...); f.Added != 0 {
		t.Fatalf("%+v", f)
	}
	if f := x.sent(a, append(one[1:], "2026-11-03,10:00:00,,5.00,1100.00,样例银行,,手续费,")...); f.Added != 1 {
		t.Fatalf("%+v", f)
	}
	if got := x.lines(""); len(got) != 4 {
		t.Fatal(len(got))
	}
	// Sums that do not follow need a reason; a row that cannot be read is named.
	f, err := x.SendStatement(ctx, x.manager(), x.here.ID, a.ID, "x", []byte(bankHead+"2026-11-04,,1.00,,1101.00,甲,,转账,\n2026-11-05,,1.00,,1105.00,甲,,转账,\n2026-11-06,,一元,,1106.00,甲,,转账,\n"))
	x.ok(err)
	if !f.Doubtful || f.New != 2 || len(f.Troubles) != 2 || f.Troubles[0].Row != 4 || f.Troubles[0].Head != "收入" {
		t.Fatalf("%+v", f)
	}
	_, err = x.ImportStatement(ctx, x.manager(), x.here.ID, a.ID, f.ID, "")
	x.refused(err, ErrDoubtful)
	f, err = x.ImportStatement(ctx, x.manager(), x.here.ID, a.ID, f.ID, "银行漏打一行，已电话核实")
	x.ok(err)
	if f.Added != 2 || f.Reason == "" {
		t.Fatalf("%+v", f)
	}
	_, err = x.ImportStatement(ctx, x.manager(), x.here.ID, a.ID, f.ID, "再来")
	x.refused(err, ErrFileState)
	_, err = x.SendStatement(ctx, x.manager(), x.here.ID, a.ID, "x", []byte("账号,6222000000009999\n"+bankHead+"2026-11-04,,1.00,,1101.00,甲,,转账,\n"))
	x.refused(err, ErrOtherAccount)
	f, err = x.SendStatement(ctx, x.manager(), x.here.ID, a.ID, "x", []byte(bankHead+"2026-11-09,,1.00,,,甲,,转账,\n"))
	x.ok(err)
	x.refused(x.DropStatement(ctx, x.manager(), x.here.ID, a.ID, f.ID, ""), ErrReason)
	x.ok(x.DropStatement(ctx, x.manager(), x.here.ID, a.ID, f.ID, "传错了"))
	_, err = x.ImportStatement(ctx, x.manager(), x.here.ID, a.ID, f.ID, "")
	x.refused(err, ErrFileState)
}

// Two import the same file at once, each from an upload of their own: no line twice, and neither fails.
func TestTwoImportAtOnce(t *testing.T) {
	x := build(t)
	a := x.feesAccount()
	var text strings.Builder
	text.WriteString(bankHead)
	for i := range 200 {
		fmt.Fprintf(&text, "2026-11-%02d,,%d.00,,,某人,,转账,第%d笔\n", 1+i%9, i+1, i)
	}
	var files []string
	for range 2 {
		f, err := x.SendStatement(ctx, x.manager(), x.here.ID, a.ID, "流水.csv", []byte(text.String()))
		x.ok(err)
		files = append(files, f.ID)
	}
	var wg sync.WaitGroup
	var added [2]int64
	for i := range 2 {
		wg.Go(func() {
			f, err := x.ImportStatement(ctx, x.manager(), x.here.ID, a.ID, files[i], "")
			if err != nil {
				t.Error(err)
			}
			added[i] = f.Added
		})
	}
	wg.Wait()
	n, err := store.Count(ctx, x.db, `select count(*) from money_bank_line where account = $1`, a.ID)
	x.ok(err)
	if n != 200 || added[0]+added[1] != 200 {
		t.Fatal(n, added)
	}
}

func TestAutomaticMatching(t *testing.T) {
	x := priced(t)
	a := x.feesAccount()
	x.bill1("2026-10")
	x.proven()
	at := x.pay(Transfer, x.homes[4], 8500) // entered at the desk before the bank shows it
	c1, c2 := x.pay(Cash, x.homes[5], 5000), x.pay(Cash, x.homes[5], 3500)
	x.sent(a,
		"2026-11-10,,85.00,,1085.00,张某,6222****7777,转账,1-101物业费", // the text names the home
		"2026-11-10,,85.00,,1170.00,业主2,6222****8888,转账,物业费",     // the payer is an owner
		"2026-11-10,,85.00,,1255.00,李某,,转账,谢谢",                   // nobody knows
		"2026-11-10,,85.00,,1340.00,业主3,,转账,1-201和1-301",         // two homes are named
		"2026-11-10,,85.00,,1425.00,业主5,,转账,收据"+at.No,            // the receipt is named
		"2026-11-10,,85.00,,1510.00,,,现金存入,",                     // the cash of the desk
		"2026-11-10,,,6.00,1504.00,样例银行,,手续费,",                   // a fee
		"2026-11-10,,0.53,,1504.53,样例银行,,存款利息,结息",                // interest
		"2026-11-10,,,300.00,1204.53,某供应商,,转账,维修款",               // what goes out needs a payment
		"2026-11-10,,84.99,,1289.52,业主4,,转账,2-101物业费 差一分",        // a fen is missing
	)
	got, err := x.Automatch(ctx, x.manager(), x.here.ID, "")
	x.ok(err)
	x.proveBanks()
	want := map[string]string{"85.00 张某": "home_words amount", "85.00 业主2": "owner amount", "85.00 业主5": "receipt", "85.00 ": "cash", "-6.00 样例银行": "bank_words", "0.53 样例银行": "bank_words"}
	for _, l := range x.lines("matched") {
		var codes []string
		for _, w := range l.Matches[0].Why {
			codes = append(codes, w.Code)
		}
		k := l.Amount.String() + " " + l.Party
		if want[k] != strings.Join(codes, " ") {
			t.Errorf("%s: %v", k, codes)
		}
		delete(want, k)
	}
	if len(want) != 0 || got.Seen != 10 || got.Matched != 6 {
		t.Fatalf("%+v, missing %v", got, want)
	}
	open := x.lines("unmatched")
	if len(open) != 4 {
		t.Fatal(len(open))
	}
	for _, l := range open {
		one, err := x.Line(ctx, x.manager(), x.here.ID, l.ID)
		x.ok(err)
		switch l.Party {
		case "业主3", "业主4":
			if len(one.Proposed) == 0 {
				t.Errorf("%s: nothing proposed", l.Party)
			}
		}
	}
	if n := len(x.openOf(x.homes[0])); n != 0 {
		t.Error("home 1 owes still", n)
	}
	r, err := store.Count(ctx, x.db, `select count(*) from money_bank_match where entry in ($1, $2) and ended = 0`, c1.Entry, c2.Entry)
	x.ok(err)
	if r != 2 {
		t.Error("the deposit does not stand for both receipts")
	}
	again, err := x.Automatch(ctx, x.manager(), x.here.ID, "")
	x.ok(err)
	if again.Matched != 0 || again.Seen != 4 {
		t.Errorf("%+v", again)
	}
}

// Incomes of the same sum on the same day are told apart by the numbers of their slips, a number that stands in another does
// not count.
func TestMatchingBySlip(t *testing.T) {
	x := settled(t, 100)
	a, err := x.OpenAccount(ctx, x.manager(), x.here.ID, BankAccount{Fund: ledger.Income, Bank: "样例银行", Holder: x.committee.ID, Kind: "committee", Opened: day.MustParse("2026-01-01")}, "6222 0000 0000 9876")
	x.ok(err)
	s := x.source(nil)
	for _, slip := range []string{"HD-0001", "HD-0002", ""} {
		_, err := x.AddIncome(ctx, x.who["staff"], x.here.ID, NewIncome{Source: s.ID, From: day.MustParse("2026-10-01"), To: day.MustParse("2026-12-31"), TakenOn: x.Today(), Gross: 30_000, Received: ReceivedIn{Amount: 30_000, Ref: slip}})
		x.ok(err)
	}
	x.sent(a,
		"2026-11-18,,300.00,,300.00,丁广告公司,,转账,广告费 HD-0002",
		"2026-11-18,,300.00,,600.00,丁广告公司,,转账,广告费 HD-00021",
		"2026-11-18,,300.00,,900.00,丁广告公司,,转账,HD-0001",
	)
	got, err := x.Automatch(ctx, x.manager(), x.here.ID, a.ID)
	x.ok(err)
	if got.Seen != 3 || got.Matched != 3 {
		open := x.lines("unmatched")
		if got.Matched != 2 || len(open) != 1 || !strings.Contains(open[0].Words, "HD-00021") {
			t.Fatalf("%+v %+v", got, open)
		}
	}
	by := map[string]string{}
	for _, l := range x.lines("matched") {
		by[l.Matches[0].Why[0].Code] += " " + l.Words
	}
	if n := strings.Count(by["slip"], "HD-0001") + strings.Count(by["slip"], "HD-0002"); n != 2 || strings.Contains(by["slip"], "HD-00021") {
		t.Errorf("%+v", by)
	}
	x.proveBanks()
}

func TestMatchingByHand(t *testing.T) {
	x := priced(t)
	a := x.feesAccount()
	x.bill1("2026-10")
	x.sent(a, "2026-11-10,,84.99,,,业主1,,转账,1-101", "2026-11-10,,,300.00,,某供应商,,转账,维修款", "2026-11-10,,85.00,,,王某,,转账,", "2026-11-10,,50.00,,,赵某,,转账,")
	by := map[string]BankLine{}
	for _, l := range x.lines("unmatched") {
		by[l.Party] = l
	}
	match := func(party string, to MatchTo) (BankLine, error) {
		return x.Match(ctx, x.manager(), x.here.ID, by[party].ID, to)
	}
	_, err := match("业主1", MatchTo{})
	x.refused(err, ErrTarget)
	// What the desk took by transfer of 85.00 is 0.01 more than the bank shows: the difference is shown, never swallowed.
	r := x.pay(Transfer, x.homes[0], 8500)
	_, err = match("业主1", MatchTo{Entries: []string{r.Entry}})
	x.refused(err, ErrUneven)
	if !strings.Contains(err.Error(), "money.uneven") || x.lines("unmatched")[0].State != "unmatched" {
		t.Error(err)
	}
	_, err = match("业主1", MatchTo{Entries: []string{r.Entry}, Rest: &Rest{Account: "fees:spent:office"}})
	x.refused(err, ErrReason)
	l, err := match("业主1", MatchTo{Entries: []string{r.Entry}, Rest: &Rest{Account: "fees:spent:office", Reason: "转账时少汇一分，公司承担"}})
	x.ok(err)
	if l.State != "matched" || len(l.Matches) != 2 || l.Matches[0].Amount+l.Matches[1].Amount != 8499 {
		t.Fatalf("%+v", l)
	}
	x.proveBanks()
	_, err = match("业主1", MatchTo{Home: x.homes[1].ID})
	x.refused(err, ErrLineState)
	// An entry stands for one line.
	_, err = match("王某", MatchTo{Entries: []string{r.Entry}})
	x.refused(err, ErrEntryTaken)
	// The owners' money goes out only by a payment.
	_, err = match("某供应商", MatchTo{Account: "fees:spent:repair", Reason: "维修"})
	x.refused(err, ErrOutgoing)
	_, err = match("某供应商", MatchTo{Home: x.homes[1].ID})
	x.refused(err, ErrSideOf)
	_, err = match("赵某", MatchTo{Account: "income:earned:other", Reason: "x"})
	x.refused(err, ErrToAccount)
	_, err = match("赵某", MatchTo{Account: "fees:ahead", Reason: "x"})
	x.refused(err, ErrToAccount)
	_, err = match("赵某", MatchTo{Account: "fees:earned:other"})
	x.refused(err, ErrReason)
	_, err = match("赵某", MatchTo{Account: "fees:earned:other", Reason: "废品回收款"})
	x.ok(err)
	// To a home, taken back, and to another home.
	_, err = match("王某", MatchTo{Home: x.homes[1].ID})
	x.ok(err)
	if len(x.openOf(x.homes[1])) != 0 {
		t.Error("the bill is open")
	}
	_, err = x.Unmatch(ctx, x.manager(), x.here.ID, by["王某"].ID, " ")
	x.refused(err, ErrReason)
	_, err = x.Unmatch(ctx, x.manager(), x.here.ID, by["王某"].ID, "认错了门牌")
	x.ok(err)
	x.proveBanks()
	if len(x.openOf(x.homes[1])) != 1 {
		t.Error("the bill is paid still")
	}
	_, err = match("王某", MatchTo{Home: x.homes[2].ID})
	x.ok(err)
	// Unmatching what matching posted reverses it; what was there before stays.
	_, err = x.Unmatch(ctx, x.manager(), x.here.ID, by["赵某"].ID, "不是废品款")
	x.ok(err)
	x.shows(x.here.ID, "fees:earned:other", 0)
	_, err = x.Ignore(ctx, x.manager(), x.here.ID, by["赵某"].ID, "", false)
	x.refused(err, ErrReason)
	_, err = x.Ignore(ctx, x.manager(), x.here.ID, by["赵某"].ID, "银行错账，已冲回", false)
	x.ok(err)
	_, err = match("赵某", MatchTo{Account: "fees:earned:other", Reason: "x"})
	x.refused(err, ErrLineState)
	_, err = x.Ignore(ctx, x.manager(), x.here.ID, by["赵某"].ID, "又有用了", true)
	x.ok(err)
	x.proveBanks()
	if _, err := x.CloseAccount(ctx, x.manager(), x.here.ID, a.ID, "销户"); err == nil {
		t.Error("an account with open lines was closed")
	}
}

// Two match the same line at once: one does, and the home has one receipt.
func TestTwoMatchOneLine(t *testing.T) {
	x := priced(t)
	a := x.feesAccount()
	x.bill1("2026-10")
	x.sent(a, "2026-11-10,,85.00,,,王某,,转账,")
	l := x.lines("unmatched")[0]
	var wg sync.WaitGroup
	errs := make([]error, 4)
	for i := range errs {
		wg.Go(func() { _, errs[i] = x.Match(ctx, x.manager(), x.here.ID, l.ID, MatchTo{Home: x.homes[i%2].ID}) })
	}
	wg.Wait()
	good := 0
	for _, err := range errs {
		if err == nil {
			good++
		}
	}
	n, err := store.Count(ctx, x.db, `select count(*) from money_receipt where compound = $1`, x.here.ID)
	x.ok(err)
	if good != 1 || n != 1 {
		t.Fatal(good, n, errs)
	}
	x.proveBanks()
	x.shows(x.here.ID, "fees:bank", 8500)
}

func TestAMonth(t *testing.T) {
	x := priced(t)
	x.to("2026-10-20T09:00")
	a := x.feesAccount()
	x.bill1("2026-10")
	x.pay(Transfer, x.homes[0], 8500) // the bank does not know it
	x.to("2026-11-02T09:00")
	x.sent(a, "2026-10-25,,85.00,,85.00,业主2,,转账,1-201物业费", "2026-10-30,,0.01,,85.01,业主3,,转账,")
	got, err := x.Automatch(ctx, x.manager(), x.here.ID, "")
	x.ok(err)
	if got.Matched != 1 {
		t.Fatalf("%+v", got)
	}
	n, err := x.BankTick(ctx)
	x.ok(err)
	if n != 1 {
		t.Fatal(n)
	}
	list, err := x.Reconciliations(ctx, x.manager(), x.here.ID, "2026-10")
	x.ok(err)
	if len(list) != 1 || list[0].Books != 17000 || list[0].Bank != 8501 || list[0].Difference != 8499 || list[0].Rest != 0 || list[0].Unnoted != 2 || len(list[0].Entries) != 1 || len(list[0].Lines) != 1 {
		t.Fatalf("%+v", list)
	}
	month := list[0]
	do := func(who access.Who, in Explained) (Reconciliation, error) {
		in.Fund = ledger.Fees
		return x.Reconcile(ctx, who, x.here.ID, "2026-10", in)
	}
	_, err = do(x.manager(), Explained{Version: month.Version, Done: true})
	x.refused(err, ErrUnexplained)
	_, err = do(x.manager(), Explained{Version: month.Version + 7})
	x.refused(err, ErrChanged)
	_, err = x.Reconcile(ctx, x.manager(), x.here.ID, "2026-11", Explained{Fund: ledger.Fees})
	x.refused(err, ErrMonth)
	_, err = x.Reconcile(ctx, x.manager(), x.here.ID, "2026-09", Explained{Fund: ledger.Works})
	x.refused(err, ErrNoAccount)
	month, err = do(x.manager(), Explained{Version: month.Version, Notes: map[string]string{month.Entries[0].Ref: "在途，次月到账", month.Lines[0].Ref: "业主试转一分，待退"}})
	x.ok(err)
	if month.Unnoted != 0 || month.State != "open" {
		t.Fatalf("%+v", month)
	}
	month, err = do(x.manager(), Explained{Version: month.Version, Done: true})
	x.ok(err)
	_, err = x.CheckMonth(ctx, x.manager(), x.here.ID, "2026-10", ledger.Fees, "", true, "")
	x.refused(err, ErrOwnMonth)
	_, err = x.CheckMonth(ctx, x.director(), x.here.ID, "2026-10", ledger.Fees, "", false, "")
	x.refused(err, ErrReason)
	// Somebody matches a line of the month after it was done: it no longer is what was signed, and yet it is explained.
	month, err = x.CheckMonth(ctx, x.director(), x.here.ID, "2026-10", ledger.Fees, "", true, "")
	x.ok(err)
	if month.State != "ended" || month.EndedBy != x.owners[0] {
		t.Fatalf("%+v", month)
	}
	_, err = x.CheckMonth(ctx, x.director(), x.here.ID, "2026-10", ledger.Fees, "", true, "")
	x.refused(err, ErrMonthState)
	left, err := store.Count(ctx, x.db, `select count(*) from duty_duty where kind = 'money.reconcile' and state = 'ended'`)
	if err == nil && left != 1 {
		t.Error("the duty did not end")
	}
	n, err = x.BankTick(ctx)
	x.ok(err)
	if n != 0 {
		t.Error("the month was opened twice")
	}
}

// Cash that is not at the bank within the days of the pack raises a duty, which ends when it is.
func TestCashIsDeposited(t *testing.T) {
	x := priced(t)
	a := x.feesAccount()
	x.bill1("2026-10")
	x.pay(Cash, x.homes[0], 8500) // Tuesday 10 November: three working days end with Friday the 13th
	open := func() int {
		t.Helper()
		_, err := x.BankTick(ctx)
		x.ok(err)
		p, err := x.on.Duty.Inbox(ctx, x.manager(), duty.Ask{Limit: 100})
		x.ok(err)
		n := 0
		for _, d := range p.Items {
			if d.Kind == dutyDeposit && d.State == duty.Open {
				n++
			}
		}
		return n
	}
	x.to("2026-11-13T23:00")
	if n := open(); n != 0 {
		t.Fatal("too early:", n)
	}
	x.to("2026-11-14T00:30")
	if n := open(); n != 1 {
		t.Fatal("no duty:", n)
	}
	if n := open(); n != 1 {
		t.Fatal("twice:", n)
	}
	x.sent(a, "2026-11-14,,85.00,,85.00,,,现金存入,")
	l := x.lines("unmatched")[0]
	entry, err := store.Texts(ctx, x.db, `select entry from money_receipt where way = 'cash'`)
	x.ok(err)
	_, err = x.Match(ctx, x.manager(), x.here.ID, l.ID, MatchTo{Entries: entry})
	x.ok(err)
	if n := open(); n != 0 {
		t.Fatal("the duty stays:", n)
	}
}

func TestBankRefusals(t *testing.T) {
	x := priced(t)
	a := x.feesAccount()
	x.bill1("2026-10")
	x.sent(a, "2026-11-10,,85.00,,,王某,,转账,")
	l := x.lines("unmatched")[0]
	f, err := x.SendStatement(ctx, x.manager(), x.here.ID, a.ID, "x", []byte(bankHead+"2026-11-09,,1.00,,,甲,,转账,\n"))
	x.ok(err)
	id := x.here.ID
	ops := map[string]func(who access.Who) error{
		"accounts": func(who access.Who) error { _, err := x.Accounts(ctx, who, id); return err },
		"open": func(who access.Who) error {
			_, err := x.OpenAccount(ctx, who, id, BankAccount{Fund: ledger.Income, Bank: "样例银行", Holder: x.committee.ID, Kind: "committee"}, "999900001111")
			return err
		},
		"close": func(who access.Who) error { _, err := x.CloseAccount(ctx, who, id, a.ID, "x"); return err },
		"show":  func(who access.Who) error { _, err := x.ShowAccount(ctx, who, id, a.ID, "看看"); return err },
		"send": func(who access.Who) error {
			_, err := x.SendStatement(ctx, who, id, a.ID, "x", []byte(bankHead))
			return err
		},
		"files":  func(who access.Who) error { _, err := x.BankFiles(ctx, who, id, a.ID); return err },
		"import": func(who access.Who) error { _, err := x.ImportStatement(ctx, who, id, a.ID, f.ID, ""); return err },
		"drop":   func(who access.Who) error { return x.DropStatement(ctx, who, id, a.ID, f.ID, "x") },
		"lines":  func(who access.Who) error { _, _, _, _, err := x.Lines(ctx, who, id, FindLines{}); return err },
		"line":   func(who access.Who) error { _, err := x.Line(ctx, who, id, l.ID); return err },
		"match": func(who access.Who) error {
			_, err := x.Match(ctx, who, id, l.ID, MatchTo{Home: x.homes[0].ID})
			return err
		},
		"unmatch": func(who access.Who) error { _, err := x.Unmatch(ctx, who, id, l.ID, "x"); return err },
		"ignore":  func(who access.Who) error { _, err := x.Ignore(ctx, who, id, l.ID, "x", false); return err },
		"auto":    func(who access.Who) error { _, err := x.Automatch(ctx, who, id, ""); return err },
		"months":  func(who access.Who) error { _, err := x.Reconciliations(ctx, who, id, ""); return err },
		"month": func(who access.Who) error {
			_, err := x.Reconcile(ctx, who, id, "2026-10", Explained{Fund: ledger.Fees})
			return err
		},
		"check": func(who access.Who) error {
			_, err := x.CheckMonth(ctx, who, id, "2026-10", ledger.Fees, "", true, "")
			return err
		},
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
		if op != "accounts" && op != "months" { // who may read the books may read these
			if err := run(x.cashier()); err == nil {
				t.Errorf("the cashier may %s", op)
			}
		}
	}
	// Another compound's account, line and home under this compound's name.
	there := x.as("m2", access.PropertyManager, x.there.Path, x.two.ID)
	_, err = x.Match(ctx, there, x.there.ID, l.ID, MatchTo{Home: x.homes[0].ID})
	x.refused(err, ErrMissing)
	_, err = x.SendStatement(ctx, there, x.there.ID, a.ID, "x", []byte(bankHead))
	x.refused(err, ErrMissing)
	_, err = x.Match(ctx, x.manager(), id, l.ID, MatchTo{Home: x.there.ID})
	if err == nil {
		t.Error("a home of another compound was paid")
	}
	if len(x.lines("unmatched")) != 1 {
		t.Error("something happened")
	}
	x.shows(id, "fees:bank", yuan.Amount(0))
	// The company's time is over: its manager may nothing any more.
	x.write(func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, `update service_contract set to_day = '2026-11-09' where org = $1`, x.one.ID)
		return err
	})
	for op, run := range ops {
		if err := run(x.manager()); err == nil {
			t.Errorf("the company of before may %s", op)
		}
	}
}
