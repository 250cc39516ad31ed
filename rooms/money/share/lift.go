package share

import (
	"math/big"
	"slices"
	"strconv"

	"cuobian/basis/area"
	"cuobian/basis/rule"
	"cuobian/basis/share"
	"cuobian/basis/yuan"
)

// Lift is a table of floor coefficients (R46): where no agreement of the owners stands, a place to begin.
type Lift struct {
	Name   string        `json:"name"`
	Zh     string        `json:"zh"`
	En     string        `json:"en"`
	Grade  rule.Grade    `json:"grade"`
	Coefs  []share.Share `json:"coefs"`   // of floor 1 and up
	ByArea bool          `json:"by_area"` // times the area of each home; else each home counts once
}

func tenths(list ...int64) []share.Share {
	coefs := make([]share.Share, len(list))
	for i, n := range list {
		coefs[i] = share.Of(n, 10)
	}
	return coefs
}

// Lifts are the presets. None of them is law in Quanzhou.
func Lifts() []Lift {
	return []Lift{
		{"zhengzhou", "郑州", "Zhengzhou", rule.Secondary, tenths(0, 0, 10, 11, 12, 13, 14), false},
		{"guangzhou", "广州式", "as in Guangzhou", rule.Memory, tenths(0, 5, 10, 11, 12, 13, 14), false},
		{"dongpu", "广州东圃（乘面积）", "Dongpu in Guangzhou, times area", rule.Secondary, tenths(0, 0, 7, 8, 9, 10, 11), true},
	}
}

// Home is one home of the staircase.
type Home struct {
	No    int       `json:"no"`
	Floor int       `json:"floor"` // 1 is the ground floor
	Area  area.Area `json:"area"`
}

// Part is what one home pays, and why.
type Part struct {
	Home
	Coef   share.Share `json:"coef"`
	Weight int64       `json:"weight"` // whole; the part is cost × weight / sum of weights
	Amount yuan.Amount `json:"amount"`
	Step   Step        `json:"step"`
}

// Cost shares cost less subsidy among the homes by floor coefficient, and by area where the table says so (R46). The parts
// always add up; fen that are left go to the largest remainders, of equal ones to the smaller number, so that the order in
// which homes are given does not matter.
func (l Lift) Cost(cost, subsidy yuan.Amount, homes []Home) ([]Part, []Step, error) {
	if cost < 0 || subsidy < 0 || subsidy > cost {
		return nil, nil, ErrAmount
	}
	common := big.NewInt(1) // of all denominators
	for _, k := range l.Coefs {
		if k.D <= 0 || k.N < 0 {
			return nil, nil, ErrPreset
		}
		d := big.NewInt(k.D)
		gcd := new(big.Int).GCD(nil, nil, common, d)
		common.Mul(common, d.Quo(d, gcd))
	}
	homes = slices.Clone(homes)
	slices.SortFunc(homes, func(a, b Home) int { return a.No - b.No })
	weights := make([]*big.Int, len(homes))
	all := new(big.Int) // greatest common divisor of the weights
	for i, h := range homes {
		if i > 0 && homes[i-1].No == h.No || h.Area < 0 || l.ByArea && h.Area == 0 {
			return nil, nil, ErrHome
		}
		if h.Floor < 1 || h.Floor > len(l.Coefs) {
			return nil, nil, ErrFloor
		}
		k := l.Coefs[h.Floor-1]
		w := new(big.Int).Mul(big.NewInt(k.N), new(big.Int).Quo(common, big.NewInt(k.D)))
		if l.ByArea {
			w.Mul(w, big.NewInt(int64(h.Area)))
		}
		weights[i] = w
		all.GCD(nil, nil, all, w)
	}
	if all.Sign() == 0 {
		return nil, nil, ErrNobody
	}
	whole, sum := make([]int64, len(homes)), new(big.Int)
	for i, w := range weights {
		w.Quo(w, all)
		if sum.Add(sum, w); !sum.IsInt64() {
			return nil, nil, ErrTooBig
		}
		whole[i] = w.Int64()
	}
	left := cost - subsidy
	amounts, err := yuan.Split(left, whole)
	if err != nil {
		return nil, nil, ErrTooBig.Because(err)
	}
	parts := make([]Part, len(homes))
	for i, h := range homes {
		parts[i] = Part{Home: h, Coef: l.Coefs[h.Floor-1], Weight: whole[i], Amount: amounts[i], Step: Step{Rule: "R46",
			Zh: strconv.Itoa(h.Floor) + " 层，系数 " + fraction(l.Coefs[h.Floor-1]), En: "floor " + strconv.Itoa(h.Floor) + ", coefficient " + fraction(l.Coefs[h.Floor-1]),
			Left: left.String() + "×" + strconv.FormatInt(whole[i], 10) + "/" + sum.String(), Rel: "=", Right: amounts[i].String(), Holds: true}}
	}
	total, err := yuan.Sum(amounts...)
	if err != nil {
		return nil, nil, ErrTooBig.Because(err)
	}
	return parts, []Step{
		{Rule: "R46", Zh: "费用减补助", En: "cost less subsidy", Left: cost.String() + "−" + subsidy.String(), Rel: "=", Right: left.String(), Holds: true},
		{Rule: "R46", Zh: "各户之和等于应分摊额", En: "what the homes pay adds up", Left: total.String(), Rel: "=", Right: left.String(), Holds: total == left},
	}, nil
}
