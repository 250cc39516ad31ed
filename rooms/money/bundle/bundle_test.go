package bundle

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cuobian/basis/day"
	basis "cuobian/basis/share"
	"cuobian/platform/audit/tree"
	vote "cuobian/rooms/assembly/bundle"
	"cuobian/rooms/money/share"
	"cuobian/rooms/money/statement"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// prove puts the records of these versions into a log and gives f its proof. change sees them before that.
func prove(t *testing.T, f File, versions []File, change func(*statement.Proof)) File {
	t.Helper()
	const origin = "cuobian/public/test"
	p := statement.Proof{Path: "350503002/c1/c/", AsOf: 1000, Records: []statement.Record{}}
	for i, v := range versions {
		body, err := tree.Canonical(Published{Compound: v.Compound, Quality: v.Quality, From: v.From, To: v.To, Version: v.Version, Hash: v.Hash, Prev: v.Prev, Score: v.Pay.Shown, Earned: v.Pay.Earned, Held: v.Pay.Held})
		if err != nil {
			t.Fatal(err)
		}
		p.Records = append(p.Records, statement.Record{ID: "r" + string(rune('0'+i)), At: day.Instant(i + 1), Kind: RecordQuality, Body: body, Leaf: int64(2*i + 1)})
	}
	if change != nil {
		change(&p)
	}
	var hashes []tlog.Hash
	read := tlog.HashReaderFunc(func(ix []int64) (out []tlog.Hash, err error) {
		for _, x := range ix {
			out = append(out, hashes[x])
		}
		return out, nil
	})
	var positions []int64
	size := int64(2*len(p.Records) + 1)
	for n := range size {
		leaf := tree.Leaf([]byte{byte(n)})
		for _, r := range p.Records {
			if r.Leaf == n {
				var err error
				if leaf, err = p.Leaf(r, Ref(f.Quality)); err != nil {
					t.Fatal(err)
				}
				positions = append(positions, n)
			}
		}
		more, err := tlog.StoredHashesForRecordHash(n, leaf, read)
		if err != nil {
			t.Fatal(err)
		}
		hashes = append(hashes, more...)
	}
	root, err := tlog.TreeHash(size, read)
	if err != nil {
		t.Fatal(err)
	}
	private := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, 32))
	k, err := tree.NewKey(tree.Ed25519, origin, private.Public().(ed25519.PublicKey))
	if err != nil {
		t.Fatal(err)
	}
	signer, err := k.Signer(func(text []byte) ([]byte, error) { return ed25519.Sign(private, text), nil })
	if err != nil {
		t.Fatal(err)
	}
	point, err := tree.Checkpoint{Origin: origin, Size: size, Root: root}.Sign([]note.Signer{signer}...)
	if err != nil {
		t.Fatal(err)
	}
	p.Log = vote.Log{Origin: origin, Keys: []tree.Key{k}, Checkpoint: point, Pool: tree.Pool{}}
	for _, n := range tree.Need(size, positions) {
		p.Log.Pool[n] = hashes[n]
	}
	f.Proof = &p
	return f
}

func frozen(t *testing.T) File {
	t.Helper()
	rate := basis.Of(10, 100)
	f, err := File{Compound: "c", Name: "样例花苑", Quality: "q", Contract: "k", Company: "甲物业", From: day.MustParse("2026-07-01"), To: day.MustParse("2026-09-30"), Version: 1, Base: Base{Collected: 300_000_07, Rate: &rate},
		Formula: share.Quality(), Inputs: []share.Input{{Input: "satisfaction", Figure: basis.Of(45, 50), Source: "cases"}, {Input: "on_time", Figure: basis.Of(97, 100), Source: "cases"}, {Input: "patrols", Figure: basis.Of(88, 90), Source: "sheets/1"},
			{Input: "hazards", Figure: basis.Of(9, 10), Source: "sheets/2"}, {Input: "stars", Absent: "年度星级未评", Source: "sheets/3"}}, Frozen: 1}.Freeze()
	if err != nil {
		t.Fatal(err)
	}
	return prove(t, f, []File{f}, nil)
}

// corrected is the second version of that period: one input differs.
func corrected(t *testing.T, change func(*statement.Proof)) File {
	t.Helper()
	f := frozen(t)
	g := f
	g.Inputs = slices.Clone(f.Inputs)
	g.Version, g.Prev, g.Why, g.Frozen = 2, f.Hash, "第十处已整改", 2
	input(&g, "hazards").Figure.N++
	g, err := g.Freeze()
	if err != nil {
		t.Fatal(err)
	}
	return prove(t, g, []File{f, g}, change)
}

func input(f *File, name string) *share.Input {
	for i := range f.Inputs {
		if f.Inputs[i].Input == name {
			return &f.Inputs[i]
		}
	}
	return nil
}

func check(t *testing.T, f File) Report {
	t.Helper()
	text, err := f.Write()
	if err != nil {
		t.Fatal(err)
	}
	return Check(text, nil)
}

func TestFrozenFileIsSound(t *testing.T) {
	f := frozen(t)
	r := check(t, f)
	if !r.OK || len(r.Proved) != 1 || f.Base.Amount != 30_000_00 {
		t.Fatalf("%+v", r)
	}
	again, err := f.Freeze()
	if err != nil || again.Hash != f.Hash {
		t.Fatal("freezing twice gives another hash", err)
	}
}

// Whatever one changes is named: an input, a weight, a band, the base, an amount; also when the rest is computed again.
func TestChangesAreNamed(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*File)
		check  string
		where  string
	}{
		"an input":       {func(f *File) { input(f, "on_time").Figure.N++ }, "parts", "inputs.on_time"},
		"a reason":       {func(f *File) { input(f, "stars").Absent = "另有原因" }, "parts", "inputs.stars"},
		"a weight":       {func(f *File) { f.Formula.Weights[0].Points, f.Formula.Weights[1].Points = 40, 20 }, "parts", "formula.weights.on_time"},
		"a band":         {func(f *File) { f.Formula.Bands[0].From = 94 }, "parts", "formula.bands[0]"},
		"the hold-back":  {func(f *File) { f.Formula.HoldBack.N = 5 }, "parts", "formula.hold_back"},
		"the base":       {func(f *File) { f.Base.Amount++ }, "base", "base.amount"},
		"the collected":  {func(f *File) { f.Base.Collected += 1000 }, "parts", "base"},
		"an amount":      {func(f *File) { f.Pay.Earned++ }, "amount", "pay.earned"},
		"the score":      {func(f *File) { f.Pay.Score = "100" }, "amount", "pay.score"},
		"what is shown":  {func(f *File) { f.Pay.Shown = "100.00" }, "amount", "pay.shown"},
		"the version":    {func(f *File) { f.Pay.Version = "quality-2" }, "amount", "pay.version"},
		"a missing part": {func(f *File) { f.Parts = f.Parts[1:] }, "parts", "base"},
		"the period":     {func(f *File) { f.To++ }, "hash", "hash"},
	} {
		f := frozen(t)
		c.change(&f)
		r := check(t, f)
		if r.OK {
			t.Errorf("%s: nobody saw it", name)
			continue
		}
		found := false
		for _, x := range r.Of(c.check).Faults {
			found = found || x.Where == c.where
		}
		if !found {
			t.Errorf("%s is not named: %+v", name, r.Checks)
		}
	}
	// Who computes amounts and parts anew and leaves the hash, is found by the hash.
	f := frozen(t)
	old := f.Hash
	f.Base.Collected += 1_000_000
	g, err := f.Freeze()
	if err != nil {
		t.Fatal(err)
	}
	g.Hash, g.Proof = old, f.Proof
	if r := check(t, g); r.OK || r.Of("hash").OK || !r.Of("parts").OK {
		t.Errorf("%+v", r.Checks)
	}
}

func TestOtherFiles(t *testing.T) {
	for _, text := range []string{"", "{}", `{"format":"cuobian.statement.1"}`, strings.Repeat("[", 100000)} {
		if r := Check([]byte(text), nil); r.OK || r.Checks[0].OK && r.Checks[0].Wrong == 0 {
			t.Errorf("%.20q passed", text)
		}
	}
}

// What the log says of a period cannot be changed, added to or cut short: each forgery is named.
func TestProofForgeries(t *testing.T) {
	if r := check(t, corrected(t, nil)); !r.OK || r.Size != 5 {
		t.Fatalf("%+v", r.Checks)
	}
	first := frozen(t)
	second := corrected(t, nil)
	if r := check(t, prove(t, first, []File{first, second}, nil)); !r.OK || len(r.Not) < 2 || !strings.Contains(r.Not[0].Zh, "第 2 版") {
		t.Errorf("an old version is not said to be one: %+v", r.Not)
	}
	body := func(p *statement.Proof, i int, change func(*Published)) {
		var b Published
		if err := json.Unmarshal(p.Records[i].Body, &b); err != nil {
			t.Fatal(err)
		}
		change(&b)
		p.Records[i].Body, _ = tree.Canonical(b)
	}
	for name, c := range map[string]struct {
		make  func() File
		check string
	}{
		"no proof":                  {func() File { f := frozen(t); f.Proof = nil; return f }, "in_log"},
		"a record dropped":          {func() File { f := frozen(t); f.Proof.Records = nil; return f }, "published"},
		"the first version dropped": {func() File { return corrected(t, func(p *statement.Proof) { p.Records = p.Records[1:] }) }, "versions"},
		"a record changed":          {func() File { f := frozen(t); body(f.Proof, 0, func(b *Published) { b.Earned++ }); return f }, "in_log"},
		"another sum was published": {func() File {
			return corrected(t, func(p *statement.Proof) { body(p, 1, func(b *Published) { b.Earned++ }) })
		}, "published"},
		"another hash was published": {func() File {
			return corrected(t, func(p *statement.Proof) { body(p, 1, func(b *Published) { b.Hash = "00" }) })
		}, "published"},
		"another period's record": {func() File {
			return corrected(t, func(p *statement.Proof) { body(p, 1, func(b *Published) { b.Quality = "z" }) })
		}, "in_log"},
		"a record added": {func() File {
			f := frozen(t)
			r := f.Proof.Records[0]
			r.Leaf = 2
			f.Proof.Records = append(f.Proof.Records, r)
			return f
		}, "in_log"},
		"a spare hash": {func() File { f := corrected(t, nil); f.Proof.Log.Pool[99] = tlog.Hash{1}; return f }, "in_log"},
		"another checkpoint": {func() File {
			f := frozen(t)
			f.Proof.Log.Checkpoint = strings.Replace(f.Proof.Log.Checkpoint, "\n3\n", "\n4\n", 1)
			return f
		}, "checkpoint_signature"},
		"a file made before its log":  {func() File { f := frozen(t); f.Proof.AsOf = 0; return f }, "in_log"},
		"the proof of another period": {func() File { f := frozen(t); f.Quality = "q2"; f, _ = refreeze(f); return f }, "in_log"},
	} {
		r := check(t, c.make())
		if r.OK || r.Of(c.check).OK {
			t.Errorf("%s: %s does not see it: %+v", name, c.check, r.Checks)
		}
	}
	if r := Check(mustWrite(t, first), vote.Known{"other+00000000+AQ=="}); r.OK || r.Of("checkpoint_signature").OK {
		t.Error("a key that is not the log's was taken")
	}
}

// refreeze computes everything anew and keeps the proof.
func refreeze(f File) (File, error) {
	p := f.Proof
	f, err := f.Freeze()
	f.Proof = p
	return f, err
}

func mustWrite(t *testing.T, f File) []byte {
	t.Helper()
	text, err := f.Write()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// No bit may be turned unseen, but for the day that the file says it is of.
func TestEveryByte(t *testing.T) {
	file := mustWrite(t, corrected(t, nil))
	at := bytes.Index(file, []byte(`"as_of":"`))
	for i := 0; i < len(file); i += 5 {
		if i >= at && i < at+34 {
			continue
		}
		turned := bytes.Clone(file)
		turned[i] ^= 1
		if Check(turned, nil).OK {
			t.Fatalf("byte %d (%q) was turned unseen", i, file[max(0, i-30):i+1])
		}
	}
}

// hashed makes all hashes of f anew without computing anything: what a house could publish that counts wrongly.
func hashed(t *testing.T, f File) File {
	t.Helper()
	f.Parts = nil
	names, values := f.pieces()
	for i, v := range values {
		h, err := sum(v)
		if err != nil {
			t.Fatal(err)
		}
		f.Parts = append(f.Parts, Part{names[i], h})
	}
	f.Hash, f.Proof = "", nil
	h, err := sum(f)
	if err != nil {
		t.Fatal(err)
	}
	f.Hash = h
	return f
}

// golden are files with the checks that do not hold in them: `cuobian verify` and the page's own check read them in their tests. In
// the last four the house itself published what is wrong.
func golden(t *testing.T) map[string]struct {
	file  File
	wrong []string
} {
	t.Helper()
	type one = struct {
		file  File
		wrong []string
	}
	body := func(i int, change func(*Published)) func(*statement.Proof) {
		return func(p *statement.Proof) {
			var b Published
			if err := json.Unmarshal(p.Records[i].Body, &b); err != nil {
				t.Fatal(err)
			}
			change(&b)
			p.Records[i].Body, _ = tree.Canonical(b)
		}
	}
	publish := func(change func(*File)) File {
		f := frozen(t)
		change(&f)
		f = hashed(t, f)
		return prove(t, f, []File{f}, nil)
	}
	first, second := frozen(t), corrected(t, nil)
	fixed := frozen(t)
	fixed.Base = Base{Collected: 300_000_07, Fixed: 12_345_67}
	fixed.Demo = true
	fixed, err := fixed.Freeze()
	if err != nil {
		t.Fatal(err)
	}
	return map[string]one{
		"sound":           {second, nil},
		"fixed":           {prove(t, fixed, []File{fixed}, nil), nil},
		"old":             {prove(t, first, []File{first, second}, nil), nil},
		"dropped-version": {corrected(t, func(p *statement.Proof) { p.Records = p.Records[1:]; p.Records[0].Leaf = 1 }), []string{"versions"}},
		"other-sum":       {corrected(t, body(1, func(b *Published) { b.Earned++ })), []string{"published"}},
		"other-hash":      {corrected(t, body(1, func(b *Published) { b.Hash = "00" })), []string{"published"}},
		"a-fen-more":      {publish(func(f *File) { f.Pay.Earned++; f.Pay.Now++ }), []string{"amount"}},
		"a-better-score":  {publish(func(f *File) { f.Pay.Shown = "99.00" }), []string{"amount"}},
		"a-bigger-base":   {publish(func(f *File) { f.Base.Amount++ }), []string{"base"}},
		"no-such-formula": {publish(func(f *File) { f.Formula.Weights[0].Points++ }), []string{"amount"}},
	}
}

func TestGoldenPay(t *testing.T) {
	for name, want := range golden(t) {
		path := filepath.Join("testdata", name+".json")
		if os.Getenv("CUOBIAN_TEST_WRITE") != "" {
			if err := os.WriteFile(path, mustWrite(t, want.file), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		file, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(file, mustWrite(t, want.file)) {
			t.Errorf("%s: the file in testdata is another", name)
		}
		var wrong []string
		for _, c := range Check(file, nil).Checks {
			if !c.OK {
				wrong = append(wrong, c.Name)
			}
		}
		if !slices.Equal(wrong, want.wrong) {
			t.Errorf("%s: %v do not hold, it has to be %v", name, wrong, want.wrong)
		}
	}
}
