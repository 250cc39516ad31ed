// Package cases keeps complaints, repairs and rectifications: a matter from the first word to the call-back.
//
// The desk takes a matter in, gives it a holder and a deadline, sees it handled, verified by another, confirmed by the
// reporter and called back by one who did not handle it. What happened is a list of events that never changes; the
// state and the clocks that stand in the matter's row are computed from it (kernels course and clock), so that they
// can be computed again at any time.
//
// Kept are: the matter's row (its state and clocks, so that a list reads one row), its events (the truth; Prove computes
// the row anew from them), its reporters (sealed), its pictures. An intake writes five rows: matter, event, reporter,
// duty, audit entry; an anonymous one four; a picture is one more, and so is the event of a rule that dispatches at once.
//
// Lists are read by one index each: district, street, community or compound with the id, newest first; several places
// are several reads, merged. The full-text index holds bigrams of the masked words: on PostgreSQL a column, written with
// the matter; on SQLite a table of its own, written in bulk a little later, while searches read the newest themselves.
//
// # Words
//
//   - matter, case 事项（件）: what somebody reported. It has a number that can be said on the telephone.
//   - reporter 报事人: who is concerned; by whom it was typed may be another (a grandchild, an operator).
//   - follower 同诉人: a reporter of a matter that was merged, or who joined in; all are told.
//   - holder 承办: the organisation, post or person that owes the matter now.
//   - dispatch 派单, take 接单, hand over 转办, return 退单, urge 催单.
//   - handled 已办理, verified 已核实, confirmed 已确认, called back 已回访: four facts by up to four people.
//   - round 轮次: from the report, or from a reopening, to being verified.
//   - confidential 保密件: hidden from the company and from the community where the reporter asked for it.
//   - on time 按期: verified within the due, in every round.
//   - upheld complaint 属实投诉: a complaint that was verified.
//
// # Never
//
//   - A verifier or caller who handled the matter.
//   - Silence counted as satisfied.
//   - A personal number in a text that is shown, in an error, in the audit trail or in the public timeline.
//   - A deadline that is typed in: deadlines come from clock, on the legal calendar.
//   - A confidential matter that its company or community can tell from one that does not exist.
package cases
