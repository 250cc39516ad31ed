package demo_test

import (
	"context"
	"testing"

	"cuobian/app"
	"cuobian/platform/access"
	"cuobian/rooms/money"
	"cuobian/rooms/money/ledger"
)

// statementOfTheBank: 西湖豪庭 has a statement whose lines are matched where they are beyond doubt; the others are seen.
func statementOfTheBank(t *testing.T, h *app.House) {
	t.Helper()
	ctx := context.Background()
	var id string
	if err := h.DB.QueryRow(ctx, `select id from place_v_compound where name = '西湖豪庭'`).Scan(&id); err != nil {
		t.Fatal(err)
	}
	list, err := h.Till.Accounts(ctx, access.System, id)
	if err != nil || len(list) != 2 || list[0].Fund != "fees" || list[0].Balance == nil || !list[0].Balance.Stated || list[0].Unmatched == 0 {
		t.Fatalf("%+v %v", list, err)
	}
	count := func(state string) int64 {
		t.Helper()
		_, _, n, _, err := h.Till.Lines(ctx, access.System, id, money.FindLines{State: state})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if open, matched := count("unmatched"), count("matched"); open != 2 || matched < 20 {
		t.Errorf("%d unmatched, %d matched", open, matched)
	}
	// 明鑫花苑: each fund with money has an account, and nothing stays on its way for ever.
	var mingxin string
	if err := h.DB.QueryRow(ctx, `select id from place_v_compound where name = '明鑫花苑'`).Scan(&mingxin); err != nil {
		t.Fatal(err)
	}
	v, err := h.Till.View(ctx, access.System, mingxin)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range v.Funds {
		if f.NoAccount || f.Fund == ledger.Income && (f.Bank == 0 || f.OnWay > f.Bank/10) {
			t.Errorf("%+v", f)
		}
	}
	if list, err = h.Till.Accounts(ctx, access.System, mingxin); err != nil || len(list) != 3 {
		t.Fatalf("%+v %v", list, err)
	}
	for _, a := range list {
		if a.Unmatched != 0 {
			t.Errorf("%s: %d lines stand for nothing", a.Name, a.Unmatched)
		}
	}
	p, err := h.Till.Prove(ctx, access.System, id)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range p.Items {
		if !x.Holds {
			t.Errorf("%+v", x)
		}
	}
}
