package committee

import (
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/jobs"
	"cuobian/platform/rules"
	"cuobian/platform/store"
	"cuobian/rooms/committee/form"
	"cuobian/rooms/outreach"
	"cuobian/rooms/people"
)

// Seat is somebody elected, or an alternate.
type Seat struct {
	Person string `json:"person"`
	Zone   string `json:"zone,omitempty"`
	Party  string `json:"party,omitempty"`
	Heads  int64  `json:"heads" doc:"agreeing heads"`
	Area   int64  `json:"area" doc:"agreeing area, 0.01 m²"`
}

// Zone is a constituency: buildings that put a member forward.
type Zone struct {
	Name      string       `json:"name"`
	Buildings []scope.Path `json:"buildings"`
	Seats     int          `json:"seats"`
}

// Elected is what an assembly decided about a committee.
type Elected struct {
	Meeting    string     `json:"meeting"`
	Path       scope.Path `json:"path"`
	On         day.Day    `json:"on"`
	Purpose    string     `json:"purpose" doc:"first, election or by_election"`
	Size       int        `json:"size" doc:"members agreed; of a by-election the places it was to fill"`
	Members    []Seat     `json:"members"`
	Alternates []Seat     `json:"alternates" doc:"first in line first"`
	Zones      []Zone     `json:"zones"`
	Demo       bool       `json:"demo,omitempty"`
}

// Listen hears what the assembly made final, and what the street annulled.
func (c *Chamber) Listen(run *jobs.Runner) {
	for name, do := range map[string]func(context.Context, *store.Tx, string) error{"assembly.final": c.Final, "assembly.annulled": c.Annulled} {
		run.Handle(name, func(ctx context.Context, j jobs.Job) error {
			var m struct {
				Meeting string `json:"meeting"`
			}
			if err := j.Read(&m); err != nil {
				return err
			}
			return c.db.Write(ctx, func(tx *store.Tx) error {
				if err := do(ctx, tx, m.Meeting); err != nil {
					return err
				}
				return j.Done(ctx, tx)
			})
		})
	}
}

// Annulled takes back what an election had brought about when the street annuls it (R12): the committee and its terms end,
// members of a by-election leave, and what the election was to fill is owed anew. The former committee comes back for the rest
// of its own term (restore).
func (c *Chamber) Annulled(ctx context.Context, tx *store.Tx, meeting string) error {
	var org, state, facts string
	err := tx.QueryRow(ctx, `select org, state, facts from committee_election where meeting = $1 and state in ('seated', 'waiting')`, meeting).Scan(&org, &state, &facts)
	if none(err) {
		return nil
	}
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `update committee_election set state = 'annulled' where meeting = $1`, meeting); err != nil || state == "waiting" {
		return err
	}
	var e Elected
	if err := json.Unmarshal([]byte(facts), &e); err != nil {
		return err
	}
	b, err := c.body(ctx, tx, org, today(tx))
	if err != nil {
		return err
	}
	last, why := today(tx).Add(-1), "街道撤销选举结果（R12）"
	first, err := store.Count(ctx, tx, `select count(*) from committee_org where org = $1 and meeting = $2`, org, meeting)
	if err != nil {
		return err
	}
	for _, t := range b.terms {
		if first == 0 && !slices.ContainsFunc(slices.Concat(e.Members, e.Alternates), func(s Seat) bool { return s.Person == t.Person }) {
			continue
		}
		if _, err := c.on.Register.CloseTerm(ctx, tx, audit.System, t, max(last, t.From.Add(-1)), why); err != nil {
			return err
		}
	}
	ref := "committees/" + org
	if first > 0 {
		b.o.EndedOn = max(last, b.o.FoundedOn)
		if _, err := c.on.Register.AmendOrg(ctx, tx, audit.System, b.o, why); err != nil {
			return err
		}
		for _, kind := range []string{dutyReelect, dutyByElect, dutyRefile, dutyFile, dutyMeet} {
			if err := c.drop(ctx, tx, kind, ref); err != nil {
				return err
			}
		}
		open, err := formings(ctx, tx, `org = $1 and closed = 0`, org)
		if err != nil {
			return err
		}
		for _, f := range open {
			f.Closed, f.EndedWhy = tx.Now, why
			if err := c.save(ctx, tx, &f); err != nil {
				return err
			}
		}
	} else if err := c.oweByElection(ctx, tx, b.o.Path, ref, len(b.all)-len(e.Members), len(b.all), today(tx), b.cal); err != nil {
		return err
	}
	back := 0
	if first > 0 {
		if err := c.voidSeal(ctx, tx, b.o, why); err != nil {
			return err
		}
		if back, err = c.restore(ctx, tx, meeting, b, why); err != nil {
			return err
		}
	}
	return c.trail(ctx, tx, access.System, Form, b.o.Path, "annulled", ref, why, map[string]any{"meeting": meeting, "back": back})
}

// Final takes over what a final meeting decided: members, by-elections, recalls. A second time it changes nothing.
func (c *Chamber) Final(ctx context.Context, tx *store.Tx, meeting string) error {
	if err := c.decideRecalls(ctx, tx, meeting); err != nil {
		return err
	}
	if c.Outcome == nil {
		return nil
	}
	e, elects, err := c.Outcome(ctx, tx, meeting)
	if err != nil || !elects {
		return err
	}
	return c.Elect(ctx, tx, e)
}

// Elect makes the terms of an election in the caller's write: of a new committee, or of members who fill places. What
// was written for the meeting before stays as it is.
func (c *Chamber) Elect(ctx context.Context, tx *store.Tx, e Elected) error {
	if n, err := store.Count(ctx, tx, `select count(*) from committee_election where meeting = $1`, e.Meeting); err != nil || n > 0 {
		return err
	}
	if !e.On.Sound() {
		e.On = today(tx)
	}
	for _, list := range [][]Seat{e.Members, e.Alternates} {
		for i := range list {
			// Somebody may have been united with another record since the candidates were listed.
			p, err := c.on.Register.Resolve(ctx, tx, list[i].Person)
			if err != nil {
				return err
			}
			list[i].Person = p
		}
	}
	elected, interim, err := c.standing(ctx, tx, e.Path, today(tx))
	if err != nil {
		return err
	}
	p, cal, name, err := c.rules(ctx, tx, e.Path, e.On)
	if err != nil {
		return err
	}
	if e.Purpose == "by_election" && elected != nil {
		return c.fill(ctx, tx, *elected, e, p, cal)
	}
	whole := e
	if e.Purpose == "by_election" {
		// No committee stands: those elected earlier wait for these.
		waiting, err := c.waiting(ctx, tx, e.Path)
		if err != nil {
			return err
		}
		if waiting != nil {
			whole.Size, whole.Zones = waiting.Size, waiting.Zones
			whole.Members = append(slices.Clone(waiting.Members), e.Members...)
			whole.Alternates = append(slices.Clone(waiting.Alternates), e.Alternates...)
		}
	}
	whole.Alternates = slices.DeleteFunc(slices.Clone(whole.Alternates), func(s Seat) bool { return seated(whole.Members, s.Person) })
	if !form.Stands(len(whole.Members), whole.Size, p.SizeMin, p.Partial) {
		if err := c.wrote(ctx, tx, whole, "", "waiting"); err != nil {
			return err
		}
		return c.oweByElection(ctx, tx, e.Path, "compounds/"+e.Path.Last(), len(whole.Members), whole.Size, e.On, cal)
	}
	if _, err := tx.Exec(ctx, `update committee_election set state = 'joined' where path = $1 and state = 'waiting'`, string(e.Path)); err != nil {
		return err
	}
	if err := c.met(ctx, tx, dutyByElect, "compounds/"+e.Path.Last(), ""); err != nil {
		return err
	}
	was, err := c.relieved(ctx, tx, elected, interim)
	if err != nil {
		return err
	}
	org, err := c.seat(ctx, tx, whole, elected, interim, p, cal, name)
	if err != nil {
		return err
	}
	if err := c.wrote(ctx, tx, whole, org.ID, "seated"); err != nil || len(was) == 0 {
		return err
	}
	_, err = tx.Exec(ctx, `update committee_election set former = $1 where meeting = $2`, text(was), e.Meeting)
	return err
}

func seated(list []Seat, person string) bool {
	return slices.ContainsFunc(list, func(s Seat) bool { return s.Person == person })
}

func (c *Chamber) wrote(ctx context.Context, tx *store.Tx, e Elected, org, state string) error {
	if _, err := tx.Exec(ctx, `update committee_election set state = 'joined' where path = $1 and state = 'waiting'`, string(e.Path)); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `insert into committee_election (meeting, path, org, state, facts, at) values ($1, $2, $3, $4, $5, $6)`, e.Meeting, string(e.Path), org, state, text(e), int64(tx.Now))
	return err
}

func (c *Chamber) waiting(ctx context.Context, q store.Queryer, at scope.Path) (*Elected, error) {
	var facts string
	err := q.QueryRow(ctx, `select facts from committee_election where path = $1 and state = 'waiting' order by at desc limit 1`, string(at)).Scan(&facts)
	if none(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var e Elected
	return &e, json.Unmarshal([]byte(facts), &e)
}

// seat founds the committee, ends the one before and the interim one, and owes what follows.
func (c *Chamber) seat(ctx context.Context, tx *store.Tx, e Elected, elected, interim *people.Org, p rules.Committees, cal *day.Calendar, rulesName string) (o people.Org, err error) {
	number := int64(1)
	name, err := c.name(ctx, tx, e.Path, "业主委员会")
	if err != nil {
		return o, err
	}
	last, err := c.lastNumber(ctx, tx, e.Path)
	if err != nil {
		return o, err
	}
	number += last
	to := e.On.AddMonths(12 * p.TermYears).Add(-1)
	if o, err = c.on.Register.PutOrg(ctx, tx, audit.System, people.Org{Kind: people.OwnersCommittee, Name: name, Path: e.Path, FoundedOn: e.On, Number: number, To: to, Demo: e.Demo}); err != nil {
		return o, err
	}
	for _, old := range []*people.Org{elected, interim} {
		if old == nil {
			continue
		}
		if err := c.retire(ctx, tx, *old, o, e.On.Add(-1), "换届，由新一届业主委员会接任", p, cal); err != nil {
			return o, err
		}
	}
	for _, s := range e.Members {
		if _, err := c.on.Register.PutTerm(ctx, tx, audit.System, people.Term{Org: o.ID, Post: access.CommitteeMember, Person: s.Person, Path: e.Path, From: e.On, To: to, Party: s.Party, Zone: s.Zone}); err != nil {
			return o, err
		}
	}
	if err := c.alternates(ctx, tx, o, e.Alternates, e.On, 0); err != nil {
		return o, err
	}
	if err := c.zones(ctx, tx, o.ID, e.Zones); err != nil {
		return o, err
	}
	open, err := formings(ctx, tx, `path = $1 and closed = 0 and kind <> 'interim'`, string(e.Path))
	if err != nil {
		return o, err
	}
	formingID := ""
	if len(open) == 1 {
		w, err := c.at(ctx, tx, access.System, Form, open[0])
		if err != nil {
			return o, err
		}
		w.f.Org, w.f.Size = o.ID, e.Size
		if w.f.Meeting == "" {
			w.f.Meeting = e.Meeting
		}
		if !slices.Contains(done(w.steps), form.Elected) {
			if err := c.take(ctx, w, form.Elected, e.On, map[string]any{"org": o.ID, "meeting": e.Meeting, "members": len(e.Members), "of": e.Size}); err != nil {
				return o, err
			}
		}
		for _, kind := range []string{dutyFinish, dutyGroup, dutyPost, dutyPapers} {
			if err := c.met(ctx, tx, kind, w.f.Ref(), ""); err != nil {
				return o, err
			}
		}
		formingID = w.f.ID
	}
	if err := c.found(ctx, tx, o, e.Size, formingID, e.Meeting, rulesName); err != nil {
		return o, err
	}
	ref := "committees/" + o.ID
	members := holder{post: access.CommitteeMember, org: o.ID}
	if err := c.owe(ctx, tx, dutyMeet, ref, "召开首次委员会会议，推选主任", "hold the first meeting and choose a director", e.Path, members, room(cal, e.On, p.FirstMeeting)); err != nil {
		return o, err
	}
	if err := c.owe(ctx, tx, dutyFile, ref, "向住建部门和街道办理业委会备案", "file the committee with the authority and the street", e.Path, members, room(cal, e.On, p.File)); err != nil {
		return o, err
	}
	if missing := e.Size - len(e.Members); missing > 0 {
		if err := c.oweByElection(ctx, tx, e.Path, ref, len(e.Members), e.Size, e.On, cal); err != nil {
			return o, err
		}
	}
	if _, err := c.keep(ctx, tx, access.System, Paper{Org: o.ID, Forming: formingID, Path: e.Path, Kind: "members", Zh: name + "委员名单公告", En: "the members of the committee", Ref: ref, Open: true},
		map[string]any{"from": e.On, "to": to, "members": e.Members, "alternates": e.Alternates, "zones": e.Zones, "meeting": e.Meeting}); err != nil {
		return o, err
	}
	var to2 []outreach.To
	for _, s := range e.Members {
		to2 = append(to2, outreach.To{Person: s.Person})
	}
	if err := c.tell(ctx, tx, e.Path, ref, "您已当选业主委员会委员", "You were elected to the owners' committee", "请在七日内参加首次会议，推选主任。", "Please come to the first meeting within seven days and choose a director.", to2...); err != nil {
		return o, err
	}
	return o, c.trail(ctx, tx, access.System, Form, e.Path, "elected", ref, "", map[string]any{"meeting": e.Meeting, "members": len(e.Members), "of": e.Size})
}

// lastNumber is the number of the compound's last committee; one that has none counts as the first.
func (c *Chamber) lastNumber(ctx context.Context, q store.Queryer, at scope.Path) (n int64, err error) {
	var most, all int64
	err = q.QueryRow(ctx, `select coalesce(max(number), 0), count(*) from people_v_org where path = $1 and kind = 'owners_committee'`, string(at)).Scan(&most, &all)
	return max(most, min(all, 1)), err
}

func (c *Chamber) zones(ctx context.Context, tx *store.Tx, org string, all []Zone) error {
	for i, z := range all {
		if _, err := tx.Exec(ctx, `insert into committee_zone (org, no, name, buildings, seats, told) values ($1, $2, $3, $4, $5, $6)`, org, i+1, z.Name, text(z.Buildings), z.Seats, int64(tx.Now)); err != nil {
			return err
		}
	}
	return nil
}

func (c *Chamber) alternates(ctx context.Context, tx *store.Tx, o people.Org, all []Seat, from day.Day, after int) error {
	for i, s := range all {
		if _, err := c.on.Register.PutTerm(ctx, tx, audit.System, people.Term{Org: o.ID, Post: access.CommitteeAlternate, Person: s.Person, Path: o.Path, From: from, To: o.To, Party: s.Party, Zone: s.Zone}); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `insert into committee_alternate (org, person, place, zone, party, heads, area, used) values ($1, $2, $3, $4, $5, $6, $7, 0)`, o.ID, s.Person, after+i+1, s.Zone, s.Party, s.Heads, s.Area); err != nil {
			return err
		}
	}
	return nil
}

// retire ends a committee: its terms, its record, what it owed; it hands over within the days of R23 and its accounts
// are audited.
func (c *Chamber) retire(ctx context.Context, tx *store.Tx, old, by people.Org, last day.Day, why string, p rules.Committees, cal *day.Calendar) error {
	terms, err := c.terms(ctx, tx, old.ID, today(tx))
	if err != nil {
		return err
	}
	giver := ""
	for _, t := range terms {
		if t.Post == access.CommitteeDirector || t.Post == access.InterimDirector {
			giver = t.Person
		}
		if _, err := c.on.Register.CloseTerm(ctx, tx, audit.System, t, max(last, t.From.Add(-1)), why); err != nil {
			return err
		}
	}
	if giver == "" && len(terms) > 0 {
		giver = terms[0].Person
	}
	old.EndedOn = max(last, old.FoundedOn)
	if old, err = c.on.Register.AmendOrg(ctx, tx, audit.System, old, why); err != nil {
		return err
	}
	ref := "committees/" + old.ID
	for _, kind := range []string{dutyReelect, dutyByElect, dutyRefile, dutyFile, dutyMeet} {
		if err := c.met(ctx, tx, kind, ref, ""); err != nil {
			return err
		}
	}
	if giver == "" {
		return nil
	}
	if _, err := c.beginHandover(ctx, tx, old, "committee", giver, by.ID, last.Add(1), p.HandoverCommittee, cal); err != nil {
		return err
	}
	if old.Kind != people.OwnersCommittee {
		return nil
	}
	// The new committee has the old one's accounts audited (R-37 of the presets names no days: the hand-over's end is its start).
	return c.owe(ctx, tx, dutyAudit, ref, "委托对上一届业委会任期收支进行审计并公布", "have the former committee's accounts audited and posted", old.Path, holder{post: access.CommitteeMember, org: by.ID}, room(cal, today(tx), p.Refile))
}

// oweByElection owes the election that fills empty places (R29).
func (c *Chamber) oweByElection(ctx context.Context, tx *store.Tx, at scope.Path, ref string, have, of int, from day.Day, cal *day.Calendar) error {
	m, _, err := rules.Params[rules.Meetings](ctx, c.on.Rules, tx, rules.Assembly, at, from)
	if err != nil {
		return err
	}
	if m.ByElectionDays < 1 {
		return nil
	}
	return c.owe(ctx, tx, dutyByElect, ref, fmt.Sprintf("补选委员（现有 %d 名，应有 %d 名）", have, of), fmt.Sprintf("fill empty places (%d of %d members)", have, of), at,
		holder{post: access.CommunityOfficer}, room(cal, from, day.Limit{N: m.ByElectionDays, Unit: day.Days}))
}

// fill seats members of a by-election in the committee that stands, for the rest of its term.
func (c *Chamber) fill(ctx context.Context, tx *store.Tx, o people.Org, e Elected, p rules.Committees, cal *day.Calendar) error {
	terms, err := c.terms(ctx, tx, o.ID, today(tx))
	if err != nil {
		return err
	}
	sit, _ := members(terms)
	for _, s := range e.Members {
		if slices.Contains(sit, s.Person) {
			continue // moved up in the meantime
		}
		for _, t := range terms {
			if t.Person == s.Person { // an alternate who is a member now
				if _, err := c.on.Register.CloseTerm(ctx, tx, audit.System, t, max(e.On.Add(-1), t.From.Add(-1)), "补选为委员"); err != nil {
					return err
				}
				if _, err := tx.Exec(ctx, `update committee_alternate set used = $1 where org = $2 and person = $3`, int64(tx.Now), o.ID, s.Person); err != nil {
					return err
				}
			}
		}
		if _, err := c.on.Register.PutTerm(ctx, tx, audit.System, people.Term{Org: o.ID, Post: access.CommitteeMember, Person: s.Person, Path: o.Path, From: e.On, To: o.To, Party: s.Party, Zone: s.Zone}); err != nil {
			return err
		}
		if err := c.filled(ctx, tx, o, s.Zone, s.Person); err != nil {
			return err
		}
	}
	n, err := store.Count(ctx, tx, `select count(*) from committee_alternate where org = $1`, o.ID)
	if err != nil {
		return err
	}
	next := slices.DeleteFunc(slices.Clone(e.Alternates), func(s Seat) bool {
		return slices.ContainsFunc(terms, func(t people.Term) bool { return t.Person == s.Person })
	})
	if err := c.alternates(ctx, tx, o, next, e.On, int(n)); err != nil {
		return err
	}
	if err := c.wrote(ctx, tx, e, o.ID, "seated"); err != nil {
		return err
	}
	if err := c.changed(ctx, tx, o, "补选", p, cal); err != nil {
		return err
	}
	open, err := store.Count(ctx, tx, `select count(*) from committee_vacancy where org = $1 and state = 'open'`, o.ID)
	if err != nil {
		return err
	}
	if open == 0 {
		if err := c.met(ctx, tx, dutyByElect, "committees/"+o.ID, ""); err != nil {
			return err
		}
	}
	return c.trail(ctx, tx, access.System, Form, o.Path, "by_elected", "committees/"+o.ID, "", map[string]any{"meeting": e.Meeting, "members": len(e.Members)})
}

// filled closes the oldest vacancy of a zone (or any), when somebody takes the place.
func (c *Chamber) filled(ctx context.Context, tx *store.Tx, o people.Org, zone, by string) error {
	_, err := tx.Exec(ctx, `update committee_vacancy set state = 'filled', filled_by = $1, filled = $2
where id = (select id from committee_vacancy where org = $3 and state = 'open' order by case when zone = $4 then 0 else 1 end, id limit 1)`, by, int64(tx.Now), o.ID, zone)
	return err
}

// terms are those of a committee in force on a day: members, directors, alternates.
func (c *Chamber) terms(ctx context.Context, q store.Queryer, org string, on day.Day) ([]people.Term, error) {
	return c.on.Register.Terms(ctx, q, people.TermFind{Org: org, On: on, Posts: slices.Concat(sitting, []access.Post{access.CommitteeAlternate})})
}

// members are the persons who are members today, alternates apart, each once; director is "" while there is none.
func members(terms []people.Term) (all []string, director string) {
	for _, t := range terms {
		if t.Post == access.CommitteeAlternate || t.DeputyFor != "" {
			continue
		}
		if t.Post == access.CommitteeDirector || t.Post == access.InterimDirector {
			director = t.Person
		}
		if !slices.Contains(all, t.Person) {
			all = append(all, t.Person)
		}
	}
	return all, director
}

// File hands the filing in: who is in the committee, what was decided, the rules (R11). A member of it, or the community, does.
func (c *Chamber) File(ctx context.Context, who access.Who, id string, when day.Day, list []string) (Forming, error) {
	return c.after(ctx, who, id, form.Filed, Form, func(w *work) (day.Day, any, error) {
		on, err := passed(w.tx, when, w.before(form.Filed))
		if err != nil {
			return on, nil, err
		}
		ref := "committees/" + w.f.Org
		o, err := c.on.Register.Org(ctx, w.tx, w.f.Org)
		if err != nil {
			return on, nil, err
		}
		words, err := c.filing(ctx, w.tx, w.f, o)
		if err != nil {
			return on, nil, err
		}
		words.On, words.Enclosed = on, list
		p, err := c.keep(ctx, w.tx, w.who, Paper{Org: w.f.Org, Forming: w.f.ID, Path: w.f.Path, Kind: "filing", Zh: "业主委员会备案申请", En: "application for filing", Ref: w.f.Ref()}, words)
		if err != nil {
			return on, nil, err
		}
		if _, err := w.tx.Exec(ctx, `update committee_org set filed_at = $1 where org = $2`, int64(w.tx.Now), w.f.Org); err != nil {
			return on, nil, err
		}
		if err := c.public(ctx, w.tx, "committee.filed", w.f.Path, ref, map[string]any{"committee": w.f.Org, "number": o.Number, "members": len(words.Members), "of": w.f.Size, "meeting": w.f.Meeting, "on": on, "hash": p.Hash}); err != nil {
			return on, nil, err
		}
		return on, map[string]any{"paper": p.ID, "enclosed": list}, c.met(ctx, w.tx, dutyFile, ref, w.who.Person)
	})
}

// public writes a public record: no names, the paper by its hash.
func (c *Chamber) public(ctx context.Context, tx *store.Tx, kind string, at scope.Path, ref string, body any) error {
	_, err := audit.Publish(ctx, tx, audit.Record{Kind: kind, Path: at, Ref: ref, Body: body})
	return err
}

// Accept is the street's receipt of the filing.
func (c *Chamber) Accept(ctx context.Context, who access.Who, id, number string, when day.Day) (Forming, error) {
	return c.step(ctx, who, Order, id, form.Accepted, func(w *work) (day.Day, any, error) {
		on, err := passed(w.tx, when, w.before(form.Accepted))
		if err != nil {
			return on, nil, err
		}
		if number = strings.TrimSpace(number); number == "" {
			return on, nil, ErrReceipt
		}
		o, err := c.on.Register.Org(ctx, w.tx, w.f.Org)
		if err != nil {
			return on, nil, err
		}
		o.FiledOn, o.FiledNo = on, number
		if _, err := c.on.Register.AmendOrg(ctx, w.tx, w.who.By(Order, w.f.Path), o, "备案"); err != nil {
			return on, nil, err
		}
		return on, map[string]any{"number": number}, nil
	})
}

// Seal has the committee's seal made, once it is filed: in the house's own ring of named seals, and noted as a paper.
func (c *Chamber) Seal(ctx context.Context, who access.Who, id, name, keeper string, when day.Day) (Forming, error) {
	return c.after(ctx, who, id, form.Sealed, Form, func(w *work) (day.Day, any, error) {
		on, err := passed(w.tx, when, w.before(form.Sealed))
		if err != nil {
			return on, nil, err
		}
		o, err := c.on.Register.Org(ctx, w.tx, w.f.Org)
		if err != nil {
			return on, nil, err
		}
		if keeper != "" {
			terms, err := c.terms(ctx, w.tx, o.ID, today(w.tx))
			if err != nil {
				return on, nil, err
			}
			if all, _ := members(terms); !slices.Contains(all, keeper) {
				return on, nil, ErrNotMember.At("keeper")
			}
		}
		x, err := c.cut(ctx, w.tx, w.who, o, w.f.ID, w.f.Ref(), name, keeper, on)
		return on, map[string]any{"name": x.Name, "stamp": x.ID}, err
	})
}

// after is a step once there is a committee: by its members, or by whoever may do a.
func (c *Chamber) after(ctx context.Context, who access.Who, id string, s form.Step, a *access.Action, fn func(w *work) (day.Day, any, error)) (f Forming, err error) {
	err = c.db.Write(ctx, func(tx *store.Tx) error {
		if f, err = c.forming(ctx, tx, id); err != nil {
			return err
		}
		act := a
		if f.Org != "" && sits(who, f.Path, f.Org) {
			act = Sit
		} else if err := who.May(a, f.Path); err != nil {
			return err
		}
		w, err := c.at(ctx, tx, who, act, f)
		if err != nil {
			return err
		}
		if err := w.order(s); err != nil {
			return err
		}
		on, facts, err := fn(w)
		if err != nil {
			return err
		}
		if err := c.take(ctx, w, s, on, facts); err != nil {
			return err
		}
		f = w.f
		return nil
	})
	return f, err
}

// sits reports whether who is a member of that committee (an alternate is not).
func sits(who access.Who, at scope.Path, org string) bool {
	return slices.ContainsFunc(who.Grants, func(g access.Grant) bool {
		return slices.Contains(sitting, g.Post) && g.Path.Covers(at) && g.Org == org
	})
}

// Filing is the application for filing with its member list, as it is printed (R11, 北京 43).
type Filing struct {
	Committee string       `json:"committee"`
	Number    int64        `json:"number" doc:"which term of office"`
	Place     string       `json:"place"`
	On        day.Day      `json:"on,omitempty"`
	From      day.Day      `json:"from"`
	To        day.Day      `json:"to"`
	Meeting   string       `json:"meeting" doc:"the assembly's meeting that elected it"`
	Title     string       `json:"meeting_title"`
	Final     day.Day      `json:"final_on,omitempty" doc:"when its result was final"`
	Size      int          `json:"size"`
	Members   []FiledTerm  `json:"members"`
	Results   []FiledVote  `json:"results" doc:"what the assembly decided, matter by matter"`
	Zones     []Zone       `json:"zones"`
	Enclosed  []string     `json:"enclosed,omitempty"`
	List      []FiledPaper `json:"list" doc:"the papers that a filing consists of, and whether they are there"`
	Due       day.Instant  `json:"due,omitempty"`
}

// FiledTerm is a member as filed.
type FiledTerm struct {
	Person string      `json:"person"`
	Name   string      `json:"name"`
	Post   access.Post `json:"post"`
	Zone   string      `json:"zone,omitempty"`
	Party  string      `json:"party,omitempty"`
	From   day.Day     `json:"from"`
	To     day.Day     `json:"to,omitempty"`
}

// FiledVote is one matter of the meeting and its result.
type FiledVote struct {
	No     int64  `json:"no"`
	Title  string `json:"title"`
	Passed bool   `json:"passed"`
}

// FiledPaper is one paper of a filing.
type FiledPaper struct {
	Zh    string `json:"zh"`
	En    string `json:"en"`
	There bool   `json:"there"`
}

// filing puts the papers of a filing together from the records.
func (c *Chamber) filing(ctx context.Context, q store.Queryer, f Forming, o people.Org) (x Filing, err error) {
	x = Filing{Committee: o.Name, Number: o.Number, From: o.FoundedOn, To: o.To, Meeting: f.Meeting, Size: f.Size, Members: []FiledTerm{}, Results: []FiledVote{}}
	if x.Place, err = c.words(ctx, q, f.Path); err != nil {
		return x, err
	}
	terms, err := c.terms(ctx, q, o.ID, max(c.Today(), o.FoundedOn))
	if err != nil {
		return x, err
	}
	for _, t := range terms {
		x.Members = append(x.Members, FiledTerm{Person: t.Person, Name: t.Name, Post: t.Post, Zone: t.Zone, Party: t.Party, From: t.From, To: t.To})
	}
	if err := q.QueryRow(ctx, `select title, final_on from assembly_v_meeting where id = $1`, f.Meeting).Scan(&x.Title, &x.Final); err != nil && !none(err) {
		return x, err
	}
	if x.Results, err = store.All(ctx, q, func(r *sql.Rows) (v FiledVote, err error) {
		err = r.Scan(&v.No, &v.Title, &v.Passed)
		return v, err
	}, `select matter, title, passed from assembly_v_result where meeting = $1 and stage = 'final' order by matter`, f.Meeting); err != nil {
		return x, err
	}
	if x.Results == nil {
		x.Results = []FiledVote{}
	}
	if x.Zones, err = zonesOf(ctx, q, o.ID); err != nil {
		return x, err
	}
	x.List = []FiledPaper{
		{"业主大会会议记录和会议决定", "minutes and decisions of the assembly", len(x.Results) > 0},
		{"业主大会议事规则、管理规约", "rules of procedure and management regulation", len(x.Results) > 0},
		{"业主委员会委员名单", "the committee's members", len(x.Members) > 0},
		{"表决结果公告", "the posted result", x.Final.Sound()},
	}
	return x, nil
}

func (c *Chamber) words(ctx context.Context, q store.Queryer, at scope.Path) (string, error) {
	s, err := c.on.Map.Words(ctx, q, at)
	if fault.IsKind(err, fault.Missing) {
		err = nil
	}
	return s, err
}

func zonesOf(ctx context.Context, q store.Queryer, org string) ([]Zone, error) {
	out, err := store.All(ctx, q, func(r *sql.Rows) (z Zone, err error) {
		var b string
		if err = r.Scan(&z.Name, &b, &z.Seats); err == nil {
			err = json.Unmarshal([]byte(b), &z.Buildings)
		}
		return z, err
	}, `select name, buildings, seats from committee_zone where org = $1 order by no`, org)
	if out == nil {
		out = []Zone{}
	}
	return out, err
}

// stamp uses the committee's seal on a paper and notes it in the seals log; nothing where there is no seal.
func (c *Chamber) stamp(ctx context.Context, tx *store.Tx, who access.Who, org string, p Paper) error {
	now, err := c.inUse(ctx, tx, org)
	if err != nil || now.ID == "" {
		return err
	}
	hash, err := hex.DecodeString(p.Hash)
	if err != nil {
		return err
	}
	u, err := c.on.Stamps.Use(ctx, tx, now.ID, hash)
	if err != nil {
		return err
	}
	_, err = c.keep(ctx, tx, who, Paper{Org: org, Path: p.Path, Kind: "stamp", Zh: "用印：" + p.Zh, En: "the seal was used on: " + p.En, Ref: "papers/" + p.ID}, u)
	return err
}

// UseSeal stamps a paper of the committee, by its director: the use, its reason and the paper's hash stand in the seals log.
func (c *Chamber) UseSeal(ctx context.Context, who access.Who, org, paper, why string) (out Paper, err error) {
	if why = strings.TrimSpace(why); why == "" {
		return out, ErrWhy
	}
	err = c.db.Write(ctx, func(tx *store.Tx) error {
		b, err := c.seated(ctx, tx, who, org, today(tx))
		if err != nil {
			return err
		}
		if who.Person != b.director {
			return access.ErrRefused
		}
		all, err := papers(ctx, tx, `id = $1 and org = $2`, paper, org)
		if err != nil {
			return err
		}
		if len(all) == 0 {
			return ErrMissing
		}
		now, err := c.inUse(ctx, tx, org)
		if err != nil {
			return err
		}
		if now.ID == "" {
			return ErrNoSeal
		}
		if err := c.stamp(ctx, tx, who, org, all[0]); err != nil {
			return err
		}
		last, err := papers(ctx, tx, `org = $1 and kind = 'stamp' and ref = $2`, org, "papers/"+paper)
		if err != nil {
			return err
		}
		out = last[len(last)-1]
		return c.trail(ctx, tx, who, Sit, b.o.Path, "use_seal", "committees/"+org, why, map[string]string{"paper": paper, "stamp": now.ID})
	})
	return out, err
}

// FileAlone writes down the filing of a committee that no forming here led to, with the number of its receipt: one that was
// filed elsewhere, or before this house was used. Its director does, or the community.
func (c *Chamber) FileAlone(ctx context.Context, who access.Who, org, number string) error {
	if number = strings.TrimSpace(number); number == "" {
		return ErrReceipt
	}
	return c.db.Write(ctx, func(tx *store.Tx) error {
		b, a, err := c.keeps(ctx, tx, who, org)
		if err != nil {
			return err
		}
		if n, err := store.Count(ctx, tx, `select count(*) from committee_forming where org = $1`, org); err != nil || n > 0 {
			if err == nil {
				err = ErrByForming
			}
			return err
		}
		b.o.FiledOn, b.o.FiledNo = today(tx), number
		if b.o, err = c.on.Register.AmendOrg(ctx, tx, by(who, a, b.o.Path), b.o, "备案"); err != nil {
			return err
		}
		words, err := c.filing(ctx, tx, Forming{Path: b.o.Path, Org: org, Size: len(b.all)}, b.o)
		if err != nil {
			return err
		}
		ref := "committees/" + org
		p, err := c.keep(ctx, tx, who, Paper{Org: org, Path: b.o.Path, Kind: "filing", Zh: "业主委员会备案", En: "filing of the committee", Ref: ref}, words)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `update committee_org set filed_at = $1 where org = $2`, int64(tx.Now), org); err != nil {
			return err
		}
		if err := c.public(ctx, tx, "committee.filed", b.o.Path, ref, map[string]any{"committee": org, "number": b.o.Number, "members": len(words.Members), "of": len(b.all), "meeting": "", "on": b.o.FiledOn, "hash": p.Hash}); err != nil {
			return err
		}
		if err := c.met(ctx, tx, dutyFile, ref, who.Person); err != nil {
			return err
		}
		return c.trail(ctx, tx, who, a, b.o.Path, "file_alone", ref, "", map[string]string{"paper": p.ID})
	})
}
