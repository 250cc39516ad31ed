package committee

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/rules"
	"cuobian/platform/store"
	"cuobian/rooms/committee/form"
	"cuobian/rooms/people"
	"cuobian/rooms/place"
)

// Faults of forming.
var (
	ErrForming   = fault.New(fault.Conflict, "committee.forming", "这个小区已有正在办理的组建", "a forming of this compound is already under way")
	ErrStanding  = fault.New(fault.Conflict, "committee.standing", "这个小区已有在任的业主委员会；到期前应办换届", "there is an owners' committee in office; open a re-election instead")
	ErrNoneYet   = fault.New(fault.Conflict, "committee.none", "这个小区没有可换届的业主委员会", "there is no committee here to be re-elected")
	ErrKind      = fault.Bad("kind", "committee.kind", "应为首次组建、换届或临时管理委员会", "kind is first, reelection or interim")
	ErrOrder     = fault.New(fault.Conflict, "committee.order", "要先完成“{need}”，才能“{step}”", "{need_en} has to be done before {step_en}")
	ErrDone      = fault.New(fault.Conflict, "committee.done", "“{step}”已经办过", "{step_en} was done already")
	ErrEnded     = fault.New(fault.Conflict, "committee.ended", "这次组建已经结束", "this forming has ended")
	ErrTrigger   = fault.New(fault.Refused, "committee.trigger", "首次业主大会的条件未到（R13）：已交付面积 {share}，首次交付日 {first}", "the first assembly is not due yet (R13): {share} of the area delivered, first delivery {first_en}")
	ErrApply     = fault.New(fault.Refused, "committee.applicants", "申请须由建设单位提出，或由至少 {need} 名业主提出；现有 {n} 名（R13）", "the developer applies, or at least {need} owners; there are {n} (R13)")
	ErrGroupOdd  = fault.Bad("members", "committee.group_odd", "人数应为单数（R14）", "the number has to be odd (R14)")
	ErrGroupHalf = fault.Bad("members", "committee.group_owners", "业主代表不得少于一半（R14）", "owners have to be at least half (R14)")
	ErrGroupHead = fault.Bad("members", "committee.group_head", "组长应为一人，由街道代表担任（临时管理委员会由居委会或街道代表担任）", "one head, who stands for the street (for an interim committee: the community or the street)")
	ErrGroupFew  = fault.Bad("members", "committee.group_few", "人数太少：至少 {least} 人", "too few: at least {least}")
	ErrGroupSame = fault.Bad("members", "committee.group_twice", "同一人不能列两次", "nobody stands in it twice")
	ErrShown     = fault.New(fault.Refused, "committee.shown", "筹备组名单要公示满 {days} 日（R15），最早 {on} 之后", "the group's list has to be posted for {days} days (R15): after {on} at the earliest")
	ErrOpenWord  = fault.New(fault.Refused, "committee.unanswered", "还有 {n} 条异议没有书面答复（R15、R17）", "{n} objections have no written answer yet (R15, R17)")
	ErrRegistry  = fault.New(fault.Refused, "committee.registry", "建设单位报送资料的期限未满：{on} 之后才可向不动产登记机构查询，并由街道确认（R16）", "the developer's time has not run out: the registry may be asked after {on}, confirmed by the street (R16)")
	ErrDrafts    = fault.New(fault.Refused, "committee.drafts_days", "草案要在会议前公示满 {days} 日：会议最早 {on}（R17）", "drafts have to be posted {days} days before the meeting: {on} at the earliest (R17)")
	ErrDraftsAll = fault.Bad("drafts", "committee.drafts", "须公示议事规则、管理规约、业主名册和投票权数、委员候选人产生办法", "rules of procedure, management regulation, roll with votes and the way of nominating are all needed")
	ErrMeeting   = fault.Bad("meeting", "committee.meeting", "没有这个小区的这次选举会议", "there is no such election meeting of this compound")
	ErrByVote    = fault.New(fault.Refused, "committee.by_vote", "委员由业主大会选出：会议结果确定后自动记入", "members are elected by the assembly: its final result writes them here")
	ErrNoSeal    = fault.New(fault.Conflict, "committee.no_seal", "委员会还没有印章", "the committee has no seal yet")
	ErrByForming = fault.New(fault.Conflict, "committee.by_forming", "这个委员会的备案在组建流程中办理", "this committee is filed in its forming")
	ErrReceipt   = fault.Bad("number", "committee.filed_no", "请填写备案号", "the number of the filing is needed")
	ErrTerm      = fault.Bad("until", "committee.interim_term", "临时管理委员会任期最长 {years} 年（R25）", "an interim committee's term is {years} years at most (R25)")
	ErrRegister  = fault.Bad("members", "committee.registered", "临时管理委员会的成员须是名册上的人", "members of an interim committee have to be on the register")
)

// stepWords are the steps as people say them.
var stepWords = map[form.Step][2]string{
	form.Opened: {"立项", "opening"}, form.Applied: {"申请", "the application"}, form.Grouped: {"成立筹备组", "the preparatory group"}, form.Posted: {"公示筹备组名单", "posting the group's list"},
	form.Papers: {"建设单位资料", "the developer's papers"}, form.Drafts: {"公示草案", "posting the drafts"}, form.Called: {"召开业主大会会议", "calling the assembly"}, form.Elected: {"选出委员", "the election"},
	form.Met: {"首次委员会会议", "the first meeting"}, form.Filed: {"报送备案", "filing"}, form.Accepted: {"备案回执", "the filing's receipt"}, form.Sealed: {"刻制印章", "the seal"},
	form.Proposed: {"提出临管会人选", "the proposal of members"}, form.Appoint: {"街道批准", "the street's approval"},
}

// StepWord is a step with its names.
type StepWord struct {
	Step form.Step `json:"step"`
	Zh   string    `json:"zh"`
	En   string    `json:"en"`
}

// Taken is a step that was taken.
type Taken struct {
	StepWord
	On     day.Day         `json:"on"`
	At     day.Instant     `json:"at"`
	Person string          `json:"person"`
	Post   string          `json:"post"`
	Facts  json.RawMessage `json:"facts"`
}

// Forming is one forming of a committee.
type Forming struct {
	ID       string      `json:"id"`
	Path     scope.Path  `json:"path"`
	Place    string      `json:"place" doc:"community and compound in words"`
	Kind     form.Kind   `json:"kind" enum:"first,reelection,interim"`
	Stage    form.Step   `json:"stage"`
	Former   string      `json:"former,omitempty" doc:"the committee whose term ends"`
	Org      string      `json:"org,omitempty" doc:"the committee that was elected or appointed"`
	Meeting  string      `json:"meeting,omitempty" doc:"the assembly's meeting"`
	Size     int         `json:"size,omitempty" doc:"how many members are to be elected"`
	Rules    string      `json:"rules"`
	Opened   day.Instant `json:"opened"`
	Closed   day.Instant `json:"closed,omitempty"`
	EndedWhy string      `json:"ended_why,omitempty"`
	Why      string      `json:"why,omitempty"`
	Demo     bool        `json:"demo,omitempty"`
	Version  int64       `json:"version"`
}

// Ref is how others name the forming.
func (f Forming) Ref() string { return "formings/" + f.ID }

const formingColumns = `id, path, kind, stage, former, org, meeting, size, rules, opened, closed, ended_why, why, demo, version`

func scanForming(r interface{ Scan(...any) error }) (f Forming, err error) {
	err = r.Scan(&f.ID, &f.Path, &f.Kind, &f.Stage, &f.Former, &f.Org, &f.Meeting, &f.Size, &f.Rules, &f.Opened, &f.Closed, &f.EndedWhy, &f.Why, &f.Demo, &f.Version)
	return f, err
}

func formings(ctx context.Context, q store.Queryer, cond string, args ...any) ([]Forming, error) {
	return store.All(ctx, q, func(r *sql.Rows) (Forming, error) { return scanForming(r) }, `select `+formingColumns+` from committee_forming where `+cond, args...)
}

func (c *Chamber) forming(ctx context.Context, q store.Queryer, id string) (Forming, error) {
	f, err := scanForming(q.QueryRow(ctx, `select `+formingColumns+` from committee_forming where id = $1`, id))
	if none(err) {
		return f, ErrMissing
	}
	return f, err
}

func (c *Chamber) save(ctx context.Context, tx *store.Tx, f *Forming) error {
	n, err := tx.Exec(ctx, `update committee_forming set stage = $1, org = $2, meeting = $3, size = $4, closed = $5, ended_why = $6, version = version + 1 where id = $7 and version = $8`,
		string(f.Stage), f.Org, f.Meeting, f.Size, int64(f.Closed), f.EndedWhy, f.ID, f.Version)
	if err == nil && n == 0 {
		err = ErrChanged
	}
	f.Version++
	return err
}

// taken lists the steps of a forming, as they were taken.
func taken(ctx context.Context, q store.Queryer, forming string) ([]Taken, error) {
	return store.All(ctx, q, func(r *sql.Rows) (s Taken, err error) {
		var facts string
		err = r.Scan(&s.Step, &s.On, &s.At, &s.Person, &s.Post, &facts)
		s.Facts = json.RawMessage(facts)
		s.Zh, s.En = stepWords[s.Step][0], stepWords[s.Step][1]
		return s, err
	}, `select step, on_day, at, person, post, facts from committee_step where forming = $1 order by id`, forming)
}

func done(steps []Taken) (out []form.Step) {
	for _, s := range steps {
		out = append(out, s.Step)
	}
	return out
}

// on is the day of a step, zero when it was not taken.
func on(steps []Taken, s form.Step) day.Day {
	for _, x := range steps {
		if x.Step == s {
			return x.On
		}
	}
	return 0
}

// facts reads what a step wrote down.
func facts(steps []Taken, s form.Step, into any) {
	for _, x := range steps {
		if x.Step == s {
			_ = json.Unmarshal(x.Facts, into) // written by step itself
		}
	}
}

// work is what a step works with.
type work struct {
	tx    *store.Tx
	who   access.Who
	f     Forming
	steps []Taken
	p     rules.Committees
	cal   *day.Calendar
	act   *access.Action
}

// order checks that a step may come now.
func (w *work) order(s form.Step) error {
	need, known := form.Before(w.f.Kind, s)
	switch {
	case w.f.Closed != 0:
		return ErrEnded
	case !known:
		return ErrKind
	case slices.Contains(done(w.steps), s):
		return ErrDone.Fill("step", stepWords[s][0], "step_en", stepWords[s][1])
	case form.Past(w.f.Kind, s, done(w.steps)):
		return ErrDone.Fill("step", stepWords[form.Elected][0], "step_en", stepWords[form.Elected][1])
	case need != "" && !slices.Contains(done(w.steps), need):
		return ErrOrder.Fill("need", stepWords[need][0], "need_en", stepWords[need][1], "step", stepWords[s][0], "step_en", stepWords[s][1])
	}
	return nil
}

// before is the day of the step that s needs.
func (w *work) before(s form.Step) day.Day {
	need, _ := form.Before(w.f.Kind, s)
	return on(w.steps, need)
}

// begin reads a forming for a step of whoever may do a.
func (c *Chamber) begin(ctx context.Context, tx *store.Tx, who access.Who, a *access.Action, id string) (*work, error) {
	f, err := c.forming(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	if err := who.May(a, f.Path); err != nil {
		return nil, err
	}
	return c.at(ctx, tx, who, a, f)
}

func (c *Chamber) at(ctx context.Context, tx *store.Tx, who access.Who, a *access.Action, f Forming) (w *work, err error) {
	w = &work{tx: tx, who: who, f: f, act: a}
	if w.steps, err = taken(ctx, tx, f.ID); err != nil {
		return nil, err
	}
	// A forming goes on under the preset of the day it began.
	w.p, w.cal, _, err = c.rules(ctx, tx, f.Path, f.Opened.Day(day.Shanghai))
	return w, err
}

// take writes a step down, moves the stage on and leaves the trail.
func (c *Chamber) take(ctx context.Context, w *work, s form.Step, on day.Day, facts any) error {
	body := text(facts)
	if facts == nil {
		body = "{}"
	}
	by := w.who.By(w.act, w.f.Path)
	if _, err := w.tx.Exec(ctx, `insert into committee_step (id, forming, step, on_day, at, person, post, facts) values ($1, $2, $3, $4, $5, $6, $7, $8)`,
		w.tx.NewID(), w.f.ID, string(s), on, int64(w.tx.Now), w.who.Person, by.Post, body); err != nil {
		return err
	}
	w.steps = append(w.steps, Taken{StepWord: StepWord{Step: s}, On: on, At: w.tx.Now, Facts: json.RawMessage(body)})
	w.f.Stage = form.Stage(w.f.Kind, done(w.steps))
	if form.Over(w.f.Kind, done(w.steps)) {
		w.f.Closed = w.tx.Now
	}
	if err := c.save(ctx, w.tx, &w.f); err != nil {
		return err
	}
	return c.trail(ctx, w.tx, w.who, w.act, w.f.Path, "step", w.f.Ref(), "", map[string]any{"step": s, "on": on})
}

// step is one step by whoever may do a: fn checks and says the step's day and facts.
func (c *Chamber) step(ctx context.Context, who access.Who, a *access.Action, id string, s form.Step, fn func(w *work) (day.Day, any, error)) (f Forming, err error) {
	err = c.db.Write(ctx, func(tx *store.Tx) error {
		w, err := c.begin(ctx, tx, who, a, id)
		if err != nil {
			return err
		}
		if err := w.order(s); err != nil {
			return err
		}
		on, facts, err := fn(w)
		if err != nil {
			return err
		}
		if err := c.take(ctx, w, s, on, facts); err != nil {
			return err
		}
		f = w.f
		return nil
	})
	return f, err
}

// Ripe tells whether a compound's first assembly is due, from its homes and dates of delivery (R13).
func (c *Chamber) Ripe(ctx context.Context, q store.Queryer, compound scope.Path, p rules.Committees, on day.Day) (form.Ripe, error) {
	sums, err := deliveries(ctx, q, `c.path = $1`, string(compound))
	if err != nil {
		return form.Ripe{}, err
	}
	d := sums[compound]
	var said string
	if err := q.QueryRow(ctx, `select delivered_on from place_v_compound where path = $1`, string(compound)).Scan(&said); err != nil && !none(err) {
		return form.Ripe{}, err
	}
	if x, err := day.Parse(said); err == nil && x.Sound() && (!d.First.Sound() || x < d.First) {
		d.First = x
	}
	return form.Trigger(d, p.DeliveredN, p.DeliveredD, p.DeliveredYears, on), nil
}

// standing are the committees in office at a compound, the elected and the interim one.
func (c *Chamber) standing(ctx context.Context, q store.Queryer, at scope.Path, on day.Day) (elected, interim *people.Org, err error) {
	orgs, err := c.on.Register.OrgsAt(ctx, q, at, on, people.OwnersCommittee, people.InterimCommittee)
	for i, o := range orgs {
		if o.Kind == people.OwnersCommittee {
			elected = &orgs[i]
		} else {
			interim = &orgs[i]
		}
	}
	return elected, interim, err
}

// OpenForming begins one: first where there is no committee, reelection where there is one.
func (c *Chamber) OpenForming(ctx context.Context, who access.Who, compound string, kind form.Kind, why string) (f Forming, err error) {
	err = c.db.Write(ctx, func(tx *store.Tx) error {
		n, err := c.compound(ctx, tx, compound)
		if err != nil {
			return err
		}
		if err := who.May(Form, n.Path); err != nil {
			return err
		}
		f, err = c.open(ctx, tx, who, n, kind, why)
		return err
	})
	return f, err
}

func (c *Chamber) open(ctx context.Context, tx *store.Tx, who access.Who, n place.Node, kind form.Kind, why string) (f Forming, err error) {
	if form.Way(kind) == nil {
		return f, ErrKind
	}
	elected, interim, err := c.standing(ctx, tx, n.Path, today(tx))
	if err != nil {
		return f, err
	}
	former := ""
	switch kind {
	case form.Reelection:
		if elected == nil {
			return f, ErrNoneYet
		}
		former = elected.ID
	default:
		if elected != nil {
			return f, ErrStanding
		}
		if interim != nil {
			if kind == form.Interim {
				return f, ErrStanding
			}
			former = interim.ID
		}
	}
	if n, err := store.Count(ctx, tx, `select count(*) from committee_forming where path = $1 and closed = 0`, string(n.Path)); err != nil || n > 0 {
		if err == nil {
			err = ErrForming
		}
		return f, err
	}
	_, _, name, err := c.rules(ctx, tx, n.Path, today(tx))
	if err != nil {
		return f, err
	}
	f = Forming{ID: tx.NewID(), Path: n.Path, Kind: kind, Stage: form.Opened, Former: former, Rules: name, Opened: tx.Now, Why: strings.TrimSpace(why), Demo: n.Demo, Version: 1}
	if _, err := tx.Exec(ctx, `insert into committee_forming (id, path, street, kind, stage, former, org, meeting, size, rules, opened, closed, ended_why, why, demo, by_person, version)
values ($1, $2, $3, $4, $5, $6, '', '', 0, $7, $8, 0, '', $9, $10, $11, 1)`,
		f.ID, string(f.Path), string(f.Path.Street()), string(f.Kind), string(f.Stage), f.Former, f.Rules, int64(f.Opened), f.Why, f.Demo, who.Person); err != nil {
		return f, err
	}
	w, err := c.at(ctx, tx, who, Form, f)
	if err != nil {
		return f, err
	}
	if err := c.take(ctx, w, form.Opened, today(tx), map[string]any{"kind": kind, "why": f.Why}); err != nil {
		return f, err
	}
	if former != "" {
		if err := c.met(ctx, tx, dutyReelect, "committees/"+former, who.Person); err != nil {
			return f, err
		}
	}
	return w.f, nil
}

// EndForming gives a forming up, with a reason: what it owed falls away.
func (c *Chamber) EndForming(ctx context.Context, who access.Who, id, why string) (f Forming, err error) {
	if why = strings.TrimSpace(why); why == "" {
		return f, ErrWhy
	}
	err = c.db.Write(ctx, func(tx *store.Tx) error {
		w, err := c.begin(ctx, tx, who, Form, id)
		if err != nil {
			return err
		}
		if w.f.Closed != 0 {
			return ErrEnded
		}
		w.f.Closed, w.f.EndedWhy = tx.Now, why
		for _, kind := range []string{dutyGroup, dutyPost, dutyPapers, dutyFinish} {
			if err := c.drop(ctx, tx, kind, w.f.Ref()); err != nil {
				return err
			}
		}
		if err := c.save(ctx, tx, &w.f); err != nil {
			return err
		}
		f = w.f
		return c.trail(ctx, tx, who, Form, f.Path, "end", f.Ref(), why, nil)
	})
	return f, err
}

// Join adds an owner to those who apply, by that owner's own hand (R13).
func (c *Chamber) Join(ctx context.Context, who access.Who, id string) (n int64, err error) {
	if err := person(who); err != nil {
		return 0, err
	}
	err = c.db.Write(ctx, func(tx *store.Tx) error {
		f, err := c.forming(ctx, tx, id)
		if err != nil {
			return err
		}
		ok, err := owns(ctx, tx, who.Person, f.Path, today(tx))
		if err != nil || !ok {
			if err == nil {
				err = ErrMissing
			}
			return err
		}
		w, err := c.at(ctx, tx, who, Know, f)
		if err != nil {
			return err
		}
		if err := w.order(form.Applied); err != nil {
			return err
		}
		if err := c.applicant(ctx, tx, f, who.Person, false); err != nil {
			return err
		}
		if n, err = store.Count(ctx, tx, `select count(*) from committee_applicant where forming = $1`, id); err != nil {
			return err
		}
		return c.trail(ctx, tx, who, Know, f.Path, "join", f.Ref(), "", map[string]any{"applicants": n})
	})
	return n, err
}

func (c *Chamber) applicant(ctx context.Context, tx *store.Tx, f Forming, person string, paper bool) error {
	_, err := tx.Exec(ctx, `insert into committee_applicant (forming, person, paper, at) values ($1, $2, $3, $4) on conflict (forming, person) do nothing`, f.ID, person, paper, int64(tx.Now))
	return err
}

// Apply writes the application down (R13): by the developer, or by enough owners, those on paper and those who joined.
func (c *Chamber) Apply(ctx context.Context, who access.Who, id string, by string, owners []string, when day.Day) (Forming, error) {
	return c.step(ctx, who, Form, id, form.Applied, func(w *work) (day.Day, any, error) {
		on, err := passed(w.tx, when, 0)
		if err != nil {
			return on, nil, err
		}
		ripe, err := c.Ripe(ctx, w.tx, w.f.Path, w.p, on)
		if err != nil {
			return on, nil, err
		}
		if !ripe.Met {
			first, en := "未登记", "not on record"
			if ripe.First.Sound() {
				first, en = ripe.First.String(), ripe.First.String()
			}
			return on, nil, ErrTrigger.Fill("share", fmt.Sprintf("%s/%s m²", ripe.Delivered, ripe.Area), "first", first, "first_en", en)
		}
		for _, p := range owners {
			ok, err := owns(ctx, w.tx, p, w.f.Path, on)
			if err != nil {
				return on, nil, err
			}
			if !ok {
				return on, nil, ErrOwner.At("owners")
			}
			if err := c.applicant(ctx, w.tx, w.f, p, true); err != nil {
				return on, nil, err
			}
		}
		n, err := store.Count(ctx, w.tx, `select count(*) from committee_applicant where forming = $1`, w.f.ID)
		if err != nil {
			return on, nil, err
		}
		if by != "developer" && n < int64(w.p.Applicants) {
			return on, nil, ErrApply.Fill("need", w.p.Applicants, "n", n)
		}
		err = c.owe(ctx, w.tx, dutyGroup, w.f.Ref(), "成立业主大会筹备组", "form the preparatory group", w.f.Path, holder{post: access.StreetOfficer}, room(w.cal, on, w.p.Group))
		return on, map[string]any{"by": by, "applicants": n, "trigger": ripe}, err
	})
}

// compose checks who is in a group; owners have to own here.
func (c *Chamber) compose(ctx context.Context, w *work, all []form.Sitter, least int, heads ...form.Side) error {
	switch form.Compose(all, least, heads...) {
	case form.NotOdd:
		return ErrGroupOdd
	case form.FewOwners:
		return ErrGroupHalf
	case form.WrongHead:
		return ErrGroupHead
	case form.TooFew:
		return ErrGroupFew.Fill("least", max(least, 1))
	case form.Twice:
		return ErrGroupSame
	}
	for i, s := range all {
		if s.Person == "" && strings.TrimSpace(s.Name) == "" {
			return ErrWords.At(fmt.Sprintf("members[%d].name", i))
		}
		if s.Person != "" {
			if _, err := c.on.Register.Person(ctx, w.tx, s.Person); err != nil {
				return err
			}
		}
		if s.Side != form.Owner {
			continue
		}
		ok, err := owns(ctx, w.tx, s.Person, w.f.Path, today(w.tx))
		if err != nil {
			return err
		}
		if !ok {
			return ErrOwner.At(fmt.Sprintf("members[%d].person", i))
		}
	}
	if _, err := w.tx.Exec(ctx, `delete from committee_sitter where forming = $1`, w.f.ID); err != nil {
		return err
	}
	for i, s := range all {
		if _, err := w.tx.Exec(ctx, `insert into committee_sitter (forming, no, person, name, side, head) values ($1, $2, $3, $4, $5, $6)`, w.f.ID, i+1, s.Person, strings.TrimSpace(s.Name), string(s.Side), s.Head); err != nil {
			return err
		}
	}
	return nil
}

// Group writes down the preparatory group that the street formed (R14): odd, owners half or more, a head from the
// street. A developer that is gone or names nobody may be missing.
func (c *Chamber) Group(ctx context.Context, who access.Who, id string, all []form.Sitter, when day.Day) (Forming, error) {
	return c.step(ctx, who, Order, id, form.Grouped, func(w *work) (day.Day, any, error) {
		on, err := passed(w.tx, when, w.before(form.Grouped))
		if err != nil {
			return on, nil, err
		}
		if err := c.compose(ctx, w, all, 3, form.Street); err != nil {
			return on, nil, err
		}
		if err := c.met(ctx, w.tx, dutyGroup, w.f.Ref(), w.who.Person); err != nil {
			return on, nil, err
		}
		street := holder{post: access.StreetOfficer}
		if err := c.owe(ctx, w.tx, dutyPost, w.f.Ref(), "公示筹备组成员名单", "post the list of the preparatory group", w.f.Path, street, room(w.cal, on, w.p.GroupPost)); err != nil {
			return on, nil, err
		}
		if err := c.owe(ctx, w.tx, dutyFinish, w.f.Ref(), "筹备组完成筹备并召开业主大会会议", "finish the preparation and hold the assembly", w.f.Path, street, room(w.cal, on, w.p.Finish)); err != nil {
			return on, nil, err
		}
		_, err = c.keep(ctx, w.tx, w.who, Paper{Org: w.f.Former, Forming: w.f.ID, Path: w.f.Path, Kind: "group", Zh: "业主大会筹备组成员名单", En: "members of the preparatory group", Ref: w.f.Ref()}, map[string]any{"on": on, "members": all})
		return on, map[string]any{"members": len(all)}, err
	})
}

// PostGroup posts the group's list in the compound (R15); the developer's time for its papers begins with it (R16).
func (c *Chamber) PostGroup(ctx context.Context, who access.Who, id string, when day.Day) (Forming, error) {
	return c.step(ctx, who, Form, id, form.Posted, func(w *work) (day.Day, any, error) {
		on, err := passed(w.tx, when, w.before(form.Posted))
		if err != nil {
			return on, nil, err
		}
		if err := c.met(ctx, w.tx, dutyPost, w.f.Ref(), w.who.Person); err != nil {
			return on, nil, err
		}
		if w.f.Kind == form.First {
			if err := c.owe(ctx, w.tx, dutyPapers, w.f.Ref(), "取得建设单位报送的业主名册、面积清册等资料", "get the developer's lists of owners and areas", w.f.Path, holder{post: access.StreetOfficer}, room(w.cal, on, w.p.Papers)); err != nil {
				return on, nil, err
			}
		}
		_, err = w.tx.Exec(ctx, `update committee_paper set open = $1 where forming = $2 and kind = 'group'`, true, w.f.ID)
		return on, map[string]any{"until": on.Add(w.p.GroupShownDays)}, err
	})
}

// Object is an owner's objection to the group or the drafts.
func (c *Chamber) Object(ctx context.Context, who access.Who, id, about, words string) (o Objection, err error) {
	if err := person(who); err != nil {
		return o, err
	}
	words = strings.TrimSpace(words)
	if words == "" {
		return o, ErrWords
	}
	err = c.db.Write(ctx, func(tx *store.Tx) error {
		f, err := c.forming(ctx, tx, id)
		if err != nil {
			return err
		}
		if ok, err := owns(ctx, tx, who.Person, f.Path, today(tx)); err != nil || !ok {
			if err == nil {
				err = ErrMissing
			}
			return err
		}
		w, err := c.at(ctx, tx, who, Know, f)
		if err != nil {
			return err
		}
		need := map[string]form.Step{"group": form.Posted, "drafts": form.Drafts}[about]
		if need == "" {
			return fault.Bad("about", "committee.about", "异议针对筹备组或草案", "an objection is about group or drafts")
		}
		if !slices.Contains(done(w.steps), need) {
			return ErrOrder.Fill("need", stepWords[need][0], "need_en", stepWords[need][1], "step", "提出异议", "step_en", "an objection")
		}
		if f.Closed != 0 || slices.Contains(done(w.steps), form.Called) {
			return ErrEnded
		}
		o = Objection{ID: tx.NewID(), About: about, Words: words, Person: who.Person, At: tx.Now}
		if _, err := tx.Exec(ctx, `insert into committee_objection (id, forming, about, person, words, at, answer, answered, by_person) values ($1, $2, $3, $4, $5, $6, '', 0, '')`,
			o.ID, f.ID, about, who.Person, words, int64(tx.Now)); err != nil {
			return err
		}
		return c.trail(ctx, tx, who, Know, f.Path, "object", f.Ref(), "", map[string]string{"about": about, "objection": o.ID})
	})
	return o, err
}

// Answer is the written answer to an objection.
func (c *Chamber) Answer(ctx context.Context, who access.Who, id, objection, answer string) error {
	if answer = strings.TrimSpace(answer); answer == "" {
		return ErrWords.At("answer")
	}
	return c.db.Write(ctx, func(tx *store.Tx) error {
		w, err := c.begin(ctx, tx, who, Form, id)
		if err != nil {
			return err
		}
		n, err := tx.Exec(ctx, `update committee_objection set answer = $1, answered = $2, by_person = $3 where id = $4 and forming = $5 and answered = 0`, answer, int64(tx.Now), who.Person, objection, w.f.ID)
		if err == nil && n == 0 {
			err = ErrMissing
		}
		if err != nil {
			return err
		}
		return c.trail(ctx, tx, who, Form, w.f.Path, "answer", w.f.Ref(), "", map[string]string{"objection": objection})
	})
}

// Objection is one objection with its answer.
type Objection struct {
	ID       string      `json:"id"`
	About    string      `json:"about" enum:"group,drafts"`
	Person   string      `json:"person"`
	Words    string      `json:"text"`
	At       day.Instant `json:"at"`
	Answer   string      `json:"answer,omitempty"`
	Answered day.Instant `json:"answered,omitempty"`
}

func objections(ctx context.Context, q store.Queryer, forming string) ([]Objection, error) {
	out, err := store.All(ctx, q, func(r *sql.Rows) (o Objection, err error) {
		err = r.Scan(&o.ID, &o.About, &o.Person, &o.Words, &o.At, &o.Answer, &o.Answered)
		return o, err
	}, `select id, about, person, words, at, answer, answered from committee_objection where forming = $1 order by id`, forming)
	if out == nil {
		out = []Objection{}
	}
	return out, err
}

// answered refuses while objections about something have no answer.
func (w *work) answered(ctx context.Context, about string) error {
	n, err := store.Count(ctx, w.tx, `select count(*) from committee_objection where forming = $1 and about = $2 and answered = 0`, w.f.ID, about)
	if err == nil && n > 0 {
		err = ErrOpenWord.Fill("n", n)
	}
	return err
}

// Papers writes down the developer's papers (R16), or, once its time has run out, what the registry gave, confirmed by
// the street.
func (c *Chamber) Papers(ctx context.Context, who access.Who, id string, registry bool, list []string, when day.Day) (Forming, error) {
	a := Form
	if registry {
		a = Order
	}
	return c.step(ctx, who, a, id, form.Papers, func(w *work) (day.Day, any, error) {
		posted := w.before(form.Papers)
		on, err := passed(w.tx, when, posted)
		if err != nil {
			return on, nil, err
		}
		if last := room(w.cal, posted, w.p.Papers).Day(); registry && on <= last {
			return on, nil, ErrRegistry.Fill("on", last)
		}
		if len(list) == 0 {
			return on, nil, ErrWords.At("papers")
		}
		from := map[bool]string{true: "registry", false: "developer"}[registry]
		return on, map[string]any{"from": from, "papers": list}, c.met(ctx, w.tx, dutyPapers, w.f.Ref(), w.who.Person)
	})
}

// drafted are the drafts that all have to be posted (R17).
var drafted = []string{"rules", "regulation", "roll", "candidates"}

// Drafts posts the drafts (R17): rules of procedure, regulation, roll with votes, way of nominating.
func (c *Chamber) Drafts(ctx context.Context, who access.Who, id string, list []string, words string, when day.Day) (Forming, error) {
	return c.step(ctx, who, Form, id, form.Drafts, func(w *work) (day.Day, any, error) {
		on, err := passed(w.tx, when, w.before(form.Drafts))
		if err != nil {
			return on, nil, err
		}
		if until := w.groupUntil(); on <= until {
			return on, nil, ErrShown.Fill("days", w.p.GroupShownDays, "on", until)
		}
		if err := w.answered(ctx, "group"); err != nil {
			return on, nil, err
		}
		for _, d := range drafted {
			if !slices.Contains(list, d) {
				return on, nil, ErrDraftsAll
			}
		}
		_, err = c.keep(ctx, w.tx, w.who, Paper{Org: w.f.Former, Forming: w.f.ID, Path: w.f.Path, Kind: "drafts", Zh: "议事规则、管理规约等草案", En: "drafts of the rules and the regulation", Ref: w.f.Ref(), Open: true},
			map[string]any{"on": on, "drafts": list, "text": words})
		return on, map[string]any{"drafts": list, "meeting_from": w.meetingFrom(on)}, err
	})
}

// groupUntil is the last day on which the group's list hangs.
func (w *work) groupUntil() day.Day {
	var x struct {
		Until day.Day `json:"until"`
	}
	facts(w.steps, form.Posted, &x)
	return x.Until
}

// meetingFrom is the first day of voting that drafts posted on a day allow: both ends outside (R17).
func (w *work) meetingFrom(drafts day.Day) day.Day { return drafts.Add(w.p.DraftsDays + 1) }

// Call links the assembly's meeting that elects. Its voting may begin when the drafts were posted long enough (R17). When
// that meeting was cancelled or annulled, or elected too few, another takes its place.
func (c *Chamber) Call(ctx context.Context, who access.Who, id, meeting string) (f Forming, err error) {
	err = c.db.Write(ctx, func(tx *store.Tx) error {
		w, err := c.begin(ctx, tx, who, Form, id)
		if err != nil {
			return err
		}
		again := false
		if w.f.Meeting != "" && !slices.Contains(done(w.steps), form.Elected) {
			var state string
			if err := tx.QueryRow(ctx, `select state from assembly_v_meeting where id = $1`, w.f.Meeting).Scan(&state); err != nil && !none(err) {
				return err
			}
			again = w.f.Closed == 0 && meeting != w.f.Meeting && slices.Contains(over, state)
		}
		if !again {
			if err := w.order(form.Called); err != nil {
				return err
			}
		}
		opens, err := c.callable(ctx, w, meeting)
		if err != nil {
			return err
		}
		before := w.f.Meeting
		w.f.Meeting = meeting
		if again {
			err = c.save(ctx, tx, &w.f)
			if err == nil {
				err = c.trail(ctx, tx, who, Form, w.f.Path, "call_again", w.f.Ref(), "", map[string]string{"meeting": meeting, "instead_of": before})
			}
		} else {
			err = c.take(ctx, w, form.Called, today(tx), map[string]any{"meeting": meeting, "opens": opens})
		}
		f = w.f
		return err
	})
	return f, err
}

// over are the states of a meeting that elects nobody any more.
var over = []string{"final", "cancelled", "annulled"}

// callable checks a meeting that is to elect: of this compound, for that, not over, and late enough.
func (c *Chamber) callable(ctx context.Context, w *work, meeting string) (opens day.Instant, err error) {
	var path, purpose, state string
	err = w.tx.QueryRow(ctx, `select path, purpose, state, opens from assembly_v_meeting where id = $1`, meeting).Scan(&path, &purpose, &state, &opens)
	if none(err) || err == nil && (path != string(w.f.Path) || purpose != "first" && purpose != "election" && purpose != "by_election" || slices.Contains(over, state)) {
		return 0, ErrMeeting
	}
	if err != nil {
		return 0, err
	}
	if err := w.answered(ctx, "drafts"); err != nil {
		return 0, err
	}
	if from := w.meetingFrom(on(w.steps, form.Drafts)); opens == 0 || opens.Day(day.Shanghai) < from {
		return 0, ErrDrafts.Fill("days", w.p.DraftsDays, "on", from)
	}
	return opens, nil
}

// Propose writes down who is proposed for an interim committee (R25).
func (c *Chamber) Propose(ctx context.Context, who access.Who, id string, all []form.Sitter, when day.Day) (Forming, error) {
	return c.step(ctx, who, Form, id, form.Proposed, func(w *work) (day.Day, any, error) {
		on, err := passed(w.tx, when, 0)
		if err != nil {
			return on, nil, err
		}
		if slices.ContainsFunc(all, func(s form.Sitter) bool { return s.Person == "" }) {
			return on, nil, ErrRegister
		}
		if err := c.compose(ctx, w, all, w.p.InterimMin, form.Community, form.Street); err != nil {
			return on, nil, err
		}
		_, err = c.keep(ctx, w.tx, w.who, Paper{Forming: w.f.ID, Path: w.f.Path, Kind: "group", Zh: "临时管理委员会成员名单", En: "members proposed for the interim committee", Ref: w.f.Ref(), Open: true}, map[string]any{"on": on, "members": all})
		return on, map[string]any{"members": len(all)}, err
	})
}

// AppointInterim is the street's approval: the interim committee stands from today until its last day at the latest
// (R25), or until a committee is elected.
func (c *Chamber) AppointInterim(ctx context.Context, who access.Who, id string, until day.Day) (Forming, error) {
	return c.step(ctx, who, Order, id, form.Appoint, func(w *work) (day.Day, any, error) {
		on := today(w.tx)
		last := on.AddMonths(12 * w.p.InterimYears).Add(-1)
		if !until.Sound() {
			until = last
		}
		if until > last || until < on {
			return on, nil, ErrTerm.Fill("years", w.p.InterimYears)
		}
		if elected, interim, err := c.standing(ctx, w.tx, w.f.Path, on); err != nil || elected != nil || interim != nil {
			if err == nil {
				err = ErrStanding
			}
			return on, nil, err
		}
		sitters, err := sitters(ctx, w.tx, w.f.ID)
		if err != nil {
			return on, nil, err
		}
		name, err := c.name(ctx, w.tx, w.f.Path, "临时管理委员会")
		if err != nil {
			return on, nil, err
		}
		by := w.who.By(Order, w.f.Path)
		o, err := c.on.Register.PutOrg(ctx, w.tx, by, people.Org{Kind: people.InterimCommittee, Name: name, Path: w.f.Path, FoundedOn: on, To: until, Demo: w.f.Demo})
		if err != nil {
			return on, nil, err
		}
		for _, s := range sitters {
			post := access.InterimMember
			if s.Head {
				post = access.InterimDirector
			}
			if _, err := c.on.Register.PutTerm(ctx, w.tx, by, people.Term{Org: o.ID, Post: post, Person: s.Person, Path: w.f.Path, From: on, To: until}); err != nil {
				return on, nil, err
			}
		}
		if err := c.found(ctx, w.tx, o, len(sitters), w.f.ID, "", w.f.Rules); err != nil {
			return on, nil, err
		}
		w.f.Org, w.f.Size = o.ID, len(sitters)
		_, err = c.keep(ctx, w.tx, w.who, Paper{Org: o.ID, Forming: w.f.ID, Path: w.f.Path, Kind: "members", Zh: name + "成立公告", En: "the interim committee was approved", Ref: w.f.Ref(), Open: true}, map[string]any{"from": on, "to": until, "members": sitters})
		return on, map[string]any{"org": o.ID, "until": until}, err
	})
}

// found keeps what a committee is beside its record in people.
func (c *Chamber) found(ctx context.Context, tx *store.Tx, o people.Org, size int, forming, meeting, rules string) error {
	_, err := tx.Exec(ctx, `insert into committee_org (org, path, size, forming, meeting, rules, filed_at, stamp) values ($1, $2, $3, $4, $5, $6, 0, '')`, o.ID, string(o.Path), size, forming, meeting, rules)
	return err
}

func sitters(ctx context.Context, q store.Queryer, forming string) ([]form.Sitter, error) {
	out, err := store.All(ctx, q, func(r *sql.Rows) (s form.Sitter, err error) {
		err = r.Scan(&s.Person, &s.Name, &s.Side, &s.Head)
		return s, err
	}, `select person, name, side, head from committee_sitter where forming = $1 order by no`, forming)
	if out == nil {
		out = []form.Sitter{}
	}
	return out, err
}

// name is the compound's name with what stands behind it.
func (c *Chamber) name(ctx context.Context, q store.Queryer, at scope.Path, tail string) (string, error) {
	all, err := c.on.Map.Names(ctx, q, at)
	return all[at] + tail, err
}

// FirstMeeting calls the elected committee's first meeting, in which it chooses its director.
func (c *Chamber) FirstMeeting(ctx context.Context, who access.Who, id string, planned day.Instant, room string) (Meeting, error) {
	f, err := c.forming(ctx, c.db, id)
	if err != nil {
		return Meeting{}, err
	}
	if err := who.May(Know, f.Path); err != nil {
		return Meeting{}, err
	}
	if f.Org == "" || f.Kind == form.Interim {
		return Meeting{}, ErrOrder.Fill("need", stepWords[form.Elected][0], "need_en", stepWords[form.Elected][1], "step", stepWords[form.Met][0], "step_en", stepWords[form.Met][1])
	}
	return c.CallMeeting(ctx, who, f.Org, Calling{Title: "首次委员会会议", Room: room, Agenda: []string{"推选主任、副主任", "委员分工"}, Planned: planned, First: true})
}
