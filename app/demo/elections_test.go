package demo_test

import (
	"context"
	"testing"

	"cuobian/app"
	"cuobian/basis/day"
	"cuobian/platform/access"
	"cuobian/rooms/assembly"
)

// electionsOfToday: one finished with an alternate, a tie and an empty seat; one at nomination; one whose list has hung.
func electionsOfToday(t *testing.T, h *app.House) {
	t.Helper()
	ctx := context.Background()
	street := access.Who{Account: "s", Person: "s", Grants: []access.Grant{{Post: access.StreetOfficer, Path: "350503002/"}}}
	seen := map[string]bool{}
	page, err := h.Hall.List(ctx, street, assembly.Find{Under: "350503002/", Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range page.Items {
		switch m.Title {
		case "业主委员会换届选举":
			e, err := h.Hall.Election(ctx, street, m.ID)
			if err != nil || e.Result == nil {
				t.Fatal(err)
			}
			r, z := e.Result, e.Result.Zones
			if m.State != assembly.Final || !m.Secret || r.Elected != 3 || r.Open != 1 || len(z[0].Elected) != 2 || len(z[0].Alternates) != 1 || z[1].RunOff == nil || len(z[1].RunOff.Candidates) != 2 || z[2].Unfilled != 1 {
				t.Errorf("%s %+v", m.State, r)
			}
		case "业主委员会补选（第3选区一名）":
			e, err := h.Hall.Election(ctx, street, m.ID)
			if err != nil || e.Posted || len(e.Candidates) != 2 || e.Candidates[1].Cosigners != 9 || e.Candidates[1].State != "nominated" {
				t.Errorf("%+v %v", e, err)
			}
		case "业主委员会换届选举（划区推选）":
			e, err := h.Hall.Election(ctx, street, m.ID)
			if err != nil || !e.Posted || e.Listed || len(e.Candidates) != 8 || e.Candidates[2].Waiting != 1 || e.Until >= h.DB.Now().Day(day.Shanghai) {
				t.Errorf("%+v %v", e, err)
			}
		default:
			continue
		}
		seen[m.Title] = true
	}
	if len(seen) != 3 {
		t.Errorf("elections of the demonstration: %v", seen)
	}
}
