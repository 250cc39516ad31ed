package people

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"cuobian/basis/day"
	"cuobian/platform/access"
	"cuobian/platform/serve"
)

// ask calls an operation as who and decodes the answer.
func (h *house) ask(t *testing.T, who access.Who, method, path, body string, out any) int {
	t.Helper()
	d := serve.New(serve.Config{DB: h.db, Version: "test"})
	d.Who = func(*http.Request) (access.Who, error) { return who, nil }
	Routes(d, h.Register)
	q := httptest.NewRequest(method, path, strings.NewReader(body))
	q.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	d.Handler().ServeHTTP(w, q)
	if w.Code >= 500 {
		t.Fatalf("%s %s: %d %s", method, path, w.Code, w.Body)
	}
	if out != nil && w.Code < 300 {
		if err := json.Unmarshal(w.Body.Bytes(), out); err != nil {
			t.Fatalf("%s %s: %d %s", method, path, w.Code, w.Body)
		}
	}
	if w.Code >= 400 {
		t.Logf("%s %s: %d %s", method, path, w.Code, w.Body)
	}
	return w.Code
}

// Every operation, as a stranger, in the wrong post, at the neighbour's and after the term ended.
func TestEveryOperationRefuses(t *testing.T) {
	h := build(t)
	p, other := h.put(t, NewPerson{Name: "甲某", Phones: []string{"13800000001"}}), h.put(t, NewPerson{Name: "乙某"})
	var org Org
	var term Term
	var err error
	if org, err = h.Found(ctx, h.officer, Org{Kind: Branch, Name: "明鑫支部", Path: h.compound.Path}); err != nil {
		t.Fatal(err)
	}
	if term, err = h.Appoint(ctx, h.officer, Term{Org: org.ID, Post: access.BranchSecretary, Person: p.ID}); err != nil {
		t.Fatal(err)
	}
	live, err := h.MoveIn(ctx, h.officer, h.home.ID, Household{Person: other.ID, Relation: "tenant"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	asker := access.Who{Account: "r", Person: p.ID, Grants: []access.Grant{{Post: access.Resident, Path: h.compound.Path}}}
	asked, err := h.Ask(ctx, asker, "correct", "电话换了")
	if err != nil {
		t.Fatal(err)
	}
	owned, err := h.Move(ctx, h.officer, h.home2.ID, []Owner{{Person: p.ID}}, day.MustParse("2026-02-01"), "x")
	if err != nil {
		t.Fatal(err)
	}
	ops := []struct{ method, path, body string }{
		{"POST", "/api/people", `{"at":"` + h.compound.ID + `","name":"丙某"}`},
		{"GET", "/api/people/" + p.ID, ""},
		{"PATCH", "/api/people/" + p.ID, `{"version":1,"reason":"x","name":"丁某"}`},
		{"POST", "/api/people/" + p.ID + "/reveal", `{"field":"phone","reason":"回访"}`},
		{"POST", "/api/people/" + p.ID + "/merge", `{"other":"` + other.ID + `","reason":"x"}`},
		{"POST", "/api/people/" + p.ID + "/part", `{"reason":"x"}`},
		{"GET", "/api/homes/" + h.home.ID, ""},
		{"POST", "/api/homes/" + h.home.ID + "/move", `{"owners":[],"reason":"x"}`},
		{"POST", "/api/homes/" + h.home.ID + "/household", `{"person":"` + p.ID + `","relation":"family"}`},
		{"POST", "/api/households/" + live.ID + "/end", `{"version":1,"reason":"x"}`},
		{"POST", "/api/orgs", `{"kind":"branch","name":"支部","path":"` + string(h.compound.Path) + `"}`},
		{"PATCH", "/api/orgs/" + org.ID, `{"name":"新名","version":1,"reason":"x"}`},
		{"POST", "/api/terms", `{"post":"building_lead","person":"` + p.ID + `","path":"` + string(h.compound.Path) + `"}`},
		{"POST", "/api/terms/" + term.ID + "/end", `{"version":1,"reason":"x"}`},
		{"POST", "/api/coverage/required", `{"path":"` + string(h.compound.Path) + `","post":"judge","need":false}`},
		{"POST", "/api/corrections/" + asked.ID + "/decide", `{"grant":true,"answer":"x","version":1}`},
		{"PATCH", "/api/terms/" + term.ID, `{"version":1,"reason":"x","from_day":"2026-01-01","party":"member"}`},
		{"PATCH", "/api/titles/" + owned[0].ID, `{"version":1,"reason":"x","from_day":"2025-02-01","share_n":1,"share_d":2}`},
	}
	people := map[string]struct {
		who  access.Who
		want []int
	}{
		"stranger":           {access.Who{}, []int{401}},
		"wrong post":         {who(access.VolunteerLeader, h.compound.Path), []int{403}},
		"neighbour compound": {who(access.StreetOfficer, h.neighbour.Path), []int{404}},
		"ended term":         {access.Who{Account: "a", Person: "p"}, []int{404, 403}},
	}
	for name, x := range people {
		for _, op := range ops {
			got := h.ask(t, x.who, op.method, op.path, op.body, nil)
			ok := false
			for _, want := range x.want {
				ok = ok || got == want
			}
			if !ok {
				t.Errorf("%s: %s %s answered %d, want %v", name, op.method, op.path, got, x.want)
			}
		}
		for _, list := range []string{"/api/people", "/api/orgs", "/api/terms", "/api/coverage", "/api/crews", "/api/committees", "/api/corrections"} {
			var page struct{ Items []any }
			got := h.ask(t, x.who, "GET", list+"?under="+string(h.compound.Path), "", &page)
			if got == 200 && len(page.Items) != 0 && name != "wrong post" {
				t.Errorf("%s: %s shows %d items", name, list, len(page.Items))
			}
			if got == 200 && name != "neighbour compound" && name != "wrong post" {
				t.Errorf("%s: %s answered 200", name, list)
			}
		}
	}
	// And it is done by who may: the same operations in an order that keeps what the next one needs.
	for _, i := range []int{0, 1, 6, 8, 3, 9, 10, 11, 12, 17, 13, 14, 7, 15} {
		op := ops[i]
		if got := h.ask(t, h.officer, op.method, op.path, op.body, nil); got >= 300 {
			t.Errorf("officer: %s %s answered %d", op.method, op.path, got)
		}
	}
}

func TestHTTPOfPersonAndHome(t *testing.T) {
	h := build(t)
	var p Person
	if code := h.ask(t, h.officer, "POST", "/api/people", `{"at":"`+h.compound.ID+`","name":"林晓梅","phones":["13900001234"],"identity":"`+id15+`"}`, &p); code != 200 || p.Phones[0] != "*******1234" {
		t.Fatal(code, p)
	}
	if code := h.ask(t, h.officer, "POST", "/api/people", `{"at":"`+h.compound.ID+`","name":"x","identity":"990000196501017653"}`, nil); code != 422 {
		t.Error("a wrong check digit:", code)
	}
	move := `{"owners":[{"person":"` + p.ID + `","share_n":1,"share_d":2},{"new":{"name":"新业主","phones":["13700002222"]},"share_n":1,"share_d":2}],"on":"2026-01-05","reason":"购房"}`
	var owners struct{ Owners []Title }
	if code := h.ask(t, h.officer, "POST", "/api/homes/"+h.home.ID+"/move", move, &owners); code != 200 || len(owners.Owners) != 2 {
		t.Fatal(code, owners)
	}
	var f HomeFile
	if code := h.ask(t, h.officer, "GET", "/api/homes/"+h.home.ID, "", &f); code != 200 || len(f.Owners) != 2 || f.Numbers[p.ID].Phones[0] != "*******1234" || f.Facts.Area != 9856 {
		t.Error(code, f)
	}
	var page Page
	if code := h.ask(t, h.officer, "GET", "/api/people?q=lxm", "", &page); code != 200 || len(page.Items) != 1 || len(page.Items[0].At) != 1 {
		t.Error(code, page)
	}
	if code := h.ask(t, h.officer, "GET", "/api/people?limit=1", "", &page); code != 200 || len(page.Items) != 1 || page.Next == "" || page.Count != 2 {
		t.Error(code, page)
	}
	first := page.Items[0].ID
	if code := h.ask(t, h.officer, "GET", "/api/people?limit=1&after="+url.QueryEscape(page.Next), "", &page); code != 200 || len(page.Items) != 1 || page.Next != "" || page.Items[0].ID == first {
		t.Error(code, page)
	}
	var heads struct{ Heads, Area int64 }
	if code := h.ask(t, h.officer, "GET", "/api/heads?under="+string(h.compound.Path), "", &heads); code != 200 || heads.Heads != 2 {
		t.Error(code, heads)
	}
	// Two people correct at the same time.
	if code := h.ask(t, h.officer, "PATCH", "/api/people/"+p.ID, `{"version":1,"reason":"更名","name":"林小梅"}`, &p); code != 200 || p.Version != 2 {
		t.Fatal(code, p)
	}
	if code := h.ask(t, h.officer, "PATCH", "/api/people/"+p.ID, `{"version":1,"reason":"更名","name":"林大梅"}`, nil); code != 409 {
		t.Error("overwrote what was not seen:", code)
	}
	if code := h.ask(t, h.officer, "GET", "/api/people?q="+"lxm", "", &page); code != 200 || len(page.Items) != 1 {
		t.Error("not found by the new name's initials", code, page)
	}
}

func TestMergeAndPartGiveBackExactly(t *testing.T) {
	h := build(t)
	a := h.put(t, NewPerson{Name: "王伟", Phones: []string{"13800000001"}})
	b := h.put(t, NewPerson{Name: "王 伟", Phones: []string{"13800000001", "13800000002"}, Identity: id18})
	third := h.put(t, NewPerson{Name: "王伟", Identity: "990000198001010012"})
	d := day.MustParse
	for _, m := range []struct {
		home   string
		owners []Owner
	}{{h.home.ID, []Owner{{Person: a.ID}, {Person: b.ID}}}, {h.home2.ID, []Owner{{Person: b.ID}}}} {
		if _, err := h.Move(ctx, h.officer, m.home, m.owners, d("2025-01-01"), "x"); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := h.Appoint(ctx, h.officer, Term{Post: access.BuildingLead, Person: b.ID, Path: h.compound.Path, From: d("2025-01-01")}); err != nil {
		t.Fatal(err)
	}
	picture := func() string {
		var out []string
		for _, table := range []string{
			`select id, person, to_day from people_title order by id`, `select id, person, phone_index from people_phone order by id`, `select id, person, post from people_term order by id`,
			`select id, status, merged_into || id_index from people_person order by id`, `select person, path, '' from people_link order by person, path`, `select person, token, path from people_word order by person, token, path`,
		} {
			rows, err := h.db.Query(ctx, table)
			if err != nil {
				t.Fatal(err)
			}
			for rows.Next() {
				var x, y, z string
				if err := rows.Scan(&x, &y, &z); err != nil {
					t.Fatal(err)
				}
				out = append(out, fmt.Sprint(x, "/", y, "/", z))
			}
			rows.Close()
		}
		return strings.Join(out, "\n")
	}
	before := picture()
	if _, err := h.Merge(ctx, h.officer, third.ID, b.ID, "同名"); err == nil {
		t.Error("two document numbers became one person")
	}
	h.refused(t, "merge", func(w access.Who) error { _, err := h.Merge(ctx, w, a.ID, b.ID, "重复"); return err })
	got, err := h.Merge(ctx, h.officer, a.ID, b.ID, "重复登记")
	if err != nil || len(got.Phones) != 2 || got.Identity == "" {
		t.Fatal(got, err)
	}
	if n, _ := h.Heads(ctx, h.db, h.compound.Path); n.Heads != 1 {
		t.Error("one person, one head:", n)
	}
	if g, _ := h.Grants(ctx, h.db, b.ID, h.Today()); len(g) != 2 {
		t.Error("who was merged keeps their rights through the other record:", g)
	}
	if x, _ := h.Search(ctx, h.officer, Find{Query: "13800000002"}); len(x.Items) != 1 || x.Items[0].ID != a.ID {
		t.Error(x)
	}
	if _, err := h.Merge(ctx, h.officer, third.ID, b.ID, "x"); err == nil {
		t.Error("merged what is gone")
	}
	h.refused(t, "part", func(w access.Who) error { _, err := h.Part(ctx, w, a.ID, "x"); return err })
	if _, err := h.Part(ctx, h.officer, a.ID, "两个人"); err != nil {
		t.Fatal(err)
	}
	if after := picture(); after != before {
		t.Errorf("not as before:\n%s\n---\n%s", before, after)
	}
	if _, err := h.Part(ctx, h.officer, a.ID, "x"); err == nil {
		t.Error("parted twice")
	}
}

func TestOwnDataAndDeletion(t *testing.T) {
	h := build(t)
	p := h.put(t, NewPerson{Name: "周某某", Phones: []string{"13800000009"}, Identity: id18})
	if _, err := h.Move(ctx, h.officer, h.home.ID, []Owner{{Person: p.ID}}, day.MustParse("2024-01-01"), "x"); err != nil {
		t.Fatal(err)
	}
	me := access.Who{Account: "r", Person: p.ID, Grants: []access.Grant{{Post: access.Resident, Path: h.compound.Path}}}
	var m MyData
	if code := h.ask(t, me, "GET", "/api/me/data", "", &m); code != 200 || len(m.Titles) != 1 || len(m.Phones) != 0 {
		t.Fatal(code, m)
	}
	if code := h.ask(t, me, "GET", "/api/me/data?full=true", "", &m); code != 200 || len(m.Phones) != 1 || m.Identity != id18 {
		t.Error(code, m)
	}
	if code := h.ask(t, access.Who{}, "GET", "/api/me/data", "", nil); code != 401 {
		t.Error(code)
	}
	var c Correction
	if code := h.ask(t, me, "POST", "/api/me/corrections", `{"kind":"delete","text":"请删除"}`, &c); code != 200 {
		t.Fatal(code)
	}
	decide := `{"grant":true,"answer":"已搬离","version":1}`
	if code := h.ask(t, h.officer, "POST", "/api/corrections/"+c.ID+"/decide", decide, nil); code != 409 {
		t.Error("an owner was made anonymous:", code)
	}
	if _, err := h.Move(ctx, h.officer, h.home.ID, nil, day.MustParse("2026-02-01"), "卖出"); err != nil {
		t.Fatal(err)
	}
	if code := h.ask(t, h.officer, "POST", "/api/corrections/"+c.ID+"/decide", decide, &c); code != 200 || c.State != "granted" {
		t.Fatal(code, c)
	}
	f, err := h.File(ctx, h.officer, h.home.ID)
	if err != nil || len(f.History) != 1 || f.History[0].Name != anonymousName || len(f.Numbers[p.ID].Phones) != 0 || f.Numbers[p.ID].Identity != "" {
		t.Error(f, err)
	}
	if x, _ := h.Search(ctx, h.officer, Find{Query: "周"}); len(x.Items) != 0 {
		t.Error("found after deletion", x)
	}
}
