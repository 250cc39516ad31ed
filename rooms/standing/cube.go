package standing

import (
	"context"
	"database/sql"
	"slices"
	"strconv"
	"strings"
	"sync"

	"cuobian/basis/day"
	"cuobian/basis/scope"
	"cuobian/platform/store"
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// counts is what one compound's matters come to in one month. Each is counted in the month of its own moment:
// reports by when they came, deadlines by when they fell due, the rest by when the matter closed.
type counts struct {
	complaints, cases                     int64
	due, onTime                           int64
	closed, answered, satisfied, reopened int64
}

func (c *counts) add(o counts) {
	c.complaints += o.complaints
	c.cases += o.cases
	c.due += o.due
	c.onTime += o.onTime
	c.closed += o.closed
	c.answered += o.answered
	c.satisfied += o.satisfied
	c.reopened += o.reopened
}

// of gives numerator and denominator of an indicator's cube name.
func (c counts) of(name string) (n, d int64) {
	switch name {
	case "complaints":
		return c.complaints, 0
	case "cases":
		return c.cases, 0
	case "on_time":
		return c.onTime, c.due
	case "satisfied":
		return c.satisfied, c.answered
	case "answered":
		return c.answered, c.closed
	case "reopened":
		return c.reopened, c.closed
	}
	return 0, 0
}

// cube keeps counts by compound and month in memory, so that a board over a million matters adds up a few thousand
// cells. A compound is read again when one of its matters changed (told after each commit of this process, found by
// the time of the last change for others); an open deadline that passes is counted from what was kept of it.
type cube struct {
	db      *store.DB
	mu      sync.Mutex
	built   bool
	seen    day.Instant // changes up to here are in
	cells   map[scope.Path]map[day.Day]counts
	ahead   map[scope.Path][]day.Instant // open deadlines that have not passed
	nextDue map[scope.Path]day.Instant   // the earliest of them
	looked  map[string]day.Instant       // PostgreSQL: changes of the last seconds that are in, by matter
	dirty   map[scope.Path]bool
}

func newCube(db *store.DB) *cube {
	return &cube{db: db, cells: map[scope.Path]map[day.Day]counts{}, ahead: map[scope.Path][]day.Instant{}, nextDue: map[scope.Path]day.Instant{}, looked: map[string]day.Instant{}, dirty: map[scope.Path]bool{}}
}

// compound is the part of a path down to the compound: street, community, compound.
func compound(p scope.Path) scope.Path {
	n := 0
	for i := range len(p) {
		if p[i] == '/' {
			if n++; n == 3 {
				return p[:i+1]
			}
		}
	}
	return p
}

func (c *cube) touch(p scope.Path) {
	c.mu.Lock()
	c.dirty[compound(p)] = true
	c.mu.Unlock()
}

type matter struct {
	path                           scope.Path
	kind, callback                 string
	created, due, verified, closed day.Instant
	reopened                       int64
	merged                         string
	secret                         bool
}

const matterColumns = `path, kind, callback, created, resolve_due, verified_at, closed, reopened, merged_into, confidential`

func scanMatter(r *sql.Rows) (m matter, err error) {
	err = r.Scan(&m.path, &m.kind, &m.callback, &m.created, &m.due, &m.verified, &m.closed, &m.reopened, &m.merged, &m.secret)
	return m, err
}

// cell is where a matter is counted: its compound, or the street alone when it is confidential, so that no figure tells
// the company or the community that there is one.
func (m matter) cell() scope.Path {
	if m.secret {
		return m.path.Street()
	}
	return compound(m.path)
}

// put adds one matter to the cells.
func (c *cube) put(m matter, now day.Instant) {
	if m.merged != "" {
		return
	}
	at := m.cell()
	months := c.cells[at]
	if months == nil {
		months = map[day.Day]counts{}
		c.cells[at] = months
	}
	in := func(i day.Instant, f func(*counts)) {
		k := monthStart(i.Day(day.Shanghai))
		v := months[k]
		f(&v)
		months[k] = v
	}
	in(m.created, func(v *counts) {
		v.cases++
		if m.kind == "complaint" {
			v.complaints++
		}
	})
	if m.due > 0 {
		switch {
		case m.verified > 0 || m.closed == 0 && m.due <= now:
			in(m.due, func(v *counts) {
				v.due++
				if m.verified > 0 && m.verified <= m.due {
					v.onTime++
				}
			})
		case m.closed == 0:
			c.ahead[at] = append(c.ahead[at], m.due)
			if next, ok := c.nextDue[at]; !ok || m.due < next {
				c.nextDue[at] = m.due
			}
		}
	}
	if m.closed > 0 {
		in(m.closed, func(v *counts) {
			v.closed++
			switch m.callback {
			case "satisfied":
				v.satisfied++
				v.answered++
			case "partly", "dissatisfied":
				v.answered++
			}
			if m.reopened > 0 {
				v.reopened++
			}
		})
	}
}

// overlap is how far back changes are looked for again: a commit may become visible later than its time says.
const overlap = 10_000_000

// fresh brings the cube up to date.
func (c *cube) fresh(ctx context.Context) error {
	now := c.db.Now()
	if !c.built {
		rows, err := c.db.Query(ctx, `select `+matterColumns+` from cases_v_case`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			m, err := scanMatter(rows)
			if err != nil {
				return err
			}
			c.put(m, now)
		}
		if err := rows.Err(); err != nil {
			return err
		}
		c.built, c.seen = true, now
		clear(c.dirty)
		return nil
	}
	if c.db.Engine == store.Postgres {
		if err := c.others(ctx, now); err != nil {
			return err
		}
	}
	for len(c.dirty) > 0 {
		for p := range c.dirty {
			ms, err := c.matters(ctx, p)
			if err != nil {
				return err
			}
			delete(c.cells, p)
			delete(c.ahead, p)
			delete(c.nextDue, p)
			delete(c.dirty, p)
			for _, m := range ms {
				if m.cell() == p {
					c.put(m, now)
				} else {
					c.dirty[m.cell()] = true // a confidential one of this compound: its street is read again too
				}
			}
		}
	}
	for p, due := range c.nextDue {
		if due <= now {
			c.pass(p, now)
		}
	}
	return nil
}

// pass counts the open deadlines of a cell that have passed.
func (c *cube) pass(p scope.Path, now day.Instant) {
	var left []day.Instant
	for _, due := range c.ahead[p] {
		if due > now {
			left = append(left, due)
			continue
		}
		month := monthStart(due.Day(day.Shanghai))
		v := c.cells[p][month]
		v.due++
		c.cells[p][month] = v
	}
	c.ahead[p] = left
	delete(c.nextDue, p)
	if len(left) > 0 {
		c.nextDue[p] = slices.Min(left)
	}
}

// often is how soon the changes of other processes are looked for again; this one's own are told at once.
const often = 100_000

// others marks the compounds of matters that were changed since the last look. A commit may become visible later than
// its time says, so the last seconds are looked at again, and what was seen there is remembered.
func (c *cube) others(ctx context.Context, now day.Instant) error {
	if now >= c.seen && now-c.seen < often {
		return nil
	}
	from := min(c.seen, now) - overlap
	type change struct {
		id   string
		path scope.Path
		at   day.Instant
	}
	changed, err := store.All(ctx, c.db, func(r *sql.Rows) (x change, err error) {
		err = r.Scan(&x.id, &x.path, &x.at)
		return x, err
	}, `select id, path, updated from cases_v_case where updated >= $1`, int64(from))
	if err != nil {
		return err
	}
	for id, at := range c.looked {
		if at < from {
			delete(c.looked, id)
		}
	}
	for _, x := range changed {
		if c.looked[x.id] != x.at {
			c.looked[x.id] = x.at
			c.dirty[compound(x.path)] = true
		}
	}
	c.seen = now
	return nil
}

// matters reads what may count in a cell: a compound's, or a street's own and its confidential ones.
func (c *cube) matters(ctx context.Context, p scope.Path) ([]matter, error) {
	if strings.Count(string(p), "/") == 3 {
		return store.All(ctx, c.db, scanMatter, `select `+matterColumns+` from cases_v_case where compound = $1`, p.Last())
	}
	own, err := store.All(ctx, c.db, scanMatter, `select `+matterColumns+` from cases_v_case where compound = '' and path = $1 and not confidential`, string(p))
	if err != nil || p != p.Street() {
		return own, err
	}
	secret, err := store.All(ctx, c.db, scanMatter, `select `+matterColumns+` from cases_v_case where confidential and street = $1`, p.Last())
	return append(own, secret...), err
}

// sum adds up a month under a place.
func (c *cube) sum(ctx context.Context, under scope.Path, month day.Day) (total counts, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.fresh(ctx); err != nil {
		return total, err
	}
	if strings.Count(string(under), "/") == 3 {
		return c.cells[under][month], nil // a compound
	}
	for p, months := range c.cells {
		if under.Covers(p) {
			total.add(months[month])
		}
	}
	return total, nil
}

// kept reports whether a street took in any matter in a month.
func (c *cube) kept(ctx context.Context, street scope.Path, month day.Day) (bool, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.fresh(ctx); err != nil {
		return false, err
	}
	for p, months := range c.cells {
		if street.Covers(p) && months[month].cases > 0 {
			return true, nil
		}
	}
	return false, nil
}
