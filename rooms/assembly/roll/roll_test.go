package roll

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"cuobian/basis/area"
	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/rooms/assembly/tally"
	"cuobian/rooms/people/owner"

	"pgregory.net/rapid"
)

func flat(id, label string, size area.Area, owners ...string) Part {
	return Part{ID: id, Label: label, Path: scope.Path("c/1/1/" + id + "/"), Use: "home", Areas: []area.Figure{{Area: size, Source: area.Registered}}, Owners: owners, State: Sold}
}

func mustMake(t *testing.T, in Input) Roll {
	t.Helper()
	r, err := Make(in)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// R05: the vector of rules 2.5, from parts: A = 10,000 m², H = 82.
func TestVector25(t *testing.T) {
	in := Input{Compound: "c", Developer: []string{"dev"}, Agents: []string{"agent"}}
	for n := range 100 {
		p := flat(fmt.Sprintf("u%d", n), fmt.Sprintf("1-%d", n), 10000, fmt.Sprintf("person %d", n))
		switch {
		case n < 10:
			p.State, p.Owners = Unsold, nil
		case n < 15:
			p.State = Undelivered
		case n < 20:
			p.Owners = []string{"x"}
		}
		in.Parts = append(in.Parts, p)
	}
	r := mustMake(t, in)
	rights := r.Electorate(Scope{})
	res, err := tally.Decide(tally.Params{Rule: tally.Ordinary}, rights, nil)
	if err != nil || res.Total != (tally.Count{Heads: 82, Area: 1000000}) {
		t.Fatalf("%+v %v", res.Total, err)
	}
	last := r.Rights[len(r.Rights)-1]
	if !last.Developer || len(last.Places) != 15 || last.No != 82 || !slices.Equal(last.Voters, []Voter{{"agent", AsAgent}}) {
		t.Errorf("%+v", last)
	}
	if a, _ := r.Rights[0].Area(); r.Rights[0].Key != "x" || a != 50000 {
		t.Errorf("%+v", r.Rights[0])
	}
}

// R04: registered before surveyed before contract, and the source is kept.
func TestAreaOrder(t *testing.T) {
	p := flat("1", "1", 0, "a")
	p.Areas = []area.Figure{{Area: 9000, Source: area.Contract}, {Area: 9100, Source: area.Surveyed}}
	q := p
	q.ID, q.Areas = "2", append(q.Areas, area.Figure{Area: 9200, Source: area.Registered})
	s := p
	s.ID, s.Areas = "3", []area.Figure{{Area: 9000, Source: area.Contract}, {Area: 0, Source: area.Registered}}
	r := mustMake(t, Input{Parts: []Part{p, q, s}})
	for i, want := range []Place{{Area: 9100, Source: area.Surveyed}, {Area: 9200, Source: area.Registered}, {Area: 9000, Source: area.Contract}} {
		if got := r.Rights[0].Places[i]; got.Area != want.Area || got.Source != want.Source {
			t.Errorf("%d: %+v", i, got)
		}
	}
	if !slices.ContainsFunc(r.Flags, func(f tally.Flag) bool { return f.Code == "weak_area" && slices.Equal(f.Rights, []int{1}) }) {
		t.Errorf("%+v", r.Flags)
	}
}

// Who may cast: any co-owner or the one they named; a guardian in place of his ward; nobody where nobody is known.
func TestVoters(t *testing.T) {
	ab := flat("1", "1", 1, "b", "a")
	named := flat("2", "2", 1, "c", "d")
	named.Named = "d"
	child := flat("3", "3", 1, "kid")
	mixed := flat("4", "4", 1, "kid", "e")
	none := flat("5", "5", 1)
	r := mustMake(t, Input{Parts: []Part{ab, named, child, mixed, none}, Guardians: map[string][]string{"kid": {"mum", "dad"}}})
	for i, want := range [][]Voter{
		{{"a", AsOwner}, {"b", AsOwner}},
		{{"d", AsRepresentative}},
		{{"dad", AsGuardian}, {"mum", AsGuardian}},
		{{"dad", AsGuardian}, {"e", AsOwner}, {"mum", AsGuardian}},
		{},
	} {
		if got := r.Rights[i].Voters; !slices.Equal(got, want) {
			t.Errorf("%d: %+v", i+1, got)
		}
	}
	if !r.Rights[4].Unknown {
		t.Error("nobody is known")
	}
	// A developer without an agent is flagged, with an agent not.
	dev := flat("6", "6", area.Max)
	dev.State, dev.Areas[0].Source = Unsold, area.Unknown
	empty := flat("7", "7", 0, "z")
	empty.Areas = nil
	for agents, want := range map[string]string{"": "no_area unknown_owner weak_area no_voter", "agent": "no_area unknown_owner weak_area"} {
		r := mustMake(t, Input{Parts: []Part{none, dev, empty}, Agents: []string{agents}})
		var codes []string
		for _, f := range r.Flags {
			codes = append(codes, f.Code)
			if f.Code == "weak_area" && !slices.Equal(f.Rights, []int{3}) || f.Code == "no_voter" && !slices.Equal(f.Rights, []int{3}) {
				t.Errorf("%+v", f)
			}
		}
		if slices.Sort(codes); strings.Join(codes, " ") != strings.Join(sorted(strings.Fields(want)), " ") {
			t.Errorf("%q: %v", agents, codes)
		}
	}
}

// R06: a titled parking space is a part, of the same right as its owner's flat; without a title it is left out and named.
func TestParking(t *testing.T) {
	space := flat("p1", "车位1", 1250, "a")
	space.Use, space.Titled, space.Path = Parking, true, "c/p1/"
	bare := space
	bare.ID, bare.Label, bare.Titled = "p2", "车位2", false
	alone := space
	alone.ID, alone.Label, alone.Owners = "p3", "车位3", []string{"b"}
	r := mustMake(t, Input{Parts: []Part{flat("1", "1幢101", 9856, "a"), space, bare, alone}})
	if len(r.Rights) != 2 || len(r.Left) != 1 || r.Left[0].ID != "p2" {
		t.Fatalf("%+v", r)
	}
	e := r.Electorate(Scope{})
	if e[0].Area != 9856 || e[0].Parking != 1250 || e[0].Spaces || e[1].Area != 0 || !e[1].Spaces {
		t.Errorf("%+v", e)
	}
	if e := r.Electorate(Scope{Paths: []scope.Path{"c/1/"}}); len(e) != 1 || e[0].Parking != 0 {
		t.Errorf("the building's matter: %+v", e)
	}
}

// Rules 2.3: area within the scope; who has nothing there has no vote; overlapping paths count a part once.
func TestScope(t *testing.T) {
	one, two, other := flat("1", "1-1", 100, "a"), flat("2", "2-1", 200, "a"), flat("3", "2-2", 400, "b")
	two.Path, other.Path = "c/2/1/2/", "c/2/2/3/"
	r := mustMake(t, Input{Parts: []Part{one, two, other}})
	for _, c := range []struct {
		paths []scope.Path
		want  map[int]area.Area
	}{
		{nil, map[int]area.Area{1: 300, 2: 400}},
		{[]scope.Path{"c/"}, map[int]area.Area{1: 300, 2: 400}},
		{[]scope.Path{"c/1/"}, map[int]area.Area{1: 100}},
		{[]scope.Path{"c/2/"}, map[int]area.Area{1: 200, 2: 400}},
		{[]scope.Path{"c/2/", "c/2/1/"}, map[int]area.Area{1: 200, 2: 400}},
		{[]scope.Path{"c/1/1/1/", "c/2/2/3/"}, map[int]area.Area{1: 100, 2: 400}},
		{[]scope.Path{"c/3/"}, map[int]area.Area{}},
	} {
		got := map[int]area.Area{}
		for _, e := range r.Electorate(Scope{Paths: c.paths}) {
			got[e.No] = e.Area
		}
		if fmt.Sprint(got) != fmt.Sprint(c.want) {
			t.Errorf("%v: %v", c.paths, got)
		}
	}
}

// The canonical text, byte for byte: whoever writes another program against it finds it here.
func TestText(t *testing.T) {
	space := flat("p", "车位9", 1250, "secret a")
	space.Use, space.Titled, space.Path = Parking, true, "c/p/"
	dev := flat("d", "1幢101", 10000)
	dev.State, dev.Building, dev.Unit, dev.Zone = Unsold, "1幢", "1单元", "东区"
	r := mustMake(t, Input{Compound: "c", Parts: []Part{flat("u", "2幢101", 9856, "secret a"), space, dev, flat("x", "10幢101", 5000)}, Developer: []string{"secret d"}})
	want := strings.Join([]string{
		"cuobian roll 1", "compound\tc", "version\t1", "total\t3\t248.56\t12.50",
		"right\t1\towner\t98.56\t12.50\t2",
		"part\tu\t2幢101\tc/1/1/u/\thome\t98.56\tregistered\tsold\t\t\t",
		"part\tp\t车位9\tc/p/\tparking\t12.50\tregistered\tsold\t\t\t",
		"right\t2\tunknown\t50.00\t0.00\t1",
		"part\tx\t10幢101\tc/1/1/x/\thome\t50.00\tregistered\tsold\t\t\t",
		"right\t3\tdeveloper\t100.00\t0.00\t1",
		"part\td\t1幢101\tc/1/1/d/\thome\t100.00\tregistered\tunsold\t1幢\t1单元\t东区", ""}, "\n")
	if got := r.Text(); got != want {
		t.Errorf("\n%s", got)
	}
	if strings.Contains(r.Text(), "secret") {
		t.Error("an identity stands in the public text")
	}
	if len(r.Hash()) != 64 || r.Hash() != HashOf(want) {
		t.Error(r.Hash())
	}
}

// Any change of the text is found: Parse takes back only what Text wrote.
func TestParse(t *testing.T) {
	space := flat("p", "车位9", 1250, "a")
	space.Use, space.Titled = Parking, true
	r := mustMake(t, Input{Compound: "c", Parts: []Part{flat("u", "2幢101", 9856, "a"), space, flat("x", "10幢101", 5000)}})
	r.Ended = []int{7}
	text := r.Text()
	back, err := Parse(text)
	if len(back.Rights) == 2 && (back.Rights[0].Label != "2幢101" || back.Rights[1].Label != "10幢101") {
		t.Errorf("%+v", back.Rights)
	}
	if err != nil || back.Text() != text || back.Hash() != r.Hash() || back.Version != 1 || len(back.Electorate(Scope{})) != 2 {
		t.Fatalf("%+v %v", back, err)
	}
	for i := range len(text) {
		for _, b := range []byte{text[i] ^ 1, '0', '\t', '\n'} {
			if b == text[i] {
				continue
			}
			changed := text[:i] + string(b) + text[i+1:]
			if got, err := Parse(changed); err == nil && got.Hash() == r.Hash() {
				t.Fatalf("byte %d: a changed text has the same hash", i)
			}
		}
	}
	for _, bad := range []string{"", "\n", text[:len(text)-1], text + "\n", text + "ended\t7\n", strings.Replace(text, "98.56", "98.560", 1), strings.Replace(text, "right\t1", "right\t01", 1),
		strings.Replace(text, "total\t2", "total\t3", 1), strings.Replace(text, "\towner\t", "\tsomebody\t", 1), strings.ReplaceAll(text, "part\tp\t", "part\tu\t"), strings.Replace(text, "ended\t7", "ended\t1", 1)} {
		if _, err := Parse(bad); !fault.IsKind(err, fault.Invalid) {
			t.Errorf("taken: %q", bad)
		}
	}
}

// A new version keeps numbers, never gives one twice, and says what changed.
func TestNext(t *testing.T) {
	a, b, c := flat("1", "1", 100, "a"), flat("2", "2", 200, "b"), flat("3", "3", 300, "c")
	first := mustMake(t, Input{Compound: "x", Parts: []Part{a, b, c}})
	// b's area is corrected, c sold to d, a gets a co-owner, and a flat is found that was forgotten.
	b.Areas[0].Area = 250
	c.Owners = []string{"d"}
	a.Owners = []string{"a", "a2"}
	second, changes, err := Next(first, Input{Compound: "x", Parts: []Part{a, b, c, flat("0", "0", 50, "e")}})
	if err != nil {
		t.Fatal(err)
	}
	var codes []string
	for _, ch := range changes {
		codes = append(codes, fmt.Sprint(ch.No, ch.Code))
		if ch.Zh == "" || ch.En == "" {
			t.Errorf("%+v", ch)
		}
	}
	slices.Sort(codes)
	if want := []string{"1owners", "1voters", "2area", "3ended", "4added", "5added"}; !slices.Equal(codes, want) {
		t.Errorf("%v", codes)
	}
	if second.Version != 2 || !slices.Equal(second.Ended, []int{3}) || second.Hash() == first.Hash() {
		t.Errorf("%+v", second)
	}
	if r, ok := second.Find(4); !ok || r.Places[0].ID != "0" {
		t.Errorf("%+v", r)
	}
	// The old owner comes back: still another number, 3 is never given again.
	c.Owners = []string{"c"}
	third, _, err := Next(second, Input{Compound: "x", Parts: []Part{a, b, c}})
	if err != nil || !slices.Equal(third.Ended, []int{3, 4, 5}) || third.Rights[len(third.Rights)-1].No != 6 {
		t.Errorf("%+v %v", third, err)
	}
	// Nothing changed.
	same, changes, err := Next(third, Input{Compound: "x", Parts: []Part{c, b, a}})
	if err != nil || len(changes) != 0 || same.Version != 4 {
		t.Errorf("%+v %v", changes, err)
	}
}

// What cannot stand in a roll is refused by its place.
func TestRefusals(t *testing.T) {
	ok := flat("1", "1", 1, "a")
	for code, spoil := range map[string]func(*Part){
		"roll.part":  func(p *Part) { p.ID = "" },
		"roll.state": func(p *Part) { p.State = "" },
		"roll.text":  func(p *Part) { p.Label = "1\n2" },
		"roll.area":  func(p *Part) { p.Areas = []area.Figure{{Area: -1}} },
	} {
		p := ok
		spoil(&p)
		_, err := Make(Input{Parts: []Part{p}})
		if f := fault.Of(err); err == nil || f.Code != code || len(f.Fields) != 1 || !strings.HasPrefix(f.Fields[0].Name, "parts[0]") {
			t.Errorf("%s: %v", code, err)
		}
	}
	if _, err := Make(Input{Parts: []Part{ok, ok}}); fault.Of(err).Code != "roll.part" {
		t.Error(err)
	}
	bad := ok
	bad.Label = "\xff"
	if _, err := Make(Input{Parts: []Part{bad}}); fault.Of(err).Code != "roll.text" {
		t.Error(err)
	}
}

func TestNatural(t *testing.T) {
	want := []string{"", "1幢2单元", "1幢10单元", "2幢", "10幢", "A2", "A10"}
	got := slices.Clone(want)
	slices.Reverse(got)
	slices.SortFunc(got, Natural)
	if !slices.Equal(got, want) {
		t.Error(got)
	}
	if Natural("01", "1") == 0 || Natural("01", "1") != -Natural("1", "01") {
		t.Error("equal numbers, different labels: still an order")
	}
}

func drawParts(t *rapid.T) []Part {
	var parts []Part
	for n := range rapid.IntRange(0, 25).Draw(t, "n") {
		p := flat(fmt.Sprint("u", n), fmt.Sprint(n%4, "-", n), area.Area(rapid.Int64Range(1, 20000).Draw(t, "area")))
		p.Path = scope.Path(fmt.Sprintf("c/%d/%d/", n%4, n))
		p.Owners = rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c", "d", "e"}), 0, 2).Draw(t, "owners")
		p.State = rapid.SampledFrom([]State{Sold, Sold, Sold, Unsold, Undelivered}).Draw(t, "state")
		if rapid.IntRange(0, 4).Draw(t, "parks") == 0 {
			p.Use, p.Titled = Parking, rapid.Bool().Draw(t, "titled")
		}
		parts = append(parts, p)
	}
	return parts
}

// The order of parts changes nothing; no part is in two rights; every part is in a right or left out with a reason; the
// text comes back; heads never exceed parts.
func TestRollHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		parts := drawParts(t)
		a, err := Make(Input{Compound: "c", Parts: parts, Developer: []string{"e"}})
		if err != nil {
			t.Fatal(err)
		}
		b, _ := Make(Input{Compound: "c", Parts: rapid.Permutation(parts).Draw(t, "order"), Developer: []string{"e"}})
		if a.Text() != b.Text() {
			t.Fatalf("%s\n%s", a.Text(), b.Text())
		}
		seen := map[string]int{}
		for _, r := range a.Rights {
			for _, p := range r.Places {
				seen[p.ID]++
			}
		}
		for _, l := range a.Left {
			seen[l.ID]++
		}
		for _, p := range parts {
			if seen[p.ID] != 1 {
				t.Fatal(p.ID, seen[p.ID])
			}
		}
		back, err := Parse(a.Text())
		if err != nil || back.Hash() != a.Hash() || len(a.Rights) > len(parts) {
			t.Fatal(err)
		}
		// The areas within the buildings add up to the compound.
		var whole, sum area.Area
		for _, e := range a.Electorate(Scope{}) {
			whole += e.Area + e.Parking
		}
		for n := range 4 {
			for _, e := range a.Electorate(Scope{Paths: []scope.Path{scope.Path(fmt.Sprintf("c/%d/", n))}}) {
				sum += e.Area + e.Parking
			}
		}
		if whole != sum {
			t.Fatal(whole, sum)
		}
	})
}

// Heads and area are those that the register shows for the compound (rooms/people/owner).
func TestRollCountsAsTheRegister(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var held []owner.Part
		parts := drawParts(t)
		for _, p := range parts {
			if p.Use != Parking || p.Titled {
				held = append(held, owner.Part{Key: owner.Key(p.Owners), Developer: p.State != Sold, Area: p.Areas[0].Area})
			}
		}
		r, err := Make(Input{Parts: parts})
		if err != nil {
			t.Fatal(err)
		}
		res, err := tally.Decide(tally.Params{Rule: tally.Ordinary, CountParking: true}, r.Electorate(Scope{}), nil)
		if want := owner.Count(held); err != nil || res.Total.Heads != want.Heads || res.Total.Area != want.Area {
			t.Fatalf("%+v %+v %v", res.Total, want, err)
		}
	})
}

// Splitting a home in two with the same owner changes neither heads nor area, and so no outcome.
func TestSplittingAHomeChangesNoHead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		parts := drawParts(t)
		if len(parts) == 0 {
			return
		}
		n := rapid.IntRange(0, len(parts)-1).Draw(t, "which")
		p := parts[n]
		if p.State == Sold && len(p.Owners) == 0 {
			return // unknown owners stand alone, part by part
		}
		cut := area.Area(rapid.Int64Range(0, int64(p.Areas[0].Area)).Draw(t, "cut"))
		half := p
		half.ID, half.Label = "new", p.Label+"a"
		half.Areas = []area.Figure{{Area: cut, Source: area.Registered}}
		rest := p
		rest.Areas = []area.Figure{{Area: p.Areas[0].Area - cut, Source: area.Registered}}
		split := append(slices.Clone(parts), half)
		split[n] = rest
		sum := func(parts []Part) tally.Count {
			r, err := Make(Input{Parts: parts, Developer: []string{"e"}})
			if err != nil {
				t.Fatal(err)
			}
			res, err := tally.Decide(tally.Params{Rule: tally.Ordinary, CountParking: true}, r.Electorate(Scope{}), nil)
			if err != nil {
				t.Fatal(err)
			}
			return res.Total
		}
		if a, b := sum(parts), sum(split); a != b {
			t.Fatalf("%+v %+v", a, b)
		}
	})
}

// Numbers are never given twice over any number of versions.
func TestNumbersAreNeverGivenTwice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r, err := Make(Input{Parts: drawParts(t)})
		if err != nil {
			t.Fatal(err)
		}
		owners := map[int]string{}
		for range rapid.IntRange(1, 4).Draw(t, "versions") {
			for _, x := range r.Rights {
				owners[x.No] = partsOf(x) + x.Key
			}
			old := r
			var changes []Change
			if r, changes, err = Next(r, Input{Parts: drawParts(t)}); err != nil {
				t.Fatal(err)
			}
			nos := slices.Clone(r.Ended)
			for _, x := range r.Rights {
				nos = append(nos, x.No)
				if _, known := owners[x.No]; known {
					if _, was := old.Find(x.No); !was {
						t.Fatal("given again:", x.No)
					}
				}
			}
			slices.Sort(nos)
			if len(slices.Compact(slices.Clone(nos))) != len(nos) || !slices.IsSortedFunc(r.Rights, func(a, b Right) int { return a.No - b.No }) {
				t.Fatal(nos)
			}
			for _, x := range old.Rights {
				if !slices.Contains(nos, x.No) {
					t.Fatal("lost:", x.No)
				}
			}
			if back, err := Parse(r.Text()); err != nil || back.Hash() != r.Hash() {
				t.Fatal(err, changes)
			}
		}
	})
}
