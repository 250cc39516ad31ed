package store

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"cuobian/basis/day"
	"cuobian/basis/fault"
)

// A backup is one .tar.gz that either engine can take in: every table as lines of JSON, the files, and at its end a
// list of all with their hashes. Keys are not in it. What a room keeps for one engine alone (full-text tables) is left
// out and made again by the room.

// Keep says what goes along with the records.
type Keep struct {
	Schemas []Schema
	Files   string             // folder of the files (blob), "" when there is none
	Program string             // version of the program, for the list
	Step    func(n int64)      // told the rows and files done so far, may be nil
	known   map[string]*Listed // of the list, when taking in
}

// List is what stands in a backup.
type List struct {
	Format  int              `json:"format"`
	Program string           `json:"program"`
	Engine  Engine           `json:"engine"`
	At      day.Instant      `json:"at"`
	Schemas map[string]int64 `json:"schemas"` // last script of each room
	Tables  []Table          `json:"tables"`
	Entries []Listed         `json:"entries"`
}

// Table is one table of a backup.
type Table struct {
	Name    string      `json:"name"`
	Columns [][2]string `json:"columns"` // name and type: text, bigint, boolean, bytea
	Rows    int64       `json:"rows"`
}

// Listed is one entry of the archive and what it must be.
type Listed struct {
	Name string `json:"name"`
	Size int64  `json:"size"`
	Hash string `json:"sha256"`
}

const (
	listFormat = 1
	listName   = "list.json"
	partSize   = 4 << 20 // bytes of rows in one entry, about
)

// Faults of taking a backup in.
var (
	ErrNotBackup = fault.New(fault.Invalid, "store.not_backup", "这不是完整的备份文件：末尾的清单缺失或无法识别", "this is not a whole backup: the list at its end is missing or cannot be read")
	ErrDamaged   = fault.New(fault.Invalid, "store.backup_damaged", "备份已损坏：{entry} 与清单不符", "the backup is damaged: {entry} is not what the list says")
	ErrNewer     = fault.New(fault.Conflict, "store.backup_newer", "备份来自更新的程序版本（{room}）：请用同版本或更新的程序恢复", "the backup was made by a newer program ({room}): restore it with that version or a later one")
	ErrNotEmpty  = fault.New(fault.Conflict, "store.not_empty", "目标不是空的（{what}）：恢复只能写入空的数据库和文件夹", "the target is not empty ({what}): a backup is restored into an empty database and folder only")
	ErrOther     = fault.New(fault.Conflict, "store.backup_other", "备份与程序的表结构不同：{table}", "the backup's tables are not the program's: {table}")
)

// Backup writes everything as it is at one moment to w, while others read and write. Tables come from one snapshot;
// files are never changed once written, and one that was removed meanwhile is left out.
func (d *DB) Backup(ctx context.Context, w io.Writer, k Keep) (*List, error) {
	zip, err := gzip.NewWriterLevel(w, gzip.BestSpeed)
	if err != nil {
		return nil, err
	}
	out := &packer{tar: tar.NewWriter(zip), at: d.now().Time(), step: k.Step}
	list := &List{Format: listFormat, Program: k.Program, Engine: d.Engine, At: d.now(), Schemas: map[string]int64{}, Tables: []Table{}}
	err = d.View(ctx, func(q Queryer) error {
		for _, s := range k.Schemas {
			n, err := d.version(ctx, q, s.Room)
			if err != nil {
				return err
			}
			list.Schemas[s.Room] = n
		}
		tables, err := d.tables(ctx, q, k.Schemas)
		if err != nil {
			return err
		}
		for _, t := range tables {
			if err := out.table(ctx, q, &t); err != nil {
				return fmt.Errorf("table %s: %w", t.Name, err)
			}
			list.Tables = append(list.Tables, t)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if k.Files != "" {
		if err := out.folder(ctx, k.Files); err != nil {
			return nil, err
		}
	}
	list.Entries = out.entries
	text, err := json.Marshal(list)
	if err != nil {
		return nil, err
	}
	if err := out.entry(listName, text); err != nil {
		return nil, err
	}
	if err := out.tar.Close(); err != nil {
		return nil, err
	}
	return list, zip.Close()
}

type packer struct {
	tar     *tar.Writer
	at      time.Time
	entries []Listed
	step    func(int64)
	done    int64
}

func (p *packer) count(n int64) {
	if p.done += n; p.step != nil {
		p.step(p.done)
	}
}

func (p *packer) entry(name string, content []byte) error {
	if err := p.tar.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: int64(len(content)), ModTime: p.at, Format: tar.FormatPAX}); err != nil {
		return err
	}
	sum := sha256.Sum256(content)
	p.entries = append(p.entries, Listed{name, int64(len(content)), hex.EncodeToString(sum[:])})
	_, err := p.tar.Write(content)
	return err
}

func (p *packer) table(ctx context.Context, q Queryer, t *Table) error {
	names := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		names[i] = quote(c[0])
	}
	rows, err := q.Query(ctx, `select `+strings.Join(names, ", ")+` from `+quote(t.Name))
	if err != nil {
		return err
	}
	defer rows.Close()
	var part bytes.Buffer
	n, since := 0, int64(0)
	flush := func() error {
		n++
		p.count(since)
		since = 0
		err := p.entry(fmt.Sprintf("tables/%s/%06d.jsonl", t.Name, n), part.Bytes())
		part.Reset()
		return err
	}
	values, into := make([]any, len(names)), make([]any, len(names))
	for i := range values {
		into[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		for i, v := range values {
			if values[i], err = plain(v, t.Columns[i][1]); err != nil {
				return fmt.Errorf("column %s: %w", t.Columns[i][0], err)
			}
		}
		line, err := json.Marshal(values)
		if err != nil {
			return err
		}
		part.Write(line)
		part.WriteByte('\n')
		t.Rows++
		since++
		if part.Len() >= partSize {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	if part.Len() > 0 {
		return flush()
	}
	return nil
}

// plain is a column's value as JSON: text, whole number, true or false, base64, null.
func plain(v any, kind string) (any, error) {
	switch x := v.(type) {
	case nil:
		return nil, nil
	case string:
		switch kind {
		case "text":
			if !utf8.ValidString(x) {
				return nil, errors.New("holds a text that is not UTF-8")
			}
			return x, nil
		case "bytea":
			return []byte(x), nil
		}
	case []byte:
		switch kind {
		case "bytea":
			if x == nil {
				x = []byte{}
			}
			return x, nil
		case "text":
			return plain(string(x), kind)
		}
	case int64:
		switch kind {
		case "bigint":
			return x, nil
		case "boolean":
			return x != 0, nil
		}
	case bool:
		if kind == "boolean" {
			return x, nil
		}
	}
	return nil, fmt.Errorf("holds a %T where %s is meant", v, kind)
}

// folder packs the finished files below dir; copies that can be made again (with a dot in their name) and what is
// being written are left out.
func (p *packer) folder(ctx context.Context, dir string) error {
	err := filepath.WalkDir(dir, func(name string, e fs.DirEntry, err error) error {
		if err != nil || ctx.Err() != nil {
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			return errors.Join(err, ctx.Err())
		}
		if !e.Type().IsRegular() || strings.ContainsAny(e.Name(), ".-") {
			return nil
		}
		content, err := os.ReadFile(name)
		if errors.Is(err, fs.ErrNotExist) {
			return nil // its time was over just now
		}
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, name)
		if err != nil {
			return err
		}
		p.count(1)
		return p.entry("files/"+filepath.ToSlash(rel), content)
	})
	return err
}

// Restore takes a backup in. The store must be empty (opened, not migrated) and so must the folder for files. Every
// hash is checked before anything is written; then the tables are made as they were, filled in one transaction, and
// brought up to date. A restore that broke off can be started again.
func (d *DB) Restore(ctx context.Context, backup io.ReadSeeker, k Keep) (*List, error) {
	list, err := Check(ctx, backup)
	if err != nil {
		return nil, err
	}
	k.known = map[string]*Listed{}
	for i, e := range list.Entries {
		k.known[e.Name] = &list.Entries[i]
	}
	if err := d.mayRestore(ctx, k, list); err != nil {
		return nil, err
	}
	old, err := upTo(k.Schemas, list.Schemas)
	if err != nil {
		return nil, err
	}
	if err := d.Migrate(ctx, old...); err != nil {
		return nil, err
	}
	if k.Files != "" {
		// Files before rows: a row always has its file.
		if err := takeFiles(ctx, backup, k); err != nil {
			return nil, err
		}
	}
	if err := d.Write(ctx, func(tx *Tx) error { return d.fill(ctx, tx, backup, list, k) }); err != nil {
		return nil, err
	}
	return list, d.Migrate(ctx, k.Schemas...)
}

// Check reads a whole backup and compares every entry with the list.
func Check(ctx context.Context, backup io.ReadSeeker) (*List, error) {
	var list *List
	found := map[string]Listed{}
	err := entries(ctx, backup, func(name string, size int64, r io.Reader) error {
		if list != nil {
			return ErrDamaged.Fill("entry", name) // nothing stands after the list
		}
		if name == listName {
			return json.NewDecoder(r).Decode(&list)
		}
		h := sha256.New()
		n, err := io.Copy(h, r)
		if _, twice := found[name]; twice {
			return ErrDamaged.Fill("entry", name)
		}
		found[name] = Listed{name, n, hex.EncodeToString(h.Sum(nil))}
		return err
	})
	switch {
	case fault.IsKind(err, fault.Invalid):
		return nil, err
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil || list == nil || list.Format != listFormat:
		return nil, ErrNotBackup.Because(err)
	}
	for _, e := range list.Entries {
		if found[e.Name] != e {
			return nil, ErrDamaged.Fill("entry", e.Name)
		}
		delete(found, e.Name)
	}
	for name := range found {
		return nil, ErrDamaged.Fill("entry", name)
	}
	return list, nil
}

func entries(ctx context.Context, backup io.ReadSeeker, fn func(name string, size int64, r io.Reader) error) error {
	if _, err := backup.Seek(0, io.SeekStart); err != nil {
		return err
	}
	zip, err := gzip.NewReader(bufio.NewReaderSize(backup, 1<<20))
	if err != nil {
		return err
	}
	defer zip.Close()
	t := tar.NewReader(zip)
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		h, err := t.Next()
		if err == io.EOF {
			_, err = io.Copy(io.Discard, zip) // so that the checksum of the archive is read too
			return err
		}
		if err != nil {
			return err
		}
		if err := fn(h.Name, h.Size, t); err != nil {
			return err
		}
	}
}

// restoring is a table that stands in a target while it is being filled, so that a broken restore can be repeated.
const restoring = "store_restoring"

func (d *DB) mayRestore(ctx context.Context, k Keep, list *List) error {
	for room, n := range list.Schemas {
		i := slices.IndexFunc(k.Schemas, func(s Schema) bool { return s.Room == room })
		if i < 0 {
			return ErrNewer.Fill("room", room)
		}
		last, err := lastScript(k.Schemas[i])
		if err != nil {
			return err
		}
		if n > last {
			return ErrNewer.Fill("room", fmt.Sprintf("%s %d > %d", room, n, last))
		}
	}
	names, err := d.names(ctx, d)
	if err != nil {
		return err
	}
	again := slices.Contains(names, restoring)
	if len(names) > 0 && !again {
		return ErrNotEmpty.Fill("what", fmt.Sprintf("%d tables", len(names)))
	}
	if k.Files != "" && !again {
		some := errors.New("some")
		err := filepath.WalkDir(k.Files, func(_ string, e fs.DirEntry, err error) error {
			if err == nil && !e.IsDir() {
				return some
			}
			return err
		})
		if err == some {
			return ErrNotEmpty.Fill("what", k.Files)
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if again {
		return nil
	}
	return d.Write(ctx, func(tx *Tx) error {
		_, err := tx.Exec(ctx, `create table `+restoring+` (at bigint not null)`)
		return err
	})
}

func takeFiles(ctx context.Context, backup io.ReadSeeker, k Keep) error {
	dirs := map[string]bool{k.Files: true}
	err := entries(ctx, backup, func(name string, _ int64, r io.Reader) error {
		rel, ok := strings.CutPrefix(name, "files/")
		if !ok {
			return nil
		}
		if !filepath.IsLocal(filepath.FromSlash(rel)) || k.known[name] == nil {
			return ErrDamaged.Fill("entry", name)
		}
		to := filepath.Join(k.Files, filepath.FromSlash(rel))
		if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
			return err
		}
		for dir := filepath.Dir(to); len(dir) >= len(k.Files); dir = filepath.Dir(dir) {
			dirs[dir] = true
		}
		f, err := os.OpenFile(to, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
		if err != nil {
			return err
		}
		_, err = io.Copy(f, r)
		if err == nil {
			err = f.Sync()
		}
		return errors.Join(err, f.Close())
	})
	if err != nil {
		return err
	}
	if err := os.MkdirAll(k.Files, 0o700); err != nil {
		return err
	}
	for dir := range dirs {
		f, err := os.Open(dir)
		if err != nil {
			return err
		}
		if err := errors.Join(f.Sync(), f.Close()); err != nil {
			return err
		}
	}
	return nil
}

// fill puts all rows in. Foreign keys are looked at when all are there.
func (d *DB) fill(ctx context.Context, tx *Tx, backup io.ReadSeeker, list *List, k Keep) error {
	have, err := d.tables(ctx, tx, k.Schemas)
	if err != nil {
		return err
	}
	mine := map[string]Table{}
	for _, t := range have {
		mine[t.Name] = t
	}
	tables := map[string]Table{}
	for _, t := range list.Tables {
		m := mine[t.Name]
		if len(m.Columns) != len(t.Columns) {
			return ErrOther.Fill("table", t.Name)
		}
		for _, c := range t.Columns {
			if !slices.Contains(m.Columns, c) {
				return ErrOther.Fill("table", t.Name+"."+c[0])
			}
		}
		tables[t.Name] = t
	}
	tight, err := d.looseKeys(ctx, tx)
	if err != nil {
		return err
	}
	for _, t := range have { // what schema scripts put in
		if _, err := tx.Exec(ctx, `delete from `+quote(t.Name)); err != nil {
			return err
		}
	}
	done := map[string]int64{}
	var sum int64
	err = entries(ctx, backup, func(name string, _ int64, r io.Reader) error {
		rel, ok := strings.CutPrefix(name, "tables/")
		if !ok {
			return nil
		}
		t, ok := tables[path.Dir(rel)]
		if !ok {
			return ErrOther.Fill("table", rel)
		}
		n, err := putRows(ctx, tx, t, r)
		if err != nil {
			return fmt.Errorf("table %s: %w", t.Name, err)
		}
		done[t.Name] += n
		if sum += n; k.Step != nil {
			k.Step(sum)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, t := range list.Tables {
		if done[t.Name] != t.Rows {
			return ErrDamaged.Fill("entry", "tables/"+t.Name)
		}
	}
	if err := tight(); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `drop table `+restoring)
	return err
}

func putRows(ctx context.Context, tx *Tx, t Table, r io.Reader) (n int64, err error) {
	names := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		names[i] = quote(c[0])
	}
	head := `insert into ` + quote(t.Name) + ` (` + strings.Join(names, ", ") + `) values`
	dec := json.NewDecoder(bufio.NewReaderSize(r, 1<<16))
	dec.UseNumber()
	var batch [][]any
	flush := func() error {
		got, err := Fill(ctx, tx, head, "", batch)
		n += got
		batch = batch[:0]
		return err
	}
	for {
		var row []any
		if err := dec.Decode(&row); err == io.EOF {
			return n, flush()
		} else if err != nil {
			return n, err
		}
		if len(row) != len(t.Columns) {
			return n, errors.New("a row of another width")
		}
		for i, v := range row {
			if row[i], err = stored(v, t.Columns[i][1]); err != nil {
				return n, fmt.Errorf("column %s: %w", t.Columns[i][0], err)
			}
		}
		if batch = append(batch, row); len(batch) == 200 {
			if err := flush(); err != nil {
				return n, err
			}
		}
	}
}

func stored(v any, kind string) (any, error) {
	switch x := v.(type) {
	case nil:
		return nil, nil
	case string:
		switch kind {
		case "text":
			return x, nil
		case "bytea":
			return base64.StdEncoding.DecodeString(x)
		}
	case json.Number:
		if kind == "bigint" {
			return x.Int64()
		}
	case bool:
		if kind == "boolean" {
			return x, nil
		}
	}
	return nil, fmt.Errorf("a %T is no %s", v, kind)
}

// looseKeys puts the checks of foreign keys off to the end; tight makes them and puts them back.
func (d *DB) looseKeys(ctx context.Context, tx *Tx) (tight func() error, err error) {
	if d.Engine == SQLite {
		_, err := tx.Exec(ctx, `pragma defer_foreign_keys = on`) // until the commit
		return func() error {
			broken, err := All(ctx, tx, func(r *sql.Rows) (s string, err error) {
				var rowid, id any
				var parent string
				err = r.Scan(&s, &rowid, &parent, &id)
				return s + " → " + parent, err
			}, `pragma foreign_key_check`)
			if err == nil && len(broken) > 0 {
				err = ErrOther.Fill("table", broken[0])
			}
			return err
		}, err
	}
	keys, err := All(ctx, tx, func(r *sql.Rows) (k [2]string, err error) { err = r.Scan(&k[0], &k[1]); return },
		`select c.relname, k.conname from pg_constraint k join pg_class c on c.oid = k.conrelid
where k.contype = 'f' and not k.condeferrable and k.connamespace = current_schema()::regnamespace order by 1, 2`)
	if err != nil {
		return nil, err
	}
	for _, k := range keys {
		if _, err := tx.Exec(ctx, `alter table `+quote(k[0])+` alter constraint `+quote(k[1])+` deferrable initially deferred`); err != nil {
			return nil, err
		}
	}
	return func() error {
		if _, err := tx.Exec(ctx, `set constraints all immediate`); err != nil {
			return err
		}
		for _, k := range keys {
			if _, err := tx.Exec(ctx, `alter table `+quote(k[0])+` alter constraint `+quote(k[1])+` not deferrable`); err != nil {
				return err
			}
		}
		return nil
	}, nil
}

func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// names lists the tables of the store.
func (d *DB) names(ctx context.Context, q Queryer) ([]string, error) {
	if d.Engine == SQLite {
		return Texts(ctx, q, `select name from sqlite_schema where type = 'table' and name not like 'sqlite\_%' escape '\' order by name`)
	}
	return Texts(ctx, q, `select c.relname::text from pg_class c where c.relkind in ('r', 'p') and c.relnamespace = current_schema()::regnamespace order by 1`)
}

var makesTable = regexp.MustCompile(`(?i)\bcreate\s+(?:virtual\s+|unlogged\s+)?table\s+(?:if\s+not\s+exists\s+)?"?(\w+)`)

// tables lists what a backup holds: the tables that stand on both engines, with their columns of the four types.
func (d *DB) tables(ctx context.Context, q Queryer, schemas []Schema) ([]Table, error) {
	names, err := d.names(ctx, q)
	if err != nil {
		return nil, err
	}
	skip := map[string]bool{restoring: true}
	made := map[string][2]bool{} // by scripts of one engine: SQLite, PostgreSQL
	for _, s := range schemas {
		skip[s.Room+"_version"] = true
		root, files, err := scriptFiles(s)
		if err != nil {
			return nil, err
		}
		for _, f := range files {
			engine := 0
			if strings.HasSuffix(f, ".postgres.sql") {
				engine = 1
			} else if !strings.HasSuffix(f, ".sqlite.sql") {
				continue
			}
			text, err := fs.ReadFile(root, f)
			if err != nil {
				return nil, err
			}
			for _, m := range makesTable.FindAllStringSubmatch(string(text), -1) {
				on := made[strings.ToLower(m[1])]
				on[engine] = true
				made[strings.ToLower(m[1])] = on
			}
		}
	}
	// A table that each engine makes in its own way stands on both; one that a single engine makes is worked out again.
	var alone []string
	for n, on := range made {
		if !on[0] || !on[1] {
			alone = append(alone, n)
		}
	}
	var out []Table
	for _, n := range names {
		if skip[n] || slices.ContainsFunc(alone, func(a string) bool { return n == a || strings.HasPrefix(n, a+"_") }) {
			continue
		}
		t := Table{Name: n}
		query := `select name, lower(type) from pragma_table_info($1) order by cid`
		if d.Engine == Postgres {
			query = `select a.attname::text, format_type(a.atttypid, null) from pg_attribute a join pg_class c on c.oid = a.attrelid
where c.relname = $1 and c.relnamespace = current_schema()::regnamespace and a.attnum > 0 and not a.attisdropped order by a.attnum`
		}
		columns, err := All(ctx, q, func(r *sql.Rows) (c [2]string, err error) { err = r.Scan(&c[0], &c[1]); return }, query, n)
		if err != nil {
			return nil, err
		}
		for _, c := range columns {
			switch c[1] {
			case "text", "bigint", "boolean", "bytea":
				t.Columns = append(t.Columns, c)
			}
		}
		out = append(out, t)
	}
	return out, nil
}

func (d *DB) version(ctx context.Context, q Queryer, room string) (int64, error) {
	names, err := d.names(ctx, q)
	if err != nil || !slices.Contains(names, room+"_version") {
		return 0, err
	}
	return Count(ctx, q, `select coalesce(max(version_id), 0) from `+quote(room+"_version")+` where is_applied`)
}

func scriptFiles(s Schema) (fs.FS, []string, error) {
	root := s.FS
	if _, err := fs.Stat(s.FS, "schema"); err == nil {
		if root, err = fs.Sub(s.FS, "schema"); err != nil {
			return nil, nil, err
		}
	}
	names, err := fs.Glob(root, "*.sql")
	return root, names, err
}

func number(file string) (n int64) {
	fmt.Sscanf(file, "%d_", &n)
	return n
}

func lastScript(s Schema) (last int64, err error) {
	_, files, err := scriptFiles(s)
	for _, f := range files {
		last = max(last, number(f))
	}
	return last, err
}

// upTo are the schemas with the scripts that a backup had.
func upTo(schemas []Schema, versions map[string]int64) ([]Schema, error) {
	var out []Schema
	for _, s := range schemas {
		root, files, err := scriptFiles(s)
		if err != nil {
			return nil, err
		}
		some := only{root, map[string]bool{}}
		for _, f := range files {
			if number(f) <= versions[s.Room] {
				some.names[f] = true
			}
		}
		if len(some.names) > 0 {
			out = append(out, Schema{Room: s.Room, Floor: s.Floor, FS: some})
		}
	}
	return out, nil
}

// only is a folder of which some files are seen.
type only struct {
	fs.FS
	names map[string]bool
}

func (o only) Open(name string) (fs.File, error) {
	if name != "." && !o.names[name] {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return o.FS.Open(name)
}

// ReadDir lists the files that are seen.
func (o only) ReadDir(name string) ([]fs.DirEntry, error) {
	all, err := fs.ReadDir(o.FS, name)
	return slices.DeleteFunc(all, func(e fs.DirEntry) bool { return !o.names[e.Name()] }), err
}
