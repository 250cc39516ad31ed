package money

import (
	"context"
	"database/sql"
	"slices"
	"strconv"
	"strings"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/basis/yuan"
	"cuobian/platform/access"
	"cuobian/platform/store"
	"cuobian/rooms/money/ledger"
)

// Faults of budgets.
var (
	ErrBudgetTwice = fault.New(fault.Conflict, "money.budget_twice", "该年度已有预算", "there is a budget for this year already")
	ErrBudgetLine  = fault.Bad("lines", "money.budget_line", "预算行须有名称、支出科目和金额，科目不得重复", "a line needs a title, an account of cost and a sum; no account stands twice")
	ErrBudgetYear  = fault.Bad("year", "money.budget_year", "年度有误", "the year cannot be right")
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
	Decision string       `json:"decision"`
	Text     string       `json:"text"`
	Lines    []BudgetLine `json:"lines"`
	Demo     bool         `json:"demo,omitempty"`
	Version  int64        `json:"version"`
}

// Ref is how others name the budget.
func (b Budget) Ref() string { return "budgets/" + b.ID }

// NewBudget is a budget as it was decided.
type NewBudget struct {
	Year     int          `json:"year"`
	Decision string       `json:"decision" maxLength:"120" doc:"assemblies/ID/NO, decisions/ID"`
	Text     string       `json:"text" maxLength:"2000"`
	Lines    []BudgetLine `json:"lines" minItems:"1" maxItems:"60"`
}

const budgetColumns = `id, compound, path, year, decision, words, demo, version`

func (t *Till) budget(ctx context.Context, q store.Queryer, cond string, args ...any) ([]Budget, error) {
	list, err := store.All(ctx, q, func(r *sql.Rows) (b Budget, err error) {
		b.Lines = []BudgetLine{}
		err = r.Scan(&b.ID, &b.Compound, &b.Path, &b.Year, &b.Decision, &b.Text, &b.Demo, &b.Version)
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

// PlanBudget keeps a year's budget with the decision that passed it.
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
		if meeting, of := strings.CutPrefix(in.Decision, "assemblies/"); of {
			id, no, _ := strings.Cut(meeting, "/")
			k, err := strconv.ParseInt(no, 10, 64)
			if err != nil {
				return ErrUseVote
			}
			r, err := t.on.Hall.Resolution(ctx, tx, id, k)
			if fault.IsKind(err, fault.Missing) || err == nil && (r.Path != n.Path || !r.Holds()) {
				return ErrUseVote
			}
			if err != nil {
				return err
			}
		} else if rest, of := strings.CutPrefix(in.Decision, "decisions/"); !of || rest == "" {
			return ErrUseVote
		}
		chart, err := t.chart(ctx, tx, n.ID)
		if err != nil {
			return err
		}
		seen := map[string]bool{}
		for _, l := range in.Lines {
			a, ok := chart[l.Account]
			if !ok || a.Class != ledger.Cost || seen[l.Account] || strings.TrimSpace(l.Title) == "" || l.Amount <= 0 {
				return ErrBudgetLine
			}
			seen[l.Account] = true
		}
		if len(in.Lines) == 0 {
			return ErrBudgetLine
		}
		x = Budget{ID: tx.NewID(), Compound: n.ID, Path: n.Path, Year: in.Year, Decision: in.Decision, Text: in.Text, Demo: b.Demo, Version: 1, Lines: in.Lines}
		if _, err := tx.Exec(ctx, `insert into money_budget (id, compound, path, street, year, decision, words, by_person, demo, at, version) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1)`,
			x.ID, x.Compound, string(x.Path), string(x.Path.Street()), x.Year, x.Decision, x.Text, who.Person, x.Demo, int64(tx.Now)); err != nil {
			if store.Unique(err) {
				return ErrBudgetTwice
			}
			return err
		}
		for i := range x.Lines {
			l := &x.Lines[i]
			l.No, l.Title, l.Agreed, l.Why = i+1, strings.TrimSpace(l.Title), "", ""
			if _, err := tx.Exec(ctx, `insert into money_budget_line (budget, no, account, title, amount, agreed, why) values ($1, $2, $3, $4, $5, '', '')`, x.ID, l.No, l.Account, l.Title, int64(l.Amount)); err != nil {
				return err
			}
		}
		return t.trail(ctx, tx, who, Arrange, n.Path, "budget", x.Ref(), "", x)
	})
	return x, err
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
	Needs  bool        `json:"needs" doc:"more than the share, or more than the sum: the committee decides"`
}

// Accounts are a year's accounts beside its budget (R30).
type Accounts struct {
	Budget
	Items     []AccountsLine `json:"items"`
	Beside    []AccountsLine `json:"beside" doc:"costs that no line planned"`
	Planned   yuan.Amount    `json:"planned"`
	Actual    yuan.Amount    `json:"actual"`
	Collected yuan.Amount    `json:"collected" doc:"pre-collected in the year: the owners' money, held for them"`
	Owners    yuan.Amount    `json:"owners" doc:"on the account now: the owners'"`
	Until     day.Day        `json:"until"`
}

// deviates reports whether an actual needs a decision: more than the share of the plan, or more than the sum (rules 5).
func deviates(planned, actual yuan.Amount, n, d, from int64) bool {
	more := int64(actual - planned)
	return more > 0 && (more*d > int64(planned)*n || more > from)
}

func (t *Till) accounts(ctx context.Context, q store.Queryer, b Budget) (a Accounts, err error) {
	from, to := day.Date(b.Year, 1, 1), day.Date(b.Year, 12, 31)
	a = Accounts{Budget: b, Items: []AccountsLine{}, Beside: []AccountsLine{}, Until: min(to, t.Today())}
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
		a.Items = append(a.Items, x)
	}
	for _, s := range list {
		if s.sum != 0 && !slices.ContainsFunc(b.Lines, func(l BudgetLine) bool { return l.Account == s.account }) {
			a.Beside = append(a.Beside, AccountsLine{BudgetLine: BudgetLine{Account: s.account}, Actual: s.sum, More: s.sum, Needs: deviates(0, s.sum, p.DeviationN, p.DeviationD, p.DeviationFrom)})
		}
	}
	if a.Collected, err = t.collected(ctx, q, b.Compound, from, to); err != nil {
		return a, err
	}
	a.Owners, err = t.liquid(ctx, q, b.Compound, ledger.Fees)
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
		a, err = t.accounts(ctx, q, list[0])
		return err
	})
	return a, err
}

// AgreeDeviation writes the committee's decision on a line that went over its plan.
func (t *Till) AgreeDeviation(ctx context.Context, who access.Who, compound, id string, no int, decision, why string) (a Accounts, err error) {
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
		i := slices.IndexFunc(a.Items, func(l AccountsLine) bool { return l.No == no })
		if i < 0 || !a.Items[i].Needs {
			return ErrNoDeviation
		}
		if why = strings.TrimSpace(why); why == "" {
			return ErrReason
		}
		if rest, of := strings.CutPrefix(decision, "decisions/"); !of || rest == "" {
			return ErrUseVote
		}
		if _, err := tx.Exec(ctx, `update money_budget_line set agreed = $1, why = $2 where budget = $3 and no = $4`, decision, why, id, no); err != nil {
			return err
		}
		a.Items[i].Agreed, a.Items[i].Why, a.Items[i].Needs = decision, why, false
		return t.trail(ctx, tx, who, ReviewCommittee, b.Path, "deviation", b.Ref(), why, map[string]any{"line": no, "decision": decision})
	})
	return a, err
}
