// Package service says which company serves which compound: how, since when, for what fee, and what it promised.
//
// Companies are organisations in people (property_company); their managers and staff are terms there. A contract binds
// a compound, a company and a mode from day to day. When it ends, the company's terms at the compound end with it, and
// with them the rights of its people.
//
// # Words
//
//   - contract 物业服务合同; mode 管理方式: market 市场化, street_run 街道自办, community_run 社区自办, state_run 国企托管,
//     self_managed 业主自治, none 无物业.
//   - lump_sum 包干制, remuneration 酬金制, quality 按质付酬, trust 信托制: templates of a contract with their terms (rules.md 5).
//   - notice 通知: dismissal 解聘 (R32), refusal of renewal 不续约 (R33).
//   - promise 服务承诺: what a company told the owners it would do, by when.
//   - joined compounds 连片小区: several compounds managed as one.
//
// # Never
//
//   - Two contracts for one compound on one day.
//   - A fee as a float: hundredths of a fen per m² and month.
package service
