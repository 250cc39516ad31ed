package ledger

import (
	"fmt"
	"regexp"
	"sort"
	"strings"
	"unicode"
)

// grid is a sheet with its merged cells carried down.
type grid struct {
	sheet *Sheet
	fills map[int]map[int]string // row, column (from 0) → text of the merged cell above
	tops  map[int][]Span         // row (from 0) → spans that touch it; short spans only
	width int
}

func newGrid(s *Sheet) *grid {
	g := &grid{sheet: s, fills: map[int]map[int]string{}, tops: map[int][]Span{}}
	for _, row := range s.Rows {
		g.width = max(g.width, len(row))
	}
	budget := 2_000_000 // a hostile file may merge everything with everything
	for _, m := range s.Merges {
		if m.Top < 1 || m.Left < 1 || m.Bottom < m.Top || m.Right < m.Left || m.Left > g.width {
			continue
		}
		bottom := min(m.Bottom, len(s.Rows))
		if m.Bottom-m.Top < 8 {
			for r := m.Top; r <= bottom; r++ {
				g.tops[r-1] = append(g.tops[r-1], m)
			}
		}
		text := g.raw(m.Top-1, m.Left-1)
		if m.Bottom == m.Top || strings.TrimSpace(text) == "" {
			continue
		}
		if budget -= bottom - m.Top; budget < 0 {
			break
		}
		for r := m.Top; r < bottom; r++ { // rows below the first, from 0
			if g.fills[r] == nil {
				g.fills[r] = map[int]string{}
			}
			g.fills[r][m.Left-1] = text
		}
	}
	return g
}

// raw is a cell as it is stored.
func (g *grid) raw(r, c int) string {
	if r < 0 || r >= len(g.sheet.Rows) || c < 0 || c >= len(g.sheet.Rows[r]) {
		return ""
	}
	return g.sheet.Rows[r][c]
}

// cell is a cell with what a merged cell above it carries down.
func (g *grid) cell(r, c int) string {
	if t := g.raw(r, c); strings.TrimSpace(t) != "" {
		return t
	}
	return g.fills[r][c]
}

// head is a cell with what any merged cell over it says.
func (g *grid) head(r, c int) string {
	if t := clean(g.raw(r, c)); t != "" {
		return t
	}
	for _, m := range g.tops[r] {
		if m.Left-1 <= c && c < m.Right {
			return clean(g.raw(m.Top-1, m.Left-1))
		}
	}
	return ""
}

// carried reports whether a column's words in the header rows a..b are only those of a cell merged from the left: 产权人 over
// three columns is one word and speaks for one of them, however many it covers.
func (g *grid) carried(a, b, c int) bool {
	for r := b; r >= a; r-- {
		if clean(g.raw(r, c)) != "" {
			return false
		}
		for _, m := range g.tops[r] {
			if m.Left-1 < c && c < m.Right {
				return true
			}
		}
	}
	return false
}

// wide reports whether a cell is part of one merged over several columns, but
// not over (nearly) the whole row.
func (g *grid) wide(r, c int) bool {
	for _, m := range g.tops[r] {
		if m.Left-1 <= c && c < m.Right && m.Right > m.Left {
			return m.Right-m.Left+1 < max(g.width*3/4, 3) || g.texts(r) > 1
		}
	}
	return false
}

// texts counts the cells of a row that hold something.
func (g *grid) texts(r int) int {
	n := 0
	if r >= 0 && r < len(g.sheet.Rows) {
		for _, t := range g.sheet.Rows[r] {
			if strings.TrimSpace(t) != "" {
				n++
			}
		}
	}
	return n
}

// reader understands labels and remembers them.
type reader struct {
	known map[[2]string][]guess
}

func (d *reader) meanings(label, parent string) []guess {
	k := [2]string{label, parent}
	if g, ok := d.known[k]; ok {
		return g
	}
	g := meanings(label, parent)
	if len(d.known) < 20000 {
		d.known[k] = g
	}
	return g
}

// table is one table of a sheet.
type table struct {
	Layout
	grid  *grid
	index int // of the sheet
	cols  map[Field][]Column
	title []string // texts above the header
	score int

	origin []origin  // where each row stands, for tables made of a matrix or a form
	headAt int       // the matrix's first header row, from 0
	lost   [][2]int  // cells of a matrix that were not understood
	told   []Warning // found while the table was made

	fixed      bool           // a person gave the columns
	registered bool           // a note says that areas are those of the title
	sparse     map[Field]bool // columns written once for several rows
}

func (t *table) has(fields ...Field) bool {
	for _, f := range fields {
		if len(t.cols[f]) > 0 {
			return true
		}
	}
	return false
}

// col is the column (from 0) of a field, -1 where there is none.
func (t *table) col(f Field) int {
	if c := t.cols[f]; len(c) > 0 {
		return c[0].Col - 1
	}
	return -1
}

// get is the tidied cell of a field in row r (from 0).
func (t *table) get(r int, f Field) string {
	c := t.col(f)
	if c < 0 {
		return ""
	}
	return value(t.grid.cell(r, c))
}

// as is the cell of a field as it is written.
func (t *table) as(r int, f Field) string {
	c := t.col(f)
	if c < 0 {
		return ""
	}
	return written(t.grid.cell(r, c))
}

// text is like get, with line breaks kept.
func (t *table) text(r int, f Field) string {
	c := t.col(f)
	if c < 0 {
		return ""
	}
	return t.grid.cell(r, c)
}

func (t *table) index1(f Field) int { return t.col(f) + 1 }

// about says which fields a kind of table may have, what its fields weigh, and
// what it cannot be without.
type about struct {
	kind   Kind
	fields []Field
	needs  func(has func(...Field) bool) bool
	words  *regexp.Regexp // of titles and sheet names
}

var shared = []Field{FSerial, FStreet, FCommunity, FGrid, FCompound, FAddress, FRemark}

var answering = []Field{FJudge, FPolice, FCadre, FGridWorker, FSupervisor}

var people = []Field{FOwner, FOwnerID, FOwnerIDKind, FOwnerPhone, FOwnerShare, FCoowner, FCoownerID, FCoownerPhone, FCoownerShare, FTenant, FTenantID, FTenantPhone, FFamily, FFamilyID, FFamilyPhone}

var kinds = []about{
	{KindHomes, join(shared, people, []Field{FBuilding, FUnit, FFloor, FRoom, FJoint, FUse, FArea, FAreaReg, FAreaSurv, FAreaContr, FInnerArea, FSold, FState, FOccupancy, FTitle, FDelivered, FParkingNo, FPlate, FOwnerNo, FOwnerType, FRelation, FGender, FDeveloper}),
		func(has func(...Field) bool) bool {
			return has(FRoom, FJoint) && has(FOwner, FOwnerID, FOwnerNo, FArea, FAreaReg, FAreaSurv, FAreaContr) && (has(FArea, FAreaReg, FAreaSurv, FAreaContr, FOwnerID, FTitle) || !has(FPost, FPolitics, FTerm)) &&
				(!has(FRelation) || has(FArea, FAreaReg, FAreaSurv, FAreaContr, FTitle, FState))
		}, regexp.MustCompile(`房屋|业主|住户|产权|房产|资产|住宅|专有部分`)},
	{KindParking, join(shared, people, []Field{FParkingNo, FBuilding, FFloor, FArea, FAreaReg, FAreaSurv, FAreaContr, FTitle, FSold, FState, FPlate, FOwnerNo, FUse, FFrom, FTo, FJoint}),
		func(has func(...Field) bool) bool {
			return has(FParkingNo) && has(FOwner, FArea, FAreaReg, FTitle, FPlate, FOwnerNo) && !has(FRoom)
		}, regexp.MustCompile(`车位|停车|车库|泊位`)},
	{KindCompounds, join(shared, []Field{FKind, FBuilt, FBuildings, FUnits, FHouseholds, FTotalArea, FParkingLot, FDeveloper, FCompany, FManner, FCharge, FFee, FSince, FHasCommittee, FCommitteeDate, FCommitteeMembers, FCommitteeParty, FChair, FChairPhone, FParty, FSecretary, FSecretaryPhone, FResponsible, FResponsiblePhone, FTerm, FPeriod, FFrom, FTo, FRecordNo, FDeputies, FMembers, FAlternates}, answering),
		func(has func(...Field) bool) bool {
			n := 0
			for _, f := range []Field{FKind, FBuilt, FBuildings, FHouseholds, FTotalArea, FCompany, FManner, FFee, FHasCommittee, FCommitteeDate, FParty, FChair, FSecretary, FParkingLot, FResponsible} {
				if has(f) {
					n++
				}
			}
			return has(FCompound) && n >= 2
		}, regexp.MustCompile(`台账|基本(?:情况|信息)|小区(?:名单|一览|情况|概况|底数|清单)`)},
	{KindCommittee, join(shared, []Field{FOwner, FOwnerPhone, FOwnerID, FGender, FPost, FPolitics, FTerm, FRecordNo, FPeriod, FFrom, FTo, FBuilding, FUnit, FRoom, FJoint, FEmployer, FCommitteeDate, FChair, FChairPhone, FDeputies, FMembers, FAlternates, FCommitteeMembers, FCommitteeParty}),
		func(has func(...Field) bool) bool {
			return has(FChair) && has(FDeputies, FMembers) && !has(FPost) || has(FMembers) && has(FCompound) && has(FTerm, FPeriod, FRecordNo, FTo) && !has(FPost, FOwner) || has(FOwner) && has(FPost) && has(FTerm, FPolitics, FRecordNo, FPeriod, FRoom, FJoint, FFrom)
		}, regexp.MustCompile(`业委会|业主委员会|委员|备案`)},
	{KindCrew, join(shared, []Field{FOwner, FOwnerPhone, FGender, FEmployer, FPost, FCategory, FResponsible, FResponsiblePhone, FPolitics}, answering),
		func(has func(...Field) bool) bool {
			roles := 0
			for _, f := range answering {
				if has(f) {
					roles++
				}
			}
			return has(FCompound) && (has(FOwner, FResponsible) && has(FCategory, FPost, FEmployer) || roles >= 2)
		}, regexp.MustCompile(`包干|挂钩|责任|力量|人员|四员|网格|干部|下沉`)},
	{KindResidents, join(shared, people, []Field{FBuilding, FUnit, FFloor, FRoom, FJoint, FRelation, FOwnerType, FGender, FFrom, FTo, FPeriod, FOccupancy, FEmployer}),
		func(has func(...Field) bool) bool {
			return has(FRoom, FJoint) && has(FTenant, FFamily, FRelation, FOwnerType) && has(FTenant, FFamily, FOwner)
		}, regexp.MustCompile(`租|家庭成员|人口|居住人员|常住|户籍`)},
	{KindOwners, join(shared, []Field{FOwnerNo, FOwner, FOwnerID, FOwnerIDKind, FOwnerPhone, FOwnerType, FGender, FRelation}),
		func(has func(...Field) bool) bool {
			return has(FOwnerNo) && has(FOwner) && has(FOwnerID, FOwnerPhone)
		}, regexp.MustCompile(`业主|住户|客户`)},
	{KindBuildings, join(shared, []Field{FBuilding, FUnit, FFloor}),
		func(has func(...Field) bool) bool { return has(FBuilding) && has(FUnit, FFloor) },
		regexp.MustCompile(`楼栋|单元|楼宇`)},
}

// heavy fields tell a kind apart; the others only support it.
var heavy = map[Kind][]Field{
	KindHomes:     {FRoom, FJoint, FArea, FAreaReg, FAreaSurv, FAreaContr, FOwner, FOwnerID, FCoowner, FState, FTitle, FUse, FBuilding},
	KindParking:   {FParkingNo, FPlate},
	KindCompounds: {FCompound, FHouseholds, FCompany, FHasCommittee, FManner, FKind, FBuilt, FTotalArea, FFee},
	KindCommittee: {FPost, FPolitics, FTerm, FRecordNo, FPeriod},
	KindCrew:      {FCompound, FCategory, FEmployer, FJudge, FPolice, FCadre, FGridWorker, FSupervisor},
	KindResidents: {FTenant, FRelation, FOwnerType, FFrom, FFamily, FPeriod},
	KindOwners:    {FOwnerNo},
	KindBuildings: {FBuilding, FUnit},
}

func join(lists ...[]Field) []Field {
	var out []Field
	for _, l := range lists {
		out = append(out, l...)
	}
	return out
}

var (
	manyDigits = regexp.MustCompile(`[0-9]{5}`)
	bareNumber = regexp.MustCompile(`^-?[0-9]+(?:[.,][0-9]+)*(?:E[+-]?[0-9]+)?[㎡户]?$`)
	dataLike   = regexp.MustCompile(`^\d{3,4}[室房号]|^\d+(?:幢|#|号楼|栋|单元|梯)`)
)

// headerlike is a cheap test that keeps rows of data away from the dictionary.
func (g *grid) headerlike(r int) bool {
	n := 0
	for _, t := range g.sheet.Rows[r] {
		t = clean(t)
		if t == "" {
			continue
		}
		n++
		if bareNumber.MatchString(t) || manyDigits.MatchString(t) || dataLike.MatchString(t) || len(t) > 240 {
			return false
		}
	}
	return n >= 2
}

// inSheet gives the tables that stand under each other in a sheet, in order.
func (d *reader) inSheet(s *Sheet, index int) []*table {
	g := newGrid(s)
	var out []*table
	used := -1 // last row that belongs to a header
	fits := 0  // a sheet of nothing but labels shall not take for ever
	for r := 0; r < len(s.Rows) && fits < 2000; r++ {
		if r <= used || !g.headerlike(r) {
			continue
		}
		if n := len(out); n > 0 && len(out[n-1].HeaderRows) == 1 && rowText(g, r) == rowText(g, out[n-1].HeaderRows[0]-1) {
			out[n-1].Skipped = append(out[n-1].Skipped, Skip{r + 1, "header"})
			continue
		}
		match, texts := 0, 0
		for c := range s.Rows[r] {
			label := clean(s.Rows[r][c])
			if label == "" {
				continue
			}
			texts++
			parent := ""
			if r > 0 && g.headerlike(r-1) {
				parent = g.head(r-1, c)
				if parent == label {
					parent = ""
				}
			}
			if len(d.meanings(label, parent)) > 0 {
				match++
			}
		}
		// Inside a table more is asked for: notes beside it hold such words too.
		sound := match >= 3 && match*2 >= texts || match == 2 && texts == 2 && len(out) == 0
		if !sound && (len(out) > 0 || match < 2 || match*3 < texts) {
			continue
		}
		fits++
		best := d.fit(g, index, r, r)
		for _, span := range [][2]int{{r, r + 1}, {r - 1, r}, {r, r + 2}, {r - 1, r + 1}, {r - 2, r}} {
			if span[0] <= used || span[0] < 0 || span[1] >= len(s.Rows) || !d.together(g, span[0], span[1]) {
				continue
			}
			if t := d.fit(g, index, span[0], span[1]); t != nil && (best == nil || t.score > best.score+40) {
				best = t
			}
		}
		if best == nil || best.Kind == KindUnknown && !sound {
			continue
		}
		if best.Kind == KindUnknown && len(out) > 0 && out[len(out)-1].Kind != KindUnknown {
			continue // words that look like labels inside a table
		}
		used = best.HeaderRows[len(best.HeaderRows)-1] - 1
		if len(out) > 0 {
			last := out[len(out)-1]
			if same(last, best) {
				for _, h := range best.HeaderRows {
					last.Skipped = append(last.Skipped, Skip{h, "header"})
				}
				continue
			}
			last.LastRow = best.HeaderRows[0] - 1
		}
		out = append(out, best)
	}
	for i, t := range out {
		t.FirstRow = t.HeaderRows[len(t.HeaderRows)-1] + 1
		if t.LastRow == 0 {
			t.LastRow = len(s.Rows)
		}
		if i == 0 {
			for r := 0; r < t.HeaderRows[0]-1; r++ {
				d.above(t, r)
			}
			continue
		}
		// Titles between two tables belong to the lower one.
		prev := out[i-1]
		for r := t.HeaderRows[0] - 2; r >= prev.FirstRow-1 && r >= t.HeaderRows[0]-5; r-- {
			n := g.texts(r)
			if n > 2 {
				break
			}
			if n > 0 && !titleish(g, r) {
				break
			}
			d.above(t, r)
			prev.LastRow = r
		}
		if len(t.title) == 0 {
			t.title = prev.title // the title of the sheet is that of its second table too
		}
		sort.SliceStable(t.Skipped, func(a, b int) bool { return t.Skipped[a].Row < t.Skipped[b].Row })
	}
	told := false
	for _, t := range out {
		told = told || t.Kind != KindUnknown
	}
	if !told {
		if t := d.forms(g, index); t != nil {
			return []*table{t}
		}
		if t := d.form(g, index); t != nil {
			return []*table{t}
		}
	}
	if len(out) == 0 {
		if t := d.sniffed(g, index); t != nil {
			out = append(out, t)
		}
	}
	return out
}

// titleish tells a title or a line of keys from a row of data.
func titleish(g *grid, r int) bool {
	for _, t := range g.sheet.Rows[r] {
		t = clean(t)
		if t == "" {
			continue
		}
		if totalWord.MatchString(tight(t)) || noteWord.MatchString(t) && !strings.Contains(t, ":") {
			return false
		}
		return runes(t) >= 3 && han(t) >= 2
	}
	return false
}

// above keeps a row over the header as a title.
func (d *reader) above(t *table, r int) {
	g := t.grid
	if g.texts(r) == 0 {
		t.Skipped = append(t.Skipped, Skip{r + 1, "blank"})
		return
	}
	why := "title"
	for _, cell := range g.sheet.Rows[r] {
		for _, l := range lines(cell) {
			t.title = append(t.title, l)
			if noteWord.MatchString(l) {
				why = "note"
			} else if strings.Contains(l, ":") && why == "title" {
				why = "line"
			}
		}
	}
	t.Skipped = append(t.Skipped, Skip{r + 1, why})
}

// together reports whether rows a..b can be one header.
func (d *reader) together(g *grid, a, b int) bool {
	for r := a; r <= b; r++ {
		if !g.headerlike(r) && !(r == b && g.texts(r) == 1 && r > a && !titleish(g, r)) && !(r == a && r < b && g.texts(r) >= 1 && g.groups(r)) {
			return false
		}
	}
	for r := a; r < b; r++ {
		below := false
		for c := 0; c < g.width; c++ {
			if clean(g.raw(r+1, c)) == "" {
				continue
			}
			if g.wide(r, c) || clean(g.raw(r, c)) == "" && g.head(r, c) == "" {
				below = true
			}
		}
		if !below {
			return false
		}
	}
	return true
}

// groups reports whether a row has words over several columns, as 业主信息 may
// stand over name, number and telephone.
func (g *grid) groups(r int) bool {
	for c := 0; c < g.width; c++ {
		if clean(g.raw(r, c)) != "" && g.wide(r, c) {
			return true
		}
	}
	return false
}

// same reports whether two headers give the columns the same meaning.
func same(a, b *table) bool {
	if a.Kind != b.Kind {
		return false
	}
	by := map[int]Column{}
	for _, c := range a.Columns {
		by[c.Col] = c
	}
	n, equal := 0, 0
	for _, c := range b.Columns {
		if c.Label == "" {
			continue
		}
		n++
		if o, ok := by[c.Col]; ok && (o.Label == c.Label || o.Field == c.Field && o.Person == c.Person && c.Field != NoField) {
			equal++
		}
	}
	return n > 0 && equal*10 >= n*8
}

// fit reads rows a..b as a header. nil where nothing in it is known.
func (d *reader) fit(g *grid, index, a, b int) *table {
	type column struct {
		label   string
		guesses []guess
	}
	cols := make([]column, min(g.width, 400))
	for c := range cols {
		var path []string
		for r := a; r <= b; r++ {
			l := g.head(r, c)
			if l == "" && r < b && clean(g.raw(r+1, c)) != "" {
				// Not merged, but left blank under the word to the left.
				for k := c - 1; k >= 0 && k > c-8; k-- {
					if l = g.head(r, k); l != "" {
						if clean(g.raw(b, k)) == "" { // that word stands alone
							l = ""
						}
						break
					}
				}
			}
			if l != "" && (len(path) == 0 || path[len(path)-1] != l) {
				path = append(path, l)
			}
		}
		if len(path) == 0 {
			continue
		}
		leaf, parent := path[len(path)-1], strings.Join(path[:len(path)-1], "")
		cols[c].label = tight(strings.Join(path, "/"))
		cols[c].guesses = d.meanings(leaf, parent)
	}
	context := g.sheet.Name
	for r := a - 1; r >= 0 && r >= a-4; r-- {
		if g.texts(r) <= 2 {
			context += " " + strings.Join(g.sheet.Rows[r], " ")
		}
	}
	owned := false // a column that only a list of owners has
	for _, c := range cols {
		for _, m := range c.guesses {
			switch m.field {
			case FArea, FAreaReg, FAreaSurv, FAreaContr, FTitle, FCoowner, FState:
				owned = owned || m.sure >= 88
			}
		}
	}
	var best *table
	for _, k := range kinds {
		t := &table{grid: g, index: index}
		t.Sheet, t.Kind = g.sheet.Name, k.kind
		allowed := map[Field]bool{}
		for _, f := range k.fields {
			allowed[f] = true
		}
		taken := map[Field]int{} // field → index into t.Columns
		for c := range cols {
			if cols[c].label == "" {
				continue
			}
			col := Column{Col: c + 1, Letter: letter(c + 1), Label: cols[c].label}
			best := 0
			for _, m := range cols[c].guesses {
				if !allowed[m.field] || m.sure <= best {
					continue
				}
				if at, ok := taken[m.field]; ok && !personal(m.field) && t.Columns[at].Confidence >= min(m.sure, 100) {
					continue
				}
				best = m.sure
				col.Field, col.Confidence, col.Person = m.field, min(m.sure, 100), m.person
			}
			if col.Field != NoField && !personal(col.Field) {
				if at, ok := taken[col.Field]; ok {
					t.Columns[at].Field, t.Columns[at].Confidence = NoField, 0
				}
				taken[col.Field] = len(t.Columns)
			}
			t.Columns = append(t.Columns, col)
		}
		if k.kind == KindCompounds || k.kind == KindCrew || k.kind == KindCommittee {
			// 联系电话 right of 主任 or 法官 is that person's.
			for i := 1; i < len(t.Columns); i++ {
				left, c := t.Columns[i-1], &t.Columns[i]
				if c.Field != NoField && c.Field != FOwnerPhone || left.Col != c.Col-1 {
					continue
				}
				bare := false
				for _, m := range cols[c.Col-1].guesses {
					bare = bare || m.field == FOwnerPhone && m.sure <= 70
				}
				if bare && (contains(answering, left.Field) || left.Field == FChair || left.Field == FSecretary || left.Field == FResponsible) {
					c.Field, c.Confidence, c.Person = left.Field+"_phone", 80, 0
				}
			}
		}
		persons(t)
		t.settle()
		if !k.needs(t.has) {
			// A list of people by its title, though no column says tenant or relation.
			if k.kind != KindResidents || !k.words.MatchString(context) || !t.has(FRoom, FJoint) || !t.has(FOwner) || t.has(FPost) || owned {
				continue
			}
			t.score += 400
		}
		for _, c := range t.Columns {
			if c.Field == NoField || g.carried(a, b, c.Col-1) {
				continue
			}
			t.score += c.Confidence
			if contains(heavy[k.kind], c.Field) {
				t.score += c.Confidence / 2
			}
		}
		if k.words.MatchString(context) {
			t.score += 60
		}
		if best == nil || t.score > best.score {
			best = t
		}
	}
	if best == nil {
		n := 0
		for _, c := range cols {
			if len(c.guesses) > 0 {
				n++
			}
		}
		if n < 3 {
			return nil
		}
		best = &table{grid: g, index: index}
		best.Sheet = g.sheet.Name
		for c := range cols {
			if cols[c].label != "" {
				best.Columns = append(best.Columns, Column{Col: c + 1, Letter: letter(c + 1), Label: cols[c].label})
			}
		}
		best.Problem = &Sentence{
			Zh: fmt.Sprintf("工作表“%s”第 %d 行像是表头，但看不出这张表登记的是什么（缺少房号、小区名称等关键列）。", g.sheet.Name, a+1),
			En: fmt.Sprintf("Row %d of sheet %q looks like a header, but what the table is about could not be told (no column for room, compound or the like).", a+1, g.sheet.Name),
		}
	}
	for r := a; r <= b; r++ {
		best.HeaderRows = append(best.HeaderRows, r+1)
	}
	return best
}

func (t *table) settle() {
	t.cols = map[Field][]Column{}
	for _, c := range t.Columns {
		if c.Field != NoField {
			t.cols[c.Field] = append(t.cols[c.Field], c)
		}
	}
}

func letter(n int) string {
	s := ""
	for n > 0 {
		n--
		s = string(rune('A'+n%26)) + s
		n /= 26
	}
	return s
}

// personal fields may stand in several columns.
func personal(f Field) bool {
	role, _ := split(f)
	return role != ""
}

// split gives role and attribute of a person's field.
func split(f Field) (role, attribute string) {
	for _, r := range []string{"owner", "coowner", "tenant", "family"} {
		rest, ok := strings.CutPrefix(string(f), r)
		switch rest {
		case "", "_id", "_phone", "_share", "_id_kind":
			if ok {
				return r, rest
			}
		}
	}
	return "", ""
}

var phoneNumbered = regexp.MustCompile(`^(?:联系)?(?:电话|手机|手机号|手机号码|联系方式|号码)(?:[1-5]|[一二三四五])$`)

func lastLabel(label string) string { return label[strings.LastIndex(label, "/")+1:] }

// persons gives columns of names and numbers to persons. Labels with a role keep
// it; a bare 证件号码 or 联系电话 goes to the owner who has none yet, or to the
// nearest name on its left.
func persons(t *table) {
	if t.Kind == KindCompounds {
		return
	}
	type who struct {
		role   string
		number int
	}
	has := map[who]map[string]bool{}
	mark := func(w who, attribute string) {
		if has[w] == nil {
			has[w] = map[string]bool{}
		}
		has[w][attribute] = true
	}
	last := who{}
	count := map[string]int{}
	// Names first, so that numbers know whom they can go to.
	names := map[int]who{}
	for i := range t.Columns {
		c := &t.Columns[i]
		role, attribute := split(c.Field)
		if role == "" || attribute != "" {
			continue
		}
		w := who{role, c.Person}
		if c.Confidence <= 70 && role == "owner" && last.role != "" && count["owner"] == 0 && (last.role == "tenant" || last.role == "family") {
			w.role = last.role
		}
		for has[w][""] {
			w.number++
		}
		mark(w, "")
		count[role]++
		names[i] = w
		last = w
		c.Field, c.Person = Field(w.role), w.number
	}
	give := func(c *Column, w who, attribute string) {
		for has[w][attribute] {
			if next := (who{w.role, w.number + 1}); attribute == "_phone" && !has[next][""] {
				break // 手机 and 固定电话 are both of one person
			}
			w.number++
		}
		mark(w, attribute)
		c.Field, c.Person = Field(w.role+attribute), w.number
		switch c.Field {
		case "tenant_share", "family_share", "tenant_id_kind", "family_id_kind", "coowner_id_kind":
			c.Field, c.Confidence, c.Person = NoField, 0, 0
		}
	}
	// Numbers whose label says whose they are.
	bare := map[string]int{}
	last = who{}
	for i := range t.Columns {
		c := &t.Columns[i]
		if w, ok := names[i]; ok {
			last = w
			continue
		}
		role, attribute := split(c.Field)
		if role == "" {
			continue
		}
		if c.Confidence <= 70 {
			bare[attribute]++
			continue
		}
		w := who{role, c.Person}
		if last.role == role && !has[last][attribute] && c.Person == 0 {
			w = last
		}
		give(c, w, attribute)
	}
	// The others: as many as there are names, each goes to the name on its left;
	// fewer, to the owner first, unless a tenant's name stands right before.
	last = who{}
	owner := who{"owner", 0}
	// 电话1 and 电话2 are one person's where no name carries a number.
	numbered, manyNames := map[int]bool{}, false
	for i := range t.Columns {
		c := &t.Columns[i]
		if _, ok := names[i]; ok {
			manyNames = manyNames || c.Person > 0 && c.Field == FOwner
		} else {
			numbered[c.Col] = phoneNumbered.MatchString(bareLabel(labelKey(lastLabel(c.Label))))
		}
	}
	for i := range t.Columns {
		c := &t.Columns[i]
		if w, ok := names[i]; ok {
			last = w
			continue
		}
		role, attribute := split(c.Field)
		if role == "" || c.Confidence > 70 {
			continue
		}
		w := owner
		if attribute == "_phone" && numbered[c.Col] && !manyNames {
			give(c, w, attribute)
			continue
		}
		beside := last.role != "" && !has[last][attribute]
		switch {
		case beside && (bare[attribute] >= len(names) || last.role == "tenant" || last.role == "family"):
			w = last
		case has[owner][attribute] && last.role != "":
			w = last
		}
		give(c, w, attribute)
	}
}

var (
	sniffCommunity = regexp.MustCompile(`^[\p{Han}]{2,8}(?:社区|村)$`)
	sniffBuilding  = regexp.MustCompile(`^(?:第?[0-9A-Za-z一二三四五六七八九十]+(?:幢|栋|座|号楼|#楼?)|地下室)$`)
	sniffUnit      = regexp.MustCompile(`^第?[0-9A-Za-z一二三四五六七八九十]+(?:单元|梯)$`)
	sniffRoom      = regexp.MustCompile(`^[0-9]{3,4}(?:室|房)?$`)
	sniffJoint     = regexp.MustCompile(`^.*[0-9A-Za-z一二三四五六七八九十]+(?:幢|栋|座|号楼|#)\s*[-/ ]?.*[0-9]{2,4}(?:室|房|号)?$|^[0-9A-Za-z]{1,3}-(?:[0-9]{1,2}-)?[0-9]{3,4}$`)
	sniffID        = regexp.MustCompile(`^['’]?[1-9][0-9]{16}[0-9Xx](?:[、,;/ ]|$)|^[1-9][0-9]{14}$`)
	sniffArea      = regexp.MustCompile(`^[0-9]{1,4}\.[0-9]+(?:㎡|m2|平方米|平米)?$|^[0-9]{2,4}(?:㎡|m2|平方米|平米)$`)
	sniffWhole     = regexp.MustCompile(`^[0-9]{2,3}$`)
	sniffUse       = regexp.MustCompile(`^(?:住宅|店面|商铺|车位|商业|车库|办公|非住宅)$`)
	sniffState     = regexp.MustCompile(`^(?:已交付|未交付|未售|已售未交付|已交房|未交房|已售)$`)
	sniffTitle     = regexp.MustCompile(`不动产权第|房权证|房地证`)
	sniffName      = regexp.MustCompile(`^[\p{Han}]{2,4}(?:[、,/ ][\p{Han}]{2,4})*$`)
)

const surnames = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤庄颜柯洪施赖温骆连纪康傅涂游翁阮欧卓伍尤"

// sniff says what a column holds by its cells.
func sniff(g *grid, c, from, to int) (Field, int) {
	votes := map[Field]int{}
	n := 0
	for r := from; r < to && n < 200; r++ {
		t := clean(g.cell(r, c))
		if t == "" {
			continue
		}
		n++
		u := tight(t)
		switch {
		case sniffID.MatchString(t):
			votes[FOwnerID]++
		case sniffTitle.MatchString(u):
			votes[FTitle]++
		case sniffCommunity.MatchString(u):
			votes[FCommunity]++
		case sniffBuilding.MatchString(u):
			votes[FBuilding]++
		case sniffUnit.MatchString(u):
			votes[FUnit]++
		case sniffUse.MatchString(u):
			votes[FUse]++
		case sniffState.MatchString(u):
			votes[FState]++
		case sniffJoint.MatchString(t):
			votes[FJoint]++
		case sniffArea.MatchString(u):
			votes[FArea]++
		case sniffRoom.MatchString(u):
			votes[FRoom]++
		case sniffWhole.MatchString(u):
		case likeCompound(u):
			votes[FCompound]++
		default:
			if p, bad := ParsePhones(t); len(p) > 0 && !bad {
				votes[FOwnerPhone]++
			} else if sniffName.MatchString(t) && strings.ContainsRune(surnames, []rune(t)[0]) || organisation.MatchString(t) && runes(t) > 5 {
				votes[FOwner]++
			}
		}
	}
	var best Field
	for _, f := range []Field{FOwnerID, FTitle, FCommunity, FBuilding, FUnit, FUse, FState, FJoint, FArea, FRoom, FCompound, FOwnerPhone, FOwner} {
		if votes[f] > votes[best] {
			best = f
		}
	}
	if n < 2 || votes[best]*10 < n*7 {
		return NoField, 0
	}
	return best, votes[best] * 60 / n
}

// sniffed understands a table without a header by its cells alone.
func (d *reader) sniffed(g *grid, index int) *table {
	first := -1
	for r := range g.sheet.Rows {
		if g.texts(r) >= 3 {
			first = r
			break
		}
	}
	if first < 0 {
		return nil
	}
	t := &table{grid: g, index: index}
	t.Sheet, t.Kind = g.sheet.Name, KindHomes
	t.FirstRow, t.LastRow = first+1, len(g.sheet.Rows)
	seen := map[Field]bool{}
	for c := 0; c < g.width && c < 60; c++ {
		f, sure := sniff(g, c, first, len(g.sheet.Rows))
		if f != NoField && seen[f] {
			switch f {
			case FOwner:
				f = FCoowner
			case FOwnerID:
				f = FCoownerID
			default:
				f, sure = NoField, 0
			}
			if seen[f] {
				f, sure = NoField, 0
			}
		}
		seen[f] = f != NoField
		t.Columns = append(t.Columns, Column{Col: c + 1, Letter: letter(c + 1), Field: f, Confidence: sure})
	}
	t.settle()
	if !(t.has(FRoom, FJoint) && t.has(FOwner) && t.has(FArea, FOwnerID)) {
		return nil
	}
	for r := 0; r < first; r++ {
		d.above(t, r)
	}
	return t
}

// verify looks into columns whose label alone (号码, 证号) may mean several things.
func (t *table) verify() {
	if t.Kind != KindHomes && t.Kind != KindParking && t.Kind != KindResidents && t.Kind != KindOwners {
		return
	}
	for i := range t.Columns {
		c := &t.Columns[i]
		role, attribute := split(c.Field)
		if role == "" || c.Confidence > 70 || attribute != "_id" && attribute != "_phone" {
			continue
		}
		found, _ := sniff(t.grid, c.Col-1, t.FirstRow-1, t.LastRow)
		as := c.Field
		switch {
		case found == FTitle && !t.has(FTitle):
			as = FTitle
		case found == FOwnerPhone && attribute == "_id":
			as = Field(role + "_phone")
		case found == FOwnerID && attribute == "_phone":
			as = Field(role + "_id")
		}
		if as != c.Field && t.of(as, c.Person) < 0 {
			c.Field, c.Confidence = as, 60
			t.settle()
		}
	}
}

// complete fills columns that a header left open from what the cells hold.
func (t *table) complete() {
	t.verify()
	if t.Kind != KindHomes {
		return
	}
	wanted := []Field{FOwnerID, FOwnerPhone, FTitle, FState, FUse, FArea, FBuilding, FUnit, FCommunity, FOwner, FCompound}
	for i := range t.Columns {
		c := &t.Columns[i]
		if c.Field != NoField {
			continue
		}
		f, sure := sniff(t.grid, c.Col-1, t.FirstRow-1, t.LastRow)
		if f == NoField || !contains(wanted, f) || t.has(f) || isArea.MatchString(c.Label) && f != FArea {
			continue
		}
		switch f {
		case FArea:
			if t.has(FAreaReg, FAreaSurv, FAreaContr) || strings.ContainsAny(c.Label, "价费额率元金") || strings.Contains(c.Label, "公摊") || strings.Contains(c.Label, "分摊") || strings.Contains(c.Label, "时") {
				continue
			}
		case FOwner:
			if strings.ContainsAny(c.Label, "管办经审填") {
				continue
			}
		case FOwnerPhone, FOwnerID:
			if isContact.MatchString(c.Label) || t.Columns[i].Label != "" && strings.Contains(c.Label, "紧急") {
				continue
			}
		case FBuilding, FUnit:
			if t.has(FJoint) && !t.has(FRoom) {
				continue
			}
		}
		c.Field, c.Confidence = f, min(sure, 60)
		t.settle()
	}
}

var (
	totalWord = regexp.MustCompile(`^(?:小计|合计|总计|共计|累计|总合计|本页|本幢|本栋|全街道)|(?:小计|合计|总计|共计)[::]?$`)
	noteWord  = regexp.MustCompile(`^(?:注|说明|备注|填表说明|填报说明|填写说明|填报要求|※|★|提示|示例|例如|例|温馨提示)\s*[::.、\d]|^[(]?(?:续表|续上表|接上表|接上页|转下页|下页续|以下空白|此行以下空白)|^(?:说明|填表说明|填写说明|注)$|^(?:※|★|\*)`)
	signWord  = regexp.MustCompile(`(?:填表人|填报人|审核人|制表人?|经办人|负责人(?:签字|签名|签章)?|统计人|复核人?|登记人|录入人|单位负责人|填报单位|填表单位|填报日期|填表日期|盖章|签字|签章|联系人|审批人|采集人|核对人)[^:]{0,8}:`)
	exampleOf = regexp.MustCompile(`^(?:例|示例|样例|填写示例|举例)\s*[::]?$`)
	numbering = regexp.MustCompile(`^[(]?(?:\d{1,2}|[A-Z]|[一二三四五六七八九十]{1,2}|栏次)[)]?$`)
)

// skip says why row r (from 0) is no record, "" where it may be one. hits is how
// many of the table's own columns hold something of their own.
func (t *table) skip(r int) string {
	g := t.grid
	hits, first := 0, ""
	numbers := 0
	for _, c := range t.Columns {
		if c.Field == NoField && c.Label == "" {
			continue
		}
		text := clean(g.raw(r, c.Col-1))
		if text == "" {
			continue
		}
		if first == "" {
			first = text
		}
		hits++
		if numbering.MatchString(tight(text)) {
			numbers++
		}
	}
	if hits == 0 {
		return "blank"
	}
	if t.ownTexts(r) == 0 && (hits > 1 || bareNumber.MatchString(first)) {
		return "blank" // numbered or prefilled, but nothing said
	}
	if unitsOnly(g, r) {
		return "order"
	}
	// A total's word may stand in a column without a label, left of the others.
	seen, end := 0, 0
	for _, c := range t.Columns {
		end = max(end, c.Col)
	}
	for c := 0; c < end; c++ {
		text := tight(clean(g.raw(r, c)))
		if text == "" {
			continue
		}
		if seen++; seen > 4 {
			break
		}
		if totalWord.MatchString(text) {
			return "total"
		}
	}
	if noteWord.MatchString(first) && hits <= 3 || exampleOf.MatchString(tight(first)) {
		return "note"
	}
	if hits <= 5 && signWord.MatchString(rowText(g, r)) {
		return "signature"
	}
	if hits <= 2 && runes(first) > 24 && !(hits == 1 && t.Kind == KindCommittee && titleCompound(first, nil) != "") {
		return "note"
	}
	if numbers == hits && hits >= 4 && len(t.HeaderRows) > 0 && r < t.FirstRow+4 && steps(t, r) {
		return "order"
	}
	return ""
}

// ownTexts counts what a row says beyond what forms come prefilled with.
func (t *table) ownTexts(r int) int {
	n := 0
	for _, c := range t.Columns {
		switch c.Field {
		case FSerial:
			continue
		case FStreet, FCommunity, FCompound, FGrid:
			if t.Kind == KindHomes || t.Kind == KindParking || t.Kind == KindResidents {
				continue
			}
		case NoField:
			if c.Label == "" {
				continue
			}
		}
		if clean(t.grid.raw(r, c.Col-1)) != "" {
			n++
		}
	}
	return n
}

var unitWord = regexp.MustCompile(`^[(]?(?:㎡|m2|m²|平方米|平米|元|万元|户|套|幢|栋|年|个|人|元/㎡(?:[.·]?月)?|元/平方米[.·]?月)[)]?$`)

// unitsOnly tells a row of units under a header (㎡, 元) from data.
func unitsOnly(g *grid, r int) bool {
	n := 0
	for _, c := range g.sheet.Rows[r] {
		if c = tight(clean(c)); c == "" {
			continue
		}
		if !unitWord.MatchString(c) {
			return false
		}
		n++
	}
	return n > 0
}

// steps tells a row of column numbers (1 2 3 4) from data.
func steps(t *table, r int) bool {
	prev, up, n := -1, 0, 0
	for _, c := range t.Columns {
		s := strings.Trim(tight(clean(t.grid.raw(r, c.Col-1))), "()")
		if s == "" {
			continue
		}
		n++
		v, ok := count(s)
		if !ok && len(s) == 1 && unicode.IsUpper(rune(s[0])) {
			v, ok = int(s[0]-'A'), true
		}
		if ok && v == prev+1 {
			up++
		}
		prev = v
	}
	return up >= n-2
}

func rowText(g *grid, r int) string {
	return clean(strings.Join(g.sheet.Rows[r], " "))
}
