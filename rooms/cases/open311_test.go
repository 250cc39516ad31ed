package cases_test

import (
	"encoding/json"
	"encoding/xml"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/rooms/cases"
)

func (d door) form(path string, v url.Values) (int, string, string) {
	r := httptest.NewRequest("POST", path, strings.NewReader(v.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	d.h.ServeHTTP(w, r)
	return w.Code, w.Header().Get("Content-Type"), w.Body.String()
}

func (d door) get(path string) (int, string, string) {
	w := httptest.NewRecorder()
	d.h.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
	return w.Code, w.Header().Get("Content-Type"), w.Body.String()
}

func TestOpen311(t *testing.T) {
	s := open(t)
	d := openDoor(t, s)
	spots["350503001/"] = cases.Spot{Path: street, Compound: "样例街道"}
	k, err := s.MakeKey(ctx, leader, "市民热线对接", street)
	if err != nil || len(k.Key) < 20 {
		t.Fatal(k, err)
	}

	var services []map[string]any
	code, kind, body := d.get("/open311/v2/services.json")
	if code != 200 || kind != "application/json; charset=utf-8" || json.Unmarshal([]byte(body), &services) != nil || len(services) < 40 || services[0]["service_code"] != "lift_fault" || services[0]["type"] != "realtime" {
		t.Fatal(code, kind, body)
	}
	var list struct {
		XMLName xml.Name `xml:"services"`
		Service []struct {
			Code string `xml:"service_code"`
			Name string `xml:"service_name"`
		} `xml:"service"`
	}
	if code, kind, body = d.get("/open311/v2/services.xml?jurisdiction_id=350503"); code != 200 || kind != "text/xml; charset=utf-8" || xml.Unmarshal([]byte(body), &list) != nil || len(list.Service) != len(services) || list.Service[0].Name != "电梯故障" {
		t.Fatal(code, kind, body)
	}
	var def map[string]any
	if code, _, body = d.get("/open311/v2/services/lighting.json"); code != 200 || json.Unmarshal([]byte(body), &def) != nil || def["service_code"] != "lighting" || len(def["attributes"].([]any)) != 2 {
		t.Fatal(code, body)
	}

	post := url.Values{"api_key": {k.Key}, "service_code": {"lighting"}, "address_id": {"k1"}, "description": {"路灯不亮 13800000051"}, "phone": {"13800000051"},
		"first_name": {"测试"}, "last_name": {"陈"}, "attribute[urgency]": {"high"}, "lat": {"24.91"}, "long": {"118.59"}}
	without := func(drop string, more ...string) url.Values {
		v := url.Values{}
		for k, x := range post {
			if k != drop {
				v[k] = x
			}
		}
		for i := 0; i+1 < len(more); i += 2 {
			v.Set(more[i], more[i+1])
		}
		return v
	}
	for _, x := range []struct {
		name string
		v    url.Values
		code int
	}{
		{"no key", without("api_key"), 403},
		{"wrong key", without("", "api_key", "guess"), 403},
		{"no service", without("service_code"), 400},
		{"unknown service", without("", "service_code", "moon"), 404},
		{"no place", func() url.Values { v := without("address_id"); v.Del("lat"); v.Del("long"); return v }(), 400},
		{"half a point", without("long", "address_id", ""), 400},
		{"point is no number", without("", "lat", "north"), 400},
		{"unknown place", without("", "address_id", "nowhere"), 404},
		{"unknown jurisdiction", without("", "jurisdiction_id", "999999"), 404},
		{"outside its jurisdiction", without("", "jurisdiction_id", "110101"), 403},
		{"unknown urgency", without("", "attribute[urgency]", "soon"), 400},
		{"media is no address", without("", "media_url", "javascript:1"), 400},
	} {
		code, _, body := d.form("/open311/v2/requests.json", x.v)
		var e []struct {
			Code        int    `json:"code"`
			Description string `json:"description"`
		}
		if code != x.code || json.Unmarshal([]byte(body), &e) != nil || len(e) != 1 || e[0].Code != x.code || e[0].Description == "" {
			t.Errorf("%s: %d %s", x.name, code, body)
		}
		if strings.Contains(body, "13800000051") || strings.Contains(body, "guess") {
			t.Errorf("%s: echoes what was sent: %s", x.name, body)
		}
	}
	var taken []map[string]string
	code, _, body = d.form("/open311/v2/requests.json", post)
	if code != 201 || json.Unmarshal([]byte(body), &taken) != nil || len(taken) != 1 || taken[0]["service_request_id"] == "" {
		t.Fatal(code, body)
	}
	id := taken[0]["service_request_id"]
	if code, kind, body = d.form("/open311/v2/requests.xml", without("address_id", "jurisdiction_id", "350503001")); code != 201 || !strings.HasPrefix(kind, "text/xml") || !strings.Contains(body, "<service_requests><request><service_request_id>") {
		t.Fatal("a point on the map goes to the street:", code, body)
	}

	c, err := s.Get(ctx, office, id)
	if err != nil || c.Channel != "open311" || c.Urgency != "high" || c.Reporter.Phone != "138****0051" || !strings.Contains(c.PlaceText, "24.91") {
		t.Fatal(c, err)
	}
	var requests []map[string]any
	read := func(path string, n int) {
		t.Helper()
		requests = nil
		if code, _, body := d.get(path); code != 200 || json.Unmarshal([]byte(body), &requests) != nil || len(requests) != n {
			t.Fatal(path, code, body)
		}
	}
	read("/open311/v2/requests/"+id+".json", 1)
	if r := requests[0]; r["status"] != "open" || r["service_code"] != "lighting" || r["description"] != "" || strings.Contains(jsonText(r), c.Number) {
		t.Fatal("without a key no words:", r)
	}
	read("/open311/v2/requests/"+id+".json?api_key="+k.Key, 1)
	if r := requests[0]; !strings.Contains(r["description"].(string), "路灯不亮") || strings.Contains(r["description"].(string), "13800000051") {
		t.Fatal(r)
	}
	read("/open311/v2/requests.json", 2)
	read("/open311/v2/requests.json?status=closed", 0)
	read("/open311/v2/requests.json?status=open&service_code=lighting,dog&page_size=1&page=2", 1)
	read("/open311/v2/requests.json?service_request_id="+id, 1)
	read("/open311/v2/requests.json?jurisdiction_id=350503001", 2)
	read("/open311/v2/requests.json?start_date=2026-03-03T00:00:00Z", 0)
	read("/open311/v2/requests.json?start_date=2026-03-03T00:00:00+08:00", 0)
	read("/open311/v2/tokens/"+id+".json", 1)
	if _, err := s.Report(ctx, resident, cases.Report{Place: "k1", Text: "保密的事", Channel: "phone", Secret: true}); err != nil {
		t.Fatal(err)
	}
	read("/open311/v2/requests.json", 2)
	way(t, s, id, "handled")
	for path, want := range map[string]int{"/open311/v2/requests/nowhere.json": 404, "/open311/v2/requests.json?status=new": 400, "/open311/v2/requests.json?start_date=yesterday": 400,
		"/open311/v2/requests.json?start_date=2025-01-01T00:00:00Z&end_date=2026-01-01T00:00:00Z": 400, "/open311/v2/services/moon.xml": 404, "/open311/v2/tokens/x.xml": 404, "/open311/v2/services.yaml": 404, "/open311/v2/services.xml?jurisdiction_id=x": 404} {
		code, _, body := d.get(path)
		if code != want || strings.Contains(path, ".xml") && !strings.Contains(body, "<errors><error><code>404</code>") {
			t.Errorf("%s: %d %s", path, code, body)
		}
	}
	if err := s.EndKey(ctx, leader, k.ID); err != nil {
		t.Fatal(err)
	}
	if code, _, _ := d.form("/open311/v2/requests.json", post); code != http.StatusForbidden {
		t.Fatal("an ended key", code)
	}
}

func TestKeysAreKept(t *testing.T) {
	s := open(t)
	for _, w := range []access.Who{nobody, stranger, office, manager, {Account: "a-other", Person: "other", Grants: []access.Grant{{Post: access.StreetLeader, Path: "350503002/"}}}} {
		if _, err := s.MakeKey(ctx, w, "x", scope.Path(street)); err == nil {
			t.Error(w.Person)
		}
	}
	k, err := s.MakeKey(ctx, leader, "对接", street)
	if err != nil {
		t.Fatal(err)
	}
	all, err := s.ListKeys(ctx, leader)
	if err != nil || len(all) != 1 || all[0].Key != "" || all[0].ID != k.ID {
		t.Fatal(all, err)
	}
}
