package money

import (
	"context"
	"strings"

	"cuobian/basis/fault"
	"cuobian/basis/yuan"
	"cuobian/platform/access"
	"cuobian/platform/store"
	"cuobian/rooms/money/ledger"
)

// What became of cash that was short or over.
const (
	TillFound = "found" // short: put back or made good in cash; over: given back to whom it belongs
	TillBorne = "borne" // short: the company bears it, by its own decision
	TillKept  = "kept"  // over: nobody claims it, the fund keeps it
)

// Faults of clearing what is over or short.
var (
	ErrTillClear  = fault.New(fault.Conflict, "money.till_clear", "待查长短款没有这么多，或不能这样处理，请刷新后再看", "not so much is over or short, or it cannot be cleared so; reload and look again")
	ErrTillOwners = fault.Bad("how", "money.till_owners", "业主资金短款不得列作支出，须由经手人或企业补足现金", "what is short of the owners' money is no cost: whoever handled it or the company makes it good in cash")
	ErrTillPaper  = fault.Bad("paper", "money.till_paper", "请附企业同意承担的审批单", "add the company's decision to bear it")
)

// TillClearing clears some of what is over or short in a fund's till. Paper is needed for TillBorne.
type TillClearing struct {
	Fund   ledger.Fund
	How    string
	Amount yuan.Amount
	Paper  string
	Reason string
}

// ClearTill ends the search for what was over or short. Only the company's own fund may bear a shortage as a cost.
func (t *Till) ClearTill(ctx context.Context, who access.Who, compound string, c TillClearing) (out TillFund, err error) {
	c.Reason = strings.TrimSpace(c.Reason)
	err = t.db.Write(ctx, func(tx *store.Tx) error {
		n, b, err := t.atTill(ctx, tx, who, compound, c.Fund)
		if err != nil {
			return err
		}
		at := string(c.Fund)
		has, err := t.balance(ctx, tx, n.ID, at+":unclear")
		if err != nil {
			return err
		}
		short := has > 0
		switch {
		case c.Amount <= 0:
			return ErrAmount
		case c.Amount > max(has, -has), c.How != TillFound && c.How != TillBorne && c.How != TillKept, c.How == TillBorne && !short, c.How == TillKept && (short || c.Fund == ledger.Maintenance):
			return ErrTillClear
		case c.Reason == "":
			return ErrReason
		case c.How == TillBorne && c.Fund != ledger.Company:
			return ErrTillOwners
		case c.How == TillBorne && c.Paper == "":
			return ErrTillPaper
		}
		e := ledger.Entry{ID: tx.NewID(), Day: today(tx), Decision: "law", Rule: fundRule(c.Fund)}
		e.Document = "clears/" + e.ID
		amount := c.Amount // what leaves <fund>:unclear
		if !short {
			amount = -amount
		}
		other := at + ":cash"
		switch c.How {
		case TillFound:
			e.Text = "短款补回："
			if !short {
				e.Text = "长款退还："
				cash, err := t.available(ctx, tx, n.ID, other)
				if err == nil && c.Amount > cash {
					err = ErrTillShort
				}
				if err != nil {
					return err
				}
			}
		case TillBorne:
			e.Text, other, e.Decision = "短款由企业承担：", at+":spent:other", "blobs/"+c.Paper
		case TillKept:
			e.Text, other = "长款无人认领，转入收入：", at+":earned:other"
		}
		e.Text += c.Reason
		e.Legs = []ledger.Leg{{Account: other, Amount: amount}, {Account: at + ":unclear", Amount: -amount}}
		if c.Paper != "" {
			if err := t.on.Blobs.Attach(ctx, tx, c.Paper, who.Account, "entries/"+e.ID, n.Path, n.Name); err != nil {
				return err
			}
		}
		if _, err := t.postNew(ctx, tx, b, who.Person, e); err != nil {
			return err
		}
		if out, _, err = t.tillOf(ctx, tx, n.ID, c.Fund, today(tx)); err != nil {
			return err
		}
		return t.trail(ctx, tx, who, Collect, n.Path, "till_clear", "entries/"+e.ID, c.Reason, map[string]any{"fund": c.Fund, "how": c.How, "amount": c.Amount})
	})
	return out, err
}
