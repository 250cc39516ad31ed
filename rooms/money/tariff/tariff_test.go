package tariff

import (
	"errors"
	"fmt"
	"testing"

	"cuobian/basis/area"
	"cuobian/basis/day"
	"cuobian/basis/yuan"

	"pgregory.net/rapid"
)

var d = day.MustParse

func period(t fataler, s string) Period {
	t.Helper()
	p, err := ParsePeriod(s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func amounts(steps []Step) (out []yuan.Amount) {
	for _, s := range steps {
		out = append(out, s.Amount)
	}
	return out
}

func owed(t fataler, steps []Step, err error) yuan.Amount {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	sum, err := Sum(steps)
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

func TestMonthly(t *testing.T) {
	home := Home{Path: "350503002/a/b/c/", Use: "dwelling", Area: 98_56, Inner: 80_00, Heads: 3, Floor: 6}
	base := Tariff{ID: "t", Item: "物业费", By: Area, Rate: 8500, Decision: "assemblies/1/1", From: d("2020-01-01")}
	cut := base
	cut.To = d("2026-10-10")
	next := base
	next.ID, next.Rate, next.From = "n", 10000, d("2026-10-11")
	shop := base
	shop.ID, shop.Use, shop.Rate = "s", "shop", 20000
	near := base
	near.ID, near.Under, near.Rate = "b", "350503002/a/b/", 5000
	half := Discount{ID: "d", N: 1, D: 2, Words: "空置", Decision: "assemblies/1/2", From: d("2026-11-01")}
	lift := Tariff{ID: "l", Item: "电梯", By: Terms, Terms: []Term{{What: "fixed", Rate: 50000}, {What: "floor", Rate: 20000, From: 3}}, High: 1200, From: d("2020-01-01")}
	low := Tariff{ID: "w", Item: "垃圾", By: Head, Rate: 10000, Low: 5_00, From: d("2020-01-01")}
	for name, x := range map[string]struct {
		home      Home
		tariffs   []Tariff
		discounts []Discount
		period    string
		want      []yuan.Amount
	}{
		"98.56 m² at 0.85":                   {home, []Tariff{base}, nil, "2026-10", []yuan.Amount{8378}}, // 83.776
		"a quarter is three such months":     {home, []Tariff{base}, nil, "2026-Q4", []yuan.Amount{25134}},
		"the price changed on the 11th":      {home, []Tariff{cut, next}, nil, "2026-10", []yuan.Amount{2702, 6677}}, // 83.776·10/31; 98.56−98.56·10/31
		"a shop's price is not the home's":   {home, []Tariff{base, shop}, nil, "2026-10", []yuan.Amount{8378}},
		"the narrower place holds":           {home, []Tariff{base, near}, nil, "2026-10", []yuan.Amount{4928}},
		"half off from November":             {home, []Tariff{base}, []Discount{half}, "2026-Q4", []yuan.Amount{25134, -8378}},
		"fixed and four floors, 12 at most":  {home, []Tariff{lift}, nil, "2026-10", []yuan.Amount{500, 800, -100}},
		"three heads, 5 at least":            {home, []Tariff{low}, nil, "2026-10", []yuan.Amount{300, 200}},
		"handed over on the 16th of October": {Home{Path: home.Path, Area: 100_00, From: d("2026-10-16")}, []Tariff{base}, nil, "2026-10", []yuan.Amount{4387}}, // 8500 − 4113
		"no tariff in force":                 {home, []Tariff{next}, nil, "2026-09", nil},
	} {
		steps, err := Monthly(x.home, period(t, x.period), x.tariffs, x.discounts, nil, nil)
		if err != nil || fmt.Sprint(amounts(steps)) != fmt.Sprint(x.want) {
			t.Errorf("%s: %v %v, want %v", name, amounts(steps), err, x.want)
		}
	}
}

func TestSpaces(t *testing.T) {
	place := Tariff{ID: "p", Item: "停车费", By: Unit, Rate: 150_0000, From: d("2020-01-01")}
	steps, err := Monthly(Home{Path: "s/"}, period(t, "2026-Q4"), []Tariff{place}, nil,
		[]Space{{Label: "A-12", From: d("2026-01-01")}, {Label: "A-13", From: d("2026-12-17")}}, func(Tariff) bool { return true })
	if err != nil || fmt.Sprint(amounts(steps)) != "[450.00 72.58]" { // 15000 − 15000·16/31 = 7258
		t.Error(amounts(steps), err)
	}
	zh, en := steps[0].Words()
	if zh != "车位 A-12：150.00 元 × 3 个月" || en != "space A-12: ¥150.00 × 3 months" {
		t.Error(zh, en)
	}
}

func TestMetered(t *testing.T) {
	water := Tariff{ID: "w", Item: "水费", By: Meter, Tiers: []Tier{{Upto: 15_000, Rate: 22000}, {Upto: 25_000, Rate: 30000}, {Rate: 45000}}, From: d("2020-01-01")}
	flat := Tariff{ID: "e", Item: "公摊电", By: Meter, Rate: 5483, From: d("2020-01-01")}
	for name, x := range map[string]struct {
		tariffs []Tariff
		used    Used
		want    []yuan.Amount
	}{
		"three tiers in a month":    {[]Tariff{water}, Used{Before: 100_000, Now: 130_500, From: d("2026-09-30"), To: d("2026-10-31")}, []yuan.Amount{3300, 3000, 2475}},
		"two months widen the tier": {[]Tariff{water}, Used{Before: 0, Now: 30_000, From: d("2026-08-31"), To: d("2026-10-31")}, []yuan.Amount{6600}},
		"flat, half a fen up":       {[]Tariff{flat}, Used{Before: 0, Now: 12_345, From: d("2026-09-30"), To: d("2026-10-31")}, []yuan.Amount{677}}, // 676.87…
		"nothing used":              {[]Tariff{flat}, Used{Before: 7, Now: 7, From: d("2026-09-30"), To: d("2026-10-31")}, nil},
	} {
		steps, err := Metered(Home{}, x.used, x.tariffs, nil)
		if err != nil || fmt.Sprint(amounts(steps)) != fmt.Sprint(x.want) {
			t.Errorf("%s: %v %v, want %v", name, amounts(steps), err, x.want)
		}
	}
	if _, err := Metered(Home{}, Used{Before: 2, Now: 1, From: d("2026-09-30"), To: d("2026-10-31")}, []Tariff{flat}, nil); !errors.Is(err, ErrReading) {
		t.Error("a meter that runs backwards:", err)
	}
}

// However a tariff's days are cut, the parts are the whole, and months are the sum of months.
func TestNoFenIsLost(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		home := Home{Path: "s/", Area: area.Area(rapid.Int64Range(0, 50_000_00).Draw(t, "area")), Heads: rapid.Int64Range(0, 9).Draw(t, "heads"), Floor: rapid.Int64Range(-2, 40).Draw(t, "floor")}
		rate := Rate(rapid.Int64Range(1, 100_0000).Draw(t, "rate"))
		whole := Tariff{ID: "t", Item: "x", By: Area, Rate: rate, From: d("2020-01-01")}
		if rapid.Bool().Draw(t, "terms") {
			whole = Tariff{ID: "t", Item: "x", By: Terms, Terms: []Term{{What: "area", Rate: rate}, {What: "head", Rate: 3333}, {What: "floor", Rate: 777, From: 2}}, From: d("2020-01-01"),
				Low: yuan.Amount(rapid.Int64Range(0, 50_00).Draw(t, "low"))}
		}
		p := period(t, "2026-Q1")
		var off []Discount
		if rapid.Bool().Draw(t, "off") {
			off = []Discount{{ID: "d", N: rapid.Int64Range(1, 7).Draw(t, "n"), D: 7, Decision: "x", From: d("2020-01-01")}}
		}
		steps, err := Monthly(home, p, []Tariff{whole}, off, nil, nil)
		want := owed(t, steps, err)

		// The same price under two tariffs with a cut anywhere.
		cut := p.From.Add(rapid.IntRange(0, 88).Draw(t, "cut"))
		first, second := whole, whole
		first.To, second.ID, second.From = cut, "u", cut.Add(1)
		steps, err = Monthly(home, p, []Tariff{first, second}, off, nil, nil)
		if got := owed(t, steps, err); got != want {
			t.Fatalf("cut after %s: %d, whole %d", cut, got, want)
		}
		// Two owners, one after the other.
		seller, buyer := home, home
		seller.To, buyer.From = cut, cut.Add(1)
		a, err := Monthly(seller, p, []Tariff{whole}, off, nil, nil)
		sum := owed(t, a, err)
		b, err := Monthly(buyer, p, []Tariff{whole}, off, nil, nil)
		if got := sum + owed(t, b, err); got != want {
			t.Fatalf("sold on %s: %d, whole %d", cut, got, want)
		}
		// Month by month.
		sum = 0
		for _, m := range []string{"2026-01", "2026-02", "2026-03"} {
			s, err := Monthly(home, period(t, m), []Tariff{whole}, off, nil, nil)
			sum += owed(t, s, err)
		}
		if sum != want {
			t.Fatalf("three months %d, the quarter %d", sum, want)
		}
	})
}

func TestMeterAddsUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		use := rapid.Int64Range(0, 10_000_000).Draw(t, "use")
		cut := d("2026-03-31").Add(rapid.IntRange(1, 29).Draw(t, "cut"))
		one := Tariff{ID: "a", Item: "x", By: Meter, Rate: Rate(rapid.Int64Range(1, 100_000).Draw(t, "rate")), From: d("2020-01-01")}
		first, second := one, one
		first.To, second.From, second.ID = cut, cut.Add(1), "b"
		u := Used{Before: 5, Now: 5 + use, From: d("2026-03-31"), To: d("2026-04-30")}
		steps, err := Metered(Home{}, u, []Tariff{first, second}, nil)
		owed(t, steps, err)
		var counted int64
		for _, s := range steps {
			counted += s.Quantity
		}
		if counted != use {
			t.Fatalf("%d of %d are priced", counted, use)
		}
	})
}

func TestSplitAddsUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		total := yuan.Amount(rapid.Int64Range(0, 1_000_000_00).Draw(t, "total"))
		weights := rapid.SliceOfN(rapid.Int64Range(0, 200_00), 1, 300).Draw(t, "weights")
		parts, err := Split(total, weights)
		var any int64
		for _, w := range weights {
			any += w
		}
		if any == 0 {
			if err == nil {
				t.Fatal("split among nobody")
			}
			return
		}
		var sum yuan.Amount
		for i, p := range parts {
			sum += p
			if weights[i] == 0 && p != 0 {
				t.Fatal("who weighs nothing pays")
			}
		}
		if err != nil || sum != total {
			t.Fatalf("%d of %d: %v", sum, total, err)
		}
	})
}

// fataler is a test or a drawn case of one.
type fataler interface {
	Helper()
	Fatal(...any)
}

func TestPeriods(t *testing.T) {
	for in, want := range map[string]string{"2026-10": "2026-10", "2026-q4": "2026-Q4", "2026-H1": "2026-H1", "2026": "2026", "2026-13": "", "2026-Q5": "", "x": "", "": ""} {
		p, err := ParsePeriod(in)
		if want == "" {
			if !errors.Is(err, ErrPeriod) {
				t.Errorf("%q: %v", in, err)
			}
			continue
		}
		if err != nil || p.String() != want || !p.sound() {
			t.Errorf("%q: %v %v", in, p, err)
		}
	}
}

func TestChecks(t *testing.T) {
	good := Tariff{Item: "x", By: Area, Rate: 1, From: d("2026-01-01")}
	if err := good.Check(); err != nil {
		t.Error(err)
	}
	for name, change := range map[string]func(*Tariff){
		"no item": func(t *Tariff) { t.Item = " " }, "no rate": func(t *Tariff) { t.Rate = 0 }, "below zero": func(t *Tariff) { t.Rate = -1 }, "no day": func(t *Tariff) { t.From = 0 },
		"ends first": func(t *Tariff) { t.To = d("2025-12-31") }, "no way": func(t *Tariff) { t.By = "star" }, "a formula of nothing": func(t *Tariff) { t.By = Terms },
		"a strange term": func(t *Tariff) { t.By, t.Terms = Terms, []Term{{What: "mood", Rate: 1}} }, "cap under floor": func(t *Tariff) { t.Low, t.High = 2, 1 },
		"tiers go down": func(t *Tariff) { t.By, t.Tiers = Meter, []Tier{{Upto: 2, Rate: 1}, {Upto: 1, Rate: 1}, {Rate: 1}} },
		"no last tier":  func(t *Tariff) { t.By, t.Tiers = Meter, []Tier{{Upto: 2, Rate: 1}} },
	} {
		x := good
		change(&x)
		if x.Check() == nil {
			t.Errorf("%s passes", name)
		}
	}
	for _, x := range []Discount{{N: 2, D: 1, Decision: "x", From: 1}, {N: 1, D: 2, From: 1}, {N: 0, D: 2, Decision: "x", From: 1}} {
		if x.Check() == nil {
			t.Errorf("%+v passes", x)
		}
	}
	if _, err := Monthly(Home{Path: "s/", Area: 1 << 60}, period(t, "2026-01"), []Tariff{{Item: "x", By: Area, Rate: maxRate, From: 1}}, nil, nil, nil); !errors.Is(err, ErrTooBig) {
		t.Error("an area beyond all bounds:", err)
	}
}
