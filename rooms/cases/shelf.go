package cases

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"cuobian/platform/store"
)

// A filter that few or none of a street's matters fit would walk all of them, newest first. An index that has the filtered
// columns before the id keeps them as on shelves: all of one state, channel, kind and urgency together, newest first. A
// street fills some hundred shelves at most; going from shelf to shelf takes one step in the index each, and from each shelf
// no more than a page is taken. So the work is bounded whatever is asked for.

// shelf is such an index: lead are columns bound to one value, group what names a shelf, tail the column after it.
type shelf struct {
	index, tail string
	lead, group []string
	also        string // the index's own condition
}

var (
	byFacet    = shelf{index: "cases_case_facet", group: []string{"street", "state", "channel", "kind", "urgency"}, tail: "id"}
	byCategory = shelf{index: "cases_case_category", group: []string{"street"}, tail: "category"}
	byHolder   = shelf{index: "cases_case_company", lead: []string{"holder_org"}, group: []string{"street", "community"}, tail: "id", also: " and y.holder_org <> ''"}
)

// shelf says from which index a branch of a street or a district is taken; ok is false where walking it newest first is
// as good.
func (b branch) shelf() (s shelf, ok bool) {
	if !b.wide() {
		return s, false
	}
	if _, ok := b.piece("holder_org"); ok {
		return byHolder, true
	}
	if _, ok := b.piece("category"); ok {
		return byCategory, b.level == "district" // a street's has it in the index already
	}
	for _, c := range byFacet.group[1:] {
		if _, ok := b.piece(c); ok {
			return byFacet, true
		}
	}
	return s, false
}

// shelves writes the recursive table part f, a row for each shelf that is not empty, and what belongs to a query over it:
// inner is the condition of the matters y of one shelf, outer says which shelves are asked for.
func (d *Desk) shelves(s shelf, b branch) (part, inner, outer string, args []any) {
	group := slices.Clone(s.group)
	var fixed, first, next []string // conditions of every matter, of the first shelf, of what comes after one
	bind := func(col string) bool {
		p, ok := b.piece(col)
		if !ok || len(p.args) != 1 {
			return false
		}
		args = append(args, p.args...)
		fixed = append(fixed, fmt.Sprintf("y.%s = $%d", col, len(args)))
		return true
	}
	for _, c := range s.lead {
		bind(c)
	}
	if b.level == "district" {
		lo, hi := b.place.Bounds()
		args = append(args, lo, hi)
		first = append(first, fmt.Sprintf("y.street >= $%d and y.street < $%d", len(args)-1, len(args)))
		next = append(next, fmt.Sprintf("y.street < $%d", len(args))) // with the lower bound too, SQLite would begin there each time
	} else {
		for len(group) > 1 && bind(group[0]) {
			group = group[1:]
		}
	}
	var cols, last, same []string
	for _, c := range group {
		cols = append(cols, "y."+c)
		last = append(last, "f."+c+" || ''") // the empty text makes it plain text for SQLite, as the index has it
		same = append(same, "y."+c+" = f."+c)
	}
	names := strings.Join(cols, ", ")
	next = append(next, fmt.Sprintf("(%s, y.%s) > (%s, '~')", names, s.tail, strings.Join(last, ", ")))
	where := func(more []string) string {
		return strings.Join(append(slices.Clone(fixed), more...), " and ") + s.also
	}
	part = d.shelfWalk(s, strings.Join(group, ", "), names, where(first), where(next))
	var asked, rest branch
	for _, p := range b.pieces {
		switch {
		case p.col == "" || !slices.Contains(s.lead, p.col) && !slices.Contains(s.group, p.col) && p.col != "district":
			rest.pieces = append(rest.pieces, p)
		case slices.Contains(group, p.col) && p.col != "street":
			p.text = "f." + p.text
			asked.pieces = append(asked.pieces, p)
		}
	}
	outer, args = asked.sql(args, nil)
	inner, args = rest.sql(args, nil)
	return part, where(append(same, inner)), outer, args
}

// shelfIDs gives ids of a branch, at most n; newest gives the newest of them.
func (d *Desk) shelfIDs(ctx context.Context, q store.Queryer, s shelf, b branch, n int, newest bool) ([]string, error) {
	part, inner, outer, args := d.shelves(s, b)
	args = append(args, n)
	return store.Texts(ctx, q, part+d.shelfTake(s, inner, outer, len(args), newest), args...)
}

// shelfCount counts a branch, to n.
func (d *Desk) shelfCount(ctx context.Context, q store.Queryer, s shelf, b branch, n int) (int64, error) {
	part, inner, outer, args := d.shelves(s, b)
	args = append(args, n)
	return store.Count(ctx, q, part+` select count(*) from (`+d.shelfTake(s, inner, outer, len(args), false)+`) as few`, args...)
}

// shelfStates writes a query of how many of a branch stand in each state, counted no further than one above most on
// each shelf.
func (d *Desk) shelfStates(b branch) (string, []any) {
	part, inner, outer, args := d.shelves(byFacet, b)
	args = append(args, most+1)
	return part + ` select f.state, (select count(*) from (select 1 as one from ` + d.shelfFrom(byFacet) + ` where ` + inner + fmt.Sprintf(` limit $%d) as few) from part f where `, len(args)) + outer, args
}

// fromShelf reads the newest n.
func (d *Desk) fromShelf(ctx context.Context, q store.Queryer, s shelf, b branch, n int) ([]row, error) {
	var ids []string
	var err error
	if s.index == byFacet.index && b.level == "district" {
		if ids, err = d.amongNewest(ctx, q, b, n); err != nil {
			return nil, err
		}
	}
	if len(ids) < n {
		if ids, err = d.shelfIDs(ctx, q, s, b, n, true); err != nil {
			return nil, err
		}
	}
	return d.byIDs(ctx, q, ids, n)
}

// near is how many of a district's newest matters are looked through before its shelves: what is not rare stands there.
const near = 1000

func (d *Desk) amongNewest(ctx context.Context, q store.Queryer, b branch, n int) ([]string, error) {
	place := func(p piece) bool { return p.col == "district" || p.col == "" && strings.HasPrefix(p.text, "id < ") }
	at, args := b.sql(nil, place)
	args = append(args, near)
	limit := len(args)
	rest, args := b.sql(args, func(p piece) bool { return !place(p) })
	args = append(args, n)
	return store.Texts(ctx, q, `select id from (select * from cases_case where `+at+fmt.Sprintf(` order by id desc limit $%d`, limit)+`) as newest where `+rest+fmt.Sprintf(` order by id desc limit $%d`, len(args)), args...)
}
