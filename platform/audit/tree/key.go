package tree

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"github.com/emmansun/gmsm/sm2"
	"golang.org/x/mod/sumdb/note"
)

// Kinds of keys.
const (
	Ed25519 = "ed25519"
	SM2     = "sm2"
	Witness = "witness" // Ed25519 with a time
)

// The first byte of an encoded key; SM2's is followed by sm2Type.
const (
	byteEd25519 = 0x01
	byteWitness = 0x04
	byteOther   = 0xff
	sm2Type     = "cuobian.sm2-sm3/v1"
)

// Key is a public key as text, in the form of signed notes: name+id+base64(type, key).
type Key string

// ErrKey is returned for text that is no key.
var ErrKey = errors.New("this is no key: want name+id+base64 as `cuobian witness` prints it (不是公钥)")

// SM2Name is the name of a log's SM2 key.
func SM2Name(origin string) string { return origin + "/sm2" }

// NewKey writes a public key under a name: 32 bytes for Ed25519 and Witness, the 65 of an uncompressed point for SM2.
func NewKey(kind, name string, public []byte) (Key, error) {
	var enc []byte
	size := ed25519.PublicKeySize
	switch kind {
	case Ed25519:
		enc = []byte{byteEd25519}
	case Witness:
		enc = []byte{byteWitness}
	case SM2:
		enc, size = append([]byte{byteOther}, sm2Type...), 65
		if _, err := sm2.NewPublicKey(public); err != nil {
			return "", ErrKey
		}
	default:
		return "", ErrKey
	}
	if !validName(name) || len(public) != size {
		return "", ErrKey
	}
	enc = append(enc, public...)
	return Key(fmt.Sprintf("%s+%08x+%s", name, keyID(name, enc), base64.StdEncoding.EncodeToString(enc))), nil
}

func keyID(name string, enc []byte) uint32 {
	sum := sha256.Sum256(append([]byte(name+"\n"), enc...))
	return binary.BigEndian.Uint32(sum[:])
}

func (k Key) parse() (kind, name string, id uint32, public []byte, err error) {
	name, rest, _ := strings.Cut(string(k), "+")
	_, b64, _ := strings.Cut(rest, "+")
	enc, err := base64.StdEncoding.DecodeString(b64)
	if err != nil || len(enc) == 0 {
		return "", "", 0, nil, ErrKey
	}
	switch {
	case enc[0] == byteEd25519:
		kind, public = Ed25519, enc[1:]
	case enc[0] == byteWitness:
		kind, public = Witness, enc[1:]
	case strings.HasPrefix(string(enc[1:]), sm2Type) && enc[0] == byteOther:
		kind, public = SM2, enc[1+len(sm2Type):]
	default:
		return "", "", 0, nil, ErrKey
	}
	if again, err := NewKey(kind, name, public); err != nil || again != k {
		return "", "", 0, nil, ErrKey
	}
	return kind, name, keyID(name, enc), public, nil
}

// Valid is nil for a well-formed key.
func (k Key) Valid() error { _, _, _, _, err := k.parse(); return err }

// Kind is Ed25519, SM2 or Witness; "" for text that is no key.
func (k Key) Kind() string { kind, _, _, _, _ := k.parse(); return kind }

// Name is the key's name: a log's origin, or a witness.
func (k Key) Name() string { _, name, _, _, _ := k.parse(); return name }

// Public is the key itself.
func (k Key) Public() []byte { _, _, _, public, _ := k.parse(); return public }

// Verifier checks this key's lines in a note.
func (k Key) Verifier() (note.Verifier, error) {
	kind, name, id, public, err := k.parse()
	if err != nil {
		return nil, err
	}
	return verifier{kind, name, id, public}, nil
}

type verifier struct {
	kind, name string
	id         uint32
	public     []byte
}

func (v verifier) Name() string    { return v.name }
func (v verifier) KeyHash() uint32 { return v.id }
func (v verifier) Verify(text, sig []byte) bool {
	switch v.kind {
	case Ed25519:
		return ed25519.Verify(v.public, text, sig)
	case SM2:
		key, err := sm2.NewPublicKey(v.public)
		return err == nil && sm2.VerifyASN1WithSM2(key, nil, text, sig)
	case Witness:
		if len(sig) != 8+ed25519.SignatureSize {
			return false
		}
		at := binary.BigEndian.Uint64(sig)
		return at < 1<<62 && ed25519.Verify(v.public, cosignText(int64(at), text), sig[8:])
	}
	return false
}

// cosignText is what a witness signs.
func cosignText(at int64, text []byte) []byte {
	return append(fmt.Appendf(nil, "cosignature/v1\ntime %d\n", at), text...)
}

// Signer makes the lines of a log's key; sign signs the plain text, as seal.Signer does.
func (k Key) Signer(sign func(text []byte) ([]byte, error)) (note.Signer, error) {
	kind, name, id, _, err := k.parse()
	if err != nil || kind == Witness {
		return nil, ErrKey
	}
	return signer{name, id, sign}, nil
}

// Cosigner makes the line of a witness at a time (seconds since 1970).
func (k Key) Cosigner(private ed25519.PrivateKey, at int64) (note.Signer, error) {
	kind, name, id, public, err := k.parse()
	if err != nil || kind != Witness || at < 0 || !private.Public().(ed25519.PublicKey).Equal(ed25519.PublicKey(public)) {
		return nil, ErrKey
	}
	return signer{name, id, func(text []byte) ([]byte, error) {
		return append(binary.BigEndian.AppendUint64(nil, uint64(at)), ed25519.Sign(private, cosignText(at, text))...), nil
	}}, nil
}

type signer struct {
	name string
	id   uint32
	sign func([]byte) ([]byte, error)
}

func (s signer) Name() string                     { return s.name }
func (s signer) KeyHash() uint32                  { return s.id }
func (s signer) Sign(text []byte) ([]byte, error) { return s.sign(text) }

// cosignTime reads the time out of a witness's signature as it stands in a note: id, time, signature.
func cosignTime(b64 string) (int64, error) {
	b, err := base64.StdEncoding.DecodeString(b64)
	if err != nil || len(b) != 4+8+ed25519.SignatureSize {
		return 0, ErrSignature
	}
	at := binary.BigEndian.Uint64(b[4:])
	if at >= 1<<62 {
		return 0, ErrSignature
	}
	return int64(at), nil
}

// Signature is this key's plain signature in a signed note, without id and time; nil when it has none. It is not
// checked here.
func (k Key) Signature(signed string) []byte {
	_, b64, _ := strings.Cut(strings.TrimSuffix(strings.TrimPrefix(k.Line(signed), "— "), "\n"), " ")
	b, err := base64.StdEncoding.DecodeString(b64)
	skip := 4
	if k.Kind() == Witness {
		skip += 8
	}
	if err != nil || len(b) <= skip {
		return nil
	}
	return b[skip:]
}

// Line is this key's line in a signed note, with its end of line; "" when it has none. It is not checked here.
func (k Key) Line(signed string) string {
	_, name, id, _, err := k.parse()
	if err != nil {
		return ""
	}
	_, lines, err := Lines(signed)
	if err != nil {
		return ""
	}
	for _, line := range lines {
		of, b64, _ := strings.Cut(strings.TrimSuffix(strings.TrimPrefix(line, "— "), "\n"), " ")
		if b, err := base64.StdEncoding.DecodeString(b64); err == nil && of == name && len(b) > 4 && binary.BigEndian.Uint32(b) == id {
			return line
		}
	}
	return ""
}
