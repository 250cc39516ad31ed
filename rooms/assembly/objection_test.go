package assembly

import (
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"testing"

	"cuobian/basis/day"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/store"
	"cuobian/rooms/assembly/roll"
	"cuobian/rooms/assembly/tally"
	"cuobian/rooms/people"
	"cuobian/rooms/place"
)

// resize corrects a home's area on the register.
func (w *town) resize(home string, hundredths int64) {
	w.t.Helper()
	w.must(w.db.Write(ctx, func(tx *store.Tx) error {
		return w.on.Map.SetHome(ctx, tx, audit.System, w.home[home], place.HomeFacts{Use: "dwelling", Area: areaOf(hundredths), AreaSource: "registered", State: "delivered"}, "更正")
	}))
}

func (w *town) sold(home string, names ...string) {
	w.t.Helper()
	var list []people.Owner
	for _, n := range names {
		list = append(list, people.Owner{Person: w.person[n]})
	}
	w.must(w.db.Write(ctx, func(tx *store.Tx) error {
		return w.register.SetOwners(ctx, tx, audit.System, w.home[home], list, tx.Now.Day(day.Shanghai))
	}))
}

// An objection before opening is decided by the convener; upheld, the roll follows the corrected register and no other home.
func TestObjectionBeforeOpening(t *testing.T) {
	w := open(t)
	m := w.noticed()
	first, err := w.rollText(ctx, w.db, m, 1)
	w.must(err)
	_, err = w.Object(ctx, w.owner("乙"), m.ID, "roll", " ", "")
	w.want(err, ErrObjectText)
	_, err = w.Object(ctx, w.owner("乙"), m.ID, "roll", "不对", w.home["901"].ID)
	w.want(err, ErrHome)
	o, err := w.Object(ctx, w.owner("乙"), m.ID, "roll", "面积登记少了一平方米", w.home["103"].ID)
	w.must(err)
	owed, err := store.Count(ctx, w.db, `select count(*) from duty_duty where kind = 'assembly.objection' and state = 'open' and post = 'committee_director'`)
	w.must(err)
	if owed != 1 {
		t.Errorf("%d duties to answer", owed)
	}
	_, err = w.DecideObjection(ctx, w.director, m.ID, o.ID, Ruling{Uphold: true, Answer: "属实"})
	w.want(err, ErrChanges)
	_, err = w.DecideObjection(ctx, w.director, m.ID, o.ID, Ruling{Uphold: true, Changes: []string{w.home["103"].ID}})
	w.want(err, ErrAnswer)
	_, err = w.DecideObjection(ctx, w.director, m.ID, o.ID, Ruling{Uphold: true, Answer: "属实", Changes: []string{w.home["103"].ID}})
	w.want(err, ErrNoChange)
	w.resize("103", 101_00)
	w.resize("104", 500_00) // not objected to: it stays as it was frozen
	o, err = w.DecideObjection(ctx, w.director, m.ID, o.ID, Ruling{Uphold: true, Answer: "属实，已更正", Changes: []string{w.home["103"].ID}})
	w.must(err)
	if o.State != "upheld" || o.LedTo != 2 {
		t.Fatalf("%+v", o)
	}
	_, err = w.DecideObjection(ctx, w.director, m.ID, o.ID, Ruling{Answer: "再答"})
	w.want(err, ErrDecided)
	m = w.read1(m.ID)
	f, err := w.rollFigures(ctx, w.db, m)
	w.must(err)
	if f.Version != 2 || f.Area != 1001_00 || f.Heads != 9 || f.Late || len(f.Versions) != 2 || f.Versions[1].Why == "" {
		t.Fatalf("%+v", f)
	}
	if again, _ := w.rollText(ctx, w.db, m, 1); again != first {
		t.Error("the first version was rewritten")
	}
	w.consistent(m)
	w.run()
	told, err := store.Count(ctx, w.db, `select count(*) from outreach_message where template = 'assembly.answered' and person = $1 and zh like '%予以支持%'`, w.person["乙"])
	w.must(err)
	owed, err = store.Count(ctx, w.db, `select count(*) from duty_duty where kind = 'assembly.objection' and state = 'open'`)
	w.must(err)
	if told != 1 || owed != 0 {
		t.Errorf("told %d, owed %d", told, owed)
	}
	list, n, err := w.Objections(ctx, w.owner("丙"), m.ID, "roll")
	w.must(err)
	if len(list) != 0 || n != 1 {
		t.Errorf("others read the objection: %+v", list)
	}
}

// After opening an upheld objection makes a late version, decided by the community or the street and never by the convener;
// rights keep their numbers, and the count prints both rolls.
func TestLateObjection(t *testing.T) {
	w := open(t)
	m := w.voting()
	jia, yi := w.right(m, "101"), w.right(m, "103")
	for no := int64(1); no <= 7; no++ {
		choice := tally.Against
		if no <= 4 {
			choice = tally.Agree
		}
		w.says(m, no, choice)
	}
	o, err := w.Object(ctx, w.owner("甲"), m.ID, "roll", "102室已卖给癸", w.home["102"].ID)
	w.must(err)
	if !o.Late {
		t.Fatal("not said to be late")
	}
	w.sold("102", "邻")
	r := Ruling{Uphold: true, Answer: "已过户", Changes: []string{w.home["102"].ID}}
	_, err = w.DecideObjection(ctx, w.director, m.ID, o.ID, r)
	w.want(err, access.ErrRefused)
	own := w.officer
	own.Person = m.ByPerson
	_, err = w.DecideObjection(ctx, own, m.ID, o.ID, r)
	w.want(err, ErrOwnDecision)
	o, err = w.DecideObjection(ctx, w.officer, m.ID, o.ID, r)
	w.must(err)
	m = w.read1(m.ID)
	f, err := w.rollFigures(ctx, w.db, m)
	w.must(err)
	if !f.Late || f.Version != 2 || f.Heads != 10 || f.Area != 1000_00 {
		t.Fatalf("%+v", f)
	}
	if w.right(m, "101") != jia || w.right(m, "103") != yi || w.right(m, "102") != 10 {
		t.Errorf("numbers moved: 101 is %d, 102 is %d", w.right(m, "101"), w.right(m, "102"))
	}
	w.consistent(m)
	w.says(m, 10, tally.Agree) // the new right votes
	w.day("2026-03-25")
	res, err := w.Post(ctx, w.director, m.ID)
	w.must(err)
	x := res.Items[0]
	if x.Figures.Total.Heads != 10 || x.Figures.Part.Heads != 8 || x.Figures.Agree.Heads != 5 || !x.Passed {
		t.Errorf("now: %+v", x.Figures)
	}
	if x.Earlier == nil || x.Earlier.Version != 1 || x.Earlier.Figures.Total.Heads != 9 || x.Earlier.Figures.Part.Heads != 7 || x.Earlier.Figures.Agree.Heads != 4 {
		t.Fatalf("earlier: %+v", x.Earlier)
	}
	for paper, says := range map[string]string{"preliminary": "并列出开票时名册的结果", "roll": "收到异议 1 件，已答复 1 件，其中成立 1 件"} {
		p, err := w.Paper(ctx, w.owner("丙"), m.ID, paper, 0)
		w.must(err)
		if !slices.ContainsFunc(p.Lines, func(l Line) bool { return strings.Contains(l.Zh, says) }) {
			t.Errorf("%s does not say %s: %+v", paper, says, p.Lines)
		}
	}
	public, err := w.PublicOne(ctx, m.ID, 0, 0)
	w.must(err)
	if len(public.Objects) != 2 || public.Objects[0].Upheld != 1 || public.Objects[1].N != 0 {
		t.Errorf("%+v", public.Objects)
	}
	var record string
	w.must(w.db.QueryRow(ctx, `select body from audit_record where kind = 'assembly.roll_changed' and ref = $1`, m.Ref()).Scan(&record))
	if !strings.Contains(record, `"late":true`) || strings.Contains(record, "邻") {
		t.Errorf("record %s", record)
	}
}

// Where the community convened, the street decides late objections, and its officer does not.
func TestLateObjectionOfTheCommunitysOwnMeeting(t *testing.T) {
	w := open(t)
	shown := false
	m, err := w.Draft(ctx, w.secretary, Drafting{Compound: w.here.ID, Title: "社区组织", Purpose: "recall", Secret: &shown, Convener: "community"})
	w.must(err)
	_, err = w.AddMatter(ctx, w.officer, m.ID, 0, Wording{Title: "题", Text: "文", Item: 9})
	w.must(err)
	_, err = w.PostRoll(ctx, w.officer, m.ID, 0)
	w.must(err)
	_, err = w.GiveNotice(ctx, w.officer, m.ID, 0, nil)
	w.must(err)
	w.day("2026-03-18")
	o, err := w.Object(ctx, w.owner("甲"), m.ID, "roll", "面积", w.home["101"].ID)
	w.must(err)
	w.resize("101", 90_00)
	r := Ruling{Uphold: true, Answer: "属实", Changes: []string{w.home["101"].ID}}
	_, err = w.DecideObjection(ctx, w.officer, m.ID, o.ID, r)
	w.want(err, ErrOwnDecision)
	_, err = w.DecideObjection(ctx, w.office, m.ID, o.ID, r)
	w.must(err)
}

// An upheld objection to the result that changes the roll has the count made again; the final result waits for all answers.
func TestObjectionToTheResult(t *testing.T) {
	w := open(t)
	m := w.voting()
	for no := int64(1); no <= 6; no++ {
		w.says(m, no, tally.Agree)
	}
	_, err := w.Object(ctx, w.owner("甲"), m.ID, "result", "票数不对", "")
	w.want(err, ErrState)
	w.day("2026-03-25")
	res, err := w.Post(ctx, w.director, m.ID)
	w.must(err)
	if !res.Items[0].Passed { // 6 of 9 heads and 700 of 1,000 m²
		t.Fatalf("%+v", res.Items[0].Figures)
	}
	o, err := w.Object(ctx, w.owner("庚"), m.ID, "result", "101室面积有误，未达三分之二", w.home["101"].ID)
	w.must(err)
	later, err := w.Object(ctx, w.owner("己"), m.ID, "result", "票数不对", "")
	w.must(err)
	w.resize("101", 10_00)
	r := Ruling{Uphold: true, Answer: "属实", Changes: []string{w.home["101"].ID}}
	_, err = w.DecideObjection(ctx, w.director, m.ID, o.ID, r)
	w.want(err, access.ErrRefused)
	street := w.office
	_, err = w.DecideObjection(ctx, street, m.ID, o.ID, r)
	w.must(err)
	res, err = w.Result(ctx, w.director, m.ID)
	w.must(err)
	if x := res.Items[0]; x.Figures.Part.Area != 610_00 || x.Figures.Total.Area != 910_00 || !x.Figures.Gate || !x.Passed || x.Earlier == nil {
		t.Errorf("recount: %+v", x.Figures)
	}
	w.day("2026-04-02")
	_, err = w.Object(ctx, w.owner("己"), m.ID, "result", "又不对", "")
	w.want(err, ErrObjectLate)
	_, err = w.Finish(ctx, w.director, m.ID)
	w.want(err, ErrOpenObjects)
	_, err = w.DecideObjection(ctx, w.director, m.ID, later.ID, Ruling{Answer: "已复核，无误"})
	w.must(err)
	res, err = w.Finish(ctx, w.director, m.ID)
	w.must(err)
	if res.Stage != "final" || res.RollVersion != 2 {
		t.Errorf("%+v", res)
	}
	moments, err := w.Timeline(ctx, w.owner("甲"), m.ID)
	w.must(err)
	if !slices.ContainsFunc(moments, func(x Moment) bool { return x.Kind == "recount" }) {
		t.Error("the recount is not told")
	}
}

// Co-owners name one voter, a guardian takes the place of the ward, the developer names an agent; each with a paper.
func TestNamedVoters(t *testing.T) {
	w := open(t)
	m := w.noticed()
	joint, dev, jia := w.right(m, "109"), w.right(m, "110"), w.right(m, "101")
	can := func(no int64) (out []string) {
		list, err := store.Texts(ctx, w.db, `select person from assembly_voter where meeting = $1 and right_no = $2 and ended = 0 order by person`, m.ID, no)
		w.must(err)
		return list
	}
	if len(can(joint)) != 2 || len(can(dev)) != 0 {
		t.Fatalf("before: %v %v", can(joint), can(dev))
	}
	for _, x := range []struct {
		in  Naming
		err error
	}{
		{Naming{Right: 99, Person: w.person["辛"], Capacity: "representative", Paper: "b"}, ErrRight},
		{Naming{Right: jia, Person: w.person["辛"], Capacity: "representative", Paper: "b"}, ErrCapacity},
		{Naming{Right: jia, Person: w.person["辛"], Capacity: "agent", Paper: "b"}, ErrCapacity},
		{Naming{Right: jia, Person: w.person["辛"], Capacity: "guardian", Paper: "b"}, ErrCapacity},
		{Naming{Right: jia, Person: w.person["辛"], Capacity: "guardian", Ward: w.person["乙"], Paper: "b"}, ErrCapacity},
		{Naming{Right: joint, Person: w.person["辛"], Capacity: "representative"}, ErrPaper},
		{Naming{Right: joint, Person: "nobody", Capacity: "representative", Paper: "b"}, ErrPerson},
		{Naming{Right: joint, Person: w.person["辛"], Capacity: "representative", Paper: "b"}, nil},
		{Naming{Right: dev, Person: w.person["邻"], Capacity: "agent", Paper: "b"}, nil},
		{Naming{Right: jia, Person: w.person["乙"], Capacity: "guardian", Ward: w.person["甲"], Paper: "b"}, nil},
	} {
		err := w.Name(ctx, w.director, m.ID, x.in)
		if x.err == nil {
			w.must(err)
		} else {
			w.want(err, x.err)
		}
	}
	if !slices.Equal(can(joint), []string{w.person["辛"]}) || !slices.Equal(can(dev), []string{w.person["邻"]}) || !slices.Equal(can(jia), []string{w.person["乙"]}) {
		t.Fatalf("%v %v %v", can(joint), can(dev), can(jia))
	}
	// A named voter sees the meeting without a home in the compound.
	_, err := w.Get(ctx, access.Who{Account: "a", Person: w.person["邻"]}, m.ID)
	w.must(err)
}

// consistent compares the tables with the canonical text of the version in force.
func (w *town) consistent(m Meeting) {
	w.t.Helper()
	text, err := w.rollText(ctx, w.db, m, m.RollVersion)
	w.must(err)
	r, err := roll.Parse(text)
	w.must(err)
	p, err := w.rollPage(ctx, w.db, m, "", 0, 1000)
	w.must(err)
	p.Items = slices.DeleteFunc(p.Items, func(l RollLine) bool {
		if l.Ended != 0 && !slices.Contains(r.Ended, int(l.No)) {
			w.t.Errorf("right %d has not ended in the text", l.No)
		}
		return l.Ended != 0
	})
	if len(p.Items) != len(r.Rights) {
		w.t.Fatalf("%d rights in the tables, %d in the text", len(p.Items), len(r.Rights))
	}
	for i, x := range r.Rights {
		l := p.Items[i]
		own, spaces := x.Area()
		if int64(x.No) != l.No || int64(own+spaces) != l.Area || len(x.Places) != len(l.Parts) {
			w.t.Errorf("right %d: text %s %d parts, table %+v", x.No, own, len(x.Places), l)
		}
	}
}

// What everybody reads holds no name, no telephone and no draft.
func TestPublicPages(t *testing.T) {
	w := open(t)
	draft := w.drafted()
	_, err := w.PublicOne(ctx, draft.ID, 0, 0)
	w.want(err, ErrMissing)
	m := w.noticed()
	p, err := w.Public(ctx, w.here.ID, "", 0)
	w.must(err)
	if p.Count != 1 || p.Items[0].ID != m.ID {
		t.Fatalf("%+v", p)
	}
	f, err := w.PublicOne(ctx, m.Number, 0, 0)
	w.must(err)
	text, err := json.Marshal(f)
	w.must(err)
	if len(f.Roll.Items) != 9 || f.Service == nil || len(f.Matters) != 1 {
		t.Fatalf("%s", text)
	}
	for name, id := range w.person {
		if strings.Contains(string(text), `"`+name+`"`) || strings.Contains(string(text), id) {
			t.Errorf("%s stands in what everybody reads", name)
		}
	}
	if strings.Contains(string(text), "138000") {
		t.Error("a telephone number stands in it")
	}
}

// Every paper has what its page prints.
func TestPapers(t *testing.T) {
	w := open(t)
	m := w.drafted()
	_, err := w.Paper(ctx, w.director, m.ID, "roll", 0)
	w.want(err, ErrNoRoll)
	_, err = w.PostRoll(ctx, w.director, m.ID, 0)
	w.must(err)
	_, err = w.Paper(ctx, w.director, m.ID, "notice", 0)
	w.want(err, ErrState)
	_, err = w.GiveNotice(ctx, w.director, m.ID, 0, nil)
	w.must(err)
	for _, paper := range []string{"roll", "notice", "ballot", "proxy", "sign-in"} {
		p, err := w.Paper(ctx, w.director, m.ID, paper, 0)
		w.must(err)
		if p.TitleZh == "" || p.TitleEn == "" || len(p.Matters) != 1 || (p.Roll != nil) != (paper == "roll" || paper == "sign-in") || len(p.Lines) == 0 && paper != "sign-in" {
			t.Errorf("%s: %+v", paper, p)
		}
	}
	jia := w.right(m, "101")
	p, err := w.Paper(ctx, w.owner("甲"), m.ID, "ballot", jia)
	w.must(err)
	if p.Right == nil || p.Right.No != jia || len(p.Right.Parts) != 2 {
		t.Errorf("%+v", p.Right)
	}
	_, err = w.Paper(ctx, w.owner("乙"), m.ID, "ballot", jia)
	w.want(err, ErrMissing)
	_, err = w.Paper(ctx, w.director, m.ID, "ballot", 99)
	w.want(err, ErrRight)
	_, err = w.Paper(ctx, w.director, m.ID, "final", 0)
	w.want(err, ErrNoResult)
	w.want(w.ExportRoll(ctx, w.director, m.ID, " ", nil), ErrPurposeWhy)
	var b strings.Builder
	w.must(w.ExportRoll(ctx, w.director, m.ID, "张贴", &b))
	if !strings.HasPrefix(b.String(), "PK") {
		t.Error("no workbook")
	}
	page, err := w.Roll(ctx, w.owner("甲"), m.ID, string(w.home["101"].Path.Parent()), 3, 2)
	w.must(err)
	if len(page.Items) != 2 || page.Items[0].No != 4 || page.More || page.Next == "" || page.Count != 9 || len(page.Warnings) != 0 {
		t.Errorf("%+v", page)
	}
	_, err = w.Roll(ctx, w.owner("甲"), m.ID, string(w.there.Path), 0, 0)
	w.want(err, ErrHome)
}

// A ballot that nobody who might have cast is declared void on an objection to the result, by the community and not by the
// convener; another outcome is posted for the whole period again.
func TestVoidOnObjection(t *testing.T) {
	w := open(t)
	m := w.voting()
	for no := int64(1); no <= 6; no++ {
		w.says(m, no, tally.Agree)
	}
	var forged string
	w.must(w.db.QueryRow(ctx, `select word from assembly_ballot where meeting = $1 and right_no = 6`, m.ID).Scan(&forged))
	w.day("2026-03-25")
	_, err := w.Post(ctx, w.director, m.ID)
	w.must(err)
	w.day("2026-03-30")
	o, err := w.Object(ctx, w.owner("己"), m.ID, "result", "这张票不是我投的", "")
	w.must(err)
	r := Ruling{Uphold: true, Answer: "经核对签名不符", Void: []string{forged}}
	_, err = w.DecideObjection(ctx, w.director, m.ID, o.ID, r)
	w.want(err, access.ErrRefused)
	_, err = w.DecideObjection(ctx, w.secretary, m.ID, o.ID, Ruling{Uphold: true, Answer: "不符", Void: []string{"nothing"}})
	w.want(err, ErrVoid)
	_, err = w.DecideObjection(ctx, w.secretary, m.ID, o.ID, Ruling{Answer: "相符", Void: []string{forged}})
	w.want(err, ErrVoid)
	_, err = w.DecideObjection(ctx, w.secretary, m.ID, o.ID, r)
	w.must(err)
	res, err := w.Result(ctx, w.director, m.ID)
	w.must(err)
	if x := res.Items[0]; x.Passed || x.Figures.Part.Heads != 5 || x.Figures.GateHeads || res.Ballots != 5 {
		t.Errorf("%+v", x.Figures)
	}
	if m = w.read1(m.ID); m.PrelimUntil.String() != "2026-04-07" { // 6 April is the day off after Qingming
		t.Errorf("posted until %s", m.PrelimUntil)
	}
	w.day("2026-04-02")
	_, err = w.Finish(ctx, w.director, m.ID)
	w.want(err, ErrFinalEarly)
}

// Two records of one person are made one while voting is open: who votes under the other id goes on voting.
func TestMergedVoter(t *testing.T) {
	w := open(t)
	w.register.Merged = w.Merged
	m := w.noticed()
	clerk := w.officer
	other, err := w.register.Enter(ctx, clerk, w.here.ID, people.NewPerson{Name: "乙", Phones: []string{"13800000099"}})
	w.must(err)
	_, err = w.register.Merge(ctx, clerk, other.ID, w.person["乙"], "同一人")
	w.must(err)
	w.must(w.mayCast(ctx, w.db, m, w.right(m, "103"), other.ID, ""))
}

// Parting two merged records gives each back what was its own: rights, signatures, devices, mandates, parts in the team.
func TestPartedVoter(t *testing.T) {
	w := polls(t)
	w.register.Merged, w.register.Parted = w.Merged, w.Parted
	m := w.voting(func(d *Drafting) { d.Channels = []string{"phone", "proxy"} })
	yi, bing := w.person["乙"], w.person["丙"]
	device := w.phone(w.owner("乙"))
	d, err := w.Demand(ctx, w.owner("乙"), w.here.ID, "请开会", nil)
	w.must(err)
	both, err := w.Demand(ctx, w.owner("乙"), w.here.ID, "再开会", nil)
	w.must(err)
	_, err = w.Sign(ctx, w.owner("丙"), both.ID)
	w.must(err)
	letter, err := w.Mandate(ctx, w.director, m.ID, w.right(m, "106"), yi, "letter")
	w.must(err)
	_, err = w.Join(ctx, w.director, m.ID, Joining{Person: yi, Role: Typist})
	w.must(err)
	_, err = w.register.Merge(ctx, w.officer, bing, yi, "同一人")
	w.must(err)
	for _, home := range []string{"103", "104"} {
		w.must(w.mayCast(ctx, w.db, m, w.right(m, home), bing, ""))
	}
	if list, err := w.team(ctx, w.db, m.ID, Typist, bing); err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	_, err = w.register.Part(ctx, w.officer, bing, "是两个人")
	w.must(err)
	w.want(w.mayCast(ctx, w.db, m, w.right(m, "103"), bing, ""), ErrNotYours)
	w.must(w.mayCast(ctx, w.db, m, w.right(m, "103"), yi, ""))
	w.must(w.mayCast(ctx, w.db, m, w.right(m, "104"), bing, ""))
	w.want(w.mayCast(ctx, w.db, m, w.right(m, "106"), bing, letter.ID), ErrNotYours)
	w.must(w.mayCast(ctx, w.db, m, w.right(m, "106"), yi, letter.ID))
	if _, err := w.device(ctx, w.db, device.id, yi); err != nil {
		t.Error(err)
	}
	if list, err := w.team(ctx, w.db, m.ID, Typist, yi); err != nil || len(list) != 1 {
		t.Error(list, err)
	}
	for id, want := range map[string]string{d.ID: yi, both.ID: yi + " " + bing} {
		list, err := store.Texts(ctx, w.db, `select person from assembly_demand_sign where demand = $1 order by person`, id)
		w.must(err)
		slices.Sort(list)
		sorted := strings.Fields(want)
		slices.Sort(sorted)
		if !slices.Equal(list, sorted) {
			t.Errorf("%s: %v", id, list)
		}
	}
	// Merged and parted a second time: the same again.
	_, err = w.register.Merge(ctx, w.officer, bing, yi, "同一人")
	w.must(err)
	_, err = w.register.Part(ctx, w.officer, bing, "是两个人")
	w.must(err)
	w.want(w.mayCast(ctx, w.db, m, w.right(m, "103"), bing, ""), ErrNotYours)
	w.must(w.mayCast(ctx, w.db, m, w.right(m, "103"), yi, ""))
}

// A draft that becomes an election gets the days of its lists; a ballot form has the matters of its right alone.
func TestChangedPurposeAndFormOfARight(t *testing.T) {
	w := open(t)
	m := w.drafted()
	election := "election"
	m, err := w.Change(ctx, w.director, m.ID, Change{Purpose: &election})
	w.must(err)
	if !m.ListOn.Sound() || !m.ProvisionalOn.Sound() {
		t.Errorf("%+v", m.Plan())
	}
	m = w.drafted()
	_, err = w.AddMatter(ctx, w.director, m.ID, 0, Wording{Title: "这一户", Text: "只关这一户", Item: 5, Scope: Scope{Kind: "list", Paths: paths(w.home["103"].Path)}})
	w.must(err)
	_, err = w.PostRoll(ctx, w.director, m.ID, 0)
	w.must(err)
	for home, n := range map[string]int{"103": 2, "104": 1} {
		p, err := w.Paper(ctx, w.director, m.ID, "ballot", w.right(m, home))
		w.must(err)
		if len(p.Matters) != n {
			t.Errorf("%s votes on %d matters, its form has %d", home, n, len(p.Matters))
		}
	}
}

// What is not answered when voting opens goes from the convener to the community.
func TestOpenObjectionsAreHandedOver(t *testing.T) {
	w := open(t)
	m := w.noticed()
	for range mostObjections {
		_, err := w.Object(ctx, w.owner("乙"), m.ID, "roll", "面积不对", "")
		w.must(err)
	}
	_, err := w.Object(ctx, w.owner("乙"), m.ID, "roll", "面积不对", "")
	w.want(err, ErrManyObjects)
	_, err = w.Object(ctx, w.owner("丙"), m.ID, "roll", "面积不对", "")
	w.must(err)
	w.day("2026-03-18")
	n, err := store.Count(ctx, w.db, `select count(*) from duty_duty where kind = 'assembly.objection' and state = 'open' and post = 'community_secretary' and org = ''`)
	w.must(err)
	if n != mostObjections+1 {
		t.Errorf("%d are handed over", n)
	}
	f, err := w.Get(ctx, w.director, m.ID)
	w.must(err)
	if slices.Contains(f.May, "cancel") || !slices.Contains(f.May, "extend") {
		t.Errorf("the director may %v", f.May)
	}
	f, err = w.Get(ctx, w.office, m.ID)
	w.must(err)
	if !slices.Contains(f.May, "cancel") {
		t.Errorf("the street may %v", f.May)
	}
	f, err = w.Get(ctx, w.owner("丙"), m.ID)
	w.must(err)
	if !slices.Equal(f.May, []string{"object"}) {
		t.Errorf("an owner may %v", f.May)
	}
}

// An owner whose document number comes onto the register after the roll was frozen is the same owner: a home that joins hers
// is no second head.
func TestOwnerWithANumberLater(t *testing.T) {
	w := open(t)
	m := w.noticed()
	jia := w.right(m, "101")
	p, err := w.register.Person(ctx, w.db, w.person["甲"])
	w.must(err)
	number := "99000019650101765X" // invented: the area code is nobody's
	_, err = w.register.Correct(ctx, w.officer, p.ID, people.Change{Version: p.Version, Reason: "补登证件", Identity: &number})
	w.must(err)
	w.sold("103", "甲")
	o, err := w.Object(ctx, w.owner("甲"), m.ID, "roll", "103室已过户给我", w.home["103"].ID)
	w.must(err)
	_, err = w.DecideObjection(ctx, w.director, m.ID, o.ID, Ruling{Uphold: true, Answer: "属实", Changes: []string{w.home["103"].ID}})
	w.must(err)
	m = w.read1(m.ID)
	f, err := w.rollFigures(ctx, w.db, m)
	w.must(err)
	if f.Heads != 8 || f.Area != 1000_00 || w.right(m, "103") != jia || w.right(m, "101") != jia {
		t.Errorf("%d heads; 103 is right %d, 101 is %d", f.Heads, w.right(m, "103"), w.right(m, "101"))
	}
	w.consistent(m)
	w.must(w.mayCast(ctx, w.db, m, jia, w.person["甲"], ""))
}

// Many object at once: each is taken in, in an order of its own.
func TestManyObjectAtOnce(t *testing.T) {
	w := open(t)
	m := w.noticed()
	var group sync.WaitGroup
	names := []string{"甲", "乙", "丙", "丁", "戊", "己", "庚", "辛", "壬"}
	errs := make([]error, 4*len(names))
	for i := range errs {
		group.Add(1)
		go func() {
			defer group.Done()
			_, errs[i] = w.Object(ctx, w.owner(names[i%len(names)]), m.ID, "roll", "面积不对", "")
		}()
	}
	group.Wait()
	for _, err := range errs {
		if err != nil {
			t.Error(err)
		}
	}
	n, err := store.Count(ctx, w.db, `select count(distinct n) from assembly_event where meeting = $1 and kind = 'objection'`, m.ID)
	w.must(err)
	if n != int64(len(errs)) {
		t.Errorf("%d of %d have a number of their own", n, len(errs))
	}
}
