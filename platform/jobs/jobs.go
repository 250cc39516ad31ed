package jobs

import (
	"context"
	"database/sql"
	"embed"
	"encoding/json"
	"fmt"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/platform/store"
)

//go:embed schema
var scripts embed.FS

// Schema is the jobs' table.
func Schema() store.Schema { return store.Schema{Room: "jobs", Floor: 1, FS: scripts} }

// ErrLost is returned by Job.Done when the lease ran out and another runner has the job: the write must not be kept.
var ErrLost = fault.New(fault.Conflict, "jobs.lost", "任务已由另一个进程接手", "another runner has taken this job over")

// ErrMissing is returned by Retry and Drop when there is no such dead job.
var ErrMissing = fault.New(fault.Missing, "jobs.missing", "没有这个已放弃的任务", "there is no such dead job")

// Job is one try at a job.
type Job struct {
	ID   string
	Kind string
	Args []byte      // JSON as it was put
	Due  day.Instant // when it was to run
	Try  int         // 1 for the first
	Last bool        // no further try after this one
	hold string
}

// Read reads the arguments into v.
func (j Job) Read(v any) error { return json.Unmarshal(j.Args, v) }

// Done ends the job inside the handler's own write, so that its effects happen exactly once: ErrLost (and a write that
// is not kept) when the lease is no longer ours. A timer cannot be ended so. The handler then returns nil.
func (j Job) Done(ctx context.Context, tx *store.Tx) error {
	n, err := tx.Exec(ctx, `delete from jobs_job where id = $1 and held_by = $2 and max_tries > 0`, j.ID, j.hold)
	if err == nil && n == 0 {
		err = ErrLost
	}
	return err
}

// When says when and how often; the zero value is at once, ten tries.
type When struct {
	At     day.Instant // zero is now
	Unique string      // while a job of this kind and key waits, another is not added; the earlier time wins
	Tries  int         // 0 is 10, which with the growing pauses is about a day
}

// DefaultTries is how often a job is tried before it is dead.
const DefaultTries = 10

// Put adds a job within the caller's write. args becomes JSON. A runner of this program starts it right after the
// commit when it is due. On PostgreSQL writers that put the same unique key at the same moment wait for each other: give keys
// a part of their own (the compound, the case).
func (r *Runner) Put(ctx context.Context, tx *store.Tx, kind string, args any, w When) error {
	text, err := json.Marshal(args)
	if err != nil {
		return fmt.Errorf("jobs: arguments of %s: %w", kind, err)
	}
	if w.At == 0 {
		w.At = tx.Now
	}
	if w.Tries <= 0 {
		w.Tries = DefaultTries
	}
	var key any
	if w.Unique != "" {
		key = w.Unique
	}
	_, err = tx.Exec(ctx, `insert into jobs_job (id, kind, args, state, run_at, tries, max_tries, unique_key, held_by, last_error, made_at, tried_at)
values ($1, $2, $3, 'waiting', $4, 0, $5, $6, '', '', $7, 0)
on conflict (kind, unique_key) where state = 'waiting' do update set run_at = excluded.run_at where excluded.run_at < jobs_job.run_at`,
		tx.NewID(), kind, string(text), int64(w.At), w.Tries, key, int64(tx.Now))
	if err == nil {
		tx.After(r.nudge)
	}
	return err
}

// Row is a job as the system page shows it.
type Row struct {
	ID    string          `json:"id"`
	Kind  string          `json:"kind"`
	Args  json.RawMessage `json:"args"`
	State string          `json:"state" enum:"waiting,running,dead"`
	RunAt day.Instant     `json:"run_at"`
	Tries int             `json:"tries"`
	Of    int             `json:"of" doc:"tries in all; 0 for timers"`
	Error string          `json:"error"`
	Made  day.Instant     `json:"made_at"`
	Tried day.Instant     `json:"tried_at"`
}

// List reads up to limit jobs of a state ("" is all), what runs next first.
func List(ctx context.Context, q store.Queryer, state string, limit int) ([]Row, error) {
	return store.All(ctx, q, func(r *sql.Rows) (x Row, err error) {
		var args string
		err = r.Scan(&x.ID, &x.Kind, &args, &x.State, &x.RunAt, &x.Tries, &x.Of, &x.Error, &x.Made, &x.Tried)
		x.Args = json.RawMessage(args)
		return x, err
	}, `select id, kind, args, state, run_at, tries, max_tries, last_error, made_at, tried_at from jobs_job
where ($1 = '' or state = $1) order by run_at, id limit $2`, state, limit)
}

// Counts says how many jobs are in each state; timers are not counted.
func Counts(ctx context.Context, q store.Queryer) (map[string]int, error) {
	out := map[string]int{"waiting": 0, "running": 0, "dead": 0}
	rows, err := q.Query(ctx, `select state, count(*) from jobs_job where max_tries > 0 group by state`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var state string
		var n int
		if err := rows.Scan(&state, &n); err != nil {
			return nil, err
		}
		out[state] = n
	}
	return out, rows.Err()
}

// Retry lets a dead job run again, with all its tries. The caller checks who may and writes the audit entry.
func (r *Runner) Retry(ctx context.Context, tx *store.Tx, id string) error {
	n, err := tx.Exec(ctx, `update jobs_job set state = 'waiting', tries = 0, run_at = $2, unique_key = null where id = $1 and state = 'dead'`, id, int64(tx.Now))
	if err == nil && n == 0 {
		return ErrMissing
	}
	tx.After(r.nudge)
	return err
}

// Drop removes a dead job.
func Drop(ctx context.Context, tx *store.Tx, id string) error {
	n, err := tx.Exec(ctx, `delete from jobs_job where id = $1 and state = 'dead'`, id)
	if err == nil && n == 0 {
		return ErrMissing
	}
	return err
}
