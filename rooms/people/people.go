package people

import (
	"context"
	"embed"
	"slices"
	"strings"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/jobs"
	"cuobian/platform/seal"
	"cuobian/platform/store"
	"cuobian/rooms/place"
)

//go:embed schema
var scripts embed.FS

// Schema is the register's tables.
func Schema() store.Schema { return store.Schema{Room: "people", Floor: 3, FS: scripts} }

// Sealed lists the sealed columns, for the rotation of keys.
func Sealed() []seal.Column {
	return []seal.Column{
		{Table: "people_person", Key: "id", Column: "id_sealed"},
		{Table: "people_phone", Key: "id", Column: "sealed"},
		{Table: "people_correction", Key: "id", Column: "text_sealed"},
		{Table: "people_import_file", Key: "id", Column: "sealed"},
	}
}

// What posts may do with the register.
var (
	See = access.Declare("people.see", "查看人员（号码打码）", "see persons, numbers masked",
		access.StreetLeader, access.DivisionCadre, access.SectionCadre, access.StreetOfficer, access.HotlineOperator,
		access.CommunitySecretary, access.CommunityOfficer, access.BranchSecretary, access.GridWorker, access.Police)
	Reveal = access.Declare("people.reveal", "查看完整号码（需写明原因）", "see a full number, with a reason",
		access.StreetOfficer, access.HotlineOperator, access.CommunitySecretary, access.CommunityOfficer, access.GridWorker)
	Edit = access.Declare("people.edit", "登记和更正人员、产权、住户", "enter and correct persons, titles and households",
		access.StreetOfficer, access.CommunitySecretary, access.CommunityOfficer)
	SeePosts = access.Declare("people.posts", "查看组织、岗位和包干责任", "see organisations, posts and who answers for what",
		access.DistrictOfficer, access.StreetLeader, access.DivisionCadre, access.SectionCadre, access.StreetOfficer, access.HotlineOperator,
		access.CommunitySecretary, access.CommunityOfficer, access.BranchSecretary, access.GroupLeader, access.BuildingLead, access.LaneLead,
		access.CommitteeDirector, access.CommitteeMember, access.CommitteeAlternate, access.InterimDirector, access.InterimMember, access.BoardMember,
		access.PropertyManager, access.PropertyStaff, access.GridWorker, access.Judge, access.Police, access.Supervisor, access.Expert,
		access.VolunteerLeader, access.JointMember, access.Resident, access.SystemAdmin, access.SecurityAdmin, access.Auditor)
	Appoint = access.Declare("people.appoint", "登记组织和任免岗位", "keep organisations, appoint to posts and end terms",
		access.StreetLeader, access.StreetOfficer, access.CommunitySecretary)
	Import = access.Declare("people.import", "导入和撤销台账", "import ledgers and undo it",
		access.StreetOfficer, access.CommunitySecretary, access.CommunityOfficer)
	Export = access.Declare("people.export", "导出台账（需写明用途）", "export the roster, with a purpose",
		access.StreetOfficer, access.CommunitySecretary)
	Decide = access.Declare("people.decide", "处理本人更正和删除请求", "decide what people ask to be corrected or deleted",
		access.StreetOfficer, access.CommunitySecretary)
)

// Faults of the register.
var (
	ErrMissing  = fault.New(fault.Missing, "people.missing", "没有找到，或不在您的范围内", "not found, or not within your area")
	ErrVersion  = fault.New(fault.Conflict, "people.version", "别人刚刚改过这条记录，请看过新内容后再改", "somebody else changed this record just now; look at it again before you change it")
	ErrName     = fault.Bad("name", "people.name", "姓名或名称不能为空，也不能超过 60 个字", "a name of 1 to 60 characters is needed")
	ErrPhone    = fault.Bad("phone", "people.phone", "电话号码不对", "that is no telephone number")
	ErrIdentity = fault.Bad("identity", "people.identity", "证件号码不对，请核对校验位", "that document number cannot be right; check its digits")
	ErrKnown    = fault.New(fault.Conflict, "people.known", "已有同一证件号码的人员，请直接使用或合并", "there is already a person with this document number; use or merge that one")
	ErrReason   = fault.Bad("reason", "people.reason", "请写明原因", "a reason is needed")
	ErrDays     = fault.Bad("to_day", "people.days", "结束日不能早于开始日", "the last day cannot be before the first")
	ErrShare    = fault.Bad("share", "people.share", "份额应为大于零的分数，合计不能超过一", "shares are fractions above zero that add up to one at most")
	ErrHeld     = fault.New(fault.Conflict, "people.held", "此人在这里已有在任的同一岗位", "this person already holds that post here")
	ErrEnded    = fault.New(fault.Conflict, "people.ended", "已经结束，不能再改", "this has ended and cannot be changed")
	ErrGone     = fault.New(fault.Conflict, "people.gone", "这位人员已并入另一位或已匿名", "this person was merged into another or made anonymous")
	ErrCursor   = fault.Bad("after", "people.cursor", "翻页标记无效，请从头查看", "the page mark is not valid, start again")
)

// Register is the register of people over a store.
type Register struct {
	db   *store.DB
	ring *seal.Ring
	jobs *jobs.Runner // nil: imports run in their call
	Map  *place.Map
	// ServiceOf writes what a compound ledger says about its company, manner and fee; service fills it in through app.
	// It runs in the import's own write and says whether anything changed.
	ServiceOf func(ctx context.Context, tx *store.Tx, f ServiceFact) (changed bool, err error)
	// ServiceForget takes back what ServiceOf kept for an import and nobody touched since; kept are the compounds where it
	// stays. service fills it in through app.
	ServiceForget func(ctx context.Context, tx *store.Tx, by audit.By, importID string) (undone int, kept []scope.Path, err error)
	// InUse reports whether a higher room holds something at a place, so that an undo leaves it. app fills it in.
	InUse func(ctx context.Context, q store.Queryer, at scope.Path) (bool, error)
	// Forgotten tells what stands on a person elsewhere (an account) that the person was made anonymous; app fills it in.
	Forgotten func(ctx context.Context, tx *store.Tx, who access.Who, person, why string) error
	// Merged tells what names a person elsewhere (a roll, a device) that gone is kept from now on; app fills it in.
	Merged func(ctx context.Context, tx *store.Tx, kept, gone string) error
	// Parted tells the same that the latest merge of these two was taken apart; app fills it in.
	Parted func(ctx context.Context, tx *store.Tx, kept, gone string) error
	// ServiceAt reads the same for the export; service fills it in through app.
	ServiceAt func(ctx context.Context, q store.Queryer, compound scope.Path) (ServiceFact, bool, error)
}

// ServiceFact is what a compound ledger says about service.
type ServiceFact struct {
	By       audit.By
	Import   string // the import it comes from
	Compound place.Node
	Company  string // "" none
	Manner   string // market, street, state, self, none, "" not said
	MannerAs string // as written
	Charge   string // lump_sum, remuneration, "" not said
	FeeLow   int64  // hundredths of a fen per m² and month
	FeeHigh  int64
	FeeText  string
	Since    day.Day // zero where the ledger does not say a day
}

// New makes the register.
func New(db *store.DB, ring *seal.Ring, m *place.Map) *Register {
	return &Register{db: db, ring: ring, Map: m}
}

// CountTo is how far lists are counted; beyond, they say "1,000+".
const CountTo = place.CountTo

func trimName(name string) (string, error) {
	name = strings.Join(strings.Fields(name), " ")
	if n := len([]rune(name)); n == 0 || n > 60 {
		return "", ErrName
	}
	return name, nil
}

// where gives the places in which a person's records lie: the compound of a home, else the path itself.
func linkPath(path scope.Path) scope.Path {
	if c := place.CompoundPath(path); c != "" {
		return c
	}
	return path
}

func today(tx *store.Tx) day.Day { return tx.Now.Day(day.Shanghai) }

// Today is the civil day of the store's clock.
func (r *Register) Today() day.Day { return r.db.Now().Day(day.Shanghai) }

func compactPaths(paths []scope.Path) []scope.Path {
	slices.Sort(paths)
	return slices.Compact(paths)
}
