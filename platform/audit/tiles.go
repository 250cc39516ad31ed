package audit

import (
	"context"
	"database/sql"
	"errors"
	"slices"

	"cuobian/platform/audit/tree"
	"cuobian/platform/store"

	"golang.org/x/mod/sumdb/tlog"
)

// Hashes are kept in tiles of 256 (tlog's and c2sp.org/tlog-tiles' form, height 8): level 0 holds leaf hashes, level k
// the roots of whole tiles of level k-1. A tile of level 0 is written once, when it is full; until then its leaves are
// read from the entries themselves, so that a small integration writes no hashes at all. Higher levels grow by one hash
// per 256 leaves.
const (
	height   = 8
	width    = 1 << height
	hashSize = tlog.HashSize
)

type place struct{ level, n int64 }

// edge is the right edge of a tree of some size: what is needed to go on.
type edge struct {
	size int64
	tail []byte   // leaf hashes of the last tile, while it is not full
	up   [][]byte // up[k-1]: the last tile of level k, while it is not full
}

func (e *edge) clone() *edge {
	c := &edge{size: e.size, tail: slices.Clone(e.tail)}
	for _, u := range e.up {
		c.up = append(c.up, slices.Clone(u))
	}
	return c
}

// add takes leaves in; what must be written goes into changed.
func (e *edge) add(leaf []byte, changed map[place][]byte) {
	e.tail = append(e.tail, leaf...)
	e.size++
	if len(e.tail) < width*hashSize {
		return
	}
	full := e.tail
	e.tail = nil
	changed[place{0, (e.size - 1) >> height}] = full
	for k := 1; ; k++ {
		if len(e.up) < k {
			e.up = append(e.up, nil)
		}
		root := rootOf(full)
		e.up[k-1] = append(e.up[k-1], root[:]...)
		n := (e.size>>(height*k) - 1) >> height
		changed[place{int64(k), n}] = slices.Clone(e.up[k-1])
		if len(e.up[k-1]) < width*hashSize {
			return
		}
		full, e.up[k-1] = e.up[k-1], nil
	}
}

// ReadHashes gives what a root needs: every whole subtree of the right edge begins in one of its tiles.
func (e *edge) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, x := range indexes {
		t := tlog.TileForIndex(height, x)
		data := e.tail
		if t.L > 0 {
			if t.L > len(e.up) {
				return nil, ErrRange
			}
			data = e.up[t.L-1]
		}
		if t.N != e.size>>(height*(t.L+1)) || len(data) < t.W*hashSize {
			return nil, ErrRange
		}
		var err error
		if out[i], err = tlog.HashFromTile(t, data, x); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (e *edge) root() (tree.Hash, error) { return tlog.TreeHash(e.size, e) }

// rootOf is the root of a whole tile.
func rootOf(data []byte) tree.Hash {
	if len(data) == hashSize {
		return tree.Hash(data)
	}
	half := len(data) / 2
	return tlog.NodeHash(rootOf(data[:half]), rootOf(data[half:]))
}

// loadEdge reads the edge of the tree as it is kept.
func (l *Log) loadEdge(ctx context.Context, q store.Queryer, size int64) (*edge, error) {
	e := &edge{size: size}
	var err error
	if e.tail, err = l.leaves(ctx, q, size&^(width-1), size); err != nil {
		return nil, err
	}
	for k := 1; size>>(height*k) > 0; k++ {
		count := size >> (height * k)
		keep := int(count&(width-1)) * hashSize
		var data []byte
		if keep > 0 {
			if data, err = l.tile(ctx, q, place{int64(k), count >> height}); err != nil {
				return nil, err
			}
			if len(data) < keep {
				return nil, ErrBroken
			}
			data = data[:keep:keep]
		}
		e.up = append(e.up, data)
	}
	return e, nil
}

// leaves reads the leaf hashes of positions from..to out of the entries themselves.
func (l *Log) leaves(ctx context.Context, q store.Queryer, from, to int64) ([]byte, error) {
	if from == to {
		return nil, nil
	}
	all, err := store.All(ctx, q, func(r *sql.Rows) (b []byte, err error) { err = r.Scan(&b); return b, err },
		`select e.leaf from audit_seq s join `+l.table+` e on e.id = s.entry where s.log = $1 and s.n >= $2 and s.n < $3 order by s.n`, l.Name, from, to)
	if err != nil {
		return nil, err
	}
	out := make([]byte, 0, len(all)*hashSize)
	for _, b := range all {
		if len(b) != hashSize {
			return nil, ErrBroken
		}
		out = append(out, b...)
	}
	if int64(len(all)) != to-from {
		return nil, ErrBroken
	}
	return out, nil
}

func (l *Log) tile(ctx context.Context, q store.Queryer, p place) ([]byte, error) {
	var data []byte
	err := q.QueryRow(ctx, `select data from audit_tile where log = $1 and level = $2 and n = $3`, l.Name, p.level, p.n).Scan(&data)
	if errors.Is(err, store.ErrNone) {
		return nil, ErrBroken
	}
	return data, err
}

// reader reads stored hashes for proofs, each tile once.
type reader struct {
	ctx   context.Context
	q     store.Queryer
	l     *Log
	tiles map[place][]byte
}

func (l *Log) reader(ctx context.Context, q store.Queryer) *reader {
	return &reader{ctx: ctx, q: q, l: l, tiles: map[place][]byte{}}
}

func (r *reader) tile(p place) ([]byte, error) {
	if data, ok := r.tiles[p]; ok {
		return data, nil
	}
	data, err := r.l.tile(r.ctx, r.q, p)
	if errors.Is(err, ErrBroken) && p.level == 0 { // not full yet
		s, serr := r.l.state(r.ctx, r.q)
		if serr != nil {
			return nil, serr
		}
		to := min(s.size, (p.n+1)*width)
		if p.n*width >= to {
			return nil, ErrBroken
		}
		data, err = r.l.leaves(r.ctx, r.q, p.n*width, to)
	}
	if err != nil {
		return nil, err
	}
	r.tiles[p] = data
	return data, nil
}

// ReadHashes makes it a tlog.HashReader.
func (r *reader) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, x := range indexes {
		t := tlog.TileForIndex(height, x)
		data, err := r.tile(place{int64(t.L), t.N})
		if err != nil {
			return nil, err
		}
		if len(data) < t.W*hashSize {
			return nil, ErrBroken
		}
		if out[i], err = tlog.HashFromTile(t, data, x); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// pool reads many stored hashes. Tiles are opened one after the other and their inner hashes made once each.
func (r *reader) pool(need []int64) (tree.Pool, error) {
	byTile := map[place][]int64{}
	for _, x := range need {
		t := tlog.TileForIndex(height, x)
		p := place{int64(t.L), t.N}
		byTile[p] = append(byTile[p], x)
	}
	order := make([]place, 0, len(byTile))
	for p := range byTile {
		order = append(order, p)
	}
	slices.SortFunc(order, func(a, b place) int {
		if a.level != b.level {
			return int(a.level - b.level)
		}
		return int(a.n - b.n)
	})
	out := make(tree.Pool, len(need))
	for _, p := range order {
		data, err := r.tile(p)
		if err != nil {
			return nil, err
		}
		rows := layers(data)
		for _, x := range byTile[p] {
			level, n := tlog.SplitStoredHashIndex(x)
			level -= int(p.level) * height
			n -= p.n << (height - level)
			if n < 0 || n >= int64(len(rows[level])) {
				return nil, ErrBroken
			}
			out[x] = rows[level][n]
		}
		delete(r.tiles, p)
	}
	return out, nil
}

// layers are the whole subtrees of a tile, by level.
func layers(data []byte) [height][]tree.Hash {
	var out [height][]tree.Hash
	for i := 0; i+hashSize <= len(data); i += hashSize {
		out[0] = append(out[0], tree.Hash(data[i:i+hashSize]))
	}
	for k := 1; k < height; k++ {
		below := out[k-1]
		for i := 0; i+1 < len(below); i += 2 {
			out[k] = append(out[k], tlog.NodeHash(below[i], below[i+1]))
		}
	}
	return out
}
