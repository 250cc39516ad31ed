// Package sweep says how far a vote is from its gate of two thirds by heads and by area (R01), and who would close it.
//
// # Words
//
//   - gap 缺口: what is still missing, by heads and by area.
//   - smallest set 最少户: as few rights as can be whose ballots close both gaps. Every right is one head, so of k rights the
//     k largest bring most area and the same heads as any other k: taking the largest first finds the smallest set.
package sweep

import (
	"cmp"
	"slices"

	"cuobian/basis/area"
	"cuobian/rooms/assembly/tally"
)

// Right is one right as those who sweep know it.
type Right struct {
	No    int
	Area  area.Area
	Voted bool // takes part already
	Out   bool // refused or out of reach: not asked again
}

// Gap is the way to the gate.
type Gap struct {
	Total    tally.Count `json:"total"`
	Part     tally.Count `json:"part"`
	Heads    int64       `json:"heads"`    // still missing
	Area     area.Area   `json:"area"`     // still missing, 0.01 m²
	Met      bool        `json:"met"`      // both two thirds are reached
	Possible bool        `json:"possible"` // those who can still be asked would close it
	Smallest []int       `json:"smallest"` // right numbers, largest area first; empty when met or not possible
	Brings   tally.Count `json:"brings"`   // what the smallest set brings
}

// Look measures the gap. The order of rights does not matter; of equal areas the smaller number is asked first.
func Look(rights []Right) Gap {
	g := Gap{Smallest: []int{}}
	var left []Right
	for _, r := range rights {
		one := tally.Count{Heads: 1, Area: r.Area}
		add(&g.Total, one)
		switch {
		case r.Voted:
			add(&g.Part, one)
		case !r.Out:
			left = append(left, r)
		}
	}
	g.Heads = max(0, need(g.Total.Heads)-g.Part.Heads)
	g.Area = max(0, area.Area(need(int64(g.Total.Area)))-g.Part.Area)
	if g.Total.Heads == 0 || g.Total.Area == 0 {
		return g // of nothing there are no two thirds
	}
	if g.Heads == 0 && g.Area == 0 {
		g.Met, g.Possible = true, true
		return g
	}
	slices.SortFunc(left, func(a, b Right) int { return cmp.Or(cmp.Compare(b.Area, a.Area), cmp.Compare(a.No, b.No)) })
	for _, r := range left {
		g.Smallest = append(g.Smallest, r.No)
		add(&g.Brings, tally.Count{Heads: 1, Area: r.Area})
		if g.Brings.Heads >= g.Heads && g.Brings.Area >= g.Area {
			g.Possible = true
			return g
		}
	}
	g.Smallest, g.Brings = []int{}, tally.Count{}
	return g
}

// need is the smallest n with 3·n ≥ 2·total.
func need(total int64) int64 { return total - total/3 }

func add(sum *tally.Count, c tally.Count) {
	sum.Heads += c.Heads
	sum.Area = area.Sum(sum.Area, c.Area)
}
