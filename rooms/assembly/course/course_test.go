package course

import (
	"fmt"
	"strings"
	"testing"

	"cuobian/basis/day"

	"pgregory.net/rapid"
)

var d = day.MustParse

// R09, R17, R29, R74, R75: the earliest timetable from a Friday, with its dates.
func TestEarliest(t *testing.T) {
	p := Preset()
	p.Election = true
	plan, why := Earliest(p, day.China(), d("2026-03-06"), 10)
	want := Plan{
		DraftsOn: d("2026-03-06"), RollOn: d("2026-03-06"), RollUntil: d("2026-03-13"), ProvisionalOn: d("2026-03-06"), FinalListOn: d("2026-03-14"),
		NoticeOn: d("2026-03-06"), OpensOn: d("2026-03-22"), ClosesOn: d("2026-03-31"), PreliminaryOn: d("2026-04-01"), PreliminaryUntil: d("2026-04-08"), FinalOn: d("2026-04-09"),
	}
	if plan != want {
		t.Errorf("%+v", plan)
	}
	if len(why) != 11 {
		t.Errorf("%d reasons", len(why))
	}
	bare := p
	bare.DraftDays, bare.Election = 0, false
	if plan, why := Earliest(bare, nil, d("2026-03-06"), 10); plan.DraftsOn != 0 || plan.ProvisionalOn != 0 || plan.FinalListOn != 0 || len(why) != 8 {
		t.Errorf("%+v %d", plan, len(why))
	}
	p.OneEnd = true
	if plan, _ := Earliest(p, day.China(), d("2026-03-06"), 10); plan.OpensOn != d("2026-03-21") || plan.FinalListOn != d("2026-03-14") {
		t.Errorf("%+v", plan)
	}
	// A last day of objections that is a holiday moves on: 1 to 5 May 2026 are off, 8 May is worked.
	if plan, _ := Earliest(Preset(), day.China(), d("2026-04-24"), 1); plan.RollUntil != d("2026-05-06") {
		t.Errorf("%+v", plan)
	}
	if plan, _ := Earliest(Preset(), nil, d("2026-04-24"), 1); plan.RollUntil != d("2026-05-01") {
		t.Errorf("without a calendar: %+v", plan)
	}
	// A long posting of the roll holds the opening back too.
	long := Preset()
	long.RollDays = 30
	if plan, _ := Earliest(long, nil, d("2026-03-06"), 1); plan.OpensOn != d("2026-04-06") {
		t.Errorf("%+v", plan)
	}
}

func tell(list []Violation) string {
	var words []string
	for _, v := range list {
		words = append(words, strings.TrimSpace(fmt.Sprint(v.Rule, " ", v.Field, " ", v.Earliest)))
	}
	return strings.Join(words, "; ")
}

// Every date a day too early is named with its rule and the earliest lawful day; the lawful plan has none.
func TestCheck(t *testing.T) {
	p := Preset()
	p.Election = true
	plan, _ := Earliest(p, day.China(), d("2026-03-06"), 10)
	if got := Check(p, day.China(), plan); len(got) != 0 {
		t.Fatalf("the earliest plan is unlawful: %+v", got)
	}
	for _, c := range []struct {
		name  string
		spoil func(*Plan)
		want  string
	}{
		{"drafts a day late", func(x *Plan) { x.DraftsOn++ }, "R17 opens_on 2026-03-23"},
		{"notice a day late", func(x *Plan) { x.NoticeOn++ }, "R09 opens_on 2026-03-23"},
		{"notice before the roll", func(x *Plan) { x.NoticeOn-- }, "R74 notice_on 2026-03-06"},
		{"roll a day short", func(x *Plan) { x.RollUntil-- }, "R74 roll_until 2026-03-13"},
		{"roll until opening", func(x *Plan) { x.RollUntil = x.OpensOn }, "R74 opens_on 2026-03-23"},
		{"provisional list a day late", func(x *Plan) { x.ProvisionalOn++ }, "R29 opens_on 2026-03-23"},
		{"final list a day late", func(x *Plan) { x.FinalListOn++ }, "R29 opens_on 2026-03-23"},
		{"final list before the provisional", func(x *Plan) { x.FinalListOn = x.ProvisionalOn - 1 }, "R29 final_list_on 2026-03-06"},
		{"closes before it opens", func(x *Plan) { x.ClosesOn = x.OpensOn - 1 }, "R01 closes_on 2026-03-22"},
		{"preliminary on the last day of voting", func(x *Plan) { x.PreliminaryOn = x.ClosesOn }, "R75 preliminary_on 2026-04-01"},
		{"result posted a day short", func(x *Plan) { x.PreliminaryUntil-- }, "R75 preliminary_until 2026-04-08"},
		{"final during objections", func(x *Plan) { x.FinalOn-- }, "R75 final_on 2026-04-09"},
		{"no opening", func(x *Plan) { x.OpensOn = 0 }, "R09 opens_on"},
		{"no preliminary result", func(x *Plan) { x.PreliminaryOn = 0 }, "R75 preliminary_on"},
		{"no end of objections", func(x *Plan) { x.PreliminaryUntil = 0 }, "R75 preliminary_until"},
		{"no notice", func(x *Plan) { x.NoticeOn = 0 }, "R09 notice_on"},
		{"nothing", func(x *Plan) { *x = Plan{} }, "R17 drafts_on; R74 roll_on; R29 provisional_on; R29 final_list_on; R09 notice_on; R09 opens_on; R01 closes_on; R75 preliminary_on; R75 preliminary_until; R75 final_on"},
	} {
		bad := plan
		c.spoil(&bad)
		got := Check(p, day.China(), bad)
		if tell(got) != c.want {
			t.Errorf("%s: %s", c.name, tell(got))
		}
		for _, v := range got {
			if v.Zh == "" || v.En == "" {
				t.Errorf("%s: %+v", c.name, v)
			}
		}
	}
	// Without an election no lists are asked for; without drafts none of those.
	plan.ProvisionalOn, plan.FinalListOn, plan.DraftsOn = 0, 0, 0
	p.Election, p.DraftDays = false, 0
	if got := Check(p, day.China(), plan); len(got) != 0 {
		t.Errorf("%+v", got)
	}
}

// The fifteen days, both readings: notice on 6 March.
func TestNoticeDays(t *testing.T) {
	for _, c := range []struct {
		opens string
		one   bool
		ok    bool
	}{{"2026-03-20", false, false}, {"2026-03-21", false, false}, {"2026-03-22", false, true}, {"2026-03-20", true, false}, {"2026-03-21", true, true}} {
		p := Preset()
		p.OneEnd = c.one
		plan, _ := Earliest(p, nil, d("2026-03-06"), 1)
		shift := d(c.opens).Sub(plan.OpensOn)
		plan.OpensOn = d(c.opens)
		plan.ClosesOn, plan.PreliminaryOn, plan.PreliminaryUntil, plan.FinalOn = plan.ClosesOn.Add(shift), plan.PreliminaryOn.Add(shift), plan.PreliminaryUntil.Add(shift), plan.FinalOn.Add(shift)
		if got := Check(p, nil, plan); (len(got) == 0) != c.ok {
			t.Errorf("%+v: %s", c, tell(got))
		}
		// The one end is where day.Calendar counts back from the meeting.
		if _, last := day.China().Before(d(c.opens), 15); c.one && (last >= d("2026-03-06")) != c.ok {
			t.Errorf("%+v: the calendar says otherwise", c)
		}
	}
}

// The earliest plan is lawful, none of its dates can be a day earlier, and what is a day later before it makes it unlawful.
func TestEarliestIsEarliest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := Params{
			NoticeDays: rapid.IntRange(0, 30).Draw(t, "notice"), RollDays: rapid.IntRange(0, 30).Draw(t, "roll"), ResultDays: rapid.IntRange(0, 15).Draw(t, "result"),
			DraftDays: rapid.IntRange(0, 30).Draw(t, "drafts"), ProvisionalDays: rapid.IntRange(0, 30).Draw(t, "provisional"), FinalDays: rapid.IntRange(0, 20).Draw(t, "final"),
			Election: rapid.Bool().Draw(t, "election"), OneEnd: rapid.Bool().Draw(t, "one end"),
		}
		p.FinalDays = min(p.FinalDays, p.ProvisionalDays)
		c := rapid.SampledFrom([]*day.Calendar{nil, day.China()}).Draw(t, "calendar")
		plan, why := Earliest(p, c, day.MustParse("2026-01-01").Add(rapid.IntRange(0, 300).Draw(t, "start")), rapid.IntRange(0, 20).Draw(t, "voting"))
		if got := Check(p, c, plan); len(got) != 0 {
			t.Fatalf("%+v: %s", plan, tell(got))
		}
		for _, x := range []*day.Day{&plan.OpensOn, &plan.PreliminaryOn, &plan.PreliminaryUntil, &plan.FinalOn, &plan.RollUntil} {
			*x--
			if p.RollDays == 0 && x == &plan.RollUntil || p.ResultDays == 0 && x == &plan.PreliminaryUntil {
				*x++
				continue
			}
			if len(Check(p, c, plan)) == 0 {
				t.Fatalf("a day earlier is lawful too: %+v", plan)
			}
			*x++
		}
		for _, r := range why {
			if r.Zh == "" || r.En == "" || r.Rule == "" || !r.Day.Sound() {
				t.Fatalf("%+v", r)
			}
		}
	})
}
