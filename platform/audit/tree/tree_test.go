package tree_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"cuobian/platform/audit/tree"

	"github.com/emmansun/gmsm/sm2"
	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type vectors struct {
	Leaves []string `json:"leaves_hex"`
	Roots  []struct {
		Size int64  `json:"size"`
		Root string `json:"root"`
	} `json:"roots"`
	Inclusion []struct {
		Index, Size int64
		Leaf        string `json:"leaf_hash"`
		Root        string
		Proof       []string
		Valid       bool
		Why         string
	}
	Consistency []struct {
		Size1, Size2 int64
		Root1, Root2 string
		Proof        []string
		Valid        bool
		Why          string
	}
}

func read(t *testing.T, name string, into any) {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err == nil {
		err = json.Unmarshal(b, into)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func hash(t *testing.T, s string) (h tree.Hash) {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != len(h) {
		t.Fatalf("%q is no hash", s)
	}
	copy(h[:], b)
	return h
}

func hashes(t *testing.T, all []string) (out []tree.Hash) {
	for _, s := range all {
		out = append(out, hash(t, s))
	}
	return out
}

// grown is a tree in memory.
type grown struct {
	stored tree.Pool
	size   int64
}

func grow(t *testing.T, leaves ...tree.Hash) *grown {
	g := &grown{stored: tree.Pool{}}
	for _, l := range leaves {
		g.add(t, l)
	}
	return g
}

func (g *grown) add(t *testing.T, leaf tree.Hash) {
	t.Helper()
	hs, err := tlog.StoredHashesForRecordHash(g.size, leaf, g.stored)
	if err != nil {
		t.Fatal(err)
	}
	for i, h := range hs {
		g.stored[tlog.StoredHashCount(g.size)+int64(i)] = h
	}
	g.size++
}

func (g *grown) at(t *testing.T, size int64) tree.Checkpoint {
	t.Helper()
	root, err := tlog.TreeHash(size, g.stored)
	if err != nil {
		t.Fatal(err)
	}
	return tree.Checkpoint{Origin: "example.test/log", Size: size, Root: root}
}

func TestPublishedProofs(t *testing.T) {
	for _, name := range []string{"merkle_rfc6962_ct8.json", "merkle_300.json"} {
		var v vectors
		read(t, name, &v)
		valid, spoilt := 0, 0
		for i, x := range v.Inclusion {
			c := tree.Checkpoint{Origin: "x", Size: x.Size, Root: hash(t, x.Root)}
			err := tree.CheckInclusion(c, x.Index, hash(t, x.Leaf), hashes(t, x.Proof))
			if (err == nil) != x.Valid || err != nil && !errors.Is(err, tree.ErrInclusion) {
				t.Errorf("%s: inclusion %d (%s): %v", name, i, x.Why, err)
			}
			var raw [][]byte
			for _, h := range hashes(t, x.Proof) {
				raw = append(raw, h[:])
			}
			l, r := hash(t, x.Leaf), hash(t, x.Root)
			other := x.Index >= 0 && x.Size >= 0 && proof.VerifyInclusion(rfc6962.DefaultHasher, uint64(x.Index), uint64(x.Size), l[:], raw, r[:]) == nil
			if other != (err == nil) {
				t.Errorf("%s: inclusion %d: transparency-dev says %v, we %v", name, i, other, err)
			}
			valid, spoilt = count(x.Valid, valid, spoilt)
		}
		for i, x := range v.Consistency {
			a, b := tree.Checkpoint{Origin: "x", Size: x.Size1, Root: hash(t, x.Root1)}, tree.Checkpoint{Origin: "x", Size: x.Size2, Root: hash(t, x.Root2)}
			err := tree.CheckConsistency(a, b, hashes(t, x.Proof))
			if (err == nil) != x.Valid || err != nil && !errors.Is(err, tree.ErrConsistency) {
				t.Errorf("%s: consistency %d (%s): %v", name, i, x.Why, err)
			}
			valid, spoilt = count(x.Valid, valid, spoilt)
		}
		if valid < 50 || spoilt < 10 {
			t.Errorf("%s: %d valid and %d spoilt proofs were tried", name, valid, spoilt)
		}
	}
}

func count(ok bool, valid, spoilt int) (int, int) {
	if ok {
		return valid + 1, spoilt
	}
	return valid, spoilt + 1
}

func TestPublishedRoots(t *testing.T) {
	var v vectors
	read(t, "merkle_rfc6962_ct8.json", &v)
	g := grow(t)
	for _, s := range v.Leaves {
		b, err := hex.DecodeString(s)
		if err != nil {
			t.Fatal(err)
		}
		g.add(t, tree.Leaf(b))
	}
	for _, r := range v.Roots {
		if got := g.at(t, r.Size).Root; got != hash(t, r.Root) {
			t.Errorf("size %d: %x", r.Size, got)
		}
	}
	v = vectors{}
	read(t, "merkle_300.json", &v)
	g = grow(t)
	for i := range 300 {
		g.add(t, tree.Leaf(fmt.Appendf(nil, "公示记录 %d: 小区公共收益 %d.%02d 元\n", i, i*137%9973, i%100)))
	}
	for _, r := range v.Roots {
		if got := g.at(t, r.Size).Root; got != hash(t, r.Root) {
			t.Errorf("size %d: %x", r.Size, got)
		}
	}
}

// Every position of every tree up to 70 leaves, alone and together, and nothing more than is needed.
func TestPool(t *testing.T) {
	var leaves []tree.Hash
	for i := range 70 {
		leaves = append(leaves, tree.Leaf([]byte{byte(i)}))
	}
	g := grow(t, leaves...)
	for size := int64(1); size <= 70; size++ {
		c := g.at(t, size)
		for _, positions := range [][]int64{{0}, {size - 1}, {size / 2}, {0, size - 1}, {1, 1, size / 3, size - 1, size, -1, 99}} {
			need := tree.Need(size, positions)
			pool := tree.Pool{}
			for _, i := range need {
				pool[i] = g.stored[i]
			}
			asked := map[int64]bool{}
			for _, n := range positions {
				if n < 0 || n >= size {
					if pool.Check(c, n, leaves[0]) == nil {
						t.Fatalf("size %d: position %d outside is proved", size, n)
					}
					continue
				}
				if err := pool.Check(c, n, leaves[n]); err != nil {
					t.Fatalf("size %d, positions %v, %d: %v", size, positions, n, err)
				}
				if pool.Check(c, n, leaves[(n+1)%70]) == nil {
					t.Fatalf("size %d: position %d is proved for another leaf", size, n)
				}
				tlog.ProveRecord(size, n, tlog.HashReaderFunc(func(in []int64) ([]tlog.Hash, error) {
					for _, i := range in {
						asked[i] = true
					}
					return g.stored.ReadHashes(in)
				}))
			}
			if len(asked) != len(need) {
				t.Fatalf("size %d, positions %v: %d hashes for %d that are asked for", size, positions, len(need), len(asked))
			}
			for _, i := range need { // one hash spoilt or left out
				spoilt := tree.Pool{}
				for k, h := range pool {
					spoilt[k] = h
				}
				h := spoilt[i]
				h[7] ^= 1
				spoilt[i] = h
				caught := false
				for _, n := range positions {
					caught = caught || n >= 0 && n < size && errors.Is(spoilt.Check(c, n, leaves[n]), tree.ErrInclusion)
				}
				delete(spoilt, i)
				missed := false
				for _, n := range positions {
					missed = missed || n >= 0 && n < size && errors.Is(spoilt.Check(c, n, leaves[n]), tree.ErrInclusion)
				}
				if !caught || !missed {
					t.Fatalf("size %d: hash %d spoilt %v, left out %v", size, i, caught, missed)
				}
			}
		}
	}
	b, err := json.Marshal(tree.Pool{3: leaves[0], 12: leaves[1]})
	var back tree.Pool
	if err != nil || json.Unmarshal(b, &back) != nil || len(back) != 2 || back[12] != leaves[1] {
		t.Errorf("a pool through JSON: %s %v", b, err)
	}
	if got := tree.Need(0, []int64{0}); len(got) != 0 {
		t.Errorf("the empty tree needs %v", got)
	}
}

func TestPublishedNotes(t *testing.T) {
	var v struct {
		Signed struct {
			Key  string `json:"verifier_key"`
			Note string
		} `json:"signed_note"`
		Tree struct {
			Text string
			Size int64
			Root string `json:"root_b64"`
		} `json:"tree_note"`
		Invalid []string `json:"tree_notes_invalid"`
		Cosign  struct {
			Sig  string `json:"signature_b64"`
			Unix int64
		} `json:"cosignature_v1_timestamp"`
	}
	read(t, "signed_notes.json", &v)
	key := tree.Key(v.Signed.Key)
	verifier, err := key.Verifier()
	if err != nil || key.Kind() != tree.Ed25519 || key.Name() != "PeterNeumann" {
		t.Fatal(err)
	}
	if n, err := note.Open([]byte(v.Signed.Note), note.VerifierList(verifier)); err != nil || len(n.Sigs) != 1 {
		t.Errorf("the published note: %v", err)
	}
	if _, err := tree.Open(v.Signed.Note, key); !errors.Is(err, tree.ErrCheckpoint) {
		t.Errorf("a note that is no checkpoint: %v", err)
	}
	if _, err := tree.Open(strings.Replace(v.Signed.Note, "answer", "anser", 1), key); !errors.Is(err, tree.ErrSignature) {
		t.Errorf("a changed note: %v", err)
	}
	// The go.sum database's origin has spaces, which a key's name may not have; the other two lines are the same form.
	text := strings.Replace(v.Tree.Text, "go.sum database tree", "sum.golang.org", 1)
	c, err := tree.ParseCheckpoint(text)
	if err != nil || c.Size != v.Tree.Size || c.Root.String() != v.Tree.Root || c.Text() != text || c.Root != tree.Leaf([]byte("hello world")) {
		t.Errorf("%+v %v", c, err)
	}
	for _, bad := range v.Invalid {
		if _, err := tree.ParseCheckpoint(strings.Replace(bad, "go.sum database tree", "sum.golang.org", 1)); err == nil && !strings.HasPrefix(bad, "not-") {
			t.Errorf("taken: %q", bad)
		}
	}
	b, err := base64.StdEncoding.DecodeString(v.Cosign.Sig)
	if err != nil || int64(binary.BigEndian.Uint64(b[4:])) != v.Cosign.Unix {
		t.Errorf("the published cosignature's time: %v", err)
	}
	signed := c.Text() + "\n— " + "w " + v.Cosign.Sig + "\n"
	if _, err := tree.Open(signed); !errors.Is(err, tree.ErrUnsigned) {
		t.Errorf("without a signature of the log: %v", err)
	}
}

func TestStrictCheckpoints(t *testing.T) {
	good := tree.Checkpoint{Origin: "example.test/log", Size: 7, Root: tree.Leaf(nil)}
	if back, err := tree.ParseCheckpoint(good.Text()); err != nil || back != good {
		t.Fatalf("%+v %v", back, err)
	}
	root := good.Root.String()
	for _, bad := range []string{"", "example.test/log\n7\n" + root, "example.test/log\n7\n" + root + "\nmore\n", "example.test/log\n07\n" + root + "\n", "example.test/log\n+7\n" + root + "\n",
		"example.test/log\n-7\n" + root + "\n", "example.test/log\n7 \n" + root + "\n", "example.test/log\n0\n" + root + "\n", "\n7\n" + root + "\n", "an origin\n7\n" + root + "\n", "a+b\n7\n" + root + "\n",
		"example.test/log\n9007199254740993\n" + root + "\n", "example.test/log\n7\n" + root[:43] + "\n", "example.test/log\n7\n" + strings.TrimSuffix(root, "=") + "\n", "example.test/log\r\n7\n" + root + "\n",
		"example.test/log\n7\n" + root[:42] + string(root[42]+1) + "=\n"} {
		if c, err := tree.ParseCheckpoint(bad); !errors.Is(err, tree.ErrCheckpoint) && c.Root == good.Root {
			t.Errorf("taken: %q", bad)
		}
	}
}

type pair struct {
	key    tree.Key
	signer note.Signer
}

func logKeys(t *testing.T, origin string) (ed, sm pair) {
	t.Helper()
	public, private, _ := ed25519.GenerateKey(rand.Reader)
	var err error
	if ed.key, err = tree.NewKey(tree.Ed25519, origin, public); err != nil {
		t.Fatal(err)
	}
	if ed.signer, err = ed.key.Signer(func(text []byte) ([]byte, error) { return ed25519.Sign(private, text), nil }); err != nil {
		t.Fatal(err)
	}
	k, err := sm2.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	point := make([]byte, 65)
	point[0] = 4
	k.X.FillBytes(point[1:33])
	k.Y.FillBytes(point[33:])
	if sm.key, err = tree.NewKey(tree.SM2, tree.SM2Name(origin), point); err != nil {
		t.Fatal(err)
	}
	sm.signer, err = sm.key.Signer(func(text []byte) ([]byte, error) { return k.Sign(rand.Reader, text, sm2.DefaultSM2SignerOpts) })
	if err != nil {
		t.Fatal(err)
	}
	return ed, sm
}

func witness(t *testing.T, name string, at int64) pair {
	t.Helper()
	public, private, _ := ed25519.GenerateKey(rand.Reader)
	k, err := tree.NewKey(tree.Witness, name, public)
	if err != nil {
		t.Fatal(err)
	}
	s, err := k.Cosigner(private, at)
	if err != nil {
		t.Fatal(err)
	}
	return pair{k, s}
}

func TestSignedCheckpoint(t *testing.T) {
	const origin = "example.test/log"
	ed, sm := logKeys(t, origin)
	w := witness(t, "committee.example", 1795000000)
	c := tree.Checkpoint{Origin: origin, Size: 3, Root: tree.Leaf([]byte("x"))}
	signed, err := c.Sign(ed.signer, sm.signer, w.signer)
	if err != nil {
		t.Fatal(err)
	}
	o, err := tree.Open(signed, ed.key, sm.key, w.key)
	if err != nil || o.Checkpoint != c || !o.SM2() || len(o.Signed) != 2 || len(o.Cosigned) != 1 || o.Cosigned[0] != (tree.Cosigned{Key: w.key, Time: 1795000000}) {
		t.Fatalf("%+v %v", o, err)
	}
	// A reader that knows the Ed25519 key alone takes the note as it is.
	foreign, err := note.NewVerifier(string(ed.key))
	if err != nil {
		t.Fatal(err)
	}
	if n, err := note.Open([]byte(signed), note.VerifierList(foreign)); err != nil || n.Text != c.Text() || len(n.UnverifiedSigs) != 2 {
		t.Errorf("x/mod reads %+v, %v", n, err)
	}
	if o, err := tree.Open(signed, ed.key); err != nil || o.SM2() || len(o.Cosigned) != 0 {
		t.Errorf("%+v %v", o, err)
	}
	der := sm.key.Signature(signed)
	k, _ := sm2.NewPublicKey(sm.key.Public())
	if !sm2.VerifyASN1WithSM2(k, nil, []byte(c.Text()), der) {
		t.Error("the SM2 line is not the DER over the three lines")
	}
	// No key, a stranger's key, the SM2 key alone, another log's key.
	other, _ := logKeys(t, origin)
	elsewhere, _ := logKeys(t, "other.test/log")
	for _, known := range [][]tree.Key{nil, {other.key}, {sm.key}, {w.key}, {elsewhere.key}} {
		if _, err := tree.Open(signed, known...); !errors.Is(err, tree.ErrUnsigned) {
			t.Errorf("known %v: %v", known, err)
		}
	}
	stolen, err := c.Sign(elsewhere.signer)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tree.Open(stolen, elsewhere.key); !errors.Is(err, tree.ErrUnsigned) {
		t.Errorf("another log's key under this origin: %v", err)
	}
	// Every bit of the note.
	for i := range len(signed) * 8 {
		b := []byte(signed)
		b[i/8] ^= 1 << (i % 8)
		o, err := tree.Open(string(b), ed.key, sm.key, w.key)
		if err != nil {
			continue
		}
		// A changed name or id makes a line unknown: then the signature is missing, and never a false one there.
		if o.Checkpoint != c || len(o.Signed)+len(o.Cosigned) >= 3 {
			t.Fatalf("bit %d of byte %d (%q) changed: %+v", i%8, i/8, signed[i/8], o)
		}
	}
}

func TestKeys(t *testing.T) {
	ed, sm := logKeys(t, "example.test/log")
	w := witness(t, "w", 1)
	for _, k := range []tree.Key{ed.key, sm.key, w.key} {
		if k.Valid() != nil {
			t.Errorf("%s is refused", k)
		}
		name, rest, _ := strings.Cut(string(k), "+")
		for _, bad := range []tree.Key{"", tree.Key(name), "a b+" + tree.Key(rest), tree.Key(name + "x+" + rest), k + "A", tree.Key(strings.ToUpper(string(k))), " " + k, k + "\n"} {
			if bad != k && bad.Valid() == nil {
				t.Errorf("%q is taken", bad)
			}
		}
	}
	if _, err := tree.NewKey(tree.SM2, "x", bytes.Repeat([]byte{4}, 65)); err == nil {
		t.Error("a point off the curve is taken")
	}
	if _, err := w.key.Signer(nil); err == nil {
		t.Error("a witness's key signs as a log's")
	}
	_, private, _ := ed25519.GenerateKey(rand.Reader)
	if _, err := w.key.Cosigner(private, 1); err == nil {
		t.Error("another's private key cosigns")
	}
}

func TestSplit(t *testing.T) {
	var leaves, forged []tree.Hash
	for i := range 20 {
		leaves = append(leaves, tree.Leaf(fmt.Appendf(nil, "%d", i)))
		forged = append(forged, tree.Leaf(fmt.Appendf(nil, "%d", i)))
	}
	forged[4] = tree.Leaf([]byte("another ballot"))
	a, b := grow(t, leaves...), grow(t, forged...)
	prove := func(g *grown, from, to int64) []tree.Hash {
		p, err := tlog.ProveTree(to, from, g.stored)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	if err := tree.Split(a.at(t, 12), a.at(t, 20), prove(a, 12, 20)); err != nil {
		t.Error(err)
	}
	if err := tree.Split(a.at(t, 20), a.at(t, 12), prove(a, 12, 20)); err != nil {
		t.Error("the other way round:", err)
	}
	if err := tree.Split(a.at(t, 4), b.at(t, 20), prove(b, 4, 20)); err != nil {
		t.Error("up to the forged record both are one:", err)
	}
	for name, err := range map[string]error{
		"one size":               tree.Split(a.at(t, 20), b.at(t, 20), nil),
		"its own proof":          tree.Split(a.at(t, 12), b.at(t, 20), prove(b, 12, 20)),
		"the other's proof":      tree.Split(a.at(t, 12), b.at(t, 20), prove(a, 12, 20)),
		"without a proof":        tree.Split(a.at(t, 12), a.at(t, 20), nil),
		"the forged one first":   tree.Split(b.at(t, 5), a.at(t, 20), prove(a, 5, 20)),
		"a proof longer by one":  tree.Split(a.at(t, 12), a.at(t, 20), append(prove(a, 12, 20), tree.Hash{})),
		"one size with roots it": tree.Split(b.at(t, 5), a.at(t, 5), prove(a, 5, 20)),
	} {
		if !errors.Is(err, tree.ErrSplit) {
			t.Errorf("%s: %v", name, err)
		}
	}
	x := a.at(t, 3)
	x.Origin = "other.test/log"
	if err := tree.Split(x, a.at(t, 3), nil); !errors.Is(err, tree.ErrOrigin) {
		t.Errorf("two logs: %v", err)
	}
	empty := grow(t).at(t, 0)
	if err := tree.Split(empty, a.at(t, 3), nil); err != nil {
		t.Error(err)
	}
}

func TestRecords(t *testing.T) {
	r := tree.Record{ID: "id1", At: 1795000000000001, Kind: "assembly.roll", Path: "350503002/c/", Ref: "assembly/1", Body: json.RawMessage(`{ "z":1, "a": ["<b>&", {"y":-5,"x":"厝边\n"}], "e": null, "t": true }`)}
	text, err := r.Text()
	if err != nil {
		t.Fatal(err)
	}
	want := `{"a":["<b>&",{"x":"厝边\n","y":-5}],"e":null,"t":true,"z":1}`
	if !strings.Contains(string(text), `"body":`+want) || !strings.HasPrefix(string(text), `{"at":`) {
		t.Errorf("%s", text)
	}
	back, err := tree.ParseRecord(text)
	if err != nil || string(back.Body) != want || back.At != r.At {
		t.Errorf("%+v %v", back, err)
	}
	if leaf, err := back.Leaf(); err != nil || leaf != tree.Leaf(text) {
		t.Error(err)
	}
	for _, bad := range []string{string(text) + " ", " " + string(text), string(text) + "{}", strings.Replace(string(text), `"z":1`, `"z":1.0`, 1), strings.Replace(string(text), `"z":1`, `"z":1e3`, 1),
		strings.Replace(string(text), `"z":1`, `"z":01`, 1), strings.Replace(string(text), `"z":1`, `"z":9007199254740992`, 1), strings.Replace(string(text), `"z":1`, `"z":1,"z":1`, 1), strings.Replace(string(text), `"z":1`, `"z":-0`, 1),
		strings.Replace(string(text), `"z":1`, `"厝":1`, 1), strings.Replace(string(text), `"kind"`, `"kinds"`, 1), strings.Replace(string(text), `"<b>`, `"\u003cb>`, 1), "", "null", "[]", "{}"} {
		if _, err := tree.ParseRecord([]byte(bad)); !errors.Is(err, tree.ErrRecord) {
			t.Errorf("taken: %s", bad)
		}
	}
	for _, v := range []any{1.5, map[string]any{"x": 2.5}, []int64{1 << 53}, map[string]int{"名": 1}} {
		if _, err := tree.Canonical(v); err == nil {
			t.Errorf("%v was written", v)
		}
	}
}
