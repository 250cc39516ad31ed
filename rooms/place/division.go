package place

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
)

//go:embed divisions.tsv
var divisionText string

// Division is an official division: province (2 digits), city (4), district (6), street (9), community (12).
type Division struct {
	Code string `json:"code"`
	Name string `json:"name"`
	Zh   string `json:"full_zh,omitempty"` // with what it lies in: 福建省泉州市丰泽区
}

var divisions = sync.OnceValue(func() (out struct {
	byCode  map[string]Division
	below   map[string][]Division
	inOrder []Division
}) {
	out.byCode, out.below = map[string]Division{}, map[string][]Division{}
	for line := range strings.SplitSeq(strings.TrimSpace(divisionText), "\n") {
		code, name, ok := strings.Cut(line, "\t")
		if !ok {
			continue
		}
		d := Division{Code: code, Name: name}
		out.byCode[code] = d
		out.below[above(code)] = append(out.below[above(code)], d)
		out.inOrder = append(out.inOrder, d)
	}
	return out
})

func above(code string) string {
	switch len(code) {
	case 12:
		return code[:9]
	case 9:
		return code[:6]
	case 6, 4:
		return code[:len(code)-2]
	}
	return ""
}

// Divisions lists what lies directly below a code; "" gives the provinces.
func Divisions(parent string) []Division { return slices.Clone(divisions().below[parent]) }

// DivisionOf finds a division by its code; full names what it lies in.
func DivisionOf(code string) (Division, bool) {
	d, ok := divisions().byCode[code]
	if !ok {
		return d, false
	}
	for up := above(code); up != ""; up = above(up) {
		if u := divisions().byCode[up]; u.Name != "市辖区" && u.Name != "县" {
			d.Zh = u.Name + d.Zh
		}
	}
	d.Zh += d.Name
	return d, true
}

// DivisionNamed finds the one division of that many digits below a code whose name is name, with or without its ending
// (源淮, 源淮社区, 源淮社区居委会; 丰泽街道). Not one or several: not found.
func DivisionNamed(below, name string, digits int) (Division, bool) {
	want := Stem(name)
	var found []Division
	for _, d := range divisions().inOrder {
		if len(d.Code) == digits && strings.HasPrefix(d.Code, below) && Stem(d.Name) == want {
			found = append(found, d)
		}
	}
	if len(found) != 1 {
		return Division{}, false
	}
	return found[0], true
}

var stems = []string{"社区居民委员会", "社区居委会", "居民委员会", "村民委员会", "居委会", "村委会", "街道办事处", "街道办", "社区", "街道", "村"}

// Stem is a community's or street's name without its ending.
func Stem(name string) string {
	p := Plain(name)
	for _, s := range stems {
		if rest, ok := strings.CutSuffix(p, s); ok && rest != "" {
			return rest
		}
	}
	return p
}

// CommunityName is how a community is called in lists: 源淮社区 for 源淮社区居委会 and 源淮.
func CommunityName(name string) string {
	for _, s := range []string{"居民委员会", "居委会"} {
		if rest, ok := strings.CutSuffix(name, s); ok && strings.HasSuffix(rest, "社区") {
			return rest
		}
	}
	return strings.TrimSpace(name)
}
