package ledger

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Date is a civil day as far as a ledger says it: "2023-06-18", "2022-11",
// "2010", or "".
type Date string

var (
	dateYMD   = regexp.MustCompile(`^(\d{4})\s*[-./年,\\]\s*(\d{1,2})\s*(?:[-./月,\\]\s*(\d{1,2})\s*[日号]?)?月?\.?(?:[T ]\s*\d{1,2}:\d{2}.*)?$`)
	dateYear  = regexp.MustCompile(`^(\d{4})\s*年?\s*(?:建成|竣工|初|底|末|左右)?$`)
	dateDMY   = regexp.MustCompile(`^(\d{1,2})[-./](\d{1,2})[-./](\d{4}|\d{2})(?:\s+\d{1,2}:\d{2}.*)?$`)
	dateShort = regexp.MustCompile(`^[‘'’]?(\d{2})\s*[-./年]\s*(\d{1,2})(?:\s*[-./月]\s*(\d{1,2})\s*日?)?月?$`)
	dateHan   = regexp.MustCompile(`^([零〇○Ｏ一二三四五六七八九Oo0]{4})年(?:(元|正|[一二三四五六七八九十]{1,3})月(?:([一二三四五六七八九十廿卅]{1,4})[日号]?)?)?$`)
	dateSer   = regexp.MustCompile(`^\d{5}(?:\.\d+)?$`)
)

// ParseDate reads a civil day in the manners of ledgers: 2024.3.5, 2024/03/05,
// 2024年3月5日, 20240305, 202403, 45028 (a serial number), 二〇二四年三月五日,
// 1998年. Years outside 1900–2100 and days that do not exist are refused. Empty
// cells and strokes give "", true.
func ParseDate(text string, date1904 bool) (Date, bool) {
	s := value(text)
	if s == "" {
		return "", true
	}
	for _, mark := range []string{"(", "["} {
		if i := strings.Index(s, mark); i > 3 {
			s = strings.TrimSpace(s[:i])
		}
	}
	if t, lost := whole(s); !lost {
		s = t
	}
	s = strings.TrimSuffix(strings.TrimSuffix(s, "起"), "止")
	if m := dateYMD.FindStringSubmatch(s); m != nil {
		return day(m[1], m[2], m[3])
	}
	if digitsOnly(s) {
		switch len(s) {
		case 8:
			return day(s[:4], s[4:6], s[6:])
		case 6:
			return day(s[:4], s[4:], "")
		case 4:
			return day(s, "", "")
		}
	}
	if dateSer.MatchString(s) {
		n, err := strconv.Atoi(s[:5])
		if err != nil || n < 10000 || n > 73050 {
			return "", false
		}
		base := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
		if date1904 {
			base = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
		}
		return Date(base.AddDate(0, 0, n).Format("2006-01-02")), true
	}
	if m := dateYear.FindStringSubmatch(s); m != nil {
		return day(m[1], "", "")
	}
	if m := dateHan.FindStringSubmatch(s); m != nil {
		y, ok := numeral(strings.Map(func(r rune) rune {
			if r == 'O' || r == 'o' || r == '0' {
				return '〇'
			}
			return r
		}, m[1]))
		if !ok {
			return "", false
		}
		month, dom := "", ""
		if m[2] != "" {
			n := 1
			if m[2] != "元" && m[2] != "正" {
				if n, ok = numeral(m[2]); !ok {
					return "", false
				}
			}
			month = strconv.Itoa(n)
		}
		if m[3] != "" {
			n, ok := numeral(m[3])
			if !ok {
				return "", false
			}
			dom = strconv.Itoa(n)
		}
		return day(strconv.Itoa(y), month, dom)
	}
	if m := dateDMY.FindStringSubmatch(s); m != nil && len(m[3]) == 4 {
		// 11/21/2026 is how Excel shows a date in American; a first number above
		// 12 can only be a day.
		if n, _ := strconv.Atoi(m[1]); n > 12 {
			return day(m[3], m[2], m[1])
		}
		return day(m[3], m[1], m[2])
	}
	if m := dateShort.FindStringSubmatch(s); m != nil && (m[3] != "" || strings.Contains(s, "年")) {
		y, _ := strconv.Atoi(m[1])
		if y += 2000; y > 2049 {
			y -= 100
		}
		return day(strconv.Itoa(y), m[2], m[3])
	}
	return "", false
}

// day puts a date together, as far as it is said.
func day(y, m, d string) (Date, bool) {
	year, _ := strconv.Atoi(y)
	if year < 1900 || year > 2100 {
		return "", false
	}
	if m == "" {
		return Date(y), true
	}
	month, _ := strconv.Atoi(m)
	if month < 1 || month > 12 {
		return "", false
	}
	if d == "" {
		return Date(y + "-" + two(month)), true
	}
	dom, _ := strconv.Atoi(d)
	if t := time.Date(year, time.Month(month), dom, 0, 0, 0, 0, time.UTC); dom < 1 || t.Day() != dom {
		return "", false
	}
	return Date(y + "-" + two(month) + "-" + two(dom)), true
}

func two(n int) string {
	if n < 10 {
		return "0" + strconv.Itoa(n)
	}
	return strconv.Itoa(n)
}

var (
	periodHan  = regexp.MustCompile(`\s*(?:至|到|~|～|—+|－|-{2,}|起至)\s*`)
	periodDash = regexp.MustCompile(`^(.*?[0-9日月年])\s*-\s*(\d{4}.*)$`)
)

// ParsePeriod reads a term of office: "2022.11.20-2027.11.19",
// "二〇二三年三月至二〇二八年三月". One date alone is the start.
func ParsePeriod(text string, date1904 bool) (from, to Date, ok bool) {
	s := value(text)
	if s == "" {
		return "", "", true
	}
	parts := periodHan.Split(s, 2)
	if len(parts) == 1 {
		if m := periodDash.FindStringSubmatch(s); m != nil {
			if _, whole := ParseDate(s, date1904); !whole {
				parts = m[1:]
			}
		}
	}
	if m := yearsFrom.FindStringSubmatch(tight(s)); m != nil {
		if from, ok = ParseDate(m[2], date1904); ok {
			return from, lasts(from, yearsOf(m[1])), true
		}
	}
	if m := fromYears.FindStringSubmatch(tight(s)); m != nil {
		if from, ok = ParseDate(m[1], date1904); ok {
			return from, lasts(from, yearsOf(m[2])), true
		}
	}
	if m := onlyTo.FindStringSubmatch(tight(s)); m != nil {
		if to, ok = endOf(m[1], date1904); ok {
			return "", to, true
		}
	}
	from, ok = ParseDate(strings.TrimPrefix(parts[0], "自"), date1904)
	if ok && len(parts) == 2 {
		end := strings.TrimSpace(parts[1])
		if end == "今" || end == "现在" || end == "" {
			return from, "", true
		}
		to, ok = endOf(end, date1904)
	}
	if !ok {
		return "", "", false
	}
	return from, to, true
}

var (
	yearsFrom = regexp.MustCompile(`^(?:任期)?([1-9一二三四五六]年)(?:期|制|任期)?[,;、(]?(?:自|从)?(\d{4}.*?|二[〇零].*?)(?:起|开始|起算)?[)]?$`)
	fromYears = regexp.MustCompile(`^(?:自|从)?(\d{4}.*?)(?:起|开始|起算)?[,;、(]?(?:任期|共|为期)([1-9一二三四五六]年)[)]?$`)
	onlyTo    = regexp.MustCompile(`^(?:至|到|截至|截止到?)(\d{4}.*)$`)
	onlyYears = regexp.MustCompile(`^(?:任期)?([1-9一二三四五六])年(?:期|制)?$`)
	monthEnd  = regexp.MustCompile(`^(\d{4})(?:年|\.|-|/)(\d{1,2})月?(?:底|末)$`)
	yearEnd   = regexp.MustCompile(`^(\d{4})年?(?:年底|年末|底|末)$`)
)

// yearsOf reads a term that says only how many years it lasts: 三年, 任期5年. 0 where it says more or nothing.
func yearsOf(text string) int {
	m := onlyYears.FindStringSubmatch(tight(value(text)))
	if m == nil {
		return 0
	}
	n, _ := count(m[1])
	if h, ok := numeral(m[1]); ok {
		n = h
	}
	return n
}

// lasts is the last day (or month, or year) of so many years from a start; "" without one.
func lasts(from Date, years int) Date {
	if len(from) < 4 || years < 1 {
		return ""
	}
	y, err := strconv.Atoi(string(from[:4]))
	if err != nil {
		return ""
	}
	switch len(from) {
	case 7:
		m, _ := strconv.Atoi(string(from[5:]))
		end := time.Date(y+years, time.Month(m)-1, 1, 0, 0, 0, 0, time.UTC)
		return Date(end.Format("2006-01"))
	case 10:
		start, err := time.Parse("2006-01-02", string(from))
		if err != nil {
			return ""
		}
		return Date(start.AddDate(years, 0, -1).Format("2006-01-02"))
	}
	return Date(strconv.Itoa(y + years))
}

// endOf reads the end of a period, which may be the end of a year or month: 2026年底, 2026年6月底.
func endOf(text string, date1904 bool) (Date, bool) {
	t := strings.TrimSuffix(tight(text), "止")
	if m := yearEnd.FindStringSubmatch(t); m != nil {
		return day(m[1], "12", "31")
	}
	if m := monthEnd.FindStringSubmatch(t); m != nil {
		y, _ := strconv.Atoi(m[1])
		n, _ := strconv.Atoi(m[2])
		return day(m[1], m[2], strconv.Itoa(time.Date(y, time.Month(n)+1, 0, 0, 0, 0, 0, time.UTC).Day()))
	}
	return ParseDate(t, date1904)
}
