package people

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strconv"
	"strings"

	"cuobian/basis/day"
	"cuobian/basis/scope"
	"cuobian/platform/seal"
	"cuobian/platform/store"
	"cuobian/rooms/people/ledger"
	"cuobian/rooms/place"
)

type personRow struct {
	id string
	NewPerson
}

// insertPersons writes persons with their sealed numbers; the drafts are checked.
func (r *Register) insertPersons(ctx context.Context, tx *store.Tx, people []personRow) error {
	var rows, phones [][]any
	for _, p := range people {
		initials := ""
		if ins := place.Initials(p.Name, p.Kind == "person"); len(ins) > 0 {
			initials = ins[0]
		}
		rows = append(rows, []any{p.id, p.Name, initials, p.Kind, p.Gender, p.IDKind,
			r.ring.Seal("people_person", "id_sealed", p.id, p.Identity), r.ring.Index(seal.Identity, p.Identity), seal.Last4(seal.Identity, p.Identity),
			strings.Join(wordsOf(p.Name, r.last4s(p.NewPerson)), " "), p.Demo, int64(tx.Now), int64(tx.Now)})
		phones = append(phones, r.phoneRows(tx, p.id, p.Phones)...)
	}
	if _, err := store.Fill(ctx, tx, `insert into people_person (id, name, initials, kind, gender, id_kind, id_sealed, id_index, id_last4, words, demo, created_at, changed_at) values`, "", rows); err != nil {
		return err
	}
	_, err := store.Fill(ctx, tx, `insert into people_phone (id, person, ord, sealed, phone_index, last4) values`, "", phones)
	return err
}

func (r *Register) phoneRows(tx *store.Tx, person string, phones []string) (rows [][]any) {
	for i, f := range phones {
		id := tx.NewID()
		rows = append(rows, []any{id, person, int64(i), r.ring.Seal("people_phone", "sealed", id, f), r.ring.Index(seal.Phone, f), seal.Last4(seal.Phone, f)})
	}
	return rows
}

func (r *Register) updatePerson(ctx context.Context, tx *store.Tx, id string, p NewPerson, phones, identity bool) error {
	initials := ""
	if ins := place.Initials(p.Name, p.Kind == "person"); len(ins) > 0 {
		initials = ins[0]
	}
	if _, err := tx.Exec(ctx, `update people_person set name = $2, initials = $3, gender = $4, version = version + 1, changed_at = $5 where id = $1`,
		id, p.Name, initials, p.Gender, tx.Now); err != nil {
		return err
	}
	if identity {
		if _, err := tx.Exec(ctx, `update people_person set id_kind = $2, id_sealed = $3, id_index = $4, id_last4 = $5 where id = $1`,
			id, p.IDKind, r.ring.Seal("people_person", "id_sealed", id, p.Identity), r.ring.Index(seal.Identity, p.Identity), seal.Last4(seal.Identity, p.Identity)); err != nil {
			return err
		}
	}
	if phones {
		if _, err := tx.Exec(ctx, `delete from people_phone where person = $1`, id); err != nil {
			return err
		}
		if _, err := store.Fill(ctx, tx, `insert into people_phone (id, person, ord, sealed, phone_index, last4) values`, "", r.phoneRows(tx, id, p.Phones)); err != nil {
			return err
		}
	}
	return nil
}

// Person reads somebody, masked. Who may see is for the caller to check.
func (r *Register) Person(ctx context.Context, q store.Queryer, id string) (Person, error) {
	all, err := r.persons(ctx, q, []string{id})
	if err != nil {
		return Person{}, err
	}
	p, ok := all[id]
	if !ok {
		return p, ErrMissing
	}
	return p, nil
}

const personPage = 50

// persons reads many, masked, by id.
func (r *Register) persons(ctx context.Context, q store.Queryer, ids []string) (map[string]Person, error) {
	out := map[string]Person{}
	ids = slices.Clone(ids)
	slices.Sort(ids)
	ids = slices.Compact(ids)
	for len(ids) > 0 {
		n := min(len(ids), personPage)
		size := personPage
		if n == 1 {
			size = 1
		}
		args := make([]any, size)
		for i := range args {
			args[i] = ids[min(i, n-1)]
		}
		found, err := store.All(ctx, q, func(row *sql.Rows) (p Person, err error) {
			var last4 string
			err = row.Scan(&p.ID, &p.Name, &p.Kind, &p.Gender, &p.IDKind, &last4, &p.idIndex, &p.Status, &p.Merged, &p.Demo, &p.Version)
			p.Identity = seal.MaskLast4(seal.Identity, last4)
			p.Phones = []string{}
			return p, err
		}, `select id, name, kind, gender, id_kind, id_last4, id_index, status, merged_into, demo, version from people_person where id in (`+store.Marks(1, size)+`)`, args...)
		if err != nil {
			return nil, err
		}
		for _, p := range found {
			out[p.ID] = p
		}
		type phone struct{ person, last4 string }
		phones, err := store.All(ctx, q, func(row *sql.Rows) (f phone, err error) {
			err = row.Scan(&f.person, &f.last4)
			return f, err
		}, `select person, last4 from people_phone where person in (`+store.Marks(1, size)+`) order by person, ord`, args...)
		if err != nil {
			return nil, err
		}
		for _, f := range phones {
			p := out[f.person]
			p.Phones = append(p.Phones, seal.MaskLast4(seal.Phone, f.last4))
			out[f.person] = p
		}
		ids = ids[n:]
	}
	return out, nil
}

func (r *Register) byIdentity(ctx context.Context, q store.Queryer, number string) ([]string, error) {
	if number == "" {
		return nil, nil
	}
	return store.Texts(ctx, q, `select id from people_person where id_index = $1 and id_index <> '' and status = '' order by id`, r.ring.Index(seal.Identity, number))
}

func (r *Register) byPhone(ctx context.Context, q store.Queryer, phone string) ([]Person, error) {
	x := r.ring.Index(seal.Phone, phone)
	if x == "" {
		return nil, nil
	}
	ids, err := store.Texts(ctx, q, `select distinct p.id from people_phone f join people_person p on p.id = f.person where f.phone_index = $1 and p.status = '' order by p.id limit 50`, x)
	if err != nil {
		return nil, err
	}
	all, err := r.persons(ctx, q, ids)
	out := make([]Person, 0, len(ids))
	for _, id := range ids {
		out = append(out, all[id])
	}
	return out, err
}

func (r *Register) phones(ctx context.Context, q store.Queryer, person string) ([]string, error) {
	type cell struct {
		id     string
		sealed []byte
	}
	cells, err := store.All(ctx, q, func(row *sql.Rows) (c cell, err error) {
		err = row.Scan(&c.id, &c.sealed)
		return c, err
	}, `select id, sealed from people_phone where person = $1 order by ord, id`, person)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, c := range cells {
		v, err := r.ring.Open("people_phone", "sealed", c.id, c.sealed)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

func (r *Register) identity(ctx context.Context, q store.Queryer, person string) (string, error) {
	var sealed []byte
	err := q.QueryRow(ctx, `select id_sealed from people_person where id = $1`, person).Scan(&sealed)
	if errors.Is(err, sql.ErrNoRows) {
		return "", ErrMissing
	}
	if err != nil || len(sealed) == 0 {
		return "", err
	}
	return r.ring.Open("people_person", "id_sealed", person, sealed)
}

// link ties a person to a place for seeing and finding.
type link struct {
	person, name string
	path         scope.Path
	last4        []string
}

func (r *Register) last4s(p NewPerson) (out []string) {
	for _, f := range p.Phones {
		out = append(out, seal.Last4(seal.Phone, f))
	}
	return append(out, seal.Last4(seal.Identity, p.Identity))
}

// numberToken marks the last four of a number among the words.
const numberToken = "#"

func (r *Register) link(ctx context.Context, tx *store.Tx, links []link) error {
	var rows, tokens [][]any
	seen := map[[2]string]bool{}
	for _, l := range links {
		at := string(linkPath(l.path))
		if k := [2]string{l.person, at}; seen[k] {
			continue
		} else {
			seen[k] = true
		}
		rows = append(rows, []any{l.person, at})
		for _, t := range wordsOf(l.name, l.last4) {
			tokens = append(tokens, []any{at, t, l.person})
		}
	}
	if _, err := store.Fill(ctx, tx, `insert into people_link (person, path) values`, `on conflict do nothing`, rows); err != nil {
		return err
	}
	_, err := store.Fill(ctx, tx, `insert into people_word (path, token, person) values`, `on conflict do nothing`, tokens)
	return err
}

// wordsOf are the words under which somebody is found.
func wordsOf(name string, last4 []string) []string {
	words := place.Tokens(name, true)
	for _, n := range last4 {
		if w := numberToken + strings.ToLower(n); n != "" && !slices.Contains(words, w) {
			words = append(words, w)
		}
	}
	return words
}

// unword takes a person's words away from all their places.
func (r *Register) unword(ctx context.Context, tx *store.Tx, person string) error {
	var words string
	err := tx.QueryRow(ctx, `select words from people_person where id = $1`, person).Scan(&words)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	paths, err := r.places(ctx, tx, person)
	if err != nil {
		return err
	}
	for _, at := range paths {
		for _, w := range strings.Fields(words) {
			if _, err := tx.Exec(ctx, `delete from people_word where path = $1 and token = $2 and person = $3`, string(at), w, person); err != nil {
				return err
			}
		}
	}
	return nil
}

// relink makes a person's words anew after a change of name, numbers or places. Places that go are unworded before.
func (r *Register) relink(ctx context.Context, tx *store.Tx, person string) error {
	if err := r.unword(ctx, tx, person); err != nil {
		return err
	}
	p, err := r.Person(ctx, tx, person)
	if err != nil || p.Status != "" {
		return err
	}
	paths, err := r.places(ctx, tx, person)
	if err != nil {
		return err
	}
	last4, err := store.Texts(ctx, tx, `select last4 from people_phone where person = $1 union select id_last4 from people_person where id = $1`, person)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `update people_person set words = $2 where id = $1`, person, strings.Join(wordsOf(p.Name, last4), " ")); err != nil {
		return err
	}
	var links []link
	for _, at := range paths {
		links = append(links, link{person, p.Name, at, last4})
	}
	return r.link(ctx, tx, links)
}

// linkTo links a person who is on the register already to one more place.
func (r *Register) linkTo(ctx context.Context, tx *store.Tx, person string, at scope.Path) error {
	n, err := store.Count(ctx, tx, `select count(*) from people_link where person = $1 and path = $2`, person, string(linkPath(at)))
	if err != nil || n > 0 {
		return err
	}
	if _, err := tx.Exec(ctx, `insert into people_link (person, path) values ($1, $2)`, person, string(linkPath(at))); err != nil {
		return err
	}
	return r.relink(ctx, tx, person)
}

func (r *Register) places(ctx context.Context, q store.Queryer, person string) ([]scope.Path, error) {
	return store.All(ctx, q, func(row *sql.Rows) (p scope.Path, err error) {
		err = row.Scan(&p)
		return p, err
	}, `select path from people_link where person = $1 order by path`, person)
}

// listed pages through the persons of paths by place, then by when they were entered; somebody with two compounds is
// listed at both. next is the mark of the next page.
func (r *Register) listed(ctx context.Context, paths []scope.Path, after string, limit int) (ids []string, next string, count int64, err error) {
	n := strconv.Itoa
	cond, args := scope.Where("l.path", 1, paths...)
	if count, err = store.Count(ctx, r.db, `select count(*) from (select 1 as x from people_link l where `+cond+` limit `+n(CountTo+1)+`) as page`, args...); err != nil {
		return nil, "", 0, err
	}
	if after != "" {
		path, person, ok := strings.Cut(after, "\t")
		if !ok {
			return nil, "", 0, ErrCursor
		}
		args = append(args, path, person)
		k := len(args)
		cond += ` and (l.path, l.person) > ($` + n(k-1) + `, $` + n(k) + `)`
	}
	args = append(args, limit+1)
	type row struct{ path, person string }
	rows, err := store.All(ctx, r.db, func(x *sql.Rows) (o row, err error) {
		err = x.Scan(&o.path, &o.person)
		return o, err
	}, `select l.path, l.person from people_link l join people_person p on p.id = l.person where p.status = '' and `+cond+` order by l.path, l.person limit $`+n(len(args)), args...)
	if err != nil {
		return nil, "", 0, err
	}
	if len(rows) > limit {
		rows = rows[:limit]
		next = rows[limit-1].path + "\t" + rows[limit-1].person
	}
	for _, x := range rows {
		if !slices.Contains(ids, x.person) {
			ids = append(ids, x.person)
		}
	}
	return ids, next, count, nil
}

// named finds persons within paths by words, numbers or a home.
func (r *Register) named(ctx context.Context, query string, paths []scope.Path, after string, limit int) ([]string, error) {
	n := strconv.Itoa
	plain := place.Plain(query)
	digits := strings.Trim(plain, "0123456789x") == "" && plain != "" && strings.Trim(plain, "x") != ""
	if digits && len(plain) >= 7 { // a whole number: through the blind indexes
		cond, args := scope.Where("l.path", 1, paths...)
		args = append(args, r.ring.Index(seal.Phone, plain), r.ring.Index(seal.Identity, fullIdentity(plain)), after, limit+1)
		k := len(args)
		return store.Texts(ctx, r.db, `select p.id from people_person p
where p.id in (select f.person from people_phone f where f.phone_index = $`+n(k-3)+` union select i.id from people_person i where i.id_index = $`+n(k-2)+` and i.id_index <> '')
and p.status = '' and p.id > $`+n(k-1)+` and exists (select 1 from people_link l where l.person = p.id and `+cond+`) order by p.id limit $`+n(k), args...)
	}
	if !digits || len(plain) != 4 || place.LabelOf(query) == "" {
		if ids, isHome, err := r.atHome(ctx, query, paths, after, limit); err != nil || isHome {
			return ids, err
		}
	}
	lo, hi := plain, place.After(plain)
	if digits && len(plain) == 4 {
		lo, hi = numberToken+plain, place.After(numberToken+plain)
	}
	// Every place to which somebody may be tied is asked for itself: the words of a place lie together.
	cond, args := scope.Where("n.path", 1, paths...)
	args = append(args, lo, hi, after, limit+1)
	k := len(args)
	from, to, past := n(k-3), n(k-2), n(k-1)
	ids, err := store.Texts(ctx, r.db, `select person from (
select w.person from place_v_node n join people_word w on w.path = n.path
where n.kind in ('street', 'community', 'grid', 'lane', 'compound') and `+cond+` and w.token >= $`+from+` and w.token < $`+to+` and w.person > $`+past+`
union select w.person from people_word w where w.path in (`+above(paths)+`) and w.token >= $`+from+` and w.token < $`+to+` and w.person > $`+past+`) as found
order by person limit $`+n(k), args...)
	if err != nil {
		return nil, err
	}
	if digits && len(plain) == 4 && after == "" { // 0502 may be a room as well
		some, _, err := r.atHome(ctx, query, paths, after, limit)
		if err != nil {
			return nil, err
		}
		ids = append(ids, some...)
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	if len(ids) > limit+1 {
		ids = ids[:limit+1]
	}
	return ids, nil
}

// atHome finds who owns or lives in the homes that query names; isHome says that it named one.
func (r *Register) atHome(ctx context.Context, query string, paths []scope.Path, after string, limit int) (ids []string, isHome bool, err error) {
	if !strings.ContainsAny(place.Plain(query), "0123456789") {
		return nil, false, nil
	}
	homes, err := r.Map.Search(ctx, r.db, query, 20, place.Home, paths...)
	if err != nil || len(homes) == 0 {
		return nil, false, err
	}
	for _, h := range homes {
		some, err := store.Texts(ctx, r.db, `select person from people_title where node = $1 and to_day = '' union select person from people_household where node = $1 and to_day = ''`, h.ID)
		if err != nil {
			return nil, true, err
		}
		ids = append(ids, some...)
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	ids = slices.DeleteFunc(ids, func(id string) bool { return id <= after })
	if len(ids) > limit+1 {
		ids = ids[:limit+1]
	}
	return ids, true, nil
}

// above lists, as SQL texts, the divisions within paths to which somebody may be tied, such as a district officer's
// 350503; they are no places of the tree. The codes are digits.
func above(paths []scope.Path) string {
	out := []string{"'-'"}
	for _, p := range paths {
		if p.Street() == "" && strings.Trim(string(p), "0123456789") == "" {
			out = append(out, "'"+string(p)+"'")
		}
	}
	return strings.Join(out, ", ")
}

// seats says where and why persons are, within paths, at most five each.
func (r *Register) seats(ctx context.Context, q store.Queryer, persons []string, paths []scope.Path, on day.Day) (map[string][]Seat, error) {
	out := map[string][]Seat{}
	var at []scope.Path
	err := pages(slices.Clone(persons), func(ids []any) error {
		cond, args := scope.Where("path", personPage+2, paths...)
		args = append(append(ids, on), args...)
		in, d := store.Marks(1, personPage), "$"+strconv.Itoa(personPage+1)
		rows, err := q.Query(ctx, `select person, kind, post, node, path from (
select 'owner' as kind, '' as post, node, path, person from people_title where person in (`+in+`) and (to_day = '' or to_day >= `+d+`)
union all select relation, '', node, path, person from people_household where person in (`+in+`) and relation <> 'owner' and (to_day = '' or to_day >= `+d+`)
union all select 'post', post, org, path, person from people_term where person in (`+in+`) and from_day <= `+d+` and (to_day = '' or to_day >= `+d+`)) as seats
where `+cond+` order by person, kind, path`, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id string
			var s Seat
			if err := rows.Scan(&id, &s.Kind, &s.Post, &s.Node, &s.Path); err != nil {
				return err
			}
			if len(out[id]) < 5 {
				out[id] = append(out[id], s)
				at = append(at, s.Path)
			}
		}
		return rows.Err()
	})
	if err != nil {
		return nil, err
	}
	words, err := r.Map.WordsFor(ctx, q, at...)
	for id := range out {
		for i := range out[id] {
			out[id][i].Words = words[out[id][i].Path]
		}
	}
	return out, err
}

// Names gives persons' names by id; whoever is unknown is left out.
func Names(ctx context.Context, q store.Queryer, ids ...string) (map[string]string, error) {
	out := map[string]string{}
	ids = slices.Clone(ids)
	slices.Sort(ids)
	ids = slices.DeleteFunc(slices.Compact(ids), func(s string) bool { return s == "" })
	for part := range slices.Chunk(ids, 40) {
		args := make([]any, len(part))
		for i, r := range part {
			args[i] = r
		}
		rows, err := store.All(ctx, q, func(r *sql.Rows) (x [2]string, err error) {
			err = r.Scan(&x[0], &x[1])
			return x, err
		}, `select id, name from people_person where id in (`+store.Marks(1, len(part))+`)`, args...)
		if err != nil {
			return nil, err
		}
		for _, x := range rows {
			out[x[0]] = x[1]
		}
	}
	return out, nil
}

// fullIdentity completes a number of 15 digits to its 18; others stay.
func fullIdentity(number string) string {
	if id, why := ledger.ParseIdentity(number, ""); why == "" && id.Number != "" {
		return id.Number
	}
	return number
}
