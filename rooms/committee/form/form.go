// Package form is the arithmetic of forming a committee (R13–R25): whether the time for it has come, which step comes
// after which, who may sit in a preparatory group or an interim committee, and what a majority of members is.
package form

import (
	"slices"

	"cuobian/basis/area"
	"cuobian/basis/day"
)

// Kind is why a committee is formed.
type Kind string

// Kinds of forming.
const (
	First      Kind = "first"      // 首次组建
	Reelection Kind = "reelection" // 换届
	Interim    Kind = "interim"    // 临时管理委员会
)

// Step is something that a forming must go through once.
type Step string

// Steps, in the order in which they come.
const (
	Opened   Step = "opened"    // 立项
	Applied  Step = "applied"   // 申请 R13
	Grouped  Step = "grouped"   // 筹备组成立 R14
	Posted   Step = "posted"    // 筹备组公示 R15
	Papers   Step = "papers"    // 建设单位资料 R16
	Drafts   Step = "drafts"    // 草案公示 R17
	Called   Step = "called"    // 业主大会会议
	Elected  Step = "elected"   // 选出
	Met      Step = "met"       // 首次委员会会议
	Filed    Step = "filed"     // 报送备案 R11
	Accepted Step = "accepted"  // 备案回执
	Sealed   Step = "sealed"    // 刻制印章
	Proposed Step = "proposed"  // 临管会人选
	Appoint  Step = "appointed" // 街道批准临管会
)

// Way lists the steps of a kind, in order.
func Way(k Kind) []Step {
	switch k {
	case First:
		return []Step{Opened, Applied, Grouped, Posted, Papers, Drafts, Called, Elected, Met, Filed, Accepted, Sealed}
	case Reelection:
		return []Step{Opened, Grouped, Posted, Drafts, Called, Elected, Met, Filed, Accepted, Sealed}
	case Interim:
		return []Step{Opened, Proposed, Appoint}
	}
	return nil
}

// side are steps that do not wait for the one before them in the list: meeting and filing both follow the election.
var side = map[Step]Step{Filed: Elected}

// Before is the step that s needs, "" for the first.
func Before(k Kind, s Step) (need Step, known bool) {
	way := Way(k)
	i := slices.Index(way, s)
	if i < 0 {
		return "", false
	}
	if need, ok := side[s]; ok {
		return need, true
	}
	if i == 0 {
		return "", true
	}
	return way[i-1], true
}

// Past reports a step that has no use any more: one before an election that came about without it.
func Past(k Kind, s Step, done []Step) bool {
	way := Way(k)
	return slices.Contains(done, Elected) && slices.Index(way, s) < slices.Index(way, Elected)
}

// Next lists the steps that may come now.
func Next(k Kind, done []Step) (next []Step) {
	for _, s := range Way(k) {
		need, _ := Before(k, s)
		if !slices.Contains(done, s) && !Past(k, s, done) && (need == "" || slices.Contains(done, need)) {
			next = append(next, s)
		}
	}
	return next
}

// Stage is the furthest step done, in the order of the way.
func Stage(k Kind, done []Step) (at Step) {
	for _, s := range Way(k) {
		if slices.Contains(done, s) {
			at = s
		}
	}
	return at
}

// Over reports whether every step is done that is of use.
func Over(k Kind, done []Step) bool {
	return !slices.ContainsFunc(Way(k), func(s Step) bool { return !slices.Contains(done, s) && !Past(k, s, done) })
}

// Delivery is how much of a compound was handed over. Area counts exclusive parts, 0.01 m².
type Delivery struct {
	Area      area.Area `json:"area" doc:"of all exclusive parts, 0.01 m²"`
	Delivered area.Area `json:"delivered" doc:"of those handed over"`
	First     day.Day   `json:"first_on,omitempty" doc:"the first delivery"`
}

// Ripe is whether the time has come (R13).
type Ripe struct {
	Delivery
	Met    bool    `json:"met"`
	ByArea bool    `json:"by_area" doc:"enough of the area is delivered"`
	ByTime bool    `json:"by_time" doc:"the first delivery is long enough ago"`
	On     day.Day `json:"by_time_on,omitempty" doc:"from that day on by time alone"`
}

// Trigger tells whether the first assembly is due (R13): at least n/d of the area delivered, or so many years since the
// first delivery. An area that nobody entered triggers nothing.
func Trigger(x Delivery, n, d int64, years int, today day.Day) Ripe {
	r := Ripe{Delivery: x}
	r.ByArea = x.Area > 0 && int64(x.Delivered)*d >= n*int64(x.Area)
	if x.First.Sound() {
		r.On = x.First.AddMonths(12 * years)
		r.ByTime = today >= r.On
	}
	r.Met = r.ByArea || r.ByTime
	return r
}

// Side is whom somebody in a group stands for.
type Side string

// Sides of a preparatory group.
const (
	Owner     Side = "owner"
	Developer Side = "developer"
	Street    Side = "street"
	Community Side = "community"
)

// Sitter is somebody in a preparatory group or an interim committee.
type Sitter struct {
	Person string `json:"person,omitempty" maxLength:"40"`
	Name   string `json:"name,omitempty" maxLength:"60" doc:"of somebody who is not on the register"`
	Side   Side   `json:"side" enum:"owner,developer,street,community"`
	Head   bool   `json:"head,omitempty"`
}

// Wrong is what a composition breaks: odd, owners, head, size, twice, "" nothing.
type Wrong string

// Composition breaches.
const (
	NotOdd    Wrong = "odd"
	FewOwners Wrong = "owners"
	WrongHead Wrong = "head"
	TooFew    Wrong = "size"
	Twice     Wrong = "twice"
)

// Compose checks a group: an odd number, at least least of them, owners half or more, one head who stands for one of
// heads (R14: the street; R25: the community or the street), nobody twice.
func Compose(all []Sitter, least int, heads ...Side) Wrong {
	owners, leading := 0, 0
	seen := map[string]bool{}
	for _, s := range all {
		key := s.Person
		if key == "" {
			key = "name:" + s.Name
		}
		if seen[key] {
			return Twice
		}
		seen[key] = true
		if s.Side == Owner {
			owners++
		}
		if s.Head {
			leading++
			if !slices.Contains(heads, s.Side) {
				return WrongHead
			}
		}
	}
	switch {
	case len(all) < least || len(all) < 1:
		return TooFew
	case len(all)%2 == 0:
		return NotOdd
	case 2*owners < len(all):
		return FewOwners
	case leading != 1:
		return WrongHead
	}
	return ""
}

// Majority reports more than half (过半数 exceeds).
func Majority(n, of int) bool { return 2*n > of }

// AtLeast reports n/of ≥ num/den (以上 includes). Of nothing it is false.
func AtLeast(n, of, num, den int64) bool { return of > 0 && n*den >= num*of }

// Broken reports that fewer than half of the agreed members are left (R24).
func Broken(left, agreed int) bool { return 2*left < agreed }

// Stands reports whether so many elected make a committee of the agreed size (R19). Short of it only where the
// preset of partial success is chosen: not fewer than least, and more than half.
func Stands(elected, agreed, least int, partial bool) bool {
	return elected > 0 && (elected >= agreed || partial && elected >= least && Majority(elected, agreed))
}

// SizeOK reports an agreed size that the rules allow: odd, from least to most (R19).
func SizeOK(n, least, most int) bool { return n%2 == 1 && n >= least && n <= most }
