package people

import (
	"context"
	"errors"
	"testing"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/seal"
	"cuobian/platform/store"
	"cuobian/platform/store/storetest"
	"cuobian/rooms/place"
)

var ctx = context.Background()

// Identity numbers and telephone numbers here are invented; the area code 990000 is assigned to nobody.
const (
	id18 = "99000019650101765X"
	id15 = "990000650101765"
)

// house is a small invented street: two compounds of one community, two homes.
type house struct {
	*Register
	db                        *store.DB
	clock                     *storetest.Clock
	street, community         place.Node
	compound, neighbour, grid place.Node
	home, home2               place.Node
	officer, manager          access.Who
}

func build(t *testing.T) *house {
	t.Helper()
	h := &house{clock: storetest.NewClock("2026-03-02T09:00:00+08:00")}
	h.db = storetest.Open(t, h.clock, audit.Schema(), place.Schema(), Schema())
	m := place.New(h.db)
	h.Register = New(h.db, seal.Memory(), m)
	err := h.db.Write(ctx, func(tx *store.Tx) (err error) {
		if h.street, err = m.EnsureStreet(ctx, tx, audit.System, "350503002", ""); err != nil {
			return err
		}
		next := func(p place.Node, k place.Kind, name string) place.Node {
			n, _, e := m.Ensure(ctx, tx, audit.System, p, k, name)
			if e != nil {
				t.Fatal(e)
			}
			return n
		}
		h.community = next(h.street, place.Community, "源淮社区")
		h.compound = next(h.community, place.Compound, "明鑫花苑")
		h.neighbour = next(h.community, place.Compound, "兴淮花苑")
		h.grid = next(h.community, place.Grid, "第一网格")
		b := next(h.compound, place.Building, "3")
		h.home = next(b, place.Home, "502")
		h.home2 = next(b, place.Home, "503")
		for i, n := range []place.Node{h.home, h.home2} {
			if err := m.SetHome(ctx, tx, audit.System, n, place.HomeFacts{Use: "dwelling", Area: 9856 + 100*areaOf(i), State: "delivered"}, ""); err != nil {
				return err
			}
		}
		return m.SetCompound(ctx, tx, audit.System, h.compound, place.CompoundFacts{GridID: h.grid.ID, Buildings: -1, Units: -1, Households: -1, ParkingSaid: -1}, "")
	})
	if err != nil {
		t.Fatal(err)
	}
	h.officer = who(access.CommunityOfficer, h.community.Path)
	h.officer.Grants = append(h.officer.Grants, access.Grant{Post: access.StreetOfficer, Path: h.street.Path})
	h.manager = who(access.PropertyManager, h.compound.Path)
	return h
}

func who(post access.Post, path scope.Path) access.Who {
	return access.Who{Account: "a-" + string(post), Person: "p-" + string(post), Grants: []access.Grant{{Post: post, Path: path}}}
}

// refused tries what only some may do as a stranger, in the wrong post, at the neighbour's, and after the term ended.
func (h *house) refused(t *testing.T, what string, do func(access.Who) error) {
	t.Helper()
	kinds := map[string]fault.Kind{"stranger": fault.SignIn, "wrong post": fault.Refused, "neighbour compound": fault.Missing, "ended term": fault.Missing}
	people := map[string]access.Who{
		"stranger": {}, "wrong post": who(access.VolunteerLeader, h.community.Path), "neighbour compound": who(access.CommunityOfficer, h.neighbour.Path),
		"ended term": {Account: "a", Person: "p"},
	}
	for name, w := range people {
		err := do(w)
		if err == nil {
			t.Errorf("%s: not refused: %s", what, name)
			continue
		}
		if k := fault.Of(err).Kind; k != kinds[name] && !(k == fault.Refused && kinds[name] == fault.Missing) {
			t.Errorf("%s, %s: %v", what, name, err)
		}
	}
}

func (h *house) put(t *testing.T, p NewPerson) Person {
	t.Helper()
	out, err := h.Enter(ctx, h.officer, h.compound.ID, p)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func (h *house) write(t *testing.T, fn func(tx *store.Tx) error) {
	t.Helper()
	if err := h.db.Write(ctx, fn); err != nil {
		t.Fatal(err)
	}
}

func TestPersonIsSealedAndFound(t *testing.T) {
	h := build(t)
	p := h.put(t, NewPerson{Name: "曾国强", Phones: []string{"+86 138-0000-5678", "0595-22221111"}, Identity: id15})
	if p.Phones[0] != "*******5678" || len(p.Phones) != 2 || p.Identity != "**************765X" {
		t.Fatalf("%+v", p)
	}
	if _, err := h.Move(ctx, h.officer, h.home.ID, []Owner{{Person: p.ID}}, 0, "登记"); err != nil {
		t.Fatal(err)
	}
	for _, query := range []string{"曾国强", "曾", "国强", "zgq", "ZGQ", "5678", "765x", "13800005678", id18, id15, "明鑫 3-502", "3幢502", "mx3-502"} {
		got, err := h.Search(ctx, h.officer, Find{Query: query})
		if err != nil || len(got.Items) != 1 || got.Items[0].ID != p.ID {
			t.Errorf("%s: %+v %v", query, got.Items, err)
			continue
		}
		if s := got.Items[0].At; len(s) != 1 || s[0].Kind != "owner" || s[0].Words != "源淮社区 明鑫花苑 3-502" {
			t.Errorf("%s: where: %+v", query, s)
		}
	}
	for _, query := range []string{"强国", "5679", "zq", "13800005679", "明鑫 3-503", "%", "'"} {
		if got, err := h.Search(ctx, h.officer, Find{Query: query}); err != nil || len(got.Items) != 0 {
			t.Errorf("%s: %+v %v", query, got.Items, err)
		}
	}
	got, err := h.Search(ctx, who(access.CommunityOfficer, h.neighbour.Path), Find{Query: "曾国强"})
	if err != nil || len(got.Items) != 0 {
		t.Error("found in the neighbour's", got.Items, err)
	}
	if _, err := h.Search(ctx, h.manager, Find{Query: "曾"}); !errors.Is(err, access.ErrRefused) {
		t.Error("a property manager searches people:", err)
	}
	for _, table := range []string{"people_person", "people_phone", "people_word", "audit_entry"} {
		texts := dump(t, h.db, table)
		for _, secret := range []string{"13800005678", "0000-5678", id18, id15} {
			if contains(texts, secret) {
				t.Errorf("%s holds a number in the clear", table)
			}
		}
	}
	if id, name, err := h.PersonOfPhone(ctx, h.db, "138 0000 5678"); err != nil || id != p.ID || name != "曾国强" {
		t.Error(id, name, err)
	}
	if id, _, err := h.PersonOfPhone(ctx, h.db, "13900000000"); err != nil || id != "" {
		t.Error("a person for an unknown phone", id, err)
	}
	if _, err := h.Enter(ctx, h.officer, h.compound.ID, NewPerson{Name: "别名", Identity: id18}); !errors.Is(err, ErrKnown) {
		t.Error("the same number twice:", err)
	}
	if _, err := h.Enter(ctx, h.officer, h.compound.ID, NewPerson{Name: "", Identity: "990000196501017653", Phones: []string{"12"}}); len(fault.Of(err).Fields) != 3 {
		t.Error("all fields at once:", err)
	}
}

func TestRevealNeedsAReasonAndIsKept(t *testing.T) {
	h := build(t)
	p := h.put(t, NewPerson{Name: "林晓梅", Phones: []string{"13900001234"}, Identity: id18})
	h.refused(t, "reveal", func(w access.Who) error {
		_, err := h.ShowNumber(ctx, w, p.ID, "phone", "回访")
		return err
	})
	if _, err := h.ShowNumber(ctx, h.officer, p.ID, "phone", " "); !errors.Is(err, ErrReason) {
		t.Error(err)
	}
	got, err := h.ShowNumber(ctx, h.officer, p.ID, "phone", "漏水回访")
	if err != nil || len(got) != 1 || got[0] != "13900001234" {
		t.Fatal(got, err)
	}
	if got, err = h.ShowNumber(ctx, h.officer, p.ID, "identity", "核对产权"); err != nil || got[0] != id18 {
		t.Fatal(got, err)
	}
	lines, err := audit.List(ctx, h.db, audit.Find{Paths: []scope.Path{h.compound.Path}, Ref: "people/" + p.ID, Action: Reveal.Name})
	if err != nil || len(lines) != 2 || lines[1].Why != "漏水回访" {
		t.Error(lines, err)
	}
}

func TestMoveIsHistory(t *testing.T) {
	h := build(t)
	a, b := h.put(t, NewPerson{Name: "甲某", Identity: id18}), h.put(t, NewPerson{Name: "乙某"})
	h.refused(t, "move", func(w access.Who) error {
		_, err := h.Move(ctx, w, h.home.ID, nil, 0, "x")
		return err
	})
	d := day.MustParse
	if _, err := h.Move(ctx, h.officer, h.home.ID, []Owner{{Person: a.ID, ShareN: 1, ShareD: 2}, {Person: b.ID, ShareN: 1, ShareD: 2}}, d("2020-05-01"), "购房"); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Move(ctx, h.officer, h.home.ID, []Owner{{Person: a.ID, ShareN: 2, ShareD: 3}, {Person: b.ID, ShareN: 1, ShareD: 2}}, d("2020-05-01"), "x"); fault.Of(err).Code != "people.share" {
		t.Error("shares of 7/6:", err)
	}
	if _, err := h.Move(ctx, h.officer, h.home.ID, []Owner{{Person: b.ID}}, d("2024-07-01"), "赠与"); err != nil {
		t.Fatal(err)
	}
	f, err := h.File(ctx, h.officer, h.home.ID)
	if err != nil || len(f.Owners) != 1 || f.Owners[0].Person != b.ID || f.Owners[0].From != d("2024-07-01") || len(f.History) != 2 {
		t.Fatalf("%+v %v", f, err)
	}
	// Both halves are on record until the day before: the one that went and the one that became the whole.
	for _, x := range f.History {
		if x.From != d("2020-05-01") || x.To != d("2024-06-30") || x.Why != "赠与" || x.ShareN != 1 || x.ShareD != 2 {
			t.Errorf("%+v", x)
		}
	}
	if _, err := h.Move(ctx, h.officer, h.home.ID, nil, d("2030-01-01"), "x"); fault.Of(err).Code != "people.future" {
		t.Error(err)
	}
	// Rights of a resident end with the title.
	g, err := h.Grants(ctx, h.db, a.ID, h.Today())
	if err != nil || len(g) != 0 {
		t.Error("a former owner still may", g, err)
	}
	if g, _ = h.Grants(ctx, h.db, b.ID, h.Today()); len(g) != 1 || g[0].Post != access.Resident || g[0].Path != h.compound.Path {
		t.Error(g)
	}
	if g, _ = h.Grants(ctx, h.db, a.ID, d("2023-01-01")); len(g) != 1 {
		t.Error("what was on that day:", g)
	}
}

func TestHeads(t *testing.T) {
	h := build(t)
	a, b := h.put(t, NewPerson{Name: "甲某", Identity: id18}), h.put(t, NewPerson{Name: "乙某"})
	for _, n := range []place.Node{h.home, h.home2} {
		if _, err := h.Move(ctx, h.officer, n.ID, []Owner{{Person: a.ID}}, 0, "x"); err != nil {
			t.Fatal(err)
		}
	}
	got, err := h.Heads(ctx, h.db, h.compound.Path)
	if err != nil || got.Heads != 1 || got.Area != 9856*2+100 || got.Parts != 2 {
		t.Fatal(got, err)
	}
	if _, err := h.Move(ctx, h.officer, h.home2.ID, []Owner{{Person: a.ID}, {Person: b.ID}}, 0, "x"); err != nil {
		t.Fatal(err)
	}
	if got, _ = h.Heads(ctx, h.db, h.compound.Path); got.Heads != 2 {
		t.Error("a alone and a with b are two heads", got)
	}
	// R06: a titled space is a part whose owner is one head with the home; one without title is none.
	before := got
	for name, titled := range map[string]bool{"B001": true, "B002": false} {
		var n place.Node
		h.write(t, func(tx *store.Tx) (err error) {
			if n, _, err = h.Map.Ensure(ctx, tx, audit.System, h.compound, place.Parking, name); err != nil {
				return err
			}
			return h.Map.SetParking(ctx, tx, audit.System, n, place.ParkingFacts{Titled: titled, Area: 1250, State: "delivered"}, "")
		})
		if _, err := h.Move(ctx, h.officer, n.ID, []Owner{{Person: a.ID}}, 0, "x"); err != nil {
			t.Fatal(err)
		}
	}
	if got, _ = h.Heads(ctx, h.db, h.compound.Path); got.Heads != before.Heads || got.Area != before.Area+1250 || got.Parts != before.Parts+1 {
		t.Error("a titled space counts once, an untitled one not at all", before, got)
	}
}

func TestHouseholds(t *testing.T) {
	h := build(t)
	in := func(w access.Who) (Household, error) {
		return h.MoveIn(ctx, w, h.home.ID, Household{Relation: "tenant", From: day.MustParse("2026-01-01")}, &NewPerson{Name: "租客丙", Phones: []string{"13700000001"}})
	}
	h.refused(t, "move in", func(w access.Who) error { _, err := in(w); return err })
	x, err := in(h.officer)
	if err != nil {
		t.Fatal(err)
	}
	h.refused(t, "move out", func(w access.Who) error { return h.MoveOut(ctx, w, x.ID, 0, 1, "x") })
	if g, _ := h.Grants(ctx, h.db, x.Person, h.Today()); len(g) != 1 || g[0].Post != access.Resident {
		t.Error("a tenant is a resident", g)
	}
	if err := h.MoveOut(ctx, h.officer, x.ID, day.MustParse("2026-02-28"), 1, "退租"); err != nil {
		t.Fatal(err)
	}
	if err := h.MoveOut(ctx, h.officer, x.ID, 0, 1, "again"); !errors.Is(err, ErrVersion) {
		t.Error(err)
	}
	if g, _ := h.Grants(ctx, h.db, x.Person, h.Today()); len(g) != 0 {
		t.Error("moved out and still a resident", g)
	}
}

func TestTermsGrantAndCover(t *testing.T) {
	h := build(t)
	d := day.MustParse
	p := h.put(t, NewPerson{Name: "网格丁"})
	s := h.put(t, NewPerson{Name: "书记戊"})
	appoint := func(w access.Who) error {
		_, err := h.Appoint(ctx, w, Term{Post: access.GridWorker, Person: p.ID, Path: h.grid.Path, From: d("2026-01-01"), To: d("2026-06-30")})
		return err
	}
	h.refused(t, "appoint", appoint)
	if err := appoint(h.officer); err != nil {
		t.Fatal(err)
	}
	if err := appoint(h.officer); !errors.Is(err, ErrHeld) {
		t.Error("twice in one post:", err)
	}
	if _, err := h.Appoint(ctx, h.officer, Term{Post: access.SecurityAdmin, Person: p.ID}); fault.Of(err).Kind != fault.Missing {
		t.Error("a street officer makes an administrator:", err)
	}
	g, err := h.Grants(ctx, h.db, p.ID, d("2026-03-02"))
	if err != nil || len(g) != 2 || g[0].Path != h.grid.Path || g[1].Path != h.compound.Path || g[1].Post != access.GridWorker {
		t.Fatal("the grid reaches its compound:", g, err)
	}
	if g, _ = h.Grants(ctx, h.db, p.ID, d("2026-07-01")); len(g) != 0 {
		t.Error("an ended term still gives rights", g)
	}
	if _, err := h.Appoint(ctx, h.officer, Term{Post: access.BranchSecretary, Person: s.ID, Path: h.compound.Path, From: d("2025-01-01")}); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Appoint(ctx, h.officer, Term{Post: access.Police, Person: s.ID, Path: h.street.Path, From: d("2025-03-01")}); err != nil {
		t.Fatal(err)
	}
	all, err := h.Coverage(ctx, h.officer, h.street.Path, d("2026-03-02"))
	if err != nil || len(all) != 2 {
		t.Fatal(all, err)
	}
	find := func(c Covered, post access.Post) Cover {
		for _, x := range c.Posts {
			if x.Post == post {
				return x
			}
		}
		t.Fatalf("%s is not required", post)
		return Cover{}
	}
	mine, other := all[0], all[1]
	if mine.Compound.ID != h.compound.ID {
		mine, other = other, mine
	}
	if x := find(mine, access.GridWorker); !x.Covered || x.Direct || x.Since != d("2026-01-01") {
		t.Errorf("through the grid: %+v", x)
	}
	if x := find(mine, access.BranchSecretary); !x.Covered || !x.Direct {
		t.Errorf("direct: %+v", x)
	}
	if x := find(other, access.GridWorker); x.Covered || x.Since.Sound() {
		t.Errorf("the neighbour is in no grid: %+v", x)
	}
	if x := find(other, access.Police); !x.Covered || x.Direct {
		t.Errorf("police of the street: %+v", x)
	}
	later, _ := h.Coverage(ctx, h.officer, h.compound.Path, d("2026-08-01"))
	if x := find(later[0], access.GridWorker); x.Covered || x.Since != d("2026-07-01") {
		t.Errorf("lacking since the day after: %+v", x)
	}
	crews, err := h.Crews(ctx, h.officer, h.compound.Path, d("2026-03-02"))
	if err != nil || len(crews) != 1 || crews[0].Complete || len(crews[0].Posts) != 4 {
		t.Error(crews, err)
	}
	holders, err := h.Holders(ctx, h.db, h.home.Path, d("2026-03-02"), access.GridWorker, access.Police, access.BranchSecretary)
	if err != nil || len(holders) != 3 || holders[2].Post != access.Police {
		t.Error(holders, err)
	}
	terms, _ := h.Terms(ctx, h.db, TermFind{Person: p.ID})
	h.refused(t, "end a term", func(w access.Who) error {
		_, err := h.EndTerm(ctx, w, terms[0].ID, 0, terms[0].Version, "x")
		return err
	})
	if _, err := h.EndTerm(ctx, h.officer, terms[0].ID, d("2026-03-01"), terms[0].Version, "调岗"); err != nil {
		t.Fatal(err)
	}
	if g, _ = h.Grants(ctx, h.db, p.ID, d("2026-03-02")); len(g) != 0 {
		t.Error("ended yesterday and still in the post", g)
	}
}

func TestTermIsCorrected(t *testing.T) {
	h := build(t)
	p := h.put(t, NewPerson{Name: "书记己"})
	x, err := h.Appoint(ctx, h.officer, Term{Post: access.BranchSecretary, Person: p.ID, Path: h.compound.Path, From: day.MustParse("2025-01-01")})
	if err != nil {
		t.Fatal(err)
	}
	x.Party, x.To = "probation", day.MustParse("2027-12-31")
	got, err := h.ChangeTerm(ctx, h.officer, x, "补登政治面貌")
	if err != nil || got.Party != "probation" || got.Version != 2 || got.From != x.From {
		t.Fatal(got, err)
	}
	if _, err := h.ChangeTerm(ctx, h.officer, x, "again"); !errors.Is(err, ErrVersion) {
		t.Error("overwrote what was not seen:", err)
	}
	self := h.officer
	self.Person = p.ID
	if _, err := h.ChangeTerm(ctx, self, got, "延长"); fault.Of(err).Code != "people.own_post" {
		t.Error("somebody prolonged their own term:", err)
	}
	got.To = day.MustParse("2024-01-01")
	if _, err := h.ChangeTerm(ctx, h.officer, got, "x"); !errors.Is(err, ErrDays) {
		t.Error("a term that ends before it begins:", err)
	}
}

func TestCommitteeCountsMembersOnly(t *testing.T) {
	h := build(t)
	d := day.MustParse
	var org Org
	h.write(t, func(tx *store.Tx) (err error) {
		org, err = h.PutOrg(ctx, tx, audit.System, Org{Kind: OwnersCommittee, Name: "明鑫花苑业主委员会", Path: h.compound.Path, FoundedOn: d("2025-01-01")})
		if err != nil {
			return err
		}
		if _, err = h.PutOrg(ctx, tx, audit.System, Org{Kind: InterimCommittee, Name: "兴淮临管会", Path: h.neighbour.Path, FoundedOn: d("2025-01-01")}); err != nil {
			return err
		}
		for i, x := range []struct {
			post  access.Post
			party string
		}{{access.CommitteeDirector, "member"}, {access.CommitteeMember, "member"}, {access.CommitteeMember, "probation"}, {access.CommitteeMember, ""}, {access.CommitteeMember, ""}, {access.CommitteeAlternate, "member"}} {
			p, err := h.Put(ctx, tx, audit.System, h.compound.Path, NewPerson{Name: "委员" + string(rune('甲'+i))})
			if err != nil {
				return err
			}
			if _, err := h.PutTerm(ctx, tx, audit.System, Term{Org: org.ID, Post: x.post, Person: p.ID, From: d("2025-01-01"), Party: x.party}); err != nil {
				return err
			}
			if i == 0 {
				if _, err := h.PutTerm(ctx, tx, audit.System, Term{Post: access.BranchSecretary, Person: p.ID, Path: h.compound.Path, From: d("2025-01-01")}); err != nil {
					return err
				}
			}
		}
		return nil
	})
	all, err := h.Committees(ctx, h.db, h.street.Path, d("2026-03-02"))
	if err != nil || len(all) != 2 || !all[1].Interim {
		t.Fatal(all, err)
	}
	c := all[0]
	if c.Members != (Members{Members: 5, Alternates: 1, Party: 2, Probation: 1}) || !c.Shoulder {
		t.Errorf("%+v", c)
	}
	one, err := h.OneShoulder(ctx, h.db, h.street.Path, d("2026-03-02"))
	if err != nil || len(one) != 1 {
		t.Error(one, err)
	}
	if one, _ = h.OneShoulder(ctx, h.db, h.street.Path, d("2024-12-31")); len(one) != 0 {
		t.Error("before they began", one)
	}
	f, err := h.LookOrg(ctx, h.officer, org.ID)
	if err != nil || len(f.Terms) != 6 || f.Members == nil || f.Members.Majority {
		t.Error(f, err)
	}
}
