package rules_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"cuobian/basis/day"
	"cuobian/basis/scope"
	"cuobian/platform/audit"
	"cuobian/platform/rules"
	"cuobian/platform/store"
	"cuobian/platform/store/storetest"
)

var (
	bg       = context.Background()
	street   = scope.Street("350503002")
	compound = street.Child("350503002001").Child("c1")
	other    = scope.Street("350503005")
	today    = day.MustParse("2026-03-02")
	officer  = audit.By{Account: "a1", Person: "p1", Post: "street_officer"}
)

func open(t *testing.T) (*rules.Book, *store.DB, *storetest.Clock) {
	clock := storetest.NewClock("2026-03-02T09:00:00+08:00")
	db := storetest.Open(t, clock, audit.Schema(), rules.Schema())
	return rules.New(db), db, clock
}

func preset(t *testing.T, b *rules.Book, db *store.DB, at scope.Path, on day.Day) string {
	t.Helper()
	f, err := b.InForce(bg, db, rules.CasesClock, at, on)
	if err != nil {
		t.Fatal(err)
	}
	return f.Preset.ID
}

func TestNearestPlaceWins(t *testing.T) {
	b, db, _ := open(t)
	if got := preset(t, b, db, compound, today); got != "house" {
		t.Errorf("nobody chose: %s", got)
	}
	put := func(at scope.Path, id string, from string) {
		t.Helper()
		if _, err := b.Switch(bg, officer, rules.Switch{Pack: rules.CasesClock, Preset: id, Path: at, From: day.MustParse(from), Why: "区里统一"}); err != nil {
			t.Fatal(err)
		}
	}
	put("350503", "five_fifteen", "2026-03-02")
	if got := preset(t, b, db, compound, today); got != "five_fifteen" {
		t.Errorf("the district chose: %s", got)
	}
	put(street, "three_ten", "2026-03-10")
	for _, v := range []struct {
		at   scope.Path
		on   string
		want string
	}{
		{compound, "2026-03-09", "five_fifteen"}, {compound, "2026-03-10", "three_ten"}, {street, "2026-03-10", "three_ten"},
		{other, "2026-03-10", "five_fifteen"}, {"350502001/", "2026-03-10", "house"},
	} {
		if got := preset(t, b, db, v.at, day.MustParse(v.on)); got != v.want {
			t.Errorf("%s on %s: %s, want %s", v.at, v.on, got, v.want)
		}
	}
	put(street, "", "2026-03-20")
	if got := preset(t, b, db, compound, day.MustParse("2026-03-20")); got != "five_fifteen" {
		t.Errorf("back to what the district has: %s", got)
	}
	if got := preset(t, b, db, compound, day.MustParse("2026-03-19")); got != "three_ten" {
		t.Errorf("what held before changed: %s", got)
	}
	list, err := b.Switches(bg, db, compound)
	if err != nil || len(list) != 3 || list[0].From.String() != "2026-03-20" {
		t.Errorf("%+v %v", list, err)
	}
	lines, err := audit.List(bg, db, audit.Find{Paths: []scope.Path{street}, Action: "rules.switch"})
	if err != nil || len(lines) != 2 || lines[1].Person != "p1" || !strings.Contains(lines[1].From, "five_fifteen") || lines[1].Why == "" {
		t.Errorf("trail %+v %v", lines, err)
	}
}

func TestSwitchRefusals(t *testing.T) {
	b, db, _ := open(t)
	for name, v := range map[string]struct {
		s    rules.Switch
		want error
	}{
		"pack":    {rules.Switch{Pack: "moon", Path: street, Why: "x"}, rules.ErrPack},
		"preset":  {rules.Switch{Pack: rules.CasesClock, Preset: "moon", Path: street, Why: "x"}, rules.ErrPack},
		"reason":  {rules.Switch{Pack: rules.CasesClock, Preset: "three_ten", Path: street, Why: " "}, rules.ErrWhy},
		"too old": {rules.Switch{Pack: rules.CasesClock, Preset: "three_ten", Path: street, From: today.Add(-1), Why: "x"}, rules.ErrBackward},
	} {
		if _, err := b.Switch(bg, officer, v.s); !errors.Is(err, v.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if lines, err := audit.List(bg, db, audit.Find{Paths: []scope.Path{scope.Everywhere}}); err != nil || len(lines) != 0 {
		t.Errorf("a refused choice left %d entries, %v", len(lines), err)
	}
}

func TestCalendarOfAPlace(t *testing.T) {
	b, db, _ := open(t)
	newYear := day.MustParse("2027-01-01")
	c, err := b.Calendar(bg, db, compound)
	if err != nil || c.Known(newYear) {
		t.Fatalf("2027 is known already: %v", err)
	}
	due := c.Deadline(day.InstantOf(time.Date(2026, 12, 31, 9, 0, 0, 0, day.Shanghai)), day.Limit{N: 1, Unit: day.WorkingDays}, day.Hours{})
	if !due.Provisional {
		t.Error("a deadline over an unknown year is not provisional")
	}
	year := func(days ...day.Record) day.Year {
		return day.Year{Year: 2027, Papers: []string{"https://www.gov.cn/"}, Days: days}
	}
	if _, err := b.SetYear(bg, officer, rules.Notice{Path: scope.Everywhere, Year: year(day.Record{Day: newYear, Off: true, Name: "元旦"}), Why: "国办通知（试验数据）"}); err != nil {
		t.Fatal(err)
	}
	if c, err = b.Calendar(bg, db, compound); err != nil || !c.Known(newYear) || c.IsWorking(newYear) || !c.IsWorking(newYear.Add(3)) {
		t.Errorf("the notice did not come through: %v", err)
	}
	// The street adds a day of its own; elsewhere nothing changes.
	if _, err := b.SetYear(bg, officer, rules.Notice{Path: street, Year: year(day.Record{Day: newYear, Off: true, Name: "元旦"}, day.Record{Day: newYear.Add(3), Off: true, Name: "民俗"}), Why: "试验数据"}); err != nil {
		t.Fatal(err)
	}
	if c, _ = b.Calendar(bg, db, compound); c.IsWorking(newYear.Add(3)) {
		t.Error("the street's day is not off")
	}
	if c, _ = b.Calendar(bg, db, other); !c.IsWorking(newYear.Add(3)) {
		t.Error("the street's day is off elsewhere")
	}
	for name, v := range map[string]struct {
		n    rules.Notice
		want error
	}{
		"contradiction": {rules.Notice{Path: street, Year: year(day.Record{Day: newYear, Off: true}, day.Record{Day: newYear, Off: false}), Why: "x"}, rules.ErrYear},
		"empty":         {rules.Notice{Path: street, Year: year(), Why: "x"}, rules.ErrYear},
		"no reason":     {rules.Notice{Path: street, Year: year(day.Record{Day: newYear, Off: true})}, rules.ErrWhy},
		"a compound":    {rules.Notice{Path: compound, Year: year(day.Record{Day: newYear, Off: true}), Why: "x"}, rules.ErrTooDeep},
	} {
		if _, err := b.SetYear(bg, officer, v.n); !errors.Is(err, v.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A second book stands for a second process: it learns of a choice by the clock alone.
func TestAnotherProcessLearns(t *testing.T) {
	b, db, clock := open(t)
	far := rules.New(db)
	if got := preset(t, far, db, street, today); got != "house" {
		t.Fatal(got)
	}
	if err := db.Write(bg, func(tx *store.Tx) error { // as another process would, telling nobody here
		_, err := tx.Exec(bg, `insert into rules_switch (id, pack, preset, path, from_day, made_at, made_by, why) values ('x', 'cases_clock', 'three_ten', '350503002/', '2026-03-02', 1, 'a', 'w')`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	clock.Advance(31 * time.Second)
	for _, x := range []*rules.Book{b, far} {
		if got := preset(t, x, db, street, today); got != "three_ten" {
			t.Errorf("after half a minute: %s", got)
		}
	}
}

// R51, R57, R59, R72, R73: every parameter of the packs is read, and none is below what a rule demands.
func TestParametersAreRead(t *testing.T) {
	b, db, _ := open(t)
	read := func(pack string, into any) {
		t.Helper()
		p, ok := rules.PackOf(pack)
		if !ok {
			t.Fatalf("%s is not there", pack)
		}
		for _, x := range p.Presets {
			if err := x.Read(into); err != nil {
				t.Errorf("%s/%s: %v", pack, x.ID, err)
			}
		}
		f, err := b.InForce(bg, db, pack, street, today)
		if err != nil {
			t.Fatal(err)
		}
		if err := f.Read(into); err != nil {
			t.Fatal(err)
		}
	}
	var cards rules.Cards
	read(rules.DutyCards, &cards)
	if cards.Yellow != 3 || cards.Upheld != 3 || cards.WithinDays != 90 {
		t.Errorf("%+v", cards)
	}
	var counting rules.Counting
	read(rules.Standing, &counting)
	if counting.InterimCounts || counting.DeliveredMonths != 12 {
		t.Errorf("%+v", counting)
	}
	var keeping rules.Keeping
	read(rules.Retention, &keeping)
	if keeping.Log.Unit != day.Months || keeping.Log.N < 6 || keeping.ImpactRecords.N < 36 {
		t.Errorf("%+v", keeping)
	}
	var meetings rules.Meetings
	read(rules.Assembly, &meetings)
	if meetings.NoticeDays != 15 || meetings.DemandN != 1 || meetings.DemandD != 5 || meetings.Group != 10 || meetings.Convene.N != 30 || meetings.Lapse.N != 90 || meetings.Carry.N != 30 {
		t.Errorf("%+v", meetings)
	}
	var committees rules.Committees
	read(rules.Committee, &committees)
	if committees.SizeMin != 5 || committees.SizeMax != 11 || committees.File.N != 30 || committees.ReelectMonths != 3 || committees.DeliveredYears != 2 {
		t.Errorf("%+v", committees)
	}
	var moneys rules.Moneys
	read(rules.Money, &moneys)
	for id, holds := range map[string]bool{
		"R32": moneys.DismissalDays == 60, "R33": moneys.RefusalDays == 90, "R36": moneys.ShownDays == 30,
		"R37": moneys.TopUpN == 0, // off in the house's preset
		"R38": moneys.StreetFrom == 5_000_00 && moneys.QuotesFrom == 20_000_00 && moneys.Quotes == 3 && moneys.ReviewStreet.N == 3 && moneys.SplitDays == 90 && moneys.DrawWait == day.Limit{N: 1, Unit: day.ClockHours} && moneys.Acting == "community",
		"R41": moneys.RenewalN == 3 && moneys.RenewalD == 10, "R43": moneys.LiftReview == day.Limit{N: 5, Unit: day.WorkingDays},
		"R44": moneys.OverrunN*10 == moneys.OverrunD && moneys.OverrunFrom == 10_000_00 && moneys.ContingencyN*10 == moneys.ContingencyD,
	} {
		if !holds {
			t.Errorf("%s: %+v", id, moneys)
		}
	}
	if len(rules.Packs()) != 7 {
		t.Errorf("%d packs, some untested", len(rules.Packs()))
	}
}

var ruleID = regexp.MustCompile(`\bR[0-9]{2}\b`)

// Every rule that a source of the house names has its record, with all that a reader needs.
func TestRecords(t *testing.T) {
	var ids []string
	for _, r := range rules.Records() {
		if r.Zh == "" || r.En == "" || r.Source == "" || r.Grade.Zh() == "" || !ruleID.MatchString(r.ID) || slices.Contains(ids, r.ID) {
			t.Errorf("%+v", r)
		}
		ids = append(ids, r.ID)
	}
	if !slices.IsSorted(ids) {
		t.Error("records are not in order")
	}
	named := map[string]string{}
	err := filepath.WalkDir("../..", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "node_modules" || d.Name() == "dist" || strings.HasPrefix(d.Name(), ".") && d.Name() != ".." && p != "../..") {
			return fs.SkipDir
		}
		if ext := filepath.Ext(p); d.IsDir() || ext != ".go" && ext != ".json" && ext != ".sql" || !regexp.MustCompile(`^\.\./\.\./(basis|platform|rooms|app|cmd)/`).MatchString(filepath.ToSlash(p)) || strings.Contains(p, "testdata") {
			return nil
		}
		b, err := os.ReadFile(p)
		for _, id := range ruleID.FindAllString(string(b), -1) {
			named[id] = p
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(named) < 8 {
		t.Fatalf("only %d rules named: the test does not see the house", len(named))
	}
	for id, p := range named {
		if !slices.Contains(ids, id) {
			t.Errorf("%s names %s, which has no record", p, id)
		}
	}
}

func TestCalled(t *testing.T) {
	for _, p := range rules.Packs() {
		for _, x := range p.Presets {
			if zh, en := rules.Called(p.Name + "/" + x.ID); zh != x.Zh || en != x.En || zh == "" || en == "" {
				t.Errorf("%s/%s is called %q, %q", p.Name, x.ID, zh, en)
			}
		}
	}
	if zh, en := rules.Called("money/of another house"); zh != "money/of another house" || en != zh {
		t.Error(zh, en)
	}
}
