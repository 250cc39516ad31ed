package share

import (
	"math/big"
	"strconv"
)

// Share is N of D: numerator and denominator.
type Share struct {
	N int64 `json:"n"`
	D int64 `json:"d"`
}

// Of is a Share in one word.
func Of(n, d int64) Share { return Share{n, d} }

// Known reports whether there is anything to be a share of.
func (s Share) Known() bool { return s.D > 0 }

// Percent is the percentage truncated toward zero to two decimals and without its sign, as "98.37" for
// 121/123; the empty text where D is not above 0.
func (s Share) Percent() string {
	if s.D <= 0 {
		return ""
	}
	return hundredths(big.NewInt(s.N), big.NewInt(s.D))
}

// String is "98.37% (121/123)", or "–" where D is not above 0: a percentage is never shown without n/N.
func (s Share) String() string {
	if s.D <= 0 {
		return "–"
	}
	return s.Percent() + "% (" + strconv.FormatInt(s.N, 10) + "/" + strconv.FormatInt(s.D, 10) + ")"
}

// Less compares by products. A share of nothing is less than any other.
func (s Share) Less(than Share) bool {
	if s.D <= 0 || than.D <= 0 {
		return s.D <= 0 && than.D > 0
	}
	a := new(big.Int).Mul(big.NewInt(s.N), big.NewInt(than.D))
	b := new(big.Int).Mul(big.NewInt(than.N), big.NewInt(s.D))
	return a.Cmp(b) < 0
}

// Change is by how many percent now lies above base, truncated toward zero to two decimals: "-96.36" from
// 110 to 4. It is the empty text where base is not above 0.
func Change(base, now int64) string {
	if base <= 0 {
		return ""
	}
	b := big.NewInt(base)
	return hundredths(new(big.Int).Sub(big.NewInt(now), b), b)
}

// hundredths is 100·n/d with two decimals, truncated toward zero; d is above 0.
func hundredths(n, d *big.Int) string {
	scaled := new(big.Int).Mul(n, big.NewInt(10000))
	scaled.Quo(scaled, d)
	sign := ""
	if scaled.Sign() < 0 {
		sign = "-"
		scaled.Neg(scaled)
	}
	whole, rest := new(big.Int).QuoRem(scaled, big.NewInt(100), new(big.Int))
	two := strconv.FormatInt(rest.Int64()+100, 10)[1:]
	return sign + whole.String() + "." + two
}
