package seal

import (
	"context"
	"database/sql"
	"fmt"
	"regexp"

	"cuobian/basis/fault"
	"cuobian/platform/store"
)

// Column is one sealed column: Key is the table's id column, whose value is the id that Seal was given. Rooms publish
// theirs as `func Sealed() []seal.Column`.
type Column struct{ Table, Key, Column string }

var plainName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

func (c Column) check() error {
	for _, s := range []string{c.Table, c.Key, c.Column} {
		if !plainName.MatchString(s) {
			return fmt.Errorf("seal: %q is no name of a table or column", s)
		}
	}
	return nil
}

// batch is how many rows one write takes along.
const batch = 200

type cell struct {
	id     string
	sealed []byte
}

// Reseal brings every value of these columns under the newest key, a batch a write, and tells step (when not nil) how
// many it has changed so far. It can be broken off and begun again; a value that somebody changes meanwhile is left
// as they wrote it. A value that does not open ends it with a fault that names table and row.
func (r *Ring) Reseal(ctx context.Context, db *store.DB, columns []Column, step func(changed int)) (changed int, err error) {
	for _, c := range columns {
		if err := c.check(); err != nil {
			return changed, err
		}
		after := ""
		for {
			cells, err := store.All(ctx, db, func(row *sql.Rows) (x cell, err error) { err = row.Scan(&x.id, &x.sealed); return x, err },
				"select "+c.Key+", "+c.Column+" from "+c.Table+" where "+c.Key+" > $1 order by "+c.Key+fmt.Sprintf(" limit %d", batch), after)
			if err != nil {
				return changed, err
			}
			if len(cells) == 0 {
				break
			}
			after = cells[len(cells)-1].id
			n, err := r.resealCells(ctx, db, c, cells)
			changed += n
			if err != nil {
				return changed, err
			}
			if step != nil {
				step(changed)
			}
		}
	}
	return changed, nil
}

func (r *Ring) resealCells(ctx context.Context, db *store.DB, c Column, cells []cell) (changed int, err error) {
	keys := r.Keys()
	newest := keys[len(keys)-1]
	type pair struct {
		id       string
		old, new []byte
	}
	var pairs []pair
	for _, x := range cells {
		if n := KeyOf(x.sealed); n == 0 || n == newest {
			continue
		}
		plain, err := r.Open(c.Table, c.Column, x.id, x.sealed)
		if err != nil {
			return 0, fault.Of(err).At(c.Table + "." + c.Column + "/" + x.id)
		}
		pairs = append(pairs, pair{x.id, x.sealed, r.Seal(c.Table, c.Column, x.id, plain)})
	}
	if len(pairs) == 0 {
		return 0, nil
	}
	err = db.Write(ctx, func(tx *store.Tx) error {
		changed = 0
		for _, p := range pairs {
			n, err := tx.Exec(ctx, "update "+c.Table+" set "+c.Column+" = $1 where "+c.Key+" = $2 and "+c.Column+" = $3", p.new, p.id, p.old)
			if err != nil {
				return err
			}
			changed += int(n)
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return changed, nil
}

// Stale counts the values of these columns that an older key sealed.
func (r *Ring) Stale(ctx context.Context, q store.Queryer, columns []Column) (int, error) {
	keys := r.Keys()
	newest, stale := keys[len(keys)-1], 0
	for _, c := range columns {
		if err := c.check(); err != nil {
			return 0, err
		}
		cells, err := store.All(ctx, q, func(row *sql.Rows) (b []byte, err error) { err = row.Scan(&b); return b, err },
			"select substr("+c.Column+", 1, 3) from "+c.Table)
		if err != nil {
			return 0, err
		}
		for _, b := range cells {
			if n := KeyOf(b); n != 0 && n != newest {
				stale++
			}
		}
	}
	return stale, nil
}
