package cases

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"cuobian/basis/day"
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

// few is up to how many hits are taken all at once from the index of words, to be put in order here; many, where the
// newest matters do not hold a page of them.
const (
	few  = 3000
	many = 10000
)

// lately is how many of the newest matters of a place are looked through for a common word before that.
const lately = 2000

// usual are words that nearly every matter holds, such as 幢: with them the index of words would read long lists for
// nothing. The newest matters tell them.
type usual struct {
	mu    sync.Mutex
	at    day.Instant
	words map[string]bool
}

func (u *usual) read(ctx context.Context, q store.Queryer, now day.Instant) (map[string]bool, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.words != nil && now < u.at.Add(time.Hour) && now >= u.at {
		return u.words, nil
	}
	rows, err := store.All(ctx, q, scanWords, `select `+wordColumns+` from cases_case order by id desc limit 200`)
	if err != nil {
		return nil, err
	}
	often := map[string]int{}
	for _, c := range rows {
		for _, w := range c.tokens() {
			often[w]++
		}
	}
	u.at, u.words = now, map[string]bool{}
	for w, n := range often {
		if n > 20 && n*5 > len(rows)*4 {
			u.words[w] = true
		}
	}
	return u.words, nil
}

// matched adds to a branch that its matters hold all words, in such a way that the planner, who inside a prepared
// statement cannot know how common a word is, goes by the words and nothing else. The place is among the words; a usual
// one is only looked for in what the others find.
func (d *Desk) matched(ctx context.Context, q store.Queryer, b branch, want []string) (branch, error) {
	common, err := d.usual.read(ctx, q, d.db.Now())
	if err != nil {
		return b, err
	}
	rare := slices.DeleteFunc(slices.Clone(want), func(w string) bool { return common[w] })
	if len(rare) == 0 {
		rare = want
	}
	if near, ok := placeOf(b); ok {
		rare = append([]string{near}, rare...)
	}
	b = b.aside().and(matchPostgres, quoted(rare, " & "))
	if len(rare) < len(want) {
		b = b.and(holdsPostgres, quoted(want, " & "))
	}
	return b, nil
}

// holdsPostgres is matchPostgres without the index.
const holdsPostgres = `ts_match_vq(tokens, $%d::text::tsquery)`

// searchPostgres reads the newest n; counted, found are the ids of all hits, or of more than most.
func (d *Desk) searchPostgres(ctx context.Context, q store.Queryer, b branch, want []string, n int, counted bool) (rows []row, found []string, err error) {
	ids, err := d.shelvedPostgres(ctx, q, b, want, n, counted)
	if err != nil {
		return nil, nil, err
	}
	if found = ids; ids == nil {
		hit, err := d.matched(ctx, q, b, want)
		if err != nil {
			return nil, nil, err
		}
		if counted {
			if found, err = d.hitsPostgres(ctx, q, hit, most+1); err != nil {
				return nil, nil, err
			}
		}
		if ids = found; !counted || len(found) > most {
			// A page of a common word lies among the newest.
			if ids = nil; !counted || about(found, d.db.NewID()) > few {
				if ids, err = d.latelyPostgres(ctx, q, b, want, n); err != nil {
					return nil, nil, err
				}
			}
			if len(ids) < n {
				if ids, err = d.hitsPostgres(ctx, q, hit, many+1); err != nil {
					return nil, nil, err
				}
			}
			if len(ids) > many {
				rows, err = d.read(ctx, q, b.and(holdsPostgres, quoted(want, " & ")), "id desc", n)
				return rows, found, err
			}
		}
	}
	ids = slices.Clone(ids)
	slices.Sort(ids)
	slices.Reverse(ids)
	rows, err = d.byIDs(ctx, q, ids[:min(n, len(ids))], n)
	return rows, found, err
}

// about guesses how many hits there are in all, from the first of them: they come nearly in the order of their making.
func about(found []string, now string) int64 {
	first, last := docOf(slices.Min(found)), docOf(slices.Max(found))
	return int64(len(found)) * ((docOf(now)-first)>>20 + 1) / ((last-first)>>20 + 1)
}

// looked is how many of a place's matters that fit the other filters are looked through for the words.
const looked = 20000

// shelvedPostgres gives the ids of hits where few matters fit the filters beside the words, nil where many do: each
// shelf's newest n, or of a count up to one above most.
func (d *Desk) shelvedPostgres(ctx context.Context, q store.Queryer, b branch, want []string, n int, counted bool) ([]string, error) {
	s, ok := b.shelf()
	if !ok {
		return nil, nil
	}
	all, err := d.shelfCount(ctx, q, s, b, looked+1)
	if err != nil || all > looked {
		return nil, err
	}
	if counted {
		n = max(n, most+1)
	}
	return d.shelfIDs(ctx, q, s, b.and(holdsPostgres, quoted(want, " & ")), n, true)
}

// hitsPostgres gives the ids of hits, at most n, in no order: without one the planner asks the index of words.
func (d *Desk) hitsPostgres(ctx context.Context, q store.Queryer, b branch, n int) ([]string, error) {
	cond, args := b.sql(nil, nil)
	args = append(args, n)
	return store.Texts(ctx, q, `select id from cases_case where `+cond+fmt.Sprintf(` limit $%d`, len(args)), args...)
}

// latelyPostgres gives the newest n ids of hits, or fewer where the newest matters of the place do not hold so many.
func (d *Desk) latelyPostgres(ctx context.Context, q store.Queryer, b branch, want []string, n int) ([]string, error) {
	place := func(p piece) bool {
		return p.col == "district" || p.col == "street" || p.col == "community" || p.col == "compound" || strings.HasPrefix(p.text, "id < ")
	}
	at, args := b.sql(nil, place)
	args = append(args, lately)
	limit := len(args)
	rest, args := b.and(holdsPostgres, quoted(want, " & ")).sql(args, func(p piece) bool { return !place(p) })
	args = append(args, n)
	return store.Texts(ctx, q, `select id from (select * from cases_case where `+at+fmt.Sprintf(` order by id desc limit $%d`, limit)+`) as newest where `+rest+fmt.Sprintf(` order by id desc limit $%d`, len(args)), args...)
}
