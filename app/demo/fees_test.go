package demo_test

import (
	"context"
	"testing"

	"cuobian/app"
	"cuobian/basis/day"
	"cuobian/platform/access"
	"cuobian/platform/store"
	"cuobian/rooms/money"
	"cuobian/rooms/standing"
)

// feesOfHalfAYear: two compounds, one in lump sum and one by remuneration, with six months of bills, arrears and money ahead; the
// resident who looks around has something to pay; owed and ahead of the books are what the bills say.
func feesOfHalfAYear(t *testing.T, h *app.House) {
	t.Helper()
	ctx := context.Background()
	for name, fund := range map[string]string{"明鑫花苑": "company", "西湖豪庭": "fees"} {
		var id string
		if err := h.DB.QueryRow(ctx, `select id from place_v_compound where name = $1`, name).Scan(&id); err != nil {
			t.Fatal(err)
		}
		runs, err := h.Till.ListRuns(ctx, access.System, id)
		if err != nil || len(runs) != 12 {
			t.Fatal(name, len(runs), err)
		}
		for _, r := range runs {
			if r.State != "done" || r.Bills == 0 {
				t.Errorf("%s %+v", name, r)
			}
		}
		rates, err := h.Till.Collection(ctx, access.System, id, runs[len(runs)-1].Period.From, runs[0].Period.To)
		if err != nil || rates[0].Bills == 0 || rates[0].Got == 0 || rates[0].Got >= rates[0].Billed {
			t.Errorf("%s %+v %v", name, rates, err)
		}
		proofs, err := h.Till.Prove(ctx, access.System, id)
		if err != nil || !proofs.Holds {
			t.Errorf("%s %+v %v", name, proofs, err)
		}
		for account, query := range map[string]string{fund + ":owed": `select coalesce(sum(amount - paid - waived), 0) from money_bill where compound = $1 and fund = $2 and state <> 'void'`,
			fund + ":ahead": `select -coalesce(sum(amount), 0) from money_ahead where compound = $1 and fund = $2`} {
			parts, err := store.Count(ctx, h.DB, query, id, fund)
			if err != nil {
				t.Fatal(err)
			}
			books, err := store.Count(ctx, h.DB, `select coalesce(sum(amount), 0) from money_leg where compound = $1 and account = $2`, id, account)
			if err != nil || parts == 0 || books != parts {
				t.Errorf("%s %s: books %d, parts %d (%v)", name, account, books, parts, err)
			}
		}
	}
	var person string
	if err := h.DB.QueryRow(ctx, `select t.person from people_v_title t join place_v_home n on n.id = t.node join place_v_compound c on n.path >= c.path and n.path < c.path || '~' where c.name = '明鑫花苑' order by n.path limit 1`).Scan(&person); err != nil {
		t.Fatal(err)
	}
	m, err := h.Till.MyBills(ctx, access.Who{Account: "a", Person: person})
	if err != nil || m.Owed == 0 || len(m.Items) < 6 || m.Items[0].Kind != money.PropertyFee && m.Items[0].Kind != money.ParkingFee {
		t.Errorf("%+v %v", m, err)
	}
	last := day.MustParse(h.DB.Now().Day(day.Shanghai).Month() + "-01").Add(-1)
	for _, id := range []string{"fee_collection", "parking_collection"} {
		f, err := h.Board.Figure(ctx, id, standing.Ask{Under: "350503002/", AsOf: last})
		if err != nil || !f.Records || f.Fraction == "" || f.Text == "" {
			t.Errorf("%s of the month to %s: %+v %v", id, last, f, err)
		}
	}
}
