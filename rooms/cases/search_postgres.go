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

// few is how many hits are taken all at once from the index of words, to be put in order here. Inside a prepared statement
// the planner cannot know how common a word is, so it is asked: what has more hits than this is so common that walking
// the newest finds a page of it soon.
const few = 10000

func (d *Desk) searchPostgres(ctx context.Context, q store.Queryer, b branch, want []string, n int) ([]row, error) {
	ids, err := d.countPostgres(ctx, q, b, want, few+1)
	if err != nil {
		return nil, err
	}
	if len(ids) > few {
		if near, ok := placeOf(b); ok {
			want = append([]string{near}, want...)
		}
		return d.read(ctx, q, b.and(matchPostgres, quoted(want, " & ")), "id desc", n)
	}
	slices.Sort(ids)
	slices.Reverse(ids)
	return d.byIDs(ctx, q, ids[:min(n, len(ids))], n)
}

// countPostgres gives the ids of hits, at most n, in no order: without one the planner asks the index of words.
func (d *Desk) countPostgres(ctx context.Context, q store.Queryer, b branch, want []string, n int) ([]string, error) {
	if near, ok := placeOf(b); ok {
		want = append([]string{near}, want...)
	}
	cond, args := b.and(matchPostgres, quoted(want, " & ")).sql(nil, nil)
	args = append(args, n)
	return store.Texts(ctx, q, `select id from cases_case where `+cond+fmt.Sprintf(` limit $%d`, len(args)), args...)
}
