// Package area is floor area (建筑面积) as an exact number of 0.01 m².
//
// Votes, fees and the maintenance fund are counted by area, so no float ever
// stands between a cell and the figure. Text is read as decimal digits and
// rounded half up to 0.01 m².
package area

import (
	"errors"
	"math"
	"strconv"
	"strings"
)

// Area is floor area (建筑面积) in units of 0.01 m²: 98.56 m² is 9856.
type Area int64

// Max is the largest area that Parse accepts, 10,000 km². Nine million of them
// can be added without overflow.
const Max Area = 1_000_000_000_000

var (
	// ErrNotNumber says that the text holds no decimal number of square metres.
	ErrNotNumber = errors.New("area: not a number of square metres")
	// ErrNegative says that the number is below zero.
	ErrNegative = errors.New("area: negative")
	// ErrTooLarge says that the number is above Max.
	ErrTooLarge = errors.New("area: too large")
)

// units that may follow the number, longest first.
var units = []string{"平方米", "平米", "平方", "m²", "m2", "㎡", "平"}

// Parse reads an area in square metres as people and workbooks write it:
// "98.56", "９８．５６", "98.56㎡", "1,234.5 平方米", "5.2万㎡", "9.856E+1".
// More than two decimals are rounded half up, which also undoes the binary noise
// that workbooks store (98.56000000000000227). Zero is read as zero: whether it
// may stand is for the caller to say. The errors never hold the text.
func Parse(text string) (Area, error) {
	s := strings.Map(plain, text)
	s = strings.ToLower(s)
	for _, u := range units {
		if rest, ok := strings.CutSuffix(s, u); ok {
			s = rest
			break
		}
	}
	shift := 2 // from m² to 0.01 m²
	if rest, ok := strings.CutSuffix(s, "万"); ok {
		s, shift = rest, shift+4
	}
	negative := false
	switch {
	case strings.HasPrefix(s, "-"):
		negative, s = true, s[1:]
	case strings.HasPrefix(s, "+"):
		s = s[1:]
	}
	if mantissa, exponent, ok := strings.Cut(s, "e"); ok {
		n, err := strconv.Atoi(exponent)
		if err != nil || n < -400 || n > 400 {
			return 0, ErrNotNumber
		}
		s, shift = mantissa, shift+n
	}
	whole, fraction, point := strings.Cut(s, ".")
	if whole == "" || point && fraction == "" || len(s) > 400 {
		return 0, ErrNotNumber
	}
	whole, ok := ungroup(whole)
	if !ok || !digits(whole) || !digits(fraction) {
		return 0, ErrNotNumber
	}
	n, err := scale(whole+fraction, shift-len(fraction))
	if err != nil {
		return 0, err
	}
	if negative && n > 0 {
		return 0, ErrNegative
	}
	return n, nil
}

// scale gives digits × 10^shift, rounded half up.
func scale(digits string, shift int) (Area, error) {
	digits = strings.TrimLeft(digits, "0")
	if digits == "" {
		return 0, nil
	}
	up := false
	if shift < 0 {
		cut := len(digits) + shift
		if cut < 0 {
			return 0, nil
		}
		up = digits[cut] >= '5'
		digits = digits[:cut]
	} else {
		if len(digits)+shift > 13 {
			return 0, ErrTooLarge
		}
		digits += strings.Repeat("0", shift)
	}
	if len(digits) > 13 {
		return 0, ErrTooLarge
	}
	var n Area
	for i := 0; i < len(digits); i++ {
		n = n*10 + Area(digits[i]-'0')
	}
	if up {
		n++
	}
	if n > Max {
		return 0, ErrTooLarge
	}
	return n, nil
}

// plain turns full-width marks into ASCII and drops blanks.
func plain(r rune) rune {
	switch {
	case r == ' ' || r == '\t' || r == '\n' || r == '\r' || r == '\u3000' || r == '\u00a0' || r == '\ufeff':
		return -1
	case r == '。':
		return '.'
	case r == '−':
		return '-'
	case r >= '！' && r <= '～':
		return r - '！' + '!'
	}
	return r
}

// ungroup drops thousands commas where they stand right: 1,234,567.
func ungroup(s string) (string, bool) {
	if !strings.Contains(s, ",") {
		return s, true
	}
	groups := strings.Split(s, ",")
	for i, g := range groups {
		if i == 0 && (len(g) < 1 || len(g) > 3) || i > 0 && len(g) != 3 {
			return "", false
		}
	}
	return strings.Join(groups, ""), true
}

func digits(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// String gives square metres with two decimals, "98.56".
func (a Area) String() string {
	sign, n := "", uint64(a)
	if a < 0 {
		sign, n = "-", uint64(-(a+1))+1
	}
	cents := strconv.FormatUint(n%100, 10)
	if len(cents) == 1 {
		cents = "0" + cents
	}
	return sign + strconv.FormatUint(n/100, 10) + "." + cents
}

// Sum adds areas. It stops at the ends of int64 instead of turning over.
func Sum(areas ...Area) Area {
	var sum Area
	for _, a := range areas {
		switch {
		case a > 0 && sum > math.MaxInt64-a:
			return math.MaxInt64
		case a < 0 && sum < math.MinInt64-a:
			return math.MinInt64
		}
		sum += a
	}
	return sum
}

// Source says where an area comes from (R04).
type Source string

// Sources of an area, the strongest first: the real-estate register, the survey
// of the built house, the contract of sale. Unknown where the ledger does not say.
const (
	Registered Source = "registered" // 产权登记面积
	Surveyed   Source = "surveyed"   // 实测面积
	Contract   Source = "contract"   // 合同面积
	Unknown    Source = ""
)

// Over reports whether s counts before other (R04: register, survey, contract).
func (s Source) Over(other Source) bool { return s.rank() < other.rank() }

func (s Source) rank() int {
	switch s {
	case Registered:
		return 0
	case Surveyed:
		return 1
	case Contract:
		return 2
	}
	return 3
}

// Figure is an area with its source.
type Figure struct {
	Area   Area
	Source Source
}

// Choose gives the figure that counts when several are known (R04). Figures
// that are not above zero do not count; with none left the zero Figure is given.
func Choose(figures ...Figure) Figure {
	var best Figure
	for _, f := range figures {
		if f.Area > 0 && (best.Area == 0 || f.Source.Over(best.Source)) {
			best = f
		}
	}
	return best
}
