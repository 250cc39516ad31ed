package bundle

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"cuobian/platform/audit/tree"
	"cuobian/rooms/assembly/ballot"
	"cuobian/rooms/assembly/roll"
	"cuobian/rooms/assembly/tally"
)

// Fault is something wrong and where.
type Fault struct {
	Where string `json:"where"`
	Zh    string `json:"zh"`
	En    string `json:"en"`
}

// Found is one check and what it found. N is how many things were looked at.
type Found struct {
	Name   string  `json:"name"`
	Zh     string  `json:"zh"`
	En     string  `json:"en"`
	OK     bool    `json:"ok"`
	N      int64   `json:"n"`
	Wrong  int64   `json:"wrong"`
	Faults []Fault `json:"faults"` // the first of them
}

// Words is a sentence in both languages.
type Words struct {
	Zh string `json:"zh"`
	En string `json:"en"`
}

// Report is what Check found.
type Report struct {
	OK      bool    `json:"ok"`
	Kind    string  `json:"kind"`
	Meeting Meeting `json:"meeting"`
	Origin  string  `json:"origin"`
	Size    int64   `json:"size"` // of the log at the checkpoint
	Rights  int64   `json:"rights"`
	Ballots int64   `json:"ballots"`
	Checks  []Found `json:"checks"`
	Proved  []Words `json:"proved"`
	Not     []Words `json:"not_proved"`
}

// Of finds a check by its name; nil when it was not made.
func (r *Report) Of(name string) *Found {
	for i := range r.Checks {
		if r.Checks[i].Name == name {
			return &r.Checks[i]
		}
	}
	return nil
}

// maxFaults is how many faults of one check are told.
const maxFaults = 20

func (f *Found) wrong(where, zh, en string) {
	f.Wrong++
	if len(f.Faults) < maxFaults {
		f.Faults = append(f.Faults, Fault{where, zh, en})
	}
}

// checks in the order in which they are told.
var checks = [][3]string{
	{"form", "文件格式规范", "the file has its one form"},
	{"checkpoint_signature", "日志检查点的签名", "the signature of the log's checkpoint"},
	{"cosignatures", "国密签名与见证签名", "the SM2 signature and the witnesses' cosignatures"},
	{"records_in_log", "公开记录都在日志里", "the public records are in the log"},
	{"ballot_in_log", "每张票的承诺值都在日志里", "every ballot's commitment is in the log"},
	{"pool", "证明所用的散列不多不少", "the hashes of the proofs, no more and no less"},
	{"records", "公开记录齐全、首尾相连", "the public records are complete"},
	{"opening", "议题、计票方式与开票时公布的一致", "matters and manner of counting are those of the opening"},
	{"roll_hash", "名册与公布的散列一致", "the roll is the one whose hash was published"},
	{"ballot_order", "票不重复、编号不缺", "no ballot stands twice, none of a right's numbers is missing"},
	{"ballot_commitment", "票的内容与承诺值一致", "each ballot's content is what was committed to"},
	{"ballot_signature", "设备签名与承诺值一致", "the devices' signatures fit the commitments"},
	{"ballot_count", "票数与公布的汇总一致", "the number of ballots and their root are those published"},
	{"ballot_counted", "每个表决权只计一张，按事先约定的先后", "one ballot of each right counts, the first or last as agreed"},
	{"ballot_void", "作废的票都有公开记录", "a ballot is void by a public record only"},
	{"count", "按法律重新计票，数字相同", "counted again by the law, the figures are the same"},
	{"derivation", "推导过程相同", "so is the derivation"},
	{"groups", "公布的分组数字自洽", "the published groups are sound"},
	{"core_hash", "全部内容与结果公布时一致", "all content is what it was when the result was posted"},
}

// Known are the log's keys that the reader trusts, from a board or an earlier check; none takes those of the file.
type Known []tree.Key

type look struct {
	b      *Bundle
	report *Report
	by     map[string]*Found
	roll   roll.Roll
	rollOK bool
	point  tree.Opened
	signed bool
	leaves map[string]string // leaf hash in hex → kind, of the records
	result *Record           // the last preliminary or final one
	seal   Seal

	signedOnes int64 // ballots with a device's signature; negative where the result has no hash over them
}

// Check looks at a bundle file and names everything that is wrong with it.
func Check(file []byte, known Known) Report {
	r := Report{Proved: []Words{}, Not: []Words{}}
	l := &look{b: &Bundle{}, report: &r, by: map[string]*Found{}, leaves: map[string]string{}}
	r.Checks = make([]Found, len(checks))
	for i, c := range checks {
		r.Checks[i] = Found{Name: c[0], Zh: c[1], En: c[2], Faults: []Fault{}}
		l.by[c[0]] = &r.Checks[i]
	}
	if l.form(file) {
		b := l.b
		r.Kind, r.Meeting, r.Origin, r.Ballots = b.Kind, b.Meeting, b.Log.Origin, int64(len(b.Ballots))
		l.checkpoint(known)
		l.inLog()
		l.records()
		l.checkRoll()
		l.ballots()
		l.signatures()
		l.counted()
		l.count()
		l.core()
	}
	r.OK = true
	kept := r.Checks[:0]
	for _, c := range r.Checks {
		c.OK = c.Wrong == 0
		r.OK = r.OK && c.OK
		if c.N > 0 || c.Wrong > 0 {
			kept = append(kept, c)
		}
	}
	r.Checks = kept
	l.words(known)
	return r
}

func (l *look) form(file []byte) bool {
	f := l.by["form"]
	f.N = 1
	if err := read(file, l.b); err != nil {
		where := ""
		if e, ok := err.(*json.SyntaxError); ok {
			where = "byte " + strconv.FormatInt(e.Offset, 10)
		}
		if e, ok := err.(*json.UnmarshalTypeError); ok {
			where = e.Field
		}
		f.wrong(where, "文件不完整、被改动，或不是表决包", "the file is incomplete, was changed, or is no bundle")
		return false
	}
	if l.b.Format != Format {
		f.wrong("format", "不是 "+Format+" 格式", "not of the form "+Format)
		return false
	}
	if l.b.Kind != Public && l.b.Kind != Scrutineers {
		f.wrong("kind", "不认识的种类", "not a kind that is known")
	}
	again, err := l.b.Write()
	if err != nil || !bytes.Equal(again, file) {
		at := 0
		for at < len(again) && at < len(file) && again[at] == file[at] {
			at++
		}
		f.wrong(fmt.Sprintf("byte %d (%s)", at, near(file, at)), "文件不是规范写法：有一处被改动", "the file is not in its one form: it was changed here")
	}
	return true
}

// near names the last key before a byte, so that people find the place.
func near(file []byte, at int) string {
	at = min(at, len(file))
	head := file[:at]
	if i := bytes.LastIndex(head, []byte(`":`)); i > 0 {
		if j := bytes.LastIndexByte(head[:i], '"'); j >= 0 {
			return strings.ToValidUTF8(string(head[j+1:i]), "?")
		}
	}
	return "start"
}

func (l *look) checkpoint(known Known) {
	f, log := l.by["checkpoint_signature"], l.b.Log
	f.N = 1
	for i, k := range log.Keys {
		if k.Valid() != nil {
			f.wrong("log.keys["+strconv.Itoa(i)+"]", "公钥有误", "this is no key")
			return
		}
	}
	o, err := tree.Open(log.Checkpoint, log.Keys...)
	if err != nil {
		f.wrong("log.checkpoint", "检查点的签名不对：检查点或公钥被改动", "the checkpoint's signature is wrong: it or the key was changed")
		return
	}
	if o.Origin != log.Origin {
		f.wrong("log.origin", "检查点属于另一个日志", "the checkpoint belongs to another log")
		return
	}
	if len(known) > 0 && !slices.ContainsFunc(o.Signed, func(k tree.Key) bool { return slices.Contains(known, k) }) {
		f.wrong("log.keys", "签名的公钥不是您指定的日志公钥", "the key that signed is not the one you gave")
	}
	l.point, l.signed = o, true
	l.report.Size = o.Size
	c := l.by["cosignatures"]
	_, lines, _ := tree.Lines(log.Checkpoint)
	if len(lines) != len(o.Signed)+len(o.Cosigned) {
		c.wrong("log.checkpoint", "有一行签名没有对应的公钥", "a line of signature has no key here")
	}
	for _, k := range log.Keys {
		c.N++
		if !slices.Contains(o.Signed, k) && !slices.ContainsFunc(o.Cosigned, func(x tree.Cosigned) bool { return x.Key == k }) {
			c.wrong("log.keys "+k.Name(), "这把公钥没有签名", "this key did not sign")
		}
	}
}

// inLog proves every record and ballot against the signed root.
func (l *look) inLog() {
	b := l.b
	positions := make([]int64, 0, len(b.Records)+len(b.Ballots))
	at := map[int64]bool{}
	prove := func(f *Found, where string, leaf int64, rec tree.Record, err error) {
		f.N++
		if at[leaf] {
			f.wrong(where, "与另一条占同一位置", "stands at the same position as another")
		}
		at[leaf] = true
		positions = append(positions, leaf)
		var h tree.Hash
		if err == nil {
			h, err = rec.Leaf()
		}
		if err == nil && l.signed {
			err = b.Log.Pool.Check(l.point.Checkpoint, leaf, h)
		}
		if err != nil {
			f.wrong(where, "不在日志的这个位置：被改动或是另加的", "is not in the log at this position: it was changed or added")
		}
		if f.Name == "records_in_log" {
			l.leaves[hex.EncodeToString(h[:])] = rec.Kind
		}
	}
	f := l.by["records_in_log"]
	for i, x := range b.Records {
		prove(f, fmt.Sprintf("records[%d] %s", i, x.Kind), x.Leaf, b.Meeting.record(x.ID, x.At, x.Kind, x.Body), nil)
		if i > 0 && b.Records[i-1].Leaf >= x.Leaf {
			f.wrong(fmt.Sprintf("records[%d]", i), "记录次序不对", "the records are not in their order")
		}
		if x.Kind == RecordBallot {
			f.wrong(fmt.Sprintf("records[%d]", i), "表决票记录应列在票里", "the record of a ballot belongs to the ballots")
		}
	}
	f = l.by["ballot_in_log"]
	for _, x := range b.Ballots {
		rec, err := b.Meeting.ballotRecord(x)
		prove(f, l.name(x), x.Leaf, rec, err)
	}
	if !l.signed {
		return
	}
	f = l.by["pool"]
	need := tree.Need(l.point.Size, positions)
	f.N = int64(len(need))
	for _, n := range need {
		if _, has := b.Log.Pool[n]; !has {
			f.wrong("log.pool."+strconv.FormatInt(n, 10), "缺少一个散列", "a hash is missing")
		}
	}
	if len(b.Log.Pool) > len(need) {
		for _, n := range slices.Sorted(maps.Keys(b.Log.Pool)) {
			if _, has := slices.BinarySearch(need, n); !has {
				f.wrong("log.pool."+strconv.FormatInt(n, 10), "多出一个散列", "a hash that nothing needs")
			}
		}
	}
}

// name names a ballot: by right and number where they are here, else by its commitment.
func (l *look) name(x Ballot) string {
	short := x.Commitment
	if len(short) > 12 {
		short = short[:12]
	}
	if x.Right > 0 {
		return fmt.Sprintf("ballot %d/%d (%s)", x.Right, x.N, short)
	}
	return "ballot " + short
}

// body reads a record's body, which may hold more.
func (x Record) into(v any) bool { return json.Unmarshal(x.Body, v) == nil }

func (l *look) last(kinds ...string) *Record {
	for i := len(l.b.Records) - 1; i >= 0; i-- {
		if slices.Contains(kinds, l.b.Records[i].Kind) {
			return &l.b.Records[i]
		}
	}
	return nil
}

func (l *look) records() {
	b, f := l.b, l.by["records"]
	for _, kind := range []string{RecordRoll, RecordNotice, RecordOpened, RecordClosed} {
		f.N++
		if l.last(kind) == nil {
			f.wrong(kind, "缺少这条公开记录", "this public record is missing")
		}
	}
	f.N++
	if l.result = l.last(RecordFinal); l.result == nil {
		l.result = l.last(RecordPreliminary)
	}
	if l.result == nil {
		f.wrong(RecordPreliminary, "缺少公布结果的记录", "the record of the result is missing")
	} else if !l.result.into(&l.seal) {
		f.wrong(l.result.Kind, "记录读不出来", "the record cannot be read")
	} else {
		for _, leaf := range l.seal.Records {
			f.N++
			if _, has := l.leaves[leaf]; !has {
				f.wrong(l.result.Kind+" "+short(leaf), "结果公布之前的一条公开记录不在文件里", "a public record from before the result is not in the file")
			}
		}
	}
	o := l.by["opening"]
	o.N = 1
	var said struct {
		Meeting  string `json:"meeting"`
		Roll     string `json:"roll"`
		Counts   string `json:"counts"`
		Secret   bool   `json:"secret"`
		Question string `json:"matters"`
	}
	if x := l.last(RecordOpened); x != nil {
		asked, err := Question(b.Meeting, b.Matters)
		switch {
		case !x.into(&said) || err != nil:
			o.wrong(RecordOpened, "记录读不出来", "the record cannot be read")
		default:
			o.same("meeting.number", said.Meeting == b.Meeting.Number)
			o.same("meeting.counts", said.Counts == b.Meeting.Counts)
			o.same("meeting.secret", said.Secret == b.Meeting.Secret)
			o.same("matters", said.Question == asked)
			o.same("roll", said.Roll == b.Roll.Hash || slices.ContainsFunc(b.Roll.Earlier, func(v Version) bool { return v.Hash == said.Roll }))
		}
	}
}

func (f *Found) same(where string, is bool) {
	if !is {
		f.wrong(where, "与开始表决时公布的不一致", "is not what was published when voting opened")
	}
}

func short(s string) string {
	if len(s) > 12 {
		return s[:12]
	}
	return s
}

func (l *look) checkRoll() {
	b, f := l.b, l.by["roll_hash"]
	f.N = 1
	r, err := roll.Parse(b.Roll.Text)
	if err != nil {
		f.wrong("roll.text", "名册不是规范文本，被改动："+err.Error(), "the roll is not in canonical form, it was changed: "+err.Error())
	} else {
		l.roll, l.rollOK = r, true
		l.report.Rights = int64(len(r.Rights))
	}
	if roll.HashOf(b.Roll.Text) != b.Roll.Hash {
		f.wrong("roll.text", "名册内容与它的散列不一致：名册被改动", "the roll is not the one of its hash: it was changed")
	}
	if l.rollOK && r.Version != b.Roll.Version {
		f.wrong("roll.version", "版本号不一致", "the version is another")
	}
	said := map[int]string{}
	for _, x := range b.Records {
		if x.Kind != RecordRoll && x.Kind != RecordRollChanged {
			continue
		}
		var v struct {
			Version int    `json:"version"`
			Hash    string `json:"hash"`
		}
		if x.into(&v) {
			said[v.Version] = v.Hash
		}
	}
	versions := append(slices.Clone(b.Roll.Earlier), Version{b.Roll.Version, b.Roll.Hash})
	for i, v := range versions {
		f.N++
		where := "roll version " + strconv.Itoa(v.Version)
		if v.Version != i+1 {
			f.wrong(where, "版本不连续", "the versions are not in order")
		}
		switch h, has := said[v.Version]; {
		case !has:
			f.wrong(where, "没有公布这一版名册的记录", "there is no record that this version was published")
		case h != v.Hash:
			f.wrong(where, "名册与公开记录里的散列不一致：名册被改动", "the roll is not the one whose hash is on record: it was changed")
		}
	}
	for _, v := range slices.Sorted(maps.Keys(said)) {
		if v < 1 || v > len(versions) {
			f.wrong("roll version "+strconv.Itoa(v), "公布过的这一版名册不在文件里", "a version that was published is not in the file")
		}
	}
}

func (l *look) ballots() {
	b := l.b
	order := l.by["ballot_order"]
	seen := map[string]bool{}
	next := map[int]int{}
	for i, x := range b.Ballots {
		order.N++
		if seen[x.Commitment] {
			order.wrong(l.name(x), "同一张票出现两次", "the ballot stands twice")
		}
		seen[x.Commitment] = true
		if i > 0 && b.compare(b.Ballots[i-1], x) >= 0 {
			order.wrong(l.name(x), "次序不对：票被挪动", "out of order: a ballot was moved")
		}
		if !b.opened() {
			if x.Right != 0 || x.N != 0 || x.Choices != nil || x.Salt != "" {
				order.wrong(l.name(x), "无记名表决的公开包里不应有票的内容", "the public file of a secret vote holds no content of a ballot")
			}
			continue
		}
		if next[x.Right]++; x.N != next[x.Right] {
			order.wrong(l.name(x), fmt.Sprintf("该表决权的第 %d 张票缺失", next[x.Right]), fmt.Sprintf("ballot %d of this right is missing", next[x.Right]))
			next[x.Right] = x.N
		}
	}
	if b.opened() {
		f := l.by["ballot_commitment"]
		for _, x := range b.Ballots {
			f.N++
			_, again, ok := b.cast(x)
			if !ok || again.Check() != nil || again.Commitment() != x.Commitment {
				f.wrong(l.name(x), "票的内容与承诺值不一致：被改动", "its content is not what was committed to: it was changed")
			}
		}
	}
	f := l.by["ballot_count"]
	if x := l.last(RecordClosed); x != nil {
		f.N++
		var said Seal
		if !x.into(&said) {
			f.wrong(RecordClosed, "记录读不出来", "the record cannot be read")
		} else {
			f.seal(RecordClosed, said, SealOf(b.Ballots, false))
		}
	}
	if l.result != nil {
		f.N++
		f.seal(l.result.Kind, l.seal, SealOf(b.Ballots, true))
	}
}

func (f *Found) seal(where string, said, is Seal) {
	switch {
	case said.Ballots > is.Ballots:
		f.wrong(where, fmt.Sprintf("公布 %d 张票，文件里只有 %d 张：少了票", said.Ballots, is.Ballots), fmt.Sprintf("%d ballots were published, the file holds %d: ballots were dropped", said.Ballots, is.Ballots))
	case said.Ballots < is.Ballots:
		f.wrong(where, fmt.Sprintf("公布 %d 张票，文件里有 %d 张：多了票", said.Ballots, is.Ballots), fmt.Sprintf("%d ballots were published, the file holds %d: ballots were added", said.Ballots, is.Ballots))
	case said.Root != is.Root:
		f.wrong(where, "票数相同而内容不同：有票被替换", "as many ballots, but not the same: one was exchanged")
	case said.Late != is.Late:
		f.wrong(where, "截止后录入的票数不一致", "the number of ballots entered after the closing is another")
	}
}

func (l *look) counted() {
	b := l.b
	v := l.by["ballot_void"]
	void := map[string]bool{}
	for _, x := range b.Records {
		var said BallotBody
		if x.Kind == RecordVoid && x.into(&said) {
			void[said.Commitment] = true
			v.N++
		}
	}
	for _, x := range b.Ballots {
		if x.Void != void[x.Commitment] {
			v.wrong(l.name(x), "作废与公开记录不符", "it is void without a record, or not void in spite of one")
		}
		if x.Void && x.Counted {
			v.wrong(l.name(x), "作废的票被计入", "a void ballot was counted")
		}
	}
	if !b.opened() || !l.rollOK {
		return
	}
	f := l.by["ballot_counted"]
	effective := b.Effective(l.roll)
	for _, x := range b.Ballots {
		f.N++
		c, has := effective[x.Right]
		counts := has && c.N == x.N && c.ID == x.ID
		if counts && !x.Counted {
			f.wrong(l.name(x), "应计的票没有计入", "this ballot counts and was left out")
		}
		if !counts && x.Counted {
			f.wrong(l.name(x), "不应计的票被计入", "this ballot does not count and was counted")
		}
		if _, in := l.roll.Find(x.Right); !in && !slices.Contains(l.roll.Ended, x.Right) {
			f.wrong(l.name(x), "名册里没有这个表决权", "the roll has no such right")
		}
	}
}

func (l *look) count() {
	b := l.b
	f, d, g := l.by["count"], l.by["derivation"], l.by["groups"]
	if len(b.Results) != len(b.Matters) {
		f.wrong("results", "每个议题应有一个结果", "each matter has one result")
		return
	}
	for i, x := range b.Matters {
		if i > 0 && b.Matters[i-1].No >= x.No {
			f.wrong(matter(x.No), "议题次序不对", "the matters are not in order")
		}
		if b.Results[i].Matter != x.No {
			f.wrong(matter(x.No), "结果与议题不对应：结果被调换", "the result is not this matter's: results were swapped")
		}
	}
	if !l.rollOK {
		return
	}
	if b.Meeting.Secret && len(b.Groups) != len(b.Matters) || !b.Meeting.Secret && len(b.Groups) > 0 {
		g.wrong("groups", "分组数字缺失或多余", "groups are missing, or here without need")
		return
	}
	if b.opened() {
		results, err := Count(b.Meeting, b.Matters, l.roll, b.Effective(l.roll))
		if err != nil {
			f.wrong("matters", "无法重新计票："+err.Error(), "cannot be counted again: "+err.Error())
			return
		}
		effective := b.Effective(l.roll)
		for i, res := range results {
			x, said := b.Matters[i], b.Results[i]
			f.N++
			if said.Figures == nil || !equal(plain(res), said.Figures) {
				f.wrong(matter(x.No), "重新计票的数字不同："+differ(res, said.Figures, true), "counted again, the figures differ: "+differ(res, said.Figures, false))
			}
			if res.Passed != said.Passed {
				f.wrong(matter(x.No), "是否通过与重新计票不同", "whether it passed is not what the count says")
			}
			d.N++
			steps(d, x.No, res.Steps, said.Derivation)
			if b.Meeting.Secret {
				g.N++
				if sums := ballot.Publish(b.Meeting.Votes(x, l.roll, ballot.ChoicesOf(effective, x.No)), b.Meeting.GroupMin); b.Groups[i].Matter != x.No || !equal(sums, b.Groups[i].Sums) {
					g.wrong(matter(x.No), "公布的分组数字不是真实票的数字", "the published groups are not those of the ballots")
				}
			}
		}
		return
	}
	var in int64
	for _, x := range b.Ballots {
		if x.Counted {
			in++
		}
	}
	for i, x := range b.Matters {
		g.N++
		d.N++
		if b.Results[i].Figures != nil {
			f.wrong(matter(x.No), "无记名表决的公开包里不应有准确面积", "the public file of a secret vote holds no exact areas")
		}
		if b.Groups[i].Matter != x.No {
			g.wrong(matter(x.No), "分组与议题不对应", "the groups are not this matter's")
			continue
		}
		b.sums(g, d, x, b.Groups[i].Sums, b.Results[i], l.roll, in)
	}
}

func matter(no int) string { return "matter " + strconv.Itoa(no) }

func steps(d *Found, no int, is, said []tally.Step) {
	if len(is) != len(said) {
		d.wrong(matter(no), "推导步骤数不同", "the derivation has another number of steps")
		return
	}
	for i := range is {
		if is[i] != said[i] {
			d.wrong(fmt.Sprintf("matter %d step %d (%s)", no, i+1, is[i].Rule), "推导这一步不同", "this step of the derivation differs")
		}
	}
}

func equal(a, b any) bool {
	x, err := tree.Canonical(a)
	if err != nil {
		return false
	}
	y, err := tree.Canonical(b)
	return err == nil && bytes.Equal(x, y)
}

// differ names the first figure that is another.
func differ(is tally.Result, said *tally.Result, zh bool) string {
	if said == nil {
		if zh {
			return "没有数字"
		}
		return "there are none"
	}
	for _, c := range []struct {
		zh, en  string
		is, was tally.Count
	}{
		{"总数", "total", is.Total, said.Total}, {"参与", "took part", is.Part, said.Part}, {"同意", "agree", is.Agree, said.Agree},
		{"不同意", "against", is.Against, said.Against}, {"弃权", "abstain", is.Abstain, said.Abstain}, {"无效", "invalid", is.Invalid, said.Invalid},
		{"未返回", "not returned", is.Unreturned, said.Unreturned},
	} {
		if c.is == c.was {
			continue
		}
		if zh {
			return fmt.Sprintf("%s应为 %d 人 %s 平方米，文件写 %d 人 %s 平方米", c.zh, c.is.Heads, c.is.Area, c.was.Heads, c.was.Area)
		}
		return fmt.Sprintf("%s is %d heads %s m², the file says %d heads %s m²", c.en, c.is.Heads, c.is.Area, c.was.Heads, c.was.Area)
	}
	if zh {
		return "结论不同"
	}
	return "the conclusion"
}

// sums checks what a secret vote publishes of a matter against itself, the roll and the number of ballots.
func (b *Bundle) sums(g, d *Found, x Matter, s ballot.Sums, said Result, r roll.Roll, ballots int64) {
	votes := b.Meeting.Votes(x, r, nil)
	none := ballot.Publish(votes, b.Meeting.GroupMin)
	bad := func(zh, en string) { g.wrong(matter(x.No), zh, en) }
	if s.Min != none.Min || s.Total != none.Total || s.TotalArea != none.TotalArea {
		bad("总人数或总面积与名册不符", "heads or area of all are not the roll's")
	}
	if s.Part < 0 || s.Part > s.Total || s.Part > ballots || s.PartPercent < 0 || s.PartPercent > 100 {
		bad("参与人数多于计入的票或总数", "more took part than ballots count, or than there are rights")
	}
	if s.Shape == ballot.Held {
		if len(s.Groups) > 0 || s.Agree != nil || !equal(s.All, ballot.Cell{Groups: s.All.Groups, Total: s.Total, Part: s.Part}) {
			bad("不应有分组数字", "there should be no groups")
		}
	} else if s.Shape != ballot.Split && s.Shape != ballot.Joined {
		bad("不认识的公布方式", "not a manner of publishing that is known")
	} else {
		total := map[string]int64{} // rights by building, from the roll
		for _, v := range votes {
			total[v.Group]++
		}
		sum := ballot.Cell{Groups: []string{}}
		for _, c := range s.Groups {
			var in int64
			for _, name := range c.Groups {
				in += total[name]
				delete(total, name) // each building once
			}
			if c.Total != in {
				bad("一组的总人数与名册不符", "a group's heads are not the roll's")
			}
			if c.Agree < s.Min || c.Rest < s.Min || 0 < c.Against && c.Against < s.Min || 0 < c.Abstain && c.Abstain < s.Min {
				bad("一组的人数太少", "a figure of a group is too small")
			}
			if s.Shape == ballot.Split && c.Against+c.Abstain != c.Rest || c.Agree+c.Rest != c.Part || c.Part > c.Total {
				bad("一组的数字加不起来", "the figures of a group do not add up")
			}
			sum.Groups = append(sum.Groups, c.Groups...)
			sum.Total += c.Total
			sum.Part += c.Part
			sum.Agree += c.Agree
			sum.Against += c.Against
			sum.Abstain += c.Abstain
			sum.Rest += c.Rest
		}
		if !equal(sum, s.All) || sum.Total != s.Total || sum.Part != s.Part {
			bad("各组相加不等于合计", "the groups do not add up to the whole")
		}
		if len(total) > 0 {
			bad("有楼栋不在任何一组", "a building is in no group")
		}
	}
	// What the law's comparisons say of heads can be computed again; of areas the scrutineers' file says more.
	synth := map[int]tally.Choice{}
	if s.Shape != ballot.Held {
		n := [3]int64{s.All.Agree, s.Part - s.All.Agree, 0}
		for _, v := range votes {
			switch {
			case n[0] > 0:
				synth[v.Right], n[0] = tally.Agree, n[0]-1
			case n[1] > 0:
				synth[v.Right], n[1] = tally.Against, n[1]-1
			}
		}
	} else {
		n := s.Part
		for _, v := range votes {
			if n > 0 {
				synth[v.Right], n = tally.Against, n-1
			}
		}
	}
	p := b.Meeting.Params(x, r)
	p.Touched = nil
	res, err := tally.Decide(p, x.Electorate(r), synth)
	if err != nil {
		bad("无法核对", "cannot be checked")
		return
	}
	is := s.Steps(res)
	if len(is) != len(said.Derivation) {
		d.wrong(matter(x.No), "推导步骤数不同", "the derivation has another number of steps")
		return
	}
	seen := map[string]int{}
	passed := true
	for i, step := range is {
		was := said.Derivation[i]
		byArea := seen[step.Rule] == 1
		seen[step.Rule]++
		passed = passed && was.Holds
		if byArea || s.Shape == ballot.Held && step.Rule != "R01" {
			step.Holds = was.Holds // not to be known from this file
		}
		if byArea && step.Rule == "R01" && (s.PartPercent > 66 && !was.Holds || s.PartPercent < 66 && was.Holds) {
			d.wrong(fmt.Sprintf("matter %d step %d (R01)", x.No, i+1), "三分之二的结论与百分比不符", "whether two thirds are met is not what the percentage says")
		}
		if step != was {
			d.wrong(fmt.Sprintf("matter %d step %d (%s)", x.No, i+1, step.Rule), "推导这一步不同", "this step of the derivation differs")
		}
	}
	if passed != said.Passed && len(x.Touched) == 0 {
		d.wrong(matter(x.No), "是否通过与推导不符", "whether it passed does not follow from the derivation")
	}
}

func (l *look) core() {
	f := l.by["core_hash"]
	if l.result == nil {
		return
	}
	f.N = 1
	is, err := l.b.Core()
	if err != nil || l.seal.Bundle[l.b.Kind] != is {
		f.wrong(l.result.Kind, "内容与公布结果时的散列不一致：文件里有内容被改动", "the content is not that of the hash published with the result: something in the file was changed")
	}
}

// words says what this file proves, and what it cannot.
func (l *look) words(known Known) {
	r := l.report
	say := func(list *[]Words, zh, en string) { *list = append(*list, Words{zh, en}) }
	if r.OK {
		say(&r.Proved, "文件里的名册、票和结果，自公布结果时起没有改动过。", "Roll, ballots and result in this file have not changed since the result was posted.")
		say(&r.Proved, fmt.Sprintf("%d 张票的承诺值都在日志 %s 里，与公布的汇总一致，没有增减。", r.Ballots, r.Origin), fmt.Sprintf("The commitments of %d ballots are all in the log %s, as many and the same as were published.", r.Ballots, r.Origin))
		if l.b.opened() {
			say(&r.Proved, "每张票的内容与承诺值一致；按法律重新计票，数字与推导相同。", "Each ballot's content is what was committed to; counted again by the law, figures and derivation are the same.")
		} else {
			say(&r.Proved, "公布的分组人数相加一致，并与名册和票数相符。", "The published heads by groups add up and agree with the roll and the number of ballots.")
		}
		if proved, not, any := l.signedWords(); any {
			r.Proved, r.Not = append(r.Proved, proved), append(r.Not, not)
		}
		if n := len(l.point.Cosigned); n > 0 {
			say(&r.Proved, fmt.Sprintf("%d 位见证人见过这个检查点。", n), fmt.Sprintf("%d witnesses have seen this checkpoint.", n))
		}
	}
	if l.b.Meeting.Secret && l.b.Kind == Public {
		say(&r.Not, "这是无记名表决：本文件不含每张票的内容，准确面积和每个人的选择只有监票人的文件能核对。", "The vote is secret: this file does not hold what each ballot says; exact areas and choices are checked by the scrutineers' file alone.")
	}
	if len(known) == 0 {
		say(&r.Not, "公钥取自文件本身：请把它与公告栏上的日志公钥核对（--key）。", "The key is the file's own: compare it with the log's key on the notice board (--key).")
	}
	if len(l.point.Cosigned) == 0 {
		say(&r.Not, "没有见证人的签名：日志是否给不同的人看不同的内容，本文件不能证明。", "There is no witness's signature: that the log shows everybody the same is not proved by this file.")
	}
	say(&r.Not, "名册是否符合不动产登记、投票的人是否本人，不能由文件证明；名册由公示和异议核对，身份由验证码、签名和监票人核对。", "That the roll is the land register's and that each voter was who they said is not proved by a file: objections check the roll; codes, signatures and scrutineers the persons.")
	say(&r.Not, "检查点之后是否有撤销等新记录，要看最新的日志。", "Whether something was recorded after this checkpoint, such as an annulment, is seen in the newest log.")
}
