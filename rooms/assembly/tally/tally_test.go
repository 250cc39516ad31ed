package tally

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"cuobian/basis/area"
	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/yuan"

	"pgregory.net/rapid"
)

// compound is the vector of rules 2.5: 100 flats of 100 m². Right 1 is the developer's fifteen, right 2 is X with five,
// rights 3 to 82 have one each. A = 10,000 m², H = 82.
func compound() []Right {
	rights := []Right{{No: 1, Developer: true, Area: 150000}, {No: 2, Key: "x", Area: 50000}}
	for n := 3; n <= 82; n++ {
		rights = append(rights, Right{No: n, Key: string(rune(0x4e00 + n)), Area: 10000})
	}
	return rights
}

func votes(from, to int, c Choice) map[int]Choice {
	out := map[int]Choice{}
	for n := from; n <= to; n++ {
		out[n] = c
	}
	return out
}

func with(maps ...map[int]Choice) map[int]Choice {
	out := map[int]Choice{}
	for _, m := range maps {
		for k, v := range m {
			out[k] = v
		}
	}
	return out
}

// tester is *testing.T and *rapid.T.
type tester interface {
	Helper()
	Fatal(...any)
}

func must(t tester, p Params, rights []Right, choices map[int]Choice) Result {
	t.Helper()
	res, err := Decide(p, rights, choices)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// R01, R02, R03, R05: the vector of rules 2.5.
func TestVector25(t *testing.T) {
	ordinary, special := Params{Rule: Ordinary}, Params{Rule: Special}

	// X and 54 singles: 55 heads are two thirds of 82, 5,900 m² are not two thirds of 10,000.
	r := must(t, ordinary, compound(), votes(2, 56, Agree))
	if r.Total != (Count{82, 1000000}) || r.Part != (Count{55, 590000}) || !r.GateHeads || r.GateArea || r.Gate || r.Passed {
		t.Errorf("%+v", r)
	}
	// One head fewer misses by heads too.
	if r := must(t, ordinary, compound(), votes(2, 55, Agree)); r.GateHeads {
		t.Error("54 of 82 heads are two thirds?")
	}
	// With the developer: 56 heads, 7,400 m².
	r = must(t, ordinary, compound(), votes(1, 56, Agree))
	if r.Part != (Count{56, 740000}) || !r.Gate || !r.Passed {
		t.Errorf("%+v", r)
	}
	// Exactly 28 of 56 heads fail although 4,200 of 7,400 m² agree; 29 pass.
	half := must(t, ordinary, compound(), with(votes(1, 56, Against), votes(1, 28, Agree)))
	if half.Agree.Heads != 28 || 2*half.Agree.Area <= half.Part.Area || half.Passed {
		t.Errorf("%+v", half)
	}
	if r := must(t, ordinary, compound(), with(votes(1, 56, Against), votes(1, 29, Agree))); !r.Passed {
		t.Errorf("%+v", r)
	}
	// Exactly 42 of 56 heads pass a special matter; 41 do not.
	three := must(t, special, compound(), with(votes(1, 56, Against), votes(1, 42, Agree)))
	if three.Agree.Heads != 42 || !three.Passed {
		t.Errorf("%+v", three)
	}
	if r := must(t, special, compound(), with(votes(1, 56, Against), votes(1, 41, Agree))); r.Passed {
		t.Errorf("%+v", r)
	}
	// 42 heads without the developer have 4,500 of 7,400 m²: heads hold, area does not.
	if r := must(t, special, compound(), with(votes(1, 56, Against), votes(2, 43, Agree))); r.Passed || r.Agree != (Count{42, 460000}) {
		t.Errorf("%+v", r)
	}
}

// flats are n rights of the same area.
func flats(n int, each area.Area) []Right {
	rights := make([]Right, n)
	for i := range rights {
		rights[i] = Right{No: i + 1, Area: each}
	}
	return rights
}

// R01, R02, R03: "at least" includes the number, "more than half" excludes it (Civil Code 1259). Every boundary, one below,
// at, and one above, for heads with area far from the boundary, and for area with heads far from it.
func TestBoundaries(t *testing.T) {
	big := area.Area(1 << 40)
	for _, c := range []struct {
		name        string
		rule        Rule
		total, part int // heads
		agree       int
		gate, says  bool
	}{
		{"two thirds of 9, exactly", Ordinary, 9, 6, 6, true, true},
		{"two thirds of 9, one below", Ordinary, 9, 5, 5, false, true},
		{"two thirds of 10 is above 6", Ordinary, 10, 6, 6, false, true},
		{"two thirds of 10, first that reaches", Ordinary, 10, 7, 7, true, true},
		{"two thirds of 11 is above 7", Ordinary, 11, 7, 7, false, true},
		{"two thirds of 11, first that reaches", Ordinary, 11, 8, 8, true, true},
		{"half of 8, exactly", Ordinary, 9, 8, 4, true, false},
		{"half of 8, one above", Ordinary, 9, 8, 5, true, true},
		{"half of 8, one below", Ordinary, 9, 8, 3, true, false},
		{"half of 9, first above", Ordinary, 9, 9, 5, true, true},
		{"half of 9, last below", Ordinary, 9, 9, 4, true, false},
		{"three quarters of 8, exactly", Special, 9, 8, 6, true, true},
		{"three quarters of 8, one below", Special, 9, 8, 5, true, false},
		{"three quarters of 9, last below", Special, 9, 9, 6, true, false},
		{"three quarters of 9, first that reaches", Special, 9, 9, 7, true, true},
		{"all", Unanimous, 9, 9, 9, true, true},
		{"all but one", Unanimous, 9, 9, 8, true, false},
	} {
		for _, each := range []area.Area{1, 9856, big} {
			r := must(t, Params{Rule: c.rule}, flats(c.total, each), with(votes(1, c.part, Against), votes(1, c.agree, Agree)))
			if r.Gate != c.gate || r.Consent != c.says || r.Passed != (c.gate && c.says) {
				t.Errorf("%s (%s m² each): gate %v, consent %v, passed %v", c.name, each, r.Gate, r.Consent, r.Passed)
			}
		}
	}
	// Area alone, in steps of 0.01 m²: heads are all in favour of the outcome.
	for _, c := range []struct {
		name  string
		rule  Rule
		areas [3]area.Area // agrees, is against, silent
		gate  bool
		says  bool
	}{
		{"two thirds, exactly", Ordinary, [3]area.Area{20000, 0, 10000}, true, true},
		{"two thirds, 0.01 below", Ordinary, [3]area.Area{19999, 0, 10000}, false, true},
		{"two thirds, 0.01 above", Ordinary, [3]area.Area{20001, 0, 10000}, true, true},
		{"half, exactly", Ordinary, [3]area.Area{10000, 10000, 0}, true, false},
		{"half, 0.01 above", Ordinary, [3]area.Area{10001, 10000, 0}, true, true},
		{"half, 0.01 below", Ordinary, [3]area.Area{10000, 10001, 0}, true, false},
		{"three quarters, exactly", Special, [3]area.Area{30000, 10000, 0}, true, true},
		{"three quarters, 0.01 below", Special, [3]area.Area{29999, 10000, 0}, true, false},
		{"three quarters, 0.01 above", Special, [3]area.Area{30001, 10000, 0}, true, true},
	} {
		rights := []Right{{No: 1, Area: c.areas[0]}, {No: 2, Area: c.areas[1]}, {No: 3, Area: c.areas[2]}}
		for n := 4; n <= 40; n++ { // many heads without area agree
			rights = append(rights, Right{No: n})
		}
		r := must(t, Params{Rule: c.rule}, rights, with(votes(4, 40, Agree), map[int]Choice{1: Agree, 2: Against}))
		if !r.GateHeads || r.Gate != c.gate || r.Consent != c.says {
			t.Errorf("%s: gate %v, consent %v", c.name, r.Gate, r.Consent)
		}
	}
}

// Of nobody there are no two thirds, and three quarters of no ballots is no consent.
func TestNobody(t *testing.T) {
	for _, rule := range []Rule{Ordinary, Special, Unanimous} {
		if r := must(t, Params{Rule: rule}, nil, nil); r.Gate || r.Passed || r.Consent {
			t.Errorf("%s: an empty compound decided: %+v", rule, r)
		}
		if r := must(t, Params{Rule: rule}, flats(3, 100), nil); r.Gate || r.Passed {
			t.Errorf("%s: without ballots: %+v", rule, r)
		}
		if r := must(t, Params{Rule: rule}, flats(3, 0), votes(1, 3, Agree)); r.Gate || r.Passed {
			t.Errorf("%s: heads without any area: %+v", rule, r)
		}
	}
}

// R26: abstentions take part, invalid and unreturned ballots do not; a clause gives a second figure only.
func TestSilence(t *testing.T) {
	r := must(t, Params{Rule: Ordinary}, flats(12, 100), with(votes(1, 4, Agree), votes(5, 6, Against), votes(7, 8, Abstain), votes(9, 10, Invalid)))
	if r.Part.Heads != 8 || r.Abstain.Heads != 2 || r.Invalid.Heads != 2 || r.Unreturned.Heads != 2 || !r.Gate || r.Passed || r.Second != nil {
		t.Errorf("%+v", r)
	}
	choices := with(votes(1, 4, Agree), votes(5, 7, Against), votes(8, 8, Abstain))
	plain := must(t, Params{Rule: Ordinary}, flats(12, 100), choices)
	clause := must(t, Params{Rule: Ordinary, Clause: "议事规则第9条"}, flats(12, 100), choices)
	if plain.Passed || clause.Passed || clause.Gate != plain.Gate || clause.Second == nil {
		t.Fatalf("%+v", clause)
	}
	if s := clause.Second; s.Side != Agree || s.Agree.Heads != 8 || s.Part.Heads != 12 || !s.Passed || !strings.Contains(s.Zh, "不是本次结果") {
		t.Errorf("%+v", s)
	}
	// Silence never makes the gate.
	if s := must(t, Params{Rule: Ordinary, Clause: "c"}, flats(12, 100), votes(1, 7, Agree)).Second; s == nil || s.Passed {
		t.Errorf("%+v", s)
	}
	if s := clause.Second; !strings.Contains(s.Steps[0].Zh, "同意") {
		t.Errorf("%+v", s.Steps[0])
	}
	// As many heads on both sides have no majority, whatever their areas.
	tied := flats(3, 100)
	tied[0].Area = 1000
	if s := must(t, Params{Rule: Ordinary, Clause: "c"}, tied, map[int]Choice{1: Agree, 2: Against}).Second; s.Side != None || !strings.Contains(s.Steps[0].Zh, "多数不一致") {
		t.Errorf("%+v", s)
	}
	// Where heads and area have no common majority nothing is added.
	rights := flats(4, 100)
	rights[0].Area = 1000
	if s := must(t, Params{Rule: Ordinary, Clause: "c"}, rights, map[int]Choice{1: Agree, 2: Against, 3: Against}).Second; s.Side != None || s.Part.Heads != 3 {
		t.Errorf("%+v", s)
	}
}

// R06: parking with a title counts or not, and the other figure stands beside it.
func TestParking(t *testing.T) {
	rights := []Right{{No: 1, Area: 10000, Parking: 5000}, {No: 2, Area: 10000}, {No: 3, Parking: 10000, Spaces: true}}
	yes := must(t, Params{Rule: Ordinary, CountParking: true}, rights, map[int]Choice{1: Agree, 2: Against})
	if yes.Total != (Count{3, 35000}) || yes.Part != (Count{2, 25000}) || yes.Parking == nil || yes.Parking.Counted || yes.Parking.Total != (Count{2, 20000}) {
		t.Errorf("%+v %+v", yes, yes.Parking)
	}
	no := must(t, Params{Rule: Ordinary}, rights, map[int]Choice{1: Agree, 2: Against, 3: Agree})
	if no.Total != (Count{2, 20000}) || no.Agree != (Count{1, 10000}) || !no.Parking.Counted || no.Parking.Total != yes.Total || no.Passed || !no.Parking.Passed || !no.Parking.Differs {
		t.Errorf("%+v %+v", no, no.Parking)
	}
	same := must(t, Params{Rule: Ordinary}, []Right{{No: 1, Area: 100, Parking: 1}}, votes(1, 1, Agree))
	if same.Parking == nil || same.Parking.Differs {
		t.Errorf("a space beside the flat, the same outcome: %+v", same.Parking)
	}
	gate := must(t, Params{Rule: Ordinary}, []Right{{No: 1, Area: 200}, {No: 2, Area: 100}, {No: 3, Parking: 1, Spaces: true}}, votes(1, 2, Against))
	if !gate.Gate || gate.Parking.Gate != true || gate.Parking.Differs {
		t.Errorf("%+v", gate.Parking)
	}
	gate = must(t, Params{Rule: Ordinary}, []Right{{No: 1, Area: 200}, {No: 2, Area: 100, Parking: 1}}, votes(1, 1, Against))
	if gate.Gate || gate.Parking.Gate || gate.Parking.Differs {
		t.Errorf("heads are short either way: %+v", gate.Parking)
	}
	gate = must(t, Params{Rule: Ordinary}, []Right{{No: 1, Area: 100}, {No: 2, Area: 100}, {No: 3, Area: 100, Parking: 1}}, votes(1, 2, Against))
	if !gate.Gate || gate.Parking.Gate || !gate.Parking.Differs {
		t.Errorf("with the space the gate is missed: %+v", gate.Parking)
	}
	if r := must(t, Params{Rule: Ordinary}, flats(3, 100), nil); r.Parking != nil {
		t.Error("no parking, no second figure")
	}
}

// The derivation, word for word: what an owner reads under the result.
func TestStepsAreWrittenOut(t *testing.T) {
	r := must(t, Params{Rule: Ordinary}, compound(), with(votes(2, 56, Against), votes(2, 30, Agree)))
	var lines []string
	for _, s := range r.Steps {
		lines = append(lines, strings.TrimSpace(s.Rule+" "+s.Left+" "+s.Rel+" "+s.Right+map[bool]string{true: " ✔", false: " ✘"}[s.Holds]))
	}
	want := []string{"R05 82  10000.00 ✔", "R01 55  5900.00 ✔", "R26 27  4100.00 ✔",
		"R01 3×55 = 165 ≥ 2×82 = 164 ✔", "R01 3×5900.00 = 17700.00 ≥ 2×10000.00 = 20000.00 ✘", "R02 2×29 = 58 > 55 ✔", "R02 2×3300.00 = 6600.00 > 5900.00 ✔"}
	if !slices.Equal(lines, want) {
		t.Errorf("%q", lines)
	}
	all := must(t, Params{Rule: Unanimous, Touched: []int{2}}, flats(2, 100), votes(1, 1, Agree))
	last := all.Steps[len(all.Steps)-1]
	if last.Left != "none" || last.Right != "agree" || all.Steps[3+2].Left != "1" || all.Steps[3+2].Rel != "=" || all.Steps[3+2].Right != "2" {
		t.Errorf("%+v", all.Steps)
	}
}

// R39, R45: the cost range and the unit are cited; whoever's own part is used must agree.
func TestScopedMatters(t *testing.T) {
	fund := must(t, Params{Rule: Ordinary, Kind: FundUse}, flats(3, 100), votes(1, 3, Agree))
	if fund.Steps[0].Rule != "R39" || !fund.Passed {
		t.Errorf("%+v", fund.Steps)
	}
	lift := Params{Rule: Special, Kind: Lift, Touched: []int{8, 8}}
	for c, want := range map[Choice]bool{Agree: true, Against: false, Abstain: false, None: false} {
		r := must(t, lift, flats(8, 100), with(votes(1, 7, Agree), map[int]Choice{8: c}))
		if last := r.Steps[len(r.Steps)-1]; r.Passed != want || last.Rule != "R45" || last.Holds != want || !r.Consent {
			t.Errorf("%s: %+v", c, r)
		}
	}
}

// Who cannot be counted is refused and named by number.
func TestRefusals(t *testing.T) {
	for name, c := range map[string]struct {
		p       Params
		rights  []Right
		choices map[int]Choice
	}{
		"tally.rule":    {Params{Rule: "most"}, nil, nil},
		"tally.twice":   {Params{Rule: Ordinary}, []Right{{No: 1}, {No: 1}}, nil},
		"tally.area":    {Params{Rule: Ordinary}, []Right{{No: 1, Area: -1}}, nil},
		"tally.sum":     {Params{Rule: Ordinary}, []Right{{No: 1, Area: 1 << 60}, {No: 2, Area: 1}}, nil},
		"tally.choice":  {Params{Rule: Ordinary}, flats(1, 1), map[int]Choice{1: "maybe"}},
		"tally.outside": {Params{Rule: Ordinary}, flats(1, 1), map[int]Choice{2: Agree}},
		"tally.touched": {Params{Rule: Special, Touched: []int{2}}, flats(1, 1), nil},
	} {
		_, err := Decide(c.p, c.rights, c.choices)
		if f := fault.Of(err); err == nil || f.Code != name {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A person alone and the same person together with another are two rights: said, not decided (rules 2.2).
func TestFlags(t *testing.T) {
	rights := []Right{{No: 1, Key: "a", Area: 1}, {No: 2, Key: "a|b", Area: 1}, {No: 3, Key: "c|d", Area: 1}, {No: 4, Key: "e", Area: 1}, {No: 5, Unknown: true, Area: 1}, {No: 6, Key: "f"}, {No: 7, Key: "d|g", Area: 1}, {No: 8, Developer: true, Key: "a", Area: 1}}
	got := map[string][]int{}
	for _, f := range Flags(rights) {
		got[f.Code] = f.Rights
	}
	if clean := Flags([]Right{{No: 1, Key: "h|i", Area: 1}, {No: 2, Key: "k", Area: 1}, {No: 3, Area: 1}}); len(clean) != 0 {
		t.Errorf("nothing to flag: %+v", clean)
	}
	want := map[string][]int{"joint_and_sole": {1, 2, 3, 7}, "unknown_owner": {5}, "no_area": {6}}
	if !maps.EqualFunc(got, want, slices.Equal) {
		t.Errorf("%v", got)
	}
}

// R08: one year, moved past days off. R10: a fifth by both counts. R41: below 30%.
func TestPeriodsAndShares(t *testing.T) {
	c := day.China()
	if last, _ := SuitUntil(day.MustParse("2024-11-22"), c); last.String() != "2025-11-24" { // 22 November 2025 is a Saturday
		t.Error(last)
	}
	if last, _ := SuitUntil(day.MustParse("2024-02-29"), c); last.String() != "2025-02-28" {
		t.Error(last)
	}
	for _, x := range []struct {
		asking, total Count
		want          bool
	}{
		{Count{20, 2000}, Count{100, 10000}, true}, {Count{19, 2000}, Count{100, 10000}, false}, {Count{20, 1999}, Count{100, 10000}, false},
		{Count{0, 0}, Count{0, 0}, false},
	} {
		if got, steps := Demanded(x.asking, x.total, 1, 5); got != x.want || len(steps) != 2 || steps[0].Rule != "R10" {
			t.Errorf("%+v: %v", x, got)
		}
	}
	for _, x := range []struct {
		balance, first yuan.Amount
		want           bool
	}{{2999, 10000, true}, {3000, 10000, false}, {3001, 10000, false}, {0, 10000, true}, {-5, 10000, true}, {0, 0, false}, {1 << 62, 1 << 62, false}} {
		if got, s := RenewalDue(x.balance, x.first); got != x.want || s.Rule != "R41" {
			t.Errorf("%+v: %v %+v", x, got, s)
		}
	}
}

// R40: shares follow the areas and always add up; the developer pays for its own.
func TestFundSplit(t *testing.T) {
	shares, err := SplitFund(10000, []Right{{No: 3, Area: 100}, {No: 1, Area: 100, Developer: true}, {No: 2, Area: 100, Parking: 50}}, false)
	if err != nil || len(shares) != 3 || shares[0].No != 1 || !shares[0].Developer || shares[0].Amount != 3334 || shares[1].Amount != 3333 || shares[2].Amount != 3333 {
		t.Errorf("%+v %v", shares, err)
	}
	if _, err := SplitFund(1, flats(2, 0), true); !fault.IsKind(err, fault.Invalid) {
		t.Error("shared by no area")
	}
	rapid.Check(t, func(t *rapid.T) {
		rights := drawRights(t)
		total := yuan.Amount(rapid.Int64Range(-1<<50, 1<<50).Draw(t, "total"))
		a, err := SplitFund(total, rights, true)
		b, _ := SplitFund(total, rapid.Permutation(rights).Draw(t, "order"), true)
		if err != nil {
			return
		}
		var sum yuan.Amount
		for _, s := range a {
			sum += s.Amount
		}
		if sum != total || !slices.Equal(a, b) {
			t.Fatal(sum, total)
		}
	})
}

func drawRights(t *rapid.T) []Right {
	rights := make([]Right, rapid.IntRange(0, 30).Draw(t, "n"))
	for i := range rights {
		rights[i] = Right{No: i + 1, Area: area.Area(rapid.Int64Range(0, 300).Draw(t, "area"))}
		if rapid.IntRange(0, 5).Draw(t, "parks") == 0 {
			rights[i].Parking = area.Area(rapid.Int64Range(1, 50).Draw(t, "parking"))
			rights[i].Spaces = rapid.Bool().Draw(t, "only")
			if rights[i].Spaces {
				rights[i].Area = 0
			}
		}
	}
	return rights
}

func drawChoices(t *rapid.T, rights []Right) map[int]Choice {
	choices := map[int]Choice{}
	for _, r := range rights {
		choices[r.No] = rapid.SampledFrom([]Choice{Agree, Agree, Against, Abstain, Invalid, None, ""}).Draw(t, "choice")
	}
	return choices
}

func drawParams(t *rapid.T) Params {
	return Params{Rule: rapid.SampledFrom([]Rule{Ordinary, Special, Unanimous}).Draw(t, "rule"), CountParking: rapid.Bool().Draw(t, "parking"), Clause: rapid.SampledFrom([]string{"", "c"}).Draw(t, "clause")}
}

// More consent never turns yes into no: who was silent, invalid, abstained or was against, and now agrees.
func TestMoreConsentNeverHarms(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rights, p := drawRights(t), drawParams(t)
		before := drawChoices(t, rights)
		after := maps.Clone(before)
		for _, r := range rights {
			if rapid.IntRange(0, 3).Draw(t, "turns") == 0 {
				after[r.No] = Agree
			}
		}
		a, b := must(t, p, rights, before), must(t, p, rights, after)
		if a.Passed && !b.Passed || a.Gate && !b.Gate {
			t.Fatalf("%+v then %+v", a, b)
		}
	})
}

// The counts always add up, the steps decide the result, the order of rights does not matter, a clause changes no result.
func TestCountsHoldTogether(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rights, p := drawRights(t), drawParams(t)
		choices := drawChoices(t, rights)
		a := must(t, p, rights, choices)
		if sum := a.Part.plus(a.Invalid).plus(a.Unreturned); sum != a.Total || a.Agree.plus(a.Against).plus(a.Abstain) != a.Part {
			t.Fatalf("%+v", a)
		}
		if a.Passed != (hold(a.Steps...) && a.Total.Heads > 0) {
			t.Fatalf("steps and result differ: %+v", a)
		}
		b := must(t, p, rapid.Permutation(rights).Draw(t, "order"), choices)
		p.Clause = ""
		c := must(t, p, rights, choices)
		if a.Passed != b.Passed || a.Total != b.Total || a.Agree != b.Agree || !slices.Equal(a.Steps, b.Steps) || c.Passed != a.Passed || !slices.Equal(a.Steps, c.Steps) {
			t.Fatalf("%+v %+v %+v", a, b, c)
		}
	})
}

// The items of Civil Code 278: three quarters for 6, 7 and 8 (R35: business on common parts is 8), more than half for the others.
func TestKinds(t *testing.T) {
	for n := 1; n <= 9; n++ {
		k, ok := Item(n)
		want := Ordinary
		if n >= 6 && n <= 8 {
			want = Special
		}
		if !ok || k.Item != n || k.Rule != want || k.Zh == "" || k.En == "" {
			t.Errorf("%d: %+v", n, k)
		}
		if by, ok := KindOf(k.Code); !ok || by.Item != n {
			t.Errorf("%s", k.Code)
		}
	}
	for _, n := range []int{0, 10, -1} {
		if _, ok := Item(n); ok {
			t.Error(n)
		}
	}
	for _, r := range []Rule{Ordinary, Special, Unanimous} {
		if zh, en := r.Name(); zh == "" || en == "" {
			t.Error(r)
		}
	}
}
