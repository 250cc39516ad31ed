package place

import (
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/mozillazg/go-pinyin"
)

// surnames read otherwise in names than alone; the letter is that of the reading in a surname.
var surnames = map[string]string{
	"曾": "z", "单": "s", "仇": "q", "解": "x", "查": "z", "朴": "p", "区": "o", "盖": "g", "乐": "y", "翟": "z", "召": "s", "种": "c", "繁": "p",
	"覃": "q", "缪": "m", "宓": "m", "冼": "x", "员": "y", "尉": "w", "秘": "b", "折": "s", "令": "l", "重": "c", "黑": "h", "牟": "m", "么": "y",
	"单于": "cy", "尉迟": "yc", "万俟": "mq", "长孙": "zs", "澹台": "tt", "令狐": "lh",
}

var letters sync.Map // rune → []string, first letters of all readings

func lettersOf(r rune) []string {
	if v, ok := letters.Load(r); ok {
		return v.([]string)
	}
	var out []string
	switch {
	case r < 128 && (unicode.IsLetter(r) || unicode.IsDigit(r)):
		out = []string{string(unicode.ToLower(r))}
	case unicode.Is(unicode.Han, r):
		a := pinyin.NewArgs()
		a.Style, a.Heteronym = pinyin.FirstLetter, true
		for _, all := range pinyin.Pinyin(string(r), a) {
			for _, one := range all {
				if one != "" && !slices.Contains(out, one) {
					out = append(out, one)
				}
			}
		}
	}
	letters.Store(r, out)
	return out
}

// mostReadings bounds how many spellings of one name are kept.
const mostReadings = 6

// Initials gives the pinyin initials of a name in all its readings (重庆路: cql, zql), the likeliest first. For a
// person the surname's own reading comes first (曾: z; 单于: cy).
func Initials(name string, person bool) []string {
	runes := []rune(Plain(name))
	out := []string{""}
	if person && len(runes) > 1 {
		if s, ok := surnames[string(runes[:2])]; ok && len(runes) > 2 {
			out, runes = []string{s}, runes[2:]
		} else if s, ok := surnames[string(runes[:1])]; ok {
			out = []string{s}
			for _, other := range lettersOf(runes[0]) {
				if other != s {
					out = append(out, other)
				}
			}
			runes = runes[1:]
		}
	}
	for _, r := range runes {
		ls := lettersOf(r)
		if len(ls) == 0 {
			continue
		}
		var next []string
		for _, l := range ls {
			for _, o := range out {
				if len(next) < mostReadings {
					next = append(next, o+l)
				}
			}
		}
		out = next
	}
	if len(out) == 1 && out[0] == "" {
		return nil
	}
	return slices.Compact(out)
}

// Plain is a name as it is compared: full-width signs made narrow, small letters, no blanks and no marks between parts.
func Plain(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '！' && r <= '～':
			r = r - '！' + '!'
		case unicode.IsSpace(r) || r == '　' || r == '·' || r == '•' || r == '・':
			return -1
		}
		return unicode.ToLower(r)
	}, name)
}

// Tokens are the words under which a name is found by their beginnings: the name and its tails (so that any part of it
// is the beginning of one), and its pinyin initials. The longest name keeps 24 tails.
func Tokens(name string, person bool) []string {
	plain := []rune(Plain(name))
	var out []string
	add := func(s string) {
		if s != "" && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	for i := range min(len(plain), 24) {
		if person && i > 0 && i == len(plain)-1 && len(plain) > 2 {
			break // the last sign alone of a three-sign name finds too many
		}
		add(string(plain[i:]))
	}
	for _, in := range Initials(name, person) {
		add(in)
	}
	if !person && len(plain) > 2 {
		if ins := Initials(name, false); len(ins) > 0 {
			first := ins[0]
			for i := 1; i < len(first)-1; i++ {
				add(first[i:])
			}
		}
	}
	return out
}

// After is the first text that does not begin with s, for a range over beginnings; s is not empty.
func After(s string) string {
	b := []byte(s)
	b[len(b)-1]++ // the last byte of UTF-8 text is never 0xff
	return string(b)
}

// Sort pads the numbers in a name, so that 2幢 comes before 10幢.
func Sort(name string) string {
	var b strings.Builder
	digits := ""
	flush := func() {
		if digits != "" {
			b.WriteString(strings.Repeat("0", max(0, 8-len(digits))) + digits)
			digits = ""
		}
	}
	for _, r := range Plain(name) {
		if r >= '0' && r <= '9' {
			digits += string(r)
			continue
		}
		flush()
		b.WriteRune(r)
	}
	flush()
	return b.String()
}
