package ledger

import (
	"regexp"
	"slices"
	"strings"

	"cuobian/basis/day"
	"cuobian/basis/yuan"
)

// Chart is the accounts by code. It judges an entry against the few figures that the entry touches, so that books of any
// size can be judged without being read; Books, which hold everything, judge by the same.
type Chart map[string]Account

// Seen is what an entry is judged against: the last closed day (zero where none is), and for the accounts that it takes
// money out of (Chart.Takes) the balance and what is held.
type Seen struct {
	Closed  day.Day
	Balance map[string]yuan.Amount
	Held    map[string]yuan.Amount
}

// most is the biggest leg: ten trillion yuan. Sums of nine thousand such legs still fit.
const most yuan.Amount = 1_000_000_000_000_000

var code = regexp.MustCompile(`^[a-z]+(:[a-z0-9][a-z0-9_-]*)+$`)

// Add puts an account into the chart.
func (c Chart) Add(a Account) error {
	known := slices.Contains([]Class{Asset, Debt, Equity, Earning, Cost, Between}, a.Class)
	if _, has := c[a.Code]; has || !known || !code.MatchString(a.Code) || !slices.Contains(Funds(), a.Fund()) ||
		strings.TrimSpace(a.Zh) == "" || strings.TrimSpace(a.En) == "" {
		return ErrChart
	}
	c[a.Code] = a
	return nil
}

// Check judges an entry by itself: papers, accounts, and that it balances in each fund and between funds. It does not ask
// for days or for what is available.
func (c Chart) Check(e Entry) error {
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
		a, has := c[l.Account]
		if !has {
			return ErrAccount
		}
		if l.Amount == 0 {
			return ErrLegs
		}
		if l.Amount > most || l.Amount < -most {
			return ErrTooBig
		}
		var err error
		if funds[a.Fund()], err = yuan.Sum(funds[a.Fund()], l.Amount); err != nil {
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

// Takes are the covered accounts that legs take money out of, and how much, above zero.
func (c Chart) Takes(legs []Leg) (map[string]yuan.Amount, error) {
	sums, err := net(legs)
	if err != nil {
		return nil, err
	}
	takes := map[string]yuan.Amount{}
	for account, sum := range sums {
		if sum < 0 && c[account].Covered {
			takes[account] = -sum
		}
	}
	return takes, nil
}

// Judge says whether an entry may be posted, or reserved: the check by itself, the closed days, and that no covered account
// gives more than is available. Whether its id was used before the caller knows.
func (c Chart) Judge(e Entry, s Seen) error {
	if err := c.Check(e); err != nil {
		return err
	}
	if e.Reverses != "" || e.Reason != "" {
		return ErrReversal // only Mirror makes these
	}
	if err := open(e.Day, s.Closed); err != nil {
		return err
	}
	takes, err := c.Takes(e.Legs)
	if err != nil {
		return err
	}
	for account, sum := range takes {
		left, err := yuan.Sum(s.Balance[account], -s.Held[account], -sum)
		if err != nil {
			return ErrTooBig
		}
		if left < 0 {
			return ErrShort
		}
	}
	return nil
}

func open(on, closed day.Day) error {
	if !closed.IsZero() && on <= closed {
		return ErrClosed
	}
	return nil
}

// Sealed is a reserved entry as it is posted, on a day that is open and not before that of the reservation. It is not asked
// again whether enough is available: that was kept for it.
func Sealed(e Entry, on, closed day.Day) (Entry, error) {
	if !on.Sound() || on < e.Day {
		return e, ErrDay
	}
	if err := open(on, closed); err != nil {
		return e, err
	}
	e.Day = on
	return e, nil
}

// Mirror is the entry that undoes another, once, on an open day not before it. undone says that it was reversed already. The
// mirror stands even where it leaves less than nothing in the bank: a cheque that bounced has bounced.
func (c Chart) Mirror(e Entry, undone bool, as string, on, closed day.Day, document, decision, reason string) (Entry, error) {
	if e.Reverses != "" {
		return Entry{}, ErrReversal
	}
	if undone {
		return Entry{}, ErrReversed
	}
	if strings.TrimSpace(reason) == "" {
		return Entry{}, ErrReason
	}
	if !on.Sound() || on < e.Day {
		return Entry{}, ErrDay
	}
	mirror := Entry{ID: as, Day: on, Text: "冲正：" + e.Text, Document: document, Decision: decision, Rule: e.Rule, Reverses: e.ID, Reason: reason}
	for _, l := range e.Legs {
		mirror.Legs = append(mirror.Legs, Leg{l.Account, -l.Amount})
	}
	if err := c.Check(mirror); err != nil {
		return Entry{}, err
	}
	return mirror, open(on, closed)
}

// Opening is the entry of a fund's opening balances, which agree with the stated sum to the fen. Whether the fund has
// entries already the caller knows.
func (c Chart) Opening(o Opening) (Entry, error) {
	if d, err := o.Difference(); err != nil {
		return Entry{}, err
	} else if d != 0 {
		return Entry{}, ErrOpening
	}
	zh, _ := o.Fund.Name()
	e := Entry{ID: o.ID, Day: o.Day, Text: zh + "期初余额", Document: o.Document, Decision: o.Decision, Rule: o.Rule, Legs: slices.Clone(o.Balances)}
	for _, l := range e.Legs {
		if a, has := c[l.Account]; !has || a.Fund() != o.Fund || a.Class != Asset && a.Class != Debt {
			return Entry{}, ErrAccount
		}
	}
	if o.Total != 0 {
		e.Legs = append(e.Legs, Leg{string(o.Fund) + ":rest", -o.Total})
	}
	return e, nil
}

// MayClose says whether every day through the last of a period may be closed: it is over, and later than what is closed.
func MayClose(through, today, closed day.Day) error {
	if !through.Sound() || through.IsZero() {
		return ErrDay
	}
	if through >= today {
		return ErrEarly
	}
	return open(through, closed)
}
