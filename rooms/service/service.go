package service

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
	"cuobian/platform/rules"
	"cuobian/platform/store"
	"cuobian/rooms/people"
	"cuobian/rooms/place"
)

//go:embed schema
var scripts embed.FS

// Schema is the tables of service.
func Schema() store.Schema { return store.Schema{Room: "service", Floor: 4, FS: scripts} }

// Mode is how a compound is managed.
type Mode string

// Modes.
const (
	Market       Mode = "market"
	StreetRun    Mode = "street_run"
	CommunityRun Mode = "community_run"
	StateRun     Mode = "state_run"
	SelfManaged  Mode = "self_managed"
	None         Mode = "none"
)

// Modes lists them with their names.
var Modes = []struct {
	Mode   Mode
	Zh, En string
}{
	{Market, "市场化物业", "market company"}, {StreetRun, "街道自办", "street-run"}, {CommunityRun, "社区自办", "community-run"},
	{StateRun, "国企托管", "state-company-run"}, {SelfManaged, "业主自治", "self-managed"}, {None, "无物业", "none"},
}

// What posts may do with service.
var (
	See = access.Declare("service.see", "查看物业服务", "see who serves which compound",
		access.DistrictOfficer, access.StreetLeader, access.DivisionCadre, access.SectionCadre, access.StreetOfficer, access.HotlineOperator,
		access.CommunitySecretary, access.CommunityOfficer, access.BranchSecretary, access.GroupLeader, access.BuildingLead, access.LaneLead,
		access.CommitteeDirector, access.CommitteeMember, access.CommitteeAlternate, access.InterimDirector, access.InterimMember, access.BoardMember,
		access.PropertyManager, access.PropertyStaff, access.GridWorker, access.Judge, access.Police, access.Supervisor, access.Expert,
		access.VolunteerLeader, access.JointMember, access.Resident, access.Auditor)
	Edit = access.Declare("service.edit", "登记物业合同、承诺和连片小区", "keep contracts, promises and joined compounds",
		access.StreetOfficer, access.CommunitySecretary, access.CommunityOfficer)
)

// Faults of service.
var (
	ErrMissing = fault.New(fault.Missing, "service.missing", "没有找到，或不在您的范围内", "not found, or not within your area")
	ErrVersion = fault.New(fault.Conflict, "service.version", "别人刚刚改过这条记录，请看过新内容后再改", "somebody else changed this record just now; look at it again before you change it")
	ErrBoth    = fault.New(fault.Conflict, "service.both", "这段时间该小区已有合同", "the compound has a contract for those days already")
	ErrEnded   = fault.New(fault.Conflict, "service.ended", "合同已结束", "the contract has ended")
	ErrReason  = fault.Bad("reason", "service.reason", "请写明原因", "a reason is needed")
	ErrDays    = fault.Bad("to_day", "service.days", "结束日不能早于开始日", "the last day cannot be before the first")
	ErrMode    = fault.Bad("mode", "service.mode", "没有这种管理方式", "there is no such mode")
	ErrCompany = fault.Bad("org", "service.company", "这种方式需要写明物业公司，其余方式不能写", "this mode needs a property company, or must not have one")
	ErrFee     = fault.Bad("fee_low", "service.fee", "收费标准不对", "the fee is not right")
	ErrPlace   = fault.Bad("compound", "service.compound", "合同的对象应为小区", "a contract is for a compound")
)

// Contract says who serves a compound, how, from day to day. Fees are hundredths of a fen per m² and month: 0.85 元 is 8500.
type Contract struct {
	ID       string     `json:"id"`
	Compound string     `json:"compound_id"`
	Path     scope.Path `json:"path"`
	Org      string     `json:"org,omitempty"`
	OrgName  string     `json:"org_name,omitempty"`
	Mode     Mode       `json:"mode" enum:"market,street_run,community_run,state_run,self_managed,none"`
	ModeText string     `json:"mode_text,omitempty" doc:"as written"`
	FeeLow   int64      `json:"fee_low,omitempty" doc:"hundredths of a fen per m² and month; 0.85 yuan is 8500"`
	FeeHigh  int64      `json:"fee_high,omitempty"`
	FeeText  string     `json:"fee_text,omitempty"`
	Pay      string     `json:"pay,omitempty" enum:",lump_sum,remuneration,quality,trust"`
	From     day.Day    `json:"from_day,omitempty"`
	To       day.Day    `json:"to_day,omitempty" doc:"last day; empty while it lasts"`
	EndedWhy string     `json:"ended_why,omitempty"`
	Origin   string     `json:"-"`
	Version  int64      `json:"version"`
}

// FeeFen is the lower fee in whole fen per m² and month, parts of a fen dropped.
func (c Contract) FeeFen() int64 { return c.FeeLow / 100 }

// In reports whether the contract is in force on a day.
func (c Contract) In(on day.Day) bool { return c.From <= on && (!c.To.Sound() || c.To >= on) }

// Contracts keeps who serves whom.
type Contracts struct {
	db     *store.DB
	People *people.Register
	// Rules gives the days of notice; without it those of the Civil Code.
	Rules *rules.Book
	// Resolved reports whether owners passed a decision of an item of Civil Code 278 for a compound; app fills it in.
	Resolved func(ctx context.Context, q store.Queryer, at scope.Path, decision string, item int) (bool, error)
	// Moved is told in the same write that a contract began, was changed or ended, or that notice was given under it; a room
	// above fills it in.
	Moved func(ctx context.Context, tx *store.Tx, c Contract) error
}

func (s *Contracts) moved(ctx context.Context, tx *store.Tx, c Contract) error {
	tx.Changed(store.Change{Kind: "contracts", ID: c.ID, Path: c.Path})
	if s.Moved == nil {
		return nil
	}
	return s.Moved(ctx, tx, c)
}

// New makes the contracts over a store.
func New(db *store.DB, p *people.Register) *Contracts { return &Contracts{db: db, People: p} }

func (c *Contract) check() error {
	if !slices.ContainsFunc(Modes, func(m struct {
		Mode   Mode
		Zh, En string
	}) bool {
		return m.Mode == c.Mode
	}) {
		return ErrMode
	}
	switch c.Mode {
	case SelfManaged, None:
		if c.Org != "" {
			return ErrCompany
		}
	case Market:
		if c.Org == "" {
			return ErrCompany
		}
	}
	if c.FeeHigh == 0 {
		c.FeeHigh = c.FeeLow
	}
	if c.FeeLow < 0 || c.FeeHigh < c.FeeLow || c.FeeHigh > 100_000_00 {
		return ErrFee
	}
	if !slices.Contains([]string{"", "lump_sum", "remuneration", "quality", "trust"}, c.Pay) {
		return fault.Bad("pay", "service.pay", "计费方式应为包干制、酬金制、按质付酬或信托制", "pay is lump_sum, remuneration, quality or trust")
	}
	if c.From.Sound() && c.To.Sound() && c.To < c.From {
		return ErrDays
	}
	return nil
}

// Put keeps a contract in the caller's write. The caller has checked who may.
func (s *Contracts) Put(ctx context.Context, tx *store.Tx, by audit.By, c Contract) (Contract, error) {
	n, err := s.People.Map.Get(ctx, tx, c.Compound)
	if err != nil {
		return c, err
	}
	if n.Kind != place.Compound {
		return c, ErrPlace
	}
	c.Path = n.Path
	if err := c.check(); err != nil {
		return c, err
	}
	if c.Org != "" {
		o, err := s.People.Org(ctx, tx, c.Org)
		if err != nil {
			return c, err
		}
		if o.Kind != people.PropertyCompany && c.Mode == Market {
			return c, ErrCompany
		}
		c.OrgName = o.Name
	}
	old, err := s.of(ctx, tx, n.ID)
	if err != nil {
		return c, err
	}
	for _, o := range old {
		if (!o.To.Sound() || !c.From.Sound() || o.To >= c.From) && (!c.To.Sound() || c.To >= o.From) {
			return c, ErrBoth
		}
	}
	c.ID, c.Version = tx.NewID(), 1
	if err := insert(ctx, tx, c); err != nil {
		if store.Unique(err) {
			return c, ErrBoth
		}
		return c, err
	}
	if err := s.moved(ctx, tx, c); err != nil {
		return c, err
	}
	return c, audit.Write(ctx, tx, audit.Entry{By: by, Action: Edit.Name, Path: c.Path, Ref: "contracts/" + c.ID, To: c})
}

// Sign keeps a contract by hand. With replace, the contract in force ends the day before.
func (s *Contracts) Sign(ctx context.Context, who access.Who, c Contract, replace bool) (out Contract, err error) {
	err = s.db.Write(ctx, func(tx *store.Tx) error {
		n, err := s.People.Map.Get(ctx, tx, c.Compound)
		if err != nil {
			return err
		}
		if err := who.May(Edit, n.Path); err != nil {
			return err
		}
		by := who.By(Edit, n.Path)
		if !c.From.Sound() {
			c.From = tx.Now.Day(day.Shanghai)
		}
		if replace {
			old, ok, err := s.serving(ctx, tx, n.ID, c.From)
			if err != nil {
				return err
			}
			if ok && old.From < c.From {
				if _, err := s.close(ctx, tx, by, old, c.From.Add(-1), "更换物业", c.Org); err != nil {
					return err
				}
			}
		}
		out, err = s.Put(ctx, tx, by, c)
		return err
	})
	return out, err
}

// Change corrects a contract's facts; compound, company and days stay.
func (s *Contracts) Change(ctx context.Context, who access.Who, c Contract, why string) (out Contract, err error) {
	err = s.db.Write(ctx, func(tx *store.Tx) error {
		old, err := s.Get(ctx, tx, c.ID)
		if err != nil {
			return err
		}
		if err := who.May(Edit, old.Path); err != nil {
			return err
		}
		if old.Version != c.Version {
			return ErrVersion
		}
		if strings.TrimSpace(why) == "" {
			return ErrReason
		}
		c.Compound, c.Path, c.Org, c.OrgName, c.From, c.To, c.EndedWhy, c.Origin = old.Compound, old.Path, old.Org, old.OrgName, old.From, old.To, old.EndedWhy, old.Origin
		if err := c.check(); err != nil {
			return err
		}
		out, err = s.write(ctx, tx, who.By(Edit, old.Path), old, c, why)
		return err
	})
	return out, err
}

func (s *Contracts) write(ctx context.Context, tx *store.Tx, by audit.By, old, c Contract, why string) (Contract, error) {
	c.Version = old.Version + 1
	if err := update(ctx, tx, c); err != nil {
		return c, err
	}
	if err := s.moved(ctx, tx, c); err != nil {
		return c, err
	}
	return c, audit.Write(ctx, tx, audit.Entry{By: by, Action: Edit.Name, Path: c.Path, Ref: "contracts/" + c.ID, Why: why, From: old, To: c})
}

// End ends a contract on its last day, and the company's terms at the compound with it.
func (s *Contracts) End(ctx context.Context, who access.Who, id string, last day.Day, version int64, why string) (c Contract, err error) {
	err = s.db.Write(ctx, func(tx *store.Tx) error {
		if c, err = s.Get(ctx, tx, id); err != nil {
			return err
		}
		if err := who.May(Edit, c.Path); err != nil {
			return err
		}
		if c.Version != version {
			return ErrVersion
		}
		if c.To.Sound() && c.To < tx.Now.Day(day.Shanghai) {
			return ErrEnded
		}
		if strings.TrimSpace(why) == "" {
			return ErrReason
		}
		if !last.Sound() {
			last = tx.Now.Day(day.Shanghai)
		}
		c, err = s.close(ctx, tx, who.By(Edit, c.Path), c, last, why, "")
		return err
	})
	return c, err
}

// close ends a contract; stays is the company that goes on serving, whose people keep their posts.
func (s *Contracts) close(ctx context.Context, tx *store.Tx, by audit.By, old Contract, last day.Day, why, stays string) (Contract, error) {
	c := old
	if c.From.Sound() && last < c.From {
		return c, ErrDays
	}
	c.To, c.EndedWhy = last, why
	c, err := s.write(ctx, tx, by, old, c, why)
	if err != nil || c.Org == "" || c.Org == stays {
		return c, err
	}
	terms, err := s.People.Terms(ctx, tx, people.TermFind{Org: c.Org, At: c.Path})
	if err != nil {
		return c, err
	}
	for _, t := range terms {
		if t.To.Sound() && t.To <= last || t.Post != access.PropertyManager && t.Post != access.PropertyStaff {
			continue
		}
		if _, err := s.People.CloseTerm(ctx, tx, by, t, max(last, t.From.Add(-1)), why); err != nil {
			return c, err
		}
	}
	return c, nil
}

// Serving is who serves the compound that a place lies in, on a day; ok is false when nothing is known.
func (s *Contracts) Serving(ctx context.Context, q store.Queryer, at scope.Path, on day.Day) (c Contract, ok bool, err error) {
	compound := place.CompoundPath(at)
	if compound == "" {
		return c, false, nil
	}
	return s.serving(ctx, q, compound.Last(), on)
}

// Staff are the terms in force of the serving company's people for a place, managers first.
func (s *Contracts) Staff(ctx context.Context, q store.Queryer, at scope.Path, on day.Day) (c Contract, staff []people.Term, err error) {
	c, ok, err := s.Serving(ctx, q, at, on)
	if err != nil || !ok || c.Org == "" {
		return c, nil, err
	}
	all, err := s.People.Holders(ctx, q, at, on, access.PropertyManager, access.PropertyStaff)
	if err != nil {
		return c, nil, err
	}
	for _, post := range []access.Post{access.PropertyManager, access.PropertyStaff} {
		for _, t := range all {
			if t.Post == post && t.Org == c.Org {
				staff = append(staff, t)
			}
		}
	}
	return c, staff, nil
}

// modeOf reads how a ledger names the manner.
func modeOf(f people.ServiceFact) Mode {
	switch f.Manner {
	case "market":
		return Market
	case "street":
		if strings.Contains(f.MannerAs, "社区") || strings.Contains(f.MannerAs, "居委会") {
			return CommunityRun
		}
		return StreetRun
	case "community":
		return CommunityRun
	case "state":
		return StateRun
	case "self":
		return SelfManaged
	case "none":
		return None
	}
	if f.Company != "" {
		return Market
	}
	return ""
}

// Learn keeps what a compound ledger says, in the import's write: the same company and mode stay one contract whose fee
// may change; another company or mode is a new contract from the day the ledger says, or from today. It says whether
// anything changed. It fills people.Register.ServiceOf.
func (s *Contracts) Learn(ctx context.Context, tx *store.Tx, f people.ServiceFact) (bool, error) {
	mode := modeOf(f)
	if mode == "" {
		return false, nil
	}
	on := tx.Now.Day(day.Shanghai)
	org := ""
	if f.Company != "" && mode != SelfManaged && mode != None {
		o, err := s.People.OrgNamed(ctx, tx, people.PropertyCompany, f.Company, f.Compound.Path.Street())
		if fault.IsKind(err, fault.Missing) {
			o, err = s.People.PutOrg(ctx, tx, f.By, people.Org{Kind: people.PropertyCompany, Name: f.Company, Path: f.Compound.Path.Street(), Demo: f.Compound.Demo})
		}
		if err != nil {
			return false, err
		}
		org = o.ID
	}
	if mode == Market && org == "" {
		return false, nil
	}
	want := Contract{Compound: f.Compound.ID, Path: f.Compound.Path, Org: org, Mode: mode, ModeText: f.MannerAs, FeeLow: f.FeeLow, FeeHigh: f.FeeHigh, FeeText: f.FeeText,
		Pay: f.Charge, From: f.Since, Origin: f.Import}
	old, ok, err := s.open(ctx, tx, f.Compound.ID)
	if err != nil {
		return false, err
	}
	if ok && old.Org == org && old.Mode == mode {
		c := old
		if f.FeeHigh != 0 {
			c.FeeLow, c.FeeHigh, c.FeeText = f.FeeLow, f.FeeHigh, f.FeeText
		}
		if f.Charge != "" {
			c.Pay = f.Charge
		}
		if f.MannerAs != "" {
			c.ModeText = f.MannerAs
		}
		if f.Since.Sound() {
			c.From = f.Since
		}
		if c == old {
			return false, nil
		}
		if err := c.check(); err != nil {
			return false, err
		}
		_, err := s.write(ctx, tx, f.By, old, c, imported)
		return err == nil, err
	}
	if ok {
		if !want.From.Sound() || want.From <= old.From {
			want.From = max(on, old.From.Add(1))
		}
		if _, err := s.close(ctx, tx, f.By, old, want.From.Add(-1), imported, org); err != nil {
			return false, err
		}
	}
	_, err = s.Put(ctx, tx, f.By, want)
	return err == nil, err
}

// Forget takes back what Learn kept for an import and nobody touched since: its contracts go, and those that ended for
// them are open again. kept are the compounds where it stays. It fills people.Register.ServiceForget.
func (s *Contracts) Forget(ctx context.Context, tx *store.Tx, by audit.By, origin string) (undone int, kept []scope.Path, err error) {
	if origin == "" {
		return 0, nil, nil
	}
	all, err := s.from(ctx, tx, origin)
	if err != nil {
		return 0, nil, err
	}
	for _, c := range all {
		promises, err := s.promises(ctx, tx, c.ID)
		if err != nil {
			return undone, kept, err
		}
		if c.Version != 1 || len(promises) > 0 {
			kept = append(kept, c.Path)
			continue
		}
		if err := remove(ctx, tx, c.ID); err != nil {
			return undone, kept, err
		}
		undone++
		if err := audit.Write(ctx, tx, audit.Entry{By: by, Action: Edit.Name, Path: c.Path, Ref: "contracts/" + c.ID, Why: "撤销导入", From: c}); err != nil {
			return undone, kept, err
		}
		before, err := s.of(ctx, tx, c.Compound)
		if err != nil {
			return undone, kept, err
		}
		for _, o := range before {
			if o.To.Sound() && o.To == c.From.Add(-1) && o.EndedWhy == imported {
				next := o
				next.To, next.EndedWhy = 0, ""
				if _, err := s.write(ctx, tx, by, o, next, "撤销导入"); err != nil {
					return undone, kept, err
				}
			}
		}
	}
	return undone, kept, nil
}

// imported is why a contract ended when a ledger named another company.
const imported = "台账导入"

// Told gives what Learn keeps, for the export of a compound ledger. It fills people.Register.ServiceAt.
func (s *Contracts) Told(ctx context.Context, q store.Queryer, compound scope.Path) (f people.ServiceFact, ok bool, err error) {
	c, ok, err := s.open(ctx, q, compound.Last())
	if err != nil || !ok {
		return f, ok, err
	}
	f = people.ServiceFact{Company: c.OrgName, MannerAs: c.ModeText, Charge: c.Pay, FeeLow: c.FeeLow, FeeHigh: c.FeeHigh, FeeText: c.FeeText, Since: c.From,
		Manner: map[Mode]string{Market: "market", StreetRun: "street", CommunityRun: "community", StateRun: "state", SelfManaged: "self", None: "none"}[c.Mode]}
	if f.MannerAs == "" {
		for _, m := range Modes {
			if m.Mode == c.Mode {
				f.MannerAs = m.Zh
			}
		}
	}
	return f, true, nil
}

// Find asks for contracts; empty fields are not asked for.
type Find struct {
	Under scope.Path
	Mode  Mode
	Org   string
	On    day.Day
	After string
	Limit int
}

// List lists contracts within who's places.
func (s *Contracts) List(ctx context.Context, who access.Who, f Find) (items []Contract, next string, count int64, more bool, err error) {
	if err := who.MaySomewhere(See); err != nil {
		return nil, "", 0, false, err
	}
	if f.Limit <= 0 || f.Limit > 200 {
		f.Limit = 50
	}
	items, count, err = s.find(ctx, s.db, f, place.Narrow(who.Paths(See), f.Under))
	if count > people.CountTo {
		count, more = people.CountTo, true
	}
	if len(items) > f.Limit {
		items = items[:f.Limit]
		next = items[f.Limit-1].ID
	}
	return items, next, count, more, err
}

// Look shows a contract.
func (s *Contracts) Look(ctx context.Context, who access.Who, id string) (c Contract, promises []Promise, err error) {
	if c, err = s.Get(ctx, s.db, id); err != nil {
		return c, nil, err
	}
	if err := who.May(See, c.Path); err != nil {
		return Contract{}, nil, err
	}
	promises, err = s.promises(ctx, s.db, id)
	return c, promises, err
}
