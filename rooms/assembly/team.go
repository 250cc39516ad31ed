package assembly

import (
	"context"
	"database/sql"
	"slices"
	"strings"
	"unicode/utf8"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/store"
)

// Roles in a meeting's team.
const (
	Typist     = "typist"     // 录票人
	Sweeper    = "sweeper"    // 上门人员
	Scrutineer = "scrutineer" // 监票人
)

// Faults of the team.
var (
	ErrRole     = fault.Bad("role", "assembly.role", "角色应为录票人、上门人员或监票人", "a role is typist, sweeper or scrutineer")
	ErrCompany  = fault.New(fault.Refused, "assembly.company", "物业服务企业人员不能担任录票、上门或监票工作", "the property company's staff may not type, visit or watch the count")
	ErrInside   = fault.New(fault.Refused, "assembly.inside", "监票人在本小区不能有房产、住户登记或职务", "a scrutineer has no title, household or post in the compound")
	ErrOfficial = fault.New(fault.Refused, "assembly.official", "召集或监督本次会议的人不能担任监票人", "who convenes or oversees the meeting cannot be its scrutineer")
	ErrStubs    = fault.New(fault.Refused, "assembly.stubs", "无记名表决中，能看到存根的召集人不能录票", "in a secret vote a convener, who has the stubs, does not type sheets")
	ErrNamed    = fault.New(fault.Conflict, "assembly.named", "此人已担任这个角色", "this person has that role already")
	ErrBothRole = fault.New(fault.Refused, "assembly.both_roles", "监票人不能兼任录票或上门工作", "a scrutineer does not type or visit as well")
	ErrStranger = fault.Bad("phone", "assembly.stranger", "没有登记这个姓名和手机号的人员；请核对，或请社区先登记此人", "nobody of this name and telephone number is on the register; check both, or have the community enter the person")
	ErrWatched  = fault.New(fault.Conflict, "assembly.watched", "表决开始后，无记名表决的宣誓监票人不得少于两名", "once a secret vote has opened, at least two sworn scrutineers stay")
)

// Hand is somebody named in a meeting's team.
type Hand struct {
	ID        string       `json:"id"`
	Person    string       `json:"person"`
	Name      string       `json:"name,omitempty"`
	Role      string       `json:"role" enum:"typist,sweeper,scrutineer"`
	Pair      string       `json:"pair,omitempty" doc:"a word that two visitors share"`
	Buildings []scope.Path `json:"buildings" doc:"empty is the whole compound"`
	Oath      day.Instant  `json:"oath" doc:"when a scrutineer swore"`
	At        day.Instant  `json:"at"`
}

func scanHand(r *sql.Rows) (x Hand, err error) {
	var at string
	err = r.Scan(&x.ID, &x.Person, &x.Role, &x.Pair, &at, &x.Oath, &x.At)
	x.Buildings = []scope.Path{}
	for _, p := range strings.Fields(at) {
		x.Buildings = append(x.Buildings, scope.Path(p))
	}
	return x, err
}

const handColumns = `id, person, role, pair, buildings, oath, at`

// team reads who is named now; role and person may be empty.
func (h *Hall) team(ctx context.Context, q store.Queryer, meeting, role, person string) ([]Hand, error) {
	return store.All(ctx, q, scanHand, `select `+handColumns+` from assembly_team where meeting = $1 and ended = 0 and ($2 = '' or role = $2) and ($3 = '' or person = $3) order by role, id`, meeting, role, person)
}

// acts finds somebody's part in a meeting: nil error when the person has that role. Missing for who has nothing to do with
// the meeting, refused for who may see it.
func (h *Hall) acts(ctx context.Context, q store.Queryer, who access.Who, m Meeting, role string) (Hand, error) {
	if who.Account == "" {
		return Hand{}, access.ErrSignIn
	}
	if who.Person != "" {
		list, err := h.team(ctx, q, m.ID, role, who.Person)
		if err != nil {
			return Hand{}, err
		}
		if len(list) > 0 {
			return list[0], nil
		}
	}
	if err := h.sees(ctx, q, who, m); err != nil {
		return Hand{}, err
	}
	return Hand{}, access.ErrRefused
}

// covers reports whether a hand works in a place.
func (x Hand) covers(at scope.Path) bool {
	return len(x.Buildings) == 0 || slices.ContainsFunc(x.Buildings, func(b scope.Path) bool { return b.Covers(at) })
}

// Joining names somebody for a team: by id, or, as a scrutineer is from elsewhere and not found among the neighbours, by name
// and telephone number, both exact.
type Joining struct {
	Person    string       `json:"person,omitempty" maxLength:"40"`
	Name      string       `json:"name,omitempty" maxLength:"40" doc:"with phone, in the place of person"`
	Phone     string       `json:"phone,omitempty" maxLength:"20"`
	Role      string       `json:"role" maxLength:"20" enum:"typist,sweeper,scrutineer"`
	Pair      string       `json:"pair,omitempty" maxLength:"20"`
	Buildings []scope.Path `json:"buildings,omitempty" maxItems:"200"`
}

// known finds whom a convener names by name and number. The answer is the same where one of the two is wrong and where both are.
func (h *Hall) known(ctx context.Context, q store.Queryer, name, phone string) (string, error) {
	if name = strings.TrimSpace(name); name == "" || strings.TrimSpace(phone) == "" || h.PersonOfPhone == nil {
		return "", ErrStranger
	}
	id, is, err := h.PersonOfPhone(ctx, q, phone)
	if err == nil && (id == "" || is != name) {
		err = ErrStranger
	}
	return id, err
}

// Join names somebody for the team of a meeting; the convener does. Faults: ErrCompany, ErrInside, ErrOfficial, ErrNamed,
// ErrStranger.
func (h *Hall) Join(ctx context.Context, who access.Who, id string, in Joining) (out Hand, err error) {
	in.Pair = strings.TrimSpace(in.Pair)
	if utf8.RuneCountInString(in.Pair) > 20 {
		return out, fault.Bad("pair", "assembly.pair", "组名太长", "the pair's word is too long")
	}
	if in.Role != Typist && in.Role != Sweeper && in.Role != Scrutineer {
		return out, ErrRole
	}
	err = h.db.Write(ctx, func(tx *store.Tx) error {
		m, err := h.meeting(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := h.convenes(who, m); err != nil {
			return err
		}
		if err := m.in(Draft, Posted, Noticed, Voting, Closed); err != nil {
			return err
		}
		for _, b := range in.Buildings {
			if !m.Path.Covers(b) || strings.ContainsAny(string(b), " \t\n") {
				return ErrHome.At("buildings")
			}
		}
		in := in
		if in.Person == "" && in.Name+in.Phone != "" {
			if in.Person, err = h.known(ctx, tx, in.Name, in.Phone); err != nil {
				return err
			}
		}
		p, err := h.on.Register.Person(ctx, tx, in.Person)
		if fault.IsKind(err, fault.Missing) || err == nil && p.Status != "" {
			return ErrPerson
		}
		if err != nil {
			return err
		}
		if err := h.fit(ctx, tx, m, in.Person, in.Role); err != nil {
			return err
		}
		words := make([]string, len(in.Buildings))
		for i, b := range in.Buildings {
			words[i] = string(b)
		}
		out = Hand{ID: tx.NewID(), Person: in.Person, Name: p.Name, Role: in.Role, Pair: in.Pair, Buildings: in.Buildings, At: tx.Now}
		if out.Buildings == nil {
			out.Buildings = []scope.Path{}
		}
		if _, err := tx.Exec(ctx, `insert into assembly_team (id, meeting, person, role, pair, buildings, oath, at, ended) values ($1, $2, $3, $4, $5, $6, 0, $7, 0)`,
			out.ID, m.ID, in.Person, in.Role, in.Pair, strings.Join(words, " "), int64(tx.Now)); err != nil {
			return err
		}
		return h.event(ctx, tx, who, Convene, m, "team", "", map[string]any{"person": in.Person, "role": in.Role, "pair": in.Pair})
	})
	return out, err
}

// fit says whether a person may have a role: company staff none; a scrutineer is from outside the compound and neither
// convenes nor oversees nor does other work of the meeting.
func (h *Hall) fit(ctx context.Context, q store.Queryer, m Meeting, person, role string) error {
	has, err := h.team(ctx, q, m.ID, "", person)
	if err != nil {
		return err
	}
	for _, x := range has {
		if x.Role == role {
			return ErrNamed
		}
		if x.Role == Scrutineer || role == Scrutineer {
			return ErrBothRole
		}
	}
	today := h.db.Now().Day(day.Shanghai)
	company, err := h.isCompany(ctx, q, person, today)
	if err != nil {
		return err
	}
	if company {
		return ErrCompany
	}
	grants, err := h.on.Register.Grants(ctx, q, person, today)
	if err != nil {
		return err
	}
	official := access.Who{Account: "x", Grants: grants}
	if role == Typist && m.Secret && official.May(Convene, m.Path) == nil {
		return ErrStubs
	}
	if role != Scrutineer {
		return nil
	}
	lo, hi := m.Path.Bounds()
	inside, err := store.Count(ctx, q, `select (select count(*) from people_v_title where person = $1 and path >= $2 and path < $3 and (to_day = '' or to_day >= $4))
 + (select count(*) from people_v_household where person = $1 and path >= $2 and path < $3 and (to_day = '' or to_day >= $4))
 + (select count(*) from people_v_term where person = $1 and path >= $2 and path < $3 and (to_day = '' or to_day >= $4))`, person, lo, hi, today)
	if err != nil {
		return err
	}
	voters, err := store.Count(ctx, q, `select count(*) from assembly_voter where meeting = $1 and person = $2`, m.ID, person)
	if err != nil {
		return err
	}
	if inside+voters > 0 {
		return ErrInside
	}
	if person == m.ByPerson || official.May(Convene, m.Path) == nil || official.May(Oversee, m.Path) == nil {
		return ErrOfficial
	}
	return nil
}

// Leave ends somebody's part in a team.
func (h *Hall) Leave(ctx context.Context, who access.Who, id, hand, why string) error {
	if strings.TrimSpace(why) == "" {
		return ErrReason
	}
	return h.db.Write(ctx, func(tx *store.Tx) error {
		m, err := h.meeting(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := h.convenes(who, m); err != nil {
			return err
		}
		var person, role string
		err = tx.QueryRow(ctx, `update assembly_team set ended = $1 where id = $2 and meeting = $3 and ended = 0 returning person, role`, int64(tx.Now), hand, m.ID).Scan(&person, &role)
		if err == sql.ErrNoRows {
			return ErrMissing
		}
		if err != nil {
			return err
		}
		if role == Scrutineer && m.Secret && m.Opened(tx.Now) {
			ok, err := h.scrutineersReady(ctx, tx, m.ID)
			if err != nil {
				return err
			}
			if !ok {
				return ErrWatched
			}
		}
		return h.event(ctx, tx, who, Convene, m, "team_left", why, map[string]any{"person": person, "role": role})
	})
}

// Swear records a scrutineer's oath, given by the scrutineer and nobody else.
func (h *Hall) Swear(ctx context.Context, who access.Who, id string) (out Hand, err error) {
	err = h.db.Write(ctx, func(tx *store.Tx) error {
		m, err := h.meeting(ctx, tx, id)
		if err != nil {
			return err
		}
		if out, err = h.acts(ctx, tx, who, m, Scrutineer); err != nil {
			return err
		}
		if out.Oath != 0 {
			return nil
		}
		out.Oath = tx.Now
		if _, err := tx.Exec(ctx, `update assembly_team set oath = $1 where id = $2`, int64(tx.Now), out.ID); err != nil {
			return err
		}
		return h.event(ctx, tx, who, nil, m, "oath", "", map[string]any{"person": who.Person})
	})
	return out, err
}

// OathZh and OathEn are what a scrutineer swears.
const (
	OathZh = "我承诺：与本小区没有利害关系；如实核对每一张票；不向任何人透露任何人的选择；发现问题即时书面报告街道。"
	OathEn = "I have no interest in this compound; I shall check every ballot truthfully, tell nobody how anybody voted, and report what is wrong to the street in writing at once."
)

// Team lists who is named, to the convener, the street and the team itself. Voters see the scrutineers.
func (h *Hall) Team(ctx context.Context, who access.Who, id string) ([]Hand, error) {
	m, err := h.meeting(ctx, h.db, id)
	if err != nil {
		return nil, err
	}
	if err := h.sees(ctx, h.db, who, m); err != nil {
		return nil, err
	}
	list, err := h.team(ctx, h.db, m.ID, "", "")
	if err != nil {
		return nil, err
	}
	all := who.May(Look, m.Path) == nil || slices.ContainsFunc(list, func(x Hand) bool { return x.Person == who.Person && who.Person != "" })
	out := []Hand{}
	for _, x := range list {
		if !all && x.Role != Scrutineer {
			continue
		}
		if x.Name, err = h.on.Register.PersonName(ctx, h.db, x.Person); err != nil {
			return nil, err
		}
		out = append(out, x)
	}
	return out, nil
}

// scrutineersReady reports whether two scrutineers have sworn: a secret vote opens only then.
func (h *Hall) scrutineersReady(ctx context.Context, q store.Queryer, meeting string) (bool, error) {
	n, err := store.Count(ctx, q, `select count(*) from assembly_team where meeting = $1 and role = 'scrutineer' and ended = 0 and oath > 0`, meeting)
	return n >= 2, err
}
