package assembly

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"reflect"
	"slices"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/jobs"
	"cuobian/platform/store"
	"cuobian/rooms/assembly/ballot"
	"cuobian/rooms/assembly/bundle"
	"cuobian/rooms/assembly/tally"
	"cuobian/rooms/duty"
)

// Faults of results.
var (
	ErrFinalEarly = fault.New(fault.Conflict, "assembly.final_early", "R75 初步结果公示到 {day}，{next} 起才能公布正式结果", "R75: the preliminary result is posted until {day}; the final one comes on {next} at the earliest")
	ErrUnsettled  = fault.New(fault.Conflict, "assembly.unsettled", "还有 {n} 张收回的纸质票没有录完，不能公布初步结果", "{n} sheets that came back are not typed yet; the preliminary result waits for them")
	ErrNoResult   = fault.New(fault.Missing, "assembly.no_result", "结果还没有公示", "no result has been posted yet")
)

// Stages of a result.
const (
	stagePreliminary = "preliminary"
	stageFinal       = "final"
)

// Outcome is a matter as it was decided, with its derivation. In a secret vote there are sums over groups in the place of
// exact figures.
type Outcome struct {
	Matter     int64         `json:"matter"`
	Title      string        `json:"title"`
	Item       int           `json:"item"`
	Rule       string        `json:"rule"`
	Candidate  string        `json:"candidate,omitempty"`
	Passed     bool          `json:"passed"`
	Figures    *tally.Result `json:"figures,omitempty" doc:"of an open vote"`
	Sums       *ballot.Sums  `json:"sums,omitempty" doc:"of a secret vote: what may be published"`
	Derivation []tally.Step  `json:"derivation"`
	Earlier    *Earlier      `json:"earlier,omitempty" doc:"on the roll as it was at opening, where it changed later"`
}

// Earlier is the count on the roll of the opening.
type Earlier struct {
	Version    int64         `json:"version"`
	Passed     bool          `json:"passed"`
	Figures    *tally.Result `json:"figures,omitempty"`
	Sums       *ballot.Sums  `json:"sums,omitempty"`
	Derivation []tally.Step  `json:"derivation"`
	Differs    bool          `json:"differs"`
}

// ResultFile is a result as it was posted.
type ResultFile struct {
	Meeting     string      `json:"meeting"`
	Number      string      `json:"number"`
	Stage       string      `json:"stage" enum:"preliminary,final"`
	State       State       `json:"state"`
	At          day.Instant `json:"at"`
	Until       day.Day     `json:"until" doc:"last day of objections (R75)"`
	RollVersion int64       `json:"roll_version"`
	RollHash    string      `json:"roll_hash"`
	Ballots     int64       `json:"ballots" doc:"ballots that count, of rights"`
	Of          int64       `json:"of"`
	Items       []Outcome   `json:"items"`
	Annulled    string      `json:"annulled,omitempty" doc:"why the street annulled it"`
	// Election is who is elected by zone, of a meeting that elects members.
	Election *ElectionResult `json:"election,omitempty"`
}

// facts are the meeting as the bundle has it.
func (m Meeting) facts(groupMin int64) bundle.Meeting {
	return bundle.Meeting{ID: m.ID, Number: m.Number, Path: m.Path, Title: m.Title, Purpose: m.Purpose, Secret: m.Secret, Counts: m.Counts, CountParking: m.CountParking,
		Clause: m.SilenceClause, Opens: m.Opens, Closes: m.Closes, GroupMin: groupMin, Demo: m.Demo}
}

// asked are the matters as the bundle has them.
func asked(list []Matter) []bundle.Matter {
	out := make([]bundle.Matter, len(list))
	for i, x := range list {
		out[i] = bundle.Matter{No: int(x.No), Title: x.Title, Text: x.Text, Item: x.Item, Rule: tally.Rule(x.Rule), Kind: x.Kind, Scope: x.Scope.Kind, Paths: x.Scope.Paths, Touched: x.Touched}
		if out[i].Paths == nil {
			out[i].Paths = []scope.Path{}
		}
	}
	return out
}

// question is the hash of what is asked, for the record of the opening.
func (h *Hall) question(ctx context.Context, q store.Queryer, m Meeting, list []Matter) (string, error) {
	p, _, err := h.rulesOf(ctx, q, m)
	if err != nil {
		return "", err
	}
	return bundle.Question(m.facts(p.Group), asked(list))
}

// results counts every matter on the roll as it stands now. For who asks inside: exact figures of a secret vote leave no
// operation.
func (h *Hall) results(ctx context.Context, q store.Queryer, m Meeting) ([]tally.Result, error) {
	list, err := h.matters(ctx, q, m.ID)
	if err != nil {
		return nil, err
	}
	r, err := h.roll(ctx, q, m, m.RollVersion)
	if err != nil {
		return nil, err
	}
	cast, err := h.effective(ctx, q, m)
	if err != nil {
		return nil, err
	}
	return bundle.Count(m.facts(0), asked(list), r, cast)
}

// count makes the outcomes that may be posted: figures of an open vote, sums of a secret one; on the roll in force, and
// where it changed after opening on that of the opening too. voted is how many rights have a ballot that counts.
func (h *Hall) count(ctx context.Context, q store.Queryer, m Meeting) (out []Outcome, voted int64, err error) {
	list, err := h.matters(ctx, q, m.ID)
	if err != nil {
		return nil, 0, err
	}
	cast, err := h.effective(ctx, q, m)
	if err != nil {
		return nil, 0, err
	}
	p, _, err := h.rulesOf(ctx, q, m)
	if err != nil {
		return nil, 0, err
	}
	before, err := h.posts(ctx, q, m)
	if err != nil {
		return nil, 0, err
	}
	on := func(version int64) (bundle.Bundle, error) {
		b := bundle.Bundle{Kind: bundle.Public, Meeting: m.facts(p.Group), Matters: asked(list), Before: before}
		r, err := h.roll(ctx, q, m, version)
		if err != nil {
			return b, err
		}
		mine := map[int]ballot.Cast{}
		for no, c := range cast {
			if _, in := r.Find(no); in {
				mine[no] = c
			}
		}
		return b, b.Fill(r, mine)
	}
	now, err := on(m.RollVersion)
	if err != nil {
		return nil, 0, err
	}
	at, late, err := h.openingRoll(ctx, q, m)
	if err != nil {
		return nil, 0, err
	}
	var then bundle.Bundle
	if late {
		// One vote on two rolls gives two sums too: the second hides what would tell of one ballot.
		for _, g := range now.Groups {
			before[g.Matter] = append(before[g.Matter], g.Sums)
		}
		if then, err = on(at); err != nil {
			return nil, 0, err
		}
	}
	for i, x := range list {
		r := now.Results[i]
		o := Outcome{Matter: x.No, Title: x.Title, Item: x.Item, Rule: x.Rule, Candidate: x.Candidate, Passed: r.Passed, Figures: r.Figures, Derivation: r.Derivation}
		if m.Secret {
			o.Sums = &now.Groups[i].Sums
		}
		if late {
			e := then.Results[i]
			o.Earlier = &Earlier{Version: at, Passed: e.Passed, Figures: e.Figures, Derivation: e.Derivation, Differs: e.Passed != r.Passed}
			if m.Secret {
				o.Earlier.Sums = &then.Groups[i].Sums
			}
		}
		out = append(out, o)
	}
	return out, int64(len(cast)), nil
}

// openingRoll is the version of the roll at opening, and whether a later one is in force.
func (h *Hall) openingRoll(ctx context.Context, q store.Queryer, m Meeting) (version int64, late bool, err error) {
	version, err = store.Count(ctx, q, `select coalesce(max(version), 0) from assembly_roll where meeting = $1 and late = $2`, m.ID, false)
	return version, version != m.RollVersion, err
}

// keptOutcome is what of an outcome stands in assembly_result.figures: with it, the sums of a secret vote that were posted
// before, since two posts with different figures would give away what changed between them.
type keptOutcome struct {
	Figures *tally.Result `json:"figures"`
	Sums    *ballot.Sums  `json:"sums"`
	Earlier *Earlier      `json:"earlier"`
	Before  []ballot.Sums `json:"before,omitempty"`
}

// posts are the sums of a secret vote that were ever posted, by matter.
func (h *Hall) posts(ctx context.Context, q store.Queryer, m Meeting) (map[int][]ballot.Sums, error) {
	out := map[int][]ballot.Sums{}
	if !m.Secret {
		return out, nil
	}
	rows, err := q.Query(ctx, `select matter, figures from assembly_result where meeting = $1 order by at, stage, matter`, m.ID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var matter int
		var figures string
		var k keptOutcome
		if err := rows.Scan(&matter, &figures); err != nil {
			return nil, err
		}
		if err := json.Unmarshal([]byte(figures), &k); err != nil {
			return nil, err
		}
		sums := k.Before
		if k.Sums != nil {
			sums = append(sums, *k.Sums)
		}
		if k.Earlier != nil && k.Earlier.Sums != nil {
			sums = append(sums, *k.Earlier.Sums)
		}
		for _, s := range sums {
			if !slices.ContainsFunc(out[matter], func(x ballot.Sums) bool { return reflect.DeepEqual(x, s) }) {
				out[matter] = append(out[matter], s)
			}
		}
	}
	return out, rows.Err()
}

// keep writes the outcomes of a stage over those that stood before.
func (h *Hall) keep(ctx context.Context, tx *store.Tx, m Meeting, stage string, list []Outcome) error {
	before, err := h.posts(ctx, tx, m)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `delete from assembly_result where meeting = $1 and stage = $2`, m.ID, stage); err != nil {
		return err
	}
	for _, o := range list {
		figures, err := json.Marshal(keptOutcome{Figures: o.Figures, Sums: o.Sums, Earlier: o.Earlier, Before: before[int(o.Matter)]})
		if err != nil {
			return err
		}
		steps, err := json.Marshal(o.Derivation)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `insert into assembly_result (meeting, stage, matter, passed, figures, steps, at) values ($1, $2, $3, $4, $5, $6, $7)`, m.ID, stage, o.Matter, o.Passed, string(figures), string(steps), int64(tx.Now)); err != nil {
			return err
		}
	}
	return nil
}

// announce counts, keeps and publishes a stage of the result.
func (h *Hall) announce(ctx context.Context, tx *store.Tx, who access.Who, a *access.Action, m *Meeting, stage, kind, why string) ([]Outcome, error) {
	list, voted, err := h.count(ctx, tx, *m)
	if err != nil {
		return nil, err
	}
	if err := h.keep(ctx, tx, *m, stage, list); err != nil {
		return nil, err
	}
	if err := h.elected(ctx, tx, *m, stage); err != nil {
		return nil, err
	}
	of, err := store.Count(ctx, tx, `select count(*) from assembly_right where meeting = $1 and ended = 0`, m.ID)
	if err != nil {
		return nil, err
	}
	short := make([]map[string]any, len(list))
	for i, o := range list {
		short[i] = map[string]any{"matter": o.Matter, "passed": o.Passed}
	}
	if err := h.event(ctx, tx, who, a, *m, kind, why, map[string]any{"voted": voted, "of": of, "results": short, "roll": m.RollVersion, "why": why}); err != nil {
		return nil, err
	}
	s, err := h.seal(ctx, tx, *m)
	if err != nil {
		return nil, err
	}
	return list, h.public(ctx, tx, *m, "assembly."+stage, struct {
		Meeting string `json:"meeting"`
		bundle.Seal
		Results []map[string]any `json:"results"`
	}{m.Number, s, short})
}

// Post counts and posts the preliminary result for objections (R75). The count and what is posted are one write: killed
// between them, neither is there.
func (h *Hall) Post(ctx context.Context, who access.Who, id string) (f ResultFile, err error) {
	_, err = h.step(ctx, who, id, 0, []State{Closed}, func(tx *store.Tx, m *Meeting) error {
		left, err := h.unsettled(ctx, tx, m.ID)
		if err != nil {
			return err
		}
		if left > 0 {
			return ErrUnsettled.Fill("n", left)
		}
		if shut, err := h.shutBoxes(ctx, tx, m.ID); err != nil || shut > 0 {
			return orElse(err, ErrBoxesShut.Fill("n", shut))
		}
		p, c, err := h.rulesOf(ctx, tx, *m)
		if err != nil {
			return err
		}
		m.PrelimOn = today(tx)
		last, provisional := c.AddDays(m.PrelimOn, p.ResultDays)
		m.PrelimUntil = max(last, m.PrelimUntil)
		m.FinalOn = max(m.FinalOn, m.PrelimUntil.Add(1))
		m.State = Preliminary
		if _, err := h.announce(ctx, tx, who, Convene, m, stagePreliminary, "preliminary", ""); err != nil {
			return err
		}
		if err := h.tellAll(ctx, tx, *m, "assembly.preliminary", nil); err != nil {
			return err
		}
		if err := h.met(ctx, tx, *m, DutyPreliminary, who.Person); err != nil {
			return err
		}
		if err := h.owe(ctx, tx, *m, DutyFinal, m.FinalOn.End(day.Shanghai), provisional); err != nil {
			return err
		}
		f, err = h.resultFile(ctx, tx, *m, stagePreliminary)
		return err
	})
	return f, err
}

// recount counts again after an upheld objection and posts it anew; the period of objections runs on.
func (h *Hall) recount(ctx context.Context, tx *store.Tx, who access.Who, a *access.Action, m *Meeting, why string) error {
	_, err := h.announce(ctx, tx, who, a, m, stagePreliminary, "recount", why)
	return err
}

// Decided is put as a job when a result is final, in the same write: what passed, for the rooms that act on it.
type Decided struct {
	Meeting string  `json:"meeting"`
	Path    string  `json:"path"`
	Purpose string  `json:"purpose"`
	Passed  []int64 `json:"passed"`
	Failed  []int64 `json:"failed"`
}

// Finish makes the result final: after the period of objections, all of them answered. What was decided goes on as a job,
// and as a duty of those who carry it out.
func (h *Hall) Finish(ctx context.Context, who access.Who, id string) (f ResultFile, err error) {
	_, err = h.step(ctx, who, id, 0, []State{Preliminary}, func(tx *store.Tx, m *Meeting) error {
		if today(tx) <= m.PrelimUntil {
			return ErrFinalEarly.Fill("day", m.PrelimUntil, "next", m.PrelimUntil.Add(1))
		}
		open, err := store.Count(ctx, tx, `select count(*) from assembly_objection where meeting = $1 and state = 'open'`, m.ID)
		if err != nil {
			return err
		}
		if open > 0 {
			return ErrOpenObjects.Fill("n", open)
		}
		m.State, m.FinalOn = Final, today(tx)
		list, err := h.announce(ctx, tx, who, Convene, m, stageFinal, "final", "")
		if err != nil {
			return err
		}
		d := Decided{Meeting: m.ID, Path: string(m.Path), Purpose: m.Purpose, Passed: []int64{}, Failed: []int64{}}
		for _, o := range list {
			if !o.Passed {
				d.Failed = append(d.Failed, o.Matter)
				continue
			}
			d.Passed = append(d.Passed, o.Matter)
			if o.Candidate == "" {
				if err := h.carry(ctx, tx, *m, o); err != nil {
					return err
				}
			}
		}
		if h.on.Jobs != nil {
			if err := h.on.Jobs.Put(ctx, tx, "assembly.final", d, jobs.When{}); err != nil {
				return err
			}
		}
		if err := h.tellAll(ctx, tx, *m, "assembly.final", nil); err != nil {
			return err
		}
		if err := h.met(ctx, tx, *m, DutyFinal, who.Person); err != nil {
			return err
		}
		f, err = h.resultFile(ctx, tx, *m, stageFinal)
		return err
	})
	return f, err
}

// carry gives whoever answers for it the duty to carry a decision out: the committee's director, or the community where
// there is no committee.
func (h *Hall) carry(ctx context.Context, tx *store.Tx, m Meeting, o Outcome) error {
	if h.on.Duty == nil {
		return nil
	}
	post, org := access.CommunitySecretary, ""
	for _, p := range []access.Post{access.CommitteeDirector, access.InterimDirector} {
		terms, err := h.on.Register.Holders(ctx, tx, m.Path, today(tx), p)
		if err != nil {
			return err
		}
		if len(terms) > 0 {
			post, org = p, terms[0].Org
			break
		}
	}
	p, cal, err := h.rulesOf(ctx, tx, m)
	if err != nil {
		return err
	}
	until := due(cal, tx.Now, p.Carry)
	w := dutyWords[DutyCarry]
	_, err = h.on.Duty.Owe(ctx, tx, duty.Owe{Kind: DutyCarry, Ref: m.Ref() + "/matters/" + itoa(o.Matter), Zh: w[0] + "：" + o.Title, En: w[1] + ": " + o.Title, Path: m.Path, Post: post, Org: org,
		Due: until.At, Provisional: until.Provisional, Evidence: "note"})
	return err
}

func (h *Hall) resultFile(ctx context.Context, q store.Queryer, m Meeting, stage string) (f ResultFile, err error) {
	f = ResultFile{Meeting: m.ID, Number: m.Number, Stage: stage, State: m.State, Until: m.PrelimUntil, RollVersion: m.RollVersion}
	if m.State == Annulled {
		f.Annulled = m.EndedWhy
	}
	f.Items, err = store.All(ctx, q, func(r *sql.Rows) (o Outcome, err error) {
		var figures, steps string
		if err = r.Scan(&o.Matter, &o.Title, &o.Item, &o.Rule, &o.Candidate, &o.Passed, &figures, &steps, &f.At); err != nil {
			return o, err
		}
		if err = json.Unmarshal([]byte(figures), &o); err != nil {
			return o, err
		}
		return o, json.Unmarshal([]byte(steps), &o.Derivation)
	}, `select r.matter, m.title, m.item, m.rule, m.candidate, r.passed, r.figures, r.steps, r.at from assembly_result r join assembly_matter m on m.meeting = r.meeting and m.no = r.matter
where r.meeting = $1 and r.stage = $2 order by r.matter`, m.ID, stage)
	if err != nil {
		return f, err
	}
	if len(f.Items) == 0 {
		return f, ErrNoResult
	}
	if f.Of, err = store.Count(ctx, q, `select count(*) from assembly_right where meeting = $1 and ended = 0`, m.ID); err != nil {
		return f, err
	}
	if f.Ballots, err = store.Count(ctx, q, `select count(distinct b.right_no) from assembly_ballot b join assembly_right r on r.meeting = b.meeting and r.no = b.right_no where b.meeting = $1 and b.void = 0 and r.ended = 0`, m.ID); err != nil {
		return f, err
	}
	if f.Election, err = h.electionResult(ctx, q, m); err != nil {
		return f, err
	}
	err = q.QueryRow(ctx, `select hash from assembly_roll where meeting = $1 and version = $2`, m.ID, m.RollVersion).Scan(&f.RollHash)
	return f, err
}

// Result shows the result as it was posted: the final one, else the preliminary one.
func (h *Hall) Result(ctx context.Context, who access.Who, id string) (f ResultFile, err error) {
	err = h.db.View(ctx, func(q store.Queryer) error {
		m, err := h.meeting(ctx, q, id)
		if err != nil {
			return err
		}
		if err := h.sees(ctx, q, who, m); err != nil {
			return err
		}
		f, err = h.posted(ctx, q, m)
		return err
	})
	return f, err
}

// posted is the last stage that was posted.
func (h *Hall) posted(ctx context.Context, q store.Queryer, m Meeting) (ResultFile, error) {
	f, err := h.resultFile(ctx, q, m, stageFinal)
	if errors.Is(err, ErrNoResult) {
		f, err = h.resultFile(ctx, q, m, stagePreliminary)
	}
	return f, err
}
