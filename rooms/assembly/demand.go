package assembly

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/paged"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/rules"
	"cuobian/platform/store"
	"cuobian/rooms/assembly/roll"
	"cuobian/rooms/assembly/tally"
	"cuobian/rooms/duty"
	"cuobian/rooms/outreach"
	"cuobian/rooms/place"
)

// Faults of demands.
var (
	ErrDemandText  = fault.Bad("text", "assembly.demand_text", "请写明提议召开会议的事由，最多 2000 字", "say why a meeting is asked for, at most 2,000 characters")
	ErrOwnerOnly   = fault.New(fault.Refused, "assembly.owner_only", "只有本小区业主可以提议召开业主大会（R10）", "only owners of this compound can ask for a meeting (R10)")
	ErrSigned      = fault.New(fault.Conflict, "assembly.signed", "您已经签名", "you have signed already")
	ErrDemandState = fault.New(fault.Conflict, "assembly.demand_state", "这项提议目前不能做这一步", "the demand is not at this step")
	ErrNotReached  = fault.New(fault.Conflict, "assembly.not_reached", "R10 提议还没有达到人数和面积的五分之一", "R10: a fifth of the heads and of the area has not asked yet")
	ErrNotOverdue  = fault.New(fault.Conflict, "assembly.not_overdue", "期限到 {due}，尚未逾期", "the time runs until {due}")
	ErrUnsigned    = fault.New(fault.Conflict, "assembly.unsigned", "您没有签名", "you have not signed")
	ErrBegun       = fault.New(fault.Conflict, "assembly.demand_begun", "会议已开始召集或已被责令召集，签名不能撤回", "the meeting is being convened or was ordered; signatures stay")
	ErrTaken       = fault.New(fault.Conflict, "assembly.demand_taken", "这项提议已有会议回应", "another meeting answers this demand already")
	ErrNotTrusted  = fault.New(fault.Refused, "assembly.not_entrusted", "小区有在任的业主委员会：业主提议、街道责令后委员会仍未召集的，社区才能受托组织（R10）", "a committee is in office: others organise a meeting only on the owners' demand, after the street's order was not followed (R10)")
)

// Stages of a demand that was reached.
const (
	stageCollect   = "collecting" // owners sign
	stageConvene   = "convene"    // the committee owes it
	stageOrder     = "order"      // the street owes the order
	stageOrdered   = "ordered"    // the committee was ordered
	stageEntrust   = "entrust"    // the street may entrust the community
	stageEntrusted = "entrusted"  // the community owes it
	stageMet       = "met"        // notice of a meeting went out
	stageLapsed    = "lapsed"     // too few signed in time, or all took their names back
)

var demandWords = map[string][2]string{
	stageCollect: {"业主签名中", "owners are signing"}, stageConvene: {"委员会应召集会议", "the committee owes the meeting"}, stageOrder: {"街道应责令召集", "the street owes the order"},
	stageOrdered: {"已责令委员会召集", "the committee was ordered"}, stageEntrust: {"责令后仍未召集", "the order was not followed"}, stageEntrusted: {"已委托社区组织", "the community organises it"}, stageMet: {"会议已通知", "notice of the meeting went out"},
	stageLapsed: {"签名不足，提议已失效", "too few signed: the demand has lapsed"},
}

// Demand is owners' wish for a meeting (R10).
type Demand struct {
	ID      string      `json:"id"`
	Path    scope.Path  `json:"path"`
	Where   string      `json:"where"`
	Text    string      `json:"text"`
	Matters []string    `json:"matters"`
	At      day.Instant `json:"at"`
	Stage   string      `json:"stage"`
	StageZh string      `json:"stage_zh"`
	StageEn string      `json:"stage_en"`
	Due     day.Instant `json:"due,omitempty" doc:"by when the stage is to be over"`
	Meeting string      `json:"meeting,omitempty"`
	Signed  int64       `json:"signed" doc:"persons"`
	Mine    bool        `json:"mine" doc:"who asks has signed"`
	Version int64       `json:"version"`
	person  string
}

// Support is how far a demand is, by heads and by area of the titles as they are now.
type Support struct {
	Asking  tally.Count  `json:"asking"`
	Total   tally.Count  `json:"total"`
	Needed  [2]int64     `json:"needed" doc:"the fraction n, d"`
	Reached bool         `json:"reached"`
	Steps   []tally.Step `json:"steps"`
}

// DemandFile is a demand with its support.
type DemandFile struct {
	Demand
	Support Support `json:"support"`
}

type demandText struct {
	Text    string   `json:"text"`
	Matters []string `json:"matters"`
}

const demandColumns = `id, path, words, person, at, stage, due, meeting, version, (select count(*) from assembly_demand_sign s where s.demand = assembly_demand.id)`

func scanDemand(r interface{ Scan(...any) error }) (d Demand, err error) {
	var words string
	if err = r.Scan(&d.ID, &d.Path, &words, &d.person, &d.At, &d.Stage, &d.Due, &d.Meeting, &d.Version, &d.Signed); err != nil {
		return d, err
	}
	var t demandText
	if err = json.Unmarshal([]byte(words), &t); err != nil {
		return d, err
	}
	d.Text, d.Matters = t.Text, t.Matters
	if d.Matters == nil {
		d.Matters = []string{}
	}
	d.StageZh, d.StageEn = demandWords[d.Stage][0], demandWords[d.Stage][1]
	return d, nil
}

func (h *Hall) demand(ctx context.Context, q store.Queryer, id string) (Demand, error) {
	d, err := scanDemand(q.QueryRow(ctx, `select `+demandColumns+` from assembly_demand where id = $1`, id))
	if errors.Is(err, sql.ErrNoRows) {
		return d, ErrMissing
	}
	return d, err
}

func (d Demand) ref() string { return "assembly-demands/" + d.ID }

// owns reports whether a person holds a title in a compound today.
func (h *Hall) owns(ctx context.Context, q store.Queryer, person string, at scope.Path) (bool, error) {
	lo, hi := at.Bounds()
	n, err := store.Count(ctx, q, `select count(*) from people_v_title where person = $1 and to_day = '' and path >= $2 and path < $3`, person, lo, hi)
	return n > 0 && person != "", err
}

// Demand begins to collect signatures; who begins signs first.
func (h *Hall) Demand(ctx context.Context, who access.Who, compound, text string, matters []string) (f DemandFile, err error) {
	err = h.db.Write(ctx, func(tx *store.Tx) error {
		n, err := h.compound(ctx, tx, compound)
		if err != nil {
			return err
		}
		if err := who.May(Attend, n.Path); err != nil {
			return err
		}
		if ok, err := h.owns(ctx, tx, who.Person, n.Path); err != nil || !ok {
			return orElse(err, ErrOwnerOnly)
		}
		if text = strings.TrimSpace(text); text == "" || len([]rune(text)) > 2000 {
			return ErrDemandText
		}
		words, err := json.Marshal(demandText{text, matters})
		if err != nil {
			return err
		}
		p, cal, _, err := h.rules(ctx, tx, n.Path, today(tx))
		if err != nil {
			return err
		}
		d := Demand{ID: tx.NewID(), Path: n.Path}
		if _, err := tx.Exec(ctx, `insert into assembly_demand (id, path, street, words, person, at, state, stage, due, meeting, why, version) values ($1, $2, $3, $4, $5, $6, 'open', 'collecting', $7, '', '', 1)`,
			d.ID, string(n.Path), string(n.Path.Street()), string(words), who.Person, int64(tx.Now), int64(due(cal, tx.Now, p.Lapse).At)); err != nil {
			return err
		}
		if err := h.trace(ctx, tx, who, Attend, d, "demand", "", nil); err != nil {
			return err
		}
		f, err = h.sign(ctx, tx, who, d.ID)
		return err
	})
	return f, err
}

func orElse(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

// trace leaves a demand's audit entry.
func (h *Hall) trace(ctx context.Context, tx *store.Tx, who access.Who, a *access.Action, d Demand, what, why string, to any) error {
	by := audit.By{Account: who.Account, Person: who.Person}
	if a != nil {
		by = who.By(a, d.Path)
	}
	tx.Changed(store.Change{Kind: "assembly-demands", ID: d.ID, Path: d.Path})
	return audit.Write(ctx, tx, audit.Entry{By: by, Action: "assembly." + what, Path: d.Path, Ref: d.ref(), Why: why, To: to})
}

// Sign adds an owner's name to a demand, by the signed-in phone.
func (h *Hall) Sign(ctx context.Context, who access.Who, id string) (f DemandFile, err error) {
	err = h.db.Write(ctx, func(tx *store.Tx) error {
		d, err := h.demand(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := who.May(Attend, d.Path); err != nil {
			return err
		}
		if ok, err := h.owns(ctx, tx, who.Person, d.Path); err != nil || !ok {
			return orElse(err, ErrOwnerOnly)
		}
		f, err = h.sign(ctx, tx, who, id)
		return err
	})
	return f, err
}

func (h *Hall) sign(ctx context.Context, tx *store.Tx, who access.Who, id string) (f DemandFile, err error) {
	n, err := tx.Exec(ctx, `insert into assembly_demand_sign (demand, person, at) values ($1, $2, $3) on conflict (demand, person) do nothing`, id, who.Person, int64(tx.Now))
	if err != nil {
		return f, err
	}
	if n == 0 {
		return f, ErrSigned
	}
	if f.Demand, err = h.demand(ctx, tx, id); err != nil {
		return f, err
	}
	if f.Stage == stageMet || f.Stage == stageLapsed || f.Stage == stageCollect && f.Due != 0 && f.Due < tx.Now {
		return f, ErrDemandState
	}
	f.Mine = true
	if f.Support, err = h.support(ctx, tx, f.Demand); err != nil {
		return f, err
	}
	if err := h.trace(ctx, tx, who, Attend, f.Demand, "demand_sign", "", map[string]any{"signed": f.Signed}); err != nil {
		return f, err
	}
	if f.Support.Reached && f.Stage == stageCollect {
		err = h.reached(ctx, tx, &f.Demand)
	}
	return f, err
}

// Unsign takes the caller's own name off a demand, until a meeting is drafted on it or the street has ordered one. Where the
// fifth is lost by that, the demand collects again and nobody owes the meeting; where no name is left, it is over.
func (h *Hall) Unsign(ctx context.Context, who access.Who, id string) (f DemandFile, err error) {
	err = h.db.Write(ctx, func(tx *store.Tx) error {
		d, err := h.demand(ctx, tx, id)
		if err != nil {
			return err
		}
		if who.Account == "" || who.Person == "" {
			return access.ErrSignIn
		}
		n, err := store.Count(ctx, tx, `select count(*) from assembly_demand_sign where demand = $1 and person = $2`, d.ID, who.Person)
		if err != nil {
			return err
		}
		if n == 0 {
			if may := who.May(Attend, d.Path); may != nil {
				return may
			}
			return ErrUnsigned
		}
		switch d.Stage {
		case stageCollect:
		case stageConvene, stageOrder:
			ordered, err := store.Count(ctx, tx, `select count(*) from assembly_meeting where demand = $1 and state <> 'cancelled'`, d.ID)
			if err != nil {
				return err
			}
			if ordered > 0 {
				return ErrBegun
			}
		case stageMet, stageLapsed:
			return ErrDemandState
		default:
			return ErrBegun
		}
		if _, err := tx.Exec(ctx, `delete from assembly_demand_sign where demand = $1 and person = $2`, d.ID, who.Person); err != nil {
			return err
		}
		if f.Demand, err = h.demand(ctx, tx, id); err != nil {
			return err
		}
		if err := h.trace(ctx, tx, who, nil, f.Demand, "demand_unsign", "", map[string]any{"signed": f.Signed}); err != nil {
			return err
		}
		if f.Support, err = h.support(ctx, tx, f.Demand); err != nil {
			return err
		}
		if f.Support.Reached {
			return nil
		}
		if f.Stage != stageCollect {
			p, cal, _, err := h.rules(ctx, tx, f.Path, today(tx))
			if err != nil {
				return err
			}
			if err := h.unowed(ctx, tx, f.Demand, who.Person); err != nil {
				return err
			}
			if err := h.move(ctx, tx, access.System, nil, &f.Demand, stageCollect, due(cal, f.At, p.Lapse), duty.Owe{}, ""); err != nil {
				return err
			}
		}
		if f.Signed == 0 {
			return h.move(ctx, tx, access.System, nil, &f.Demand, stageLapsed, day.Due{At: tx.Now}, duty.Owe{}, "")
		}
		return nil
	})
	return f, err
}

// unowed ends every duty on a demand.
func (h *Hall) unowed(ctx context.Context, tx *store.Tx, d Demand, by string) error {
	if h.on.Duty == nil {
		return nil
	}
	for _, kind := range []string{DutyConvene, DutyOrder, DutyEntrust} {
		if err := h.on.Duty.End(ctx, tx, kind, d.ref(), by); err != nil {
			return err
		}
	}
	return nil
}

// support counts who asks against the titles as they are now: a right asks when one of its voters signed.
func (h *Hall) support(ctx context.Context, q store.Queryer, d Demand) (s Support, err error) {
	p, _, _, err := h.rules(ctx, q, d.Path, h.db.Now().Day(day.Shanghai))
	if err != nil {
		return s, err
	}
	parts, people, err := h.parts(ctx, q, d.Path)
	if err != nil {
		return s, err
	}
	signed, err := store.Texts(ctx, q, `select person from assembly_demand_sign where demand = $1`, d.ID)
	if err != nil {
		return s, err
	}
	has := map[string]bool{}
	for _, x := range signed {
		has[x] = true
	}
	r, err := roll.Make(roll.Input{Compound: d.Path.Last(), Parts: parts})
	if err != nil {
		return s, err
	}
	for _, x := range r.Rights {
		own, spaces := x.Area()
		asks := false
		for _, v := range x.Voters {
			for _, person := range people[v.ID] {
				asks = asks || has[person]
			}
		}
		s.Total.Heads++
		s.Total.Area += own + spaces
		if asks {
			s.Asking.Heads++
			s.Asking.Area += own + spaces
		}
	}
	s.Needed = [2]int64{p.DemandN, p.DemandD}
	s.Reached, s.Steps = tally.Demanded(s.Asking, s.Total, p.DemandN, p.DemandD)
	return s, nil
}

// committee is who answers for convening: the committee's director in office, else the interim one's.
func (h *Hall) committee(ctx context.Context, q store.Queryer, at scope.Path, on day.Day) (post access.Post, org string, ok bool, err error) {
	for _, p := range []access.Post{access.CommitteeDirector, access.InterimDirector} {
		terms, err := h.on.Register.Holders(ctx, q, at, on, p)
		if err != nil {
			return "", "", false, err
		}
		if len(terms) > 0 {
			return p, terms[0].Org, true, nil
		}
	}
	return "", "", false, nil
}

// reached gives the committee its duty to convene; where there is none, the street its own at once.
func (h *Hall) reached(ctx context.Context, tx *store.Tx, d *Demand) error {
	p, cal, _, err := h.rules(ctx, tx, d.Path, today(tx))
	if err != nil {
		return err
	}
	post, org, ok, err := h.committee(ctx, tx, d.Path, today(tx))
	if err != nil {
		return err
	}
	if ok {
		return h.move(ctx, tx, access.System, nil, d, stageConvene, due(cal, tx.Now, p.Convene), duty.Owe{Kind: DutyConvene, Post: post, Org: org, Zh: "召集临时业主大会会议", En: "Convene the meeting that owners ask for"}, "")
	}
	return h.move(ctx, tx, access.System, nil, d, stageOrder, due(cal, tx.Now, p.Order), duty.Owe{Kind: DutyOrder, Post: access.StreetOfficer, Zh: "处理业主提议：无委员会可召集", En: "Owners ask for a meeting and there is no committee"}, "")
}

// move brings a demand to its next stage with the duty that goes with it, and tells who owes it and who began it.
func (h *Hall) move(ctx context.Context, tx *store.Tx, who access.Who, a *access.Action, d *Demand, stage string, until day.Due, owe duty.Owe, why string) error {
	n, err := tx.Exec(ctx, `update assembly_demand set state = $1, stage = $2, due = $3, why = $4, version = version + 1 where id = $5 and version = $6`,
		stateOf(stage), stage, int64(until.At), why, d.ID, d.Version)
	if err != nil {
		return err
	}
	if n == 0 {
		return ErrChanged
	}
	d.Version++
	d.Stage, d.Due = stage, until.At
	d.StageZh, d.StageEn = demandWords[stage][0], demandWords[stage][1]
	if h.on.Duty != nil && owe.Kind != "" {
		owe.Ref, owe.Path, owe.Due, owe.Provisional = d.ref(), d.Path, until.At, until.Provisional
		if _, err := h.on.Duty.Owe(ctx, tx, owe); err != nil {
			return err
		}
	}
	if err := h.trace(ctx, tx, who, a, *d, "demand_"+stage, why, map[string]any{"stage": stage, "due": until.At}); err != nil {
		return err
	}
	if h.on.Office == nil {
		return nil
	}
	where, err := h.on.Map.Words(ctx, tx, d.Path)
	if err != nil && !fault.IsKind(err, fault.Missing) {
		return err
	}
	to := []outreach.To{{Person: d.person}}
	if owe.Post != "" {
		to = append(to, outreach.To{Post: owe.Post, Org: owe.Org})
	}
	by := ""
	if until.At != 0 {
		by = until.At.Day(day.Shanghai).String()
	}
	if stage == stageLapsed {
		return h.on.Office.Tell(ctx, tx, outreach.Message{To: to, Template: "assembly.lapsed", Ref: d.ref(), Path: d.Path,
			Words: map[string]string{"place": where, "at": d.At.Day(day.Shanghai).String(), "due": by}})
	}
	return h.on.Office.Tell(ctx, tx, outreach.Message{To: to, Template: "assembly.demand", Ref: d.ref(), Path: d.Path,
		Words: map[string]string{"place": where, "stage": d.StageZh, "stage_en": d.StageEn, "due": by}})
}

// stateOf is a stage as the timer looks for it.
func stateOf(stage string) string {
	switch stage {
	case stageCollect:
		return "open"
	case stageMet, stageLapsed:
		return stage
	}
	return "reached"
}

// climb moves demands whose time ran out: the committee's to the street, an order that was not followed to the community; one
// that did not reach its fifth lapses. A demand from before that had a time gets the whole of it from now on.
func (h *Hall) climb(ctx context.Context) (int, error) {
	late, err := store.Texts(ctx, h.db, `select id from assembly_demand where state = 'reached' and stage in ('convene', 'ordered') and due > 0 and due < $1 or state = 'open' and due < $1 order by id limit 200`, int64(h.db.Now()))
	if err != nil {
		return 0, err
	}
	done := 0
	for _, id := range late {
		moved := false
		err := h.db.Write(ctx, func(tx *store.Tx) error {
			moved = false
			d, err := h.demand(ctx, tx, id)
			if err != nil || d.Due == 0 && d.Stage != stageCollect || d.Due >= tx.Now {
				return err
			}
			p, cal, _, err := h.rules(ctx, tx, d.Path, today(tx))
			if err != nil {
				return err
			}
			switch d.Stage {
			case stageCollect:
				if moved = true; d.Due == 0 {
					_, err := tx.Exec(ctx, `update assembly_demand set due = $1, version = version + 1 where id = $2 and version = $3`, int64(due(cal, tx.Now, p.Lapse).At), d.ID, d.Version)
					return err
				}
				return h.move(ctx, tx, access.System, nil, &d, stageLapsed, day.Due{At: d.Due}, duty.Owe{}, "")
			case stageConvene:
				moved = true
				return h.move(ctx, tx, access.System, nil, &d, stageOrder, due(cal, tx.Now, p.Order), duty.Owe{Kind: DutyOrder, Post: access.StreetOfficer, Zh: "责令委员会召集业主大会会议", En: "Order the committee to convene"}, "")
			case stageOrdered:
				moved = true
				return h.move(ctx, tx, access.System, nil, &d, stageEntrust, due(cal, tx.Now, p.Order), duty.Owe{Kind: DutyOrder, Post: access.StreetOfficer, Zh: "委托社区组织业主大会会议", En: "Entrust the community with the meeting"}, "")
			}
			return nil
		})
		if err != nil {
			return done, err
		}
		if moved {
			done++
		}
	}
	return done, nil
}

// Order is the street's order to the committee to convene, after its own time has run out.
func (h *Hall) Order(ctx context.Context, who access.Who, id, reason string) (DemandFile, error) {
	return h.street(ctx, who, id, reason, stageOrder, func(tx *store.Tx, d *Demand, p rules.Meetings, cal *day.Calendar) error {
		post, org, ok, err := h.committee(ctx, tx, d.Path, today(tx))
		if err != nil {
			return err
		}
		if !ok { // nobody to be ordered
			return h.move(ctx, tx, who, Oversee, d, stageEntrust, due(cal, tx.Now, p.Order), duty.Owe{Kind: DutyOrder, Post: access.StreetOfficer, Zh: "委托社区组织业主大会会议", En: "Entrust the community with the meeting"}, reason)
		}
		if h.on.Duty != nil { // the order has a day of its own
			if err := h.on.Duty.End(ctx, tx, DutyConvene, d.ref(), who.Person); err != nil {
				return err
			}
		}
		return h.move(ctx, tx, who, Oversee, d, stageOrdered, due(cal, tx.Now, p.Order), duty.Owe{Kind: DutyConvene, Post: post, Org: org, Zh: "按街道责令召集业主大会会议", En: "Convene the meeting as the street ordered"}, reason)
	})
}

// Entrust lets the community organise the meeting, after the order was not followed.
func (h *Hall) Entrust(ctx context.Context, who access.Who, id, reason string) (DemandFile, error) {
	return h.street(ctx, who, id, reason, stageEntrust, func(tx *store.Tx, d *Demand, p rules.Meetings, cal *day.Calendar) error {
		return h.move(ctx, tx, who, Oversee, d, stageEntrusted, due(cal, tx.Now, p.Entrust), duty.Owe{Kind: DutyEntrust, Post: access.CommunitySecretary, Zh: "受托组织业主大会会议", En: "Organise the meeting that owners ask for"}, reason)
	})
}

func (h *Hall) street(ctx context.Context, who access.Who, id, reason, stage string, fn func(tx *store.Tx, d *Demand, p rules.Meetings, cal *day.Calendar) error) (f DemandFile, err error) {
	err = h.db.Write(ctx, func(tx *store.Tx) error {
		d, err := h.demand(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := who.May(Oversee, d.Path); err != nil {
			return err
		}
		if reason = strings.TrimSpace(reason); reason == "" {
			return ErrReason
		}
		if d.Stage != stage {
			switch {
			case d.Stage == stageCollect:
				return ErrNotReached
			case d.Due != 0 && d.Due >= tx.Now && (d.Stage == stageConvene || d.Stage == stageOrdered):
				return ErrNotOverdue.Fill("due", d.Due.Day(day.Shanghai))
			}
			return ErrDemandState
		}
		p, cal, _, err := h.rules(ctx, tx, d.Path, today(tx))
		if err != nil {
			return err
		}
		if h.on.Duty != nil {
			if err := h.on.Duty.End(ctx, tx, DutyOrder, d.ref(), who.Person); err != nil {
				return err
			}
		}
		if err := fn(tx, &d, p, cal); err != nil {
			return err
		}
		f.Demand = d
		f.Support, err = h.support(ctx, tx, d)
		return err
	})
	return f, err
}

// answer links a meeting that is drafted to the demand it answers. A committee may answer at any stage; the community where
// it was entrusted, and then in the place of a meeting of which no notice went out.
func (h *Hall) answer(ctx context.Context, tx *store.Tx, who access.Who, m *Meeting, id string) error {
	d, err := h.demand(ctx, tx, id)
	if err != nil {
		return err
	}
	if d.Path != m.Path {
		return ErrMissing.At("demand")
	}
	switch {
	case d.Stage == stageCollect, d.Stage == stageLapsed:
		return ErrNotReached
	case d.Stage == stageMet:
		return ErrTaken
	case m.substitute() && d.Stage != stageEntrusted:
		return ErrNotTrusted
	}
	if d.Meeting != "" {
		old, err := h.meeting(ctx, tx, d.Meeting)
		if err != nil {
			return err
		}
		if old.State != Cancelled && !(m.substitute() && (old.State == Draft || old.State == Posted)) {
			return ErrTaken
		}
	}
	m.Demand = d.ID
	if _, err := tx.Exec(ctx, `update assembly_demand set meeting = $1, version = version + 1 where id = $2`, m.ID, d.ID); err != nil {
		return err
	}
	return h.trace(ctx, tx, who, Convene, d, "demand_answer", "", map[string]any{"meeting": m.ID})
}

// demandMet ends what is owed on a demand when notice of its meeting goes out.
func (h *Hall) demandMet(ctx context.Context, tx *store.Tx, who access.Who, m Meeting) error {
	if m.Demand == "" {
		return nil
	}
	d, err := h.demand(ctx, tx, m.Demand)
	if err != nil || d.Stage == stageMet || d.Meeting != m.ID {
		return err
	}
	if err := h.unowed(ctx, tx, d, who.Person); err != nil {
		return err
	}
	return h.move(ctx, tx, who, Convene, &d, stageMet, day.Due{}, duty.Owe{}, "")
}

// demandAgain brings a demand back whose meeting was cancelled after its notice had answered it: otherwise a notice and a
// cancellation would do away with what a fifth of the owners asked for (R10). Whoever was trusted with it owes it anew.
func (h *Hall) demandAgain(ctx context.Context, tx *store.Tx, m Meeting) error {
	if m.Demand == "" {
		return nil
	}
	d, err := h.demand(ctx, tx, m.Demand)
	if err != nil || d.Stage != stageMet || d.Meeting != m.ID {
		return err
	}
	if !m.substitute() {
		return h.reached(ctx, tx, &d)
	}
	p, cal, _, err := h.rules(ctx, tx, d.Path, today(tx))
	if err != nil {
		return err
	}
	return h.move(ctx, tx, access.System, nil, &d, stageEntrusted, due(cal, tx.Now, p.Entrust), duty.Owe{Kind: DutyEntrust, Post: access.CommunitySecretary, Zh: "受托组织业主大会会议", En: "Organise the meeting that owners ask for"}, "")
}

// GetDemand shows a demand with its support, to owners of the compound and to staff.
func (h *Hall) GetDemand(ctx context.Context, who access.Who, id string) (f DemandFile, err error) {
	err = h.db.View(ctx, func(q store.Queryer) error {
		if f.Demand, err = h.demand(ctx, q, id); err != nil {
			return err
		}
		if who.May(Look, f.Path) != nil {
			if err := who.May(Attend, f.Path); err != nil {
				return err
			}
		}
		if f.Where, err = h.on.Map.Words(ctx, q, f.Path); err != nil && !fault.IsKind(err, fault.Missing) {
			return err
		}
		n, err := store.Count(ctx, q, `select count(*) from assembly_demand_sign where demand = $1 and person = $2`, f.ID, who.Person)
		if err != nil {
			return err
		}
		f.Mine = n > 0
		f.Support, err = h.support(ctx, q, f.Demand)
		return err
	})
	if err != nil {
		f = DemandFile{}
	}
	return f, err
}

// DemandPage is one page of demands.
type DemandPage = paged.List[Demand]

// Demands lists demands, newest first; query is looked for in their words and in the compound's name.
func (h *Hall) Demands(ctx context.Context, who access.Who, under scope.Path, stage, query, after string, limit int) (p DemandPage, err error) {
	if who.Account == "" && !who.System {
		return p, access.ErrSignIn
	}
	cond, args := scope.Where("path", 1, place.Narrow(append(who.Paths(Look), who.Paths(Attend)...), under)...)
	if stage != "" {
		args = append(args, stage)
		cond += fmt.Sprintf(` and stage = $%d`, len(args))
	}
	if query = strings.TrimSpace(query); query != "" {
		args = append(args, contains(query))
		n := store.Marks(len(args), 1)
		cond += ` and (lower(replace(replace(words, '"text":', ''), '"matters":', '')) like ` + n + ` escape '\' or exists (select 1 from place_v_node n where n.path = assembly_demand.path and lower(n.name) like ` + n + ` escape '\'))`
	}
	if p.Count, err = store.Count(ctx, h.db, `select count(*) from assembly_demand where `+cond, args...); err != nil {
		return p, err
	}
	if limit <= 0 || limit > 200 {
		limit = 50
	}
	if after != "" {
		args = append(args, after)
		cond += fmt.Sprintf(` and id < $%d`, len(args))
	}
	args = append(args, limit+1)
	p.Items, err = store.All(ctx, h.db, func(r *sql.Rows) (Demand, error) { return scanDemand(r) }, `select `+demandColumns+` from assembly_demand where `+cond+fmt.Sprintf(` order by id desc limit $%d`, len(args)), args...)
	if err != nil {
		return p, err
	}
	if len(p.Items) > limit {
		p.Items = p.Items[:limit]
		p.Next = p.Items[limit-1].ID
	}
	var paths []scope.Path
	for _, d := range p.Items {
		paths = append(paths, d.Path)
	}
	words, err := h.on.Map.WordsFor(ctx, h.db, paths...)
	for i := range p.Items {
		p.Items[i].Where = words[p.Items[i].Path]
	}
	return p, err
}
