package area_test

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"testing"

	"cuobian/basis/area"

	"pgregory.net/rapid"
)

func TestParse(t *testing.T) {
	for _, c := range []struct {
		text string
		want area.Area
		err  error
	}{
		{"98.56", 9856, nil},
		{"98.56000000000000227", 9856, nil},
		{"98.55999999999999", 9856, nil},
		{"98.555", 9856, nil},
		{"98.5549999", 9855, nil},
		{"0.005", 1, nil},
		{"0.0049", 0, nil},
		{"0.00005", 0, nil},
		{"９８．５６㎡", 9856, nil},
		{" 98.56 平方米", 9856, nil},
		{"98.56m2", 9856, nil},
		{"98.56 M²", 9856, nil},
		{"98平", 9800, nil},
		{"1,234.5平米", 123450, nil},
		{"１，２３４，５６７", 123456700, nil},
		{"5.2万㎡", 5200000, nil},
		{"9.856E+1", 9856, nil},
		{"1.2345E-2", 1, nil},
		{"0", 0, nil},
		{"-0", 0, nil},
		{"+7", 700, nil},
		{"10000000000", area.Max, nil},
		{"10000000000.01", 0, area.ErrTooLarge},
		{"1E300", 0, area.ErrTooLarge},
		{"-3.5", 0, area.ErrNegative},
		{"", 0, area.ErrNotNumber},
		{"㎡", 0, area.ErrNotNumber},
		{"待测", 0, area.ErrNotNumber},
		{"98.5.6", 0, area.ErrNotNumber},
		{"98.", 0, area.ErrNotNumber},
		{".5", 0, area.ErrNotNumber},
		{"1,23", 0, area.ErrNotNumber},
		{"1e", 0, area.ErrNotNumber},
		{"1e99999999999", 0, area.ErrNotNumber},
		{"--1", 0, area.ErrNotNumber},
		{"NaN", 0, area.ErrNotNumber},
		{"98.56/98.60", 0, area.ErrNotNumber},
	} {
		got, err := area.Parse(c.text)
		if got != c.want || !errors.Is(err, c.err) {
			t.Errorf("Parse(%q) = %d, %v; want %d, %v", c.text, got, err, c.want, c.err)
		}
	}
}

func TestString(t *testing.T) {
	for a, want := range map[area.Area]string{
		0: "0.00", 5: "0.05", 9856: "98.56", 100: "1.00", -9805: "-98.05",
		math.MinInt64: "-92233720368547758.08",
	} {
		if got := a.String(); got != want {
			t.Errorf("%d: %s, want %s", int64(a), got, want)
		}
	}
}

// What String writes, Parse reads; and every decimal is rounded as exact
// arithmetic does it.
func TestExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := area.Area(rapid.Int64Range(0, int64(area.Max)).Draw(t, "area"))
		if got, err := area.Parse(a.String()); err != nil || got != a {
			t.Fatalf("%s: %d %v", a, got, err)
		}
		whole := rapid.Int64Range(0, 1_000_000).Draw(t, "whole")
		fraction := rapid.StringMatching(`[0-9]{1,25}`).Draw(t, "fraction")
		text := fmt.Sprintf("%d.%s", whole, fraction)
		r, _ := new(big.Rat).SetString(text)
		r.Mul(r, big.NewRat(100, 1)).Add(r, big.NewRat(1, 2))
		want := new(big.Int).Quo(r.Num(), r.Denom()).Int64()
		if got, err := area.Parse(text); err != nil || int64(got) != want {
			t.Fatalf("%s: %d %v, want %d", text, got, err, want)
		}
	})
}

func TestAnyText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, err := area.Parse(rapid.String().Draw(t, "text"))
		if a < 0 || a > area.Max || err != nil && a != 0 {
			t.Fatal(a, err)
		}
	})
}

func TestSum(t *testing.T) {
	if got := area.Sum(1, 2, 9856); got != 9859 {
		t.Error(got)
	}
	if got := area.Sum(math.MaxInt64, 1); got != math.MaxInt64 {
		t.Error(got)
	}
	if got := area.Sum(math.MinInt64, -1); got != math.MinInt64 {
		t.Error(got)
	}
}

// R04: registered before surveyed before contract.
func TestChoose(t *testing.T) {
	contract := area.Figure{Area: 9900, Source: area.Contract}
	surveyed := area.Figure{Area: 9860, Source: area.Surveyed}
	registered := area.Figure{Area: 9856, Source: area.Registered}
	empty := area.Figure{Source: area.Registered}
	if got := area.Choose(contract, registered, surveyed); got != registered {
		t.Error(got)
	}
	if got := area.Choose(empty, contract, surveyed); got != surveyed {
		t.Error("an empty registered figure must not hide a surveyed one:", got)
	}
	if got := area.Choose(empty); got != (area.Figure{}) {
		t.Error(got)
	}
}
