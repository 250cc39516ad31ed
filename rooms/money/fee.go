package money

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/store"
	"cuobian/rooms/money/ledger"
	"cuobian/rooms/money/tariff"
	"cuobian/rooms/place"
)

// BillKind is the sort of a bill. Runs make the first three by tariffs; other parts of the room make the others.
type BillKind string

// Kinds of bills.
const (
	PropertyFee BillKind = "property"
	ParkingFee  BillKind = "parking"
	UtilityFee  BillKind = "utility"
	Shortfall   BillKind = "shortfall"
	Pledge      BillKind = "pledge"
	OtherBill   BillKind = "other"
)

var byTariff = []BillKind{PropertyFee, ParkingFee, UtilityFee}

// Words is the kind in Chinese and English.
func (k BillKind) Words() (zh, en string) {
	switch k {
	case PropertyFee:
		return "物业费", "property fee"
	case ParkingFee:
		return "停车费", "parking"
	case UtilityFee:
		return "水电公摊", "water and power"
	case Shortfall:
		return "维修资金不足部分", "shortfall of the maintenance fund"
	case Pledge:
		return "共有工程认缴", "pledge for shared works"
	}
	return "其他费用", "other"
}

// Faults of tariffs and what they count.
var (
	ErrKind    = fault.Bad("kind", "money.kind", "没有这种收费", "there is no such fee")
	ErrGround  = fault.Bad("decision", "money.decision", "须写明有效的依据：已生效的业主大会决议、本小区的物业合同、扫描件，或政府定价（law）", "a decision in force is needed: a final resolution of the owners, a contract of this compound, a scanned paper, or law for an official price")
	ErrOverlap = fault.New(fault.Conflict, "money.tariff_overlap", "同一项目、同一范围在这段时间已有收费标准", "the item has a tariff for that place and those days already")
	ErrBilled  = fault.New(fault.Conflict, "money.tariff_billed", "这段时间已经出账，不能再改标准；请从下一账期起", "bills were made for those days already; begin with the next period")
	ErrUnder   = fault.Bad("under", "money.under", "范围不在本小区内", "the place is not in this compound")
	ErrHome    = fault.Bad("home", "money.home", "没有找到这户", "there is no such home here")
	ErrSpace   = fault.Bad("label", "money.space", "请写明车位号", "name the parking space")
	ErrMeter   = fault.Bad("meter", "money.meter", "请写明表号；同类表号在本小区不能重复", "name the meter; a label stands once in a compound")
	ErrShared  = fault.Bad("amount", "money.shared", "分摊须有金额、项目、凭证和至少一户承担", "a shared sum needs an amount, an item, a document and at least one home that pays")
	ErrFundOf  = fault.Bad("fund", "money.fee_fund", "费用只能进物业费账户（fees、company）或公共收益（income）", "fees go to fees, company or income")
)

// Tariff is a price of a compound with its kind. Under is a path in the compound; "" is all of it.
type Tariff struct {
	tariff.Tariff
	Compound string      `json:"compound"`
	Kind     BillKind    `json:"kind" enum:"property,parking,utility"`
	Fund     ledger.Fund `json:"fund,omitempty" enum:",fees,company,income" doc:"empty: by the contract's way of pay (R30); income: of common parts (R34)"`
	Spaces   bool        `json:"spaces,omitempty" doc:"of unit: each parking space that the home rents"`
	Meter    string      `json:"meter,omitempty" doc:"of meter: the sort of meters it prices, such as water"`
	EndedWhy string      `json:"ended_why,omitempty"`
	At       day.Instant `json:"at"`
}

// Discount is a discount of a compound.
type Discount struct {
	tariff.Discount
	Compound string      `json:"compound"`
	Kind     BillKind    `json:"kind" enum:"property,parking,utility"`
	At       day.Instant `json:"at"`
}

// decided checks what an act goes back to, and gives it in its one spelling. Lawful lets an official price pass.
func (t *Till) decided(ctx context.Context, q store.Queryer, n place.Node, ref string, lawful bool) error {
	kind, rest, _ := strings.Cut(strings.TrimSpace(ref), "/")
	id, no, _ := strings.Cut(rest, "/")
	switch {
	case ref == "law" && lawful:
		return nil
	case len(ref) > 100 || id == "":
		return ErrGround
	case kind == "assemblies" && t.on.Hall != nil:
		matter, err := strconv.ParseInt(no, 10, 64)
		if err != nil {
			return ErrGround
		}
		r, err := t.on.Hall.Resolution(ctx, q, id, matter)
		if fault.IsKind(err, fault.Missing) || err == nil && (!r.Holds() || r.Path != n.Path) {
			return ErrGround
		}
		return err
	case kind == "contracts":
		c, err := store.Count(ctx, q, `select count(*) from service_v_contract where id = $1 and path = $2`, id, string(n.Path))
		if err == nil && c == 0 {
			return ErrGround
		}
		return err
	case kind == "blobs" && no == "":
		if t.on.Blobs == nil {
			return ErrGround
		}
		if _, err := t.on.Blobs.Find(ctx, q, id); err != nil {
			return ErrGround
		}
		return nil
	}
	return ErrGround
}

// feeFund is where the fees of a compound go on a day: to the owners' fund by remuneration or trust (R30) and where nobody
// works for gain, to the company in lump sum.
func (t *Till) feeFund(ctx context.Context, q store.Queryer, at scope.Path, on day.Day) (ledger.Fund, error) {
	var mode, pay string
	err := q.QueryRow(ctx, `select mode, pay from service_v_contract where path = $1 and from_day <= $2 and (to_day = '' or to_day >= $2) order by from_day desc limit 1`, string(at), on).Scan(&mode, &pay)
	if none(err) {
		return ledger.Fees, nil
	}
	if pay == "lump_sum" || pay == "" && mode == "market" {
		return ledger.Company, err
	}
	return ledger.Fees, err
}

const tariffColumns = `id, compound, kind, item, item_en, counts, rate, tiers, terms, low, high, uses, under, fund, spaces, meter, decision, from_day, to_day, ended_why, at`

func scanTariff(r *sql.Rows) (x Tariff, err error) {
	var tiers, terms string
	if err = r.Scan(&x.ID, &x.Compound, &x.Kind, &x.Item, &x.ItemEn, &x.By, &x.Rate, &tiers, &terms, &x.Low, &x.High, &x.Use, &x.Under, &x.Fund, &x.Spaces, &x.Meter, &x.Decision, &x.From, &x.To, &x.EndedWhy, &x.At); err != nil {
		return x, err
	}
	if err = json.Unmarshal([]byte(tiers), &x.Tiers); err == nil {
		err = json.Unmarshal([]byte(terms), &x.Terms)
	}
	return x, err
}

const discountColumns = `id, compound, kind, item, under, n, d, words, decision, from_day, to_day, at`

func scanDiscount(r *sql.Rows) (x Discount, err error) {
	err = r.Scan(&x.ID, &x.Compound, &x.Kind, &x.Item, &x.Under, &x.N, &x.D, &x.Words, &x.Decision, &x.From, &x.To, &x.At)
	return x, err
}

func (t *Till) tariffs(ctx context.Context, q store.Queryer, compound string) ([]Tariff, error) {
	return store.All(ctx, q, scanTariff, `select `+tariffColumns+` from money_tariff where compound = $1 order by kind, item, from_day, id`, compound)
}

func (t *Till) discounts(ctx context.Context, q store.Queryer, compound string) ([]Discount, error) {
	return store.All(ctx, q, scanDiscount, `select `+discountColumns+` from money_discount where compound = $1 order by from_day, id`, compound)
}

// Tariffs lists a compound's tariffs and discounts, ended ones too.
func (t *Till) Tariffs(ctx context.Context, who access.Who, compound string) ([]Tariff, []Discount, error) {
	n, err := t.compound(ctx, t.db, compound)
	if err != nil {
		return nil, nil, missing(err)
	}
	if err := t.may(ctx, t.db, who, Look, n.Path); err != nil {
		own, e := owns(ctx, t.db, who.Person, n.Path, t.Today())
		if e != nil || !own || who.Account == "" {
			return nil, nil, err
		}
	}
	a, err := t.tariffs(ctx, t.db, compound)
	if err != nil {
		return nil, nil, err
	}
	b, err := t.discounts(ctx, t.db, compound)
	return a, b, err
}

// missing hides whether a compound is there from who may not see it.
func missing(err error) error {
	if fault.IsKind(err, fault.Invalid) || fault.IsKind(err, fault.Missing) {
		return ErrMissing
	}
	return err
}

// billed says whether a run of a kind covers a day from which on something is to change.
func (t *Till) billed(ctx context.Context, q store.Queryer, compound string, kind BillKind, from day.Day) (bool, error) {
	n, err := store.Count(ctx, q, `select count(*) from money_run where compound = $1 and kind = $2 and period_to >= $3`, compound, string(kind), from)
	return n > 0, err
}

// at a compound, with the right to do a thing there.
func (t *Till) there(ctx context.Context, q store.Queryer, who access.Who, a *access.Action, compound string) (place.Node, error) {
	n, err := t.compound(ctx, q, compound)
	if err != nil {
		return n, missing(err)
	}
	return n, t.may(ctx, q, who, a, n.Path)
}

// SetTariff keeps a new tariff.
func (t *Till) SetTariff(ctx context.Context, who access.Who, x Tariff) (out Tariff, err error) {
	err = t.db.Write(ctx, func(tx *store.Tx) error {
		n, err := t.there(ctx, tx, who, Arrange, x.Compound)
		if err != nil {
			return err
		}
		out, err = t.setTariff(ctx, tx, who, n, x)
		return err
	})
	return out, err
}

func (t *Till) setTariff(ctx context.Context, tx *store.Tx, who access.Who, n place.Node, x Tariff) (Tariff, error) {
	x.Item, x.ItemEn = strings.TrimSpace(x.Item), strings.TrimSpace(x.ItemEn)
	if !slices.Contains(byTariff, x.Kind) {
		return x, ErrKind
	}
	if zh, en := x.Kind.Words(); x.Item == "" && x.ItemEn == "" {
		x.Item, x.ItemEn = zh, en
	}
	if x.ItemEn == "" {
		x.ItemEn = x.Item
	}
	if err := x.Check(); err != nil {
		return x, err
	}
	if x.Under == "" {
		x.Under = n.Path
	}
	if !n.Path.Covers(x.Under) {
		return x, ErrUnder
	}
	if !slices.Contains([]ledger.Fund{"", ledger.Fees, ledger.Company, ledger.Income}, x.Fund) {
		return x, ErrFundOf
	}
	if x.By == tariff.Meter && strings.TrimSpace(x.Meter) == "" {
		return x, ErrMeter
	}
	if x.Spaces && (x.By != tariff.Unit || x.Kind != ParkingFee) {
		return x, tariff.ErrTariff
	}
	if err := t.decided(ctx, tx, n, x.Decision, true); err != nil {
		return x, err
	}
	to := x.To.String()
	both, err := store.Count(ctx, tx, `select count(*) from money_tariff where compound = $1 and kind = $2 and item = $3 and under = $4 and uses = $5 and (to_day = '' or to_day >= $6) and ($7 = '' or from_day <= $7) and (to_day = '' or to_day >= from_day)`,
		n.ID, string(x.Kind), x.Item, string(x.Under), x.Use, x.From, to)
	if err == nil && both > 0 {
		err = ErrOverlap
	}
	if err != nil {
		return x, err
	}
	if done, err := t.billed(ctx, tx, n.ID, x.Kind, x.From); err != nil || done {
		if err == nil {
			err = ErrBilled
		}
		return x, err
	}
	x.ID, x.Compound, x.At, x.EndedWhy = tx.NewID(), n.ID, tx.Now, ""
	if _, err := tx.Exec(ctx, `insert into money_tariff (id, compound, path, kind, item, item_en, counts, rate, tiers, terms, low, high, uses, under, fund, spaces, meter, decision, from_day, to_day, ended_why, by_person, at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, '', $21, $22)`,
		x.ID, n.ID, string(n.Path), string(x.Kind), x.Item, x.ItemEn, string(x.By), int64(x.Rate), text(x.Tiers), text(x.Terms), int64(x.Low), int64(x.High), x.Use, string(x.Under), string(x.Fund), x.Spaces, x.Meter,
		x.Decision, x.From, to, who.Person, int64(tx.Now)); err != nil {
		return x, err
	}
	return x, t.trail(ctx, tx, who, Arrange, n.Path, "tariff", "tariffs/"+x.ID, "", x)
}

// EndTariff ends a tariff after a day, from which on nothing was billed yet.
func (t *Till) EndTariff(ctx context.Context, who access.Who, compound, id string, last day.Day, why string) (out Tariff, err error) {
	err = t.db.Write(ctx, func(tx *store.Tx) error {
		n, err := t.there(ctx, tx, who, Arrange, compound)
		if err != nil {
			return err
		}
		if strings.TrimSpace(why) == "" {
			return ErrReason
		}
		list, err := store.All(ctx, tx, scanTariff, `select `+tariffColumns+` from money_tariff where id = $1 and compound = $2`, id, compound)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			return ErrMissing
		}
		out = list[0]
		if !last.Sound() || last < out.From.Add(-1) || out.To.Sound() && last >= out.To {
			return ErrDay
		}
		if done, err := t.billed(ctx, tx, n.ID, out.Kind, last.Add(1)); err != nil || done {
			if err == nil {
				err = ErrBilled
			}
			return err
		}
		out.To, out.EndedWhy = last, strings.TrimSpace(why)
		if _, err := tx.Exec(ctx, `update money_tariff set to_day = $2, ended_why = $3 where id = $1`, id, last, out.EndedWhy); err != nil {
			return err
		}
		return t.trail(ctx, tx, who, Arrange, n.Path, "tariff_end", "tariffs/"+id, out.EndedWhy, out)
	})
	return out, err
}

// SetDiscount keeps a discount, which only a resolution or a scanned paper can give.
func (t *Till) SetDiscount(ctx context.Context, who access.Who, x Discount) (out Discount, err error) {
	err = t.db.Write(ctx, func(tx *store.Tx) error {
		n, err := t.there(ctx, tx, who, Arrange, x.Compound)
		if err != nil {
			return err
		}
		x.Words = strings.TrimSpace(x.Words)
		if !slices.Contains(byTariff, x.Kind) {
			return ErrKind
		}
		if x.Words == "" {
			return ErrWords
		}
		if err := x.Check(); err != nil {
			return err
		}
		if x.Under == "" {
			x.Under = n.Path
		}
		if !n.Path.Covers(x.Under) {
			return ErrUnder
		}
		if err := t.decided(ctx, tx, n, x.Decision, false); err != nil {
			return err
		}
		if done, err := t.billed(ctx, tx, n.ID, x.Kind, x.From); err != nil || done {
			if err == nil {
				err = ErrBilled
			}
			return err
		}
		x.ID, x.Compound, x.At = tx.NewID(), n.ID, tx.Now
		out = x
		if _, err := tx.Exec(ctx, `insert into money_discount (id, compound, kind, item, under, n, d, words, decision, from_day, to_day, by_person, at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
			x.ID, n.ID, string(x.Kind), x.Item, string(x.Under), x.N, x.D, x.Words, x.Decision, x.From, x.To.String(), who.Person, int64(tx.Now)); err != nil {
			return err
		}
		return t.trail(ctx, tx, who, Arrange, n.Path, "discount", "discounts/"+x.ID, x.Words, x)
	})
	return out, err
}

// homeIn finds a home or a parking space of a compound.
func (t *Till) homeIn(ctx context.Context, q store.Queryer, compound place.Node, id string) (place.Node, error) {
	h, err := t.on.Map.Get(ctx, q, id)
	if fault.IsKind(err, fault.Missing) || err == nil && (!compound.Path.Covers(h.Path) || h.Kind != place.Home && h.Kind != place.Parking) {
		return h, ErrHome
	}
	return h, err
}

// Space is a parking space that a home rents.
type Space struct {
	ID    string  `json:"id"`
	Home  string  `json:"home"`
	Label string  `json:"label"`
	From  day.Day `json:"from_day"`
	To    day.Day `json:"to_day,omitempty" doc:"last day; empty while it lasts"`
}

// Rent keeps that a home rents a parking space; with an id it ends that rent on To.
func (t *Till) Rent(ctx context.Context, who access.Who, compound string, x Space) (out Space, err error) {
	err = t.db.Write(ctx, func(tx *store.Tx) error {
		n, err := t.there(ctx, tx, who, Collect, compound)
		if err != nil {
			return err
		}
		out = x
		if x.ID != "" {
			if !x.To.Sound() {
				return ErrDay
			}
			c, err := tx.Exec(ctx, `update money_space set to_day = $3 where id = $1 and compound = $2 and to_day = '' and from_day <= $3`, x.ID, n.ID, x.To)
			if err == nil && c == 0 {
				err = ErrMissing
			}
			if err != nil {
				return err
			}
			return t.trail(ctx, tx, who, Collect, n.Path, "space_end", "spaces/"+x.ID, "", x)
		}
		if x.Label = strings.TrimSpace(x.Label); x.Label == "" || len(x.Label) > 60 {
			return ErrSpace
		}
		if !x.From.Sound() || x.To.Sound() && x.To < x.From {
			return ErrDay
		}
		if _, err := t.homeIn(ctx, tx, n, x.Home); err != nil {
			return err
		}
		c, err := store.Count(ctx, tx, `select count(*) from money_bill where home = $1 and kind = 'parking' and state <> 'void' and period_to >= $2`, x.Home, x.From)
		if err == nil && c > 0 {
			err = ErrBilled
		}
		if err != nil {
			return err
		}
		x.ID = tx.NewID()
		out = x
		if _, err := tx.Exec(ctx, `insert into money_space (id, compound, home, label, from_day, to_day, by_person, at) values ($1, $2, $3, $4, $5, $6, $7, $8)`, x.ID, n.ID, x.Home, x.Label, x.From, x.To.String(), who.Person, int64(tx.Now)); err != nil {
			return err
		}
		return t.trail(ctx, tx, who, Collect, n.Path, "space", "spaces/"+x.ID, "", x)
	})
	return out, err
}

// Reading is what a meter showed on a day. A meter that is not known yet is made; Fresh says that it was put in or
// exchanged and counts anew from this value.
type Reading struct {
	Home  string  `json:"home,omitempty" doc:"empty: a shared meter"`
	Sort  string  `json:"sort" doc:"water, power, gas, heat …"`
	Label string  `json:"label" doc:"number on the meter"`
	Day   day.Day `json:"day"`
	Value int64   `json:"value" doc:"thousandths of the unit"`
	Fresh bool    `json:"fresh,omitempty" doc:"the meter is new here and counts from this value"`
	Note  string  `json:"note,omitempty"`
}

// Readings takes readings in, all or none; the row that cannot be right is named.
func (t *Till) Readings(ctx context.Context, who access.Who, compound string, rows []Reading) (kept int, err error) {
	err = t.db.Write(ctx, func(tx *store.Tx) error {
		kept = 0
		n, err := t.there(ctx, tx, who, Collect, compound)
		if err != nil {
			return err
		}
		if len(rows) == 0 || len(rows) > 5000 {
			return fault.Bad("rows", "money.readings", "一次录入 1 至 5000 行", "1 to 5,000 rows at a time")
		}
		for i, r := range rows {
			if err := t.read(ctx, tx, who, n, r); err != nil {
				if f := (*fault.Fault)(nil); errors.As(err, &f) && f.Kind == fault.Invalid {
					return f.At("rows." + strconv.Itoa(i))
				}
				return err
			}
			kept++
		}
		return t.trail(ctx, tx, who, Collect, n.Path, "readings", "readings/"+n.ID, "", map[string]int{"rows": len(rows)})
	})
	return kept, err
}

func (t *Till) read(ctx context.Context, tx *store.Tx, who access.Who, n place.Node, r Reading) error {
	r.Label, r.Sort = strings.TrimSpace(r.Label), strings.TrimSpace(r.Sort)
	if r.Label == "" || r.Sort == "" || len(r.Label) > 60 || len(r.Sort) > 30 {
		return ErrMeter
	}
	if !r.Day.Sound() || r.Day > today(tx) {
		return ErrDay
	}
	if r.Value < 0 || r.Value > 1_000_000_000_000 {
		return tariff.ErrReading
	}
	var id, home string
	err := tx.QueryRow(ctx, `select id, home from money_meter where compound = $1 and sort = $2 and label = $3 and ended_on = ''`, n.ID, r.Sort, r.Label).Scan(&id, &home)
	switch {
	case none(err):
		if r.Home != "" {
			if _, err := t.homeIn(ctx, tx, n, r.Home); err != nil {
				return err
			}
		}
		id, r.Fresh = tx.NewID(), true
		if _, err := tx.Exec(ctx, `insert into money_meter (id, compound, home, sort, label, ended_on, by_person, at) values ($1, $2, $3, $4, $5, '', $6, $7)`, id, n.ID, r.Home, r.Sort, r.Label, who.Person, int64(tx.Now)); err != nil {
			return err
		}
	case err != nil:
		return err
	case r.Home != "" && r.Home != home:
		return ErrMeter
	}
	// A day that was billed already would shift use out of every bill.
	if done, err := t.billed(ctx, tx, n.ID, UtilityFee, r.Day); err != nil || done {
		if err == nil {
			err = ErrBilled
		}
		return err
	}
	var before, after sql.NullInt64
	if err := tx.QueryRow(ctx, `select (select value from money_reading where meter = $1 and day < $2 order by day desc limit 1), (select value from money_reading where meter = $1 and day > $2 and not fresh order by day limit 1)`, id, r.Day).Scan(&before, &after); err != nil {
		return err
	}
	if !r.Fresh && before.Valid && r.Value < before.Int64 || after.Valid && r.Value > after.Int64 {
		return tariff.ErrReading
	}
	c, err := tx.Exec(ctx, `insert into money_reading (meter, day, value, fresh, note, by_person, at) values ($1, $2, $3, $4, $5, $6, $7) on conflict (meter, day) do nothing`, id, r.Day, r.Value, r.Fresh, strings.TrimSpace(r.Note), who.Person, int64(tx.Now))
	if err == nil && c == 0 {
		var has int64
		if err = tx.QueryRow(ctx, `select value from money_reading where meter = $1 and day = $2`, id, r.Day).Scan(&has); err == nil && has != r.Value {
			err = fault.Bad("value", "money.reading_twice", "这一天已有另一个读数", "there is another reading of that day")
		}
	}
	return err
}

// Shared is a sum that homes pay together in a period.
type Shared struct {
	ID       string        `json:"id"`
	Period   tariff.Period `json:"period"`
	Item     string        `json:"item"`
	ItemEn   string        `json:"item_en"`
	Amount   int64         `json:"amount" doc:"fen"`
	Weigh    string        `json:"weigh" enum:"area,equal,head"`
	Under    scope.Path    `json:"under,omitempty"`
	Fund     ledger.Fund   `json:"fund,omitempty" enum:",fees,company,income"`
	Decision string        `json:"decision"`
	Document string        `json:"document" doc:"the utility's bill: blobs/… or its number"`
}

const sharedColumns = `id, period_from, period_to, item, item_en, amount, weigh, under, fund, decision, document`

func scanShared(r *sql.Rows) (x Shared, err error) {
	err = r.Scan(&x.ID, &x.Period.From, &x.Period.To, &x.Item, &x.ItemEn, &x.Amount, &x.Weigh, &x.Under, &x.Fund, &x.Decision, &x.Document)
	return x, err
}

// Share keeps a shared sum of a period that is not billed yet.
func (t *Till) Share(ctx context.Context, who access.Who, compound string, x Shared) (out Shared, err error) {
	err = t.db.Write(ctx, func(tx *store.Tx) error {
		n, err := t.there(ctx, tx, who, Collect, compound)
		if err != nil {
			return err
		}
		x.Item, x.ItemEn, x.Document = strings.TrimSpace(x.Item), strings.TrimSpace(x.ItemEn), strings.TrimSpace(x.Document)
		if x.ItemEn == "" {
			x.ItemEn = x.Item
		}
		if x.Under == "" {
			x.Under = n.Path
		}
		if p, err := tariff.ParsePeriod(x.Period.String()); err != nil || p != x.Period {
			return tariff.ErrPeriod
		}
		if x.Amount <= 0 || x.Amount > 1_000_000_000_00 || x.Item == "" || x.Document == "" || !slices.Contains([]string{"area", "equal", "head"}, x.Weigh) {
			return ErrShared
		}
		if !n.Path.Covers(x.Under) {
			return ErrUnder
		}
		if !slices.Contains([]ledger.Fund{"", ledger.Fees, ledger.Company, ledger.Income}, x.Fund) {
			return ErrFundOf
		}
		if err := t.decided(ctx, tx, n, x.Decision, true); err != nil {
			return err
		}
		c, err := store.Count(ctx, tx, `select count(*) from money_run where compound = $1 and kind = 'utility' and period_from = $2`, n.ID, x.Period.From)
		if err == nil && c > 0 {
			err = ErrBilled
		}
		if err != nil {
			return err
		}
		x.ID = tx.NewID()
		out = x
		if _, err = tx.Exec(ctx, `insert into money_shared (id, compound, period_from, period_to, item, item_en, amount, weigh, under, fund, decision, document, by_person, at, voided) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, '')`,
			x.ID, n.ID, x.Period.From, x.Period.To, x.Item, x.ItemEn, x.Amount, x.Weigh, string(x.Under), string(x.Fund), x.Decision, x.Document, who.Person, int64(tx.Now)); store.Unique(err) {
			return ErrShared
		}
		if err != nil {
			return err
		}
		return t.trail(ctx, tx, who, Collect, n.Path, "shared", "shared/"+x.ID, "", x)
	})
	return out, err
}
