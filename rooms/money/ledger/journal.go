package ledger

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"cuobian/basis/day"
)

// Journal is the books as a plain-text journal, as hledger 1.25 and later read it: accounts and the currency declared, so
// that the strict checks pass; entries by day; and at the end one line for each account that asserts our balance, so that
// hledger itself says whether it counts the same. What is only reserved is not in it.
func (b *Books) Journal() string {
	var out strings.Builder
	out.WriteString("commodity 1000.00 CNY\n\n")
	codes := make([]string, 0, len(b.chart))
	for c := range b.chart {
		codes = append(codes, c)
	}
	slices.Sort(codes)
	types := map[Class]string{Asset: "A", Debt: "L", Equity: "E", Earning: "R", Cost: "X", Between: "E"}
	for _, c := range codes {
		a := b.chart[c]
		out.WriteString("account " + c + "  ; type:" + types[a.Class] + ", zh:" + line(a.Zh) + ", en:" + line(a.En) + "\n")
	}
	entries := b.Entries()
	slices.SortStableFunc(entries, func(x, y Entry) int { return cmp.Compare(x.Day, y.Day) })
	var last day.Day
	for _, e := range entries {
		last = e.Day
		out.WriteString("\n" + e.Day.String() + " * (" + line(e.ID) + ") " + line(e.Text) + "\n")
		for _, tag := range [][2]string{{"document", e.Document}, {"decision", e.Decision}, {"rule", e.Rule}, {"reverses", e.Reverses}, {"reason", e.Reason}} {
			if tag[1] != "" {
				out.WriteString("    ; " + tag[0] + ":" + line(tag[1]) + "\n")
			}
		}
		for _, l := range e.Legs {
			out.WriteString("    " + l.Account + "  " + l.Amount.String() + " CNY\n")
		}
	}
	if len(entries) == 0 {
		return out.String()
	}
	out.WriteString("\n" + last.String() + " * 余额核对 balances asserted\n")
	for _, c := range codes {
		out.WriteString("    " + c + "  0.00 CNY = " + b.balance[c].String() + " CNY\n")
	}
	return out.String()
}

// line keeps a text on its line and out of the syntax: signs that mean something in a journal become wide ones.
func line(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.IsSpace(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, text)
	text = strings.NewReplacer(";", "；", "|", "｜", "(", "（", ")", "）", "[", "［", "]", "］", ",", "，", ":", "：").Replace(text)
	return strings.Join(strings.Fields(text), " ")
}
