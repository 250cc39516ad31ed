package assembly

import (
	"encoding/json"
	"strings"
	"testing"

	"cuobian/basis/day"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/store"
	"cuobian/rooms/people"
)

// A convener finds who owns or lives as family in the own compound and nobody else, with name and homes alone.
func TestNeighbours(t *testing.T) {
	w := open(t)
	m := w.drafted()
	person := func(name, phone, home, relation string, from string) {
		t.Helper()
		n := w.home[home]
		w.must(w.db.Write(ctx, func(tx *store.Tx) error {
			p, err := w.register.Put(ctx, tx, audit.System, n.Path, people.NewPerson{Name: name, Phones: []string{phone}})
			if err != nil {
				return err
			}
			w.person[name] = p.ID
			if relation == "title" {
				return w.register.SetOwners(ctx, tx, audit.System, n, []people.Owner{{Person: p.ID}}, day.MustParse(from))
			}
			_, err = w.register.PutHousehold(ctx, tx, audit.System, n, people.Household{Person: p.ID, Relation: relation, From: day.MustParse(from)})
			return err
		}))
	}
	person("陈样例", "13700000001", "110", "title", "2021-01-01")
	person("陈家属", "13700000002", "103", "family", "2021-01-01")
	person("陈租客", "13700000003", "104", "tenant", "2021-01-01")
	person("陈邻家", "13700000004", "901", "family", "2021-01-01")

	find := func(who access.Who, q string) string {
		t.Helper()
		list, err := w.Neighbours(ctx, who, m.ID, q)
		w.must(err)
		b, err := json.Marshal(list)
		w.must(err)
		var names []string
		for _, x := range list {
			names = append(names, x.Name+" "+strings.Join(x.Homes, ","))
		}
		if strings.Contains(string(b), "1370000") {
			t.Errorf("a number is told: %s", b)
		}
		return strings.Join(names, "; ")
	}
	for q, want := range map[string]string{
		"陈样": "陈样例 1-110", "样例": "陈样例 1-110", "家属": "陈家属 1-103", "陈租客": "", "邻家": "", "901": "", "1-101": "甲 1-101", "1幢109": "壬 1-109; 辛 1-109", "1-103": "乙 1-103; 陈家属 1-103", "1-104": "丙 1-104", "%陈": "", "__": "", "cyl": "陈样例 1-110",
	} {
		if got := find(w.director, q); got != want && !(q == "1幢109" && got == "辛 1-109; 壬 1-109") {
			t.Errorf("%s: %q, want %q", q, got, want)
		}
	}
	if got := find(w.secretary, "样例"); got != "陈样例 1-110" {
		t.Error(got)
	}
	for _, q := range []string{"", "陈", strings.Repeat("陈", 61)} {
		_, err := w.Neighbours(ctx, w.director, m.ID, q)
		w.want(err, ErrFind)
	}
	w.refused("people", func(who access.Who) error { _, err := w.Neighbours(ctx, who, m.ID, "样例"); return err }, w.leader, w.owner("甲"))

	// Another compound's director, who has the same post, finds nobody of this one; a meeting of the community is not the
	// director's.
	theirs, err := w.Draft(ctx, w.officer, Drafting{Compound: w.here.ID, Title: "补选", Purpose: "by_election", Convener: "community"})
	w.must(err)
	_, err = w.Neighbours(ctx, w.director, theirs.ID, "样例")
	w.want(err, access.ErrRefused)

	// Every search left its trace, without its words.
	trace, err := store.Texts(ctx, w.db, `select after from audit_entry where action = 'assembly.people' order by id`)
	w.must(err)
	if len(trace) != 14 || strings.Contains(strings.Join(trace, ""), "样例") {
		t.Errorf("%v", trace)
	}

	// Whom the director found goes into the team, gets a mandate recorded, is named as voter.
	_, err = w.PostRoll(ctx, w.director, m.ID, 0)
	w.must(err)
	_, err = w.Join(ctx, w.director, m.ID, Joining{Person: w.person["陈家属"], Role: Sweeper, Pair: "一组"})
	w.must(err)
	_, err = w.Mandate(ctx, w.director, m.ID, w.right(m, "104"), w.person["陈家属"], "letter")
	w.must(err)
	w.must(w.Name(ctx, w.director, m.ID, Naming{Right: w.right(m, "109"), Person: w.person["辛"], Capacity: "representative", Paper: "paper"}))
}
