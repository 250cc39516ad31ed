package money

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strconv"
	"strings"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/basis/yuan"
	"cuobian/platform/access"
	"cuobian/platform/store"
	"cuobian/rooms/money/bundle"
	"cuobian/rooms/money/ledger"
	"cuobian/rooms/money/share"
	"cuobian/rooms/money/statement"
	"cuobian/rooms/place"
)

// Faults of budgets.
var (
	ErrBudgetTwice = fault.New(fault.Conflict, "money.budget_twice", "该年度已有预算", "there is a budget for this year already")
	ErrBudgetLine  = fault.Bad("lines", "money.budget_line", "预算行须有名称、支出科目和金额，科目不得重复", "a line needs a title, an account of cost and a sum; no account stands twice")
	ErrBudgetYear  = fault.Bad("year", "money.budget_year", "年度有误", "the year cannot be right")
	ErrBudgetState = fault.New(fault.Conflict, "money.budget_state", "预算已经通过，不能再改；差异由业委会另作决定", "the budget is agreed and is not changed any more; the committee decides on what deviates")
	ErrBudgetVote  = fault.Bad("decision", "money.budget_vote", "须附本小区业主大会通过的决议，或者业委会已经签字通过的决定", "it needs a resolution of this compound's owners that passed, or a decision that its committee signed")
	ErrNoDeviation = fault.New(fault.Conflict, "money.no_deviation", "该行没有须说明的超支", "this line has no deviation to be agreed to")
)

// BudgetLine is a cost of a year as planned.
type BudgetLine struct {
	No      int         `json:"no"`
	Account string      `json:"account" maxLength:"60"`
	Title   string      `json:"title" maxLength:"60"`
	Amount  yuan.Amount `json:"amount"`
	Agreed  string      `json:"agreed,omitempty" doc:"the decision by which a deviation was agreed to"`
	Why     string      `json:"why,omitempty"`
}

// Budget is the plan of a compound's year under remuneration (R30).
type Budget struct {
	ID       string       `json:"id"`
	Compound string       `json:"compound"`
	Path     scope.Path   `json:"path"`
	Year     int          `json:"year"`
	Decision string       `json:"decision" doc:"that agreed it; empty while it is a draft"`
	State    string       `json:"state" enum:"draft,agreed"`
	Text     string       `json:"text"`
	Lines    []BudgetLine `json:"lines"`
	Demo     bool         `json:"demo,omitempty"`
	Version  int64        `json:"version"`
}

// Ref is how others name the budget.
func (b Budget) Ref() string { return "budgets/" + b.ID }

// States of a budget.
const (
	BudgetDraft  = "draft"  // 草案
	BudgetAgreed = "agreed" // 已通过
)

// NewBudget is a budget as it was drafted, or as it was decided.
type NewBudget struct {
	Year     int          `json:"year"`
	Decision string       `json:"decision,omitempty" maxLength:"120" doc:"assemblies/ID/NO, decisions/ID; empty for a draft"`
	Text     string       `json:"text" maxLength:"2000"`
	Lines    []BudgetLine `json:"lines" minItems:"1" maxItems:"60"`
}

const budgetColumns = `id, compound, path, year, decision, words, demo, version`

func (t *Till) budget(ctx context.Context, q store.Queryer, cond string, args ...any) ([]Budget, error) {
	list, err := store.All(ctx, q, func(r *sql.Rows) (b Budget, err error) {
		b.Lines = []BudgetLine{}
		err = r.Scan(&b.ID, &b.Compound, &b.Path, &b.Year, &b.Decision, &b.Text, &b.Demo, &b.Version)
		if b.State = BudgetAgreed; b.Decision == "" {
			b.State = BudgetDraft
		}
		return b, err
	}, `select `+budgetColumns+` from money_budget where `+cond+` order by year desc limit 50`, args...)
	if err != nil {
		return nil, err
	}
	for i := range list {
		lines, err := store.All(ctx, q, func(r *sql.Rows) (l BudgetLine, err error) {
			err = r.Scan(&l.No, &l.Account, &l.Title, &l.Amount, &l.Agreed, &l.Why)
			return l, err
		}, `select no, account, title, amount, agreed, why from money_budget_line where budget = $1 order by no`, list[i].ID)
		if err != nil {
			return nil, err
		}
		list[i].Lines = append(list[i].Lines, lines...)
	}
	return list, nil
}

// PlanBudget keeps a year's budget: a draft, or with the decision that agreed it.
func (t *Till) PlanBudget(ctx context.Context, who access.Who, compound string, in NewBudget) (x Budget, err error) {
	err = t.db.Write(ctx, func(tx *store.Tx) error {
		n, err := t.enters(ctx, tx, who, Arrange, compound)
		if err != nil {
			return err
		}
		b, err := t.book(ctx, tx, n.ID)
		if err != nil {
			return err
		}
		if in.Year < 2000 || in.Year > today(tx).Year()+1 {
			return ErrBudgetYear
		}
		if in.Text = strings.TrimSpace(in.Text); in.Text == "" {
			return ErrWords
		}
		if in.Decision != "" {
			if err := t.budgetVote(ctx, tx, n, in.Decision); err != nil {
				return err
			}
		}
		if err := t.soundLines(ctx, tx, n.ID, in.Lines); err != nil {
			return err
		}
		x = Budget{ID: tx.NewID(), Compound: n.ID, Path: n.Path, Year: in.Year, Decision: in.Decision, Text: in.Text, Demo: b.Demo, Version: 1, Lines: in.Lines, State: BudgetAgreed}
		if x.Decision == "" {
			x.State = BudgetDraft
		}
		if _, err := tx.Exec(ctx, `insert into money_budget (id, compound, path, street, year, decision, words, by_person, demo, at, version) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1)`,
			x.ID, x.Compound, string(x.Path), string(x.Path.Street()), x.Year, x.Decision, x.Text, who.Person, x.Demo, int64(tx.Now)); err != nil {
			if store.Unique(err) {
				return ErrBudgetTwice
			}
			return err
		}
		if err := putBudgetLines(ctx, tx, &x); err != nil {
			return err
		}
		return t.trail(ctx, tx, who, Arrange, n.Path, "budget", x.Ref(), "", x)
	})
	return x, err
}

func putBudgetLines(ctx context.Context, tx *store.Tx, x *Budget) error {
	for i := range x.Lines {
		l := &x.Lines[i]
		l.No, l.Title, l.Agreed, l.Why = i+1, strings.TrimSpace(l.Title), "", ""
		if _, err := tx.Exec(ctx, `insert into money_budget_line (budget, no, account, title, amount, agreed, why) values ($1, $2, $3, $4, $5, '', '')`, x.ID, l.No, l.Account, l.Title, int64(l.Amount)); err != nil {
			return err
		}
	}
	return nil
}

// soundLines refuses lines that are none: each its own account of cost of what is held for the owners, a title and a sum.
func (t *Till) soundLines(ctx context.Context, q store.Queryer, compound string, lines []BudgetLine) error {
	chart, err := t.chart(ctx, q, compound)
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, l := range lines {
		a, ok := chart[l.Account]
		if !ok || a.Class != ledger.Cost || a.Fund() != ledger.Fees || seen[l.Account] || strings.TrimSpace(l.Title) == "" || l.Amount <= 0 {
			return ErrBudgetLine
		}
		seen[l.Account] = true
	}
	if len(lines) == 0 {
		return ErrBudgetLine
	}
	return nil
}

// budgetVote refuses what is no decision on a budget: a resolution of the compound's owners that passed, or a decision of its
// committee that more than half signed.
func (t *Till) budgetVote(ctx context.Context, q store.Queryer, n place.Node, decision string) error {
	if meeting, of := strings.CutPrefix(decision, "assemblies/"); of {
		id, no, _ := strings.Cut(meeting, "/")
		k, err := strconv.ParseInt(no, 10, 64)
		if err != nil {
			return ErrBudgetVote
		}
		r, err := t.on.Hall.Resolution(ctx, q, id, k)
		if fault.IsKind(err, fault.Missing) || err == nil && (r.Path != n.Path || !r.Holds()) {
			return ErrBudgetVote
		}
		return err
	}
	id, of := strings.CutPrefix(decision, "decisions/")
	if !of {
		return ErrBudgetVote
	}
	_, err := t.signers(ctx, q, n.Path, id)
	if errors.Is(err, ErrResolution) {
		err = ErrBudgetVote
	}
	return err
}

// ofCompound finds a budget of a compound.
func (t *Till) ofCompound(ctx context.Context, q store.Queryer, compound, id string) (Budget, error) {
	list, err := t.budget(ctx, q, `id = $1 and compound = $2`, id, compound)
	if err == nil && len(list) == 0 {
		err = ErrMissing
	}
	if err != nil {
		return Budget{}, err
	}
	return list[0], nil
}

// stepBudget takes a draft one step on.
func (t *Till) stepBudget(ctx context.Context, who access.Who, compound, id string, version int64, a *access.Action, what string, fn func(*store.Tx, place.Node, *Budget) error) (x Budget, err error) {
	err = t.db.Write(ctx, func(tx *store.Tx) error {
		if x, err = t.ofCompound(ctx, tx, compound, id); err != nil {
			return err
		}
		n, err := t.enters(ctx, tx, who, a, compound)
		if err != nil {
			return err
		}
		if x.State != BudgetDraft {
			return ErrBudgetState
		}
		if version != 0 && version != x.Version {
			return ErrChanged
		}
		if err := fn(tx, n, &x); err != nil {
			return err
		}
		k, err := tx.Exec(ctx, `update money_budget set decision = $1, words = $2, version = version + 1 where id = $3 and version = $4`, x.Decision, x.Text, x.ID, x.Version)
		if err == nil && k == 0 {
			err = ErrChanged
		}
		if err != nil {
			return err
		}
		x.Version++
		return t.trail(ctx, tx, who, a, n.Path, what, x.Ref(), "", x)
	})
	return x, err
}

// RedraftBudget writes a draft's text and lines anew.
func (t *Till) RedraftBudget(ctx context.Context, who access.Who, compound, id string, version int64, words string, lines []BudgetLine) (Budget, error) {
	return t.stepBudget(ctx, who, compound, id, version, Arrange, "budget", func(tx *store.Tx, n place.Node, x *Budget) error {
		if x.Text = strings.TrimSpace(words); x.Text == "" {
			return ErrWords
		}
		if err := t.soundLines(ctx, tx, n.ID, lines); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `delete from money_budget_line where budget = $1`, x.ID); err != nil {
			return err
		}
		x.Lines = lines
		return putBudgetLines(ctx, tx, x)
	})
}

// PassBudget enters the decision that agreed a draft; by the committee, never by the company that spends.
func (t *Till) PassBudget(ctx context.Context, who access.Who, compound, id string, version int64, decision string) (Budget, error) {
	return t.stepBudget(ctx, who, compound, id, version, ReviewCommittee, "budget_passed", func(tx *store.Tx, n place.Node, x *Budget) error {
		if err := t.budgetVote(ctx, tx, n, decision); err != nil {
			return err
		}
		x.Decision, x.State = decision, BudgetAgreed
		return nil
	})
}

// Budgets lists the budgets of a compound, newest first.
func (t *Till) Budgets(ctx context.Context, who access.Who, compound string) (out []Budget, err error) {
	err = t.db.View(ctx, func(q store.Queryer) error {
		n, err := t.compound(ctx, q, compound)
		if err != nil {
			return err
		}
		if err := t.may(ctx, q, who, Read, n.Path); err != nil {
			return err
		}
		out, err = t.budget(ctx, q, `compound = $1`, n.ID)
		if out == nil {
			out = []Budget{}
		}
		return err
	})
	return out, err
}

// AccountsLine is a line of the year's accounts: planned, actual, and whether the difference needs a decision.
type AccountsLine struct {
	BudgetLine
	Actual yuan.Amount `json:"actual"`
	More   yuan.Amount `json:"more" doc:"actual less planned"`
	Needs  bool        `json:"needs" doc:"more than the share, or more than the sum, or not planned at all: the committee decides"`
	Off    bool        `json:"off" doc:"not in the plan: there was no line for it"`
}

// Accounts are a year's accounts beside its budget (R30).
type Accounts struct {
	Budget
	Items     []AccountsLine `json:"items"`
	Beside    []AccountsLine `json:"beside" doc:"costs that no line planned; those that the committee agreed to since have a number"`
	Planned   yuan.Amount    `json:"planned"`
	Actual    yuan.Amount    `json:"actual"`
	Collected yuan.Amount    `json:"collected" doc:"pre-collected in the year: the owners' money, held for them"`
	Owners    yuan.Amount    `json:"owners" doc:"on the account now: the owners'"`
	Held      yuan.Amount    `json:"held" doc:"remuneration held back until the star result"`
	Until     day.Day        `json:"until"`
	May       []string       `json:"may" doc:"redraft, pass, agree, file"`
}

// deviates reports whether an actual needs a decision: more than the share of the plan, or more than the sum (rules 5).
func deviates(planned, actual yuan.Amount, n, d, from int64) bool {
	more := int64(actual - planned)
	return more > 0 && (more*d > int64(planned)*n || more > from)
}

func (t *Till) accounts(ctx context.Context, q store.Queryer, b Budget) (a Accounts, err error) {
	from, to := day.Date(b.Year, 1, 1), day.Date(b.Year, 12, 31)
	a = Accounts{Budget: b, Items: []AccountsLine{}, Beside: []AccountsLine{}, May: []string{}, Until: min(to, t.Today())}
	p, _, _, err := t.rules(ctx, q, b.Path, t.Today())
	if err != nil {
		return a, err
	}
	type spent struct {
		account string
		sum     yuan.Amount
	}
	list, err := store.All(ctx, q, func(r *sql.Rows) (s spent, err error) {
		err = r.Scan(&s.account, &s.sum)
		return s, err
	}, `select account, cast(sum(amount) as bigint) from money_leg where compound = $1 and day >= $2 and day <= $3 and account >= 'fees:spent' and account < 'fees:spent~'
and not exists (select 1 from money_year_end y where y.entry = money_leg.entry) group by account order by account`, b.Compound, from, to)
	if err != nil {
		return a, err
	}
	actual := map[string]yuan.Amount{}
	for _, s := range list {
		actual[s.account] = s.sum
		a.Actual += s.sum
	}
	for _, l := range b.Lines {
		x := AccountsLine{BudgetLine: l, Actual: actual[l.Account]}
		x.More = x.Actual - l.Amount
		x.Needs = l.Agreed == "" && deviates(l.Amount, x.Actual, p.DeviationN, p.DeviationD, p.DeviationFrom)
		a.Planned += l.Amount
		if x.Off = l.Amount == 0; x.Off { // agreed to afterwards
			a.Beside = append(a.Beside, x)
		} else {
			a.Items = append(a.Items, x)
		}
	}
	for _, s := range list {
		if s.sum != 0 && !slices.ContainsFunc(b.Lines, func(l BudgetLine) bool { return l.Account == s.account }) {
			a.Beside = append(a.Beside, AccountsLine{BudgetLine: BudgetLine{Account: s.account}, Actual: s.sum, More: s.sum, Off: true, Needs: deviates(0, s.sum, p.DeviationN, p.DeviationD, p.DeviationFrom)})
		}
	}
	if a.Collected, err = t.collected(ctx, q, b.Compound, from, to); err != nil {
		return a, err
	}
	if a.Owners, err = t.liquid(ctx, q, b.Compound, ledger.Fees); err != nil {
		return a, err
	}
	a.Held, err = t.balance(ctx, q, b.Compound, "fees:held")
	a.Held = -a.Held
	return a, err
}

// AccountsOf shows a year's accounts beside its budget.
func (t *Till) AccountsOf(ctx context.Context, who access.Who, compound, id string) (a Accounts, err error) {
	err = t.db.View(ctx, func(q store.Queryer) error {
		list, err := t.budget(ctx, q, `id = $1`, id)
		if err != nil {
			return err
		}
		if len(list) == 0 || list[0].Compound != compound {
			return ErrMissing
		}
		if err := t.may(ctx, q, who, Read, list[0].Path); err != nil {
			return err
		}
		if a, err = t.accounts(ctx, q, list[0]); err != nil {
			return err
		}
		for _, x := range []struct {
			name string
			ok   bool
			a    *access.Action
		}{{"redraft", a.State == BudgetDraft, Arrange}, {"pass", a.State == BudgetDraft, ReviewCommittee}, {"agree", a.State == BudgetAgreed, ReviewCommittee}, {"file", a.State == BudgetAgreed && a.Year < t.Today().Year(), Keep}} {
			if x.ok && t.may(ctx, q, who, x.a, a.Path) == nil {
				a.May = append(a.May, x.name)
			}
		}
		return nil
	})
	return a, err
}

// AgreeDeviation writes the committee's decision on a line that went over its plan, or (no 0, by account) on a cost that was not in
// the plan: that becomes a line of 0, so that it stays apart.
func (t *Till) AgreeDeviation(ctx context.Context, who access.Who, compound, id string, no int, account, decision, why string) (a Accounts, err error) {
	err = t.db.Write(ctx, func(tx *store.Tx) error {
		list, err := t.budget(ctx, tx, `id = $1`, id)
		if err != nil {
			return err
		}
		if len(list) == 0 || list[0].Compound != compound {
			return ErrMissing
		}
		b := list[0]
		if err := t.may(ctx, tx, who, ReviewCommittee, b.Path); err != nil {
			return err
		}
		if err := person(who); err != nil {
			return err
		}
		if a, err = t.accounts(ctx, tx, b); err != nil {
			return err
		}
		lines := a.Items
		if no == 0 {
			lines = a.Beside
		}
		i := slices.IndexFunc(lines, func(l AccountsLine) bool { return l.No == no && (no > 0 || l.Account == account) })
		if i < 0 || !lines[i].Needs || b.State != BudgetAgreed {
			return ErrNoDeviation
		}
		if why = strings.TrimSpace(why); why == "" {
			return ErrReason
		}
		n, err := t.compound(ctx, tx, compound)
		if err != nil {
			return err
		}
		if err := t.budgetVote(ctx, tx, n, decision); err != nil {
			return err
		}
		k := no
		if k > 0 {
			_, err = tx.Exec(ctx, `update money_budget_line set agreed = $1, why = $2 where budget = $3 and no = $4`, decision, why, id, k)
		} else {
			for _, l := range b.Lines {
				k = max(k, l.No)
			}
			k++
			chart, e := t.chart(ctx, tx, compound)
			if e != nil {
				return e
			}
			_, title, _ := strings.Cut(chart[account].Zh, "－")
			lines[i].No, lines[i].Title = k, title
			_, err = tx.Exec(ctx, `insert into money_budget_line (budget, no, account, title, amount, agreed, why) values ($1, $2, $3, $4, 0, $5, $6)`, id, k, account, title, decision, why)
		}
		if err != nil {
			if store.Unique(err) {
				err = ErrChanged
			}
			return err
		}
		lines[i].Agreed, lines[i].Why, lines[i].Needs = decision, why, false
		return t.trail(ctx, tx, who, ReviewCommittee, b.Path, "deviation", b.Ref(), why, map[string]any{"line": k, "account": lines[i].Account, "decision": decision})
	})
	return a, err
}

// BoardBudget is an agreed budget against what was spent, for everybody: sums by account, no names, no vouchers.
type BoardBudget struct {
	Year      int         `json:"year"`
	Decision  string      `json:"decision" doc:"kind of what agreed it: assemblies, decisions"`
	Lines     []BoardCost `json:"lines"`
	Planned   yuan.Amount `json:"planned"`
	Actual    yuan.Amount `json:"actual"`
	Collected yuan.Amount `json:"collected" doc:"pre-collected in the year: the owners' money, held for them"`
	Owners    yuan.Amount `json:"owners" doc:"on the account now: the owners'"`
	Held      yuan.Amount `json:"held" doc:"remuneration held back until the star result"`
	Until     day.Day     `json:"until"`
}

// BoardCost is a line of it.
type BoardCost struct {
	Account string      `json:"account"`
	Zh      string      `json:"zh"`
	En      string      `json:"en"`
	Planned yuan.Amount `json:"planned"`
	Actual  yuan.Amount `json:"actual"`
	Agreed  bool        `json:"agreed,omitempty" doc:"the committee agreed to more than planned"`
	Needs   bool        `json:"needs,omitempty" doc:"more than planned, and nobody decided on it"`
	Off     bool        `json:"off,omitempty" doc:"not in the plan: there was no line for it"`
}

// BoardPay is a period's pay by quality for everybody: the score with its derivation, no persons.
type BoardPay struct {
	From    day.Day       `json:"from"`
	To      day.Day       `json:"to"`
	State   string        `json:"state" enum:"frozen,asked,paid,done"`
	Version int           `json:"version"`
	Hash    string        `json:"hash"`
	Base    bundle.Base   `json:"base"`
	Inputs  []share.Input `json:"inputs"`
	Pay     share.Pay     `json:"pay"`
	Paid    yuan.Amount   `json:"paid"`
	Held    yuan.Amount   `json:"held"`
	HeldOut yuan.Amount   `json:"held_paid"`
	Frozen  day.Instant   `json:"frozen"`
}

// BoardHeld is what is held for the owners, for everybody: the newest agreed budgets against what was spent, pay by quality, and
// the accounts of the years.
type BoardHeld struct {
	Compound string         `json:"compound"`
	Name     string         `json:"name"`
	Budgets  []BoardBudget  `json:"budgets"`
	Pay      []BoardPay     `json:"pay"`
	Accounts []AccountsPage `json:"accounts"`
	Demo     bool           `json:"demo,omitempty"`
}

// BoardHeldOf is the overview for everybody.
func (t *Till) BoardHeldOf(ctx context.Context, compound string) (x BoardHeld, err error) {
	err = t.db.View(ctx, func(q store.Queryer) error {
		n, err := t.compound(ctx, q, compound)
		if err != nil {
			return err
		}
		x = BoardHeld{Compound: n.ID, Name: n.Name, Budgets: []BoardBudget{}, Pay: []BoardPay{}, Demo: n.Demo}
		c, err := t.chart(ctx, q, n.ID)
		if err != nil {
			return err
		}
		plans, err := t.budget(ctx, q, `compound = $1 and decision <> '' and year <= $2`, n.ID, t.Today().Year())
		if err != nil {
			return err
		}
		for _, b := range plans[:min(len(plans), 3)] {
			a, err := t.accounts(ctx, q, b)
			if err != nil {
				return err
			}
			kind, _, _ := strings.Cut(b.Decision, "/")
			y := BoardBudget{Year: b.Year, Decision: kind, Lines: []BoardCost{}, Planned: a.Planned, Actual: a.Actual, Collected: a.Collected, Owners: a.Owners, Held: a.Held, Until: a.Until}
			for _, l := range append(a.Items, a.Beside...) {
				y.Lines = append(y.Lines, BoardCost{Account: l.Account, Zh: c[l.Account].Zh, En: c[l.Account].En, Planned: l.Amount, Actual: l.Actual, Agreed: l.Agreed != "", Needs: l.Needs, Off: l.Off})
			}
			x.Budgets = append(x.Budgets, y)
		}
		periods, err := store.All(ctx, q, func(r *sql.Rows) (Quality, error) { return scanQuality(r) }, `select `+qualityColumns+` from money_quality where compound = $1 and version > 0 order by from_day desc limit 8`, n.ID)
		if err != nil {
			return err
		}
		for _, p := range periods {
			f, _, err := qualityFile(ctx, q, p.ID, p.Version)
			if err != nil {
				return err
			}
			for i := range f.Inputs {
				f.Inputs[i].Absent = statement.Masked(f.Inputs[i].Absent)
			}
			x.Pay = append(x.Pay, BoardPay{From: p.From, To: p.To, State: p.State, Version: p.Version, Hash: p.Hash, Base: f.Base, Inputs: f.Inputs, Pay: f.Pay, Paid: p.Paid, Held: f.Pay.Held, HeldOut: p.HeldPaid, Frozen: p.Frozen})
		}
		x.Accounts, err = filedAccounts(ctx, q, `compound = $1 order by year desc, version desc limit 20`, n.ID)
		return err
	})
	return x, err
}
