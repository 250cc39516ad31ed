package assembly

import (
	"context"
	"crypto/rand"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/paged"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/store"
	"cuobian/rooms/place"
)

// Words that a draft may use.
var (
	purposes = []string{"decision", "election", "first", "by_election", "recall"}
	namesOf  = map[string][]access.Post{ // who may convene as what
		"committee":   {access.CommitteeDirector},
		"interim":     {access.InterimDirector},
		"preparatory": {access.CommunitySecretary, access.CommunityOfficer, access.StreetOfficer},
		"community":   {access.CommunitySecretary, access.CommunityOfficer},
		"street":      {access.StreetOfficer},
	}
	channelWords  = map[string][2]string{"phone": {"手机", "phone"}, "paper": {"纸质票", "paper"}, "door": {"上门", "at the door"}, "proxy": {"委托", "proxy"}, "city": {"市级系统", "the city's system"}}
	purposeWords  = map[string][2]string{"decision": {"表决事项", "decisions"}, "election": {"换届选举", "election"}, "first": {"首次业主大会", "first assembly"}, "by_election": {"补选", "by-election"}, "recall": {"罢免和更换委员", "recall of members"}}
	convenerWords = map[string][2]string{"committee": {"业主委员会", "the owners' committee"}, "interim": {"临时管理委员会", "the interim committee"}, "preparatory": {"筹备组", "the preparatory group"},
		"community": {"社区居民委员会", "the residents' committee"}, "street": {"街道办事处", "the street office"}}
)

// Faults of a draft.
var (
	ErrTitle    = fault.Bad("title", "assembly.title", "请写会议名称，最多 100 字", "a title of 1 to 100 characters is needed")
	ErrPurpose  = fault.Bad("purpose", "assembly.purpose", "会议目的有误", "the purpose is not one of ours")
	ErrConvener = fault.Bad("convener", "assembly.convener", "您的岗位不能以这个名义召集会议", "your post cannot convene a meeting in that name")
	ErrOrg      = fault.Bad("convener_org", "assembly.convener_org", "召集的委员会不在本小区", "the convening committee is not of this compound")
	ErrCounts   = fault.Bad("counts", "assembly.counts", "须选择以第一次或最后一次投票为准", "say whether the first or the last ballot of a right counts")
	ErrChannels = fault.Bad("channels", "assembly.channels", "投票方式有误，至少一种", "the ways of voting are not ours, and one at least is needed")
	ErrSign     = fault.Bad("sign_clause", "assembly.sign_clause", "以约定方式签名的，须写明议事规则的条款（R28）", "a method of signing that was agreed needs its clause of the rules of procedure (R28)")
	ErrPlace    = fault.Bad("compound", "assembly.compound", "请选择小区", "please choose a compound")
)

// Drafting is a meeting as its convener writes it.
type Drafting struct {
	Compound      string   `json:"compound" maxLength:"200" doc:"id or path of the compound"`
	Title         string   `json:"title" maxLength:"100"`
	Purpose       string   `json:"purpose,omitempty" enum:"decision,election,first,by_election,recall" default:"decision"`
	Convener      string   `json:"convener" enum:"committee,interim,preparatory,community,street"`
	ConvenerOrg   string   `json:"convener_org,omitempty" maxLength:"40"`
	Demand        string   `json:"demand,omitempty" maxLength:"40" doc:"the owners' demand that this meeting answers"`
	Secret        *bool    `json:"secret,omitempty" doc:"default: elections are secret, decisions open"`
	Counts        string   `json:"counts,omitempty" enum:"first,last" default:"first"`
	Channels      []string `json:"channels,omitempty" enum:"phone,paper,door,proxy,city"`
	Sign          string   `json:"sign,omitempty" enum:"device,agreed,none" default:"device"`
	SignClause    string   `json:"sign_clause,omitempty" maxLength:"500"`
	CountParking  *bool    `json:"count_parking,omitempty" doc:"default true (R06)"`
	SilenceClause string   `json:"unreturned_clause,omitempty" maxLength:"500"`
	Plan          Plan     `json:"plan,omitempty"`
}

// Change is what a convener corrects of a draft; what is left out stays.
type Change struct {
	Version       int64     `json:"version,omitempty"`
	Title         *string   `json:"title,omitempty" maxLength:"100"`
	Purpose       *string   `json:"purpose,omitempty" enum:"decision,election,first,by_election,recall"`
	Secret        *bool     `json:"secret,omitempty"`
	Counts        *string   `json:"counts,omitempty" enum:"first,last"`
	Channels      *[]string `json:"channels,omitempty" enum:"phone,paper,door,proxy,city"`
	Sign          *string   `json:"sign,omitempty" enum:"device,agreed,none"`
	SignClause    *string   `json:"sign_clause,omitempty" maxLength:"500"`
	CountParking  *bool     `json:"count_parking,omitempty"`
	SilenceClause *string   `json:"unreturned_clause,omitempty" maxLength:"500"`
	Plan          *Plan     `json:"plan,omitempty"`
}

// newNumber is a year and six random digits, so that nobody counts meetings by them.
func newNumber(on day.Day) string {
	n, _ := rand.Int(rand.Reader, big.NewInt(1_000_000))
	return fmt.Sprintf("%d-%06d", on.Year(), n.Int64())
}

// compound finds a compound by id or path.
func (h *Hall) compound(ctx context.Context, q store.Queryer, ref string) (n place.Node, err error) {
	if strings.Contains(ref, "/") {
		n, err = h.on.Map.At(ctx, q, scope.Path(ref))
	} else {
		n, err = h.on.Map.Get(ctx, q, ref)
	}
	if fault.IsKind(err, fault.Missing) || err == nil && n.Kind != place.Compound {
		return n, ErrPlace
	}
	return n, err
}

// check looks through what a convener says of a meeting.
func (m *Meeting) check() error {
	m.Title = strings.TrimSpace(m.Title)
	switch n := len([]rune(m.Title)); {
	case n == 0 || n > 100:
		return ErrTitle
	case !slices.Contains(purposes, m.Purpose):
		return ErrPurpose
	case m.Counts != "first" && m.Counts != "last":
		return ErrCounts
	case len(m.Channels) == 0:
		return ErrChannels
	}
	for _, c := range m.Channels {
		if _, ok := channelWords[c]; !ok {
			return ErrChannels
		}
	}
	slices.Sort(m.Channels)
	m.Channels = slices.Compact(m.Channels)
	m.SignClause, m.SilenceClause = strings.TrimSpace(m.SignClause), strings.TrimSpace(m.SilenceClause)
	if m.Sign == "agreed" && m.SignClause == "" || m.Sign != "device" && m.Sign != "agreed" && m.Sign != "none" {
		return ErrSign
	}
	return nil
}

// Draft begins a meeting.
func (h *Hall) Draft(ctx context.Context, who access.Who, d Drafting) (m Meeting, err error) {
	err = h.db.Write(ctx, func(tx *store.Tx) error {
		n, err := h.compound(ctx, tx, d.Compound)
		if err != nil {
			return err
		}
		if err := who.May(Convene, n.Path); err != nil {
			return err
		}
		m = Meeting{ID: tx.NewID(), Path: n.Path, Title: d.Title, Purpose: d.Purpose, Convener: d.Convener, ConvenerOrg: d.ConvenerOrg, Counts: d.Counts, Channels: d.Channels,
			Sign: d.Sign, SignClause: d.SignClause, CountParking: true, SilenceClause: d.SilenceClause, State: Draft, Demo: n.Demo, Version: 1, ByPerson: who.Person, Created: tx.Now, Updated: tx.Now}
		if m.Purpose == "" {
			m.Purpose = "decision"
		}
		if m.Counts == "" {
			m.Counts = "first"
		}
		if m.Sign == "" {
			m.Sign = "device"
		}
		if len(m.Channels) == 0 {
			m.Channels = []string{"door", "paper", "phone", "proxy"}
		}
		m.Secret = m.Elects()
		if d.Secret != nil {
			m.Secret = *d.Secret
		}
		if d.CountParking != nil {
			m.CountParking = *d.CountParking
		}
		if err := m.check(); err != nil {
			return err
		}
		if err := h.asConvener(ctx, tx, who, &m); err != nil {
			return err
		}
		if m.substitute() && m.Purpose == "decision" && d.Demand == "" {
			// Where a committee is in office others organise only what they are entrusted with (R10).
			if post, _, ok, err := h.committee(ctx, tx, m.Path, today(tx)); err != nil || ok && post == access.CommitteeDirector {
				return orElse(err, ErrNotTrusted)
			}
		}
		if _, _, m.Rules, err = h.rules(ctx, tx, m.Path, today(tx)); err != nil {
			return err
		}
		if err := h.setPlan(ctx, tx, &m, d.Plan); err != nil {
			return err
		}
		for {
			m.Number = newNumber(today(tx))
			taken, err := store.Count(ctx, tx, `select count(*) from assembly_meeting where number = $1`, m.Number)
			if err != nil {
				return err
			}
			if taken == 0 {
				break
			}
		}
		if _, err := tx.Exec(ctx, `insert into assembly_meeting (id, number, path, street, title, purpose, convener, convener_org, demand, secret, counts, channels, sign, sign_clause, count_parking, silence_clause, community_told,
roll_on, roll_until, notice_on, opens, closes, preliminary_on, preliminary_until, final_on, state, roll_version, extended, ended_why, rules, demo, version, by_person, created, updated, drafts_on, provisional_on, list_on)
values ($1, $2, $3, $4, $5, $6, $7, $8, '', $9, $10, $11, $12, $13, $14, $15, 0, $16, $17, $18, $19, $20, $21, $22, $23, 'draft', 0, 0, '', $24, $25, 1, $26, $27, $27, $28, $29, $30)`,
			m.ID, m.Number, string(m.Path), string(m.Path.Street()), m.Title, m.Purpose, m.Convener, m.ConvenerOrg, m.Secret, m.Counts, strings.Join(m.Channels, " "), m.Sign, m.SignClause, m.CountParking, m.SilenceClause,
			m.RollOn, m.RollUntil, m.NoticeOn, int64(m.Opens), int64(m.Closes), m.PrelimOn, m.PrelimUntil, m.FinalOn, m.Rules, m.Demo, m.ByPerson, int64(tx.Now), m.DraftsOn, m.ProvisionalOn, m.ListOn); err != nil {
			return err
		}
		if d.Demand != "" {
			if err := h.answer(ctx, tx, who, &m, d.Demand); err != nil {
				return err
			}
			if err := h.save(ctx, tx, &m); err != nil {
				return err
			}
		}
		tx.Changed(store.Change{Kind: "assemblies", ID: m.ID, Path: m.Path})
		return h.event(ctx, tx, who, Convene, m, "draft", "", map[string]any{"title": m.Title, "purpose": m.Purpose, "convener": m.Convener, "secret": m.Secret, "counts": m.Counts, "rules": m.Rules, "demand": m.Demand})
	})
	return m, err
}

// substitute reports whether others than a committee convene.
func (m Meeting) substitute() bool { return m.Convener != "committee" && m.Convener != "interim" }

// asConvener checks that who holds a post that convenes in that name, and fills in the director's own committee.
func (h *Hall) asConvener(ctx context.Context, q store.Queryer, who access.Who, m *Meeting) error {
	posts, ok := namesOf[m.Convener]
	if !ok {
		return ErrConvener
	}
	if m.ConvenerOrg != "" {
		o, err := h.on.Register.Org(ctx, q, m.ConvenerOrg)
		if fault.IsKind(err, fault.Missing) || err == nil && !o.Path.Covers(m.Path) {
			return ErrOrg
		}
		if err != nil {
			return err
		}
	}
	if who.System {
		return nil
	}
	for _, g := range who.Grants {
		if !g.Path.Covers(m.Path) || !slices.Contains(posts, g.Post) {
			continue
		}
		if g.Post == access.CommitteeDirector || g.Post == access.InterimDirector {
			if m.ConvenerOrg == "" {
				m.ConvenerOrg = g.Org
			}
			if m.ConvenerOrg != g.Org {
				continue
			}
		}
		return nil
	}
	return ErrConvener
}

// Change corrects a draft. What voters were told is not changed any more.
func (h *Hall) Change(ctx context.Context, who access.Who, id string, c Change) (Meeting, error) {
	return h.step(ctx, who, id, c.Version, []State{Draft}, func(tx *store.Tx, m *Meeting) error {
		set(&m.Title, c.Title)
		set(&m.Purpose, c.Purpose)
		set(&m.Secret, c.Secret)
		set(&m.Counts, c.Counts)
		set(&m.Channels, c.Channels)
		set(&m.Sign, c.Sign)
		set(&m.SignClause, c.SignClause)
		set(&m.CountParking, c.CountParking)
		set(&m.SilenceClause, c.SilenceClause)
		if err := m.check(); err != nil {
			return err
		}
		if c.Plan == nil && c.Purpose != nil { // an election has days that a decision has not
			plan := m.Plan()
			c.Plan = &plan
		}
		if c.Plan != nil {
			if err := h.setPlan(ctx, tx, m, *c.Plan); err != nil {
				return err
			}
		}
		return h.event(ctx, tx, who, Convene, *m, "change", "", map[string]any{"title": m.Title, "purpose": m.Purpose, "secret": m.Secret, "counts": m.Counts, "opens": m.Opens, "closes": m.Closes})
	})
}

func set[T any](to *T, from *T) {
	if from != nil {
		*to = *from
	}
}

// File is a meeting with its matters and what who may do next.
type File struct {
	Meeting
	StateZh    string       `json:"state_zh"`
	StateEn    string       `json:"state_en"`
	Where      string       `json:"where" doc:"the compound in words"`
	ConvenerZh string       `json:"convener_zh"`
	ConvenerEn string       `json:"convener_en"`
	Matters    []Matter     `json:"matters"`
	Roll       *RollFigures `json:"roll,omitempty"`
	May        []string     `json:"may" doc:"steps that who may take now"`
}

// Get shows a meeting; for a voter, opening it is service of notice.
func (h *Hall) Get(ctx context.Context, who access.Who, id string) (f File, err error) {
	err = h.db.View(ctx, func(q store.Queryer) error {
		m, err := h.meeting(ctx, q, id)
		if err != nil {
			return err
		}
		if err := h.sees(ctx, q, who, m); err != nil {
			return err
		}
		f, err = h.file(ctx, q, m)
		if err != nil {
			return err
		}
		f.May = h.may(who, m)
		return nil
	})
	if err == nil {
		err = h.read(ctx, who, f.Meeting)
	}
	return f, err
}

func (h *Hall) file(ctx context.Context, q store.Queryer, m Meeting) (f File, err error) {
	f.Meeting, f.May = m, []string{}
	f.StateZh, f.StateEn = stateWords[m.State][0], stateWords[m.State][1]
	f.ConvenerZh, f.ConvenerEn = convenerWords[m.Convener][0], convenerWords[m.Convener][1]
	if f.Where, err = h.on.Map.Words(ctx, q, m.Path); err != nil && !fault.IsKind(err, fault.Missing) {
		return f, err
	}
	if f.Matters, err = h.matters(ctx, q, m.ID); err != nil {
		return f, err
	}
	if m.RollVersion > 0 {
		r, err := h.rollFigures(ctx, q, m)
		if err != nil {
			return f, err
		}
		f.Roll = &r
	}
	return f, nil
}

// may lists the steps that the state and who's post allow; dates and refusals of the step itself are checked there.
func (h *Hall) may(who access.Who, m Meeting) []string {
	out := []string{}
	if h.convenes(who, m) == nil {
		switch m.State {
		case Draft:
			out = append(out, "change", "matters", "roll", "cancel")
		case Posted:
			out = append(out, "notice", "cancel")
		case Noticed:
			out = append(out, "service", "open", "cancel")
		case Voting:
			out = append(out, "service", "extend", "close")
		case Closed:
			out = append(out, "preliminary")
		case Preliminary:
			out = append(out, "final")
		}
	}
	if who.May(Annul, m.Path) == nil {
		switch m.State {
		case Closed, Preliminary, Final:
			out = append(out, "annul")
		case Noticed, Voting:
			if !slices.Contains(out, "cancel") {
				out = append(out, "cancel")
			}
		}
	}
	if who.May(Attend, m.Path) == nil {
		switch m.State {
		case Preliminary:
			out = append(out, "object", "object_result")
		case Posted, Noticed, Voting, Closed:
			out = append(out, "object")
		}
	}
	return out
}

// Find asks for meetings; empty fields are not asked for.
type Find struct {
	Under  scope.Path
	States []string
	Query  string // of title, number or the compound's name
	After  string
	Limit  int
}

// Page is one page of meetings.
type Page = paged.List[Meeting]

// contains is the pattern of texts that hold what somebody typed, taken literally.
func contains(query string) string {
	return store.Within(strings.ToLower(query))
}

// List lists meetings, newest first: drafts only to staff.
func (h *Hall) List(ctx context.Context, who access.Who, f Find) (p Page, err error) {
	if who.Account == "" && !who.System {
		return p, access.ErrSignIn
	}
	staff, sa := scope.Where("path", 1, place.Narrow(who.Paths(Look), f.Under)...)
	own, oa := scope.Where("path", 1+len(sa), place.Narrow(who.Paths(Attend), f.Under)...)
	args := append(sa, oa...)
	cond := `(` + staff + ` or (` + own + ` and roll_version > 0))`
	return h.page(ctx, cond, args, f)
}

func (h *Hall) page(ctx context.Context, cond string, args []any, f Find) (p Page, err error) {
	if len(f.States) > 0 {
		cond += ` and state in (` + store.Marks(len(args)+1, len(f.States)) + `)`
		for _, s := range f.States {
			args = append(args, s)
		}
	}
	if f.Query = strings.TrimSpace(f.Query); f.Query != "" {
		args = append(args, contains(f.Query))
		n := store.Marks(len(args), 1)
		cond += ` and (lower(title) like ` + n + ` escape '\' or number like ` + n + ` escape '\' or exists (select 1 from place_v_node n where n.path = assembly_meeting.path and lower(n.name) like ` + n + ` escape '\'))`
	}
	if p.Count, err = store.Count(ctx, h.db, `select count(*) from assembly_meeting where `+cond, args...); err != nil {
		return p, err
	}
	if f.Limit <= 0 || f.Limit > 200 {
		f.Limit = 50
	}
	if f.After != "" {
		args = append(args, f.After)
		cond += fmt.Sprintf(` and id < $%d`, len(args))
	}
	args = append(args, f.Limit+1)
	p.Items, err = store.All(ctx, h.db, scanMeetings, `select `+meetingColumns+` from assembly_meeting where `+cond+fmt.Sprintf(` order by id desc limit $%d`, len(args)), args...)
	if len(p.Items) > f.Limit {
		p.Items = p.Items[:f.Limit]
		p.Next = p.Items[f.Limit-1].ID
	}
	return p, err
}
