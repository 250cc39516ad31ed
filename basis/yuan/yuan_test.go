package yuan

import (
	"errors"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestParse(t *testing.T) {
	for text, want := range map[string]Amount{
		"0": 0, "1": 100, "1.5": 150, "1.50": 150, "1.500": 150, "1,234.50": 123450, "¥1,234.50": 123450,
		"￥１，２３４．５０元": 123450, "1234.5 元": 123450, "-3": -300, "-¥3.01": -301, "¥-3.01": -301, "+2": 200,
		" 12 ": 1200, "1,234,567.89": 123456789, "007": 700, "－８元": -800, "¥ 12.00": 1200,
		"92233720368547758.07": math.MaxInt64,
	} {
		if got, err := Parse(text); err != nil || got != want {
			t.Errorf("Parse(%q) = %d, %v, want %d", text, got, err, want)
		}
	}
	for text, want := range map[string]error{
		"1.505": ErrFen, "0.001": ErrFen, "": ErrAmount, "元": ErrAmount, "¥": ErrAmount, "-": ErrAmount, "--1": ErrAmount,
		"¥¥1": ErrAmount, "-+1": ErrAmount, "1,23": ErrAmount, "12,34.50": ErrAmount, ",123": ErrAmount, "1,": ErrAmount,
		"1234,567": ErrAmount, "1.": ErrAmount, ".5": ErrAmount, "1.2.3": ErrAmount, "1.-2": ErrAmount, "1e3": ErrAmount,
		"１百": ErrAmount, "一百": ErrAmount, "NaN": ErrAmount, "1 2": ErrAmount, "1元2": ErrAmount, "1元元": ErrAmount,
		"92233720368547758.08": ErrTooBig, "99999999999999999999": ErrTooBig,
	} {
		got, err := Parse(text)
		if !errors.Is(err, want) || got != 0 {
			t.Errorf("Parse(%q) = %d, %v, want %v", text, got, err, want)
		}
		if err != nil && len(text) > 4 && strings.Contains(err.Error(), text) {
			t.Errorf("the refusal of %q repeats it", text)
		}
	}
}

func TestStringAndBack(t *testing.T) {
	for a, want := range map[Amount][2]string{
		0: {"0.00", "0.00"}, 5: {"0.05", "0.05"}, -5: {"-0.05", "-0.05"}, 123450: {"1234.50", "1,234.50"},
		-100000: {"-1000.00", "-1,000.00"}, 99999: {"999.99", "999.99"}, 123456789: {"1234567.89", "1,234,567.89"},
		math.MinInt64: {"-92233720368547758.08", "-92,233,720,368,547,758.08"},
	} {
		if a.String() != want[0] || a.Grouped() != want[1] {
			t.Errorf("%d: %s %s, want %s", int64(a), a, a.Grouped(), want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		a := Amount(rapid.Int64Range(-math.MaxInt64, math.MaxInt64).Draw(t, "fen"))
		for _, text := range []string{a.String(), a.Grouped(), "¥" + a.Grouped() + "元"} {
			if back, err := Parse(text); err != nil || back != a {
				t.Fatalf("%s was read as %d, %v", text, back, err)
			}
		}
	})
}

func TestSum(t *testing.T) {
	if s, err := Sum(1, -3, 10); err != nil || s != 8 {
		t.Errorf("%v, %v", s, err)
	}
	for _, c := range [][]Amount{{math.MaxInt64, 1}, {math.MinInt64, -1}, {math.MinInt64, math.MinInt64}} {
		if s, err := Sum(c...); !errors.Is(err, ErrTooBig) {
			t.Errorf("sum of %v = %v, %v", c, s, err)
		}
	}
	if s, err := Sum(math.MaxInt64, 0, math.MinInt64); err != nil || s != -1 {
		t.Errorf("%v, %v", s, err)
	}
}

func TestSplit(t *testing.T) {
	for _, c := range []struct {
		total   Amount
		weights []int64
		want    []Amount
	}{
		{100, []int64{1, 1, 1}, []Amount{34, 33, 33}},
		{-100, []int64{1, 1, 1}, []Amount{-34, -33, -33}},
		{10, []int64{1, 2, 3}, []Amount{2, 3, 5}}, // 1.67 3.33 5: the fen goes to the first
		{5, []int64{0, 1, 0, 1}, []Amount{0, 3, 0, 2}},
		{0, []int64{3, 4}, []Amount{0, 0}},
		{1, []int64{1, 9}, []Amount{0, 1}},
		{math.MaxInt64, []int64{math.MaxInt64}, []Amount{math.MaxInt64}},
		{math.MinInt64, []int64{7}, []Amount{math.MinInt64}},
	} {
		got, err := Split(c.total, c.weights)
		if err != nil || len(got) != len(c.want) {
			t.Fatalf("Split(%d, %v) = %v, %v", c.total, c.weights, got, err)
		}
		for n := range got {
			if got[n] != c.want[n] {
				t.Errorf("Split(%d, %v) = %v, want %v", c.total, c.weights, got, c.want)
				break
			}
		}
	}
	for _, w := range [][]int64{nil, {0, 0}, {1, -1}, {3, -1}} {
		if got, err := Split(100, w); !errors.Is(err, ErrWeights) {
			t.Errorf("Split by %v = %v, %v", w, got, err)
		}
	}
	if got, err := Split(100, []int64{math.MaxInt64, 1}); !errors.Is(err, ErrTooBig) {
		t.Errorf("Split by too much = %v, %v", got, err)
	}
}

func TestSplitAddsUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		total := Amount(rapid.Int64().Draw(t, "total"))
		weights := rapid.SliceOfN(rapid.Int64Range(0, math.MaxInt64/50), 1, 40).Draw(t, "weights")
		parts, err := Split(total, weights)
		var any int64
		for _, w := range weights {
			any |= w
		}
		if any == 0 {
			if !errors.Is(err, ErrWeights) {
				t.Fatalf("split by nothing: %v, %v", parts, err)
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		var sum Amount
		for n, p := range parts {
			sum += p
			if p != 0 && (p < 0) != (total < 0) || weights[n] == 0 && p != 0 {
				t.Fatalf("part %d of %d by %v is %d", n, total, weights, p)
			}
			for m := range parts {
				if weights[n] == weights[m] && (p-parts[m] > 1 || parts[m]-p > 1) {
					t.Fatalf("equal weights got %d and %d", p, parts[m])
				}
			}
		}
		if sum != total {
			t.Fatalf("%v adds up to %d, not %d", parts, sum, total)
		}
	})
}
