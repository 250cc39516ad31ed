package cases

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"cuobian/platform/store"
)

// On SQLite the full-text table is written in bulk by Index, not by each intake: FTS5 writes a segment of its own for
// every savepoint. What is newer than the last matter indexed is read from the matters themselves.

// batch is how many matters one write of Index takes.
const batch = 500

// fresh is how many of the newest matters a search reads itself, before Index comes to them.
const fresh = 2000

// Index brings the full-text table up to the newest matter; it says how many it took in. A timer calls it every
// second; on PostgreSQL there is nothing to do.
func (d *Desk) Index(ctx context.Context) (int, error) {
	if d.db.Engine == store.Postgres {
		return 0, nil
	}
	sum := 0
	for {
		n := 0
		last, err := indexedTo(ctx, d.db)
		if err != nil {
			return sum, err
		}
		some, err := store.Count(ctx, d.db, `select count(*) from (select 1 from cases_case where doc > $1 limit 1)`, last)
		if err != nil || some == 0 {
			return sum, err
		}
		err = d.db.Write(ctx, func(tx *store.Tx) error {
			n = 0
			last, err := indexedTo(ctx, tx)
			if err != nil {
				return err
			}
			// A matter that is being taken in may be kept after one of a greater number: Index does not go past it.
			rows, err := store.All(ctx, tx, scanWords, `select `+wordColumns+` from cases_case where doc > $1 and doc < $2 order by doc limit $3`, last, docOf(d.db.Settled()), batch)
			if err != nil || len(rows) == 0 {
				return err
			}
			for _, c := range rows {
				if _, err := tx.Exec(ctx, `insert into cases_search (rowid, tokens) values ($1, $2)`, c.Doc, strings.Join(c.tokens(), " ")); err != nil {
					return err
				}
			}
			n = len(rows)
			_, err = tx.Exec(ctx, `update cases_indexed set doc = $1`, rows[n-1].Doc)
			return err
		})
		if err != nil {
			return sum, err
		}
		sum += n
		if n < batch {
			return sum, nil
		}
	}
}

// wordColumns are what tokens asks for.
const wordColumns = `doc, number, street, community, compound, compound_name, place_text, category, words`

func scanWords(r *sql.Rows) (c row, err error) {
	err = r.Scan(&c.Doc, &c.Number, &c.Street, &c.Community, &c.Compound, &c.CompoundName, &c.PlaceText, &c.Category, &c.Words)
	return c, err
}

func indexedTo(ctx context.Context, q store.Queryer) (int64, error) {
	return store.Count(ctx, q, `select doc from cases_indexed`)
}

// match writes the query of the full-text table: all tokens, and the place of the branch where it has one.
func match(want []string) string {
	q := make([]string, len(want))
	for i, t := range want {
		q[i] = `"` + t + `"`
	}
	return strings.Join(q, " AND ")
}

// hits joins from the full-text table, newest first; "cross" keeps SQLite from beginning with the
// matters, "indexed by" from looking each hit up in its whole district.
func (d *Desk) hits(ctx context.Context, q store.Queryer, b branch, want []string, what string, n int) (string, []any, error) {
	if place, ok := placeOf(b); ok {
		want = append([]string{place}, want...)
	}
	cond, args := b.sql(nil, nil)
	args = append(args, match(want), n)
	return `select ` + what + ` from cases_search cross join cases_case indexed by cases_case_doc on cases_case.doc = cases_search.rowid where ` + cond +
		fmt.Sprintf(` and cases_search match $%d order by cases_search.rowid desc limit $%d`, len(args)-1, len(args)), args, nil
}

func (d *Desk) newest(ctx context.Context, q store.Queryer, b branch, want []string) ([]row, error) {
	last, err := indexedTo(ctx, q)
	if err != nil {
		return nil, err
	}
	// The newest first, then the conditions: otherwise SQLite would collect the whole place and sort it.
	cond, args := b.sql(nil, nil)
	args = append(args, last, fresh)
	rows, err := store.All(ctx, q, scanRows, `select `+caseColumns+fmt.Sprintf(` from (select * from cases_case where doc > $%d order by doc desc limit $%d) as newest where `, len(args)-1, len(args))+cond+` order by doc desc`, args...)
	return slices.DeleteFunc(rows, func(c row) bool { return !holds(c.tokens(), want) }), err
}

func (d *Desk) searchSQLite(ctx context.Context, q store.Queryer, b branch, want []string, n int) ([]row, error) {
	rows, err := d.newest(ctx, q, b, want)
	if err != nil || len(rows) >= n {
		return rows[:min(n, len(rows))], err
	}
	query, args, err := d.hits(ctx, q, b, want, caseColumns, n-len(rows))
	if err != nil {
		return nil, err
	}
	more, err := store.All(ctx, q, scanRows, query, args...)
	return append(rows, more...), err
}

func (d *Desk) idsSQLite(ctx context.Context, q store.Queryer, b branch, want []string, n int) ([]string, error) {
	rows, err := d.newest(ctx, q, b, want)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, c := range rows {
		ids = append(ids, c.ID)
	}
	query, args, err := d.hits(ctx, q, b, want, "id", n)
	if err != nil {
		return nil, err
	}
	more, err := store.Texts(ctx, q, query, args...)
	return append(ids, more...), err
}
