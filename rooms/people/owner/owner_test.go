package owner

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// The vector of rules.md 2.5: 100 flats of 100 m²; the developer has 10 unsold and 5 undelivered, X has 5, 80 have one
// each. H = 82, A = 10,000 m².
// R05, R06.
func TestVector25(t *testing.T) {
	var parts []Part
	add := func(n int, p Part) {
		for range n {
			parts = append(parts, p)
		}
	}
	add(15, Part{Key: "developer", Developer: true, Area: 10000})
	add(5, Part{Key: Key([]string{"x"}), Area: 10000})
	for i := range 80 {
		add(1, Part{Key: Key([]string{string(rune(0x4e00 + i))}), Area: 10000})
	}
	got := Count(parts)
	if got.Heads != 82 || got.Area != 1000000 || got.Developer != 15 || got.Parts != 100 {
		t.Fatalf("%+v", got)
	}
}

func TestJointTitleIsAnotherHead(t *testing.T) {
	a, ab, ba := Key([]string{"a"}), Key([]string{"a", "b"}), Key([]string{"b", "a", "b", ""})
	if ab != ba || a == ab {
		t.Fatal(a, ab, ba)
	}
	if got := Count([]Part{{Key: a}, {Key: ab}, {Key: ba}}); got.Heads != 2 {
		t.Fatal("a alone and a with b are two heads (rules.md 2.2):", got.Heads)
	}
	if got := Count([]Part{{}, {}}); got.Heads != 2 || got.Unknown != 2 {
		t.Fatal("unknown owners are not one person", got)
	}
	if got := Count(nil); got != (Tally{}) {
		t.Fatal(got)
	}
}

func TestHeadsNeverExceedPartsAndOrderDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var parts []Part
		for range rapid.IntRange(0, 40).Draw(t, "n") {
			parts = append(parts, Part{Key: rapid.StringMatching("[abc]?").Draw(t, "key"), Developer: rapid.Bool().Draw(t, "dev"), Area: 1})
		}
		one := Count(parts)
		two := Count(rapid.Permutation(parts).Draw(t, "order"))
		if one != two || one.Heads > one.Parts || len(parts) > 0 && one.Heads == 0 {
			t.Fatal(one, two)
		}
	})
}

// Each part has its head: the developer's parts one, those of one key one, those of nobody one each (R05).
func TestHeads(t *testing.T) {
	of, n := Heads([]Part{{Key: "a"}, {}, {Key: "b", Developer: true}, {Key: "a"}, {}, {Developer: true}, {Key: "b"}})
	if want := []int{0, 1, 2, 0, 3, 2, 4}; n != 5 || !slices.Equal(of, want) {
		t.Fatal(of, n)
	}
}
