package cases

import (
	"fmt"
	"strings"

	"cuobian/platform/store"
)

// PostgreSQL takes the first of each group by a lateral join. SQLite has none; it takes them by a list of ids that belongs
// to each row, and is told the index, as it cannot know how many a shelf holds.

func (d *Desk) shelfFrom(s shelf) string {
	if d.db.Engine == store.Postgres {
		return "cases_case y"
	}
	return "cases_case y indexed by " + s.index
}

// shelfWalk writes the table part of the shelves' names: the first, and after each the next.
func (d *Desk) shelfWalk(s shelf, names, cols, at, after string) string {
	first := `select ` + cols + ` from ` + d.shelfFrom(s) + ` where ` + at + ` order by ` + cols + ` limit 1`
	next := ` from ` + d.shelfFrom(s) + ` where ` + after + ` order by ` + cols + ` limit 1`
	part := `with recursive part(` + names + `) as (select * from (` + first + `) as first union all select ` + strings.ReplaceAll(cols, "y.", "x.") + ` from part f cross join `
	if d.db.Engine == store.Postgres {
		return part + `lateral (select ` + cols + next + `) as x)`
	}
	return part + `cases_case x on x.rowid = (select y.rowid` + next + `))`
}

// shelfTake writes the rest of a query of ids: at most the n-th argument of each shelf, and of all.
func (d *Desk) shelfTake(s shelf, inner, outer string, n int, newest bool) string {
	limit := fmt.Sprintf(" limit $%d", n)
	few := `select y.id from ` + d.shelfFrom(s) + ` where ` + inner + ` order by y.id desc` + limit
	order := ""
	if newest {
		order = " order by x.id desc"
	}
	if d.db.Engine == store.Postgres {
		return ` select x.id from part f cross join lateral (` + few + `) as x where ` + outer + order + limit
	}
	return ` select x.id from part f cross join cases_case x on x.id in (` + few + `) where ` + outer + order + limit
}
