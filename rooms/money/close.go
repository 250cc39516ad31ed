package money

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/yuan"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/jobs"
	"cuobian/platform/store"
	"cuobian/rooms/money/ledger"
)

// bookWork takes up the jobs of the books: turnovers and voucher numbers, reservations that nobody let go, the nightly proof.
func (t *Till) bookWork(j *jobs.Runner) {
	t.on.Duty.Keep(dutyHandover, false)
	t.on.Duty.Keep(dutyTakeOver, false)
	j.Often("money.turnovers", 3*time.Second, t.Bring)
	j.Every("money.holds", time.Hour, t.LetGo)
	j.Every("money.prove", 24*time.Hour, t.ProveBooks)
}

// bringShare is how many entries one write brings into the turnovers.
const bringShare = 2000

// bring adds up to bringShare new entries of a compound to its turnovers and gives them their voucher numbers. It says how many.
func (t *Till) bring(ctx context.Context, tx *store.Tx, compound string) (n int64, err error) {
	var first, last sql.NullString // both ends: a server that knows how many lie between plans well
	err = tx.QueryRow(ctx, `select count(*), min(entry), max(entry) from (select entry from money_new where compound = $1 order by entry limit $2) as few`, compound, bringShare).Scan(&n, &first, &last)
	if err != nil || n == 0 {
		return 0, err
	}
	for _, q := range []string{
		`insert into money_turnover (compound, account, month, debit, credit)
select l.compound, l.account, substr(l.day, 1, 7), cast(sum(case when l.amount > 0 then l.amount else 0 end) as bigint), cast(sum(case when l.amount < 0 then -l.amount else 0 end) as bigint)
from money_new n join money_leg l on l.entry = n.entry where n.compound = $1 and n.entry >= $2 and n.entry <= $3 group by l.compound, l.account, substr(l.day, 1, 7)
on conflict (compound, account, month) do update set debit = money_turnover.debit + excluded.debit, credit = money_turnover.credit + excluded.credit`,
		`insert into money_voucher (entry, compound, month, no)
with fresh as (select e.id, e.compound, e.day, substr(e.day, 1, 7) as month from money_new n join money_entry e on e.id = n.entry where n.compound = $1 and n.entry >= $2 and n.entry <= $3),
tops as (select f.month, coalesce((select max(v.no) from money_voucher v where v.compound = $1 and v.month = f.month), 0) as no from (select distinct month from fresh) f)
select fresh.id, fresh.compound, fresh.month, tops.no + row_number() over (partition by fresh.month order by fresh.day, fresh.id) from fresh join tops on tops.month = fresh.month`,
		`delete from money_new where compound = $1 and entry >= $2 and entry <= $3`,
	} {
		if _, err := tx.Exec(ctx, q, compound, first.String, last.String); err != nil {
			return 0, err
		}
	}
	return n, nil
}

// Bring brings the turnovers and voucher numbers of all books up to date. The runner does so every few seconds.
func (t *Till) Bring(ctx context.Context) error {
	all, err := store.Texts(ctx, t.db, `select distinct compound from money_new order by compound`)
	if err != nil {
		return err
	}
	for _, c := range all {
		if err := t.bringAll(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

func (t *Till) bringAll(ctx context.Context, compound string) error {
	for {
		var n int64
		err := t.db.Write(ctx, func(tx *store.Tx) (err error) {
			n, err = t.bring(ctx, tx, compound)
			return err
		})
		if err != nil || n < bringShare {
			return err
		}
	}
}

// VoucherName is how a voucher is called: 记-2026-11-0001. no 0 is one that has none yet.
func VoucherName(month string, no int64) string {
	if no == 0 {
		return ""
	}
	return fmt.Sprintf("记-%s-%04d", month, no)
}

// Flow is what went through an account in some days.
type Flow struct{ Debit, Credit yuan.Amount }

// flows adds up what went through every account from a day to a day, both in it; "no day" first is from the beginning. Whole
// months are read from the turnovers, the rest from the legs.
func (t *Till) flows(ctx context.Context, q store.Queryer, compound string, from, to day.Day) (map[string]Flow, error) {
	out := map[string]Flow{}
	add := func(query string, args ...any) error {
		rows, err := q.Query(ctx, query, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var account string
			var f Flow
			if err := rows.Scan(&account, &f.Debit, &f.Credit); err != nil {
				return err
			}
			sum := out[account]
			out[account] = Flow{sum.Debit + f.Debit, sum.Credit + f.Credit}
		}
		return rows.Err()
	}
	const sums = `l.account, cast(sum(case when l.amount > 0 then l.amount else 0 end) as bigint), cast(sum(case when l.amount < 0 then -l.amount else 0 end) as bigint)`
	some := func(from, to day.Day) error {
		return add(`select `+sums+` from money_entry e join money_leg l on l.entry = e.id where e.compound = $1 and e.day >= $2 and e.day <= $3 group by l.account`, compound, from, to)
	}
	if !from.Sound() {
		from = day.First
	}
	if to < from {
		return out, nil
	}
	first, last := from, to // whole months
	if first != monthStart(first) {
		first = monthStart(first).AddMonths(1)
	}
	if last != monthEnd(last) {
		last = monthStart(last).Add(-1)
	}
	if first > last {
		return out, some(from, to)
	}
	if from < first {
		if err := some(from, first.Add(-1)); err != nil {
			return nil, err
		}
	}
	if last < to {
		if err := some(last.Add(1), to); err != nil {
			return nil, err
		}
	}
	if err := add(`select account, cast(sum(debit) as bigint), cast(sum(credit) as bigint) from money_turnover where compound = $1 and month >= $2 and month <= $3 group by account`, compound, first.Month(), last.Month()); err != nil {
		return nil, err
	}
	if fresh, err := store.Count(ctx, q, `select count(*) from (select 1 from money_new where compound = $1 limit 1) as few`, compound); err != nil || fresh == 0 {
		return out, err
	}
	return out, add(`select `+sums+` from money_new n join money_leg l on l.entry = n.entry where n.compound = $1 and l.day >= $2 and l.day <= $3 group by l.account`, compound, first, last)
}

func monthStart(d day.Day) day.Day {
	y, m, _ := d.Date()
	return day.Date(y, m, 1)
}

func monthEnd(d day.Day) day.Day {
	if y, m, _ := d.Date(); y == 9999 && m == 12 {
		return day.Last
	}
	return monthStart(d).AddMonths(1).Add(-1)
}

// balancesOn are the balances at the end of a day, by code, without accounts that show nothing.
func (t *Till) balancesOn(ctx context.Context, q store.Queryer, compound string, on day.Day) ([]ledger.Balance, error) {
	all, err := t.flows(ctx, q, compound, 0, on)
	if err != nil {
		return nil, err
	}
	list := []ledger.Balance{}
	for account, f := range all {
		if f.Debit != f.Credit {
			list = append(list, ledger.Balance{Account: account, Amount: f.Debit - f.Credit})
		}
	}
	slices.SortFunc(list, func(x, y ledger.Balance) int { return strings.Compare(x.Account, y.Account) })
	return list, nil
}

// Closed is a closed period: nothing is posted on or before its last day any more.
type Closed struct {
	Compound string           `json:"compound"`
	Through  day.Day          `json:"through"`
	Hash     string           `json:"hash" doc:"SHA-256 of the closing before, the compound, the day and the balances; it stands in the public log"`
	Balances []ledger.Balance `json:"balances,omitempty"`
	Person   string           `json:"person"`
	At       day.Instant      `json:"at"`
}

// closingHash binds a closing to the one before it.
func closingHash(before, compound string, through day.Day, balances []ledger.Balance) string {
	h := sha256.New()
	fmt.Fprintf(h, "cuobian.closing.1\n%s\n%s\n%s\n", before, compound, through)
	for _, b := range balances {
		fmt.Fprintf(h, "%s %d\n", b.Account, b.Amount)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Close closes all days through the last of a period that is over. It cannot be taken back. A posting at the same moment
// either stands in the closing or is refused. The closing of a December writes the end of the year (endYears).
func (t *Till) Close(ctx context.Context, who access.Who, compound string, through day.Day) (c Closed, err error) {
	n, err := t.compound(ctx, t.db, compound)
	if err != nil {
		return c, err
	}
	if err := t.may(ctx, t.db, who, Keep, n.Path); err != nil {
		return c, err
	}
	if err := t.bringAll(ctx, compound); err != nil { // most of the work, in writes of its own
		return c, err
	}
	err = t.db.Write(ctx, func(tx *store.Tx) error {
		b, err := t.book(ctx, tx, compound)
		if err != nil {
			return err
		}
		if err := ledger.MayClose(through, today(tx), b.Closed); err != nil {
			return err
		}
		for {
			n, err := t.bring(ctx, tx, compound)
			if err != nil {
				return err
			}
			if n < bringShare {
				break
			}
		}
		if err := t.endYears(ctx, tx, b, who.Person, through); err != nil {
			return err
		}
		var before string
		if err := tx.QueryRow(ctx, `select hash from money_closing where compound = $1 order by through desc limit 1`, compound).Scan(&before); err != nil && !none(err) {
			return err
		}
		c = Closed{Compound: compound, Through: through, Person: who.Person, At: tx.Now}
		if c.Balances, err = t.balancesOn(ctx, tx, compound, through); err != nil {
			return err
		}
		c.Hash = closingHash(before, compound, through, c.Balances)
		if _, err := tx.Exec(ctx, `insert into money_closing (compound, through, hash, by_person, at) values ($1, $2, $3, $4, $5)`, compound, through, c.Hash, who.Person, int64(tx.Now)); err != nil {
			return err
		}
		rows := make([][]any, len(c.Balances))
		for i, l := range c.Balances {
			rows[i] = []any{compound, through, l.Account, int64(l.Amount)}
		}
		if _, err := store.Fill(ctx, tx, `insert into money_closing_balance (compound, through, account, amount) values`, "", rows); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `update money_book set closed = $1 where compound = $2`, through, compound); err != nil {
			return err
		}
		if _, err := audit.Publish(ctx, tx, audit.Record{Kind: "money.closing", Path: n.Path, Ref: "books/" + compound, Body: map[string]string{"compound": compound, "through": through.String(), "hash": c.Hash}}); err != nil {
			return err
		}
		return t.trail(ctx, tx, who, Keep, n.Path, "close", "books/"+compound, "", map[string]any{"through": through, "hash": c.Hash})
	})
	return c, err
}

// Closings are the closed periods, the latest first.
func (t *Till) Closings(ctx context.Context, who access.Who, compound string) ([]Closed, error) {
	n, err := t.readable(ctx, who, compound)
	if err != nil {
		return nil, err
	}
	all, err := store.All(ctx, t.db, func(r *sql.Rows) (c Closed, err error) {
		err = r.Scan(&c.Compound, &c.Through, &c.Hash, &c.Person, &c.At)
		return c, err
	}, `select compound, through, hash, by_person, at from money_closing where compound = $1 order by through desc`, n.ID)
	if err != nil {
		return nil, err
	}
	for i := range all {
		if all[i].Balances, err = store.All(ctx, t.db, func(r *sql.Rows) (b ledger.Balance, err error) {
			err = r.Scan(&b.Account, &b.Amount)
			return b, err
		}, `select account, amount from money_closing_balance where compound = $1 and through = $2 order by account`, n.ID, all[i].Through); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// BookStatementLine is one account in a statement. Earnings and debts are shown above zero where they are what one expects of them.
type BookStatementLine struct {
	Account string       `json:"account"`
	Class   ledger.Class `json:"class" enum:"asset,debt,equity,earning,cost,between"`
	Zh      string       `json:"zh"`
	En      string       `json:"en"`
	Opening yuan.Amount  `json:"opening" doc:"debit above zero"`
	Debit   yuan.Amount  `json:"debit"`
	Credit  yuan.Amount  `json:"credit"`
	Closing yuan.Amount  `json:"closing" doc:"debit above zero"`
	Carried yuan.Amount  `json:"carried,omitempty" doc:"of debit and credit, what the year's end moved: debit above zero; it is not in amount"`
	Amount  yuan.Amount  `json:"amount" doc:"what was earned or spent in these days; of the others the closing balance with the sign people expect"`
}

// BookStatement is what a fund earned and spent from day to day, and what it has.
type BookStatement struct {
	Compound string              `json:"compound"`
	Fund     ledger.Fund         `json:"fund" enum:",fees,company,income,maintenance,works,petty"`
	From     day.Day             `json:"from"`
	To       day.Day             `json:"to"`
	Final    bool                `json:"final" doc:"all of these days are closed"`
	Earned   yuan.Amount         `json:"earned"`
	Spent    yuan.Amount         `json:"spent"`
	Net      yuan.Amount         `json:"net"`
	Assets   yuan.Amount         `json:"assets" doc:"at the end"`
	Debts    yuan.Amount         `json:"debts"`
	Rest     yuan.Amount         `json:"rest" doc:"assets less debts: what is the owners', or the company's own"`
	Lines    []BookStatementLine `json:"lines"`
}

// bookStatement makes a statement from the turnovers; fund "" is all funds. Accounts that nothing went through and that
// show nothing are left out.
func (t *Till) bookStatement(ctx context.Context, q store.Queryer, compound string, fund ledger.Fund, from, to day.Day) (s BookStatement, err error) {
	s = BookStatement{Compound: compound, Fund: fund, From: from, To: to, Lines: []BookStatementLine{}}
	if fund != "" && !slices.Contains(ledger.Funds(), fund) {
		return s, errFund
	}
	if !from.Sound() || !to.Sound() || to < from {
		return s, ErrDay
	}
	b, err := t.book(ctx, q, compound)
	if err != nil {
		return s, err
	}
	s.Final = b.Closed.Sound() && to <= b.Closed
	c, err := t.chart(ctx, q, compound)
	if err != nil {
		return s, err
	}
	before, err := t.flows(ctx, q, compound, 0, from.Add(-1))
	if err != nil {
		return s, err
	}
	during, err := t.flows(ctx, q, compound, from, to)
	if err != nil {
		return s, err
	}
	carried, err := t.carried(ctx, q, compound, from, to)
	if err != nil {
		return s, err
	}
	for code, a := range c {
		if fund != "" && a.Fund() != fund {
			continue
		}
		f := during[code]
		l := BookStatementLine{Account: code, Class: a.Class, Zh: a.Zh, En: a.En, Carried: carried[code], Opening: before[code].Debit - before[code].Credit, Debit: f.Debit, Credit: f.Credit}
		l.Closing = l.Opening + l.Debit - l.Credit
		if l.Opening == 0 && l.Debit == 0 && l.Credit == 0 {
			continue
		}
		switch a.Class {
		case ledger.Earning:
			l.Amount = l.Credit - l.Debit + l.Carried
			s.Earned += l.Amount
		case ledger.Cost:
			l.Amount = l.Debit - l.Credit - l.Carried
			s.Spent += l.Amount
		case ledger.Asset:
			l.Amount = l.Closing
			s.Assets += l.Amount
		case ledger.Debt:
			l.Amount = -l.Closing
			s.Debts += l.Amount
		case ledger.Equity, ledger.Between:
			l.Amount = -l.Closing
		}
		s.Lines = append(s.Lines, l)
	}
	s.Net, s.Rest = s.Earned-s.Spent, s.Assets-s.Debts
	order := ledger.Funds()
	slices.SortFunc(s.Lines, func(x, y BookStatementLine) int {
		fx, fy := slices.Index(order, c[x.Account].Fund()), slices.Index(order, c[y.Account].Fund())
		if fx != fy {
			return fx - fy
		}
		return strings.Compare(x.Account, y.Account)
	})
	return s, nil
}

// Statement is a statement for those who may read the books: month, quarter, year, or any days.
func (t *Till) Statement(ctx context.Context, who access.Who, compound string, fund ledger.Fund, from, to day.Day) (s BookStatement, err error) {
	n, err := t.readable(ctx, who, compound)
	if err != nil {
		return s, err
	}
	err = t.db.View(ctx, func(q store.Queryer) error {
		s, err = t.bookStatement(ctx, q, n.ID, fund, from, to)
		return err
	})
	return s, err
}

// ErrUnproved is what the nightly proof fails with; the system page and the metrics show it.
var ErrUnproved = fault.New(fault.Internal, "money.unproved", "有小区的账不平，请立即核对", "the books of a compound do not add up, look at once")
