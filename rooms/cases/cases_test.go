package cases_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/seal"
	"cuobian/platform/store"
	"cuobian/platform/store/storetest"
	"cuobian/rooms/cases"
	"cuobian/rooms/duty"
)

var ctx = context.Background()

// The street of the tests is invented: two communities with two compounds each.
const (
	street = scope.Path("350503001/")
	comm   = scope.Path("350503001/c1/")
	here   = scope.Path("350503001/c1/k1/")
	home   = scope.Path("350503001/c1/k1/b3/u1/h502/")
	there  = scope.Path("350503001/c1/k2/")
)

var spots = map[string]cases.Spot{
	"k1":         {Path: here, Compound: "样例花苑"},
	string(here): {Path: here, Compound: "样例花苑"},
	"h502":       {Path: home, Compound: "样例花苑", Text: "3幢1单元502"},
	"k2":         {Path: there, Compound: "样例新村"},
	"lift-7":     {Path: here + "b3/", Compound: "样例花苑", Text: "3幢电梯"},
}

func who(person string, post access.Post, at scope.Path, org string) access.Who {
	return access.Who{Account: "a-" + person, Person: person, Name: "测试" + person, Grants: []access.Grant{{Post: post, Path: at, Org: org}}}
}

// Invented people.
var (
	manager   = who("manager", access.PropertyManager, here, "co1")
	worker    = who("worker", access.PropertyStaff, here, "co1")
	worker2   = who("worker2", access.PropertyStaff, here, "co1")
	neighbour = who("neighbour", access.PropertyManager, there, "co2")
	officer   = who("officer", access.CommunityOfficer, comm, "")
	secretary = who("secretary", access.CommunitySecretary, comm, "")
	otherComm = who("othercomm", access.CommunityOfficer, "350503001/c2/", "")
	office    = who("office", access.StreetOfficer, street, "")
	leader    = who("leader", access.StreetLeader, street, "")
	hotline   = who("hotline", access.HotlineOperator, street, "")
	grid      = who("grid", access.GridWorker, here, "")
	resident  = who("resident", access.Resident, home, "")
	stranger  = access.Who{Account: "a-stranger", Person: "stranger"}
	nobody    = access.Who{}
)

var (
	day1        = day.MustParse("2026-02-28") // before the tests begin
	branch2     = who("branch2", access.Auditor, here, "")
	supervisor2 = who("auditor2", access.Auditor, street, "")
)

type town struct {
	*cases.Desk
	db    *store.DB
	clock *storetest.Clock
	duty  *duty.Diary
	told  []cases.Notice
	mu    sync.Mutex
}

func open(t testing.TB) *town {
	clock := storetest.NewClock("2026-03-02T09:00:00+08:00") // a Monday
	db := storetest.Open(t, clock, audit.Schema(), duty.Schema(), cases.Schema())
	diary := duty.New(db)
	s := &town{Desk: cases.New(db, seal.Memory(), diary), db: db, clock: clock, duty: diary}
	s.Place = func(_ context.Context, _ store.Queryer, ref string) (cases.Spot, error) {
		if x, ok := spots[ref]; ok {
			return x, nil
		}
		return cases.Spot{}, access.ErrMissing
	}
	s.Served = func(_ context.Context, _ store.Queryer, at scope.Path) (string, string, error) {
		switch {
		case here.Covers(at):
			return "market", "co1", nil
		case there.Covers(at):
			return "market", "co2", nil
		}
		return "none", "", nil
	}
	s.OrgOf = func(_ context.Context, _ store.Queryer, id string) (cases.Org, error) {
		if id == "co1" || id == "co2" {
			return cases.Org{Name: "样例物业" + id, Kind: "property_company"}, nil
		}
		return cases.Org{}, access.ErrMissing
	}
	s.NameOf = func(_ context.Context, _ store.Queryer, id string) (string, error) { return "测试" + id, nil }
	if x, ok := t.(*testing.T); ok {
		x.Cleanup(func() {
			if n, _ := store.Count(ctx, db, `select count(*) from cases_case`); n > 0 && !x.Failed() {
				proved(x, s)
			}
		})
	}
	s.Tell = func(_ context.Context, tx *store.Tx, n cases.Notice) error {
		tx.After(func() { s.mu.Lock(); s.told = append(s.told, n); s.mu.Unlock() })
		return nil
	}
	return s
}

var photo int
var photoMu sync.Mutex

func shot() []string {
	photoMu.Lock()
	defer photoMu.Unlock()
	photo++
	return []string{fmt.Sprintf("blob%d", photo)}
}

func must[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func report(t testing.TB, s *town) cases.Case {
	t.Helper()
	c, err := s.Report(ctx, resident, cases.Report{Place: "h502", Text: "楼道灯坏了好几天，晚上看不见，电话13800000051", Channel: "phone"})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// way brings a matter to a state along the usual way.
func way(t testing.TB, s *town, id, to string) cases.Case {
	t.Helper()
	ok := must[cases.Case](t)
	c := ok(s.Get(ctx, access.System, id))
	for _, step := range []struct {
		state string
		do    func() (cases.Case, error)
	}{
		{"dispatched", func() (cases.Case, error) { return s.Dispatch(ctx, officer, id, cases.Sending{Org: "co1"}) }},
		{"taken", func() (cases.Case, error) { return s.Take(ctx, worker, id) }},
		{"handled", func() (cases.Case, error) {
			return s.Handle(ctx, worker, id, cases.Handling{Note: "已更换灯泡", After: shot()})
		}},
		{"verified", func() (cases.Case, error) { return s.Verify(ctx, officer, id, true, "已亮", nil) }},
		{"confirmed", func() (cases.Case, error) { return s.Confirm(ctx, resident, id, "satisfied", "", false) }},
		{"closed", func() (cases.Case, error) { return s.CallBack(ctx, hotline, id, "satisfied", "") }},
	} {
		if c.State == to {
			return c
		}
		c = ok(step.do())
		if c.State != step.state {
			t.Fatalf("after %s: %s", step.state, c.State)
		}
	}
	return c
}

func TestFromWordToCallBack(t *testing.T) {
	s := open(t)
	c := report(t, s)
	if c.Category != "lighting" || c.Kind != "repair" || c.CompoundName != "样例花苑" || c.State != "reported" {
		t.Fatalf("%+v", c)
	}
	if c.ResolveDue != day.MustParse("2026-03-09").End(day.Shanghai) {
		t.Fatal("5 working days from Monday 2 March are Monday 9 March:", c.ResolveDue)
	}
	if n, ok := cases.ReadNumber(c.Number); !ok || n != c.Number {
		t.Fatal(c.Number)
	}
	if strings.Contains(c.Text, "13800000051") {
		t.Fatal("the number is not masked:", c.Text)
	}
	c = way(t, s, c.ID, "closed")
	if c.OnTime == nil || !*c.OnTime || c.Confirmation != "satisfied" || c.Callback != "satisfied" || c.ClosedAt == 0 || c.ResolveDue == 0 {
		t.Fatalf("%+v", c)
	}
	open, err := store.Count(ctx, s.db, `select count(*) from duty_duty where state = 'open'`)
	if err != nil || open != 0 {
		t.Fatal("duties left open:", open, err)
	}
	n, _ := store.Count(ctx, s.db, `select count(*) from audit_entry where ref = $1`, "cases/"+c.ID)
	if n != 7 {
		t.Fatal("seven steps, so many entries:", n)
	}
}

// An intake writes five rows: matter, event, reporter, duty, audit entry; a photograph is one more.
func TestRowsOfAnIntake(t *testing.T) {
	s := open(t)
	report(t, s)
	sum := int64(0)
	for _, table := range []string{"cases_case", "cases_event", "cases_reporter", "cases_photo", "audit_entry", "duty_duty"} {
		n, err := store.Count(ctx, s.db, `select count(*) from `+table)
		if err != nil {
			t.Fatal(err)
		}
		sum += n
	}
	if sum != 5 {
		t.Fatal(sum)
	}
}

func TestSameKeyIsOneMatter(t *testing.T) {
	s := open(t)
	var wg sync.WaitGroup
	ids := make([]string, 8)
	for i := range ids {
		wg.Go(func() {
			c, err := s.Report(ctx, resident, cases.Report{Place: "k1", Text: "垃圾没人清", Channel: "phone", ClientKey: "draft-1"})
			if err != nil {
				t.Error(err)
			}
			ids[i] = c.ID
		})
	}
	wg.Wait()
	if len(slices.Compact(slices.Sorted(slices.Values(ids)))) != 1 {
		t.Fatal(ids)
	}
	// Somebody else's key of the same text is another matter.
	c, err := s.Report(ctx, stranger, cases.Report{Place: "k1", Text: "垃圾没人清", Channel: "phone", ClientKey: "draft-1"})
	if err != nil || c.ID == ids[0] {
		t.Fatal(c.ID, err)
	}
}

func TestTwoTakeOneWins(t *testing.T) {
	s := open(t)
	c := way(t, s, report(t, s).ID, "dispatched")
	var wg sync.WaitGroup
	errs := make([]error, 2)
	for i, w := range []access.Who{worker, worker2} {
		wg.Go(func() { _, errs[i] = s.Take(ctx, w, c.ID) })
	}
	wg.Wait()
	won := 0
	for _, err := range errs {
		switch {
		case err == nil:
			won++
		case !fault.IsKind(err, fault.Conflict) && !errors.Is(err, cases.ErrNotHolder):
			t.Error(err)
		}
	}
	if won != 1 {
		t.Fatal(errs)
	}
}

func TestWhoHandledNeitherVerifiesNorCallsBack(t *testing.T) {
	s := open(t)
	ok := must[cases.Case](t)
	c := ok(s.Dispatch(ctx, office, report(t, s).ID, cases.Sending{Post: "community_officer"}))
	ok(s.Take(ctx, officer, c.ID))
	ok(s.Handle(ctx, officer, c.ID, cases.Handling{Note: "已更换", After: shot()}))
	if _, err := s.Verify(ctx, officer, c.ID, true, "", nil); !errors.Is(err, cases.ErrOwnWork) {
		t.Fatal(err)
	}
	ok(s.Verify(ctx, secretary, c.ID, true, "", nil))
	if _, err := s.Confirm(ctx, officer, c.ID, "satisfied", "", true); !errors.Is(err, cases.ErrOwnCall) {
		t.Fatal(err)
	}
	ok(s.Confirm(ctx, hotline, c.ID, "satisfied", "", true))
	if _, err := s.CallBack(ctx, officer, c.ID, "satisfied", ""); !errors.Is(err, cases.ErrOwnCall) {
		t.Fatal(err)
	}
	if _, err := s.CallBack(ctx, secretary, c.ID, "satisfied", ""); !errors.Is(err, cases.ErrSameCheck) {
		t.Fatal(err)
	}
	// In a community of two people the verifier may call; the handler still may not.
	s.Hands = func(context.Context, store.Queryer, scope.Path, []access.Post, []access.Post) (int, error) {
		return 2, nil
	}
	if _, err := s.CallBack(ctx, officer, c.ID, "satisfied", ""); !errors.Is(err, cases.ErrOwnCall) {
		t.Fatal(err)
	}
	ok(s.CallBack(ctx, secretary, c.ID, "satisfied", ""))
}

func TestSilenceIsNeverSatisfied(t *testing.T) {
	s := open(t)
	c := way(t, s, report(t, s).ID, "verified")
	s.clock.Set(c.ConfirmDue - 100)
	if n, err := s.Silence(ctx, 100); err != nil || n != 0 {
		t.Fatal("still in time:", n, err)
	}
	s.clock.Advance(time.Minute)
	if n, err := s.Silence(ctx, 100); err != nil || n != 1 {
		t.Fatal(n, err)
	}
	c = must[cases.Case](t)(s.Get(ctx, office, c.ID))
	if c.State != "unconfirmed" || c.Confirmation != "unconfirmed" || c.CallbackDue == 0 {
		t.Fatalf("%+v", c)
	}
}
