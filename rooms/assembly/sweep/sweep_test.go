package sweep

import (
	"math/bits"
	"slices"
	"testing"

	"cuobian/basis/area"
	"cuobian/rooms/assembly/tally"

	"pgregory.net/rapid"
)

// R01: the gap by the vector of rules 2.5, with 54 singles and X voted: heads are there, area is not, the developer closes it.
func TestVector25(t *testing.T) {
	rights := []Right{{No: 1, Area: 150000}, {No: 2, Area: 50000, Voted: true}}
	for n := 3; n <= 82; n++ {
		rights = append(rights, Right{No: n, Area: 10000, Voted: n <= 56})
	}
	g := Look(rights)
	if g.Met || g.Heads != 0 || g.Area != 76667 || !g.Possible || !slices.Equal(g.Smallest, []int{1}) {
		t.Errorf("%+v", g)
	}
	rights[0].Out = true
	if g := Look(rights); !slices.Equal(g.Smallest, []int{57, 58, 59, 60, 61, 62, 63, 64}) || g.Brings.Area != 80000 {
		t.Errorf("%+v", g)
	}
	for i := range rights {
		rights[i].Out = !rights[i].Voted
	}
	if g := Look(rights); g.Possible || len(g.Smallest) != 0 || g.Met {
		t.Errorf("%+v", g)
	}
	if g := Look(nil); g.Met || g.Possible {
		t.Errorf("%+v", g)
	}
}

// Against every set of rights: the smallest set closes both gaps, and no smaller one does.
func TestSmallestIsSmallest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rights := make([]Right, rapid.IntRange(1, 10).Draw(t, "n"))
		for i := range rights {
			rights[i] = Right{No: i + 1, Area: area.Area(rapid.Int64Range(0, 12).Draw(t, "area")), Voted: rapid.IntRange(0, 3).Draw(t, "voted") == 0, Out: rapid.IntRange(0, 5).Draw(t, "out") == 0}
		}
		closes := func(set uint) bool {
			choices := map[int]tally.Choice{}
			var all []tally.Right
			for i, r := range rights {
				all = append(all, tally.Right{No: r.No, Area: r.Area})
				if r.Voted || set>>i&1 == 1 {
					choices[r.No] = tally.Abstain
				}
			}
			res, err := tally.Decide(tally.Params{Rule: tally.Ordinary}, all, choices)
			if err != nil {
				t.Fatal(err)
			}
			return res.Gate
		}
		best := -1
	sets:
		for set := uint(0); set < 1<<len(rights); set++ {
			for i, r := range rights {
				if set>>i&1 == 1 && (r.Voted || r.Out) {
					continue sets
				}
			}
			if n := bits.OnesCount(set); (best < 0 || n < best) && closes(set) {
				best = n
			}
		}
		g := Look(rights)
		switch {
		case g.Met != closes(0):
			t.Fatalf("met: %+v", g)
		case g.Possible != (best >= 0):
			t.Fatalf("possible, best %d: %+v", best, g)
		case best >= 0 && len(g.Smallest) != best:
			t.Fatalf("best %d: %+v", best, g)
		}
		var set uint
		for _, no := range g.Smallest {
			set |= 1 << (no - 1)
		}
		if g.Possible && !closes(set) {
			t.Fatalf("the set does not close: %+v", g)
		}
		other := Look(rapid.Permutation(rights).Draw(t, "order"))
		if !slices.Equal(other.Smallest, g.Smallest) || other.Heads != g.Heads || other.Area != g.Area {
			t.Fatalf("order: %+v %+v", g, other)
		}
	})
}
