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

var lexiconBook = sync.OnceValue(func() *book { return newBook(lexicon) })

// most is how many suggestions Suggest returns at most; it returns at least three.
const most = 6

// Suggest ranks categories for a message, likeliest first. The words of Why are cut out of the masked
// message, so that they never hold a number.
func Suggest(text string) []Suggestion {
	masked, _ := Mask(text)
	message := normal(masked)
	read := lexiconBook().read(message)
	asks := isQuestion(message)
	found := map[string]*Suggestion{}
	for _, c := range categories {
		s := Suggestion{Category: c}
		for p := range read.patterns(c.Code) {
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
			s.Score += best
			if best > 0 && !slices.Contains(s.Why, why) {
				s.Why = append(s.Why, why)
			}
		}
		if s.Score > 0 && asks && c.Kind == Consult {
			s.Score += 3
		}
		if s.Score > 0 {
			found[c.Code] = &s
		}
	}
	direct := sorted(found)
	for n, s := range direct {
		for place, code := range s.Category.kin {
			weak := s.Score/4 - place
			if n > 1 || weak < 1 || found[code] != nil && found[code].Score >= weak {
				continue
			}
			if found[code] == nil {
				found[code] = &Suggestion{Category: byCode[code]}
			}
			found[code].Score = weak
			found[code].Why = append(found[code].Why, "≈"+s.Category.Zh)
		}
	}
	all := sorted(found)
	for _, code := range []string{"other", "not_here", "property_staff"} {
		if len(all) < 3 && found[code] == nil {
			all = append(all, Suggestion{Category: byCode[code], Score: 1, Why: []string{}})
		}
	}
	if len(all) > most {
		all = all[:most]
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

func sorted(found map[string]*Suggestion) []Suggestion {
	var all []Suggestion
	for _, c := range categories {
		if s := found[c.Code]; s != nil {
			all = append(all, *s)
		}
	}
	slices.SortStableFunc(all, func(a, b Suggestion) int { return b.Score - a.Score })
	return all
}
