// Package audit keeps the private trail and the two Merkle logs.
//
// The trail says who did what, in which post, why, and what changed, in the same transaction as the change itself. Every
// entry carries the hash of its own canonical text (RFC 6962 leaf hash).
//
// Public records (rolls, notices, ballots as commitments, counts, results, later money) are put down by Publish, also
// in the caller's transaction: canonical JSON, whose exact bytes the leaf is over.
//
// Two logs are grown from these: Private over the trail, Public over public records. Logs.Integrate, run every two
// seconds, gives what waits its position (audit_seq), keeps hashes in tiles of 256 (audit_tile) and signs one checkpoint (Ed25519 note,
// SM2 beside it; package tree has the form). Writers never wait for it and pay nothing: no row and no column of theirs is
// touched, and what waits is read outside the transaction that places it. Entries are found by id: what is newer than
// the newest placed; around the clock's time what was passed by; and everywhere at the start and once a day, so that
// late commits and clocks that were set back lose nothing. Unique keys let nothing in twice. Before the first
// checkpoint of a program's life the kept tree is held against the last one signed: a tree that was tampered with, or
// came back from an older backup, is never signed on.
//
// # Words
//
//   - entry 留痕: one line of the trail.
//   - by 经办: the account, person and post that acted; the system acts as account "system".
//   - record 公开记录: a line of the public log, open to all.
//   - log 日志; checkpoint 检查点: its signed size and root.
//   - place 位置: the number of an entry in its log, from 0, for ever.
//   - witness 见证人: somebody else who keeps and signs the checkpoints they have seen.
//
// # Never
//
//   - A write without its entry.
//   - Personal data in the clear: callers pass sealed values or leave them out. A public body holds no more than what the
//     law has posted on the board; it can be read for ever and cannot be taken back.
//   - A change or removal of what was written.
//   - A signature on a tree that does not go on from the last one signed.
package audit
