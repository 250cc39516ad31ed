package tally

import (
	"fmt"
	"slices"
	"strconv"

	"cuobian/basis/area"
)

// figure is a count of one kind as people read it: heads plain, areas in m² with two decimals.
type figure struct {
	n    int64
	area bool
}

func (f figure) String() string {
	if f.area {
		return area.Area(f.n).String()
	}
	return strconv.FormatInt(f.n, 10)
}

func (f figure) times(k int64) figure { return figure{f.n * k, f.area} }

func (f figure) product(k int64) string {
	if k == 1 {
		return f.String()
	}
	return fmt.Sprintf("%d×%s = %s", k, f, f.times(k))
}

// compare is one step: a×left against b×right.
func compare(rule, zh, en string, a int64, left figure, rel string, b int64, right figure) Step {
	l, r := left.n*a, right.n*b
	holds := false
	switch rel {
	case "≥":
		holds = l >= r
	case ">":
		holds = l > r
	case "=":
		holds = l == r
	}
	return Step{Rule: rule, Zh: zh, En: en, Left: left.product(a), Rel: rel, Right: right.product(b), Holds: holds}
}

// told is a step that only gives figures.
func told(rule, zh, en string, c Count) Step {
	return Step{Rule: rule, Zh: zh, En: en, Left: strconv.FormatInt(c.Heads, 10), Right: c.Area.String(), Holds: true}
}

func (c Count) both() (heads, space figure) {
	return figure{c.Heads, false}, figure{int64(c.Area), true}
}

// gate is R01 on both counts.
func gate(part, total Count) (heads, space Step) {
	ph, pa := part.both()
	th, ta := total.both()
	heads = compare("R01", "参与表决人数占三分之二以上：3×参与 ≥ 2×总数", "heads that take part, at least two thirds: 3×part ≥ 2×total", 3, ph, "≥", 2, th)
	space = compare("R01", "参与表决面积占三分之二以上：3×参与 ≥ 2×总数", "area that takes part, at least two thirds: 3×part ≥ 2×total", 3, pa, "≥", 2, ta)
	heads.Holds = heads.Holds && total.Heads > 0 // of nobody there are no two thirds
	space.Holds = space.Holds && total.Area > 0
	return heads, space
}

// consent is R02, R03 or R07 on both counts.
func consent(rule Rule, agree, part, total Count) []Step {
	gh, ga := agree.both()
	ph, pa := part.both()
	th, ta := total.both()
	switch rule {
	case Special:
		return []Step{
			compare("R03", "同意人数占参与的四分之三以上：4×同意 ≥ 3×参与", "heads that agree, at least three quarters of those who take part: 4×agree ≥ 3×part", 4, gh, "≥", 3, ph),
			compare("R03", "同意面积占参与的四分之三以上：4×同意 ≥ 3×参与", "area that agrees, at least three quarters of what takes part: 4×agree ≥ 3×part", 4, ga, "≥", 3, pa),
		}
	case Unanimous:
		return []Step{
			compare("R07", "有利害关系的业主一致同意（人数）：同意 = 总数", "every owner concerned agrees (heads): agree = total", 1, gh, "=", 1, th),
			compare("R07", "有利害关系的业主一致同意（面积）：同意 = 总数", "every owner concerned agrees (area): agree = total", 1, ga, "=", 1, ta),
		}
	}
	return []Step{
		compare("R02", "同意人数超过参与的一半：2×同意 > 参与", "heads that agree, more than half of those who take part: 2×agree > part", 2, gh, ">", 1, ph),
		compare("R02", "同意面积超过参与的一半：2×同意 > 参与", "area that agrees, more than half of what takes part: 2×agree > part", 2, ga, ">", 1, pa),
	}
}

func hold(steps ...Step) bool {
	return !slices.ContainsFunc(steps, func(s Step) bool { return !s.Holds })
}

// derive writes the steps and what follows from them.
func (res *Result) derive(p Params, choices map[int]Choice) {
	switch p.Kind {
	case FundUse:
		res.Steps = append(res.Steps, told("R39", "使用维修资金：由列支范围内的业主表决（人数、面积）", "use of the fund: the owners within the cost range vote (heads, area)", res.Total))
	case Lift:
		res.Steps = append(res.Steps, told("R45", "加装电梯：由本单元业主表决（人数、面积）", "adding a lift: the owners of the unit vote (heads, area)", res.Total))
	default:
		res.Steps = append(res.Steps, told("R05", "表决范围内的总数（人数、面积）", "all that may vote (heads, area)", res.Total))
	}
	res.Steps = append(res.Steps,
		told("R01", "参与表决：同意、不同意和弃权（人数、面积）", "take part: agree, against and abstain (heads, area)", res.Part),
		told("R26", "未返回和无效的票不计入参与（人数、面积）", "not returned or invalid: not taking part (heads, area)", res.Unreturned.plus(res.Invalid)))
	heads, space := gate(res.Part, res.Total)
	res.GateHeads, res.GateArea = heads.Holds, space.Holds
	res.Gate = res.GateHeads && res.GateArea
	says := consent(p.Rule, res.Agree, res.Part, res.Total)
	res.Consent = hold(says...) && res.Total.Heads > 0
	res.Steps = append(append(res.Steps, heads, space), says...)
	res.Passed = res.Gate && res.Consent
	touched := slices.Clone(p.Touched)
	slices.Sort(touched)
	for _, no := range slices.Compact(touched) {
		s := Step{Rule: "R45", Left: choiceText(choices[no]), Rel: "=", Right: string(Agree), Holds: choices[no] == Agree}
		s.Zh = fmt.Sprintf("专有部分被占用的表决权 %d 同意", no)
		s.En = fmt.Sprintf("right %d, whose own part is used, agrees", no)
		res.Steps = append(res.Steps, s)
		res.Passed = res.Passed && s.Holds
	}
	if p.Clause != "" && p.Rule != Unanimous {
		res.Second = res.second(p)
	}
}

func choiceText(c Choice) string {
	if c == "" {
		c = None
	}
	return string(c)
}

// second adds what was not returned to the majority of those who took part: the choice that leads by heads and by area.
func (res *Result) second(p Params) *Second {
	s := &Second{Part: res.Part, Agree: res.Agree, Side: None,
		Zh: "从多参考数：依据已备案的条款，把未返回的票计入多数意见。不计入参与门槛，不是本次结果。",
		En: "Second figure, by the clause on file: ballots not returned are added to the majority. It does not count toward the gate and is not the result."}
	sides := []struct {
		c Choice
		n Count
	}{{Agree, res.Agree}, {Against, res.Against}, {Abstain, res.Abstain}}
	for _, a := range sides {
		leads := true
		for _, b := range sides {
			leads = leads && (a.c == b.c || a.n.Heads > b.n.Heads && a.n.Area > b.n.Area)
		}
		if leads {
			s.Side = a.c
		}
	}
	if s.Side != None {
		s.Part = s.Part.plus(res.Unreturned)
		if s.Side == Agree {
			s.Agree = s.Agree.plus(res.Unreturned)
		}
	}
	zh, en := s.Side.Name()
	if s.Side == None {
		zh, en = "人数和面积的多数不一致，不作计入", "heads and area have no common majority: nothing is added"
	}
	s.Steps = append(s.Steps, told("R26", "未返回的票计入："+zh, "not returned, added to: "+en, res.Unreturned))
	heads, space := gate(res.Part, res.Total) // of those who returned, as always
	s.Steps = append(append(s.Steps, heads, space), consent(p.Rule, s.Agree, s.Part, res.Total)...)
	s.Passed = hold(s.Steps...)
	return s
}

// other compares with titled parking counted the other way.
func (res *Result) other(counted bool, o Result) *Other {
	out := &Other{Counted: counted, Total: o.Total, Part: o.Part, Agree: o.Agree, Gate: o.Gate, Passed: o.Passed, Differs: o.Passed != res.Passed || o.Gate != res.Gate}
	out.Zh, out.En = "若不计已登记产权的车位（人数、面积）", "were titled parking spaces not counted (heads, area)"
	if counted {
		out.Zh, out.En = "若计入已登记产权的车位（人数、面积）", "were titled parking spaces counted (heads, area)"
	}
	return out
}
