package words

import (
	"strings"
	"unicode"
)

// plain turns traditional characters, and the usual other writings of a word, into the ones of the lexicon.
var plain = func() map[rune]rune {
	const pairs = "電电梯梯業业樓楼壞坏漏漏費费車车燈灯廣广場场戶户門门禁禁鎖锁識识臉脸維维員员會会選选舉举換换屆届" +
		"議议題题請请問问謝谢讚赞點点區区個个們们這这裡里裏里麼么沒没還还過过從从來来時时間间陽阳臺台檯台窗窗掉掉" +
		"頂顶頭头煙烟氣气熱热線线飛飞電电動动單单雙双佔占堆堆滿满溢溢髒脏亂乱雜杂貓猫養养噪噪聲声響响鋼钢琴琴裝装" +
		"修修牆墙磚砖塊块鑽钻錢钱賬账帳账鄰邻錄录監监攝摄蟻蚁鼠鼠蟲虫樹树葉叶綠绿園园條条違违蓋盖築筑築筑報报" +
		"婦妇長长遠远進进運运陳陈劉刘黃黄許许鄭郑張张趙赵吳吴蔡蔡葉叶蘇苏盧卢爲为為为與与對对開开關关風风兒儿" +
		"買买賣卖貴贵賤贱漲涨價价據据傳传廚厨餘余糞粪埽扫掃扫衛卫淨净濕湿黴霉滲渗積积溝沟渠渠廁厕馬马桶桶處处" +
		"辦办務务態态惡恶責责認认誰谁說说話话聽听講讲訴诉檢检驗验險险護护舊旧倉仓庫库傷伤燒烧滅灭爐炉災灾鐘钟" +
		"嬤嬷嫲嬷歲岁齡龄獨独應应幫帮藥药醫医護护師师傅傅學学校校園园證证號号碼码級级總总統统結结織织紙纸纖纤" +
		"緊紧繞绕網网罰罚職职聯联舖铺鋪铺麵面飯饭館馆攤摊販贩棟幢栋幢乜么冇无毋毋伱你咗了佇在閣阁愛爱無无" +
		"泄泄洩泄僞伪偽伪籤签簽签邨村巖岩徵征係是嘅的倆俩遞递寬宽帶带匯汇彙汇彈弹嘈吵"
	m := map[rune]rune{}
	runes := []rune(pairs)
	for n := 0; n+1 < len(runes); n += 2 {
		m[runes[n]] = runes[n+1]
	}
	return m
}()

// other writings, longer than a character
var writings = strings.NewReplacer("物也", "物业", "点梯", "电梯", "倒闸", "道闸", "泄露", "泄漏", "业委员会", "业委会",
	"电单车", "电动车", "电瓶摩托", "电动车", "小电驴", "电驴", "拉圾", "垃圾", "乐色", "垃圾", "勒色", "垃圾", "物管", "物业", "维休", "维修",
	"灯炮", "灯泡", "防碍", "妨碍", "消防拴", "消防栓", "消火拴", "消火栓", "物业fei", "物业费")

// normal is a message as the lexicon writes it: small letters, narrow signs, simplified characters, no spaces.
func normal(text string) string {
	var b strings.Builder
	b.Grow(len(text))
	for _, r := range text {
		switch {
		case r >= 0xFF01 && r <= 0xFF5E:
			r -= 0xFEE0
		case r == '、':
			r = ','
		}
		if r == '\n' {
			b.WriteRune(r)
			continue
		}
		if unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) {
			continue
		}
		if p, known := plain[r]; known {
			r = p
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return writings.Replace(b.String())
}
