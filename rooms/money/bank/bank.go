// Package bank reads what banks and wallets write about an account: statements as tables (Excel or separated text) and
// SWIFT MT940. What a file is, its content says, not its name. Every line of it becomes a Line, or is named with its row
// and column and why it could not be read; the sums and balances that the file states are checked against its lines.
//
// # Words
//
//   - statement 对账单; line 流水; counterparty 对方; reference 交易单号; balance 余额.
//   - between 不计收支: moved within the wallet, or a line whose file does not say which way it went.
//   - void 未成交: a trade that was closed and moved nothing.
//   - fingerprint 指纹: the same for the same line in another export of the account.
//
// # Never
//
//   - A line dropped in silence, or its direction guessed.
package bank

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/yuan"
)

// Side says which way money went.
type Side string

// Sides. A between or void line counts in no sum.
const (
	In      Side = "in"
	Out     Side = "out"
	Between Side = "between"
	Void    Side = "void"
)

// Kind is what sort of line the words of the bank say it is.
type Kind string

// Kinds.
const (
	Plain    Kind = ""
	Fee      Kind = "fee"      // 手续费
	Interest Kind = "interest" // 利息
	Refund   Kind = "refund"   // 退款
)

// Line is one movement of an account. Amount is above zero for what came in, below for what went out; of a between or
// void line it is the sum without a sign.
type Line struct {
	Row         int          `json:"row" doc:"row of the file, or its line"`
	Day         day.Day      `json:"day"`
	Time        string       `json:"time" doc:"15:04:05, or empty"`
	Amount      yuan.Amount  `json:"amount"`
	Currency    string       `json:"currency"`
	Side        Side         `json:"side" enum:"in,out,between,void"`
	Balance     *yuan.Amount `json:"balance,omitempty"`
	Party       string       `json:"party"`
	Tail        string       `json:"tail" doc:"last four signs of the other account"`
	Text        string       `json:"text"`
	Ref         string       `json:"ref" doc:"the bank's or the wallet's own number"`
	Order       string       `json:"order" doc:"our number, where the file has one"`
	Kind        Kind         `json:"kind"`
	Fingerprint string       `json:"fingerprint"`

	said string      // the side as the file's own sums take it
	back yuan.Amount // of it given back later, as the same row says
}

// Trouble is a cell that could not be read. It names the place and the reason, never what stands there.
type Trouble struct {
	Row    int    `json:"row"`
	Column int    `json:"column" doc:"from 1; 0 where the whole row is meant"`
	Head   string `json:"head" doc:"the column's heading"`
	Code   string `json:"code"`
	Zh     string `json:"zh"`
	En     string `json:"en"`
	Lost   bool   `json:"lost" doc:"the line is left out because of it"`
}

// Check is a sum or a balance that the file states.
type Check struct {
	Name   string      `json:"name"`
	Row    int         `json:"row"`
	Stated yuan.Amount `json:"stated"`
	Found  yuan.Amount `json:"found"`
	Holds  bool        `json:"holds"`
	Count  bool        `json:"count" doc:"stated and found count lines, not fen"`
}

// File is what was read.
type File struct {
	Format   string       `json:"format"`
	Zh       string       `json:"zh"`
	En       string       `json:"en"`
	Card     bool         `json:"card" doc:"a credit card"`
	Tail     string       `json:"tail" doc:"last four signs of the account itself, where the file says"`
	Lines    []Line       `json:"lines" doc:"by time where the file is in order of time, either way"`
	Troubles []Trouble    `json:"troubles"`
	Checks   []Check      `json:"checks"`
	Opening  *yuan.Amount `json:"opening,omitempty"`
	Closing  *yuan.Amount `json:"closing,omitempty" doc:"the balance after the last line"`
	First    day.Day      `json:"first,omitzero"`
	Last     day.Day      `json:"last,omitzero"`
}

// Paper is a file taken apart: its tables, or its text.
type Paper struct {
	Tables [][][]string // sheets of rows of cells, row 1 first
	Text   string
}

// Refusals.
var (
	ErrUnknown = fault.New(fault.Invalid, "bank.unknown", "没有认出这是哪家银行或钱包的流水。请导出原始的 Excel、CSV 或 MT940 文件，不要改动表头", "this is no statement of a bank or wallet that is known here; please export the original Excel, CSV or MT940 file and leave its headings as they are")
	ErrTooMany = fault.New(fault.TooLarge, "bank.too_many", "流水行数过多，请分段导出", "the statement has too many lines; please export it in parts")
)

// maxRows is how many rows a statement may have.
const maxRows = 200_000

// Read recognises a statement and reads it.
func Read(p Paper) (File, error) {
	var f File
	found := false
	tables := p.Tables
	if len(tables) == 0 {
		if isMT940(p.Text) {
			return readMT940(p.Text)
		}
		t, err := split(p.Text)
		if err != nil {
			return f, err
		}
		tables = [][][]string{t}
	}
	rows := 0
	for _, t := range tables {
		if rows += len(t); rows > maxRows {
			return f, ErrTooMany
		}
		g, ok := readTable(t)
		if !ok {
			continue
		}
		if !found {
			f, found = g, true
			continue
		}
		if g.Format == f.Format {
			f.join(g)
		}
	}
	if !found {
		return f, ErrUnknown
	}
	f.span()
	return f, nil
}

// join adds what another sheet has and this one has not.
func (f *File) join(g File) {
	seen := map[string]bool{}
	for _, l := range f.Lines {
		seen[l.Fingerprint] = true
	}
	for _, l := range g.Lines {
		if !seen[l.Fingerprint] {
			f.Lines = append(f.Lines, l)
		}
	}
	f.Troubles, f.Checks = append(f.Troubles, g.Troubles...), append(f.Checks, g.Checks...)
}

func (f *File) span() {
	for _, l := range f.Lines {
		if f.First.IsZero() || l.Day < f.First {
			f.First = l.Day
		}
		if l.Day > f.Last {
			f.Last = l.Day
		}
	}
}

// Sum is what came in and what went out in yuan, both without a sign.
func (f File) Sum() (in, out yuan.Amount) {
	for _, l := range f.Lines {
		switch {
		case l.Currency != "CNY":
		case l.Side == In:
			in += l.Amount
		case l.Side == Out:
			out -= l.Amount
		}
	}
	return in, out
}

// mark gives every line its fingerprint: what the line says, and the how manieth it is of those that say the same, so
// that two alike payments of a day stay two and the same export twice stays one.
func mark(lines []Line) {
	seen := map[string]int{}
	for i := range lines {
		l := &lines[i]
		bal := ""
		if l.Balance != nil {
			bal = l.Balance.String()
		}
		said := strings.Join([]string{l.Day.String(), l.Time, l.Amount.String(), l.Currency, string(l.Side), bal, squeeze(l.Party), squeeze(l.Text), l.Ref, l.Order}, "\x1f")
		seen[said]++
		sum := sha256.Sum256([]byte(said + "\x1f" + strconv.Itoa(seen[said])))
		l.Fingerprint = hex.EncodeToString(sum[:16])
	}
}

// squeeze leaves out blanks, which exports set as they like.
func squeeze(s string) string { return strings.Join(strings.Fields(s), "") }

// tail is the last four signs of an account number, "" of anything else.
func tail(s string) string {
	var kept []rune
	for _, r := range s {
		if r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || r == '*' {
			kept = append(kept, r)
		}
	}
	if len(kept) < 4 {
		return ""
	}
	kept = kept[len(kept)-4:]
	for _, r := range kept {
		if r == '*' || r == 'x' || r == 'X' {
			return ""
		}
	}
	return string(kept)
}

// kindOf takes the sort of a line from its words.
func kindOf(words ...string) Kind {
	all := strings.Join(words, " ")
	has := func(list ...string) bool {
		for _, w := range list {
			if strings.Contains(all, w) {
				return true
			}
		}
		return false
	}
	switch {
	case has("退款", "退货", "冲正"):
		return Refund
	case has("手续费", "服务费¥", "工本费", "账户管理费", "年费", "汇款费", "电子汇划费"):
		return Fee
	case has("结息", "存款利息", "利息"):
		return Interest
	}
	return Plain
}
