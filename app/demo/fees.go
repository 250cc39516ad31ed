package demo

import (
	"context"
	"fmt"

	"cuobian/basis/day"
	"cuobian/platform/access"
	"cuobian/platform/store"
	"cuobian/rooms/money"
	"cuobian/rooms/money/ledger"
	"cuobian/rooms/money/tariff"
	"cuobian/rooms/place"
)

// fees gives 明鑫花苑 (lump sum) and 西湖豪庭 (remuneration) tariffs, rented parking, and half a year of bills and payments up to
// the month of the first start. Most homes pay by the quarter, some ahead, a few late, two not at all.
func (p Parts) fees(ctx context.Context) error {
	defer p.Clock.Set(0)
	now := p.Clock.Now()
	month := day.MustParse(now.Day(day.Shanghai).Month() + "-01")
	for _, x := range []struct {
		name  string
		rate  tariff.Rate
		homes bool
	}{{"明鑫花苑", 1_2000, false}, {"西湖豪庭", 2_1000, true}} {
		var c place.Node
		found, err := p.Map.CompoundsIn(ctx, p.DB, "350503")
		if err != nil {
			return err
		}
		for _, n := range found {
			if n.Name == x.name {
				c = n
			}
		}
		if c.ID == "" {
			return fmt.Errorf("%s is not there", x.name)
		}
		if x.homes {
			if err := p.DB.Write(ctx, func(tx *store.Tx) error {
				m := &maker{Parts: p, ctx: ctx, tx: tx, names: &namer{n: 5000}}
				m.homes(c, 1, 2, 6)
				if m.err != nil {
					return m.err
				}
				return p.Map.Demo(ctx, tx, c.Path.Street())
			}); err != nil {
				return err
			}
		}
		homes, err := p.Map.NodesIn(ctx, p.DB, c.Path, place.Home)
		if err != nil {
			return err
		}
		first := month.AddMonths(-5)
		at := func(on day.Day, hour int) day.Instant {
			return on.Start(day.Shanghai) + day.Instant(int64(hour)*3600_000_000)
		}
		p.Clock.Set(at(first.Add(-20), 9))
		for _, t := range []money.Tariff{
			{Kind: money.PropertyFee, Tariff: tariff.Tariff{Item: "物业服务费", ItemEn: "property fee", By: tariff.Area, Rate: x.rate, Decision: "law", From: first}},
			{Kind: money.ParkingFee, Spaces: true, Fund: ledger.Income, Tariff: tariff.Tariff{Item: "地面车位", ItemEn: "parking on common land", By: tariff.Unit, Rate: 120_0000, Decision: "law", From: first}},
		} {
			t.Compound = c.ID
			if _, err := p.Till.SetTariff(ctx, access.System, t); err != nil {
				return err
			}
		}
		for i := 0; i < len(homes); i += 4 {
			if _, err := p.Till.Rent(ctx, access.System, c.ID, money.Space{Home: homes[i].ID, Label: fmt.Sprintf("A-%02d", i/4+1), From: first}); err != nil {
				return err
			}
		}
		for k := range 6 {
			m := first.AddMonths(k)
			p.Clock.Set(at(m, 8))
			runs, err := p.Till.MakeBills(ctx, access.System, c.ID, m.Month(), []money.BillKind{money.PropertyFee, money.ParkingFee})
			if err != nil {
				return err
			}
			for _, r := range runs {
				if err := p.Till.FinishBills(ctx, r.ID); err != nil {
					return err
				}
			}
			pay := m.Add(24)
			if pay > now.Day(day.Shanghai) {
				pay = now.Day(day.Shanghai)
			}
			p.Clock.Set(min(at(pay, 17), now))
			var list []money.Receipt
			for i, h := range homes {
				switch {
				case i%36 == 17: // never
					continue
				case i == 0: // the resident who looks around: this month is still open
					if k != 4 {
						continue
					}
				case k == 5 && i%3 != 1: // this month's are not due yet
					continue
				case (i+k)%3 != 0 && k != 4:
					continue // by the quarter
				case i%9 == 5 && k == 4: // late
					continue
				}
				way := []string{money.QR, money.Transfer, money.Cash}[(i+k)%3]
				r := money.Receipt{Home: h.ID, Way: way, On: min(m.Add(2+(i*5+k)%20), pay)}
				if i%18 == 7 {
					r.Amount = 500_00 // a round sum: what is left is paid ahead
				}
				list = append(list, r)
			}
			if _, err := p.Till.ReceiveAll(ctx, access.System, c.ID, list); err != nil {
				return err
			}
		}
	}
	return nil
}
