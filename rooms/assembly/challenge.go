package assembly

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/store"
	"cuobian/rooms/duty"
	"cuobian/rooms/outreach"
)

// Judge is to answer an owner's objection to a candidate: the community, or the street where the community convened.
var Judge = access.Declare("assembly.judge", "答复对候选人的异议", "answer an objection to a candidate", access.CommunitySecretary, access.CommunityOfficer, access.StreetOfficer)

// Faults of objections to candidates.
var (
	ErrChallengeOwner = fault.New(fault.Refused, "assembly.challenge_owner", "只有本小区业主可以对候选人提异议", "only owners of the compound object to a candidate")
	ErrChallengeNone  = fault.New(fault.Conflict, "assembly.challenge_none", "初步名单公示期间才可以对候选人提异议（R29）", "objections to candidates are taken while the provisional list hangs (R29)")
	ErrChallengeTwice = fault.New(fault.Conflict, "assembly.challenge_twice", "您对这名候选人的异议还在等答复", "your objection to this candidate waits for its answer")
	ErrChallengeJudge = fault.New(fault.Refused, "assembly.challenge_judge", "对候选人的异议由社区答复（社区召集的由街道答复）；召集、提名、审查过的人和本人不能答复", "the community answers objections to candidates (the street where the community convenes), never who convened, put forward, examined, or is concerned")
	ErrListHangs      = fault.New(fault.Conflict, "assembly.list_hangs", "初步名单公示到 {until}，之后才能公布正式名单（R29）", "the provisional list hangs until {until}; the final one comes after that (R29)")
)

// Challenge is an owner's objection to a candidate on the provisional list. Its text is read by who raised it, the
// candidate, and staff.
type Challenge struct {
	ID        string      `json:"id"`
	Candidate string      `json:"candidate"`
	Text      string      `json:"text,omitempty"`
	At        day.Instant `json:"at"`
	State     string      `json:"state" enum:"open,upheld,dismissed,moot" doc:"moot: the meeting ended before it was answered"`
	Answer    string      `json:"answer,omitempty"`
	Decided   day.Instant `json:"decided,omitempty"`
	Mine      bool        `json:"mine"`
	person    string
}

func (h *Hall) challenges(ctx context.Context, q store.Queryer, meeting string) ([]Challenge, error) {
	return store.All(ctx, q, func(r *sql.Rows) (c Challenge, err error) {
		err = r.Scan(&c.ID, &c.Candidate, &c.person, &c.Text, &c.At, &c.State, &c.Answer, &c.Decided)
		return c, err
	}, `select id, candidate, person, words, at, state, answer, decided from assembly_challenge where meeting = $1 order by id`, meeting)
}

// hangsUntil is the last day on which the provisional list hangs for objections: from T-15 to the eve of T-7 (R29). 0 where
// it is not out, and for a run-off, whose candidates stood on a final list already.
func (h *Hall) hangsUntil(ctx context.Context, q store.Queryer, m Meeting, source string) (day.Day, error) {
	posted, _, err := h.lists(ctx, q, m.ID)
	if err != nil || !posted || source != "" {
		return 0, err
	}
	p, _, err := h.rulesOf(ctx, q, m)
	if err != nil {
		return 0, err
	}
	return m.ProvisionalOn.Add(max(0, p.ProvisionalDays-p.FinalDays-1)), nil
}

// Object to a candidate on the provisional list with a reason; an owner has one waiting for each candidate.
func (h *Hall) Challenge(ctx context.Context, who access.Who, id, cid, text string) (o Challenge, err error) {
	err = h.db.Write(ctx, func(tx *store.Tx) error {
		m, err := h.meeting(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := h.attends(ctx, tx, who, m); err != nil {
			return err
		}
		if ok, err := h.within(ctx, tx, who.Person, m.Path); err != nil || !ok {
			if err == nil {
				err = ErrChallengeOwner
			}
			return err
		}
		if text = strings.TrimSpace(text); text == "" || len([]rune(text)) > 2000 {
			return ErrObjectText
		}
		row, _, err := h.electionRow(ctx, tx, m.ID)
		if err != nil {
			return err
		}
		until, err := h.hangsUntil(ctx, tx, m, row.Source)
		if err != nil {
			return err
		}
		if !until.Sound() || row.Listed || m.in(Posted, Noticed) != nil {
			return ErrChallengeNone
		}
		if today(tx) > until {
			return ErrObjectLate.Fill("rule", "R29", "day", until)
		}
		c, err := h.candidate(ctx, tx, m.ID, cid)
		if err != nil {
			return err
		}
		if c.State != "passed" {
			return ErrCandState
		}
		waiting, err := store.Count(ctx, tx, `select count(*) from assembly_challenge where meeting = $1 and person = $2 and state = 'open'`, m.ID, who.Person)
		if err != nil {
			return err
		}
		if waiting >= mostObjections {
			return ErrManyObjects
		}
		o = Challenge{ID: tx.NewID(), Candidate: cid, Text: text, At: tx.Now, State: "open", Mine: true, person: who.Person}
		n, err := tx.Exec(ctx, `insert into assembly_challenge (id, meeting, candidate, person, words, at, state, answer, by_person, decided) values ($1, $2, $3, $4, $5, $6, 'open', '', '', 0)
on conflict (candidate, person) where state = 'open' do nothing`, o.ID, m.ID, cid, who.Person, text, int64(tx.Now))
		if err != nil {
			return err
		}
		if n == 0 {
			return ErrChallengeTwice
		}
		p, cal, err := h.rulesOf(ctx, tx, m)
		if err != nil {
			return err
		}
		if h.on.Duty != nil {
			d := due(cal, tx.Now, p.Objection)
			if _, err := h.on.Duty.Owe(ctx, tx, duty.Owe{Kind: DutyObjection, Ref: o.ref(), Zh: "答复对候选人的异议：" + m.Title, En: "Answer an objection to a candidate: " + m.Title, Path: m.Path, Post: m.judge(), Due: d.At, Provisional: d.Provisional}); err != nil {
				return err
			}
		}
		return h.event(ctx, tx, who, Attend, m, "challenged", "", map[string]any{"objection": o.ID, "candidate": cid})
	})
	return o, err
}

func (o Challenge) ref() string { return "assembly-objections/" + o.ID }

// mayJudge reports whether who may answer an objection to a candidate.
func (h *Hall) mayJudge(ctx context.Context, q store.Queryer, who access.Who, m Meeting, c Candidate) error {
	if err := who.May(Judge, m.Path); err != nil || who.System {
		return err
	}
	if who.Person == "" || who.Person == c.Person || who.Person == m.ByPerson {
		return ErrChallengeJudge
	}
	acted, err := store.Count(ctx, q, `select (select count(*) from assembly_event where meeting = $1 and person = $2 and kind in (`+convenedBy+`, 'election', 'provisional_list'))
 + (select count(*) from assembly_candidate where id = $3 and (by_person = $2 or examiner = $2)) + (select count(*) from assembly_challenge where candidate = $3 and person = $2)`, m.ID, who.Person, c.ID)
	if err != nil {
		return err
	}
	if acted > 0 {
		return ErrChallengeJudge
	}
	if !outside(who, m) {
		return ErrChallengeJudge
	}
	return nil
}

// AnswerChallenge answers an objection in writing. Upheld, the candidate is struck from the list with the answer as reason,
// and what else is open against the same candidate is answered with it.
func (h *Hall) AnswerChallenge(ctx context.Context, who access.Who, id, oid string, uphold bool, answer string) (o Challenge, err error) {
	answer = strings.TrimSpace(answer)
	err = h.db.Write(ctx, func(tx *store.Tx) error {
		m, err := h.meeting(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := h.sees(ctx, tx, who, m); err != nil {
			return err
		}
		if err := who.May(Judge, m.Path); err != nil {
			return err
		}
		all, err := h.challenges(ctx, tx, m.ID)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(all, func(x Challenge) bool { return x.ID == oid })
		if i < 0 {
			return ErrMissing
		}
		o = all[i]
		c, err := h.candidate(ctx, tx, m.ID, o.Candidate)
		if err != nil {
			return err
		}
		if err := h.mayJudge(ctx, tx, who, m, c); err != nil {
			return err
		}
		if err := m.in(Posted, Noticed); err != nil {
			return err
		}
		if o.State != "open" {
			return ErrDecided
		}
		if answer == "" || len([]rune(answer)) > 2000 {
			return ErrAnswer
		}
		state := "dismissed"
		if uphold {
			state = "upheld"
		}
		ended := []Challenge{o}
		if uphold {
			for _, x := range all {
				if x.Candidate == o.Candidate && x.State == "open" && x.ID != o.ID {
					ended = append(ended, x)
				}
			}
			if c.State == "passed" {
				if _, err := tx.Exec(ctx, `update assembly_candidate set state = 'struck', words = $1 where id = $2`, answer, c.ID); err != nil {
					return err
				}
			}
		}
		words := map[string]string{}
		if h.on.Office != nil {
			if words, err = h.words(ctx, tx, m); err != nil {
				return err
			}
			words["result"], words["result_en"], words["answer"] = "未予支持", "not upheld", answer
			if uphold {
				words["result"], words["result_en"] = "予以支持", "upheld"
			}
		}
		for _, x := range ended {
			if _, err := tx.Exec(ctx, `update assembly_challenge set state = $1, answer = $2, by_person = $3, decided = $4 where id = $5`, state, answer, who.Person, int64(tx.Now), x.ID); err != nil {
				return err
			}
			if h.on.Duty != nil {
				if err := h.on.Duty.End(ctx, tx, DutyObjection, x.ref(), who.Person); err != nil && !errors.Is(err, ErrMissing) {
					return err
				}
			}
			if h.on.Office != nil {
				if err := h.on.Office.Tell(ctx, tx, outreach.Message{To: []outreach.To{{Person: x.person}}, Template: "assembly.answered", Ref: m.Ref(), Path: m.Path, Words: words}); err != nil {
					return err
				}
			}
		}
		if uphold && c.State == "passed" && h.on.Office != nil {
			if err := h.on.Office.Tell(ctx, tx, outreach.Message{To: []outreach.To{{Person: c.Person}}, Template: "assembly.struck", Ref: m.Ref(), Path: m.Path, Words: words}); err != nil {
				return err
			}
		}
		o.State, o.Answer, o.Decided = state, answer, tx.Now
		return h.event(ctx, tx, who, Judge, m, "challenge_answered", answer, map[string]any{"objection": o.ID, "candidate": c.ID, "upheld": uphold})
	})
	return o, err
}

// objectedTo lays the objections to their candidates. staff reads all; others the own ones, those against themselves, and of
// the rest how many there are.
func (h *Hall) objectedTo(ctx context.Context, q store.Queryer, m Meeting, list []Candidate, person string, staff bool) error {
	all, err := h.challenges(ctx, q, m.ID)
	if err != nil {
		return err
	}
	for _, o := range all {
		i := slices.IndexFunc(list, func(c Candidate) bool { return c.ID == o.Candidate })
		if i < 0 {
			continue
		}
		c := &list[i]
		c.Objected++
		if o.State == "open" {
			c.Waiting++
		}
		o.Mine = person != "" && o.person == person
		if staff || o.Mine || person != "" && c.Person == person {
			c.Objections = append(c.Objections, o)
		}
	}
	return nil
}

// MyElection is an election as an owner has it on the phone: whom to co-sign, whether to stand, what may be objected to.
type MyElection struct {
	Election
	MyZones []string `json:"my_zones" doc:"zones in which the caller owns something"`
	Signed  []string `json:"my_signed" doc:"candidates for whom the caller has co-signed"`
	Own     string   `json:"my_candidacy,omitempty" doc:"the caller's own candidacy"`
	Taking  bool     `json:"nominating" doc:"nominations and co-signatures are taken now"`
	// Proposals of neighbours that wait for the caller's yes or no.
	Proposals []Proposal `json:"proposals"`
	Hanging   bool       `json:"objecting" doc:"objections to the provisional list are taken now"`
}

// MyElection shows an owner the election of a meeting.
func (h *Hall) MyElection(ctx context.Context, who access.Who, id string) (out MyElection, err error) {
	if who.Person == "" {
		return out, access.ErrSignIn
	}
	if out.Election, err = h.Election(ctx, who, id); err != nil {
		return out, err
	}
	err = h.db.View(ctx, func(q store.Queryer) error {
		out.MyZones = []string{}
		m, err := h.meeting(ctx, q, id)
		if err != nil {
			return err
		}
		for _, z := range out.Zones {
			ok, err := h.within(ctx, q, who.Person, z.Buildings...)
			if err != nil {
				return err
			}
			if ok {
				out.MyZones = append(out.MyZones, z.Name)
			}
		}
		for _, c := range out.Candidates {
			if c.Person == who.Person && c.State != "withdrawn" {
				out.Own = c.ID
			}
		}
		if out.Signed, err = store.Texts(ctx, q, `select s.candidate from assembly_cosigner s join assembly_candidate c on c.id = s.candidate where c.meeting = $1 and s.person = $2 order by s.candidate`, m.ID, who.Person); err != nil {
			return err
		}
		if out.Signed == nil {
			out.Signed = []string{}
		}
		if out.Proposals, err = h.proposals(ctx, q, m.ID, who.Person); err != nil {
			return err
		}
		at := h.db.Now()
		early := m.in(Posted, Noticed) == nil && !m.Opened(at)
		out.Taking = early && !out.Posted && !out.Listed && out.Source == ""
		out.Hanging = early && out.Posted && !out.Listed && out.Until.Sound() && at.Day(day.Shanghai) <= out.Until
		return nil
	})
	return out, err
}

// buildingsOf are all buildings of an election's zones.
func buildingsOf(zones []Zone) (all []scope.Path) {
	for _, z := range zones {
		all = append(all, z.Buildings...)
	}
	return all
}

// PageOf names the meeting that an objection, to the roll or to a candidate, belongs to; "" where there is none such.
func (h *Hall) PageOf(ctx context.Context, q store.Queryer, objection string) (string, error) {
	ids, err := store.Texts(ctx, q, `select meeting from assembly_objection where id = $1 union all select meeting from assembly_challenge where id = $1`, objection)
	if err != nil || len(ids) == 0 {
		return "", err
	}
	return "assemblies/" + ids[0], nil
}
