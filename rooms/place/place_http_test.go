package place

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"cuobian/platform/access"
	"cuobian/platform/serve"
)

// ask calls an operation as who and decodes the answer.
func (l land) ask(who access.Who, method, path, body string, out any) int {
	l.t.Helper()
	d := serve.New(serve.Config{DB: l.db, Version: "test"})
	d.Who = func(*http.Request) (access.Who, error) { return who, nil }
	Routes(d, l.Map)
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	d.Handler().ServeHTTP(w, r)
	if out != nil {
		if err := json.Unmarshal(w.Body.Bytes(), out); err != nil {
			l.t.Fatalf("%s %s: %d %s", method, path, w.Code, w.Body)
		}
	}
	if w.Code >= 500 {
		l.t.Fatalf("%s %s: %d %s", method, path, w.Code, w.Body)
	}
	return w.Code
}

func TestHTTP(t *testing.T) {
	l := grow(t)
	officer := who(access.CommunityOfficer, l.community.Path)
	var v View
	if code := l.ask(officer, "GET", "/api/places/"+l.home.ID, "", &v); code != 200 || v.Words != "源淮社区 明鑫花苑 3-1-502" || v.Home == nil || !v.Editable {
		t.Fatal(code, v)
	}
	for name, want := range map[string]struct {
		who  access.Who
		code int
	}{"stranger": {access.Who{}, 401}, "neighbour": {who(access.Resident, l.other.Path), 404}, "resident": {who(access.Resident, l.compound.Path), 200}} {
		if code := l.ask(want.who, "GET", "/api/places/"+l.home.ID, "", nil); code != want.code {
			t.Errorf("%s sees a home: %d, want %d", name, code, want.code)
		}
	}
	body := `{"parent":"` + l.u1.ID + `","kind":"home","name":"503","home":{"use":"dwelling","area":9856,"area_source":"registered","state":"delivered"}}`
	for name, want := range map[string]struct {
		who  access.Who
		code int
	}{"stranger": {access.Who{}, 401}, "wrong post": {who(access.PropertyManager, l.compound.Path), 403}, "neighbour": {who(access.CommunityOfficer, l.other.Path), 404}, "officer": {officer, 200}, "again": {officer, 409}} {
		if name == "again" || name == "officer" {
			continue // in order below
		}
		if code := l.ask(want.who, "POST", "/api/places", body, nil); code != want.code {
			t.Errorf("%s adds: %d, want %d", name, code, want.code)
		}
	}
	if code := l.ask(officer, "POST", "/api/places", body, &v); code != 200 || v.Home.Area != 9856 || v.Label != "3-1-503" {
		t.Fatal(code, v)
	}
	if code := l.ask(officer, "POST", "/api/places", body, nil); code != 409 {
		t.Error("again:", code)
	}
	if code := l.ask(officer, "PATCH", "/api/places/"+v.ID, `{"version":1,"reason":"x","name":"504"}`, nil); code != 409 {
		t.Error("an old version:", code)
	}
	var page listBody
	if code := l.ask(officer, "GET", "/api/places/"+l.compound.ID+"/children?limit=2", "", &page); code != 200 || len(page.Items) != 2 || page.Items[0].Name != "2" || page.Next == "" {
		t.Error(code, page)
	}
	if code := l.ask(officer, "GET", "/api/places?q=mxhy", "", &page); code != 200 || len(page.Items) != 1 || page.Items[0].ID != l.compound.ID {
		t.Error(code, page)
	}
	var s Spot
	if code := l.ask(officer, "POST", "/api/places/"+l.b3.ID+"/spots", `{"name":"东梯"}`, &s); code != 200 {
		t.Fatal(code)
	}
	var p Public
	if code := l.ask(access.Who{}, "GET", "/api/public/at/"+s.Code, "", &p); code != 200 || p.Spot != "东梯" || p.CompoundName != "明鑫花苑" || p.ID != l.b3.ID {
		t.Error(code, p)
	}
	if code := l.ask(access.Who{}, "GET", "/api/public/places/"+l.home.ID, "", nil); code != 404 {
		t.Error("a home is told to anyone:", code)
	}
	var found struct{ Items []Public }
	if code := l.ask(access.Who{}, "GET", "/api/public/compounds?q=mx", "", &found); code != 200 || len(found.Items) != 1 {
		t.Error(code, found)
	}
	if code := l.ask(access.Who{}, "GET", "/api/divisions?parent=350503", "", &found); code != 200 || len(found.Items) != 8 {
		t.Error(code, found)
	}
}
