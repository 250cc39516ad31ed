// Package course holds the dates of a meeting of the owners' assembly to the law, and makes the earliest lawful timetable.
//
// Notice is given at least fifteen days before voting opens (R09); the day of notice and the day of opening both stay
// outside the fifteen, which is safe under every reading of "fifteen days before" (a parameter). Drafts are posted as long
// before (R17), candidates' lists too (R29). A posting period for objections (R74, R75) does not count its first day and,
// where its last day is a day off, ends on the next working day (Civil Code 201, 203; R53). Days before an event are civil
// days.
package course

import (
	"fmt"

	"cuobian/basis/day"
)

// Params are the lengths in force.
type Params struct {
	NoticeDays      int // R09: 15
	RollDays        int // R74: 7
	ResultDays      int // R75: 7
	DraftDays       int // R17: 15; 0 where nothing is drafted
	ProvisionalDays int // R29: 15; only of elections
	FinalDays       int // R29: 7
	Election        bool
	// OneEnd counts days before an event with only one of the two ends outside: fifteen days before 30 June is 15 June,
	// not 14 June.
	OneEnd bool
}

// Preset is what rules R09, R17, R29, R74 and R75 say.
func Preset() Params {
	return Params{NoticeDays: 15, RollDays: 7, ResultDays: 7, DraftDays: 15, ProvisionalDays: 15, FinalDays: 7}
}

// Plan is a timetable. "No day" is not planned: allowed for Drafts where Params has no DraftDays, and for the lists of
// candidates where there is no election.
type Plan struct {
	DraftsOn         day.Day `json:"drafts_on"`
	RollOn           day.Day `json:"roll_on"`
	RollUntil        day.Day `json:"roll_until"` // last day of objections
	ProvisionalOn    day.Day `json:"provisional_on"`
	FinalListOn      day.Day `json:"final_list_on"`
	NoticeOn         day.Day `json:"notice_on"`
	OpensOn          day.Day `json:"opens_on"`
	ClosesOn         day.Day `json:"closes_on"` // last day of voting, until 24:00
	PreliminaryOn    day.Day `json:"preliminary_on"`
	PreliminaryUntil day.Day `json:"preliminary_until"` // last day of objections
	FinalOn          day.Day `json:"final_on"`
}

// Violation is one date that the rules forbid.
type Violation struct {
	Rule     string  `json:"rule"`
	Field    string  `json:"field"` // as in Plan's JSON
	Zh       string  `json:"zh"`
	En       string  `json:"en"`
	Earliest day.Day `json:"earliest"` // first lawful day for the field, the days before it being as planned; none where it cannot be told
}

// Opening is the earliest day of opening after something that must be out n days before.
func (p Params) Opening(out day.Day, n int) day.Day {
	if p.OneEnd {
		return out.Add(n)
	}
	return out.Add(n + 1)
}

// until is the last day of a posting period of n days that begins on d. Without a calendar it is not moved past days off.
func until(c *day.Calendar, d day.Day, n int) day.Day {
	if c == nil {
		return d.Add(n)
	}
	last, _ := c.AddDays(d, n)
	return last
}

// Check gives every violation, in the order of the plan. c may be nil.
func Check(p Params, c *day.Calendar, plan Plan) []Violation {
	out := []Violation{}
	say := func(rule, field string, earliest day.Day, zh, en string) {
		out = append(out, Violation{rule, field, zh, en, earliest})
	}
	missing := func(rule, field string, d day.Day, zh, en string) bool {
		if d.Sound() {
			return false
		}
		say(rule, field, 0, "缺少"+zh, en+" is missing")
		return true
	}
	before := func(rule, field string, out day.Day, n int, zh, en string) {
		if !out.Sound() || !plan.OpensOn.Sound() {
			return
		}
		if first := p.Opening(out, n); plan.OpensOn < first {
			say(rule, "opens_on", first,
				fmt.Sprintf("%s应在表决开始前满 %d 日：%s 起，最早 %s 开始表决", zh, n, out, first),
				fmt.Sprintf("%s must be out %d days before voting opens: from %s, voting opens on %s at the earliest", en, n, out, first))
		}
	}
	if p.DraftDays > 0 && !missing("R17", "drafts_on", plan.DraftsOn, "草案公示日", "the day on which drafts are posted") {
		before("R17", "drafts_on", plan.DraftsOn, p.DraftDays, "草案", "drafts")
	}
	if !missing("R74", "roll_on", plan.RollOn, "名册公示日", "the day on which the roll is posted") && !missing("R74", "roll_until", plan.RollUntil, "名册异议截止日", "the last day of objections to the roll") {
		if last := until(c, plan.RollOn, p.RollDays); plan.RollUntil < last {
			say("R74", "roll_until", last,
				fmt.Sprintf("名册公示不少于 %d 日（截止日逢休息日顺延），最早截止于 %s", p.RollDays, last),
				fmt.Sprintf("the roll is posted for at least %d days (a last day off moves to the next working day): until %s at the earliest", p.RollDays, last))
		}
		if plan.OpensOn.Sound() && plan.OpensOn <= plan.RollUntil {
			say("R74", "opens_on", plan.RollUntil.Add(1), "名册异议期未满，不得开始表决", "voting must not open before objections to the roll have ended")
		}
	}
	if p.Election {
		ok := !missing("R29", "provisional_on", plan.ProvisionalOn, "候选人初步名单公布日", "the day of the provisional list of candidates")
		if ok {
			before("R29", "provisional_on", plan.ProvisionalOn, p.ProvisionalDays, "候选人初步名单", "the provisional list of candidates")
		}
		if !missing("R29", "final_list_on", plan.FinalListOn, "候选人正式名单公布日", "the day of the final list of candidates") {
			before("R29", "final_list_on", plan.FinalListOn, p.FinalDays, "候选人正式名单", "the final list of candidates")
			if ok && plan.FinalListOn < plan.ProvisionalOn {
				say("R29", "final_list_on", plan.ProvisionalOn, "正式名单不得早于初步名单", "the final list must not come before the provisional one")
			}
		}
	}
	if !missing("R09", "notice_on", plan.NoticeOn, "通知日", "the day of notice") {
		if plan.RollOn.Sound() && plan.NoticeOn < plan.RollOn {
			say("R74", "notice_on", plan.RollOn, "名册公示之后才能发出通知", "notice comes after the roll is posted")
		}
		before("R09", "notice_on", plan.NoticeOn, p.NoticeDays, "会议通知", "notice")
	}
	opens := !missing("R09", "opens_on", plan.OpensOn, "表决开始日", "the day on which voting opens")
	closes := !missing("R01", "closes_on", plan.ClosesOn, "表决截止日", "the last day of voting")
	if opens && closes && plan.ClosesOn < plan.OpensOn {
		say("R01", "closes_on", plan.OpensOn, "表决截止不得早于开始", "voting must not close before it opens")
	}
	posted := !missing("R75", "preliminary_on", plan.PreliminaryOn, "初步结果公示日", "the day on which the preliminary result is posted")
	if posted && closes && plan.PreliminaryOn <= plan.ClosesOn {
		say("R75", "preliminary_on", plan.ClosesOn.Add(1), "表决截止（当日 24 时）之后才能公示初步结果", "the preliminary result is posted after voting has closed (24:00 of its last day)")
	}
	ends := !missing("R75", "preliminary_until", plan.PreliminaryUntil, "结果异议截止日", "the last day of objections to the result")
	if posted && ends {
		if last := until(c, plan.PreliminaryOn, p.ResultDays); plan.PreliminaryUntil < last {
			say("R75", "preliminary_until", last,
				fmt.Sprintf("初步结果公示不少于 %d 日（截止日逢休息日顺延），最早截止于 %s", p.ResultDays, last),
				fmt.Sprintf("the preliminary result is posted for at least %d days (a last day off moves to the next working day): until %s at the earliest", p.ResultDays, last))
		}
	}
	if !missing("R75", "final_on", plan.FinalOn, "正式结果公布日", "the day of the final result") && ends && plan.FinalOn <= plan.PreliminaryUntil {
		say("R75", "final_on", plan.PreliminaryUntil.Add(1), "结果异议期满后才能公布正式结果", "the final result comes after objections to the preliminary one have ended")
	}
	return out
}

// Reason says where a date of a timetable comes from.
type Reason struct {
	Field string  `json:"field"`
	Day   day.Day `json:"day"`
	Rule  string  `json:"rule"`
	Zh    string  `json:"zh"`
	En    string  `json:"en"`
}

// Earliest is the earliest lawful timetable that begins on start, with voting over so many days (at least one), and the
// reason of each date. It has no violations.
func Earliest(p Params, c *day.Calendar, start day.Day, voting int) (Plan, []Reason) {
	plan := Plan{RollOn: start, NoticeOn: start, RollUntil: until(c, start, p.RollDays)}
	plan.OpensOn = max(p.Opening(start, p.NoticeDays), plan.RollUntil.Add(1))
	var why []Reason
	add := func(field string, d day.Day, rule, zh, en string) { why = append(why, Reason{field, d, rule, zh, en}) }
	if p.DraftDays > 0 {
		plan.DraftsOn = start
		plan.OpensOn = max(plan.OpensOn, p.Opening(start, p.DraftDays))
		add("drafts_on", start, "R17", fmt.Sprintf("草案在表决开始前公示满 %d 日", p.DraftDays), fmt.Sprintf("drafts are posted %d days before voting opens", p.DraftDays))
	}
	add("roll_on", start, "R74", "名册定稿并公示", "the roll is frozen and posted")
	add("roll_until", plan.RollUntil, "R74", fmt.Sprintf("名册公示 %d 日，首日不计，截止日逢休息日顺延", p.RollDays), fmt.Sprintf("the roll is posted for %d days, the first not counted, a last day off moves on", p.RollDays))
	if p.Election {
		plan.ProvisionalOn = start
		plan.OpensOn = max(plan.OpensOn, p.Opening(start, p.ProvisionalDays), p.Opening(start, p.FinalDays))
		plan.FinalListOn = plan.OpensOn.Add(-p.Opening(start, p.FinalDays).Sub(start)) // the last day that is early enough
		add("provisional_on", start, "R29", fmt.Sprintf("候选人初步名单在表决开始前满 %d 日公布", p.ProvisionalDays), fmt.Sprintf("the provisional list of candidates is out %d days before voting opens", p.ProvisionalDays))
		add("final_list_on", plan.FinalListOn, "R29", fmt.Sprintf("候选人正式名单在表决开始前满 %d 日公布", p.FinalDays), fmt.Sprintf("the final list of candidates is out %d days before voting opens", p.FinalDays))
	}
	zh, en := "通知日和开始日均不计入", "neither the day of notice nor that of opening counts"
	if p.OneEnd {
		zh, en = "通知日不计入", "the day of notice does not count"
	}
	add("notice_on", start, "R09", "通知全体业主并告知居民委员会", "all owners are given notice, the residents' committee is told")
	add("opens_on", plan.OpensOn, "R09", fmt.Sprintf("通知后满 %d 日，%s", p.NoticeDays, zh), fmt.Sprintf("%d days after notice; %s", p.NoticeDays, en))
	plan.ClosesOn = plan.OpensOn.Add(max(voting, 1) - 1)
	plan.PreliminaryOn = plan.ClosesOn.Add(1)
	plan.PreliminaryUntil = until(c, plan.PreliminaryOn, p.ResultDays)
	plan.FinalOn = plan.PreliminaryUntil.Add(1)
	add("closes_on", plan.ClosesOn, "R01", "表决截止于当日 24 时", "voting closes at 24:00 of this day")
	add("preliminary_on", plan.PreliminaryOn, "R75", "计票并公示初步结果", "the count is made and the preliminary result posted")
	add("preliminary_until", plan.PreliminaryUntil, "R75", fmt.Sprintf("初步结果公示 %d 日，首日不计，截止日逢休息日顺延", p.ResultDays), fmt.Sprintf("the preliminary result is posted for %d days, the first not counted, a last day off moves on", p.ResultDays))
	add("final_on", plan.FinalOn, "R75", "异议期满，公布正式结果", "objections have ended, the final result is posted")
	return plan, why
}
