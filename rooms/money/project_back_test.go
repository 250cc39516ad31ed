package money

import (
	"slices"
	"sync"
	"testing"
	"time"

	"cuobian/basis/scope"
	"cuobian/basis/yuan"
	"cuobian/platform/access"
	"cuobian/platform/store"
	"cuobian/rooms/assembly"
	"cuobian/rooms/money/ledger"
)

// borne lets another fund bear of a home's bill for shared works, up to its payment.
func (x *house) borne(p Project, home int, fund ledger.Fund, fen yuan.Amount, decision string) {
	x.t.Helper()
	b, err := x.Bear(ctx, x.who["manager"], x.here.ID, x.homesOf(p)[x.homes[home].ID].Bill, fund, fen, decision, "困难家庭")
	x.ok(err)
	x.paidOut(b.Payment)
}

// collecting brings a lift to where two homes have pledged and are billed, with money of the company and a resolution of the owners.
func (x *house) collecting() (p Project, decision, paper string) {
	x.t.Helper()
	manager := x.who["manager"]
	meeting := x.vote(assembly.Wording{Title: "公共收益补助困难家庭", Text: "由公共收益承担困难家庭的份额。", Item: 9}, 0, 1, 2, 3, 4)
	x.posted(x.begun(x.here), ledger.Entry{Day: x.Today(), Text: "转入", Document: "bank/2", Decision: "law", Rule: "R76", Legs: []ledger.Leg{{Account: "company:bank", Amount: 10_000_000}, {Account: "company:earned", Amount: -10_000_000}}})
	p = x.lifted()
	for i := 1; i < 3; i++ {
		_, err := x.Pledge(ctx, x.dweller(i), p.ID, Word{Part: x.homes[i].ID})
		x.ok(err)
	}
	p, err := x.CollectProject(ctx, manager, p.ID, 0)
	x.ok(err)
	return p, "assemblies/" + meeting + "/1", "blobs/" + x.upload(manager)
}

func (x *house) proved() {
	x.t.Helper()
	x.fundHolds()
	all, err := x.proveAll(ctx, x.db, x.here.ID)
	x.ok(err)
	for _, p := range all.Items {
		if !p.Holds {
			x.t.Fatalf("%s %s: the books say %s, the parts %s", p.Account, p.En, p.Books, p.Parts)
		}
	}
}

// R46: what is left goes back to who really paid: to the home what it paid itself, to each fund that bore a share in the home's place
// the part of that share, to the fen; the page says so before it is settled.
func TestWhatAFundBoreGoesBackToIt(t *testing.T) {
	x := settled(t, 5_000_000)
	manager, to := x.who["manager"], Payee{Name: "己电梯", Bank: "6222020200112233445"}
	p, decision, paper := x.collecting()
	x.borne(p, 2, ledger.Company, 909_091, paper)
	x.borne(p, 2, ledger.Income, 1_000_000, decision)
	late, err := x.Bear(ctx, manager, x.here.ID, x.homesOf(p)[x.homes[2].ID].Bill, ledger.Company, 1_000, paper, "困难家庭")
	x.ok(err)
	x.pays(1, 9_090_909, ledger.Works)
	x.pays(2, 9_000_000, ledger.Works)
	x.shows(x.here.ID, "income:bank", 4_000_000)
	x.shows(x.here.ID, "income:spent:other", 1_000_000)
	subs, err := subsidies(ctx, x.db, p.ID)
	x.ok(err)
	_, err = x.SubsidyReceived(ctx, manager, p.ID, subs[0].ID, 0)
	x.ok(err)
	for no, final := range map[int]yuan.Amount{1: 0, 2: 143_000_00} {
		_, err := x.ReportStage(ctx, manager, p.ID, no, 0, "完成", x.papers(manager, "photo"))
		x.ok(err)
		_, err = x.AcceptStage(ctx, x.who["officer2"], p.ID, Acceptance{No: no, OK: true, Final: final, Payee: to})
		x.ok(err)
		x.paidStage(p, no)
	}
	_, err = x.SettleProject(ctx, x.who["m0"], p.ID, 0)
	x.refused(err, ErrBearingOpen)
	_, err = x.Withdraw(ctx, manager, late.Payment, "已缴清")
	x.ok(err)
	// 1,100,000 fen by 9,090,909 : 9,000,000 : 909,091 : 1,000,000; the subsidy stays out of it.
	want := map[string]yuan.Amount{x.homes[1].ID: 500_000, x.homes[2].ID: 495_000, "company": 50_000, "income": 55_000}
	look := func(of func(Backer) yuan.Amount) {
		t.Helper()
		f, err := x.ProjectOf(ctx, manager, p.ID)
		x.ok(err)
		got := map[string]yuan.Amount{}
		for _, b := range f.Backers {
			key := b.ID
			if b.Kind == backFund {
				key = string(b.Fund)
			}
			if got[key] = of(b); b.Kind == backGiver {
				delete(got, key)
				if of(b) != 0 {
					t.Fatalf("the subsidy came back: %+v", b)
				}
			}
		}
		for k, v := range want {
			if got[k] != v {
				t.Fatalf("%s gets %s, want %s: %+v", k, got[k], v, f.Backers)
			}
		}
	}
	look(func(b Backer) yuan.Amount { return b.Now })
	p, err = x.SettleProject(ctx, x.who["m0"], p.ID, 0)
	x.ok(err)
	look(func(b Backer) yuan.Amount { return b.Back })
	if p.Surplus != 1_100_000 {
		t.Fatal(p.Surplus)
	}
	x.proved()
	page, err := x.projectPage(ctx, x.db, p)
	x.ok(err)
	if len(page.Borne) != 2 || page.Borne[0].Back != 50_000 || page.Borne[1].Back != 55_000 || page.Hash == "" || page.Hash != p.Hash {
		t.Fatalf("%+v", page)
	}
	// One payment to the homes, one to each fund; without a payee the homes' is refused, and nothing is applied for.
	_, err = x.PayAgain(ctx, manager, p.ID, 0, Payee{})
	x.refused(err, ErrUsePayee)
	_, err = x.PayAgain(ctx, manager, p.ID, 0, Payee{Name: "各户退款"})
	x.ok(err)
	_, err = x.PayAgain(ctx, manager, p.ID, 0, Payee{Name: "各户退款"})
	x.refused(err, ErrNothing)
	f, err := x.ProjectOf(ctx, manager, p.ID)
	x.ok(err)
	paid := map[string]yuan.Amount{}
	for _, y := range f.Payments {
		if y.State == "asked" {
			paid[y.What] = y.Amount
			x.paidOut(y.Payment)
			x.proved()
		}
	}
	if len(paid) != 3 || paid["back"] != 995_000 || paid["back/company"] != 50_000 || paid["back/income"] != 55_000 {
		t.Fatal(paid)
	}
	x.shows(x.here.ID, "works:bank", 0)
	x.shows(x.here.ID, "works:payable", 0)
	x.shows(x.here.ID, "income:bank", 4_055_000)
	x.shows(x.here.ID, "income:spent:other", 945_000)
	x.shows(x.here.ID, "company:bank", 10_000_000-909_091+50_000)
}

// R46: a fund that bore a share gets its part of what a late joiner pays, and what it paid beside a home's own payment is the
// fund's, not the home's.
func TestALateJoinerPaysTheFundToo(t *testing.T) {
	x := settled(t, 1)
	manager := x.who["manager"]
	x.posted(x.begun(x.here), ledger.Entry{Day: x.Today(), Text: "转入", Document: "bank/2", Decision: "law", Rule: "R76", Legs: []ledger.Leg{{Account: "company:bank", Amount: 10_000_000}, {Account: "company:earned", Amount: -10_000_000}}})
	p := x.lifted()
	_, err := x.RefuseProject(ctx, x.dweller(2), p.ID, Word{Part: x.homes[2].ID, Why: "不使用"})
	x.ok(err)
	_, err = x.Pledge(ctx, x.dweller(1), p.ID, Word{Part: x.homes[1].ID})
	x.ok(err)
	_, err = x.CollectProject(ctx, manager, p.ID, 0)
	x.ok(err)
	// The company's 50,000 are paid in when the home has paid all but 30,000 already: 20,000 of them are the home's credit.
	b, err := x.Bear(ctx, manager, x.here.ID, x.homesOf(p)[x.homes[1].ID].Bill, ledger.Company, 5_000_000, "blobs/"+x.upload(manager), "困难家庭")
	x.ok(err)
	x.pays(1, 17_000_000, ledger.Works)
	x.paidOut(b.Payment)
	x.shows(x.here.ID, "works:ahead", -2_000_000)
	_, err = x.JoinProject(ctx, x.dweller(2), p.ID, Word{Part: x.homes[2].ID})
	x.ok(err)
	if h := x.homesOf(p)[x.homes[2].ID]; h.Amount != 10_909_091 {
		t.Fatalf("the late joiner's share is that of the whole cost: %+v", h)
	}
	x.pays(2, 10_909_091, ledger.Works)
	all, err := x.backers(ctx, x.db, p.ID)
	x.ok(err)
	// 109,090.91 by 150,000 : 50,000.
	if len(all) != 3 || all[0].Paid != 15_000_000 || all[0].Back != 8_181_818 || all[2].Fund != ledger.Company || all[2].Paid != 5_000_000 || all[2].Back != 2_727_273 || all[1].Back != 0 {
		t.Fatalf("%+v", all)
	}
	x.proved()
}

// Works are given up while money is collected: what is owed is no longer asked for, and homes, funds and givers get back what each
// paid, to the fen. Not while a fund's payment is under way, and not when a milestone is reported.
func TestWorksGivenUp(t *testing.T) {
	x := settled(t, 5_000_000)
	manager := x.who["manager"]
	p, decision, paper := x.collecting()
	x.borne(p, 2, ledger.Company, 909_091, paper)
	open, err := x.Bear(ctx, manager, x.here.ID, x.homesOf(p)[x.homes[2].ID].Bill, ledger.Income, 1_000_000, decision, "困难家庭")
	x.ok(err)
	x.pays(1, 9_090_909, ledger.Works)
	x.pays(2, 1_000, ledger.Works)
	subs, err := subsidies(ctx, x.db, p.ID)
	x.ok(err)
	_, err = x.SubsidyReceived(ctx, manager, p.ID, subs[0].ID, 0)
	x.ok(err)
	for name, w := range x.strangers() {
		if _, err := x.DropProject(ctx, w, p.ID, 0, "一户长期不缴"); err == nil {
			t.Errorf("%s gave the works up", name)
		}
	}
	_, err = x.DropProject(ctx, manager, p.ID, 0, " ")
	x.refused(err, ErrReason)
	_, err = x.DropProject(ctx, manager, p.ID, 0, "一户长期不缴")
	x.refused(err, ErrBearingOpen)
	_, err = x.Withdraw(ctx, manager, open.Payment, "工程终止")
	x.ok(err)
	// Two at once: it is given up once, and each gets back once.
	var group sync.WaitGroup
	errs := make([]error, 2)
	for i, n := range []string{"manager", "m0"} {
		group.Go(func() { _, errs[i] = x.DropProject(ctx, x.who[n], p.ID, 0, "一户长期不缴") })
	}
	group.Wait()
	if (errs[0] == nil) == (errs[1] == nil) {
		t.Fatal(errs)
	}
	x.proved()
	x.shows(x.here.ID, "works:owed", 0)
	f, err := x.ProjectOf(ctx, manager, p.ID)
	x.ok(err)
	if f.State != ProjectDropped || f.Escrow.Left != 0 || f.Escrow.Owed != 9_090_909+1_000+909_091+2_000_000 || len(f.Returns) != 3 || len(f.May) != 1 || f.May[0] != "pay_back" {
		t.Fatalf("%+v %+v %v", f.Escrow, f.Returns, f.May)
	}
	for _, b := range f.Backers {
		if b.Back != b.Paid || b.Paid == 0 {
			t.Fatalf("%+v", b)
		}
	}
	bills, err := x.bills(ctx, x.db, `origin like 'projects/%' order by id`)
	x.ok(err)
	for _, b := range bills {
		if b.Rest != 0 {
			t.Fatalf("still asked for: %+v", b)
		}
	}
	told, err := store.Count(ctx, x.db, `select count(*) from outreach_message where ref = $1 and zh like '%已终止%'`, p.Ref())
	x.ok(err)
	if told != 3 {
		t.Fatal("told", told)
	}
	_, err = x.PayAgain(ctx, manager, p.ID, 0, Payee{Name: "各户退款"})
	x.ok(err)
	if f, err = x.ProjectOf(ctx, manager, p.ID); err != nil || len(f.Payments) != 3 {
		t.Fatalf("%+v %v", f.Payments, err)
	}
	for _, y := range f.Payments {
		x.paidOut(y.Payment)
		x.later(time.Second)
	}
	x.proved()
	x.shows(x.here.ID, "works:bank", 0)
	x.shows(x.here.ID, "works:payable", 0)
	x.shows(x.here.ID, "company:bank", 10_000_000)
	x.shows(x.here.ID, "company:spent:other", 0)
	if len(f.May) != 0 {
		t.Fatal(f.May)
	}
}

func TestWorksBegunAreNotGivenUp(t *testing.T) {
	x := settled(t, 1)
	manager := x.who["manager"]
	p := x.lifted()
	x.building(p)
	may := func() []string {
		f, err := x.ProjectOf(ctx, manager, p.ID)
		x.ok(err)
		return f.May
	}
	if !slices.Contains(may(), "drop") {
		t.Fatal(may())
	}
	_, err := x.ReportStage(ctx, manager, p.ID, 1, 0, "完成", x.papers(manager, "photo"))
	x.ok(err)
	_, err = x.DropProject(ctx, manager, p.ID, 0, "不做了")
	x.refused(err, ErrDropPaid)
	if slices.Contains(may(), "drop") {
		t.Fatal(may())
	}
}

// R44: an overrun that nobody votes for is not the fund's: it bears what was approved. A use that is given up before its works begin
// sets its resolution free.
func TestUseLimitedAndGivenUp(t *testing.T) {
	x := settled(t, 1)
	x.mirrored(100_000_00, 50_000_00, 50_000_00, 50_000_00, 50_000_00, 50_000_00, 50_000_00)
	meeting := x.vote(assembly.Wording{Title: "管网", Text: "更换管网。", Item: 5}, 0, 1, 2, 3)
	manager := x.who["manager"]
	in := NewUse{Title: "管网", Text: "更换管网", Kind: "vote", Cost: 50_000_00, Meeting: meeting, Matter: 1}
	first, err := x.ApplyUse(ctx, manager, x.here.ID, in)
	x.ok(err)
	_, err = x.ApplyUse(ctx, manager, x.here.ID, in)
	x.refused(err, ErrDecidedOnce)
	_, err = x.LimitUse(ctx, manager, first.ID, 0, "不追加")
	x.refused(err, ErrUseState)
	_, err = x.DropUse(ctx, manager, first.ID, 0, "")
	x.refused(err, ErrReason)
	for name, w := range x.strangers() {
		if _, err := x.DropUse(ctx, w, first.ID, 0, "另行安排"); err == nil {
			t.Errorf("%s gave a use up", name)
		}
		if _, err := x.LimitUse(ctx, w, first.ID, 0, "另行安排"); err == nil {
			t.Errorf("%s limited a use", name)
		}
	}
	first, err = x.DropUse(ctx, manager, first.ID, 0, "另行安排")
	x.ok(err)
	if n, err := store.Count(ctx, x.db, `select count(*) from duty_duty where ref = $1 and state not in ('done', 'void')`, first.Ref()); err != nil || n != 0 || first.State != UseDropped {
		t.Fatal(first.State, n, err)
	}
	u, err := x.ApplyUse(ctx, manager, x.here.ID, in)
	x.ok(err)
	_, err = x.StartUse(ctx, manager, u.ID, 0, 0, nil)
	x.ok(err)
	_, err = x.DropUse(ctx, manager, u.ID, 0, "另行安排")
	x.refused(err, ErrUseState)
	_, err = x.FinishUse(ctx, manager, u.ID, 0, 0, 60_000_01, x.papers(manager, "invoice", "acceptance"))
	x.ok(err)
	_, err = x.LimitUse(ctx, manager, u.ID, 0, " ")
	x.refused(err, ErrReason)
	u, err = x.LimitUse(ctx, manager, u.ID, 0, "业主大会没有同意追加")
	x.ok(err)
	if u.State != UseFinished || u.Final != 50_000_00 || u.Again != "" {
		t.Fatalf("%+v", u)
	}
	_, err = x.SettleUse(ctx, x.who["m0"], u.ID, 0, Payee{Name: "戊公司"})
	x.ok(err)
	x.proved()
}

// Whoever reads the books chooses among the compound's resolutions, though a company's manager sees no meeting. R12: one that was
// annulled is none any more, also for a payment.
func TestGrounds(t *testing.T) {
	x := settled(t, 1_000_000)
	manager := x.who["manager"]
	building := []scope.Path{x.homes[0].Path.Parent()}
	five := x.vote(assembly.Wording{Title: "屋面", Text: "一幢屋面。", Item: 5, Scope: assembly.Scope{Kind: "building", Paths: building}}, 0, 1, 2)
	nine := x.vote(assembly.Wording{Title: "公共收益", Text: "补助。", Item: 9}, 0, 1, 2, 3, 4)
	lost := x.vote(assembly.Wording{Title: "没有通过", Text: "没有通过。", Item: 5}, 0)
	list := func(item int, want ...string) []Ground {
		t.Helper()
		out, err := x.Grounds(ctx, manager, x.here.ID, item)
		x.ok(err)
		var got []string
		for _, g := range out {
			got = append(got, g.Ref)
		}
		if len(got) != len(want) {
			t.Fatalf("%v, want %v", got, want)
		}
		for i := range got {
			if got[i] != want[i] {
				t.Fatalf("%v, want %v", got, want)
			}
		}
		return out
	}
	list(0, "assemblies/"+nine+"/1", "assemblies/"+five+"/1")
	g := list(5, "assemblies/"+five+"/1")[0]
	if g.Item != 5 || g.Title != "屋面" || g.Number == "" || !g.On.Sound() || g.Used || g.Range.Kind != "building" || g.Range.words() != (Range{Paths: building}).words() {
		t.Fatalf("%+v", g)
	}
	if _, err := x.ApplyUse(ctx, manager, x.here.ID, NewUse{Title: "屋面", Text: "屋面", Kind: "vote", Cost: 100_00, Meeting: lost, Matter: 1}); err != ErrUseVote {
		t.Fatal(err)
	}
	_, err := x.ApplyUse(ctx, manager, x.here.ID, NewUse{Title: "屋面", Text: "屋面", Kind: "vote", Cost: 100_00, Meeting: five, Matter: 1})
	x.ok(err)
	if g := list(5, "assemblies/"+five+"/1")[0]; !g.Used {
		t.Fatalf("%+v", g)
	}
	for name, w := range x.strangers() {
		if _, err := x.Grounds(ctx, w, x.here.ID, 0); err == nil {
			t.Errorf("%s saw the grounds", name)
		}
	}
	if _, err := x.Grounds(ctx, x.dweller(0), x.here.ID, 0); err != access.ErrMissing {
		t.Error("an owner", err)
	}
	in := x.applying("staff", 100_00)
	in.Decision = "assemblies/" + nine + "/1"
	_, err = x.Submit(ctx, x.who["staff"], in)
	x.ok(err)
	_, err = x.on.Hall.AnnulMeeting(ctx, x.who["street"], nine, "程序违法", "物业管理条例第十九条")
	x.ok(err)
	list(0, "assemblies/"+five+"/1")
	in = x.applying("staff", 101_00)
	in.Decision = "assemblies/" + nine + "/1"
	_, err = x.Submit(ctx, x.who["staff"], in)
	x.refused(err, ErrDecision)
}

// A small bearing is drawn for: whoever would seal it before is told that it waits for the lot, not that it has moved on (R38).
func TestASmallBearingWaitsForItsLot(t *testing.T) {
	x := settled(t, 1)
	manager := x.who["manager"]
	p, _, paper := x.collecting()
	b, err := x.Bear(ctx, manager, x.here.ID, x.homesOf(p)[x.homes[2].ID].Bill, ledger.Company, 100_00, paper, "困难家庭")
	x.ok(err)
	pay, err := x.payment(ctx, x.db, b.Payment)
	x.ok(err)
	for _, n := range []string{"m0", "m1", "m2", "officer"} {
		pay, err = x.Review(ctx, x.who[n], pay.ID, "agree", "", pay.Hash)
		x.ok(err)
	}
	if pay.State != AtDraw {
		t.Fatal(pay.State)
	}
	_, err = x.Seal(ctx, x.who["m4"], pay.ID, pay.Hash)
	x.refused(err, ErrDrawing)
	if pay = x.lots(pay); pay.State == AtStreet {
		pay, err = x.Review(ctx, x.who["street"], pay.ID, "agree", "", pay.Hash)
		x.ok(err)
	}
	x.seal2(pay, "m4", "secretary")
	_, err = x.Pay(ctx, x.who["staff"], pay.ID, 0, "回单")
	x.ok(err)
	if h := x.homesOf(p)[x.homes[2].ID]; h.Waived != 100_00 {
		t.Fatalf("%+v", h)
	}
	x.proved()
}
