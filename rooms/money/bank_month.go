package money

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/basis/yuan"
	"cuobian/platform/access"
	"cuobian/platform/jobs"
	"cuobian/platform/store"
	"cuobian/rooms/duty"
	"cuobian/rooms/money/ledger"
	"cuobian/rooms/people"
	"cuobian/rooms/place"
)

// Kinds of duties of this part.
const (
	dutyReconcile = "money.reconcile"
	dutyDeposit   = "money.deposit"
)

// Faults of reconciliations.
var (
	ErrMonth       = fault.Bad("month", "money.month", "请写明已经结束的月份，如 2026-10", "name a month that is over, such as 2026-10")
	ErrUnexplained = fault.New(fault.Conflict, "money.unexplained", "账面 {books} 元与银行 {bank} 元不符，还有 {n} 项没有说明，或差额 {rest} 元没有着落", "the books show {books}, the bank {bank}: {n} items are unexplained, or {rest} is unaccounted for")
	ErrMonthState  = fault.New(fault.Conflict, "money.month_state", "该月对账已办到下一步，请刷新", "this reconciliation has moved on, please reload")
	ErrOwnMonth    = fault.New(fault.Refused, "money.own_month", "做对账的人不能自己复核", "whoever did the reconciliation cannot check it")
	ErrWhich       = fault.Bad("account", "money.which_account", "该资金有几个账户，请选定一个", "the fund has several accounts: choose one")
	ErrNoAccount   = fault.New(fault.Conflict, "money.no_account", "该资金在当月没有登记的账户", "the fund had no account on record in that month")
)

// Open is something that stands on one side alone.
type Open struct {
	Ref    string      `json:"ref" doc:"entries/… in the books and not at the bank; bank-lines/… the other way"`
	Day    day.Day     `json:"day"`
	Amount yuan.Amount `json:"amount"`
	Words  string      `json:"words"`
	Note   string      `json:"note,omitempty" doc:"why it is so"`
	Sort   string      `json:"sort,omitempty" enum:",missing,differs" doc:"of a provider's day"`

	account string
}

// Reconciliation is the books against the bank at a month's end, for one account. The fund's first open account carries beside
// it what lies outside the bank, the till and what is on its way, and the days of payment providers that are missing or differ.
type Reconciliation struct {
	ID         string      `json:"id"`
	Compound   string      `json:"compound"`
	Fund       ledger.Fund `json:"fund"`
	Month      string      `json:"month"`
	State      string      `json:"state" enum:"open,done,ended"`
	Account    string      `json:"account,omitempty" doc:"empty: of the whole fund, as it was done before each account had its own"`
	Main       bool        `json:"main" doc:"the fund's first open account: what stands for no line and was put nowhere else counts here"`
	Books      yuan.Amount `json:"books" doc:"of the fund's bank account in the books on the month's last day, what lies in this account"`
	Bank       yuan.Amount `json:"bank" doc:"what the account showed on that day"`
	Difference yuan.Amount `json:"difference"`
	Entries    []Open      `json:"entries" doc:"in the books and not at the bank"`
	Lines      []Open      `json:"lines" doc:"at the bank and not in the books"`
	Others     []TillBank  `json:"others" doc:"the fund's other accounts, to which an entry of the books may be put"`
	OnWay      []OnWay     `json:"on_way" doc:"the till and what is on its way, on the month's last day"`
	Days       []Open      `json:"days" doc:"days of payment providers whose statement is missing or differs: provider-days/local/2026-10-05"`
	Rest       yuan.Amount `json:"rest" doc:"what of the difference neither of them explains"`
	RestNote   string      `json:"rest_note,omitempty"`
	Unnoted    int         `json:"unnoted" doc:"items without a note"`
	Accounts   []BankMonth `json:"accounts"`
	DoneBy     string      `json:"done_by,omitempty"`
	DoneAt     day.Instant `json:"done_at,omitempty"`
	DoneName   string      `json:"done_name,omitempty"`
	Mine       bool        `json:"mine" doc:"whoever asks did it: somebody else checks it"`
	EndedBy    string      `json:"ended_by,omitempty"`
	EndedName  string      `json:"ended_name,omitempty"`
	EndedAt    day.Instant `json:"ended_at,omitempty"`
	Due        day.Instant `json:"due"`
	Version    int64       `json:"version"`

	path  scope.Path
	notes map[string]string
}

// BankMonth is what one account showed.
type BankMonth struct {
	Account string      `json:"account"`
	Bank    string      `json:"bank"`
	Last4   string      `json:"last4"`
	Shown   yuan.Amount `json:"shown"`
	On      day.Day     `json:"on,omitzero" doc:"day of its last line"`
	Stated  bool        `json:"stated"`
}

const monthColumns = `id, compound, path, fund, account, month, state, notes, figures, done_by, done_at, ended_by, ended_at, due, version`

func scanMonth(r *sql.Rows) (x Reconciliation, err error) {
	var notes, figures string
	if err = r.Scan(&x.ID, &x.Compound, &x.path, &x.Fund, &x.Account, &x.Month, &x.State, &notes, &figures, &x.DoneBy, &x.DoneAt, &x.EndedBy, &x.EndedAt, &x.Due, &x.Version); err != nil {
		return x, err
	}
	if err = json.Unmarshal([]byte(notes), &x.notes); err == nil && x.State != "open" && figures != "" {
		now := x
		err = json.Unmarshal([]byte(figures), &x) // as it was signed
		x.State, x.DoneBy, x.DoneAt, x.EndedBy, x.EndedAt, x.Version = now.State, now.DoneBy, now.DoneAt, now.EndedBy, now.EndedAt, now.Version
	}
	return x, err
}

// lastOfMonth is the last day of a month written 2026-10.
func lastOfMonth(month string) (day.Day, bool) {
	d, err := day.Parse(month + "-01")
	if err != nil {
		return 0, false
	}
	return d.AddMonths(1).Add(-1), true
}

// banksOf are a fund's accounts in the order in which they were opened, closed ones too, and which of them is the first open one
// on a day (the first of all where none is).
func (t *Till) banksOf(ctx context.Context, q store.Queryer, compound string, fund ledger.Fund) (all []BankAccount, first func(day.Day) string, err error) {
	all, err = t.bankAccounts(ctx, q, `compound = $1 and fund = $2`, compound, string(fund))
	return all, func(on day.Day) string {
		for _, a := range all {
			if a.Opened <= on && (!a.Closed.Sound() || a.Closed > on) {
				return a.ID
			}
		}
		if len(all) > 0 {
			return all[0].ID
		}
		return ""
	}, err
}

// reconcile counts the books against the bank on a month's last day. In which account of a fund an entry lies says the line
// that it stands for; where it stands for none, whoever put it there; else it is the fund's first open account.
func (t *Till) reconcile(ctx context.Context, q store.Queryer, x *Reconciliation) error {
	end, ok := lastOfMonth(x.Month)
	if !ok {
		return ErrMonth
	}
	all, first, err := t.banksOf(ctx, q, x.Compound, x.Fund)
	if err != nil {
		return err
	}
	here := func(account string, on day.Day) bool {
		if account == "" {
			account = first(on)
		}
		return x.Account == "" || account == x.Account
	}
	x.Main = x.Account == "" || first(end) == x.Account
	x.Books = 0
	type part struct {
		account string
		on      day.Day
		amount  yuan.Amount
	}
	parts, err := store.All(ctx, q, func(r *sql.Rows) (p part, err error) { err = r.Scan(&p.account, &p.on, &p.amount); return }, `select coalesce(m.account, s.account, ''), l.day, cast(sum(l.amount) as bigint)
from money_leg l left join money_bank_match m on m.entry = l.entry and m.fund = $3 and m.ended = 0 left join money_bank_side s on s.entry = l.entry and s.fund = $3
where l.compound = $1 and l.account = $2 and l.day <= $4 group by 1, 2`, x.Compound, string(x.Fund)+":bank", string(x.Fund), end)
	if err != nil {
		return err
	}
	for _, p := range parts {
		if here(p.account, p.on) {
			x.Books += p.amount
		}
	}
	x.Bank, x.Accounts, x.Entries, x.Lines, x.Others, x.OnWay, x.Days, x.Unnoted = 0, []BankMonth{}, []Open{}, []Open{}, []TillBank{}, []OnWay{}, []Open{}, 0
	for _, a := range all {
		if a.Opened > end || a.Closed.Sound() && a.Closed <= end {
			continue
		}
		if x.Account != "" && a.ID != x.Account {
			x.Others = append(x.Others, TillBank{ID: a.ID, Bank: a.Bank, Last4: a.Last4})
			continue
		}
		b, err := t.bankShown(ctx, q, a, end)
		if err != nil {
			return err
		}
		x.Bank += b.Amount
		x.Accounts = append(x.Accounts, BankMonth{Account: a.ID, Bank: a.Bank, Last4: a.Last4, Shown: b.Amount, On: b.On, Stated: b.Stated})
	}
	x.Difference = x.Books - x.Bank
	x.Rest = x.Difference
	sides, err := t.sidesOf(ctx, q, x.Compound, x.Fund)
	if err != nil {
		return err
	}
	open, err := t.openAt(ctx, q, x.Compound, x.Fund, end)
	if err != nil {
		return err
	}
	for _, e := range open {
		account := e.account
		if account == "" {
			account = sides[e.Ref]
		}
		if !here(account, e.Day) {
			continue
		}
		x.Rest -= e.Amount
		e.Note = x.notes[e.Ref]
		x.Entries = append(x.Entries, e)
	}
	lines, err := store.All(ctx, q, func(r *sql.Rows) (o Open, err error) {
		var state, why string
		if err = r.Scan(&o.Ref, &o.Day, &o.Amount, &o.Words, &state, &why); err != nil {
			return o, err
		}
		o.Ref = "bank-lines/" + o.Ref
		if o.Note = x.notes[o.Ref]; o.Note == "" && state == "ignored" {
			o.Note = why
		}
		return o, nil
	}, `select l.id, l.day, l.amount, l.words, l.state, l.reason from money_bank_line l where l.compound = $1 and l.fund = $2 and l.day <= $3 and l.side in ('in', 'out') and ($4 = '' or l.account = $4)
and (l.state <> 'matched' or exists (select 1 from money_bank_match m join money_entry e on e.id = m.entry where m.line = l.id and m.ended = 0 and m.amount <> 0 and e.day > $3)) order by l.day, l.id`, x.Compound, string(x.Fund), end, x.Account)
	if err != nil {
		return err
	}
	for _, l := range lines {
		x.Rest += l.Amount
		x.Lines = append(x.Lines, l)
	}
	// A line whose entries lie on both sides of the day: what is on this side counts.
	var within yuan.Amount
	if err := q.QueryRow(ctx, `select cast(coalesce(sum(m.amount), 0) as bigint) from money_bank_match m join money_bank_line l on l.id = m.line join money_entry e on e.id = m.entry
where m.compound = $1 and m.fund = $2 and ($4 = '' or m.account = $4) and m.ended = 0 and l.day <= $3 and e.day <= $3 and exists (select 1 from money_bank_match o join money_entry f on f.id = o.entry where o.line = l.id and o.ended = 0 and o.amount <> 0 and f.day > $3)`, x.Compound, string(x.Fund), end, x.Account).Scan(&within); err != nil {
		return err
	}
	x.Rest -= within
	x.RestNote = x.notes["rest"]
	if x.Main {
		if x.OnWay, err = t.onWay(ctx, q, x.Compound, x.Fund, end); err != nil {
			return err
		}
		if x.Days, err = t.providerDays(ctx, q, x.Compound, x.Fund, x.Month, x.notes); err != nil {
			return err
		}
	}
	for _, o := range slices.Concat(x.Entries, x.Lines, x.Days) {
		if o.Note == "" {
			x.Unnoted++
		}
	}
	if x.Rest != 0 && x.RestNote == "" {
		x.Unnoted++
	}
	return nil
}

// sidesOf says into which account entries were put, by entries/ID.
func (t *Till) sidesOf(ctx context.Context, q store.Queryer, compound string, fund ledger.Fund) (map[string]string, error) {
	out := map[string]string{}
	err := eachRow(ctx, q, func(r *sql.Rows) error {
		var entry, account string
		err := r.Scan(&entry, &account)
		out["entries/"+entry] = account
		return err
	}, `select s.entry, s.account from money_bank_side s join money_bank_account a on a.id = s.account where a.compound = $1 and s.fund = $2`, compound, string(fund))
	return out, err
}

// providerDays are the days of a month on which a provider took a compound's money into a fund and its statement is missing,
// or differs from the orders here. A difference that was settled brings its explanation along.
func (t *Till) providerDays(ctx context.Context, q store.Queryer, compound string, fund ledger.Fund, month string, notes map[string]string) (out []Open, err error) {
	end, ok := lastOfMonth(month)
	if !ok {
		return nil, ErrMonth
	}
	start := day.MustParse(month + "-01")
	out = []Open{}
	type key struct {
		provider string
		on       day.Day
	}
	sums, seen := map[key]yuan.Amount{}, []key{}
	if err := eachRow(ctx, q, func(r *sql.Rows) error {
		var k key
		var a yuan.Amount
		var ended day.Instant
		if err := r.Scan(&k.provider, &ended, &a); err != nil {
			return err
		}
		k.on = ended.Day(day.Shanghai)
		if _, has := sums[k]; !has {
			seen = append(seen, k)
		}
		sums[k] += a
		return nil
	}, `select o.provider, o.ended, o.got from money_order o where o.compound = $1 and o.state in ('paid', 'differs') and o.ended >= $2 and o.ended < $3
and ($4 = '' or not exists (select 1 from money_order_part p where p.order_id = o.id and p.receipt <> '') or exists (select 1 from money_order_part p join money_receipt r on r.id = p.receipt join money_leg l on l.entry = r.entry where p.order_id = o.id and l.account >= $4 and l.account < $5)) order by o.ended`,
		compound, int64(start.Start(day.Shanghai)), int64(end.Add(1).Start(day.Shanghai)), string(fund)+":", string(fund)+";"); err != nil {
		return nil, err
	}
	type odd struct {
		n, open int64
		notes   string
	}
	odds := map[key]odd{}
	if err := eachRow(ctx, q, func(r *sql.Rows) error {
		var k key
		var state, note string
		if err := r.Scan(&k.provider, &k.on, &state, &note); err != nil {
			return err
		}
		if _, has := sums[k]; !has {
			seen, sums[k] = append(seen, k), 0
		}
		o := odds[k]
		if o.n++; state == "open" {
			o.open++
		} else if note != "" {
			o.notes = strings.TrimPrefix(o.notes+"；"+note, "；")
		}
		odds[k] = o
		return nil
	}, `select provider, day, state, note from money_difference where compound = $1 and day >= $2 and day <= $3 order by id`, compound, start, end); err != nil {
		return nil, err
	}
	checked := map[key]bool{}
	if err := eachRow(ctx, q, func(r *sql.Rows) error {
		var k key
		err := r.Scan(&k.provider, &k.on)
		checked[k] = true
		return err
	}, `select provider, day from money_checked where day >= $1 and day <= $2`, start, end); err != nil {
		return nil, err
	}
	slices.SortFunc(seen, func(a, b key) int {
		if a.on != b.on {
			return int(a.on - b.on)
		}
		return strings.Compare(a.provider, b.provider)
	})
	for _, k := range seen {
		o := Open{Ref: fmt.Sprintf("provider-days/%s/%s", k.provider, k.on), Day: k.on, Amount: sums[k], Words: k.provider}
		d := odds[k]
		switch {
		case !checked[k] && d.n == 0:
			o.Sort = "missing"
		case d.n > 0:
			o.Sort = "differs"
			if d.open == 0 {
				o.Note = d.notes
			}
		default:
			continue
		}
		if n := notes[o.Ref]; n != "" {
			o.Note = n
		}
		out = append(out, o)
	}
	return out, nil
}

// openAt are entries on a fund's bank account by the end of a day that stand for no line of that day or before.
func (t *Till) openAt(ctx context.Context, q store.Queryer, compound string, fund ledger.Fund, end day.Day) (out []Open, err error) {
	now, err := t.openEntries(ctx, q, compound, fund, end)
	if err != nil {
		return nil, err
	}
	for _, e := range now {
		out = append(out, Open{Ref: "entries/" + e.ID, Day: e.Day, Amount: e.Amount, Words: e.Words})
	}
	later, err := store.All(ctx, q, func(r *sql.Rows) (o Open, err error) {
		err = r.Scan(&o.Ref, &o.Day, &o.Amount, &o.Words, &o.account)
		o.Ref = "entries/" + o.Ref
		return o, err
	}, `select e.id, e.day, m.amount, e.words, m.account from money_bank_match m join money_bank_line l on l.id = m.line join money_entry e on e.id = m.entry
where m.compound = $1 and m.fund = $2 and m.ended = 0 and m.amount <> 0 and e.day <= $3 and l.day > $3 order by e.day, e.id`, compound, string(fund), end)
	return append(out, later...), err
}

// Reconciliations lists a compound's reconciliations, the newest month first; month "" is all.
func (t *Till) Reconciliations(ctx context.Context, who access.Who, compound, month string) ([]Reconciliation, error) {
	n, err := t.bankPlace(ctx, t.db, who, Read, compound)
	if err != nil {
		return nil, err
	}
	cond, args := `compound = $1`, []any{n.ID}
	if month != "" {
		cond, args = cond+` and month = $2`, append(args, month)
	}
	list, err := store.All(ctx, t.db, scanMonth, `select `+monthColumns+` from money_reconciliation where `+cond+` order by month desc, fund, account limit 100`, args...)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, x := range list {
		ids = append(ids, x.DoneBy, x.EndedBy)
	}
	names, err := people.Names(ctx, t.db, ids...)
	if err != nil {
		return nil, err
	}
	for i := range list {
		x := &list[i]
		x.DoneName, x.EndedName, x.Mine = names[x.DoneBy], names[x.EndedBy], x.DoneBy != "" && x.DoneBy == who.Person
		if list[i].State == "open" {
			if err := t.reconcile(ctx, t.db, &list[i]); err != nil {
				return nil, err
			}
		}
	}
	return list, nil
}

// Explained is what somebody says of a month: notes by ref ("rest" for what nothing explains), and that it is done.
type Explained struct {
	Fund    ledger.Fund       `json:"fund" enum:"fees,company,income,works,maintenance"`
	Account string            `json:"account,omitempty" maxLength:"40" doc:"which account; may be left out where the fund has one"`
	Notes   map[string]string `json:"notes,omitempty"`
	Move    map[string]string `json:"move,omitempty" doc:"entries of the books that lie in another account of the fund: entries/ID to account"`
	Done    bool              `json:"done,omitempty"`
	Version int64             `json:"version,omitempty" doc:"of the reconciliation as it was seen; 0 for one that is not begun"`
}

// which is the account of a fund that a month is of: the one named, or the only one. Months from before are of the fund: "".
func (t *Till) which(ctx context.Context, q store.Queryer, compound string, fund ledger.Fund, account, month string) (string, error) {
	if account != "" {
		a, err := t.bankAccount(ctx, q, compound, account)
		if err == nil && a.Fund != fund {
			err = ErrMissing
		}
		return a.ID, err
	}
	n, err := store.Count(ctx, q, `select count(*) from money_reconciliation where compound = $1 and fund = $2 and month = $3 and account = ''`, compound, string(fund), month)
	if err != nil || n > 0 {
		return "", err
	}
	end, _ := lastOfMonth(month)
	all, err := t.bankAccounts(ctx, q, `compound = $1 and fund = $2 and opened_on <= $3 and (closed_on = '' or closed_on > $3)`, compound, string(fund), end)
	switch {
	case err != nil:
		return "", err
	case len(all) == 0:
		return "", ErrNoAccount
	case len(all) > 1:
		return "", ErrWhich
	}
	return all[0].ID, nil
}

func (t *Till) month(ctx context.Context, q store.Queryer, compound string, fund ledger.Fund, account, month string) (Reconciliation, error) {
	all, err := store.All(ctx, q, scanMonth, `select `+monthColumns+` from money_reconciliation where compound = $1 and fund = $2 and month = $3 and account = $4`, compound, string(fund), month, account)
	if err == nil && len(all) == 0 {
		err = ErrMissing
	}
	if err != nil {
		return Reconciliation{}, err
	}
	return all[0], nil
}

// Reconcile works on a month: explains what differs, and says that it is done, which needs that nothing is unexplained.
func (t *Till) Reconcile(ctx context.Context, who access.Who, compound, month string, in Explained) (x Reconciliation, err error) {
	end, ok := lastOfMonth(month)
	if !ok || end >= t.Today() {
		return x, ErrMonth
	}
	err = t.db.Write(ctx, func(tx *store.Tx) error {
		n, err := t.bankPlace(ctx, tx, who, Keep, compound)
		if err != nil {
			return err
		}
		in := in
		if in.Account, err = t.which(ctx, tx, n.ID, in.Fund, in.Account, month); err != nil {
			return err
		}
		x, err = t.month(ctx, tx, n.ID, in.Fund, in.Account, month)
		if err == ErrMissing && in.Account != "" {
			if _, err = t.openMonth(ctx, tx, n, in.Fund, in.Account, month); err != nil {
				return err
			}
			x, err = t.month(ctx, tx, n.ID, in.Fund, in.Account, month)
			in.Version = x.Version
		}
		if err != nil {
			return err
		}
		if x.State != "open" {
			return ErrMonthState
		}
		if in.Version != x.Version {
			return ErrChanged
		}
		for k, v := range in.Notes {
			if v = strings.TrimSpace(v); v == "" {
				delete(x.notes, k)
			} else if len([]rune(v)) <= 300 && len(x.notes) < 2000 {
				x.notes[k] = v
			}
		}
		for ref, account := range in.Move {
			if err := t.putInto(ctx, tx, who, n.ID, x.Fund, strings.TrimPrefix(ref, "entries/"), account); err != nil {
				return err
			}
		}
		if err := t.reconcile(ctx, tx, &x); err != nil {
			return err
		}
		figures := ""
		if in.Done {
			if x.Unnoted > 0 {
				return ErrUnexplained.Fill("books", x.Books.String(), "bank", x.Bank.String(), "n", x.Unnoted, "rest", x.Rest.String())
			}
			x.State, x.DoneBy, x.DoneAt = "done", who.Person, tx.Now
			figures = text(x)
		}
		if err := t.saveMonth(ctx, tx, &x, figures); err != nil {
			return err
		}
		return t.trail(ctx, tx, who, Keep, n.Path, "reconcile", "reconciliations/"+x.ID, "", map[string]any{"fund": x.Fund, "month": month, "books": x.Books, "bank": x.Bank, "done": in.Done})
	})
	return x, err
}

// putInto says in which account of its fund an entry lies that stands for no line yet.
func (t *Till) putInto(ctx context.Context, tx *store.Tx, who access.Who, compound string, fund ledger.Fund, entry, account string) error {
	a, err := t.bankAccount(ctx, tx, compound, account)
	if err != nil || a.Fund != fund {
		return ErrWhich
	}
	if _, err := t.legOf(ctx, tx, compound, entry, string(fund)+":bank"); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `insert into money_bank_side (entry, fund, account, by_person, at) values ($1, $2, $3, $4, $5) on conflict (entry, fund) do update set account = excluded.account, by_person = excluded.by_person, at = excluded.at`,
		entry, string(fund), a.ID, who.Person, int64(tx.Now))
	return err
}

func (t *Till) saveMonth(ctx context.Context, tx *store.Tx, x *Reconciliation, figures string) error {
	b, err := json.Marshal(x.notes)
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `update money_reconciliation set state = $1, notes = $2, figures = case when $3 = '' then figures else $3 end, done_by = $4, done_at = $5, ended_by = $6, ended_at = $7, version = version + 1 where id = $8 and version = $9`,
		x.State, string(b), figures, x.DoneBy, int64(x.DoneAt), x.EndedBy, int64(x.EndedAt), x.ID, x.Version)
	if err == nil && n == 0 {
		err = ErrChanged
	}
	x.Version++
	return err
}

// CheckMonth is the second pair of eyes: it ends a reconciliation that somebody else did, or sends it back with a reason.
// What has changed since it was done sends it back by itself.
func (t *Till) CheckMonth(ctx context.Context, who access.Who, compound, month string, fund ledger.Fund, account string, agree bool, why string) (x Reconciliation, err error) {
	err = t.db.Write(ctx, func(tx *store.Tx) error {
		n, err := t.bankPlace(ctx, tx, who, Keep, compound)
		if err != nil {
			return err
		}
		if account, err = t.which(ctx, tx, n.ID, fund, account, month); err != nil {
			return err
		}
		if x, err = t.month(ctx, tx, n.ID, fund, account, month); err != nil {
			return err
		}
		if x.State != "done" {
			return ErrMonthState
		}
		if x.DoneBy == who.Person {
			return ErrOwnMonth
		}
		if why = strings.TrimSpace(why); !agree && why == "" {
			return ErrReason
		}
		what := "reconcile_back"
		if agree {
			now := x
			if err := t.reconcile(ctx, tx, &now); err != nil {
				return err
			}
			if now.Books != x.Books || now.Bank != x.Bank || now.Unnoted > 0 {
				return ErrUnexplained.Fill("books", now.Books.String(), "bank", now.Bank.String(), "n", now.Unnoted, "rest", now.Rest.String())
			}
			what = "reconcile_end"
			x.State, x.EndedBy, x.EndedAt = "ended", who.Person, tx.Now
			if err := t.saveMonth(ctx, tx, &x, text(x)); err != nil {
				return err
			}
			if err := t.on.Duty.End(ctx, tx, dutyReconcile, "reconciliations/"+x.ID, who.Person); err != nil {
				return err
			}
		} else {
			x.State, x.DoneBy, x.DoneAt = "open", "", 0
			if err := t.saveMonth(ctx, tx, &x, ""); err != nil {
				return err
			}
		}
		return t.trail(ctx, tx, who, Keep, n.Path, what, "reconciliations/"+x.ID, why, map[string]any{"fund": fund, "month": month})
	})
	return x, err
}

// openMonth begins a month's reconciliation and owes it to whoever keeps the books.
func (t *Till) openMonth(ctx context.Context, tx *store.Tx, n place.Node, fund ledger.Fund, account, month string) (string, error) {
	end, ok := lastOfMonth(month)
	if !ok {
		return "", ErrMonth
	}
	had, err := t.bankAccounts(ctx, tx, `id = $1 and compound = $2 and fund = $3 and opened_on <= $4 and (closed_on = '' or closed_on > $4)`, account, n.ID, string(fund), end)
	if err != nil {
		return "", err
	}
	if len(had) == 0 {
		return "", ErrNoAccount
	}
	p, cal, _, err := t.rules(ctx, tx, n.Path, today(tx))
	if err != nil {
		return "", err
	}
	due := cal.Deadline(end.End(day.Shanghai).Add(-1), p.Reconcile, day.Hours{})
	id := tx.NewID()
	made, err := tx.Exec(ctx, `insert into money_reconciliation (id, compound, path, fund, account, month, state, notes, figures, done_by, done_at, ended_by, ended_at, due, version) values ($1, $2, $3, $4, $5, $6, 'open', '{}', '', '', 0, '', 0, $7, 1) on conflict (compound, fund, month, account) do nothing`,
		id, n.ID, string(n.Path), string(fund), account, month, int64(due.At))
	if err != nil || made == 0 {
		return "", err
	}
	o := duty.Owe{Kind: dutyReconcile, Ref: "reconciliations/" + id, Path: n.Path, Evidence: "reconciliation"}
	zh, en := fund.Name()
	o.Zh, o.En = fmt.Sprintf("%s 银行对账：%s（%s 尾号 %s）", month, zh, had[0].Bank, had[0].Last4), fmt.Sprintf("bank reconciliation of %s: %s (%s ending in %s)", month, en, had[0].Bank, had[0].Last4)
	if o.Post, o.Org, err = t.keeper(ctx, tx, n); err != nil {
		return "", err
	}
	return id, t.owe(ctx, tx, o, due)
}

// keeper is who keeps a compound's books: the company that serves it, else its committee.
func (t *Till) keeper(ctx context.Context, q store.Queryer, n place.Node) (access.Post, string, error) {
	var org string
	on := t.Today()
	err := q.QueryRow(ctx, `select org from service_v_contract where path = $1 and org <> '' and from_day <= $2 and (to_day = '' or to_day >= $2) order by from_day desc limit 1`, string(n.Path), on).Scan(&org)
	if err == nil {
		return access.PropertyManager, org, nil
	}
	if !none(err) {
		return "", "", err
	}
	return access.CommitteeDirector, "", nil
}

// BankTick opens the reconciliations of months that ended, and raises a duty where cash of the desk was not deposited in
// time. It does one compound at a time and says how many it did.
func (t *Till) BankTick(ctx context.Context) (int, error) {
	now := t.Today()
	last := day.Date(now.Year(), now.Time(day.Shanghai).Month(), 1).Add(-1)
	month := last.Month()
	type due struct {
		compound string
		fund     ledger.Fund
		account  string
	}
	list, err := store.All(ctx, t.db, func(r *sql.Rows) (d due, err error) {
		err = r.Scan(&d.compound, &d.fund, &d.account)
		return d, err
	}, `select a.compound, a.fund, a.id from money_bank_account a join money_book b on b.compound = a.compound where b.begun_on <= $1 and a.opened_on <= $1 and (a.closed_on = '' or a.closed_on > $1)
and not exists (select 1 from money_reconciliation r where r.compound = a.compound and r.fund = a.fund and r.month = $2 and r.account in ('', a.id)) order by a.compound, a.fund, a.id limit 100`, last, month)
	if err != nil {
		return 0, err
	}
	done := 0
	for _, d := range list {
		err := t.db.Write(ctx, func(tx *store.Tx) error {
			n, err := t.compound(ctx, tx, d.compound)
			if err != nil {
				return err
			}
			_, err = t.openMonth(ctx, tx, n, d.fund, d.account, month)
			return err
		})
		if err != nil && !fault.IsKind(err, fault.Invalid) {
			return done, err
		}
		if err == nil {
			done++
		}
	}
	cash, err := store.Texts(ctx, t.db, `select distinct r.compound from money_receipt r join money_bank_account a on a.compound = r.compound and a.fund = r.fund and a.closed_on = ''
where r.way = 'cash' and r.day >= a.opened_on and r.refunded < r.amount and not exists (select 1 from money_bank_match m where m.entry = r.entry and m.ended = 0)
and exists (select 1 from money_leg l where l.entry = r.entry and l.account = r.fund || ':bank')
union select l.compound from money_leg l join money_bank_account a on a.compound = l.compound and a.closed_on = '' and l.account = a.fund || ':cash' group by l.compound, l.account having sum(l.amount) > 0
union select substr(ref, 6) from money_deposit_due where ref like 'cash/%'`)
	if err != nil {
		return done, err
	}
	for _, c := range cash {
		if err := t.db.Write(ctx, func(tx *store.Tx) error { return t.deposits(ctx, tx, c) }); err != nil && !fault.IsKind(err, fault.Invalid) {
			return done, err
		}
	}
	return done, nil
}

// deposits raises or ends the duty to deposit the desk's cash (rule pack: income_in).
func (t *Till) deposits(ctx context.Context, tx *store.Tx, compound string) error {
	n, err := t.compound(ctx, tx, compound)
	if err != nil {
		return err
	}
	p, cal, _, err := t.rules(ctx, tx, n.Path, today(tx))
	if err != nil {
		return err
	}
	// From before there were tills: cash receipts that stand on the bank's account and for no line.
	var oldest day.Instant
	var sum yuan.Amount
	if err := tx.QueryRow(ctx, `select coalesce(min(r.at), 0), cast(coalesce(sum(r.amount - r.refunded), 0) as bigint) from money_receipt r where r.compound = $1 and r.way = 'cash' and r.refunded < r.amount
and exists (select 1 from money_bank_account a where a.compound = r.compound and a.fund = r.fund and a.closed_on = '' and r.day >= a.opened_on) and exists (select 1 from money_leg l where l.entry = r.entry and l.account = r.fund || ':bank')
and not exists (select 1 from money_bank_match m where m.entry = r.entry and m.ended = 0)`, compound).Scan(&oldest, &sum); err != nil {
		return err
	}
	for _, f := range tillFunds {
		banks, err := t.bankAccounts(ctx, tx, `compound = $1 and fund = $2 and closed_on = ''`, compound, string(f))
		if err != nil {
			return err
		}
		if len(banks) == 0 {
			continue
		}
		has, err := t.balance(ctx, tx, compound, string(f)+":cash")
		if err != nil {
			return err
		}
		if has <= 0 {
			continue
		}
		sum += has
		_, first, err := t.waitingOn(ctx, tx, compound, f, string(f)+":cash", day.Last)
		if err != nil {
			return err
		}
		if first.ID == "" {
			continue // what lies there came by no receipt
		}
		var at day.Instant
		if err := tx.QueryRow(ctx, `select at from money_entry where id = $1`, first.ID).Scan(&at); err != nil {
			return err
		}
		if at = max(at, banks[0].Opened.Start(day.Shanghai)); oldest == 0 || at < oldest {
			oldest = at
		}
	}
	ref := "cash/" + compound
	owed, err := store.Count(ctx, tx, `select count(*) from money_deposit_due where ref = $1`, ref)
	if err != nil {
		return err
	}
	due := cal.Deadline(oldest, p.IncomeIn, day.Hours{})
	late := oldest != 0 && due.Late(tx.Now)
	switch {
	case late && owed == 0:
		o := duty.Owe{Kind: dutyDeposit, Ref: ref, Path: n.Path, Zh: "缴存收到的现金：" + sum.String() + " 元尚未入账户", En: "deposit the cash taken: " + sum.String() + " yuan has not reached the account"}
		if o.Post, o.Org, err = t.keeper(ctx, tx, n); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `insert into money_deposit_due (ref, since, at) values ($1, $2, $3)`, ref, int64(oldest), int64(tx.Now)); err != nil {
			return err
		}
		return t.owe(ctx, tx, o, due)
	case !late && owed > 0:
		if _, err := tx.Exec(ctx, `delete from money_deposit_due where ref = $1`, ref); err != nil {
			return err
		}
		return t.on.Duty.End(ctx, tx, dutyDeposit, ref, "")
	}
	return nil
}

// proveBank compares the books with the bank: what is matched in a fund is what its lines say.
func (t *Till) proveBank(ctx context.Context, q store.Queryer, compound string) (out []Proof, err error) {
	rows, err := q.Query(ctx, `select l.fund, cast(sum(l.amount) as bigint), cast(sum((select coalesce(sum(m.amount), 0) from money_bank_match m where m.line = l.id and m.ended = 0)) as bigint),
cast(sum(case when l.amount = (select coalesce(sum(m.amount), 0) from money_bank_match m where m.line = l.id and m.ended = 0) then 0 else 1 end) as bigint)
from money_bank_line l where l.compound = $1 and l.state = 'matched' group by l.fund order by l.fund`, compound)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var fund string
		var lines, entries yuan.Amount
		var odd int64
		if err := rows.Scan(&fund, &lines, &entries, &odd); err != nil {
			return nil, err
		}
		out = append(out, Proof{Account: fund + ":bank", Books: entries, Parts: lines, Holds: entries == lines && odd == 0, Zh: "已对上的银行流水与分录一致", En: "matched bank lines equal their entries"})
	}
	return out, rows.Err()
}

// bankWork takes up this part's jobs.
func (t *Till) bankWork(j *jobs.Runner) {
	t.on.Duty.Keep(dutyReconcile, true)
	t.on.Duty.Keep(dutyDeposit, true)
	t.on.Duty.Keep(dutyAccount, false)
	if j != nil {
		j.Every("money.bank", time.Hour, func(ctx context.Context) error {
			if _, err := t.BankTick(ctx); err != nil {
				return err
			}
			_, err := t.AccountTick(ctx)
			return err
		})
	}
}
