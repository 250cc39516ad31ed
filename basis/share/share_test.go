package share

import (
	"math"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestPercent(t *testing.T) {
	for _, c := range []struct {
		n, d int64
		want string
	}{
		{121, 123, "98.37"}, {36, 44, "81.81"}, {0, 5, "0.00"}, {5, 5, "100.00"}, {2, 3, "66.66"}, {1, 10000, "0.01"},
		{1, 10001, "0.00"}, {9999, 10000, "99.99"}, {99999, 100000, "99.99"}, {7, 2, "350.00"}, {-1, 3, "-33.33"},
		{math.MaxInt64, math.MaxInt64, "100.00"}, {1, 0, ""}, {1, -3, ""},
	} {
		if got := Of(c.n, c.d).Percent(); got != c.want {
			t.Errorf("%d/%d = %q, want %q", c.n, c.d, got, c.want)
		}
	}
	if got := Of(121, 123).String(); got != "98.37% (121/123)" {
		t.Errorf("%q", got)
	}
	if got := Of(0, 0).String(); got != "–" {
		t.Errorf("a share of nothing is shown as %q", got)
	}
}

func TestChange(t *testing.T) {
	for _, c := range []struct {
		base, now int64
		want      string
	}{
		{110, 4, "-96.36"}, {4, 110, "2650.00"}, {100, 100, "0.00"}, {3, 4, "33.33"}, {3, 2, "-33.33"},
		{100001, 100000, "0.00"}, {0, 5, ""}, {-4, 5, ""}, {1, math.MinInt64, "-922337203685477580900.00"},
	} {
		if got := Change(c.base, c.now); got != c.want {
			t.Errorf("%d to %d = %q, want %q", c.base, c.now, got, c.want)
		}
	}
}

func TestPercentIsTruncated(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := Of(rapid.Int64Range(0, math.MaxInt64).Draw(t, "n"), rapid.Int64Range(1, math.MaxInt64).Draw(t, "d"))
		shown, ok := new(big.Int).SetString(strings.Replace(s.Percent(), ".", "", 1), 10)
		if !ok {
			t.Fatalf("%d/%d = %q", s.N, s.D, s.Percent())
		}
		exact := new(big.Int).Mul(big.NewInt(s.N), big.NewInt(10000))
		low := new(big.Int).Mul(shown, big.NewInt(s.D))
		high := new(big.Int).Add(low, big.NewInt(s.D))
		if low.Cmp(exact) > 0 || high.Cmp(exact) <= 0 {
			t.Fatalf("%d/%d = %s", s.N, s.D, s.Percent())
		}
	})
}

func TestLess(t *testing.T) {
	for _, c := range []struct {
		a, b Share
		want bool
	}{
		{Of(1, 3), Of(1, 2), true}, {Of(1, 2), Of(2, 4), false}, {Of(2, 4), Of(1, 2), false}, {Of(0, 0), Of(0, 5), true},
		{Of(0, 5), Of(0, 0), false}, {Of(0, 0), Of(0, 0), false},
		{Of(math.MaxInt64-1, math.MaxInt64), Of(1, 1), true},
	} {
		if got := c.a.Less(c.b); got != c.want {
			t.Errorf("%v < %v = %v", c.a, c.b, got)
		}
	}
}
