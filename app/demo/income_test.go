package demo_test

import (
	"context"
	"testing"

	"cuobian/app"
	"cuobian/platform/access"
	"cuobian/platform/store"
	"cuobian/rooms/money"
	"cuobian/rooms/money/statement"
)

// incomeOfToday: one compound with a payment waiting for each step, and statements of past months that anybody checks; the
// 57 of 东湖街道 have files that are sound.
func incomeOfToday(t *testing.T, h *app.House) {
	t.Helper()
	ctx := context.Background()
	street := access.Who{Account: "s", Person: "s", Grants: []access.Grant{{Post: access.StreetOfficer, Path: "350503002/"}}}
	items, _, n, _, err := h.Till.Payments(ctx, street, money.FindPayments{Limit: 200})
	if err != nil {
		t.Fatal(err)
	}
	at, mingxin := map[string]int{}, ""
	for _, x := range items {
		at[x.State]++
		mingxin = x.Compound
		if !x.Demo {
			t.Error("a payment is not marked as invented")
		}
	}
	for _, s := range []string{"committee", "community", "street", "sealing", "sealed_1", "sealed", "paid", "published", "refused", "withdrawn"} {
		if at[s] == 0 {
			t.Errorf("no payment is %s: %v of %d", s, at, n)
		}
	}
	if _, err := h.Logs.Integrate(ctx); err != nil {
		t.Fatal(err)
	}
	file, err := h.Till.StatementFile(ctx, mingxin, "")
	if err != nil {
		t.Fatal(err)
	}
	r := statement.Check(file, nil)
	if r.Statements < 4 || !r.Of("statement_hash").OK || !r.Of("statement_sums").OK || !r.Of("chain").OK || !r.Of("seal").OK || !r.Of("in_log").OK || r.Of("late").Wrong != 1 {
		t.Errorf("%d statements: %+v", r.Statements, r.Checks)
	}
	b, err := h.Till.Board(ctx, mingxin)
	if err != nil {
		t.Fatal(err)
	}
	if len(b.Flows) < 3 || len(b.Payments) < 3 || len(b.Sources) != 3 {
		t.Errorf("%+v", b)
	}
	ids, err := store.Texts(ctx, h.DB, `select compound from money_v_statement where street = '350503001/' group by compound order by compound`)
	if err != nil || len(ids) != 57 {
		t.Fatal(len(ids), err)
	}
	if file, err = h.Till.StatementFile(ctx, ids[0], ""); err != nil {
		t.Fatal(err)
	}
	if r = statement.Check(file, nil); !r.OK || r.Statements != 3 {
		t.Errorf("%d statements: %+v", r.Statements, r.Checks)
	}
}
