package audit

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/platform/audit/tree"
	"cuobian/platform/seal"
	"cuobian/platform/store"

	"golang.org/x/mod/sumdb/tlog"
)

// Faults of the logs.
var (
	ErrNoRecord     = fault.New(fault.Missing, "audit.no_record", "日志中没有这条记录", "the log has no such record")
	ErrNotYet       = fault.New(fault.Conflict, "audit.not_yet", "记录已保存，正在排入日志（通常几秒），请稍后再查", "the record is kept and is being placed in the log (a few seconds, as a rule); ask again shortly")
	ErrNoCheckpoint = fault.New(fault.Missing, "audit.no_checkpoint", "没有这个检查点", "there is no such checkpoint")
	ErrRange        = fault.New(fault.Invalid, "audit.range", "位置或大小超出日志范围", "the position or size is outside the log")
	ErrBroken       = fault.New(fault.Unavailable, "audit.log_broken", "日志与已签名的检查点不符：记录可能被改动或从旧备份恢复过；请停止使用并查明原因", "the log is not what its signed checkpoint says: records were changed, or an older backup was brought back; stop and find out why")
)

// Names of the two logs.
const (
	Private = "private"
	Public  = "public"
)

// Logs are the two Merkle logs of the house: the private one over the trail, the public one over public records.
type Logs struct {
	DB      *store.DB
	Pens    *seal.Pens
	Private *Log
	Public  *Log
}

// NewLogs makes the logs. host goes into the origin of new logs, "" is "cuobian"; a log keeps the origin it began with.
func NewLogs(db *store.DB, pens *seal.Pens, host string) *Logs {
	if host = strings.ToLower(host); host == "" || strings.ContainsAny(host, " +\n/") {
		host = "cuobian"
	}
	l := &Logs{DB: db, Pens: pens}
	l.Private = &Log{Name: Private, db: db, pens: pens, host: host, table: "audit_entry"}
	l.Public = &Log{Name: Public, db: db, pens: pens, host: host, table: "audit_record"}
	return l
}

// Both are the logs, the public one first.
func (l *Logs) Both() []*Log { return []*Log{l.Public, l.Private} }

// Log is one of the two.
type Log struct {
	Name  string
	db    *store.DB
	pens  *seal.Pens
	host  string
	table string // whose rows are its leaves: id, leaf

	mu    sync.Mutex // one integration at a time in this program
	edge  *edge      // right edge of the tree as this program last kept it
	swept sweeps
	step  func(at string) error // tests cut the write here
}

// Leaf is a public record as it was kept.
type Leaf struct {
	ID   string      `json:"id"`
	At   day.Instant `json:"at"`
	Hash tree.Hash   `json:"leaf"`
	Text []byte      `json:"text"` // the exact bytes under Hash
}

// Record is what Publish takes.
type Record struct {
	Kind string     // "assembly.roll"
	Path scope.Path // where
	Ref  string     // kind and id of what it is about
	Body any        // written as canonical JSON (tree.Canonical): keys ASCII, numbers whole
}

// Publish puts a record into the public log, in the caller's write; the log takes it in some seconds later. Whoever
// asks can read the body for ever: it holds no personal data beyond what the law has posted.
func Publish(ctx context.Context, tx *store.Tx, r Record) (Leaf, error) {
	body, err := tree.Canonical(r.Body)
	if err != nil {
		return Leaf{}, fmt.Errorf("audit: the body of %s: %w", r.Kind, err)
	}
	x := tree.Record{ID: tx.NewID(), At: tx.Now, Kind: r.Kind, Path: r.Path, Ref: r.Ref, Body: body}
	text, err := x.Text()
	if err != nil {
		return Leaf{}, fmt.Errorf("audit: %s: %w", r.Kind, err)
	}
	l := Leaf{ID: x.ID, At: x.At, Hash: tree.Leaf(text), Text: text}
	_, err = tx.Exec(ctx, `insert into audit_record (id, at, kind, path, ref, body, leaf) values ($1, $2, $3, $4, $5, $6, $7)`,
		x.ID, int64(x.At), x.Kind, string(x.Path), x.Ref, string(body), l.Hash[:])
	return l, err
}

// Published is a public record with its place in the log.
type Published struct {
	Text string    `json:"text" doc:"the exact bytes under the leaf hash, canonical JSON"`
	Leaf tree.Hash `json:"leaf"`
	N    int64     `json:"n" doc:"position in the log from 0, -1 while it waits"`
	ID   string    `json:"id"`
}

// FindRecords filters public records; empty fields are not asked for.
type FindRecords struct {
	Ref   string
	Path  scope.Path // and all below
	Kind  string     // exact, or a room's name for all of its kinds
	Not   string     // a kind that is left out
	After string     // id of the last one seen
	Limit int        // 0 is 100
}

// Records reads public records, oldest first.
func (l *Log) Records(ctx context.Context, q store.Queryer, f FindRecords) ([]Published, error) {
	if l.Name != Public {
		return nil, ErrNoRecord
	}
	cond, args := scope.Where("r.path", 1, f.Path)
	add := func(c string, v ...any) {
		for _, x := range v {
			args = append(args, x)
			c = strings.Replace(c, "?", fmt.Sprintf("$%d", len(args)), 1)
		}
		cond += " and " + c
	}
	if f.Ref != "" {
		add("r.ref = ?", f.Ref)
	}
	if f.Kind != "" {
		add("(r.kind = ? or (r.kind >= ? and r.kind < ?))", f.Kind, f.Kind+".", f.Kind+"/")
	}
	if f.Not != "" {
		add("r.kind <> ?", f.Not)
	}
	if f.After != "" {
		add("r.id > ?", f.After)
	}
	if f.Limit <= 0 || f.Limit > 10000 {
		f.Limit = 100
	}
	args = append(args, f.Limit)
	return store.All(ctx, q, func(row *sql.Rows) (p Published, err error) {
		var x tree.Record
		var body string
		var leaf []byte
		if err = row.Scan(&x.ID, &x.At, &x.Kind, &x.Path, &x.Ref, &body, &leaf, &p.N); err != nil {
			return p, err
		}
		x.Body = []byte(body)
		text, err := x.Text()
		p.ID, p.Text = x.ID, string(text)
		if copy(p.Leaf[:], leaf) != len(p.Leaf) || err != nil {
			err = ErrBroken
		}
		return p, err
	}, `select r.id, r.at, r.kind, r.path, r.ref, r.body, r.leaf, coalesce(s.n, -1) from audit_record r left join audit_seq s on s.entry = r.id and s.log = 'public' where `+cond+
		fmt.Sprintf(` order by r.id limit $%d`, len(args)), args...)
}

// state is a log's row.
type state struct {
	origin string
	size   int64
	high   string
}

func (l *Log) state(ctx context.Context, q store.Queryer) (s state, err error) {
	err = q.QueryRow(ctx, `select origin, size, high from audit_log where log = $1`, l.Name).Scan(&s.origin, &s.size, &s.high)
	if errors.Is(err, store.ErrNone) {
		err = ErrNoCheckpoint
	}
	return s, err
}

// Origin is the log's name in its checkpoints; ErrNoCheckpoint before the first integration.
func (l *Log) Origin(ctx context.Context, q store.Queryer) (string, error) {
	s, err := l.state(ctx, q)
	return s.origin, err
}

// Signed is a checkpoint as it was signed.
type Signed struct {
	tree.Checkpoint
	At   day.Instant `json:"at"`
	Note string      `json:"note" doc:"the signed note, with the cosignatures of witnesses as far as they came in"`
}

// Checkpoint reads the checkpoint of a size; 0 is the latest. ErrNoCheckpoint.
func (l *Log) Checkpoint(ctx context.Context, q store.Queryer, size int64) (Signed, error) {
	var s Signed
	query, args := `select size, note, at from audit_checkpoint where log = $1 order by size desc limit 1`, []any{l.Name}
	if size > 0 {
		query, args = `select size, note, at from audit_checkpoint where log = $1 and size = $2`, append(args, size)
	}
	err := q.QueryRow(ctx, query, args...).Scan(&s.Size, &s.Note, &s.At)
	if errors.Is(err, store.ErrNone) {
		return s, ErrNoCheckpoint
	}
	if err != nil {
		return s, err
	}
	lines, err := store.Texts(ctx, q, `select line from audit_cosign where log = $1 and size = $2 order by witness limit 90`, l.Name, s.Size)
	if err != nil {
		return s, err
	}
	text, _, err := tree.Lines(s.Note)
	if err == nil {
		s.Checkpoint, err = tree.ParseCheckpoint(text)
	}
	if err != nil {
		return s, ErrBroken.Because(err)
	}
	s.Note += strings.Join(lines, "")
	return s, nil
}

// Checkpoints lists sizes that were signed, after a size, oldest first.
func (l *Log) Checkpoints(ctx context.Context, q store.Queryer, after int64, limit int) ([]int64, error) {
	return store.All(ctx, q, func(r *sql.Rows) (n int64, err error) { err = r.Scan(&n); return n, err },
		`select size from audit_checkpoint where log = $1 and size > $2 order by size limit $3`, l.Name, after, limit)
}

// Keys are the keys of the house under this log's name, old ones too.
func (l *Log) Keys(ctx context.Context, q store.Queryer) ([]tree.Key, error) {
	s, err := l.state(ctx, q)
	if err != nil {
		return nil, err
	}
	var out []tree.Key
	for _, kind := range []string{seal.Ed25519, seal.SM2} {
		known, err := l.pens.Known(ctx, q, kind)
		if err != nil {
			return nil, err
		}
		for _, p := range known {
			k, err := keyOf(s.origin, kind, p.Public)
			if err != nil {
				return nil, err
			}
			out = append(out, k)
		}
	}
	return out, nil
}

func keyOf(origin, kind string, public []byte) (tree.Key, error) {
	if kind == seal.SM2 {
		return tree.NewKey(tree.SM2, tree.SM2Name(origin), public)
	}
	return tree.NewKey(tree.Ed25519, origin, public)
}

// Proof shows that a leaf stands at position N of the log as the checkpoint has it.
type Proof struct {
	N          int64       `json:"n" doc:"position from 0"`
	Size       int64       `json:"size"`
	Leaf       tree.Hash   `json:"leaf"`
	Hashes     []tree.Hash `json:"proof" doc:"RFC 6962 audit path, from the leaf upwards"`
	Checkpoint string      `json:"checkpoint" doc:"signed note"`
}

// Proof proves a public record by its leaf hash, in the latest checkpoint. ErrNoRecord, ErrNotYet.
func (l *Log) Proof(ctx context.Context, q store.Queryer, leaf tree.Hash) (Proof, error) {
	if l.Name != Public {
		return Proof{}, ErrNoRecord
	}
	var id string
	err := q.QueryRow(ctx, `select id from audit_record where leaf = $1 order by id limit 1`, leaf[:]).Scan(&id)
	if errors.Is(err, store.ErrNone) {
		return Proof{}, ErrNoRecord
	}
	if err != nil {
		return Proof{}, err
	}
	return l.ProofOf(ctx, q, id)
}

// ProofOf proves an entry or record by its id, in the latest checkpoint. ErrNoRecord, ErrNotYet.
func (l *Log) ProofOf(ctx context.Context, q store.Queryer, id string) (Proof, error) {
	var n int64
	err := q.QueryRow(ctx, `select n from audit_seq where log = $1 and entry = $2`, l.Name, id).Scan(&n)
	if errors.Is(err, store.ErrNone) {
		there, err := store.Count(ctx, q, `select count(*) from `+l.table+` where id = $1`, id)
		if err != nil {
			return Proof{}, err
		}
		if there == 0 {
			return Proof{}, ErrNoRecord
		}
		return Proof{}, ErrNotYet
	}
	if err != nil {
		return Proof{}, err
	}
	return l.ProofAt(ctx, q, n, 0)
}

// ProofAt proves the leaf at position n in the checkpoint of a size; 0 is the latest. ErrNotYet, ErrNoCheckpoint.
func (l *Log) ProofAt(ctx context.Context, q store.Queryer, n, size int64) (Proof, error) {
	c, err := l.Checkpoint(ctx, q, size)
	if errors.Is(err, ErrNoCheckpoint) && size == 0 {
		return Proof{}, ErrNotYet
	}
	if err != nil {
		return Proof{}, err
	}
	if n < 0 {
		return Proof{}, ErrRange
	}
	if n >= c.Size {
		return Proof{}, ErrNotYet
	}
	r := l.reader(ctx, q)
	leaf, err := r.ReadHashes([]int64{tlog.StoredHashIndex(0, n)})
	if err != nil {
		return Proof{}, err
	}
	p := Proof{N: n, Size: c.Size, Leaf: leaf[0], Checkpoint: c.Note}
	if p.Hashes, err = tlog.ProveRecord(c.Size, n, r); err != nil {
		return Proof{}, err
	}
	// The leaf in the tree is the leaf of the row: a row changed behind our back must not pass for proved.
	var row []byte
	if err := q.QueryRow(ctx, `select e.leaf from audit_seq s join `+l.table+` e on e.id = s.entry where s.log = $1 and s.n = $2`, l.Name, n).Scan(&row); err != nil && !errors.Is(err, store.ErrNone) {
		return Proof{}, err
	}
	if string(row) != string(p.Leaf[:]) || tree.CheckInclusion(c.Checkpoint, n, p.Leaf, p.Hashes) != nil {
		return Proof{}, ErrBroken
	}
	if p.Hashes == nil {
		p.Hashes = []tree.Hash{}
	}
	return p, nil
}

// Consistency proves that the log of size to begins with the log of size from (0 < from <= to). Any two sizes will do,
// signed or not. ErrRange.
func (l *Log) Consistency(ctx context.Context, q store.Queryer, from, to int64) ([]tree.Hash, error) {
	s, err := l.state(ctx, q)
	if err != nil {
		return nil, err
	}
	if from < 1 || from > to || to > s.size {
		return nil, ErrRange
	}
	if from == to {
		return []tree.Hash{}, nil
	}
	p, err := tlog.ProveTree(to, from, l.reader(ctx, q))
	return p, err
}

// Places are the positions of entries by id; those that wait are left out.
func (l *Log) Places(ctx context.Context, q store.Queryer, ids []string) (map[string]int64, error) {
	out := make(map[string]int64, len(ids))
	for len(ids) > 0 {
		k := min(len(ids), 100)
		args := []any{l.Name}
		for _, id := range ids[:k] {
			args = append(args, id)
		}
		ids = ids[k:]
		rows, err := q.Query(ctx, `select entry, n from audit_seq where log = $1 and entry in (`+store.Marks(2, k)+`)`, args...)
		if err != nil {
			return nil, err
		}
		for rows.Next() {
			var id string
			var n int64
			if err := rows.Scan(&id, &n); err != nil {
				rows.Close()
				return nil, err
			}
			out[id] = n
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Pool gives the hashes that prove the records at these positions in a tree of this size, each once (tree.Pool).
func (l *Log) Pool(ctx context.Context, q store.Queryer, positions []int64, size int64) (tree.Pool, error) {
	s, err := l.state(ctx, q)
	if err != nil {
		return nil, err
	}
	if size < 1 || size > s.size {
		return nil, ErrRange
	}
	for _, n := range positions {
		if n < 0 || n >= size {
			return nil, ErrRange
		}
	}
	return l.reader(ctx, q).pool(tree.Need(size, positions))
}
