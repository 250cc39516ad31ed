package bundle

import (
	"strings"
	"testing"

	"cuobian/basis/day"
	basis "cuobian/basis/share"
	"cuobian/rooms/money/share"
)

func frozen(t *testing.T) File {
	t.Helper()
	rate := basis.Of(10, 100)
	f, err := File{Compound: "c", Name: "样例花苑", Quality: "q", Contract: "k", Company: "甲物业", From: day.MustParse("2026-07-01"), To: day.MustParse("2026-09-30"), Version: 1, Base: Base{Collected: 300_000_07, Rate: &rate},
		Formula: share.Quality(), Inputs: []share.Input{{Input: "satisfaction", Figure: basis.Of(45, 50), Source: "cases"}, {Input: "on_time", Figure: basis.Of(97, 100), Source: "cases"}, {Input: "patrols", Figure: basis.Of(88, 90), Source: "sheets/1"},
			{Input: "hazards", Figure: basis.Of(9, 10), Source: "sheets/2"}, {Input: "stars", Absent: "年度星级未评", Source: "sheets/3"}}, Frozen: 1}.Freeze()
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func input(f *File, name string) *share.Input {
	for i := range f.Inputs {
		if f.Inputs[i].Input == name {
			return &f.Inputs[i]
		}
	}
	return nil
}

func check(t *testing.T, f File) Report {
	t.Helper()
	text, err := f.Write()
	if err != nil {
		t.Fatal(err)
	}
	return Check(text)
}

func TestFrozenFileIsSound(t *testing.T) {
	f := frozen(t)
	r := check(t, f)
	if !r.OK || len(r.Proved) != 1 || f.Base.Amount != 30_000_00 {
		t.Fatalf("%+v", r)
	}
	again, err := f.Freeze()
	if err != nil || again.Hash != f.Hash {
		t.Fatal("freezing twice gives another hash", err)
	}
}

// Whatever one changes is named: an input, a weight, a band, the base, an amount; also when the rest is computed again.
func TestChangesAreNamed(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*File)
		check  string
		where  string
	}{
		"an input":       {func(f *File) { input(f, "on_time").Figure.N++ }, "parts", "inputs.on_time"},
		"a reason":       {func(f *File) { input(f, "stars").Absent = "另有原因" }, "parts", "inputs.stars"},
		"a weight":       {func(f *File) { f.Formula.Weights[0].Points, f.Formula.Weights[1].Points = 40, 20 }, "parts", "formula.weights.on_time"},
		"a band":         {func(f *File) { f.Formula.Bands[0].From = 94 }, "parts", "formula.bands[0]"},
		"the hold-back":  {func(f *File) { f.Formula.HoldBack.N = 5 }, "parts", "formula.hold_back"},
		"the base":       {func(f *File) { f.Base.Amount++ }, "base", "base.amount"},
		"the collected":  {func(f *File) { f.Base.Collected += 1000 }, "parts", "base"},
		"an amount":      {func(f *File) { f.Pay.Earned++ }, "amount", "pay.earned"},
		"the score":      {func(f *File) { f.Pay.Score = "100" }, "amount", "pay.score"},
		"a missing part": {func(f *File) { f.Parts = f.Parts[1:] }, "parts", "base"},
		"the period":     {func(f *File) { f.To++ }, "hash", "hash"},
	} {
		f := frozen(t)
		c.change(&f)
		r := check(t, f)
		if r.OK {
			t.Errorf("%s: nobody saw it", name)
			continue
		}
		found := false
		for _, x := range r.Of(c.check).Faults {
			found = found || x.Where == c.where
		}
		if !found {
			t.Errorf("%s is not named: %+v", name, r.Checks)
		}
	}
	// Who computes amounts and parts anew and leaves the hash, is found by the hash.
	f := frozen(t)
	old := f.Hash
	f.Base.Collected += 1_000_000
	g, err := f.Freeze()
	if err != nil {
		t.Fatal(err)
	}
	g.Hash = old
	if r := check(t, g); r.OK || r.Of("hash").OK || !r.Of("parts").OK {
		t.Errorf("%+v", r.Checks)
	}
}

func TestOtherFiles(t *testing.T) {
	for _, text := range []string{"", "{}", `{"format":"cuobian.statement.1"}`, strings.Repeat("[", 100000)} {
		if r := Check([]byte(text)); r.OK || r.Checks[0].OK && r.Checks[0].Wrong == 0 {
			t.Errorf("%.20q passed", text)
		}
	}
}
