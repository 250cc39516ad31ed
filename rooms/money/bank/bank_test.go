package bank

import (
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"cuobian/basis/day"
	"cuobian/basis/yuan"
	"cuobian/platform/sheet"
)

// paper takes a file apart as the room does.
func paper(t testing.TB, data []byte) (Paper, error) {
	t.Helper()
	switch {
	case strings.HasPrefix(string(data), "PK\x03\x04"), sheet.IsOld(data):
		read := func() (sheet.Book, error) { return sheet.Read("f", strings.NewReader(string(data)), sheet.Limits{}) }
		if sheet.IsOld(data) {
			read = func() (sheet.Book, error) { return sheet.ReadOld("f", data, sheet.Limits{}) }
		}
		b, err := read()
		if err != nil {
			return Paper{}, err
		}
		var p Paper
		for _, s := range b.Sheets {
			p.Tables = append(p.Tables, s.Rows)
		}
		return p, nil
	}
	text, err := sheet.Text(data)
	return Paper{Text: text}, err
}

func readFile(t testing.TB, name string) File {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	p, err := paper(t, data)
	if err != nil {
		t.Fatal(name, err)
	}
	f, err := Read(p)
	if err != nil {
		t.Fatal(name, err)
	}
	return f
}

// answer is one transaction of a right answer. signed is false where its legs do not say which way money went.
type answer struct {
	day    string
	amount yuan.Amount
	signed bool
	order  string
	cur    string
	text   string
}

var (
	entryHead = regexp.MustCompile(`^(\d{4}-\d\d-\d\d) \* (.*)$`)
	legLine   = regexp.MustCompile(`^\s+([A-Z]\w*(?::[^\s]+)*) (-?[\d.]+) ([A-Z]{3})`)
	metaLine  = regexp.MustCompile(`^\s+([a-zA-Z]+): "(.*)"`)
)

// beancount reads a journal's transactions; own is the beginning of the account's own name, "" for what lies in
// assets and debts.
func beancount(t *testing.T, name, own string) (out []answer) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	var legs []struct {
		account string
		amount  yuan.Amount
	}
	var a answer
	end := func() {
		if a.day == "" {
			return
		}
		var mine yuan.Amount
		n := 0
		accounts := map[string]bool{}
		for _, l := range legs {
			if own != "" && strings.HasPrefix(l.account, own) || own == "" && (strings.HasPrefix(l.account, "Assets") || strings.HasPrefix(l.account, "Liabilities")) {
				mine += l.amount
				accounts[l.account] = true
				n++
			}
		}
		a.signed = n > 0 && len(accounts) == 1
		if a.amount = mine; !a.signed && len(legs) > 0 {
			for _, l := range legs { // the greatest, and a commission beside it
				if l.amount > 0 {
					a.amount += l.amount
				}
			}
			a.amount = 0
			for _, l := range legs {
				if l.amount < 0 {
					a.amount -= l.amount
				}
			}
		}
		out = append(out, a)
		a, legs = answer{}, nil
	}
	for _, line := range strings.Split(string(data), "\n") {
		if m := entryHead.FindStringSubmatch(line); m != nil {
			end()
			a = answer{day: m[1], cur: "CNY", text: m[2]}
		} else if m := metaLine.FindStringSubmatch(line); m != nil && m[1] == "orderId" {
			a.order = m[2]
		} else if m := legLine.FindStringSubmatch(line); m != nil {
			v, err := yuan.Parse(m[2])
			if err != nil {
				t.Fatal(err)
			}
			a.cur = m[3]
			legs = append(legs, struct {
				account string
				amount  yuan.Amount
			}{m[1], v})
		}
	}
	end()
	return out
}

// samples are the tables with right answers. Extra is how many lines the file has beyond its answer: those that the
// authors' own rules leave out (paid by another wallet, whose statement has them; paid back to a card), closed trades and
// what they gave back (Alipay), and sums of nothing (JD). A cashier's statement must show them all. Between are the lines
// that do not say which way money went; of those only the sum is compared.
var samples = []struct {
	file, answer, format, own string
	lines, extra, between     int
	tail                      string
}{
	{"alipay/example-alipay-records.csv", "alipay/example-alipay-output.beancount", "alipay", "", 10, 3, 1, ""},
	{"boc/credit/example-boc-records.csv", "boc/credit/example-boc-credit-output.beancount", "boc_credit", "Liabilities:CC:BoC", 14, 7, 0, ""},
	{"boc/debit/example-boc-records.csv", "boc/debit/example-boc-debit-output.beancount", "boc", "Assets:DC:BoC", 17, 9, 0, "3167"},
	{"bocom_credit/example-bocom_credit-records.csv", "bocom_credit/example-bocom_credit-output.beancount", "bocom_credit", "Liabilities:BOCOM", 8, 0, 0, ""},
	{"ccb/交易明细_xxxx_2025xxxx_2025xxxx.xls", "ccb/example-ccb-output.beancount", "ccb", "Assets:Bank:CN:CCB", 6, 0, 0, ""},
	{"cgb_credit/example-cgb_credit-records.csv", "cgb_credit/example-cgb_credit-output.beancount", "cgb_credit", "Liabilities:CGB", 4, 0, 0, ""},
	{"cmb/credit/example-cmb-records.csv", "cmb/credit/example-cmb-credit-output.beancount", "cmb_credit", "Liabilities:CreditCard", 6, 1, 0, ""},
	{"cmb/debit/example-cmb-records.csv", "cmb/debit/example-cmb-debit-output.beancount", "cmb", "Assets:DebitCard:CMB", 5, 0, 0, ""},
	{"icbc/credit/example-icbc-credit-records.csv", "icbc/credit/example-icbc-credit-output.beancount", "icbc_credit", "Liabilities:Bank:CN:ICBC", 9, 5, 0, "5678"},
	{"icbc/debit-v1/example-icbc-debit-v1-records.csv", "icbc/debit-v1/example-icbc-debit-v1-output.beancount", "icbc", "Assets:Bank:CN:ICBC", 11, 4, 0, "9876"},
	{"icbc/debit-v2/example-icbc-debit-v2-records.csv", "icbc/debit-v2/example-icbc-debit-v2-output.beancount", "icbc", "Assets:Bank:CN:ICBC", 11, 4, 0, "9876"},
	{"jd/example-jd-records.csv", "jd/example-jd-output.beancount", "jd", "", 26, 4, 3, ""},
	{"mt/example-mt-records.csv", "mt/example-mt-output.beancount", "meituan", "", 29, 11, 0, ""},
	{"spdb_debit/example-spdb_debit-records.xls", "spdb_debit/example-spdb_debit-output.beancount", "spdb", "Assets:DebitCard:SPB1234", 4, 0, 0, "1230"},
	{"wechat/example-wechat-records.csv", "wechat/example-wechat-output.beancount", "wechat", "", 27, 0, 6, ""},
}

func TestTheSamplesEqualTheirAnswers(t *testing.T) {
	total, answered := 0, 0
	for _, s := range samples {
		t.Run(s.format+"/"+filepath.Base(filepath.Dir(s.file)), func(t *testing.T) {
			f := readFile(t, "double-entry-generator/"+s.file)
			if f.Format != s.format || f.Tail != s.tail {
				t.Errorf("recognised as %s of %q", f.Format, f.Tail)
			}
			want := beancount(t, "double-entry-generator/"+s.answer, s.own)
			left := append([]Line(nil), f.Lines...)
			for _, a := range want {
				found := -1
				for i, l := range left {
					same := l.Day.String() == a.day && l.Currency == a.cur && (a.order == "" || l.Ref == a.order || s.format == "wechat")
					abs := max(l.Amount, -l.Amount) == max(a.amount, -a.amount)
					if l.Side == Between || !a.signed {
						same = same && abs
					} else {
						same = same && l.Amount == a.amount
					}
					if same && (found < 0 || strings.Contains(a.text, l.Party) && !strings.Contains(a.text, left[found].Party)) {
						found = i
					}
				}
				if found < 0 {
					t.Errorf("no line for %+v", a)
					continue
				}
				left = append(left[:found], left[found+1:]...)
			}
			between := 0
			for _, l := range f.Lines {
				if l.Side == Between {
					between++
				}
			}
			if len(f.Lines) != s.lines || len(left) != s.extra || between != s.between {
				t.Errorf("%d lines, %d answers, %d beyond them, %d between; wanted %d, %d, %d", len(f.Lines), len(want), len(left), between, s.lines, s.extra, s.between)
				for _, l := range left {
					t.Logf("beyond: %+v", l)
				}
			}
			for _, tr := range f.Troubles {
				if tr.Lost {
					t.Errorf("lost: %+v", tr)
				}
			}
			total += len(f.Lines)
			answered += len(want)
		})
	}
	t.Logf("%d lines, %d of them in the answers", total, answered)
}

var (
	ymlTx     = regexp.MustCompile(`(?m)^- !!python/object:mt940\.models\.Transaction$`)
	ymlAmount = regexp.MustCompile(`(?s)amount: !!python/object/apply:decimal\.Decimal\s+- '(-?[\d.]+)'\s+currency: (\w+)`)
	ymlDate   = regexp.MustCompile(`(?s)\n    date: !!python/object/apply:mt940\.models\.Date\s+- !!binary \|\s+(\S+)`)
	ymlRef    = regexp.MustCompile(`(?m)^    bank_reference: (.*)$`)
)

// mt940Answer reads the transactions of a .yml: its dates are the four bytes of a pickled Python date.
func mt940Answer(t *testing.T, name string) (out []Line) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata/mt940", name))
	if err != nil {
		t.Fatal(err)
	}
	at := ymlTx.FindAllIndex(data, -1)
	for i, span := range at {
		end := len(data)
		if i+1 < len(at) {
			end = at[i+1][0]
		}
		body := string(data[span[1]:end])
		m := ymlAmount.FindStringSubmatch(body)
		d := ymlDate.FindStringSubmatch(body)
		if m == nil || d == nil {
			t.Fatalf("%s: transaction %d has no amount or date", name, i)
		}
		raw, err := base64.StdEncoding.DecodeString(d[1])
		if err != nil || len(raw) != 4 {
			t.Fatal(name, d[1], err)
		}
		a, err := yuan.Parse(m[1])
		if err != nil {
			t.Fatal(err)
		}
		l := Line{Day: day.MustParse(strings.Join([]string{itoa(int(raw[0])*256 + int(raw[1])), pad(raw[2]), pad(raw[3])}, "-")), Amount: a, Currency: m[2]}
		if r := ymlRef.FindStringSubmatch(body); r != nil && r[1] != "null" {
			l.Ref = strings.Trim(r[1], "'")
		}
		out = append(out, l)
	}
	return out
}

func itoa(n int) string {
	return string([]byte{byte('0' + n/1000), byte('0' + n/100%10), byte('0' + n/10%10), byte('0' + n%10)})
}
func pad(b byte) string { return string([]byte{'0' + b/10, '0' + b%10}) }

func TestMT940EqualsItsAnswers(t *testing.T) {
	files, _ := filepath.Glob("testdata/mt940/*.sta")
	if len(files) != 6 {
		t.Fatal(len(files))
	}
	total := 0
	for _, file := range files {
		name := filepath.Base(file)
		t.Run(name, func(t *testing.T) {
			f := readFile(t, "mt940/"+name)
			want := mt940Answer(t, strings.TrimSuffix(name, ".sta")+".yml")
			if f.Format != "mt940" || len(f.Lines) != len(want) {
				t.Fatalf("%s with %d lines, wanted %d", f.Format, len(f.Lines), len(want))
			}
			for i, w := range want {
				l := f.Lines[i]
				if l.Day != w.Day || l.Amount != w.Amount || l.Currency != w.Currency || l.Ref != w.Ref {
					t.Errorf("line %d: %s %s %s %q, wanted %s %s %s %q", i, l.Day, l.Amount, l.Currency, l.Ref, w.Day, w.Amount, w.Currency, w.Ref)
				}
			}
			total += len(want)
		})
	}
	t.Logf("%d lines", total)
}

// What the files state of themselves, against their lines. Where it does not hold the sample was shortened or made
// anonymous after it was written, except for Meituan, whose sum of spending leaves out a repayment of 48.12.
func TestWhatTheFilesStateOfThemselves(t *testing.T) {
	for file, want := range map[string]string{
		"alipay/example-alipay-records.csv":               "lines 66/10 in 2850/22222850 out 1654/21164",
		"boc/debit/example-boc-records.csv":               "balances 16/16",
		"ccb/交易明细_xxxx_2025xxxx_2025xxxx.xls":             "balances 5/4",
		"icbc/debit-v2/example-icbc-debit-v2-records.csv": "in 123456/284174 out 987654/424108",
		"jd/example-jd-records.csv":                       "lines 26/26 in 0/0 out 164843/164843",
		"mt/example-mt-records.csv":                       "lines 29/29 out 117568/122380 in 20973/20973",
		"spdb_debit/example-spdb_debit-records.xls":       "balances 3/3",
		"../mt940/cmxl_mt940.sta":                         "closing 8443704/8443704 closing 438795/438795 closing 5004000/5004000",
		"../mt940/jejik_ing.sta":                          "closing 347/-4559",
		"../mt940/betterplace_sepa_snippet.sta":           "closing 112525040/112525040 closing -447204909/-447234917",
		"cgb_credit/example-cgb_credit-records.csv":       "",
	} {
		f := readFile(t, "double-entry-generator/"+file)
		var got []string
		for _, c := range f.Checks {
			got = append(got, fmt.Sprintf("%s %d/%d", c.Name, c.Stated, c.Found))
			if c.Holds != (c.Stated == c.Found) {
				t.Errorf("%s: %+v", file, c)
			}
		}
		slices.Sort(got)
		w := regexp.MustCompile(`\S+ \S+`).FindAllString(want, -1)
		slices.Sort(w)
		if !slices.Equal(got, w) {
			t.Errorf("%s: %v, wanted %v", file, got, w)
		}
	}
}

// A gap in the balances and a balance that is no number are named by row and column, and the lines stay.
func TestWhatCannotBeReadIsNamed(t *testing.T) {
	f := readFile(t, "double-entry-generator/ccb/交易明细_xxxx_2025xxxx_2025xxxx.xls")
	if len(f.Troubles) != 1 || f.Troubles[0].Code != "bank.gap" || f.Troubles[0].Row != 10 || f.Troubles[0].Lost {
		t.Errorf("%+v", f.Troubles)
	}
	f = readFile(t, "double-entry-generator/icbc/debit-v2/example-icbc-debit-v2-records.csv")
	if len(f.Troubles) != 11 || f.Troubles[0].Code != "bank.balance" || f.Troubles[0].Row != 8 || f.Troubles[0].Column != 13 || f.Troubles[0].Head != "余额" {
		t.Errorf("%+v", f.Troubles)
	}
	f = readFile(t, "double-entry-generator/boc/credit/example-boc-records.csv")
	if len(f.Troubles) != 1 || f.Troubles[0].Code != "bank.currency" || f.Troubles[0].Row != 16 || f.Lines[13].Currency != "USD" {
		t.Errorf("%+v", f.Troubles)
	}
	f, err := Read(Paper{Text: "交易日期,收入,支出,余额,对方户名,摘要\n2025-13-01,5.00,,5.00,甲,转入\n2025-01-02,5.005,,5.00,甲,转入\n2025-01-03,1.00,2.00,5.00,甲,转入\n2025-01-04,,,5.00,甲,转入\n2025-01-05,3.00,,8.00,甲,3-1-502物业费\n"})
	if err != nil || f.Format != "table" || len(f.Lines) != 1 || f.Lines[0].Amount != 300 || f.Lines[0].Row != 6 {
		t.Fatalf("%v %+v", err, f)
	}
	var got []string
	for _, tr := range f.Troubles {
		got = append(got, fmt.Sprintf("%d.%d %s %v", tr.Row, tr.Column, tr.Code, tr.Lost))
	}
	if want := []string{"2.1 bank.day true", "3.2 bank.amount true", "4.0 bank.amount true", "5.0 bank.amount true"}; !slices.Equal(got, want) {
		t.Errorf("%v", got)
	}
	for _, tr := range f.Troubles {
		if tr.Zh == "" || tr.En == "" || strings.Contains(tr.Zh+tr.En, "5.005") {
			t.Errorf("%+v", tr)
		}
	}
	for _, text := range []string{"", "a,b,c\n1,2,3\n", "姓名,电话\n甲,1\n", "%PDF-1.7"} {
		if _, err := Read(Paper{Text: text}); !errors.Is(err, ErrUnknown) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// The same line has the same fingerprint in another export, two alike lines have two, and a workbook that shows its
// lines on two sheets has each once.
func TestFingerprints(t *testing.T) {
	csv := readFile(t, "double-entry-generator/wechat/example-wechat-records.csv")
	xlsx := readFile(t, "double-entry-generator/wechat/example-wechat-records.xlsx")
	if xlsx.Format != "wechat" || len(xlsx.Lines) != 27 {
		t.Fatal(xlsx.Format, len(xlsx.Lines))
	}
	seen := map[string]bool{}
	for _, l := range csv.Lines {
		seen[l.Fingerprint] = true
	}
	if len(seen) != 27 {
		t.Error(len(seen))
	}
	for i, l := range xlsx.Lines {
		if !seen[l.Fingerprint] {
			t.Errorf("%+v\n%+v", l, csv.Lines[i])
		}
	}
	const head = "交易日期,收入,支出,余额,对方户名,摘要\n"
	const twice = "2025-01-05,3.00,,,甲,物业费\n2025-01-05,3.00,,,甲,物业费\n"
	a, _ := Read(Paper{Text: head + twice})
	b, _ := Read(Paper{Text: head + "2025-01-04,9.00,,,乙,停车\n" + twice + "2025-01-06,9.00,,,乙,停车\n"})
	if len(a.Lines) != 2 || a.Lines[0].Fingerprint == a.Lines[1].Fingerprint || len(b.Lines) != 4 || b.Lines[1].Fingerprint != a.Lines[0].Fingerprint || b.Lines[2].Fingerprint != a.Lines[1].Fingerprint {
		t.Errorf("%+v %+v", a.Lines, b.Lines)
	}
}

func TestSumsAndMoments(t *testing.T) {
	for text, want := range map[string]string{"548.58000000000004": "548.58", "¥12.00": "12.00", "CNY13.50": "13.50", "131.77(已退款89.84)": "131.77", "8,000.00(CN)": "8000.00", "-1,130.68": "-1130.68", "0.1": "0.10"} {
		if a, _, ok := amount(text); !ok || a.String() != want {
			t.Errorf("%s: %s %v", text, a, ok)
		}
	}
	for _, text := range []string{"", "-", "abc", "1.234", "12..3", "1e5"} {
		if a, _, ok := amount(text); ok {
			t.Errorf("%s: %s", text, a)
		}
	}
	for text, want := range map[string]string{"20250102": "2025-01-02 ", "2025/1/2 09:05": "2025-01-02 09:05:00", "2025年1月2日": "2025-01-02 ", "45659": "2025-01-02 ", "45659.5": "2025-01-02 12:00:00", "2025-01-02  14:06:51": "2025-01-02 14:06:51"} {
		if d, c, ok := moment(text); !ok || d.String()+" "+c != want {
			t.Errorf("%s: %s %s %v", text, d, c, ok)
		}
	}
	for _, text := range []string{"", "2025-02-30", "99999", "2025-01-02 25:00", "昨天"} {
		if d, c, ok := moment(text); ok {
			t.Errorf("%s: %s %s", text, d, c)
		}
	}
}

// A hostile text is read or refused within a moment.
func TestHostileTextEnds(t *testing.T) {
	head := "交易日期,收入,支出,余额,对方户名,摘要\n"
	for _, bad := range []string{strings.Repeat("\"a,", 2_000_000), strings.Repeat("\"", 5_000_000), strings.Repeat(",", 5_000_000), head + strings.Repeat("\n", 5_000_000), head + strings.Repeat("2025-01-05,3.00,,,甲,费\n", 150_000), ":60F:\n" + strings.Repeat(":61:250105C1,NTRF\n", 100_000)} {
		done := make(chan error, 1)
		go func() { _, err := Read(Paper{Text: bad}); done <- err }()
		select {
		case <-done:
		case <-time.After(20 * time.Second):
			t.Fatalf("%.20q does not end", bad)
		}
	}
}

// FuzzRead: whatever the bytes, reading ends, loses no row in silence and gives the same again.
func FuzzRead(f *testing.F) {
	files, _ := filepath.Glob("testdata/double-entry-generator/*/*")
	more, _ := filepath.Glob("testdata/mt940/*.sta")
	for _, name := range append(files, more...) {
		if data, err := os.ReadFile(name); err == nil {
			f.Add(data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 1<<20 {
			return
		}
		p, err := paper(t, data)
		if err != nil {
			return
		}
		a, err := Read(p)
		if err != nil {
			return
		}
		b, err := Read(p)
		if err != nil || len(a.Lines) != len(b.Lines) {
			t.Fatal(err, len(a.Lines), len(b.Lines))
		}
		seen := map[string]bool{}
		for i, l := range a.Lines {
			if l.Fingerprint != b.Lines[i].Fingerprint || !l.Day.Sound() || l.Row < 1 {
				t.Fatalf("%+v %+v", l, b.Lines[i])
			}
			if l.Side == In && l.Amount < 0 || l.Side == Out && l.Amount > 0 {
				t.Fatalf("%+v", l)
			}
			seen[l.Fingerprint] = true
		}
		if len(seen) != len(a.Lines) {
			t.Fatal("two lines with one fingerprint")
		}
	})
}
