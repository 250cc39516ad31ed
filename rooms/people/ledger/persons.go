package ledger

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

var (
	mobile   = regexp.MustCompile(`^1[3-9]\d{9}$`)
	landline = regexp.MustCompile(`^(0\d{2,3})-?(\d{7,8})(?:-(\d{1,5}))?$`)
	local    = regexp.MustCompile(`^[2-9]\d{6,7}$`)
	hotline  = regexp.MustCompile(`^(?:400\d{7}|95\d{3,4}|800\d{7})$`)
	phoneGap = regexp.MustCompile(`[/、,;|\n\r或]+|\s+和\s+`)
	notPhone = regexp.MustCompile(`[^0-9+\-\s()转]+`)
)

// ParsePhones reads one number or several from a cell: 13800000026,
// "159 0000 3329", "139-0000-0540", "13800000027/0591-00000002". bad is set when
// something is left that is no telephone number.
func ParsePhones(text string) (phones []string, bad bool) {
	if none(clean(text)) {
		return nil, false
	}
	seen := map[string]bool{}
	add := func(p string) {
		if !seen[p] {
			seen[p] = true
			phones = append(phones, p)
		}
	}
	for _, part := range phoneGap.Split(strings.Map(wideMarks, text), -1) {
		part = clean(part)
		if none(part) {
			continue
		}
		if t, lost := whole(part); !lost {
			part = t
		}
		part = clean(notPhone.ReplaceAllString(part, " ")) // 王某(本人)
		if part == "" {
			bad = true
			continue
		}
		if p, ok := phone(part); ok {
			add(p)
			continue
		}
		// Two numbers with a blank or nothing between them.
		fields, rest := strings.Fields(part), false
		for i := 0; i < len(fields); i++ {
			found := false
			for j := len(fields); j > i; j-- {
				if p, ok := phone(strings.Join(fields[i:j], "")); ok {
					add(p)
					i, found = j-1, true
					break
				}
			}
			if !found {
				if d := fields[i]; len(d) == 22 && mobile.MatchString(d[:11]) && mobile.MatchString(d[11:]) {
					add(d[:11])
					add(d[11:])
				} else {
					rest = true
				}
			}
		}
		bad = bad || rest
	}
	return phones, bad
}

func wideMarks(r rune) rune {
	switch r {
	case '，':
		return ','
	case '；':
		return ';'
	case '／':
		return '/'
	case '。':
		return ','
	}
	return r
}

func phone(s string) (string, bool) {
	s = tight(strings.NewReplacer("(", "", ")", "-", "转", "-").Replace(s))
	s = strings.Trim(s, "-")
	digits := strings.ReplaceAll(s, "-", "")
	digits = strings.TrimPrefix(digits, "+")
	if len(digits) == 13 {
		digits = strings.TrimPrefix(digits, "86")
	}
	if len(digits) == 15 {
		digits = strings.TrimPrefix(digits, "0086")
	}
	if mobile.MatchString(digits) {
		return digits, true
	}
	if m := landline.FindStringSubmatch(s); m != nil {
		out := m[1] + "-" + m[2]
		if strings.HasPrefix(s, "01") || strings.HasPrefix(s, "02") { // three-digit area codes
			all := strings.ReplaceAll(m[1]+m[2], "-", "")
			out = all[:3] + "-" + all[3:]
		}
		if m[3] != "" {
			out += "-" + m[3]
		}
		return out, true
	}
	if local.MatchString(digits) || hotline.MatchString(digits) {
		return digits, true
	}
	return "", false
}

// compound surnames, so that 欧阳 文山 is one person.
var doubleSurnames = map[string]bool{"欧阳": true, "上官": true, "司马": true, "诸葛": true, "司徒": true, "东方": true, "皇甫": true, "尉迟": true, "公孙": true, "慕容": true, "令狐": true, "长孙": true, "夏侯": true, "宇文": true, "端木": true, "南宫": true, "独孤": true}

var organisation = regexp.MustCompile(`公司|有限|集团|厂$|局$|处$|院$|学校|学院|小学|中学|大学|银行|支行|分行|合作社|委员会|居委会|村委会|办事处|政府|中心$|协会|基金会|事务所|商行|酒店|医院|管理所|工会|部队|幼儿园|开发商|房地产|置业|合伙|经营部|个体户|供销社|联社|信用社|研究所|总站|总队|支队|大队`)

// nameTitle strips what follows or precedes a name.
var (
	nameNote  = regexp.MustCompile(`[(〔\[【]([^)〕\]】]*)[)〕\]】]`)
	andOthers = regexp.MustCompile(`\s*等\s*[0-9一二三四五六七八九十]*\s*人?\s*$`)
	coOwned   = regexp.MustCompile(`^\s*(?:与|和)?(?:共有|共有人|共同共有|共同共有人|按份共有|按份共有人)\s*[::]?\s*(\p{Han}{2,4}(?:[、,;/ ]\p{Han}{2,4})*)\s*$`)
	nameAnd   = regexp.MustCompile(`^(\p{Han}{2,4})(?:\s*[及与]\s*|\s*和\s*)(\p{Han}{2,4})$`)
	nameTitle = regexp.MustCompile(`^(?:业主|产权人|户主|主任|书记|负责人|联系人|姓名|先生|女士)\s*[::]\s*`)
	shareText = regexp.MustCompile(`(\d{1,4})\s*/\s*(\d{1,4})|(\d{1,3}(?:\.\d{1,4})?)\s*%|([一二三四五六七八九十百]+)分之([一二三四五六七八九十百]+)`)
	nameShare = regexp.MustCompile(`\s*(?:\d{1,4}\s*/\s*\d{1,4}|\d{1,3}(?:\.\d{1,4})?\s*%|[一二三四五六七八九十百]+分之[一二三四五六七八九十百]+)\s*$`)
)

// ParseShare reads a share of a title: 1/2, 50%, 0.5, 二分之一. ok is false where
// there is none to read (共同共有).
func ParseShare(text string) (Share, bool) {
	s := value(text)
	if s == "" {
		return Share{}, false
	}
	if m := shareText.FindStringSubmatch(s); m != nil {
		switch {
		case m[1] != "":
			n, _ := strconv.ParseInt(m[1], 10, 64)
			d, _ := strconv.ParseInt(m[2], 10, 64)
			return fraction(n, d)
		case m[3] != "":
			return decimalShare(m[3], 100)
		default:
			d, ok1 := numeral(m[4])
			n, ok2 := numeral(m[5])
			if !ok1 || !ok2 {
				return Share{}, false
			}
			return fraction(int64(n), int64(d))
		}
	}
	if strings.Contains(s, "单独") || s == "全部" {
		return Share{1, 1}, true
	}
	if t := tight(s); strings.HasPrefix(t, "0.") || t == "1" || t == "100" {
		if t == "100" {
			return Share{1, 1}, true
		}
		return decimalShare(t, 1)
	}
	return Share{}, false
}

func decimalShare(text string, of int64) (Share, bool) {
	head, tail, _ := strings.Cut(text, ".")
	if !digitsOnly(head) || tail != "" && !digitsOnly(tail) || len(head) > 3 || len(tail) > 6 {
		return Share{}, false
	}
	n, err := strconv.ParseInt(head+tail, 10, 64)
	if err != nil {
		return Share{}, false
	}
	for range tail {
		of *= 10
	}
	return fraction(n, of)
}

func fraction(n, d int64) (Share, bool) {
	if n <= 0 || d <= 0 || n > d {
		return Share{}, false
	}
	a, b := n, d
	for b != 0 {
		a, b = b, a%b
	}
	return Share{n / a, d / a}, true
}

// ParseNames splits a cell that holds one name or several, with what else
// stands in it: telephones, identity numbers, shares, posts in brackets.
func ParseNames(text string) []Person {
	if none(clean(text)) || broken(clean(text)) {
		return nil
	}
	text = strings.Map(wideMarks, text)
	// Outside brackets only: 王某(主任、书记) is one person.
	var parts []string
	depth, from := 0, 0
	flat := []rune(text)
	for i, r := range flat {
		switch r {
		case '(', '（', '[', '【':
			depth++
		case ')', '）', ']', '】':
			if depth > 0 {
				depth--
			}
		case '\n', '\r', '、', ',', ';', '/', '&', '+', '|':
			if depth > 0 {
				continue
			}
			if r == '/' && i > 0 && i+1 < len(flat) && unicode.IsDigit(flat[i-1]) && unicode.IsDigit(flat[i+1]) {
				continue // 1/2
			}
			parts = append(parts, string(flat[from:i]))
			from = i + 1
		}
	}
	parts = append(parts, string(flat[from:]))
	var out []Person
	for _, part := range parts {
		for _, p := range namesIn(part) {
			if p.Name == "" && len(out) > 0 {
				// A line of its own for the number of the one before.
				last := &out[len(out)-1]
				last.Phones = append(last.Phones, p.Phones...)
				if last.Identity.Number == "" {
					last.Identity = p.Identity
				}
				continue
			}
			if p.Name != "" || len(p.Phones) > 0 {
				out = append(out, p)
			}
		}
	}
	return out
}

// noName are words that stand where a name would, because nobody holds the post.
var noName = regexp.MustCompile(`^(?:筹备中|筹建中|组建中|选举中|换届中|未成立|未组建|未选举|未设立?|未配备|待定|待选|待补|空缺|暂缺|缺|暂未.{1,4}|尚未.{1,4})$`)

// namesIn reads one part of a name cell.
func namesIn(part string) []Person {
	s := clean(part)
	if none(s) || noName.MatchString(s) {
		return nil
	}
	var p Person
	var beside []Person // 丁某(共有:戊某)
	for _, note := range nameNote.FindAllStringSubmatch(s, -1) {
		if m := coOwned.FindStringSubmatch(note[1]); m != nil {
			beside = append(beside, ParseNames(m[1])...)
			continue
		}
		if m := idInside.FindStringSubmatch(note[1]); m != nil {
			if id, fault := ParseIdentity(m[1], ""); fault == "" {
				p.Identity = id
			}
			note[1] = strings.Replace(note[1], m[1], " ", 1)
		}
		if share, ok := ParseShare(note[1]); ok {
			p.Share = share
		} else if phones, bad := ParsePhones(note[1]); len(phones) > 0 && !bad {
			p.Phones = append(p.Phones, phones...)
		}
	}
	bare := strings.TrimSpace(nameNote.ReplaceAllString(s, " "))
	if bare == "" && p.Phones == nil {
		return nil // only a remark in brackets
	}
	if organisation.MatchString(s) && han(s) > 4 {
		bare = s // a company's brackets belong to its name
		if len(nameShare.FindString(bare)) > 0 {
			bare = nameShare.ReplaceAllString(bare, "")
		}
	}
	if m := idInside.FindStringSubmatch(bare); m != nil {
		if id, fault := ParseIdentity(m[1], ""); fault == "" {
			p.Identity = id
		}
		bare = strings.Replace(bare, m[1], " ", 1)
	}
	for _, n := range phoneInside.FindAllString(bare, -1) {
		if phones, bad := ParsePhones(n); !bad {
			p.Phones = append(p.Phones, phones...)
		}
		bare = strings.Replace(bare, n, " ", 1)
	}
	if m := nameShare.FindString(bare); m != "" {
		if share, ok := ParseShare(m); ok {
			p.Share = share
		}
		bare = nameShare.ReplaceAllString(bare, "")
	}
	bare = nameTitle.ReplaceAllString(strings.TrimSpace(bare), "")
	if m := nameAnd.FindStringSubmatch(bare); m != nil && !organisation.MatchString(bare) {
		bare = m[1] + " " + m[2]
	}
	bare = strings.Trim(andOthers.ReplaceAllString(bare, ""), " :-.()")
	if none(bare) {
		bare = ""
	}
	names := oneOrMore(bare)
	if len(names) == 0 {
		return append([]Person{p}, beside...)
	}
	var out []Person
	for i, n := range names {
		q := Person{Name: n, Organisation: organisation.MatchString(n) && runes(n) > 3}
		if i == 0 {
			q.Phones, q.Identity, q.Share = p.Phones, p.Identity, p.Share
		}
		out = append(out, q)
	}
	return append(out, beside...)
}

// oneOrMore decides whether blanks in a name part names or only their signs:
// 周 梅 is one, 张三丰 李四光 are two, 欧阳 文山 is one.
func oneOrMore(s string) []string {
	if s == "" {
		return nil
	}
	fields := strings.Fields(s)
	if len(fields) == 1 || han(s) == 0 {
		return []string{s}
	}
	all := true
	for _, f := range fields {
		if n := runes(f); n < 2 || n > 4 || han(f) != n {
			all = false
		}
	}
	if !all || doubleSurnames[fields[0]] && len(fields) == 2 {
		return []string{strings.Join(fields, "")}
	}
	return fields
}
