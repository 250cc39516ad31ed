// Package storetest opens real stores for tests: SQLite in a temporary folder, or, when
// CUOBIAN_TEST_DATABASE_URL names a PostgreSQL server, a schema of its own there.
package storetest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"cuobian/basis/day"
	"cuobian/platform/store"
)

// EnvURL names the PostgreSQL server that tests use; without it they use SQLite.
const EnvURL = "CUOBIAN_TEST_DATABASE_URL"

// Clock is a clock that tests move.
type Clock struct{ at atomic.Int64 }

// NewClock starts at a moment such as "2026-03-02T09:00:00+08:00".
func NewClock(at string) *Clock {
	t, err := time.Parse(time.RFC3339, at)
	if err != nil {
		panic(err)
	}
	c := &Clock{}
	c.at.Store(t.UnixMicro())
	return c
}

// Now tells the time; every telling is a microsecond later, so that records keep their order.
func (c *Clock) Now() day.Instant { return day.Instant(c.at.Add(1)) }

// Set moves the clock to a moment.
func (c *Clock) Set(at day.Instant) { c.at.Store(int64(at)) }

// Advance moves the clock on.
func (c *Clock) Advance(d time.Duration) { c.at.Add(d.Microseconds()) }

// Open opens an empty store with these schemas; it is closed and removed when the test ends.
func Open(t testing.TB, clock *Clock, schemas ...store.Schema) *store.DB {
	t.Helper()
	o := store.Options{Now: wall, Readers: 4}
	if clock != nil {
		o.Now = clock.Now
	}
	if url := os.Getenv(EnvURL); url != "" {
		o.URL = Schema(t, url)
		o.Readers = 8
	} else {
		o.Dir = t.TempDir()
	}
	db, err := store.Open(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if err := db.Migrate(context.Background(), schemas...); err != nil {
		t.Fatal(err)
	}
	return db
}

func wall() day.Instant { return day.Instant(time.Now().UnixMicro()) }

// Schema makes a PostgreSQL schema and gives the address that lands in it.
func Schema(t testing.TB, url string) string {
	db, err := sql.Open("pgx", url)
	if err != nil {
		t.Fatal(err)
	}
	name := "t_" + strings.ToLower(rand.Text()[:16])
	if _, err := db.Exec("create schema " + name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		db.Exec("drop schema " + name + " cascade")
		db.Close()
	})
	sep := "?"
	if strings.Contains(url, "?") {
		sep = "&"
	}
	return url + sep + "search_path=" + name
}
