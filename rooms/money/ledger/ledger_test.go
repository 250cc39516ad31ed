package ledger

import (
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"cuobian/basis/day"
	"cuobian/basis/yuan"

	"pgregory.net/rapid"
)

var first = day.MustParse("2026-01-05")

func books(t interface{ Fatal(...any) }) *Books {
	b, err := New(Standard())
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func entry(id string, on day.Day, amount yuan.Amount, to, from string) Entry {
	return Entry{ID: id, Day: on, Text: "虚构分录", Document: "voucher/" + id, Decision: "resolution/1", Rule: "R30", Legs: []Leg{{to, amount}, {from, -amount}}}
}

func must(t testing.TB, errs ...error) {
	t.Helper()
	for n, err := range errs {
		if err != nil {
			t.Fatalf("%d: %v", n, err)
		}
	}
}

func refused(t testing.TB, what string, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func TestEntryIsRefused(t *testing.T) {
	b := books(t)
	good := entry("1", first, 100, "fees:bank", "fees:ahead")
	must(t, b.Check(good))
	for what, c := range map[string]struct {
		spoil func(*Entry)
		want  error
	}{
		"no id":                                  {func(e *Entry) { e.ID = " " }, ErrPapers},
		"no text":                                {func(e *Entry) { e.Text = "" }, ErrPapers},
		"no document":                            {func(e *Entry) { e.Document = "" }, ErrPapers},
		"no decision":                            {func(e *Entry) { e.Decision = "" }, ErrPapers},
		"no rule":                                {func(e *Entry) { e.Rule = "" }, ErrPapers},
		"no day":                                 {func(e *Entry) { e.Day = 0 }, ErrDay},
		"one leg":                                {func(e *Entry) { e.Legs = e.Legs[:1] }, ErrLegs},
		"a leg of nothing":                       {func(e *Entry) { e.Legs = append(e.Legs, Leg{"fees:owed", 0}) }, ErrLegs},
		"a strange account":                      {func(e *Entry) { e.Legs[0].Account = "fees:pocket" }, ErrAccount},
		"one fen too much":                       {func(e *Entry) { e.Legs[0].Amount++ }, ErrBalance},
		"owners' money into the company's (R30)": {func(e *Entry) { e.Legs[0].Account = "company:bank" }, ErrBalance},
		"one side between funds":                 {func(e *Entry) { e.Legs[1].Account = "fees:between" }, ErrBetween},
		"more than fits":                         {func(e *Entry) { e.Legs = []Leg{{"fees:bank", math.MaxInt64}, {"fees:owed", 1}} }, ErrTooBig},
		"the smallest number":                    {func(e *Entry) { e.Legs[0].Amount = math.MinInt64 }, ErrTooBig},
		"a reversal by hand":                     {func(e *Entry) { e.Reverses = "0" }, ErrReversal},
	} {
		e := good
		e.Legs = append([]Leg(nil), good.Legs...)
		c.spoil(&e)
		refused(t, what+", posted", b.Post(e), c.want)
		refused(t, what+", reserved", b.Reserve(e), c.want)
	}
	if len(b.Entries()) != 0 || len(b.Balances(first)) != 0 {
		t.Error("a refused entry left something")
	}
	must(t, b.Post(good))
	refused(t, "the same once more", b.Post(good), ErrTwice)
	refused(t, "the same reserved", b.Reserve(good), ErrTwice)
}

func TestChart(t *testing.T) {
	b := books(t)
	must(t, b.Add(Account{Code: "works:owed:3-1-502", Class: Asset, Zh: "应收 3-1-502", En: "owed by 3-1-502"}))
	for _, a := range []Account{
		{Code: "works:owed:3-1-502", Class: Asset, Zh: "再", En: "again"},
		{Code: "bank", Class: Asset, Zh: "银行", En: "bank"}, {Code: "other:bank", Class: Asset, Zh: "银行", En: "bank"},
		{Code: "fees:a  b", Class: Asset, Zh: "银行", En: "bank"}, {Code: "fees:x", Class: "purse", Zh: "银行", En: "bank"},
		{Code: "fees:x", Class: Asset, En: "bank"}, {Code: "fees:x", Class: Asset, Zh: "银行"},
	} {
		refused(t, a.Code, b.Add(a), ErrChart)
	}
}

func TestBetweenFunds(t *testing.T) {
	b := books(t)
	must(t, b.Post(entry("in", first, 5000, "income:bank", "income:earned")))
	top := Entry{ID: "top", Day: first, Text: "补充维修资金", Document: "d", Decision: "r", Rule: "R34", Legs: []Leg{
		{"income:between", 2500}, {"income:bank", -2500}, {"maintenance:bank", 2500}, {"maintenance:between", -2500}}}
	must(t, b.Post(top))
	if b.Balance("income:bank") != 2500 || b.Balance("maintenance:bank") != 2500 {
		t.Error(b.Balances(first))
	}
}

func TestReverse(t *testing.T) {
	b := books(t)
	must(t, b.Post(entry("1", first, 700, "fees:bank", "fees:ahead")), b.Post(entry("2", first, 650, "fees:spent", "fees:bank")))
	refused(t, "no reason", b.Reverse("1", "r", first, "d", "c", " "), ErrReason)
	refused(t, "no paper", b.Reverse("1", "r", first, "", "c", "错录"), ErrPapers)
	refused(t, "unknown", b.Reverse("9", "r", first, "d", "c", "错录"), ErrMissing)
	refused(t, "before it was", b.Reverse("1", "r", first.Add(-1), "d", "c", "错录"), ErrDay)
	refused(t, "a used id", b.Reverse("1", "2", first, "d", "c", "错录"), ErrTwice)
	must(t, b.Reverse("1", "r", first.Add(1), "d", "c", "退票"))
	if b.Balance("fees:bank") != -650 || b.Balance("fees:ahead") != 0 {
		t.Error("a bounced payment must show:", b.Balances(first.Add(1)))
	}
	refused(t, "twice", b.Reverse("1", "r2", first.Add(1), "d", "c", "错录"), ErrReversed)
	refused(t, "a reversal", b.Reverse("r", "r3", first.Add(1), "d", "c", "错录"), ErrReversal)
}

func TestOneFenIsNotSpentTwice(t *testing.T) {
	b := books(t)
	must(t, b.Post(entry("in", first, 1000, "works:bank", "works:ahead")))
	must(t, b.Reserve(entry("a", first, 600, "works:spent", "works:bank")))
	if b.Balance("works:bank") != 1000 || b.Held("works:bank") != 600 || b.Available("works:bank") != 400 {
		t.Error(b.Balance("works:bank"), b.Held("works:bank"))
	}
	refused(t, "reserve the same twice", b.Reserve(entry("a", first, 1, "works:spent", "works:bank")), ErrTwice)
	refused(t, "post under the id of a reservation", b.Post(entry("a", first, 1, "works:spent", "works:bank")), ErrTwice)
	refused(t, "release without a reason", b.Release("a", " "), ErrReason)
	refused(t, "reserve more than is left", b.Reserve(entry("b", first, 401, "works:spent", "works:bank")), ErrShort)
	refused(t, "post more than is left", b.Post(entry("b", first, 401, "works:spent", "works:bank")), ErrShort)
	split := entry("b", first, 300, "works:spent", "works:bank")
	split.Legs = append(split.Legs, Leg{"works:spent", 101}, Leg{"works:bank", -101})
	refused(t, "in two legs", b.Post(split), ErrShort)
	must(t, b.Post(entry("c", first, 400, "works:spent", "works:bank")), b.Seal("a", first.Add(3)))
	if b.Balance("works:bank") != 0 || b.Held("works:bank") != 0 {
		t.Error(b.Balance("works:bank"), b.Held("works:bank"))
	}
	refused(t, "a provider that answers twice", b.Seal("a", first.Add(3)), ErrDone)
	refused(t, "release what was posted", b.Release("a", "晚了"), ErrDone)
	refused(t, "unknown", b.Seal("zz", first), ErrMissing)
	if r, ok := b.Reservation("a"); !ok || r.State != Posted {
		t.Error(r, ok)
	}
}

func TestClosedStaysClosed(t *testing.T) {
	b := books(t)
	end := day.MustParse("2026-01-31")
	must(t, b.Post(entry("1", first, 900, "fees:bank", "fees:ahead")), b.Reserve(entry("w", end, 50, "fees:spent", "fees:bank")))
	must(t, b.Post(entry("later", end.Add(2), 5, "fees:bank", "fees:ahead")))
	_, err := b.Close(end, end)
	refused(t, "not over", err, ErrEarly)
	c, err := b.Close(end, end.Add(1))
	must(t, err)
	if want := []Balance{{"fees:ahead", -900}, {"fees:bank", 900}}; c.Through != end || !reflect.DeepEqual(c.Balances, want) {
		t.Error(c)
	}
	_, err = b.Close(end, end.Add(9))
	refused(t, "twice", err, ErrClosed)
	_, err = b.Close(end.Add(-1), end.Add(9))
	refused(t, "an earlier one", err, ErrClosed)
	refused(t, "post", b.Post(entry("2", end, 1, "fees:bank", "fees:ahead")), ErrClosed)
	refused(t, "reserve", b.Reserve(entry("2", end, 1, "fees:bank", "fees:ahead")), ErrClosed)
	refused(t, "reverse", b.Reverse("1", "r", end, "d", "c", "错录"), ErrClosed)
	refused(t, "seal", b.Seal("w", end), ErrClosed)
	must(t, b.Seal("w", end.Add(1)), b.Reverse("1", "r", end.Add(1), "d", "c", "错录"))
	if got := b.Balances(end); !reflect.DeepEqual(got, c.Balances) {
		t.Error("a closed month moved:", got)
	}
}

func TestOpening(t *testing.T) {
	b := books(t)
	o := Opening{ID: "o", Fund: Fees, Day: first, Document: "移交表", Decision: "决议", Rule: "R30",
		Balances: []Leg{{"fees:bank", 10000}, {"fees:owed", 2505}, {"fees:ahead", -4000}}, Total: 8506}
	refused(t, "one fen off", b.Open(o), ErrOpening)
	if d, err := o.Difference(); err != nil || d != -1 {
		t.Error(d, err)
	}
	o.Total = 8505
	bad := o
	bad.Balances = []Leg{{"works:bank", 8505}}
	refused(t, "another fund", b.Open(bad), ErrAccount)
	bad.Balances = []Leg{{"fees:earned", 8505}}
	refused(t, "not an asset or a debt", b.Open(bad), ErrAccount)
	must(t, b.Open(o))
	if b.Balance("fees:rest") != -8505 || b.Balance("fees:owed") != 2505 {
		t.Error(b.Balances(first))
	}
	o.ID = "o2"
	refused(t, "twice", b.Open(o), ErrBegun)
	must(t, b.Open(Opening{ID: "p", Fund: Works, Day: first, Document: "d", Decision: "c", Rule: "R30", Balances: []Leg{{"works:bank", 7}, {"works:payable", -7}}}))
}

func zero(t *rapid.T, b *Books) {
	var sum yuan.Amount
	funds := map[Fund]yuan.Amount{}
	for _, a := range Standard() {
		sum += b.Balance(a.Code)
		funds[a.Fund()] += b.Balance(a.Code)
		if a.Covered && b.Held(a.Code) < 0 || !a.Covered && b.Held(a.Code) != 0 {
			t.Fatalf("%s holds %d", a.Code, b.Held(a.Code))
		}
	}
	if sum != 0 {
		t.Fatal("the sum of all accounts is", sum)
	}
	for f, s := range funds {
		if s != 0 {
			t.Fatal(f, "adds up to", s)
		}
	}
}

func drawn(t *rapid.T, id string) Entry {
	code := func(f Fund, what string) string {
		names := []string{"bank", "owed", "ahead", "payable", "rest", "earned", "spent"}
		if f == Petty {
			names[0] = "cash"
		}
		return string(f) + ":" + rapid.SampledFrom(names).Draw(t, what)
	}
	amount := yuan.Amount(rapid.Int64Range(1, 100000).Draw(t, "fen"))
	f, g := rapid.SampledFrom(Funds()).Draw(t, "fund"), rapid.SampledFrom(Funds()).Draw(t, "other")
	e := entry(id, first.Add(rapid.IntRange(0, 90).Draw(t, "day")), amount, code(f, "to"), code(f, "from"))
	if f != g {
		e.Legs = []Leg{{code(f, "to"), amount}, {string(f) + ":between", -amount}, {string(g) + ":between", amount}, {code(g, "from"), -amount}}
	}
	return e
}

// TestBooksAtZero: whatever is done, taken or refused, all accounts add up to zero, and so does each fund.
func TestBooksAtZero(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := books(t)
		n := 0
		old := func() string { return fmt.Sprint(rapid.IntRange(0, n).Draw(t, "which")) }
		on := func() day.Day { return first.Add(rapid.IntRange(0, 100).Draw(t, "on")) }
		t.Repeat(map[string]func(*rapid.T){
			"":     func(t *rapid.T) { zero(t, b) },
			"post": func(t *rapid.T) { n++; _ = b.Post(drawn(t, fmt.Sprint(n))) },
			"spoiled": func(t *rapid.T) {
				e := drawn(t, fmt.Sprint(n+1))
				e.Legs[0].Amount += yuan.Amount(rapid.SampledFrom([]int64{-1, 1, 100}).Draw(t, "off"))
				if b.Post(e) == nil {
					t.Fatal("books took an entry that does not balance")
				}
			},
			"reserve": func(t *rapid.T) { n++; _ = b.Reserve(drawn(t, fmt.Sprint(n))) },
			"seal":    func(t *rapid.T) { _ = b.Seal(old(), on()) },
			"release": func(t *rapid.T) { _ = b.Release(old(), "超时") },
			"reverse": func(t *rapid.T) { n++; _ = b.Reverse(old(), fmt.Sprint(n), on(), "d", "c", "错录") },
			"close":   func(t *rapid.T) { d := on(); _, _ = b.Close(d, d.Add(1)) },
			"open": func(t *rapid.T) {
				n++
				_ = b.Open(Opening{ID: fmt.Sprint(n), Fund: Works, Day: on(), Document: "d", Decision: "c", Rule: "R30", Balances: []Leg{{"works:bank", 9}, {"works:ahead", -4}}, Total: 5})
			},
		})
	})
}

// funded are books in which every bank can pay.
func funded(t *rapid.T) *Books {
	b := books(t)
	for _, f := range Funds() {
		bank := string(f) + ":bank"
		if f == Petty {
			bank = "petty:cash"
		}
		if err := b.Post(entry("funded-"+string(f), first, 1000000000, bank, string(f)+":rest")); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

func same(t *rapid.T, x, y *Books, what string) {
	if a, b := x.Balances(day.Last), y.Balances(day.Last); !reflect.DeepEqual(a, b) {
		t.Fatalf("%s: %v and %v", what, a, b)
	}
	for _, a := range Standard() {
		if x.Held(a.Code) != y.Held(a.Code) || x.Available(a.Code) != y.Available(a.Code) {
			t.Fatalf("%s: %s holds %d and %d", what, a.Code, x.Held(a.Code), y.Held(a.Code))
		}
	}
}

func TestTwoPhases(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		posted, sealed, released, untouched := funded(t), funded(t), funded(t), funded(t)
		e := drawn(t, "e")
		for _, err := range []error{posted.Post(e), sealed.Reserve(e), sealed.Seal("e", e.Day), released.Reserve(e), released.Release("e", "退回")} {
			if err != nil {
				t.Fatal(err)
			}
		}
		same(t, posted, sealed, "reserve and post is post")
		if !reflect.DeepEqual(posted.Entries(), sealed.Entries()) {
			t.Fatal("reserve and post wrote another entry than post")
		}
		same(t, released, untouched, "reserve and release is nothing")
		if !reflect.DeepEqual(released.Entries(), untouched.Entries()) {
			t.Fatal("a released reservation wrote an entry")
		}
	})
}

func TestOrderDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var list []Entry
		for n := range rapid.IntRange(2, 12).Draw(t, "entries") {
			list = append(list, drawn(t, fmt.Sprint(n)))
		}
		one, other := funded(t), funded(t)
		for _, e := range list {
			if err := one.Post(e); err != nil {
				t.Fatal(err)
			}
		}
		for _, e := range rapid.Permutation(list).Draw(t, "order") {
			if err := other.Post(e); err != nil {
				t.Fatal(err)
			}
		}
		same(t, one, other, "another order")
		middle := first.Add(45)
		if !reflect.DeepEqual(one.Balances(middle), other.Balances(middle)) {
			t.Fatal("another order changed the balances in between")
		}
	})
}

func sample(t *testing.T) *Books {
	b := books(t)
	must(t, b.Open(Opening{ID: "o", Fund: Fees, Day: first, Document: "移交表", Decision: "决议", Rule: "R30", Balances: []Leg{{"fees:bank", 123456}, {"fees:ahead", -456}}, Total: 123000}))
	odd := entry("1", first.Add(3), 12345, "fees:spent", "fees:bank")
	odd.Text, odd.Document = "电费；(一月) | a;b\n2026-01-01 * x", "voucher: 1, [2020-01-01]"
	must(t, b.Post(odd), b.Post(entry("2", first, 1, "fees:bank", "fees:ahead")), b.Reserve(entry("w", first, 7, "fees:spent", "fees:bank")))
	must(t, b.Reverse("1", "r", first.Add(5), "d", "c", "金额录错"))
	return b
}

func TestJournal(t *testing.T) {
	got := sample(t).Journal()
	for _, want := range []string{
		"commodity 1000.00 CNY\n", "account fees:bank  ; type:A, zh:预收物业服务资金－银行存款, en:service fees held for owners， bank\n",
		"\n2026-01-08 * (1) 电费；（一月） ｜ a；b 2026-01-01 * x\n    ; document:voucher： 1， ［2020-01-01］\n",
		"    fees:spent  123.45 CNY\n    fees:bank  -123.45 CNY\n", "    ; reverses:1\n    ; reason:金额录错\n",
		"\n2026-01-10 * 余额核对 balances asserted\n", "    fees:bank  0.00 CNY = 1234.57 CNY\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the journal lacks %q", want)
		}
	}
	if strings.Contains(got, "(w)") {
		t.Error("what is only reserved stands in the journal")
	}
	if strings.Index(got, "(2)") > strings.Index(got, "(1)") {
		t.Error("entries do not stand by day")
	}
	if books(t).Journal() == "" || strings.Contains(books(t).Journal(), "asserted") {
		t.Error("empty books")
	}
}

// TestHledgerAgrees lets hledger check the journal: parsing, balance, order, declared accounts, and our balances.
func TestHledgerAgrees(t *testing.T) {
	hledger, err := exec.LookPath("hledger")
	if err != nil {
		t.Skip("hledger is not installed here (apt install hledger)")
	}
	check := func(text string) (string, error) {
		name := filepath.Join(t.TempDir(), "books.journal")
		must(t, os.WriteFile(name, []byte(text), 0o600))
		c := exec.Command(hledger, "-f", name, "check", "accounts", "commodities", "ordereddates", "balancednoautoconversion", "assertions")
		c.Env = append(os.Environ(), "LANG=C.UTF-8", "LC_ALL=C.UTF-8")
		out, err := c.CombinedOutput()
		return string(out), err
	}
	text := sample(t).Journal()
	if out, err := check(text); err != nil {
		t.Fatal(err, out)
	}
	if out, err := check(books(t).Journal()); err != nil {
		t.Fatal("empty books:", err, out)
	}
	many := rapid.Custom(func(t *rapid.T) *Books {
		b := funded(t)
		for n := range 200 {
			if err := b.Post(drawn(t, fmt.Sprint(n))); err != nil {
				t.Fatal(err)
			}
		}
		return b
	}).Example(7)
	if out, err := check(many.Journal()); err != nil || len(many.Entries()) != 206 {
		t.Fatal("two hundred entries across the funds:", err, out)
	}
	if _, err := check(strings.Replace(text, "= 1234.57 CNY", "= 1234.58 CNY", 1)); err == nil {
		t.Error("hledger took a balance that is a fen off")
	}
}
