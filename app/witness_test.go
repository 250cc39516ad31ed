package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/audit/tree"
	"cuobian/platform/seal"
	"cuobian/platform/store"
)

// served is a house on SQLite, opened on a folder and served; what it publishes is invented.
type served struct {
	*House
	t   *testing.T
	url string
}

func serveFolder(t *testing.T, dir string) *served {
	t.Helper()
	c := Config{}
	c.Data, c.SecondFactor = dir, "optional"
	h, err := Open(context.Background(), c, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	h.Door.Who = func(r *http.Request) (access.Who, error) {
		if r.Header.Get("X-Post") == "" {
			return access.Who{}, nil
		}
		return access.Who{Account: "a", Person: "p", Grants: []access.Grant{{Post: access.Post(r.Header.Get("X-Post"))}}}, nil
	}
	srv := httptest.NewServer(h.Door.Handler())
	t.Cleanup(func() { srv.Close(); h.Close(context.Background()) })
	return &served{h, t, srv.URL}
}

func (s *served) publish(what ...string) {
	s.t.Helper()
	ctx := context.Background()
	if err := s.DB.Write(ctx, func(tx *store.Tx) error {
		for _, w := range what {
			if _, err := audit.Publish(ctx, tx, audit.Record{Kind: "test.record", Path: "350503002/c/", Ref: "test/1", Body: map[string]string{"what": w}}); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		s.t.Fatal(err)
	}
	if _, err := s.Logs.Integrate(ctx); err != nil {
		s.t.Fatal(err)
	}
}

func copyFolder(t *testing.T, from, to string) {
	t.Helper()
	err := filepath.WalkDir(from, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, _ := filepath.Rel(from, name)
		b, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		if err := os.MkdirAll(filepath.Dir(filepath.Join(to, rel)), 0o700); err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, rel), b, 0o600)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// lookout is a witness's folder and what it printed.
type lookout struct {
	*WitnessCmd
	out, err bytes.Buffer
}

func witnessOf(t *testing.T, url, name string) *lookout {
	return &lookout{WitnessCmd: &WitnessCmd{Log: url, State: t.TempDir(), Name: name, Once: true}}
}

func (w *lookout) look() error {
	w.out.Reset()
	w.err.Reset()
	return w.Run(context.Background(), Program{Out: &w.out, Err: &w.err})
}

func (w *lookout) key(t *testing.T) tree.Key {
	t.Helper()
	var k witnessKey
	if err := readJSON(filepath.Join(w.State, witnessKeyFile), &k); err != nil {
		t.Fatal(err)
	}
	return k.Key
}

func (w *lookout) split(t *testing.T, err error) evidence {
	t.Helper()
	var two errTwoFaced
	if !errors.As(err, &two) || two.ExitCode() != 3 {
		t.Fatalf("no split view was found: %v\n%s%s", err, w.out.String(), w.err.String())
	}
	if !strings.Contains(w.err.String(), "split view") || !strings.Contains(err.Error(), "SPLIT VIEW") {
		t.Errorf("not loud: %s %v", w.err.String(), err)
	}
	var e evidence
	if err := readJSON(two.file, &e); err != nil {
		t.Fatal(err)
	}
	// The evidence convicts without this witness: two notes of one origin, both signed by the log's own key.
	a, err1 := tree.Open(e.First, e.Keys...)
	b, err2 := tree.Open(e.Second, e.Keys...)
	if err1 != nil || err2 != nil || !errors.Is(tree.Split(a.Checkpoint, b.Checkpoint, e.Proof), tree.ErrSplit) {
		t.Errorf("the evidence does not convict: %v %v", err1, err2)
	}
	return e
}

func TestWitness(t *testing.T) {
	h := serveFolder(t, t.TempDir())
	w := witnessOf(t, h.url, "fuwen.committee")
	if err := w.look(); err == nil {
		t.Error("a log without a checkpoint was witnessed")
	}
	h.publish("一", "二")
	if err := w.look(); err != nil {
		t.Fatal(err)
	}
	key := w.key(t)
	if !strings.Contains(w.out.String(), string(key)) || key.Name() != "fuwen.committee" {
		t.Errorf("the key is not printed to be registered: %s", w.out.String())
	}
	if info, err := os.Stat(filepath.Join(w.State, witnessKeyFile)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info, err)
	}
	ctx := context.Background()
	if err := h.DB.Write(ctx, func(tx *store.Tx) error { _, err := h.Logs.Public.AddWitness(ctx, tx, key); return err }); err != nil {
		t.Fatal(err)
	}
	cosigned := func() int {
		t.Helper()
		c, err := h.Logs.Public.Checkpoint(ctx, h.DB, 0)
		if err != nil {
			t.Fatal(err)
		}
		keys, err := h.Logs.Public.Keys(ctx, h.DB)
		if err != nil {
			t.Fatal(err)
		}
		o, err := tree.Open(c.Note, append(keys, key)...)
		if err != nil {
			t.Fatal(err)
		}
		return len(o.Cosigned)
	}
	if err := w.look(); err != nil || cosigned() != 1 { // the one it kept goes out once it is registered
		t.Errorf("%v, %d cosignatures", err, cosigned())
	}
	h.publish("三")
	if err := w.look(); err != nil || cosigned() != 1 || !strings.Contains(w.out.String(), "seen: 3") {
		t.Errorf("%v, %d cosignatures: %s", err, cosigned(), w.out.String())
	}
	if err := w.look(); err != nil || w.out.Len() != 0 {
		t.Errorf("nothing new, and it says %q, %v", w.out.String(), err)
	}
	// The log's key is turned: the old one vouches for the new one, and later the new one is enough.
	if _, err := h.Pens.Turn(ctx, seal.Ed25519); err != nil {
		t.Fatal(err)
	}
	h.publish("四")
	if err := w.look(); err != nil || !strings.Contains(w.out.String(), "new key") {
		t.Errorf("%v %s", err, w.out.String())
	}
	if err := os.Remove(filepath.Join(h.Config.KeyDir(), "sign-ed25519-0001.key")); err != nil {
		t.Fatal(err)
	}
	h.publish("五")
	if err := w.look(); err != nil || cosigned() != 1 {
		t.Errorf("with the new key alone: %v", err)
	}
	if names, err := filepath.Glob(filepath.Join(w.State, "seen", "*.note")); err != nil || len(names) != 4 {
		t.Errorf("%v %v", names, err)
	}
	// A folder belongs to one witness and one log.
	other := serveFolder(t, t.TempDir())
	other.publish("别处")
	w.Log = other.url
	if err := w.look(); err == nil || errors.As(err, new(errTwoFaced)) {
		t.Errorf("another log at the address: %v", err)
	}
	w.Log, w.Name = h.url, "someone.else"
	if err := w.look(); err == nil || !strings.Contains(err.Error(), "fuwen.committee") {
		t.Errorf("another name: %v", err)
	}
	for _, bad := range []WitnessCmd{{Log: "xiaoqu.example", State: t.TempDir()}, {Log: h.url, State: t.TempDir(), Name: "two words"}, {Log: h.url, State: t.TempDir(), Peers: []string{"x"}}} {
		if err := bad.Run(ctx, Program{Out: &w.out, Err: &w.err}); err == nil {
			t.Errorf("taken: %+v", bad)
		}
	}
}

// twoFaces gives two servers with one key and one origin that agree on three records and then tell different stories.
func twoFaces(t *testing.T) (a, b *served) {
	t.Helper()
	one, two := t.TempDir(), t.TempDir()
	first := serveFolder(t, one)
	first.publish("一", "二", "三")
	if err := first.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	copyFolder(t, one, two)
	return serveFolder(t, one), serveFolder(t, two)
}

func TestSplitViewOfOneWitness(t *testing.T) {
	a, b := twoFaces(t)
	w := witnessOf(t, a.url, "w")
	if err := w.look(); err != nil {
		t.Fatal(err)
	}
	w.Log = b.url // the same log as far as anybody can see
	if err := w.look(); err != nil {
		t.Fatalf("two servers that agree: %v", err)
	}
	w.Log = a.url
	a.publish("赞成 4")
	if err := w.look(); err != nil {
		t.Fatal(err)
	}
	b.publish("反对 4")
	w.Log = b.url
	e := w.split(t, w.look())
	if len(e.Proof) != 0 {
		t.Errorf("%+v", e)
	}
	// A larger tree that leaves out what was seen.
	b.publish("5", "6")
	if e := w.split(t, w.look()); len(e.Proof) == 0 {
		t.Error("no proof was asked for")
	}
	// And one that went back: an older backup was brought in.
	c, d := twoFaces(t)
	v := witnessOf(t, c.url, "v")
	c.publish("4", "5")
	if err := v.look(); err != nil {
		t.Fatal(err)
	}
	v.Log = d.url
	v.split(t, v.look())
	d.publish("4", "5", "6")
	v.split(t, v.look())
	// The first log is still well for this witness.
	v.Log = c.url
	c.publish("6")
	if err := v.look(); err != nil {
		t.Error(err)
	}
}

func TestSplitViewBetweenWitnesses(t *testing.T) {
	a, b := twoFaces(t)
	w, v := witnessOf(t, a.url, "w"), witnessOf(t, b.url, "v")
	show := func(w *lookout) string {
		t.Helper()
		m, err := w.open(Program{Out: &w.out, Err: &w.err})
		if err != nil {
			t.Fatal(err)
		}
		srv := httptest.NewServer(m.handler())
		t.Cleanup(srv.Close)
		return srv.URL
	}
	for _, x := range []*lookout{w, v} {
		if err := x.look(); err != nil {
			t.Fatal(err)
		}
	}
	w.Peers = []string{"http://127.0.0.1:1", show(v)} // the first cannot be reached
	if err := w.look(); err != nil || !strings.Contains(w.err.String(), "127.0.0.1:1") {
		t.Fatalf("two witnesses that agree: %v %s", err, w.err.String())
	}
	a.publish("赞成 4")
	b.publish("反对 4")
	if err := v.look(); err != nil {
		t.Fatal(err) // alone nobody sees it
	}
	e := w.split(t, w.look())
	if e.From != w.Peers[1] || !strings.Contains(e.First, "\n4\n") {
		t.Errorf("%+v", e)
	}
	// Different sizes.
	a.publish("5")
	w.split(t, w.look())
	v.Peers = []string{show(w)}
	b.publish("5", "6", "7")
	v.split(t, v.look())
	// A peer that makes things up convicts nobody.
	liar := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		forged := strings.Replace(e.First, "\n4\n", "\n5\n", 1)
		json.NewEncoder(rw).Encode(seenOut{Witness: v.key(t), Origin: e.Origin, Notes: []string{forged, "x", fmt.Sprintf("%s\n9\n%s\n", e.Origin, tree.Leaf(nil))}})
	}))
	defer liar.Close()
	x := witnessOf(t, a.url, "x")
	x.Peers = []string{liar.URL}
	if err := x.look(); err != nil || strings.Count(x.err.String(), "did not sign") != 3 {
		t.Errorf("%v %s", err, x.err.String())
	}
}

// A log goes on after it was brought back from a backup, and a witness that saw more than the backup held tells.
func TestLogsAfterRestore(t *testing.T) {
	ctx := context.Background()
	one, two, file := t.TempDir(), t.TempDir(), t.TempDir()
	h := serveFolder(t, one)
	h.publish("一", "二")
	quiet := Program{Out: new(bytes.Buffer), Err: new(bytes.Buffer), Version: "test"}
	same := witnessOf(t, h.url, "same")
	if err := same.look(); err != nil {
		t.Fatal(err)
	}
	for _, keys := range []bool{false, true} {
		b := BackupCmd{Place: Place{Data: one}, File: filepath.Join(file, fmt.Sprint(keys)), KeysOnly: keys}
		if err := b.Run(ctx, quiet); err != nil {
			t.Fatal(err)
		}
	}
	h.publish("三")
	more := witnessOf(t, h.url, "more")
	if err := more.look(); err != nil {
		t.Fatal(err)
	}
	for _, keys := range []bool{true, false} {
		r := RestoreCmd{Place: Place{Data: two}, File: filepath.Join(file, fmt.Sprint(keys)), KeysOnly: keys}
		if err := r.Run(ctx, quiet); err != nil {
			t.Fatal(err)
		}
	}
	back := serveFolder(t, two)
	back.publish("三 又", "四")
	for _, log := range back.Logs.Both() {
		if _, err := log.Whole(ctx); err != nil {
			t.Errorf("%s: %v", log.Name, err)
		}
	}
	same.Log, more.Log = back.url, back.url
	if err := same.look(); err != nil || !strings.Contains(same.out.String(), "seen: 4") {
		t.Errorf("who saw no more than the backup: %v %s", err, same.out.String())
	}
	more.split(t, more.look())
}
