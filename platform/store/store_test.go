package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/fstest"

	"cuobian/platform/store"
	"cuobian/platform/store/storetest"
)

var ctx = context.Background()

func things() store.Schema {
	return store.Schema{Room: "things", Floor: 2, FS: fstest.MapFS{"schema/00001_first.sql": {Data: []byte(
		`create table things_thing (id text primary key, n bigint not null, unique (n));
create table things_sum (id text primary key, n bigint not null);
insert into things_sum (id, n) values ('all', 0);`)}}}
}

func TestWritersShareCommitsAndLoseNothing(t *testing.T) {
	db := storetest.Open(t, nil, things())
	var wg sync.WaitGroup
	var kept sync.Map
	for i := range 200 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			err := db.Write(ctx, func(tx *store.Tx) error {
				id := tx.NewID()
				if _, err := tx.Exec(ctx, `insert into things_thing (id, n) values ($1, $2)`, id, i/2); err != nil {
					return err // every number comes twice: one of the two must be refused, alone
				}
				if _, err := tx.Exec(ctx, `update things_sum set n = n + 1 where id = 'all'`); err != nil {
					return err
				}
				if i%10 == 0 {
					return errors.New("changed my mind")
				}
				tx.After(func() { kept.Store(id, true) })
				return nil
			})
			if err != nil && !store.Unique(err) && err.Error() != "changed my mind" {
				t.Error(err)
			}
		}()
	}
	wg.Wait()
	n := 0
	kept.Range(func(id, _ any) bool {
		n++
		if c, err := store.Count(ctx, db, `select count(*) from things_thing where id = $1`, id); err != nil || c != 1 {
			t.Errorf("acknowledged and not there: %v %v", c, err)
		}
		return true
	})
	rows, _ := store.Count(ctx, db, `select count(*) from things_thing`)
	sum, _ := store.Count(ctx, db, `select n from things_sum`)
	if int(rows) != n || int(sum) != n || n < 90 {
		t.Fatalf("acknowledged %d, rows %d, sum %d", n, rows, sum)
	}
}

// Many that read all and write at once refuse one another; each gets through all the same.
func TestContendedWritersAllGetThrough(t *testing.T) {
	db := storetest.Open(t, nil, things())
	const writers, turns = 64, 40
	errs := make(chan error, writers)
	for w := range writers {
		go func() {
			for i := range turns {
				if err := db.Write(ctx, func(tx *store.Tx) error {
					n, err := store.Count(ctx, tx, `select count(*) from things_thing`)
					if err != nil {
						return err
					}
					_, err = tx.Exec(ctx, `insert into things_thing (id, n) values ($1, $2)`, fmt.Sprintf("%d-%d", w, i), n)
					return err
				}); err != nil {
					errs <- err
					return
				}
			}
			errs <- nil
		}()
	}
	for range writers {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	// Each saw all that came before it: no two saw the same number.
	rows, _ := store.Count(ctx, db, `select count(*) from things_thing`)
	seen, _ := store.Count(ctx, db, `select count(distinct n) from things_thing`)
	if rows != writers*turns || seen != rows {
		t.Errorf("%d rows that saw %d numbers, of %d", rows, seen, writers*turns)
	}
}

func TestPanicStaysWithItsWriter(t *testing.T) {
	db := storetest.Open(t, nil, things())
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic did not come back")
			}
		}()
		db.Write(ctx, func(tx *store.Tx) error {
			tx.Exec(ctx, `insert into things_thing (id, n) values ('p', 1)`)
			panic("mistake")
		})
	}()
	if err := db.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, `insert into things_thing (id, n) values ('q', 1)`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	ids, _ := store.Texts(ctx, db, `select id from things_thing`)
	if !slices.Equal(ids, []string{"q"}) {
		t.Fatal(ids)
	}
}

// A crash test alone would pass without syncing, so the settings are asserted too.
func TestAcknowledgedMeansSynced(t *testing.T) {
	db := storetest.Open(t, nil, things())
	var got string
	err := db.Write(ctx, func(tx *store.Tx) error {
		if db.Engine == store.Postgres {
			return tx.QueryRow(ctx, `show synchronous_commit`).Scan(&got)
		}
		var mode, fk string
		if err := tx.QueryRow(ctx, `pragma journal_mode`).Scan(&mode); err != nil {
			return err
		}
		if err := tx.QueryRow(ctx, `pragma foreign_keys`).Scan(&fk); err != nil {
			return err
		}
		if mode != "wal" || fk != "1" {
			return fmt.Errorf("journal %s, foreign keys %s", mode, fk)
		}
		return tx.QueryRow(ctx, `pragma synchronous`).Scan(&got)
	})
	want := map[store.Engine]string{store.SQLite: "2", store.Postgres: "on"}[db.Engine] // 2 is FULL
	if err != nil || got != want {
		t.Fatal(got, err)
	}
}

func TestIDsSortByTimeAndDiffer(t *testing.T) {
	db := storetest.Open(t, nil)
	var got []string
	for range 5000 {
		got = append(got, db.NewID())
	}
	if !slices.IsSorted(got) || len(slices.Compact(got)) != 5000 || len(got[0]) != 20 {
		t.Fatal("ids out of order or doubled", got[0], got[1])
	}
}

// Writes that run beside each other have moments of their own; each keeps the order of its own ids.
func TestIDsOfMixedMomentsKeepTheirOrder(t *testing.T) {
	late, early := storetest.Open(t, storetest.NewClock("2026-03-02T09:00:01+08:00")), storetest.Open(t, storetest.NewClock("2026-03-02T09:00:00+08:00"))
	var a, b []string
	for range 50 {
		a, b = append(a, early.NewID()), append(b, late.NewID())
	}
	if !slices.IsSorted(a) || !slices.IsSorted(b) {
		t.Fatal("ids of one millisecond out of order")
	}
}

func TestTextOrdersByBytesOnBothEngines(t *testing.T) {
	db := storetest.Open(t, nil, store.Schema{Room: "words", Floor: 1, FS: fstest.MapFS{"00001_w.sql": {Data: []byte(`create table words_w (w text primary key);`)}}})
	for _, w := range []string{"a", "B", "业", "/", "0", "丰"} {
		if err := db.Write(ctx, func(tx *store.Tx) error { _, err := tx.Exec(ctx, `insert into words_w (w) values ($1)`, w); return err }); err != nil {
			t.Fatal(err)
		}
	}
	got, err := store.Texts(ctx, db, `select w from words_w order by w`)
	if err != nil || !slices.IsSorted(got) {
		t.Fatal(got, err)
	}
}

func TestMigrateTwiceIsOnce(t *testing.T) {
	db := storetest.Open(t, nil, things())
	if err := db.Migrate(ctx, things()); err != nil {
		t.Fatal(err)
	}
}
