// Package sheet reads and writes workbooks (.xlsx), and reads old ones (.xls) and text in the usual encodings.
//
// Read gives a workbook as plain text with its merged ranges; what the rows mean
// is for rooms to say. Mark gives a workbook back with refused rows marked. List
// writes a list of records with its purpose and watermark.
//
// # Never
//
//   - a workbook opened before its size unpacked is known to be bearable
//   - an identity number or telephone written as a number
//   - a cell written that a spreadsheet would run as a formula
package sheet
