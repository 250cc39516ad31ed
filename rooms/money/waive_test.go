package money

import (
	"testing"
	"time"

	"cuobian/basis/scope"
	"cuobian/basis/yuan"
	"cuobian/platform/access"
	"cuobian/platform/store"
	"cuobian/rooms/assembly"
	"cuobian/rooms/money/ledger"
)

// R46: a pledge is not waived, since the works are paid with it: the company bears it, and the works begin when that is paid in,
// not before. What the home paid meanwhile stands to its credit.
func TestBornePledge(t *testing.T) {
	x := settled(t, 1)
	manager := x.who["manager"]
	b := x.begun(x.here)
	x.posted(b, ledger.Entry{Day: x.Today(), Text: "转入", Document: "bank/2", Decision: "law", Rule: "R76", Legs: []ledger.Leg{{Account: "company:bank", Amount: 2_000_000}, {Account: "company:earned", Amount: -2_000_000}}})
	p := x.lifted()
	for i := 1; i < 3; i++ {
		_, err := x.Pledge(ctx, x.dweller(i), p.ID, Word{Part: x.homes[i].ID})
		x.ok(err)
	}
	_, err := x.CollectProject(ctx, manager, p.ID, 0)
	x.ok(err)
	x.pays(1, 9_090_909, ledger.Works)
	paper := "blobs/" + x.upload(manager)
	bill := x.homesOf(p)[x.homes[2].ID].Bill
	_, err = x.Correct(ctx, manager, x.here.ID, bill, 1, "有误")
	x.refused(err, ErrBill)
	_, err = x.Waive(ctx, manager, x.here.ID, bill, 909_091, paper, "困难家庭")
	x.refused(err, ErrThird)
	state := func(want string) {
		t.Helper()
		got, err := x.project(ctx, x.db, p.ID)
		x.ok(err)
		if got.State != want {
			t.Fatal(got.State, want)
		}
		x.fundHolds()
	}
	first, err := x.Bear(ctx, manager, x.here.ID, bill, ledger.Company, 909_091, paper, "困难家庭")
	x.ok(err)
	state(ProjectCollecting)
	if h := x.homesOf(p)[x.homes[2].ID]; h.Waived != 0 {
		t.Fatalf("let off before anybody paid: %+v", h)
	}
	_, err = x.Bear(ctx, manager, x.here.ID, bill, ledger.Company, 10_000_001, paper, "困难家庭")
	x.refused(err, ErrBearings)
	second, err := x.Bear(ctx, manager, x.here.ID, bill, ledger.Company, 1_000_000, paper, "困难家庭")
	x.ok(err)
	x.paidOut(first.Payment)
	state(ProjectCollecting)
	// The home pays all that is still open before the second sum arrives: that much is its credit then.
	x.pays(2, 10_000_000, ledger.Works)
	state(ProjectBuilding)
	x.paidOut(second.Payment)
	state(ProjectBuilding)
	h := x.homesOf(p)[x.homes[2].ID]
	if h.State != homePaid || h.Paid != 10_000_000 || h.Waived != 909_091 || h.Amount != 10_909_091 {
		t.Fatalf("%+v", h)
	}
	x.shows(x.here.ID, "works:ahead", -1_000_000)
	x.shows(x.here.ID, "company:bank", 2_000_000-1_909_091)
	e, err := escrow(ctx, x.db, p.ID)
	x.ok(err)
	if e.Left != 20_000_000 || e.Borne != 909_091 {
		t.Fatalf("%+v", e)
	}
	proofs, err := x.proveBills(ctx, x.db, x.here.ID)
	x.ok(err)
	x.holds(proofs)
}

// R40: a shortfall is the contractor's claim. It is not waived; public income bears it by a resolution, and refused, the home owes as
// before. When it is paid in, the contractor gets all that was settled.
func TestBorneShortfallReachesThePayee(t *testing.T) {
	x := settled(t, 1000_00)
	x.mirrored(10_000_00, 500_00, 100_00, 500_00)
	building := x.homes[0].Path.Parent()
	meeting := x.vote(assembly.Wording{Title: "一幢屋面", Text: "一幢屋面防水。", Item: 5, Scope: assembly.Scope{Kind: "building", Paths: []scope.Path{building}}}, 0, 1)
	manager, to := x.who["manager"], Payee{Name: "丁防水公司", Bank: "6222020200112233445"}
	u, err := x.ApplyUse(ctx, manager, x.here.ID, NewUse{Title: "一幢屋面防水", Text: "一幢屋面防水维修", Kind: "vote", Cost: 900_00, Meeting: meeting, Matter: 1})
	x.ok(err)
	u, err = x.StartUse(ctx, manager, u.ID, u.Version, 0, nil)
	x.ok(err)
	u, err = x.FinishUse(ctx, manager, u.ID, u.Version, 0, 900_00, x.papers(manager, "invoice", "acceptance"))
	x.ok(err)
	u, err = x.SettleUse(ctx, x.who["m0"], u.ID, u.Version, to)
	x.ok(err)
	f, err := x.UseOf(ctx, manager, u.ID)
	x.ok(err)
	if len(f.Payments) != 1 || f.Payments[0].Amount != 700_00 || f.Shares[1].Short != 200_00 {
		t.Fatalf("%+v", f)
	}
	x.paidOut(f.Payments[0].Payment)
	bill := f.Shares[1].Bill
	claim := func(payable, owed int64) {
		t.Helper()
		x.shows(x.here.ID, "maintenance:payable", -yuan.Amount(payable))
		x.shows(x.here.ID, "maintenance:owed", yuan.Amount(owed))
		x.fundHolds()
	}
	claim(200_00, 200_00)
	for _, c := range []struct {
		fund     ledger.Fund
		amount   int64
		decision string
		why      string
		want     error
	}{
		{ledger.Income, 200_00, u.Decision, " ", ErrReason}, {ledger.Fees, 200_00, u.Decision, "困难", ErrBearer}, {ledger.Income, 0, u.Decision, "困难", ErrAmount}, {ledger.Income, 200_01, u.Decision, "困难", ErrBearings},
		{ledger.Income, 200_00, "blobs/" + x.upload(manager), "困难", ErrBearBy}, {ledger.Income, 200_00, "assemblies/none/1", "困难", ErrBearBy}, {ledger.Company, 200_00, u.Decision, "困难", ledger.ErrShort},
	} {
		_, err := x.Bear(ctx, manager, x.here.ID, bill, c.fund, yuan.Amount(c.amount), c.decision, c.why)
		x.refused(err, c.want)
	}
	for name, w := range x.strangers() {
		if _, err := x.Bear(ctx, w, x.here.ID, bill, ledger.Income, 1, u.Decision, "困难"); err == nil {
			t.Errorf("%s let a fund bear a shortfall", name)
		}
		if _, err := x.Bearings(ctx, w, x.here.ID, bill); err == nil {
			t.Errorf("%s saw what bears a shortfall", name)
		}
	}
	_, err = x.Waive(ctx, manager, x.here.ID, bill, 50_00, u.Decision, "困难家庭")
	x.refused(err, ErrThird)
	// Refused in its reviews: nothing has moved.
	no, err := x.Bear(ctx, manager, x.here.ID, bill, ledger.Income, 200_00, u.Decision, "困难家庭")
	x.ok(err)
	_, err = x.Withdraw(ctx, manager, no.Payment, "再议")
	x.ok(err)
	claim(200_00, 200_00)
	list, err := x.Bearings(ctx, manager, x.here.ID, bill)
	x.ok(err)
	_, err = x.Bearings(ctx, x.as("m2", access.PropertyManager, x.there.Path, x.two.ID), x.there.ID, bill)
	x.refused(err, ErrMissing)
	if len(list) != 1 || list[0].State != "refused" {
		t.Fatalf("%+v", list)
	}
	yes, err := x.Bear(ctx, manager, x.here.ID, bill, ledger.Income, 200_00, u.Decision, "困难家庭")
	x.ok(err)
	claim(200_00, 200_00)
	x.paidOut(yes.Payment)
	claim(200_00, 0)
	x.shows(x.here.ID, "income:bank", 800_00)
	x.shows(x.here.ID, "income:spent:other", 200_00)
	if got, err := x.use(ctx, x.db, u.ID); err != nil || got.State != UseSettled {
		t.Fatal(got.State, err)
	}
	_, err = x.PayUse(ctx, x.who["m0"], u.ID, 0, to)
	x.ok(err)
	f, err = x.UseOf(ctx, manager, u.ID)
	x.ok(err)
	x.later(time.Second)
	x.paidOut(f.Payments[1].Payment)
	claim(0, 0)
	x.shows(x.here.ID, "maintenance:spent:repair", 900_00)
	if got, err := x.use(ctx, x.db, u.ID); err != nil || got.State != UsePaid {
		t.Fatal(got.State, err)
	}
	if n, err := store.Count(ctx, x.db, `select cast(sum(waived) as bigint) from money_use_share where use_id = $1`, u.ID); err != nil || n != 200_00 {
		t.Fatal(n, err)
	}
}
