package rules

import (
	"context"
	"database/sql"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"time"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/rule"
	"cuobian/basis/scope"
	"cuobian/platform/audit"
	"cuobian/platform/store"
)

//go:embed schema
var scripts embed.FS

// Schema is the switches and the calendars.
func Schema() store.Schema { return store.Schema{Room: "rules", Floor: 1, FS: scripts} }

//go:embed packs/*.json
var packFiles embed.FS

var packs = sync.OnceValue(func() []rule.Pack {
	var out []rule.Pack
	names, err := fs.Glob(packFiles, "packs/*.json")
	if err != nil {
		panic(err)
	}
	for _, n := range names {
		b, err := fs.ReadFile(packFiles, n)
		if err != nil {
			panic(err)
		}
		p, err := rule.ReadPack(b)
		if err != nil {
			panic(n + ": " + err.Error())
		}
		out = append(out, p)
	}
	return out
})

// Packs are all packs, by name.
func Packs() []rule.Pack { return slices.Clone(packs()) }

// Called is what people call a preset that decisions name as "pack/preset"; the name itself where it is not known here.
func Called(name string) (zh, en string) {
	pack, id, _ := strings.Cut(name, "/")
	if p, ok := PackOf(pack); ok {
		for _, x := range p.Presets {
			if x.ID == id {
				return x.Zh, x.En
			}
		}
	}
	return name, name
}

// PackOf finds a pack.
func PackOf(name string) (rule.Pack, bool) {
	for _, p := range packs() {
		if p.Name == name {
			return p, true
		}
	}
	return rule.Pack{}, false
}

// Names of the packs.
const (
	CasesClock = "cases_clock" // rooms/cases/clock.Periods
	DutyCards  = "duty_cards"  // Cards
	Standing   = "standing"    // Counting
	Retention  = "retention"   // Keeping
	Assembly   = "assembly"    // Meetings
	Committee  = "committee"   // Committees
	Money      = "money"       // Moneys
)

// Meetings are the parameters of assembly (R08–R10, R26–R28, R74, R75). Days are civil days, both ends outside.
type Meetings struct {
	NoticeDays      int       `json:"notice_days"` // between notice and opening (R09)
	RollDays        int       `json:"roll_days"`   // the roll is posted for objections (R74)
	ResultDays      int       `json:"result_days"` // so is the preliminary result (R75)
	DemandN         int64     `json:"demand_n"`    // the share of area and of heads that can demand a meeting (R10)
	DemandD         int64     `json:"demand_d"`
	Convene         day.Limit `json:"convene"`   // in which the committee convenes on a demand
	Order           day.Limit `json:"order"`     // in which the street then orders it
	Entrust         day.Limit `json:"entrust"`   // in which the community then organises it
	Lapse           day.Limit `json:"lapse"`     // in which a demand collects its signatures
	Carry           day.Limit `json:"carry"`     // in which a decision is carried out
	Objection       day.Limit `json:"objection"` // in which an objection is answered
	Proxies         int       `json:"proxies"`   // mandates one holder may have (R27)
	CompanyProxy    bool      `json:"company_proxy"`
	ExtendDays      int       `json:"extend_days"` // the longest extension of a vote that misses its gate; 0 is none
	ExtendElections bool      `json:"extend_elections"`
	BarDays         int       `json:"bar_days"` // a failed motion is not put again for so long; 0 is not barred
	Group           int64     `json:"group"`    // heads that a published sum of a secret vote needs
	KeepYears       int       `json:"keep_years"`
	ProvisionalDays int       `json:"provisional_days"` // the provisional list of candidates before the vote (R29)
	FinalDays       int       `json:"final_days"`       // and the final one
	Cosigners       int       `json:"cosigners"`        // owners of the zone beside one who puts himself forward
	ByElectionDays  int       `json:"by_election_days"`
}

// Committees are the parameters of committee (R11, R13–R25).
type Committees struct {
	DeliveredN        int64     `json:"delivered_n"` // the share of the area that is delivered (R13)
	DeliveredD        int64     `json:"delivered_d"`
	DeliveredYears    int       `json:"delivered_years"`  // or years since the first delivery
	Applicants        int       `json:"applicants"`       // owners who may apply too
	Group             day.Limit `json:"group"`            // the preparatory group is formed (R14)
	GroupPost         day.Limit `json:"group_post"`       // and posted (R15)
	GroupShownDays    int       `json:"group_shown_days"` // for so long
	Papers            day.Limit `json:"papers"`           // the developer's papers (R16)
	DraftsDays        int       `json:"drafts_days"`      // drafts are posted before the meeting (R17)
	Finish            day.Limit `json:"finish"`           // the group's time (R18)
	SizeMin           int       `json:"size_min"`         // members, odd (R19)
	SizeMax           int       `json:"size_max"`
	TermYears         int       `json:"term_years"` // R20
	FirstMeeting      day.Limit `json:"first_meeting"`
	File              day.Limit `json:"file"` // R11
	Refile            day.Limit `json:"refile"`
	Minutes           day.Limit `json:"minutes"` // R21
	AgendaDays        int       `json:"agenda_days"`
	CallersN          int64     `json:"callers_n"` // share of members who may call a meeting
	CallersD          int64     `json:"callers_d"`
	ReelectMonths     int       `json:"reelect_months"`     // R22
	HandoverMember    day.Limit `json:"handover_member"`    // R23
	HandoverCommittee day.Limit `json:"handover_committee"` // R23
	InterimMin        int       `json:"interim_min"`        // R25
	InterimYears      int       `json:"interim_years"`
	Answer            day.Limit `json:"answer"`  // a board's question
	Partial           bool      `json:"partial"` // a committee stands if enough of its members were elected
}

// Moneys are the parameters of money (R30–R44). Sums are fen.
type Moneys struct {
	ReviewCommittee   day.Limit   `json:"review_committee"` // the first review (R38)
	ReviewCommunity   day.Limit   `json:"review_community"`
	ReviewStreet      day.Limit   `json:"review_street"`
	Seal              day.Limit   `json:"seal"`        // each of the two seals
	Silence           day.Limit   `json:"silence"`     // after the deadline silence climbs, once in so long; it never approves
	Expire            day.Limit   `json:"expire"`      // an application without an end lapses and lets its sum go
	StreetFrom        int64       `json:"street_from"` // the street always reviews above it, and samples below
	SampleN           int64       `json:"sample_n"`
	SampleD           int64       `json:"sample_d"`
	QuotesFrom        int64       `json:"quotes_from"` // above it so many quotes are needed
	Quotes            int         `json:"quotes"`
	SplitDays         int         `json:"split_days"`        // payments alike within so many days are judged by their sum; 0 is off
	DrawWait          day.Limit   `json:"draw_wait"`         // a draw that waits longer for the public log is told of
	Acting            string      `json:"acting"`            // who acts where no committee is in office: community, or nobody
	Cooling           day.Limit   `json:"cooling"`           // before a change of who may review or seal takes effect
	Publish           day.Limit   `json:"publish"`           // a payment on the board
	IncomeIn          day.Limit   `json:"income_in"`         // income reaches the account
	Reconcile         day.Limit   `json:"reconcile"`         // a month's bank reconciliation after its end
	MonthStatement    day.Limit   `json:"month_statement"`   // disclosure after the month's end
	QuarterStatement  day.Limit   `json:"quarter_statement"` // and the quarter's (R36)
	ShownDays         int         `json:"shown_days"`        // on the board for so long
	Answer            day.Limit   `json:"answer"`            // an owner's question about a line
	TopUpN            int64       `json:"topup_n"`           // share of the income that goes to the maintenance fund each quarter (R37)
	TopUpD            int64       `json:"topup_d"`
	TopUpUntilFirst   bool        `json:"topup_until_first"` // of the balance, until the first deposits are reached again
	BillDue           day.Limit   `json:"bill_due"`          // a bill is due so long after it was made
	Reminders         []day.Limit `json:"reminders"`         // after a bill is overdue
	WarnDays          int         `json:"warn_days"`         // before a contract's clock ends
	OverrunN          int64       `json:"overrun_n"`         // more than the share and more than the sum needs a new vote (R44)
	OverrunD          int64       `json:"overrun_d"`
	OverrunFrom       int64       `json:"overrun_from"`
	RenewalN          int64       `json:"renewal_n"` // below this share of the first deposit the fund is topped up (R41)
	RenewalD          int64       `json:"renewal_d"`
	LiftReview        day.Limit   `json:"lift_review"`          // silence of the custodian approves a lift's emergency (R43)
	PublishUse        day.Limit   `json:"publish_use"`          // totals and shares of a use of the fund
	DismissalDays     int         `json:"dismissal_days"`       // R32
	RefusalDays       int         `json:"renewal_refusal_days"` // R33
	DeviationN        int64       `json:"deviation_n"`          // budget against actual: more needs the committee's decision
	DeviationD        int64       `json:"deviation_d"`
	DeviationFrom     int64       `json:"deviation_from"`
	HoldBackSettle    day.Limit   `json:"hold_back_settle"`
	Accounts          day.Limit   `json:"accounts"`         // a year's accounts after its end (R30)
	CarryOut          day.Limit   `json:"carry_out"`        // what an assembly decided is begun
	LateInterestBasis int64       `json:"late_interest_bp"` // yearly interest on late joining, in basis points
	ContingencyN      int64       `json:"contingency_n"`    // of the chosen quote: the most that a plan of shared works sets aside for changes (after R44)
	ContingencyD      int64       `json:"contingency_d"`
}

// Cards are the parameters of duty_cards (R51).
type Cards struct {
	Yellow     int       `json:"yellow"`      // yellow cards that stand
	Upheld     int       `json:"upheld"`      // and upheld complaints
	WithinDays int       `json:"within_days"` // both within so many days
	Appeal     day.Limit `json:"appeal"`      // how long a card can be appealed
}

// Counting are the parameters of standing (R73).
type Counting struct {
	InterimCounts   bool   `json:"interim_counts"`   // an interim committee counts as formed
	DeliveredMonths int    `json:"delivered_months"` // compounds count from so many months after delivery
	Base            string `json:"base"`             // month, or year: what a change is measured against
}

// Keeping are the parameters of retention.
type Keeping struct {
	PhotoAfterClosing day.Limit `json:"photo_after_closing"`
	VoiceAfterClosing day.Limit `json:"voice_after_closing"`
	Unattached        day.Limit `json:"unattached"` // uploads that belong to nothing
	Log               day.Limit `json:"log"`        // at least six months (R72)
	Messages          day.Limit `json:"messages"`
	ImpactRecords     day.Limit `json:"impact_records"` // at least three years (R57)
}

// Faults of the book.
var (
	ErrPack     = fault.New(fault.Missing, "rules.pack", "没有这个规则包或预设", "there is no such pack or preset")
	ErrBackward = fault.Bad("from", "rules.backward", "生效日期不能早于今天：不能改变已作出的决定", "a choice holds from today at the earliest: what was decided stays")
	ErrWhy      = fault.Bad("why", "rules.why", "请说明原因", "please give a reason")
	ErrYear     = fault.Bad("days", "rules.year", "放假安排有误：日期不属于该年，或同一天既休又班，或没有记录", "the year's records cannot be right: a day of another year, one both off and working, or none at all")
	ErrTooDeep  = fault.Bad("path", "rules.calendar_place", "日历只能按全国、省、市、区县或街道设置", "a calendar is set for the country, a division or a street")
)

// Switch is one choice of a preset.
type Switch struct {
	ID     string      `json:"id"`
	Pack   string      `json:"pack"`
	Preset string      `json:"preset" doc:"empty: as the wider place has it"`
	Path   scope.Path  `json:"path"`
	From   day.Day     `json:"from"`
	MadeAt day.Instant `json:"made_at"`
	MadeBy string      `json:"made_by"`
	Why    string      `json:"why"`
}

// Notice is one year of a calendar as a place set it.
type Notice struct {
	ID     string      `json:"id"`
	Path   scope.Path  `json:"path"`
	Year   day.Year    `json:"year"`
	MadeAt day.Instant `json:"made_at"`
	MadeBy string      `json:"made_by"`
	Why    string      `json:"why"`
}

// InForce is a preset as it holds at a place on a day, with where that was chosen.
type InForce struct {
	Pack   rule.Pack
	Preset rule.Preset
	By     *Switch // nil where nobody chose
}

// Name is what a decision writes down: cases_clock/house.
func (f InForce) Name() string { return f.Pack.Name + "/" + f.Preset.ID }

// Read puts the values into a struct; see rule.Preset.Read.
func (f InForce) Read(into any) error { return f.Preset.Read(into) }

// Book is where the rules in force are looked up.
type Book struct {
	db    *store.DB
	mu    sync.Mutex
	epoch int
	kept  *pages
	cals  map[scope.Path]*day.Calendar
}

// pages is all that was chosen: few rows, read at once.
type pages struct {
	at       day.Instant
	trusted  time.Duration
	switches []Switch
	notices  []Notice
}

// New opens the book. It listens for changes and forgets what it read.
func New(db *store.DB) *Book {
	b := &Book{db: db}
	db.OnChange(func(c store.Change) {
		if c.Kind == "rules" {
			b.mu.Lock()
			b.epoch++
			b.kept, b.cals = nil, nil
			b.mu.Unlock()
		}
	})
	return b
}

// How long the book trusts what it read: another process on the same database may choose, and what was read inside a
// write may be a moment old, or never be kept.
const (
	keptFor      = 30 * time.Second
	keptForWrite = 2 * time.Second
)

func (b *Book) pages(ctx context.Context, q store.Queryer) (*pages, error) {
	now := b.db.Now()
	b.mu.Lock()
	p, epoch := b.kept, b.epoch
	b.mu.Unlock()
	if p != nil {
		if age := now.Sub(p.at); age >= 0 && age < p.trusted {
			return p, nil
		}
	}
	p = &pages{at: now, trusted: keptFor}
	if _, inside := q.(*store.Tx); inside {
		p.trusted = keptForWrite
	}
	var err error
	if p.switches, err = store.All(ctx, q, scanSwitch, `select id, pack, preset, path, from_day, made_at, made_by, why from rules_switch order by from_day, id`); err != nil {
		return nil, err
	}
	if p.notices, err = store.All(ctx, q, scanNotice, `select id, path, year_text, made_at, made_by, why from rules_calendar order by id`); err != nil {
		return nil, err
	}
	b.mu.Lock()
	if b.epoch == epoch {
		b.kept, b.cals = p, nil
	}
	b.mu.Unlock()
	return p, nil
}

func scanSwitch(r *sql.Rows) (s Switch, err error) {
	err = r.Scan(&s.ID, &s.Pack, &s.Preset, &s.Path, &s.From, &s.MadeAt, &s.MadeBy, &s.Why)
	return s, err
}

func scanNotice(r *sql.Rows) (n Notice, err error) {
	var text string
	if err = r.Scan(&n.ID, &n.Path, &text, &n.MadeAt, &n.MadeBy, &n.Why); err == nil {
		err = json.Unmarshal([]byte(text), &n.Year)
	}
	return n, err
}

// InForce finds the preset of a pack at a place on a day: the nearest place that chose by then, and there the last
// choice. Fault: ErrPack.
func (b *Book) InForce(ctx context.Context, q store.Queryer, pack string, at scope.Path, on day.Day) (InForce, error) {
	p, ok := PackOf(pack)
	if !ok {
		return InForce{}, ErrPack
	}
	kept, err := b.pages(ctx, q)
	if err != nil {
		return InForce{}, err
	}
	for _, place := range at.Above() {
		var last *Switch
		for i := range kept.switches {
			if s := &kept.switches[i]; s.Pack == pack && s.Path == place && s.From <= on {
				last = s
			}
		}
		if last == nil || last.Preset == "" {
			continue
		}
		x, ok := p.Preset(last.Preset)
		if !ok {
			return InForce{}, ErrPack // a preset of another version of the program
		}
		by := *last
		return InForce{p, x, &by}, nil
	}
	return InForce{Pack: p, Preset: p.Presets[0]}, nil
}

// Switches lists the choices that touch a place: its own, those above it and those below it, newest first.
func (b *Book) Switches(ctx context.Context, q store.Queryer, at scope.Path) ([]Switch, error) {
	kept, err := b.pages(ctx, q)
	if err != nil {
		return nil, err
	}
	out := []Switch{}
	for _, s := range slices.Backward(kept.switches) {
		if s.Path.Covers(at) || at.Covers(s.Path) {
			out = append(out, s)
		}
	}
	return out, nil
}

// Switch chooses a preset at a place from a day on; "" goes back to what the wider place has. The caller has checked
// who may (access.SwitchRules).
func (b *Book) Switch(ctx context.Context, by audit.By, s Switch) (Switch, error) {
	p, ok := PackOf(s.Pack)
	if ok && s.Preset != "" {
		_, ok = p.Preset(s.Preset)
	}
	if !ok {
		return s, ErrPack
	}
	if s.Why = strings.TrimSpace(s.Why); s.Why == "" {
		return s, ErrWhy
	}
	err := b.db.Write(ctx, func(tx *store.Tx) error {
		if s.From.IsZero() {
			s.From = tx.Now.Day(day.Shanghai)
		}
		if s.From < tx.Now.Day(day.Shanghai) {
			return ErrBackward
		}
		before, err := b.InForce(ctx, tx, s.Pack, s.Path, s.From)
		if err != nil {
			return err
		}
		s.ID, s.MadeAt, s.MadeBy = tx.NewID(), tx.Now, by.Account
		if _, err := tx.Exec(ctx, `insert into rules_switch (id, pack, preset, path, from_day, made_at, made_by, why) values ($1, $2, $3, $4, $5, $6, $7, $8)`,
			s.ID, s.Pack, s.Preset, string(s.Path), s.From, s.MadeAt, s.MadeBy, s.Why); err != nil {
			return err
		}
		tx.Changed(store.Change{Kind: "rules", ID: s.ID, Path: s.Path})
		return audit.Write(ctx, tx, audit.Entry{By: by, Action: "rules.switch", Path: s.Path, Ref: "rules/" + s.Pack, Why: s.Why,
			From: map[string]any{"preset": before.Preset.ID}, To: map[string]any{"preset": s.Preset, "from": s.From}})
	})
	return s, err
}

// Params reads the parameters of a pack in force at a place on a day, such as Moneys of the pack Money, and gives the name of
// the pack and preset. Fault: ErrPack.
func Params[P any](ctx context.Context, b *Book, q store.Queryer, pack string, at scope.Path, on day.Day) (p P, name string, err error) {
	f, err := b.InForce(ctx, q, pack, at, on)
	if err != nil {
		return p, "", err
	}
	return p, f.Name(), f.Read(&p)
}

// ParamsAndDays is Params with the legal calendar there.
func ParamsAndDays[P any](ctx context.Context, b *Book, q store.Queryer, pack string, at scope.Path, on day.Day) (p P, cal *day.Calendar, name string, err error) {
	if p, name, err = Params[P](ctx, b, q, pack, at, on); err != nil {
		return p, nil, "", err
	}
	cal, err = b.Calendar(ctx, q, at)
	return p, cal, name, err
}

// Calendar is the legal calendar at a place: the notices that the program carries, and over them, year by year, what
// was set for the place or above it, the nearest and newest first (R52).
func (b *Book) Calendar(ctx context.Context, q store.Queryer, at scope.Path) (*day.Calendar, error) {
	if s := at.Street(); s != "" {
		at = s
	}
	kept, err := b.pages(ctx, q)
	if err != nil {
		return nil, err
	}
	if len(kept.notices) == 0 {
		return day.China(), nil
	}
	b.mu.Lock()
	c, ok := b.cals[at]
	b.mu.Unlock()
	if ok {
		return c, nil
	}
	chosen := map[int]day.Year{}
	for _, place := range at.Above() {
		here := map[int]day.Year{}
		for _, n := range kept.notices {
			if n.Path == place {
				here[n.Year.Year] = n.Year
			}
		}
		for y, n := range here {
			if _, nearer := chosen[y]; !nearer {
				chosen[y] = n
			}
		}
	}
	c = day.China()
	if len(chosen) > 0 {
		years := make([]day.Year, 0, len(chosen))
		for _, y := range chosen {
			years = append(years, y)
		}
		if c, err = day.China().With(years...); err != nil {
			return nil, err
		}
	}
	b.mu.Lock()
	if b.kept == kept {
		if b.cals == nil {
			b.cals = map[scope.Path]*day.Calendar{}
		}
		b.cals[at] = c
	}
	b.mu.Unlock()
	return c, nil
}

// Notices lists the years that places set, newest first.
func (b *Book) Notices(ctx context.Context, q store.Queryer) ([]Notice, error) {
	kept, err := b.pages(ctx, q)
	if err != nil {
		return nil, err
	}
	out := slices.Clone(kept.notices)
	slices.Reverse(out)
	return out, nil
}

// SetYear puts a year's notice in force at a place, at once: deadlines that were provisional are counted again by
// those who keep them. The caller has checked who may (access.SetYear).
func (b *Book) SetYear(ctx context.Context, by audit.By, n Notice) (Notice, error) {
	if n.Path != n.Path.Street() && strings.Contains(string(n.Path), "/") {
		return n, ErrTooDeep
	}
	if n.Why = strings.TrimSpace(n.Why); n.Why == "" {
		return n, ErrWhy
	}
	if n.Year.Year < 2007 || n.Year.Year > 2100 {
		return n, ErrYear
	}
	text, err := json.Marshal(n.Year)
	if err != nil {
		return n, err
	}
	err = b.db.Write(ctx, func(tx *store.Tx) error {
		cal, err := b.Calendar(ctx, tx, n.Path)
		if err != nil {
			return err
		}
		if _, err := cal.With(n.Year); err != nil {
			return ErrYear.Because(err)
		}
		n.ID, n.MadeAt, n.MadeBy = tx.NewID(), tx.Now, by.Account
		if _, err := tx.Exec(ctx, `insert into rules_calendar (id, path, year, year_text, made_at, made_by, why) values ($1, $2, $3, $4, $5, $6, $7)`,
			n.ID, string(n.Path), n.Year.Year, string(text), n.MadeAt, n.MadeBy, n.Why); err != nil {
			return err
		}
		tx.Changed(store.Change{Kind: "rules", ID: n.ID, Path: n.Path})
		return audit.Write(ctx, tx, audit.Entry{By: by, Action: "rules.calendar", Path: n.Path, Ref: fmt.Sprintf("calendars/%d", n.Year.Year), Why: n.Why, To: n.Year})
	})
	return n, err
}
