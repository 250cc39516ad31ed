// Package ballot is what becomes of a ballot before it is counted: its canonical text and commitment, which of a right's
// ballots counts, who may carry whose, and which sums of a secret vote may be published.
//
// # Words
//
//   - commitment 承诺值: SHA-256 of the canonical text. The text holds a salt of the voter's device, so nobody finds the
//     choices by trying. effective 有效票: the one of a right's ballots that counts. mandate 委托: a proxy's letter.
//   - cell 单元格: a published number of heads with one choice in one group; group 组: buildings taken together.
//
// # What may be published of a secret vote
//
// The areas of all rights are public, they hang on the board with the roll. So an exact sum of areas is an equation: with
// ten flats, 98.56 + 131.20 + … has as a rule one solution, and whoever adds it up reads ten ballots. Ten heads in a cell
// do not help against that, and neither do a hundred if one of them is the developer with 1,500 m²: the sum says at a glance
// whether he is in it. Five rules follow (Publish).
//
//  1. Heads, not areas, are published by choice. A cell of a group is published only when it holds at least min heads, and
//     so does what is left of the group beside it: where all the others agreed, a number gives them away as well as a name.
//     What is too small is put together: against with abstain, in all groups alike (a number for the compound less the
//     numbers of the groups must not bring back a small cell); then buildings, neighbours in the order of their names,
//     until each group holds; and where not even the whole compound holds, choices are not published at all, only whether
//     each condition of the law is met, and the scrutineers keep the figure.
//  2. No exact area is published by choice unless all areas are equal, when it says no more than the heads do. Of the area
//     that agrees a range is given. Let D be the difference of the largest and the smallest right of the roll, and m and M
//     the least and the most that as many heads of each group could have brought. The cuts between ranges are the multiples
//     of a step of at least 2·D that lie between m + 2·D and M − 2·D. Then for every voter there is a way in which all the
//     published numbers come out the same and he agreed, and another in which he did not: among the choices of as many
//     heads without him, one goes from the least to the most by exchanging two rights of one group at a time, each exchange
//     moves the sum by at most D, the least is at most m + D and the most at least M − D, so that no range of width 2·D
//     between the cuts, nor the ends, can be stepped over; and the same with him. Where no cut fits, which is so as soon as
//     one right is far larger than the others, no range is given.
//  3. Participation is given by heads and in whole per cent of the area, cut off, not rounded.
//  4. Groups are formed anew for each matter, from the same buildings in the same order.
//  5. Of one matter figures are published once. A final result that differs from the preliminary one, because a ballot was
//     declared void between them, would by the difference say what that ballot was (Later).
//
// What this does not hide, because the law wants it known: whether a condition is met. Where a very large owner alone
// decides that, the outcome says how he voted; where all agreed, the outcome of a special matter says that most did. It
// does not help against somebody who knows nine of ten ballots of a cell either. And it says that a cell was too small.
package ballot
