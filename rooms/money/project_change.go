package money

import (
	"context"
	"database/sql"
	"encoding/json"
	"slices"
	"strings"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/yuan"
	"cuobian/platform/access"
	"cuobian/platform/store"
	"cuobian/rooms/assembly/tally"
	"cuobian/rooms/money/ledger"
)

// States of a change order.
const (
	ChangeOrdered = "ordered" // 预备费之内，待另一人确认
	ChangeAsked   = "asked"   // 超出预备费，征求同意
	ChangeAgreed  = "agreed"  // 已同意
	ChangeDropped = "dropped" // 已放弃
)

// Faults of change orders.
var (
	ErrContingency = fault.Bad("contingency", "money.contingency", "预备费不得为负，也不得超过所选报价的 {n}/{d}（预设）", "the contingency is not below zero, nor above {n}/{d} of the chosen quote (preset)")
	ErrChangeStage = fault.Bad("stage", "money.change_stage", "变更须记在一个尚未报告完成的节点上", "a change belongs to a milestone that is not reported yet")
	ErrChangePaper = fault.Bad("paper", "money.change_paper", "请附变更单或者签证", "attach the change order")
	ErrChange      = fault.Bad("change", "money.change", "没有这份变更，或者已经决定", "there is no such change, or it is decided")
	ErrChangesOpen = fault.New(fault.Conflict, "money.changes_open", "还有 {n} 份变更没有决定", "{n} changes are not decided yet")
	ErrExtras      = fault.New(fault.Conflict, "money.extras", "还有 {n} 户没有缴清变更增加的份额", "{n} homes have not paid what a change added")
)

// Change is a change order: it raises what a milestone may cost. What the plan's contingency still has is taken first; for anything
// beyond it the range is asked again, and the homes that take part share it (after R44; the share of the contingency is a preset).
type Change struct {
	ID       string       `json:"id"`
	No       int          `json:"no"`
	Stage    int          `json:"stage"`
	Amount   yuan.Amount  `json:"amount"`
	Reserve  yuan.Amount  `json:"reserve" doc:"of it out of the contingency"`
	Reason   string       `json:"reason"`
	Paper    string       `json:"paper"`
	State    string       `json:"state" enum:"ordered,asked,agreed,dropped"`
	Decision string       `json:"decision,omitempty"`
	Steps    []tally.Step `json:"steps" doc:"how the new consent was counted"`
	Why      string       `json:"why,omitempty" doc:"it was given up"`
	By       string       `json:"-"`
	At       day.Instant  `json:"at"`
	Mine     bool         `json:"mine" doc:"ordered by who asks: somebody else confirms it"`
	Said     int          `json:"said" doc:"homes that have spoken"`
	Choices  []Said       `json:"choices,omitempty" doc:"what one's own homes said; all for those who read the books"`

	Count *tally.Result `json:"count,omitempty" doc:"of the new consents, while they are asked for"`
}

// beyond is what the contingency does not bear.
func (c Change) beyond() yuan.Amount { return c.Amount - c.Reserve }

func changes(ctx context.Context, q store.Queryer, project string) ([]Change, error) {
	out, err := store.All(ctx, q, func(r *sql.Rows) (c Change, err error) {
		var steps string
		if err = r.Scan(&c.ID, &c.No, &c.Stage, &c.Amount, &c.Reserve, &c.Reason, &c.Paper, &c.State, &c.Decision, &steps, &c.Why, &c.By, &c.At); err != nil {
			return c, err
		}
		return c, json.Unmarshal([]byte(steps), &c.Steps)
	}, `select id, no, stage, amount, reserve, reason, paper, state, decision, steps, why, by_person, at from money_project_change where project = $1 order by no`, project)
	if out == nil {
		out = []Change{}
	}
	return out, err
}

// contingencyLeft is what no change order has taken yet.
func (p Project) contingencyLeft(list []Change) yuan.Amount {
	if p.Plan == nil {
		return 0
	}
	left := p.Plan.Contingency
	for _, c := range list {
		if c.State != ChangeDropped {
			left -= c.Reserve
		}
	}
	return left
}

// NewChange is a change order as it was handed in.
type NewChange struct {
	Stage   int         `json:"stage" doc:"milestone that costs more"`
	Amount  yuan.Amount `json:"amount"`
	Reason  string      `json:"reason" maxLength:"2000"`
	Paper   string      `json:"paper" maxLength:"40"`
	Version int64       `json:"version,omitempty"`
}

// OrderChange keeps a change order. Within the contingency another person confirms it; beyond it the homes are asked.
func (t *Till) OrderChange(ctx context.Context, who access.Who, id string, in NewChange) (Project, error) {
	return t.projectStep(ctx, who, id, in.Version, Arrange, "project_change", in.Reason, []string{ProjectBuilding}, func(tx *store.Tx, p *Project) error {
		if in.Reason = strings.TrimSpace(in.Reason); in.Reason == "" {
			return ErrReason
		}
		if in.Amount <= 0 {
			return ErrAmount
		}
		list, err := stages(ctx, tx, p.ID)
		if err != nil {
			return err
		}
		if _, err := stageAt(list, in.Stage, "open"); err != nil {
			return ErrChangeStage
		}
		if in.Paper == "" {
			return ErrChangePaper
		}
		if err := t.keepPaper(ctx, tx, who, in.Paper, p.Ref(), p.Path); err != nil {
			return err
		}
		had, err := changes(ctx, tx, p.ID)
		if err != nil {
			return err
		}
		c := Change{ID: tx.NewID(), No: len(had) + 1, Stage: in.Stage, Amount: in.Amount, Reserve: min(in.Amount, p.contingencyLeft(had)), State: ChangeOrdered}
		if c.beyond() > 0 {
			c.State = ChangeAsked
			homes, err := projectHomes(ctx, tx, `project = $1 and state <> $2`, p.ID, homeRefused)
			if err != nil {
				return err
			}
			for _, h := range homes {
				if h.Unsold {
					continue
				}
				if err := t.tellOwners(ctx, tx, h.Path, p.Ref(), "共有工程变更，征求同意", "A change of shared works asks for consent", p.Title+"：变更增加 "+c.Amount.String()+" 元，超出预备费 "+c.beyond().String()+" 元，请表示意见。", p.Title+": a change adds "+c.Amount.String()+" yuan, "+c.beyond().String()+" beyond the contingency; please say whether you agree."); err != nil {
					return err
				}
			}
		}
		_, err = tx.Exec(ctx, `insert into money_project_change (id, project, no, stage, amount, reserve, reason, paper, state, decision, steps, why, by_person, at, decided, decided_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, '', '[]', '', $10, $11, '', 0)`,
			c.ID, p.ID, c.No, c.Stage, int64(c.Amount), int64(c.Reserve), in.Reason, in.Paper, c.State, who.Person, int64(tx.Now))
		return err
	})
}

// changeAt finds a change order that is not decided yet.
func changeAt(ctx context.Context, q store.Queryer, project, id string, states ...string) (Change, error) {
	list, err := changes(ctx, q, project)
	if err != nil {
		return Change{}, err
	}
	i := slices.IndexFunc(list, func(c Change) bool { return c.ID == id && slices.Contains(states, c.State) })
	if i < 0 {
		return Change{}, ErrChange
	}
	return list[i], nil
}

// ConsentChange writes down what a home says of a change order; the last word counts.
func (t *Till) ConsentChange(ctx context.Context, who access.Who, id, change string, w Word) (Project, error) {
	return t.projectStep(ctx, who, id, 0, Look, "project_change_consent", "", []string{ProjectBuilding}, func(tx *store.Tx, p *Project) error {
		c, err := changeAt(ctx, tx, p.ID, change, ChangeAsked)
		if err != nil {
			return err
		}
		return t.keepWord(ctx, tx, who, *p, c.ID, w)
	})
}

// ChangeVerdict decides on a change order: agreed within the contingency by another person, beyond it by the consents written down
// or a final resolution of item 7 of the same range; or given up with a reason.
type ChangeVerdict struct {
	Change  string `json:"change" maxLength:"40"`
	Drop    bool   `json:"drop,omitempty"`
	Reason  string `json:"reason,omitempty" maxLength:"1000" doc:"why it is given up"`
	Meeting string `json:"meeting,omitempty" maxLength:"40"`
	Matter  int64  `json:"matter,omitempty"`
	Version int64  `json:"version,omitempty"`
}

// DecideChange decides on a change order. Agreed, its milestone may cost so much more, and what is beyond the contingency is billed to
// the homes that take part, each with why.
func (t *Till) DecideChange(ctx context.Context, who access.Who, id string, v ChangeVerdict) (Project, error) {
	return t.projectStep(ctx, who, id, v.Version, Arrange, "project_change_decide", v.Reason, []string{ProjectBuilding}, func(tx *store.Tx, p *Project) error {
		c, err := changeAt(ctx, tx, p.ID, v.Change, ChangeOrdered, ChangeAsked)
		if err != nil {
			return err
		}
		decided := func(state, decision, why string) error {
			_, err := tx.Exec(ctx, `update money_project_change set state = $1, decision = $2, steps = $3, why = $4, decided = $5, decided_at = $6 where id = $7`, state, decision, text(c.Steps), why, who.Person, int64(tx.Now), c.ID)
			return err
		}
		if v.Drop {
			why := strings.TrimSpace(v.Reason)
			if why == "" {
				return ErrReason
			}
			return decided(ChangeDropped, "", why)
		}
		decision := p.Ref() + "/plan"
		switch {
		case c.State == ChangeOrdered:
			if who.Person == c.By {
				return ErrSelf
			}
		case v.Meeting != "":
			r, err := t.passedMatter(ctx, tx, p.Path, v.Meeting, v.Matter, 7)
			if err != nil {
				return err
			}
			if r.Scope.Kind != p.Range.Kind || (Range{Paths: r.Scope.Paths}).words() != p.Range.words() {
				return ErrOtherRange
			}
			decision = decisionOf(r)
			used, err := store.Count(ctx, tx, `select (select count(*) from money_project where decision = $1) + (select count(*) from money_project_change where decision = $1)`, decision)
			if err != nil {
				return err
			}
			if used > 0 || r.On < c.At.Day(day.Shanghai) {
				return ErrDecidedOnce
			}
		default:
			res, err := t.countConsents(ctx, tx, *p, c.ID)
			if err != nil {
				return err
			}
			if c.Steps = res.Steps; !res.Passed {
				return ErrConsent
			}
			decision = p.Ref() + "/changes/" + c.ID
		}
		list, err := stages(ctx, tx, p.ID)
		if err != nil {
			return err
		}
		if _, err := stageAt(list, c.Stage, "open"); err != nil {
			return ErrChangeStage
		}
		if _, err := tx.Exec(ctx, `update money_project_stage set amount = amount + $1 where project = $2 and no = $3`, int64(c.Amount), p.ID, c.Stage); err != nil {
			return err
		}
		if err := t.shareChange(ctx, tx, who, p, c, decision); err != nil {
			return err
		}
		return decided(ChangeAgreed, decision, "")
	})
}

// shareChange bills what a change adds beyond the contingency to the homes that take part, by the plan's method.
func (t *Till) shareChange(ctx context.Context, tx *store.Tx, who access.Who, p *Project, c Change, decision string) error {
	more := c.beyond()
	if more == 0 {
		return nil
	}
	var err error
	if p.Cost, err = yuan.Sum(p.Cost, more); err != nil {
		return ErrAmount.Because(err)
	}
	homes, err := projectHomes(ctx, tx, `project = $1 and state <> $2`, p.ID, homeRefused)
	if err != nil {
		return err
	}
	parts, _, err := shareOut(p.Plan.Method, more, 0, homes)
	if err != nil {
		return err
	}
	b, err := t.book(ctx, tx, p.Compound)
	if err != nil {
		return err
	}
	for _, h := range parts {
		if h.Amount == 0 {
			continue
		}
		bill, err := t.oweBill(ctx, tx, b, who, debt{part: h.Part, kind: Pledge, fund: ledger.Works, amount: h.Amount, origin: p.Ref() + "/" + h.Part, words: p.Title + "（变更）", decision: decision, rule: "R46", why: h.Step})
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `update money_project_home set amount = amount + $1, extra = extra + $1, bill = $2, state = $3 where project = $4 and part = $5`, int64(h.Amount), bill, homePledged, p.ID, h.Part); err != nil {
			return err
		}
		if h.Unsold {
			continue
		}
		if err := t.tellOwners(ctx, tx, h.Path, p.Ref(), "共有工程变更分摊", "Your share of a change of shared works", p.Title+"："+h.Label+" 因变更增加 "+h.Amount.String()+" 元（"+h.Step.Zh+"）。", p.Title+": "+h.Label+" pays "+h.Amount.String()+" yuan more for a change ("+h.Step.En+")."); err != nil {
			return err
		}
	}
	return nil
}

// changesSettled refuses to settle works with an undecided change, or with a home that has not paid what one added.
func changesSettled(ctx context.Context, q store.Queryer, project string) error {
	open, err := store.Count(ctx, q, `select count(*) from money_project_change where project = $1 and state in ('ordered', 'asked')`, project)
	if err != nil {
		return err
	}
	if open > 0 {
		return ErrChangesOpen.Fill("n", open)
	}
	owe, err := store.Count(ctx, q, `select count(*) from money_project_home where project = $1 and extra > 0 and state = $2`, project, homePledged)
	if err == nil && owe > 0 {
		err = ErrExtras.Fill("n", owe)
	}
	return err
}

// fillChanges shows the change orders: what one's own homes said of each, and all that was said to those who read the books.
func (t *Till) fillChanges(ctx context.Context, q store.Queryer, who access.Who, f *ProjectFile, label map[string]string, reads bool) (err error) {
	if f.Changes, err = changes(ctx, q, f.ID); err != nil {
		return err
	}
	f.Reserve = f.contingencyLeft(f.Changes)
	for i := range f.Changes {
		c := &f.Changes[i]
		c.Mine = who.Person != "" && c.By == who.Person
		words, err := said(ctx, q, f.ID, c.ID)
		if err != nil {
			return err
		}
		c.Said = len(words)
		for _, s := range words {
			if s.Label = label[s.Part]; reads || slices.Contains(f.Mine, s.Part) {
				c.Choices = append(c.Choices, s)
			}
		}
		slices.SortFunc(c.Choices, func(a, b Said) int { return strings.Compare(a.Label+a.Part, b.Label+b.Part) })
		if c.State == ChangeAsked {
			res, err := t.countConsents(ctx, q, f.Project, c.ID)
			if err != nil {
				return err
			}
			c.Count = &res
		}
	}
	return nil
}

// mayNow says which steps the one who asks may take at the desk, so that a page shows no button in vain. The step itself checks again.
func (f *ProjectFile) mayNow(person string, arranges, keeps bool) []string {
	out := []string{}
	if person == "" {
		return out
	}
	can := func(step string, ok bool) {
		if ok {
			out = append(out, step)
		}
	}
	stage := func(of func(Stage) bool) bool { return slices.ContainsFunc(f.Stages, of) }
	home := func(state string) bool {
		return slices.ContainsFunc(f.Homes, func(h ProjectHome) bool { return h.State == state && (state != homeAsked || h.Amount > 0) })
	}
	change := func(of func(Change) bool) bool { return slices.ContainsFunc(f.Changes, of) }
	if arranges {
		switch f.State {
		case ProjectInitiative:
			can("consent", true)
			can("decide", true)
		case ProjectConsented:
			can("plan", true)
		case ProjectPlanned:
			can("plan", true)
			can("quote", true)
			can("choose", len(f.Bids) > 0)
		case ProjectPledging:
			can("pledge", home(homeAsked))
			can("refuse", home(homeAsked) || home(homePledged))
			can("collect", !home(homeAsked) && (home(homePledged) || f.Cost == f.Subsidy))
		case ProjectBuilding:
			can("milestone", stage(func(s Stage) bool { return s.State == "open" }))
			can("accept", stage(func(s Stage) bool { return s.State == "reported" && s.Reported != person }))
			can("change", stage(func(s Stage) bool { return s.State == "open" }))
			can("change_consent", change(func(c Change) bool { return c.State == ChangeAsked }))
			can("change_decide", change(func(c Change) bool { return c.State == ChangeAsked || c.State == ChangeOrdered && c.By != person }))
			can("change_drop", change(func(c Change) bool { return c.State == ChangeAsked || c.State == ChangeOrdered }))
			open := change(func(c Change) bool { return c.State == ChangeAsked || c.State == ChangeOrdered })
			owes := slices.ContainsFunc(f.Homes, func(h ProjectHome) bool { return h.Extra > 0 && h.State == homePledged })
			can("settle", !open && !owes && !stage(func(s Stage) bool { return s.State != "paid" }))
		}
		early := []string{ProjectConsented, ProjectPlanned, ProjectPledging}
		can("subsidy", slices.Contains(early, f.State))
		untouched := !stage(func(s Stage) bool { return s.State != "open" }) && f.Escrow.Asked == 0
		can("drop", f.State == ProjectInitiative || slices.Contains(early, f.State) || untouched && (f.State == ProjectCollecting || f.State == ProjectBuilding))
		late := f.State == ProjectBuilding || f.State == ProjectSettled
		can("pay", late && stage(func(s Stage) bool { return s.State == "accepted" && s.Payment == "" }))
		can("pay_back", (late || f.State == ProjectDropped) && f.Escrow.Owed > 0)
		can("join", late && home(homeRefused))
	}
	collecting := slices.Contains([]string{ProjectPledging, ProjectCollecting, ProjectBuilding}, f.State)
	can("subsidy_in", keeps && collecting && slices.ContainsFunc(f.Subsidies, func(s Subsidy) bool { return s.Entry == "" }))
	return out
}

// WorksMay says what the one who asks may begin in a compound: shared works.
func (t *Till) WorksMay(ctx context.Context, who access.Who, compound string) []string {
	out := []string{}
	if _, err := t.enters(ctx, t.db, who, Arrange, compound); err == nil {
		out = append(out, "begin")
	}
	return out
}
