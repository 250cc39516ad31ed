package roll

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"cuobian/basis/area"
	"cuobian/basis/fault"
	"cuobian/basis/scope"
)

// Form is the first line of a canonical text.
const Form = "cuobian roll 1"

func itoa(n int) string { return strconv.Itoa(n) }

// Text is the canonical text: lines of fields between tabs, each line ended by a newline, UTF-8, nothing else.
//
//	cuobian roll 1
//	compound	ID
//	version	N
//	total	RIGHTS	AREA	PARKING
//	right	NO	owner|developer|unknown	AREA	PARKING	PARTS     one for each right, by number
//	part	ID	LABEL	PATH	USE	AREA	SOURCE	STATE	BUILDING	UNIT	ZONE    its parts, by label
//	ended	NO                                            numbers that are no longer rights, by number
//
// Areas are m² with two decimals; parking is not in AREA. Identities are not in it.
func (r Roll) Text() string {
	var b strings.Builder
	line := func(fields ...string) {
		b.WriteString(strings.Join(fields, "\t"))
		b.WriteByte('\n')
	}
	var all, spaces area.Area
	for _, x := range r.Rights {
		a, p := x.Area()
		all, spaces = area.Sum(all, a), area.Sum(spaces, p)
	}
	line(Form)
	line("compound", r.Compound)
	line("version", itoa(r.Version))
	line("total", itoa(len(r.Rights)), all.String(), spaces.String())
	for _, x := range r.Rights {
		a, p := x.Area()
		line("right", itoa(x.No), x.who(), a.String(), p.String(), itoa(len(x.Places)))
		for _, p := range x.Places {
			line("part", p.ID, p.Label, string(p.Path), p.Use, p.Area.String(), string(p.Source), string(p.State), p.Building, p.Unit, p.Zone)
		}
	}
	for _, no := range r.Ended {
		line("ended", itoa(no))
	}
	return b.String()
}

func (r Right) who() string {
	switch {
	case r.Developer:
		return "developer"
	case r.Unknown:
		return "unknown"
	}
	return "owner"
}

// ErrText says that a text is no canonical text of a roll.
var ErrText = fault.New(fault.Invalid, "roll.canonical", "不是规范的名册文本（第 {line} 行）", "not the canonical text of a roll (line {line})")

// Parse reads a canonical text back, without keys and voters. Only what Text wrote is accepted, byte for byte.
func Parse(text string) (Roll, error) {
	r := Roll{Rights: []Right{}, Ended: []int{}, Left: []Left{}}
	n := 0
	bad := func() (Roll, error) { return Roll{}, ErrText.Fill("line", n) }
	num := func(s string) (int, bool) {
		v, err := strconv.Atoi(s)
		return v, err == nil && v >= 0 && itoa(v) == s
	}
	for line := range strings.Lines(text) {
		n++
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		ok := true
		switch {
		case n == 1:
			ok = len(f) == 1 && f[0] == Form
		case n == 2:
			if ok = len(f) == 2 && f[0] == "compound"; ok {
				r.Compound = f[1]
			}
		case n == 3:
			if ok = len(f) == 2 && f[0] == "version"; ok {
				r.Version, ok = num(f[1])
			}
		case n == 4: // looked at below, when all is read
			ok = len(f) == 4 && f[0] == "total"
		case f[0] == "right" && len(f) == 6:
			x := Right{Developer: f[2] == "developer", Unknown: f[2] == "unknown", Places: []Place{}}
			x.No, ok = num(f[1])
			r.Rights = append(r.Rights, x)
		case f[0] == "part" && len(f) == 11 && len(r.Rights) > 0:
			a, err := area.Parse(f[5])
			ok = err == nil
			x := &r.Rights[len(r.Rights)-1]
			if len(x.Places) == 0 {
				x.Label = f[2]
			}
			x.Places = append(x.Places, Place{f[1], f[2], scope.Path(f[3]), f[4], a, area.Source(f[6]), State(f[7]), f[8], f[9], f[10]})
		case f[0] == "ended" && len(f) == 2:
			var no int
			no, ok = num(f[1])
			r.Ended = append(r.Ended, no)
		default:
			ok = false
		}
		if !ok {
			return bad()
		}
	}
	if n < 4 || !increasing(r) {
		return bad()
	}
	if again := r.Text(); again != text { // totals, areas of rights, blanks: everything must be as Text writes it
		n = 1 + strings.Count(common(again, text), "\n")
		return bad()
	}
	return r, nil
}

// increasing reports whether numbers stand in order and once, and so do parts.
func increasing(r Roll) bool {
	last, parts := 0, map[string]bool{}
	for _, no := range r.Ended {
		if no <= last {
			return false
		}
		last = no
	}
	last = 0
	for _, x := range r.Rights {
		if x.No <= last || len(x.Places) == 0 || slices.Contains(r.Ended, x.No) {
			return false
		}
		last = x.No
		for _, p := range x.Places {
			if parts[p.ID] {
				return false
			}
			parts[p.ID] = true
		}
	}
	return true
}

func common(a, b string) string {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return a[:n]
}

// Natural orders labels as people do: runs of digits by their number, so that 2幢 comes before 10幢.
func Natural(a, b string) int {
	x, y := a, b
	for x != "" && y != "" {
		dx, dy := run(x), run(y)
		if dx > 0 && dy > 0 {
			p, q := strings.TrimLeft(x[:dx], "0"), strings.TrimLeft(y[:dy], "0")
			if c := cmp.Or(cmp.Compare(len(p), len(q)), cmp.Compare(p, q)); c != 0 {
				return c
			}
			x, y = x[dx:], y[dy:]
			continue
		}
		if x[0] != y[0] {
			return cmp.Compare(x[0], y[0])
		}
		x, y = x[1:], y[1:]
	}
	return cmp.Or(cmp.Compare(len(x), len(y)), cmp.Compare(a, b))
}

func run(s string) int {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}
