package demo_test

import (
	"context"
	"testing"

	"cuobian/app"
	"cuobian/app/demo"
	"cuobian/basis/day"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/store"
	"cuobian/platform/store/storetest"
	"cuobian/rooms/committee"
	"cuobian/rooms/standing"
)

// TestFiguresComeFromRecords computes every figure of the pages that these rooms can state, on the pages' days.
func TestFiguresComeFromRecords(t *testing.T) {
	ctx := context.Background()
	clock := &demo.Clock{}
	c := app.Config{}
	c.Data = t.TempDir()
	c.Database = storetest.Prepare(t, c.Data, app.Schemas()...)
	h, err := app.Open(ctx, c, clock.Now, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close(ctx)
	if err := h.Jobs.Prepare(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Demo(ctx, clock); err != nil {
		t.Fatal(err)
	}
	streets := map[string]scope.Path{"丰泽街道": "350503002/", "东湖街道": "350503001/"}
	for id, x := range map[string]struct {
		indicator, asOf string
		fraction        string // where a share needs its denominator
	}{
		"F01": {indicator: "division_cadres"}, "F02": {indicator: "section_cadres"}, "F03": {indicator: "branches"}, "F04": {indicator: "leads"},
		"F06": {indicator: "committees"}, "F07": {indicator: "oc_rate", fraction: "121/123"}, "F08": {indicator: "market_service"}, "F09": {indicator: "own_companies"},
		"F10": {indicator: "taken_over"}, "F14": {indicator: "compounds"}, "F18": {indicator: "supervisors"},
		"F34": {indicator: "branches"}, "F35": {indicator: "party_groups"}, "F36": {indicator: "leads"}, "F37": {indicator: "one_shoulder"}, "F38": {indicator: "committees"},
		"F39": {indicator: "red_committees", fraction: "36/44"}, "F40": {indicator: "section_cadres"}, "F41": {indicator: "judges"}, "F42": {indicator: "police"}, "F43": {indicator: "grid_workers"},
		"F51": {indicator: "volunteer_teams"}, "F53": {indicator: "income_accounts"}, "F54": {indicator: "income_published"}, "F60": {indicator: "boards"},
		"F61": {indicator: "complaints_month", asOf: "2024-09-30"}, "F62": {indicator: "complaints_month", asOf: "2025-02-28"},
		"F63": {indicator: "complaints", asOf: "2025-02-28", fraction: "110 → 4"},
	} {
		stated := demo.Figures[id]
		ask := standing.Ask{Under: streets[stated.Street], AsOf: demo.March2025, Base: day.MustParse("2024-09-01")}
		if x.asOf != "" {
			ask.AsOf = day.MustParse(x.asOf)
		}
		f, err := h.Board.Figure(ctx, x.indicator, ask)
		if err != nil {
			t.Fatal(id, err)
		}
		want := stated.Value
		if id == "F63" {
			want = "-" + want
		}
		if x.indicator == "oc_rate" && f.Interim {
			t.Error("F07 counts interim committees")
		}
		if f.Text != want || !f.Records || x.fraction != "" && f.Fraction != x.fraction {
			t.Errorf("%s %s: %s %s, want %s %s", id, stated.Zh, f.Text, f.Fraction, want, x.fraction)
		}
	}
	// The board itself, asked for no base, measures from the last month on record.
	if f, err := h.Board.Figure(ctx, "complaints", standing.Ask{Under: "350503001/", AsOf: day.MustParse("2025-02-28")}); err != nil || f.Text != "-96.36" || f.BaseFrom != day.MustParse("2024-09-01") {
		t.Errorf("%+v %v", f, err)
	}
	// What later rooms will hold has no figure at all.
	for _, id := range []string{"service_quality", "benefit", "satisfaction"} {
		if f, err := h.Board.Figure(ctx, id, standing.Ask{Under: "350503001/", AsOf: demo.March2025}); err != nil || f.Records || f.Text != "" {
			t.Errorf("%s is %q without records (%v)", id, f.Text, err)
		}
	}
	committeesOfToday(t, h)
	incomeOfToday(t, h)
	feesOfHalfAYear(t, h)
	statementOfTheBank(t, h)
	worksHalfWay(t, h)
	electionsOfToday(t, h)
	// A second start keeps the data.
	before, _ := store.Count(ctx, h.DB, `select count(*) from cases_v_case`)
	if _, err := h.Demo(ctx, clock); err != nil {
		t.Fatal(err)
	}
	after, _ := store.Count(ctx, h.DB, `select count(*) from cases_v_case`)
	if before != after || before < 140 {
		t.Errorf("%d matters before the second start, %d after", before, after)
	}
	if n, _ := store.Count(ctx, h.DB, `select count(*) from people_v_person where demo = false`); n != 0 {
		t.Errorf("%d persons are not marked as invented", n)
	}
}

// committeesOfToday: one committee with a full page, a board with an answered question, formings at several steps.
func committeesOfToday(t *testing.T, h *app.House) {
	t.Helper()
	ctx := context.Background()
	street := access.Who{Account: "s", Person: "s", Grants: []access.Grant{{Post: access.StreetOfficer, Path: "350503002/"}}}
	b, err := h.Chamber.Formings(ctx, street, committee.Look{Limit: 200})
	if err != nil {
		t.Fatal(err)
	}
	at, sum, mingxin := map[string]int{}, 0, ""
	for _, s := range b.Stages {
		at[s.Stage] = s.N
		sum += s.N
		if s.Of != 130 {
			t.Errorf("%+v", s)
		}
	}
	for _, s := range []string{"opened", "applied", "papers", "drafts", "elected", "interim", "committee"} {
		if at[s] == 0 {
			t.Errorf("no compound is at %s: %v", s, at)
		}
	}
	if sum != 130 || b.Overdue == 0 || b.Blocked["start"] != 2 || b.Blocked["elect"] != 1 {
		t.Errorf("%v: %d compounds, %d overdue, blocked %v", at, sum, b.Overdue, b.Blocked)
	}
	for _, r := range b.Items {
		if r.Name == "明鑫花苑" {
			mingxin = r.Org
		}
	}
	page, err := h.Chamber.Committee(ctx, street, mingxin)
	if err != nil {
		t.Fatal(err)
	}
	meetings, err := h.Chamber.Meetings(ctx, street, mingxin)
	if err != nil {
		t.Fatal(err)
	}
	if len(page.Members) != 9 || !page.Counted.Majority || len(page.Zones) != 3 || len(page.Handovers) != 1 || page.Handovers[0].Received == 0 || len(page.Questions) != 1 || page.Questions[0].Late || len(page.Boards) != 1 ||
		!page.Org.FiledOn.Sound() || len(page.Alarms) != 0 {
		t.Errorf("%+v", page)
	}
	if len(meetings) != 3 || meetings[1].State != "minuted" || len(meetings[1].Decisions) != 2 || meetings[1].Decisions[0].Signed != 5 ||
		meetings[0].State != "held" || meetings[0].Decisions[0].Signed != 3 || meetings[0].Decisions[0].State != "open" {
		t.Errorf("%+v", meetings)
	}
	kinds := map[string]bool{}
	papers, _, _, err := h.Chamber.PapersOf(ctx, street, mingxin, "", "", 200)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range papers {
		kinds[p.Kind] = true
	}
	for _, k := range []string{"notice", "minutes", "members", "filing", "handover", "question"} {
		if !kinds[k] {
			t.Errorf("no %s among the committee's papers", k)
		}
	}
	f, err := h.Board.Figure(ctx, "forming", standing.Ask{Under: "350503002/"})
	if err != nil || f.Fraction != "4/9" { // the fifth has its interim committee: that forming is over
		t.Errorf("%+v %v", f, err)
	}
}
