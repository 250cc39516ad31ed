package cases

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/paged"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/store"
	"cuobian/rooms/cases/course"
)

// Find filters a list; what is empty is not asked for.
type Find struct {
	Under    scope.Path
	States   []string // states, or "live", "paused"
	Category string
	Kind     string
	Urgency  string
	Holder   string // organisation or person id
	Overdue  bool
	Channel  string
	From, To day.Day // of the report, both included
	Q        string
	Sort     string // newest (preset), due
	Mine     string // reported, holding
	After    string // cursor
	Limit    int    // 0 is 50
	NoCount  bool
}

// Page is one page of matters.
type Page = paged.List[Case]

const most = 1000

// ErrCursor refuses a cursor that no page gave.
var ErrCursor = fault.Bad("after", "cases.cursor", "翻页位置不对，请重新打开列表", "that page mark is not one of ours, please open the list again")

// piece is one condition of a branch, its arguments marked $%d; col names the column that it binds to values, if it binds one.
type piece struct {
	col, text string
	args      []any
}

// branch is one part of a list that one index gives in order: conditions that all hold, and the place that they bind.
type branch struct {
	pieces []piece
	level  string // of the place: city, district, street, community, compound, home; empty where there is none
	place  scope.Path
	sorted bool // the newest are found by sorting: the index that holds these few is not in their order
}

func (b branch) and(text string, args ...any) branch { return b.on("", text, args...) }

// is binds a column to one of some values.
func (b branch) is(col string, values ...string) branch {
	args := make([]any, len(values))
	for i, v := range values {
		args[i] = v
	}
	if len(values) == 1 {
		return b.on(col, col+" = $%d", args...)
	}
	return b.on(col, col+" in ("+strings.TrimSuffix(strings.Repeat("$%d, ", len(values)), ", ")+")", args...)
}

func (b branch) on(col, text string, args ...any) branch {
	b.pieces = append(slices.Clone(b.pieces), piece{col, text, args})
	return b
}

func (b branch) piece(col string) (piece, bool) {
	i := slices.IndexFunc(b.pieces, func(p piece) bool { return p.col == col })
	if i < 0 {
		return piece{}, false
	}
	return b.pieces[i], true
}

// sql writes the conditions, or those that keep allows, their arguments numbered on from those of args.
func (b branch) sql(args []any, keep func(piece) bool) (string, []any) {
	args = slices.Clone(args)
	var texts []string
	for _, p := range b.pieces {
		if keep != nil && !keep(p) {
			continue
		}
		n := make([]any, len(p.args))
		for i := range n {
			n[i] = len(args) + i + 1
		}
		args = append(args, p.args...)
		texts = append(texts, fmt.Sprintf(p.text, n...))
	}
	if len(texts) == 0 {
		return "1 = 1", args
	}
	return strings.Join(texts, " and "), args
}

// within is the condition "at p or below" by the columns that have an index: equality with street, community or
// compound, which keeps newest-first in the same index. (An `or` of path ranges makes PostgreSQL walk everything.)
func within(b branch, p scope.Path) branch {
	parts := strings.Split(string(p), "/")
	b.place = p
	switch {
	case p == scope.Everywhere:
		return b
	case len(p) == 6 && len(parts) == 1:
		b.level = "district"
		return b.is("district", string(p))
	case len(parts) == 1:
		b.level = "city"
		// A city or a province: the empty text keeps the engines from collecting all of it by street and sorting that.
		lo, hi := p.Bounds()
		return b.and("district || '' >= $%d and district || '' < $%d", lo, hi)
	case len(parts) == 2:
		b.level = "street"
		return b.is("street", parts[0])
	case len(parts) == 3:
		b.level = "community"
		return b.is("community", parts[1])
	case len(parts) == 4:
		b.level = "compound"
		return b.is("compound", parts[2])
	}
	b.level = "home"
	lo, hi := p.Bounds()
	return b.is("compound", parts[2]).and("path >= $%d and path < $%d", lo, hi)
}

// both is the place that lies within two; ok is false where they lie apart.
func both(a, b scope.Path) (p scope.Path, ok bool) {
	switch {
	case a.Covers(b):
		return b, true
	case b.Covers(a):
		return a, true
	}
	return "", false
}

// aside keeps the place and the company of a branch from choosing the index: the empty text hides the column.
func (b branch) aside() branch {
	b.pieces = slices.Clone(b.pieces)
	for i, p := range b.pieces {
		if slices.Contains([]string{"district", "street", "community", "compound", "holder_org"}, p.col) {
			b.pieces[i] = piece{"", strings.Replace(p.text, p.col, p.col+" || ''", 1), p.args}
		}
	}
	return b
}

// wide says that a branch is of a place with so many matters that walking all of them takes too long.
func (b branch) wide() bool { return b.level == "street" || b.level == "district" }

// branches splits what who may see of a list into parts that one index each can give.
func (d *Desk) branches(who access.Who, f Find) ([]branch, error) {
	if who.Account == "" && !who.System {
		return nil, access.ErrSignIn
	}
	var out []branch
	switch f.Mine {
	case "reported":
		out = append(out, within(branch{}.and("reporter_account = $%d and reporter_account <> ''", who.Account), f.Under))
		if who.Person != "" {
			out = append(out, within(branch{}.and("reporter_person = $%d and reporter_person <> ''", who.Person), f.Under))
		}
	case "holding":
		out = append(out, within(branch{}.and("live = true and holder_person = $%d and holder_person <> ''", actor(who)), f.Under).aside())
		for _, g := range who.Grants {
			at, ok := both(g.Path, f.Under)
			if !ok || !slices.Contains(Handle.Posts, g.Post) {
				continue
			}
			b := within(branch{}, at).and("live and holder_person = ''")
			if len(f.States) == 0 {
				b = b.is("state", liveStates...)
			}
			if g.Org != "" {
				out = append(out, b.and("holder_org = $%d", g.Org))
			} else {
				out = append(out, b.and("holder_org = '' and holder_post = $%d", string(g.Post)))
			}
		}
	case "":
		parts, err := d.parts(who, f.Under)
		if err != nil {
			return nil, err
		}
		out = parts
	default:
		return nil, fault.Bad("mine", "cases.mine", "取值有误", "mine is reported or holding")
	}
	now := d.db.Now()
	for i, b := range out {
		if f.Category != "" {
			b = b.is("category", f.Category)
		}
		if f.Kind != "" {
			b = b.is("kind", f.Kind)
		}
		if f.Urgency != "" {
			b = b.is("urgency", f.Urgency)
		}
		if f.Channel != "" {
			b = b.is("channel", f.Channel)
		}
		if f.From != 0 {
			// An id is made when the matter is kept, which is never before it was reported: so it bounds the walk.
			from := f.From.Start(day.Shanghai)
			b = b.and("created >= $%d and id >= $%d", int64(from), idAt(from))
		}
		if f.To != 0 {
			b = b.and("created <= $%d", int64(f.To.End(day.Shanghai)))
		}
		if f.Overdue {
			b = b.and("due > 0 and due < $%d", int64(now))
		}
		out[i] = b
	}
	var split []branch
	if len(f.States) > 0 {
		for _, b := range out {
			var states []string
			for _, s := range f.States {
				switch {
				case s == "live" && f.byDue():
					split = append(split, b.and("live"))
				case s == "live":
					states = append(states, liveStates...)
				case s == "paused":
					split = append(split, b.is("state", string(course.Taken)).and("live and paused_until > $%d", int64(now)))
				case !course.State(s).Known():
					return nil, fault.Bad("state", "cases.state_word", "状态有误", "the state is not one of ours")
				default:
					states = append(states, s)
				}
			}
			slices.Sort(states)
			if states = slices.Compact(states); len(states) > 0 {
				split = append(split, b.is("state", states...))
			}
		}
		out, split = split, nil
	}
	for _, b := range out {
		for _, b := range b.held(f.Holder) {
			if f.To == 0 || f.Q != "" || f.byDue() || !b.wide() {
				split = append(split, b)
				continue
			}
			// Nearly every matter is kept within minutes of being reported, so that ids bound the walk from above too; the others
			// have an index of their own. What both find counts once.
			to := f.To.End(day.Shanghai).Add(soon + time.Second)
			if to >= now {
				split = append(split, b)
				continue
			}
			late := b.aside().and(lateCond)
			if p, ok := b.piece("street"); ok {
				late = late.and("street = $%d", p.args...)
			} else {
				lo, hi := b.place.Bounds()
				late = late.and("street >= $%d and street < $%d", lo, hi)
			}
			late.level, late.sorted = "", true
			split = append(split, b.and("id < $%d", idAt(to)), late)
		}
	}
	return split, nil
}

// soon is within what time of its report a matter is kept, but for those of the index cases_case_late.
const soon = 10 * time.Minute

// lateCond is the condition of that index, letter by letter: doc holds the time of keeping.
const lateCond = "doc / 4194304 > created / 1000 - 1577836200000"

var liveStates = func() (out []string) {
	for _, s := range course.States {
		if s.Live() {
			out = append(out, string(s))
		}
	}
	return out
}()

// held splits a branch by the two ways of holding a matter: as the organisation, or as the person.
func (b branch) held(holder string) []branch {
	if holder == "" {
		return []branch{b}
	}
	org, person := b, b.aside()
	if !b.wide() {
		org = b.aside()
		for i, id := range strings.Split(string(b.place), "/") {
			if i < 2 && b.level != "city" && b.place != scope.Everywhere {
				org = org.is([]string{"street", "community"}[i], id)
			}
		}
	}
	org = org.is("holder_org", holder).and("holder_org <> ''")
	person = person.and("holder_person = $%d and holder_person <> '' and holder_org <> $%d", holder, holder)
	person.level = ""
	return []branch{org, person.and("live = true"), person.and("live = false")}
}

// parts are who's places under a place, each with or without the confidential matters; what another part holds anyway
// is dropped.
func (d *Desk) parts(who access.Who, at scope.Path) ([]branch, error) {
	type part struct {
		path   scope.Path
		secret bool
	}
	secrets := who.Paths(Secret)
	var all []part
	for _, p := range who.Paths(View) {
		switch {
		case p.Covers(at):
			p = at
		case !at.Covers(p):
			continue
		}
		all = append(all, part{p, slices.ContainsFunc(secrets, func(s scope.Path) bool { return s.Covers(p) })})
	}
	for _, p := range secrets {
		if at.Covers(p) && p != at {
			all = append(all, part{p, true})
		}
	}
	var out []branch
	for i, x := range all {
		if slices.ContainsFunc(all[:i], func(y part) bool { return y == x }) || slices.ContainsFunc(all, func(y part) bool {
			return y != x && y.path.Covers(x.path) && (y.secret || !x.secret) && !(y.path == x.path && y.secret == x.secret)
		}) {
			continue
		}
		b := within(branch{}, x.path)
		if !x.secret {
			b = b.and("confidential = false")
		}
		out = append(out, b)
	}
	if len(out) == 0 {
		if err := who.MaySomewhere(View); err != nil {
			return nil, err
		}
		return nil, access.ErrMissing
	}
	return out, nil
}

// List gives one page of what who may see.
func (d *Desk) List(ctx context.Context, who access.Who, f Find) (Page, error) {
	who = d.live(who)
	if f.Limit <= 0 || f.Limit > 200 {
		f.Limit = 50
	}
	page := Page{Items: []Case{}}
	parts, err := d.branches(who, f)
	if err != nil {
		return page, err
	}
	err = d.db.View(ctx, func(q store.Queryer) error {
		rows, more, found, err := d.page(ctx, q, parts, f)
		if err != nil {
			return err
		}
		now := d.db.Now()
		for _, c := range rows {
			page.Items = append(page.Items, d.outline(who, c, now))
		}
		if more && len(rows) > 0 {
			last := rows[len(rows)-1]
			page.Next = last.ID
			if f.byDue() {
				page.Next = strconv.FormatInt(int64(last.Due), 10) + "." + last.ID
			}
		}
		if f.After != "" || f.NoCount {
			return nil
		}
		page.Count = int64(len(rows))
		switch {
		case more && f.Q != "":
			page.Count = int64(found)
		case more:
			if page.Count, err = d.count(ctx, q, parts, f); err != nil {
				return err
			}
		}
		page.More = page.Count > most
		page.Count = min(page.Count, most)
		return err
	})
	return page, err
}

func (f Find) byDue() bool { return f.Q == "" && (f.Overdue || f.Sort == "due") }

// page reads each part in its own order and merges them; found is how many a search found, up to one above most in each part.
func (d *Desk) page(ctx context.Context, q store.Queryer, parts []branch, f Find) (rows []row, more bool, found int, err error) {
	seen, hits := map[string]bool{}, map[string]bool{}
	for _, b := range parts {
		order := "id desc"
		if f.byDue() {
			b, order = b.and("due > 0"), "due, id"
			if f.After != "" {
				due, id, ok := strings.Cut(f.After, ".")
				n, err := strconv.ParseInt(due, 10, 64)
				if !ok || err != nil {
					return nil, false, 0, ErrCursor
				}
				b = b.and("due >= $%d and (due > $%d or id > $%d)", n, n, id)
			}
		} else if f.After != "" {
			if len(f.After) != 20 {
				return nil, false, 0, ErrCursor
			}
			b = b.and("id < $%d", f.After)
		}
		var got []row
		switch s, ok := b.shelf(); {
		case f.Q != "":
			var ids []string
			got, ids, err = d.search(ctx, q, b, f.Q, f.Limit+1, f.After == "" && !f.NoCount)
			for _, id := range ids {
				hits[id] = true
			}
		case ok && !f.byDue():
			got, err = d.fromShelf(ctx, q, s, b, f.Limit+1)
		default:
			got, err = d.read(ctx, q, b, order, f.Limit+1)
		}
		if err != nil {
			return nil, false, 0, err
		}
		for _, c := range got {
			if !seen[c.ID] {
				seen[c.ID] = true
				rows = append(rows, c)
			}
		}
	}
	slices.SortFunc(rows, func(a, b row) int {
		if f.byDue() {
			if a.Due != b.Due {
				return int(min(max(a.Due-b.Due, -1), 1))
			}
			return strings.Compare(a.ID, b.ID)
		}
		return strings.Compare(b.ID, a.ID)
	})
	if len(rows) > f.Limit {
		return rows[:f.Limit], true, len(hits), nil
	}
	return rows, false, len(hits), nil
}

func (d *Desk) read(ctx context.Context, q store.Queryer, b branch, order string, n int) ([]row, error) {
	if b.sorted && order == "id desc" {
		order = "id || '' desc"
	}
	cond, args := b.sql(nil, nil)
	args = append(args, n)
	return store.All(ctx, q, scanRows, `select `+caseColumns+` from cases_case where `+cond+` order by `+order+fmt.Sprintf(` limit $%d`, len(args)), args...)
}

// byIDs reads matters by id, newest first; n is how many at most, one text for every page of a length.
func (d *Desk) byIDs(ctx context.Context, q store.Queryer, ids []string, n int) ([]row, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	args := make([]any, max(n, len(ids)))
	for i := range args {
		args[i] = ""
		if i < len(ids) {
			args[i] = ids[i]
		}
	}
	return store.All(ctx, q, scanRows, `select `+caseColumns+` from cases_case where id in (`+store.Marks(1, len(args))+`) order by id desc`, args...)
}

// ids gives the ids of a branch, at most n, in no order.
func (d *Desk) ids(ctx context.Context, q store.Queryer, b branch, f Find, n int) ([]string, error) {
	if s, ok := b.shelf(); ok && !f.byDue() {
		return d.shelfIDs(ctx, q, s, b, n, false)
	}
	if f.byDue() {
		b = b.and("due > 0")
	}
	cond, args := b.sql(nil, nil)
	args = append(args, n)
	return store.Texts(ctx, q, `select id from cases_case where `+cond+fmt.Sprintf(` limit $%d`, len(args)), args...)
}

// count counts to one above most, by ids, as parts may overlap.
func (d *Desk) count(ctx context.Context, q store.Queryer, parts []branch, f Find) (int64, error) {
	if len(parts) == 1 {
		b := parts[0]
		if s, ok := b.shelf(); ok && !f.byDue() {
			return d.shelfCount(ctx, q, s, b, most+1)
		}
		if f.byDue() {
			b = b.and("due > 0")
		}
		cond, args := b.sql(nil, nil)
		args = append(args, most+1)
		return store.Count(ctx, q, `select count(*) from (select 1 as one from cases_case where `+cond+fmt.Sprintf(` limit $%d) as few`, len(args)), args...)
	}
	seen := map[string]bool{}
	for _, b := range parts {
		ids, err := d.ids(ctx, q, b, f, most+1)
		if err != nil {
			return 0, err
		}
		for _, id := range ids {
			seen[id] = true
		}
		if len(seen) > most {
			break
		}
	}
	return int64(len(seen)), nil
}

// Counted is how many matters stand in a state, up to 1,000.
type Counted struct {
	State string `json:"state"`
	N     int64  `json:"n"`
	More  bool   `json:"more"`
}

// Counts says how many matters of who's places stand in each live state, and how many are overdue.
func (d *Desk) Counts(ctx context.Context, who access.Who, under scope.Path, mine string) ([]Counted, error) {
	who = d.live(who)
	out := []Counted{}
	err := d.db.View(ctx, func(q store.Queryer) error {
		parts, err := d.branches(who, Find{Under: under, Mine: mine})
		if err != nil {
			return err
		}
		sums := map[string]int64{}
		apart := mine == "" // then parts overlap only where one lies within another
		for i, b := range parts {
			for _, o := range parts[:i] {
				if _, ok := both(b.place, o.place); ok {
					apart = false
				}
			}
		}
		if apart {
			if sums, err = d.byState(ctx, q, parts); err != nil {
				return err
			}
		}
		for _, s := range append(slices.Clone(liveStates), "overdue") {
			n := sums[s]
			if s == "overdue" || !apart {
				f := Find{Under: under, Mine: mine}
				if s == "overdue" {
					f.Overdue = true
				} else {
					f.States = []string{s}
				}
				parts, err := d.branches(who, f)
				if err != nil {
					return err
				}
				if n, err = d.count(ctx, q, parts, f); err != nil {
					return err
				}
			}
			out = append(out, Counted{State: s, N: min(n, most), More: n > most})
		}
		return nil
	})
	return out, err
}

// byState adds up, of branches that do not overlap, how many matters stand in each live state; of wide places it counts
// no further than one above most in each group.
func (d *Desk) byState(ctx context.Context, q store.Queryer, parts []branch) (map[string]int64, error) {
	sums := map[string]int64{}
	for _, b := range parts {
		b = b.is("state", liveStates...)
		var text string
		var args []any
		if _, ok := b.shelf(); ok {
			text, args = d.shelfStates(b)
		} else {
			var cond string
			cond, args = b.sql(nil, nil)
			text = `select state, count(*) from cases_case where ` + cond + ` group by state`
		}
		rows, err := q.Query(ctx, text, args...)
		if err != nil {
			return nil, err
		}
		for rows.Next() {
			var s string
			var n int64
			if err := rows.Scan(&s, &n); err != nil {
				rows.Close()
				return nil, err
			}
			sums[s] += n
		}
		if err := rows.Err(); err != nil {
			return nil, err
		}
		rows.Close()
	}
	return sums, nil
}
