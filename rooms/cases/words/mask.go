package words

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// What a Found is.
const (
	Mobile   = "mobile"   // 手机号
	Landline = "landline" // 座机号
	Identity = "identity" // 身份证号, also passports and permits
	BankCard = "bank"     // 银行卡号
	Plate    = "plate"    // 车牌号
	Mail     = "mail"     // 邮箱
	Chat     = "chat"     // 微信号, QQ号
	Name     = "name"     // 姓名, where a label or a number stands beside it
	Number   = "number"   // another long number that may be personal
)

var shown = map[string]string{Mobile: "〔手机号〕", Landline: "〔电话号〕", Identity: "〔证件号〕", BankCard: "〔卡号〕",
	Plate: "〔车牌〕", Mail: "〔邮箱〕", Chat: "〔微信号〕", Name: "〔姓名〕", Number: "〔号码〕"}

// Found is where something personal stood in the text that was given: text[From:To]. It does not hold the
// thing itself, so that it may be logged.
type Found struct {
	Kind string `json:"kind"`
	From int    `json:"from"` // byte offset
	To   int    `json:"to"`
}

// Mask puts a word in brackets in the place of mobile and landline numbers (also with spaces or dashes
// between, in full-width digits, or written out in Chinese), identity, passport and bank card numbers, plates,
// mail addresses, WeChat and QQ ids, and of names that stand behind a label or beside a number. It leaves
// house numbers, dates, amounts, public short numbers such as 12345 and 400 numbers. Masking twice changes
// nothing. Found is in the order of the text and never overlaps.
func Mask(text string) (masked string, found []Found) {
	h := hintsOf(text)
	if !h.any() {
		return text, nil
	}
	s := newSheet(text)
	if h.at {
		s.mails()
	}
	if h.digits >= 2 && (h.letters > 0 || h.plate) {
		s.plates()
	}
	if h.letters > 0 || h.digits >= 5 && h.chat {
		s.chats()
	}
	if h.digits >= 7 && h.permit {
		s.permits()
	}
	if h.digits+h.os >= fewestDigits {
		s.numbers(false)
	}
	if h.digits+h.spoken >= fewestDigits {
		s.numbers(true)
	}
	if h.digits >= 7 {
		s.labelledPhones()
	}
	if h.label {
		s.named(nameLabel)
	}
	if h.nul || s.taken {
		s.named(nameBefore)
		s.named(nameBehind)
	}
	return s.masked()
}

// fewestDigits is how many digits the shortest number that is told by its digits alone has: a landline with its area code.
const fewestDigits = 10

// hints are the signs without which a form cannot be found in a text, so that most texts are looked through once only.
type hints struct {
	letters, digits, os, spoken int
	at, plate, chat, permit     bool
	label                       bool // of a name
	nul                         bool // a sign that reads like what is taken
}

func (h hints) any() bool {
	return h.letters > 0 || h.at || h.label || h.nul || h.digits >= 2 && h.plate || h.digits >= 5 && h.chat || h.digits >= 7 ||
		h.digits+max(h.os, h.spoken) >= fewestDigits
}

func hintsOf(text string) (h hints) {
	var before rune
	for _, r := range text {
		r = fold(r)
		switch {
		case r < 0x80:
			switch {
			case digit(r):
				h.digits++
			case r >= 'a' && r <= 'z':
				h.letters++
				if r == 'o' {
					h.os++
				}
				if r == 'q' {
					h.chat = true
				}
			case r == '@':
				h.at = true
			case r == 0:
				h.nul = true
			}
		case spoken(r) != 0:
			h.spoken++
		default:
			switch r {
			case '牌':
				h.plate = true
			case '扣', '企':
				h.chat = true
			case '证', '照':
				h.permit = true
			case '人': // 联系人, 报修人, …
				h.label = h.label || strings.ContainsRune("系修诉映电报请", before)
			case '名':
				h.label = h.label || before == '姓'
			case '主':
				h.label = h.label || before == '户'
			case '字':
				h.label = h.label || before == '名'
			case '叫':
				h.label = h.label || before == '人' || before == '我' || before == '名'
			}
		}
		before = r
	}
	return h
}

// fold makes a sign narrow and small.
func fold(r rune) rune {
	if r >= 0xFF01 && r <= 0xFF5E {
		r -= 0xFEE0
	}
	switch {
	case r >= 'A' && r <= 'Z':
		return r + 'a' - 'A'
	case r < 0x80 || r >= 0x3000 && r < 0xA000: // no letters of two sizes there
		return r
	}
	return unicode.ToLower(r)
}

// sheet is a text character by character.
type sheet struct {
	text  string
	runes []rune // narrow and in small letters
	at    []int  // byte offset of each, and the end
	kind  []string
	first []bool // where a find begins
	taken bool   // anything
	small string // the sheet as one text, "" when it has to be written anew
	place []int  // byte offset of each character in small, and the end
}

func newSheet(text string) *sheet {
	n := utf8.RuneCountInString(text)
	s := &sheet{text: text, runes: make([]rune, 0, n), at: make([]int, 0, n+1), kind: make([]string, n), first: make([]bool, n+1)}
	for offset, r := range text {
		s.runes = append(s.runes, fold(r))
		s.at = append(s.at, offset)
	}
	s.at = append(s.at, len(text))
	return s
}

func (s *sheet) take(kind string, from, to int) {
	for n := from; n < to; n++ {
		if s.kind[n] != "" {
			return
		}
	}
	for n := from; n < to; n++ {
		s.kind[n] = kind
	}
	s.first[from] = true
	s.taken, s.small = true, ""
}

func (s *sheet) masked() (string, []Found) {
	var b strings.Builder
	var found []Found
	for n := 0; n < len(s.runes); {
		if s.kind[n] == "" {
			b.WriteString(s.text[s.at[n]:s.at[n+1]])
			n++
			continue
		}
		end := n + 1
		for end < len(s.runes) && s.kind[end] == s.kind[n] && !s.first[end] {
			end++
		}
		b.WriteString(shown[s.kind[n]])
		found = append(found, Found{s.kind[n], s.at[n], s.at[end]})
		n = end
	}
	return b.String(), found
}

// each calls use with the rune range of a group of every match.
func (s *sheet) each(re *regexp.Regexp, group int, use func(from, to int)) {
	if s.small == "" {
		var b strings.Builder
		b.Grow(len(s.text))
		s.place = slices.Grow(s.place[:0], len(s.runes)+1)
		for n, r := range s.runes {
			s.place = append(s.place, b.Len())
			if s.kind[n] != "" {
				r = '\x00' // what is taken reads as nothing
			}
			b.WriteRune(r)
		}
		s.place = append(s.place, b.Len())
		s.small = b.String()
	}
	for _, m := range re.FindAllStringSubmatchIndex(s.small, -1) {
		if m[2*group] >= 0 && m[2*group] < m[2*group+1] {
			from, _ := slices.BinarySearch(s.place, m[2*group])
			to, _ := slices.BinarySearch(s.place, m[2*group+1])
			use(from, to)
		}
	}
}

func (s *sheet) rune(n int) rune {
	if n < 0 || n >= len(s.runes) {
		return 0
	}
	return s.runes[n]
}

func latin(r rune) bool { return r >= 'a' && r <= 'z' || r >= '0' && r <= '9' }
func digit(r rune) bool { return r >= '0' && r <= '9' }

var mailForm = regexp.MustCompile(`[a-z0-9._%+-]+ ?@ ?[a-z0-9-]+(\.[a-z0-9-]+)+`)

func (s *sheet) mails() {
	s.each(mailForm, 0, func(from, to int) { s.take(Mail, from, to) })
}

var plateForm = regexp.MustCompile(`[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼] ?[a-z][ ·.•・-]{0,2}([a-hj-np-z0-9]{4,6}[挂学警港澳]?)`)
var plateLabel = regexp.MustCompile(`(?:车牌号码|车牌号|车牌|牌照|牌号)[ :是为]{0,3}([a-z0-9][a-z0-9 ·.-]{3,8}[a-z0-9])`)

func (s *sheet) plates() {
	s.each(plateForm, 0, func(from, to int) {
		tail, digits := 0, 0
		for n := from + 2; n < to; n++ {
			if latin(s.runes[n]) || s.runes[n] > 0x4e00 {
				tail++
			}
			if digit(s.runes[n]) {
				digits++
			}
		}
		if tail >= 5 && tail <= 6 && digits >= 2 && !latin(s.rune(to)) {
			s.take(Plate, from, to)
		}
	})
	s.each(plateLabel, 1, func(from, to int) {
		digits := 0
		for n := from; n < to; n++ {
			if digit(s.runes[n]) {
				digits++
			}
		}
		if digits >= 2 && digits <= 8 && !latin(s.rune(to)) {
			s.take(Plate, from, to)
		}
	})
}

var chatForm = regexp.MustCompile(`(?:微信号码|微信号|微信|微信id|薇信|威信|徽信|v信|vx|v x|wx|weixin|wechat|加v|加我v|加微)[号id]{0,2}[ ::,是为叫=()（）“”"]{0,3}([a-z][a-z0-9_-]{5,19})`)
var qqForm = regexp.MustCompile(`(?:qq|扣扣|企鹅)[号码群]{0,2}[ ::是为=]{0,3}([1-9][0-9]{4,10})`)

func (s *sheet) chats() {
	s.each(chatForm, 1, func(from, to int) {
		switch string(s.runes[from:to]) {
		case "wechat", "weixin", "alipay", "zhifubao", "iphone", "android":
			return
		}
		s.take(Chat, from, to)
	})
	s.each(qqForm, 1, func(from, to int) {
		if !digit(s.rune(to)) {
			s.take(Chat, from, to)
		}
	})
}

var permitForm = regexp.MustCompile(`(?:护照|通行证|回乡证|台胞证|居留证|军官证|居住证|证件)(?:号码|号)?[ ::是为]{0,3}([a-z]{0,2}[0-9]{7,10})`)

func (s *sheet) permits() {
	s.each(permitForm, 1, func(from, to int) {
		if !latin(s.rune(to)) {
			s.take(Identity, from, to)
		}
	})
}

// spoken is the digit of a sign as it is said or written out, 0 where it is none. 两 and 洞 are said for 2 and 0 on the
// telephone.
func spoken(r rune) rune {
	switch r {
	case '〇', '零', '○', '洞':
		return '0'
	case '一', '幺', '壹':
		return '1'
	case '二', '两', '贰':
		return '2'
	case '三', '叁':
		return '3'
	case '四', '肆':
		return '4'
	case '五', '伍':
		return '5'
	case '六', '陆':
		return '6'
	case '七', '柒', '拐':
		return '7'
	case '八', '捌':
		return '8'
	case '九', '玖', '勾':
		return '9'
	}
	return 0
}

// group is digits without anything between; sep is what stands before it: 0 where it does not join the
// group before, else ' ', '-' or ','.
type group struct {
	from, to int
	sep      rune
	digits   string
}

// joins reads what may stand between the groups of one number.
func joins(between []rune, chinese bool) rune {
	if len(between) == 0 || len(between) > 3 {
		return 0
	}
	var kind rune = ' '
	for _, r := range between {
		switch {
		case unicode.Is(unicode.Cf, r) || r == 0xFE0F || r == 0x20E3:
		case r == ' ' || r == '\t' || r == '\u00a0' || r == '\u3000':
		case strings.ContainsRune("-–—−_.·•・/~()", r):
			kind = '-'
		case chinese && strings.ContainsRune(",,、", r):
			kind = ','
		default:
			return 0
		}
	}
	return kind
}

func (s *sheet) groups(chinese bool) []group {
	var all []group
	for n := 0; n < len(s.runes); n++ {
		var b strings.Builder
		end := n
		for ; end < len(s.runes) && s.kind[end] == ""; end++ {
			r := s.runes[end]
			if chinese {
				if d := spoken(r); d != 0 {
					r = d
				}
			}
			if !digit(r) && !(r == 'o' && !chinese && end > n && (digit(s.rune(end+1)) || s.rune(end+1) == 'o')) {
				break
			}
			if r == 'o' {
				r = '0'
			}
			b.WriteRune(r)
		}
		if end == n {
			continue
		}
		g := group{from: n, to: end, digits: b.String()}
		if len(all) > 0 {
			before := all[len(all)-1].to
			if free := !slices.ContainsFunc(s.kind[before:n], func(k string) bool { return k != "" }); free {
				g.sep = joins(s.runes[before:n], chinese)
			}
		}
		all = append(all, g)
		n = end
	}
	return all
}

// numbers finds what is told by its digits alone. With chinese, digits written out count as digits.
func (s *sheet) numbers(chinese bool) {
	groups := s.groups(chinese)
	for n := 0; n < len(groups); n++ {
		taken := 0
		var digits string
		same := true
		for m := n; m < len(groups) && m < n+18; m++ {
			g := groups[m]
			if m > n && g.sep == 0 {
				break
			}
			if m > n+1 && g.sep != groups[n+1].sep {
				same = false
			}
			digits += g.digits
			if len(digits) > 24 {
				break
			}
			if kind := s.judge(digits, groups[n:m+1], same, chinese); kind != "" {
				to := g.to
				from := groups[n].from
				if kind == Identity && len(digits) == 17 {
					to = s.checkSign(to)
				}
				if next := m + 1; kind == BankCard && m > n && next < len(groups) && len(groups[next].digits) < 4 && groups[next].sep == g.sep {
					to, m = groups[next].to, next // 6222 0212 3456 7890 123
				}
				if kind == Mobile && s.rune(from-1) == '+' {
					from--
				}
				s.take(kind, from, to)
				taken = m - n + 1
				break
			}
		}
		if taken > 0 {
			n += taken - 1
			continue
		}
		s.within(groups[n], chinese)
	}
}

// checkSign is the end of an identity number whose last sign is X.
func (s *sheet) checkSign(to int) int {
	for n := to; n < to+2; n++ {
		if r := s.rune(n); r == 'x' || r == '×' {
			return n + 1
		} else if r != ' ' {
			break
		}
	}
	return to
}

func (s *sheet) endsInX(to int) bool { return s.checkSign(to) > to }

// judge tells what the digits of these groups together are, or "".
func (s *sheet) judge(digits string, groups []group, same, chinese bool) string {
	joined := len(groups) > 1
	shape := shapeOf(groups)
	end := groups[len(groups)-1].to
	local := strings.TrimPrefix(strings.TrimPrefix(digits, "00"), "86")
	switch {
	case len(digits) == 11 && mobile(digits),
		len(digits) == 12 && digits[0] == '0' && mobile(digits[1:]),
		(len(digits) == 13 || len(digits) == 15) && len(local) == 11 && mobile(local):
		// Groups of one number stand apart in the same way, or in a way that is usual for telephones;
		// otherwise house numbers and years in a row would be taken for one.
		usual := slices.Contains([]string{"3-4-4", "3-8", "7-4", "4-4-3", "4-3-4", "3-3-5", "3-5-3", "5-6", "6-5", "2-3-4-4", "2-11", "3-4-2-2", "4-7"}, shape)
		if !joined || usual || same && (groups[1].sep != ',' || len(groups) == 11) && !dated(groups) {
			return Mobile
		}
	case len(digits) == 17 && s.endsInX(end) && (!joined || birth(digits[6:14])):
		return Identity
	case len(digits) == 18 && birth(digits[6:14]) && digits[0] != '0':
		if !joined || len(groups) <= 6 || same {
			return Identity
		}
	case len(digits) == 15 && !joined && birth("19"+digits[6:12]) && digits[0] != '0':
		return Identity
	case (len(digits) == 16 || len(digits) == 17 || len(digits) == 18 || len(digits) == 19) && joined && strings.HasPrefix(shape, "4-4-4-4"):
		return BankCard
	case len(digits) >= 10 && len(digits) <= 12 && digits[0] == '0' && area(digits, groups):
		return Landline
	}
	if joined || chinese {
		return ""
	}
	switch n := len(digits); {
	case n >= 16 && n <= 19:
		return BankCard
	case n == 15, n >= 20:
		return Number
	case n >= 12 && n <= 14 && !stamp(digits):
		if holdsMobile(digits) {
			return Number
		}
	}
	return ""
}

// within looks for a number inside one long group that as a whole is none.
func (s *sheet) within(g group, chinese bool) {
	if !chinese {
		if len(g.digits) >= 20 {
			s.take(Number, g.from, g.to)
		}
		return
	}
	for n := 0; n+11 <= len(g.digits); {
		switch rest := g.digits[n:]; {
		case len(rest) >= 18 && rest[0] != '0' && birth(rest[6:14]):
			s.take(Identity, g.from+n, g.from+n+18)
			n += 18
		case len(rest) >= 17 && len(rest) == 17 && birth(rest[6:14]) && s.endsInX(g.to):
			s.take(Identity, g.from+n, s.checkSign(g.to))
			n += 17
		case mobile(rest[:11]):
			s.take(Mobile, g.from+n, g.from+n+11)
			n += 11
		default:
			n++
		}
	}
}

func shapeOf(groups []group) string {
	var b strings.Builder
	for n, g := range groups {
		if n > 0 {
			b.WriteByte('-')
		}
		if len(g.digits) > 9 {
			b.WriteByte('1')
		}
		b.WriteByte(byte('0' + len(g.digits)%10))
	}
	return b.String()
}

func mobile(d string) bool { return len(d) == 11 && d[0] == '1' && d[1] >= '3' }

func holdsMobile(d string) bool {
	for n := 0; n+11 <= len(d); n++ {
		if mobile(d[n : n+11]) {
			return true
		}
	}
	return false
}

func number(d string) int {
	sum := 0
	for _, r := range d {
		sum = sum*10 + int(r-'0')
	}
	return sum
}

// birth reads eight digits as a day on which somebody alive may have been born.
func birth(d string) bool {
	year, month, day := number(d[:4]), number(d[4:6]), number(d[6:8])
	return year >= 1890 && year <= 2099 && month >= 1 && month <= 12 && day >= 1 && day <= 31
}

// stamp reads 202611210830 or 20261121083000.
func stamp(d string) bool {
	return (len(d) == 12 || len(d) == 14) && birth(d[:8]) && number(d[8:10]) < 24 && number(d[10:12]) < 60
}

// dated reports a year among groups, as in 15-1-1203-2026.
func dated(groups []group) bool {
	return slices.ContainsFunc(groups, func(g group) bool {
		return len(g.digits) == 4 && number(g.digits) >= 1990 && number(g.digits) <= 2060 || len(g.digits) == 8 && birth(g.digits)
	})
}

// area reports an area code and a number of seven or eight digits: 059522280000, 0595-22280000, 010 8888 0000.
func area(d string, groups []group) bool {
	code := 4
	if d[1] <= '2' {
		code = 3 // 010, 02x
	}
	rest := d[code:]
	if d[1] == '0' || len(rest) < 7 || len(rest) > 8 || rest[0] < '2' {
		return false
	}
	return len(groups) == 1 || len(groups) <= 3 && len(groups[0].digits) == code
}

var phoneLabel = regexp.MustCompile(`(?:电话|座机|固话|联系方式|致电|来电|拨打|回电|家里|tel|phone|分机|传真|短号)[号码]{0,2}[ ::是为,(（]{0,3}([2-9][0-9]{2,3}[ -]?[0-9]{4})`)

// labelledPhones takes local numbers of seven or eight digits behind a label; without one they may be anything.
func (s *sheet) labelledPhones() {
	s.each(phoneLabel, 1, func(from, to int) {
		var d []rune
		for n := from; n < to; n++ {
			if digit(s.runes[n]) {
				d = append(d, s.runes[n])
			}
		}
		if digit(s.rune(to)) || strings.ContainsRune("年元块户", s.rune(to)) || len(d) == 8 && birth(string(d)) || len(d) == 7 && (string(d[:3]) == "400" || string(d[:3]) == "800") {
			return
		}
		s.take(Landline, from, to)
	})
}

const surnames = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤康施洪庄颜柯温游赖詹连简童章俞傅柳鲁葛翁季纪倪关焦裴凌辛欧骆尤阮涂卓池甘兰费左祝"

var nameLabel = regexp.MustCompile(`(?:联系人|报修人|投诉人|反映人|来电人|举报人|申请人|业主姓名|户主姓名|姓名|户主|名字叫|名字是|名字|本人叫|我叫|名叫)[ ::是为叫,]{0,3}([\p{Han}]{2,4})`)
var nameBefore = regexp.MustCompile(`(?:^|[ ,,。;;::!?\n(（找系]|[0-9][室房]?)([\p{Han}]{2,3})[ ,,::(（]{0,2}(?:的?(?:联系电话|手机号码|手机号|电话号码|手机|电话|身份证号码|身份证号|身份证)[ ::是为]{0,3})?\x00`)
var nameBehind = regexp.MustCompile(`\x00[ ,,/]{0,2}[(（]?([\p{Han}]{2,3})(?:先生|女士|小姐|阿姨|师傅)?(?:[)） ,,。;!\n]|$)`)

func (s *sheet) named(form *regexp.Regexp) {
	s.each(form, 1, func(from, to int) {
		if end := s.nameEnd(from, to); end > from {
			s.take(Name, from, end)
		}
	})
}

var notNames = []string{"先生", "女士", "小姐", "阿姨", "师傅", "老师", "经理", "主任", "书记", "医生", "奶奶", "爷爷", "大爷", "大妈", "阿姐", "阿伯"}

// nameEnd is the end of the name that begins at from, or from where none does. A surname alone, as in 王女士,
// is no name.
func (s *sheet) nameEnd(from, to int) int {
	text := s.runes[from:to]
	if !strings.ContainsRune(surnames, text[0]) {
		return from
	}
	end := len(text)
	for n := 1; n < len(text); n++ {
		rest := string(text[n:])
		if strings.ContainsAny(rest[:len(string(text[n]))], "的是在住家有要了和与来去我你他她户号幢栋楼已请于从把被说想电手联身第") ||
			slices.ContainsFunc(notNames, func(w string) bool { return strings.HasPrefix(rest, w) }) {
			end = n
			break
		}
	}
	switch string(text[:min(end, 2)]) {
	case "谢谢", "谢了", "周末", "周一", "周二", "周三", "周四", "周五", "周六", "周日", "高层", "高空", "方便", "白天", "马上", "万一", "常年", "石狮", "江滨",
		"任何", "向前", "和谐", "金额", "连接", "关于", "关门", "游客", "简单", "章程", "左右", "严重", "温度", "洪水", "施工", "许多", "林荫", "花园", "黄色", "白色", "金色", "武警", "程序", "龙头", "方式", "何时", "马路", "夏天", "余额", "康复", "顾客", "欧洲":
		return from
	}
	if end < 2 {
		return from
	}
	return from + min(end, 3)
}
