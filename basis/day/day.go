package day

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"time"
)

// Shanghai is the civil time of the whole country, +08:00 without summer time. It is fixed here so that a
// machine without zone files counts the same days. (Summer time of 1986 to 1991 is left out on purpose.)
var Shanghai = time.FixedZone("CST", 8*60*60)

// Day is a civil day of the years 1 to 9999. The zero value is "no day", written and stored as the empty
// text. Days compare with < and ==; "no day" comes before all others.
type Day int32

// First and Last bound the days that can be written.
const (
	First Day = 1       // 0001-01-01
	Last  Day = 3652059 // 9999-12-31
)

// ErrDay is returned for text that names no day. It does not repeat the text.
var ErrDay = errors.New("not a day of the form 2026-11-21 (日期格式应为 2026-11-21)")

const dayForm = "2006-01-02"

var epoch = time.Date(0, 12, 31, 0, 0, 0, 0, time.UTC).Unix() / 86400

// Date is the day of that year, month and day of month. A day that the calendar does not have, such as
// 30 February, is "no day".
func Date(year int, month time.Month, dayOfMonth int) Day {
	if year < 1 || year > 9999 || month < 1 || month > 12 || dayOfMonth < 1 || dayOfMonth > daysIn(year, month) {
		return 0
	}
	return Day(time.Date(year, month, dayOfMonth, 0, 0, 0, 0, time.UTC).Unix()/86400 - epoch)
}

func daysIn(year int, month time.Month) int {
	return time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// Parse reads 2026-11-21. The empty text is "no day" without an error.
func Parse(text string) (Day, error) {
	if text == "" {
		return 0, nil
	}
	if len(text) != len(dayForm) {
		return 0, ErrDay
	}
	t, err := time.Parse(dayForm, text)
	if err != nil || t.Year() < 1 {
		return 0, ErrDay
	}
	return Date(t.Year(), t.Month(), t.Day()), nil
}

// MustParse is Parse for constants and tests; it panics on text that names no day.
func MustParse(text string) Day {
	d, err := Parse(text)
	if err != nil {
		panic(fmt.Sprintf("day.MustParse(%q): %v", text, err))
	}
	return d
}

// FromTime is the day that the calendar on the wall shows at t in loc.
func FromTime(t time.Time, loc *time.Location) Day {
	return Date(t.In(loc).Date())
}

// Sound reports whether d is a day that can be written; "no day" is not.
func (d Day) Sound() bool { return d >= First && d <= Last }

// IsZero reports "no day".
func (d Day) IsZero() bool { return d == 0 }

// Time is the first moment of d in loc; the zero time for "no day".
func (d Day) Time(loc *time.Location) time.Time {
	if !d.Sound() {
		return time.Time{}
	}
	year, month, dom := d.Date()
	return time.Date(year, month, dom, 0, 0, 0, 0, loc)
}

// Start is the first instant of d in loc; zero for "no day".
func (d Day) Start(loc *time.Location) Instant {
	if !d.Sound() {
		return 0
	}
	return InstantOf(d.Time(loc))
}

// End is the last instant of d in loc, one microsecond before the next day; zero for "no day". A period of
// days ends here (24:00, Civil Code 203).
func (d Day) End(loc *time.Location) Instant {
	if !d.Sound() {
		return 0
	}
	year, month, dom := d.Date()
	return InstantOf(time.Date(year, month, dom+1, 0, 0, 0, 0, loc)) - 1
}

// Date is the year, month and day of month; zeros for "no day".
func (d Day) Date() (year int, month time.Month, dayOfMonth int) {
	if !d.Sound() {
		return 0, 0, 0
	}
	return time.Unix((int64(d)+epoch)*86400, 0).UTC().Date()
}

// Year is the year of d, 0 for "no day".
func (d Day) Year() int {
	year, _, _ := d.Date()
	return year
}

// Month is d's month as 2026-11, the empty text for "no day".
func (d Day) Month() string {
	if !d.Sound() {
		return ""
	}
	return d.String()[:7]
}

// Weekday is the day of the week; Sunday for "no day", so ask Sound first where that matters.
func (d Day) Weekday() time.Weekday {
	if !d.Sound() {
		return time.Sunday
	}
	return time.Weekday(d % 7) // 0001-01-01 was a Monday
}

// Add is the day n days later. Beyond First and Last, and from "no day", it is "no day".
func (d Day) Add(n int) Day {
	if !d.Sound() || n > int(Last) || n < -int(Last) {
		return 0
	}
	sum := int(d) + n
	if sum < int(First) || sum > int(Last) {
		return 0
	}
	return Day(sum)
}

// AddMonths is the corresponding day n months later, or the last day of that month where it has none
// (Civil Code 202, R53).
func (d Day) AddMonths(n int) Day {
	if !d.Sound() || n > 12*9999 || n < -12*9999 {
		return 0
	}
	year, month, dom := d.Date()
	months := year*12 + int(month) - 1 + n
	if months < 12 {
		return 0
	}
	year, month = months/12, time.Month(months%12+1)
	return Date(year, month, min(dom, daysIn(year, month)))
}

// Sub is the number of days from other to d; 0 where either is "no day".
func (d Day) Sub(other Day) int {
	if !d.Sound() || !other.Sound() {
		return 0
	}
	return int(d) - int(other)
}

// String is 2026-11-21, the empty text for "no day".
func (d Day) String() string {
	if !d.Sound() {
		return ""
	}
	year, month, dom := d.Date()
	var b [10]byte
	digits(b[0:4], year)
	b[4] = '-'
	digits(b[5:7], int(month))
	b[7] = '-'
	digits(b[8:10], dom)
	return string(b[:])
}

func digits(b []byte, n int) {
	for i := len(b) - 1; i >= 0; i-- {
		b[i] = byte('0' + n%10)
		n /= 10
	}
}

// MarshalText writes String; JSON and OpenAPI see a text.
func (d Day) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText is Parse.
func (d *Day) UnmarshalText(text []byte) error {
	got, err := Parse(string(text))
	if err == nil {
		*d = got
	}
	return err
}

// Value stores a day as text, "no day" as the empty text.
func (d Day) Value() (driver.Value, error) { return d.String(), nil }

// Scan reads a text column; null is "no day".
func (d *Day) Scan(from any) error {
	switch v := from.(type) {
	case nil:
		*d = 0
		return nil
	case string:
		return d.UnmarshalText([]byte(v))
	case []byte:
		return d.UnmarshalText(v)
	}
	return fmt.Errorf("a day is stored as text, not as %T", from)
}
