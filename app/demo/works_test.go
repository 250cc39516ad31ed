package demo_test

import (
	"context"
	"testing"

	"cuobian/app"
	"cuobian/platform/access"
	"cuobian/rooms/money"
	"cuobian/rooms/money/bundle"
)

// worksHalfWay: a lift at its first milestone with all pledges paid, a mirror that agrees with the books, fire pipes that are asked
// about, and a frozen quarter of pay by quality whose file checks; all marked as invented.
func worksHalfWay(t *testing.T, h *app.House) {
	t.Helper()
	ctx := context.Background()
	id := func(name string) (id string) {
		t.Helper()
		if err := h.DB.QueryRow(ctx, `select id from place_v_compound where name = $1`, name).Scan(&id); err != nil {
			t.Fatal(err)
		}
		return id
	}
	here := id("明鑫花苑")
	list, _, err := h.Till.Projects(ctx, access.System, money.FindProjects{Compound: here})
	if err != nil || len(list) != 2 || !list[0].Demo || !list[1].Demo {
		t.Fatalf("%+v %v", list, err)
	}
	f, err := h.Till.ProjectOf(ctx, access.System, list[1].ID)
	if err != nil || f.State != money.ProjectBuilding || f.Stages[0].State != "reported" || f.Escrow.Left != f.Cost || list[1].Paid == 0 {
		t.Fatalf("%+v %v", f, err)
	}
	fund, err := h.Till.FundAccounts(ctx, access.System, here, money.FundAsk{})
	if err != nil || fund.Renewals == 0 || fund.Renewals == fund.Count || fund.Balance == 0 {
		t.Fatalf("%d of %d %v", fund.Renewals, fund.Count, err)
	}
	proofs, err := h.Till.Prove(ctx, access.System, here)
	if err != nil || !proofs.Holds {
		t.Fatalf("%+v %v", proofs, err)
	}
	there := id("西湖豪庭")
	periods, err := h.Till.Qualities(ctx, access.System, there)
	if err != nil || len(periods) != 2 || periods[0].State != money.QualityFrozen || periods[1].State != money.QualityPaid || periods[1].Held == 0 || periods[0].Pay.Earned == 0 || !periods[0].Demo {
		t.Fatalf("%+v %v", periods, err)
	}
	if _, err := h.Logs.Integrate(ctx); err != nil {
		t.Fatal(err)
	}
	file, err := h.Till.QualityBundle(ctx, access.Who{Account: "system", System: true}, there, periods[0].ID, 0)
	if err != nil || !bundle.Check(file, nil).OK {
		t.Fatal(err)
	}
}
