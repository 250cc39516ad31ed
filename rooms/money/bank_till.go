package money

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/yuan"
	"cuobian/platform/access"
	"cuobian/platform/store"
	"cuobian/rooms/money/ledger"
	"cuobian/rooms/people"
	"cuobian/rooms/place"
)

// Faults of the till.
var (
	ErrTillCount   = fault.Bad("counted", "money.counted", "清点数不能小于零", "what was counted cannot be below zero")
	ErrCountReason = fault.Bad("reason", "money.count_reason", "清点与账面差 {difference} 元，须写明原因", "the count differs by {difference}: say why")
	ErrCountMoved  = fault.New(fault.Conflict, "money.count_moved", "清点期间柜台又有收付，账面已变，请刷新后重新清点", "money came or went while you counted; reload and count again")
	ErrDeposit     = fault.Bad("amount", "money.deposit_amount", "缴存不能超过柜台现金 {cash} 元", "no more can be paid in than the till holds: {cash}")
	ErrDepositBank = fault.Bad("account", "money.deposit_account", "请选择该资金未销户的账户", "choose an open account of this fund")
	ErrDeposited   = fault.New(fault.Conflict, "money.deposited", "这笔缴存已对上银行流水，请先解除对应", "this deposit stands for a line of the bank already; part them first")
)

// tillFunds are those whose cash is counted here; petty cash has books of its own.
var tillFunds = []ledger.Fund{ledger.Fees, ledger.Company, ledger.Income, ledger.Works, ledger.Maintenance}

// inHand says whether an account is money: at the bank, in the till, or on its way from a provider.
func inHand(account string) bool {
	_, subject, _ := strings.Cut(account, ":")
	return subject == "bank" || subject == "cash" || underWay(account)
}

// underWay says whether an account is money on its way to the bank.
func underWay(account string) bool {
	_, subject, _ := strings.Cut(account, ":")
	return subject == "clearing" || strings.HasPrefix(subject, "clearing:")
}

// liquid is all money of a fund: at the bank, in the till and on its way.
func (t *Till) liquid(ctx context.Context, q store.Queryer, compound string, f ledger.Fund) (sum yuan.Amount, err error) {
	codes, err := t.moneyOf(ctx, q, compound, f)
	for _, code := range codes {
		a, err := t.balance(ctx, q, compound, code)
		if err != nil {
			return 0, err
		}
		sum += a
	}
	return sum, err
}

// moneyOf are the accounts of a fund that are money: the bank first, then the till, then what is on its way.
func (t *Till) moneyOf(ctx context.Context, q store.Queryer, compound string, f ledger.Fund) (codes []string, err error) {
	at := string(f) + ":"
	own, err := store.Texts(ctx, q, `select code from money_account where compound = $1 and code >= $2 and code < $3 order by code`, compound, at+"clearing:", at+"clearing;")
	return append([]string{at + "bank", at + "cash", at + "clearing"}, own...), err
}

// OnWay is money that lies outside the bank.
type OnWay struct {
	Account  string      `json:"account" doc:"fees:cash, fees:clearing:local"`
	Zh       string      `json:"zh"`
	En       string      `json:"en"`
	Provider string      `json:"provider,omitempty"`
	Amount   yuan.Amount `json:"amount"`
	Since    day.Day     `json:"since,omitzero" doc:"day of the oldest of it"`
}

// onWay are the sums of a fund outside the bank at the end of a day; those at zero are left out.
func (t *Till) onWay(ctx context.Context, q store.Queryer, compound string, f ledger.Fund, end day.Day) (out []OnWay, err error) {
	out = []OnWay{}
	c, err := t.chart(ctx, q, compound)
	if err != nil {
		return nil, err
	}
	codes, err := t.moneyOf(ctx, q, compound, f)
	if err != nil {
		return nil, err
	}
	for _, code := range codes[1:] {
		w := OnWay{Account: code, Zh: c[code].Zh, En: c[code].En}
		if _, name, has := strings.Cut(code, ":clearing:"); has {
			w.Provider = name
		}
		if err := q.QueryRow(ctx, `select cast(coalesce(sum(amount), 0) as bigint) from money_leg where compound = $1 and account = $2 and day <= $3`, compound, code, end).Scan(&w.Amount); err != nil {
			return nil, err
		}
		if w.Amount == 0 {
			continue
		}
		_, oldest, err := t.waitingOn(ctx, q, compound, f, code, end)
		if err != nil {
			return nil, err
		}
		w.Since = oldest.Day
		out = append(out, w)
	}
	return out, nil
}

// waitingOn are the receipts and refunds on a till or a provider's account that have not reached the bank, the oldest first.
// What was paid in without naming receipts takes the oldest; one that is left in part is not among them, yet it is the oldest.
func (t *Till) waitingOn(ctx context.Context, q store.Queryer, compound string, f ledger.Fund, account string, end day.Day) (out []openEntry, oldest openEntry, err error) {
	list, err := t.entriesOn(ctx, q, compound, f, account, end)
	if err != nil || len(list) == 0 {
		return nil, oldest, err
	}
	var has, sum yuan.Amount
	if err := q.QueryRow(ctx, `select cast(coalesce(sum(amount), 0) as bigint) from money_leg where compound = $1 and account = $2 and day <= $3`, compound, account, end).Scan(&has); err != nil {
		return nil, oldest, err
	}
	for _, e := range list {
		if kind, _, _ := strings.Cut(e.Document, "/"); kind == "bank-lines" || kind == "deposits" || kind == "counts" || kind == "clears" {
			continue
		}
		out = append(out, e)
		sum += e.Amount
	}
	for len(out) > 0 && sum > has {
		sum -= out[0].Amount
		oldest, out = out[0], out[1:]
	}
	if sum >= has { // nothing is left in part
		oldest = openEntry{}
		if i := slices.IndexFunc(out, func(e openEntry) bool { return e.Amount > 0 }); i >= 0 {
			oldest = out[i]
		}
	}
	return out, oldest, nil
}

// TillFund is the till of one fund.
type TillFund struct {
	Fund     ledger.Fund `json:"fund" enum:"fees,company,income,works,maintenance"`
	Zh       string      `json:"zh"`
	En       string      `json:"en"`
	Cash     yuan.Amount `json:"cash" doc:"what the books say lies in the till"`
	Since    day.Day     `json:"since,omitzero" doc:"day of the oldest cash in it"`
	In       yuan.Amount `json:"in" doc:"taken today"`
	Out      yuan.Amount `json:"out" doc:"given back today"`
	Paid     yuan.Amount `json:"paid" doc:"paid into the bank today"`
	Unclear  yuan.Amount `json:"unclear" doc:"short (above zero) or over, being looked into"`
	Clearing []OnWay     `json:"clearing" doc:"on its way from payment providers"`
	Accounts []TillBank  `json:"accounts" doc:"open accounts that cash can be paid into"`
}

// TillBank is an account that cash is paid into.
type TillBank struct {
	ID    string `json:"id"`
	Bank  string `json:"bank"`
	Last4 string `json:"last4"`
}

// Deposit is cash paid into the bank.
type Deposit struct {
	ID      string      `json:"id"`
	Fund    ledger.Fund `json:"fund"`
	Amount  yuan.Amount `json:"amount"`
	On      day.Day     `json:"on"`
	Account string      `json:"account,omitempty"`
	Last4   string      `json:"last4,omitempty"`
	Ref     string      `json:"ref,omitempty" doc:"number on the bank's slip"`
	Entry   string      `json:"entry"`
	Person  string      `json:"person,omitempty"`
	Name    string      `json:"person_name,omitempty"`
	At      day.Instant `json:"at"`
	Matched bool        `json:"matched" doc:"the bank shows it"`
	Undone  day.Instant `json:"undone,omitempty"`
	Why     string      `json:"undone_why,omitempty"`
}

// TillCount is a day's close: what was counted against what the books said.
type TillCount struct {
	ID         string      `json:"id"`
	Fund       ledger.Fund `json:"fund"`
	On         day.Day     `json:"on"`
	Books      yuan.Amount `json:"books"`
	Counted    yuan.Amount `json:"counted"`
	Difference yuan.Amount `json:"difference" doc:"counted less books: below zero is short"`
	Reason     string      `json:"reason,omitempty"`
	Entry      string      `json:"entry,omitempty"`
	Person     string      `json:"person,omitempty"`
	Name       string      `json:"person_name,omitempty"`
	At         day.Instant `json:"at"`
}

// TillView is the desk's till.
type TillView struct {
	Today    day.Day     `json:"today"`
	Funds    []TillFund  `json:"funds" doc:"those with cash, with money under way, or with movement today"`
	Deposits []Deposit   `json:"deposits" doc:"the latest first, at most 50"`
	Counts   []TillCount `json:"counts" doc:"the latest first, at most 50"`
}

const depositColumns = `d.id, d.fund, d.amount, d.day, d.account, coalesce((select a.last4 from money_bank_account a where a.id = d.account), ''), d.ref, d.entry, d.by_person, d.at, d.undone, d.undone_why,
case when exists (select 1 from money_bank_match m where m.entry = d.entry and m.ended = 0) then 1 else 0 end`

func scanDeposit(r *sql.Rows) (d Deposit, err error) {
	var matched int64
	err = r.Scan(&d.ID, &d.Fund, &d.Amount, &d.On, &d.Account, &d.Last4, &d.Ref, &d.Entry, &d.Person, &d.At, &d.Undone, &d.Why, &matched)
	d.Matched = matched == 1
	return d, err
}

// Desk shows the till: cash of each fund, what is under way, deposits and counts.
func (t *Till) Desk(ctx context.Context, who access.Who, compound string) (v TillView, err error) {
	n, err := t.there(ctx, t.db, who, Collect, compound)
	if err != nil {
		return v, err
	}
	v = TillView{Today: t.Today(), Funds: []TillFund{}}
	err = t.db.View(ctx, func(q store.Queryer) error {
		for _, f := range tillFunds {
			x, any, err := t.tillOf(ctx, q, n.ID, f, v.Today)
			if err != nil {
				return err
			}
			if any {
				v.Funds = append(v.Funds, x)
			}
		}
		var err error
		if v.Deposits, err = store.All(ctx, q, scanDeposit, `select `+depositColumns+` from money_deposit d where d.compound = $1 order by d.id desc limit 50`, n.ID); err != nil {
			return err
		}
		if v.Counts, err = store.All(ctx, q, scanCount, `select `+countColumns+` from money_count where compound = $1 order by id desc limit 50`, n.ID); err != nil {
			return err
		}
		var ids []string
		for _, d := range v.Deposits {
			ids = append(ids, d.Person)
		}
		for _, c := range v.Counts {
			ids = append(ids, c.Person)
		}
		names, err := people.Names(ctx, q, ids...)
		for i := range v.Deposits {
			v.Deposits[i].Name = names[v.Deposits[i].Person]
		}
		for i := range v.Counts {
			v.Counts[i].Name = names[v.Counts[i].Person]
		}
		return err
	})
	v.Deposits, v.Counts = append([]Deposit{}, v.Deposits...), append([]TillCount{}, v.Counts...)
	return v, err
}

func (t *Till) tillOf(ctx context.Context, q store.Queryer, compound string, f ledger.Fund, on day.Day) (x TillFund, any bool, err error) {
	x = TillFund{Fund: f, Clearing: []OnWay{}, Accounts: []TillBank{}}
	x.Zh, x.En = f.Name()
	list, err := t.onWay(ctx, q, compound, f, day.Last)
	if err != nil {
		return x, false, err
	}
	for _, w := range list {
		if w.Account == string(f)+":cash" {
			x.Cash, x.Since = w.Amount, w.Since
		} else {
			x.Clearing = append(x.Clearing, w)
		}
	}
	moved := int64(0)
	if err := q.QueryRow(ctx, `select cast(coalesce(sum(case when e.document like 'deposits/%' or e.document like 'counts/%' or e.document like 'clears/%' or e.document like 'bank-lines/%' then 0 when l.amount > 0 then l.amount else 0 end), 0) as bigint),
cast(coalesce(sum(case when e.document like 'deposits/%' or e.document like 'counts/%' or e.document like 'clears/%' or e.document like 'bank-lines/%' then 0 when l.amount < 0 then -l.amount else 0 end), 0) as bigint),
cast(coalesce(sum(case when e.document like 'deposits/%' or e.document like 'bank-lines/%' then -l.amount else 0 end), 0) as bigint), count(*)
from money_leg l join money_entry e on e.id = l.entry where l.compound = $1 and l.account = $2 and l.day = $3`, compound, string(f)+":cash", on).Scan(&x.In, &x.Out, &x.Paid, &moved); err != nil {
		return x, false, err
	}
	if x.Unclear, err = t.balance(ctx, q, compound, string(f)+":unclear"); err != nil {
		return x, false, err
	}
	open, err := t.bankAccounts(ctx, q, `compound = $1 and fund = $2 and closed_on = ''`, compound, string(f))
	for _, a := range open {
		x.Accounts = append(x.Accounts, TillBank{ID: a.ID, Bank: a.Bank, Last4: a.Last4})
	}
	return x, moved > 0 || x.Cash != 0 || x.Unclear != 0 || len(x.Clearing) > 0, err
}

// atTill is a compound and its book for one who works at its desk, with a fund that has a till.
func (t *Till) atTill(ctx context.Context, tx *store.Tx, who access.Who, compound string, fund ledger.Fund) (n place.Node, b Book, err error) {
	if n, err = t.there(ctx, tx, who, Collect, compound); err != nil {
		return
	}
	if b, err = t.book(ctx, tx, n.ID); err == nil && !slices.Contains(tillFunds, fund) {
		err = errFund
	}
	return
}

// PayIn pays cash of the till into the bank: money passes from <fund>:cash to <fund>:bank and waits there for its line.
func (t *Till) PayIn(ctx context.Context, who access.Who, compound string, d Deposit) (out Deposit, err error) {
	err = t.db.Write(ctx, func(tx *store.Tx) error {
		n, b, err := t.atTill(ctx, tx, who, compound, d.Fund)
		if err != nil {
			return err
		}
		if d.Amount <= 0 {
			return ErrAmount
		}
		d := d
		if !d.On.Sound() {
			d.On = today(tx)
		}
		if d.On > today(tx) {
			return ErrFuture
		}
		at := string(d.Fund)
		if d.Account != "" {
			a, err := t.bankAccount(ctx, tx, n.ID, d.Account)
			if err != nil || a.Fund != d.Fund || a.Closed.Sound() {
				if err == nil || fault.IsKind(err, fault.Missing) {
					err = ErrDepositBank
				}
				return err
			}
			d.Last4 = a.Last4
		}
		cash, err := t.available(ctx, tx, n.ID, at+":cash")
		if err != nil {
			return err
		}
		if d.Amount > cash {
			return ErrDeposit.Fill("cash", cash.String())
		}
		d.ID, d.Ref, d.Person, d.At = tx.NewID(), strings.TrimSpace(d.Ref), who.Person, tx.Now
		on := d.On
		if b.Closed.Sound() && on <= b.Closed {
			on = today(tx)
		}
		words := "缴存柜台现金"
		if d.Ref != "" {
			words += " " + d.Ref
		}
		e, err := t.post(ctx, tx, b, who.Person, ledger.Entry{Day: on, Text: words, Document: "deposits/" + d.ID, Decision: "law", Rule: fundRule(d.Fund), Legs: []ledger.Leg{{Account: at + ":bank", Amount: d.Amount}, {Account: at + ":cash", Amount: -d.Amount}}})
		if err != nil {
			return err
		}
		d.Entry = e.ID
		if _, err := tx.Exec(ctx, `insert into money_deposit (id, compound, path, fund, amount, day, account, ref, entry, by_person, at, undone, undone_by, undone_why) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, '', '')`,
			d.ID, n.ID, string(n.Path), at, int64(d.Amount), d.On, d.Account, d.Ref, d.Entry, d.Person, int64(d.At)); err != nil {
			return err
		}
		if d.Account != "" {
			if _, err := tx.Exec(ctx, `insert into money_bank_side (entry, fund, account, by_person, at) values ($1, $2, $3, $4, $5)`, d.Entry, at, d.Account, who.Person, int64(tx.Now)); err != nil {
				return err
			}
		}
		out = d
		return t.trail(ctx, tx, who, Collect, n.Path, "till_deposit", "deposits/"+d.ID, "", map[string]any{"fund": d.Fund, "amount": d.Amount})
	})
	return out, err
}

// UndoPayIn takes a deposit back that was entered wrongly and that the bank does not show: the cash lies in the till again.
func (t *Till) UndoPayIn(ctx context.Context, who access.Who, compound, id, why string) (d Deposit, err error) {
	err = t.db.Write(ctx, func(tx *store.Tx) error {
		n, err := t.there(ctx, tx, who, Collect, compound)
		if err != nil {
			return err
		}
		if why = strings.TrimSpace(why); why == "" {
			return ErrReason
		}
		list, err := store.All(ctx, tx, scanDeposit, `select `+depositColumns+` from money_deposit d where d.id = $1 and d.compound = $2`, id, n.ID)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			return ErrMissing
		}
		d = list[0]
		if d.Undone != 0 {
			return ErrChanged
		}
		if d.Matched {
			return ErrDeposited
		}
		b, err := t.book(ctx, tx, n.ID)
		if err != nil {
			return err
		}
		e, err := t.entry(ctx, tx, n.ID, d.Entry)
		if err != nil {
			return err
		}
		on := e.Day
		if b.Closed.Sound() && on <= b.Closed {
			on = today(tx)
		}
		if _, err := t.reverse(ctx, tx, b, who.Person, d.Entry, on, e.Document, e.Decision, why); err != nil {
			return err
		}
		d.Undone, d.Why = tx.Now, why
		if _, err := tx.Exec(ctx, `update money_deposit set undone = $1, undone_by = $2, undone_why = $3 where id = $4 and undone = 0`, int64(d.Undone), who.Person, why, id); err != nil {
			return err
		}
		return t.trail(ctx, tx, who, Collect, n.Path, "till_undo", "deposits/"+id, why, map[string]any{"fund": d.Fund, "amount": d.Amount})
	})
	return d, err
}

const countColumns = `id, fund, day, books, counted, reason, entry, by_person, at`

func scanCount(r *sql.Rows) (c TillCount, err error) {
	err = r.Scan(&c.ID, &c.Fund, &c.On, &c.Books, &c.Counted, &c.Reason, &c.Entry, &c.Person, &c.At)
	c.Difference = c.Counted - c.Books
	return c, err
}

// CountTill is the desk's close of a day: cash is counted against the account. A difference is explained and lies open in
// <fund>:unclear until it is found. Books is what the page showed, so that nothing slips in while it is counted.
func (t *Till) CountTill(ctx context.Context, who access.Who, compound string, c TillCount) (out TillCount, err error) {
	err = t.db.Write(ctx, func(tx *store.Tx) error {
		n, err := t.there(ctx, tx, who, Collect, compound)
		if err != nil {
			return err
		}
		b, err := t.book(ctx, tx, n.ID)
		if err != nil {
			return err
		}
		if !slices.Contains(tillFunds, c.Fund) {
			return errFund
		}
		if c.Counted < 0 || c.Counted > 1_000_000_000_00 {
			return ErrTillCount
		}
		at := string(c.Fund)
		cash, err := t.balance(ctx, tx, n.ID, at+":cash")
		if err != nil {
			return err
		}
		if cash != c.Books {
			return ErrCountMoved
		}
		c := c
		c.Difference, c.Reason = c.Counted-cash, strings.TrimSpace(c.Reason)
		if c.Difference != 0 && c.Reason == "" {
			return ErrCountReason.Fill("difference", c.Difference.String())
		}
		c.ID, c.On, c.Person, c.At, c.Entry = tx.NewID(), today(tx), who.Person, tx.Now, ""
		if c.Difference != 0 {
			words := "现金盘点短款："
			if c.Difference > 0 {
				words = "现金盘点长款："
			}
			e, err := t.post(ctx, tx, b, who.Person, ledger.Entry{Day: c.On, Text: words + c.Reason, Document: "counts/" + c.ID, Decision: "law", Rule: fundRule(c.Fund), Legs: []ledger.Leg{{Account: at + ":cash", Amount: c.Difference}, {Account: at + ":unclear", Amount: -c.Difference}}})
			if err != nil {
				return err
			}
			c.Entry = e.ID
		}
		if _, err := tx.Exec(ctx, `insert into money_count (id, compound, fund, day, books, counted, reason, entry, by_person, at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
			c.ID, n.ID, at, c.On, int64(c.Books), int64(c.Counted), c.Reason, c.Entry, c.Person, int64(c.At)); err != nil {
			return err
		}
		out = c
		return t.trail(ctx, tx, who, Collect, n.Path, "till_count", "counts/"+c.ID, c.Reason, map[string]any{"fund": c.Fund, "books": c.Books, "counted": c.Counted})
	})
	return out, err
}

// proveTill compares what the books show in the tills and on its way with receipts, refunds, deposits and counts.
func (t *Till) proveTill(ctx context.Context, q store.Queryer, compound string) (out []Proof, err error) {
	for _, x := range []struct{ subject, way, zh, en, besides string }{
		{"cash", Cash, "柜台现金与收款、退款、缴存、盘点一致", "the tills equal receipts, refunds, deposits and counts",
			` - (select coalesce(sum(d.amount), 0) from money_deposit d where d.compound = $1 and d.undone = 0) + (select coalesce(sum(c.counted - c.books), 0) from money_count c where c.compound = $1)`},
		{"clearing", QR, "在途资金与扫码收款、退款、到账一致", "money on its way equals what providers took, gave back and settled", ``},
	} {
		// Accounts of the subject in every fund that is banked; petty:cash is kept by hand.
		on := func(a string) string {
			return a + ` <> 'petty:cash' and (` + a + ` like '%:` + x.subject + `' or ` + a + ` like '%:` + x.subject + `:%')`
		}
		var books, parts yuan.Amount
		if err := q.QueryRow(ctx, `select cast(coalesce(sum(amount), 0) as bigint) from money_leg l where compound = $1 and `+on("l.account"), compound).Scan(&books); err != nil {
			return nil, err
		}
		if err := q.QueryRow(ctx, `select cast((select coalesce(sum(r.amount), 0) from money_receipt r where r.compound = $1 and r.way = $2 and exists (select 1 from money_leg l where l.entry = r.entry and l.amount > 0 and `+on("l.account")+`))
- (select coalesce(sum(f.amount), 0) from money_refund f where f.compound = $1 and f.way = $2 and exists (select 1 from money_leg l where l.entry = f.entry and l.amount < 0 and `+on("l.account")+`))
+ (select coalesce(sum(l.amount), 0) from money_leg l join money_entry e on e.id = l.entry where l.compound = $1 and `+on("l.account")+` and e.document not like 'receipts/%' and e.document not like 'refunds/%' and e.document not like 'deposits/%' and e.document not like 'counts/%')`+x.besides+` as bigint)`, compound, x.way).Scan(&parts); err != nil {
			return nil, err
		}
		if books != 0 || parts != 0 {
			out = append(out, Proof{Account: "*:" + x.subject, Books: books, Parts: parts, Holds: books == parts, Zh: x.zh, En: x.en})
		}
	}
	return out, nil
}
