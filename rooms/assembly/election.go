package assembly

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"cuobian/basis/day"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/jobs"
	"cuobian/platform/store"
	"cuobian/rooms/assembly/seat"
	"cuobian/rooms/assembly/tally"
)

// electsMembers reports whether the meeting elects members of the committee.
func (m Meeting) electsMembers() bool {
	return m.Purpose == "first" || m.Purpose == "election" || m.Purpose == "by_election"
}

// Election is an election with its zones, candidates and, once it is posted, its result.
type Election struct {
	Meeting     string          `json:"meeting"`
	Seats       int             `json:"seats"`
	Weight      string          `json:"weight" enum:"heads,area"`
	Zones       []Zone          `json:"zones"`
	Candidates  []Candidate     `json:"candidates"`
	Standing    []ZoneStanding  `json:"standing" doc:"whether each zone has candidates enough (R29)"`
	Extended    day.Day         `json:"extended,omitempty" doc:"nomination was extended on that day"`
	Cosigners   int             `json:"cosigners" doc:"needed by who puts himself forward"`
	Provisional day.Day         `json:"provisional_on,omitempty" doc:"planned, or the day on which the list was posted"`
	Final       day.Day         `json:"final_list_on,omitempty"`
	Posted      bool            `json:"provisional_posted"`
	Listed      bool            `json:"final_posted"`
	Until       day.Day         `json:"objections_until,omitempty" doc:"last day on which the provisional list hangs for objections"`
	Source      string          `json:"run_off_of,omitempty" doc:"the meeting whose tie this one settles"`
	RunOffs     []string        `json:"run_offs,omitempty" doc:"meetings drafted to settle ties"`
	Result      *ElectionResult `json:"result,omitempty"`
}

// ElectionResult is who is elected, as it was posted with the stage of the result.
type ElectionResult struct {
	Stage string `json:"stage" enum:"preliminary,final"`
	seat.Result
	Names map[string]string `json:"names" doc:"candidate id to name"`
}

// electionRow reads what the convener set; ErrNoElection where nothing is.
func (h *Hall) electionRow(ctx context.Context, q store.Queryer, meeting string) (e Election, result string, err error) {
	var extended string
	var listed int64
	e.Meeting = meeting
	err = q.QueryRow(ctx, `select seats, weight, source, extended, listed, result from assembly_election where meeting = $1`, meeting).Scan(&e.Seats, &e.Weight, &e.Source, &extended, &listed, &result)
	if errors.Is(err, sql.ErrNoRows) {
		return e, "", ErrNoElection
	}
	if extended != "" {
		e.Extended, _ = day.Parse(extended)
	}
	e.Listed = listed > 0
	return e, result, err
}

// election reads an election whole, co-signers' names apart.
func (h *Hall) election(ctx context.Context, q store.Queryer, m Meeting) (e Election, err error) {
	e, result, err := h.electionRow(ctx, q, m.ID)
	if err != nil {
		return e, err
	}
	if e.Zones, err = h.zones(ctx, q, m.ID); err != nil {
		return e, err
	}
	names, err := h.on.Map.Names(ctx, q, buildingsOf(e.Zones)...)
	if err != nil {
		return e, err
	}
	for i, z := range e.Zones {
		for _, b := range z.Buildings {
			e.Zones[i].Labels = append(e.Zones[i].Labels, names[b])
		}
	}
	if e.Candidates, err = h.candidates(ctx, q, `c.meeting = $1`, m.ID); err != nil {
		return e, err
	}
	p, _, err := h.rulesOf(ctx, q, m)
	if err != nil {
		return e, err
	}
	e.Cosigners = p.Cosigners
	for i := range e.Candidates {
		if e.Candidates[i].By == "self" {
			e.Candidates[i].Need = p.Cosigners
		}
	}
	e.Standing = standings(e.Zones, e.Candidates, e.Extended.Sound())
	if e.Standing == nil {
		e.Standing = []ZoneStanding{}
	}
	if e.Posted, _, err = h.lists(ctx, q, m.ID); err != nil {
		return e, err
	}
	if e.Until, err = h.hangsUntil(ctx, q, m, e.Source); err != nil {
		return e, err
	}
	e.Provisional, e.Final = m.ProvisionalOn, m.ListOn
	if e.RunOffs, err = store.Texts(ctx, q, `select meeting from assembly_election where source = $1 order by meeting`, m.ID); err != nil {
		return e, err
	}
	if result != "" {
		e.Result = &ElectionResult{}
		if err := json.Unmarshal([]byte(result), e.Result); err != nil {
			return e, err
		}
		e.Result.Names = map[string]string{}
		for _, c := range e.Candidates {
			e.Result.Names[c.ID] = c.Name
		}
	}
	return e, nil
}

// Election shows an election. Owners see candidates once the provisional list is out, their own candidacy before, and
// those for whom they may co-sign; the convener sees all, co-signers by name too.
func (h *Hall) Election(ctx context.Context, who access.Who, id string) (e Election, err error) {
	err = h.db.View(ctx, func(q store.Queryer) error {
		m, err := h.meeting(ctx, q, id)
		if err != nil {
			return err
		}
		if err := h.sees(ctx, q, who, m); err != nil {
			return err
		}
		if e, err = h.election(ctx, q, m); err != nil {
			return err
		}
		if err := h.objectedTo(ctx, q, m, e.Candidates, who.Person, who.May(Look, m.Path) == nil); err != nil {
			return err
		}
		if h.convenes(who, m) == nil {
			for i := range e.Candidates {
				c := &e.Candidates[i]
				if c.Company, err = h.isCompany(ctx, q, c.Person, h.db.Now().Day(day.Shanghai)); err != nil {
					return err
				}
				if c.Signed, err = store.All(ctx, q, func(r *sql.Rows) (s Cosigner, err error) {
					err = r.Scan(&s.Person, &s.Paper, &s.At)
					return s, err
				}, `select person, paper, at from assembly_cosigner where candidate = $1 order by at, person`, c.ID); err != nil {
					return err
				}
			}
			return nil
		}
		if who.May(Look, m.Path) != nil {
			e.Candidates = slices.DeleteFunc(e.Candidates, func(c Candidate) bool {
				return c.Person != who.Person && (c.State == "withdrawn" || c.State == "rejected")
			})
			for i := range e.Candidates {
				if c := &e.Candidates[i]; c.Person != who.Person {
					c.Person, c.Grounds = "", []string{}
					if c.State != "struck" { // why somebody was struck off the list is told to who read the list
						c.Words = ""
					}
				}
			}
		}
		return nil
	})
	return e, err
}

// PublicElection is what hangs on the board: zones, the posted list, the posted result.
func (h *Hall) PublicElection(ctx context.Context, id string) (e Election, err error) {
	err = h.db.View(ctx, func(q store.Queryer) error {
		m, err := h.meeting(ctx, q, id)
		if err != nil {
			return err
		}
		if !m.Shown() {
			return ErrMissing
		}
		if e, err = h.election(ctx, q, m); err != nil {
			return err
		}
		if !e.Posted {
			e.Candidates = []Candidate{}
		}
		if err := h.objectedTo(ctx, q, m, e.Candidates, "", false); err != nil {
			return err
		}
		e.Candidates = slices.DeleteFunc(e.Candidates, func(c Candidate) bool { return c.State != "passed" && c.State != "listed" && c.State != "struck" })
		for i := range e.Candidates {
			e.Candidates[i].Person, e.Candidates[i].Grounds, e.Candidates[i].Words = "", []string{}, ""
		}
		return nil
	})
	return e, err
}

// inTime refuses a list that is out too late for the day on which voting opens (R29).
func (h *Hall) inTime(ctx context.Context, q store.Queryer, m Meeting, on day.Day, days int) error {
	p, _, err := h.rulesOf(ctx, q, m)
	if err != nil {
		return err
	}
	l, err := h.lengths(ctx, q, p, m)
	if err != nil {
		return err
	}
	opens := m.Opens.Day(day.Shanghai)
	if from := l.Opening(on, days); opens < from {
		return ErrListLate.Fill("days", days, "from", from, "opens", opens)
	}
	return nil
}

// ProvisionalList posts the provisional list (T−15): everybody examined, every zone with candidates enough, or extended once.
func (h *Hall) ProvisionalList(ctx context.Context, who access.Who, id string) (e Election, err error) {
	_, err = h.step(ctx, who, id, 0, []State{Posted, Noticed}, func(tx *store.Tx, m *Meeting) error {
		zones, err := h.zones(ctx, tx, m.ID)
		if err != nil {
			return err
		}
		if err := h.stage(ctx, tx, *m, zones, false); err != nil {
			return err
		}
		all, err := h.enough(ctx, tx, *m, zones, false)
		if err != nil {
			return err
		}
		p, _, err := h.rulesOf(ctx, tx, *m)
		if err != nil {
			return err
		}
		if err := h.inTime(ctx, tx, *m, today(tx), p.ProvisionalDays); err != nil {
			return err
		}
		m.ProvisionalOn = today(tx)
		if err := h.event(ctx, tx, who, Convene, *m, "provisional_list", "", map[string]any{"candidates": len(all)}); err != nil {
			return err
		}
		e, err = h.election(ctx, tx, *m)
		return err
	})
	return e, err
}

// enough gives those who passed, or says what is missing. For the final list fewer are enough: nobody is put forward any
// more, and the provisional list had its number.
func (h *Hall) enough(ctx context.Context, q store.Queryer, m Meeting, zones []Zone, final bool) (passed []Candidate, err error) {
	all, err := h.candidates(ctx, q, `c.meeting = $1 and c.state <> 'withdrawn'`, m.ID)
	if err != nil {
		return nil, err
	}
	open := 0
	for _, c := range all {
		switch c.State {
		case "nominated":
			open++
		case "passed", "listed":
			passed = append(passed, c)
		}
	}
	if open > 0 {
		return nil, ErrUnexamined.Fill("n", open)
	}
	row, _, err := h.electionRow(ctx, q, m.ID)
	if err != nil {
		return nil, err
	}
	if row.Source != "" {
		return passed, nil // a run-off has the candidates of its tie, no more and no fewer
	}
	for _, s := range standings(zones, all, final || row.Extended.Sound()) {
		if s.State == string(seat.Extend) || s.State == string(seat.TooMany) {
			return nil, ErrFew.Fill("zone", s.Zone, "why", s.Zh, "why_en", s.En)
		}
	}
	return passed, nil
}

// FinalList posts the final list (T−7): each candidate becomes a matter of item 3, which the whole compound votes on.
func (h *Hall) FinalList(ctx context.Context, who access.Who, id string) (e Election, err error) {
	_, err = h.step(ctx, who, id, 0, []State{Noticed}, func(tx *store.Tx, m *Meeting) error {
		zones, err := h.zones(ctx, tx, m.ID)
		if err != nil {
			return err
		}
		if err := h.stage(ctx, tx, *m, zones, true); err != nil {
			return err
		}
		if out, err := h.listsOut(ctx, tx, m.ID); err != nil || !out {
			if err == nil {
				err = ErrListEarly
			}
			return err
		}
		if m.Opened(tx.Now) {
			return m.in(Posted)
		}
		row, _, err := h.electionRow(ctx, tx, m.ID)
		if err != nil {
			return err
		}
		until, err := h.hangsUntil(ctx, tx, *m, row.Source)
		if err != nil {
			return err
		}
		if until.Sound() && today(tx) <= until {
			return ErrListHangs.Fill("until", until)
		}
		if n, err := store.Count(ctx, tx, `select count(*) from assembly_challenge where meeting = $1 and state = 'open'`, m.ID); err != nil || n > 0 {
			if err == nil {
				err = ErrOpenObjects.Fill("n", n)
			}
			return err
		}
		all, err := h.enough(ctx, tx, *m, zones, true)
		if err != nil {
			return err
		}
		p, _, err := h.rulesOf(ctx, tx, *m)
		if err != nil {
			return err
		}
		if err := h.inTime(ctx, tx, *m, today(tx), p.FinalDays); err != nil {
			return err
		}
		m.ListOn = today(tx)
		slices.SortStableFunc(all, func(a, b Candidate) int {
			at := func(c Candidate) int {
				return slices.IndexFunc(zones, func(z Zone) bool { return z.Name == c.Zone })
			}
			return at(a) - at(b)
		})
		for _, c := range all {
			x, err := h.matter(ctx, tx, *m, Wording{Title: fmt.Sprintf("选举%s为业主委员会委员（%s）", c.Name, c.Zone), Text: candidateText(c), Item: 3})
			if err != nil {
				return err
			}
			x.Candidate = c.ID
			if x, err = h.putMatter(ctx, tx, *m, x); err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, `update assembly_candidate set state = 'listed', matter = $1 where id = $2`, x.No, c.ID); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(ctx, `update assembly_election set listed = $1 where meeting = $2`, int64(tx.Now), m.ID); err != nil {
			return err
		}
		if err := h.event(ctx, tx, who, Convene, *m, "final_list", "", map[string]any{"candidates": len(all)}); err != nil {
			return err
		}
		e, err = h.election(ctx, tx, *m)
		return err
	})
	return e, err
}

func candidateText(c Candidate) string {
	by := map[string]string{"party": "小区党支部提名", "community": "社区提名", "self": fmt.Sprintf("自荐，%d 名业主联名", c.Cosigners)}[c.By]
	text := "选区：" + c.Zone + "。提名：" + by + "。"
	if c.Party == "member" {
		text += "中共党员。"
	}
	if c.Statement != "" {
		text += "本人陈述：" + c.Statement
	}
	return text
}

// elected counts an election when a stage of its result is posted and keeps who is elected. A tie in the final result is
// put on as a job that drafts the run-off.
func (h *Hall) elected(ctx context.Context, tx *store.Tx, m Meeting, stage string) error {
	if !m.electsMembers() {
		return nil
	}
	row, _, err := h.electionRow(ctx, tx, m.ID)
	if errors.Is(err, ErrNoElection) {
		return nil
	}
	if err != nil {
		return err
	}
	zones, err := h.zones(ctx, tx, m.ID)
	if err != nil {
		return err
	}
	list, err := h.candidates(ctx, tx, `c.meeting = $1 and c.state = 'listed'`, m.ID)
	if err != nil {
		return err
	}
	results, err := h.results(ctx, tx, m)
	if err != nil {
		return err
	}
	matters, err := h.matters(ctx, tx, m.ID)
	if err != nil {
		return err
	}
	counted := map[string]tally.Result{}
	for i, x := range matters {
		if x.Candidate != "" {
			counted[x.Candidate] = results[i]
		}
	}
	var shares []seat.Share
	for _, z := range zones {
		shares = append(shares, seat.Share{Zone: z.Name, Weight: z.Weight, Seats: z.Seats, Quota: z.Quota})
	}
	var in []seat.Candidate
	for _, c := range list {
		r := counted[c.ID]
		in = append(in, seat.Candidate{ID: c.ID, Zone: c.Zone, Agree: r.Agree, Passed: r.Passed, Party: c.Party == "member"})
	}
	l, partial, err := h.limits(ctx, tx, m)
	if err != nil {
		return err
	}
	r := ElectionResult{Stage: stage, Result: seat.Elect(shares, in, l, partial)}
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `update assembly_election set result = $1 where meeting = $2`, string(text), m.ID); err != nil {
		return err
	}
	if err := h.event(ctx, tx, access.System, nil, m, "elected", "", map[string]any{"stage": stage, "elected": r.Elected, "seats": row.Seats, "run_off": r.Open}); err != nil {
		return err
	}
	if stage == stageFinal && r.Open > 0 && h.on.Jobs != nil {
		return h.on.Jobs.Put(ctx, tx, "assembly.run_off", map[string]string{"meeting": m.ID}, jobs.When{})
	}
	return nil
}

// electionResult is the posted result of an election for the result file; nil where the meeting elects nobody.
func (h *Hall) electionResult(ctx context.Context, q store.Queryer, m Meeting) (*ElectionResult, error) {
	if !m.electsMembers() {
		return nil, nil
	}
	e, err := h.election(ctx, q, m)
	if errors.Is(err, ErrNoElection) {
		return nil, nil
	}
	return e.Result, err
}

// Seated is somebody elected, or an alternate, for the room above.
type Seated struct {
	Person, Zone, Party string
	Heads, Area         int64
}

// Elections is what a final meeting elected, for the room above: persons and zones.
type Elections struct {
	Meeting, Purpose string
	Path             scope.Path
	On               day.Day
	Seats            int
	Elected          []Seated
	Alternates       []Seated
	Zones            []Zone
	Demo             bool
}

// Elected reads what a meeting whose result is final elected; ok is false where it elected nobody.
func (h *Hall) Elected(ctx context.Context, q store.Queryer, meeting string) (e Elections, ok bool, err error) {
	m, err := h.meeting(ctx, q, meeting)
	if err != nil || m.State != Final || !m.electsMembers() {
		return e, false, err
	}
	all, err := h.election(ctx, q, m)
	if errors.Is(err, ErrNoElection) || err == nil && all.Result == nil {
		return e, false, nil
	}
	if err != nil {
		return e, false, err
	}
	e = Elections{Meeting: m.ID, Purpose: m.Purpose, Path: m.Path, On: m.FinalOn, Seats: all.Seats, Zones: all.Zones, Demo: m.Demo}
	results, err := h.results(ctx, q, m)
	if err != nil {
		return e, false, err
	}
	matters, err := h.matters(ctx, q, m.ID)
	if err != nil {
		return e, false, err
	}
	agree := map[string]tally.Count{}
	for i, x := range matters {
		agree[x.Candidate] = results[i].Agree
	}
	by := map[string]Candidate{}
	for _, c := range all.Candidates {
		by[c.ID] = c
	}
	seated := func(ids []string) (out []Seated) {
		for _, id := range ids {
			c, n := by[id], agree[id]
			out = append(out, Seated{Person: c.Person, Zone: c.Zone, Party: c.Party, Heads: n.Heads, Area: int64(n.Area)})
		}
		return out
	}
	for _, z := range all.Result.Zones {
		e.Elected = append(e.Elected, seated(z.Elected)...)
		e.Alternates = append(e.Alternates, seated(z.Alternates)...)
	}
	// The line of alternates is by votes over all zones.
	slices.SortStableFunc(e.Alternates, func(a, b Seated) int {
		if a.Heads != b.Heads {
			return int(b.Heads - a.Heads)
		}
		switch {
		case a.Area > b.Area:
			return -1
		case a.Area < b.Area:
			return 1
		}
		return 0
	})
	return e, true, nil
}

// RunOff drafts the meeting that settles the ties of a final election: the same convener, the tied candidates and no
// others, examined already. A second time it finds it there.
func (h *Hall) RunOff(ctx context.Context, j jobs.Job) error {
	var in struct {
		Meeting string `json:"meeting"`
	}
	if err := j.Read(&in); err != nil {
		return err
	}
	had, err := store.Count(ctx, h.db, `select count(*) from assembly_election where source = $1`, in.Meeting)
	if err != nil {
		return err
	}
	if had == 0 {
		if err := h.runOff(ctx, in.Meeting); err != nil {
			return err
		}
	}
	return h.db.Write(ctx, func(tx *store.Tx) error { return j.Done(ctx, tx) })
}

func (h *Hall) runOff(ctx context.Context, id string) error {
	m, err := h.meeting(ctx, h.db, id)
	if err != nil {
		return err
	}
	e, err := h.election(ctx, h.db, m)
	if err != nil || e.Result == nil {
		return err
	}
	secret := m.Secret
	next, err := h.Draft(ctx, access.System, Drafting{Compound: m.Path.Last(), Title: "再次投票：" + clip(m.Title, 80), Purpose: "by_election", Convener: m.Convener, ConvenerOrg: m.ConvenerOrg, Secret: &secret, Counts: m.Counts,
		Channels: m.Channels, Sign: m.Sign, SignClause: m.SignClause, CountParking: &m.CountParking, SilenceClause: m.SilenceClause})
	if err != nil {
		return err
	}
	return h.db.Write(ctx, func(tx *store.Tx) error {
		set := Electing{Weight: e.Weight}
		tied := map[string]bool{}
		for _, z := range e.Result.Zones {
			if z.RunOff == nil {
				continue
			}
			set.Seats += z.RunOff.Seats
			i := slices.IndexFunc(e.Zones, func(x Zone) bool { return x.Name == z.Zone })
			zone := e.Zones[i]
			zone.Seats, zone.Quota = z.RunOff.Seats, ""
			set.Zones = append(set.Zones, zone)
			for _, c := range z.RunOff.Candidates {
				tied[c] = true
			}
		}
		if err := h.putElection(ctx, tx, next, set, m.ID); err != nil {
			return err
		}
		for _, c := range e.Candidates {
			if !tied[c.ID] {
				continue
			}
			if _, err := tx.Exec(ctx, `insert into assembly_candidate (id, meeting, zone, person, by_side, party, statement, state, grounds, words, at, by_person, examined, examiner, matter) values ($1, $2, $3, $4, $5, $6, $7, 'passed', '[]', '', $8, '', $8, $9, 0)`,
				tx.NewID(), next.ID, c.Zone, c.Person, c.By, c.Party, c.Statement, int64(tx.Now), c.examiner); err != nil {
				return err
			}
		}
		return h.event(ctx, tx, access.System, nil, next, "run_off", "", map[string]any{"of": m.ID, "seats": set.Seats, "candidates": len(tied)})
	})
}

func clip(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n])
	}
	return s
}

// electionWords are the events of an election in plain words.
var electionWords = map[string][2]string{
	"election": {"设定席位和选区", "Seats and zones were set"}, "nominated": {"提名一名候选人", "A candidate was put forward"}, "cosigned": {"一名业主联名", "An owner co-signed"},
	"examined": {"审查一名候选人", "A candidate was examined"}, "withdrawn": {"一名候选人退出", "A candidate withdrew"}, "nomination_extended": {"提名延长一次", "Nomination was extended"},
	"provisional_list": {"公布候选人初步名单", "The provisional list of candidates was posted"}, "final_list": {"公布候选人正式名单", "The final list of candidates was posted"},
	"challenged": {"业主对一名候选人提出异议（R29）", "An owner objected to a candidate (R29)"}, "challenge_answered": {"答复对候选人的异议", "An objection to a candidate was answered"},
	"proposed": {"业主推荐邻居当候选人", "An owner proposed a neighbour"}, "proposal_declined": {"被推荐人谢绝", "Who was proposed declined"},
	"elected": {"计算选举结果", "The election was counted"}, "run_off": {"起草再次投票", "A run-off was drafted"},
}
