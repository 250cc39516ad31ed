package ledger_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"cuobian/rooms/people/ledger"

	"github.com/google/go-cmp/cmp"
)

// TestRelaid writes the homes of the small workbook again in other layouts: what
// is counted may not depend on how it is laid out.
func TestRelaid(t *testing.T) {
	book := open(t, "testdata/fengze-small.xlsx")
	var want truth
	load(t, "testdata/fengze-small.truth.json", &want)
	list, rows := book.Sheets[0], book.Sheets[1].Rows
	// community compound building unit room use area owner id coowner id phone title state
	var data [][]string
	for _, r := range rows {
		if len(r) < 8 || r[1] == "" || r[0] == "序号" {
			continue
		}
		c := make([]string, 15)
		copy(c, r)
		data = append(data, c[1:])
	}
	if len(data) != want.Totals.Homes+want.Totals.Parking+want.Totals.Rejected {
		t.Fatal("rows of the source:", len(data))
	}
	names := []string{"明鑫花苑", "兴淮花苑", "海关宿舍"}
	of := func(name string) (out [][]string) {
		for _, d := range data {
			if d[1] == name {
				out = append(out, d)
			}
		}
		return out
	}
	column := func(sheet string, head []string, pick func(d []string) []string) ledger.Sheet {
		s := ledger.Sheet{Name: sheet, Rows: [][]string{head}}
		for _, d := range data {
			s.Rows = append(s.Rows, pick(d))
		}
		return s
	}
	layouts := map[string]func() []ledger.Sheet{
		"columns in another order under other words": func() []ledger.Sheet {
			return []ledger.Sheet{list, column("信息", []string{"交楼情况", "权属证号", "联系方式", "其他权利人证件号码", "其他权利人", "公民身份号码", "权利人", "建面(m²)", "规划用途", "门牌号", "梯号", "栋号", "楼盘名称", "所在社区"}, func(d []string) []string {
				out := make([]string, len(d))
				for i := range d {
					out[len(d)-1-i] = d[i]
				}
				return out[:14]
			})}
		},
		"one sheet per compound, named in the sheet": func() []ledger.Sheet {
			out := []ledger.Sheet{}
			for _, n := range names {
				s := ledger.Sheet{Name: n, Rows: [][]string{{"房屋信息登记表"}, {"楼栋", "单元", "房间号", "房屋用途", "面积㎡", "业主", "身份证", "共有人", "共有人身份证", "电话", "产权证号", "交房状态"}}}
				for _, d := range of(n) {
					s.Rows = append(s.Rows, d[2:])
				}
				out = append(out, s)
			}
			return append(out, list)
		},
		"one sheet per compound, named in the title, two header rows": func() []ledger.Sheet {
			out := []ledger.Sheet{list}
			for i, n := range names {
				s := ledger.Sheet{Name: fmt.Sprintf("Sheet%d", i+2), Rows: [][]string{
					{"丰泽街道" + n + "小区业主基本信息汇总表（2024年）"},
					{"填表日期：2024年12月", "", "", "", "", "", "制表：某某"},
					{"", "房屋情况", "", "", "", "", "产权人", "", "", "共有人", "", "权证"},
					{"", "幢", "梯", "室", "性质", "建筑面积", "姓名", "证件号", "手机", "姓名", "证件号", "编号", "交付"},
				}}
				s.Merges = []ledger.Span{{Top: 1, Left: 1, Bottom: 1, Right: 13}, {Top: 3, Left: 2, Bottom: 3, Right: 6}, {Top: 3, Left: 7, Bottom: 3, Right: 9}, {Top: 3, Left: 10, Bottom: 3, Right: 11}}
				for j, d := range of(n) {
					if j == 20 {
						s.Rows = append(s.Rows, []string{"", "小计", "", "", "", "1234.56"}, nil, s.Rows[2], s.Rows[3])
					}
					s.Rows = append(s.Rows, []string{"", d[2], d[3], d[4], d[5], d[6], d[7], d[8], d[11], d[9], d[10], d[12], d[13]})
				}
				s.Rows = append(s.Rows, []string{"合计", "", "", "", "", "99999"}, []string{"备注：本表由物业填报。"})
				out = append(out, s)
			}
			return out
		},
		"compound and building written once": func() []ledger.Sheet {
			s := ledger.Sheet{Name: "房屋", Rows: [][]string{{"小区名称", "楼号", "单元", "房号", "用途", "面积", "业主姓名", "身份证号码", "共有人姓名", "共有人身份证", "手机号码", "不动产证号", "交付情况"}}}
			from, last := 2, ""
			for i, d := range data {
				row := append([]string(nil), d[1:]...)
				if i > 0 && data[i-1][1] == d[1] {
					row[0] = ""
				} else if i > 0 {
					s.Merges = append(s.Merges, ledger.Span{Top: from, Left: 1, Bottom: i + 1, Right: 1})
					from = i + 2
				}
				b := d[1] + ledger.ParseBuilding(d[2])
				if b == last {
					row[1] = ""
				}
				last = b
				s.Rows = append(s.Rows, row)
			}
			s.Merges = append(s.Merges, ledger.Span{Top: from, Left: 1, Bottom: len(data) + 1, Right: 1})
			return []ledger.Sheet{s, list}
		},
		"all of the home in one cell, owners in one cell": func() []ledger.Sheet {
			return []ledger.Sheet{list, column("汇总", []string{"房屋坐落", "类型", "面积（平方米）", "权利人", "证件号码", "电话", "状态"}, func(d []string) []string {
				where := d[1] + d[2]
				if strings.TrimSpace(d[3]) != "" {
					where += ledger.ParseUnit(d[3]) + "单元"
				}
				names, ids := d[7], d[8]
				if d[9] != "" {
					names, ids = names+"\n"+d[9], ids+"\n"+d[10]
				}
				return []string{where + " " + d[4], d[5], d[6], names, ids, d[11], d[13]}
			})}
		},
		"sections for compound and building": func() []ledger.Sheet {
			s := ledger.Sheet{Name: "全街道", Rows: [][]string{{"丰泽街道业主名册"}, {"序号", "梯位", "房号", "房屋性质", "建筑面积", "产权人", "产权人身份证号", "共有产权人", "共有产权人身份证号", "联系电话", "产权证号", "是否交付"}}}
			s.Merges = []ledger.Span{{Top: 1, Left: 1, Bottom: 1, Right: 12}}
			compound, building := "", ""
			for i, d := range data {
				if d[1] != compound {
					s.Rows = append(s.Rows, []string{d[1]})
					compound, building = d[1], ""
				}
				if b := ledger.ParseBuilding(d[2]); b != building {
					building = b
					s.Rows = append(s.Rows, []string{"", map[bool]string{true: b, false: b + "号楼"}[b == "地下室"]})
				}
				s.Rows = append(s.Rows, append([]string{fmt.Sprint(i + 1)}, d[3:]...))
			}
			return []ledger.Sheet{list, s}
		},
		"a row per co-owner under a merged home": func() []ledger.Sheet {
			s := ledger.Sheet{Name: "房屋业主", Rows: [][]string{{"小区", "楼栋", "单元", "房号", "用途", "面积", "权利人", "证件号码", "电话", "产证号", "交付状态"}}}
			for _, d := range data {
				s.Rows = append(s.Rows, []string{d[1], d[2], d[3], d[4], d[5], d[6], d[7], d[8], d[11], d[12], d[13]})
				if d[9] == "" {
					continue
				}
				top := len(s.Rows)
				s.Rows = append(s.Rows, []string{"", "", "", "", "", "", d[9], d[10]})
				for _, c := range []int{1, 2, 3, 4, 5, 6, 10, 11} {
					s.Merges = append(s.Merges, ledger.Span{Top: top, Left: c, Bottom: top + 1, Right: c})
				}
			}
			return []ledger.Sheet{list, s}
		},
	}
	reasons := map[string]int{}
	for _, r := range want.Rejected {
		reasons[r.Reason]++
	}
	for name, make := range layouts {
		t.Run(name, func(t *testing.T) {
			r := ledger.Read(ledger.Book{Name: "x", Sheets: make()}, ledger.Options{})
			got := map[string]ledger.Figures{}
			for _, c := range r.Summary().Compounds {
				got[c.Name] = c.Figures
			}
			if d := cmp.Diff(want.Compounds, got); d != "" {
				t.Error(d)
			}
			found := map[string]int{}
			for _, x := range r.Rejected {
				if x.Reason != "coowner_row" {
					found[x.Reason]++
				}
			}
			if d := cmp.Diff(reasons, found); d != "" {
				t.Error(d)
				for _, l := range r.Layouts {
					t.Log(l.Sheet, l.Kind, l.HeaderRows, l.Compound, l.Problem)
					for _, c := range l.Columns {
						t.Log("  ", c.Letter, c.Label, c.Field, c.Person, c.Confidence)
					}
				}
				for i, x := range r.Rejected {
					if i < 5 {
						t.Log(x)
					}
				}
			}
		})
	}
}

// TestNoise mixes rows that are no records into the small workbook.
func TestNoise(t *testing.T) {
	book := open(t, "testdata/qingyuan-small.xlsx")
	var want truth
	load(t, "testdata/qingyuan-small.truth.json", &want)
	random := rand.New(rand.NewPCG(1, 2))
	s := &book.Sheets[1]
	head := s.Rows[2]
	noise := [][]string{nil, {"", " "}, head, {"", "小计", "", "123.4"}, {"合 计"}, {"注：以产权证为准"}, {"填表人：", "", "审核人："}, {"", "", "本页小计"}, {"说明：1.如有变动请及时更新，共有人逐一填写，未售房屋填开发企业名称"}}
	var rows [][]string
	for i, r := range s.Rows {
		rows = append(rows, r)
		if i > 2 && random.IntN(9) == 0 {
			rows = append(rows, noise[random.IntN(len(noise))])
		}
	}
	s.Rows = rows
	r := ledger.Read(book, ledger.Options{})
	got := map[string]ledger.Figures{}
	for _, c := range r.Summary().Compounds {
		got[c.Name] = c.Figures
	}
	if d := cmp.Diff(want.Compounds, got); d != "" {
		t.Error(d)
	}
	if len(r.Rejected) != want.Totals.Rejected {
		t.Error(refusals(r))
	}
}

// TestRelaidFurther writes both small workbooks in layouts that mix more.
func TestRelaidFurther(t *testing.T) {
	book := open(t, "testdata/fengze-small.xlsx")
	var want truth
	load(t, "testdata/fengze-small.truth.json", &want)
	list := book.Sheets[0]
	var data [][]string
	for _, r := range book.Sheets[1].Rows {
		if len(r) < 8 || r[1] == "" || r[0] == "序号" {
			continue
		}
		c := make([]string, 15)
		copy(c, r)
		data = append(data, c[1:])
	}
	han := func(n string) string {
		return strings.NewReplacer("1", "一", "2", "二", "3", "三", "4", "四", "5", "五", "6", "六", "7", "七", "8", "八", "9", "九").Replace(n)
	}
	layouts := map[string]func() []ledger.Sheet{
		"parking in a sheet of its own": func() []ledger.Sheet {
			a := ledger.Sheet{Name: "住宅店面", Rows: [][]string{{"小区名", "幢", "单元", "室", "用途", "建筑面积", "所有权人", "所有权人证件", "共有权人", "共有权人证件", "手机", "不动产权证书编号", "交付与否"}}}
			b := ledger.Sheet{Name: "车位", Rows: [][]string{{"住宅小区车位登记表"}, {"小区名称", "区域", "车位号", "产权面积", "车主", "证件号码", "共有人", "共有人证件号码", "手机", "产权证号", "是否交付"}}}
			for _, d := range data {
				if d[5] == "车位" {
					b.Rows = append(b.Rows, []string{d[1], d[2], d[4], d[6], d[7], d[8], d[9], d[10], d[11], d[12], d[13]})
				} else {
					a.Rows = append(a.Rows, d[1:])
				}
			}
			return []ledger.Sheet{b, a, list}
		},
		"building and unit in one cell, numbers in words, a unit row, column numbers": func() []ledger.Sheet {
			s := ledger.Sheet{Name: "明细", Rows: [][]string{
				{"", "丰泽街道房屋明细"},
				{"", "小区（项目）名称", "楼栋单元", "房屋编号", "类别", "面积", "业主", "联系电话", "身份证号码", "其他产权人", "其他产权人身份证号码", "权证号", "房屋状态"},
				{"", "", "", "", "", "㎡"},
				{"", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"},
			}}
			for _, d := range data {
				where := d[2]
				if u := ledger.ParseUnit(d[3]); u != "" {
					where = "第" + han(ledger.ParseBuilding(d[2])) + "幢" + han(u) + "单元"
				}
				s.Rows = append(s.Rows, []string{"", d[1] + "小区", where, d[4], d[5], d[6], d[7], d[11], d[8], d[9], d[10], d[12], d[13]})
			}
			return []ledger.Sheet{list, s}
		},
		"three header rows without merges": func() []ledger.Sheet {
			s := ledger.Sheet{Name: "汇总表", Rows: [][]string{
				{"业主信息采集汇总"},
				{"坐落", "", "", "", "专有部分", "", "权利人", "", "", "", "", "登记", "备注"},
				{"小区名称", "楼栋号", "单元号", "房号", "用途", "建筑面积（平方米）", "姓名", "证件号码", "电话", "共有人姓名", "共有人证件号码", "证号", "交付状态"},
			}}
			for _, d := range data {
				s.Rows = append(s.Rows, []string{d[1], d[2], d[3], d[4], d[5], d[6], d[7], d[8], d[11], d[9], d[10], d[12], d[13]})
			}
			return []ledger.Sheet{s, list}
		},
		"a table per compound in one sheet": func() []ledger.Sheet {
			s := ledger.Sheet{Name: "Sheet1"}
			last := ""
			for _, d := range data {
				if d[1] != last {
					last = d[1]
					s.Rows = append(s.Rows, nil, []string{"源淮社区" + d[1] + "业主信息登记表"}, []string{"幢号", "单元号", "房号", "房屋用途", "面积（㎡）", "业主姓名", "业主身份证号", "共有人姓名", "共有人身份证号", "业主电话", "不动产权证号", "交付情况"})
				}
				s.Rows = append(s.Rows, d[2:])
			}
			return []ledger.Sheet{list, s}
		},
		"numbered owners, sold and delivered apart": func() []ledger.Sheet {
			s := ledger.Sheet{Name: "房", Rows: [][]string{{"序号", "小区", "楼号", "单元", "房间号", "性质", "业主1姓名", "业主1身份证号", "业主2姓名", "业主2身份证号", "业主1电话", "测绘建筑面积", "套内建筑面积", "公摊面积", "单价", "是否售出", "是否交房"}}}
			for i, d := range data {
				sold, given := "是", "是"
				switch d[13] {
				case "未售":
					sold, given = "否", "否"
				case "已售未交付":
					given = "否"
				}
				s.Rows = append(s.Rows, []string{fmt.Sprint(i + 1), d[1], d[2], d[3], d[4], d[5], d[7], d[8], d[9], d[10], d[11], d[6], "50.5", "12.3", "9800", sold, given})
			}
			s.Rows = append(s.Rows, []string{"998"}, []string{"999", "", ""})
			return []ledger.Sheet{list, s}
		},
		"name and number in one cell, address with road": func() []ledger.Sheet {
			s := ledger.Sheet{Name: "清册", Rows: [][]string{{"专有部分坐落", "规划用途", "专有部分面积", "业主姓名及身份证号", "联系方式", "备注", "交付情况"}}}
			for _, d := range data {
				who := d[7]
				if d[8] != "" {
					who += "（" + strings.TrimSpace(d[8]) + "）"
				}
				if d[9] != "" {
					who += "、" + d[9] + " " + strings.TrimSpace(d[10])
				}
				where := "泉州市丰泽区安吉路1" + fmt.Sprint(len(d[1])) + "号" + d[1]
				if u := ledger.ParseUnit(d[3]); u != "" {
					where += ledger.ParseBuilding(d[2]) + "号楼" + u + "梯" + d[4]
				} else {
					where += d[2] + d[4]
				}
				s.Rows = append(s.Rows, []string{where, d[5], d[6], who, d[11], "", d[13]})
			}
			return []ledger.Sheet{list, s}
		},
	}
	reasons := map[string]int{}
	for _, r := range want.Rejected {
		reasons[r.Reason]++
	}
	for name, sheets := range layouts {
		t.Run(name, func(t *testing.T) {
			r := ledger.Read(ledger.Book{Name: "x", Sheets: sheets()}, ledger.Options{})
			got := map[string]ledger.Figures{}
			for _, c := range r.Summary().Compounds {
				got[c.Name] = c.Figures
			}
			found := map[string]int{}
			for _, x := range r.Rejected {
				found[x.Reason]++
			}
			if d := cmp.Diff(want.Compounds, got) + cmp.Diff(reasons, found); d != "" {
				t.Error(d)
				for _, l := range r.Layouts {
					if l.Kind == ledger.KindCompounds {
						continue
					}
					t.Log(l.Sheet, l.Kind, l.HeaderRows, l.Compound, l.Problem)
					for _, c := range l.Columns {
						t.Log("  ", c.Letter, c.Label, c.Field, c.Person, c.Confidence)
					}
				}
				for i, x := range r.Rejected {
					if i < 5 {
						t.Log(x)
					}
				}
				for i, x := range r.Warnings {
					if i < 5 {
						t.Log(x)
					}
				}
			}
		})
	}
}

// TestShuffled lays the homes out at random: words, order of columns, one header
// row or two, titles, carried cells, noise. What is counted stays the same.
func TestShuffled(t *testing.T) {
	book := open(t, "testdata/fengze-small.xlsx")
	var want truth
	load(t, "testdata/fengze-small.truth.json", &want)
	list := book.Sheets[0]
	var data [][]string
	for _, r := range book.Sheets[1].Rows {
		if len(r) < 8 || r[1] == "" || r[0] == "序号" {
			continue
		}
		c := make([]string, 15)
		copy(c, r)
		data = append(data, c[1:])
	}
	type column struct {
		at    int // in data; -1 nothing of the kind
		words []string
	}
	compound := column{1, []string{"小区", "小区名称", "所在小区", "住宅小区名称", "楼盘", "项目名称", "所属小区"}}
	where := [][]column{
		{{2, []string{"幢号", "楼栋", "栋", "楼号", "座号", "楼幢号", "栋号", "幢"}}, {3, []string{"单元", "梯号", "单元号", "梯位", "单元/梯"}}, {4, []string{"房号", "室号", "房间号", "门牌号", "房屋编号", "室", "户号"}}},
	}
	use := column{5, []string{"用途", "房屋用途", "房屋性质", "房屋类型", "规划用途", "性质", "类型"}}
	size := column{6, []string{"建筑面积", "面积", "产权面积（㎡）", "建筑面积（平方米）", "面积(m2)", "房屋建筑面积", "专有部分面积", "证载面积", "面积\n（平方米）"}}
	owners := [][]column{
		{{7, []string{"产权人", "业主", "业主姓名", "权利人", "户主", "房主", "所有权人", "业主（产权人）", "产权人姓名"}}, {8, []string{"证件号码", "身份证", "身份证号码", "公民身份号码", "证件号", "业主身份证号"}}, {11, []string{"联系电话", "电话", "手机", "手机号码", "联系方式"}}},
		{{9, []string{"共有人", "其他产权人", "共有产权人", "共有人姓名"}}, {10, []string{"共有人证件号码", "共有人身份证", "共有产权人身份证号", "身份证号", "证件号码"}}},
	}
	title := column{12, []string{"不动产权证号", "产权证号", "房产证号", "权证号", "不动产证", "不动产权证书编号"}}
	state := column{13, []string{"交付状态", "交房情况", "交付情况", "是否交付", "房屋状态", "交房状态"}}
	extras := []column{{-1, []string{"备注"}}, {-1, []string{"物业费单价"}}, {-1, []string{"公摊面积"}}, {-1, []string{"电梯"}}, {-1, []string{"登记时间"}}, {-1, []string{"网格"}}}
	for seed := range uint64(30) {
		random := rand.New(rand.NewPCG(seed, 7))
		blocks := [][]column{{compound}, where[0], {use}, {size}, owners[0], owners[1], {title}, {state}}
		for _, e := range extras {
			if random.IntN(3) == 0 {
				blocks = append(blocks, []column{e})
			}
		}
		random.Shuffle(len(blocks), func(i, j int) { blocks[i], blocks[j] = blocks[j], blocks[i] })
		var columns []column
		var head, group []string
		s := ledger.Sheet{Name: []string{"Sheet1", "房屋", "业主信息", "汇总"}[random.IntN(4)]}
		if random.IntN(2) == 0 {
			s.Rows = append(s.Rows, []string{"丰泽街道住宅小区业主信息采集表"}, []string{"填报单位：某某　　填报日期：2024.12.3"})
		}
		twoRows := random.IntN(2) == 0
		lead := random.IntN(2)
		if lead == 1 {
			columns, head, group = append(columns, column{at: -2}), append(head, "序号"), append(group, "序号")
		}
		top := len(s.Rows) + 1
		for _, b := range blocks {
			from := len(columns) + 1
			for _, c := range b {
				columns = append(columns, c)
				head = append(head, c.words[random.IntN(len(c.words))])
				group = append(group, "")
			}
			name := head[from-1]
			if len(b) > 1 {
				switch b[0].at {
				case 2:
					name = "房屋位置"
				case 7:
					name = "产权人信息"
				case 9:
					name = "共有人信息"
				}
				group[from-1] = name
				if twoRows {
					s.Merges = append(s.Merges, ledger.Span{Top: top, Left: from, Bottom: top, Right: len(columns)})
				}
			} else if twoRows {
				group[from-1] = name
				s.Merges = append(s.Merges, ledger.Span{Top: top, Left: from, Bottom: top + 1, Right: from})
			}
		}
		under := append([]string(nil), head...)
		if twoRows {
			s.Rows = append(s.Rows, group)
			for i, c := range columns {
				if c.at == -2 || group[i] == head[i] {
					under[i] = ""
				}
			}
		}
		s.Rows = append(s.Rows, under)
		for i, d := range data {
			row := make([]string, len(columns))
			for k, c := range columns {
				switch {
				case c.at >= 0:
					row[k] = d[c.at]
				case c.at == -2:
					row[k] = fmt.Sprint(i + 1)
				case head[k] == "物业费单价":
					row[k] = "1.2"
				case head[k] == "公摊面积":
					row[k] = "12.34"
				case head[k] == "登记时间":
					row[k] = "45000"
				case head[k] == "网格":
					row[k] = "第3网格"
				}
			}
			if i%97 == 96 && random.IntN(2) == 0 {
				if twoRows {
					s.Rows = append(s.Rows, group)
				}
				s.Rows = append(s.Rows, under)
			}
			s.Rows = append(s.Rows, row)
			if i%61 == 60 {
				sub := make([]string, len(columns))
				sub[0], sub[len(sub)-1] = "小计", "3"
				s.Rows = append(s.Rows, sub, nil)
			}
		}
		r := ledger.Read(ledger.Book{Name: "x", Sheets: []ledger.Sheet{s, list}}, ledger.Options{})
		got := map[string]ledger.Figures{}
		for _, c := range r.Summary().Compounds {
			got[c.Name] = c.Figures
		}
		if d := cmp.Diff(want.Compounds, got); d != "" || len(r.Rejected) != len(want.Rejected) {
			t.Errorf("seed %d: %q / %q: %d refused", seed, group, head, len(r.Rejected))
			l := r.Layouts[0]
			t.Log(l.Kind, l.HeaderRows, l.Problem)
			for _, c := range l.Columns {
				t.Log("  ", c.Letter, c.Label, c.Field, c.Person, c.Confidence)
			}
			for i, x := range r.Rejected {
				if i < 4 {
					t.Log(x)
				}
			}
		}
	}
}
