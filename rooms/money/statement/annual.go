package statement

import (
	"bytes"
	"crypto/sha256"
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

// AnnualFormat names the file of a compound's yearly accounts under remuneration (R30).
const AnnualFormat = "cuobian.accounts.1"

// Kinds of public records of yearly accounts.
const (
	RecordAccountsDue = "money.accounts_due"
	RecordAccounts    = "money.accounts"
)

// Annual is a year's accounts as filed: plan and actual by account, no names.
type Annual struct {
	Compound  string       `json:"compound"`
	Name      string       `json:"name"`
	Year      int          `json:"year"`
	Version   int          `json:"version"`
	Prev      string       `json:"prev,omitempty" doc:"hash of the version before"`
	Why       string       `json:"why,omitempty" doc:"why a version replaced it"`
	Decision  string       `json:"decision,omitempty" doc:"by which the budget was passed; empty: there was none"`
	Lines     []AnnualLine `json:"lines"`
	Planned   yuan.Amount  `json:"planned"`
	Actual    yuan.Amount  `json:"actual"`
	Collected yuan.Amount  `json:"collected" doc:"pre-collected in the year: the owners' money, held for them"`
	Held      yuan.Amount  `json:"held" doc:"remuneration held back at the end of the year, until the star result"`
	Owners    yuan.Amount  `json:"owners" doc:"on the account at the end of the year: the owners'"`
	Demo      bool         `json:"demo,omitempty"`
}

// AnnualLine is a line of them.
type AnnualLine struct {
	Account string      `json:"account"`
	Zh      string      `json:"zh"`
	En      string      `json:"en"`
	Planned yuan.Amount `json:"planned"`
	Actual  yuan.Amount `json:"actual"`
	Agreed  string      `json:"agreed,omitempty" doc:"the decision on more than planned"`
	Needs   bool        `json:"needs,omitempty" doc:"more than planned, and nobody decided on it"`
}

// Text is the exact bytes under the hash.
func (a Annual) Text() ([]byte, error) { return tree.Canonical(a) }

// Hash is SHA-256 of Text, in hex; "" where it cannot be written.
func (a Annual) Hash() string {
	text, err := a.Text()
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// Sums adds the lines up: planned and actual.
func (a Annual) Sums() (planned, actual yuan.Amount, err error) {
	for _, l := range a.Lines {
		if planned, err = yuan.Sum(planned, l.Planned); err != nil {
			return 0, 0, err
		}
		if actual, err = yuan.Sum(actual, l.Actual); err != nil {
			return 0, 0, err
		}
	}
	return planned, actual, nil
}

// AnnualDue is the body of the record that a year's accounts are due. N counts those of one compound from 1.
type AnnualDue struct {
	Compound string      `json:"compound"`
	Year     int         `json:"year"`
	N        int64       `json:"n"`
	Due      day.Instant `json:"due"`
}

// AnnualFiled is the body of the record that they were filed.
type AnnualFiled struct {
	Compound  string      `json:"compound"`
	Year      int         `json:"year"`
	Version   int         `json:"version"`
	Hash      string      `json:"hash"`
	Prev      string      `json:"prev"`
	Planned   yuan.Amount `json:"planned"`
	Actual    yuan.Amount `json:"actual"`
	Collected yuan.Amount `json:"collected"`
	Owners    yuan.Amount `json:"owners"`
}

// AnnualFile is all versions of all years of a compound, with the records about them.
type AnnualFile struct {
	Format   string   `json:"format"`
	Compound string   `json:"compound"`
	Name     string   `json:"name"`
	Accounts []Annual `json:"accounts"`
	Proof
}

// AnnualRef is what the records of a compound's yearly accounts are about.
func AnnualRef(compound string) string { return "accounts/" + compound }

// Write is the file's bytes: the same for the same content.
func (f AnnualFile) Write() ([]byte, error) {
	text, err := tree.Canonical(f)
	if err != nil {
		return nil, err
	}
	return append(text, '\n'), nil
}

var annualChecks = [][3]string{
	{"form", "文件格式规范", "the file has its one form"},
	{"checkpoint_signature", "日志检查点的签名", "the signature of the log's checkpoint"},
	{"in_log", "公开记录都在日志里，每份决算都有记录", "the public records are in the log, and each year's accounts have one"},
	{"accounts_hash", "每份决算与公布的散列一致", "the accounts are those whose hash was published"},
	{"accounts_sums", "各行与合计、合计与公布的数一致", "lines add up, to what was published"},
	{"changed", "更正须另立版本并指明旧版", "a correction is a new version that names the old one"},
	{"late", "按期公布", "filed by the deadline"},
	{"vanished", "应公布的一份不少", "none of those that were due is missing"},
}

// CheckAnnual looks at a file of yearly accounts and names everything that is wrong with it. Statements counts the versions.
func CheckAnnual(file []byte, known bundle.Known) Report {
	r := Report{Proved: []bundle.Words{}, Not: []bundle.Words{}}
	by := map[string]*bundle.Found{}
	r.Checks = make([]bundle.Found, len(annualChecks))
	for i, c := range annualChecks {
		r.Checks[i] = bundle.Found{Name: c[0], Zh: c[1], En: c[2], Faults: []bundle.Fault{}}
		by[c[0]] = &r.Checks[i]
	}
	var f AnnualFile
	var o tree.Opened
	by["form"].N = 1
	if err := read(file, &f); err != nil || f.Format != AnnualFormat {
		wrong(by["form"], "", "文件不完整、被改动，或不是 "+AnnualFormat+" 格式", "the file is incomplete, was changed, or is not of the form "+AnnualFormat)
	} else {
		if again, err := f.Write(); err != nil || !bytes.Equal(again, file) {
			at := 0
			for at < len(again) && at < len(file) && again[at] == file[at] {
				at++
			}
			wrong(by["form"], "byte "+strconv.Itoa(at), "文件不是规范写法：有一处被改动", "the file is not in its one form: it was changed here")
		}
		r.Compound, r.Name, r.AsOf, r.Origin, r.Statements = f.Compound, f.Name, f.AsOf, f.Log.Origin, int64(len(f.Accounts))
		var ok bool
		if o, ok = f.Signed(by["checkpoint_signature"], known); ok {
			r.Size = o.Size
		}
		f.InLog(by["in_log"], o, ok, AnnualRef(f.Compound))
		f.look(by, &r)
	}
	r.OK = true
	for i := range r.Checks {
		r.Checks[i].OK = r.Checks[i].Wrong == 0
		r.OK = r.OK && r.Checks[i].OK
	}
	say := func(list *[]bundle.Words, zh, en string) { *list = append(*list, bundle.Words{Zh: zh, En: en}) }
	if r.OK {
		say(&r.Proved, fmt.Sprintf("%d 份年度决算自公布以来没有改动，各行合计相符；到期应公布的 %d 个年度都按期公布了。", r.Statements, r.Due), fmt.Sprintf("%d yearly accounts have not changed since they were filed, and their lines add up; those of all %d years that were due were filed in time.", r.Statements, r.Due))
	}
	if len(known) == 0 {
		say(&r.Not, "公钥取自文件本身：请把它与公告栏上的日志公钥核对（--key）。", "The key is the file's own: compare it with the log's key on the notice board (--key).")
	}
	if len(o.Cosigned) == 0 {
		say(&r.Not, "没有见证人的签名：日志是否给不同的人看不同的内容，本文件不能证明。", "There is no witness's signature: that the log shows everybody the same is not proved by this file.")
	}
	say(&r.Not, "每笔支出是否真实发生，要看凭证和银行流水；最近一个年度是否也应公布，看合同是否按酬金制计酬。", "Whether each cost was real is for vouchers and the bank's lines to show; whether the last year's were due too depends on the contract's kind of pay.")
	return r
}

type annualPosting struct {
	AnnualFiled
	at   day.Instant
	text *Annual
}

func annualName(year, version int) string { return name("year", strconv.Itoa(year), version) }

// look reads the records and holds the accounts against them.
func (f *AnnualFile) look(by map[string]*bundle.Found, r *Report) {
	in, h, sums, changed, late, gone := by["in_log"], by["accounts_hash"], by["accounts_sums"], by["changed"], by["late"], by["vanished"]
	texts := map[string]*Annual{}
	for i := range f.Accounts {
		texts[f.Accounts[i].Hash()] = &f.Accounts[i]
	}
	var dues []AnnualDue
	var filed []annualPosting
	used := map[string]bool{}
	for i, x := range f.Records {
		where := fmt.Sprintf("records[%d] %s", i, x.Kind)
		switch x.Kind {
		case RecordAccountsDue:
			var d AnnualDue
			if json.Unmarshal(x.Body, &d) != nil || d.Compound != f.Compound {
				wrong(in, where, "不是本小区的记录", "is no record of this compound")
				continue
			}
			dues = append(dues, d)
		case RecordAccounts:
			p := annualPosting{at: x.At}
			if json.Unmarshal(x.Body, &p.AnnualFiled) != nil || p.Compound != f.Compound {
				wrong(in, where, "不是本小区的记录", "is no record of this compound")
				continue
			}
			p.text = texts[p.Hash]
			used[p.Hash] = true
			h.N++
			if a := p.text; a != nil {
				if a.Compound != p.Compound || a.Year != p.Year || a.Version != p.Version || a.Prev != p.Prev {
					wrong(h, annualName(p.Year, p.Version), "决算与记录说的不是同一份", "the accounts and their record speak of different ones")
				}
				if a.Planned != p.Planned || a.Actual != p.Actual || a.Collected != p.Collected || a.Owners != p.Owners {
					wrong(sums, annualName(p.Year, p.Version), "合计与公开记录不符", "the sums are not those of the public record")
				}
			}
			filed = append(filed, p)
		default:
			wrong(in, where, "不属于这份文件的记录", "a record that does not belong here")
		}
	}
	for i := range f.Accounts {
		a := &f.Accounts[i]
		where := annualName(a.Year, a.Version)
		sums.N++
		if planned, actual, err := a.Sums(); err != nil || planned != a.Planned || actual != a.Actual {
			wrong(sums, where, "合计与各行不符", "the sums are not those of the lines")
		}
		if used[a.Hash()] {
			continue
		}
		if slices.ContainsFunc(filed, func(p annualPosting) bool { return p.Year == a.Year && p.Version == a.Version }) {
			wrong(h, where, "内容与公布时的散列不一致：有内容被改动", "the content is not that of the published hash: something in it was changed")
		} else {
			wrong(in, where, "日志里没有这份决算的公布记录", "the record of its filing is missing")
		}
	}
	if n := len(f.Accounts); n > 0 && f.Accounts[n-1].Name != f.Name {
		wrong(h, "name", "小区名称与最近一份决算不符", "the compound's name is not that of the last accounts")
	}
	latest := map[int]annualPosting{}
	for _, p := range filed {
		where := annualName(p.Year, p.Version)
		changed.N++
		if before, has := latest[p.Year]; !has && (p.Version != 1 || p.Prev != "") {
			wrong(changed, where, "旧版本不在文件里", "the version before is not in the file")
		} else if has && (p.Version != before.Version+1 || p.Prev != before.Hash || p.text != nil && p.text.Why == "") {
			wrong(changed, where, "同一年度另有一份，却没有指明更正哪一版、为什么", "there is another of the same year, and this one does not say which it corrects, and why")
		}
		latest[p.Year] = p
		if p.text == nil {
			wrong(gone, where, "日志说公布过，文件里却没有这份决算", "the log says that it was filed, yet the file does not hold it")
		}
		if !slices.ContainsFunc(dues, func(d AnnualDue) bool { return d.Year == p.Year }) {
			wrong(gone, where, "少了它的应公布记录", "the record that it was due is missing")
		}
	}
	for i, d := range dues {
		where := annualName(d.Year, 1)
		gone.N++
		if d.N != int64(i+1) {
			wrong(gone, where, "之前少了应公布记录", "a record of what was due before is missing")
		}
		if d.Due < f.AsOf {
			r.Due++
		}
		k := slices.IndexFunc(filed, func(p annualPosting) bool { return p.Year == d.Year })
		if k < 0 {
			if d.Due < f.AsOf {
				wrong(gone, where, "已到期，没有公布", "was due and is not filed")
			}
			continue
		}
		late.N++
		if at := filed[k].at; at > d.Due {
			wrong(late, where, fmt.Sprintf("%s 公布，期限是 %s", at.Day(day.Shanghai), d.Due.Add(-1).Day(day.Shanghai)), fmt.Sprintf("filed on %s, due on %s", at.Day(day.Shanghai), d.Due.Add(-1).Day(day.Shanghai)))
		}
	}
}
