package yuan

import (
	"errors"
	"fmt"
	"math"
	"math/bits"
	"sort"
	"strconv"
	"strings"
)

// Amount is money in fen (分), 0.01 yuan.
type Amount int64

// Yuan and Jiao are one of each in fen.
const (
	Jiao Amount = 10
	Yuan Amount = 100
)

// Refusals of Parse, Sum and Split. None repeats what was given.
var (
	ErrAmount  = errors.New("not an amount such as 1234.50 (金额格式有误)")
	ErrFen     = errors.New("finer than a fen: at most two decimals (金额最多两位小数)")
	ErrTooBig  = errors.New("amount too big (金额过大)")
	ErrWeights = errors.New("weights must not be negative and some weight must be above 0 (分摊权重有误)")
)

// wide maps full-width signs to the ones of a keyboard.
var wide = strings.NewReplacer(
	"０", "0", "１", "1", "２", "2", "３", "3", "４", "4", "５", "5", "６", "6", "７", "7", "８", "8", "９", "9",
	"．", ".", "，", ",", "－", "-", "＋", "+", "−", "-", "￥", "¥", "\u3000", " ", "\u00a0", " ",
)

// Parse reads an amount of yuan as people write it: 1234.5, 1,234.50, -¥1,234.50, ¥-3, 1234.50元, also in
// full-width signs. Grouping commas must stand where they belong. Anything finer than a fen is refused;
// 1.500 is not finer, 1.505 is.
func Parse(text string) (Amount, error) {
	s := strings.TrimSpace(wide.Replace(text))
	s = strings.TrimSpace(strings.TrimSuffix(s, "元"))
	var negative, signed, marked bool
	for {
		if rest, found := strings.CutPrefix(s, "¥"); found && !marked {
			s, marked = rest, true
		} else if s != "" && (s[0] == '-' || s[0] == '+') && !signed {
			negative, signed, s = s[0] == '-', true, s[1:]
		} else {
			break
		}
		s = strings.TrimLeft(s, " ")
	}
	whole, decimals, dotted := strings.Cut(s, ".")
	if dotted && decimals == "" || !grouped(whole) || !digits(decimals) {
		return 0, ErrAmount
	}
	whole = strings.TrimLeft(strings.ReplaceAll(whole, ",", ""), "0")
	decimals = strings.TrimRight(decimals, "0")
	if len(decimals) > 2 {
		return 0, ErrFen
	}
	fen, err := strconv.ParseInt("0"+whole+(decimals + "00")[:2], 10, 64)
	if err != nil {
		return 0, ErrTooBig
	}
	if negative {
		fen = -fen
	}
	return Amount(fen), nil
}

func digits(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r < '0' || r > '9' }) < 0
}

// grouped accepts digits without commas, or with a comma before every third from the right.
func grouped(s string) bool {
	parts := strings.Split(s, ",")
	for n, p := range parts {
		if p == "" || !digits(p) || len(parts) > 1 && (n > 0 && len(p) != 3 || n == 0 && len(p) > 3) {
			return false
		}
	}
	return true
}

// String is yuan with two decimals and no grouping, as -1234.50.
func (a Amount) String() string {
	sign, u := "", uint64(a)
	if a < 0 {
		sign, u = "-", -u
	}
	return fmt.Sprintf("%s%d.%02d", sign, u/100, u%100)
}

// Grouped is yuan with two decimals for people, as -1,234.50.
func (a Amount) Grouped() string {
	s := a.String()
	sign := ""
	if s[0] == '-' {
		sign, s = "-", s[1:]
	}
	for n := len(s) - 6; n > 0; n -= 3 {
		s = s[:n] + "," + s[n:]
	}
	return sign + s
}

// Sum adds up, or refuses with ErrTooBig where the sum leaves what an Amount can hold.
func Sum(amounts ...Amount) (Amount, error) {
	var sum Amount
	for _, a := range amounts {
		next := sum + a
		if (a > 0) != (next > sum) && a != 0 {
			return 0, ErrTooBig
		}
		sum = next
	}
	return sum, nil
}

// Split cuts total into one part for each weight, in proportion, by largest remainder: every part is first
// rounded toward zero, then the fen that are left go one each to the parts that lost most; of equal ones the
// earlier gets it. The parts always add up to total, and a weight of 0 gets 0. It refuses negative weights,
// weights without any above 0, and weights whose sum leaves int64.
func Split(total Amount, weights []int64) ([]Amount, error) {
	var sum int64
	for _, w := range weights {
		if w < 0 {
			return nil, ErrWeights
		}
		if sum > math.MaxInt64-w {
			return nil, ErrTooBig
		}
		sum += w
	}
	if sum == 0 {
		return nil, ErrWeights
	}
	size, sign := uint64(total), Amount(1)
	if total < 0 {
		size, sign = -size, -1
	}
	parts := make([]Amount, len(weights))
	lost := make([]uint64, len(weights)) // numerator over sum of what rounding took
	left := size
	order := make([]int, len(weights))
	for n, w := range weights {
		high, low := bits.Mul64(size, uint64(w))
		part, rest := bits.Div64(high, low, uint64(sum)) // w ≤ sum, so the quotient fits
		parts[n], lost[n], order[n] = Amount(part), rest, n
		left -= part
	}
	sort.SliceStable(order, func(i, j int) bool { return lost[order[i]] > lost[order[j]] })
	for n := range left { // fewer than the parts with a remainder
		parts[order[n]]++
	}
	for n := range parts {
		parts[n] *= sign
	}
	return parts, nil
}
