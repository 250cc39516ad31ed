package cases_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"cuobian/platform/access"
	"cuobian/platform/serve"
	"cuobian/rooms/cases"
)

type door struct {
	t *testing.T
	h http.Handler
}

var actors = map[string]access.Who{"manager": manager, "worker": worker, "officer": officer, "office": office, "hotline": hotline, "resident": resident, "neighbour": neighbour, "stranger": stranger}

func openDoor(t *testing.T, s *town) door {
	d := serve.New(serve.Config{DB: s.db, Version: "test"})
	cases.Routes(d, s.Desk)
	d.Who = func(r *http.Request) (access.Who, error) { return actors[r.Header.Get("X-Test-Who")], nil }
	return door{t, d.Handler()}
}

func (d door) do(as, method, path, body string, status int) map[string]any {
	d.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	r.Header.Set("X-Test-Who", as)
	w := httptest.NewRecorder()
	d.h.ServeHTTP(w, r)
	if w.Code != status {
		d.t.Fatalf("%s %s as %s: %d, not %d: %s", method, path, as, w.Code, status, w.Body)
	}
	out := map[string]any{}
	if w.Body.Len() > 0 && strings.Contains(w.Header().Get("Content-Type"), "json") {
		if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil {
			d.t.Fatalf("%s %s: %v: %s", method, path, err, w.Body)
		}
	}
	return out
}

func TestTheWayOverHTTP(t *testing.T) {
	s := open(t)
	d := openDoor(t, s)
	c := d.do("resident", "POST", "/api/cases", `{"at":"lift-7","text":"电梯按钮坏了，13800000051","channel":"qr","phone":"13800000051","client_key":"k-1"}`, 201)
	id, number := c["id"].(string), c["number"].(string)
	if again := d.do("resident", "POST", "/api/cases", `{"at":"lift-7","text":"电梯按钮坏了，13800000051","channel":"qr","phone":"13800000051","client_key":"k-1"}`, 201); again["id"] != id {
		t.Fatal("the same key made a second matter")
	}
	at := "/api/cases/" + id
	d.do("", "GET", at, "", 401)
	d.do("stranger", "GET", at, "", 404)
	d.do("neighbour", "GET", at, "", 404)
	d.do("officer", "POST", at+"/dispatch", `{"org":"co1"}`, 200)
	d.do("neighbour", "POST", at+"/take", "", 404)
	d.do("worker", "POST", at+"/take", "", 200)
	d.do("worker", "POST", at+"/handle", `{"note":"已修好","after_photo_ids":[]}`, 422)
	d.do("worker", "POST", at+"/handle", `{"note":"已修好","after_photo_ids":["b-1"]}`, 200)
	d.do("worker", "POST", at+"/verify", `{"ok":true}`, 403)
	d.do("officer", "POST", at+"/verify", `{"ok":true,"note":"已恢复"}`, 200)
	d.do("resident", "POST", at+"/confirm", `{"result":"satisfied"}`, 200)
	d.do("worker", "POST", at+"/callback", `{"result":"satisfied"}`, 403)
	if c = d.do("hotline", "POST", at+"/callback", `{"result":"satisfied","note":"很满意"}`, 200); c["state"] != "closed" || c["on_time"] != true {
		t.Fatal(c)
	}
	line := d.do("resident", "GET", at+"/timeline", "", 200)["items"].([]any)
	if len(line) != 7 || line[0].(map[string]any)["zh"] != "已登记：电梯故障（较急）" {
		t.Fatal(len(line), line[0])
	}
	if got := d.do("", "GET", "/api/public/cases/"+number+"?phone_last4=0051", "", 200); got["state"] != "closed" || strings.Contains(jsonText(got), "测试") {
		t.Fatal(got)
	}
	list := d.do("officer", "GET", "/api/cases?under=350503001/c1/&state=closed", "", 200)
	if list["count"] != 1.0 || len(list["items"].([]any)) != 1 || list["more"] != false {
		t.Fatal(list)
	}
	d.do("resident", "GET", "/api/cases?under=350503001/c1/", "", 403)
	if mine := d.do("resident", "GET", "/api/cases?mine=reported", "", 200); mine["count"] != 1.0 {
		t.Fatal(mine)
	}
	if found := d.do("office", "GET", "/api/cases?q="+"%E7%94%B5%E6%A2%AF", "", 200); found["count"] != 1.0 {
		t.Fatal(found)
	}
	d.do("office", "POST", "/api/cases", `{"place":"nowhere","text":"x","channel":"hotline"}`, 422)
}

func jsonText(v any) string { b, _ := json.Marshal(v); return string(b) }

func TestPublicReportAndItsLimits(t *testing.T) {
	s := open(t)
	d := openDoor(t, s)
	r := d.do("", "POST", "/api/public/cases", `{"compound_id":"k1","text":"垃圾桶满了","name":"测试路人","phone":"13900000052"}`, 201)
	number := r["number"].(string)
	for range 5 {
		d.do("", "GET", "/api/public/cases/"+number+"?phone_last4=1111", "", 404)
	}
	d.do("", "GET", "/api/public/cases/"+number+"?phone_last4=0052", "", 429)
	for range 19 {
		d.do("", "POST", "/api/public/cases", `{"compound_id":"k1","text":"垃圾桶满了"}`, 201)
	}
	d.do("", "POST", "/api/public/cases", `{"compound_id":"k1","text":"垃圾桶满了"}`, 429)
	board := d.do("", "GET", "/api/public/compounds/k1/cases", "", 200)["items"].([]any)
	if len(board) != 20 || strings.Contains(jsonText(board), number) || strings.Contains(jsonText(board), "测试") {
		t.Fatal(len(board))
	}
}
