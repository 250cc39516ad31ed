package money

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"cuobian/basis/yuan"
	"cuobian/platform/access"
	"cuobian/platform/store"
)

// split applies for a payment with changes.
func (x *house) split(who string, fen yuan.Amount, change func(*NewPayment)) (Payment, error) {
	in := x.applying(who, fen)
	if change != nil {
		change(&in)
	}
	return x.Submit(ctx, x.who[who], in)
}

// Payments to one payee for one thing within the window are judged by their sum: exactly at the limit is not above it (R38).
func TestSplitIsJudgedByItsSum(t *testing.T) {
	x := settled(t, 100_000_000)
	must := func(p Payment, err error) Payment { x.t.Helper(); x.ok(err); return p }
	a := must(x.split("staff", 300_000, nil))
	if a.Judged != 300_000 || a.Split != "" {
		t.Fatalf("%+v", a)
	}
	b := must(x.split("manager", 200_000, nil)) // 5,000 together: at the limit
	if b.Judged != 500_000 || b.Split != "" {
		t.Fatalf("%+v", b)
	}
	c := must(x.split("m3", 1, nil)) // one fen above
	if c.Judged != 500_001 || c.Split != splitStreet {
		t.Fatalf("%+v", c)
	}
	// The first two are drawn, the third is the street's whatever the lot; the page says with which.
	if b = x.agree(b, "m0", "m1", "m2", "officer"); b.Draw == "" {
		t.Fatalf("%+v", b)
	}
	if c = x.agree(c, "m0", "m1", "m2", "officer"); c.State != AtStreet || c.Draw != "" {
		t.Fatalf("%+v", c)
	}
	tr, err := x.Payment(ctx, x.who["street"], c.ID)
	x.ok(err)
	if len(tr.Alike) != 2 || tr.Alike[0].ID != a.ID || tr.Alike[1].ID != b.ID || !strings.Contains(tr.Alike[0].Why, "name") || !strings.Contains(tr.Alike[0].Why, "bank") || !strings.Contains(tr.Alike[0].Why, "decision") || tr.Window != 90 {
		t.Fatalf("%+v", tr.Alike)
	}
	if text, _, err := x.PaperOf(ctx, x.who["street"], c.ID); err != nil || !strings.Contains(text, a.ID) || !strings.Contains(text, `"judged":500001`) {
		t.Fatal("what is signed does not name the others", text, err)
	}
	// It cannot be paid past the street by calling it drawn.
	x.write(func(tx *store.Tx) error {
		p, err := x.payment(ctx, tx, c.ID)
		if err != nil {
			return err
		}
		rule, _, _, err := x.rules(ctx, tx, p.Path, today(tx))
		if err != nil {
			return err
		}
		steps, err := x.steps(ctx, tx, b.ID)
		if err != nil {
			return err
		}
		p.Draw, p.DrawRoot, p.DrawSize, p.Sampled = b.Draw, b.DrawRoot, b.DrawSize, false
		if ok, err := x.spared(ctx, tx, p, steps, rule); ok || err != nil {
			t.Error("a split payment is spared", err)
		}
		return nil
	})
	// Other payee, or other thing: alone again.
	for name, change := range map[string]func(*NewPayment){
		"another payee": func(n *NewPayment) { n.PayeeName, n.PayeeBank = "戊园林公司", "6222020200998877665" },
		"another thing": func(n *NewPayment) { n.Purpose, n.Decision, n.BudgetLine = "清洗水箱", "budgets/b1/4", "清洗" },
	} {
		if p := must(x.split("staff", 300_000, change)); p.Judged != 300_000 || p.Split != "" {
			t.Errorf("%s: %+v", name, p)
		}
	}
	// The same payee under another name is found by the account, the same name by whatever account and spelling.
	for name, change := range map[string]func(*NewPayment){
		"account": func(n *NewPayment) { n.PayeeName, n.PayeeBank = "别的名字", "6222 0202 0011 2233 445" },
		"name":    func(n *NewPayment) { n.PayeeName, n.PayeeBank = "丙 灯具（公司）", "6222020200998877000" },
		"line":    func(n *NewPayment) { n.Purpose, n.Decision = "清洗水箱", "budgets/b1/9" },
		"purpose": func(n *NewPayment) { n.Purpose, n.Decision, n.BudgetLine = "更换 楼道灯具", "budgets/b1/9", "" },
	} {
		p := must(x.split("staff", 100, change))
		if p.Judged <= 500_001 {
			t.Errorf("%s: %s", name, p.Judged)
		}
		_, err := x.Withdraw(ctx, x.who["staff"], p.ID, "试算")
		x.ok(err)
	}
	// What was withdrawn, and what lies before the window, does not count.
	if p := must(x.split("staff", 100, nil)); p.Judged != 500_101 {
		t.Error(p.Judged)
	}
	x.later(91 * 24 * time.Hour)
	if p := must(x.split("staff", 100, nil)); p.Judged != 100 {
		t.Error(p.Judged)
	}
}

// The last day of the window still counts.
func TestSplitWindow(t *testing.T) {
	x := settled(t, 100_000_000)
	_, err := x.split("staff", 400_000, nil)
	x.ok(err)
	x.later(90 * 24 * time.Hour)
	p, err := x.split("staff", 200_000, nil)
	x.ok(err)
	if p.Judged != 600_000 {
		t.Error(p.Judged)
	}
}

// By the sum three quotes are needed, too: refused with the sum where they are not there.
func TestSplitNeedsQuotes(t *testing.T) {
	x := settled(t, 100_000_000)
	_, err := x.split("staff", 1_500_000, nil)
	x.ok(err)
	p, err := x.split("staff", 500_000, nil) // 20,000 together: at the limit
	x.ok(err)
	if p.Judged != 2_000_000 || p.Split != splitStreet {
		t.Fatalf("%+v", p)
	}
	_, err = x.split("staff", 1, nil)
	x.refused(err, ErrSplitQuotes)
	if !strings.Contains(err.Error(), "20000.01") && !strings.Contains(err.Error(), "20,000.01") {
		t.Error("the sum is not said:", err)
	}
	p, err = x.split("staff", 1, func(n *NewPayment) { n.Quotes = []Quote{{"甲", 1}, {"乙", 2}, {"丙", 3}} })
	x.ok(err)
	if p.Split != splitQuotes || p.Judged != 2_000_001 {
		t.Fatalf("%+v", p)
	}
	// The street sees the cluster; who does not oversee does not.
	list, err := x.Splits(ctx, x.who["street"], "", true)
	x.ok(err)
	if len(list) != 1 || list[0].Sum != 2_000_001 || len(list[0].Items) != 3 || list[0].Split != splitQuotes || !list[0].Open || list[0].Items[0].No != 1 {
		t.Fatalf("%+v", list)
	}
	for _, n := range []string{"m0", "manager", "staff"} {
		if _, err := x.Splits(ctx, x.who[n], "", false); !errors.Is(err, access.ErrRefused) {
			t.Error(n, err)
		}
	}
	for name, who := range x.strangers() {
		if _, err := x.Splits(ctx, who, "", false); err == nil {
			t.Errorf("%s sees the board", name)
		}
	}
	if list, err = x.Splits(ctx, x.as("o", access.StreetOfficer, "350503002/", ""), "", false); err != nil || len(list) != 0 {
		t.Error("another street sees it", list, err)
	}
}

// Two at once: one of them is the later one.
func TestSplitTwoAtOnce(t *testing.T) {
	x := settled(t, 100_000_000)
	in := []NewPayment{x.applying("staff", 300_000), x.applying("manager", 300_000)}
	out, errs := make([]Payment, 2), make([]error, 2)
	var wg sync.WaitGroup
	for i, n := range []string{"staff", "manager"} {
		wg.Add(1)
		go func() { defer wg.Done(); out[i], errs[i] = x.Submit(ctx, x.who[n], in[i]) }()
	}
	wg.Wait()
	x.ok(errors.Join(errs...))
	if out[0].Judged+out[1].Judged != 900_000 {
		t.Fatal("both think they are alone", out[0].Judged, out[1].Judged)
	}
}
