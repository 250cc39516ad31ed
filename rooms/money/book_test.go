package money

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"cuobian/basis/day"
	"cuobian/basis/yuan"
	"cuobian/platform/store"
	"cuobian/rooms/money/ledger"
)

func entryOf(on day.Day, amount yuan.Amount, to, from string) ledger.Entry {
	return ledger.Entry{Day: on, Text: "虚构分录", Document: "bills/1", Decision: "contracts/1", Rule: "R30", Legs: []ledger.Leg{{Account: to, Amount: amount}, {Account: from, Amount: -amount}}}
}

// posted writes one entry.
func (x *town) posted(b Book, e ledger.Entry) (out ledger.Entry) {
	x.t.Helper()
	x.write(func(tx *store.Tx) (err error) {
		out, err = x.post(ctx, tx, b, "p", e)
		return err
	})
	return out
}

func TestBookBegins(t *testing.T) {
	x := build(t)
	if _, err := x.book(ctx, x.db, x.here.ID); !errors.Is(err, ErrNoBook) {
		t.Fatal(err)
	}
	b := x.begun(x.here)
	if b.Compound != x.here.ID || b.Path != x.here.Path || b.Begun != x.Today() || !b.Closed.IsZero() {
		t.Fatal(b)
	}
	if again := x.begun(x.here); again != b {
		t.Fatal(again)
	}
	x.refuses(ErrPlace, func(tx *store.Tx) error { _, err := x.begin(ctx, tx, x.street); return err })
}

func TestBookPost(t *testing.T) {
	x := build(t)
	b, on := x.begun(x.here), x.Today()
	in := x.posted(b, entryOf(on, 10000, "fees:bank", "fees:ahead"))
	if in.ID == "" {
		t.Fatal("no id")
	}
	x.shows(b.Compound, "fees:bank", 10000)
	bad := func(want error, e ledger.Entry) {
		t.Helper()
		x.refuses(want, func(tx *store.Tx) error { _, err := x.post(ctx, tx, b, "p", e); return err })
	}
	bad(ledger.ErrShort, entryOf(on, 10001, "fees:spent", "fees:bank"))
	bad(ledger.ErrBalance, entryOf(on, 1, "company:bank", "fees:bank")) // owners' money into the company's (R30)
	bad(ledger.ErrAccount, entryOf(on, 1, "fees:pocket", "fees:ahead"))
	e := entryOf(on, 1, "fees:bank", "fees:ahead")
	e.Decision = ""
	bad(ledger.ErrPapers, e)
	e = in
	bad(ledger.ErrTwice, e)
	x.refuses(ErrNoBook, func(tx *store.Tx) error {
		_, err := x.post(ctx, tx, Book{Compound: x.there.ID}, "p", entryOf(on, 1, "fees:bank", "fees:ahead"))
		return err
	})
	a := ledger.Account{Code: "fees:owed:shop-1", Class: ledger.Asset, Zh: "应收商铺", En: "owed by a shop"}
	for range 2 {
		x.write(func(tx *store.Tx) error { return x.addAccount(ctx, tx, b, a) })
	}
	a.Class = ledger.Debt
	x.refuses(ledger.ErrChart, func(tx *store.Tx) error { return x.addAccount(ctx, tx, b, a) })
	x.posted(b, entryOf(on, 5, a.Code, "fees:earned"))
	x.shows(b.Compound, a.Code, 5)
	long := entryOf(on, 5, "company:owed", "company:earned")
	for range 22 {
		long.Legs = append(long.Legs, long.Legs[:2]...)
	}
	long = x.posted(b, long)
	if got, err := x.entry(ctx, x.db, b.Compound, long.ID); err != nil || !slices.Equal(got.Legs, long.Legs) || len(got.Legs) != 46 {
		t.Fatal(len(got.Legs), err)
	}
	x.shows(b.Compound, "fees:bank", 10000)
	x.zero()
}

func TestBookReserves(t *testing.T) {
	x := build(t)
	b, on := x.begun(x.here), x.Today()
	x.posted(b, entryOf(on, 10000, "income:bank", "income:earned:lift_ads"))
	hold := func(amount yuan.Amount, want error) (id string) {
		t.Helper()
		x.refused(x.db.Write(ctx, func(tx *store.Tx) (err error) {
			id, err = x.reserve(ctx, tx, b, "p", entryOf(on, amount, "income:spent:cost", "income:bank"), 0)
			return err
		}), want)
		return id
	}
	first, second := hold(6000, nil), hold(4000, nil)
	hold(1, ledger.ErrShort)
	x.shows(b.Compound, "income:bank", 10000)
	if a, err := x.available(ctx, x.db, b.Compound, "income:bank"); err != nil || a != 0 {
		t.Fatal(a, err)
	}
	x.refuses(ledger.ErrShort, func(tx *store.Tx) error {
		_, err := x.post(ctx, tx, b, "p", entryOf(on, 1, "income:spent:cost", "income:bank"))
		return err
	})
	x.refuses(ledger.ErrReason, func(tx *store.Tx) error { return x.release(ctx, tx, b, second, " ") })
	x.write(func(tx *store.Tx) error { return x.release(ctx, tx, b, second, "退回") })
	x.refuses(ledger.ErrDone, func(tx *store.Tx) error { return x.release(ctx, tx, b, second, "再退") })
	settle := func(id string, on day.Day, want error) {
		t.Helper()
		x.refuses(want, func(tx *store.Tx) error { _, err := x.settle(ctx, tx, b, "q", id, on); return err })
	}
	settle(first, on.Add(-1), ledger.ErrDay)
	settle("nothing", on, ledger.ErrMissing)
	other := x.begun(x.there)
	x.refuses(ledger.ErrMissing, func(tx *store.Tx) error { _, err := x.settle(ctx, tx, other, "q", first, on); return err })
	settle(first, on.Add(2), nil)
	settle(first, on.Add(2), ledger.ErrDone)
	settle(second, on.Add(2), ledger.ErrDone)
	x.shows(b.Compound, "income:bank", 4000)
	x.shows(b.Compound, "income:spent:cost", 6000)
	e, err := x.entry(ctx, x.db, b.Compound, first)
	if err != nil || e.Day != on.Add(2) || len(e.Legs) != 2 {
		t.Fatal(e, err)
	}
	x.zero()
}

func TestBookReverses(t *testing.T) {
	x := build(t)
	b, on := x.begun(x.here), x.Today()
	in := x.posted(b, entryOf(on, 700, "fees:bank", "fees:ahead"))
	x.posted(b, entryOf(on, 650, "fees:spent:office", "fees:bank"))
	try := func(id, document, reason string, on day.Day, want error) (m ledger.Entry) {
		t.Helper()
		x.refused(x.db.Write(ctx, func(tx *store.Tx) (err error) {
			m, err = x.reverse(ctx, tx, b, "p", id, on, document, "law", reason)
			return err
		}), want)
		return m
	}
	try(in.ID, "blobs/1", " ", on, ledger.ErrReason)
	try(in.ID, "", "退票", on, ledger.ErrPapers)
	try(in.ID, "blobs/1", "退票", on.Add(-1), ledger.ErrDay)
	try("nothing", "blobs/1", "退票", on, ledger.ErrMissing)
	m := try(in.ID, "blobs/1", "退票", on, nil)
	if m.Reverses != in.ID || m.Legs[0].Amount != -700 {
		t.Fatal(m)
	}
	x.shows(b.Compound, "fees:bank", -650) // a cheque that bounced has bounced
	try(in.ID, "blobs/1", "再冲", on, ledger.ErrReversed)
	try(m.ID, "blobs/1", "冲正冲正", on, ledger.ErrReversal)
	x.zero()
}

// TestBookTwoAtOnce: two dozen payments of one fund at the same moment take no more than is there, and those who bring
// money in at the same moment are all taken.
func TestBookTwoAtOnce(t *testing.T) {
	x := build(t)
	b, on := x.begun(x.here), x.Today()
	x.posted(b, entryOf(on, 1000, "income:bank", "income:earned"))
	var wait sync.WaitGroup
	var taken, short, brought atomic.Int64
	var ids sync.Map
	for n := range 24 {
		wait.Add(2)
		go func() {
			defer wait.Done()
			var id string
			err := x.db.Write(ctx, func(tx *store.Tx) (err error) {
				if n%2 == 0 {
					_, err = x.post(ctx, tx, b, "p", entryOf(on, 100, "income:spent", "income:bank"))
				} else {
					id, err = x.reserve(ctx, tx, b, "p", entryOf(on, 100, "income:spent", "income:bank"), 0)
				}
				return err
			})
			switch {
			case err == nil:
				taken.Add(1)
				if id != "" {
					ids.Store(id, true)
				}
			case errors.Is(err, ledger.ErrShort):
				short.Add(1)
			default:
				t.Error(err)
			}
		}()
		go func() {
			defer wait.Done()
			err := x.db.Write(ctx, func(tx *store.Tx) error {
				_, err := x.post(ctx, tx, b, "p", entryOf(on, 7, "fees:bank", "fees:ahead"))
				return err
			})
			if err != nil {
				t.Error(err)
			} else {
				brought.Add(1)
			}
		}()
	}
	wait.Wait()
	if taken.Load() != 10 || short.Load() != 14 || brought.Load() != 24 {
		t.Fatal(taken.Load(), short.Load(), brought.Load())
	}
	if a, err := x.available(ctx, x.db, b.Compound, "income:bank"); err != nil || a != 0 {
		t.Fatal(a, err)
	}
	// The last seal twice at once: it is posted once.
	ids.Range(func(id, _ any) bool {
		var done atomic.Int64
		for range 2 {
			wait.Add(1)
			go func() {
				defer wait.Done()
				err := x.db.Write(ctx, func(tx *store.Tx) error {
					_, err := x.settle(ctx, tx, b, "p", fmt.Sprint(id), on)
					return err
				})
				if err == nil {
					done.Add(1)
				} else if !errors.Is(err, ledger.ErrDone) {
					t.Error(err)
				}
			}()
		}
		wait.Wait()
		if done.Load() != 1 {
			t.Error("settled", done.Load(), "times")
		}
		return true
	})
	x.shows(b.Compound, "income:bank", 0)
	x.shows(b.Compound, "fees:bank", 24*7)
	x.zero()
}
