package ledger_test

import (
	"fmt"
	"strings"
	"testing"

	"cuobian/rooms/people/ledger"

	"github.com/google/go-cmp/cmp"
)

// All people, numbers and compounds in this file are invented.

// flat is a home of the truth that TestStrangers lays out in many ways.
type flat struct {
	compound, building, unit, room, use, area string
	owner, id, co, coID, phone, state         string
}

func (f flat) floor() string  { return f.room[:len(f.room)-2] }
func (f flat) suffix() string { return f.room[len(f.room)-2:] }
func (f flat) owners() string {
	if f.co != "" {
		return f.owner + "、" + f.co
	}
	return f.owner
}

func (f flat) ids() string {
	if f.coID != "" {
		return f.id + "、" + f.coID
	}
	return f.id
}

// truth2 are two compounds in one community: eleven homes and a shop, one unsold, one not yet handed over.
func truth2() []flat {
	n := 0
	no := func() string { n++; return id(fmt.Sprintf("19%02d0%d1%d", 50+n, 1+n%9, n%10), n) }
	a, b, c, d, e, g, h := no(), no(), no(), no(), no(), no(), no()
	m, q := "示例明园", "示例清苑"
	return []flat{
		{m, "1", "1", "101", "住宅", "88.5", "甲明月", a, "", "", "13800000101", "已交付"},
		{m, "1", "1", "102", "住宅", "90.25", "乙清风", b, "丙海生", c, "13800000102", "已交付"},
		{m, "1", "2", "201", "住宅", "101.13", "甲明月", a, "", "", "13800000101", "已交付"},
		{m, "1", "2", "202", "住宅", "66.06", "丁小满", d, "", "", "13800000104", "未交付"},
		{m, "2", "1", "101", "住宅", "88.5", "戊立春", e, "", "", "13800000105", "已交付"},
		{m, "2", "1", "102", "店面", "45.4", "乙清风", b, "丙海生", c, "13800000102", "已交付"},
		{m, "2", "1", "201", "住宅", "77.7", "示例房地产开发有限公司", "", "", "", "", "未售"},
		{m, "2", "1", "202", "住宅", "78.9", "庚白露", g, "", "", "13800000107", "已交付"},
		{q, "1", "1", "101", "住宅", "60.6", "甲明月", a, "", "", "13800000101", "已交付"},
		{q, "1", "1", "102", "住宅", "60.61", "辛处暑", h, "", "", "13800000108", "已交付"},
		{q, "1", "1", "201", "住宅", "60.62", "辛处暑", h, "", "", "13800000108", "已交付"},
		{q, "1", "1", "202", "住宅", "60.63", "戊立春", e, "", "", "13800000105", "已交付"},
	}
}

var figures2 = map[string][5]int{ // homes, parking, the developer's, area, heads
	"示例明园": {8, 0, 2, 63644, 5},
	"示例清苑": {4, 0, 0, 24246, 3},
}

func wide(s string) string {
	return strings.Map(func(r rune) rune {
		if r > ' ' && r <= '~' {
			return r - '!' + '！'
		}
		return r
	}, s)
}

// list lays the homes out as a plain table.
func list(all []flat, head []any, row func(f flat) []any) [][]any {
	out := [][]any{head}
	for _, f := range all {
		out = append(out, row(f))
	}
	return out
}

func of(all []flat, compound, building string) (out []flat) {
	for _, f := range all {
		if f.compound == compound && (building == "" || f.building == building) {
			out = append(out, f)
		}
	}
	return out
}

func TestStrangers(t *testing.T) {
	all := truth2()
	m, q := "示例明园", "示例清苑"
	groups := [][2]string{{m, "1"}, {m, "2"}, {q, "1"}}
	hanNumber := []string{"", "一", "二", "三"}
	num := func(s string) int { return int(s[0] - '0') }
	plain := func(f flat) []any {
		return []any{f.compound, f.building + "幢", f.unit + "单元", f.room, f.use, f.area, f.owner, f.id, f.co, f.coID, f.phone, f.state}
	}
	layouts := map[string][]wb{
		"a plain table": {{"房屋", list(all, []any{"小区", "幢号", "单元", "房号", "用途", "建筑面积", "业主", "身份证号", "共有人", "共有人身份证号", "电话", "交付状态"}, plain), nil}},
		"the other way round": {{"房屋", list(all, []any{"交房情况", "手机", "共有产权人证件号码", "共有产权人", "公民身份号码", "产权人", "产权面积", "房屋用途", "室号", "梯号", "座", "楼盘"}, func(f flat) []any {
			p := plain(f)
			for i, j := 0, len(p)-1; i < j; i, j = i+1, j-1 {
				p[i], p[j] = p[j], p[i]
			}
			return p
		}), nil}},
		"房主 and 登记面积": {{"房屋", list(all, []any{"小区名称", "号楼", "单元门牌", "性质", "登记面积（㎡）", "房主", "证件号码", "其他共有人", "其他共有人证件号码", "电话1", "电话2", "是否交付"}, func(f flat) []any {
			return []any{f.compound, f.building + "号楼", f.unit + "单元" + f.room, f.use, f.area, f.owner, f.id, f.co, f.coID, f.phone, "", f.state}
		}), nil}},
		"权利人 and 专有面积": {{"房屋", list(all, []any{"项目名称", "栋", "单元房号", "规划用途", "专有面积(㎡)", "权利人", "公民身份号码", "联系电话", "房屋状态"}, func(f flat) []any {
			return []any{f.compound, f.building + "栋", f.unit + "-" + f.room, f.use, f.area + "㎡", f.owners(), f.ids(), f.phone, f.state}
		}), nil}},
		"户主 and 房屋面积, door numbers whole": {{"房屋", list(all, []any{"所在小区", "门牌", "房屋性质", "房屋面积", "户主", "户主身份证", "家庭电话", "交付情况", "共有人姓名", "共有人身份证"}, func(f flat) []any {
			return []any{f.compound, f.building + "座" + f.unit + "梯" + f.room + "室", f.use, f.area, f.owner, f.id, f.phone, f.state, f.co, f.coID}
		}), nil}},
		"labels with line breaks, units, notes and stars": {{"房屋", list(all, []any{"*小区\n名称", "楼栋\n（如3幢）", "单元\n（梯）", "房 号\n【如502】", "用途（住宅/店面）", "建筑\n面积\n（平方米）", "业主姓名\n（与产权证一致）", "业主身份证号码\n（18位）", "共有人\n姓名", "共有人\n身份证号码", "联系电话\n（手机）", "是否交付\n（已交付/未交付/未售）"}, plain), nil}},
		"full-width digits, numbers as text, wide brackets": {{"房屋", list(all, []any{"小区", "楼幢号", "梯位", "房间号", "用途", "面积", "产权人", "产权人证件号", "共有人", "共有人证件号", "手机号码", "状态"}, func(f flat) []any {
			return []any{"「" + f.compound + "」", wide(f.building) + "＃", hanNumber[num(f.unit)] + "单元", wide(f.room) + "室", "　" + f.use, wide(f.area) + " ㎡", strings.Join(strings.Split(f.owner, ""), " "), wide(f.id), f.co, "'" + f.coID, wide(f.phone), f.state}
		}), nil}},
		"two header rows, merged, repeated": {{"房屋", func() [][]any {
			h1 := []any{"小区", "房屋情况", nil, nil, nil, nil, "产权人", nil, nil, "共有人", nil, "交付"}
			h2 := []any{nil, "栋", "梯", "室", "用途", "面积", "姓名", "证件号码", "电话", "姓名", "证件号码", nil}
			rows := [][]any{{"示例街道房屋信息汇总表"}, h1, h2}
			for i, f := range all {
				if i == 5 {
					rows = append(rows, []any{"小计", nil, nil, nil, nil, 434.44}, []any{"续表"}, h1, h2)
				}
				rows = append(rows, []any{f.compound, f.building, f.unit, f.room, f.use, f.area, f.owner, f.id, f.phone, f.co, f.coID, f.state})
			}
			return append(rows, []any{"合计", nil, nil, nil, nil, 878.9}, []any{"填表人：某某　审核人：某某　2026年3月1日"})
		}(), []string{"A1:L1", "A2:A3", "B2:F2", "G2:I2", "J2:K2", "L2:L3"}}},
		"blank columns first, notes between": {{"房屋", func() [][]any {
			rows := [][]any{nil, {nil, nil, nil, "业主信息登记表"}, nil, append([]any{nil, nil, nil}, "小区", "幢号", "单元", "房号", "用途", "建筑面积", "业主", "身份证号", "共有人", "共有人身份证号", "电话", "交付状态")}
			for i, f := range all {
				if i == 8 {
					rows = append(rows, nil, []any{nil, nil, nil, "以下为示例清苑房屋，由社区填报，如有疑问请联系物业服务中心核实"}, nil)
				}
				rows = append(rows, append([]any{nil, nil, nil}, plain(f)...))
			}
			return rows
		}(), nil}},
		"a sheet per building, the compound in its name": {},
		"a sheet per compound, named in a line above":    {},
		"tables side by side":                            {},
		"tables side by side, the building over each":    {},
		"tables side by side without a gap":              {},
		"a matrix per building":                          {},
		"a matrix with units over the rooms":             {},
		"a matrix with rooms in the cells":               {},
		"a form per home":                                {},
		"forms under each other, value after a colon":    {},
		"owner and number in one cell": {{"房屋", list(all, []any{"小区", "房屋坐落", "用途", "面积", "业主及身份证", "联系电话", "交付"}, func(f flat) []any {
			text := f.owner + " " + f.id
			if f.co != "" {
				text += "、" + f.co + " " + f.coID
			}
			return []any{f.compound, f.building + "幢" + f.unit + "单元" + f.room, f.use, f.area, text, f.phone, f.state}
		}), nil}},
		"name and telephone in one cell": {{"房屋", list(all, []any{"小区", "楼栋单元房号", "类型", "面积", "姓名电话", "身份证号", "交付"}, func(f flat) []any {
			return []any{f.compound, f.building + "-" + f.unit + "-" + f.room, f.use, f.area, f.owners() + " " + f.phone, f.ids(), f.state}
		}), nil}},
		"a compound and a building written once, unmerged": {{"房屋", func() [][]any {
			rows := [][]any{{"小区", "楼栋", "单元", "房号", "用途", "面积", "业主", "身份证号", "共有人", "共有人身份证号", "电话", "交付"}}
			last := ""
			for _, f := range all {
				p := plain(f)
				if k := f.compound + f.building; k == last {
					p[0], p[1] = nil, nil
				} else {
					last = k
				}
				rows = append(rows, p)
			}
			return rows
		}(), nil}},
		"a row per co-owner": {{"房屋", func() [][]any {
			rows := [][]any{{"小区", "楼栋", "单元", "房号", "用途", "面积", "权利人", "证件号", "电话", "交付"}}
			for _, f := range all {
				rows = append(rows, []any{f.compound, f.building, f.unit, f.room, f.use, f.area, f.owner, f.id, f.phone, f.state})
				if f.co != "" {
					rows = append(rows, []any{nil, nil, nil, nil, nil, nil, f.co, f.coID})
				}
			}
			return rows
		}(), nil}},
		"sections": {{"示例街道", func() [][]any {
			rows := [][]any{{"房号", "用途", "面积", "业主姓名", "身份证", "共有人", "共有人身份证", "电话", "交付"}}
			last := ""
			for _, f := range all {
				if k := f.compound + f.building + f.unit; k != last {
					last = k
					rows = append(rows, []any{f.compound + f.building + "幢" + f.unit + "单元"})
				}
				rows = append(rows, []any{f.room, f.use, f.area, f.owner, f.id, f.co, f.coID, f.phone, f.state})
			}
			return rows
		}(), nil}},
	}
	head := []any{"单元", "房号", "用途", "面积", "业主", "身份证号", "共有人", "共有人身份证号", "电话", "交付"}
	short := func(f flat) []any {
		return []any{f.unit, f.room, f.use, f.area, f.owner, f.id, f.co, f.coID, f.phone, f.state}
	}
	for _, g := range groups {
		name := "a sheet per building, the compound in its name"
		layouts[name] = append(layouts[name], wb{g[0] + g[1] + "幢", list(of(all, g[0], g[1]), head, short), nil})
		name = "a matrix per building"
		matrix := [][]any{{g[0] + g[1] + "幢业主分布图"}, {"楼层", "101", "102"}}
		_ = matrix
	}
	for i, c := range []string{m, q} {
		name := "a sheet per compound, named in a line above"
		rows := [][]any{{"示例街道住宅小区业主清册"}, {"小区：" + c + "    社区：示例社区   填报日期：2026.3.1"}, {"楼号", "单元", "室号", "类型", "建筑面积（M2）", "业主姓名", "身份证号码", "其他产权人", "其他产权人身份证号码", "电话", "收房情况"}}
		for _, f := range of(all, c, "") {
			rows = append(rows, plain(f)[1:])
		}
		layouts[name] = append(layouts[name], wb{fmt.Sprintf("Sheet%d", i+1), rows, []string{"A1:K1", "A2:K2"}})
	}
	// Side by side: buildings 1 and 2 of the first compound beside each other, the second compound in a sheet of its own.
	side := func(gap int, over bool) []wb {
		one, two := of(all, m, "1"), of(all, m, "2")
		cols := []any{"楼栋", "单元", "房号", "用途", "面积", "业主", "身份证号", "共有人", "共有人身份证号", "电话", "交付"}
		pick := func(f flat) []any { return append([]any{f.building}, short(f)...) }
		if over {
			cols, pick = cols[1:], short
		}
		blank := make([]any, gap)
		rows := [][]any{{m + "业主信息表"}}
		if over {
			top := make([]any, len(cols)+gap+1)
			top[0], top[len(cols)+gap] = "1幢", "2幢"
			rows = append(rows, top)
		}
		rows = append(rows, append(append(append([]any{}, cols...), blank...), cols...))
		for i := range one {
			rows = append(rows, append(append(append([]any{}, pick(one[i])...), blank...), pick(two[i])...))
		}
		other := [][]any{{q + "业主信息表"}, append([]any{"楼栋"}, head...)}
		for _, f := range of(all, q, "") {
			other = append(other, append([]any{f.building}, short(f)...))
		}
		var merges []string
		if over {
			merges = []string{"A2:J2", "L2:U2"}
		}
		return []wb{{"Sheet1", rows, merges}, {"Sheet2", other, nil}}
	}
	layouts["tables side by side"] = side(1, false)
	layouts["tables side by side without a gap"] = side(0, false)
	layouts["tables side by side, the building over each"] = side(1, true)
	// Matrices: who is the developer's is said in the cell.
	cell := func(f flat) string {
		text := f.owners() + "\n" + f.ids() + "\n" + f.area + "㎡\n" + f.phone
		if f.state != "已交付" {
			text += "\n" + f.state
		}
		return text
	}
	matrix := func(c, b, unit string, at func(f flat) string, head []any) [][]any {
		rows := [][]any{head}
		for _, floor := range []string{"2", "1"} {
			row := []any{floor + "层"}
			for _, f := range of(all, c, b) {
				if f.floor() == floor && (unit == "" || f.unit == unit) {
					row = append(row, at(f))
				}
			}
			rows = append(rows, row)
		}
		return rows
	}
	for _, g := range groups[1:] {
		rows := append([][]any{{g[0] + g[1] + "幢1单元业主分布图"}}, matrix(g[0], g[1], "", cell, []any{"楼层", "01室", "02室"})...)
		layouts["a matrix per building"] = append(layouts["a matrix per building"], wb{"M" + g[0], rows, nil})
	}
	first := [][]any{{m + "1幢业主分布图"}, {"单元", "1单元", nil, "2单元", nil}, {"楼层", "01", "02", "01", "02"}, {"二层", nil, nil}, {"一层"}}
	for _, f := range of(all, m, "1") {
		at := 1 + num(f.suffix()[1:]) - 1 + 2*(num(f.unit)-1)
		r := 3
		if f.floor() == "1" {
			r = 4
		}
		for len(first[r]) <= at {
			first[r] = append(first[r], nil)
		}
		first[r][at] = cell(f)
	}
	layouts["a matrix with units over the rooms"] = append([]wb{{"一幢", first, []string{"B2:C2", "D2:E2"}}}, layouts["a matrix per building"]...)
	delete(layouts, "a matrix per building")
	layouts["a matrix with rooms in the cells"] = []wb{{"一幢", first, []string{"B2:C2", "D2:E2"}}}
	for _, g := range groups[1:] {
		rows := append([][]any{{"小区：" + g[0]}, {g[1] + "号楼1单元"}}, matrix(g[0], g[1], "", func(f flat) string { return f.room + "室 " + cell(f) }, []any{"层", "1", "2"})...)
		layouts["a matrix with rooms in the cells"] = append(layouts["a matrix with rooms in the cells"], wb{"N" + g[0], rows, nil})
	}
	// Forms.
	var forms, colons [][]any
	for _, f := range all {
		forms = append(forms, []any{"住户信息卡"}, []any{"小区名称", f.compound, "幢号", f.building + "幢"}, []any{"单元", f.unit, "房号", f.room}, []any{"用途", f.use, "建筑面积（㎡）", f.area}, []any{"业主姓名", f.owner, "业主身份证号", f.id}, []any{"共有人姓名", f.co, "共有人身份证号", f.coID}, []any{"联系电话", f.phone, "交付状态", f.state}, nil)
		colons = append(colons, []any{"小区名称：" + f.compound, "房屋坐落：" + f.building + "幢" + f.unit + "单元" + f.room}, []any{"用途：" + f.use, "建筑面积：" + f.area + "平方米"}, []any{"产权人：" + f.owners(), "证件号码：" + f.ids()}, []any{"电话：" + f.phone, "交付情况：" + f.state}, nil)
	}
	layouts["a form per home"] = []wb{{"信息卡", forms, nil}}
	layouts["forms under each other, value after a colon"] = []wb{{"信息卡", colons, nil}}

	if len(layouts) < 22 {
		t.Errorf("%d layouts", len(layouts))
	}
	for name, sheets := range layouts {
		t.Run(name, func(t *testing.T) {
			book := make1(t, "示例街道.xlsx", sheets...)
			r := ledger.Read(book, ledger.Options{})
			got := map[string][5]int{}
			for _, c := range r.Summary().Compounds {
				got[c.Name] = [5]int{c.Homes, c.Parking, c.DeveloperHomes, int(c.Area), c.Heads}
			}
			if d := cmp.Diff(figures2, got); d != "" {
				t.Error(d)
				for _, l := range r.Layouts {
					t.Log(l.Sheet, l.Kind, l.HeaderRows, l.FirstRow, l.LastRow, l.Compound, l.Building, l.Problem)
					for _, c := range l.Columns {
						t.Log("  ", c.Letter, c.Label, c.Field, c.Person, c.Confidence)
					}
				}
				t.Log(homes(r))
			}
			if len(r.Rejected) > 0 {
				t.Error(refusals(r), r.Rejected[0].Zh)
			}
			phones := 0
			for _, h := range r.Homes {
				for _, p := range h.Owners {
					phones += len(p.Phones)
				}
				if h.Source.Row == 0 || h.Source.Sheet == "" {
					t.Error("no source", h.Key)
				}
			}
			if phones != 11 {
				t.Errorf("%d telephones", phones)
			}
			for _, w := range r.Warnings {
				t.Log(w.Sheet, w.Row, w.Col, w.Code, w.Zh)
			}
			// What was understood, given back, gives the same.
			again := ledger.Read(book, ledger.Options{Layouts: r.Layouts})
			if d := cmp.Diff(homes(r), homes(again)); d != "" {
				t.Error("given back:", d)
			}
		})
	}
}

func codes(r ledger.Reading) []string {
	var out []string
	for _, w := range r.Warnings {
		out = append(out, fmt.Sprintf("%s!%d:%d %s", w.Sheet, w.Row, w.Col, w.Code))
	}
	return out
}

func committees(r ledger.Reading) []string {
	var out []string
	for _, c := range r.Committees {
		s := fmt.Sprintf("%s %s %s %d+%d p%d+%d:", c.Key, c.From, c.To, c.Regular, c.Alternate, c.Party, c.Probation)
		for _, m := range c.Members {
			s += " " + m.Post + " " + m.Person.Name + strings.Join(m.Person.Phones, "")
		}
		out = append(out, s)
	}
	return out
}

// Committees whose members stand in one cell, with posts in brackets, and terms in all manners.
func TestStrangeCommittees(t *testing.T) {
	r := ledger.Read(make1(t, "示例街道.xlsx", wb{"业委会", [][]any{
		{"示例街道业主委员会一览表"},
		{"序号", "小区名称", "届次", "任期", "业委会成员（职务）", "备注"},
		{1, "示例明园", "第二届", "2023.5-2028.5", "甲明月（主任）、乙清风（副主任）、丙海生（委员、预备党员）、丁小满、戊立春（候补）", nil},
		{2, "示例清苑", "1", "三年，自2024年6月起", "主任：甲立夏；副主任：乙芒种；委员：丙小暑、丁大暑；候补委员：戊白露", nil},
		{3, "示例丙园", "首届", "2024.1.5至2026年底", "甲秋分（主任，中共党员）\n乙寒露（委员）", nil},
	}, []string{"A1:F1"}}), ledger.Options{})
	expect(t, "committees", committees(r), []string{
		"示例明园/2 2023-05 2028-05 4+1 p0+1: chair 甲明月 deputy 乙清风 member 丙海生 member 丁小满 alternate 戊立春",
		"示例清苑/1 2024-06 2027-05 4+1 p0+0: chair 甲立夏 deputy 乙芒种 member 丙小暑 member 丁大暑 alternate 戊白露",
		"示例丙园/1 2024-01-05 2026-12-31 2+0 p1+0: chair 甲秋分 member 乙寒露",
	})
	expect(t, "refused", refusals(r), nil)
}

// Posts of a ledger of compounds, with names and telephones in one column; columns without a place are named.
func TestStrangeCompounds(t *testing.T) {
	r := ledger.Read(make1(t, "示例街道.xlsx", wb{"台账", [][]any{
		{"示例街道小区台账"},
		{"序号", "社区", "小区", "户数", "物业公司", "党支部书记及电话", "业委会主任及联系方式", "网格员及电话", "社区民警/电话", "楼栋长"},
		{1, "示例社区", "示例明园", "120户", "某某物业", "甲明月13800000101", "乙清风 13800000102", "丙海生\n13800000103", "丁小满（13800000104）", "戊立春"},
		{2, "示例社区", "示例清苑", "60户", "无", "无", "筹备中", "丙海生\n13800000103", "丁小满", ""},
	}, []string{"A1:J1"}}), ledger.Options{})
	if len(r.Compounds) != 2 {
		t.Fatalf("%+v", r.Layouts)
	}
	c := r.Compounds[0]
	if c.Secretary.Name != "甲明月" || len(c.Secretary.Phones) != 1 || c.Chair.Name != "乙清风" || len(c.Chair.Phones) != 1 || c.HasParty != ledger.Yes || c.HasCommittee != ledger.Yes {
		t.Errorf("%+v", c)
	}
	if c := r.Compounds[1]; c.Secretary.Name != "" || c.HasParty == ledger.Yes || c.HasCommittee == ledger.Yes || c.Chair.Name != "" {
		t.Errorf("%+v", c)
	}
	var crew []string
	for _, c := range r.Crew {
		crew = append(crew, c.Compound+" "+c.Role+" "+c.Person.Name+strings.Join(c.Person.Phones, ""))
	}
	expect(t, "crew", crew, []string{"示例明园 police 丁小满13800000104", "示例明园 grid 丙海生13800000103", "示例清苑 police 丁小满", "示例清苑 grid 丙海生13800000103"})
	if got := strings.Join(codes(r), " "); !strings.Contains(got, "台账!2:10 column_unused") {
		t.Error(got)
	}
}

// Alternates and probationary members in a plain list of members stay apart, however they are written.
func TestStrangeMembers(t *testing.T) {
	r := ledger.Read(make1(t, "示例街道.xlsx", wb{"示例明园", [][]any{
		{"示例明园第三届业委会成员备案表"},
		{"任期：2023年5月至2028年5月"},
		{"姓名", "业委会职务", "政治面貌", "房号", "联系电话"},
		{"甲明月", "主任（兼）", "中共党员", "1-1-101", "１３８０００００１０１"},
		{"乙清风", "副主任", "中共预备党员", "1-1-102", "13800000102"},
		{"丙海生", "委员(候补)", "群众", "2-1-101", ""},
		{"丁小满", "秘书", "群众", "", ""},
	}, []string{"A1:E1", "A2:E2"}}), ledger.Options{})
	expect(t, "committees", committees(r), []string{"示例明园/3 2023-05 2028-05 3+1 p1+1: chair 甲明月13800000101 deputy 乙清风13800000102 alternate 丙海生 secretary 丁小满"})
	expect(t, "warnings", codes(r), []string{"示例明园!5:3 probationary", "示例明园!6:2 alternate", "示例明园!7:2 post"})
}

// A matrix's cell that cannot be right is refused with its place; what stands beside it is told.
func TestMatrixRefuses(t *testing.T) {
	a := id("19700101", 11)
	wrong := a[:16] + string('0'+(a[16]-'0'+1)%10) + a[17:]
	r := ledger.Read(make1(t, "x.xlsx", wb{"示例明园2幢", [][]any{
		{"楼层", "01室", "02室", "03室", "备注"},
		{"3层", "甲明月 88.5㎡", "乙清风 77.5㎡ 第7份", "丙海生 66㎡", "顶层漏水"},
		{"2层", "甲明月 88.5㎡", "丁小满 " + wrong + " 77.5㎡", "", nil},
		{"1层", "戊立春", "乙清风 77㎡", "/", nil},
	}, nil}), ledger.Options{})
	expect(t, "homes", homes(r), []string{
		"示例明园/2//301 dwelling 88.50 delivered [甲明月]", "示例明园/2//303 dwelling 66.00 delivered [丙海生]",
		"示例明园/2//201 dwelling 88.50 delivered [甲明月]", "示例明园/2//102 dwelling 77.00 delivered [乙清风]",
	})
	var got []string
	for _, x := range r.Rejected {
		got = append(got, fmt.Sprintf("%d:%d %s", x.Row, x.Col, x.Reason))
	}
	expect(t, "refused", got, []string{"2:3 cell", "3:3 id_checksum", "4:2 area"})
	expect(t, "warned", codes(r), []string{"示例明园2幢!1:0 matrix_blank", "示例明园2幢!2:5 cell_unused"})
	if r.Homes[1].Source.Row != 2 {
		t.Error(r.Homes[1].Source)
	}
}

// Columns that nothing is made of are named, and only those.
func TestUnusedColumnsAreNamed(t *testing.T) {
	r := ledger.Read(make1(t, "x.xlsx", wb{"房屋", [][]any{
		{"小区", "楼栋", "房号", "面积", "业主", "宠物情况", "车牌号", nil},
		{"示例明园", "1", "101", 88, "甲明月", "犬一只", "闽C00001", "另有说明"},
		{"示例明园", "1", "102", 88, "乙清风", "", "", nil},
	}, nil}), ledger.Options{})
	expect(t, "warned", codes(r), []string{"房屋!1:6 column_unused", "房屋!1:7 column_unused", "房屋!1:8 column_unused"})
	for _, w := range r.Warnings {
		if strings.Contains(w.Zh, "犬一只") || strings.Contains(w.Zh, "闽C") {
			t.Error("a warning echoes a cell", w.Zh)
		}
	}
}

// Groups say whose a date is: the end of the company's contract is not the end of the committee's term.
func TestStrangeGroups(t *testing.T) {
	r := ledger.Read(make1(t, "示例街道小区底数.xlsx", wb{"Sheet1", [][]any{
		{"示例街道住宅小区情况摸底表"},
		{"序\n号", "村（社区）", "小区（楼盘）名称", "竣工年月", "总户数\n（户）", "总建面\n（万㎡）", "物管情况", nil, nil, "党建情况", nil, nil, "业主组织", nil, nil, nil, "片区民警姓名及联系电话"},
		{nil, nil, nil, nil, nil, nil, "公司名称", "收费标准", "到期时间", "是否建立党支部", "支部书记", "联系电话", "有无业委会", "届数", "主任姓名", "届满时间", nil},
		{1, "示例社区", "示例明园", "2008.6", "１２０", "1.25", "某某物业", "1.2", "2027.6", "是", "甲明月", "13800000101", "有", "二", "乙清风", "2028年5月底", "丁小满13800000104"},
		{2, nil, "示例清苑", "90年代", "约60", "0.5", "无", nil, nil, "否", nil, nil, "筹备中", nil, nil, nil, "丁小满13800000104"},
	}, []string{"A1:Q1", "A2:A3", "B2:B3", "C2:C3", "D2:D3", "E2:E3", "F2:F3", "G2:I2", "J2:L2", "M2:P2", "Q2:Q3", "B4:B5"}}), ledger.Options{})
	if len(r.Compounds) != 2 || len(r.Crew) != 2 {
		t.Fatalf("%+v", r.Layouts)
	}
	c := r.Compounds[0]
	got := []any{c.Households, c.Area.String(), c.Company, c.CommitteeTerm, c.CommitteeTo, c.Chair.Name, c.Secretary.Name, r.Compounds[1].CommitteeState, r.Compounds[1].HasCommittee}
	want := []any{120, "12500.00", "某某物业", 2, ledger.Date("2028-05-31"), "乙清风", "甲明月", "forming", ledger.No}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	expect(t, "warned", codes(r), []string{"Sheet1!3:9 column_unused", "Sheet1!5:5 number"})
}

// Committees under each other, each under a line that names compound, term and period; a term in years.
func TestStrangeCommitteesUnderLines(t *testing.T) {
	head := []any{"职务", "姓名", "政治面貌", "联系电话", "房号"}
	r := ledger.Read(make1(t, "业委会台账.xlsx", wb{"名册", [][]any{
		{"一、示例丙园第一届业委会（任期：2024年6月1日至2027年5月31日）"}, head,
		{"主任", "甲一", "党员", "13800000121", "1-101"},
		{"候补委员", "丙一", "预备党员", "13800000123", "1-103"},
		{"二、示例丁园第二届业委会（任期：三年，自2025年1月起）"}, head,
		{"主任", "丁一", "党员", "13800000124", "1-101"},
		{"委员", "戊一", "群众", "13800000125", "1-102"},
	}, nil}, wb{"一行一届", [][]any{
		{"小区", "业委会届别", "任期起始", "任期截止", "主任", "副主任", "委员", "候补委员", "党员人数"},
		{"示例明园", "2", "2023年5月", "2026年底", "甲明月（党员）13800000101", "乙清风", "丙海生、丁小满（预备党员）", "戊立春", "2"},
		{"示例清苑", "一", "2024/6/1", "三年", "庚白露", "", "辛处暑 壬寒露", "", ""},
	}, nil}), ledger.Options{})
	expect(t, "committees", committees(r), []string{
		"示例丙园/1 2024-06-01 2027-05-31 1+1 p1+1: chair 甲一13800000121 alternate 丙一13800000123",
		"示例丁园/2 2025-01 2027-12 2+0 p1+0: chair 丁一13800000124 member 戊一13800000125",
		"示例明园/2 2023-05 2026-12-31 4+1 p2+1: chair 甲明月13800000101 deputy 乙清风 member 丙海生 member 丁小满 alternate 戊立春",
		"示例清苑/1 2024-06-01 2027-05-31 3+0 p0+0: chair 庚白露 member 辛处暑 member 壬寒露",
	})
	expect(t, "refused", refusals(r), nil)
}

// A parking number beside a home is nobody's name; a list of titled spaces is understood.
func TestParkingIsNoPerson(t *testing.T) {
	r := ledger.Read(make1(t, "x.xlsx", wb{"示例明园", [][]any{
		{"产权车位编号", "产权人", "身份证", "车位面积", "车位产权证号"},
		{"B001", "甲明月", nil, 12.5, "闽(2021)第1号"},
		{"B002", "乙清风", nil, 12.5, ""},
	}, nil}, wb{"示例明园房屋", [][]any{
		{"楼号", "房号", "业主", "建筑面积", "产权车位"},
		{"1", "101", "甲明月", 88, "B001"},
	}, nil}), ledger.Options{})
	expect(t, "homes", homes(r), []string{"示例明园/1//101 dwelling 88.00 delivered [甲明月]"})
	if len(r.Parking) != 2 || !r.Parking[0].Titled || r.Parking[1].Titled {
		t.Errorf("%+v", r.Parking)
	}
	expect(t, "warned", codes(r), []string{"示例明园房屋!1:5 column_unused"})
}

func TestPeriodsInYears(t *testing.T) {
	for text, want := range map[string][2]ledger.Date{
		"三年，自2024年6月1日起": {"2024-06-01", "2027-05-31"}, "2024年6月1日起，任期五年": {"2024-06-01", "2029-05-31"}, "2023.5-2028.5": {"2023-05", "2028-05"},
		"2023.5.1至2026年底": {"2023-05-01", "2026-12-31"}, "至2026年底": {"", "2026-12-31"}, "2023年2月至2028年2月底": {"2023-02", "2028-02-29"},
		"任期3年（自2024年1月起）": {"2024-01", "2026-12"}, "二〇二三年三月至二〇二八年三月": {"2023-03", "2028-03"},
	} {
		from, to, ok := ledger.ParsePeriod(text, false)
		if !ok || from != want[0] || to != want[1] {
			t.Errorf("%s: %s %s %v", text, from, to, ok)
		}
	}
	for _, text := range []string{"三年", "若干年", "2023年13月至2028年", "长期"} {
		if from, to, ok := ledger.ParsePeriod(text, false); ok {
			t.Errorf("%s: %s %s", text, from, to)
		}
	}
}
