package ledger_test

import (
	"fmt"
	"strings"
	"testing"

	"cuobian/rooms/people/ledger"

	"github.com/google/go-cmp/cmp"
)

// All people, numbers and compounds in this file are invented.

// home writes a home as one line: key use area state owners(phones,share).
func home(h ledger.Home) string {
	var owners []string
	for _, o := range h.Owners {
		s := o.Name
		if o.Identity.Number != "" {
			s += "#" + o.Identity.Number[len(o.Identity.Number)-4:]
		}
		if len(o.Phones) > 0 {
			s += "@" + strings.Join(o.Phones, "@")
		}
		if o.Share.Den != 0 {
			s += fmt.Sprintf(" %d/%d", o.Share.Num, o.Share.Den)
		}
		owners = append(owners, s)
	}
	return fmt.Sprintf("%s %s %s %s [%s]", h.Key, h.Use, h.Area, h.State, strings.Join(owners, " "))
}

func homes(r ledger.Reading) []string {
	var out []string
	for _, h := range r.Homes {
		out = append(out, home(h))
	}
	return out
}

func refusals(r ledger.Reading) []string {
	var out []string
	for _, x := range r.Rejected {
		out = append(out, fmt.Sprintf("%s!%d %s", x.Sheet, x.Row, x.Reason))
	}
	return out
}

func expect(t *testing.T, what string, got, want []string) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

func last4(s string) string { return "#" + s[len(s)-4:] }

func TestLayoutOneSheetPerCompound(t *testing.T) {
	a, b, c := id("19700101", 11), id("19720203", 22), id("19881230", 35)
	r := ledger.Read(make1(t, "业主名册.xlsx",
		wb{"明月花苑", [][]any{
			{"丰泽街道东湖社区明月花苑业主信息登记表"},
			{"楼栋", "单元", "室号", "面积(㎡)", "业主姓名/联系电话", "身份证号码", "备注"},
			{"1号楼", "一单元", "101", 88.5, "张三丰13800000101", a},
			{nil, nil, "102", "９０．２５", "李四光（13800000102）", b, "自住"},
			{"2号楼", "二单元", "201", "120", "王五 13800000103", c},
			{nil, nil, nil, nil, "赵六妹 13800000104", id("19900909", 46)},
			{"合计", nil, "3套", 298.75},
		}, []string{"A1:G1", "A3:A4", "B3:B4", "A5:A6", "B5:B6", "C5:C6", "D5:D6"}},
		wb{"清风苑", [][]any{
			{"清风苑房屋产权人一览表"},
			{"房号", "产权人", "建筑面积", "证件号码"},
			{"1-1-101", "张三丰", 70, a},
			{"1-1-102", "张三丰", 71.125, a},
			{"1-2-101", "钱七", "七十", id("19600606", 57)},
		}, []string{"A1:D1"}},
	), ledger.Options{})
	expect(t, "homes", homes(r), []string{
		"明月花苑/1/1/101 dwelling 88.50 delivered [张三丰" + last4(a) + "@13800000101]",
		"明月花苑/1/1/102 dwelling 90.25 delivered [李四光" + last4(b) + "@13800000102]",
		"明月花苑/2/2/201 dwelling 120.00 delivered [王五" + last4(c) + "@13800000103 赵六妹" + last4(id("19900909", 46)) + "@13800000104]",
		"清风苑/1/1/101 dwelling 70.00 delivered [张三丰" + last4(a) + "]",
		"清风苑/1/1/102 dwelling 71.13 delivered [张三丰" + last4(a) + "]",
	})
	expect(t, "refused", refusals(r), []string{"清风苑!5 area"})
	s := r.Summary()
	if r.Street != "丰泽街道" || s.Compounds[0].Community != "东湖社区" || s.Compounds[0].Heads != 3 || s.Compounds[1].Heads != 1 {
		t.Errorf("%s %+v", r.Street, s.Compounds)
	}
}

func TestLayoutGroupedHeader(t *testing.T) {
	a, b, c := id("19700101", 11), id("19720203", 22), id("19881230", 35)
	head1 := []any{"序号", "所属小区", "房屋信息", nil, nil, nil, nil, "业主信息", nil, nil, "共有人信息", nil, nil, "承租人信息", nil, "备注"}
	head2 := []any{nil, nil, "栋号", "梯号", "房间号", "用途", "面积\n（平方米）", "姓名", "身份证号", "手机号", "姓名", "身份证号", "份额", "姓名", "联系方式", nil}
	r := ledger.Read(make1(t, "b.xlsx", wb{"Sheet1", [][]any{
		{"2024年住宅小区房屋情况统计表"},
		{"填报单位：泉州市丰泽区丰泽街道办事处", nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, "填报日期：二〇二四年三月五日"},
		head1, head2,
		{1, "金桥新村", "3栋", "1梯", 502, "住宅", 98.56000000000000227, "张三", a, 13800000101, "李四", b, "50%", "孙九", "13800000109"},
		{2, "金桥新村", "3栋", "1梯", "503室", "商铺", "45.3㎡", "王五", c, "13800000103、13800000104"},
		head1, head2,
		{3, "金桥新村", "十二栋", "2梯", "0101", "储藏间", 12, "王五", c},
		{4, "金桥新村", "十二栋", "2梯", "101", "住宅", 80, "王五", c},
		{nil, "小计", nil, nil, nil, nil, 235.86},
		{"注：1.面积以证载为准。"},
		{"填表人：　　　审核人："},
	}, []string{"A1:P1", "C3:G3", "H3:J3", "K3:M3", "N3:O3", "A3:A4", "B3:B4", "P3:P4"}}), ledger.Options{})
	expect(t, "homes", homes(r), []string{
		"金桥新村/3/1/502 dwelling 98.56 delivered [张三" + last4(a) + "@13800000101 李四" + last4(b) + " 1/2]",
		"金桥新村/3/1/503 shop 45.30 delivered [王五" + last4(c) + "@13800000103@13800000104]",
		"金桥新村/12/2/车库101 garage 12.00 delivered [王五" + last4(c) + "]",
		"金桥新村/12/2/101 dwelling 80.00 delivered [王五" + last4(c) + "]",
	})
	if len(r.Residents) != 1 || r.Residents[0].Role != "tenant" || r.Residents[0].Person.Name != "孙九" || r.Residents[0].Home != "金桥新村/3/1/502" || len(r.Residents[0].Person.Phones) != 1 {
		t.Errorf("%+v", r.Residents)
	}
	if r.Street != "丰泽街道" || r.ReportDate != "2024-03-05" {
		t.Error(r.Street, r.ReportDate)
	}
	f := r.Summary().Compounds[0].Figures
	if f.Homes != 3 || f.Garages != 1 || f.Heads != 2 || f.Area != 23586 {
		t.Errorf("%+v", f)
	}
	expect(t, "refused", refusals(r), nil)
}

func TestLayoutSectionsAndKeys(t *testing.T) {
	a, b := id("19700101", 11), id("19720203", 22)
	r := ledger.Read(make1(t, "c.xlsx", wb{"Sheet1", [][]any{
		{"业主花名册"},
		{"小区名称：碧水湾小区　　社区：东湖社区　　日期：2024/3/5"},
		{"户号", "户主", "户主身份证", "联系方式", "产权面积", "是否交付", "是否出售"},
		{"一号楼"},
		{"101", "张三", a, "13800000101", 88.8, "是", "是"},
		{"102", "李四", b, "0595-22000001", 77.7, "否", "是"},
		{"二号楼"},
		{"101", "泉州碧水湾房地产开发有限公司", nil, nil, 66.6, "否", "否"},
		{"102", "李四", b, nil, 55.5, "√", "√"},
		{"103", nil, nil, nil, 44.4, nil, "否"},
		{"104", nil, nil, nil, 44.4, "是", "是"},
	}, []string{"A1:G1", "A2:G2", "A4:G4", "A7:G7"}}), ledger.Options{})
	expect(t, "homes", homes(r), []string{
		"碧水湾小区/1//101 dwelling 88.80 delivered [张三" + last4(a) + "@13800000101]",
		"碧水湾小区/1//102 dwelling 77.70 undelivered [李四" + last4(b) + "@0595-22000001]",
		"碧水湾小区/2//101 dwelling 66.60 unsold [泉州碧水湾房地产开发有限公司]",
		"碧水湾小区/2//102 dwelling 55.50 delivered [李四" + last4(b) + "]",
		"碧水湾小区/2//103 dwelling 44.40 unsold []",
	})
	expect(t, "refused", refusals(r), []string{"Sheet1!11 owner_missing"})
	f := r.Summary().Compounds[0].Figures
	if f.Heads != 3 || f.DeveloperHomes != 3 || f.Community != "东湖社区" {
		t.Errorf("%+v", f)
	}
	if r.Homes[0].AreaSource != "registered" {
		t.Error(r.Homes[0].AreaSource)
	}
}

func TestLayoutAddresses(t *testing.T) {
	a, b := id("19700101", 11), id("19720203", 22)
	r := ledger.Read(make1(t, "d.xlsx", wb{"台账", [][]any{
		{"权利人", "权利人证件号", "房屋坐落", "不动产权证号", "建筑面积（平方米）", "实测面积", "规划用途"},
		{"张三", a, "丰泽区安吉路88号明月花苑3幢1单元502室", "闽(2021)丰泽区不动产权第0000001号", "98.56平方米", 98.6, "城镇住宅"},
		{"李四,张三", b + "," + a, "丰泽区安吉路88号明月花苑3幢店面05", "", nil, 40.004, "商业服务"},
		{"王五（已故）、李四", "3505**********1234、" + b, "丰泽区安吉路88号明月花苑A2栋1001", "", "66", nil, "住宅"},
	}, nil}), ledger.Options{})
	expect(t, "homes", homes(r), []string{
		"明月花苑/3/1/502 dwelling 98.60 delivered [张三" + last4(a) + "]",
		"明月花苑/3//店面05 shop 40.00 delivered [李四" + last4(b) + " 张三" + last4(a) + "]",
		"明月花苑/A2//1001 dwelling 66.00 delivered [王五 李四" + last4(b) + "]",
	})
	expect(t, "refused", refusals(r), nil)
}

func TestLayoutWithoutHeader(t *testing.T) {
	a, b, c := id("19700101", 11), id("19720203", 22), id("19881230", 35)
	r := ledger.Read(make1(t, "e.xlsx", wb{"东方花园", [][]any{
		{"东方花园住户表"},
		{"3#1梯501", "张明月", a, 88.56, "13800000101"},
		{"3#1梯502", "李清风", b, 88.56, "13800000102"},
		{"3#1梯503", "王海生", c, 101.2, "13800000103"},
	}, []string{"A1:E1"}}), ledger.Options{})
	expect(t, "homes", homes(r), []string{
		"东方花园/3/1/501 dwelling 88.56 delivered [张明月" + last4(a) + "@13800000101]",
		"东方花园/3/1/502 dwelling 88.56 delivered [李清风" + last4(b) + "@13800000102]",
		"东方花园/3/1/503 dwelling 101.20 delivered [王海生" + last4(c) + "@13800000103]",
	})
	for _, c := range r.Layouts[0].Columns {
		if c.Confidence > 60 {
			t.Error("a guess from contents may not look certain:", c)
		}
	}
}

func TestLayoutSheetPerBuilding(t *testing.T) {
	a, b := id("19700101", 11), id("19720203", 22)
	rows := func(name, number string) [][]any {
		return [][]any{{"单元", "房号", "业主", "身份证", "面积"}, {"1", "101", name, number, 80}, {"2", "101", name, number, 81}}
	}
	r := ledger.Read(make1(t, "东方花园业主信息.xlsx", wb{"1幢", rows("张三", a), nil}, wb{"2幢", rows("李四", b), nil}), ledger.Options{})
	expect(t, "homes", homes(r), []string{
		"东方花园/1/1/101 dwelling 80.00 delivered [张三" + last4(a) + "]",
		"东方花园/1/2/101 dwelling 81.00 delivered [张三" + last4(a) + "]",
		"东方花园/2/1/101 dwelling 80.00 delivered [李四" + last4(b) + "]",
		"东方花园/2/2/101 dwelling 81.00 delivered [李四" + last4(b) + "]",
	})
}

func TestRefusals(t *testing.T) {
	a, b := id("19700101", 11), id("19720203", 22)
	wrong := a[:16] + string('0'+(a[16]-'0'+1)%10) + a[17:]
	old := a[:6] + a[8:17] // the same person, 15 digits
	r := ledger.Read(make1(t, "f.xlsx", wb{"房屋", [][]any{
		{"小区", "幢号", "房号", "面积", "业主", "身份证号"},
		{"东方花园", "1", "101", 80, "张三", a},
		{"东方花园", "1", "102", 80, "张三", old},
		{"东方花园", "1", "103", 80, "张三", wrong},
		{"东方花园", "1", "104", 0, "张三", a},
		{"东方花园", "1", "105", "#DIV/0!", "张三", a},
		{"东方花园", "1", "106", 80, "张三", "3.59999197001011E+17"},
		{"东方花园", "1", "107", 80, "张三", a[:17]},
		{"东方花园", "1幢", "101室", 80, "张三", a},
		{"东方花园", "一幢", "１０１", 80, "李四", b},
		{"东方花园", "1", nil, 80, "李四", b},
		{"东方花园", "1", "109", 80, nil, b},
		{"东方花园", "1", "110", 80, "李四", a + "、" + b},
		{"东方花园", "1", "111", 80, "李四", id("19720230", 22)},
		{"东方花园", "1", "112", nil, "李四", b},
		{"东方花园", "1", "113", -1, "李四", b},
	}, nil}), ledger.Options{})
	expect(t, "refused", refusals(r), []string{
		"房屋!4 id_checksum", "房屋!5 area", "房屋!6 area", "房屋!7 id_lost", "房屋!8 id_length", "房屋!9 duplicate_home", "房屋!10 owner_conflict",
		"房屋!11 home_missing", "房屋!12 owner_missing", "房屋!13 id_extra", "房屋!14 id_birth", "房屋!15 area", "房屋!16 area",
	})
	if f := r.Summary().Compounds[0].Figures; f.Homes != 2 || f.Heads != 1 {
		t.Errorf("one person with 15 and 18 digits is one: %+v", f)
	}
	for _, x := range r.Rejected {
		if x.Zh == "" || x.En == "" || strings.Contains(x.Zh+x.En, a[6:14]) || strings.Contains(x.Zh, "张三") {
			t.Error("a sentence is missing or echoes a cell:", x)
		}
		if x.Col == 0 || x.Field == "" {
			t.Error("no cell is blamed:", x)
		}
	}
}

func TestParkingTitles(t *testing.T) {
	a, b, c := id("19700101", 11), id("19720203", 22), id("19881230", 35)
	home := wb{"房屋", [][]any{{"小区名称", "楼号", "房号", "面积", "业主姓名", "身份证号"}, {"东方花园", "1", "101", 80, "张三", a}}, nil}
	r := ledger.Read(make1(t, "g.xlsx", home, wb{"车位", [][]any{
		{"小区名称", "车位编号", "位置", "面积", "权利人", "身份证号", "产权证号", "车牌号码"},
		{"东方花园", "B001", "地下一层", 12.5, "李四", b, "闽(2021)丰泽区不动产权第1号", "闽C00001"},
		{"东方花园", "B002", "地下一层", 12.5, "王五", c, nil, nil},
		{"东方花园", "B001", "地下一层", 12.5, "李四", b, nil, nil},
	}, nil}), ledger.Options{})
	if len(r.Parking) != 2 || !r.Parking[0].Titled || r.Parking[1].Titled || r.Parking[0].Plate != "闽C00001" {
		t.Fatalf("%+v", r.Parking)
	}
	f := r.Summary().Compounds[0].Figures
	if f.Parking != 2 || f.Heads != 2 || f.Area != 10500 {
		t.Errorf("%+v", f)
	}
	expect(t, "refused", refusals(r), []string{"车位!4 duplicate_home"})

	r = ledger.Read(make1(t, "g.xlsx", home, wb{"车位", [][]any{
		{"小区名称", "车位编号", "面积", "车主", "身份证号"},
		{"东方花园", "B001", 12.5, "李四", b},
	}, nil}), ledger.Options{})
	if len(r.Parking) != 1 || !r.Parking[0].Titled || r.Summary().Compounds[0].Heads != 2 {
		t.Errorf("without a title column parking counts as titled: %+v", r.Parking)
	}
}

func TestLayoutCompounds(t *testing.T) {
	r := ledger.Read(make1(t, "h.xlsx", wb{"汇总", [][]any{
		{"丰泽街道小区底数清单"},
		{"编号", "楼盘名称", "所在社区", "建成年代", "栋数", "总套数", "总建筑面积（㎡）", "物业企业名称", "物业费（元/平方米·月）", "业委会主任", "联系电话", "党支部书记", "联系电话", "业委会成立时间"},
		{1, "东方花园", "东湖社区", "2001", "5栋", "320套", "4.5万", "某某物业公司", "0.85", "张三", 13800000101, "李四", "13800000102", "2021.6"},
		{2, "明月花苑", nil, "1995年", 3, 120, 12000.5, "无", nil, nil, nil, nil, nil, nil},
		{"合计", nil, nil, nil, 8, 440},
	}, []string{"A1:N1", "C3:C4"}}), ledger.Options{})
	if len(r.Compounds) != 2 || r.Layouts[0].Kind != ledger.KindCompounds {
		t.Fatalf("%+v %+v", r.Compounds, r.Layouts)
	}
	c := r.Compounds[0]
	got := []any{c.Name, c.Community, c.BuiltYear, c.Buildings, c.Households, c.Area.String(), c.Company, c.Fee.High, c.Chair.Name, strings.Join(c.Chair.Phones, ""), c.Secretary.Name, strings.Join(c.Secretary.Phones, ""), string(c.CommitteeDate)}
	want := []any{"东方花园", "东湖社区", 2001, 5, 320, "45000.00", "某某物业公司", int64(8500), "张三", "13800000101", "李四", "13800000102", "2021-06"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if c := r.Compounds[1]; c.Community != "东湖社区" || c.Company != "" || c.Households != 120 {
		t.Errorf("%+v", c)
	}
}

func TestLayoutCommitteePerSheet(t *testing.T) {
	r := ledger.Read(make1(t, "i.xlsx", wb{"Sheet1", [][]any{
		{"东方花园第二届业主委员会委员名单"},
		{"姓名", "性别", "职务", "是否党员", "住址", "联系方式", "任期起", "任期止"},
		{"张三", "男", "主任", "是", "3幢2单元601", "13800000101", "20230305", 46816},
		{"李四", "女", "副主任", "否", "1-1-101", "13800000102", "20230305", 46816},
		{"王五", "女", "候补委员", "预备党员", "1-1-102", "13800000103", "20230305", 46816},
	}, []string{"A1:H1"}}), ledger.Options{})
	if len(r.Committees) != 1 {
		t.Fatalf("%+v %+v", r.Layouts, r.Rejected)
	}
	c := r.Committees[0]
	if c.Compound != "东方花园" || c.Term != 2 || c.From != "2023-03-05" || c.To != "2028-03-04" || c.Regular != 2 || c.Alternate != 1 || c.Party != 1 || c.Probation != 1 {
		t.Errorf("%+v", c)
	}
	if m := c.Members[0]; m.Building != "3" || m.Unit != "2" || m.Room != "601" || m.Person.Gender != "男" {
		t.Errorf("%+v", m)
	}
}

func TestLayoutCrewInColumns(t *testing.T) {
	r := ledger.Read(make1(t, "j.xlsx", wb{"四员", [][]any{
		{"丰泽街道包干责任表"},
		{"序号", "小区", "法官", "民警", "科级干部", "网格员"},
		{1, "东方花园", "张三13800000101", "李四\n13800000102", "王五", "赵六/13800000104"},
		{2, "明月花苑", "张三13800000101", "无", "王五", "钱七"},
	}, []string{"A1:F1"}}), ledger.Options{})
	var got []string
	for _, c := range r.Crew {
		got = append(got, c.Compound+" "+c.Role+" "+c.Person.Name+" "+strings.Join(c.Person.Phones, ","))
	}
	expect(t, "crew", got, []string{
		"东方花园 judge 张三 13800000101", "东方花园 police 李四 13800000102", "东方花园 cadre 王五 ", "东方花园 grid 赵六 13800000104",
		"明月花苑 judge 张三 13800000101", "明月花苑 cadre 王五 ", "明月花苑 grid 钱七 ",
	})
}

func TestLayoutTenants(t *testing.T) {
	a := id("19700101", 11)
	r := ledger.Read(make1(t, "k.xlsx", wb{"租户", [][]any{
		{"东方花园租户登记表"},
		{"房号", "业主姓名", "承租人姓名", "身份证号", "联系电话", "起租时间", "租期止"},
		{"3-1-502", "张三", "孙九", a, "13800000109", "2024年3月5日", "2025.3.4"},
		{"3-1-503", "李四", "周十", "", "13800000110", 45356, ""},
	}, []string{"A1:G1"}}), ledger.Options{})
	var got []string
	for _, x := range r.Residents {
		got = append(got, fmt.Sprintf("%s %s %s %s %s %s", x.Home, x.Role, x.Person.Name, strings.Join(x.Person.Phones, ","), x.From, x.To))
	}
	expect(t, "residents", got, []string{"东方花园/3/1/502 tenant 孙九 13800000109 2024-03-05 2025-03-04", "东方花园/3/1/503 tenant 周十 13800000110 2024-03-05 "})
	if len(r.Homes) != 0 {
		t.Error(homes(r))
	}
}

// A row per co-owner, the home repeated: shares say that they belong together.
func TestLayoutRowPerCoowner(t *testing.T) {
	a, b, c := id("19700101", 11), id("19720203", 22), id("19881230", 35)
	r := ledger.Read(make1(t, "l.xlsx", wb{"表", [][]any{
		{"小区", "楼栋", "房号", "面积", "权利人", "证件号", "份额"},
		{"东方花园", "1", "101", 80, "张三", a, "1/2"},
		{"东方花园", "1", "101", 80, "李四", b, "1/2"},
		{"东方花园", "1", "101", 80, "王五", c, "1/2"},
	}, nil}), ledger.Options{})
	expect(t, "homes", homes(r), []string{"东方花园/1//101 dwelling 80.00 delivered [张三" + last4(a) + " 1/2 李四" + last4(b) + " 1/2]"})
	expect(t, "refused", refusals(r), []string{"表!4 owner_conflict"})
}

// Two compounds of one name in two communities stay apart.
func TestSameNameTwice(t *testing.T) {
	a, b := id("19700101", 11), id("19720203", 22)
	r := ledger.Read(make1(t, "m.xlsx",
		wb{"小区台账", [][]any{{"社区", "小区名称", "小区类型", "户数"}, {"东湖社区", "电力宿舍", "老旧小区", 1}, {"西湖社区", "电力宿舍", "老旧小区", 1}}, nil},
		wb{"房屋业主", [][]any{{"社区", "小区", "幢号", "房号", "面积", "业主", "身份证号"}, {"东湖社区", "电力宿舍", "1", "101", 80, "张三", a}, {"西湖社区", "电力宿舍", "1", "101", 80, "李四", b}, {nil, "电力宿舍", "1", "102", 80, "李四", b}}, nil},
	), ledger.Options{})
	s := r.Summary()
	if len(s.Compounds) != 2 || s.Compounds[0].Name != "电力宿舍（东湖社区）" || s.Compounds[0].Homes != 1 {
		t.Errorf("%+v", s.Compounds)
	}
	if len(r.Rejected) > 1 {
		t.Error(refusals(r))
	}
}

// A person may correct what was understood.
func TestCorrectedLayout(t *testing.T) {
	a := id("19700101", 11)
	book := make1(t, "n.xlsx", wb{"东方花园", [][]any{
		{"甲", "乙", "丙", "丁"},
		{"3幢502", "98.5", "张三", a},
	}, nil})
	r := ledger.Read(book, ledger.Options{})
	if len(r.Homes) != 0 {
		t.Fatal("meant to be beyond understanding", homes(r))
	}
	r = ledger.Read(book, ledger.Options{Layouts: []ledger.Layout{{Sheet: "东方花园", Kind: ledger.KindHomes, HeaderRows: []int{1},
		Columns: []ledger.Column{{Col: 1, Field: ledger.FJoint}, {Col: 2, Field: ledger.FArea}, {Col: 3, Field: ledger.FOwner}, {Col: 4, Field: ledger.FOwnerID}}}}})
	expect(t, "homes", homes(r), []string{"东方花园/3//502 dwelling 98.50 delivered [张三" + last4(a) + "]"})

	// What was understood, given back unchanged, gives the same.
	book = open(t, "testdata/qingyuan-small.xlsx")
	first := ledger.Read(book, ledger.Options{})
	second := ledger.Read(book, ledger.Options{Layouts: first.Layouts})
	if d := cmp.Diff(first.Homes, second.Homes); d != "" {
		t.Error(d)
	}
	expect(t, "refused", refusals(second), refusals(first))
}

func TestNotUnderstood(t *testing.T) {
	r := ledger.Read(make1(t, "o.xlsx", wb{"电梯台账", [][]any{{"设备号", "品牌", "吨位"}, {"T1", "某牌", 1}, {"T2", "某牌", 2}}, nil}), ledger.Options{})
	if len(r.Layouts) != 1 || r.Layouts[0].Kind != ledger.KindUnknown || r.Layouts[0].Problem == nil || !strings.Contains(r.Layouts[0].Problem.Zh, "电梯台账") {
		t.Errorf("%+v", r.Layouts)
	}
}

func TestFieldWords(t *testing.T) {
	for _, k := range ledger.Kinds() {
		seen := map[ledger.Field]bool{}
		for _, w := range ledger.Fields(k) {
			if w.Zh == "" || w.En == "" {
				t.Errorf("%s: field %q has no words", k, w.Field)
			}
			if seen[w.Field] {
				t.Errorf("%s: field %q stands twice", k, w.Field)
			}
			seen[w.Field] = true
		}
	}
}

// A form per compound: labels with their values on the right.
func TestLayoutForms(t *testing.T) {
	form := func(name, community string, households any) [][]any {
		return [][]any{
			{"住宅小区基本信息表"},
			{"小区名称", name, "所属社区", community},
			{"小区地址", "安吉路1号", "建成年份", "2001年"},
			{"总户数", households, "总建筑面积（㎡）", "45000.5"},
			{"物业企业", "某某物业公司", "收费标准", "0.85元"},
			{"是否成立业委会", "是", "业委会主任", "张三 13800000101"},
			{"备注", "", "", ""},
		}
	}
	r := ledger.Read(make1(t, "p.xlsx", wb{"1", form("东方花园", "东湖社区", 320), []string{"A1:D1", "B7:D7"}}, wb{"2", form("明月花苑", "西湖社区", "120户"), []string{"A1:D1"}}), ledger.Options{})
	if len(r.Compounds) != 2 || len(r.Rejected) != 0 {
		t.Fatalf("%+v %v", r.Layouts, refusals(r))
	}
	c := r.Compounds[1]
	got := []any{c.Name, c.Community, c.Address, c.BuiltYear, c.Households, c.Area.String(), c.Company, c.Fee.High, c.HasCommittee, c.Chair.Name, strings.Join(c.Chair.Phones, ""), c.Source.Sheet, c.Source.Row}
	want := []any{"明月花苑", "西湖社区", "安吉路1号", 2001, 120, "45000.50", "某某物业公司", int64(8500), ledger.Yes, "张三", "13800000101", "2", 2}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestLayoutPopulation(t *testing.T) {
	a, b, c := id("19700101", 11), id("19720203", 22), id("20101230", 35)
	r := ledger.Read(make1(t, "丰泽街道.xlsx", wb{"户籍人口", [][]any{
		{"小区", "楼栋-单元", "房号", "姓名", "身份证号", "联系电话"},
		{"东方花园", "3-1", "502", "张三", a, "13800000101"},
		{"东方花园", "3-1", "502", "李四", b, nil},
		{"东方花园", "3-1", "502", "张小三", c, nil},
	}, nil}, wb{"家庭成员", [][]any{
		{"小区", "房屋地址", "姓名", "与业主关系", "公民身份号码"},
		{"东方花园", "3幢1单元502", "张三", "本人", a},
		{"东方花园", "3幢1单元502", "李四", "妻", b},
		{"东方花园", "3幢1单元502", "周九", "租客", c},
	}, nil}), ledger.Options{})
	var got []string
	for _, x := range r.Residents {
		got = append(got, x.Source.Sheet+" "+x.Home+" "+x.Role+" "+x.Person.Name+" "+x.Relation)
	}
	expect(t, "residents", got, []string{
		"户籍人口 东方花园/3/1/502 family 张三 ", "户籍人口 东方花园/3/1/502 family 李四 ", "户籍人口 东方花园/3/1/502 family 张小三 ",
		"家庭成员 东方花园/3/1/502 family 李四 妻", "家庭成员 东方花园/3/1/502 tenant 周九 租客",
	})
	if len(r.Homes) != 0 || len(r.Rejected) != 0 || r.Street != "丰泽街道" {
		t.Error(homes(r), refusals(r), r.Street)
	}
}

// Kinds of documents, a passport, a company and a masked number.
func TestDocuments(t *testing.T) {
	a := id("19700101", 11)
	r := ledger.Read(make1(t, "q.xlsx", wb{"房屋", [][]any{
		{"小区名称", "楼号", "房号", "面积", "权利人", "证件种类", "证件号码"},
		{"东方花园", "1", "101", "80（含公摊）", "张三", "居民身份证", a},
		{"东方花园", "1", "102", 80, "John Smith", "护照", "123456789"},
		{"东方花园", "1", "103", 80, "某某（福建）商贸有限公司", "营业执照", "91350100M000100Y43"},
		{"东方花园", "1", "104", 80, "李四等2人", "身份证", "身份证：" + a},
		{"东方花园", "1", "105", 80, "未售", nil, nil},
	}, nil}), ledger.Options{})
	expect(t, "homes", homes(r), []string{
		"东方花园/1//101 dwelling 80.00 delivered [张三" + last4(a) + "]",
		"东方花园/1//102 dwelling 80.00 delivered [John Smith#6789]",
		"东方花园/1//103 dwelling 80.00 delivered [某某(福建)商贸有限公司#0Y43]",
		"东方花园/1//104 dwelling 80.00 delivered [李四" + last4(a) + "]",
		"东方花园/1//105 dwelling 80.00 unsold []",
	})
	expect(t, "refused", refusals(r), nil)
	if !r.Homes[2].Owners[0].Organisation || r.Homes[1].Owners[0].Identity.Kind != "other" {
		t.Errorf("%+v", r.Homes[2].Owners)
	}
}

func TestLayoutCommitteeInARow(t *testing.T) {
	r := ledger.Read(make1(t, "r.xlsx", wb{"业委会", [][]any{
		{"序号", "小区", "届次", "备案号", "任期", "主任", "联系电话", "副主任", "委员", "候补委员"},
		{1, "东方花园", "第二届", "某备〔2023〕1号", "2023.3.5-2028.3.4", "张三", "13800000101", "李四、王五", "赵六\n钱七", "孙九"},
		{2, "明月花苑", "首届", "/", "", "周十", "/", "/", "吴一，郑二", ""},
	}, nil}), ledger.Options{})
	var got []string
	for _, c := range r.Committees {
		s := fmt.Sprintf("%s %s %s %d+%d:", c.Key, c.From, c.To, c.Regular, c.Alternate)
		for _, m := range c.Members {
			s += " " + m.Post + " " + m.Person.Name + strings.Join(m.Person.Phones, "")
		}
		got = append(got, s)
	}
	expect(t, "committees", got, []string{
		"东方花园/2 2023-03-05 2028-03-04 5+1: chair 张三13800000101 deputy 李四 deputy 王五 member 赵六 member 钱七 alternate 孙九",
		"明月花苑/1   3+0: chair 周十 member 吴一 member 郑二",
	})
}

// Words merged over the columns of each owner stand above name, number and telephone; the header comes again below without
// its merges, and the title holds for what stands under it.
func TestLayoutOwnersSideBySideUnderMergedWords(t *testing.T) {
	a, b := id("19700101", 11), id("19720203", 22)
	head := [][]any{
		{"序号", "房号", "面积", "权利人一", nil, nil, "权利人二", nil, nil},
		{nil, nil, nil, "姓名", "身份证号", "电话", "姓名", "身份证号", "电话"},
	}
	rows := [][]any{{"丰泽街道源淮社区示例甲园住户信息表"}, {"填表日期：2026年3月1日", nil, nil, "单位：平方米"}, head[0], head[1],
		{1, "３幢-1单元-502", "98.56㎡", "甲一", a, "13800000121/13800000122", "乙一", b, ""},
		{2, "3#1单元503", "88.5", "丙一", "", "１３８０００００１２３"},
		{"小计", nil, "187.06"},
		head[0], head[1],
		{3, "三幢1梯601", 90.125, "丁一", nil, "13800000124"},
		{"合计", nil, "500"},
	}
	for _, merges := range [][]string{{"D3:F3", "G3:I3"}, {"D3:F3", "G3:I3", "A3:A4", "B3:B4", "C3:C4"}, nil} {
		r := ledger.Read(make1(t, "x.xlsx", wb{"示例小区住户表", rows, merges}), ledger.Options{})
		expect(t, fmt.Sprint("homes, merged ", merges), homes(r), []string{
			"示例甲园/3/1/502 dwelling 98.56 delivered [甲一" + last4(a) + "@13800000121@13800000122 乙一" + last4(b) + "]",
			"示例甲园/3/1/503 dwelling 88.50 delivered [丙一@13800000123]",
			"示例甲园/3/1/601 dwelling 90.13 delivered [丁一@13800000124]",
		})
		expect(t, "refused", refusals(r), nil)
	}
}

func TestNotDeliveredWhereADayIsAsked(t *testing.T) {
	r := ledger.Read(make1(t, "y.xlsx", wb{"业主", [][]any{
		{"小区", "楼栋", "房号", "面积", "业主", "交房时间"},
		{"示例乙园", "1幢", "101", 88, "甲一", "2019年5月6日"},
		{"示例乙园", "1幢", "102", 88, "乙一", "未交付"},
		{"示例乙园", "1幢", "103", 88, "丙一", "尚未交房"},
	}, nil}), ledger.Options{})
	expect(t, "homes", homes(r), []string{"示例乙园/1//101 dwelling 88.00 delivered [甲一]", "示例乙园/1//102 dwelling 88.00 undelivered [乙一]", "示例乙园/1//103 dwelling 88.00 undelivered [丙一]"})
	if len(r.Warnings) != 0 {
		t.Error(r.Warnings)
	}
}

func TestNumberIsNobodysName(t *testing.T) {
	r := ledger.Read(make1(t, "z.xlsx", wb{"业主", [][]any{
		{"小区", "楼栋", "房号", "面积", "业主", "联系电话"},
		{"示例乙园", "1幢", "101", 88, "13800000121", ""},
		{"示例乙园", "1幢", "102", 88, "乙一13800000122", ""},
	}, nil}), ledger.Options{})
	expect(t, "homes", homes(r), []string{"示例乙园/1//102 dwelling 88.00 delivered [乙一@13800000122]"})
	expect(t, "refused", refusals(r), []string{"业主!2 owner_missing"})
}
