package share

import (
	"errors"
	"math"
	"math/big"
	"reflect"
	"testing"

	"cuobian/basis/area"
	"cuobian/basis/share"
	"cuobian/basis/yuan"

	"pgregory.net/rapid"
)

// inputs in the order of the preset: on time, satisfaction, patrols, hazards, stars.
func inputs(n ...int64) []Input {
	var list []Input
	for i, w := range Quality().Weights {
		list = append(list, Input{Input: w.Input, Figure: share.Of(n[i], 100), Source: "sheet"})
	}
	return list
}

func TestPayByQuality(t *testing.T) {
	for _, c := range []struct {
		in     []Input
		score  string
		coef   share.Share
		earned yuan.Amount
		breach bool
	}{
		{inputs(100, 100, 100, 100, 100), "100", share.Of(105, 100), 1050000, false},
		{inputs(95, 95, 95, 95, 95), "95", share.Of(105, 100), 1050000, false}, // the bound itself counts
		{inputs(95, 95, 95, 95, 94), "949/10", share.Of(100, 100), 1000000, false},
		{inputs(90, 90, 90, 90, 90), "90", share.Of(100, 100), 1000000, false},
		{inputs(90, 90, 90, 90, 89), "899/10", share.Of(95, 100), 950000, false},
		{inputs(80, 80, 80, 80, 80), "80", share.Of(95, 100), 950000, false},
		{inputs(70, 70, 70, 70, 70), "70", share.Of(85, 100), 850000, false},
		{inputs(100, 50, 75, 0, 50), "65", share.Of(70, 100), 700000, false}, // 30 + 15 + 15 + 0 + 5
		{inputs(60, 60, 60, 60, 60), "60", share.Of(70, 100), 700000, false},
		{inputs(60, 60, 60, 60, 59), "599/10", share.Of(50, 100), 500000, true},
		{inputs(0, 0, 0, 0, 0), "0", share.Of(50, 100), 500000, true},
	} {
		p, err := Quality().Pay(1000000, c.in)
		if err != nil || p.Score != c.score || p.Coef != c.coef || p.Earned != c.earned || p.Breach != c.breach || p.Held != 100000 || p.Now != c.earned-100000 {
			t.Errorf("%v: %+v, %v", c, p, err)
		}
		if len(p.Steps) != 10 {
			t.Errorf("%d steps", len(p.Steps))
		}
		for _, s := range p.Steps {
			if s.Rule != "R30" || s.Zh == "" || s.En == "" || !s.Holds {
				t.Errorf("%+v", s)
			}
		}
	}
}

func TestNothingToMeasure(t *testing.T) {
	in := inputs(90, 0, 90, 90, 90)
	in[1] = Input{Input: "satisfaction", Absent: "本期没有回访"}
	p, err := Quality().Pay(100001, in)
	if err != nil || p.Score != "90" || p.Shown != "90.00" || p.Earned != 100001 || p.Held != 10000 {
		t.Errorf("%+v, %v", p, err)
	}
	in = inputs(1, 1, 1, 1, 1)
	for i := range in {
		in[i].Figure = share.Of(9998+int64(i), 10007+2*int64(i))
	}
	if p, err := Quality().Pay(1, in); err != nil || p.Shown != "99.89" || p.Earned != 1 {
		t.Errorf("odd denominators: %+v, %v", p, err)
	}
}

func TestPayIsRefused(t *testing.T) {
	whole := func() []Input { return inputs(1, 2, 3, 4, 5) }
	for what, c := range map[string]struct {
		spoil func([]Input) []Input
		want  error
	}{
		"one missing":         {func(in []Input) []Input { return in[1:] }, ErrInputs},
		"one twice":           {func(in []Input) []Input { in[0] = in[1]; return in }, ErrInputs},
		"one too many":        {func(in []Input) []Input { return append(in, in[0]) }, ErrInputs},
		"unknown":             {func(in []Input) []Input { in[0].Input = "smile"; return in }, ErrInputs},
		"more than all":       {func(in []Input) []Input { in[0].Figure = share.Of(101, 100); return in }, ErrInputs},
		"below nothing":       {func(in []Input) []Input { in[0].Figure = share.Of(-1, 100); return in }, ErrInputs},
		"of nothing":          {func(in []Input) []Input { in[0].Figure = share.Of(0, 0); return in }, ErrInputs},
		"measured and absent": {func(in []Input) []Input { in[0].Absent = "无"; return in }, ErrInputs},
		"nothing measured whatever": {func(in []Input) []Input {
			for i := range in {
				in[i].Figure, in[i].Absent = share.Share{}, "无"
			}
			return in
		}, ErrInputs},
	} {
		if p, err := Quality().Pay(100, c.spoil(whole())); !errors.Is(err, c.want) {
			t.Errorf("%s: %+v, %v", what, p, err)
		}
	}
	if _, err := Quality().Pay(-1, whole()); !errors.Is(err, ErrAmount) {
		t.Error(err)
	}
	if _, err := Quality().Pay(math.MaxInt64, inputs(100, 100, 100, 100, 100)); !errors.Is(err, ErrTooBig) {
		t.Error(err)
	}
	for what, spoil := range map[string]func(*Formula){
		"weights of 99":       func(f *Formula) { f.Weights[0].Points-- },
		"a weight twice":      func(f *Formula) { f.Weights[0].Input = f.Weights[1].Input },
		"no weight":           func(f *Formula) { f.Weights[0].Points, f.Weights[1].Points = 0, 60 },
		"bands that rise":     func(f *Formula) { f.Bands[0].From = 90 },
		"better pay for less": func(f *Formula) { f.Bands[1].Coef = share.Of(106, 100) },
		"no lowest band":      func(f *Formula) { f.Bands = f.Bands[:5] },
		"held more than paid": func(f *Formula) { f.HoldBack = share.Of(51, 100) },
		"no version":          func(f *Formula) { f.Version = "" },
	} {
		f := Quality()
		spoil(&f)
		if _, err := f.Pay(100, whole()); !errors.Is(err, ErrFormula) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestBase(t *testing.T) {
	if a, s, err := Base(12345, share.Of(1, 10)); err != nil || a != 1234 || s.Rule != "R30" || s.Left != "123.45×1/10" || s.Right != "12.34" {
		t.Error(a, s, err)
	}
	if _, _, err := Base(1, share.Of(11, 10)); !errors.Is(err, ErrRate) {
		t.Error(err)
	}
	if _, _, err := Base(-1, share.Of(1, 10)); !errors.Is(err, ErrAmount) {
		t.Error(err)
	}
}

// TestPayProperties: the same whatever the order of inputs; a better input never pays less; the parts add up; the amount
// is the exact product with less than a fen left out.
func TestPayProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base := yuan.Amount(rapid.Int64Range(0, 1<<50).Draw(t, "base"))
		var in []Input
		for _, w := range Quality().Weights {
			d := rapid.Int64Range(1, 30000).Draw(t, "of")
			in = append(in, Input{Input: w.Input, Figure: share.Of(rapid.Int64Range(0, d).Draw(t, "n"), d)})
		}
		p, err := Quality().Pay(base, in)
		if err != nil {
			t.Fatal(err)
		}
		q, err := Quality().Pay(base, rapid.Permutation(in).Draw(t, "order"))
		if err != nil || !reflect.DeepEqual(p, q) {
			t.Fatal("the order of inputs matters", err)
		}
		if p.Now+p.Held != p.Earned || p.Now < 0 {
			t.Fatalf("%+v", p)
		}
		exact := new(big.Rat).Mul(big.NewRat(int64(base), 1), big.NewRat(p.Coef.N, p.Coef.D))
		lost := exact.Sub(exact, big.NewRat(int64(p.Earned), 1))
		if lost.Sign() < 0 || lost.Cmp(big.NewRat(1, 1)) >= 0 {
			t.Fatal("lost", lost)
		}
		n := rapid.IntRange(0, 4).Draw(t, "better")
		in[n].Figure.N = in[n].Figure.D
		if r, err := Quality().Pay(base, in); err != nil || r.Earned < p.Earned {
			t.Fatal("better work paid less", err)
		}
	})
}

func preset(t testing.TB, name string) Lift {
	for _, l := range Lifts() {
		if l.Name == name {
			return l
		}
	}
	t.Fatal("no preset", name)
	return Lift{}
}

// TestLiftOfTheRulePaper is the check of R46: 300,000 yuan, two homes a floor, seven floors.
func TestLiftOfTheRulePaper(t *testing.T) {
	var homes []Home
	for floor := 1; floor <= 7; floor++ {
		homes = append(homes, Home{2*floor - 1, floor, 8000}, Home{2 * floor, floor, 12000})
	}
	parts, steps, err := preset(t, "zhengzhou").Cost(300000*yuan.Yuan, 0, homes)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []yuan.Amount{0, 0, 0, 0, 25000, 25000, 27500, 27500, 30000, 30000, 32500, 32500, 35000, 35000} {
		if parts[i].Amount != want*yuan.Yuan || parts[i].No != i+1 || parts[i].Step.Rule != "R46" {
			t.Errorf("%+v, want %d", parts[i], want)
		}
	}
	if len(steps) != 2 || !steps[1].Holds || steps[1].Right != "300000.00" || parts[13].Step.Left != "300000.00×14/120" {
		t.Error(steps, parts[13].Step)
	}
	// by area: floors 3 to 7 of 80 and 120 m², 0.7 to 1.1
	parts, _, err = preset(t, "dongpu").Cost(100000, 10000, homes)
	if err != nil || parts[4].Amount != 5600 || parts[5].Amount != 8400 || parts[12].Amount != 8800 || parts[13].Amount != 13200 {
		t.Error(parts, err)
	}
	if parts, _, err = preset(t, "guangzhou").Cost(1400, 0, homes[2:6]); err != nil || parts[0].Amount != 233 || parts[1].Amount != 233 || parts[2].Amount != 467 || parts[3].Amount != 467 {
		t.Error(parts, err)
	}
}

func TestLiftIsRefused(t *testing.T) {
	z, d := preset(t, "zhengzhou"), preset(t, "dongpu")
	broken := z
	broken.Coefs = []share.Share{{N: 1, D: 0}}
	for what, c := range map[string]struct {
		l             Lift
		cost, subsidy yuan.Amount
		homes         []Home
		want          error
	}{
		"a cost below nothing":  {z, -1, 0, []Home{{1, 3, 1}}, ErrAmount},
		"a negative subsidy":    {z, 1, -1, []Home{{1, 3, 1}}, ErrAmount},
		"more subsidy than due": {z, 1, 2, []Home{{1, 3, 1}}, ErrAmount},
		"a home twice":          {z, 1, 0, []Home{{1, 3, 1}, {2, 3, 1}, {1, 4, 1}}, ErrHome},
		"no area":               {d, 1, 0, []Home{{1, 3, 0}}, ErrHome},
		"a floor too high":      {z, 1, 0, []Home{{1, 8, 1}}, ErrFloor},
		"a cellar":              {z, 1, 0, []Home{{1, 0, 1}}, ErrFloor},
		"nobody above":          {z, 1, 0, []Home{{1, 1, 1}, {2, 2, 1}}, ErrNobody},
		"nobody":                {z, 1, 0, nil, ErrNobody},
		"a broken table":        {broken, 1, 0, []Home{{1, 1, 1}}, ErrPreset},
		"areas that do not fit": {d, 1, 0, []Home{{1, 3, math.MaxInt64}, {2, 4, math.MaxInt64 - 1}}, ErrTooBig},
	} {
		if p, _, err := c.l.Cost(c.cost, c.subsidy, c.homes); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, %v", what, p, err)
		}
	}
}

// TestLiftAddsUp: to the fen, whatever the order of the homes; each part is less than a fen from its exact share.
func TestLiftAddsUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := rapid.SampledFrom(Lifts()).Draw(t, "preset")
		homes := []Home{{No: 0, Floor: 7, Area: 9000}}
		for n := range rapid.IntRange(0, 20).Draw(t, "homes") {
			homes = append(homes, Home{n + 1, rapid.IntRange(1, 7).Draw(t, "floor"), area.Area(rapid.Int64Range(1, 50000).Draw(t, "area"))})
		}
		cost := yuan.Amount(rapid.Int64Range(0, 1<<60).Draw(t, "cost"))
		subsidy := yuan.Amount(rapid.Int64Range(0, int64(cost)).Draw(t, "subsidy"))
		parts, steps, err := l.Cost(cost, subsidy, homes)
		if err != nil {
			t.Fatal(err)
		}
		var sum yuan.Amount
		var weights int64
		for _, p := range parts {
			sum += p.Amount
			weights += p.Weight
		}
		if sum != cost-subsidy || !steps[1].Holds {
			t.Fatal(sum, cost, subsidy)
		}
		for _, p := range parts {
			exact := new(big.Rat).Mul(big.NewRat(int64(sum), 1), big.NewRat(p.Weight, weights))
			off := exact.Sub(exact, big.NewRat(int64(p.Amount), 1))
			if off.Abs(off).Cmp(big.NewRat(1, 1)) >= 0 || p.Coef.N == 0 && p.Amount != 0 {
				t.Fatalf("%+v is off by %s", p, off)
			}
		}
		again, _, err := l.Cost(cost, subsidy, rapid.Permutation(homes).Draw(t, "order"))
		if err != nil || !reflect.DeepEqual(parts, again) {
			t.Fatal("the order of homes matters", err)
		}
	})
}

func TestNetIncome(t *testing.T) {
	n, err := Net(100000, []Expense{{"灯箱电费", 12000, "voucher/1", true}, {"管理费", 30000, "", true}, {"招待费", 5000, "voucher/2", false}})
	if err != nil || n.Taken != 12000 || n.Refused != 35000 || n.Net != 88000 || n.Owners != 88000 || len(n.Steps) != 4 {
		t.Errorf("%+v, %v", n, err)
	}
	for i, holds := range []bool{true, false, false, true} {
		if n.Steps[i].Holds != holds || n.Steps[i].Rule != "R34" {
			t.Errorf("%+v", n.Steps[i])
		}
	}
	if n, err := Net(100, []Expense{{"维修", 250, "v", true}}); err != nil || n.Net != -150 || n.Owners != 0 {
		t.Errorf("%+v, %v", n, err)
	}
	for what, c := range map[string]struct {
		gross yuan.Amount
		costs []Expense
		want  error
	}{
		"gross below nothing": {-1, nil, ErrAmount}, "cost below nothing": {1, []Expense{{"x", -1, "v", true}}, ErrAmount},
		"no name": {1, []Expense{{" ", 1, "v", true}}, ErrEvidence},
		"too big": {1, []Expense{{"x", math.MaxInt64, "v", true}, {"y", 1, "v", true}}, ErrTooBig},
	} {
		if n, err := Net(c.gross, c.costs); !errors.Is(err, c.want) {
			t.Errorf("%s: %+v, %v", what, n, err)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		gross := yuan.Amount(rapid.Int64Range(0, 1<<40).Draw(t, "gross"))
		var costs []Expense
		var all yuan.Amount
		for range rapid.IntRange(0, 8).Draw(t, "costs") {
			a := yuan.Amount(rapid.Int64Range(0, 1<<40).Draw(t, "fen"))
			costs = append(costs, Expense{"虚构", a, rapid.SampledFrom([]string{"", "v"}).Draw(t, "proof"), rapid.Bool().Draw(t, "reasonable")})
			all += a
		}
		n, err := Net(gross, costs)
		if err != nil || n.Net+n.Taken != gross || n.Taken+n.Refused != all || n.Owners < 0 || n.Owners < n.Net {
			t.Fatalf("%+v, %v", n, err)
		}
	})
}
