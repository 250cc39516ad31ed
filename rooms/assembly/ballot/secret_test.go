package ballot

import (
	"fmt"
	"math/big"
	"reflect"
	"slices"
	"strings"
	"testing"

	"cuobian/basis/area"
	"cuobian/rooms/assembly/tally"

	"pgregory.net/rapid"
)

// many are n votes of one building, from right no on, areas from size on in steps of step.
func many(no, n int, group string, size, step area.Area, c tally.Choice) []Vote {
	out := make([]Vote, n)
	for i := range out {
		out[i] = Vote{no + i, group, size + area.Area(i)*step, c}
	}
	return out
}

// What is too small is put together in the order that the package comment gives.
func TestPublishLadder(t *testing.T) {
	agree, against, abstain, none := tally.Agree, tally.Against, tally.Abstain, tally.None
	for _, c := range []struct {
		name   string
		votes  []Vote
		shape  Shape
		groups string
	}{
		{"three choices in each building", slices.Concat(many(1, 12, "1", 100, 0, agree), many(101, 11, "1", 100, 0, against), many(201, 10, "1", 100, 0, abstain), many(301, 10, "2", 100, 0, agree), many(401, 10, "2", 100, 0, against), many(501, 3, "2", 100, 0, none)), Split, "[1] 12/11/10/21 [2] 10/10/0/10"},
		{"nine abstain: against and abstain together", slices.Concat(many(1, 12, "1", 100, 0, agree), many(101, 11, "1", 100, 0, against), many(201, 9, "1", 100, 0, abstain)), Joined, "[1] 12/0/0/20"},
		{"too small in one building: together in all", slices.Concat(many(1, 12, "1", 100, 0, agree), many(101, 11, "1", 100, 0, against), many(201, 11, "1", 100, 0, abstain), many(301, 10, "2", 100, 0, agree), many(401, 6, "2", 100, 0, against), many(501, 6, "2", 100, 0, abstain)), Joined, "[1] 12/0/0/22 [2] 10/0/0/12"},
		{"all agree in building 2: with its neighbour", slices.Concat(many(1, 12, "1", 100, 0, agree), many(101, 11, "1", 100, 0, against), many(301, 40, "2", 100, 0, agree), many(401, 12, "10", 100, 0, agree), many(501, 12, "10", 100, 0, against)), Joined, "[1] 12/0/0/11 [2 10] 52/0/0/12"},
		{"what is left at the end goes to the last", slices.Concat(many(1, 12, "1", 100, 0, agree), many(101, 11, "1", 100, 0, against), many(301, 9, "2", 100, 0, against)), Joined, "[1 2] 12/0/0/20"},
		{"nine against in the whole compound", slices.Concat(many(1, 99, "1", 100, 0, agree), many(101, 9, "1", 100, 0, against)), Held, ""},
		{"all agree", many(1, 99, "1", 100, 0, agree), Held, ""},
		{"nobody agrees", many(1, 99, "1", 100, 0, against), Held, ""},
		{"nobody came", many(1, 99, "1", 100, 0, none), Held, ""},
		{"nobody", nil, Held, ""},
	} {
		s := Publish(c.votes, 10)
		var words []string
		for _, g := range s.Groups {
			words = append(words, fmt.Sprintf("%v %d/%d/%d/%d", g.Groups, g.Agree, g.Against, g.Abstain, g.Rest))
		}
		if got := strings.Join(words, " "); s.Shape != c.shape || got != c.groups || s.Zh == "" || s.En == "" {
			t.Errorf("%s: %s %s", c.name, s.Shape, got)
		}
	}
}

// The sum of ten areas gives ten flats away, and one owner of a tenth of the compound is seen in any sum: no exact area.
func TestNoExactAreas(t *testing.T) {
	// 40 flats of different areas, ten of them agree.
	votes := slices.Concat(many(1, 10, "1", 9000, 137, tally.Agree), many(11, 30, "1", 9000, 211, tally.Against))
	if s := Publish(votes, 10); s.Agree != nil && s.Agree.From == s.Agree.To {
		t.Errorf("%+v", s.Agree)
	}
	// The developer with 1,500 m² beside 80 flats of 100 m²: no range at all.
	votes = append(many(1, 40, "1", 10000, 0, tally.Agree), many(41, 40, "1", 10000, 0, tally.Against)...)
	if s := Publish(votes, 10); s.Agree == nil || s.Agree.From != 400000 || s.Agree.To != 400000 {
		t.Errorf("equal flats: the area says no more than the heads: %+v", s.Agree)
	}
	votes = append(votes, Vote{81, "1", 150000, tally.Agree})
	if s := Publish(votes, 10); s.Agree != nil {
		t.Errorf("the developer is seen in %v", s.Agree)
	}
	// A compound of 1,000 flats of 60 to 140 m²: the range is narrow enough to be of use.
	votes = nil
	for n := range 1000 {
		c := tally.Against
		if n%3 > 0 {
			c = tally.Agree
		}
		votes = append(votes, Vote{n + 1, fmt.Sprint(n / 100), area.Area(6000 + n*7%1000*8), c})
	}
	s := Publish(votes, 10)
	if s.Shape != Split || s.Agree == nil || s.Agree.From == 0 || s.Agree.To-s.Agree.From != 20000 || len(s.Groups) != 10 {
		t.Errorf("%+v %+v", s.Shape, s.Agree)
	}
}

func drawVotes(t *rapid.T, most int) []Vote {
	n := rapid.IntRange(0, most).Draw(t, "n")
	groups := rapid.IntRange(1, 4).Draw(t, "groups")
	lean := rapid.SampledFrom([][]tally.Choice{
		{tally.Agree, tally.Against, tally.Abstain, tally.None},
		{tally.Agree, tally.Agree, tally.Against},
		{tally.Agree, tally.Agree, tally.Agree, tally.Agree, tally.Agree, tally.Against, tally.Invalid},
	}).Draw(t, "lean")
	votes := make([]Vote, n)
	for i := range votes {
		votes[i] = Vote{i + 1, fmt.Sprint(i % groups), area.Area(rapid.IntRange(1, 20).Draw(t, "area")), rapid.SampledFrom(lean).Draw(t, "choice")}
	}
	return votes
}

// drawLeaning are votes in which the large flats agree and the small ones do not, or the other way about, with few
// exceptions: sums near the least and the most that are possible. The areas span 0.50 m², half of the finest step.
func drawLeaning(t *rapid.T) []Vote {
	votes := []Vote{{1, "1", 1, tally.Agree}, {2, "1", 51, tally.Agree}}
	for n := range rapid.IntRange(10, 50).Draw(t, "n") {
		votes = append(votes, Vote{n + 3, "1", area.Area(rapid.SampledFrom([]int{1, 2, 25, 26, 50, 51}).Draw(t, "area")), tally.None})
	}
	above := area.Area(rapid.SampledFrom([]int{0, 1, 2, 25, 26, 50}).Draw(t, "above"))
	turned := rapid.Bool().Draw(t, "turned")
	for i := range votes {
		votes[i].Choice = tally.Against
		if (votes[i].Area > above) != turned != (rapid.IntRange(0, 15).Draw(t, "exception") == 0) {
			votes[i].Choice = tally.Agree
		}
	}
	return votes
}

// Every published cell holds at least min heads or none, what is left beside it too, groups add up to the whole, no group is
// lost, and the order does not matter.
func TestCells(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		votes := drawVotes(t, 120)
		min := int64(rapid.SampledFrom([]int{2, 5, 10}).Draw(t, "min"))
		s := Publish(votes, min)
		if other := Publish(rapid.Permutation(votes).Draw(t, "order"), min); !reflect.DeepEqual(s, other) {
			t.Fatalf("%+v %+v", s, other)
		}
		if s.Shape == Held {
			if len(s.Groups) != 0 || s.Agree != nil || s.All.Agree != 0 || s.All.Rest != 0 || s.All.Against != 0 || s.All.Abstain != 0 {
				t.Fatalf("%+v", s)
			}
			return
		}
		sum := Cell{}
		for _, g := range append(slices.Clone(s.Groups), s.All) {
			for _, n := range []int64{g.Agree, g.Rest} {
				if n < min {
					t.Fatalf("a cell of %d: %+v", n, s)
				}
			}
			for _, n := range []int64{g.Against, g.Abstain} {
				if n != 0 && n < min {
					t.Fatalf("a cell of %d: %+v", n, s)
				}
			}
			if g.Agree+g.Rest != g.Part || s.Shape == Split && g.Against+g.Abstain != g.Rest || s.Shape == Joined && g.Against+g.Abstain != 0 {
				t.Fatalf("%+v", g)
			}
		}
		for _, g := range s.Groups {
			sum = sum.with(g)
		}
		sum.Groups, s.All.Groups = nil, nil
		if !reflect.DeepEqual(sum, s.All) {
			t.Fatalf("%+v %+v", sum, s.All)
		}
		var agreed, all area.Area
		names := map[string]bool{}
		for _, v := range votes {
			names[v.Group] = true
			all += v.Area
			if v.Choice == tally.Agree {
				agreed += v.Area
			}
		}
		for _, g := range s.Groups {
			for _, n := range g.Groups {
				delete(names, n)
			}
		}
		if len(names) > 0 || s.TotalArea != all {
			t.Fatal(names)
		}
		if r := s.Agree; r != nil && r.From != r.To && (agreed < r.From || r.To != 0 && agreed >= r.To) {
			t.Fatalf("%s is not in %+v", agreed, r)
		}
	})
}

// sums are the sums that k of these areas can have, as bits.
func sums(areas []area.Area, k int) *big.Int {
	of := make([]*big.Int, k+1)
	for i := range of {
		of[i] = new(big.Int)
	}
	of[0].SetBit(of[0], 0, 1)
	for _, a := range areas {
		for i := k; i > 0; i-- {
			of[i].Or(of[i], new(big.Int).Lsh(of[i-1], uint(a)))
		}
	}
	return of[k]
}

// add gives the sums of one of a and one of b.
func add(a, b *big.Int) *big.Int {
	out := new(big.Int)
	for i := range b.BitLen() {
		if b.Bit(i) == 1 {
			out.Or(out, new(big.Int).Lsh(a, uint(i)))
		}
	}
	return out
}

// The proof of the package comment, tried: an attacker who knows all areas, who took part, the heads of every group and the
// range finds for every voter a way in which he agreed and one in which he did not.
func TestAreasGiveNobodyAway(t *testing.T) {
	ranges := 0
	rapid.Check(t, func(t *rapid.T) {
		votes := drawVotes(t, 90)
		if rapid.Bool().Draw(t, "leaning") {
			votes = drawLeaning(t)
		}
		s := Publish(votes, 3)
		if s.Agree == nil {
			return
		}
		if s.Agree.From != 0 || s.Agree.To != 0 {
			ranges++
		}
		group := map[string]int{}
		for i, g := range s.Groups {
			for _, n := range g.Groups {
				group[n] = i
			}
		}
		areas := make([][]area.Area, len(s.Groups))
		for _, v := range votes {
			if v.Choice.Takes() {
				areas[group[v.Group]] = append(areas[group[v.Group]], v.Area)
			}
		}
		meets := func(got *big.Int) bool {
			for i := range got.BitLen() {
				sum := area.Area(i)
				if got.Bit(i) == 1 && (s.Agree.From == s.Agree.To && sum == s.Agree.From || s.Agree.From != s.Agree.To && sum >= s.Agree.From && (s.Agree.To == 0 || sum < s.Agree.To)) {
					return true
				}
			}
			return false
		}
		for g := range areas {
			others := new(big.Int).SetBit(new(big.Int), 0, 1)
			for h := range areas {
				if h != g {
					others = add(others, sums(areas[h], int(s.Groups[h].Agree)))
				}
			}
			tried := map[area.Area]bool{}
			for i, a := range areas[g] {
				if tried[a] {
					continue
				}
				tried[a] = true
				without := slices.Delete(slices.Clone(areas[g]), i, i+1)
				k := int(s.Groups[g].Agree)
				if !meets(add(others, sums(without, k))) {
					t.Fatalf("%s must have agreed: %+v", a, s)
				}
				if !meets(add(others, new(big.Int).Lsh(sums(without, k-1), uint(a)))) {
					t.Fatalf("%s cannot have agreed: %+v", a, s)
				}
			}
		}
	})
	if ranges == 0 {
		t.Error("no range was ever given: nothing was tried")
	}
}

// Small compounds, every way in which the same rights could have voted: for whoever took part the very same publication,
// shape and grouping too, comes about with him agreeing and with him not.
func TestPublicationGivesNobodyAway(t *testing.T) {
	published, merged := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		votes := drawVotes(t, 8)
		var part []int
		for i, v := range votes {
			if v.Choice.Takes() {
				part = append(part, i)
			}
		}
		s := Publish(votes, 2)
		if s.Shape == Held {
			return
		}
		published++
		if len(s.Groups[0].Groups) > 1 {
			merged++
		}
		agreed, not := map[int]bool{}, map[int]bool{}
		world := slices.Clone(votes)
		var try func(n int)
		try = func(n int) {
			if n == len(part) {
				if reflect.DeepEqual(Publish(world, 2), s) {
					for _, i := range part {
						if world[i].Choice == tally.Agree {
							agreed[i] = true
						} else {
							not[i] = true
						}
					}
				}
				return
			}
			for _, c := range []tally.Choice{tally.Agree, tally.Against, tally.Abstain} {
				world[part[n]].Choice = c
				try(n + 1)
			}
		}
		try(0)
		for _, i := range part {
			if !agreed[i] || !not[i] {
				t.Fatalf("right %d is given away: %+v from %+v", votes[i].Right, s, votes)
			}
		}
	})
	if published == 0 || merged == 0 {
		t.Error("nothing was tried:", published, merged)
	}
}

// The published derivation says whether each condition holds and shows no exact area, and no heads where choices are held.
func TestSteps(t *testing.T) {
	votes := append(many(1, 30, "1", 9000, 137, tally.Agree), many(31, 30, "1", 9000, 211, tally.Against)...)
	for _, shape := range []Shape{Split, Held} {
		if shape == Held {
			votes = append(votes[:30:30], many(31, 5, "1", 9000, 211, tally.Against)...)
		}
		for _, rule := range []tally.Rule{tally.Ordinary, tally.Special, tally.Unanimous} {
			var rights []tally.Right
			choices := map[int]tally.Choice{}
			for _, v := range votes {
				rights = append(rights, tally.Right{No: v.Right, Area: v.Area})
				choices[v.Right] = v.Choice
			}
			res, err := tally.Decide(tally.Params{Rule: rule, Touched: []int{1}}, rights, choices)
			if err != nil {
				t.Fatal(err)
			}
			s := Publish(votes, 10)
			steps := s.Steps(res)
			if s.Shape != shape || len(steps) != 4 {
				t.Fatalf("%s %d", s.Shape, len(steps))
			}
			holds := res.GateHeads == steps[0].Holds && res.GateArea == steps[1].Holds && res.Consent == (steps[2].Holds && steps[3].Holds)
			text := fmt.Sprint(steps)
			exact := strings.Contains(text, res.Agree.Area.String()) || strings.Contains(text, res.Part.Area.String())
			heads := strings.Contains(text, fmt.Sprint(res.Agree.Heads)) && shape == Held
			if !holds || exact || heads || steps[1].Left != "100%" {
				t.Errorf("%s %s: %+v", shape, rule, steps)
			}
		}
	}
}

// Figures that changed between two publications are not published twice: their difference would be one ballot.
func TestLater(t *testing.T) {
	votes := append(many(1, 30, "1", 9000, 0, tally.Agree), many(31, 30, "1", 9000, 0, tally.Against)...)
	first := Publish(votes, 10)
	if got := Later(first, Publish(votes, 10)); !reflect.DeepEqual(got, first) {
		t.Errorf("%+v", got)
	}
	votes[0].Choice = tally.None // declared void
	after := Publish(votes, 10)
	got := Later(first, after)
	if after.Shape != Split || got.Shape != Held || got.All.Agree != 0 || got.Agree != nil || len(got.Groups) != 0 || got.Part != 59 || got.Zh == "" || got.En == "" {
		t.Errorf("%+v", got)
	}
	// What was held before may be published once.
	if got := Later(Publish(votes[:5], 10), after); !reflect.DeepEqual(got, after) {
		t.Errorf("%+v", got)
	}
}
