// Package share counts who is paid and who pays, in whole fen, and shows how: remuneration by quality, the cost of a lift
// by floor and area, the net income of common parts. Fractions are exact; money is cut to a fen once, at the end, and
// each result carries its derivation.
//
// # Words
//
//   - remuneration 酬金, pre-collected 预收: its base is a rate of what was pre-collected, or fixed (R30).
//   - input 指标: n of N, frozen; score 得分: the weighted sum of the inputs, of 100; coefficient 系数; hold-back 暂扣.
//   - floor coefficient 楼层系数, preset 预设 (R46).
//   - gross 总收入, reasonable cost 合理成本, net 净收益 (R34).
package share

import (
	"math/big"

	"cuobian/basis/fault"
	"cuobian/basis/share"
	"cuobian/basis/yuan"
	"cuobian/rooms/assembly/tally"
)

// Step is one line of a derivation, of the same shape as that of a vote.
type Step = tally.Step

// Refusals.
var (
	ErrAmount   = fault.New(fault.Invalid, "share.amount", "金额不得为负，补助不得超过费用", "an amount must not be negative, nor a subsidy above the cost")
	ErrTooBig   = fault.New(fault.Invalid, "share.too_big", "金额过大", "the amount is too big")
	ErrRate     = fault.New(fault.Invalid, "share.rate", "比例须在 0 到 1 之间", "a rate lies between 0 and 1")
	ErrFormula  = fault.New(fault.Invalid, "share.formula", "计酬公式有误", "the formula cannot be right")
	ErrInputs   = fault.New(fault.Invalid, "share.inputs", "指标缺失、重复或者数值有误", "an input is missing, stands twice, or has a wrong value")
	ErrHome     = fault.New(fault.Invalid, "share.home", "房屋编号重复或者面积有误", "a home stands twice or has a wrong area")
	ErrFloor    = fault.New(fault.Invalid, "share.floor", "该楼层没有系数", "there is no coefficient for this floor")
	ErrNobody   = fault.New(fault.Invalid, "share.nobody", "没有需要分摊的房屋", "there is no home to share the cost")
	ErrPreset   = fault.New(fault.Invalid, "share.preset", "楼层系数有误", "the floor coefficients cannot be right")
	ErrEvidence = fault.New(fault.Invalid, "share.evidence", "成本须有名称", "a cost needs a name")
)

func rat(s share.Share) *big.Rat { return big.NewRat(s.N, s.D) }

// unit reports whether s is a fraction from 0 to 1.
func unit(s share.Share) bool { return s.D > 0 && s.N >= 0 && s.N <= s.D }

// cut is amount × fraction, whole fen, the rest of a fen left out.
func cut(a yuan.Amount, f *big.Rat) (yuan.Amount, error) {
	n := new(big.Int).Mul(big.NewInt(int64(a)), f.Num())
	n.Quo(n, f.Denom())
	if !n.IsInt64() {
		return 0, ErrTooBig
	}
	return yuan.Amount(n.Int64()), nil
}
