package ballot

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/rooms/assembly/tally"

	"pgregory.net/rapid"
)

func salt(b byte) []byte { return slices.Repeat([]byte{b}, 32) }

// The canonical text and its commitment, byte for byte (the hash is sha256sum's of the text): a browser makes the same.
func TestText(t *testing.T) {
	b := Ballot{Meeting: "m1", Right: 12, Choices: map[int]tally.Choice{10: tally.Abstain, 2: tally.Agree, 3: tally.None, 4: ""}, Salt: salt(0xab)}
	want := "cuobian ballot 1\nmeeting\tm1\nright\t12\nchoice\t2\tagree\nchoice\t10\tabstain\nsalt\t" + strings.Repeat("ab", 32) + "\n"
	if b.Text() != want || b.Check() != nil {
		t.Errorf("%q %v", b.Text(), b.Check())
	}
	if got := b.Commitment(); got != "8f9d7888243bd116e7361ee21e72951369cf6f2c5e484da4fe0132a16ee4f4c6" {
		t.Error(got)
	}
}

func TestCheckRefuses(t *testing.T) {
	good := Ballot{Meeting: "m", Right: 1, Choices: map[int]tally.Choice{1: tally.Agree}, Salt: salt(1)}
	for code, spoil := range map[string]func(*Ballot){
		"ballot.meeting": func(b *Ballot) { b.Meeting = "m\n" },
		"ballot.right":   func(b *Ballot) { b.Right = 0 },
		"ballot.matter":  func(b *Ballot) { b.Choices = map[int]tally.Choice{0: tally.Agree} },
		"ballot.choice":  func(b *Ballot) { b.Choices = map[int]tally.Choice{1: "maybe"} },
		"ballot.salt":    func(b *Ballot) { b.Salt = b.Salt[:SaltLen-1] },
	} {
		b := good
		spoil(&b)
		if err := b.Check(); err == nil || fault.Of(err).Code != code {
			t.Errorf("%s: %v", code, err)
		}
	}
}

// Two ballots that say something else have another commitment.
func TestCommitmentBinds(t *testing.T) {
	draw := func(t *rapid.T, name string) Ballot {
		return Ballot{rapid.SampledFrom([]string{"m", "m1"}).Draw(t, name), rapid.IntRange(1, 12).Draw(t, name),
			rapid.MapOf(rapid.IntRange(1, 3), rapid.SampledFrom([]tally.Choice{tally.Agree, tally.Against, tally.Abstain, tally.Invalid, tally.None})).Draw(t, name),
			salt(rapid.Byte().Draw(t, name))}
	}
	said := func(b Ballot) map[int]tally.Choice {
		m := maps.Clone(b.Choices)
		maps.DeleteFunc(m, func(_ int, c tally.Choice) bool { return c == tally.None })
		return m
	}
	rapid.Check(t, func(t *rapid.T) {
		a, b := draw(t, "a"), draw(t, "b")
		same := a.Meeting == b.Meeting && a.Right == b.Right && slices.Equal(a.Salt, b.Salt) && maps.Equal(said(a), said(b))
		if (a.Commitment() == b.Commitment()) != same {
			t.Fatalf("%+v %+v", a, b)
		}
	})
}

// First or last by the running number, whatever the clock says; late and early ones out, void ones as if never cast.
func TestEffective(t *testing.T) {
	closes := day.MustParse("2026-11-30").Add(1).Start(day.Shanghai)
	last := closes - 1 // 23:59:59.999999
	cast := []Cast{
		{ID: "a", Right: 1, N: 1, At: last}, {ID: "b", Right: 1, N: 2, At: last - 50}, // the clock went back
		{ID: "c", Right: 2, N: 1, At: last}, {ID: "d", Right: 2, N: 2, At: closes},
		{ID: "e", Right: 3, N: 1, At: last, Void: true}, {ID: "f", Right: 3, N: 2, At: last},
		{ID: "g", Right: 4, N: 1, At: 5},
		{ID: "h", Right: 5, At: 200}, {ID: "i", Right: 5, At: 100}, {ID: "k", Right: 5, At: 200},
	}
	w := Window{Opens: 50, Closes: closes}
	for counts, want := range map[Counts]string{
		First: "1a 2c 3f 5i | b replaced d late e void g early h replaced k replaced",
		Last:  "1b 2c 3f 5k | a replaced d late e void g early h replaced i replaced",
	} {
		got, out := Effective(cast, counts, w)
		var words []string
		for _, no := range slices.Sorted(maps.Keys(got)) {
			words = append(words, fmt.Sprint(no, got[no].ID))
		}
		words = append(words, "|")
		for _, o := range out {
			words = append(words, o.ID, o.Code)
		}
		if s := strings.Join(words, " "); s != want {
			t.Errorf("%s: %s", counts, s)
		}
	}
	if _, out := Effective(cast, Last, Window{}); len(out) != 5 {
		t.Errorf("without a window: %+v", out)
	}
}

// The order of the list does not matter, every ballot counts or is out, and one counts for each right.
func TestOrderDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var cast []Cast
		n := map[int]int{}
		for i := range rapid.IntRange(0, 20).Draw(t, "n") {
			c := Cast{ID: fmt.Sprint(i), Right: rapid.IntRange(1, 5).Draw(t, "right"), At: day.Instant(rapid.IntRange(0, 10).Draw(t, "at")), Void: rapid.IntRange(0, 4).Draw(t, "void") == 0,
				Choices: map[int]tally.Choice{1: rapid.SampledFrom([]tally.Choice{tally.Agree, tally.Against, tally.None}).Draw(t, "choice")}}
			if rapid.Bool().Draw(t, "numbered") {
				n[c.Right]++
				c.N = n[c.Right]
			}
			cast = append(cast, c)
		}
		w := Window{day.Instant(rapid.IntRange(0, 5).Draw(t, "opens")), day.Instant(rapid.IntRange(0, 10).Draw(t, "closes"))}
		counts := rapid.SampledFrom([]Counts{First, Last}).Draw(t, "counts")
		a, outA := Effective(cast, counts, w)
		b, outB := Effective(rapid.Permutation(cast).Draw(t, "order"), counts, w)
		if !maps.EqualFunc(a, b, func(x, y Cast) bool { return x.ID == y.ID }) || !slices.Equal(outA, outB) || !maps.Equal(ChoicesOf(a, 1), ChoicesOf(b, 1)) {
			t.Fatal(a, b)
		}
		if len(a)+len(outA) != len(cast) {
			t.Fatal("a ballot is lost or twice")
		}
	})
}

// R27: three for one holder, none for the company's staff, one for a right; the earlier stand.
func TestProxies(t *testing.T) {
	mandates := []Mandate{
		{ID: "5", Right: 5, Holder: "p", Given: 5}, {ID: "1", Right: 1, Holder: "p", Given: 1}, {ID: "2", Right: 2, Holder: "p", Given: 2},
		{ID: "3", Right: 3, Holder: "p", Given: 3, Revoked: true}, {ID: "4", Right: 4, Holder: "p", Given: 4},
		{ID: "6", Right: 6, Holder: "guard", Given: 1, Company: true}, {ID: "7", Right: 1, Holder: "q", Given: 7},
	}
	say := func(l Limits) string {
		var words []string
		for _, r := range Proxies(mandates, l) {
			words = append(words, r.ID+" "+r.Code)
		}
		slices.Sort(words)
		return strings.Join(words, ", ")
	}
	for l, want := range map[Limits]string{
		{PerHolder: 3}:                "5 too_many, 6 company, 7 twice",
		{PerHolder: 4}:                "6 company, 7 twice",
		{PerHolder: 1, Company: true}: "2 too_many, 4 too_many, 5 too_many, 7 twice",
		{}:                            "6 company, 7 twice",
	} {
		if got := say(l); got != want {
			t.Errorf("%+v: %s", l, got)
		}
	}
	before := say(Limits{PerHolder: 3})
	slices.Reverse(mandates)
	if say(Limits{PerHolder: 3}) != before {
		t.Error("the order of the list matters")
	}
}
