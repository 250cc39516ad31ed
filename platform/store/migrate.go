package store

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing/fstest"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"
)

// Schema is one room's scripts: NNNNN_what.sql for both engines, NNNNN_what.sqlite.sql and NNNNN_what.postgres.sql
// where they truly differ. Floor orders the rooms, so that a foreign key finds the lower room's table.
type Schema struct {
	Room  string
	Floor int
	FS    fs.FS // the scripts at its root or in "schema"
}

var textColumn = regexp.MustCompile(`(?i)\btext\b`)

// Migrate brings every room's tables up to date. Each room has a version table of its own, `<room>_version`.
// On PostgreSQL text columns get collation "C", so that both engines order and range alike.
func (d *DB) Migrate(ctx context.Context, schemas ...Schema) error {
	schemas = slices.Clone(schemas)
	slices.SortStableFunc(schemas, func(a, b Schema) int { return a.Floor - b.Floor })
	db, dialect := d.r, goose.DialectPostgres
	if d.Engine == SQLite {
		dialect = goose.DialectSQLite3
		// The writer's only connection is held; scripts run on one of their own before work begins.
		var err error
		if db, err = d.openScripts(); err != nil {
			return err
		}
		defer db.Close()
	}
	for _, s := range schemas {
		scripts, err := d.scripts(s)
		if err != nil {
			return fmt.Errorf("schema of %s: %w", s.Room, err)
		}
		if len(scripts) == 0 {
			continue
		}
		st, err := database.NewStore(database.Dialect(dialect), s.Room+"_version")
		if err != nil {
			return err
		}
		p, err := goose.NewProvider("", db, scripts, goose.WithStore(st), goose.WithDisableGlobalRegistry(true))
		if err != nil {
			return fmt.Errorf("schema of %s: %w", s.Room, err)
		}
		if _, err := p.Up(ctx); err != nil {
			return fmt.Errorf("schema of %s: %w", s.Room, err)
		}
	}
	return nil
}

func (d *DB) scripts(s Schema) (fstest.MapFS, error) {
	root := s.FS
	if sub, err := fs.Sub(s.FS, "schema"); err == nil {
		if _, err := fs.Stat(s.FS, "schema"); err == nil {
			root = sub
		}
	}
	other := map[Engine]string{SQLite: ".postgres.sql", Postgres: ".sqlite.sql"}[d.Engine]
	out := fstest.MapFS{}
	names, err := fs.Glob(root, "*.sql")
	if err != nil {
		return nil, err
	}
	for _, n := range names {
		if strings.HasSuffix(n, other) {
			continue
		}
		b, err := fs.ReadFile(root, n)
		if err != nil {
			return nil, err
		}
		text := string(b)
		if !strings.Contains(text, "-- +goose Up") {
			text = "-- +goose Up\n" + text
		}
		if d.Engine == Postgres && !strings.HasSuffix(n, ".postgres.sql") {
			text = textColumn.ReplaceAllString(text, `text collate "C"`)
		}
		out[path.Base(n)] = &fstest.MapFile{Data: []byte(text)}
	}
	return out, nil
}

func (d *DB) openScripts() (*sql.DB, error) {
	db, err := sql.Open("sqlite", d.dsn()+"&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_txlock=immediate")
	if err == nil {
		db.SetMaxOpenConns(1)
	}
	return db, err
}
