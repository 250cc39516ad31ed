package assembly

import (
	"context"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/platform/access"
	"cuobian/platform/rules"
	"cuobian/platform/store"
	"cuobian/rooms/assembly/course"
)

// Plan is a timetable; days left out are filled in as early as the law allows.
type Plan struct {
	DraftsOn      day.Day `json:"drafts_on,omitempty"`
	RollOn        day.Day `json:"roll_on,omitempty"`
	RollUntil     day.Day `json:"roll_until,omitempty"`
	ProvisionalOn day.Day `json:"provisional_on,omitempty"`
	ListOn        day.Day `json:"final_list_on,omitempty"`
	NoticeOn      day.Day `json:"notice_on,omitempty"`
	OpensOn       day.Day `json:"opens_on,omitempty"`
	ClosesOn      day.Day `json:"closes_on,omitempty" doc:"last day of voting, until 24:00"`
	PrelimOn      day.Day `json:"preliminary_on,omitempty"`
	PrelimUntil   day.Day `json:"preliminary_until,omitempty"`
	FinalOn       day.Day `json:"final_on,omitempty"`
}

// votingDays is how long voting is planned for where nobody says.
const votingDays = 7

// Faults of a timetable. Each names its fields with the rule as code and the earliest lawful day.
var (
	ErrTooEarly  = fault.New(fault.Invalid, "assembly.too_early", "{why}", "{why_en}")
	ErrTimetable = fault.New(fault.Invalid, "assembly.timetable", "{why}", "{why_en}")
)

func (p Plan) course() course.Plan {
	return course.Plan{DraftsOn: p.DraftsOn, RollOn: p.RollOn, RollUntil: p.RollUntil, ProvisionalOn: p.ProvisionalOn, FinalListOn: p.ListOn, NoticeOn: p.NoticeOn,
		OpensOn: p.OpensOn, ClosesOn: p.ClosesOn, PreliminaryOn: p.PrelimOn, PreliminaryUntil: p.PrelimUntil, FinalOn: p.FinalOn}
}

func planOf(p course.Plan) Plan {
	return Plan{DraftsOn: p.DraftsOn, RollOn: p.RollOn, RollUntil: p.RollUntil, ProvisionalOn: p.ProvisionalOn, ListOn: p.FinalListOn, NoticeOn: p.NoticeOn,
		OpensOn: p.OpensOn, ClosesOn: p.ClosesOn, PrelimOn: p.PreliminaryOn, PrelimUntil: p.PreliminaryUntil, FinalOn: p.FinalOn}
}

// Plan is the meeting's timetable.
func (m Meeting) Plan() Plan {
	p := Plan{DraftsOn: m.DraftsOn, RollOn: m.RollOn, RollUntil: m.RollUntil, ProvisionalOn: m.ProvisionalOn, ListOn: m.ListOn, NoticeOn: m.NoticeOn,
		PrelimOn: m.PrelimOn, PrelimUntil: m.PrelimUntil, FinalOn: m.FinalOn}
	if m.Opens != 0 {
		p.OpensOn = m.Opens.Day(day.Shanghai)
	}
	if m.Closes != 0 {
		p.ClosesOn = (m.Closes - 1).Day(day.Shanghai)
	}
	return p
}

func (m *Meeting) plan(p Plan) {
	m.DraftsOn, m.RollOn, m.RollUntil, m.ProvisionalOn, m.ListOn, m.NoticeOn = p.DraftsOn, p.RollOn, p.RollUntil, p.ProvisionalOn, p.ListOn, p.NoticeOn
	m.PrelimOn, m.PrelimUntil, m.FinalOn = p.PrelimOn, p.PrelimUntil, p.FinalOn
	m.Opens, m.Closes = p.OpensOn.Start(day.Shanghai), p.ClosesOn.Add(1).Start(day.Shanghai)
}

// lengths are the periods of a meeting's kind.
func (h *Hall) lengths(ctx context.Context, q store.Queryer, p rules.Meetings, m Meeting) (course.Params, error) {
	out := course.Params{NoticeDays: p.NoticeDays, RollDays: p.RollDays, ResultDays: p.ResultDays, ProvisionalDays: p.ProvisionalDays, FinalDays: p.FinalDays,
		Election: m.Nominates()}
	if m.Purpose == "first" {
		c, _, err := rules.Params[rules.Committees](ctx, h.on.Rules, q, rules.Committee, m.Path, h.db.Now().Day(day.Shanghai))
		if err != nil {
			return out, err
		}
		out.DraftDays = c.DraftsDays
	}
	return out, nil
}

// fill completes a plan with the earliest days that fit what is given.
func fill(p course.Params, c *day.Calendar, plan Plan, start day.Day) Plan {
	if !plan.RollOn.Sound() {
		plan.RollOn = start
		if plan.NoticeOn.Sound() && plan.NoticeOn < start {
			plan.RollOn = plan.NoticeOn
		}
	}
	first, _ := course.Earliest(p, c, plan.RollOn, votingDays)
	def := func(d *day.Day, v day.Day) {
		if !d.Sound() {
			*d = v
		}
	}
	def(&plan.RollUntil, first.RollUntil)
	def(&plan.NoticeOn, plan.RollOn)
	if p.DraftDays > 0 {
		def(&plan.DraftsOn, plan.RollOn)
	}
	late, _ := course.Earliest(p, c, max(plan.NoticeOn, plan.RollOn), votingDays)
	opens := max(late.OpensOn, plan.RollUntil.Add(1))
	for _, x := range []struct {
		out  day.Day
		days int
	}{{plan.DraftsOn, p.DraftDays}, {plan.ProvisionalOn, p.ProvisionalDays}, {plan.ListOn, p.FinalDays}} {
		if x.out.Sound() && x.days > 0 {
			opens = max(opens, p.Opening(x.out, x.days))
		}
	}
	def(&plan.OpensOn, opens)
	if p.Election {
		def(&plan.ProvisionalOn, plan.RollOn)
		def(&plan.ListOn, plan.OpensOn.Add(-p.Opening(start, p.FinalDays).Sub(start)))
	}
	def(&plan.ClosesOn, plan.OpensOn.Add(votingDays-1))
	def(&plan.PrelimOn, plan.ClosesOn.Add(1))
	last, _ := c.AddDays(plan.PrelimOn, p.ResultDays)
	def(&plan.PrelimUntil, last)
	def(&plan.FinalOn, plan.PrelimUntil.Add(1))
	return plan
}

// refuse makes one fault of what is wrong with a timetable: assembly.too_early where voting would open too early, else
// assembly.timetable; its fields have the rule as code.
func refuse(wrong []course.Violation) error {
	if len(wrong) == 0 {
		return nil
	}
	f, first := ErrTimetable, wrong[0]
	for _, v := range wrong {
		if v.Field == "opens_on" {
			f, first = ErrTooEarly, v
			break
		}
	}
	f = f.Fill("why", first.Rule+" "+first.Zh, "why_en", first.Rule+": "+first.En)
	for _, v := range wrong {
		f.Fields = append(f.Fields, fault.Field{Name: "plan." + v.Field, Code: v.Rule, Zh: v.Zh, En: v.En})
	}
	return f
}

// setPlan gives a draft its timetable, filled in and lawful.
func (h *Hall) setPlan(ctx context.Context, tx *store.Tx, m *Meeting, plan Plan) error {
	p, c, err := h.rulesOf(ctx, tx, *m)
	if err != nil {
		return err
	}
	l, err := h.lengths(ctx, tx, p, *m)
	if err != nil {
		return err
	}
	if !l.Election {
		plan.ProvisionalOn, plan.ListOn = 0, 0
	}
	if l.DraftDays == 0 {
		plan.DraftsOn = 0
	}
	on := today(tx)
	plan = fill(l, c, plan, on)
	wrong := append(past(plan, on), course.Check(l, c, plan.course())...)
	if err := refuse(wrong); err != nil {
		return err
	}
	m.plan(plan)
	return nil
}

// past finds a plan that begins before today.
func past(plan Plan, on day.Day) []course.Violation {
	if plan.RollOn < on {
		return []course.Violation{{Rule: "R74", Field: "roll_on", Zh: "名册公示日不能早于今天", En: "the roll cannot be posted before today", Earliest: on}}
	}
	return nil
}

// Steps whose own day is today.
const (
	stepRoll   = "roll"
	stepNotice = "notice"
)

// planFor puts today in the place of the planned day of a step, keeps the periods that follow from it, and refuses when
// what was planned after it would no longer be lawful: then the convener plans anew.
func (h *Hall) planFor(ctx context.Context, tx *store.Tx, m *Meeting, step string) error {
	p, c, err := h.rulesOf(ctx, tx, *m)
	if err != nil {
		return err
	}
	l, err := h.lengths(ctx, tx, p, *m)
	if err != nil {
		return err
	}
	plan, on := m.Plan(), today(tx)
	switch step {
	case stepRoll:
		plan.RollOn = on
		last, _ := c.AddDays(on, p.RollDays)
		plan.RollUntil = max(plan.RollUntil, last)
		plan.NoticeOn = max(plan.NoticeOn, on)
		if l.DraftDays > 0 {
			plan.DraftsOn = on // the texts of the matters are posted with the roll
		}
		if l.Election {
			plan.ProvisionalOn = max(plan.ProvisionalOn, on)
		}
	case stepNotice:
		plan.NoticeOn = on
	}
	if err := refuse(course.Check(l, c, plan.course())); err != nil {
		return err
	}
	m.plan(plan)
	return nil
}

// Timetable is a plan with the reason of each date, or with what the law forbids of it.
type Timetable struct {
	Plan       Plan               `json:"plan"`
	Lawful     bool               `json:"lawful"`
	Reasons    []course.Reason    `json:"reasons"`
	Violations []course.Violation `json:"violations"`
	Rules      string             `json:"rules"`
	RulesZh    string             `json:"rules_zh" doc:"what they are called"`
	RulesEn    string             `json:"rules_en"`
}

// Plan makes the earliest lawful timetable of a meeting at a compound from a day on.
func (h *Hall) Plan(ctx context.Context, who access.Who, compound, purpose string, start day.Day, voting int) (t Timetable, err error) {
	l, c, name, err := h.planning(ctx, who, compound, purpose)
	if err != nil {
		return t, err
	}
	if on := h.db.Now().Day(day.Shanghai); start < on {
		start = on
	}
	if voting <= 0 || voting > 366 {
		voting = votingDays
	}
	plan, why := course.Earliest(l, c, start, voting)
	t = Timetable{Plan: planOf(plan), Lawful: true, Reasons: why, Violations: []course.Violation{}, Rules: name}
	t.RulesZh, t.RulesEn = rules.Called(name)
	return t, nil
}

// CheckPlan says what the law forbids of a timetable, days left out filled in.
func (h *Hall) CheckPlan(ctx context.Context, who access.Who, compound, purpose string, plan Plan) (t Timetable, err error) {
	l, c, name, err := h.planning(ctx, who, compound, purpose)
	if err != nil {
		return t, err
	}
	on := h.db.Now().Day(day.Shanghai)
	t.Plan = fill(l, c, plan, on)
	t.Violations = append(past(t.Plan, on), course.Check(l, c, t.Plan.course())...)
	t.Lawful, t.Reasons, t.Rules = len(t.Violations) == 0, []course.Reason{}, name
	t.RulesZh, t.RulesEn = rules.Called(name)
	return t, nil
}

func (h *Hall) planning(ctx context.Context, who access.Who, compound, purpose string) (l course.Params, c *day.Calendar, name string, err error) {
	n, err := h.compound(ctx, h.db, compound)
	if err != nil {
		return l, nil, "", err
	}
	if err := who.May(Look, n.Path); err != nil {
		return l, nil, "", err
	}
	p, c, name, err := h.rules(ctx, h.db, n.Path, h.db.Now().Day(day.Shanghai))
	if err != nil {
		return l, nil, "", err
	}
	if purpose == "" {
		purpose = "decision"
	}
	l, err = h.lengths(ctx, h.db, p, Meeting{Path: n.Path, Purpose: purpose})
	return l, c, name, err
}
