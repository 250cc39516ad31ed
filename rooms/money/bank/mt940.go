package bank

import (
	"regexp"
	"strings"

	"cuobian/basis/day"
	"cuobian/basis/yuan"
)

// SWIFT MT940, customer statement message: tags between colons at the head of a line.
var (
	tagLine = regexp.MustCompile(`^:(\d{2}[A-Z]?):(.*)$`)
	balance = regexp.MustCompile(`^([DC])(\d{6})([A-Z]{3})([0-9,]{1,16})$`)
	entry   = regexp.MustCompile(`^(\d{6})(\d{4})?(R?[DC])([A-Z])?([0-9,]{1,16})(?:([A-Z][A-Z0-9 ]{3}))?(.*)$`)
)

func isMT940(text string) bool {
	has60, has61 := false, false
	for n, line := range strings.Split(text[:min(len(text), 20000)], "\n") {
		if n > 400 {
			break
		}
		has60 = has60 || strings.HasPrefix(line, ":60F:") || strings.HasPrefix(line, ":60M:")
		has61 = has61 || strings.HasPrefix(line, ":61:")
	}
	return has60 || has61
}

// swiftSum reads 380115,12 and 15000, : at most two decimals.
func swiftSum(s string) (yuan.Amount, bool) {
	whole, part, cut := strings.Cut(s, ",")
	if !cut || whole == "" || strings.Contains(part, ",") {
		return 0, false
	}
	if part == "" {
		part = "0"
	}
	a, err := yuan.Parse(whole + "." + part)
	return a, err == nil
}

func swiftDay(s string) (day.Day, bool) {
	d, err := day.Parse("20" + s[:2] + "-" + s[2:4] + "-" + s[4:6])
	return d, err == nil
}

// readMT940 reads all statements of a file.
func readMT940(text string) (File, error) {
	f := File{Format: "mt940", Zh: "SWIFT MT940", En: "SWIFT MT940"}
	type tag struct {
		name, body string
		row        int
	}
	var tags []tag
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	if len(lines) > maxRows {
		return f, ErrTooMany
	}
	for i, line := range lines {
		if m := tagLine.FindStringSubmatch(line); m != nil {
			tags = append(tags, tag{m[1], m[2], i + 1})
			continue
		}
		if len(tags) == 0 || line == "" || strings.HasPrefix(line, "-") {
			continue
		}
		if last := &tags[len(tags)-1]; len(last.body) < maxCell {
			last.body += "\n" + line
		}
	}
	var opening *yuan.Amount
	var sum yuan.Amount
	cur := ""
	for i, t := range tags {
		switch t.name {
		case "20":
			opening, sum = nil, 0
		case "25":
			if f.Tail == "" {
				f.Tail = tail(t.body)
			}
		case "60F", "60M", "62F", "62M":
			m := balance.FindStringSubmatch(strings.TrimSpace(t.body))
			if m == nil {
				f.trouble(t.row, &column{at: 0, head: ":" + t.name + ":"}, "bank.tag", false)
				continue
			}
			a, ok := swiftSum(m[4])
			if !ok {
				f.trouble(t.row, &column{at: 0, head: ":" + t.name + ":"}, "bank.amount", false)
				continue
			}
			if m[1] == "D" {
				a = -a
			}
			cur = m[3]
			if t.name[0] == '6' && t.name[1] == '0' {
				opening, sum = &a, 0
				if f.Opening == nil {
					o := a
					f.Opening = &o
				}
				continue
			}
			c := a
			f.Closing = &c
			if opening != nil {
				f.Checks = append(f.Checks, Check{Name: "closing", Row: t.row, Stated: a, Found: *opening + sum, Holds: a == *opening+sum})
			}
		case "61":
			head, more, _ := strings.Cut(t.body, "\n")
			m := entry.FindStringSubmatch(head)
			if m == nil {
				f.trouble(t.row, &column{at: 0, head: ":61:"}, "bank.tag", true)
				continue
			}
			d, ok := swiftDay(m[1])
			if !ok {
				f.trouble(t.row, &column{at: 0, head: ":61:"}, "bank.day", true)
				continue
			}
			a, ok := swiftSum(m[5])
			if !ok {
				f.trouble(t.row, &column{at: 0, head: ":61:"}, "bank.amount", true)
				continue
			}
			if m[3] == "D" || m[3] == "RC" { // a credit taken back goes out
				a = -a
			}
			l := Line{Row: t.row, Day: d, Amount: a, Currency: currency(cur), Side: In}
			if a < 0 {
				l.Side = Out
			}
			sum += a
			order, ref, _ := strings.Cut(m[7], "//")
			if order = strings.TrimSpace(order); order != "NONREF" {
				l.Order = order
			}
			l.Ref = strings.TrimSpace(ref)
			if i+1 < len(tags) && tags[i+1].name == "86" {
				l.Text, l.Party, l.Tail = purpose(tags[i+1].body)
			} else {
				l.Text = clean(more)
			}
			l.Kind = kindOf(l.Text)
			if strings.HasPrefix(m[6], "N") && m[6][1:] == "CHG" {
				l.Kind = Fee
			}
			if l.Currency != "CNY" {
				f.trouble(t.row, nil, "bank.currency", false)
			}
			f.Lines = append(f.Lines, l)
		}
	}
	if len(f.Lines) == 0 && f.Opening == nil {
		return f, ErrUnknown
	}
	mark(f.Lines)
	f.span()
	return f, nil
}

// purpose takes apart what the bank writes for the owner: with ?20–?29 and ?60–?63 the purpose, ?32 ?33 the other
// party, ?31 its account; otherwise the text as it stands.
func purpose(body string) (text, party, number string) {
	body = strings.TrimSpace(body)
	if len(body) < 4 || !digit(strings.TrimSpace(body[:3])) || !strings.ContainsAny(body[3:4], "?") {
		return strings.Join(strings.Fields(body), " "), "", ""
	}
	for _, p := range strings.Split(strings.ReplaceAll(body[4:], "\n", ""), "?") {
		if len(p) < 2 {
			continue
		}
		switch k := p[:2]; {
		case k >= "20" && k <= "29" || k >= "60" && k <= "63":
			text += p[2:]
		case k == "00" && text == "":
			text = p[2:] + " "
		case k == "32" || k == "33":
			party += p[2:]
		case k == "31":
			number = tail(p[2:])
		}
	}
	return strings.TrimSpace(text), strings.Join(strings.Fields(party), " "), number
}
