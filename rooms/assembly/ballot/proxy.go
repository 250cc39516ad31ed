package ballot

import (
	"cmp"
	"fmt"
	"slices"

	"cuobian/basis/day"
)

// Mandate is a proxy's letter: the holder may cast the right's ballot.
type Mandate struct {
	ID      string
	Right   int
	Holder  string // opaque identity
	Given   day.Instant
	Company bool // the holder works for the property company
	Revoked bool
}

// Limits bound proxies (R27, presets).
type Limits struct {
	PerHolder int  // mandates one holder may have; 0 is no bound
	Company   bool // the property company's staff may hold mandates
}

// Refusal is a mandate that does not stand, and why.
type Refusal struct {
	ID   string `json:"id"`
	Code string `json:"code"` // company, too_many, twice
	Zh   string `json:"zh"`
	En   string `json:"en"`
}

// Proxies tells which mandates do not stand (R27). Of several for one right, and of those above the limit, the earlier
// ones stand; revoked ones are passed over. The order of the list does not matter.
func Proxies(mandates []Mandate, l Limits) []Refusal {
	list := slices.Clone(mandates)
	slices.SortFunc(list, func(a, b Mandate) int { return cmp.Or(cmp.Compare(a.Given, b.Given), cmp.Compare(a.ID, b.ID)) })
	out := []Refusal{}
	holds, taken := map[string]int{}, map[int]bool{}
	for _, m := range list {
		switch {
		case m.Revoked:
		case m.Company && !l.Company:
			out = append(out, Refusal{m.ID, "company", "物业服务企业人员不得受托投票（R27）", "the property company's staff may not be proxies (R27)"})
		case taken[m.Right]:
			out = append(out, Refusal{m.ID, "twice", "该表决权已有有效委托", "the right has a standing mandate already"})
		case l.PerHolder > 0 && holds[m.Holder] >= l.PerHolder:
			out = append(out, Refusal{m.ID, "too_many", fmt.Sprintf("一人受托不超过 %d 份（R27）", l.PerHolder), fmt.Sprintf("one holder has at most %d mandates (R27)", l.PerHolder)})
		default:
			taken[m.Right] = true
			holds[m.Holder]++
		}
	}
	return out
}
