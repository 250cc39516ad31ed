package jobs

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/platform/store"
)

// Handler does a job. Its error is kept for the system page: it must not name persons.
type Handler func(ctx context.Context, j Job) error

// Options of a runner; the zero value is good.
type Options struct {
	Workers int           // jobs at the same time, 0 is 4
	Lease   time.Duration // how long a claim holds without renewal, 0 is one minute; renewed at a third
	Poll    time.Duration // how often to look for what other programs put, 0 is 1 s on PostgreSQL and 5 s on SQLite
	Log     *slog.Logger
	// Ended is told of every try: outcome is "done", "failed", "dead" or "lost". It must not wait.
	Ended func(kind, outcome string, took time.Duration)
}

// Runner runs jobs. One per program.
type Runner struct {
	db     *store.DB
	o      Options
	kinds  map[string]kind
	timers map[string]time.Duration
	often  []often

	wake    chan struct{}
	mu      sync.Mutex
	running map[string]bool // in this program's hands, whatever the clock says of their leases
	slow    int
	free    chan struct{} // tokens of workers
	stop    chan struct{}
	stopped chan struct{}
	cancel  context.CancelFunc
	jobs    sync.WaitGroup
	listed  string
	names   []any
	started bool
}

type kind struct {
	fn   Handler
	slow bool
}

// New makes a runner over db. Handlers and timers are named before Start.
func New(db *store.DB, o Options) *Runner {
	if o.Workers <= 0 {
		o.Workers = 4
	}
	if o.Lease <= 0 {
		o.Lease = time.Minute
	}
	if o.Poll <= 0 {
		o.Poll = 5 * time.Second
		if db.Engine == store.Postgres {
			o.Poll = time.Second
		}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Ended == nil {
		o.Ended = func(string, string, time.Duration) {}
	}
	return &Runner{db: db, o: o, kinds: map[string]kind{}, timers: map[string]time.Duration{}, wake: make(chan struct{}, 1), running: map[string]bool{}}
}

// Handle names the handler of a kind of job ("outreach.deliver").
func (r *Runner) Handle(name string, fn Handler) { r.handle(name, kind{fn: fn}) }

// HandleSlow is Handle for what takes long, such as an import: one at a time, so that others are not kept waiting.
func (r *Runner) HandleSlow(name string, fn Handler) { r.handle(name, kind{fn: fn, slow: true}) }

func (r *Runner) handle(name string, k kind) {
	if _, twice := r.kinds[name]; twice || r.started || name == "" {
		panic("jobs: " + name + " is named twice, or after the start")
	}
	r.kinds[name] = k
	r.listed = ""
}

const timerPrefix = "timer/"

// Every runs fn once per slot of the interval over all programs: slots are counted from midnight in Shanghai, so a
// timer of 24 h runs right after midnight. A new timer runs at once. Slots that passed while nobody ran are one run.
// A failed run is tried again, at the latest at the next slot. The shortest interval is 10 s.
func (r *Runner) Every(name string, interval time.Duration, fn func(ctx context.Context) error) {
	if interval < 10*time.Second {
		panic("jobs: the timer " + name + " is too fast: at rest nothing may write that often")
	}
	r.handle(timerPrefix+name, kind{fn: func(ctx context.Context, _ Job) error { return fn(ctx) }})
	r.timers[timerPrefix+name] = interval
}

// Often runs fn in this program every interval while the runner is started, without a row and so without a write of
// its own: for what only catches up with what is there, such as an index inside the program. Every program runs its own. Its
// errors are logged. RunDue runs it once, after everything else.
func (r *Runner) Often(name string, interval time.Duration, fn func(ctx context.Context) error) {
	if r.started || interval <= 0 {
		panic("jobs: " + name + " without an interval, or after the start")
	}
	r.often = append(r.often, often{name, interval, fn})
}

type often struct {
	name     string
	interval time.Duration
	fn       func(context.Context) error
}

func (r *Runner) catchUp(ctx context.Context, o often) {
	defer r.jobs.Done()
	tick := time.NewTicker(o.interval)
	defer tick.Stop()
	for {
		if err := call(ctx, func(ctx context.Context, _ Job) error { return o.fn(ctx) }, Job{}); err != nil && ctx.Err() == nil {
			r.o.Log.Error("often", "kind", o.name, "err", plain(err))
		}
		select {
		case <-r.stop:
			return
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// slot is the first slot after now.
func slot(now day.Instant, interval time.Duration) day.Instant {
	const shanghai = 8 * int64(time.Hour/time.Microsecond)
	i := interval.Microseconds()
	n := int64(now) + shanghai
	return day.Instant(n - n%i + i - shanghai)
}

// backoff is the pause after a failed try: 5 s, 15 s, 45 s … three times longer each, 6 hours at most.
func backoff(try int) time.Duration {
	d := 5 * time.Second
	for range min(try, 20) - 1 {
		if d *= 3; d > 6*time.Hour {
			return 6 * time.Hour
		}
	}
	return d
}

func (r *Runner) nudge() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// Prepare writes the rows of new timers. Start and RunDue call it.
func (r *Runner) Prepare(ctx context.Context) error {
	if r.listed == "" {
		names := make([]string, 0, len(r.kinds))
		for n := range r.kinds {
			names = append(names, n)
		}
		slices.Sort(names)
		r.names = r.names[:0]
		for _, n := range names {
			r.names = append(r.names, n)
		}
		r.listed = store.Marks(2, len(names))
	}
	have, err := store.Texts(ctx, r.db, `select id from jobs_job where max_tries = 0`)
	if err != nil {
		return err
	}
	var missing []string
	for n := range r.timers {
		if !slices.Contains(have, n) {
			missing = append(missing, n)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	slices.Sort(missing)
	return r.db.Write(ctx, func(tx *store.Tx) error {
		for _, n := range missing {
			if _, err := tx.Exec(ctx, `insert into jobs_job (id, kind, args, state, run_at, tries, max_tries, unique_key, held_by, last_error, made_at, tried_at)
values ($1, $1, '{}', 'waiting', $2, 0, 0, null, '', '', $2, 0) on conflict (id) do nothing`, n, int64(tx.Now)); err != nil {
				return err
			}
		}
		return nil
	})
}

// Start begins to run jobs until Stop. On SQLite only one program serves a database, so what a killed one held is
// free at once; on PostgreSQL its leases run out.
func (r *Runner) Start(ctx context.Context) error {
	if r.started {
		return errors.New("jobs: started twice")
	}
	if err := r.Prepare(ctx); err != nil {
		return err
	}
	if r.db.Engine == store.SQLite {
		held, err := store.Count(ctx, r.db, `select count(*) from jobs_job where state = 'running'`)
		if err != nil {
			return err
		}
		if held > 0 {
			if err := r.db.Write(ctx, func(tx *store.Tx) error {
				_, err := tx.Exec(ctx, `update jobs_job set run_at = $1 where state = 'running'`, int64(tx.Now))
				return err
			}); err != nil {
				return err
			}
		}
	}
	r.started = true
	r.stop, r.stopped = make(chan struct{}), make(chan struct{})
	r.free = make(chan struct{}, r.o.Workers)
	for range r.o.Workers {
		r.free <- struct{}{}
	}
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	r.cancel = cancel
	go r.loop(work)
	for _, o := range r.often {
		r.jobs.Add(1)
		go r.catchUp(work, o)
	}
	return nil
}

// Stop takes no more jobs and waits for those that run. When ctx ends first they are told to end, and what does not
// end within two seconds is left to its lease.
func (r *Runner) Stop(ctx context.Context) error {
	if !r.started {
		return nil
	}
	r.started = false
	close(r.stop)
	<-r.stopped
	all := make(chan struct{})
	go func() { r.jobs.Wait(); close(all) }()
	defer r.cancel()
	select {
	case <-all:
		return nil
	case <-ctx.Done():
	}
	r.cancel()
	select {
	case <-all:
		return nil
	case <-time.After(2 * time.Second):
		return ctx.Err()
	}
}

func (r *Runner) loop(work context.Context) {
	defer close(r.stopped)
	pause := time.NewTimer(0)
	defer pause.Stop()
	for {
		select {
		case <-r.stop:
			return
		case <-pause.C:
		case <-r.wake:
		}
		wait := r.o.Poll
		if next, err := r.pass(work); err != nil {
			r.o.Log.Error("jobs", "err", err.Error())
		} else if next > 0 {
			wait = min(wait, max(next.Sub(r.db.Now()), 0))
		}
		pause.Reset(wait)
	}
}

// pass starts what is due on free workers and says when to look again: zero when nobody knows.
func (r *Runner) pass(work context.Context) (day.Instant, error) {
	room := len(r.free)
	if room == 0 {
		return 0, nil // a worker that gets free wakes the loop
	}
	due, next, err := r.due(work, room)
	if err != nil {
		return 0, err
	}
	if len(due) == 0 {
		return next, nil
	}
	got, err := r.claim(work, due)
	if err != nil {
		return 0, err
	}
	for _, j := range got {
		<-r.free
		r.jobs.Add(1)
		go func() {
			defer r.jobs.Done()
			defer r.nudge()
			defer func() { r.free <- struct{}{} }()
			r.run(work, j)
		}()
	}
	return r.db.Now(), nil // look again at once: there may be more
}

type look struct {
	id, kind string
	at       day.Instant
}

// due reads up to room jobs to claim, and otherwise when the next one is due. Reads only.
func (r *Runner) due(ctx context.Context, room int) (due []look, next day.Instant, err error) {
	now := r.db.Now()
	r.mu.Lock()
	held, slow := len(r.running), r.slow
	r.mu.Unlock()
	// Kinds of other versions of the program stay where they are; ours that run are passed over.
	limit := room + held + 1
	names, marks := r.names, r.listed
	if slow > 0 {
		names = nil
		for _, n := range r.names {
			if !r.kinds[n.(string)].slow {
				names = append(names, n)
			}
		}
		marks = store.Marks(2, len(names))
	}
	if len(names) == 0 {
		return nil, 0, nil
	}
	all, err := store.All(ctx, r.db, func(x *sql.Rows) (l look, err error) { err = x.Scan(&l.id, &l.kind, &l.at); return },
		`select id, kind, run_at from jobs_job where state <> 'dead' and kind in (`+marks+`) order by run_at, id limit $1`,
		append([]any{limit}, names...)...)
	if err != nil {
		return nil, 0, err
	}
	for _, l := range all {
		r.mu.Lock()
		ours := r.running[l.id]
		r.mu.Unlock()
		if ours {
			continue
		}
		if l.at > now {
			return due, l.at, nil
		}
		if r.kinds[l.kind].slow {
			if slow > 0 {
				continue
			}
			slow++
		}
		if len(due) < room {
			due = append(due, l)
		}
	}
	return due, 0, nil
}

// claim takes the lease of those that are still due. The rows are named by id, so that on PostgreSQL a claim does not
// meet the writers that put new jobs.
func (r *Runner) claim(ctx context.Context, due []look) (got []Job, err error) {
	hold := rand.Text()
	err = r.db.Write(ctx, func(tx *store.Tx) error {
		got = got[:0]
		for _, d := range due {
			var args string
			var max int64
			j := Job{ID: d.id, Kind: d.kind, Due: d.at, hold: hold}
			err := tx.QueryRow(ctx, `update jobs_job set state = 'running', held_by = $2, run_at = $3, tries = tries + 1, tried_at = $4
where id = $1 and state <> 'dead' and run_at = $5 returning args, tries, max_tries`,
				d.id, hold, int64(tx.Now.Add(r.o.Lease)), int64(tx.Now), int64(d.at)).Scan(&args, &j.Try, &max)
			if errors.Is(err, sql.ErrNoRows) {
				continue // another runner was first
			}
			if err != nil {
				return err
			}
			j.Args, j.Last = []byte(args), max > 0 && int64(j.Try) >= max
			if max > 0 && int64(j.Try) > max { // its last try was lost with its runner
				if _, err := tx.Exec(ctx, `update jobs_job set state = 'dead', held_by = '', tries = max_tries,
last_error = case when last_error = '' then 'the program ended during the last try' else last_error end where id = $1`, j.ID); err != nil {
					return err
				}
				continue
			}
			got = append(got, j)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	for _, j := range got {
		r.running[j.ID] = true
		if r.kinds[j.Kind].slow {
			r.slow++
		}
	}
	r.mu.Unlock()
	return got, nil
}

// run does one try and writes down how it ended.
func (r *Runner) run(ctx context.Context, j Job) (failed error) {
	k := r.kinds[j.Kind]
	defer func() {
		r.mu.Lock()
		delete(r.running, j.ID)
		if k.slow {
			r.slow--
		}
		r.mu.Unlock()
	}()
	began := r.db.Now()
	work, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	kept := make(chan struct{})
	go r.keep(work, cancel, j, ended, kept)
	err := call(work, k.fn, j)
	close(ended)
	<-kept
	cancel()
	outcome, noteErr := r.note(context.WithoutCancel(ctx), ctx.Err() != nil, j, err)
	took := r.db.Now().Sub(began)
	if noteErr != nil {
		// The work may be done but is not marked: the lease brings it back, and handlers bear that.
		r.o.Log.Error("job not noted", "kind", j.Kind, "id", j.ID, "err", noteErr.Error())
		outcome = "lost"
		err = errors.Join(err, noteErr)
	}
	if err != nil {
		r.o.Log.Warn("job", "kind", j.Kind, "id", j.ID, "try", j.Try, "outcome", outcome, "err", plain(err))
	}
	r.o.Ended(j.Kind, outcome, took)
	return err
}

func call(ctx context.Context, fn Handler, j Job) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return fn(ctx, j)
}

// keep renews the lease while the job runs and ends the job's context when the lease is lost.
func (r *Runner) keep(ctx context.Context, cancel context.CancelFunc, j Job, ended <-chan struct{}, kept chan<- struct{}) {
	defer close(kept)
	tick := time.NewTicker(r.o.Lease / 3)
	defer tick.Stop()
	for {
		select {
		case <-ended:
			return
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		var n int64
		err := r.db.Write(ctx, func(tx *store.Tx) (err error) {
			n, err = tx.Exec(ctx, `update jobs_job set run_at = $3 where id = $1 and held_by = $2`, j.ID, j.hold, int64(tx.Now.Add(r.o.Lease)))
			return err
		})
		if err == nil && n == 0 {
			select {
			case <-ended: // the handler ended it itself (Done)
			default:
				held, err := store.Count(ctx, r.db, `select count(*) from jobs_job where id = $1`, j.ID)
				if err == nil && held > 0 {
					cancel()
				}
			}
			return
		}
	}
}

// note writes down how a try ended.
func (r *Runner) note(ctx context.Context, stopping bool, j Job, err error) (outcome string, _ error) {
	interval, timer := r.timers[j.Kind]
	noted := r.db.Write(ctx, func(tx *store.Tx) error {
		var n int64
		var e error
		switch {
		case err == nil && timer:
			outcome = "done"
			n, e = tx.Exec(ctx, `update jobs_job set state = 'waiting', held_by = '', tries = 0, last_error = '', run_at = $3 where id = $1 and held_by = $2`, j.ID, j.hold, int64(slot(tx.Now, interval)))
		case err == nil:
			// No row is right too: the handler called Done, or another runner finished it after our lease ran out.
			outcome = "done"
			_, e = tx.Exec(ctx, `delete from jobs_job where id = $1 and held_by = $2`, j.ID, j.hold)
			return e
		case stopping: // told to end: not its fault
			outcome = "failed"
			n, e = tx.Exec(ctx, `update jobs_job set state = 'waiting', held_by = '', tries = tries - 1, run_at = $3, unique_key = null where id = $1 and held_by = $2`, j.ID, j.hold, int64(tx.Now))
		case timer:
			outcome = "failed"
			again := min(tx.Now.Add(backoff(j.Try)), slot(tx.Now, interval))
			n, e = tx.Exec(ctx, `update jobs_job set state = 'waiting', held_by = '', last_error = $3, run_at = $4 where id = $1 and held_by = $2`, j.ID, j.hold, plain(err), int64(again))
		case j.Last:
			outcome = "dead"
			n, e = tx.Exec(ctx, `update jobs_job set state = 'dead', held_by = '', last_error = $3 where id = $1 and held_by = $2`, j.ID, j.hold, plain(err))
		default:
			outcome = "failed"
			// A twin with the same unique key may have been put meanwhile; it runs as well, and this one gives the key up.
			n, e = tx.Exec(ctx, `update jobs_job set state = 'waiting', held_by = '', last_error = $3, run_at = $4,
unique_key = case when exists (select 1 from jobs_job as twin where twin.kind = jobs_job.kind and twin.unique_key = jobs_job.unique_key and twin.state = 'waiting') then null else unique_key end
where id = $1 and held_by = $2`, j.ID, j.hold, plain(err), int64(tx.Now.Add(backoff(j.Try))))
		}
		if e == nil && n == 0 {
			outcome = "lost"
		}
		return e
	})
	return outcome, noted
}

// plain is an error for the system page: a fault's code and sentence without its cause, others cut to 500 bytes.
func plain(err error) string {
	var f *fault.Fault
	s := err.Error()
	if errors.As(err, &f) {
		s = f.Code + ": " + f.En
	}
	if len(s) > 500 {
		s = s[:500]
	}
	return strings.ToValidUTF8(s, "")
}

// RunDue runs, one after the other, everything that is due by the store's clock until nothing is left, and says how
// many tries it made. The error joins those of the tries that failed (they wait for their next try) and ends with the
// store's own. Stories and command lines use it instead of Start.
func (r *Runner) RunDue(ctx context.Context) (int, error) {
	if err := r.Prepare(ctx); err != nil {
		return 0, err
	}
	n := 0
	var failed error
	for {
		due, _, err := r.due(ctx, 1)
		if err == nil && len(due) == 0 {
			for _, o := range r.often {
				if err := o.fn(ctx); err != nil {
					failed = errors.Join(failed, fmt.Errorf("%s: %w", o.name, err))
				}
			}
		}
		if err != nil || len(due) == 0 {
			return n, errors.Join(failed, err)
		}
		got, err := r.claim(ctx, due)
		if err != nil {
			return n, errors.Join(failed, err)
		}
		for _, j := range got {
			n++
			if err := r.run(ctx, j); err != nil {
				failed = errors.Join(failed, fmt.Errorf("%s: %w", j.Kind, err))
			}
		}
		if err := ctx.Err(); err != nil {
			return n, errors.Join(failed, err)
		}
	}
}

// NextDue says when the next job or timer is due, zero when none waits. A story moves its clock there, calls RunDue,
// and so sees every slot on the way.
func (r *Runner) NextDue(ctx context.Context) (at day.Instant, err error) {
	if err := r.Prepare(ctx); err != nil {
		return 0, err
	}
	err = r.db.QueryRow(ctx, `select run_at from jobs_job where state = 'waiting' and kind in (`+r.listed+`) order by run_at, id limit $1`,
		append([]any{1}, r.names...)...).Scan(&at)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return at, err
}
