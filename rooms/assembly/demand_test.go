package assembly

import (
	"errors"
	"sync"
	"testing"

	"cuobian/basis/day"
	"cuobian/platform/access"
	"cuobian/platform/store"
)

func (w *town) open1(kind string) int64 {
	w.t.Helper()
	n, err := store.Count(ctx, w.db, `select count(*) from duty_duty where kind = $1 and state = 'open'`, kind)
	w.must(err)
	return n
}

// Owners of a fifth by both counts demand a meeting: the committee owes it, in default the street orders it, and then the
// community organises it (R10).
func TestDemand(t *testing.T) {
	w := open(t)
	_, err := w.Demand(ctx, w.owner("乙"), w.here.ID, " ", nil)
	w.want(err, ErrDemandText)
	d, err := w.Demand(ctx, w.owner("乙"), w.here.ID, "更换物业公司", []string{"解聘物业"})
	w.must(err)
	if d.Signed != 1 || d.Support.Asking.Heads != 1 || d.Support.Total.Heads != 9 || d.Support.Asking.Area != 100_00 || d.Support.Reached || d.Stage != stageCollect {
		t.Fatalf("%+v", d)
	}
	_, err = w.Sign(ctx, w.owner("乙"), d.ID)
	w.want(err, ErrSigned)
	_, err = w.Order(ctx, w.office, d.ID, "逾期")
	w.want(err, ErrNotReached)
	_, err = w.Draft(ctx, w.director, Drafting{Compound: w.here.ID, Title: "会", Convener: "committee", Demand: d.ID})
	w.want(err, ErrNotReached)
	// Xin is one of two co-owners: the right asks with her. Two heads of nine are a fifth, 200 of 1,000 m² are one too.
	d, err = w.Sign(ctx, w.owner("辛"), d.ID)
	w.must(err)
	if !d.Support.Reached || d.Support.Asking.Heads != 2 || d.Stage != stageConvene || w.open1(DutyConvene) != 1 || len(d.Support.Steps) != 2 {
		t.Fatalf("%+v", d)
	}
	d, err = w.Sign(ctx, w.owner("壬"), d.ID) // the same right again
	w.must(err)
	if d.Support.Asking.Heads != 2 || d.Signed != 3 {
		t.Errorf("%+v", d.Support)
	}
	_, err = w.Order(ctx, w.office, d.ID, "逾期")
	w.want(err, ErrNotOverdue)
	_, err = w.Draft(ctx, w.secretary, Drafting{Compound: w.here.ID, Title: "会", Convener: "community", Demand: d.ID})
	w.want(err, ErrNotTrusted)
	w.day("2026-04-02") // 30 days after 2 March are 1 April
	d, err = w.GetDemand(ctx, w.office, d.ID)
	w.must(err)
	if d.Stage != stageOrder || w.open1(DutyOrder) != 1 {
		t.Fatalf("%+v", d.Demand)
	}
	_, err = w.Entrust(ctx, w.office, d.ID, "委托")
	w.want(err, ErrDemandState)
	_, err = w.Order(ctx, w.office, d.ID, " ")
	w.want(err, ErrReason)
	d, err = w.Order(ctx, w.office, d.ID, "逾期未召集")
	w.must(err)
	if d.Stage != stageOrdered || w.open1(DutyOrder) != 0 || w.open1(DutyConvene) != 1 {
		t.Fatalf("%+v", d.Demand)
	}
	// The committee drafts and lets it lie.
	idle, err := w.Draft(ctx, w.director, Drafting{Compound: w.here.ID, Title: "拖着", Convener: "committee", Demand: d.ID})
	w.must(err)
	_, err = w.Draft(ctx, w.director, Drafting{Compound: w.here.ID, Title: "再一次", Convener: "committee", Demand: d.ID})
	w.want(err, ErrTaken)
	w.day("2026-04-11")
	d, err = w.Entrust(ctx, w.office, d.ID, "责令后仍未召集")
	w.must(err)
	if d.Stage != stageEntrusted || w.open1(DutyEntrust) != 1 {
		t.Fatalf("%+v", d.Demand)
	}
	m, err := w.Draft(ctx, w.secretary, Drafting{Compound: w.here.ID, Title: "社区组织", Convener: "community", Demand: d.ID})
	w.must(err)
	if m.Demand != d.ID || idle.ID == m.ID {
		t.Fatal(m.Demand)
	}
	_, err = w.AddMatter(ctx, w.secretary, m.ID, 0, Wording{Title: "解聘物业", Text: "解聘物业公司", Item: 4})
	w.must(err)
	_, err = w.PostRoll(ctx, w.secretary, m.ID, 0)
	w.must(err)
	if w.open1(DutyEntrust) != 1 {
		t.Error("a draft is no meeting yet")
	}
	_, err = w.GiveNotice(ctx, w.secretary, m.ID, 0, nil)
	w.must(err)
	d, err = w.GetDemand(ctx, w.owner("乙"), d.ID)
	w.must(err)
	if d.Stage != stageMet || !d.Mine || w.open1(DutyEntrust)+w.open1(DutyConvene)+w.open1(DutyOrder) != 0 {
		t.Fatalf("%+v", d.Demand)
	}
	_, err = w.Sign(ctx, w.owner("丙"), d.ID)
	w.want(err, ErrDemandState)
	n, err := store.Count(ctx, w.db, `select count(*) from assembly_demand_sign where demand = $1`, d.ID)
	w.must(err)
	if n != 3 {
		t.Errorf("%d signatures", n)
	}
}

// A notice that is followed by a cancellation does not do away with what the owners asked for (R10).
func TestDemandSurvivesACancelledMeeting(t *testing.T) {
	w := open(t)
	d, err := w.Demand(ctx, w.owner("乙"), w.here.ID, "更换物业公司", nil)
	w.must(err)
	_, err = w.Sign(ctx, w.owner("辛"), d.ID)
	w.must(err)
	called := func(who access.Who, convener string) Meeting {
		m, err := w.Draft(ctx, who, Drafting{Compound: w.here.ID, Title: "会", Convener: convener, Demand: d.ID})
		w.must(err)
		_, err = w.AddMatter(ctx, who, m.ID, 0, Wording{Title: "解聘物业", Text: "解聘物业公司", Item: 4})
		w.must(err)
		_, err = w.PostRoll(ctx, who, m.ID, 0)
		w.must(err)
		_, err = w.GiveNotice(ctx, who, m.ID, 0, nil)
		w.must(err)
		return m
	}
	stage := func(want string) {
		t.Helper()
		d, err = w.GetDemand(ctx, w.office, d.ID)
		w.must(err)
		if d.Stage != want {
			t.Fatalf("%s, want %s", d.Stage, want)
		}
	}
	m := called(w.director, "committee")
	stage(stageMet)
	_, err = w.Cancel(ctx, w.director, m.ID, "不开了")
	w.must(err)
	stage(stageConvene)
	if w.open1(DutyConvene) != 1 {
		t.Error("the committee owes it anew")
	}
	w.day("2026-04-02")
	_, err = w.Order(ctx, w.office, d.ID, "取消后未再召集")
	w.must(err)
	w.day("2026-04-20")
	_, err = w.Entrust(ctx, w.office, d.ID, "责令后仍未召集")
	w.must(err)
	m = called(w.secretary, "community")
	stage(stageMet)
	_, err = w.Cancel(ctx, w.secretary, m.ID, "日程有误")
	w.must(err)
	stage(stageEntrusted)
	if w.open1(DutyEntrust) != 1 || w.open1(DutyConvene) != 0 {
		t.Error("the community owes it anew")
	}
	m = called(w.secretary, "community")
	stage(stageMet)
	if w.open1(DutyEntrust) != 0 || m.Demand != d.ID {
		t.Error("answered")
	}
}

// Where nobody directs a committee, the street is called at once and may entrust the community.
func TestDemandWithoutACommittee(t *testing.T) {
	w := open(t)
	_, err := store.Count(ctx, w.db, `select count(*) from people_term`)
	w.must(err)
	w.must(w.db.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, `update people_term set to_day = $1 where post = $2`, day.MustParse("2026-02-01"), string(access.CommitteeDirector))
		return err
	}))
	d, err := w.Demand(ctx, w.owner("甲"), w.here.ID, "成立业委会", nil)
	w.must(err)
	d, err = w.Sign(ctx, w.owner("乙"), d.ID)
	w.must(err)
	if d.Stage != stageOrder || w.open1(DutyOrder) != 1 || w.open1(DutyConvene) != 0 {
		t.Fatalf("%+v", d.Demand)
	}
	d, err = w.Order(ctx, w.office, d.ID, "没有委员会")
	w.must(err)
	d, err = w.Entrust(ctx, w.office, d.ID, "社区组织")
	w.must(err)
	if d.Stage != stageEntrusted {
		t.Fatalf("%+v", d.Demand)
	}
}

// Many sign at once: every signature counts once, and the fifth is reached once.
func TestSigningAtOnce(t *testing.T) {
	w := open(t)
	d, err := w.Demand(ctx, w.owner("甲"), w.here.ID, "请开会", nil)
	w.must(err)
	var group sync.WaitGroup
	names := []string{"乙", "丙", "丁", "戊", "己", "庚", "辛", "壬"}
	errs := make([]error, 2*len(names))
	for i := range errs {
		group.Add(1)
		go func() {
			defer group.Done()
			_, errs[i] = w.Sign(ctx, w.owner(names[i/2]), d.ID)
		}()
	}
	group.Wait()
	done := 0
	for _, err := range errs {
		if err == nil {
			done++
		} else if !errors.Is(err, ErrSigned) && !errors.Is(err, ErrChanged) {
			t.Error(err)
		}
	}
	d, err = w.GetDemand(ctx, w.office, d.ID)
	w.must(err)
	if done != len(names) || d.Signed != int64(1+len(names)) || d.Support.Asking.Heads != 8 || w.open1(DutyConvene) != 1 {
		t.Errorf("%d signed, %+v", done, d)
	}
}

// A signature is taken back until a meeting is drafted or ordered. Where the fifth is lost the demand collects again; without
// any name it is over.
func TestUnsign(t *testing.T) {
	w := open(t)
	d, err := w.Demand(ctx, w.owner("乙"), w.here.ID, "更换物业公司", nil)
	w.must(err)
	_, err = w.Unsign(ctx, w.owner("辛"), d.ID)
	w.want(err, ErrUnsigned)
	w.refused("unsign", func(who access.Who) error { _, err := w.Unsign(ctx, who, d.ID); return err }, w.director, w.leader)
	d, err = w.Sign(ctx, w.owner("辛"), d.ID)
	w.must(err)
	if d.Stage != stageConvene || w.open1(DutyConvene) != 1 {
		t.Fatalf("%+v", d.Demand)
	}
	// Two at once: one of them loses the fifth, the other finds it lost.
	d, err = w.Unsign(ctx, w.owner("辛"), d.ID)
	w.must(err)
	if d.Stage != stageCollect || d.Support.Reached || d.Signed != 1 || w.open1(DutyConvene) != 0 {
		t.Fatalf("%+v %+v", d.Demand, d.Support)
	}
	_, err = w.Draft(ctx, w.director, Drafting{Compound: w.here.ID, Title: "会", Convener: "committee", Demand: d.ID})
	w.want(err, ErrNotReached)
	d, err = w.Sign(ctx, w.owner("丙"), d.ID)
	w.must(err)
	if d.Stage != stageConvene || w.open1(DutyConvene) != 1 {
		t.Fatalf("%+v", d.Demand)
	}
	m, err := w.Draft(ctx, w.director, Drafting{Compound: w.here.ID, Title: "会", Convener: "committee", Demand: d.ID})
	w.must(err)
	_, err = w.Unsign(ctx, w.owner("丙"), d.ID)
	w.want(err, ErrBegun)
	_, err = w.Cancel(ctx, w.director, m.ID, "另定")
	w.must(err)
	w.day("2026-04-02")
	_, err = w.Order(ctx, w.office, d.ID, "逾期未召集")
	w.must(err)
	_, err = w.Unsign(ctx, w.owner("丙"), d.ID)
	w.want(err, ErrBegun)

	d, err = w.Demand(ctx, w.owner("丁"), w.here.ID, "公开账目", nil)
	w.must(err)
	d, err = w.Unsign(ctx, w.owner("丁"), d.ID)
	w.must(err)
	if d.Stage != stageLapsed || d.Signed != 0 {
		t.Errorf("%+v", d.Demand)
	}
	_, err = w.Sign(ctx, w.owner("丁"), d.ID)
	w.want(err, ErrDemandState)

	d, err = w.Demand(ctx, w.owner("丁"), w.here.ID, "公开账目", nil)
	w.must(err)
	d, err = w.Sign(ctx, w.owner("戊"), d.ID)
	w.must(err)
	var all sync.WaitGroup
	for _, name := range []string{"丁", "戊"} {
		all.Add(1)
		go func() {
			defer all.Done()
			if _, err := w.Unsign(ctx, w.owner(name), d.ID); err != nil {
				t.Error(err)
			}
		}()
	}
	all.Wait()
	d, err = w.GetDemand(ctx, w.owner("丁"), d.ID)
	w.must(err)
	if d.Stage != stageLapsed || d.Signed != 0 || d.Mine {
		t.Errorf("%+v", d.Demand)
	}
}

// A demand that does not reach a fifth lapses when its time is over, and who began it is told.
func TestDemandLapses(t *testing.T) {
	w := open(t)
	d, err := w.Demand(ctx, w.owner("乙"), w.here.ID, "更换物业公司", nil)
	w.must(err)
	old, err := w.Demand(ctx, w.owner("丙"), w.here.ID, "旧提议", nil)
	w.must(err)
	w.must(w.db.Write(ctx, func(tx *store.Tx) error { // from before demands had a time
		_, err := tx.Exec(ctx, `update assembly_demand set due = 0 where id = $1`, old.ID)
		return err
	}))
	last := d.Due.Day(day.Shanghai)
	if last != day.MustParse("2026-05-31") && last != day.MustParse("2026-06-01") { // 90 days after 2 March
		t.Fatal(last)
	}
	w.day("2026-03-20")
	old, err = w.GetDemand(ctx, w.office, old.ID)
	w.must(err)
	if got := old.Due.Day(day.Shanghai); old.Stage != stageCollect || got < day.MustParse("2026-06-18") {
		t.Errorf("%s %+v", got, old.Demand)
	}
	w.day(last.String())
	if d, err = w.GetDemand(ctx, w.office, d.ID); err != nil || d.Stage != stageCollect {
		t.Fatalf("%+v %v", d.Demand, err)
	}
	w.clock.Set(last.Add(1).Start(day.Shanghai))
	_, err = w.Sign(ctx, w.owner("辛"), d.ID) // over by time, whatever the timer has written down
	w.want(err, ErrDemandState)
	w.day(last.Add(1).String())
	if d, err = w.GetDemand(ctx, w.office, d.ID); err != nil || d.Stage != stageLapsed || d.Support.Reached {
		t.Fatalf("%+v %v", d.Demand, err)
	}
	told, err := store.Texts(ctx, w.db, `select person from outreach_message where template = 'assembly.lapsed'`)
	w.must(err)
	if len(told) != 1 || told[0] != w.person["乙"] {
		t.Errorf("%v", told)
	}
	_, err = w.Unsign(ctx, w.owner("乙"), d.ID)
	w.want(err, ErrDemandState)
	_, err = w.Order(ctx, w.office, d.ID, "逾期")
	w.want(err, ErrDemandState)
	if old, err = w.GetDemand(ctx, w.office, old.ID); err != nil || old.Stage != stageCollect {
		t.Errorf("%+v %v", old.Demand, err)
	}
}
