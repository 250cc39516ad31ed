package statement

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"cuobian/basis/day"
	"cuobian/basis/yuan"
	"cuobian/platform/audit/tree"
	"cuobian/rooms/assembly/bundle"
)

// Report is what Check found, in the words of a vote's.
type Report struct {
	OK         bool           `json:"ok"`
	Compound   string         `json:"compound"`
	Name       string         `json:"name"`
	Fund       string         `json:"fund"`
	AsOf       day.Instant    `json:"as_of"`
	Origin     string         `json:"origin"`
	Size       int64          `json:"size"` // of the log at the checkpoint
	Statements int64          `json:"statements"`
	Due        int64          `json:"due"` // how many were due by the file's day
	Checks     []bundle.Found `json:"checks"`
	Proved     []bundle.Words `json:"proved"`
	Not        []bundle.Words `json:"not_proved"`
}

// Of finds a check by its name; nil when it was not made.
func (r *Report) Of(name string) *bundle.Found {
	for i := range r.Checks {
		if r.Checks[i].Name == name {
			return &r.Checks[i]
		}
	}
	return nil
}

var checks = [][3]string{
	{"form", "文件格式规范", "the file has its one form"},
	{"checkpoint_signature", "日志检查点的签名", "the signature of the log's checkpoint"},
	{"in_log", "公开记录都在日志里，每份报表都有记录", "the public records are in the log, and each statement has one"},
	{"statement_hash", "每份报表与公布的散列一致", "each statement is the one whose hash was published"},
	{"statement_sums", "明细、合计、期初期末勾稽一致", "lines, totals, opening and closing add up"},
	{"chain", "每份报表指向上一份，首尾相连", "each statement names the one before it"},
	{"seal", "报表上的印章（SM2）", "the seals (SM2) under each statement"},
	{"changed", "更正须另立版本并指明旧版", "a correction is a new version that names the old one"},
	{"late", "按期公示", "posted by the deadline"},
	{"vanished", "应公示的一份不少", "none of those that were due is missing"},
	{"shown_days", "公示期足够", "on the board for long enough"},
}

const maxFaults = 20

func wrong(f *bundle.Found, where, zh, en string) {
	f.Wrong++
	if len(f.Faults) < maxFaults {
		f.Faults = append(f.Faults, bundle.Fault{Where: where, Zh: zh, En: en})
	}
}

type posting struct {
	Posted
	at   day.Instant
	text *Words
}

type look struct {
	f      *File
	report *Report
	by     map[string]*bundle.Found
	point  tree.Opened
	signed bool
	dues   []Due
	posted []posting
}

// Check looks at a file and names everything that is wrong with it. known are keys of the log that the reader trusts.
func Check(file []byte, known bundle.Known) Report {
	r := Report{Proved: []bundle.Words{}, Not: []bundle.Words{}}
	l := &look{f: &File{}, report: &r, by: map[string]*bundle.Found{}}
	r.Checks = make([]bundle.Found, len(checks))
	for i, c := range checks {
		r.Checks[i] = bundle.Found{Name: c[0], Zh: c[1], En: c[2], Faults: []bundle.Fault{}}
		l.by[c[0]] = &r.Checks[i]
	}
	if l.form(file) {
		f := l.f
		r.Compound, r.Name, r.Fund, r.AsOf, r.Origin, r.Statements = f.Compound, f.Name, f.Fund, f.AsOf, f.Log.Origin, int64(len(f.Statements))
		l.checkpoint(known)
		l.records()
		l.sums()
		l.chain()
		l.periods()
	}
	r.OK = true
	for i := range r.Checks {
		r.Checks[i].OK = r.Checks[i].Wrong == 0
		r.OK = r.OK && r.Checks[i].OK
	}
	l.words(known)
	return r
}

func (l *look) form(file []byte) bool {
	f := l.by["form"]
	f.N = 1
	if err := read(file, l.f); err != nil || l.f.Format != Format {
		wrong(f, "", "文件不完整、被改动，或不是 "+Format+" 格式", "the file is incomplete, was changed, or is not of the form "+Format)
		return false
	}
	again, err := l.f.Write()
	if err != nil || !bytes.Equal(again, file) {
		at := 0
		for at < len(again) && at < len(file) && again[at] == file[at] {
			at++
		}
		wrong(f, "byte "+strconv.Itoa(at), "文件不是规范写法：有一处被改动", "the file is not in its one form: it was changed here")
	}
	return true
}

func (l *look) checkpoint(known bundle.Known) {
	l.point, l.signed = l.f.proof().Signed(l.by["checkpoint_signature"], known)
	if l.signed {
		l.report.Size = l.point.Size
	}
}

// records proves every record against the signed root and reads the bodies.
func (l *look) records() {
	in, h := l.by["in_log"], l.by["statement_hash"]
	texts := map[string]*Words{}
	for i := range l.f.Statements {
		w := &l.f.Statements[i]
		texts[w.Hash()] = w
	}
	used := map[string]bool{}
	l.f.proof().InLog(in, l.point, l.signed, Ref(l.f.Compound, l.f.Fund))
	for i, x := range l.f.Records {
		where := fmt.Sprintf("records[%d] %s", i, x.Kind)
		switch x.Kind {
		case RecordDue:
			var d Due
			if json.Unmarshal(x.Body, &d) != nil || d.Compound != l.f.Compound || d.Fund != l.f.Fund {
				wrong(in, where, "不是本小区本资金的记录", "is no record of this compound and fund")
				continue
			}
			l.dues = append(l.dues, d)
		case RecordStatement:
			p := posting{at: x.At}
			if json.Unmarshal(x.Body, &p.Posted) != nil || p.Compound != l.f.Compound || p.Fund != l.f.Fund {
				wrong(in, where, "不是本小区本资金的记录", "is no record of this compound and fund")
				continue
			}
			p.text = texts[p.Hash]
			used[p.Hash] = true
			h.N++
			if w := p.text; w != nil && (w.Kind != p.Kind || w.Period != p.Period || w.Version != p.Version || w.Prev != p.Prev || w.Corrects != p.Corrects || w.Compound != p.Compound || w.Fund != p.Fund) {
				wrong(h, name(p.Kind, p.Period, p.Version), "报表与记录说的不是同一份", "the statement and its record speak of different ones")
			}
			l.posted = append(l.posted, p)
		default:
			wrong(in, where, "不属于这份文件的记录", "a record that does not belong here")
		}
	}
	for i := range l.f.Statements {
		w := &l.f.Statements[i]
		if used[w.Hash()] {
			continue
		}
		where := name(w.Kind, w.Period, w.Version)
		// A record of the same statement with another hash: it was changed. None: the record is missing.
		if slices.ContainsFunc(l.posted, func(p posting) bool { return p.Kind == w.Kind && p.Period == w.Period && p.Version == w.Version }) {
			wrong(h, where, "内容与公布时的散列不一致：有内容被改动", "the content is not that of the published hash: something in it was changed")
		} else {
			wrong(in, where, "日志里没有这份报表的公示记录", "the record of its posting is missing")
		}
	}
	if n := len(l.f.Statements); n > 0 && l.f.Statements[n-1].Name != l.f.Name {
		wrong(h, "name", "小区名称与最近一份报表不符", "the compound's name is not that of the last statement")
	}
}

func name(kind, period string, version int) string {
	s := kind + " " + period
	if version > 1 {
		s += " v" + strconv.Itoa(version)
	}
	return s
}

// sums adds every statement up again.
func (l *look) sums() {
	f := l.by["statement_sums"]
	for _, w := range l.f.Statements {
		f.N++
		where := name(w.Kind, w.Period, w.Version)
		from, to, ok := Span(w.Kind, w.Period)
		if !ok || w.From != from || w.To != to {
			wrong(f, where, "期间有误", "the period cannot be right")
			continue
		}
		again := w
		again.Totals = slices.Clone(w.Totals)
		if err := again.Add(); err != nil {
			wrong(f, where, "金额过大", "an amount is too big")
			continue
		}
		if again.Received != w.Received || again.Spent != w.Spent || again.Closing != w.Closing || !slices.Equal(again.Totals, w.Totals) {
			wrong(f, where, "合计与明细不符，或期初加收减支不等于期末", "totals are not those of the lines, or opening plus what came in less what went out is not the closing")
		}
		var all, held yuan.Amount
		for _, s := range w.Totals {
			all += s.Amount
		}
		for _, s := range w.Balances {
			held += s.Amount
		}
		if all != w.Received-w.Spent || held != w.Closing {
			wrong(f, where, "分科目合计与总数不符", "the sums by account are not the total")
		}
		for i, x := range w.Lines {
			if x.No != i+1 || x.Day < w.From || x.Day > w.To {
				wrong(f, where+" line "+strconv.Itoa(i+1), "明细编号或日期有误", "the line's number or day cannot be right")
			}
		}
	}
	// What one period ended with the next began with, as it was known then.
	last := map[string]*Words{}
	for _, p := range l.posted {
		w := p.text
		if w == nil {
			continue
		}
		if from, _, ok := Span(w.Kind, w.Period); ok {
			if before := last[w.Kind+PeriodOf(w.Kind, from.Add(-1))]; before != nil && before.Closing != w.Opening && w.Version == 1 {
				wrong(f, name(w.Kind, w.Period, w.Version), "期初与上期期末不符", "the opening is not the closing of the period before")
			}
		}
		last[w.Kind+w.Period] = w
	}
}

// chain looks at what each posting says of the one before, of versions, and at its seals.
func (l *look) chain() {
	c, s, v, d := l.by["chain"], l.by["seal"], l.by["changed"], l.by["shown_days"]
	prev := ""
	latest := map[string]posting{}
	for _, p := range l.posted {
		where := name(p.Kind, p.Period, p.Version)
		c.N++
		if p.Prev != prev {
			wrong(c, where, "没有指向上一份公示的报表：中间少了或改了一份", "does not name the statement posted before it: one between was dropped or changed")
		}
		prev = p.Hash
		s.N++
		if len(p.Seals) == 0 {
			wrong(s, where, "没有印章", "there is no seal")
		}
		for _, x := range p.Seals {
			if _, err := hex.DecodeString(p.Hash); err != nil || !x.Good(p.Hash) {
				wrong(s, where+" "+x.Name, "印章不是盖在这份报表上的，或被改动", "the seal does not stand under this statement, or was altered")
			}
		}
		v.N++
		before, has := latest[p.Kind+p.Period]
		switch {
		case !has && (p.Version != 1 || p.Corrects != ""):
			wrong(v, where, "旧版本不在文件里", "the version before is not in the file")
		case has && (p.Version != before.Version+1 || p.Corrects != before.Hash):
			wrong(v, where, "同一期间另有一份，却没有指明更正哪一版", "there is another of the same period, and this one does not name it as corrected")
		}
		latest[p.Kind+p.Period] = p
		d.N++
		shown := 0
		for _, x := range l.dues {
			if x.Kind == p.Kind && x.Period == p.Period {
				shown = x.Shown
			}
		}
		if p.Until < p.at.Day(day.Shanghai).Add(shown) {
			wrong(d, where, fmt.Sprintf("公示期不足 %d 天", shown), fmt.Sprintf("on the board for less than %d days", shown))
		}
	}
}

// periods holds what was due against what was posted, and when.
func (l *look) periods() {
	late, gone := l.by["late"], l.by["vanished"]
	for _, p := range l.posted {
		if p.text == nil {
			wrong(gone, name(p.Kind, p.Period, p.Version), "日志说公示过，文件里却没有这份报表", "the log says that it was posted, yet the file does not hold it")
		}
	}
	for _, kind := range Kinds {
		var n int64
		next := ""
		for _, d := range l.dues {
			if d.Kind != kind {
				continue
			}
			n++
			if d.N != n || next != "" && d.Period != next {
				wrong(gone, kind+" "+next, fmt.Sprintf("%s 之前少了应公示记录", d.Period), "a record of what was due before "+d.Period+" is missing")
				n = d.N
			}
			next = Next(kind, d.Period)
			gone.N++
			if d.Due < l.f.AsOf {
				l.report.Due++
			}
			i := slices.IndexFunc(l.posted, func(p posting) bool { return p.Kind == kind && p.Period == d.Period })
			if i < 0 {
				if d.Due < l.f.AsOf {
					wrong(gone, name(kind, d.Period, 1), "已到期，没有公示", "was due and is not posted")
				}
				continue
			}
			late.N++
			if at := l.posted[i].at; at > d.Due {
				wrong(late, name(kind, d.Period, 1), fmt.Sprintf("%s 公示，期限是 %s", at.Day(day.Shanghai), d.Due.Add(-1).Day(day.Shanghai)), fmt.Sprintf("posted on %s, due on %s", at.Day(day.Shanghai), d.Due.Add(-1).Day(day.Shanghai)))
			}
		}
		// A period that ended two days before the file's day has its record, unless the fund was empty at the last.
		empty := false
		for _, p := range l.posted {
			if p.Kind == kind && p.text != nil {
				empty = p.text.Closing == 0 && len(p.text.Balances) == 0
			}
		}
		if next != "" && !empty {
			if _, to, ok := Span(kind, next); ok && to.Add(2) < l.f.AsOf.Day(day.Shanghai) {
				wrong(gone, kind+" "+next, "期间已结束，没有应公示记录", "the period is over, and no record says that a statement is due")
			}
		}
	}
	for _, p := range l.posted {
		if !slices.ContainsFunc(l.dues, func(d Due) bool { return d.Kind == p.Kind && d.Period == p.Period }) {
			wrong(gone, name(p.Kind, p.Period, p.Version), "少了它的应公示记录", "the record that it was due is missing")
		}
	}
}

func (l *look) words(known bundle.Known) {
	r := l.report
	say := func(list *[]bundle.Words, zh, en string) { *list = append(*list, bundle.Words{Zh: zh, En: en}) }
	if r.OK {
		say(&r.Proved, fmt.Sprintf("%d 份报表自公示以来没有改动，印章有效，首尾相连；到期应公示的 %d 份都按期公示了。", r.Statements, r.Due), fmt.Sprintf("%d statements have not changed since they were posted; their seals hold and they hang in one chain; all %d that were due were posted in time.", r.Statements, r.Due))
		say(&r.Proved, "每份报表的明细、合计和期初期末都能重新算出。", "Lines, totals, openings and closings add up again.")
	}
	if len(known) == 0 {
		say(&r.Not, "公钥取自文件本身：请把它与公告栏上的日志公钥核对（--key）。", "The key is the file's own: compare it with the log's key on the notice board (--key).")
	}
	if len(l.point.Cosigned) == 0 {
		say(&r.Not, "没有见证人的签名：日志是否给不同的人看不同的内容，本文件不能证明。", "There is no witness's signature: that the log shows everybody the same is not proved by this file.")
	}
	say(&r.Not, "每笔收支是否真实发生，要看凭证和银行流水；本文件只证明公示的账没有被改。", "Whether each movement happened is for vouchers and the bank's lines to show: this file proves that what was posted was not changed.")
	say(&r.Not, "文件日期是出具人写的："+l.f.AsOf.Day(day.Shanghai).String()+" 之后到期的报表，要看最新的文件。", "The file's day is what its maker wrote: statements due after "+l.f.AsOf.Day(day.Shanghai).String()+" are seen in a newer file.")
}
