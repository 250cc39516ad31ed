// Package people is the register: persons, who owns and who lives in which home, organisations, posts and terms, who
// answers for which compound, and the workbooks from which a street fills it.
//
// A post is not a person: a term says which person holds which post at which place from day to day, and gives the right
// to act there while it lasts (Grants). Titles and households keep their days, so a move is history, not an overwrite.
// Telephone and identity numbers are sealed; they are found through blind indexes and shown by their last four.
//
// # Words
//
//   - person 人员; title 产权 (owner, share, from, to); household 住户: owner 业主, tenant 租户, family 家属.
//   - owner key 业主键: see owner (R05).
//   - move 变更: the owners of a home change on a day.
//   - organisation 组织, post 岗位, term 任期; interim 临管会; alternate 候补委员.
//   - coverage 包干覆盖: which compound lacks which required post today. Crew 四员: judge, officer, cadre, grid worker.
//   - one shoulder 一肩挑: director and branch secretary of a compound are one person; always a query.
//   - reveal 查看明文: to see a sealed number, with a reason that is kept.
//   - import 导入, undo 撤销, refusal 退回行.
//
// # Never
//
//   - A number in the clear in a table, a log, a fault or the trail.
//   - A home deleted because a list no longer has it.
//   - An alternate counted as a member, a probationary Party member as a member, an interim committee as a committee.
//   - A score of a person.
package people
