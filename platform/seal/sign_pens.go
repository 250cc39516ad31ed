package seal

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/platform/store"
)

// Faults of signing keys.
var (
	ErrPenLost  = fault.New(fault.Unavailable, "seal.pen_lost", "缺少签名密钥文件 {file}；请恢复密钥文件夹，或用 cuobian keys --sign 换一把新的", "the signing key file {file} is missing; put the keys folder back, or make a new one with cuobian keys --sign")
	ErrPenWrong = fault.New(fault.Unavailable, "seal.pen_wrong", "签名密钥文件 {file} 不属于这些数据；请换回原来的密钥文件夹", "the signing key file {file} does not belong to this data; use the keys folder that was made with it")
)

// Pens are the keys by which the house signs, each kind numbered from 1. The private parts are files beside the ring
// (sign-ed25519-0001.key), the public parts stand in seal_pen, so that what an old key signed can be checked for ever.
// Safe for many at once, and for several programs on one folder.
type Pens struct {
	db   *store.DB
	dir  string // "" keeps the private parts in memory only
	mu   sync.Mutex
	have map[string][]byte // private parts by file name
}

// NewPens uses the keys in a folder. Nothing is made before the first need.
func NewPens(db *store.DB, dir string) *Pens {
	return &Pens{db: db, dir: dir, have: map[string][]byte{}}
}

// Pen is a public key of the house.
type Pen struct {
	Kind   string      `json:"kind" enum:"ed25519,sm2"`
	N      int         `json:"n"`
	Public []byte      `json:"public"`
	Made   day.Instant `json:"made_at"`
}

func penFile(kind string, n int) string { return fmt.Sprintf("sign-%s-%04d.key", kind, n) }

// Known lists the public keys of a kind, oldest first, those no longer in use too.
func (p *Pens) Known(ctx context.Context, q store.Queryer, kind string) ([]Pen, error) {
	return store.All(ctx, q, func(r *sql.Rows) (x Pen, err error) {
		err = r.Scan(&x.Kind, &x.N, &x.Public, &x.Made)
		return x, err
	}, `select kind, n, public, made_at from seal_pen where kind = $1 order by n`, kind)
}

// Signers gives those of a kind whose private part is here, newest first. The first key is made when there is none.
// ErrPenLost when the newest is missing: a new key made in silence would look as if somebody else had signed. Not
// within a write.
func (p *Pens) Signers(ctx context.Context, kind string) ([]Signer, error) {
	known, err := p.Known(ctx, p.db, kind)
	if err != nil {
		return nil, err
	}
	if len(known) == 0 {
		s, err := p.make(ctx, kind, 1)
		if err != nil {
			return nil, err
		}
		return []Signer{s}, nil
	}
	var out []Signer
	for i := len(known) - 1; i >= 0; i-- {
		k := known[i]
		secret, err := p.read(kind, k.N)
		if errors.Is(err, fs.ErrNotExist) {
			if i == len(known)-1 {
				return nil, ErrPenLost.Fill("file", penFile(kind, k.N))
			}
			continue // an old key that was put away
		}
		if err != nil {
			return nil, err
		}
		s, err := signerOf(kind, k.N, secret)
		if err != nil || !bytes.Equal(s.Public(), k.Public) {
			return nil, ErrPenWrong.Fill("file", penFile(kind, k.N))
		}
		out = append(out, s)
	}
	return out, nil
}

// Newest is the first of Signers.
func (p *Pens) Newest(ctx context.Context, kind string) (Signer, error) {
	all, err := p.Signers(ctx, kind)
	if err != nil {
		return nil, err
	}
	return all[0], nil
}

// Turn adds a key that signs from now on. The old one signs beside it while its file is there, so that those who know
// only the old key can follow; take the file away when they have. The caller leaves the audit entry.
func (p *Pens) Turn(ctx context.Context, kind string) (Signer, error) {
	known, err := p.Known(ctx, p.db, kind)
	if err != nil {
		return nil, err
	}
	return p.make(ctx, kind, len(known)+1)
}

// make writes key n, or takes the file that is there (of another program at the same moment, or of one that ended
// before the public part was kept).
func (p *Pens) make(ctx context.Context, kind string, n int) (Signer, error) {
	secret, err := p.read(kind, n)
	if errors.Is(err, fs.ErrNotExist) {
		if secret, err = newSecret(kind); err == nil {
			err = p.write(kind, n, secret)
			if errors.Is(err, fs.ErrExist) {
				secret, err = p.read(kind, n)
			}
		}
	}
	if err != nil {
		return nil, err
	}
	s, err := signerOf(kind, n, secret)
	if err != nil {
		return nil, err
	}
	err = p.db.Write(ctx, func(tx *store.Tx) error {
		if _, err := tx.Exec(ctx, `insert into seal_pen (kind, n, public, made_at) values ($1, $2, $3, $4) on conflict (kind, n) do nothing`, kind, n, s.Public(), int64(tx.Now)); err != nil {
			return err
		}
		var kept []byte
		if err := tx.QueryRow(ctx, `select public from seal_pen where kind = $1 and n = $2`, kind, n).Scan(&kept); err != nil {
			return err
		}
		if !bytes.Equal(kept, s.Public()) {
			return ErrPenWrong.Fill("file", penFile(kind, n))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return s, nil
}

func (p *Pens) read(kind string, n int) ([]byte, error) {
	name := penFile(kind, n)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.dir == "" {
		if b := p.have[name]; b != nil {
			return b, nil
		}
		return nil, fs.ErrNotExist
	}
	return readKey(p.dir, name, n, 32)
}

func (p *Pens) write(kind string, n int, secret []byte) error {
	name := penFile(kind, n)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.dir == "" {
		p.have[name] = secret
		return nil
	}
	if err := os.MkdirAll(p.dir, 0o700); err != nil {
		return ErrFile.Fill("file", p.dir).Because(err)
	}
	return writeKey(p.dir, name, n, secret)
}
