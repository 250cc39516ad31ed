package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"

	"cuobian/basis/day"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// On PostgreSQL what is appended waits for one of few connections. Whichever is free takes all that wait, writes equal
// inserts as rows of one statement, and sends all in one message: without a begin, all up to its end is one serializable
// transaction, durable when the server answers.

const (
	appenders   = 2  // connections; while one waits for the disk the other works
	maxTogether = 64 // appends in one transaction
)

// rowSizes are the numbers of rows that one statement carries; few sizes, so that the texts stay prepared.
var rowSizes = []int{16, 8, 4, 2, 1}

// share is one append that waits.
type share struct {
	puts []put
	err  error
	ok   chan struct{}
}

func (d *DB) sharePostgres(ctx context.Context, puts []put) error {
	s := &share{puts: puts, ok: make(chan struct{})}
	d.mu.RLock()
	if d.closed {
		d.mu.RUnlock()
		return ErrBroken.Because(errors.New("closed"))
	}
	d.sharers.Do(func() {
		d.shares = make(chan *share, 1024)
		for range d.appenders {
			d.sharing.Go(d.appender)
		}
	})
	select {
	case d.shares <- s:
		d.mu.RUnlock()
	case <-ctx.Done():
		d.mu.RUnlock()
		return ctx.Err()
	}
	<-s.ok
	return s.err
}

// line is a connection that appends.
type line struct {
	conn *sql.Conn
	used time.Time
	have map[string]*pgconn.StatementDescription
	room []byte // of the values of one batch
}

// appender writes what was appended until the store is closed.
func (d *DB) appender() {
	var l *line
	for first := range d.shares {
		batch := []*share{first}
	more:
		for len(batch) < maxTogether {
			select {
			case next, open := <-d.shares:
				if !open {
					break more
				}
				batch = append(batch, next)
			default:
				break more
			}
		}
		if l != nil && time.Since(l.used) > idle && !l.lives() {
			l.close()
			l = nil
		}
		if l == nil {
			var err error
			if l, err = d.openLine(); err != nil {
				done(batch, err)
				continue
			}
		}
		if !l.settle(batch) {
			l.close()
			l = nil
			continue
		}
		l.used = time.Now()
	}
	if l != nil {
		l.close()
	}
}

func done(batch []*share, err error) {
	for _, s := range batch {
		s.err = err
		close(s.ok)
	}
}

// settle appends a batch; where the server refuses it, by halves, so that only what it refuses by itself comes back.
// false says that the connection is lost, and with it whether the rest was kept.
func (l *line) settle(batch []*share) (alive bool) {
	err := l.append(batch)
	var pe *pgconn.PgError
	refused := err == errRefused || errors.As(err, &pe) && (pe.SeverityUnlocalized == "ERROR" || pe.Severity == "ERROR")
	switch {
	case err == nil:
		done(batch, nil)
	case refused && len(batch) == 1:
		done(batch, errRefused) // the server took everything back
	case refused:
		half := len(batch) / 2
		if !l.settle(batch[:half]) {
			done(batch[half:], ErrBroken.Because(err))
			return false
		}
		return l.settle(batch[half:])
	default:
		done(batch, err)
		return false
	}
	return true
}

func (d *DB) openLine() (*line, error) {
	ctx := context.Background()
	conn, err := d.r.Conn(ctx)
	if err != nil {
		return nil, err
	}
	l := &line{conn: conn, have: map[string]*pgconn.StatementDescription{}}
	for _, set := range []string{`set default_transaction_isolation = 'serializable'`, `set plan_cache_mode = force_generic_plan`} {
		if _, err := conn.ExecContext(ctx, set); err != nil {
			l.close()
			return nil, err
		}
	}
	return l, nil
}

// idle is after how long a connection is looked at before it is used: the server may have ended it.
const idle = time.Second

func (l *line) lives() bool {
	ctx, end := context.WithTimeout(context.Background(), idle)
	defer end()
	return l.conn.Raw(func(c any) error { return c.(*stdlib.Conn).Conn().PgConn().Ping(ctx) }) == nil
}

// close ends the connection: its settings are its own.
func (l *line) close() {
	l.conn.Raw(func(any) error { return driver.ErrBadConn })
	l.conn.Close()
}

// append writes a batch. Appends of one shape (the same inserts in the same order) go row by row into the same
// statements, so that a row still comes after those it points to.
func (l *line) append(batch []*share) error {
	var shapes [][]*share
	for _, s := range batch {
		known := false
		for i, like := range shapes {
			if known = sameShape(like[0].puts, s.puts); known {
				shapes[i] = append(like, s)
				break
			}
		}
		if !known {
			shapes = append(shapes, []*share{s})
		}
	}
	return l.conn.Raw(func(c any) error {
		l.room = l.room[:0]
		pg := c.(*stdlib.Conn).Conn().PgConn()
		var out pgconn.Batch
		for _, like := range shapes {
			for i, p := range like[0].puts {
				rest := like
				for _, size := range rowSizes {
					for len(rest) >= size {
						if err := l.put(pg, &out, p.in, i, rest[:size]); err != nil {
							return err
						}
						rest = rest[size:]
					}
				}
			}
		}
		return pg.ExecBatch(context.Background(), &out).Close()
	})
}

func sameShape(a, b []put) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].in != b[i].in {
			return false
		}
	}
	return true
}

// allBinary says that every parameter goes as bytes.
var allBinary = []int16{1}

// put adds one statement: the i-th insert of these appends.
func (l *line) put(pg *pgconn.PgConn, out *pgconn.Batch, in *single, i int, rows []*share) error {
	text := in.rows(len(rows))
	stmt := l.have[text]
	if stmt == nil {
		var err error
		if stmt, err = pg.Prepare(context.Background(), fmt.Sprintf("append_%d", len(l.have)+1), text, nil); err != nil {
			return err
		}
		l.have[text] = stmt
	}
	values := make([][]byte, 0, len(rows)*in.width)
	for _, s := range rows {
		for _, a := range s.puts[i].args {
			v, ok := l.bytesOf(a, stmt.ParamOIDs[len(values)])
			if !ok {
				return errRefused // the ordinary way decides
			}
			values = append(values, v)
		}
	}
	out.ExecStatement(stmt, values, allBinary, nil)
	return nil
}

// Types of PostgreSQL by number.
const (
	oidBool  = 16
	oidBytea = 17
	oidInt8  = 20
	oidText  = 25
)

// bytesOf writes a value as the server reads it in binary, into the line's room; false where its type is not its column's.
func (l *line) bytesOf(a any, oid uint32) ([]byte, bool) {
	from := len(l.room)
	switch v := a.(type) {
	case nil:
		return nil, true
	case []byte:
		return v, oid == oidBytea
	case string:
		if oid != oidText || strings.Contains(v, "\x00") {
			return nil, false
		}
		l.room = append(l.room, v...)
	case bool:
		if oid != oidBool {
			return nil, false
		}
		bit := byte(0)
		if v {
			bit = 1
		}
		l.room = append(l.room, bit)
	case int64:
		if oid != oidInt8 {
			return nil, false
		}
		l.room = binary.BigEndian.AppendUint64(l.room, uint64(v))
	case int:
		return l.bytesOf(int64(v), oid)
	case day.Instant:
		return l.bytesOf(int64(v), oid)
	default:
		return nil, false
	}
	return l.room[from:len(l.room):len(l.room)], true
}
