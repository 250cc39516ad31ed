package statement

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cuobian/basis/day"
	"cuobian/basis/yuan"
	"cuobian/platform/audit/tree"
	"cuobian/rooms/assembly/bundle"

	"github.com/emmansun/gmsm/sm2"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// The compound of these tests is invented.
var (
	private  = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, 32))
	stamp, _ = sm2.GenerateKey(rand.Reader)
	origin   = "cuobian/public/test"
)

type made struct {
	f      File
	leaves []tlog.Hash
	prev   string
	n      int
}

func (m *made) record(t testing.TB, kind string, at day.Instant, body any) {
	t.Helper()
	text, err := tree.Canonical(body)
	if err != nil {
		t.Fatal(err)
	}
	m.n++
	m.leaves = append(m.leaves, tree.Leaf(fmt.Appendf(nil, "another's record %d", m.n)))
	r := Record{ID: fmt.Sprintf("r%06d", m.n), At: at, Kind: kind, Body: text, Leaf: int64(len(m.leaves))}
	h, err := m.f.proof().Leaf(r, Ref(m.f.Compound, m.f.Fund))
	if err != nil {
		t.Fatal(err)
	}
	m.leaves = append(m.leaves, h)
	m.f.Records = append(m.f.Records, r)
}

func sealed(t testing.TB, hash string, at day.Instant) Seal {
	t.Helper()
	pub := append(append([]byte{4}, stamp.X.FillBytes(make([]byte, 32))...), stamp.Y.FillBytes(make([]byte, 32))...)
	sig, err := stamp.SignWithSM2(rand.Reader, nil, fmt.Appendf(nil, "cuobian-stamp-1\nst\n%d\n%s\n", int64(at), hash))
	if err != nil {
		t.Fatal(err)
	}
	return Seal{Stamp: "st", Name: "样例花苑业主委员会", Public: pub, At: at, Sig: sig}
}

// post puts a statement on the board; days is how long after its due it came.
func (m *made) post(t testing.TB, w Words, at day.Instant) {
	t.Helper()
	w.Prev = m.prev
	if err := w.Add(); err != nil {
		t.Fatal(err)
	}
	w.Balances = []Sum{{Account: "income:bank", Zh: "银行存款", En: "bank", Amount: w.Closing}}
	h := w.Hash()
	m.record(t, RecordStatement, at, Posted{Compound: "k1", Fund: "income", Kind: w.Kind, Period: w.Period, Version: w.Version, Hash: h, Prev: w.Prev, Corrects: w.Corrects, Until: at.Day(day.Shanghai).Add(30), Seals: []Seal{sealed(t, h, at)}})
	m.prev = h
	m.f.Statements = append(m.f.Statements, w)
}

func (m *made) words(kind, period string, opening, in, out yuan.Amount) Words {
	from, to, _ := Span(kind, period)
	return Words{Compound: "k1", Name: "样例花苑", Fund: "income", Kind: kind, Period: period, From: from, To: to, Version: 1, Opening: opening,
		Totals: []Sum{{Account: "income:earned:lift_ads", Zh: "电梯广告", En: "lift advertising"}, {Account: "income:spent:cost", Zh: "支出", En: "spent"}},
		Lines:  []Line{{1, "e" + period + "1", from.Add(3), "income:earned:lift_ads", "电梯广告", in}, {2, "e" + period + "2", from.Add(9), "income:spent:cost", "维修灯具", -out}}}
}

// year is four months and a quarter of them, all in time; skip leaves a posting out, slow posts one late.
func year(t testing.TB, skip, slow, drop string) *made {
	t.Helper()
	m := &made{f: File{Format: Format, Compound: "k1", Name: "样例花苑", Path: "350503002/c1/k1/", Fund: "income", Statements: []Words{}, Records: []Record{}}}
	var opening yuan.Amount
	n := map[string]int64{}
	for i, p := range []string{"2026-01", "2026-02", "2026-03", "2026Q1", "2026-04"} {
		kind := Month
		if strings.Contains(p, "Q") {
			kind = Quarter
		}
		_, to, _ := Span(kind, p)
		due := to.Add(10).End(day.Shanghai)
		n[kind]++
		if p != drop {
			m.record(t, RecordDue, to.Add(1).Start(day.Shanghai), Due{Compound: "k1", Fund: "income", Kind: kind, Period: p, N: n[kind], Due: due, Shown: 30})
		}
		w := m.words(kind, p, opening, yuan.Amount(100_000+i), 30_000)
		if kind == Quarter {
			w = m.words(kind, p, 0, opening+90_000, 90_000)
		}
		at := to.Add(5).Start(day.Shanghai)
		if p == slow {
			at = to.Add(12).Start(day.Shanghai)
		}
		if p != skip {
			m.post(t, w, at)
		}
		if kind == Month {
			opening += yuan.Amount(70_000 + i)
		}
	}
	m.f.AsOf = day.MustParse("2026-05-20").Start(day.Shanghai)
	m.sign(t)
	return m
}

// signed is a log of these leaves with what the records need of it.
func signed(t testing.TB, leaves []tlog.Hash, records []Record) (log bundle.Log) {
	t.Helper()
	var hashes []tlog.Hash
	read := tlog.HashReaderFunc(func(ix []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(ix))
		for i, x := range ix {
			out[i] = hashes[x]
		}
		return out, nil
	})
	for n, leaf := range leaves {
		more, err := tlog.StoredHashesForRecordHash(int64(n), leaf, read)
		if err != nil {
			t.Fatal(err)
		}
		hashes = append(hashes, more...)
	}
	size := int64(len(leaves))
	root, err := tlog.TreeHash(size, read)
	if err != nil {
		t.Fatal(err)
	}
	k, err := tree.NewKey(tree.Ed25519, origin, private.Public().(ed25519.PublicKey))
	if err != nil {
		t.Fatal(err)
	}
	house, err := k.Signer(func(text []byte) ([]byte, error) { return ed25519.Sign(private, text), nil })
	if err != nil {
		t.Fatal(err)
	}
	text, err := tree.Checkpoint{Origin: origin, Size: size, Root: root}.Sign([]note.Signer{house}...)
	if err != nil {
		t.Fatal(err)
	}
	var positions []int64
	for _, r := range records {
		positions = append(positions, r.Leaf)
	}
	pool := tree.Pool{}
	for _, n := range tree.Need(size, positions) {
		pool[n] = hashes[n]
	}
	log = bundle.Log{Origin: origin, Keys: []tree.Key{k}, Checkpoint: text, Pool: pool}
	return log
}

func (m *made) sign(t testing.TB) {
	t.Helper()
	m.f.Log = signed(t, m.leaves, m.f.Records)
}

// prove makes the pool anew after records were left out, as a forger who has the log could.
func (m *made) prove(t testing.TB) {
	keep := m.f.Records
	m.sign(t)
	m.f.Records = keep
}

func wrongs(r Report) (names []string) {
	for _, c := range r.Checks {
		if c.Wrong > 0 {
			names = append(names, c.Name)
		}
	}
	return names
}

func TestSoundStatements(t *testing.T) {
	m := year(t, "", "", "")
	file, err := m.f.Write()
	if err != nil {
		t.Fatal(err)
	}
	r := Check(file, bundle.Known{m.f.Log.Keys[0]})
	if !r.OK || r.Statements != 5 || r.Due != 5 {
		t.Fatalf("%v %+v", wrongs(r), r)
	}
	for _, c := range r.Checks {
		if c.N == 0 {
			t.Errorf("%s looked at nothing", c.Name)
		}
	}
	other := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{9}, 32))
	k, _ := tree.NewKey(tree.Ed25519, origin, other.Public().(ed25519.PublicKey))
	if r := Check(file, bundle.Known{k}); r.OK {
		t.Error("a key that is not the log's was taken")
	}
}

// Each forgery is named where it lies (R36).
func TestForgeries(t *testing.T) {
	for _, x := range []struct {
		name string
		do   func(t *testing.T) *made
		want []string // checks that must find it
	}{
		{"one changed fen", func(t *testing.T) *made {
			m := year(t, "", "", "")
			m.f.Statements[1].Lines[0].Amount++
			return m
		}, []string{"statement_hash", "statement_sums", "vanished"}},
		{"one changed fen, added up again", func(t *testing.T) *made {
			m := year(t, "", "", "")
			w := &m.f.Statements[1]
			w.Lines[0].Amount++
			if err := w.Add(); err != nil {
				t.Fatal(err)
			}
			w.Balances[0].Amount++
			return m
		}, []string{"statement_hash"}},
		{"a word changed", func(t *testing.T) *made {
			m := year(t, "", "", "")
			m.f.Statements[0].Lines[1].Words = "更换灯具"
			return m
		}, []string{"statement_hash"}},
		{"one vanished from the file", func(t *testing.T) *made {
			m := year(t, "", "", "")
			m.f.Statements = slices.Delete(m.f.Statements, 2, 3)
			return m
		}, []string{"vanished"}},
		{"one never posted", func(t *testing.T) *made { return year(t, "2026-02", "", "") }, []string{"vanished"}},
		{"the last never posted", func(t *testing.T) *made { return year(t, "2026-04", "", "") }, []string{"vanished"}},
		{"one late", func(t *testing.T) *made { return year(t, "", "2026-02", "") }, []string{"late"}},
		{"one altered seal", func(t *testing.T) *made {
			m := year(t, "", "", "")
			var p Posted
			if err := json.Unmarshal(m.f.Records[1].Body, &p); err != nil {
				t.Fatal(err)
			}
			p.Seals[0].Sig[12] ^= 1
			m.f.Records[1].Body, _ = tree.Canonical(p)
			return m
		}, []string{"seal", "in_log"}},
		{"a seal of another statement", func(t *testing.T) *made {
			m := year(t, "", "", "")
			var p, q Posted
			json.Unmarshal(m.f.Records[1].Body, &p)
			json.Unmarshal(m.f.Records[3].Body, &q)
			p.Seals = q.Seals
			m.f.Records[1].Body, _ = tree.Canonical(p)
			return m
		}, []string{"seal", "in_log"}},
		{"a posting dropped", func(t *testing.T) *made {
			m := year(t, "", "", "")
			m.f.Records = slices.Delete(m.f.Records, 3, 4)
			m.prove(t)
			return m
		}, []string{"in_log", "chain", "vanished"}},
		{"statement and posting dropped", func(t *testing.T) *made {
			m := year(t, "", "", "")
			m.f.Records = slices.Delete(m.f.Records, 3, 4)
			m.f.Statements = slices.Delete(m.f.Statements, 1, 2)
			m.prove(t)
			return m
		}, []string{"chain", "vanished"}},
		{"a due record dropped", func(t *testing.T) *made {
			m := year(t, "", "", "")
			m.f.Records = slices.Delete(m.f.Records, 2, 3)
			m.prove(t)
			return m
		}, []string{"vanished"}},
		{"all of a month dropped", func(t *testing.T) *made {
			m := year(t, "", "", "")
			m.f.Records = slices.Delete(m.f.Records, 2, 4)
			m.f.Statements = slices.Delete(m.f.Statements, 1, 2)
			m.prove(t)
			return m
		}, []string{"chain", "vanished"}},
		{"all of the last month dropped", func(t *testing.T) *made {
			m := year(t, "", "", "")
			m.f.Records = m.f.Records[:len(m.f.Records)-2]
			m.f.Statements = m.f.Statements[:len(m.f.Statements)-1]
			m.prove(t)
			return m
		}, []string{"vanished"}},
		{"never recorded as due", func(t *testing.T) *made { return year(t, "", "", "2026-03") }, []string{"vanished"}},
		{"posted twice without naming the first", func(t *testing.T) *made {
			m := year(t, "", "", "")
			w := m.f.Statements[4]
			w.Lines = slices.Clone(w.Lines)
			w.Lines[0].Amount += 500
			m.post(t, w, m.f.AsOf-1)
			m.sign(t)
			return m
		}, []string{"changed"}},
		{"off the board too soon", func(t *testing.T) *made {
			m := year(t, "", "", "")
			w := m.words(Month, "2026-05", m.f.Statements[4].Closing, 1, 1)
			at := day.MustParse("2026-06-05").Start(day.Shanghai)
			m.record(t, RecordDue, at-1, Due{Compound: "k1", Fund: "income", Kind: Month, Period: "2026-05", N: 5, Due: at + 1, Shown: 30})
			m.post(t, w, at)
			var p Posted
			last := &m.f.Records[len(m.f.Records)-1]
			json.Unmarshal(last.Body, &p)
			p.Until = at.Day(day.Shanghai).Add(29)
			last.Body, _ = tree.Canonical(p)
			m.leaves[last.Leaf], _ = m.f.proof().Leaf(*last, Ref(m.f.Compound, m.f.Fund))
			m.sign(t)
			return m
		}, []string{"shown_days"}},
		{"another checkpoint", func(t *testing.T) *made {
			m := year(t, "", "", "")
			m.f.Log.Checkpoint = strings.Replace(m.f.Log.Checkpoint, "\n20\n", "\n21\n", 1)
			return m
		}, []string{"checkpoint_signature"}},
	} {
		t.Run(x.name, func(t *testing.T) {
			m := x.do(t)
			file, err := m.f.Write()
			if err != nil {
				t.Fatal(err)
			}
			r := Check(file, nil)
			found := wrongs(r)
			if r.OK || len(found) == 0 {
				t.Fatal("not found")
			}
			for _, w := range x.want {
				if !slices.Contains(found, w) {
					t.Errorf("%s is not among %v", w, found)
				}
			}
		})
	}
}

func TestCorrected(t *testing.T) {
	m := year(t, "", "", "")
	old := m.f.Statements[4]
	w := old
	w.Lines = slices.Clone(w.Lines)
	w.Totals = slices.Clone(w.Totals)
	w.Lines[0].Amount += 500
	w.Version, w.Corrects, w.Why = 2, old.Hash(), "漏记一笔"
	m.post(t, w, m.f.AsOf-1)
	m.sign(t)
	file, _ := m.f.Write()
	if r := Check(file, nil); !r.OK {
		t.Fatal(wrongs(r), r.Checks)
	}
}

// No bit of the file may be turned unseen, but for the day that it says it is of.
func TestEveryByte(t *testing.T) {
	m := year(t, "", "", "")
	file, _ := m.f.Write()
	day := bytes.Index(file, []byte(`"as_of":"`)) // what a reader must look at: nobody signs it
	for i := 0; i < len(file); i += 7 {
		if i >= day && i < day+32 {
			continue
		}
		turned := bytes.Clone(file)
		turned[i] ^= 1
		if r := Check(turned, nil); r.OK {
			t.Fatalf("byte %d (%q) was turned unseen", i, file[max(0, i-30):i+1])
		}
	}
}

func TestPeriods(t *testing.T) {
	if PeriodOf(Quarter, day.MustParse("2026-12-31")) != "2026Q4" || Next(Quarter, "2026Q4") != "2027Q1" || Next(Month, "2026-12") != "2027-01" {
		t.Error("periods are miscounted")
	}
	for _, x := range []string{"2026-13", "2026-00", "2026Q1", "26-01", "2026-1", ""} {
		if _, _, ok := Span(Month, x); ok {
			t.Errorf("%q is a month", x)
		}
	}
	if got := Masked("转账至 6222020200112233445，电话13800000001，第12期 2026-10-01 4,800 元"); got != "转账至 ***************3445，电话*******0001，第12期 2026-10-01 4,800 元" {
		t.Error(got)
	}
}

func FuzzCheck(f *testing.F) {
	file, _ := year(f, "", "", "").f.Write()
	f.Add(file)
	f.Fuzz(func(t *testing.T, b []byte) { Check(b, nil) })
}

// The files in testdata are read by `cuobian verify` in its own tests: a form that changed unseen would show here.
func TestGolden(t *testing.T) {
	for name, m := range map[string]func() *made{"sound": func() *made { return year(t, "", "", "") }, "late": func() *made { return year(t, "", "2026-02", "") }, "missing": func() *made { return year(t, "2026-02", "", "") }} {
		path := filepath.Join("testdata", name+".json")
		if os.Getenv("CUOBIAN_TEST_WRITE") != "" {
			file, err := m().f.Write()
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, file, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		file, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		r := Check(file, nil)
		want := map[string][]string{"sound": nil, "late": {"late"}, "missing": {"vanished"}}[name]
		if !slices.Equal(wrongs(r), want) {
			t.Errorf("%s: %v", name, wrongs(r))
		}
	}
}
