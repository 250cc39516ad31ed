package store

import (
	"context"
	"database/sql"
	"sync"
)

// alone is one transaction that many writes go into.
type alone struct {
	mu    sync.Mutex
	tx    *sql.Tx
	lost  error         // the engine gave the transaction up
	ready chan struct{} // the writer has begun it
	over  chan error    // what became of fn
}

// Alone runs fn, whose writes are kept together or not at all, though each is refused by itself; what is read meanwhile,
// by whomever, sees them. It is for filling an empty store before anybody else works with it: thousands of writes cost one
// commit. On PostgreSQL fn simply runs, and each write is kept by itself. fn must not call Alone.
func (d *DB) Alone(ctx context.Context, fn func() error) error {
	if d.Engine == Postgres {
		return fn()
	}
	a := &alone{ready: make(chan struct{}), over: make(chan error, 1)}
	began := make(chan error, 1)
	go func() {
		began <- d.enqueue(ctx, &work{ctx: ctx, hold: a, ok: make(chan struct{})})
	}()
	select {
	case <-a.ready:
	case err := <-began:
		return d.Fault(err)
	}
	err, whole := error(nil), false
	defer func() {
		if !whole { // fn panicked
			a.over <- context.Canceled
			<-began
		}
	}()
	err = fn()
	whole = true
	a.over <- err
	if kept := <-began; err == nil {
		err = kept
	}
	return d.Fault(err)
}

// wait keeps the writer until fn is through; the writer then commits, or rolls back what is lost.
func (a *alone) wait(d *DB, w *work, tx *sql.Tx) (lost error) {
	a.tx = tx
	d.alone.Store(a)
	close(a.ready)
	lost = <-a.over
	a.mu.Lock()
	defer a.mu.Unlock()
	d.alone.Store(nil)
	if lost == nil {
		lost = a.lost
	}
	w.err = lost
	return lost
}

// work does one write within the transaction.
func (a *alone) work(d *DB, w *work) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if d.alone.Load() != a {
		return ErrBusy // it came when fn was over
	}
	if a.lost != nil {
		return a.lost
	}
	if a.lost = d.run(w, a.tx); a.lost != nil && w.err == nil {
		w.err = a.lost
	}
	if w.pan != nil {
		panic(w.pan)
	}
	return w.err
}
