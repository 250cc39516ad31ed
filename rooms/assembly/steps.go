package assembly

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/platform/access"
	"cuobian/platform/jobs"
	"cuobian/platform/store"
	"cuobian/rooms/assembly/bundle"
	"cuobian/rooms/assembly/tally"
)

// Faults of opening, closing and the ends aside.
var (
	ErrNotYet      = fault.New(fault.Conflict, "assembly.not_yet", "R09 表决于 {day} 开始，此前不能开始", "R09: voting opens on {day} and not before")
	ErrStillOpen   = fault.New(fault.Conflict, "assembly.still_open", "R09 表决到 {day} 24:00 截止，通知的表决期不能提前结束", "R09: voting lasts until 24:00 of {day}, as the notice said; it does not close earlier")
	ErrNoExtension = fault.New(fault.Refused, "assembly.no_extension", "选举或所适用规则不允许延期", "elections, or the rules in force, allow no extension")
	ErrExtendLong  = fault.Bad("until", "assembly.extend_long", "延期须晚于原截止日，且累计不超过 {days} 日（最晚 {last}）", "an extension ends after the day planned and is {days} days at most altogether, {last} at the latest")
	ErrGateMet     = fault.New(fault.Conflict, "assembly.gate_met", "R01 参与表决已达三分之二，不得延期", "R01: two thirds take part already; there is no extension")
	ErrBasis       = fault.Bad("basis", "assembly.basis", "R12 撤销须写明依据的法律条款", "R12: an annulment names the law it rests on")
	ErrStreetOnly  = fault.New(fault.Refused, "assembly.street_only", "开票后只能由街道决定取消", "after voting opened only the street can cancel")
)

// Annul is the street's right under R12 alone.
var Annul = access.Declare("assembly.annul", "撤销业主大会的违法决定", "annul an unlawful decision of the assembly", access.StreetOfficer, access.StreetLeader, access.DistrictOfficer)

// open begins voting in the records: what was posted stands from here on.
func (h *Hall) open(ctx context.Context, tx *store.Tx, who access.Who, a *access.Action, m *Meeting) error {
	list, err := h.matters(ctx, tx, m.ID)
	if err != nil {
		return err
	}
	if m.Secret {
		ok, err := h.scrutineersReady(ctx, tx, m.ID)
		if err != nil {
			return err
		}
		if !ok {
			return ErrSwear
		}
	}
	if len(list) == 0 {
		return h.cancel(ctx, tx, who, a, m, "没有可以表决的议题或候选人")
	}
	f, err := h.rollFigures(ctx, tx, *m)
	if err != nil {
		return err
	}
	question, err := h.question(ctx, tx, *m, list)
	if err != nil {
		return err
	}
	m.State = Voting
	if err := h.met(ctx, tx, *m, DutySworn, who.Person); err != nil {
		return err
	}
	if err := h.handOver(ctx, tx, *m); err != nil {
		return err
	}
	if err := h.event(ctx, tx, who, a, *m, "opened", "", map[string]any{"roll": f.Version, "roll_hash": f.Hash, "counts": m.Counts, "secret": m.Secret, "matters": len(list), "question": question}); err != nil {
		return err
	}
	if err := h.public(ctx, tx, *m, bundle.RecordOpened, map[string]any{"meeting": m.Number, "roll": f.Hash, "counts": m.Counts, "secret": m.Secret, "matters": question}); err != nil {
		return err
	}
	return h.tellAll(ctx, tx, *m, "assembly.opened", nil)
}

// close ends voting in the records, for good.
func (h *Hall) close(ctx context.Context, tx *store.Tx, who access.Who, a *access.Action, m *Meeting) error {
	words, err := store.Texts(ctx, tx, `select word from assembly_ballot where meeting = $1 order by word`, m.ID)
	if err != nil {
		return err
	}
	m.State = Closed
	s := bundle.Seal{Ballots: int64(len(words)), Root: bundle.Root(words)}
	if err := h.event(ctx, tx, who, a, *m, "closed", "", map[string]any{"ballots": s.Ballots, "root": s.Root}); err != nil {
		return err
	}
	if err := h.public(ctx, tx, *m, bundle.RecordClosed, struct {
		Meeting string `json:"meeting"`
		bundle.Seal
	}{m.Number, s}); err != nil {
		return err
	}
	return h.owe(ctx, tx, *m, DutyPreliminary, m.PrelimOn.End(day.Shanghai), false)
}

// Open writes down that voting has begun; the day of opening must have come. A timer does the same.
func (h *Hall) Open(ctx context.Context, who access.Who, id string) (Meeting, error) {
	return h.step(ctx, who, id, 0, []State{Noticed}, func(tx *store.Tx, m *Meeting) error {
		if tx.Now < m.Opens {
			return ErrNotYet.Fill("day", m.Opens.Day(day.Shanghai))
		}
		return h.open(ctx, tx, who, Convene, m)
	})
}

// Close ends voting in the records once its last instant is over; a timer does the same. No rule lets the convener end it
// earlier, though everybody has voted: the notice told its end (R09), and until then an objection to the roll may still bring
// a right in (R74).
func (h *Hall) Close(ctx context.Context, who access.Who, id string) (Meeting, error) {
	return h.step(ctx, who, id, 0, []State{Voting}, func(tx *store.Tx, m *Meeting) error {
		if tx.Now < m.Closes {
			return ErrStillOpen.Fill("day", (m.Closes - 1).Day(day.Shanghai))
		}
		return h.close(ctx, tx, who, Convene, m)
	})
}

// Extend lets voting last until the end of a day, where the rules allow it and a gate is not reached; all are told.
func (h *Hall) Extend(ctx context.Context, who access.Who, id string, until day.Day, reason string) (Meeting, error) {
	return h.step(ctx, who, id, 0, []State{Noticed, Voting}, func(tx *store.Tx, m *Meeting) error {
		if reason = strings.TrimSpace(reason); reason == "" {
			return ErrReason
		}
		if !m.Takes(tx.Now) {
			return m.in() // neither before opening nor after the last instant
		}
		p, c, err := h.rulesOf(ctx, tx, *m)
		if err != nil {
			return err
		}
		if p.ExtendDays <= 0 || m.Elects() && !p.ExtendElections {
			return ErrNoExtension
		}
		last := (m.Closes - 1).Day(day.Shanghai)
		most := last.Add(p.ExtendDays - int(m.Extended))
		if until <= last || until > most {
			return ErrExtendLong.Fill("days", p.ExtendDays, "last", most)
		}
		met, err := h.gates(ctx, tx, *m)
		if err != nil {
			return err
		}
		if met {
			return ErrGateMet
		}
		m.Extended += int64(until.Sub(last))
		m.Closes = until.Add(1).Start(day.Shanghai)
		m.PrelimOn = until.Add(1)
		m.PrelimUntil, _ = c.AddDays(m.PrelimOn, p.ResultDays)
		m.FinalOn = m.PrelimUntil.Add(1)
		if err := h.event(ctx, tx, who, Convene, *m, "extended", reason, map[string]any{"until": until, "days": m.Extended, "reason": reason}); err != nil {
			return err
		}
		if err := h.public(ctx, tx, *m, "assembly.extended", map[string]any{"meeting": m.Number, "closes": m.Closes}); err != nil {
			return err
		}
		return h.tellAll(ctx, tx, *m, "assembly.extended", nil)
	})
}

// gates reports whether every matter has its two thirds, by who has voted and not by what.
func (h *Hall) gates(ctx context.Context, q store.Queryer, m Meeting) (bool, error) {
	list, err := h.results(ctx, q, m)
	if err != nil {
		return false, err
	}
	return !slices.ContainsFunc(list, func(r tally.Result) bool { return !r.Gate }), nil
}

// cancel ends a meeting before it has a result.
func (h *Hall) cancel(ctx context.Context, tx *store.Tx, who access.Who, a *access.Action, m *Meeting, reason string) error {
	m.State, m.EndedWhy = Cancelled, reason
	if err := h.event(ctx, tx, who, a, *m, "cancelled", reason, map[string]any{"reason": reason}); err != nil {
		return err
	}
	if err := h.moot(ctx, tx, *m, who.Person); err != nil {
		return err
	}
	if err := h.demandAgain(ctx, tx, *m); err != nil {
		return err
	}
	if m.RollVersion == 0 {
		return nil // nobody outside was told of it
	}
	if err := h.public(ctx, tx, *m, "assembly.cancelled", map[string]any{"meeting": m.Number, "reason": reason}); err != nil {
		return err
	}
	return h.tellAll(ctx, tx, *m, "assembly.cancelled", map[string]string{"reason": reason})
}

// moot drops whatever is still owed for a meeting that ended without a valid result: its steps, answers to objections, what
// was to be carried out. Nobody fell behind with it. Objections that nobody answered are closed with it.
func (h *Hall) moot(ctx context.Context, tx *store.Tx, m Meeting, person string) error {
	refs := map[string][]string{DutyNotice: {m.Ref()}, DutySworn: {m.Ref()}, DutyPreliminary: {m.Ref()}, DutyFinal: {m.Ref()}}
	for _, table := range []string{"assembly_objection", "assembly_challenge"} {
		open, err := store.Texts(ctx, tx, `update `+table+` set state = 'moot', by_person = $1, decided = $2 where meeting = $3 and state = 'open' returning id`, person, int64(tx.Now), m.ID)
		if err != nil {
			return err
		}
		for _, id := range open {
			refs[DutyObjection] = append(refs[DutyObjection], "assembly-objections/"+id)
		}
	}
	if _, err := tx.Exec(ctx, `update assembly_proposal set state = 'moot' where meeting = $1 and state = 'open'`, m.ID); err != nil {
		return err
	}
	list, err := h.matters(ctx, tx, m.ID)
	if err != nil || h.on.Duty == nil {
		return err
	}
	for _, x := range list {
		refs[DutyCarry] = append(refs[DutyCarry], m.Ref()+"/matters/"+itoa(x.No))
	}
	for _, kind := range slices.Sorted(maps.Keys(refs)) {
		for _, ref := range refs[kind] {
			if err := h.on.Duty.Void(ctx, tx, kind, ref, person); err != nil {
				return err
			}
		}
	}
	return nil
}

// Cancel ends a meeting without a result: the convener before voting opens, after that the street alone.
func (h *Hall) Cancel(ctx context.Context, who access.Who, id, reason string) (m Meeting, err error) {
	err = h.db.Write(ctx, func(tx *store.Tx) error {
		if m, err = h.meeting(ctx, tx, id); err != nil {
			return err
		}
		a := Convene
		if may := h.convenes(who, m); may != nil {
			if who.May(Annul, m.Path) != nil {
				return may
			}
			a = Annul
		}
		if err := m.in(Draft, Posted, Noticed, Voting); err != nil {
			return err
		}
		if m.Opened(tx.Now) {
			if who.May(Annul, m.Path) != nil {
				return ErrStreetOnly
			}
			a = Annul
		}
		if reason = strings.TrimSpace(reason); reason == "" {
			return ErrReason
		}
		if err := h.cancel(ctx, tx, who, a, &m, reason); err != nil {
			return err
		}
		return h.save(ctx, tx, &m)
	})
	return m, err
}

// Annulment is what is put as a job when the street annuls a decision, for the rooms that acted on it.
type Annulment struct {
	Meeting string `json:"meeting"`
	Path    string `json:"path"`
	Purpose string `json:"purpose"`
}

// AnnulMeeting takes back an unlawful decision and tells all owners (R12, Regulations on Property Management 19).
func (h *Hall) AnnulMeeting(ctx context.Context, who access.Who, id, reason, basis string) (m Meeting, err error) {
	err = h.db.Write(ctx, func(tx *store.Tx) error {
		if m, err = h.meeting(ctx, tx, id); err != nil {
			return err
		}
		if err := who.May(Annul, m.Path); err != nil {
			return err
		}
		if err := m.in(Closed, Preliminary, Final); err != nil {
			return err
		}
		reason, basis = strings.TrimSpace(reason), strings.TrimSpace(basis)
		if reason == "" {
			return ErrReason
		}
		if basis == "" {
			return ErrBasis
		}
		m.State, m.EndedWhy = Annulled, reason
		if err := h.event(ctx, tx, who, Annul, m, "annulled", reason, map[string]any{"reason": reason, "basis": basis}); err != nil {
			return err
		}
		if err := h.public(ctx, tx, m, "assembly.annulled", map[string]any{"meeting": m.Number, "reason": reason, "basis": basis}); err != nil {
			return err
		}
		if err := h.tellAll(ctx, tx, m, "assembly.annulled", map[string]string{"reason": reason, "basis": basis}); err != nil {
			return err
		}
		if h.on.Jobs != nil {
			if err := h.on.Jobs.Put(ctx, tx, "assembly.annulled", Annulment{m.ID, string(m.Path), m.Purpose}, jobs.When{}); err != nil {
				return err
			}
		}
		if err := h.moot(ctx, tx, m, who.Person); err != nil {
			return err
		}
		return h.save(ctx, tx, &m)
	})
	return m, err
}

// Tick does what time brings: voting opens and closes in the records, demands that nobody answered go a step up. A clock
// that went back does nothing: a state is never left backwards. It says how much it did; a timer calls it.
func (h *Hall) Tick(ctx context.Context) (int, error) {
	now := int64(h.db.Now())
	ids, err := store.Texts(ctx, h.db, `select id from assembly_meeting where state = 'noticed' and opens <= $1 or state = 'voting' and closes <= $1 order by id`, now)
	if err != nil {
		return 0, err
	}
	done := 0
	for _, id := range ids {
		did := false
		err := h.db.Write(ctx, func(tx *store.Tx) error {
			did = false
			m, err := h.meeting(ctx, tx, id)
			if err != nil {
				return err
			}
			switch {
			case m.State == Noticed && m.Opens <= tx.Now:
				err = h.open(ctx, tx, access.System, nil, &m)
				if errors.Is(err, ErrSwear) && m.Closes <= tx.Now {
					err = h.cancel(ctx, tx, access.System, nil, &m, "无记名表决没有两名宣誓的监票人，未能开票")
				} else if errors.Is(err, ErrSwear) {
					return nil // it opens as soon as they have sworn
				}
			case m.State == Voting && m.Closes <= tx.Now:
				err = h.close(ctx, tx, access.System, nil, &m)
			default:
				return nil
			}
			if err != nil {
				return err
			}
			did = true
			return h.save(ctx, tx, &m)
		})
		if err != nil {
			return done, err
		}
		if did {
			done++
		}
	}
	up, err := h.climb(ctx)
	return done + up, err
}
