package demo_test

import (
	"context"
	"os"
	"testing"

	"cuobian/app"
	"cuobian/app/demo"
	"cuobian/basis/day"
	"cuobian/basis/scope"
	"cuobian/platform/store"
	"cuobian/platform/store/storetest"
	"cuobian/rooms/standing"
)

// TestFiguresComeFromRecords computes every figure of the pages that these rooms can state, on the pages' days.
func TestFiguresComeFromRecords(t *testing.T) {
	ctx := context.Background()
	clock := &demo.Clock{}
	c := app.Config{}
	c.Data = t.TempDir()
	if url := os.Getenv(storetest.EnvURL); url != "" {
		c.Database = storetest.Schema(t, url)
	}
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
		"F51": {indicator: "volunteer_teams"}, "F60": {indicator: "boards"},
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
