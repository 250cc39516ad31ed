// Package bundle is a vote as a file that anybody can count again without the house: the roll, the ballots, the result with
// its derivation, the public records, and their place in the signed log. Check looks at everything and names each fault
// where it lies. It does no I/O and knows no clock.
//
// # Kinds
//
//   - public of an open vote: every ballot with right, choices and salt. Everybody recounts.
//   - public of a secret vote: the roll, the commitments, which of them count, and per matter the sums that may be published
//     (kernel ballot). Nothing links a commitment to a right.
//   - scrutineers: a secret vote with its openings, for the two sworn scrutineers alone. They recount, and check that the
//     public sums are those of the real ballots.
//
// # Form
//
// The file is tree.Canonical of Bundle and a newline: one form only, so that a bit that was turned anywhere is seen. Every
// ballot and record is a leaf of the public log; id and at with meeting, path and body give back its exact text. What is
// not a record itself (titles, results, which ballot counts) is under the hash of Core, which the record of the result
// carries.
//
// # Words
//
//   - core 核心内容: the bundle without the log; root 承诺值汇总: SHA-256 over the sorted commitments, a line each.
//   - check 核对项; fault 问题.
package bundle
