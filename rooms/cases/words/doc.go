// Package words reads the words of a matter, as a resident, a caller or 12345 brings it: what it is about,
// how urgent it sounds, which personal numbers stand in it, and whether two texts tell the same thing. It
// suggests; a person decides.
//
// Words:
//
//	Category    类别    what a matter is about, with its kind and who usually handles it
//	Kind        性质    投诉 complaint, 报修 repair, 咨询 consultation, 建议 suggestion, 求助 help, 表扬 praise
//	Urgency     紧急程度  urgent runs on minute clocks (rules 9.3), high before normal
//	Suggestion  建议类别  a category with its score and the words that speak for it
//	Found       敏感信息  where a personal number or name stood before it was masked
//
// The lexicon (lexicon.go) is data: words that people in Quanzhou write, colloquial and Minnan-coloured ones
// too, each with a weight. Categories are ranked by the sum of what was found.
//
// Never: a category that is set without a person, a person's number in a reason or an error, a network, a
// learned model that nobody can read.
package words
