package committee

import (
	"context"
	"database/sql"
	"encoding/json"
	"slices"
	"strings"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/rules"
	"cuobian/platform/store"
	"cuobian/rooms/committee/form"
	"cuobian/rooms/outreach"
	"cuobian/rooms/people"
)

// Faults of the committee's own meetings.
var (
	ErrNotMember = fault.New(fault.Refused, "committee.not_member", "只有本届在任委员可以做这一步，候补委员不参加表决", "only members in office may do this; alternates do not decide")
	ErrCallers   = fault.New(fault.Refused, "committee.callers", "会议由主任召集，或由至少三分之一委员提议：现有 {n} 名，须 {need} 名（R21）", "the director calls a meeting, or a third of the members: {n} of {need} so far (R21)")
	ErrAgenda    = fault.Bad("agenda", "committee.agenda", "请写明议题", "say what is on the agenda")
	ErrNotice    = fault.Bad("planned", "committee.notice", "议题要在会议 {days} 日前公告：会议最早 {on}（R21）", "the agenda is posted {days} days ahead: {on} at the earliest (R21)")
	ErrSitting   = fault.New(fault.Conflict, "committee.sitting", "会议目前处于“{state}”，不能做这一步", "the meeting is {state_en}: this step cannot be taken now")
	ErrTooSoon   = fault.New(fault.Refused, "committee.too_soon", "会议时间还没有到", "the meeting's time has not come")
	ErrQuorum    = fault.New(fault.Refused, "committee.quorum", "到会 {n} 名，全体 {of} 名，没有过半数（R21）", "{n} of {of} members present: that is not more than half (R21)")
	ErrSignedBy  = fault.New(fault.Conflict, "committee.signed", "您已经签过", "you have signed already")
	ErrDecided   = fault.New(fault.Conflict, "committee.decided", "这项决定已经作出或否决", "this decision was made or lost already")
	ErrOpenItem  = fault.New(fault.Refused, "committee.open_decision", "第 {no} 项还没有过半数委员签字，也没有否决（R21）", "decision {no} has neither been signed by more than half of the members nor lost (R21)")
	ErrChoice    = fault.Bad("choice", "committee.choice", "只能同意或反对", "agree or against")
	ErrCandidate = fault.Bad("subject", "committee.candidate", "主任须从在任委员中推选", "a director is chosen among the members")
)

// Meeting is one meeting of a committee.
type Meeting struct {
	ID       string      `json:"id"`
	Org      string      `json:"org"`
	Path     scope.Path  `json:"path"`
	No       int64       `json:"no" doc:"the committee's first, second, … meeting"`
	First    bool        `json:"first" doc:"the first meeting, which chooses the director"`
	Title    string      `json:"title"`
	Room     string      `json:"room,omitempty" doc:"where it is held"`
	Agenda   []string    `json:"agenda"`
	Planned  day.Instant `json:"planned"`
	Callers  []string    `json:"callers" doc:"person ids of those who called it"`
	Posted   day.Instant `json:"posted" doc:"when the agenda was posted"`
	State    string      `json:"state" enum:"called,held,minuted,cancelled"`
	Held     day.Instant `json:"held,omitempty"`
	Members  int         `json:"members" doc:"members on the day it was held"`
	Present  int         `json:"present" doc:"of them, present"`
	Minutes  string      `json:"minutes,omitempty"`
	Minuted  day.Instant `json:"minuted,omitempty"`
	EndedWhy string      `json:"ended_why,omitempty"`
	Rules    string      `json:"rules"`
	Version  int64       `json:"version"`
}

// Presence is somebody at a meeting.
type Presence struct {
	Person string      `json:"person"`
	Name   string      `json:"name"`
	Role   string      `json:"role" enum:"member,alternate"`
	At     day.Instant `json:"at"`
}

// Decision is one decision with its signatures.
type Decision struct {
	ID      string      `json:"id"`
	Meeting string      `json:"meeting"`
	No      int64       `json:"no"`
	Words   string      `json:"text"`
	Kind    string      `json:"kind" enum:"plain,director" doc:"director: who is chosen as director"`
	Subject string      `json:"subject,omitempty" doc:"person id"`
	State   string      `json:"state" enum:"open,made,lost"`
	Members int         `json:"members" doc:"all members: more than half of them have to sign"`
	Signed  int         `json:"signed" doc:"who agreed"`
	Made    day.Instant `json:"made,omitempty"`
	Signs   []Sign      `json:"signs"`
}

// Sign is one member's signature.
type Sign struct {
	Person string      `json:"person"`
	Name   string      `json:"name"`
	Choice string      `json:"choice" enum:"agree,against"`
	At     day.Instant `json:"at"`
}

const meetingColumns = `m.id, m.org, m.path, m.no, m.first, m.title, m.room, m.agenda, m.planned, m.callers, m.posted, m.state, m.held, m.members, m.minutes, m.minuted, m.ended_why, m.rules, m.version,
(select count(*) from committee_presence p where p.meeting = m.id and p.role = 'member')`

func scanMeeting(r interface{ Scan(...any) error }) (m Meeting, err error) {
	var agenda, callers string
	err = r.Scan(&m.ID, &m.Org, &m.Path, &m.No, &m.First, &m.Title, &m.Room, &agenda, &m.Planned, &callers, &m.Posted, &m.State, &m.Held, &m.Members, &m.Minutes, &m.Minuted, &m.EndedWhy, &m.Rules, &m.Version, &m.Present)
	if err == nil {
		err = json.Unmarshal([]byte(agenda), &m.Agenda)
	}
	if err == nil {
		err = json.Unmarshal([]byte(callers), &m.Callers)
	}
	return m, err
}

func (c *Chamber) meeting(ctx context.Context, q store.Queryer, id string) (Meeting, error) {
	m, err := scanMeeting(q.QueryRow(ctx, `select `+meetingColumns+` from committee_meeting m where m.id = $1`, id))
	if none(err) {
		return m, ErrMissing
	}
	return m, err
}

func (m Meeting) in(states ...string) error {
	words := map[string][2]string{"called": {"已召集", "called"}, "held": {"已召开", "held"}, "minuted": {"纪要已公布", "over, its minutes posted"}, "cancelled": {"已取消", "cancelled"}}
	if slices.Contains(states, m.State) {
		return nil
	}
	return ErrSitting.Fill("state", words[m.State][0], "state_en", words[m.State][1])
}

func saveMeeting(ctx context.Context, tx *store.Tx, m *Meeting) error {
	n, err := tx.Exec(ctx, `update committee_meeting set state = $1, held = $2, members = $3, minutes = $4, minuted = $5, ended_why = $6, version = version + 1 where id = $7 and version = $8`,
		m.State, int64(m.Held), m.Members, m.Minutes, int64(m.Minuted), m.EndedWhy, m.ID, m.Version)
	if err == nil && n == 0 {
		err = ErrChanged
	}
	m.Version++
	return err
}

// body reads a committee with its members for a step of one of them.
type body struct {
	o        people.Org
	all      []string
	director string
	terms    []people.Term
	p        rules.Committees
	cal      *day.Calendar
	rules    string
}

// seated reads a standing committee and checks that who is a member of it.
func (c *Chamber) seated(ctx context.Context, q store.Queryer, who access.Who, org string, on day.Day) (b body, err error) {
	if b, err = c.body(ctx, q, org, on); err != nil {
		return b, err
	}
	if err := person(who); err != nil {
		return b, err
	}
	if !slices.Contains(b.all, who.Person) {
		// Whoever may know the committee hears why; to others it is not there.
		if who.May(Know, b.o.Path) != nil {
			return b, ErrMissing
		}
		return b, ErrNotMember
	}
	return b, nil
}

func (c *Chamber) body(ctx context.Context, q store.Queryer, org string, on day.Day) (b body, err error) {
	if b.o, err = c.org(ctx, q, org); err != nil {
		return b, err
	}
	if b.terms, err = c.terms(ctx, q, org, on); err != nil {
		return b, err
	}
	b.all, b.director = members(b.terms)
	b.p, b.cal, b.rules, err = c.rules(ctx, q, b.o.Path, on)
	return b, err
}

// org reads a committee, elected or interim.
func (c *Chamber) org(ctx context.Context, q store.Queryer, id string) (people.Org, error) {
	o, err := c.on.Register.Org(ctx, q, id)
	if fault.IsKind(err, fault.Missing) || err == nil && o.Kind != people.OwnersCommittee && o.Kind != people.InterimCommittee {
		return o, ErrMissing
	}
	return o, err
}

// Calling is a meeting to be called.
type Calling struct {
	Title   string      `json:"title" maxLength:"100"`
	Room    string      `json:"room,omitempty" maxLength:"100"`
	Agenda  []string    `json:"agenda" maxItems:"30"`
	Planned day.Instant `json:"planned"`
	First   bool        `json:"first,omitempty"`
}

// CallMeeting calls a meeting. The director calls it, or the members who ask for one, once they are a third (R21): until then
// each one's wish is kept and ErrCallers says how many there are. The first meeting is called by any member. The
// agenda is posted, with the days of the preset between (not for the first meeting, which has seven days in all).
func (c *Chamber) CallMeeting(ctx context.Context, who access.Who, org string, in Calling) (m Meeting, err error) {
	var short error
	err = c.db.Write(ctx, func(tx *store.Tx) error {
		short = nil
		b, err := c.seated(ctx, tx, who, org, today(tx))
		if err != nil {
			return err
		}
		if b.o.EndedOn.Sound() && b.o.EndedOn < today(tx) {
			return ErrEnded
		}
		if in.Agenda = trimmed(in.Agenda); len(in.Agenda) == 0 {
			return ErrAgenda
		}
		if strings.TrimSpace(in.Title) == "" {
			return ErrWords.At("title")
		}
		if in.First && b.director != "" {
			return ErrDone.Fill("step", "首次委员会会议", "step_en", "the first meeting")
		}
		if !in.First {
			if from := today(tx).Add(b.p.AgendaDays + 1); in.Planned.Day(day.Shanghai) < from {
				return ErrNotice.Fill("days", b.p.AgendaDays, "on", from)
			}
		}
		if in.Planned < tx.Now {
			return ErrDay.At("planned")
		}
		callers := []string{who.Person}
		if who.Person != b.director && !in.First {
			if callers, err = c.callers(ctx, tx, b, who, in.Title); err != nil {
				return err
			}
			if !form.AtLeast(int64(len(callers)), int64(len(b.all)), b.p.CallersN, b.p.CallersD) {
				need := (int64(len(b.all))*b.p.CallersN + b.p.CallersD - 1) / b.p.CallersD
				short = ErrCallers.Fill("n", len(callers), "need", need)
				return nil // the wish is kept
			}
			if _, err := tx.Exec(ctx, `update committee_caller set used = 'yes' where org = $1 and used = ''`, org); err != nil {
				return err
			}
		}
		var no int64
		if err := tx.QueryRow(ctx, `select coalesce(max(no), 0) + 1 from committee_meeting where org = $1`, org).Scan(&no); err != nil {
			return err
		}
		m = Meeting{ID: tx.NewID(), Org: org, Path: b.o.Path, No: no, First: in.First, Title: strings.TrimSpace(in.Title), Room: strings.TrimSpace(in.Room), Agenda: in.Agenda, Planned: in.Planned, Callers: callers,
			Posted: tx.Now, State: "called", Members: len(b.all), Rules: b.rules, Version: 1}
		if _, err := tx.Exec(ctx, `insert into committee_meeting (id, org, path, no, first, title, room, agenda, planned, callers, posted, state, held, members, minutes, minuted, ended_why, rules, by_person, version)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'called', 0, $12, '', 0, '', $13, $14, 1)`,
			m.ID, org, string(m.Path), no, m.First, m.Title, m.Room, text(m.Agenda), int64(m.Planned), text(m.Callers), int64(m.Posted), m.Members, m.Rules, who.Person); err != nil {
			return err
		}
		if _, err := c.keep(ctx, tx, who, Paper{Org: org, Path: m.Path, Kind: "notice", Zh: "委员会会议公告：" + m.Title, En: "notice of a committee meeting", Ref: "meetings/" + m.ID, Open: true},
			map[string]any{"title": m.Title, "room": m.Room, "agenda": m.Agenda, "planned": m.Planned, "callers": m.Callers}); err != nil {
			return err
		}
		var to []outreach.To
		for _, t := range b.terms {
			to = append(to, outreach.To{Person: t.Person})
		}
		if err := c.tell(ctx, tx, m.Path, "committees/"+org, "委员会会议："+m.Title, "Committee meeting: "+m.Title, m.Planned.Time().In(day.Shanghai).Format("1月2日 15:04")+" "+m.Room, m.Planned.Time().In(day.Shanghai).Format("2006-01-02 15:04")+" "+m.Room, to...); err != nil {
			return err
		}
		return c.trail(ctx, tx, who, Sit, m.Path, "call", "committees/"+org, "", map[string]any{"meeting": m.ID, "planned": m.Planned})
	})
	if err == nil {
		err = short
	}
	return m, err
}

func trimmed(list []string) (out []string) {
	for _, s := range list {
		if s = strings.TrimSpace(s); s != "" {
			out = append(out, s)
		}
	}
	return out
}

// callers adds who to the members who ask for a meeting and lists those of the last 30 days who are members still.
func (c *Chamber) callers(ctx context.Context, tx *store.Tx, b body, who access.Who, words string) ([]string, error) {
	since := today(tx).Add(-30).Start(day.Shanghai)
	had, err := store.Texts(ctx, tx, `select distinct person from committee_caller where org = $1 and used = '' and at >= $2`, b.o.ID, int64(since))
	if err != nil {
		return nil, err
	}
	if !slices.Contains(had, who.Person) {
		if _, err := tx.Exec(ctx, `insert into committee_caller (org, person, at, words, used) values ($1, $2, $3, $4, '')`, b.o.ID, who.Person, int64(tx.Now), words); err != nil {
			return nil, err
		}
		had = append(had, who.Person)
	}
	had = slices.DeleteFunc(had, func(p string) bool { return !slices.Contains(b.all, p) })
	return had, nil
}

// CancelMeeting calls a meeting off, by the director or who called it.
func (c *Chamber) CancelMeeting(ctx context.Context, who access.Who, id, why string) (m Meeting, err error) {
	if why = strings.TrimSpace(why); why == "" {
		return m, ErrWhy
	}
	err = c.db.Write(ctx, func(tx *store.Tx) error {
		var b body
		if m, b, err = c.meet(ctx, tx, who, id, "called"); err != nil {
			return err
		}
		if who.Person != b.director && !slices.Contains(m.Callers, who.Person) {
			return access.ErrRefused
		}
		m.State, m.EndedWhy = "cancelled", why
		if err := saveMeeting(ctx, tx, &m); err != nil {
			return err
		}
		return c.trail(ctx, tx, who, Sit, m.Path, "cancel", "committees/"+m.Org, why, map[string]string{"meeting": m.ID})
	})
	return m, err
}

// meet reads a meeting for a member's step in one of states.
func (c *Chamber) meet(ctx context.Context, tx *store.Tx, who access.Who, id string, states ...string) (m Meeting, b body, err error) {
	if m, err = c.meeting(ctx, tx, id); err != nil {
		return m, b, err
	}
	if b, err = c.seated(ctx, tx, who, m.Org, today(tx)); err != nil {
		return m, b, err
	}
	return m, b, m.in(states...)
}

// Attend writes down who is there: members and alternates of the committee; each for themselves, or a member for all.
func (c *Chamber) Attend(ctx context.Context, who access.Who, id string, persons []string) (m Meeting, err error) {
	err = c.db.Write(ctx, func(tx *store.Tx) error {
		var b body
		if m, b, err = c.meet(ctx, tx, who, id, "called"); err != nil {
			return err
		}
		if tx.Now < m.Planned {
			return ErrTooSoon
		}
		if len(persons) == 0 {
			persons = []string{who.Person}
		}
		for _, p := range persons {
			role := "member"
			if !slices.Contains(b.all, p) {
				role = "alternate"
				if !slices.ContainsFunc(b.terms, func(t people.Term) bool { return t.Person == p && t.Post == access.CommitteeAlternate }) {
					return ErrNotMember.At("persons")
				}
			}
			if _, err := tx.Exec(ctx, `insert into committee_presence (meeting, person, role, at, by_person) values ($1, $2, $3, $4, $5) on conflict (meeting, person) do nothing`, m.ID, p, role, int64(tx.Now), who.Person); err != nil {
				return err
			}
		}
		if m, err = c.meeting(ctx, tx, id); err != nil {
			return err
		}
		return c.trail(ctx, tx, who, Sit, m.Path, "attend", "committees/"+m.Org, "", map[string]any{"meeting": m.ID, "present": m.Present})
	})
	return m, err
}

// Hold holds the meeting: more than half of the members are there (R21). Its minutes are owed from now on.
func (c *Chamber) Hold(ctx context.Context, who access.Who, id string) (m Meeting, err error) {
	err = c.db.Write(ctx, func(tx *store.Tx) error {
		var b body
		if m, b, err = c.meet(ctx, tx, who, id, "called"); err != nil {
			return err
		}
		if !form.Majority(m.Present, len(b.all)) {
			return ErrQuorum.Fill("n", m.Present, "of", len(b.all))
		}
		m.State, m.Held, m.Members = "held", tx.Now, len(b.all)
		if err := saveMeeting(ctx, tx, &m); err != nil {
			return err
		}
		by := holder{post: access.CommitteeDirector, org: m.Org}
		switch {
		case b.director == "":
			by.post = access.CommitteeMember
		case b.o.Kind == people.InterimCommittee:
			by.post = access.InterimDirector
		}
		if err := c.owe(ctx, tx, dutyMinutes, "meetings/"+m.ID, "公布委员会会议纪要："+m.Title, "post the minutes: "+m.Title, m.Path, by, room(b.cal, today(tx), b.p.Minutes)); err != nil {
			return err
		}
		return c.trail(ctx, tx, who, Sit, m.Path, "hold", "committees/"+m.Org, "", map[string]any{"meeting": m.ID, "present": m.Present, "of": m.Members})
	})
	return m, err
}

// Decide puts a decision to the signature of the members.
func (c *Chamber) Decide(ctx context.Context, who access.Who, meeting, words, kind, subject string) (d Decision, err error) {
	if words = strings.TrimSpace(words); words == "" {
		return d, ErrWords
	}
	if kind == "" {
		kind = "plain"
	}
	err = c.db.Write(ctx, func(tx *store.Tx) error {
		m, b, err := c.meet(ctx, tx, who, meeting, "held")
		if err != nil {
			return err
		}
		if kind == "director" && !slices.Contains(b.all, subject) {
			return ErrCandidate
		}
		var no int64
		if err := tx.QueryRow(ctx, `select coalesce(max(no), 0) + 1 from committee_decision where meeting = $1`, m.ID).Scan(&no); err != nil {
			return err
		}
		d = Decision{ID: tx.NewID(), Meeting: m.ID, No: no, Words: words, Kind: kind, Subject: subject, State: "open", Members: len(b.all), Signs: []Sign{}}
		if _, err := tx.Exec(ctx, `insert into committee_decision (id, meeting, org, no, words, kind, subject, state, members, signed, made) values ($1, $2, $3, $4, $5, $6, $7, 'open', $8, 0, 0)`,
			d.ID, m.ID, m.Org, no, d.Words, d.Kind, d.Subject, d.Members); err != nil {
			return err
		}
		return c.trail(ctx, tx, who, Sit, m.Path, "propose", "committees/"+m.Org, "", map[string]any{"decision": d.ID, "kind": kind})
	})
	return d, err
}

// Sign is one member's word on a decision, given once. Signed by more than half of all members it is made (R21);
// when so many are against that it no longer can be, it is lost.
func (c *Chamber) Sign(ctx context.Context, who access.Who, decision, choice string) (d Decision, err error) {
	if choice != "agree" && choice != "against" {
		return d, ErrChoice
	}
	err = c.db.Write(ctx, func(tx *store.Tx) error {
		var meeting string
		if err := tx.QueryRow(ctx, `select meeting from committee_decision where id = $1`, decision).Scan(&meeting); none(err) {
			return ErrMissing
		} else if err != nil {
			return err
		}
		m, b, err := c.meet(ctx, tx, who, meeting, "held")
		if err != nil {
			return err
		}
		had, err := store.Count(ctx, tx, `select count(*) from committee_sign where decision = $1 and person = $2`, decision, who.Person)
		if err != nil {
			return err
		}
		if had > 0 {
			return ErrSignedBy
		}
		all, err := decisions(ctx, tx, `id = $1`, decision)
		if err != nil {
			return err
		}
		if d = all[0]; d.State != "open" {
			return ErrDecided
		}
		if _, err := tx.Exec(ctx, `insert into committee_sign (decision, person, choice, at) values ($1, $2, $3, $4)`, decision, who.Person, choice, int64(tx.Now)); err != nil {
			return err
		}
		// Who left since is not counted, neither in the signatures nor in the number of members.
		agree, against, gave := 0, 0, append(d.Signs, Sign{Person: who.Person, Choice: choice, At: tx.Now})
		for _, s := range gave {
			switch {
			case !slices.Contains(b.all, s.Person):
			case s.Choice == "agree":
				agree++
			default:
				against++
			}
		}
		d.Members, d.Signed, d.Signs = len(b.all), agree, gave
		switch {
		case form.Majority(agree, len(b.all)):
			d.State, d.Made = "made", tx.Now
		case !form.Majority(len(b.all)-against, len(b.all)):
			d.State = "lost"
		}
		if _, err := tx.Exec(ctx, `update committee_decision set state = $1, members = $2, signed = $3, made = $4 where id = $5`, d.State, d.Members, d.Signed, int64(d.Made), d.ID); err != nil {
			return err
		}
		if err := c.trail(ctx, tx, who, Sit, m.Path, "sign", "committees/"+m.Org, "", map[string]any{"decision": d.ID, "signed": d.Signed, "of": d.Members, "state": d.State}); err != nil {
			return err
		}
		if d.State == "made" && d.Kind == "director" {
			return c.direct(ctx, tx, who, m, b, d.Subject)
		}
		return nil
	})
	if err != nil {
		return d, err
	}
	return c.named(ctx, d)
}

// Drop takes a decision off that was not signed by more than half: by the director, with a reason. It counts as lost.
func (c *Chamber) Drop(ctx context.Context, who access.Who, decision, why string) (d Decision, err error) {
	if why = strings.TrimSpace(why); why == "" {
		return d, ErrWhy
	}
	err = c.db.Write(ctx, func(tx *store.Tx) error {
		var meeting string
		if err := tx.QueryRow(ctx, `select meeting from committee_decision where id = $1`, decision).Scan(&meeting); none(err) {
			return ErrMissing
		} else if err != nil {
			return err
		}
		m, b, err := c.meet(ctx, tx, who, meeting, "held")
		if err != nil {
			return err
		}
		if who.Person != b.director && !(b.director == "" && slices.Contains(m.Callers, who.Person)) {
			return access.ErrRefused
		}
		n, err := tx.Exec(ctx, `update committee_decision set state = 'lost' where id = $1 and state = 'open'`, decision)
		if err == nil && n == 0 {
			err = ErrDecided
		}
		if err != nil {
			return err
		}
		all, err := decisions(ctx, tx, `id = $1`, decision)
		if err != nil {
			return err
		}
		d = all[0]
		return c.trail(ctx, tx, who, Sit, m.Path, "drop", "committees/"+m.Org, why, map[string]string{"decision": decision})
	})
	if err != nil {
		return d, err
	}
	return c.named(ctx, d)
}

func (c *Chamber) named(ctx context.Context, d Decision) (Decision, error) {
	var ids []string
	for _, s := range d.Signs {
		ids = append(ids, s.Person)
	}
	known, err := people.Names(ctx, c.db, ids...)
	for i := range d.Signs {
		d.Signs[i].Name = known[d.Signs[i].Person]
	}
	return d, err
}

// direct makes a member the director: the first one ends the forming's step, a later one changes what was filed.
func (c *Chamber) direct(ctx context.Context, tx *store.Tx, who access.Who, m Meeting, b body, subject string) error {
	on := today(tx)
	post, plain := access.CommitteeDirector, access.CommitteeMember
	if b.o.Kind == people.InterimCommittee {
		post, plain = access.InterimDirector, access.InterimMember
	}
	by := who.By(Sit, m.Path)
	for _, t := range b.terms {
		switch {
		case t.Post == post && t.Person != subject: // the one before becomes a plain member
			if _, err := c.on.Register.CloseTerm(ctx, tx, by, t, max(on.Add(-1), t.From.Add(-1)), "推选新主任"); err != nil {
				return err
			}
			if _, err := c.on.Register.PutTerm(ctx, tx, by, people.Term{Org: t.Org, Post: plain, Person: t.Person, Path: t.Path, From: on, To: t.To, Party: t.Party, Zone: t.Zone}); err != nil {
				return err
			}
		case t.Post == plain && t.Person == subject:
			if _, err := c.on.Register.CloseTerm(ctx, tx, by, t, max(on.Add(-1), t.From.Add(-1)), "推选为主任"); err != nil {
				return err
			}
			if _, err := c.on.Register.PutTerm(ctx, tx, by, people.Term{Org: t.Org, Post: post, Person: t.Person, Path: t.Path, From: on, To: t.To, Party: t.Party, Zone: t.Zone}); err != nil {
				return err
			}
		}
	}
	ref := "committees/" + m.Org
	if !m.First {
		return c.changed(ctx, tx, b.o, "主任变更", b.p, b.cal)
	}
	if err := c.met(ctx, tx, dutyMeet, ref, who.Person); err != nil {
		return err
	}
	// From now on the director owes the filing.
	open, err := store.Count(ctx, tx, `select count(*) from committee_due where ref = $1 and kind = $2 and met = 0`, ref, dutyFile)
	if err != nil {
		return err
	}
	if open > 0 {
		if err := c.on.Duty.Move(ctx, tx, dutyFile, ref, dutyBy(post, m.Org)); err != nil {
			return err
		}
	}
	all, err := formings(ctx, tx, `org = $1 and closed = 0`, m.Org)
	if err != nil || len(all) == 0 {
		return err
	}
	w, err := c.at(ctx, tx, who, Sit, all[0])
	if err != nil {
		return err
	}
	if slices.Contains(done(w.steps), form.Met) {
		return nil
	}
	return c.take(ctx, w, form.Met, on, map[string]any{"meeting": m.ID, "director": subject})
}

func decisions(ctx context.Context, q store.Queryer, cond string, args ...any) ([]Decision, error) {
	out, err := store.All(ctx, q, func(r *sql.Rows) (d Decision, err error) {
		err = r.Scan(&d.ID, &d.Meeting, &d.No, &d.Words, &d.Kind, &d.Subject, &d.State, &d.Members, &d.Signed, &d.Made)
		d.Signs = []Sign{}
		return d, err
	}, `select id, meeting, no, words, kind, subject, state, members, signed, made from committee_decision where `+cond+` order by meeting, no`, args...)
	if err != nil {
		return nil, err
	}
	for i := range out {
		if out[i].Signs, err = store.All(ctx, q, func(r *sql.Rows) (s Sign, err error) {
			err = r.Scan(&s.Person, &s.Choice, &s.At)
			return s, err
		}, `select person, choice, at from committee_sign where decision = $1 order by at, person`, out[i].ID); err != nil {
			return nil, err
		}
		if out[i].Signs == nil {
			out[i].Signs = []Sign{}
		}
	}
	if out == nil {
		out = []Decision{}
	}
	return out, nil
}

// Minute posts the minutes (R21): every decision is made or lost by then. They are sealed, where there is a seal, and
// enter the public log by their hash.
func (c *Chamber) Minute(ctx context.Context, who access.Who, id, minutes string) (m Meeting, err error) {
	if minutes = strings.TrimSpace(minutes); minutes == "" {
		return m, ErrWords.At("minutes")
	}
	err = c.db.Write(ctx, func(tx *store.Tx) error {
		var b body
		if m, b, err = c.meet(ctx, tx, who, id, "held"); err != nil {
			return err
		}
		all, err := decisions(ctx, tx, `meeting = $1`, m.ID)
		if err != nil {
			return err
		}
		type point struct {
			No      int64  `json:"no"`
			Words   string `json:"text"`
			State   string `json:"state"`
			Signed  int    `json:"signed"`
			Members int    `json:"members"`
		}
		points := []point{}
		for _, d := range all {
			if d.State == "open" {
				return ErrOpenItem.Fill("no", d.No)
			}
			points = append(points, point{d.No, d.Words, d.State, d.Signed, d.Members})
		}
		m.State, m.Minutes, m.Minuted = "minuted", minutes, tx.Now
		if err := saveMeeting(ctx, tx, &m); err != nil {
			return err
		}
		p, err := c.keep(ctx, tx, who, Paper{Org: m.Org, Path: m.Path, Kind: "minutes", Zh: "委员会会议纪要：" + m.Title, En: "minutes of a committee meeting", Ref: "meetings/" + m.ID, Open: true},
			map[string]any{"title": m.Title, "held": m.Held, "present": m.Present, "members": m.Members, "minutes": minutes, "decisions": points})
		if err != nil {
			return err
		}
		if err := c.stamp(ctx, tx, who, m.Org, p); err != nil {
			return err
		}
		if err := c.public(ctx, tx, "committee.minutes", m.Path, "committees/"+m.Org, map[string]any{"committee": m.Org, "meeting": m.No, "held": m.Held, "present": m.Present, "members": len(b.all), "decisions": len(points), "hash": p.Hash}); err != nil {
			return err
		}
		if err := c.met(ctx, tx, dutyMinutes, "meetings/"+m.ID, who.Person); err != nil {
			return err
		}
		return c.trail(ctx, tx, who, Sit, m.Path, "minute", "committees/"+m.Org, "", map[string]any{"meeting": m.ID, "hash": p.Hash})
	})
	return m, err
}

// by is who acts where the program itself does.
func by(who access.Who, a *access.Action, at scope.Path) audit.By {
	if who.System {
		return audit.System
	}
	return who.By(a, at)
}

// DecisionMade reads a decision for a room above: whose committee's it is, whether it was made, and who signed for it.
// ErrMissing.
func (c *Chamber) DecisionMade(ctx context.Context, q store.Queryer, id string) (org string, made bool, signers []string, err error) {
	var state string
	err = q.QueryRow(ctx, `select org, state from committee_decision where id = $1`, id).Scan(&org, &state)
	if none(err) {
		err = ErrMissing
	}
	if err != nil {
		return "", false, nil, err
	}
	signers, err = store.Texts(ctx, q, `select person from committee_sign where decision = $1 and choice = 'agree' order by person`, id)
	return org, state == "made", signers, err
}
