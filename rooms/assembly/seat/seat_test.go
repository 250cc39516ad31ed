package seat

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"cuobian/basis/area"
	"cuobian/basis/fault"
	"cuobian/rooms/assembly/tally"

	"pgregory.net/rapid"
)

func zones(weights ...int64) []Zone {
	out := make([]Zone, len(weights))
	for i, w := range weights {
		out[i] = Zone{string(rune('A' + i)), w}
	}
	return out
}

func seats(shares []Share) (out []int) {
	for _, s := range shares {
		out = append(out, s.Seats)
	}
	return out
}

// R19: five to eleven, odd.
func TestSize(t *testing.T) {
	for n := range 15 {
		want := n == 5 || n == 7 || n == 9 || n == 11
		if err := Preset().Size(n); (err == nil) != want {
			t.Errorf("%d: %v", n, err)
		}
	}
}

// R29: largest remainder, at least 1 and at most 3, refused beyond 1.5 with the numbers.
func TestApportion(t *testing.T) {
	for _, c := range []struct {
		seats   int
		weights []int64
		want    []int
		code    string
	}{
		{7, []int64{300, 200, 200}, []int{3, 2, 2}, ""},
		{5, []int64{100, 100, 100, 100, 100}, []int{1, 1, 1, 1, 1}, ""},
		{5, []int64{210, 200, 190}, []int{2, 2, 1}, "seat.ratio"}, // 105, 100 and 190 for one seat
		{5, []int64{210, 200, 145}, []int{2, 2, 1}, ""},           // 105, 100, 145: 1.45
		{5, []int64{200, 200, 150}, []int{2, 2, 1}, ""},           // exactly 1.5 is allowed
		{5, []int64{200, 200, 151}, []int{2, 2, 1}, "seat.ratio"}, // 1.51 is not
		{5, []int64{300, 220}, []int{3, 2}, ""},
		{5, []int64{400, 100}, []int{3, 2}, "seat.ratio"}, // held to three
		{11, []int64{100, 100, 100, 100}, []int{3, 3, 3, 2}, ""},
		{9, []int64{1000, 1, 1, 1}, []int{3, 2, 2, 2}, "seat.ratio"},
		{7, []int64{1000, 1, 1, 1}, []int{3, 2, 1, 1}, "seat.ratio"}, // of equal ones the earlier
		{9, []int64{100, 100, 100}, []int{3, 3, 3}, ""},
		{5, []int64{500}, nil, "seat.zones"},
		{5, []int64{1, 1, 1, 1, 1, 1}, nil, "seat.zones"},
		{5, nil, nil, "seat.zones"},
		{5, []int64{5, 0, 5}, nil, "seat.weight"},
		{6, []int64{5, 5, 5}, nil, "seat.size"},
	} {
		got, err := Apportion(c.seats, zones(c.weights...), Preset())
		code := ""
		if err != nil {
			code = fault.Of(err).Code
		}
		if code != c.code || c.want != nil && !slices.Equal(seats(got), c.want) {
			t.Errorf("%d of %v: %v %v", c.seats, c.weights, seats(got), err)
		}
		if code == "seat.ratio" && !strings.Contains(fault.Of(err).En, "/") {
			t.Errorf("the refusal does not give the numbers: %v", err)
		}
	}
	if _, err := Apportion(5, []Zone{{"A", 1}, {"A", 1}}, Preset()); err == nil || fault.Of(err).Code != "seat.zone" {
		t.Error(err)
	}
}

// Seats add up, stay within the bounds, a heavier zone never has fewer, and what is let through is within 1.5.
func TestApportionHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.SampledFrom([]int{5, 7, 9, 11}).Draw(t, "seats")
		zs := zones(rapid.SliceOfN(rapid.Int64Range(1, 500), 1, 11).Draw(t, "weights")...)
		shares, err := Apportion(n, zs, Preset())
		if len(shares) == 0 {
			if k := len(zs); err == nil || k <= n && 3*k >= n {
				t.Fatal(err)
			}
			return
		}
		sum := 0
		for _, a := range shares {
			sum += a.Seats
			if a.Seats < 1 || a.Seats > 3 {
				t.Fatal(shares)
			}
			for _, b := range shares {
				if a.Weight > b.Weight && a.Seats < b.Seats {
					t.Fatal("the heavier zone has fewer", shares)
				}
				if err == nil && 2*a.Weight*int64(b.Seats) > 3*b.Weight*int64(a.Seats) {
					t.Fatal("let through", shares)
				}
			}
		}
		if sum != n {
			t.Fatal(shares)
		}
	})
}

// Without a zone at a bound the shares are those of the textbook.
func TestLargestRemainder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.SampledFrom([]int{5, 7, 9, 11}).Draw(t, "seats")
		zs := zones(rapid.SliceOfN(rapid.Int64Range(1, 500), 2, 8).Draw(t, "weights")...)
		var sum int64
		for _, z := range zs {
			sum += z.Weight
		}
		for _, z := range zs {
			if q := int64(n) * z.Weight; q < sum || q > 3*sum {
				return
			}
		}
		shares, _ := Apportion(n, zs, Preset())
		for i, a := range shares {
			floor := int64(n) * zs[i].Weight / sum
			if int64(a.Seats) != floor && int64(a.Seats) != floor+1 {
				t.Fatal(shares)
			}
			for j, b := range shares { // who was rounded up lost no less than who was not
				up := int64(a.Seats) > floor
				down := int64(b.Seats) == int64(n)*zs[j].Weight/sum
				if up && down && int64(n)*zs[i].Weight%sum < int64(n)*zs[j].Weight%sum {
					t.Fatal(shares)
				}
			}
		}
	})
}

// R29: between a third more and twice as many candidates as seats.
func TestCandidates(t *testing.T) {
	for s, want := range map[int][2]int{1: {2, 2}, 2: {3, 4}, 3: {4, 6}} {
		if a, b := Bounds(s); a != want[0] || b != want[1] {
			t.Errorf("%d: %d to %d", s, a, b)
		}
	}
	for _, c := range []struct {
		seats, n int
		extended bool
		want     Standing
	}{{3, 4, false, Enough}, {3, 6, false, Enough}, {3, 7, false, TooMany}, {3, 3, false, Extend}, {3, 3, true, Equal}, {3, 2, true, TooFew}, {1, 1, true, Equal}, {1, 0, true, TooFew}, {1, 2, true, Enough}} {
		if got, zh, en := Candidates(c.seats, c.n, c.extended); got != c.want || zh == "" || en == "" {
			t.Errorf("%+v: %s", c, got)
		}
	}
}

func stands(id, zone string, heads int64, size area.Area, passed bool) Candidate {
	return Candidate{ID: id, Zone: zone, Agree: tally.Count{Heads: heads, Area: size}, Passed: passed}
}

func tell(r Result) string {
	var words []string
	for _, z := range r.Zones {
		s := fmt.Sprintf("%s: %v alternates %v", z.Zone, z.Elected, z.Alternates)
		if len(z.Ties) > 0 {
			s += fmt.Sprintf(" ties %v", z.Ties)
		}
		if z.RunOff != nil {
			s += fmt.Sprintf(" run-off %v for %d", z.RunOff.Candidates, z.RunOff.Seats)
		}
		if z.Unfilled > 0 {
			s += fmt.Sprintf(" unfilled %d", z.Unfilled)
		}
		words = append(words, s)
	}
	return strings.Join(words, "; ")
}

// Passed by both counts first; then heads, then area, then a run-off.
func TestElect(t *testing.T) {
	shares := []Share{{Zone: "A", Seats: 3}, {Zone: "B", Seats: 2}}
	list := []Candidate{
		stands("a1", "A", 50, 5000, true), stands("a2", "A", 60, 4000, true), stands("a3", "A", 50, 5001, true), stands("a4", "A", 50, 4999, true), stands("a5", "A", 90, 9999, false),
		stands("b1", "B", 40, 4000, true), stands("b2", "B", 30, 3000, true), stands("b3", "B", 30, 3000, true), stands("b4", "B", 20, 1, true), stands("b5", "B", 20, 1, true),
	}
	list[1].Party, list[2].Party, list[5].Party = true, true, true
	r := Elect(shares, list, Preset(), false)
	if got, want := tell(r), "A: [a2 a3 a1] alternates [a4]; B: [b1] alternates [b4 b5] ties [b4 b5] run-off [b2 b3] for 1"; got != want {
		t.Errorf("%s", got)
	}
	if r.Stands || r.Elected != 4 || r.Open != 1 || r.Renew || !r.Red || r.Party != 3 || !slices.Equal(r.Zones[0].NotPassed, []string{"a5"}) {
		t.Errorf("%+v", r)
	}
	list[7].Agree.Area++
	if r := Elect(shares, list, Preset(), false); !r.Stands || r.Elected != 5 || tell(r) != "A: [a2 a3 a1] alternates [a4]; B: [b1 b3] alternates [b2 b4 b5] ties [b4 b5]" {
		t.Errorf("%s %+v", tell(r), r)
	}
	// A tie for all seats of a zone; a candidate of no zone; a zone without candidates.
	r = Elect(append(shares, Share{Zone: "C", Seats: 2}), []Candidate{stands("a1", "A", 5, 5, true), stands("b1", "B", 5, 5, true), stands("b2", "B", 5, 5, true), stands("b3", "B", 5, 5, true), stands("x", "X", 9, 9, true)}, Preset(), false)
	if got := tell(r); got != "A: [a1] alternates [] unfilled 2; B: [] alternates [] run-off [b1 b2 b3] for 2; C: [] alternates [] unfilled 2" || !slices.Equal(r.Problems, []string{"x"}) {
		t.Errorf("%s %v", got, r.Problems)
	}
}

// A committee stands when all are elected; with the preset, when the legal minimum and more than half are. R24: fewer than
// half, elect anew.
func TestStands(t *testing.T) {
	for _, c := range []struct {
		seats, elected        int
		partial, stand, renew bool
	}{
		{7, 7, false, true, false}, {7, 6, false, false, false}, {7, 5, true, true, false}, {7, 4, true, false, false}, {9, 5, true, true, false}, {11, 5, true, false, true},
		{7, 3, false, false, true}, {7, 4, false, false, false}, {5, 4, true, false, false}, {5, 0, true, false, true},
	} {
		var shares []Share
		var list []Candidate
		for n := range c.seats {
			zone := fmt.Sprint(n)
			shares = append(shares, Share{Zone: zone, Seats: 1})
			list = append(list, stands(zone, zone, 9, 9, n < c.elected))
		}
		r := Elect(shares, list, Preset(), c.partial)
		if r.Elected != c.elected || r.Stands != c.stand || r.Renew != c.renew || r.Zh == "" || r.En == "" {
			t.Errorf("%+v: %+v", c, r)
		}
	}
	if r := Elect(nil, nil, Preset(), false); r.Stands || r.Red {
		t.Errorf("nobody: %+v", r)
	}
}

// Nobody who did not pass is elected, nobody sits twice, every candidate is named once, and the order does not matter.
func TestElectHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		shares := []Share{{Zone: "A", Seats: 2}, {Zone: "B", Seats: 3}}
		var list []Candidate
		for n := range rapid.IntRange(0, 12).Draw(t, "n") {
			list = append(list, stands(fmt.Sprint(n), rapid.SampledFrom([]string{"A", "B"}).Draw(t, "zone"), rapid.Int64Range(0, 3).Draw(t, "heads"), area.Area(rapid.IntRange(0, 1).Draw(t, "area")), rapid.Bool().Draw(t, "passed")))
		}
		a := Elect(shares, list, Preset(), false)
		if b := Elect(shares, rapid.Permutation(list).Draw(t, "order"), Preset(), false); tell(a) != tell(b) {
			t.Fatal(tell(a), tell(b))
		}
		named := map[string]int{}
		for _, z := range a.Zones {
			open := 0
			var off []string
			if z.RunOff != nil {
				open, off = z.RunOff.Seats, z.RunOff.Candidates
				if open < 1 || len(off) <= open {
					t.Fatalf("%+v", z.RunOff)
				}
			}
			if len(z.Elected)+open+z.Unfilled != z.Seats {
				t.Fatalf("%+v", z)
			}
			for _, id := range slices.Concat(z.Elected, z.Alternates, z.NotPassed, off) {
				named[id]++
			}
			for _, id := range slices.Concat(z.Elected, z.Alternates, off) {
				if !list[slices.IndexFunc(list, func(c Candidate) bool { return c.ID == id })].Passed {
					t.Fatal("did not pass:", id)
				}
			}
		}
		for _, c := range list {
			if named[c.ID] != 1 {
				t.Fatal(c.ID, named[c.ID], tell(a))
			}
		}
	})
}
