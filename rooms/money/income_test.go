package money

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/yuan"
	"cuobian/platform/access"
	"cuobian/platform/store"
	"cuobian/rooms/money/ledger"
	"cuobian/rooms/money/statement"
)

func (x *house) source(change func(*NewSource)) Source {
	x.t.Helper()
	in := NewSource{Kind: "lift_ads", Place: "6 部电梯", Party: "丁广告公司", From: day.MustParse("2026-07-01"), To: day.MustParse("2027-06-30"), Amount: 300_000, Every: "quarter"}
	if change != nil {
		change(&in)
	}
	s, err := x.AddSource(ctx, x.who["officer"], x.here.ID, in)
	x.ok(err)
	return s
}

func (x *house) income(s Source, from, to, on string, gross yuan.Amount) Income {
	x.t.Helper()
	i, err := x.AddIncome(ctx, x.who["staff"], x.here.ID, NewIncome{Source: s.ID, From: day.MustParse(from), To: day.MustParse(to), TakenOn: day.MustParse(on), Gross: gross})
	x.ok(err)
	return i
}

// Income without a resolution is recorded and flagged (R35); with one it is not; what the operator takes off must be proven (R34).
func TestIncome(t *testing.T) {
	x := settled(t, 100)
	s := x.source(nil)
	if s.Allowed {
		t.Fatal("allowed by nothing")
	}
	i := x.income(s, "2026-07-01", "2026-09-30", "2026-11-15", 300_000)
	if !i.Flagged || i.Flag == "" || i.Due == 0 || i.Net != 300_000 {
		t.Fatalf("%+v", i)
	}
	photo := x.paper("officer")
	allowed := x.source(func(n *NewSource) {
		n.Kind, n.Resolution, n.Words = "venue", "blobs/"+photo, "2026 年 6 月业主大会决议（纸质）"
	})
	if !allowed.Allowed {
		t.Fatalf("%+v", allowed)
	}
	if _, err := x.AddSource(ctx, x.who["officer"], x.here.ID, NewSource{Kind: "venue", Party: "甲", From: day.MustParse("2026-07-01"), Every: "month", Resolution: "assemblies/none/1"}); err == nil {
		t.Error("a resolution that is not there allows a source")
	}
	proof := x.paper("staff")
	j, err := x.AddIncome(ctx, x.who["staff"], x.here.ID, NewIncome{Source: allowed.ID, From: day.MustParse("2026-07-01"), To: day.MustParse("2026-09-30"), TakenOn: x.Today(), Gross: 100_000,
		Costs: []ExpenseIn{{"水电", 10_000, proof}, {"管理费", 20_000, ""}}})
	x.ok(err)
	if j.Flagged || j.Taken != 0 || j.Refused != 30_000 || j.Net != 100_000 {
		t.Fatalf("%+v", j)
	}
	_, err = x.JudgeCost(ctx, x.who["staff"], j.ID, 1, "合理")
	if err == nil {
		t.Error("the company finds its own cost reasonable")
	}
	_, err = x.JudgeCost(ctx, x.who["m0"], j.ID, 2, "合理")
	x.refused(err, ErrCostProof)
	_, err = x.JudgeCost(ctx, x.who["m0"], j.ID, 3, "合理")
	x.refused(err, ErrMissing)
	j, err = x.JudgeCost(ctx, x.who["m0"], j.ID, 1, "发票相符")
	x.ok(err)
	if j.Taken != 10_000 || j.Net != 90_000 {
		t.Fatalf("%+v", j)
	}
	_, err = x.JudgeCost(ctx, x.who["m0"], j.ID, 1, "发票相符")
	x.refused(err, ErrCostDone)
	_, err = x.ReceiveIncome(ctx, x.who["staff"], j.ID, ReceivedIn{Amount: 90_001})
	x.refused(err, ErrIncomeMore)
	j, err = x.ReceiveIncome(ctx, x.who["staff"], j.ID, ReceivedIn{Amount: 50_000, Ref: "回单 7"})
	x.ok(err)
	j, err = x.ReceiveIncome(ctx, x.who["staff"], j.ID, ReceivedIn{Amount: 40_000})
	x.ok(err)
	if j.Entered == 0 || j.Late {
		t.Fatalf("%+v", j)
	}
	x.shows(x.here.ID, "income:bank", 90_100)
	x.shows(x.here.ID, contractsOwed.Code, 300_000)
	p, err := x.proveIncome(ctx, x.db, x.here.ID)
	x.ok(err)
	if !p[0].Holds {
		t.Errorf("%+v", p)
	}
	// Nothing is hidden: income without any contract.
	k, err := x.AddIncome(ctx, x.who["staff"], x.here.ID, NewIncome{Kind: "other", From: x.Today(), To: x.Today(), TakenOn: x.Today(), Gross: 500})
	x.ok(err)
	if !k.Flagged {
		t.Error("not flagged")
	}
	for name, who := range x.strangers() {
		for what, err := range map[string]error{
			"source":  second(x.AddSource(ctx, who, x.here.ID, NewSource{Kind: "venue", Party: "甲", From: x.Today(), Every: "month"})),
			"end":     second(x.EndSource(ctx, who, s.ID, x.Today(), "到期")),
			"income":  second(x.AddIncome(ctx, who, x.here.ID, NewIncome{Source: s.ID, From: x.Today(), To: x.Today(), TakenOn: x.Today(), Gross: 1})),
			"receive": second(x.ReceiveIncome(ctx, who, i.ID, ReceivedIn{Amount: 1})),
			"judge":   second(x.JudgeCost(ctx, who, j.ID, 1, "合理")),
			"list":    second(x.Sources(ctx, who, x.here.ID)),
		} {
			if err == nil {
				t.Errorf("%s: %s", name, what)
			}
		}
	}
	x.zero()
}

func second[T any](_ T, err error) error { return err }

// A contracted period without income raises a duty, which the income ends.
func TestGaps(t *testing.T) {
	x := settled(t, 100)
	s := x.source(func(n *NewSource) { n.From = day.MustParse("2026-04-01") })
	n, err := x.GapTick(ctx)
	x.ok(err)
	open := func() int64 {
		n, err := store.Count(ctx, x.db, `select count(*) from duty_duty where kind = 'money.gap' and state = 'open'`)
		x.ok(err)
		return n
	}
	if n != 1 || open() != 2 {
		t.Fatal(n, open())
	}
	if n, err = x.GapTick(ctx); err != nil || n != 0 {
		t.Fatal(n, err)
	}
	x.income(s, "2026-04-01", "2026-06-30", "2026-11-15", 300_000)
	if open() != 1 {
		t.Error(open())
	}
	list, err := x.Sources(ctx, x.who["street"], x.here.ID)
	x.ok(err)
	if len(list) != 1 || len(list[0].Gaps) != 1 || list[0].Gaps[0].From != day.MustParse("2026-07-01") {
		t.Errorf("%+v", list)
	}
}

// Income that will never come is let go by a decision, once; nobody is reminded of it any more, and the reason stays.
func TestLetGap(t *testing.T) {
	x := settled(t, 100)
	s := x.source(func(n *NewSource) { n.From = day.MustParse("2026-04-01") })
	_, err := x.GapTick(ctx)
	x.ok(err)
	from, photo := day.MustParse("2026-04-01"), x.paper("officer")
	let := func(who access.Who, from day.Day, resolution, words, reason string) error {
		_, err := x.LetGap(ctx, who, s.ID, from, resolution, words, reason)
		return err
	}
	for name, who := range x.strangers() {
		if let(who, from, "blobs/"+photo, "决议", "对方注销") == nil {
			t.Errorf("%s lets it go", name)
		}
	}
	x.refused(let(x.who["staff"], from, "blobs/"+photo, "决议", "对方注销"), access.ErrRefused)
	x.refused(let(x.who["officer"], from, "blobs/"+photo, "决议", " "), ErrReason)
	x.refused(let(x.who["officer"], from, "blobs/"+photo, "", "对方注销"), ErrResolution)
	x.refused(let(x.who["officer"], from, "", "", "对方注销"), ErrResolution)
	x.refused(let(x.who["officer"], from.Add(1), "blobs/"+photo, "决议", "对方注销"), ErrGap)
	errs := make(chan error, 2)
	for range 2 {
		go func() { errs <- let(x.who["officer"], from, "blobs/"+photo, "业委会决议", "对方注销") }()
	}
	if one, two := <-errs, <-errs; (one == nil) == (two == nil) {
		t.Fatal(one, two)
	}
	list, err := x.Sources(ctx, x.who["street"], x.here.ID)
	x.ok(err)
	if g := list[0].Gaps; len(g) != 2 || g[0].Reason != "对方注销" || g[0].Resolution != "blobs/"+photo || g[1].Reason != "" || len(openGaps(g)) != 1 {
		t.Errorf("%+v", g)
	}
	refs, err := store.Texts(ctx, x.db, `select ref from duty_duty where kind = 'money.gap' and state = 'open'`)
	x.ok(err)
	if len(refs) != 1 || refs[0] != "gaps/"+s.ID+"/2026-07-01" {
		t.Error(refs)
	}
}

// A contract that ends leaves nothing owed for periods after its end; the period that it cuts short is looked at the day after.
func TestEndedSource(t *testing.T) {
	x := settled(t, 100)
	open := func() (out []string) {
		out, err := store.Texts(ctx, x.db, `select ref from duty_duty where kind = 'money.gap' and state = 'open' order by ref`)
		x.ok(err)
		return out
	}
	s := x.source(func(n *NewSource) { n.From, n.Every = day.MustParse("2026-08-01"), "month" }) // today is 18 November
	_, err := x.GapTick(ctx)
	x.ok(err)
	if len(open()) != 3 {
		t.Fatal(open())
	}
	_, err = x.EndSource(ctx, x.who["officer"], s.ID, day.MustParse("2026-07-31"), "提前收回")
	x.refused(err, ErrDay)
	_, err = x.EndSource(ctx, x.who["officer"], s.ID, day.MustParse("2026-09-15"), " ")
	x.refused(err, ErrReason)
	for name, who := range x.strangers() {
		if _, err := x.EndSource(ctx, who, s.ID, day.MustParse("2026-09-15"), "提前收回"); err == nil {
			t.Errorf("%s ends a contract", name)
		}
	}
	s, err = x.EndSource(ctx, x.who["officer"], s.ID, day.MustParse("2026-09-15"), "提前收回")
	x.ok(err)
	if len(s.Gaps) != 2 || s.Gaps[1].To != day.MustParse("2026-09-15") {
		t.Fatalf("%+v", s.Gaps)
	}
	if got := open(); len(got) != 2 || got[0] != "gaps/"+s.ID+"/2026-08-01" || got[1] != "gaps/"+s.ID+"/2026-09-01" {
		t.Fatal(got)
	}
	_, err = x.EndSource(ctx, x.who["officer"], s.ID, day.MustParse("2026-09-10"), "提前收回")
	x.refused(err, ErrSourceOver)
	// Ended within the month that runs: its gap is seen the day after, not a month later, and not twice.
	m := x.source(func(n *NewSource) { n.From, n.Every = day.MustParse("2026-11-01"), "month" })
	_, err = x.EndSource(ctx, x.who["officer"], m.ID, day.MustParse("2026-11-18"), "提前收回")
	x.ok(err)
	_, err = x.GapTick(ctx)
	x.ok(err)
	if len(open()) != 2 {
		t.Fatal(open())
	}
	x.later(24 * time.Hour)
	for range 2 {
		_, err = x.GapTick(ctx)
		x.ok(err)
		if got := open(); len(got) != 3 || got[2] != "gaps/"+m.ID+"/2026-11-01" {
			t.Fatal(got)
		}
	}
}

// A resolution that comes later allows a source from then on: what it brought before stays flagged (R35). Its contract may be a
// file, which those who read the books see.
func TestAllowedLater(t *testing.T) {
	x := settled(t, 100)
	contract := x.paper("officer")
	s := x.source(func(n *NewSource) { n.Contract = "blobs/" + contract })
	b, err := x.on.Blobs.Find(ctx, x.db, contract)
	x.ok(err)
	if b.State != "kept" || b.Ref != "sources/"+s.ID {
		t.Fatalf("%+v", b)
	}
	before := x.income(s, "2026-07-01", "2026-09-30", "2026-11-05", 300_000)
	photo := x.paper("officer")
	for what, in := range map[string][2]string{"nothing": {"", ""}, "an assembly that is not there": {"assemblies/none/1", ""}, "a picture without its words": {"blobs/" + photo, " "}} {
		if _, err := x.AllowSource(ctx, x.who["officer"], s.ID, in[0], in[1]); err == nil {
			t.Errorf("%s allows a source", what)
		}
	}
	for name, who := range x.strangers() {
		if _, err := x.AllowSource(ctx, who, s.ID, "blobs/"+photo, "决议"); err == nil {
			t.Errorf("%s allows a source", name)
		}
	}
	_, err = x.AllowSource(ctx, x.who["staff"], s.ID, "blobs/"+photo, "决议")
	x.refused(err, access.ErrRefused)
	s, err = x.AllowSource(ctx, x.who["officer"], s.ID, "blobs/"+photo, "业主大会决议")
	x.ok(err)
	_, err = x.AllowSource(ctx, x.who["officer"], s.ID, "blobs/"+photo, "业主大会决议")
	x.refused(err, ErrAllowed)
	after := x.income(s, "2026-10-01", "2026-12-31", "2026-11-10", 300_000)
	list, _, _, _, err := x.Incomes(ctx, x.who["street"], x.here.ID, s.ID, "", 10)
	x.ok(err)
	if !s.Allowed || after.Flagged || len(list) != 2 || list[0].ID != after.ID || !list[1].Flagged || list[1].ID != before.ID {
		t.Fatalf("%+v %+v", s, list)
	}
	// What is wrong in an income is said at its own field.
	_, err = x.AddIncome(ctx, x.who["staff"], x.here.ID, NewIncome{Source: s.ID, From: x.Today(), To: x.Today(), TakenOn: x.Today(), Gross: 100, Received: ReceivedIn{Amount: 101}})
	x.refused(err, ErrIncomeMore)
	var f *fault.Fault
	if !errors.As(err, &f) || f.Fields[len(f.Fields)-1].Name != "received.amount" {
		t.Errorf("%+v", err)
	}
}

// Who is in office to review and to keep seals is listed with the roles that their posts fit, the community's and the street's too.
func TestOfficeHolders(t *testing.T) {
	x := settled(t, 1_000_000)
	x.apply("officer2", 100_000)
	list, err := x.OfficeHolders(ctx, x.who["street"], x.here.ID)
	x.ok(err)
	of := map[string]OfficeHolder{}
	for _, o := range list {
		if _, twice := of[o.Person]; twice {
			t.Errorf("%s twice", o.Name)
		}
		of[o.Person] = o
	}
	for n, want := range map[string][]string{"m0": {RoleKeeperCommittee}, "secretary": {RoleKeeperCommunity, RoleCommunity}, "street2": {RoleKeeperStreet, RoleStreet}} {
		if got := of[x.who[n].Person]; !slices.Equal(got.Fits, want) || got.Name == "" || len(got.Posts) == 0 || got.Waits {
			t.Errorf("%s: %+v", n, got)
		}
	}
	if !of[x.who["officer2"].Person].Waits {
		t.Error("who applied does not wait")
	}
	if _, has := of[x.who["staff"].Person]; has {
		t.Error("the company reviews")
	}
	for name, who := range x.strangers() {
		if _, err := x.OfficeHolders(ctx, who, x.here.ID); err == nil {
			t.Errorf("%s reads who is in office", name)
		}
	}
}

// Public income that lies at no account on record is somebody's to mend: a duty, which the account ends.
func TestNoAccount(t *testing.T) {
	x := settled(t, 100)
	open := func() int64 {
		n, err := store.Count(ctx, x.db, `select count(*) from duty_duty where kind = 'money.account' and state = 'open'`)
		x.ok(err)
		return n
	}
	shown := func() (out []string) {
		v, err := x.View(ctx, x.who["officer"], x.here.ID)
		x.ok(err)
		for _, f := range v.Funds {
			if f.NoAccount {
				out = append(out, string(f.Fund))
			}
		}
		return out
	}
	x.ok(x.Bring(ctx))
	for i := range 2 {
		n, err := x.AccountTick(ctx)
		x.ok(err)
		if open() != 1 || i == 1 && n != 0 {
			t.Fatal(i, n, open())
		}
	}
	if got := shown(); !slices.Equal(got, []string{"income"}) {
		t.Fatal(got)
	}
	_, err := x.OpenAccount(ctx, x.who["officer"], x.here.ID, BankAccount{Fund: ledger.Income, Bank: "甲银行", Holder: x.committee.ID, Kind: "committee"}, "6222020200112233")
	x.ok(err)
	if open() != 0 || len(shown()) != 0 {
		t.Fatal(open(), shown())
	}
	n, err := x.AccountTick(ctx)
	x.ok(err)
	if n != 0 || open() != 0 {
		t.Fatal(n, open())
	}
}

// quarter is a house with income and a payment in November 2026, on the third of January after.
func quarter(t *testing.T) (*house, Payment) {
	x := settled(t, 5_000_000)
	s := x.source(nil)
	i := x.income(s, "2026-07-01", "2026-09-30", "2026-11-15", 300_000)
	_, err := x.ReceiveIncome(ctx, x.who["staff"], i.ID, ReceivedIn{Amount: 300_000})
	x.ok(err)
	in := x.applying("staff", 600_000)
	in.PayeeKind, in.PayeeName, in.Purpose = "person", "庄师傅", "庄师傅修门锁，电话13800000009"
	p, err := x.Submit(ctx, x.who["staff"], in)
	x.ok(err)
	p = x.agree(p, "m0", "m1", "m2")
	p = x.agree(p, "officer")
	p = x.agree(p, "street")
	p = x.seal2(p, "m4", "secretary")
	_, err = x.Pay(ctx, x.who["manager"], p.ID, 0, "1")
	x.ok(err)
	blob, err := x.on.Blobs.Put(ctx, x.who["staff"].Account, "file", "遮蔽件.pdf", bytes.NewReader([]byte("%PDF-1.4\n% copy\n%%EOF\n")))
	x.ok(err)
	p, err = x.Publish(ctx, x.who["staff"], p.ID, []string{blob.ID})
	x.ok(err)
	x.to("2027-01-03T09:00")
	_, err = x.StatementTick(ctx)
	x.ok(err)
	return x, p
}

func (x *house) due(kind string) []Statement {
	x.t.Helper()
	list, err := x.statements(ctx, x.db, `compound = $1 and kind = $2 and state = 'due' order by period`, x.here.ID, kind)
	x.ok(err)
	return list
}

func (x *house) file() ([]byte, statement.Report) {
	x.t.Helper()
	_, err := x.logs.Integrate(ctx)
	x.ok(err)
	f, err := x.StatementFile(ctx, x.here.ID, "")
	x.ok(err)
	return f, statement.Check(f, nil)
}

// Statements make themselves when a period ends, hang sealed on the board, and can be checked by anybody (R36).
func TestDisclosure(t *testing.T) {
	x, p := quarter(t)
	months, quarters := x.due(statement.Month), x.due(statement.Quarter)
	if len(months) != 2 || months[0].Period != "2026-11" || len(quarters) != 1 || quarters[0].Period != "2026Q4" {
		t.Fatalf("%+v %+v", months, quarters)
	}
	w := months[0].Words
	if w.Opening != 0 || w.Received != 5_300_000 || w.Spent != 600_000 || w.Closing != 4_700_000 || len(w.Lines) != 3 {
		t.Fatalf("%+v", w)
	}
	words := fmt.Sprint(w)
	if strings.Contains(words, "庄师傅") || strings.Contains(words, "13800000009") {
		t.Error("the statement names a person: ", words)
	}
	for name, who := range x.strangers() {
		if _, err := x.PostStatement(ctx, who, months[0].ID); err == nil {
			t.Errorf("%s posts", name)
		}
	}
	_, err := x.PostStatement(ctx, x.who["m0"], months[0].ID)
	x.refused(err, ErrStampKeeper) // the keeper is m4
	// The first is late, the others are in time.
	if _, r := x.file(); !r.OK || r.Statements != 0 {
		t.Fatalf("%+v", r)
	}
	_, err = x.PostStatement(ctx, x.who["m4"], months[0].ID)
	x.ok(err)
	_, err = x.PostStatement(ctx, x.who["m4"], months[0].ID)
	x.refused(err, ErrPosted)
	_, err = x.PostStatement(ctx, x.who["secretary"], months[1].ID)
	x.ok(err)
	s, err := x.PostStatement(ctx, x.who["m4"], quarters[0].ID)
	x.ok(err)
	if s.Until != x.Today().Add(30) || len(s.Seals) != 1 || !s.Seals[0].Good(s.Hash) {
		t.Fatalf("%+v", s)
	}
	if _, r := x.file(); !r.OK || r.Statements != 3 {
		t.Fatalf("%+v", r)
	}
	// Everybody's page and a line down to its voucher.
	b, err := x.Board(ctx, x.here.ID)
	x.ok(err)
	if b.Period != "2026Q4" || len(b.Flows) != 3 || b.Closing != 4_700_000 || len(b.Payments) != 1 || b.Payments[0].Payee != "庄**" {
		t.Fatalf("%+v", b)
	}
	l, err := x.BoardLineOf(ctx, p.Entry)
	x.ok(err)
	if text := fmt.Sprintf("%+v %+v", l, *l.Payment); strings.Contains(text, "庄师傅") || strings.Contains(text, "6222") || strings.Contains(text, "3445") {
		t.Error(text)
	}
	if len(l.Copies) != 1 || len(l.Hashes) != 1 || len(l.Way) < 8 || len(l.Statements) != 2 {
		t.Errorf("%+v", l)
	}
	if _, err := x.PublicCopy(ctx, l.Copies[0].Blob, "full"); err != nil {
		t.Error(err)
	}
	papers, _ := x.Till.papers(ctx, x.db, p.ID)
	for _, d := range papers {
		if !d.Public {
			_, err := x.PublicCopy(ctx, d.Blob, "full")
			x.refused(err, ErrMissing)
		}
	}
	// A correction is a new version that names the old one.
	c, err := x.CorrectStatement(ctx, x.who["officer"], s.ID, "漏列一笔")
	x.ok(err)
	_, err = x.CorrectStatement(ctx, x.who["officer"], s.ID, "漏列一笔")
	x.refused(err, ErrCorrecting)
	c, err = x.PostStatement(ctx, x.who["m4"], c.ID)
	x.ok(err)
	if c.Version != 2 || c.Corrects != s.Hash || c.Prev != s.Hash {
		t.Fatalf("%+v", c)
	}
	if _, r := x.file(); !r.OK || r.Statements != 4 {
		t.Fatalf("%+v", r)
	}
	// Who changes what was posted behind everybody's back is found.
	x.write(func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, `update money_statement set words = replace(words, '"received":5300000', '"received":5300001') where id = $1`, months[0].ID)
		return err
	})
	if _, r := x.file(); r.OK || r.Of("statement_hash").OK {
		t.Error("a changed fen is not found")
	}
	x.write(func(tx *store.Tx) error {
		if _, err := tx.Exec(ctx, `delete from money_statement_line where statement = $1`, months[0].ID); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `delete from money_statement where id = $1`, months[0].ID)
		return err
	})
	if _, r := x.file(); r.OK || r.Of("vanished").OK {
		t.Error("a vanished statement is not found")
	}
}

func TestLateDisclosure(t *testing.T) {
	x, _ := quarter(t)
	items, n, of, err := x.PublishingOf(ctx, x.who["street"], "")
	x.ok(err)
	if len(items) != 1 || n != 0 || of != 1 || items[0].State != "due" || items[0].Flagged != 1 {
		t.Fatalf("%+v", items)
	}
	x.to("2027-01-30T09:00")
	if items, _, _, err = x.PublishingOf(ctx, x.who["street"], ""); err != nil || items[0].State != "overdue" || items[0].Overdue != 3 {
		t.Fatalf("%+v", items)
	}
	if _, r := x.file(); r.OK || r.Of("vanished").Wrong != 3 {
		t.Error("what was due and is not posted is not found")
	}
	for _, s := range append(x.due(statement.Month), x.due(statement.Quarter)...) {
		_, err := x.PostStatement(ctx, x.who["m4"], s.ID)
		x.ok(err)
	}
	if _, r := x.file(); r.OK || r.Of("late").Wrong != 3 || !r.Of("vanished").OK {
		t.Errorf("late is not found: %+v", r.Checks)
	}
	if items, n, _, _ = x.PublishingOf(ctx, x.who["street"], ""); n != 1 || items[0].State != "posted" {
		t.Errorf("%+v", items)
	}
	for name, who := range x.strangers() {
		if _, _, _, err := x.PublishingOf(ctx, who, ""); err == nil {
			t.Errorf("%s sees who publishes", name)
		}
	}
}

func TestQuestions(t *testing.T) {
	x, p := quarter(t)
	_, err := x.Ask(ctx, x.owner(5), x.here.ID, "", p.Entry, "这笔锁怎么这么贵？")
	x.ok(err) // the payment is on the board
	_, err = x.Ask(ctx, x.owner(5), x.here.ID, x.due(statement.Month)[0].ID, "", "什么时候公示？")
	x.refused(err, ErrAbout)
	_, err = x.Ask(ctx, x.owner(5), x.here.ID, "", "nothing", "哪一笔？")
	x.refused(err, ErrAbout)
	_, err = x.Ask(ctx, x.as(x.neighbour, access.Resident, x.there.Path, ""), x.here.ID, "", p.Entry, "我也问")
	x.refused(err, ErrOwners)
	list, err := x.Questions(ctx, x.who["m0"], x.here.ID)
	x.ok(err)
	if len(list) != 1 {
		t.Fatal(list)
	}
	for name, who := range x.strangers() {
		if _, err := x.Answer(ctx, who, list[0].ID, "答"); err == nil {
			t.Errorf("%s answers", name)
		}
		if _, err := x.Questions(ctx, who, x.here.ID); err == nil {
			t.Errorf("%s reads questions", name)
		}
	}
	a, err := x.Answer(ctx, x.who["m0"], list[0].ID, "六个单元共六把。")
	x.ok(err)
	if a.Late {
		t.Error("late")
	}
	_, err = x.Answer(ctx, x.who["m0"], list[0].ID, "再答")
	x.refused(err, ErrAnswered)
	l, err := x.BoardLineOf(ctx, p.Entry)
	x.ok(err)
	if len(l.Questions) != 1 {
		t.Error("the answer is not on the board")
	}
}

func TestSamples(t *testing.T) {
	x, p := quarter(t)
	s, err := x.Samples(ctx, x.who["street"], "", "")
	x.ok(err)
	if s.Period != "2026Q4" || s.N != 1 || s.Of != 1 || s.Items[0].ID != p.ID {
		t.Fatalf("%+v", s)
	}
	again, err := x.Samples(ctx, x.who["street"], x.street.Path, "2026Q4")
	x.ok(err)
	if again.Seed != s.Seed || again.Items[0].Lot != s.Items[0].Lot {
		t.Error("the draw is not the same again")
	}
	_, err = x.StatementTick(ctx)
	x.ok(err)
	if again, _ = x.Samples(ctx, x.who["street"], "", ""); again.Seed != s.Seed {
		t.Error("the seed was drawn again")
	}
	_, err = x.Samples(ctx, x.who["street"], "", "2026Q1")
	x.refused(err, ErrSample)
	for name, who := range x.strangers() {
		if _, err := x.Samples(ctx, who, x.street.Path, ""); err == nil {
			t.Errorf("%s draws samples", name)
		}
	}
}

// An empty fund owes nothing more, and one that goes on owes every period.
func TestEveryPeriodIsDue(t *testing.T) {
	x, _ := quarter(t)
	x.later(100 * 24 * time.Hour)
	_, err := x.StatementTick(ctx)
	x.ok(err)
	months, quarters := x.due(statement.Month), x.due(statement.Quarter)
	if len(months) != 5 || len(quarters) != 2 || months[4].Period != "2027-03" {
		t.Errorf("%d months, %d quarters", len(months), len(quarters))
	}
	if n, err := x.StatementTick(ctx); err != nil || n != 0 {
		t.Error(n, err)
	}
}
