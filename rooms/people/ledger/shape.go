package ledger

import (
	"fmt"
	"regexp"
	"strings"
)

// Sheets that are no plain table: tables side by side, a floor-by-room matrix, homes as forms. The first are read
// through masks that keep rows and columns where they are; the others are turned into a table of their own, whose
// cells remember where they stood.

// find gives the tables of a sheet, in order.
func (d *reader) find(s *Sheet, index int) []*table {
	g := newGrid(s)
	if parts := d.sideBySide(g); len(parts) > 1 {
		var out []*table
		told := 0
		for _, p := range parts {
			found := d.inSheet(mask(s, p), index)
			for _, t := range found {
				if t.Kind != KindUnknown {
					told++
				}
			}
			out = append(out, found...)
		}
		if told >= len(parts) {
			return out
		}
	}
	if out := d.matrices(g, index); out != nil {
		return out
	}
	return d.inSheet(s, index)
}

// part is a set of columns: what stands before the first block belongs to every one.
type part struct{ lead, from, to int } // columns [0,lead) and [from,to)

// mask is the sheet with the cells outside a part left empty.
func mask(s *Sheet, p part) *Sheet {
	out := &Sheet{Name: s.Name, Date1904: s.Date1904, Rows: make([][]string, len(s.Rows))}
	in := func(c int) bool { return c < p.lead || c >= p.from && c < p.to }
	for r, row := range s.Rows {
		kept := make([]string, len(row))
		for c, t := range row {
			if in(c) {
				kept[c] = t
			}
		}
		out.Rows[r] = kept
	}
	for _, m := range s.Merges {
		if m.Left >= 1 && in(m.Left-1) {
			m.Right = min(m.Right, p.to)
			out.Merges = append(out.Merges, m)
		} else if m.Left-1 < p.from && m.Right > p.from && m.Bottom-m.Top < 8 && m.Top >= 1 && m.Top <= len(s.Rows) && m.Left >= 1 && m.Left <= len(s.Rows[m.Top-1]) {
			// A title over all blocks is the title of each.
			if row := out.Rows[m.Top-1]; p.from < len(row) && row[p.from] == "" {
				row[p.from] = s.Rows[m.Top-1][m.Left-1]
			}
		}
	}
	// A title in the first block's columns only, merged or not, heads all of them.
	for r := 0; r < len(s.Rows) && r < 12 && p.from > 0; r++ {
		text, n := "", 0
		for _, t := range s.Rows[r] {
			if c := clean(t); c != "" {
				text = t
				n++
			}
		}
		if n == 1 && runes(clean(text)) > 3 {
			for len(out.Rows[r]) <= p.from {
				out.Rows[r] = append(out.Rows[r], "")
			}
			for c := range out.Rows[r] {
				out.Rows[r][c] = ""
			}
			out.Rows[r][p.from] = text
		}
	}
	return out
}

// sideBySide finds tables that stand beside each other: the same labels again in one row, or an empty column between
// two headers that are each whole. nil where there is one table.
func (d *reader) sideBySide(g *grid) []part {
	if g.width < 4 || g.width > 400 {
		return nil
	}
	tried := 0
	for r := 0; r < len(g.sheet.Rows) && r < 300 && tried < 40; r++ {
		if g.texts(r) < 4 || !g.headerlike(r) {
			continue
		}
		tried++
		if parts := d.repeated(g, r); parts != nil {
			return parts
		}
	}
	// Empty columns: rows of one or two texts are titles and notes and may stand anywhere.
	used := make([]bool, g.width)
	for r, row := range g.sheet.Rows {
		if g.texts(r) < 3 {
			continue
		}
		for c, t := range row {
			used[c] = used[c] || strings.TrimSpace(t) != ""
		}
	}
	var parts []part
	for c := 0; c < g.width; {
		if !used[c] {
			c++
			continue
		}
		from := c
		for c < g.width && used[c] {
			c++
		}
		parts = append(parts, part{0, from, c})
	}
	if len(parts) < 2 {
		return nil
	}
	for _, p := range parts {
		if p.to-p.from < 2 || !d.whole(g, p) {
			return nil
		}
	}
	return parts
}

// whole reports whether some row of a part is a header that needs nothing beside it.
func (d *reader) whole(g *grid, p part) bool {
	m := newGrid(mask(g.sheet, p))
	tried := 0
	for r := 0; r < len(m.sheet.Rows) && r < 300 && tried < 20; r++ {
		if m.texts(r) < 2 || !m.headerlike(r) {
			continue
		}
		tried++
		if t := d.fit(m, 0, r, r); t != nil && t.Kind != KindUnknown && t.Kind != KindBuildings {
			return true
		}
	}
	return false
}

// repeated finds blocks of the same labels in row r.
func (d *reader) repeated(g *grid, r int) []part {
	label := make([]string, g.width)
	for c := range label {
		label[c] = labelKey(clean(g.raw(r, c)))
	}
	names := func(from, to int) (home, more bool) {
		for c := from; c < to; c++ {
			if label[c] == "" {
				continue
			}
			for _, m := range d.meanings(label[c], "") {
				if m.sure < 88 {
					continue
				}
				switch m.field {
				case FRoom, FJoint, FParkingNo, FCompound:
					home = true
				case FOwner, FOwnerID, FArea, FAreaReg, FAreaSurv, FAreaContr, FHouseholds, FCompany:
					more = true
				}
			}
			if plainName[label[c]] {
				more = true
			}
		}
		return
	}
	for a := 0; a < g.width && a < 8; a++ {
		if label[a] == "" {
			continue
		}
		for b := a + 2; b < g.width; b++ {
			if label[b] != label[a] {
				continue
			}
			p := b - a
			starts := []int{a}
			for at := b; at < g.width && label[at] == label[a]; at += p {
				same, n := 0, 0
				for i := 0; i < p && at+i < g.width; i++ {
					if label[a+i] != "" {
						n++
						if label[a+i] == label[at+i] {
							same++
						}
					}
				}
				if n < 2 || same*10 < n*8 {
					break
				}
				starts = append(starts, at)
			}
			if len(starts) < 2 {
				continue
			}
			if home, more := names(a, b); !home || !more {
				continue
			}
			var parts []part
			for i, from := range starts {
				to := from + p
				if i == len(starts)-1 {
					to = g.width
				}
				parts = append(parts, part{a, from, to})
			}
			return parts
		}
	}
	return nil
}

// from gives where a cell of table t stands in its sheet, both from 1; column 0 stays 0.
func (t *table) from(row, col int) (int, int) {
	if t.origin == nil || row < 1 || row > len(t.origin) {
		return row, col
	}
	o := t.origin[row-1]
	if col > 0 && col <= len(o.cols) && o.cols[col-1] > 0 {
		return o.row, o.cols[col-1]
	}
	return o.row, o.cell
}

// origin is where a row of a table that was made from a matrix or a form stands: its row, the cell that stands for all
// of it (0: none), and the column of each cell, all from 1.
type origin struct {
	row, cell int
	cols      []int
}

var (
	floorHead = regexp.MustCompile(`^(?:第)?(-?(?:\d{1,2}|[一二三四五六七八九十]{1,3}))(?:层|楼|F|f)?$`)
	floorSure = regexp.MustCompile(`(?:层|楼|F|f)$`)
	suffix    = regexp.MustCompile(`^(?:(?:第)?([0-9一二三四五六七八九十]{1,2})(?:单元|梯)[-/ ]?)?(\d{1,2}|[A-H])(?:室|号房|号|户|房|座)?$`)
	unitHead  = regexp.MustCompile(`^(?:第)?([0-9一二三四五六七八九十]{1,2})(?:单元|梯)$`)
	corner    = regexp.MustCompile(`^(?:楼层|层|层数|层次|房号|室号|楼层[\\/|]?(?:房号|室号|房间)|(?:房号|室号|房间)[\\/|]?楼层|层[\\/|](?:室|户|房号))$`)
	cellRoom  = regexp.MustCompile(`^(\d{3,4})(?:室|房)?[\s:、,\-]+`)
	cellArea  = regexp.MustCompile(`(?:^|[^\d.A-Za-z])((\d{1,4}(?:\.\d+)?)\s*(?:㎡|m2|m²|M2|M²|平方米|平米|平)|\d{2,4}\.\d+|\d{2,3})(?:[^\d.]|$)`)
	cellState = regexp.MustCompile(`未售|待售|未出售|未交付|未交房|未收房|空置|出租|自住`)
)

// matrices reads a sheet whose rows are floors and whose columns are rooms, each cell a home:
//
//	楼层 │ 01室          │ 02室
//	6层  │ 张三 88.5㎡   │ 李四 138…
//
// nil where there is none. Several may stand under each other, each under its own title.
func (d *reader) matrices(g *grid, index int) []*table {
	var out []*table
	last := 0 // first row that belongs to nothing yet
	for r := 0; r < len(g.sheet.Rows)-2; r++ {
		t, end := d.matrix(g, index, r)
		if t == nil {
			continue
		}
		for k := last; k < t.headAt; k++ {
			for _, cell := range g.sheet.Rows[k] {
				t.title = append(t.title, lines(cell)...)
			}
		}
		out = append(out, t)
		r, last = end-1, end
	}
	return out
}

func (d *reader) matrix(g *grid, index, r int) (*table, int) {
	row := g.sheet.Rows[r]
	first := -1
	type head struct{ unit, room string }
	heads := map[int]head{}
	byFloor := false // the columns are the floors
	floors := map[int]string{}
	unit := ""
	for c := 0; c < len(row) && c < 80; c++ {
		text := tight(clean(row[c]))
		if text == "" {
			continue
		}
		if first < 0 {
			if corner.MatchString(strings.ToUpper(text)) {
				first = c
				continue
			}
			if c == 0 {
				return nil, 0
			}
			first = c - 1
		}
		if m := floorHead.FindStringSubmatch(text); m != nil && floorSure.MatchString(text) {
			floors[c] = ordinal(m[1])
			byFloor = true
			continue
		}
		m := suffix.FindStringSubmatch(text)
		if m == nil {
			if corner.MatchString(text) || text == "备注" {
				continue
			}
			return nil, 0
		}
		if m[1] != "" {
			unit = ordinal(m[1])
		} else if r > 0 {
			if up := unitHead.FindStringSubmatch(tight(g.head(r-1, c))); up != nil {
				unit = ordinal(up[1])
			}
		}
		heads[c] = head{unit, m[2]}
	}
	if first < 0 || byFloor && (len(heads) > 0 || len(floors) < 2) || !byFloor && len(heads) < 2 {
		return nil, 0
	}
	width := len(heads) + len(floors)
	end, n, words := r+1, 0, 0
	type line struct {
		row  int
		name string
	}
	var body []line
	for ; end < len(g.sheet.Rows); end++ {
		name := tight(clean(g.raw(end, first)))
		if name == "" {
			if g.texts(end) == 0 {
				if end+1 < len(g.sheet.Rows) && n > 0 && g.texts(end+1) > 0 && floorHead.MatchString(tight(clean(g.raw(end+1, first)))) && floorSure.MatchString(tight(clean(g.raw(end+1, first)))) {
					continue
				}
			}
			break
		}
		if !byFloor {
			m := floorHead.FindStringSubmatch(name)
			if m == nil {
				break
			}
			name = ordinal(m[1])
		} else {
			m := suffix.FindStringSubmatch(name)
			if m == nil {
				break
			}
			name = m[2]
		}
		body = append(body, line{end, name})
		n++
		for c := range row {
			if text := clean(g.cell(end, c)); c != first && han(text) >= 2 {
				words++
			}
		}
	}
	if n < 2 || words < 2 || words*4 < n*width {
		return nil, 0
	}
	// Lay it out as a plain table.
	labels := []string{"单元", "楼层", "房号", "业主", "身份证号", "电话", "面积", "状态"}
	fields := []Field{FUnit, FFloor, FRoom, FOwner, FOwnerID, FOwnerPhone, FArea, FState}
	virtual := &Sheet{Name: g.sheet.Name, Date1904: g.sheet.Date1904}
	t := &table{index: index, headAt: r}
	if r > 0 && unitsAbove(g, r-1) {
		t.headAt = r - 1
	}
	t.Sheet, t.Kind = g.sheet.Name, KindHomes
	filled := make([]bool, len(fields))
	blank := 0
	for _, l := range body {
		for c := range len(row) {
			h, isRoom := heads[c]
			f, isFloor := floors[c]
			if !isRoom && !isFloor {
				if c != first && clean(g.raw(l.row, c)) != "" {
					t.told = append(t.told, Warning{Sheet: t.Sheet, Row: l.row + 1, Col: c + 1, Code: "cell_unused", Zh: "矩阵以外的一格未采用。", En: "A cell beside the matrix was not used."})
				}
				continue
			}
			text := clean(g.cell(l.row, c))
			if none(text) {
				blank++
				continue
			}
			floor, room := l.name, h.room
			if isFloor {
				floor, room = f, l.name
			}
			home, ok := inCell(text)
			if !ok {
				t.lost = append(t.lost, [2]int{l.row + 1, c + 1})
				continue
			}
			if home[2] == "" {
				if len(room) == 1 && digitsOnly(room) {
					room = "0" + room
				}
				home[2] = floor + room
			}
			home[0], home[1] = h.unit, floor
			at := origin{row: l.row + 1, cell: c + 1}
			virtual.Rows = append(virtual.Rows, home[:])
			t.origin = append(t.origin, at)
			for i, v := range home {
				filled[i] = filled[i] || v != ""
			}
		}
	}
	if len(virtual.Rows) < 2 {
		return nil, 0
	}
	if blank > 0 {
		t.told = append(t.told, Warning{Sheet: t.Sheet, Row: r + 1, Code: "matrix_blank", Zh: fmt.Sprintf("矩阵中有 %d 格是空的，没有建立房屋。", blank), En: fmt.Sprintf("%d cells of the matrix are empty; no home was made of them.", blank)})
	}
	for i, f := range fields {
		if filled[i] {
			t.Columns = append(t.Columns, Column{Col: i + 1, Letter: letter(i + 1), Label: labels[i], Field: f, Confidence: 75})
		}
	}
	t.settle()
	t.grid = newGrid(virtual)
	t.FirstRow, t.LastRow, t.fixed = 1, len(virtual.Rows), true
	return t, end
}

func unitsAbove(g *grid, r int) bool {
	n := 0
	for _, t := range g.sheet.Rows[r] {
		if t = tight(clean(t)); t == "" {
			continue
		}
		if !unitHead.MatchString(t) && !corner.MatchString(t) {
			return false
		}
		n++
	}
	return n > 0
}

// inCell takes a matrix cell apart: unit, floor, room, owners, identity, telephone, area, state. ok is false where
// digits are left that are none of these.
func inCell(text string) (home [8]string, ok bool) {
	s := " " + text + " "
	if m := cellRoom.FindStringSubmatch(text); m != nil {
		home[2] = m[1]
		s = " " + text[len(m[0]):] + " "
	}
	for {
		m := idInside.FindStringSubmatchIndex(s)
		if m == nil {
			break
		}
		if home[4] != "" {
			home[4] += "、"
		}
		home[4] += s[m[2]:m[3]]
		s = s[:m[2]] + " " + s[m[3]:]
	}
	for _, n := range phoneInside.FindAllString(s, -1) {
		if home[5] != "" {
			home[5] += "/"
		}
		home[5] += n
		s = strings.Replace(s, n, " ", 1)
	}
	if m := cellArea.FindStringSubmatchIndex(s); m != nil {
		home[6] = s[m[2]:m[3]]
		s = s[:m[2]] + " " + s[m[3]:]
	}
	if m := cellState.FindString(s); m != "" {
		home[7] = m
		s = strings.Replace(s, m, " ", 1)
	}
	s = strings.NewReplacer("面积", " ", "电话", " ", "业主", " ", "身份证号", " ", "身份证", " ", "()", " ", "( )", " ", "手机", " ").Replace(s)
	s = strings.Join(strings.Fields(strings.Trim(s, " ,;:/、-|")), " ")
	s = strings.Trim(s, " ,;:/、-|")
	if strings.ContainsAny(s, "0123456789") {
		return home, false
	}
	home[3] = s
	return home, true
}

// forms reads homes that stand as forms, each label with its value on its right or after a colon, one form or many in
// a sheet. A label that was there already begins the next home. nil where there are none.
func (d *reader) forms(g *grid, index int) *table {
	allowed := map[Field]bool{}
	for _, k := range kinds {
		if k.kind == KindHomes {
			for _, f := range k.fields {
				allowed[f] = true
			}
		}
	}
	meaning := func(label string) (Field, int) {
		best, sure, person := NoField, 0, 0
		if label == "" || runes(label) > 16 || bareNumber.MatchString(label) {
			return NoField, 0
		}
		for _, m := range d.meanings(label, "") {
			if allowed[m.field] && m.sure > sure && (m.sure >= 88 || personal(m.field)) {
				best, sure, person = m.field, m.sure, m.person
			}
		}
		return best, person
	}
	type record struct {
		cells map[int]string // label → value
		cols  map[int]int
		row   int
	}
	var labels []string
	place := map[string]int{}
	var records []record
	open := record{}
	begin := func(r int) { open = record{cells: map[int]string{}, cols: map[int]int{}, row: r + 1} }
	shut := func() {
		if len(open.cells) >= 3 {
			records = append(records, open)
		}
	}
	begin(0)
	started := false
	var titles []string
	put := func(label, text string, r, c int) {
		label = tight(label)
		// A bare 姓名 after 共有人 is the co-owner's: the label as written keeps them apart.
		at, ok := place[label]
		if !ok {
			at = len(labels)
			place[label] = at
			labels = append(labels, label)
		}
		if _, again := open.cells[at]; again {
			shut()
			begin(r)
		}
		if len(open.cells) == 0 {
			open.row = r + 1
		}
		open.cells[at], open.cols[at] = text, c+1
		started = true
	}
	pairsIn, other := 0, 0
	for r := range g.sheet.Rows {
		if g.texts(r) == 0 {
			continue
		}
		hit := false
		for c := 0; c < len(g.sheet.Rows[r]) && c < 60; c++ {
			cell := clean(g.raw(r, c))
			if cell == "" {
				continue
			}
			if i := strings.Index(cell, ":"); i > 0 && i < len(cell)-1 { // 房号:3-1-502 in one cell, or several such
				any := false
				for _, p := range pairs(cell) {
					if f, _ := meaning(p[0]); f != NoField {
						put(p[0], p[1], r, c)
						any = true
						pairsIn++
					}
				}
				if any {
					hit = true
					continue
				}
			}
			label := strings.TrimRight(cell, ":")
			f, _ := meaning(label)
			if f == NoField {
				continue
			}
			next := c + 1
			for next < len(g.sheet.Rows[r]) && next < c+6 && clean(g.raw(r, next)) == "" && g.inside(r, c, next) {
				next++
			}
			text := g.raw(r, next)
			if v, _ := meaning(strings.TrimRight(clean(text), ":")); v != NoField {
				put(label, "", r, c) // a label stands there: this one was left empty
				continue
			}
			put(label, text, r, next)
			if clean(text) != "" {
				pairsIn++
			}
			hit = true
			c = next
		}
		if hit {
			continue
		}
		if !started || g.texts(r) == 1 {
			if len(records) == 0 && len(open.cells) == 0 {
				titles = append(titles, lines(rowText(g, r))...)
			}
			continue
		}
		other++
	}
	shut()
	if len(records) == 0 || pairsIn < 3 || other > 2*len(records)+2 {
		return nil
	}
	virtual := &Sheet{Name: g.sheet.Name, Date1904: g.sheet.Date1904, Rows: [][]string{labels}}
	t := d.fit(newGrid(virtual), index, 0, 0)
	if t == nil || t.Kind != KindHomes {
		return nil
	}
	t.origin = []origin{{}}
	for _, rec := range records {
		row, cols := make([]string, len(labels)), make([]int, len(labels))
		for at, text := range rec.cells {
			row[at], cols[at] = text, rec.cols[at]
		}
		virtual.Rows = append(virtual.Rows, row)
		t.origin = append(t.origin, origin{row: rec.row, cols: cols})
	}
	t.HeaderRows = nil
	t.Skipped = nil
	t.grid = newGrid(virtual)
	t.FirstRow, t.LastRow, t.fixed = 2, len(virtual.Rows), true
	t.title = titles
	return t
}

// moveSources puts the places of what a matrix or a form gave where it stands in the sheet.
func (s *scribe) moveSources(t *table, before [6]int) {
	if t.origin == nil {
		return
	}
	move := func(x *Source) {
		if x.Sheet == t.Sheet {
			x.Row, _ = t.from(x.Row, 0)
		}
	}
	for i := before[0]; i < len(s.out.Homes); i++ {
		move(&s.out.Homes[i].Source)
		for j := range s.out.Homes[i].Also {
			move(&s.out.Homes[i].Also[j])
		}
	}
	for i := before[1]; i < len(s.out.Parking); i++ {
		move(&s.out.Parking[i].Source)
	}
	for i := before[2]; i < len(s.out.Residents); i++ {
		move(&s.out.Residents[i].Source)
	}
	for i := before[3]; i < len(s.out.Compounds); i++ {
		move(&s.out.Compounds[i].Source)
	}
	for i := before[4]; i < len(s.out.Crew); i++ {
		move(&s.out.Crew[i].Source)
	}
	for i := before[5]; i < len(s.out.Committees); i++ {
		c := &s.out.Committees[i]
		move(&c.Source)
		for j := range c.Members {
			move(&c.Members[j].Source)
		}
	}
}

func (s *scribe) lengths() [6]int {
	return [6]int{len(s.out.Homes), len(s.out.Parking), len(s.out.Residents), len(s.out.Compounds), len(s.out.Crew), len(s.out.Committees)}
}

// unkept are fields that a kind of table understands but has no place for.
var unkept = map[Kind][]Field{
	KindHomes:   {FPlate},
	KindParking: {FRelation},
}

// unused names the columns of a table that hold something and were not taken over: nothing is dropped in silence.
func (s *scribe) unused(t *table) {
	if t.Kind == KindUnknown || t.Kind == KindEmpty || t.Kind == KindOther || t.Kind == KindBuildings || t.origin != nil {
		return
	}
	known := map[int]Column{}
	last := 0
	for _, c := range t.Columns {
		known[c.Col] = c
		last = max(last, c.Col)
	}
	head := 0
	if len(t.HeaderRows) > 0 {
		head = t.HeaderRows[len(t.HeaderRows)-1]
	}
	for col := 1; col <= t.grid.width && col <= 400; col++ {
		c, ok := known[col]
		if ok && c.Field != NoField && !contains(unkept[t.Kind], c.Field) && (c.Field != FParkingNo || t.Kind != KindHomes) {
			continue
		}
		n, row := 0, 0
		for r := t.FirstRow - 1; r < t.LastRow && r < len(t.grid.sheet.Rows) && n < 3; r++ {
			if t.grid.raw(r, col-1) != "" && !none(clean(t.grid.raw(r, col-1))) && t.grid.texts(r) >= 3 && !isSkipped(t, r+1) {
				if n++; row == 0 {
					row = r + 1
				}
			}
		}
		if n == 0 || c.Field == FParkingNo && t.Kind == KindHomes && !t.has(FRoom, FJoint) {
			continue
		}
		at := head
		if at == 0 {
			at = row
		}
		name := c.Label
		if runes(name) > 24 {
			name = string([]rune(name)[:24])
		}
		if name == "" || head == 0 {
			s.warn(t, at, col, "column_unused", fmt.Sprintf("%s 列没有表头，内容未采用。", letter(col)), fmt.Sprintf("Column %s has no header; what it holds was not used.", letter(col)))
			continue
		}
		s.warn(t, at, col, "column_unused", fmt.Sprintf("“%s”列（%s 列）未采用；如有需要，请在对应关系中指定。", name, letter(col)), fmt.Sprintf("Column %s (%q) was not used; give it a meaning in the mapping where it matters.", letter(col), name))
	}
}

func isSkipped(t *table, row int) bool {
	for _, k := range t.Skipped {
		if k.Row == row {
			return true
		}
	}
	return false
}
