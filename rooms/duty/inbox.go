package duty

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/paged"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/store"
)

// Page is one page of duties, soonest first.
type Page = paged.List[Duty]

// Ask filters an inbox.
type Ask struct {
	Kind     string // exact, or a room's name for all of its kinds
	From, To day.Instant
	After    string // cursor of an earlier page
	Limit    int    // 0 is 50
	Overdue  bool
}

// ErrCursor refuses a cursor that no page gave.
var ErrCursor = fault.Bad("after", "duty.cursor", "翻页位置不对，请重新打开列表", "that page mark is not one of ours, please open the list again")

// owed writes the condition "who owes it": by name, standing in, by post at the place, or raised to the post. Each
// part is an index range of its own.
func owed(who access.Who, first int) ([]string, [][]any) {
	var conds []string
	var args [][]any
	add := func(c string, a ...any) { conds = append(conds, c); args = append(args, a) }
	people := []string{who.Person}
	for _, g := range who.Grants {
		if g.Deputy != "" && !slices.Contains(people, g.Deputy) {
			people = append(people, g.Deputy)
		}
	}
	for _, p := range people {
		if p != "" {
			add(fmt.Sprintf("person = $%d and person <> ''", first), p)
		}
	}
	seen := map[string]bool{}
	for _, g := range who.Grants {
		key := string(g.Post) + "|" + string(g.Path) + "|" + g.Org
		if g.Post == access.Resident || seen[key] {
			continue
		}
		seen[key] = true
		where, a := at(g.Path, first+2)
		add(fmt.Sprintf("post = $%d and (org = '' or org = $%d) and person = '' and %s", first, first+1, where), append([]any{string(g.Post), g.Org}, a...)...)
		where, a = at(g.Path, first+1)
		add(fmt.Sprintf("id in (select duty from duty_raised where post = $%d and %s)", first, where), append([]any{string(g.Post)}, a...)...)
	}
	return conds, args
}

// at is the condition "at p or below". A whole street is an equality, so that its index gives the rows in order.
func at(p scope.Path, first int) (string, []any) {
	if p != "" && p == p.Street() {
		return fmt.Sprintf("street = $%d", first), []any{string(p)}
	}
	return scope.Where("path", first, p)
}

// open is the condition of duties to be done. Its second half says nothing new: SQLite takes the partial indexes only
// where their own condition stands in the query.
const open = "state = 'open' and state in ('open', 'done')"

// Inbox lists what who owes now, soonest first.
func (d *Diary) Inbox(ctx context.Context, who access.Who, ask Ask) (Page, error) {
	if who.Account == "" {
		return Page{}, access.ErrSignIn
	}
	if ask.Limit <= 0 || ask.Limit > 200 {
		ask.Limit = 50
	}
	common := open
	var cargs []any
	add := func(c string, v ...any) {
		n := make([]any, len(v))
		for i := range v {
			cargs = append(cargs, v[i])
			n[i] = len(cargs)
		}
		common += " and " + fmt.Sprintf(c, n...)
	}
	if ask.Kind != "" {
		add("(kind = $%d or (kind >= $%d and kind < $%d))", ask.Kind, ask.Kind+".", ask.Kind+"/")
	}
	if ask.From != 0 {
		add("due >= $%d", int64(ask.From))
	}
	if ask.To != 0 {
		add("due < $%d", int64(ask.To))
	}
	if ask.Overdue {
		add("due < $%d", int64(d.db.Now()))
	}
	counting, countArgs := common, slices.Clone(cargs)
	if ask.After != "" {
		var due int64
		var id string
		if n, err := fmt.Sscanf(ask.After, "%d~%s", &due, &id); n != 2 || err != nil {
			return Page{}, ErrCursor
		}
		add("(due > $%d or (due = $%d and id > $%d))", due, due, id)
	}
	seen := map[string]bool{}
	items := []Duty{} // an empty day is a list too
	conds, _ := owed(who, 1)
	for i := range conds {
		cs, as := owed(who, len(cargs)+1)
		got, err := store.All(ctx, d.db, func(r *sql.Rows) (Duty, error) { return scanDuty(r) },
			`select `+columns+` from duty_duty where `+common+` and `+cs[i]+fmt.Sprintf(` order by due, id limit %d`, ask.Limit+1), append(slices.Clone(cargs), as[i]...)...)
		if err != nil {
			return Page{}, err
		}
		for _, x := range got {
			if !seen[x.ID] {
				seen[x.ID] = true
				items = append(items, x)
			}
		}
	}
	slices.SortFunc(items, func(a, b Duty) int {
		if a.Due != b.Due {
			if a.Due < b.Due {
				return -1
			}
			return 1
		}
		return strings.Compare(a.ID, b.ID)
	})
	p := Page{Items: items}
	for i := range p.Items[:min(len(items), ask.Limit)] {
		x := &p.Items[i]
		_, x.Steps = d.keeps[x.Kind]
		if d.PageOf != nil {
			var err error
			if x.Page, err = d.PageOf(ctx, d.db, x.Ref); err != nil {
				return Page{}, err
			}
		}
	}
	if len(p.Items) > ask.Limit {
		p.Items = items[:ask.Limit]
		last := p.Items[ask.Limit-1]
		p.Next = fmt.Sprintf("%d~%s", int64(last.Due), last.ID)
	}
	if ask.After == "" && p.Next == "" {
		p.Count = int64(len(p.Items))
		return p, nil
	}
	for i := range conds {
		cs, as := owed(who, len(countArgs)+1)
		n, err := store.Count(ctx, d.db, `select count(*) from (select 1 as x from duty_duty where `+counting+` and `+cs[i]+` limit 1001) t`, append(slices.Clone(countArgs), as[i]...)...)
		if err != nil {
			return Page{}, err
		}
		p.Count += n
	}
	if p.Count > 1000 {
		p.Count, p.More = 1000, true
	}
	return p, nil
}

// Heap is how many duties lie with one holder or at one place.
type Heap struct {
	Key     string      `json:"key" doc:"person id, post or place path"`
	Org     string      `json:"org"`
	Open    int64       `json:"open"`
	Overdue int64       `json:"overdue"`
	Oldest  day.Instant `json:"oldest" doc:"the earliest deadline among them"`
}

// ErrBy refuses an unknown grouping.
var ErrBy = fault.Bad("by", "duty.by", "只能按 person、post 或 place 汇总", "group by person, post or place")

// oversees reports whether who sees what an organisation owes at a place: a company's manager sees its own alone.
func oversees(who access.Who, at scope.Path, org string) bool {
	return who.System || slices.ContainsFunc(who.Grants, func(g access.Grant) bool {
		return slices.Contains(Oversee.Posts, g.Post) && g.Path.Covers(at) && (g.Post != access.PropertyManager || org != "" && g.Org == org)
	})
}

// overseen is the same as a condition on path and org, with its arguments from first on.
func overseen(who access.Who, first int) (string, []any) {
	cond, args := "1=0", []any{}
	if who.System {
		return "1=1", args
	}
	for _, g := range who.Grants {
		if !slices.Contains(Oversee.Posts, g.Post) {
			continue
		}
		c, a := scope.Where("path", first+len(args), g.Path)
		args = append(args, a...)
		if g.Post == access.PropertyManager {
			c += fmt.Sprintf(" and org = $%d and org <> ''", first+len(args))
			args = append(args, g.Org)
		}
		cond += " or (" + c + ")"
	}
	return "(" + cond + ")", args
}

// Overdue sums up what is open and overdue in who's area, by person, post or place (the compound or above).
func (d *Diary) Overdue(ctx context.Context, who access.Who, under scope.Path, by string) ([]Heap, error) {
	if err := who.MaySomewhere(Oversee); err != nil {
		return nil, err
	}
	key := map[string]string{"person": "person", "post": "post", "place": "path"}[by]
	if key == "" {
		return nil, ErrBy
	}
	cond, args := overseen(who, 2)
	if under != "" {
		c, a := scope.Where("path", 2+len(args), under)
		cond, args = cond+" and "+c, append(args, a...)
	}
	rows, err := store.All(ctx, d.db, func(r *sql.Rows) (h Heap, err error) {
		err = r.Scan(&h.Key, &h.Org, &h.Open, &h.Overdue, &h.Oldest)
		return h, err
	}, `select `+key+`, org, count(*), sum(case when due < $1 then 1 else 0 end), min(due) from duty_duty where `+open+` and `+cond+` group by `+key+`, org order by 4 desc, 3 desc, 1, 2 limit 500`,
		append([]any{int64(d.db.Now())}, args...)...)
	return rows, err
}
