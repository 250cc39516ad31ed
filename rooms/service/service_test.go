package service

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"cuobian/basis/day"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/seal"
	"cuobian/platform/serve"
	"cuobian/platform/store"
	"cuobian/platform/store/storetest"
	"cuobian/rooms/people"
	"cuobian/rooms/place"
)

var ctx = context.Background()

// house is an invented street with two compounds and two companies.
type house struct {
	*Contracts
	db       *store.DB
	a, b     place.Node
	street   place.Node
	one, two people.Org
	officer  access.Who
}

func build(t *testing.T) *house {
	t.Helper()
	h := &house{}
	h.db = storetest.Open(t, storetest.NewClock("2026-03-02T09:00:00+08:00"), audit.Schema(), place.Schema(), people.Schema(), Schema())
	m := place.New(h.db)
	r := people.New(h.db, seal.Memory(), m)
	h.Contracts = New(h.db, r)
	if err := h.db.Write(ctx, func(tx *store.Tx) (err error) {
		if h.street, err = m.EnsureStreet(ctx, tx, audit.System, "350503002", ""); err != nil {
			return err
		}
		c, _, err := m.Ensure(ctx, tx, audit.System, h.street, place.Community, "源淮社区")
		if err != nil {
			return err
		}
		if h.a, _, err = m.Ensure(ctx, tx, audit.System, c, place.Compound, "明鑫花苑"); err != nil {
			return err
		}
		if h.b, _, err = m.Ensure(ctx, tx, audit.System, c, place.Compound, "兴淮花苑"); err != nil {
			return err
		}
		if h.one, err = r.PutOrg(ctx, tx, audit.System, people.Org{Kind: people.PropertyCompany, Name: "甲物业", Path: h.street.Path}); err != nil {
			return err
		}
		h.two, err = r.PutOrg(ctx, tx, audit.System, people.Org{Kind: people.PropertyCompany, Name: "乙物业", Path: h.street.Path})
		return err
	}); err != nil {
		t.Fatal(err)
	}
	h.officer = who(access.StreetOfficer, h.street.Path)
	return h
}

func who(post access.Post, path scope.Path) access.Who {
	return access.Who{Account: "a-" + string(post), Person: "p", Grants: []access.Grant{{Post: post, Path: path}}}
}

func (h *house) manager(t *testing.T, org people.Org, name string) people.Term {
	t.Helper()
	p, err := h.People.Enter(ctx, who(access.CommunityOfficer, h.street.Path), h.a.ID, people.NewPerson{Name: name})
	if err != nil {
		t.Fatal(err)
	}
	x, err := h.People.Appoint(ctx, h.officer, people.Term{Org: org.ID, Post: access.PropertyManager, Person: p.ID, Path: h.a.Path, From: day.MustParse("2025-01-01")})
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func TestWhoServesAndItsPeople(t *testing.T) {
	h := build(t)
	d := day.MustParse
	c, err := h.Sign(ctx, h.officer, Contract{Compound: h.a.ID, Org: h.one.ID, Mode: Market, FeeLow: 8550, Pay: "lump_sum", From: d("2025-01-01")}, false)
	if err != nil || c.FeeHigh != 8550 || c.FeeFen() != 85 {
		t.Fatal(c, err)
	}
	m := h.manager(t, h.one, "经理甲")
	if _, err := h.Sign(ctx, h.officer, Contract{Compound: h.a.ID, Org: h.two.ID, Mode: Market, From: d("2026-01-01")}, false); !errors.Is(err, ErrBoth) {
		t.Error("two contracts at once:", err)
	}
	got, staff, err := h.Staff(ctx, h.db, h.a.Path.Child("b").Child("home"), d("2026-03-02"))
	if err != nil || got.ID != c.ID || len(staff) != 1 || staff[0].ID != m.ID {
		t.Fatal(got, staff, err)
	}
	if g, _ := h.People.Grants(ctx, h.db, m.Person, d("2026-03-02")); len(g) != 1 || g[0].Org != h.one.ID {
		t.Error(g)
	}
	next, err := h.Sign(ctx, h.officer, Contract{Compound: h.a.ID, Org: h.two.ID, Mode: Market, From: d("2026-03-01")}, true)
	if err != nil {
		t.Fatal(err)
	}
	if old, _ := h.Get(ctx, h.db, c.ID); old.To != d("2026-02-28") {
		t.Error("the contract before ends the day before:", old)
	}
	if g, _ := h.People.Grants(ctx, h.db, m.Person, d("2026-03-02")); len(g) != 0 {
		t.Error("the company that left still has a manager here:", g)
	}
	if s, ok, _ := h.Serving(ctx, h.db, h.a.Path, d("2026-02-28")); !ok || s.Org != h.one.ID {
		t.Error("who served then:", s)
	}
	if s, ok, _ := h.Serving(ctx, h.db, h.a.Path, d("2026-03-01")); !ok || s.ID != next.ID || s.OrgName != "乙物业" {
		t.Error("who serves now:", s)
	}
	if _, ok, _ := h.Serving(ctx, h.db, h.b.Path, d("2026-03-02")); ok {
		t.Error("nobody is known there")
	}
	for name, bad := range map[string]Contract{
		"market without company": {Compound: h.b.ID, Mode: Market}, "company without service": {Compound: h.b.ID, Mode: None, Org: h.one.ID},
		"no such mode": {Compound: h.b.ID, Mode: "x"}, "negative fee": {Compound: h.b.ID, Mode: Market, Org: h.one.ID, FeeLow: -1}, "a street": {Compound: h.street.ID, Mode: None},
	} {
		if _, err := h.Sign(ctx, h.officer, bad, false); err == nil {
			t.Error("kept:", name)
		}
	}
}

func TestLearnChangesOnlyWhatChanged(t *testing.T) {
	h := build(t)
	learn := func(f people.ServiceFact) (changed bool) {
		t.Helper()
		f.Compound, f.By = h.a, audit.System
		if err := h.db.Write(ctx, func(tx *store.Tx) (err error) { changed, err = h.Learn(ctx, tx, f); return err }); err != nil {
			t.Fatal(err)
		}
		return changed
	}
	first := people.ServiceFact{Company: "丙物业", Manner: "market", MannerAs: "市场化", Charge: "lump_sum", FeeLow: 8000, FeeHigh: 12000, FeeText: "0.8-1.2", Since: day.MustParse("2024-05-01")}
	if !learn(first) || learn(first) {
		t.Error("the first reading is news, the second is not")
	}
	dearer := first
	dearer.FeeHigh = 13000
	if !learn(dearer) {
		t.Error("a fee changed")
	}
	if !learn(people.ServiceFact{Manner: "street", MannerAs: "社区自管", Company: "丁服务部"}) {
		t.Error("another manner")
	}
	all, err := h.of(ctx, h.db, h.a.ID)
	if err != nil || len(all) != 2 || all[0].To != day.MustParse("2026-03-01") || all[0].FeeHigh != 13000 || all[1].Mode != CommunityRun || all[1].OrgName != "丁服务部" {
		t.Fatalf("%+v %v", all, err)
	}
	// An import that is undone: its contract goes, the one before is open again.
	if !learn(people.ServiceFact{Import: "i1", Company: "戊物业", Manner: "market", Since: day.MustParse("2026-04-01")}) {
		t.Error("another company")
	}
	var undone int
	if err := h.db.Write(ctx, func(tx *store.Tx) (err error) { undone, _, err = h.Forget(ctx, tx, audit.System, "i1"); return err }); err != nil || undone != 1 {
		t.Error(undone, err)
	}
	if c, ok, _ := h.open(ctx, h.db, h.a.ID); !ok || c.ID != all[1].ID || c.EndedWhy != "" {
		t.Error("the contract before is not open again:", c)
	}
	f, ok, err := h.Told(ctx, h.db, h.a.Path)
	if err != nil || !ok || f.Company != "丁服务部" {
		t.Error(f, ok, err)
	}
	f.Compound = h.a
	if learn(f) {
		t.Error("what was told is not news")
	}
}

func (h *house) ask(t *testing.T, w access.Who, method, path, body string, out any) int {
	t.Helper()
	d := serve.New(serve.Config{DB: h.db, Version: "test"})
	d.Who = func(*http.Request) (access.Who, error) { return w, nil }
	Routes(d, h.Contracts)
	q := httptest.NewRequest(method, path, strings.NewReader(body))
	q.Header.Set("Content-Type", "application/json")
	r := httptest.NewRecorder()
	d.Handler().ServeHTTP(r, q)
	if r.Code >= 500 {
		t.Fatalf("%s %s: %d %s", method, path, r.Code, r.Body)
	}
	if out != nil && r.Code < 300 {
		if err := json.Unmarshal(r.Body.Bytes(), out); err != nil {
			t.Fatalf("%s %s: %d %s", method, path, r.Code, r.Body)
		}
	}
	return r.Code
}

func TestHTTP(t *testing.T) {
	h := build(t)
	var v View
	sign := `{"compound_id":"` + h.a.ID + `","org":"` + h.one.ID + `","mode":"market","fee_low":8500,"from_day":"2025-01-01"}`
	if code := h.ask(t, h.officer, "POST", "/api/contracts", sign, &v); code != 200 || v.FeeFen != 85 || v.OrgName != "甲物业" {
		t.Fatal(code, v)
	}
	var p Promise
	if code := h.ask(t, h.officer, "POST", "/api/contracts/"+v.ID+"/promises", `{"text":"三个月内修好路灯","due":"2026-06-01"}`, &p); code != 200 {
		t.Fatal(code)
	}
	var j Joined
	join := `{"name":"源淮片","compounds":["` + h.a.ID + `","` + h.b.ID + `"],"reason":"连片"}`
	if code := h.ask(t, h.officer, "POST", "/api/joined", join, &j); code != 200 || len(j.Compounds) != 2 {
		t.Fatal(code, j)
	}
	ops := []struct{ method, path, body string }{
		{"GET", "/api/contracts/" + v.ID, ""},
		{"POST", "/api/contracts", strings.Replace(sign, h.a.ID, h.a.ID, 1)},
		{"PATCH", "/api/contracts/" + v.ID, `{"mode":"market","fee_low":9000,"version":1,"reason":"调价"}`},
		{"POST", "/api/contracts/" + v.ID + "/promises", `{"text":"x"}`},
		{"POST", "/api/promises/" + p.ID + "/decide", `{"state":"kept","version":1}`},
		{"POST", "/api/joined", join},
		{"POST", "/api/contracts/" + v.ID + "/end", `{"version":1,"reason":"x"}`},
		{"GET", "/api/serving?at=" + string(h.a.Path), ""},
	}
	for name, x := range map[string]struct {
		who  access.Who
		want int
	}{
		"stranger": {access.Who{}, 401}, "wrong post": {who(access.Resident, h.a.Path), 403}, "neighbour compound": {who(access.StreetOfficer, h.b.Path), 404}, "ended term": {access.Who{Account: "a"}, 404},
	} {
		for _, op := range ops {
			want := x.want
			if name == "wrong post" && op.method == "GET" {
				want = 200 // a resident may know who serves the compound
			}
			if got := h.ask(t, x.who, op.method, op.path, op.body, nil); got != want {
				t.Errorf("%s: %s %s answered %d, want %d", name, op.method, op.path, got, want)
			}
		}
	}
	if code := h.ask(t, h.officer, "PATCH", "/api/contracts/"+v.ID, ops[2].body, &v); code != 200 || v.FeeFen != 90 || v.From != day.MustParse("2025-01-01") {
		t.Error(code, v)
	}
	if code := h.ask(t, h.officer, "PATCH", "/api/contracts/"+v.ID, ops[2].body, nil); code != 409 {
		t.Error("two people at the same time:", code)
	}
	if code := h.ask(t, h.officer, "POST", "/api/promises/"+p.ID+"/decide", ops[4].body, &p); code != 200 || p.State != "kept" {
		t.Error(code, p)
	}
	var list struct {
		Items []View
		Count int64
	}
	if code := h.ask(t, h.officer, "GET", "/api/contracts?mode=market&under="+string(h.street.Path), "", &list); code != 200 || list.Count != 1 {
		t.Error(code, list)
	}
	if code := h.ask(t, who(access.Resident, h.b.Path), "GET", "/api/contracts", "", &list); code != 200 || len(list.Items) != 0 {
		t.Error("the neighbour's contract:", code, list)
	}
	if code := h.ask(t, h.officer, "POST", "/api/joined", `{"id":"`+j.Unit+`","name":"x","compounds":[],"reason":"拆分"}`, &j); code != 200 || len(j.Compounds) != 0 {
		t.Error(code, j)
	}
	var units struct{ Items []Joined }
	if code := h.ask(t, h.officer, "GET", "/api/joined", "", &units); code != 200 || len(units.Items) != 0 {
		t.Error(code, units)
	}
}
