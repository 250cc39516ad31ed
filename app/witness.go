package app

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"cuobian/basis/day"
	"cuobian/platform/audit/tree"
	"cuobian/platform/serve"
	"cuobian/platform/store"

	"golang.org/x/mod/sumdb/note"
)

// WitnessCmd watches the public log of a house from another machine.
type WitnessCmd struct {
	Log   string        `help:"Address of the house whose log is watched, such as https://xiaoqu.example." required:"" placeholder:"URL"`
	State string        `help:"Folder of this witness: its key, the log's key as first seen, and every checkpoint seen. Keep it; made when missing." required:"" placeholder:"DIR" type:"path"`
	Name  string        `help:"Name of this witness, without spaces; chosen at the first run. Default: witness- and the beginning of its key." placeholder:"NAME"`
	Every time.Duration `help:"How often to look." default:"1m" placeholder:"1m"`
	Once  bool          `help:"Look once and end."`
	Peers []string      `help:"Addresses of other witnesses (their --addr) to compare with." placeholder:"URL"`
	Addr  string        `help:"Serve what was seen here, so that others can compare." placeholder:"HOST:PORT"`
}

// Help is shown by cuobian witness --help.
func (WitnessCmd) Help() string {
	return `见证人：在另一台机器上盯住公开日志，保存见过的每个检查点并签名作证；发现同一日志给不同的人看不同的内容（两套账），就大声报警并留下证据。任何人都可以当见证人：社区、律师事务所、别的小区的业委会。

A witness looks at the public log of a house again and again from another machine. It checks the log's signature against the key
it saw first, checks that nothing seen earlier was changed or removed, keeps every checkpoint, and signs what it saw. When a
log shows different people different contents (a split view), it says so, writes both signed checkpoints to a file that
convicts the log before anybody, and ends with exit code 3.

First run: it makes its key and prints one line. Give that line to the security administrator of the house, who registers it
(POST /api/log/witnesses); from then on the house shows its signatures. It needs no account and sees only what is public.

  cuobian witness --log https://xiaoqu.example --state ./witness --name fuwen.committee --addr :9090
  cuobian witness --log https://xiaoqu.example --state ./witness2 --peers http://other-witness:9090

Exit codes: 0 well, 1 failed (no connection, wrong folder), 3 the log contradicts what it signed before.`
}

// errTwoFaced ends the program with a code of its own.
type errTwoFaced struct{ file string }

func (e errTwoFaced) Error() string {
	return "!!! 两套账：日志与自己签过名的检查点矛盾，证据在 " + e.file + "\n         !!! SPLIT VIEW: the log contradicts a checkpoint that it signed; the evidence is in " + e.file
}

// ExitCode tells a split view from a failure.
func (e errTwoFaced) ExitCode() int { return 3 }

// Run looks until it is told to stop.
func (c *WitnessCmd) Run(ctx context.Context, p Program) error {
	w, err := c.open(p)
	if err != nil {
		return err
	}
	if c.Addr != "" {
		l, err := net.Listen("tcp", c.Addr)
		if err != nil {
			return err
		}
		srv := &http.Server{Handler: w.handler(), ReadHeaderTimeout: serve.ReadHeader, IdleTimeout: serve.Idle}
		defer srv.Close()
		go srv.Serve(l)
		fmt.Fprintf(p.Out, "供他人比对 for others to compare: http://%s/seen\n", l.Addr())
	}
	if c.Every < time.Second {
		c.Every = time.Second
	}
	tick := time.NewTicker(c.Every)
	defer tick.Stop()
	for {
		err := w.look(ctx)
		var split errTwoFaced
		if errors.As(err, &split) || c.Once {
			return err
		}
		if err != nil && ctx.Err() == nil {
			fmt.Fprintln(p.Err, "cuobian:", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// watchman is a witness at work.
type watchman struct {
	p       Program
	log     string
	dir     string
	peers   []string
	key     tree.Key
	private ed25519.PrivateKey
	pin     pinned
	client  *http.Client
	now     func() day.Instant
	told    bool // that it is not registered
}

// pinned is the log as it was first seen (STATE/log.json).
type pinned struct {
	Origin string      `json:"origin"`
	Keys   []tree.Key  `json:"keys"`
	At     day.Instant `json:"first_seen_at"`
	URL    string      `json:"url"`
}

const (
	witnessKeyFile = "witness.json"
	pinFile        = "log.json"
	seenDir        = "seen"
)

type witnessKey struct {
	Key  tree.Key `json:"key"`  // public
	Seed []byte   `json:"seed"` // private
}

func (c *WitnessCmd) open(p Program) (*watchman, error) {
	u, err := url.Parse(c.Log)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("--log: want an address such as https://xiaoqu.example")
	}
	w := &watchman{p: p, dir: c.State, log: strings.TrimSuffix(strings.TrimSuffix(c.Log, "/"), "/api/public/log"), client: &http.Client{Timeout: 30 * time.Second}, now: store.Wall}
	for _, peer := range c.Peers {
		if u, err := url.Parse(peer); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
			return nil, fmt.Errorf("--peers: want addresses such as http://other-witness:9090")
		}
		w.peers = append(w.peers, strings.TrimSuffix(strings.TrimSuffix(peer, "/"), "/seen"))
	}
	if err := os.MkdirAll(filepath.Join(w.dir, seenDir), 0o700); err != nil {
		return nil, err
	}
	if err := w.ownKey(c.Name); err != nil {
		return nil, err
	}
	err = readJSON(filepath.Join(w.dir, pinFile), &w.pin)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return w, nil
}

// ownKey reads this witness's key, or makes it at the first run.
func (w *watchman) ownKey(name string) error {
	file := filepath.Join(w.dir, witnessKeyFile)
	var k witnessKey
	err := readJSON(file, &k)
	if errors.Is(err, fs.ErrNotExist) {
		public, private, _ := ed25519.GenerateKey(rand.Reader)
		if name == "" {
			name = "witness-" + hex.EncodeToString(public[:4])
		}
		if k.Key, err = tree.NewKey(tree.Witness, name, public); err != nil {
			return fmt.Errorf("--name: a name has no spaces and no plus sign")
		}
		k.Seed = private.Seed()
		if err := writeJSON(file, k); err != nil {
			return err
		}
		fmt.Fprintf(w.p.Out, "新密钥，请把下面一行交给对方的安全管理员登记：\nA new key; give this line to the security administrator of the house to be registered:\n%s\n", k.Key)
		err = nil
	}
	if err != nil {
		return err
	}
	if len(k.Seed) != ed25519.SeedSize || k.Key.Kind() != tree.Witness {
		return fmt.Errorf("%s is damaged", file)
	}
	if name != "" && name != k.Key.Name() {
		return fmt.Errorf("--name: this folder belongs to the witness %s; another witness needs a folder of its own", k.Key.Name())
	}
	w.key, w.private = k.Key, ed25519.NewKeyFromSeed(k.Seed)
	return nil
}

func readJSON(file string, into any) error {
	b, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(b, into); err != nil {
		return fmt.Errorf("%s is damaged: %w", file, err)
	}
	return nil
}

func writeJSON(file string, v any) error {
	b, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		return err
	}
	return writeWhole(file, append(b, '\n'))
}

// writeWhole puts a file there whole or not at all, durable before it returns, readable by its owner alone.
func writeWhole(file string, b []byte) error {
	f, err := os.CreateTemp(filepath.Dir(file), ".new-*")
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), file)
	}
	if err != nil {
		os.Remove(f.Name())
		return err
	}
	if d, err := os.Open(filepath.Dir(file)); err == nil {
		d.Sync()
		d.Close()
	}
	return nil
}

// answerError is an answer that is not 200.
type answerError struct {
	status int
	code   string
}

func (e answerError) Error() string { return fmt.Sprintf("the house answered %d %s", e.status, e.code) }

// ask sends one request and reads the answer.
func (w *watchman) ask(ctx context.Context, method, address string, in, out any) error {
	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(b)
	}
	r, err := http.NewRequestWithContext(ctx, method, address, body)
	if err != nil {
		return err
	}
	if in != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	resp, err := w.client.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(io.LimitReader(resp.Body, 16<<20))
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		var p struct {
			Code string `json:"code"`
		}
		json.Unmarshal(b, &p)
		return answerError{resp.StatusCode, p.Code}
	}
	return json.Unmarshal(b, out)
}

type shownLog struct {
	Origin     string     `json:"origin"`
	Keys       []tree.Key `json:"keys"`
	Checkpoint string     `json:"checkpoint"`
}

// look looks once: at the log, then at the other witnesses.
func (w *watchman) look(ctx context.Context) error {
	var l shownLog
	if err := w.ask(ctx, "GET", w.log+"/api/public/log", nil, &l); err != nil {
		return err
	}
	if err := w.pinLog(l); err != nil {
		return err
	}
	now, err := tree.Open(l.Checkpoint, w.pin.Keys...)
	if err != nil {
		return fmt.Errorf("the checkpoint that the house shows is not signed by the key seen first (%s): %w", w.pin.At, err)
	}
	if now.Origin != w.pin.Origin {
		return fmt.Errorf("the house shows another log: %s, and not %s", now.Origin, w.pin.Origin)
	}
	if err := w.newKeys(l); err != nil {
		return err
	}
	last, seen, err := w.last()
	if err != nil {
		return err
	}
	if seen {
		if err := w.compare(ctx, last, l.Checkpoint, "the log itself, earlier "+w.log); err != nil {
			return err
		}
	}
	old, _ := w.open1(last)
	if seen && now.Size < old.Size {
		fmt.Fprintf(w.p.Out, "日志此刻显示较旧的检查点 %d（已见过 %d）；不签名\nthe log shows an older checkpoint, %d, after %d; not signed\n", now.Size, old.Size, now.Size, old.Size)
	} else if err := w.cosign(ctx, now, l.Checkpoint); err != nil {
		return err
	}
	return w.askPeers(ctx)
}

// pinLog remembers the log at first sight.
func (w *watchman) pinLog(l shownLog) error {
	if w.pin.Origin != "" {
		return nil
	}
	o, err := tree.Open(l.Checkpoint, l.Keys...)
	if err != nil {
		return fmt.Errorf("the checkpoint that the house shows is not signed by the keys that it shows: %w", err)
	}
	w.pin = pinned{Origin: o.Origin, Keys: o.Signed, At: w.now(), URL: w.log}
	if err := writeJSON(filepath.Join(w.dir, pinFile), w.pin); err != nil {
		w.pin = pinned{}
		return err
	}
	fmt.Fprintf(w.p.Out, "初次见到日志 first sight of the log %s\n", o.Origin)
	for _, k := range o.Signed {
		fmt.Fprintf(w.p.Out, "  记住公钥 its key is remembered: %s\n", k)
	}
	return nil
}

// newKeys takes over a further key of the log once a checkpoint carries both it and a key known already.
func (w *watchman) newKeys(l shownLog) error {
	for _, k := range l.Keys {
		if slices.Contains(w.pin.Keys, k) || k.Kind() == tree.Witness {
			continue
		}
		o, err := tree.Open(l.Checkpoint, append(slices.Clone(w.pin.Keys), k)...)
		if err != nil || !slices.Contains(o.Signed, k) {
			continue // an old key, or one that nobody vouches for
		}
		w.pin.Keys = append(w.pin.Keys, k)
		if err := writeJSON(filepath.Join(w.dir, pinFile), w.pin); err != nil {
			return err
		}
		fmt.Fprintf(w.p.Out, "日志启用新公钥，旧公钥同时签名为证 the log has a new key, and the known one signed beside it: %s\n", k)
	}
	return nil
}

// open1 reads a note that was checked before; the zero value for none.
func (w *watchman) open1(signed string) (tree.Opened, error) { return tree.Open(signed, w.pin.Keys...) }

// compare holds a note against one seen before (or by somebody else) and convicts the log when they contradict each
// other. Both are signed by the log.
func (w *watchman) compare(ctx context.Context, before, now, from string) error {
	a, err := w.open1(before)
	if err != nil {
		return fmt.Errorf("a checkpoint in %s is damaged: %w", w.dir, err)
	}
	b, err := w.open1(now)
	if err != nil {
		return err
	}
	var proof struct {
		Proof []tree.Hash `json:"proof"`
	}
	lo, hi := min(a.Size, b.Size), max(a.Size, b.Size)
	if lo < hi && lo > 0 {
		err := w.ask(ctx, "GET", fmt.Sprintf("%s/api/public/log/consistency?from=%d&to=%d", w.log, lo, hi), nil, &proof)
		var no answerError
		if errors.As(err, &no) && (no.code == "audit.range" || no.code == "audit.log_broken") {
			err = nil // the log cannot show that it goes on from what it signed
		}
		if err != nil {
			return err
		}
	}
	if err := tree.Split(a.Checkpoint, b.Checkpoint, proof.Proof); err != nil {
		return w.convict(before, now, from, proof.Proof, err)
	}
	return nil
}

// evidence is what is written when the log contradicts itself.
type evidence struct {
	Found  string      `json:"found"`
	At     day.Instant `json:"at"`
	Origin string      `json:"origin"`
	Keys   []tree.Key  `json:"keys"`
	First  string      `json:"first"`  // signed note
	Second string      `json:"second"` // signed note
	From   string      `json:"from"`   // who showed the first
	Log    string      `json:"log"`
	Proof  []tree.Hash `json:"proof"` // what the log gave as consistency proof, when the sizes differ
}

func (w *watchman) convict(first, second, from string, proof []tree.Hash, why error) error {
	at := w.now()
	file := filepath.Join(w.dir, "split-"+at.Time().UTC().Format("20060102-150405.000000")+".json")
	e := evidence{Found: why.Error(), At: at, Origin: w.pin.Origin, Keys: w.pin.Keys, First: first, Second: second, From: from, Log: w.log, Proof: proof}
	if err := writeJSON(file, e); err != nil {
		return errors.Join(why, err)
	}
	fmt.Fprintf(w.p.Err, "!!! %v\n!!! %s\n%s\n!!! %s\n%s\n", why, from, first, w.log, second)
	return errTwoFaced{file}
}

// cosign keeps what was seen with this witness's signature, and sends it to the house.
func (w *watchman) cosign(ctx context.Context, now tree.Opened, signed string) error {
	file := w.fileOf(now.Checkpoint)
	mine, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		by, err := w.key.Cosigner(w.private, int64(w.now())/1e6)
		if err != nil {
			return err
		}
		own, err := note.Sign(&note.Note{Text: now.Text()}, by)
		if err != nil {
			return err
		}
		text, lines, err := tree.Lines(signed)
		if err != nil {
			return err
		}
		keep := text + "\n"
		for _, k := range now.Signed { // the log's own lines; other witnesses' are theirs to keep
			for _, line := range lines {
				if line == k.Line(signed) {
					keep += line
				}
			}
		}
		mine = []byte(keep + w.key.Line(string(own)))
		if err := writeWhole(file, mine); err != nil {
			return err
		}
		fmt.Fprintf(w.p.Out, "%s 见证 seen: %d %s\n", w.now().Time().In(day.Shanghai).Format("2006-01-02 15:04:05"), now.Size, now.Root)
	} else if err != nil {
		return err
	}
	if w.key.Line(signed) != "" {
		return nil // the house has it already
	}
	var taken struct{}
	err = w.ask(ctx, "POST", w.log+"/api/public/log/cosignatures", map[string]string{"checkpoint": string(mine)}, &taken)
	var no answerError
	if errors.As(err, &no) && no.status == http.StatusForbidden {
		if w.told {
			return nil
		}
		w.told = true
		fmt.Fprintf(w.p.Out, "对方尚未登记本见证人，签名只存在本地；请登记 not registered there yet, the signature is kept here only; register:\n%s\n", w.key)
		return nil
	}
	return err
}

func (w *watchman) fileOf(c tree.Checkpoint) string {
	return filepath.Join(w.dir, seenDir, fmt.Sprintf("%016d-%x.note", c.Size, c.Root[:8]))
}

// notes lists the files of what was seen, smallest size first.
func (w *watchman) notes() ([]string, error) {
	return filepath.Glob(filepath.Join(w.dir, seenDir, "[0-9]*.note")) // in the order of names, so of sizes
}

// last is the largest checkpoint seen.
func (w *watchman) last() (string, bool, error) {
	names, err := w.notes()
	if err != nil || len(names) == 0 {
		return "", false, err
	}
	b, err := os.ReadFile(names[len(names)-1])
	return string(b), err == nil, err
}

// seenOut is what a witness shows to others.
type seenOut struct {
	Witness tree.Key `json:"witness"`
	Origin  string   `json:"origin"`
	Notes   []string `json:"notes"` // signed by the log and by this witness, smallest first
}

const mostShown = 1000

// handler serves what was seen: GET /seen, the last thousand, or ?size= one.
func (w *watchman) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /seen", func(rw http.ResponseWriter, r *http.Request) {
		names, err := w.notes()
		if s := r.URL.Query().Get("size"); s != "" {
			n, perr := strconv.ParseInt(s, 10, 64)
			if perr != nil || n < 0 {
				http.Error(rw, "size", http.StatusUnprocessableEntity)
				return
			}
			prefix := fmt.Sprintf("%016d-", n)
			names = slices.DeleteFunc(names, func(name string) bool { return !strings.HasPrefix(filepath.Base(name), prefix) })
		}
		var pin pinned
		if e := readJSON(filepath.Join(w.dir, pinFile), &pin); e != nil && !errors.Is(e, fs.ErrNotExist) {
			err = errors.Join(err, e)
		}
		out := seenOut{Witness: w.key, Origin: pin.Origin, Notes: []string{}}
		for _, name := range names[max(0, len(names)-mostShown):] {
			b, e := os.ReadFile(name)
			err = errors.Join(err, e)
			out.Notes = append(out.Notes, string(b))
		}
		if err != nil {
			http.Error(rw, "the folder of this witness cannot be read", http.StatusInternalServerError)
			return
		}
		rw.Header().Set("Content-Type", "application/json")
		rw.Header().Set("Access-Control-Allow-Origin", "*") // a page in anybody's browser may compare
		rw.Header().Set("X-Content-Type-Options", "nosniff")
		json.NewEncoder(rw).Encode(out)
	})
	return mux
}

// askPeers compares with other witnesses: every size that both have seen, and the largest of theirs with the largest
// here. One that cannot be reached is said and passed over.
func (w *watchman) askPeers(ctx context.Context) error {
	names, err := w.notes()
	if err != nil {
		return err
	}
	mine := map[string]string{}
	for _, name := range names {
		size, _, _ := strings.Cut(filepath.Base(name), "-")
		mine[size] = name
	}
	for _, peer := range w.peers {
		var theirs seenOut
		if err := w.ask(ctx, "GET", peer+"/seen", nil, &theirs); err != nil {
			fmt.Fprintf(w.p.Err, "cuobian: %s: %v\n", peer, err)
			continue
		}
		if theirs.Origin != w.pin.Origin {
			fmt.Fprintf(w.p.Err, "cuobian: %s 见证的是另一个日志 watches another log: %s\n", peer, theirs.Origin)
			continue
		}
		largest, size := "", int64(-1)
		for _, n := range theirs.Notes {
			o, err := w.open1(n)
			if err != nil || o.Origin != w.pin.Origin {
				fmt.Fprintf(w.p.Err, "cuobian: %s 出示的检查点没有日志的签名 shows a checkpoint that the log did not sign\n", peer)
				continue
			}
			if o.Size > size {
				largest, size = n, o.Size
			}
			name := mine[fmt.Sprintf("%016d", o.Size)]
			if name == "" {
				continue
			}
			own, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			if err := w.compare(ctx, n, string(own), peer); err != nil {
				return err
			}
		}
		own, seen, err := w.last()
		if err != nil {
			return err
		}
		if largest != "" && seen {
			if err := w.compare(ctx, largest, own, peer); err != nil {
				return err
			}
		}
	}
	return nil
}
