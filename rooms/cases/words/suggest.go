package words

import (
	"slices"
	"sync"
)

// Suggestion is a category that the words speak for.
type Suggestion struct {
	Category Category `json:"category"`
	Urgency  Urgency  `json:"urgency"`
	Score    int      `json:"score"` // 1 to 100, comparable within one message only
	Why      []string `json:"why"`   // what was found, in the message's own words; ≈ before a related category
}

// lexiconBook has the categories as headings, in their order.
var lexiconBook = sync.OnceValue(func() *book {
	headings := make([]string, len(categories))
	for n, c := range categories {
		headings[n] = c.Code
	}
	return newBook(lexicon, headings...)
})

// most is how many suggestions Suggest returns at most; it returns at least three.
const most = 6

// Message is a text read once.
type Message struct {
	Masked string
	Found  []Found
	normal string
}

// Read masks a text and makes it ready for Suggest and Urgency.
func Read(text string) Message {
	masked, found := Mask(text)
	return Message{masked, found, normal(masked)}
}

// Suggest ranks categories for a message, likeliest first. The words of Why are cut out of the masked
// message, so that they never hold a number.
func Suggest(text string) []Suggestion { return Read(text).Suggest() }

// rank is where a category stands for one message.
type rank struct {
	score int
	why   []string
}

// Suggest ranks categories, likeliest first.
func (m Message) Suggest() []Suggestion {
	message := m.normal
	read := lexiconBook().read(message)
	defer read.done()
	asks := isQuestion(message)
	var found [64]rank // by category
	for _, number := range read.begun {
		p := &read.book.patterns[number]
		best := 0
		var why string
		read.find(p, func(at span) bool {
			weight := p.weight
			if weight > 0 && read.denied(at) {
				return false
			}
			if weight > 0 && len(p.segments) > 1 && read.absent(at) {
				weight /= 2
			}
			if weight < 0 || weight > best {
				best, why = weight, message[at.from:at.to]
			}
			return weight == p.weight
		})
		s := &found[p.heading]
		s.score += best
		if best > 0 && !slices.Contains(s.why, why) {
			s.why = append(s.why, why)
		}
	}
	for n := range categories {
		if found[n].score <= 0 {
			found[n] = rank{}
		} else if asks && categories[n].Kind == Consult {
			found[n].score += 3
		}
	}
	said := found // kin do not speak for kin
	direct := sorted(&said)
	for _, first := range direct[:min(2, len(direct))] {
		c := &categories[first]
		for place, code := range c.kin {
			weak := said[first].score/4 - place
			kin := &found[numberOf[code]]
			if weak < 1 || kin.score >= weak {
				continue
			}
			kin.score = weak
			kin.why = append(kin.why, "≈"+c.Zh)
		}
	}
	var all []Suggestion
	for _, n := range sorted(&found) {
		if len(all) == most {
			break
		}
		all = append(all, Suggestion{Category: categories[n], Score: found[n].score, Why: found[n].why})
	}
	for _, code := range []string{"other", "not_here", "property_staff"} {
		if len(all) < 3 && found[numberOf[code]].score == 0 {
			all = append(all, Suggestion{Category: byCode[code], Score: 1, Why: []string{}})
		}
	}
	heard, why := hear(message)
	for n := range all {
		all[n].Score = min(all[n].Score, 100)
		all[n].Urgency = urgencyOf(all[n].Category, heard, asks)
		if n == 0 && all[n].Urgency == heard && heard != Normal {
			for _, w := range why {
				if !slices.Contains(all[n].Why, w) {
					all[n].Why = append(all[n].Why, w)
				}
			}
		}
	}
	return all
}

// sorted are the categories that the words speak for, likeliest first, else in their order.
func sorted(found *[64]rank) []int {
	all := make([]int, 0, 16)
	for n := range categories {
		if found[n].score > 0 {
			all = append(all, n)
		}
	}
	slices.SortStableFunc(all, func(a, b int) int { return found[b].score - found[a].score })
	return all
}
