package money

import (
	"sync"
	"testing"

	"cuobian/basis/scope"
	basis "cuobian/basis/share"
	"cuobian/basis/yuan"
	"cuobian/platform/access"
	"cuobian/platform/store"
	"cuobian/rooms/assembly"
	"cuobian/rooms/money/ledger"
)

// building takes a lift to where it is built: both homes that pay have pledged and paid.
func (x *house) building(p Project) {
	x.t.Helper()
	for i := 1; i < 3; i++ {
		_, err := x.Pledge(ctx, x.dweller(i), p.ID, Word{Part: x.homes[i].ID})
		x.ok(err)
	}
	_, err := x.CollectProject(ctx, x.who["manager"], p.ID, 0)
	x.ok(err)
	for i := 1; i < 3; i++ {
		x.pays(i, x.homesOf(p)[x.homes[i].ID].Amount, ledger.Works)
	}
}

// agreed lets all three homes of the staircase agree to a change.
func (x *house) agreed(p Project, change string) {
	x.t.Helper()
	for i := 1; i < 3; i++ {
		_, err := x.ConsentChange(ctx, x.dweller(i), p.ID, change, Word{Part: x.homes[i].ID, Choice: "agree"})
		x.ok(err)
	}
	_, err := x.ConsentChange(ctx, x.who["manager"], p.ID, change, Word{Part: x.homes[0].ID, Choice: "agree", Paper: x.upload(x.who["manager"])})
	x.ok(err)
}

// R44, R45, R46: a quote once chosen grows only by a change order: out of the contingency of the plan when another person confirms
// it, beyond it when the range agrees again, and then each home is billed its share. Works do not end with one open or unpaid.
func TestChangeOrders(t *testing.T) {
	x := settled(t, 1)
	manager := x.who["manager"]
	p := x.lifted(20_000_00)
	homes := x.homesOf(p)
	if p.Cost != 240_000_00 || homes[x.homes[1].ID].Amount != 100_000_00 || homes[x.homes[2].ID].Amount != 120_000_00 {
		t.Fatalf("%s %+v", p.Cost, homes)
	}
	order := func(stage int, fen yuan.Amount) NewChange {
		return NewChange{Stage: stage, Amount: fen, Reason: "地下遇岩层", Paper: x.upload(manager)}
	}
	_, err := x.OrderChange(ctx, manager, p.ID, order(1, 1))
	x.refused(err, ErrProjectState)
	x.building(p)
	for want, in := range map[error]NewChange{ErrReason: {Stage: 1, Amount: 1, Paper: "x"}, ErrAmount: {Stage: 1, Reason: "x", Paper: "x"}, ErrChangeStage: {Stage: 3, Amount: 1, Reason: "x", Paper: "x"}, ErrChangePaper: {Stage: 1, Amount: 1, Reason: "x"}} {
		_, err := x.OrderChange(ctx, manager, p.ID, in)
		x.refused(err, want)
	}
	for name, w := range x.strangers() {
		if _, err := x.OrderChange(ctx, w, p.ID, order(1, 1)); err == nil {
			t.Errorf("%s ordered a change", name)
		}
	}
	_, err = x.OrderChange(ctx, manager, p.ID, order(1, 15_000_00))
	x.ok(err)
	list := func() []Change {
		t.Helper()
		out, err := changes(ctx, x.db, p.ID)
		x.ok(err)
		return out
	}
	stage := func(no int, want yuan.Amount) {
		t.Helper()
		all, err := stages(ctx, x.db, p.ID)
		x.ok(err)
		if all[no-1].Amount != want {
			t.Fatalf("milestone %d: %s, not %s", no, all[no-1].Amount, want)
		}
		x.fundHolds()
	}
	first := list()[0]
	if first.State != ChangeOrdered || first.Reserve != 15_000_00 {
		t.Fatalf("%+v", first)
	}
	stage(1, 66_000_00)
	_, err = x.DecideChange(ctx, manager, p.ID, ChangeVerdict{Change: first.ID})
	x.refused(err, ErrSelf)
	// Two confirm it at once: it counts once.
	var group sync.WaitGroup
	errs := make([]error, 2)
	for i, n := range []string{"m0", "officer"} {
		group.Go(func() { _, errs[i] = x.DecideChange(ctx, x.who[n], p.ID, ChangeVerdict{Change: first.ID}) })
	}
	group.Wait()
	if (errs[0] == nil) == (errs[1] == nil) {
		t.Fatal(errs)
	}
	stage(1, 81_000_00)

	// 5,000 are left of the contingency: of 12,000 more, 7,000 are for the homes to agree to.
	_, err = x.OrderChange(ctx, manager, p.ID, order(2, 12_000_00))
	x.ok(err)
	second := list()[1]
	if second.State != ChangeAsked || second.Reserve != 5_000_00 {
		t.Fatalf("%+v", second)
	}
	_, err = x.DecideChange(ctx, x.who["m0"], p.ID, ChangeVerdict{Change: second.ID})
	x.refused(err, ErrConsent)
	_, err = x.ConsentChange(ctx, x.dweller(3), p.ID, second.ID, Word{Part: x.homes[3].ID, Choice: "agree"})
	x.refused(err, ErrOutside)
	_, err = x.ConsentChange(ctx, x.dweller(1), p.ID, second.ID, Word{Part: x.homes[2].ID, Choice: "agree"})
	x.refused(err, ErrNotYours)
	_, err = x.ConsentChange(ctx, x.dweller(1), p.ID, first.ID, Word{Part: x.homes[1].ID, Choice: "agree"})
	x.refused(err, ErrChange)
	// What was said of the lift itself does not count for the change.
	_, err = x.ConsentChange(ctx, x.dweller(1), p.ID, second.ID, Word{Part: x.homes[1].ID, Choice: "against"})
	x.ok(err)
	_, err = x.DecideChange(ctx, x.who["m0"], p.ID, ChangeVerdict{Change: second.ID})
	x.refused(err, ErrConsent)
	x.agreed(p, second.ID)
	stage(2, 154_000_00)
	_, err = x.DecideChange(ctx, manager, p.ID, ChangeVerdict{Change: second.ID})
	x.ok(err)
	stage(2, 166_000_00)
	homes = x.homesOf(p)
	if a, b := homes[x.homes[1].ID], homes[x.homes[2].ID]; a.Extra+b.Extra != 7_000_00 || a.Extra != 3_181_82 || a.Amount != 103_181_82 || a.State != homePledged || a.Bill == "" {
		t.Fatalf("%+v", homes)
	}
	x.pays(1, 3_181_82, ledger.Works)

	_, err = x.OrderChange(ctx, manager, p.ID, order(2, 1_00))
	x.ok(err)
	third := list()[2]
	to := Payee{Name: "己电梯", Bank: "6222020200112233445"}
	subs, err := subsidies(ctx, x.db, p.ID)
	x.ok(err)
	_, err = x.SubsidyReceived(ctx, manager, p.ID, subs[0].ID, 0)
	x.ok(err)
	for no, final := range map[int]yuan.Amount{1: 81_000_00, 2: 160_000_00} {
		_, err := x.ReportStage(ctx, manager, p.ID, no, 0, "完成", x.papers(manager, "photo"))
		x.ok(err)
		_, err = x.AcceptStage(ctx, x.who["officer2"], p.ID, Acceptance{No: no, OK: true, Final: final, Payee: to})
		x.ok(err)
		x.paidStage(p, no)
	}
	_, err = x.OrderChange(ctx, manager, p.ID, order(2, 1_00))
	x.refused(err, ErrChangeStage)
	_, err = x.SettleProject(ctx, x.who["m0"], p.ID, 0)
	x.refused(err, ErrChangesOpen)
	_, err = x.DecideChange(ctx, manager, p.ID, ChangeVerdict{Change: third.ID, Drop: true})
	x.refused(err, ErrReason)
	_, err = x.DecideChange(ctx, manager, p.ID, ChangeVerdict{Change: third.ID, Drop: true, Reason: "不再需要"})
	x.ok(err)
	_, err = x.SettleProject(ctx, x.who["m0"], p.ID, 0)
	x.refused(err, ErrExtras)
	x.pays(2, 3_818_18, ledger.Works)
	p, err = x.SettleProject(ctx, x.who["m0"], p.ID, 0)
	x.ok(err)
	if p.Cost != 247_000_00 || p.Surplus != 6_000_00 {
		t.Fatalf("%s %s", p.Cost, p.Surplus)
	}
	x.fundHolds()
	pages, err := x.PublicProjects(ctx, x.here.ID)
	x.ok(err)
	if len(pages[0].Changes) != 2 || pages[0].Changes[1].Final != 12_000_00 {
		t.Fatalf("%+v", pages[0].Changes)
	}
}

// R44, R46: without a contingency every change is asked for. What a change adds to a late joiner's share is the works', not that of
// those who paid before.
func TestChangeOfALateJoiner(t *testing.T) {
	x := settled(t, 1)
	manager := x.who["manager"]
	p := x.lifted()
	_, err := x.RefuseProject(ctx, x.dweller(2), p.ID, Word{Part: x.homes[2].ID, Why: "不使用"})
	x.ok(err)
	_, err = x.Pledge(ctx, x.dweller(1), p.ID, Word{Part: x.homes[1].ID})
	x.ok(err)
	_, err = x.CollectProject(ctx, manager, p.ID, 0)
	x.ok(err)
	x.pays(1, 200_000_00, ledger.Works)
	_, err = x.JoinProject(ctx, x.dweller(2), p.ID, Word{Part: x.homes[2].ID})
	x.ok(err)
	x.pays(2, 109_090_91, ledger.Works)
	_, err = x.OrderChange(ctx, manager, p.ID, NewChange{Stage: 1, Amount: 11_000_00, Reason: "增设雨棚", Paper: x.upload(manager)})
	x.ok(err)
	list, err := changes(ctx, x.db, p.ID)
	x.ok(err)
	if list[0].State != ChangeAsked || list[0].Reserve != 0 {
		t.Fatalf("%+v", list)
	}
	x.agreed(p, list[0].ID)
	_, err = x.DecideChange(ctx, manager, p.ID, ChangeVerdict{Change: list[0].ID})
	x.ok(err)
	x.pays(1, 5_000_00, ledger.Works)
	x.pays(2, 6_000_00, ledger.Works)
	e, err := escrow(ctx, x.db, p.ID)
	x.ok(err)
	if e.Owed != 109_090_91 || e.Left != 211_000_00 {
		t.Fatalf("%+v", e)
	}
	x.fundHolds()
}

// lifted is a lift of building 1 at its pledges: three homes on floors 1, 3 and 5 by the table of Zhengzhou (0, 1.0, 1.2), cost
// 220,000 yuan with 20,000 promised.
func (x *house) lifted(reserve ...yuan.Amount) Project {
	x.t.Helper()
	manager := x.who["manager"]
	p, err := x.BeginProject(ctx, manager, x.here.ID, NewProject{Kind: "lift", Title: "一幢加装电梯", Text: "一幢加装电梯", Range: Range{Kind: "list", Paths: []scope.Path{x.homes[0].Path.Parent()}}, Touched: []string{x.homes[0].ID}})
	x.ok(err)
	_, err = x.DecideProject(ctx, manager, p.ID, 0, "", 0)
	x.refused(err, ErrConsent)
	for i := 1; i < 3; i++ {
		_, err = x.Consent(ctx, x.dweller(i), p.ID, Word{Part: x.homes[i].ID, Choice: "agree"})
		x.ok(err)
	}
	// Two of three take part and agree: enough by count, yet the works use a part of 1-101.
	_, err = x.DecideProject(ctx, manager, p.ID, 0, "", 0)
	x.refused(err, ErrConsent)
	_, err = x.Consent(ctx, x.dweller(1), p.ID, Word{Part: x.homes[0].ID, Choice: "agree"})
	x.refused(err, ErrNotYours)
	_, err = x.Consent(ctx, manager, p.ID, Word{Part: x.homes[0].ID, Choice: "agree"})
	x.refused(err, ErrConsentPaper)
	_, err = x.Consent(ctx, manager, p.ID, Word{Part: x.homes[0].ID, Choice: "agree", Paper: x.upload(manager)})
	x.ok(err)
	_, err = x.Consent(ctx, x.dweller(3), p.ID, Word{Part: x.homes[3].ID, Choice: "agree"})
	x.refused(err, ErrOutside)
	p, err = x.DecideProject(ctx, manager, p.ID, 0, "", 0)
	x.ok(err)
	plan := Plan{Text: "外挂电梯", Method: Method{By: "floor", Table: "zhengzhou"}, Extras: []Extra{{"设计监理", 20_000_00}}, Stages: []StagePlan{{"基础", 3}, {"安装", 7}}}
	_, err = x.PlanProject(ctx, manager, p.ID, 0, plan)
	x.refused(err, ErrFloors)
	plan.Method.Floors = map[string]int{x.homes[0].ID: 1, x.homes[1].ID: 3, x.homes[2].ID: 5}
	_, err = x.PlanProject(ctx, manager, p.ID, 0, plan)
	x.ok(err)
	_, err = x.SubsidyPromised(ctx, manager, p.ID, 0, Grant{Giver: "区财政", Amount: 20_000_00, Paper: x.upload(manager)})
	x.ok(err)
	for party, fen := range map[string]yuan.Amount{"己电梯": 200_000_00, "庚电梯": 210_000_00} {
		_, err = x.BidProject(ctx, manager, p.ID, NewBid{Party: party, Amount: fen, Paper: x.upload(manager)})
		x.ok(err)
	}
	list, err := bids(ctx, x.db, p.ID)
	x.ok(err)
	_, err = x.ChooseQuote(ctx, manager, p.ID, 0, list[0].ID, "最低")
	x.refused(err, ErrBidCount)
	_, err = x.BidProject(ctx, manager, p.ID, NewBid{Party: "己电梯", Amount: 1, Paper: x.upload(manager)})
	x.refused(err, ErrBid)
	_, err = x.BidProject(ctx, manager, p.ID, NewBid{Party: "辛电梯", Amount: 230_000_00, Paper: x.upload(manager)})
	x.ok(err)
	_, err = x.ChooseQuote(ctx, manager, p.ID, 0, list[0].ID, " ")
	x.refused(err, ErrReason)
	for _, r := range reserve {
		plan.Contingency = -1
		_, err = x.PlanProject(ctx, manager, p.ID, 0, plan)
		x.refused(err, ErrContingency)
		plan.Contingency = 20_000_01 // a tenth of the quote and a fen
		_, err = x.PlanProject(ctx, manager, p.ID, 0, plan)
		x.ok(err)
		_, err = x.ChooseQuote(ctx, manager, p.ID, 0, list[0].ID, "最低")
		x.refused(err, ErrContingency)
		plan.Contingency = r
		_, err = x.PlanProject(ctx, manager, p.ID, 0, plan)
		x.ok(err)
	}
	p, err = x.ChooseQuote(ctx, manager, p.ID, 0, list[0].ID, "报价最低，质保最长")
	x.ok(err)
	return p
}

func (x *house) homesOf(p Project) map[string]ProjectHome {
	x.t.Helper()
	list, err := projectHomes(ctx, x.db, `project = $1`, p.ID)
	x.ok(err)
	out := map[string]ProjectHome{}
	for _, h := range list {
		out[h.Part] = h
	}
	return out
}

// R45, R46: from the first word to the last fen: consents within the range, whose own part is used agrees, shares by floor that
// add up, pledges, escrow, milestones accepted by another, payments, surplus back in proportion of what each paid.
func TestLiftFromFirstToLast(t *testing.T) {
	x := settled(t, 1)
	p := x.lifted()
	homes := x.homesOf(p)
	// 220,000 − 20,000 = 200,000 at 1.0 to 1.2: 90,909.09 and 109,090.91.
	if a, b, c := homes[x.homes[0].ID], homes[x.homes[1].ID], homes[x.homes[2].ID]; a.Amount != 0 || b.Amount != 9_090_909 || c.Amount != 10_909_091 || b.Step.Rule != "R46" {
		t.Fatalf("%+v", homes)
	}
	mine, err := x.MyProjects(ctx, x.dweller(2))
	x.ok(err)
	if len(mine) != 1 || len(mine[0].Parts) != 1 || mine[0].Parts[0].Choice != "agree" || mine[0].Parts[0].Share.Amount != 10_909_091 {
		t.Fatalf("%+v", mine)
	}
	_, err = x.Pledge(ctx, x.dweller(0), p.ID, Word{Part: x.homes[0].ID})
	x.refused(err, ErrNoPay)
	_, err = x.CollectProject(ctx, x.who["manager"], p.ID, 0)
	x.refused(err, ErrPledges)
	// Two pledge one home at once: one does.
	var group sync.WaitGroup
	errs := make([]error, 2)
	for i := range errs {
		group.Go(func() { _, errs[i] = x.Pledge(ctx, x.dweller(1), p.ID, Word{Part: x.homes[1].ID}) })
	}
	group.Wait()
	if (errs[0] == nil) == (errs[1] == nil) {
		t.Fatal(errs)
	}
	_, err = x.Pledge(ctx, x.dweller(2), p.ID, Word{Part: x.homes[2].ID})
	x.ok(err)
	p, err = x.CollectProject(ctx, x.who["manager"], p.ID, 0)
	x.ok(err)
	if p.State != ProjectCollecting {
		t.Fatal(p.State)
	}
	x.pays(1, 9_090_909, ledger.Works)
	x.fundHolds()
	_, err = x.ReportStage(ctx, x.who["manager"], p.ID, 1, 0, "基础完成", x.papers(x.who["manager"], "photo"))
	x.refused(err, ErrProjectState)
	x.pays(2, 10_909_091, ledger.Works)
	if p, err = x.project(ctx, x.db, p.ID); err != nil || p.State != ProjectBuilding {
		t.Fatal(p.State, err)
	}
	_, err = x.ReportStage(ctx, x.who["manager"], p.ID, 1, 0, "基础完成", nil)
	x.refused(err, ErrEvidence)
	report := func(no int) {
		t.Helper()
		_, err := x.ReportStage(ctx, x.who["manager"], p.ID, no, 0, "完成", x.papers(x.who["manager"], "photo"))
		x.ok(err)
	}
	to := Payee{Name: "己电梯", Bank: "6222020200112233445"}
	report(1)
	_, err = x.AcceptStage(ctx, x.who["manager"], p.ID, Acceptance{No: 1, OK: true, Payee: to})
	x.refused(err, ErrSelf)
	_, err = x.AcceptStage(ctx, x.who["m0"], p.ID, Acceptance{No: 1, OK: false})
	x.refused(err, ErrReason)
	_, err = x.AcceptStage(ctx, x.who["m0"], p.ID, Acceptance{No: 1, OK: false, Note: "基础开裂"})
	x.ok(err)
	report(1)
	_, err = x.AcceptStage(ctx, x.who["officer2"], p.ID, Acceptance{No: 1, OK: true, Final: 66_000_01, Payee: to})
	x.refused(err, ErrStageSum)
	_, err = x.AcceptStage(ctx, x.who["officer2"], p.ID, Acceptance{No: 1, OK: true, Payee: to})
	x.ok(err)
	list, err := stages(ctx, x.db, p.ID)
	x.ok(err)
	if list[0].Amount != 66_000_00 || list[0].State != "accepted" {
		t.Fatalf("%+v", list)
	}
	_, err = x.SettleProject(ctx, x.who["manager"], p.ID, 0)
	x.refused(err, ErrStagesOpen)
	x.paidStage(p, 1)
	report(2)
	// Of 154,000 only 134,000 are in the escrow: the subsidy has not come.
	_, err = x.AcceptStage(ctx, x.who["officer2"], p.ID, Acceptance{No: 2, OK: true, Payee: to})
	x.refused(err, ErrEscrow)
	subs, err := subsidies(ctx, x.db, p.ID)
	x.ok(err)
	_, err = x.SubsidyReceived(ctx, x.who["manager"], p.ID, subs[0].ID, 0)
	x.ok(err)
	_, err = x.SubsidyReceived(ctx, x.who["manager"], p.ID, subs[0].ID, 0)
	x.refused(err, ErrMissing)
	// 11,000 less than agreed are accepted.
	_, err = x.AcceptStage(ctx, x.who["officer2"], p.ID, Acceptance{No: 2, OK: true, Final: 143_000_00, Payee: to})
	x.ok(err)
	x.paidStage(p, 2)
	x.fundHolds()
	p, err = x.SettleProject(ctx, x.who["m0"], p.ID, 0)
	x.ok(err)
	homes = x.homesOf(p)
	// 11,000 back by 90,909.09 : 109,090.91 is 5,000.00 and 6,000.00 to the fen.
	if p.Surplus != 11_000_00 || homes[x.homes[1].ID].Back+homes[x.homes[2].ID].Back != 11_000_00 || homes[x.homes[1].ID].Back != 5_000_00 {
		t.Fatalf("%s %+v", p.Surplus, homes)
	}
	x.fundHolds()
	_, err = x.PayAgain(ctx, x.who["manager"], p.ID, 0, Payee{Name: "各户退款"})
	x.ok(err)
	_, err = x.PayAgain(ctx, x.who["manager"], p.ID, 0, Payee{Name: "各户退款"})
	x.refused(err, ErrNothing)
	var back string
	x.ok(x.db.QueryRow(ctx, `select payment from money_project_payment where project = $1 and what = 'back'`, p.ID).Scan(&back))
	x.paidOut(back)
	x.fundHolds()
	x.shows(x.here.ID, "works:bank", 0)
	pages, err := x.PublicProjects(ctx, x.here.ID)
	x.ok(err)
	if len(pages) != 1 || pages[0].Hash != p.Hash || len(pages[0].Homes) != 3 {
		t.Fatalf("%+v", pages)
	}
}

func (x *house) paidStage(p Project, no int) {
	x.t.Helper()
	list, err := stages(ctx, x.db, p.ID)
	x.ok(err)
	x.paidOut(list[no-1].Payment)
	list, err = stages(ctx, x.db, p.ID)
	x.ok(err)
	if list[no-1].State != "paid" {
		x.t.Fatalf("%+v", list[no-1])
	}
}

// R46: a home that refuses pays nothing and the others' shares are counted anew, so that who pledged another sum is asked
// again. When it joins later it pays its part of the true cost with interest, and that goes back to those who paid.
func TestRefusalAndLateJoiner(t *testing.T) {
	x := settled(t, 1)
	p := x.lifted()
	_, err := x.Pledge(ctx, x.dweller(1), p.ID, Word{Part: x.homes[1].ID})
	x.ok(err)
	_, err = x.RefuseProject(ctx, x.dweller(2), p.ID, Word{Part: x.homes[2].ID})
	x.refused(err, ErrReason)
	_, err = x.RefuseProject(ctx, x.dweller(2), p.ID, Word{Part: x.homes[2].ID, Why: "不使用"})
	x.ok(err)
	homes := x.homesOf(p)
	if homes[x.homes[1].ID].State != homeAsked || homes[x.homes[1].ID].Amount != 200_000_00 || homes[x.homes[2].ID].Amount != 0 {
		t.Fatalf("%+v", homes)
	}
	_, err = x.Pledge(ctx, x.dweller(1), p.ID, Word{Part: x.homes[1].ID})
	x.ok(err)
	_, err = x.CollectProject(ctx, x.who["manager"], p.ID, 0)
	x.ok(err)
	_, err = x.JoinProject(ctx, x.dweller(2), p.ID, Word{Part: x.homes[2].ID})
	x.refused(err, ErrProjectState)
	x.pays(1, 200_000_00, ledger.Works)
	x.goTo(x.Today().Add(365))
	_, err = x.JoinProject(ctx, x.dweller(1), p.ID, Word{Part: x.homes[2].ID})
	x.refused(err, ErrNotYours)
	_, err = x.JoinProject(ctx, x.dweller(2), p.ID, Word{Part: x.homes[2].ID})
	x.ok(err)
	_, err = x.JoinProject(ctx, x.dweller(2), p.ID, Word{Part: x.homes[2].ID})
	x.refused(err, ErrAlreadyJoined)
	x.pays(2, 109_090_91, ledger.Works)
	homes = x.homesOf(p)
	if homes[x.homes[1].ID].Back != 109_090_91 || homes[x.homes[2].ID].State != homePaid {
		t.Fatalf("%+v", homes)
	}
	x.fundHolds()
	// What goes back is not for the works.
	e, err := escrow(ctx, x.db, p.ID)
	x.ok(err)
	if e.Owed != 109_090_91 || e.Left != 200_000_00 {
		t.Fatalf("%+v", e)
	}
}

// Interest is simple, by days of a year of 365, cut to a fen.
func TestLateInterest(t *testing.T) {
	for _, c := range []struct {
		sum         yuan.Amount
		basis, days int64
		want        yuan.Amount
	}{{100_000_00, 0, 365, 0}, {100_000_00, 365, 365, 3_650_00}, {100_000_00, 365, 1, 10_00}, {1, 365, 365, 0}, {100_000_00, 100, 100, 273_97}, {100, 365, -1, 0}} {
		if got := lateInterest(c.sum, c.basis, c.days); got != c.want {
			t.Errorf("%+v: %s", c, got)
		}
	}
}

// Shares by area and by home add up, for sums that do not divide.
func TestShareOut(t *testing.T) {
	homes := []ProjectHome{{No: 1, Floor: 1, Area: 8000}, {No: 2, Floor: 2, Area: 9000}, {No: 3, Floor: 3, Area: 10001}}
	for name, m := range map[string]Method{"area": {By: "area"}, "home": {By: "home"}, "own": {By: "floor", Coefs: []basis.Share{{N: 1, D: 3}, {N: 1, D: 2}, {N: 1, D: 1}}, ByArea: true}} {
		parts, steps, err := shareOut(m, 100_000_01, 1, homes)
		if err != nil {
			t.Fatal(name, err)
		}
		var sum yuan.Amount
		for _, p := range parts {
			sum += p.Amount
			if p.Step.Rule != "R46" || p.Step.Zh == "" || p.Step.En == "" {
				t.Error(name, p.Step)
			}
		}
		if sum != 100_000_00 || !steps[len(steps)-1].Holds {
			t.Error(name, sum)
		}
	}
	if _, _, err := shareOut(Method{By: "area"}, 1, 2, homes); err == nil {
		t.Error("a subsidy above the cost was taken")
	}
}

// R45: a final resolution of item 7 of the same range stands in the place of consents; another item or range does not.
func TestProjectByResolution(t *testing.T) {
	x := settled(t, 1)
	building := []scope.Path{x.homes[3].Path.Parent()}
	right := x.vote(assembly.Wording{Title: "管网改造", Text: "二幢供水管网改造。", Item: 7, Scope: assembly.Scope{Kind: "building", Paths: building}}, 3, 4, 5)
	other := x.vote(assembly.Wording{Title: "屋面", Text: "二幢屋面。", Item: 5, Scope: assembly.Scope{Kind: "building", Paths: building}}, 3, 4, 5)
	manager := x.who["manager"]
	p, err := x.BeginProject(ctx, x.dweller(3), x.here.ID, NewProject{Kind: "water", Title: "供水管网", Text: "改造", Range: Range{Kind: "building", Paths: building}})
	x.ok(err)
	_, err = x.BeginProject(ctx, x.dweller(0), x.here.ID, NewProject{Kind: "water", Title: "供水管网", Text: "改造", Range: Range{Kind: "building", Paths: building}})
	x.refused(err, access.ErrMissing)
	_, err = x.DecideProject(ctx, manager, p.ID, 0, other, 1)
	x.refused(err, ErrUseVote)
	wide, err := x.BeginProject(ctx, manager, x.here.ID, NewProject{Kind: "water", Title: "供水管网", Text: "改造", Range: Range{Kind: "compound"}})
	x.ok(err)
	_, err = x.DecideProject(ctx, manager, wide.ID, 0, right, 1)
	x.refused(err, ErrOtherRange)
	p, err = x.DecideProject(ctx, manager, p.ID, 0, right, 1)
	x.ok(err)
	if p.State != ProjectConsented {
		t.Fatal(p.State)
	}
	v, err := x.PreviewProject(ctx, x.dweller(4), p.ID, 30_000_00, Method{})
	x.ok(err)
	if len(v.Homes) != 3 || v.Homes[0].Amount != 10_000_00 {
		t.Fatalf("%+v", v)
	}
	_, err = x.DropProject(ctx, manager, wide.ID, 0, "范围过大")
	x.ok(err)
	list, _, err := x.Projects(ctx, x.who["street"], FindProjects{Under: x.street.Path, State: ProjectConsented})
	x.ok(err)
	if len(list) != 1 || list[0].ID != p.ID {
		t.Fatalf("%+v", list)
	}
	if n, err := store.Count(ctx, x.db, `select count(*) from money_v_project where state = 'dropped'`); err != nil || n != 1 {
		t.Fatal(n, err)
	}
}
