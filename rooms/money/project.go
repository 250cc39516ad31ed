package money

import (
	"context"
	"database/sql"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"cuobian/basis/area"
	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/scope"
	basis "cuobian/basis/share"
	"cuobian/basis/yuan"
	"cuobian/platform/access"
	"cuobian/platform/store"
	"cuobian/rooms/assembly/roll"
	"cuobian/rooms/assembly/tally"
	"cuobian/rooms/money/share"
)

// States of a shared work.
const (
	ProjectInitiative = "initiative" // 发起，征求意见
	ProjectConsented  = "consented"  // 表决通过，拟定方案
	ProjectPlanned    = "planned"    // 方案已拟，比选报价
	ProjectPledging   = "pledging"   // 各户认缴
	ProjectCollecting = "collecting" // 缴入专户
	ProjectBuilding   = "building"   // 施工
	ProjectSettled    = "settled"    // 已结算
	ProjectDropped    = "dropped"    // 终止
)

// ProjectKinds are what is built together, and how its cost is shared unless the plan says otherwise.
var ProjectKinds = []struct {
	Code, Zh, En, By string
}{
	{"lift", "加装电梯", "add a lift", "floor"}, {"fire", "消防管网改造", "fire pipes", "area"}, {"water", "供水管网改造", "water mains", "area"},
	{"drains", "雨污分流改造", "separation of rain and sewage", "area"}, {"other", "其他共有工程", "another shared work", "area"},
}

// Method says how a cost is shared.
type Method struct {
	By     string           `json:"by" enum:"floor,area,home"`
	Table  string           `json:"table,omitempty" maxLength:"40" doc:"name of a preset of floor coefficients (R46); own ones below"`
	Coefs  []basis.Share    `json:"coefs,omitempty" maxItems:"60" doc:"own coefficients of floor 1 and up, as agreed"`
	ByArea bool             `json:"by_area,omitempty" doc:"own coefficients count times the area"`
	Floors map[string]int   `json:"floors,omitempty" doc:"floor of a part where the register has none or another"`
	Names  map[string]int64 `json:"-"`
}

// Extra is a cost beside the chosen quote: design, supervision, inspection.
type Extra struct {
	Title  string      `json:"title" maxLength:"60"`
	Amount yuan.Amount `json:"amount"`
}

// StagePlan is a milestone of the works with its part of the cost.
type StagePlan struct {
	Title string `json:"title" maxLength:"60"`
	Parts int64  `json:"parts" minimum:"1" maximum:"1000" doc:"of the cost, beside the parts of the others"`
}

// Plan is how the works are to be done and paid.
type Plan struct {
	Text   string      `json:"text" maxLength:"8000"`
	Method Method      `json:"method"`
	Extras []Extra     `json:"extras,omitempty" maxItems:"20"`
	Stages []StagePlan `json:"stages" minItems:"1" maxItems:"20"`
	Papers []Evidence  `json:"papers,omitempty" maxItems:"20"`
	// Contingency is collected with the cost; what changes do not take of it goes back with the surplus.
	Contingency yuan.Amount `json:"contingency,omitempty" doc:"for change orders, beside the chosen quote"`
}

// Project is a shared work.
type Project struct {
	ID        string       `json:"id"`
	Compound  string       `json:"compound"`
	Path      scope.Path   `json:"path"`
	Kind      string       `json:"kind" enum:"lift,fire,water,drains,other"`
	Title     string       `json:"title"`
	Text      string       `json:"text"`
	Range     Range        `json:"range"`
	Touched   []string     `json:"touched" doc:"parts whose own space is used: each must agree (R45)"`
	State     string       `json:"state" enum:"initiative,consented,planned,pledging,collecting,building,settled,dropped"`
	Decision  string       `json:"decision,omitempty"`
	Steps     []tally.Step `json:"steps" doc:"how the consent was counted"`
	Plan      *Plan        `json:"plan,omitempty"`
	Quote     string       `json:"quote,omitempty" doc:"the chosen one"`
	Reason    string       `json:"reason,omitempty" doc:"why that one"`
	Cost      yuan.Amount  `json:"cost"`
	Subsidy   yuan.Amount  `json:"subsidy"`
	BegunOn   day.Day      `json:"begun_on,omitempty"`
	SettledOn day.Day      `json:"settled_on,omitempty"`
	Surplus   yuan.Amount  `json:"surplus"`
	Hash      string       `json:"hash,omitempty"`
	Why       string       `json:"why,omitempty"`
	By        string       `json:"-"`
	Rules     string       `json:"rules"`
	Demo      bool         `json:"demo,omitempty"`
	Created   day.Instant  `json:"created"`
	Version   int64        `json:"version"`
}

// Ref is how others name the project.
func (p Project) Ref() string { return "projects/" + p.ID }

// Faults of shared works.
var (
	ErrProjectKind   = fault.Bad("kind", "money.project_kind", "请选择工程种类", "choose the kind of works")
	ErrProjectRange  = fault.Bad("range", "money.project_range", "加装电梯的范围是一个单元或者列出的房屋", "the range of a lift is a unit, or homes of a list")
	ErrTouched       = fault.Bad("touched", "money.touched", "占用的专有部分须在本小区", "a part that is used lies in the compound")
	ErrProjectState  = fault.New(fault.Conflict, "money.project_state", "这一步现在不能办理", "this step cannot be taken now")
	ErrOutside       = fault.Bad("part", "money.outside", "该房屋不在工程范围内", "this home is not in the range of the works")
	ErrNotYours      = fault.New(fault.Refused, "money.not_yours", "只有该房屋的业主可以在手机上表示意见，其他情形须登记纸质材料", "only an owner of the home speaks for it by phone; else a paper is needed")
	ErrConsentChoice = fault.Bad("choice", "money.consent_choice", "请选择同意、不同意或者弃权", "choose agree, against or abstain")
	ErrConsentPaper  = fault.Bad("paper", "money.consent_paper", "登记纸质意见须附签名照片", "a consent on paper needs its picture")
	ErrConsent       = fault.New(fault.Refused, "money.consent", "同意的户数或面积未达到规定（R01、R03、R45）", "the consents do not reach what the law asks for (R01, R03, R45)")
	ErrTouchedOwner  = fault.New(fault.Refused, "money.touched_owner", "占用 {label} 的专有部分，须经其业主同意（R45）", "the works use a part of {label}: its owner has to agree (R45)")
	ErrMethod        = fault.Bad("method", "money.method", "分摊办法有误", "the way of sharing cannot be right")
	ErrFloors        = fault.Bad("method.floors", "money.floors", "缺少楼层：{labels}", "floors are missing: {labels}")
	ErrStages        = fault.Bad("stages", "money.stages", "请写明工程节点", "name the milestones")
	ErrBidCount      = fault.New(fault.Refused, "money.bid_count", "该金额须有 {n} 份以上报价比选", "a sum like this needs {n} quotes to choose from")
	ErrBid           = fault.Bad("quote", "money.bid", "没有这份报价", "there is no such quote")
	ErrSubsidySum    = fault.Bad("subsidy", "money.subsidy", "补助不能超过费用", "the subsidies exceed the cost")
	ErrPledges       = fault.New(fault.Conflict, "money.pledges", "还有 {n} 户没有认缴", "{n} homes have not pledged yet")
	ErrPledged       = fault.New(fault.Conflict, "money.pledged", "该户已经表示过", "this home has spoken already")
	ErrNoPay         = fault.New(fault.Conflict, "money.no_pay", "该户没有需要缴纳的份额", "this home has nothing to pay")
	ErrEscrow        = fault.New(fault.Conflict, "money.escrow", "专户余额不足：可用 {left}，需要 {need}", "the escrow does not suffice: {left} is there, {need} is needed")
	ErrStage         = fault.Bad("no", "money.stage", "没有这个节点，或者不在这一步", "there is no such milestone, or it is not at this step")
	ErrStagesOpen    = fault.New(fault.Conflict, "money.stages_open", "还有 {n} 个节点没有验收付款", "{n} milestones are not accepted and paid yet")
	ErrEvidence      = fault.Bad("papers", "money.evidence", "请附现场照片或者验收材料", "attach pictures or papers")
	ErrStageSum      = fault.Bad("amount", "money.stage_sum", "不能超过该节点的金额", "it cannot exceed the sum of the milestone")
	ErrAlreadyJoined = fault.New(fault.Conflict, "money.joined", "该户已经参加", "this home takes part already")
)

const projectColumns = `id, compound, path, kind, title, words, scope, paths, touched, state, decision, steps, plan, quote, reason, cost, subsidy, begun_on, settled_on, surplus, hash, why, by_person, rules, demo, created, version`

func scanProject(r interface{ Scan(...any) error }) (p Project, err error) {
	var paths, touched, steps, plan string
	var cost, subsidy, surplus int64
	if err = r.Scan(&p.ID, &p.Compound, &p.Path, &p.Kind, &p.Title, &p.Text, &p.Range.Kind, &paths, &touched, &p.State, &p.Decision, &steps, &plan, &p.Quote, &p.Reason, &cost, &subsidy,
		&p.BegunOn, &p.SettledOn, &surplus, &p.Hash, &p.Why, &p.By, &p.Rules, &p.Demo, &p.Created, &p.Version); err != nil {
		return p, err
	}
	p.Cost, p.Subsidy, p.Surplus, p.Range = yuan.Amount(cost), yuan.Amount(subsidy), yuan.Amount(surplus), rangeOf(p.Range.Kind, paths)
	p.Touched = strings.Fields(touched)
	if plan != "" {
		p.Plan = &Plan{}
		if err := json.Unmarshal([]byte(plan), p.Plan); err != nil {
			return p, err
		}
	}
	return p, json.Unmarshal([]byte(steps), &p.Steps)
}

func (t *Till) project(ctx context.Context, q store.Queryer, id string) (Project, error) {
	p, err := scanProject(q.QueryRow(ctx, `select `+projectColumns+` from money_project where id = $1`, id))
	if none(err) {
		err = ErrMissing
	}
	return p, err
}

func (t *Till) saveProject(ctx context.Context, tx *store.Tx, p *Project) error {
	plan := ""
	if p.Plan != nil {
		plan = text(p.Plan)
	}
	n, err := tx.Exec(ctx, `update money_project set state = $1, decision = $2, steps = $3, plan = $4, quote = $5, reason = $6, cost = $7, subsidy = $8, begun_on = $9, settled_on = $10, surplus = $11, hash = $12, why = $13,
version = version + 1 where id = $14 and version = $15`,
		p.State, p.Decision, text(p.Steps), plan, p.Quote, p.Reason, int64(p.Cost), int64(p.Subsidy), p.BegunOn, p.SettledOn, int64(p.Surplus), p.Hash, p.Why, p.ID, p.Version)
	if err == nil && n == 0 {
		err = ErrChanged
	}
	p.Version++
	return err
}

// NewProject begins a shared work.
type NewProject struct {
	Kind    string   `json:"kind" enum:"lift,fire,water,drains,other"`
	Title   string   `json:"title" maxLength:"100"`
	Text    string   `json:"text" maxLength:"8000"`
	Range   Range    `json:"range"`
	Touched []string `json:"touched,omitempty" maxItems:"100"`
}

// ownsIn reports whether a person holds a title below one of paths.
func (t *Till) ownsIn(ctx context.Context, q store.Queryer, person string, at scope.Path, paths []scope.Path) (bool, error) {
	if len(paths) == 0 {
		return owns(ctx, q, person, at, t.Today())
	}
	for _, p := range paths {
		if yes, err := owns(ctx, q, person, p, t.Today()); yes || err != nil {
			return yes, err
		}
	}
	return false, nil
}

// BeginProject puts an initiative up: by who arranges works in the compound, or by an owner of its range.
func (t *Till) BeginProject(ctx context.Context, who access.Who, compound string, in NewProject) (p Project, err error) {
	err = t.db.Write(ctx, func(tx *store.Tx) error {
		n, err := t.compound(ctx, tx, compound)
		if err != nil {
			return err
		}
		if err := person(who); err != nil {
			return err
		}
		a := Arrange
		if who.May(Arrange, n.Path) != nil {
			mine, err := t.ownsIn(ctx, tx, who.Person, n.Path, in.Range.Paths)
			if err != nil {
				return err
			}
			if a = Look; !mine {
				return t.may(ctx, tx, who, Arrange, n.Path)
			}
		} else if err := t.may(ctx, tx, who, Arrange, n.Path); err != nil {
			return err
		}
		if !slices.ContainsFunc(ProjectKinds, func(k struct{ Code, Zh, En, By string }) bool { return k.Code == in.Kind }) {
			return ErrProjectKind
		}
		if err := t.checkRange(ctx, tx, n.Path, &in.Range); err != nil {
			return err
		}
		if in.Kind == "lift" && in.Range.Kind != "unit" && in.Range.Kind != "list" {
			return ErrProjectRange
		}
		b, err := t.begin(ctx, tx, n)
		if err != nil {
			return err
		}
		_, _, pack, err := t.rules(ctx, tx, n.Path, today(tx))
		if err != nil {
			return err
		}
		p = Project{ID: tx.NewID(), Compound: n.ID, Path: n.Path, Kind: in.Kind, Title: strings.TrimSpace(in.Title), Text: strings.TrimSpace(in.Text), Range: in.Range, Touched: slices.Compact(slices.Sorted(slices.Values(in.Touched))),
			State: ProjectInitiative, Steps: []tally.Step{}, By: who.Person, Rules: pack, Demo: b.Demo, Created: tx.Now, Version: 1}
		if p.Title == "" || p.Text == "" {
			return ErrWords
		}
		for _, id := range p.Touched {
			x, err := t.on.Map.Get(ctx, tx, id)
			if fault.IsKind(err, fault.Missing) || err == nil && !n.Path.Covers(x.Path) {
				return ErrTouched
			}
			if err != nil {
				return err
			}
		}
		if parts, err := t.partsIn(ctx, tx, n.Path, p.Range.Paths, false); err != nil || len(parts) == 0 {
			if err == nil {
				err = ErrNoShares
			}
			return err
		}
		if _, err := tx.Exec(ctx, `insert into money_project (id, compound, path, street, kind, title, words, scope, paths, touched, state, decision, steps, plan, quote, reason, cost, subsidy, begun_on, settled_on, surplus, hash, why, by_person, rules, demo, created, version)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, '', '[]', '', '', '', 0, 0, '', '', 0, '', '', $12, $13, $14, $15, 1)`,
			p.ID, p.Compound, string(p.Path), string(p.Path.Street()), p.Kind, p.Title, p.Text, p.Range.Kind, p.Range.words(), strings.Join(p.Touched, " "), p.State, p.By, p.Rules, p.Demo, int64(p.Created)); err != nil {
			return err
		}
		return t.trail(ctx, tx, who, a, n.Path, "project", p.Ref(), "", p)
	})
	return p, err
}

func (t *Till) projectStep(ctx context.Context, who access.Who, id string, version int64, a *access.Action, what, why string, from []string, fn func(tx *store.Tx, p *Project) error) (Project, error) {
	return take(ctx, t, who, track[Project]{t.project, t.saveProject, ErrProjectState}, step{id, version, []*access.Action{a}, what, why, from}, fn)
}

// Word is what a home says: by its owner's phone, or on a paper that somebody else writes down.
type Word struct {
	Part   string `json:"part" maxLength:"40" doc:"id of the home"`
	Choice string `json:"choice,omitempty" enum:"agree,against,abstain"`
	Paper  string `json:"paper,omitempty" maxLength:"40" doc:"picture of the signed paper; by phone none"`
	Why    string `json:"why,omitempty" maxLength:"500"`
}

// speaks finds out in which way somebody may speak for a home: an owner by phone, else who arranges works, with a paper.
func (t *Till) speaks(ctx context.Context, tx *store.Tx, who access.Who, p Project, at scope.Path, paper string) (way, person string, err error) {
	mine, err := owns(ctx, tx, who.Person, at, today(tx))
	if err != nil {
		return "", "", err
	}
	if mine && paper == "" {
		return "phone", who.Person, nil
	}
	if who.May(Arrange, p.Path) != nil {
		return "", "", ErrNotYours
	}
	if err := t.may(ctx, tx, who, Arrange, p.Path); err != nil {
		return "", "", err
	}
	if paper == "" {
		return "", "", ErrConsentPaper
	}
	return "paper", "", t.keepPaper(ctx, tx, who, paper, p.Ref(), p.Path)
}

// partOf finds a part of the range, or one that the works use.
func (t *Till) partOf(ctx context.Context, q store.Queryer, p Project, id string) (HomePart, error) {
	parts, err := t.partsIn(ctx, q, p.Path, nil, true)
	if err != nil {
		return HomePart{}, err
	}
	for _, x := range parts {
		if x.ID != id {
			continue
		}
		in := len(p.Range.Paths) == 0 || slices.ContainsFunc(p.Range.Paths, func(at scope.Path) bool { return at.Covers(x.Path) })
		if in || slices.Contains(p.Touched, id) {
			return x, nil
		}
	}
	return HomePart{}, ErrOutside
}

// Consent writes down what a home says of the initiative; the last word counts.
func (t *Till) Consent(ctx context.Context, who access.Who, id string, w Word) (Project, error) {
	return t.projectStep(ctx, who, id, 0, Look, "project_consent", "", []string{ProjectInitiative}, func(tx *store.Tx, p *Project) error {
		return t.keepWord(ctx, tx, who, *p, "", w)
	})
}

// keepWord keeps what a home says of the initiative, or of the change order that it is about.
func (t *Till) keepWord(ctx context.Context, tx *store.Tx, who access.Who, p Project, about string, w Word) error {
	if !slices.Contains([]string{"agree", "against", "abstain"}, w.Choice) {
		return ErrConsentChoice
	}
	x, err := t.partOf(ctx, tx, p, w.Part)
	if err != nil {
		return err
	}
	way, person, err := t.speaks(ctx, tx, who, p, x.Path, w.Paper)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `insert into money_project_consent (id, project, part, choice, way, person, paper, by_person, at, about) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		tx.NewID(), p.ID, x.ID, w.Choice, way, person, w.Paper, who.Person, int64(tx.Now), about)
	return err
}

// Said is what a home last said.
type Said struct {
	Part   string      `json:"part"`
	Label  string      `json:"label"`
	Choice string      `json:"choice"`
	Way    string      `json:"way" enum:"phone,paper"`
	Paper  string      `json:"paper,omitempty"`
	At     day.Instant `json:"at"`
}

func said(ctx context.Context, q store.Queryer, project, about string) (map[string]Said, error) {
	list, err := store.All(ctx, q, func(r *sql.Rows) (s Said, err error) {
		err = r.Scan(&s.Part, &s.Choice, &s.Way, &s.Paper, &s.At)
		return s, err
	}, `select part, choice, way, paper, at from money_project_consent where project = $1 and about = $2 order by id`, project, about)
	out := map[string]Said{}
	for _, s := range list {
		out[s.Part] = s
	}
	return out, err
}

// countConsents counts the consents to the initiative, or to a change order, within the range by the law of item 7, with the owners
// whose own part is used (R45).
func (t *Till) countConsents(ctx context.Context, q store.Queryer, p Project, about string) (tally.Result, error) {
	r, _, err := t.on.Hall.Today(ctx, q, p.Path)
	if err != nil {
		return tally.Result{}, err
	}
	words, err := said(ctx, q, p.ID, about)
	if err != nil {
		return tally.Result{}, err
	}
	rights := r.Electorate(roll.Scope{Paths: p.Range.Paths})
	inRange := map[int]bool{}
	for _, x := range rights {
		inRange[x.No] = true
	}
	kind := ""
	if p.Kind == "lift" {
		kind = tally.Lift
	}
	params := tally.Params{Rule: tally.Special, Kind: kind, CountParking: true}
	choices := map[int]tally.Choice{}
	for _, x := range r.Rights {
		if !inRange[x.No] {
			continue
		}
		var last Said
		for _, place := range x.Places {
			if s, ok := words[place.ID]; ok && s.At >= last.At {
				last = s
			}
			if slices.Contains(p.Touched, place.ID) {
				params.Touched = append(params.Touched, x.No)
			}
		}
		if last.Choice != "" {
			choices[x.No] = tally.Choice(last.Choice)
		}
	}
	slices.Sort(params.Touched)
	params.Touched = slices.Compact(params.Touched)
	return tally.Decide(params, rights, choices)
}

// touchedOutside are the parts that the works use and that no right of the range holds: their owners' consent stands beside
// the count.
func (t *Till) touchedAgree(ctx context.Context, q store.Queryer, p Project, counted []string) error {
	words, err := said(ctx, q, p.ID, "")
	if err != nil {
		return err
	}
	for _, id := range p.Touched {
		if slices.Contains(counted, id) || words[id].Choice == "agree" {
			continue
		}
		n, err := t.on.Map.Get(ctx, q, id)
		if err != nil {
			return err
		}
		return ErrTouchedOwner.Fill("label", n.Label)
	}
	return nil
}

// DecideProject closes the asking: by the consents written down, or by a final resolution of item 7 of the same range.
func (t *Till) DecideProject(ctx context.Context, who access.Who, id string, version int64, meeting string, matter int64) (Project, error) {
	return t.projectStep(ctx, who, id, version, Arrange, "project_decide", "", []string{ProjectInitiative}, func(tx *store.Tx, p *Project) error {
		var counted []string
		if meeting != "" {
			r, err := t.passedMatter(ctx, tx, p.Path, meeting, matter, 7)
			if err != nil {
				return err
			}
			if r.Scope.Kind != p.Range.Kind || (Range{Paths: r.Scope.Paths}).words() != p.Range.words() {
				return ErrOtherRange
			}
			p.Decision, counted = decisionOf(r), r.Touched
		} else {
			res, err := t.countConsents(ctx, tx, *p, "")
			if err != nil {
				return err
			}
			if p.Steps = res.Steps; !res.Passed {
				return ErrConsent
			}
			p.Decision = p.Ref() + "/consents"
		}
		p.State = ProjectConsented
		return t.touchedAgree(ctx, tx, *p, counted)
	})
}

// check refuses a plan that cannot be carried out.
func (m Method) check() error {
	switch m.By {
	case "floor":
		if (m.Table == "") == (len(m.Coefs) == 0) {
			return ErrMethod
		}
		if m.Table != "" && !slices.ContainsFunc(share.Lifts(), func(l share.Lift) bool { return l.Name == m.Table }) {
			return ErrMethod
		}
		for _, c := range m.Coefs {
			if c.D <= 0 || c.N < 0 || c.N > 10000 || c.D > 10000 {
				return ErrMethod
			}
		}
	case "area", "home":
		if m.Table != "" || len(m.Coefs) > 0 {
			return ErrMethod
		}
	default:
		return ErrMethod
	}
	return nil
}

// PlanProject writes the plan, or writes it anew while no quote is chosen.
func (t *Till) PlanProject(ctx context.Context, who access.Who, id string, version int64, plan Plan) (Project, error) {
	return t.projectStep(ctx, who, id, version, Arrange, "project_plan", "", []string{ProjectConsented, ProjectPlanned}, func(tx *store.Tx, p *Project) error {
		plan.Text = strings.TrimSpace(plan.Text)
		if plan.Text == "" {
			return ErrWords
		}
		if err := plan.Method.check(); err != nil {
			return err
		}
		if len(plan.Stages) == 0 {
			return ErrStages
		}
		for _, s := range plan.Stages {
			if strings.TrimSpace(s.Title) == "" || s.Parts < 1 || s.Parts > 1000 {
				return ErrStages
			}
		}
		if plan.Contingency < 0 {
			rule, _, _, err := t.rules(ctx, tx, p.Path, today(tx))
			if err != nil {
				return err
			}
			return ErrContingency.Fill("n", rule.ContingencyN, "d", rule.ContingencyD)
		}
		for _, x := range plan.Extras {
			if strings.TrimSpace(x.Title) == "" || x.Amount <= 0 {
				return ErrAmount.At("extras")
			}
		}
		if err := t.floorsKnown(ctx, tx, *p, plan.Method); err != nil {
			return err
		}
		papers, err := t.keepPapers(ctx, tx, who, p.Ref(), p.Path, nil, plan.Papers)
		if err != nil {
			return err
		}
		plan.Papers = papers
		p.Plan, p.State = &plan, ProjectPlanned
		return nil
	})
}

func (t *Till) floorsKnown(ctx context.Context, q store.Queryer, p Project, m Method) error {
	parts, err := t.partsIn(ctx, q, p.Path, p.Range.Paths, false)
	if err != nil || m.By != "floor" {
		return err
	}
	var missing []string
	for _, x := range parts {
		if projectFloor(x, m) < 1 {
			missing = append(missing, x.Label)
		}
	}
	if len(missing) > 0 {
		return ErrFloors.Fill("labels", strings.Join(missing, "、"))
	}
	return nil
}

func projectFloor(p HomePart, m Method) int {
	if f, ok := m.Floors[p.ID]; ok {
		return f
	}
	return p.Floor
}

// Bid is a quote for the works.
type Bid struct {
	ID     string      `json:"id"`
	Party  string      `json:"party"`
	Org    string      `json:"org,omitempty"`
	Text   string      `json:"text,omitempty"`
	Amount yuan.Amount `json:"amount"`
	Paper  string      `json:"paper"`
	At     day.Instant `json:"at"`
}

// NewBid is a quote as it was handed in.
type NewBid struct {
	Party  string      `json:"party" maxLength:"100"`
	Org    string      `json:"org,omitempty" maxLength:"40"`
	Text   string      `json:"text,omitempty" maxLength:"2000"`
	Amount yuan.Amount `json:"amount"`
	Paper  string      `json:"paper" maxLength:"40"`
}

func bids(ctx context.Context, q store.Queryer, project string) ([]Bid, error) {
	out, err := store.All(ctx, q, func(r *sql.Rows) (b Bid, err error) {
		var amount int64
		err = r.Scan(&b.ID, &b.Party, &b.Org, &b.Text, &amount, &b.Paper, &b.At)
		b.Amount = yuan.Amount(amount)
		return b, err
	}, `select id, party, org, words, amount, paper, at from money_project_quote where project = $1 order by amount, id`, project)
	if out == nil {
		out = []Bid{}
	}
	return out, err
}

// BidProject keeps a quote; one of a party.
func (t *Till) BidProject(ctx context.Context, who access.Who, id string, in NewBid) (Project, error) {
	return t.projectStep(ctx, who, id, 0, Arrange, "project_quote", "", []string{ProjectPlanned}, func(tx *store.Tx, p *Project) error {
		in.Party = strings.TrimSpace(in.Party)
		if in.Party == "" || in.Paper == "" {
			return ErrBid
		}
		if in.Amount <= 0 {
			return ErrAmount
		}
		had, err := bids(ctx, tx, p.ID)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(had, func(b Bid) bool { return b.Party == in.Party }) {
			return ErrBid
		}
		if err := t.keepPaper(ctx, tx, who, in.Paper, p.Ref(), p.Path); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `insert into money_project_quote (id, project, party, org, words, amount, paper, by_person, at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
			tx.NewID(), p.ID, in.Party, in.Org, in.Text, int64(in.Amount), in.Paper, who.Person, int64(tx.Now))
		return err
	})
}

// ChooseQuote takes a quote, with the reason, from as many as the pack asks for above its limit. The shares of all homes are
// fixed and the homes are asked to pledge.
func (t *Till) ChooseQuote(ctx context.Context, who access.Who, id string, version int64, quote, reason string) (Project, error) {
	return t.projectStep(ctx, who, id, version, Arrange, "project_choose", reason, []string{ProjectPlanned}, func(tx *store.Tx, p *Project) error {
		reason = strings.TrimSpace(reason)
		if reason == "" {
			return ErrReason
		}
		list, err := bids(ctx, tx, p.ID)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(list, func(b Bid) bool { return b.ID == quote })
		if i < 0 {
			return ErrBid
		}
		rule, _, _, err := t.rules(ctx, tx, p.Path, today(tx))
		if err != nil {
			return err
		}
		if int64(list[i].Amount) > rule.QuotesFrom && len(list) < rule.Quotes {
			return ErrBidCount.Fill("n", rule.Quotes)
		}
		if reserve := p.Plan.Contingency; reserve > 0 && (rule.ContingencyD <= 0 || int64(reserve)*rule.ContingencyD > int64(list[i].Amount)*rule.ContingencyN) {
			return ErrContingency.Fill("n", rule.ContingencyN, "d", rule.ContingencyD)
		}
		p.Cost, p.Quote, p.Reason = list[i].Amount, quote, reason
		for _, x := range p.Plan.Extras {
			if p.Cost, err = yuan.Sum(p.Cost, x.Amount); err != nil {
				return ErrAmount.Because(err)
			}
		}
		works := p.Cost // what the milestones cost; the contingency waits beside them
		if p.Cost, err = yuan.Sum(p.Cost, p.Plan.Contingency); err != nil {
			return ErrAmount.Because(err)
		}
		if p.Subsidy > p.Cost {
			return ErrSubsidySum
		}
		p.State = ProjectPledging
		parts, err := t.partsIn(ctx, tx, p.Path, p.Range.Paths, false)
		if err != nil {
			return err
		}
		rows := make([][]any, len(parts))
		for i, x := range parts {
			rows[i] = []any{p.ID, i + 1, x.ID, string(x.Path), x.Label, projectFloor(x, p.Plan.Method), int64(x.Area), x.Unsold, 0, "{}", homeAsked, "", "", "", "", 0, "", 0, 0, false, 0}
		}
		if _, err := store.Fill(ctx, tx, `insert into money_project_home (project, no, part, path, label, floor, area, unsold, amount, step, state, why, way, person, paper, said_at, bill, paid, back, late, interest) values `, ``, rows); err != nil {
			return err
		}
		weights := make([]int64, len(p.Plan.Stages))
		for i, s := range p.Plan.Stages {
			weights[i] = s.Parts
		}
		amounts, err := yuan.Split(works, weights)
		if err != nil {
			return ErrStages.Because(err)
		}
		for i, s := range p.Plan.Stages {
			if _, err := tx.Exec(ctx, `insert into money_project_stage (project, no, title, parts, amount, final, state, words, papers, reported, done_on, accepted, note, payment, payee) values ($1, $2, $3, $4, $5, 0, 'open', '', '[]', '', '', '', '', '', '')`,
				p.ID, i+1, s.Title, s.Parts, int64(amounts[i])); err != nil {
				return err
			}
		}
		return t.reshare(ctx, tx, *p)
	})
}

// States of a home in a shared work.
const (
	homeAsked   = "asked"   // 待认缴
	homePledged = "pledged" // 已认缴
	homeRefused = "refused" // 不参加
	homePaid    = "paid"    // 已缴清
)

// ProjectHome is a home's share of a shared work, and why.
type ProjectHome struct {
	No       int         `json:"no"`
	Part     string      `json:"part"`
	Path     scope.Path  `json:"path"`
	Label    string      `json:"label"`
	Floor    int         `json:"floor,omitempty"`
	Area     area.Area   `json:"area"`
	Unsold   bool        `json:"unsold,omitempty"`
	Amount   yuan.Amount `json:"amount"`
	Step     tally.Step  `json:"step"`
	State    string      `json:"state" enum:"asked,pledged,refused,paid"`
	Why      string      `json:"why,omitempty"`
	Bill     string      `json:"bill,omitempty"`
	Paid     yuan.Amount `json:"paid"`
	Waived   yuan.Amount `json:"waived,omitempty" doc:"of the bill: another fund bore it by a decision, and paid it in"`
	Back     yuan.Amount `json:"back" doc:"returned: surplus, and what late joiners paid"`
	Late     bool        `json:"late,omitempty"`
	Interest yuan.Amount `json:"interest" doc:"of a late joiner, within the amount"`
	Extra    yuan.Amount `json:"extra,omitempty" doc:"what change orders added, within the amount"`
	passed   yuan.Amount // of a late joiner's, to those who paid before
}

func projectHomes(ctx context.Context, q store.Queryer, cond string, args ...any) ([]ProjectHome, error) {
	out, err := store.All(ctx, q, func(r *sql.Rows) (h ProjectHome, err error) {
		var step string
		var amount, paid, waived, back, interest, space int64
		if err = r.Scan(&h.No, &h.Part, &h.Path, &h.Label, &h.Floor, &space, &h.Unsold, &amount, &step, &h.State, &h.Why, &h.Bill, &paid, &waived, &back, &h.Late, &interest, &h.Extra, &h.passed); err != nil {
			return h, err
		}
		h.Area, h.Amount, h.Paid, h.Waived, h.Back, h.Interest = area.Area(space), yuan.Amount(amount), yuan.Amount(paid), yuan.Amount(waived), yuan.Amount(back), yuan.Amount(interest)
		return h, json.Unmarshal([]byte(step), &h.Step)
	}, `select no, part, path, label, floor, area, unsold, amount, step, state, why, bill, paid, waived, back, late, interest, extra, passed from money_project_home where `+cond+` order by project, no`, args...)
	if out == nil {
		out = []ProjectHome{}
	}
	return out, err
}

// shareOut shares cost less subsidy among homes by the plan's method; each part carries why.
func shareOut(m Method, cost, subsidy yuan.Amount, homes []ProjectHome) ([]ProjectHome, []tally.Step, error) {
	out := slices.Clone(homes)
	if m.By == "floor" {
		lift := share.Lift{Coefs: m.Coefs, ByArea: m.ByArea}
		for _, l := range share.Lifts() {
			if l.Name == m.Table {
				lift = l
			}
		}
		list := make([]share.Home, len(homes))
		for i, h := range homes {
			list[i] = share.Home{No: h.No, Floor: h.Floor, Area: h.Area}
		}
		parts, steps, err := lift.Cost(cost, subsidy, list)
		if err != nil {
			return nil, nil, err
		}
		for _, p := range parts {
			i := slices.IndexFunc(out, func(h ProjectHome) bool { return h.No == p.No })
			out[i].Amount, out[i].Step = p.Amount, p.Step
		}
		return out, steps, nil
	}
	if subsidy > cost || cost < 0 || subsidy < 0 {
		return nil, nil, ErrSubsidySum
	}
	weights, sum := make([]int64, len(out)), int64(0)
	for i, h := range out {
		weights[i] = 1
		if m.By == "area" {
			weights[i] = int64(h.Area)
		}
		sum += weights[i]
	}
	left := cost - subsidy
	amounts, err := yuan.Split(left, weights)
	if err != nil {
		return nil, nil, ErrNoShares.Because(err)
	}
	var total yuan.Amount
	for i := range out {
		out[i].Amount = amounts[i]
		total += amounts[i]
		out[i].Step = tally.Step{Rule: "R46", Zh: "每户一份", En: "each home one part", Left: left.String() + "×1/" + strconv.FormatInt(sum, 10), Rel: "=", Right: amounts[i].String(), Holds: true}
		if m.By == "area" {
			out[i].Step.Zh, out[i].Step.En, out[i].Step.Left = "按专有面积 "+out[i].Area.String()+" 平方米", "by exclusive area, "+out[i].Area.String()+" m²", left.String()+"×"+out[i].Area.String()+"/"+area.Area(sum).String()
		}
	}
	return out, []tally.Step{
		{Rule: "R46", Zh: "费用减补助", En: "cost less subsidy", Left: cost.String() + "−" + subsidy.String(), Rel: "=", Right: left.String(), Holds: true},
		{Rule: "R46", Zh: "各户之和等于应分摊额", En: "what the homes pay adds up", Left: total.String(), Rel: "=", Right: left.String(), Holds: total == left},
	}, nil
}

// reshare counts the shares of those who take part anew. Whoever pledged another sum has to be asked again.
func (t *Till) reshare(ctx context.Context, tx *store.Tx, p Project) error {
	all, err := projectHomes(ctx, tx, `project = $1`, p.ID)
	if err != nil {
		return err
	}
	var in []ProjectHome
	for _, h := range all {
		if h.State != homeRefused {
			in = append(in, h)
		}
	}
	counted, _, err := shareOut(p.Plan.Method, p.Cost, p.Subsidy, in)
	if err != nil {
		return err
	}
	for i, h := range counted {
		state := h.State
		if h.Amount != in[i].Amount {
			state = homeAsked
		}
		if _, err := tx.Exec(ctx, `update money_project_home set amount = $1, step = $2, state = $3 where project = $4 and part = $5`, int64(h.Amount), text(h.Step), state, p.ID, h.Part); err != nil {
			return err
		}
		if h.Amount != in[i].Amount && !h.Unsold {
			if err := t.tellOwners(ctx, tx, h.Path, p.Ref(), "共有工程分摊", "Your share of shared works", p.Title+"："+h.Label+" 应分摊 "+h.Amount.String()+" 元（"+h.Step.Zh+"）。", p.Title+": "+h.Label+" pays "+h.Amount.String()+" yuan ("+h.Step.En+")."); err != nil {
				return err
			}
		}
	}
	for _, h := range all {
		if h.State == homeRefused && h.Amount != 0 {
			if _, err := tx.Exec(ctx, `update money_project_home set amount = 0 where project = $1 and part = $2`, p.ID, h.Part); err != nil {
				return err
			}
		}
	}
	return nil
}
