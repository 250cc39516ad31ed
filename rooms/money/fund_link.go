package money

import (
	"context"
	"slices"
	"strings"
	"time"

	"cuobian/basis/yuan"
	"cuobian/platform/access"
	"cuobian/platform/jobs"
	"cuobian/platform/store"
	"cuobian/rooms/assembly/tally"
	"cuobian/rooms/money/ledger"
	"cuobian/rooms/money/tariff"
)

// fundDuties are the kinds of duties that the steps of fund and works alone end.
var fundDuties = []string{DutyUseReview, DutyUseStart, DutyUsePublish}

// debt is what a part owes for a use of the fund or a shared work.
type debt struct {
	part     string
	kind     BillKind
	fund     ledger.Fund
	amount   yuan.Amount
	origin   string
	words    string
	decision string
	rule     string
	why      tally.Step
}

// oweBill bills a debt. What homes pay in for a shared work is earned by it; what they top up belongs to the fund's rest, since
// it is theirs.
func (t *Till) oweBill(ctx context.Context, tx *store.Tx, b Book, who access.Who, d debt) (string, error) {
	earned, zh, en := "works:earned:pledge", "共有工程分摊", "share of shared works"
	if d.kind == Shortfall {
		earned, zh, en = "maintenance:rest", "维修资金分摊补交", "shortfall of a share of the fund's use"
	}
	x, err := t.makeBill(ctx, tx, b, NewBill{Home: d.part, Kind: d.kind, Fund: d.fund, Amount: d.amount, Origin: d.origin, Zh: zh + "：" + d.words, En: en + ": " + d.words, Decision: d.decision, Rule: d.rule, Earned: earned, By: who.Person,
		Steps: []tariff.Step{{Item: d.why.Zh + "：" + d.why.Left + " = " + d.why.Right, ItemEn: d.why.En + ": " + d.why.Left + " = " + d.why.Right, What: "given", Label: d.words, Decision: d.decision, Amount: d.amount}}})
	return x.ID, err
}

// outlay is a payment out of the fund or of an escrow.
type outlay struct {
	fund     ledger.Fund
	account  string
	amount   yuan.Amount
	to       Payee
	purpose  string
	decision string
	rule     string
	origin   string
	papers   []string
	bids     []Bid
}

// askPayment applies for a payment: three reviews and two seals stand before it (R38).
func (t *Till) askPayment(ctx context.Context, tx *store.Tx, who access.Who, b Book, o outlay) (string, error) {
	in := NewPayment{Compound: b.Compound, Fund: o.fund, Account: o.account, Amount: o.amount, PayeeKind: "org", PayeeOrg: o.to.Org, PayeeName: o.to.Name, PayeeBank: o.to.Bank, Purpose: o.purpose, Decision: o.decision, Origin: o.origin}
	for _, id := range slices.Compact(slices.Sorted(slices.Values(o.papers))) {
		in.Documents = append(in.Documents, Paper{Blob: id, Kind: "document"})
	}
	for _, x := range o.bids {
		in.Quotes = append(in.Quotes, Quote{From: x.Party, Amount: x.Amount})
	}
	p, err := t.submitPayment(ctx, tx, who, in)
	return p.ID, err
}

// fundHooks are what bills and payments of fund and works tell.
func (t *Till) fundHooks() {
	origin := func(of, prefix string) (id, part string) {
		id, part, _ = strings.Cut(strings.TrimPrefix(of, prefix), "/")
		return id, part
	}
	t.onBillPaid("fund-uses/", func(ctx context.Context, tx *store.Tx, b Bill, paid yuan.Amount) error {
		id, part := origin(b.Origin, "fund-uses/")
		return t.useBillPaid(ctx, tx, id, part, paid)
	})
	t.onBillPaid("projects/", func(ctx context.Context, tx *store.Tx, b Bill, paid yuan.Amount) error {
		id, part := origin(b.Origin, "projects/")
		return t.projectBillPaid(ctx, tx, id, part, paid, "system")
	})
	t.onBillBorne("fund-uses/", func(ctx context.Context, tx *store.Tx, b Bill, borne yuan.Amount) error {
		id, part := origin(b.Origin, "fund-uses/")
		return t.useBillBorne(ctx, tx, id, part, borne)
	})
	t.onBillBorne("projects/", func(ctx context.Context, tx *store.Tx, b Bill, borne yuan.Amount) error {
		id, part := origin(b.Origin, "projects/")
		return t.projectBillBorne(ctx, tx, id, part, borne)
	})
	t.paymentEnded["bearings/"] = func(ctx context.Context, tx *store.Tx, p Payment) error {
		id, _ := origin(p.Origin, "bearings/")
		return t.bearingEnded(ctx, tx, id, p)
	}
	t.paymentEnded["fund-uses/"] = func(ctx context.Context, tx *store.Tx, p Payment) error {
		id, _ := origin(p.Origin, "fund-uses/")
		return t.usePaymentEnded(ctx, tx, id, p.ID, p.State == PaidOut)
	}
	t.paymentEnded["quality/"] = func(ctx context.Context, tx *store.Tx, p Payment) error {
		id, _ := origin(p.Origin, "quality/")
		return t.qualityPaymentEnded(ctx, tx, id, p)
	}
	t.paymentEnded["projects/"] = func(ctx context.Context, tx *store.Tx, p Payment) error {
		id, _ := origin(p.Origin, "projects/")
		return t.projectPaymentEnded(ctx, tx, id, p.ID, p.State == PaidOut)
	}
}

// fundWork takes up the timers of fund and works.
func (t *Till) fundWork(j *jobs.Runner) {
	j.Every("money.fund", time.Minute, func(ctx context.Context) error {
		for {
			n, err := t.fundTick(ctx)
			if err != nil || n == 0 {
				return err
			}
		}
	})
}
