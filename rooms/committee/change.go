package committee

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/rules"
	"cuobian/platform/store"
	"cuobian/rooms/committee/form"
	"cuobian/rooms/duty"
	"cuobian/rooms/outreach"
	"cuobian/rooms/people"
	"cuobian/rooms/people/owner"
)

// Faults of changes.
var (
	ErrGround   = fault.Bad("ground", "committee.ground", "理由应为：不再是业主、丧失行为能力、被限制人身自由或犯罪、法律或规约规定的其他情形", "ground is no_longer_owner, incapacity, crime or other")
	ErrStillOwn = fault.New(fault.Refused, "committee.still_owner", "名册上此人仍是本小区业主，职务不因此自动终止", "the register still has this person as an owner here: the post does not end by itself")
	ErrRecall   = fault.New(fault.Conflict, "committee.recall", "对此人的罢免提议正在办理", "a recall of this person is already under way")
	ErrRecallBy = fault.New(fault.Refused, "committee.recall_by", "罢免由三分之一以上委员或百分之二十以上业主提出", "a recall is proposed by a third of the members or a fifth of the owners")
	ErrRecallN  = fault.New(fault.Refused, "committee.recall_short", "联名 {n}/{of}，还不够（委员三分之一或业主百分之二十）", "{n} of {of} signed, which is not enough (a third of members or a fifth of owners)")
	ErrMatter   = fault.Bad("matter", "committee.recall_matter", "没有这次会议的这项议题", "there is no such matter in that meeting")
	ErrNothing  = fault.New(fault.Conflict, "committee.nothing", "没有需要办理的变更备案", "there is no change to be filed")
	ErrLawful   = fault.Bad("ground", "committee.recall_ground", "罢免理由应为：不履行职责、以权谋私、拒不履行业主义务、侵害他人权益", "ground is not_doing, gain, owner_duty or harm")
)

// Vacancy is an empty place.
type Vacancy struct {
	ID       string      `json:"id"`
	Person   string      `json:"person" doc:"who left"`
	Name     string      `json:"name"`
	Post     access.Post `json:"post"`
	Zone     string      `json:"zone,omitempty"`
	Ground   string      `json:"ground" enum:"resigned,no_longer_owner,incapacity,crime,other,recalled"`
	Words    string      `json:"text,omitempty"`
	At       day.Instant `json:"at"`
	State    string      `json:"state" enum:"open,filled"`
	FilledBy string      `json:"filled_by,omitempty" doc:"person id"`
	Filled   day.Instant `json:"filled,omitempty"`
}

// Leave ends somebody's membership: the next alternate moves up by votes (of the zone first); what stays empty is owed a
// by-election, and when fewer than half are left a re-election (R24). The leaver hands over in three days (R23), a
// director's accounts are audited, and the change is filed in thirty days.
func (c *Chamber) leave(ctx context.Context, tx *store.Tx, who access.Who, a *access.Action, b body, person, ground, words string) error {
	on := today(tx)
	var gone *people.Term
	for i, t := range b.terms {
		if t.Person == person && t.Post != access.CommitteeAlternate {
			gone = &b.terms[i]
			if _, err := c.on.Register.CloseTerm(ctx, tx, by(who, a, b.o.Path), t, max(on.Add(-1), t.From.Add(-1)), ground); err != nil {
				return err
			}
		}
	}
	if gone == nil {
		return ErrNotMember.At("person")
	}
	id := tx.NewID()
	if _, err := tx.Exec(ctx, `insert into committee_vacancy (id, org, path, person, post, zone, ground, words, at, state, filled_by, filled) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'open', '', 0)`,
		id, b.o.ID, string(b.o.Path), person, string(gone.Post), gone.Zone, ground, words, int64(tx.Now)); err != nil {
		return err
	}
	if _, err := c.beginHandover(ctx, tx, b.o, "member", person, b.o.ID, on, b.p.HandoverMember, b.cal); err != nil {
		return err
	}
	ref := "committees/" + b.o.ID
	if gone.Post == access.CommitteeDirector {
		if err := c.owe(ctx, tx, dutyAudit, ref, "主任离任审计", "have the accounts audited: the director left", b.o.Path, holder{post: access.CommitteeMember, org: b.o.ID}, room(b.cal, on, b.p.Refile)); err != nil {
			return err
		}
	}
	left := len(b.all) - 1
	up, err := c.moveUp(ctx, tx, who, a, b, gone.Zone)
	if err != nil {
		return err
	}
	if up != "" {
		left++
		if err := c.filled(ctx, tx, b.o, gone.Zone, up); err != nil {
			return err
		}
	}
	agreed, err := c.agreed(ctx, tx, b.o.ID, len(b.all))
	if err != nil {
		return err
	}
	switch {
	case form.Broken(left, agreed):
		if err := c.drop(ctx, tx, dutyByElect, ref); err != nil {
			return err
		}
		if err := c.owe(ctx, tx, dutyReelect, ref, fmt.Sprintf("委员仅余 %d 名（应有 %d 名），不足半数，组织换届（R24）", left, agreed), fmt.Sprintf("%d of %d members are left: re-elect the committee (R24)", left, agreed),
			b.o.Path, holder{post: access.StreetOfficer}, room(b.cal, on, b.p.Refile)); err != nil {
			return err
		}
	case up == "":
		if err := c.oweByElection(ctx, tx, b.o.Path, ref, left, agreed, on, b.cal); err != nil {
			return err
		}
	}
	if err := c.changed(ctx, tx, b.o, "委员变动", b.p, b.cal); err != nil {
		return err
	}
	if _, err := c.keep(ctx, tx, who, Paper{Org: b.o.ID, Path: b.o.Path, Kind: "members", Zh: "委员变动公告", En: "a change of members", Ref: ref, Open: true}, map[string]any{"left": person, "ground": ground, "moved_up": up, "members": left, "of": agreed}); err != nil {
		return err
	}
	return c.trail(ctx, tx, who, a, b.o.Path, "leave", ref, words, map[string]any{"person": person, "ground": ground, "moved_up": up, "left": left, "of": agreed})
}

// agreed is how many members the assembly agreed on; where nobody wrote it down, the members there are.
func (c *Chamber) agreed(ctx context.Context, q store.Queryer, org string, are int) (int, error) {
	var n int
	err := q.QueryRow(ctx, `select size from committee_org where org = $1`, org).Scan(&n)
	if none(err) {
		return are, nil
	}
	return n, err
}

// moveUp makes the next alternate a member, "" where there is none.
func (c *Chamber) moveUp(ctx context.Context, tx *store.Tx, who access.Who, a *access.Action, b body, zone string) (string, error) {
	var person, z, party string
	for {
		err := tx.QueryRow(ctx, `select person, zone, party from committee_alternate where org = $1 and used = 0 order by case when zone = $2 then 0 else 1 end, place limit 1`, b.o.ID, zone).Scan(&person, &z, &party)
		if none(err) {
			return "", nil
		}
		if err != nil {
			return "", err
		}
		if _, err := tx.Exec(ctx, `update committee_alternate set used = $1 where org = $2 and person = $3`, int64(tx.Now), b.o.ID, person); err != nil {
			return "", err
		}
		i := slices.IndexFunc(b.terms, func(t people.Term) bool { return t.Person == person && t.Post == access.CommitteeAlternate })
		if i < 0 {
			continue // no longer an alternate
		}
		t := b.terms[i]
		if _, err := c.on.Register.CloseTerm(ctx, tx, by(who, a, b.o.Path), t, max(today(tx).Add(-1), t.From.Add(-1)), "递补为委员"); err != nil {
			return "", err
		}
		if _, err := c.on.Register.PutTerm(ctx, tx, by(who, a, b.o.Path), people.Term{Org: b.o.ID, Post: access.CommitteeMember, Person: person, Path: b.o.Path, From: today(tx), To: b.o.To, Party: party, Zone: z}); err != nil {
			return "", err
		}
		return person, c.tell(ctx, tx, b.o.Path, "committees/"+b.o.ID, "您已递补为业主委员会委员", "You moved up to the owners' committee", "因委员离任，您按得票递补为委员。", "A member left; by your votes you are a member now.", outreach.To{Person: person})
	}
}

// changed owes the filing of a change, once the committee was filed.
func (c *Chamber) changed(ctx context.Context, tx *store.Tx, o people.Org, what string, p rules.Committees, cal *day.Calendar) error {
	var filed int64
	if err := tx.QueryRow(ctx, `select filed_at from committee_org where org = $1`, o.ID).Scan(&filed); err != nil && !none(err) {
		return err
	}
	if filed == 0 && !o.FiledOn.Sound() {
		return nil
	}
	ref := "committees/" + o.ID
	open, err := store.Count(ctx, tx, `select count(*) from committee_due where ref = $1 and kind = $2 and met = 0`, ref, dutyRefile)
	if err != nil || open > 0 {
		return err // the earlier change's days run
	}
	return c.owe(ctx, tx, dutyRefile, ref, "变更备案："+what, "file the change", o.Path, holder{post: access.CommitteeDirector, org: o.ID}, room(cal, today(tx), p.Refile))
}

func dutyBy(post access.Post, org string) duty.Owe { return duty.Owe{Post: post, Org: org} }

// Resign is a member's own word; the community may enter a resignation that came on paper.
func (c *Chamber) Resign(ctx context.Context, who access.Who, org, member, why string) error {
	if why = strings.TrimSpace(why); why == "" {
		return ErrWhy
	}
	if err := person(who); err != nil {
		return err
	}
	return c.db.Write(ctx, func(tx *store.Tx) error {
		b, err := c.body(ctx, tx, org, today(tx))
		if err != nil {
			return err
		}
		a := Sit
		if member == "" || member == who.Person {
			member = who.Person
			if !slices.Contains(b.all, member) {
				if who.May(Know, b.o.Path) != nil {
					return ErrMissing
				}
				return ErrNotMember
			}
		} else {
			a = Form
			if err := who.May(Form, b.o.Path); err != nil {
				return err
			}
		}
		return c.leave(ctx, tx, who, a, b, member, "resigned", why)
	})
}

// End writes down that a membership ended by itself (R274 43). That somebody owns no more is read from the register.
func (c *Chamber) End(ctx context.Context, who access.Who, org, member, ground, words string) error {
	if !slices.Contains([]string{"no_longer_owner", "incapacity", "crime", "other"}, ground) {
		return ErrGround
	}
	if words = strings.TrimSpace(words); words == "" {
		return ErrWords
	}
	return c.db.Write(ctx, func(tx *store.Tx) error {
		b, err := c.body(ctx, tx, org, today(tx))
		if err != nil {
			return err
		}
		if err := who.May(Form, b.o.Path); err != nil {
			return err
		}
		if ground == "no_longer_owner" {
			ok, err := owns(ctx, tx, member, b.o.Path, today(tx))
			if err != nil {
				return err
			}
			if ok {
				return ErrStillOwn
			}
		}
		return c.leave(ctx, tx, who, Form, b, member, ground, words)
	})
}

// Recall is a proposal to remove a member.
type Recall struct {
	ID      string      `json:"id"`
	Org     string      `json:"org"`
	Path    scope.Path  `json:"path"`
	Person  string      `json:"person"`
	Ground  string      `json:"ground" enum:"not_doing,gain,owner_duty,harm"`
	Words   string      `json:"text"`
	Side    string      `json:"by" enum:"members,owners,zone"`
	Zone    string      `json:"zone,omitempty" doc:"of a zone's proposal: the zone"`
	At      day.Instant `json:"at"`
	State   string      `json:"state" enum:"proposed,put,passed,failed,dropped"`
	Meeting string      `json:"meeting,omitempty" doc:"the assembly's meeting that decides"`
	Matter  int64       `json:"matter,omitempty"`
	N       int64       `json:"signed"`
	Of      int64       `json:"of" doc:"members, or heads of owners, of the zone where it proposes"`
	Enough  bool        `json:"enough" doc:"a third of members, or a fifth of owners or of the zone's"`
	Decided day.Instant `json:"decided,omitempty"`
}

// A recall whose meeting was cancelled or annulled before it decided is proposed as before: another meeting may take it up.
const recallColumns = `id, org, path, person, ground, words, side, zone, at,
case when state = 'put' and exists (select 1 from assembly_v_meeting m where m.id = committee_recall.meeting and m.state in ('cancelled', 'annulled')) then 'proposed' else state end, meeting, matter, decided, (select count(*) from committee_recall_sign s where s.recall = committee_recall.id)`

func recalls(ctx context.Context, q store.Queryer, cond string, args ...any) ([]Recall, error) {
	out, err := store.All(ctx, q, func(r *sql.Rows) (x Recall, err error) {
		err = r.Scan(&x.ID, &x.Org, &x.Path, &x.Person, &x.Ground, &x.Words, &x.Side, &x.Zone, &x.At, &x.State, &x.Meeting, &x.Matter, &x.Decided, &x.N)
		if x.State == "proposed" {
			x.Meeting, x.Matter = "", 0
		}
		return x, err
	}, `select `+recallColumns+` from committee_recall where `+cond+` order by id`, args...)
	if out == nil {
		out = []Recall{}
	}
	return out, err
}

// weigh says of how many, and whether it is enough.
func (c *Chamber) weigh(ctx context.Context, q store.Queryer, x *Recall, b body) error {
	if x.Side == "members" {
		x.Of = int64(len(b.all))
		x.Enough = form.AtLeast(x.N, x.Of, b.p.CallersN, b.p.CallersD)
		return nil
	}
	if x.Side == "zone" {
		err := c.zoneHeads(ctx, q, x)
		if err != nil {
			return err
		}
	} else {
		t, err := c.on.Register.Heads(ctx, q, x.Path)
		if err != nil {
			return err
		}
		x.Of = t.Heads
	}
	m, _, err := rules.Params[rules.Meetings](ctx, c.on.Rules, q, rules.Assembly, x.Path, c.Today())
	if err != nil {
		return err
	}
	x.Enough = form.AtLeast(x.N, x.Of, m.DemandN, m.DemandD)
	return nil
}

// zoneHeads counts the heads of a zone, and of these who signed: owner sets of its homes as the register has them, each once
// however many homes it has there and however many of it sign.
func (c *Chamber) zoneHeads(ctx context.Context, q store.Queryer, x *Recall) error {
	zones, err := zonesOf(ctx, q, x.Org)
	if err != nil {
		return err
	}
	signed, err := store.Texts(ctx, q, `select person from committee_recall_sign where recall = $1`, x.ID)
	if err != nil {
		return err
	}
	heads := map[string]bool{}
	for _, z := range zones {
		if z.Name != x.Zone {
			continue
		}
		for _, b := range z.Buildings {
			list, err := c.on.Register.Holdings(ctx, q, b)
			if err != nil {
				return err
			}
			sets, asks := map[string][]string{}, map[string]bool{}
			for _, h := range list {
				sets[h.Node] = append(sets[h.Node], h.Identity)
				asks[h.Node] = asks[h.Node] || slices.Contains(signed, h.Person)
			}
			for node, ids := range sets {
				k := owner.Key(ids)
				heads[k] = heads[k] || asks[node]
			}
		}
	}
	x.N, x.Of = 0, int64(len(heads))
	for _, asks := range heads {
		if asks {
			x.N++
		}
	}
	return nil
}

// zoneOf is the zone of a member in which who owns a home; "" and a fault where there is none.
func (c *Chamber) zoneOf(ctx context.Context, q store.Queryer, who access.Who, b body, member string) (string, error) {
	zone := ""
	for _, t := range b.terms {
		if t.Person == member && t.Post != access.CommitteeAlternate && t.Zone != "" {
			zone = t.Zone
		}
	}
	return zone, c.ofZone(ctx, q, who.Person, b.o.ID, zone)
}

// ofZone makes sure that a person owns a home in a zone.
func (c *Chamber) ofZone(ctx context.Context, q store.Queryer, person, org, zone string) error {
	zones, err := zonesOf(ctx, q, org)
	if err != nil {
		return err
	}
	for _, z := range zones {
		if z.Name != zone {
			continue
		}
		for _, at := range z.Buildings {
			if ok, err := owns(ctx, q, person, at, c.Today()); err != nil || ok {
				return err
			}
		}
	}
	return ErrRecallZone
}

// ErrRecallZone is who proposes for a zone that is not their own.
var ErrRecallZone = fault.New(fault.Refused, "committee.recall_zone", "只有该委员所在选区的业主可以以选区名义提议罢免", "only owners of the member's own zone propose a recall in the zone's name")

// ProposeRecall proposes to remove a member: signed by members or by owners, the proposer first. zone is true where owners of
// the member's own zone propose in its name: a fifth of the zone's heads then is enough to put it before the assembly, which
// decides as always.
func (c *Chamber) ProposeRecall(ctx context.Context, who access.Who, org, member, ground, words string, zone bool) (x Recall, err error) {
	if words = strings.TrimSpace(words); words == "" {
		return x, ErrWords
	}
	if !slices.Contains([]string{"not_doing", "gain", "owner_duty", "harm"}, ground) {
		return x, ErrLawful
	}
	if err := person(who); err != nil {
		return x, err
	}
	err = c.db.Write(ctx, func(tx *store.Tx) error {
		b, err := c.body(ctx, tx, org, today(tx))
		if err != nil {
			return err
		}
		side, err := c.proposes(ctx, tx, who, b)
		if err != nil {
			return err
		}
		if !slices.Contains(b.all, member) {
			return ErrNotMember.At("person")
		}
		in := ""
		if zone {
			side = "zone"
			if in, err = c.zoneOf(ctx, tx, who, b, member); err != nil {
				return err
			}
		}
		if n, err := store.Count(ctx, tx, `select count(*) from committee_recall where org = $1 and person = $2 and state in ('proposed', 'put')`, org, member); err != nil || n > 0 {
			if err == nil {
				err = ErrRecall
			}
			return err
		}
		x = Recall{ID: tx.NewID(), Org: org, Path: b.o.Path, Person: member, Ground: ground, Words: words, Side: side, Zone: in, At: tx.Now, State: "proposed", N: 1}
		if _, err := tx.Exec(ctx, `insert into committee_recall (id, org, path, person, ground, words, side, at, state, meeting, matter, by_person, decided, zone) values ($1, $2, $3, $4, $5, $6, $7, $8, 'proposed', '', 0, $9, 0, $10)`,
			x.ID, org, string(x.Path), member, ground, words, side, int64(tx.Now), who.Person, in); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `insert into committee_recall_sign (recall, person, at) values ($1, $2, $3)`, x.ID, who.Person, int64(tx.Now)); err != nil {
			return err
		}
		if err := c.weigh(ctx, tx, &x, b); err != nil {
			return err
		}
		return c.trail(ctx, tx, who, Know, x.Path, "recall", "committees/"+org, "", map[string]any{"recall": x.ID, "by": side})
	})
	return x, err
}

// proposes says as what somebody may propose or sign a recall: members, owners.
func (c *Chamber) proposes(ctx context.Context, q store.Queryer, who access.Who, b body) (string, error) {
	if slices.Contains(b.all, who.Person) {
		return "members", nil
	}
	ok, err := owns(ctx, q, who.Person, b.o.Path, c.Today())
	switch {
	case err != nil:
		return "", err
	case ok:
		return "owners", nil
	case who.May(Know, b.o.Path) == nil:
		return "", ErrRecallBy
	}
	return "", ErrMissing
}

// SignRecall adds a signature, once each; a proposal of members is signed by members, one of owners by owners, one of a zone by
// its owners.
func (c *Chamber) SignRecall(ctx context.Context, who access.Who, id string) (x Recall, err error) {
	if err := person(who); err != nil {
		return x, err
	}
	err = c.db.Write(ctx, func(tx *store.Tx) error {
		all, err := recalls(ctx, tx, `id = $1`, id)
		if err != nil {
			return err
		}
		if len(all) == 0 {
			return ErrMissing
		}
		x = all[0]
		b, err := c.body(ctx, tx, x.Org, today(tx))
		if err != nil {
			return err
		}
		side, err := c.proposes(ctx, tx, who, b)
		if err != nil {
			return err
		}
		own, err := owns(ctx, tx, who.Person, b.o.Path, today(tx))
		if err != nil {
			return err
		}
		if x.Side == "zone" {
			if err := c.ofZone(ctx, tx, who.Person, x.Org, x.Zone); err != nil {
				return err
			}
		} else if side != x.Side && !(x.Side == "owners" && own) {
			return ErrRecallBy
		}
		if x.State != "proposed" {
			return ErrEnded
		}
		n, err := tx.Exec(ctx, `insert into committee_recall_sign (recall, person, at) values ($1, $2, $3) on conflict (recall, person) do nothing`, id, who.Person, int64(tx.Now))
		if err != nil {
			return err
		}
		if n == 0 {
			return ErrSignedBy
		}
		x.N++
		if err := c.weigh(ctx, tx, &x, b); err != nil {
			return err
		}
		return c.trail(ctx, tx, who, Know, x.Path, "recall_sign", "committees/"+x.Org, "", map[string]any{"recall": id, "signed": x.N})
	})
	return x, err
}

// PutRecall links the meeting of the assembly that decides it: a matter of item 3 there. Enough have to have signed.
func (c *Chamber) PutRecall(ctx context.Context, who access.Who, id, meeting string, matter int64) (x Recall, err error) {
	err = c.db.Write(ctx, func(tx *store.Tx) error {
		all, err := recalls(ctx, tx, `id = $1`, id)
		if err != nil {
			return err
		}
		if len(all) == 0 {
			return ErrMissing
		}
		x = all[0]
		if err := who.May(Form, x.Path); err != nil {
			return err
		}
		if x.State != "proposed" {
			return ErrEnded
		}
		b, err := c.body(ctx, tx, x.Org, today(tx))
		if err != nil {
			return err
		}
		if err := c.weigh(ctx, tx, &x, b); err != nil {
			return err
		}
		if !x.Enough {
			return ErrRecallN.Fill("n", x.N, "of", x.Of)
		}
		n, err := store.Count(ctx, tx, `select count(*) from assembly_v_meeting where id = $1 and path = $2 and state not in ('final', 'cancelled', 'annulled')`, meeting, string(x.Path))
		if err != nil {
			return err
		}
		if n == 0 || matter < 1 {
			return ErrMatter
		}
		if _, err := tx.Exec(ctx, `update committee_recall set state = 'put', meeting = $1, matter = $2 where id = $3`, meeting, matter, id); err != nil {
			return err
		}
		x.State, x.Meeting, x.Matter = "put", meeting, matter
		return c.trail(ctx, tx, who, Form, x.Path, "recall_put", "committees/"+x.Org, "", map[string]any{"recall": id, "meeting": meeting, "matter": matter})
	})
	return x, err
}

// decideRecalls ends what a final meeting decided: who was recalled leaves.
func (c *Chamber) decideRecalls(ctx context.Context, tx *store.Tx, meeting string) error {
	all, err := recalls(ctx, tx, `meeting = $1 and state = 'put'`, meeting)
	if err != nil {
		return err
	}
	for _, x := range all {
		var passed bool
		err := tx.QueryRow(ctx, `select passed from assembly_v_result where meeting = $1 and stage = 'final' and matter = $2 and item = 3`, meeting, x.Matter).Scan(&passed)
		if none(err) {
			passed, err = false, nil
		}
		if err != nil {
			return err
		}
		state := map[bool]string{true: "passed", false: "failed"}[passed]
		if _, err := tx.Exec(ctx, `update committee_recall set state = $1, decided = $2 where id = $3`, state, int64(tx.Now), x.ID); err != nil {
			return err
		}
		if !passed {
			continue
		}
		b, err := c.body(ctx, tx, x.Org, today(tx))
		if err != nil {
			return err
		}
		if slices.Contains(b.all, x.Person) {
			if err := c.leave(ctx, tx, access.System, Form, b, x.Person, "recalled", "业主大会决定罢免"); err != nil {
				return err
			}
		}
	}
	return nil
}

// Refile hands the filing of a change in.
func (c *Chamber) Refile(ctx context.Context, who access.Who, org, words string) error {
	if words = strings.TrimSpace(words); words == "" {
		return ErrWords
	}
	return c.db.Write(ctx, func(tx *store.Tx) error {
		b, a, err := c.keeps(ctx, tx, who, org)
		if err != nil {
			return err
		}
		return c.hand(ctx, tx, who, a, b, dutyRefile, "filing", "变更备案", "a change was filed", words, false)
	})
}

// Audit posts the result of an audit.
func (c *Chamber) Audit(ctx context.Context, who access.Who, org, auditor, words string) error {
	words, auditor = strings.TrimSpace(words), strings.TrimSpace(auditor)
	if words == "" || auditor == "" {
		return ErrWords
	}
	return c.db.Write(ctx, func(tx *store.Tx) error {
		b, a, err := c.keeps(ctx, tx, who, org)
		if err != nil {
			return err
		}
		return c.hand(ctx, tx, who, a, b, dutyAudit, "audit", "审计结果公告（"+auditor+"）", "result of the audit", words, true)
	})
}

// keeps reads a committee for its director or a member, of it or of the one that followed it, or for the community.
func (c *Chamber) keeps(ctx context.Context, tx *store.Tx, who access.Who, org string) (b body, a *access.Action, err error) {
	if b, err = c.body(ctx, tx, org, today(tx)); err != nil {
		return b, nil, err
	}
	for _, g := range who.Grants {
		if !slices.Contains(sitting, g.Post) || !g.Path.Covers(b.o.Path) {
			continue
		}
		if g.Org == org {
			return b, Sit, nil
		}
		if b.o.EndedOn.Sound() && g.Org != "" { // the committee of the compound that stands now
			return b, Sit, nil
		}
	}
	return b, Form, who.May(Form, b.o.Path)
}

// hand ends a duty with a paper.
func (c *Chamber) hand(ctx context.Context, tx *store.Tx, who access.Who, a *access.Action, b body, kind, paper, zh, en, words string, open bool) error {
	ref := "committees/" + b.o.ID
	n, err := store.Count(ctx, tx, `select count(*) from committee_due where ref = $1 and kind = $2 and met = 0`, ref, kind)
	if err != nil {
		return err
	}
	if n == 0 {
		return ErrNothing
	}
	p, err := c.keep(ctx, tx, who, Paper{Org: b.o.ID, Path: b.o.Path, Kind: paper, Zh: zh, En: en, Ref: ref, Open: open}, map[string]any{"text": words, "members": b.all})
	if err != nil {
		return err
	}
	if err := c.met(ctx, tx, kind, ref, who.Person); err != nil {
		return err
	}
	return c.trail(ctx, tx, who, a, b.o.Path, paper, ref, "", map[string]string{"paper": p.ID})
}

// Merged lets a person go on under another id, when two records on the register were one person: nobody signs twice, owes
// or hands over under a name that is gone. What was written in papers stays as it was written.
func (c *Chamber) Merged(ctx context.Context, tx *store.Tx, kept, gone string) error {
	for _, q := range []string{
		`insert into committee_applicant (forming, person, paper, at) select forming, $1, paper, at from committee_applicant where person = $2 on conflict (forming, person) do nothing`,
		`insert into committee_sign (decision, person, choice, at) select decision, $1, choice, at from committee_sign where person = $2 on conflict (decision, person) do nothing`,
		`insert into committee_presence (meeting, person, role, at, by_person) select meeting, $1, role, at, by_person from committee_presence where person = $2 on conflict (meeting, person) do nothing`,
		`insert into committee_recall_sign (recall, person, at) select recall, $1, at from committee_recall_sign where person = $2 on conflict (recall, person) do nothing`,
		`insert into committee_alternate (org, person, place, zone, party, heads, area, used) select org, $1, place, zone, party, heads, area, used from committee_alternate where person = $2 on conflict (org, person) do nothing`,
		`update committee_sitter set person = $1 where person = $2`,
		`update committee_team set person = $1 where person = $2 and not exists (select 1 from committee_team t where t.forming = committee_team.forming and t.person = $1 and t.ended = 0)`,
		`update committee_task set person = $1 where person = $2`,
		`update committee_decision set subject = $1 where subject = $2`,
		`update committee_recall set person = $1 where person = $2`,
		`update committee_handover set giver = $1 where giver = $2`,
		`update committee_seal set keeper = $1 where keeper = $2`,
	} {
		if _, err := tx.Exec(ctx, q, kept, gone); err != nil {
			return err
		}
	}
	for _, q := range []string{
		`delete from committee_applicant where person = $1`, `delete from committee_sign where person = $1`, `delete from committee_presence where person = $1`,
		`delete from committee_recall_sign where person = $1`, `delete from committee_alternate where person = $1`,
	} {
		if _, err := tx.Exec(ctx, q, gone); err != nil {
			return err
		}
	}
	return nil
}
