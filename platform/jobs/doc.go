// Package jobs does later what a write has promised: it is put into the same transaction as the records it is about,
// so that a write that is not kept leaves no job, and one that is kept cannot lose it.
//
// A job is a row. A runner claims what is due with a lease, runs the handler, and deletes the row; a failed try waits
// longer each time and is dead after the last one, visible until somebody retries or drops it. A runner that was
// killed loses its leases after a minute and others take over. Several programs on one PostgreSQL share the work; they
// find new jobs by looking every second. In the program that put it, a job starts right after the commit. At rest
// nothing is written: runners only read.
//
// Timers are rows as well: they survive restarts, run once per slot however many programs serve, and slots that passed
// while nobody ran become one run.
//
// Handlers must bear running twice: a program can be killed between the work and the note that it is done. One that
// only writes to the database calls Job.Done in its own write and so happens exactly once.
//
// Why not River: docs/decisions/0004-jobs.md.
//
// # Words
//
//   - job 后台任务: a kind, arguments, and when to run.
//   - timer 定时任务: a job that comes back at every slot of its interval, counted from midnight in Shanghai.
//   - lease 租约: how long a claim holds without being renewed.
//   - dead 已放弃: failed as often as it may; kept until retried or dropped.
//
// # Never
//
//   - A job put outside the write that it belongs to.
//   - Personal data in arguments or errors: ids only.
package jobs
