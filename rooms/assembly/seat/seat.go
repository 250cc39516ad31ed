// Package seat shares the seats of an owners' committee among zones (划区推选) and says who is elected (R29, R19).
//
// A zone cannot elect by itself: voting by zone is nomination. The binding act is the vote of the whole compound on every
// candidate, with the gate of two thirds and more than half by area and by heads (Civil Code 278(1)(3)).
//
// # Words
//
//   - zone 选区; seat 席位; candidate 候选人; alternate 候补委员: passed, but without a seat.
//   - run-off 再次投票: candidates who are equal by heads and by area for the last seat.
package seat

import (
	"cmp"
	"fmt"
	"slices"

	"cuobian/basis/fault"
	"cuobian/rooms/assembly/tally"
)

// Limits bound a committee and its zones. A heads-per-seat figure may be at most RatioN/RatioD of another.
type Limits struct {
	SizeMin, SizeMax int // odd (R19)
	ZoneMin, ZoneMax int // seats of one zone
	RatioN, RatioD   int64
}

// Preset is R19 and R29: 5 to 11 members, odd; 1 to 3 seats for a zone; 1.5 between the figures of two zones.
func Preset() Limits { return Limits{5, 11, 1, 3, 3, 2} }

// Size refuses a number of members that is even or outside the limits (R19).
func (l Limits) Size(seats int) error {
	if seats < l.SizeMin || seats > l.SizeMax || seats%2 == 0 {
		return fault.Bad("seats", "seat.size", fmt.Sprintf("业主委员会委员应为 %d 至 %d 人单数（R19）", l.SizeMin, l.SizeMax), fmt.Sprintf("a committee has %d to %d members, an odd number (R19)", l.SizeMin, l.SizeMax))
	}
	return nil
}

// Zone is a part of the compound with its weight: heads, or area in 0.01 m².
type Zone struct {
	Name   string `json:"name"`
	Weight int64  `json:"weight"`
}

// Share is what a zone gets.
type Share struct {
	Zone   string `json:"zone"`
	Weight int64  `json:"weight"`
	Seats  int    `json:"seats"`
	Quota  string `json:"quota"` // seats × weight / sum of weights, as a fraction
}

// Apportion shares seats by largest remainder within the limits (R29). Zones below the least number get it first, then those
// above the most; the rest is shared among the others. Of equal remainders the heavier zone, then the earlier one, is served.
// It refuses with the numbers when the seats cannot be shared, or when one zone's weight for each seat is more than 1.5 times
// another's; then it gives the shares too, to be shown. The shares come in the order of the zones.
func Apportion(seats int, zones []Zone, l Limits) ([]Share, error) {
	if err := l.Size(seats); err != nil {
		return nil, err
	}
	names := map[string]bool{}
	var sum int64
	for i, z := range zones {
		at := fmt.Sprintf("zones[%d]", i)
		if z.Name == "" || names[z.Name] {
			return nil, fault.Bad(at+".name", "seat.zone", "选区没有名称或者重复", "a zone has no name or stands twice")
		}
		names[z.Name] = true
		if z.Weight <= 0 || z.Weight > 1<<50 {
			return nil, fault.Bad(at+".weight", "seat.weight", "选区没有业主，或者权重有误", "a zone has no owners, or an unsound weight")
		}
		sum += z.Weight
	}
	if n := len(zones); n == 0 || n*l.ZoneMin > seats || n*l.ZoneMax < seats {
		return nil, fault.Bad("zones", "seat.zones",
			fmt.Sprintf("%d 个选区、每区 %d 至 %d 席，不能恰好分配 %d 席", n, l.ZoneMin, l.ZoneMax, seats),
			fmt.Sprintf("%d zones with %d to %d seats each cannot share %d seats", n, l.ZoneMin, l.ZoneMax, seats))
	}
	got := make([]int, len(zones))
	free := make([]int, len(zones))
	for i := range zones {
		free[i] = i
	}
	left, weight := int64(seats), sum
	fix := func(to int, out func(w int64) bool) bool {
		var fixed []int
		for _, i := range free {
			if out(zones[i].Weight) {
				fixed = append(fixed, i)
			}
		}
		for _, i := range fixed {
			got[i] = to
			left -= int64(to)
			weight -= zones[i].Weight
			free = slices.DeleteFunc(free, func(j int) bool { return j == i })
		}
		return len(fixed) > 0
	}
	for len(free) > 0 {
		n, w := left, weight
		if fix(l.ZoneMin, func(z int64) bool { return n*z < int64(l.ZoneMin)*w }) {
			continue
		}
		if fix(l.ZoneMax, func(z int64) bool { return n*z > int64(l.ZoneMax)*w }) {
			continue
		}
		break
	}
	if len(free) > 0 {
		n := left
		for _, i := range free {
			got[i] = int(n * zones[i].Weight / weight)
			left -= int64(got[i])
		}
		slices.SortStableFunc(free, func(a, b int) int {
			return cmp.Or(cmp.Compare(n*zones[b].Weight%weight, n*zones[a].Weight%weight), cmp.Compare(zones[b].Weight, zones[a].Weight))
		})
		for _, i := range free[:left] {
			got[i]++
			left--
		}
	}
	for ; left > 0; left-- { // a heavy zone was held to its most: the next heaviest for one seat more gets it
		best := -1
		for i, z := range zones {
			if got[i] < l.ZoneMax && (best < 0 || z.Weight*int64(got[best]+1) > zones[best].Weight*int64(got[i]+1)) {
				best = i
			}
		}
		got[best]++
	}
	out := make([]Share, len(zones))
	most, least := 0, 0
	for i, z := range zones {
		out[i] = Share{z.Name, z.Weight, got[i], fmt.Sprintf("%d×%d/%d", seats, z.Weight, sum)}
		if z.Weight*int64(got[most]) > zones[most].Weight*int64(got[i]) {
			most = i
		}
		if z.Weight*int64(got[least]) < zones[least].Weight*int64(got[i]) {
			least = i
		}
	}
	a, b := zones[most], zones[least]
	if l.RatioD*a.Weight*int64(got[least]) > l.RatioN*b.Weight*int64(got[most]) {
		return out, fault.Bad("zones", "seat.ratio",
			fmt.Sprintf("选区之间每席所代表的相差超过 %d/%d：「%s」%d/%d，「%s」%d/%d，请调整选区", l.RatioN, l.RatioD, a.Name, a.Weight, got[most], b.Name, b.Weight, got[least]),
			fmt.Sprintf("what one seat stands for differs by more than %d/%d: %q %d/%d, %q %d/%d; draw the zones anew", l.RatioN, l.RatioD, a.Name, a.Weight, got[most], b.Name, b.Weight, got[least]))
	}
	return out, nil
}

// Bounds are how many candidates a zone has for its seats: a third to once more (R29).
func Bounds(seats int) (least, most int) { return (4*seats + 2) / 3, 2 * seats }

// Standing is whether a zone has candidates enough.
type Standing string

// Standings.
const (
	Enough  Standing = "enough"
	Extend  Standing = "extend" // too few: nomination is extended once
	Equal   Standing = "equal"  // after the extension, as many as seats or a few more: allowed with a note
	TooFew  Standing = "few"    // after the extension, fewer than seats: the rest is for a by-election
	TooMany Standing = "many"   // the zone must choose
)

// Candidates judges the number of a zone's candidates; extended is whether nomination was extended already.
func Candidates(seats, n int, extended bool) (s Standing, zh, en string) {
	least, most := Bounds(seats)
	switch {
	case n > most:
		return TooMany, fmt.Sprintf("候选人 %d 人，多于 %d 人，应由选区先行协商", n, most), fmt.Sprintf("%d candidates are more than %d: the zone settles first who stands", n, most)
	case n >= least:
		return Enough, fmt.Sprintf("候选人 %d 人，在 %d 至 %d 人之间", n, least, most), fmt.Sprintf("%d candidates, within %d to %d", n, least, most)
	case !extended:
		return Extend, fmt.Sprintf("候选人 %d 人，少于 %d 人，提名延长一次", n, least), fmt.Sprintf("%d candidates are fewer than %d: nomination is extended once", n, least)
	case n >= seats:
		return Equal, fmt.Sprintf("延长后候选人仍为 %d 人，不足差额要求，予以注明", n), fmt.Sprintf("after the extension still %d candidates, without the number to choose from: allowed with this note", n)
	}
	return TooFew, fmt.Sprintf("延长后候选人 %d 人，少于 %d 席，空缺席位另行补选", n, seats), fmt.Sprintf("after the extension %d candidates for %d seats: the rest is for a by-election", n, seats)
}

// Candidate is one with the result of the compound's vote.
type Candidate struct {
	ID     string
	Zone   string
	Agree  tally.Count
	Passed bool // gate, and more than half by heads and area (R01, R02)
	Party  bool // member of the Party
}

// RunOff names candidates equal by heads and area for fewer seats than they are.
type RunOff struct {
	Zone       string   `json:"zone"`
	Seats      int      `json:"seats"`
	Candidates []string `json:"candidates"`
}

// ZoneResult is who is elected in a zone.
type ZoneResult struct {
	Zone       string   `json:"zone"`
	Seats      int      `json:"seats"`
	Elected    []string `json:"elected"`    // by agreeing heads, then area
	Alternates []string `json:"alternates"` // passed without a seat, in the order in which they move up
	Ties       []string `json:"ties"`       // alternates equal by both, whose order is therefore open
	NotPassed  []string `json:"not_passed"`
	RunOff     *RunOff  `json:"run_off,omitempty"`
	Unfilled   int      `json:"unfilled"` // for a by-election; seats of a run-off not among them
}

// Result is an election by constituency.
type Result struct {
	Zones    []ZoneResult `json:"zones"`
	Seats    int          `json:"seats"`
	Elected  int          `json:"elected"`
	Open     int          `json:"open"`   // seats of run-offs
	Party    int          `json:"party"`  // members of the Party among the elected
	Red      bool         `json:"red"`    // more than half of the elected
	Stands   bool         `json:"stands"` // there is a committee
	Renew    bool         `json:"renew"`  // fewer than half are elected: elect anew (R24)
	Zh       string       `json:"zh"`
	En       string       `json:"en"`
	Problems []string     `json:"problems"` // candidates whose zone has no seats
}

// Elect seats candidates. partial is the preset that lets a committee stand with fewer than all its members: at least the
// legal minimum and more than half of the seats (杭州 27; off by default). The order of candidates does not matter.
func Elect(shares []Share, candidates []Candidate, l Limits, partial bool) Result {
	r := Result{Zones: []ZoneResult{}, Problems: []string{}}
	byZone := map[string][]Candidate{}
	for _, c := range candidates {
		byZone[c.Zone] = append(byZone[c.Zone], c)
	}
	for _, s := range shares {
		z, party := zone(s, byZone[s.Zone])
		delete(byZone, s.Zone)
		r.Zones = append(r.Zones, z)
		r.Seats += s.Seats
		r.Elected += len(z.Elected)
		r.Party += party
		if z.RunOff != nil {
			r.Open += z.RunOff.Seats
		}
	}
	for _, list := range byZone {
		for _, c := range list {
			r.Problems = append(r.Problems, c.ID)
		}
	}
	slices.Sort(r.Problems)
	r.Red = 2*r.Party > r.Elected
	r.Stands = r.Elected == r.Seats && r.Seats > 0 || partial && r.Elected >= l.SizeMin && 2*r.Elected > r.Seats
	r.Renew = !r.Stands && r.Open == 0 && 2*r.Elected < r.Seats
	switch {
	case r.Elected == r.Seats && r.Stands:
		r.Zh, r.En = fmt.Sprintf("选出 %d 席中的 %d 席，全部选出", r.Seats, r.Elected), fmt.Sprintf("all %d seats of %d are filled", r.Elected, r.Seats)
	case r.Stands:
		r.Zh, r.En = fmt.Sprintf("选出 %d 席中的 %d 席，达到法定最低人数并超过应选人数的一半，委员会成立（预设条款）", r.Seats, r.Elected), fmt.Sprintf("%d of %d seats are filled, the legal minimum and more than half: the committee stands (preset)", r.Elected, r.Seats)
	case r.Open > 0:
		r.Zh, r.En = fmt.Sprintf("选出 %d 席中的 %d 席，%d 席票数相同，须再次投票", r.Seats, r.Elected, r.Open), fmt.Sprintf("%d of %d seats are filled, %d are tied and need a run-off", r.Elected, r.Seats, r.Open)
	case r.Renew:
		r.Zh, r.En = fmt.Sprintf("选出 %d 席中的 %d 席，不足一半，重新选举（R24）", r.Seats, r.Elected), fmt.Sprintf("%d of %d seats are filled, fewer than half: elect anew (R24)", r.Elected, r.Seats)
	default:
		r.Zh, r.En = fmt.Sprintf("选出 %d 席中的 %d 席，空缺席位补选", r.Seats, r.Elected), fmt.Sprintf("%d of %d seats are filled, by-election for the others", r.Elected, r.Seats)
	}
	return r
}

// rank orders candidates by agreeing heads, then area, most first.
func rank(a, b Candidate) int {
	return cmp.Or(cmp.Compare(b.Agree.Heads, a.Agree.Heads), cmp.Compare(b.Agree.Area, a.Agree.Area))
}

func zone(s Share, list []Candidate) (z ZoneResult, party int) {
	z = ZoneResult{Zone: s.Zone, Seats: s.Seats, Elected: []string{}, Alternates: []string{}, Ties: []string{}, NotPassed: []string{}}
	var passed []Candidate
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b Candidate) int { return cmp.Or(rank(a, b), cmp.Compare(a.ID, b.ID)) })
	for _, c := range list {
		if c.Passed {
			passed = append(passed, c)
		} else {
			z.NotPassed = append(z.NotPassed, c.ID)
		}
	}
	sure, rest := min(s.Seats, len(passed)), passed[min(s.Seats, len(passed)):]
	z.Unfilled = s.Seats - sure
	if len(rest) > 0 && sure > 0 && rank(passed[sure-1], rest[0]) == 0 {
		from, to := sure-1, sure
		for from > 0 && rank(passed[from-1], rest[0]) == 0 {
			from--
		}
		for to < len(passed) && rank(passed[to], rest[0]) == 0 {
			to++
		}
		z.RunOff = &RunOff{s.Zone, sure - from, ids(passed[from:to])}
		sure, rest = from, passed[to:]
	}
	for _, c := range passed[:sure] {
		if c.Party {
			party++
		}
	}
	z.Elected, z.Alternates = ids(passed[:sure]), ids(rest)
	for i, c := range rest {
		if i > 0 && rank(rest[i-1], c) == 0 || i+1 < len(rest) && rank(c, rest[i+1]) == 0 {
			z.Ties = append(z.Ties, c.ID)
		}
	}
	return z, party
}

func ids(list []Candidate) []string {
	out := make([]string, len(list))
	for i, c := range list {
		out[i] = c.ID
	}
	return out
}
