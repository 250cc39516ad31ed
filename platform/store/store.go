package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"database/sql/driver"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"cuobian/basis/day"
	"cuobian/basis/fault"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib" // also the driver "pgx"
	"modernc.org/sqlite"
	sqlitelib "modernc.org/sqlite/lib"
)

// Engine is which database holds the records.
type Engine string

const (
	SQLite   Engine = "sqlite"
	Postgres Engine = "postgres"
)

// ErrNone is returned by One when no row is there.
var ErrNone = sql.ErrNoRows

// Faults of the store, for people.
var (
	ErrFull   = fault.New(fault.Unavailable, "store.full", "磁盘已满，没有保存；请联系管理员腾出空间后再试", "the disk is full, nothing was saved; ask the administrator to make room and try again")
	ErrLocked = fault.New(fault.Unavailable, "store.locked", "数据库被别的程序锁住，没有保存；请稍后再试", "the database is locked by another program, nothing was saved; try again shortly")
	ErrBroken = fault.New(fault.Unavailable, "store.unavailable", "数据库暂时不可用，没有保存；请稍后再试", "the database cannot be reached, nothing was saved; try again shortly")
	ErrBusy   = fault.New(fault.Conflict, "store.busy", "同时修改的人太多，请再试一次", "too many changes to the same records at once, please try again")
)

// Options says where the records are and how time is told.
type Options struct {
	Dir     string             // folder of the embedded database (cuobian.db); made when missing
	URL     string             // postgres://… instead of Dir
	Now     func() day.Instant // the clock; nil is the wall clock
	Readers int                // connections for reading; 0 is 4 on SQLite, 16 on PostgreSQL
	Log     *slog.Logger
}

// DB is an open store.
type DB struct {
	Engine    Engine
	Dir       string
	now       func() day.Instant
	log       *slog.Logger
	r         *sql.DB // SQLite: readers; PostgreSQL: everything
	w         *sql.DB // SQLite: the one writer
	conn      *sql.Conn
	stmts     sync.Map // query → *sql.Stmt on r (SQLite; pgx keeps its own)
	nStmts    int
	wstmts    map[string]*sql.Stmt              // of the writer goroutine
	rstmts    map[string]driver.StmtExecContext // of its appends
	wmu       sync.Mutex                        // of the statements: what is alone reads beside its writes
	alone     atomic.Pointer[alone]
	queue     chan *work
	done      chan struct{}
	flights   flights
	shares    chan *share // PostgreSQL: what is appended
	sharers   sync.Once
	appenders int // connections for it; 0 where there are few, then Append is Write
	sharing   sync.WaitGroup
	beside    sync.RWMutex // PostgreSQL: held by all writes; by one that is refused again and again, alone
	mu        sync.RWMutex
	closed    bool
	lmu       sync.RWMutex
	listeners []func(Change)
}

// Open opens or makes the store. It does not run schema scripts: Migrate does.
func Open(ctx context.Context, o Options) (*DB, error) {
	d := &DB{Dir: o.Dir, now: o.Now, log: o.Log}
	if d.now == nil {
		d.now = Wall
	}
	if d.log == nil {
		d.log = slog.New(slog.DiscardHandler)
	}
	if o.URL != "" {
		d.Engine = Postgres
		return d, d.openPostgres(ctx, o)
	}
	d.Engine = SQLite
	return d, d.openSQLite(ctx, o)
}

func (d *DB) openPostgres(ctx context.Context, o Options) error {
	c, err := pgx.ParseConfig(o.URL)
	if err != nil {
		return errors.New("the database address cannot be read; it has the form postgres://user@host:5432/name")
	}
	if c.RuntimeParams["lock_timeout"] == "" {
		c.RuntimeParams["lock_timeout"] = "10s" // as long as SQLite waits; then people are told
	}
	r := stdlib.OpenDB(*c)
	n := o.Readers
	if n == 0 {
		n = 16
	}
	r.SetMaxOpenConns(n)
	r.SetMaxIdleConns(n)
	r.SetConnMaxIdleTime(5 * time.Minute)
	d.appenders = min(appenders, n/4)
	d.r = r
	if err := r.PingContext(ctx); err != nil {
		r.Close()
		return ErrBroken.Because(err)
	}
	return nil
}

// sqliteFile is the embedded database's name inside its folder.
const sqliteFile = "cuobian.db"

// Held says whether a folder holds an embedded database; Open would make one.
func Held(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, sqliteFile))
	return err == nil
}

func (d *DB) dsn() string {
	return "file:" + filepath.ToSlash(filepath.Join(d.Dir, sqliteFile)) + "?_pragma=busy_timeout(10000)&_pragma=foreign_keys(1)&_pragma=cache_size(-16000)&_pragma=temp_store(2)"
}

func (d *DB) openSQLite(ctx context.Context, o Options) error {
	if o.Dir == "" {
		return errors.New("store: no folder and no database address")
	}
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return err
	}
	file := d.dsn()
	w, err := sql.Open("sqlite", file+"&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=wal_autocheckpoint(16000)&_txlock=immediate&_pragma=journal_size_limit(67108864)")
	if err != nil {
		return err
	}
	w.SetMaxOpenConns(1)
	conn, err := w.Conn(ctx)
	if err != nil {
		w.Close()
		return d.Fault(err)
	}
	r, err := sql.Open("sqlite", file+"&_pragma=query_only(1)")
	if err != nil {
		w.Close()
		return err
	}
	n := o.Readers
	if n == 0 {
		n = 4
	}
	r.SetMaxOpenConns(n)
	r.SetMaxIdleConns(n)
	d.w, d.conn, d.r = w, conn, r
	d.queue = make(chan *work, 1024)
	d.done = make(chan struct{})
	go d.writer()
	return nil
}

// Close ends the store after the writes that were already asked for.
func (d *DB) Close() error {
	d.mu.Lock()
	if d.closed {
		d.mu.Unlock()
		return nil
	}
	d.closed = true
	d.mu.Unlock()
	if d.queue != nil {
		close(d.queue)
		<-d.done
		d.conn.Raw(func(any) error {
			for _, s := range d.rstmts {
				s.(driver.Stmt).Close()
			}
			return nil
		})
		d.conn.ExecContext(context.Background(), "pragma optimize")
		d.conn.Close()
		d.w.Close()
	}
	if d.shares != nil {
		close(d.shares)
		d.sharing.Wait()
	}
	return d.r.Close()
}

// Now is the store's clock.
func (d *DB) Now() day.Instant { return d.now() }

// NewID makes an id of 20 letters and digits that sorts by time.
func (d *DB) NewID() string { return newID(d.now()) }

var idText = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// ids counts on from one id to the next, over all stores and milliseconds: writes that run beside each other have
// moments of their own, so that a count that began anew with each millisecond would put the second id of a write
// before its first.
var ids atomic.Uint32

// newID is 48 bits of milliseconds, 20 bits of sequence, 32 random bits. Ids of one millisecond sort as they were made,
// but where the sequence goes round, once in a million.
func newID(at day.Instant) string {
	ms := uint64(at) / 1000
	seq := ids.Add(1)
	var b [13]byte // 104 bits, 100 used
	var r [4]byte
	rand.Read(r[:])
	hi := ms<<16 | uint64(seq>>4&0xffff)
	binary.BigEndian.PutUint64(b[0:], hi)
	b[8] = byte(seq&0xf)<<4 | r[0]>>4
	b[9] = r[0]<<4 | r[1]>>4
	b[10] = r[1]<<4 | r[2]>>4
	b[11] = r[2]<<4 | r[3]>>4
	b[12] = r[3] << 4
	return idText.EncodeToString(b[:])[:20]
}

// IDAt is the least id of a moment's millisecond, to range over ids by time.
func IDAt(at day.Instant) string {
	var b [13]byte
	binary.BigEndian.PutUint64(b[:], uint64(max(at, 0))/1000<<16)
	return idText.EncodeToString(b[:])[:20]
}

// Queryer reads: a Tx, a View or the DB itself.
type Queryer interface {
	Query(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRow(ctx context.Context, query string, args ...any) *sql.Row
}

// prepared gives the reader statement for query; the texts in use are few, filters build them from fixed parts.
func (d *DB) prepared(ctx context.Context, query string) (*sql.Stmt, error) {
	if s, ok := d.stmts.Load(query); ok {
		return s.(*sql.Stmt), nil
	}
	s, err := d.r.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if old, ok := d.stmts.Load(query); ok {
		s.Close()
		return old.(*sql.Stmt), nil
	}
	if d.nStmts >= 2000 {
		return nil, errTooManyTexts
	}
	d.nStmts++
	d.stmts.Store(query, s)
	return s, nil
}

var errTooManyTexts = errors.New("store: too many different SQL texts to keep prepared")

// Query reads outside any transaction.
func (d *DB) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if d.alone.Load() != nil {
		s, err := d.writerStmt(query)
		if err != nil {
			return nil, d.Fault(err)
		}
		return s.QueryContext(ctx, args...)
	}
	if d.Engine == SQLite {
		s, err := d.prepared(ctx, query)
		if err == nil {
			return s.QueryContext(ctx, args...)
		}
		if err != errTooManyTexts {
			return nil, d.Fault(err)
		}
	}
	rows, err := d.r.QueryContext(ctx, query, args...)
	return rows, d.Fault(err)
}

// QueryRow reads one row outside any transaction.
func (d *DB) QueryRow(ctx context.Context, query string, args ...any) *sql.Row {
	if d.alone.Load() != nil {
		if s, err := d.writerStmt(query); err == nil {
			return s.QueryRowContext(ctx, args...)
		}
		return d.conn.QueryRowContext(ctx, query, args...)
	}
	if d.Engine == SQLite {
		if s, err := d.prepared(ctx, query); err == nil {
			return s.QueryRowContext(ctx, args...)
		}
	}
	return d.r.QueryRowContext(ctx, query, args...)
}

type view struct{ tx *sql.Tx }

func (v view) Query(ctx context.Context, q string, args ...any) (*sql.Rows, error) {
	return v.tx.QueryContext(ctx, q, args...)
}
func (v view) QueryRow(ctx context.Context, q string, args ...any) *sql.Row {
	return v.tx.QueryRowContext(ctx, q, args...)
}

// View reads several things of one moment: fn sees one snapshot.
func (d *DB) View(ctx context.Context, fn func(Queryer) error) error {
	if d.alone.Load() != nil {
		return fn(d)
	}
	o := &sql.TxOptions{ReadOnly: true}
	if d.Engine == Postgres {
		o.Isolation = sql.LevelRepeatableRead
	}
	tx, err := d.r.BeginTx(ctx, o)
	if err != nil {
		return d.Fault(err)
	}
	defer tx.Rollback()
	return fn(view{tx})
}

// All reads every row through scan.
func All[T any](ctx context.Context, q Queryer, scan func(row *sql.Rows) (T, error), query string, args ...any) ([]T, error) {
	rows, err := q.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := []T{}
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, rows.Err()
}

// Texts reads a list of one text column.
func Texts(ctx context.Context, q Queryer, query string, args ...any) ([]string, error) {
	return All(ctx, q, func(r *sql.Rows) (s string, err error) { err = r.Scan(&s); return }, query, args...)
}

// Count reads one number.
func Count(ctx context.Context, q Queryer, query string, args ...any) (n int64, err error) {
	err = q.QueryRow(ctx, query, args...).Scan(&n)
	return n, err
}

// Marks writes "$first, $first+1, …" for n parameters of an `in (…)`.
func Marks(first, n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "$%d", first+i)
	}
	return b.String()
}

// Fault turns an engine's error into one for people; others pass unchanged.
func (d *DB) Fault(err error) error {
	if err == nil {
		return nil
	}
	var se *sqlite.Error
	if errors.As(err, &se) {
		switch se.Code() & 0xff {
		case sqlitelib.SQLITE_FULL:
			return ErrFull.Because(err)
		case sqlitelib.SQLITE_BUSY, sqlitelib.SQLITE_LOCKED:
			return ErrLocked.Because(err)
		case sqlitelib.SQLITE_IOERR, sqlitelib.SQLITE_CANTOPEN, sqlitelib.SQLITE_CORRUPT, sqlitelib.SQLITE_READONLY, sqlitelib.SQLITE_NOTADB:
			return ErrBroken.Because(err)
		}
	}
	var pe *pgconn.PgError
	if errors.As(err, &pe) {
		switch {
		case pe.Code == "53100":
			return ErrFull.Because(err)
		case pe.Code == "55P03":
			return ErrLocked.Because(err)
		case pe.Code == "40001" || pe.Code == "40P01":
			return ErrBusy.Because(err)
		case strings.HasPrefix(pe.Code, "08") || strings.HasPrefix(pe.Code, "57P") || pe.Code == "53300":
			return ErrBroken.Because(err)
		}
		return err
	}
	var ce *pgconn.ConnectError
	if errors.As(err, &ce) || errors.Is(err, sql.ErrConnDone) || d.Engine == Postgres && lineLost(err) {
		return ErrBroken.Because(err)
	}
	return err
}

// Unique reports whether err is a broken unique or primary key.
func Unique(err error) bool {
	var se *sqlite.Error
	if errors.As(err, &se) {
		return se.Code() == sqlitelib.SQLITE_CONSTRAINT_UNIQUE || se.Code() == sqlitelib.SQLITE_CONSTRAINT_PRIMARYKEY
	}
	var pe *pgconn.PgError
	return errors.As(err, &pe) && pe.Code == "23505"
}
