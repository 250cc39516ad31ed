package seal

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/platform/store"
)

// Faults of stamps.
var (
	ErrStampMissing = fault.New(fault.Missing, "seal.stamp_missing", "没有这枚印章", "there is no such seal")
	ErrStampEnded   = fault.New(fault.Conflict, "seal.stamp_ended", "这枚印章已停用", "this seal is no longer in use")
	ErrStampHash    = fault.New(fault.Invalid, "seal.stamp_hash", "盖章的内容应以 SHA-256 表示（32 字节）", "what is sealed is given as its SHA-256 (32 bytes)")
)

// Stamps are the named seals of organisations (a committee's, a community's), each with an SM2 key of its own whose
// private part is sealed in the ring. Who may use one is the room's to decide, and the room writes keeper and signer
// into the trail: Use returns all it needs.
type Stamps struct {
	DB   *store.DB
	Ring *Ring
}

// Stamp is one named seal.
type Stamp struct {
	ID     string      `json:"id"`
	Name   string      `json:"name"` // as it stands on the seal: 某某小区业主委员会
	Path   scope.Path  `json:"path"`
	Holder string      `json:"holder"` // kind and id of the organisation, opaque here
	Public []byte      `json:"public"` // SM2, as Verify takes it
	Made   day.Instant `json:"made_at"`
	Ended  day.Instant `json:"ended_at"` // zero while in use
}

// Stamped is one use of a seal: anyone who has the public key and the paper can check it.
type Stamped struct {
	Stamp string      `json:"stamp"`
	Name  string      `json:"name"`
	Hash  []byte      `json:"hash"` // SHA-256 of what was sealed
	At    day.Instant `json:"at"`
	Sig   []byte      `json:"sig"` // SM2 over Text
}

// Text is what a use signs: four lines.
func (u Stamped) Text() []byte {
	return fmt.Appendf(nil, "cuobian-stamp-1\n%s\n%d\n%s\n", u.Stamp, int64(u.At), hex.EncodeToString(u.Hash))
}

// Check tells whether a use was made with this seal's key.
func (u Stamped) Check(public []byte) bool {
	return len(u.Hash) == sha256.Size && Verify(SM2, public, u.Text(), u.Sig)
}

// Make cuts a new seal.
func (s *Stamps) Make(ctx context.Context, tx *store.Tx, name string, path scope.Path, holder string) (Stamp, error) {
	secret, err := newSecret(SM2)
	if err != nil {
		return Stamp{}, err
	}
	k, err := signerOf(SM2, 1, secret)
	if err != nil {
		return Stamp{}, err
	}
	x := Stamp{ID: tx.NewID(), Name: name, Path: path, Holder: holder, Public: k.Public(), Made: tx.Now}
	_, err = tx.Exec(ctx, `insert into seal_stamp (id, name, path, holder, public, private, made_at, ended_at) values ($1, $2, $3, $4, $5, $6, $7, 0)`,
		x.ID, x.Name, string(x.Path), x.Holder, x.Public, s.Ring.Seal("seal_stamp", "private", x.ID, hex.EncodeToString(secret)), int64(x.Made))
	return x, err
}

// Get reads a seal, without its private part.
func (s *Stamps) Get(ctx context.Context, q store.Queryer, id string) (Stamp, error) {
	all, err := s.list(ctx, q, `id = $1`, id)
	if err == nil && len(all) == 0 {
		err = ErrStampMissing
	}
	if err != nil {
		return Stamp{}, err
	}
	return all[0], nil
}

// Of lists the seals of an organisation, oldest first, those ended too.
func (s *Stamps) Of(ctx context.Context, q store.Queryer, holder string) ([]Stamp, error) {
	return s.list(ctx, q, `holder = $1`, holder)
}

func (s *Stamps) list(ctx context.Context, q store.Queryer, cond, arg string) ([]Stamp, error) {
	return store.All(ctx, q, func(r *sql.Rows) (x Stamp, err error) {
		err = r.Scan(&x.ID, &x.Name, &x.Path, &x.Holder, &x.Public, &x.Made, &x.Ended)
		return x, err
	}, `select id, name, path, holder, public, made_at, ended_at from seal_stamp where `+cond+` order by id`, arg)
}

// Use stamps a hash. ErrStampMissing, ErrStampEnded, ErrStampHash.
func (s *Stamps) Use(ctx context.Context, tx *store.Tx, id string, hash []byte) (Stamped, error) {
	if len(hash) != sha256.Size {
		return Stamped{}, ErrStampHash
	}
	var name string
	var sealed []byte
	var ended day.Instant
	err := tx.QueryRow(ctx, `select name, private, ended_at from seal_stamp where id = $1`, id).Scan(&name, &sealed, &ended)
	if errors.Is(err, store.ErrNone) {
		return Stamped{}, ErrStampMissing
	}
	if err != nil {
		return Stamped{}, err
	}
	if ended != 0 {
		return Stamped{}, ErrStampEnded
	}
	plain, err := s.Ring.Open("seal_stamp", "private", id, sealed)
	if err != nil {
		return Stamped{}, err
	}
	secret, err := hex.DecodeString(plain)
	if err != nil {
		return Stamped{}, ErrOpen
	}
	k, err := signerOf(SM2, 1, secret)
	if err != nil {
		return Stamped{}, ErrOpen
	}
	u := Stamped{Stamp: id, Name: name, Hash: hash, At: tx.Now}
	u.Sig, err = k.Sign(u.Text())
	return u, err
}

// End takes a seal out of use: a lost one, or one handed in. What it sealed before can still be checked.
func (s *Stamps) End(ctx context.Context, tx *store.Tx, id string) error {
	n, err := tx.Exec(ctx, `update seal_stamp set ended_at = $2 where id = $1 and ended_at = 0`, id, int64(tx.Now))
	if err != nil || n > 0 {
		return err
	}
	if _, err := s.Get(ctx, tx, id); err != nil {
		return err
	}
	return ErrStampEnded
}

// Sealed are the sealed columns of this package.
func Sealed() []Column { return []Column{{Table: "seal_stamp", Key: "id", Column: "private"}} }
