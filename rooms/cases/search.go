package cases

import (
	"context"
	"slices"
	"strings"
	"unicode"

	"cuobian/platform/store"
	"cuobian/rooms/cases/words"
)

// bigrams cuts a text into what the full-text index holds: pairs of neighbouring Chinese characters, a character that
// stands alone, and words of letters and digits. Each once, in order of the text.
func bigrams(text string) []string {
	var out []string
	seen := map[string]bool{}
	put := func(t string) {
		if t != "" && !seen[t] {
			seen[t] = true
			out = append(out, t)
		}
	}
	var han []rune
	var word strings.Builder
	end := func() {
		if len(han) == 1 {
			put(string(han))
		}
		for i := 0; i+1 < len(han); i++ {
			put(string(han[i : i+2]))
		}
		put(word.String())
		han = han[:0]
		word.Reset()
	}
	for _, r := range text {
		if r >= 0xff01 && r <= 0xff5e {
			r -= 0xfee0 // full width
		}
		switch {
		case unicode.Is(unicode.Han, r):
			if word.Len() > 0 {
				end()
			}
			han = append(han, r)
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			if len(han) > 0 {
				end()
			}
			word.WriteRune(unicode.ToLower(r))
		default:
			end()
		}
	}
	end()
	return out
}

// tokens are what a matter is found by: its masked words, its place, its category and its number; and its street,
// community and compound, so that a search within them does not read the rest.
func (c *row) tokens() []string {
	cat, _ := words.ByCode(c.Category)
	out := bigrams(c.Words + " " + c.CompoundName + " " + c.PlaceText + " " + cat.Zh)
	out = append(out, c.Number)
	for _, x := range [][2]string{{"s", c.Street}, {"c", c.Community}, {"x", c.Compound}} {
		if x[1] != "" {
			out = append(out, placeToken(x[0], x[1]))
		}
	}
	return out
}

// placeToken is "zzs350503002": no word of a text looks so.
func placeToken(kind, id string) string {
	var b strings.Builder
	b.WriteString("zz" + kind)
	for _, r := range strings.ToLower(id) {
		if r >= '0' && r <= '9' || r >= 'a' && r <= 'z' {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// asked are the tokens of what somebody types; a number said in groups is one.
func asked(q string) []string {
	if number, ok := ReadNumber(q); ok {
		return []string{number}
	}
	return bigrams(q)
}

func holds(have, want []string) bool {
	for _, w := range want {
		if !slices.Contains(have, w) {
			return false
		}
	}
	return true
}

// search reads matters that hold every token of what was typed, newest first. With counted it gives the ids of all hits
// too, or of one more than most.
func (d *Desk) search(ctx context.Context, q store.Queryer, b branch, typed string, n int, counted bool) (rows []row, found []string, err error) {
	want := asked(typed)
	if len(want) == 0 {
		return nil, nil, nil
	}
	if d.db.Engine == store.Postgres {
		return d.searchPostgres(ctx, q, b, want, n, counted)
	}
	if rows, err = d.searchSQLite(ctx, q, b, want, n); err != nil || !counted {
		return rows, nil, err
	}
	if len(rows) < n {
		for _, c := range rows {
			found = append(found, c.ID)
		}
		return rows, found, nil
	}
	found, err = d.idsSQLite(ctx, q, b, want, most+1)
	return rows, found, err
}

// placeOf finds the place that a branch is bound to, as a token.
func placeOf(b branch) (string, bool) {
	for _, x := range [][2]string{{"compound", "x"}, {"community", "c"}, {"street", "s"}} {
		if p, ok := b.piece(x[0]); ok && len(p.args) == 1 {
			return placeToken(x[1], p.args[0].(string)), true
		}
	}
	return "", false
}
