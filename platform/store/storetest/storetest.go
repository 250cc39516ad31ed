// Package storetest opens real stores for tests: SQLite in a temporary folder, or, when
// CUOBIAN_TEST_DATABASE_URL names a PostgreSQL server, a database of its own there.
package storetest

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
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

// Open opens a store with these schemas and no rows; it is closed and removed when the test ends.
func Open(t testing.TB, clock *Clock, schemas ...store.Schema) *store.DB {
	t.Helper()
	o := store.Options{Now: wall, Readers: 4, Dir: t.TempDir()}
	if clock != nil {
		o.Now = clock.Now
	}
	if o.URL = Prepare(t, o.Dir, schemas...); o.URL != "" {
		o.Dir, o.Readers = "", 8
	}
	db, err := store.Open(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func wall() day.Instant { return day.Instant(time.Now().UnixMicro()) }

// Prepare lays a database with these schemas and no rows: on PostgreSQL one of its own, whose address it gives; else
// a file of SQLite in dir, and the address is "". The scripts run once; every further test gets a copy.
func Prepare(t testing.TB, dir string, schemas ...store.Schema) string {
	t.Helper()
	var address string
	var err error
	if at := os.Getenv(EnvURL); at != "" {
		address, err = copyDatabase(t, at, schemas)
	} else {
		err = copyFile(dir, schemas)
	}
	if err != nil {
		t.Fatal(err)
	}
	return address
}

// migrate runs the scripts in an empty database.
func migrate(o store.Options, schemas []store.Schema) error {
	db, err := store.Open(context.Background(), o)
	if err != nil {
		return err
	}
	return errors.Join(db.Migrate(context.Background(), schemas...), db.Close())
}

// mark tells sets of scripts apart.
func mark(schemas []store.Schema) (string, error) {
	h := sha256.New()
	for _, s := range schemas {
		fmt.Fprintf(h, "%s %d\n", s.Room, s.Floor)
		err := fs.WalkDir(s.FS, ".", func(name string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() {
				return err
			}
			b, err := fs.ReadFile(s.FS, name)
			fmt.Fprintf(h, "%s %d\n%s", name, len(b), b)
			return err
		})
		if err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(h.Sum(nil)[:10]), nil
}

var files struct {
	sync.Mutex
	of map[string]map[string][]byte // mark → file name → bytes
}

func copyFile(dir string, schemas []store.Schema) error {
	if len(schemas) == 0 {
		return nil
	}
	m, err := mark(schemas)
	if err != nil {
		return err
	}
	files.Lock()
	defer files.Unlock()
	made, ok := files.of[m]
	if !ok {
		first, err := os.MkdirTemp("", "cuobian-tables")
		if err != nil {
			return err
		}
		defer os.RemoveAll(first)
		if err := migrate(store.Options{Now: wall, Dir: first}, schemas); err != nil {
			return err
		}
		if made, err = contents(first); err != nil {
			return err
		}
		if files.of == nil {
			files.of = map[string]map[string][]byte{}
		}
		files.of[m] = made
	}
	for name, b := range made {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			return err
		}
	}
	return nil
}

func contents(dir string) (map[string][]byte, error) {
	out := map[string][]byte{}
	es, err := os.ReadDir(dir)
	for _, e := range es {
		if out[e.Name()], err = os.ReadFile(filepath.Join(dir, e.Name())); err != nil {
			return nil, err
		}
	}
	return out, err
}

func copyDatabase(t testing.TB, at string, schemas []store.Schema) (string, error) {
	m, err := mark(schemas)
	if err != nil {
		return "", err
	}
	db, err := sql.Open("pgx", at)
	if err != nil {
		return "", err
	}
	ctx := context.Background()
	conn, err := db.Conn(ctx) // the lock belongs to the connection
	if err != nil {
		return "", errors.Join(err, db.Close())
	}
	first := "tables_" + m
	name := "t_" + strings.ToLower(rand.Text()[:16])
	err = func() error {
		defer conn.Close()
		if _, err := conn.ExecContext(ctx, `select pg_advisory_lock(hashtext($1))`, first); err != nil {
			return err
		}
		defer conn.ExecContext(ctx, `select pg_advisory_unlock(hashtext($1))`, first)
		var ready bool
		if err := conn.QueryRowContext(ctx, `select exists (select 1 from pg_database where datname = $1)`, first).Scan(&ready); err != nil {
			return err
		}
		if !ready {
			half := first + "_half" // what a killed test left
			if _, err := conn.ExecContext(ctx, `drop database if exists `+half+` with (force)`); err != nil {
				return err
			}
			if _, err := conn.ExecContext(ctx, `create database `+half+` template template0`); err != nil {
				return err
			}
			if err := migrate(store.Options{Now: wall, URL: within(at, half)}, schemas); err != nil {
				return err
			}
			if _, err := conn.ExecContext(ctx, `alter database `+half+` rename to `+first); err != nil {
				return err
			}
		}
		_, err := conn.ExecContext(ctx, `create database `+name+` template `+first)
		return err
	}()
	t.Cleanup(func() {
		db.Exec("drop database if exists " + name + " with (force)")
		db.Close()
	})
	return within(at, name), err
}

// within is the same server's address with another database.
func within(at, database string) string {
	u, err := url.Parse(at)
	if err != nil {
		panic(err)
	}
	u.Path = "/" + database
	return u.String()
}
