package day

import (
	"encoding/json"
	"os"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// The vectors of rules 10.3 (R52, R53).
func TestWorkingDayVectors(t *testing.T) {
	for _, v := range []struct {
		start string
		n     int
		due   string
	}{
		{"2024-02-08", 1, "2024-02-09"}, {"2024-02-08", 2, "2024-02-18"}, {"2024-09-13", 5, "2024-09-23"},
		{"2024-09-30", 5, "2024-10-12"}, {"2025-01-24", 5, "2025-02-07"}, {"2025-01-27", 1, "2025-02-05"},
		{"2025-04-30", 2, "2025-05-07"}, {"2025-09-30", 5, "2025-10-14"}, {"2025-12-31", 1, "2026-01-04"},
		{"2026-02-13", 5, "2026-02-27"}, {"2026-04-30", 5, "2026-05-11"}, {"2026-09-24", 3, "2026-09-30"},
		{"2026-09-30", 5, "2026-10-13"},
	} {
		due, provisional := China().AddWorking(MustParse(v.start), v.n)
		if due.String() != v.due || provisional {
			t.Errorf("%s + %d working days = %s (provisional %v), want %s", v.start, v.n, due, provisional, v.due)
		}
	}
}

func TestRolledOverVectors(t *testing.T) {
	for _, v := range []struct {
		start string
		n     int
		due   string
	}{
		{"2025-09-20", 15, "2025-10-09"}, {"2026-02-02", 15, "2026-02-24"}, {"2025-12-02", 30, "2026-01-04"},
		{"2026-11-02", 15, "2026-11-17"}, // an ordinary Tuesday stays
		{"2026-02-13", 1, "2026-02-14"},  // a Saturday that is a make-up working day stays
	} {
		due, provisional := China().AddDays(MustParse(v.start), v.n)
		if due.String() != v.due || provisional {
			t.Errorf("%s + %d days = %s (provisional %v), want %s", v.start, v.n, due, provisional, v.due)
		}
	}
	for _, v := range []struct {
		start string
		n     int
		due   string
	}{
		{"2026-01-31", 1, "2026-02-28"}, // month's end, a Saturday that is a make-up working day
		{"2026-09-01", 1, "2026-10-08"}, // the first day of a holiday
		{"2026-03-31", 1, "2026-04-30"},
	} {
		due, provisional := China().AddMonths(MustParse(v.start), v.n)
		if due.String() != v.due || provisional {
			t.Errorf("%s + %d months = %s (provisional %v), want %s", v.start, v.n, due, provisional, v.due)
		}
	}
}

func TestBefore(t *testing.T) {
	plan, last := China().Before(MustParse("2026-06-30"), 15)
	if plan.String() != "2026-06-14" || last.String() != "2026-06-15" {
		t.Errorf("15 days before 30 June: plan %s, last %s", plan, last)
	}
}

func TestDeadlinesOfTheFile(t *testing.T) {
	data, err := os.ReadFile("testdata/workday_deadlines.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Vectors []struct {
			Start   Day  `json:"start"`
			Working bool `json:"start_is_working_day"`
			N       int  `json:"add_working_days"`
			Due     Day  `json:"due"`
		} `json:"vectors"`
	}
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Vectors) < 50 {
		t.Fatalf("only %d vectors", len(file.Vectors))
	}
	for _, v := range file.Vectors {
		if got := China().IsWorking(v.Start); got != v.Working {
			t.Errorf("%s working = %v", v.Start, got)
		}
		if due, _ := China().AddWorking(v.Start, v.N); due != v.Due {
			t.Errorf("%s + %d working days = %s, want %s", v.Start, v.N, due, v.Due)
		}
	}
}

// The counts of rules 10.2 (R52).
func TestWorkingDaysOfTheMonths(t *testing.T) {
	for year, want := range map[int]struct {
		total  int
		months [12]int
	}{
		2024: {251, [12]int{22, 18, 21, 22, 21, 19, 23, 22, 21, 19, 21, 22}},
		2025: {248, [12]int{19, 19, 21, 22, 19, 20, 23, 21, 23, 18, 20, 23}},
		2026: {248, [12]int{21, 16, 22, 21, 19, 21, 23, 21, 22, 18, 21, 23}},
	} {
		if got := China().Working(Date(year, 1, 1), Date(year, 12, 31)); got != want.total {
			t.Errorf("%d has %d working days, want %d", year, got, want.total)
		}
		for m, n := range want.months {
			first := Date(year, time.Month(m+1), 1)
			if got := China().Working(first, first.AddMonths(1).Add(-1)); got != n {
				t.Errorf("%s has %d working days, want %d", first.Month(), got, n)
			}
		}
	}
	if !China().IsWorking(MustParse("2024-02-09")) {
		t.Error("the eve of the spring festival of 2024 was a working day")
	}
}

func TestUnknownYears(t *testing.T) {
	c := China()
	for d, known := range map[string]bool{"2006-12-31": false, "2007-01-01": true, "2026-12-31": true, "2027-01-01": false} {
		if c.Known(MustParse(d)) != known {
			t.Errorf("Known(%s) = %v", d, !known)
		}
	}
	for _, v := range []struct {
		start       string
		n           int
		provisional bool
	}{{"2026-12-25", 4, false}, {"2026-12-25", 5, true}, {"2027-03-01", 1, true}, {"2006-12-29", 5, true}} {
		if due, provisional := c.AddWorking(MustParse(v.start), v.n); provisional != v.provisional {
			t.Errorf("%s + %d working days = %s, provisional %v", v.start, v.n, due, provisional)
		}
	}
	if _, provisional := c.AddDays(MustParse("2026-12-20"), 11); provisional {
		t.Error("31 December 2026 is known")
	}
	if _, provisional := c.AddDays(MustParse("2026-12-20"), 12); !provisional {
		t.Error("1 January 2027 is not known")
	}
	if _, provisional := c.AddMonths(MustParse("2026-12-20"), 1); !provisional {
		t.Error("January 2027 is not known")
	}
	next, err := c.With(Year{Year: 2027, Days: []Record{{MustParse("2027-01-01"), true, "元旦"}, {MustParse("2027-01-02"), false, "元旦"}}})
	if err != nil {
		t.Fatal(err)
	}
	if due, provisional := next.AddWorking(MustParse("2026-12-31"), 1); due.String() != "2027-01-02" || provisional {
		t.Errorf("with the notice of 2027: %s, provisional %v", due, provisional)
	}
	if c.Known(MustParse("2027-01-02")) {
		t.Error("With changed the calendar it was asked on")
	}
	if r, listed := next.Record(MustParse("2026-10-01")); !listed || !r.Off {
		t.Errorf("With lost the years before: %+v", r)
	}
}

func TestCalendarRefusals(t *testing.T) {
	newYear := Record{MustParse("2027-01-01"), true, "元旦"}
	for name, years := range map[string][]Year{
		"twice":         {{Year: 2027, Days: []Record{newYear}}, {Year: 2027, Days: []Record{newYear}}},
		"empty":         {{Year: 2027}},
		"another year":  {{Year: 2027, Days: []Record{{MustParse("2028-01-01"), true, "元旦"}}}},
		"not December":  {{Year: 2027, Days: []Record{{MustParse("2026-11-30"), true, "元旦"}}}},
		"no day":        {{Year: 2027, Days: []Record{{0, true, "元旦"}}}},
		"contradiction": {{Year: 2027, Days: []Record{newYear, {newYear.Day, false, "元旦"}}}},
	} {
		if _, err := NewCalendar(years...); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, err := ReadCalendar([]byte(`{"year":2027}`)); err == nil {
		t.Error("something that is no list of years was accepted")
	}
}

func someDay() *rapid.Generator[Day] {
	return rapid.Map(rapid.Int32Range(int32(MustParse("2007-01-01")), int32(MustParse("2026-12-31"))), func(n int32) Day { return Day(n) })
}

func TestAddWorkingCountsWorkingDays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		start, n := someDay().Draw(t, "start"), rapid.IntRange(1, 60).Draw(t, "n")
		due, provisional := China().AddWorking(start, n)
		if !China().IsWorking(due) || China().Working(start.Add(1), due) != n {
			t.Fatalf("%s + %d = %s, where %d working days lie between", start, n, due, China().Working(start.Add(1), due))
		}
		if provisional != (due.Year() > 2026) {
			t.Fatalf("%s + %d = %s, provisional %v", start, n, due, provisional)
		}
		end, _ := China().AddDays(start, n)
		if !China().IsWorking(end) || end < start.Add(n) || China().Working(start.Add(n), end) != 1 {
			t.Fatalf("%s + %d days rolled to %s", start, n, end)
		}
	})
}

func at(text string) Instant {
	t, err := time.ParseInLocation("2006-01-02 15:04", text, Shanghai)
	if err != nil {
		panic(err)
	}
	return InstantOf(t)
}

func TestOfficeHours(t *testing.T) {
	for _, v := range []struct{ start, n, due string }{
		{"2026-11-16 09:00", "4h", "2026-11-16 15:30"}, // over noon
		{"2026-11-16 08:00", "4h", "2026-11-16 12:00"}, // ends at a closing and stays there
		{"2026-11-16 13:00", "1h", "2026-11-16 15:30"}, // begins at noon
		{"2026-11-16 06:00", "7h", "2026-11-16 17:30"}, // a whole day
		{"2026-11-16 17:20", "4h", "2026-11-17 11:50"}, // over the evening
		{"2026-11-20 17:00", "1h", "2026-11-23 08:30"}, // over the weekend
		{"2026-11-20 19:00", "30m", "2026-11-23 08:30"},
		{"2026-02-13 17:00", "4h", "2026-02-14 11:30"}, // Saturday is a make-up working day
		{"2026-02-14 17:00", "4h", "2026-02-24 11:30"}, // over the spring festival
		{"2026-11-16 09:00", "0s", "2026-11-16 09:00"},
	} {
		n, _ := time.ParseDuration(v.n)
		if due, provisional := China().AddOfficeHours(Hours{}, at(v.start), n); due != at(v.due) || provisional {
			t.Errorf("%s + %s = %s, want %s", v.start, v.n, due.Time().In(Shanghai), v.due)
		}
	}
	if due, provisional := China().AddOfficeHours(Hours{}, at("2026-12-31 17:00"), time.Hour); !provisional {
		t.Errorf("%s is not provisional", due)
	}
	night, err := ParseHours("00:00-24:00")
	if err != nil {
		t.Fatal(err)
	}
	if due, _ := China().AddOfficeHours(night, at("2026-11-20 23:00"), 2*time.Hour); due != at("2026-11-23 01:00") {
		t.Errorf("around the clock: %s", due.Time().In(Shanghai))
	}
	for _, bad := range []string{"12:00-08:00", "08:00-12:00,11:00-13:00", "08:00", "08:00-25:00", "08:00-08:00", "x"} {
		if h, err := ParseHours(bad); err == nil {
			t.Errorf("hours %q were read as %s", bad, h)
		}
	}
}

func TestOfficeTimeUndoesAddOfficeHours(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		start := someDay().Draw(t, "day").Start(Shanghai).Add(time.Duration(rapid.IntRange(0, 86399).Draw(t, "second")) * time.Second)
		n := time.Duration(rapid.IntRange(1, 100*3600).Draw(t, "seconds")) * time.Second
		due, _ := China().AddOfficeHours(Hours{}, start, n)
		if got := China().OfficeTime(Hours{}, start, due); got != n {
			t.Fatalf("%s + %s = %s, which is %s of office time", start, n, due, got)
		}
		if got := China().OfficeTime(Hours{}, start, due-1); got != n-time.Microsecond {
			t.Fatalf("%s is not the first such instant", due)
		}
	})
}

func TestDeadline(t *testing.T) {
	start := at("2026-11-20 17:00")
	for limit, want := range map[string]Instant{
		"15min": at("2026-11-20 17:15"),
		"24h":   at("2026-11-21 17:00"),
		"4oh":   at("2026-11-23 11:30"),
		"5wd":   at("2026-11-28 00:00") - 1,
		"8d":    at("2026-12-01 00:00") - 1, // the 28th is a Saturday, so Monday the 30th
		"1mo":   at("2026-12-22 00:00") - 1, // the 20th is a Sunday, so Monday the 21st
		"":      0,
	} {
		l, err := ParseLimit(limit)
		if err != nil || l.String() != limit {
			t.Fatalf("%q was read as %v, %v", limit, l, err)
		}
		due := China().Deadline(start, l, Hours{})
		if due.At != want || due.Provisional {
			t.Errorf("%s: %s, want %s", limit, due.At.Time().In(Shanghai), want.Time().In(Shanghai))
		}
		if due.Late(due.At) || limit != "" && !due.Late(due.At+1) || limit == "" && due.Late(at("9999-01-01 00:00")) {
			t.Errorf("%s: the end itself is in time, what follows is not", limit)
		}
	}
	if due := China().Deadline(at("2026-12-31 09:00"), Limit{1, WorkingDays}, Hours{}); !due.Provisional || due.Day().String() != "2027-01-01" {
		t.Errorf("over an unknown year: %+v", due)
	}
	for _, bad := range []string{"5", "wd", "-5wd", "0wd", "5 wd", "5days", "1000000d", "５wd"} {
		if l, err := ParseLimit(bad); err == nil {
			t.Errorf("limit %q was read as %v", bad, l)
		}
	}
	if zh, en := (Limit{5, WorkingDays}).Chinese(), (Limit{1, Months}).English(); zh != "5个工作日" || en != "1 month" {
		t.Errorf("%q, %q", zh, en)
	}
}
