package duty_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/store"
	"cuobian/platform/store/storetest"
	"cuobian/rooms/duty"
)

var ctx = context.Background()

const street, here, there = scope.Path("350503001/"), scope.Path("350503001/c1/k1/"), scope.Path("350503001/c1/k2/")

func who(person string, post access.Post, at scope.Path, org string) access.Who {
	return access.Who{Account: "a-" + person, Person: person, Grants: []access.Grant{{Post: post, Path: at, Org: org}}}
}

var (
	manager  = who("manager", access.PropertyManager, here, "co1")
	worker   = who("worker", access.PropertyStaff, here, "co1")
	next     = who("neighbour", access.PropertyManager, there, "co2")
	officer  = who("officer", access.StreetOfficer, street, "")
	resident = who("resident", access.Resident, here, "")
	nobody   = access.Who{}
)

func open(t *testing.T) (*duty.Diary, *store.DB, *storetest.Clock, *[]duty.Due) {
	clock := storetest.NewClock("2026-03-02T09:00:00+08:00")
	db := storetest.Open(t, clock, audit.Schema(), duty.Schema())
	d := duty.New(db)
	var told []duty.Due
	d.Publish = func(_ context.Context, tx *store.Tx, m duty.Due) error {
		tx.After(func() { told = append(told, m) })
		return nil
	}
	return d, db, clock, &told
}

func owe(t *testing.T, d *duty.Diary, db *store.DB, ref string, in time.Duration) string {
	t.Helper()
	var id string
	if err := db.Write(ctx, func(tx *store.Tx) (err error) {
		id, err = d.Owe(ctx, tx, duty.Owe{Kind: "test.mend", Ref: ref, Zh: "修路灯", En: "mend the lamp", Path: here, Post: access.PropertyManager, Org: "co1", Due: tx.Now.Add(in)})
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return id
}

func TestInboxIsWhatThePostOwesAtThePlace(t *testing.T) {
	d, db, _, _ := open(t)
	for i := range 3 {
		owe(t, d, db, "lamp/"+string(rune('a'+i)), time.Duration(3-i)*time.Hour)
	}
	d.PageOf = func(_ context.Context, _ store.Queryer, ref string) (string, error) { return "page/" + ref, nil }
	p, err := d.Inbox(ctx, manager, duty.Ask{Limit: 2})
	if err == nil && (p.Items[0].Page != "page/"+p.Items[0].Ref || p.Items[0].Steps) {
		t.Errorf("%+v", p.Items[0])
	}
	if err != nil || len(p.Items) != 2 || p.Items[0].Ref != "lamp/c" || p.Next == "" || p.Count != 3 {
		t.Fatalf("%+v %v", p, err)
	}
	p, err = d.Inbox(ctx, manager, duty.Ask{Limit: 2, After: p.Next})
	if err != nil || len(p.Items) != 1 || p.Items[0].Ref != "lamp/a" || p.Next != "" {
		t.Fatalf("%+v %v", p, err)
	}
	for name, w := range map[string]access.Who{"the neighbour compound's manager": next, "a worker": worker, "a resident": resident, "the officer": officer} {
		if p, err := d.Inbox(ctx, w, duty.Ask{}); err != nil || len(p.Items) != 0 {
			t.Errorf("%s owes it too: %+v %v", name, p.Items, err)
		}
	}
	if _, err := d.Inbox(ctx, nobody, duty.Ask{}); !errors.Is(err, access.ErrSignIn) {
		t.Error("a stranger reads an inbox", err)
	}
	deputy := access.Who{Account: "d", Person: "deputy", Grants: []access.Grant{{Post: access.PropertyManager, Path: here, Org: "co1", Deputy: "manager"}}}
	if p, _ := d.Inbox(ctx, deputy, duty.Ask{}); len(p.Items) != 3 {
		t.Error("the deputy does not see what the manager owes")
	}
	if _, err := d.Inbox(ctx, manager, duty.Ask{After: "nonsense"}); !errors.Is(err, duty.ErrCursor) {
		t.Error(err)
	}
}

func TestEndedByAnother(t *testing.T) {
	d, db, _, _ := open(t)
	id := owe(t, d, db, "lamp/a", time.Hour)
	refused := map[string]struct {
		w    access.Who
		kind fault.Kind
	}{"stranger": {nobody, fault.SignIn}, "neighbour compound": {next, fault.Missing}, "wrong post": {worker, fault.Refused}, "resident": {resident, fault.Refused}}
	for name, r := range refused {
		if err := d.Finish(ctx, r.w, id, "换了灯泡"); !fault.IsKind(err, r.kind) {
			t.Errorf("finish by %s: %v", name, err)
		}
		if err := d.Handover(ctx, r.w, id, "worker", "休假"); !fault.IsKind(err, r.kind) {
			t.Errorf("handover by %s: %v", name, err)
		}
	}
	if err := d.Finish(ctx, manager, id, ""); !errors.Is(err, duty.ErrEvidence) {
		t.Error(err)
	}
	if err := d.Finish(ctx, manager, id, "换了灯泡"); err != nil {
		t.Fatal(err)
	}
	if err := d.Finish(ctx, manager, id, "再换一次"); !errors.Is(err, duty.ErrState) {
		t.Error("done twice", err)
	}
	both := manager
	both.Grants = append(both.Grants, access.Grant{Post: access.CommunityOfficer, Path: here})
	if err := d.Check(ctx, both, id, true, ""); !errors.Is(err, duty.ErrOwn) {
		t.Error("ended by the doer", err)
	}
	if err := d.Check(ctx, manager, id, true, ""); !errors.Is(err, access.ErrRefused) {
		t.Error(err)
	}
	if err := d.Check(ctx, officer, id, false, "还是不亮"); err != nil {
		t.Fatal(err)
	}
	if err := d.Finish(ctx, manager, id, "换了整盏灯"); err != nil {
		t.Fatal(err)
	}
	if err := d.Check(ctx, officer, id, true, ""); err != nil {
		t.Fatal(err)
	}
	lines, _ := audit.List(ctx, db, audit.Find{Paths: []scope.Path{street}, Ref: "duty/" + id})
	if len(lines) != 4 {
		t.Fatalf("trail has %d lines, want 4", len(lines))
	}
}

func TestLadderIsClimbedByTheClock(t *testing.T) {
	d, db, clock, told := open(t)
	owe(t, d, db, "lamp/a", 48*time.Hour)
	climb := func() {
		t.Helper()
		for {
			n, err := d.Climb(ctx, 10)
			if err != nil {
				t.Fatal(err)
			}
			if n == 0 {
				return
			}
		}
	}
	climb()
	if len(*told) != 0 {
		t.Fatal("told too early")
	}
	clock.Advance(25 * time.Hour)
	climb()
	if len(*told) != 1 || (*told)[0].Act != duty.Remind {
		t.Fatalf("%+v", *told)
	}
	clock.Advance(24 * time.Hour)
	climb()
	if len(*told) != 4 || (*told)[3].Post != access.CommunityOfficer {
		t.Fatalf("%+v", *told)
	}
	cards, err := d.Cards(ctx, officer, "", 10)
	if err != nil || len(cards) != 1 || cards[0].Colour != "yellow" || cards[0].Org != "co1" {
		t.Fatal(cards, err)
	}
	community := who("community", access.CommunityOfficer, "350503001/c1/", "")
	if p, _ := d.Inbox(ctx, community, duty.Ask{}); len(p.Items) != 1 || p.Items[0].Level != 1 {
		t.Fatal("the community does not see what was escalated to it", p.Items)
	}
	clock.Advance(24 * time.Hour)
	climb()
	street := who("street", access.StreetOfficer, "350503001/", "")
	for _, w := range []access.Who{community, street} {
		if p, _ := d.Inbox(ctx, w, duty.Ask{}); len(p.Items) != 1 || p.Items[0].Level != 2 {
			t.Fatal("raised further: both the community and the street still see it", w.Name, p.Items)
		}
	}
	heaps, err := d.Overdue(ctx, officer, "", "place")
	if err != nil || len(heaps) != 1 || heaps[0].Overdue != 1 {
		t.Fatal(heaps, err)
	}
	if _, err := d.Overdue(ctx, resident, "", "place"); !errors.Is(err, access.ErrRefused) {
		t.Error(err)
	}
	if heaps, _ := d.Overdue(ctx, next, "", "place"); len(heaps) != 0 {
		t.Error("the neighbour sees it")
	}

	if err := d.AppealCard(ctx, next, cards[0].ID, "不服"); !errors.Is(err, access.ErrMissing) {
		t.Error(err)
	}
	if err := d.AppealCard(ctx, manager, cards[0].ID, "停电，无法施工"); err != nil {
		t.Fatal(err)
	}
	if err := d.DecideCard(ctx, manager, cards[0].ID, true, "同意"); !errors.Is(err, access.ErrRefused) {
		t.Error(err)
	}
	if err := d.DecideCard(ctx, officer, cards[0].ID, true, "情况属实"); err != nil {
		t.Fatal(err)
	}
	if n, _ := duty.Yellows(ctx, db, "co1", "", 0); n != 0 {
		t.Error("a withdrawn card still counts")
	}
	if err := db.Write(ctx, func(tx *store.Tx) error { return d.End(ctx, tx, "test.mend", "lamp/a", "worker") }); err != nil {
		t.Fatal(err)
	}
	if n, err := store.Count(ctx, db, `select count(*) from duty_raised`); n != 0 || err != nil {
		t.Error("an ended duty is still raised", n, err)
	}
}

// What a room ends by its own steps is not ended, and its ladder not stopped, by a word beside them.
func TestKeptDutiesEndByTheirRoomAlone(t *testing.T) {
	d, db, _, _ := open(t)
	id := owe(t, d, db, "lamp/kept", time.Hour)
	d.Keep("test.mend", false)
	if err := d.Finish(ctx, manager, id, "好了"); !errors.Is(err, duty.ErrSteps) {
		t.Error(err)
	}
	if err := d.Handover(ctx, manager, id, "worker", "休假"); err != nil {
		t.Error(err)
	}
	d.Keep("test.mend", true)
	if err := d.Handover(ctx, worker, id, "manager", "回来了"); !errors.Is(err, duty.ErrSteps) {
		t.Error(err)
	}
	if x, err := d.Get(ctx, worker, id); err != nil || x.State != duty.Open || x.Person != "worker" {
		t.Error(x.State, x.Person, err)
	}
	// A company's manager oversees what its own company owes, and not the community's.
	if err := db.Write(ctx, func(tx *store.Tx) error {
		_, err := d.Owe(ctx, tx, duty.Owe{Kind: "test.visit", Ref: "visit/1", Zh: "走访", En: "visit", Path: here, Post: access.CommunityOfficer, Due: tx.Now.Add(time.Hour)})
		return err
	}); err != nil {
		t.Fatal(err)
	}
	for w, want := range map[*access.Who]int64{&manager: 1, &officer: 2} {
		var open int64
		heaps, err := d.Overdue(ctx, *w, "", "place")
		for _, h := range heaps {
			open += h.Open
		}
		if err != nil || open != want {
			t.Errorf("%s oversees %d duties, want %d: %v", w.Person, open, want, err)
		}
	}
}

func TestTwoFinishAtOnce(t *testing.T) {
	d, db, _, _ := open(t)
	id := owe(t, d, db, "lamp/a", time.Hour)
	var wg sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		wg.Add(1)
		go func() { defer wg.Done(); errs[i] = d.Finish(ctx, manager, id, "好了") }()
	}
	wg.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
		} else if !errors.Is(err, duty.ErrState) {
			t.Error(err)
		}
	}
	if won != 1 {
		t.Fatalf("%d finished it", won)
	}
}

func TestLaddersAreData(t *testing.T) {
	d, db, _, _ := open(t)
	l := duty.Ladder{{After: 0, Act: duty.Remind}, {After: 30, Act: duty.Escalate, Post: access.StreetOfficer}}
	if err := d.SetLadder(ctx, manager, "default", here, l, "试行"); !errors.Is(err, access.ErrRefused) {
		t.Error(err)
	}
	if err := d.SetLadder(ctx, officer, "default", street, duty.Ladder{{After: 5, Act: duty.Remind}, {After: 0, Act: duty.Remind}}, "试行"); !errors.Is(err, duty.ErrLadder) {
		t.Error(err)
	}
	if err := d.SetLadder(ctx, officer, "default", street, l, "试行"); err != nil {
		t.Fatal(err)
	}
	got, err := duty.Steps(ctx, db, "default", here)
	if err != nil || len(got) != 2 {
		t.Fatal(got, err)
	}
	if got, _ := duty.Steps(ctx, db, "default", "350503002/"); len(got) == 2 {
		t.Fatal("another street got it too")
	}
}
