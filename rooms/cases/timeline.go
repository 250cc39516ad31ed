package cases

import (
	"context"
	"fmt"
	"strings"

	"cuobian/basis/day"
	"cuobian/platform/access"
	"cuobian/platform/store"
	"cuobian/rooms/cases/course"
	"cuobian/rooms/cases/words"
)

// Moment is one line of the timeline, in plain words.
type Moment struct {
	At     day.Instant `json:"at"`
	Kind   string      `json:"kind"`
	Zh     string      `json:"zh"`
	En     string      `json:"en"`
	Words  string      `json:"words" doc:"what somebody wrote, masked"`
	By     string      `json:"by" doc:"name of who worked on it; empty in the public timeline and for reporters"`
	PostZh string      `json:"post_zh"`
	PostEn string      `json:"post_en"`
	Public bool        `json:"public"`
	Facts  Facts       `json:"facts"`
}

// Timeline is everything that happened to a matter, oldest first, for those involved. A reporter reads no internal
// remarks.
func (d *Desk) Timeline(ctx context.Context, who access.Who, id string) ([]Moment, error) {
	who = d.live(who)
	if who.Account == "" && !who.System {
		return nil, access.ErrSignIn
	}
	c, err := readRow(ctx, d.db, id)
	if err != nil {
		return nil, err
	}
	if !d.sees(who, c) {
		return nil, access.ErrMissing
	}
	log, err := readEvents(ctx, d.db, id)
	if err != nil {
		return nil, err
	}
	inside := who.System || who.Grant(View, c.Path) != nil || c.worksOn(who)
	out := []Moment{}
	for _, e := range log {
		own := e.Account == who.Account && who.Account != ""
		if !inside && !e.Public && !own {
			continue
		}
		out = append(out, e.moment(!inside))
	}
	return out, nil
}

// publicLine is a moment without names and without free words, for everybody.
func (e event) publicLine() Moment {
	m := e.moment(true)
	m.Words, m.By, m.Facts = "", "", Facts{}
	return m
}

// moment puts an event into words. Plain leaves out names of persons.
func (e event) moment(plain bool) Moment {
	m := Moment{At: e.At, Kind: e.Kind, Words: e.Words, Public: e.Public, Facts: e.Facts}
	if e.Post != "" {
		m.PostZh, m.PostEn = postWord(e.Post)
	}
	if !plain {
		m.By = e.Name
	} else {
		m.Facts.Person, m.Facts.Name, m.Facts.Add, m.Facts.Remove = "", "", nil, nil
	}
	m.Zh, m.En = e.sentence(plain)
	return m
}

var resultWords = map[string][2]string{
	Satisfied: {"满意", "satisfied"}, Partly: {"基本满意", "partly satisfied"}, Dissatisfied: {"不满意", "dissatisfied"},
	Unreachable: {"三次未联系上", "not reached in three tries"}, "settled": {"达成一致", "agreed"}, "unsettled": {"未达成一致", "not agreed"},
	"upheld": {"异议成立", "upheld"}, "rejected": {"异议不成立", "rejected"},
}

var stageWords = map[string][2]string{"community": {"社区", "the community"}, "street": {"街道联席会", "the street's joint meeting"}, "district": {"区级", "the district"}}

var urgencyWords = map[string][2]string{Normal: {"一般", "normal"}, High: {"较急", "high"}, Urgent: {"紧急", "urgent"}}

func (e event) sentence(plain bool) (zh, en string) {
	f := e.Facts
	to := func() (string, string) {
		pz, pe := postWord(f.Post)
		z, n := strings.TrimSpace(f.OrgName), f.OrgName
		if z == "" {
			z, n = pz, pe
		}
		if f.Name != "" && !plain {
			z, n = z+" "+f.Name, n+" "+f.Name
		}
		return strings.TrimSpace(z), strings.TrimSpace(n)
	}
	result := resultWords[f.Result]
	switch course.Step(e.Kind) {
	case course.Report:
		cat, _ := words.ByCode(f.Category)
		u := urgencyWords[f.Urgency]
		return fmt.Sprintf("已登记：%s（%s）", cat.Zh, u[0]), fmt.Sprintf("Reported: %s (%s)", cat.En, u[1])
	case course.Classify:
		cat, _ := words.ByCode(f.Category)
		u := urgencyWords[f.Urgency]
		return fmt.Sprintf("已调整为：%s（%s）", cat.Zh, u[0]), fmt.Sprintf("Now classed as: %s (%s)", cat.En, u[1])
	case course.Dispatch:
		z, n := to()
		return "已派单给" + z, "Sent to " + n
	case course.Refuse:
		return "不予受理，已说明理由", "Not accepted, with the reason"
	case course.Take:
		z, n := to()
		return z + "已接单", "Taken by " + n
	case course.Handover:
		z, n := to()
		return "已转交" + z, "Handed over to " + n
	case course.Return:
		r, _ := listed(ReturnReasons, f.Reason)
		if f.Street {
			return "再次退单（" + r.Zh + "），由街道指定承办", "Returned again (" + r.En + "); the street names the holder"
		}
		return "已退单：" + r.Zh, "Returned: " + r.En
	case course.Remark:
		if m, ok := listed(Marks, f.Mark); ok {
			return m.Zh, "Note: " + m.En
		}
		if e.Public {
			return "办理进展", "Progress"
		}
		return "内部备注", "Internal note"
	case course.Urge:
		return "催单", "Urged"
	case course.Ask:
		l := day.Limit{N: f.N, Unit: day.Unit(f.Unit)}
		return "申请延期" + l.Chinese(), "Asked for " + l.English() + " more"
	case course.Extend:
		l := day.Limit{N: f.N, Unit: day.Unit(f.Unit)}
		return "同意延期" + l.Chinese(), "Given " + l.English() + " more"
	case course.Decline:
		return "不同意延期", "Extension declined"
	case course.Pause:
		r, _ := listed(PauseReasons, f.Reason)
		return "暂停计时：" + r.Zh, "The clock stands still: " + r.En
	case course.Resume:
		return "恢复计时", "The clock runs on"
	case course.CoHandler:
		return "调整协办人员", "Co-handlers changed"
	case course.Handle:
		return "已办理，待核实", "Handled, waits to be verified"
	case course.Verify:
		return "已核实办结情况属实，待报事人确认", "Verified by another, waits for the reporter"
	case course.Fail:
		return "核实未通过，退回重新办理", "Found not to be done, back to the holder"
	case course.Confirm:
		return "报事人已确认：" + result[0], "The reporter answered: " + result[1]
	case course.Silence:
		return "逾期未确认（不计为满意）", "No answer in time: unconfirmed, which is not satisfied"
	case course.Callback:
		return "已回访：" + result[0], "Called back: " + result[1]
	case course.Miss:
		return fmt.Sprintf("第%d次回访未接通", f.N), fmt.Sprintf("Call-back %d: nobody answered", f.N)
	case course.Reopen:
		return "报事人不满意，重新办理（换人）", "Reopened for another handler"
	case course.Mediate:
		s := stageWords[f.Stage]
		return "转入调解：" + s[0], "Goes into mediation by " + s[1]
	case course.Escalate:
		s := stageWords[f.Stage]
		return "未达成一致，转由" + s[0] + "协调", "Not agreed; goes up to " + s[1]
	case course.Settle:
		return "调解结束：" + result[0], "Mediation ended: " + result[1]
	case course.Close:
		return "已办结", "Closed"
	case course.Merge:
		return "并入事项 " + f.Number + "，结果一并告知", "Merged into " + f.Number + "; the answer goes to all"
	case course.Split:
		return "已拆分，单独办理", "Taken apart again"
	case course.Withdraw:
		return "已撤回", "Withdrawn"
	case course.Object:
		return "对派单提出异议", "Objection to the assignment"
	case course.Rule:
		return "派单异议：" + result[0], "Objection " + result[1]
	case course.Follow:
		if f.Number != "" {
			return "事项 " + f.Number + " 并入", f.Number + " was merged into this"
		}
		return "又有一人反映", "One more person reports it"
	case course.Forget:
		return "已删除报事人姓名和联系方式", "Name and number of the reporter deleted"
	case course.Reveal:
		return "查看了原文或联系方式", "Original words or telephone number looked at"
	}
	return e.Kind, e.Kind
}

// PublicCase is a matter without names, for whoever knows its number and telephone, or for its compound's board.
type PublicCase struct {
	Number     string      `json:"number"`
	CategoryZh string      `json:"category_zh"`
	CategoryEn string      `json:"category_en"`
	State      string      `json:"state"`
	CreatedAt  day.Instant `json:"created_at"`
	ResolveDue day.Instant `json:"resolve_due"`
	Overdue    bool        `json:"overdue"`
	VerifiedAt day.Instant `json:"verified_at"`
	ClosedAt   day.Instant `json:"closed_at"`
	OnTime     *bool       `json:"on_time"`
	Timeline   []Moment    `json:"timeline,omitempty"`
}

func (d *Desk) publicCase(who access.Who, c row) PublicCase {
	o := d.outline(who, c, d.db.Now())
	return PublicCase{Number: o.Number, CategoryZh: o.CategoryZh, CategoryEn: o.CategoryEn, State: o.State, CreatedAt: o.CreatedAt,
		ResolveDue: o.ResolveDue, Overdue: o.Overdue, VerifiedAt: o.VerifiedAt, ClosedAt: o.ClosedAt, OnTime: o.OnTime}
}

// guesses is how many wrong tries at a matter's telephone are allowed in a day.
const guesses = 5

// AskByNumber finds a matter without signing in: by its number and the last four digits of the reporter's telephone. What is
// wrong and what is not there look the same; five wrong tries a day close the matter to such questions until tomorrow.
func (d *Desk) AskByNumber(ctx context.Context, said, last4 string) (PublicCase, error) {
	number, ok := ReadNumber(said)
	if !ok {
		return PublicCase{}, access.ErrMissing
	}
	c, err := readNumber(ctx, d.db, number)
	if err != nil {
		return PublicCase{}, err
	}
	today := d.db.Now().Day(day.Shanghai).String()
	n, err := store.Count(ctx, d.db, `select coalesce(sum(n), 0) from cases_guess where case_id = $1 and day = $2`, c.ID, today)
	if err != nil {
		return PublicCase{}, err
	}
	if n >= guesses {
		return PublicCase{}, ErrGuesses
	}
	if c.Last4 == "" || len(last4) != 4 || c.Last4 != d.last4(number, last4) {
		if err := d.db.Write(ctx, func(tx *store.Tx) error {
			_, err := tx.Exec(ctx, `insert into cases_guess (case_id, day, n) values ($1, $2, 1) on conflict (case_id, day) do update set n = cases_guess.n + 1`, c.ID, today)
			return err
		}); err != nil {
			return PublicCase{}, err
		}
		return PublicCase{}, access.ErrMissing
	}
	out := d.publicCase(access.Who{}, c)
	log, err := readEvents(ctx, d.db, c.ID)
	if err != nil {
		return out, err
	}
	for _, e := range log {
		if e.Public {
			out.Timeline = append(out.Timeline, e.publicLine())
		}
	}
	return out, nil
}

// Board is the public timeline of a compound: its newest matters without names, words or numbers; confidential ones
// are not on it.
func (d *Desk) Board(ctx context.Context, compound string) ([]PublicCase, error) {
	rows, err := store.All(ctx, d.db, scanRows, `select `+caseColumns+` from cases_case where compound = $1 and confidential = false and state not in ('merged', 'withdrawn', 'refused') order by id desc limit 50`, compound)
	if err != nil {
		return nil, err
	}
	out := []PublicCase{}
	for _, c := range rows {
		p := d.publicCase(access.Who{}, c)
		p.Number = "" // a number with a telephone opens more
		out = append(out, p)
	}
	return out, nil
}
