package service

import (
	"context"
	"errors"
	"testing"

	"cuobian/basis/day"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/store"
)

// R32, R33: owners dismiss with 60 days of notice and a passed resolution; a company refuses renewal 90 days before the end; one
// day less is refused, the very day is not.
func TestNotices(t *testing.T) {
	h := build(t)
	d := day.MustParse // the clock stands at 2026-03-02
	c, err := h.Sign(ctx, h.officer, Contract{Compound: h.a.ID, Org: h.one.ID, Mode: Market, Pay: "lump_sum", From: d("2025-01-01"), To: d("2026-05-31")}, false)
	if err != nil {
		t.Fatal(err)
	}
	director := who(access.CommitteeDirector, h.a.Path)
	manager := access.Who{Account: "m", Person: "pm", Grants: []access.Grant{{Post: access.PropertyManager, Path: h.a.Path, Org: h.one.ID}}}
	other := access.Who{Account: "m2", Person: "pm2", Grants: []access.Grant{{Post: access.PropertyManager, Path: h.a.Path, Org: h.two.ID}}}
	give := func(w access.Who, kind string, last day.Day, decision string, want error) Notice {
		t.Helper()
		n, err := h.GiveNotice(ctx, w, c.ID, kind, last, decision, "通知")
		if !errors.Is(err, want) {
			t.Fatalf("%s: got %v, want %v", kind, err, want)
		}
		return n
	}
	give(director, Dismissal, d("2026-05-01"), "assemblies/x/1", ErrDecision)
	h.Resolved = func(_ context.Context, _ store.Queryer, at scope.Path, decision string, item int) (bool, error) {
		return at == h.a.Path && decision == "assemblies/good/1" && item == 4, nil
	}
	give(director, Dismissal, d("2026-05-01"), "assemblies/bad/1", ErrDecision)
	give(director, Dismissal, d("2026-04-30"), "assemblies/good/1", ErrNotice)
	give(manager, Dismissal, d("2026-05-01"), "assemblies/good/1", ErrSide)
	give(director, NoRenewal, 0, "", ErrSide)
	give(other, NoRenewal, 0, "", ErrSide)
	give(manager, NoRenewal, 0, "", nil) // 2 March to 31 May are 90 days
	give(manager, NoRenewal, 0, "", ErrNoticed)
	for name, w := range map[string]access.Who{"stranger": {Account: "x"}, "nobody": {}, "neighbour": who(access.CommitteeDirector, h.b.Path), "resident": who(access.Resident, h.a.Path), "ended term": {Account: "a"}} {
		if _, err := h.GiveNotice(ctx, w, c.ID, Dismissal, d("2026-05-01"), "assemblies/good/1", "x"); err == nil {
			t.Error(name, "gave notice")
		}
	}
	n := give(director, Dismissal, d("2026-05-01"), "assemblies/good/1", nil)
	if got, _ := h.Get(ctx, h.db, c.ID); got.To != d("2026-05-01") || n.Decision == "" {
		t.Error("the contract does not end on the day of the notice:", got)
	}
	late, err := h.Sign(ctx, h.officer, Contract{Compound: h.b.ID, Org: h.two.ID, Mode: Market, From: d("2025-01-01"), To: d("2026-05-30")}, false)
	if err != nil {
		t.Fatal(err)
	}
	there := access.Who{Account: "m3", Person: "pm3", Grants: []access.Grant{{Post: access.PropertyManager, Path: h.b.Path, Org: h.two.ID}}}
	if _, err := h.GiveNotice(ctx, there, late.ID, NoRenewal, 0, "", "不续约"); !errors.Is(err, ErrNotice) {
		t.Error("89 days passed:", err)
	}
	if code := h.ask(t, director, "GET", "/api/contracts/"+c.ID+"/terms", "", nil); code != 200 {
		t.Error(code)
	}
	if code := h.ask(t, access.Who{}, "POST", "/api/contracts/"+c.ID+"/dismiss", `{"text":"x"}`, nil); code != 401 {
		t.Error(code)
	}
	if code := h.ask(t, who(access.Resident, h.a.Path), "POST", "/api/contracts/"+c.ID+"/refuse-renewal", `{"text":"x"}`, nil); code != 403 {
		t.Error(code)
	}
}

// Templates: one of rate and fixed sum where the company is paid out of the owners' money, neither in lump sum.
func TestTerms(t *testing.T) {
	h := build(t)
	c, err := h.Sign(ctx, h.officer, Contract{Compound: h.a.ID, Org: h.one.ID, Mode: Market, Pay: "lump_sum", From: day.MustParse("2025-01-01")}, false)
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []Terms{{Template: "x"}, {Template: "quality"}, {Template: "quality", RateN: 1, RateD: 10, Fixed: 1}, {Template: "lump_sum", Fixed: 1}, {Template: "trust", RateN: 11, RateD: 10}} {
		bad.Contract = c.ID
		if _, err := h.SetTerms(ctx, h.officer, bad, "x"); !errors.Is(err, ErrTerms) {
			t.Errorf("%+v: %v", bad, err)
		}
	}
	got, err := h.SetTerms(ctx, h.officer, Terms{Contract: c.ID, Template: "quality", RateN: 10, RateD: 100, HoldN: 10, HoldD: 100}, "按质付酬")
	if err != nil || got.Version != 1 {
		t.Fatal(got, err)
	}
	if _, err := h.SetTerms(ctx, h.officer, Terms{Contract: c.ID, Template: "trust", Fixed: 5}, "x"); !errors.Is(err, ErrVersion) {
		t.Error("two people at the same time:", err)
	}
	if c, _ := h.Get(ctx, h.db, c.ID); c.Pay != "quality" {
		t.Error(c.Pay)
	}
	body := `{"template":"trust","fixed":100,"version":1,"reason":"x"}`
	for w, want := range map[string]int{"resident": 403, "neighbour": 404, "officer": 200} {
		x := map[string]access.Who{"resident": who(access.Resident, h.a.Path), "neighbour": who(access.StreetOfficer, h.b.Path), "officer": h.officer}[w]
		if code := h.ask(t, x, "PUT", "/api/contracts/"+c.ID+"/terms", body, nil); code != want {
			t.Errorf("%s: %d", w, code)
		}
	}
}
