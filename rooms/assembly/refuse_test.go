package assembly

import (
	"errors"
	"io"
	"strings"
	"testing"

	"cuobian/basis/day"
	"cuobian/platform/access"
	"cuobian/rooms/assembly/tally"
)

// Every operation refuses nobody, a stranger, the neighbour compound, company staff, an ended term, and who may see the
// meeting but not do that.
func TestEveryStepRefuses(t *testing.T) {
	w := open(t)
	owner := w.owner("甲")
	draft := w.drafted()
	posted := w.drafted()
	_, err := w.PostRoll(ctx, w.director, posted.ID, 0)
	w.must(err)
	noticed := w.noticed()
	w.must(func() error { _, err := w.Demand(ctx, owner, w.here.ID, "请开会", nil); return err }())
	demands, err := w.Demands(ctx, w.office, "", "", "", "", 0)
	w.must(err)
	demand := demands.Items[0].ID
	o, err := w.Object(ctx, owner, noticed.ID, "roll", "面积不对", "")
	w.must(err)

	w.refused("draft", func(x access.Who) error {
		_, err := w.Draft(ctx, x, Drafting{Compound: w.here.ID, Title: "会", Convener: "committee"})
		return err
	}, owner, w.leader)
	w.refused("change", func(x access.Who) error { _, err := w.Change(ctx, x, draft.ID, Change{}); return err }, w.leader, owner)
	w.refused("matter", func(x access.Who) error {
		_, err := w.AddMatter(ctx, x, draft.ID, 0, Wording{Title: "题", Text: "文", Item: 5})
		return err
	}, w.leader, owner)
	w.refused("reword", func(x access.Who) error {
		_, err := w.ChangeMatter(ctx, x, draft.ID, 1, 0, Wording{Title: "题", Text: "文", Item: 5})
		return err
	}, w.leader, owner)
	w.refused("drop", func(x access.Who) error { return w.DropMatter(ctx, x, draft.ID, 1, 0) }, w.leader, owner)
	w.refused("roll", func(x access.Who) error { _, err := w.PostRoll(ctx, x, draft.ID, 0); return err }, w.leader, owner)
	w.refused("notice", func(x access.Who) error { _, err := w.GiveNotice(ctx, x, posted.ID, 0, nil); return err }, w.leader, owner)
	w.refused("voter", func(x access.Who) error {
		return w.Name(ctx, x, posted.ID, Naming{Right: 8, Person: w.person["辛"], Capacity: "representative", Paper: "b"})
	}, w.leader, owner)
	w.refused("service", func(x access.Who) error { _, err := w.Serve(ctx, x, noticed.ID, 0, "posted", ""); return err }, w.leader, owner)
	w.refused("open", func(x access.Who) error { _, err := w.Open(ctx, x, noticed.ID); return err }, w.leader, owner)
	w.refused("close", func(x access.Who) error { _, err := w.Close(ctx, x, noticed.ID); return err }, w.leader, owner)
	w.refused("extend", func(x access.Who) error {
		_, err := w.Extend(ctx, x, noticed.ID, day.MustParse("2026-04-01"), "人数不足")
		return err
	}, w.leader, owner)
	w.refused("preliminary", func(x access.Who) error { _, err := w.Post(ctx, x, noticed.ID); return err }, w.leader, owner)
	w.refused("final", func(x access.Who) error { _, err := w.Finish(ctx, x, noticed.ID); return err }, w.leader, owner)
	w.refused("cancel", func(x access.Who) error { _, err := w.Cancel(ctx, x, noticed.ID, "因故"); return err }, owner)
	w.refused("annul", func(x access.Who) error {
		_, err := w.AnnulMeeting(ctx, x, noticed.ID, "违法", "民法典278")
		return err
	}, owner, w.director, w.secretary)
	w.refused("object", func(x access.Who) error { _, err := w.Object(ctx, x, noticed.ID, "roll", "不对", ""); return err }, w.leader)
	w.refused("decide", func(x access.Who) error {
		_, err := w.DecideObjection(ctx, x, noticed.ID, o.ID, Ruling{Answer: "已核对"})
		return err
	}, w.leader, owner)
	w.refused("get", func(x access.Who) error { _, err := w.Get(ctx, x, noticed.ID); return err })
	w.refused("roll page", func(x access.Who) error { _, err := w.Roll(ctx, x, noticed.ID, "", 0, 0); return err })
	w.refused("timeline", func(x access.Who) error { _, err := w.Timeline(ctx, x, noticed.ID); return err })
	w.refused("service list", func(x access.Who) error { _, err := w.ServiceOf(ctx, x, noticed.ID); return err })
	w.refused("objections", func(x access.Who) error { _, _, err := w.Objections(ctx, x, noticed.ID, "roll"); return err })
	w.refused("paper", func(x access.Who) error { _, err := w.Paper(ctx, x, noticed.ID, "notice", 0); return err })
	w.refused("result", func(x access.Who) error { _, err := w.Result(ctx, x, noticed.ID); return err })
	w.refused("export", func(x access.Who) error { return w.ExportRoll(ctx, x, noticed.ID, "核对", io.Discard) }, owner)
	w.refused("plan", func(x access.Who) error { _, err := w.Plan(ctx, x, w.here.ID, "", 0, 0); return err }, owner)
	w.refused("check plan", func(x access.Who) error { _, err := w.CheckPlan(ctx, x, w.here.ID, "", Plan{}); return err }, owner)
	w.refused("demand", func(x access.Who) error { _, err := w.Demand(ctx, x, w.here.ID, "请开会", nil); return err }, w.director)
	w.refused("sign", func(x access.Who) error { _, err := w.Sign(ctx, x, demand); return err }, w.director)
	w.refused("see demand", func(x access.Who) error { _, err := w.GetDemand(ctx, x, demand); return err })
	w.refused("order", func(x access.Who) error { _, err := w.Order(ctx, x, demand, "逾期"); return err }, w.director, owner, w.secretary)
	w.refused("entrust", func(x access.Who) error { _, err := w.Entrust(ctx, x, demand, "逾期"); return err }, w.director, owner, w.secretary)

	// A draft is not for owners, and the director of another committee does not act for this one.
	_, err = w.Get(ctx, owner, draft.ID)
	w.want(err, ErrMissing)
	other := w.director
	other.Grants = []access.Grant{{Post: access.CommitteeDirector, Path: w.here.Path, Org: "another"}}
	_, err = w.GiveNotice(ctx, other, posted.ID, 0, nil)
	w.want(err, access.ErrRefused)
	// A tenant sees what is posted and does not ask for a meeting.
	tenant := access.Who{Account: "t", Person: w.person["邻"], Grants: []access.Grant{{Post: access.Resident, Path: w.here.Path}}}
	_, err = w.Demand(ctx, tenant, w.here.ID, "请开会", nil)
	w.want(err, ErrOwnerOnly)
	_, err = w.Sign(ctx, tenant, demand)
	w.want(err, ErrOwnerOnly)
	// Lists hold nothing of others.
	for _, x := range []access.Who{w.neighbour, w.next, w.ended, w.manager} {
		p, err := w.List(ctx, x, Find{})
		w.must(err)
		d, err := w.Demands(ctx, x, "", "", "", "", 0)
		w.must(err)
		if p.Count != 0 || len(p.Items) != 0 || d.Count != 0 {
			t.Errorf("%s sees %d meetings and %d demands", x.Name, p.Count, d.Count)
		}
	}
	p, err := w.List(ctx, owner, Find{})
	w.must(err)
	if p.Count != 2 {
		t.Errorf("an owner sees %d meetings, two are posted", p.Count)
	}
}

// Who may convene in which name.
func TestConveners(t *testing.T) {
	w := open(t)
	for _, x := range []struct {
		who      access.Who
		convener string
		ok       bool
	}{
		{w.director, "committee", true}, {w.director, "community", false}, {w.director, "street", false}, {w.secretary, "community", true}, {w.officer, "preparatory", true},
		{w.secretary, "committee", false}, {w.office, "street", true}, {w.office, "community", false}, {w.office, "interim", false}, {w.office, "nobody", false},
	} {
		_, err := w.Draft(ctx, x.who, Drafting{Compound: w.here.ID, Title: "会", Purpose: "recall", Convener: x.convener})
		if (err == nil) != x.ok {
			t.Errorf("%s as %s: %v", x.who.Name, x.convener, err)
		}
	}
	_, err := w.Draft(ctx, w.secretary, Drafting{Compound: w.here.ID, Title: "会", Convener: "community"})
	w.want(err, ErrNotTrusted) // a committee is in office
	_, err = w.Draft(ctx, w.secretary, Drafting{Compound: w.there.ID, Title: "会", Convener: "community"})
	w.want(err, ErrNotTrusted)
	_, err = w.Draft(ctx, w.office, Drafting{Compound: w.street.ID, Title: "会", Convener: "street"})
	w.want(err, ErrPlace)
	_, err = w.Draft(ctx, w.office, Drafting{Compound: w.there.ID, Title: "会", Convener: "street", ConvenerOrg: w.org})
	w.want(err, ErrOrg)
}

// A matter's rule is the law's (R02, R03, R07) and not the convener's.
func TestMatters(t *testing.T) {
	w := open(t)
	m := w.drafted()
	for _, x := range []struct {
		in   Wording
		rule string
		err  error
	}{
		{Wording{Title: "题", Text: "文", Item: 8}, "special", nil}, {Wording{Title: "题", Text: "文", Item: 8, Rule: "ordinary"}, "", ErrRule},
		{Wording{Title: "题", Text: "文", Item: 4}, "ordinary", nil}, {Wording{Title: "题", Text: "文", Item: 0}, "", ErrItem},
		{Wording{Title: "题", Text: "文", Item: 0, Rule: "unanimous", Scope: Scope{Kind: "building", Paths: paths(w.home["101"].Path.Parent())}}, "unanimous", nil},
		{Wording{Title: "题", Text: "文", Item: 7, Kind: tally.Lift}, "special", nil}, {Wording{Title: "题", Text: "文", Item: 5, Kind: tally.Lift}, "", ErrItem},
		{Wording{Title: " ", Text: "文", Item: 5}, "", ErrMatterTitle}, {Wording{Title: "题", Text: " ", Item: 5}, "", ErrMatterText},
		{Wording{Title: "题", Text: "文", Item: 5, Scope: Scope{Kind: "building"}}, "", ErrScope},
		{Wording{Title: "题", Text: "文", Item: 5, Scope: Scope{Kind: "list", Paths: paths(w.home["901"].Path)}}, "", ErrScope},
		{Wording{Title: "题", Text: "文", Item: 5, Scope: Scope{Kind: "unit", Paths: paths(w.home["101"].Path)}}, "", ErrScope},
		{Wording{Title: "题", Text: "文", Item: 5, Touched: []string{w.home["901"].ID}}, "", ErrScope},
	} {
		got, err := w.AddMatter(ctx, w.director, m.ID, 0, x.in)
		if x.err != nil {
			w.want(err, x.err)
			continue
		}
		w.must(err)
		if got.Rule != x.rule || got.RuleZh == "" || got.Law == "" {
			t.Errorf("%+v became %+v", x.in, got)
		}
	}
	w.must(w.DropMatter(ctx, w.director, m.ID, 2, 0))
	got, err := w.AddMatter(ctx, w.director, m.ID, 0, Wording{Title: "又一题", Text: "文", Item: 1})
	w.must(err)
	if got.No != 6 {
		t.Errorf("a number that was dropped is not given again: %d", got.No)
	}
	_, err = w.PostRoll(ctx, w.director, m.ID, 0)
	w.must(err)
	_, err = w.AddMatter(ctx, w.director, m.ID, 0, Wording{Title: "题", Text: "文", Item: 1})
	w.want(err, ErrState)
	_, err = w.Change(ctx, w.director, m.ID, Change{})
	w.want(err, ErrState)
	for _, purpose := range []string{"decision", "recall"} { // an election's candidates come later
		empty, err := w.Draft(ctx, w.director, Drafting{Compound: w.here.ID, Title: "空", Purpose: purpose, Convener: "committee"})
		w.must(err)
		_, err = w.PostRoll(ctx, w.director, empty.ID, 0)
		w.want(err, ErrMatters)
	}
}

// What a draft must say: an agreed way of signing names its clause (R28), one ballot of a right counts, first or last.
func TestDraftsAreChecked(t *testing.T) {
	w := open(t)
	good := Drafting{Compound: w.here.ID, Title: "会", Convener: "committee"}
	for name, x := range map[string]struct {
		with func(*Drafting)
		err  error
	}{
		"no title":          {func(d *Drafting) { d.Title = "  " }, ErrTitle},
		"long title":        {func(d *Drafting) { d.Title = strings.Repeat("会", 101) }, ErrTitle},
		"purpose":           {func(d *Drafting) { d.Purpose = "party" }, ErrPurpose},
		"counts":            {func(d *Drafting) { d.Counts = "best" }, ErrCounts},
		"channel":           {func(d *Drafting) { d.Channels = []string{"pigeon"} }, ErrChannels},
		"agreed, no clause": {func(d *Drafting) { d.Sign = "agreed" }, ErrSign},
		"sign":              {func(d *Drafting) { d.Sign = "stamp" }, ErrSign},
		"place":             {func(d *Drafting) { d.Compound = w.home["101"].ID }, ErrPlace},
		"nowhere":           {func(d *Drafting) { d.Compound = "nowhere" }, ErrPlace},
		"org":               {func(d *Drafting) { d.ConvenerOrg = "none" }, ErrOrg},
		"demand":            {func(d *Drafting) { d.Demand = "none" }, ErrMissing},
		"good":              {func(d *Drafting) {}, nil},
		"with its clause":   {func(d *Drafting) { d.Sign, d.SignClause = "agreed", "议事规则第九条" }, nil},
		"same way twice":    {func(d *Drafting) { d.Channels = []string{"paper", "phone", "paper"} }, nil},
	} {
		d := good
		x.with(&d)
		m, err := w.Draft(ctx, w.director, d)
		if !errors.Is(err, x.err) {
			t.Errorf("%s: %v", name, err)
		}
		if name == "same way twice" && len(m.Channels) != 2 {
			t.Errorf("%v", m.Channels)
		}
	}
	for purpose, secret := range map[string]bool{"decision": false, "election": true, "recall": true} {
		d := good
		d.Purpose = purpose
		m, err := w.Draft(ctx, w.director, d)
		w.must(err)
		if m.Secret != secret {
			t.Errorf("%s is secret by default: %v", purpose, m.Secret)
		}
	}
}
