package money

import (
	"bytes"
	"encoding/json"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"cuobian/basis/day"
	"cuobian/platform/access"
	"cuobian/platform/serve"
	"cuobian/platform/store"
	"cuobian/rooms/money/ledger"
)

// asks sends one request through the whole door as somebody and reads the answer.
func (x *town) asks(w access.Who, method, path, body string, out any) int {
	x.t.Helper()
	r := x.sends(w, method, path, "application/json", strings.NewReader(body))
	if out != nil && r.Code < 300 {
		if err := json.Unmarshal(r.Body.Bytes(), out); err != nil {
			x.t.Fatalf("%s %s: %d %s", method, path, r.Code, r.Body)
		}
	}
	return r.Code
}

func (x *town) sends(w access.Who, method, path, kind string, body interface{ Read([]byte) (int, error) }) *httptest.ResponseRecorder {
	x.t.Helper()
	door := serve.New(serve.Config{DB: x.db, Version: "test"})
	door.Who = func(*http.Request) (access.Who, error) { return w, nil }
	Routes(door, x.Till)
	q := httptest.NewRequest(method, path, body)
	q.Header.Set("Content-Type", kind)
	r := httptest.NewRecorder()
	door.Handler().ServeHTTP(r, q)
	if r.Code >= 500 {
		x.t.Fatalf("%s %s: %d %s", method, path, r.Code, r.Body)
	}
	return r
}

const handBody = `{"day":"2026-11-05","text":"虚构：银行利息","decision":"law","rule":"R34","paper":"回单 7","legs":[{"account":"income:bank","amount":1200},{"account":"income:earned:interest","amount":-1200}]}`

func TestBooksOverHTTP(t *testing.T) {
	x := build(t)
	b := x.begun(x.here)
	x.begun(x.there)
	at := "/api/money/" + b.Compound
	x.posted(b, entryOf(d("2026-10-05"), 5000, "fees:bank", "fees:ahead"))
	var e EntryLine
	if code := x.asks(x.manager(), "POST", at+"/entries", handBody, &e); code != 201 || e.Sum != 1200 || e.Document != "papers/回单 7" {
		t.Fatal(code, e)
	}
	var h Handover
	if code := x.asks(x.officer(), "POST", at+"/handovers", `{"from_org":"`+x.one.ID+`","to_org":"`+x.two.ID+`","more":["物业用房钥匙 3 把"]}`, &h); code != 201 || len(h.Items) < 4 {
		t.Fatal(code, h)
	}
	item := at + "/handovers/" + h.ID + "/items/" + h.Items[0].ID
	opening := `{"day":"2026-01-01","decision":"contracts/1","paper":"移交表","balances":[{"fund":"works","account":"bank","amount":100}],"totals":[{"fund":"works","total":100}]}`
	ops := []struct {
		method, path, body string
		reads              bool
		want               int
	}{
		{"GET", at, "", true, 200},
		{"GET", at + "/chart", "", true, 200},
		{"GET", at + "/entries?fund=income&from=2026-01-01&q=%E5%88%A9%E6%81%AF", "", true, 200},
		{"GET", at + "/entries/" + e.ID, "", true, 200},
		{"GET", at + "/closings", "", true, 200},
		{"GET", at + "/statement?fund=fees&from=2026-10-01&to=2026-10-31", "", true, 200},
		{"GET", at + "/proof", "", true, 200},
		{"GET", at + "/books.xlsx?from=2026-10-01&to=2026-10-31", "", true, 200},
		{"GET", at + "/journal.txt", "", true, 200},
		{"GET", at + "/handovers", "", true, 200},
		{"GET", at + "/handovers/" + h.ID, "", true, 200},
		{"POST", at + "/opening/preview", opening, false, 200},
		{"POST", at + "/opening", opening, false, 201},
		{"POST", at + "/entries", handBody, false, 201},
		{"POST", at + "/entries/" + e.ID + "/reverse", `{"reason":"录错"}`, false, 201},
		{"POST", at + "/close", `{"through":"2026-10-31"}`, false, 201},
	}
	for who, w := range x.strangers() {
		for _, op := range ops {
			if (who == "a company that does not serve" || who == "the neighbours' manager") && strings.HasPrefix(op.path, at+"/handovers") {
				continue // it is the one that takes over here, and sees what it is to take
			}
			if code := x.asks(w, op.method, op.path, op.body, nil); code < 400 || code >= 500 {
				t.Errorf("%s: %s %s answered %d", who, op.method, op.path, code)
			}
		}
		for _, path := range []string{item + "/give", item + "/receive", at + "/handovers/" + h.ID + "/sign"} {
			if who == "a company that does not serve" {
				continue // it is the one that takes over here
			}
			if code := x.asks(w, "POST", path, `{"counted":0}`, nil); code < 400 || code >= 500 {
				t.Errorf("%s: %s answered %d", who, path, code)
			}
		}
	}
	for who, w := range map[string]access.Who{"a cashier": x.cashier(), "a member": x.member(1), "an owner": x.owner(1), "the street": x.office()} {
		for _, op := range ops {
			code := x.asks(w, op.method, op.path, op.body, nil)
			if !op.reads && code != 403 && !(who == "an owner" && code == 404) {
				t.Errorf("%s kept the books: %s %s answered %d", who, op.method, op.path, code)
			}
			if op.reads && who == "an owner" && code != 404 {
				t.Errorf("an owner read the books: %s answered %d", op.path, code)
			}
			if op.reads && who != "an owner" && code != 200 {
				t.Errorf("%s may not read %s: %d", who, op.path, code)
			}
		}
	}
	for _, op := range ops {
		if code := x.asks(x.manager(), op.method, op.path, op.body, nil); code != op.want {
			t.Errorf("%s %s answered %d, want %d", op.method, op.path, code, op.want)
		}
	}
	var list BookList
	if code := x.asks(x.manager(), "GET", "/api/money/books", "", &list); code != 200 || len(list.Items) != 1 || list.N != 1 || list.Of != 1 {
		t.Error(code, list)
	}
	if code := x.asks(x.office(), "GET", "/api/money/books?under="+string(x.community.Path), "", &list); code != 200 || len(list.Items) != 2 || list.N != 2 || list.Of != 2 {
		t.Error(code, list)
	}
	if code := x.asks(x.owner(0), "GET", "/api/money/books", "", nil); code != 403 && code != 404 {
		t.Error("an owner:", code)
	}
	var v BookView
	if code := x.asks(x.manager(), "GET", at, "", &v); code != 200 || !v.Has || len(v.Funds) != 6 || v.Funds[0].Bank != 5000 || v.Funds[0].Ahead != 5000 || len(v.May) == 0 || v.Closed != d("2026-10-31") {
		t.Errorf("%d %+v", code, v)
	}
}

func TestByHand(t *testing.T) {
	x := build(t)
	b := x.begun(x.here)
	x.posted(b, entryOf(d("2026-10-05"), 50000, "income:bank", "income:earned:venue"))
	hand := func(legs ...ledger.Leg) error {
		_, err := x.WriteByHand(ctx, x.director(), b.Compound, Hand{Day: d("2026-11-01"), Text: "虚构", Decision: "law", Rule: "R34", Paper: "1", Legs: legs})
		return err
	}
	x.refused(hand(ledger.Leg{Account: "income:spent:cost", Amount: 100}, ledger.Leg{Account: "income:bank", Amount: -100}), ErrByPayment)
	x.refused(hand(ledger.Leg{Account: "income:owed", Amount: 100}, ledger.Leg{Account: "income:earned", Amount: -100}), ErrByPart)
	x.refused(hand(ledger.Leg{Account: "maintenance:bank", Amount: 100}, ledger.Leg{Account: "maintenance:rest", Amount: -100}), ErrByPart)
	x.ok(hand(ledger.Leg{Account: "income:spent:charges", Amount: 100}, ledger.Leg{Account: "income:bank", Amount: -100}))
	_, err := x.WriteByHand(ctx, x.director(), b.Compound, Hand{Day: x.Today().Add(1), Text: "虚构", Decision: "law", Rule: "R34", Paper: "1", Legs: []ledger.Leg{{Account: "income:bank", Amount: 1}, {Account: "income:earned", Amount: -1}}})
	x.refused(err, ErrDay)
	made := x.posted(b, entryOf(x.Today(), 10, "fees:owed", "fees:earned:property")) // as a bill makes it
	_, err = x.ReverseByHand(ctx, x.manager(), b.Compound, made.ID, 0, "错", "", nil)
	x.refused(err, ErrOfPart)
	p, err := x.Entries(ctx, x.director(), b.Compound, EntryFind{Account: "income:spent"})
	x.ok(err)
	if len(p.Items) != 1 || p.Count != 1 {
		t.Fatal(p)
	}
	_, err = x.ReverseByHand(ctx, x.director(), b.Compound, p.Items[0].ID, 0, " ", "", nil)
	x.refused(err, ErrReason)
	m, err := x.ReverseByHand(ctx, x.director(), b.Compound, p.Items[0].ID, 0, "银行已退", "", nil)
	x.ok(err)
	_, err = x.ReverseByHand(ctx, x.director(), b.Compound, m.ID, 0, "再冲", "", nil)
	x.refused(err, ledger.ErrReversal)
	x.ok(x.Bring(ctx))
	f, err := x.Entry(ctx, x.director(), b.Compound, p.Items[0].ID)
	x.ok(err)
	if f.Undone == nil || f.Undone.ID != m.ID || f.ReversedBy != m.ID || len(f.Trail) != 2 || f.Voucher != "记-2026-11-0001" || f.ByHand {
		t.Fatalf("%+v", f)
	}
	// By its voucher's number, page by page.
	for _, q := range []string{"记-2026-11-0001", "2026-11-1"} {
		got, err := x.Entries(ctx, x.director(), b.Compound, EntryFind{Q: q})
		x.ok(err)
		if len(got.Items) != 1 || got.Items[0].ID != f.ID {
			t.Error(q, got)
		}
	}
	seen := map[string]bool{}
	after := ""
	for range 10 {
		got, err := x.Entries(ctx, x.director(), b.Compound, EntryFind{After: after, Limit: 1})
		x.ok(err)
		for _, e := range got.Items {
			seen[e.ID] = true
		}
		if after = got.Next; after == "" {
			break
		}
	}
	if len(seen) != 4 {
		t.Error("paged through", len(seen))
	}
	_, err = x.Entries(ctx, x.director(), b.Compound, EntryFind{After: "x"})
	x.refused(err, ErrCursor)
}

// TestEndedTerm: who kept the books until yesterday keeps them no more.
func TestEndedTerm(t *testing.T) {
	x := build(t)
	b := x.begun(x.here)
	gone := x.director()
	gone.Grants = nil // what access gives to one whose term ended
	_, err := x.WriteByHand(ctx, gone, b.Compound, Hand{})
	x.refused(err, ErrMissing)
	x.write(func(tx *store.Tx) error { // the company's contract ends
		_, err := tx.Exec(ctx, `update service_contract set to_day = '2026-11-01' where org = $1`, x.one.ID)
		return err
	})
	_, err = x.WriteByHand(ctx, x.manager(), b.Compound, Hand{})
	x.refused(err, ErrCompany)
	_, err = x.View(ctx, x.manager(), b.Compound)
	x.refused(err, ErrCompany)
}

func (x *town) form(at string, file []byte, texts map[string]string) *httptest.ResponseRecorder {
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for k, v := range texts {
		x.ok(w.WriteField(k, v))
	}
	p, err := w.CreateFormFile("file", "期初.xlsx")
	x.ok(err)
	_, err = p.Write(file)
	x.ok(err)
	x.ok(w.Close())
	return x.sends(x.manager(), "POST", at, w.FormDataContentType(), &body)
}

func TestOpening(t *testing.T) {
	x := build(t)
	var sample bytes.Buffer
	x.ok(OpeningSample(&sample))
	at := "/api/money/" + x.here.ID + "/opening"
	texts := map[string]string{"day": "2026-01-01", "decision": "contracts/1", "paper": "移交表 1 号"}
	r := x.form(at+"/preview", sample.Bytes(), texts)
	var p OpeningPreview
	x.ok(json.Unmarshal(r.Body.Bytes(), &p))
	if r.Code != 200 || len(p.Funds) != 3 || !p.Ready || p.Funds[0].Sum != 11793050 || len(p.Arrears) != 3 {
		t.Fatal(r.Code, r.Body)
	}
	if n, err := store.Count(ctx, x.db, `select count(*) from money_book`); err != nil || n != 0 {
		t.Fatal("a preview wrote something")
	}
	if r = x.form(at, sample.Bytes(), texts); r.Code != 201 {
		t.Fatal(r.Code, r.Body)
	}
	bills, err := x.bills(ctx, x.db, `compound = $1 order by home`, x.here.ID)
	x.ok(err)
	if len(bills) != 2 || bills[0].Rest+bills[1].Rest != 153000 || bills[0].Fund != ledger.Fees {
		t.Fatalf("%+v", bills)
	}
	proof, err := x.Prove(ctx, x.office(), x.here.ID)
	x.ok(err)
	if !proof.Holds {
		t.Fatalf("%+v", proof)
	}
	x = build(t)
	at = "/api/money/" + x.here.ID + "/opening"
	o := func() Opening {
		return Opening{Day: d("2026-01-01"), Decision: "contracts/1", Paper: "1", Balances: []OpeningRow{{Fund: ledger.Income, Account: "bank", Amount: 4230000}, {Fund: ledger.Income, Account: "payable", Amount: 30000}}, Totals: []OpeningTotal{{Fund: ledger.Income, Total: 4200000}}}
	}
	for what, spoil := range map[string]func(o *Opening){
		"a fen off":          func(o *Opening) { o.Totals[0].Total++ },
		"no stated sum":      func(o *Opening) { o.Totals = nil },
		"tomorrow":           func(o *Opening) { o.Day = x.Today().Add(1) },
		"no decision":        func(o *Opening) { o.Decision = "" },
		"an earning":         func(o *Opening) { o.Balances[0].Account = "earned" },
		"twice":              func(o *Opening) { o.Balances = append(o.Balances, o.Balances[0]) },
		"below zero":         func(o *Opening) { o.Balances[0].Amount = -1 },
		"a strange fund":     func(o *Opening) { o.Balances[0].Fund = "pocket" },
		"owed without homes": func(o *Opening) { o.Balances[0].Account = "owed" },
		"arrears of a strange home": func(o *Opening) {
			o.Arrears = []OpeningArrear{{Home: "9-909", Kind: "property", Fund: ledger.Fees, From: o.Day, To: o.Day, Amount: 1}}
		},
		"nothing": func(o *Opening) { o.Balances, o.Totals = nil, nil },
	} {
		bad := o()
		spoil(&bad)
		p, err := x.PreviewOpening(ctx, x.manager(), x.here.ID, bad)
		x.ok(err)
		if p.Ready || len(p.Faults) == 0 {
			t.Error(what, "would be written")
		}
		_, err = x.Open(ctx, x.manager(), x.here.ID, bad)
		x.refused(err, ErrOpening)
	}
	for who, w := range x.strangers() {
		if _, err := x.Open(ctx, w, x.here.ID, o()); err == nil {
			t.Error(who, "opened the books")
		}
	}
	noPaper := o()
	noPaper.Paper = ""
	_, err = x.Open(ctx, x.manager(), x.here.ID, noPaper)
	x.refused(err, ledger.ErrPapers)
	all, err := x.Open(ctx, x.manager(), x.here.ID, o())
	x.ok(err)
	if len(all) != 1 || len(all[0].Legs) != 3 {
		t.Fatal(all)
	}
	x.shows(x.here.ID, "income:rest", -4200000)
	_, err = x.Open(ctx, x.manager(), x.here.ID, o())
	x.refused(err, ErrOpening) // the fund has begun
	// Wrong all the same: while nothing else stands in the fund it is reversed and opened again.
	_, err = x.ReverseByHand(ctx, x.manager(), x.here.ID, all[0].ID, 0, "移交数有误", "", nil)
	x.ok(err)
	second := o()
	second.Balances[1].Amount, second.Totals[0].Total = 40000, 4190000
	all, err = x.Open(ctx, x.manager(), x.here.ID, second)
	x.ok(err)
	x.shows(x.here.ID, "income:rest", -4190000)
	b, err := x.book(ctx, x.db, x.here.ID)
	x.ok(err)
	if b.Begun != d("2026-01-01") {
		t.Error(b.Begun)
	}
	x.posted(b, entryOf(x.Today(), 1, "income:bank", "income:earned"))
	_, err = x.ReverseByHand(ctx, x.manager(), x.here.ID, all[0].ID, 0, "再改", "", nil)
	x.refused(err, ErrOpeningUsed)
	x.zero()
	r = x.form(at+"/preview", []byte("PK not a workbook"), texts)
	if r.Code < 400 {
		t.Error(r.Code)
	}
}

func TestHandover(t *testing.T) {
	x := build(t)
	b := x.begun(x.here)
	x.posted(b, entryOf(d("2026-10-05"), 50000, "fees:bank", "fees:ahead"))
	x.posted(b, entryOf(d("2026-10-05"), 700, "company:bank", "company:earned")) // its own: not handed over
	x.write(func(tx *store.Tx) error {
		_, err := x.stamps.Make(ctx, tx, "甲物业财务专用章（样例）", x.here.Path, "orgs/"+x.one.ID)
		return err
	})
	begin := func(w access.Who, from, to string) (Handover, error) {
		return x.BeginHandover(ctx, w, b.Compound, NewHandover{From: from, To: to, More: []string{"物业用房钥匙 3 把"}})
	}
	_, err := begin(x.officer(), x.one.ID, x.one.ID)
	x.refused(err, ErrHandKind)
	_, err = begin(x.officer(), x.two.ID, x.one.ID) // never served here
	x.refused(err, ErrHandKind)
	h, err := begin(x.officer(), x.one.ID, x.two.ID)
	x.ok(err)
	_, err = begin(x.officer(), x.one.ID, "")
	x.refused(err, ErrHandOpen)
	kinds := map[string]int{}
	for _, i := range h.Items {
		kinds[i.Kind]++
		if strings.Contains(i.Ref, "company:") {
			t.Error("the company's own money on the list:", i)
		}
	}
	if kinds["account"] != 1 || kinds["balance"] != 1 || kinds["contract"] != 1 || kinds["seal"] != 1 || kinds["papers"] != 1 || kinds["other"] != 1 {
		t.Fatal(kinds)
	}
	var due, org string
	x.ok(x.db.QueryRow(ctx, `select org, state from duty_duty where kind = 'money.handover' and ref = $1`, "money-handovers/"+h.ID).Scan(&org, &due))
	if org != x.one.ID || due != "open" {
		t.Fatal(org, due)
	}
	// The next company has no contract here yet: it reads no books, but sees its hand-over, and owes the counting.
	next := x.as("next", access.PropertyManager, x.here.Path, x.two.ID)
	_, err = x.Chart(ctx, next, b.Compound)
	x.refused(err, ErrCompany)
	away := x.as("next", access.PropertyManager, x.there.Path, x.two.ID) // of the same company, at another compound
	for _, w := range []access.Who{next, away} {
		mine, err := x.MyHandovers(ctx, w)
		x.ok(err)
		seen, err := x.Handovers(ctx, w, b.Compound)
		x.ok(err)
		if len(mine) != 1 || len(seen) != 1 || mine[0].ID != h.ID || mine[0].Place != x.here.Name || strings.Join(seen[0].May, " ") != "take" {
			t.Fatalf("%+v %+v", mine, seen)
		}
	}
	for w, may := range map[string]string{"manager": "give", "officer": "stand"} {
		who := map[string]access.Who{"manager": x.manager(), "officer": x.officer()}[w]
		if seen, err := x.MyHandovers(ctx, who); err != nil || len(seen) != 1 || strings.Join(seen[0].May, " ") != may {
			t.Fatalf("%s: %+v %v", w, seen, err)
		}
	}
	for name, w := range x.strangers() {
		if w.Person == "m2" || w.Person == "m3" {
			continue // of the company that takes over
		}
		if seen, err := x.MyHandovers(ctx, w); len(seen) != 0 || name == "nobody" && err == nil {
			t.Errorf("%s sees %+v %v", name, seen, err)
		}
		if _, err := x.Handovers(ctx, w, b.Compound); err == nil {
			t.Error(name, "sees hand-overs")
		}
	}
	x.ok(x.db.QueryRow(ctx, `select org, state from duty_duty where kind = 'money.handover_take' and ref = $1`, "money-handovers/"+h.ID).Scan(&org, &due))
	if org != x.two.ID || due != "open" {
		t.Fatal(org, due)
	}
	first := h.Items[0].ID
	_, err = x.ReceiveItem(ctx, next, b.Compound, h.ID, first, 50000, "")
	x.refused(err, ErrHandLeft)
	_, err = x.GiveItem(ctx, next, b.Compound, h.ID, first, false, "")
	x.refused(err, ErrHandGiver)
	_, err = x.GiveItem(ctx, x.officer(), b.Compound, h.ID, first, false, "")
	x.refused(err, ErrHandNote) // in their absence only with a note
	for n, i := range h.Items {
		missing := i.Kind == "seal"
		note := ""
		if missing {
			_, err = x.GiveItem(ctx, x.manager(), b.Compound, h.ID, i.ID, true, "")
			x.refused(err, ErrHandNote)
			note = "财务章遗失，已登报"
		}
		_, err = x.GiveItem(ctx, x.manager(), b.Compound, h.ID, i.ID, missing, note)
		x.ok(err)
		counted := i.Amount
		if i.Kind == "account" {
			counted -= 1
			_, err = x.ReceiveItem(ctx, next, b.Compound, h.ID, i.ID, counted, "")
			x.refused(err, ErrHandNote)
		}
		if n == 0 {
			_, err = x.SignHandover(ctx, x.manager(), b.Compound, h.ID, "")
			x.refused(err, ErrHandLeft)
			both := x.manager() // who gave cannot receive, whatever posts they hold
			both.Grants = append(both.Grants, next.Grants...)
			_, err = x.ReceiveItem(ctx, both, b.Compound, h.ID, i.ID, counted, "x")
			x.refused(err, ErrHandTaker)
		}
		_, err = x.ReceiveItem(ctx, next, b.Compound, h.ID, i.ID, counted, "已清点")
		x.ok(err)
	}
	_, err = x.SignHandover(ctx, next, b.Compound, h.ID, "")
	x.refused(err, ErrHandGiven)
	h, err = x.SignHandover(ctx, x.manager(), b.Compound, h.ID, "")
	x.ok(err)
	if h.State != "signed" || h.Differs != 2 {
		t.Fatalf("%+v", h)
	}
	h, err = x.SignHandover(ctx, next, b.Compound, h.ID, "差额一分由甲物业补足")
	x.ok(err)
	if h.State != "done" || h.Receiver != "next" || h.Giver != "manager" {
		t.Fatalf("%+v", h)
	}
	x.ok(x.db.QueryRow(ctx, `select state from duty_duty where kind = 'money.handover' and ref = $1`, "money-handovers/"+h.ID).Scan(&due))
	if due != "ended" {
		t.Error("the duty is", due)
	}
	x.ok(x.db.QueryRow(ctx, `select state from duty_duty where kind = 'money.handover_take' and ref = $1`, "money-handovers/"+h.ID).Scan(&due))
	if due != "ended" {
		t.Error("the duty of who takes over is", due)
	}
	if seen, err := x.MyHandovers(ctx, next); err != nil || len(seen) != 1 || len(seen[0].May) != 0 {
		t.Fatalf("%+v %v", seen, err)
	}
	_, err = x.SignHandover(ctx, next, b.Compound, h.ID, "")
	x.refused(err, ErrHandOver)
	// A committee that leaves hands over to the community until the next is there (R23).
	h, err = begin(x.officer(), x.committee.ID, "")
	x.ok(err)
	if h.Rule != "R23" || h.Kind != "committee" || h.Due.Day(day.Shanghai) != d("2026-11-20") {
		t.Fatalf("%+v due %s", h, h.Due)
	}
	former := access.Who{Account: "a-f", Person: x.owners[2]}
	_, err = x.GiveItem(ctx, former, b.Compound, h.ID, h.Items[0].ID, false, "")
	x.refused(err, ErrMissing)
}
