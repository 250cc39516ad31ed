package assembly

import (
	"context"
	"database/sql"
	"embed"
	"encoding/json"
	"errors"
	"strings"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/blob"
	"cuobian/platform/jobs"
	"cuobian/platform/rules"
	"cuobian/platform/seal"
	"cuobian/platform/store"
	"cuobian/rooms/duty"
	"cuobian/rooms/outreach"
	"cuobian/rooms/people"
	"cuobian/rooms/place"
)

//go:embed schema
var scripts embed.FS

// Schema is the room's tables.
func Schema() store.Schema { return store.Schema{Room: "assembly", Floor: 8, FS: scripts} }

// Sealed lists the room's sealed columns, for the rotation of keys.
func Sealed() []seal.Column {
	return []seal.Column{{Table: "assembly_ballot", Key: "id", Column: "sealed"}, {Table: "assembly_entry", Key: "id", Column: "sealed"}, {Table: "assembly_visit", Key: "id", Column: "note"},
		{Table: "assembly_offer", Key: "id", Column: "said"}}
}

var (
	conveners = []access.Post{access.CommitteeDirector, access.InterimDirector, access.CommunitySecretary, access.CommunityOfficer, access.StreetOfficer}
	overseers = []access.Post{access.StreetOfficer, access.StreetLeader, access.DistrictOfficer, access.SectionCadre}
)

// What posts may do in the hall.
var (
	// Convene is the convener's work. A director acts for meetings of the own committee alone (see convenes).
	Convene = access.Declare("assembly.convene", "召集业主大会会议", "convene a meeting of the owners' assembly", conveners...)
	// Oversee is the street's: it orders, annuls and entrusts (R10, R12).
	Oversee = access.Declare("assembly.oversee", "指导监督业主大会：责令、委托、撤销", "oversee assemblies: order, entrust, annul", overseers...)
	// Look is to see meetings and their papers, never a choice.
	Look = access.Declare("assembly.look", "查看业主大会会议", "see meetings of the owners' assembly", append(append([]access.Post{
		access.DivisionCadre, access.BranchSecretary, access.CommitteeMember, access.InterimMember, access.BoardMember, access.Auditor}, conveners...),
		access.StreetLeader, access.DistrictOfficer, access.SectionCadre)...)
	// Attend is an owner's: what was posted, objections, demands. Who votes is decided by the roll, not by the post.
	Attend = access.Declare("assembly.attend", "参加业主大会", "take part in the owners' assembly", access.Resident)
	// Late decides a roll objection after voting opened: never the convener alone.
	Late = access.Declare("assembly.late", "开票后裁定名册异议", "decide objections to the roll after voting opened", access.CommunitySecretary, access.CommunityOfficer, access.StreetOfficer)
)

// Faults that several parts of the room give.
var (
	ErrChanged = fault.New(fault.Conflict, "assembly.changed", "会议刚被别人更新，请刷新后再试", "somebody else has just changed this meeting, please reload")
	ErrState   = fault.New(fault.Conflict, "assembly.state", "会议目前处于“{state}”，不能做这一步", "the meeting is {state_en}: this step cannot be taken now")
	ErrReason  = fault.Bad("reason", "assembly.reason", "请写明理由", "please give a reason")
	ErrMissing = access.ErrMissing
)

// Rooms are the parts below that a hall stands on. Jobs, Office and Blobs may be nil: then nothing is put, told or kept.
type Rooms struct {
	Rules    *rules.Book
	Map      *place.Map
	Register *people.Register
	Duty     *duty.Diary
	Office   *outreach.Office
	Jobs     *jobs.Runner
	Blobs    *blob.Store
}

// Hall is where owners decide. Its life (hall, meeting, matter, rollcall, notice, demand, result) calls the ballots' side for
// the count: effective(ctx, q, m) (map[int]map[int]tally.Choice, error), right number → matter number → choice, of the
// ballots that count and are not void; and hears its steps through event, public and save.
type Hall struct {
	db   *store.DB
	ring *seal.Ring
	on   Rooms
	// Publish writes a public record in the caller's write: kind (assembly.roll …), the meeting's path, the ref
	// assemblies/ID and a body without names or choices: audit.Publish.
	Publish func(ctx context.Context, tx *store.Tx, kind string, at scope.Path, ref string, body any) (audit.Leaf, error)
	Ballots // what the ballots need from below; see vote.go
}

// New makes a hall.
func New(db *store.DB, ring *seal.Ring, on Rooms) *Hall {
	h := &Hall{db: db, ring: ring, on: on, Publish: publish}
	h.Log = audit.NewLogs(db, nil, "").Public // app gives the one with keys; records are read without
	if on.Duty != nil {
		for _, kind := range dutyKinds {
			on.Duty.Keep(kind, true)
		}
	}
	return h
}

// State of a meeting.
type State string

// States, in their order; cancelled and annulled are ends aside.
const (
	Draft       State = "draft"       // 起草
	Posted      State = "posted"      // 名册公示
	Noticed     State = "noticed"     // 已通知
	Voting      State = "voting"      // 表决中
	Closed      State = "closed"      // 表决截止、计票
	Preliminary State = "preliminary" // 初步结果公示
	Final       State = "final"       // 正式结果
	Cancelled   State = "cancelled"   // 取消
	Annulled    State = "annulled"    // 撤销
)

var stateWords = map[State][2]string{
	Draft: {"起草", "a draft"}, Posted: {"名册公示", "at the posting of its roll"}, Noticed: {"已发通知", "noticed"}, Voting: {"表决中", "open for voting"},
	Closed: {"表决已截止", "closed"}, Preliminary: {"初步结果公示", "at its preliminary result"}, Final: {"结果已确定", "final"}, Cancelled: {"已取消", "cancelled"}, Annulled: {"已撤销", "annulled"},
}

// Meeting is one assembly held.
type Meeting struct {
	ID            string      `json:"id"`
	Number        string      `json:"number" doc:"year and six digits, for paper"`
	Path          scope.Path  `json:"path" doc:"the compound"`
	Title         string      `json:"title"`
	Purpose       string      `json:"purpose" enum:"decision,election,first,by_election,recall"`
	Convener      string      `json:"convener" enum:"committee,interim,preparatory,community,street"`
	ConvenerOrg   string      `json:"convener_org"`
	Demand        string      `json:"demand" doc:"id of the owners' demand it answers (R10)"`
	Secret        bool        `json:"secret"`
	Counts        string      `json:"counts" enum:"first,last" doc:"which ballot of one right counts"`
	Channels      []string    `json:"channels"`
	Sign          string      `json:"sign" enum:"device,agreed,none" doc:"how a ballot by phone is signed (R28)"`
	SignClause    string      `json:"sign_clause"`
	CountParking  bool        `json:"count_parking" doc:"titled parking counts (R06)"`
	SilenceClause string      `json:"unreturned_clause" doc:"clause on ballots not returned (R26); a second figure only"`
	CommunityTold day.Instant `json:"community_told"`
	DraftsOn      day.Day     `json:"drafts_on,omitempty" doc:"of a first assembly (R17)"`
	ProvisionalOn day.Day     `json:"provisional_on,omitempty" doc:"of an election: the provisional list (R29)"`
	ListOn        day.Day     `json:"final_list_on,omitempty" doc:"of an election: the final list"`
	RollOn        day.Day     `json:"roll_on"`
	RollUntil     day.Day     `json:"roll_until" doc:"last day of posting"`
	NoticeOn      day.Day     `json:"notice_on"`
	Opens         day.Instant `json:"opens"`
	Closes        day.Instant `json:"closes" doc:"exclusive: the first instant that does not count"`
	PrelimOn      day.Day     `json:"preliminary_on"`
	PrelimUntil   day.Day     `json:"preliminary_until" doc:"last day of posting"`
	FinalOn       day.Day     `json:"final_on"`
	State         State       `json:"state"`
	RollVersion   int64       `json:"roll_version"`
	Extended      int64       `json:"extended" doc:"days by which voting was extended"`
	EndedWhy      string      `json:"ended_why,omitempty"`
	Rules         string      `json:"rules" doc:"the rule pack and preset it is held under"`
	Demo          bool        `json:"demo,omitempty"`
	Version       int64       `json:"version"`
	ByPerson      string      `json:"-"`
	Created       day.Instant `json:"created"`
	Updated       day.Instant `json:"updated"`
}

// Elects reports whether the meeting elects or removes persons; such a vote is not extended unless the preset says so.
func (m Meeting) Elects() bool { return m.Purpose != "decision" }

// Nominates reports whether candidates become matters after the roll is posted (R29).
func (m Meeting) Nominates() bool {
	return m.Purpose == "election" || m.Purpose == "first" || m.Purpose == "by_election"
}

// Takes reports whether ballots are taken at now. Time decides and not the timer that writes it down; a meeting that was
// closed, cancelled or annulled takes none, whatever the clock says.
func (m Meeting) Takes(now day.Instant) bool {
	return (m.State == Noticed || m.State == Voting) && m.Opens != 0 && m.Opens <= now && now < m.Closes
}

// Opened reports whether voting has begun, by time or on the records.
func (m Meeting) Opened(now day.Instant) bool {
	switch m.State {
	case Voting, Closed, Preliminary, Final, Annulled:
		return true
	}
	return m.State == Noticed && m.Opens != 0 && m.Opens <= now
}

// Shown reports whether everybody may see the meeting: from the posting of its roll.
func (m Meeting) Shown() bool {
	return m.State != Draft && !(m.State == Cancelled && m.RollVersion == 0)
}

// Ref is how others name the meeting.
func (m Meeting) Ref() string { return "assemblies/" + m.ID }

func (m Meeting) in(states ...State) error {
	for _, s := range states {
		if m.State == s {
			return nil
		}
	}
	w := stateWords[m.State]
	return ErrState.Fill("state", w[0], "state_en", w[1])
}

const meetingColumns = `id, number, path, title, purpose, convener, convener_org, demand, secret, counts, channels, sign, sign_clause, count_parking, silence_clause, community_told,
roll_on, roll_until, notice_on, opens, closes, preliminary_on, preliminary_until, final_on, state, roll_version, extended, ended_why, rules, demo, version, by_person, created, updated, drafts_on, provisional_on, list_on`

func scanMeeting(r interface{ Scan(...any) error }) (m Meeting, err error) {
	var channels string
	err = r.Scan(&m.ID, &m.Number, &m.Path, &m.Title, &m.Purpose, &m.Convener, &m.ConvenerOrg, &m.Demand, &m.Secret, &m.Counts, &channels, &m.Sign, &m.SignClause, &m.CountParking, &m.SilenceClause, &m.CommunityTold,
		&m.RollOn, &m.RollUntil, &m.NoticeOn, &m.Opens, &m.Closes, &m.PrelimOn, &m.PrelimUntil, &m.FinalOn, &m.State, &m.RollVersion, &m.Extended, &m.EndedWhy, &m.Rules, &m.Demo, &m.Version, &m.ByPerson, &m.Created, &m.Updated, &m.DraftsOn, &m.ProvisionalOn, &m.ListOn)
	m.Channels = strings.Fields(channels)
	return m, err
}

func scanMeetings(r *sql.Rows) (Meeting, error) { return scanMeeting(r) }

// meeting reads a meeting by id or number; it asks nobody's rights.
func (h *Hall) meeting(ctx context.Context, q store.Queryer, id string) (Meeting, error) {
	m, err := scanMeeting(q.QueryRow(ctx, `select `+meetingColumns+` from assembly_meeting where id = $1 or number = $1`, id))
	if errors.Is(err, sql.ErrNoRows) {
		return m, ErrMissing
	}
	return m, err
}

// save writes a meeting that was read in this write; ErrChanged where another write was first.
func (h *Hall) save(ctx context.Context, tx *store.Tx, m *Meeting) error {
	n, err := tx.Exec(ctx, `update assembly_meeting set title = $1, purpose = $2, convener = $3, convener_org = $4, demand = $5, secret = $6, counts = $7, channels = $8, sign = $9, sign_clause = $10,
count_parking = $11, silence_clause = $12, community_told = $13, roll_on = $14, roll_until = $15, notice_on = $16, opens = $17, closes = $18, preliminary_on = $19, preliminary_until = $20, final_on = $21,
state = $22, roll_version = $23, extended = $24, ended_why = $25, rules = $26, version = version + 1, updated = $27, drafts_on = $28, provisional_on = $29, list_on = $30 where id = $31 and version = $32`,
		m.Title, m.Purpose, m.Convener, m.ConvenerOrg, m.Demand, m.Secret, m.Counts, strings.Join(m.Channels, " "), m.Sign, m.SignClause,
		m.CountParking, m.SilenceClause, int64(m.CommunityTold), m.RollOn, m.RollUntil, m.NoticeOn, int64(m.Opens), int64(m.Closes), m.PrelimOn, m.PrelimUntil, m.FinalOn,
		string(m.State), m.RollVersion, m.Extended, m.EndedWhy, m.Rules, int64(tx.Now), m.DraftsOn, m.ProvisionalOn, m.ListOn, m.ID, m.Version)
	if err == nil && n == 0 {
		err = ErrChanged
	}
	if err != nil {
		return err
	}
	m.Version++
	m.Updated = tx.Now
	tx.Changed(store.Change{Kind: "assemblies", ID: m.ID, Path: m.Path})
	return nil
}

// event writes down what happened, in order, with its audit entry. facts hold ids, codes and figures: never a name, a
// number, or a choice of a secret vote. a is the action that allowed it (nil for the program itself), why the reason given.
func (h *Hall) event(ctx context.Context, tx *store.Tx, who access.Who, a *access.Action, m Meeting, kind, why string, facts any) error {
	by := audit.By{Account: who.Account, Person: who.Person}
	if a != nil {
		by = who.By(a, m.Path)
	}
	text := []byte("{}")
	if facts != nil {
		var err error
		if text, err = json.Marshal(facts); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(ctx, `insert into assembly_event (id, meeting, at, kind, person, post, facts, n) values ($1, $2, $3, $4, $5, $6, $7, (select count(*) from assembly_event where meeting = $2) + 1)`,
		tx.NewID(), m.ID, int64(tx.Now), kind, by.Person, by.Post, string(text)); err != nil {
		return err
	}
	tx.Changed(store.Change{Kind: "assemblies", ID: m.ID, Path: m.Path})
	return audit.Write(ctx, tx, audit.Entry{By: by, Action: "assembly." + kind, Path: m.Path, Ref: m.Ref(), Why: why, To: facts})
}

// public writes a public record.
func (h *Hall) public(ctx context.Context, tx *store.Tx, m Meeting, kind string, body any) error {
	if h.Publish == nil {
		return nil
	}
	_, err := h.Publish(ctx, tx, kind, m.Path, m.Ref(), body)
	return err
}

// rules are the parameters and the calendar in force at a place on a day, and the name of the pack and preset.
func (h *Hall) rules(ctx context.Context, q store.Queryer, at scope.Path, on day.Day) (p rules.Meetings, cal *day.Calendar, name string, err error) {
	return rules.ParamsAndDays[rules.Meetings](ctx, h.on.Rules, q, rules.Assembly, at, on)
}

// rulesOf are the parameters that a meeting was planned under, whatever was switched since.
func (h *Hall) rulesOf(ctx context.Context, q store.Queryer, m Meeting) (p rules.Meetings, cal *day.Calendar, err error) {
	_, preset, _ := strings.Cut(m.Rules, "/")
	pack, ok := rules.PackOf(rules.Assembly)
	if x, known := pack.Preset(preset); ok && known {
		if err = x.Read(&p); err != nil {
			return p, nil, err
		}
		cal, err = h.on.Rules.Calendar(ctx, q, m.Path)
		return p, cal, err
	}
	p, cal, _, err = h.rules(ctx, q, m.Path, m.Created.Day(day.Shanghai))
	return p, cal, err
}

// convenes reports whether who may do the convener's work for a meeting: a post of Convene at the compound, and for a
// director of a committee only for what that committee convened.
func (h *Hall) convenes(who access.Who, m Meeting) error {
	if err := who.May(Convene, m.Path); err != nil || who.System {
		return err
	}
	for _, g := range who.Grants {
		if !g.Path.Covers(m.Path) {
			continue
		}
		switch g.Post {
		case access.CommunitySecretary, access.CommunityOfficer, access.StreetOfficer:
			return nil
		case access.CommitteeDirector:
			if m.Convener == "committee" && (m.ConvenerOrg == "" || m.ConvenerOrg == g.Org) {
				return nil
			}
		case access.InterimDirector:
			if m.Convener == "interim" && (m.ConvenerOrg == "" || m.ConvenerOrg == g.Org) {
				return nil
			}
		}
	}
	return access.ErrRefused
}

// sees reports whether who may see a meeting: staff by post, owners and residents once it is posted, and who is named in
// its team or on its roll, holds a mandate or was offered one.
func (h *Hall) sees(ctx context.Context, q store.Queryer, who access.Who, m Meeting) error {
	if who.May(Look, m.Path) == nil {
		return nil
	}
	if who.Account == "" {
		return access.ErrSignIn
	}
	if m.Shown() && who.May(Attend, m.Path) == nil {
		return nil
	}
	if who.Person != "" {
		n, err := store.Count(ctx, q, `select (select count(*) from assembly_team where meeting = $1 and person = $2 and ended = 0) + (select count(*) from assembly_voter where meeting = $1 and person = $2 and ended = 0)
 + (select count(*) from assembly_proxy where meeting = $1 and holder = $2 and ended = 0) + (select count(*) from assembly_offer where meeting = $1 and holder = $2 and state = 'offered')`, m.ID, who.Person)
		if err != nil {
			return err
		}
		if n > 0 && m.State != Draft {
			return nil
		}
	}
	return ErrMissing
}

// step reads a meeting for the convener's step in one of states, lets fn change it, and saves it.
func (h *Hall) step(ctx context.Context, who access.Who, id string, version int64, states []State, fn func(tx *store.Tx, m *Meeting) error) (m Meeting, err error) {
	err = h.db.Write(ctx, func(tx *store.Tx) error {
		if m, err = h.meeting(ctx, tx, id); err != nil {
			return err
		}
		if err := h.convenes(who, m); err != nil {
			return err
		}
		if version != 0 && version != m.Version {
			return ErrChanged
		}
		if err := m.in(states...); err != nil {
			return err
		}
		if err := fn(tx, &m); err != nil {
			return err
		}
		return h.save(ctx, tx, &m)
	})
	return m, err
}

// today is the civil day of a write.
func today(tx *store.Tx) day.Day { return tx.Now.Day(day.Shanghai) }

// Kinds of the room's duties: its own steps end them.
const (
	DutyPreliminary = "assembly.preliminary" // post the preliminary result
	DutyFinal       = "assembly.final"       // post the final result
	DutyObjection   = "assembly.objection"   // answer an objection
	DutyConvene     = "assembly.convene"     // convene on the owners' demand (R10)
	DutyOrder       = "assembly.order"       // the street orders it
	DutyEntrust     = "assembly.entrust"     // the community organises it
	DutyNotice      = "assembly.notice"      // send the notice in time (R09)
	DutySworn       = "assembly.scrutineers" // two scrutineers sworn before a secret vote opens
	DutyCarry       = "assembly.carry_out"   // carry out what was decided
)

var dutyKinds = []string{DutyPreliminary, DutyFinal, DutyObjection, DutyConvene, DutyOrder, DutyEntrust, DutyNotice, DutySworn}

// Sight decides whether who may look at a paper that is attached to a meeting: the convener and the street. Pictures of
// sheets have a ref of their own.
func (h *Hall) Sight(ctx context.Context, who access.Who, id string) error {
	m, err := h.meeting(ctx, h.db, id)
	if err != nil {
		return err
	}
	if h.convenes(who, m) == nil {
		return nil
	}
	return who.May(Oversee, m.Path)
}
