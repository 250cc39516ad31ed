package ledger

import (
	"slices"
	"strconv"
	"strings"

	"cuobian/basis/day"
	"cuobian/basis/yuan"
)

// YearEnd is the entry of a year's last day: what each fund earned and spent goes to its rest, so that the next year begins at
// nothing (R30: accounts of each year). balances are those of that day. ok is false where there is nothing to transfer.
func (c Chart) YearEnd(id string, year int, balances []Balance) (e Entry, ok bool, err error) {
	no := strconv.Itoa(year)
	e = Entry{ID: id, Day: day.Date(year, 12, 31), Text: no + " 年度收支结转", Document: "year-ends/" + no, Decision: "law", Rule: "R30"}
	rest := map[Fund]yuan.Amount{}
	list := slices.Clone(balances)
	slices.SortFunc(list, func(x, y Balance) int { return strings.Compare(x.Account, y.Account) })
	for _, b := range list {
		a := c[b.Account]
		if a.Class != Earning && a.Class != Cost || b.Amount == 0 {
			continue
		}
		e.Legs = append(e.Legs, Leg{b.Account, -b.Amount})
		if rest[a.Fund()], err = yuan.Sum(rest[a.Fund()], b.Amount); err != nil {
			return e, false, ErrTooBig
		}
	}
	for _, f := range Funds() {
		if rest[f] != 0 {
			e.Legs = append(e.Legs, Leg{string(f) + ":rest", rest[f]})
		}
	}
	return e, len(e.Legs) > 0, nil
}
