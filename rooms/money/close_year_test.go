package money

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"cuobian/basis/day"
	"cuobian/basis/yuan"
	"cuobian/platform/access"
	"cuobian/platform/store"
	"cuobian/rooms/money/ledger"
	"cuobian/rooms/money/statement"
)

// TestYearEnd: the closing of December brings what each fund earned and spent to its rest (R30). The year's statement goes on
// telling it, the next year begins at nothing, sums stay zero, hledger agrees, and what was done is only taken back by an entry.
func TestYearEnd(t *testing.T) {
	x := settled(t, 1)
	b := x.begun(x.here)
	for _, e := range []struct {
		on       string
		fen      yuan.Amount
		from, to string
	}{{"2026-10-05", 9000_00, "fees:owed", "fees:earned:property"}, {"2026-10-06", 9000_00, "fees:bank", "fees:owed"}, {"2026-11-02", 2500_00, "fees:spent:staff", "fees:bank"},
		{"2026-11-03", 700_00, "income:bank", "income:earned:venue"}, {"2026-12-31", 100_00, "income:spent:cost", "income:bank"}, {"2027-01-02", 40_00, "fees:spent:office", "fees:bank"}} {
		if e.on > x.Today().String() {
			x.goTo(d(e.on))
		}
		x.posted(b, ledger.Entry{Day: d(e.on), Text: "收支", Document: "papers/1", Decision: "law", Rule: "R30", Legs: []ledger.Leg{{Account: e.from, Amount: e.fen}, {Account: e.to, Amount: -e.fen}}})
	}
	year := func() BookStatement {
		t.Helper()
		s, err := x.Statement(ctx, x.office(), x.here.ID, "fees", d("2026-01-01"), d("2026-12-31"))
		x.ok(err)
		return s
	}
	before := year()
	if before.Earned != 9000_00 || before.Spent != 2500_00 || before.Final {
		t.Fatalf("%+v", before)
	}
	open, err := x.draft(ctx, x.db, x.here, "income", statement.Month, "2026-12")
	x.ok(err)
	_, err = x.Close(ctx, x.cashier(), x.here.ID, d("2026-12-31"))
	x.refused(err, access.ErrRefused)
	c, err := x.Close(ctx, x.manager(), x.here.ID, d("2026-12-31"))
	x.ok(err)
	for _, l := range c.Balances {
		if strings.Contains(l.Account, ":earned") || strings.Contains(l.Account, ":spent") {
			t.Errorf("%s is not brought to the rest", l.Account)
		}
	}
	x.shows(x.here.ID, "fees:earned:property", 0)
	x.shows(x.here.ID, "fees:spent:office", 40_00) // of the next year
	x.shows(x.here.ID, "fees:rest", -6500_00)
	after := year()
	if after.Earned != before.Earned || after.Spent != before.Spent || after.Net != before.Net || after.Rest != before.Rest || !after.Final {
		t.Fatalf("the year's statement changed: %+v", after)
	}
	for _, l := range after.Lines {
		if l.Opening+l.Debit-l.Credit != l.Closing || strings.Contains(l.Account, ":earned") && (l.Closing != 0 || l.Carried != 9000_00) {
			t.Errorf("%+v", l)
		}
	}
	if shut, err := x.draft(ctx, x.db, x.here, "income", statement.Month, "2026-12"); err != nil || shut.Hash() != open.Hash() {
		t.Fatal("the closing changed what is published", err)
	}
	next, err := x.Statement(ctx, x.office(), x.here.ID, "fees", d("2027-01-01"), d("2027-01-02"))
	x.ok(err)
	if next.Earned != 0 || next.Spent != 40_00 {
		t.Fatalf("%+v", next)
	}
	for _, l := range next.Lines {
		if l.Opening != 0 && (l.Class == ledger.Earning || l.Class == ledger.Cost) {
			t.Errorf("the next year does not begin at nothing: %+v", l)
		}
	}
	x.zero()
	if p, err := x.Prove(ctx, x.office(), x.here.ID); err != nil || !p.Holds {
		t.Fatalf("%+v %v", p, err)
	}
	// Nobody writes into the year any more; what was brought to the rest is taken back by a new entry only, and brought again.
	x.refuses(ledger.ErrClosed, func(tx *store.Tx) error {
		_, err := x.post(ctx, tx, b, "p", entryOf(d("2026-12-31"), 1, "fees:bank", "fees:ahead"))
		return err
	})
	ids, err := store.Texts(ctx, x.db, `select entry from money_year_end where compound = $1`, x.here.ID)
	x.ok(err)
	if len(ids) != 1 {
		t.Fatal(ids)
	}
	_, err = x.ReverseByHand(ctx, x.manager(), x.here.ID, ids[0], d("2027-01-02"), " ", "", nil)
	x.refused(err, ErrReason)
	_, err = x.ReverseByHand(ctx, x.cashier(), x.here.ID, ids[0], d("2027-01-02"), "误结", "", nil)
	x.refused(err, access.ErrRefused)
	_, err = x.ReverseByHand(ctx, x.manager(), x.here.ID, ids[0], d("2026-12-31"), "误结", "", nil)
	x.refused(err, ledger.ErrClosed)
	_, err = x.ReverseByHand(ctx, x.manager(), x.here.ID, ids[0], d("2027-01-02"), "误结", "", nil)
	x.ok(err)
	_, err = x.ReverseByHand(ctx, x.manager(), x.here.ID, ids[0], d("2027-01-02"), "误结", "", nil)
	x.refused(err, ledger.ErrReversed)
	x.shows(x.here.ID, "fees:rest", 0)
	if next, err = x.Statement(ctx, x.office(), x.here.ID, "fees", d("2027-01-01"), d("2027-01-02")); err != nil || next.Earned != 0 || next.Spent != 40_00 {
		t.Fatalf("what was taken back counts as earned: %+v %v", next, err)
	}
	x.goTo(d("2029-02-01"))
	_, err = x.Close(ctx, x.manager(), x.here.ID, d("2029-01-31")) // two ends of years at once
	x.ok(err)
	x.shows(x.here.ID, "fees:rest", -6460_00)
	x.shows(x.here.ID, "income:rest", -600_01)
	x.shows(x.here.ID, "fees:spent:office", 0)
	x.zero()
	if p, err := x.Prove(ctx, x.office(), x.here.ID); err != nil || !p.Holds {
		t.Fatalf("%+v %v", p, err)
	}
	var out bytes.Buffer
	x.ok(x.Journal(ctx, x.office(), x.here.ID, &out))
	if !strings.Contains(out.String(), "2026-12-31 * ") || !strings.Contains(out.String(), "2026 年度收支结转") {
		t.Fatal("the journal does not tell the year's end")
	}
	hledger, err := exec.LookPath("hledger")
	if err != nil {
		t.Skip("hledger is not installed here (scripts/need hledger)")
	}
	name := filepath.Join(t.TempDir(), "books.journal")
	x.ok(os.WriteFile(name, out.Bytes(), 0o600))
	cmd := exec.Command(hledger, "-f", name, "check", "--strict", "ordereddates")
	cmd.Env = append(os.Environ(), "LANG=C.UTF-8", "LC_ALL=C.UTF-8")
	if said, err := cmd.CombinedOutput(); err != nil {
		t.Fatal(err, string(said))
	}
}

// A year's statement of public income makes itself when the year is over, with its duty and its record (R30, R36).
func TestYearStatement(t *testing.T) {
	x, _ := quarter(t)
	x.goTo(d("2027-01-05"))
	_, err := x.StatementTick(ctx)
	x.ok(err)
	years := x.due(statement.Year)
	if len(years) != 1 || years[0].Period != "2026" || years[0].Words.Received != 5_300_000 || years[0].Due.Add(-1).Day(day.Shanghai) != d("2027-03-31") {
		t.Fatalf("%+v", years)
	}
	x.duties(dutyStatement, "statements/"+years[0].ID, "open", 1)
	for _, kind := range []string{statement.Month, statement.Quarter} {
		for _, s := range x.due(kind) {
			_, err := x.PostStatement(ctx, x.who["m4"], s.ID)
			x.ok(err)
		}
	}
	_, err = x.PostStatement(ctx, x.who["m0"], years[0].ID)
	x.refused(err, ErrStampKeeper)
	s, err := x.PostStatement(ctx, x.who["m4"], years[0].ID)
	x.ok(err)
	x.duties(dutyStatement, "statements/"+s.ID, "ended", 1)
	if _, r := x.file(); !r.OK || r.Due > 3 || r.Statements != 4 {
		t.Fatalf("%+v", r)
	}
	b, err := x.Board(ctx, x.here.ID)
	x.ok(err)
	if b.Period != "2026Q4" || len(b.Statements) != 4 {
		t.Fatalf("%+v", b)
	}
}
