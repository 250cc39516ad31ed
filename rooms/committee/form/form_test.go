package form

import (
	"slices"
	"testing"

	"cuobian/basis/day"

	"pgregory.net/rapid"
)

// R13: half of the area or two years.
func TestTrigger(t *testing.T) {
	today := day.MustParse("2026-11-21")
	for _, x := range []struct {
		d            Delivery
		area, byTime bool
	}{
		{Delivery{Area: 1000, Delivered: 500}, true, false},
		{Delivery{Area: 1000, Delivered: 499}, false, false},
		{Delivery{Area: 1001, Delivered: 500}, false, false},
		{Delivery{Area: 0, Delivered: 0}, false, false},
		{Delivery{Area: 1000, Delivered: 1, First: day.MustParse("2024-11-21")}, false, true},
		{Delivery{Area: 1000, Delivered: 1, First: day.MustParse("2024-11-22")}, false, false},
		{Delivery{First: day.MustParse("2015-01-01")}, false, true},
	} {
		r := Trigger(x.d, 1, 2, 2, today)
		if r.ByArea != x.area || r.ByTime != x.byTime || r.Met != (x.area || x.byTime) {
			t.Errorf("%+v: %+v", x.d, r)
		}
	}
}

// R14, R25: who may sit.
func TestCompose(t *testing.T) {
	o := func(p string) Sitter { return Sitter{Person: p, Side: Owner} }
	head := Sitter{Person: "s", Side: Street, Head: true}
	comm := Sitter{Person: "c", Side: Community}
	for name, x := range map[string]struct {
		all  []Sitter
		want Wrong
	}{
		"five":           {[]Sitter{head, comm, o("1"), o("2"), o("3")}, ""},
		"without a firm": {[]Sitter{head, o("1"), o("2")}, ""},
		"even":           {[]Sitter{head, o("1"), o("2"), o("3")}, NotOdd},
		"few owners":     {[]Sitter{head, comm, {Person: "d", Side: Developer}, o("1"), o("2")}, FewOwners},
		"no head":        {[]Sitter{{Person: "s", Side: Street}, o("1"), o("2")}, WrongHead},
		"two heads":      {[]Sitter{head, {Person: "t", Side: Street, Head: true}, o("1"), o("2"), o("3")}, WrongHead},
		"owner leads":    {[]Sitter{{Person: "1", Side: Owner, Head: true}, o("2"), o("3")}, WrongHead},
		"twice":          {[]Sitter{head, o("1"), o("1")}, Twice},
		"nobody":         {nil, TooFew},
	} {
		if got := Compose(x.all, 0, Street); got != x.want {
			t.Errorf("%s: %q, want %q", name, got, x.want)
		}
	}
	seven := []Sitter{{Person: "c", Side: Community, Head: true}, {Person: "s", Side: Street}, {Person: "x", Side: Community}, o("1"), o("2"), o("3"), o("4")}
	if got := Compose(seven, 7, Community, Street); got != "" {
		t.Error(got)
	}
	if got := Compose(seven[:5], 7, Community, Street); got != TooFew {
		t.Error(got)
	}
}

// Every step's needs come before it, and a forming that does what may come next ends.
func TestWaysEnd(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := rapid.SampledFrom([]Kind{First, Reelection, Interim}).Draw(t, "kind")
		var done []Step
		for !Over(k, done) {
			next := Next(k, done)
			if len(next) == 0 {
				t.Fatalf("stuck after %v", done)
			}
			s := rapid.SampledFrom(next).Draw(t, "step")
			if need, known := Before(k, s); !known || need != "" && !slices.Contains(done, need) {
				t.Fatalf("%s came before %s", s, need)
			}
			done = append(done, s)
		}
		if len(done) != len(Way(k)) {
			t.Fatalf("%v", done)
		}
	})
	if _, known := Before(Interim, Drafts); known {
		t.Error("an interim committee needs no drafts")
	}
}

// An election that came about before the steps were written down leaves only what follows it.
func TestElectedWithoutSteps(t *testing.T) {
	done := []Step{Opened, Elected}
	if next := Next(First, done); !slices.Equal(next, []Step{Met, Filed}) {
		t.Fatal(next)
	}
	if !Past(First, Drafts, done) || Past(First, Met, done) || Past(First, Drafts, []Step{Opened}) {
		t.Error("what is past")
	}
	if done = append(done, Met, Filed, Accepted, Sealed); !Over(First, done) || Over(First, done[:5]) {
		t.Error("what is over")
	}
}

// R19, R21, R24: halves.
func TestHalves(t *testing.T) {
	for _, x := range []struct {
		ok   bool
		what string
	}{
		{Majority(3, 5), "3 of 5"}, {!Majority(3, 6), "3 of 6 is no majority"}, {AtLeast(1, 3, 1, 3), "a third includes"}, {!AtLeast(1, 4, 1, 3), "a quarter is less"},
		{!AtLeast(0, 0, 1, 5), "nothing of nothing"}, {Broken(2, 5), "2 of 5"}, {!Broken(3, 6), "half is not less than half"},
		{Stands(5, 5, 5, false), "all"}, {!Stands(5, 7, 5, false), "5 of 7 without the preset"}, {Stands(5, 7, 5, true), "5 of 7 with it"}, {!Stands(5, 11, 5, true), "5 of 11"},
		{!Stands(0, 0, 5, true), "nobody"}, {SizeOK(5, 5, 11) && SizeOK(11, 5, 11) && !SizeOK(6, 5, 11) && !SizeOK(3, 5, 11) && !SizeOK(13, 5, 11), "sizes"},
	} {
		if !x.ok {
			t.Error(x.what)
		}
	}
}
