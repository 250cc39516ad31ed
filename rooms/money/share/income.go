package share

import (
	"strings"

	"cuobian/basis/yuan"
)

// Expense is a cost that the operator takes from the income of common parts.
type Expense struct {
	Text       string      `json:"text"`
	Amount     yuan.Amount `json:"amount"`
	Proof      string      `json:"proof"`      // opaque: the voucher; empty is unproven
	Reasonable bool        `json:"reasonable"` // found so by those who review it
}

// NetIncome is what common parts brought the owners.
type NetIncome struct {
	Gross   yuan.Amount `json:"gross"`
	Taken   yuan.Amount `json:"taken"`   // proven and reasonable costs
	Refused yuan.Amount `json:"refused"` // costs without proof, or not reasonable
	Net     yuan.Amount `json:"net"`     // gross − taken; below zero where a period cost more than it brought
	Owners  yuan.Amount `json:"owners"`  // what is due to the owners: net, never below zero
	Steps   []Step      `json:"steps"`
}

// Net takes from gross only costs that are proven and reasonable; the rest belongs to the owners (R34, Civil Code 282). It is
// the operator who must prove.
func Net(gross yuan.Amount, costs []Expense) (NetIncome, error) {
	if gross < 0 {
		return NetIncome{}, ErrAmount
	}
	n := NetIncome{Gross: gross}
	for _, c := range costs {
		if c.Amount < 0 {
			return NetIncome{}, ErrAmount
		}
		if strings.TrimSpace(c.Text) == "" {
			return NetIncome{}, ErrEvidence
		}
		into, s := &n.Taken, Step{Rule: "R34", Zh: "列支合理成本：" + c.Text, En: "reasonable cost: " + c.Text, Left: c.Amount.String(), Holds: true}
		switch {
		case strings.TrimSpace(c.Proof) == "":
			into, s.Holds, s.Zh, s.En = &n.Refused, false, "不予列支，没有证明："+c.Text, "not taken, without proof: "+c.Text
		case !c.Reasonable:
			into, s.Holds, s.Zh, s.En = &n.Refused, false, "不予列支，不合理："+c.Text, "not taken, not reasonable: "+c.Text
		}
		var err error
		if *into, err = yuan.Sum(*into, c.Amount); err != nil {
			return NetIncome{}, ErrTooBig.Because(err)
		}
		n.Steps = append(n.Steps, s)
	}
	n.Net = n.Gross - n.Taken // both are 0 or above
	n.Owners = max(n.Net, 0)
	n.Steps = append(n.Steps, Step{Rule: "R34", Zh: "净收益＝总收入−合理成本，归业主共有", En: "net = gross − reasonable cost, and belongs to the owners",
		Left: n.Gross.String() + "−" + n.Taken.String(), Rel: "=", Right: n.Net.String(), Holds: true})
	return n, nil
}
