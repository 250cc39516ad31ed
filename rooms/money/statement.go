package money

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/basis/yuan"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/audit/tree"
	"cuobian/platform/rules"
	"cuobian/platform/store"
	"cuobian/rooms/assembly/bundle"
	"cuobian/rooms/duty"
	"cuobian/rooms/money/ledger"
	"cuobian/rooms/money/statement"
	"cuobian/rooms/people"
	"cuobian/rooms/place"
)

const dutyStatement = "money.statement" // post a statement

// published are the funds whose accounts hang on the board.
var published = []ledger.Fund{ledger.Income}

// Faults of disclosure.
var (
	ErrStatement   = fault.New(fault.Missing, "money.statement", "没有这份公示报表", "there is no such statement")
	ErrPosted      = fault.New(fault.Conflict, "money.posted", "这份报表已经公示；有误请出更正版", "this statement is posted; correct it by a new version")
	ErrNotPosted   = fault.New(fault.Conflict, "money.not_posted", "这份报表还没有公示", "this statement is not posted yet")
	ErrCorrecting  = fault.New(fault.Conflict, "money.correcting", "已有一份更正版待公示", "a correction waits to be posted already")
	ErrStampKeeper = fault.New(fault.Refused, "money.stamp_keeper", "公示报表须由印章保管人盖章", "a statement is sealed by the keeper of a seal")
)

// Statement is a fund's accounts of a period on their way to the board.
type Statement struct {
	ID       string           `json:"id"`
	Compound string           `json:"compound"`
	Path     scope.Path       `json:"path"`
	Fund     string           `json:"fund"`
	Kind     string           `json:"kind" enum:"month,quarter,year"`
	Period   string           `json:"period"`
	From     day.Day          `json:"from"`
	To       day.Day          `json:"to"`
	Version  int              `json:"version"`
	Corrects string           `json:"corrects,omitempty"`
	Why      string           `json:"why,omitempty"`
	State    string           `json:"state" enum:"due,posted,replaced"`
	Hash     string           `json:"hash,omitempty"`
	Prev     string           `json:"prev,omitempty"`
	Made     day.Instant      `json:"made"`
	Due      day.Instant      `json:"due"`
	Posted   day.Instant      `json:"posted,omitempty"`
	Until    day.Day          `json:"until,omitempty" doc:"last day on the board"`
	CountsTo day.Day          `json:"counts_to" doc:"last day on which it counts as that of the last period"`
	Late     bool             `json:"late"`
	Seals    []statement.Seal `json:"seals"`
	Words    statement.Words  `json:"words"`
	Demo     bool             `json:"demo,omitempty"`
	n, seq   int64
	shown    int
}

const statementColumns = `id, compound, path, fund, kind, period, from_day, to_day, n, version, corrects, why, state, words, hash, prev, made, due, shown, posted, seq, until, counts_to, seals, demo`

func (t *Till) statements(ctx context.Context, q store.Queryer, cond string, args ...any) ([]Statement, error) {
	now := t.db.Now()
	list, err := store.All(ctx, q, func(r *sql.Rows) (s Statement, err error) {
		var words, seals string
		if err = r.Scan(&s.ID, &s.Compound, &s.Path, &s.Fund, &s.Kind, &s.Period, &s.From, &s.To, &s.n, &s.Version, &s.Corrects, &s.Why, &s.State, &words, &s.Hash, &s.Prev, &s.Made, &s.Due, &s.shown, &s.Posted, &s.seq, &s.Until, &s.CountsTo, &seals, &s.Demo); err != nil {
			return s, err
		}
		s.Late = s.Version == 1 && (s.Posted == 0 && s.Due < now || s.Posted > s.Due)
		if err = json.Unmarshal([]byte(seals), &s.Seals); err != nil {
			return s, err
		}
		return s, json.Unmarshal([]byte(words), &s.Words)
	}, `select `+statementColumns+` from money_statement where `+cond, args...)
	if list == nil {
		list = []Statement{}
	}
	return list, err
}

// draft writes a fund's accounts of a period out of the books: masked, as they may hang on the board.
func (t *Till) draft(ctx context.Context, q store.Queryer, n place.Node, fund, kind, period string) (w statement.Words, err error) {
	from, to, ok := statement.Span(kind, period)
	if !ok {
		return w, ErrSpan
	}
	w = statement.Words{Compound: n.ID, Name: n.Name, Fund: fund, Kind: kind, Period: period, From: from, To: to, Version: 1, Totals: []statement.Sum{}, Balances: []statement.Sum{}, Lines: []statement.Line{}, Demo: n.Demo}
	c, err := t.chart(ctx, q, n.ID)
	if err != nil {
		return w, err
	}
	lo, hi := fund+":", fund+";"
	held := func(account string) bool { a := c[account]; return a.Class == ledger.Asset || a.Class == ledger.Debt }
	sums := func(on day.Day) (all yuan.Amount, by map[string]yuan.Amount, err error) {
		by = map[string]yuan.Amount{}
		rows, err := store.All(ctx, q, func(r *sql.Rows) (s statement.Sum, err error) { err = r.Scan(&s.Account, &s.Amount); return s, err },
			`select account, cast(sum(amount) as bigint) from money_leg where compound = $1 and account >= $2 and account < $3 and day <= $4 group by account`, n.ID, lo, hi, on)
		for _, s := range rows {
			if held(s.Account) && s.Amount != 0 {
				all += s.Amount
				by[s.Account] = s.Amount
			}
		}
		return all, by, err
	}
	if w.Opening, _, err = sums(from.Add(-1)); err != nil {
		return w, err
	}
	_, end, err := sums(to)
	if err != nil {
		return w, err
	}
	type leg struct {
		statement.Line
		document string
	}
	legs, err := store.All(ctx, q, func(r *sql.Rows) (l leg, err error) {
		err = r.Scan(&l.Entry, &l.Day, &l.Words, &l.document, &l.Account, &l.Amount)
		return l, err
	}, `select e.id, l.day, e.words, e.document, l.account, l.amount from money_leg l join money_entry e on e.id = l.entry where l.compound = $1 and l.account >= $2 and l.account < $3 and l.day >= $4 and l.day <= $5
and not exists (select 1 from money_year_end y where y.entry = e.id) order by l.day, e.id, l.line`, n.ID, lo, hi, from, to)
	if err != nil {
		return w, err
	}
	moved := map[string]bool{}
	for _, l := range legs {
		if held(l.Account) {
			continue
		}
		l.Amount, l.No = -l.Amount, len(w.Lines)+1
		if l.Words, err = t.masked(ctx, q, l.Words, l.document, c[l.Account].Zh); err != nil {
			return w, err
		}
		w.Lines, moved[l.Account] = append(w.Lines, l.Line), true
	}
	name := func(into *[]statement.Sum, account string, amount yuan.Amount) {
		a := c[account]
		*into = append(*into, statement.Sum{Account: account, Zh: a.Zh, En: a.En, Amount: amount})
	}
	for _, a := range sorted(moved) {
		name(&w.Totals, a, 0)
	}
	for _, a := range sorted(end) {
		name(&w.Balances, a, end[a])
	}
	return w, w.Add()
}

func sorted[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// masked is the text of an entry for the board: no long numbers, and not the name of a person who was paid. What homes pay
// stands under the name of its account alone.
func (t *Till) masked(ctx context.Context, q store.Queryer, words, document, account string) (string, error) {
	if kind, _, _ := strings.Cut(document, "/"); slices.Contains([]string{"bills", "receipts", "orders", "bank"}, kind) {
		return account, nil
	}
	if id, is := strings.CutPrefix(document, "payments/"); is {
		p, err := t.payment(ctx, q, id)
		if err != nil && err != ErrMissing {
			return "", err
		}
		if err == nil && p.PayeeKind == "person" {
			words = strings.ReplaceAll(words, p.PayeeName, maskName(p.PayeeName))
		}
	}
	return statement.Masked(words), nil
}

// maskName keeps the first sign of a person's name.
func maskName(name string) string {
	r := []rune(name)
	if len(r) == 0 {
		return ""
	}
	return string(r[:1]) + strings.Repeat("*", max(len(r)-1, 1))
}

// dueNext makes the next statement of a kind that a fund owes, once its period is over: the draft, the record that it is due, and
// the duty. made is false where none is due yet.
func (t *Till) dueNext(ctx context.Context, tx *store.Tx, b Book, fund, kind string, p rules.Moneys, cal *day.Calendar) (made bool, err error) {
	var period string
	var count int64
	err = tx.QueryRow(ctx, `select period, n from money_statement where compound = $1 and fund = $2 and kind = $3 order by n desc limit 1`, b.Compound, fund, kind).Scan(&period, &count)
	lo, hi := fund+":", fund+";"
	switch {
	case none(err):
		var first day.Day
		if err := tx.QueryRow(ctx, `select coalesce(min(day), '') from (select min(day) as day from money_leg where compound = $1 and account >= $2 and account < $3
union all select min(from_day) from money_source where compound = $1) as x where day <> ''`, b.Compound, lo, hi).Scan(&first); err != nil {
			return false, err
		}
		if first == 0 {
			return false, nil
		}
		period = statement.PeriodOf(kind, max(first, b.Begun)) // what was before the books began is in their opening
	case err != nil:
		return false, err
	default:
		period = statement.Next(kind, period)
	}
	from, to, ok := statement.Span(kind, period)
	if !ok || to >= today(tx) {
		return false, nil
	}
	// A fund that is empty, without contracts and without movement since, has nothing to publish.
	n, err := store.Count(ctx, tx, `select (select count(*) from money_source where compound = $1 and $5 = 'income' and (to_day = '' or to_day >= $4)) + (select count(*) from money_leg where compound = $1 and account >= $2 and account < $3 and day >= $4)
+ (select count(*) from (select account from money_leg where compound = $1 and account >= $2 and account < $3 group by account having sum(amount) <> 0) as x where x.account in ($6, $7, $8, $9, $10))`, b.Compound, lo, hi, from, fund, fund+":bank", fund+":owed", contractsOwed.Code, fund+":cash", fund+":clearing")
	if err != nil || n == 0 {
		return false, err
	}
	node, err := t.on.Map.Get(ctx, tx, b.Compound)
	if err != nil {
		return false, err
	}
	w, err := t.draft(ctx, tx, node, fund, kind, period)
	if err != nil {
		return false, err
	}
	limit := p.MonthStatement
	switch kind {
	case statement.Quarter:
		limit = p.QuarterStatement
	case statement.Year: // as the accounts of a year (R30)
		limit = p.Accounts
	}
	start := to.End(day.Shanghai) - 1
	due := cal.Deadline(start, limit, day.Hours{})
	if due.At < tx.Now { // the house itself was late: the clock runs from now
		due = cal.Deadline(tx.Now, limit, day.Hours{})
	}
	// It counts until that of the next quarter is due.
	_, nextTo, _ := statement.Span(statement.Quarter, statement.Next(statement.Quarter, statement.PeriodOf(statement.Quarter, to)))
	counts := cal.Deadline(nextTo.End(day.Shanghai)-1, p.QuarterStatement, day.Hours{})
	countsTo := counts.At.Add(-1).Day(day.Shanghai)
	if kind == statement.Year { // it says nothing newer than its last quarter's
		countsTo = to
	}
	s := Statement{ID: tx.NewID(), Compound: b.Compound, Path: b.Path, Fund: fund, Kind: kind, Period: period, From: from, To: to, Version: 1, State: "due", Made: tx.Now, Due: due.At, CountsTo: countsTo, Seals: []statement.Seal{}, Words: w, Demo: b.Demo, n: count + 1, shown: p.ShownDays}
	if err := t.insertStatement(ctx, tx, s); err != nil {
		return false, err
	}
	if _, err := audit.Publish(ctx, tx, audit.Record{Kind: statement.RecordDue, Path: b.Path, Ref: statement.Ref(b.Compound, fund), Body: statement.Due{Compound: b.Compound, Fund: fund, Kind: kind, Period: period, N: s.n, Due: s.Due, Shown: s.shown}}); err != nil {
		return false, err
	}
	return true, t.oweStatement(ctx, tx, node, s, due)
}

func (t *Till) oweStatement(ctx context.Context, tx *store.Tx, n place.Node, s Statement, due day.Due) error {
	o := duty.Owe{Kind: dutyStatement, Ref: "statements/" + s.ID, Path: s.Path, Post: access.CommunityOfficer, Zh: "公示公共收益收支：" + s.Period, En: "post the accounts of public income: " + s.Period}
	c, _, _, err := t.committeeAt(ctx, tx, s.Path, today(tx))
	if err != nil && err != ErrCommittee {
		return err
	}
	if err == nil {
		o.Post, o.Org = access.CommitteeDirector, c.ID
		if c.Kind == people.InterimCommittee {
			o.Post = access.InterimDirector
		}
	}
	return t.owe(ctx, tx, o, due)
}

func (t *Till) insertStatement(ctx context.Context, tx *store.Tx, s Statement) error {
	words, err := s.Words.Text()
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `insert into money_statement (`+statementColumns+`, street, by_person) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, '', '', $15, $16, $17, 0, 0, '', $18, '[]', $19, $20, '')`,
		s.ID, s.Compound, string(s.Path), s.Fund, s.Kind, s.Period, s.From, s.To, s.n, s.Version, s.Corrects, s.Why, s.State, string(words), int64(s.Made), int64(s.Due), s.shown, s.CountsTo, s.Demo, string(s.Path.Street()))
	return err
}

// StatementTick makes what is due: every compound's month, quarter and year that is over. It says how many it made.
func (t *Till) StatementTick(ctx context.Context) (int, error) {
	var done int
	for _, kind := range statement.Kinds {
		// Those whose last statement is of the period before the last one that is over, or who have none.
		last := statement.PeriodOf(kind, t.Today())
		from, _, _ := statement.Span(kind, last)
		last = statement.PeriodOf(kind, from.Add(-1))
		for _, fund := range published {
			books, err := store.All(ctx, t.db, func(r *sql.Rows) (b Book, err error) {
				err = r.Scan(&b.Compound, &b.Path, &b.Begun, &b.Closed, &b.Demo)
				return b, err
			}, `select b.compound, b.path, b.begun_on, b.closed, b.demo from money_book b where not exists (select 1 from money_statement s where s.compound = b.compound and s.fund = $1 and s.kind = $2 and s.period >= $3)
and (exists (select 1 from money_source o where o.compound = b.compound) or exists (select 1 from money_leg l where l.compound = b.compound and l.account >= $4 and l.account < $5)) order by b.compound`, string(fund), kind, last, string(fund)+":", string(fund)+";")
			if err != nil {
				return done, err
			}
			for _, b := range books {
				n, err := t.dueUpTo(ctx, b, string(fund), kind)
				done += n
				if err != nil {
					return done, fmt.Errorf("statements of %s: %w", b.Compound, err)
				}
			}
		}
	}
	return done, t.seeds(ctx)
}

func (t *Till) dueUpTo(ctx context.Context, b Book, fund, kind string) (n int, err error) {
	for range 200 {
		made := false
		if err := t.db.Write(ctx, func(tx *store.Tx) error {
			p, cal, _, err := t.rules(ctx, tx, b.Path, today(tx))
			if err != nil {
				return err
			}
			made, err = t.dueNext(ctx, tx, b, fund, kind, p, cal)
			return err
		}); err != nil || !made {
			return n, err
		}
		n++
	}
	return n, nil
}

// Statements lists a compound's, newest first.
func (t *Till) Statements(ctx context.Context, who access.Who, compound string) ([]Statement, error) {
	n, err := t.compound(ctx, t.db, compound)
	if err != nil {
		return nil, err
	}
	if err := t.may(ctx, t.db, who, Read, n.Path); err != nil {
		return nil, err
	}
	return t.statements(ctx, t.db, `compound = $1 order by id desc limit 200`, compound)
}

// PostStatement puts a statement on the board for its days: drawn up anew from the books, sealed by the keeper of the
// committee's or the community's seal, and its hash with that of the one before in the public log.
func (t *Till) PostStatement(ctx context.Context, who access.Who, id string) (s Statement, err error) {
	if err := person(who); err != nil {
		return s, err
	}
	err = t.db.Write(ctx, func(tx *store.Tx) error {
		all, err := t.statements(ctx, tx, `id = $1`, id)
		if err != nil {
			return err
		}
		if len(all) == 0 {
			return ErrStatement
		}
		s = all[0]
		if err := t.may(ctx, tx, who, Read, s.Path); err != nil {
			if errors.Is(err, ErrMissing) {
				err = ErrStatement
			}
			return err
		}
		n, err := t.on.Map.Get(ctx, tx, s.Compound)
		if err != nil {
			return err
		}
		side, o, err := t.stamper(ctx, tx, who, n)
		if err != nil {
			return err
		}
		return t.postStatement(ctx, tx, who, n, &s, side, o)
	})
	return s, err
}

// stamper says with whose seal who may seal a statement: the keeper in force of either; where no keeper is named yet, the
// committee's director or the community with the seal of their own body.
func (t *Till) stamper(ctx context.Context, tx *store.Tx, who access.Who, n place.Node) (side string, o people.Org, err error) {
	o, members, director, err := t.committeeAt(ctx, tx, n.Path, today(tx))
	if err != nil && err != ErrCommittee {
		return "", o, err
	}
	for _, x := range []struct{ role, side string }{{RoleKeeperCommittee, sideCommittee}, {RoleKeeperCommunity, sideCommunity}} {
		named, _, ok, err := holderOf(ctx, tx, n.ID, x.role, tx.Now)
		if err != nil {
			return "", o, err
		}
		if x.side == sideCommittee && (ok && named == who.Person && slices.Contains(members, who.Person) || !ok && who.Person == director) {
			return x.side, o, nil
		}
		if x.side == sideCommunity && (!ok || named == who.Person) && t.fits(ctx, tx, n.Path, who.Person, nearby) == nil {
			return x.side, o, nil
		}
	}
	return "", o, ErrStampKeeper
}

func (t *Till) postStatement(ctx context.Context, tx *store.Tx, who access.Who, n place.Node, s *Statement, side string, o people.Org) error {
	if s.State != "due" {
		return ErrPosted
	}
	w, err := t.draft(ctx, tx, n, s.Fund, s.Kind, s.Period)
	if err != nil {
		return err
	}
	w.Version, w.Corrects, w.Why = s.Version, s.Corrects, s.Why
	if err := tx.QueryRow(ctx, `select hash, seq from money_statement where compound = $1 and fund = $2 and seq > 0 order by seq desc limit 1`, s.Compound, s.Fund).Scan(&w.Prev, &s.seq); err != nil && !none(err) {
		return err
	}
	s.seq++
	s.Words, s.Prev, s.Hash = w, w.Prev, w.Hash()
	stamp, err := t.stampOf(ctx, tx, n, side, o)
	if err != nil {
		return err
	}
	sum, err := hex.DecodeString(s.Hash)
	if err != nil {
		return err
	}
	u, err := t.on.Stamps.Use(ctx, tx, stamp.ID, sum)
	if err != nil {
		return err
	}
	s.Seals = []statement.Seal{{Stamp: stamp.ID, Name: stamp.Name, Public: stamp.Public, At: u.At, Sig: u.Sig}}
	s.State, s.Posted, s.Until = "posted", tx.Now, today(tx).Add(s.shown)
	words, err := w.Text()
	if err != nil {
		return err
	}
	k, err := tx.Exec(ctx, `update money_statement set state = 'posted', words = $2, hash = $3, prev = $4, posted = $5, until = $6, seals = $7, by_person = $8, seq = $9 where id = $1 and state = 'due'`, s.ID, string(words), s.Hash, s.Prev, int64(s.Posted), s.Until, text(s.Seals), who.Person, s.seq)
	if err == nil && k == 0 {
		err = ErrChanged
	}
	if err != nil {
		return err
	}
	if s.Corrects != "" {
		if _, err := tx.Exec(ctx, `update money_statement set state = 'replaced' where compound = $1 and fund = $2 and hash = $3`, s.Compound, s.Fund, s.Corrects); err != nil {
			return err
		}
	}
	entries := map[string]bool{}
	for _, l := range w.Lines {
		entries[l.Entry] = true
	}
	rows := [][]any{}
	for _, e := range sorted(entries) {
		rows = append(rows, []any{s.ID, e})
	}
	if len(rows) > 0 {
		if _, err := store.Fill(ctx, tx, `insert into money_statement_line (statement, entry) values`, "", rows); err != nil {
			return err
		}
	}
	s.Late = s.Version == 1 && s.Posted > s.Due
	if _, err := audit.Publish(ctx, tx, audit.Record{Kind: statement.RecordStatement, Path: s.Path, Ref: statement.Ref(s.Compound, s.Fund), Body: statement.Posted{Compound: s.Compound, Fund: s.Fund, Kind: s.Kind, Period: s.Period, Version: s.Version, Hash: s.Hash, Prev: s.Prev, Corrects: s.Corrects, Until: s.Until, Seals: s.Seals}}); err != nil {
		return err
	}
	if err := t.on.Duty.End(ctx, tx, dutyStatement, "statements/"+s.ID, who.Person); err != nil {
		return err
	}
	return t.trail(ctx, tx, who, Arrange, s.Path, "statement", "statements/"+s.ID, "", map[string]any{"period": s.Period, "hash": s.Hash, "stamp": stamp.ID})
}

// CorrectStatement draws up a new version of a posted statement, which names the old one, with the reason. Both stay.
func (t *Till) CorrectStatement(ctx context.Context, who access.Who, id, why string) (s Statement, err error) {
	if why = strings.TrimSpace(why); why == "" {
		return s, ErrReason
	}
	err = t.db.Write(ctx, func(tx *store.Tx) error {
		all, err := t.statements(ctx, tx, `id = $1`, id)
		if err != nil {
			return err
		}
		if len(all) == 0 {
			return ErrStatement
		}
		old := all[0]
		if err := t.may(ctx, tx, who, Keep, old.Path); err != nil {
			return err
		}
		if old.State != "posted" {
			return ErrNotPosted
		}
		if n, err := store.Count(ctx, tx, `select count(*) from money_statement where compound = $1 and fund = $2 and kind = $3 and period = $4 and version > $5`, old.Compound, old.Fund, old.Kind, old.Period, old.Version); err != nil || n > 0 {
			if err == nil {
				err = ErrCorrecting
			}
			return err
		}
		n, err := t.on.Map.Get(ctx, tx, old.Compound)
		if err != nil {
			return err
		}
		p, cal, _, err := t.rules(ctx, tx, old.Path, today(tx))
		if err != nil {
			return err
		}
		due := cal.Deadline(tx.Now, p.MonthStatement, day.Hours{})
		s = old
		s.ID, s.Version, s.Corrects, s.Why, s.State, s.Hash, s.Prev, s.Made, s.Due, s.Posted, s.Until, s.Seals = tx.NewID(), old.Version+1, old.Hash, why, "due", "", "", tx.Now, due.At, 0, 0, []statement.Seal{}
		if s.Words, err = t.draft(ctx, tx, n, s.Fund, s.Kind, s.Period); err != nil {
			return err
		}
		s.Words.Version, s.Words.Corrects, s.Words.Why = s.Version, s.Corrects, s.Why
		if err := t.insertStatement(ctx, tx, s); err != nil {
			return err
		}
		if err := t.oweStatement(ctx, tx, n, s, due); err != nil {
			return err
		}
		return t.trail(ctx, tx, who, Keep, s.Path, "correct", "statements/"+s.ID, why, map[string]string{"corrects": s.Corrects})
	})
	return s, err
}

// StatementFile is all posted statements of a compound's fund as the file that anybody checks (cuobian.statement.1). ErrNotYet
// of the log while a record waits for its place.
func (t *Till) StatementFile(ctx context.Context, compound, fund string) (file []byte, err error) {
	if fund == "" {
		fund = string(ledger.Income)
	}
	if !slices.Contains(published, ledger.Fund(fund)) {
		return nil, errFund
	}
	err = t.db.View(ctx, func(q store.Queryer) error {
		n, err := t.compound(ctx, q, compound)
		if err != nil {
			return err
		}
		f := statement.File{Format: statement.Format, Compound: n.ID, Name: n.Name, Path: n.Path, Fund: fund, AsOf: t.db.Now(), Statements: []statement.Words{}, Records: []statement.Record{}}
		list, err := t.statements(ctx, q, `compound = $1 and fund = $2 and seq > 0 order by seq`, n.ID, fund)
		if err != nil {
			return err
		}
		for _, s := range list {
			f.Statements = append(f.Statements, s.Words)
		}
		if len(list) > 0 {
			f.Name = list[len(list)-1].Words.Name
		}
		in, err := t.logged(ctx, q, n.Path, statement.Ref(n.ID, fund))
		if err != nil {
			return err
		}
		f.AsOf, f.Records, f.Log = in.AsOf, in.Records, in.Log
		file, err = f.Write()
		return err
	})
	return file, err
}

// logged are the public records about ref in the log: their positions, a checkpoint that holds them all, and the hashes between.
func (t *Till) logged(ctx context.Context, q store.Queryer, at scope.Path, ref string) (f statement.Proof, err error) {
	log := t.on.Logs.Public
	f = statement.Proof{Path: at, AsOf: t.db.Now(), Records: []statement.Record{}}
	var positions []int64
	for after := ""; ; {
		records, err := log.Records(ctx, q, audit.FindRecords{Ref: ref, Path: at, After: after, Limit: 10000})
		if err != nil {
			return f, err
		}
		for _, p := range records {
			if p.N < 0 {
				return f, audit.ErrNotYet
			}
			x, err := tree.ParseRecord([]byte(p.Text))
			if err != nil {
				return f, err
			}
			after = x.ID
			f.Records = append(f.Records, statement.Record{ID: x.ID, At: x.At, Kind: x.Kind, Body: x.Body, Leaf: p.N})
			positions = append(positions, p.N)
		}
		if len(records) < 10000 {
			break
		}
	}
	slices.SortFunc(f.Records, func(x, y statement.Record) int { return int(x.Leaf - y.Leaf) })
	c, err := log.Checkpoint(ctx, q, 0)
	if errors.Is(err, audit.ErrNoCheckpoint) {
		err = audit.ErrNotYet
	}
	if err != nil {
		return f, err
	}
	if len(positions) > 0 && slices.Max(positions) >= c.Size {
		return f, audit.ErrNotYet
	}
	f.Log = bundle.Log{Origin: c.Origin, Keys: []tree.Key{}, Pool: tree.Pool{}}
	if len(positions) > 0 {
		if f.Log.Pool, err = log.Pool(ctx, q, positions, c.Size); err != nil {
			return f, err
		}
	}
	known, err := log.Keys(ctx, q)
	if err != nil {
		return f, err
	}
	witnesses, err := log.Witnesses(ctx, q, true)
	if err != nil {
		return f, err
	}
	for _, w := range witnesses {
		known = append(known, w.Key)
	}
	opened, err := tree.Open(c.Note, known...)
	if err != nil {
		return f, audit.ErrBroken.Because(err)
	}
	f.Log.Keys = append(f.Log.Keys, opened.Signed...)
	for _, x := range opened.Cosigned {
		f.Log.Keys = append(f.Log.Keys, x.Key)
	}
	slices.Sort(f.Log.Keys)
	f.Log.Checkpoint = c.Note
	return f, nil
}

// Publishing is one compound in the street's list of who publishes.
type Publishing struct {
	Compound string      `json:"compound"`
	Name     string      `json:"name"`
	Path     scope.Path  `json:"path"`
	Period   string      `json:"period,omitempty" doc:"the last quarter that was due"`
	Due      day.Instant `json:"due,omitempty"`
	Posted   day.Instant `json:"posted,omitempty"`
	State    string      `json:"state" enum:"posted,due,overdue,none"`
	Overdue  int64       `json:"overdue" doc:"statements that are due and not posted"`
	Flagged  int64       `json:"flagged" doc:"incomes that no resolution allows"`
	Gaps     int64       `json:"gaps" doc:"contracted periods with an open duty"`
}

// PublishingOf lists compounds with books below a place: who has published the last quarter that was due, n of N, worst first.
func (t *Till) PublishingOf(ctx context.Context, who access.Who, under scope.Path) (items []Publishing, n, of int, err error) {
	if err := who.MaySomewhere(Read); err != nil {
		return nil, 0, 0, err
	}
	g := who.Paths(Oversee)
	if !who.System {
		for _, x := range who.Grants {
			if slices.Contains(nearby, x.Post) || x.Post == access.Auditor {
				g = append(g, x.Path)
			}
		}
	}
	if len(g) == 0 {
		return nil, 0, 0, access.ErrRefused
	}
	cond, args := scope.Where("b.path", 2, g...)
	if under != "" {
		lo, hi := under.Bounds()
		args = append(args, lo, hi)
		cond += fmt.Sprintf(" and b.path >= $%d and b.path < $%d", len(args), len(args)+1)
	}
	items, err = store.All(ctx, t.db, func(r *sql.Rows) (x Publishing, err error) {
		err = r.Scan(&x.Compound, &x.Name, &x.Path, &x.Overdue, &x.Flagged)
		return x, err
	}, `select b.compound, c.name, b.path, (select count(*) from money_statement s where s.compound = b.compound and s.state = 'due' and s.due < $1),
(select count(*) from money_income i where i.compound = b.compound and i.flagged) from money_book b join place_v_compound c on c.id = b.compound where `+cond+` and (c.ended_on = '')
and (exists (select 1 from money_source o where o.compound = b.compound) or exists (select 1 from money_leg l where l.compound = b.compound and l.account >= 'income:' and l.account < 'income;')) order by b.path`, append([]any{int64(t.db.Now())}, args...)...)
	if err != nil {
		return nil, 0, 0, err
	}
	if items == nil {
		items = []Publishing{}
	}
	now := t.db.Now()
	for i := range items {
		x := &items[i]
		x.State = "none"
		err := t.db.QueryRow(ctx, `select period, due, posted from money_statement where compound = $1 and kind = 'quarter' and version = 1 order by n desc limit 1`, x.Compound).Scan(&x.Period, &x.Due, &x.Posted)
		if err != nil && !none(err) {
			return nil, 0, 0, err
		}
		switch {
		case err != nil:
		case x.Posted != 0:
			x.State = "posted"
			n++
		case x.Due < now:
			x.State = "overdue"
		default:
			x.State = "due"
		}
		list, err := t.sources(ctx, t.db, `compound = $1`, x.Compound)
		if err != nil {
			return nil, 0, 0, err
		}
		for _, s := range list {
			gaps, err := t.gaps(ctx, t.db, s)
			if err != nil {
				return nil, 0, 0, err
			}
			x.Gaps += int64(len(openGaps(gaps)))
		}
	}
	order := map[string]int{"overdue": 0, "none": 1, "due": 2, "posted": 3}
	slices.SortStableFunc(items, func(a, b Publishing) int { return order[a.State] - order[b.State] })
	return items, n, len(items), nil
}

// seeds draws the seed of the auditors' sample of each street once a quarter is over, and records it for everybody.
func (t *Till) seeds(ctx context.Context) error {
	period := statement.PeriodOf(statement.Quarter, t.Today())
	from, _, _ := statement.Span(statement.Quarter, period)
	period = statement.PeriodOf(statement.Quarter, from.Add(-1))
	streets, err := store.Texts(ctx, t.db, `select distinct b.street from money_book b where not exists (select 1 from money_sample s where s.street = b.street and s.period = $1)`, period)
	if err != nil {
		return err
	}
	for _, street := range streets {
		var seed [32]byte
		if _, err := rand.Read(seed[:]); err != nil {
			return err
		}
		if err := t.db.Write(ctx, func(tx *store.Tx) error {
			n, err := tx.Exec(ctx, `insert into money_sample (street, period, seed, at) values ($1, $2, $3, $4) on conflict (street, period) do nothing`, street, period, hex.EncodeToString(seed[:]), int64(tx.Now))
			if err != nil || n == 0 {
				return err
			}
			_, err = audit.Publish(ctx, tx, audit.Record{Kind: "money.sample", Path: scope.Path(street), Ref: "samples/" + period, Body: map[string]any{"street": street, "period": period, "seed": hex.EncodeToString(seed[:])}})
			return err
		}); err != nil {
			return err
		}
	}
	return nil
}

// Sampled is a payment that an auditor looks at.
type Sampled struct {
	Payment
	Lot string `json:"lot" doc:"SHA-256 of seed and id: the lowest are drawn"`
}

// Sample is what the auditors of a street look at for a quarter: the share of its paid payments with the lowest lots. Anybody
// who has the recorded seed draws the same.
type Sample struct {
	Street scope.Path  `json:"street"`
	Period string      `json:"period"`
	Seed   string      `json:"seed"`
	Drawn  day.Instant `json:"drawn"`
	N      int         `json:"n"`
	Of     int         `json:"of"`
	Items  []Sampled   `json:"items"`
}

// ErrSample says that no seed was drawn for the quarter.
var ErrSample = fault.New(fault.Missing, "money.sample", "该季度还没有抽样种子", "no seed was drawn for this quarter")

// Samples draws the auditors' sample of a street and quarter; without a period the last one.
func (t *Till) Samples(ctx context.Context, who access.Who, under scope.Path, period string) (s Sample, err error) {
	street := under.Street()
	if street == "" {
		for _, g := range who.Grants {
			if street = g.Path.Street(); street != "" {
				break
			}
		}
	}
	if who.May(Oversee, street) != nil && !who.Holds(street, access.Auditor) {
		if err := who.May(Oversee, street); err != nil {
			return s, err
		}
	}
	s = Sample{Street: street, Period: period, Items: []Sampled{}}
	err = t.db.QueryRow(ctx, `select period, seed, at from money_sample where street = $1 and ($2 = '' or period = $2) order by period desc limit 1`, string(street), period).Scan(&s.Period, &s.Seed, &s.Drawn)
	if none(err) {
		return s, ErrSample
	}
	if err != nil {
		return s, err
	}
	from, to, _ := statement.Span(statement.Quarter, s.Period)
	list, err := store.All(ctx, t.db, func(r *sql.Rows) (Payment, error) { return scanPayment(r) }, `select `+paymentColumns+` from money_payment where street = $1 and paid_on >= $2 and paid_on <= $3 and paid > 0 order by id`, string(street), from, to)
	if err != nil {
		return s, err
	}
	p, _, _, err := t.rules(ctx, t.db, street, t.Today())
	if err != nil {
		return s, err
	}
	for _, x := range list {
		sum := sha256.Sum256([]byte(s.Seed + "\n" + x.ID + "\n"))
		s.Items = append(s.Items, Sampled{x, hex.EncodeToString(sum[:])})
	}
	slices.SortFunc(s.Items, func(a, b Sampled) int { return strings.Compare(a.Lot, b.Lot) })
	s.Of = len(s.Items)
	if p.SampleD > 0 {
		s.N = int((int64(s.Of)*p.SampleN + p.SampleD - 1) / p.SampleD)
	}
	s.Items = s.Items[:s.N]
	return s, nil
}
