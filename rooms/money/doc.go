// Package money keeps a compound's money so that every fen has two signatures and one place: what owners paid ahead, the
// income of what they own in common, the mirror of the maintenance fund, and works paid together.
//
// Parts: book and close (double entry, reservations, periods, openings, hand-over), fee, bill, receipt and provider (what homes
// owe and pay), bank and match (statements of banks), income, payment, role and statement (public income with three reviews and
// two seals, and its disclosure, R34-R38), fund and project (maintenance fund, shared works, R39-R46), quality and budget
// (remuneration, R30). Kernels: ledger judges entries; share counts who pays and is paid; tariff makes bills; bank reads files;
// statement and bundle are what leaves and is checked without the house. How the maintenance fund is split (R40) and when it is
// renewed (R41) is counted by rooms/assembly/tally.
//
// # How it stands
//
// The book of a compound is rows that are only added to: entries, legs, reservations, closings. The room's method checks
// who asks and where, reads the few balances that an entry touches, lets the kernel judge, and writes the entry, the
// duty it ends and the trace in one transaction. A payment reserves its sum when it is submitted, posts it when it is paid, and
// releases it when it is refused or its time runs out, so that two payments cannot spend one fen. What owners
// may check leaves as a public record and in a file by which anybody computes the same fen.
//
// # Words
//
//   - fund 资金: money of one purpose and one owner; books balance within each: fees 预收物业服务资金 (held for the owners),
//     company 企业自有资金, income 公共收益, maintenance 维修资金（镜像）, works 共有工程资金, petty 备用金.
//   - account 科目; entry 分录, leg 借贷行 (debit above 0, credit below), reversal 冲正.
//   - till 柜台现金, on its way 在途资金, deposit 缴存, count 盘点, over or short 长短款.
//   - reserve 预留, post 入账, release 释放; closing 结账; opening balance 期初余额.
//   - document 凭证, decision 决定, rule 依据: every entry names all three.
//   - remuneration 酬金, score 质量得分, coefficient 系数, hold-back 暂扣.
//   - lift cost 加装电梯费用, floor coefficient 楼层系数, subsidy 补助.
//   - gross 总收入, reasonable cost 合理成本, net income 净收益.
//   - source 收益来源, gap 缺口; payment 支付, review 审核, draw 抽签, recusal 回避, keeper 印章保管人; statement 公示报表.
//
// # Never
//
//   - A float, a fen that vanishes in rounding, an entry that does not balance in each of its funds.
//   - An entry changed or removed; a reversal without a reason, or of a reversal.
//   - A posting into a closed period, or a closed period opened again.
//   - Money of the owners spent as the company's: what moves between funds says so on both sides.
//   - A cost taken from the owners' income that nobody proved.
//   - A person with two hands in one payment, or a payment approved by silence.
package money
