package day

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"
)

// Record is one line of a yearly notice: a day off, or a make-up working day.
type Record struct {
	Day  Day    `json:"day"`
	Off  bool   `json:"off"`
	Name string `json:"name"` // the holiday it belongs to, as 春节
}

// Year is what the notices say for one year. Its records may reach into the December before.
type Year struct {
	Year   int      `json:"year"`
	Papers []string `json:"papers"` // where the notices can be read
	Days   []Record `json:"days"`
}

func (y Year) clone() Year {
	y.Papers, y.Days = slices.Clone(y.Papers), slices.Clone(y.Days)
	return y
}

// Calendar is the legal calendar (R52): Monday to Friday are working days and the weekend is off, unless a
// notice says otherwise. It does not change once made. Its zone is Shanghai.
type Calendar struct {
	years map[int]Year
	days  map[Day]Record
}

// NewCalendar builds a calendar. It refuses a year given twice, a year without records (a notice always
// has some), a record outside its year and the December before, and two records that contradict each other.
func NewCalendar(years ...Year) (*Calendar, error) {
	c := &Calendar{years: map[int]Year{}, days: map[Day]Record{}}
	for _, y := range years {
		if _, twice := c.years[y.Year]; twice {
			return nil, fmt.Errorf("calendar: year %d is given twice (年份重复)", y.Year)
		}
		if len(y.Days) == 0 {
			return nil, fmt.Errorf("calendar: year %d has no records (该年没有放假安排)", y.Year)
		}
		c.years[y.Year] = y.clone()
		for _, r := range y.Days {
			year, month, _ := r.Day.Date()
			if year != y.Year && (year != y.Year-1 || month != time.December) {
				return nil, fmt.Errorf("calendar: %s does not belong to the notice of %d (日期不属于该年)", r.Day, y.Year)
			}
			if old, twice := c.days[r.Day]; twice && old.Off != r.Off {
				return nil, fmt.Errorf("calendar: %s is both off and working (同一天既休又班)", r.Day)
			}
			c.days[r.Day] = r
		}
	}
	return c, nil
}

// ReadCalendar builds a calendar from the JSON of []Year.
func ReadCalendar(data []byte) (*Calendar, error) {
	var years []Year
	if err := json.Unmarshal(data, &years); err != nil {
		return nil, fmt.Errorf("calendar: not a list of years: %w", err)
	}
	return NewCalendar(years...)
}

//go:embed china/calendar.json
var china []byte

var chinaOnce = sync.OnceValue(func() *Calendar {
	c, err := ReadCalendar(china)
	if err != nil {
		panic(err)
	}
	return c
})

// China is the calendar of the State Council's notices that this program carries, 2007 to 2026.
func China() *Calendar { return chinaOnce() }

// With is c with these years added, or put in the place of what c had for them.
func (c *Calendar) With(years ...Year) (*Calendar, error) {
	all := slices.Clone(years)
	for _, old := range c.Years() {
		if !slices.ContainsFunc(years, func(y Year) bool { return y.Year == old.Year }) {
			all = append(all, old)
		}
	}
	return NewCalendar(all...)
}

// Years are the known years with their records, oldest first.
func (c *Calendar) Years() []Year {
	all := make([]Year, 0, len(c.years))
	for _, y := range c.years {
		all = append(all, y.clone())
	}
	slices.SortFunc(all, func(a, b Year) int { return a.Year - b.Year })
	return all
}

// Known reports whether the notice for d's year is in the calendar. The notice of a year may still move
// days of the last week of December before it, which this does not foresee.
func (c *Calendar) Known(d Day) bool {
	_, known := c.years[d.Year()]
	return known
}

// Record is what a notice says of d, if any does.
func (c *Calendar) Record(d Day) (Record, bool) {
	r, listed := c.days[d]
	return r, listed
}

// IsWorking reports whether d is a working day; make-up days are. In a year that is not Known it goes by
// the week alone. "No day" is none.
func (c *Calendar) IsWorking(d Day) bool {
	if !d.Sound() {
		return false
	}
	if r, listed := c.days[d]; listed {
		return !r.Off
	}
	w := d.Weekday()
	return w != time.Saturday && w != time.Sunday
}

// Working counts the working days from a to b, both included.
func (c *Calendar) Working(a, b Day) int {
	n := 0
	for d := a; d.Sound() && d <= b; d = d.Add(1) {
		if c.IsWorking(d) {
			n++
		}
	}
	return n
}

// AddWorking is the n-th working day after start, which itself is not counted (R53). With n below 1 it is
// start. The due day is provisional where the counting touched a year that is not Known.
func (c *Calendar) AddWorking(start Day, n int) (due Day, provisional bool) {
	due = start
	for n > 0 && due.Sound() {
		due = due.Add(1)
		provisional = provisional || !c.Known(due)
		if c.IsWorking(due) {
			n--
		}
	}
	return due, provisional
}

// AddDays is n calendar days after start, which itself is not counted; where the last day is a day off,
// the next day that is none (Civil Code 201, 203; R53). With n below 1 it is start. It is provisional where
// the last day or a day it moved over lies in a year that is not Known.
func (c *Calendar) AddDays(start Day, n int) (due Day, provisional bool) {
	if n < 1 {
		return start, false
	}
	return c.roll(start.Add(n))
}

// AddMonths is the corresponding day n months after start, or that month's last day, moved like AddDays
// (Civil Code 202, 203; R53). With n below 1 it is start.
func (c *Calendar) AddMonths(start Day, n int) (due Day, provisional bool) {
	if n < 1 {
		return start, false
	}
	return c.roll(start.AddMonths(n))
}

func (c *Calendar) roll(d Day) (due Day, provisional bool) {
	provisional = !c.Known(d)
	for d.Sound() && !c.IsWorking(d) {
		d = d.Add(1)
		provisional = provisional || !c.Known(d)
	}
	return d, provisional
}

// Before is the day by which notice must be out, n days before a meeting. It counts back and does not
// count the meeting's day: for a meeting on 30 June with 15 days, last is 15 June, the last lawful day.
// plan is one day earlier, which is what the product works with (R53, rules 10.3). Days off do not move it.
func (c *Calendar) Before(meeting Day, n int) (plan, last Day) {
	last = meeting.Add(-max(n, 0))
	return last.Add(-1), last
}
