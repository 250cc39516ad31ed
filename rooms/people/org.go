package people

import (
	"context"
	"slices"
	"strings"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/store"
	"cuobian/rooms/place"
)

// OrgKind is a kind of organisation.
type OrgKind string

// Kinds of organisations.
const (
	PartyCommittee     OrgKind = "party_committee"     // 党工委
	CommunityCommittee OrgKind = "community_committee" // 社区党组织
	Branch             OrgKind = "branch"              // 小区党支部
	PartyGroup         OrgKind = "party_group"         // 党小组
	ResidentsCommittee OrgKind = "residents_committee" // 居委会
	StreetOffice       OrgKind = "street_office"       // 街道办事处、物管办
	OwnersCommittee    OrgKind = "owners_committee"    // 业委会
	InterimCommittee   OrgKind = "interim_committee"   // 临时管理委员会
	SupervisoryBoard   OrgKind = "supervisory_board"   // 监事会、顾问组
	PropertyCompany    OrgKind = "property_company"    // 物业公司
	PoliceStation      OrgKind = "police"              // 派出所
	Court              OrgKind = "court"               // 法院
	VolunteerTeam      OrgKind = "volunteer_team"      // 志愿队
	JointConference    OrgKind = "joint_conference"    // 联席会
	ExpertGroup        OrgKind = "expert_group"        // 专家组
	OtherOrg           OrgKind = "other"
)

// OrgWord is a kind of organisation with its names.
type OrgWord struct {
	Kind OrgKind `json:"kind"`
	Zh   string  `json:"zh"`
	En   string  `json:"en"`
}

// OrgWords lists the kinds.
var OrgWords = []OrgWord{
	{PartyCommittee, "街道党工委", "street Party committee"},
	{CommunityCommittee, "社区党组织", "community Party committee"},
	{Branch, "小区党支部", "compound Party branch"},
	{PartyGroup, "党小组", "Party group"},
	{ResidentsCommittee, "居民委员会", "residents' committee"},
	{StreetOffice, "街道办事处", "street office"},
	{OwnersCommittee, "业主委员会", "owners' committee"},
	{InterimCommittee, "临时管理委员会", "interim management committee"},
	{SupervisoryBoard, "监事会（顾问组）", "supervisory board"},
	{PropertyCompany, "物业公司", "property company"},
	{PoliceStation, "派出所", "police station"},
	{Court, "法院", "court"},
	{VolunteerTeam, "志愿队", "volunteer team"},
	{JointConference, "联席会", "joint conference"},
	{ExpertGroup, "厝边帮帮团", "neighbours' help group"},
	{OtherOrg, "其他组织", "other"},
}

// Org is an organisation.
type Org struct {
	ID        string     `json:"id"`
	Kind      OrgKind    `json:"kind"`
	Name      string     `json:"name"`
	Path      scope.Path `json:"path" doc:"where it works; a committee's compound"`
	Parent    string     `json:"parent,omitempty" doc:"id of the organisation above"`
	FoundedOn day.Day    `json:"founded_on,omitempty"`
	EndedOn   day.Day    `json:"ended_on,omitempty" doc:"last day"`
	FiledOn   day.Day    `json:"filed_on,omitempty" doc:"day of filing (R11)"`
	FiledNo   string     `json:"filed_no,omitempty"`
	Number    int64      `json:"number,omitempty" doc:"which term of office: 2 is the second committee"`
	To        day.Day    `json:"to_day,omitempty" doc:"day until which it is elected"`
	Demo      bool       `json:"demo,omitempty"`
	Version   int64      `json:"version"`
	// SaidMembers and SaidParty are what a compound ledger counts without naming; 0 is not said. A ledger may count
	// alternates and probationary members among them, so they never stand for the members themselves.
	SaidMembers int64 `json:"said_members,omitempty" doc:"as a ledger counts, without names; 0 not said"`
	SaidParty   int64 `json:"said_party,omitempty" doc:"likewise"`
}

// Term is one person in one post at one place from day to day.
type Term struct {
	ID        string      `json:"id"`
	Org       string      `json:"org,omitempty"`
	Post      access.Post `json:"post"`
	Title     string      `json:"title,omitempty" doc:"as written, such as 党工委副书记"`
	Person    string      `json:"person"`
	Name      string      `json:"name"`
	Path      scope.Path  `json:"path"`
	From      day.Day     `json:"from_day"`
	To        day.Day     `json:"to_day,omitempty" doc:"last day; empty while it lasts"`
	Party     string      `json:"party,omitempty" enum:",member,probation" doc:"Party member, or probationary, which is not counted as a member"`
	Zone      string      `json:"zone,omitempty" doc:"the part of the compound that put a member forward"`
	DeputyFor string      `json:"deputy_for,omitempty" doc:"the person stood in for"`
	EndedWhy  string      `json:"ended_why,omitempty"`
	Version   int64       `json:"version"`
}

// In reports whether the term is in force on a day.
func (t Term) In(on day.Day) bool { return t.From <= on && (!t.To.Sound() || t.To >= on) }

var errKind = fault.Bad("kind", "people.org_kind", "没有这种组织", "there is no such kind of organisation")
var errParty = fault.Bad("party", "people.party", "政治面貌应为党员、预备党员或空", "party is member, probation or empty")
var errOwnPost = fault.New(fault.Refused, "people.own_post", "不能任命自己", "nobody appoints themselves")
var errPost = fault.Bad("post", "people.post", "没有这种岗位", "there is no such post")

// unappointed are posts that no term gives here: residents have titles and households; administrators are appointed by
// the program's own command and by the security administrator at the whole house.
var unappointed = []access.Post{access.Resident}

func (r *Register) checkOrg(o *Org) error {
	name, err := trimName(o.Name)
	if err != nil {
		return err
	}
	o.Name = name
	if !slices.ContainsFunc(OrgWords, func(w OrgWord) bool { return w.Kind == o.Kind }) {
		return errKind
	}
	if o.FoundedOn.Sound() && o.EndedOn.Sound() && o.EndedOn < o.FoundedOn {
		return ErrDays.At("ended_on")
	}
	return nil
}

// PutOrg enters an organisation in the caller's write. The caller has checked who may.
func (r *Register) PutOrg(ctx context.Context, tx *store.Tx, by audit.By, o Org) (Org, error) {
	if err := r.checkOrg(&o); err != nil {
		return o, err
	}
	o.ID, o.Version = tx.NewID(), 1
	if err := insertOrg(ctx, tx, o); err != nil {
		return o, err
	}
	tx.Changed(store.Change{Kind: "orgs", ID: o.ID, Path: o.Path})
	return o, audit.Write(ctx, tx, audit.Entry{By: by, Action: Appoint.Name, Path: o.Path, Ref: "orgs/" + o.ID, To: o})
}

// Found enters an organisation by hand.
func (r *Register) Found(ctx context.Context, who access.Who, o Org) (out Org, err error) {
	if err := who.May(Appoint, o.Path); err != nil {
		return o, err
	}
	err = r.db.Write(ctx, func(tx *store.Tx) error {
		out, err = r.PutOrg(ctx, tx, who.By(Appoint, o.Path), o)
		return err
	})
	return out, err
}

// ChangeOrg corrects an organisation; its kind and place stay.
func (r *Register) ChangeOrg(ctx context.Context, who access.Who, o Org, why string) (out Org, err error) {
	err = r.db.Write(ctx, func(tx *store.Tx) error {
		old, err := r.Org(ctx, tx, o.ID)
		if err != nil {
			return err
		}
		if err := who.May(Appoint, old.Path); err != nil {
			return err
		}
		if old.Version != o.Version {
			return ErrVersion
		}
		if strings.TrimSpace(why) == "" {
			return ErrReason
		}
		o.Kind, o.Path, o.Demo = old.Kind, old.Path, old.Demo
		if err := r.checkOrg(&o); err != nil {
			return err
		}
		o.Version++
		if err := updateOrg(ctx, tx, o); err != nil {
			return err
		}
		out = o
		tx.Changed(store.Change{Kind: "orgs", ID: o.ID, Path: o.Path})
		return audit.Write(ctx, tx, audit.Entry{By: who.By(Appoint, o.Path), Action: Appoint.Name, Path: o.Path, Ref: "orgs/" + o.ID, Why: why, From: old, To: o})
	})
	return out, err
}

// AmendOrg changes an organisation's name, filing, end and term of office in the caller's write: for rooms whose steps
// bring that about. The caller has checked who may.
func (r *Register) AmendOrg(ctx context.Context, tx *store.Tx, by audit.By, o Org, why string) (Org, error) {
	old, err := r.Org(ctx, tx, o.ID)
	if err != nil {
		return o, err
	}
	o.Kind, o.Path, o.Demo, o.Version = old.Kind, old.Path, old.Demo, old.Version+1
	if err := r.checkOrg(&o); err != nil {
		return o, err
	}
	if err := updateOrg(ctx, tx, o); err != nil {
		return o, err
	}
	tx.Changed(store.Change{Kind: "orgs", ID: o.ID, Path: o.Path})
	return o, audit.Write(ctx, tx, audit.Entry{By: by, Action: Appoint.Name, Path: o.Path, Ref: "orgs/" + o.ID, Why: why, From: old, To: o})
}

// PutTerm appoints somebody in the caller's write. The caller has checked who may.
func (r *Register) PutTerm(ctx context.Context, tx *store.Tx, by audit.By, t Term) (Term, error) {
	if !slices.ContainsFunc(access.Words, func(w access.Word) bool { return w.Post == t.Post }) || slices.Contains(unappointed, t.Post) {
		return t, errPost
	}
	if !t.From.Sound() {
		t.From = today(tx)
	}
	if t.To.Sound() && t.To < t.From {
		return t, ErrDays
	}
	if !slices.Contains([]string{"", "member", "probation"}, t.Party) {
		return t, errParty
	}
	p, err := r.Person(ctx, tx, t.Person)
	if err != nil {
		return t, err
	}
	if p.Status != "" {
		return t, ErrGone
	}
	if t.Org != "" {
		o, err := r.Org(ctx, tx, t.Org)
		if err != nil {
			return t, err
		}
		if t.Path == "" {
			t.Path = o.Path
		}
	}
	same, err := r.Terms(ctx, tx, TermFind{Person: t.Person, Posts: []access.Post{t.Post}, At: t.Path, Exact: true})
	if err != nil {
		return t, err
	}
	for _, s := range same {
		if s.Org == t.Org && s.DeputyFor == t.DeputyFor && overlaps(s.From, s.To, t.From, t.To) {
			return t, ErrHeld
		}
	}
	t.ID, t.Name, t.Version = tx.NewID(), p.Name, 1
	if err := insertTerm(ctx, tx, t); err != nil {
		return t, err
	}
	if err := r.linkTo(ctx, tx, t.Person, t.Path); err != nil {
		return t, err
	}
	tx.Changed(store.Change{Kind: "terms", ID: t.ID, Path: t.Path})
	return t, audit.Write(ctx, tx, audit.Entry{By: by, Action: Appoint.Name, Path: t.Path, Ref: "terms/" + t.ID, To: nameless(t)})
}

// admins are posts that only a security administrator gives.
var admins = []access.Post{access.SystemAdmin, access.SecurityAdmin, access.AuditAdmin, access.Auditor}

// AppointAdmin is the right to give the posts of administrators and auditors.
var AppointAdmin = access.Declare("people.appoint_admin", "任免管理员和审计员", "appoint administrators and auditors", access.SecurityAdmin)

func appointing(p access.Post) *access.Action {
	if slices.Contains(admins, p) {
		return AppointAdmin
	}
	return Appoint
}

// Appoint puts somebody into a post by hand. Nobody appoints themselves.
func (r *Register) Appoint(ctx context.Context, who access.Who, t Term) (out Term, err error) {
	err = r.db.Write(ctx, func(tx *store.Tx) error {
		if t.Org != "" && t.Path == "" {
			o, err := r.Org(ctx, tx, t.Org)
			if err != nil {
				return err
			}
			t.Path = o.Path
		}
		a := appointing(t.Post)
		if err := who.May(a, t.Path); err != nil {
			return err
		}
		if t.Person == who.Person && who.Person != "" {
			return errOwnPost
		}
		held, err := r.Terms(ctx, tx, TermFind{Person: t.Person, Posts: admins, On: today(tx)})
		if err != nil {
			return err
		}
		var posts []access.Post
		for _, h := range held {
			posts = append(posts, h.Post)
		}
		if err := who.MayAppoint(t.Post, t.Person, t.Path, posts); err != nil {
			return err
		}
		out, err = r.PutTerm(ctx, tx, who.By(a, t.Path), t)
		return err
	})
	return out, err
}

// nameless is a term as the trail keeps it: the person by id alone.
func nameless(t Term) Term {
	t.Name = ""
	return t
}

// EndTerm ends a term on its last day; rights end with it.
func (r *Register) EndTerm(ctx context.Context, who access.Who, id string, last day.Day, version int64, why string) (t Term, err error) {
	err = r.db.Write(ctx, func(tx *store.Tx) error {
		if t, err = r.Term(ctx, tx, id); err != nil {
			return err
		}
		a := appointing(t.Post)
		if err := who.May(a, t.Path); err != nil {
			return err
		}
		if t.Version != version {
			return ErrVersion
		}
		if strings.TrimSpace(why) == "" {
			return ErrReason
		}
		if t.To.Sound() && t.To < today(tx) {
			return ErrEnded
		}
		t, err = r.CloseTerm(ctx, tx, who.By(a, t.Path), t, last, why)
		return err
	})
	return t, err
}

// ChangeTerm corrects what a term says besides its person, post and place.
func (r *Register) ChangeTerm(ctx context.Context, who access.Who, t Term, why string) (out Term, err error) {
	err = r.db.Write(ctx, func(tx *store.Tx) error {
		old, err := r.Term(ctx, tx, t.ID)
		if err != nil {
			return err
		}
		a := appointing(old.Post)
		if err := who.May(a, old.Path); err != nil {
			return err
		}
		if old.Person == who.Person && who.Person != "" {
			return errOwnPost
		}
		if old.Version != t.Version {
			return ErrVersion
		}
		if strings.TrimSpace(why) == "" {
			return ErrReason
		}
		if !slices.Contains([]string{"", "member", "probation"}, t.Party) {
			return errParty
		}
		if !t.From.Sound() || t.To.Sound() && t.To < t.From {
			return ErrDays
		}
		out = old
		out.Title, out.From, out.To, out.Party, out.Zone, out.Version = t.Title, t.From, t.To, t.Party, t.Zone, old.Version+1
		if err := updateTerm(ctx, tx, out); err != nil {
			return err
		}
		tx.Changed(store.Change{Kind: "terms", ID: out.ID, Path: out.Path})
		return audit.Write(ctx, tx, audit.Entry{By: who.By(a, out.Path), Action: Appoint.Name, Path: out.Path, Ref: "terms/" + out.ID, Why: why, From: nameless(old), To: nameless(out)})
	})
	return out, err
}

// CloseTerm ends a term in the caller's write. A term that had not begun ends the day before it would.
func (r *Register) CloseTerm(ctx context.Context, tx *store.Tx, by audit.By, t Term, last day.Day, why string) (Term, error) {
	if !last.Sound() {
		last = today(tx)
	}
	if last < t.From.Add(-1) {
		return t, ErrDays
	}
	old := t
	t.To, t.EndedWhy, t.Version = last, why, t.Version+1
	if _, err := tx.Exec(ctx, `update people_term set to_day = $2, ended_why = $3, version = $4 where id = $1`, t.ID, t.To, t.EndedWhy, t.Version); err != nil {
		return t, err
	}
	tx.Changed(store.Change{Kind: "terms", ID: t.ID, Path: t.Path})
	return t, audit.Write(ctx, tx, audit.Entry{By: by, Action: Appoint.Name, Path: t.Path, Ref: "terms/" + t.ID, Why: why, From: nameless(old), To: nameless(t)})
}

// Grants reads what a person may do where on a day: the terms in force, and Resident at the compound of every home
// that the person owns or lives in. A term at a grid or lane also reaches the compounds of that grid or lane.
func (r *Register) Grants(ctx context.Context, q store.Queryer, person string, on day.Day) ([]access.Grant, error) {
	if person == "" {
		return nil, nil
	}
	person, err := r.Resolve(ctx, q, person)
	if fault.IsKind(err, fault.Missing) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	terms, err := r.Terms(ctx, q, TermFind{Person: person, On: on})
	if err != nil {
		return nil, err
	}
	var beside []scope.Path // terms at a grid or lane, which lie beside the compounds
	for _, t := range terms {
		if strings.Count(string(t.Path), "/") == 3 {
			beside = append(beside, t.Path)
		}
	}
	nodes, err := r.Map.Nodes(ctx, q, beside...)
	if err != nil {
		return nil, err
	}
	var out []access.Grant
	for _, t := range terms {
		g := access.Grant{Term: t.ID, Post: t.Post, Path: t.Path, Org: t.Org, Deputy: t.DeputyFor, From: t.From, To: t.To}
		out = append(out, g)
		if k := nodes[t.Path].Kind; k != place.Grid && k != place.Lane {
			continue
		}
		compounds, err := r.Map.CompoundsIn(ctx, q, t.Path)
		if err != nil {
			return nil, err
		}
		for _, c := range compounds {
			g.Path = c.Path
			out = append(out, g)
		}
	}
	homes, err := r.residence(ctx, q, person, on)
	if err != nil {
		return nil, err
	}
	for _, at := range homes {
		out = append(out, access.Grant{Post: access.Resident, Path: at})
	}
	return out, nil
}

// Holders are the terms in force on a day of these posts that answer for a place: at it, above it, or at its
// compound's grid or lane; nearest first. Deputies come after whom they stand in for.
func (r *Register) Holders(ctx context.Context, q store.Queryer, at scope.Path, on day.Day, posts ...access.Post) ([]Term, error) {
	paths := at.Above()
	if c := place.CompoundPath(at); c != "" {
		f, err := r.Map.Compound(ctx, q, c.Last())
		if err != nil && !fault.IsKind(err, fault.Missing) {
			return nil, err
		}
		for _, id := range []string{f.GridID, f.LaneID} {
			if id != "" {
				paths = append(paths, c.Parent().Child(id))
			}
		}
	}
	terms, err := r.Terms(ctx, q, TermFind{Paths: paths, Posts: posts, On: on})
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(terms, func(a, b Term) int {
		if d := len(b.Path) - len(a.Path); d != 0 {
			return d
		}
		if (a.DeputyFor == "") != (b.DeputyFor == "") {
			if a.DeputyFor == "" {
				return -1
			}
			return 1
		}
		return strings.Compare(a.ID, b.ID)
	})
	return terms, nil
}

// OrgFind asks for organisations; empty fields are not asked for.
type OrgFind struct {
	Under scope.Path
	Kinds []OrgKind
	Query string
	On    day.Day // only those that stood on that day
	After string
	Limit int
}

// Orgs lists organisations within who's places.
func (r *Register) Orgs(ctx context.Context, who access.Who, f OrgFind) (items []Org, next string, count int64, more bool, err error) {
	if err := who.MaySomewhere(SeePosts); err != nil {
		return nil, "", 0, false, err
	}
	if f.Limit <= 0 || f.Limit > 200 {
		f.Limit = 50
	}
	items, count, err = r.findOrgs(ctx, r.db, f, place.Narrow(who.Paths(SeePosts), f.Under))
	if count > CountTo {
		count, more = CountTo, true
	}
	if len(items) > f.Limit {
		items = items[:f.Limit]
		next = items[f.Limit-1].ID
	}
	return items, next, count, more, err
}

// OrgFile is an organisation with its terms.
type OrgFile struct {
	Org     Org      `json:"org"`
	Words   string   `json:"words"`
	Terms   []Term   `json:"terms" doc:"in force today"`
	Past    []Term   `json:"past"`
	Members *Members `json:"members,omitempty" doc:"of a committee"`
}

// LookOrg shows an organisation to whoever may see posts where it works.
func (r *Register) LookOrg(ctx context.Context, who access.Who, id string) (f OrgFile, err error) {
	if f.Org, err = r.Org(ctx, r.db, id); err != nil {
		return f, err
	}
	if err := who.May(SeePosts, f.Org.Path); err != nil {
		return OrgFile{}, err
	}
	if f.Words, err = r.Map.Words(ctx, r.db, f.Org.Path); err != nil && !fault.IsKind(err, fault.Missing) {
		return f, err
	}
	all, err := r.Terms(ctx, r.db, TermFind{Org: id})
	if err != nil {
		return f, err
	}
	on := r.Today()
	f.Terms, f.Past = []Term{}, []Term{}
	for _, t := range all {
		if t.In(on) {
			f.Terms = append(f.Terms, t)
		} else {
			f.Past = append(f.Past, t)
		}
	}
	if f.Org.Kind == OwnersCommittee || f.Org.Kind == InterimCommittee {
		m := CountMembers(f.Terms)
		f.Members = &m
	}
	return f, nil
}
