package committee

import (
	"testing"
	"time"

	"cuobian/basis/day"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/store"
	"cuobian/rooms/people"
)

// R12: when a re-election is annulled the committee before comes back for the rest of its own term, without who has no home
// here any more; what it handed over goes back, its audit is owed no more. A second time nothing happens.
func TestFormerComesBack(t *testing.T) {
	x := build(t)
	x.to("2026-03-02T09:00")
	old := x.seated()
	x.to("2030-12-02T09:00") // within its term, which ends in 2031
	x.elect("m-next", "election", 5, []string{x.owners[3], x.owners[4], x.owners[5], x.owners[8], x.owners[9]})
	next, _, err := x.standing(ctx, x.db, x.here.Path, x.Today())
	x.ok(err)
	if next.ID == old.ID || x.as(x.owners[0]).Holds(x.here.Path, access.CommitteeDirector) || x.open(dutyAudit, "committees/"+old.ID) != 1 {
		t.Fatalf("%+v", next)
	}
	hand, err := handovers(ctx, x.db, `org = $1 and to_org = $2`, old.ID, next.ID)
	x.ok(err)
	if len(hand) != 1 {
		t.Fatal(hand)
	}
	_, err = x.Give(ctx, x.as(x.owners[0]), hand[0].ID, []Item{{What: "公章", Count: 1}}, "")
	x.ok(err)
	x.clock.Advance(5 * 24 * time.Hour)
	// One of the former members has sold meanwhile.
	x.write(func(tx *store.Tx) error {
		titles, err := store.Texts(ctx, tx, `select node from people_v_title where person = $1 and to_day = ''`, x.owners[7])
		if err != nil {
			return err
		}
		for _, node := range titles {
			n, err := x.reg.Map.Get(ctx, tx, node)
			if err != nil {
				return err
			}
			if err := x.reg.SetOwners(ctx, tx, audit.System, n, []people.Owner{{Person: x.owners[11]}}, x.Today().Add(-1)); err != nil {
				return err
			}
		}
		return nil
	})
	for range 2 {
		x.write(func(tx *store.Tx) error { return x.Annulled(ctx, tx, "m-next") })
	}
	now, _, err := x.standing(ctx, x.db, x.here.Path, x.Today())
	x.ok(err)
	if now == nil || now.ID != old.ID || now.EndedOn.Sound() {
		t.Fatalf("%+v", now)
	}
	terms, err := x.terms(ctx, x.db, old.ID, x.Today())
	x.ok(err)
	all, director := members(terms)
	if len(all) != 4 || director != x.owners[0] {
		t.Errorf("%v %s", all, director)
	}
	for _, m := range terms {
		if m.From != x.Today() || m.To != old.To {
			t.Errorf("%+v", m)
		}
	}
	if !x.as(x.owners[0]).Holds(x.here.Path, access.CommitteeDirector) || x.as(x.owners[3]).Holds(x.here.Path, access.CommitteeMember) {
		t.Error("the posts are not those of before")
	}
	if x.open(dutyAudit, "committees/"+old.ID) != 0 || x.open(dutyHandover, "handovers/"+hand[0].ID) != 0 {
		t.Error("what the annulled committee was to get is still owed")
	}
	back, err := handovers(ctx, x.db, `org = $1 and to_org = $2`, next.ID, old.ID)
	x.ok(err)
	if len(back) != 1 || x.open(dutyHandover, "handovers/"+back[0].ID) != 1 {
		t.Errorf("%+v", back)
	}
	// In the days between they were not in office.
	if gone, err := x.terms(ctx, x.db, old.ID, day.MustParse("2030-12-04")); err != nil || len(gone) != 0 {
		t.Errorf("%+v %v", gone, err)
	}
	x.elect("m-again", "election", 5, []string{x.owners[3], x.owners[4], x.owners[5], x.owners[8], x.owners[9]})
	if c, _, err := x.standing(ctx, x.db, x.here.Path, x.Today()); err != nil || c == nil || c.ID == old.ID {
		t.Errorf("%+v %v", c, err)
	}
}

// Whose own term is over does not come back: the street sees to it.
func TestFormerOver(t *testing.T) {
	x := build(t)
	x.to("2026-03-02T09:00")
	old := x.seated()
	x.to("2031-02-10T09:00")
	x.elect("m-next", "election", 5, []string{x.owners[3], x.owners[4], x.owners[5], x.owners[8], x.owners[9]})
	x.clock.Set(old.To.Add(1).Start(day.Shanghai))
	x.write(func(tx *store.Tx) error { return x.Annulled(ctx, tx, "m-next") })
	if c, _, err := x.standing(ctx, x.db, x.here.Path, x.Today()); err != nil || c != nil {
		t.Errorf("%+v %v", c, err)
	}
}

// Owners of a member's own zone propose the recall in its name: a fifth of the zone's heads, co-owners and several homes once.
func TestZoneRecall(t *testing.T) {
	x := build(t)
	o := x.seated()
	ask := func(who access.Who, member string) (Recall, error) {
		return x.ProposeRecall(ctx, who, o.ID, member, "not_doing", "从不到会", true)
	}
	// 业主1 to 6 own in 甲区, 业主7 to 12 in 乙区; 7 and 8 sit for 乙区.
	_, err := ask(x.as(x.owners[4]), x.owners[7])
	x.refused(err, ErrRecallZone)
	_, err = ask(x.as(x.others[0]), x.owners[7])
	x.refused(err, ErrMissing)
	_, err = ask(x.as("company", access.PropertyManager, x.here.Path), x.owners[7])
	if err == nil {
		t.Error("company staff proposed a recall")
	}
	_, err = ask(access.Who{}, x.owners[7])
	x.refused(err, access.ErrSignIn)
	r, err := ask(x.as(x.owners[10]), x.owners[7])
	x.ok(err)
	if r.Side != "zone" || r.Zone != "乙区" || r.N != 1 || r.Of < 5 || r.Of > 7 || r.Enough {
		t.Fatalf("%+v", r)
	}
	on, err := x.MyCommittees(ctx, x.as(x.owners[9])) // where an owner signs on the telephone
	x.ok(err)
	if len(on) != 1 || len(on[0].Recalls) != 1 || on[0].Recalls[0].ID != r.ID || on[0].Recalls[0].Signed {
		t.Errorf("%+v", on)
	}
	_, err = x.SignRecall(ctx, x.as(x.owners[4]), r.ID)
	x.refused(err, ErrRecallZone)
	_, err = x.SignRecall(ctx, x.as(x.others[0]), r.ID)
	x.refused(err, ErrMissing)
	_, err = x.PutRecall(ctx, x.officer(), r.ID, "m", 1)
	x.refused(err, ErrRecallN)
	r, err = x.SignRecall(ctx, x.as(x.owners[9]), r.ID)
	x.ok(err)
	if r.N != 2 || !r.Enough { // two of six
		t.Errorf("%+v", r)
	}
	_, err = x.SignRecall(ctx, x.as(x.owners[9]), r.ID)
	x.refused(err, ErrSignedBy)
	all, err := recalls(ctx, x.db, `id = $1`, r.ID)
	x.ok(err)
	if len(all) != 1 || all[0].Zone != "乙区" || all[0].Side != "zone" {
		t.Errorf("%+v", all)
	}
}
