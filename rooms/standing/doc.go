// Package standing says where a street stands: indicators, 四升一降, the monthly report, the public board and the wall
// screen. It reads all rooms through their published views and is known by none.
//
// An indicator is data (indicators.json): id, version, what is counted, over what, by which rule. Every figure carries
// its proof: numerator, denominator, filter, period and as-of date, and the rows behind it, which are the very rows
// that were counted. Where no record exists there is no figure.
//
// # Words
//
//   - indicator 指标; figure 数值: an indicator at a place, as of a day, over a period.
//   - 四升一降 four rises, one drop: Party coverage, committees formed, service quality, residents' benefit; complaints.
//   - base 基期: the period that a change is measured from; it stands beside every change.
//   - rows 明细: the list behind a figure.
//
// # Never
//
//   - A constructed figure: nothing counted is "no records yet".
//   - A percentage without its n/N, or one that was rounded up.
//   - A score of a person.
package standing
