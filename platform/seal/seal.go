package seal

import (
	"context"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"embed"
	"encoding/binary"
	"encoding/hex"
	"maps"
	"slices"
	"sync"

	"cuobian/basis/fault"
	"cuobian/platform/store"

	"github.com/emmansun/gmsm/sm3"
	"github.com/emmansun/gmsm/sm4"
)

//go:embed schema
var scripts embed.FS

// Schema is the table of check values.
func Schema() store.Schema { return store.Schema{Room: "seal", Floor: 1, FS: scripts} }

// Faults of the ring.
var (
	ErrOpen  = fault.New(fault.Internal, "seal.open", "加密内容无法解开：可能已损坏或被挪动", "a sealed value does not open: it is damaged or was moved")
	ErrLost  = fault.New(fault.Unavailable, "seal.keys_lost", "缺少密钥文件（第{n}号），数据无法解密；请把密钥文件夹恢复到原处", "key file {n} is missing and the data cannot be opened; put the keys folder back in its place")
	ErrWrong = fault.New(fault.Unavailable, "seal.keys_wrong", "密钥文件（第{n}号）不属于这些数据；请换回原来的密钥文件夹", "key file {n} does not belong to this data; use the keys folder that was made with it")
	ErrFile  = fault.New(fault.Unavailable, "seal.key_file", "密钥文件 {file} 无法读取、已损坏或权限过宽（应为 0600）", "key file {file} cannot be read, is damaged, or others may read it (0600 is right)")
)

const (
	format   = 1 // first byte of a sealed value: SM4-GCM, 12 bytes nonce, 16 bytes tag
	prefix   = 1 + 2
	nonceLen = 12
	tagLen   = 16
)

// Overhead is how much longer a sealed value is than its plain text.
const Overhead = prefix + nonceLen + tagLen

// Ring is the keys in use. It is safe for many at once.
type Ring struct {
	dir    string // "" for a ring that lives in memory only
	mu     sync.RWMutex
	keys   map[int]cipher.AEAD
	newest int
	index  []byte
}

// Memory makes a ring with fresh keys that are kept nowhere: for tests and for data that is thrown away.
func Memory() *Ring {
	r := &Ring{keys: map[int]cipher.AEAD{}, index: make([]byte, indexLen)}
	rand.Read(r.index)
	key := make([]byte, sm4.BlockSize)
	rand.Read(key)
	r.put(1, key)
	return r
}

func (r *Ring) put(n int, key []byte) {
	block, err := sm4.NewCipher(key)
	if err != nil {
		panic(err) // the length was checked
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		panic(err)
	}
	r.keys[n] = gcm
	r.newest = max(r.newest, n)
}

func bound(table, column, id string) []byte { return []byte(table + ":" + column + ":" + id) }

// Seal seals a value for one cell. The empty text stays empty. With one key about 2^32 values may be sealed; Rotate
// long before.
func (r *Ring) Seal(table, column, id, plain string) []byte {
	if plain == "" {
		return []byte{}
	}
	r.mu.RLock()
	n, gcm := r.newest, r.keys[r.newest]
	r.mu.RUnlock()
	out := make([]byte, prefix+nonceLen, Overhead+len(plain))
	out[0] = format
	binary.BigEndian.PutUint16(out[1:], uint16(n))
	rand.Read(out[prefix:])
	return gcm.Seal(out, out[prefix:], []byte(plain), bound(table, column, id))
}

// Open opens a value sealed for the same cell. ErrOpen when it was changed or belongs to another cell, ErrLost when
// its key is not on the ring.
func (r *Ring) Open(table, column, id string, sealed []byte) (string, error) {
	if len(sealed) == 0 {
		return "", nil
	}
	if len(sealed) < Overhead || sealed[0] != format {
		return "", ErrOpen
	}
	n := KeyOf(sealed)
	gcm := r.key(n)
	if gcm == nil {
		return "", ErrLost.Fill("n", n)
	}
	plain, err := gcm.Open(nil, sealed[prefix:prefix+nonceLen], sealed[prefix+nonceLen:], bound(table, column, id))
	if err != nil {
		return "", ErrOpen
	}
	return string(plain), nil
}

// KeyOf is the number of the key that sealed a value; 0 for an empty one.
func KeyOf(sealed []byte) int {
	if len(sealed) < prefix {
		return 0
	}
	return int(binary.BigEndian.Uint16(sealed[1:]))
}

// key finds a key; one that another process added since is read from its file.
func (r *Ring) key(n int) cipher.AEAD {
	r.mu.RLock()
	gcm := r.keys[n]
	r.mu.RUnlock()
	if gcm != nil || r.dir == "" || n == 0 {
		return gcm
	}
	key, err := readKey(r.dir, keyFile(n), n, sm4.BlockSize)
	if err != nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.put(n, key)
	return r.keys[n]
}

// Keys are the numbers of the keys on the ring, oldest first; the last seals new values.
func (r *Ring) Keys() []int {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return slices.Sorted(maps.Keys(r.keys))
}

// Index is the blind index of a value: 32 hexadecimal digits, equal for equal values of one kind after Normal, "" for
// the empty value.
func (r *Ring) Index(kind Kind, plain string) string {
	plain = Normal(kind, plain)
	if plain == "" {
		return ""
	}
	h := hmac.New(sm3.New, r.index)
	h.Write([]byte(kind))
	h.Write([]byte{0})
	h.Write([]byte(plain))
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// checkText is what seal_check holds under each key.
const checkText = "cuobian"

// Open takes the ring from the folder dir, which is made with a first key when the store has never been sealed in.
// The schema must be there. Faults: ErrLost, ErrWrong, ErrFile.
func Open(ctx context.Context, db *store.DB, dir string) (*Ring, error) {
	known, err := readChecks(ctx, db)
	if err != nil {
		return nil, err
	}
	r, err := readRing(dir)
	if err != nil {
		return nil, err
	}
	if len(known) == 0 && len(r.keys) == 0 {
		if err := r.found(); err != nil {
			return nil, err
		}
	}
	// The index key has a check of its own under number 0.
	if r.index == nil {
		return nil, ErrLost.Fill("n", 0)
	}
	for n, sealed := range known {
		if n == 0 {
			if string(sealed) != r.Index("check", checkText) {
				return nil, ErrWrong.Fill("n", 0)
			}
			continue
		}
		if r.keys[n] == nil {
			return nil, ErrLost.Fill("n", n)
		}
		if plain, err := r.Open("seal_check", "sealed", "check", sealed); err != nil || plain != checkText || KeyOf(sealed) != n {
			return nil, ErrWrong.Fill("n", n)
		}
	}
	return r, r.writeChecks(ctx, db, known)
}

func readChecks(ctx context.Context, q store.Queryer) (map[int][]byte, error) {
	known := map[int][]byte{}
	rows, err := q.Query(ctx, `select key_no, sealed from seal_check`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var n int
		var sealed []byte
		if err := rows.Scan(&n, &sealed); err != nil {
			return nil, err
		}
		known[n] = sealed
	}
	return known, rows.Err()
}

// writeChecks adds the check values that are not known yet.
func (r *Ring) writeChecks(ctx context.Context, db *store.DB, known map[int][]byte) error {
	add := map[int][]byte{}
	if known[0] == nil {
		add[0] = []byte(r.Index("check", checkText))
	}
	for _, n := range r.Keys() {
		if known[n] == nil {
			add[n] = r.sealWith(n, "seal_check", "sealed", "check", checkText)
		}
	}
	if len(add) == 0 {
		return nil
	}
	return db.Write(ctx, func(tx *store.Tx) error {
		for _, n := range slices.Sorted(maps.Keys(add)) {
			if _, err := tx.Exec(ctx, `insert into seal_check (key_no, sealed, made_at) values ($1, $2, $3) on conflict (key_no) do nothing`, n, add[n], int64(tx.Now)); err != nil {
				return err
			}
		}
		return nil
	})
}

func (r *Ring) sealWith(n int, table, column, id, plain string) []byte {
	r.mu.RLock()
	one := &Ring{keys: map[int]cipher.AEAD{n: r.keys[n]}, newest: n}
	r.mu.RUnlock()
	return one.Seal(table, column, id, plain)
}

// Rotate adds a key for all that is sealed from now on and gives its number. Old values stay readable; Reseal takes
// them along. The caller leaves the audit entry.
func (r *Ring) Rotate(ctx context.Context, db *store.DB) (int, error) {
	keys := r.Keys()
	n := keys[len(keys)-1] + 1
	if n > 0xffff {
		return 0, fault.New(fault.Conflict, "seal.too_many_keys", "密钥数量已到上限", "the ring holds as many keys as it can")
	}
	key := make([]byte, sm4.BlockSize)
	rand.Read(key)
	if r.dir != "" {
		if err := writeKey(r.dir, keyFile(n), n, key); err != nil {
			return 0, err
		}
	}
	r.mu.Lock()
	r.put(n, key)
	r.mu.Unlock()
	known, err := readChecks(ctx, db)
	if err != nil {
		return 0, err
	}
	return n, r.writeChecks(ctx, db, known)
}
