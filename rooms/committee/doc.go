// Package committee forms and keeps owners' committees: whether a compound must have one, the way to it step by step
// (R13–R18), filing (R11), terms and re-election (R20, R22), meetings and decisions (R21), vacancies, recalls and
// hand-overs (R23, R24), interim committees (R25), supervisory boards and their questions.
//
// A committee is an organisation with posts in people, which this room extends and does not copy. Its elections are
// meetings of assembly. What its members owe stands in duty; matters of a member's zone come from cases.
//
// # Words
//
//   - forming 组建, re-election 换届, by-election 补选; trigger 启动条件; application 申请.
//   - preparatory group 筹备组; drafts 草案; filing 备案; seal 印章.
//   - special team 组建专班; blocker 堵点: start 启动难, elect 选举难, perform 履职难.
//   - meeting 委员会会议, presence 到会, decision 决定, minutes 会议纪要.
//   - vacancy 缺额, resignation 辞职, recall 罢免, hand-over 移交, audit 审计.
//   - supervisory board 监事会, advisory group 顾问组, question 质询.
//
// # Never
//
//   - An interim committee counted as a committee unless the street's rules say so, printed under the figure.
//   - A committee decision without the signatures of more than half of all members (R21).
//   - A step of forming before the one it needs, or a date that the rules forbid.
package committee
