package ledger

import (
	"fmt"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"

	"cuobian/basis/area"
)

// Read understands a book. It always gives a Reading: what could not be
// understood is told in Layouts (Problem), Rejected and Warnings.
func Read(book Book, options Options) Reading {
	d := &reader{known: map[[2]string][]guess{}}
	s := &scribe{options: options, byName: map[string][]int{}, aka: map[string][]int{}, homes: map[string]int{}, spaces: map[string]int{}, owners: map[string]Person{}, committees: map[string]int{}, warned: map[string]bool{}}
	s.out.Street = options.Street
	var tables []*table
	for i := range book.Sheets {
		s.total += len(book.Sheets[i].Rows)
		if sheet := &book.Sheets[i]; sheet.Hidden && !corrected(sheet.Name, options.Layouts) {
			// Old copies and lists for drop-downs are what people hide.
			s.out.Warnings = append(s.out.Warnings, Warning{Sheet: sheet.Name, Code: "hidden", Zh: "隐藏的工作表未读取；如需读取请取消隐藏。", En: "A hidden sheet was not read; unhide it to have it read."})
			continue
		}
		tables = append(tables, correct(d, &book.Sheets[i], i, options.Layouts)...)
	}
	for _, t := range tables {
		s.context(t)
	}
	// Compounds first, then owners named by number: others refer to them.
	for _, round := range [][]Kind{{KindCompounds}, {KindOwners}, {KindHomes, KindParking}, {KindResidents, KindCommittee, KindCrew, KindBuildings, KindUnknown, KindOther}} {
		for _, t := range tables {
			for _, k := range round {
				if t.Kind == k {
					s.name(t, book.Name)
					before := s.lengths()
					s.read(t)
					s.moveSources(t, before)
					s.out.Warnings = append(s.out.Warnings, t.told...)
					for _, at := range t.lost {
						s.refuseCell(t, at)
					}
					s.unused(t)
				}
			}
		}
		if round[0] == KindCompounds {
			s.listed()
		}
	}
	for _, t := range tables {
		for i := t.FirstRow - 1; s.out.Street == "" && t.has(FStreet) && i < t.LastRow && i < len(t.grid.sheet.Rows); i++ {
			if m := streetName.FindStringSubmatch(tight(t.get(i, FStreet))); m != nil {
				s.out.Street = lastPlace(m[1])
			}
		}
	}
	if m := streetName.FindStringSubmatch(tight(clean(book.Name))); m != nil && s.out.Street == "" {
		s.out.Street = lastPlace(m[1])
	}
	s.finish(tables, &book)
	return s.out
}

func corrected(sheet string, layouts []Layout) bool {
	for _, l := range layouts {
		if l.Sheet == sheet && l.Kind != KindUnknown && l.Kind != KindEmpty && l.Kind != KindOther {
			return true
		}
	}
	return false
}

// correct finds the tables of a sheet and puts a person's corrections in.
func correct(d *reader, sheet *Sheet, index int, layouts []Layout) []*table {
	tables := d.find(sheet, index)
	for _, l := range layouts {
		if l.Sheet != sheet.Name || l.Kind == KindEmpty || l.Kind == KindUnknown && len(l.Columns) == 0 {
			continue
		}
		at := -1
		for i, t := range tables {
			if t.origin != nil {
				if first, _ := t.from(t.FirstRow, 0); first == l.FirstRow || l.FirstRow == 0 {
					at = i
					break
				}
				continue
			}
			if len(l.HeaderRows) == 0 {
				at = i
				break
			}
			if len(t.HeaderRows) > 0 && t.HeaderRows[0] == l.HeaderRows[0] {
				if at < 0 {
					at = i
				}
				// Beside another table of the same rows: the one with these columns.
				if len(l.Columns) > 0 && len(t.Columns) > 0 && slices.ContainsFunc(t.Columns, func(c Column) bool { return c.Col == l.Columns[len(l.Columns)-1].Col }) {
					at = i
					break
				}
			}
		}
		if at < 0 {
			t := &table{grid: newGrid(sheet), index: index}
			t.Sheet, t.HeaderRows = sheet.Name, l.HeaderRows
			t.FirstRow, t.LastRow = max(l.FirstRow, 1), l.LastRow
			if len(l.HeaderRows) > 0 {
				t.FirstRow = max(t.FirstRow, l.HeaderRows[len(l.HeaderRows)-1]+1)
				for r := 0; r < min(l.HeaderRows[0]-1, len(sheet.Rows)); r++ {
					d.above(t, r)
				}
			}
			if t.LastRow <= 0 || t.LastRow > len(sheet.Rows) {
				t.LastRow = len(sheet.Rows)
			}
			tables = append(tables, t)
			at = len(tables) - 1
		}
		t := tables[at]
		t.Kind, t.Problem, t.fixed = l.Kind, nil, true
		t.Compound, t.Community, t.Building = l.Compound, l.Community, l.Building
		t.Columns = nil
		for _, c := range l.Columns {
			if c.Col < 1 || c.Col > 400 {
				continue
			}
			c.Letter = letter(c.Col)
			t.Columns = append(t.Columns, c)
		}
		t.settle()
	}
	for _, t := range tables {
		if !t.fixed {
			t.complete()
		}
	}
	return tables
}

// scribe writes records down.
type scribe struct {
	options    Options
	out        Reading
	byName     map[string][]int // compound name → places in out.Compounds
	aka        map[string][]int // name without 小区 → likewise
	homes      map[string]int
	spaces     map[string]int
	owners     map[string]Person // by 业主编号
	warned     map[string]bool
	committees map[string]int // by key
	here       *place
	done       int
	total      int
	hasList    bool // a compound ledger was read
}

func (s *scribe) tick() {
	s.done++
	if s.options.Progress != nil && s.done%500 == 0 {
		s.options.Progress(min(s.done, s.total), s.total)
	}
}

func (s *scribe) warn(t *table, row, col int, code, zh, en string) {
	row, col = t.from(row, col)
	s.out.Warnings = append(s.out.Warnings, Warning{Sheet: t.Sheet, Row: row, Col: col, Code: code, Zh: zh, En: en})
}

// once warns one time per subject.
func (s *scribe) once(t *table, subject string, row int, code, zh, en string) {
	if k := code + "\x00" + t.Sheet + "\x00" + subject; !s.warned[k] {
		s.warned[k] = true
		s.warn(t, row, 0, code, zh, en)
	}
}

func (s *scribe) refuse(t *table, r int, field Field, col int, reason string) {
	words, ok := reasons[reason]
	if !ok {
		words = Sentence{reason, reason}
	}
	where := ""
	whereEn := ""
	row, col := t.from(r+1, col)
	if col > 0 {
		where = fmt.Sprintf("第 %d 行 %s 列：", row, letter(col))
		whereEn = fmt.Sprintf("Row %d, column %s: ", row, letter(col))
	} else {
		where = fmt.Sprintf("第 %d 行：", row)
		whereEn = fmt.Sprintf("Row %d: ", row)
	}
	s.out.Rejected = append(s.out.Rejected, Refusal{Sheet: t.Sheet, Row: row, Col: col, Field: field, Reason: reason, Zh: where + words.Zh, En: whereEn + words.En})
	t.Refused++
}

// refuseCell refuses a cell of a matrix.
func (s *scribe) refuseCell(t *table, at [2]int) {
	words := reasons["cell"]
	s.out.Rejected = append(s.out.Rejected, Refusal{Sheet: t.Sheet, Row: at[0], Col: at[1], Field: FOwner, Reason: "cell",
		Zh: fmt.Sprintf("第 %d 行 %s 列：", at[0], letter(at[1])) + words.Zh, En: fmt.Sprintf("Row %d, column %s: ", at[0], letter(at[1])) + words.En})
	t.Refused++
}

// reasons are the sentences of refusals.
// notDelivered are the words that stand in a column for the day of delivery before there is one.
var notDelivered = regexp.MustCompile(`^(?:尚|还|暂)?未(?:交付|交房|交楼|移交)$`)

var reasons = map[string]Sentence{
	"area":              {"面积不是大于零的数。", "The area is not a number above zero."},
	"cell":              {"这一格里除姓名、面积、电话、证件号码外还有看不懂的数字。", "Beside name, area, telephone and document number this cell holds digits that were not understood."},
	"owner_missing":     {"没有填写业主姓名。", "No owner is named."},
	"owner_unknown":     {"业主编号在业主表中找不到。", "The owner's number is not in the list of owners."},
	"duplicate_home":    {"同一房屋、同一业主重复填写。", "The same home with the same owner is already above."},
	"owner_conflict":    {"同一房屋在前面已登记给另外的业主。", "The same home is already above with another owner."},
	"home_missing":      {"没有填写房号（楼栋、单元、房号）。", "The home is not named (building, unit, room)."},
	"compound_missing":  {"看不出属于哪个小区：表中、标题和工作表名都没有小区名称；可在导入时指定小区。", "The compound is not named, neither in the table nor in a title nor in the sheet's name; it can be given when importing."},
	"compound_double":   {"同名小区在两个社区都有，本行没有写明社区。", "Two communities have a compound of this name, and this row names no community."},
	"duplicate_listing": {"小区台账中同一小区重复填写。", "The compound is already listed above."},
	"person_missing":    {"没有填写姓名。", "No name is given."},
	idChecksum:          {"证件号码校验不符，请核对是否抄错一位。", "The check digit of the document number does not agree; a digit may be wrong."},
	idLength:            {"证件号码既不是 15 位或 18 位居民身份证，也不是其他可识别的证件。", "The document number has neither 15 nor 18 digits and is no other known document."},
	idLost:              {"证件号码被表格按数字存储，末几位已丢失，请按文本重新填写。", "The spreadsheet stored the document number as a number and lost its last digits; enter it again as text."},
	idBirth:             {"证件号码中的出生日期不存在。", "The date of birth inside the document number does not exist."},
	"id_extra":          {"证件号码比姓名多，无法一一对应。", "There are more document numbers than names."},
	"coowner_row":       {"同一房屋的另一共有人所在行不能接受，整套退回。", "Another co-owner's row of the same home was refused, so the home is refused whole."},
}

// context takes from titles what concerns the whole book.
func (s *scribe) context(t *table) {
	for _, line := range t.title {
		if strings.Contains(line, "面积") && (strings.Contains(line, "不动产权证为准") || strings.Contains(line, "产权证为准") || strings.Contains(line, "证载") || strings.Contains(line, "房产证为准") || strings.Contains(line, "登记为准")) {
			t.registered = true
		}
		if s.out.Street == "" {
			if m := streetName.FindStringSubmatch(tight(afterColon(line))); m != nil {
				s.out.Street = lastPlace(m[1])
			}
		}
		if len(line) > 9 && s.out.ReportDate == "" && strings.ContainsAny(line, "年.-/") {
			if day, ok := ParseDate(line, false); ok && len(day) > 4 {
				s.out.ReportDate = day
			}
		}
		for _, p := range pairs(line) {
			switch labelKey(p[0]) {
			case "填报日期", "填表日期", "统计日期", "日期", "统计时间", "填报时间", "截止日期", "截至日期", "更新日期", "制表日期", "填表时间", "更新时间":
				if day, ok := ParseDate(p[1], t.grid.sheet.Date1904); ok && day != "" && s.out.ReportDate == "" {
					s.out.ReportDate = day
				}
			}
		}
	}
}

func afterColon(line string) string {
	for _, p := range pairs(line) {
		if strings.Contains(p[0], "单位") || strings.Contains(p[0], "街道") {
			return p[1]
		}
	}
	return line
}

// lastPlace leaves the city and district before a street out.
func lastPlace(s string) string {
	for _, mark := range []string{"市", "区", "县"} {
		if i := strings.LastIndex(s, mark); i > 0 && i+len(mark) < len(s)-len("街道") && !strings.HasPrefix(s[i:], "区街道") {
			s = s[i+len(mark):]
		}
	}
	return s
}

// pairs splits a line of keys: "填报单位：丰泽街道　　填报日期：2024.12".
func pairs(line string) [][2]string {
	var out [][2]string
	rest := strings.Map(func(r rune) rune {
		if r == '：' {
			return ':'
		}
		return r
	}, line)
	for {
		i := strings.Index(rest, ":")
		if i < 0 {
			return out
		}
		key := rest[:i]
		if j := strings.LastIndexFunc(key, func(r rune) bool { return strings.ContainsRune(" ,;，；。", r) }); j >= 0 {
			_, size := utf8.DecodeRuneInString(key[j:])
			key = key[j+size:]
		}
		rest = rest[i+1:]
		val := strings.TrimLeft(rest, " ")
		if j := strings.Index(val, ":"); j >= 0 {
			k := strings.LastIndexAny(val[:j], " ,;")
			if k < 0 {
				k = 0
			}
			rest = val[k:]
			val = val[:k]
		} else {
			rest = ""
		}
		key = labelNote.ReplaceAllString(clean(key), "")
		out = append(out, [2]string{key, value(strings.Trim(val, " ,;"))})
	}
}

// name finds the compound, community and building that a whole table is about.
func (s *scribe) name(t *table, bookName string) {
	if t.Kind == KindUnknown || t.Kind == KindEmpty || t.Kind == KindOther || t.Kind == KindOwners {
		return
	}
	known := map[string]bool{}
	for _, c := range s.out.Compounds {
		if runes(c.Name) >= 3 {
			known[c.Name] = true
		}
	}
	for _, line := range t.title {
		for _, p := range pairs(line) {
			switch labelKey(bareLabel(labelKey(p[0]))) {
			case "小区", "小区名称", "项目名称", "楼盘", "楼盘名称", "住宅小区", "物业项目", "所属小区", "项目":
				if t.Compound == "" {
					t.Compound = CompoundName(p[1])
				}
			case "社区", "所属社区", "社区名称", "所在社区", "村居":
				if t.Community == "" {
					t.Community = p[1]
				}
			case "楼栋", "幢号", "楼号", "栋号", "楼幢":
				if t.Building == "" {
					t.Building = ParseBuilding(p[1])
				}
			}
		}
	}
	if t.Community == "" && !t.has(FCommunity) {
		for _, line := range append([]string{t.Sheet}, t.title...) {
			u := tight(afterColon(line))
			if i := strings.LastIndex(u, "街道"); i >= 0 {
				u = u[i+len("街道"):]
			}
			if m := community.FindStringSubmatch(u); m != nil && strings.HasSuffix(m[1], "社区") && !strings.Contains(m[1], "本社区") {
				t.Community = m[1]
				break
			}
		}
	}
	if t.Kind == KindCompounds || t.has(FCompound) {
		return
	}
	if over := CompoundName(t.over()); t.Compound == "" && (known[over] || likeCompound(over)) {
		t.Compound = over
	}
	if t.Compound == "" {
		for _, line := range t.title {
			if len(pairs(titleNote.ReplaceAllString(clean(line), ""))) > 0 || noteWord.MatchString(line) {
				continue
			}
			if c := titleCompound(line, known); c != "" {
				t.Compound = c
				break
			}
		}
	}
	if t.Compound == "" {
		if c := CompoundName(labelNote.ReplaceAllString(clean(t.Sheet), "")); known[c] || likeCompound(c) {
			t.Compound = c
		} else if c := titleCompound(t.Sheet, known); c != "" {
			t.Compound = c
		}
	}
	if t.Compound == "" && s.options.Compound != "" {
		t.Compound = CompoundName(s.options.Compound)
	}
	if t.Compound == "" {
		// The only compound of the book's own ledger.
		if s.hasList && len(s.out.Compounds) == 1 {
			t.Compound = s.out.Compounds[0].Name
		} else if c := titleCompound(bookName, known); c != "" {
			t.Compound = c
		}
	}
	if t.Building == "" && !t.has(FBuilding) {
		if u := tight(clean(t.Sheet)); sniffBuilding.MatchString(u) {
			t.Building = ParseBuilding(u)
		}
		if over := t.over(); sniffBuilding.MatchString(over) {
			t.Building = ParseBuilding(over)
		}
		for i := len(t.title) - 1; i >= 0 && t.Building == "" && t.Kind == KindHomes; i-- {
			t.Building = buildingIn(t.title[i])
		}
		if t.Building == "" && t.Kind == KindHomes {
			t.Building = buildingIn(t.Sheet)
		}
	}
}

// over is the word that stands merged over all columns of a table: 3幢 over 房号, 业主 and 面积.
func (t *table) over() string {
	word := ""
	for _, c := range t.Columns {
		head, _, cut := strings.Cut(c.Label, "/")
		if c.Label == "" {
			continue
		}
		if !cut || word != "" && head != word {
			return ""
		}
		word = head
	}
	return word
}

var buildingOf = regexp.MustCompile(`(?:^|[^0-9A-Za-z共])([0-9A-Z]{1,3}|[一二三四五六七八九十]{1,3})(号楼|幢|栋|座|#楼?)`)

// buildingIn gives the one building that a title or a sheet's name says; "" where it names none or several.
func buildingIn(line string) string {
	all := buildingOf.FindAllStringSubmatch(tight(clean(line)), -1)
	if len(all) != 1 || strings.ContainsAny(line, "至~～、") {
		return ""
	}
	return ordinal(all[0][1])
}

// compound gives the key of a compound, adding it where it is new. Empty: the
// name stands in two communities and the row does not say which.
func (s *scribe) compound(t *table, r int, name, community string) (key string) {
	at := s.byName[name]
	if len(at) == 0 {
		stem := strings.TrimSuffix(name, "小区")
		if near := s.aka[stem]; len(near) == 1 && runes(stem) >= 2 {
			at = near
		}
	}
	switch {
	case len(at) == 1:
		c := &s.out.Compounds[at[0]]
		if c.Community == "" {
			c.Community = community
		} else if community != "" && plainCommunity(community) != plainCommunity(c.Community) {
			s.once(t, name, r+1, "community_differs", fmt.Sprintf("小区“%s”的社区与台账不一致，按台账计。", name), fmt.Sprintf("Compound %q stands under another community in the compound ledger, which is followed.", name))
		}
		return c.Key
	case len(at) > 1:
		for _, i := range at {
			if c := s.out.Compounds[i]; c.Community == community {
				return c.Key
			}
		}
		return ""
	}
	if s.hasList {
		s.once(t, name, r+1, "compound_unlisted", fmt.Sprintf("小区“%s”不在小区台账中。", name), fmt.Sprintf("Compound %q is not in the compound ledger.", name))
	}
	s.add(Compound{Key: name, Source: Source{t.Sheet, r + 1}, Name: shown(t.as(r, FCompound), name), Community: community, Buildings: -1, Units: -1, Households: -1, ParkingLot: -1, CommitteeMembers: -1, CommitteeParty: -1}, name)
	return name
}

func plainCommunity(s string) string {
	return strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(s, "居委会"), "居民委员会"), "社区")
}

// shown is a compound's name as the cell writes it, full-width brackets and all.
func shown(cell, name string) string {
	w := strings.Trim(tight(written(cell)), "\"'“”‘’《》「」『』〈〉【】：:;；，,。、")
	if CompoundName(w) != name {
		return name
	}
	if strings.HasSuffix(w, "小区") && !strings.HasSuffix(name, "小区") {
		w = strings.TrimSuffix(w, "小区")
	}
	return w
}

func (s *scribe) add(c Compound, name string) {
	i := len(s.out.Compounds)
	s.out.Compounds = append(s.out.Compounds, c)
	s.byName[name] = append(s.byName[name], i)
	stem := strings.TrimSuffix(name, "小区")
	s.aka[stem] = append(s.aka[stem], i)
}

// listed gives compounds of one name in two communities keys of their own.
func (s *scribe) listed() {
	for _, at := range s.byName {
		if len(at) < 2 {
			continue
		}
		for _, i := range at {
			c := &s.out.Compounds[i]
			c.Key += "@" + c.Community
			for j := range s.out.Crew {
				if s.out.Crew[j].Source == c.Source {
					s.out.Crew[j].Compound = c.Key
				}
			}
		}
	}
	s.hasList = len(s.out.Compounds) > 0
}

// place carries down what rows leave blank.
type place struct {
	community, compound, building, unit string
	section                             string // compound of a section row
	sectionText                         string // the row as it is written
	sectionBuilding, sectionUnit        string
}

// read goes through the rows of one table.
func (s *scribe) read(t *table) {
	if t.Kind == KindUnknown || t.Kind == KindEmpty || t.Kind == KindOther {
		return
	}
	headers := map[int]bool{}
	for _, k := range t.Skipped {
		headers[k.Row] = true
	}
	for _, h := range t.HeaderRows {
		headers[h] = true
	}
	var p place
	var open *group
	sums := newSums(t)
	for r := t.FirstRow - 1; r < t.LastRow && r < len(t.grid.sheet.Rows); r++ {
		s.tick()
		if headers[r+1] {
			continue
		}
		why := t.skip(r)
		if why == "" && t.grid.texts(r) == 1 && (open == nil || !t.continues(r, open.row)) {
			s.close(t, open)
			open = nil
			if s.section(t, r, &p) {
				why = "section"
			}
		}
		if why != "" {
			s.close(t, open)
			open = nil
			if why == "total" {
				t.Stated = append(t.Stated, sums.compare(r)...)
			}
			t.Skipped = append(t.Skipped, Skip{r + 1, why})
			continue
		}
		sums.add(r)
		switch t.Kind {
		case KindCompounds:
			s.readCompound(t, r, &p)
		case KindHomes:
			open = s.gather(t, r, &p, open)
		case KindParking:
			s.readParking(t, r, &p)
		case KindOwners:
			s.readOwner(t, r)
		case KindResidents:
			s.readResident(t, r, &p)
		case KindCommittee:
			s.readMember(t, r, &p)
		case KindCrew:
			s.readCrew(t, r, &p)
		case KindBuildings:
			t.Read++
		}
	}
	s.close(t, open)
}

// section reads rows that head those below: 明鑫花苑, 3幢, 2单元.
func (s *scribe) section(t *table, r int, p *place) bool {
	if t.Kind != KindHomes && t.Kind != KindParking && t.Kind != KindResidents && t.Kind != KindCommittee && t.Kind != KindCompounds {
		return false
	}
	text, n := "", 0
	for c := 0; c < t.grid.width; c++ {
		if v := clean(t.grid.raw(r, c)); v != "" {
			text = v
			n++
		}
	}
	if n != 1 {
		return false
	}
	text = strings.TrimRight(sectionMark.ReplaceAllString(tight(text), ""), ":")
	if t.Kind == KindCompounds {
		if sniffCommunity.MatchString(text) {
			p.community = text
			return true
		}
		return false
	}
	if sniffCommunity.MatchString(text) && strings.HasSuffix(text, "社区") {
		p.community = text
		return true
	}
	if sniffBuilding.MatchString(text) {
		p.sectionBuilding, p.sectionUnit = ParseBuilding(text), ""
		return true
	}
	if sniffUnit.MatchString(text) {
		p.sectionUnit = ParseUnit(text)
		return true
	}
	if sp := joint(text); sp.building != "" && sp.unit != "" && sp.room == "" {
		if c := CompoundName(sp.before); likeCompound(c) {
			p.section = c
		}
		p.sectionBuilding, p.sectionUnit = sp.building, sp.unit
		return true
	} else if sp.building != "" && sp.room == "" {
		if c := CompoundName(sp.before); likeCompound(c) {
			p.section, p.sectionBuilding, p.sectionUnit = c, sp.building, ""
			return true
		}
	}
	if c := titleCompound(text, nil); c != "" {
		p.section, p.sectionBuilding, p.sectionUnit, p.sectionText = c, "", "", text
		return true
	}
	return false
}

// where finds compound, community and the home of row r. reason is "" or why the
// row cannot be placed.
func (s *scribe) where(t *table, r int, p *place, needRoom bool) (key, comm string, sp spot, reason string, field Field) {
	name := CompoundName(t.get(r, FCompound))
	comm = t.get(r, FCommunity)
	building := t.get(r, FBuilding)
	unitSaid := t.get(r, FUnit)
	room := t.get(r, FRoom)
	joined := t.get(r, FJoint)
	if room != "" && joined != "" {
		// Both stand in the table: the joint cell fills what the others leave out.
		j := joint(joined)
		if building == "" {
			building = j.building
		}
		if unitSaid == "" {
			unitSaid = j.unit
		}
	} else if room == "" {
		room = joined
	}
	sameCompound := name == "" || name == p.compound
	if name == "" && room != "" {
		// 明月花苑3幢502: the compound stands before the building.
		if known := s.startsWith(room); known != "" {
			name = known
		} else if j := joint(room); j.before != "" && t.Compound == "" && p.section == "" {
			before := strings.TrimSpace(road.ReplaceAllString(j.before, ""))
			if c := CompoundName(strings.TrimSpace(beforeName.ReplaceAllString(before, ""))); likeCompound(c) {
				name = c
			}
		}
	}
	if name != "" && !digitsOnly(room) {
		if i := strings.Index(room, name); i >= 0 && len(room) > i+len(name) {
			room = strings.TrimPrefix(trimMarks(room[i+len(name):]), "小区")
		}
	}
	if name == "" {
		switch {
		case p.section != "":
			name = p.section
		case t.Compound != "":
			name = t.Compound
		default:
			name = p.compound
		}
	}
	if comm == "" {
		if name == p.compound {
			comm = p.community
		}
		if comm == "" {
			comm = t.Community
		}
		if comm == "" && p.compound == "" {
			comm = p.community
		}
	}
	numbered := building != ""
	if building != "" {
		b := joint(building)
		if m := pairOf.FindStringSubmatch(tight(building)); m != nil && !t.has(FUnit) && strings.ContainsAny(t.cols[FBuilding][0].Label, "单梯") {
			b = spot{building: ParseBuilding(m[1]), unit: ParseUnit(m[2])} // 3-1 under 楼栋-单元
		}
		if b.building != "" && b.unit != "" && b.room == "" { // 3幢1单元 in the building's column
			sp.building, sp.unit = b.building, b.unit
		} else {
			sp.building = ParseBuilding(building)
			if han(sp.building) > 2 && b.before != "" && b.building != "" && strings.Contains(b.before, name) {
				sp.building = b.building
			}
		}
	}
	if unitSaid != "" {
		u := joint(unitSaid)
		if u.building != "" && u.unit != "" && u.room == "" {
			if sp.building == "" {
				sp.building = u.building
			}
			sp.unit = u.unit
		} else {
			sp.unit = ParseUnit(unitSaid)
		}
	}
	if room != "" {
		if sp.building == "" && !t.has(FBuilding) || !t.has(FRoom) && t.has(FJoint) || sp.building == "" && strings.ContainsAny(room, "幢栋#座-/") {
			j := joint(room)
			if t.has(FUnit) && j.building != "" && j.unit == "" && sp.unit == "" && !strings.ContainsAny(room, "幢栋#座") && t.has(FBuilding) {
				j.unit, j.building = j.building, ""
			}
			if j.building != "" {
				sp.building = j.building
				numbered = true
			}
			if j.unit != "" {
				sp.unit = j.unit
			}
			sp.floor, sp.room = j.floor, j.room
		} else {
			sp.room = s.roomIn(room, &sp)
		}
	}
	if f := t.get(r, FFloor); f != "" {
		if m := floorMark.FindStringSubmatch(tight(f)); m != nil {
			f = m[1]
		}
		f, _ = whole(f)
		sp.floor = ordinal(f)
	}
	if sp.building == "" {
		switch {
		case p.sectionBuilding != "":
			sp.building = p.sectionBuilding
			if sp.unit == "" {
				sp.unit = p.sectionUnit
			}
		case t.Building != "":
			sp.building = t.Building
		case t.has(FBuilding) && !numbered && sameCompound && room != "" && t.carries(r, FBuilding):
			sp.building = p.building
			if sp.unit == "" && t.has(FUnit) {
				sp.unit = p.unit
			}
		}
	} else if sp.unit == "" && p.sectionUnit != "" && sp.building == p.sectionBuilding {
		sp.unit = p.sectionUnit
	}
	if name == "" {
		return "", comm, sp, "compound_missing", FCompound
	}
	if needRoom && sp.room == "" {
		return "", comm, sp, "home_missing", FRoom
	}
	key = s.compound(t, r, name, comm)
	if key == "" {
		return "", comm, sp, "compound_double", FCommunity
	}
	if comm == "" {
		for _, i := range s.byName[name] {
			comm = s.out.Compounds[i].Community
		}
	}
	p.compound, p.community = name, comm
	p.building, p.unit = sp.building, sp.unit
	return key, comm, sp, "", NoField
}

var pairOf = regexp.MustCompile(`^([0-9A-Za-z]+)[-/]([0-9A-Za-z]+)$`)

// startsWith gives the known compound that a home's address names.
func (s *scribe) startsWith(address string) string {
	if han(address) < 3 {
		return ""
	}
	best := ""
	for name := range s.byName {
		if len(name) > len(best) && runes(name) >= 3 && strings.Contains(address, name) {
			best = name
		}
	}
	return best
}

// carries reports whether a column is written once for several rows: at least a
// third of its cells are blank. Where every row has its own, a blank is a blank.
func (t *table) carries(r int, f Field) bool {
	if t.sparse == nil {
		t.sparse = map[Field]bool{}
	}
	if v, ok := t.sparse[f]; ok {
		return v
	}
	c, n, blank := t.col(f), 0, 0
	for i := t.FirstRow - 1; i < t.LastRow && i < len(t.grid.sheet.Rows) && n < 2000; i++ {
		if t.grid.texts(i) < 2 {
			continue
		}
		n++
		if clean(t.grid.cell(i, c)) == "" {
			blank++
		}
	}
	t.sparse[f] = n > 0 && blank*3 >= n
	return t.sparse[f]
}

// roomIn reads a room cell beside building and unit columns; it may repeat them.
func (s *scribe) roomIn(text string, sp *spot) string {
	if !strings.ContainsAny(text, "-/幢栋#单梯 ") && !strings.Contains(text, "号楼") {
		if m := jointFloor.FindStringSubmatch(tight(text)); m != nil && trimMarks(m[2]) != "" && !digitsOnly(text) {
			if sp.floor == "" {
				sp.floor = ordinal(m[1])
			}
			return ParseRoom(trimMarks(m[2]))
		}
		return ParseRoom(text)
	}
	j := joint(text)
	switch {
	case j.building != "" && j.building == sp.building || j.building == "" && j.unit != "":
		if sp.unit == "" {
			sp.unit = j.unit
		}
		if j.room != "" {
			return j.room
		}
	case j.building != "" && j.unit == "" && sp.unit != "" && ParseUnit(j.building) == sp.unit && !strings.ContainsAny(text, "幢栋#"):
		return j.room
	case j.building != "" && j.unit == "" && sp.unit == "" && !strings.ContainsAny(text, "幢栋#") && digitsOnly(j.building) && len(j.building) <= 2 && len(j.room) >= 3:
		sp.unit = j.building
		return j.room
	}
	return ParseRoom(text)
}

// group is one home over one row or several (a row per co-owner).
type group struct {
	row   int
	extra []int
}

// gather puts the rows of one home together and reads the home when the next
// one begins.
func (s *scribe) gather(t *table, r int, p *place, open *group) *group {
	if open != nil && t.continues(r, open.row) {
		open.extra = append(open.extra, r)
		return open
	}
	s.close(t, open)
	s.here = p
	return &group{row: r}
}

// continues reports whether row r only names a further owner of the home that
// began in row top: its own cells for the home are blank.
func (t *table) continues(r, top int) bool {
	home := []Field{FRoom, FJoint, FBuilding, FUnit, FArea, FAreaReg, FCompound, FSerial}
	for _, f := range home {
		if c := t.col(f); c >= 0 && clean(t.grid.raw(r, c)) != "" {
			return false
		}
	}
	c := t.col(FOwner)
	if c < 0 || clean(t.grid.raw(r, c)) == "" {
		return false
	}
	// Merged over both rows, or simply left blank right below.
	for _, f := range []Field{FRoom, FJoint} {
		if c := t.col(f); c >= 0 && clean(t.grid.cell(r, c)) != "" && t.grid.cell(r, c) != t.grid.cell(top, c) {
			return false
		}
	}
	return true
}

func (s *scribe) close(t *table, g *group) {
	if g == nil {
		return
	}
	reason, r, field, col := s.readHome(t, g)
	if reason == "" {
		t.Read += 1 + len(g.extra)
		return
	}
	for _, row := range append([]int{g.row}, g.extra...) {
		if row == r {
			s.refuse(t, row, field, col, reason)
		} else {
			s.refuse(t, row, NoField, 0, "coowner_row")
		}
	}
}

// size reads the area of row r and where it comes from (R04).
func (s *scribe) size(t *table, r int) (f area.Figure, col int, field Field, ok bool) {
	columns := []struct {
		field  Field
		source area.Source
	}{{FAreaReg, area.Registered}, {FAreaSurv, area.Surveyed}, {FAreaContr, area.Contract}, {FArea, area.Unknown}}
	any := false
	for _, c := range columns {
		at := t.col(c.field)
		if at < 0 {
			continue
		}
		if !any {
			any, col, field = true, at+1, c.field
		}
		text := clean(t.grid.cell(r, at))
		if none(text) {
			continue
		}
		text = t.inTens(c.field, text)
		a, err := area.Parse(text)
		if err != nil {
			a, err = area.Parse(labelNote.ReplaceAllString(text, "")) // 98.56(含公摊)
		}
		if err != nil || a <= 0 {
			return area.Figure{}, at + 1, c.field, false
		}
		if f.Area == 0 {
			f, col, field = area.Figure{Area: a, Source: c.source}, at+1, c.field
			if c.source == area.Unknown && t.registered {
				f.Source = area.Registered
			}
		}
	}
	if !any {
		return area.Figure{}, 0, NoField, true
	}
	return f, col, field, f.Area > 0
}

// readHome reads one home. On a refusal it says which row and cell is to blame.
func (s *scribe) readHome(t *table, g *group) (reason string, row int, field Field, col int) {
	r := g.row
	p := s.here
	use, useAs := useOf(t.get(r, FUse))
	key, comm, sp, reason, field := s.where(t, r, p, true)
	if reason == "home_missing" && t.get(r, FParkingNo) != "" {
		sp.room = t.get(r, FParkingNo)
		use = "parking"
		key, reason = s.compound(t, r, p.compound, comm), ""
	}
	if reason != "" {
		return reason, r, field, max(t.col(field)+1, t.col(FJoint)+1)
	}
	if use == "" {
		use = useByName(sp)
		if use == "" {
			use = Dwelling
		}
	}
	// A family member or tenant in a row of his own.
	if role := roleWord(t.get(r, FOwnerType), t.as(r, FRelation)); role != "" {
		return s.livesIn(t, r, key, sp, role), r, FOwner, t.index1(FOwner)
	}
	a, col, field, ok := s.size(t, r)
	if !ok {
		return "area", r, field, col
	}
	if field == NoField {
		s.once(t, "", 0, "area_absent", fmt.Sprintf("工作表“%s”没有面积列，房屋先按无面积登记。", t.Sheet), fmt.Sprintf("Sheet %q has no column for areas; its homes are kept without one.", t.Sheet))
	}
	state, said, known := stateOf(t, r)
	if !known {
		s.warn(t, r+1, max(t.index1(FState), t.index1(FSold)), "state", "交付状态看不懂，按已交付计。", "The state of delivery was not understood; taken as delivered.")
	}
	var owners []Person
	for _, row := range append([]int{r}, g.extra...) {
		found, reason, field, col := s.ownersOf(t, row)
		if reason != "" {
			return reason, row, field, col
		}
		owners = append(owners, found...)
	}
	owners = s.distinct(t, r, owners)
	if len(owners) == 1 && unsoldName[owners[0].Name] {
		// The developer, or the word itself, stands where a name would.
		if !said {
			state = Unsold
		}
		if owners[0].Identity.Number == "" && !strings.Contains(owners[0].Name, "开发") {
			owners = nil
		}
	}
	if len(owners) == 0 {
		if state != Unsold {
			if t.has(FOwner) || t.has(FOwnerID) || t.has(FOwnerNo) {
				if no := t.get(r, FOwnerNo); no != "" && t.has(FOwnerNo) && !t.has(FOwner) {
					return "owner_unknown", r, FOwnerNo, t.index1(FOwnerNo)
				}
				return "owner_missing", r, FOwner, t.index1(FOwner)
			}
			s.once(t, "", 0, "owner_absent", fmt.Sprintf("工作表“%s”没有业主列。", t.Sheet), fmt.Sprintf("Sheet %q has no column for owners.", t.Sheet))
		}
	}
	if state == Delivered && !said && len(owners) == 1 && developerLike(owners[0].Name) {
		state = Unsold
		s.warn(t, r+1, t.index1(FOwner), "developer", "产权人像是开发企业且没有写交付状态，按未售计。", "The owner looks like the developer and no state is given; taken as unsold.")
	}
	// Where a day of delivery is asked for, these words say that there is none.
	undelivered := notDelivered.MatchString(t.get(r, FDelivered))
	if undelivered && state == Delivered && !said {
		state = Undelivered
	}
	title := t.as(r, FTitle)
	ownerKey := ownerKeyOf(owners)
	if use == "parking" {
		number := strings.TrimPrefix(sp.room, "车位")
		if number == "" {
			number = sp.room
		}
		space := Parking{Source: Source{t.Sheet, r + 1}, Compound: key, Community: comm, Building: sp.building, Number: number, Area: a.Area, AreaSource: a.Source,
			Title: title, Titled: !t.has(FTitle) || title != "", State: state, StateSaid: said, Plate: t.get(r, FPlate), Owners: owners, OwnerKey: ownerKey, Remark: t.as(r, FRemark)}
		if !t.has(FRoom) && !t.has(FJoint) {
			space.Number = sp.room
		}
		return s.addParking(space), r, FRoom, max(t.index1(FRoom), t.index1(FJoint))
	}
	room := roomKey(sp.room)
	if use == Garage && !strings.Contains(room, "车库") {
		room = "车库" + room
	}
	h := Home{Key: strings.Join([]string{key, keyPart(sp.building), keyPart(sp.unit), keyPart(room)}, "/"), Source: Source{t.Sheet, r + 1}, Compound: key, Community: comm,
		Building: sp.building, Unit: sp.unit, Floor: sp.floor, Room: sp.room, Use: use, UseAs: useAs, Area: a.Area, AreaSource: a.Source,
		State: state, StateSaid: said, Occupancy: t.as(r, FOccupancy), Title: title, Owners: owners, OwnerKey: ownerKey, Remark: t.as(r, FRemark)}
	for _, x := range g.extra {
		h.Also = append(h.Also, Source{t.Sheet, x + 1})
	}
	if inner := t.get(r, FInnerArea); inner != "" {
		if v, err := area.Parse(inner); err == nil {
			h.InnerArea = v
		}
	}
	if v := t.get(r, FDelivered); v != "" && !undelivered {
		day, ok := ParseDate(v, t.grid.sheet.Date1904)
		if !ok {
			s.warn(t, r+1, t.index1(FDelivered), "date", "交付日期看不懂，未采用。", "The day of delivery was not understood and left out.")
		}
		h.Delivered = day
	}
	if at, ok := s.homes[h.Key]; ok {
		old := &s.out.Homes[at]
		if old.OwnerKey == h.OwnerKey {
			return "duplicate_home", r, FRoom, max(t.index1(FRoom), t.index1(FJoint))
		}
		if shared, ok := together(old.Owners, h.Owners); ok && old.Source.Sheet == h.Source.Sheet && old.Area == h.Area {
			old.Owners = shared
			old.OwnerKey = ownerKeyOf(shared)
			old.Also = append(old.Also, h.Source)
			return "", 0, NoField, 0
		}
		return "owner_conflict", r, FOwner, t.index1(FOwner)
	}
	if use == Common {
		s.warn(t, r+1, t.index1(FUse), "common", "物业或公共用房属全体业主，不计入套数、面积和人数。", "Rooms of the property service or of the public belong to all owners; they count for neither homes, area nor heads.")
	}
	s.homes[h.Key] = len(s.out.Homes)
	s.out.Homes = append(s.out.Homes, h)
	s.beside(t, r, &h)
	return "", 0, NoField, 0
}

func keyPart(s string) string { return strings.ReplaceAll(s, "/", "-") }

// together joins owners of two rows of one home where their shares add up to
// one title: a row per co-owner.
func together(a, b []Person) ([]Person, bool) {
	sum := Share{0, 1}
	var out []Person
	for _, p := range append(append([]Person(nil), a...), b...) {
		if p.Share.Den == 0 || p.Share.Num >= p.Share.Den || p.Share.Den > 1_000_000 {
			return nil, false
		}
		n, d := sum.Num*p.Share.Den+p.Share.Num*sum.Den, sum.Den*p.Share.Den
		x, y := n, d
		for y != 0 {
			x, y = y, x%y
		}
		if sum = (Share{n / x, d / x}); sum.Num > sum.Den || sum.Den > 1_000_000 {
			return nil, false
		}
		for _, q := range out {
			if sameHuman(p, q) {
				return nil, false
			}
		}
		out = append(out, p)
	}
	return out, true
}

func sameHuman(a, b Person) bool {
	if a.Identity.Number != "" || b.Identity.Number != "" {
		return a.Identity.Number == b.Identity.Number
	}
	return a.Name == b.Name
}

// ownersOf reads the owners that row r names, in their columns or in one cell.
func (s *scribe) ownersOf(t *table, r int) (out []Person, reason string, field Field, col int) {
	if no := t.get(r, FOwnerNo); no != "" && !t.has(FOwner) {
		for _, n := range strings.FieldsFunc(no, func(r rune) bool { return strings.ContainsRune("#、,;/ ", r) }) {
			n, _ = whole(n)
			p, ok := s.owners[n]
			if !ok {
				return nil, "owner_unknown", FOwnerNo, t.index1(FOwnerNo)
			}
			out = append(out, p)
		}
		return out, "", NoField, 0
	}
	for _, role := range []string{"owner", "coowner"} {
		for n := range t.count(role) {
			found, reason, field, col := s.peopleOf(t, r, role, n)
			if reason != "" {
				return nil, reason, field, col
			}
			out = append(out, found...)
		}
	}
	return out, "", NoField, 0
}

// count is how many persons of a role the columns hold.
func (t *table) count(role string) int {
	n := 0
	for _, a := range []string{"", "_id", "_phone", "_share"} {
		for _, c := range t.cols[Field(role+a)] {
			n = max(n, c.Person+1)
		}
	}
	return min(n, 40)
}

// of is the column (from 0) of a person's field, -1 where there is none.
func (t *table) of(f Field, person int) int {
	for _, c := range t.cols[f] {
		if c.Person == person {
			return c.Col - 1
		}
	}
	return -1
}

// peopleOf reads one person's columns, whose cells may hold several persons.
func (s *scribe) peopleOf(t *table, r int, role string, n int) (out []Person, reason string, field Field, col int) {
	at := func(attribute string) int { return t.of(Field(role+attribute), n) }
	cell := func(c int) string {
		if c < 0 {
			return ""
		}
		return t.grid.cell(r, c)
	}
	nameCol, idCol, shareCol := at(""), at("_id"), at("_share")
	out = ParseNames(cell(nameCol))
	for _, m := range idInside.FindAllStringSubmatch(clean(cell(nameCol)), -1) {
		if _, fault := ParseIdentity(m[1], ""); fault != "" {
			return nil, fault, Field(role), nameCol + 1
		}
	}
	var ids []string
	if text := cell(idCol); !none(clean(text)) {
		ids = identities(text)
	}
	if len(out) == 0 {
		if len(ids) == 0 || nameCol >= 0 && len(ids) > 0 {
			if len(ids) > 0 {
				return nil, "owner_missing", Field(role), nameCol + 1
			}
			return nil, "", NoField, 0
		}
		out = make([]Person, len(ids)) // a table that lists numbers only
	}
	if len(ids) > len(out) {
		return nil, "id_extra", Field(role + "_id"), idCol + 1
	}
	kind := ""
	if c := t.of(FOwnerIDKind, n); c >= 0 && role == "owner" {
		kind = value(cell(c))
	}
	for i, text := range ids {
		as := kind
		if as == "" && out[i].Organisation {
			as = "身份证或统一社会信用代码"
		}
		id, fault := ParseIdentity(text, as)
		if fault != "" {
			return nil, fault, Field(role + "_id"), idCol + 1
		}
		if id.Number == "" && masked.MatchString(text) {
			s.warn(t, r+1, idCol+1, "id_masked", "证件号码带星号，未采用。", "The document number is masked and was left out.")
		}
		if id.Number != "" {
			out[i].Identity = id
		}
	}
	if idCol >= 0 && len(ids) < len(out) && len(ids) > 0 {
		s.warn(t, r+1, idCol+1, "id_missing", "姓名比证件号码多，后面的人没有证件号码。", "There are fewer document numbers than names; the last persons have none.")
	}
	for _, c := range t.cols[Field(role+"_phone")] {
		if c.Person != n {
			continue
		}
		phoneCol := c.Col - 1
		text := cell(phoneCol)
		if none(clean(text)) {
			continue
		}
		phones, bad := ParsePhones(text)
		if bad {
			s.warn(t, r+1, phoneCol+1, "phone", "电话号码看不懂，未全部采用。", "A telephone number was not understood and left out.")
		}
		if len(out) > 1 && len(phones) == len(out) {
			for i, p := range phones {
				out[i].Phones = add(out[i].Phones, p)
			}
		} else {
			for _, p := range phones {
				out[0].Phones = add(out[0].Phones, p)
			}
		}
	}
	if text := cell(shareCol); !none(clean(text)) {
		if whole, ok := ParseShare(text); ok && (len(out) == 1 || strings.Contains(text, "各")) {
			for i := range out {
				out[i].Share = whole
			}
		} else if parts := shareText.FindAllString(clean(text), -1); len(parts) == len(out) {
			for i := range out {
				out[i].Share, _ = ParseShare(parts[i])
			}
		}
	}
	if nameCol >= 0 && role == "owner" && out[0].Name == "" && out[0].Identity.Number == "" {
		return nil, "owner_missing", Field(role), nameCol + 1 // a telephone number is nobody's name
	}
	for i := range out {
		out[i].Organisation = out[i].Organisation || out[i].Identity.Kind == "credit"
	}
	if c := t.col(FGender); c >= 0 && n == 0 && (role == "owner" || role == "tenant") && len(out) == 1 {
		if g := clean(t.grid.cell(r, c)); g == "男" || g == "女" {
			out[0].Gender = g
		}
	}
	return out, "", NoField, 0
}

func add(list []string, s string) []string {
	for _, x := range list {
		if x == s {
			return list
		}
	}
	return append(list, s)
}

// distinct leaves out a person that is named twice for one home.
func (s *scribe) distinct(t *table, r int, people []Person) []Person {
	if len(people) < 2 {
		return people
	}
	var out []Person
next:
	for _, p := range people {
		for i := range out {
			if sameHuman(out[i], p) {
				s.warn(t, r+1, 0, "owner_twice", "同一人在本房屋写了两次，只计一次。", "The same person is named twice for this home and counted once.")
				for _, n := range p.Phones {
					out[i].Phones = add(out[i].Phones, n)
				}
				continue next
			}
		}
		out = append(out, p)
	}
	return out
}

// ownerKeyOf is R05's key of an owner set: the sorted identity numbers, names
// where a number is missing.
func ownerKeyOf(owners []Person) string {
	keys := make([]string, 0, len(owners))
	for _, p := range owners {
		k := p.Identity.Number
		if k == "" {
			k = "~" + p.Name
			if !p.Organisation && len(p.Phones) > 0 {
				k += "~" + p.Phones[0]
			}
		}
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return strings.Join(keys, "+")
}

var unsoldName = map[string]bool{"未售": true, "待售": true, "未出售": true, "未销售": true, "尾房": true, "空房": true, "开发商": true, "开发企业": true, "开发公司": true, "开发单位": true, "房开": true, "建设单位": true}

func developerLike(name string) bool {
	return strings.Contains(name, "公司") && (strings.Contains(name, "房地产") || strings.Contains(name, "置业") || strings.Contains(name, "地产") || strings.Contains(name, "开发"))
}

// useOf reads what a part of a building is for; "parking" is a parking space.
func useOf(text string) (Use, string) {
	t := tight(text)
	switch t {
	case "":
		return "", ""
	case "110":
		return Dwelling, t
	case "119":
		return Dwelling, t
	case "120":
		return Shop, t
	}
	has := func(words ...string) bool {
		for _, w := range words {
			if strings.Contains(t, w) {
				return true
			}
		}
		return false
	}
	switch {
	case has("车位", "泊位", "停车位"):
		return "parking", t
	case has("车库", "储藏", "杂物", "柴火", "储物", "仓储", "地下室", "附属间"):
		return Garage, t
	case has("物业用房", "物业管理用房", "社区用房", "公共", "配电", "架空", "公建", "业委会用房", "消防", "设备"):
		return Common, t
	case has("非住宅", "店", "商", "办公", "写字楼", "门面", "铺", "厂房", "车间", "旅馆", "酒店", "经营", "综合"):
		if has("商住") || has("商品房") && !has("店", "铺") || has("住宅") && !has("非住宅", "店", "铺", "底商") {
			return Dwelling, t
		}
		return Shop, t
	}
	return Dwelling, t
}

// useByName tells shops, garages and spaces by the room's own name.
func useByName(sp spot) Use {
	switch {
	case strings.Contains(sp.room, "车位"):
		return "parking"
	case strings.Contains(sp.room, "车库") || strings.Contains(sp.room, "储藏"):
		return Garage
	case strings.Contains(sp.room, "店") || strings.Contains(sp.room, "铺") || strings.HasPrefix(sp.room, "商"):
		return Shop
	}
	return ""
}

// stateOf reads who holds the home, from one column or two.
func stateOf(t *table, r int) (state State, said, known bool) {
	state, known = Delivered, true
	delivered, sold := t.get(r, FState), t.get(r, FSold)
	if t.has(FState) && delivered == "" {
		delivered = strings.TrimSpace(clean(t.text(r, FState)))
		if delivered != "否" && delivered != "×" {
			delivered = ""
		}
	}
	if t.has(FSold) && sold == "" {
		if c := clean(t.text(r, FSold)); c == "否" || c == "×" {
			sold = c
		}
	}
	if delivered != "" {
		said = true
		state, known = stateWord(delivered, Undelivered)
	}
	if sold != "" {
		said = true
		st, ok := stateWord(sold, Unsold)
		known = known && ok
		if st == Unsold || st == Undelivered && state == Delivered {
			state = st
		}
	}
	return state, said, known
}

func stateWord(text string, no State) (State, bool) {
	w := tight(text)
	has := func(words ...string) bool {
		for _, x := range words {
			if strings.Contains(w, x) {
				return true
			}
		}
		return false
	}
	switch {
	case w == "2002" || has("未售", "待售", "未销售", "未出售", "在售", "尾盘", "可售", "库存", "未卖", "未签约", "自持", "开发商持有", "开发商保留"):
		return Unsold, true
	case has("预售", "未交", "未收房", "未领房", "待交", "未收楼", "未接房", "没交", "未移交", "未办理交付", "未验收", "不收房", "拒收"):
		return Undelivered, true
	case has("已", "交付", "交房", "收房", "入住", "领房", "收楼", "自住", "出租", "空置", "装修", "空闲", "正常", "全款", "按揭"):
		return Delivered, true
	case has("售"):
		return Delivered, true
	}
	switch w {
	case "2001", "2003", "2004", "2005", "2006", "2007", "2008", "2009":
		return Delivered, true
	}
	switch tri(w) {
	case Yes:
		return Delivered, true
	case No:
		return no, true
	}
	return Delivered, false
}

// addParking keeps a parking space, or says why not.
func (s *scribe) addParking(p Parking) (reason string) {
	p.Key = strings.Join([]string{p.Compound, "parking", keyPart(p.Building), keyPart(roomKey(p.Number))}, "/")
	if at, ok := s.spaces[p.Key]; ok {
		if s.out.Parking[at].OwnerKey == p.OwnerKey {
			return "duplicate_home"
		}
		return "owner_conflict"
	}
	s.spaces[p.Key] = len(s.out.Parking)
	s.out.Parking = append(s.out.Parking, p)
	return ""
}

func itoa(n int) string { return strconv.Itoa(n) }
