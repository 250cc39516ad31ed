package people

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"strings"

	"cuobian/basis/day"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/store"
	"cuobian/rooms/place"
)

const orgColumns = `id, kind, name, path, parent, founded_on, ended_on, filed_on, filed_no, number, to_day, demo, version, said_members, said_party`

func scanOrg(row interface{ Scan(...any) error }) (o Org, err error) {
	err = row.Scan(&o.ID, &o.Kind, &o.Name, &o.Path, &o.Parent, &o.FoundedOn, &o.EndedOn, &o.FiledOn, &o.FiledNo, &o.Number, &o.To, &o.Demo, &o.Version, &o.SaidMembers, &o.SaidParty)
	return o, err
}

// Org reads an organisation. Who may see is for the caller to check.
func (r *Register) Org(ctx context.Context, q store.Queryer, id string) (Org, error) {
	o, err := scanOrg(q.QueryRow(ctx, `select `+orgColumns+` from people_org where id = $1`, id))
	if errors.Is(err, sql.ErrNoRows) {
		return o, ErrMissing
	}
	return o, err
}

// OrgsAt reads the organisations of some kinds that stand on a day below a path (or at it).
func (r *Register) OrgsAt(ctx context.Context, q store.Queryer, below scope.Path, on day.Day, kinds ...OrgKind) ([]Org, error) {
	out, _, err := r.findOrgs(ctx, q, OrgFind{Kinds: kinds, On: on, Limit: 100000}, []scope.Path{below})
	return out, err
}

func (r *Register) findOrgs(ctx context.Context, q store.Queryer, f OrgFind, paths []scope.Path) ([]Org, int64, error) {
	cond, args := scope.Where("path", 1, paths...)
	arg := func(v any) string {
		args = append(args, v)
		return "$" + strconv.Itoa(len(args))
	}
	if len(f.Kinds) > 0 {
		var marks []string
		for _, k := range f.Kinds {
			marks = append(marks, arg(string(k)))
		}
		cond += " and kind in (" + strings.Join(marks, ", ") + ")"
	}
	if f.On.Sound() {
		d := arg(f.On)
		cond += " and founded_on <= " + d + " and (ended_on = '' or ended_on >= " + d + ")"
	}
	if s := place.Plain(f.Query); s != "" {
		// As written and made plain: a name keeps its full-width signs.
		part := func(s string) string { return arg("%" + strings.NewReplacer("%", "", "_", "").Replace(s) + "%") }
		plain := part(s)
		cond += " and (lower(name) like " + plain + " or initials like " + plain + " or lower(name) like " + part(strings.ToLower(strings.TrimSpace(f.Query))) + ")"
	}
	count, err := store.Count(ctx, q, `select count(*) from (select 1 as x from people_org where `+cond+` limit `+strconv.Itoa(CountTo+1)+`) as page`, args...)
	if err != nil {
		return nil, 0, err
	}
	if f.After != "" {
		cond += " and id > " + arg(f.After)
	}
	limit := arg(f.Limit + 1)
	out, err := store.All(ctx, q, func(row *sql.Rows) (Org, error) { return scanOrg(row) }, `select `+orgColumns+` from people_org where `+cond+` order by id limit `+limit, args...)
	return out, count, err
}

func insertOrg(ctx context.Context, tx *store.Tx, o Org) error {
	initials := ""
	if ins := place.Initials(o.Name, false); len(ins) > 0 {
		initials = ins[0]
	}
	_, err := tx.Exec(ctx, `insert into people_org (id, kind, name, initials, path, parent, founded_on, ended_on, filed_on, filed_no, number, to_day, demo, created_at, changed_at, said_members, said_party)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $14, $15, $16)`,
		o.ID, string(o.Kind), o.Name, initials, string(o.Path), o.Parent, o.FoundedOn, o.EndedOn, o.FiledOn, o.FiledNo, o.Number, o.To, o.Demo, tx.Now, o.SaidMembers, o.SaidParty)
	return err
}

func updateOrg(ctx context.Context, tx *store.Tx, o Org) error {
	initials := ""
	if ins := place.Initials(o.Name, false); len(ins) > 0 {
		initials = ins[0]
	}
	_, err := tx.Exec(ctx, `update people_org set name = $2, initials = $3, parent = $4, founded_on = $5, ended_on = $6, filed_on = $7, filed_no = $8, number = $9, to_day = $10, version = $11, changed_at = $12, said_members = $13, said_party = $14 where id = $1`,
		o.ID, o.Name, initials, o.Parent, o.FoundedOn, o.EndedOn, o.FiledOn, o.FiledNo, o.Number, o.To, o.Version, tx.Now, o.SaidMembers, o.SaidParty)
	return err
}

func insertTerm(ctx context.Context, tx *store.Tx, t Term) error {
	_, err := tx.Exec(ctx, `insert into people_term (id, org, post, title, person, path, from_day, to_day, party, zone, deputy_for, created_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
		t.ID, t.Org, string(t.Post), t.Title, t.Person, string(t.Path), t.From, t.To, t.Party, t.Zone, t.DeputyFor, tx.Now)
	return err
}

func updateTerm(ctx context.Context, tx *store.Tx, t Term) error {
	_, err := tx.Exec(ctx, `update people_term set title = $2, from_day = $3, to_day = $4, party = $5, zone = $6, version = $7 where id = $1`, t.ID, t.Title, t.From, t.To, t.Party, t.Zone, t.Version)
	return err
}

const termColumns = `t.id, t.org, t.post, t.title, t.person, p.name, t.path, t.from_day, t.to_day, t.party, t.zone, t.deputy_for, t.ended_why, t.version`

func scanTerm(row interface{ Scan(...any) error }) (t Term, err error) {
	err = row.Scan(&t.ID, &t.Org, &t.Post, &t.Title, &t.Person, &t.Name, &t.Path, &t.From, &t.To, &t.Party, &t.Zone, &t.DeputyFor, &t.EndedWhy, &t.Version)
	return t, err
}

// Term reads a term. Who may see is for the caller to check.
func (r *Register) Term(ctx context.Context, q store.Queryer, id string) (Term, error) {
	t, err := scanTerm(q.QueryRow(ctx, `select `+termColumns+` from people_term t join people_person p on p.id = t.person where t.id = $1`, id))
	if errors.Is(err, sql.ErrNoRows) {
		return t, ErrMissing
	}
	return t, err
}

// TermFind asks for terms; empty fields are not asked for.
type TermFind struct {
	Person string
	Org    string
	Posts  []access.Post
	At     scope.Path   // at and below this place; with Exact only at it
	Exact  bool         // At alone, also when it is "" (everywhere)
	Paths  []scope.Path // at exactly these places
	On     day.Day      // in force on that day
	After  string       // id
	Limit  int
}

// Terms reads terms by id. Who may see is for the caller to check.
func (r *Register) Terms(ctx context.Context, q store.Queryer, f TermFind) ([]Term, error) {
	var conds []string
	var args []any
	arg := func(v any) string {
		args = append(args, v)
		return "$" + strconv.Itoa(len(args))
	}
	if f.Person != "" {
		conds = append(conds, "t.person = "+arg(f.Person))
	}
	if f.Org != "" {
		conds = append(conds, "t.org = "+arg(f.Org))
	}
	if len(f.Posts) > 0 {
		var marks []string
		for _, p := range f.Posts {
			marks = append(marks, arg(string(p)))
		}
		conds = append(conds, "t.post in ("+strings.Join(marks, ", ")+")")
	}
	switch {
	case f.Exact:
		conds = append(conds, "t.path = "+arg(string(f.At)))
	case f.At != "":
		lo, hi := f.At.Bounds()
		conds = append(conds, "t.path >= "+arg(lo)+" and t.path < "+arg(hi))
	}
	if len(f.Paths) > 0 {
		var marks []string
		for _, p := range f.Paths {
			marks = append(marks, arg(string(p)))
		}
		conds = append(conds, "t.path in ("+strings.Join(marks, ", ")+")")
	}
	if f.On.Sound() {
		d := arg(f.On)
		conds = append(conds, "t.from_day <= "+d+" and (t.to_day = '' or t.to_day >= "+d+")")
	}
	if f.After != "" {
		conds = append(conds, "t.id > "+arg(f.After))
	}
	cond := "1=1"
	if len(conds) > 0 {
		cond = strings.Join(conds, " and ")
	}
	tail := ""
	if f.Limit > 0 {
		tail = " limit " + arg(f.Limit)
	}
	return store.All(ctx, q, func(row *sql.Rows) (Term, error) { return scanTerm(row) },
		`select `+termColumns+` from people_term t join people_person p on p.id = t.person where `+cond+` order by t.id`+tail, args...)
}

// residence are the compounds where a person owns or lives on a day.
func (r *Register) residence(ctx context.Context, q store.Queryer, person string, on day.Day) ([]scope.Path, error) {
	homes, err := store.All(ctx, q, func(row *sql.Rows) (p scope.Path, err error) {
		err = row.Scan(&p)
		return p, err
	}, `select path from people_title where person = $1 and from_day <= $2 and (to_day = '' or to_day >= $2)
union select path from people_household where person = $1 and from_day <= $2 and (to_day = '' or to_day >= $2)`, person, on)
	if err != nil {
		return nil, err
	}
	for i := range homes {
		homes[i] = linkPath(homes[i])
	}
	return compactPaths(homes), nil
}

// OrgNamed finds the standing organisation of that kind and name at or below a path; ErrMissing when there is none.
func (r *Register) OrgNamed(ctx context.Context, q store.Queryer, kind OrgKind, name string, below scope.Path) (Org, error) {
	cond, args := scope.Where("path", 3, below)
	o, err := scanOrg(q.QueryRow(ctx, `select `+orgColumns+` from people_org where name = $1 and kind = $2 and `+cond+` and ended_on = '' order by id limit 1`, append([]any{name, string(kind)}, args...)...))
	if errors.Is(err, sql.ErrNoRows) {
		return o, ErrMissing
	}
	return o, err
}

// listTerms pages through the terms within paths and counts them.
func (r *Register) listTerms(ctx context.Context, f TermFind, paths []scope.Path, limit int) ([]Term, int64, error) {
	cond, args := scope.Where("t.path", 1, paths...)
	arg := func(v any) string {
		args = append(args, v)
		return "$" + strconv.Itoa(len(args))
	}
	if f.Person != "" {
		cond += " and t.person = " + arg(f.Person)
	}
	if f.Org != "" {
		cond += " and t.org = " + arg(f.Org)
	}
	if len(f.Posts) == 1 {
		cond += " and t.post = " + arg(string(f.Posts[0]))
	}
	if f.On.Sound() {
		d := arg(f.On)
		cond += " and t.from_day <= " + d + " and (t.to_day = '' or t.to_day >= " + d + ")"
	}
	count, err := store.Count(ctx, r.db, `select count(*) from (select 1 as x from people_term t where `+cond+` limit `+strconv.Itoa(CountTo+1)+`) as page`, args...)
	if err != nil {
		return nil, 0, err
	}
	if f.After != "" {
		cond += " and t.id > " + arg(f.After)
	}
	n := arg(limit + 1)
	items, err := store.All(ctx, r.db, func(row *sql.Rows) (Term, error) { return scanTerm(row) },
		`select `+termColumns+` from people_term t join people_person p on p.id = t.person where `+cond+` order by t.id limit `+n, args...)
	return items, count, err
}
