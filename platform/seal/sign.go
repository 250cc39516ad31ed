package seal

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"

	"github.com/emmansun/gmsm/sm2"
	"github.com/emmansun/gmsm/smx509"
)

// Kinds of signatures. Public keys are plain bytes: 32 for Ed25519, the 65 of an uncompressed point for SM2. An SM2
// signature is the DER of GB/T 35276 over SM3 with the default user id 1234567812345678, as
// `openssl dgst -sm3 -sigopt distid:1234567812345678` makes and checks it.
const (
	Ed25519 = "ed25519"
	SM2     = "sm2"
)

// Signer signs with one key.
type Signer interface {
	Name() string   // the kind and the number of the key: "sm2-0001"
	Kind() string   // Ed25519 or SM2
	Public() []byte // as Verify takes it
	Sign(text []byte) ([]byte, error)
}

var errKind = errors.New("seal: no such kind of signature")

// Verify checks a signature. Whatever cannot be read is no signature.
func Verify(kind string, public, text, sig []byte) bool {
	switch kind {
	case Ed25519:
		return len(public) == ed25519.PublicKeySize && ed25519.Verify(public, text, sig)
	case SM2:
		key, err := sm2.NewPublicKey(public)
		return err == nil && sm2.VerifyASN1WithSM2(key, nil, text, sig)
	}
	return false
}

// PublicPEM writes a public key as openssl reads it.
func PublicPEM(kind string, public []byte) (string, error) {
	var der []byte
	var err error
	switch kind {
	case Ed25519:
		der, err = x509.MarshalPKIXPublicKey(ed25519.PublicKey(public))
	case SM2:
		var key *ecdsa.PublicKey
		if key, err = sm2.NewPublicKey(public); err == nil {
			der, err = smx509.MarshalPKIXPublicKey(key)
		}
	default:
		err = errKind
	}
	if err != nil {
		return "", err
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})), nil
}

// ReadPublicPEM reads a public key that openssl wrote, and says of which kind it is.
func ReadPublicPEM(text []byte) (kind string, public []byte, err error) {
	block, _ := pem.Decode(text)
	if block == nil || block.Type != "PUBLIC KEY" {
		return "", nil, errors.New("seal: no public key in PEM")
	}
	key, err := smx509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return "", nil, fmt.Errorf("seal: the public key cannot be read: %w", err)
	}
	switch key := key.(type) {
	case ed25519.PublicKey:
		return Ed25519, key, nil
	case *ecdsa.PublicKey:
		if !sm2.IsSM2PublicKey(key) {
			return "", nil, errKind
		}
		b, err := point(key)
		return SM2, b, err
	}
	return "", nil, errKind
}

// point is the uncompressed point of an SM2 key.
func point(key *ecdsa.PublicKey) ([]byte, error) {
	k, err := sm2.PublicKeyToECDH(key)
	if err != nil {
		return nil, errKind
	}
	return k.Bytes(), nil
}

// newSecret makes the private part of a kind: 32 bytes, an Ed25519 seed or an SM2 scalar.
func newSecret(kind string) ([]byte, error) {
	switch kind {
	case Ed25519:
		b := make([]byte, ed25519.SeedSize)
		rand.Read(b)
		return b, nil
	case SM2:
		key, err := sm2.GenerateKey(rand.Reader)
		if err != nil {
			return nil, err
		}
		return key.D.FillBytes(make([]byte, 32)), nil
	}
	return nil, errKind
}

func signerOf(kind string, n int, secret []byte) (Signer, error) {
	name := fmt.Sprintf("%s-%04d", kind, n)
	switch kind {
	case Ed25519:
		if len(secret) != ed25519.SeedSize {
			return nil, errKind
		}
		return edSigner{name, ed25519.NewKeyFromSeed(secret)}, nil
	case SM2:
		key, err := sm2.NewPrivateKey(secret)
		if err != nil {
			return nil, err
		}
		public, err := point(&key.PublicKey)
		return smSigner{name, key, public}, err
	}
	return nil, errKind
}

type edSigner struct {
	name string
	key  ed25519.PrivateKey
}

func (s edSigner) Name() string                     { return s.name }
func (s edSigner) Kind() string                     { return Ed25519 }
func (s edSigner) Public() []byte                   { return s.key.Public().(ed25519.PublicKey) }
func (s edSigner) Sign(text []byte) ([]byte, error) { return ed25519.Sign(s.key, text), nil }
func (s edSigner) der() ([]byte, error)             { return x509.MarshalPKCS8PrivateKey(s.key) }

type smSigner struct {
	name   string
	key    *sm2.PrivateKey
	public []byte
}

func (s smSigner) Name() string   { return s.name }
func (s smSigner) Kind() string   { return SM2 }
func (s smSigner) Public() []byte { return s.public }
func (s smSigner) Sign(text []byte) ([]byte, error) {
	return s.key.Sign(rand.Reader, text, sm2.DefaultSM2SignerOpts)
}
func (s smSigner) der() ([]byte, error) { return smx509.MarshalPKCS8PrivateKey(s.key) }

// PrivatePEM writes a signer's private key (PKCS 8), to take it to a device or another program. Whoever has it signs
// as the house does.
func PrivatePEM(s Signer) (string, error) {
	k, ok := s.(interface{ der() ([]byte, error) })
	if !ok {
		return "", errKind
	}
	der, err := k.der()
	if err != nil {
		return "", err
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})), nil
}
