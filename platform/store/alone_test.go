package store_test

import (
	"errors"
	"testing"

	"cuobian/platform/store"
	"cuobian/platform/store/storetest"
)

// What is done alone is seen at once, a refused write leaves the others, and what failed as a whole leaves nothing.
func TestAlone(t *testing.T) {
	db := storetest.Open(t, nil, things())
	no := errors.New("no")
	put := func(how func(func(*store.Tx) error) error, n int, err error) error {
		return how(func(tx *store.Tx) error {
			if _, e := tx.Exec(ctx, `insert into things_thing (id, n) values ($1, $2)`, tx.NewID(), n); e != nil {
				return e
			}
			return err
		})
	}
	write := func(fn func(*store.Tx) error) error { return db.Write(ctx, fn) }
	add := func(fn func(*store.Tx) error) error { return db.Append(ctx, fn) }
	seen := func(want int64) {
		t.Helper()
		for _, q := range []func(func(store.Queryer) error) error{
			func(fn func(store.Queryer) error) error { return fn(db) },
			func(fn func(store.Queryer) error) error { return db.View(ctx, fn) },
		} {
			if err := q(func(q store.Queryer) error {
				n, err := store.Count(ctx, q, `select count(*) from things_thing`)
				all, _ := store.Texts(ctx, q, `select id from things_thing`)
				if n != want || len(all) != int(want) {
					t.Errorf("%d and %d rows, not %d", n, len(all), want)
				}
				return err
			}); err != nil {
				t.Error(err)
			}
		}
	}
	fill := func(from int, end error) func() error {
		return func() error {
			if err := errors.Join(put(write, from, nil), put(add, from+1, nil)); err != nil {
				t.Error(err)
			}
			if err := put(write, from+2, no); !errors.Is(err, no) {
				t.Error("a write that changed its mind:", err)
			}
			if err := put(add, from, nil); !store.Unique(err) {
				t.Error("a number that is there already:", err)
			}
			return end
		}
	}
	if err := db.Alone(ctx, func() error {
		defer seen(2)
		return fill(1, nil)()
	}); err != nil {
		t.Fatal(err)
	}
	seen(2)
	if err := db.Alone(ctx, fill(11, no)); !errors.Is(err, no) {
		t.Error("it ended with", err)
	}
	if db.Engine == store.SQLite {
		seen(2) // PostgreSQL keeps each write by itself
	}
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic is gone")
			}
		}()
		db.Alone(ctx, func() error { panic("dropped") })
	}()
	if err := put(write, 99, nil); err != nil {
		t.Error("afterwards:", err)
	}
}
