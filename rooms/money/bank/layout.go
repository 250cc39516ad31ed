package bank

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"cuobian/basis/yuan"
)

// role is what a column means.
type role int

const (
	rDay role = iota
	rTime
	rBooked // the day on which the bank booked it
	rAmount // with a sign
	rCard   // of a credit card: spent above zero
	rIn
	rOut
	rSum  // without a sign; the side stands in a column
	rSide // 收/支
	rBalance
	rCurrency
	rParty
	rNumber // the other account
	rText
	rType // what sort of trade it is
	rRef
	rOrder
	rStatus
	rOwn // the account itself
)

// layout is how one bank or wallet writes its tables. Every heading of has must stand in the row of headings.
type layout struct {
	format, zh, en string
	card           bool
	has            []string
	cols           map[string]role
}

// layouts, the most particular first. The last one takes any table whose headings say enough.
var layouts = []layout{
	{format: "icbc_credit", zh: "中国工商银行信用卡", en: "ICBC credit card", card: true, has: []string{"交易日期", "记账日期", "记账金额(收入)", "记账金额(支出)", "交易场所", "对方户名"},
		cols: map[string]role{"交易日期": rDay, "记账日期": rBooked, "摘要": rType, "交易场所": rText, "记账金额(收入)": rIn, "记账金额(支出)": rOut, "记账币种": rCurrency, "余额": rBalance, "对方户名": rParty}},
	{format: "icbc", zh: "中国工商银行", en: "ICBC", has: []string{"交易日期", "摘要", "记账金额(收入)", "记账金额(支出)", "余额", "对方户名"},
		cols: map[string]role{"交易日期": rDay, "摘要": rType, "交易详情": rText, "交易场所": rText, "记账金额(收入)": rIn, "记账金额(支出)": rOut, "记账币种": rCurrency, "余额": rBalance, "对方户名": rParty, "对方账户": rNumber}},
	{format: "boc_credit", zh: "中国银行信用卡", en: "BOC credit card", card: true, has: []string{"交易日", "银行记账日", "卡号后四位", "交易描述", "存入", "支出"},
		cols: map[string]role{"交易日": rBooked, "银行记账日": rDay, "卡号后四位": rOwn, "交易描述": rText, "存入": rIn, "支出": rOut, "币种": rCurrency}},
	{format: "boc", zh: "中国银行", en: "BOC", has: []string{"记账日期", "记账时间", "金额", "余额", "交易名称", "对方账户名", "对方卡号/账号"},
		cols: map[string]role{"记账日期": rDay, "记账时间": rTime, "币别": rCurrency, "金额": rAmount, "余额": rBalance, "交易名称": rType, "附言": rText, "对方账户名": rParty, "对方卡号/账号": rNumber, "借记卡号": rOwn}},
	{format: "bocom_credit", zh: "交通银行信用卡", en: "BOCOM credit card", card: true, has: []string{"交易日期", "记账日期", "交易说明", "交易币种/金额", "入账币种/金额"},
		cols: map[string]role{"交易日期": rDay, "记账日期": rBooked, "交易说明": rType, "入账币种/金额": rSum}},
	{format: "ccb", zh: "中国建设银行", en: "CCB", has: []string{"记账日", "交易日期", "支出", "收入", "账户余额", "摘要", "对方户名"},
		cols: map[string]role{"交易日期": rDay, "记账日": rBooked, "交易时间": rTime, "支出": rOut, "收入": rIn, "账户余额": rBalance, "币种": rCurrency, "摘要": rType, "对方账号": rNumber, "对方户名": rParty, "交易地点": rText}},
	{format: "cgb_credit", zh: "广发银行信用卡", en: "CGB credit card", card: true, has: []string{"交易日期", "入账日期", "交易摘要", "交易金额", "入账金额", "入账货币"},
		cols: map[string]role{"交易日期": rDay, "入账日期": rBooked, "交易摘要": rText, "入账金额": rCard, "入账货币": rCurrency}},
	{format: "cmb_credit", zh: "招商银行信用卡", en: "CMB credit card", card: true, has: []string{"交易日", "记账日", "交易摘要", "人民币金额", "卡号末四位"},
		cols: map[string]role{"交易日": rDay, "记账日": rBooked, "交易摘要": rText, "人民币金额": rCard, "卡号末四位": rOwn}},
	{format: "cmb", zh: "招商银行", en: "CMB", has: []string{"记账日期", "货币", "交易金额", "联机余额", "交易摘要", "对手信息"},
		cols: map[string]role{"记账日期": rDay, "货币": rCurrency, "交易金额": rAmount, "联机余额": rBalance, "交易摘要": rType, "对手信息": rParty, "客户摘要": rText}},
	{format: "spdb", zh: "上海浦东发展银行", en: "SPDB", has: []string{"顺序号", "交易日期", "存入金额", "取出金额", "余额", "交易对手名称"},
		cols: map[string]role{"交易日期": rDay, "交易类型": rType, "存入金额": rIn, "取出金额": rOut, "余额": rBalance, "交易对手名称": rParty, "交易对手账号": rNumber, "附言": rText}},
	{format: "alipay", zh: "支付宝", en: "Alipay", has: []string{"交易时间", "交易分类", "交易对方", "商品说明", "收/支", "金额", "交易状态", "交易订单号"},
		cols: map[string]role{"交易时间": rDay, "交易分类": rType, "交易对方": rParty, "对方账号": rNumber, "商品说明": rText, "收/支": rSide, "金额": rSum, "交易状态": rStatus, "交易订单号": rRef, "商家订单号": rOrder, "备注": rText}},
	{format: "wechat", zh: "微信支付", en: "WeChat Pay", has: []string{"交易时间", "交易类型", "交易对方", "商品", "收/支", "金额(元)", "当前状态", "交易单号"},
		cols: map[string]role{"交易时间": rDay, "交易类型": rType, "交易对方": rParty, "商品": rText, "收/支": rSide, "金额(元)": rSum, "当前状态": rStatus, "交易单号": rRef, "商户单号": rOrder, "备注": rText}},
	{format: "jd", zh: "京东", en: "JD", has: []string{"交易时间", "商户名称", "交易说明", "金额", "交易状态", "收/支", "交易订单号"},
		cols: map[string]role{"交易时间": rDay, "商户名称": rParty, "交易说明": rText, "金额": rSum, "交易状态": rStatus, "收/支": rSide, "交易分类": rType, "交易订单号": rRef, "商家订单号": rOrder, "备注": rText}},
	{format: "meituan", zh: "美团", en: "Meituan", has: []string{"交易创建时间", "交易类型", "订单标题", "收/支", "实付金额", "交易单号"},
		cols: map[string]role{"交易创建时间": rDay, "交易类型": rType, "订单标题": rText, "收/支": rSide, "实付金额": rSum, "交易单号": rRef, "商家单号": rOrder, "备注": rText}},
}

// plainHeads are headings that tables of other banks use for the same thing.
var plainHeads = map[string]role{
	"日期": rDay, "交易日期": rDay, "交易时间": rDay, "记账日期": rDay, "入账日期": rDay, "发生日期": rDay,
	"收入": rIn, "收入金额": rIn, "贷方发生额": rIn, "贷方金额": rIn, "存入金额": rIn, "贷方发生额(收入)": rIn, "转入金额": rIn,
	"支出": rOut, "支出金额": rOut, "借方发生额": rOut, "借方金额": rOut, "取出金额": rOut, "借方发生额(支取)": rOut, "转出金额": rOut,
	"交易金额": rAmount, "发生额": rAmount, "金额": rAmount,
	"余额": rBalance, "账户余额": rBalance, "本次余额": rBalance, "币种": rCurrency, "货币": rCurrency,
	"对方户名": rParty, "对方名称": rParty, "对方账户名称": rParty, "对方单位名称": rParty, "对方账号": rNumber, "对方账户": rNumber,
	"摘要": rType, "用途": rText, "附言": rText, "备注": rText, "交易说明": rText, "流水号": rRef, "交易流水号": rRef, "交易流水": rRef,
}

// heading is a heading without blanks and with narrow brackets.
func heading(s string) string {
	return strings.NewReplacer("（", "(", "）", ")", "\u3000", "", " ", "", "\t", "", "\ufeff", "", "\u00a0", "").Replace(s)
}

type column struct {
	at   int
	role role
	head string
}

// recognise finds the row of headings and says whose they are.
func recognise(t [][]string) (layout, []column, int, bool) {
	for i, row := range t {
		if i > 200 {
			break
		}
		heads := make([]string, len(row))
		have := map[string]bool{}
		for j, c := range row {
			heads[j] = heading(c)
			have[heads[j]] = true
		}
		for _, l := range layouts {
			all := true
			for _, h := range l.has {
				all = all && have[h]
			}
			if all {
				return l, columns(heads, l.cols), i, true
			}
		}
	}
	for i, row := range t {
		if i > 200 {
			break
		}
		heads := make([]string, len(row))
		for j, c := range row {
			heads[j] = heading(c)
		}
		cols := columns(heads, plainHeads)
		n := map[role]int{}
		for j := range cols {
			c := &cols[j]
			if c.role == rDay && n[rDay] > 0 { // beside a day stands its time, or the day on which it was booked
				c.role = rBooked
				if strings.Contains(c.head, "时间") {
					c.role = rTime
				}
			}
			n[c.role]++
		}
		if n[rDay] > 0 && (n[rIn] == 1 && n[rOut] == 1 || n[rAmount] == 1 && n[rIn]+n[rOut] == 0 && n[rBalance] == 1) && n[rParty]+n[rType]+n[rText] > 0 {
			return layout{format: "table", zh: "其他银行表格", en: "table of another bank"}, cols, i, true
		}
	}
	return layout{}, nil, 0, false
}

func columns(heads []string, roles map[string]role) []column {
	var out []column
	for j, h := range heads {
		if r, ok := roles[h]; ok {
			out = append(out, column{j, r, h})
		}
	}
	return out
}

// Codes of troubles.
var troubles = map[string][2]string{
	"bank.day":      {"日期无法识别", "the day cannot be read"},
	"bank.time":     {"时间无法识别", "the time cannot be read"},
	"bank.amount":   {"金额无法识别", "the amount cannot be read"},
	"bank.balance":  {"余额无法识别，该行余额不核对", "the balance cannot be read and is not checked"},
	"bank.side":     {"没有写明收入还是支出", "the row does not say whether money came in or went out"},
	"bank.currency": {"不是人民币", "it is not in yuan"},
	"bank.gap":      {"余额与上一行接不上", "the balance does not follow from the row before"},
	"bank.tag":      {"该行不是有效的 MT940 内容", "the line is no sound MT940"},
}

func (f *File) trouble(row int, c *column, code string, lost bool) {
	if len(f.Troubles) >= 1000 {
		return
	}
	t := Trouble{Row: row, Code: code, Zh: troubles[code][0], En: troubles[code][1], Lost: lost}
	if c != nil {
		t.Column, t.Head = c.at+1, c.head
	}
	f.Troubles = append(f.Troubles, t)
}

// readTable reads one table; ok is false where nobody writes such a one.
func readTable(t [][]string) (File, bool) {
	l, cols, top, ok := recognise(t)
	if !ok {
		return File{}, false
	}
	f := File{Format: l.format, Zh: l.zh, En: l.en, Card: l.card}
	year := headYear(t[:top])
	f.Tail = ownTail(t[:top])
	for i := top + 1; i < len(t); i++ {
		row := t[i]
		if blank(row) || !started(row, cols) {
			continue
		}
		f.line(i+1, row, cols, year)
	}
	mark(f.Lines)
	f.balances()
	f.totals(t, top)
	return f, true
}

func blank(row []string) bool {
	for _, c := range row {
		if clean(c) != "" {
			return false
		}
	}
	return true
}

// givenBack is how a shop writes behind a sum what of it went back; its own total of spending leaves that out.
var givenBack = regexp.MustCompile(`已退款([\d.]+)`)

var sumRow = regexp.MustCompile(`合计|总计|小计|以上数据|本页|累计`)

// started says whether a row is a line: rows of sums and remarks below the table are not.
func started(row []string, cols []column) bool {
	if len(row) > 0 && sumRow.MatchString(row[0]) {
		return false
	}
	n := 0
	for _, c := range row {
		if clean(c) != "" {
			n++
		}
	}
	if n < 2 { // a remark
		return false
	}
	for _, c := range cols {
		if (c.role == rDay || c.role == rBooked) && c.at < len(row) && clean(row[c.at]) != "" {
			return true
		}
	}
	return n > 2
}

var yearInHead = regexp.MustCompile(`(20\d\d)年(\d{1,2})月`)

// headYear is the month of a card's bill, whose rows have days without a year.
func headYear(above [][]string) [2]int {
	for _, row := range above {
		for _, c := range row {
			if m := yearInHead.FindStringSubmatch(c); m != nil {
				y, _ := strconv.Atoi(m[1])
				mo, _ := strconv.Atoi(m[2])
				return [2]int{y, mo}
			}
		}
	}
	return [2]int{}
}

var ownHead = regexp.MustCompile(`^(账号|卡号|账户|账户号|银行账号)[:：]?$|^(账号|卡号)[:：]`)

// ownTail is the end of the number of the account itself, where it stands above the table.
func ownTail(above [][]string) string {
	for _, row := range above {
		for j, c := range row {
			h := heading(c)
			if !ownHead.MatchString(h) {
				continue
			}
			_, v, found := strings.Cut(strings.ReplaceAll(h, "：", ":"), ":")
			if (!found || v == "") && j+1 < len(row) {
				v = row[j+1]
			}
			if s := tail(v); s != "" {
				return s
			}
		}
	}
	return ""
}

var shortDay = regexp.MustCompile(`^(\d{1,2})/(\d{1,2})$`)

// withYear puts the year of the bill before a day without one; a month after the bill's lies in the year before.
func withYear(s string, bill [2]int) string {
	m := shortDay.FindStringSubmatch(strings.TrimSpace(s))
	if m == nil || bill[0] == 0 {
		return s
	}
	y := bill[0]
	if mo, _ := strconv.Atoi(m[1]); mo > bill[1] {
		y--
	}
	return strconv.Itoa(y) + "-" + m[1] + "-" + m[2]
}

// line reads one row.
func (f *File) line(no int, row []string, cols []column, bill [2]int) {
	l := Line{Row: no, Currency: "CNY"}
	var texts []string
	var dayCol, sideCol, curCol *column
	var typ, status, side string
	var in, out, sum, signed, card yuan.Amount
	var hasIn, hasOut, hasSum, hasSigned, hasCard, bad bool
	get := func(c column) string {
		if c.at >= len(row) {
			return ""
		}
		return clean(row[c.at])
	}
	money := func(c *column, v string, into *yuan.Amount, has *bool) {
		if v == "" {
			return
		}
		a, cur, ok := amount(v)
		if !ok {
			f.trouble(no, c, "bank.amount", true)
			bad = true
			return
		}
		if cur != "" {
			l.Currency = currency(cur)
		}
		*into, *has = a, true
	}
	for i := range cols {
		c := &cols[i]
		v := get(*c)
		switch c.role {
		case rDay, rBooked:
			if c.role == rDay {
				dayCol = c
			}
			if v == "" || c.role == rBooked && !l.Day.IsZero() {
				continue
			}
			d, t, ok := moment(withYear(v, bill))
			if !ok {
				f.trouble(no, c, "bank.day", true)
				bad = true
				continue
			}
			if c.role == rDay || l.Day.IsZero() {
				l.Day = d
				if t != "" {
					l.Time = t
				}
			}
		case rTime:
			t, ok := hour(v)
			if !ok {
				f.trouble(no, c, "bank.time", false)
			}
			if t != "" {
				l.Time = t
			}
		case rAmount:
			money(c, v, &signed, &hasSigned)
		case rCard:
			money(c, v, &card, &hasCard)
		case rIn:
			money(c, v, &in, &hasIn)
		case rOut:
			money(c, v, &out, &hasOut)
		case rSum:
			money(c, v, &sum, &hasSum)
			if m := givenBack.FindStringSubmatch(v); m != nil {
				l.back, _ = yuan.Parse(m[1])
			}
		case rSide:
			sideCol, side = c, v
		case rBalance:
			if v == "" {
				continue
			}
			a, _, ok := amount(v)
			if !ok {
				f.trouble(no, c, "bank.balance", false)
				continue
			}
			l.Balance = &a
		case rCurrency:
			curCol = c
			if v != "" {
				l.Currency = currency(v)
			}
		case rParty:
			l.Party = v
		case rNumber:
			l.Tail = tail(v)
		case rText:
			if v != "" {
				texts = append(texts, v)
			}
		case rType:
			typ = v
		case rRef:
			l.Ref = v
		case rOrder:
			l.Order = v
		case rStatus:
			status = v
		case rOwn:
			if f.Tail == "" && !f.Card {
				f.Tail = tail(v)
			}
		}
	}
	if typ != "" {
		texts = append([]string{typ}, texts...)
	}
	l.Text = strings.Join(texts, " ")
	l.Kind = kindOf(l.Text, l.Party)
	if bad {
		return
	}
	if l.Day.IsZero() {
		f.trouble(no, dayCol, "bank.day", true)
		return
	}
	switch {
	case hasSigned:
		l.Amount = signed
	case hasCard:
		l.Amount = -card
	case hasIn && in != 0 && (!hasOut || out == 0):
		l.Amount = in
	case hasOut && out != 0 && (!hasIn || in == 0):
		l.Amount = -out
	case hasIn && hasOut && in != 0 && out != 0:
		f.trouble(no, nil, "bank.amount", true)
		return
	case hasSum:
		l.Amount = sum
		l.Side = sideOf(sideCol != nil, side, typ, l.Text, status)
		l.said = side
	case hasIn || hasOut:
	default:
		f.trouble(no, nil, "bank.amount", true)
		return
	}
	switch l.Side {
	case "":
		l.Side = In
		if l.Amount < 0 {
			l.Side = Out
		}
	case Out:
		l.Amount = -l.Amount
	case Between:
		f.trouble(no, sideCol, "bank.side", false)
	}
	if l.Currency != "CNY" {
		f.trouble(no, curCol, "bank.currency", false)
	}
	f.Lines = append(f.Lines, l)
}

// sideOf says which way the sum of a wallet's row went. Where the wallet counts it neither as income nor as spending,
// only words that leave no doubt decide: a refund and a top-up came in, a withdrawal and a repayment went out.
func sideOf(column bool, side, typ, text, status string) Side {
	switch {
	case strings.Contains(status, "交易关闭"):
		return Void
	case side == "收入":
		return In
	case side == "支出":
		return Out
	}
	has := func(s string, words ...string) bool {
		for _, w := range words {
			if strings.Contains(s, w) {
				return true
			}
		}
		return false
	}
	switch {
	case has(status, "退款成功"), has(typ, "退款", "退货"), strings.HasPrefix(text, "退货"), strings.HasPrefix(text, "退款"):
		return In
	case column && has(typ, "零钱提现", "信用卡还款"):
		return Out
	case has(typ, "零钱充值"):
		return In
	case !column && has(typ, "还款"): // a card's bill: paid back to it
		return In
	case !column && has(typ, "消费", "取现", "分期", "手续费", "利息"):
		return Out
	}
	return Between
}

// balances checks that each balance follows from the one before, in the order in which the file stands.
func (f *File) balances() {
	walk := func(down bool) (gaps []int, pairs int) {
		prev := -1
		n := len(f.Lines)
		for k := range n {
			i := k
			if down {
				i = n - 1 - k
			}
			l := f.Lines[i]
			if l.Balance == nil || l.Side == Between || l.Side == Void {
				prev = -1
				continue
			}
			if prev >= 0 {
				pairs++
				if *f.Lines[prev].Balance+l.Amount != *l.Balance {
					gaps = append(gaps, i)
				}
			}
			prev = i
		}
		return gaps, pairs
	}
	up, pairs := walk(false)
	down, _ := walk(true)
	gaps, first, last := up, 0, len(f.Lines)-1
	if len(down) < len(up) || len(down) == len(up) && len(f.Lines) > 1 && later(f.Lines[0], f.Lines[last]) {
		gaps, first, last = down, last, 0
	}
	if len(f.Lines) > 0 {
		if b := f.Lines[first].Balance; b != nil {
			o := *b - f.Lines[first].Amount
			f.Opening = &o
		}
		f.Closing = f.Lines[last].Balance
	}
	for _, i := range gaps {
		f.trouble(f.Lines[i].Row, nil, "bank.gap", false)
	}
	if last == 0 && first > 0 {
		slices.Reverse(f.Lines) // the newest stood first
	}
	if pairs > 0 {
		f.Checks = append(f.Checks, Check{Name: "balances", Stated: yuan.Amount(pairs), Found: yuan.Amount(pairs - len(gaps)), Holds: len(gaps) == 0, Count: true})
	}
}

func later(a, b Line) bool { return a.Day > b.Day || a.Day == b.Day && a.Time > b.Time }

var (
	stated   = regexp.MustCompile(`^(收入|支出|不计收支|中性交易)：(\d+)笔(?:\([^)]*\))?[ ，,]*([\d.]+)元`)
	counted  = regexp.MustCompile(`^共：?(\d+)笔`)
	sumHeads = regexp.MustCompile(`^(人民币合计|合计金额|合计)$`)
)

// totals checks the sums and counts that stand above a wallet's table and below a bank's.
func (f *File) totals(t [][]string, top int) {
	sum := map[string]yuan.Amount{}
	for _, l := range f.Lines {
		k := map[string]string{"收入": "in", "支出": "out"}[l.said]
		if l.said == "" && (l.Side == In || l.Side == Out) {
			k = string(l.Side)
		}
		sum[k] += max(l.Amount, -l.Amount) - l.back
	}
	rows := len(f.Lines)
	for _, tr := range f.Troubles {
		if tr.Lost {
			rows++
		}
	}
	for i, row := range t[:top] {
		for _, c := range row {
			c = clean(c)
			if m := counted.FindStringSubmatch(c); m != nil {
				k, _ := strconv.Atoi(m[1])
				f.Checks = append(f.Checks, Check{Name: "lines", Row: i + 1, Stated: yuan.Amount(k), Found: yuan.Amount(rows), Holds: k == rows, Count: true})
			}
			if m := stated.FindStringSubmatch(strings.ReplaceAll(strings.ReplaceAll(c, "（", "("), "）", ")")); m != nil {
				k := map[string]string{"收入": "in", "支出": "out"}[m[1]]
				if k == "" {
					continue
				}
				a, err := yuan.Parse(m[3])
				if err == nil {
					f.Checks = append(f.Checks, Check{Name: k, Row: i + 1, Stated: a, Found: sum[k], Holds: a == sum[k]})
				}
			}
		}
	}
	heads := map[string]int{}
	for j, h := range t[top] {
		heads[heading(h)] = j
	}
	for i := top + 1; i < len(t); i++ {
		row := t[i]
		if len(row) == 0 || !sumHeads.MatchString(heading(row[0])) {
			continue
		}
		for k, h := range map[string]string{"in": "记账金额(收入)", "out": "记账金额(支出)"} {
			j, ok := heads[h]
			if !ok || j >= len(row) {
				continue
			}
			if a, _, ok := amount(row[j]); ok {
				f.Checks = append(f.Checks, Check{Name: k, Row: i + 1, Stated: a, Found: sum[k], Holds: a == sum[k]})
			}
		}
	}
}
