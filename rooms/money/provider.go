package money

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/basis/yuan"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/jobs"
	"cuobian/platform/store"
	"cuobian/rooms/duty"
	"cuobian/rooms/money/ledger"
)

// Provider is a wallet or a bank that takes payments for the house. Its answers may come twice, late or never.
type Provider interface {
	Name() string
	// Begin opens an order there: an address to open and the text of a QR code. It may be asked again for the same order.
	Begin(ctx context.Context, o Order) (Begun, error)
	// Query asks what became of an order.
	Query(ctx context.Context, o Order) (Answer, error)
	// Refund gives back; the same id twice is one refund.
	Refund(ctx context.Context, o Order, id string, amount yuan.Amount) error
	// Statement is what the provider says it took and gave back on a civil day.
	Statement(ctx context.Context, on day.Day) ([]StatementLine, error)
	// Notice checks the signature of what was sent to the house's address and reads it.
	Notice(header func(string) string, body []byte) (Answer, error)
}

// Begun is an order as the provider opened it.
type Begun struct{ URL, QR, Outside string }

// Answer is what a provider says of an order: paid, waiting or gone.
type Answer struct {
	Order   string      `json:"order"`
	Outside string      `json:"outside"` // the provider's own id of the payment
	State   string      `json:"state"`
	Amount  yuan.Amount `json:"amount"`
}

// StatementLine is one line of a provider's day.
type StatementLine struct {
	Order   string
	Outside string
	Amount  yuan.Amount
	Back    yuan.Amount // given back
}

// OrderPart is a home's share of an order, and its receipt.
type OrderPart struct {
	Home    string      `json:"home"`
	Place   string      `json:"place,omitempty"`
	Amount  yuan.Amount `json:"amount"`
	Receipt string      `json:"receipt,omitempty"`
}

// Order is a payment through a provider. Its amount is counted by the house from the bills. Home and Receipt are those of the
// first home; Parts has each.
type Order struct {
	ID       string      `json:"id"`
	Compound string      `json:"compound"`
	Home     string      `json:"home"`
	Provider string      `json:"provider"`
	Amount   yuan.Amount `json:"amount"`
	Bills    []string    `json:"bills"`
	State    string      `json:"state" enum:"new,open,paid,expired,unclear,differs" doc:"unclear: its time is over and the provider does not answer; differs: the provider took another amount; of both the desk is told"`
	URL      string      `json:"url,omitempty"`
	QR       string      `json:"qr,omitempty"`
	Receipt  string      `json:"receipt,omitempty"`
	Parts    []OrderPart `json:"parts" doc:"each home's share and receipt"`
	Until    day.Instant `json:"until"`
	At       day.Instant `json:"at"`
	Ended    day.Instant `json:"ended,omitempty"`
	path     scope.Path
	outside  string
	got      yuan.Amount
	person   string
	note     string // how the desk cleared it
	paper    string
	stated   string // day of the provider's statement that lists it
}

// Faults of paying through a provider.
var (
	ErrProvider  = fault.Bad("provider", "money.provider", "没有这种在线支付方式", "there is no such way of paying online")
	ErrProvided  = fault.New(fault.Unavailable, "money.provider_down", "支付渠道暂时没有回应，请稍后再试", "the payment provider does not answer, please try again shortly")
	ErrSignature = fault.New(fault.Refused, "money.provider_signature", "通知签名有误", "the notice's signature does not hold")
	ErrOneHome   = fault.Bad("bills", "money.order_home", "一次至少支付一张账单；几户一起支付的，须同一小区、同一资金", "pay at least one bill; homes that are paid together are of one compound and one fund")
)

// How long an order can be paid, and when a silent provider is asked.
const (
	orderOpen = 30 * time.Minute
	orderAsk  = 2 * time.Minute
	orderLate = 72 * time.Hour // an expired order is still asked about, once in some hours
)

// providerWords is a provider's name for people; one that has none is called by its code.
func (t *Till) providerWords(name string) (zh, en string) {
	if p, has := t.providers[name].(interface{ Words() (zh, en string) }); has {
		return p.Words()
	}
	return name, name
}

// UseProvider makes a provider known; app does so at the start, as configured.
func (t *Till) UseProvider(p Provider) {
	if t.providers == nil {
		t.providers = map[string]Provider{}
	}
	t.providers[p.Name()] = p
}

// Providers are the names of the providers in use.
func (t *Till) Providers() []string {
	out := []string{}
	for name := range t.providers {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

const orderColumns = `id, compound, path, home, provider, amount, bills, state, url, qr, outside, got, receipt, until, person, at, ended`

func scanOrder(r *sql.Rows) (o Order, err error) {
	var bills string
	if err = r.Scan(&o.ID, &o.Compound, &o.path, &o.Home, &o.Provider, &o.Amount, &bills, &o.State, &o.URL, &o.QR, &o.outside, &o.got, &o.Receipt, &o.Until, &o.person, &o.At, &o.Ended, &o.note, &o.paper, &o.stated); err != nil {
		return o, err
	}
	return o, json.Unmarshal([]byte(bills), &o.Bills)
}

func (t *Till) orders(ctx context.Context, q store.Queryer, cond string, args ...any) ([]Order, error) {
	list, err := store.All(ctx, q, scanOrder, `select `+orderColumns+`, note, paper, stated from money_order where `+cond, args...)
	if err != nil || len(list) == 0 {
		return list, err
	}
	at, ids := map[string]int{}, []any{}
	for i := range list {
		at[list[i].ID], list[i].Parts = i, []OrderPart{}
		ids = append(ids, list[i].ID)
	}
	return list, eachRow(ctx, q, func(r *sql.Rows) error {
		var id string
		var p OrderPart
		err := r.Scan(&id, &p.Home, &p.Place, &p.Amount, &p.Receipt)
		list[at[id]].Parts = append(list[at[id]].Parts, p)
		return err
	}, `select p.order_id, p.home, coalesce(h.label, ''), p.amount, p.receipt from money_order_part p left join place_v_home h on h.id = p.home where p.order_id in (`+store.Marks(1, len(ids))+`) order by p.order_id, p.no`, ids...)
}

// PayBills opens an order for one's own bills. An order for the same bills that is still open is given again.
func (t *Till) PayBills(ctx context.Context, who access.Who, bills []string, provider string) (o Order, err error) {
	if err := person(who); err != nil {
		return o, err
	}
	p := t.providers[provider]
	if p == nil {
		return o, ErrProvider
	}
	if len(bills) == 0 || len(bills) > 50 {
		return o, ErrOneHome
	}
	err = t.db.Write(ctx, func(tx *store.Tx) error {
		o = Order{Parts: []OrderPart{}}
		funds := map[ledger.Fund]bool{}
		for _, id := range bills {
			b, err := t.ownBill(ctx, tx, who, id)
			if err != nil {
				return err
			}
			if b.Rest <= 0 || slices.Contains(o.Bills, id) {
				return ErrBills
			}
			if o.Home == "" {
				o.Home, o.Compound, o.path = b.Home, b.Compound, b.Path
			}
			i := slices.IndexFunc(o.Parts, func(p OrderPart) bool { return p.Home == b.Home })
			if i < 0 {
				i, o.Parts = len(o.Parts), append(o.Parts, OrderPart{Home: b.Home})
			}
			o.Parts[i].Amount += b.Rest
			if funds[b.Fund] = true; o.Compound != b.Compound || len(o.Parts) > 1 && len(funds) > 1 {
				return ErrOneHome
			}
			o.Bills = append(o.Bills, id)
			if o.Amount, err = yuan.Sum(o.Amount, b.Rest); err != nil {
				return err
			}
		}
		same, err := t.orders(ctx, tx, `person = $1 and provider = $2 and bills = $3 and amount = $4 and state in ('new', 'open') and until > $5 order by id desc limit 1`, who.Person, provider, text(o.Bills), int64(o.Amount), int64(tx.Now.Add(time.Minute)))
		if err != nil {
			return err
		}
		if len(same) > 0 {
			o = same[0]
			return nil
		}
		o.ID, o.Provider, o.State, o.At, o.Until, o.person = tx.NewID(), provider, "new", tx.Now, tx.Now.Add(orderOpen), who.Person
		if _, err := tx.Exec(ctx, `insert into money_order (`+orderColumns+`, asked) values ($1, $2, $3, $4, $5, $6, $7, 'new', '', '', '', 0, '', $8, $9, $10, 0, $10)`,
			o.ID, o.Compound, string(o.path), o.Home, o.Provider, int64(o.Amount), text(o.Bills), int64(o.Until), o.person, int64(tx.Now)); err != nil {
			return err
		}
		for i, p := range o.Parts {
			if _, err := tx.Exec(ctx, `insert into money_order_part (order_id, no, home, amount, receipt) values ($1, $2, $3, $4, '')`, o.ID, i+1, p.Home, int64(p.Amount)); err != nil {
				return err
			}
		}
		return audit.Write(ctx, tx, audit.Entry{By: who.By(Look, o.path), Action: "money.order", Path: o.path, Ref: "orders/" + o.ID, To: map[string]any{"amount": o.Amount, "provider": provider}})
	})
	if err != nil || o.State == "open" {
		return o, err
	}
	begun, err := p.Begin(ctx, o)
	if err != nil {
		return o, ErrProvided.Because(err)
	}
	o.URL, o.QR, o.State = begun.URL, begun.QR, "open"
	return o, t.db.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, `update money_order set state = 'open', url = $2, qr = $3 where id = $1 and state = 'new'`, o.ID, o.URL, o.QR)
		return err
	})
}

// MyOrder is one's own order; asked about, so that a page that waits learns soon.
func (t *Till) MyOrder(ctx context.Context, who access.Who, id string) (Order, error) {
	list, err := t.orders(ctx, t.db, `id = $1 and person = $2 and person <> ''`, id, who.Person)
	if err != nil {
		return Order{}, err
	}
	if len(list) == 0 {
		return Order{}, ErrMissing
	}
	return list[0], nil
}

// Notified takes a provider's notice: the signature is checked, and an order is counted once however often it comes.
func (t *Till) Notified(ctx context.Context, provider string, header func(string) string, body []byte) error {
	p := t.providers[provider]
	if p == nil {
		return ErrMissing
	}
	a, err := p.Notice(header, body)
	if err != nil {
		return ErrSignature
	}
	return t.land(ctx, provider, a)
}

// land takes a provider's answer in. What was paid is received once; an answer after the order's end too. Another amount than
// ours is received by nobody: it stays visible and is somebody's duty.
func (t *Till) land(ctx context.Context, provider string, a Answer) error {
	if a.State != "paid" {
		return nil
	}
	return t.db.Write(ctx, func(tx *store.Tx) error {
		list, err := t.orders(ctx, tx, `id = $1 and provider = $2`, a.Order, provider)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			return ErrMissing
		}
		return t.landed(ctx, tx, list[0], a)
	})
}

// landed takes in that an order was paid.
func (t *Till) landed(ctx context.Context, tx *store.Tx, o Order, a Answer) error {
	d := Difference{Compound: o.Compound, Path: o.path, Provider: o.Provider, Day: today(tx), Order: o.ID, Outside: a.Outside, There: a.Amount}
	switch {
	case a.Outside == "" || a.Amount <= 0:
		return ErrSignature
	case o.State == "paid" || o.State == "differs":
		if o.outside == a.Outside && o.got == a.Amount {
			return nil
		}
		d.Sort, d.Here = "twice", o.got
		return t.differs(ctx, tx, d)
	case o.State == "expired" && o.outside == a.Outside:
		return nil // the provider gave it back, as the desk found
	case a.Amount != o.Amount:
		if _, err := tx.Exec(ctx, `update money_order set state = 'differs', outside = $2, got = $3, ended = $4 where id = $1`, o.ID, a.Outside, int64(a.Amount), int64(tx.Now)); err != nil {
			return err
		}
		if err := t.on.Duty.End(ctx, tx, dutyOrder, "orders/"+o.ID, ""); err != nil {
			return err
		}
		d.Sort, d.Here = "amount", o.Amount
		return t.differs(ctx, tx, d)
	}
	return t.received(ctx, tx, o, a.Outside, a.Amount)
}

// landPart receives a home's share of an order. What was paid elsewhere meanwhile is not paid twice: the rest stays paid ahead.
func (t *Till) landPart(ctx context.Context, tx *store.Tx, b Book, o Order, no int, part OrderPart, outside string) (Receipt, error) {
	all, err := t.bills(ctx, tx, `home = $1 and compound = $2`, part.Home, o.Compound)
	if err != nil {
		return Receipt{}, err
	}
	r := Receipt{Way: QR, Home: part.Home, Amount: part.Amount, On: today(tx), Ref: o.Provider + "/" + outside, Person: o.person, provider: o.Provider}
	if no > 0 {
		r.Ref += fmt.Sprintf("/%d", no+1) // each receipt has a number of its own
	}
	fund := ledger.Fund("")
	for _, id := range o.Bills {
		i := slices.IndexFunc(all, func(x Bill) bool { return x.ID == id })
		if i < 0 {
			continue // of another home
		}
		if fund == "" {
			fund = all[i].Fund
		}
		if all[i].State == BillOpen || all[i].State == BillPart {
			r.Bills = append(r.Bills, id)
		}
	}
	if len(r.Bills) == 0 {
		// Nothing of it is open: it must not pay other bills unasked, so it is paid ahead as a whole.
		r.Fund = fund
		return t.receiveAhead(ctx, tx, b, r)
	}
	return t.receive(ctx, tx, b, r)
}

// receiveAhead keeps money that pays no bill as paid ahead.
func (t *Till) receiveAhead(ctx context.Context, tx *store.Tx, b Book, r Receipt) (Receipt, error) {
	r.ahead = true
	return t.receive(ctx, tx, b, r)
}

// Pursue asks about orders that nobody answered, and lets those go whose time is over. Where the provider does not answer either,
// the order is unclear and somebody's duty, and is asked about until it is cleared. An expired one is still asked about for
// three days, so that a late answer finds its way.
func (t *Till) Pursue(ctx context.Context) error {
	now := t.db.Now()
	list, err := t.orders(ctx, t.db, `state in ('new', 'open') and asked <= $1 order by asked limit 200`, int64(now.Add(-orderAsk)))
	if err != nil {
		return err
	}
	late, err := t.orders(ctx, t.db, `state = 'expired' and at >= $1 and asked <= $2 order by asked limit 200`, int64(now.Add(-orderLate)), int64(now.Add(-6*time.Hour)))
	if err != nil {
		return err
	}
	unclear, err := t.orders(ctx, t.db, `state = 'unclear' and asked <= $1 order by asked limit 200`, int64(now-orderAgain))
	if err != nil {
		return err
	}
	for _, o := range slices.Concat(list, late, unclear) {
		if _, err := t.askAbout(ctx, o); err != nil {
			return err
		}
	}
	return nil
}

// Difference is where a provider's word and our records do not agree.
type Difference struct {
	ID       string      `json:"id"`
	Compound string      `json:"compound"`
	Path     scope.Path  `json:"path"`
	Provider string      `json:"provider"`
	Day      day.Day     `json:"day"`
	Order    string      `json:"order"`
	Outside  string      `json:"outside,omitempty"`
	Sort     string      `json:"sort" enum:"amount,twice,missing_here,missing_there,refund"`
	Here     yuan.Amount `json:"here"`
	There    yuan.Amount `json:"there"`
	State    string      `json:"state" enum:"open,settled"`
	Note     string      `json:"note,omitempty"`
	At       day.Instant `json:"at"`
	Ended    day.Instant `json:"ended,omitempty"`
}

// differs keeps a difference, once, as somebody's duty.
func (t *Till) differs(ctx context.Context, tx *store.Tx, d Difference) error {
	d.ID = tx.NewID()
	n, err := tx.Exec(ctx, `insert into money_difference (id, compound, path, provider, day, order_id, outside, sort, here, there, state, note, by_person, at, ended) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'open', '', '', $11, 0) on conflict (provider, day, order_id, outside, sort) do nothing`,
		d.ID, d.Compound, string(d.Path), d.Provider, d.Day, d.Order, d.Outside, d.Sort, int64(d.Here), int64(d.There), int64(tx.Now))
	if err != nil || n == 0 {
		return err
	}
	at, err := t.compound(ctx, tx, d.Compound)
	if err != nil {
		return err
	}
	p, cal, _, err := t.rules(ctx, tx, at.Path, today(tx))
	if err != nil {
		return err
	}
	o := duty.Owe{Kind: "money.difference", Ref: "differences/" + d.ID, Zh: "核对支付渠道差异", En: "look into a payment provider's difference", Path: at.Path, Post: access.CommunityOfficer}
	var org string
	if err := tx.QueryRow(ctx, `select org from service_v_contract where path = $1 and from_day <= $2 and (to_day = '' or to_day >= $2) order by from_day desc limit 1`, string(at.Path), today(tx)).Scan(&org); err != nil && !none(err) {
		return err
	}
	if org != "" {
		o.Post, o.Org = access.PropertyManager, org
	}
	tx.Changed(store.Change{Kind: "differences", ID: d.ID, Path: at.Path})
	return t.owe(ctx, tx, o, cal.Deadline(tx.Now, p.Reconcile, day.Hours{}))
}

// dutyProviderDay is owed for a day on which a provider took money and whose statement does not come.
const dutyProviderDay = "money.provider_day"

func providerDay(compound, provider string, on day.Day) string {
	return "provider-days/" + compound + "/" + provider + "/" + on.String()
}

// CheckProviders compares each provider's statement of each day that is over and not compared yet with the orders here. One
// provider that does not answer holds up no other; a day that is still missing the day after is somebody's duty.
func (t *Till) CheckProviders(ctx context.Context) error {
	var failed error
	for _, name := range t.Providers() {
		last := t.Today().Add(-1)
		from := last
		var text string
		err := t.db.QueryRow(ctx, `select coalesce(max(day), '') from money_checked where provider = $1`, name).Scan(&text)
		if err != nil {
			return err
		}
		if d, err := day.Parse(text); err == nil {
			from = max(d.Add(1), last.Add(-30))
		} else if d, err := t.firstOrder(ctx, name); err != nil {
			return err
		} else if d.Sound() {
			from = min(last, max(d, last.Add(-30)))
		}
		for on := from; on <= last; on = on.Add(1) {
			if err := t.checkDay(ctx, name, t.providers[name], on); err != nil {
				if ctx.Err() != nil {
					return err
				}
				failed = err
				break // the next days wait for this one
			}
		}
		if err := t.missingDays(ctx, name, last.Add(-1)); err != nil {
			return err
		}
	}
	return failed
}

// firstOrder is the day of the first payment that a provider took for the house.
func (t *Till) firstOrder(ctx context.Context, name string) (day.Day, error) {
	var at day.Instant
	err := t.db.QueryRow(ctx, `select coalesce(min(ended), 0) from money_order where provider = $1 and state in ('paid', 'differs')`, name).Scan(&at)
	if err != nil || at == 0 {
		return 0, err
	}
	return at.Day(day.Shanghai), nil
}

// missingDays raises the duty for each compound and day, up to one, on which a provider took money and that was not compared.
func (t *Till) missingDays(ctx context.Context, name string, last day.Day) error {
	type gap struct {
		compound string
		on       day.Day
	}
	var gaps []gap
	if err := eachRow(ctx, t.db, func(r *sql.Rows) error {
		var g gap
		var at day.Instant
		err := r.Scan(&g.compound, &at)
		if g.on = at.Day(day.Shanghai); err == nil && !slices.Contains(gaps, g) {
			gaps = append(gaps, g)
		}
		return err
	}, `select compound, ended from money_order where provider = $1 and state in ('paid', 'differs') and ended >= $2 and ended < $3 order by ended`, name, int64(last.Add(-30).Start(day.Shanghai)), int64(last.Add(1).Start(day.Shanghai))); err != nil {
		return err
	}
	for _, g := range gaps {
		if err := t.db.Write(ctx, func(tx *store.Tx) error {
			n, err := store.Count(ctx, tx, `select (select count(*) from money_checked where provider = $1 and day = $2) + (select count(*) from money_provider_due where provider = $1 and day = $2 and compound = $3)`, name, g.on, g.compound)
			if err != nil || n > 0 {
				return err
			}
			at, err := t.compound(ctx, tx, g.compound)
			if err != nil {
				return err
			}
			p, cal, _, err := t.rules(ctx, tx, at.Path, today(tx))
			if err != nil {
				return err
			}
			zh, en := t.providerWords(name)
			o := duty.Owe{Kind: dutyProviderDay, Ref: providerDay(g.compound, name, g.on), Zh: "支付渠道对账单未到：" + zh + " " + g.on.String(), En: "a payment provider's statement is missing: " + en + " " + g.on.String(), Path: at.Path}
			if o.Post, o.Org, err = t.keeper(ctx, tx, at); err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, `insert into money_provider_due (compound, provider, day, at) values ($1, $2, $3, $4)`, g.compound, name, g.on, int64(tx.Now)); err != nil {
				return err
			}
			return t.owe(ctx, tx, o, cal.Deadline(tx.Now, p.Reconcile, day.Hours{}))
		}); err != nil && !fault.IsKind(err, fault.Invalid) {
			return err
		}
	}
	return nil
}

func (t *Till) checkDay(ctx context.Context, name string, p Provider, on day.Day) error {
	lines, err := p.Statement(ctx, on)
	if err != nil {
		return err
	}
	lo, hi := int64(on.Start(day.Shanghai)), int64(on.Add(1).Start(day.Shanghai))
	return t.db.Write(ctx, func(tx *store.Tx) error {
		ours, err := t.orders(ctx, tx, `provider = $1 and state in ('paid', 'differs') and ended >= $2 and ended < $3`, name, lo, hi)
		if err != nil {
			return err
		}
		seen := map[string]bool{}
		for _, l := range lines {
			list, err := t.orders(ctx, tx, `id = $1 and provider = $2`, l.Order, name)
			if err != nil {
				return err
			}
			if len(list) == 0 {
				continue // not of this house; the provider's account may serve others
			}
			o := list[0]
			seen[o.ID] = true
			d := Difference{Compound: o.Compound, Path: o.path, Provider: name, Day: on, Order: o.ID, Outside: l.Outside, Here: o.got, There: l.Amount}
			switch {
			case o.State != "paid" && o.State != "differs":
				if l.Amount == l.Back {
					continue // given back there, received by nobody here
				}
				d.Sort, d.Here = "missing_here", 0
			case o.outside != l.Outside:
				kept, err := store.Count(ctx, tx, `select count(*) from money_receipt where compound = $1 and way = 'qr' and ref = $2`, o.Compound, paidAgain(o, l.Outside))
				if err != nil {
					return err
				}
				if kept == 0 && l.Amount != l.Back {
					d.Sort = "twice"
				}
			case o.got != l.Amount:
				d.Sort = "amount"
			}
			if d.Sort == "" && o.Receipt != "" {
				back, err := store.Count(ctx, tx, `select cast(coalesce(sum(f.amount), 0) as bigint) from money_refund f join money_order_part p on p.receipt = f.receipt where p.order_id = $1 and f.way = 'qr' and f.at < $2`, o.ID, hi)
				if err != nil {
					return err
				}
				if yuan.Amount(back) != l.Back {
					d.Sort, d.Here, d.There = "refund", yuan.Amount(back), l.Back
				}
			}
			if d.Sort != "" {
				if err := t.differs(ctx, tx, d); err != nil {
					return err
				}
			} else if o.stated == "" {
				// An answer around midnight stands in the statement of the day beside: it is listed once, and that suffices.
				if _, err := tx.Exec(ctx, `update money_order set stated = $2 where id = $1`, o.ID, on); err != nil {
					return err
				}
				if err := t.explained(ctx, tx, o.ID, "渠道 "+on.String()+" 的对账单已列出", "", "missing_there"); err != nil {
					return err
				}
			}
		}
		for _, o := range ours {
			if !seen[o.ID] && o.stated == "" {
				if err := t.differs(ctx, tx, Difference{Compound: o.Compound, Path: o.path, Provider: name, Day: on, Order: o.ID, Outside: o.outside, Sort: "missing_there", Here: o.got}); err != nil {
					return err
				}
			}
		}
		late, err := store.Texts(ctx, tx, `select compound from money_provider_due where provider = $1 and day = $2`, name, on)
		if err != nil {
			return err
		}
		for _, c := range late {
			if err := t.on.Duty.End(ctx, tx, dutyProviderDay, providerDay(c, name, on), ""); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(ctx, `delete from money_provider_due where provider = $1 and day = $2`, name, on); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `insert into money_checked (provider, day, lines, at) values ($1, $2, $3, $4) on conflict (provider, day) do nothing`, name, on, len(lines), int64(tx.Now))
		return err
	})
}

// Differences lists a compound's differences, open ones or all, newest first.
func (t *Till) Differences(ctx context.Context, who access.Who, compound, state string) ([]Difference, error) {
	n, err := t.there(ctx, t.db, who, Read, compound)
	if err != nil {
		return nil, err
	}
	return store.All(ctx, t.db, func(r *sql.Rows) (d Difference, err error) {
		err = r.Scan(&d.ID, &d.Compound, &d.Path, &d.Provider, &d.Day, &d.Order, &d.Outside, &d.Sort, &d.Here, &d.There, &d.State, &d.Note, &d.At, &d.Ended)
		return d, err
	}, `select id, compound, path, provider, day, order_id, outside, sort, here, there, state, note, at, ended from money_difference where compound = $1 and ($2 = '' or state = $2) order by id desc limit 200`, n.ID, state)
}

// SettleDifference closes a difference with what was found. It moves no money: receipts and refunds do.
func (t *Till) SettleDifference(ctx context.Context, who access.Who, compound, id, note string) error {
	return t.db.Write(ctx, func(tx *store.Tx) error {
		n, err := t.there(ctx, tx, who, Collect, compound)
		if err != nil {
			return err
		}
		if note = strings.TrimSpace(note); note == "" {
			return ErrReason
		}
		c, err := tx.Exec(ctx, `update money_difference set state = 'settled', note = $3, by_person = $4, ended = $5 where id = $1 and compound = $2 and state = 'open'`, id, n.ID, note, who.Person, int64(tx.Now))
		if err == nil && c == 0 {
			err = ErrMissing
		}
		if err != nil {
			return err
		}
		if err := t.on.Duty.End(ctx, tx, "money.difference", "differences/"+id, who.Person); err != nil {
			return err
		}
		return t.trail(ctx, tx, who, Collect, n.Path, "difference", "differences/"+id, note, nil)
	})
}

type refundJob struct {
	Refund string `json:"refund"`
}

// refundOut asks the provider to give back what was refunded here; the same id is one refund there.
func (t *Till) refundOut(ctx context.Context, j jobs.Job) error {
	var a refundJob
	if err := j.Read(&a); err != nil {
		return err
	}
	var receipt string
	var amount yuan.Amount
	if err := t.db.QueryRow(ctx, `select receipt, amount from money_refund where id = $1`, a.Refund).Scan(&receipt, &amount); err != nil {
		return err
	}
	list, err := t.orders(ctx, t.db, `id in (select order_id from money_order_part where receipt = $1)`, receipt)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return nil // a QR code at the desk: given back by hand
	}
	p := t.providers[list[0].Provider]
	if p == nil {
		return errors.New("the provider is not configured")
	}
	return p.Refund(ctx, list[0], a.Refund, amount)
}
