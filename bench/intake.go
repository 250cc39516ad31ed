package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"cuobian/platform/store"
)

// intake measures cases taken in over HTTP, each answered when it is durable, beside a bare echo and bare commits of
// one row, with the same number of clients, in turns.
func intake(ctx context.Context, s settings) error {
	fmt.Println("| engine | clients | intake/s | p50 ms | p99 ms | bare commits/s | intake ÷ commits | bare 8 rows/s | 8 rows ÷ commits | echo/s | intake ÷ echo | processor ms an intake |")
	fmt.Println("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|")
	var notes []string
	for _, engine := range s.engines {
		note, err := intakeOn(ctx, s, engine)
		if err != nil {
			return fmt.Errorf("%s: %w", engine, err)
		}
		notes = append(notes, note)
	}
	fmt.Println()
	for _, n := range notes {
		fmt.Println(n)
	}
	return nil
}

func intakeOn(ctx context.Context, s settings, engine string) (string, error) {
	dir, err := os.MkdirTemp(s.cache, "intake-"+engine+"-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	x, err := open(ctx, s, engine, dir, fmt.Sprintf("bench_intake_%d", os.Getpid()))
	if err != nil {
		return "", err
	}
	defer x.drop()
	defer x.close()
	if err := x.build(ctx, 200); err != nil {
		return "", err
	}
	if err := x.serve(); err != nil {
		return "", err
	}
	bare, err := bareCommits(ctx, s, engine, dir)
	if err != nil {
		return "", err
	}
	defer bare.close()
	echo, err := bareEcho()
	if err != nil {
		return "", err
	}
	defer echo.Close()
	eight, err := bareEight(ctx, x.DB)
	if err != nil {
		return "", err
	}
	defer eight.Close()

	clients := s.clients
	most := slices.Max(clients)
	house, far, plain := make([]*client, most), make([]*client, most), make([]*client, most)
	var body []func() []byte
	for i := range most {
		house[i] = newClient(x.URL, i)
		if err := house[i].signIn(ctx, x.City.Streets[i%len(x.City.Streets)].Caller, password); err != nil {
			return "", err
		}
		far[i], plain[i] = newClient("http://"+echo.Addr, i), newClient("http://"+eight.Addr, i)
		body = append(body, x.reports(i))
	}
	// How many rows one intake writes, counted over all tables.
	before, err := counted(ctx, x.DB)
	if err != nil {
		return "", err
	}
	const few = 20
	for range few {
		if _, err := house[0].do(ctx, "POST", "/api/cases", body[0]()); err != nil {
			return "", err
		}
	}
	after, err := counted(ctx, x.DB)
	if err != nil {
		return "", err
	}
	note := fmt.Sprintf("%s: rows written by one intake:", engine)
	var rows float64
	for _, t := range tablesOf(after) {
		if n := after[t] - before[t]; n > 0 {
			rows += float64(n) / few
			note += fmt.Sprintf(" %s %.3g,", t, float64(n)/few)
		}
	}
	note += fmt.Sprintf(" together %.3g", rows)

	span := time.Duration(s.seconds * float64(time.Second))
	for _, n := range clients {
		var took times
		var mu sync.Mutex
		var ours, commits, echoes, eights rate
		var burnt time.Duration
		for range 4 { // in turns, so that a busy moment meets all four
			commits.add(hammer(ctx, n, span/4, func(i int) error { return bare.commit(ctx, i) }))
			echoes.add(hammer(ctx, n, span/8, func(i int) error {
				_, err := far[i].do(ctx, "POST", "/", body[i]())
				return err
			}))
			eights.add(hammer(ctx, n, span/8, func(i int) error {
				_, err := plain[i].do(ctx, "POST", "/", body[i]())
				return err
			}))
			before := processor()
			ours.add(hammer(ctx, n, span/4, func(i int) error {
				b := body[i]()
				began := time.Now()
				_, err := house[i].do(ctx, "POST", "/api/cases", b)
				mu.Lock()
				took = append(took, time.Since(began))
				mu.Unlock()
				return err
			}))
			burnt += processor() - before
		}
		for _, r := range []rate{ours, commits, echoes, eights} {
			if r.err != nil {
				return "", r.err
			}
		}
		fmt.Printf("| %s | %d | %.0f | %s | %s | %.0f | %.0f%% | %.0f | %.0f%% | %.0f | %.1f%% | %s |\n", engine, n, ours.per(), ms(took.at(0.5)), ms(took.at(0.99)),
			commits.per(), 100*ours.per()/commits.per(), eights.per(), 100*eights.per()/commits.per(), echoes.per(), 100*ours.per()/echoes.per(), ms(burnt/time.Duration(max(ours.n, 1))))
	}
	return note, nil
}

// reports makes the bodies of one client's intakes: a hotline operator types what a caller says.
func (x *site) reports(seed int) func() []byte {
	r := rand.New(rand.NewPCG(7, uint64(seed)))
	st := x.City.Streets[seed%len(x.City.Streets)].Path
	var at []compound
	for _, c := range x.City.Compounds {
		if st.Covers(c.Path) {
			at = append(at, c)
		}
	}
	n := 0
	return func() []byte {
		n++
		c := at[r.IntN(len(at))]
		where, text := saying(r)
		b, _ := json.Marshal(map[string]any{"place": c.ID, "place_text": where, "text": text, "channel": "hotline",
			"client_key": fmt.Sprintf("bench-%d-%d-%d", os.Getpid(), seed, n),
			"for_other":  map[string]string{"name": "示例来电人", "phone": fmt.Sprintf("1390000%04d", r.IntN(10000))}})
		return b
	}
}

// rate is how much was done in how long.
type rate struct {
	n    int64
	took time.Duration
	err  error
}

func (r *rate) add(o rate) {
	r.n, r.took = r.n+o.n, r.took+o.took
	if r.err == nil {
		r.err = o.err
	}
}

func (r rate) per() float64 { return float64(r.n) / r.took.Seconds() }

// hammer lets n clients do one thing after another for a span.
func hammer(ctx context.Context, n int, span time.Duration, do func(client int) error) rate {
	var done atomic.Int64
	var failed atomic.Value
	var wait sync.WaitGroup
	began := time.Now()
	for i := range n {
		wait.Go(func() {
			for time.Since(began) < span && ctx.Err() == nil && failed.Load() == nil {
				if err := do(i); err != nil {
					failed.Store(err)
					return
				}
				done.Add(1)
			}
		})
	}
	wait.Wait()
	r := rate{n: done.Load(), took: time.Since(began)}
	if err, ok := failed.Load().(error); ok {
		r.err = err
	}
	return r
}

// bare commits one row at a time into a table of its own, on the engine's own terms of durability.
type bare struct {
	db   *sql.DB
	ins  *sql.Stmt
	end  func()
	next atomic.Int64
}

// bareCommits makes the neighbour of the intake: the same engine, server and disk, full sync, no house around it.
func bareCommits(ctx context.Context, s settings, engine, dir string) (*bare, error) {
	b := &bare{end: func() {}}
	var err error
	table := "bare_row"
	if engine == "postgres" {
		if b.db, err = sql.Open("pgx", s.database); err != nil {
			return nil, err
		}
		b.db.SetMaxOpenConns(slices.Max(s.clients))
		b.db.SetMaxIdleConns(slices.Max(s.clients))
		table = fmt.Sprintf("bench_bare_%d", os.Getpid())
		b.end = func() { b.db.Exec("drop table " + table) }
	} else {
		if b.db, err = sql.Open("sqlite", "file:"+filepath.Join(dir, "bare.db")+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=busy_timeout(10000)"); err != nil {
			return nil, err
		}
		b.db.SetMaxOpenConns(1) // SQLite has one writer; more connections only wait for each other
	}
	if _, err := b.db.ExecContext(ctx, "create table "+table+" (id bigint primary key, words text not null)"); err != nil {
		return nil, err
	}
	b.ins, err = b.db.PrepareContext(ctx, "insert into "+table+" (id, words) values ($1, $2)")
	return b, err
}

func (b *bare) commit(ctx context.Context, client int) error {
	_, err := b.ins.ExecContext(ctx, b.next.Add(1), "3幢1单元电梯门关不严，运行时有异响，请尽快派人来看看。")
	return err
}

func (b *bare) close() {
	b.end()
	b.db.Close()
}

// bareEcho is net/http and encoding/json and nothing else.
func bareEcho() (*http.Server, error) {
	return served(func(w http.ResponseWriter, r *http.Request) {
		var v map[string]any
		if err := json.NewDecoder(r.Body).Decode(&v); err != nil {
			http.Error(w, "no JSON", http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(v)
	})
}

// bareEight takes JSON in and writes eight rows of it in one ordinary write of the house's store, and nothing else: no session, no
// checks, no words, no seals, one index. What any handler could reach here.
func bareEight(ctx context.Context, db *store.DB) (*http.Server, error) {
	table := fmt.Sprintf("bench_eight_%d", os.Getpid())
	if err := db.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, "create table "+table+" (id text primary key, at bigint not null, words text not null)")
		return err
	}); err != nil {
		return nil, err
	}
	insert := "insert into " + table + " (id, at, words) values ($1, $2, $3)"
	return served(func(w http.ResponseWriter, r *http.Request) {
		var v map[string]any
		if err := json.NewDecoder(r.Body).Decode(&v); err != nil {
			http.Error(w, "no JSON", http.StatusBadRequest)
			return
		}
		text, _ := v["text"].(string)
		if err := db.Write(r.Context(), func(tx *store.Tx) error {
			for range 8 {
				if _, err := tx.Exec(r.Context(), insert, tx.NewID(), int64(tx.Now), text); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(v)
	})
}

// served puts a handler on a free port.
func served(h http.HandlerFunc) (*http.Server, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	srv := &http.Server{Addr: l.Addr().String(), ReadHeaderTimeout: 10 * time.Second, Handler: h}
	go srv.Serve(l)
	return srv, nil
}

// counted counts the rows of every table of the house.
func counted(ctx context.Context, db *store.DB) (map[string]int64, error) {
	list := `select name from sqlite_master where type = 'table' and name not like 'sqlite%' and name not like '%search%' order by name`
	if db.Engine == store.Postgres {
		list = `select table_name from information_schema.tables where table_schema = current_schema() and table_type = 'BASE TABLE' order by table_name`
	}
	names, err := store.Texts(ctx, db, list)
	if err != nil {
		return nil, err
	}
	out := map[string]int64{}
	for _, n := range names {
		if out[n], err = store.Count(ctx, db, `select count(*) from `+n); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func tablesOf(m map[string]int64) []string {
	var out []string
	for n := range m {
		out = append(out, n)
	}
	slices.Sort(out)
	return out
}

// processor is the time that this process has had on the processors: house and clients, not a PostgreSQL server.
func processor() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
