package ledger

import (
	"strings"
	"unicode"
)

// clean turns full-width letters, digits and marks into ASCII, line breaks and
// wide blanks into one blank, drops what cannot be seen and trims.
func clean(s string) string {
	if len(s) > 0 && s[0] == '\'' { // text by force, as our own lists write =, +, -, @
		s = s[1:]
	}
	if plainASCII(s) {
		return strings.TrimSpace(s)
	}
	var b strings.Builder
	b.Grow(len(s))
	blank := false
	for _, r := range s {
		switch {
		case r >= '！' && r <= '～' && r != '，' && r != '；':
			r = r - '！' + '!'
		case r == '，':
			r = ','
		case r == '；':
			r = ';'
		case r == '—' || r == '–' || r == '‐' || r == '‑' || r == '−' || r == '─' || r == '―':
			r = '-'
		case r == '〔' || r == '【' || r == '［':
			// kept: they belong to filing numbers
		case unicode.IsSpace(r) || r == '\u3000':
			r = ' '
		case r == '\u200b' || r == '\u200c' || r == '\u200d' || r == '\ufeff' || r == '\u202c' || r == '\u202d' || r == '\u202a' || unicode.IsControl(r) || r == unicode.ReplacementChar:
			continue
		}
		if r == ' ' {
			blank = true
			continue
		}
		if blank && b.Len() > 0 {
			b.WriteByte(' ')
		}
		blank = false
		b.WriteRune(r)
	}
	return b.String()
}

func plainASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < ' ' || s[i] >= 0x7f || s[i] == ' ' && i > 0 && s[i-1] == ' ' {
			return false
		}
	}
	return true
}

// lines cleans line by line, for cells that hold several.
func lines(s string) []string {
	var out []string
	for _, l := range strings.FieldsFunc(s, func(r rune) bool { return r == '\n' || r == '\r' }) {
		if l = clean(l); l != "" {
			out = append(out, l)
		}
	}
	return out
}

// tight drops all blanks.
func tight(s string) string {
	if !strings.Contains(s, " ") {
		return s
	}
	return strings.ReplaceAll(s, " ", "")
}

// none reports whether a cell says that there is nothing to say.
func none(s string) bool {
	switch s {
	case "", "/", "//", "-", "--", "---", "\\", "无", "暂无", "没有", "空", "未填", "不详", "未知", "N/A", "n/a", "NA", "null", "NULL", "nil", "None", "×", "0/0", "无电话", "无手机", ".", "、", "*", "／":
		return true
	}
	return false
}

// value is clean, with "nothing" as the empty text.
func value(s string) string {
	s = clean(s)
	if none(s) {
		return ""
	}
	return s
}

// written is a cell's text as people wrote it, brackets and all, with blanks and
// line breaks tidied; "nothing" is the empty text.
func written(s string) string {
	if none(clean(s)) {
		return ""
	}
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || r == '\ufeff' || unicode.IsControl(r) }), " ")
}

// broken reports a spreadsheet error such as #REF! or #N/A.
func broken(s string) bool {
	if len(s) < 4 || s[0] != '#' {
		return false
	}
	switch strings.ToUpper(s) {
	case "#REF!", "#N/A", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!", "#GETTING_DATA":
		return true
	}
	return false
}

func digitsOnly(s string) bool {
	if s == "" {
		return false
	}
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// whole undoes the number forms of a cell that must be a whole number: "601.0",
// "1.3900005597E10". It leaves everything else as it is. lost is set where the
// exponent form no longer holds all digits.
func whole(s string) (text string, lost bool) {
	if s == "" || (s[0] < '0' || s[0] > '9') {
		return s, false
	}
	mantissa, exponent, science := strings.Cut(strings.ToUpper(s), "E")
	if !science {
		if head, tail, ok := strings.Cut(s, "."); ok && digitsOnly(head) && tail != "" && strings.Trim(tail, "0") == "" {
			return head, false
		}
		return s, false
	}
	exponent = strings.TrimPrefix(exponent, "+")
	if !digitsOnly(exponent) || len(exponent) > 2 {
		return s, false
	}
	n := 0
	for _, r := range exponent {
		n = n*10 + int(r-'0')
	}
	head, tail, _ := strings.Cut(mantissa, ".")
	if !digitsOnly(head) || tail != "" && !digitsOnly(tail) || n > 30 {
		return s, false
	}
	tail = strings.TrimRight(tail, "0")
	if len(tail) > n {
		return s, true
	}
	digits := strings.TrimLeft(head+tail+strings.Repeat("0", n-len(tail)), "0")
	// Binary numbers keep 15 digits for certain; a rounded text keeps fewer.
	return digits, len(digits) > 15 || len(head+tail) < len(digits) && len(digits) > 9
}

var numerals = map[rune]int{'零': 0, '〇': 0, '○': 0, 'Ｏ': 0, '一': 1, '壹': 1, '二': 2, '两': 2, '贰': 2, '三': 3, '叁': 3, '四': 4, '肆': 4, '五': 5, '伍': 5, '六': 6, '陆': 6, '七': 7, '柒': 7, '八': 8, '捌': 8, '九': 9, '玖': 9}

// numeral reads a Chinese numeral below 10,000, both in places (二十三, 一百零二)
// and digit by digit (二〇二三).
func numeral(s string) (int, bool) {
	if s == "" || len(s) > 36 {
		return 0, false
	}
	places := strings.ContainsAny(s, "十百千拾佰仟廿卅")
	total, digit, seen := 0, 0, false
	for _, r := range s {
		if d, ok := numerals[r]; ok {
			if places {
				digit = d
			} else {
				total = total*10 + d
				if total > 9999 {
					return 0, false
				}
			}
			seen = true
			continue
		}
		unit := 0
		switch r {
		case '十', '拾':
			unit = 10
		case '百', '佰':
			unit = 100
		case '千', '仟':
			unit = 1000
		case '廿':
			total, seen = total+20, true
			continue
		case '卅':
			total, seen = total+30, true
			continue
		default:
			return 0, false
		}
		if digit == 0 {
			if unit != 10 {
				return 0, false
			}
			digit = 1
		}
		total, digit, seen = total+digit*unit, 0, true
	}
	if !seen || total+digit > 9999 {
		return 0, false
	}
	return total + digit, true
}

// count reads a whole number that may carry a unit: 486, "312户", "２４０",
// "约60户" is refused. -1, false where there is none.
func count(s string) (int, bool) {
	s = tight(clean(s))
	s, lost := whole(s)
	if lost {
		return -1, false
	}
	s = strings.TrimRightFunc(s, func(r rune) bool { return unicode.Is(unicode.Han, r) && numerals[r] == 0 && r != '十' && r != '百' })
	s = strings.TrimPrefix(s, "共")
	s = strings.ReplaceAll(s, ",", "")
	if digitsOnly(s) && len(s) < 9 {
		n := 0
		for _, r := range s {
			n = n*10 + int(r-'0')
		}
		return n, true
	}
	if n, ok := numeral(s); ok {
		return n, true
	}
	return -1, false
}

// tri reads yes and no as ledgers tick them.
func tri(s string) Tri {
	s = tight(clean(s))
	switch s {
	case "":
		return NotSaid
	case "是", "有", "√", "✓", "✔", "☑", "■", "Y", "y", "YES", "Yes", "yes", "TRUE", "true", "1", "已", "对", "已成立", "已组建", "已建立", "成立", "已备案", "已换届", "●", "▲", "V", "v":
		return Yes
	case "否", "无", "×", "✗", "✘", "☐", "□", "N", "n", "NO", "No", "no", "FALSE", "false", "0", "未", "没有", "未成立", "未组建", "未建立", "/", "-", "X", "x", "不是", "暂无", "筹备中", "正在筹备", "筹建中":
		return No
	}
	switch {
	case strings.Contains(s, "未") || strings.Contains(s, "没") || strings.Contains(s, "筹"):
		return No
	case strings.HasPrefix(s, "已") || strings.HasPrefix(s, "有") || strings.HasPrefix(s, "是"):
		return Yes
	}
	return NotSaid
}

// han counts the Chinese characters of s.
func han(s string) int {
	n := 0
	for _, r := range s {
		if unicode.Is(unicode.Han, r) {
			n++
		}
	}
	return n
}

func runes(s string) int { return len([]rune(s)) }
