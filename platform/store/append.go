package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"cuobian/basis/day"
)

// Append is a Write for what only adds rows. fn runs at once, beside other writes, and reads nothing: its inserts are
// gathered and then go to the engine together with those of others that wait, in one transaction. It returns when they
// are durable.
//
// What fn does besides plain inserts of one row (a read, an update, a conflict clause) makes it an ordinary Write, and so
// does an insert that the engine refuses: fn then runs again, alone, and Gathers says which of the two it is in.
func (d *DB) Append(ctx context.Context, fn func(*Tx) error) error {
	if d.Engine == Postgres && d.appenders == 0 || d.alone.Load() != nil {
		return d.Write(ctx, fn)
	}
	t := &Tx{db: d, gather: &gathered{}}
	d.flights.take(t, d.now)
	defer d.flights.land(t)
	err := t.collect(fn)
	if t.gather.ordinary {
		return d.Write(ctx, fn)
	}
	if err != nil {
		return d.Fault(err)
	}
	if len(t.gather.puts) > 0 {
		if d.Engine == Postgres {
			err = d.sharePostgres(ctx, t.gather.puts)
		} else {
			err = d.enqueue(ctx, &work{ctx: ctx, puts: t.gather.puts, ok: make(chan struct{})})
		}
		if errors.Is(err, errRefused) {
			return d.Write(ctx, fn)
		}
		if err != nil {
			return d.Fault(err)
		}
	}
	for _, f := range t.after {
		f()
	}
	return nil
}

// errRefused says that the engine did not take what was gathered, and that nothing of it is kept.
var errRefused = errors.New("store: refused")

// errOrdinary is what a gathering Tx answers to all but plain inserts.
var errOrdinary = errors.New("store: not a plain insert")

// gathered are the inserts of one Append.
type gathered struct {
	puts     []put
	ordinary bool // it wants more than inserts
}

// put is one insert of one row, its values made ready for the engine.
type put struct {
	in    *single
	args  []any               // PostgreSQL
	named []driver.NamedValue // SQLite
}

// flights are the appends that are not over yet, each with an id that is less than all of its own.
type flights struct {
	sync.Mutex
	least map[*Tx]string
}

func (f *flights) take(t *Tx, now func() day.Instant) {
	f.Lock()
	defer f.Unlock()
	if f.least == nil {
		f.least = map[*Tx]string{}
	}
	t.Now = now()
	f.least[t] = newID(t.Now)
}

func (f *flights) land(t *Tx) {
	f.Lock()
	defer f.Unlock()
	delete(f.least, t)
}

// Settled is an id below which nothing more comes by an Append of this program: ordinary writes to SQLite follow each
// other in the order of their ids, but what is gathered may be kept after what was begun later. To be asked inside a write.
func (d *DB) Settled() string {
	d.flights.Lock()
	defer d.flights.Unlock()
	least := newID(d.now())
	for _, id := range d.flights.least {
		least = min(least, id)
	}
	return least
}

// Gathers reports whether this is the first run of an Append: inserts are written down, and whether the engine takes them
// is known after fn. An insert that may meet a row that is there already must not be a plain one otherwise.
func (t *Tx) Gathers() bool { return t.gather != nil }

// collect runs fn; where it wants more than inserts, whatever became of it is of no account.
func (t *Tx) collect(fn func(*Tx) error) error {
	defer func() {
		if t.gather.ordinary {
			recover()
		}
	}()
	return fn(t)
}

func (t *Tx) put(query string, args []any) (int64, error) {
	in := singleOf(query, len(args))
	if in == nil || t.gather.ordinary {
		t.gather.ordinary = true
		return 0, errOrdinary
	}
	p := put{in: in, args: args}
	if t.db.Engine == SQLite {
		p.args, p.named = nil, make([]driver.NamedValue, len(args))
	}
	for i, a := range args {
		switch v := a.(type) {
		case string, int64, bool, []byte, nil:
		case int:
			a = int64(v)
		case day.Instant:
			a = int64(v)
		default:
			t.gather.ordinary = true
			return 0, errOrdinary
		}
		if p.named != nil {
			p.named[i] = driver.NamedValue{Ordinal: i + 1, Value: a}
		}
	}
	t.gather.puts = append(t.gather.puts, p)
	return 1, nil
}

var ended = func() context.Context {
	ctx, end := context.WithCancel(context.Background())
	end()
	return ctx
}()

// noRow is a row whose scan fails.
func (t *Tx) noRow(query string) *sql.Row {
	t.gather.ordinary = true
	return t.db.r.QueryRowContext(ended, query)
}

// single is the text of an insert of one row.
type single struct {
	marks string // the whole with ? for each parameter: SQLite need not look for names
	head  string // up to and with "values "
	tuple string // "($1, $2)"
	width int    // parameters
	many  sync.Map
}

var (
	insertText = regexp.MustCompile(`(?is)^\s*(insert\s+into\s+\w+\s*\([^()]*\)\s*values\s*)(\(.*\))\s*$`)
	parameter  = regexp.MustCompile(`\$\d+`)
)

var singles sync.Map // text → *single, nil where it is none

func singleOf(query string, args int) *single {
	x, known := singles.Load(query)
	if !known {
		x, _ = singles.LoadOrStore(query, readSingle(query))
	}
	in := x.(*single)
	if in == nil || in.width != args {
		return nil
	}
	return in
}

// readSingle takes apart an insert of one row whose parameters are $1, $2, … in this order; nil for any other text.
func readSingle(query string) *single {
	m := insertText.FindStringSubmatch(query)
	if m == nil {
		return nil
	}
	deep := 0
	for i, r := range m[2] {
		switch r {
		case '(':
			deep++
		case ')':
			deep--
		}
		if deep == 0 && i < len(m[2])-1 {
			return nil // more rows, or a clause behind them
		}
	}
	if deep != 0 || strings.Contains(strings.ToLower(m[2]), "select") {
		return nil
	}
	in := &single{marks: parameter.ReplaceAllString(query, "?"), head: m[1], tuple: m[2]}
	for _, p := range parameter.FindAllString(m[2], -1) {
		in.width++
		if p != "$"+strconv.Itoa(in.width) {
			return nil
		}
	}
	return in
}

// rows is the text for n rows in one statement.
func (p *single) rows(n int) string {
	if text, ok := p.many.Load(n); ok {
		return text.(string)
	}
	var b strings.Builder
	b.WriteString(p.head)
	at := 0
	for i := range n {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(parameter.ReplaceAllStringFunc(p.tuple, func(string) string {
			at++
			return fmt.Sprintf("$%d", at)
		}))
	}
	p.many.Store(n, b.String())
	return b.String()
}
