package store

import (
	"context"
	"fmt"
	"strings"
)

// fillSizes are the numbers of rows that one statement of Fill carries; few sizes, so that the texts stay prepared.
var fillSizes = []int{50, 10, 1}

// fewParameters is how many one statement carries on SQLite: its driver looks each one up among all, so that many cost
// their square (50 rows of 33 values take five times as long together as one by one).
const fewParameters = 128

// Fill inserts many rows of equal length with few statements. head is "insert into t (a, b) values", tail what comes
// after the rows ("on conflict (a) do nothing" or ""). It says how many rows were put in.
func Fill(ctx context.Context, tx *Tx, head, tail string, rows [][]any) (n int64, err error) {
	for _, size := range fillSizes {
		if len(rows) > 0 && size > 1 && tx.db.Engine == SQLite && size*len(rows[0]) > fewParameters {
			continue
		}
		for len(rows) >= size {
			width := len(rows[0])
			var b strings.Builder
			b.WriteString(head)
			args := make([]any, 0, size*width)
			for i, r := range rows[:size] {
				if len(r) != width {
					return n, fmt.Errorf("store: row %d has %d values, not %d", i, len(r), width)
				}
				if i > 0 {
					b.WriteByte(',')
				}
				b.WriteString(" (" + Marks(1+i*width, width) + ")")
				args = append(args, r...)
			}
			b.WriteString(" " + tail)
			done, err := tx.Exec(ctx, b.String(), args...)
			if err != nil {
				return n, err
			}
			n += done
			rows = rows[size:]
		}
	}
	return n, nil
}

// literal writes the signs that like gives a meaning to so that they mean themselves.
var literal = strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`)

// Literal is what somebody typed, to stand in a pattern of `like $1 escape '\'`.
func Literal(words string) string { return literal.Replace(words) }

// Within is the pattern of texts that hold what somebody typed, for `like $1 escape '\'`.
func Within(words string) string { return "%" + literal.Replace(words) + "%" }
