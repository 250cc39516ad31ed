package money

import (
	"context"
	"database/sql"
	"encoding/json"
	"slices"
	"strings"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/basis/yuan"
	"cuobian/platform/store"
	"cuobian/rooms/money/ledger"
	"cuobian/rooms/place"
)

// Book is the head of a compound's books.
type Book struct {
	Compound string     `json:"compound"`
	Path     scope.Path `json:"path"`
	Begun    day.Day    `json:"begun_on"`
	Closed   day.Day    `json:"closed,omitempty" doc:"last closed day"`
	Demo     bool       `json:"demo,omitempty"`
}

// book gives the head of a compound's books: ErrNoBook where there are none.
func (t *Till) book(ctx context.Context, q store.Queryer, compound string) (b Book, err error) {
	err = q.QueryRow(ctx, `select compound, path, begun_on, closed, demo from money_book where compound = $1`, compound).Scan(&b.Compound, &b.Path, &b.Begun, &b.Closed, &b.Demo)
	if none(err) {
		err = ErrNoBook
	}
	return b, err
}

// begin gives a compound's books and makes them where there are none.
func (t *Till) begin(ctx context.Context, tx *store.Tx, n place.Node) (Book, error) {
	b, err := t.book(ctx, tx, n.ID)
	if err != ErrNoBook {
		return b, err
	}
	if n.Kind != place.Compound || n.EndedOn.Sound() {
		return b, ErrPlace
	}
	if _, err = tx.Exec(ctx, `insert into money_book (compound, path, street, begun_on, closed, demo, created) values ($1, $2, $3, $4, '', $5, $6) on conflict (compound) do nothing`,
		n.ID, string(n.Path), string(n.Path.Street()), today(tx), n.Demo, int64(tx.Now)); err != nil {
		return b, err
	}
	return t.book(ctx, tx, n.ID)
}

// standard is the chart that all books share; it is not to be changed.
var standard = func() ledger.Chart {
	c := ledger.Chart{}
	for _, a := range ledger.Standard() {
		if err := c.Add(a); err != nil {
			panic("money: the standard chart: " + a.Code)
		}
	}
	return c
}()

const accountColumns = `code, class, zh, en, covered`

func scanAccount(r *sql.Rows) (a ledger.Account, err error) {
	err = r.Scan(&a.Code, &a.Class, &a.Zh, &a.En, &a.Covered)
	return a, err
}

// chart is the whole chart of a compound.
func (t *Till) chart(ctx context.Context, q store.Queryer, compound string) (ledger.Chart, error) {
	own, err := store.All(ctx, q, scanAccount, `select `+accountColumns+` from money_account where compound = $1`, compound)
	c := ledger.Chart{}
	for code, a := range standard {
		c[code] = a
	}
	for _, a := range own {
		c[a.Code] = a
	}
	return c, err
}

// chartOf is as much of a chart as legs need.
func (t *Till) chartOf(ctx context.Context, q store.Queryer, compound string, legs []ledger.Leg) (ledger.Chart, error) {
	if slices.ContainsFunc(legs, func(l ledger.Leg) bool { _, has := standard[l.Account]; return !has }) {
		return t.chart(ctx, q, compound)
	}
	return standard, nil
}

// addAccount adds an account to a compound's chart. The same once more is nothing; another under its code is refused.
func (t *Till) addAccount(ctx context.Context, tx *store.Tx, b Book, a ledger.Account) error {
	c, err := t.chart(ctx, tx, b.Compound)
	if err != nil {
		return err
	}
	if has, known := c[a.Code]; known && has.Class == a.Class && has.Covered == a.Covered {
		return nil
	}
	if err := c.Add(a); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `insert into money_account (compound, `+accountColumns+`) values ($1, $2, $3, $4, $5, $6)`, b.Compound, a.Code, string(a.Class), a.Zh, a.En, a.Covered)
	return err
}

// closed reads the last closed day inside a write, whatever the caller's Book says: a closing beside it is then seen by
// both engines.
func (t *Till) closed(ctx context.Context, tx *store.Tx, compound string) (on day.Day, err error) {
	b, err := t.book(ctx, tx, compound)
	return b.Closed, err
}

// seen gathers what legs are judged against.
func (t *Till) seen(ctx context.Context, tx *store.Tx, compound string, c ledger.Chart, legs []ledger.Leg) (s ledger.Seen, err error) {
	if s.Closed, err = t.closed(ctx, tx, compound); err != nil {
		return s, err
	}
	takes, err := c.Takes(legs)
	if err != nil || len(takes) == 0 {
		return s, err
	}
	s.Balance = map[string]yuan.Amount{}
	for account := range takes {
		if s.Balance[account], err = t.balance(ctx, tx, compound, account); err != nil {
			return s, err
		}
	}
	s.Held, err = t.held(ctx, tx, compound)
	return s, err
}

// balance is what an account shows now: its turnovers and what was added since they were brought up to date.
func (t *Till) balance(ctx context.Context, q store.Queryer, compound, account string) (a yuan.Amount, err error) {
	err = q.QueryRow(ctx, `select cast(coalesce((select sum(debit - credit) from money_turnover where compound = $1 and account = $2), 0)
+ coalesce((select sum(l.amount) from money_new n join money_leg l on l.entry = n.entry where n.compound = $1 and l.account = $2), 0) as bigint)`, compound, account).Scan(&a)
	return a, err
}

// held is what open reservations take out of each covered account.
func (t *Till) held(ctx context.Context, q store.Queryer, compound string) (map[string]yuan.Amount, error) {
	open, err := t.holds(ctx, q, `compound = $1 and state = 'held'`, compound)
	if err != nil || len(open) == 0 {
		return map[string]yuan.Amount{}, err
	}
	c, err := t.chart(ctx, q, compound)
	if err != nil {
		return nil, err
	}
	sums := map[string]yuan.Amount{}
	for _, h := range open {
		takes, err := c.Takes(h.Entry.Legs)
		if err != nil {
			return nil, err
		}
		for account, sum := range takes {
			sums[account] += sum
		}
	}
	return sums, nil
}

// available is the balance without what is held.
func (t *Till) available(ctx context.Context, q store.Queryer, compound, account string) (yuan.Amount, error) {
	a, err := t.balance(ctx, q, compound, account)
	if err != nil {
		return 0, err
	}
	h, err := t.held(ctx, q, compound)
	return a - h[account], err
}

// post writes a balanced entry, as the kernel judges it; without an id it gets one. An entry whose legs take nothing out of a
// covered account reads no balance, so that those who bring money in do not wait for each other.
func (t *Till) post(ctx context.Context, tx *store.Tx, b Book, person string, e ledger.Entry) (ledger.Entry, error) {
	if e.ID == "" {
		e.ID = tx.NewID()
	} else if err := unused(ctx, tx, e.ID); err != nil {
		return e, err
	}
	return t.postNew(ctx, tx, b, person, e)
}

// postNew is post for an entry whose id was made in this write. It does not look for that id: on PostgreSQL to look at the place
// of the newest ids is to wait for all others who post.
func (t *Till) postNew(ctx context.Context, tx *store.Tx, b Book, person string, e ledger.Entry) (ledger.Entry, error) {
	c, err := t.chartOf(ctx, tx, b.Compound, e.Legs)
	if err != nil {
		return e, err
	}
	s, err := t.seen(ctx, tx, b.Compound, c, e.Legs)
	if err != nil {
		return e, err
	}
	if err := c.Judge(e, s); err != nil {
		return e, err
	}
	return e, t.put(ctx, tx, b, person, e)
}

// unused refuses an id that a caller gave and that an entry or a reservation has already.
func unused(ctx context.Context, tx *store.Tx, id string) error {
	n, err := store.Count(ctx, tx, `select (select count(*) from money_entry where id = $1) + (select count(*) from money_hold where id = $1)`, id)
	if err == nil && n > 0 {
		err = ledger.ErrTwice
	}
	return err
}

// put writes an entry that was judged.
func (t *Till) put(ctx context.Context, tx *store.Tx, b Book, person string, e ledger.Entry) error {
	n, err := tx.Exec(ctx, `insert into money_entry (id, compound, day, words, document, decision, rule, reverses, reason, by_person, at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) on conflict (id) do nothing`,
		e.ID, b.Compound, e.Day, strings.TrimSpace(e.Text), e.Document, e.Decision, e.Rule, e.Reverses, strings.TrimSpace(e.Reason), person, int64(tx.Now))
	if err == nil && n == 0 {
		err = ledger.ErrTwice
	}
	if err != nil {
		return err
	}
	for at := 0; at < len(e.Legs); at += 20 { // most entries in one statement
		some := e.Legs[at:min(at+20, len(e.Legs))]
		var q strings.Builder
		q.WriteString(`insert into money_leg (entry, line, compound, account, day, amount) values`)
		args := make([]any, 0, 6*len(some))
		for i, l := range some {
			if i > 0 {
				q.WriteByte(',')
			}
			q.WriteString(" (" + store.Marks(1+6*i, 6) + ")")
			args = append(args, e.ID, at+i+1, b.Compound, l.Account, e.Day, int64(l.Amount))
		}
		if _, err := tx.Exec(ctx, q.String(), args...); err != nil {
			return err
		}
	}
	_, err = tx.Exec(ctx, `insert into money_new (entry, compound) values ($1, $2)`, e.ID, b.Compound)
	return err
}

// Hold is an entry that waits for its last seal.
type Hold struct {
	ID       string       `json:"id"`
	Compound string       `json:"compound"`
	Entry    ledger.Entry `json:"entry"`
	Until    day.Instant  `json:"until,omitempty" doc:"lets go by itself a day after it"`
	State    ledger.State `json:"state" enum:"held,posted,released"`
	Reason   string       `json:"reason,omitempty" doc:"why it was released"`
	Person   string       `json:"person"`
	At       day.Instant  `json:"at"`
	Ended    day.Instant  `json:"ended,omitempty"`
}

func (t *Till) holds(ctx context.Context, q store.Queryer, cond string, args ...any) ([]Hold, error) {
	return store.All(ctx, q, func(r *sql.Rows) (h Hold, err error) {
		var legs string
		if err = r.Scan(&h.ID, &h.Compound, &legs, &h.Entry.Text, &h.Entry.Document, &h.Entry.Decision, &h.Entry.Rule, &h.Entry.Day, &h.Until, &h.State, &h.Reason, &h.Person, &h.At, &h.Ended); err != nil {
			return h, err
		}
		h.Entry.ID = h.ID
		return h, json.Unmarshal([]byte(legs), &h.Entry.Legs)
	}, `select id, compound, legs, words, document, decision, rule, day, until, state, reason, by_person, at, ended from money_hold where `+cond+` order by id`, args...)
}

func (t *Till) hold(ctx context.Context, q store.Queryer, b Book, id string) (Hold, error) {
	all, err := t.holds(ctx, q, `id = $1 and compound = $2`, id, b.Compound)
	if err == nil && len(all) == 0 {
		err = ledger.ErrMissing
	}
	if err != nil {
		return Hold{}, err
	}
	return all[0], nil
}

// reserve keeps an entry until its last seal and gives the reservation's id, which becomes the entry's. What it takes out of
// covered accounts is not available to others. until 0 is without end.
func (t *Till) reserve(ctx context.Context, tx *store.Tx, b Book, person string, e ledger.Entry, until day.Instant) (string, error) {
	if e.ID == "" {
		e.ID = tx.NewID()
	} else if err := unused(ctx, tx, e.ID); err != nil {
		return "", err
	}
	c, err := t.chartOf(ctx, tx, b.Compound, e.Legs)
	if err != nil {
		return "", err
	}
	s, err := t.seen(ctx, tx, b.Compound, c, e.Legs)
	if err != nil {
		return "", err
	}
	if err := c.Judge(e, s); err != nil {
		return "", err
	}
	n, err := tx.Exec(ctx, `insert into money_hold (id, compound, legs, words, document, decision, rule, day, until, state, reason, by_person, at, ended) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'held', '', $10, $11, 0) on conflict (id) do nothing`,
		e.ID, b.Compound, text(e.Legs), strings.TrimSpace(e.Text), e.Document, e.Decision, e.Rule, e.Day, int64(until), person, int64(tx.Now))
	if err == nil && n == 0 {
		err = ledger.ErrTwice
	}
	return e.ID, err
}

// settle posts a reservation on a day. A second time is ledger.ErrDone.
func (t *Till) settle(ctx context.Context, tx *store.Tx, b Book, person, hold string, on day.Day) (ledger.Entry, error) {
	h, err := t.hold(ctx, tx, b, hold)
	if err != nil {
		return h.Entry, err
	}
	if h.State != ledger.Held {
		return h.Entry, ledger.ErrDone
	}
	closed, err := t.closed(ctx, tx, b.Compound)
	if err != nil {
		return h.Entry, err
	}
	e, err := ledger.Sealed(h.Entry, on, closed)
	if err != nil {
		return e, err
	}
	if err := t.endHold(ctx, tx, h, ledger.Posted, ""); err != nil {
		return e, err
	}
	return e, t.put(ctx, tx, b, person, e)
}

// release lets a reservation go: refused, withdrawn, or out of time.
func (t *Till) release(ctx context.Context, tx *store.Tx, b Book, hold, reason string) error {
	h, err := t.hold(ctx, tx, b, hold)
	if err != nil {
		return err
	}
	if h.State != ledger.Held {
		return ledger.ErrDone
	}
	if strings.TrimSpace(reason) == "" {
		return ledger.ErrReason
	}
	return t.endHold(ctx, tx, h, ledger.Released, strings.TrimSpace(reason))
}

func (t *Till) endHold(ctx context.Context, tx *store.Tx, h Hold, as ledger.State, reason string) error {
	n, err := tx.Exec(ctx, `update money_hold set state = $1, reason = $2, ended = $3 where id = $4 and state = 'held'`, string(as), reason, int64(tx.Now), h.ID)
	if err == nil && n == 0 {
		err = ledger.ErrDone
	}
	return err
}

// reverse undoes an entry by its mirror, once, with a reason; a reversal stays.
func (t *Till) reverse(ctx context.Context, tx *store.Tx, b Book, person, entry string, on day.Day, document, decision, reason string) (ledger.Entry, error) {
	e, err := t.entry(ctx, tx, b.Compound, entry)
	if err != nil {
		return e, err
	}
	undone, err := store.Count(ctx, tx, `select count(*) from money_entry where reverses = $1`, entry)
	if err != nil {
		return e, err
	}
	c, err := t.chartOf(ctx, tx, b.Compound, e.Legs)
	if err != nil {
		return e, err
	}
	closed, err := t.closed(ctx, tx, b.Compound)
	if err != nil {
		return e, err
	}
	m, err := c.Mirror(e, undone > 0, tx.NewID(), on, closed, document, decision, reason)
	if err != nil {
		return m, err
	}
	return m, t.put(ctx, tx, b, person, m)
}

// entry reads one entry with its legs: ledger.ErrMissing where the compound has none of this id.
func (t *Till) entry(ctx context.Context, q store.Queryer, compound, id string) (e ledger.Entry, err error) {
	err = q.QueryRow(ctx, `select id, day, words, document, decision, rule, reverses, reason from money_entry where id = $1 and compound = $2`, id, compound).
		Scan(&e.ID, &e.Day, &e.Text, &e.Document, &e.Decision, &e.Rule, &e.Reverses, &e.Reason)
	if none(err) {
		err = ledger.ErrMissing
	}
	if err != nil {
		return e, err
	}
	e.Legs, err = store.All(ctx, q, func(r *sql.Rows) (l ledger.Leg, err error) {
		err = r.Scan(&l.Account, &l.Amount)
		return l, err
	}, `select account, amount from money_leg where entry = $1 order by line`, id)
	return e, err
}

// Proof says whether an account of the books equals the parts that it controls.
type Proof struct {
	Account string      `json:"account"`
	Books   yuan.Amount `json:"books"`
	Parts   yuan.Amount `json:"parts"`
	Holds   bool        `json:"holds"`
	Count   bool        `json:"count,omitempty" doc:"both are numbers of things, not fen"`
	Zh      string      `json:"zh,omitempty"`
	En      string      `json:"en,omitempty"`
}

// prove compares an account with the sum of its parts.
func (t *Till) prove(ctx context.Context, q store.Queryer, compound, account string, parts yuan.Amount) (Proof, error) {
	a, err := t.balance(ctx, q, compound, account)
	return Proof{Account: account, Books: a, Parts: parts, Holds: a == parts}, err
}

var errFund = fault.Bad("fund", "money.fund", "没有这项资金", "there is no such fund")
