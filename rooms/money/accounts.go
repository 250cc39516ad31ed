package money

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"strings"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/yuan"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/audit/tree"
	"cuobian/platform/store"
)

// Faults of a year's accounts.
var (
	ErrAccountsYear  = fault.Bad("year", "money.accounts_year", "该年度还没有结束，或者早于建账", "the year is not over, or lies before the books began")
	ErrAccountsTwice = fault.New(fault.Conflict, "money.accounts_twice", "该年度决算没有变化，已经公布", "the accounts of this year are filed and have not changed")
)

// AccountsPage is a year's accounts as filed and published: sums by account, no names.
type AccountsPage struct {
	ID        string        `json:"id"`
	Compound  string        `json:"compound"`
	Name      string        `json:"name"`
	Year      int           `json:"year"`
	Version   int           `json:"version"`
	Prev      string        `json:"prev,omitempty" doc:"hash of the version before"`
	Why       string        `json:"why,omitempty" doc:"why a version replaced it"`
	Decision  string        `json:"decision,omitempty" doc:"by which the budget was passed; empty: there was none"`
	Lines     []AccountPart `json:"lines"`
	Planned   yuan.Amount   `json:"planned"`
	Actual    yuan.Amount   `json:"actual"`
	Collected yuan.Amount   `json:"collected" doc:"pre-collected in the year: the owners' money, held for them"`
	Owners    yuan.Amount   `json:"owners" doc:"on the account at the end of the year: the owners'"`
	Closed    bool          `json:"closed" doc:"the books of the year were closed when it was filed"`
	Demo      bool          `json:"demo,omitempty"`
	Hash      string        `json:"hash,omitempty"`
	At        day.Instant   `json:"at,omitempty"`
}

// AccountPart is a line of published accounts.
type AccountPart struct {
	Account string      `json:"account"`
	Zh      string      `json:"zh"`
	En      string      `json:"en"`
	Planned yuan.Amount `json:"planned"`
	Actual  yuan.Amount `json:"actual"`
	Agreed  string      `json:"agreed,omitempty" doc:"the decision on more than planned"`
	Needs   bool        `json:"needs,omitempty" doc:"more than planned, and nobody decided on it"`
}

func (p AccountsPage) hash() (string, []byte, error) {
	p.ID, p.Hash, p.At = "", "", 0
	words, err := tree.Canonical(p)
	sum := sha256.Sum256(words)
	return hex.EncodeToString(sum[:]), words, err
}

func filedAccounts(ctx context.Context, q store.Queryer, cond string, args ...any) ([]AccountsPage, error) {
	out, err := store.All(ctx, q, func(r *sql.Rows) (p AccountsPage, err error) {
		var id, words, hash string
		var at day.Instant
		if err = r.Scan(&id, &words, &hash, &at); err == nil {
			err = json.Unmarshal([]byte(words), &p)
		}
		p.ID, p.Hash, p.At = id, hash, at
		return p, err
	}, `select id, words, hash, at from money_accounts where `+cond, args...)
	if out == nil {
		out = []AccountsPage{}
	}
	return out, err
}

// FileAccounts files a year's accounts beside its budget, once the year is over: they are frozen, their hash goes into the public
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
		budgets, err := t.budget(ctx, tx, `compound = $1 and year = $2`, n.ID, year)
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
		p = AccountsPage{Compound: n.ID, Name: n.Name, Year: year, Version: 1, Decision: plan.Decision, Lines: []AccountPart{}, Planned: a.Planned, Actual: a.Actual, Collected: a.Collected, Closed: b.Closed >= end, Demo: b.Demo}
		for _, l := range append(a.Items, a.Beside...) {
			x := AccountPart{Account: l.Account, Zh: chart[l.Account].Zh, En: chart[l.Account].En, Planned: l.Amount, Actual: l.Actual, Agreed: l.Agreed, Needs: l.Needs}
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
		}
		had, err := filedAccounts(ctx, tx, `compound = $1 and year = $2 order by version desc limit 1`, n.ID, year)
		if err != nil {
			return err
		}
		if why = strings.TrimSpace(why); len(had) > 0 {
			old := had[0]
			p.Version, p.Prev, p.Why = old.Version, old.Prev, old.Why
			if h, _, err := p.hash(); err != nil || h == old.Hash {
				if err == nil {
					err = ErrAccountsTwice
				}
				return err
			}
			if why == "" {
				return ErrReason
			}
			p.Version, p.Prev, p.Why = old.Version+1, old.Hash, why
		}
		hash, words, err := p.hash()
		if err != nil {
			return err
		}
		p.ID, p.Hash, p.At = tx.NewID(), hash, tx.Now
		if _, err := tx.Exec(ctx, `insert into money_accounts (id, compound, path, street, year, version, why, words, hash, prev, by_person, demo, at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
			p.ID, n.ID, string(n.Path), string(n.Path.Street()), year, p.Version, p.Why, string(words), hash, p.Prev, who.Person, p.Demo, int64(tx.Now)); err != nil {
			if store.Unique(err) {
				return ErrChanged
			}
			return err
		}
		if _, err := audit.Publish(ctx, tx, audit.Record{Kind: "money.accounts", Path: n.Path, Ref: accountsRef(n.ID, year), Body: map[string]any{"compound": n.ID, "year": year, "version": p.Version, "hash": hash, "prev": p.Prev,
			"planned": int64(p.Planned), "actual": int64(p.Actual), "collected": int64(p.Collected), "owners": int64(p.Owners), "closed": p.Closed}}); err != nil {
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
