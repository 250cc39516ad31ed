package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/base32"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"cuobian/basis/day"
	"cuobian/platform/access"
	"cuobian/platform/blob"
	"cuobian/platform/seal"
	"cuobian/rooms/cases"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// compounds is how many a city of a district has.
const compounds = 2300

// span is how far back the matters of a grown city go.
const span = 730 * 24 * time.Hour

// grown opens a city with n matters; it is made when the cache does not hold it.
//
// Some hundred matters walk the real way through the real desk, in every state, and are then copied by bulk inserts,
// each copy to another compound and moment, with its event lines, duties, reporter and search tokens, ids, numbers and
// seals of its own. Copies have no audit entries and no pictures: no list reads them.
func grown(ctx context.Context, s settings, engine string, n int) (*site, error) {
	dir := filepath.Join(s.cache, fmt.Sprintf("%s-%d", engine, n))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	mark := filepath.Join(dir, "city.json")
	name := fmt.Sprintf("bench_%d", n)
	if b, err := os.ReadFile(mark); err == nil {
		x, err := open(ctx, s, engine, dir, name)
		if err != nil {
			return nil, err
		}
		if err := json.Unmarshal(b, &x.City); err != nil {
			return nil, err
		}
		if have, err := x.cases(ctx); err == nil && have >= int64(n) {
			return x, nil
		}
		x.close()
	}
	// Begin anew: what lies here is broken off, or its schema is gone with its server.
	if err := os.RemoveAll(dir); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	began := time.Now()
	x, err := open(ctx, s, engine, dir, name)
	if err != nil {
		return nil, err
	}
	if err := x.grow(ctx, n); err != nil {
		x.close()
		return nil, fmt.Errorf("growing %s to %d: %w", engine, n, err)
	}
	ct := x.City
	x.close() // and open again, as after a restart
	b, err := json.Marshal(ct)
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(mark, b, 0o600); err != nil {
		return nil, err
	}
	if x, err = open(ctx, s, engine, dir, name); err != nil {
		return nil, err
	}
	x.City = ct
	fmt.Fprintf(os.Stderr, "%s: %d matters made in %s\n", engine, n, time.Since(began).Round(time.Second))
	return x, nil
}

func (x *site) cases(ctx context.Context) (n int64, err error) {
	err = x.DB.QueryRow(ctx, `select count(*) from cases_case`).Scan(&n)
	return n, err
}

// table is rows of one table as they are kept.
type table struct {
	name    string
	columns []string
	rows    [][]any
}

func (t *table) col(name string) int { return slices.Index(t.columns, name) }

func read(ctx context.Context, db *sql.DB, name, cond string, args ...any) (t table, err error) {
	t.name = name
	rows, err := db.QueryContext(ctx, `select * from `+name+` where `+cond, args...)
	if err != nil {
		return t, err
	}
	defer rows.Close()
	if t.columns, err = rows.Columns(); err != nil {
		return t, err
	}
	for rows.Next() {
		row := make([]any, len(t.columns))
		to := make([]any, len(row))
		for i := range row {
			to[i] = &row[i]
		}
		if err := rows.Scan(to...); err != nil {
			return t, err
		}
		t.rows = append(t.rows, row)
	}
	return t, rows.Err()
}

// pattern is one matter that walked the real way, with all that belongs to it.
type pattern struct {
	matter []any
	id     string
	number string
	at     int64
	live   bool
	events [][]any
	duties [][]any
}

func (x *site) grow(ctx context.Context, n int) error {
	if err := x.build(ctx, compounds); err != nil {
		return err
	}
	raw, err := x.raw()
	if err != nil {
		return err
	}
	defer raw.Close()
	model := x.City.Compounds[0]
	if err := x.walkAll(ctx, model); err != nil {
		return fmt.Errorf("patterns: %w", err)
	}
	x.Clock.Set(0)
	cs, err := read(ctx, raw, "cases_case", `path >= $1 and path < $2`, string(model.Path), string(model.Path)+"~")
	if err != nil {
		return err
	}
	ev, err := read(ctx, raw, "cases_event", `case_id in (select id from cases_case) order by id`)
	if err != nil {
		return err
	}
	du, err := read(ctx, raw, "duty_duty", `ref >= 'cases/' and ref < 'cases0' order by id`)
	if err != nil {
		return err
	}
	re, err := read(ctx, raw, "cases_reporter", `1 = 1`)
	if err != nil {
		return err
	}
	byID := map[string]*pattern{}
	var live, closed []*pattern
	for _, m := range cs.rows {
		p := &pattern{matter: m, id: m[cs.col("id")].(string), number: m[cs.col("number")].(string), at: m[cs.col("created")].(int64), live: yes(m[cs.col("live")])}
		if docOf(p.id) != m[cs.col("doc")].(int64) {
			return errors.New("the order of the full-text index is made differently now: bench/grow.go must follow rooms/cases")
		}
		byID[p.id] = p
		if p.live {
			live = append(live, p)
		} else {
			closed = append(closed, p)
		}
	}
	for _, r := range ev.rows {
		p := byID[r[ev.col("case_id")].(string)]
		p.events = append(p.events, r)
	}
	for _, r := range du.rows {
		if p := byID[strings.TrimPrefix(r[du.col("ref")].(string), "cases/")]; p != nil {
			p.duties = append(p.duties, r)
		}
	}
	if len(live) == 0 || len(closed) == 0 {
		return errors.New("the patterns stand all in one state")
	}
	// The patterns' own rows go: they lie all in one compound.
	for _, q := range []string{`delete from cases_event`, `delete from cases_photo`, `delete from cases_reporter`, `delete from duty_card`, `delete from duty_raised`, `delete from duty_duty`, `delete from cases_case`} {
		if _, err := raw.ExecContext(ctx, q); err != nil {
			return err
		}
	}
	put, err := x.bulk(ctx, raw, cs, ev, du, re)
	if err != nil {
		return err
	}
	if err := x.copies(ctx, n, model, live, closed, cs, ev, du, re, put); err != nil {
		return err
	}
	if err := put.end(ctx); err != nil {
		return err
	}
	for {
		k, err := x.Desk.Index(ctx) // the full-text table of SQLite
		if err != nil || k == 0 {
			return err
		}
	}
}

func yes(v any) bool {
	switch b := v.(type) {
	case bool:
		return b
	case int64:
		return b != 0
	}
	return false
}

// copies writes n matters, oldest first.
func (x *site) copies(ctx context.Context, n int, model compound, live, closed []*pattern, cs, ev, du, re table, put *putter) error {
	r := rand.New(rand.NewPCG(11, uint64(n)))
	fit := make([]func(string) string, len(x.City.Compounds))
	for i := range fit {
		fit[i] = x.City.move(model, x.City.Compounds[i])
	}
	text := func(t table, names ...string) (out []int) {
		for _, n := range names {
			out = append(out, t.col(n))
		}
		return out
	}
	moved := text(cs, "path", "street", "community", "compound", "compound_name", "holder_org", "holder_person", "dispatcher", "co", "hands", "before_hands", "verifier")
	if i := cs.col("tokens"); i >= 0 {
		moved = append(moved, i)
	}
	movedEv := text(ev, "account", "person", "facts")
	movedDu := text(du, "path", "street", "org", "person", "done_by", "ended_by")
	shifted := text(cs, "created", "updated", "accept_due", "respond_due", "responded_at", "resolve_due", "due", "return_due", "handled_at", "verified_at", "confirm_due",
		"confirmed_at", "callback_due", "called_back_at", "closed_at", "paused_until", "decide_due", "mediate_due")
	shiftedDu := text(du, "starts", "due", "next_at", "done_at", "ended_at")
	shift := func(row []any, cols []int, by int64) {
		for _, c := range cols {
			if v, ok := row[c].(int64); ok && v != 0 {
				row[c] = v + by
			}
		}
	}
	change := func(row []any, cols []int, f func(string) string) {
		for _, c := range cols {
			if v, ok := row[c].(string); ok && v != "" {
				row[c] = f(v)
			}
		}
	}
	now := time.Now()
	first := now.Add(-span)
	seen := map[string]bool{}
	for i := range n {
		if i%10000 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		at := first.Add(time.Duration(float64(span) * float64(i) / float64(n)))
		age := now.Sub(at)
		from := closed
		if age < 15*24*time.Hour && r.IntN(10) < 6 || age < 120*24*time.Hour && r.IntN(100) < 3 {
			from = live
		}
		p := from[r.IntN(len(from))]
		ci := r.IntN(len(x.City.Compounds))
		x.Clock.Set(day.InstantOf(at))
		id := x.DB.NewID()
		number := cases.NewNumber()
		for seen[number] {
			number = cases.NewNumber()
		}
		seen[number] = true
		by := int64(day.InstantOf(at)) - p.at
		who := fmt.Sprintf("bench-resident-%d", r.IntN(n/3+1))

		m := slices.Clone(p.matter)
		change(m, moved, fit[ci])
		shift(m, shifted, by)
		m[cs.col("id")], m[cs.col("number")], m[cs.col("doc")] = id, number, docOf(id)
		m[cs.col("by_account")], m[cs.col("reporter_account")] = who, who
		m[cs.col("client_key")], m[cs.col("raw")] = "", []byte{}
		if c := cs.col("tokens"); c >= 0 {
			m[c] = strings.Replace(m[c].(string), "'"+p.number+"'", "'"+number+"'", 1)
		}
		phone := fmt.Sprintf("139%08d", r.IntN(100_000_000))
		m[cs.col("last4")] = x.Ring.Index("cases.last4", number+phone[7:])
		if err := put.row(ctx, 0, m); err != nil {
			return err
		}
		for _, e := range p.events {
			e = slices.Clone(e)
			change(e, movedEv, fit[ci])
			e[ev.col("case_id")] = id
			t := e[ev.col("at")].(int64) + by
			e[ev.col("at")] = t
			x.Clock.Set(day.Instant(t))
			e[ev.col("id")] = x.DB.NewID()
			if err := put.row(ctx, 1, e); err != nil {
				return err
			}
		}
		for _, d := range p.duties {
			d = slices.Clone(d)
			change(d, movedDu, fit[ci])
			shift(d, shiftedDu, by)
			d[du.col("ref")] = "cases/" + id
			for _, c := range []string{"zh", "en"} {
				d[du.col(c)] = strings.Replace(d[du.col(c)].(string), p.number, number, 1)
			}
			if t, ok := d[du.col("next_at")].(int64); ok && t < int64(day.InstantOf(now)) {
				d[du.col("next_at")] = int64(0) // climbed long ago
			}
			x.Clock.Set(day.Instant(d[du.col("starts")].(int64)))
			d[du.col("id")] = x.DB.NewID()
			if err := put.row(ctx, 2, d); err != nil {
				return err
			}
		}
		rid := x.DB.NewID()
		name := "示例居民"
		rr := map[string]any{"id": rid, "case_id": id, "kind": "self", "account": who, "person": "", "name": x.Ring.Seal("cases_reporter", "name", rid, name),
			"phone": x.Ring.Seal("cases_reporter", "phone", rid, phone), "phone_index": x.Ring.Index(seal.Phone, phone), "shown_name": seal.MaskName(name),
			"shown_phone": seal.Mask(seal.Phone, phone), "at": m[cs.col("created")]}
		row := make([]any, len(re.columns))
		for k, c := range re.columns {
			row[k] = rr[c]
		}
		if err := put.row(ctx, 3, row); err != nil {
			return err
		}
	}
	x.Clock.Set(0)
	return nil
}

// move makes the function that turns what belongs to one compound into what belongs to another.
func (c *city) move(from, to compound) func(string) string {
	a, b := c.Communities[from.Community], c.Communities[to.Community]
	s, t := c.Streets[a.Street], c.Streets[b.Street]
	r := strings.NewReplacer(string(from.Path), string(to.Path), from.No, to.No, from.ID, to.ID, from.Org, to.Org, from.Manager, to.Manager,
		a.Officer, b.Officer, s.Officer, t.Officer, a.ID, b.ID, s.ID, t.ID)
	return r.Replace
}

// walkAll lets matters walk the real way in one compound, into every state.
func (x *site) walkAll(ctx context.Context, at compound) error {
	cm := x.City.Communities[at.Community]
	st := x.City.Streets[cm.Street]
	hand := func(person string) (access.Who, error) {
		g, err := x.Register.Grants(ctx, x.DB, person, day.MustParse("2026-01-05"))
		return access.Who{Account: "bench-" + person, Person: person, Name: "示例", Lang: "zh", Grants: g}, err
	}
	manager, err := hand(at.Manager)
	if err != nil {
		return err
	}
	officer, err := hand(cm.Officer)
	if err != nil {
		return err
	}
	desk, err := hand(st.Officer)
	if err != nil {
		return err
	}
	reporter := access.Who{Account: "bench-reporter", Name: "示例居民", Lang: "zh", Grants: []access.Grant{{Post: access.Resident, Path: at.Path}}}
	r := rand.New(rand.NewPCG(5, 5))
	results := []string{"satisfied", "satisfied", "satisfied", "partly"}
	for i := range 420 {
		until := 7 // closed
		if i >= 300 {
			until = i % 7
		}
		x.Clock.Set(day.InstantOf(time.Now().Add(-time.Duration(48+r.IntN(40)) * time.Hour)))
		where, text := saying(r)
		channel := []string{"phone", "qr", "phone", "public"}[r.IntN(4)]
		urgency := ""
		if r.IntN(4) > 0 {
			urgency = "normal"
		}
		secret, checker := r.IntN(100) == 0, officer
		if secret {
			checker = desk // the community does not see it
		}
		c, err := x.Desk.Report(ctx, reporter, cases.Report{Place: at.ID, PlaceText: where, Text: text, Channel: channel, Urgency: urgency, Phone: "13900000000", Secret: secret})
		if err != nil {
			return err
		}
		result := results[r.IntN(4)]
		steps := []func() error{
			func() error { _, err := x.Desk.Dispatch(ctx, desk, c.ID, cases.Sending{Org: at.Org}); return err },
			func() error { _, err := x.Desk.Take(ctx, manager, c.ID); return err },
			func() error {
				pic, err := x.picture(ctx, manager, i)
				if err != nil {
					return err
				}
				_, err = x.Desk.Handle(ctx, manager, c.ID, cases.Handling{Note: "已到现场处理（示例）", After: []string{pic}})
				return err
			},
			func() error { _, err := x.Desk.Verify(ctx, checker, c.ID, true, "核实（示例）", nil); return err },
			func() error { _, err := x.Desk.Confirm(ctx, reporter, c.ID, result, "", false); return err },
			func() error { _, err := x.Desk.CallBack(ctx, desk, c.ID, result, "回访（示例）"); return err },
		}
		for k, step := range steps {
			if k >= until {
				break
			}
			x.Clock.Set(x.DB.Now().Add(time.Duration(20+r.IntN(240)) * time.Minute))
			if err := step(); err != nil {
				return fmt.Errorf("step %d: %w", k, err)
			}
		}
	}
	x.Clock.Set(0)
	return nil
}

// picture uploads a small plain picture as evidence.
func (x *site) picture(ctx context.Context, who access.Who, n int) (string, error) {
	img := image.NewRGBA(image.Rect(0, 0, 48, 32))
	for i := range img.Pix {
		img.Pix[i] = byte(n*7 + i/4%48)
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		return "", err
	}
	p, err := x.Blobs.Put(ctx, who.Account, blob.Photo, "", &b)
	return p.ID, err
}

// raw is a way past the house to the same records, for bulk inserts.
func (x *site) raw() (*sql.DB, error) {
	if x.Config.Database != "" {
		return sql.Open("pgx", x.Config.Database)
	}
	db, err := sql.Open("sqlite", "file:"+filepath.Join(x.Config.Data, "cuobian.db")+"?_pragma=synchronous(0)&_pragma=busy_timeout(10000)&_pragma=cache_size(-400000)")
	if err == nil {
		db.SetMaxOpenConns(1)
	}
	return db, err
}

// putter writes many rows. The tables' indexes are taken away before and made again after.
type putter struct {
	raw    *sql.DB
	tables []table
	remake []string

	tx    *sql.Tx // SQLite
	ins   []*sql.Stmt
	n     int
	buf   []bytes.Buffer // PostgreSQL: lines of copy
	bytes int
}

func (x *site) bulk(ctx context.Context, raw *sql.DB, tables ...table) (*putter, error) {
	p := &putter{raw: raw, tables: tables}
	list := `select name, sql from sqlite_master where type = 'index' and sql is not null and tbl_name = $1`
	if x.Config.Database != "" {
		p.buf = make([]bytes.Buffer, len(tables))
		list = `select indexname, indexdef from pg_indexes where schemaname = current_schema() and tablename = $1 and indexname not like '%pkey'`
	}
	for _, t := range tables {
		rows, err := raw.QueryContext(ctx, list, t.name)
		if err != nil {
			return nil, err
		}
		var names []string
		for rows.Next() {
			var name, text string
			if err := rows.Scan(&name, &text); err != nil {
				return nil, err
			}
			names = append(names, name)
			p.remake = append(p.remake, text)
		}
		if err := rows.Err(); err != nil {
			return nil, err
		}
		rows.Close()
		for _, n := range names {
			if _, err := raw.ExecContext(ctx, `drop index `+n); err != nil {
				return nil, err
			}
		}
	}
	return p, nil
}

func (p *putter) row(ctx context.Context, t int, row []any) error {
	if p.buf != nil {
		b := &p.buf[t]
		before := b.Len()
		for i, v := range row {
			if i > 0 {
				b.WriteByte('\t')
			}
			switch v := v.(type) {
			case nil:
				b.WriteString(`\N`)
			case []byte:
				b.WriteString(`\\x` + hex.EncodeToString(v))
			case bool:
				b.WriteString(strconv.FormatBool(v)[:1])
			case string:
				copyText.WriteString(b, v)
			default:
				fmt.Fprint(b, v)
			}
		}
		b.WriteByte('\n')
		if p.bytes += b.Len() - before; p.bytes > 8<<20 {
			return p.flush(ctx)
		}
		return nil
	}
	if p.tx == nil {
		tx, err := p.raw.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		p.tx, p.ins = tx, nil
		for _, t := range p.tables {
			marks := make([]string, len(t.columns))
			for i := range marks {
				marks[i] = fmt.Sprintf("$%d", i+1)
			}
			ins, err := tx.PrepareContext(ctx, `insert into `+t.name+` (`+strings.Join(t.columns, ", ")+`) values (`+strings.Join(marks, ", ")+`)`)
			if err != nil {
				return err
			}
			p.ins = append(p.ins, ins)
		}
	}
	if _, err := p.ins[t].ExecContext(ctx, row...); err != nil {
		return fmt.Errorf("%s: %w", p.tables[t].name, err)
	}
	if p.n++; p.n%200_000 == 0 {
		return p.flush(ctx)
	}
	return nil
}

var copyText = strings.NewReplacer(`\`, `\\`, "\t", `\t`, "\n", `\n`, "\r", `\r`)

func (p *putter) flush(ctx context.Context) error {
	if p.buf == nil {
		if p.tx == nil {
			return nil
		}
		tx := p.tx
		p.tx = nil
		return tx.Commit()
	}
	p.bytes = 0
	conn, err := p.raw.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	return conn.Raw(func(c any) error {
		var pg *pgx.Conn = c.(*stdlib.Conn).Conn()
		for i, t := range p.tables {
			if p.buf[i].Len() == 0 {
				continue
			}
			if _, err := pg.PgConn().CopyFrom(ctx, &p.buf[i], `copy `+t.name+` (`+strings.Join(t.columns, ", ")+`) from stdin`); err != nil {
				return fmt.Errorf("%s: %w", t.name, err)
			}
			p.buf[i].Reset()
		}
		return nil
	})
}

// end writes what is left, makes the indexes again and lets the engine learn how the tables look.
func (p *putter) end(ctx context.Context) error {
	if err := p.flush(ctx); err != nil {
		return err
	}
	conn, err := p.raw.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	if p.buf != nil {
		if _, err := conn.ExecContext(ctx, `set maintenance_work_mem = '1GB'`); err != nil {
			return err
		}
	}
	for _, q := range p.remake {
		if _, err := conn.ExecContext(ctx, q); err != nil {
			return err
		}
	}
	if p.buf != nil { // as autovacuum does in life
		for _, t := range p.tables {
			if _, err := conn.ExecContext(ctx, `vacuum analyze `+t.name); err != nil {
				return err
			}
		}
	}
	return nil
}

var idText = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// docOf is the number by which rooms/cases orders matters in the full-text index; grow checks that it is still so.
func docOf(id string) int64 {
	b, err := idText.DecodeString(id + strings.Repeat("0", 24-len(id)))
	if err != nil || len(b) < 13 {
		return 0
	}
	var high, rest uint64
	for _, x := range b[:6] {
		high = high<<8 | uint64(x)
	}
	for _, x := range b[6:11] {
		rest = rest<<8 | uint64(x)
	}
	return int64((high-1577836800000)<<22 | rest>>20&0xfff<<10 | rest>>10&0x3ff)
}
