package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"time"

	"cuobian/basis/day"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlitelib "modernc.org/sqlite/lib"
)

// Tx is one write: everything in it is kept, or nothing.
type Tx struct {
	// Now is the one time of this write.
	Now    day.Instant
	db     *DB
	tx     *sql.Tx
	after  []func()
	gather *gathered // of an Append, in its first run; nil otherwise
}

// Exec runs a statement and says how many rows it touched.
func (t *Tx) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	if t.gather != nil {
		return t.put(query, args)
	}
	var res sql.Result
	var err error
	if t.db.Engine == SQLite {
		var s *sql.Stmt
		if s, err = t.db.writerStmt(query); err == nil {
			res, err = s.ExecContext(ctx, args...)
		}
	} else {
		res, err = t.tx.ExecContext(ctx, query, args...)
	}
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// Query reads inside the write.
func (t *Tx) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if t.gather != nil {
		t.gather.ordinary = true
		return nil, errOrdinary
	}
	if t.db.Engine == SQLite {
		s, err := t.db.writerStmt(query)
		if err != nil {
			return nil, err
		}
		return s.QueryContext(ctx, args...)
	}
	return t.tx.QueryContext(ctx, query, args...)
}

// QueryRow reads one row inside the write.
func (t *Tx) QueryRow(ctx context.Context, query string, args ...any) *sql.Row {
	if t.gather != nil {
		return t.noRow(query)
	}
	if t.db.Engine == SQLite {
		if s, err := t.db.writerStmt(query); err == nil {
			return s.QueryRowContext(ctx, args...)
		}
		return t.db.conn.QueryRowContext(ctx, query, args...)
	}
	return t.tx.QueryRowContext(ctx, query, args...)
}

// NewID makes an id that sorts by time.
func (t *Tx) NewID() string { return newID(t.Now) }

// After runs fn once the write is durable, in order; not at all when it is not kept.
func (t *Tx) After(fn func()) { t.after = append(t.after, fn) }

// DB is the store this write belongs to.
func (t *Tx) DB() *DB { return t.db }

type work struct {
	ctx  context.Context
	fn   func(*Tx) error
	puts []put // of an Append, instead of fn
	hold *alone
	tx   *Tx
	err  error
	pan  any
	ok   chan struct{}
}

// Write runs fn in one write and returns once it is durable. fn may run more than once and must not call Write.
func (d *DB) Write(ctx context.Context, fn func(*Tx) error) error {
	if d.Engine == Postgres {
		return d.writePostgres(ctx, fn)
	}
	w := &work{ctx: ctx, fn: fn, ok: make(chan struct{})}
	if err := d.enqueue(ctx, w); err != nil {
		return d.Fault(err)
	}
	for _, f := range w.tx.after {
		f()
	}
	return nil
}

// enqueue hands a work to the writer and waits until it is durable.
func (d *DB) enqueue(ctx context.Context, w *work) error {
	if a := d.alone.Load(); a != nil {
		return a.work(d, w)
	}
	d.mu.RLock()
	if d.closed {
		d.mu.RUnlock()
		return ErrBroken.Because(errors.New("closed"))
	}
	select {
	case d.queue <- w:
		d.mu.RUnlock()
	case <-ctx.Done():
		d.mu.RUnlock()
		return ctx.Err()
	}
	<-w.ok
	if w.pan != nil {
		panic(w.pan)
	}
	return w.err
}

const (
	maxShare  = 128                   // writers that share one commit
	shareTime = 30 * time.Millisecond // and no writer makes others wait longer than about this
)

// writer is the one goroutine that writes to SQLite.
func (d *DB) writer() {
	defer close(d.done)
	for w := range d.queue {
		batch := []*work{w}
		began := time.Now()
		tx, err := d.conn.BeginTx(context.Background(), nil)
		if err != nil {
			d.finish(batch, err)
			continue
		}
		lost := d.run(w, tx)
		for lost == nil && len(batch) < maxShare && time.Since(began) < shareTime {
			var next *work
			select {
			case next = <-d.queue:
			default:
			}
			if next == nil {
				break
			}
			batch = append(batch, next)
			lost = d.run(next, tx)
		}
		switch {
		case lost == nil:
			d.finish(batch, tx.Commit())
		case lost == errHalf:
			tx.Rollback()
			d.apart(batch)
		default:
			tx.Rollback()
			d.finish(batch, lost)
		}
	}
}

// errHalf says that an append was refused after some of it had been written, outside any savepoint.
var errHalf = errors.New("store: half an append")

// apart runs each of a batch in a transaction of its own; the append that was refused comes back so.
func (d *DB) apart(batch []*work) {
	for _, w := range batch {
		w.err, w.pan, w.tx = nil, nil, nil
		tx, err := d.conn.BeginTx(context.Background(), nil)
		if err != nil {
			d.finish([]*work{w}, err)
			continue
		}
		switch lost := d.run(w, tx); lost {
		case nil:
			d.finish([]*work{w}, tx.Commit())
		case errHalf:
			tx.Rollback()
			d.finish([]*work{w}, errRefused)
		default:
			tx.Rollback()
			d.finish([]*work{w}, lost)
		}
	}
}

func (d *DB) finish(batch []*work, err error) {
	for _, w := range batch {
		if w.err == nil {
			w.err = err
		}
		close(w.ok)
	}
}

// run does one work under its savepoint. A non-nil result means that the whole transaction is lost.
func (d *DB) run(w *work, tx *sql.Tx) (lost error) {
	if err := w.ctx.Err(); err != nil {
		w.err = err
		return nil
	}
	if w.hold != nil {
		return w.hold.wait(d, w, tx)
	}
	if w.puts != nil {
		return d.append(w)
	}
	bg := context.Background()
	if err := d.do(bg, "savepoint one"); err != nil {
		return err
	}
	w.tx = &Tx{Now: d.now(), db: d, tx: tx}
	func() {
		defer func() {
			if p := recover(); p != nil {
				w.pan = fmt.Sprintf("%v\n%s", p, debug.Stack())
				w.err = errors.New("store: panic in a write")
			}
		}()
		w.err = w.fn(w.tx)
	}()
	if w.err != nil {
		if err := d.do(bg, "rollback to one"); err != nil {
			return w.err // the engine gave up the whole transaction (disk full, I/O)
		}
	}
	return d.do(bg, "release one")
}

// append writes what was gathered, without a savepoint: where the engine refuses the first insert, nothing was written.
func (d *DB) append(w *work) (lost error) {
	for i, p := range w.puts {
		s, err := d.rawStmt(p.in.marks)
		if err == nil {
			_, err = s.ExecContext(context.Background(), p.named)
		}
		switch {
		case err == nil:
		case grave(err):
			return err
		case i == 0:
			w.err = errRefused
			return nil
		default:
			return errHalf
		}
	}
	return nil
}

// rawStmt prepares a text on the writer's connection without what database/sql puts around it.
func (d *DB) rawStmt(text string) (s driver.StmtExecContext, err error) {
	if s, ok := d.rstmts[text]; ok {
		return s, nil
	}
	err = d.conn.Raw(func(c any) error {
		p, err := c.(driver.ConnPrepareContext).PrepareContext(context.Background(), text)
		if err != nil {
			return err
		}
		s = p.(driver.StmtExecContext)
		return nil
	})
	if err == nil {
		if d.rstmts == nil {
			d.rstmts = map[string]driver.StmtExecContext{}
		}
		d.rstmts[text] = s
	}
	return s, err
}

// grave reports an error of the engine that has nothing to do with what was written, as a full disk.
func grave(err error) bool {
	var se *sqlite.Error
	if !errors.As(err, &se) {
		return false
	}
	switch se.Code() & 0xff {
	case sqlitelib.SQLITE_FULL, sqlitelib.SQLITE_IOERR, sqlitelib.SQLITE_NOMEM, sqlitelib.SQLITE_CANTOPEN, sqlitelib.SQLITE_CORRUPT,
		sqlitelib.SQLITE_READONLY, sqlitelib.SQLITE_NOTADB, sqlitelib.SQLITE_BUSY, sqlitelib.SQLITE_LOCKED:
		return true
	}
	return false
}

func (d *DB) do(ctx context.Context, q string) error {
	s, err := d.writerStmt(q)
	if err != nil {
		return err
	}
	_, err = s.ExecContext(ctx)
	return err
}

// writerStmtLimit bounds the statements the writer keeps prepared.
const writerStmtLimit = 2000

func (d *DB) writerStmt(query string) (*sql.Stmt, error) {
	d.wmu.Lock()
	defer d.wmu.Unlock()
	if s, ok := d.wstmts[query]; ok {
		return s, nil
	}
	if d.wstmts == nil {
		d.wstmts = map[string]*sql.Stmt{}
	}
	if len(d.wstmts) >= writerStmtLimit {
		for q, s := range d.wstmts {
			s.Close()
			delete(d.wstmts, q)
		}
	}
	s, err := d.conn.PrepareContext(context.Background(), query)
	if err != nil {
		return nil, err
	}
	d.wstmts[query] = s
	return s, nil
}

func (d *DB) writePostgres(ctx context.Context, fn func(*Tx) error) error {
	const (
		tries = 30
		alone = 8 // refused so often, a write goes without others of this program beside it, so that it gets through
	)
	for i := 0; ; i++ {
		t, err := d.tryPostgres(ctx, fn, i >= alone)
		if err == nil {
			for _, f := range t.after {
				f()
			}
			return nil
		}
		var pe *pgconn.PgError
		if i >= tries || !errors.As(err, &pe) || (pe.Code != "40001" && pe.Code != "40P01") {
			return d.Fault(err)
		}
		pause := time.Duration(rand.Int64N(int64(time.Millisecond) << min(i, 6)))
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (d *DB) tryPostgres(ctx context.Context, fn func(*Tx) error, alone bool) (*Tx, error) {
	if alone {
		d.beside.Lock()
		defer d.beside.Unlock()
	} else {
		d.beside.RLock()
		defer d.beside.RUnlock()
	}
	tx, err := d.r.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelSerializable})
	if err != nil {
		return nil, err
	}
	defer tx.Rollback()
	t := &Tx{Now: d.now(), db: d, tx: tx}
	if err := fn(t); err != nil {
		return nil, err
	}
	return t, tx.Commit()
}
