package words

import "unicode"

// Alike is how much two texts share, 0 to 100: twice their common pairs of neighbouring characters over all
// their pairs (Dice), each pair counted as often as it stands. Signs and spaces do not count. It is the same
// both ways; a text with fewer than two characters is like nothing but itself.
func Alike(a, b string) int {
	x, y := letters(a), letters(b)
	if len(x) < 2 || len(y) < 2 {
		if len(x) == len(y) && len(x) == 1 && x[0] == y[0] {
			return 100
		}
		return 0
	}
	count := map[[2]rune]int{}
	for n := range len(x) - 1 {
		count[[2]rune{x[n], x[n+1]}]++
	}
	common := 0
	for n := range len(y) - 1 {
		pair := [2]rune{y[n], y[n+1]}
		if count[pair] > 0 {
			count[pair]--
			common++
		}
	}
	return 200 * common / (len(x) + len(y) - 2)
}

func letters(text string) []rune {
	var all []rune
	for _, r := range normal(text) {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			all = append(all, r)
		}
	}
	return all
}
