package assembly

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/platform/audit"
	"cuobian/platform/rules"
	"cuobian/platform/store"
	"cuobian/rooms/assembly/tally"
)

// A meeting from its draft to its final result, with nine heads of whom seven vote.
func TestFromDraftToFinal(t *testing.T) {
	w := open(t)
	m := w.drafted()
	if m.RollOn.String() != "2026-03-02" || m.Plan().OpensOn.String() != "2026-03-18" || m.Plan().ClosesOn.String() != "2026-03-24" {
		t.Fatalf("plan %+v", m.Plan())
	}
	f, err := w.PostRoll(ctx, w.director, m.ID, m.Version)
	w.must(err)
	if f.Heads != 9 || f.Area != 1000_00 || f.Version != 1 || len(f.Hash) != 64 {
		t.Fatalf("roll %+v", f)
	}
	m, err = w.GiveNotice(ctx, w.director, m.ID, 0, nil)
	w.must(err)
	w.run()
	s, err := w.ServiceOf(ctx, w.director, m.ID)
	w.must(err)
	if s.Of != 9 || s.N != 0 {
		t.Fatalf("service %+v", s)
	}
	w.day("2026-03-18")
	if m = w.read1(m.ID); m.State != Voting {
		t.Fatalf("state %s", m.State)
	}
	for _, home := range []string{"101", "103", "104", "105", "106", "107"} {
		w.says(m, w.right(m, home), tally.Agree)
	}
	w.says(m, w.right(m, "109"), tally.Against)
	w.day("2026-03-25")
	if m = w.read1(m.ID); m.State != Closed {
		t.Fatalf("state %s", m.State)
	}
	r, err := w.Post(ctx, w.director, m.ID)
	w.must(err)
	if !r.Items[0].Passed || r.Items[0].Figures.Part.Heads != 7 || r.Items[0].Figures.Part.Area != 800_00 || r.Items[0].Figures.Agree.Heads != 6 || len(r.Items[0].Derivation) == 0 {
		t.Fatalf("result %+v", r.Items[0].Figures)
	}
	_, err = w.Finish(ctx, w.director, m.ID)
	w.want(err, ErrFinalEarly)
	w.day("2026-04-02")
	r, err = w.Finish(ctx, w.director, m.ID)
	w.must(err)
	if r.Stage != "final" || r.State != Final {
		t.Fatalf("final %+v", r)
	}
	n, err := store.Count(ctx, w.db, `select count(*) from jobs_job where kind = 'assembly.final'`)
	w.must(err)
	if n != 1 {
		t.Fatalf("%d jobs", n)
	}
	moments, err := w.Timeline(ctx, w.director, m.ID)
	w.must(err)
	for _, x := range moments {
		t.Log(x.N, x.At, x.Zh)
	}
}

// Dates that the law forbids are refused with the rule and the earliest day.
func TestUnlawfulDates(t *testing.T) {
	w := open(t)
	d := func(s string) day.Day { return day.MustParse(s) }
	for _, x := range []struct {
		name string
		plan Plan
		err  error
		rule string
	}{
		{"15 days after notice", Plan{RollOn: d("2026-03-02"), NoticeOn: d("2026-03-02"), OpensOn: d("2026-03-17")}, ErrTooEarly, "R09"},
		{"closes before it opens", Plan{OpensOn: d("2026-03-20"), ClosesOn: d("2026-03-19")}, ErrTimetable, "R01"},
		{"roll in the past", Plan{RollOn: d("2026-03-01")}, ErrTimetable, "R74"},
		{"roll posted too briefly", Plan{RollOn: d("2026-03-02"), RollUntil: d("2026-03-05")}, ErrTimetable, "R74"},
		{"roll still posted at opening", Plan{RollOn: d("2026-03-02"), RollUntil: d("2026-03-20"), OpensOn: d("2026-03-20")}, ErrTooEarly, "R74"},
		{"result posted too briefly", Plan{OpensOn: d("2026-03-18"), ClosesOn: d("2026-03-24"), PrelimOn: d("2026-03-25"), PrelimUntil: d("2026-03-30")}, ErrTimetable, "R75"},
		{"counted while voting", Plan{OpensOn: d("2026-03-18"), ClosesOn: d("2026-03-24"), PrelimOn: d("2026-03-24")}, ErrTimetable, "R75"},
		{"notice before the roll", Plan{RollOn: d("2026-03-05"), NoticeOn: d("2026-03-04"), OpensOn: d("2026-04-01")}, ErrTimetable, "R74"},
	} {
		_, err := w.Draft(ctx, w.director, Drafting{Compound: w.here.ID, Title: "会", Convener: "committee", Plan: x.plan})
		if !errors.Is(err, x.err) {
			t.Errorf("%s: %v", x.name, err)
			continue
		}
		f := fault.Of(err)
		if len(f.Fields) == 0 || f.Fields[0].Code != x.rule || !strings.Contains(f.Zh, x.rule) {
			t.Errorf("%s: %+v", x.name, f)
		}
		c, err := w.CheckPlan(ctx, w.director, w.here.ID, "", x.plan)
		w.must(err)
		if c.Lawful || len(c.Violations) == 0 {
			t.Errorf("%s: %+v", x.name, c)
		}
	}
	_, err := w.Draft(ctx, w.director, Drafting{Compound: w.here.ID, Title: "会", Convener: "committee", Plan: Plan{NoticeOn: d("2026-03-02"), OpensOn: d("2026-03-17")}})
	if !strings.Contains(fault.Of(err).Zh, "2026-03-18") {
		t.Errorf("the earliest day is not named: %v", err)
	}
	// What was lawful when it was drafted is refused when it is done too late.
	m := w.drafted()
	w.day("2026-03-03")
	_, err = w.PostRoll(ctx, w.director, m.ID, 0)
	w.want(err, ErrTooEarly)
	_, err = w.Change(ctx, w.director, m.ID, Change{Plan: &Plan{}})
	w.must(err)
	_, err = w.PostRoll(ctx, w.director, m.ID, 0)
	w.must(err)
	w.day("2026-03-05")
	_, err = w.GiveNotice(ctx, w.director, m.ID, 0, nil)
	w.want(err, ErrTooEarly)
	m, err = w.GiveNotice(ctx, w.director, m.ID, 0, &Plan{})
	w.must(err)
	if m.Plan().OpensOn.String() != "2026-03-21" {
		t.Errorf("opens %s", m.Plan().OpensOn)
	}
}

// The earliest plan of every purpose is lawful, and an election's has its lists of candidates (R29).
func TestEarliestPlans(t *testing.T) {
	w := open(t)
	for _, purpose := range purposes {
		got, err := w.Plan(ctx, w.director, w.here.ID, purpose, 0, 0)
		w.must(err)
		c, err := w.CheckPlan(ctx, w.director, w.here.ID, purpose, got.Plan)
		w.must(err)
		if !c.Lawful || len(got.Reasons) < 7 {
			t.Errorf("%s: %+v", purpose, c)
		}
		if (purpose == "election") != got.Plan.ListOn.Sound() && purpose != "first" && purpose != "by_election" {
			t.Errorf("%s: %+v", purpose, got.Plan)
		}
		if (purpose == "first") != got.Plan.DraftsOn.Sound() {
			t.Errorf("%s: drafts %s", purpose, got.Plan.DraftsOn)
		}
	}
}

// Where some days are given, the others are filled in lawfully: every start and every one given day within reason.
func TestPlansAreFilledIn(t *testing.T) {
	w := open(t)
	first := day.MustParse("2026-03-02")
	for _, purpose := range purposes {
		for after := range 40 {
			at := first.Add(after)
			for name, plan := range map[string]Plan{"roll": {RollOn: at}, "notice": {NoticeOn: at}, "provisional": {ProvisionalOn: at}, "list": {ListOn: at}, "closes": {ClosesOn: first.Add(60 + after)},
				"preliminary": {PrelimOn: first.Add(60 + after)}, "opens": {OpensOn: first.Add(30 + after)}, "roll until": {RollOn: first, RollUntil: at.Add(7)}} {
				if (name == "provisional" || name == "list") && purpose != "election" {
					continue
				}
				if name == "preliminary" || name == "closes" {
					plan.OpensOn = first.Add(30)
				}
				got, err := w.CheckPlan(ctx, w.director, w.here.ID, purpose, plan)
				w.must(err)
				if name == "preliminary" && plan.PrelimOn <= got.Plan.ClosesOn || name == "list" && plan.ListOn < got.Plan.ProvisionalOn {
					continue
				}
				if name == "roll until" && !got.Lawful && got.Violations[0].Field == "roll_until" {
					continue // seven days that end on a day off
				}
				if !got.Lawful {
					t.Fatalf("%s, %s %s: %+v\n%+v", purpose, name, at, got.Plan, got.Violations)
				}
			}
		}
	}
}

// Ballots are taken up to the last microsecond of the last day, whatever the timer does; once closed, no clock opens it again.
func TestLastSecondAndClockGoingBack(t *testing.T) {
	w := open(t)
	m := w.voting()
	last := m.Closes
	w.clock.Set(last - 3)
	w.says(m, w.right(m, "101"), tally.Agree)
	w.clock.Set(last)
	m = w.read1(m.ID)
	if m.State != Voting || m.Takes(last) || !m.Takes(last-1) {
		t.Fatalf("%s takes at the last instant", m.State)
	}
	w.run()
	if m = w.read1(m.ID); m.State != Closed {
		t.Fatalf("state %s", m.State)
	}
	w.at("2026-03-20T09:00:00+08:00") // the clock goes back into the days of voting
	if m = w.read1(m.ID); m.State != Closed || m.Takes(w.db.Now()) {
		t.Fatalf("a clock opened it again: %s", m.State)
	}
	_, err := w.Open(ctx, w.director, m.ID)
	w.want(err, ErrState)
	_, err = w.Post(ctx, w.director, m.ID)
	w.must(err)
	moments, err := w.Timeline(ctx, w.director, m.ID)
	w.must(err)
	if n := len(moments); moments[n-1].Kind != "preliminary" || moments[n-2].Kind != "closed" {
		t.Fatalf("what happened last stands last: %+v", moments[n-2:])
	}
	// Time opens and closes even where nobody ran for a long time.
	m = w.noticed(func(d *Drafting) { d.Title = "另一次" })
	w.day("2027-01-04")
	if m = w.read1(m.ID); m.State != Closed {
		t.Fatalf("state %s", m.State)
	}
}

func TestOpenAndCloseByHand(t *testing.T) {
	w := open(t)
	m := w.noticed()
	_, err := w.Open(ctx, w.director, m.ID)
	w.want(err, ErrNotYet)
	w.clock.Set(m.Opens)
	m, err = w.Open(ctx, w.director, m.ID)
	w.must(err)
	_, err = w.Close(ctx, w.director, m.ID)
	w.want(err, ErrStillOpen)
	for no := int64(1); no <= 9; no++ {
		w.says(m, no, tally.Agree)
	}
	_, err = w.Close(ctx, w.director, m.ID)
	w.want(err, ErrStillOpen) // all have voted, but the period that was told is not over
	w.clock.Set(m.Closes)
	m, err = w.Close(ctx, w.director, m.ID)
	w.must(err)
	if m.State != Closed {
		t.Fatal(m.State)
	}
}

// Two conveners at once: one of them reads what the other changed.
func TestTwoConveners(t *testing.T) {
	w := open(t)
	m := w.drafted()
	_, err := w.Change(ctx, w.director, m.ID, Change{Version: m.Version})
	w.must(err)
	_, err = w.Change(ctx, w.director, m.ID, Change{Version: m.Version})
	w.want(err, ErrChanged)
	_, err = w.PostRoll(ctx, w.director, m.ID, m.Version)
	w.want(err, ErrChanged)
	var group sync.WaitGroup
	results := make([]error, 6)
	for i := range results {
		group.Add(1)
		go func() {
			defer group.Done()
			_, results[i] = w.PostRoll(ctx, w.director, m.ID, 0)
		}()
	}
	group.Wait()
	done := 0
	for _, err := range results {
		switch {
		case err == nil:
			done++
		case !errors.Is(err, ErrState) && !errors.Is(err, ErrChanged):
			t.Error(err)
		}
	}
	n, err := store.Count(ctx, w.db, `select count(*) from assembly_event where meeting = $1 and kind = 'roll'`, m.ID)
	w.must(err)
	if done != 1 || n != 1 {
		t.Errorf("posted %d times, %d events", done, n)
	}
}

// Killed between the count and its posting: neither is there, and the count is made again.
func TestKilledBetweenCountAndPosting(t *testing.T) {
	w := open(t)
	m := w.voting()
	for no := int64(1); no <= 7; no++ {
		w.says(m, no, tally.Agree)
	}
	w.day("2026-03-25")
	cut := errors.New("killed")
	whole := w.Hall.Publish
	w.Hall.Publish = func(ctx context.Context, tx *store.Tx, kind string, at scope.Path, ref string, body any) (audit.Leaf, error) {
		if kind == "assembly.preliminary" {
			return audit.Leaf{}, cut
		}
		return whole(ctx, tx, kind, at, ref, body)
	}
	_, err := w.Post(ctx, w.director, m.ID)
	w.want(err, cut)
	w.Hall.Publish = whole
	n, err := store.Count(ctx, w.db, `select (select count(*) from assembly_result where meeting = $1) + (select count(*) from assembly_event where meeting = $1 and kind = 'preliminary')`, m.ID)
	w.must(err)
	if m = w.read1(m.ID); n != 0 || m.State != Closed {
		t.Fatalf("%d rows are left, state %s", n, m.State)
	}
	_, err = w.Result(ctx, w.director, m.ID)
	w.want(err, ErrNoResult)
	r, err := w.Post(ctx, w.director, m.ID)
	w.must(err)
	if r.Ballots != 7 || !r.Items[0].Passed {
		t.Fatalf("%+v", r)
	}
	_, err = w.Post(ctx, w.director, m.ID)
	w.want(err, ErrState)
}

// Voting is extended only while a gate is not reached, not beyond the preset, and all are told.
func TestExtension(t *testing.T) {
	w := open(t)
	until := day.MustParse("2026-04-10")
	m := w.noticed()
	_, err := w.Extend(ctx, w.director, m.ID, until, "人数不足")
	w.want(err, ErrState) // not before it opened
	w.day("2026-03-24")
	_, err = w.Extend(ctx, w.director, m.ID, until, " ")
	w.want(err, ErrReason)
	_, err = w.Extend(ctx, w.director, m.ID, day.MustParse("2026-03-24"), "人数不足")
	w.want(err, ErrExtendLong)
	_, err = w.Extend(ctx, w.director, m.ID, day.MustParse("2026-06-23"), "人数不足")
	w.want(err, ErrExtendLong)
	m, err = w.Extend(ctx, w.director, m.ID, until, "人数不足")
	w.must(err)
	if m.Extended != 17 || m.Plan().ClosesOn != until || m.PrelimOn.String() != "2026-04-11" || m.FinalOn <= m.PrelimUntil {
		t.Fatalf("%+v", m.Plan())
	}
	w.run()
	told, err := store.Count(ctx, w.db, `select count(*) from outreach_message where template = 'assembly.extended'`)
	w.must(err)
	if told != 9 {
		t.Errorf("%d were told, 9 persons may vote", told)
	}
	for no := int64(1); no <= 7; no++ {
		w.says(m, no, tally.Abstain)
	}
	_, err = w.Extend(ctx, w.director, m.ID, day.MustParse("2026-04-12"), "再延")
	w.want(err, ErrGateMet)
	w.day("2026-04-11")
	_, err = w.Extend(ctx, w.director, m.ID, day.MustParse("2026-04-20"), "再延")
	w.want(err, ErrState)
}

// What fails may be barred from being put again for a year by preset; without it, it is not.
func TestBar(t *testing.T) {
	w := open(t)
	_, err := w.on.Rules.Switch(ctx, audit.System, rules.Switch{Pack: rules.Assembly, Preset: "barred_year", Path: w.here.Path, From: day.MustParse("2026-03-02"), Why: "议事规则"})
	w.must(err)
	m := w.voting()
	for no := int64(1); no <= 7; no++ {
		w.says(m, no, tally.Against)
	}
	w.day("2026-03-25")
	_, err = w.Post(ctx, w.director, m.ID)
	w.must(err)
	w.day("2026-04-02")
	r, err := w.Finish(ctx, w.director, m.ID)
	w.must(err)
	if r.Items[0].Passed {
		t.Fatal("seven against pass nothing")
	}
	again, err := w.Draft(ctx, w.director, Drafting{Compound: w.here.ID, Title: "再表决", Convener: "committee"})
	w.must(err)
	_, err = w.AddMatter(ctx, w.director, again.ID, 0, Wording{Title: "更换水泵", Text: "再试一次", Item: 5})
	w.want(err, ErrBarred)
	if !strings.Contains(fault.Of(err).Zh, "2027-04-03") {
		t.Errorf("%v", err)
	}
	_, err = w.AddMatter(ctx, w.director, again.ID, 0, Wording{Title: "更换电梯", Text: "另一件事", Item: 5})
	w.must(err)
}

// The convener cancels before opening, the street alone after it; all are told.
func TestCancel(t *testing.T) {
	w := open(t)
	m := w.drafted()
	_, err := w.Cancel(ctx, w.director, m.ID, "")
	w.want(err, ErrReason)
	m, err = w.Cancel(ctx, w.director, m.ID, "不再需要")
	w.must(err)
	if m.State != Cancelled || m.Shown() {
		t.Fatalf("%+v", m)
	}
	m = w.voting()
	_, err = w.Cancel(ctx, w.director, m.ID, "不想开了")
	w.want(err, ErrStreetOnly)
	m, err = w.Cancel(ctx, w.leader, m.ID, "名册有重大错误")
	w.must(err)
	w.run()
	if m.Takes(w.db.Now()) {
		t.Fatal("a cancelled meeting takes ballots")
	}
	told, err := store.Count(ctx, w.db, `select count(*) from outreach_message where template = 'assembly.cancelled'`)
	w.must(err)
	if told != 9 {
		t.Errorf("%d were told", told)
	}
	_, err = w.Cancel(ctx, w.leader, m.ID, "再取消")
	w.want(err, ErrState)
}

// owes counts the duties of a meeting that stand in a state, whatever their kind; those of its objections too.
func (w *town) owes(m Meeting, state string) (n int64) {
	w.t.Helper()
	n, err := store.Count(ctx, w.db, `select count(*) from duty_duty where state = $1 and (ref = $2 or ref like $3 or ref in (select 'assembly-objections/' || id from assembly_objection where meeting = $4))`, state, m.Ref(), m.Ref()+"/%", m.ID)
	w.must(err)
	return n
}

// What was owed for a meeting is owed no more when it is cancelled or annulled, and nobody is late with it.
func TestNothingIsOwedForWhatEnded(t *testing.T) {
	w := open(t)
	m := w.drafted()
	_, err := w.PostRoll(ctx, w.director, m.ID, 0)
	w.must(err)
	_, err = w.Object(ctx, w.owner("乙"), m.ID, "roll", "面积不符", "")
	w.must(err)
	if n := w.owes(m, "open"); n != 2 {
		t.Fatalf("%d are owed: the notice and an answer", n)
	}
	m, err = w.Cancel(ctx, w.director, m.ID, "另定日期")
	w.must(err)
	if open, void := w.owes(m, "open"), w.owes(m, "void"); open != 0 || void != 2 {
		t.Errorf("%d open, %d dropped", open, void)
	}
	list, n, err := w.Objections(ctx, w.director, m.ID, "roll")
	w.must(err)
	if n != 1 || list[0].State != "moot" {
		t.Errorf("%+v", list)
	}
	_, err = w.DecideObjection(ctx, w.director, m.ID, list[0].ID, Ruling{Answer: "迟到的答复"})
	w.want(err, ErrState)

	// Cancelled by the street while it is voted, with a late objection; and annulled after it was final.
	m = w.voting()
	_, err = w.Object(ctx, w.owner("丙"), m.ID, "roll", "漏了我家", "")
	w.must(err)
	if w.owes(m, "open") != 1 {
		t.Errorf("%d are owed", w.owes(m, "open"))
	}
	m, err = w.Cancel(ctx, w.leader, m.ID, "名册有重大错误")
	w.must(err)
	if w.owes(m, "open") != 0 {
		t.Error("an answer is owed for a meeting that is cancelled")
	}
}

// The street annuls an unlawful decision with its basis (R12), and all owners are told.
func TestAnnul(t *testing.T) {
	w := open(t)
	m := w.voting()
	_, err := w.AnnulMeeting(ctx, w.office, m.ID, "程序违法", "物业管理条例第十九条")
	w.want(err, ErrState)
	for no := int64(1); no <= 7; no++ {
		w.says(m, no, tally.Agree)
	}
	w.day("2026-03-25")
	_, err = w.Post(ctx, w.director, m.ID)
	w.must(err)
	w.day("2026-04-02")
	_, err = w.Finish(ctx, w.director, m.ID)
	w.must(err)
	if w.owes(m, "open") == 0 {
		t.Error("what was decided is to be carried out")
	}
	_, err = w.AnnulMeeting(ctx, w.office, m.ID, "程序违法", "")
	w.want(err, ErrBasis)
	m, err = w.AnnulMeeting(ctx, w.office, m.ID, "程序违法", "物业管理条例第十九条")
	w.must(err)
	w.run()
	r, err := w.Result(ctx, w.owner("乙"), m.ID)
	w.must(err)
	if n := w.owes(m, "open"); n != 0 {
		t.Errorf("%d are owed for a decision that was annulled", n)
	}
	if m.State != Annulled || r.Annulled != "程序违法" {
		t.Fatalf("%+v", r)
	}
	told, err := store.Count(ctx, w.db, `select count(*) from outreach_message where template = 'assembly.annulled' and zh like '%物业管理条例第十九条%'`)
	w.must(err)
	jobs, err := store.Count(ctx, w.db, `select count(*) from audit_record where kind = 'assembly.annulled' and ref = $1`, m.Ref())
	w.must(err)
	if told != 9 || jobs != 1 {
		t.Errorf("told %d, %d records", told, jobs)
	}
}

// Notice is served on the phone, by text message, on paper and by posting; the list says n of N by way.
func TestService(t *testing.T) {
	w := open(t)
	m := w.noticed()
	_, err := w.Get(ctx, w.owner("甲"), m.ID)
	w.must(err)
	for range 3 {
		_, err = w.on.Office.Dispatch(ctx, 100)
		w.must(err)
	}
	_, err = w.Delivered(ctx)
	w.must(err)
	s, err := w.ServiceOf(ctx, w.director, m.ID)
	w.must(err)
	way := func(name string) int64 {
		for _, x := range s.Ways {
			if x.Way == name {
				return x.N
			}
		}
		return -1
	}
	if way("read") != 1 || way("sms") != 8 || s.N != 8 || s.Of != 9 || len(s.Unreached) != 1 {
		t.Fatalf("%+v", s)
	}
	_, err = w.Serve(ctx, w.director, m.ID, 1, "read", "")
	w.want(err, ErrByItself)
	_, err = w.Serve(ctx, w.director, m.ID, 1, "paper", "")
	w.want(err, ErrSlip)
	_, err = w.Serve(ctx, w.director, m.ID, 99, "posted", "")
	w.want(err, ErrRight)
	_, err = w.Serve(ctx, w.director, m.ID, 1, "pigeon", "")
	w.want(err, ErrWay)
	_, err = w.Serve(ctx, w.director, m.ID, 2, "paper", "slip")
	w.must(err)
	s, err = w.Serve(ctx, w.director, m.ID, 0, "posted", "")
	w.must(err)
	if way("paper") != 1 || way("posted") != 1 || s.N != 9 || s.InPerson != 8 {
		t.Fatalf("%+v", s)
	}
	seen, err := w.ServiceOf(ctx, w.owner("乙"), m.ID)
	w.must(err)
	if len(seen.Unreached) != 0 {
		t.Error("owners are shown whom notice did not reach")
	}
}

// In every state only its own steps can be taken; a step that is refused changes nothing.
func TestStatesAllowOnlyTheirSteps(t *testing.T) {
	steps := map[string]func(w *town, id string) error{
		"roll":   func(w *town, id string) error { _, err := w.PostRoll(ctx, w.director, id, 0); return err },
		"notice": func(w *town, id string) error { _, err := w.GiveNotice(ctx, w.director, id, 0, nil); return err },
		"open":   func(w *town, id string) error { _, err := w.Open(ctx, w.director, id); return err },
		"close":  func(w *town, id string) error { _, err := w.Close(ctx, w.director, id); return err },
		"extend": func(w *town, id string) error {
			_, err := w.Extend(ctx, w.director, id, day.MustParse("2026-04-01"), "人数不足")
			return err
		},
		"cancel": func(w *town, id string) error { _, err := w.Cancel(ctx, w.director, id, "因故"); return err },
		"annul": func(w *town, id string) error {
			_, err := w.AnnulMeeting(ctx, w.office, id, "违法", "条例第十九条")
			return err
		},
		"preliminary": func(w *town, id string) error { _, err := w.Post(ctx, w.director, id); return err },
		"final":       func(w *town, id string) error { _, err := w.Finish(ctx, w.director, id); return err },
		"change":      func(w *town, id string) error { _, err := w.Change(ctx, w.director, id, Change{}); return err },
		"serve":       func(w *town, id string) error { _, err := w.Serve(ctx, w.director, id, 0, "posted", ""); return err },
		"object": func(w *town, id string) error {
			_, err := w.Object(ctx, w.owner("乙"), id, "roll", "不对", "")
			return err
		},
		"object result": func(w *town, id string) error {
			_, err := w.Object(ctx, w.owner("乙"), id, "result", "不对", "")
			return err
		},
	}
	reach := map[string]func(w *town) string{
		"draft": func(w *town) string { return w.drafted().ID },
		"posted": func(w *town) string {
			m := w.drafted()
			_, err := w.PostRoll(ctx, w.director, m.ID, 0)
			w.must(err)
			return m.ID
		},
		"noticed": func(w *town) string { return w.noticed().ID },
		"voting":  func(w *town) string { return w.voting().ID },
		"closed":  func(w *town) string { id := w.voting().ID; w.day("2026-03-25"); return id },
	}
	reach["preliminary"] = func(w *town) string {
		id := reach["closed"](w)
		w.must(steps["preliminary"](w, id))
		return id
	}
	reach["posted long enough"] = func(w *town) string { id := reach["preliminary"](w); w.day("2026-04-02"); return id }
	reach["final"] = func(w *town) string {
		id := reach["posted long enough"](w)
		w.must(steps["final"](w, id))
		return id
	}
	reach["cancelled"] = func(w *town) string { id := w.noticed().ID; w.must(steps["cancel"](w, id)); return id }
	reach["annulled"] = func(w *town) string { id := reach["final"](w); w.must(steps["annul"](w, id)); return id }
	allowed := map[string][]string{
		"draft": {"roll", "cancel", "change"}, "posted": {"notice", "cancel", "object"}, "noticed": {"cancel", "serve", "object"}, "voting": {"extend", "serve", "object"},
		"closed": {"preliminary", "annul", "object"}, "preliminary": {"annul", "object", "object result"}, "posted long enough": {"final", "annul", "object"}, "final": {"annul"},
	}
	for state, to := range reach {
		t.Run(state, func(t *testing.T) {
			w := open(t)
			id := to(w)
			before := w.read1(id)
			for name, step := range steps {
				if slices.Contains(allowed[state], name) {
					fresh := open(t)
					if err := step(fresh, to(fresh)); err != nil {
						t.Errorf("%s: %v", name, err)
					}
					continue
				}
				switch err := step(w, id); {
				case err == nil:
					t.Errorf("%s was let through", name)
				case fault.IsKind(err, fault.Internal):
					t.Errorf("%s: %v", name, err)
				}
				if after := w.read1(id); !reflect.DeepEqual(before, after) {
					t.Errorf("%s was refused and changed something", name)
				}
			}
		})
	}
}
