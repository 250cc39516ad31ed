// Package ledger reads what a street really keeps: workbooks of compounds, homes,
// owners, parking, committees and the people who answer for a compound.
//
// It is a kernel: text in, records out, no clock and no file. Read understands
// each sheet by the meaning of its headers and by what its cells hold, refuses
// rows that cannot be right, and gives every record the sheet and row it came
// from and a key that the next month's file will give again.
//
// # Words
//
//	Layout   表式     how one table of a sheet was understood
//	Refusal  退回行   a row that was refused whole, with a reason
//	Warning  提示     a row that was read but should be looked at
//	head     人数     one owner set, or the developer, in the count of R05
//
// # Never
//
//   - a float near an area or a share
//   - a sentence that echoes a cell: cells hold identity numbers and telephones
//   - a guess that is not visible: what was assumed is a warning or a confidence
package ledger
