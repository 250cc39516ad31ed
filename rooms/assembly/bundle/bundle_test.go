package bundle

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"cuobian/basis/area"
	"cuobian/basis/day"
	"cuobian/basis/scope"
	"cuobian/platform/audit/tree"
	"cuobian/rooms/assembly/ballot"
	"cuobian/rooms/assembly/roll"
	"cuobian/rooms/assembly/tally"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// The compound of these tests is invented.
const compound = scope.Path("350503002/c1/k1/")

var (
	private = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, 32))
	witness = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{8}, 32))
	origin  = "cuobian/public/test"
)

func keyOf(t testing.TB, kind, name string, private ed25519.PrivateKey) tree.Key {
	k, err := tree.NewKey(kind, name, private.Public().(ed25519.PublicKey))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// made is a vote and its log as the house would make them.
type made struct {
	b      Bundle
	roll   roll.Roll
	leaves []tlog.Hash
	n      int
}

func salt(i int) []byte { s := sha256.Sum256(fmt.Appendf(nil, "salt %d", i)); return s[:] }

func at(i int) day.Instant { return day.Instant(1_775_000_000_000_000 + int64(i)*1_000_000) }

// add puts a record into the log; gap others stand before it, as the log is everybody's.
func (m *made) add(t testing.TB, r tree.Record) int64 {
	if m.n%5 == 0 {
		m.leaves = append(m.leaves, tree.Leaf(fmt.Appendf(nil, "another's record %d", m.n)))
	}
	m.n++
	h, err := r.Leaf()
	if err != nil {
		t.Fatal(err)
	}
	m.leaves = append(m.leaves, h)
	return int64(len(m.leaves) - 1)
}

func (m *made) record(t testing.TB, kind string, body any) {
	text, err := tree.Canonical(body)
	if err != nil {
		t.Fatal(err)
	}
	m.n++
	r := Record{ID: fmt.Sprintf("r%06d", m.n), At: at(m.n), Kind: kind, Body: text}
	r.Leaf = m.add(t, m.b.Meeting.record(r.ID, r.At, r.Kind, r.Body))
	m.b.Records = append(m.b.Records, r)
}

// vote makes a vote of so many homes; every third right votes twice.
// device is the key of a right's device, made of fixed bytes; it signs in the same way every time (RFC 6979).
func device(t testing.TB, right int) (*ecdsa.PrivateKey, string) {
	t.Helper()
	seed := sha256.Sum256(fmt.Appendf(nil, "device %d", right))
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), seed[:])
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	return key, base64.StdEncoding.EncodeToString(der)
}

// signs puts the signature of the right's device on a ballot: every other one in the form that WebCrypto gives, else in DER.
func (x *Ballot) signs(t testing.TB, by int) {
	t.Helper()
	key, public := device(t, by)
	sum := sha256.Sum256([]byte(x.Commitment))
	der, err := key.Sign(nil, sum[:], crypto.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	x.Key, x.Signature = public, base64.StdEncoding.EncodeToString(der)
	if x.Right%4 == 1 {
		var pair struct{ R, S *big.Int }
		if _, err := asn1.Unmarshal(der, &pair); err != nil {
			t.Fatal(err)
		}
		x.Signature = base64.StdEncoding.EncodeToString(append(pair.R.FillBytes(make([]byte, 32)), pair.S.FillBytes(make([]byte, 32))...))
	}
}

func vote(t testing.TB, homes int, secret bool, kind string, before ...map[int][]ballot.Sums) *made {
	t.Helper()
	m := &made{}
	var parts []roll.Part
	for i := range homes {
		b := fmt.Sprintf("%d幢", i/40+1)
		parts = append(parts, roll.Part{ID: fmt.Sprintf("h%05d", i), Label: fmt.Sprintf("%s%d", b, 101+i%40), Path: compound + scope.Path(fmt.Sprintf("b%d/h%d/", i/40+1, i)), Use: "dwelling",
			Areas: []area.Figure{{Area: area.Area(8000 + 37*(i%50)), Source: area.Registered}}, Owners: []string{fmt.Sprintf("p%05d", i)}, State: roll.Sold, Building: b})
	}
	r, err := roll.Make(roll.Input{Compound: "k1", Parts: parts})
	if err != nil {
		t.Fatal(err)
	}
	m.roll = r
	b := &m.b
	*b = Bundle{Format: Format, Kind: kind, Ballots: []Ballot{}, Records: []Record{}}
	for _, x := range before {
		b.Before = x
	}
	b.Meeting = Meeting{ID: "m1", Number: "2026-000001", Path: compound, Title: "使用维修资金", Purpose: "decision", Secret: secret, Counts: "last", CountParking: true, Opens: at(0), Closes: at(1_000_000), GroupMin: 10, Demo: true}
	b.Matters = []Matter{{No: 1, Title: "更换水泵", Text: "从维修资金列支", Item: 5, Rule: tally.Ordinary, Scope: "compound", Paths: []scope.Path{}, Touched: []string{}},
		{No: 2, Title: "改建花坛", Text: "改为车位", Item: 7, Rule: tally.Special, Scope: "compound", Paths: []scope.Path{}, Touched: []string{}},
		{No: 3, Title: "加装电梯", Text: "1 幢加装电梯", Item: 7, Kind: tally.Lift, Rule: tally.Special, Scope: "building", Paths: []scope.Path{compound + "b1/"}, Touched: []string{"h00002"}},
		{No: 4, Title: "粉刷外墙", Text: "1 幢粉刷外墙", Item: 5, Kind: tally.FundUse, Rule: tally.Ordinary, Scope: "building", Paths: []scope.Path{compound + "b1/"}, Touched: []string{}}}
	b.Roll = Roll{Version: 1, Hash: r.Hash(), Text: r.Text(), Earlier: []Version{}}
	asked, err := Question(b.Meeting, b.Matters)
	if err != nil {
		t.Fatal(err)
	}
	m.record(t, RecordRoll, map[string]any{"meeting": b.Meeting.Number, "version": 1, "hash": r.Hash()})
	m.record(t, RecordNotice, map[string]any{"meeting": b.Meeting.Number})
	m.record(t, RecordOpened, map[string]any{"meeting": b.Meeting.Number, "roll": r.Hash(), "counts": "last", "secret": secret, "matters": asked})
	void := ""
	for i, x := range r.Rights {
		if i%7 == 6 {
			continue // did not vote
		}
		for n := 1; n <= 1+b2i(i%3 == 0); n++ {
			c := [2]tally.Choice{tally.Agree, tally.Agree}
			switch {
			case i%4 == 1:
				c[0] = tally.Against
			case i%4 == 3:
				c[1] = tally.Against
			}
			if i%11 == 5 {
				c[0] = tally.Abstain
			}
			k := ballot.Ballot{Meeting: b.Meeting.ID, Right: x.No, Choices: map[int]tally.Choice{1: c[0], 2: c[1]}, Salt: salt(10*i + n)}
			one := Ballot{Right: x.No, N: n, Choices: map[string]tally.Choice{"1": c[0], "2": c[1]}}
			if x.Places[0].Building == "1幢" { // all of it agree
				k.Choices[3], k.Choices[4] = tally.Agree, c[0]
				one.Choices["3"], one.Choices["4"] = tally.Agree, c[0]
			}
			one = Ballot{Right: x.No, N: n, Choices: one.Choices, Salt: hex.EncodeToString(k.Salt), Commitment: k.Commitment(), ID: fmt.Sprintf("v%06d", 10*i+n), At: at(10*i + n)}
			if i == 3 && n == 2 {
				one.Void, void = true, one.Commitment
			}
			rec, err := b.Meeting.ballotRecord(one)
			if err != nil {
				t.Fatal(err)
			}
			one.Leaf = m.add(t, rec)
			if kind == Scrutineers && x.No%2 == 1 {
				one.signs(t, x.No)
			}
			b.Ballots = append(b.Ballots, one)
		}
	}
	m.record(t, RecordClosed, SealOf(b.Ballots, false))
	if void != "" {
		m.record(t, RecordVoid, BallotBody{b.Meeting.Number, void})
	}
	m.finish(t)
	return m
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// finish counts, publishes the result and signs the log.
func (m *made) finish(t testing.TB) {
	b := &m.b
	effective := b.Effective(m.roll)
	for i, x := range b.Ballots {
		c, has := effective[x.Right]
		b.Ballots[i].Counted = has && c.ID == x.ID
	}
	if err := b.Fill(m.roll, effective); err != nil {
		t.Fatal(err)
	}
	b.Close()
	s := SealOf(b.Ballots, true)
	core, err := b.Core()
	if err != nil {
		t.Fatal(err)
	}
	s.Bundle = map[string]string{b.Kind: core}
	if b.Meeting.Secret {
		s.Bundle[Signatures] = SignaturesOf(b.Ballots)
	}
	for _, r := range b.Records {
		h, err := b.Meeting.record(r.ID, r.At, r.Kind, r.Body).Leaf()
		if err != nil {
			t.Fatal(err)
		}
		s.Records = append(s.Records, hex.EncodeToString(h[:]))
	}
	slices.Sort(s.Records)
	m.record(t, RecordPreliminary, s)
	m.sign(t)
}

// sign makes the checkpoint over all leaves, and the pool.
func (m *made) sign(t testing.TB) {
	var hashes []tlog.Hash
	read := tlog.HashReaderFunc(func(ix []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(ix))
		for i, x := range ix {
			out[i] = hashes[x]
		}
		return out, nil
	})
	for n, leaf := range m.leaves {
		more, err := tlog.StoredHashesForRecordHash(int64(n), leaf, read)
		if err != nil {
			t.Fatal(err)
		}
		hashes = append(hashes, more...)
	}
	size := int64(len(m.leaves))
	root, err := tlog.TreeHash(size, read)
	if err != nil {
		t.Fatal(err)
	}
	k, w := keyOf(t, tree.Ed25519, origin, private), keyOf(t, tree.Witness, "law.example", witness)
	house, err := k.Signer(func(text []byte) ([]byte, error) { return ed25519.Sign(private, text), nil })
	if err != nil {
		t.Fatal(err)
	}
	second, err := w.Cosigner(witness, 1_775_000_000)
	if err != nil {
		t.Fatal(err)
	}
	text, err := tree.Checkpoint{Origin: origin, Size: size, Root: root}.Sign([]note.Signer{house, second}...)
	if err != nil {
		t.Fatal(err)
	}
	var positions []int64
	for _, r := range m.b.Records {
		positions = append(positions, r.Leaf)
	}
	for _, x := range m.b.Ballots {
		positions = append(positions, x.Leaf)
	}
	pool := tree.Pool{}
	for _, n := range tree.Need(size, positions) {
		pool[n] = hashes[n]
	}
	m.b.Log = Log{Origin: origin, Keys: []tree.Key{k, w}, Checkpoint: text, Pool: pool}
}

func (m *made) file(t testing.TB) []byte {
	t.Helper()
	f, err := m.b.Write()
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// again reads a bundle back, so that a test can change a copy.
func again(t testing.TB, file []byte) *Bundle {
	t.Helper()
	b := &Bundle{}
	if err := read(file, b); err != nil {
		t.Fatal(err)
	}
	return b
}

func wrongs(r Report) (names []string) {
	for _, c := range r.Checks {
		if !c.OK {
			names = append(names, c.Name)
		}
	}
	return names
}

func story(r Report) string {
	var b strings.Builder
	for _, c := range r.Checks {
		for _, f := range c.Faults {
			fmt.Fprintf(&b, "%s: %s: %s\n", c.Name, f.Where, f.En)
		}
	}
	return b.String()
}

var kinds = []struct {
	name   string
	secret bool
	kind   string
}{{"open", false, Public}, {"secret", true, Public}, {"scrutineers", true, Scrutineers}}

func TestSound(t *testing.T) {
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			m := vote(t, 200, k.secret, k.kind)
			file := m.file(t)
			r := Check(file, nil)
			if !r.OK {
				t.Fatal(story(r))
			}
			if r = Check(file, Known{m.b.Log.Keys[0]}); !r.OK {
				t.Fatal(story(r))
			}
			if len(r.Proved) == 0 || len(r.Not) == 0 {
				t.Error("it must say what it proves and what not")
			}
			if r.Rights != 200 || r.Ballots != int64(len(m.b.Ballots)) {
				t.Errorf("%d rights, %d ballots", r.Rights, r.Ballots)
			}
			if !bytes.Equal(file, m.file(t)) {
				t.Error("the same bundle gives other bytes")
			}
			for _, c := range r.Checks {
				if c.N == 0 {
					t.Errorf("%s looked at nothing", c.Name)
				}
			}
			if k.name == "secret" {
				for _, x := range m.b.Ballots {
					if x.Right != 0 || x.Salt != "" || x.Choices != nil {
						t.Fatal("the public file of a secret vote says whose a ballot is")
					}
				}
				for _, x := range []string{`"salt"`, `"choices"`, `"n":`, `"right":1`} {
					if bytes.Contains(file, []byte(x)) {
						t.Errorf("the public file of a secret vote holds %s", x)
					}
				}
			}
		})
	}
}

func TestKeyNotKnown(t *testing.T) {
	m := vote(t, 30, false, Public)
	other := keyOf(t, tree.Ed25519, origin, ed25519.NewKeyFromSeed(bytes.Repeat([]byte{9}, 32)))
	if r := Check(m.file(t), Known{other}); r.OK || !slices.Contains(wrongs(r), "checkpoint_signature") {
		t.Errorf("a log of another key passed: %v", wrongs(r))
	}
}

// Every forgery is found by the check that names it.
func TestForgeries(t *testing.T) {
	for _, k := range kinds {
		m := vote(t, 120, k.secret, k.kind)
		file := m.file(t)
		open := k.name != "secret"
		cases := []struct {
			name string
			do   func(b *Bundle)
			want []string // one of the checks that must name it
		}{
			{"one ballot added", func(b *Bundle) {
				x := b.Ballots[4]
				x.N++
				x.Salt = strings.Repeat("ab", 32)
				if !open {
					x.N, x.Salt = 0, ""
				}
				x.Commitment = strings.Repeat("cd", 32)
				b.Ballots = append(b.Ballots, x)
				b.order()
			}, []string{"ballot_in_log", "ballot_count"}},
			{"one ballot dropped", func(b *Bundle) { b.Ballots = slices.Delete(b.Ballots, 9, 10) }, []string{"ballot_count"}},
			{"one ballot twice", func(b *Bundle) { b.Ballots = slices.Insert(b.Ballots, 9, b.Ballots[9]) }, []string{"ballot_order"}},
			{"ballots moved", func(b *Bundle) { b.Ballots[3], b.Ballots[9] = b.Ballots[9], b.Ballots[3] }, []string{"ballot_order"}},
			{"places in the log moved", func(b *Bundle) { b.Ballots[3].Leaf, b.Ballots[9].Leaf = b.Ballots[9].Leaf, b.Ballots[3].Leaf }, []string{"ballot_in_log"}},
			{"a commitment changed", func(b *Bundle) { b.Ballots[7].Commitment = strings.Repeat("0", 64) }, []string{"ballot_in_log"}},
			{"an uncounted one counted", func(b *Bundle) {
				for i := range b.Ballots {
					if !b.Ballots[i].Counted {
						b.Ballots[i].Counted = true
						return
					}
				}
			}, []string{"core_hash"}},
			{"a ballot voided", func(b *Bundle) { b.Ballots[11].Void = true }, []string{"ballot_void"}},
			{"an area in the roll", func(b *Bundle) { b.Roll.Text = strings.Replace(b.Roll.Text, "80.37", "90.37", 1) }, []string{"roll_hash"}},
			{"a home out of the roll", func(b *Bundle) {
				r := m.roll
				r.Rights = r.Rights[:len(r.Rights)-1]
				b.Roll.Text, b.Roll.Hash = r.Text(), r.Hash()
			}, []string{"roll_hash"}},
			{"results swapped", func(b *Bundle) { b.Results[0], b.Results[1] = b.Results[1], b.Results[0] }, []string{"count"}},
			{"results exchanged", func(b *Bundle) {
				b.Results[0].Passed, b.Results[1].Passed = !b.Results[0].Passed, !b.Results[1].Passed
			}, []string{"count", "derivation"}},
			{"a step of the derivation", func(b *Bundle) { b.Results[0].Derivation[2].Left = "3×1 = 3" }, []string{"derivation"}},
			{"a record removed", func(b *Bundle) { b.Records = slices.Delete(b.Records, 1, 2) }, []string{"records"}},
			{"the record of the opening removed", func(b *Bundle) { b.Records = slices.Delete(b.Records, 2, 3) }, []string{"records"}},
			{"a record changed", func(b *Bundle) {
				b.Records[1].Body = json.RawMessage(`{"meeting":"2026-000002"}`)
			}, []string{"records_in_log"}},
			{"a record added", func(b *Bundle) {
				r := b.Records[1]
				r.Leaf++
				b.Records = slices.Insert(b.Records, 2, r)
			}, []string{"records_in_log"}},
			{"the record of the result removed", func(b *Bundle) { b.Records = b.Records[:len(b.Records)-1] }, []string{"records"}},
			{"the matter's words", func(b *Bundle) { b.Matters[0].Text = "从公共收益列支" }, []string{"opening"}},
			{"the rule of a matter", func(b *Bundle) { b.Matters[1].Rule = tally.Ordinary }, []string{"opening"}},
			{"first for last", func(b *Bundle) { b.Meeting.Counts = "first" }, []string{"opening"}},
			{"another meeting", func(b *Bundle) { b.Meeting.Number = "2026-000009" }, []string{"opening", "records_in_log"}},
			{"a forged checkpoint", func(b *Bundle) {
				b.Log.Checkpoint = strings.Replace(b.Log.Checkpoint, fmt.Sprintf("\n%d\n", len(m.leaves)), fmt.Sprintf("\n%d\n", len(m.leaves)+1), 1)
			}, []string{"checkpoint_signature"}},
			{"a checkpoint of another key", func(b *Bundle) {
				other := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{9}, 32))
				k := keyOf(t, tree.Ed25519, origin, other)
				s, _ := k.Signer(func(text []byte) ([]byte, error) { return ed25519.Sign(other, text), nil })
				text, _, _ := tree.Lines(b.Log.Checkpoint)
				c, _ := tree.ParseCheckpoint(text)
				c.Root[0] ^= 1
				b.Log.Checkpoint, _ = c.Sign(s)
				b.Log.Keys = []tree.Key{k}
			}, []string{"records_in_log"}},
			{"a witness's line gone", func(b *Bundle) {
				i := strings.LastIndex(b.Log.Checkpoint, "— law.example")
				b.Log.Checkpoint = b.Log.Checkpoint[:i]
			}, []string{"cosignatures"}},
			{"a hash out of the pool", func(b *Bundle) {
				for n := range b.Log.Pool {
					delete(b.Log.Pool, n)
					return
				}
			}, []string{"pool"}},
			{"a hash more in the pool", func(b *Bundle) { b.Log.Pool[1<<30] = tree.Hash{1} }, []string{"pool"}},
		}
		if open {
			cases = append(cases, []struct {
				name string
				do   func(b *Bundle)
				want []string
			}{
				{"a choice changed", func(b *Bundle) {
					b.Ballots[5].Choices["1"] = tally.Against
					b.Ballots[6].Choices["1"] = tally.Against
				}, []string{"ballot_commitment"}},
				{"a ballot of another right", func(b *Bundle) { b.Ballots[5].Right = 118 }, []string{"ballot_commitment"}},
				{"a right's second ballot dropped, its first counted", func(b *Bundle) {
					b.Ballots[0].Counted = true
					b.Ballots = slices.Delete(b.Ballots, 1, 2)
				}, []string{"ballot_count"}},
				{"a right's first ballot dropped", func(b *Bundle) { b.Ballots = slices.Delete(b.Ballots, 0, 1) }, []string{"ballot_order"}},
				{"figures changed", func(b *Bundle) { b.Results[0].Figures.Agree.Heads++ }, []string{"count"}},
				{"counted exchanged", func(b *Bundle) { b.Ballots[0].Counted, b.Ballots[1].Counted = true, false }, []string{"ballot_counted"}},
			}...)
		}
		if k.secret {
			cases = append(cases, struct {
				name string
				do   func(b *Bundle)
				want []string
			}{"groups changed", func(b *Bundle) { b.Groups[0].Sums.Part++ }, []string{"groups"}})
		}
		for _, c := range cases {
			t.Run(k.name+"/"+strings.ReplaceAll(c.name, " ", "_"), func(t *testing.T) {
				b := again(t, file)
				c.do(b)
				forged, err := b.Write()
				if err != nil {
					t.Fatal(err)
				}
				r := Check(forged, nil)
				if r.OK {
					t.Fatal("it was not found")
				}
				got := wrongs(r)
				if !slices.ContainsFunc(c.want, func(w string) bool { return slices.Contains(got, w) }) {
					t.Errorf("found by %v, want one of %v\n%s", got, c.want, story(r))
				}
				for _, f := range r.Checks {
					for _, x := range f.Faults {
						if x.Zh == "" || x.En == "" || x.Where == "" && f.Name != "form" {
							t.Errorf("%s does not say where", f.Name)
						}
					}
				}
			})
		}
	}
}

// One bit turned anywhere in the file is found. Every 23rd byte is tried; with CUOBIAN_TEST_ALL_BITS set every one, which
// takes some minutes.
func TestEveryBit(t *testing.T) {
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			homes, step := 12, 23
			if k.secret && k.kind == Public {
				homes = 30
			}
			file := vote(t, homes, k.secret, k.kind).file(t)
			if os.Getenv("CUOBIAN_TEST_ALL_BITS") != "" {
				step = 1
			}
			tried := 0
			for i := 0; i < len(file); i += step {
				bit := byte(1) << (i * 5 % 8)
				file[i] ^= bit
				if r := Check(file, nil); r.OK {
					t.Fatalf("byte %d of %d, bit %02x, near %s: not found", i, len(file), bit, near(file, i))
				}
				file[i] ^= bit
				tried++
			}
			if r := Check(file, nil); !r.OK {
				t.Fatal("the file is not what it was")
			}
			t.Logf("%d of %d bytes, one bit each", tried, len(file))
		})
	}
}

// A late version of the roll: both are told, the earlier one by its hash.
// Where other sums of a matter were published before, a later public file holds only the conditions, and is sound.
func TestPublishedTwice(t *testing.T) {
	first := vote(t, 120, true, Public)
	if first.b.Groups[0].Sums.Shape == ballot.Held {
		t.Fatal("nothing to hide")
	}
	other := first.b.Groups[0].Sums
	other.Part--
	other.All.Part--
	m := vote(t, 120, true, Public, map[int][]ballot.Sums{1: {other, first.b.Groups[0].Sums}, 2: {first.b.Groups[1].Sums}})
	if s := m.b.Groups[0].Sums; s.Shape != ballot.Held || s.All.Agree != 0 || s.Agree != nil {
		t.Errorf("%+v", s)
	}
	if !reflect.DeepEqual(m.b.Groups[1], first.b.Groups[1]) || m.b.Results[0].Passed != first.b.Results[0].Passed {
		t.Error("what did not change is published as before")
	}
	if r := Check(m.file(t), nil); !r.OK {
		t.Error(story(r))
	}
}

func TestRollChanged(t *testing.T) {
	m := vote(t, 40, false, Public)
	b := again(t, m.file(t))
	b.Roll.Earlier = []Version{{1, b.Roll.Hash}}
	b.Roll.Version = 2
	forged, _ := b.Write()
	if r := Check(forged, nil); r.OK || !slices.Contains(wrongs(r), "roll_hash") {
		t.Errorf("an invented version passed: %v", wrongs(r))
	}
}

func TestReceipts(t *testing.T) {
	for _, k := range kinds {
		m := vote(t, 30, k.secret, k.kind)
		file := m.file(t)
		x := vote(t, 30, k.secret, Scrutineers).b.Ballots[2] // the same ballots, with what the device keeps
		rec, err := m.b.Meeting.ballotRecord(x)
		if err != nil {
			t.Fatal(err)
		}
		h, _ := rec.Leaf()
		s := Slip{Receipt: Receipt{Format: ReceiptFormat, Meeting: "m1", Number: m.b.Meeting.Number, Commitment: x.Commitment, Salt: x.Salt, At: x.At, Leaf: hex.EncodeToString(h[:]), Key: string(m.b.Log.Keys[0])}, Right: x.Right, Choices: x.Choices}
		sign := func(s Slip) Slip {
			s.Signature = base64.StdEncoding.EncodeToString(ed25519.Sign(private, []byte(s.Text())))
			return s
		}
		s = sign(s)
		text, _ := json.Marshal(s)
		back, ok := ReadSlip(text)
		if !ok {
			t.Fatal("a slip cannot be read back")
		}
		if r := CheckReceipt(back, file); !r.OK {
			t.Fatal(k.name, story(r))
		}
		for name, do := range map[string]func(s Slip) Slip{
			"receipt_signature": func(s Slip) Slip { s.Number = "2026-000003"; return s },
			"receipt_meeting":   func(s Slip) Slip { s.Meeting = "m2"; return sign(s) },
			"receipt_in":        func(s Slip) Slip { s.Commitment = strings.Repeat("0", 64); return sign(s) },
			"receipt_choices": func(s Slip) Slip {
				s.Choices = map[string]tally.Choice{"1": tally.Against, "2": tally.Against}
				return s
			},
		} {
			if r := CheckReceipt(do(s), file); r.OK || !slices.Contains(wrongs(r), name) {
				t.Errorf("%s: %v", name, wrongs(r))
			}
		}
		missing := again(t, file)
		i := slices.IndexFunc(missing.Ballots, func(b Ballot) bool { return b.Commitment == x.Commitment })
		missing.Ballots = slices.Delete(missing.Ballots, i, i+1)
		less, _ := missing.Write()
		if r := CheckReceipt(s, less); r.OK {
			t.Error("a dropped ballot's receipt passed")
		}
	}
}

func TestNoBundle(t *testing.T) {
	for _, s := range []string{"", "{}", "null", "[]", `{"format":"cuobian.vote.2"}`, `{"format":"cuobian.vote.1","kind":"public"}`, strings.Repeat("[", 10000), `{"format":"cuobian.vote.1"} {}`} {
		if r := Check([]byte(s), nil); r.OK {
			t.Errorf("%.30q passed", s)
		}
	}
}

func FuzzCheck(f *testing.F) {
	f.Add(vote(f, 12, false, Public).file(f))
	f.Fuzz(func(t *testing.T, file []byte) { Check(file, nil) }) // it must not fall over
}

func Benchmark5000(b *testing.B) {
	m := vote(b, 5000, false, Public)
	file := m.file(b)
	b.Run("count", func(b *testing.B) {
		for b.Loop() {
			if err := m.b.Fill(m.roll, m.b.Effective(m.roll)); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("write", func(b *testing.B) {
		for b.Loop() {
			m.file(b)
		}
	})
	b.Run("verify", func(b *testing.B) {
		for b.Loop() {
			if r := Check(file, nil); !r.OK {
				b.Fatal(story(r))
			}
		}
		b.ReportMetric(float64(len(file))/1e6, "MB")
	})
}

// The files that other tests check (app, the browser side): the form does not change unnoticed.
func TestGolden(t *testing.T) {
	for _, k := range kinds {
		file := vote(t, 30, k.secret, k.kind).file(t)
		name := filepath.Join("testdata", k.name+".json")
		if os.Getenv("CUOBIAN_TEST_WRITE") != "" {
			if err := os.WriteFile(name, file, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(want, file) {
			t.Errorf("%s is not what is written now; CUOBIAN_TEST_WRITE=1 writes it anew", name)
		}
	}
}
