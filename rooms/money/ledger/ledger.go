// Package ledger is the book of one compound: double entry in whole fen, kept apart by funds.
//
// A leg above zero is a debit, below zero a credit. The legs of an entry add up to zero within each fund that they
// touch, and what goes from one fund to another passes the accounts between funds on both sides, which add up to zero
// too; so money held for owners (R30) cannot become the company's unseen. Nothing is changed: a wrong entry is reversed,
// once, with a reason. A payment may be reserved first: what is held is no longer available, yet no balance moves until
// it is posted, and nothing is left of it when it is released. A day that is closed stays closed.
//
// # Words
//
//   - fund 资金; account 科目; class 类别: asset 资产, debt 负债, equity 权益, earning 收入, cost 支出, between 资金往来.
//   - entry 分录, leg 借贷行, reversal 冲正, opening 期初.
//   - reserve 预留, post 入账, release 释放; held 已预留, available 可用.
//   - closing 结账: the last day that is closed, and the balances on it.
package ledger

import (
	"slices"
	"strings"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/yuan"
)

// Fund is money of one purpose and one owner.
type Fund string

// The funds of a compound.
const (
	Fees        Fund = "fees"        // 预收物业服务资金: paid ahead, held for the owners (R30)
	Company     Fund = "company"     // 企业自有资金
	Income      Fund = "income"      // 公共收益: of the common parts (R34)
	Maintenance Fund = "maintenance" // 维修资金（镜像）: what the authority or the bank keeps
	Works       Fund = "works"       // 共有工程资金: a lift, fire pipes
	Petty       Fund = "petty"       // 备用金
)

// Funds lists them in the order in which they are shown.
func Funds() []Fund { return []Fund{Fees, Company, Income, Maintenance, Works, Petty} }

// Name is the fund in Chinese and English.
func (f Fund) Name() (zh, en string) {
	switch f {
	case Fees:
		return "预收物业服务资金", "service fees held for owners"
	case Company:
		return "企业自有资金", "the company's own money"
	case Income:
		return "公共收益", "public income"
	case Maintenance:
		return "维修资金（镜像）", "maintenance fund (mirror)"
	case Works:
		return "共有工程资金", "shared works"
	case Petty:
		return "备用金", "petty cash"
	}
	return "", ""
}

// Class is the sort of an account.
type Class string

// Classes.
const (
	Asset   Class = "asset"   // 资产: bank, cash, what is owed to the fund
	Debt    Class = "debt"    // 负债: what the fund owes
	Equity  Class = "equity"  // 权益: whose the rest is
	Earning Class = "earning" // 收入
	Cost    Class = "cost"    // 支出
	Between Class = "between" // 资金往来: the other side lies in another fund
)

// Account is one line of the chart. Its code begins with its fund: "fees:bank", "works:owed:3-1-502".
type Account struct {
	Code    string `json:"code"`
	Class   Class  `json:"class"`
	Zh      string `json:"zh"`
	En      string `json:"en"`
	Covered bool   `json:"covered"` // a payment must not exceed what is available
}

// Fund is the first part of the code.
func (a Account) Fund() Fund {
	f, _, _ := strings.Cut(a.Code, ":")
	return Fund(f)
}

// banked are the funds that lie at a bank; petty cash is only cash.
var banked = []Fund{Fees, Company, Income, Maintenance, Works}

// subjects are what every fund has, and what some funds have besides. Codes follow the fund's.
var subjects = []struct {
	code, zh, en string
	class        Class
	covered      bool
	funds        []Fund // nil is all
}{
	{code: "bank", class: Asset, zh: "银行存款", en: "bank", covered: true},
	{code: "cash", class: Asset, zh: "柜台现金", en: "cash in the till", covered: true, funds: banked},
	{code: "clearing", class: Asset, zh: "在途资金", en: "on its way to the bank", funds: banked}, // below it one for each payment provider; a provider may take more back than is on its way
	{code: "unclear", class: Asset, zh: "待查现金长短款", en: "cash over or short, being looked into", funds: banked},
	{code: "owed", class: Asset, zh: "应收", en: "owed to the fund"},
	{code: "ahead", class: Debt, zh: "预收", en: "paid ahead"},
	{code: "payable", class: Debt, zh: "应付", en: "payable"},
	{code: "held", class: Debt, zh: "押金和暂扣", en: "deposits and hold-backs"},
	{code: "rest", class: Equity, zh: "结余", en: "what is left"},
	{code: "between", class: Between, zh: "资金往来", en: "between funds"},
	{code: "earned", class: Earning, zh: "收入", en: "earned"},
	{code: "earned:interest", class: Earning, zh: "利息收入", en: "interest"},
	{code: "earned:property", class: Earning, zh: "物业服务费", en: "property service fees", funds: []Fund{Fees, Company}},
	{code: "earned:parking", class: Earning, zh: "停车费", en: "parking", funds: []Fund{Fees, Company, Income}},
	{code: "earned:utility", class: Earning, zh: "代收水电费", en: "shared water and power", funds: []Fund{Fees, Company}},
	{code: "earned:lift_ads", class: Earning, zh: "电梯广告", en: "advertising in lifts", funds: []Fund{Income}},
	{code: "earned:base_station", class: Earning, zh: "通信基站", en: "base stations", funds: []Fund{Income}},
	{code: "earned:venue", class: Earning, zh: "场地", en: "venues", funds: []Fund{Income}},
	{code: "earned:pledge", class: Earning, zh: "业主出资", en: "owners' shares", funds: []Fund{Works}},
	{code: "earned:subsidy", class: Earning, zh: "财政补助", en: "subsidies", funds: []Fund{Works}},
	{code: "earned:other", class: Earning, zh: "其他收入", en: "other", funds: []Fund{Fees, Company, Income, Works}},
	{code: "spent", class: Cost, zh: "支出", en: "spent"},
	{code: "spent:charges", class: Cost, zh: "银行手续费", en: "bank charges"},
	{code: "spent:staff", class: Cost, zh: "人员费用", en: "staff", funds: []Fund{Fees, Company}},
	{code: "spent:running", class: Cost, zh: "共用部位和设施运行维护", en: "running and upkeep of common parts", funds: []Fund{Fees, Company}},
	{code: "spent:cleaning", class: Cost, zh: "清洁卫生", en: "cleaning", funds: []Fund{Fees, Company}},
	{code: "spent:greening", class: Cost, zh: "绿化养护", en: "greening", funds: []Fund{Fees, Company}},
	{code: "spent:order", class: Cost, zh: "秩序维护", en: "keeping order", funds: []Fund{Fees, Company}},
	{code: "spent:office", class: Cost, zh: "办公费用", en: "office", funds: []Fund{Fees, Company}},
	{code: "spent:depreciation", class: Cost, zh: "固定资产折旧", en: "depreciation", funds: []Fund{Fees, Company}},
	{code: "spent:insurance", class: Cost, zh: "保险", en: "insurance", funds: []Fund{Fees, Company}},
	{code: "spent:energy", class: Cost, zh: "水电能耗", en: "water and energy", funds: []Fund{Fees, Company}},
	{code: "spent:repair", class: Cost, zh: "维修", en: "repairs", funds: []Fund{Fees, Company, Maintenance}},
	{code: "spent:emergency", class: Cost, zh: "应急维修", en: "emergency repairs", funds: []Fund{Maintenance}},
	{code: "spent:remuneration", class: Cost, zh: "物业酬金", en: "remuneration", funds: []Fund{Fees, Company}},
	{code: "spent:cost", class: Cost, zh: "合理成本", en: "reasonable cost", funds: []Fund{Income}},
	{code: "spent:tax", class: Cost, zh: "税费", en: "taxes", funds: []Fund{Income}},
	{code: "spent:build", class: Cost, zh: "施工", en: "building", funds: []Fund{Works}},
	{code: "spent:design", class: Cost, zh: "设计", en: "design", funds: []Fund{Works}},
	{code: "spent:supervision", class: Cost, zh: "监理", en: "supervision", funds: []Fund{Works}},
	{code: "spent:other", class: Cost, zh: "其他支出", en: "other", funds: []Fund{Fees, Company, Income, Works, Petty}},
}

// Standard is the chart that every compound begins with.
func Standard() []Account {
	var chart []Account
	for _, f := range Funds() {
		fundZh, fundEn := f.Name()
		for _, s := range subjects {
			if s.funds != nil && !slices.Contains(s.funds, f) {
				continue
			}
			if f == Petty && s.code == "bank" {
				s.code, s.zh, s.en = "cash", "现金", "cash"
			}
			chart = append(chart, Account{Code: string(f) + ":" + s.code, Class: s.class, Zh: fundZh + "－" + s.zh, En: fundEn + ", " + s.en, Covered: s.covered})
		}
	}
	return chart
}

// Leg is one side of an entry: debit above zero, credit below.
type Leg struct {
	Account string      `json:"account"`
	Amount  yuan.Amount `json:"amount"`
}

// Entry is one posting.
type Entry struct {
	ID       string  `json:"id"`
	Day      day.Day `json:"day"`
	Text     string  `json:"text"`
	Document string  `json:"document"` // opaque: the voucher
	Decision string  `json:"decision"` // opaque: resolution, budget line, contract
	Rule     string  `json:"rule"`     // rule id
	Legs     []Leg   `json:"legs"`
	Reverses string  `json:"reverses,omitempty"` // entry that this one undoes
	Reason   string  `json:"reason,omitempty"`   // why, where it reverses
}

// Refusals.
var (
	ErrChart    = fault.New(fault.Invalid, "ledger.chart", "科目代码、类别或名称有误，或者重复", "an account has a wrong code or class, no name, or stands twice")
	ErrAccount  = fault.New(fault.Invalid, "ledger.account", "没有这个科目", "there is no such account")
	ErrLegs     = fault.New(fault.Invalid, "ledger.legs", "分录至少两行，金额不得为零", "an entry has two legs or more, none of them zero")
	ErrBalance  = fault.New(fault.Invalid, "ledger.balance", "同一资金内借贷不平", "the legs do not add up to zero within a fund")
	ErrBetween  = fault.New(fault.Invalid, "ledger.between", "资金往来两边不等", "what passes between funds is not the same on both sides")
	ErrPapers   = fault.New(fault.Invalid, "ledger.papers", "缺少编号、摘要、凭证、决定或者依据", "id, text, document, decision or rule is missing")
	ErrDay      = fault.New(fault.Invalid, "ledger.day", "日期有误", "the day cannot be right")
	ErrTwice    = fault.New(fault.Conflict, "ledger.twice", "该编号已经用过", "this id was used before")
	ErrClosed   = fault.New(fault.Conflict, "ledger.closed", "该期间已结账", "the period is closed")
	ErrEarly    = fault.New(fault.Refused, "ledger.early", "期间未结束，不能结账", "the period is not over yet")
	ErrMissing  = fault.New(fault.Missing, "ledger.missing", "没有这笔分录或者预留", "there is no such entry or reservation")
	ErrReversal = fault.New(fault.Refused, "ledger.reversal", "冲正分录不能再冲正", "a reversal cannot be reversed")
	ErrReversed = fault.New(fault.Conflict, "ledger.reversed", "该分录已冲正", "the entry was reversed before")
	ErrReason   = fault.New(fault.Invalid, "ledger.reason", "须写明原因", "a reason is needed")
	ErrShort    = fault.New(fault.Refused, "ledger.short", "可用余额不足", "not enough is available")
	ErrDone     = fault.New(fault.Conflict, "ledger.done", "该预留已入账或者已释放", "the reservation was posted or released before")
	ErrOpening  = fault.New(fault.Invalid, "ledger.opening", "期初余额与核对数不符", "the opening balances do not agree with the stated sum")
	ErrBegun    = fault.New(fault.Conflict, "ledger.begun", "该资金已有分录，不能再录期初", "the fund has entries already; it cannot be opened again")
	ErrTooBig   = fault.New(fault.Invalid, "ledger.too_big", "金额过大", "the amount is too big")
)

// State is where a reservation stands.
type State string

// States.
const (
	Held     State = "held"     // 已预留
	Posted   State = "posted"   // 已入账
	Released State = "released" // 已释放
)

// Reservation is an entry that waits for its last seal.
type Reservation struct {
	Entry  Entry  `json:"entry"`
	State  State  `json:"state"`
	Reason string `json:"reason,omitempty"` // why it was released
}

// Balance is what an account shows.
type Balance struct {
	Account string      `json:"account"`
	Amount  yuan.Amount `json:"amount"`
}

// Closing is a period that ended: nothing may be posted on or before its day any more.
type Closing struct {
	Through  day.Day   `json:"through"`
	Balances []Balance `json:"balances"` // on that day, by code; later entries are not in it
}

// Opening is what a fund has on the day it moves in. Total is the sum of its balances as the outgoing side stated it,
// signed paper in hand; the difference of assets and debts is the fund's rest.
type Opening struct {
	ID       string      `json:"id"`
	Fund     Fund        `json:"fund"`
	Day      day.Day     `json:"day"`
	Document string      `json:"document"`
	Decision string      `json:"decision"`
	Rule     string      `json:"rule"`
	Balances []Leg       `json:"balances"` // assets above zero, debts below
	Total    yuan.Amount `json:"total"`
}

// Difference is the sum of the balances less the stated total: zero where they agree.
func (o Opening) Difference() (yuan.Amount, error) {
	var sum yuan.Amount
	var err error
	for _, l := range o.Balances {
		if sum, err = yuan.Sum(sum, l.Amount); err != nil {
			return 0, ErrTooBig.Because(err)
		}
	}
	if sum, err = yuan.Sum(sum, -o.Total); err != nil {
		return 0, ErrTooBig.Because(err)
	}
	return sum, nil
}

// Books are the books of one compound. They are not for two goroutines at once.
type Books struct {
	chart    Chart
	entries  []Entry
	place    map[string]int // entry id: its place in entries
	undone   map[string]bool
	kept     map[string]*Reservation
	balance  map[string]yuan.Amount
	held     map[string]yuan.Amount // what reservations take out of an account, above zero
	begun    map[Fund]bool
	closings []Closing
}

// New begins books with a chart.
func New(chart []Account) (*Books, error) {
	b := &Books{chart: Chart{}, place: map[string]int{}, undone: map[string]bool{}, kept: map[string]*Reservation{},
		balance: map[string]yuan.Amount{}, held: map[string]yuan.Amount{}, begun: map[Fund]bool{}}
	for _, a := range chart {
		if err := b.Add(a); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// Add puts one more account into the chart, such as that of a home.
func (b *Books) Add(a Account) error { return b.chart.Add(a) }

// Check judges an entry by itself: papers, accounts, and that it balances in each fund and between funds. It does not ask
// for days or for what is available.
func (b *Books) Check(e Entry) error { return b.chart.Check(e) }

// seen is what the books know when they judge.
func (b *Books) seen() Seen { return Seen{Closed: b.Closed(), Balance: b.balance, Held: b.held} }

// unused refuses an id that was used before.
func (b *Books) unused(id string) error {
	if _, has := b.place[id]; has || b.kept[id] != nil {
		return ErrTwice
	}
	return nil
}

// fresh judges an entry against the books.
func (b *Books) fresh(e Entry) error {
	if err := b.unused(e.ID); err != nil {
		return err
	}
	return b.chart.Judge(e, b.seen())
}

// put writes an entry that was judged; it refuses only a balance that would overflow, and then nothing has moved.
func (b *Books) put(e Entry) error {
	sums, err := net(e.Legs)
	if err != nil {
		return err
	}
	for account, sum := range sums {
		if sums[account], err = yuan.Sum(b.balance[account], sum); err != nil {
			return ErrTooBig
		}
	}
	for account, sum := range sums {
		b.balance[account] = sum
		b.begun[b.chart[account].Fund()] = true
	}
	e.Legs = slices.Clone(e.Legs)
	b.place[e.ID] = len(b.entries)
	b.entries = append(b.entries, e)
	return nil
}

// Post writes an entry at once.
func (b *Books) Post(e Entry) error {
	if err := b.fresh(e); err != nil {
		return err
	}
	return b.put(e)
}

// Reserve keeps an entry until its last seal. What it takes out of covered accounts is not available to others.
func (b *Books) Reserve(e Entry) error {
	if err := b.fresh(e); err != nil {
		return err
	}
	if err := b.hold(e, 1); err != nil {
		return err
	}
	e.Legs = slices.Clone(e.Legs)
	b.kept[e.ID] = &Reservation{Entry: e, State: Held}
	return nil
}

// hold adds what an entry takes out to what is held, or takes it off again.
func (b *Books) hold(e Entry, sign yuan.Amount) error {
	takes, err := b.chart.Takes(e.Legs)
	if err != nil {
		return err
	}
	for account, sum := range takes {
		if takes[account], err = yuan.Sum(b.held[account], sum*sign); err != nil {
			return ErrTooBig
		}
	}
	for account, sum := range takes {
		b.held[account] = sum
	}
	return nil
}

func (b *Books) waiting(id string) (*Reservation, error) {
	r := b.kept[id]
	if r == nil {
		return nil, ErrMissing
	}
	if r.State != Held {
		return nil, ErrDone
	}
	return r, nil
}

// Seal posts a reservation on a day that is open and not before that of the reservation.
func (b *Books) Seal(id string, on day.Day) error {
	r, err := b.waiting(id)
	if err != nil {
		return err
	}
	e, err := Sealed(r.Entry, on, b.Closed())
	if err != nil {
		return err
	}
	if err := b.put(e); err != nil {
		return err
	}
	r.State = Posted
	return b.hold(e, -1)
}

// Release lets a reservation go, with the reason: refused, or out of time.
func (b *Books) Release(id, reason string) error {
	r, err := b.waiting(id)
	if err != nil {
		return err
	}
	if strings.TrimSpace(reason) == "" {
		return ErrReason
	}
	r.State, r.Reason = Released, reason
	return b.hold(r.Entry, -1)
}

// Reverse undoes an entry by its mirror, once, on an open day not before it. The mirror stands even where it leaves less
// than nothing in the bank: a cheque that bounced has bounced.
func (b *Books) Reverse(id, as string, on day.Day, document, decision, reason string) error {
	at, has := b.place[id]
	if !has {
		return ErrMissing
	}
	mirror, err := b.chart.Mirror(b.entries[at], b.undone[id], as, on, b.Closed(), document, decision, reason)
	if err != nil {
		return err
	}
	if err := b.unused(as); err != nil {
		return err
	}
	if err := b.put(mirror); err != nil {
		return err
	}
	b.undone[id] = true
	return nil
}

// Open writes the opening balances of a fund that has no entries yet. They must agree with the stated sum to the fen.
func (b *Books) Open(o Opening) error {
	if b.begun[o.Fund] {
		return ErrBegun
	}
	e, err := b.chart.Opening(o)
	if err != nil {
		return err
	}
	if err := b.fresh(e); err != nil {
		return err
	}
	return b.put(e)
}

// Close closes every day through the last of a period that is over. It cannot be taken back, and the same or an earlier
// day cannot be closed again.
func (b *Books) Close(through, today day.Day) (Closing, error) {
	if err := MayClose(through, today, b.Closed()); err != nil {
		return Closing{}, err
	}
	c := Closing{Through: through, Balances: b.Balances(through)}
	b.closings = append(b.closings, c)
	c.Balances = slices.Clone(c.Balances)
	return c, nil
}

// Closed is the last closed day, zero where none is.
func (b *Books) Closed() day.Day {
	if len(b.closings) == 0 {
		return 0
	}
	return b.closings[len(b.closings)-1].Through
}

// Balance is what an account shows now.
func (b *Books) Balance(account string) yuan.Amount { return b.balance[account] }

// Held is what reservations take out of a covered account.
func (b *Books) Held(account string) yuan.Amount { return b.held[account] }

// Available is the balance without what is held.
func (b *Books) Available(account string) yuan.Amount { return b.balance[account] - b.held[account] }

// Balances are those at the end of a day, by code, without accounts that show nothing.
func (b *Books) Balances(on day.Day) []Balance {
	sums := map[string]yuan.Amount{}
	for _, e := range b.entries {
		if e.Day <= on {
			for _, l := range e.Legs {
				sums[l.Account] += l.Amount
			}
		}
	}
	var list []Balance
	for account, sum := range sums {
		if sum != 0 {
			list = append(list, Balance{account, sum})
		}
	}
	slices.SortFunc(list, func(x, y Balance) int { return strings.Compare(x.Account, y.Account) })
	return list
}

// Entries are those written, in the order of writing.
func (b *Books) Entries() []Entry {
	list := slices.Clone(b.entries)
	for i := range list {
		list[i].Legs = slices.Clone(list[i].Legs)
	}
	return list
}

// Reservation is one that was made, whatever became of it.
func (b *Books) Reservation(id string) (Reservation, bool) {
	r := b.kept[id]
	if r == nil {
		return Reservation{}, false
	}
	c := *r
	c.Entry.Legs = slices.Clone(r.Entry.Legs)
	return c, true
}
