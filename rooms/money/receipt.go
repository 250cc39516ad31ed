package money

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/basis/yuan"
	"cuobian/platform/access"
	"cuobian/platform/jobs"
	"cuobian/platform/store"
	"cuobian/rooms/money/ledger"
	"cuobian/rooms/place"
)

// Ways in which money comes in. Prepaid is what was paid ahead before: no money comes in by it.
const (
	Cash     = "cash"
	QR       = "qr"
	Transfer = "transfer"
	Prepaid  = "prepaid"
)

// Faults of receipts.
var (
	ErrWay     = fault.Bad("way", "money.way", "收款方式有误", "there is no such way of paying")
	ErrTwice   = fault.New(fault.Conflict, "money.receipt_twice", "这笔款已经开过收据", "a receipt was given for this payment already")
	ErrBills   = fault.Bad("bills", "money.receipt_bills", "账单不属于这户，或已结清、已作废", "a bill is not of this home, or settled, or void")
	ErrAhead   = fault.New(fault.Refused, "money.ahead", "预存余额不足", "not so much was paid ahead")
	ErrTooMuch = fault.Bad("amount", "money.refund", "退款不能超过该收据尚可退的金额", "no more can be given back than is left of the receipt")
	ErrNoMoney = fault.New(fault.Refused, "money.refund_prepaid", "预存抵扣没有收进新的款项；请从当初的收据退款", "no money came in by this; give back from the receipt that brought it")
	// ErrTillShort: the till of that fund holds less than is to be given back.
	ErrTillShort = fault.New(fault.Refused, "money.till_short", "柜台现金不够退这笔款，请改用转账退还", "the till does not hold that much; give it back by transfer")
	ErrFuture    = fault.Bad("on", "money.receipt_day", "收款日期不能晚于今天", "money cannot have come in after today")
)

// ReceiptPart is what a receipt paid of one bill.
type ReceiptPart struct {
	Bill   string      `json:"bill"`
	Zh     string      `json:"zh"`
	En     string      `json:"en"`
	Fund   ledger.Fund `json:"fund"`
	Amount yuan.Amount `json:"amount"`
}

// Receipt is money that came in for a home, and what it paid. For receive: Way, Home, Amount, On and Person; Bills in the
// order in which they are paid (empty: all open ones, oldest first); Fund where the money lies in that fund's account;
// Ref is the number under which it came (a second receipt for one is refused).
type Receipt struct {
	ID       string        `json:"id"`
	No       string        `json:"no" doc:"running number of the compound, such as 2026-000012; empty for prepaid"`
	Compound string        `json:"compound"`
	Path     scope.Path    `json:"path"`
	Home     string        `json:"home"`
	Place    string        `json:"place,omitempty"`
	Fund     ledger.Fund   `json:"fund,omitempty"`
	Way      string        `json:"way" enum:"cash,qr,transfer,prepaid"`
	Amount   yuan.Amount   `json:"amount"`
	Ahead    yuan.Amount   `json:"ahead" doc:"of it paid ahead"`
	Refunded yuan.Amount   `json:"refunded"`
	On       day.Day       `json:"on"`
	Ref      string        `json:"ref,omitempty"`
	Payer    string        `json:"payer,omitempty" doc:"name to print; empty: the home"`
	Person   string        `json:"person,omitempty" doc:"who took it"`
	Parts    []ReceiptPart `json:"parts"`
	Bills    []string      `json:"-"`
	At       day.Instant   `json:"at"`
	Entry    string        `json:"entry"`
	ahead    bool          // pays no bill
	provider string        // of qr: the payment provider that took it; "": a code at the desk
}

// lies is the subject under which money of a way lies until the bank shows it: cash in the till, what a provider took under
// way, a transfer at the bank.
func lies(way, provider string) string {
	switch {
	case way == Cash:
		return "cash"
	case way == QR && provider != "":
		return "clearing:" + provider
	case way == QR:
		return "clearing"
	}
	return "bank"
}

// lying makes sure of a provider's account and gives its code.
func (t *Till) lying(ctx context.Context, tx *store.Tx, b Book, f ledger.Fund, way, provider string) (string, error) {
	code := string(f) + ":" + lies(way, provider)
	if _, has := standard[code]; has {
		return code, nil
	}
	zh, en := f.Name()
	from, fromEn := t.providerWords(provider)
	return code, t.addAccount(ctx, tx, b, ledger.Account{Code: code, Class: ledger.Asset, Zh: zh + "－在途资金（" + from + "）", En: en + ", on its way from " + fromEn})
}

// backFrom is the account that a refund leaves: where the receipt's money came to, when it goes back the same way, so that
// receipts from before there were tills stay whole; else that of the way.
func (t *Till) backFrom(ctx context.Context, q store.Queryer, r Receipt, f ledger.Fund, way string) (string, error) {
	if way == r.Way {
		at := string(f) + ":"
		var code string
		err := q.QueryRow(ctx, `select account from money_leg where entry = $1 and amount > 0 and (account in ($2, $3, $4) or account >= $5 and account < $6) order by line limit 1`,
			r.Entry, at+"bank", at+"cash", at+"clearing", at+"clearing:", at+"clearing;").Scan(&code)
		if err == nil || !none(err) {
			return code, err
		}
	}
	return string(f) + ":" + lies(way, ""), nil
}

const receiptColumns = `id, no, compound, path, home, fund, way, amount, ahead, refunded, day, ref, payer, by_person, at, entry`

func scanReceipt(r *sql.Rows) (x Receipt, err error) {
	err = r.Scan(&x.ID, &x.No, &x.Compound, &x.Path, &x.Home, &x.Fund, &x.Way, &x.Amount, &x.Ahead, &x.Refunded, &x.On, &x.Ref, &x.Payer, &x.Person, &x.At, &x.Entry)
	x.Parts = []ReceiptPart{}
	return x, err
}

// receipts reads receipts with their parts.
func (t *Till) receipts(ctx context.Context, q store.Queryer, cond string, args ...any) ([]Receipt, error) {
	list, err := store.All(ctx, q, scanReceipt, `select `+receiptColumns+` from money_receipt where `+cond, args...)
	if err != nil || len(list) == 0 {
		return list, err
	}
	at, ids := map[string]int{}, []any{}
	for i, r := range list {
		at[r.ID] = i
		ids = append(ids, r.ID)
	}
	rows, err := q.Query(ctx, `select p.receipt, p.bill, b.words, b.words_en, p.fund, cast(sum(p.amount) as bigint) from money_part p join money_bill b on b.id = p.bill where p.receipt in (`+store.Marks(1, len(ids))+`)
group by p.receipt, p.bill, b.words, b.words_en, p.fund order by min(p.id)`, ids...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		var p ReceiptPart
		if err := rows.Scan(&id, &p.Bill, &p.Zh, &p.En, &p.Fund, &p.Amount); err != nil {
			return nil, err
		}
		if p.Amount != 0 {
			list[at[id]].Parts = append(list[at[id]].Parts, p)
		}
	}
	return list, rows.Err()
}

func (t *Till) receipt(ctx context.Context, q store.Queryer, id string) (Receipt, error) {
	list, err := t.receipts(ctx, q, `id = $1`, id)
	if err == nil && len(list) == 0 {
		err = ErrMissing
	}
	if err != nil {
		return Receipt{}, err
	}
	return list[0], nil
}

// number gives the next running number of a sort: 2026-000012.
func number(ctx context.Context, tx *store.Tx, compound, sort string) (string, error) {
	year := today(tx).String()[:4]
	var n int64
	err := tx.QueryRow(ctx, `insert into money_number (compound, year, sort, last) values ($1, $2, $3, 1) on conflict (compound, year, sort) do update set last = money_number.last + 1 returning last`, compound, year, sort).Scan(&n)
	return fmt.Sprintf("%s-%06d", year, n), err
}

// aheadIn are the homes of a compound that have money paid ahead, as home and fund.
func (t *Till) aheadIn(ctx context.Context, q store.Queryer, compound string) (map[string]bool, error) {
	list, err := store.Texts(ctx, q, `select home || fund from money_ahead where compound = $1 group by home, fund having sum(amount) > 0`, compound)
	out := map[string]bool{}
	for _, s := range list {
		out[s] = true
	}
	return out, err
}

// aheadOf is what a home has paid ahead into a fund.
func (t *Till) aheadOf(ctx context.Context, q store.Queryer, compound, home string, fund ledger.Fund) (a yuan.Amount, err error) {
	err = q.QueryRow(ctx, `select cast(coalesce(sum(amount), 0) as bigint) from money_ahead where compound = $1 and home = $2 and fund = $3`, compound, home, string(fund)).Scan(&a)
	return a, err
}

func (t *Till) moveAhead(ctx context.Context, tx *store.Tx, compound, home string, fund ledger.Fund, a yuan.Amount, receipt, why string) error {
	_, err := tx.Exec(ctx, `insert into money_ahead (id, compound, home, fund, amount, receipt, why, at) values ($1, $2, $3, $4, $5, $6, $7, $8)`, tx.NewID(), compound, home, string(fund), int64(a), receipt, why, int64(tx.Now))
	return err
}

// useAhead pays a bill from what its home has paid ahead, as far as it goes.
func (t *Till) useAhead(ctx context.Context, tx *store.Tx, b Book, home string, fund ledger.Fund, bill string) (yuan.Amount, error) {
	has, err := t.aheadOf(ctx, tx, b.Compound, home, fund)
	if err != nil || has <= 0 {
		return 0, err
	}
	x, err := t.bill(ctx, tx, bill)
	if err != nil || x.Rest <= 0 {
		return 0, err
	}
	r, err := t.receive(ctx, tx, b, Receipt{Way: Prepaid, Home: home, Amount: min(has, x.Rest), Bills: []string{bill}, Fund: fund, On: today(tx)})
	return r.Amount, err
}

// receive is the one way money comes in: from the desk, a provider, a matched line of the bank. It pays the named bills in
// their order, or all open ones oldest first, in part where it does not suffice; what is left stays paid ahead.
func (t *Till) receive(ctx context.Context, tx *store.Tx, b Book, r Receipt) (Receipt, error) {
	if !slices.Contains([]string{Cash, QR, Transfer, Prepaid}, r.Way) {
		return r, ErrWay
	}
	if r.Amount <= 0 || r.Amount > 1_000_000_000_00 {
		return r, ErrAmount
	}
	if !r.On.Sound() {
		r.On = today(tx)
	}
	if r.On > today(tx) {
		return r, ErrFuture
	}
	r.Ref, r.Payer = strings.TrimSpace(r.Ref), strings.TrimSpace(r.Payer)
	h, err := t.homeIn(ctx, tx, place.Node{ID: b.Compound, Path: b.Path}, r.Home)
	if err != nil {
		return r, err
	}
	if r.Ref != "" {
		n, err := store.Count(ctx, tx, `select count(*) from money_receipt where compound = $1 and way = $2 and ref = $3`, b.Compound, r.Way, r.Ref)
		if err == nil && n > 0 {
			err = ErrTwice
		}
		if err != nil {
			return r, err
		}
	}
	open, err := t.bills(ctx, tx, `home = $1 and state in ('open', 'part') order by due, period_from, id`, h.ID)
	if err != nil {
		return r, err
	}
	open = slices.DeleteFunc(open, func(x Bill) bool { return x.Compound != b.Compound })
	if len(r.Bills) > 0 {
		var said []Bill
		for _, id := range r.Bills {
			i := slices.IndexFunc(open, func(x Bill) bool { return x.ID == id })
			if i < 0 || slices.ContainsFunc(said, func(x Bill) bool { return x.ID == id }) || r.Fund != "" && open[i].Fund != r.Fund {
				return r, ErrBills
			}
			said = append(said, open[i])
		}
		open = said
	}
	rest := r.Amount
	type paid struct {
		bill   Bill
		amount yuan.Amount
	}
	var pays []paid
	var funds []ledger.Fund
	into := map[ledger.Fund]yuan.Amount{} // of the fund's money, what pays bills
	for _, x := range open {
		if rest == 0 || r.ahead {
			break
		}
		if r.Fund != "" && x.Fund != r.Fund {
			continue
		}
		a := min(rest, x.Rest)
		rest -= a
		pays = append(pays, paid{x, a})
		if into[x.Fund] == 0 {
			funds = append(funds, x.Fund)
		}
		into[x.Fund] += a
	}
	if r.Fund == "" {
		if len(funds) > 0 && rest == 0 {
			r.Fund = funds[0]
		} else if r.Fund, err = t.feeFund(ctx, tx, b.Path, r.On); err != nil {
			return r, err
		}
	}
	r.ID, r.Compound, r.Path, r.Ahead, r.At = tx.NewID(), b.Compound, h.Path, rest, tx.Now
	if rest > 0 && !slices.Contains(funds, r.Fund) {
		funds = append(funds, r.Fund)
	}
	e := ledger.Entry{ID: tx.NewID(), Day: r.On, Document: "receipts/" + r.ID, Decision: "law", Rule: ruleOf(r.Fund)}
	if r.Way == Prepaid {
		if rest > 0 {
			return r, ErrAhead
		}
		has, err := t.aheadOf(ctx, tx, b.Compound, h.ID, r.Fund)
		if err != nil {
			return r, err
		}
		if has < r.Amount || len(funds) != 1 || funds[0] != r.Fund {
			return r, ErrAhead
		}
		e.Text = "预存抵扣：" + h.Name
		e.Legs = []ledger.Leg{{Account: string(r.Fund) + ":ahead", Amount: r.Amount}, {Account: string(r.Fund) + ":owed", Amount: -r.Amount}}
		if err := t.moveAhead(ctx, tx, b.Compound, h.ID, r.Fund, -r.Amount, r.ID, "used"); err != nil {
			return r, err
		}
	} else {
		if r.No, err = number(ctx, tx, b.Compound, "receipt"); err != nil {
			return r, err
		}
		e.Text = "收款 " + r.No + "：" + h.Name
		for _, f := range funds {
			sum := into[f]
			if f == r.Fund {
				sum += rest
			}
			to, err := t.lying(ctx, tx, b, f, r.Way, r.provider)
			if err != nil {
				return r, err
			}
			e.Legs = append(e.Legs, ledger.Leg{Account: to, Amount: sum})
			if into[f] > 0 {
				e.Legs = append(e.Legs, ledger.Leg{Account: string(f) + ":owed", Amount: -into[f]})
			}
			if f == r.Fund && rest > 0 {
				e.Legs = append(e.Legs, ledger.Leg{Account: string(f) + ":ahead", Amount: -rest})
			}
		}
	}
	if closed := b.Closed; closed.Sound() && e.Day <= closed {
		e.Day = today(tx) // the receipt keeps the day on which the money came
	}
	if _, err := t.postNew(ctx, tx, b, r.Person, e); err != nil {
		return r, err
	}
	r.Entry = e.ID
	if _, err := tx.Exec(ctx, `insert into money_receipt (`+receiptColumns+`) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $10, $11, $12, $13, $14, $15)`,
		r.ID, r.No, r.Compound, string(r.Path), h.ID, string(r.Fund), r.Way, int64(r.Amount), int64(r.Ahead), r.On, r.Ref, r.Payer, r.Person, int64(tx.Now), r.Entry); err != nil {
		if store.Unique(err) {
			return r, ErrTwice
		}
		return r, err
	}
	if rest > 0 {
		if err := t.moveAhead(ctx, tx, b.Compound, h.ID, r.Fund, rest, r.ID, "paid"); err != nil {
			return r, err
		}
	}
	r.Parts = []ReceiptPart{}
	for _, p := range pays {
		if err := t.allot(ctx, tx, r.ID, p.bill, p.amount); err != nil {
			return r, err
		}
		r.Parts = append(r.Parts, ReceiptPart{Bill: p.bill.ID, Zh: p.bill.Zh, En: p.bill.En, Fund: p.bill.Fund, Amount: p.amount})
	}
	tx.Changed(store.Change{Kind: "receipts", ID: r.ID, Path: r.Path})
	return r, nil
}

// allot moves what is paid of a bill, up or down, and tells whoever made the bill.
func (t *Till) allot(ctx context.Context, tx *store.Tx, receipt string, x Bill, a yuan.Amount) error {
	if _, err := tx.Exec(ctx, `insert into money_part (id, receipt, bill, compound, fund, amount, at) values ($1, $2, $3, $4, $5, $6, $7)`, tx.NewID(), receipt, x.ID, x.Compound, string(x.Fund), int64(a), int64(tx.Now)); err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `update money_bill set paid = paid + $2, state = case when state = 'void' then 'void' when paid + $2 + waived >= amount then case when waived > 0 then 'waived' else 'paid' end when paid + $2 > 0 then 'part' else 'open' end
where id = $1 and paid = $3 and paid + $2 >= 0 and paid + $2 + waived <= amount`, x.ID, int64(a), int64(x.Paid))
	if err == nil && n == 0 {
		err = ErrChanged
	}
	if err != nil {
		return err
	}
	tx.Changed(store.Change{Kind: "bills", ID: x.ID, Path: x.Path})
	for prefix, fn := range t.billPaid {
		if x.Origin != "" && strings.HasPrefix(x.Origin, prefix) {
			x.Paid += a
			x.Rest -= a
			if err := fn(ctx, tx, x, a); err != nil {
				return err
			}
		}
	}
	return nil
}

// Receive takes money at the desk. Once is a key of the page's own, so that a second click makes no second receipt.
func (t *Till) Receive(ctx context.Context, who access.Who, compound string, r Receipt, once string) (out Receipt, err error) {
	err = t.db.Write(ctx, func(tx *store.Tx) error {
		n, err := t.there(ctx, tx, who, Collect, compound)
		if err != nil {
			return err
		}
		if r.Way == Prepaid && len(r.Bills) == 0 {
			return ErrBills
		}
		b, err := t.begin(ctx, tx, n)
		if err != nil {
			return err
		}
		r := r
		if r.Ref == "" && once != "" {
			r.Ref = "desk/" + once
		}
		r.Person = who.Person
		if out, err = t.receive(ctx, tx, b, r); err != nil {
			return err
		}
		return t.trail(ctx, tx, who, Collect, n.Path, "receipt", "receipts/"+out.ID, "", map[string]any{"no": out.No, "amount": out.Amount, "way": out.Way, "home": out.Home})
	})
	return out, err
}

// Refund is money given back from a receipt.
type Refund struct {
	ID      string      `json:"id"`
	No      string      `json:"no"`
	Receipt string      `json:"receipt"`
	Amount  yuan.Amount `json:"amount"`
	Ahead   yuan.Amount `json:"ahead" doc:"of it from what was paid ahead; the rest opens bills again"`
	Way     string      `json:"way" enum:"cash,qr,transfer"`
	Reason  string      `json:"reason"`
	At      day.Instant `json:"at"`
}

// GiveBack refunds from a receipt: first what of it is still paid ahead, then what it paid, the last bill first; those are
// open again. Never more than is left of it.
func (t *Till) GiveBack(ctx context.Context, who access.Who, compound, receipt string, amount yuan.Amount, way, reason string) (out Refund, err error) {
	err = t.db.Write(ctx, func(tx *store.Tx) error {
		n, err := t.there(ctx, tx, who, Collect, compound)
		if err != nil {
			return err
		}
		out, err = t.refund(ctx, tx, who, n, receipt, amount, way, reason)
		return err
	})
	return out, err
}

func (t *Till) refund(ctx context.Context, tx *store.Tx, who access.Who, n place.Node, receipt string, amount yuan.Amount, way, reason string) (out Refund, err error) {
	if reason = strings.TrimSpace(reason); reason == "" {
		return out, ErrReason
	}
	b, err := t.book(ctx, tx, n.ID)
	if err != nil {
		return out, err
	}
	r, err := t.receipt(ctx, tx, receipt)
	if err != nil || r.Compound != n.ID {
		if err == nil {
			err = ErrMissing
		}
		return out, err
	}
	if r.Way == Prepaid {
		return out, ErrNoMoney
	}
	if way == "" {
		way = r.Way
	}
	if !slices.Contains([]string{Cash, QR, Transfer}, way) || way == QR && r.Way != QR {
		return out, ErrWay
	}
	if amount <= 0 {
		return out, ErrAmount
	}
	if amount > r.Amount-r.Refunded {
		return out, ErrTooMuch
	}
	gone, err := store.Count(ctx, tx, `select cast(coalesce(sum(ahead), 0) as bigint) from money_refund where receipt = $1`, r.ID)
	if err != nil {
		return out, err
	}
	has, err := t.aheadOf(ctx, tx, n.ID, r.Home, r.Fund)
	if err != nil {
		return out, err
	}
	x := Refund{ID: tx.NewID(), Receipt: r.ID, Amount: amount, Way: way, Reason: reason, At: tx.Now}
	x.Ahead = min(amount, max(0, min(r.Ahead-yuan.Amount(gone), has)))
	if x.No, err = number(ctx, tx, n.ID, "refund"); err != nil {
		return out, err
	}
	back := map[ledger.Fund]yuan.Amount{}
	left := amount - x.Ahead
	for i := len(r.Parts) - 1; i >= 0 && left > 0; i-- {
		p := r.Parts[i]
		a := min(left, p.Amount)
		bill, err := t.bill(ctx, tx, p.Bill)
		if err != nil {
			return out, err
		}
		if a <= 0 || bill.State == BillVoid {
			continue
		}
		if err := t.allot(ctx, tx, r.ID, bill, -a); err != nil {
			return out, err
		}
		back[p.Fund] += a
		left -= a
	}
	if left > 0 {
		return out, ErrTooMuch
	}
	e := ledger.Entry{Day: today(tx), Text: "退款 " + x.No + "：" + reason, Document: "refunds/" + x.ID, Decision: "receipts/" + r.ID, Rule: ruleOf(r.Fund)}
	for _, f := range ledger.Funds() {
		out := back[f]
		if back[f] > 0 {
			e.Legs = append(e.Legs, ledger.Leg{Account: string(f) + ":owed", Amount: back[f]})
		}
		if f == r.Fund && x.Ahead > 0 {
			e.Legs = append(e.Legs, ledger.Leg{Account: string(f) + ":ahead", Amount: x.Ahead})
			out += x.Ahead
		}
		if out > 0 {
			from, err := t.backFrom(ctx, tx, r, f, way)
			if err != nil {
				return x, err
			}
			e.Legs = append(e.Legs, ledger.Leg{Account: from, Amount: -out})
		}
	}
	if e, err = t.post(ctx, tx, b, who.Person, e); err != nil {
		if way == Cash && errors.Is(err, ledger.ErrShort) {
			err = ErrTillShort
		}
		return out, err
	}
	if x.Ahead > 0 {
		if err := t.moveAhead(ctx, tx, n.ID, r.Home, r.Fund, -x.Ahead, r.ID, "refund"); err != nil {
			return out, err
		}
	}
	if _, err := tx.Exec(ctx, `insert into money_refund (id, receipt, compound, no, amount, ahead, way, reason, entry, by_person, at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		x.ID, r.ID, n.ID, x.No, int64(amount), int64(x.Ahead), way, reason, e.ID, who.Person, int64(tx.Now)); err != nil {
		return out, err
	}
	c, err := tx.Exec(ctx, `update money_receipt set refunded = refunded + $2 where id = $1 and refunded = $3`, r.ID, int64(amount), int64(r.Refunded))
	if err == nil && c == 0 {
		err = ErrChanged
	}
	if err != nil {
		return out, err
	}
	if way == QR && t.on.Jobs != nil {
		if err := t.on.Jobs.Put(ctx, tx, "money.refund", refundJob{x.ID}, jobs.When{}); err != nil {
			return out, err
		}
	}
	out = x
	return out, t.trail(ctx, tx, who, Collect, n.Path, "refund", "receipts/"+r.ID, reason, x)
}

// Waive takes something off a bill by a decision. What is owed on to a contractor is not waived: another fund bears it (Bear).
func (t *Till) Waive(ctx context.Context, who access.Who, compound, bill string, amount yuan.Amount, decision, reason string) (out Bill, err error) {
	err = t.db.Write(ctx, func(tx *store.Tx) error {
		n, b, x, err := t.billHere(ctx, tx, who, compound, bill)
		if err != nil {
			return err
		}
		if reason = strings.TrimSpace(reason); reason == "" {
			return ErrReason
		}
		if err := t.decided(ctx, tx, n, decision, false); err != nil {
			return err
		}
		if x.Rest <= 0 {
			return ErrBill
		}
		if x.owedOn() {
			return ErrThird
		}
		if amount <= 0 {
			return ErrAmount
		}
		if amount > x.Rest {
			return ErrWaive
		}
		e, err := t.post(ctx, tx, b, who.Person, ledger.Entry{Day: today(tx), Text: "减免 " + x.Zh + "：" + reason, Document: "bills/" + x.ID, Decision: decision, Rule: ruleOf(x.Fund),
			Legs: []ledger.Leg{{Account: x.earned, Amount: amount}, {Account: string(x.Fund) + ":owed", Amount: -amount}}})
		if err != nil {
			return err
		}
		c, err := tx.Exec(ctx, `update money_bill set waived = waived + $2, state = case when paid + waived + $2 >= amount then 'waived' else state end where id = $1 and waived = $3 and paid = $4`, x.ID, int64(amount), int64(x.Waived), int64(x.Paid))
		if err == nil && c == 0 {
			err = ErrChanged
		}
		if err != nil {
			return err
		}
		if err := t.waiver(ctx, tx, who, x, "waive", amount, decision, reason, e.ID, ""); err != nil {
			return err
		}
		if out, err = t.bill(ctx, tx, x.ID); err != nil {
			return err
		}
		return t.trail(ctx, tx, who, Collect, x.Path, "waive", "bills/"+x.ID, reason, map[string]any{"amount": amount, "decision": decision})
	})
	return out, err
}

func (t *Till) waiver(ctx context.Context, tx *store.Tx, who access.Who, x Bill, what string, amount yuan.Amount, decision, reason, entry, next string) error {
	_, err := tx.Exec(ctx, `insert into money_waiver (id, bill, compound, what, amount, decision, reason, entry, next, by_person, at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		tx.NewID(), x.ID, x.Compound, what, int64(amount), decision, reason, entry, next, who.Person, int64(tx.Now))
	tx.Changed(store.Change{Kind: "bills", ID: x.ID, Path: x.Path})
	return err
}

func (t *Till) billHere(ctx context.Context, tx *store.Tx, who access.Who, compound, bill string) (n place.Node, b Book, x Bill, err error) {
	if n, err = t.there(ctx, tx, who, Collect, compound); err != nil {
		return n, b, x, err
	}
	if b, err = t.book(ctx, tx, n.ID); err != nil {
		return n, b, x, err
	}
	if x, err = t.bill(ctx, tx, bill); err == nil && x.Compound != n.ID {
		err = ErrMissing
	}
	return n, b, x, err
}

// Correct voids a wrong bill by a counter-entry and makes the right one in its place; 0 makes none. What was paid goes
// over to the new one, and what is too much stays paid ahead.
func (t *Till) Correct(ctx context.Context, who access.Who, compound, bill string, amount yuan.Amount, reason string) (out Bill, err error) {
	err = t.db.Write(ctx, func(tx *store.Tx) error {
		n, b, x, err := t.billHere(ctx, tx, who, compound, bill)
		if err != nil {
			return err
		}
		if reason = strings.TrimSpace(reason); reason == "" {
			return ErrReason
		}
		if x.State == BillVoid || x.Origin != "" {
			return ErrBill // others' bills are theirs to correct
		}
		if amount < 0 || amount == x.Amount {
			return ErrAmount
		}
		counts := x.Amount - x.Waived
		decision := x.Decision
		if decision == "" {
			decision = "bills/" + x.ID
		}
		entry := ""
		if counts > 0 {
			e, err := t.post(ctx, tx, b, who.Person, ledger.Entry{Day: today(tx), Text: "冲正 " + x.Zh + "：" + reason, Document: "bills/" + x.ID, Decision: decision, Rule: ruleOf(x.Fund),
				Legs: []ledger.Leg{{Account: x.earned, Amount: counts}, {Account: string(x.Fund) + ":owed", Amount: -counts}}})
			if err != nil {
				return err
			}
			entry = e.ID
		}
		// What each receipt paid of it.
		type had struct {
			receipt string
			amount  yuan.Amount
		}
		paid, err := store.All(ctx, tx, func(r *sql.Rows) (h had, err error) { err = r.Scan(&h.receipt, &h.amount); return }, `select receipt, cast(sum(amount) as bigint) from money_part where bill = $1 group by receipt having sum(amount) <> 0 order by min(id)`, x.ID)
		if err != nil {
			return err
		}
		old := x
		for _, h := range paid {
			if err := t.allot(ctx, tx, h.receipt, old, -h.amount); err != nil {
				return err
			}
			old.Paid -= h.amount
		}
		if _, err := tx.Exec(ctx, `update money_bill set state = 'void' where id = $1`, x.ID); err != nil {
			return err
		}
		next := Bill{}
		if amount > 0 {
			if next, err = t.makeBill(ctx, tx, b, NewBill{Home: x.Home, Person: x.Person, Kind: x.Kind, Fund: x.Fund, Period: x.Period, Amount: amount, Due: x.Due, Zh: x.Zh, En: x.En, Decision: decision, Earned: x.earned, By: who.Person}); err != nil {
				return err
			}
		}
		over := map[string]yuan.Amount{}
		var sum yuan.Amount
		for _, h := range paid {
			a := min(h.amount, next.Rest)
			if a > 0 {
				if err := t.allot(ctx, tx, h.receipt, next, a); err != nil {
					return err
				}
				next.Paid, next.Rest = next.Paid+a, next.Rest-a
			}
			if h.amount > a {
				over[h.receipt] = h.amount - a
				sum += h.amount - a
			}
		}
		if sum > 0 {
			if _, err := t.post(ctx, tx, b, who.Person, ledger.Entry{Day: today(tx), Text: "更正后多收转预存：" + x.Zh, Document: "bills/" + x.ID, Decision: decision, Rule: ruleOf(x.Fund),
				Legs: []ledger.Leg{{Account: string(x.Fund) + ":owed", Amount: sum}, {Account: string(x.Fund) + ":ahead", Amount: -sum}}}); err != nil {
				return err
			}
			for _, h := range paid {
				if over[h.receipt] == 0 {
					continue
				}
				if err := t.moveAhead(ctx, tx, n.ID, x.Home, x.Fund, over[h.receipt], h.receipt, "correct"); err != nil {
					return err
				}
				// What is given back later goes from the receipt's own fund; where they are one, it is paid ahead by it.
				if _, err := tx.Exec(ctx, `update money_receipt set ahead = ahead + $2 where id = $1 and fund = $3 and way <> 'prepaid'`, h.receipt, int64(over[h.receipt]), string(x.Fund)); err != nil {
					return err
				}
			}
		}
		if err := t.waiver(ctx, tx, who, x, "correct", counts, decision, reason, entry, next.ID); err != nil {
			return err
		}
		at := x.ID
		if next.ID != "" {
			at = next.ID
		}
		if out, err = t.bill(ctx, tx, at); err != nil {
			return err
		}
		return t.trail(ctx, tx, who, Collect, x.Path, "correct", "bills/"+x.ID, reason, map[string]any{"from": x.Amount, "to": amount, "next": next.ID})
	})
	return out, err
}

// proveBills compares owed and ahead of each fund with the bills and what homes paid ahead.
func (t *Till) proveBills(ctx context.Context, q store.Queryer, compound string) ([]Proof, error) {
	type sum struct {
		fund   string
		amount yuan.Amount
	}
	scan := func(r *sql.Rows) (s sum, err error) { err = r.Scan(&s.fund, &s.amount); return }
	var out []Proof
	for _, x := range []struct{ account, query string }{
		{":owed", `select fund, cast(sum(amount - paid - waived) as bigint) from money_bill where compound = $1 and state <> 'void' group by fund order by fund`},
		{":ahead", `select fund, cast(-sum(amount) as bigint) from money_ahead where compound = $1 group by fund order by fund`},
	} {
		list, err := store.All(ctx, q, scan, x.query, compound)
		if err != nil {
			return nil, err
		}
		for _, s := range list {
			p, err := t.prove(ctx, q, compound, s.fund+x.account, s.amount)
			if err != nil {
				return nil, err
			}
			p.Zh, p.En = "账单与预存合计", "bills and what is paid ahead"
			out = append(out, p)
		}
	}
	return out, nil
}

// ReceiveAll takes a list of payments in, all or none, as from a list kept on paper: one receipt each. Without an amount it is
// all that the home owes; a home that owes nothing is left out.
func (t *Till) ReceiveAll(ctx context.Context, who access.Who, compound string, list []Receipt) (out []Receipt, err error) {
	err = t.db.Write(ctx, func(tx *store.Tx) error {
		out = nil
		n, err := t.there(ctx, tx, who, Collect, compound)
		if err != nil {
			return err
		}
		b, err := t.begin(ctx, tx, n)
		if err != nil {
			return err
		}
		var sum yuan.Amount
		for _, r := range list {
			if r.Way == Prepaid {
				return ErrWay
			}
			if r.Amount == 0 {
				if err := tx.QueryRow(ctx, `select cast(coalesce(sum(amount - paid - waived), 0) as bigint) from money_bill where home = $1 and state in ('open', 'part')`, r.Home).Scan(&r.Amount); err != nil {
					return err
				}
				if r.Amount == 0 {
					continue
				}
			}
			r.Person = who.Person
			if r, err = t.receive(ctx, tx, b, r); err != nil {
				return err
			}
			sum += r.Amount
			out = append(out, r)
		}
		return t.trail(ctx, tx, who, Collect, n.Path, "receipts", "books/"+n.ID, "", map[string]any{"receipts": len(out), "amount": sum})
	})
	return out, err
}
