package app

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"cuobian/basis/day"
	"cuobian/platform/audit/tree"
	"cuobian/rooms/assembly/bundle"
	pay "cuobian/rooms/money/bundle"
	"cuobian/rooms/money/statement"
)

// VerifyCmd checks a vote's file, or a voter's receipt against it, or a compound's published accounts.
type VerifyCmd struct {
	File    string   `arg:"" help:"The file of a vote (.json), public or the scrutineers', or of a compound's published accounts or pay by quality; - reads standard input."`
	Key     []string `help:"The log's key as it hangs on the board (name+id+base64), or a file that holds it; may be repeated." placeholder:"KEY"`
	Receipt string   `help:"A receipt, to see whether that ballot is in and unchanged." placeholder:"FILE" type:"existingfile"`
	JSON    bool     `help:"Print what was found as JSON."`
	Lang    string   `help:"Language: zh, en or both." enum:"zh,en,both" default:"both"`
}

// Help is what `cuobian verify --help` adds.
func (*VerifyCmd) Help() string {
	return `Checks the exported file of an owners' vote without the house and without a network: the roll, every ballot, the count
and its derivation, the public records, and their place in the signed log. It names each fault where it lies, and says what
the file proves and what it cannot. 离线核对表决文件：名册、每张票、计票与推导、公开记录及其在日志中的位置；逐项指出问题，并说明能证明什么、不能证明什么。

The public file is downloaded from the page of the result; everybody may. In a secret vote it holds no choices, and two sworn
scrutineers check theirs. The file of a compound's published accounts is checked likewise: each statement against the hash and
the seals published with it, and that none that was due is late or missing; so are a year's accounts under remuneration, and a
company's pay by quality is computed again. 公示报表、年度决算文件同样核对：散列、印章、是否迟到或者缺少；按质付酬文件重新计算。
With --receipt FILE a voter's receipt is checked against it.
Exit code 1 when something is wrong. 有问题时退出码为 1。`
}

// keys reads the keys given: each a key, or a file with one or more of them.
func (c *VerifyCmd) keys() (bundle.Known, error) {
	var out bundle.Known
	for _, text := range c.Key {
		if tree.Key(text).Valid() != nil {
			file, err := os.ReadFile(text)
			if err != nil {
				return nil, errors.New("--key 既不是公钥也不是能读取的文件 is neither a key nor a file that can be read")
			}
			text = string(file)
		}
		for _, word := range strings.Fields(text) {
			if k := tree.Key(word); k.Valid() == nil {
				out = append(out, k)
			}
		}
	}
	if len(c.Key) > 0 && len(out) == 0 {
		return nil, errors.New("--key 文件里没有公钥 the file holds no key")
	}
	return out, nil
}

// Run checks the file.
func (c *VerifyCmd) Run(p Program) error {
	known, err := c.keys()
	if err != nil {
		return err
	}
	var file []byte
	if c.File == "-" {
		file, err = io.ReadAll(p.In)
	} else {
		file, err = os.ReadFile(c.File)
	}
	if err != nil {
		return err
	}
	if formatOf(file) == statement.Format {
		return c.statement(p, file, known)
	}
	if formatOf(file) == statement.AnnualFormat {
		return c.annual(p, file, known)
	}
	if formatOf(file) == pay.Format {
		return c.pay(p, file, known)
	}
	r := bundle.Check(file, known)
	if c.Receipt != "" {
		text, err := os.ReadFile(c.Receipt)
		if err != nil {
			return err
		}
		slip, ok := bundle.ReadSlip(text)
		if !ok {
			return errors.New("--receipt 不是回执文件 the file is no receipt")
		}
		own := bundle.CheckReceipt(slip, file)
		r.Checks = append(own.Checks, r.Checks...)
		r.Proved, r.Not = append(own.Proved, r.Proved...), append(own.Not, r.Not...)
		r.OK = r.OK && own.OK
	}
	if c.JSON {
		enc := json.NewEncoder(p.Out)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", " ")
		if err := enc.Encode(r); err != nil {
			return err
		}
	} else {
		c.print(p.Out, r)
	}
	if !r.OK {
		return errors.New("核对发现问题，见上 something is wrong with the file, see above")
	}
	return nil
}

// formatOf reads which kind of file it is, so far as it says so.
func formatOf(file []byte) string {
	var head struct {
		Format string `json:"format"`
	}
	if json.Unmarshal(file, &head) != nil {
		return ""
	}
	return head.Format
}

// statement checks a compound's published accounts.
func (c *VerifyCmd) statement(p Program, file []byte, known bundle.Known) error {
	r := statement.Check(file, known)
	if c.JSON {
		enc := json.NewEncoder(p.Out)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", " ")
		if err := enc.Encode(r); err != nil {
			return err
		}
	} else {
		if r.Name != "" {
			on := r.AsOf.Day(day.Shanghai)
			c.say(p.Out, "", fmt.Sprintf("%s 公示报表：%d 份，到期应公示 %d 份，文件日期 %s，日志 %s 共 %d 条", r.Name, r.Statements, r.Due, on, r.Origin, r.Size),
				fmt.Sprintf("%s, published accounts: %d statements, %d due, file of %s, log %s of %d records", r.Name, r.Statements, r.Due, on, r.Origin, r.Size))
		}
		c.print(p.Out, bundle.Report{Checks: r.Checks, Proved: r.Proved, Not: r.Not})
	}
	if !r.OK {
		return errors.New("核对发现问题，见上 something is wrong with the file, see above")
	}
	return nil
}

// annual checks a compound's yearly accounts.
func (c *VerifyCmd) annual(p Program, file []byte, known bundle.Known) error {
	r := statement.CheckAnnual(file, known)
	if c.JSON {
		enc := json.NewEncoder(p.Out)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", " ")
		if err := enc.Encode(r); err != nil {
			return err
		}
	} else {
		if r.Name != "" {
			on := r.AsOf.Day(day.Shanghai)
			c.say(p.Out, "", fmt.Sprintf("%s 年度决算：%d 份，到期应公布 %d 个年度，文件日期 %s，日志 %s 共 %d 条", r.Name, r.Statements, r.Due, on, r.Origin, r.Size),
				fmt.Sprintf("%s, yearly accounts: %d, of %d years that were due, file of %s, log %s of %d records", r.Name, r.Statements, r.Due, on, r.Origin, r.Size))
		}
		c.print(p.Out, bundle.Report{Checks: r.Checks, Proved: r.Proved, Not: r.Not})
	}
	if !r.OK {
		return errors.New("核对发现问题，见上 something is wrong with the file, see above")
	}
	return nil
}

// pay computes a company's pay by quality again.
func (c *VerifyCmd) pay(p Program, file []byte, known bundle.Known) error {
	r := pay.Check(file, known)
	if c.JSON {
		enc := json.NewEncoder(p.Out)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", " ")
		if err := enc.Encode(r); err != nil {
			return err
		}
	} else {
		if r.Name != "" {
			c.say(p.Out, "", fmt.Sprintf("%s 按质付酬 %s：得分 %s，酬金 %s 元", r.Name, r.Period, r.Score, r.Amount), fmt.Sprintf("%s, pay by quality %s: score %s, pay %s yuan", r.Name, r.Period, r.Score, r.Amount))
		}
		c.print(p.Out, bundle.Report{Checks: r.Checks, Proved: r.Proved, Not: r.Not})
	}
	if !r.OK {
		return errors.New("核对发现问题，见上 something is wrong with the file, see above")
	}
	return nil
}

func (c *VerifyCmd) say(w io.Writer, before, zh, en string) {
	switch c.Lang {
	case "zh":
		fmt.Fprintf(w, "%s%s\n", before, zh)
	case "en":
		fmt.Fprintf(w, "%s%s\n", before, en)
	default:
		fmt.Fprintf(w, "%s%s\n%s%s\n", before, zh, strings.Repeat(" ", len([]rune(before))), en)
	}
}

func (c *VerifyCmd) print(w io.Writer, r bundle.Report) {
	kind := map[string][2]string{bundle.Public: {"公开文件", "public file"}, bundle.Scrutineers: {"监票人文件", "scrutineers' file"}}[r.Kind]
	if r.Meeting.Number != "" {
		c.say(w, "", fmt.Sprintf("%s %s（%s）：表决权 %d，票 %d 张，日志 %s 共 %d 条", r.Meeting.Number, r.Meeting.Title, kind[0], r.Rights, r.Ballots, r.Origin, r.Size),
			fmt.Sprintf("%s %s (%s): %d rights, %d ballots, log %s of %d records", r.Meeting.Number, r.Meeting.Title, kind[1], r.Rights, r.Ballots, r.Origin, r.Size))
	}
	for _, f := range r.Checks {
		mark := "✓ "
		if !f.OK {
			mark = "✗ "
		}
		c.say(w, mark, fmt.Sprintf("%s（%d）", f.Zh, f.N), fmt.Sprintf("%s (%d)", f.En, f.N))
		for _, x := range f.Faults {
			c.say(w, "    "+x.Where+": ", x.Zh, x.En)
		}
		if more := f.Wrong - int64(len(f.Faults)); more > 0 {
			c.say(w, "    ", fmt.Sprintf("另有 %d 处", more), fmt.Sprintf("and %d more", more))
		}
	}
	for _, part := range []struct {
		zh, en string
		list   []bundle.Words
	}{{"能证明：", "What this proves:", r.Proved}, {"不能证明：", "What it does not prove:", r.Not}} {
		if len(part.list) == 0 {
			continue
		}
		c.say(w, "", part.zh, part.en)
		for _, x := range part.list {
			c.say(w, "  · ", x.Zh, x.En)
		}
	}
}
