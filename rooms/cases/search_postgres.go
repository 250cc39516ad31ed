package cases

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"cuobian/platform/store"
)

// wordsPostgres casts a parameter to what the column tokens takes.
func wordsPostgres(n int) string { return fmt.Sprintf("$%d::text::tsvector", n) }

// matchPostgres is the condition that a matter holds all tokens; its argument is one text.
const matchPostgres = `tokens @@ $%d::text::tsquery`

// quoted writes tokens as lexemes of a tsvector or, with " & ", of a tsquery. Tokens hold letters and digits only.
func quoted(tokens []string, between string) string {
	q := make([]string, len(tokens))
	for i, t := range tokens {
		q[i] = "'" + t + "'"
	}
	return strings.Join(q, between)
}

// How many of the newest matters are read for a page, and for a count, before the index of words is asked. Within a
// prepared statement the planner cannot know how common a word is: a common one is found at once among the newest, and
// what is not is rare enough that the index gives all of it quickly.
const (
	windowPage  = 3000
	windowCount = 20000
)

func (d *Desk) searchPostgres(ctx context.Context, q store.Queryer, b branch, want []string, n int) ([]row, error) {
	b = b.orAll()
	args := append(slices.Clone(b.args), quoted(want, " & "), n)
	match := fmt.Sprintf(matchPostgres, len(args)-1)
	limit := fmt.Sprintf(" limit $%d", len(args))
	rows, err := store.All(ctx, q, scanRows, `select `+caseColumns+` from (select * from cases_case where `+b.cond+fmt.Sprintf(` order by id desc limit %d) as newest where `, windowPage)+match+` order by id desc`+limit, args...)
	if err != nil || len(rows) >= n {
		return rows, err
	}
	return store.All(ctx, q, scanRows, `with hits as materialized (select id from cases_case where `+b.cond+` and `+match+`)
select `+caseColumns+` from cases_case where id in (select id from hits order by id desc`+limit+`) order by id desc`, args...)
}

// countPostgres counts hits, to n.
func (d *Desk) countPostgres(ctx context.Context, q store.Queryer, b branch, want []string, n int) ([]string, error) {
	b = b.orAll()
	args := append(slices.Clone(b.args), quoted(want, " & "), n)
	match := fmt.Sprintf(matchPostgres, len(args)-1)
	limit := fmt.Sprintf(" limit $%d", len(args))
	ids, err := store.Texts(ctx, q, `select id from (select id, tokens from cases_case where `+b.cond+fmt.Sprintf(` order by id desc limit %d) as newest where `, windowCount)+match+limit, args...)
	if err != nil || len(ids) >= n {
		return ids, err
	}
	return store.Texts(ctx, q, `with hits as materialized (select id from cases_case where `+b.cond+` and `+match+`) select id from hits`+limit, args...)
}
