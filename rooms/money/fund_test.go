package money

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"cuobian/basis/day"
	"cuobian/basis/scope"
	"cuobian/basis/yuan"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/serve"
	"cuobian/platform/sheet"
	"cuobian/platform/store"
	"cuobian/rooms/assembly"
	"cuobian/rooms/money/ledger"
	"cuobian/rooms/place"
)

// owners of a compound hold their post at the compound, as the register gives it.
func (x *town) dweller(n int) access.Who {
	return x.as(x.owners[n], access.Resident, x.here.Path, "")
}

// photo uploads a picture's stand-in by somebody; every upload has content of its own.
func (x *town) upload(who access.Who) string {
	x.t.Helper()
	b, err := x.on.Blobs.Put(ctx, who.Account, "file", "材料.pdf", bytes.NewReader([]byte(fmt.Sprintf("%%PDF-1.4\n%% %s %d\n%%%%EOF\n", who.Account, x.db.Now()))))
	x.ok(err)
	return b.ID
}

func (x *town) papers(who access.Who, kinds ...string) (out []Evidence) {
	for _, k := range kinds {
		out = append(out, Evidence{Kind: k, Blob: x.upload(who)})
	}
	return out
}

// day moves the clock to nine o'clock of a day and lets the assembly's timers run.
func (x *town) goTo(d day.Day) {
	x.t.Helper()
	x.clock.Set(d.Start(day.Shanghai) + 9*3600*1_000_000)
	for {
		n, err := x.on.Hall.Tick(ctx)
		x.ok(err)
		if n == 0 {
			return
		}
	}
}

// vote holds a whole meeting on one matter: these owners agree, the others are silent. It gives the meeting, final.
func (x *house) vote(w assembly.Wording, agree ...int) string {
	x.t.Helper()
	h, open := x.on.Hall, false
	m, err := h.Draft(ctx, x.who["m0"], assembly.Drafting{Compound: x.here.ID, Title: w.Title, Convener: "committee", Secret: &open, Sign: "agreed", SignClause: "议事规则第八条", Counts: "first", Purpose: "decision"})
	x.ok(err)
	_, err = h.AddMatter(ctx, x.who["m0"], m.ID, 0, w)
	x.ok(err)
	_, err = h.PostRoll(ctx, x.who["m0"], m.ID, 0)
	x.ok(err)
	m, err = h.GiveNotice(ctx, x.who["m0"], m.ID, 0, nil)
	x.ok(err)
	x.goTo(m.Opens.Day(day.Shanghai))
	roll, err := h.Roll(ctx, x.who["m0"], m.ID, "", 0, 100)
	x.ok(err)
	for _, n := range agree {
		for _, r := range roll.Items {
			if r.Parts[0].Home == x.homes[n].ID {
				_, err := h.Cast(ctx, x.dweller(n), m.ID, assembly.Vote{Right: r.No, Choices: map[string]string{"1": "agree"}, Salt: strings.Repeat(fmt.Sprintf("%02x", n+1), 32)})
				x.ok(err)
			}
		}
	}
	x.goTo(m.Closes.Day(day.Shanghai).Add(1))
	_, err = h.Post(ctx, x.who["m0"], m.ID)
	x.ok(err)
	x.goTo(x.Today().Add(12))
	_, err = h.Finish(ctx, x.who["m0"], m.ID)
	x.ok(err)
	return m.ID
}

// mirrored gives the homes of here a first deposit and a balance each, in fen.
func (x *house) mirrored(first yuan.Amount, balances ...yuan.Amount) {
	x.t.Helper()
	in := NewMirror{On: x.Today(), Paper: x.upload(x.who["manager"])}
	for i, b := range balances {
		in.Rows = append(in.Rows, MirrorRow{Part: x.homes[i].ID, First: first, Balance: b})
		in.Total += b
	}
	_, err := x.ImportMirror(ctx, x.who["manager"], x.here.ID, in)
	x.ok(err)
}

// paidOut takes a payment through its reviews and seals and carries it out.
func (x *house) paidOut(id string) {
	x.t.Helper()
	p, err := x.payment(ctx, x.db, id)
	x.ok(err)
	for _, n := range []string{"m0", "m1", "m2", "m3", "officer", "officer2", "street", "street2"} {
		if p.State == AtCommittee || p.State == AtCommunity || p.State == AtStreet {
			if q, err := x.Review(ctx, x.who[n], p.ID, "agree", "", p.Hash); err == nil {
				p = q
			}
		}
		if p.State == AtDraw {
			p = x.lots(p)
		}
	}
	if p.State != AtSealing {
		x.t.Fatalf("the payment stands at %s", p.State)
	}
	p = x.seal2(p, "m4", "secretary")
	_, err = x.Pay(ctx, x.who["staff"], p.ID, 0, "回单 "+p.ID)
	x.ok(err)
}

// pays lets a home pay all it owes at the desk.
func (x *house) pays(home int, amount yuan.Amount, fund ledger.Fund) {
	x.t.Helper()
	_, err := x.Receive(ctx, x.who["staff"], x.here.ID, Receipt{Way: Transfer, Home: x.homes[home].ID, Amount: amount, On: x.Today(), Fund: fund}, "")
	x.ok(err)
}

func (x *house) holds(proofs ...[]Proof) {
	x.t.Helper()
	for _, list := range proofs {
		for _, p := range list {
			if !p.Holds {
				x.t.Fatalf("%s: the books say %s, the parts %s", p.Account, p.Books, p.Parts)
			}
		}
	}
}

func (x *house) fundHolds() {
	x.t.Helper()
	f, err := x.proveFund(ctx, x.db, x.here.ID)
	x.ok(err)
	w, err := x.proveProjects(ctx, x.db, x.here.ID)
	x.ok(err)
	x.holds(f, w)
	x.zero()
}

// R41: the mirror is kept against a stated sum only, and names whose balance is below 30% of the first deposit, strictly.
func TestMirror(t *testing.T) {
	x := settled(t, 1)
	manager := x.who["manager"]
	row := func(i int, first, balance yuan.Amount) MirrorRow {
		return MirrorRow{Part: x.homes[i].ID, First: first, Balance: balance}
	}
	in := NewMirror{On: x.Today(), Total: 6_000_00, Paper: x.upload(manager), Rows: []MirrorRow{row(0, 10_000_00, 3_000_00), row(1, 10_000_00, 2_999_99)}}
	_, err := x.ImportMirror(ctx, manager, x.here.ID, in)
	x.refused(err, ErrMirrorSum)
	in.Rows = append(in.Rows, row(1, 1, 1), MirrorRow{Label: "没有", First: 1, Balance: 1})
	in.Try = true
	look, err := x.ImportMirror(ctx, manager, x.here.ID, in)
	x.ok(err)
	if len(look.Faults) != 2 || look.Faults[0].Row != 3 || len(look.Absent) != 4 {
		t.Fatalf("%+v", look)
	}
	in.Try = false
	_, err = x.ImportMirror(ctx, manager, x.here.ID, in)
	x.refused(err, ErrMirrorRows)
	in.Rows, in.Total = in.Rows[:2], 5_999_99
	_, err = x.ImportMirror(ctx, manager, x.here.ID, in)
	x.ok(err)
	f, err := x.FundAccounts(ctx, manager, x.here.ID, FundAsk{Renewal: true})
	x.ok(err)
	if f.Count != 1 || f.Renewals != 1 || f.Items[0].Part != x.homes[1].ID || f.Balance != 5_999_99 || !f.Items[0].Step.Holds || f.Items[0].Step.Rule != "R41" {
		t.Fatalf("%+v", f)
	}
	x.shows(x.here.ID, "maintenance:bank", 5_999_99)
	x.fundHolds()
	// The list comes back as a workbook, and is read again.
	book, err := x.MirrorBook(ctx, manager, x.here.ID)
	x.ok(err)
	in = NewMirror{On: x.Today(), Total: 5_999_99, Paper: x.upload(manager), File: book}
	look, err = x.ImportMirror(ctx, manager, x.here.ID, in)
	x.ok(err)
	if look.Rows != 2 || look.Difference != 0 || look.Mirror.Entry != "" {
		t.Fatalf("%+v", look)
	}
	sample, err := x.MirrorSample(ctx, manager, x.here.ID)
	x.ok(err)
	b, err := sheet.Read("s.xlsx", bytes.NewReader(sample), sheet.Limits{})
	x.ok(err)
	if !strings.Contains(fmt.Sprint(b.Sheets[0].Rows), "首期交存") {
		t.Fatal("the sample has no heading")
	}
	mine, err := x.MyFund(ctx, x.dweller(1))
	x.ok(err)
	if len(mine) != 1 || mine[0].Balance != 2_999_99 || len(mine[0].Moves) != 1 {
		t.Fatalf("%+v", mine)
	}
	in.On = x.Today().Add(1)
	_, err = x.ImportMirror(ctx, manager, x.here.ID, in)
	x.refused(err, ErrMirrorDay)
}

// R39, R40: a use by vote of the cost range: only a final resolution of item 5 of that range carries it; it is split by area,
// the developer pays for what is unsold, what a sub-account cannot bear is billed, and the repairer is paid through three
// reviews and two seals.
func TestUseByVote(t *testing.T) {
	x := settled(t, 1)
	x.mirrored(10_000_00, 500_00, 100_00, 0, 900_00, 900_00, 900_00)
	// 1-301 is not sold: the developer pays, whatever its account says.
	x.write(func(tx *store.Tx) error {
		return x.m.SetHome(ctx, tx, audit.System, x.homes[2], place.HomeFacts{Use: "dwelling", Area: 10000, AreaSource: "registered", State: "unsold"}, "测试")
	})
	building := x.homes[0].Path.Parent()
	meeting := x.vote(assembly.Wording{Title: "一幢屋面", Text: "一幢屋面防水。", Item: 5, Scope: assembly.Scope{Kind: "building", Paths: []scope.Path{building}}}, 0, 1)
	manager := x.who["manager"]
	in := NewUse{Title: "一幢屋面防水", Text: "一幢屋面防水维修", Kind: "vote", Cost: 1_000_01, Meeting: meeting, Matter: 1}
	u, err := x.ApplyUse(ctx, manager, x.here.ID, in)
	x.ok(err)
	if u.State != UseApproved || u.Range.Kind != "building" || u.Decision != "assemblies/"+meeting+"/1" {
		t.Fatalf("%+v", u)
	}
	_, err = x.ApplyUse(ctx, manager, x.here.ID, in)
	x.refused(err, ErrDecidedOnce)
	in.Range = Range{Kind: "compound"}
	_, err = x.ApplyUse(ctx, manager, x.here.ID, in)
	x.refused(err, ErrOtherRange)
	in.Range, in.Matter = Range{}, 2
	_, err = x.ApplyUse(ctx, manager, x.here.ID, in)
	x.refused(err, ErrUseVote)
	u, err = x.StartUse(ctx, manager, u.ID, u.Version, 0, nil)
	x.ok(err)
	_, err = x.FinishUse(ctx, manager, u.ID, u.Version, 0, 1_000_01, nil)
	x.refused(err, ErrFundPapers)
	u, err = x.FinishUse(ctx, manager, u.ID, u.Version, 0, 1_000_01, x.papers(manager, "invoice", "acceptance"))
	x.ok(err)
	to := Payee{Name: "丁防水公司", Bank: "6222020200112233445"}
	_, err = x.SettleUse(ctx, manager, u.ID, u.Version, to)
	x.refused(err, ErrSelf)
	// Two settle at once: one does.
	var group sync.WaitGroup
	errs := make([]error, 2)
	for i, n := range []string{"m0", "officer"} {
		group.Go(func() { _, errs[i] = x.SettleUse(ctx, x.who[n], u.ID, 0, to) })
	}
	group.Wait()
	if (errs[0] == nil) == (errs[1] == nil) {
		t.Fatal(errs)
	}
	f, err := x.UseOf(ctx, manager, u.ID)
	x.ok(err)
	var sum yuan.Amount
	for _, s := range f.Shares {
		sum += s.Amount
	}
	// 1,000.01 over three equal areas: 333.34, 333.34, 333.33 by the smaller number first.
	if len(f.Shares) != 3 || sum != 1_000_01 || f.Shares[0].Drawn != 333_34 || f.Shares[1].Drawn != 100_00 || f.Shares[1].Short != 233_34 || !f.Shares[2].Developer || f.Shares[2].Short != 333_33 || f.Shares[2].Drawn != 0 {
		t.Fatalf("%+v", f.Shares)
	}
	if len(f.Payments) != 1 || f.Payments[0].Amount != 433_34 {
		t.Fatalf("%+v", f.Payments)
	}
	x.fundHolds()
	x.paidOut(f.Payments[0].Payment)
	x.fundHolds()
	if f, err = x.UseOf(ctx, manager, u.ID); err != nil || f.State != UseSettled {
		t.Fatal(f.State, err)
	}
	_, err = x.PayUse(ctx, x.who["m0"], u.ID, 0, to)
	x.refused(err, ErrNothing)
	x.pays(1, 233_34, ledger.Maintenance)
	x.pays(2, 333_33, ledger.Maintenance)
	x.fundHolds()
	_, err = x.PayUse(ctx, x.who["m0"], u.ID, 0, to)
	x.ok(err)
	if f, err = x.UseOf(ctx, manager, u.ID); err != nil || len(f.Payments) != 2 {
		t.Fatal(f.Payments, err)
	}
	x.paidOut(f.Payments[1].Payment)
	u, err = x.PublishUse(ctx, x.who["m0"], u.ID, 0)
	x.ok(err)
	if u.State != UsePublished || u.Hash == "" {
		t.Fatalf("%+v", u)
	}
	x.fundHolds()
	x.shows(x.here.ID, "maintenance:spent:repair", 1_000_01)
	pages, err := x.PublicUses(ctx, x.here.ID)
	x.ok(err)
	page, _ := json.Marshal(pages)
	if len(pages) != 1 || len(pages[0].Shares) != 3 || pages[0].Hash != u.Hash || strings.Contains(string(page), "业主") {
		t.Fatalf("%s", page)
	}
	if n, err := store.Count(ctx, x.db, `select count(*) from audit_record where kind = 'money.use'`); err != nil || n != 1 {
		t.Fatal(n, err)
	}
	mine, err := x.MyFund(ctx, x.dweller(1))
	x.ok(err)
	if mine[0].Balance != 0 || len(mine[0].Shares) != 1 || mine[0].Shares[0].Paid != 233_34 || mine[0].Shares[0].Title != u.Title || mine[0].Shares[0].Total != u.Final || mine[0].Shares[0].On != u.SettledOn {
		t.Fatalf("%+v", mine)
	}
}

// R44: more than a tenth and more than 10,000 yuan over needs a new vote of the same range; either alone does not.
func TestOverrun(t *testing.T) {
	for _, c := range []struct {
		cost, final yuan.Amount
		over        bool
	}{
		{100_000_00, 110_000_00, false}, {100_000_00, 110_000_01, true}, {200_000_00, 215_000_00, false}, {50_000_00, 60_000_00, false}, {50_000_00, 60_000_01, true}, {100_000_00, 90_000_00, false},
	} {
		if got := over(c.cost, c.final, 1, 10, 10_000_00); got != c.over {
			t.Errorf("%s to %s: %v", c.cost, c.final, got)
		}
	}
	x := settled(t, 1)
	x.mirrored(100_000_00, 50_000_00, 50_000_00, 50_000_00, 50_000_00, 50_000_00, 50_000_00)
	meeting := x.vote(assembly.Wording{Title: "管网", Text: "更换管网。", Item: 5}, 0, 1, 2, 3)
	manager := x.who["manager"]
	u, err := x.ApplyUse(ctx, manager, x.here.ID, NewUse{Title: "管网", Text: "更换管网", Kind: "vote", Cost: 50_000_00, Meeting: meeting, Matter: 1})
	x.ok(err)
	u, err = x.StartUse(ctx, manager, u.ID, 0, 0, nil)
	x.ok(err)
	u, err = x.FinishUse(ctx, manager, u.ID, 0, 0, 60_000_01, x.papers(manager, "invoice", "acceptance"))
	x.ok(err)
	if u.State != UseOverrun {
		t.Fatal(u.State)
	}
	_, err = x.SettleUse(ctx, x.who["m0"], u.ID, 0, Payee{Name: "戊公司"})
	x.refused(err, ErrOverrun)
	_, err = x.RevoteUse(ctx, manager, u.ID, 0, meeting, 1)
	x.refused(err, ErrDecidedOnce)
	again := x.vote(assembly.Wording{Title: "管网超支", Text: "同意超支。", Item: 5}, 0, 1, 2, 3, 4)
	u, err = x.RevoteUse(ctx, manager, u.ID, 0, again, 1)
	x.ok(err)
	u, err = x.SettleUse(ctx, x.who["m0"], u.ID, 0, Payee{Name: "戊公司"})
	x.ok(err)
	if u.State != UseSettled || u.Again == "" {
		t.Fatalf("%+v", u)
	}
	x.fundHolds()
}

// R42, R43: an emergency needs its papers and a confirmation by another person; for a lift alone five working days of silence
// approve, the day after the last one and not before; for a leak silence never does.
func TestEmergency(t *testing.T) {
	x := settled(t, 1)
	x.mirrored(10_000_00, 500_00, 500_00, 500_00, 500_00, 500_00, 500_00)
	staff := x.who["manager"]
	in := NewUse{Title: "电梯急修", Text: "曳引机故障", Kind: "emergency", Category: "lift", Cost: 300_00, Papers: x.papers(staff, "photo", "estimate")}
	_, err := x.ApplyUse(ctx, staff, x.here.ID, in)
	x.refused(err, ErrFundPapers)
	in.Category = "ufo"
	_, err = x.ApplyUse(ctx, staff, x.here.ID, in)
	x.refused(err, ErrCategory)
	in.Category, in.Papers = "lift", append(in.Papers, x.papers(staff, "finding")...)
	lift, err := x.ApplyUse(ctx, staff, x.here.ID, in)
	x.ok(err)
	leak, err := x.ApplyUse(ctx, staff, x.here.ID, NewUse{Title: "屋面渗漏", Text: "台风后渗漏", Kind: "emergency", Category: "leak", Cost: 200_00, Papers: x.papers(staff, "photo", "estimate")})
	x.ok(err)
	if lift.State != UseApplied || !lift.Deemed || leak.Deemed {
		t.Fatalf("%+v %+v", lift, leak)
	}
	cal := day.China()
	last, _ := cal.AddWorking(x.Today(), 5)
	if lift.Due.Day(day.Shanghai) != last {
		t.Fatal(lift.Due.Day(day.Shanghai), last)
	}
	tick := func(want string) {
		t.Helper()
		_, err := x.fundTick(ctx)
		x.ok(err)
		u, err := x.use(ctx, x.db, lift.ID)
		x.ok(err)
		if u.State != want {
			t.Fatal(u.State, want)
		}
	}
	x.clock.Set(lift.Due - 1_000_000)
	tick(UseApplied)
	x.clock.Set(lift.Due + 1_000_000)
	tick(UseApproved)
	if u, err := x.use(ctx, x.db, lift.ID); err != nil || u.Approval != "deemed" {
		t.Fatalf("%+v %v", u, err)
	}
	x.goTo(last.Add(60))
	tick(UseApproved)
	if u, err := x.use(ctx, x.db, leak.ID); err != nil || u.State != UseApplied {
		t.Fatalf("silence approved a leak: %+v %v", u, err)
	}
	_, err = x.ReviewUse(ctx, staff, leak.ID, 0, true, "")
	x.refused(err, access.ErrRefused)
	_, err = x.ReviewUse(ctx, x.who["officer"], leak.ID, 0, false, " ")
	x.refused(err, ErrReason)
	u, err := x.ReviewUse(ctx, x.who["officer"], leak.ID, 0, true, "")
	x.ok(err)
	if u.State != UseApproved || u.Approval != "community" {
		t.Fatalf("%+v", u)
	}
	// Who applied does not review: a director who applied himself.
	own, err := x.ApplyUse(ctx, x.who["m0"], x.here.ID, NewUse{Title: "水泵", Text: "水泵故障", Kind: "emergency", Category: "water", Cost: 100_00, Papers: x.papers(x.who["m0"], "photo", "estimate")})
	x.ok(err)
	_, err = x.ReviewUse(ctx, x.who["m0"], own.ID, 0, true, "")
	x.refused(err, ErrSelf)
	own, err = x.ReviewUse(ctx, x.who["m1"], own.ID, 0, false, "可以等业主表决")
	x.ok(err)
	if own.State != UseRefused {
		t.Fatal(own.State)
	}
	_, err = x.StartUse(ctx, staff, own.ID, 0, 0, nil)
	x.refused(err, ErrUseState)
}

// ask sends a request as somebody and gives the answer's code.
func (x *town) ask(w access.Who, method, path, body string) int {
	x.t.Helper()
	d := serve.New(serve.Config{DB: x.db, Version: "test"})
	d.Who = func(*http.Request) (access.Who, error) { return w, nil }
	Routes(d, x.Till)
	q := httptest.NewRequest(method, path, strings.NewReader(body))
	q.Header.Set("Content-Type", "application/json")
	r := httptest.NewRecorder()
	d.Handler().ServeHTTP(r, q)
	if r.Code >= 500 {
		x.t.Fatalf("%s %s: %d %s", method, path, r.Code, r.Body)
	}
	return r.Code
}

// Every operation of fund and works refuses nobody, strangers, neighbours, a company that does not serve, a wrong post.
func TestFundAndWorksRefuse(t *testing.T) {
	x := settled(t, 1)
	x.mirrored(10_000_00, 500_00, 500_00, 500_00, 500_00, 500_00, 500_00)
	u, err := x.ApplyUse(ctx, x.who["manager"], x.here.ID, NewUse{Title: "屋面渗漏", Text: "渗漏", Kind: "emergency", Category: "leak", Cost: 200_00, Papers: x.papers(x.who["manager"], "photo", "estimate")})
	x.ok(err)
	p, err := x.BeginProject(ctx, x.who["manager"], x.here.ID, NewProject{Kind: "fire", Title: "消防管网", Text: "改造", Range: Range{Kind: "compound"}})
	x.ok(err)
	base := "/api/money/" + x.here.ID
	ops := []struct{ method, path, body string }{
		{"GET", base + "/fund/accounts", ""}, {"GET", base + "/fund/renewals", ""}, {"POST", base + "/fund/accounts", `{"on":"` + x.Today().String() + `","total":1,"paper":"p","rows":[]}`},
		{"GET", base + "/fund/accounts.xlsx", ""}, {"GET", base + "/fund/sample.xlsx", ""}, {"GET", base + "/fund/uses", ""}, {"GET", base + "/grounds", ""},
		{"POST", base + "/fund/uses", `{"title":"x","text":"y","kind":"emergency","category":"leak","cost":100}`}, {"GET", base + "/fund/uses/" + u.ID, ""},
	}
	for _, s := range []struct{ name, body string }{{"review", `{"ok":true}`}, {"start", `{}`}, {"finish", `{"final":100}`}, {"revote", `{"meeting":"m","matter":1}`}, {"settle", `{"payee":{"name":"x"}}`}, {"pay", `{"payee":{"name":"x"}}`}, {"publish", `{}`}, {"limit", `{"reason":"r"}`}, {"drop", `{"reason":"r"}`}} {
		ops = append(ops, struct{ method, path, body string }{"POST", base + "/fund/uses/" + u.ID + "/" + s.name, s.body})
	}
	ops = append(ops, struct{ method, path, body string }{"GET", base + "/projects", ""}, struct{ method, path, body string }{"POST", base + "/projects", `{"kind":"fire","title":"x","text":"y","range":{"kind":"compound"}}`},
		struct{ method, path, body string }{"GET", base + "/projects/" + p.ID, ""}, struct{ method, path, body string }{"GET", base + "/projects/" + p.ID + "/preview?cost=100", ""})
	home := x.homes[0].ID
	for _, s := range []struct{ name, body string }{{"consent", `{"part":"` + home + `","choice":"agree"}`}, {"pledge", `{"part":"` + home + `"}`}, {"refuse", `{"part":"` + home + `","why":"x"}`}, {"join", `{"part":"` + home + `"}`}, {"decide", `{}`},
		{"plan", `{"text":"x","method":{"by":"area"},"stages":[{"title":"x","parts":1}]}`}, {"quote", `{"party":"x","amount":1,"paper":"p"}`}, {"choose", `{"quote":"q","reason":"r"}`}, {"collect", `{}`}, {"subsidy", `{"giver":"x","amount":1,"paper":"p"}`},
		{"subsidy-received", `{"subsidy":"s"}`}, {"milestone", `{"no":1}`}, {"accept", `{"no":1,"ok":true}`}, {"pay", `{"payee":{"name":"x"}}`}, {"settle", `{}`}, {"drop", `{"reason":"r"}`}} {
		ops = append(ops, struct{ method, path, body string }{"POST", base + "/projects/" + p.ID + "/" + s.name, s.body})
	}
	for name, w := range x.strangers() {
		for _, op := range ops {
			got := x.ask(w, op.method, op.path, op.body)
			want := got == http.StatusNotFound || got == http.StatusForbidden
			if name == "nobody" {
				want = got == http.StatusUnauthorized
			}
			if !want {
				t.Errorf("%s: %s %s answered %d", name, op.method, op.path, got)
			}
		}
	}
	// An owner looks at the works of the own compound and not at its books; a neighbour's owner at neither.
	for path, want := range map[string]int{base + "/projects/" + p.ID: 200, base + "/projects": 200, base + "/fund/accounts": 404, base + "/fund/uses/" + u.ID: 404} {
		if got := x.ask(x.dweller(3), "GET", path, ""); got != want {
			t.Errorf("an owner: %s answered %d", path, got)
		}
		if got := x.ask(x.as(x.neighbour, access.Resident, x.there.Path, ""), "GET", path, ""); got != 404 {
			t.Errorf("a neighbour: %s answered %d", path, got)
		}
	}
	for _, path := range []string{"/api/public/money/uses?compound=" + x.here.ID, "/api/public/money/projects?compound=" + x.here.ID} {
		if got := x.ask(access.Who{}, "GET", path, ""); got != 200 {
			t.Errorf("%s answered %d", path, got)
		}
	}
	if got := x.ask(x.dweller(0), "GET", "/api/me/fund", ""); got != 200 {
		t.Error(got)
	}
	if got := x.ask(x.dweller(0), "GET", "/api/me/projects", ""); got != 200 {
		t.Error(got)
	}
}
