// Package duty keeps who owes what by when. Every obligation of the house is a duty: a case to handle, a step in
// forming a committee, a voucher to review, a patrol to walk. There is one inbox, one calendar, one ladder of
// reminders and escalation.
//
// Other rooms owe, move, end and void duties inside their own write; the thing that a duty is about stays opaque here
// (kind and id). What falls due is published as jobs; outreach subscribes and tells people.
//
// # Words
//
//   - duty 责任事项: something that a person, or whoever holds a post at a place, owes by a deadline.
//   - evidence 凭据: what must be shown when it is done (a photograph, a signature, a note).
//   - done 已办: the one who owed it says it is done; ended 办结: somebody else agreed.
//   - ladder 提醒升级阶梯: reminders before the deadline; cards and higher posts after it. Ladders are data.
//   - card 黄牌／红牌: a written warning for an overdue duty; three yellow ones in the period and enough upheld
//     complaints make a red one (R51, a preset). A card can be appealed.
//   - handover 移交: giving a duty to a colleague, with a reason.
//
// # Never
//
//   - A duty ended by the one who did it.
//   - A score of a person: cards belong to the holder of a post and lapse with their period.
//   - A deadline computed here: it comes from the room that owes, by day.Calendar.
package duty
