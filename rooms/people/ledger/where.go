package ledger

import (
	"regexp"
	"strconv"
	"strings"
)

const number = `[0-9A-Za-z零〇一二两三四五六七八九十百廿甲乙丙丁戊己庚辛]+`

var (
	buildingMark = regexp.MustCompile(`^(.*?)(?:第)?(` + number + `(?:-[0-9A-Za-z]+)?)\s*(号楼|幢楼|栋楼|座楼|楼栋|幢|栋|座|#楼|#|楼|号)$`)
	buildingBare = regexp.MustCompile(`^(?:第|#|NO\.?|No\.?|楼栋|楼|幢|栋)\s*(` + number + `)$`)
	unitMark     = regexp.MustCompile(`^(?:第)?(.+?)\s*(?:单元|梯位|梯|门洞|号门|门|单)$`)
	unitBare     = regexp.MustCompile(`^(?:单元|梯)\s*(.+)$`)
	roomMark     = regexp.MustCompile(`^(.*[0-9A-Za-z])\s*(?:号房|号室|室|房|号|户|#|单元房)$`)
	floorMark    = regexp.MustCompile(`^(?:第)?(-?` + number + `)\s*(?:层|楼|F|f)$`)

	jointBuilding = regexp.MustCompile(`^(.*?)(?:第)?(` + number + `)\s*(号楼|幢楼|栋楼|幢|栋|座|#楼|#|楼(?:[^0-9一二三四五六七八九十]|$))(.*)$`)
	jointUnit     = regexp.MustCompile(`^(?:第)?(` + number + `|东|西|南|北|中|左|右)\s*(?:单元|梯位|梯|门洞|号门)(.*)$`)
	jointNumber   = regexp.MustCompile(`^([0-9]{1,4}|[A-Z][0-9]{0,2})号[-/ ]?(?:([0-9]{1,2})(?:单元|梯|-)[-/ ]?)?([0-9]{3,4}(?:室|房|号)?)$`)
	jointFloor    = regexp.MustCompile(`^(?:第)?(-?` + number + `)\s*(?:层|楼)(.*)$`)
	jointParts    = regexp.MustCompile(`\s*[-/\\、,_]\s*|\s+`)
	cellar        = regexp.MustCompile(`^(地下(?:室|[一二三四五六0-9]+层|车库)?|负[一二三四五六0-9]+[层楼]|架空层|裙楼|半地下室)(.*)$`)
	road          = regexp.MustCompile(`^.*?[路街道巷弄里]\s*\d+(?:-\d+)?\s*号(?:院|之[一二三四五六七八九十\d]+)?`)
)

// ParseBuilding gives a building's own name: "3" for 3幢, 3#, 3号楼, 三幢, #3 and
// 03; "A", "A1", "地下室", "东区3" as they are.
func ParseBuilding(text string) string {
	s := tight(value(text))
	s, _ = whole(s)
	if m := buildingMark.FindStringSubmatch(s); m != nil {
		return m[1] + ordinal(m[2])
	}
	if m := buildingBare.FindStringSubmatch(s); m != nil {
		return ordinal(m[1])
	}
	return ordinal(s)
}

// ParseUnit gives a unit's own name: "1" for 1单元, 1梯, 一单元 and 01. 0 and
// strokes say that there is none.
func ParseUnit(text string) string {
	s := tight(value(text))
	s, _ = whole(s)
	if m := unitMark.FindStringSubmatch(s); m != nil {
		s = m[1]
	} else if m := unitBare.FindStringSubmatch(s); m != nil {
		s = m[1]
	}
	s = ordinal(s)
	if s == "0" {
		return ""
	}
	return s
}

// ParseRoom gives a room's own name: "502" for 502室, 502房 and ５０２. Leading
// zeros stay, a key leaves them out.
func ParseRoom(text string) string {
	s := tight(value(text))
	s, _ = whole(s)
	if m := roomMark.FindStringSubmatch(s); m != nil {
		s = m[1]
	}
	return strings.ToUpper(s)
}

// ordinal writes a numeral as digits without leading zeros.
func ordinal(s string) string {
	if n, ok := numeral(s); ok {
		return strconv.Itoa(n)
	}
	s = strings.ToUpper(s)
	if digitsOnly(s) {
		if t := strings.TrimLeft(s, "0"); t != "" {
			return t
		}
		return "0"
	}
	return s
}

// spot is where a home is.
type spot struct{ before, building, unit, floor, room string }

// ParseJoint reads building, unit and room from one cell: 3幢-1单元-502,
// 3#/1梯/502, 2幢1502室, 1#301, 3-2-601, A1-1801, 地下室-车位B001. What stands
// before the building (a compound, a road) is left out.
func ParseJoint(text string) (building, unit, room string) {
	p := joint(text)
	return p.building, p.unit, p.room
}

func joint(text string) spot {
	s := value(text)
	if s == "" {
		return spot{}
	}
	var p spot
	if loc := road.FindStringIndex(s); loc != nil && loc[1] < len(s) {
		p.before, s = strings.TrimSpace(s[:loc[1]]), strings.TrimSpace(s[loc[1]:])
	}
	if m := cellar.FindStringSubmatch(s); m != nil {
		p.building = m[1]
		p.room = ParseRoom(trimMarks(m[2]))
		return p
	}
	if m := jointBuilding.FindStringSubmatch(s); m != nil {
		mark, rest := m[3], m[4]
		if strings.HasPrefix(mark, "楼") { // the class after 楼 took one sign
			rest = strings.TrimPrefix(mark, "楼") + rest
		}
		p.before += strings.TrimSpace(m[1])
		p.building = ordinal(m[2])
		rest = trimMarks(rest)
		if rest == "" && p.before == "" && mark == "#" {
			// 502# alone is a room.
			return spot{room: ParseRoom(s)}
		}
		if m := cellar.FindStringSubmatch(rest); m != nil {
			p.floor, rest = m[1], trimMarks(m[2])
		}
		if m := jointUnit.FindStringSubmatch(rest); m != nil {
			p.unit = ParseUnit(m[1])
			rest = trimMarks(m[2])
		} else if parts := jointParts.Split(rest, -1); len(parts) == 2 && digitsOnly(parts[0]) && len(parts[0]) <= 2 && len(parts[1]) >= 3 {
			p.unit, rest = ParseUnit(parts[0]), parts[1]
		}
		if m := jointFloor.FindStringSubmatch(rest); m != nil && trimMarks(m[2]) != "" {
			p.floor = ordinal(m[1])
			rest = trimMarks(m[2])
		}
		p.room = ParseRoom(rest)
		return p
	}
	if m := jointNumber.FindStringSubmatch(s); m != nil { // 88号502室: the street number stands for the building
		p.building, p.unit, p.room = ordinal(m[1]), ParseUnit(m[2]), ParseRoom(m[3])
		return p
	}
	if m := jointUnit.FindStringSubmatch(s); m != nil {
		p.unit = ParseUnit(m[1])
		p.room = ParseRoom(trimMarks(m[2]))
		return p
	}
	parts := jointParts.Split(s, -1)
	if len(parts) > 1 && han(parts[0]) > 2 { // a compound's name first
		p.before, parts = p.before+parts[0], parts[1:]
	}
	switch len(parts) {
	case 1:
		p.room = ParseRoom(parts[0])
	case 2:
		p.building, p.room = ParseBuilding(parts[0]), ParseRoom(parts[1])
	case 3:
		p.building, p.unit, p.room = ParseBuilding(parts[0]), ParseUnit(parts[1]), ParseRoom(parts[2])
	case 4:
		p.building, p.unit, p.floor, p.room = ParseBuilding(parts[0]), ParseUnit(parts[1]), ordinal(parts[2]), ParseRoom(parts[3])
	default:
		p.room = ParseRoom(s)
	}
	return p
}

func trimMarks(s string) string { return strings.Trim(s, " -/\\、,_.:()") }

// roomKey is a room's name in a key: leading zeros out.
func roomKey(s string) string {
	if t := strings.TrimLeft(s, "0"); t != "" {
		return t
	}
	return s
}

// endings of compound names, the longer ones first.
var endings = []string{"安置小区", "住宅小区", "商住楼", "住宅楼", "宿舍楼", "综合楼", "职工宿舍", "教师新村", "花苑", "花园", "家园", "佳园", "新村", "公寓", "大厦", "广场", "名城", "豪庭", "豪苑", "雅苑", "华庭", "名苑", "学府", "国际", "中心", "山庄", "别墅", "半岛", "时代", "印象", "宿舍", "新城", "嘉园", "景园", "庄园", "名邸", "府邸", "公馆", "华府", "华城", "新苑", "南苑", "北苑", "东苑", "西苑", "小区", "苑", "庭", "园", "府", "城", "湾", "里", "居", "邸", "坊", "院", "楼", "厦"}

// CompoundName tidies a compound's name: blanks and quotes out, and 小区 after a
// name that is whole without it (样例二花苑小区 is 样例二花苑; 邮电小区 stays).
func CompoundName(text string) string {
	s := value(text)
	s = strings.Trim(s, `"'“”‘’《》【】[]「」『』〈〉<>:,;.。、`)
	if han(s) > 0 {
		s = tight(s)
	}
	if stem, ok := strings.CutSuffix(s, "小区"); ok && runes(stem) > 2 {
		for _, e := range endings {
			if runes(e) > 1 && strings.HasSuffix(stem, e) || (e == "苑" || e == "庭" || e == "府") && runes(stem) > 2 && strings.HasSuffix(stem, e) {
				return stem
			}
		}
	}
	return s
}

// likeCompound reports whether a text could be a compound's name.
func likeCompound(s string) bool {
	if n := runes(s); n < 2 || n > 16 || han(s) < 2 {
		return false
	}
	for _, bad := range []string{"社区", "街道", "办事处", "居委会", "村委会", "汇总", "说明", "目录", "模板", "业主", "台账", "名单", "合计", "情况", "信息", "登记", "一览"} {
		if strings.Contains(s, bad) {
			return false
		}
	}
	for _, e := range endings {
		if strings.HasSuffix(s, e) && runes(s) > runes(e) {
			return true
		}
	}
	if i := strings.LastIndexAny(s, "0123456789ABCDEFGHIJ一二三四五六七八九十"); i > 0 { // 小区A, 花园二期
		return strings.Contains(s, "小区") || strings.Contains(s, "花园") || strings.Contains(s, "花苑") || strings.HasSuffix(s, "期")
	}
	return false
}

var (
	titleTail     = regexp.MustCompile(`(?:的|及其|及|和|与|、|基本|住宅|住户|居民|人口|户籍|租户|租客|承租|房屋|房产|房间|物业|管理|全体|业委会|业主委员会|成员|备案|委员|业主|产权人|产权|车位|停车位|停车|车库|信息|资料|情况|数据|采集|登记|统计|分布图|平面图|示意图|分布|调查|摸底|明细|花名|名册|名单|清册|清单|台账|汇总|一览|面积|专有部分|表决权|公示|档案|底册|底数|人员|总|册|表|单|簿|[(][^)]*[)]|20\d\d年?度?|\d{1,2}月|\s)+$`)
	titleBuilding = regexp.MustCompile(`[-—_·]?(?:第)?(?:[0-9A-Z]{1,3}|[一二三四五六七八九十]{1,3})(?:号楼|幢楼?|栋楼?|座|#楼?)(?:[-—]?[0-9一二三四五六七八九十]{1,2}(?:单元|梯))?$`)
	beforeName    = regexp.MustCompile(`^(?:.*(?:街道办事处|街道|办事处|镇))?(?:[^社]{1,8}社区(?:居委会|居民委员会)?)?`)
	community     = regexp.MustCompile(`([\p{Han}]{2,8}?(?:社区|村))`)
	streetName    = regexp.MustCompile(`([\p{Han}]{2,8}?(?:街道|镇))`)
)

// titleNote is what a title adds in brackets: (任期：2024年6月1日至2027年5月31日).
var titleNote = regexp.MustCompile(`[(〔【][^)〕】]*[::][^)〕】]*[)〕】]$`)

// titleCompound finds a compound's name in a title such as
// "丰泽街道源淮社区明鑫花苑业主信息登记表".
func titleCompound(title string, known map[string]bool) string {
	s := strings.Trim(sectionMark.ReplaceAllString(titleNote.ReplaceAllString(tight(clean(title)), ""), ""), "《》")
	best := ""
	for name := range known {
		if strings.Contains(s, name) && len(name) > len(best) {
			best = name
		}
	}
	if best != "" {
		return best
	}
	if i := strings.IndexAny(s, ":："); i >= 0 {
		return ""
	}
	s = termIn.ReplaceAllString(s, "")
	s = titleTail.ReplaceAllString(s, "")
	if loc := beforeName.FindStringIndex(s); loc != nil && loc[1] < len(s) {
		s = s[loc[1]:]
	}
	if at := titleBuilding.FindStringIndex(s); at != nil && at[0] > 0 {
		s = s[:at[0]] // 明月花苑3幢1单元
	}
	s = CompoundName(strings.TrimPrefix(s, "住宅"))
	if likeCompound(s) && s != "小区" && s != "住宅小区" {
		return s
	}
	return ""
}
