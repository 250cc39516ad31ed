package money

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"cuobian/basis/day"
	"cuobian/basis/yuan"
	"cuobian/platform/access"
	"cuobian/platform/serve"
	"cuobian/platform/store"
	"cuobian/rooms/money/tariff"
)

type feeDoor struct {
	x  *town
	h  http.Handler
	as map[string]access.Who
}

func (x *town) door() feeDoor {
	d := serve.New(serve.Config{DB: x.db, Version: "test"})
	feeRoutes(d, x.Till)
	f := feeDoor{x: x, as: map[string]access.Who{"cashier": x.cashier(), "manager": x.manager(), "owner": x.owner(0), "neighbour": x.owner(1), "elsewhere": x.as("m2", access.PropertyManager, x.there.Path, x.two.ID), "stranger": {Account: "a-x", Person: "x"}}}
	d.Who = func(r *http.Request) (access.Who, error) { return f.as[r.Header.Get("X-Test-Who")], nil }
	f.h = d.Handler()
	return f
}

func (f feeDoor) send(as, method, path, body string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	r.Header.Set("X-Test-Who", as)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	f.h.ServeHTTP(w, r)
	return w
}

func (f feeDoor) do(as, method, path, body string, status int) map[string]any {
	f.x.t.Helper()
	w := f.send(as, method, path, body)
	if w.Code != status {
		f.x.t.Fatalf("%s %s as %q: %d, not %d: %s", method, path, as, w.Code, status, w.Body)
	}
	out := map[string]any{}
	if w.Body.Len() > 0 && strings.Contains(w.Header().Get("Content-Type"), "json") {
		if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil {
			f.x.t.Fatalf("%s %s: %v: %s", method, path, err, w.Body)
		}
	}
	return out
}

func items(m map[string]any) []any { a, _ := m["items"].([]any); return a }

func TestTheDeskOverHTTP(t *testing.T) {
	x := build(t)
	d := x.door()
	at := "/api/money/" + x.here.ID
	d.do("manager", "POST", at+"/tariffs", `{"kind":"property","by":"area","rate":8500,"decision":"law","from_day":"2026-01-01"}`, 201)
	d.do("cashier", "POST", at+"/tariffs", `{"kind":"parking","by":"unit","rate":8500,"decision":"law","from_day":"2026-01-01"}`, 403)
	d.do("elsewhere", "GET", at+"/tariffs", "", 404)
	d.do("", "GET", at+"/tariffs", "", 401)
	if got := items(d.do("owner", "GET", at+"/tariffs", "", 200)); len(got) != 1 {
		t.Fatal(got)
	}
	p := items(d.do("cashier", "POST", at+"/bills/preview", `{"period":"2026-11","kinds":["property"]}`, 200))
	if p[0].(map[string]any)["amount"] != 51000.0 {
		t.Fatal(p)
	}
	d.do("cashier", "POST", at+"/bills", `{"period":"2026-11","kinds":["property"]}`, 202)
	x.jobs()
	if r := items(d.do("cashier", "GET", at+"/runs", "", 200))[0].(map[string]any); r["state"] != "done" || r["bills"] != 6.0 || r["name"] != "2026-11" {
		t.Fatal(r)
	}
	list := d.do("cashier", "GET", at+"/bills?limit=4", "", 200)
	if list["count"] != 6.0 || list["more"] != false || list["next"] == "" || len(items(list)) != 4 {
		t.Fatal(list)
	}
	if rest := d.do("cashier", "GET", at+"/bills?limit=4&after="+list["next"].(string), "", 200); len(items(rest)) != 2 {
		t.Fatal(rest)
	}
	for q, n := range map[string]int{"state=open": 6, "state=paid": 0, "state=overdue": 0, "home=" + x.homes[0].ID: 1, "period=2026-11": 6, "period=2026-Q3": 0, "kind=parking": 0, "from=2026-01-01&to=2027-12-31": 6, "to=2026-01-01": 0, "from=2027-12-31": 0, "q=101": 2, "q=909": 0} {
		if got := items(d.do("cashier", "GET", at+"/bills?"+q, "", 200)); len(got) != n {
			t.Errorf("%s: %d bills, want %d", q, len(got), n)
		}
	}
	home := x.homes[0].ID
	r := d.do("cashier", "POST", at+"/receipts", `{"home":"`+home+`","way":"cash","amount":9000,"once":"1"}`, 201)
	if r["no"] != "2026-000001" || r["ahead"] != 500.0 || r["capital"] != "玖拾元整" {
		t.Fatal(r)
	}
	d.do("cashier", "POST", at+"/receipts", `{"home":"`+home+`","way":"cash","amount":9000,"once":"1"}`, 409)
	a := d.do("cashier", "GET", at+"/homes/"+home+"/account", "", 200)
	if a["owed"] != 0.0 || len(a["receipts"].([]any)) != 1 || len(a["ahead"].([]any)) != 1 {
		t.Fatal(a)
	}
	id := r["id"].(string)
	d.do("owner", "GET", at+"/receipts/"+id, "", 200)
	d.do("neighbour", "GET", at+"/receipts/"+id, "", 404)
	d.do("cashier", "GET", "/api/money/"+x.there.ID+"/receipts/"+id, "", 404)
	d.do("cashier", "POST", at+"/receipts/"+id+"/refund", `{"amount":500,"reason":"多缴"}`, 201)
	d.do("cashier", "POST", at+"/receipts/"+id+"/refund", `{"amount":8501,"reason":"多缴"}`, 422)
	x.proven()
	if w := d.send("cashier", "GET", at+"/invoices.xlsx?from=2026-11-01&to=2026-11-30&purpose=开票", ""); w.Code != 200 || !strings.HasPrefix(w.Body.String(), "PK") {
		t.Error(w.Code, w.Body.String())
	}
	if w := d.send("elsewhere", "GET", at+"/invoices.xlsx?from=2026-11-01&to=2026-11-30&purpose=开票", ""); w.Code != 404 {
		t.Error(w.Code)
	}
	if got := items(d.do("cashier", "GET", at+"/collection?from=2026-01-01&to=2026-12-31", "", 200))[0].(map[string]any); got["percent"] != "16.66" || got["billed"] != 51000.0 || got["got"] != 8500.0 {
		t.Error(got)
	}
	d.do("cashier", "GET", at+"/arrears", "", 200)
	d.do("stranger", "GET", at+"/arrears", "", 404)
}

// An owner pays a bill by a provider: the house counts the amount, the notice is signed, and coming twice it counts once.
func TestPayingOnline(t *testing.T) {
	x := priced(t)
	local := NewLocal(x.db, []byte("secret"))
	d := x.door()
	x.bill1("2026-10")
	x.bill1("2026-11")
	mine := d.do("owner", "GET", "/api/me/bills", "", 200)
	if len(items(mine)) != 2 || mine["owed"] != 17000.0 {
		t.Fatal(mine)
	}
	bill := items(mine)[0].(map[string]any)["id"].(string)
	d.do("owner", "POST", "/api/me/bills/pay", `{"bills":["`+bill+`"],"provider":"local"}`, 422) // not configured
	d.do("", "GET", "/api/pay/local/orders/x", "", 404)
	x.UseProvider(local)
	d.do("", "GET", "/api/me/bills", "", 401)
	d.do("neighbour", "POST", "/api/me/bills/pay", `{"bills":["`+bill+`"],"provider":"local"}`, 404)
	d.do("owner", "POST", "/api/me/bills/pay", `{"bills":["`+bill+`"],"provider":"local","amount":1}`, 422) // the client names no amount
	o := d.do("owner", "POST", "/api/me/bills/pay", `{"bills":["`+bill+`"],"provider":"local"}`, 200)
	if o["amount"] != 8500.0 || o["state"] != "open" {
		t.Fatal(o)
	}
	if again := d.do("owner", "POST", "/api/me/bills/pay", `{"bills":["`+bill+`"],"provider":"local"}`, 200); again["id"] != o["id"] {
		t.Error("a second click makes a second order")
	}
	id := o["id"].(string)
	d.do("neighbour", "GET", "/api/me/orders/"+id, "", 404)
	page := o["url"].(string)
	if w := d.send("", "GET", page, ""); w.Code != 200 || !strings.Contains(w.Body.String(), "¥85.00") {
		t.Fatal(w.Code, w.Body)
	}
	// Signed wrongly, or changed under way: refused.
	body, signature, err := local.Pay(ctx, page[strings.LastIndex(page, "/")+1:])
	x.ok(err)
	if w := d.send("", "POST", "/api/pay/local/notify", strings.Replace(string(body), "8500", "1", 1), SignatureHeader, signature); w.Code != 403 {
		t.Error("a changed notice:", w.Code)
	}
	if w := d.send("", "POST", "/api/pay/local/notify", string(body), SignatureHeader, hex.EncodeToString(NewLocal(x.db, []byte("other")).sign(body))); w.Code != 403 {
		t.Error("another's signature:", w.Code)
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if w := d.send("", "POST", "/api/pay/local/notify", string(body), SignatureHeader, signature); w.Code != 200 || w.Body.String() != "success" {
				t.Error("a notice that comes again:", w.Code, w.Body)
			}
		})
	}
	wg.Wait()
	if w := d.send("", "POST", page, ""); w.Code != 303 {
		t.Error(w.Code, w.Body)
	}
	x.shows(x.here.ID, "fees:clearing:local", 85_00) // until its settlement is a line of the bank
	x.shows(x.here.ID, "fees:bank", 0)
	x.proven()
	if o := d.do("owner", "GET", "/api/me/orders/"+id, "", 200); o["state"] != "paid" || o["receipt"] == "" {
		t.Error(o)
	}
	if got := items(d.do("owner", "GET", "/api/me/receipts-of-fees", "", 200)); len(got) != 1 || got[0].(map[string]any)["way"] != "qr" {
		t.Error(got)
	}
	if got := items(d.do("neighbour", "GET", "/api/me/receipts-of-fees", "", 200)); len(got) != 0 {
		t.Error("a neighbour sees", got)
	}
	d.do("", "POST", "/api/pay/none/notify", `{}`, 404)
}

func (x *town) order(n int) (o Order, outside string) {
	x.t.Helper()
	m, err := x.MyBills(ctx, x.owner(n))
	x.ok(err)
	o, err = x.PayBills(ctx, x.owner(n), []string{m.Items[0].ID}, "local")
	x.ok(err)
	return o, o.URL[strings.LastIndex(o.URL, "/")+1:]
}

// A provider that never answers: asked, expired; its late answer lands once, also where the bill was paid at the desk meanwhile.
func TestSilentProvider(t *testing.T) {
	x := priced(t)
	local := NewLocal(x.db, []byte("secret"))
	x.UseProvider(local)
	x.bill1("2026-11")
	asked, outside := x.order(0)
	_, err := func() (any, error) { _, _, err := local.Pay(ctx, outside); return nil, err }() // paid, but the notice is lost
	x.ok(err)
	late, lateOutside := x.order(1)
	x.to("2026-11-10T09:03")
	x.ok(x.Pursue(ctx))
	state := func(o Order) string {
		list, err := x.orders(ctx, x.db, `id = $1`, o.ID)
		x.ok(err)
		return list[0].State
	}
	if state(asked) != "paid" || state(late) != "open" {
		t.Fatal(state(asked), state(late))
	}
	x.to("2026-11-10T09:40")
	x.ok(x.Pursue(ctx))
	if state(late) != "expired" {
		t.Fatal(state(late))
	}
	x.pay(Cash, x.homes[1], 85_00)
	body, sig, err := local.Pay(ctx, lateOutside)
	x.ok(err)
	for range 2 {
		x.ok(x.Notified(ctx, "local", func(string) string { return sig }, body))
	}
	if state(late) != "paid" {
		t.Fatal(state(late))
	}
	x.shows(x.here.ID, "fees:ahead", -85_00) // paid twice, by two ways: the second stays ahead, visible and refundable
	x.shows(x.here.ID, "fees:clearing:local", 2*85_00)
	x.shows(x.here.ID, "fees:cash", 85_00)
	x.proven()
	// The expired one whose notice never came is asked about again.
	third, out := x.order(2)
	x.to("2026-11-10T12:00")
	x.ok(x.Pursue(ctx))
	if state(third) != "expired" {
		t.Fatal(state(third))
	}
	_, _, err = local.Pay(ctx, out)
	x.ok(err)
	x.to("2026-11-10T18:30")
	x.ok(x.Pursue(ctx))
	if state(third) != "paid" {
		t.Fatal(state(third))
	}
	x.proven()
}

// The provider's statement is compared each day; what differs is listed and somebody's duty, and nothing is set right by itself.
func TestStatementDiffers(t *testing.T) {
	x := priced(t)
	local := NewLocal(x.db, []byte("secret"))
	x.UseProvider(local)
	x.bill1("2026-11")
	fine, a := x.order(0)
	cent, b := x.order(1)
	lost, c := x.order(2)
	gone, e := x.order(3)
	for _, o := range []string{a, b, c, e} {
		body, sig, err := local.Pay(ctx, o)
		x.ok(err)
		if o != c {
			x.ok(x.Notified(ctx, "local", func(string) string { return sig }, body))
		}
	}
	// Their side: 0.01 more, and one they do not know.
	x.write(func(tx *store.Tx) error {
		if _, err := tx.Exec(ctx, `update money_local set amount = amount + 1 where outside = $1`, b); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `delete from money_local where outside = $1`, e)
		return err
	})
	way, err := x.balance(ctx, x.db, x.here.ID, "fees:clearing:local")
	x.ok(err)
	x.to("2026-11-11T00:10")
	for range 2 {
		x.ok(x.CheckProviders(ctx))
	}
	list, err := x.Differences(ctx, x.cashier(), x.here.ID, "open")
	x.ok(err)
	got := map[string]Difference{}
	for _, d := range list {
		got[d.Order] = d
	}
	if len(list) != 3 || got[cent.ID].Sort != "amount" || got[cent.ID].There-got[cent.ID].Here != 1 || got[lost.ID].Sort != "missing_here" || got[gone.ID].Sort != "missing_there" || got[fine.ID].ID != "" {
		t.Fatalf("%+v", list)
	}
	x.shows(x.here.ID, "fees:clearing:local", way)
	n, err := store.Count(ctx, x.db, `select count(*) from duty_duty where kind = 'money.difference' and state not in ('done', 'void')`)
	x.ok(err)
	if n != 3 {
		t.Error(n, "duties for three differences")
	}
	x.refused(x.SettleDifference(ctx, x.cashier(), x.here.ID, list[0].ID, ""), ErrReason)
	x.ok(x.SettleDifference(ctx, x.cashier(), x.here.ID, list[0].ID, "渠道手续费，已与渠道核实"))
	x.refused(x.SettleDifference(ctx, x.cashier(), x.here.ID, list[0].ID, "x"), ErrMissing)
	x.proven()
}

// Another amount than ours is received by nobody.
func TestAnotherAmount(t *testing.T) {
	x := priced(t)
	local := NewLocal(x.db, []byte("secret"))
	x.UseProvider(local)
	x.bill1("2026-11")
	o, outside := x.order(0)
	x.ok(x.land(ctx, "local", Answer{Order: o.ID, Outside: outside, State: "paid", Amount: 84_99}))
	x.shows(x.here.ID, "fees:bank", 0)
	list, err := x.Differences(ctx, x.cashier(), x.here.ID, "")
	x.ok(err)
	if len(list) != 1 || list[0].Here != 85_00 || list[0].There != 84_99 {
		t.Fatalf("%+v", list)
	}
	// Paid rightly once, then again under another id: the second is no receipt but a difference.
	p, out := x.order(1)
	x.ok(x.land(ctx, "local", Answer{Order: p.ID, Outside: out, State: "paid", Amount: 85_00}))
	x.ok(x.land(ctx, "local", Answer{Order: p.ID, Outside: "other", State: "paid", Amount: 85_00}))
	x.shows(x.here.ID, "fees:clearing:local", 85_00)
	x.ok(x.land(ctx, "local", Answer{Order: p.ID, Outside: "a third", State: "paid", Amount: 85_00}))
	// The desk keeps the second as paid ahead, once, and a third stays open; its own statement finds nothing more, and it can be given back.
	list, err = x.Differences(ctx, x.cashier(), x.here.ID, "open")
	x.ok(err)
	two := list[slices.IndexFunc(list, func(d Difference) bool { return d.Outside == "other" })]
	for name, who := range x.strangers() {
		if _, err := x.KeepSecond(ctx, who, x.here.ID, two.ID, "查实"); err == nil {
			t.Errorf("%s keeps it", name)
		}
	}
	_, err = x.KeepSecond(ctx, x.owner(1), x.here.ID, two.ID, "查实")
	x.refused(err, access.ErrMissing)
	_, err = x.KeepSecond(ctx, x.cashier(), x.here.ID, two.ID, " ")
	x.refused(err, ErrReason)
	_, err = x.KeepSecond(ctx, x.cashier(), x.there.ID, two.ID, "查实")
	x.refused(err, access.ErrMissing)
	r, err := x.KeepSecond(ctx, x.cashier(), x.here.ID, two.ID, "业主付了两次")
	x.ok(err)
	if r.Amount != 85_00 || r.Ahead != 85_00 || r.Home != x.homes[1].ID {
		t.Errorf("%+v", r)
	}
	_, err = x.KeepSecond(ctx, x.cashier(), x.here.ID, two.ID, "再记一次")
	x.refused(err, ErrMissing)
	x.shows(x.here.ID, "fees:clearing:local", 170_00)
	if left, err := x.Differences(ctx, x.cashier(), x.here.ID, "open"); err != nil || len(left) != len(list)-1 {
		t.Errorf("%+v %v", left, err)
	}
	f, err := x.GiveBack(ctx, x.cashier(), x.here.ID, r.ID, 85_00, "", "退回多付的一笔")
	x.ok(err)
	if f.Amount != 85_00 || f.Ahead != 85_00 {
		t.Errorf("%+v", f)
	}
	x.refused(x.land(ctx, "local", Answer{Order: "nobody's", Outside: "x", State: "paid", Amount: 1}), ErrMissing)
	x.proven()
}

func TestRefundGoesBackThroughTheProvider(t *testing.T) {
	x := priced(t)
	local := NewLocal(x.db, []byte("secret"))
	x.UseProvider(local)
	x.bill1("2026-11")
	_, outside := x.order(0)
	body, sig, err := local.Pay(ctx, outside)
	x.ok(err)
	x.ok(x.Notified(ctx, "local", func(string) string { return sig }, body))
	list, err := x.receipts(ctx, x.db, `way = 'qr'`)
	x.ok(err)
	f, err := x.GiveBack(ctx, x.cashier(), x.here.ID, list[0].ID, 20_00, "", "多收")
	x.ok(err)
	x.jobs()
	back := func() (a yuan.Amount) {
		x.ok(x.db.QueryRow(ctx, `select back from money_local where outside = $1`, outside).Scan(&a))
		return a
	}
	if back() != 20_00 {
		t.Fatal(back())
	}
	o, err := x.orders(ctx, x.db, `receipt = $1`, list[0].ID)
	x.ok(err)
	x.ok(local.Refund(ctx, o[0], f.ID, 20_00)) // the same once more
	if back() != 20_00 {
		t.Fatal("a refund that is asked twice was given twice")
	}
	x.to("2026-11-11T00:10")
	x.ok(x.CheckProviders(ctx))
	d, err := x.Differences(ctx, x.cashier(), x.here.ID, "")
	x.ok(err)
	if len(d) != 0 {
		t.Errorf("%+v", d)
	}
}

// A bill that another part of the room makes: its own entry, its own hook, and nobody else's to correct.
func TestBillsOfOthers(t *testing.T) {
	x := build(t)
	b := x.begun(x.here)
	var told []yuan.Amount
	x.onBillPaid("projects/", func(_ context.Context, _ *store.Tx, bill Bill, a yuan.Amount) error {
		told = append(told, a)
		return nil
	})
	var bill Bill
	x.write(func(tx *store.Tx) (err error) {
		bill, err = x.makeBill(ctx, tx, b, NewBill{Home: x.homes[0].ID, Kind: Pledge, Fund: "works", Amount: 1000_00, Origin: "projects/p1/1", Zh: "加装电梯认缴", En: "pledge for a lift", Decision: "projects/p1", By: "x"})
		return err
	})
	if bill.Rest != 1000_00 || bill.Steps[0].What != "given" || bill.Due != day.MustParse("2026-12-10") {
		t.Errorf("%+v", bill)
	}
	x.shows(x.here.ID, "works:earned:pledge", -1000_00)
	r := x.pay(Transfer, x.homes[0], 600_00, bill.ID)
	_, err := x.GiveBack(ctx, x.cashier(), x.here.ID, r.ID, 100_00, "", "x")
	x.ok(err)
	if len(told) < 2 || told[len(told)-2] != 600_00 || told[len(told)-1] != -100_00 {
		t.Error(told)
	}
	_, err = x.Correct(ctx, x.cashier(), x.here.ID, bill.ID, 1, "x")
	x.refused(err, ErrBill)
	x.shows(x.here.ID, "works:bank", 500_00)
	x.proven()
	for want, nb := range map[error]NewBill{ErrHome: {Home: x.there.ID, Amount: 1}, ErrAmount: {Home: x.homes[0].ID}, ErrWords: {Home: x.homes[0].ID, Amount: 1}} {
		x.refuses(want, func(tx *store.Tx) error { _, err := x.makeBill(ctx, tx, b, nb); return err })
	}
}

// Thirty homes of many sizes and a formula: the run's sum is the sum of its bills, and of their steps.
func TestStepsAreTheBill(t *testing.T) {
	x := build(t)
	x.price(PropertyFee, tariff.Tariff{By: tariff.Terms, Terms: []tariff.Term{{What: "area", Rate: 8333}, {What: "head", Rate: 1111}, {What: "fixed", Rate: 99}}, High: 70_00})
	r := x.bill1("2026-Q4")
	list, err := x.Till.bills(ctx, x.db, `run = $1`, r.ID)
	x.ok(err)
	var sum yuan.Amount
	for _, b := range list {
		var of yuan.Amount
		for _, s := range b.Steps {
			of += s.Amount
			if s.Zh == "" || s.En == "" {
				t.Error("a step without words")
			}
		}
		if of != b.Amount {
			t.Errorf("steps %s, bill %s", of, b.Amount)
		}
		sum += b.Amount
	}
	if sum != r.Amount || len(list) != 6 || sum != 6*210_00 {
		t.Error(sum, r.Amount)
	}
	x.proven()
}
