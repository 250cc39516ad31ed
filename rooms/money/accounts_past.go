package money

import (
	"context"

	"cuobian/basis/day"
	"cuobian/basis/yuan"
	"cuobian/platform/access"
	"cuobian/platform/store"
	"cuobian/rooms/money/ledger"
	"cuobian/rooms/place"
)

// EnterHeld enters, in the caller's write, what owners paid on a day into the money that is held for them, and what was spent of it
// by account, as a house before this one kept it. Only the program itself may.
func (t *Till) EnterHeld(ctx context.Context, tx *store.Tx, who access.Who, n place.Node, on day.Day, collected yuan.Amount, costs []BudgetLine, decision string) error {
	if !who.System {
		return access.ErrRefused
	}
	b, err := t.begin(ctx, tx, n)
	if err != nil {
		return err
	}
	post := func(words, debit, credit string, sum yuan.Amount) error {
		_, err := t.post(ctx, tx, b, who.Person, ledger.Entry{Day: on, Text: words, Document: "papers/" + on.String(), Decision: decision, Rule: "R30", Legs: []ledger.Leg{{Account: debit, Amount: sum}, {Account: credit, Amount: -sum}}})
		return err
	}
	if err := post("应收物业费（示例）", "fees:owed", "fees:earned:property", collected); err != nil {
		return err
	}
	if err := post("收物业费（示例）", "fees:bank", "fees:owed", collected); err != nil {
		return err
	}
	for _, c := range costs {
		if err := post(c.Title+"（示例）", c.Account, "fees:bank", c.Amount); err != nil {
			return err
		}
	}
	return nil
}

// PayPast enters that a frozen period was paid today, as a house before this one paid it: without reviews and seals of its own. What
// is held back of it is owed like any other. Only the program itself may.
func (t *Till) PayPast(ctx context.Context, tx *store.Tx, who access.Who, id string) error {
	if !who.System {
		return access.ErrRefused
	}
	x, err := t.quality(ctx, tx, id)
	if err != nil {
		return err
	}
	if x.State != QualityFrozen {
		return ErrQualityState
	}
	b, err := t.book(ctx, tx, x.Compound)
	if err != nil {
		return err
	}
	if _, err := t.post(ctx, tx, b, who.Person, ledger.Entry{Day: today(tx), Text: "支付酬金（示例）", Document: x.Ref(), Decision: "contracts/" + x.Contract, Rule: "R30",
		Legs: []ledger.Leg{{Account: "fees:spent:remuneration", Amount: x.Pay.Now}, {Account: "fees:bank", Amount: -x.Pay.Now}}}); err != nil {
		return err
	}
	if err := t.payIsOut(ctx, tx, &x, x.Pay.Now); err != nil {
		return err
	}
	return t.saveQuality(ctx, tx, &x)
}
