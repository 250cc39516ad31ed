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

// windowNear and windowWide are how many of the newest matters are read for a page before the index of words is asked:
// within a street, and beyond. Inside a prepared statement the planner cannot know how common a word is. A common one is
// found at once among the newest; what is not is rare enough that the index gives all of it quickly.
const (
	windowNear = 1000
	windowWide = 5000
)

func (d *Desk) searchPostgres(ctx context.Context, q store.Queryer, b branch, want []string, n int) ([]row, error) {
	window := windowWide
	if near, ok := placeOf(b); ok {
		want, window = append([]string{near}, want...), windowNear
	}
	b = b.orAll()
	args := append(slices.Clone(b.args), quoted(want, " & "), n)
	match := fmt.Sprintf(matchPostgres, len(args)-1)
	limit := fmt.Sprintf(" limit $%d", len(args))
	rows, err := store.All(ctx, q, scanRows, `select `+caseColumns+` from (select * from cases_case where `+b.cond+fmt.Sprintf(` order by id desc limit %d) as newest where `, window)+match+` order by id desc`+limit, args...)
	if err != nil || len(rows) >= n {
		return rows, err
	}
	return store.All(ctx, q, scanRows, `with hits as materialized (select id from cases_case where `+b.cond+` and `+match+`)
select `+caseColumns+` from cases_case where id in (select id from hits order by id desc`+limit+`) order by id desc`, args...)
}

// countPostgres gives the ids of hits, at most n, in no order: without one the planner asks the index of words.
func (d *Desk) countPostgres(ctx context.Context, q store.Queryer, b branch, want []string, n int) ([]string, error) {
	if near, ok := placeOf(b); ok {
		want = append([]string{near}, want...)
	}
	b = b.and(matchPostgres, quoted(want, " & "))
	args := append(slices.Clone(b.args), n)
	return store.Texts(ctx, q, `select id from cases_case where `+b.cond+fmt.Sprintf(` limit $%d`, len(args)), args...)
}
