package store_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"cuobian/platform/store"
	"cuobian/platform/store/storetest"
)

const firstScript = `create table kept_node (id text primary key, parent text references kept_node (id), name text not null, n bigint not null, good boolean not null, sealed bytea not null, note text, maybe bytea);
create table kept_leaf (id text primary key, node text not null references kept_node (id));
create table kept_word (word text primary key);
insert into kept_word (word) values ('from the script');
create view kept_v_node as select id, name from kept_node;`

// keptSchema has rows from its own script, keys that point forward in their own table, a table of one engine only, and one
// that each engine makes in its own way.
func keptSchema(scripts int) store.Schema {
	files := fstest.MapFS{
		"schema/00001_first.sql":           {Data: []byte(firstScript)},
		"schema/00002_search.sqlite.sql":   {Data: []byte(`create virtual table kept_search using fts5(words, content='', contentless_delete=1); create table kept_pair (a text not null, b text not null, primary key (a, b)) without rowid;`)},
		"schema/00002_search.postgres.sql": {Data: []byte(`alter table kept_node add column words tsvector not null default ''::tsvector; create table kept_pair (a text collate "C" not null, b text collate "C" not null, primary key (a, b));`)},
		"schema/00003_later.sql":           {Data: []byte(`alter table kept_leaf add column colour text not null default 'green';`)},
	}
	for name := range files {
		var n int
		fmt.Sscanf(name, "schema/%d_", &n)
		if n > scripts {
			delete(files, name)
		}
	}
	return store.Schema{Room: "kept", Floor: 2, FS: files}
}

func freshSQLite(t *testing.T, schemas ...store.Schema) *store.DB {
	t.Helper()
	db, err := store.Open(ctx, store.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if err := db.Migrate(ctx, schemas...); err != nil {
		t.Fatal(err)
	}
	return db
}

// engines gives a maker of stores per engine that this run has.
func engines() map[string]func(*testing.T, ...store.Schema) *store.DB {
	out := map[string]func(*testing.T, ...store.Schema) *store.DB{"sqlite": freshSQLite}
	if os.Getenv(storetest.EnvURL) != "" {
		out["postgres"] = func(t *testing.T, s ...store.Schema) *store.DB { return storetest.Open(t, nil, s...) }
	}
	return out
}

func plantRows(t *testing.T, db *store.DB, n int) {
	t.Helper()
	err := db.Write(ctx, func(tx *store.Tx) error {
		node := func(id string, parent any, name string, n int64, good bool, sealed []byte, note any, maybe any) error {
			_, err := tx.Exec(ctx, `insert into kept_node (id, parent, name, n, good, sealed, note, maybe) values ($1, $2, $3, $4, $5, $6, $7, $8)`, id, parent, name, n, good, sealed, note, maybe)
			return err
		}
		all := []error{
			node("z", nil, "根 \"quoted\" \\ <b>&\u2028\n", math.MaxInt64, true, []byte{0, 1, 255}, nil, nil),
			node("a", "z", "", math.MinInt64, false, []byte{}, "", []byte{}), // sorts before its parent
			node("m", "a", "😀 厝边", -1, true, []byte("plain"), "null", []byte("x")),
		}
		for i := range n {
			all = append(all, node(fmt.Sprintf("p%05d", i), "m", "name", int64(i), i%2 == 0, []byte(strings.Repeat("s", 40)), nil, nil))
		}
		_, err := tx.Exec(ctx, `insert into kept_leaf (id, node) values ('l', 'm')`)
		return errors.Join(append(all, err)...)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// dump reads a table as text, so that both engines can be compared.
func dump(t *testing.T, db *store.DB, query string) []string {
	t.Helper()
	rows, err := store.All(ctx, db, func(r *sql.Rows) (string, error) {
		var id, name string
		var parent, note sql.NullString
		var n int64
		var good bool
		var sealed, maybe []byte
		var isNull bool
		err := r.Scan(&id, &parent, &name, &n, &good, &sealed, &note, &maybe, &isNull)
		return fmt.Sprintf("%q %v %q %d %v %x %v %x %v", id, parent, name, n, good, sealed, note, maybe, isNull), err
	}, query)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

const allNodes = `select id, parent, name, n, good, sealed, note, maybe, maybe is null from kept_node order by id`

func TestBackupGoesToBothEngines(t *testing.T) {
	for from, makeFrom := range engines() {
		for to, makeTo := range engines() {
			t.Run(from+" to "+to, func(t *testing.T) {
				a := makeFrom(t, keptSchema(3), things())
				plantRows(t, a, 500)
				if err := a.Write(ctx, func(tx *store.Tx) error {
					_, err := tx.Exec(ctx, `insert into kept_pair (a, b) values ('林', 'm')`)
					return err
				}); err != nil {
					t.Fatal(err)
				}
				files, taken := t.TempDir(), filepath.Join(t.TempDir(), "files")
				for name, text := range map[string]string{"ab/cd/one": "1", "ab/ef/two": "2", "ab/cd/one.t": "a copy", "ab/cd/new-3": "being written"} {
					os.MkdirAll(filepath.Join(files, filepath.Dir(name)), 0o700)
					os.WriteFile(filepath.Join(files, name), []byte(text), 0o600)
				}
				var out bytes.Buffer
				list, err := a.Backup(ctx, &out, store.Keep{Schemas: []store.Schema{keptSchema(3), things()}, Files: files, Program: "test"})
				if err != nil {
					t.Fatal(err)
				}
				b := makeTo(t)
				var last int64
				got, err := b.Restore(ctx, bytes.NewReader(out.Bytes()), store.Keep{Schemas: []store.Schema{keptSchema(3), things()}, Files: taken, Step: func(n int64) { last = n }})
				if err != nil {
					t.Fatal(err)
				}
				if !reflect.DeepEqual(got, list) || last != 503+1+1+1+1 {
					t.Fatal(last, got.Tables)
				}
				if x, y := dump(t, a, allNodes), dump(t, b, allNodes); !slices.Equal(x, y) || len(x) != 503 {
					t.Fatalf("%d and %d rows\n%s\n%s", len(x), len(y), x[0], y[0])
				}
				if words, err := store.Texts(ctx, b, `select word from kept_word`); err != nil || !slices.Equal(words, []string{"from the script"}) {
					t.Fatal(words, err)
				}
				if pairs, err := store.Texts(ctx, b, `select a || b from kept_pair`); err != nil || !slices.Equal(pairs, []string{"林m"}) {
					t.Fatal(pairs, err)
				}
				var names []string
				filepath.WalkDir(taken, func(p string, e os.DirEntry, _ error) error {
					if !e.IsDir() {
						rel, _ := filepath.Rel(taken, p)
						names = append(names, filepath.ToSlash(rel))
					}
					return nil
				})
				if !slices.Equal(names, []string{"ab/cd/one", "ab/ef/two"}) {
					t.Fatal(names)
				}
				// The target works on: keys are checked again, and the script versions are known.
				err = b.Write(ctx, func(tx *store.Tx) error {
					_, err := tx.Exec(ctx, `insert into kept_leaf (id, node) values ('broken', 'nowhere')`)
					return err
				})
				if err == nil {
					t.Fatal("foreign keys stayed loose")
				}
				if err := b.Migrate(ctx, keptSchema(3), things()); err != nil {
					t.Fatal(err)
				}
				// It is not empty now.
				if _, err := b.Restore(ctx, bytes.NewReader(out.Bytes()), store.Keep{Schemas: []store.Schema{keptSchema(3), things()}, Files: t.TempDir()}); !errors.Is(err, store.ErrNotEmpty) {
					t.Fatal(err)
				}
				if _, err := makeTo(t).Restore(ctx, bytes.NewReader(out.Bytes()), store.Keep{Schemas: []store.Schema{keptSchema(3), things()}, Files: files}); !errors.Is(err, store.ErrNotEmpty) {
					t.Fatal(err)
				}
			})
		}
	}
}

func TestBackupOfAnOlderProgram(t *testing.T) {
	for to, makeTo := range engines() {
		a := freshSQLite(t, keptSchema(2))
		plantRows(t, a, 0)
		var out bytes.Buffer
		if _, err := a.Backup(ctx, &out, store.Keep{Schemas: []store.Schema{keptSchema(2)}}); err != nil {
			t.Fatal(err)
		}
		b := makeTo(t)
		if _, err := b.Restore(ctx, bytes.NewReader(out.Bytes()), store.Keep{Schemas: []store.Schema{keptSchema(3), things()}}); err != nil {
			t.Fatal(to, err)
		}
		if got, err := store.Texts(ctx, b, `select colour from kept_leaf`); err != nil || !slices.Equal(got, []string{"green"}) {
			t.Fatal(to, got, err)
		}
		// The other way round it is refused, by name.
		var newer bytes.Buffer
		if _, err := b.Backup(ctx, &newer, store.Keep{Schemas: []store.Schema{keptSchema(3), things()}}); err != nil {
			t.Fatal(err)
		}
		for _, known := range [][]store.Schema{{keptSchema(2), things()}, {keptSchema(3)}} {
			if _, err := makeTo(t).Restore(ctx, bytes.NewReader(newer.Bytes()), store.Keep{Schemas: known}); !errors.Is(err, store.ErrNewer) {
				t.Fatal(to, err)
			}
		}
	}
}

// repack changes one entry of an archive.
func repack(t *testing.T, archive []byte, change func(name string, body []byte) (string, []byte)) []byte {
	t.Helper()
	zip, err := gzip.NewReader(bytes.NewReader(archive))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	w, r := tar.NewWriter(z), tar.NewReader(zip)
	for {
		h, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(r)
		if name, body := change(h.Name, body); name != "" {
			w.WriteHeader(&tar.Header{Name: name, Size: int64(len(body)), Mode: 0o600})
			w.Write(body)
		}
	}
	w.Close()
	z.Close()
	return out.Bytes()
}

func TestDamagedBackupsAreRefusedBeforeAnythingIsWritten(t *testing.T) {
	a := freshSQLite(t, keptSchema(3))
	plantRows(t, a, 10)
	files := t.TempDir()
	os.WriteFile(filepath.Join(files, "one"), []byte("1"), 0o600)
	var out bytes.Buffer
	k := store.Keep{Schemas: []store.Schema{keptSchema(3)}, Files: files}
	if _, err := a.Backup(ctx, &out, k); err != nil {
		t.Fatal(err)
	}
	whole := out.Bytes()
	k.Files = ""
	b := freshSQLite(t)
	for name, c := range map[string]struct {
		raw  []byte
		want error
	}{
		"cut":     {whole[:len(whole)-200], store.ErrNotBackup},
		"nothing": {nil, store.ErrNotBackup},
		"text":    {[]byte("hello"), store.ErrNotBackup},
		"no list": {repack(t, whole, func(n string, b []byte) (string, []byte) { return strings.TrimPrefix(n, "list.json"), b }), store.ErrNotBackup},
		"changed": {repack(t, whole, func(n string, b []byte) (string, []byte) {
			return n, bytes.Replace(b, []byte("green"), []byte("grey!"), 1)
		}), store.ErrDamaged},
		"renamed": {repack(t, whole, func(n string, b []byte) (string, []byte) {
			return strings.Replace(n, "files/one", "files/../one", 1), b
		}), store.ErrDamaged},
		"missing": {repack(t, whole, func(n string, b []byte) (string, []byte) { return strings.TrimPrefix(n, "files/one"), b }), store.ErrDamaged},
	} {
		if _, err := b.Restore(ctx, bytes.NewReader(c.raw), k); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := b.Restore(ctx, bytes.NewReader(whole), k); err != nil {
		t.Fatal("the whole one into what is still empty:", err)
	}
}

// A restore that breaks off in the middle leaves nothing half filled, and can be started again.
func TestRestoreAgainAfterABreak(t *testing.T) {
	for engine, open := range engines() {
		a := freshSQLite(t, keptSchema(3))
		plantRows(t, a, 3000)
		var out bytes.Buffer
		k := store.Keep{Schemas: []store.Schema{keptSchema(3)}}
		if _, err := a.Backup(ctx, &out, k); err != nil {
			t.Fatal(err)
		}
		b := open(t)
		broken := k
		broken.Step = func(int64) { panic("the power went") }
		func() {
			defer func() { recover() }()
			b.Restore(ctx, bytes.NewReader(out.Bytes()), broken)
			t.Error("nothing broke")
		}()
		if n, err := store.Count(ctx, b, `select count(*) from kept_node`); err != nil || n != 0 {
			t.Fatal(engine, n, err)
		}
		if _, err := b.Restore(ctx, bytes.NewReader(out.Bytes()), k); err != nil {
			t.Fatal(engine, err)
		}
		if n, err := store.Count(ctx, b, `select count(*) from kept_node`); err != nil || n != 3003 {
			t.Fatal(engine, n, err)
		}
	}
}

// What is written while a backup runs is in it whole or not at all: a pair of rows never comes apart.
func TestBackupWhileOthersWrite(t *testing.T) {
	for engine, open := range engines() {
		a := open(t, keptSchema(3))
		plantRows(t, a, 2000)
		stop := make(chan bool)
		var wg sync.WaitGroup
		wg.Add(1)
		wrote := 0
		go func() {
			defer wg.Done()
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				id := fmt.Sprintf("w%05d", i)
				err := a.Write(ctx, func(tx *store.Tx) error {
					if _, err := tx.Exec(ctx, `insert into kept_word (word) values ($1)`, id); err != nil {
						return err
					}
					_, err := tx.Exec(ctx, `insert into kept_leaf (id, node) values ($1, 'm')`, id)
					return err
				})
				if err != nil {
					t.Error(err)
					return
				}
				wrote++
			}
		}()
		for range 3 {
			var out bytes.Buffer
			if _, err := a.Backup(ctx, &out, store.Keep{Schemas: []store.Schema{keptSchema(3)}}); err != nil {
				t.Fatal(engine, err)
			}
			b := freshSQLite(t)
			if _, err := b.Restore(ctx, bytes.NewReader(out.Bytes()), store.Keep{Schemas: []store.Schema{keptSchema(3)}}); err != nil {
				t.Fatal(engine, err)
			}
			words, _ := store.Count(ctx, b, `select count(*) from kept_word`)
			leaves, _ := store.Count(ctx, b, `select count(*) from kept_leaf`)
			if words != leaves || words == 0 {
				t.Fatal(engine, words, leaves)
			}
		}
		close(stop)
		wg.Wait()
		if wrote == 0 {
			t.Fatal("nobody wrote meanwhile")
		}
	}
}

func TestKeysApart(t *testing.T) {
	dir := t.TempDir()
	os.WriteFile(filepath.Join(dir, "0001.key"), []byte("one"), 0o600)
	os.WriteFile(filepath.Join(dir, "index.key"), []byte("two"), 0o600)
	os.WriteFile(filepath.Join(dir, "notes.txt"), []byte("not a key"), 0o600)
	var out bytes.Buffer
	if n, err := store.BackupKeys(&out, dir); n != 2 || err != nil {
		t.Fatal(n, err)
	}
	if n, err := store.RestoreKeys(ctx, bytes.NewReader(out.Bytes()), dir); n != 0 || !errors.Is(err, store.ErrNotEmpty) {
		t.Fatal(n, err)
	}
	to := filepath.Join(t.TempDir(), "keys")
	if n, err := store.RestoreKeys(ctx, bytes.NewReader(out.Bytes()), to); n != 2 || err != nil {
		t.Fatal(n, err)
	}
	if b, err := os.ReadFile(filepath.Join(to, "index.key")); err != nil || string(b) != "two" {
		t.Fatal(string(b), err)
	}
	if _, err := store.RestoreKeys(ctx, strings.NewReader("nonsense"), t.TempDir()); !errors.Is(err, store.ErrNotBackup) {
		t.Fatal(err)
	}
}
