package assembly

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/seal"
	"cuobian/platform/store"
	"cuobian/rooms/assembly/bundle"
	"cuobian/rooms/assembly/tally"
	"cuobian/rooms/people"

	"github.com/xuri/excelize/v2"
)

// hand puts somebody of the street, an invented person, into the team.
func (w *town) hand(m Meeting, name, role, pair string, buildings ...scope.Path) access.Who {
	w.t.Helper()
	id, had := w.person[name]
	if !had {
		w.must(w.db.Write(ctx, func(tx *store.Tx) error {
			p, err := w.register.Put(ctx, tx, audit.System, w.street.Path, people.NewPerson{Name: name, Phones: []string{fmt.Sprintf("1360000%04d", len(w.person))}})
			id = p.ID
			w.person[name] = id
			return err
		}))
	}
	_, err := w.Join(ctx, w.director, m.ID, Joining{Person: id, Role: role, Pair: pair, Buildings: buildings})
	w.must(err)
	return access.Who{Account: "a-" + id, Person: id, Name: name}
}

// sheetOf prints a sheet for a home.
func (w *town) sheetOf(m Meeting, home string) string {
	w.t.Helper()
	p, err := w.PrintSheets(ctx, w.director, m.ID, []int64{w.right(m, home)})
	w.must(err)
	if len(p.Items) != 1 || p.Items[0].Right != w.right(m, home) || p.Items[0].QR != "S:"+p.Items[0].Code {
		w.t.Fatalf("%+v", p)
	}
	return p.Items[0].Code
}

func TestSheets(t *testing.T) {
	w := polls(t)
	m := w.voting()
	one, two, three := w.hand(m, "录一", Typist, ""), w.hand(m, "录二", Typist, ""), w.hand(m, "录三", Typist, "")
	a, b, c := w.sheetOf(m, "101"), w.sheetOf(m, "103"), w.sheetOf(m, "104")
	back := func(code string) { _, err := w.Return(ctx, one, m.ID, code, "blob-"+code, ""); w.must(err) }
	typed := func(who access.Who, code string, in map[string]string) (Sheet, error) {
		return w.Type(ctx, who, m.ID, code, in)
	}
	_, err := typed(one, a, agree())
	w.want(err, ErrSheetState) // not back yet
	_, err = w.Return(ctx, one, m.ID, a, "", "")
	w.want(err, ErrPicture)
	back(a)
	back(a) // once more changes nothing
	back(b)
	if n, err := w.unsettled(ctx, w.db, m.ID); err != nil || n != 2 {
		t.Fatalf("%d unsettled: %v", n, err)
	}
	s, err := typed(one, strings.ToLower(strings.ReplaceAll(a, "-", " ")), agree()) // as read aloud
	w.must(err)
	if s.State != SheetReturned || s.Entries != 1 || s.Right != 0 {
		t.Errorf("%+v", s)
	}
	_, err = typed(one, a, agree())
	w.want(err, ErrTypedTwice)
	_, err = w.Settle(ctx, three, m.ID, a, agree())
	w.want(err, ErrSheetState)
	s, err = typed(two, a, agree())
	w.must(err)
	if s.State != SheetSettled {
		t.Errorf("%+v", s)
	}
	_, err = typed(three, a, agree())
	w.want(err, ErrSheetState)
	_, err = w.Return(ctx, one, m.ID, a, "blob", "")
	w.want(err, ErrSheetState)
	_, err = typed(one, b, agree())
	w.must(err)
	s, err = typed(two, b, against())
	w.must(err)
	if s.State != SheetDiffers {
		t.Errorf("%+v", s)
	}
	for _, who := range []access.Who{one, two} {
		_, err = w.Settle(ctx, who, m.ID, b, agree())
		w.want(err, ErrOwnSheet)
	}
	s, err = w.Settle(ctx, three, m.ID, b, map[string]string{"1": "invalid"})
	w.must(err)
	if s.State != SheetSettled {
		t.Errorf("%+v", s)
	}
	got, err := w.effective(ctx, w.db, m)
	w.must(err)
	if got[int(w.right(m, "101"))].Choices[1] != tally.Agree || got[int(w.right(m, "103"))].Choices[1] != tally.Invalid || len(got) != 2 {
		t.Errorf("%+v", got)
	}
	// Others: a wrong code, one of no meeting, words that are none.
	_, err = w.Return(ctx, one, m.ID, "ABCD-EFGH-JKM", "x", "")
	w.want(err, ErrSheet)
	back(c)
	_, err = typed(one, c, map[string]string{"1": "yes"})
	w.want(err, ErrChoices)
	w.refused("type", func(who access.Who) error { _, err := typed(who, c, agree()); return err }, w.director, w.secretary, w.leader, w.owner("甲"))
	w.refused("return", func(who access.Who) error { _, err := w.Return(ctx, who, m.ID, c, "x", ""); return err }, w.leader, w.owner("甲"))
	w.refused("print", func(who access.Who) error { _, err := w.PrintSheets(ctx, who, m.ID, nil); return err }, w.leader, w.owner("甲"))
	w.refused("void", func(who access.Who) error { _, err := w.VoidSheet(ctx, who, m.ID, c, "破损"); return err }, w.leader, w.owner("甲"))
	w.refused("sheets", func(who access.Who) error { _, err := w.Sheets(ctx, who, m.ID, "", "", 0); return err }, w.leader, w.owner("甲"))
	w.refused("sheet", func(who access.Who) error { _, err := w.Sheet(ctx, who, m.ID, c); return err }, w.director, w.leader, w.owner("甲"))
	// A typist who owns the home does not type it.
	mine := w.hand(m, "丙", Typist, "")
	_, err = typed(mine, c, agree())
	w.want(err, ErrOwnBallot)
	list, err := w.Sheets(ctx, one, m.ID, "returned", "", 0)
	w.must(err)
	if list.Count != 1 || len(list.Items) != 1 || list.Items[0].Code != c || list.Items[0].Blob == "" || list.Items[0].Label != "1-104" || list.By["settled"] != 2 {
		t.Errorf("%+v", list)
	}
	// The convener's list, and that of sheets not back, do not tell who has not voted.
	w.sheetOf(m, "106")
	for _, who := range []access.Who{w.director, one} {
		if list, err = w.Sheets(ctx, who, m.ID, "printed", "", 0); err != nil || list.Count != 1 || list.Items[0].Right != 0 || list.Items[0].Label != "" {
			t.Errorf("%+v %v", list, err)
		}
	}
	// The preliminary count waits.
	w.day("2026-03-25")
	_, err = w.Post(ctx, w.director, m.ID)
	w.want(err, ErrUnsettled)
	late := w.sheetLate(m, one)
	_ = late
	_, err = typed(one, c, agree())
	w.must(err)
	_, err = typed(two, c, agree()) // back in time, typed after the closing
	w.must(err)
	_, err = w.Post(ctx, w.director, m.ID)
	w.must(err)
	w.place1()
	file, _, err := w.Bundle(ctx, m.ID)
	w.must(err)
	if r := w.sound(file); r.Ballots != 3 {
		t.Errorf("%d ballots", r.Ballots)
	}
	if !bytes.Contains(file, []byte(`"late":true`)) {
		t.Error("what was typed after the closing is not marked")
	}
	_, err = typed(three, c, agree())
	w.want(err, ErrState)
}

// sheetLate tries to bring a sheet back after the closing.
func (w *town) sheetLate(m Meeting, who access.Who) error {
	w.t.Helper()
	var code string
	w.must(w.db.Write(ctx, func(tx *store.Tx) error {
		code = newCode()
		_, err := tx.Exec(ctx, `insert into assembly_sheet (code, meeting, right_no, n, state, printed, printed_by, returned, returned_by, blob, settled, ballot, void_why) values ($1, $2, $3, 0, 'printed', 1, '', 0, '', '', 0, '', '')`, code, m.ID, w.right(m, "105"))
		return err
	}))
	_, err := w.Return(ctx, who, m.ID, code, "late", "")
	w.want(err, ErrOver)
	return err
}

// A sheet that came back keeps its place among the right's ballots, however late it is typed.
func TestSheetKeepsItsPlace(t *testing.T) {
	for _, counts := range []string{"first", "last"} {
		w := polls(t)
		m := w.voting(func(d *Drafting) { d.Counts = counts })
		one, two := w.hand(m, "录一", Typist, ""), w.hand(m, "录二", Typist, "")
		code := w.sheetOf(m, "103")
		_, err := w.Return(ctx, one, m.ID, code, "blob", "")
		w.must(err)
		p := w.phone(w.owner("乙"))
		_, err = w.Cast(ctx, p.who, m.ID, p.fill(m, w.right(m, "103"), against()))
		w.must(err)
		for _, who := range []access.Who{one, two} {
			_, err = w.Type(ctx, who, m.ID, code, agree())
			w.must(err)
		}
		got, err := w.effective(ctx, w.db, m)
		w.must(err)
		want := map[string]tally.Choice{"first": tally.Agree, "last": tally.Against}[counts]
		if got[int(w.right(m, "103"))].Choices[1] != want {
			t.Errorf("%s: %+v", counts, got)
		}
	}
}

// Two typists press the key at the same moment: one ballot.
func TestTwoTypeAtOnce(t *testing.T) {
	w := polls(t)
	m := w.voting()
	one, two := w.hand(m, "录一", Typist, ""), w.hand(m, "录二", Typist, "")
	for _, home := range []string{"101", "103", "104", "105", "106"} {
		code := w.sheetOf(m, home)
		_, err := w.Return(ctx, one, m.ID, code, "blob", "")
		w.must(err)
		var wait sync.WaitGroup
		var errs [4]error
		for i, who := range []access.Who{one, two, one, two} {
			wait.Go(func() { _, errs[i] = w.Type(ctx, who, m.ID, code, agree()) })
		}
		wait.Wait()
		good := 0
		for _, err := range errs {
			switch {
			case err == nil:
				good++
			case !errors.Is(err, ErrTypedTwice) && !errors.Is(err, ErrSheetState):
				t.Error(err)
			}
		}
		if good != 2 {
			t.Errorf("%d of 4 were taken", good)
		}
	}
	if n, _ := store.Count(ctx, w.db, `select count(*) from assembly_ballot`); n != 5 {
		t.Errorf("%d ballots of 5 sheets", n)
	}
	if n, _ := store.Count(ctx, w.db, `select count(*) from assembly_entry`); n != 10 {
		t.Errorf("%d entries", n)
	}
}

// A sheet that came back and cannot be a ballot is a void one: nothing of a right's numbers is missing.
func TestVoidSheets(t *testing.T) {
	w := polls(t)
	m := w.voting(func(d *Drafting) { d.Counts = "last" })
	one := w.hand(m, "录一", Typist, "")
	p := w.phone(w.owner("乙"))
	_, err := w.Cast(ctx, p.who, m.ID, p.fill(m, w.right(m, "103"), agree()))
	w.must(err)
	lost, torn := w.sheetOf(m, "104"), w.sheetOf(m, "103")
	_, err = w.VoidSheet(ctx, w.director, m.ID, lost, "")
	w.want(err, ErrReason)
	s, err := w.VoidSheet(ctx, w.director, m.ID, lost, "遗失")
	w.must(err)
	if s.State != SheetVoid {
		t.Error(s.State)
	}
	_, err = w.Return(ctx, one, m.ID, lost, "blob", "")
	w.want(err, ErrSheetState)
	_, err = w.Return(ctx, one, m.ID, torn, "blob", "")
	w.must(err)
	_, err = w.VoidSheet(ctx, w.director, m.ID, torn, "没有签名")
	w.must(err)
	_, err = w.VoidSheet(ctx, w.director, m.ID, torn, "没有签名")
	w.want(err, ErrSheetState)
	got, err := w.effective(ctx, w.db, m)
	w.must(err)
	if got[int(w.right(m, "103"))].Choices[1] != tally.Agree {
		t.Error("a void sheet took the place of a ballot")
	}
	w.day("2026-03-25")
	_, err = w.Post(ctx, w.director, m.ID)
	w.must(err)
	w.place1()
	file, _, err := w.Bundle(ctx, m.ID)
	w.must(err)
	w.sound(file)
}

// In a secret vote a typist sees the code and never the home.
func TestSecretSheets(t *testing.T) {
	w := polls(t)
	m := w.noticed(secret)
	watch := w.sworn(m)
	w.day("2026-03-18")
	one := w.hand(m, "录一", Typist, "")
	code := w.sheetOf(m, "103")
	_, err := w.Return(ctx, one, m.ID, code, "blob", "")
	w.must(err)
	s, err := w.Sheet(ctx, one, m.ID, code)
	w.must(err)
	if s.Right != 0 || s.Label != "" || s.Blob == "" || len(s.Matters) != 1 {
		t.Errorf("%+v", s)
	}
	list, err := w.Sheets(ctx, w.director, m.ID, "", "", 0)
	w.must(err)
	if x := list.Items[0]; x.Right != 0 || x.Label != "" || x.Blob != "" {
		t.Errorf("%+v", x)
	}
	w.must(w.SheetSight(ctx, one, code))
	w.want(w.SheetSight(ctx, watch[0], code), ErrState)
	w.refused("picture", func(who access.Who) error { return w.SheetSight(ctx, who, code) }, w.director, w.leader, w.owner("乙"))
	w.day("2026-03-25")
	w.must(w.SheetSight(ctx, watch[0], code))
}

func TestVisits(t *testing.T) {
	w := polls(t)
	m := w.voting()
	building := w.home["103"].Path.Parent()
	a, b := w.hand(m, "访一", Sweeper, "东组", building), w.hand(m, "访二", Sweeper, "东组", building)
	far := w.hand(m, "访三", Sweeper, "西组", m.Path+"elsewhere/")
	own := w.hand(m, "乙", Sweeper, "东组")
	call := func(home string) Call {
		return Call{Right: w.right(m, home), With: b.Person, Result: "absent", ClientKey: "k-" + home, Said: w.db.Now() - 1000}
	}
	do := func(who access.Who, in Call) error { _, err := w.Visit(ctx, who, m.ID, in); return err }
	w.refused("visit", func(who access.Who) error { return do(who, call("103")) }, w.director, w.leader, w.owner("甲"))
	bad := func(f func(*Call), want error) {
		t.Helper()
		in := call("103")
		f(&in)
		w.want(do(a, in), want)
	}
	bad(func(c *Call) { c.With = "" }, ErrSecond)
	bad(func(c *Call) { c.With = a.Person }, ErrSecond)
	bad(func(c *Call) { c.With = w.director.Person }, ErrSecond)
	bad(func(c *Call) { c.With = far.Person }, ErrSecond)
	bad(func(c *Call) { c.Result = "dead" }, ErrVisitResult)
	bad(func(c *Call) { c.Reason = "he is rude" }, ErrVisitReason)
	bad(func(c *Call) { c.Note = strings.Repeat("长", 501) }, ErrVisitNote)
	bad(func(c *Call) { c.Said = 0 }, ErrSaid)
	bad(func(c *Call) { c.Said = m.Opens - 1 }, ErrSaid)
	bad(func(c *Call) { c.Said = w.db.Now() + 1_000_000 }, ErrSaid)
	bad(func(c *Call) { c.Said = m.Closes }, ErrSaid)
	bad(func(c *Call) { c.Right = 99 }, ErrRight)
	bad(func(c *Call) { c.Result, c.Ballot = "voted", &DoorBallot{Choices: agree()} }, ErrGlass)
	bad(func(c *Call) { c.Ballot = &DoorBallot{Choices: agree(), Signature: "s"} }, ErrVisitResult)
	bad(func(c *Call) {
		c.With, c.Result, c.Ballot = own.Person, "voted", &DoorBallot{Choices: agree(), Signature: "s"}
	}, ErrOwnDoor)
	w.want(do(far, Call{Right: w.right(m, "103"), With: far.Person, Result: "absent", Said: w.db.Now() - 1000}), ErrSecond)
	far2 := w.hand(m, "访四", Sweeper, "西组", m.Path+"elsewhere/")
	w.want(do(far, Call{Right: w.right(m, "103"), With: far2.Person, Result: "absent", Said: w.db.Now() - 1000}), ErrNotHere)
	// Refused, with a reason; then at the door with a signature; the same sent three times.
	in := call("104")
	in.Result, in.Reason, in.Note = "refused", "fee_dispute", "对物业费有意见"
	w.must(do(a, in))
	in = call("103")
	in.Result, in.Ballot = "voted", &DoorBallot{Choices: agree(), Signature: "glass"}
	var first Visited
	for i := range 3 {
		v, err := w.Visit(ctx, a, m.ID, in)
		w.must(err)
		if i == 0 {
			first = v
		}
		if v.ID != first.ID || v.Receipt == nil || *v.Receipt != *first.Receipt || !v.Receipt.Signed() {
			t.Errorf("%+v", v)
		}
	}
	if n, _ := store.Count(ctx, w.db, `select count(*) from assembly_ballot`); n != 1 {
		t.Errorf("%d ballots", n)
	}
	if notes := w.dump()["assembly_visit"]; strings.Contains(notes, "有意见") {
		t.Error("a note lies in the clear")
	}
	// What the telephone kept while it had no signal comes in after the closing, with both times.
	offline := call("105")
	offline.Said, offline.Result, offline.Ballot = m.Closes-60_000_000, "voted", &DoorBallot{Choices: against(), Signature: "glass2"}
	w.want(do(a, offline), ErrSaid) // still in the future
	w.day("2026-03-25")
	v, err := w.Visit(ctx, a, m.ID, offline)
	w.must(err)
	if v.Said >= m.Closes || v.At < m.Closes {
		t.Errorf("%+v", v)
	}
	_, err = w.Post(ctx, w.director, m.ID)
	w.must(err)
	more := call("106")
	more.Said = m.Closes - 60_000_000
	w.want(do(a, more), ErrState)
	w.place1()
	file, _, err := w.Bundle(ctx, m.ID)
	w.must(err)
	if r := w.sound(file); r.Ballots != 2 {
		t.Errorf("%d ballots", r.Ballots)
	}
	w.refused("signature", func(who access.Who) error { return w.VisitSight(ctx, who, first.ID) }, w.director, a)
}

func TestSweep(t *testing.T) {
	w := polls(t)
	m := w.voting()
	building := w.home["103"].Path.Parent()
	a, b := w.hand(m, "访一", Sweeper, "东组", building), w.hand(m, "访二", Sweeper, "东组", building)
	far := w.hand(m, "访三", Sweeper, "西组", m.Path+"elsewhere/")
	w.says(m, w.right(m, "103"), tally.Agree)
	in := Call{Right: w.right(m, "104"), With: b.Person, Result: "refused", Reason: "no_trust", Said: w.db.Now() - 1000}
	_, err := w.Visit(ctx, a, m.ID, in)
	w.must(err)
	in = Call{Right: w.right(m, "105"), With: b.Person, Result: "landlord_away", Said: w.db.Now() - 1000}
	_, err = w.Visit(ctx, a, m.ID, in)
	w.must(err)
	g, err := w.Sweep(ctx, a, m.ID, building)
	w.must(err)
	if g.Rights != 9 || g.Voted != 1 || len(g.Floors) != 1 || g.Floors[0].Floor != 1 || len(g.Floors[0].Cells) != 10 {
		t.Errorf("%+v", g)
	}
	for _, c := range g.Floors[0].Cells {
		if (c.Home == w.home["103"].ID) != c.Voted {
			t.Errorf("%+v", c)
		}
		if c.Home == w.home["104"].ID && (c.Last == nil || c.Last.Reason != "no_trust") {
			t.Errorf("%+v", c)
		}
	}
	w.refused("sweep", func(who access.Who) error { _, err := w.Sweep(ctx, who, m.ID, building); return err }, w.director, w.secretary, w.leader, w.owner("甲"))
	_, err = w.Sweep(ctx, far, m.ID, building)
	w.want(err, ErrNotHere)
	w.refused("route", func(who access.Who) error { _, err := w.Route(ctx, who, m.ID, "", false); return err }, w.director, w.leader, w.owner("甲"))
	r, err := w.Route(ctx, a, m.ID, "", false)
	w.must(err)
	if r.Count != 7 || r.Left != 1 { // 9 rights, one voted, one refused
		t.Errorf("%+v", r)
	}
	if r, err = w.Route(ctx, a, m.ID, "东组", true); err != nil || r.Count != 8 {
		t.Errorf("%+v %v", r, err)
	}
	_, err = w.Route(ctx, a, m.ID, "西组", false)
	w.want(err, ErrNotHere)
	// 9 heads and 1,000 m²: six heads and 666.67 m² are needed, one of each hundred is there.
	gap, err := w.Gap(ctx, a, m.ID, 0)
	w.must(err)
	if gap.Heads != 5 || gap.Area != 566_67 || gap.Set != 5 || !gap.Able || len(gap.Mine) != 5 {
		t.Errorf("%+v", gap)
	}
	if gap.Mine[0].Right != w.right(m, "101") && gap.Mine[0].Area != 200_00 {
		t.Errorf("the largest is not in it: %+v", gap.Mine)
	}
	for _, who := range []access.Who{w.director, w.leader} {
		if gap, err := w.Gap(ctx, who, m.ID, 0); err != nil || gap.Mine != nil || gap.Heads != 5 || gap.Area != 566_67 {
			t.Errorf("%s sees who: %+v %v", who.Name, gap, err)
		}
	}
	// Nine rights are too few for figures that owners could follow.
	if gap, err := w.Gap(ctx, w.owner("甲"), m.ID, 0); err != nil || !gap.Hidden || gap.Part.Heads+gap.Heads+int64(gap.Area)+int64(gap.Set) != 0 {
		t.Errorf("%+v %v", gap, err)
	}
	v := GapView{Total: tally.Count{Heads: 100, Area: 9_876_54}, Part: tally.Count{Heads: 10, Area: 1_012_34}, Heads: 57, Area: 5_572_02}
	v.rough(10)
	if v.Part.Area != 98_76*10 || v.Area != 5_572_02+1_012_34-98_76*10 || v.Heads != 57 || v.Hidden || !v.Rough {
		t.Errorf("%+v", v)
	}
	w.refused("gap", func(who access.Who) error { _, err := w.Gap(ctx, who, m.ID, 0); return err })
	tot, err := w.Turnout(ctx, w.director, m.ID)
	w.must(err)
	if tot.Rights != 9 || tot.Voted != 1 || tot.Visits["refused"] != 1 || tot.Reasons["no_trust"] != 1 || len(tot.Buildings) != 1 {
		t.Errorf("%+v", tot)
	}
	w.refused("turnout", func(who access.Who) error { _, err := w.Turnout(ctx, who, m.ID); return err }, w.owner("甲"))
}

func TestProxies(t *testing.T) {
	w := polls(t)
	m := w.voting(func(d *Drafting) { d.Channels, d.Counts = []string{"phone", "proxy"}, "last" })
	geng := w.person["庚"]
	give := func(who access.Who, home, holder, letter string) (Mandate, error) {
		return w.Mandate(ctx, who, m.ID, w.right(m, home), holder, letter)
	}
	_, err := give(w.owner("乙"), "103", geng, "")
	w.want(err, ErrLetter)
	_, err = give(w.owner("乙"), "104", geng, "letter")
	w.want(err, ErrNotYours)
	_, err = give(w.owner("乙"), "103", w.person["乙"], "letter")
	w.want(err, ErrHolder)
	_, err = give(w.owner("乙"), "103", "nobody", "letter")
	w.want(err, ErrHolder)
	_, err = give(w.owner("乙"), "103", w.manager.Person, "letter")
	w.want(err, ErrCompanyProxy)
	w.refused("proxy", func(who access.Who) error { _, err := give(who, "103", geng, "letter"); return err }, w.leader)
	one, err := give(w.owner("乙"), "103", geng, "l1")
	w.must(err)
	_, err = give(w.owner("乙"), "103", w.person["己"], "l1b")
	w.want(err, ErrHasProxy)
	for i, home := range []string{"104", "105"} {
		_, err = give(w.director, home, geng, fmt.Sprintf("l%d", i+2)) // the convener records the letters
		w.must(err)
	}
	_, err = give(w.owner("戊"), "106", geng, "l4")
	w.want(err, ErrTooMany) // R27: three
	// The holder casts; then the owner. Last counts.
	p := w.phone(w.owner("庚"))
	right := w.right(m, "103")
	in := p.fill(m, right, against())
	_, err = w.Cast(ctx, p.who, m.ID, in)
	w.want(err, ErrNotYours) // without saying by which mandate
	in.Proxy = one.ID
	_, err = w.Cast(ctx, p.who, m.ID, in)
	w.must(err)
	other := p.fill(m, w.right(m, "106"), against())
	other.Proxy = one.ID
	_, err = w.Cast(ctx, p.who, m.ID, other)
	w.want(err, ErrNotYours)
	yi := w.phone(w.owner("乙"))
	_, err = w.Cast(ctx, yi.who, m.ID, yi.fill(m, right, agree()))
	w.must(err)
	got, err := w.effective(ctx, w.db, m)
	w.must(err)
	if got[int(right)].Choices[1] != tally.Agree || len(got) != 1 {
		t.Errorf("%+v", got)
	}
	// The proxy's receipt is not shown to the owner as his own, nor the other way round.
	if mine, err := w.Receipts(ctx, yi.who); err != nil || len(mine) != 1 {
		t.Errorf("%+v %v", mine, err)
	}
	w.refused("revoke", func(who access.Who) error { _, err := w.Revoke(ctx, who, m.ID, one.ID, "改主意"); return err }, w.owner("丙"), w.owner("庚"), w.leader)
	_, err = w.Revoke(ctx, w.owner("乙"), m.ID, one.ID, "")
	w.want(err, ErrReason)
	_, err = w.Revoke(ctx, w.owner("乙"), m.ID, one.ID, "改主意")
	w.must(err)
	again := p.fill(m, right, against())
	again.Proxy = one.ID
	_, err = w.Cast(ctx, p.who, m.ID, again)
	w.want(err, ErrNotYours)
	_, err = give(w.owner("戊"), "106", geng, "l4") // a mandate is free again
	w.must(err)
	list, err := w.Mandates(ctx, w.owner("丙"), m.ID)
	w.must(err)
	if len(list) != 1 || list[0].Right != w.right(m, "104") {
		t.Errorf("%+v", list)
	}
	w.refused("letter", func(who access.Who) error { return w.ProxySight(ctx, who, one.ID) }, w.owner("丙"), w.leader)
	w.must(w.ProxySight(ctx, w.owner("庚"), one.ID))
}

func city(m Meeting, rows ...string) *strings.Reader {
	return strings.NewReader("表决权号,房屋,议题1\n" + strings.Join(rows, "\n") + "\n")
}

func TestCity(t *testing.T) {
	w := polls(t)
	m := w.voting(func(d *Drafting) { d.Channels = []string{"phone", "city"} })
	r := func(home string) int64 { return w.right(m, home) }
	totals := []string{"合计人数,同意,2", "合计人数,不同意,1", "合计人数,弃权,0", "合计面积,同意,300.00", "合计面积,不同意,100.00", "合计面积,弃权,0"}
	rows := append([]string{fmt.Sprintf("%d,101,同意", r("101")), fmt.Sprintf("%d,103,同意", r("103")), fmt.Sprintf("%d,104,不同意", r("104")), fmt.Sprintf("%d,105,", r("105"))}, totals...)
	take := func(who access.Who, rows ...string) (CityResult, error) {
		return w.TakeCity(ctx, who, m.ID, "result.csv", city(m, rows...))
	}
	w.refused("city", func(who access.Who) error { _, err := take(who, rows...); return err }, w.leader, w.owner("甲"))
	_, err := w.TakeCity(ctx, w.director, m.ID, "x.csv", strings.NewReader("a,b\n"))
	w.want(err, ErrCityFile)
	_, err = take(w.director, rows[:4]...)
	w.want(err, ErrCityFile) // without totals
	out, err := take(w.director, append([]string{"99,无,同意", "x,无,同意", fmt.Sprintf("%d,101,也许", r("101"))}, totals...)...)
	w.must(err)
	if len(out.Refused) != 3 || out.Taken != 0 {
		t.Errorf("%+v", out)
	}
	wrong := append([]string{}, rows...)
	wrong[7] = "合计面积,同意,301.00"
	out, err = take(w.director, wrong...)
	w.must(err)
	if len(out.Refused) != 1 || out.Taken != 0 || !strings.Contains(out.Refused[0].Zh, "合计") {
		t.Errorf("%+v", out)
	}
	if n, _ := store.Count(ctx, w.db, `select count(*) from assembly_ballot`); n != 0 {
		t.Errorf("%d ballots of refused files", n)
	}
	out, err = take(w.director, rows...)
	w.must(err)
	if out.Taken != 3 || out.Same != 0 || len(out.Refused) != 0 {
		t.Errorf("%+v", out)
	}
	out, err = take(w.director, rows...)
	w.must(err)
	if out.Taken != 0 || out.Same != 3 {
		t.Errorf("%+v", out)
	}
	got, err := w.effective(ctx, w.db, m)
	w.must(err)
	if len(got) != 3 || got[int(r("104"))].Choices[1] != tally.Against {
		t.Errorf("%+v", got)
	}
	// The sample is a workbook that can be filled in and read.
	var b bytes.Buffer
	w.must(w.CitySample(ctx, w.director, m.ID, &b))
	book, err := excelize.OpenReader(bytes.NewReader(b.Bytes()))
	w.must(err)
	name := book.GetSheetName(0)
	cells, err := book.GetRows(name)
	w.must(err)
	for i, row := range cells {
		if len(row) > 1 && row[0] == "合计人数" || len(row) > 1 && row[0] == "合计面积" {
			v := "0"
			if row[1] == "同意" {
				v = "1"
				if row[0] == "合计面积" {
					v = "100.00"
				}
			}
			w.must(book.SetCellValue(name, fmt.Sprintf("C%d", i+1), v))
		} else if len(row) > 0 && row[0] == fmt.Sprint(r("108")) {
			w.must(book.SetCellValue(name, fmt.Sprintf("C%d", i+1), "同意"))
		}
	}
	b.Reset()
	w.must(book.Write(&b))
	out, err = w.TakeCity(ctx, w.director, m.ID, "sample.xlsx", &b)
	w.must(err)
	if out.Taken != 1 || len(out.Refused) != 0 {
		t.Errorf("%+v", out)
	}
	w.day("2026-03-25")
	_, err = w.Post(ctx, w.director, m.ID)
	w.must(err)
	w.place1()
	file, _, err := w.Bundle(ctx, m.ID)
	w.must(err)
	w.sound(file)
}

// The city's file of a secret vote holds every choice: only a sworn scrutineer takes it in.
func TestCitySecret(t *testing.T) {
	w := polls(t)
	m := w.noticed(secret, func(d *Drafting) { d.Channels = []string{"city"} })
	watch := w.sworn(m)
	w.day("2026-03-18")
	rows := []string{fmt.Sprintf("%d,101,同意", w.right(m, "101")), "合计人数,同意,1", "合计人数,不同意,0", "合计人数,弃权,0", "合计面积,同意,200.00", "合计面积,不同意,0", "合计面积,弃权,0"}
	_, err := w.TakeCity(ctx, w.director, m.ID, "r.csv", city(m, rows...))
	w.want(err, ErrCityHand)
	w.clock.Set(m.Closes + 1)
	w.run()
	out, err := w.TakeCity(ctx, watch[1], m.ID, "r.csv", city(m, rows...))
	w.must(err)
	if out.Taken != 1 {
		t.Errorf("%+v", out)
	}
	if !fault.IsKind(ErrCityHand, fault.Refused) {
		t.Error("kind")
	}
}

// A roll that changed after voting had opened: ballots keep their rights, both versions are in the bundle.
func TestBundleOfLateRoll(t *testing.T) {
	w := polls(t)
	m := w.voting()
	w.says(m, w.right(m, "103"), tally.Agree)
	w.says(m, w.right(m, "104"), tally.Against)
	o, err := w.Object(ctx, w.owner("丙"), m.ID, "roll", "我已把房子卖给邻", w.home["104"].ID)
	w.must(err)
	w.must(w.db.Write(ctx, func(tx *store.Tx) error {
		return w.register.SetOwners(ctx, tx, audit.System, w.home["104"], []people.Owner{{Person: w.person["邻"]}}, today(tx))
	}))
	if _, err = w.DecideObjection(ctx, w.secretary, m.ID, o.ID, Ruling{Uphold: true, Answer: "已更正", Changes: []string{w.home["104"].ID}}); err != nil {
		t.Fatal(err)
	}
	m = w.read1(m.ID)
	if m.RollVersion != 2 {
		t.Fatalf("version %d", m.RollVersion)
	}
	w.clock.Advance(time.Hour)
	p := w.phone(w.owner("邻"))
	_, err = w.Cast(ctx, p.who, m.ID, p.fill(m, w.right(m, "104"), agree()))
	w.must(err)
	w.day("2026-03-25")
	_, err = w.Post(ctx, w.director, m.ID)
	w.must(err)
	w.place1()
	file, _, err := w.Bundle(ctx, m.ID)
	w.must(err)
	r := w.sound(file)
	if r.Ballots != 3 {
		t.Errorf("%d ballots", r.Ballots)
	}
	if !bytes.Contains(file, []byte(`"earlier":[{"hash"`)) {
		t.Error("the earlier version is not in the bundle")
	}
	_ = bundle.Public
}

// The file of an election: each candidate is a matter, and everybody recounts.
func TestBundleOfElection(t *testing.T) {
	w := elects(t)
	w.Pens = seal.NewPens(w.db, "")
	w.Log = audit.NewLogs(w.db, w.Pens, "test").Public
	w.posted()
	_, err := w.FinalList(ctx, w.office, w.m.ID)
	w.must(err)
	w.day("2026-03-18")
	m := w.read1(w.m.ID)
	rights, err := store.All(ctx, w.db, scanNo, `select no from assembly_right where meeting = $1 and ended = 0 order by no`, m.ID)
	w.must(err)
	for i, no := range rights[:44] {
		w.casts(m, no, int64(1+i%3), 4)
	}
	w.day("2026-03-25")
	_, err = w.Post(ctx, w.office, m.ID)
	w.must(err)
	w.place1()
	file, _, err := w.Bundle(ctx, m.ID)
	w.must(err)
	if r := w.sound(file); r.Ballots != 44 || r.Rights != 52 {
		t.Errorf("%+v", r)
	}
}

// A sheet of another meeting, in this compound or the neighbour's, is none here.
func TestSheetOfAnother(t *testing.T) {
	w := polls(t)
	m := w.voting()
	other := w.drafted()
	one := w.hand(m, "录一", Typist, "")
	code := w.sheetOf(m, "103")
	_, err := w.Return(ctx, one, other.ID, code, "blob", "")
	if !fault.IsKind(err, fault.Missing) {
		t.Error(err)
	}
	w.hand(other, "录一", Typist, "")
	_, err = w.Return(ctx, one, other.ID, code, "blob", "")
	w.want(err, ErrSheet)
	_, err = w.Type(ctx, one, other.ID, code, agree())
	if !fault.IsKind(err, fault.Conflict) && !errors.Is(err, ErrSheet) {
		t.Error(err)
	}
	if s, err := w.Return(ctx, one, m.ID, code, "blob", ""); err != nil || s.State != SheetReturned {
		t.Errorf("%+v %v", s, err)
	}
	// One sign changed, two signs exchanged: the code checks itself.
	for i := range 10 {
		b := []byte(strings.ReplaceAll(code, "-", ""))
		if b[i] == b[i+1] {
			continue
		}
		b[i], b[i+1] = b[i+1], b[i]
		if readCode(string(b)) != "" {
			t.Errorf("signs %d and %d exchanged are not seen", i, i+1)
		}
	}
	for i := range 11 {
		b := []byte(strings.ReplaceAll(code, "-", ""))
		for _, c := range []byte(codeSigns) {
			if c == b[i] {
				continue
			}
			x := bytes.Clone(b)
			x[i] = c
			if readCode(string(x)) == code {
				t.Error("another code is read as this one")
			}
		}
	}
}

// What is left of who may not.
func TestBallotRefusals(t *testing.T) {
	w := polls(t)
	m := w.voting(func(d *Drafting) { d.Channels = []string{"phone", "city"} })
	_, err := w.PrintSheets(ctx, w.director, m.ID, nil)
	w.want(err, ErrChannel) // this meeting takes no paper
	for name, do := range map[string]func(access.Who) error{
		"team":    func(who access.Who) error { _, err := w.Team(ctx, who, m.ID); return err },
		"oath":    func(who access.Who) error { _, err := w.Swear(ctx, who, m.ID); return err },
		"leave":   func(who access.Who) error { return w.Leave(ctx, who, m.ID, "x", "因故") },
		"sample":  func(who access.Who) error { return w.CitySample(ctx, who, m.ID, &bytes.Buffer{}) },
		"booth":   func(who access.Who) error { _, err := w.Booth(ctx, who, m.ID); return err },
		"proxies": func(who access.Who) error { _, err := w.Mandates(ctx, who, m.ID); return err },
	} {
		w.refused(name, do)
	}
	for name, do := range map[string]func(access.Who) error{
		"devices":  func(who access.Who) error { _, err := w.Devices(ctx, who); return err },
		"take off": func(who access.Who) error { return w.TakeOff(ctx, who, "x") },
		"receipts": func(who access.Who) error { _, err := w.Receipts(ctx, who); return err },
		"meetings": func(who access.Who) error { _, err := w.MyMeetings(ctx, who); return err },
	} {
		if err := do(access.Who{}); !errors.Is(err, access.ErrSignIn) {
			t.Errorf("%s by nobody: %v", name, err)
		}
	}
	if list, err := w.MyMeetings(ctx, w.next); err != nil || len(list) != 0 {
		t.Errorf("a neighbour's meetings: %+v %v", list, err)
	}
	w.want(w.Leave(ctx, w.director, m.ID, "x", "因故"), ErrMissing)
	w.want(w.Leave(ctx, w.director, m.ID, "x", ""), ErrReason)
	_, _, err = w.Bundle(ctx, "nothing")
	w.want(err, ErrMissing)
	draft := w.drafted()
	_, _, err = w.Bundle(ctx, draft.ID)
	w.want(err, ErrMissing)
	_, err = w.Place(ctx, "x")
	w.want(err, ErrMissing)
	// A meeting of another year's end: cancelled meetings take nothing.
	if _, err = w.Cancel(ctx, w.office, m.ID, "程序有误"); err != nil {
		t.Fatal(err)
	}
	p := w.phone(w.owner("甲"))
	_, err = w.Cast(ctx, p.who, m.ID, p.fill(m, w.right(m, "101"), agree()))
	w.want(err, ErrNotOpen)
	_, _, err = w.Bundle(ctx, m.ID)
	w.want(err, ErrBundleEarly)
}
