package words

import (
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"
)

// gap is how many characters a * may skip.
const gap = 10

// pattern is a row of segments with gaps between; a segment is a choice of texts. What else has to stand
// anywhere in the message is in also.
type pattern struct {
	heading  int
	weight   int
	source   string
	segments [][]int // numbers into texts
	also     []pattern
}

// book is a lexicon made ready: all texts by their first character, and the patterns heading after heading.
type book struct {
	texts    []string
	number   map[string]int
	byFirst  [han + 1][]int32 // texts by their first character: Chinese ones by their number, all others last
	patterns []pattern
	begins   [][]int32 // by text: the patterns that begin with it
	scratch  sync.Pool // *places
}

// han is how many characters the usual block of Chinese characters has room for, from firstHan on.
const (
	firstHan = 0x4E00
	han      = 0x5200
)

func seatOf(first rune) int {
	if first >= firstHan && first < firstHan+han {
		return int(first - firstHan)
	}
	return han
}

// newBook reads the headings in this order.
func newBook(lexicon map[string]string, headings ...string) *book {
	b := &book{number: map[string]int{}}
	for h, heading := range headings {
		lines := lexicon[heading]
		seen := map[string]bool{}
		for line := range strings.SplitSeq(strings.TrimSpace(lines), "\n") {
			fields := strings.Fields(line)
			if len(fields) == 0 {
				continue // a heading without a line
			}
			weight, err := strconv.Atoi(fields[0])
			if err != nil {
				panic("words: a line of " + heading + " begins without a weight: " + line)
			}
			for _, source := range fields[1:] {
				if seen[source] {
					panic("words: " + heading + " has twice: " + source)
				}
				seen[source] = true
				var p pattern
				for n, part := range strings.Split(source, "&") {
					row := pattern{heading: h, weight: weight, source: source}
					for segment := range strings.SplitSeq(part, "*") {
						var choice []int
						for _, text := range choices(segment) {
							if text == "" {
								panic("words: " + heading + " has an empty segment: " + source)
							}
							choice = append(choice, b.add(normal(text)))
						}
						row.segments = append(row.segments, choice)
					}
					if n == 0 {
						p = row
					} else {
						p.also = append(p.also, row)
					}
				}
				for _, n := range p.segments[0] {
					b.begins[n] = append(b.begins[n], int32(len(b.patterns)))
				}
				b.patterns = append(b.patterns, p)
			}
		}
	}
	b.scratch.New = func() any { return &places{book: b, at: make([][]int, len(b.texts))} }
	return b
}

func (b *book) add(text string) int {
	if n, known := b.number[text]; known {
		return n
	}
	n := len(b.texts)
	b.texts, b.number[text] = append(b.texts, text), n
	b.begins = append(b.begins, nil)
	first, _ := utf8.DecodeRuneInString(text)
	seat := seatOf(first)
	b.byFirst[seat] = append(b.byFirst[seat], int32(n))
	return n
}

// choices writes out a(b|c)d(e|) as abde, abd, acde, acd.
func choices(segment string) []string {
	open := strings.IndexByte(segment, '(')
	if open < 0 {
		return []string{segment}
	}
	shut := open + strings.IndexByte(segment[open:], ')')
	var all []string
	rest := choices(segment[shut+1:])
	for one := range strings.SplitSeq(segment[open+1:shut], "|") {
		for _, tail := range rest {
			all = append(all, segment[:open]+one+tail)
		}
	}
	return all
}

// places is where each text of a book stands in one message, as byte offsets into it.
type places struct {
	book    *book
	message string
	at      [][]int // by text
	there   []int32 // the texts that stand somewhere
	begun   []int32 // the patterns whose beginning is there, in the order of the book
}

// read gives the places of a message; done gives them back.
func (b *book) read(message string) *places {
	p := b.scratch.Get().(*places)
	p.message = message
	for offset, first := range message {
		for _, n := range b.byFirst[seatOf(first)] {
			if !strings.HasPrefix(message[offset:], b.texts[n]) {
				continue
			}
			if len(p.at[n]) == 0 {
				p.there = append(p.there, n)
				p.begun = append(p.begun, b.begins[n]...)
			}
			p.at[n] = append(p.at[n], offset)
		}
	}
	slices.Sort(p.begun)
	p.begun = slices.Compact(p.begun)
	return p
}

// done keeps the room that places took, and nothing of the message.
func (p *places) done() {
	for _, n := range p.there {
		p.at[n] = p.at[n][:0]
	}
	p.message, p.there, p.begun = "", p.there[:0], p.begun[:0]
	p.book.scratch.Put(p)
}

// span is a find: the whole of it, and where its last segment begins.
type span struct{ from, last, to int }

// find calls each for the finds of a pattern until it says stop.
func (p *places) find(t *pattern, each func(span) (stop bool)) {
	for n := range t.also {
		there := false
		p.find(&t.also[n], func(span) bool { there = true; return true })
		if !there {
			return
		}
	}
	for _, n := range t.segments[0] {
		for _, from := range p.at[n] {
			if p.follow(t.segments[1:], span{from, from, from + len(p.book.texts[n])}, each) {
				return
			}
		}
	}
}

func (p *places) follow(segments [][]int, s span, each func(span) bool) (stop bool) {
	if len(segments) == 0 {
		return each(s)
	}
	end := s.to
	for range gap {
		r, size := utf8.DecodeRuneInString(p.message[end:])
		if size == 0 || strings.ContainsRune("。!?;\n", r) {
			break
		}
		end += size
	}
	for _, n := range segments[0] {
		for _, at := range p.at[n] {
			if at >= s.to && at <= end && p.follow(segments[1:], span{s.from, at, at + len(p.book.texts[n])}, each) {
				return true
			}
		}
	}
	return false
}

// endsWith reports whether text ends with one of these.
func endsWith(text string, ends ...string) bool {
	for _, e := range ends {
		if strings.HasSuffix(text, e) {
			return true
		}
	}
	return false
}

// denied reports "not X": the find is what the message says it is not.
func (p *places) denied(s span) bool {
	before := p.message[:s.from]
	for range 3 {
		if endsWith(before, "不是", "并非", "不属于", "不关", "和", "跟") {
			return !endsWith(before, "是不是", "和", "跟") && !strings.HasPrefix(p.message[s.from:], "第一次")
		}
		_, size := utf8.DecodeLastRuneInString(before)
		before = before[:len(before)-size]
	}
	return false
}

// absent reports that the event of the find did not happen: 没坏, 没有着火, 未见漏水.
func (p *places) absent(s span) bool {
	return endsWith(p.message[:s.last], "没", "没有", "没有人", "没人", "未", "未见", "未发现", "没发现", "没发生", "没有发生", "不会", "打不", "点不", "没再", "不再", "没有再", "并没有") &&
		!strings.HasPrefix(p.message[s.last:], "没") && !strings.HasPrefix(p.message[s.last:], "不")
}

// supposed reports that the event is only feared or asked about: 怕着火, 万一起火, 消防演练.
func (p *places) supposed(s span) bool {
	from := s.from
	for range 8 {
		r, size := utf8.DecodeLastRuneInString(p.message[:from])
		if size == 0 || strings.ContainsRune("。!?;,\n", r) {
			break
		}
		from -= size
	}
	around := p.message[from:s.to]
	for _, word := range []string{"怕", "担心", "万一", "如果", "要是", "容易", "会不会", "引发", "导致", "造成", "防止", "避免", "以免", "迟早", "早晚", "上次", "去年", "以前", "曾经", "可能会"} {
		if strings.Contains(around, word) {
			return true
		}
	}
	return strings.HasPrefix(p.message[s.to:], "演练") || strings.HasPrefix(p.message[s.to:], "演习") || strings.HasPrefix(p.message[s.to:], "逃生演") || strings.HasPrefix(p.message[s.to:], "怎么办") || strings.HasPrefix(p.message[s.to:], "了怎么办") || strings.HasPrefix(p.message[s.to:], "隐患")
}

// figurative reports that nothing burns: 气得冒火, 脾气火爆, 火爆鱿鱼.
func (p *places) figurative(s span) bool {
	found := p.message[s.from:s.to]
	if !strings.Contains(found, "火") && !strings.Contains(found, "爆炸") {
		return false
	}
	from := s.from
	for range 5 {
		_, size := utf8.DecodeLastRuneInString(p.message[:from])
		from -= size
	}
	before := p.message[from:s.to]
	for _, word := range []string{"心里", "气得", "气到", "眼睛", "脾气", "恼", "让人", "火冒三丈"} {
		if strings.Contains(before, word) {
			return true
		}
	}
	return false
}

// past reports that the event is over and told as such: 去年着过火, 前年的火灾怎么赔. What came again, or is not said to
// be over, stays as it is: an urgent matter read too low costs more than one read too high.
func (p *places) past(s span) bool {
	from, to := s.from, s.to
	for from > 0 {
		r, size := utf8.DecodeLastRuneInString(p.message[:from])
		if strings.ContainsRune("。!?;,\n", r) {
			break
		}
		from -= size
	}
	for to < len(p.message) {
		r, size := utf8.DecodeRuneInString(p.message[to:])
		if strings.ContainsRune("。!?;,\n", r) {
			break
		}
		to += size
	}
	clause := p.message[from:to]
	has := func(text string, words ...string) bool {
		for _, w := range words {
			if strings.Contains(text, w) {
				return true
			}
		}
		return false
	}
	if has(p.message, "又", "现在", "还在", "正在", "刚刚", "刚才", "今天", "今早", "昨", "这次", "快来", "救命", "一直没") {
		return false
	}
	over := has(p.message, "修好", "处理好", "现已", "好了", "赔", "道歉", "验收", "过户", "请问", "想问", "咨询", "记录", "早就")
	if has(clause, "早就修好", "已经修好", "修好了", "处理好了") {
		return true
	}
	return over && has(clause, "去年", "前年", "前几年", "几年前", "年前", "上个月", "上月", "上次", "以前", "曾经", "早就")
}
