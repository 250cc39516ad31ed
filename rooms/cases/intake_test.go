package cases_test

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"

	"cuobian/basis/day"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/store"
	"cuobian/rooms/cases"
	"cuobian/rooms/cases/clock"
	"cuobian/rooms/duty"
)

// What an intake answers from memory is what anybody reads afterwards.
func TestAnswerIsWhatIsKept(t *testing.T) {
	s := open(t)
	if err := s.SetRoute(ctx, office, cases.Route{Path: street, Category: "dog", ToOrg: "co1", ToPost: "property_manager", Auto: true}); err != nil {
		t.Fatal(err)
	}
	for i, x := range []struct {
		who access.Who
		in  cases.Report
	}{
		{resident, cases.Report{Place: "h502", Text: "楼道灯坏了，电话13800000051", Channel: "phone", Phone: "13800000051"}},
		{resident, cases.Report{Place: "h502", Text: "楼上漏水", Channel: "phone", Anonymous: true}},
		{resident, cases.Report{Place: "h502", Text: "物业不公示公共收益", Channel: "phone", Secret: true}},
		{hotline, cases.Report{Place: "k1", PlaceText: "3幢电梯", Text: "有人被困在电梯里", Channel: "hotline", ForOther: &cases.Contact{Name: "示例来电人", Phone: "13900000001"}}},
		{hotline, cases.Report{Place: "k1", Text: "大型犬没拴绳", Category: "dog", Channel: "hotline", ForOther: &cases.Contact{Name: "示例来电人", Phone: "13900000002"}}},
		{grid, cases.Report{Place: "k1", Text: "消防通道堵住了", Channel: "grid"}},
		{officer, cases.Report{Place: "lift-7", Text: "电梯异响", Channel: "walk_in", Level: "multi", Urgency: "high"}},
	} {
		got, err := s.Report(ctx, x.who, x.in)
		if err != nil {
			t.Fatal(i, err)
		}
		kept, err := s.Get(ctx, x.who, got.ID)
		if err != nil {
			t.Fatal(i, err)
		}
		a, _ := json.Marshal(got)
		b, _ := json.Marshal(kept)
		if string(a) != string(b) {
			t.Errorf("%d:\n%s\n%s", i, a, b)
		}
	}
}

// Many at once, some of them the same report sent again: each is one matter with its event, its duty and its entry in
// the trail, and the full-text table has them all, however they overtook each other.
func TestManyIntakesAtOnce(t *testing.T) {
	s := open(t)
	const n = 240
	var ids sync.Map
	var wg, index sync.WaitGroup
	stop := make(chan struct{})
	index.Go(func() {
		for {
			if _, err := s.Index(ctx); err != nil {
				t.Error(err)
			}
			select {
			case <-stop:
				return
			default:
			}
		}
	})
	for i := range n {
		wg.Go(func() {
			key := fmt.Sprint("key-", i)
			if i%6 == 5 {
				key = fmt.Sprint("key-", i-1)
			}
			c, err := s.Report(ctx, resident, cases.Report{Place: "h502", Text: fmt.Sprint("楼道灯坏了第", i, "次"), Channel: "phone", ClientKey: key})
			if err != nil {
				t.Error(err)
				return
			}
			if old, twice := ids.Swap(key, c.ID); twice && old != c.ID {
				t.Error("the same report is two matters")
			}
		})
	}
	wg.Wait()
	close(stop)
	index.Wait()
	if _, err := s.Index(ctx); err != nil {
		t.Fatal(err)
	}
	const want = n - n/6
	for table, query := range map[string]string{
		"matters":   `select count(*) from cases_case`,
		"events":    `select count(distinct case_id) from cases_event`,
		"reporters": `select count(distinct case_id) from cases_reporter`,
		"duties":    `select count(distinct ref) from duty_duty where kind = 'cases.dispatch'`,
		"trail":     `select count(distinct ref) from audit_entry where action = 'cases.report'`,
	} {
		if got, err := store.Count(ctx, s.db, query); err != nil || got != want {
			t.Errorf("%s: %d of %d, %v", table, got, want, err)
		}
	}
	if s.db.Engine == store.SQLite {
		if got, err := store.Count(ctx, s.db, `select count(*) from cases_search where cases_search match '"楼道"'`); err != nil || got != want {
			t.Errorf("full-text table: %d of %d, %v", got, want, err)
		}
	}
}

// A ladder that the street sets holds for the next matter, though intakes keep the ladders in mind.
func TestNewLadderHoldsForTheNextMatter(t *testing.T) {
	s := open(t)
	one := func() (next int64) {
		t.Helper()
		c, err := s.Report(ctx, resident, cases.Report{Place: "h502", Text: "楼道灯坏了", Category: "lighting", Urgency: "normal", Channel: "phone"})
		if err != nil {
			t.Fatal(err)
		}
		next, err = store.Count(ctx, s.db, `select next_at - due from duty_duty where ref = $1`, "cases/"+c.ID)
		if err != nil {
			t.Fatal(err)
		}
		return next
	}
	one()
	if err := s.duty.SetLadder(ctx, leader, "default", street, duty.Ladder{{After: 77, Act: duty.Remind}}, "试行"); err != nil {
		t.Fatal(err)
	}
	if got := one(); got != 77*60*1_000_000 {
		t.Errorf("the first step comes %d µs after the end", got)
	}
	// Another process sets one: it holds two seconds later.
	if err := s.db.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, `update duty_ladder set steps = '[{"after_minutes": 5, "act": "remind"}]'`)
		if err != nil {
			return err
		}
		return audit.Write(ctx, tx, audit.Entry{By: audit.System, Action: "duty.ladder", Path: street, Ref: "ladder/default"})
	}); err != nil {
		t.Fatal(err)
	}
	s.clock.Advance(2 * time.Second)
	if got := one(); got != 5*60*1_000_000 {
		t.Errorf("the first step comes %d µs after the end", got)
	}
}

// A matter that is overtaken while it is being taken in still comes into the full-text table: SQLite.
func TestOvertakenMatterIsFound(t *testing.T) {
	s := open(t)
	if s.db.Engine != store.SQLite {
		t.Skip("PostgreSQL keeps the words in the matter's row")
	}
	begun, goOn := make(chan struct{}), make(chan struct{})
	var once sync.Once
	s.Rules = func(_ context.Context, q store.Queryer, at scope.Path, _ day.Day) (clock.Periods, *day.Calendar, string, error) {
		if _, inside := q.(*store.Tx); inside && at == there {
			once.Do(func() {
				close(begun)
				<-goOn
			})
		}
		return clock.Preset(), day.China(), "cases_clock", nil
	}
	var slow sync.WaitGroup
	slow.Go(func() {
		if _, err := s.Report(ctx, hotline, cases.Report{Place: "k2", Text: "路灯不亮", Channel: "hotline", ForOther: &cases.Contact{Phone: "13900000003"}}); err != nil {
			t.Error(err)
		}
	})
	<-begun
	if _, err := s.Report(ctx, resident, cases.Report{Place: "h502", Text: "路灯不亮", Channel: "phone"}); err != nil {
		t.Error(err)
	}
	if _, err := s.Index(ctx); err != nil {
		t.Error(err)
	}
	close(goOn)
	slow.Wait()
	if _, err := s.Index(ctx); err != nil {
		t.Error(err)
	}
	if n, err := store.Count(ctx, s.db, `select count(*) from cases_search where cases_search match '"路灯"'`); err != nil || n != 2 {
		t.Errorf("%d of 2 in the full-text table, %v", n, err)
	}
}
