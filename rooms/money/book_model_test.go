package money

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"cuobian/basis/yuan"
	"cuobian/platform/store"
	"cuobian/rooms/money/ledger"
)

// TestBooksAreTheKernels: whatever is done, in whatever order, allowed or refused, the tables and the kernel's books in memory
// answer the same and show the same; and after every commit all accounts add up to zero.
func TestBooksAreTheKernels(t *testing.T) {
	for seed := range uint64(3) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { model(t, seed) })
	}
}

func model(t *testing.T, seed uint64) {
	x := build(t)
	b := x.begun(x.here)
	mem, err := ledger.New(ledger.Standard())
	x.ok(err)
	r := rand.New(rand.NewPCG(seed, 11))
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	var ids []string
	old := func() string {
		if len(ids) == 0 || r.IntN(30) == 0 {
			return "nothing"
		}
		return ids[r.IntN(len(ids))]
	}
	first := d("2026-07-01")
	done := map[string]int{}
	for step := range 220 {
		var what string
		var inTables func(tx *store.Tx) error
		var inMemory func() error
		id := fmt.Sprintf("%d-%d", seed, step)
		on := first.Add(r.IntN(130))
		draw := func() ledger.Entry {
			fund := ledger.Fund(pick("fees", "income", "company"))
			code := func() string { return string(fund) + ":" + pick("bank", "ahead", "payable", "rest", "earned", "spent") }
			amount := yuan.Amount(1 + r.IntN(3000))
			e := entryOf(on, amount, code(), code())
			if other := ledger.Fund(pick("fees", "income", "company")); other != fund && r.IntN(4) == 0 {
				e.Legs = []ledger.Leg{{Account: e.Legs[0].Account, Amount: amount}, {Account: string(fund) + ":between", Amount: -amount}, {Account: string(other) + ":between", Amount: amount}, {Account: string(other) + ":bank", Amount: -amount}}
			}
			switch r.IntN(25) {
			case 0:
				e.Legs[0].Amount++
			case 1:
				e.Decision = " "
			case 2:
				e.Legs[0].Account = "fees:pocket"
			}
			if e.ID = id; r.IntN(40) == 0 {
				e.ID = old()
			}
			return e
		}
		switch r.IntN(12) {
		case 0, 1, 2, 3:
			e := draw()
			what = "post"
			inTables = func(tx *store.Tx) error { _, err := x.post(ctx, tx, b, "p", e); return err }
			inMemory = func() error { return mem.Post(e) }
		case 4, 5, 6:
			e := draw()
			what = "reserve"
			inTables = func(tx *store.Tx) error { _, err := x.reserve(ctx, tx, b, "p", e, 0); return err }
			inMemory = func() error { return mem.Reserve(e) }
		case 7:
			h := old()
			what = "settle"
			inTables = func(tx *store.Tx) error { _, err := x.settle(ctx, tx, b, "p", h, on); return err }
			inMemory = func() error { return mem.Seal(h, on) }
		case 8:
			h := old()
			what = "release"
			inTables = func(tx *store.Tx) error { return x.release(ctx, tx, b, h, "超时") }
			inMemory = func() error { return mem.Release(h, "超时") }
		case 9, 10:
			e := old()
			what = "reverse"
			var as string
			inTables = func(tx *store.Tx) error {
				m, err := x.reverse(ctx, tx, b, "p", e, on, "blobs/1", "law", "错录")
				as = m.ID
				return err
			}
			inMemory = func() error {
				if as == "" {
					as = id
				}
				err := mem.Reverse(e, as, on, "blobs/1", "law", "错录")
				if err == nil {
					id = as
				}
				return err
			}
		case 11:
			if r.IntN(3) > 0 {
				what = "bring"
				inTables = func(tx *store.Tx) error { _, err := x.bring(ctx, tx, b.Compound); return err }
				inMemory = func() error { return nil }
				break
			}
			through := first.Add(step / 4)
			what = "close"
			_, err1 := x.Close(ctx, x.manager(), b.Compound, through)
			inTables = func(*store.Tx) error { return err1 }
			inMemory = func() error { _, err := mem.Close(through, x.Today()); return err }
		}
		err1 := x.db.Write(ctx, inTables)
		err2 := inMemory()
		if !errors.Is(err1, err2) || (err1 == nil) != (err2 == nil) {
			t.Fatalf("step %d, %s: the tables say %v, the kernel %v", step, what, err1, err2)
		}
		if err1 == nil {
			done[what]++
			ids = append(ids, id)
		} else {
			done["refused"]++
		}
		x.zero()
		held, err := x.held(ctx, x.db, b.Compound)
		x.ok(err)
		for _, a := range ledger.Standard() {
			got, err := x.balance(ctx, x.db, b.Compound, a.Code)
			x.ok(err)
			if got != mem.Balance(a.Code) || held[a.Code] != mem.Held(a.Code) {
				t.Fatalf("step %d, %s: %s shows %s and holds %s, in memory %s and %s", step, what, a.Code, got, held[a.Code], mem.Balance(a.Code), mem.Held(a.Code))
			}
		}
	}
	for _, what := range []string{"post", "reserve", "settle", "release", "reverse", "bring", "close", "refused"} {
		if done[what] == 0 {
			t.Error("never:", what, done)
		}
	}
	p, err := x.Prove(ctx, x.office(), b.Compound)
	x.ok(err)
	if !p.Holds {
		t.Errorf("%+v", p)
	}
	got, err := x.balancesOn(ctx, x.db, b.Compound, first.Add(60))
	x.ok(err)
	if want := mem.Balances(first.Add(60)); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%v, in memory %v", got, want)
	}
}
