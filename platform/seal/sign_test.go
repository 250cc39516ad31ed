package seal_test

import (
	"bytes"
	"context"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"cuobian/platform/seal"
	"cuobian/platform/store"
	"cuobian/platform/store/storetest"

	"github.com/emmansun/gmsm/sm2"
	"github.com/emmansun/gmsm/sm3"
	"github.com/emmansun/gmsm/sm4"
	"github.com/emmansun/gmsm/smx509"
)

type published struct {
	SM3 []struct {
		Msg    string `json:"msg_hex"`
		Digest string `json:"digest"`
	} `json:"sm3"`
	SM4 []struct {
		Mode, Key, IV, AAD, PT, CT, Tag, Origin string
		Padding                                 bool
	} `json:"sm4"`
	SM2 struct {
		Private string `json:"private_key_pem"`
		Public  string `json:"public_key_pem"`
		Verify  []struct {
			E   string `json:"e"`
			Sig string `json:"sig_der"`
		} `json:"verify_digest"`
	} `json:"sm2"`
}

func readPublished(t *testing.T) (v published) {
	t.Helper()
	b, err := os.ReadFile("testdata/sm_published.json")
	if err == nil {
		err = json.Unmarshal(b, &v)
	}
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// The published vectors, as far as the modes are used here or stand on the same cipher (CCM is not built from cipher.Block alone).
func TestPublishedVectors(t *testing.T) {
	v := readPublished(t)
	for _, x := range v.SM3 {
		if sum := sm3.Sum(unhex(t, x.Msg)); hex.EncodeToString(sum[:]) != x.Digest {
			t.Errorf("SM3 of %s: %x", x.Msg, sum)
		}
	}
	seen := map[string]int{}
	for _, x := range v.SM4 {
		block, err := sm4.NewCipher(unhex(t, x.Key))
		if err != nil {
			t.Fatal(err)
		}
		in, want := unhex(t, x.PT), unhex(t, x.CT)
		got := make([]byte, len(in))
		switch x.Mode {
		case "ecb":
			times := 1
			if len(seen) > 0 && seen["ecb"] > 0 {
				times = 1000000
			}
			copy(got, in)
			for range times {
				block.Encrypt(got, got)
			}
		case "cbc":
			cipher.NewCBCEncrypter(block, unhex(t, x.IV)).CryptBlocks(got, in)
		case "ctr":
			cipher.NewCTR(block, unhex(t, x.IV)).XORKeyStream(got, in)
		case "gcm":
			gcm, err := cipher.NewGCM(block)
			if err != nil {
				t.Fatal(err)
			}
			got = gcm.Seal(nil, unhex(t, x.IV), in, unhex(t, x.AAD))
			want = append(want, unhex(t, x.Tag)...)
		default:
			continue
		}
		seen[x.Mode]++
		if !bytes.Equal(got, want) {
			t.Errorf("SM4 %s (%s): %x, want %x", x.Mode, x.Origin, got, want)
		}
	}
	for _, mode := range []string{"ecb", "cbc", "ctr", "gcm"} {
		if seen[mode] == 0 {
			t.Errorf("no vector of SM4 %s was tried", mode)
		}
	}
	kind, public, err := seal.ReadPublicPEM([]byte(v.SM2.Public))
	if err != nil || kind != seal.SM2 {
		t.Fatalf("the published key: %s %v", kind, err)
	}
	if again, err := seal.PublicPEM(kind, public); err != nil || again != v.SM2.Public {
		t.Errorf("the published key comes back as\n%s %v", again, err)
	}
	key, err := sm2.NewPublicKey(public)
	if err != nil || len(v.SM2.Verify) == 0 {
		t.Fatal(err)
	}
	for i, x := range v.SM2.Verify {
		e, sig := unhex(t, x.E), unhex(t, x.Sig)
		if !sm2.VerifyASN1(key, e, sig) {
			t.Errorf("published signature %d is refused", i)
		}
		e[0] ^= 1
		if sm2.VerifyASN1(key, e, sig) {
			t.Errorf("published signature %d holds for another digest", i)
		}
	}
	block, _ := pem.Decode([]byte(v.SM2.Private))
	private, err := smx509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil || !private.(*sm2.PrivateKey).PublicKey.Equal(key) {
		t.Errorf("the published private key: %v", err)
	}
}

func TestSignatures(t *testing.T) {
	ctx := context.Background()
	db := storetest.Open(t, nil, seal.Schema())
	pens := seal.NewPens(db, "")
	text := []byte("选举结果 result\n")
	for _, kind := range []string{seal.Ed25519, seal.SM2} {
		s, err := pens.Newest(ctx, kind)
		if err != nil {
			t.Fatal(err)
		}
		sig, err := s.Sign(text)
		if err != nil || !seal.Verify(kind, s.Public(), text, sig) {
			t.Fatalf("%s: own signature refused, %v", kind, err)
		}
		if s.Name() != kind+"-0001" || s.Kind() != kind {
			t.Errorf("%s %s", s.Name(), s.Kind())
		}
		for i := range sig {
			bad := bytes.Clone(sig)
			bad[i] ^= 1
			if seal.Verify(kind, s.Public(), text, bad) {
				t.Errorf("%s: holds with byte %d changed", kind, i)
			}
		}
		if seal.Verify(kind, s.Public(), append(text, ' '), sig) || seal.Verify(kind, s.Public()[1:], text, sig) || seal.Verify("rsa", s.Public(), text, sig) || seal.Verify(kind, nil, text, sig) {
			t.Errorf("%s: holds for another text or key", kind)
		}
		p, err := seal.PublicPEM(kind, s.Public())
		if err != nil {
			t.Fatal(err)
		}
		if k, public, err := seal.ReadPublicPEM([]byte(p)); err != nil || k != kind || !bytes.Equal(public, s.Public()) {
			t.Errorf("%s through PEM: %s %v", kind, k, err)
		}
	}
	if _, _, err := seal.ReadPublicPEM([]byte("no key")); err == nil {
		t.Error("no key was read as one")
	}
}

// openssl checks our signature, and we check openssl's.
func TestOpenSSL(t *testing.T) {
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("openssl is not installed: its SM2 signatures were not tried")
	}
	dir := t.TempDir()
	file := func(name string, b []byte) string {
		t.Helper()
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, b, 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	ctx := context.Background()
	s, err := seal.NewPens(storetest.Open(t, nil, seal.Schema()), "").Newest(ctx, seal.SM2)
	if err != nil {
		t.Fatal(err)
	}
	text := []byte("厝边 the people next door\n")
	sig, err := s.Sign(text)
	if err != nil {
		t.Fatal(err)
	}
	public, err := seal.PublicPEM(seal.SM2, s.Public())
	if err != nil {
		t.Fatal(err)
	}
	private, err := seal.PrivatePEM(s)
	if err != nil {
		t.Fatal(err)
	}
	pub, key, msg, mine := file("pub.pem", []byte(public)), file("key.pem", []byte(private)), file("text", text), file("sig", sig)
	sm := []string{"dgst", "-sm3", "-sigopt", "distid:1234567812345678"}
	if out, err := exec.Command(openssl, append(sm, "-verify", pub, "-signature", mine, msg)...).CombinedOutput(); err != nil {
		t.Fatalf("openssl refuses our signature: %s", out)
	}
	other := file("other", append(text, '.'))
	if out, err := exec.Command(openssl, append(sm, "-verify", pub, "-signature", mine, other)...).CombinedOutput(); err == nil {
		t.Fatalf("openssl takes our signature for another text: %s", out)
	}
	theirs := filepath.Join(dir, "theirs")
	if out, err := exec.Command(openssl, append(sm, "-sign", key, "-out", theirs, msg)...).CombinedOutput(); err != nil {
		t.Fatalf("openssl cannot use our key: %s", out)
	}
	b, err := os.ReadFile(theirs)
	if err != nil || !seal.Verify(seal.SM2, s.Public(), text, b) {
		t.Errorf("openssl's signature is refused: %v", err)
	}
	// A key that openssl made.
	own, ownPub := filepath.Join(dir, "own.pem"), filepath.Join(dir, "own.pub.pem")
	if out, err := exec.Command(openssl, "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:SM2", "-out", own).CombinedOutput(); err != nil {
		t.Fatalf("openssl makes no SM2 key: %s", out)
	}
	if out, err := exec.Command(openssl, "pkey", "-in", own, "-pubout", "-out", ownPub).CombinedOutput(); err != nil {
		t.Fatalf("openssl writes no public key: %s", out)
	}
	if out, err := exec.Command(openssl, append(sm, "-sign", own, "-out", theirs, msg)...).CombinedOutput(); err != nil {
		t.Fatalf("openssl does not sign: %s", out)
	}
	p, err := os.ReadFile(ownPub)
	if err != nil {
		t.Fatal(err)
	}
	kind, raw, err := seal.ReadPublicPEM(p)
	if b, _ = os.ReadFile(theirs); err != nil || kind != seal.SM2 || !seal.Verify(kind, raw, text, b) {
		t.Errorf("openssl's signature with its own key is refused: %s %v", kind, err)
	}
}

func TestPens(t *testing.T) {
	ctx := context.Background()
	db := storetest.Open(t, nil, seal.Schema())
	dir := filepath.Join(t.TempDir(), "keys")
	var wait sync.WaitGroup
	first := make([]seal.Signer, 16)
	for i := range first { // several at the first need
		wait.Add(1)
		go func() {
			defer wait.Done()
			var err error
			if first[i], err = seal.NewPens(db, dir).Newest(ctx, seal.SM2); err != nil {
				t.Error(err)
			}
		}()
	}
	wait.Wait()
	for _, s := range first {
		if s == nil || !bytes.Equal(s.Public(), first[0].Public()) {
			t.Fatal("several first keys")
		}
	}
	pens := seal.NewPens(db, dir)
	info, err := os.Stat(filepath.Join(dir, "sign-sm2-0001.key"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info, err)
	}
	second, err := pens.Turn(ctx, seal.SM2)
	if err != nil || second.Name() != "sm2-0002" {
		t.Fatalf("%v %v", second, err)
	}
	all, err := pens.Signers(ctx, seal.SM2)
	if err != nil || len(all) != 2 || all[0].Name() != "sm2-0002" || !bytes.Equal(all[1].Public(), first[0].Public()) {
		t.Fatalf("%v %v", all, err)
	}
	if err := os.Rename(filepath.Join(dir, "sign-sm2-0001.key"), filepath.Join(dir, "away")); err != nil {
		t.Fatal(err)
	}
	if all, err = pens.Signers(ctx, seal.SM2); err != nil || len(all) != 1 {
		t.Errorf("the old key put away: %v %v", all, err)
	}
	if known, err := pens.Known(ctx, db, seal.SM2); err != nil || len(known) != 2 || !bytes.Equal(known[0].Public, first[0].Public()) {
		t.Errorf("the old public key is not known any more: %v %v", known, err)
	}
	// Another house's key under our name, and a lost one.
	if err := os.Rename(filepath.Join(dir, "sign-sm2-0002.key"), filepath.Join(dir, "mine")); err != nil {
		t.Fatal(err)
	}
	if _, err := pens.Newest(ctx, seal.SM2); !errors.Is(err, seal.ErrPenLost) {
		t.Errorf("a lost key: %v", err)
	}
	elsewhere := filepath.Join(t.TempDir(), "other")
	strange := seal.NewPens(storetest.Open(t, nil, seal.Schema()), elsewhere)
	for range 2 {
		if _, err := strange.Turn(ctx, seal.SM2); err != nil {
			t.Fatal(err)
		}
	}
	theirs, err := os.ReadFile(filepath.Join(elsewhere, "sign-sm2-0002.key"))
	if err != nil {
		t.Fatal(err)
	}
	os.WriteFile(filepath.Join(dir, "sign-sm2-0002.key"), theirs, 0o600)
	if _, err := pens.Newest(ctx, seal.SM2); !errors.Is(err, seal.ErrPenWrong) {
		t.Errorf("another house's key: %v", err)
	}
	os.Remove(filepath.Join(dir, "sign-sm2-0002.key"))
	b, err := os.ReadFile(filepath.Join(dir, "mine"))
	if err != nil {
		t.Fatal(err)
	}
	os.WriteFile(filepath.Join(dir, "sign-sm2-0002.key"), b, 0o644)
	if _, err := pens.Newest(ctx, seal.SM2); !errors.Is(err, seal.ErrFile) {
		t.Errorf("a signing key that all may read: %v", err)
	}
	os.Chmod(filepath.Join(dir, "sign-sm2-0002.key"), 0o600)
	if _, err := pens.Newest(ctx, seal.SM2); err != nil {
		t.Errorf("put back: %v", err)
	}
	// Keys are backed up with the ring's.
	var archive bytes.Buffer
	if n, err := store.BackupKeys(&archive, dir); err != nil || n != 1 || !bytes.Contains(archive.Bytes(), []byte("sign-sm2-0002.key")) {
		t.Errorf("backed up %d, %v", n, err)
	}
}

func TestStamps(t *testing.T) {
	ctx := context.Background()
	db := storetest.Open(t, nil, seal.Schema())
	s := &seal.Stamps{DB: db, Ring: seal.Memory()}
	hash := sha256.Sum256([]byte("会议纪要"))
	var one, two seal.Stamp
	var used seal.Stamped
	err := db.Write(ctx, func(tx *store.Tx) (err error) {
		if one, err = s.Make(ctx, tx, "示例小区业主委员会", "350503002/c/x/", "people/org1"); err != nil {
			return err
		}
		if two, err = s.Make(ctx, tx, "示例社区居民委员会", "350503002/c/", "people/org2"); err != nil {
			return err
		}
		used, err = s.Use(ctx, tx, one.ID, hash[:])
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if !used.Check(one.Public) || used.Check(two.Public) || used.Name != one.Name {
		t.Error("the use of a seal is not told from another's")
	}
	bad := used
	bad.At++
	if bad.Check(one.Public) {
		t.Error("holds at another time")
	}
	bad = used
	bad.Hash = bytes.Repeat([]byte{1}, 32)
	if bad.Check(one.Public) {
		t.Error("holds for another paper")
	}
	var raw []byte
	if err := db.QueryRow(ctx, `select private from seal_stamp where id = $1`, one.ID).Scan(&raw); err != nil || len(raw) != 64+seal.Overhead {
		t.Errorf("the private part is kept as %d bytes, %v", len(raw), err)
	}
	err = db.Write(ctx, func(tx *store.Tx) error { return s.End(ctx, tx, one.ID) })
	if err != nil {
		t.Fatal(err)
	}
	use := func(id string, hash []byte) error {
		return db.Write(ctx, func(tx *store.Tx) error { _, err := s.Use(ctx, tx, id, hash); return err })
	}
	if err := use(one.ID, hash[:]); !errors.Is(err, seal.ErrStampEnded) {
		t.Errorf("an ended seal: %v", err)
	}
	if err := use("none", hash[:]); !errors.Is(err, seal.ErrStampMissing) {
		t.Errorf("no seal: %v", err)
	}
	if err := use(two.ID, hash[:31]); !errors.Is(err, seal.ErrStampHash) {
		t.Errorf("a short hash: %v", err)
	}
	if of, err := s.Of(ctx, db, "people/org1"); err != nil || len(of) != 1 || of[0].Ended == 0 || !used.Check(of[0].Public) {
		t.Errorf("%v %v", of, err)
	}
}
