package bank

import (
	"strconv"
	"strings"
	"time"

	"cuobian/basis/day"
	"cuobian/basis/yuan"
)

const maxCell = 4000 // signs of a cell

// split cuts separated text into rows of cells; row n of the result is line n of the text. A quoted cell ends at its
// quote even when blanks stand before the next separator, as wallets write it; a quote within a plain cell is a sign.
func split(text string) ([][]string, error) {
	text = strings.TrimPrefix(text, "\ufeff")
	sep := byte(',')
	if head := text[:min(len(text), 8000)]; strings.Count(head, "\t") > 4*max(1, strings.Count(head, ",")) {
		sep = '\t'
	}
	var rows [][]string
	open := 0 // quotes that nothing closed; after some the text is not quoted at all, and is not searched for their ends
	for i := 0; i < len(text); {
		if len(rows) > maxRows {
			return nil, ErrTooMany
		}
		var row []string
		lines := 1
		for {
			j := i
			for j < len(text) && (text[j] == ' ' || text[j] == '\t' && sep != '\t') {
				j++
			}
			var cell string
			if j < len(text) && text[j] == '"' && open < 50 {
				if c, end, broken, ok := quoted(text, j+1, sep); ok {
					cell, i = c, end
					lines += broken
				} else {
					open++
					cell, i = plain(text, i, sep)
				}
			} else {
				cell, i = plain(text, i, sep)
			}
			if len(row) < 200 {
				row = append(row, clip(cell))
			}
			if i < len(text) && text[i] == sep {
				i++
				continue
			}
			break
		}
		if i < len(text) && text[i] == '\r' {
			i++
		}
		if i < len(text) && text[i] == '\n' {
			i++
		}
		rows = append(rows, row)
		for ; lines > 1; lines-- {
			rows = append(rows, nil)
		}
	}
	return rows, nil
}

func plain(text string, i int, sep byte) (string, int) {
	j := i
	for j < len(text) && text[j] != sep && text[j] != '\n' && text[j] != '\r' {
		j++
	}
	return strings.TrimSpace(text[i:j]), j
}

// quoted reads a cell behind its opening quote; ok is false where no quote closes it within bearable length.
func quoted(text string, i int, sep byte) (cell string, end, lines int, ok bool) {
	var b strings.Builder
	for j := i; j < len(text) && j-i < 4*maxCell; j++ {
		if text[j] != '"' {
			if text[j] == '\n' {
				lines++
			}
			b.WriteByte(text[j])
			continue
		}
		if j+1 < len(text) && text[j+1] == '"' {
			b.WriteByte('"')
			j++
			continue
		}
		k := j + 1
		for k < len(text) && (text[k] == ' ' || text[k] == '\t' && sep != '\t') {
			k++
		}
		if k == len(text) || text[k] == sep || text[k] == '\n' || text[k] == '\r' {
			return strings.TrimSpace(b.String()), k, lines, true
		}
		b.WriteByte('"')
	}
	return "", 0, 0, false
}

func clip(s string) string {
	if len(s) <= maxCell {
		return s
	}
	return strings.ToValidUTF8(s[:maxCell], "")
}

// clean trims a cell and drops the dashes and strokes that stand for nothing.
func clean(s string) string {
	s = strings.TrimSpace(strings.Trim(s, "\ufeff\u00a0\u3000 \t"))
	if strings.Trim(s, "-/—") == "" {
		return ""
	}
	return s
}

// amount reads a sum: 1,234.50, ¥12.00, CNY 12.00, 8.00(CN), 131.77(已退款89.84), 548.58000000000004 as a program stores
// it. A currency named in the cell is given back.
func amount(s string) (yuan.Amount, string, bool) {
	s = clean(s)
	for _, cut := range []string{"(", "（"} {
		if i := strings.Index(s, cut); i > 0 {
			s = strings.TrimSpace(s[:i])
		}
	}
	cur := ""
	if len(s) > 3 && s[0] >= 'A' && s[0] <= 'Z' && s[1] >= 'A' && s[1] <= 'Z' && s[2] >= 'A' && s[2] <= 'Z' {
		cur, s = s[:3], strings.TrimSpace(s[3:])
	}
	s = strings.ReplaceAll(s, "￥", "¥")
	if s == "" {
		return 0, cur, false
	}
	a, err := yuan.Parse(s)
	if err != nil {
		a, err = yuan.Parse(shown(s))
	}
	return a, cur, err == nil
}

// shown is a stored number as the program shows it: of a binary number written out with 16 digits or more, the 15 that
// mean something.
func shown(s string) string {
	digits := 0
	for _, r := range s {
		if r >= '0' && r <= '9' {
			digits++
		}
	}
	if digits < 15 || strings.ContainsAny(s, ",¥") {
		return s
	}
	f, err := strconv.ParseFloat(s, 64) //float: workbooks store sums as binary numbers; back to the decimals that were typed
	if err != nil {
		return s
	}
	g, _ := strconv.ParseFloat(strconv.FormatFloat(f, 'e', 14, 64), 64) //float: the same
	return strconv.FormatFloat(g, 'f', -1, 64)                          //float: the same
}

// moment reads a day, with its time where it has one: 2025-01-02, 2025/1/2, 20250102, 2025年1月2日, with 15:04[:05]
// behind, or the serial number of a workbook's date.
func moment(s string) (day.Day, string, bool) {
	s = strings.TrimSpace(strings.Trim(s, "\ufeff\u00a0\u3000 \t"))
	if s == "" {
		return 0, "", false
	}
	date, clock := s, ""
	if i := strings.IndexAny(s, " T"); i > 0 {
		date, clock = s[:i], strings.TrimSpace(s[i+1:])
	}
	date = strings.NewReplacer("/", "-", ".", "-", "年", "-", "月", "-", "日", "").Replace(date)
	if clock == "" && strings.Count(s, ".") == 1 && !strings.ContainsAny(s, "/年-") || len(s) == 5 && digit(s) {
		return serial(s)
	}
	if len(date) == 8 && digit(date) {
		date = date[:4] + "-" + date[4:6] + "-" + date[6:]
	}
	if parts := strings.Split(date, "-"); len(parts) == 3 {
		for i := 1; i < 3; i++ {
			if len(parts[i]) == 1 {
				parts[i] = "0" + parts[i]
			}
		}
		date = strings.Join(parts, "-")
	}
	d, err := day.Parse(date)
	if err != nil {
		return 0, "", false
	}
	t, ok := hour(clock)
	return d, t, ok
}

// hour reads 15:04:05, 15:04, 150405 or nothing.
func hour(s string) (string, bool) {
	s = strings.TrimSpace(s)
	if s == "" {
		return "", true
	}
	if i := strings.IndexAny(s, ".+Z"); i > 0 {
		s = s[:i]
	}
	for _, form := range []string{"15:04:05", "15:04", "150405"} {
		if t, err := time.Parse(form, s); err == nil {
			return t.Format("15:04:05"), true
		}
	}
	return "", false
}

// serial reads a workbook's date: days since 30 December 1899, the part behind the point is the time.
func serial(s string) (day.Day, string, bool) {
	whole, part, _ := strings.Cut(s, ".")
	n, err := strconv.Atoi(whole)
	if err != nil || n < 20000 || n > 80000 || !digit(part) && part != "" {
		return 0, "", false
	}
	d := day.Date(1899, 12, 30).Add(n)
	if strings.Trim(part, "0") == "" {
		return d, "", true
	}
	p, err := strconv.ParseInt((part + "000000000")[:9], 10, 64)
	if err != nil {
		return 0, "", false
	}
	sec := (p*86400 + 500_000_000) / 1_000_000_000
	if sec == 86400 {
		return d.Add(1), "00:00:00", true
	}
	return d, time.Unix(sec, 0).UTC().Format("15:04:05"), true
}

func digit(s string) bool {
	return s != "" && strings.IndexFunc(s, func(r rune) bool { return r < '0' || r > '9' }) < 0
}

// currency is the three letters of a currency as files name it.
func currency(s string) string {
	switch s = strings.ToUpper(clean(s)); s {
	case "", "人民币", "人民币元", "RMB", "CNY", "元", "156":
		return "CNY"
	case "美元":
		return "USD"
	case "港币", "港元":
		return "HKD"
	case "欧元":
		return "EUR"
	case "日元":
		return "JPY"
	}
	return s
}
