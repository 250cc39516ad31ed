package roll

import (
	"fmt"
	"slices"
	"strings"
)

// Change is what a new version of the roll brought to one right.
type Change struct {
	Code string `json:"code"` // added, ended, parts, area, parking, owners, voters
	No   int    `json:"no"`
	Zh   string `json:"zh"`
	En   string `json:"en"`
}

// Next makes the version after old and says what changed. A right keeps its number where its owner key is the same, or
// where it has the very same parts and at least one of the same owners (a co-owner came or went). New rights get new
// numbers; a number that is no longer a right is never given again. Where nothing changed the list is empty; the version is
// one higher all the same, and its hash differs.
func Next(old Roll, in Input) (Roll, []Change, error) {
	r, err := build(in)
	if err != nil {
		return Roll{}, nil, err
	}
	r.Version = old.Version + 1
	free := map[int]Right{}
	next := 1
	for _, x := range old.Rights {
		free[x.No] = x
		next = max(next, x.No+1)
	}
	for _, no := range old.Ended {
		next = max(next, no+1)
	}
	byKey, byParts := map[string]Right{}, map[string]Right{}
	for _, x := range old.Rights {
		byKey[identity(x)] = x
		byParts[partsOf(x)] = x
	}
	for i, x := range r.Rights {
		if o, has := byKey[identity(x)]; has {
			if _, is := free[o.No]; is {
				r.Rights[i].No = o.No
				delete(free, o.No)
			}
		}
	}
	for i, x := range r.Rights {
		if o, has := byParts[partsOf(x)]; has && x.No == 0 {
			if _, is := free[o.No]; is && overlap(o, x) {
				r.Rights[i].No = o.No
				delete(free, o.No)
			}
		}
	}
	var changes []Change
	for i, x := range r.Rights {
		if x.No == 0 {
			r.Rights[i].No = next
			changes = append(changes, say("added", next, "新增", "added"))
			next++
			continue
		}
		o, _ := old.Find(x.No)
		changes = append(changes, compare(o, x)...)
	}
	r.Ended = slices.Clone(old.Ended)
	for no := range free {
		r.Ended = append(r.Ended, no)
		changes = append(changes, say("ended", no, "不再是表决权", "is no longer a right"))
	}
	slices.Sort(r.Ended)
	slices.SortFunc(r.Rights, func(a, b Right) int { return a.No - b.No })
	slices.SortStableFunc(changes, func(a, b Change) int { return a.No - b.No })
	if r.Ended == nil {
		r.Ended = []int{}
	}
	r.flag()
	return r, changes, nil
}

// identity tells rights apart: the developer's, an owner key, or the one part whose owner nobody knows.
func identity(x Right) string {
	switch {
	case x.Developer:
		return "developer"
	case x.Unknown:
		return "unknown " + x.Places[0].ID
	}
	return "owner " + x.Key
}

func partsOf(x Right) string {
	ids := make([]string, len(x.Places))
	for i, p := range x.Places {
		ids[i] = p.ID
	}
	slices.Sort(ids)
	return strings.Join(ids, "\n")
}

func overlap(a, b Right) bool {
	if a.Developer || b.Developer || a.Unknown || b.Unknown {
		return false
	}
	other := strings.Split(b.Key, "|")
	return slices.ContainsFunc(strings.Split(a.Key, "|"), func(id string) bool { return slices.Contains(other, id) })
}

func say(code string, no int, zh, en string) Change {
	return Change{code, no, fmt.Sprintf("表决权 %d：%s", no, zh), fmt.Sprintf("right %d: %s", no, en)}
}

func compare(a, b Right) (out []Change) {
	if partsOf(a) != partsOf(b) {
		out = append(out, say("parts", b.No, fmt.Sprintf("专有部分由 %d 处改为 %d 处", len(a.Places), len(b.Places)), fmt.Sprintf("its parts change, from %d to %d", len(a.Places), len(b.Places))))
	}
	aa, ap := a.Area()
	ba, bp := b.Area()
	if aa != ba {
		out = append(out, say("area", b.No, fmt.Sprintf("面积由 %s 改为 %s 平方米", aa, ba), fmt.Sprintf("area from %s to %s m²", aa, ba)))
	}
	if ap != bp {
		out = append(out, say("parking", b.No, fmt.Sprintf("车位面积由 %s 改为 %s 平方米", ap, bp), fmt.Sprintf("parking from %s to %s m²", ap, bp)))
	}
	if a.Key != b.Key {
		out = append(out, say("owners", b.No, "共有人有变化", "its co-owners change"))
	}
	if !slices.Equal(a.Voters, b.Voters) {
		out = append(out, say("voters", b.No, "可投票的人有变化", "who may cast changes"))
	}
	return out
}
