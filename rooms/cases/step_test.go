package cases_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"cuobian/basis/day"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/store"
	"cuobian/rooms/cases"
	"cuobian/rooms/duty"
)

func duties(t *testing.T, s *town, id string) map[string]duty.Duty {
	t.Helper()
	out := map[string]duty.Duty{}
	for _, w := range []access.Who{worker, worker2, manager, officer, secretary, office, leader, hotline} {
		p, err := s.duty.Inbox(ctx, w, duty.Ask{Kind: "cases"})
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range p.Items {
			if x.Ref == "cases/"+id {
				out[x.Kind] = x
			}
		}
	}
	return out
}

func TestSecondReturnTheStreetDecides(t *testing.T) {
	s := open(t)
	ok := must[cases.Case](t)
	id := way(t, s, report(t, s).ID, "dispatched").ID
	if _, err := s.Return(ctx, worker, id, "because", ""); !errors.Is(err, cases.ErrReasonCode) {
		t.Fatal(err)
	}
	c := ok(s.Return(ctx, worker, id, "not_ours", "路灯归城管"))
	if c.State != "returned" || c.Holder.Org != "" || c.Returned != 1 {
		t.Fatalf("%+v", c)
	}
	if d := duties(t, s, id)["cases.dispatch"]; d.Post != access.CommunityOfficer || d.Due != day.MustParse("2026-03-03").End(day.Shanghai) {
		t.Fatalf("%+v", d)
	}
	ok(s.Dispatch(ctx, officer, id, cases.Sending{Org: "co1"}))
	ok(s.Take(ctx, worker, id))
	c = ok(s.Return(ctx, worker, id, "expertise", ""))
	if d := duties(t, s, id)["cases.dispatch"]; d.Post != access.StreetOfficer {
		t.Fatalf("%+v", d)
	}
	if _, err := s.Dispatch(ctx, officer, id, cases.Sending{Org: "co1"}); !errors.Is(err, cases.ErrStreet) {
		t.Fatal(err)
	}
	ok(s.Dispatch(ctx, office, id, cases.Sending{Org: "co1"}))
	if _, err := s.Return(ctx, worker, id, "not_ours", ""); !errors.Is(err, cases.ErrReturns) {
		t.Fatal(err)
	}
}

func TestReturnWithinFourOfficeHours(t *testing.T) {
	s := open(t)
	id := way(t, s, report(t, s).ID, "dispatched").ID
	s.clock.Advance(5*time.Hour + 31*time.Minute) // 9:00 → 14:31: three hours and a minute of office time
	must[cases.Case](t)(s.Take(ctx, worker, id))
	s.clock.Advance(time.Hour)
	if _, err := s.Return(ctx, worker, id, "not_ours", ""); !errors.Is(err, cases.ErrReturnLate) {
		t.Fatal(err)
	}
}

func TestExtensionOneLevelUp(t *testing.T) {
	s := open(t)
	ok := must[cases.Case](t)
	id := way(t, s, report(t, s).ID, "taken").ID
	if _, err := s.Ask(ctx, worker, id, "等配件", 6); !errors.Is(err, cases.ErrExtension) {
		t.Fatal("longer than the period of 5:", err)
	}
	ok(s.Ask(ctx, worker, id, "等配件", 5))
	if d := duties(t, s, id)["cases.extension"]; d.Post != access.CommunityOfficer {
		t.Fatalf("%+v", d)
	}
	s.told = nil
	c := ok(s.DecideExtension(ctx, officer, id, true, ""))
	if c.ResolveDue != day.MustParse("2026-03-16").End(day.Shanghai) || c.Extension != "granted" {
		t.Fatal(c.ResolveDue)
	}
	if len(s.told) != 1 || s.told[0].Template != "cases.extended" || s.told[0].Words["due"] != "2026-03-16" || s.told[0].Account != resident.Account {
		t.Fatalf("%+v", s.told)
	}
	if d := duties(t, s, id)["cases.handle"]; d.Due != c.ResolveDue {
		t.Fatalf("the duty did not move: %v", d.Due)
	}
	if _, err := s.Ask(ctx, worker, id, "还等", 1); !errors.Is(err, cases.ErrExtended) {
		t.Fatal(err)
	}
	// What the community holds, the street decides.
	id = report(t, s).ID
	ok(s.Dispatch(ctx, office, id, cases.Sending{Post: "community_officer"}))
	ok(s.Take(ctx, officer, id))
	ok(s.Ask(ctx, officer, id, "等会议", 2))
	for _, w := range []access.Who{officer, secretary} {
		if _, err := s.DecideExtension(ctx, w, id, true, ""); !errors.Is(err, cases.ErrNotUp) {
			t.Fatal(w.Person, err)
		}
	}
	if c := ok(s.DecideExtension(ctx, office, id, false, "会议可提前")); c.Extension != "declined" || c.ResolveDue != day.MustParse("2026-03-09").End(day.Shanghai) {
		t.Fatalf("%+v", c)
	}
}

func TestPauseStopsClockAndLadder(t *testing.T) {
	s := open(t)
	ok := must[cases.Case](t)
	id := way(t, s, report(t, s).ID, "taken").ID
	if _, err := s.Pause(ctx, worker, id, "rain", ""); !errors.Is(err, cases.ErrPause) {
		t.Fatal(err)
	}
	c := ok(s.Pause(ctx, worker, id, "reporter", "等住户在家"))
	if !c.Paused || c.ResolveDue != day.MustParse("2026-03-16").End(day.Shanghai) {
		t.Fatalf("until its cap: %v", c.ResolveDue)
	}
	if _, err := s.Pause(ctx, worker, id, "vote", ""); !errors.Is(err, cases.ErrPaused) {
		t.Fatal(err)
	}
	if n, _ := store.Count(ctx, s.db, `select count(*) from duty_duty where state = 'open' and kind = 'cases.handle' and next_at > 0`); n != 0 {
		t.Fatal("the ladder climbs while the clock stands still")
	}
	s.clock.Set(day.MustParse("2026-03-04").Start(day.Shanghai).Add(9 * time.Hour))
	c = ok(s.Resume(ctx, worker, id))
	if c.Paused || c.ResolveDue != day.MustParse("2026-03-11").End(day.Shanghai) {
		t.Fatalf("two working days later: %v", c.ResolveDue)
	}
	if d := duties(t, s, id)["cases.handle"]; d.Due != c.ResolveDue {
		t.Fatal(d.Due)
	}
	// Forgotten: it runs on by itself when the cap has passed, and the cap is then used up.
	c = ok(s.Pause(ctx, worker, id, "reporter", ""))
	s.clock.Set(c.PausedUntil + 1)
	if n, err := s.Sweep(ctx); err != nil || n < 1 {
		t.Fatal(n, err)
	}
	if c = ok(s.Get(ctx, office, id)); c.Paused || c.PausedUntil != 0 {
		t.Fatalf("%+v", c)
	}
	if _, err := s.Pause(ctx, worker, id, "reporter", ""); !errors.Is(err, cases.ErrPauseUsed) {
		t.Fatal(err)
	}
}

func TestOverdueGivesACard(t *testing.T) {
	s := open(t)
	id := way(t, s, report(t, s).ID, "taken").ID
	s.clock.Set(day.MustParse("2026-03-10").Start(day.Shanghai) + 100)
	for {
		n, err := s.duty.Climb(ctx, 100)
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			break
		}
	}
	n, err := store.Count(ctx, s.db, `select count(*) from duty_card where ref = $1 and colour = 'yellow'`, "cases/"+id)
	if err != nil || n != 1 {
		t.Fatal(n, err)
	}
	c := must[cases.Case](t)(s.Get(ctx, office, id))
	if !c.Overdue || c.OnTime == nil || *c.OnTime {
		t.Fatal("open and overdue is a miss")
	}
	p, err := s.List(ctx, officer, cases.Find{Overdue: true})
	if err != nil || p.Count != 1 || p.Items[0].ID != id {
		t.Fatal(p, err)
	}
}

func TestUnreachableAfterThreeTries(t *testing.T) {
	s := open(t)
	ok := must[cases.Case](t)
	id := way(t, s, report(t, s).ID, "confirmed").ID
	for i := 1; i <= 2; i++ {
		if c := ok(s.CallBack(ctx, hotline, id, "unreachable", "")); c.State != "confirmed" || c.Tries != int64(i) {
			t.Fatalf("%+v", c)
		}
	}
	if c := ok(s.CallBack(ctx, hotline, id, "unreachable", "")); c.State != "closed" || c.Callback != "unreachable" {
		t.Fatalf("%+v", c)
	}
}

func TestMediationGoesUp(t *testing.T) {
	s := open(t)
	ok := must[cases.Case](t)
	id := brought(t, s, "mediation")
	if d := duties(t, s, id)["cases.mediate"]; d.Post != access.CommunitySecretary || d.Due == 0 {
		t.Fatalf("%+v", d)
	}
	if c := ok(s.MediateCase(ctx, secretary, id, false, "业主不接受")); c.State != "mediation" || c.Stage != "street" {
		t.Fatalf("%+v", c)
	}
	if _, err := s.MediateCase(ctx, secretary, id, true, "又谈好了"); !errors.Is(err, cases.ErrNotUp) {
		t.Fatal(err)
	}
	if c := ok(s.MediateCase(ctx, office, id, true, "联席会达成一致")); c.State != "closed" {
		t.Fatalf("%+v", c)
	}
	if n := len(duties(t, s, id)); n != 0 {
		t.Fatal("duties left", n)
	}
}

func TestConfidentialIsHidden(t *testing.T) {
	s := open(t)
	ok := must[cases.Case](t)
	var changes []store.Change
	s.db.OnChange(func(x store.Change) { changes = append(changes, x) })
	c := ok(s.Report(ctx, resident, cases.Report{Place: "h502", Text: "物业经理收了装修队的钱", Channel: "phone", Secret: true}))
	for _, w := range []access.Who{manager, worker, officer, secretary, grid} {
		if _, err := s.Get(ctx, w, c.ID); !errors.Is(err, access.ErrMissing) {
			t.Error(w.Person, err)
		}
		p, err := s.List(ctx, w, cases.Find{})
		if err != nil || p.Count != 0 || len(p.Items) != 0 {
			t.Error(w.Person, p.Count, err)
		}
		if p, err = s.List(ctx, w, cases.Find{Q: "装修队"}); err != nil || p.Count != 0 {
			t.Error(w.Person, p.Count, err)
		}
	}
	for _, w := range []access.Who{resident, office, hotline, leader} {
		ok(s.Get(ctx, w, c.ID))
	}
	if p, err := s.List(ctx, office, cases.Find{}); err != nil || p.Count != 1 {
		t.Error(p.Count, err)
	}
	if b, err := s.Board(ctx, "k1"); err != nil || len(b) != 0 {
		t.Error("on the public board", b, err)
	}
	if d := duties(t, s, c.ID)["cases.dispatch"]; d.Post != access.StreetOfficer {
		t.Errorf("the community owes it: %+v", d)
	} else {
		for _, w := range []access.Who{manager, officer} {
			if _, err := s.duty.Get(ctx, w, d.ID); err == nil {
				t.Error(w.Person, "sees the duty")
			}
		}
	}
	if len(changes) == 0 {
		t.Error("nobody heard of it")
	}
	for _, x := range changes {
		for _, w := range []access.Who{manager, officer} {
			if w.Grants[0].Path.Covers(x.Path) {
				t.Error(w.Person, "hears of it:", x.Kind)
			}
		}
	}
	// By the table it would go to the company; confidential it goes to the street.
	if c = ok(s.Dispatch(ctx, office, c.ID, cases.Sending{})); c.Holder.Org != "" || c.Holder.Post != "street_officer" {
		t.Errorf("%+v", c.Holder)
	}
	// To whom the street gives it sees the matter, not the reporter.
	c = ok(s.Dispatch(ctx, office, c.ID, cases.Sending{Post: "community_officer"}))
	if d := duties(t, s, c.ID)["cases.take"]; d.Post != access.CommunityOfficer || !d.Owes(officer) {
		t.Errorf("to whom it was given owes it: %+v", d)
	}
	if c = ok(s.Get(ctx, officer, c.ID)); c.Reporter != nil {
		t.Error("the reporter of a confidential matter is shown to its holder")
	}
	if _, err := s.Reveal(ctx, officer, c.ID, "name", "要联系"); err == nil {
		t.Error("and revealed")
	}
}

func TestMergeTellsAllAndSplitBrings(t *testing.T) {
	s := open(t)
	ok := must[cases.Case](t)
	first := report(t, s)
	second := ok(s.Report(ctx, hotline, cases.Report{Place: "k1", Text: "三幢楼道灯坏了晚上看不见", Channel: "hotline", ForOther: &cases.Contact{Name: "测试来电", Phone: "13900000053"}}))
	alike, err := s.Alike(ctx, officer, second.ID)
	if err != nil || len(alike) != 1 || alike[0].Case.ID != first.ID {
		t.Fatal(alike, err)
	}
	elsewhere := ok(s.Report(ctx, neighbour, cases.Report{Place: "k2", Text: "楼道灯坏了晚上看不见", Channel: "walk_in"}))
	if alike, _ = s.Alike(ctx, office, elsewhere.ID); len(alike) != 0 {
		t.Fatal("alike in another compound", alike)
	}
	s.told = nil
	if c := ok(s.Merge(ctx, officer, second.ID, first.Number)); c.State != "merged" || c.MergedInto != first.ID {
		t.Fatalf("%+v", c)
	}
	if len(s.told) != 1 || s.told[0].Phone != "13900000053" || s.told[0].Words["into"] != first.Number {
		t.Fatalf("%+v", s.told)
	}
	s.told = nil
	way(t, s, first.ID, "closed")
	closed := slices.DeleteFunc(slices.Clone(s.told), func(n cases.Notice) bool { return n.Template != "cases.closed" })
	if len(closed) != 2 {
		t.Fatalf("both reporters hear of the end: %+v", closed)
	}
	n, _ := store.Count(ctx, s.db, `select count(*) from cases_v_case where merged_into = '' and compound = 'k1'`)
	if n != 1 {
		t.Fatal("counted once:", n)
	}
	if _, err := s.Merge(ctx, officer, elsewhere.ID, first.ID); !errors.Is(err, cases.ErrInto) {
		t.Fatal("into a closed one", err)
	}
	// Seven days later it is not offered any more.
	third := report(t, s)
	s.clock.Advance(8 * 24 * time.Hour)
	late := report(t, s)
	if alike, _ = s.Alike(ctx, officer, late.ID); len(alike) != 0 {
		t.Fatal(alike)
	}
	ok(s.Merge(ctx, officer, late.ID, third.ID))
	if c := ok(s.Split(ctx, officer, late.ID)); c.State != "reported" || c.MergedInto != "" || c.ResolveDue == 0 {
		t.Fatalf("%+v", c)
	}
	if c := ok(s.Get(ctx, officer, third.ID)); c.Followers != 0 {
		t.Fatal(c.Followers)
	}
}

func TestRevealLeavesATrace(t *testing.T) {
	s := open(t)
	c := must[cases.Case](t)(s.Report(ctx, resident, cases.Report{Place: "h502", Text: "漏水，电话13800000051", Channel: "phone", Phone: "13800000051"}))
	if strings.Contains(c.Text, "13800000051") || c.Reporter.Phone != "138****0051" {
		t.Fatal(c.Text, c.Reporter)
	}
	if _, err := s.Reveal(ctx, officer, c.ID, "phone", " "); !errors.Is(err, cases.ErrReason) {
		t.Fatal(err)
	}
	for field, want := range map[string]string{"phone": "13800000051", "text": "漏水，电话13800000051"} {
		r, err := s.Reveal(ctx, officer, c.ID, field, "约时间上门")
		if err != nil || r.Value != want {
			t.Fatal(field, r, err)
		}
	}
	n, _ := store.Count(ctx, s.db, `select count(*) from audit_entry where action = 'cases.reveal' and person = 'officer' and why = '约时间上门'`)
	if n != 2 {
		t.Fatal(n)
	}
	// Nothing personal stands readable in the tables.
	for _, q := range []string{`select words from cases_case`, `select facts || words || name from cases_event`, `select before || after || why from audit_entry`, `select shown_name || shown_phone from cases_reporter`, `select zh || en from duty_duty`} {
		got, err := store.Texts(ctx, s.db, q)
		if err != nil || strings.Contains(strings.Join(got, " "), "13800000051") {
			t.Fatal(q, err)
		}
	}
}

func TestRoutesByCategoryServiceAndLevel(t *testing.T) {
	s := open(t)
	ok := must[cases.Case](t)
	send := func(place, category, level string) cases.Holder {
		c := ok(s.Report(ctx, hotline, cases.Report{Place: place, Text: "测试", Category: category, Level: level, Channel: "hotline", Anonymous: true}))
		return ok(s.Dispatch(ctx, office, c.ID, cases.Sending{})).Holder
	}
	spots["grid-place"] = cases.Spot{Path: "350503001/c1/k9/", Compound: "无物业小区"}
	for _, x := range []struct{ place, category, level, org, post string }{
		{"k1", "lighting", "simple", "co1", "property_manager"},
		{"k2", "lighting", "simple", "co2", "property_manager"},
		{"grid-place", "lighting", "simple", "", "community_officer"},
		{"k1", "fee", "simple", "", "street_officer"},
		{"k1", "lighting", "complex", "", "street_officer"},
		{"k1", "neighbour", "complex", "", "community_officer"},
	} {
		if h := send(x.place, x.category, x.level); h.Org != x.org || h.Post != x.post {
			t.Errorf("%s %s %s: %+v", x.place, x.category, x.level, h)
		}
	}
	if err := s.SetRoute(ctx, office, cases.Route{Path: street, Category: "dog", ToPost: "grid_worker", Auto: true}); err != nil {
		t.Fatal(err)
	}
	if err := s.SetRoute(ctx, office, cases.Route{Path: here, Category: "dog", ToPost: "police"}); err != nil {
		t.Fatal(err)
	}
	if h := send("k1", "dog", "simple"); h.Post != "police" {
		t.Errorf("the nearer rule: %+v", h)
	}
	c := ok(s.Report(ctx, resident, cases.Report{Place: "k2", Text: "狗没拴绳", Category: "dog", Channel: "phone"}))
	if c.State != "dispatched" || c.Holder.Post != "grid_worker" || duties(t, s, c.ID)["cases.dispatch"].ID != "" {
		t.Errorf("sent at once: %+v", c)
	}
}

func TestUrgentFromTheWords(t *testing.T) {
	s := open(t)
	c := must[cases.Case](t)(s.Report(ctx, resident, cases.Report{At: "lift-7", Text: "有人被困在电梯里了快来人", Channel: "qr"}))
	if c.Urgency != "urgent" || c.Category != "lift_fault" {
		t.Fatalf("%s %s", c.Category, c.Urgency)
	}
	if wait := c.RespondDue.Sub(c.CreatedAt); wait != 15*time.Minute {
		t.Fatal(wait)
	}
	ok := must[cases.Case](t)
	if d := duties(t, s, c.ID)["cases.dispatch"]; d.Due != c.RespondDue {
		t.Fatal("the desk has no more time than that:", d.Due)
	}
	ok(s.Dispatch(ctx, officer, c.ID, cases.Sending{Org: "co1"}))
	ok(s.Take(ctx, worker, c.ID))
	owed := duties(t, s, c.ID)
	if owed["cases.act"].Due.Sub(c.CreatedAt) != 30*time.Minute || owed["cases.site"].Due.Sub(c.CreatedAt) != 2*time.Hour || owed["cases.handle"].ID == "" {
		t.Fatalf("%+v", owed)
	}
	c = ok(s.Remark(ctx, worker, c.ID, "维保单位已出发", true, "acting"))
	if owed = duties(t, s, c.ID); c.ActedAt == 0 || owed["cases.act"].ID != "" || owed["cases.site"].ID == "" {
		t.Fatalf("%+v", owed)
	}
	if c = ok(s.Remark(ctx, worker, c.ID, "", true, "arrived")); c.ArrivedAt == 0 || duties(t, s, c.ID)["cases.site"].ID != "" {
		t.Fatalf("%+v", c)
	}
}

func TestForSomebodyElse(t *testing.T) {
	s := open(t)
	ok := must[cases.Case](t)
	// A grandchild types for a grandmother who has no telephone of her own.
	c := ok(s.Report(ctx, resident, cases.Report{Place: "h502", Text: "阿嬷家水管坏了", Channel: "phone", ForOther: &cases.Contact{Name: "陈测试", Phone: "05950000001"}}))
	if c.Reporter == nil || c.Reporter.Kind != "other" || !c.Reporter.Mine {
		t.Fatalf("%+v", c.Reporter)
	}
	way(t, s, c.ID, "confirmed") // the grandchild answers for her
	// A grid worker reports for a tenant who is not on the roster, and does not answer in the tenant's place.
	c = ok(s.Report(ctx, grid, cases.Report{Place: "h502", Text: "租客说门锁坏了", Channel: "grid", ForOther: &cases.Contact{Name: "租客测试", Phone: "13900000054"}}))
	way(t, s, c.ID, "verified")
	if _, err := s.Confirm(ctx, grid, c.ID, "satisfied", "", false); !errors.Is(err, access.ErrRefused) {
		t.Fatal(err)
	}
	got, err := s.AskByNumber(ctx, c.Number[:3]+" "+c.Number[3:], "0054")
	if err != nil || got.State != "verified" || len(got.Timeline) == 0 {
		t.Fatal(got, err)
	}
}

func TestListsKeepToTheirPlaces(t *testing.T) {
	s := open(t)
	ok := must[cases.Case](t)
	for i := range 7 {
		place := "k1"
		if i%2 == 1 {
			place = "k2"
		}
		ok(s.Report(ctx, hotline, cases.Report{Place: place, Text: "垃圾桶满了", Channel: "hotline", Anonymous: true}))
	}
	both := manager
	both.Grants = append(slices.Clone(manager.Grants), neighbour.Grants...)
	for _, x := range []struct {
		who   access.Who
		under scope.Path
		n     int64
	}{{manager, "", 4}, {neighbour, "", 3}, {officer, "", 7}, {office, here, 4}, {office, "350503", 7}, {both, "", 7}, {both, there, 3}, {access.System, "", 7}} {
		p, err := s.List(ctx, x.who, cases.Find{Under: x.under})
		if err != nil || p.Count != x.n || int64(len(p.Items)) != x.n {
			t.Errorf("%s under %q: %d of %d, %v", x.who.Person, x.under, len(p.Items), p.Count, err)
		}
		// Page by page gives the same, newest first, none twice.
		var ids []string
		after := ""
		for {
			p, err := s.List(ctx, x.who, cases.Find{Under: x.under, Limit: 2, After: after})
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range p.Items {
				ids = append(ids, c.ID)
			}
			if after = p.Next; after == "" {
				break
			}
		}
		if int64(len(ids)) != x.n || !slices.IsSortedFunc(ids, func(a, b string) int { return strings.Compare(b, a) }) || int64(len(slices.Compact(ids))) != x.n {
			t.Errorf("%s: pages %v", x.who.Person, ids)
		}
	}
	if _, err := s.List(ctx, manager, cases.Find{Under: there}); !errors.Is(err, access.ErrMissing) {
		t.Error(err)
	}
	for _, bad := range []cases.Find{{After: "x"}, {Sort: "due", After: "1"}, {States: []string{"nowhere"}}} {
		if _, err := s.List(ctx, office, bad); err == nil {
			t.Errorf("%+v passed", bad)
		}
	}
}

func TestSearchBeforeAndAfterIndexing(t *testing.T) {
	s := open(t)
	ok := must[cases.Case](t)
	for _, text := range []string{"电梯维修拖了一周", "电梯异响", "楼下烧烤店油烟", "Wi-Fi 箱子掉下来"} {
		ok(s.Report(ctx, hotline, cases.Report{Place: "k1", Text: text, Channel: "hotline", Anonymous: true}))
	}
	other := ok(s.Report(ctx, hotline, cases.Report{Place: "k2", Text: "电梯维修", Channel: "hotline", Anonymous: true}))
	for _, when := range []string{"fresh", "indexed"} {
		for q, n := range map[string]int64{"电梯": 3, "电梯维修": 2, "油烟": 1, "WI": 1, "飞机": 0, "，": 0, other.Number: 1, "样例新村": 1} {
			p, err := s.List(ctx, office, cases.Find{Q: q})
			if err != nil || p.Count != n || int64(len(p.Items)) != n {
				t.Errorf("%s: %q found %d of %d, %v", when, q, len(p.Items), p.Count, err)
			}
		}
		if p, err := s.List(ctx, manager, cases.Find{Q: "电梯维修"}); err != nil || p.Count != 1 {
			t.Errorf("%s: within one's compound: %d %v", when, p.Count, err)
		}
		p, err := s.List(ctx, office, cases.Find{Q: "电梯", Limit: 2})
		if err != nil || len(p.Items) != 2 || p.Next == "" || p.Items[0].ID != other.ID {
			t.Fatal(when, p, err)
		}
		if p, err = s.List(ctx, office, cases.Find{Q: "电梯", Limit: 2, After: p.Next}); err != nil || len(p.Items) != 1 {
			t.Fatal(when, p, err)
		}
		if _, err := s.Index(ctx); err != nil {
			t.Fatal(err)
		}
	}
}

func TestObjection(t *testing.T) {
	s := open(t)
	ok := must[cases.Case](t)
	id := brought(t, s, "objected")
	if d := duties(t, s, id)["cases.objection"]; d.Post != access.StreetOfficer {
		t.Fatalf("%+v", d)
	}
	if _, err := s.RuleObjection(ctx, officer, id, true, cases.Sending{}, "成立"); !errors.Is(err, cases.ErrStreet) {
		t.Fatal(err)
	}
	c := ok(s.RuleObjection(ctx, office, id, true, cases.Sending{Post: "community_officer"}, "成立"))
	if c.Objection != "upheld" || c.State != "dispatched" || c.Holder.Post != "community_officer" {
		t.Fatalf("%+v", c)
	}
	if _, left := duties(t, s, id)["cases.objection"]; left {
		t.Fatal("still owed")
	}
}

func TestBulkEachOnItsOwn(t *testing.T) {
	s := open(t)
	a, b := report(t, s), way(t, s, report(t, s).ID, "closed")
	got, err := s.Many(ctx, officer, cases.Bulk{IDs: []string{a.ID, b.ID, "nowhere"}, Action: "dispatch", To: cases.Sending{Org: "co1"}})
	if err != nil || len(got) != 3 || !got[0].OK || got[1].Code != "cases.state" || got[2].Code != "access.missing" {
		t.Fatal(got, err)
	}
}

func TestTemplates(t *testing.T) {
	s := open(t)
	x, err := s.SetTemplate(ctx, office, cases.Template{Path: street, Step: "remark", Title: "已收到", Words: "事项 {number} 已收到"})
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range []access.Who{worker, officer, office} {
		if got, err := s.Templates(ctx, w, "remark"); err != nil || len(got) != 1 || got[0].ID != x.ID {
			t.Fatal(w.Person, got, err)
		}
	}
	if got, _ := s.Templates(ctx, worker, "handle"); len(got) != 0 {
		t.Fatal(got)
	}
	if _, err := s.SetTemplate(ctx, office, cases.Template{ID: x.ID, Path: street}); err != nil {
		t.Fatal(err)
	}
	if got, _ := s.Templates(ctx, worker, ""); len(got) != 0 {
		t.Fatal(got)
	}
}

func TestWhatIsKeptCanBeSeenAndDeleted(t *testing.T) {
	s := open(t)
	c := must[cases.Case](t)(s.Report(ctx, resident, cases.Report{Place: "h502", Text: "漏水，电话13800000051", Channel: "phone", Phone: "13800000051"}))
	other := who("other", access.Resident, here+"b3/u1/h503/", "")
	must[cases.Case](t)(s.Follow(ctx, other, c.ID, cases.Contact{}))
	kept, err := s.Mine(ctx, resident)
	if err != nil || len(kept) != 1 || kept[0].Phone != "13800000051" || kept[0].Text != "漏水，电话13800000051" {
		t.Fatal(kept, err)
	}
	if kept, err = s.Mine(ctx, other); err != nil || len(kept) != 1 || kept[0].Text != "" || kept[0].As != "follower" {
		t.Fatal(kept, err)
	}
	if _, err := s.Forget(ctx, resident, c.ID, ""); !errors.Is(err, cases.ErrNeeded) {
		t.Fatal(err)
	}
	way(t, s, c.ID, "closed")
	for _, w := range []access.Who{nobody, stranger, neighbour, manager, otherComm} {
		if _, err := s.Forget(ctx, w, c.ID, "请求删除"); err == nil {
			t.Error(w.Person, "may delete it")
		}
	}
	got := must[cases.Case](t)(s.Forget(ctx, resident, c.ID, ""))
	if got.Reporter.Name != "" || got.Reporter.Phone != "" || got.Text == "" {
		t.Fatalf("%+v", got.Reporter)
	}
	if _, err := s.AskByNumber(ctx, c.Number, "0051"); !errors.Is(err, access.ErrMissing) {
		t.Fatal("still found by the telephone:", err)
	}
	n, err := store.Count(ctx, s.db, `select count(*) from cases_reporter where phone_index <> '' or length(phone) > 0`)
	if err != nil || n != 0 {
		t.Fatal(n, err)
	}
}

// A person who is made anonymous leaves no name or number in closed matters; an open one keeps them while it is open.
func TestClosedMattersForgetAPerson(t *testing.T) {
	s := open(t)
	one := must[cases.Case](t)(s.Report(ctx, resident, cases.Report{Place: "h502", Text: "漏水，电话13800000051", Channel: "phone", Phone: "13800000051"}))
	two := must[cases.Case](t)(s.Report(ctx, resident, cases.Report{Place: "h502", Text: "又漏水", Channel: "phone", Phone: "13800000051"}))
	way(t, s, one.ID, "closed")
	if err := s.db.Write(ctx, func(tx *store.Tx) error { return s.ForgetPerson(ctx, tx, officer, resident.Person, "本人要求") }); err != nil {
		t.Fatal(err)
	}
	if _, err := s.AskByNumber(ctx, one.Number, "0051"); !errors.Is(err, access.ErrMissing) {
		t.Error("the closed one is still found by the telephone:", err)
	}
	if _, err := s.AskByNumber(ctx, two.Number, "0051"); err != nil {
		t.Error("the open one can no longer be answered:", err)
	}
}

func TestNewsReachesReportersAndHolders(t *testing.T) {
	s := open(t)
	ok := must[cases.Case](t)
	id := way(t, s, report(t, s).ID, "dispatched").ID
	if len(s.told) != 2 || s.told[0].Post != access.PropertyManager || s.told[0].Org != "co1" || s.told[1].Template != "cases.received" || s.told[1].Words["due"] != "2026-03-09" {
		t.Fatalf("%+v", s.told)
	}
	ok(s.Take(ctx, worker, id))
	s.told = nil
	ok(s.Remark(ctx, worker, id, "配件在路上", true, "contacted"))
	ok(s.Remark(ctx, worker, id, "住户脾气大", false, ""))
	ok(s.Urge(ctx, resident, id, ""))
	if len(s.told) != 2 || s.told[0].Account != resident.Account || !strings.Contains(s.told[0].Words["text"], "配件在路上") || s.told[1].Template != "cases.urged" || s.told[1].Person != "worker" {
		t.Fatalf("%+v", s.told)
	}
	line, err := s.Timeline(ctx, resident, id)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range line {
		if m.Words == "住户脾气大" || m.By != "" {
			t.Errorf("a reporter reads %+v", m)
		}
	}
	if line, _ = s.Timeline(ctx, officer, id); len(line) != 6 {
		t.Errorf("staff read it all: %d", len(line))
	}
}

func TestCoHandlerHelpsAndDoesNotCheck(t *testing.T) {
	s := open(t)
	ok := must[cases.Case](t)
	id := way(t, s, report(t, s).ID, "taken").ID
	ok(s.CoHandlers(ctx, worker, id, []string{"grid"}, nil))
	ok(s.Handle(ctx, grid, id, cases.Handling{Note: "一起换好了", After: shot()}))
	if _, err := s.Verify(ctx, grid, id, true, "", nil); !errors.Is(err, cases.ErrOwnWork) {
		t.Fatal(err)
	}
	ok(s.Verify(ctx, officer, id, false, "还有一盏不亮", nil))
	ok(s.CoHandlers(ctx, worker, id, nil, []string{"grid"}))
	if _, err := s.Handle(ctx, grid, id, cases.Handling{Note: "x", After: shot()}); !errors.Is(err, cases.ErrNotHolder) {
		t.Fatal(err)
	}
	ok(s.Handle(ctx, worker, id, cases.Handling{Note: "都亮了", After: shot()}))
	if _, err := s.Verify(ctx, grid, id, true, "", nil); !errors.Is(err, cases.ErrOwnWork) {
		t.Fatal("who helped before still does not check:", err)
	}
}

func TestHandoverStaysInTheLine(t *testing.T) {
	s := open(t)
	ok := must[cases.Case](t)
	s.duty.HoldsPost = func(_ context.Context, _ store.Queryer, person string, _ scope.Path, org string) (bool, error) {
		return org == "co1" && (person == "worker" || person == "worker2"), nil
	}
	id := way(t, s, report(t, s).ID, "taken").ID
	if _, err := s.Handover(ctx, worker, id, "neighbour", "休假"); err == nil {
		t.Fatal("to another company")
	}
	c := ok(s.Handover(ctx, worker, id, "worker2", "休假"))
	if c.State != "dispatched" || c.Holder.Person != "worker2" {
		t.Fatalf("%+v", c.Holder)
	}
	if _, err := s.Take(ctx, worker, id); !errors.Is(err, cases.ErrNotHolder) {
		t.Fatal(err)
	}
	if d := duties(t, s, id)["cases.take"]; d.Person != "worker2" {
		t.Fatalf("%+v", d)
	}
	ok(s.Take(ctx, worker2, id))
}

func TestReporterReopensAClosedMatterOnce(t *testing.T) {
	s := open(t)
	ok := must[cases.Case](t)
	id := way(t, s, report(t, s).ID, "closed").ID
	c := ok(s.Reopen(ctx, resident, id, "又不亮了"))
	if c.State != "reopened" || c.ClosedAt != 0 || c.VerifiedAt != 0 || c.ResolveDue != day.MustParse("2026-03-09").End(day.Shanghai) {
		t.Fatalf("%+v", c)
	}
	if d := duties(t, s, id)["cases.dispatch"]; d.ID == "" {
		t.Fatal("nobody has to dispatch it")
	}
	if _, err := s.Reopen(ctx, resident, id, "还是不亮"); !errors.Is(err, cases.ErrReopened) {
		t.Fatal(err)
	}
}
