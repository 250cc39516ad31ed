package clock

import (
	"testing"
	"time"

	"cuobian/basis/day"

	"pgregory.net/rapid"
)

func at(text string) day.Instant {
	i, err := day.ParseInstant(text + ":00+08:00")
	if err != nil {
		panic(err)
	}
	return i
}

func end(d string) day.Instant { return day.MustParse(d).End(day.Shanghai) }

// The working-day vectors of rules 10.3 (R52, R53): a matter reported on that day with a period of n working days.
func TestResolveOnTheLegalCalendar(t *testing.T) {
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
		p := Preset()
		p.Resolve["simple"] = wd(v.n)
		start := at(v.start + "T16:00")
		k := Run(day.China(), p, []Event{{Kind: Reported, At: start, Length: "simple"}}, start)
		if k.Resolve.Due.At != end(v.due) || k.Resolve.Due.Provisional || !k.Resolve.Runs() {
			t.Errorf("%s + %d working days: %v, want the end of %s", v.start, v.n, k.Resolve.Due, v.due)
		}
		for _, c := range []struct {
			verified day.Instant
			on       bool
		}{{end(v.due), true}, {end(v.due) + 1, false}} {
			k := Run(day.China(), p, []Event{{Kind: Reported, At: start, Length: "simple"}, {Kind: Handled, At: start + 1}, {Kind: Verified, At: c.verified}}, c.verified+1)
			if known, on := k.OnTime(c.verified + 1); !known || on != c.on {
				t.Errorf("%s: verified at %v: on time %v", v.start, c.verified, on)
			}
		}
	}
}

func TestUnknownYearIsProvisional(t *testing.T) {
	start := at("2026-12-29T10:00")
	k := Run(day.China(), Preset(), []Event{{Kind: Reported, At: start, Length: "simple"}}, start)
	if !k.Resolve.Due.Provisional {
		t.Fatal("2027 is not published; the due must say so")
	}
}

// Rules 9.3 from one matter: each period by its own length.
// R49, R50: presets, not the law.
func TestPeriodsOfTheWay(t *testing.T) {
	mon := at("2026-03-02T16:30") // a Monday
	log := []Event{{Kind: Reported, At: mon, Length: "multi"}}
	k := Run(day.China(), Preset(), log, mon)
	if k.Accept.Due.At != end("2026-03-03") || k.Answer.Due.At != mon.Add(24*time.Hour) || k.Resolve.Due.At != end("2026-03-16") || k.Act.Due.At != 0 {
		t.Fatalf("%+v", k)
	}
	log = append(log, Event{Kind: Dispatched, At: mon})
	k = Run(day.China(), Preset(), log, mon)
	if k.Accept.Met != mon || k.Return.Due.At != at("2026-03-03T11:00") { // one hour on Monday, three on Tuesday
		t.Fatal("4 office hours:", k.Return.Due.At)
	}
	log = append(log, Event{Kind: Taken, At: mon + 1}, Event{Kind: Handled, At: mon + 2}, Event{Kind: Verified, At: mon + 3})
	if k = Run(day.China(), Preset(), log, mon+9); k.Answer.Met != mon+1 || k.Confirm.Due.At != end("2026-03-05") || k.Resolve.Met != mon+3 {
		t.Fatalf("%+v", k)
	}
	log = append(log, Event{Kind: Silent, At: at("2026-03-06T00:00")})
	if k = Run(day.China(), Preset(), log, at("2026-03-06T01:00")); k.Callback.Due.At != end("2026-03-11") || k.Callback.Met != 0 {
		t.Fatalf("%+v", k.Callback)
	}
	log = append(log, Event{Kind: Called, At: at("2026-03-10T10:00")}, Event{Kind: Ended, At: at("2026-03-10T10:00")})
	if k = Run(day.China(), Preset(), log, at("2026-04-10T10:00")); k.Callback.Met == 0 || k.Callback.Overdue(at("2027-01-01T00:00")) {
		t.Fatalf("%+v", k.Callback)
	}
}

func TestUrgentRunsByTheMinute(t *testing.T) {
	night := at("2026-10-01T23:50") // a holiday, at night: minutes run all the same
	log := []Event{{Kind: Reported, At: night, Urgent: true, Length: "simple"}}
	k := Run(day.China(), Preset(), log, night)
	if k.Answer.Due.At != at("2026-10-02T00:05") || k.Act.Due.At != at("2026-10-02T00:20") || k.Site.Due.At != at("2026-10-02T01:50") {
		t.Fatalf("%+v", k)
	}
	log = append(log, Event{Kind: Acting, At: night.Add(10 * time.Minute)})
	if k = Run(day.China(), Preset(), log, night.Add(time.Hour)); k.Answer.Overdue(night.Add(time.Hour)) || k.Act.Runs() || !k.Site.Runs() {
		t.Fatalf("%+v", k)
	}
	// What turns urgent later is counted from the report all the same.
	log = []Event{{Kind: Reported, At: night, Length: "simple"}, {Kind: Classified, At: night.Add(time.Hour), Urgent: true, Length: "simple"}}
	if k = Run(day.China(), Preset(), log, night.Add(time.Hour)); !k.Answer.Overdue(night.Add(time.Hour)) {
		t.Fatalf("%+v", k.Answer)
	}
}

func TestPauseAndItsCap(t *testing.T) {
	mon := at("2026-03-02T09:00") // due Monday 9 March
	base := []Event{{Kind: Reported, At: mon, Length: "simple"}, {Kind: Dispatched, At: mon}, {Kind: Taken, At: mon}}
	run := func(now string, more ...Event) Clocks {
		return Run(day.China(), Preset(), append(append([]Event{}, base...), more...), at(now))
	}
	for _, v := range []struct {
		name string
		k    Clocks
		due  string
	}{
		{"none", run("2026-03-03T09:00"), "2026-03-09"},
		{"within one day", run("2026-03-04T09:00", Event{Kind: Paused, At: at("2026-03-03T09:00"), Reason: "reporter"}, Event{Kind: Resumed, At: at("2026-03-03T17:00")}), "2026-03-09"},
		{"Tuesday to Thursday", run("2026-03-05T18:00", Event{Kind: Paused, At: at("2026-03-03T09:00"), Reason: "reporter"}, Event{Kind: Resumed, At: at("2026-03-05T09:00")}), "2026-03-11"},
		{"over the weekend", run("2026-03-09T18:00", Event{Kind: Paused, At: at("2026-03-06T09:00"), Reason: "reporter"}, Event{Kind: Resumed, At: at("2026-03-09T09:00")}), "2026-03-10"},
		{"still standing: to the cap of 5 working days", run("2026-03-04T09:00", Event{Kind: Paused, At: at("2026-03-03T09:00"), Reason: "reporter"}), "2026-03-16"},
		{"forgotten: ends at the cap by itself", run("2026-05-04T09:00", Event{Kind: Paused, At: at("2026-03-03T09:00"), Reason: "reporter"}), "2026-03-16"},
		{"not a listed reason", run("2026-03-04T09:00", Event{Kind: Paused, At: at("2026-03-03T09:00"), Reason: "weather"}), "2026-03-09"},
		{"handled ends it", run("2026-03-08T09:00", Event{Kind: Paused, At: at("2026-03-03T09:00"), Reason: "vote"}, Event{Kind: Handled, At: at("2026-03-04T10:00")}), "2026-03-10"},
		{"too late: the due has passed", run("2026-03-20T09:00", Event{Kind: Paused, At: at("2026-03-10T09:00"), Reason: "reporter"}, Event{Kind: Resumed, At: at("2026-03-12T09:00")}), "2026-03-09"},
	} {
		if v.k.Resolve.Due.At != end(v.due) {
			t.Errorf("%s: %v, want %s", v.name, v.k.Resolve.Due.At, v.due)
		}
	}
	// The cap is for all pauses of a reason together.
	twice := []Event{{Kind: Paused, At: at("2026-03-03T09:00"), Reason: "reporter"}, {Kind: Resumed, At: at("2026-03-06T09:00")}}
	all := append(append([]Event{}, base...), twice...)
	if !Left(day.China(), Preset(), all, "reporter", at("2026-03-06T10:00")) {
		t.Error("some of the cap is left")
	}
	all = append(all, Event{Kind: Paused, At: at("2026-03-06T10:00"), Reason: "reporter"}, Event{Kind: Resumed, At: at("2026-03-20T10:00")})
	if Left(day.China(), Preset(), all, "reporter", at("2026-03-20T11:00")) {
		t.Error("the cap is used up")
	}
	if Left(day.China(), Preset(), all, "weather", at("2026-03-20T11:00")) {
		t.Error("not a listed reason")
	}
}

func TestExtensionIsNeverLongerThanThePeriod(t *testing.T) {
	mon := at("2026-03-02T09:00")
	for n, due := range map[int]string{2: "2026-03-11", 5: "2026-03-16", 50: "2026-03-16"} {
		k := Run(day.China(), Preset(), []Event{{Kind: Reported, At: mon, Length: "simple"}, {Kind: Extended, At: mon + 1, N: n}}, mon+2)
		if k.Resolve.Due.At != end(due) {
			t.Errorf("+%d: %v, want %s", n, k.Resolve.Due.At, due)
		}
	}
}

func TestReopenedRunsAnewAndKeepsTheMiss(t *testing.T) {
	mon := at("2026-03-02T09:00")
	first := func(verified string) []Event {
		return []Event{{Kind: Reported, At: mon, Length: "complex"}, {Kind: Handled, At: mon + 1}, {Kind: Verified, At: at(verified)},
			{Kind: Reopened, At: at("2026-04-07T09:00")}}
	}
	now := at("2026-04-07T10:00")
	k := Run(day.China(), Preset(), first("2026-03-20T09:00"), now)
	if k.Round != 1 || k.Resolve.Due.At != end("2026-04-14") || !k.Resolve.Runs() || k.Missed || !k.Accept.Runs() {
		t.Fatalf("5 working days from the reopening, and a new holder in one: %+v", k)
	}
	if known, _ := k.OnTime(now); known {
		t.Fatal("open and in time")
	}
	late := append(first("2026-03-24T09:00"), Event{Kind: Verified, At: at("2026-04-08T09:00")})
	if known, on := Run(day.China(), Preset(), late, at("2026-04-09T09:00")).OnTime(at("2026-04-09T09:00")); !known || on {
		t.Fatal("the first round was late, the second does not mend it")
	}
}

func TestFailedVerificationRunsOn(t *testing.T) {
	mon := at("2026-03-02T09:00")
	log := []Event{{Kind: Reported, At: mon, Length: "simple"}, {Kind: Verified, At: mon + 1}, {Kind: Failed, At: mon + 2}}
	k := Run(day.China(), Preset(), log, end("2026-03-09")+2)
	if k.Resolve.Met != 0 || !k.Resolve.Overdue(end("2026-03-09")+2) {
		t.Fatalf("%+v", k.Resolve)
	}
	if known, on := k.OnTime(end("2026-03-09") + 2); !known || on {
		t.Fatal("open and overdue counts as a miss")
	}
}

// Whatever happens in whatever order: the due never lies before the plain one, no pause makes it later than its cap
// allows, and counting twice gives the same.
func TestAnyHistory(t *testing.T) {
	kinds := []Kind{Classified, Dispatched, Taken, Contacted, Acting, Arrived, Returned, Paused, Resumed, Extended, Handled, Verified, Failed, Confirmed, Silent, Called, Mediated}
	rapid.Check(t, func(t *rapid.T) {
		now := at("2026-03-02T09:00")
		log := []Event{{Kind: Reported, At: now, Length: "simple"}}
		for range rapid.IntRange(0, 12).Draw(t, "n") {
			now = now.Add(time.Duration(rapid.IntRange(1, 3*24*60).Draw(t, "minutes")) * time.Minute)
			log = append(log, Event{Kind: rapid.SampledFrom(kinds).Draw(t, "kind"), At: now, Length: "simple", Reason: "reporter", N: 1})
		}
		k, again := Run(day.China(), Preset(), log, now), Run(day.China(), Preset(), log, now)
		if k != again {
			t.Fatal("counted twice, two results")
		}
		if k.Resolve.Due.At < end("2026-03-09") {
			t.Fatalf("due before the plain one: %v", k.Resolve.Due)
		}
		// 5 working days, as many more by extension, and 5 of pause.
		if last, _ := day.China().AddWorking(day.MustParse("2026-03-02"), 16); k.Resolve.Due.At > last.End(day.Shanghai) {
			t.Fatalf("due after every cap: %v", k.Resolve.Due)
		}
		for _, c := range []Clock{k.Accept, k.Answer, k.Resolve, k.Confirm, k.Callback, k.Return} {
			if c.Met != 0 && c.Due.At == 0 {
				t.Fatalf("met without a due: %+v", k)
			}
		}
	})
}
