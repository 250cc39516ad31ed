package ballot

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"cuobian/basis/area"
	"cuobian/basis/share"
	"cuobian/rooms/assembly/roll"
	"cuobian/rooms/assembly/tally"
)

// Vote is one right of the electorate with its choice, as the count knows it.
type Vote struct {
	Right  int
	Group  string // building, or what else is public in the roll; named alike, counted together
	Area   area.Area
	Choice tally.Choice // None where it has not returned
}

// Shape is how much is published.
type Shape string

// Shapes, from most to least.
const (
	Split  Shape = "split"  // agree, against, abstain
	Joined Shape = "joined" // agree, and against with abstain together
	Held   Shape = "held"   // only participation and whether the conditions are met
)

// Cell is the heads of a group of buildings. In the shape Joined, Against and Abstain are 0 and Rest is their sum.
type Cell struct {
	Groups  []string `json:"groups"` // the buildings taken together
	Total   int64    `json:"total"`
	Part    int64    `json:"part"`
	Agree   int64    `json:"agree"`
	Against int64    `json:"against"`
	Abstain int64    `json:"abstain"`
	Rest    int64    `json:"rest"` // take part and do not agree
}

// Range bounds an area: From ≤ area < To; 0 is without that bound. Equal ends are the exact area.
type Range struct {
	From area.Area `json:"from"`
	To   area.Area `json:"to"`
}

// Sums is what may be published of one matter of a secret vote. The reasons stand in the package comment.
type Sums struct {
	Shape       Shape     `json:"shape"`
	Min         int64     `json:"min"` // heads that a published cell needs
	Total       int64     `json:"total"`
	TotalArea   area.Area `json:"total_area"`
	Part        int64     `json:"part"`
	PartPercent int64     `json:"part_percent"` // of the area, whole per cent, cut off
	All         Cell      `json:"all"`          // the compound; zero but Total and Part where Held
	Groups      []Cell    `json:"groups"`       // they add up to All; empty where Held
	Agree       *Range    `json:"agree,omitempty"`
	Zh          string    `json:"zh"`
	En          string    `json:"en"`
}

// Publish decides what may be published. min is at least 2. The order of the votes does not matter.
func Publish(votes []Vote, min int64) Sums {
	min = max(min, 2)
	s := Sums{Shape: Held, Min: min, Groups: []Cell{}}
	names := map[string]int{}
	var cells []Cell
	var part area.Area
	for _, v := range votes {
		n, has := names[v.Group]
		if !has {
			n = len(cells)
			names[v.Group] = n
			cells = append(cells, Cell{Groups: []string{v.Group}})
		}
		cells[n].count(v.Choice)
		s.TotalArea = area.Sum(s.TotalArea, v.Area)
		if v.Choice.Takes() {
			part = area.Sum(part, v.Area)
		}
	}
	slices.SortFunc(cells, func(a, b Cell) int { return roll.Natural(a.Groups[0], b.Groups[0]) })
	all := Cell{Groups: []string{}}
	for _, c := range cells {
		all = all.with(c)
	}
	s.Total, s.Part = all.Total, all.Part
	s.PartPercent = percent(part, s.TotalArea)
	s.All = Cell{Groups: all.Groups, Total: all.Total, Part: all.Part}
	switch {
	case all.sound(Split, min) && every(cells, Split, min):
		s.Shape, s.Groups = Split, cells
	case all.sound(Joined, min):
		s.Shape, s.Groups = Joined, join(cells, min)
	default:
		s.Zh = fmt.Sprintf("某一选择不足 %d 人，为不泄露个人选择，只公布参与情况和是否达到法定条件；准确数字由监票人保存。", min)
		s.En = fmt.Sprintf("fewer than %d heads made one of the choices; so that nobody's choice is given away only participation and whether the law's conditions are met are published. The scrutineers hold the exact figures.", min)
		return s
	}
	s.All = all
	if s.Shape == Joined {
		s.All.join()
		for i := range s.Groups {
			s.Groups[i].join()
		}
	}
	s.Agree = agreeing(votes, s.Groups)
	s.Zh = fmt.Sprintf("人数按组公布，每组每项不少于 %d 人；同意的面积只公布范围；准确数字由监票人保存。", min)
	s.En = fmt.Sprintf("heads are published by groups, at least %d in each figure; of the area that agrees only a range. The scrutineers hold the exact figures.", min)
	return s
}

// Later is what may be published of a matter a second time, after a first publication with other figures: a ballot declared
// void or an area put right in between. One figure less the other would be that one ballot, so where anything differs only
// the conditions are published.
func Later(before, after Sums) Sums {
	if after.Shape == Held || before.Shape == Held || reflect.DeepEqual(before, after) {
		return after
	}
	held := Sums{Shape: Held, Min: after.Min, Total: after.Total, TotalArea: after.TotalArea, Part: after.Part, PartPercent: after.PartPercent, Groups: []Cell{}}
	held.All = Cell{Groups: after.All.Groups, Total: after.Total, Part: after.Part}
	held.Zh = "与此前公布的数字有出入；两次数字之差会泄露个人选择，因此只公布参与情况和是否达到法定条件；准确数字由监票人保存。"
	held.En = "the figures differ from those published before; as the difference would give a choice away, only participation and whether the law's conditions are met are published. The scrutineers hold the exact figures."
	return held
}

func (c *Cell) count(choice tally.Choice) {
	c.Total++
	if choice.Takes() {
		c.Part++
	}
	switch choice {
	case tally.Agree:
		c.Agree++
	case tally.Against:
		c.Against++
		c.Rest++
	case tally.Abstain:
		c.Abstain++
		c.Rest++
	}
}

func (c Cell) with(o Cell) Cell {
	return Cell{slices.Concat(c.Groups, o.Groups), c.Total + o.Total, c.Part + o.Part, c.Agree + o.Agree, c.Against + o.Against, c.Abstain + o.Abstain, c.Rest + o.Rest}
}

func (c *Cell) join() { c.Against, c.Abstain = 0, 0 }

// sound reports whether a cell may be published in that shape: those who agree and those who do not are both at least
// min, and split also those who are against and those who abstain, where there are any.
func (c Cell) sound(shape Shape, min int64) bool {
	if c.Agree < min || c.Rest < min {
		return false
	}
	return shape == Joined || (c.Against == 0 || c.Against >= min) && (c.Abstain == 0 || c.Abstain >= min)
}

func every(cells []Cell, shape Shape, min int64) bool {
	return !slices.ContainsFunc(cells, func(c Cell) bool { return !c.sound(shape, min) })
}

// join puts neighbours together until each is sound; what is left at the end goes to the last.
func join(cells []Cell, min int64) (out []Cell) {
	open := Cell{}
	for _, c := range cells {
		open = open.with(c)
		if open.sound(Joined, min) {
			out = append(out, open)
			open = Cell{}
		}
	}
	if len(open.Groups) > 0 {
		out[len(out)-1] = out[len(out)-1].with(open)
	}
	return out
}

// percent is 100·n/d, cut off.
func percent(n, d area.Area) int64 {
	whole, _, _ := strings.Cut(share.Of(int64(n), int64(d)).Percent(), ".")
	var p int64
	for i := 0; i < len(whole); i++ {
		p = 10*p + int64(whole[i]-'0')
	}
	return p
}

// agreeing is the range of the area that agrees (rule 2 of the package comment); nil where none can be given.
func agreeing(votes []Vote, groups []Cell) *Range {
	at := map[string]int{}
	for n, c := range groups {
		for _, g := range c.Groups {
			at[g] = n
		}
	}
	var sum, smallest, largest area.Area
	areas := make([][]area.Area, len(groups))
	for n, v := range votes {
		if n == 0 || v.Area < smallest {
			smallest = v.Area
		}
		largest = max(largest, v.Area)
		if v.Choice.Takes() {
			areas[at[v.Group]] = append(areas[at[v.Group]], v.Area)
		}
		if v.Choice == tally.Agree {
			sum = area.Sum(sum, v.Area)
		}
	}
	d := largest - smallest
	if d == 0 {
		return &Range{sum, sum}
	}
	var least, most area.Area
	for n, c := range groups {
		slices.Sort(areas[n])
		k := int(c.Agree)
		least = area.Sum(least, area.Sum(areas[n][:k]...))
		most = area.Sum(most, area.Sum(areas[n][len(areas[n])-k:]...))
	}
	step := round(2 * d)
	low, high := least+2*d, most-2*d // where a cut may lie
	first := (low + step - 1) / step * step
	if first > high {
		return nil
	}
	last := high / step * step
	switch {
	case sum < first:
		return &Range{0, first}
	case sum >= last:
		return &Range{last, 0}
	}
	from := sum / step * step
	return &Range{from, from + step}
}

// round gives the next of 1, 2, 5, 10, 20, 50 … m² that is not below a.
func round(a area.Area) area.Area {
	for n := area.Area(100); ; n *= 10 {
		for _, f := range []area.Area{1, 2, 5} {
			if n*f >= a {
				return n * f
			}
		}
	}
}

// Steps is the derivation that may be published: the comparisons of res, with figures only where Sums gives them. Heads
// are exact where choices are published; areas are whole per cent of participation, a range, or only whether it holds.
func (s Sums) Steps(res tally.Result) []tally.Step {
	steps := make([]tally.Step, 0, len(res.Steps))
	compared := map[string]int{}
	for _, x := range res.Steps {
		if x.Rel == "" {
			continue // figures of heads and area together
		}
		if x.Rule == "R45" {
			continue // names a right and its choice
		}
		byArea := compared[x.Rule] == 1 // each rule compares heads first, then area
		compared[x.Rule]++
		switch {
		case x.Rule == "R01" && byArea:
			x.Left, x.Right = fmt.Sprintf("%d%%", s.PartPercent), "2/3"
		case x.Rule == "R01":
		case byArea:
			x.Left, x.Rel, x.Right = s.Agree.String(), "", ""
		case s.Shape == Held:
			x.Left, x.Rel, x.Right = "", "", ""
		}
		steps = append(steps, x)
	}
	return steps
}

// String is "3700.00–3800.00 m²"; empty where there is none.
func (r *Range) String() string {
	switch {
	case r == nil:
		return ""
	case r.From == r.To:
		return r.From.String() + " m²"
	case r.From == 0:
		return "< " + r.To.String() + " m²"
	case r.To == 0:
		return "≥ " + r.From.String() + " m²"
	}
	return r.From.String() + "–" + r.To.String() + " m²"
}
