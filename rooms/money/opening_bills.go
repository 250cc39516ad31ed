package money

import (
	"context"
	"slices"

	"cuobian/platform/store"
	"cuobian/rooms/money/ledger"
	"cuobian/rooms/money/tariff"
)

// arrearBills makes a bill of what every home owes, and keeps what it has paid ahead; the books hold both already by the
// opening entry of their fund.
func (t *Till) arrearBills(ctx context.Context, tx *store.Tx, b Book, person string, o Opening, entries map[ledger.Fund]string) error {
	words := map[string][2]string{"property": {"物业服务费（期初欠费）", "property service fee, owed before"}, "parking": {"停车费（期初欠费）", "parking, owed before"}, "utility": {"代收水电费（期初欠费）", "shared water and power, owed before"}, "other": {"其他（期初欠费）", "other, owed before"}}
	for _, a := range o.Arrears {
		if a.Kind == "ahead" {
			if err := t.moveAhead(ctx, tx, b.Compound, a.home, a.Fund, a.Amount, "", "期初预存"); err != nil {
				return err
			}
			continue
		}
		w, ok := words[a.Kind]
		if !ok || !slices.Contains(ledger.Funds(), a.Fund) {
			return ErrOpening
		}
		if _, err := t.makeBill(ctx, tx, b, NewBill{Home: a.home, Kind: BillKind(a.Kind), Fund: a.Fund, Period: tariff.Period{From: a.From, To: a.To}, Amount: a.Amount, Due: a.To,
			Origin: "openings/" + entries[a.Fund], Zh: w[0], En: w[1], Decision: o.Decision, Entry: entries[a.Fund], By: person}); err != nil {
			return err
		}
	}
	return nil
}
