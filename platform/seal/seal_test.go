package seal_test

import (
	"context"
	"crypto/cipher"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"cuobian/platform/seal"
	"cuobian/platform/store"
	"cuobian/platform/store/storetest"

	"github.com/emmansun/gmsm/sm3"
	"github.com/emmansun/gmsm/sm4"
)

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The vectors of GB/T 32907 (SM4, example 1), GB/T 32905 (SM3, "abc") and RFC 8998 A.1 (SM4-GCM).
func TestStandardVectors(t *testing.T) {
	key := unhex(t, "0123456789abcdeffedcba9876543210")
	block, err := sm4.NewCipher(key)
	if err != nil {
		t.Fatal(err)
	}
	got := make([]byte, 16)
	block.Encrypt(got, key)
	if hex.EncodeToString(got) != "681edf34d206965e86b3e94f536e4246" {
		t.Errorf("SM4: %x", got)
	}
	if sum := sm3.Sum([]byte("abc")); hex.EncodeToString(sum[:]) != "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0" {
		t.Errorf("SM3: %x", sum)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		t.Fatal(err)
	}
	plain := unhex(t, "AAAAAAAAAAAAAAAABBBBBBBBBBBBBBBBCCCCCCCCCCCCCCCCDDDDDDDDDDDDDDDDEEEEEEEEEEEEEEEEFFFFFFFFFFFFFFFFEEEEEEEEEEEEEEEEAAAAAAAAAAAAAAAA")
	sealed := gcm.Seal(nil, unhex(t, "00001234567800000000ABCD"), plain, unhex(t, "FEEDFACEDEADBEEFFEEDFACEDEADBEEFABADDAD2"))
	want := "17F399F08C67D5EE19D0DC9969C4BB7D5FD46FD3756489069157B282BB200735D82710CA5C22F0CCFA7CBF93D496AC15A56834CBCF98C397B4024A2691233B8D" + "83DE3541E4C2B58177E065A9BF7B62EC"
	if hex.EncodeToString(sealed) != strings.ToLower(want) {
		t.Errorf("SM4-GCM: %x", sealed)
	}
}

func TestSealedForOneCell(t *testing.T) {
	r := seal.Memory()
	sealed := r.Seal("people_person", "phone", "p1", "13800001234")
	if len(sealed) != 11+seal.Overhead || strings.Contains(string(sealed), "1380000") {
		t.Fatalf("sealed %x", sealed)
	}
	if got, err := r.Open("people_person", "phone", "p1", sealed); err != nil || got != "13800001234" {
		t.Fatalf("opened %q, %v", got, err)
	}
	for _, cell := range [][3]string{{"people_org", "phone", "p1"}, {"people_person", "identity", "p1"}, {"people_person", "phone", "p2"}} {
		if _, err := r.Open(cell[0], cell[1], cell[2], sealed); !errors.Is(err, seal.ErrOpen) {
			t.Errorf("opened as %v: %v", cell, err)
		}
	}
	for i := range sealed {
		bad := append([]byte(nil), sealed...)
		bad[i] ^= 1
		if _, err := r.Open("people_person", "phone", "p1", bad); err == nil {
			t.Errorf("opened with byte %d changed", i)
		} else if strings.Contains(err.Error(), "1380") {
			t.Error("the fault repeats the value")
		}
	}
	if _, err := r.Open("people_person", "phone", "p1", sealed[:20]); !errors.Is(err, seal.ErrOpen) {
		t.Errorf("a torn value: %v", err)
	}
	if _, err := seal.Memory().Open("people_person", "phone", "p1", sealed); !errors.Is(err, seal.ErrOpen) {
		t.Errorf("another ring: %v", err)
	}
	if again := r.Seal("people_person", "phone", "p1", "13800001234"); string(again) == string(sealed) {
		t.Error("sealed twice alike")
	}
	if got, err := r.Open("t", "c", "i", r.Seal("t", "c", "i", "")); got != "" || err != nil {
		t.Errorf("empty: %q %v", got, err)
	}
}

func TestBlindIndex(t *testing.T) {
	r := seal.Memory()
	one := r.Index(seal.Phone, "13800001234")
	for _, same := range []string{"138 0000 1234", "+86 138-0000-1234", "１３８００００１２３４", "008613800001234", "8613800001234"} {
		if r.Index(seal.Phone, same) != one {
			t.Errorf("%q has another index", same)
		}
	}
	if len(one) != 32 || one == r.Index(seal.Phone, "13800001235") || one == r.Index(seal.Identity, "13800001234") || one == seal.Memory().Index(seal.Phone, "13800001234") {
		t.Error("indexes are not kept apart")
	}
	if r.Index(seal.Identity, "11010519491231002x") != r.Index(seal.Identity, "11010519491231002X ") {
		t.Error("a small x is another person")
	}
	if r.Index(seal.Phone, " - ") != "" {
		t.Error("nothing has an index")
	}
}

func TestMasks(t *testing.T) {
	for _, v := range []struct{ got, want string }{
		{seal.Mask(seal.Phone, "138-0000-1234"), "138****1234"},
		{seal.Mask(seal.Identity, "11010519491231002x"), "**************002X"},
		{seal.Mask(seal.Phone, "22580"), "*****"},
		{seal.Mask(seal.Phone, "059522345678"), "********5678"},
		{seal.MaskLast4(seal.Phone, "1234"), "*******1234"},
		{seal.MaskLast4(seal.Identity, "002X"), "**************002X"},
		{seal.Last4(seal.Phone, "138 0000 1234"), "1234"},
		{seal.Last4(seal.Phone, "12345"), ""},
		{seal.MaskName("陈建明"), "陈**"}, {seal.MaskName("欧阳明"), "欧阳*"}, {seal.MaskName("欧阳"), "欧*"}, {seal.MaskName("林"), "*"}, {seal.MaskName(""), ""},
	} {
		if v.got != v.want {
			t.Errorf("%q, want %q", v.got, v.want)
		}
	}
}

func secrets() store.Schema {
	return store.Schema{Room: "secrets", Floor: 2, FS: fstest.MapFS{"00001_box.sql": {Data: []byte("create table secrets_box (id text primary key, word bytea not null);\n")}}}
}

func TestKeysFolder(t *testing.T) {
	ctx := context.Background()
	db := storetest.Open(t, nil, seal.Schema())
	dir := filepath.Join(t.TempDir(), "keys")
	r, err := seal.Open(ctx, db, dir)
	if err != nil {
		t.Fatal(err)
	}
	sealed := r.Seal("t", "c", "1", "厝边")
	for _, name := range []string{"0001.key", "index.key"} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v", name, info, err)
		}
	}
	again, err := seal.Open(ctx, db, dir)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := again.Open("t", "c", "1", sealed); got != "厝边" || err != nil {
		t.Errorf("after a second start: %q %v", got, err)
	}
	if again.Index(seal.Phone, "13800001234") != r.Index(seal.Phone, "13800001234") {
		t.Error("indexes changed with a second start")
	}
	if _, err := seal.Open(ctx, db, filepath.Join(t.TempDir(), "elsewhere")); !errors.Is(err, seal.ErrLost) {
		t.Errorf("lost keys: %v", err)
	}
	other := filepath.Join(t.TempDir(), "other")
	if _, err := seal.Open(ctx, storetest.Open(t, nil, seal.Schema()), other); err != nil {
		t.Fatal(err)
	}
	if _, err := seal.Open(ctx, db, other); !errors.Is(err, seal.ErrWrong) {
		t.Errorf("another house's keys: %v", err)
	}
	// The right sealing key with another house's index key would silently find nobody.
	mixed := t.TempDir()
	for name, from := range map[string]string{"0001.key": dir, "index.key": other} {
		b, _ := os.ReadFile(filepath.Join(from, name))
		os.WriteFile(filepath.Join(mixed, name), b, 0o600)
	}
	if _, err := seal.Open(ctx, db, mixed); !errors.Is(err, seal.ErrWrong) {
		t.Errorf("mixed keys: %v", err)
	}
	os.Chmod(filepath.Join(dir, "0001.key"), 0o644)
	if _, err := seal.Open(ctx, db, dir); !errors.Is(err, seal.ErrFile) {
		t.Errorf("a key that all may read: %v", err)
	}
	os.Chmod(filepath.Join(dir, "0001.key"), 0o600)
	b, _ := os.ReadFile(filepath.Join(dir, "0001.key"))
	os.WriteFile(filepath.Join(dir, "0001.key"), b[:len(b)-12], 0o600)
	if _, err := seal.Open(ctx, db, dir); !errors.Is(err, seal.ErrFile) {
		t.Errorf("a torn key file: %v", err)
	}
}

func TestRotation(t *testing.T) {
	ctx := context.Background()
	db := storetest.Open(t, nil, seal.Schema(), secrets())
	dir := t.TempDir()
	r, err := seal.Open(ctx, db, dir)
	if err != nil {
		t.Fatal(err)
	}
	elsewhere, err := seal.Open(ctx, db, dir) // the server, while the command line turns the key
	if err != nil {
		t.Fatal(err)
	}
	ids := []string{}
	err = db.Write(ctx, func(tx *store.Tx) error {
		for range 450 {
			id := tx.NewID()
			ids = append(ids, id)
			if _, err := tx.Exec(ctx, `insert into secrets_box (id, word) values ($1, $2)`, id, r.Seal("secrets_box", "word", id, "字"+id)); err != nil {
				return err
			}
		}
		_, err := tx.Exec(ctx, `insert into secrets_box (id, word) values ('empty', $1)`, r.Seal("secrets_box", "word", "empty", ""))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	columns := []seal.Column{{Table: "secrets_box", Key: "id", Column: "word"}}
	n, err := r.Rotate(ctx, db)
	if err != nil || n != 2 {
		t.Fatalf("rotated to %d, %v", n, err)
	}
	if stale, err := r.Stale(ctx, db, columns); err != nil || stale != 450 {
		t.Errorf("%d stale before, %v", stale, err)
	}
	if changed, err := r.Reseal(ctx, db, columns, nil); err != nil || changed != 450 {
		t.Fatalf("%d resealed, %v", changed, err)
	}
	if changed, err := r.Reseal(ctx, db, columns, nil); err != nil || changed != 0 {
		t.Errorf("a second run changed %d, %v", changed, err)
	}
	if stale, err := r.Stale(ctx, db, columns); err != nil || stale != 0 {
		t.Errorf("%d stale after, %v", stale, err)
	}
	for _, id := range ids {
		var sealed []byte
		if err := db.QueryRow(ctx, `select word from secrets_box where id = $1`, id).Scan(&sealed); err != nil {
			t.Fatal(err)
		}
		if seal.KeyOf(sealed) != 2 {
			t.Fatalf("%s is under key %d", id, seal.KeyOf(sealed))
		}
		if got, err := elsewhere.Open("secrets_box", "word", id, sealed); got != "字"+id || err != nil {
			t.Fatalf("the other process reads %q, %v", got, err)
		}
	}
	if _, err := seal.Open(ctx, db, dir); err != nil {
		t.Error(err)
	}
	os.Remove(filepath.Join(dir, "0002.key"))
	if _, err := seal.Open(ctx, db, dir); !errors.Is(err, seal.ErrLost) {
		t.Errorf("the second key lost: %v", err)
	}
}

func TestResealRefuses(t *testing.T) {
	ctx := context.Background()
	db := storetest.Open(t, nil, seal.Schema(), secrets())
	r, err := seal.Open(ctx, db, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Reseal(ctx, db, []seal.Column{{Table: "secrets_box; drop", Key: "id", Column: "word"}}, nil); err == nil {
		t.Error("a table's name with a sentence in it was taken")
	}
	if err := db.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, `insert into secrets_box (id, word) values ('a', $1)`, r.Seal("secrets_box", "word", "b", "moved"))
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Rotate(ctx, db); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Reseal(ctx, db, []seal.Column{{Table: "secrets_box", Key: "id", Column: "word"}}, nil); !errors.Is(err, seal.ErrOpen) {
		t.Errorf("a value of another row was sealed anew: %v", err)
	}
}
