package tally

import (
	"slices"

	"cuobian/basis/area"
	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/share"
	"cuobian/basis/yuan"
)

// ErrNoArea says that there is no area to share costs by.
var ErrNoArea = fault.New(fault.Invalid, "tally.no_area", "没有可以分摊的面积", "there is no area to share costs by")

// FundShare is what one right pays or draws.
type FundShare struct {
	No        int         `json:"no"`
	Developer bool        `json:"developer"` // pays for what is unsold
	Area      area.Area   `json:"area"`
	Amount    yuan.Amount `json:"amount"`
}

// SplitFund shares a cost by exclusive area among the rights of the cost range; the developer pays for its unsold parts
// (R40, Civil Code 283). The shares always add up to total, and do not depend on the order of the rights beyond their
// numbers: fen that are left go to the largest remainders, of equal ones to the smaller number.
func SplitFund(total yuan.Amount, rights []Right, countParking bool) ([]FundShare, error) {
	var shares []FundShare
	for _, r := range rights {
		if c, has := (Params{CountParking: countParking}).counted(r); has {
			shares = append(shares, FundShare{No: r.No, Developer: r.Developer, Area: c.Area})
		}
	}
	slices.SortFunc(shares, func(a, b FundShare) int { return a.No - b.No })
	weights := make([]int64, len(shares))
	for i, s := range shares {
		weights[i] = int64(s.Area)
	}
	parts, err := yuan.Split(total, weights)
	if err != nil {
		return nil, ErrNoArea.Because(err)
	}
	for i := range shares {
		shares[i].Amount = parts[i]
	}
	return shares, nil
}

// RenewalDue reports whether an account of the maintenance fund must be topped up: its balance is below 30% of the first
// deposit (R41). Where there was no first deposit nothing is due.
func RenewalDue(balance, first yuan.Amount) (bool, Step) {
	s := Step{Rule: "R41", Zh: "余额不足首期交存的 30%：10×余额 < 3×首期", En: "the balance is below 30% of the first deposit: 10×balance < 3×first",
		Left: "10×" + balance.String(), Rel: "<", Right: "3×" + first.String()}
	s.Holds = first > 0 && share.Of(int64(balance), int64(first)).Less(share.Of(3, 10))
	return s.Holds, s
}

// Demanded reports whether owners who ask for a meeting hold at least n/d of the heads and of the area, one fifth by
// law (R10, Regulations on Property Management 13).
func Demanded(asking, total Count, n, d int64) (bool, []Step) {
	ah, aa := asking.both()
	th, ta := total.both()
	steps := []Step{
		compare("R10", "提议的业主人数达到比例", "heads that ask for a meeting", d, ah, "≥", n, th),
		compare("R10", "提议的业主面积达到比例", "area that asks for a meeting", d, aa, "≥", n, ta),
	}
	return n > 0 && d > 0 && total.Heads > 0 && total.Area > 0 && hold(steps...), steps
}

// SuitUntil is the last day on which an owner may ask a court to annul a decision: one year from the day he knew of it or
// should have (R08), that day not counted, and moved past days off (R53). It is provisional where the calendar of that
// year is not out yet.
func SuitUntil(known day.Day, c *day.Calendar) (last day.Day, provisional bool) {
	return c.AddMonths(known, 12)
}
