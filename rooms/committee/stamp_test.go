package committee

import (
	"slices"
	"sync"
	"testing"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/platform/access"
	"cuobian/platform/store"
	"cuobian/rooms/committee/form"
)

// A committee that came from no forming enters its seal once it is filed; it is kept by a member, taken out of use with a reason that
// every owner may read, and entered anew. Its director seals with the one that is in use.
func TestSealAlone(t *testing.T) {
	x := build(t)
	o := x.seated()
	director := x.as(x.owners[0])
	enter := func(who access.Who, keeper string, on day.Day) (Seal, error) {
		return x.EnterSeal(ctx, who, o.ID, "", keeper, on)
	}
	_, err := enter(director, x.owners[1], 0)
	x.refused(err, ErrSealFiled)
	x.ok(x.FileAlone(ctx, director, o.ID, "备-1"))
	_, err = enter(director, "", 0)
	x.refused(err, ErrSealKeeper)
	_, err = enter(director, x.owners[3], 0) // an alternate
	x.refused(err, ErrNotMember)
	_, err = enter(director, x.owners[1], x.Today().Add(1))
	x.refused(err, ErrDay)
	_, err = enter(director, x.owners[1], x.Today().Add(-1)) // before the filing
	x.refused(err, ErrDay)

	s, err := enter(director, x.owners[1], 0)
	x.ok(err)
	if s.Name != o.Name || s.Keeper != x.owners[1] || s.Ended != 0 {
		t.Fatalf("%+v", s)
	}
	_, err = enter(director, x.owners[1], 0)
	x.refused(err, ErrSealInUse)
	page, err := x.Committee(ctx, director, o.ID)
	x.ok(err)
	if len(page.Seals) != 1 || page.Seals[0] != s || page.Names[x.owners[1]] == "" {
		t.Fatalf("%+v", page.Seals)
	}
	if known, err := x.Committee(ctx, x.as(x.owners[11]), o.ID); err != nil || len(known.Seals) != 0 {
		t.Errorf("an owner sees who keeps the seal: %+v %v", known.Seals, err)
	}
	all, _, _, err := x.PapersOf(ctx, director, o.ID, "notice", "", 0)
	x.ok(err)
	used, err := x.UseSeal(ctx, director, o.ID, all[0].ID, "张贴")
	x.ok(err)
	if used.Kind != "stamp" {
		t.Fatalf("%+v", used)
	}

	_, err = x.KeepSeal(ctx, director, o.ID, s.ID, "")
	x.refused(err, ErrSealKeeper)
	_, err = x.KeepSeal(ctx, director, o.ID, s.ID, x.owners[11])
	x.refused(err, ErrNotMember)
	_, err = x.KeepSeal(ctx, director, o.ID, "nothing", x.owners[2])
	x.refused(err, ErrMissing)
	s, err = x.KeepSeal(ctx, x.officer(), o.ID, s.ID, x.owners[2])
	x.ok(err)
	if s.Keeper != x.owners[2] {
		t.Fatalf("%+v", s)
	}
	// Who keeps it leaves: the page says so.
	x.ok(x.Resign(ctx, x.as(x.owners[2]), o.ID, "", "搬家"))
	alarm := func() []string {
		page, err := x.Committee(ctx, director, o.ID)
		x.ok(err)
		var out []string
		for _, a := range page.Alarms {
			out = append(out, a.Kind)
		}
		return out
	}
	if !slices.Contains(alarm(), "seal_keeper") {
		t.Error(alarm())
	}

	_, err = x.EndSeal(ctx, director, o.ID, s.ID, " ")
	x.refused(err, ErrWhy)
	s, err = x.EndSeal(ctx, director, o.ID, s.ID, "遗失，已登报声明")
	x.ok(err)
	if s.Ended == 0 || !slices.Contains(alarm(), "no_seal") || slices.Contains(alarm(), "seal_keeper") {
		t.Errorf("%+v %v", s, alarm())
	}
	_, err = x.EndSeal(ctx, director, o.ID, s.ID, "遗失")
	x.refused(err, ErrSealEnded)
	_, err = x.KeepSeal(ctx, director, o.ID, s.ID, x.owners[1])
	x.refused(err, ErrSealEnded)
	_, err = x.UseSeal(ctx, director, o.ID, all[0].ID, "张贴")
	x.refused(err, ErrNoSeal)
	posted, _, _, err := x.PapersOf(ctx, x.as(x.owners[11]), o.ID, "seal", "", 0)
	x.ok(err)
	if len(posted) != 1 {
		t.Errorf("owners read of %d seals out of use", len(posted))
	}
	// Two enter it anew at once: one of them does.
	var wait sync.WaitGroup
	errs := make([]error, 2)
	for i := range errs {
		wait.Go(func() { _, errs[i] = x.EnterSeal(ctx, director, o.ID, "二号章", x.owners[1], 0) })
	}
	wait.Wait()
	if won := slices.IndexFunc(errs, func(err error) bool { return err == nil }); won < 0 || !fault.IsKind(errs[1-won], fault.Conflict) {
		t.Fatal(errs)
	}
	page, err = x.Committee(ctx, director, o.ID)
	x.ok(err)
	if len(page.Seals) != 2 || page.Seals[1].Name != "二号章" || page.Seals[1].Ended != 0 || slices.Contains(alarm(), "no_seal") {
		t.Errorf("%+v %v", page.Seals, alarm())
	}
	_, err = x.UseSeal(ctx, director, o.ID, all[0].ID, "张贴")
	x.ok(err)
}

// While a forming is under way the seal is a step of it; a committee out of office enters none; an interim one stands on the
// street's approval.
func TestSealWhen(t *testing.T) {
	x := build(t)
	_, err := x.OpenForming(ctx, x.officer(), x.here.ID, form.First, "")
	x.ok(err)
	o := x.seated()
	_, err = x.EnterSeal(ctx, x.as(x.owners[0]), o.ID, "", x.owners[0], 0)
	x.refused(err, ErrSealForming)

	y := build(t)
	f, err := y.OpenForming(ctx, y.officer(), y.here.ID, form.Interim, "")
	y.ok(err)
	all := []form.Sitter{{Person: y.somebody("社区工作者"), Side: form.Community, Head: true}, {Person: y.somebody("街道干部"), Side: form.Street}, {Person: y.somebody("网格员"), Side: form.Community}}
	for _, p := range y.owners[:4] {
		all = append(all, form.Sitter{Person: p, Side: form.Owner})
	}
	_, err = y.Propose(ctx, y.officer(), f.ID, all, 0)
	y.ok(err)
	f, err = y.AppointInterim(ctx, y.office(), f.ID, 0)
	y.ok(err)
	s, err := y.EnterSeal(ctx, y.as(y.owners[0]), f.Org, "", y.owners[1], 0)
	y.ok(err)
	if s.Name == "" {
		t.Errorf("%+v", s)
	}
	y.elect("m-first", "first", 5, []string{y.owners[0], y.owners[1], y.owners[2], y.owners[6], y.owners[7]})
	y.clock.Advance(48 * 3600 * 1e9)
	_, err = y.EnterSeal(ctx, y.officer(), f.Org, "", y.owners[1], 0)
	y.refused(err, ErrSealOver)
	_, err = y.EndSeal(ctx, y.officer(), f.Org, s.ID, "换届")
	y.refused(err, ErrSealOver)
}

// R12: the seal of the committee whose election was annulled is out of use at once; the former one, back in office, enters its own
// anew: what was taken out of use stays so.
func TestSealAfterAnnulment(t *testing.T) {
	x := build(t)
	old := x.seated()
	director := x.as(x.owners[0])
	x.ok(x.FileAlone(ctx, director, old.ID, "备-1"))
	first, err := x.EnterSeal(ctx, director, old.ID, "", x.owners[1], 0)
	x.ok(err)
	x.to("2030-12-02T09:00")
	x.elect("m-next", "election", 5, []string{x.owners[3], x.owners[4], x.owners[5], x.owners[8], x.owners[9]})
	next, _, err := x.standing(ctx, x.db, x.here.Path, x.Today())
	x.ok(err)
	hand, err := handovers(ctx, x.db, `org = $1 and to_org = $2`, old.ID, next.ID)
	x.ok(err)
	_, err = x.Give(ctx, x.as(x.owners[0]), hand[0].ID, []Item{{What: "公章", Count: 1}}, "")
	x.ok(err)
	_, err = x.Receive(ctx, x.as(x.owners[3]), hand[0].ID, "")
	x.ok(err)
	x.ok(x.FileAlone(ctx, x.as(x.owners[3]), next.ID, "备-2"))
	_, err = x.EnterSeal(ctx, x.as(x.owners[3]), next.ID, "", x.owners[4], 0)
	x.ok(err)
	x.clock.Advance(5 * 24 * 3600 * 1e9)
	for range 2 {
		x.write(func(tx *store.Tx) error { return x.Annulled(ctx, tx, "m-next") })
	}
	if now, err := x.inUse(ctx, x.db, next.ID); err != nil || now.ID != "" {
		t.Errorf("the annulled committee's seal is in use: %+v %v", now, err)
	}
	director = x.as(x.owners[0])
	page, err := x.Committee(ctx, director, old.ID)
	x.ok(err)
	if len(page.Seals) != 1 || page.Seals[0].ID != first.ID || page.Seals[0].Ended == 0 || !slices.ContainsFunc(page.Alarms, func(a Alarm) bool { return a.Kind == "no_seal" }) {
		t.Fatalf("%+v %+v", page.Seals, page.Alarms)
	}
	_, err = x.KeepSeal(ctx, director, old.ID, first.ID, x.owners[0])
	x.refused(err, ErrSealEnded)
	_, err = x.EnterSeal(ctx, x.as(x.owners[3]), old.ID, "", x.owners[0], 0) // of the annulled one
	if !fault.IsKind(err, fault.Refused) && !fault.IsKind(err, fault.Missing) {
		t.Error(err)
	}
	again, err := x.EnterSeal(ctx, director, old.ID, "", x.owners[0], 0)
	x.ok(err)
	if again.ID == first.ID {
		t.Error("a seal out of use came back")
	}
}
