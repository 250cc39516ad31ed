// Package crashtest kills the real program, and the real database server, in the middle of its work and looks whether
// everything that it acknowledged is there; and it takes disk and database away and looks at what people are told.
package crashtest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"cuobian/app"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/store"
	"cuobian/platform/store/storetest"
	"cuobian/rooms/place"
)

var ctx = context.Background()

// program is built once from the sources under test.
var program string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "cuobian-crash")
	if err != nil {
		panic(err)
	}
	program = filepath.Join(dir, "cuobian")
	build := exec.Command("go", "build", "-ldflags=-s -w", "-o", program, "cuobian/cmd/cuobian")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "cannot build the program: %v\n%s", err, out)
		os.Exit(1)
	}
	rc := m.Run()
	os.RemoveAll(dir)
	os.Exit(rc)
}

const (
	login    = "crash-operator"
	password = "Long enough 4 tests!"
)

// plant makes a street with one compound and one operator (all invented), and gives the compound's id.
func plant(t *testing.T, dir, url string) (compound string) {
	t.Helper()
	c := app.Config{}
	c.Data, c.Database, c.SecondFactor = dir, url, "optional"
	h, err := app.Open(ctx, c, nil, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer h.DB.Close()
	err = h.DB.Write(ctx, func(tx *store.Tx) error {
		s, err := h.Map.EnsureStreet(ctx, tx, audit.System, "", "东海街道")
		if err != nil {
			return err
		}
		n, _, err := h.Map.Ensure(ctx, tx, audit.System, s, place.Community, "试验社区")
		if err != nil {
			return err
		}
		n, _, err = h.Map.Ensure(ctx, tx, audit.System, n, place.Compound, "试验小区")
		compound = n.ID
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.AddStaff(ctx, login, "", "试验员", access.HotlineOperator, "东海街道", password); err != nil {
		t.Fatal(err)
	}
	return compound
}

// running is one life of the program.
type running struct {
	t    *testing.T
	cmd  *exec.Cmd
	url  string
	log  *bytes.Buffer
	http *http.Client
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

func start(t *testing.T, dir, database string) *running {
	t.Helper()
	addr := fmt.Sprintf("127.0.0.1:%d", freePort(t))
	args := []string{"serve", "--data", dir, "--addr", addr, "--second-factor", "optional"}
	if database != "" {
		args = append(args, "--database", database)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	p := &running{t: t, cmd: exec.Command(program, args...), url: "http://" + addr, log: &bytes.Buffer{},
		http: &http.Client{Jar: jar, Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 64}}}
	p.cmd.Stdout, p.cmd.Stderr = p.log, p.log
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.kill)
	for range 200 {
		if r, err := p.http.Get(p.url + "/readyz"); err == nil {
			r.Body.Close()
			if r.StatusCode == 200 {
				p.signIn()
				return p
			}
		}
		time.Sleep(50 * time.Millisecond)
	}
	p.kill()
	t.Fatalf("the program does not serve:\n%s", p.log)
	return nil
}

// kill is kill -9.
func (p *running) kill() {
	if p.cmd.ProcessState == nil {
		p.cmd.Process.Kill()
		p.cmd.Wait()
	}
}

// stop asks it to end, as systemd does.
func (p *running) stop() {
	p.t.Helper()
	p.cmd.Process.Signal(syscall.SIGTERM)
	if err := p.cmd.Wait(); err != nil {
		p.t.Fatalf("it did not end well: %v\n%s", err, p.log)
	}
}

func (p *running) signIn() {
	p.t.Helper()
	status, body, err := p.post("/api/sign-in", map[string]any{"name": login, "password": password})
	if err != nil || status != 200 {
		p.t.Fatalf("sign-in: %d %s %v\n%s", status, body, err, p.log)
	}
}

func (p *running) post(path string, v any) (int, []byte, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return 0, nil, err
	}
	r, err := p.http.Post(p.url+path, "application/json", bytes.NewReader(b))
	if err != nil {
		return 0, nil, err
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	return r.StatusCode, body, err
}

// load is many clients that report matters, each with a key of its own, and what they were told.
type load struct {
	compound string
	mu       sync.Mutex
	sent     map[string]bool   // keys
	told     map[string]string // key → number, acknowledged
	refused  map[string]int    // code → how often
	worst    string            // an answer that is neither
	next     atomic.Int64
}

func newLoad(compound string) *load {
	return &load{compound: compound, sent: map[string]bool{}, told: map[string]string{}, refused: map[string]int{}}
}

// report sends one matter; false when the line broke.
func (l *load) report(p *running, key string) bool {
	l.mu.Lock()
	l.sent[key] = true
	l.mu.Unlock()
	status, body, err := p.post("/api/cases", map[string]any{"compound_id": l.compound, "place_text": "3幢大堂", "text": "电梯按键失灵，按了没有反应 " + key, "channel": "hotline", "client_key": key})
	if err != nil {
		return false // killed: it does not know
	}
	var got struct{ Number, Code string }
	json.Unmarshal(body, &got)
	if status == 503 {
		defer time.Sleep(20 * time.Millisecond) // nobody tries again at once
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case status == 201 && got.Number != "":
		l.told[key] = got.Number
	case status == 503 && got.Code != "":
		l.refused[got.Code]++
	default:
		l.worst = fmt.Sprintf("%d %s", status, body)
	}
	return true
}

// run keeps clients reporting until stop is closed or the program is gone.
func (l *load) run(p *running, clients int, stop <-chan struct{}) *sync.WaitGroup {
	var wg sync.WaitGroup
	for range clients {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for {
				select {
				case <-stop:
					return
				default:
				}
				if !l.report(p, fmt.Sprintf("key-%06d", l.next.Add(1))) {
					return
				}
			}
		}()
	}
	return &wg
}

func (l *load) acknowledged() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.told)
}

func (l *load) await(t *testing.T, p *running, what string, ok func() bool) {
	t.Helper()
	for range 600 {
		if ok() {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("waited 30 s for %s; acknowledged %d, refused %v, worst %s\n%s", what, l.acknowledged(), l.refused, l.worst, tail(p.log))
}

// lines gives the first n lines of a log that hold what.
func lines(b *bytes.Buffer, what string, n int) string {
	var out []string
	for line := range strings.Lines(b.String()) {
		if strings.Contains(line, what) && len(out) < n {
			out = append(out, line)
		}
	}
	return strings.Join(out, "")
}

func tail(b *bytes.Buffer) string {
	s := b.String()
	return s[max(0, len(s)-3000):]
}

// whole looks whether every acknowledged number is there, once, under its key, with its trail; and that sending
// everything again makes nothing twice.
func (l *load) whole(t *testing.T, p *running, dir, database string) {
	t.Helper()
	if l.worst != "" {
		t.Errorf("an answer that helps nobody: %s\n%s", l.worst, lines(p.log, `"internal"`, 5))
	}
	for key, number := range l.told {
		status, body, err := p.get("/api/cases/" + number)
		if err != nil || status != 200 || !bytes.Contains(body, []byte(key)) {
			t.Fatalf("%s was acknowledged and is not there: %d %s %v", number, status, body, err)
		}
	}
	told := len(l.told)
	before := l.told
	l.told = map[string]string{}
	var wg sync.WaitGroup
	gate := make(chan struct{}, 8)
	for key := range l.sent {
		wg.Add(1)
		go func() {
			defer wg.Done()
			gate <- struct{}{}
			defer func() { <-gate }()
			l.report(p, key)
		}()
	}
	wg.Wait()
	for key, number := range before {
		if l.told[key] != number {
			t.Fatalf("sent again, %s became %s", number, l.told[key])
		}
	}
	if len(l.told) != len(l.sent) {
		t.Fatalf("%d sent, %d there", len(l.sent), len(l.told))
	}
	p.stop()
	db, err := store.Open(ctx, store.Options{Dir: dir, URL: database})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	count := func(q string) int64 {
		n, err := store.Count(ctx, db, q)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if n := count(`select count(*) from cases_case`); int(n) != len(l.sent) {
		t.Errorf("%d matters of %d", n, len(l.sent))
	}
	if n := count(`select count(*) from cases_case where not exists (select 1 from audit_entry where ref = 'cases/' || cases_case.id)`); n != 0 {
		t.Errorf("%d matters without a trail", n)
	}
	if db.Engine == store.SQLite {
		var said string
		if err := db.QueryRow(ctx, `pragma integrity_check`).Scan(&said); err != nil || said != "ok" {
			t.Errorf("%s %v", said, err)
		}
	}
	t.Logf("%d acknowledged before, %d in all", told, len(l.sent))
}

func (p *running) get(path string) (int, []byte, error) {
	r, err := p.http.Get(p.url + path)
	if err != nil {
		return 0, nil, err
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	return r.StatusCode, body, err
}

func onPostgres() bool { return os.Getenv(storetest.EnvURL) != "" }

// The program dies three times under load, on the engine of this run.
func TestKilledProgramLosesNothingAcknowledged(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	database := storetest.Prepare(t, dir)
	l := newLoad(plant(t, dir, database))
	for life := range 3 {
		p := start(t, dir, database)
		stop := make(chan struct{})
		wg := l.run(p, 16, stop)
		want := l.acknowledged() + 120
		l.await(t, p, fmt.Sprintf("life %d", life), func() bool { return l.acknowledged() >= want })
		p.kill()
		close(stop)
		wg.Wait()
	}
	l.whole(t, start(t, dir, database), dir, database)
}

// Asked to end, it finishes what it has in hand.
func TestStoppedProgramFinishesItsWork(t *testing.T) {
	t.Parallel()
	if onPostgres() {
		t.Skip("the engine makes no difference; this runs with SQLite")
	}
	dir := t.TempDir()
	l := newLoad(plant(t, dir, ""))
	p := start(t, dir, "")
	stop := make(chan struct{})
	wg := l.run(p, 8, stop)
	l.await(t, p, "some matters", func() bool { return l.acknowledged() >= 60 })
	p.stop()
	close(stop)
	wg.Wait()
	l.whole(t, start(t, dir, ""), dir, "")
}

// The disk is full: people are told so, nothing is lost, and it goes on by itself when there is room again.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	if onPostgres() {
		t.Skip("the server's disk is not ours to fill; this runs with SQLite")
	}
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=48m,mode=0700"); err != nil {
		t.Skipf("needs root to mount a small disk (%v)", err)
	}
	t.Cleanup(func() { syscall.Unmount(dir, syscall.MNT_DETACH) })
	l := newLoad(plant(t, dir, ""))
	p := start(t, dir, "")
	stop := make(chan struct{})
	wg := l.run(p, 4, stop)
	l.await(t, p, "some matters", func() bool { return l.acknowledged() >= 50 })
	ballast := filepath.Join(dir, "ballast")
	f, err := os.Create(ballast)
	if err != nil {
		t.Fatal(err)
	}
	for err == nil {
		_, err = f.Write(make([]byte, 64<<10))
	}
	f.Close()
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
	l.await(t, p, "refusals", func() bool { l.mu.Lock(); defer l.mu.Unlock(); return l.refused["store.full"] >= 5 })
	if status, _, err := p.get("/healthz"); err != nil || status != 200 {
		t.Fatal("it does not answer any more:", status, err)
	}
	if status, body, err := p.get("/api/cases?limit=5"); err != nil || status != 200 {
		t.Fatalf("it cannot be read any more: %d %s %v", status, body, err)
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	before := l.acknowledged()
	l.await(t, p, "work to go on", func() bool { return l.acknowledged() > before+20 })
	p.kill()
	close(stop)
	wg.Wait()
	l.whole(t, start(t, dir, ""), dir, "")
}

// Another program holds the database: people are told after the wait, and it goes on when the lock is gone.
func TestLockedDatabase(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	database := storetest.Prepare(t, dir)
	l := newLoad(plant(t, dir, database))
	p := start(t, dir, database)
	l.report(p, "before")
	other, err := store.Open(ctx, store.Options{Dir: dir, URL: database})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	held, let := make(chan struct{}), make(chan struct{})
	done := make(chan error)
	go func() {
		done <- other.Write(ctx, func(tx *store.Tx) error {
			if database != "" { // it has no lock of the whole
				if _, err := tx.Exec(ctx, `lock table cases_case in exclusive mode`); err != nil {
					return err
				}
			}
			close(held)
			<-let
			return nil
		})
	}()
	<-held
	began := time.Now()
	l.report(p, "meanwhile")
	took := time.Since(began)
	l.mu.Lock()
	if l.refused["store.locked"] != 1 || took > 25*time.Second {
		t.Errorf("refused %v, worst %s, after %v", l.refused, l.worst, took)
	}
	l.mu.Unlock()
	if status, _, err := p.get("/api/cases?limit=5"); err != nil || status != 200 {
		t.Error("it cannot be read meanwhile:", status, err)
	}
	close(let)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	l.report(p, "after")
	if l.told["after"] == "" {
		t.Fatal("it does not go on:", l.worst)
	}
	other.Close()
	l.whole(t, p, dir, database)
}

// The database server is killed with all its processes, and started again: the program goes on by itself.
func TestKilledServerLosesNothingAcknowledged(t *testing.T) {
	t.Parallel()
	if !onPostgres() {
		t.Skip("needs PostgreSQL; set " + storetest.EnvURL)
	}
	s := newServer(t)
	dir := t.TempDir()
	l := newLoad(plant(t, dir, s.url))
	p := start(t, dir, s.url)
	stop := make(chan struct{})
	wg := l.run(p, 16, stop)
	for range 2 {
		want := l.acknowledged() + 120
		l.await(t, p, "matters", func() bool { return l.acknowledged() >= want })
		s.kill()
		l.await(t, p, "refusals", func() bool { l.mu.Lock(); defer l.mu.Unlock(); return l.refused["store.unavailable"] >= 3 })
		s.start()
		l.mu.Lock()
		l.refused = map[string]int{}
		l.mu.Unlock()
	}
	want := l.acknowledged() + 60
	l.await(t, p, "work to go on", func() bool { return l.acknowledged() >= want })
	close(stop)
	wg.Wait()
	l.whole(t, p, dir, s.url)
}

// server is a PostgreSQL of its own.
type server struct {
	t          *testing.T
	bin, home  string
	port       int
	url        string
	cmd        *exec.Cmd
	credential *syscall.Credential
}

func newServer(t *testing.T) *server {
	t.Helper()
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if len(found) == 0 {
		if p, err := exec.LookPath("postgres"); err == nil {
			found = []string{p}
		} else {
			t.Skip("needs a PostgreSQL server program on this machine to kill")
		}
	}
	home, err := os.MkdirTemp("/tmp", "cuobian-pg") // its socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	s := &server{t: t, bin: filepath.Dir(found[len(found)-1]), home: home, port: freePort(t)}
	t.Cleanup(func() { s.kill(); os.RemoveAll(home) })
	if os.Getuid() == 0 { // it refuses to run as root
		var uid, gid int
		out, err := exec.Command("id", "-u", "postgres").Output()
		if err != nil {
			t.Skip("needs the user postgres, since the server does not run as root")
		}
		fmt.Sscan(string(out), &uid)
		out, _ = exec.Command("id", "-g", "postgres").Output()
		fmt.Sscan(string(out), &gid)
		s.credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		if err := os.Chown(home, uid, gid); err != nil {
			t.Fatal(err)
		}
	}
	init := exec.Command(filepath.Join(s.bin, "initdb"), "-D", home+"/data", "-U", "crash", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
	init.SysProcAttr, init.Dir = &syscall.SysProcAttr{Credential: s.credential}, home
	if out, err := init.CombinedOutput(); err != nil {
		t.Fatalf("initdb: %v\n%s", err, out)
	}
	s.url = fmt.Sprintf("postgres://crash@127.0.0.1:%d/postgres?sslmode=disable", s.port)
	s.start()
	return s
}

func (s *server) start() {
	s.t.Helper()
	// What is as in life: fsync and synchronous_commit are on.
	for range 40 {
		s.cmd = exec.Command(filepath.Join(s.bin, "postgres"), "-D", s.home+"/data", "-p", fmt.Sprint(s.port), "-k", s.home,
			"-c", "listen_addresses=127.0.0.1", "-c", "fsync=on", "-c", "synchronous_commit=on")
		s.cmd.SysProcAttr, s.cmd.Dir = &syscall.SysProcAttr{Credential: s.credential, Setpgid: true}, s.home
		var log bytes.Buffer
		s.cmd.Stdout, s.cmd.Stderr = &log, &log
		if err := s.cmd.Start(); err != nil {
			s.t.Fatal(err)
		}
		ended := make(chan error, 1)
		cmd := s.cmd
		go func() { ended <- cmd.Wait() }()
		for range 100 {
			if exec.Command(filepath.Join(s.bin, "pg_isready"), "-q", "-h", "127.0.0.1", "-p", fmt.Sprint(s.port)).Run() == nil {
				return
			}
			select {
			case <-ended: // the killed one's processes still hold its memory
			case <-time.After(100 * time.Millisecond):
				continue
			}
			break
		}
		if !strings.Contains(log.String(), "shared memory") && !strings.Contains(log.String(), "lock file") && !strings.Contains(log.String(), "starting up") {
			s.t.Fatalf("the server does not start:\n%s", log.String())
		}
		time.Sleep(250 * time.Millisecond)
	}
	s.t.Fatal("the server does not start again")
}

// kill is kill -9 of the server and of all its processes.
func (s *server) kill() {
	if s.cmd != nil && s.cmd.Process != nil {
		syscall.Kill(-s.cmd.Process.Pid, syscall.SIGKILL)
		s.cmd.Process.Kill()
		s.cmd = nil
	}
}
