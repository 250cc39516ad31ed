package money

import (
	"context"
	"database/sql"
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
	"cuobian/platform/store"
	"cuobian/rooms/duty"
	"cuobian/rooms/money/ledger"
	"cuobian/rooms/money/share"
	"cuobian/rooms/place"
)

// Duties of common income.
const (
	dutyGap      = "money.gap"       // a contracted period brought nothing
	dutyIncomeIn = "money.income_in" // income has to reach the account
)

// Kinds of sources, with their accounts.
var sourceKinds = map[string][2]string{
	"lift_ads": {"电梯广告", "lift advertising"}, "parking": {"共有场地停车", "parking on common land"}, "base_station": {"通信基站", "base stations"}, "venue": {"场地出租", "venues"}, "other": {"其他公共收益", "other common income"},
}

var everyMonths = map[string]int{"month": 1, "quarter": 3, "half": 6, "year": 12, "once": 0}

// Faults of common income.
var (
	ErrSourceKind = fault.Bad("kind", "money.source_kind", "没有这种收益来源", "there is no such kind of source")
	ErrEvery      = fault.Bad("every", "money.every", "周期为每月、每季、半年、每年或者一次", "a period is a month, a quarter, half a year, a year, or once")
	ErrParty      = fault.Bad("party", "money.party", "须写明合同对方", "say who the contract is with")
	ErrIncome     = fault.New(fault.Missing, "money.income", "没有这笔收益", "there is no such income")
	ErrIncomeMore = fault.Bad("amount", "money.income_more", "到账金额超过应到金额", "more than what is owed has come in")
	ErrOwnCost    = fault.New(fault.Refused, "money.own_cost", "登记的人不能自己认定成本合理", "whoever recorded a cost cannot find it reasonable")
	ErrCostProof  = fault.New(fault.Refused, "money.cost_proof", "没有证明的成本不得列支", "a cost without proof is not taken")
	ErrCostDone   = fault.New(fault.Conflict, "money.cost_done", "这项成本已经认定", "this cost was judged before")
	ErrSpan       = fault.Bad("to", "money.span", "起止日期有误", "the days from and to cannot be right")
	ErrGap        = fault.New(fault.Conflict, "money.gap_none", "这一期没有缺口，或者已经处理", "there is no gap in that period, or it was dealt with already")
	ErrAllowed    = fault.New(fault.Conflict, "money.source_allowed", "这个来源已有决议", "a resolution allows this source already")
	ErrSourceOver = fault.New(fault.Conflict, "money.source_over", "这份合同已经终止", "this contract has ended already")
)

// Source is a contract that brings common income, with the resolution that allows it (R35).
type Source struct {
	ID         string      `json:"id"`
	Compound   string      `json:"compound"`
	Path       scope.Path  `json:"path"`
	Kind       string      `json:"kind" enum:"lift_ads,parking,base_station,venue,other"`
	Zh         string      `json:"zh"`
	En         string      `json:"en"`
	Place      string      `json:"place"`
	Party      string      `json:"party"`
	PartyKind  string      `json:"party_kind" enum:"org,person"`
	Contract   string      `json:"contract,omitempty" doc:"number of the contract, or blobs/ID"`
	From       day.Day     `json:"from"`
	To         day.Day     `json:"to,omitempty"`
	Amount     yuan.Amount `json:"amount" doc:"for each period"`
	Every      string      `json:"every" enum:"month,quarter,half,year,once"`
	Resolution string      `json:"resolution,omitempty"`
	Allowed    bool        `json:"allowed" doc:"a resolution allows it; if not, what it brings is recorded and flagged"`
	Words      string      `json:"words,omitempty"`
	EndedWhy   string      `json:"ended_why,omitempty"`
	Gaps       []Gap       `json:"gaps"`
	Version    int64       `json:"version"`
	Demo       bool        `json:"demo,omitempty"`
	checked    day.Day
}

// Gap is a contracted period that is over and brought nothing. Reason and Resolution say why it was let go, if it was.
type Gap struct {
	From       day.Day `json:"from"`
	To         day.Day `json:"to"`
	Reason     string  `json:"reason,omitempty"`
	Resolution string  `json:"resolution,omitempty"`
}

// openGaps are those that somebody still owes.
func openGaps(list []Gap) []Gap {
	return slices.DeleteFunc(slices.Clone(list), func(g Gap) bool { return g.Reason != "" })
}

// NewSource is a source as it is entered.
type NewSource struct {
	Kind       string      `json:"kind" enum:"lift_ads,parking,base_station,venue,other"`
	Place      string      `json:"place,omitempty" maxLength:"120"`
	Party      string      `json:"party" maxLength:"120"`
	PartyKind  string      `json:"party_kind,omitempty" enum:"org,person" default:"org"`
	Contract   string      `json:"contract,omitempty" maxLength:"120"`
	From       day.Day     `json:"from"`
	To         day.Day     `json:"to,omitempty"`
	Amount     yuan.Amount `json:"amount"`
	Every      string      `json:"every" enum:"month,quarter,half,year,once"`
	Resolution string      `json:"resolution,omitempty" maxLength:"120" doc:"assemblies/ID/NO of a matter of item 8, or blobs/ID of a paper's picture with its words"`
	Words      string      `json:"words,omitempty" maxLength:"500"`
}

const sourceColumns = `id, compound, path, kind, place, party, party_kind, contract, from_day, to_day, amount, every, resolution, allowed, words, ended_why, version, demo, checked`

func (t *Till) sources(ctx context.Context, q store.Queryer, cond string, args ...any) ([]Source, error) {
	list, err := store.All(ctx, q, func(r *sql.Rows) (s Source, err error) {
		var allowed string
		err = r.Scan(&s.ID, &s.Compound, &s.Path, &s.Kind, &s.Place, &s.Party, &s.PartyKind, &s.Contract, &s.From, &s.To, &s.Amount, &s.Every, &s.Resolution, &allowed, &s.Words, &s.EndedWhy, &s.Version, &s.Demo, &s.checked)
		s.Allowed, s.Zh, s.En, s.Gaps = allowed != "", sourceKinds[s.Kind][0], sourceKinds[s.Kind][1], []Gap{}
		return s, err
	}, `select `+sourceColumns+` from money_source where `+cond+` order by id`, args...)
	if list == nil {
		list = []Source{}
	}
	return list, err
}

// span is the i-th contracted period, and whether there is one.
func (s Source) span(i int) (from, to day.Day, ok bool) {
	months := everyMonths[s.Every]
	if months == 0 {
		to = s.To
		if to == 0 {
			to = s.From
		}
		return s.From, to, i == 0
	}
	from, to = s.From.AddMonths(i*months), s.From.AddMonths((i+1)*months).Add(-1)
	if s.To != 0 {
		if from > s.To {
			return from, to, false
		}
		to = min(to, s.To)
	}
	return from, to, true
}

// AddSource enters a source. One without a resolution is entered too: what it brings is flagged, not hidden.
func (t *Till) AddSource(ctx context.Context, who access.Who, compound string, in NewSource) (s Source, err error) {
	err = t.db.Write(ctx, func(tx *store.Tx) error {
		n, err := t.compound(ctx, tx, compound)
		if err != nil {
			return err
		}
		if err := t.may(ctx, tx, who, Arrange, n.Path); err != nil {
			return err
		}
		s, err = t.addSource(ctx, tx, who, n, in)
		return err
	})
	return s, err
}

func (t *Till) addSource(ctx context.Context, tx *store.Tx, who access.Who, n place.Node, in NewSource) (s Source, err error) {
	_, known := sourceKinds[in.Kind]
	_, every := everyMonths[in.Every]
	if in.PartyKind == "" {
		in.PartyKind = "org"
	}
	in.Party, in.Place, in.Words = strings.TrimSpace(in.Party), strings.TrimSpace(in.Place), strings.TrimSpace(in.Words)
	switch {
	case !known:
		return s, ErrSourceKind
	case !every:
		return s, ErrEvery
	case in.Amount < 0:
		return s, ErrAmount
	case in.Party == "" || in.PartyKind != "org" && in.PartyKind != "person":
		return s, ErrParty
	case !in.From.Sound() || in.From == 0 || in.To != 0 && in.To < in.From:
		return s, ErrSpan
	}
	if _, err := t.begin(ctx, tx, n); err != nil {
		return s, err
	}
	in.Contract = strings.TrimSpace(in.Contract)
	s = Source{ID: tx.NewID(), Compound: n.ID, Path: n.Path, Kind: in.Kind, Zh: sourceKinds[in.Kind][0], En: sourceKinds[in.Kind][1], Place: in.Place, Party: in.Party, PartyKind: in.PartyKind, Contract: in.Contract,
		From: in.From, To: in.To, Amount: in.Amount, Every: in.Every, Resolution: in.Resolution, Words: in.Words, Gaps: []Gap{}, Version: 1, Demo: n.Demo}
	allowed := ""
	if in.Resolution != "" {
		if err := t.resolved(ctx, tx, who, n.Path, in.Resolution, in.Words, "sources/"+s.ID, 8); err != nil {
			return s, err
		}
		s.Allowed, allowed = true, "R35"
	}
	if paper, is := strings.CutPrefix(in.Contract, "blobs/"); is {
		if err := t.attach(ctx, tx, who, paper, "sources/"+s.ID, n.Path); err != nil {
			return s, err
		}
	}
	_, end, _ := s.span(0)
	s.checked = end.Add(1)
	if _, err := tx.Exec(ctx, `insert into money_source (`+sourceColumns+`, street, by_person, at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, '', 1, $16, $17, $18, $19, $20)`,
		s.ID, s.Compound, string(s.Path), s.Kind, s.Place, s.Party, s.PartyKind, s.Contract, s.From, s.To, int64(s.Amount), s.Every, s.Resolution, allowed, s.Words, s.Demo, s.checked, string(s.Path.Street()), who.Person, int64(tx.Now)); err != nil {
		return s, err
	}
	return s, t.trail(ctx, tx, who, Arrange, n.Path, "source", "sources/"+s.ID, "", map[string]any{"kind": s.Kind, "amount": s.Amount, "resolution": s.Resolution})
}

// AllowSource puts on record the resolution that allows a source which was entered without one. What it brings from then on is
// not flagged; what it brought before stays so (R35).
func (t *Till) AllowSource(ctx context.Context, who access.Who, id, resolution, words string) (s Source, err error) {
	resolution, words = strings.TrimSpace(resolution), strings.TrimSpace(words)
	err = t.db.Write(ctx, func(tx *store.Tx) error {
		if s, err = t.sourceOf(ctx, tx, who, id); err != nil {
			return err
		}
		if s.Allowed {
			return ErrAllowed
		}
		if err := t.resolved(ctx, tx, who, s.Path, resolution, words, "sources/"+id, 8); err != nil {
			return err
		}
		s.Resolution, s.Words, s.Allowed = resolution, words, true
		if err := changeSource(ctx, tx, &s, "R35"); err != nil {
			return err
		}
		return t.trail(ctx, tx, who, Arrange, s.Path, "source_allow", "sources/"+id, words, map[string]any{"resolution": resolution})
	})
	return s, err
}

// sourceOf is a source for one who may arrange such contracts there.
func (t *Till) sourceOf(ctx context.Context, tx *store.Tx, who access.Who, id string) (s Source, err error) {
	all, err := t.sources(ctx, tx, `id = $1`, id)
	if err == nil && len(all) == 0 {
		err = ErrMissing
	}
	if err != nil {
		return s, err
	}
	return all[0], t.may(ctx, tx, who, Arrange, all[0].Path)
}

// changeSource writes what may change of a source. Whoever was first wins.
func changeSource(ctx context.Context, tx *store.Tx, s *Source, allowed string) error {
	s.Version++
	n, err := tx.Exec(ctx, `update money_source set to_day = $2, ended_why = $3, resolution = $4, words = $5, allowed = case when $6 = '' then allowed else $6 end, checked = $7, version = $8 where id = $1 and version = $9`,
		s.ID, s.To, s.EndedWhy, s.Resolution, s.Words, allowed, s.checked, s.Version, s.Version-1)
	if err == nil && n == 0 {
		err = ErrChanged
	}
	return err
}

// EndSource ends a contract on a day, with the reason. Nothing is owed for periods after it; the period that it cuts short is
// looked at once that day is over.
func (t *Till) EndSource(ctx context.Context, who access.Who, id string, on day.Day, why string) (s Source, err error) {
	if why = strings.TrimSpace(why); why == "" {
		return s, ErrReason
	}
	err = t.db.Write(ctx, func(tx *store.Tx) error {
		if s, err = t.sourceOf(ctx, tx, who, id); err != nil {
			return err
		}
		if s.EndedWhy != "" {
			return ErrSourceOver
		}
		if !on.Sound() || on < s.From || s.To != 0 && on > s.To {
			return ErrDay
		}
		for i := range 600 {
			from, _, ok := s.span(i)
			if !ok || from >= today(tx) {
				break
			}
			if from > on {
				if err := t.on.Duty.Void(ctx, tx, dutyGap, "gaps/"+id+"/"+from.String(), who.Person); err != nil {
					return err
				}
			}
		}
		s.To, s.EndedWhy = on, why
		if s.checked == 0 || on.Add(1) < s.checked {
			s.checked = on.Add(1)
		}
		if err := changeSource(ctx, tx, &s, ""); err != nil {
			return err
		}
		return t.trail(ctx, tx, who, Arrange, s.Path, "source_end", "sources/"+id, why, map[string]any{"on": on})
	})
	if err == nil {
		s.Gaps, err = t.gaps(ctx, t.db, s)
	}
	return s, err
}

// Sources lists a compound's with the periods that brought nothing.
func (t *Till) Sources(ctx context.Context, who access.Who, compound string) ([]Source, error) {
	n, err := t.compound(ctx, t.db, compound)
	if err != nil {
		return nil, err
	}
	if err := t.may(ctx, t.db, who, Read, n.Path); err != nil {
		return nil, err
	}
	list, err := t.sources(ctx, t.db, `compound = $1`, compound)
	if err != nil {
		return nil, err
	}
	for i := range list {
		if list[i].Gaps, err = t.gaps(ctx, t.db, list[i]); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// gaps are the contracted periods of a source that are over by now and have no income.
func (t *Till) gaps(ctx context.Context, q store.Queryer, s Source) ([]Gap, error) {
	has, err := store.Texts(ctx, q, `select from_day from money_income where source = $1`, s.ID)
	if err != nil {
		return nil, err
	}
	let := map[day.Day]Gap{}
	gone, err := store.All(ctx, q, func(r *sql.Rows) (g Gap, err error) { return g, r.Scan(&g.From, &g.Reason, &g.Resolution) }, `select from_day, reason, resolution from money_gap where source = $1`, s.ID)
	if err != nil {
		return nil, err
	}
	for _, g := range gone {
		let[g.From] = g
	}
	out := []Gap{}
	for i := range 600 {
		from, to, ok := s.span(i)
		if !ok || to >= t.Today() {
			break
		}
		if !slices.ContainsFunc(has, func(d string) bool { return d >= from.String() && d <= to.String() }) {
			g := let[from]
			g.From, g.To = from, to
			out = append(out, g)
		}
	}
	return out, nil
}

// LetGap lets the income of a contracted period go: it will never come. Only a decision of the owners or of their committee can
// say so; it stands beside the source, with the reason.
func (t *Till) LetGap(ctx context.Context, who access.Who, id string, from day.Day, resolution, words, reason string) (s Source, err error) {
	resolution, words, reason = strings.TrimSpace(resolution), strings.TrimSpace(words), strings.TrimSpace(reason)
	err = t.db.Write(ctx, func(tx *store.Tx) error {
		if s, err = t.sourceOf(ctx, tx, who, id); err != nil {
			return err
		}
		if reason == "" {
			return ErrReason
		}
		if s.Gaps, err = t.gaps(ctx, tx, s); err != nil {
			return err
		}
		if !slices.ContainsFunc(openGaps(s.Gaps), func(g Gap) bool { return g.From == from }) {
			return ErrGap
		}
		if err := t.resolved(ctx, tx, who, s.Path, resolution, words, "sources/"+id, 0); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `insert into money_gap (source, from_day, resolution, words, reason, by_person, at) values ($1, $2, $3, $4, $5, $6, $7)`, id, from, resolution, words, reason, who.Person, int64(tx.Now)); err != nil {
			return err
		}
		if err := t.on.Duty.End(ctx, tx, dutyGap, "gaps/"+id+"/"+from.String(), who.Person); err != nil {
			return err
		}
		s.Gaps, err = t.gaps(ctx, tx, s)
		if err != nil {
			return err
		}
		return t.trail(ctx, tx, who, Arrange, s.Path, "source_gap", "sources/"+id, reason, map[string]any{"from": from, "resolution": resolution})
	})
	return s, err
}

// Cost is what an operator takes off income.
type Cost struct {
	share.Expense
	Judged string `json:"judged,omitempty" doc:"who found it reasonable"`
}

// Income is what a source brought in a period. Net is what is left of the gross after costs that are proven and found
// reasonable; all of it goes to the account.
type Income struct {
	ID       string       `json:"id"`
	Compound string       `json:"compound"`
	Path     scope.Path   `json:"path"`
	Source   string       `json:"source,omitempty"`
	Kind     string       `json:"kind"`
	Zh       string       `json:"zh"`
	En       string       `json:"en"`
	From     day.Day      `json:"from"`
	To       day.Day      `json:"to"`
	TakenOn  day.Day      `json:"taken_on" doc:"when it was taken in"`
	Gross    yuan.Amount  `json:"gross"`
	Taken    yuan.Amount  `json:"taken" doc:"costs that were proven and reasonable (R34)"`
	Refused  yuan.Amount  `json:"refused" doc:"costs without proof, or not found reasonable"`
	Net      yuan.Amount  `json:"net"`
	Costs    []Cost       `json:"costs"`
	Steps    []share.Step `json:"steps"`
	Received yuan.Amount  `json:"received" doc:"what has reached the account"`
	Due      day.Instant  `json:"due" doc:"by when it must have"`
	Entered  day.Instant  `json:"entered,omitempty" doc:"when all of it had"`
	Late     bool         `json:"late"`
	Flagged  bool         `json:"flagged" doc:"no resolution allows it (R35)"`
	Flag     string       `json:"flag,omitempty"`
	Document string       `json:"document,omitempty"`
	Entry    string       `json:"entry"`
	By       string       `json:"by"`
	At       day.Instant  `json:"at"`
	Demo     bool         `json:"demo,omitempty"`
}

// NewIncome is income as it is entered.
type NewIncome struct {
	Source   string      `json:"source,omitempty" maxLength:"40" doc:"empty: no contract; recorded and flagged"`
	Kind     string      `json:"kind,omitempty" enum:"lift_ads,parking,base_station,venue,other," doc:"where no source is named"`
	From     day.Day     `json:"from"`
	To       day.Day     `json:"to"`
	TakenOn  day.Day     `json:"taken_on"`
	Gross    yuan.Amount `json:"gross"`
	Costs    []ExpenseIn `json:"costs,omitempty" maxItems:"50"`
	Document string      `json:"document,omitempty" maxLength:"40" doc:"a file or picture of the receipt"`
	Received ReceivedIn  `json:"received,omitempty"`
}

// ExpenseIn is a cost as it is claimed.
type ExpenseIn struct {
	Text   string      `json:"text" maxLength:"200"`
	Amount yuan.Amount `json:"amount"`
	Proof  string      `json:"proof,omitempty" maxLength:"40" doc:"a file or picture"`
}

// ReceivedIn is money that reached the account.
type ReceivedIn struct {
	Amount yuan.Amount `json:"amount,omitempty"`
	On     day.Day     `json:"on,omitempty"`
	Ref    string      `json:"ref,omitempty" maxLength:"120"`
}

const incomeColumns = `id, compound, path, source, kind, from_day, to_day, taken_on, gross, taken, refused, costs, steps, received, due, entered, flagged, flag, document, entry, by_person, at, demo`

func (t *Till) incomes(ctx context.Context, q store.Queryer, cond string, args ...any) ([]Income, error) {
	now := t.db.Now()
	list, err := store.All(ctx, q, func(r *sql.Rows) (x Income, err error) {
		var costs, steps string
		if err = r.Scan(&x.ID, &x.Compound, &x.Path, &x.Source, &x.Kind, &x.From, &x.To, &x.TakenOn, &x.Gross, &x.Taken, &x.Refused, &costs, &steps, &x.Received, &x.Due, &x.Entered, &x.Flagged, &x.Flag, &x.Document, &x.Entry, &x.By, &x.At, &x.Demo); err != nil {
			return x, err
		}
		x.Zh, x.En, x.Net = sourceKinds[x.Kind][0], sourceKinds[x.Kind][1], x.Gross-x.Taken
		x.Late = x.Entered == 0 && x.Due < now || x.Entered > x.Due
		if err = json.Unmarshal([]byte(costs), &x.Costs); err != nil {
			return x, err
		}
		return x, json.Unmarshal([]byte(steps), &x.Steps)
	}, `select `+incomeColumns+` from money_income where `+cond, args...)
	if list == nil {
		list = []Income{}
	}
	return list, err
}

func incomeAccount(kind string) ledger.Account {
	w := sourceKinds[kind]
	return ledger.Account{Code: "income:earned:" + kind, Class: ledger.Earning, Zh: "公共收益－收入－" + w[0], En: "public income, earned, " + w[1]}
}

// contractsOwed is what contracts of common income still have to bring to the account; income:owed is what bills of that fund do.
var contractsOwed = ledger.Account{Code: "income:owed:contracts", Class: ledger.Asset, Zh: "公共收益－应收合同款", En: "public income, owed by contracts"}

var costAccount = ledger.Account{Code: "income:spent:cost", Class: ledger.Cost, Zh: "公共收益－支出－合理成本", En: "public income, spent, reasonable cost"}

// AddIncome records what common parts brought. Income that no resolution allows is recorded too, and flagged (R35). All of it
// has to reach the account in time.
func (t *Till) AddIncome(ctx context.Context, who access.Who, compound string, in NewIncome) (x Income, err error) {
	if err := person(who); err != nil {
		return x, err
	}
	err = t.db.Write(ctx, func(tx *store.Tx) error {
		n, err := t.compound(ctx, tx, compound)
		if err != nil {
			return err
		}
		if err := t.may(ctx, tx, who, Collect, n.Path); err != nil {
			return err
		}
		x, err = t.addIncome(ctx, tx, who, n, in)
		return err
	})
	return x, err
}

func (t *Till) addIncome(ctx context.Context, tx *store.Tx, who access.Who, n place.Node, in NewIncome) (x Income, err error) {
	b, err := t.begin(ctx, tx, n)
	if err != nil {
		return x, err
	}
	x = Income{ID: tx.NewID(), Compound: n.ID, Path: n.Path, Source: in.Source, Kind: in.Kind, From: in.From, To: in.To, TakenOn: in.TakenOn, Gross: in.Gross, Document: in.Document, Costs: []Cost{}, By: who.Person, At: tx.Now, Demo: n.Demo}
	switch {
	case in.Gross <= 0:
		return x, ErrAmount.At("gross")
	case !in.From.Sound() || in.From == 0 || in.To < in.From:
		return x, ErrSpan
	case !in.TakenOn.Sound() || in.TakenOn == 0 || in.TakenOn > today(tx):
		return x, ErrDay.At("taken_on")
	}
	decision := "none/" + x.ID
	if in.Source != "" {
		all, err := t.sources(ctx, tx, `id = $1 and compound = $2`, in.Source, n.ID)
		if err != nil {
			return x, err
		}
		if len(all) == 0 {
			return x, ErrMissing
		}
		x.Kind, decision = all[0].Kind, "sources/"+in.Source
		if x.Flagged = !all[0].Allowed; all[0].Resolution != "" {
			decision = all[0].Resolution
		}
		x.Flag = "没有业主大会决议（R35）"
	} else {
		if _, known := sourceKinds[x.Kind]; !known {
			return x, ErrSourceKind
		}
		x.Flagged, x.Flag = true, "没有合同和业主大会决议（R35）"
	}
	if !x.Flagged {
		x.Flag = ""
	}
	x.Zh, x.En = sourceKinds[x.Kind][0], sourceKinds[x.Kind][1]
	if in.Document != "" {
		if err := t.attach(ctx, tx, who, in.Document, "incomes/"+x.ID, n.Path); err != nil {
			return x, err
		}
	}
	for _, c := range in.Costs {
		if c.Proof != "" {
			if err := t.attach(ctx, tx, who, c.Proof, "incomes/"+x.ID, n.Path); err != nil {
				return x, err
			}
		}
		x.Costs = append(x.Costs, Cost{Expense: share.Expense{Text: c.Text, Amount: c.Amount, Proof: c.Proof}})
	}
	if err := x.count(); err != nil {
		return x, err
	}
	for _, a := range []ledger.Account{incomeAccount(x.Kind), contractsOwed} {
		if err := t.addAccount(ctx, tx, b, a); err != nil {
			return x, err
		}
	}
	e, err := t.post(ctx, tx, b, who.Person, ledger.Entry{Day: in.TakenOn, Text: fmt.Sprintf("%s收入 %s 至 %s", x.Zh, x.From, x.To), Document: "incomes/" + x.ID, Decision: decision, Rule: "R34",
		Legs: []ledger.Leg{{Account: contractsOwed.Code, Amount: x.Gross}, {Account: incomeAccount(x.Kind).Code, Amount: -x.Gross}}})
	if err != nil {
		return x, err
	}
	x.Entry = e.ID
	p, cal, _, err := t.rules(ctx, tx, n.Path, today(tx))
	if err != nil {
		return x, err
	}
	due := cal.Deadline(in.TakenOn.Start(day.Shanghai), p.IncomeIn, day.Hours{})
	x.Due = due.At
	if _, err := tx.Exec(ctx, `insert into money_income (`+incomeColumns+`, street) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 0, $14, 0, $15, $16, $17, $18, $19, $20, $21, $22)`,
		x.ID, x.Compound, string(x.Path), x.Source, x.Kind, x.From, x.To, x.TakenOn, int64(x.Gross), int64(x.Taken), int64(x.Refused), text(x.Costs), text(x.Steps), int64(x.Due), x.Flagged, x.Flag, x.Document, x.Entry, x.By, int64(x.At), x.Demo, string(x.Path.Street())); err != nil {
		return x, err
	}
	o := duty.Owe{Kind: dutyIncomeIn, Ref: "incomes/" + x.ID, Path: n.Path, Zh: fmt.Sprintf("公共收益入账：%s %s 元", x.Zh, x.Gross), En: fmt.Sprintf("bring income to the account: %s, %s yuan", x.En, x.Gross)}
	if err := t.operator(ctx, tx, n, who, &o); err != nil {
		return x, err
	}
	if err := t.owe(ctx, tx, o, due); err != nil {
		return x, err
	}
	if x.Source != "" {
		if err := t.closeGap(ctx, tx, x, who.Person); err != nil {
			return x, err
		}
	}
	if err := t.trail(ctx, tx, who, Collect, n.Path, "income", "incomes/"+x.ID, x.Flag, map[string]any{"gross": x.Gross, "source": x.Source, "entry": x.Entry}); err != nil {
		return x, err
	}
	if in.Received.Amount != 0 {
		got, err := t.receiveIncome(ctx, tx, b, who, x, in.Received)
		var f *fault.Fault
		if errors.As(err, &f) && len(f.Fields) > 0 {
			err = f.At("received." + f.Fields[0].Name)
		}
		return got, err
	}
	return x, nil
}

// count works the costs out anew (R34).
func (x *Income) count() error {
	list := make([]share.Expense, len(x.Costs))
	for i, c := range x.Costs {
		list[i] = c.Expense
	}
	n, err := share.Net(x.Gross, list)
	if err != nil {
		return err
	}
	if n.Taken > n.Gross {
		return share.ErrAmount
	}
	x.Taken, x.Refused, x.Net, x.Steps = n.Taken, n.Refused, n.Net, n.Steps
	return nil
}

// operator says who owes it that income comes in: the company that serves the compound where it is the one who asks or nobody
// else, the committee's director otherwise.
func (t *Till) operator(ctx context.Context, q store.Queryer, n place.Node, who access.Who, o *duty.Owe) error {
	g := who.Grant(Collect, n.Path)
	if g != nil && slices.Contains(company, g.Post) {
		o.Post, o.Org = access.PropertyManager, g.Org
		return nil
	}
	if c, _, _, err := t.committeeAt(ctx, q, n.Path, t.Today()); err == nil {
		o.Post, o.Org = access.CommitteeDirector, c.ID
		return nil
	} else if err != ErrCommittee {
		return err
	}
	o.Post = access.CommunityOfficer
	return nil
}

// closeGap ends the duty of the gap that an income fills.
func (t *Till) closeGap(ctx context.Context, tx *store.Tx, x Income, by string) error {
	all, err := t.sources(ctx, tx, `id = $1`, x.Source)
	if err != nil || len(all) == 0 {
		return err
	}
	for i := range 600 {
		from, to, ok := all[0].span(i)
		if !ok || from > x.From {
			break
		}
		if x.From >= from && x.From <= to {
			return t.on.Duty.End(ctx, tx, dutyGap, "gaps/"+x.Source+"/"+from.String(), by)
		}
	}
	return nil
}

// ReceiveIncome books money that reached the account.
func (t *Till) ReceiveIncome(ctx context.Context, who access.Who, id string, in ReceivedIn) (x Income, err error) {
	err = t.db.Write(ctx, func(tx *store.Tx) error {
		var b Book
		if x, b, err = t.incomeOf(ctx, tx, who, Collect, id); err != nil {
			return err
		}
		x, err = t.receiveIncome(ctx, tx, b, who, x, in)
		return err
	})
	return x, err
}

func (t *Till) incomeOf(ctx context.Context, tx *store.Tx, who access.Who, a *access.Action, id string) (x Income, b Book, err error) {
	all, err := t.incomes(ctx, tx, `id = $1`, id)
	if err != nil {
		return x, b, err
	}
	if len(all) == 0 {
		return x, b, ErrIncome
	}
	x = all[0]
	if err = t.may(ctx, tx, who, a, x.Path); err != nil {
		return x, b, err
	}
	b, err = t.book(ctx, tx, x.Compound)
	return x, b, err
}

// receiveIncome books, in the caller's write, that some of an income reached the account; a bank's line may call it too.
func (t *Till) receiveIncome(ctx context.Context, tx *store.Tx, b Book, who access.Who, x Income, in ReceivedIn) (Income, error) {
	if in.Amount <= 0 {
		return x, ErrAmount
	}
	if in.On == 0 {
		in.On = today(tx)
	}
	if in.On > today(tx) || in.On < x.TakenOn {
		return x, ErrDay
	}
	if in.Amount > x.Net-x.Received {
		return x, ErrIncomeMore
	}
	document := in.Ref
	if document = strings.TrimSpace(document); document == "" {
		document = "incomes/" + x.ID
	}
	e, err := t.post(ctx, tx, b, who.Person, ledger.Entry{Day: in.On, Text: x.Zh + "到账", Document: document, Decision: "incomes/" + x.ID, Rule: "R34",
		Legs: []ledger.Leg{{Account: "income:bank", Amount: in.Amount}, {Account: contractsOwed.Code, Amount: -in.Amount}}})
	if err != nil {
		return x, err
	}
	x.Received += in.Amount
	if x.Received == x.Net {
		x.Entered = tx.Now
		if err := t.on.Duty.End(ctx, tx, dutyIncomeIn, "incomes/"+x.ID, who.Person); err != nil {
			return x, err
		}
	}
	x.Late = x.Entered == 0 && x.Due < tx.Now || x.Entered > x.Due
	n, err := tx.Exec(ctx, `update money_income set received = $2, entered = $3 where id = $1 and received = $4`, x.ID, int64(x.Received), int64(x.Entered), int64(x.Received-in.Amount))
	if err == nil && n == 0 {
		err = ErrChanged
	}
	if err != nil {
		return x, err
	}
	if _, err := tx.Exec(ctx, `insert into money_income_in (income, entry, on_day, amount, document, by_person, at) values ($1, $2, $3, $4, $5, $6, $7)`, x.ID, e.ID, in.On, int64(in.Amount), document, who.Person, int64(tx.Now)); err != nil {
		return x, err
	}
	return x, t.trail(ctx, tx, who, Collect, x.Path, "income_in", "incomes/"+x.ID, "", map[string]any{"amount": in.Amount, "on": in.On, "entry": e.ID})
}

// JudgeCost finds a cost reasonable, by the committee's director or the community, never by who recorded it. Only then is it
// taken off the income; a cost without proof never is (R34).
func (t *Till) JudgeCost(ctx context.Context, who access.Who, id string, no int, why string) (x Income, err error) {
	if err := person(who); err != nil {
		return x, err
	}
	if why = strings.TrimSpace(why); why == "" {
		return x, ErrReason
	}
	err = t.db.Write(ctx, func(tx *store.Tx) error {
		var b Book
		if x, b, err = t.incomeOf(ctx, tx, who, Arrange, id); err != nil {
			return err
		}
		g := who.Grant(Arrange, x.Path)
		switch {
		case x.By == who.Person:
			return ErrOwnCost
		case g == nil || !slices.Contains(heads, g.Post) && !slices.Contains(nearby, g.Post):
			return access.ErrRefused
		case no < 1 || no > len(x.Costs):
			return ErrMissing
		case x.Costs[no-1].Reasonable:
			return ErrCostDone
		case x.Costs[no-1].Proof == "":
			return ErrCostProof
		}
		c := &x.Costs[no-1]
		before := text(x.Costs)
		c.Reasonable, c.Judged = true, who.Person
		if err := x.count(); err != nil {
			return err
		}
		if x.Received > x.Net {
			return ErrIncomeMore // it came in already: what the operator is owed leaves as a payment
		}
		if err := t.addAccount(ctx, tx, b, costAccount); err != nil {
			return err
		}
		if _, err := t.post(ctx, tx, b, who.Person, ledger.Entry{Day: today(tx), Text: "合理成本：" + c.Text, Document: "incomes/" + x.ID, Decision: "incomes/" + x.ID, Rule: "R34",
			Legs: []ledger.Leg{{Account: costAccount.Code, Amount: c.Amount}, {Account: contractsOwed.Code, Amount: -c.Amount}}}); err != nil {
			return err
		}
		if x.Received == x.Net {
			x.Entered = tx.Now
			if err := t.on.Duty.End(ctx, tx, dutyIncomeIn, "incomes/"+x.ID, who.Person); err != nil {
				return err
			}
		}
		n, err := tx.Exec(ctx, `update money_income set taken = $2, refused = $3, costs = $4, steps = $5, entered = $6 where id = $1 and costs = $7`, x.ID, int64(x.Taken), int64(x.Refused), text(x.Costs), text(x.Steps), int64(x.Entered), before)
		if err == nil && n == 0 {
			err = ErrChanged
		}
		if err != nil {
			return err
		}
		return t.trail(ctx, tx, who, Arrange, x.Path, "cost", "incomes/"+x.ID, why, map[string]any{"no": no, "amount": c.Amount})
	})
	return x, err
}

// Incomes lists a compound's, newest first.
func (t *Till) Incomes(ctx context.Context, who access.Who, compound, source, after string, limit int) (items []Income, next string, count int64, more bool, err error) {
	n, err := t.compound(ctx, t.db, compound)
	if err != nil {
		return nil, "", 0, false, err
	}
	if err := t.may(ctx, t.db, who, Read, n.Path); err != nil {
		return nil, "", 0, false, err
	}
	if limit <= 0 || limit > 200 {
		limit = 50
	}
	cond, args := `compound = $1 and ($2 = '' or source = $2)`, []any{compound, source}
	if count, err = store.Count(ctx, t.db, `select count(*) from (select 1 as x from money_income where `+cond+` limit 1001) t`, args...); err != nil {
		return nil, "", 0, false, err
	}
	if count > 1000 {
		count, more = 1000, true
	}
	items, err = t.incomes(ctx, t.db, cond+fmt.Sprintf(` and ($3 = '' or id < $3) order by id desc limit %d`, limit+1), append(args, after)...)
	if len(items) > limit {
		items, next = items[:limit], items[limit-1].ID
	}
	return items, next, count, more, err
}

// proveIncome compares what is owed to the income fund with the incomes that have not come in.
func (t *Till) proveIncome(ctx context.Context, q store.Queryer, compound string) ([]Proof, error) {
	parts, err := store.Count(ctx, q, `select cast(coalesce(sum(gross - taken - received), 0) as bigint) from money_income where compound = $1`, compound)
	if err != nil {
		return nil, err
	}
	p, err := t.prove(ctx, q, compound, contractsOwed.Code, yuan.Amount(parts))
	return []Proof{p}, err
}

// GapTick raises the duty of each contracted period that is over and brought nothing. It says how many sources it looked at.
func (t *Till) GapTick(ctx context.Context) (int, error) {
	list, err := t.sources(ctx, t.db, `checked <> '' and checked <= $1`, t.Today())
	if err != nil {
		return 0, err
	}
	for i, s := range list {
		if i == 200 {
			return i, nil
		}
		if err := t.db.Write(ctx, func(tx *store.Tx) error {
			n, err := t.on.Map.Get(ctx, tx, s.Compound)
			if err != nil {
				return err
			}
			p, cal, _, err := t.rules(ctx, tx, s.Path, today(tx))
			if err != nil {
				return err
			}
			gaps, err := t.gaps(ctx, tx, s)
			if err != nil {
				return err
			}
			var next day.Day
			for i := range 600 {
				_, to, ok := s.span(i)
				if !ok {
					break
				}
				if to >= today(tx) {
					next = to.Add(1)
					break
				}
			}
			for _, g := range openGaps(gaps) {
				if g.To.Add(1) < s.checked {
					continue // raised before
				}
				o := duty.Owe{Kind: dutyGap, Ref: "gaps/" + s.ID + "/" + g.From.String(), Path: s.Path, Zh: fmt.Sprintf("公共收益缺口：%s %s 至 %s 没有收入", s.Zh, g.From, g.To), En: fmt.Sprintf("a gap in common income: %s, %s to %s brought nothing", s.En, g.From, g.To)}
				if err := t.operator(ctx, tx, n, access.Who{}, &o); err != nil {
					return err
				}
				if err := t.owe(ctx, tx, o, cal.Deadline(tx.Now, p.IncomeIn, day.Hours{})); err != nil {
					return err
				}
			}
			_, err = tx.Exec(ctx, `update money_source set checked = $2 where id = $1`, s.ID, next)
			return err
		}); err != nil {
			return 0, err
		}
	}
	return len(list), nil
}

// IncomeSight, SourceSight and RoleSight let those who may read a compound's books see the papers of these.
func (t *Till) IncomeSight(ctx context.Context, who access.Who, id string) error {
	return t.sight(ctx, who, `select path from money_income where id = $1`, id)
}

// SourceSight is IncomeSight for contracts of common income.
func (t *Till) SourceSight(ctx context.Context, who access.Who, id string) error {
	return t.sight(ctx, who, `select path from money_source where id = $1`, id)
}

// RoleSight is IncomeSight for resolutions on who reviews and seals.
func (t *Till) RoleSight(ctx context.Context, who access.Who, id string) error {
	return t.sight(ctx, who, `select path from money_role where id = $1`, id)
}

func (t *Till) sight(ctx context.Context, who access.Who, query, id string) error {
	var at scope.Path
	err := t.db.QueryRow(ctx, query, id).Scan(&at)
	if none(err) {
		err = ErrMissing
	}
	if err != nil {
		return err
	}
	return t.may(ctx, t.db, who, Read, at)
}
