package day

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Span is a part of a day, from and to as time since midnight.
type Span struct{ From, To time.Duration }

// Hours are the spans of a working day in which an office counts hours. The zero value is the preset
// 8:00-12:00 and 14:30-17:30.
type Hours struct{ spans []Span }

var preset = []Span{
	{8 * time.Hour, 12 * time.Hour},
	{14*time.Hour + 30*time.Minute, 17*time.Hour + 30*time.Minute},
}

// NewHours takes spans in order that do not touch the night: within one day, each longer than nothing,
// none overlapping.
func NewHours(spans ...Span) (Hours, error) {
	if len(spans) == 0 {
		return Hours{}, errors.New("office hours: no span given (办公时间为空)")
	}
	at := time.Duration(0)
	for n, s := range spans {
		if s.From < at || s.To <= s.From || s.To > 24*time.Hour {
			return Hours{}, fmt.Errorf("office hours: span %d is empty, overlaps or leaves the day (办公时间第%d段有误)", n+1, n+1)
		}
		at = s.To
	}
	return Hours{slices.Clone(spans)}, nil
}

// Spans are the spans in order.
func (h Hours) Spans() []Span {
	if h.spans == nil {
		return slices.Clone(preset)
	}
	return slices.Clone(h.spans)
}

// String is 08:00-12:00,14:30-17:30.
func (h Hours) String() string {
	var b strings.Builder
	for n, s := range h.Spans() {
		if n > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "%s-%s", clock(s.From), clock(s.To))
	}
	return b.String()
}

func clock(d time.Duration) string {
	return fmt.Sprintf("%02d:%02d", int(d/time.Hour), int(d%time.Hour/time.Minute))
}

// ParseHours reads what String writes. The empty text is the preset.
func ParseHours(text string) (Hours, error) {
	if text == "" {
		return Hours{}, nil
	}
	var spans []Span
	for part := range strings.SplitSeq(text, ",") {
		from, to, found := strings.Cut(strings.TrimSpace(part), "-")
		a, errA := parseClock(from)
		b, errB := parseClock(to)
		if !found || errA != nil || errB != nil {
			return Hours{}, errors.New("office hours: not of the form 08:00-12:00,14:30-17:30 (办公时间格式有误)")
		}
		spans = append(spans, Span{a, b})
	}
	return NewHours(spans...)
}

func parseClock(text string) (time.Duration, error) {
	hour, minute, _ := strings.Cut(text, ":")
	h, errH := strconv.Atoi(hour)
	m, errM := strconv.Atoi(minute)
	if errH != nil || errM != nil || h < 0 || h > 24 || m < 0 || m > 59 {
		return 0, errors.New("not a time of day")
	}
	return time.Duration(h)*time.Hour + time.Duration(m)*time.Minute, nil
}

// MarshalText writes String.
func (h Hours) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText is ParseHours.
func (h *Hours) UnmarshalText(text []byte) error {
	got, err := ParseHours(string(text))
	if err == nil {
		*h = got
	}
	return err
}

// AddOfficeHours is the instant when n has run by office hours on working days, in Shanghai's time.
// Outside office hours nothing runs: a start on a Friday evening begins on the next working day at opening.
// An end that meets a closing stays there. With n not above 0 it is start.
func (c *Calendar) AddOfficeHours(h Hours, start Instant, n time.Duration) (due Instant, provisional bool) {
	if n <= 0 || start == 0 {
		return start, false
	}
	spans := h.spans
	if spans == nil {
		spans = preset
	}
	for d := start.Day(Shanghai); d.Sound(); d = d.Add(1) {
		provisional = provisional || !c.Known(d)
		if !c.IsWorking(d) {
			continue
		}
		midnight := d.Start(Shanghai)
		for _, s := range spans {
			from, to := max(start, midnight.Add(s.From)), midnight.Add(s.To)
			if from >= to {
				continue
			}
			if left := to.Sub(from); n > left {
				n -= left
				continue
			}
			return from.Add(n), provisional
		}
	}
	return 0, true
}

// OfficeTime is how much of the time from a to b fell into office hours on working days.
func (c *Calendar) OfficeTime(h Hours, a, b Instant) time.Duration {
	var sum time.Duration
	for d := a.Day(Shanghai); d.Sound() && d.Start(Shanghai) < b; d = d.Add(1) {
		if !c.IsWorking(d) {
			continue
		}
		midnight := d.Start(Shanghai)
		for _, s := range h.Spans() {
			from, to := max(a, midnight.Add(s.From)), min(b, midnight.Add(s.To))
			if from < to {
				sum += to.Sub(from)
			}
		}
	}
	return sum
}

// Unit is what a limit is counted in.
type Unit string

const (
	Minutes     Unit = "min" // by the clock, from the stated moment (rules 10.3)
	ClockHours  Unit = "h"   // by the clock, from the stated moment
	OfficeHours Unit = "oh"  // by office hours on working days 工作小时
	WorkingDays Unit = "wd"  // the n-th working day after 工作日
	Days        Unit = "d"   // calendar days, rolled over 自然日
	Months      Unit = "mo"  // corresponding day, rolled over 月
)

var units = []Unit{Minutes, ClockHours, OfficeHours, WorkingDays, Days, Months}

// Limit is a length of time with its unit, written 15min, 2h, 4oh, 5wd, 15d, 1mo. The zero value is "no
// limit", the empty text.
type Limit struct {
	N    int
	Unit Unit
}

// ErrLimit is returned for text that is no limit.
var ErrLimit = errors.New("not a limit such as 15min, 2h, 4oh, 5wd, 15d or 1mo (期限格式有误)")

// ParseLimit reads what String writes, with N from 1 to 100000.
func ParseLimit(text string) (Limit, error) {
	if text == "" {
		return Limit{}, nil
	}
	cut := strings.IndexFunc(text, func(r rune) bool { return r < '0' || r > '9' })
	if cut < 1 || cut > 6 || !slices.Contains(units, Unit(text[cut:])) {
		return Limit{}, ErrLimit
	}
	n, err := strconv.Atoi(text[:cut])
	if err != nil || n < 1 || n > 100000 {
		return Limit{}, ErrLimit
	}
	return Limit{n, Unit(text[cut:])}, nil
}

// IsZero reports "no limit".
func (l Limit) IsZero() bool { return l == Limit{} }

// String is 5wd.
func (l Limit) String() string {
	if l.IsZero() {
		return ""
	}
	return strconv.Itoa(l.N) + string(l.Unit)
}

// Chinese is 5个工作日.
func (l Limit) Chinese() string {
	return l.say("分钟", "小时", "个工作小时", "个工作日", "日", "个月", "", "")
}

// English is 5 working days.
func (l Limit) English() string {
	return l.say("minute", "hour", "office hour", "working day", "day", "month", " ", "s")
}

func (l Limit) say(minute, h, oh, wd, d, mo, gap, plural string) string {
	word, known := map[Unit]string{Minutes: minute, ClockHours: h, OfficeHours: oh, WorkingDays: wd, Days: d, Months: mo}[l.Unit]
	if !known {
		return ""
	}
	if l.N == 1 {
		plural = ""
	}
	return strconv.Itoa(l.N) + gap + word + plural
}

// MarshalText writes String.
func (l Limit) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// UnmarshalText is ParseLimit.
func (l *Limit) UnmarshalText(text []byte) error {
	got, err := ParseLimit(string(text))
	if err == nil {
		*l = got
	}
	return err
}

// Due is where a limit ends. At is the last instant in time: what happens at At is not late, what happens
// after it is. Provisional says that a year without its notice was crossed, so that At may still move.
type Due struct {
	At          Instant `json:"at"`
	Provisional bool    `json:"provisional"`
}

// Day is the civil day in which the limit ends.
func (d Due) Day() Day { return d.At.Day(Shanghai) }

// Late reports whether done came after the end. "No limit" makes nothing late.
func (d Due) Late(done Instant) bool { return d.At != 0 && done > d.At }

// Deadline is where the limit ends that began at start. Minutes and hours run on the clock, office hours on
// h, and days end at 24:00 of their last day in Shanghai's time (R53). "No limit" gives the zero Due.
func (c *Calendar) Deadline(start Instant, l Limit, h Hours) Due {
	if start == 0 || l.N < 1 {
		return Due{}
	}
	switch l.Unit {
	case Minutes:
		return Due{At: start.Add(time.Duration(l.N) * time.Minute)}
	case ClockHours:
		return Due{At: start.Add(time.Duration(l.N) * time.Hour)}
	case OfficeHours:
		at, provisional := c.AddOfficeHours(h, start, time.Duration(l.N)*time.Hour)
		return Due{at, provisional}
	}
	count := map[Unit]func(Day, int) (Day, bool){WorkingDays: c.AddWorking, Days: c.AddDays, Months: c.AddMonths}[l.Unit]
	if count == nil {
		return Due{}
	}
	last, provisional := count(start.Day(Shanghai), l.N)
	return Due{last.End(Shanghai), provisional}
}
