package money

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/basis/yuan"
	"cuobian/platform/access"
	"cuobian/platform/rules"
	"cuobian/platform/store"
)

// Limits that payments alike may pass together.
const (
	splitStreet = "street" // the street always reviews
	splitQuotes = "quotes" // and so many quotes are needed
)

// Alike is a payment to the same payee for the same thing within the window.
type Alike struct {
	ID      string      `json:"id"`
	No      int64       `json:"no"`
	Amount  yuan.Amount `json:"amount"`
	Applied day.Instant `json:"applied"`
	State   string      `json:"state"`
	Purpose string      `json:"purpose"`
	Why     string      `json:"why" doc:"what is the same, of payee and thing: org, person, name, bank, then purpose, decision, budget_line"`
}

// bare is a name without what people write differently: spaces, punctuation, brackets, width, case.
func bare(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '！' && r <= '～' {
			r -= '！' - '!'
		}
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, s)
}

// bankIndex is the blind index of an account number, "" for none.
func (t *Till) bankIndex(number string) string {
	return t.on.Ring.Index(bankNumber, strings.Map(func(r rune) rune {
		if r >= '０' && r <= '９' {
			r -= '０' - '0'
		}
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, number))
}

// alike are the living and paid payments of the compound, applied for within the rule's window, that go to the same payee
// (organisation, person, name, or bank account by its blind index) for the same thing (purpose, decision or budget line),
// oldest first.
func (t *Till) alike(ctx context.Context, q store.Queryer, p Payment, index string, rule rules.Moneys) ([]Alike, error) {
	if rule.SplitDays <= 0 {
		return nil, nil
	}
	from := p.Applied.Day(day.Shanghai).Add(-rule.SplitDays).Start(day.Shanghai)
	type row struct {
		Alike
		org, person, name, index, decision, line string
	}
	list, err := store.All(ctx, q, func(r *sql.Rows) (x row, err error) {
		err = r.Scan(&x.ID, &x.No, &x.Amount, &x.Applied, &x.State, &x.Purpose, &x.org, &x.person, &x.name, &x.index, &x.decision, &x.line)
		return x, err
	}, `select id, no, amount, applied, state, purpose, payee_org, payee_person, payee_name, payee_index, decision, budget_line from money_payment
where compound = $1 and applied >= $2 and id <> $3 and state not in ('refused', 'lapsed', 'withdrawn') order by no`, p.Compound, int64(from), p.ID)
	if err != nil {
		return nil, err
	}
	same := func(a, b string) bool { return a != "" && a == b }
	var out []Alike
	for _, x := range list {
		var payee, thing []string
		for _, c := range []struct {
			into *[]string
			what string
			is   bool
		}{
			{&payee, "org", same(p.PayeeOrg, x.org)}, {&payee, "person", same(p.PayeePerson, x.person)}, {&payee, "name", same(bare(p.PayeeName), bare(x.name))}, {&payee, "bank", same(index, x.index)},
			{&thing, "purpose", same(bare(p.Purpose), bare(x.Purpose))}, {&thing, "decision", same(p.Decision, x.decision)}, {&thing, "budget_line", same(bare(p.BudgetLine), bare(x.line))},
		} {
			if c.is {
				*c.into = append(*c.into, c.what)
			}
		}
		if len(payee) > 0 && len(thing) > 0 {
			x.Why = strings.Join(append(payee, thing...), ",")
			out = append(out, x.Alike)
		}
	}
	return out, nil
}

// judge sets the sum by which an application is judged. Where the sum, but not the amount, passes the limit of quotes and they
// are not there, it is refused with the sum.
func judge(p *Payment, others []Alike, quotes bool, rule rules.Moneys) error {
	p.Judged, p.Split = p.Amount, ""
	for _, x := range others {
		p.Judged += x.Amount
	}
	passes := func(limit int64) bool { return int64(p.Judged) > limit && int64(p.Amount) <= limit }
	if passes(rule.StreetFrom) {
		p.Split = splitStreet
	}
	if passes(rule.QuotesFrom) {
		p.Split = splitQuotes
		if !quotes {
			return ErrSplitQuotes.Fill("n", len(others), "sum", p.Judged, "limit", yuan.Amount(rule.QuotesFrom), "days", rule.SplitDays, "quotes", rule.Quotes)
		}
	}
	return nil
}

// ErrSplitQuotes says that payments alike pass the limit of quotes together.
var ErrSplitQuotes = fault.Bad("quotes", "money.split_quotes", "{days} 日内向同一收款方、为同一事项已有 {n} 笔，连同本笔共 {sum} 元，超过 {limit} 元：按合计须附 {quotes} 家不同的报价",
	"within {days} days there are {n} payments to the same payee for the same thing, with this one {sum} yuan together, above {limit}: by the sum {quotes} quotes of different firms are needed")

func (t *Till) alikeOf(ctx context.Context, q store.Queryer, payment string) ([]Alike, error) {
	out, err := store.All(ctx, q, func(r *sql.Rows) (x Alike, err error) {
		err = r.Scan(&x.ID, &x.No, &x.Amount, &x.Applied, &x.State, &x.Purpose, &x.Why)
		return x, err
	}, `select p.id, p.no, p.amount, p.applied, p.state, p.purpose, a.why from money_alike a join money_payment p on p.id = a.other where a.payment = $1 order by p.no`, payment)
	if out == nil {
		out = []Alike{}
	}
	return out, err
}

// Cluster is a group of payments that are alike and pass a limit together.
type Cluster struct {
	Compound string      `json:"compound"`
	Path     scope.Path  `json:"path"`
	Payee    string      `json:"payee"`
	Split    string      `json:"split" enum:"street,quotes" doc:"the highest limit passed by the sum alone"`
	Sum      yuan.Amount `json:"sum" doc:"of all but those refused, withdrawn or lapsed"`
	From     day.Instant `json:"from"`
	To       day.Instant `json:"to"`
	Open     bool        `json:"open" doc:"one of them is under way"`
	Works    bool        `json:"works" doc:"instalments of a shared work, a use of the fund or remuneration, under its own contract"`
	Items    []Alike     `json:"items"`
}

// Splits are the street's board of payments that stay below a limit one by one and pass it together, newest first. Whoever may
// oversee, the community and auditors see those of their places; open leaves out what has ended.
func (t *Till) Splits(ctx context.Context, who access.Who, under scope.Path, open bool) (items []Cluster, err error) {
	g := who.Paths(Oversee)
	for _, x := range who.Grants {
		if slices.Contains(nearby, x.Post) || x.Post == access.Auditor {
			g = append(g, x.Path)
		}
	}
	if len(g) == 0 && !who.System {
		return nil, access.ErrRefused
	}
	cond, args := scope.Where("p.path", 1, g...)
	if under != "" {
		lo, hi := under.Bounds()
		args = append(args, lo, hi)
		cond += fmt.Sprintf(" and p.path >= $%d and p.path < $%d", len(args)-1, len(args))
	}
	late, err := store.All(ctx, t.db, func(r *sql.Rows) (Payment, error) { return scanPayment(r) }, `select `+paymentColumns+` from money_payment p where p.split <> '' and `+cond+` order by p.id desc limit 500`, args...)
	if err != nil {
		return nil, err
	}
	items = []Cluster{}
	in := map[string]int{} // payment → its cluster
	for _, p := range late {
		others, err := t.alikeOf(ctx, t.db, p.ID)
		if err != nil {
			return nil, err
		}
		k := -1
		for _, x := range append([]Alike{{ID: p.ID}}, others...) {
			if i, has := in[x.ID]; has {
				k = i
				break
			}
		}
		if k < 0 {
			k = len(items)
			items = append(items, Cluster{Compound: p.Compound, Path: p.Path, Payee: p.PayeeName, Split: p.Split})
		}
		c := &items[k]
		if p.Split == splitQuotes {
			c.Split = splitQuotes
		}
		c.Works = c.Works || p.Origin != ""
		for _, x := range append(others, Alike{ID: p.ID, No: p.No, Amount: p.Amount, Applied: p.Applied, State: p.State, Purpose: p.Purpose}) {
			if _, has := in[x.ID]; !has {
				in[x.ID] = k
				c.Items = append(c.Items, x)
			}
		}
	}
	for i := range items {
		c := &items[i]
		slices.SortFunc(c.Items, func(a, b Alike) int { return cmp.Compare(a.No, b.No) })
		c.From, c.To = c.Items[0].Applied, c.Items[len(c.Items)-1].Applied
		for _, x := range c.Items {
			c.Open = c.Open || slices.Contains(openStates, x.State)
			if x.State != RefusedOut && x.State != LapsedOut && x.State != WithdrawnOut {
				c.Sum += x.Amount
			}
		}
	}
	if open {
		items = slices.DeleteFunc(items, func(c Cluster) bool { return !c.Open })
	}
	return items, nil
}
