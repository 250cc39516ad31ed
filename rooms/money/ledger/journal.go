package ledger

import (
	"bufio"
	"cmp"
	"io"
	"slices"
	"strings"
	"unicode"

	"cuobian/basis/day"
	"cuobian/basis/yuan"
)

// Journal is the books as a plain-text journal. What is only reserved is not in it.
func (b *Books) Journal() string {
	var out strings.Builder
	j := NewJournal(&out, b.chart)
	entries := b.Entries()
	slices.SortStableFunc(entries, func(x, y Entry) int { return cmp.Compare(x.Day, y.Day) })
	for _, e := range entries {
		j.Add(e)
	}
	if err := j.End(b.balance); err != nil {
		panic(err) // a strings.Builder takes everything
	}
	return out.String()
}

// Journal writes books as a plain-text journal, as hledger 1.25 and later read it: accounts and the currency declared, so
// that the strict checks pass; entries by day; and at the end one line for each account that asserts our balance, so that
// hledger itself says whether it counts the same.
type Journal struct {
	out   *bufio.Writer
	codes []string
	last  day.Day
}

// NewJournal begins a journal with its accounts.
func NewJournal(w io.Writer, c Chart) *Journal {
	j := &Journal{out: bufio.NewWriterSize(w, 64<<10)}
	j.out.WriteString("commodity 1000.00 CNY\n\n")
	for code := range c {
		j.codes = append(j.codes, code)
	}
	slices.Sort(j.codes)
	types := map[Class]string{Asset: "A", Debt: "L", Equity: "E", Earning: "R", Cost: "X", Between: "E"}
	for _, code := range j.codes {
		a := c[code]
		j.out.WriteString("account " + code + "  ; type:" + types[a.Class] + ", zh:" + line(a.Zh) + ", en:" + line(a.En) + "\n")
	}
	return j
}

// Add writes an entry; they come by day. Errors of the writer are kept for End.
func (j *Journal) Add(e Entry) {
	j.last = e.Day
	j.out.WriteString("\n" + e.Day.String() + " * (" + line(e.ID) + ") " + line(e.Text) + "\n")
	for _, tag := range [][2]string{{"document", e.Document}, {"decision", e.Decision}, {"rule", e.Rule}, {"reverses", e.Reverses}, {"reason", e.Reason}} {
		if tag[1] != "" {
			j.out.WriteString("    ; " + tag[0] + ":" + line(tag[1]) + "\n")
		}
	}
	for _, l := range e.Legs {
		j.out.WriteString("    " + l.Account + "  " + l.Amount.String() + " CNY\n")
	}
}

// End asserts the balances and gives the first error of the writer.
func (j *Journal) End(balance map[string]yuan.Amount) error {
	if j.last.Sound() {
		j.out.WriteString("\n" + j.last.String() + " * 余额核对 balances asserted\n")
		for _, code := range j.codes {
			j.out.WriteString("    " + code + "  0.00 CNY = " + balance[code].String() + " CNY\n")
		}
	}
	return j.out.Flush()
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
