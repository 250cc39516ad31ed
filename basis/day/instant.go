package day

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"strconv"
	"time"
)

// Instant is a point in time, microseconds since 1970-01-01 UTC. Zero is "not yet", written as the empty
// text and stored as 0.
type Instant int64

// ErrInstant is returned for text that names no instant. It does not repeat the text.
var ErrInstant = errors.New("not a time of the form 2026-11-21T08:30:00+08:00 (时间格式应为 2026-11-21T08:30:00+08:00)")

const instantForm = "2006-01-02T15:04:05.999999Z07:00"

// InstantOf drops what is finer than a microsecond. The zero time is "not yet".
func InstantOf(t time.Time) Instant {
	if t.IsZero() {
		return 0
	}
	return Instant(t.UnixMicro())
}

// ParseInstant reads RFC 3339. The empty text is "not yet" without an error.
func ParseInstant(text string) (Instant, error) {
	if text == "" {
		return 0, nil
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return 0, ErrInstant
	}
	return InstantOf(t), nil
}

// Time is the instant in UTC; the zero time for "not yet".
func (i Instant) Time() time.Time {
	if i == 0 {
		return time.Time{}
	}
	return time.UnixMicro(int64(i)).UTC()
}

// IsZero reports "not yet".
func (i Instant) IsZero() bool { return i == 0 }

// Day is the civil day in loc; "no day" for "not yet".
func (i Instant) Day(loc *time.Location) Day {
	if i == 0 {
		return 0
	}
	return FromTime(i.Time(), loc)
}

// Add is the instant that much later by the clock; "not yet" stays so.
func (i Instant) Add(by time.Duration) Instant {
	if i == 0 {
		return 0
	}
	return i + Instant(by.Microseconds())
}

// Sub is the time from other to i by the clock.
func (i Instant) Sub(other Instant) time.Duration {
	return time.Duration(i-other) * time.Microsecond
}

// String is RFC 3339 in UTC with as many decimals as needed; the empty text for "not yet".
func (i Instant) String() string {
	if i == 0 {
		return ""
	}
	return i.Time().Format(instantForm)
}

// MarshalText writes String; JSON and OpenAPI see a text.
func (i Instant) MarshalText() ([]byte, error) { return []byte(i.String()), nil }

// UnmarshalText is ParseInstant.
func (i *Instant) UnmarshalText(text []byte) error {
	got, err := ParseInstant(string(text))
	if err == nil {
		*i = got
	}
	return err
}

// Value stores the microseconds.
func (i Instant) Value() (driver.Value, error) { return int64(i), nil }

// Scan reads a bigint column; null is "not yet".
func (i *Instant) Scan(from any) error {
	switch v := from.(type) {
	case nil:
		*i = 0
		return nil
	case int64:
		*i = Instant(v)
		return nil
	case []byte:
		n, err := strconv.ParseInt(string(v), 10, 64)
		if err != nil {
			return errors.New("an instant is stored as a whole number of microseconds")
		}
		*i = Instant(n)
		return nil
	case string:
		return i.Scan([]byte(v))
	}
	return fmt.Errorf("an instant is stored as a whole number of microseconds, not as %T", from)
}
