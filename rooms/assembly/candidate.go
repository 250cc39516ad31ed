package assembly

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/store"
	"cuobian/rooms/assembly/seat"
)

// Faults of candidates.
var (
	ErrZone             = fault.Bad("zone", "assembly.zone", "没有这个选区", "there is no such zone")
	ErrSide             = fault.Bad("by", "assembly.nominated_by", "提名方式为小区党支部、社区或自荐；各由其本人或召集人登记", "a nomination is by the Party branch, the community or oneself, each by their own hand or entered by the convener")
	ErrNotOwner         = fault.Bad("person", "assembly.candidate_owner", "候选人须是本小区业主（R274）", "a candidate has to be an owner of the compound")
	ErrCandidateTwice   = fault.New(fault.Conflict, "assembly.candidate_twice", "此人已是候选人", "this person is a candidate already")
	ErrCosign           = fault.New(fault.Refused, "assembly.cosign", "联名人须是该选区的业主，且不是候选人本人", "who co-signs is an owner of the zone and not the candidate")
	ErrCosigned         = fault.New(fault.Conflict, "assembly.cosigned", "您已经联名", "you have co-signed already")
	ErrCosigners        = fault.New(fault.Refused, "assembly.cosigners", "自荐须有本选区 {need} 名业主联名，现有 {n} 名（R29）", "who puts himself forward needs {need} co-signers of the zone; there are {n} (R29)")
	ErrGrounds          = fault.Bad("grounds", "assembly.grounds", "不通过须选择情形并写明理由", "a refusal names its grounds and says why")
	ErrCandidateCompany = fault.New(fault.Refused, "assembly.candidate_company", "登记显示此人在物业公司任职，不能作为候选人", "the register has this person with the property company: no candidate")
	ErrOwnExam          = fault.New(fault.Refused, "assembly.own_examination", "不能审查自己", "nobody examines themselves")
	ErrUnexamined       = fault.New(fault.Refused, "assembly.unexamined", "还有 {n} 名候选人没有审查", "{n} candidates are not examined yet")
	ErrFew              = fault.New(fault.Refused, "assembly.few_candidates", "选区“{zone}”：{why}（R29）", "zone {zone}: {why_en} (R29)")
	ErrNoMore           = fault.New(fault.Conflict, "assembly.extended_once", "提名只能延长一次", "nomination is extended once only")
	ErrNotNeeded        = fault.New(fault.Conflict, "assembly.not_needed", "各选区候选人已够，不需要延长", "every zone has candidates enough: there is nothing to extend")
	ErrListEarly        = fault.New(fault.Conflict, "assembly.list_order", "要先公布初步名单，才能公布正式名单（R29）", "the provisional list comes before the final one (R29)")
	ErrListLate         = fault.New(fault.Invalid, "assembly.list_late", "名单应在表决开始前满 {days} 日公布：今天公布，最早 {from} 开始表决，计划为 {opens}（R29）", "the list is out {days} days before voting opens: posted today, voting opens on {from} at the earliest, not on {opens} (R29)")
	ErrCandState        = fault.New(fault.Conflict, "assembly.candidate_state", "候选人目前不能做这一步", "this step cannot be taken with that candidate now")
)

// Grounds are what a candidate may be refused for: the conditions of R274 31, and the bars that rules of procedure usually
// have. A text is needed with each.
var Grounds = []struct {
	Code string `json:"code"`
	Zh   string `json:"zh"`
	En   string `json:"en"`
}{
	{"capacity", "不具有完全民事行为能力", "not of full capacity"}, {"law", "不遵守法律法规", "does not keep the law"}, {"regulation", "不遵守管理规约、不履行业主义务", "does not keep the regulation or fulfil an owner's duties"},
	{"arrears", "恶意拖欠物业费", "malicious arrears"}, {"company", "本人或近亲属在物业公司任职", "self or a close relative employed by the property company"}, {"illegal_building", "违法建设未改正", "illegal building"},
	{"dishonest", "失信被执行人", "on the list of dishonest judgment debtors"}, {"time", "无法保证必要的工作时间", "has not the time"}, {"other", "其他", "other"},
}

// Candidate is somebody put forward by a zone.
type Candidate struct {
	ID        string      `json:"id"`
	Zone      string      `json:"zone"`
	Person    string      `json:"person"`
	Name      string      `json:"name"`
	By        string      `json:"by" enum:"party,community,self"`
	Party     string      `json:"party,omitempty" enum:",member,probation"`
	Statement string      `json:"statement,omitempty"`
	State     string      `json:"state" enum:"nominated,passed,rejected,withdrawn,struck,listed" doc:"struck: off the provisional list after an objection"`
	Grounds   []string    `json:"grounds"`
	Words     string      `json:"reason,omitempty" doc:"of the examination"`
	At        day.Instant `json:"at"`
	Examined  day.Instant `json:"examined,omitempty"`
	Matter    int64       `json:"matter,omitempty" doc:"the matter that is voted on"`
	Cosigners int64       `json:"cosigners"`
	Need      int         `json:"cosigners_needed,omitempty"`
	Signed    []Cosigner  `json:"signed,omitempty" doc:"to the convener"`
	Company   bool        `json:"company,omitempty" doc:"the register has this person with a property company"`
	// Objections to the provisional list: those that the reader may read, how many there are, and how many wait.
	Objections []Challenge `json:"objections,omitempty"`
	Objected   int64       `json:"objected,omitempty"`
	Waiting    int64       `json:"waiting,omitempty"`
	examiner   string
}

// Cosigner is an owner of the zone who stands for a nomination.
type Cosigner struct {
	Person string      `json:"person"`
	Paper  bool        `json:"paper"`
	At     day.Instant `json:"at"`
}

func (h *Hall) candidates(ctx context.Context, q store.Queryer, cond string, args ...any) ([]Candidate, error) {
	out, err := store.All(ctx, q, func(r *sql.Rows) (c Candidate, err error) {
		var grounds string
		if err = r.Scan(&c.ID, &c.Zone, &c.Person, &c.Name, &c.By, &c.Party, &c.Statement, &c.State, &grounds, &c.Words, &c.At, &c.Examined, &c.examiner, &c.Matter, &c.Cosigners); err == nil {
			err = json.Unmarshal([]byte(grounds), &c.Grounds)
		}
		return c, err
	}, `select c.id, c.zone, c.person, p.name, c.by_side, c.party, c.statement, c.state, c.grounds, c.words, c.at, c.examined, c.examiner, c.matter, (select count(*) from assembly_cosigner s where s.candidate = c.id)
from assembly_candidate c join people_v_person p on p.id = c.person where `+cond+` order by c.id`, args...)
	if out == nil {
		out = []Candidate{}
	}
	return out, err
}

// Nomination is who is put forward, by whom.
type Nomination struct {
	Zone      string   `json:"zone" maxLength:"40"`
	Person    string   `json:"person,omitempty" maxLength:"40" doc:"oneself when left out"`
	By        string   `json:"by" enum:"party,community,self"`
	Cosigners []string `json:"cosigners,omitempty" maxItems:"100" doc:"owners of the zone who signed on paper: entered by the convener"`
	Party     string   `json:"party,omitempty" enum:",member,probation"`
	Statement string   `json:"statement,omitempty" maxLength:"2000"`
}

// electing reads a meeting with its zones.
func (h *Hall) electing(ctx context.Context, tx *store.Tx, id string) (m Meeting, zones []Zone, err error) {
	if m, err = h.meeting(ctx, tx, id); err != nil {
		return m, nil, err
	}
	if zones, err = h.zones(ctx, tx, m.ID); err != nil {
		return m, nil, err
	}
	return m, zones, nil
}

// stage refuses what comes too late, or before zones are set.
func (h *Hall) stage(ctx context.Context, q store.Queryer, m Meeting, zones []Zone, final bool) error {
	if len(zones) == 0 {
		return ErrNoElection
	}
	if err := m.in(Draft, Posted, Noticed); err != nil {
		return err
	}
	provisional, listed, err := h.lists(ctx, q, m.ID)
	if err != nil {
		return err
	}
	if listed || provisional && !final {
		return ErrListed
	}
	return nil
}

// lists says which lists are out.
func (h *Hall) lists(ctx context.Context, q store.Queryer, meeting string) (provisional, final bool, err error) {
	var p, f int64
	err = q.QueryRow(ctx, `select listed from assembly_election where meeting = $1`, meeting).Scan(&f)
	if errors.Is(err, sql.ErrNoRows) {
		return false, false, nil
	}
	if err != nil {
		return false, false, err
	}
	p, err = store.Count(ctx, q, `select count(*) from assembly_event where meeting = $1 and kind = 'provisional_list'`, meeting)
	return p > 0, f > 0, err
}

func (h *Hall) listsOut(ctx context.Context, q store.Queryer, meeting string) (bool, error) {
	p, f, err := h.lists(ctx, q, meeting)
	return p || f, err
}

// within reports whether a person owns something at one of these places.
func (h *Hall) within(ctx context.Context, q store.Queryer, person string, at ...scope.Path) (bool, error) {
	if person == "" {
		return false, nil
	}
	for _, p := range at {
		if ok, err := h.owns(ctx, q, person, p); err != nil || ok {
			return ok, err
		}
	}
	return false, nil
}

// Nominate puts somebody forward for a zone: the Party branch and the community by their posts, an owner himself by
// phone, or any of them on paper by the convener's hand.
func (h *Hall) Nominate(ctx context.Context, who access.Who, id string, in Nomination) (c Candidate, err error) {
	if who.Account == "" {
		return c, access.ErrSignIn
	}
	err = h.db.Write(ctx, func(tx *store.Tx) (err error) {
		c, err = h.nominate(ctx, tx, who, id, in)
		return err
	})
	return c, err
}

func (h *Hall) nominate(ctx context.Context, tx *store.Tx, who access.Who, id string, in Nomination) (c Candidate, err error) {
	m, zones, err := h.electing(ctx, tx, id)
	if err != nil {
		return c, err
	}
	convener := h.convenes(who, m) == nil
	if !convener {
		if err := h.sees(ctx, tx, who, m); err != nil {
			return c, err
		}
	}
	if err := h.noRunOff(ctx, tx, m.ID); err != nil {
		return c, err
	}
	if err := h.stage(ctx, tx, m, zones, false); err != nil {
		return c, err
	}
	if in.Person == "" {
		in.Person = who.Person
	}
	own := map[string]bool{
		"party":     who.Holds(m.Path, access.BranchSecretary),
		"community": who.Holds(m.Path, access.CommunitySecretary, access.CommunityOfficer),
		"self":      who.Person != "" && who.Person == in.Person,
	}[in.By]
	if !own && !convener {
		return c, ErrSide
	}
	i := slices.IndexFunc(zones, func(z Zone) bool { return z.Name == in.Zone })
	if i < 0 {
		return c, ErrZone
	}
	if in.Party != "" && in.Party != "member" && in.Party != "probation" {
		return c, fault.Bad("party", "assembly.party", "政治面貌应为党员、预备党员或空", "party is member, probation or empty")
	}
	if ok, err := h.within(ctx, tx, in.Person, m.Path); err != nil || !ok {
		if err == nil {
			err = ErrNotOwner
		}
		return c, err
	}
	if n, err := store.Count(ctx, tx, `select count(*) from assembly_candidate where meeting = $1 and person = $2 and state <> 'withdrawn'`, m.ID, in.Person); err != nil || n > 0 {
		if err == nil {
			err = ErrCandidateTwice
		}
		return c, err
	}
	c = Candidate{ID: tx.NewID(), Zone: in.Zone, Person: in.Person, By: in.By, Party: in.Party, Statement: strings.TrimSpace(in.Statement), State: "nominated", Grounds: []string{}, At: tx.Now}
	if _, err := tx.Exec(ctx, `insert into assembly_candidate (id, meeting, zone, person, by_side, party, statement, state, grounds, words, at, by_person, examined, examiner, matter) values ($1, $2, $3, $4, $5, $6, $7, 'nominated', '[]', '', $8, $9, 0, '', 0)`,
		c.ID, m.ID, c.Zone, c.Person, c.By, c.Party, c.Statement, int64(c.At), who.Person); err != nil {
		return c, err
	}
	if len(in.Cosigners) > 0 && !convener {
		return c, ErrSide.At("cosigners")
	}
	for j, p := range in.Cosigners {
		ok, err := h.within(ctx, tx, p, zones[i].Buildings...)
		if err != nil {
			return c, err
		}
		if !ok || p == in.Person {
			return c, ErrCosign.At(fmt.Sprintf("cosigners[%d]", j))
		}
		if _, err := tx.Exec(ctx, `insert into assembly_cosigner (candidate, person, paper, at) values ($1, $2, $3, $4) on conflict (candidate, person) do nothing`, c.ID, p, true, int64(tx.Now)); err != nil {
			return c, err
		}
	}
	if all, err := h.candidates(ctx, tx, `c.id = $1`, c.ID); err != nil {
		return c, err
	} else if len(all) == 1 {
		c = all[0]
	}
	return c, h.event(ctx, tx, who, nominating(convener), m, "nominated", "", map[string]any{"candidate": c.ID, "zone": c.Zone, "by": c.By, "cosigners": c.Cosigners})
}

func nominating(convener bool) *access.Action {
	if convener {
		return Convene
	}
	return nil
}

// candidate reads one with its meeting and zones.
func (h *Hall) candidate(ctx context.Context, q store.Queryer, meeting, id string) (c Candidate, err error) {
	all, err := h.candidates(ctx, q, `c.id = $1 and c.meeting = $2`, id, meeting)
	if err == nil && len(all) == 0 {
		err = ErrMissing
	}
	if err != nil {
		return c, err
	}
	return all[0], nil
}

// Cosign is an owner of the zone standing for a candidate, by phone.
func (h *Hall) Cosign(ctx context.Context, who access.Who, id, cid string) (c Candidate, err error) {
	if who.Account == "" {
		return c, access.ErrSignIn
	}
	err = h.db.Write(ctx, func(tx *store.Tx) error {
		m, zones, err := h.electing(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := h.sees(ctx, tx, who, m); err != nil {
			return err
		}
		if err := h.stage(ctx, tx, m, zones, false); err != nil {
			return err
		}
		if c, err = h.candidate(ctx, tx, m.ID, cid); err != nil {
			return err
		}
		if c.State != "nominated" {
			return ErrCandState
		}
		i := slices.IndexFunc(zones, func(z Zone) bool { return z.Name == c.Zone })
		if i < 0 {
			return ErrZone
		}
		ok, err := h.within(ctx, tx, who.Person, zones[i].Buildings...)
		if err != nil {
			return err
		}
		if !ok || who.Person == c.Person {
			return ErrCosign
		}
		n, err := tx.Exec(ctx, `insert into assembly_cosigner (candidate, person, paper, at) values ($1, $2, $3, $4) on conflict (candidate, person) do nothing`, cid, who.Person, false, int64(tx.Now))
		if err == nil && n == 0 {
			err = ErrCosigned
		}
		if err != nil {
			return err
		}
		c.Cosigners++
		return h.event(ctx, tx, who, nil, m, "cosigned", "", map[string]any{"candidate": cid, "cosigners": c.Cosigners})
	})
	return c, err
}

// Examine decides whether somebody may stand (R274 31): with grounds and a text where not. It can be decided anew until
// the final list is out.
func (h *Hall) Examine(ctx context.Context, who access.Who, id, cid string, ok bool, grounds []string, words string) (c Candidate, err error) {
	words = strings.TrimSpace(words)
	err = h.db.Write(ctx, func(tx *store.Tx) error {
		m, zones, err := h.electing(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := h.convenes(who, m); err != nil {
			return err
		}
		if err := h.stage(ctx, tx, m, zones, true); err != nil {
			return err
		}
		if c, err = h.candidate(ctx, tx, m.ID, cid); err != nil {
			return err
		}
		if c.State == "withdrawn" || c.State == "struck" || c.State == "listed" {
			return ErrCandState
		}
		if c.Person == who.Person && who.Person != "" {
			return ErrOwnExam
		}
		if !ok {
			if len(grounds) == 0 || words == "" {
				return ErrGrounds
			}
			for _, g := range grounds {
				known := false
				for _, k := range Grounds {
					known = known || k.Code == g
				}
				if !known {
					return ErrGrounds
				}
			}
			c.State = "rejected"
		} else {
			company, err := h.isCompany(ctx, tx, c.Person, today(tx))
			if err != nil {
				return err
			}
			if company {
				return ErrCandidateCompany
			}
			p, _, err := h.rulesOf(ctx, tx, m)
			if err != nil {
				return err
			}
			if c.By == "self" && c.Cosigners < int64(p.Cosigners) {
				return ErrCosigners.Fill("need", p.Cosigners, "n", c.Cosigners)
			}
			grounds, c.State = []string{}, "passed"
		}
		if grounds == nil {
			grounds = []string{}
		}
		text, err := json.Marshal(grounds)
		if err != nil {
			return err
		}
		c.Grounds, c.Words, c.Examined = grounds, words, tx.Now
		if _, err := tx.Exec(ctx, `update assembly_candidate set state = $1, grounds = $2, words = $3, examined = $4, examiner = $5 where id = $6`, c.State, string(text), words, int64(tx.Now), who.Person, cid); err != nil {
			return err
		}
		return h.event(ctx, tx, who, Convene, m, "examined", words, map[string]any{"candidate": cid, "ok": ok, "grounds": grounds})
	})
	return c, err
}

// Withdraw takes a candidacy back: by the candidate, or entered by the convener.
func (h *Hall) Withdraw(ctx context.Context, who access.Who, id, cid, why string) (c Candidate, err error) {
	if why = strings.TrimSpace(why); why == "" {
		return c, ErrReason
	}
	if who.Account == "" {
		return c, access.ErrSignIn
	}
	err = h.db.Write(ctx, func(tx *store.Tx) error {
		m, zones, err := h.electing(ctx, tx, id)
		if err != nil {
			return err
		}
		if c, err = h.candidate(ctx, tx, m.ID, cid); err != nil {
			return err
		}
		a := Convene
		if c.Person == who.Person && who.Person != "" {
			a = nil
		} else if err := h.convenes(who, m); err != nil {
			return err
		}
		if err := h.stage(ctx, tx, m, zones, true); err != nil {
			return err
		}
		if c.State == "withdrawn" || c.State == "struck" {
			return ErrCandState
		}
		c.State, c.Words = "withdrawn", why
		if _, err := tx.Exec(ctx, `update assembly_candidate set state = 'withdrawn', words = $1 where id = $2`, why, cid); err != nil {
			return err
		}
		return h.event(ctx, tx, who, a, m, "withdrawn", why, map[string]any{"candidate": cid})
	})
	return c, err
}

// standings judges every zone's number of candidates who passed.
func standings(zones []Zone, all []Candidate, extended bool) (out []ZoneStanding) {
	for _, z := range zones {
		n := 0
		for _, c := range all {
			if c.Zone == z.Name && (c.State == "passed" || c.State == "listed") {
				n++
			}
		}
		s, zh, en := seat.Candidates(z.Seats, n, extended)
		least, most := seat.Bounds(z.Seats)
		out = append(out, ZoneStanding{Zone: z.Name, Seats: z.Seats, N: n, Least: least, Most: most, State: string(s), Zh: zh, En: en})
	}
	return out
}

// ZoneStanding is whether a zone has candidates enough.
type ZoneStanding struct {
	Zone  string `json:"zone"`
	Seats int    `json:"seats"`
	N     int    `json:"candidates" doc:"who passed the examination"`
	Least int    `json:"least"`
	Most  int    `json:"most"`
	State string `json:"state" enum:"enough,extend,equal,few,many"`
	Zh    string `json:"zh"`
	En    string `json:"en"`
}

// ExtendNomination extends nomination once, where a zone has too few.
func (h *Hall) ExtendNomination(ctx context.Context, who access.Who, id, why string) (e Election, err error) {
	if why = strings.TrimSpace(why); why == "" {
		return e, ErrReason
	}
	_, err = h.step(ctx, who, id, 0, []State{Draft, Posted, Noticed}, func(tx *store.Tx, m *Meeting) error {
		zones, err := h.zones(ctx, tx, m.ID)
		if err != nil {
			return err
		}
		if err := h.stage(ctx, tx, *m, zones, false); err != nil {
			return err
		}
		var extended string
		if err := tx.QueryRow(ctx, `select extended from assembly_election where meeting = $1`, m.ID).Scan(&extended); err != nil {
			return err
		}
		if extended != "" {
			return ErrNoMore
		}
		all, err := h.candidates(ctx, tx, `c.meeting = $1`, m.ID)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(standings(zones, all, false), func(s ZoneStanding) bool { return s.State == string(seat.Extend) }) {
			return ErrNotNeeded
		}
		if _, err := tx.Exec(ctx, `update assembly_election set extended = $1, why = $2 where meeting = $3`, today(tx), why, m.ID); err != nil {
			return err
		}
		if err := h.event(ctx, tx, who, Convene, *m, "nomination_extended", why, nil); err != nil {
			return err
		}
		e, err = h.election(ctx, tx, *m)
		return err
	})
	return e, err
}
