package money

import (
	"context"
	"database/sql"
	"encoding/json"
	"slices"
	"strings"

	"cuobian/basis/area"
	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/basis/yuan"
	"cuobian/platform/access"
	"cuobian/platform/store"
	"cuobian/rooms/money/ledger"
	"cuobian/rooms/money/tariff"
	"cuobian/rooms/place"
)

// fees is what the fees part of the till keeps beside its tables.
type fees struct {
	billPaid  map[string]func(ctx context.Context, tx *store.Tx, b Bill, paid yuan.Amount) error
	billBorne map[string]func(ctx context.Context, tx *store.Tx, b Bill, borne yuan.Amount) error
	providers map[string]Provider
	atOnce    int // homes that one write of a billing goes through; 0 is billsAtOnce
}

// onBillPaid names what is told when a bill whose origin begins with prefix is paid, or money for it is taken back (below
// zero), in the same write.
func (t *Till) onBillPaid(prefix string, fn func(ctx context.Context, tx *store.Tx, b Bill, paid yuan.Amount) error) {
	if t.billPaid == nil {
		t.billPaid = map[string]func(ctx context.Context, tx *store.Tx, b Bill, paid yuan.Amount) error{}
	}
	t.billPaid[prefix] = fn
}

// onBillBorne names what is told when another fund has paid in what a bill asked for whose origin begins with prefix, in the same
// write. Such a bill is never corrected or waived, so that nothing else changes what it asks for.
func (t *Till) onBillBorne(prefix string, fn func(ctx context.Context, tx *store.Tx, b Bill, borne yuan.Amount) error) {
	if t.billBorne == nil {
		t.billBorne = map[string]func(ctx context.Context, tx *store.Tx, b Bill, borne yuan.Amount) error{}
	}
	t.billBorne[prefix] = fn
}

// BillState is where a bill stands.
type BillState string

// States.
const (
	BillOpen   BillState = "open"
	BillPart   BillState = "part"   // paid in part
	BillPaid   BillState = "paid"   // nothing is left
	BillWaived BillState = "waived" // nothing is left, and some of it by a decision
	BillVoid   BillState = "void"   // wrong; it never counted
)

// StepLine is a step of a derivation with its words.
type StepLine struct {
	tariff.Step
	Zh string `json:"zh"`
	En string `json:"en"`
}

// Bill is what a home owes for a period and why. Amounts are fen.
type Bill struct {
	ID       string        `json:"id"`
	Compound string        `json:"compound"`
	Path     scope.Path    `json:"path"`
	Home     string        `json:"home"`
	Place    string        `json:"place,omitempty" doc:"where, in words"`
	Person   string        `json:"person,omitempty" doc:"who owes it, where it is not whoever owns the home"`
	Kind     BillKind      `json:"kind" enum:"property,parking,utility,shortfall,pledge,other"`
	Fund     ledger.Fund   `json:"fund"`
	Period   tariff.Period `json:"period"`
	Amount   yuan.Amount   `json:"amount"`
	Paid     yuan.Amount   `json:"paid"`
	Waived   yuan.Amount   `json:"waived"`
	Rest     yuan.Amount   `json:"rest" doc:"still to pay"`
	Due      day.Day       `json:"due"`
	Overdue  bool          `json:"overdue"`
	State    BillState     `json:"state" enum:"open,part,paid,waived,void"`
	Origin   string        `json:"origin,omitempty"`
	Zh       string        `json:"zh"`
	En       string        `json:"en"`
	Steps    []StepLine    `json:"steps"`
	Decision string        `json:"decision"`
	Run      string        `json:"run,omitempty"`
	Reminded int64         `json:"reminded" doc:"reminders so far"`
	Made     day.Day       `json:"made"`
	At       day.Instant   `json:"at"`
	earned   string
	entry    string
}

const billColumns = `id, compound, path, home, person, kind, fund, period_from, period_to, amount, paid, waived, due, state, origin, words, words_en, derivation, decision, earned, entry, run, reminded, made, at`

func scanBill(r interface{ Scan(...any) error }) (b Bill, err error) {
	var steps string
	if err = r.Scan(&b.ID, &b.Compound, &b.Path, &b.Home, &b.Person, &b.Kind, &b.Fund, &b.Period.From, &b.Period.To, &b.Amount, &b.Paid, &b.Waived, &b.Due, &b.State, &b.Origin, &b.Zh, &b.En, &steps, &b.Decision, &b.earned, &b.entry, &b.Run, &b.Reminded, &b.Made, &b.At); err != nil {
		return b, err
	}
	b.Steps = []StepLine{}
	if err = json.Unmarshal([]byte(steps), &b.Steps); err != nil {
		return b, err
	}
	for i := range b.Steps {
		b.Steps[i].Zh, b.Steps[i].En = b.Steps[i].Words()
	}
	if b.State != BillVoid {
		b.Rest = b.Amount - b.Paid - b.Waived
	}
	return b, nil
}

func (t *Till) bills(ctx context.Context, q store.Queryer, cond string, args ...any) ([]Bill, error) {
	list, err := store.All(ctx, q, func(r *sql.Rows) (Bill, error) { return scanBill(r) }, `select `+billColumns+` from money_bill where `+cond, args...)
	on := t.Today()
	for i := range list {
		list[i].Overdue = list[i].Rest > 0 && list[i].Due.Sound() && list[i].Due < on
	}
	return list, err
}

func (t *Till) bill(ctx context.Context, q store.Queryer, id string) (Bill, error) {
	list, err := t.bills(ctx, q, `id = $1`, id)
	if err == nil && len(list) == 0 {
		err = ErrMissing
	}
	if err != nil {
		return Bill{}, err
	}
	return list[0], nil
}

// Faults of bills.
var (
	ErrNoTariff = fault.New(fault.Invalid, "money.no_tariff", "该账期没有生效的收费标准、分摊或读数，无账可出", "no tariff, shared sum or reading is in force in the period: there is nothing to bill")
	ErrPeriods  = fault.Bad("period", "money.periods", "与已出账的账期部分重叠；请选择不重叠的账期", "the period overlaps one that was billed; choose one that does not")
	ErrEarly    = fault.Bad("period", "money.period_early", "账期最多可提前一年出账", "a period is billed at most a year ahead")
	ErrBill     = fault.New(fault.Conflict, "money.bill_state", "账单已结清或已作废", "the bill is settled or void")
	ErrWaive    = fault.Bad("amount", "money.waive", "减免不能超过尚欠金额", "no more can be waived than is still owed")
)

// ruleOf names the rule that money of a fund of fees stands on.
func ruleOf(f ledger.Fund) string {
	switch f {
	case ledger.Company:
		return "R76"
	case ledger.Income:
		return "R34"
	case ledger.Maintenance:
		return "R40"
	case ledger.Works:
		return "R46"
	}
	return "R30"
}

// earnedOf is the account that a bill of a kind is earned in.
func earnedOf(f ledger.Fund, k BillKind) string {
	switch k {
	case PropertyFee, ParkingFee, UtilityFee:
		if f == ledger.Income && k != ParkingFee {
			k = "other"
		}
		return string(f) + ":earned:" + string(k)
	case Pledge:
		return string(f) + ":earned:pledge"
	case Shortfall:
		return string(f) + ":rest"
	}
	return string(f) + ":earned:other"
}

// NewBill is a bill that another part of the room asks for.
type NewBill struct {
	Home     string
	Person   string
	Kind     BillKind
	Fund     ledger.Fund
	Period   tariff.Period // its days; both zero is the day it is made
	Amount   yuan.Amount
	Due      day.Day // zero: by the rule pack
	Origin   string  // "projects/…", "fund/…": opaque; also what billPaid is told by
	Zh, En   string
	Steps    []tariff.Step // empty: one step with the words
	Decision string
	Rule     string // "" by the fund
	Earned   string // account that it is earned in; "" by fund and kind
	Entry    string // set where the books hold it already (opening balances): nothing is posted
	By       string // person
}

// makeBill makes one bill and its entry: owed against earned.
func (t *Till) makeBill(ctx context.Context, tx *store.Tx, b Book, nb NewBill) (Bill, error) {
	h, err := t.on.Map.Get(ctx, tx, nb.Home)
	if fault.IsKind(err, fault.Missing) || err == nil && !b.Path.Covers(h.Path) {
		return Bill{}, ErrHome
	}
	if err != nil {
		return Bill{}, err
	}
	if nb.Amount <= 0 {
		return Bill{}, ErrAmount
	}
	if strings.TrimSpace(nb.Zh) == "" || strings.TrimSpace(nb.En) == "" {
		return Bill{}, ErrWords
	}
	now := today(tx)
	if !nb.Period.From.Sound() {
		nb.Period = tariff.Period{From: now, To: now}
	}
	if !nb.Due.Sound() {
		p, cal, _, err := t.rules(ctx, tx, b.Path, now)
		if err != nil {
			return Bill{}, err
		}
		nb.Due = cal.Deadline(tx.Now, p.BillDue, day.Hours{}).Day()
	}
	if nb.Earned == "" {
		nb.Earned = earnedOf(nb.Fund, nb.Kind)
	}
	if len(nb.Steps) == 0 {
		nb.Steps = []tariff.Step{{Item: nb.Zh, ItemEn: nb.En, What: "given", Label: nb.Zh, Decision: nb.Decision, Amount: nb.Amount}}
	}
	if sum, err := tariff.Sum(nb.Steps); err != nil || sum != nb.Amount {
		return Bill{}, ErrAmount
	}
	id := tx.NewID()
	entry := nb.Entry
	if entry == "" {
		if nb.Rule == "" {
			nb.Rule = ruleOf(nb.Fund)
		}
		e, err := t.post(ctx, tx, b, nb.By, ledger.Entry{Day: now, Text: "出账：" + nb.Zh + "（" + h.Name + "）", Document: "bills/" + id, Decision: nb.Decision, Rule: nb.Rule,
			Legs: []ledger.Leg{{Account: string(nb.Fund) + ":owed", Amount: nb.Amount}, {Account: nb.Earned, Amount: -nb.Amount}}})
		if err != nil {
			return Bill{}, err
		}
		entry = e.ID
	}
	if _, err := tx.Exec(ctx, insertBill+` ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, 0, $11, $12, 'open', $13, $14, $15, $16, $17, $18, $19, '', 0, $20, $21, $22)`,
		id, b.Compound, string(h.Path), h.ID, nb.Person, string(nb.Kind), string(nb.Fund), nb.Period.From, nb.Period.To, int64(nb.Amount), nb.Due, int64(nb.Due.Start(day.Shanghai)), nb.Origin, nb.Zh, nb.En, text(nb.Steps), nb.Decision, nb.Earned, entry, now, nb.By, int64(tx.Now)); err != nil {
		return Bill{}, err
	}
	tx.Changed(store.Change{Kind: "bills", ID: id, Path: h.Path})
	return t.bill(ctx, tx, id)
}

const insertBill = `insert into money_bill (id, compound, path, home, person, kind, fund, period_from, period_to, amount, paid, waived, due, due_at, state, origin, words, words_en, derivation, decision, earned, entry, run, reminded, made, by_person, at) values`

// Run is one billing of a kind and period.
type Run struct {
	ID       string        `json:"id"`
	Compound string        `json:"compound"`
	Kind     BillKind      `json:"kind" enum:"property,parking,utility"`
	Period   tariff.Period `json:"period"`
	Name     string        `json:"name" doc:"the period, such as 2026-10"`
	State    string        `json:"state" enum:"waiting,running,done,failed"`
	Total    int64         `json:"total" doc:"homes and parking places to go through"`
	Done     int64         `json:"done"`
	Bills    int64         `json:"bills"`
	Amount   yuan.Amount   `json:"amount"`
	Error    string        `json:"error,omitempty"`
	At       day.Instant   `json:"at"`
	Ended    day.Instant   `json:"ended,omitempty"`
	path     scope.Path
	donePath string
	person   string
}

const runColumns = `id, compound, path, kind, period_from, period_to, state, total, done, done_path, bills, amount, error, by_person, at, ended`

func scanRun(r *sql.Rows) (x Run, err error) {
	err = r.Scan(&x.ID, &x.Compound, &x.path, &x.Kind, &x.Period.From, &x.Period.To, &x.State, &x.Total, &x.Done, &x.donePath, &x.Bills, &x.Amount, &x.Error, &x.person, &x.At, &x.Ended)
	x.Name = x.Period.String()
	return x, err
}

func (t *Till) runs(ctx context.Context, q store.Queryer, cond string, args ...any) ([]Run, error) {
	return store.All(ctx, q, scanRun, `select `+runColumns+` from money_run where `+cond, args...)
}

// one is a home or a parking place that may owe.
type one struct {
	id, name string
	home     tariff.Home
	parking  bool
}

// draft is what one of a run owes in one fund.
type draft struct {
	who    *one
	fund   ledger.Fund
	amount yuan.Amount
	steps  []tariff.Step
}

// billing is all that a run reads, at once and before it writes.
type billing struct {
	run       Run
	fund      ledger.Fund // of tariffs that name none
	ones      []one
	tariffs   []Tariff
	plain     []tariff.Tariff
	discounts []tariff.Discount
	spaces    map[string][]tariff.Space
	used      map[string][]metered
	shared    map[string][]sharedPart
	funds     map[string]ledger.Fund // tariff: its fund
}

type metered struct {
	sort string
	tariff.Used
}

type sharedPart struct {
	fund ledger.Fund
	step tariff.Step
}

// read reads everything that a run needs.
func (t *Till) readBilling(ctx context.Context, q store.Queryer, run Run, sharesToo bool) (*billing, error) {
	x := &billing{run: run, spaces: map[string][]tariff.Space{}, used: map[string][]metered{}, shared: map[string][]sharedPart{}, funds: map[string]ledger.Fund{}}
	var err error
	if x.fund, err = t.feeFund(ctx, q, run.path, run.Period.To); err != nil {
		return nil, err
	}
	all, err := t.tariffs(ctx, q, run.Compound)
	if err != nil {
		return nil, err
	}
	heads, parking := false, false
	for _, a := range all {
		if a.Kind != run.Kind || a.From > run.Period.To || a.To.Sound() && (a.To < run.Period.From || a.To < a.From) {
			continue
		}
		x.tariffs = append(x.tariffs, a)
		x.plain = append(x.plain, a.Tariff)
		x.funds[a.ID] = a.Fund
		heads = heads || a.By == tariff.Head || slices.ContainsFunc(a.Terms, func(p tariff.Term) bool { return p.What == "head" })
		parking = parking || run.Kind == ParkingFee && !a.Spaces
	}
	off, err := t.discounts(ctx, q, run.Compound)
	if err != nil {
		return nil, err
	}
	for _, d := range off {
		if d.Kind == run.Kind {
			x.discounts = append(x.discounts, d.Discount)
		}
	}
	lo, hi := run.path.Bounds()
	if run.Kind != ParkingFee || slices.ContainsFunc(x.tariffs, func(a Tariff) bool { return a.Spaces }) {
		x.ones, err = store.All(ctx, q, func(r *sql.Rows) (o one, err error) {
			var floor string
			var inner, a int64
			if err = r.Scan(&o.id, &o.home.Path, &o.name, &o.home.Use, &floor, &a, &inner, &o.home.From); err != nil {
				return o, err
			}
			o.home.Area, o.home.Inner, o.home.Floor = area.Area(a), area.Area(inner), floorOf(floor)
			return o, nil
		}, `select id, path, label, usage, floor, area, inner_area, delivered_on from place_v_home where path >= $1 and path < $2 and ended_on = '' order by path`, lo, hi)
		if err != nil {
			return nil, err
		}
	}
	if parking {
		places, err := store.All(ctx, q, func(r *sql.Rows) (o one, err error) {
			o.parking = true
			var a int64
			err = r.Scan(&o.id, &o.home.Path, &o.name, &a)
			o.home.Use, o.home.Area = "parking", area.Area(a)
			return o, err
		}, `select id, path, label, area from place_v_parking where path >= $1 and path < $2 and ended_on = '' and titled order by path`, lo, hi)
		if err != nil {
			return nil, err
		}
		x.ones = append(x.ones, places...)
		slices.SortFunc(x.ones, func(a, b one) int { return strings.Compare(string(a.home.Path), string(b.home.Path)) })
	}
	var shares []Shared
	if run.Kind == UtilityFee && sharesToo {
		if shares, err = store.All(ctx, q, scanShared, `select `+sharedColumns+` from money_shared where compound = $1 and period_from = $2 and period_to = $3 and voided = '' order by id`, run.Compound, run.Period.From, run.Period.To); err != nil {
			return nil, err
		}
		heads = heads || slices.ContainsFunc(shares, func(s Shared) bool { return s.Weigh == "head" })
	}
	if heads {
		count := map[string]int64{}
		rows, err := q.Query(ctx, `select node, count(distinct person) from people_v_household where path >= $1 and path < $2 and from_day <= $3 and (to_day = '' or to_day >= $3) group by node`, lo, hi, run.Period.To)
		if err != nil {
			return nil, err
		}
		defer rows.Close()
		for rows.Next() {
			var id string
			var n int64
			if err := rows.Scan(&id, &n); err != nil {
				return nil, err
			}
			count[id] = n
		}
		if err := rows.Err(); err != nil {
			return nil, err
		}
		for i := range x.ones {
			x.ones[i].home.Heads = count[x.ones[i].id]
		}
	}
	if run.Kind == ParkingFee {
		type rent struct {
			home string
			tariff.Space
		}
		list, err := store.All(ctx, q, func(r *sql.Rows) (s rent, err error) { err = r.Scan(&s.home, &s.Label, &s.From, &s.To); return },
			`select home, label, from_day, to_day from money_space where compound = $1 and from_day <= $3 and (to_day = '' or to_day >= $2) order by label, id`, run.Compound, run.Period.From, run.Period.To)
		if err != nil {
			return nil, err
		}
		for _, s := range list {
			x.spaces[s.home] = append(x.spaces[s.home], s.Space)
		}
	}
	if run.Kind == UtilityFee {
		if err := x.meters(ctx, q); err != nil {
			return nil, err
		}
		if err := x.shares(shares); err != nil {
			return nil, err
		}
	}
	return x, nil
}

// meters finds what each home's meters counted: from the last reading before the period to the last one in it.
func (x *billing) meters(ctx context.Context, q store.Queryer) error {
	type line struct {
		meter, home, sort, label string
		day                      day.Day
		value                    int64
		fresh                    bool
	}
	list, err := store.All(ctx, q, func(r *sql.Rows) (l line, err error) {
		err = r.Scan(&l.meter, &l.home, &l.sort, &l.label, &l.day, &l.value, &l.fresh)
		return l, err
	}, `select m.id, m.home, m.sort, m.label, r.day, r.value, r.fresh from money_meter m join money_reading r on r.meter = m.id
where m.compound = $1 and m.home <> '' and r.day <= $3 and r.day >= coalesce((select max(b.day) from money_reading b where b.meter = m.id and b.day < $2), '') order by m.id, r.day`, x.run.Compound, x.run.Period.From, x.run.Period.To)
	for i := 1; i < len(list); i++ {
		a, b := list[i-1], list[i]
		if a.meter == b.meter && !b.fresh {
			x.used[b.home] = append(x.used[b.home], metered{b.sort, tariff.Used{Meter: b.label, Before: a.value, Now: b.value, From: a.day, To: b.day}})
		}
	}
	return err
}

// shares splits the shared sums among the homes.
func (x *billing) shares(list []Shared) error {
	for _, s := range list {
		weights := make([]int64, len(x.ones))
		var sum int64
		for i, o := range x.ones {
			if !s.Under.Covers(o.home.Path) {
				continue
			}
			switch s.Weigh {
			case "area":
				weights[i] = int64(o.home.Area)
			case "head":
				weights[i] = o.home.Heads
			default:
				weights[i] = 1
			}
			sum += weights[i]
		}
		if sum == 0 {
			return ErrShared
		}
		parts, err := tariff.Split(yuan.Amount(s.Amount), weights)
		if err != nil {
			return err
		}
		for i, p := range parts {
			if p > 0 {
				x.shared[x.ones[i].id] = append(x.shared[x.ones[i].id], sharedPart{s.Fund, tariff.Step{Item: s.Item, ItemEn: s.ItemEn, What: "shared", Tariff: s.ID, Decision: s.Decision, Label: s.Item,
					From: s.Period.From, To: s.Period.To, N: weights[i], D: sum, Total: yuan.Amount(s.Amount), Amount: p}})
			}
		}
	}
	return nil
}

// of counts what one owes, by fund.
func (x *billing) of(o *one) ([]draft, error) {
	usable := x.plain
	if o.parking {
		usable = nil
		for _, a := range x.tariffs {
			if !a.Spaces {
				usable = append(usable, a.Tariff)
			}
		}
	}
	rented := func(a tariff.Tariff) bool {
		return slices.ContainsFunc(x.tariffs, func(b Tariff) bool { return b.ID == a.ID && b.Spaces })
	}
	if x.run.Kind == ParkingFee && !o.parking {
		usable = nil
		for _, a := range x.tariffs {
			if a.Spaces {
				usable = append(usable, a.Tariff)
			}
		}
	}
	steps, err := tariff.Monthly(o.home, x.run.Period, usable, x.discounts, x.spaces[o.id], rented)
	if err != nil {
		return nil, err
	}
	for _, u := range x.used[o.id] {
		var fit []tariff.Tariff
		for _, a := range x.tariffs {
			if a.Meter == u.sort {
				fit = append(fit, a.Tariff)
			}
		}
		if len(fit) == 0 {
			continue
		}
		more, err := tariff.Metered(o.home, u.Used, fit, x.discounts)
		if err != nil {
			return nil, err
		}
		steps = append(steps, more...)
	}
	var out []draft
	add := func(f ledger.Fund, s tariff.Step) error {
		if f == "" {
			f = x.fund
		}
		i := slices.IndexFunc(out, func(d draft) bool { return d.fund == f })
		if i < 0 {
			i = len(out)
			out = append(out, draft{who: o, fund: f})
		}
		var err error
		out[i].amount, err = yuan.Sum(out[i].amount, s.Amount)
		out[i].steps = append(out[i].steps, s)
		return err
	}
	last := ledger.Fund("")
	for _, s := range steps {
		if s.What != "discount" {
			last = x.funds[s.Tariff]
		}
		if err := add(last, s); err != nil {
			return nil, err
		}
	}
	for _, s := range x.shared[o.id] {
		if err := add(s.fund, s.step); err != nil {
			return nil, err
		}
	}
	return slices.DeleteFunc(out, func(d draft) bool { return d.amount <= 0 }), nil
}

// floorOf reads a floor such as 6, 6层, -1; 0 where it says none.
func floorOf(s string) (n int64) {
	neg := strings.HasPrefix(s, "-") || strings.HasPrefix(strings.ToUpper(s), "B")
	for _, r := range s {
		if r >= '0' && r <= '9' && n < 1000 {
			n = n*10 + int64(r-'0')
		} else if n > 0 {
			break
		}
	}
	if neg {
		n = -n
	}
	return n
}

// Preview is what a billing would make.
type Preview struct {
	Kind   BillKind    `json:"kind" enum:"property,parking,utility"`
	Period string      `json:"period"`
	Homes  int64       `json:"homes" doc:"homes and parking places that were looked at"`
	Bills  int64       `json:"bills" doc:"that would be made now"`
	Before int64       `json:"before" doc:"bills of the period that are there already"`
	Amount yuan.Amount `json:"amount"`
	NoArea int64       `json:"no_area" doc:"homes without an area"`
	Sample []Bill      `json:"sample" doc:"the first few with their derivation"`
}

// begins checks that a period of a kind may be billed: whole months that do not cut into another billing.
func (t *Till) begins(ctx context.Context, q store.Queryer, n place.Node, kind BillKind, period string) (p tariff.Period, had Run, err error) {
	if !slices.Contains(byTariff, kind) {
		return p, had, ErrKind
	}
	if p, err = tariff.ParsePeriod(period); err != nil {
		return p, had, err
	}
	if p.From > t.Today().AddMonths(12) {
		return p, had, ErrEarly
	}
	list, err := t.runs(ctx, q, `compound = $1 and kind = $2 and period_from <= $4 and period_to >= $3`, n.ID, string(kind), p.From, p.To)
	for _, r := range list {
		if r.Period != p {
			return p, had, ErrPeriods
		}
		had = r
	}
	return p, had, err
}

// PreviewBills counts without writing anything.
func (t *Till) PreviewBills(ctx context.Context, who access.Who, compound, period string, kinds []BillKind) ([]Preview, error) {
	n, err := t.there(ctx, t.db, who, Collect, compound)
	if err != nil {
		return nil, err
	}
	out := []Preview{}
	for _, k := range kinds {
		p, had, err := t.begins(ctx, t.db, n, k, period)
		if err != nil {
			return nil, err
		}
		x, err := t.readBilling(ctx, t.db, Run{Compound: n.ID, path: n.Path, Kind: k, Period: p}, had.Ended == 0)
		if err != nil {
			return nil, err
		}
		there, err := t.madeBefore(ctx, t.db, x.run, "", "")
		if err != nil {
			return nil, err
		}
		v := Preview{Kind: k, Period: p.String(), Homes: int64(len(x.ones)), Before: int64(len(there)), Sample: []Bill{}}
		for i := range x.ones {
			if x.ones[i].home.Area == 0 && !x.ones[i].parking {
				v.NoArea++
			}
			drafts, err := x.of(&x.ones[i])
			if err != nil {
				return nil, err
			}
			for _, d := range drafts {
				if there[d.who.id+string(d.fund)] {
					continue
				}
				v.Bills++
				if v.Amount, err = yuan.Sum(v.Amount, d.amount); err != nil {
					return nil, err
				}
				if len(v.Sample) < 5 {
					v.Sample = append(v.Sample, shown(d, x.run))
				}
			}
		}
		out = append(out, v)
	}
	return out, nil
}

func shown(d draft, r Run) Bill {
	zh, en := r.Kind.Words()
	b := Bill{Path: d.who.home.Path, Compound: r.Compound, Home: d.who.id, Place: d.who.name, Kind: r.Kind, Fund: d.fund, Period: r.Period, Amount: d.amount, Rest: d.amount, State: BillOpen, Zh: zh, En: en}
	for _, s := range d.steps {
		zh, en := s.Words()
		b.Steps = append(b.Steps, StepLine{s, zh, en})
	}
	return b
}

// madeBefore are the homes and funds that have their bill of the period, within a range of paths.
func (t *Till) madeBefore(ctx context.Context, q store.Queryer, r Run, lo, hi scope.Path) (map[string]bool, error) {
	if hi == "" {
		a, b := r.path.Bounds()
		lo, hi = scope.Path(a), scope.Path(b)
	}
	out := map[string]bool{}
	list, err := store.Texts(ctx, q, `select home || fund from money_bill where compound = $5 and path >= $1 and path <= $2 and kind = $3 and period_from = $4 and origin = '' and state <> 'void'`, string(lo), string(hi), string(r.Kind), r.Period.From, r.Compound)
	for _, s := range list {
		out[s] = true
	}
	return out, err
}

// MakeBills begins the billing of a period, as a job. A billing that ran before goes over the homes again and makes only
// what is missing; one that is at work is given back as it is.
func (t *Till) MakeBills(ctx context.Context, who access.Who, compound, period string, kinds []BillKind) (out []Run, err error) {
	err = t.db.Write(ctx, func(tx *store.Tx) error {
		out = nil
		n, err := t.there(ctx, tx, who, Collect, compound)
		if err != nil {
			return err
		}
		if len(kinds) == 0 {
			return ErrKind
		}
		if _, err := t.begin(ctx, tx, n); err != nil {
			return err
		}
		for _, k := range kinds {
			r, err := t.startRun(ctx, tx, who, n, k, period)
			if err != nil {
				return err
			}
			out = append(out, r)
		}
		return nil
	})
	return out, err
}

func (t *Till) startRun(ctx context.Context, tx *store.Tx, who access.Who, n place.Node, k BillKind, period string) (Run, error) {
	p, r, err := t.begins(ctx, tx, n, k, period)
	if err != nil {
		return r, err
	}
	switch {
	case r.ID == "":
		any, err := store.Count(ctx, tx, `select (select count(*) from money_tariff where compound = $1 and kind = $2 and from_day <= $4 and (to_day = '' or to_day >= $3)) + (select count(*) from money_shared where $2 = 'utility' and compound = $1 and period_from = $3 and period_to = $4 and voided = '')`,
			n.ID, string(k), p.From, p.To)
		if err == nil && any == 0 {
			err = ErrNoTariff
		}
		if err != nil {
			return r, err
		}
		r = Run{ID: tx.NewID(), Compound: n.ID, Kind: k, Period: p, Name: p.String(), State: "waiting", At: tx.Now, path: n.Path, person: who.Person}
		if _, err := tx.Exec(ctx, `insert into money_run (`+runColumns+`) values ($1, $2, $3, $4, $5, $6, 'waiting', 0, 0, '', 0, 0, '', $7, $8, 0)`,
			r.ID, n.ID, string(n.Path), string(k), p.From, p.To, who.Person, int64(tx.Now)); err != nil {
			return r, err
		}
	case r.State == "waiting" || r.State == "running":
		return r, nil
	default:
		if _, err := tx.Exec(ctx, `update money_run set state = 'waiting', done = 0, done_path = '', error = '' where id = $1`, r.ID); err != nil {
			return r, err
		}
		r.State, r.Done, r.donePath, r.Error = "waiting", 0, "", ""
	}
	if err := t.putRun(ctx, tx, r); err != nil {
		return r, err
	}
	return r, t.trail(ctx, tx, who, Collect, n.Path, "bills", "runs/"+r.ID, "", map[string]string{"kind": string(k), "period": r.Name})
}

// ListRuns are the latest billings of a compound, newest first.
func (t *Till) ListRuns(ctx context.Context, who access.Who, compound string) ([]Run, error) {
	n, err := t.there(ctx, t.db, who, Read, compound)
	if err != nil {
		return nil, err
	}
	return t.runs(ctx, t.db, `compound = $1 order by period_from desc, id desc limit 100`, n.ID)
}

// ownBill is a bill that who may see as its debtor: an owner in the bill's days, or whoever lives there with the family now.
func (t *Till) ownBill(ctx context.Context, q store.Queryer, who access.Who, id string) (Bill, error) {
	list, err := t.bills(ctx, q, `id = $1 and state <> 'void' and `+ownBills(2), id, who.Person, t.Today())
	if err == nil && (len(list) == 0 || who.Person == "") {
		err = ErrMissing
	}
	if err != nil {
		return Bill{}, err
	}
	return list[0], nil
}
