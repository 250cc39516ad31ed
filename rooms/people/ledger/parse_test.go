package ledger_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"cuobian/rooms/people/ledger"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestParseBuilding(t *testing.T) {
	for text, want := range map[string]string{
		"3幢": "3", "3#": "3", "3号楼": "3", "三幢": "3", "#3": "3", "3栋": "3", "3座": "3", "第3幢": "3", "03幢": "3", "3": "3", "3.0": "3", "３幢": "3", " 3 幢 ": "3", "3#楼": "3", "十二幢": "12", "二十幢": "20",
		"A栋": "A", "a1": "A1", "A1幢": "A1", "地下室": "地下室", "东区3幢": "东区3", "楼栋3": "3", "": "", "/": "", "无": "",
	} {
		if got := ledger.ParseBuilding(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestParseUnit(t *testing.T) {
	for text, want := range map[string]string{
		"1单元": "1", "1梯": "1", "一单元": "1", "1": "1", "1.0": "1", "01": "1", "第二单元": "2", "单元3": "3", "A单元": "A", "甲单元": "甲", "东梯": "东", "１梯": "1", "0": "", "无": "", "": "", "/": "",
	} {
		if got := ledger.ParseUnit(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestParseRoom(t *testing.T) {
	for text, want := range map[string]string{
		"502": "502", "502室": "502", "502房": "502", "502号": "502", "５０２": "502", "502.0": "502", "0403": "0403", "502#": "502", "a502": "A502", "店面5号": "店面5", "车位B001": "车位B001", "": "",
	} {
		if got := ledger.ParseRoom(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestParseJoint(t *testing.T) {
	for text, want := range map[string][3]string{
		"3幢-1单元-502":  {"3", "1", "502"},
		"3#-1梯-502":   {"3", "1", "502"},
		"3号楼/1梯/502室": {"3", "1", "502"},
		"3# 1梯 502":   {"3", "1", "502"},
		"3幢1单元502":    {"3", "1", "502"},
		"三幢一单元５０２室":   {"3", "1", "502"},
		"3-1-502":     {"3", "1", "502"},
		"3－1－502":     {"3", "1", "502"},
		"3—1—502":     {"3", "1", "502"},
		"3/1/502":     {"3", "1", "502"},
		"3栋2单元4层401室": {"3", "2", "401"},
		"3-2-6-601":   {"3", "2", "601"},
		"3幢502":       {"3", "", "502"},
		"1#301":       {"1", "", "301"},
		"1号楼 302":     {"1", "", "302"},
		"A1-1801":     {"A1", "", "1801"},
		"A栋1801":      {"A", "", "1801"},
		"3幢1-502":     {"3", "1", "502"},
		"地下室-车位B001":  {"地下室", "", "车位B001"},
		"502":         {"", "", "502"},
		"502#":        {"", "", "502"},
		"1单元502":      {"", "1", "502"},
		"3楼":          {"3", "", ""},
		"丰泽区安吉路88号3幢1单元502室":  {"3", "1", "502"},
		"安吉路88号明月花苑3幢1单元502室": {"3", "1", "502"},
		"明月花苑-3-1-502":        {"3", "1", "502"},
		"12幢店面03":             {"12", "", "店面03"},
		"":                    {},
		"/":                   {},
		"十二号楼1802":            {"12", "", "1802"},
		"3幢东梯502":             {"3", "东", "502"},
		"3幢1单元":               {"3", "1", ""},
		"东区3幢2单元501":          {"3", "2", "501"},
		"3幢 2单元 501 室":        {"3", "2", "501"},
		"3幢－2单元－501（复式）":      {"3", "2", "501(复式"},
	} {
		b, u, r := ledger.ParseJoint(text)
		if got := [3]string{b, u, r}; got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestParseDate(t *testing.T) {
	for text, want := range map[string]ledger.Date{
		"2023.6.18": "2023-06-18", "2023-06-18": "2023-06-18", "2023/6/18": "2023-06-18", "2023年6月18日": "2023-06-18", "2023 年 6 月 18 日": "2023-06-18", "20230618": "2023-06-18", "２０２３．６．１８": "2023-06-18", "2023-06-18 00:00:00": "2023-06-18", "2023-06-18T00:00:00": "2023-06-18",
		"2022年11月": "2022-11", "2022.11": "2022-11", "2022.07": "2022-07", "2010-05": "2010-05", "202211": "2022-11", "2022.1": "2022-01",
		"1998年": "1998", "1998": "1998", "2003.0": "2003", "1995年建成": "1995",
		"44805": "2022-09-01", "45028": "2023-04-12", "42370": "2016-01-01", "44805.5": "2022-09-01", "60": "", "36526": "2000-01-01",
		"二〇二三年三月": "2023-03", "二○二三年三月五日": "2023-03-05", "二〇二三年十二月三十一日": "2023-12-31", "二零二三年": "2023", "二〇二三年元月": "2023-01",
		"11/21/2026": "2026-11-21", "21/11/2026": "2026-11-21", "23.6.18": "2023-06-18", "98年6月": "1998-06",
		"/": "", "无": "", "": "",
		"2023.6.18（换届）": "2023-06-18",
	} {
		got, ok := ledger.ParseDate(text, false)
		if text == "60" {
			if ok {
				t.Error("60 is no date")
			}
			continue
		}
		if got != want || !ok {
			t.Errorf("%q: %q %v, want %q", text, got, ok, want)
		}
	}
	for _, text := range []string{"90年代", "2023.13", "2023-02-30", "2023年2月29日", "待定", "1.2", "99999", "3月5日", "20231301", "二〇二三年十三月"} {
		if got, ok := ledger.ParseDate(text, false); ok {
			t.Errorf("%q was read as %q", text, got)
		}
	}
	if got, _ := ledger.ParseDate("43343", true); got != "2022-09-01" {
		t.Error("serial from 1904:", got)
	}
}

func TestParsePeriod(t *testing.T) {
	for text, want := range map[string][2]ledger.Date{
		"2022.11.20-2027.11.19":   {"2022-11-20", "2027-11-19"},
		"二〇二三年三月至二〇二八年三月":         {"2023-03", "2028-03"},
		"2023年3月—2028年3月":         {"2023-03", "2028-03"},
		"2023-03-05至2028-03-04":   {"2023-03-05", "2028-03-04"},
		"2023-03-05 - 2028-03-04": {"2023-03-05", "2028-03-04"},
		"2023-03-05~2028-03-04":   {"2023-03-05", "2028-03-04"},
		"2023.3-2028.3":           {"2023-03", "2028-03"},
		"2023.3":                  {"2023-03", ""},
		"自2023年3月5日起至2028年3月4日止":  {"2023-03-05", "2028-03-04"},
		"2023年3月至今":               {"2023-03", ""},
		"":                        {},
	} {
		from, to, ok := ledger.ParsePeriod(text, false)
		if got := [2]ledger.Date{from, to}; got != want || !ok {
			t.Errorf("%q: %q %v, want %q", text, got, ok, want)
		}
	}
	if _, _, ok := ledger.ParsePeriod("三年", false); ok {
		t.Error("三年 is no period")
	}
}

func TestParsePhones(t *testing.T) {
	for _, c := range []struct {
		text string
		want []string
		bad  bool
	}{
		{"13800000026", []string{"13800000026"}, false},
		{"１３８００００００２６", []string{"13800000026"}, false},
		{"159 0000 3329", []string{"15900003329"}, false},
		{"139-0000-0540", []string{"13900000540"}, false},
		{"+86 139 0000 0540", []string{"13900000540"}, false},
		{"8613900000540", []string{"13900000540"}, false},
		{"13800000027/0591-00000002", []string{"13800000027", "0591-00000002"}, false},
		{"13800000027、13800000028", []string{"13800000027", "13800000028"}, false},
		{"13800000027 13800000028", []string{"13800000027", "13800000028"}, false},
		{"13800000027；13800000027", []string{"13800000027"}, false},
		{"13800000027\n(0595)22000001", []string{"13800000027", "0595-22000001"}, false},
		{"1380000002713800000028", []string{"13800000027", "13800000028"}, false},
		{"1.3800000027E10", []string{"13800000027"}, false},
		{"13800000027.0", []string{"13800000027"}, false},
		{"010-12345678", []string{"010-12345678"}, false},
		{"059522000001", []string{"0595-22000001"}, false},
		{"22000001", []string{"22000001"}, false},
		{"0595-22000001转801", []string{"0595-22000001-801"}, false},
		{"13800000027（女儿）", []string{"13800000027"}, false},
		{"无", nil, false}, {"", nil, false}, {"/", nil, false},
		{"1380000002", nil, true},
		{"12345", nil, true},
		{"联系物业", nil, true},
		{"1.38E+10", nil, true},
	} {
		got, bad := ledger.ParsePhones(c.text)
		if !cmp.Equal(got, c.want) || bad != c.bad {
			t.Errorf("%q: %q %v, want %q %v", c.text, got, bad, c.want, c.bad)
		}
	}
}

func TestParseNames(t *testing.T) {
	for text, want := range map[string]string{
		"张三":               "张三",
		"周 梅":              "周梅",
		"欧阳 文山":            "欧阳文山",
		"张三、李四":            "张三|李四",
		"张三，李四":            "张三|李四",
		"张三 李四":            "张三|李四",
		"张三/李四":            "张三|李四",
		"张三\n李四":           "张三|李四",
		"张三;李四;王五":         "张三|李四|王五",
		"王某某\n13800000021": "王某某@13800000021",
		"陈某某 13800000022":  "陈某某@13800000022",
		"林某某13800000023\n（副主任：张某某）": "林某某@13800000023",
		"张三（13800000021）":           "张三@13800000021",
		"张三(1/2)、李四(1/2)":           "张三 1/2|李四 1/2",
		"张三 50%":                    "张三 1/2",
		"张三（已故）":                    "张三",
		"业主：张三":                     "张三",
		"泉州明鑫房地产开发有限公司":             "泉州明鑫房地产开发有限公司!",
		"某某（泉州）置业有限公司":              "某某(泉州)置业有限公司!",
		"阿卜杜拉·买买提":                  "阿卜杜拉·买买提",
		"张三（共有：李四）":                 "张三|李四",
		"张三(共有人：李四、王五)":             "张三|李四|王五",
		"张三（共同共有）":                  "张三",
		"张三及李四":                     "张三|李四",
		"张三和李四":                     "张三|李四",
		"李和平":                       "李和平",
		"欧阳和平":                      "欧阳和平",
		"John Smith":                "John Smith",
		"无":                         "", "/": "", "": "", "#REF!": "",
	} {
		var got []string
		for _, p := range ledger.ParseNames(text) {
			s := p.Name
			if p.Organisation {
				s += "!"
			}
			for _, n := range p.Phones {
				s += "@" + n
			}
			if p.Share.Den != 0 {
				s += " 1/2"
				if p.Share.Num != 1 || p.Share.Den != 2 {
					t.Error(text, p.Share)
				}
			}
			got = append(got, s)
		}
		if g := strings.Join(got, "|"); g != want {
			t.Errorf("%q: %q, want %q", text, g, want)
		}
	}
}

func TestParseShare(t *testing.T) {
	for text, want := range map[string]ledger.Share{
		"1/2": {Num: 1, Den: 2}, "50%": {Num: 1, Den: 2}, "33.33%": {Num: 3333, Den: 10000}, "0.25": {Num: 1, Den: 4}, "二分之一": {Num: 1, Den: 2}, "100%": {Num: 1, Den: 1}, "各50%": {Num: 1, Den: 2}, "单独所有": {Num: 1, Den: 1}, "２／４": {Num: 1, Den: 2},
	} {
		if got, ok := ledger.ParseShare(text); got != want || !ok {
			t.Errorf("%q: %v %v", text, got, ok)
		}
	}
	for _, text := range []string{"", "共同共有", "3/2", "0/1", "150%", "abc", "0.0", "-1/2x"} {
		if got, ok := ledger.ParseShare(text); ok && text != "-1/2x" {
			t.Errorf("%q: %v", text, got)
		}
	}
}

func TestParseIdentity(t *testing.T) {
	good := id("19700101", 11)
	withX := ""
	for i := 0; withX == ""; i++ {
		if s := id("19700101", i); strings.HasSuffix(s, "X") {
			withX = s
		}
	}
	for text, want := range map[string]string{
		good: good, " " + good: good, "'" + good: good, strings.ToLower(withX): withX, withX: withX, good[:6] + " " + good[6:14] + " " + good[14:]: good,
		good[:6] + good[8:17]: good, "": "", "/": "", "无": "", "3599**********1234": "", "111111111111111111": "", "E12345678": "E12345678", "H12345678": "H12345678",
		"91350100M000100Y43": "91350100M000100Y43",
	} {
		got, fault := ledger.ParseIdentity(text, "")
		if got.Number != want || fault != "" {
			t.Errorf("%q: %q %s, want %q", text, got.Number, fault, want)
		}
	}
	for text, want := range map[string]string{
		good[:17] + "a": "id_checksum", good[:16]: "id_length", "3.59999197001011E+17": "id_lost", "359999197001010000": "id_checksum", good[:15] + "000": "id_lost", "张三": "id_length", "359999991301001": "id_birth", "12345678": "id_length", "91350100M000100Y44": "id_checksum",
	} {
		got, fault := ledger.ParseIdentity(text, "")
		if text == good[:15]+"000" && fault == "" {
			continue // one in eleven agrees by chance
		}
		if fault != want || got.Number != "" {
			t.Errorf("%q: %q %q, want %q", text, got.Number, fault, want)
		}
	}
	if got, fault := ledger.ParseIdentity("12345678", "台湾居民来往大陆通行证"); got.Number != "12345678" || fault != "" {
		t.Error(got, fault)
	}
}

// Every one-digit slip and every swap of neighbours is found (ISO 7064 MOD 11-2).
func TestIdentitySlips(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		good := id("19700101", rapid.IntRange(0, 999).Draw(t, "order"))
		at := rapid.IntRange(0, 16).Draw(t, "at")
		digit := byte('0' + rapid.IntRange(0, 9).Draw(t, "digit"))
		if digit == good[at] || at == 0 && digit == '9' {
			return // with a 9 before it, one in thirty-one is a sound code of an organisation
		}
		if got, fault := ledger.ParseIdentity(good[:at]+string(digit)+good[at+1:], ""); fault == "" {
			t.Fatal("slip not found", got)
		}
	})
}

func TestCompoundName(t *testing.T) {
	for text, want := range map[string]string{
		"样例二花苑小区": "样例二花苑", "邮电小区": "邮电小区", " 样例小区A ": "样例小区A", "《东方花园》": "东方花园", "东方 花园": "东方花园", "新华小区": "新华小区", "东湖安置小区": "东湖安置小区", "/": "", "无": "",
	} {
		if got := ledger.CompoundName(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// Whatever a workbook holds, reading ends with a reading.
func TestAnyBook(t *testing.T) {
	words := []string{"", " ", "序号", "小区", "小区名称", "社区", "幢号", "单元", "房号", "房屋坐落", "用途", "建筑面积(㎡)", "业主", "产权人", "身份证号", "共有人", "联系电话", "交付状态", "不动产权证号", "车位号", "姓名", "职务", "政治面貌", "届次", "任期", "户数", "服务企业", "业委会", "合计", "小计", "注：说明", "填表人：", "1幢", "1单元", "101", "3幢1单元502", "98.56", "-1", "#REF!", "张三", "张三、李四", "359999197001010113", "1.2E+17", "13800000001", "未售", "已交付", "是", "否", "2023.5", "45000", "东方花园", "东方花园小区", "一、东方花园", "东湖社区", "主任", "中共党员", "(", "）", "/", "-", "１２", "\n", "1/2"}
	rapid.Check(t, func(t *rapid.T) {
		cell := rapid.OneOf(rapid.SampledFrom(words), rapid.SampledFrom(words), rapid.SampledFrom(words), rapid.String())
		rows := rapid.SliceOfN(rapid.SliceOfN(cell, 0, 9), 0, 14).Draw(t, "rows")
		merges := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) ledger.Span {
			n := rapid.IntRange(-2, 20)
			return ledger.Span{Top: n.Draw(t, "top"), Left: n.Draw(t, "left"), Bottom: n.Draw(t, "bottom"), Right: n.Draw(t, "right")}
		}), 0, 6).Draw(t, "merges")
		book := ledger.Book{Name: cell.Draw(t, "name"), Sheets: []ledger.Sheet{{Name: cell.Draw(t, "sheet"), Rows: rows, Merges: merges}}}
		r := ledger.Read(book, ledger.Options{})
		s := r.Summary()
		if s.Totals.Rejected != len(r.Rejected) {
			t.Fatal("totals")
		}
		again := ledger.Read(book, ledger.Options{Layouts: r.Layouts})
		if len(again.Homes) > len(rows) {
			t.Fatal("more homes than rows")
		}
		for _, x := range r.Rejected {
			if x.Row < 1 || x.Row > len(rows) || x.Reason == "" || x.Zh == "" || x.En == "" {
				t.Fatal(x)
			}
		}
	})
}

func FuzzCells(f *testing.F) {
	for _, s := range []string{"3幢-1单元-502", "2022.11.20-2027.11.19", "王某某\n13800000021", "98.56㎡", "二分之一", "1.3800000027E10", "3599**********1234"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		ledger.ParseJoint(s)
		ledger.ParsePhones(s)
		ledger.ParseShare(s)
		ledger.ParseBuilding(s)
		ledger.ParseUnit(s)
		ledger.ParsePeriod(s, true)
		ledger.ParseIdentity(s, s)
		for _, p := range ledger.ParseNames(s) {
			if utf8.ValidString(s) && !utf8.ValidString(p.Name) {
				t.Errorf("%q: %q", s, p.Name)
			}
		}
		if d, ok := ledger.ParseDate(s, false); ok && d != "" && len(d) != 4 && len(d) != 7 && len(d) != 10 {
			t.Errorf("%q: %q", s, d)
		}
	})
}

// Sheets made to be slow are read in bearable time, and progress only grows.
func TestHostile(t *testing.T) {
	labels := []string{"小区名称", "楼号", "单元", "房号", "用途", "建筑面积", "业主姓名", "身份证号", "联系电话"}
	turned := append(append([]string(nil), labels[4:]...), labels[:4]...)
	var rows [][]string
	var merges []ledger.Span
	for i := range 20000 {
		if i%2 == 0 {
			rows = append(rows, labels)
		} else {
			rows = append(rows, turned)
		}
		merges = append(merges, ledger.Span{Top: 1, Left: 1, Bottom: 1 << 20, Right: 1 << 14})
	}
	last := 0
	r := ledger.Read(ledger.Book{Sheets: []ledger.Sheet{{Name: "x", Rows: rows, Merges: merges}}}, ledger.Options{Progress: func(done, total int) {
		if done < last || total != len(rows) || done > total {
			t.Fatal(done, last, total)
		}
		last = done
	}})
	if len(r.Homes) != 0 {
		t.Error(len(r.Homes))
	}
}
