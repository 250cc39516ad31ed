package words

import (
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestMask(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"电话13800000051，谢谢", "电话〔手机号〕，谢谢"},
		{"138 0000 0051", "〔手机号〕"},
		{"打138-0000-0051找我", "打〔手机号〕找我"},
		{"打138.0000.0051找我", "打〔手机号〕找我"},
		{"１３８００００００５１", "〔手机号〕"},
		{"+86 13800000051", "〔手机号〕"},
		{"+8613800000051", "〔手机号〕"},
		{"0086-138-0000-0051", "〔手机号〕"},
		{"013800000051", "〔手机号〕"},
		{"1 3 8 0 0 0 0 0 0 5 1", "〔手机号〕"},
		{"1️⃣3️⃣8️⃣0️⃣0️⃣0️⃣0️⃣0️⃣0️⃣5️⃣1️⃣", "〔手机号〕️⃣"},
		{"138oooooo51", "〔手机号〕"},
		{"一三八零零零零零零五一", "〔手机号〕"},
		{"幺三八，零零零零，零零五幺", "〔手机号〕"},
		{"138零零零零0051", "〔手机号〕"},
		{"壹叁捌零零零零零零伍壹", "〔手机号〕"},
		{"13800000051三号楼", "〔手机号〕三号楼"},
		{"13800000051一直打不通", "〔手机号〕一直打不通"},
		{"手机13800000051/13900000052", "手机〔手机号〕/〔手机号〕"},
		{"手机13800000051 13900000052", "手机〔手机号〕 〔手机号〕"},
		{"5-301 13800000051 3幢", "5-301 〔手机号〕 3幢"},
		{"座机0595-22280000转2", "座机〔电话号〕转2"},
		{"059522280000", "〔电话号〕"},
		{"(0595)2228 0000", "(〔电话号〕"},
		{"010-88880000", "〔电话号〕"},
		{"家里电话22280001没人接", "家里电话〔电话号〕没人接"},
		{"座机：2228-0001", "座机：〔电话号〕"},
		{"身份证号110101199001011237，", "身份证号〔证件号〕，"},
		{"350502 19900101 123X", "〔证件号〕"},
		{"35050219900101123x", "〔证件号〕"},
		{"350502-19900101-1234", "〔证件号〕"},
		{"350502900101123", "〔证件号〕"},
		{"三五零五零二一九九零零一零一一二三四", "〔证件号〕"},
		{"护照E12345678", "护照〔证件号〕"},
		{"卡号6222021234567890123", "卡号〔卡号〕"},
		{"6222 0212 3456 7890 123", "〔卡号〕"},
		{"6222-0212-3456-7890", "〔卡号〕"},
		{"闽C12345占了我的车位", "〔车牌〕占了我的车位"},
		{"闽C·D12345", "〔车牌〕"},
		{"闽 C 8888A", "〔车牌〕"},
		{"手机13800000051（微信同号）", "手机〔手机号〕（微信同号）"},
		{"零五九五-二二二八零零零零", "〔电话号〕"},
		{"138-零零零零-0051", "〔手机号〕"},
		{"闽c8888a停在门口", "〔车牌〕停在门口"},
		{"粤B F12345 堵门", "〔车牌〕 堵门"},
		{"车牌号D12345", "车牌号〔车牌〕"},
		{"发到abc.def@example.com吧", "发到〔邮箱〕吧"},
		{"微信号：abc_12345", "微信号：〔微信号〕"},
		{"加V lin888xx", "加V 〔微信号〕"},
		{"微信13800000051", "微信〔手机号〕"},
		{"QQ：123456789", "QQ：〔微信号〕"},
		{"联系人：张三丰，电话13800000051", "联系人：〔姓名〕，电话〔手机号〕"},
		{"我叫李四，住3幢", "我叫〔姓名〕，住3幢"},
		{"张小样电话13800000051", "〔姓名〕电话〔手机号〕"},
		{"请打13800000051（林样例）", "请打〔手机号〕（〔姓名〕）"},
		{"姓名 陈样，身份证110101199001011237", "姓名 〔姓名〕，身份证〔证件号〕"},
		{"我是3-502陈样例 手机138 00000051", "我是3-502〔姓名〕 手机〔手机号〕"},
		{"502室林样13800000051", "502室〔姓名〕〔手机号〕"},
		{"13800000051王女士", "〔手机号〕王女士"},
	} {
		got, _ := Mask(c.text)
		if got != c.want {
			t.Errorf("Mask(%q)\n got %q\nwant %q", c.text, got, c.want)
		}
	}
}

func TestMaskLeavesTheRest(t *testing.T) {
	for _, text := range []string{
		"13号楼2单元1503室", "3-1-1203", "15-1-1203 2026年", "1号楼 1单元 1203 2026 1121", "2026-11-21 08:30:15", "20261121", "2026.11.21-2026.12.31",
		"202611210830", "20261121083015", "打12345、110、119都没用", "供电95598", "400-820-8820", "4008208820", "1,380,000.00元", "13800000元",
		"138平方米", "2024-2025年度", "一平方两块二", "二零二六年十一月二十一日", "一二三四五六七", "三号楼五零二室", "18层", "面积89.65", "微信群里说的",
		"用微信支付", "门口的新能源车", "川味店", "晋江来的", "电话没人接", "电话打了12345", "联系人说马上来", "我叫了三次", "名字太长", "周末电话没人接",
		"电话2026-11-21打过", "物业费3600元", "编号A20260001", "身份证要带吗", "闽C", "第1380000期", "K1+200", "每月15号", "1 2 3 4 5 6 7 8 9 10 11",
	} {
		if got, found := Mask(text); got != text || len(found) != 0 {
			t.Errorf("Mask(%q) = %q, %v", text, got, found)
		}
	}
}

func TestFoundPointsIntoTheText(t *testing.T) {
	text := "我叫李四，１３８００００００５１，车闽C12345，再打0595-22280000"
	_, found := Mask(text)
	want := []string{Name, "李四", Mobile, "１３８００００００５１", Plate, "闽C12345", Landline, "0595-22280000"}
	if len(found)*2 != len(want) {
		t.Fatalf("found %v", found)
	}
	for n, f := range found {
		if f.Kind != want[2*n] || text[f.From:f.To] != want[2*n+1] {
			t.Errorf("%d: %s %q, want %s %q", n, f.Kind, text[f.From:f.To], want[2*n], want[2*n+1])
		}
	}
}

// around are texts that may stand beside a number without being part of it.
var around = []string{"", "电话", "我是3幢的", "，请尽快", "（王样）", "\n", "：", "打不通", "，2026年11月21日，", "，闽C12345，", "！", "abc", "一直", "三楼", "微信"}

// manner writes a mobile number in one of the ways in which people do.
func manner(t *rapid.T, number string) string {
	switch rapid.IntRange(0, 7).Draw(t, "manner") {
	case 1:
		return number[:3] + " " + number[3:7] + " " + number[7:]
	case 2:
		return number[:3] + "-" + number[3:7] + "-" + number[7:]
	case 3:
		return "+86" + number
	case 4:
		return strings.Map(func(r rune) rune { return r - '0' + '０' }, number)
	case 5:
		return strings.Map(func(r rune) rune { return []rune("零一二三四五六七八九")[r-'0'] }, number)
	case 6:
		return strings.Map(func(r rune) rune { return []rune("零幺两三四五六七八九")[r-'0'] }, number)
	case 7:
		return number[:5] + " " + number[5:]
	}
	return number
}

func TestMaskNeverLeavesAMobileNumber(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		number := "1" + rapid.StringMatching(`[3-9][0-9]{9}`).Draw(t, "number")
		before, after := rapid.SampledFrom(around).Draw(t, "before"), rapid.SampledFrom(around).Draw(t, "after")
		written := manner(t, number)
		if strings.ContainsAny(written, "零") {
			// A number written out begins where the Chinese digits begin.
			before, after = strings.TrimSuffix(before, "一直"), strings.TrimPrefix(after, "三楼")
		}
		masked, found := Mask(before + written + after)
		if strings.Contains(masked, written) || strings.Contains(masked, number) || len(found) == 0 {
			t.Fatalf("%q became %q", before+written+after, masked)
		}
		if again, more := Mask(masked); again != masked || len(more) != 0 {
			t.Fatalf("masking %q again gave %q", masked, again)
		}
	})
}

var elevenDigits = regexp.MustCompile(`(^|[^0-9])1[3-9][0-9]{9}($|[^0-9])`)

func TestMaskOfAnything(t *testing.T) {
	part := rapid.OneOf(
		rapid.String(),
		rapid.StringMatching(`[0-9 ,.\-()Xx+]{0,40}`),
		rapid.StringMatching(`1[3-9][0-9]{9}`),
		rapid.StringMatching(`[零一二三四五六七八九十两幺0-9，]{0,25}`),
		rapid.SampledFrom([]string{"张三", "闽C", "微信号", "电话", "身份证", "@", "姓名：", "\xff", "\x00", "〔手机号〕", "️⃣"}),
	)
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(part, 0, 6).Draw(t, "parts"), "")
		masked, found := Mask(text)
		if m := elevenDigits.FindString(masked); m != "" {
			t.Fatalf("%q left %q in %q", text, m, masked)
		}
		end := 0
		for _, f := range found {
			if f.From < end || f.To <= f.From || f.To > len(text) {
				t.Fatalf("%v is not in order in a text of %d", found, len(text))
			}
			end = f.To
		}
		Suggest(text)
		if n := Alike(text, masked); n < 0 || n > 100 {
			t.Fatalf("alike %d", n)
		}
	})
}
