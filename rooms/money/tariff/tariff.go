// Package tariff counts what a home owes for a period: by area, by home, by head, by a meter, by a fixed set of named
// terms, or as a share of a sum that all pay together. It works in whole fen and exact fractions; nothing is lost in
// rounding and every fen has a step that says where it comes from.
//
// # How days are counted
//
// A month has a price. A part of a month that ends on its b-th day and began on its a-th has the price of the first b
// days, rounded, less the price of the first a-1 days, rounded. So the parts of a month add up to the month, however it
// is cut: by a new tariff, a discount, a sale. Half a fen goes up.
//
// # Words
//
//   - tariff 收费标准, rate 单价 (hundredths of a fen, as in service), period 账期, step 计算步骤.
//   - area 按面积, unit 按户（个）, head 按人, meter 按表, terms 按公式; tier 阶梯; low 保底, high 封顶.
//   - discount 减免; shared 分摊.
//
// # Never
//
//   - A float. A formula that somebody types in: terms are a fixed set.
//   - Parts that do not add up to the whole.
package tariff

import (
	"math/big"
	"slices"
	"strings"

	"cuobian/basis/area"
	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/basis/yuan"
)

// Rate is money for one of something and a month (of a meter: for one unit), in hundredths of a fen: 0.85 yuan is 8500.
type Rate int64

// String is yuan with up to four decimals: 0.85, 1.2345.
func (r Rate) String() string {
	whole := yuan.Amount(r / 100).String()
	if r%100 == 0 || r < 0 {
		return whole
	}
	rest := r % 100
	return strings.TrimRight(whole+string(rune('0'+rest/10))+string(rune('0'+rest%10)), "0")
}

// By is what a tariff counts.
type By string

// What tariffs count.
const (
	Area  By = "area"  // m² of registered area, each month
	Unit  By = "unit"  // a home, or a parking space, each month
	Head  By = "head"  // a person who lives there, each month
	Meter By = "meter" // what a meter counted, in tiers or not
	Terms By = "terms" // the sum of some of these each month: see Term
)

// Term is one addend of a formula.
type Term struct {
	What string `json:"what" enum:"fixed,area,inner,head,floor" doc:"fixed: once; area and inner: m²; head: a person; floor: each floor from the given one up"`
	Rate Rate   `json:"rate"`
	From int64  `json:"from,omitempty" doc:"of floor: the first floor that counts"`
}

// Tier is one step of a meter's price. Upto is a month's use in thousandths of the unit; the last tier has none.
type Tier struct {
	Upto int64 `json:"upto" doc:"thousandths of the unit in a month, up to and with; 0 is the rest"`
	Rate Rate  `json:"rate"`
}

// Tariff is one price with its days. Of several of one item the narrower place holds, then the one for the use.
type Tariff struct {
	ID       string      `json:"id"`
	Item     string      `json:"item"`
	ItemEn   string      `json:"item_en"`
	By       By          `json:"by"`
	Rate     Rate        `json:"rate,omitempty"`
	Tiers    []Tier      `json:"tiers,omitempty"`
	Terms    []Term      `json:"terms,omitempty"`
	Low      yuan.Amount `json:"low,omitempty"`  // of a whole month; of a meter, of the reading
	High     yuan.Amount `json:"high,omitempty"` // 0 is none
	Use      string      `json:"use,omitempty"`  // dwelling, shop …; "" is every use
	Under    scope.Path  `json:"under,omitempty"`
	Decision string      `json:"decision"`
	From     day.Day     `json:"from_day"`
	To       day.Day     `json:"to_day,omitempty"` // last day; zero while it lasts
}

// Discount takes n/d off an item by a decision. Of several in force on a day the one that takes most counts.
type Discount struct {
	ID       string     `json:"id"`
	Item     string     `json:"item"` // "" is every item
	N        int64      `json:"n"`
	D        int64      `json:"d"`
	Under    scope.Path `json:"under"`
	Words    string     `json:"words"`
	Decision string     `json:"decision"`
	From     day.Day    `json:"from_day"`
	To       day.Day    `json:"to_day,omitempty"`
}

// Home is what is known of one that owes. From and To are the days in which it owes at all (zero: no bound).
type Home struct {
	Path  scope.Path
	Use   string
	Area  area.Area
	Inner area.Area
	Heads int64
	Floor int64
	From  day.Day
	To    day.Day
}

// Used is what one meter counted in the period: thousandths of its unit from one reading to the next.
type Used struct {
	Meter  string
	Before int64
	Now    int64
	From   day.Day // day of the reading before
	To     day.Day
}

// Space is a parking space that a home rents.
type Space struct {
	Label string
	From  day.Day
	To    day.Day
}

// Step is one line of a bill's derivation. Amount is what it adds; the amounts of the steps are the bill.
type Step struct {
	Item     string      `json:"item"`
	ItemEn   string      `json:"item_en"`
	What     string      `json:"what" enum:"area,unit,head,meter,fixed,inner,floor,space,discount,low,high,shared,given"`
	Tariff   string      `json:"tariff,omitempty"`
	Decision string      `json:"decision,omitempty"`
	Label    string      `json:"label,omitempty" doc:"the meter, the space, the reason"`
	From     day.Day     `json:"from,omitempty"`
	To       day.Day     `json:"to,omitempty"`
	Months   int64       `json:"months,omitempty" doc:"whole months of the same price"`
	Days     int64       `json:"days,omitempty" doc:"days of a part of a month"`
	Of       int64       `json:"of,omitempty" doc:"and the days of that month"`
	Quantity int64       `json:"quantity,omitempty" doc:"area: 0.01 m²; meter: thousandths; else the number"`
	Rate     Rate        `json:"rate,omitempty" doc:"hundredths of a fen"`
	N        int64       `json:"n,omitempty"`
	D        int64       `json:"d,omitempty"`
	Before   int64       `json:"before,omitempty" doc:"reading before"`
	Now      int64       `json:"now,omitempty" doc:"reading now"`
	Total    yuan.Amount `json:"total,omitempty" doc:"of a shared sum: the whole of it"`
	Amount   yuan.Amount `json:"amount"`
}

// Faults.
var (
	ErrTariff   = fault.New(fault.Invalid, "tariff.tariff", "收费标准不完整：项目、计费方式、单价、日期须齐全且不为负", "the tariff is not complete: item, way of counting, rate and days, none below zero")
	ErrTiers    = fault.Bad("tiers", "tariff.tiers", "阶梯上限须逐级增大，最后一级不设上限", "tiers go up, and the last has no limit")
	ErrTerms    = fault.Bad("terms", "tariff.terms", "公式只能由固定、面积、套内面积、人数、楼层这些项组成", "a formula is made of fixed, area, inner, head and floor")
	ErrDiscount = fault.Bad("n", "tariff.discount", "减免比例应在 0 和 1 之间，并写明依据", "a discount takes more than none and at most all off, and names its decision")
	ErrPeriod   = fault.Bad("period", "tariff.period", "账期应为整月：如 2026-10、2026-Q4、2026-H2、2026", "a period is whole months: 2026-10, 2026-Q4, 2026-H2, 2026")
	ErrReading  = fault.Bad("value", "tariff.reading", "本次读数小于上次读数", "the reading is less than the one before")
	ErrTooBig   = fault.New(fault.Invalid, "tariff.too_big", "金额过大", "the amount is too big")
)

// limits keep every product far inside what a step can show.
const (
	maxRate = 1_000_000_00 // 10,000 yuan
	maxQty  = 1_000_000_000_000
)

// Check judges a tariff by itself.
func (t Tariff) Check() error {
	if strings.TrimSpace(t.Item) == "" || t.Rate < 0 || t.Rate > maxRate || t.Low < 0 || t.High < 0 || t.High > 0 && t.High < t.Low ||
		!t.From.Sound() || t.To.Sound() && t.To < t.From {
		return ErrTariff
	}
	switch t.By {
	case Area, Unit, Head:
		if t.Rate == 0 {
			return ErrTariff
		}
	case Meter:
		if len(t.Tiers) == 0 && t.Rate == 0 {
			return ErrTariff
		}
		var before int64
		for i, x := range t.Tiers {
			last := i == len(t.Tiers)-1
			if x.Rate < 0 || x.Rate > maxRate || last != (x.Upto == 0) || !last && x.Upto <= before {
				return ErrTiers
			}
			before = x.Upto
		}
	case Terms:
		if len(t.Terms) == 0 || len(t.Terms) > 10 {
			return ErrTerms
		}
		for _, x := range t.Terms {
			if !slices.Contains([]string{"fixed", "area", "inner", "head", "floor"}, x.What) || x.Rate <= 0 || x.Rate > maxRate || x.From < 0 {
				return ErrTerms
			}
		}
	default:
		return ErrTariff
	}
	return nil
}

// Check judges a discount by itself.
func (d Discount) Check() error {
	if d.N <= 0 || d.D <= 0 || d.N > d.D || d.D > 10_000 || strings.TrimSpace(d.Decision) == "" || !d.From.Sound() || d.To.Sound() && d.To < d.From {
		return ErrDiscount
	}
	return nil
}

// Period is whole months, first to last day.
type Period struct {
	From day.Day `json:"from"`
	To   day.Day `json:"to"`
}

// ParsePeriod reads 2026-10, 2026-Q4, 2026-H2 or 2026.
func ParsePeriod(s string) (Period, error) {
	s = strings.ToUpper(strings.TrimSpace(s))
	first, months := "", 0
	year, part, _ := strings.Cut(s, "-")
	switch {
	case part == "":
		first, months = year+"-01-01", 12
	case len(part) == 2 && part[0] == 'Q' && part[1] >= '1' && part[1] <= '4':
		first, months = year+"-"+[]string{"01", "04", "07", "10"}[part[1]-'1']+"-01", 3
	case len(part) == 2 && part[0] == 'H' && (part[1] == '1' || part[1] == '2'):
		first, months = year+"-"+[]string{"01", "07"}[part[1]-'1']+"-01", 6
	default:
		first, months = s+"-01", 1
	}
	from, err := day.Parse(first)
	if err != nil || len(year) != 4 {
		return Period{}, ErrPeriod
	}
	return Period{from, from.AddMonths(months).Add(-1)}, nil
}

// String is the shortest name of the period.
func (p Period) String() string {
	y := p.From.String()[:4]
	m := p.From.String()[5:7]
	switch p.Months() {
	case 12:
		return y
	case 6:
		return y + "-H" + map[string]string{"01": "1", "07": "2"}[m]
	case 3:
		return y + "-Q" + map[string]string{"01": "1", "04": "2", "07": "3", "10": "4"}[m]
	}
	return p.From.Month()
}

// Months is how many whole months it has.
func (p Period) Months() int64 {
	fy, fm, _ := p.From.Date()
	ty, tm, _ := p.To.Date()
	return int64(ty*12+int(tm)-fy*12-int(fm)) + 1
}

func (p Period) sound() bool {
	return p.From.Sound() && p.To.Sound() && p.From < p.To && p.From.String()[8:] == "01" && p.To.Add(1).String()[8:] == "01" && p.Months() <= 12
}

// fits says whether a tariff is for a home, and how narrow it is.
func (t Tariff) fits(h Home) (int, bool) {
	if t.Use != "" && t.Use != h.Use || !t.Under.Covers(h.Path) {
		return 0, false
	}
	n := len(t.Under) * 2
	if t.Use != "" {
		n++
	}
	return n, true
}

func in(d, from, to day.Day) bool { return from <= d && (!to.Sound() || d <= to) }

// share is num/den.
type ratio struct{ num, den *big.Int }

// rounded is r·n/d as a whole number, half upwards. All are at least zero.
func (r ratio) rounded(n, d int64) (yuan.Amount, error) {
	top := new(big.Int).Mul(r.num, big.NewInt(2*n))
	bottom := new(big.Int).Mul(r.den, big.NewInt(d))
	top.Add(top, bottom)
	bottom.Lsh(bottom, 1)
	top.Quo(top, bottom)
	if !top.IsInt64() || top.Int64() > 1_000_000_000_000_00 {
		return 0, ErrTooBig
	}
	return yuan.Amount(top.Int64()), nil
}

// perFen is what a rate times hundredths is divided by to be fen.
const perFen = 100 * 100

// part is one addend of a month's price, in hundredths of a fen times hundredths.
type part struct {
	what     string
	label    string
	quantity int64
	rate     Rate
	value    int64 // may be below zero: a cap
}

// parts are the addends of a whole month.
func (t Tariff) parts(h Home, spaces int64, label string) ([]part, error) {
	one := func(what string, shown, hundredths int64, r Rate) (part, error) {
		if shown < 0 || hundredths > maxQty || hundredths > 0 && int64(r) > (1<<62)/hundredths/40 {
			return part{}, ErrTooBig
		}
		return part{what: what, label: label, quantity: shown, rate: r, value: int64(r) * hundredths}, nil
	}
	var out []part
	add := func(p part, err error) error { out = append(out, p); return err }
	var err error
	switch t.By {
	case Area:
		err = add(one("area", int64(h.Area), int64(h.Area), t.Rate))
	case Unit:
		what := "unit"
		if label != "" {
			what = "space"
		}
		err = add(one(what, spaces, spaces*100, t.Rate))
	case Head:
		err = add(one("head", h.Heads, h.Heads*100, t.Rate))
	case Terms:
		for _, x := range t.Terms {
			n := map[string]int64{"fixed": 1, "head": h.Heads, "floor": max(0, h.Floor-max(x.From, 1)+1)}[x.What]
			shown, hundredths := n, n*100
			switch x.What {
			case "area":
				shown, hundredths = int64(h.Area), int64(h.Area)
			case "inner":
				shown, hundredths = int64(h.Inner), int64(h.Inner)
			}
			if err = add(one(x.What, shown, hundredths, x.Rate)); err != nil {
				return nil, err
			}
		}
	}
	if err != nil {
		return nil, err
	}
	var sum int64
	for _, p := range out {
		if sum > (1<<62)/40-p.value {
			return nil, ErrTooBig
		}
		sum += p.value
	}
	switch {
	case sum > 0 && sum < int64(t.Low)*perFen:
		out = append(out, part{what: "low", value: int64(t.Low)*perFen - sum})
	case t.High > 0 && sum > int64(t.High)*perFen:
		out = append(out, part{what: "high", value: int64(t.High)*perFen - sum})
	}
	return out, nil
}

// span is a run of days within one month under one tariff and discount.
type span struct {
	t    *Tariff
	d    *Discount
	a, b int64 // first and last day of the month
}

// Monthly counts what is owed each month under tariffs of one or several items: all but meters. Rents are the spaces that
// a home rents; tariffs by unit named in perSpace count them instead of the home.
func Monthly(h Home, p Period, tariffs []Tariff, discounts []Discount, rents []Space, perSpace func(Tariff) bool) ([]Step, error) {
	if !p.sound() {
		return nil, ErrPeriod
	}
	var items []string
	for _, t := range tariffs {
		if _, ok := t.fits(h); ok && t.By != Meter && !slices.Contains(items, t.Item) {
			items = append(items, t.Item)
		}
	}
	var out []Step
	for _, item := range items {
		var of []Tariff
		rented := false
		for _, t := range tariffs {
			if _, ok := t.fits(h); ok && t.By != Meter && t.Item == item {
				of = append(of, t)
				rented = rented || perSpace != nil && t.By == Unit && perSpace(t)
			}
		}
		var steps []Step
		var err error
		if !rented {
			steps, err = months(h, p, of, discounts, h.From, h.To, "")
		} else {
			for _, s := range rents {
				more, e := months(h, p, of, discounts, max(s.From, h.From), least(s.To, h.To), s.Label)
				if e != nil {
					return nil, e
				}
				steps = append(steps, more...)
			}
		}
		if err != nil {
			return nil, err
		}
		out = append(out, merged(steps)...)
	}
	return out, nil
}

func least(a, b day.Day) day.Day {
	if !a.Sound() || b.Sound() && b < a {
		return b
	}
	return a
}

func months(h Home, p Period, tariffs []Tariff, discounts []Discount, from, to day.Day, label string) (out []Step, err error) {
	for m := p.From; m <= p.To; m = m.AddMonths(1) {
		dim := int64(m.AddMonths(1).Sub(m))
		first, last := max(m, from), least(m.Add(int(dim)-1), to)
		if first > last {
			continue
		}
		for _, s := range spans(h, tariffs, discounts, m, first, last) {
			more, err := s.steps(h, m, dim, label)
			if err != nil {
				return nil, err
			}
			out = append(out, more...)
		}
	}
	return out, nil
}

// spans cuts the days from first to last of a month where tariff or discount change.
func spans(h Home, tariffs []Tariff, discounts []Discount, month, first, last day.Day) (out []span) {
	cuts := []day.Day{first, last.Add(1)}
	note := func(from, to day.Day) {
		if from > first && from <= last {
			cuts = append(cuts, from)
		}
		if to.Sound() && to >= first && to < last {
			cuts = append(cuts, to.Add(1))
		}
	}
	for _, t := range tariffs {
		note(t.From, t.To)
	}
	for _, d := range discounts {
		note(d.From, d.To)
	}
	slices.Sort(cuts)
	cuts = slices.Compact(cuts)
	for i := range len(cuts) - 1 {
		x := span{a: int64(cuts[i].Sub(month)) + 1, b: int64(cuts[i+1].Sub(month))}
		narrow := -1
		for j, t := range tariffs {
			if n, ok := t.fits(h); ok && in(cuts[i], t.From, t.To) && n > narrow {
				narrow, x.t = n, &tariffs[j]
			}
		}
		if x.t == nil {
			continue
		}
		for j, d := range discounts {
			if in(cuts[i], d.From, d.To) && d.Under.Covers(h.Path) && (d.Item == "" || d.Item == x.t.Item) && (x.d == nil || d.N*x.d.D > x.d.N*d.D) {
				x.d = &discounts[j]
			}
		}
		if k := len(out) - 1; k >= 0 && out[k].t == x.t && out[k].d == x.d && out[k].b == x.a-1 {
			out[k].b = x.b
			continue
		}
		out = append(out, x)
	}
	return out
}

// between is the price of the days from a to b of a month whose whole price is r.
func between(r ratio, a, b, dim int64) (yuan.Amount, error) {
	upto, err := r.rounded(b, dim)
	if err != nil || a == 1 {
		return upto, err
	}
	before, err := r.rounded(a-1, dim)
	return upto - before, err
}

func (s span) steps(h Home, month day.Day, dim int64, label string) (out []Step, err error) {
	parts, err := s.t.parts(h, 1, label)
	if err != nil {
		return nil, err
	}
	base := Step{Item: s.t.Item, ItemEn: s.t.ItemEn, Tariff: s.t.ID, Decision: s.t.Decision, From: month.Add(int(s.a) - 1), To: month.Add(int(s.b) - 1)}
	if s.a == 1 && s.b == dim {
		base.Months = 1
	} else {
		base.Days, base.Of = s.b-s.a+1, dim
	}
	var sum int64
	var before yuan.Amount
	den := big.NewInt(perFen)
	for _, x := range parts {
		sum += x.value
		now, err := between(ratio{big.NewInt(sum), den}, s.a, s.b, dim)
		if err != nil {
			return nil, err
		}
		step := base
		step.What, step.Label, step.Quantity, step.Rate, step.Amount = x.what, x.label, x.quantity, x.rate, now-before
		before = now
		if x.value != 0 || step.Amount != 0 {
			out = append(out, step)
		}
	}
	if s.d != nil && before > 0 {
		num := new(big.Int).Mul(big.NewInt(sum), big.NewInt(s.d.N))
		off, err := between(ratio{num, new(big.Int).Mul(den, big.NewInt(s.d.D))}, s.a, s.b, dim)
		if err != nil {
			return nil, err
		}
		step := base
		step.What, step.Tariff, step.Label, step.N, step.D, step.Decision, step.Amount = "discount", s.d.ID, s.d.Words, s.d.N, s.d.D, s.d.Decision, -min(off, before)
		out = append(out, step)
	}
	return out, nil
}

// merged puts whole months of the same price into one step.
func merged(steps []Step) (out []Step) {
	for _, s := range steps {
		joined := false
		for i := range out {
			o := &out[i]
			if s.Months == 1 && o.Months > 0 && o.To.Add(1) == s.From && o.What == s.What && o.Tariff == s.Tariff && o.Label == s.Label && o.Quantity == s.Quantity &&
				o.Rate == s.Rate && o.N == s.N && o.D == s.D && o.Amount == s.Amount*yuan.Amount(o.Months) {
				o.To, o.Months, o.Amount, joined = s.To, o.Months+1, o.Amount+s.Amount, true
				break
			}
		}
		if !joined {
			out = append(out, s)
		}
	}
	return out
}

// Metered prices what one meter counted. A tariff that changed meanwhile gets its days' share of the use.
func Metered(h Home, u Used, tariffs []Tariff, discounts []Discount) (out []Step, err error) {
	if u.Now < u.Before || u.To <= u.From {
		return nil, ErrReading
	}
	var fit []Tariff
	for _, t := range tariffs {
		if _, ok := t.fits(h); ok && t.By == Meter {
			fit = append(fit, t)
		}
	}
	// The day of the reading before was paid with it; the run of days begins on the next.
	var weights []int64
	var under []*Tariff
	var ends []day.Day
	for d := u.From.Add(1); d <= u.To; d = d.Add(1) {
		var best *Tariff
		narrow := -1
		for j, t := range fit {
			if n, _ := t.fits(h); in(d, t.From, t.To) && n > narrow {
				narrow, best = n, &fit[j]
			}
		}
		if best == nil {
			continue
		}
		if k := len(under) - 1; k >= 0 && under[k] == best {
			weights[k]++
			ends[k] = d
			continue
		}
		under, weights, ends = append(under, best), append(weights, 1), append(ends, d)
	}
	if len(under) == 0 {
		return nil, nil
	}
	uses, err := yuan.Split(yuan.Amount(u.Now-u.Before), weights) // thousandths, split as fen are
	if err != nil {
		return nil, ErrTooBig
	}
	days := int64(u.To.Sub(u.From))
	span := max(1, (days+15)/30) // months that the tiers are for
	for i, t := range under {
		use, months := int64(uses[i]), span
		if len(under) > 1 {
			months = 0 // tiers by days, below
		}
		tiers := t.Tiers
		if len(tiers) == 0 {
			tiers = []Tier{{0, t.Rate}}
		}
		base := Step{Item: t.Item, ItemEn: t.ItemEn, What: "meter", Tariff: t.ID, Decision: t.Decision, Label: u.Meter, From: ends[i].Add(1 - int(weights[i])), To: ends[i], Before: u.Before, Now: u.Now}
		sum, before, taken := new(big.Int), yuan.Amount(0), int64(0)
		for _, x := range tiers {
			here := use - taken
			if x.Upto > 0 {
				limit := x.Upto * months
				if months == 0 {
					limit = x.Upto * span * weights[i] / days
				}
				here = min(here, max(0, limit-taken))
			}
			if here <= 0 {
				continue
			}
			taken += here
			sum.Add(sum, new(big.Int).Mul(big.NewInt(here), big.NewInt(int64(x.Rate))))
			now, err := ratio{sum, big.NewInt(1000 * 100)}.rounded(1, 1)
			if err != nil {
				return nil, err
			}
			step := base
			step.Quantity, step.Rate, step.Amount = here, x.Rate, now-before
			before = now
			out = append(out, step)
		}
		if before < t.Low && len(under) == 1 {
			step := base
			step.What, step.Amount = "low", t.Low-before
			out = append(out, step)
			before = t.Low
		}
		if t.High > 0 && before > t.High && len(under) == 1 {
			step := base
			step.What, step.Amount = "high", t.High-before
			out = append(out, step)
			before = t.High
		}
		var best *Discount
		for j, d := range discounts {
			if in(u.To, d.From, d.To) && d.Under.Covers(h.Path) && (d.Item == "" || d.Item == t.Item) && (best == nil || d.N*best.D > best.N*d.D) {
				best = &discounts[j]
			}
		}
		if best != nil && before > 0 {
			off, err := ratio{new(big.Int).Mul(big.NewInt(int64(before)), big.NewInt(best.N)), big.NewInt(best.D)}.rounded(1, 1)
			if err != nil {
				return nil, err
			}
			step := base
			step.What, step.Tariff, step.Label, step.N, step.D, step.Decision, step.Amount = "discount", best.ID, best.Words, best.N, best.D, best.Decision, -off
			step.Before, step.Now = 0, 0
			out = append(out, step)
		}
	}
	return out, nil
}

// Split shares one sum among homes by weights, by largest remainder: the parts add up to the sum, and who weighs nothing
// pays nothing.
func Split(total yuan.Amount, weights []int64) ([]yuan.Amount, error) {
	if total < 0 {
		return nil, ErrTariff
	}
	return yuan.Split(total, weights)
}

// Sum adds the steps up.
func Sum(steps []Step) (yuan.Amount, error) {
	var sum yuan.Amount
	var err error
	for _, s := range steps {
		if sum, err = yuan.Sum(sum, s.Amount); err != nil {
			return 0, ErrTooBig
		}
	}
	return sum, nil
}
