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
)

// Faults of bearing.
var (
	ErrThird    = fault.Bad("fund", "money.third", "这笔款项要付给施工单位，不能直接减免：须由公共收益或者企业自有资金凭决定承担，付清后才免除", "this money is owed on to a contractor and cannot be waived: public income or the company bears it by a decision, and the home is let off when that is paid in")
	ErrBearer   = fault.Bad("fund", "money.bearer", "承担的资金是公共收益或者企业自有资金", "what bears it is public income or the company's own money")
	ErrBearBy   = fault.Bad("decision", "money.bear_by", "由公共收益承担的，须选择业主大会决定或者业委会决定；由企业自有资金承担的，也可以附企业书面材料", "choose a resolution of the owners or a decision of the committee; where the company bears it, its paper does as well")
	ErrBearings = fault.Bad("amount", "money.bearings", "连同已申请承担的部分，不能超过尚欠金额", "with what was asked for already it cannot exceed what is owed")
)

// Bearing is a fund that bears what a home owes for a use of the maintenance fund or a shared work.
type Bearing struct {
	ID       string      `json:"id"`
	Bill     string      `json:"bill"`
	Fund     ledger.Fund `json:"fund"`
	Amount   yuan.Amount `json:"amount"`
	Decision string      `json:"decision"`
	Reason   string      `json:"reason"`
	Payment  string      `json:"payment"`
	State    string      `json:"state" enum:"asked,paid,refused"`
	At       day.Instant `json:"at"`
}

// owedOn reports whether a bill's money is owed on to somebody beyond the house.
func (b Bill) owedOn() bool {
	return strings.HasPrefix(b.Origin, "fund-uses/") || strings.HasPrefix(b.Origin, "projects/")
}

func bearings(ctx context.Context, q store.Queryer, bill string) ([]Bearing, error) {
	out, err := store.All(ctx, q, func(r *sql.Rows) (x Bearing, err error) {
		err = r.Scan(&x.ID, &x.Bill, &x.Fund, &x.Amount, &x.Decision, &x.Reason, &x.Payment, &x.State, &x.At)
		return x, err
	}, `select id, bill, fund, amount, decision, reason, payment, state, at from money_bearing where bill = $1 order by id`, bill)
	if out == nil {
		out = []Bearing{}
	}
	return out, err
}

// Bearings lists by what other funds a bill is borne, or is to be: to whoever reads the books.
func (t *Till) Bearings(ctx context.Context, who access.Who, compound, bill string) ([]Bearing, error) {
	n, err := t.readable(ctx, who, compound)
	if err != nil {
		return nil, err
	}
	b, err := t.bill(ctx, t.db, bill)
	if err == nil && b.Compound != n.ID {
		err = ErrMissing
	}
	if err != nil {
		return nil, err
	}
	return bearings(ctx, t.db, b.ID)
}

// Bear applies for a payment out of another fund in a home's place: by a resolution out of public income, by a paper out of the
// company's own. Nobody's claim changes until it is paid; refused, the home owes as before.
func (t *Till) Bear(ctx context.Context, who access.Who, compound, bill string, fund ledger.Fund, amount yuan.Amount, decision, reason string) (x Bearing, err error) {
	err = t.db.Write(ctx, func(tx *store.Tx) error {
		n, err := t.enters(ctx, tx, who, Apply, compound)
		if err != nil {
			return err
		}
		b, err := t.book(ctx, tx, n.ID)
		if err != nil {
			return err
		}
		owed, err := t.bill(ctx, tx, bill)
		if err == nil && owed.Compound != n.ID {
			err = ErrMissing
		}
		if err != nil {
			return err
		}
		if reason = strings.TrimSpace(reason); reason == "" {
			return ErrReason
		}
		if !owed.owedOn() || owed.Rest <= 0 {
			return ErrBill
		}
		if amount <= 0 {
			return ErrAmount
		}
		asked, err := store.Count(ctx, tx, `select cast(coalesce(sum(amount), 0) as bigint) from money_bearing where bill = $1 and state = 'asked'`, owed.ID)
		if err != nil {
			return err
		}
		if amount > owed.Rest-yuan.Amount(asked) {
			return ErrBearings
		}
		kind, _, _ := strings.Cut(decision, "/")
		allowed := map[ledger.Fund][]string{ledger.Income: {"assemblies", "decisions"}, ledger.Company: {"assemblies", "decisions", "blobs"}}[fund]
		if allowed == nil {
			return ErrBearer
		}
		x = Bearing{ID: tx.NewID(), Bill: owed.ID, Fund: fund, Amount: amount, Decision: decision, Reason: reason, State: "asked", At: tx.Now}
		if !slices.Contains(allowed, kind) {
			return ErrBearBy
		}
		if err := t.resolved(ctx, tx, who, n.Path, decision, reason, "bills/"+owed.ID, 0); err != nil {
			if err == ErrResolution {
				err = ErrBearBy
			}
			return err
		}
		zh, _ := owed.Fund.Name()
		if x.Payment, err = t.askPayment(ctx, tx, who, b, outlay{fund: fund, account: string(fund) + ":spent:other", amount: amount, to: Payee{Name: zh}, purpose: "承担" + owed.Zh, decision: decision, rule: ruleOf(owed.Fund), origin: "bearings/" + x.ID}); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `insert into money_bearing (id, bill, compound, fund, amount, decision, reason, payment, state, by_person, at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
			x.ID, x.Bill, n.ID, string(x.Fund), int64(x.Amount), x.Decision, x.Reason, x.Payment, x.State, who.Person, int64(x.At)); err != nil {
			return err
		}
		return t.trail(ctx, tx, who, Apply, n.Path, "bear", "bills/"+owed.ID, reason, x)
	})
	return x, err
}

// bearingEnded hears how the payment of a bearing ended. Paid, its sum is in the fund that the home owed to, and the home is let
// off; what the home paid meanwhile stands to its credit.
func (t *Till) bearingEnded(ctx context.Context, tx *store.Tx, id string, p Payment) error {
	state := "refused"
	if p.State == PaidOut {
		state = "paid"
	}
	var bill, decision, reason string
	if err := tx.QueryRow(ctx, `update money_bearing set state = $1 where id = $2 returning bill, decision, reason`, state, id).Scan(&bill, &decision, &reason); err != nil || state != "paid" {
		return err
	}
	x, err := t.bill(ctx, tx, bill)
	if err != nil {
		return err
	}
	b, err := t.book(ctx, tx, x.Compound)
	if err != nil {
		return err
	}
	off := min(p.Amount, max(x.Rest, 0))
	fund := string(x.Fund)
	legs := []ledger.Leg{{Account: fund + ":bank", Amount: p.Amount}}
	if off > 0 {
		legs = append(legs, ledger.Leg{Account: fund + ":owed", Amount: -off})
	}
	if more := p.Amount - off; more > 0 {
		legs = append(legs, ledger.Leg{Account: fund + ":ahead", Amount: -more})
		if err := t.moveAhead(ctx, tx, x.Compound, x.Home, x.Fund, more, "", "bear"); err != nil {
			return err
		}
	}
	e, err := t.post(ctx, tx, b, "system", ledger.Entry{Day: today(tx), Text: "承担" + x.Zh, Document: p.Ref(), Decision: decision, Rule: ruleOf(x.Fund), Legs: legs})
	if err != nil || off == 0 {
		return err
	}
	if _, err := tx.Exec(ctx, `update money_bill set waived = waived + $2, state = case when paid + waived + $2 >= amount then 'waived' else state end where id = $1`, x.ID, int64(off)); err != nil {
		return err
	}
	if err := t.waiver(ctx, tx, access.System, x, "bear", off, decision, reason, e.ID, ""); err != nil {
		return err
	}
	for prefix, fn := range t.billBorne {
		if strings.HasPrefix(x.Origin, prefix) {
			return fn(ctx, tx, x, off)
		}
	}
	return nil
}
