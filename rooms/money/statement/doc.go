// Package statement is the published accounts of one compound's fund as a file that anybody checks without the house: every
// statement with its lines, the seals under it, the public records that said by when it was due and that it was posted, and
// their place in the signed log. Check looks at everything and names each fault where it lies: a fen that was changed, a
// statement that came late, one that never came or vanished, a seal that is not its own, a record that is left out. It does
// no I/O and knows no clock (R36).
//
// # Form
//
// The file is tree.Canonical of File and a newline: one form only. A statement is tree.Canonical of Words; its hash stands
// in the record of its posting, beside the hash of the one posted before, so that they hang in one chain for each fund.
//
// When a period ends, the house writes a record that a statement is due, with a number that leaves no gap. Where such a
// record is missing among its neighbours, or no posting follows it by the file's day, something vanished.
//
// # Words
//
//   - statement 公示报表; period 期间: 2026-10 for a month, 2026Q3 for a quarter; version 版本, correction 更正.
//   - due record 应公示记录; posting 公示记录; chain 链: the hash of the statement posted before.
//   - line 明细: amount above zero came in, below zero went out.
package statement
