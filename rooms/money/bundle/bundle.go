// Package bundle is the file by which anybody computes a company's pay by quality again, to the fen: the formula with its
// version, the frozen inputs with where they come from, the base, and what follows from them.
//
// Each part of the file has a hash of its own, so that what was changed is named; the hash over all stands in the public
// log of the house (record money.quality).
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
}

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
	f.Hash = ""
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
}

func wrong(f *vote.Found, where, zh, en string) {
	f.Wrong++
	f.Faults = append(f.Faults, vote.Fault{Where: where, Zh: zh, En: en})
}

// Check computes a file again and names everything that does not agree.
func Check(file []byte) Report {
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
		}{{"pay.score", f.Pay.Score, pay.Score}, {"pay.coef", f.Pay.Coef, pay.Coef}, {"pay.earned", f.Pay.Earned, pay.Earned}, {"pay.held", f.Pay.Held, pay.Held}, {"pay.now", f.Pay.Now, pay.Now}, {"pay.breach", f.Pay.Breach, pay.Breach}, {"pay.steps", f.Pay.Steps, pay.Steps}} {
			if !reflect.DeepEqual(x.has, x.want) {
				wrong(r.Of("amount"), x.where, "与重新计算的结果不同", "it differs from what is computed again")
			}
		}
	}
	whole := f
	whole.Hash = ""
	if h, err := sum(whole); err != nil || h != f.Hash {
		wrong(r.Of("hash"), "hash", "全文散列不符：文件被改动", "the hash over all does not agree: the file was changed")
	}
	r.OK = true
	for i := range r.Checks {
		r.Checks[i].OK = r.Checks[i].Wrong == 0
		r.OK = r.OK && r.Checks[i].OK
	}
	if r.OK {
		r.Proved = append(r.Proved, vote.Words{Zh: "按所列指标和公式，得分 " + f.Pay.Shown + "，本期酬金 " + f.Pay.Earned.String() + " 元，其中暂扣 " + f.Pay.Held.String() + " 元。",
			En: "By these inputs and this formula the score is " + f.Pay.Shown + " and the pay of the period " + f.Pay.Earned.String() + " yuan, " + f.Pay.Held.String() + " of it held back."})
		r.Not = append(r.Not, vote.Words{Zh: "散列 " + f.Hash + " 是否就是公开日志中 money.quality 记录的那一个，请在公示板上比对。", En: "Whether " + f.Hash + " is the hash of the record money.quality in the public log: compare it on the board."},
			vote.Words{Zh: "指标本身是否属实，见其来源清单和签名材料。", En: "Whether the inputs are true: see the lists and signed sheets behind them."})
	}
	return r
}
