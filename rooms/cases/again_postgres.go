package cases

import (
	"context"

	"cuobian/platform/store"
)

// Again makes the full-text words of all matters again, after a restore: a backup leaves out what is kept for one
// engine alone. It says how many.
func (d *Desk) Again(ctx context.Context) (sum int, err error) {
	if d.db.Engine == store.SQLite {
		return d.Index(ctx)
	}
	after := ""
	for {
		n := 0
		err := d.db.Write(ctx, func(tx *store.Tx) error {
			rows, err := store.All(ctx, tx, scanRows, `select `+caseColumns+` from cases_case where id > $1 and tokens = ''::tsvector order by id limit $2`, after, batch)
			n = len(rows)
			if err != nil || n == 0 {
				return err
			}
			for _, c := range rows {
				if _, err := tx.Exec(ctx, `update cases_case set tokens = `+wordsPostgres(2)+` where id = $1`, c.ID, quoted(c.tokens(), " ")); err != nil {
					return err
				}
			}
			after = rows[n-1].ID
			return nil
		})
		if sum += n; err != nil || n == 0 {
			return sum, err
		}
	}
}
