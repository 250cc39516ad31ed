package statement

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"cuobian/basis/day"
	"cuobian/basis/scope"
	"cuobian/basis/yuan"
	"cuobian/platform/audit/tree"
	"cuobian/rooms/assembly/bundle"
)

// Format names this form of the file.
const Format = "cuobian.statement.1"

// Kinds of public records.
const (
	RecordDue       = "money.due"
	RecordStatement = "money.statement"
)

// Kinds of statements.
const (
	Month   = "month"
	Quarter = "quarter"
	Year    = "year"
)

// Kinds lists them, the shortest first.
var Kinds = []string{Month, Quarter, Year}

// Line is one movement of the fund: above zero it came in.
type Line struct {
	No      int         `json:"no"`
	Entry   string      `json:"entry"`
	Day     day.Day     `json:"day"`
	Account string      `json:"account"`
	Words   string      `json:"words"`
	Amount  yuan.Amount `json:"amount"`
}

// Sum is what an account moved, or shows.
type Sum struct {
	Account string      `json:"account"`
	Zh      string      `json:"zh"`
	En      string      `json:"en"`
	Amount  yuan.Amount `json:"amount"`
}

// Words is one statement. Opening, what came in, what went out and Closing are of all that the fund has less what it owes;
// Balances says where that lies at the end.
type Words struct {
	Compound string      `json:"compound"`
	Name     string      `json:"name"`
	Fund     string      `json:"fund"`
	Kind     string      `json:"kind" enum:"month,quarter,year"`
	Period   string      `json:"period" doc:"2026-10, 2026Q3, 2026"`
	From     day.Day     `json:"from"`
	To       day.Day     `json:"to"`
	Version  int         `json:"version"`
	Corrects string      `json:"corrects,omitempty" doc:"hash of the version that this one takes the place of"`
	Why      string      `json:"why,omitempty"`
	Prev     string      `json:"prev" doc:"hash of the statement of this fund posted before, empty for the first"`
	Opening  yuan.Amount `json:"opening"`
	Received yuan.Amount `json:"received"`
	Spent    yuan.Amount `json:"spent"`
	Closing  yuan.Amount `json:"closing"`
	Totals   []Sum       `json:"totals"`
	Balances []Sum       `json:"balances"`
	Lines    []Line      `json:"lines"`
	Demo     bool        `json:"demo,omitempty"`
}

// Text is the exact bytes under the hash.
func (w Words) Text() ([]byte, error) { return tree.Canonical(w) }

// Hash is SHA-256 of Text, in hex; "" where it cannot be written.
func (w Words) Hash() string {
	text, err := w.Text()
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// Add puts sums on top of lines: what came in and went out, by account, and the closing. It refuses what overflows.
func (w *Words) Add() error {
	w.Received, w.Spent = 0, 0
	by := map[string]yuan.Amount{}
	var err error
	for _, l := range w.Lines {
		into, amount := &w.Received, l.Amount
		if amount < 0 {
			into, amount = &w.Spent, -amount
		}
		if *into, err = yuan.Sum(*into, amount); err != nil {
			return err
		}
		if by[l.Account], err = yuan.Sum(by[l.Account], l.Amount); err != nil {
			return err
		}
	}
	for i := range w.Totals {
		w.Totals[i].Amount = by[w.Totals[i].Account]
	}
	w.Closing, err = yuan.Sum(w.Opening, w.Received, -w.Spent)
	return err
}

// Seal is one use of a named seal under a statement's hash, as platform/seal makes it.
type Seal struct {
	Stamp  string      `json:"stamp"`
	Name   string      `json:"name"`
	Public []byte      `json:"public"` // SM2, uncompressed point
	At     day.Instant `json:"at"`
	Sig    []byte      `json:"sig"`
}

// Good reports whether the seal stands under the hash (hex).
func (s Seal) Good(hash string) bool {
	k, err := tree.NewKey(tree.SM2, "stamp", s.Public)
	if err != nil {
		return false
	}
	v, err := k.Verifier()
	return err == nil && v.Verify(fmt.Appendf(nil, "cuobian-stamp-1\n%s\n%d\n%s\n", s.Stamp, int64(s.At), hash), s.Sig)
}

// Due is the body of the record that a statement is due. N counts those of one fund and kind from 1.
type Due struct {
	Compound string      `json:"compound"`
	Fund     string      `json:"fund"`
	Kind     string      `json:"kind"`
	Period   string      `json:"period"`
	N        int64       `json:"n"`
	Due      day.Instant `json:"due"`
	Shown    int         `json:"shown"` // days on the board
}

// Posted is the body of the record that a statement was posted.
type Posted struct {
	Compound string  `json:"compound"`
	Fund     string  `json:"fund"`
	Kind     string  `json:"kind"`
	Period   string  `json:"period"`
	Version  int     `json:"version"`
	Hash     string  `json:"hash"`
	Prev     string  `json:"prev"`
	Corrects string  `json:"corrects,omitempty"`
	Until    day.Day `json:"until"` // last day on the board
	Seals    []Seal  `json:"seals"`
}

// Record is a public record; path and ref are the file's.
type Record struct {
	ID   string          `json:"id"`
	At   day.Instant     `json:"at"`
	Kind string          `json:"kind"`
	Body json.RawMessage `json:"body"`
	Leaf int64           `json:"leaf"`
}

// File is all statements of one fund of a compound.
type File struct {
	Format     string      `json:"format"`
	Compound   string      `json:"compound"`
	Name       string      `json:"name"`
	Path       scope.Path  `json:"path"`
	Fund       string      `json:"fund"`
	AsOf       day.Instant `json:"as_of"`
	Statements []Words     `json:"statements"`
	Records    []Record    `json:"records"`
	Log        bundle.Log  `json:"log"`
}

// Ref is what the records of a fund are about.
func Ref(compound, fund string) string { return "funds/" + compound + "/" + fund }

func (f File) proof() Proof { return Proof{f.Path, f.AsOf, f.Records, f.Log} }

// Write is the file's bytes: the same for the same content.
func (f File) Write() ([]byte, error) {
	text, err := tree.Canonical(f)
	if err != nil {
		return nil, err
	}
	return append(text, '\n'), nil
}

func read(file []byte, into any) error {
	dec := json.NewDecoder(bytes.NewReader(file))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		return err
	}
	if _, err := dec.Token(); err != io.EOF {
		return io.ErrUnexpectedEOF
	}
	return nil
}

// PeriodOf names the period of a kind that holds a day.
func PeriodOf(kind string, d day.Day) string {
	y, m, _ := d.Date()
	switch kind {
	case Quarter:
		return fmt.Sprintf("%04dQ%d", y, (int(m)-1)/3+1)
	case Year:
		return fmt.Sprintf("%04d", y)
	}
	return fmt.Sprintf("%04d-%02d", y, int(m))
}

// Span is the first and the last day of a period; ok is false for a text that is none of its kind.
func Span(kind, period string) (from, to day.Day, ok bool) {
	var y, n int
	format, months := "%04d-%02d", 1
	switch kind {
	case Quarter:
		format, months = "%04dQ%d", 3
	case Year: // as the first of one
		format, months, period = "%04dY%d", 12, period+"Y1"
	}
	if _, err := fmt.Sscanf(period, format, &y, &n); err != nil || n < 1 || n > 12/months || y < 1900 || y > 9000 {
		return 0, 0, false
	}
	from = day.Date(y, time.Month((n-1)*months+1), 1)
	to = from.AddMonths(months).Add(-1)
	return from, to, PeriodOf(kind, from) == strings.TrimSuffix(period, "Y1") && slices.Contains(Kinds, kind)
}

// Next is the period after one.
func Next(kind, period string) string {
	_, to, ok := Span(kind, period)
	if !ok {
		return ""
	}
	return PeriodOf(kind, to.Add(1))
}

// Masked is a text for the board: runs of seven digits or more, as of a telephone, an account or an identity number, lose
// all but the last four.
func Masked(text string) string {
	var b strings.Builder
	run := []rune{}
	flush := func() {
		if n := len(run); n >= 7 {
			b.WriteString(strings.Repeat("*", n-4) + string(run[n-4:]))
		} else {
			b.WriteString(string(run))
		}
		run = run[:0]
	}
	for _, r := range text {
		if r >= '０' && r <= '９' {
			r -= '０' - '0'
		}
		if r >= '0' && r <= '9' {
			run = append(run, r)
			continue
		}
		flush()
		b.WriteRune(r)
	}
	flush()
	return b.String()
}
