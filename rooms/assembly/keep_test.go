package assembly

import (
	"bytes"
	"strings"
	"testing"

	"cuobian/basis/day"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/blob"
	"cuobian/platform/store"
	"cuobian/rooms/people"
)

// After the years of keeping (ten, preset) what ballots say, who cast them, notes and papers are removed, and nothing before;
// the posted result stays.
func TestKeptForYears(t *testing.T) {
	w := polls(t)
	kept, err := blob.New(w.db, w.ring, t.TempDir())
	w.must(err)
	w.on.Blobs = kept
	m := w.voting(func(d *Drafting) { d.Channels = []string{"phone", "proxy", "paper"} })
	yi, geng := w.phone(w.owner("乙")), w.phone(w.owner("庚"))
	_, err = w.Cast(ctx, yi.who, m.ID, yi.fill(m, w.right(m, "103"), agree()))
	w.must(err)
	offer, err := w.Offer(ctx, w.phone(w.owner("丙")).who, m.ID, Offering{Right: w.right(m, "104"), Phone: "13800000007"})
	if err == nil {
		t.Fatal(offer)
	}
	bing := w.phone(w.owner("丙"))
	_, err = w.Offer(ctx, bing.who, m.ID, bing.offers(m, Offering{Right: w.right(m, "104"), Phone: "13800000007", Name: "庚"}))
	w.must(err)
	letter, err := kept.Put(ctx, w.director.Account, blob.File, "letter.pdf", bytes.NewReader([]byte("%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n")))
	w.must(err)
	_, err = w.Mandate(ctx, w.director, m.ID, w.right(m, "105"), geng.who.Person, letter.ID)
	w.must(err)
	w.day("2026-03-25")
	_, err = w.Post(ctx, w.director, m.ID)
	w.must(err)
	w.day("2026-04-10")
	_, err = w.Finish(ctx, w.director, m.ID)
	w.must(err)
	w.place1()
	_, _, err = w.Bundle(ctx, m.ID)
	w.must(err)

	w.at("2036-04-10T09:00:00+08:00") // ten years to the day: still kept
	n, err := w.Keep(ctx)
	w.must(err)
	if _, _, berr := w.Bundle(ctx, m.ID); n != 0 || berr != nil {
		t.Fatal(n, berr)
	}
	w.at("2036-04-11T09:00:00+08:00")
	for i := range 2 {
		n, err = w.Keep(ctx)
		w.must(err)
		if n != 1-i {
			t.Fatalf("%d the %d. time", n, i+1)
		}
	}
	for _, x := range []string{`select person from assembly_ballot where meeting = $1 and person <> ''`, `select signature from assembly_ballot where meeting = $1 and signature <> ''`, `select name from assembly_offer where meeting = $1 and name <> ''`} {
		if left, err := store.Texts(ctx, w.db, x, m.ID); err != nil || len(left) != 0 {
			t.Errorf("%s: %v %v", x, left, err)
		}
	}
	var id string
	var sealed []byte
	w.must(w.db.QueryRow(ctx, `select id, sealed from assembly_ballot where meeting = $1`, m.ID).Scan(&id, &sealed))
	if c, err := w.said(id, sealed); err != nil || len(c.Choices) != 0 || c.Salt != "" {
		t.Errorf("%+v %v", c, err)
	}
	if _, _, err = w.Bundle(ctx, m.ID); err == nil || !strings.Contains(err.Error(), "forgotten") {
		t.Error(err)
	}
	if b, err := kept.Find(ctx, w.db, letter.ID); err != nil || b.Expire == "" || b.Expire > "2036-04-11" {
		t.Errorf("%+v %v", b, err)
	}
	if res, err := w.Result(ctx, w.director, m.ID); err != nil || len(res.Items) != 1 || res.Items[0].Figures.Agree.Heads != 1 {
		t.Errorf("%+v %v", res, err)
	}
	if stale, err := w.ring.Stale(ctx, w.db, Sealed()); err != nil || stale != 0 {
		t.Errorf("%d %v", stale, err)
	}
}

// Only owners and who is named on the roll object to it.
func TestTenantsAndTheRoll(t *testing.T) {
	w := open(t)
	m := w.noticed()
	var tenant string
	w.must(w.db.Write(ctx, func(tx *store.Tx) error {
		p, err := w.register.Put(ctx, tx, audit.System, w.home["103"].Path, people.NewPerson{Name: "租客", Phones: []string{"13700000009"}})
		if err != nil {
			return err
		}
		tenant = p.ID
		_, err = w.register.PutHousehold(ctx, tx, audit.System, w.home["103"], people.Household{Person: p.ID, Relation: "tenant", From: day.MustParse("2025-01-01")})
		return err
	}))
	who := access.Who{Account: "t", Person: tenant, Name: "租客", Grants: []access.Grant{{Post: access.Resident, Path: w.here.Path}}}
	_, err := w.Object(ctx, who, m.ID, "roll", "面积不对", "")
	w.want(err, ErrRollOnly)
	_, err = w.Object(ctx, w.owner("乙"), m.ID, "roll", "面积不对", "")
	w.must(err)
	w.must(w.Name(ctx, w.director, m.ID, Naming{Right: w.right(m, "104"), Person: tenant, Capacity: "guardian", Ward: w.person["丙"], Paper: "p"}))
	_, err = w.Object(ctx, who, m.ID, "roll", "被监护人的面积不对", "")
	w.must(err)
}

// Lists take words of the title, the number or the compound; taken literally.
func TestListsTakeWords(t *testing.T) {
	w := open(t)
	a := w.drafted()
	w.drafted(func(d *Drafting) { d.Title = "Pump 50% 更换" })
	for q, want := range map[string]int{"": 2, "维修": 1, "pump": 1, "50%": 1, "5_%": 0, a.Number: 1, a.Number[:5]: 2, "样例花": 2, "样例新村": 0, `\`: 0, "没有": 0} {
		p, err := w.List(ctx, w.office, Find{Query: q})
		w.must(err)
		if len(p.Items) != want || p.Count != int64(want) {
			t.Errorf("%q: %d meetings, want %d", q, len(p.Items), want)
		}
	}
	_, err := w.Demand(ctx, w.owner("乙"), w.here.ID, "更换物业公司", []string{"解聘"})
	w.must(err)
	for q, want := range map[string]int{"": 1, "物业": 1, "解聘": 1, "样例花苑": 1, "text": 0, "matters": 0, "新村": 0} {
		p, err := w.Demands(ctx, w.office, "", "", q, "", 0)
		w.must(err)
		if len(p.Items) != want || p.Count != int64(want) {
			t.Errorf("%q: %d demands, want %d", q, len(p.Items), want)
		}
	}
	if p, err := w.Demands(ctx, w.next, "", "", "物业", "", 0); err != nil || len(p.Items) != 0 {
		t.Errorf("%+v %v", p, err)
	}
}
