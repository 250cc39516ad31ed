package place

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/store"
	"cuobian/platform/store/storetest"
)

var ctx = context.Background()

// Invented places.
type land struct {
	*Map
	t                                   *testing.T
	street, community, compound, b3, u1 Node
	home, other                         Node
}

func grow(t *testing.T) land {
	db := storetest.Open(t, storetest.NewClock("2026-03-02T09:00:00+08:00"), audit.Schema(), Schema())
	l := land{Map: New(db), t: t}
	err := db.Write(ctx, func(tx *store.Tx) (err error) {
		if l.street, err = l.EnsureStreet(ctx, tx, audit.System, "", "丰泽街道"); err != nil {
			return err
		}
		next := func(p Node, k Kind, name string) Node {
			n, made, e := l.Ensure(ctx, tx, audit.System, p, k, name)
			if e != nil || !made {
				t.Fatal(name, made, e)
			}
			return n
		}
		l.community = next(l.street, Community, "源淮社区居委会")
		l.compound = next(l.community, Compound, "明鑫花苑")
		l.other = next(l.community, Compound, "重庆花园")
		l.b3 = next(l.compound, Building, "3")
		l.u1 = next(l.b3, Unit, "1")
		l.home = next(l.u1, Home, "502")
		next(l.compound, Building, "10")
		next(l.compound, Building, "2")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func who(post access.Post, path scope.Path) access.Who {
	return access.Who{Account: "a", Person: "p", Grants: []access.Grant{{Post: post, Path: path}}}
}

func names(ns []Node) (out []string) {
	for _, n := range ns {
		out = append(out, n.Name)
	}
	return out
}

func TestTreeUsesOfficialCodes(t *testing.T) {
	l := grow(t)
	if l.community.ID != "350503002007" || l.community.Name != "源淮社区" || l.home.Label != "3-1-502" ||
		!strings.HasPrefix(string(l.home.Path), "350503002/350503002007/"+l.compound.ID+"/") {
		t.Fatalf("%+v %+v", l.community, l.home)
	}
	words, err := l.Words(ctx, l.db, l.home.Path)
	if err != nil || words != "源淮社区 明鑫花苑 3-1-502" {
		t.Fatal(words, err)
	}
	if err := l.db.Write(ctx, func(tx *store.Tx) error {
		n, made, err := l.Ensure(ctx, tx, audit.System, l.street, Community, "源淮")
		if made || n.ID != l.community.ID {
			t.Error("a community's short name made another community", n)
		}
		return err
	}); err != nil {
		t.Error(err)
	}
}

func TestDivisions(t *testing.T) {
	if n := len(Divisions("")); n != 31 {
		t.Error("provinces", n)
	}
	if n := len(Divisions("350503")); n != 8 {
		t.Error("streets of Fengze", n)
	}
	all := 0
	for _, s := range Divisions("350503") {
		all += len(Divisions(s.Code))
	}
	if all != 84 {
		t.Error("communities of Fengze", all)
	}
	if d, ok := DivisionOf("350503002007"); !ok || d.Zh != "福建省泉州市丰泽区丰泽街道源淮社区居委会" {
		t.Error(d, ok)
	}
	if d, _ := DivisionOf("110101"); d.Zh != "北京市东城区" {
		t.Error(d)
	}
}

func TestSearch(t *testing.T) {
	l := grow(t)
	for query, want := range map[string]string{
		"明鑫": "明鑫花苑", "花苑": "明鑫花苑", "mx": "明鑫花苑", "mxhy": "明鑫花苑", "ＭＸ": "明鑫花苑", "cqhy": "重庆花园", "zqhy": "重庆花园", "yh": "源淮社区",
		"明鑫 3-1-502": "502", "明鑫3幢502": "502", "mx 3#1单元502室": "502", "3-502": "502", "fz": "丰泽街道",
	} {
		got, err := l.Search(ctx, l.db, query, 10, "", scope.Everywhere)
		if err != nil || len(got) == 0 || got[0].Name != want {
			t.Errorf("%s: %v, want %s (%v)", query, names(got), want, err)
		}
	}
	for _, query := range []string{"没有", "明鑫 9-9", "%", "3-%"} {
		if got, err := l.Search(ctx, l.db, query, 10, "", scope.Everywhere); err != nil || len(got) != 0 {
			t.Errorf("%s: %v %v", query, names(got), err)
		}
	}
	if got, _ := l.Search(ctx, l.db, "明鑫", 10, "", l.other.Path); len(got) != 0 {
		t.Error("found outside the scope", names(got))
	}
}

func TestListPagesInNaturalOrder(t *testing.T) {
	l := grow(t)
	w := who(access.CommunityOfficer, l.community.Path)
	var got []string
	f := Find{Parent: l.compound.ID, Limit: 1}
	for {
		p, err := l.List(ctx, w, f)
		if err != nil || p.Count != 3 || p.More && p.Count < CountTo {
			t.Fatal(p, err)
		}
		got = append(got, names(p.Items)...)
		if f.After = p.Next; p.Next == "" {
			break
		}
	}
	if !slices.Equal(got, []string{"2", "3", "10"}) {
		t.Error(got)
	}
	if _, err := l.List(ctx, access.Who{}, Find{}); !errors.Is(err, access.ErrSignIn) {
		t.Error("a stranger lists places", err)
	}
	p, err := l.List(ctx, who(access.Resident, l.other.Path), Find{Kind: Compound})
	if err != nil || !slices.Equal(names(p.Items), []string{"重庆花园"}) {
		t.Error("the neighbour compound is seen", names(p.Items), err)
	}
}

func TestByHand(t *testing.T) {
	l := grow(t)
	officer := who(access.CommunityOfficer, l.community.Path)
	home := &HomeFacts{Use: "dwelling", Area: 9856, AreaSource: "registered", State: "delivered"}
	d := Draft{Parent: l.u1.ID, Kind: Home, Name: "503", Home: home}

	for what, w := range map[string]access.Who{"stranger": {}, "wrong post": who(access.PropertyManager, l.compound.Path), "neighbour": who(access.CommunityOfficer, l.other.Path), "no grant left": {Account: "a"}} {
		if _, err := l.Add(ctx, w, d); err == nil || fault.Of(err).Kind != fault.SignIn && fault.Of(err).Kind != fault.Refused && fault.Of(err).Kind != fault.Missing {
			t.Errorf("%s adds a home: %v", what, err)
		}
		if _, err := l.Correct(ctx, w, l.home.ID, Correction{Version: l.home.Version, Reason: "x"}); err == nil {
			t.Errorf("%s corrects a home", what)
		}
		if _, err := l.PutSpot(ctx, w, l.b3.ID, "东梯"); err == nil {
			t.Errorf("%s puts a code up", what)
		}
	}
	n, err := l.Add(ctx, officer, d)
	if err != nil {
		t.Fatal(err)
	}
	if f, err := l.Home(ctx, l.db, n.ID); err != nil || f.Area != 9856 || f.AreaSource != "registered" {
		t.Fatal(f, err)
	}
	if _, err := l.Add(ctx, officer, d); !errors.Is(err, ErrTwice) {
		t.Error("a second home of that name:", err)
	}
	if _, err := l.Add(ctx, officer, Draft{Parent: l.home.ID, Kind: Building, Name: "9"}); !errors.Is(err, ErrWithin) {
		t.Error("a building in a home:", err)
	}
	if _, err := l.Add(ctx, officer, Draft{Parent: l.u1.ID, Kind: Home, Name: "504", Home: &HomeFacts{Use: "dwelling"}}); fault.Of(err).Code != "place.area" {
		t.Error("a home without area:", err)
	}

	// Two people at the same time: the second looked at an older version.
	b, err := l.Get(ctx, l.db, l.b3.ID)
	if err != nil {
		t.Fatal(err)
	}
	name := "5"
	if _, err := l.Correct(ctx, officer, b.ID, Correction{Version: b.Version, Reason: "号牌更正", Name: &name}); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Correct(ctx, officer, b.ID, Correction{Version: b.Version, Reason: "again", Name: &name}); !errors.Is(err, ErrVersion) {
		t.Error("overwrote what was not seen:", err)
	}
	if h, _ := l.Get(ctx, l.db, l.home.ID); h.Label != "5-1-502" {
		t.Error("label below a renamed building:", h.Label)
	}
	yes := true
	if _, err := l.Correct(ctx, officer, b.ID, Correction{Version: b.Version + 1, Reason: "拆除", End: &yes}); !errors.Is(err, ErrHolds) {
		t.Error("ended a building with homes:", err)
	}
	lines, err := audit.List(ctx, l.db, audit.Find{Paths: []scope.Path{scope.Everywhere}, Ref: "place/" + b.ID})
	if err != nil || len(lines) != 2 || lines[0].Why != "号牌更正" || lines[0].Post != string(access.CommunityOfficer) {
		t.Error("trail:", lines, err)
	}
}

func TestSpot(t *testing.T) {
	l := grow(t)
	officer := who(access.CommunityOfficer, l.community.Path)
	s, err := l.PutSpot(ctx, officer, l.b3.ID, "东梯")
	if err != nil {
		t.Fatal(err)
	}
	got, n, err := l.Spot(ctx, l.db, strings.ToUpper(s.Code))
	if err != nil || got.Name != "东梯" || n.ID != l.b3.ID {
		t.Fatal(got, n, err)
	}
	if err := l.EndSpot(ctx, officer, s.Code); err != nil {
		t.Fatal(err)
	}
	if _, _, err := l.Spot(ctx, l.db, s.Code); !errors.Is(err, ErrMissing) {
		t.Error("an ended code opens a place:", err)
	}
}

func TestGridGivesItsCompounds(t *testing.T) {
	l := grow(t)
	officer := who(access.CommunityOfficer, l.community.Path)
	g, err := l.Add(ctx, officer, Draft{Parent: l.community.ID, Kind: Grid, Name: "第一网格"})
	if err != nil {
		t.Fatal(err)
	}
	c, _ := l.Get(ctx, l.db, l.compound.ID)
	f := CompoundFacts{Type: "老旧小区", GridID: g.ID, Buildings: -1, Units: -1, Households: -1, ParkingSaid: -1}
	if _, err := l.Correct(ctx, officer, c.ID, Correction{Version: c.Version, Reason: "划网格", Compound: &f}); err != nil {
		t.Fatal(err)
	}
	got, err := l.CompoundsIn(ctx, l.db, g.Path)
	if err != nil || !slices.Equal(names(got), []string{"明鑫花苑"}) {
		t.Error(names(got), err)
	}
}

func TestInitials(t *testing.T) {
	for name, want := range map[string]string{"曾国强": "zgq", "单于明": "cym", "王伟": "ww", "欧阳修": "oyx", "李Bob": "lbob"} {
		if got := Initials(name, true); len(got) == 0 || got[0] != want {
			t.Errorf("%s: %v, want %s first", name, got, want)
		}
	}
	if got := Initials("重庆路", false); !slices.Contains(got, "cql") || !slices.Contains(got, "zql") {
		t.Error(got)
	}
}
