package cases

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"cuobian/basis/day"
	"cuobian/basis/fault"
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
type Page struct {
	Items []Case `json:"items"`
	Next  string `json:"next" doc:"pass as after for the next page; empty at the end"`
	Count int64  `json:"count" doc:"how many there are, up to 1,000"`
	More  bool   `json:"more" doc:"there are more than 1,000"`
}

const most = 1000

// ErrCursor refuses a cursor that no page gave.
var ErrCursor = fault.Bad("after", "cases.cursor", "翻页位置不对，请重新打开列表", "that page mark is not one of ours, please open the list again")

// branch is one part of a list that one index gives in order: a condition and its arguments, numbered from $1.
type branch struct {
	cond string
	args []any
}

func (b branch) and(cond string, args ...any) branch {
	n := make([]any, len(args))
	for i := range args {
		n[i] = len(b.args) + i + 1
	}
	out := branch{cond: b.cond, args: append(slices.Clone(b.args), args...)}
	if out.cond != "" {
		out.cond += " and "
	}
	out.cond += fmt.Sprintf(cond, n...)
	return out
}

// within is the condition "at p or below" by the columns that have an index: equality with street, community or
// compound, which keeps newest-first in the same index. (An `or` of path ranges makes PostgreSQL walk everything.)
func within(b branch, p scope.Path) branch {
	parts := strings.Split(string(p), "/")
	switch {
	case p == scope.Everywhere:
		return b
	case len(p) == 6 && len(parts) == 1:
		return b.and("district = $%d", string(p))
	case len(parts) == 1:
		// A city or a province: the empty text keeps the engines from collecting all of it by street and sorting that.
		lo, hi := p.Bounds()
		return b.and("district || '' >= $%d and district || '' < $%d", lo, hi)
	case len(parts) == 2:
		return b.and("street = $%d", parts[0])
	case len(parts) == 3:
		return b.and("community = $%d", parts[1])
	case len(parts) == 4:
		return b.and("compound = $%d", parts[2])
	}
	lo, hi := p.Bounds()
	return b.and("compound = $%d and path >= $%d and path < $%d", parts[2], lo, hi)
}

// branches splits what who may see of a list into parts that one index each can give.
func (d *Desk) branches(who access.Who, f Find) ([]branch, error) {
	if who.Account == "" && !who.System {
		return nil, access.ErrSignIn
	}
	var out []branch
	under := func(b branch) branch { return within(b, f.Under) }
	switch f.Mine {
	case "reported":
		out = append(out, under(branch{}.and("reporter_account = $%d and reporter_account <> ''", who.Account)))
		if who.Person != "" {
			out = append(out, under(branch{}.and("reporter_person = $%d and reporter_person <> ''", who.Person)))
		}
	case "holding":
		out = append(out, under(branch{}.and("live and holder_person = $%d and holder_person <> ''", actor(who))))
		for _, g := range who.Grants {
			if !slices.Contains(Handle.Posts, g.Post) {
				continue
			}
			b := within(branch{}.and("live and holder_person = ''"), g.Path)
			if g.Org != "" {
				out = append(out, under(b.and("holder_org = $%d", g.Org)))
			} else {
				out = append(out, under(b.and("holder_org = '' and holder_post = $%d", string(g.Post))))
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
	for i, b := range out {
		if f.Category != "" {
			b = b.and("category = $%d", f.Category)
		}
		if f.Kind != "" {
			b = b.and("kind = $%d", f.Kind)
		}
		if f.Urgency != "" {
			b = b.and("urgency = $%d", f.Urgency)
			if f.Urgency != Normal {
				b = b.and("urgency <> 'normal'") // the few have an index of their own
			}
		}
		if f.Holder != "" {
			b = b.and("(holder_org = $%d or holder_person = $%d)", f.Holder, f.Holder)
		}
		if f.Channel != "" {
			b = b.and("channel = $%d", f.Channel)
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
			b = b.and("due < $%d", int64(d.db.Now()))
		}
		out[i] = b
	}
	if len(f.States) > 0 {
		var split []branch
		for _, b := range out {
			for _, s := range f.States {
				switch {
				case s == "live" && (f.Q != "" || f.byDue()):
					split = append(split, b.and("live"))
				case s == "live":
					// State by state, as the index of live matters has them: they are few, and would else be picked out of all.
					for _, s := range course.States {
						if s.Live() {
							split = append(split, b.and("live and state = $%d", string(s)))
						}
					}
				case s == "paused":
					split = append(split, b.and("live and state = 'taken' and paused_until > $%d", int64(d.db.Now())))
				case !course.State(s).Known():
					return nil, fault.Bad("state", "cases.state_word", "状态有误", "the state is not one of ours")
				case course.State(s).Live():
					split = append(split, b.and("live and state = $%d", s))
				default:
					split = append(split, b.and("state = $%d", s))
				}
			}
		}
		out = split
	}
	return out, nil
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
		rows, more, err := d.page(ctx, q, parts, f)
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
		page.Count, err = d.count(ctx, q, parts, f)
		page.More = page.Count > most
		page.Count = min(page.Count, most)
		return err
	})
	return page, err
}

func (f Find) byDue() bool { return f.Q == "" && (f.Overdue || f.Sort == "due") }

// page reads each part in its own order and merges them.
func (d *Desk) page(ctx context.Context, q store.Queryer, parts []branch, f Find) (rows []row, more bool, err error) {
	seen := map[string]bool{}
	for _, b := range parts {
		order := "id desc"
		if f.byDue() {
			b, order = b.and("due > 0"), "due, id"
			if f.After != "" {
				due, id, ok := strings.Cut(f.After, ".")
				n, err := strconv.ParseInt(due, 10, 64)
				if !ok || err != nil {
					return nil, false, ErrCursor
				}
				b = b.and("due >= $%d and (due > $%d or id > $%d)", n, n, id)
			}
		} else if f.After != "" {
			if len(f.After) != 20 {
				return nil, false, ErrCursor
			}
			b = b.and("id < $%d", f.After)
		}
		var got []row
		if f.Q != "" {
			got, err = d.search(ctx, q, b, f.Q, f.Limit+1)
		} else {
			got, err = d.read(ctx, q, b, order, f.Limit+1)
		}
		if err != nil {
			return nil, false, err
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
		return rows[:f.Limit], true, nil
	}
	return rows, false, nil
}

func (d *Desk) read(ctx context.Context, q store.Queryer, b branch, order string, n int) ([]row, error) {
	b = b.orAll()
	args := append(slices.Clone(b.args), n)
	return store.All(ctx, q, scanRows, `select `+caseColumns+` from cases_case where `+b.cond+` order by `+order+fmt.Sprintf(` limit $%d`, len(args)), args...)
}

func (b branch) orAll() branch {
	if b.cond == "" {
		b.cond = "1 = 1"
	}
	return b
}

// count counts to one above most. Parts that overlap are counted by their ids.
func (d *Desk) count(ctx context.Context, q store.Queryer, parts []branch, f Find) (int64, error) {
	if f.Q != "" {
		return d.countSearch(ctx, q, parts, f.Q)
	}
	if len(parts) == 1 {
		b := parts[0].orAll()
		if f.byDue() {
			b = b.and("due > 0")
		}
		args := append(slices.Clone(b.args), most+1)
		return store.Count(ctx, q, `select count(*) from (select 1 as one from cases_case where `+b.cond+fmt.Sprintf(` limit $%d) as few`, len(args)), args...)
	}
	seen := map[string]bool{}
	for _, b := range parts {
		b = b.orAll()
		if f.byDue() {
			b = b.and("due > 0")
		}
		args := append(slices.Clone(b.args), most+1)
		ids, err := store.Texts(ctx, q, `select id from cases_case where `+b.cond+fmt.Sprintf(` limit $%d`, len(args)), args...)
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
		for _, s := range append(slices.DeleteFunc(slices.Clone(course.States), func(s course.State) bool { return !s.Live() }), "overdue") {
			f := Find{Under: under, Mine: mine}
			if s == "overdue" {
				f.Overdue = true
			} else {
				f.States = []string{string(s)}
			}
			parts, err := d.branches(who, f)
			if err != nil {
				return err
			}
			n, err := d.count(ctx, q, parts, f)
			if err != nil {
				return err
			}
			out = append(out, Counted{State: string(s), N: min(n, most), More: n > most})
		}
		return nil
	})
	return out, err
}
