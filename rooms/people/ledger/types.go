package ledger

import "cuobian/basis/area"

// Book is a workbook as plain text. Name is the file's name without folder and
// ending; it is used only where no sheet names a compound.
type Book struct {
	Name   string
	Sheets []Sheet
}

// Sheet is one sheet. Rows[0] is row 1, Rows[0][0] column A; rows may differ in
// length. Cells hold the stored value: 98.56 for a number however it is shown,
// 45028 for a date, "#REF!" for an error.
type Sheet struct {
	Name     string
	Rows     [][]string
	Merges   []Span
	Hidden   bool
	Date1904 bool // serial dates count from 1904
}

// Span is a merged range, counted from 1, both ends in.
type Span struct{ Top, Left, Bottom, Right int }

// Options say what the book itself may not.
type Options struct {
	Street   string // used when no title names a street
	Compound string // for sheets that name no compound anywhere
	// Layouts replace what would be understood, matched by sheet name and, where
	// HeaderRows is not empty, by the first header row.
	Layouts []Layout
	// Progress is called now and then with rows done and rows in all; may be nil.
	Progress func(done, total int)
}

// Kind says what the rows of a layout are about.
type Kind string

// Kinds of layouts.
const (
	KindHomes     Kind = "homes"     // 房屋业主: one row is a home (or a parking space), or one co-owner of it
	KindParking   Kind = "parking"   // 车位: one row is a parking space
	KindCompounds Kind = "compounds" // 小区台账: one row is a compound
	KindCommittee Kind = "committee" // 业委会成员: one row is a member
	KindCrew      Kind = "crew"      // 包干人员: one row is a person answering for a compound
	KindOwners    Kind = "owners"    // 业主信息: one row is a person that homes name by number
	KindResidents Kind = "residents" // 租户、家庭成员: one row is a person living in a home
	KindBuildings Kind = "buildings" // 楼栋单元: one row is a building or a unit
	KindUnknown   Kind = ""          // a table that was not understood: Layout.Problem says why
	KindEmpty     Kind = "empty"     // no table at all
	KindOther     Kind = "other"     // a table about something else (fees, stock)
)

// Layout is how one table of a sheet was understood. A person may correct Kind
// and Columns and give it back in Options.Layouts.
type Layout struct {
	Sheet      string    `json:"sheet"`
	Kind       Kind      `json:"kind"`
	HeaderRows []int     `json:"header_rows"` // empty: the columns were told from their contents
	FirstRow   int       `json:"first_row"`   // first row of data
	LastRow    int       `json:"last_row"`
	Columns    []Column  `json:"columns"`
	Compound   string    `json:"compound,omitempty"`  // taken from title or sheet name, where no column has it
	Community  string    `json:"community,omitempty"` // likewise
	Building   string    `json:"building,omitempty"`  // likewise
	Read       int       `json:"read"`                // rows that became records
	Refused    int       `json:"refused"`
	Skipped    []Skip    `json:"skipped"`
	Stated     []Total   `json:"stated,omitempty"` // total rows that could be compared
	Problem    *Sentence `json:"problem,omitempty"`
}

// Column is one column of a layout.
type Column struct {
	Col        int    `json:"col"`    // from 1
	Letter     string `json:"letter"` // "A"
	Label      string `json:"label"`  // header words, upper row first, joined with /
	Field      Field  `json:"field"`  // NoField: not used
	Person     int    `json:"person"` // 0 the first owner, member or resident; 1, 2 … the next ones of the same role
	Confidence int    `json:"confidence"`
}

// Skip is a row that is no record, and why.
type Skip struct {
	Row int    `json:"row"`
	Why string `json:"why"` // title, line, header, total, note, signature, section, blank, order
}

// Total compares a total row with the sum of the rows above it.
type Total struct {
	Row    int    `json:"row"`
	Field  Field  `json:"field"`
	Stated string `json:"stated"`
	Sum    string `json:"sum"`
	Equal  bool   `json:"equal"`
}

// Sentence is text for people in both languages.
type Sentence struct {
	Zh string `json:"zh"`
	En string `json:"en"`
}

// Source is where a record stands: sheet and row, from 1.
type Source struct {
	Sheet string `json:"sheet"`
	Row   int    `json:"row"`
}

// Reading is everything that was understood of a book.
type Reading struct {
	Street     string      `json:"street"`
	ReportDate Date        `json:"report_date"`
	Layouts    []Layout    `json:"layouts"`
	Compounds  []Compound  `json:"compounds"` // in the order they first appear
	Homes      []Home      `json:"homes"`
	Parking    []Parking   `json:"parking"`
	Residents  []Resident  `json:"residents"`
	Committees []Committee `json:"committees"`
	Crew       []Crew      `json:"crew"`
	Rejected   []Refusal   `json:"rejected"` // by sheet in book order, then row
	Warnings   []Warning   `json:"warnings"`
}

// Compound is a residential compound (小区). Those that only homes or committees
// name are here too, with Listed false.
type Compound struct {
	Key        string    `json:"key"` // stable: name, or name@community where two share a name
	Source     Source    `json:"source"`
	Listed     bool      `json:"listed"` // has a row of its own in a compound ledger
	Name       string    `json:"name"`
	Community  string    `json:"community"`
	Grid       string    `json:"grid"`
	Address    string    `json:"address"`
	Kind       string    `json:"kind"` // as written: 商品房（普通）, 老旧小区 …
	BuiltYear  int       `json:"built_year"`
	BuiltText  string    `json:"built_text"` // where it is no year: 90年代
	Buildings  int       `json:"buildings"`  // -1 not said
	Units      int       `json:"units"`      // -1 not said
	Households int       `json:"households"` // -1 not said
	Area       area.Area `json:"area"`
	ParkingLot int       `json:"parking_lot"` // spaces said; -1 not said
	Developer  string    `json:"developer"`

	Company  string `json:"company"`   // "" none
	Manner   string `json:"manner"`    // market, street, state, self, none, "" not said
	MannerAs string `json:"manner_as"` // as written
	Charge   string `json:"charge"`    // lump_sum 包干制, remuneration 酬金制, "" not said
	Fee      Fee    `json:"fee"`
	Since    Date   `json:"since"` // service since

	HasCommittee     Tri    `json:"has_committee"`
	CommitteeState   string `json:"committee_state"` // formed, forming, none, "" not said
	CommitteeDate    Date   `json:"committee_date"`
	CommitteeMembers int    `json:"committee_members"` // -1 not said
	CommitteeParty   int    `json:"committee_party"`   // Party members among them; -1 not said
	CommitteeTerm    int    `json:"committee_term"`    // 0 not said
	CommitteeFrom    Date   `json:"committee_from"`    // term of office
	CommitteeTo      Date   `json:"committee_to"`
	Chair            Person `json:"chair,omitzero"`

	HasParty    Tri    `json:"has_party"`
	PartyOrg    string `json:"party_org"`
	Secretary   Person `json:"secretary,omitzero"`
	Responsible Person `json:"responsible,omitzero"` // 包干责任人
	Remark      string `json:"remark"`
}

// Fee is a monthly charge in hundredths of a fen per m² (0.8 元 = 8000), from
// Low to High. Text is what the cell says. Zero High: not said.
type Fee struct {
	Low  int64  `json:"low"`
	High int64  `json:"high"`
	Text string `json:"text"`
}

// Tri is yes, no or not said.
type Tri int8

// Values of Tri.
const (
	NotSaid Tri = 0
	Yes     Tri = 1
	No      Tri = -1
)

// Use says what a part of a building is for.
type Use string

// Uses. Dwellings and shops are what a summary counts as homes.
const (
	Dwelling Use = "dwelling" // 住宅
	Shop     Use = "shop"     // 店面, 商铺, 办公
	Garage   Use = "garage"   // 车库, 储藏间
	Common   Use = "common"   // 物业用房 …: belongs to all owners, counted nowhere
)

// State says who holds a home, as far as R05 needs it.
type State string

// States. Where a ledger says nothing, a home counts as delivered.
const (
	Delivered   State = "delivered"
	Undelivered State = "undelivered" // sold, not yet handed over: the developer's (R05)
	Unsold      State = "unsold"
)

// HeldByDeveloper reports whether R05 counts the home as the developer's.
func (s State) HeldByDeveloper() bool { return s == Undelivered || s == Unsold }

// Home is one part of a building: dwelling, shop or garage.
type Home struct {
	Key        string      `json:"key"` // compound key/building/unit/room; stable over files
	Source     Source      `json:"source"`
	Also       []Source    `json:"also,omitempty"` // further rows: one co-owner each
	Compound   string      `json:"compound"`       // Compound.Key
	Community  string      `json:"community"`
	Building   string      `json:"building"` // "3", "A1", "地下室"
	Unit       string      `json:"unit"`     // "" none
	Floor      string      `json:"floor"`    // "" not said
	Room       string      `json:"room"`
	Use        Use         `json:"use"`
	UseAs      string      `json:"use_as"` // as written
	Area       area.Area   `json:"area"`
	AreaSource area.Source `json:"area_source"`
	InnerArea  area.Area   `json:"inner_area"` // 套内面积, 0 not said
	State      State       `json:"state"`
	StateSaid  bool        `json:"state_said"` // false: delivered was assumed
	Occupancy  string      `json:"occupancy"`  // 自住, 出租, 空置 … as written
	Title      string      `json:"title"`      // 不动产权证号
	Delivered  Date        `json:"delivered_on"`
	Owners     []Person    `json:"owners"`
	OwnerKey   string      `json:"-"` // R05: the sorted identity numbers; names where there are none. Sensitive.
	Remark     string      `json:"remark"`
}

// Parking is a parking space. Titled ones are exclusive parts (R06) and count
// for heads.
type Parking struct {
	Key        string      `json:"key"` // compound key/parking/building/number
	Source     Source      `json:"source"`
	Compound   string      `json:"compound"`
	Community  string      `json:"community"`
	Building   string      `json:"building"` // 地下室, "" not said
	Number     string      `json:"number"`   // B001
	Area       area.Area   `json:"area"`
	AreaSource area.Source `json:"area_source"`
	Titled     bool        `json:"titled"`
	Title      string      `json:"title"`
	State      State       `json:"state"`
	StateSaid  bool        `json:"state_said"`
	Plate      string      `json:"plate"` // sensitive
	Owners     []Person    `json:"owners"`
	OwnerKey   string      `json:"-"`
	Remark     string      `json:"remark"`
}

// Person is a name with what the ledger says about it. Phones and Identity are
// sensitive: seal them before they are stored, never log them.
type Person struct {
	Name         string   `json:"name"`
	Phones       []string `json:"phones,omitempty"`
	Identity     Identity `json:"identity,omitzero"`
	Share        Share    `json:"share,omitzero"`
	Organisation bool     `json:"organisation,omitempty"` // a company or office, not a human being
	Gender       string   `json:"gender"`                 // 男, 女, ""
	Post         string   `json:"post"`                   // as written, where a chair cell has one
}

// Identity is a document number, normalised: 18 digits for residents (15-digit
// ones are completed), capital letters.
type Identity struct {
	Kind   string `json:"kind"` // resident, credit, passport, permit, other, ""
	Number string `json:"number"`
}

// Share of a title as a fraction; zero Den: not said.
type Share struct {
	Num int64 `json:"num"`
	Den int64 `json:"den"`
}

// Resident lives in a home without owning it.
type Resident struct {
	Source   Source `json:"source"`
	Home     string `json:"home"` // Home.Key; the home may be missing from this book
	Compound string `json:"compound"`
	Building string `json:"building"`
	Unit     string `json:"unit"`
	Room     string `json:"room"`
	Role     string `json:"role"`     // tenant, family, temporary
	Relation string `json:"relation"` // 配偶, 儿子 … as written
	From     Date   `json:"from"`
	To       Date   `json:"to"`
	Person   Person `json:"person"`
}

// Committee is an owners' committee as its filing lists it. Alternates are not
// members and probationary Party members are not Party members here; both are
// told apart by Member.
type Committee struct {
	Key       string   `json:"key"` // compound key/term
	Source    Source   `json:"source"`
	Compound  string   `json:"compound"`
	Term      int      `json:"term"` // 0 not said
	RecordNo  string   `json:"record_no"`
	From      Date     `json:"from"`
	To        Date     `json:"to"`
	Members   []Member `json:"members"`
	Regular   int      `json:"regular"`    // members without alternates
	Alternate int      `json:"alternates"` // 候补委员
	Party     int      `json:"party"`      // full Party members among all of them
	Probation int      `json:"probation"`  // 中共预备党员
}

// Member of a committee.
type Member struct {
	Source    Source `json:"source"`
	Person    Person `json:"person"`
	Post      string `json:"post"`    // chair, deputy, member, alternate, secretary, ""
	PostAs    string `json:"post_as"` // as written
	Party     string `json:"party"`   // member, probationary, "" (others)
	PartyAs   string `json:"party_as"`
	Building  string `json:"building"`
	Unit      string `json:"unit"`
	Room      string `json:"room"`
	Alternate bool   `json:"alternate"`
}

// Crew is one who answers for a compound without living there: judge, officer,
// cadre, grid worker, supervisor.
type Crew struct {
	Source   Source `json:"source"`
	Compound string `json:"compound"`
	Person   Person `json:"person"`
	Employer string `json:"employer"`
	Post     string `json:"post"`    // 职务 as written
	Role     string `json:"role"`    // judge, police, cadre, grid, supervisor, ""
	RoleAs   string `json:"role_as"` // 类别 as written
}

// Refusal is a row that was refused whole.
type Refusal struct {
	Sheet  string `json:"sheet"`
	Row    int    `json:"row"`
	Col    int    `json:"col"`   // from 1, 0 where no single cell is to blame
	Field  Field  `json:"field"` // likewise
	Reason string `json:"reason"`
	Zh     string `json:"zh"`
	En     string `json:"en"`
}

// Warning is something that was read but should be looked at.
type Warning struct {
	Sheet string `json:"sheet"`
	Row   int    `json:"row"` // 0: the sheet as a whole
	Col   int    `json:"col"`
	Code  string `json:"code"`
	Zh    string `json:"zh"`
	En    string `json:"en"`
}
