package jobs_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"cuobian/basis/day"
	"cuobian/platform/jobs"
	"cuobian/platform/store"
	"cuobian/platform/store/storetest"
)

var ctx = context.Background()

type greet struct {
	Name string `json:"name"`
}

func put(t *testing.T, db *store.DB, r *jobs.Runner, kind string, args any, w jobs.When) {
	t.Helper()
	if err := db.Write(ctx, func(tx *store.Tx) error { return r.Put(ctx, tx, kind, args, w) }); err != nil {
		t.Fatal(err)
	}
}

func due(t *testing.T, r *jobs.Runner, want int) {
	t.Helper()
	if n, err := r.RunDue(ctx); err != nil || n != want {
		t.Fatalf("ran %d, want %d: %v", n, want, err)
	}
}

func states(t *testing.T, db *store.DB) string {
	t.Helper()
	c, err := jobs.Counts(ctx, db)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(c["waiting"], c["running"], c["dead"])
}

func TestWithTheWriteOrNotAtAll(t *testing.T) {
	db := storetest.Open(t, nil, jobs.Schema())
	r := jobs.New(db, jobs.Options{})
	var got []string
	r.Handle("greet", func(_ context.Context, j jobs.Job) error {
		var g greet
		if err := j.Read(&g); err != nil {
			return err
		}
		got = append(got, g.Name)
		return nil
	})
	no := errors.New("no")
	if err := db.Write(ctx, func(tx *store.Tx) error {
		if err := r.Put(ctx, tx, "greet", greet{"rolled back"}, jobs.When{}); err != nil {
			return err
		}
		return no
	}); !errors.Is(err, no) {
		t.Fatal(err)
	}
	put(t, db, r, "greet", greet{"kept"}, jobs.When{})
	due(t, r, 1)
	due(t, r, 0)
	if !slices.Equal(got, []string{"kept"}) || states(t, db) != "0 0 0" {
		t.Fatal(got, states(t, db))
	}
}

func TestRetriesWaitLongerThenDieVisibly(t *testing.T) {
	clock := storetest.NewClock("2026-03-02T09:00:00+08:00")
	db := storetest.Open(t, clock, jobs.Schema())
	r := jobs.New(db, jobs.Options{})
	tries, broken := 0, true
	r.Handle("send", func(_ context.Context, j jobs.Job) error {
		if tries++; j.Try != min(tries, 3) && broken || j.Last != (j.Try == 3) {
			t.Errorf("try %d, last %v at call %d", j.Try, j.Last, tries)
		}
		if broken {
			return errors.New("the line is dead")
		}
		return nil
	})
	put(t, db, r, "send", nil, jobs.When{Tries: 3})
	fails := func(want int) {
		t.Helper()
		if n, err := r.RunDue(ctx); n != want || (err == nil) != (want == 0) {
			t.Fatal(n, err)
		}
	}
	fails(1)
	clock.Advance(4 * time.Second)
	fails(0)
	clock.Advance(2 * time.Second)
	fails(1)
	clock.Advance(6 * time.Second)
	fails(0)
	clock.Advance(10 * time.Second)
	fails(1)
	clock.Advance(1000 * time.Hour)
	fails(0)
	if states(t, db) != "0 0 1" {
		t.Fatal(states(t, db))
	}
	rows, err := jobs.List(ctx, db, "dead", 10)
	if err != nil || len(rows) != 1 || rows[0].Error != "the line is dead" || rows[0].Tries != 3 || rows[0].Of != 3 {
		t.Fatal(rows, err)
	}
	broken, tries = false, 0
	if err := db.Write(ctx, func(tx *store.Tx) error { return r.Retry(ctx, tx, rows[0].ID) }); err != nil {
		t.Fatal(err)
	}
	due(t, r, 1)
	if err := db.Write(ctx, func(tx *store.Tx) error { return r.Retry(ctx, tx, rows[0].ID) }); !errors.Is(err, jobs.ErrMissing) {
		t.Fatal(err)
	}
}

func TestUniqueWhileWaiting(t *testing.T) {
	clock := storetest.NewClock("2026-03-02T09:00:00+08:00")
	db := storetest.Open(t, clock, jobs.Schema())
	r := jobs.New(db, jobs.Options{})
	ran := 0
	r.Handle("count", func(context.Context, jobs.Job) error {
		if ran++; ran == 1 {
			// What changes while a job runs needs another run: a running one does not stand in the way.
			put(t, db, r, "count", nil, jobs.When{Unique: "c1"})
		}
		return nil
	})
	later := clock.Now().Add(time.Hour)
	put(t, db, r, "count", nil, jobs.When{Unique: "c1", At: later.Add(time.Hour)})
	put(t, db, r, "count", nil, jobs.When{Unique: "c1", At: later}) // earlier wins
	put(t, db, r, "count", nil, jobs.When{Unique: "c1", At: later.Add(2 * time.Hour)})
	put(t, db, r, "count", nil, jobs.When{Unique: "c2", At: later})
	if states(t, db) != "2 0 0" {
		t.Fatal(states(t, db))
	}
	due(t, r, 0)
	if at, err := r.NextDue(ctx); err != nil || at != later {
		t.Fatal(at, err)
	}
	clock.Set(later)
	due(t, r, 3)
}

func TestAFailedTwinRunsBesideTheOther(t *testing.T) {
	clock := storetest.NewClock("2026-03-02T09:00:00+08:00")
	db := storetest.Open(t, clock, jobs.Schema())
	r := jobs.New(db, jobs.Options{})
	ran := 0
	r.Handle("count", func(context.Context, jobs.Job) error {
		if ran++; ran == 1 {
			put(t, db, r, "count", nil, jobs.When{Unique: "c1", At: clock.Now().Add(time.Minute)})
			return errors.New("once")
		}
		return nil
	})
	put(t, db, r, "count", nil, jobs.When{Unique: "c1"})
	if n, err := r.RunDue(ctx); n != 1 || err == nil {
		t.Fatal(n, err)
	}
	clock.Advance(2 * time.Minute)
	due(t, r, 2)
}

func TestDoneInTheHandlersOwnWrite(t *testing.T) {
	db := storetest.Open(t, nil, jobs.Schema())
	r := jobs.New(db, jobs.Options{})
	r.Handle("once", func(ctx context.Context, j jobs.Job) error {
		err := db.Write(ctx, func(tx *store.Tx) error { return j.Done(ctx, tx) })
		if err != nil {
			return err
		}
		if err := db.Write(ctx, func(tx *store.Tx) error { return j.Done(ctx, tx) }); !errors.Is(err, jobs.ErrLost) {
			t.Error("done twice:", err)
		}
		return nil
	})
	put(t, db, r, "once", nil, jobs.When{})
	due(t, r, 1)
	if states(t, db) != "0 0 0" {
		t.Fatal(states(t, db))
	}
}

func TestTimersByTheClockOfTheStore(t *testing.T) {
	clock := storetest.NewClock("2026-03-02T14:37:00+08:00")
	db := storetest.Open(t, clock, jobs.Schema())
	var ran []string
	make := func() *jobs.Runner {
		r := jobs.New(db, jobs.Options{})
		r.Every("sweep", 24*time.Hour, func(context.Context) error {
			ran = append(ran, clock.Now().Time().In(day.Shanghai).Format("01-02 15:04"))
			return nil
		})
		return r
	}
	r := make()
	due(t, r, 1) // a new timer runs at once
	due(t, r, 0)
	clock.Advance(9*time.Hour + 22*time.Minute)
	due(t, r, 0) // 23:59
	clock.Advance(time.Minute)
	due(t, r, 1)
	r = make() // another start of the program
	due(t, r, 0)
	clock.Advance(72 * time.Hour)
	due(t, r, 1) // missed slots are one run
	if at, _ := r.NextDue(ctx); at.Time().In(day.Shanghai).Format("01-02 15:04:05.000000") != "03-07 00:00:00.000000" {
		t.Fatal(at)
	}
	if fmt.Sprint(ran) != "[03-02 14:37 03-03 00:00 03-06 00:00]" {
		t.Fatal(ran)
	}
}

func TestAFailingTimerNeverDies(t *testing.T) {
	clock := storetest.NewClock("2026-03-02T14:37:00+08:00")
	db := storetest.Open(t, clock, jobs.Schema())
	r := jobs.New(db, jobs.Options{})
	n := 0
	r.Every("poll", time.Minute, func(context.Context) error { n++; return errors.New("nothing answers") })
	for range 40 {
		r.RunDue(ctx)
		clock.Advance(time.Minute)
	}
	if n < 40 || n > 81 {
		t.Fatal(n)
	}
	rows, err := jobs.List(ctx, db, "waiting", 5)
	if err != nil || len(rows) != 1 || rows[0].Error != "nothing answers" {
		t.Fatal(rows, err)
	}
}

func TestAPanicIsAFailedTry(t *testing.T) {
	db := storetest.Open(t, nil, jobs.Schema())
	r := jobs.New(db, jobs.Options{})
	r.Handle("bad", func(context.Context, jobs.Job) error { panic("mistake") })
	put(t, db, r, "bad", nil, jobs.When{Tries: 1})
	if n, err := r.RunDue(ctx); n != 1 || err == nil {
		t.Fatal(n, err)
	}
	if rows, err := jobs.List(ctx, db, "dead", 5); err != nil || len(rows) != 1 || !strings.Contains(rows[0].Error, "mistake") {
		t.Fatal(rows, err)
	}
}

func wait(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for range 1000 {
		if ok() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("waited ten seconds for:", what)
}

func TestStartedRightAfterTheCommitAndStopWaits(t *testing.T) {
	db := storetest.Open(t, nil, jobs.Schema())
	var outcomes sync.Map
	r := jobs.New(db, jobs.Options{Poll: time.Hour, Workers: 2, Ended: func(kind, outcome string, _ time.Duration) { outcomes.Store(kind, outcome) }})
	began, let := make(chan bool, 10), make(chan bool)
	r.Handle("quick", func(context.Context, jobs.Job) error { began <- true; return nil })
	r.Handle("long", func(context.Context, jobs.Job) error { began <- true; <-let; return nil })
	if err := r.Start(ctx); err != nil {
		t.Fatal(err)
	}
	put(t, db, r, "quick", nil, jobs.When{})
	select {
	case <-began:
	case <-time.After(5 * time.Second):
		t.Fatal("not started by the commit")
	}
	put(t, db, r, "quick", nil, jobs.When{At: db.Now().Add(200 * time.Millisecond)}) // nor does a time need a poll
	select {
	case <-began:
	case <-time.After(5 * time.Second):
		t.Fatal("not started at its time")
	}
	put(t, db, r, "long", nil, jobs.When{})
	<-began
	put(t, db, r, "long", nil, jobs.When{})
	<-began
	put(t, db, r, "quick", nil, jobs.When{})
	select {
	case <-began:
		t.Fatal("more jobs than workers")
	case <-time.After(100 * time.Millisecond):
	}
	stopped := make(chan error)
	go func() { stopped <- r.Stop(ctx) }()
	select {
	case <-stopped:
		t.Fatal("did not wait")
	case <-time.After(100 * time.Millisecond):
	}
	close(let)
	if err := <-stopped; err != nil {
		t.Fatal(err)
	}
	if states(t, db) != "1 0 0" {
		t.Fatal(states(t, db))
	}
	if o, _ := outcomes.Load("long"); o != "done" {
		t.Fatal(o)
	}
}

func TestStopInAHurryGivesJobsBack(t *testing.T) {
	db := storetest.Open(t, nil, jobs.Schema())
	r := jobs.New(db, jobs.Options{})
	began := make(chan bool, 1)
	r.Handle("long", func(ctx context.Context, _ jobs.Job) error { began <- true; <-ctx.Done(); return ctx.Err() })
	if err := r.Start(ctx); err != nil {
		t.Fatal(err)
	}
	put(t, db, r, "long", nil, jobs.When{})
	<-began
	short, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	if err := r.Stop(short); err != nil {
		t.Fatal(err)
	}
	rows, err := jobs.List(ctx, db, "waiting", 5)
	if err != nil || len(rows) != 1 || rows[0].Tries != 0 {
		t.Fatal(rows, err)
	}
}

func TestSlowKindsOneAtATime(t *testing.T) {
	db := storetest.Open(t, nil, jobs.Schema())
	r := jobs.New(db, jobs.Options{Poll: time.Hour})
	var slow, most, quick atomic.Int32
	let := make(chan bool)
	r.HandleSlow("import", func(context.Context, jobs.Job) error {
		most.Store(max(most.Load(), slow.Add(1)))
		<-let
		slow.Add(-1)
		return nil
	})
	r.Handle("quick", func(context.Context, jobs.Job) error { quick.Add(1); return nil })
	for range 12 {
		put(t, db, r, "import", nil, jobs.When{})
	}
	put(t, db, r, "quick", nil, jobs.When{})
	if err := r.Start(ctx); err != nil {
		t.Fatal(err)
	}
	wait(t, "the quick one behind the slow ones", func() bool { return quick.Load() == 1 })
	close(let)
	wait(t, "all", func() bool { return states(t, db) == "0 0 0" })
	if err := r.Stop(ctx); err != nil {
		t.Fatal(err)
	}
	if most.Load() != 1 {
		t.Fatal(most.Load())
	}
}

// Two runners over one PostgreSQL stand for two programs; only one serves a SQLite.
func TestTwoRunnersShareTheWork(t *testing.T) {
	db := storetest.Open(t, nil, jobs.Schema())
	if db.Engine != store.Postgres {
		t.Skip("one program serves a SQLite; this runs on PostgreSQL")
	}
	var ran sync.Map
	var each [2]atomic.Int32
	var timers atomic.Int32
	make := func(i int) *jobs.Runner {
		r := jobs.New(db, jobs.Options{Poll: 20 * time.Millisecond})
		r.Handle("n", func(_ context.Context, j jobs.Job) error {
			if _, twice := ran.LoadOrStore(string(j.Args), i); twice {
				t.Error("ran twice:", string(j.Args))
			}
			each[i].Add(1)
			time.Sleep(time.Millisecond)
			return nil
		})
		r.Every("hourly", time.Hour, func(context.Context) error { timers.Add(1); return nil })
		return r
	}
	a, b := make(0), make(1)
	if err := a.Start(ctx); err != nil {
		t.Fatal(err)
	}
	if err := b.Start(ctx); err != nil {
		t.Fatal(err)
	}
	for i := range 150 {
		put(t, db, a, "n", i, jobs.When{})
	}
	wait(t, "all", func() bool { return states(t, db) == "0 0 0" })
	for _, r := range []*jobs.Runner{a, b} {
		if err := r.Stop(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if n := each[0].Load() + each[1].Load(); n != 150 || each[0].Load() == 0 || each[1].Load() == 0 {
		t.Fatal(each[0].Load(), each[1].Load())
	}
	if n := timers.Load(); n != 1 && !(n == 2 && hourTurned(db)) {
		t.Fatal("timer runs:", n)
	}
}

// hourTurned allows the one test in 600 that runs over the full hour.
func hourTurned(db *store.DB) bool { return db.Now().Time().Minute() == 0 }

func TestARunningJobKeepsItsLease(t *testing.T) {
	db := storetest.Open(t, nil, jobs.Schema())
	var ran atomic.Int32
	make := func() *jobs.Runner {
		r := jobs.New(db, jobs.Options{Lease: 300 * time.Millisecond, Poll: 20 * time.Millisecond})
		r.Handle("long", func(context.Context, jobs.Job) error { ran.Add(1); time.Sleep(1200 * time.Millisecond); return nil })
		return r
	}
	a, b := make(), make()
	if err := a.Start(ctx); err != nil {
		t.Fatal(err)
	}
	if err := b.Start(ctx); err != nil {
		t.Fatal(err)
	}
	put(t, db, a, "long", nil, jobs.When{})
	wait(t, "the long job", func() bool { return states(t, db) == "0 0 0" })
	a.Stop(ctx)
	b.Stop(ctx)
	if ran.Load() != 1 {
		t.Fatal(ran.Load())
	}
}

// A killed program: the test binary runs itself as a worker, takes a job, and is killed in the middle of it.
func TestKilledWorkerLosesItsLease(t *testing.T) {
	if os.Getenv("CUOBIAN_JOBS_VICTIM") != "" {
		victim()
		return
	}
	dir := t.TempDir()
	url := storetest.Prepare(t, dir, jobs.Schema())
	db, err := store.Open(ctx, store.Options{Dir: dir, URL: url})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	r := jobs.New(db, jobs.Options{Poll: 50 * time.Millisecond})
	var tries atomic.Int32
	r.Handle("long", func(_ context.Context, j jobs.Job) error { tries.Store(int32(j.Try)); return nil })
	put(t, db, r, "long", nil, jobs.When{})
	cmd := exec.Command(os.Args[0], "-test.run=^TestKilledWorkerLosesItsLease$")
	cmd.Env = append(os.Environ(), "CUOBIAN_JOBS_VICTIM=1", "VICTIM_DIR="+dir, "VICTIM_URL="+url)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	wait(t, "the victim to take the job", func() bool { return states(t, db) == "0 1 0" })
	cmd.Process.Kill()
	cmd.Wait()
	if err := r.Start(ctx); err != nil {
		t.Fatal(err)
	}
	wait(t, "another runner to do it", func() bool { return states(t, db) == "0 0 0" })
	if err := r.Stop(ctx); err != nil {
		t.Fatal(err)
	}
	if tries.Load() != 2 {
		t.Fatal("try", tries.Load())
	}
}

func victim() {
	o := store.Options{Dir: os.Getenv("VICTIM_DIR"), URL: os.Getenv("VICTIM_URL")}
	db, err := store.Open(ctx, o)
	if err != nil {
		panic(err)
	}
	r := jobs.New(db, jobs.Options{Lease: time.Second})
	r.Handle("long", func(context.Context, jobs.Job) error { select {} })
	if err := r.Start(ctx); err != nil {
		panic(err)
	}
	select {}
}

// A job whose last try took its program down is dead, not tried for ever.
func TestAJobThatKillsItsProgramDies(t *testing.T) {
	clock := storetest.NewClock("2026-03-02T09:00:00+08:00")
	db := storetest.Open(t, clock, jobs.Schema())
	r := jobs.New(db, jobs.Options{})
	r.Handle("poison", func(context.Context, jobs.Job) error { return nil })
	put(t, db, r, "poison", nil, jobs.When{Tries: 1})
	if err := db.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, `update jobs_job set state = 'running', tries = 1, held_by = 'gone'`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	due(t, r, 0)
	if states(t, db) != "0 0 1" {
		t.Fatal(states(t, db))
	}
}

func TestOftenWithoutARow(t *testing.T) {
	db := storetest.Open(t, nil, jobs.Schema())
	r := jobs.New(db, jobs.Options{})
	var n atomic.Int32
	r.Often("index", time.Millisecond, func(context.Context) error {
		if n.Add(1) == 2 {
			panic("once")
		}
		return nil
	})
	due(t, r, 0)
	if n.Load() != 1 {
		t.Fatal(n.Load())
	}
	if err := r.Start(ctx); err != nil {
		t.Fatal(err)
	}
	wait(t, "several runs", func() bool { return n.Load() > 5 })
	if err := r.Stop(ctx); err != nil {
		t.Fatal(err)
	}
	if rows, err := jobs.List(ctx, db, "", 9); err != nil || len(rows) != 0 {
		t.Fatal(rows, err)
	}
}

// At rest runners only read: with timers and a job for later waiting, two seconds go by without one write.
func TestNothingIsWrittenAtRest(t *testing.T) {
	db := storetest.Open(t, nil, jobs.Schema())
	r := jobs.New(db, jobs.Options{Poll: 10 * time.Millisecond})
	r.Every("daily", 24*time.Hour, func(context.Context) error { return nil })
	r.Handle("later", func(context.Context, jobs.Job) error { return nil })
	put(t, db, r, "later", nil, jobs.When{At: db.Now().Add(time.Hour)})
	if err := r.Start(ctx); err != nil {
		t.Fatal(err)
	}
	wait(t, "the timer's first run", func() bool {
		n, err := store.Count(ctx, db, `select count(*) from jobs_job where kind = 'timer/daily' and state = 'waiting' and tried_at > 0`)
		return err == nil && n == 1
	})
	version := func() (v int64) {
		if db.Engine == store.SQLite { // every commit adds to the log
			log, err := os.Stat(filepath.Join(db.Dir, "cuobian.db-wal"))
			if err != nil {
				t.Fatal(err)
			}
			return log.ModTime().UnixNano()
		}
		// Every write gives a row the number of its transaction.
		v, err := store.Count(ctx, db, `select sum(xmin::text::bigint) from jobs_job`)
		if err != nil || v == 0 {
			t.Fatal(v, err)
		}
		return v
	}
	before := version()
	time.Sleep(2 * time.Second)
	if after := version(); after != before {
		t.Fatal("writes at rest:", before, after)
	}
	if err := r.Stop(ctx); err != nil {
		t.Fatal(err)
	}
}
