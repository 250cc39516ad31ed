package audit

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"cuobian/basis/day"
	"cuobian/platform/audit/tree"
	"cuobian/platform/seal"
	"cuobian/platform/store"

	"golang.org/x/mod/sumdb/note"
)

const (
	batch      = 1024             // leaves that one write takes in: four tiles, some 20 ms
	lateOften  = 5 * time.Second  // every run looks this far around the clock for entries that were passed by
	lateSome   = 15 * time.Minute // and this far every half minute,
	someEvery  = 30 * time.Second // for programs with another clock and writes that took long,
	fullEvery  = 24 * time.Hour   // and everywhere at the start and daily, for clocks that were set back
	AlarmAfter = 60 * time.Second // an entry that waits longer is told of
)

// sweeps remembers when what was last looked through.
type sweeps struct {
	full, some day.Instant
	at         string // how far the full one is
}

// errOther says that another program integrated meanwhile.
var errOther = errors.New("audit: another program was first")

// Integrate takes into both logs what waits, in the order of ids, and signs. It is cheap when nothing waits: some reads
// and no write. Several programs may run it: each write holds only when the log is still of the size it began from. It
// says how many leaves it placed.
func (l *Logs) Integrate(ctx context.Context) (int, error) {
	n := 0
	var failed error
	for _, log := range l.Both() {
		k, err := log.Integrate(ctx)
		n += k
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("%s log: %w", log.Name, err))
		}
	}
	return n, failed
}

// Integrate is Logs.Integrate for one log.
func (l *Log) Integrate(ctx context.Context) (n int, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	full := l.swept.full
	for {
		k, more, err := l.round(ctx)
		n += k
		if errors.Is(err, errOther) {
			l.edge = nil
			continue // look again from where the other one left off
		}
		if err != nil {
			l.edge = nil
			l.swept = sweeps{}
			return n, err
		}
		if !more {
			if l.swept.full != full {
				err = l.thin(ctx)
			}
			return n, err
		}
	}
}

type waiting struct {
	id   string
	leaf []byte
}

// round takes in one batch and says whether there may be more.
func (l *Log) round(ctx context.Context) (int, bool, error) {
	s, err := l.state(ctx, l.db)
	if errors.Is(err, ErrNoCheckpoint) {
		return 0, true, l.begin(ctx)
	}
	if err != nil {
		return 0, false, err
	}
	next := l.swept
	all, more, err := l.candidates(ctx, s, &next)
	if err != nil {
		return 0, false, err
	}
	signed, err := l.signedSize(ctx)
	if err != nil {
		return 0, false, err
	}
	if len(all) == 0 && signed == s.size {
		l.swept = next
		return 0, false, nil
	}
	if l.edge == nil || l.edge.size != s.size {
		if l.edge, err = l.recall(ctx, s); err != nil {
			return 0, false, err
		}
	}
	e, changed := l.edge.clone(), map[place][]byte{}
	for _, w := range all {
		if len(w.leaf) != hashSize {
			return 0, false, ErrBroken
		}
		e.add(w.leaf, changed)
	}
	text := ""
	if !more { // a backlog is signed when it is through
		if text, err = l.sign(ctx, s.origin, e); err != nil {
			return 0, false, err
		}
	}
	if err := l.keep(ctx, s, all, changed, e.size, text); err != nil {
		return 0, false, err
	}
	l.edge, l.swept = e, next
	return len(all), more, nil
}

// begin writes the log's row.
func (l *Log) begin(ctx context.Context) error {
	return l.db.Write(ctx, func(tx *store.Tx) error {
		id := tx.NewID()
		_, err := tx.Exec(ctx, `insert into audit_log (log, origin, size, high, made_at) values ($1, $2, 0, '', $3) on conflict (log) do nothing`,
			l.Name, l.host+"/log/"+id[12:]+"/"+l.Name, int64(tx.Now))
		return err
	})
}

// candidates reads what waits: all that is newer than the newest placed, or what a sweep finds that was passed by. It
// reads outside the write, so that on PostgreSQL no writer of entries ever meets it.
func (l *Log) candidates(ctx context.Context, s state, next *sweeps) (all []waiting, more bool, err error) {
	now := l.db.Now()
	read := func(cond string, args ...any) error {
		found, err := store.All(ctx, l.db, func(r *sql.Rows) (w waiting, err error) { err = r.Scan(&w.id, &w.leaf); return w, err },
			`select e.id, e.leaf from `+l.table+` e where `+cond+fmt.Sprintf(` order by e.id limit %d`, batch), args...)
		all = append(all, found...)
		more = more || len(found) == batch
		return err
	}
	const passedBy = ` and not exists (select 1 from audit_seq s where s.log = $1 and s.entry = e.id)`
	since := func(at day.Instant) time.Duration {
		if at == 0 || at > now {
			return 1 << 62
		}
		return now.Sub(at)
	}
	// Sweeps do not go beyond the newest placed: what is newer is read below, without looking for its place.
	if since(next.full) >= fullEvery {
		if err := read(`e.id > $2 and e.id <= $3`+passedBy, l.Name, next.at, s.high); err != nil {
			return nil, false, err
		}
		if more {
			next.at = all[len(all)-1].id
			return all, true, nil
		}
		next.full, next.some, next.at = now, now, ""
	} else {
		around := lateOften
		if since(next.some) >= someEvery {
			around = lateSome
		}
		if err := read(`e.id >= $2 and e.id < $3 and e.id <= $4`+passedBy, l.Name, store.IDAt(now.Add(-around)), store.IDAt(now.Add(around)), s.high); err != nil || more {
			return all, more, err
		}
		if around == lateSome {
			next.some = now
		}
	}
	err = read(`e.id > $1`, s.high)
	return all, more, err
}

func (l *Log) signedSize(ctx context.Context) (n int64, err error) {
	err = l.db.QueryRow(ctx, `select coalesce(max(size), 0) from audit_checkpoint where log = $1`, l.Name).Scan(&n)
	return n, err
}

// recall reads the tree's edge, and makes sure that the tree still begins with what was last signed: a log that was
// tampered with is never signed on.
func (l *Log) recall(ctx context.Context, s state) (e *edge, err error) {
	err = l.db.View(ctx, func(q store.Queryer) error {
		now, err := l.state(ctx, q)
		if err != nil {
			return err
		}
		if now != s {
			return errOther
		}
		if e, err = l.loadEdge(ctx, q, s.size); err != nil {
			return err
		}
		c, err := l.Checkpoint(ctx, q, 0)
		if errors.Is(err, ErrNoCheckpoint) {
			return nil
		}
		if err != nil {
			return err
		}
		if c.Size > s.size || c.Origin != s.origin {
			return ErrBroken
		}
		then := e
		if c.Size < s.size {
			if then, err = l.loadEdge(ctx, q, c.Size); err != nil {
				return err
			}
		}
		if root, err := then.root(); err != nil || root != c.Root {
			return ErrBroken
		}
		return nil
	})
	return e, err
}

// sign makes the note: every Ed25519 and SM2 key whose private part is here signs, the newest first.
func (l *Log) sign(ctx context.Context, origin string, e *edge) (string, error) {
	root, err := e.root()
	if err != nil {
		return "", err
	}
	var by []note.Signer
	for _, kind := range []string{seal.Ed25519, seal.SM2} {
		signers, err := l.pens.Signers(ctx, kind)
		if err != nil {
			return "", err
		}
		for _, s := range signers {
			k, err := keyOf(origin, kind, s.Public())
			if err != nil {
				return "", err
			}
			n, err := k.Signer(s.Sign)
			if err != nil {
				return "", err
			}
			by = append(by, n)
		}
	}
	return tree.Checkpoint{Origin: origin, Size: e.size, Root: root}.Sign(by...)
}

// keep writes one batch: positions, tiles, the size, and the signed checkpoint when there is one. All of it or nothing.
func (l *Log) keep(ctx context.Context, s state, all []waiting, changed map[place][]byte, size int64, text string) error {
	cut := func(at string) error {
		if l.step != nil {
			return l.step(at)
		}
		return nil
	}
	err := l.db.Write(ctx, func(tx *store.Tx) error {
		high := s.high
		rows := make([][]any, len(all))
		for i, w := range all {
			high = max(high, w.id)
			rows[i] = []any{l.Name, s.size + int64(i), w.id}
		}
		n, err := tx.Exec(ctx, `update audit_log set size = $3, high = $4 where log = $1 and size = $2`, l.Name, s.size, size, high)
		if err != nil {
			return err
		}
		if n == 0 {
			return errOther
		}
		if err := cut("size"); err != nil {
			return err
		}
		if _, err := store.Fill(ctx, tx, `insert into audit_seq (log, n, entry) values`, "", rows); err != nil {
			return err
		}
		if err := cut("positions"); err != nil {
			return err
		}
		for p, data := range changed {
			if _, err := tx.Exec(ctx, `insert into audit_tile (log, level, n, data) values ($1, $2, $3, $4) on conflict (log, level, n) do update set data = excluded.data`,
				l.Name, p.level, p.n, data); err != nil {
				return err
			}
			if err := cut("tile"); err != nil {
				return err
			}
		}
		if text != "" {
			if _, err := tx.Exec(ctx, `insert into audit_checkpoint (log, size, note, at) values ($1, $2, $3, $4)`, l.Name, size, text, int64(tx.Now)); err != nil {
				return err
			}
		}
		return cut("checkpoint")
	})
	if store.Unique(err) { // the loser of two who began from one size
		return errOther
	}
	return err
}

const (
	keepAll = 90 * 24 * time.Hour // every checkpoint is kept this long,
	keepOne = time.Hour           // then the last of each hour, and the last of each hour that a witness signed
)

// thin drops old checkpoints: a busy log signs thousands a day. Nothing is lost with them that could be proved: any two
// sizes can be shown to belong together, and whoever kept a checkpoint holds its signatures.
func (l *Log) thin(ctx context.Context) error {
	const old = ` from audit_checkpoint where log = $1 and at < $2 and exists (select 1 from audit_checkpoint x
where x.log = audit_checkpoint.log and x.size > audit_checkpoint.size and x.at / $3 = audit_checkpoint.at / $3
and (exists (select 1 from audit_cosign c where c.log = x.log and c.size = x.size)
or not exists (select 1 from audit_cosign c where c.log = audit_checkpoint.log and c.size = audit_checkpoint.size)))`
	args := []any{l.Name, int64(l.db.Now().Add(-keepAll)), keepOne.Microseconds()}
	if n, err := store.Count(ctx, l.db, `select count(*)`+old, args...); err != nil || n == 0 {
		return err
	}
	return l.db.Write(ctx, func(tx *store.Tx) error {
		if _, err := tx.Exec(ctx, `delete`+old, args...); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `delete from audit_cosign where log = $1 and not exists (select 1 from audit_checkpoint k where k.log = audit_cosign.log and k.size = audit_cosign.size)`, l.Name)
		return err
	})
}

// Waiting is how far a log lags behind.
type Waiting struct {
	Log    string      `json:"log"`
	Size   int64       `json:"size"`
	Signed int64       `json:"signed"`
	Oldest day.Instant `json:"oldest" doc:"when the oldest entry not yet placed was written; zero when none waits"`
	Late   bool        `json:"late" doc:"it waits longer than a minute"`
}

// Waiting looks for the oldest entry that is not yet placed among those written since (zero: among all, which reads all).
func (l *Log) Waiting(ctx context.Context, q store.Queryer, since day.Instant) (Waiting, error) {
	w := Waiting{Log: l.Name}
	s, err := l.state(ctx, q)
	if err != nil && !errors.Is(err, ErrNoCheckpoint) {
		return w, err
	}
	w.Size = s.size
	if w.Signed, err = l.signedSize(ctx); err != nil {
		return w, err
	}
	err = q.QueryRow(ctx, `select e.at from `+l.table+` e where e.id >= $2 and not exists (select 1 from audit_seq s where s.log = $1 and s.entry = e.id) order by e.id limit 1`,
		l.Name, store.IDAt(since)).Scan(&w.Oldest)
	if errors.Is(err, store.ErrNone) {
		err = nil
	}
	w.Late = w.Oldest != 0 && l.db.Now().Sub(w.Oldest) > AlarmAfter
	return w, err
}

// Waiting tells of both logs; see Log.Waiting.
func (l *Logs) Waiting(ctx context.Context, since day.Instant) ([]Waiting, error) {
	var out []Waiting
	for _, log := range l.Both() {
		w, err := log.Waiting(ctx, l.DB, since)
		if err != nil {
			return nil, err
		}
		out = append(out, w)
	}
	return out, nil
}

// Whole goes through the whole log: every leaf against its row's own text, every position, the tiles, and the latest
// checkpoint with its signatures. It gives the number of leaves; ErrBroken with what was found.
func (l *Log) Whole(ctx context.Context) (n int64, err error) {
	err = l.db.View(ctx, func(q store.Queryer) error {
		c, err := l.Checkpoint(ctx, q, 0)
		if errors.Is(err, ErrNoCheckpoint) {
			return nil
		}
		if err != nil {
			return err
		}
		broken := func(what string, args ...any) error {
			return ErrBroken.Because(fmt.Errorf("%s log: "+what, append([]any{l.Name}, args...)...))
		}
		keys, err := l.Keys(ctx, q)
		if err != nil {
			return err
		}
		if _, err := tree.Open(c.Note, keys...); err != nil {
			return broken("the checkpoint of size %d: %w", c.Size, err)
		}
		e, changed := &edge{}, map[place][]byte{}
		for e.size < c.Size {
			to := min(e.size+4096, c.Size)
			if err := l.each(ctx, q, e.size, to, func(at int64, id string, leaf, own []byte) error {
				if at != e.size {
					return broken("position %d has no entry", e.size)
				}
				if !bytes.Equal(leaf, own) {
					return broken("entry %s was changed", id)
				}
				e.add(leaf, changed)
				return nil
			}); err != nil {
				return err
			}
			if e.size != to {
				return broken("position %d has no entry", e.size)
			}
			for p, data := range changed {
				// The last tile of a level is compared when it is through.
				if kept, err := l.tile(ctx, q, p); err != nil || !bytes.HasPrefix(kept, data) {
					return broken("tile %d of level %d was changed", p.n, p.level)
				}
			}
			clear(changed)
		}
		if root, err := e.root(); err != nil || root != c.Root {
			return broken("the entries do not give the signed root of size %d", c.Size)
		}
		n = e.size
		return nil
	})
	return n, err
}

// each reads positions with the leaf as kept and the leaf that follows from the row's own text.
func (l *Log) each(ctx context.Context, q store.Queryer, from, to int64, do func(n int64, id string, leaf, own []byte) error) error {
	query := `select s.n, e.id, e.at, e.kind, e.path, e.ref, e.body, e.leaf from audit_seq s join audit_record e on e.id = s.entry where s.log = $1 and s.n >= $2 and s.n < $3 order by s.n`
	if l.Name == Private {
		query = `select s.n, e.id, e.at, e.account, e.person, e.post, e.action, e.path, e.ref, e.why, e.before, e.after, e.leaf
from audit_seq s join audit_entry e on e.id = s.entry where s.log = $1 and s.n >= $2 and s.n < $3 order by s.n`
	}
	rows, err := q.Query(ctx, query, l.Name, from, to)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var n int64
		var id string
		var leaf, own []byte
		if l.Name == Private {
			var x Line
			if err := rows.Scan(&n, &x.ID, &x.At, &x.Account, &x.Person, &x.Post, &x.Action, &x.Path, &x.Ref, &x.Why, &x.From, &x.To, &leaf); err != nil {
				return err
			}
			id, own = x.ID, x.Hash()
		} else {
			var x tree.Record
			var body string
			if err := rows.Scan(&n, &x.ID, &x.At, &x.Kind, &x.Path, &x.Ref, &body, &leaf); err != nil {
				return err
			}
			x.Body = []byte(body)
			h, err := x.Leaf()
			if err != nil {
				return ErrBroken.Because(fmt.Errorf("public log: entry %s was changed", x.ID))
			}
			id, own = x.ID, h[:]
		}
		if err := do(n, id, leaf, own); err != nil {
			return err
		}
	}
	return rows.Err()
}
