package money

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"

	"cuobian/platform/access"
	"cuobian/platform/serve"
)

func TestTheBankOverHTTP(t *testing.T) {
	x := priced(t)
	x.bill1("2026-10")
	s := serve.New(serve.Config{DB: x.db, Version: "test"})
	bankRoutes(s, x.Till)
	d := feeDoor{x: x, as: map[string]access.Who{"manager": x.manager(), "director": x.director(), "cashier": x.cashier(), "owner": x.owner(0), "officer": x.officer(), "elsewhere": x.as("m2", access.PropertyManager, x.there.Path, x.two.ID), "stranger": {Account: "a-x", Person: "x"}}}
	s.Who = func(r *http.Request) (access.Who, error) { return d.as[r.Header.Get("X-Test-Who")], nil }
	d.h = s.Handler()
	at := "/api/money/" + x.here.ID
	a := d.do("manager", "POST", at+"/accounts", `{"fund":"fees","bank":"样例银行","number":"6222 0000 0000 1234","holder_org":"`+x.one.ID+`","holder_kind":"company","opened_on":"2026-01-01"}`, 201)
	if a["last4"] != "1234" || a["number"] != nil {
		t.Fatal(a)
	}
	account := at + "/accounts/" + a["id"].(string)
	file := base64.StdEncoding.EncodeToString([]byte(bankHead + "2026-10-20,,85.00,,85.00,业主2,,转账,1-201物业费\n2026-10-21,,1.00,,86.00,某人,,转账,\n"))
	f := d.do("manager", "POST", account+"/files", `{"name":"流水.csv","content":"`+file+`"}`, 201)
	if f["format"] != "table" || f["new"] != 2.0 || f["state"] != "preview" || len(f["sample"].([]any)) != 2 {
		t.Fatal(f)
	}
	files := account + "/files/" + f["id"].(string)
	if got := d.do("manager", "POST", files+"/import", `{}`, 200); got["added"] != 2.0 {
		t.Fatal(got)
	}
	d.do("manager", "POST", files+"/import", `{}`, 409)
	d.do("manager", "POST", files+"/drop", `{"reason":"x"}`, 409)
	d.do("manager", "POST", account+"/files", `{"name":"x","content":"`+base64.StdEncoding.EncodeToString([]byte("%PDF-1.7"))+`"}`, 422)
	if got := d.do("manager", "POST", at+"/match", `{}`, 200); got["matched"] != 1.0 || got["seen"] != 2.0 {
		t.Fatal(got)
	}
	lines := d.do("manager", "GET", at+"/lines?state=unmatched", "", 200)
	if lines["count"] != 1.0 {
		t.Fatal(lines)
	}
	line := at + "/lines/" + items(lines)[0].(map[string]any)["id"].(string)
	d.do("manager", "GET", line, "", 200)
	d.do("manager", "POST", line+"/match", `{"account":"fees:earned:other"}`, 422)
	d.do("manager", "POST", line+"/match", `{"account":"fees:earned:other","reason":"废品款"}`, 200)
	d.do("manager", "POST", line+"/match", `{"account":"fees:earned:other","reason":"废品款"}`, 409)
	d.do("manager", "POST", line+"/unmatch", `{"reason":"认错"}`, 200)
	d.do("manager", "POST", line+"/ignore", `{"reason":"银行错账"}`, 200)
	d.do("manager", "POST", line+"/unignore", `{"reason":"再看"}`, 200)
	d.do("manager", "POST", line+"/ignore", `{"reason":"银行错账"}`, 200)
	if got := d.do("manager", "POST", account+"/reveal", `{"reason":"核对开户资料"}`, 200); got["number"] != "6222000000001234" {
		t.Fatal(got)
	}
	m := d.do("manager", "POST", at+"/reconciliations/2026-10", `{"fund":"fees","done":true}`, 200)
	if m["books"] != 8500.0 || m["bank"] != 8600.0 || m["state"] != "done" || m["difference"] != -100.0 || m["rest"] != 0.0 {
		t.Fatal(m)
	}
	d.do("manager", "POST", at+"/reconciliations/2026-10/check", `{"fund":"fees","agree":true}`, 403)
	d.do("director", "POST", at+"/reconciliations/2026-10/check", `{"fund":"fees","agree":true}`, 200)
	if got := items(d.do("manager", "GET", at+"/reconciliations/all", "", 200)); len(got) != 1 {
		t.Fatal(got)
	}
	for _, op := range []struct{ method, path, body string }{
		{"GET", at + "/accounts", ""}, {"POST", at + "/accounts", `{"fund":"fees","bank":"x","number":"622299990000","holder_org":"` + x.one.ID + `","holder_kind":"company"}`},
		{"POST", account + "/close", `{"reason":"x"}`}, {"POST", account + "/reveal", `{"reason":"看看"}`}, {"GET", account + "/files", ""}, {"POST", account + "/files", `{"name":"x","content":"` + file + `"}`},
		{"POST", files + "/import", `{}`}, {"POST", files + "/drop", `{"reason":"x"}`}, {"GET", at + "/lines", ""}, {"GET", line, ""}, {"POST", line + "/match", `{"home":"x"}`}, {"POST", line + "/unmatch", `{"reason":"x"}`},
		{"POST", line + "/ignore", `{"reason":"x"}`}, {"POST", line + "/unignore", `{"reason":"x"}`}, {"POST", at + "/match", `{}`}, {"GET", at + "/reconciliations/2026-10", ""},
		{"POST", at + "/reconciliations/2026-10", `{"fund":"fees"}`}, {"POST", at + "/reconciliations/2026-10/check", `{"fund":"fees","agree":true}`},
	} {
		for who, want := range map[string][]int{"": {401}, "stranger": {403, 404}, "elsewhere": {404}, "owner": {403, 404}} {
			w := d.send(who, op.method, op.path, op.body)
			if w.Code != want[0] && w.Code != want[len(want)-1] {
				t.Errorf("%s %s as %q: %d %s", op.method, op.path, who, w.Code, w.Body)
			}
			if strings.Contains(w.Body.String(), "6222") {
				t.Errorf("%s %s as %q shows a number", op.method, op.path, who)
			}
		}
	}
	x.proveBanks()
}
