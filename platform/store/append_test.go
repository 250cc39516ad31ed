package store_test

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"cuobian/platform/store"
	"cuobian/platform/store/storetest"
)

const thing = `insert into things_thing (id, n) values ($1, $2)`

// Two rows each, some of which are there already, beside ordinary writes: what is acknowledged is there whole, what is
// refused not at all.
func TestAppendsShareCommitsAndLoseNothing(t *testing.T) {
	db := storetest.Open(t, nil, things())
	var wg sync.WaitGroup
	var kept sync.Map
	var gathered, refused, told, alone atomic.Int64
	for i := range 400 {
		wg.Go(func() {
			var id string
			once := false
			add := func(tx *store.Tx) error {
				if tx.Gathers() {
					gathered.Add(1)
				} else if i%7 != 0 && !once {
					once = true
					alone.Add(1)
				}
				id = tx.NewID()
				// The second row of every fifth is another's first.
				second := 10000 + i
				if i%5 == 4 {
					second = i - 1
				}
				if n, err := tx.Exec(ctx, thing, id, i); err != nil || n != 1 {
					return fmt.Errorf("%d: %w", n, err)
				}
				if n, err := tx.Exec(ctx, thing, id+"b", int64(second)); err != nil || n != 1 {
					return fmt.Errorf("%d: %w", n, err)
				}
				tx.After(func() { told.Add(1) })
				return nil
			}
			var err error
			if i%7 == 0 {
				err = db.Write(ctx, add)
			} else {
				err = db.Append(ctx, add)
			}
			switch {
			case err == nil:
				kept.Store(id, i)
			case store.Unique(err):
				refused.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	n := 0
	kept.Range(func(id, i any) bool {
		n++
		if c, err := store.Count(ctx, db, `select count(*) from things_thing where id in ($1, $2)`, id, id.(string)+"b"); err != nil || c != 2 {
			t.Errorf("%v is acknowledged and not there whole: %v %v", i, c, err)
		}
		return true
	})
	// Only who meets another's row runs again by itself, not those who shared its commit.
	if alone.Load() == 0 || alone.Load() > 80 {
		t.Errorf("%d appends ran again", alone.Load())
	}
	rows, _ := store.Count(ctx, db, `select count(*) from things_thing`)
	if int(rows) != 2*n || n+int(refused.Load()) != 400 || int(told.Load()) != n || refused.Load() != 80 || gathered.Load() < 300 {
		t.Fatalf("acknowledged %d, refused %d, told %d, rows %d, gathered %d", n, refused.Load(), told.Load(), rows, gathered.Load())
	}
}

// What reads, changes or asks back is an ordinary write: it sees what it wrote.
func TestAppendThatReadsIsAWrite(t *testing.T) {
	db := storetest.Open(t, nil, things())
	for name, more := range map[string]func(tx *store.Tx) error{
		"row": func(tx *store.Tx) error {
			n, err := store.Count(ctx, tx, `select count(*) from things_thing where id = 'row'`)
			if err == nil && n != 1 {
				err = errors.New("its own row is not there")
			}
			return err
		},
		"rows": func(tx *store.Tx) error {
			ids, err := store.Texts(ctx, tx, `select id from things_thing where id = 'rows'`)
			if err == nil && len(ids) != 1 {
				err = errors.New("its own row is not there")
			}
			return err
		},
		"swallowed": func(tx *store.Tx) error {
			if n, err := store.Count(ctx, tx, `select count(*) from things_thing where id = 'swallowed'`); err == nil && n == 1 {
				_, err = tx.Exec(ctx, thing, "seen", 900)
				return err
			}
			return nil
		},
		"update": func(tx *store.Tx) error {
			n, err := tx.Exec(ctx, `update things_sum set n = n + 1 where id = 'nobody'`)
			if err == nil && n != 0 {
				err = fmt.Errorf("%d rows", n)
			}
			return err
		},
		"conflict": func(tx *store.Tx) error {
			n, err := tx.Exec(ctx, thing+` on conflict do nothing`, "conflict", 901)
			if err == nil && n != 0 {
				err = fmt.Errorf("%d rows", n)
			}
			return err
		},
		"two": func(tx *store.Tx) error {
			n, err := tx.Exec(ctx, `insert into things_thing (id, n) values ($1, $2), ($3, $4)`, "two-b", 902, "two-c", 903)
			if err == nil && n != 2 {
				err = fmt.Errorf("%d rows", n)
			}
			return err
		},
	} {
		k := int(name[0])*1000 + len(name)
		if err := db.Append(ctx, func(tx *store.Tx) error {
			if n, err := tx.Exec(ctx, thing, name, k); err != nil || n != 1 {
				return fmt.Errorf("%d %w", n, err)
			}
			return more(tx)
		}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if n, err := store.Count(ctx, db, `select count(*) from things_thing where id = $1`, name); err != nil || n != 1 {
			t.Errorf("%s: %d %v", name, n, err)
		}
	}
	if n, _ := store.Count(ctx, db, `select count(*) from things_thing where id = 'seen'`); n != 1 {
		t.Error("a read whose fault was swallowed decided")
	}
}

// A write that gives up keeps nothing, and a type that does not fit is the engine's own fault.
func TestAppendGivesUp(t *testing.T) {
	db := storetest.Open(t, nil, things())
	mind := errors.New("changed my mind")
	if err := db.Append(ctx, func(tx *store.Tx) error {
		tx.Exec(ctx, thing, "a", 1)
		return mind
	}); err != mind {
		t.Error(err)
	}
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic did not come back")
			}
		}()
		db.Append(ctx, func(tx *store.Tx) error {
			tx.Exec(ctx, thing, "b", 2)
			panic("mistake")
		})
	}()
	if err := db.Append(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, `insert into things_nowhere (id) values ($1)`, "c")
		return err
	}); err == nil {
		t.Error("a table that is not there took a row")
	}
	if err := db.Append(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, thing, nil, 4)
		return err
	}); err == nil && db.Engine == store.Postgres {
		t.Error("a key that is nothing was taken")
	}
	if n, _ := store.Count(ctx, db, `select count(*) from things_thing where id is not null`); n != 0 {
		t.Errorf("%d rows", n)
	}
	if err := db.Append(ctx, func(tx *store.Tx) error { return nil }); err != nil {
		t.Error(err)
	}
}

// What is gathered may be kept after what was begun later; Settled does not go past it.
func TestSettledWaitsForAppends(t *testing.T) {
	db := storetest.Open(t, nil, things())
	before := db.Settled()
	var during, id string
	if err := db.Append(ctx, func(tx *store.Tx) error {
		id = tx.NewID()
		if err := db.Append(ctx, func(tx *store.Tx) error {
			_, err := tx.Exec(ctx, thing, tx.NewID(), 2)
			return err
		}); err != nil {
			return err
		}
		during = db.Settled()
		_, err := tx.Exec(ctx, thing, id, 1)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if after := db.Settled(); before >= id || during >= id || after <= id {
		t.Error(before, during, id, after)
	}
}
