package day

import (
	"encoding/json"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestDayText(t *testing.T) {
	for _, text := range []string{"2026-11-21", "2024-02-29", "0001-01-01", "9999-12-31", ""} {
		d, err := Parse(text)
		if err != nil || d.String() != text {
			t.Errorf("Parse(%q) = %q, %v", text, d, err)
		}
	}
	for _, text := range []string{"2025-02-29", "2026-13-01", "2026-00-10", "2026-1-1", "20261121", "0000-05-05",
		"2026-11-21 ", "２０２６-11-21", "2026/11/21", "-026-11-21", "2026-11-21T00:00:00Z"} {
		if d, err := Parse(text); err == nil || d != 0 {
			t.Errorf("Parse(%q) = %v, %v, want a refusal", text, d, err)
		}
	}
	if First.String() != "0001-01-01" || Last.String() != "9999-12-31" || Last.Add(1) != 0 || First.Add(-1) != 0 {
		t.Errorf("bounds: %v %v", First, Last)
	}
}

func TestDayAgreesWithTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := Day(rapid.Int32Range(int32(First), int32(Last)).Draw(t, "day"))
		n := rapid.IntRange(-5000, 5000).Draw(t, "n")
		want := time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, int(d)-1)
		if d.String() != want.Format("2006-01-02") || d.Weekday() != want.Weekday() {
			t.Fatalf("%d is %v %v, want %v", int32(d), d, d.Weekday(), want)
		}
		back, err := Parse(d.String())
		if err != nil || back != d {
			t.Fatalf("Parse(%v) = %v, %v", d, back, err)
		}
		if later := d.Add(n); later.Sound() && later.Sub(d) != n {
			t.Fatalf("%v + %d = %v", d, n, later)
		}
		if FromTime(d.Time(Shanghai), Shanghai) != d || d.Start(Shanghai).Day(Shanghai) != d || d.End(Shanghai).Day(Shanghai) != d {
			t.Fatalf("%v does not hold its own start and end", d)
		}
		if next := d.Add(1); next != 0 && next.Start(Shanghai)-d.End(Shanghai) != 1 {
			t.Fatalf("%v does not end where %v starts", d, next)
		}
	})
}

func TestAddMonths(t *testing.T) {
	for _, c := range []struct {
		from string
		n    int
		want string
	}{
		{"2026-01-31", 1, "2026-02-28"}, {"2024-01-31", 1, "2024-02-29"}, {"2026-08-31", 1, "2026-09-30"},
		{"2026-02-28", 1, "2026-03-28"}, {"2026-12-15", 1, "2027-01-15"}, {"2026-03-31", -1, "2026-02-28"},
		{"2024-02-29", 12, "2025-02-28"}, {"2026-01-01", -1, "2025-12-01"}, {"2026-05-10", 0, "2026-05-10"},
		{"9999-12-31", 1, ""}, {"0001-01-31", -1, ""}, {"", 3, ""},
	} {
		if got := MustParse(c.from).AddMonths(c.n); got.String() != c.want {
			t.Errorf("%s + %d months = %s, want %s", c.from, c.n, got, c.want)
		}
	}
}

func TestNoDay(t *testing.T) {
	var d Day
	if d.String() != "" || d.Add(3) != 0 || d.AddMonths(1) != 0 || d.Sub(MustParse("2026-01-01")) != 0 || d.Sound() || d.Month() != "" {
		t.Errorf("no day is not no day: %v", d)
	}
	if v, err := d.Value(); err != nil || v != "" {
		t.Errorf("no day is stored as %#v, %v", v, err)
	}
	d = MustParse("2026-11-21")
	if err := d.Scan(nil); err != nil || d != 0 {
		t.Errorf("null scans as %v, %v", d, err)
	}
	for _, from := range []any{"2026-11-21", []byte("2026-11-21")} {
		if err := d.Scan(from); err != nil || d.String() != "2026-11-21" {
			t.Errorf("Scan(%v) = %v, %v", from, d, err)
		}
	}
	for _, from := range []any{int64(5), "secret", 2.0} {
		if err := d.Scan(from); err == nil || d.String() != "2026-11-21" {
			t.Errorf("Scan(%v) = %v, %v, want a refusal that leaves the day alone", from, d, err)
		}
	}
}

func TestMidnightInShanghai(t *testing.T) {
	at := time.Date(2026, 11, 21, 15, 59, 59, 999_999_999, time.UTC)
	if d := FromTime(at, Shanghai); d.String() != "2026-11-21" {
		t.Errorf("before midnight: %v", d)
	}
	if d := FromTime(at.Add(1), Shanghai); d.String() != "2026-11-22" {
		t.Errorf("at midnight: %v", d)
	}
}

func TestJSON(t *testing.T) {
	type record struct {
		On    Day     `json:"on"`
		Never Day     `json:"never"`
		At    Instant `json:"at"`
		Open  Instant `json:"open"`
		Limit Limit   `json:"limit"`
		Hours Hours   `json:"hours"`
	}
	at := InstantOf(time.Date(2026, 11, 21, 8, 30, 0, 250_000_000, Shanghai))
	in := record{On: MustParse("2026-11-21"), At: at, Limit: Limit{5, WorkingDays}}
	text, err := json.Marshal(in)
	want := `{"on":"2026-11-21","never":"","at":"2026-11-21T00:30:00.25Z","open":"","limit":"5wd","hours":"08:00-12:00,14:30-17:30"}`
	if err != nil || string(text) != want {
		t.Fatalf("%s, %v\nwant %s", text, err, want)
	}
	var out record
	if err := json.Unmarshal(text, &out); err != nil || out.On != in.On || out.At != at || out.Open != 0 || out.Limit != in.Limit {
		t.Fatalf("read back %+v, %v", out, err)
	}
	for _, bad := range []string{`{"on":"2026-02-30"}`, `{"on":3}`, `{"at":"yesterday"}`, `{"limit":"5"}`, `{"hours":"9-8"}`} {
		if json.Unmarshal([]byte(bad), &out) == nil {
			t.Errorf("%s was accepted", bad)
		}
	}
}

func TestInstant(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		i := Instant(rapid.Int64Range(-62135596800e6+1, 253402300799e6).Draw(t, "instant"))
		back, err := ParseInstant(i.String())
		if err != nil || back != i {
			t.Fatalf("%d wrote %s, read %d, %v", i, i, back, err)
		}
		if InstantOf(i.Time()) != i {
			t.Fatalf("%d became %v", i, i.Time())
		}
		stored, _ := i.Value()
		var read Instant
		if err := read.Scan(stored); err != nil || read != i {
			t.Fatalf("stored %v, read %d, %v", stored, read, err)
		}
	})
	if i, err := ParseInstant("2026-11-21T08:30:00+08:00"); err != nil || i.String() != "2026-11-21T00:30:00Z" {
		t.Errorf("%v, %v", i, err)
	}
	if InstantOf(time.Time{}) != 0 || !Instant(0).Time().IsZero() || Instant(0).Day(Shanghai) != 0 {
		t.Error("the zero time is not 'not yet'")
	}
}
