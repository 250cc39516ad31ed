package assembly

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"cuobian/basis/fault"
	"cuobian/platform/access"
	"cuobian/platform/store"
)

// hanging is the ward with its provisional list out since 2 March, on 3 March; the street convened.
func hanging(t *testing.T) (*ward, []Candidate) {
	t.Helper()
	w := elects(t)
	all := w.posted()
	w.day("2026-03-03")
	return w, all
}

func (w *ward) standing(id string) Candidate {
	w.t.Helper()
	c, err := w.candidate(ctx, w.db, w.m.ID, id)
	w.must(err)
	return c
}

// R29: while the provisional list hangs an owner objects with a reason; the community answers and never who convened;
// upheld, the candidate is struck; the final list waits for every answer.
func TestObjectionToACandidate(t *testing.T) {
	w, all := hanging(t)
	secretary := w.secretary
	_, err := w.Challenge(ctx, w.by(0, 9), w.m.ID, all[0].ID, " ")
	w.want(err, ErrObjectText)
	_, err = w.Challenge(ctx, w.by(0, 9), w.m.ID, "no such", "不在这里")
	w.want(err, ErrMissing)
	tenant := access.Who{Account: "a-tenant", Person: w.person["甲"], Grants: []access.Grant{{Post: access.Resident, Path: w.plot.Path}}}
	_, err = w.Challenge(ctx, tenant, w.m.ID, all[0].ID, "住在这里，但不是业主")
	w.want(err, ErrChallengeOwner)

	// From two phones at once it is one objection.
	var wg sync.WaitGroup
	got := make([]Challenge, 3)
	errs := make([]error, 3)
	for i := range errs {
		wg.Go(func() {
			got[i], errs[i] = w.Challenge(ctx, w.by(0, 9), w.m.ID, all[0].ID, "搭建违法建筑至今未拆")
		})
	}
	wg.Wait()
	n := 0
	var o Challenge
	for i, err := range errs {
		switch {
		case err == nil:
			n++
			o = got[i]
		case fault.Of(err).Code != ErrChallengeTwice.Code:
			t.Error(err)
		}
	}
	if n != 1 || !o.Mine || o.State != "open" {
		t.Fatalf("%d of three went in: %v", n, errs)
	}
	second, err := w.Challenge(ctx, w.by(1, 9), w.m.ID, all[0].ID, "同上")
	w.must(err)
	other, err := w.Challenge(ctx, w.by(1, 9), w.m.ID, all[3].ID, "拖欠物业费")
	w.must(err)
	owed, err := store.Count(ctx, w.db, `select count(*) from duty_duty where kind = $1 and state = 'open'`, DutyObjection)
	w.must(err)
	if owed != 3 {
		t.Errorf("%d answers are owed", owed)
	}
	if page, err := w.PageOf(ctx, w.db, second.ID); err != nil || page != w.m.Ref() {
		t.Error("an answer opens", page, err)
	}
	if page, err := w.PageOf(ctx, w.db, "none"); err != nil || page != "" {
		t.Error(page, err)
	}

	// Who reads what: staff all, the candidate what is said against him, others that there is one, the public no word.
	sees := func(who access.Who) Candidate {
		e, err := w.Election(ctx, who, w.m.ID)
		w.must(err)
		return e.Candidates[slices.IndexFunc(e.Candidates, func(c Candidate) bool { return c.ID == all[0].ID })]
	}
	if c := sees(secretary); len(c.Objections) != 2 || c.Objections[0].Text == "" || c.Objected != 2 {
		t.Errorf("%+v", c)
	}
	if c := sees(w.by(0, 0)); len(c.Objections) != 2 {
		t.Errorf("the candidate reads %+v", c)
	}
	if c := sees(w.by(0, 9)); len(c.Objections) != 1 || !c.Objections[0].Mine || c.Objected != 2 || c.Person != "" {
		t.Errorf("the objector reads %+v", c)
	}
	if c := sees(w.by(2, 9)); len(c.Objections) != 0 || c.Objected != 2 || c.Waiting != 2 {
		t.Errorf("an owner reads %+v", c)
	}
	pub, err := w.PublicElection(ctx, w.m.Number)
	w.must(err)
	if len(pub.Candidates[0].Objections) != 0 || pub.Candidates[0].Objected != 2 || !pub.Until.Sound() {
		t.Errorf("the board has %+v", pub.Candidates[0])
	}

	// The convening street, its officer under another post, and who nominated do not answer.
	_, err = w.AnswerChallenge(ctx, w.office, w.m.ID, o.ID, false, "不成立")
	w.want(err, ErrChallengeJudge)
	both := w.office
	both.Grants = append(slices.Clone(both.Grants), access.Grant{Post: access.CommunitySecretary, Path: w.community.Path})
	_, err = w.AnswerChallenge(ctx, both, w.m.ID, o.ID, false, "不成立")
	w.want(err, ErrChallengeJudge)
	own := w.by(0, 0)
	own.Grants = append(own.Grants, access.Grant{Post: access.CommunityOfficer, Path: w.community.Path})
	_, err = w.AnswerChallenge(ctx, own, w.m.ID, o.ID, false, "没有的事")
	w.want(err, ErrChallengeJudge)
	own = w.by(1, 9)
	own.Grants = append(own.Grants, access.Grant{Post: access.CommunityOfficer, Path: w.community.Path})
	_, err = w.AnswerChallenge(ctx, own, w.m.ID, second.ID, true, "我说的对")
	w.want(err, ErrChallengeJudge)
	_, err = w.AnswerChallenge(ctx, secretary, w.m.ID, o.ID, true, "")
	w.want(err, ErrAnswer)
	_, err = w.AnswerChallenge(ctx, secretary, w.m.ID, "none", true, "答复")
	w.want(err, ErrMissing)
	w.day("2026-03-10")
	_, err = w.Challenge(ctx, w.by(2, 9), w.m.ID, all[0].ID, "晚了")
	if fault.Of(err).Code != ErrObjectLate.Code || !strings.Contains(fault.Of(err).Zh, "2026-03-09") {
		t.Error(err)
	}
	_, err = w.FinalList(ctx, w.office, w.m.ID)
	w.want(err, ErrOpenObjects)
	x, err := w.AnswerChallenge(ctx, secretary, w.m.ID, other.ID, false, "经核实已缴清")
	w.must(err)
	if x.State != "dismissed" || w.standing(all[3].ID).State != "passed" {
		t.Fatalf("%+v", x)
	}
	_, err = w.AnswerChallenge(ctx, secretary, w.m.ID, other.ID, true, "再答")
	w.want(err, ErrDecided)
	w.must(func() error {
		_, err := w.AnswerChallenge(ctx, secretary, w.m.ID, o.ID, true, "现场查实违法建设未改正")
		return err
	}())
	if c := w.standing(all[0].ID); c.State != "struck" || c.Words != "现场查实违法建设未改正" {
		t.Fatalf("%+v", c)
	}
	_, err = w.AnswerChallenge(ctx, secretary, w.m.ID, second.ID, false, "另答")
	w.want(err, ErrDecided) // answered with the first
	// Who was struck is not brought back by the convener, nor by going himself.
	_, err = w.Examine(ctx, w.office, w.m.ID, all[0].ID, true, nil, "")
	w.want(err, ErrCandState)
	_, err = w.Withdraw(ctx, w.by(0, 0), w.m.ID, all[0].ID, "自己退出")
	w.want(err, ErrCandState)
	if c := sees(w.by(2, 9)); c.State != "struck" || c.Words == "" {
		t.Errorf("an owner reads %+v", c)
	}
	if pub, err = w.PublicElection(ctx, w.m.ID); err != nil || pub.Candidates[0].State != "struck" || pub.Candidates[0].Words != "" {
		t.Errorf("%+v %v", pub.Candidates[0], err)
	}
	owed, err = store.Count(ctx, w.db, `select count(*) from duty_duty where kind = $1 and state = 'open'`, DutyObjection)
	w.must(err)
	if owed != 0 {
		t.Errorf("%d answers are still owed", owed)
	}
	// The final list has the other seven; two for two seats are enough now.
	e, err := w.FinalList(ctx, w.office, w.m.ID)
	w.must(err)
	list, err := w.matters(ctx, w.db, w.m.ID)
	w.must(err)
	if len(list) != 7 || !e.Listed || slices.ContainsFunc(list, func(m Matter) bool { return m.Candidate == all[0].ID }) {
		t.Fatalf("%+v", list)
	}
	_, err = w.Challenge(ctx, w.by(0, 9), w.m.ID, all[1].ID, "名单已定")
	w.want(err, ErrChallengeNone)
	told := false
	moments, err := w.Timeline(ctx, w.by(2, 9), w.m.ID)
	w.must(err)
	for _, x := range moments {
		told = told || x.Kind == "challenge_answered"
	}
	if !told {
		t.Error("the timeline says nothing of it")
	}
}

func TestObjectionToACandidateRefuses(t *testing.T) {
	w, all := hanging(t)
	o, err := w.Challenge(ctx, w.by(0, 9), w.m.ID, all[0].ID, "理由")
	w.must(err)
	w.refused("challenge", func(x access.Who) error { _, err := w.Challenge(ctx, x, w.m.ID, all[1].ID, "理由"); return err }, w.office)
	w.refused("answer", func(x access.Who) error {
		_, err := w.AnswerChallenge(ctx, x, w.m.ID, o.ID, true, "答复")
		return err
	}, w.by(0, 9), w.leader, w.branch)
	w.refused("my election", func(x access.Who) error { _, err := w.MyElection(ctx, x, w.m.ID); return err })
	// Of a list that is not out yet, and of a meeting that is over.
	early := elects(t)
	_, err = early.SetElection(ctx, early.office, early.m.ID, early.three())
	early.must(err)
	_, err = early.PostRoll(ctx, early.office, early.m.ID, 0)
	early.must(err)
	c := early.put("东区", 0, 0, "")
	_, err = early.Challenge(ctx, early.by(0, 9), early.m.ID, c.ID, "太早")
	early.want(err, ErrChallengeNone)
	if w.open1(DutyObjection) != 1 {
		t.Error("an objection waits for its answer")
	}
	_, err = w.Cancel(ctx, w.office, w.m.ID, "因故取消")
	w.must(err)
	if w.open1(DutyObjection) != 0 {
		t.Error("nobody owes an answer after the meeting was cancelled")
	}
	list, err := w.MyElection(ctx, w.by(0, 9), w.m.ID)
	w.must(err)
	for _, c := range list.Candidates {
		if c.ID == all[0].ID && (len(c.Objections) != 1 || c.Objections[0].State != "moot" || c.Objections[0].Decided == 0) {
			t.Errorf("%+v", c.Objections)
		}
	}
	_, err = w.Challenge(ctx, w.by(0, 8), w.m.ID, all[0].ID, "已取消")
	w.want(err, ErrChallengeNone)
	_, err = w.AnswerChallenge(ctx, w.secretary, w.m.ID, o.ID, true, "答复")
	w.want(err, ErrState)
}

// Where the community convened, the street answers.
func TestStreetAnswersWhereTheCommunityConvened(t *testing.T) {
	w := elects(t)
	open := false
	m, err := w.Draft(ctx, w.officer, Drafting{Compound: w.plot.ID, Title: "选举业委会", Purpose: "election", Convener: "community", Secret: &open})
	w.must(err)
	w.m = m
	office := w.office
	w.office = w.officer
	all := w.posted()
	w.day("2026-03-04")
	o, err := w.Challenge(ctx, w.by(2, 5), w.m.ID, all[2].ID, "失信被执行人")
	w.must(err)
	_, err = w.AnswerChallenge(ctx, w.officer, w.m.ID, o.ID, false, "不是")
	w.want(err, ErrChallengeJudge)
	_, err = w.AnswerChallenge(ctx, w.secretary, w.m.ID, o.ID, false, "不是")
	w.want(err, ErrChallengeJudge)
	x, err := w.AnswerChallenge(ctx, office, w.m.ID, o.ID, true, "查实")
	w.must(err)
	if x.State != "upheld" {
		t.Fatal(x.State)
	}
}

// What an owner may do is told with the election.
func TestMyElection(t *testing.T) {
	w := elects(t)
	_, err := w.SetElection(ctx, w.office, w.m.ID, w.three())
	w.must(err)
	_, err = w.MyElection(ctx, w.by(0, 1), w.m.ID)
	w.want(err, ErrMissing) // a draft
	_, err = w.PostRoll(ctx, w.office, w.m.ID, 0)
	w.must(err)
	c, err := w.Nominate(ctx, w.by(0, 0), w.m.ID, Nomination{Zone: "东区", By: "self", Statement: "愿意服务"})
	w.must(err)
	_, err = w.Cosign(ctx, w.by(0, 1), w.m.ID, c.ID)
	w.must(err)
	e, err := w.MyElection(ctx, w.by(0, 1), w.m.ID)
	w.must(err)
	if !slices.Equal(e.MyZones, []string{"东区"}) || !slices.Equal(e.Signed, []string{c.ID}) || e.Own != "" || !e.Taking || e.Hanging || e.Candidates[0].Cosigners != 1 || e.Candidates[0].Person != "" {
		t.Fatalf("%+v", e)
	}
	if e, err = w.MyElection(ctx, w.by(0, 0), w.m.ID); err != nil || e.Own != c.ID || len(e.Signed) != 0 {
		t.Fatalf("%+v %v", e, err)
	}
	w2, _ := hanging(t)
	e, err = w2.MyElection(ctx, w2.by(2, 3), w2.m.ID)
	w2.must(err)
	if e.Taking || !e.Hanging || e.Until.String() != "2026-03-09" {
		t.Fatalf("%+v", e)
	}
	w2.day("2026-03-10")
	if e, err = w2.MyElection(ctx, w2.by(2, 3), w2.m.ID); err != nil || e.Hanging {
		t.Fatalf("%+v %v", e, err)
	}
}
