package money

import (
	"context"
	"database/sql"
	"encoding/json"
	"strconv"
	"strings"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/rules"
	"cuobian/platform/store"
	"cuobian/rooms/money/statement"
	"cuobian/rooms/place"
)

// Faults of a year's accounts.
var (
	ErrAccountsYear  = fault.Bad("year", "money.accounts_year", "该年度还没有结束，或者早于建账", "the year is not over, or lies before the books began")
	ErrAccountsOpen  = fault.Bad("year", "money.accounts_open", "{year} 年度的账还没有结清：请先结账到 {year} 年 12 月 31 日，再公布决算", "the books of {year} are open: close them through 31 December {year}, then file the accounts")
	ErrAccountsTwice = fault.New(fault.Conflict, "money.accounts_twice", "该年度决算没有变化，已经公布", "the accounts of this year are filed and have not changed")
)

// AccountsPage is a year's accounts as filed and published: sums by account, no names.
type AccountsPage struct {
	ID string `json:"id"`
	statement.Annual
	Hash string      `json:"hash"`
	At   day.Instant `json:"at"`
}

func filedAccounts(ctx context.Context, q store.Queryer, cond string, args ...any) ([]AccountsPage, error) {
	out, err := store.All(ctx, q, func(r *sql.Rows) (p AccountsPage, err error) {
		var id, words, hash string
		var at day.Instant
		if err = r.Scan(&id, &words, &hash, &at); err == nil {
			err = json.Unmarshal([]byte(words), &p.Annual)
		}
		p.ID, p.Hash, p.At = id, hash, at
		return p, err
	}, `select id, words, hash, at from money_accounts where `+cond, args...)
	if out == nil {
		out = []AccountsPage{}
	}
	return out, err
}

// dueAccounts makes sure of the public record that a year's accounts are due: the file by which anybody checks them shows what
// vanished by it.
func (t *Till) dueAccounts(ctx context.Context, tx *store.Tx, n place.Node, year int, due day.Instant) error {
	had, err := store.Count(ctx, tx, `select count(*) from money_accounts_due where compound = $1 and year = $2`, n.ID, year)
	if err != nil || had > 0 {
		return err
	}
	no, err := store.Count(ctx, tx, `select count(*) from money_accounts_due where compound = $1`, n.ID)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `insert into money_accounts_due (compound, year, n, due) values ($1, $2, $3, $4)`, n.ID, year, no+1, int64(due)); err != nil {
		return err
	}
	_, err = audit.Publish(ctx, tx, audit.Record{Kind: statement.RecordAccountsDue, Path: n.Path, Ref: statement.AnnualRef(n.ID), Body: statement.AnnualDue{Compound: n.ID, Year: year, N: no + 1, Due: due}})
	return err
}

// accountsDue is when a year's accounts are due: where the house itself was late, the clock runs from now.
func accountsDue(tx *store.Tx, year int, p rules.Moneys, cal *day.Calendar) day.Due {
	due := cal.Deadline(day.Date(year, 12, 31).End(day.Shanghai)-1, p.Accounts, day.Hours{})
	if due.At < tx.Now {
		due = cal.Deadline(tx.Now, p.Accounts, day.Hours{})
	}
	return due
}

// FileAccounts files a year's accounts beside its budget, once the year is over and its books are closed: they are frozen, their hash goes into the public
// log, and the duty ends (R30). Where the books changed since, a new version with its reason names the one before.
func (t *Till) FileAccounts(ctx context.Context, who access.Who, compound string, year int, why string) (p AccountsPage, err error) {
	err = t.db.Write(ctx, func(tx *store.Tx) error {
		n, err := t.enters(ctx, tx, who, Keep, compound)
		if err != nil {
			return err
		}
		b, err := t.book(ctx, tx, n.ID)
		if err != nil {
			return err
		}
		if year < 2000 || year >= today(tx).Year() || b.Begun > day.Date(year, 12, 31) {
			return ErrAccountsYear
		}
		end := day.Date(year, 12, 31)
		if !b.Closed.Sound() || b.Closed < end {
			return ErrAccountsOpen.Fill("year", strconv.Itoa(year))
		}
		rule, cal, _, err := t.rules(ctx, tx, n.Path, today(tx))
		if err != nil {
			return err
		}
		if err := t.dueAccounts(ctx, tx, n, year, accountsDue(tx, year, rule, cal).At); err != nil {
			return err
		}
		budgets, err := t.budget(ctx, tx, `compound = $1 and year = $2 and decision <> ''`, n.ID, year)
		if err != nil {
			return err
		}
		plan := Budget{Compound: n.ID, Path: n.Path, Year: year}
		if len(budgets) > 0 {
			plan = budgets[0]
		}
		a, err := t.accounts(ctx, tx, plan)
		if err != nil {
			return err
		}
		chart, err := t.chart(ctx, tx, n.ID)
		if err != nil {
			return err
		}
		p = AccountsPage{Annual: statement.Annual{Compound: n.ID, Name: n.Name, Year: year, Version: 1, Decision: plan.Decision, Lines: []statement.AnnualLine{}, Planned: a.Planned, Actual: a.Actual, Collected: a.Collected, Demo: b.Demo}}
		for _, l := range append(a.Items, a.Beside...) {
			x := statement.AnnualLine{Account: l.Account, Zh: chart[l.Account].Zh, En: chart[l.Account].En, Planned: l.Amount, Actual: l.Actual, Agreed: l.Agreed, Needs: l.Needs}
			p.Lines = append(p.Lines, x)
		}
		held, err := t.balancesOn(ctx, tx, n.ID, end)
		if err != nil {
			return err
		}
		for _, s := range held {
			if inHand(s.Account) && strings.HasPrefix(s.Account, "fees:") {
				p.Owners += s.Amount
			}
			if s.Account == "fees:held" {
				p.Held = -s.Amount
			}
		}
		had, err := filedAccounts(ctx, tx, `compound = $1 and year = $2 order by version desc limit 1`, n.ID, year)
		if err != nil {
			return err
		}
		if why = strings.TrimSpace(why); len(had) > 0 {
			old := had[0]
			p.Version, p.Prev, p.Why = old.Version, old.Prev, old.Why
			if p.Annual.Hash() == old.Hash {
				return ErrAccountsTwice
			}
			if why == "" {
				return ErrReason
			}
			p.Version, p.Prev, p.Why = old.Version+1, old.Hash, why
		}
		words, err := p.Text()
		if err != nil {
			return err
		}
		hash := p.Annual.Hash()
		p.ID, p.Hash, p.At = tx.NewID(), hash, tx.Now
		if _, err := tx.Exec(ctx, `insert into money_accounts (id, compound, path, street, year, version, why, words, hash, prev, by_person, demo, at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
			p.ID, n.ID, string(n.Path), string(n.Path.Street()), year, p.Version, p.Why, string(words), hash, p.Prev, who.Person, p.Demo, int64(tx.Now)); err != nil {
			if store.Unique(err) {
				return ErrChanged
			}
			return err
		}
		if _, err := audit.Publish(ctx, tx, audit.Record{Kind: statement.RecordAccounts, Path: n.Path, Ref: statement.AnnualRef(n.ID), Body: statement.AnnualFiled{Compound: n.ID, Year: year, Version: p.Version, Hash: hash, Prev: p.Prev,
			Planned: p.Planned, Actual: p.Actual, Collected: p.Collected, Owners: p.Owners}}); err != nil {
			return err
		}
		if err := t.on.Duty.End(ctx, tx, DutyAccounts, accountsRef(n.ID, year), who.Person); err != nil {
			return err
		}
		return t.trail(ctx, tx, who, Keep, n.Path, "accounts", accountsRef(n.ID, year), why, map[string]any{"version": p.Version, "hash": hash})
	})
	return p, err
}

// PublicAccounts lists the filed accounts of a compound, newest first, every version.
func (t *Till) PublicAccounts(ctx context.Context, compound string) ([]AccountsPage, error) {
	return filedAccounts(ctx, t.db, `compound = $1 order by year desc, version desc limit 100`, compound)
}

// AccountsFile is all filed accounts of a compound as the file that anybody checks (cuobian.accounts.1). ErrNotYet of the log
// while a record waits for its place.
func (t *Till) AccountsFile(ctx context.Context, compound string) (file []byte, err error) {
	err = t.db.View(ctx, func(q store.Queryer) error {
		n, err := t.compound(ctx, q, compound)
		if err != nil {
			return err
		}
		f := statement.AnnualFile{Format: statement.AnnualFormat, Compound: n.ID, Name: n.Name, Accounts: []statement.Annual{}}
		list, err := filedAccounts(ctx, q, `compound = $1 order by at, id`, n.ID)
		if err != nil {
			return err
		}
		for _, p := range list {
			f.Accounts, f.Name = append(f.Accounts, p.Annual), p.Name
		}
		if f.Proof, err = t.logged(ctx, q, n.Path, statement.AnnualRef(n.ID)); err != nil {
			return err
		}
		file, err = f.Write()
		return err
	})
	return file, err
}
