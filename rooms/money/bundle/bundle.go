// Package bundle is the file by which anybody computes a company's pay by quality again, to the fen: the formula with its
// version, the frozen inputs with where they come from, the base, and what follows from them.
//
// Each part of the file has a hash of its own, so that what was changed is named; the hash over all but the proof stands in the
// public log of the house (record money.quality), and the proof shows all such records of the period in their place there.
//
// # Words
//
//   - input 指标, formula 公式, base 酬金基数, amount 应付; version 版次: a corrected input makes a new one that names the old.
package bundle

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"reflect"
	"slices"
	"strconv"

	"cuobian/basis/day"
	basis "cuobian/basis/share"
	"cuobian/basis/yuan"
	"cuobian/platform/audit/tree"
	vote "cuobian/rooms/assembly/bundle"
	"cuobian/rooms/money/share"
	"cuobian/rooms/money/statement"
)

// Format names the file.
const Format = "cuobian.pay.1"

// Part is the hash of one part.
type Part struct {
	Name string `json:"name"`
	Hash string `json:"hash"`
}

// Base is what the remuneration is a rate of, or the fixed sum (R30).
type Base struct {
	Collected yuan.Amount  `json:"collected"` // pre-collected in the period
	Rate      *basis.Share `json:"rate,omitempty"`
	Fixed     yuan.Amount  `json:"fixed,omitempty"`
	Amount    yuan.Amount  `json:"amount"`
}

// File is one version of a period's pay.
type File struct {
	Format   string        `json:"format"`
	Compound string        `json:"compound"`
	Name     string        `json:"name"`
	Quality  string        `json:"quality"`
	Contract string        `json:"contract"`
	Company  string        `json:"company"`
	From     day.Day       `json:"from"`
	To       day.Day       `json:"to"`
	Version  int           `json:"version"`
	Prev     string        `json:"prev"` // hash of the version that this one takes the place of
	Why      string        `json:"why"`
	Base     Base          `json:"base"`
	Formula  share.Formula `json:"formula"`
	Inputs   []share.Input `json:"inputs"`
	Pay      share.Pay     `json:"pay"`
	Frozen   day.Instant   `json:"frozen"`
	Demo     bool          `json:"demo,omitempty"`
	Parts    []Part        `json:"parts"`
	Hash     string        `json:"hash"`

	Proof *statement.Proof `json:"proof,omitempty"` // not under the hash
}

// RecordQuality is the kind of the public record of a frozen version.
const RecordQuality = "money.quality"

// Published is its body.
type Published struct {
	Compound string      `json:"compound"`
	Quality  string      `json:"quality"`
	From     day.Day     `json:"from"`
	To       day.Day     `json:"to"`
	Version  int         `json:"version"`
	Hash     string      `json:"hash"`
	Prev     string      `json:"prev"`
	Score    string      `json:"score"`
	Earned   yuan.Amount `json:"earned"`
	Held     yuan.Amount `json:"held"`
}

// Ref is what the records of a period are about.
func Ref(quality string) string { return "quality/" + quality }

func sum(v any) (string, error) {
	text, err := tree.Canonical(v)
	if err != nil {
		return "", err
	}
	h := sha256.Sum256(text)
	return hex.EncodeToString(h[:]), nil
}

// pieces are the parts in their order.
func (f File) pieces() (names []string, values []any) {
	add := func(name string, v any) { names, values = append(names, name), append(values, v) }
	add("base", f.Base)
	add("formula.version", f.Formula.Version)
	for _, w := range f.Formula.Weights {
		add("formula.weights."+w.Input, w)
	}
	for i, b := range f.Formula.Bands {
		add("formula.bands["+strconv.Itoa(i)+"]", b)
	}
	add("formula.hold_back", f.Formula.HoldBack)
	for _, in := range f.Inputs {
		add("inputs."+in.Input, in)
	}
	add("pay", f.Pay)
	return names, values
}

// count is what the parts give: base and pay.
func (f File) count() (base yuan.Amount, pay share.Pay, err error) {
	base = f.Base.Fixed
	if f.Base.Rate != nil {
		if base, _, err = share.Base(f.Base.Collected, *f.Base.Rate); err != nil {
			return 0, pay, err
		}
	}
	pay, err = f.Formula.Pay(base, f.Inputs)
	return base, pay, err
}

// Freeze computes base and pay, and hashes every part and the whole.
func (f File) Freeze() (File, error) {
	f.Format = Format
	slices.SortFunc(f.Inputs, func(a, b share.Input) int { return bytes.Compare([]byte(a.Input), []byte(b.Input)) })
	var err error
	if f.Base.Amount, f.Pay, err = f.count(); err != nil {
		return f, err
	}
	f.Parts = nil
	names, values := f.pieces()
	for i, v := range values {
		h, err := sum(v)
		if err != nil {
			return f, err
		}
		f.Parts = append(f.Parts, Part{names[i], h})
	}
	f.Hash, f.Proof = "", nil
	f.Hash, err = sum(f)
	return f, err
}

// Write is the file's bytes: the same for the same content.
func (f File) Write() ([]byte, error) {
	text, err := tree.Canonical(f)
	if err != nil {
		return nil, err
	}
	return append(text, '\n'), nil
}

// Report is what Check found, in the words of a vote's.
type Report struct {
	OK     bool         `json:"ok"`
	Name   string       `json:"name"`
	Period string       `json:"period"`
	Score  string       `json:"score"`
	Amount yuan.Amount  `json:"amount"`
	AsOf   day.Instant  `json:"as_of"`
	Origin string       `json:"origin"`
	Size   int64        `json:"size"` // of the log at the checkpoint
	Checks []vote.Found `json:"checks"`
	Proved []vote.Words `json:"proved"`
	Not    []vote.Words `json:"not_proved"`
}

// Of finds a check by its name; nil when it was not made.
func (r *Report) Of(name string) *vote.Found {
	for i := range r.Checks {
		if r.Checks[i].Name == name {
			return &r.Checks[i]
		}
	}
	return nil
}

var checks = [][3]string{
	{"form", "文件格式规范", "the file has its one form"},
	{"parts", "指标、权重、系数、基数和结果与冻结时的散列一致", "inputs, weights, bands, base and result are those that were frozen"},
	{"base", "酬金基数算得一致", "the base is computed again"},
	{"amount", "得分、系数和金额算得一致", "score, coefficient and amounts are computed again"},
	{"hash", "全文散列一致", "the hash over all agrees"},
	{"checkpoint_signature", "日志检查点的签名", "the signature of the log's checkpoint"},
	{"in_log", "公开记录都在日志里", "the public records are in the log"},
	{"published", "散列、得分和金额就是公布的", "hash, score and amounts are those that were published"},
	{"versions", "各版次首尾相连，一版不少", "each version names the one before, and none is missing"},
}

func wrong(f *vote.Found, where, zh, en string) {
	f.Wrong++
	f.Faults = append(f.Faults, vote.Fault{Where: where, Zh: zh, En: en})
}

// Check computes a file again and names everything that does not agree. known are keys of the log that the reader trusts.
func Check(file []byte, known vote.Known) Report {
	r := Report{Proved: []vote.Words{}, Not: []vote.Words{}}
	for _, c := range checks {
		r.Checks = append(r.Checks, vote.Found{Name: c[0], Zh: c[1], En: c[2], N: 1, Faults: []vote.Fault{}})
	}
	var f File
	dec := json.NewDecoder(bytes.NewReader(file))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&f); err != nil || f.Format != Format {
		wrong(r.Of("form"), "", "文件不完整、被改动，或不是 "+Format+" 格式", "the file is incomplete, was changed, or is not of the form "+Format)
		r.Checks = r.Checks[:1]
		return r
	}
	if again, err := f.Write(); err != nil || !bytes.Equal(again, file) {
		wrong(r.Of("form"), "", "文件不是规范写法：被改动", "the file is not in its one form: it was changed")
	}
	r.Name, r.Period, r.Score, r.Amount = f.Name, f.From.String()+" – "+f.To.String(), f.Pay.Shown, f.Pay.Earned
	parts := r.Of("parts")
	names, values := f.pieces()
	parts.N = int64(len(names))
	for i, name := range names {
		h, err := sum(values[i])
		at := slices.IndexFunc(f.Parts, func(p Part) bool { return p.Name == name })
		if err != nil || at < 0 || f.Parts[at].Hash != h {
			wrong(parts, name, "与冻结时不同：被改动", "it is not as it was frozen: it was changed")
		}
	}
	for _, p := range f.Parts {
		if !slices.Contains(names, p.Name) {
			wrong(parts, p.Name, "缺失", "it is missing")
		}
	}
	base, pay, err := f.count()
	if err != nil {
		wrong(r.Of("amount"), "inputs", "算不出：指标或公式有误", "cannot be computed: an input or the formula is wrong")
	} else {
		if base != f.Base.Amount || f.Pay.Base != base {
			wrong(r.Of("base"), "base.amount", "应为 "+base.String(), "it has to be "+base.String())
		}
		for _, x := range []struct {
			where     string
			has, want any
		}{{"pay.version", f.Pay.Version, pay.Version}, {"pay.score", f.Pay.Score, pay.Score}, {"pay.shown", f.Pay.Shown, pay.Shown}, {"pay.coef", f.Pay.Coef, pay.Coef}, {"pay.earned", f.Pay.Earned, pay.Earned}, {"pay.held", f.Pay.Held, pay.Held}, {"pay.now", f.Pay.Now, pay.Now}, {"pay.breach", f.Pay.Breach, pay.Breach}, {"pay.steps", f.Pay.Steps, pay.Steps}} {
			if !reflect.DeepEqual(x.has, x.want) {
				wrong(r.Of("amount"), x.where, "与重新计算的结果不同", "it differs from what is computed again")
			}
		}
	}
	whole := f
	whole.Hash, whole.Proof = "", nil
	if h, err := sum(whole); err != nil || h != f.Hash {
		wrong(r.Of("hash"), "hash", "全文散列不符：文件被改动", "the hash over all does not agree: the file was changed")
	}
	later, cosigned := f.proved(&r, known)
	r.OK = true
	for i := range r.Checks {
		r.Checks[i].OK = r.Checks[i].Wrong == 0
		r.OK = r.OK && r.Checks[i].OK
	}
	if r.OK {
		r.Proved = append(r.Proved, vote.Words{Zh: "按所列指标和公式，得分 " + f.Pay.Shown + "，本期酬金 " + f.Pay.Earned.String() + " 元，其中暂扣 " + f.Pay.Held.String() + " 元。",
			En: "By these inputs and this formula the score is " + f.Pay.Shown + " and the pay of the period " + f.Pay.Earned.String() + " yuan, " + f.Pay.Held.String() + " of it held back."})
		if later > f.Version {
			r.Not = append(r.Not, vote.Words{Zh: "这是第 " + strconv.Itoa(f.Version) + " 版；日志里已有第 " + strconv.Itoa(later) + " 版，以新版为准。", En: "This is version " + strconv.Itoa(f.Version) + "; the log knows version " + strconv.Itoa(later) + ", which took its place."})
		}
		if len(known) == 0 {
			r.Not = append(r.Not, vote.Words{Zh: "公钥取自文件本身：请把它与公告栏上的日志公钥核对（--key）。", En: "The key is the file's own: compare it with the log's key on the notice board (--key)."})
		}
		if !cosigned {
			r.Not = append(r.Not, vote.Words{Zh: "没有见证人的签名：日志是否给不同的人看不同的内容，本文件不能证明。", En: "There is no witness's signature: that the log shows everybody the same is not proved by this file."})
		}
		r.Not = append(r.Not, vote.Words{Zh: "指标本身是否属实，见其来源清单和签名材料。", En: "Whether the inputs are true: see the lists and signed sheets behind them."})
	}
	return r
}

// proved looks at the records of the period in the log: this version is the one that was published, and no version between is
// missing. later is the newest version that the log knows.
func (f File) proved(r *Report, known vote.Known) (later int, cosigned bool) {
	in, pub, chain := r.Of("in_log"), r.Of("published"), r.Of("versions")
	if f.Proof == nil {
		wrong(in, "proof", "没有日志证明", "there is no proof of the log")
		return 0, false
	}
	in.N = 0
	o, signed := f.Proof.Signed(r.Of("checkpoint_signature"), known)
	if signed {
		r.Size = o.Size
	}
	r.AsOf, r.Origin = f.Proof.AsOf, f.Proof.Log.Origin
	f.Proof.InLog(in, o, signed, Ref(f.Quality))
	prev, seen := "", false
	for i, x := range f.Proof.Records {
		where := "proof.records[" + strconv.Itoa(i) + "]"
		var p Published
		if x.Kind != RecordQuality || json.Unmarshal(x.Body, &p) != nil || p.Quality != f.Quality || p.Compound != f.Compound {
			wrong(in, where, "不是这个考核期的记录", "is no record of this period")
			continue
		}
		if p.Version != later+1 || p.Prev != prev {
			wrong(chain, where, "没有指向上一版：中间少了或改了一版", "does not name the version before: one between was dropped or changed")
		}
		later, prev = p.Version, p.Hash
		if p.Version != f.Version {
			continue
		}
		seen = true
		if p.Hash != f.Hash {
			wrong(pub, "hash", "公布的是另一个散列", "another hash was published")
		}
		if p.Prev != f.Prev || p.From != f.From || p.To != f.To || p.Score != f.Pay.Shown || p.Earned != f.Pay.Earned || p.Held != f.Pay.Held {
			wrong(pub, where, "公布的期间、得分或金额与文件不同", "period, score or amounts are not those that were published")
		}
	}
	chain.N = int64(len(f.Proof.Records))
	if !seen {
		wrong(pub, "version", "日志里没有这一版的公布记录", "the log holds no record of this version")
	}
	return later, len(o.Cosigned) > 0
}
