package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"cuobian/basis/area"
	"cuobian/basis/day"
	"cuobian/basis/yuan"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/store"
	"cuobian/rooms/money"
	"cuobian/rooms/money/tariff"
	"cuobian/rooms/place"
)

// feesAim is how long the bills of homesOf homes may take.
const feesAim = 10 * time.Second

// bills measures the billing of one compound of 30,000 homes by area, from the order to the last bill durable, with its entries
// and derivations; then the same order again, which finds all there;
// then the next month, where every tenth home has paid ahead and gets its receipt in the same write.
func bills(ctx context.Context, s settings) error {
	fmt.Printf("One compound of %d homes, by area; ✗ misses its aim (%s).\n\n", homesOf, feesAim)
	fmt.Println("| engine | preview | billed | bills/s | the same again | next month, every tenth home has paid ahead | owed = bills |")
	fmt.Println("|---|--:|--:|--:|--:|--:|---|")
	for _, engine := range s.engines {
		if err := billsOn(ctx, s, engine); err != nil {
			return fmt.Errorf("%s: %w", engine, err)
		}
	}
	return nil
}

func billsOn(ctx context.Context, s settings, engine string) error {
	dir, err := os.MkdirTemp(s.cache, "fees-"+engine+"-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	x, err := open(ctx, s, engine, dir, fmt.Sprintf("bench_fees_%d", os.Getpid()))
	if err != nil {
		return err
	}
	defer x.drop()
	defer x.close()
	x.Clock.Set(day.MustParse("2026-11-02").Start(day.Shanghai) + day.Instant(9*3600_000_000))
	c, homes, err := bigCompound(ctx, x, homesOf)
	if err != nil {
		return err
	}
	if _, err := x.Till.SetTariff(ctx, access.System, money.Tariff{Compound: c.ID, Kind: money.PropertyFee, Tariff: tariff.Tariff{By: tariff.Area, Rate: 12345, Decision: "law", From: day.MustParse("2026-01-01")}}); err != nil {
		return err
	}
	kinds := []money.BillKind{money.PropertyFee}
	began := time.Now()
	v, err := x.Till.PreviewBills(ctx, access.System, c.ID, "2026-11", kinds)
	if err != nil {
		return err
	}
	preview := time.Since(began)
	run := func(period string) (money.Run, time.Duration, error) {
		began := time.Now()
		list, err := x.Till.MakeBills(ctx, access.System, c.ID, period, kinds)
		if err != nil {
			return money.Run{}, 0, err
		}
		if err := x.Till.FinishBills(ctx, list[0].ID); err != nil {
			return money.Run{}, 0, err
		}
		took := time.Since(began)
		runs, err := x.Till.ListRuns(ctx, access.System, c.ID)
		if err != nil {
			return money.Run{}, 0, err
		}
		return runs[0], took, nil
	}
	r, took, err := run("2026-11")
	if err != nil {
		return err
	}
	if r.Bills != homesOf || r.Amount != v[0].Amount || r.State != "done" {
		return fmt.Errorf("%d bills over %s, %s; the preview said %s", r.Bills, r.Amount, r.State, v[0].Amount)
	}
	again, second, err := run("2026-11")
	if err != nil || again.Bills != homesOf {
		return fmt.Errorf("again: %d bills: %w", again.Bills, err)
	}
	var ahead []money.Receipt
	for i := 0; i < len(homes); i += 10 {
		ahead = append(ahead, money.Receipt{Home: homes[i], Way: money.Transfer, Amount: 2000_00})
		if len(ahead) == 200 || i+10 >= len(homes) {
			if _, err := x.Till.ReceiveAll(ctx, access.System, c.ID, ahead); err != nil {
				return err
			}
			ahead = nil
		}
	}
	_, third, err := run("2026-12")
	if err != nil {
		return err
	}
	var owed, parts yuan.Amount
	if err := x.DB.QueryRow(ctx, `select cast((select sum(amount) from money_leg where compound = $1 and account = 'fees:owed') as bigint), cast((select sum(amount - paid - waived) from money_bill where compound = $1 and state <> 'void') as bigint)`, c.ID).Scan(&owed, &parts); err != nil {
		return err
	}
	agree := "yes"
	if owed != parts {
		agree = "NO"
	}
	mark := ""
	if took > feesAim {
		mark = " ✗"
	}
	fmt.Printf("| %s | %.1f s | %.1f s%s | %.0f | %.1f s | %.1f s | %s |\n", engine, preview.Seconds(), took.Seconds(), mark, float64(homesOf)/took.Seconds(), second.Seconds(), third.Seconds(), agree)
	return nil
}

// bigCompound plants a compound of n homes in buildings of a hundred.
func bigCompound(ctx context.Context, x *site, n int) (c place.Node, homes []string, err error) {
	if err = x.DB.Write(ctx, func(tx *store.Tx) error {
		street, err := x.Map.EnsureStreet(ctx, tx, audit.System, "350503002", "")
		if err != nil {
			return err
		}
		in, _, err := x.Map.Ensure(ctx, tx, audit.System, street, place.Community, "样板社区")
		if err != nil {
			return err
		}
		c, _, err = x.Map.Ensure(ctx, tx, audit.System, in, place.Compound, "样板花苑")
		return err
	}); err != nil {
		return c, nil, err
	}
	for b := 0; b*100 < n; b++ {
		var made []string
		if err = x.DB.Write(ctx, func(tx *store.Tx) error {
			made = nil
			building, _, err := x.Map.Ensure(ctx, tx, audit.System, c, place.Building, fmt.Sprintf("%d幢", b+1))
			if err != nil {
				return err
			}
			p := x.Map.Plant()
			for i := 0; i < 100 && b*100+i < n; i++ {
				h := p.New(tx.NewID(), building, place.Home, fmt.Sprintf("%d%02d", i/4+1, i%4+1))
				p.Home(h, place.HomeFacts{Use: "dwelling", Floor: fmt.Sprint(i/4 + 1), Area: area.Area(60_00 + int64((b*100+i)%9001)), AreaSource: area.Registered, State: "delivered"}, false)
				made = append(made, h.ID)
			}
			return p.Flush(ctx, tx)
		}); err != nil {
			return c, nil, err
		}
		homes = append(homes, made...)
	}
	return c, homes, nil
}
