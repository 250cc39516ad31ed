package money

import (
	"context"
	"strings"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/yuan"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/store"
	"cuobian/rooms/duty"
	"cuobian/rooms/place"
)

// How an order is cleared at the desk.
const (
	ClearPaid     = "paid"     // unclear, and the provider's own record shows the payment
	ClearUnpaid   = "unpaid"   // unclear, and the provider's own record shows none
	ClearTake     = "take"     // differs: what really came is received
	ClearReturned = "returned" // differs: the provider gave it back to the payer
)

// Faults of clearing.
var (
	ErrClear        = fault.New(fault.Conflict, "money.order_clear", "这笔在线支付现在不能这样处理，请刷新后再看", "this online payment cannot be cleared so now; reload and look again")
	ErrOwnOrder     = fault.New(fault.Refused, "money.order_own", "自己的在线支付须由别人核实", "somebody else has to look into one's own online payment")
	ErrOrderNo      = fault.Bad("outside", "money.order_outside", "请写渠道的交易号", "give the provider's number of the payment")
	ErrOrderNoTwice = fault.Bad("outside", "money.order_outside_twice", "这个渠道交易号已经记在另一笔支付上", "this number of the provider stands for another payment already")
	ErrClearPaper   = fault.Bad("paper", "money.order_paper", "请附渠道后台的查询截图或回单", "add the picture or slip of the provider's own record")
)

// dutyOrder is owed for an order whose provider does not answer.
const dutyOrder = "money.order"

// orderSilent is how long after its end an order waits for an answer before it is unclear; then it is asked about every
// orderAgain until it is cleared.
const (
	orderSilent = 30 * 60_000_000 // microseconds
	orderAgain  = 10 * 60_000_000
)

// Clearing is what the desk found out about an order. Outside, Amount and Paper are needed for ClearPaid; Paper also for
// ClearReturned.
type Clearing struct {
	How     string
	Outside string
	Amount  yuan.Amount
	Paper   string
	Reason  string
}

// turned moves an order that is not paid to expired or unclear, with the duty that stands for it.
func (t *Till) turned(ctx context.Context, tx *store.Tx, o Order, state string) error {
	n, err := tx.Exec(ctx, `update money_order set asked = $2, state = $3, ended = $2 where id = $1 and state = $4`, o.ID, int64(tx.Now), state, o.State)
	if err != nil || n == 0 {
		return err
	}
	tx.Changed(store.Change{Kind: "orders", ID: o.ID, Path: o.path, Person: o.person})
	if state != "unclear" {
		return t.on.Duty.End(ctx, tx, dutyOrder, "orders/"+o.ID, "")
	}
	at, err := t.compound(ctx, tx, o.Compound)
	if err != nil {
		return err
	}
	p, cal, _, err := t.rules(ctx, tx, at.Path, today(tx))
	if err != nil {
		return err
	}
	owe := duty.Owe{Kind: dutyOrder, Ref: "orders/" + o.ID, Zh: "核实在线支付：渠道一直没有回应", En: "look into an online payment: the provider does not answer", Path: at.Path}
	if owe.Post, owe.Org, err = t.keeper(ctx, tx, at); err != nil {
		return err
	}
	return t.owe(ctx, tx, owe, cal.Deadline(tx.Now, p.Reconcile, day.Hours{}))
}

// askAbout asks an order's provider what became of it and takes the answer in. silent is why there was none.
func (t *Till) askAbout(ctx context.Context, o Order) (silent, err error) {
	p := t.providers[o.Provider]
	if p == nil {
		return ErrProvider, nil
	}
	a, silent := p.Query(ctx, o)
	if silent == nil && a.State == "paid" {
		a.Order = o.ID
		return nil, t.land(ctx, o.Provider, a)
	}
	now := t.db.Now()
	state := o.State
	switch {
	case silent == nil && (o.State == "unclear" || o.Until < now && o.State != "expired"):
		state = "expired"
	case silent != nil && (o.State == "new" || o.State == "open") && o.Until+orderSilent < now:
		state = "unclear"
	}
	return silent, t.db.Write(ctx, func(tx *store.Tx) error {
		if state != o.State {
			return t.turned(ctx, tx, o, state)
		}
		_, err := tx.Exec(ctx, `update money_order set asked = $2 where id = $1`, o.ID, int64(tx.Now))
		return err
	})
}

func (t *Till) deskOrder(ctx context.Context, q store.Queryer, n place.Node, id string) (Order, error) {
	list, err := t.orders(ctx, q, `id = $1 and compound = $2`, id, n.ID)
	if err == nil && len(list) == 0 {
		err = ErrMissing
	}
	if err != nil {
		return Order{}, err
	}
	return list[0], nil
}

// AskOrder asks an order's provider again, however long ago it was: what was paid is received, and where it still does not
// answer it says so.
func (t *Till) AskOrder(ctx context.Context, who access.Who, compound, id string) (out DeskOrder, err error) {
	n, err := t.there(ctx, t.db, who, Collect, compound)
	if err != nil {
		return out, err
	}
	o, err := t.deskOrder(ctx, t.db, n, id)
	if err != nil {
		return out, err
	}
	if o.State == "paid" || o.State == "differs" {
		return t.shown(ctx, o)
	}
	silent, err := t.askAbout(ctx, o)
	if err != nil {
		return out, err
	}
	if o, err = t.deskOrder(ctx, t.db, n, id); err != nil {
		return out, err
	}
	out, err = t.shown(ctx, o)
	out.Silent = silent != nil
	return out, err
}

// ClearOrder is the desk's word about an order whose provider does not answer or took another amount. Nobody clears an own
// payment. What is received so is compared with the provider's statement like any other.
func (t *Till) ClearOrder(ctx context.Context, who access.Who, compound, id string, c Clearing) (out DeskOrder, err error) {
	c.Outside, c.Reason = strings.TrimSpace(c.Outside), strings.TrimSpace(c.Reason)
	var o Order
	err = t.db.Write(ctx, func(tx *store.Tx) error {
		n, err := t.there(ctx, tx, who, Collect, compound)
		if err != nil {
			return err
		}
		if o, err = t.deskOrder(ctx, tx, n, id); err != nil {
			return err
		}
		needs := map[string]string{ClearPaid: "unclear", ClearUnpaid: "unclear", ClearTake: "differs", ClearReturned: "differs"}[c.How]
		switch {
		case o.person != "" && o.person == who.Person:
			return ErrOwnOrder
		case needs == "" || o.State != needs:
			return ErrClear
		case c.Reason == "":
			return ErrReason
		case c.How == ClearPaid && c.Outside == "":
			return ErrOrderNo
		case c.How == ClearPaid && c.Amount <= 0:
			return ErrAmount
		case (c.How == ClearPaid || c.How == ClearReturned) && c.Paper == "":
			return ErrClearPaper
		}
		if c.Paper != "" {
			if err := t.keepPaper(ctx, tx, who, c.Paper, "orders/"+o.ID, o.path); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(ctx, `update money_order set note = $2, paper = $3 where id = $1`, o.ID, c.Reason, c.Paper); err != nil {
			return err
		}
		switch c.How {
		case ClearPaid:
			used, err := store.Count(ctx, tx, `select count(*) from money_order where provider = $1 and outside = $2 and id <> $3`, o.Provider, c.Outside, o.ID)
			if err == nil && used > 0 {
				err = ErrOrderNoTwice
			}
			if err != nil {
				return err
			}
			if err := t.landed(ctx, tx, o, Answer{Order: o.ID, Outside: c.Outside, State: "paid", Amount: c.Amount}); err != nil {
				return err
			}
		case ClearUnpaid:
			if err := t.turned(ctx, tx, o, "expired"); err != nil {
				return err
			}
		case ClearTake:
			left := o.got
			for i := range o.Parts {
				p := &o.Parts[i]
				if p.Amount = min(p.Amount, left); i == len(o.Parts)-1 {
					p.Amount = left
				}
				left -= p.Amount
			}
			if err := t.received(ctx, tx, o, o.outside, o.got); err != nil {
				return err
			}
		case ClearReturned:
			if _, err := tx.Exec(ctx, `update money_order set state = 'expired', got = 0, ended = $2 where id = $1 and state = 'differs'`, o.ID, int64(tx.Now)); err != nil {
				return err
			}
			tx.Changed(store.Change{Kind: "orders", ID: o.ID, Path: o.path, Person: o.person})
		}
		if c.How == ClearTake || c.How == ClearReturned {
			if err := t.explained(ctx, tx, o.ID, c.Reason, who.Person, "amount"); err != nil {
				return err
			}
		}
		return t.trail(ctx, tx, who, Collect, o.path, "order_clear", "orders/"+o.ID, c.Reason, map[string]any{"how": c.How, "outside": c.Outside, "amount": c.Amount})
	})
	if err != nil {
		return out, err
	}
	list, err := t.orders(ctx, t.db, `id = $1`, o.ID)
	if err != nil {
		return out, err
	}
	return t.shown(ctx, list[0])
}

// KeepSecond receives what was really paid a second time for an order. It pays no bill unasked: it stays paid ahead for the
// order's first home, and can be given back from its receipt.
func (t *Till) KeepSecond(ctx context.Context, who access.Who, compound, id, note string) (out Receipt, err error) {
	err = t.db.Write(ctx, func(tx *store.Tx) error {
		n, err := t.there(ctx, tx, who, Collect, compound)
		if err != nil {
			return err
		}
		var order, outside string
		var amount yuan.Amount
		err = tx.QueryRow(ctx, `select order_id, outside, there from money_difference where id = $1 and compound = $2 and sort = 'twice' and state = 'open'`, id, n.ID).Scan(&order, &outside, &amount)
		if none(err) {
			err = ErrMissing
		}
		if err != nil {
			return err
		}
		o, err := t.deskOrder(ctx, tx, n, order)
		if err != nil {
			return err
		}
		switch note = strings.TrimSpace(note); {
		case o.person != "" && o.person == who.Person:
			return ErrOwnOrder
		case note == "":
			return ErrReason
		}
		bills, err := t.bills(ctx, tx, `id = $1`, o.Bills[0])
		if err != nil {
			return err
		}
		b, err := t.book(ctx, tx, o.Compound)
		if err != nil {
			return err
		}
		out, err = t.receiveAhead(ctx, tx, b, Receipt{Way: QR, Home: o.Parts[0].Home, Fund: bills[0].Fund, Amount: amount, On: today(tx), Ref: paidAgain(o, outside), Person: o.person, provider: o.Provider})
		if err != nil {
			return err
		}
		// The same payment may be open under the day of its statement too; a third payment stays open.
		same, err := store.Texts(ctx, tx, `select id from money_difference where order_id = $1 and outside = $2 and sort = 'twice' and state = 'open'`, o.ID, outside)
		if err != nil {
			return err
		}
		if err := t.settled(ctx, tx, same, note, who.Person); err != nil {
			return err
		}
		return t.trail(ctx, tx, who, Collect, n.Path, "difference", "differences/"+id, note, map[string]any{"receipt": out.ID})
	})
	return out, err
}

// paidAgain is the number of the receipt for what was paid again.
func paidAgain(o Order, outside string) string { return o.Provider + "/" + outside }

// shown is an order as the desk sees it.
func (t *Till) shown(ctx context.Context, o Order) (DeskOrder, error) {
	words, err := t.on.Map.Words(ctx, t.db, o.path)
	d := DeskOrder{Order: o, Place: words, Outside: o.outside, Got: o.got, Note: o.note, Paper: o.paper}
	d.URL, d.QR = "", ""
	return d, err
}

// explained settles an order's open differences of these sorts by what was found.
func (t *Till) explained(ctx context.Context, tx *store.Tx, order, note, by string, sorts ...string) error {
	for _, sort := range sorts {
		ids, err := store.Texts(ctx, tx, `select id from money_difference where order_id = $1 and sort = $2 and state = 'open'`, order, sort)
		if err != nil {
			return err
		}
		if err := t.settled(ctx, tx, ids, note, by); err != nil {
			return err
		}
	}
	return nil
}

// settled closes open differences by what was found.
func (t *Till) settled(ctx context.Context, tx *store.Tx, ids []string, note, by string) error {
	for _, id := range ids {
		if _, err := tx.Exec(ctx, `update money_difference set state = 'settled', note = $2, by_person = $3, ended = $4 where id = $1 and state = 'open'`, id, note, by, int64(tx.Now)); err != nil {
			return err
		}
		if err := t.on.Duty.End(ctx, tx, "money.difference", "differences/"+id, by); err != nil {
			return err
		}
		tx.Changed(store.Change{Kind: "differences", ID: id})
	}
	return nil
}

// received takes an order's parts in, once.
func (t *Till) received(ctx context.Context, tx *store.Tx, o Order, outside string, got yuan.Amount) error {
	b, err := t.book(ctx, tx, o.Compound)
	if err != nil {
		return err
	}
	first := ""
	for i, part := range o.Parts {
		if part.Amount <= 0 {
			continue
		}
		r, err := t.landPart(ctx, tx, b, o, i, part, outside)
		if err != nil {
			return err
		}
		if first == "" {
			first = r.ID
		}
		if _, err := tx.Exec(ctx, `update money_order_part set receipt = $3, amount = $4 where order_id = $1 and no = $2`, o.ID, i+1, r.ID, int64(part.Amount)); err != nil {
			return err
		}
	}
	n, err := tx.Exec(ctx, `update money_order set state = 'paid', outside = $2, got = $3, receipt = $4, ended = $5 where id = $1 and state <> 'paid'`, o.ID, outside, int64(got), first, int64(tx.Now))
	if err == nil && n == 0 {
		err = ErrChanged
	}
	if err != nil {
		return err
	}
	if err := t.on.Duty.End(ctx, tx, dutyOrder, "orders/"+o.ID, ""); err != nil {
		return err
	}
	// A statement that listed it before it was known here differs no more.
	if err := t.explained(ctx, tx, o.ID, "到账通知迟到，现已入账", "", "missing_here"); err != nil {
		return err
	}
	tx.Changed(store.Change{Kind: "orders", ID: o.ID, Path: o.path, Person: o.person})
	return audit.Write(ctx, tx, audit.Entry{By: audit.System, Action: "money.order_paid", Path: o.path, Ref: "orders/" + o.ID, To: map[string]any{"amount": got, "receipt": first, "homes": len(o.Parts), "outside": outside}})
}

// OrderSight says who may see the paper by which an order was cleared: those who work at the desk.
func (t *Till) OrderSight(ctx context.Context, who access.Who, id string) error {
	list, err := t.orders(ctx, t.db, `id = $1`, id)
	if err == nil && len(list) == 0 {
		err = ErrMissing
	}
	if err != nil {
		return err
	}
	_, err = t.there(ctx, t.db, who, Collect, list[0].Compound)
	return err
}
