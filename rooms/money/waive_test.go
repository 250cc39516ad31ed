package money

import (
	"testing"

	"cuobian/basis/scope"
	"cuobian/platform/store"
	"cuobian/rooms/assembly"
	"cuobian/rooms/money/ledger"
)

// R46: a pledge that a decision takes off, in part and then whole, is not waited for: the works begin. It cannot be corrected by
// the cashier, nor waived above what is left.
func TestWaivedPledgeIsNotWaitedFor(t *testing.T) {
	x := settled(t, 1)
	p := x.lifted()
	for i := 1; i < 3; i++ {
		_, err := x.Pledge(ctx, x.dweller(i), p.ID, Word{Part: x.homes[i].ID})
		x.ok(err)
	}
	_, err := x.CollectProject(ctx, x.who["manager"], p.ID, 0)
	x.ok(err)
	x.pays(1, 9_090_909, ledger.Works)
	paper := "blobs/" + x.upload(x.who["manager"])
	bill := x.homesOf(p)[x.homes[2].ID].Bill
	_, err = x.Correct(ctx, x.who["manager"], x.here.ID, bill, 1, "有误")
	x.refused(err, ErrBill)
	state := func(want string) {
		t.Helper()
		got, err := x.project(ctx, x.db, p.ID)
		x.ok(err)
		if got.State != want {
			t.Fatal(got.State, want)
		}
	}
	_, err = x.Waive(ctx, x.who["manager"], x.here.ID, bill, 909_091, paper, "困难家庭")
	x.ok(err)
	state(ProjectCollecting)
	x.pays(2, 9_000_000, ledger.Works)
	state(ProjectCollecting)
	_, err = x.Waive(ctx, x.who["manager"], x.here.ID, bill, 1_000_001, paper, "困难家庭")
	x.refused(err, ErrWaive)
	_, err = x.Waive(ctx, x.who["manager"], x.here.ID, bill, 1_000_000, paper, "困难家庭")
	x.ok(err)
	state(ProjectBuilding)
	h := x.homesOf(p)[x.homes[2].ID]
	if h.State != homePaid || h.Paid != 9_000_000 || h.Waived != 1_909_091 || h.Amount != 10_909_091 {
		t.Fatalf("%+v", h)
	}
	e, err := escrow(ctx, x.db, p.ID)
	x.ok(err)
	if e.Left != 18_090_909 {
		t.Fatalf("%+v", e)
	}
	x.fundHolds()
	proofs, err := x.proveBills(ctx, x.db, x.here.ID)
	x.ok(err)
	x.holds(proofs)
}

// R40: a shortfall that a decision takes off leaves the settlement; the use ends when the rest is paid out.
func TestWaivedShortfallEndsTheUse(t *testing.T) {
	x := settled(t, 1)
	x.mirrored(10_000_00, 500_00, 100_00, 500_00)
	building := x.homes[0].Path.Parent()
	meeting := x.vote(assembly.Wording{Title: "一幢屋面", Text: "一幢屋面防水。", Item: 5, Scope: assembly.Scope{Kind: "building", Paths: []scope.Path{building}}}, 0, 1)
	manager := x.who["manager"]
	u, err := x.ApplyUse(ctx, manager, x.here.ID, NewUse{Title: "一幢屋面防水", Text: "一幢屋面防水维修", Kind: "vote", Cost: 900_00, Meeting: meeting, Matter: 1})
	x.ok(err)
	u, err = x.StartUse(ctx, manager, u.ID, u.Version, 0, nil)
	x.ok(err)
	u, err = x.FinishUse(ctx, manager, u.ID, u.Version, 0, 900_00, x.papers(manager, "invoice", "acceptance"))
	x.ok(err)
	u, err = x.SettleUse(ctx, x.who["m0"], u.ID, u.Version, Payee{Name: "丁防水公司", Bank: "6222020200112233445"})
	x.ok(err)
	f, err := x.UseOf(ctx, manager, u.ID)
	x.ok(err)
	if len(f.Payments) != 1 || f.Payments[0].Amount != 700_00 || f.Shares[1].Short != 200_00 {
		t.Fatalf("%+v", f)
	}
	x.paidOut(f.Payments[0].Payment)
	state := func(want string) {
		t.Helper()
		got, err := x.use(ctx, x.db, u.ID)
		x.ok(err)
		if got.State != want {
			t.Fatal(got.State, want)
		}
		x.fundHolds()
	}
	state(UseSettled)
	_, err = x.Waive(ctx, manager, x.here.ID, f.Shares[1].Bill, 50_00, u.Decision, "困难家庭")
	x.ok(err)
	state(UseSettled)
	_, err = x.Waive(ctx, manager, x.here.ID, f.Shares[1].Bill, 150_00, u.Decision, "困难家庭")
	x.ok(err)
	state(UsePaid)
	x.shows(x.here.ID, "maintenance:payable", 0)
	x.shows(x.here.ID, "maintenance:spent:repair", 700_00)
	x.shows(x.here.ID, "maintenance:owed", 0)
	if n, err := store.Count(ctx, x.db, `select cast(sum(waived) as bigint) from money_use_share where use_id = $1`, u.ID); err != nil || n != 200_00 {
		t.Fatal(n, err)
	}
}
