// Package rules keeps which rule packs and which calendar are in force: at a place, on a day, by whose word.
//
// Packs are data built into the program (packs/*.json); a place may choose another preset from a day on. The nearest
// choice wins: the compound's over the street's over the district's over the pack's first preset. A choice never
// reaches back before the day on which it was made, so that a deadline can always be computed again as it was.
//
// Who may choose is decided above, in access (this package stands below it).
//
// # Words
//
//   - pack 规则包, preset 预设: see basis/rule.
//   - switch 切换: the choice of a preset at a place from a day on.
//   - calendar 法定日历: the State Council's notices, with what a province or a street adds.
//   - record 规则记录: R05 and so on, with source and grade.
//
// # Never
//
//   - A threshold in the code that a place may want otherwise.
//   - A choice that changes what was decided before it.
package rules
