package assembly

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/store"
	"cuobian/rooms/assembly/tally"
	"cuobian/rooms/people"
	"cuobian/rooms/place"
)

// ward is an invented compound of three buildings of 20, 20 and 12 homes, one owner each, with a meeting that elects five
// members. Of 100 m² each; five seats are 2, 2 and 1.
type ward struct {
	*town
	plot   place.Node
	b      []place.Node
	owners [][]string
	m      Meeting
	branch access.Who
}

var five = Electing{Seats: 5}

func elects(t *testing.T) *ward {
	t.Helper()
	w := &ward{town: open(t)}
	w.jobs.Handle("assembly.run_off", w.RunOff)
	w.must(w.db.Write(ctx, func(tx *store.Tx) (err error) {
		w.b, w.owners = nil, nil
		m := w.Hall.on.Map
		if w.plot, _, err = m.Ensure(ctx, tx, audit.System, w.community, place.Compound, "选区花园"); err != nil {
			return err
		}
		for i, n := range []int{20, 20, 12} {
			b, _, err := m.Ensure(ctx, tx, audit.System, w.plot, place.Building, fmt.Sprint(i+1))
			if err != nil {
				return err
			}
			w.b = append(w.b, b)
			var in []string
			for j := range n {
				h, _, err := m.Ensure(ctx, tx, audit.System, b, place.Home, fmt.Sprint(101+j))
				if err != nil {
					return err
				}
				if err := m.SetHome(ctx, tx, audit.System, h, place.HomeFacts{Use: "dwelling", Area: 100_00, AreaSource: "registered", State: "delivered"}, ""); err != nil {
					return err
				}
				p, err := w.register.Put(ctx, tx, audit.System, w.plot.Path, people.NewPerson{Name: fmt.Sprintf("%d幢业主%d", i+1, j+1)})
				if err != nil {
					return err
				}
				if err := w.register.SetOwners(ctx, tx, audit.System, h, []people.Owner{{Person: p.ID}}, day.MustParse("2020-01-01")); err != nil {
					return err
				}
				in = append(in, p.ID)
			}
			w.owners = append(w.owners, in)
		}
		return nil
	}))
	w.branch = access.Who{Account: "a-branch", Person: "branch", Grants: []access.Grant{{Post: access.BranchSecretary, Path: w.plot.Path}}}
	open := false
	m, err := w.Draft(ctx, w.office, Drafting{Compound: w.plot.ID, Title: "选举首届业委会", Purpose: "first", Convener: "street", Secret: &open})
	w.must(err)
	w.m = m
	return w
}

// by is an owner: building and number from 0.
func (w *ward) by(b, n int) access.Who {
	p := w.owners[b][n]
	return access.Who{Account: "a-" + p, Person: p, Grants: []access.Grant{{Post: access.Resident, Path: w.plot.Path}}}
}

func (w *ward) three() Electing {
	e := five
	e.Zones = []Zone{{Name: "东区", Buildings: paths(w.b[0].Path)}, {Name: "西区", Buildings: paths(w.b[1].Path)}, {Name: "南区", Buildings: paths(w.b[2].Path)}}
	return e
}

// put has the branch nominate an owner for a zone.
func (w *ward) put(zone string, b, n int, party string) Candidate {
	w.t.Helper()
	c, err := w.Nominate(ctx, w.branch, w.m.ID, Nomination{Zone: zone, Person: w.owners[b][n], By: "party", Party: party})
	w.must(err)
	return c
}

// posted takes the meeting to its provisional list on 2 March: 3, 3 and 2 candidates, all passed; and to the day after it
// has hung.
func (w *ward) posted() (all []Candidate) {
	w.t.Helper()
	_, err := w.SetElection(ctx, w.office, w.m.ID, w.three())
	w.must(err)
	_, err = w.PostRoll(ctx, w.office, w.m.ID, 0)
	w.must(err)
	for i, zone := range []string{"东区", "西区", "南区"} {
		for n := range []int{3, 3, 2}[i] {
			party := ""
			if n == 0 {
				party = "member"
			}
			c := w.put(zone, i, n, party)
			_, err := w.Examine(ctx, w.office, w.m.ID, c.ID, true, nil, "")
			w.must(err)
			all = append(all, c)
		}
	}
	_, err = w.GiveNotice(ctx, w.office, w.m.ID, 0, nil)
	w.must(err)
	_, err = w.ProvisionalList(ctx, w.office, w.m.ID)
	w.must(err)
	w.day("2026-03-10")
	return all
}

// casts puts a ballot with a choice for each candidate's matter: agree for those named, against the others.
func (w *ward) casts(m Meeting, right int64, agree ...int64) {
	w.t.Helper()
	list, err := w.matters(ctx, w.db, m.ID)
	w.must(err)
	c := cast{right: right, choices: map[int]tally.Choice{}, salt: make([]byte, saltLen), channel: "phone"}
	for _, x := range list {
		c.choices[int(x.No)] = tally.Against
		if slices.Contains(agree, x.No) {
			c.choices[int(x.No)] = tally.Agree
		}
	}
	copy(c.salt, fmt.Sprintf("%d %s", right, m.ID))
	w.must(w.db.Write(ctx, func(tx *store.Tx) error {
		m, err := w.meeting(ctx, tx, m.ID)
		if err != nil {
			return err
		}
		_, err = w.Hall.put(ctx, tx, access.System, m, c)
		return err
	}))
}

// R19, R29: seats by largest remainder, refusals with their numbers.
func TestZonesShareSeats(t *testing.T) {
	w := elects(t)
	e, err := w.SetElection(ctx, w.office, w.m.ID, w.three())
	w.must(err)
	got := []int{}
	for _, z := range e.Zones {
		got = append(got, z.Seats)
	}
	if !slices.Equal(got, []int{2, 2, 1}) || e.Zones[0].Weight != 20 || e.Zones[0].Quota != "5×20/52" || e.Zones[2].Labels[0] != "3" {
		t.Fatalf("%+v", e.Zones)
	}
	in := w.three()
	in.Weight = "area"
	if e, err = w.SetElection(ctx, w.office, w.m.ID, in); err != nil || e.Zones[2].Weight != 1200_00 {
		t.Fatalf("%+v %v", e.Zones, err)
	}
	in.Seats = 6
	_, err = w.SetElection(ctx, w.office, w.m.ID, in)
	if fault.Of(err).Code != "seat.size" {
		t.Error(err)
	}
	in.Seats, in.Weight = 5, "rooms"
	_, err = w.SetElection(ctx, w.office, w.m.ID, in)
	w.want(err, ErrWeight)
	in = w.three()
	in.Zones[1].Buildings = paths(w.b[0].Path)
	_, err = w.SetElection(ctx, w.office, w.m.ID, in)
	w.want(err, ErrZoneTwice)
	in = w.three()
	in.Zones = in.Zones[:2]
	_, err = w.SetElection(ctx, w.office, w.m.ID, in)
	w.want(err, ErrZoneMissing)
	if !strings.Contains(fault.Of(err).Zh, "3") {
		t.Error(fault.Of(err).Zh)
	}
	in = w.three()
	in.Zones[0].Buildings = paths(w.here.Path)
	_, err = w.SetElection(ctx, w.office, w.m.ID, in)
	w.want(err, ErrZonePlace)
	// One zone of 40 and one of 12: more than three seats would fall to the first, and a seat stands for too many.
	in = Electing{Seats: 5, Zones: []Zone{{Name: "大区", Buildings: paths(w.b[0].Path, w.b[1].Path)}, {Name: "小区", Buildings: paths(w.b[2].Path)}}}
	_, err = w.SetElection(ctx, w.office, w.m.ID, in)
	if fault.Of(err).Code != "seat.ratio" || !strings.Contains(fault.Of(err).En, "40/3") {
		t.Error(err)
	}
	open := false
	plain, err := w.Draft(ctx, w.office, Drafting{Compound: w.plot.ID, Title: "停车", Convener: "street", Secret: &open})
	w.must(err)
	_, err = w.SetElection(ctx, w.office, plain.ID, w.three())
	w.want(err, ErrElectsNot)
	_, err = w.Election(ctx, w.office, plain.ID)
	w.want(err, ErrNoElection)
}

// R29, R274: who puts forward, who co-signs, who examines, and why not.
func TestNominationAndExamination(t *testing.T) {
	w := elects(t)
	_, err := w.Nominate(ctx, w.branch, w.m.ID, Nomination{Zone: "东区", Person: w.owners[0][0], By: "party"})
	w.want(err, ErrNoElection) // zones first
	_, err = w.Nominate(ctx, w.by(0, 0), w.m.ID, Nomination{Zone: "东区", By: "self"})
	w.want(err, ErrMissing) // owners do not see a draft
	_, err = w.SetElection(ctx, w.office, w.m.ID, w.three())
	w.must(err)
	_, err = w.PostRoll(ctx, w.office, w.m.ID, 0)
	w.must(err)
	_, err = w.Nominate(ctx, w.branch, w.m.ID, Nomination{Zone: "北区", Person: w.owners[0][0], By: "party"})
	w.want(err, ErrZone)
	_, err = w.Nominate(ctx, w.branch, w.m.ID, Nomination{Zone: "东区", Person: w.person["甲"], By: "party"})
	w.want(err, ErrNotOwner) // of another compound
	_, err = w.Nominate(ctx, w.branch, w.m.ID, Nomination{Zone: "东区", Person: w.owners[0][0], By: "community"})
	w.want(err, ErrSide)
	_, err = w.Nominate(ctx, w.by(0, 1), w.m.ID, Nomination{Zone: "东区", Person: w.owners[0][0], By: "self"})
	w.want(err, ErrSide) // nobody puts another forward as himself
	_, err = w.Nominate(ctx, w.by(0, 5), w.m.ID, Nomination{Zone: "东区", By: "self", Cosigners: []string{w.owners[0][1]}})
	w.want(err, ErrSide) // signatures on paper are entered by the convener
	c := w.put("东区", 0, 0, "member")
	_, err = w.Nominate(ctx, w.officer, w.m.ID, Nomination{Zone: "西区", Person: w.owners[0][0], By: "community"})
	w.want(err, ErrCandidateTwice)
	_, err = w.Nominate(ctx, w.officer, w.m.ID, Nomination{Zone: "西区", Person: w.owners[1][0], By: "community"})
	w.must(err)

	self, err := w.Nominate(ctx, w.by(0, 5), w.m.ID, Nomination{Zone: "东区", By: "self", Statement: "愿为大家服务"})
	w.must(err)
	_, err = w.Cosign(ctx, w.by(0, 5), w.m.ID, self.ID)
	w.want(err, ErrCosign) // not for oneself
	_, err = w.Cosign(ctx, w.by(1, 5), w.m.ID, self.ID)
	w.want(err, ErrCosign) // not of the zone
	for n := 6; n < 15; n++ {
		_, err = w.Cosign(ctx, w.by(0, n), w.m.ID, self.ID)
		w.must(err)
	}
	_, err = w.Cosign(ctx, w.by(0, 6), w.m.ID, self.ID)
	w.want(err, ErrCosigned)
	_, err = w.Examine(ctx, w.office, w.m.ID, self.ID, true, nil, "")
	w.want(err, ErrCosigners) // nine
	var wg sync.WaitGroup     // the tenth comes from two phones at once
	errs := make([]error, 3)
	for i := range errs {
		wg.Go(func() { _, errs[i] = w.Cosign(ctx, w.by(0, 15), w.m.ID, self.ID) })
	}
	wg.Wait()
	if self, err = w.candidate(ctx, w.db, w.m.ID, self.ID); err != nil || self.Cosigners != 10 {
		t.Fatalf("%d %v %v", self.Cosigners, err, errs)
	}
	_, err = w.Examine(ctx, w.office, w.m.ID, self.ID, true, nil, "")
	w.must(err)
	paper, err := w.Nominate(ctx, w.office, w.m.ID, Nomination{Zone: "南区", Person: w.owners[2][0], By: "self", Cosigners: w.owners[2][1:11]})
	w.must(err)
	if paper.Cosigners != 10 {
		t.Fatal(paper.Cosigners)
	}
	_, err = w.Nominate(ctx, w.office, w.m.ID, Nomination{Zone: "南区", Person: w.owners[2][1], By: "self", Cosigners: []string{w.owners[0][1]}})
	w.want(err, ErrCosign)

	// Refused with grounds and reasons; nobody examines himself; company staff cannot pass.
	_, err = w.Examine(ctx, w.office, w.m.ID, c.ID, false, nil, "不行")
	w.want(err, ErrGrounds)
	_, err = w.Examine(ctx, w.office, w.m.ID, c.ID, false, []string{"arrears"}, " ")
	w.want(err, ErrGrounds)
	_, err = w.Examine(ctx, w.office, w.m.ID, c.ID, false, []string{"ugly"}, "不行")
	w.want(err, ErrGrounds)
	x, err := w.Examine(ctx, w.office, w.m.ID, c.ID, false, []string{"arrears"}, "拖欠物业费两年，经催告不缴。")
	w.must(err)
	if x.State != "rejected" {
		t.Fatal(x.State)
	}
	staff := w.put("西区", 1, 1, "")
	w.must(w.db.Write(ctx, func(tx *store.Tx) error {
		_, err := w.register.PutTerm(ctx, tx, audit.System, people.Term{Person: w.owners[1][1], Post: access.PropertyStaff, Path: w.there.Path, From: day.MustParse("2025-01-01")})
		return err
	}))
	_, err = w.Examine(ctx, w.office, w.m.ID, staff.ID, true, nil, "")
	w.want(err, ErrCandidateCompany)
	e, err := w.Election(ctx, w.office, w.m.ID)
	w.must(err)
	if i := slices.IndexFunc(e.Candidates, func(c Candidate) bool { return c.ID == staff.ID }); !e.Candidates[i].Company {
		t.Error("the convener is not told")
	}
	mine := w.by(0, 4)
	mine.Grants = append(mine.Grants, access.Grant{Post: access.CommunityOfficer, Path: w.community.Path})
	own, err := w.Nominate(ctx, mine, w.m.ID, Nomination{Zone: "东区", By: "community"})
	w.must(err)
	_, err = w.Examine(ctx, mine, w.m.ID, own.ID, true, nil, "")
	w.want(err, ErrOwnExam)
	_, err = w.Withdraw(ctx, w.by(0, 9), w.m.ID, self.ID, "别人的")
	if !fault.IsKind(err, fault.Refused) {
		t.Error(err)
	}
	_, err = w.Withdraw(ctx, w.by(0, 5), w.m.ID, self.ID, "")
	w.want(err, ErrReason)
	_, err = w.Withdraw(ctx, w.by(0, 5), w.m.ID, self.ID, "时间不够")
	w.must(err)
	_, err = w.Withdraw(ctx, w.by(0, 5), w.m.ID, self.ID, "again")
	w.want(err, ErrCandState)
	// An owner reads neither who was refused and why, nor who co-signed.
	e, err = w.Election(ctx, w.by(0, 9), w.m.ID)
	w.must(err)
	for _, c := range e.Candidates {
		if c.State == "rejected" || c.State == "withdrawn" || len(c.Signed) > 0 || c.Words != "" {
			t.Errorf("%+v", c)
		}
	}
	for what, do := range map[string]func(access.Who) error{
		"set": func(x access.Who) error { _, err := w.SetElection(ctx, x, w.m.ID, w.three()); return err },
		"nominate": func(x access.Who) error {
			_, err := w.Nominate(ctx, x, w.m.ID, Nomination{Zone: "东区", Person: w.owners[0][2], By: "party"})
			return err
		},
		"cosign":    func(x access.Who) error { _, err := w.Cosign(ctx, x, w.m.ID, c.ID); return err },
		"examine":   func(x access.Who) error { _, err := w.Examine(ctx, x, w.m.ID, c.ID, true, nil, ""); return err },
		"withdraw":  func(x access.Who) error { _, err := w.Withdraw(ctx, x, w.m.ID, c.ID, "x"); return err },
		"extend":    func(x access.Who) error { _, err := w.ExtendNomination(ctx, x, w.m.ID, "x"); return err },
		"provision": func(x access.Who) error { _, err := w.ProvisionalList(ctx, x, w.m.ID); return err },
		"list":      func(x access.Who) error { _, err := w.FinalList(ctx, x, w.m.ID); return err },
		"look":      func(x access.Who) error { _, err := w.Election(ctx, x, w.m.ID); return err },
	} {
		w.refused(what, do)
	}
}

// R29: too few candidates, one extension, the dates of both lists, a matter for each.
func TestLists(t *testing.T) {
	w := elects(t)
	_, err := w.SetElection(ctx, w.office, w.m.ID, w.three())
	w.must(err)
	_, err = w.ProvisionalList(ctx, w.office, w.m.ID)
	w.want(err, ErrState) // the roll is not posted
	_, err = w.PostRoll(ctx, w.office, w.m.ID, 0)
	w.must(err)
	c := w.put("东区", 0, 0, "")
	_, err = w.ProvisionalList(ctx, w.office, w.m.ID)
	w.want(err, ErrUnexamined)
	_, err = w.Examine(ctx, w.office, w.m.ID, c.ID, true, nil, "")
	w.must(err)
	_, err = w.ProvisionalList(ctx, w.office, w.m.ID)
	w.want(err, ErrFew)
	_, err = w.ExtendNomination(ctx, w.office, w.m.ID, "")
	w.want(err, ErrReason)
	e, err := w.ExtendNomination(ctx, w.office, w.m.ID, "东区候选人不足")
	w.must(err)
	if e.Standing[0].State != "few" || !e.Extended.Sound() {
		t.Fatalf("%+v", e.Standing)
	}
	_, err = w.ExtendNomination(ctx, w.office, w.m.ID, "again")
	w.want(err, ErrNoMore)
	for n := 1; n < 6; n++ { // five for two seats are too many
		x := w.put("东区", 0, n, "")
		_, err = w.Examine(ctx, w.office, w.m.ID, x.ID, true, nil, "")
		w.must(err)
	}
	_, err = w.ProvisionalList(ctx, w.office, w.m.ID)
	w.want(err, ErrFew)
	all, err := w.candidates(ctx, w.db, `c.meeting = $1`, w.m.ID)
	w.must(err)
	for _, x := range all[3:] {
		_, err = w.Withdraw(ctx, w.office, w.m.ID, x.ID, "协商退出")
		w.must(err)
	}
	_, err = w.GiveNotice(ctx, w.office, w.m.ID, 0, nil)
	w.must(err)
	_, err = w.FinalList(ctx, w.office, w.m.ID)
	w.want(err, ErrListEarly)
	w.day("2026-03-03") // voting opens on 18 March: 2 March was the last day
	_, err = w.ProvisionalList(ctx, w.office, w.m.ID)
	w.want(err, ErrListLate)
	w.day("2026-03-02")
	if e, err = w.ProvisionalList(ctx, w.office, w.m.ID); err != nil || !e.Posted || e.Listed {
		t.Fatalf("%+v %v", e, err)
	}
	_, err = w.ProvisionalList(ctx, w.office, w.m.ID)
	w.want(err, ErrListed)
	_, err = w.Nominate(ctx, w.branch, w.m.ID, Nomination{Zone: "南区", Person: w.owners[2][3], By: "party"})
	w.want(err, ErrListed)
	_, err = w.SetElection(ctx, w.office, w.m.ID, w.three())
	w.want(err, ErrListed)
	w.day("2026-03-09")
	_, err = w.FinalList(ctx, w.office, w.m.ID)
	w.want(err, ErrListHangs) // seven days, from T-15 to the eve of T-7
	w.day("2026-03-11")       // 10 March was the last day
	_, err = w.FinalList(ctx, w.office, w.m.ID)
	w.want(err, ErrListLate)
	w.day("2026-03-10")
	_, err = w.PrintSheets(ctx, w.office, w.m.ID, nil)
	w.want(err, ErrSheetList)
	e, err = w.FinalList(ctx, w.office, w.m.ID)
	w.must(err)
	list, err := w.matters(ctx, w.db, w.m.ID)
	w.must(err)
	if len(list) != 3 || list[0].Item != 3 || list[0].Rule != string(tally.Ordinary) || list[0].Candidate != all[0].ID || !e.Listed || e.Candidates[0].Matter != 1 {
		t.Fatalf("%+v", list)
	}
	_, err = w.FinalList(ctx, w.office, w.m.ID)
	w.want(err, ErrListed)
	_, err = w.Withdraw(ctx, w.by(0, 0), w.m.ID, all[0].ID, "太晚")
	w.want(err, ErrListed)
	w.want(w.DropMatter(ctx, w.office, w.m.ID, 1, 0), ErrState)
	pub, err := w.PublicElection(ctx, w.m.Number)
	w.must(err)
	if len(pub.Candidates) != 3 || pub.Candidates[0].Person != "" || pub.Candidates[0].Name == "" {
		t.Fatalf("%+v", pub.Candidates)
	}
}

// The compound's vote decides: elected by zone, alternates, a tie with its run-off, an empty place.
func TestElectionByConstituency(t *testing.T) {
	w := elects(t)
	all := w.posted()
	_, err := w.FinalList(ctx, w.office, w.m.ID)
	w.must(err)
	w.day("2026-03-18")
	m := w.read1(w.m.ID)
	if m.State != Voting {
		t.Fatal(m.State)
	}
	rights, err := store.All(ctx, w.db, scanNo, `select no from assembly_right where meeting = $1 and ended = 0 order by no`, m.ID)
	w.must(err)
	// 40 of 52 vote. 东区: 1 gets 40, 2 and 3 tie at 30 for the second seat. 西区: 4 gets 39, 5 gets 30, 6 gets 25 (an
	// alternate). 南区: nobody passes.
	for i, no := range rights[:40] {
		agree := []int64{1}
		if i < 30 {
			agree = append(agree, 2, 5)
		}
		if i >= 10 {
			agree = append(agree, 3)
		}
		if i > 0 {
			agree = append(agree, 4)
		}
		if i < 25 {
			agree = append(agree, 6)
		}
		if i < 20 { // exactly half is not more than half
			agree = append(agree, 7, 8)
		}
		w.casts(m, no, agree...)
	}
	w.day("2026-03-25")
	f, err := w.Post(ctx, w.office, m.ID)
	w.must(err)
	r := f.Election
	if r == nil || r.Stage != "preliminary" || r.Elected != 3 || r.Open != 1 || r.Stands {
		t.Fatalf("%+v", r)
	}
	east, west, south := r.Zones[0], r.Zones[1], r.Zones[2]
	if !slices.Equal(east.Elected, []string{all[0].ID}) || east.RunOff == nil || east.RunOff.Seats != 1 || len(east.RunOff.Candidates) != 2 {
		t.Fatalf("%+v", east)
	}
	if !slices.Equal(west.Elected, []string{all[3].ID, all[4].ID}) || !slices.Equal(west.Alternates, []string{all[5].ID}) {
		t.Fatalf("%+v", west)
	}
	if len(south.Elected) != 0 || south.Unfilled != 1 || len(south.NotPassed) != 2 {
		t.Fatalf("%+v", south)
	}
	if r.Party != 2 || !r.Red || r.Names[all[0].ID] != "1幢业主1" {
		t.Fatalf("%+v", r)
	}
	if _, ok, err := w.Elected(ctx, w.db, m.ID); ok || err != nil {
		t.Fatal("elected before the result is final", err)
	}
	w.at("2026-04-02T09:00:00+08:00")
	f, err = w.Finish(ctx, w.office, m.ID)
	w.must(err)
	if f.Election.Stage != "final" {
		t.Fatal(f.Election.Stage)
	}
	e, ok, err := w.Elected(ctx, w.db, m.ID)
	w.must(err)
	if !ok || e.Seats != 5 || len(e.Elected) != 3 || len(e.Alternates) != 1 || e.Elected[0].Person != w.owners[0][0] || e.Elected[0].Heads != 40 || e.Elected[0].Area != 4000_00 || e.Elected[0].Party != "member" || e.On != day.MustParse("2026-04-02") {
		t.Fatalf("%+v", e)
	}
	w.run()
	w.run() // a run-off is drafted once
	shown, err := w.Election(ctx, w.office, m.ID)
	w.must(err)
	if len(shown.RunOffs) != 1 {
		t.Fatalf("%+v", shown.RunOffs)
	}
	again, err := w.Election(ctx, w.office, shown.RunOffs[0])
	w.must(err)
	if again.Seats != 1 || again.Source != m.ID || len(again.Candidates) != 2 || again.Candidates[0].State != "passed" || len(again.Zones) != 1 {
		t.Fatalf("%+v", again)
	}
	next := w.read1(shown.RunOffs[0])
	_, err = w.SetElection(ctx, w.office, next.ID, w.three())
	w.want(err, ErrRunOff)
	_, err = w.Nominate(ctx, w.office, next.ID, Nomination{Zone: "东区", Person: w.by(0, 3).Person, By: "community"})
	w.want(err, ErrRunOff)
	if next.State != Draft || next.Purpose != "by_election" || next.Opens.Day(day.Shanghai) < day.MustParse("2026-04-18") {
		t.Fatalf("%+v", next)
	}
	// It goes its way as any other: two for one seat.
	_, err = w.PostRoll(ctx, w.office, next.ID, 0)
	w.must(err)
	_, err = w.GiveNotice(ctx, w.office, next.ID, 0, nil)
	w.must(err)
	_, err = w.ProvisionalList(ctx, w.office, next.ID)
	w.must(err)
	_, err = w.FinalList(ctx, w.office, next.ID)
	w.must(err)
	next = w.read1(next.ID)
	w.clock.Set(next.Opens + 1)
	w.run()
	for i, no := range rights[:40] {
		w.casts(next, no, int64(1+i/30))
	}
	w.clock.Set(next.Closes + 1)
	w.run()
	f, err = w.Post(ctx, w.office, next.ID)
	w.must(err)
	if f.Election.Elected != 1 || f.Election.Open != 0 || f.Election.Zones[0].RunOff != nil {
		t.Fatalf("%+v", f.Election)
	}
	// The board and the timeline show a run-off as any other meeting.
	if pub, err := w.PublicOne(ctx, next.ID, 0, 10); err != nil || len(pub.Moments) == 0 || pub.Result == nil {
		t.Errorf("%+v %v", pub.Moments, err)
	}
	told, err := w.Timeline(ctx, w.office, next.ID)
	w.must(err)
	if !slices.ContainsFunc(told, func(x Moment) bool { return x.Kind == "run_off" && x.Zh != "" }) {
		t.Errorf("%+v", told)
	}
}

// A by-election says how many places each zone fills, and needs no odd number.
func TestByElectionZones(t *testing.T) {
	w := elects(t)
	open := false
	m, err := w.Draft(ctx, w.office, Drafting{Compound: w.plot.ID, Title: "补选", Purpose: "by_election", Convener: "street", Secret: &open})
	w.must(err)
	in := Electing{Seats: 2, Zones: []Zone{{Name: "东区", Buildings: paths(w.b[0].Path), Seats: 1}}}
	_, err = w.SetElection(ctx, w.office, m.ID, in)
	w.want(err, ErrZoneSeats)
	in.Zones[0].Seats = 0
	_, err = w.SetElection(ctx, w.office, m.ID, in)
	w.want(err, ErrZoneSeats)
	in.Zones[0].Seats = 2
	e, err := w.SetElection(ctx, w.office, m.ID, in)
	w.must(err)
	if e.Seats != 2 || e.Zones[0].Seats != 2 || e.Zones[0].Weight != 20 {
		t.Fatalf("%+v", e)
	}
	if e.Zones[0].Buildings[0] != scope.Path(w.b[0].Path) {
		t.Error(e.Zones[0].Buildings)
	}
}

func scanNo(r *sql.Rows) (no int64, err error) {
	err = r.Scan(&no)
	return no, err
}

// A secret election, which is the default: who is elected is posted by name and in order, no candidate's votes are.
func TestSecretElection(t *testing.T) {
	w := elects(t)
	yes := true
	_, err := w.Change(ctx, w.office, w.m.ID, Change{Secret: &yes})
	w.must(err)
	all := w.posted()
	_, err = w.FinalList(ctx, w.office, w.m.ID)
	w.must(err)
	for i, name := range []string{"监一", "监二"} {
		var id string
		w.must(w.db.Write(ctx, func(tx *store.Tx) error {
			p, err := w.register.Put(ctx, tx, audit.System, w.street.Path, people.NewPerson{Name: name, Phones: []string{fmt.Sprintf("1370000000%d", i)}})
			id = p.ID
			return err
		}))
		_, err := w.Join(ctx, w.office, w.m.ID, Joining{Person: id, Role: Scrutineer})
		w.must(err)
		_, err = w.Swear(ctx, access.Who{Account: "a-" + id, Person: id}, w.m.ID)
		w.must(err)
	}
	w.day("2026-03-18")
	m := w.read1(w.m.ID)
	rights, err := store.All(ctx, w.db, scanNo, `select no from assembly_right where meeting = $1 and ended = 0 order by no`, m.ID)
	w.must(err)
	for i, no := range rights[:45] {
		agree := []int64{1, 4, 7}
		if i < 37 {
			agree = append(agree, 2, 5)
		}
		w.casts(m, no, agree...)
	}
	w.day("2026-03-25")
	f, err := w.Post(ctx, w.office, m.ID)
	w.must(err)
	if f.Election == nil || f.Election.Elected != 5 || !f.Election.Stands || !slices.Equal(f.Election.Zones[0].Elected, []string{all[0].ID, all[1].ID}) {
		t.Fatalf("%+v", f.Election)
	}
	text, err := json.Marshal(f)
	w.must(err)
	e, err := w.PublicElection(ctx, m.ID)
	w.must(err)
	board, err := json.Marshal(e)
	w.must(err)
	for what, s := range map[string]string{"the result": string(text), "the board": string(board)} {
		for _, exact := range []string{`"heads":37`, `"area":370000`, `:37,`, "3700.00"} {
			if strings.Contains(s, exact) {
				t.Errorf("%s tells %s of a secret vote", what, exact)
			}
		}
	}
}
