package money

import (
	"testing"
	"time"

	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/store"
	"cuobian/rooms/people"
)

// alone is a house whose committee's terms have ended, with a keeper of the street's seal in force.
func alone(t *testing.T) *house {
	x := settled(t, 10_000_000)
	_, err := x.AskRole(ctx, x.who["street"], x.here.ID, NewRole{Kind: RoleKeeperStreet, Person: x.who["street2"].Person, Resolution: "blobs/" + x.paper("street"), Words: "确定街道章保管人", Deciders: []string{x.who["secretary"].Person}})
	x.ok(err)
	x.later(8 * 24 * time.Hour)
	x.end(sitting...)
	return x
}

// end ends the terms of posts, as of yesterday.
func (x *house) end(posts ...access.Post) {
	x.t.Helper()
	x.write(func(tx *store.Tx) error {
		for _, w := range x.who {
			if len(w.Grants) != 1 {
				continue
			}
			for _, p := range posts {
				if w.Grants[0].Post != p {
					continue
				}
				terms, err := x.reg.Terms(ctx, tx, people.TermFind{Person: w.Person, Posts: posts, On: today(tx)})
				if err != nil {
					return err
				}
				for _, y := range terms {
					if _, err := x.reg.CloseTerm(ctx, tx, audit.System, y, today(tx).Add(-1), "任期结束"); err != nil {
						return err
					}
				}
			}
		}
		return nil
	})
}

// Where no company serves either, somebody of the community pays as well: with three beside the applicant nobody can apply, as
// the payment would stop before it is paid.
func TestNobodyIsLeftToPay(t *testing.T) {
	x := alone(t)
	x.write(func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, `update service_contract set to_day = $1 where compound = $2`, today(tx).Add(-1), x.here.ID)
		return err
	})
	b, err := x.BenchOf(ctx, x.who["street"], x.here.ID)
	x.ok(err)
	if b.Nearby != 3 || b.Needs != [2]int{4, 2} || b.Refused == nil || b.Refused.Code != ErrActingPays.Code {
		t.Fatalf("%+v", b)
	}
}

// Without a committee the residents' committee acts: first and second review by two of the community, the street always the
// third, the seals of the community and the street, nobody twice (R24, R38).
func TestCommunityActsForNoCommittee(t *testing.T) {
	x := alone(t)
	b, err := x.BenchOf(ctx, x.who["staff"], x.here.ID)
	x.ok(err)
	if b.Acting != actingCommunity || b.Nearby != 3 || b.Street != 2 || b.Zh != "" {
		t.Fatalf("%+v", b)
	}
	p := x.apply("staff", 100) // far below the limit: the street reviews all the same
	if p.Acting != actingCommunity || p.Org != "" || p.State != AtCommittee {
		t.Fatalf("%+v", p)
	}
	for _, n := range []string{"m0", "staff", "manager", "street"} {
		if _, err := x.Review(ctx, x.who[n], p.ID, "agree", "", p.Hash); err == nil {
			t.Errorf("%s takes the first review", n)
		}
	}
	p = x.agree(p, "officer")
	if p.State != AtCommunity {
		t.Fatal(p.State)
	}
	_, err = x.Review(ctx, x.who["officer"], p.ID, "agree", "", p.Hash)
	x.refused(err, ErrHand)
	if p = x.agree(p, "officer2"); p.State != AtStreet || p.Draw != "" || !p.Sampled {
		t.Fatalf("%+v", p)
	}
	if p = x.agree(p, "street"); p.State != AtSealing {
		t.Fatal(p.State)
	}
	for n, want := range map[string]error{"street": ErrKeeper, "officer2": ErrKeeper} {
		_, err := x.Seal(ctx, x.who[n], p.ID, p.PaperHash)
		x.refused(err, want)
	}
	tr, err := x.Payment(ctx, x.who["street2"], p.ID)
	x.ok(err)
	if tr.Keeper1 != "" || tr.Keeper2 != x.who["secretary"].Person || tr.Keeper3 != x.who["street2"].Person || len(tr.May) != 1 || tr.May[0] != "seal" || tr.Needs != 1 {
		t.Fatalf("%+v", tr)
	}
	if p = x.seal2(p, "street2", "secretary"); p.State != AtSealed {
		t.Fatal(p.State)
	}
	_, err = x.Pay(ctx, x.who["officer"], p.ID, 0, "1")
	x.refused(err, ErrHand)
	_, err = x.Pay(ctx, x.who["manager"], p.ID, 0, "1")
	x.ok(err)
	seals, err := x.seals(ctx, x.db, p.ID)
	x.ok(err)
	if len(seals) != 2 || seals[0].Side+seals[1].Side != sideStreet+sideCommunity && seals[0].Side+seals[1].Side != sideCommunity+sideStreet || !seals[0].Good || !seals[1].Good {
		t.Fatalf("%+v", seals)
	}
	x.zero()
}

// One of the community against it ends it; and where there are too few hands nobody applies.
func TestActingRefuses(t *testing.T) {
	x := alone(t)
	p := x.apply("staff", 100)
	p, err := x.Review(ctx, x.who["officer"], p.ID, "against", "没有依据", "")
	x.ok(err)
	if p.State != RefusedOut {
		t.Fatal(p.State)
	}
	// An applicant of the community is one hand less: two are left beside.
	_, err = x.Submit(ctx, x.who["officer"], x.applying("officer", 100))
	x.refused(err, ErrActing)
	x.write(func(tx *store.Tx) error {
		terms, err := x.reg.Terms(ctx, tx, people.TermFind{Person: x.who["street2"].Person})
		if err != nil {
			return err
		}
		_, err = x.reg.CloseTerm(ctx, tx, audit.System, terms[0], today(tx).Add(-1), "调离")
		return err
	})
	_, err = x.Submit(ctx, x.who["staff"], x.applying("staff", 100))
	x.refused(err, ErrActing)
	b, err := x.BenchOf(ctx, x.who["staff"], x.here.ID)
	x.ok(err)
	if b.Street != 1 || b.Zh == "" || b.En == "" {
		t.Fatalf("%+v", b)
	}
	for name, who := range x.strangers() {
		if _, err := x.BenchOf(ctx, who, x.here.ID); err == nil {
			t.Errorf("%s sees who reviews", name)
		}
	}
}

// An interim committee is a committee: it reviews by more than half of its members (R25).
func TestInterimCommitteeReviews(t *testing.T) {
	x := alone(t)
	var org people.Org
	x.write(func(tx *store.Tx) (err error) {
		if org, err = x.reg.PutOrg(ctx, tx, audit.System, people.Org{Kind: people.InterimCommittee, Name: "样例花苑临管会", Path: x.here.Path}); err != nil {
			return err
		}
		for i := range 3 {
			post := access.InterimMember
			if i == 0 {
				post = access.InterimDirector
			}
			if _, err := x.reg.PutTerm(ctx, tx, audit.System, people.Term{Post: post, Person: x.owners[i], Org: org.ID, Path: x.here.Path, From: today(tx)}); err != nil {
				return err
			}
			x.who["i"+string(rune('0'+i))] = x.as(x.owners[i], post, x.here.Path, org.ID)
		}
		o := x.committee
		o.EndedOn = today(tx).Add(-1)
		_, err = x.reg.PutOrg(ctx, tx, audit.System, o)
		return err
	})
	p := x.apply("staff", 600_000)
	if p.Acting != "" || p.Org != org.ID {
		t.Fatalf("%+v", p)
	}
	if p = x.agree(p, "i0"); p.State != AtCommittee {
		t.Fatal(p.State)
	}
	if p = x.agree(p, "i1"); p.State != AtCommunity {
		t.Fatal(p.State)
	}
}
