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
	"regexp"
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

// Standard is the chart that every compound begins with.
func Standard() []Account {
	var chart []Account
	for _, f := range Funds() {
		zh, en := f.Name()
		for _, a := range []Account{
			{Code: "bank", Class: Asset, Zh: "银行存款", En: "bank", Covered: true},
			{Code: "owed", Class: Asset, Zh: "应收", En: "owed to the fund"},
			{Code: "ahead", Class: Debt, Zh: "预收", En: "paid ahead"},
			{Code: "payable", Class: Debt, Zh: "应付", En: "payable"},
			{Code: "rest", Class: Equity, Zh: "结余", En: "what is left"},
			{Code: "earned", Class: Earning, Zh: "收入", En: "earned"},
			{Code: "spent", Class: Cost, Zh: "支出", En: "spent"},
			{Code: "between", Class: Between, Zh: "资金往来", En: "between funds"},
		} {
			if f == Petty && a.Code == "bank" {
				a.Code, a.Zh, a.En = "cash", "现金", "cash"
			}
			a.Code, a.Zh, a.En = string(f)+":"+a.Code, zh+"－"+a.Zh, en+", "+a.En
			chart = append(chart, a)
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
	chart    map[string]Account
	entries  []Entry
	place    map[string]int // entry id: its place in entries
	undone   map[string]bool
	kept     map[string]*Reservation
	balance  map[string]yuan.Amount
	held     map[string]yuan.Amount // what reservations take out of an account, above zero
	begun    map[Fund]bool
	closings []Closing
}

var code = regexp.MustCompile(`^[a-z]+(:[a-z0-9][a-z0-9_-]*)+$`)

// New begins books with a chart.
func New(chart []Account) (*Books, error) {
	b := &Books{chart: map[string]Account{}, place: map[string]int{}, undone: map[string]bool{}, kept: map[string]*Reservation{},
		balance: map[string]yuan.Amount{}, held: map[string]yuan.Amount{}, begun: map[Fund]bool{}}
	for _, a := range chart {
		if err := b.Add(a); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// Add puts one more account into the chart, such as that of a home.
func (b *Books) Add(a Account) error {
	known := slices.Contains([]Class{Asset, Debt, Equity, Earning, Cost, Between}, a.Class)
	if _, has := b.chart[a.Code]; has || !known || !code.MatchString(a.Code) || !slices.Contains(Funds(), a.Fund()) ||
		strings.TrimSpace(a.Zh) == "" || strings.TrimSpace(a.En) == "" {
		return ErrChart
	}
	b.chart[a.Code] = a
	return nil
}

// Check judges an entry by itself: papers, accounts, and that it balances in each fund and between funds. It does not ask
// for days or for what is available.
func (b *Books) Check(e Entry) error {
	for _, s := range []string{e.ID, e.Text, e.Document, e.Decision, e.Rule} {
		if strings.TrimSpace(s) == "" {
			return ErrPapers
		}
	}
	if e.Day.IsZero() || !e.Day.Sound() {
		return ErrDay
	}
	if len(e.Legs) < 2 {
		return ErrLegs
	}
	funds := map[Fund]yuan.Amount{}
	var between yuan.Amount
	for _, l := range e.Legs {
		a, has := b.chart[l.Account]
		if !has {
			return ErrAccount
		}
		if l.Amount == 0 {
			return ErrLegs
		}
		var err error
		if funds[a.Fund()], err = yuan.Sum(funds[a.Fund()], l.Amount); err != nil || l.Amount == -l.Amount {
			return ErrTooBig
		}
		if a.Class == Between {
			if between, err = yuan.Sum(between, l.Amount); err != nil {
				return ErrTooBig
			}
		}
	}
	for _, sum := range funds {
		if sum != 0 {
			return ErrBalance
		}
	}
	if between != 0 {
		return ErrBetween
	}
	return nil
}

// fresh judges an entry against the books, but for what is available.
func (b *Books) fresh(e Entry) error {
	if err := b.Check(e); err != nil {
		return err
	}
	if e.Reverses != "" || e.Reason != "" {
		return ErrReversal // only Reverse makes these
	}
	return b.unused(e.ID, e.Day)
}

func (b *Books) unused(id string, on day.Day) error {
	if _, has := b.place[id]; has || b.kept[id] != nil {
		return ErrTwice
	}
	return b.open(on)
}

func (b *Books) open(on day.Day) error {
	if !b.Closed().IsZero() && on <= b.Closed() {
		return ErrClosed
	}
	return nil
}

// net adds up the legs by account.
func net(legs []Leg) (map[string]yuan.Amount, error) {
	sums := map[string]yuan.Amount{}
	for _, l := range legs {
		var err error
		if sums[l.Account], err = yuan.Sum(sums[l.Account], l.Amount); err != nil {
			return nil, ErrTooBig
		}
	}
	return sums, nil
}

// covered refuses what takes more out of a covered account than is available.
func (b *Books) covered(legs []Leg) error {
	sums, err := net(legs)
	if err != nil {
		return err
	}
	for account, sum := range sums {
		if sum >= 0 || !b.chart[account].Covered {
			continue
		}
		left, err := yuan.Sum(b.balance[account], -b.held[account], sum)
		if err != nil {
			return ErrTooBig
		}
		if left < 0 {
			return ErrShort
		}
	}
	return nil
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
	if err := b.covered(e.Legs); err != nil {
		return err
	}
	return b.put(e)
}

// Reserve keeps an entry until its last seal. What it takes out of covered accounts is not available to others.
func (b *Books) Reserve(e Entry) error {
	if err := b.fresh(e); err != nil {
		return err
	}
	if err := b.covered(e.Legs); err != nil {
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
	sums, err := net(e.Legs)
	if err != nil {
		return err
	}
	next := map[string]yuan.Amount{}
	for account, sum := range sums {
		if sum < 0 && b.chart[account].Covered {
			if next[account], err = yuan.Sum(b.held[account], -sum*sign); err != nil {
				return ErrTooBig
			}
		}
	}
	for account, sum := range next {
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
	if !on.Sound() || on < r.Entry.Day {
		return ErrDay
	}
	if err := b.open(on); err != nil {
		return err
	}
	e := r.Entry
	e.Day = on
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
	e := b.entries[at]
	if e.Reverses != "" {
		return ErrReversal
	}
	if b.undone[id] {
		return ErrReversed
	}
	if strings.TrimSpace(reason) == "" {
		return ErrReason
	}
	if !on.Sound() || on < e.Day {
		return ErrDay
	}
	mirror := Entry{ID: as, Day: on, Text: "冲正：" + e.Text, Document: document, Decision: decision, Rule: e.Rule, Reverses: id, Reason: reason}
	for _, l := range e.Legs {
		mirror.Legs = append(mirror.Legs, Leg{l.Account, -l.Amount})
	}
	if err := b.Check(mirror); err != nil {
		return err
	}
	if err := b.unused(as, on); err != nil {
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
	if d, err := o.Difference(); err != nil {
		return err
	} else if d != 0 {
		return ErrOpening
	}
	zh, _ := o.Fund.Name()
	e := Entry{ID: o.ID, Day: o.Day, Text: zh + "期初余额", Document: o.Document, Decision: o.Decision, Rule: o.Rule, Legs: slices.Clone(o.Balances)}
	for _, l := range e.Legs {
		if a, has := b.chart[l.Account]; !has || a.Fund() != o.Fund || a.Class != Asset && a.Class != Debt {
			return ErrAccount
		}
	}
	if o.Total != 0 {
		e.Legs = append(e.Legs, Leg{string(o.Fund) + ":rest", -o.Total})
	}
	if err := b.fresh(e); err != nil {
		return err
	}
	return b.put(e)
}

// Close closes every day through the last of a period that is over. It cannot be taken back, and the same or an earlier
// day cannot be closed again.
func (b *Books) Close(through, today day.Day) (Closing, error) {
	if !through.Sound() || through.IsZero() {
		return Closing{}, ErrDay
	}
	if through >= today {
		return Closing{}, ErrEarly
	}
	if err := b.open(through); err != nil {
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
