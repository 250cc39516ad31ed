package people

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strconv"

	"cuobian/basis/scope"
	"cuobian/platform/audit"
	"cuobian/platform/seal"
	"cuobian/platform/store"
	"cuobian/rooms/people/ledger"
	"cuobian/rooms/place"
)

// ownersIn reads the open titles of a compound, which nodes ever had owners, and who is tied to it.
func (r *Register) ownersIn(ctx context.Context, q store.Queryer, in *interior) error {
	lo, hi := in.node.Path.Bounds()
	type row struct {
		held
		node  string
		phone int64
	}
	rows, err := store.All(ctx, q, func(x *sql.Rows) (o row, err error) {
		err = x.Scan(&o.id, &o.node, &o.person, &o.name, &o.idIndex, &o.shareN, &o.shareD, &o.from, &o.version, &o.phone)
		return o, err
	}, `select t.id, t.node, t.person, p.name, p.id_index, t.share_n, t.share_d, t.from_day, t.version,
case when exists (select 1 from people_phone f where f.person = p.id) then 1 else 0 end
from people_title t join people_person p on p.id = t.person where t.to_day = '' and t.path >= $1 and t.path < $2 order by t.id`, lo, hi)
	if err != nil {
		return err
	}
	for _, o := range rows {
		in.titles[o.node] = append(in.titles[o.node], o.held)
		if o.idIndex == "" && o.phone == 0 {
			in.plain[place.Plain(o.name)] = o.person
		}
	}
	ever, err := store.Texts(ctx, q, `select distinct node from people_title where path >= $1 and path < $2`, lo, hi)
	if err != nil {
		return err
	}
	for _, n := range ever {
		in.ever[n] = true
	}
	linked, err := store.Texts(ctx, q, `select person from people_link where path = $1`, string(in.node.Path))
	if err != nil {
		return err
	}
	for _, p := range linked {
		in.linked[p] = true
	}
	return nil
}

// pages runs fn over keys, 50 at a time with the last repeated, so that one text serves all.
func pages(keys []string, fn func(args []any) error) error {
	slices.Sort(keys)
	keys = slices.Compact(keys)
	for part := range slices.Chunk(keys, personPage) {
		args := make([]any, personPage)
		for i := range args {
			args[i] = part[min(i, len(part)-1)]
		}
		if err := fn(args); err != nil {
			return err
		}
	}
	return nil
}

// prefetch finds who of a chunk's people is on the register already, by number and by telephone.
func (b *batch) prefetch(ctx context.Context, people []ledger.Person) error {
	var ids, phones []string
	for _, p := range people {
		d := b.x.draft(p)
		if i := b.x.r.ring.Index(seal.Identity, d.Identity); i != "" && b.x.byID[i] == "" {
			ids = append(ids, i)
		}
		for _, f := range d.Phones {
			phones = append(phones, b.x.r.ring.Index(seal.Phone, f))
		}
	}
	if err := pages(ids, func(args []any) error {
		rows, err := b.q.Query(ctx, `select id_index, id from people_person where id_index in (`+store.Marks(1, personPage)+`) and id_index <> '' and status = '' order by id desc`, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var i, id string
			if err := rows.Scan(&i, &id); err != nil {
				return err
			}
			b.byID[i] = id
		}
		return rows.Err()
	}); err != nil {
		return err
	}
	return pages(phones, func(args []any) error {
		rows, err := b.q.Query(ctx, `select f.phone_index, p.id, p.name, p.id_index from people_phone f join people_person p on p.id = f.person
where f.phone_index in (`+store.Marks(1, personPage)+`) and p.status = '' order by p.id`, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var i string
			var k known
			if err := rows.Scan(&i, &k.id, &k.name, &k.idIndex); err != nil {
				return err
			}
			b.byPhone[i] = append(b.byPhone[i], k)
		}
		return rows.Err()
	})
}

// flush writes a chunk with its acts.
func (b *batch) flush(ctx context.Context, tx *store.Tx, rows int) error {
	x := b.x
	if err := b.plant.Flush(ctx, tx); err != nil {
		return err
	}
	if err := x.r.insertPersons(ctx, tx, b.persons); err != nil {
		return err
	}
	for _, id := range slices.Sorted(maps.Keys(b.number)) {
		d := b.number[id]
		if _, err := tx.Exec(ctx, `update people_person set id_kind = $2, id_sealed = $3, id_index = $4, id_last4 = $5, version = version + 1, changed_at = $6 where id = $1 and id_index = ''`,
			id, d.IDKind, x.r.ring.Seal("people_person", "id_sealed", id, d.Identity), x.r.ring.Index(seal.Identity, d.Identity), seal.Last4(seal.Identity, d.Identity), tx.Now); err != nil {
			return err
		}
	}
	for _, id := range slices.Sorted(maps.Keys(b.phones)) {
		var ord int64
		if err := tx.QueryRow(ctx, `select coalesce(max(ord), -1) from people_phone where person = $1`, id).Scan(&ord); err != nil {
			return err
		}
		rows := x.r.phoneRows(tx, id, b.phones[id])
		for i := range rows {
			rows[i][2] = ord + 1 + int64(i)
			b.acts = append(b.acts, act{ledger.Source{}, "phone", rows[i][0].(string), 1, id})
		}
		if _, err := store.Fill(ctx, tx, `insert into people_phone (id, person, ord, sealed, phone_index, last4) values`, "", rows); err != nil {
			return err
		}
	}
	for _, h := range b.ended {
		if _, err := tx.Exec(ctx, `update people_title set to_day = $2, why = '台账导入', version = version + 1 where id = $1`, h.id, b.endOn[h.id]); err != nil {
			return err
		}
	}
	for _, s := range b.shares {
		if _, err := tx.Exec(ctx, `update people_title set share_n = $2, share_d = $3, version = $4 where id = $1`, s.id, s.n, s.d, s.version); err != nil {
			return err
		}
	}
	for i := range b.titles {
		b.titles[i] = append(b.titles[i], int64(tx.Now))
	}
	if _, err := store.Fill(ctx, tx, `insert into people_title (id, node, path, person, share_n, share_d, from_day, created_at) values`, "", b.titles); err != nil {
		return err
	}
	if err := x.r.link(ctx, tx, b.links); err != nil {
		return err
	}
	slices.Sort(b.relink)
	for _, id := range slices.Compact(b.relink) {
		if _, err := tx.Exec(ctx, `insert into people_link (person, path) values ($1, $2) on conflict do nothing`, id, string(b.in.node.Path)); err != nil {
			return err
		}
		if err := x.r.relink(ctx, tx, id); err != nil {
			return err
		}
	}
	for _, l := range b.lives {
		h, err := x.r.PutHousehold(ctx, tx, x.by, l.node, Household{Person: l.person, Relation: l.relation, Kin: l.kin, From: l.from, To: l.to})
		if err != nil {
			return err
		}
		b.acts = append(b.acts, act{l.src, "household", h.ID, 1, ""})
	}
	if len(b.acts) > 0 {
		if err := audit.Write(ctx, tx, audit.Entry{By: x.by, Action: Import.Name, Path: b.in.node.Path, Ref: "imports/" + x.id, To: map[string]int{"rows": rows, "acts": len(b.acts), "persons": len(b.persons), "titles": len(b.titles), "ended": len(b.ended)}}); err != nil {
			return err
		}
	}
	return x.keepActs(ctx, tx, b.acts, rows)
}

func (x *run) changeTerm(ctx context.Context, tx *store.Tx, old, t Term) error {
	if _, err := tx.Exec(ctx, `update people_term set party = $2, to_day = $3, version = $4 where id = $1`, t.ID, t.Party, t.To, t.Version); err != nil {
		return err
	}
	return audit.Write(ctx, tx, audit.Entry{By: x.by, Action: Import.Name, Path: t.Path, Ref: "terms/" + t.ID, From: nameless(old), To: nameless(t)})
}

const importColumns = `id, name, street, street_name, compound, state, done, total, layouts, corrected, summary, changes, refused, warned, undone, problem, account, person, post, version, created_at, finished_at`

func scanImport(row interface{ Scan(...any) error }) (im ImportRecord, err error) {
	var layouts, corrected, summary, changes, refused, warned, undone string
	var by audit.By
	if err = row.Scan(&im.ID, &im.Name, &im.Street, &im.StreetName, &im.Compound, &im.State, &im.Done, &im.Total, &layouts, &corrected, &summary, &changes, &refused, &warned, &undone,
		&im.Problem, &im.Account, &by.Person, &by.Post, &im.Version, &im.CreatedAt, &im.FinishedAt); err != nil {
		return im, err
	}
	by.Account = im.Account
	im.by = by
	if summary != "" {
		im.Summary = json.RawMessage(summary)
	}
	for _, x := range []struct {
		text string
		into any
	}{{layouts, &im.Mapping}, {corrected, &im.corrected}, {changes, &im.Changes}, {refused, &im.Refused}, {warned, &im.Warnings}, {undone, &im.Undone}} {
		if x.text == "" {
			continue
		}
		if err := json.Unmarshal([]byte(x.text), x.into); err != nil {
			return im, err
		}
	}
	return im, nil
}

func (r *Register) importRecord(ctx context.Context, q store.Queryer, id string) (ImportRecord, error) {
	im, err := scanImport(q.QueryRow(ctx, `select `+importColumns+` from people_import where id = $1`, id))
	if errors.Is(err, sql.ErrNoRows) {
		return im, ErrMissing
	}
	return im, err
}

// imports lists imports of streets within paths, newest first, without their contents.
func (r *Register) imports(ctx context.Context, q store.Queryer, paths []scope.Path, account, before string, limit int) ([]ImportRecord, error) {
	var streets []scope.Path
	for _, p := range paths {
		if s := p.Street(); s != "" {
			streets = append(streets, s)
		} else {
			streets = append(streets, p)
		}
	}
	cond, args := scope.Where("street", 1, compactPaths(streets)...)
	arg := func(v any) string {
		args = append(args, v)
		return "$" + strconv.Itoa(len(args))
	}
	if account != "" {
		cond += " and account = " + arg(account)
	}
	if before != "" {
		cond += " and id < " + arg(before)
	}
	n := arg(limit)
	return store.All(ctx, q, func(row *sql.Rows) (ImportRecord, error) { return scanImport(row) },
		`select id, name, street, street_name, compound, state, done, total, '', '', '', '', '', '', '', problem, account, person, post, version, created_at, finished_at from people_import where `+cond+` order by id desc limit `+n, args...)
}

func (im ImportRecord) texts(reading *ledger.Reading) (layouts, corrected, summary, changes, refused, warned string, err error) {
	marshal := func(v any) string {
		b, e := json.Marshal(v)
		if e != nil {
			err = e
		}
		return string(b)
	}
	layouts, corrected, summary = marshal(reading.Layouts), marshal(im.corrected), marshal(reading.Summary())
	if im.Changes != nil {
		changes = marshal(im.Changes)
	}
	refused, warned = marshal(reading.Rejected[:min(len(reading.Rejected), 5000)]), marshal(reading.Warnings[:min(len(reading.Warnings), 2000)])
	return
}

func (r *Register) insertImport(ctx context.Context, tx *store.Tx, im ImportRecord, reading *ledger.Reading, workbook string) error {
	layouts, corrected, summary, changes, refused, warned, err := im.texts(reading)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `insert into people_import (id, name, street, street_name, compound, state, total, layouts, corrected, summary, changes, refused, warned, account, person, post, created_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`,
		im.ID, im.Name, string(im.Street), im.StreetName, im.Compound, im.State, im.Total, layouts, corrected, summary, changes, refused, warned, im.Account, im.by.Person, im.by.Post, tx.Now); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `insert into people_import_file (id, sealed) values ($1, $2)`, im.ID, r.ring.Seal("people_import_file", "sealed", im.ID, workbook))
	return err
}

func (r *Register) updatePreview(ctx context.Context, tx *store.Tx, im ImportRecord, reading *ledger.Reading, version int64) (int64, error) {
	layouts, corrected, summary, changes, refused, warned, err := im.texts(reading)
	if err != nil {
		return 0, err
	}
	return tx.Exec(ctx, `update people_import set street = $3, street_name = $4, compound = $5, total = $6, layouts = $7, corrected = $8, summary = $9, changes = $10, refused = $11, warned = $12, version = version + 1
where id = $1 and version = $2 and state = 'preview'`,
		im.ID, version, string(im.Street), im.StreetName, im.Compound, im.Total, layouts, corrected, summary, changes, refused, warned)
}
