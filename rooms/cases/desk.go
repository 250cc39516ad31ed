package cases

import (
	"context"
	"embed"
	"slices"
	"sync"
	"sync/atomic"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/seal"
	"cuobian/platform/store"
	"cuobian/rooms/cases/clock"
	"cuobian/rooms/duty"
)

//go:embed schema
var scripts embed.FS

// Schema is the room's tables.
func Schema() store.Schema { return store.Schema{Room: "cases", Floor: 7, FS: scripts} }

// Sealed lists the room's sealed columns, for the rotation of keys.
func Sealed() []seal.Column {
	return []seal.Column{
		{Table: "cases_case", Key: "id", Column: "raw"},
		{Table: "cases_reporter", Key: "id", Column: "name"},
		{Table: "cases_reporter", Key: "id", Column: "phone"},
	}
}

var (
	streetPosts    = []access.Post{access.StreetOfficer, access.StreetLeader}
	communityPosts = []access.Post{access.CommunitySecretary, access.CommunityOfficer}
	holders        = []access.Post{
		access.PropertyManager, access.PropertyStaff, access.GridWorker, access.CommunityOfficer, access.CommunitySecretary,
		access.StreetOfficer, access.StreetLeader, access.SectionCadre, access.DivisionCadre, access.CommitteeDirector, access.InterimDirector,
		access.BranchSecretary, access.GroupLeader, access.BuildingLead, access.LaneLead, access.Police, access.Judge, access.Expert,
		access.VolunteerLeader, access.JointMember, access.DistrictOfficer,
	}
)

func posts(lists ...[]access.Post) (all []access.Post) {
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}

// What posts may do with matters.
var (
	View = access.Declare("cases.view", "查看辖区内事项", "see the matters of one's area", posts(streetPosts, communityPosts, []access.Post{
		access.DistrictOfficer, access.DivisionCadre, access.SectionCadre, access.HotlineOperator, access.BranchSecretary, access.CommitteeDirector,
		access.InterimDirector, access.PropertyManager, access.PropertyStaff, access.GridWorker, access.Supervisor, access.Auditor})...)
	Secret = access.Declare("cases.secret", "查看保密件", "see confidential matters", posts(streetPosts, []access.Post{access.DistrictOfficer, access.HotlineOperator})...)
	Intake = access.Declare("cases.intake", "代为登记事项", "take in a matter for somebody else", posts(streetPosts, communityPosts, []access.Post{
		access.HotlineOperator, access.GridWorker, access.Supervisor, access.PropertyManager, access.PropertyStaff, access.BranchSecretary,
		access.GroupLeader, access.BuildingLead, access.LaneLead, access.SectionCadre})...)
	Dispatch  = access.Declare("cases.dispatch", "受理、派单、并单", "accept, dispatch and merge matters", posts(streetPosts, communityPosts, []access.Post{access.HotlineOperator})...)
	Handle    = access.Declare("cases.handle", "接单和办理", "take and handle a matter that one holds", holders...)
	Verify    = access.Declare("cases.verify", "核实办理结果", "verify what was handled", posts(communityPosts, []access.Post{access.StreetOfficer, access.GridWorker, access.Supervisor, access.SectionCadre, access.BranchSecretary})...)
	Callback  = access.Declare("cases.callback", "回访报事人", "call reporters back", posts(communityPosts, []access.Post{access.StreetOfficer, access.HotlineOperator})...)
	Decide    = access.Declare("cases.decide", "审批延期和派单异议", "decide extensions and objections", posts(streetPosts, communityPosts, []access.Post{access.DistrictOfficer})...)
	Mediate   = access.Declare("cases.mediate", "组织调解", "lead the mediation of a matter", posts(streetPosts, communityPosts, []access.Post{access.DistrictOfficer})...)
	Reporter  = access.Declare("cases.reporter", "查看报事人（打码）", "see the reporter, masked", posts(streetPosts, communityPosts, []access.Post{access.HotlineOperator, access.GridWorker})...)
	Reveal    = access.Declare("cases.reveal", "查看原文和联系方式（留痕）", "see the original words and telephone number, with a reason", posts(streetPosts, communityPosts, []access.Post{access.HotlineOperator})...)
	Export    = access.Declare("cases.export", "导出事项", "export matters", posts(streetPosts, communityPosts, []access.Post{access.DistrictOfficer, access.PropertyManager, access.HotlineOperator, access.Auditor})...)
	SetRoutes = access.Declare("cases.route", "设定派单规则", "set the table of routes", streetPosts...)
	SetWords  = access.Declare("cases.template", "设定常用语", "set templates", posts(streetPosts, communityPosts, []access.Post{access.HotlineOperator, access.PropertyManager})...)
	Import    = access.Declare("cases.import", "导入12345工单", "import matters of 12345", posts(streetPosts, []access.Post{access.HotlineOperator})...)
	Keys      = access.Declare("cases.keys", "管理Open311密钥", "keep the keys of Open311", access.SystemAdmin, access.SecurityAdmin, access.StreetLeader)
)

// Faults of the room.
var (
	ErrChanged    = fault.New(fault.Conflict, "cases.changed", "这件事项刚被别人更新，请刷新后再试", "somebody else has just changed this matter, please reload")
	ErrState      = fault.New(fault.Conflict, "cases.state", "事项目前的状态不能做这一步，请刷新", "the matter is not in a state for this step, please reload")
	ErrOwnWork    = fault.New(fault.Refused, "cases.own_work", "办理人不能核实自己办的事", "whoever handled it cannot verify it")
	ErrOwnCall    = fault.New(fault.Refused, "cases.own_callback", "办理人不能回访自己办的事", "whoever handled it cannot call back")
	ErrSameCheck  = fault.New(fault.Refused, "cases.same_check", "核实人不能再回访，请由另一人回访", "whoever verified it cannot also call back, let another do it")
	ErrSameHands  = fault.New(fault.Refused, "cases.same_hands", "重办须由另一人办理", "after reopening another must handle it")
	ErrNotHolder  = fault.New(fault.Refused, "cases.not_holder", "这件事项不由您承办", "you do not hold this matter")
	ErrNotUp      = fault.New(fault.Refused, "cases.not_up", "须由承办人的上一级决定", "one level above the holder must decide this")
	ErrStreet     = fault.New(fault.Refused, "cases.street_decides", "二次退单后由街道指定承办", "after the second return the street names the holder")
	ErrReturns    = fault.New(fault.Conflict, "cases.returns", "街道已指定承办，不能再退单", "the street has named the holder, it cannot be returned again")
	ErrReturnLate = fault.New(fault.Conflict, "cases.return_late", "已超过退单时限（4个工作小时）", "the time for returning it (4 office hours) has passed")
	ErrPause      = fault.Bad("reason", "cases.pause", "只能因等待报事人、诉讼信访程序或业主表决而暂停", "the clock stops only for the reporter, a court or petition, or an owners' vote")
	ErrPauseUsed  = fault.New(fault.Conflict, "cases.pause_used", "该原因的暂停时间已用完", "the time for pausing for this reason is used up")
	ErrPaused     = fault.New(fault.Conflict, "cases.paused", "已经暂停", "it is already paused")
	ErrNotPaused  = fault.New(fault.Conflict, "cases.not_paused", "没有暂停", "it is not paused")
	ErrExtended   = fault.New(fault.Conflict, "cases.extended", "只能申请一次延期", "an extension can be asked for once only")
	ErrExtension  = fault.Bad("days", "cases.extension", "延期不得超过原期限", "an extension may not be longer than the period itself")
	ErrReason     = fault.Bad("reason", "cases.reason", "请写明理由", "please give a reason")
	ErrReasonCode = fault.Bad("reason_code", "cases.reason_code", "请选择退单原因", "please choose a reason for returning it")
	ErrNote       = fault.Bad("note", "cases.note", "请写明情况", "please say what was done")
	ErrEvidence   = fault.Bad("after_photo_ids", "cases.evidence", "请附办理后的照片", "please attach a photograph of how it looks now")
	ErrText       = fault.Bad("text", "cases.text", "请说明发生了什么", "please say what is wrong")
	ErrTextLong   = fault.Bad("text", "cases.text_long", "内容太长，最多4000字", "the text is too long, at most 4,000 characters")
	ErrPlace      = fault.Bad("place", "cases.place", "请选择地点", "please choose the place")
	ErrPhotos     = fault.Bad("photo_ids", "cases.photos", "最多9张照片", "at most 9 photographs")
	ErrChannel    = fault.Bad("channel", "cases.channel", "来源有误", "the channel is not one of ours")
	ErrCategory   = fault.Bad("category", "cases.category", "类别有误", "the category is not one of ours")
	ErrUrgency    = fault.Bad("urgency", "cases.urgency", "紧急程度有误", "the urgency is not one of ours")
	ErrLevel      = fault.Bad("level", "cases.level", "难度有误", "the level is not one of ours")
	ErrKind       = fault.Bad("kind", "cases.kind", "性质有误", "the kind is not one of ours")
	ErrResult     = fault.Bad("result", "cases.result", "结果有误", "the result is not one of ours")
	ErrHolder     = fault.Bad("holder", "cases.holder", "请选择承办单位、岗位或人员", "please choose an organisation, post or person")
	ErrPhone      = fault.Bad("phone", "cases.phone", "电话号码有误", "the telephone number is not right")
	ErrPurpose    = fault.Bad("purpose", "cases.purpose", "请写明导出用途", "please say what the export is for")
	ErrInto       = fault.Bad("into", "cases.into", "只能并入同一街道内未办结的事项", "it can only be merged into an open matter of the same street")
	ErrMany       = fault.Bad("ids", "cases.many", "一次最多处理200件", "at most 200 matters at once")
	ErrGuesses    = fault.New(fault.TooMany, "cases.guesses", "今天查询失败次数过多，请明天再试或拨打热线", "too many wrong tries today, try again tomorrow or call the hotline")
	ErrFrequent   = fault.New(fault.TooMany, "cases.frequent", "提交太频繁，请稍后再试", "too many reports in a short time, please try later")
	ErrObjectLate = fault.New(fault.Conflict, "cases.object_late", "已超过提出异议的时限", "the time for objecting has passed")
	ErrObjected   = fault.New(fault.Conflict, "cases.objected", "已经提过异议", "an objection was already raised")
	ErrReopened   = fault.New(fault.Conflict, "cases.reopened", "已重办过一次，请进入调解", "it was reopened once already; it goes to mediation")
)

// Spot is a place as the desk needs it.
type Spot struct {
	Path     scope.Path
	Compound string // name of the compound
	Text     string // the place within it, such as 3幢1单元
}

// Org is an organisation as the desk needs it.
type Org struct{ Name, Kind string }

// Person is one to whom something is told, without what is secret.
type Contact struct {
	Name   string `json:"name,omitempty" maxLength:"60"`
	Phone  string `json:"phone,omitempty" maxLength:"30"`
	Person string `json:"person,omitempty" maxLength:"40"`
}

// Notice is something to tell one reporter, or (Post, Org) whoever holds a post at Path; outreach makes words and
// channels of it.
type Notice struct {
	Ref      string
	Path     scope.Path
	Template string // cases.taken, cases.verified, …
	Account  string
	Person   string
	Post     access.Post
	Org      string
	Phone    string            // plain, for those without an account
	Words    map[string]string // number, compound, holder, due, …
}

// Desk is where matters are worked on.
type Desk struct {
	db        *store.DB
	ring      *seal.Ring
	duty      *duty.Diary
	gate      gate
	unindexed atomic.Int64
	rulesNew  atomic.Bool // the calendar or the rules changed since Sweep looked
	spots     keptSpots
	usual     usual
	auto      struct {
		sync.Mutex
		any  bool
		read day.Instant // when it was read, 0 never
	}

	// Ports to rooms and parts that app fills in; each may stay nil.

	// Place finds a place by node id, path or the code on a QR sticker.
	Place func(ctx context.Context, q store.Queryer, ref string) (Spot, error)
	// PlaceNamed finds the compound that a text names, by id or path, within a place; "" where none or several.
	PlaceNamed func(ctx context.Context, q store.Queryer, within scope.Path, text string) (string, error)
	// Served says how a compound is served (market, street_run, …; "" where unknown) and by which organisation.
	Served func(ctx context.Context, q store.Queryer, at scope.Path) (mode, org string, err error)
	// OrgOf names an organisation.
	OrgOf func(ctx context.Context, q store.Queryer, id string) (Org, error)
	// NameOf names a person who works on matters.
	NameOf func(ctx context.Context, q store.Queryer, person string) (string, error)
	// PhoneOf is where a person of the roster can be called, "" where nowhere.
	PhoneOf func(ctx context.Context, q store.Queryer, person string) (string, error)
	// OrgFor finds the organisation of a kind (owners_committee, police, …) that serves a place, "" where none.
	OrgFor func(ctx context.Context, q store.Queryer, kind string, at scope.Path) (string, error)
	// Hands counts the persons who may verify or call back in a community.
	Hands func(ctx context.Context, q store.Queryer, community scope.Path, verify, call []access.Post) (int, error)
	// Rules gives the periods and the calendar in force at a place on a day, and the name of the pack.
	Rules func(ctx context.Context, q store.Queryer, at scope.Path, on day.Day) (clock.Periods, *day.Calendar, string, error)
	// Tell tells a reporter.
	Tell func(ctx context.Context, tx *store.Tx, n Notice) error
	// Attach binds an uploaded picture or recording to its matter; it refuses one that somebody else uploaded. Where is
	// the line of the place that is drawn on photographs.
	Attach func(ctx context.Context, tx *store.Tx, who access.Who, blob, ref string, at scope.Path, where string) error
	// Expire says from which day on the pictures and recordings of a matter age; no day keeps them.
	Expire func(ctx context.Context, tx *store.Tx, ref string, from day.Day) error
	// PhoneCode checks the code that was sent to a telephone.
	PhoneCode func(ctx context.Context, phone, code string) error
}

// New makes a desk.
func New(db *store.DB, ring *seal.Ring, diary *duty.Diary) *Desk {
	d := &Desk{db: db, ring: ring, duty: diary}
	if diary != nil {
		// Who takes or handles a matter is its holder, which the desk alone changes.
		for _, kind := range dutyKinds {
			diary.Keep(kind, slices.Contains([]string{"cases.take", "cases.act", "cases.site", "cases.handle"}, kind))
		}
	}
	d.rulesNew.Store(true)
	db.OnChange(func(c store.Change) {
		switch c.Kind {
		case "rules":
			d.rulesNew.Store(true)
		case "place":
			d.spots.forget()
		}
	})
	return d
}

func (d *Desk) rules(ctx context.Context, q store.Queryer, at scope.Path, on day.Day) (clock.Periods, *day.Calendar, string, error) {
	if d.Rules != nil {
		return d.Rules(ctx, q, at, on)
	}
	return clock.Preset(), day.China(), "cases_clock", nil
}
