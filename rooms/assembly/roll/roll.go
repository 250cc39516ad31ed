// Package roll makes the roll of rights of a vote (表决权名册) from the exclusive parts of a compound: whose parts belong
// together, which area counts and who may cast.
//
// The area of a part is the registered one, else the surveyed, else the contract's (R04). One owner key is one right and one
// head, however many parts it has; all parts that the developer has not sold, or sold and not delivered, are one right
// together (R05). A titled parking space is an exclusive part (R06); one without a title is none and is left out. Co-owners
// have one right, cast by any of them or by the one they named; for who cannot act, the guardian casts.
//
// # Words
//
//   - right 表决权: numbered; a number is never given twice. part 专有部分. voter 可投票人.
//   - scope 表决范围: the whole compound, or the paths of buildings, units or homes.
//   - canonical text 规范文本: the roll as published, byte for byte; its SHA-256 is the roll's hash. No person stands in it.
package roll

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"cuobian/basis/area"
	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/rooms/assembly/tally"
	"cuobian/rooms/people/owner"
)

// State is whether a part has passed to a buyer.
type State string

// States of a part.
const (
	Sold        State = "sold"        // sold and delivered
	Unsold      State = "unsold"      // 未售
	Undelivered State = "undelivered" // 已售未交付
)

// Parking is the Use of a parking space.
const Parking = "parking"

// Part is one exclusive part as the register knows it.
type Part struct {
	ID       string        // of the home or the parking space
	Label    string        // as people call it: 1幢1单元301
	Path     scope.Path    // where it lies
	Use      string        // home, shop, …, parking
	Areas    []area.Figure // what is known, in any order (R04)
	Owners   []string      // identities on the title, opaque (rooms/people/owner)
	Named    string        // the voter whom its co-owners named, or empty
	State    State
	Titled   bool // of a parking space: it has a title of its own
	Building string
	Unit     string
	Zone     string
}

// Input is what a roll is made from.
type Input struct {
	Compound  string // id
	Parts     []Part
	Developer []string            // identities of the developer
	Agents    []string            // who casts for the developer
	Guardians map[string][]string // identity of who cannot act → guardians
}

// Capacity is in which quality somebody may cast.
type Capacity string

// Capacities.
const (
	AsOwner          Capacity = "owner"
	AsGuardian       Capacity = "guardian"       // 监护人
	AsRepresentative Capacity = "representative" // 共有人推选的投票人
	AsAgent          Capacity = "agent"          // 建设单位的代理人
)

// Voter may cast a right.
type Voter struct {
	ID       string   `json:"id"`
	Capacity Capacity `json:"capacity"`
}

// Place is a part as it stands in the roll.
type Place struct {
	ID       string      `json:"id"`
	Label    string      `json:"label"`
	Path     scope.Path  `json:"path"`
	Use      string      `json:"use"`
	Area     area.Area   `json:"area"`
	Source   area.Source `json:"source"` // which area was used (R04)
	State    State       `json:"state"`
	Building string      `json:"building"`
	Unit     string      `json:"unit"`
	Zone     string      `json:"zone"`
}

// Right is one line of the roll.
type Right struct {
	No        int     `json:"no"`
	Label     string  `json:"label"` // of its first part
	Developer bool    `json:"developer"`
	Unknown   bool    `json:"unknown"` // nobody known to own it
	Places    []Place `json:"places"`  // ordered by label
	Key       string  `json:"-"`       // owner key; not published
	Voters    []Voter `json:"-"`       // who may cast; not published
}

// Area is that of its parts but parking; Parking that of its titled spaces.
func (r Right) Area() (parts, parking area.Area) {
	for _, p := range r.Places {
		if p.Use == Parking {
			parking = area.Sum(parking, p.Area)
		} else {
			parts = area.Sum(parts, p.Area)
		}
	}
	return parts, parking
}

// Left is a part that gives no right, and why.
type Left struct {
	ID    string `json:"id"`
	Label string `json:"label"`
	Code  string `json:"code"`
	Zh    string `json:"zh"`
	En    string `json:"en"`
}

// Roll is a version of the roll.
type Roll struct {
	Compound string       `json:"compound"`
	Version  int          `json:"version"`
	Rights   []Right      `json:"rights"` // by number
	Ended    []int        `json:"ended"`  // numbers of earlier versions that are no longer rights
	Left     []Left       `json:"left"`
	Flags    []tally.Flag `json:"flags"`
}

// Refusals of Make and Next; they name the part by its place in the input.
var (
	errPart  = fault.New(fault.Invalid, "roll.part", "专有部分没有编号或者重复", "a part has no id or stands twice")
	errState = fault.New(fault.Invalid, "roll.state", "销售状态不认识", "the state of sale is not known")
	errText  = fault.New(fault.Invalid, "roll.text", "名称中有换行等控制字符", "a name holds control characters")
	errArea  = fault.New(fault.Invalid, "roll.area", "面积为负或者过大", "an area is negative or too large")
)

// Make makes the first version. The order of parts does not matter.
func Make(in Input) (Roll, error) {
	r, err := build(in)
	if err != nil {
		return Roll{}, err
	}
	r.Version, r.Ended = 1, []int{}
	for i := range r.Rights {
		r.Rights[i].No = i + 1
	}
	r.flag()
	return r, nil
}

func plain(texts ...string) bool {
	for _, t := range texts {
		if strings.ContainsFunc(t, unicode.IsControl) || !utf8.ValidString(t) {
			return false
		}
	}
	return true
}

// build merges parts to rights in order of their labels, the developer's last, without numbers.
func build(in Input) (Roll, error) {
	out := Roll{Compound: in.Compound, Rights: []Right{}, Left: []Left{}}
	if !plain(in.Compound) {
		return out, errText.At("compound")
	}
	parts := make([]int, len(in.Parts))
	seen := map[string]bool{}
	for i, p := range in.Parts {
		parts[i] = i
		at := "parts[" + itoa(i) + "]"
		if p.ID == "" || seen[p.ID] {
			return out, errPart.At(at + ".id")
		}
		seen[p.ID] = true
		if p.State != Sold && p.State != Unsold && p.State != Undelivered {
			return out, errState.At(at + ".state")
		}
		if !plain(p.ID, p.Label, string(p.Path), p.Use, p.Building, p.Unit, p.Zone) {
			return out, errText.At(at)
		}
		for _, f := range p.Areas {
			if f.Area < 0 || f.Area > area.Max {
				return out, errArea.At(at + ".areas")
			}
		}
	}
	slices.SortFunc(parts, func(a, b int) int {
		return cmp.Or(Natural(in.Parts[a].Label, in.Parts[b].Label), cmp.Compare(in.Parts[a].ID, in.Parts[b].ID))
	})
	places := make([]Place, 0, len(parts))
	held := make([]owner.Part, 0, len(parts)) // as R05 sees them, in step with places
	from := make([]Part, 0, len(parts))
	for _, i := range parts {
		p := in.Parts[i]
		if p.Use == Parking && !p.Titled {
			out.Left = append(out.Left, Left{p.ID, p.Label, "no_title", "车位没有单独产权，不是专有部分（R06）", "a parking space without a title of its own is no exclusive part (R06)"})
			continue
		}
		chosen := area.Choose(p.Areas...)
		key := owner.Key(p.Owners)
		places = append(places, Place{p.ID, p.Label, p.Path, p.Use, chosen.Area, chosen.Source, p.State, p.Building, p.Unit, p.Zone})
		held = append(held, owner.Part{Key: key, Developer: p.State != Sold || key != "" && within(p.Owners, in.Developer), Area: chosen.Area})
		from = append(from, p)
	}
	heads, n := owner.Heads(held)
	rights := make([]Right, n)
	named := make([][]string, n)
	for i, h := range heads {
		r := &rights[h]
		if len(r.Places) == 0 {
			*r = Right{Label: places[i].Label, Key: held[i].Key, Developer: held[i].Developer, Unknown: held[i].Key == "" && !held[i].Developer, Voters: []Voter{}}
		}
		r.Places = append(r.Places, places[i])
		if name := from[i].Named; name != "" {
			named[h] = append(named[h], name)
		}
	}
	for h, r := range rights {
		switch {
		case r.Developer:
			r.Key = owner.Key(in.Developer)
			for _, id := range sorted(in.Agents) {
				r.Voters = append(r.Voters, Voter{id, AsAgent})
			}
		case !r.Unknown:
			r.Voters = voters(strings.Split(r.Key, "|"), named[h], in.Guardians)
		}
		rights[h] = r
	}
	slices.SortStableFunc(rights, func(a, b Right) int { // the developer's right comes last
		switch {
		case a.Developer == b.Developer:
			return 0
		case a.Developer:
			return 1
		}
		return -1
	})
	out.Rights = rights
	return out, nil
}

func within(ids, of []string) bool {
	return !slices.ContainsFunc(ids, func(id string) bool { return id != "" && !slices.Contains(of, id) })
}

func sorted(ids []string) []string {
	out := slices.Clone(ids)
	slices.Sort(out)
	return slices.DeleteFunc(slices.Compact(out), func(id string) bool { return id == "" })
}

// voters are the named ones where there are any, else every owner; a guardian stands in the place of his ward.
func voters(owners, named []string, guardians map[string][]string) (out []Voter) {
	list, as := owners, AsOwner
	if len(named) > 0 {
		list, as = sorted(named), AsRepresentative
	}
	out = []Voter{}
	add := func(v Voter) {
		if !slices.ContainsFunc(out, func(o Voter) bool { return o.ID == v.ID }) {
			out = append(out, v)
		}
	}
	for _, id := range list {
		if g := sorted(guardians[id]); len(g) > 0 {
			for _, id := range g {
				add(Voter{id, AsGuardian})
			}
			continue
		}
		c := as
		if c == AsRepresentative && len(owners) == 1 && owners[0] == id {
			c = AsOwner
		}
		add(Voter{id, c})
	}
	slices.SortFunc(out, func(a, b Voter) int { return cmp.Compare(a.ID, b.ID) })
	return out
}

// flag looks what an operator should see before the roll is posted.
func (r *Roll) flag() {
	r.Flags = tally.Flags(r.Electorate(Scope{}))
	var contract, mute []int
	for _, x := range r.Rights {
		if len(x.Voters) == 0 && !x.Unknown {
			mute = append(mute, x.No)
		}
		for _, p := range x.Places {
			if p.Source == area.Contract || p.Source == area.Unknown && p.Area > 0 {
				contract = append(contract, x.No)
			}
		}
	}
	if len(contract) > 0 {
		r.Flags = append(r.Flags, tally.Flag{Code: "weak_area", Zh: "面积来自合同或者来源不明，没有登记或实测（R04）", En: "area from the contract or of unknown source, neither registered nor surveyed (R04)", Rights: slices.Compact(contract)})
	}
	if len(mute) > 0 {
		r.Flags = append(r.Flags, tally.Flag{Code: "no_voter", Zh: "没有可以投票的人（建设单位未指定代理人等）", En: "nobody may cast its ballot (the developer named no agent, …)", Rights: mute})
	}
}

// Scope is whose matter it is. No paths is the whole compound.
type Scope struct {
	Kind  string       `json:"kind"` // compound, building, unit, list: for people; Paths decide
	Paths []scope.Path `json:"paths"`
}

func (s Scope) covers(p scope.Path) bool {
	return len(s.Paths) == 0 || slices.ContainsFunc(s.Paths, func(q scope.Path) bool { return q.Covers(p) })
}

// Electorate gives the rights that vote in a scope, by number, each with the area of its parts there (rules 2.3). A right
// with no part in the scope has no vote in it.
func (r Roll) Electorate(s Scope) []tally.Right {
	out := make([]tally.Right, 0, len(r.Rights))
	for _, x := range r.Rights {
		e := tally.Right{No: x.No, Key: x.Key, Spaces: true, Developer: x.Developer, Unknown: x.Unknown}
		n := 0
		for _, p := range x.Places {
			if !s.covers(p.Path) {
				continue
			}
			n++
			if p.Use == Parking {
				e.Parking = area.Sum(e.Parking, p.Area)
			} else {
				e.Area, e.Spaces = area.Sum(e.Area, p.Area), false
			}
		}
		if n > 0 {
			out = append(out, e)
		}
	}
	return out
}

// Find is the right with that number.
func (r Roll) Find(no int) (Right, bool) {
	n, has := slices.BinarySearchFunc(r.Rights, no, func(x Right, no int) int { return cmp.Compare(x.No, no) })
	if !has {
		return Right{}, false
	}
	return r.Rights[n], true
}

// Hash is the SHA-256 of the canonical text, as lower-case hex.
func (r Roll) Hash() string { return HashOf(r.Text()) }

// HashOf is the hash of a canonical text.
func HashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}
