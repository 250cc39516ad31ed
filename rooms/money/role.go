package money

import (
	"context"
	"database/sql"
	"encoding/json"
	"slices"
	"strings"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/seal"
	"cuobian/platform/store"
	"cuobian/rooms/people"
	"cuobian/rooms/place"
)

// Kinds of roles.
const (
	RoleCommunity       = "review_community" // 社区审核人
	RoleStreet          = "review_street"    // 街道审核人
	RoleKeeperCommittee = "keeper_committee" // 业委会章保管人
	RoleKeeperCommunity = "keeper_community" // 社区章保管人
)

var rolePosts = map[string][]access.Post{
	RoleCommunity: nearby, RoleKeeperCommunity: nearby,
	RoleStreet:          {access.StreetOfficer, access.SectionCadre},
	RoleKeeperCommittee: sitting,
	RoleKeeperStreet:    streetPosts,
}

var roleWords = map[string][2]string{
	RoleCommunity: {"社区审核人", "reviewer for the community"}, RoleStreet: {"街道审核人", "reviewer for the street"},
	RoleKeeperCommittee: {"业委会章保管人", "keeper of the committee's seal"}, RoleKeeperCommunity: {"社区章保管人", "keeper of the community's seal"},
	RoleKeeperStreet: {"街道章保管人", "keeper of the street's seal"},
}

// Faults of roles.
var (
	ErrRole       = fault.Bad("kind", "money.role", "没有这种职责", "there is no such role")
	ErrRolePost   = fault.Bad("person", "money.role_post", "此人在该处没有相应职务", "this person holds no post there that fits")
	ErrResolution = fault.Bad("resolution", "money.resolution", "须写明决议：业主大会决定的编号，或者决议文字并附照片", "name the resolution: the assembly's decision, or its words with a picture")
	ErrDeciders   = fault.Bad("deciders", "money.deciders", "须写明作出决议的人，且不能只有本人", "name who decided, and not the person concerned alone")
	ErrWaiting    = fault.New(fault.Refused, "money.waiting", "正在等待审批的人，或者任用尚待生效的人，不能提出或决定更换审核人、用印人", "who waits for an approval, or whose own appointment is pending, may neither ask for nor decide a change of who reviews or seals")
	ErrCooled     = fault.New(fault.Conflict, "money.cooled", "冷静期已过，不能撤销；请另作决议", "the cooling period is over; it takes another resolution")
	ErrNoRole     = fault.New(fault.Conflict, "money.no_role", "尚未按决议确定印章保管人，或者其任期已满", "no keeper of the seal is named by a resolution, or the keeper's term is over")
	ErrCommittee  = fault.New(fault.Conflict, "money.no_committee", "该小区没有在任的业委会（临管会）", "the compound has no committee in office")
)

// Role is who may review or keep a seal for a compound, by a recorded resolution. The newest of a kind that is in force counts.
type Role struct {
	ID         string      `json:"id"`
	Compound   string      `json:"compound"`
	Path       scope.Path  `json:"path"`
	Kind       string      `json:"kind" enum:"review_community,review_street,keeper_committee,keeper_community,keeper_street"`
	Zh         string      `json:"zh"`
	En         string      `json:"en"`
	Person     string      `json:"person"`
	Name       string      `json:"name"`
	Resolution string      `json:"resolution" doc:"assemblies/ID/NO, decisions/ID of the committee, or blobs/ID of a paper's picture"`
	Words      string      `json:"words"`
	Deciders   []string    `json:"deciders"`
	AskedBy    string      `json:"asked_by"`
	At         day.Instant `json:"at"`
	From       day.Instant `json:"from" doc:"in force from then on, after cooling"`
	State      string      `json:"state" enum:"pending,in_force,replaced,cancelled"`
	Ended      day.Instant `json:"ended,omitempty"`
	Why        string      `json:"why,omitempty"`
	Demo       bool        `json:"demo,omitempty"`
}

// NewRole asks for a role.
type NewRole struct {
	Kind       string   `json:"kind" enum:"review_community,review_street,keeper_committee,keeper_community,keeper_street"`
	Person     string   `json:"person" maxLength:"40"`
	Resolution string   `json:"resolution" maxLength:"120"`
	Words      string   `json:"words,omitempty" maxLength:"500"`
	Deciders   []string `json:"deciders,omitempty" maxItems:"20" doc:"persons who signed a resolution on paper; of a committee's decision the record says it, and of the assembly's it is not asked"`
}

func (t *Till) readRoles(ctx context.Context, q store.Queryer, cond string, args ...any) ([]Role, error) {
	now := t.db.Now()
	list, err := store.All(ctx, q, func(r *sql.Rows) (x Role, err error) {
		var deciders string
		if err = r.Scan(&x.ID, &x.Compound, &x.Path, &x.Kind, &x.Person, &x.Name, &x.Resolution, &x.Words, &deciders, &x.AskedBy, &x.At, &x.From, &x.State, &x.Ended, &x.Why, &x.Demo); err != nil {
			return x, err
		}
		x.Zh, x.En = roleWords[x.Kind][0], roleWords[x.Kind][1]
		return x, json.Unmarshal([]byte(deciders), &x.Deciders)
	}, `select r.id, r.compound, r.path, r.kind, r.person, p.name, r.resolution, r.words, r.deciders, r.asked_by, r.at, r.from_at, r.state, r.ended, r.ended_why, r.demo from money_role r join people_v_person p on p.id = r.person where `+cond+` order by r.id`, args...)
	newest := map[string]int{}
	for i, x := range list {
		if x.State == "cancelled" {
			continue
		}
		list[i].State = "pending"
		if x.From <= now {
			if old, has := newest[x.Compound+x.Kind]; has {
				list[old].State = "replaced"
			}
			list[i].State, newest[x.Compound+x.Kind] = "in_force", i
		}
	}
	return list, err
}

// holderOf is the role of a kind in force at a moment; ok is false where none is.
func holderOf(ctx context.Context, q store.Queryer, compound, kind string, at day.Instant) (person, id string, ok bool, err error) {
	err = q.QueryRow(ctx, `select person, id from money_role where compound = $1 and kind = $2 and state <> 'cancelled' and from_at <= $3 order by from_at desc, id desc limit 1`, compound, kind, int64(at)).Scan(&person, &id)
	if none(err) {
		return "", "", false, nil
	}
	return person, id, err == nil, err
}

// Roles lists a compound's, newest last.
func (t *Till) Roles(ctx context.Context, who access.Who, compound string) ([]Role, error) {
	n, err := t.compound(ctx, t.db, compound)
	if err != nil {
		return nil, err
	}
	if err := t.may(ctx, t.db, who, Read, n.Path); err != nil {
		return nil, err
	}
	return t.readRoles(ctx, t.db, `r.compound = $1`, compound)
}

// resolved checks a resolution that is named: an assembly's must be final, passed and of this compound (item, where it is not
// 0, is that of the matter); a paper's picture is attached to ref.
func (t *Till) resolved(ctx context.Context, tx *store.Tx, who access.Who, at scope.Path, resolution, words, ref string, item int) error {
	kind, rest, _ := strings.Cut(resolution, "/")
	switch kind {
	case "assemblies":
		meeting, no, _ := strings.Cut(rest, "/")
		n, err := store.Count(ctx, tx, `select count(*) from assembly_v_result r join assembly_v_meeting m on m.id = r.meeting
where r.meeting = $1 and cast(r.matter as text) = $2 and r.stage = 'final' and m.state = 'final' and r.passed = $3 and m.path = $4 and ($5 = 0 or r.item = $5)`, meeting, no, true, string(at), item)
		if err == nil && n == 0 {
			err = ErrResolution
		}
		return err
	case "decisions":
		_, err := t.signers(ctx, tx, at, rest)
		return err
	case "blobs":
		if strings.TrimSpace(words) == "" {
			return ErrResolution
		}
		b, err := t.on.Blobs.Find(ctx, tx, rest)
		if fault.IsKind(err, fault.Missing) {
			return ErrResolution
		}
		if err != nil {
			return err
		}
		if b.State == "kept" && b.Path == at {
			return nil
		}
		return t.attach(ctx, tx, who, rest, ref, at)
	}
	return ErrResolution
}

// signers checks that a committee of the compound made a decision, and says who signed for it.
func (t *Till) signers(ctx context.Context, q store.Queryer, at scope.Path, id string) (signers []string, err error) {
	org, made, signers, err := t.on.Chamber.DecisionMade(ctx, q, id)
	if fault.IsKind(err, fault.Missing) || err == nil && !made {
		return nil, ErrResolution
	}
	if err != nil {
		return nil, err
	}
	o, err := t.on.Register.Org(ctx, q, org)
	if err == nil && o.Path != at {
		err = ErrResolution
	}
	return signers, err
}

// attach keeps an uploaded file for ref. What the program itself sent passes.
func (t *Till) attach(ctx context.Context, tx *store.Tx, who access.Who, blobID, ref string, at scope.Path) error {
	sender := who.Account
	if who.System {
		sender = "system"
	}
	words, err := t.on.Map.Words(ctx, tx, at)
	if err != nil && !fault.IsKind(err, fault.Missing) {
		return err
	}
	return t.on.Blobs.Attach(ctx, tx, blobID, sender, ref, at, words)
}

// waits reports whether a person waits for an approval in a compound: an own application that is not ended, or an own role in
// its cooling period.
func waits(ctx context.Context, q store.Queryer, compound, person string, now day.Instant) (bool, error) {
	n, err := store.Count(ctx, q, `select (select count(*) from money_payment where compound = $1 and applicant = $2 and state in ('committee', 'community', 'drawing', 'street', 'sealing', 'sealed_1', 'sealed'))
+ (select count(*) from money_role where compound = $1 and person = $2 and state <> 'cancelled' and from_at > $3)`, compound, person, int64(now))
	return n > 0, err
}

// AskRole records a resolution on who reviews or keeps a seal. It takes effect after cooling, and neither who asks nor who
// decided may wait for an approval.
func (t *Till) AskRole(ctx context.Context, who access.Who, compound string, in NewRole) (x Role, err error) {
	if err := person(who); err != nil && !who.System {
		return x, err
	}
	err = t.db.Write(ctx, func(tx *store.Tx) error {
		n, err := t.compound(ctx, tx, compound)
		if err != nil {
			return err
		}
		if err := t.may(ctx, tx, who, Arrange, n.Path); err != nil {
			return err
		}
		if g := who.Grant(Arrange, n.Path); g != nil && slices.Contains(company, g.Post) {
			return access.ErrRefused // a company has no say in who checks it
		}
		posts := rolePosts[in.Kind]
		if posts == nil {
			return ErrRole
		}
		if err := t.fits(ctx, tx, n.Path, in.Person, posts); err != nil {
			return err
		}
		in.Words = strings.TrimSpace(in.Words)
		x = Role{ID: tx.NewID(), Compound: n.ID, Path: n.Path, Kind: in.Kind, Zh: roleWords[in.Kind][0], En: roleWords[in.Kind][1], Person: in.Person, Resolution: in.Resolution, Words: in.Words, Deciders: slices.Clone(in.Deciders), AskedBy: who.Person, At: tx.Now, State: "pending", Demo: n.Demo}
		if id, is := strings.CutPrefix(in.Resolution, "decisions/"); is { // who decided is on record there
			if in.Deciders, err = t.signers(ctx, tx, n.Path, id); err != nil {
				return err
			}
			x.Deciders = in.Deciders
		}
		if !strings.HasPrefix(in.Resolution, "assemblies/") && !slices.ContainsFunc(in.Deciders, func(p string) bool { return p != in.Person && p != "" }) {
			return ErrDeciders
		}
		for _, p := range append([]string{who.Person}, in.Deciders...) {
			if p == "" {
				continue
			}
			if w, err := waits(ctx, tx, n.ID, p, tx.Now); err != nil || w {
				if err == nil {
					err = ErrWaiting
				}
				return err
			}
		}
		if err := t.resolved(ctx, tx, who, n.Path, in.Resolution, in.Words, "roles/"+x.ID, 0); err != nil {
			return err
		}
		p, cal, _, err := t.rules(ctx, tx, n.Path, today(tx))
		if err != nil {
			return err
		}
		x.From = cal.Deadline(tx.Now, p.Cooling, day.Hours{}).At
		if _, err := tx.Exec(ctx, `insert into money_role (id, compound, path, street, kind, person, resolution, words, deciders, asked_by, at, from_at, state, ended, ended_by, ended_why, demo)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 'asked', 0, '', '', $13)`, x.ID, x.Compound, string(x.Path), string(x.Path.Street()), x.Kind, x.Person, x.Resolution, x.Words, text(x.Deciders), x.AskedBy, int64(x.At), int64(x.From), x.Demo); err != nil {
			return err
		}
		if x.Name, err = t.on.Register.PersonName(ctx, tx, x.Person); err != nil {
			return err
		}
		if err := t.publishRole(ctx, tx, x, "asked"); err != nil {
			return err
		}
		return t.trail(ctx, tx, who, Arrange, n.Path, "role", "roles/"+x.ID, in.Words, map[string]any{"kind": x.Kind, "person": x.Person, "from": x.From, "resolution": x.Resolution})
	})
	return x, err
}

// publishRole says in the public log that a role changes, without the person.
func (t *Till) publishRole(ctx context.Context, tx *store.Tx, x Role, what string) error {
	_, err := audit.Publish(ctx, tx, audit.Record{Kind: "money.role", Path: x.Path, Ref: "roles/" + x.ID, Body: map[string]any{"compound": x.Compound, "kind": x.Kind, "what": what, "from": x.From, "resolution": x.Resolution}})
	return err
}

// handsPosts are the posts whose holders review and seal payments, or decide who does.
var handsPosts = slices.Concat(sitting, nearby, streetPosts)

// OfficeHolder is somebody in office who reviews or seals payments of a compound, or may be named to.
type OfficeHolder struct {
	Person string        `json:"person"`
	Name   string        `json:"name"`
	Posts  []access.Post `json:"posts"`
	Fits   []string      `json:"fits" doc:"roles that the posts fit"`
	Waits  bool          `json:"waits" doc:"waits for an approval: may neither ask for nor decide a change of roles"`
}

// OfficeHolders lists who is in office for a compound today: its committee, the community and the street.
func (t *Till) OfficeHolders(ctx context.Context, who access.Who, compound string) ([]OfficeHolder, error) {
	n, err := t.compound(ctx, t.db, compound)
	if err != nil {
		return nil, err
	}
	if err := t.may(ctx, t.db, who, Read, n.Path); err != nil {
		return nil, err
	}
	terms, err := t.on.Register.Holders(ctx, t.db, n.Path, t.Today(), handsPosts...)
	if err != nil {
		return nil, err
	}
	out := []OfficeHolder{}
	for _, x := range terms {
		if x.DeputyFor != "" {
			continue
		}
		i := slices.IndexFunc(out, func(o OfficeHolder) bool { return o.Person == x.Person })
		if i < 0 {
			i = len(out)
			o := OfficeHolder{Person: x.Person, Posts: []access.Post{}, Fits: []string{}}
			if o.Name, err = t.on.Register.PersonName(ctx, t.db, x.Person); err != nil {
				return nil, err
			}
			if o.Waits, err = waits(ctx, t.db, n.ID, x.Person, t.db.Now()); err != nil {
				return nil, err
			}
			out = append(out, o)
		}
		if !slices.Contains(out[i].Posts, x.Post) {
			out[i].Posts = append(out[i].Posts, x.Post)
		}
	}
	for i, o := range out {
		for kind, posts := range rolePosts {
			if slices.ContainsFunc(o.Posts, func(p access.Post) bool { return slices.Contains(posts, p) }) {
				out[i].Fits = append(out[i].Fits, kind)
			}
		}
		slices.Sort(out[i].Fits)
	}
	return out, nil
}

// fits checks that a person holds one of the posts for a place today.
func (t *Till) fits(ctx context.Context, q store.Queryer, at scope.Path, person string, posts []access.Post) error {
	terms, err := t.on.Register.Holders(ctx, q, at, t.Today(), posts...)
	if err != nil {
		return err
	}
	if person == "" || !slices.ContainsFunc(terms, func(x people.Term) bool { return x.Person == person && x.DeputyFor == "" }) {
		return ErrRolePost
	}
	return nil
}

// CancelRole takes a change back within its cooling period, with a reason: by who asked for it, the street, or a post that
// may arrange.
func (t *Till) CancelRole(ctx context.Context, who access.Who, id, why string) (x Role, err error) {
	if why = strings.TrimSpace(why); why == "" {
		return x, ErrReason
	}
	err = t.db.Write(ctx, func(tx *store.Tx) error {
		all, err := t.readRoles(ctx, tx, `r.id = $1`, id)
		if err != nil {
			return err
		}
		if len(all) == 0 {
			return ErrMissing
		}
		x = all[0]
		if err := t.may(ctx, tx, who, Arrange, x.Path); err != nil {
			return err
		}
		if g := who.Grant(Arrange, x.Path); g != nil && slices.Contains(company, g.Post) {
			return access.ErrRefused
		}
		if w, err := waits(ctx, tx, x.Compound, who.Person, tx.Now); err != nil || w {
			if err == nil {
				err = ErrWaiting
			}
			return err
		}
		if x.From <= tx.Now {
			return ErrCooled
		}
		n, err := tx.Exec(ctx, `update money_role set state = 'cancelled', ended = $2, ended_by = $3, ended_why = $4 where id = $1 and state <> 'cancelled'`, id, int64(tx.Now), who.Person, why)
		if err != nil {
			return err
		}
		if n == 0 {
			return ErrChanged
		}
		x.State, x.Ended, x.Why = "cancelled", tx.Now, why
		if err := t.publishRole(ctx, tx, x, "cancelled"); err != nil {
			return err
		}
		return t.trail(ctx, tx, who, Arrange, x.Path, "role_cancel", "roles/"+id, why, nil)
	})
	return x, err
}

// committeeAt is the committee in office of a compound with its members, an elected one before an interim one; one with nobody
// in office only where no other is there.
func (t *Till) committeeAt(ctx context.Context, q store.Queryer, at scope.Path, on day.Day) (o people.Org, all []string, director string, err error) {
	orgs, err := t.on.Register.OrgsAt(ctx, q, at, on, people.OwnersCommittee, people.InterimCommittee)
	if err != nil {
		return o, nil, "", err
	}
	slices.Reverse(orgs)                                                                                              // the newest first,
	slices.SortStableFunc(orgs, func(a, b people.Org) int { return strings.Compare(string(b.Kind), string(a.Kind)) }) // owners_ before interim_
	found := false
	for _, x := range orgs {
		if x.Path != at {
			continue
		}
		terms, err := t.on.Register.Terms(ctx, q, people.TermFind{Org: x.ID, On: on, Posts: sitting})
		if err != nil {
			return o, nil, "", err
		}
		var members []string
		head := ""
		for _, y := range terms {
			if y.DeputyFor != "" {
				continue
			}
			if slices.Contains(heads, y.Post) {
				head = y.Person
			}
			if !slices.Contains(members, y.Person) {
				members = append(members, y.Person)
			}
		}
		if !found {
			o, found = x, true
		}
		if len(members) > 0 { // one without anybody in office gives way to one that has
			return x, members, head, nil
		}
	}
	if !found {
		return o, nil, "", ErrCommittee
	}
	return o, nil, "", nil
}

// stampOf finds the seal in use of a committee (side "committee"), of the community or of the street, and has one made where there
// never was any. A committee whose seal was taken out of use (lost, handed over) enters another first: none springs up by itself.
func (t *Till) stampOf(ctx context.Context, tx *store.Tx, n place.Node, side string, o people.Org) (seal.Stamp, error) {
	holder, name, at := "orgs/"+o.ID, o.Name, n.Path
	if side != sideCommittee {
		at = n.Path.Parent()
		kinds := []people.OrgKind{people.ResidentsCommittee, people.CommunityCommittee}
		if side == sideStreet {
			at, kinds = n.Path.Street(), []people.OrgKind{people.StreetOffice}
		}
		c, err := t.on.Map.Get(ctx, tx, at.Last())
		if err != nil {
			return seal.Stamp{}, err
		}
		holder, name = "places/"+c.ID, c.Name
		orgs, err := t.on.Register.OrgsAt(ctx, tx, at, today(tx), kinds...)
		if err != nil {
			return seal.Stamp{}, err
		}
		for _, x := range orgs {
			if x.Path == at {
				name = x.Name
				break
			}
		}
	}
	all, err := t.on.Stamps.Of(ctx, tx, holder)
	if err != nil {
		return seal.Stamp{}, err
	}
	for _, s := range slices.Backward(all) {
		if s.Ended == 0 {
			return s, nil
		}
	}
	if side == sideCommittee && len(all) > 0 {
		return seal.Stamp{}, ErrNoStamp
	}
	s, err := t.on.Stamps.Make(ctx, tx, name, at, holder)
	if err != nil {
		return s, err
	}
	return s, audit.Write(ctx, tx, audit.Entry{By: audit.System, Action: "money.stamp", Path: n.Path, Ref: "stamps/" + s.ID, To: map[string]string{"holder": holder, "name": name}})
}
