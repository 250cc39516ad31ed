package committee

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/audit"
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
func Schema() store.Schema { return store.Schema{Room: "committee", Floor: 9, FS: scripts} }

var (
	sitting = []access.Post{access.CommitteeDirector, access.CommitteeMember, access.InterimDirector, access.InterimMember}
	looking = []access.Post{access.DistrictOfficer, access.StreetLeader, access.DivisionCadre, access.SectionCadre, access.StreetOfficer,
		access.CommunitySecretary, access.CommunityOfficer, access.BranchSecretary, access.GridWorker, access.Auditor}
)

// What posts may do in the chamber.
var (
	// Form is the work of forming: each step is written down by whoever holds one of these posts at the compound.
	Form = access.Declare("committee.form", "办理业委会组建、换届", "take the steps of forming a committee", access.StreetOfficer, access.CommunitySecretary, access.CommunityOfficer)
	// Order is the street's alone: the preparatory group, the registry instead of the developer, filing, an interim committee.
	Order = access.Declare("committee.order", "街道确认：筹备组、备案、临时管理委员会", "confirm for the street: groups, filings, interim committees", access.StreetOfficer, access.StreetLeader)
	// Follow is to see formings, blockers and what is overdue.
	Follow = access.Declare("committee.follow", "查看组建进度", "see formings and their blockers", looking...)
	// Sit is a member's: meetings, decisions, minutes, of the own committee alone.
	Sit = access.Declare("committee.sit", "参加委员会会议", "sit in a committee", sitting...)
	// Read is to read all of a committee's papers, the seals log too.
	Read = access.Declare("committee.read", "查阅委员会的全部文件", "read all papers of a committee", slices.Concat(looking, sitting, []access.Post{access.CommitteeAlternate, access.BoardMember})...)
	// Know is what every owner may: members, terms, posted papers, answered questions.
	Know = access.Declare("committee.know", "查看本小区委员会", "see the compound's committee", slices.Concat(looking, sitting, []access.Post{access.CommitteeAlternate, access.BoardMember, access.Resident})...)
	// Ask is a board's question.
	Ask = access.Declare("committee.ask", "监事会（顾问组）质询", "ask as a supervisory board", access.BoardMember)
)

// Faults that several parts of the room give.
var (
	ErrMissing = access.ErrMissing
	ErrChanged = fault.New(fault.Conflict, "committee.changed", "别人刚刚更新了，请刷新后再试", "somebody else has just changed this, please reload")
	ErrWords   = fault.Bad("text", "committee.words", "请写明内容", "please say what it is about")
	ErrWhy     = fault.Bad("reason", "committee.reason", "请写明理由", "please give a reason")
	ErrDay     = fault.Bad("on", "committee.day", "日期不能在今天之后，也不能早于前一步", "the day cannot lie in the future or before the step it follows")
	ErrOwner   = fault.Bad("person", "committee.owner", "须为本小区业主", "that has to be an owner of the compound")
	ErrPlace   = fault.Bad("compound", "committee.compound", "没有找到这个小区", "there is no such compound")
)

// Rooms are the parts below that a chamber stands on. Office and Stamps may be nil.
type Rooms struct {
	Rules    *rules.Book
	Map      *place.Map
	Register *people.Register
	Duty     *duty.Diary
	Office   *outreach.Office
	Stamps   *seal.Stamps
}

// Chamber is where committees are formed and work.
type Chamber struct {
	db *store.DB
	on Rooms
	// Outcome reads what a final meeting of the assembly elected; app fills it in from assembly. elects is false where the
	// meeting elected nobody.
	Outcome func(ctx context.Context, q store.Queryer, meeting string) (e Elected, elects bool, err error)
}

// Kinds of the room's duties; its own steps end them.
const (
	dutyGroup    = "committee.group"       // form the preparatory group (R14)
	dutyPost     = "committee.post_group"  // post its list (R15)
	dutyPapers   = "committee.papers"      // get the developer's papers (R16)
	dutyFinish   = "committee.finish"      // end the group's work (R18)
	dutyMeet     = "committee.first"       // hold the first meeting
	dutyFile     = "committee.file"        // file the committee (R11)
	dutyRefile   = "committee.refile"      // file a change
	dutyMinutes  = "committee.minutes"     // post minutes (R21)
	dutyReelect  = "committee.reelect"     // begin the re-election (R22, R24)
	dutyByElect  = "committee.by_election" // fill a vacancy (R29)
	dutyHandover = "committee.handover"    // hand over (R23)
	dutyAudit    = "committee.audit"       // have the accounts audited
	dutyAnswer   = "committee.answer"      // answer a board
	dutyTask     = "committee.task"        // a task of a special team
)

var dutyKinds = []string{dutyGroup, dutyPost, dutyPapers, dutyFinish, dutyMeet, dutyFile, dutyRefile, dutyMinutes, dutyReelect, dutyByElect, dutyHandover, dutyAudit, dutyAnswer, dutyTask}

// rulesOf says which rule a deadline comes from.
var rulesOf = map[string]string{dutyGroup: "R14", dutyPost: "R15", dutyPapers: "R16", dutyFinish: "R18", dutyFile: "R11", dutyRefile: "R11", dutyMinutes: "R21", dutyReelect: "R22", dutyByElect: "R29", dutyHandover: "R23"}

// dueWords are the deadlines as people say them.
var dueWords = map[string][2]string{
	dutyGroup: {"成立筹备组", "form the preparatory group"}, dutyPost: {"公示筹备组名单", "post the group's list"}, dutyPapers: {"建设单位报送资料", "the developer's papers"}, dutyFinish: {"筹备期限", "end the preparation"},
	dutyMeet: {"首次委员会会议", "first meeting"}, dutyFile: {"备案", "filing"}, dutyRefile: {"变更备案", "filing of a change"}, dutyMinutes: {"公布纪要", "post the minutes"}, dutyReelect: {"启动换届", "begin the re-election"},
	dutyByElect: {"补选", "by-election"}, dutyHandover: {"移交", "hand-over"}, dutyAudit: {"审计", "audit"}, dutyAnswer: {"答复质询", "answer the board"}, dutyTask: {"专班任务", "task of the special team"},
}

// New makes a chamber.
func New(db *store.DB, on Rooms) *Chamber {
	for _, kind := range dutyKinds {
		on.Duty.Keep(kind, false)
	}
	return &Chamber{db: db, on: on}
}

func today(tx *store.Tx) day.Day { return tx.Now.Day(day.Shanghai) }

// Today is the civil day of the store's clock.
func (c *Chamber) Today() day.Day { return c.db.Now().Day(day.Shanghai) }

// rules are the parameters and the calendar in force at a place on a day, and their name.
func (c *Chamber) rules(ctx context.Context, q store.Queryer, at scope.Path, on day.Day) (p rules.Committees, cal *day.Calendar, name string, err error) {
	return rules.ParamsAndDays[rules.Committees](ctx, c.on.Rules, q, rules.Committee, at, on)
}

// Due is a legal deadline and how it ended.
type Due struct {
	Ref         string      `json:"ref"`
	Kind        string      `json:"kind"`
	Zh          string      `json:"zh"`
	En          string      `json:"en"`
	Rule        string      `json:"rule,omitempty"`
	Since       day.Instant `json:"since"`
	Due         day.Instant `json:"due"`
	Provisional bool        `json:"provisional,omitempty" doc:"the deadline crosses a year whose holidays are not published yet"`
	Met         day.Instant `json:"met,omitempty" doc:"when it was met, empty while open"`
	Void        bool        `json:"void,omitempty" doc:"nobody owes it any more"`
	Late        bool        `json:"late" doc:"met after the deadline, or open and overdue"`
}

// holder is who owes a duty: a post at the place (in an organisation), or a person.
type holder struct {
	post        access.Post
	org, person string
}

// owe writes a duty and its deadline. An open one of the same kind for ref makes room.
func (c *Chamber) owe(ctx context.Context, tx *store.Tx, kind, ref, zh, en string, at scope.Path, by holder, due day.Due) error {
	if due.At == 0 {
		return nil
	}
	if err := c.drop(ctx, tx, kind, ref); err != nil {
		return err
	}
	if _, err := c.on.Duty.Owe(ctx, tx, duty.Owe{Kind: kind, Ref: ref, Zh: zh, En: en, Path: at, Post: by.post, Org: by.org, Person: by.person, Due: due.At, Provisional: due.Provisional}); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `insert into committee_due (ref, kind, n, path, street, rule, since, due, provisional, met, void)
values ($1, $2, (select count(*) from committee_due where ref = $1 and kind = $2) + 1, $3, $4, $5, $6, $7, $8, 0, $9)`,
		ref, kind, string(at), string(at.Street()), rulesOf[kind], int64(tx.Now), int64(due.At), due.Provisional, false)
	return err
}

// met ends a duty: what it asked for was done.
func (c *Chamber) met(ctx context.Context, tx *store.Tx, kind, ref, person string) error {
	if err := c.on.Duty.End(ctx, tx, kind, ref, person); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `update committee_due set met = $1 where ref = $2 and kind = $3 and met = 0`, int64(tx.Now), ref, kind)
	return err
}

// drop voids a duty: nobody owes it any more.
func (c *Chamber) drop(ctx context.Context, tx *store.Tx, kind, ref string) error {
	if err := c.on.Duty.Void(ctx, tx, kind, ref, ""); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `update committee_due set met = $1, void = $2 where ref = $3 and kind = $4 and met = 0`, int64(tx.Now), true, ref, kind)
	return err
}

// dues lists the deadlines of some refs, oldest first.
func dues(ctx context.Context, q store.Queryer, now day.Instant, refs ...string) ([]Due, error) {
	out := []Due{}
	for part := range slices.Chunk(refs, 40) {
		args := make([]any, len(part))
		for i, r := range part {
			args[i] = r
		}
		got, err := store.All(ctx, q, func(r *sql.Rows) (x Due, err error) {
			err = r.Scan(&x.Ref, &x.Kind, &x.Rule, &x.Since, &x.Due, &x.Provisional, &x.Met, &x.Void)
			x.Late = !x.Void && (x.Met == 0 && x.Due < now || x.Met > x.Due)
			x.Zh, x.En = dueWords[x.Kind][0], dueWords[x.Kind][1]
			return x, err
		}, `select ref, kind, rule, since, due, provisional, met, void from committee_due where ref in (`+store.Marks(1, len(part))+`) order by since, kind, n`, args...)
		if err != nil {
			return nil, err
		}
		out = append(out, got...)
	}
	return out, nil
}

// Paper is one paper of a committee or of its forming.
type Paper struct {
	ID      string          `json:"id"`
	Org     string          `json:"org,omitempty"`
	Forming string          `json:"forming,omitempty"`
	Path    scope.Path      `json:"path"`
	Kind    string          `json:"kind" doc:"notice, minutes, filing, seal, handover, question, audit, members, group, drafts, recall"`
	Zh      string          `json:"zh"`
	En      string          `json:"en"`
	Ref     string          `json:"ref"`
	Words   json.RawMessage `json:"words" doc:"what it says, as written down"`
	Hash    string          `json:"hash" doc:"SHA-256 of words"`
	At      day.Instant     `json:"at"`
	Open    bool            `json:"open" doc:"posted: every owner may read it"`
	By      string          `json:"by" doc:"person id"`
}

// keep files a paper. words becomes JSON; open ones are for every owner.
func (c *Chamber) keep(ctx context.Context, tx *store.Tx, who access.Who, p Paper, words any) (Paper, error) {
	text, err := json.Marshal(words)
	if err != nil {
		return p, err
	}
	sum := sha256.Sum256(text)
	p.ID, p.At, p.By, p.Words, p.Hash = tx.NewID(), tx.Now, who.Person, text, hex.EncodeToString(sum[:])
	_, err = tx.Exec(ctx, `insert into committee_paper (id, org, forming, path, kind, title, title_en, ref, words, hash, at, open, by_person) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
		p.ID, p.Org, p.Forming, string(p.Path), p.Kind, p.Zh, p.En, p.Ref, string(text), p.Hash, int64(p.At), p.Open, p.By)
	return p, err
}

func papers(ctx context.Context, q store.Queryer, cond string, args ...any) ([]Paper, error) {
	return store.All(ctx, q, func(r *sql.Rows) (p Paper, err error) {
		var words string
		err = r.Scan(&p.ID, &p.Org, &p.Forming, &p.Path, &p.Kind, &p.Zh, &p.En, &p.Ref, &words, &p.Hash, &p.At, &p.Open, &p.By)
		p.Words = json.RawMessage(words)
		return p, err
	}, `select id, org, forming, path, kind, title, title_en, ref, words, hash, at, open, by_person from committee_paper where `+cond+` order by id`, args...)
}

// trail writes the audit entry and tells browsers.
func (c *Chamber) trail(ctx context.Context, tx *store.Tx, who access.Who, a *access.Action, at scope.Path, what, ref, why string, to any) error {
	kind, id := "committees", ref
	if i := slices.Index([]byte(ref), '/'); i > 0 {
		kind, id = ref[:i], ref[i+1:]
	}
	tx.Changed(store.Change{Kind: kind, ID: id, Path: at})
	return audit.Write(ctx, tx, audit.Entry{By: who.By(a, at), Action: "committee." + what, Path: at, Ref: ref, Why: why, To: to})
}

// tell sends a plain message in the caller's write.
func (c *Chamber) tell(ctx context.Context, tx *store.Tx, at scope.Path, ref, zhTitle, enTitle, zh, en string, to ...outreach.To) error {
	if c.on.Office == nil || len(to) == 0 {
		return nil
	}
	return c.on.Office.Tell(ctx, tx, outreach.Message{To: to, Template: "plain", Ref: ref, Path: at, Words: map[string]string{"title": zhTitle, "title_en": enTitle, "text": zh, "text_en": en}})
}

// owns reports whether a person holds a title at a place on a day.
func owns(ctx context.Context, q store.Queryer, person string, at scope.Path, on day.Day) (bool, error) {
	if person == "" {
		return false, nil
	}
	lo, hi := at.Bounds()
	n, err := store.Count(ctx, q, `select count(*) from people_v_title where person = $1 and path >= $2 and path < $3 and from_day <= $4 and (to_day = '' or to_day >= $4)`, person, lo, hi, on)
	return n > 0, err
}

// compound finds a living compound by its id.
func (c *Chamber) compound(ctx context.Context, q store.Queryer, id string) (place.Node, error) {
	n, err := c.on.Map.Get(ctx, q, id)
	if fault.IsKind(err, fault.Missing) || err == nil && (n.Kind != place.Compound || n.EndedOn.Sound()) {
		return n, ErrPlace
	}
	return n, err
}

func none(err error) bool { return errors.Is(err, sql.ErrNoRows) }

// text is v as JSON for a column; an empty list is [].
func text(v any) string {
	b, err := json.Marshal(v)
	if err != nil || string(b) == "null" {
		return "[]"
	}
	return string(b)
}

// passed checks a day that somebody writes down: today when left out, not in the future, not before after.
func passed(tx *store.Tx, on, after day.Day) (day.Day, error) {
	if !on.Sound() {
		on = today(tx)
	}
	if on > today(tx) || after.Sound() && on < after {
		return on, ErrDay
	}
	return on, nil
}

// room turns a deadline that began on a civil day into a due.
func room(cal *day.Calendar, from day.Day, l day.Limit) day.Due {
	return cal.Deadline(from.Start(day.Shanghai), l, day.Hours{})
}

// person is the one who asks as a person; a job or the command line has none.
func person(who access.Who) error {
	if who.Account == "" {
		return access.ErrSignIn
	}
	if who.Person == "" {
		return access.ErrRefused
	}
	return nil
}
