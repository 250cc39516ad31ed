// Package tally decides a matter of the owners' assembly and shows how: two counts, by exclusive area and by heads, with
// exact integers.
//
// The gate of every matter is that owners of at least two thirds of the area and of the heads take part (R01, Civil Code
// 278). Of those who take part, more than half (R02) or at least three quarters (R03) must agree, again by both; where a
// dwelling becomes business premises, everybody concerned must (R07, Civil Code 279). An abstention takes part and does not
// agree; an invalid ballot and one that was not returned do not take part (R26). "At least" includes the number and
// "more than half" excludes it (Civil Code 1259). Comparisons are of products, never of quotients.
//
// # Words
//
//   - right 表决权: one owner key, one head, one ballot; area is that of its parts within the scope of the matter.
//   - gate 参与表决门槛; agree 同意, against 不同意, abstain 弃权, invalid 无效, none 未返回.
//   - step 推导: one comparison or count of the derivation, with its rule and its figures.
//   - second figure 从多参考数: what silence would add where a clause is on file; it never decides.
package tally

import (
	"cuobian/basis/area"
	"cuobian/basis/fault"
)

// Rule is how much consent a matter needs.
type Rule string

// The rules of Civil Code 278 and 279.
const (
	Ordinary  Rule = "ordinary"  // 一般: more than half of those who take part (R02)
	Special   Rule = "special"   // 特别: at least three quarters of those who take part (R03)
	Unanimous Rule = "unanimous" // 全体一致: everybody concerned (R07)
)

// Known reports whether r is one of the three.
func (r Rule) Known() bool { return r == Ordinary || r == Special || r == Unanimous }

// Name is the rule in Chinese and English.
func (r Rule) Name() (zh, en string) {
	switch r {
	case Ordinary:
		return "一般事项（参与表决的过半数同意）", "ordinary matter (more than half of those who take part)"
	case Special:
		return "特别事项（参与表决的四分之三以上同意）", "special matter (at least three quarters of those who take part)"
	case Unanimous:
		return "全体一致（有利害关系的业主一致同意）", "unanimous (every owner concerned)"
	}
	return "", ""
}

// Choice is what a right said. The empty text is None.
type Choice string

// Choices.
const (
	Agree   Choice = "agree"   // 同意
	Against Choice = "against" // 不同意
	Abstain Choice = "abstain" // 弃权: takes part, does not agree
	Invalid Choice = "invalid" // 无效: returned, does not take part
	None    Choice = "none"    // 未返回
)

// Known reports whether c is one of the five.
func (c Choice) Known() bool { return c.Takes() || c == Invalid || c == None || c == "" }

// Takes reports whether c takes part (参与表决).
func (c Choice) Takes() bool { return c == Agree || c == Against || c == Abstain }

// Name is the choice in Chinese and English.
func (c Choice) Name() (zh, en string) {
	switch c {
	case Agree:
		return "同意", "agree"
	case Against:
		return "不同意", "against"
	case Abstain:
		return "弃权", "abstain"
	case Invalid:
		return "无效", "invalid"
	}
	return "未返回", "not returned"
}

// Right is one right to vote within the scope of the matter: one owner key, one head.
type Right struct {
	No        int       `json:"no"`      // its number in the roll
	Key       string    `json:"-"`       // owner key (rooms/people/owner); only for flags, may be empty
	Area      area.Area `json:"area"`    // of the exclusive parts but titled parking
	Parking   area.Area `json:"parking"` // of its titled parking spaces, counted or not by Params.CountParking (R06)
	Spaces    bool      `json:"spaces"`  // has nothing but titled parking spaces: no right where these are not counted
	Developer bool      `json:"developer"`
	Unknown   bool      `json:"unknown"` // nobody known to own it: stands alone, cannot cast
}

// Params are how a matter is decided.
type Params struct {
	Rule         Rule   `json:"rule"`
	Kind         string `json:"kind"`          // Kind.Code, for the rules it cites; may be empty
	CountParking bool   `json:"count_parking"` // titled parking is an exclusive part (R06)
	Clause       string `json:"clause"`        // words of the clause on ballots that were not returned, or empty (R26)
	Touched      []int  `json:"touched"`       // rights whose own part the work takes up: each must agree (R45)
}

// Count is heads and area.
type Count struct {
	Heads int64     `json:"heads"`
	Area  area.Area `json:"area"`
}

func (c Count) plus(o Count) Count {
	return Count{c.Heads + o.Heads, area.Sum(c.Area, o.Area)}
}

// Step is one line of the derivation. Where Rel is empty nothing is compared: Left and Right are figures (heads, area).
type Step struct {
	Rule  string `json:"rule"` // R01 …
	Zh    string `json:"zh"`
	En    string `json:"en"`
	Left  string `json:"left"`  // "3×667 = 2001"
	Rel   string `json:"rel"`   // ≥, >, = (and < of R41) or empty
	Right string `json:"right"` // "2×1000 = 2000"
	Holds bool   `json:"holds"`
}

// Result is a matter decided. Where nobody has a right, nothing is decided: the gate is not met.
type Result struct {
	Rule       Rule    `json:"rule"`
	Total      Count   `json:"total"`
	Part       Count   `json:"part"` // take part: agree, against, abstain
	Agree      Count   `json:"agree"`
	Against    Count   `json:"against"`
	Abstain    Count   `json:"abstain"`
	Invalid    Count   `json:"invalid"`
	Unreturned Count   `json:"unreturned"`
	GateHeads  bool    `json:"gate_heads"`
	GateArea   bool    `json:"gate_area"`
	Gate       bool    `json:"gate"` // both
	Consent    bool    `json:"consent"`
	Passed     bool    `json:"passed"` // gate, consent, and R45's owners where there are any
	Steps      []Step  `json:"steps"`
	Second     *Second `json:"second,omitempty"`
	Parking    *Other  `json:"parking,omitempty"`
	Flags      []Flag  `json:"flags"`
}

// Second is the labelled figure where a clause counts silence with the majority (从多, R26). It never counts toward the
// gate and is not the result.
type Second struct {
	Zh     string `json:"zh"` // what it is and what it is not
	En     string `json:"en"`
	Side   Choice `json:"side"` // the majority that silence is added to; None where heads and area disagree
	Part   Count  `json:"part"`
	Agree  Count  `json:"agree"`
	Passed bool   `json:"passed"` // what it would come to
	Steps  []Step `json:"steps"`
}

// Other is what the figures would be with titled parking counted the other way (R06); present where there is any.
type Other struct {
	Zh      string `json:"zh"`
	En      string `json:"en"`
	Counted bool   `json:"counted"`
	Total   Count  `json:"total"`
	Part    Count  `json:"part"`
	Agree   Count  `json:"agree"`
	Gate    bool   `json:"gate"`
	Passed  bool   `json:"passed"`
	Differs bool   `json:"differs"` // another outcome
}

// Flag is something for the operator to look at. It changes no figure.
type Flag struct {
	Code   string `json:"code"`
	Zh     string `json:"zh"`
	En     string `json:"en"`
	Rights []int  `json:"rights"`
}

// Refusals of Decide. They name the right by its number.
var (
	errRule    = fault.New(fault.Invalid, "tally.rule", "表决规则应为一般、特别或全体一致", "the rule is ordinary, special or unanimous")
	errTwice   = fault.New(fault.Invalid, "tally.twice", "表决权 {no} 出现两次", "right {no} stands twice")
	errArea    = fault.New(fault.Invalid, "tally.area", "表决权 {no} 的面积为负", "the area of right {no} is below zero")
	errSum     = fault.New(fault.Invalid, "tally.sum", "面积合计过大", "the areas add up to more than can be counted")
	errChoice  = fault.New(fault.Invalid, "tally.choice", "表决权 {no} 的选项不认识", "the choice of right {no} is not known")
	errOutside = fault.New(fault.Invalid, "tally.outside", "表决权 {no} 不在本议题的表决范围内", "right {no} has no vote in this matter")
	errTouched = fault.New(fault.Invalid, "tally.touched", "须单独同意的表决权 {no} 不在本议题的表决范围内", "right {no}, whose consent is needed, has no vote in this matter")
)

// Decide counts. choices are the effective ones by right number; a right without one has not returned its ballot. The order
// of rights does not matter.
func Decide(p Params, rights []Right, choices map[int]Choice) (Result, error) {
	if !p.Rule.Known() {
		return Result{}, errRule.At("rule")
	}
	seen := make(map[int]bool, len(rights))
	var all area.Area
	for _, r := range rights {
		if seen[r.No] {
			return Result{}, errTwice.Fill("no", r.No).At("rights")
		}
		seen[r.No] = true
		if r.Area < 0 || r.Parking < 0 {
			return Result{}, errArea.Fill("no", r.No).At("rights")
		}
		all = area.Sum(all, r.Area, r.Parking)
	}
	if all > largest {
		return Result{}, errSum.At("rights")
	}
	for no, c := range choices {
		if !c.Known() {
			return Result{}, errChoice.Fill("no", no).At("choices")
		}
		if !seen[no] && c != None && c != "" {
			return Result{}, errOutside.Fill("no", no).At("choices")
		}
	}
	for _, no := range p.Touched {
		if !seen[no] {
			return Result{}, errTouched.Fill("no", no).At("touched")
		}
	}
	res := decide(p, rights, choices)
	res.Flags = Flags(rights)
	if spaces(rights) {
		q := p
		q.CountParking = !p.CountParking
		res.Parking = res.other(q.CountParking, decide(q, rights, choices))
	}
	return res, nil
}

// largest is what the areas may add up to, so that four times it is still an int64.
const largest area.Area = 1 << 60

func spaces(rights []Right) bool {
	for _, r := range rights {
		if r.Parking > 0 || r.Spaces {
			return true
		}
	}
	return false
}

// counted is what a right counts, and whether it is one at all.
func (p Params) counted(r Right) (Count, bool) {
	if !p.CountParking {
		return Count{1, r.Area}, !r.Spaces
	}
	return Count{1, r.Area + r.Parking}, true
}

// decide counts what Decide has looked through.
func decide(p Params, rights []Right, choices map[int]Choice) (res Result) {
	res.Rule = p.Rule
	for _, r := range rights {
		c, has := p.counted(r)
		if !has {
			continue
		}
		res.Total = res.Total.plus(c)
		switch choices[r.No] {
		case Agree:
			res.Agree = res.Agree.plus(c)
		case Against:
			res.Against = res.Against.plus(c)
		case Abstain:
			res.Abstain = res.Abstain.plus(c)
		case Invalid:
			res.Invalid = res.Invalid.plus(c)
		default:
			res.Unreturned = res.Unreturned.plus(c)
		}
	}
	res.Part = res.Agree.plus(res.Against).plus(res.Abstain)
	res.derive(p, choices)
	return res
}
