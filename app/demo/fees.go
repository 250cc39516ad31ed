package demo

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

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
		online := map[string]bool{} // homes whose owners pay by phone
		for i := 2; i < len(homes) && len(online) < 3; i += 12 {
			online[homes[i].ID] = true
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
				if k == 5 && i%4 == 3 {
					way = money.Cash // lies in the till when somebody looks around
				}
				r := money.Receipt{Home: h.ID, Way: way, On: min(m.Add(2+(i*5+k)%20), pay)}
				if i%18 == 7 {
					r.Amount = 500_00 // a round sum: what is left is paid ahead
				}
				list = append(list, r)
			}
			if k >= 3 && p.Till.Local() != nil { // some pay by phone; the desk does not see them
				list = slices.DeleteFunc(list, func(r money.Receipt) bool { return online[r.Home] })
			}
			if _, err := p.Till.ReceiveAll(ctx, access.System, c.ID, list); err != nil {
				return err
			}
			if k >= 3 {
				for n, h := range slices.Sorted(maps.Keys(online)) {
					on := min(m.Add(6+n*5), now.Day(day.Shanghai).Add(-2))
					if p.Till.Local() == nil || on < m || k == 5 && n > 1 {
						continue
					}
					p.Clock.Set(at(on, 20))
					if err := p.payOnline(ctx, h, k < 5 || n == 0); err != nil {
						return err
					}
					p.Clock.Set(at(on.Add(1), 3))
					if err := p.Till.CheckProviders(ctx); err != nil {
						return err
					}
				}
			}
			// What lies in the till is paid into the bank at the month's end; this month's lies there still.
			p.Clock.Set(min(at(pay, 18), now))
			if k < 5 {
				if err := p.payIn(ctx, c.ID); err != nil {
					return err
				}
			}
		}
		if err := p.meters(ctx, c.ID, homes, month, now.Day(day.Shanghai)); err != nil {
			return err
		}
	}
	return nil
}

// payOnline lets a home's owner pay what is open by the local provider. Without heard the provider's notice is lost: its
// statement of the day shows what the house does not know.
func (p Parts) payOnline(ctx context.Context, home string, heard bool) error {
	owners, err := store.Texts(ctx, p.DB, `select person from people_v_title where node = $1 and to_day = '' order by id limit 1`, home)
	if err != nil || len(owners) == 0 {
		return err
	}
	who := access.Who{Account: "demo", Person: owners[0]}
	mine, err := p.Till.MyBills(ctx, who)
	if err != nil {
		return err
	}
	var bills []string
	for _, b := range mine.Items {
		if b.Home == home && b.Rest > 0 {
			bills = append(bills, b.ID)
		}
	}
	if len(bills) == 0 {
		return nil
	}
	o, err := p.Till.PayBills(ctx, who, bills, "local")
	if err != nil {
		return err
	}
	body, signature, err := p.Till.Local().Pay(ctx, o.URL[strings.LastIndex(o.URL, "/")+1:])
	if err != nil || !heard {
		return err
	}
	return p.Till.Notified(ctx, "local", func(string) string { return signature }, body)
}

// payIn pays all cash of a compound's tills into the bank.
func (p Parts) payIn(ctx context.Context, compound string) error {
	v, err := p.Till.Desk(ctx, access.System, compound)
	if err != nil {
		return err
	}
	for _, f := range v.Funds {
		if f.Cash > 0 {
			if _, err := p.Till.PayIn(ctx, access.System, compound, money.Deposit{Fund: f.Fund, Amount: f.Cash, Ref: "示例缴款单"}); err != nil {
				return err
			}
		}
	}
	return nil
}

// meters gives the first homes a water meter each and the compound one for its common parts, with a price in steps and the
// readings of three months; this month's are not taken yet.
func (p Parts) meters(ctx context.Context, compound string, homes []place.Node, month, today day.Day) error {
	if _, err := p.Till.SetTariff(ctx, access.System, money.Tariff{Compound: compound, Kind: money.UtilityFee, Meter: "water", Tariff: tariff.Tariff{Item: "代收水费", ItemEn: "water", By: tariff.Meter, Decision: "law", From: month.AddMonths(-3),
		Tiers: []tariff.Tier{{Upto: 18_000, Rate: 1_9500}, {Upto: 25_000, Rate: 2_4500}, {Rate: 4_0000}}}}); err != nil {
		return err
	}
	var rows []money.Reading
	for k := range 3 {
		on := month.AddMonths(k - 2).Add(-1)
		for i, h := range homes[:min(8, len(homes))] {
			rows = append(rows, money.Reading{Home: h.ID, Sort: "water", Label: fmt.Sprintf("SY%04d", 1001+i), Day: on, Value: int64(120_000 + i*7_500 + k*(9_000+i*2_350)), Fresh: k == 0})
		}
		rows = append(rows, money.Reading{Sort: "water", Label: "SY0001", Day: on, Value: int64(3_400_000 + k*86_500), Fresh: k == 0, Note: "公共用水"})
	}
	_, err := p.Till.Readings(ctx, access.System, compound, rows)
	return err
}
