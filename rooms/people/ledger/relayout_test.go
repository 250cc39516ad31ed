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
