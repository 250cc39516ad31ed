// Package assembly is where owners decide: a meeting of the owners' assembly from its draft to its posted result, the
// ballots on the phone, on paper and at the door, elections by constituency, and the bundle by which anybody can count
// again without trusting the server.
//
// A meeting is drafted by a convener, its roll is posted for objections (R74), owners are given notice (R09), ballots
// are taken, counted on two counts (R01–R05), posted for objections (R75) and made final. Each step is an event, an
// audit entry and, where owners may check it, a record in the public log. What is counted is decided by kernels: roll
// makes the roll of rights, ballot the commitments, tally the result with its derivation, seat the elected, course the
// lawful timetable, sweep the gap to two thirds; bundle checks it all offline.
//
// # Words
//
//   - meeting 业主大会会议; matter 议题: ordinary 一般, special 特别, unanimous 全体一致.
//   - roll 表决权名册; right 表决权: one owner key, one head, one ballot; part 专有部分; voter 可投票人.
//   - notice 会议通知, service of notice 送达; objection 异议.
//   - ballot 表决票; choice: agree 同意, against 不同意, abstain 弃权; commitment 承诺值; receipt 回执.
//   - sheet 纸质票, stub 存根, typist 录票人; visit 上门, sweep 扫楼; proxy 委托; scrutineer 监票人.
//   - demand 提议: owners of a fifth of area and heads ask for a meeting (R10); order 责令; entrust 委托社区组织.
//   - preliminary result 初步结果, final result 正式结果; annulment 撤销 (R12).
//   - zone 选区, candidate 候选人, alternate 候补委员.
//
// # Never
//
//   - A choice with a right, in a secret vote, before anybody but two sworn scrutineers from outside the compound.
//   - A ballot that was not returned counted as given (R26), or one right counted twice.
//   - An order of dates that the law forbids, or a roll changed after opening without saying so.
//   - A result without its derivation, or one that only this server can compute.
package assembly
