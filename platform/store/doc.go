// Package store keeps the records: SQLite inside by default, PostgreSQL when a district outgrows one machine.
//
// One SQL text serves both engines. A room writes through Write, which gives one Tx with one time (tx.Now), new ids
// that sort by time (tx.NewID) and hooks for after the commit (tx.After). Nothing slow may happen inside, and the
// function may run more than once (PostgreSQL is serializable and retried), so it must not touch anything but tx.
//
// On SQLite there is one writer. Writers that wait at the same time share one commit: each runs under a savepoint of
// its own, so one that fails takes nobody along, and all are acknowledged after the one sync of the log
// (synchronous=FULL). Readers go beside it on connections of their own.
//
// What only adds rows goes through Append: it is made ready beside other writes and shares a commit on both engines.
//
// # Words
//
//   - engine 数据库引擎: SQLite or PostgreSQL.
//   - schema 表结构: the scripts of one room, run by floor, then by number.
//
// # Never
//
//   - An acknowledged write that a power cut can lose.
//   - Arguments written into SQL text.
package store
