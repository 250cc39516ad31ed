package committee

import (
	"context"
	"slices"
	"strings"

	"cuobian/basis/day"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/store"
	"cuobian/rooms/committee/form"
	"cuobian/rooms/people"
)

// MyCommittee is what an owner or a member finds about the committee of a compound on the telephone: where its forming
// stands, what there is to join, to sign or to hand over.
type MyCommittee struct {
	Path      scope.Path   `json:"path"`
	Place     string       `json:"place"`
	Owner     bool         `json:"owner" doc:"holds a title here"`
	Org       string       `json:"org,omitempty" doc:"the committee in office"`
	OrgName   string       `json:"org_name,omitempty"`
	Interim   bool         `json:"interim,omitempty"`
	Sits      bool         `json:"sits" doc:"a member of it"`
	Directs   bool         `json:"directs" doc:"its director"`
	Board     string       `json:"board,omitempty" doc:"the supervisory board that one belongs to"`
	BoardName string       `json:"board_name,omitempty"`
	Forming   *MyForming   `json:"forming,omitempty"`
	Recalls   []MyRecall   `json:"recalls" doc:"proposals that one may sign, or has signed"`
	Handovers []MyHandover `json:"handovers" doc:"what one has to hand over, or may sign off"`
}

// MyForming is a forming as an owner sees it.
type MyForming struct {
	ID         string    `json:"id"`
	Kind       form.Kind `json:"kind" enum:"first,reelection,interim"`
	Stage      StepWord  `json:"stage"`
	Applicants int64     `json:"applicants"`
	Need       int       `json:"applicants_needed"`
	Joined     bool      `json:"joined"`
	CanJoin    bool      `json:"can_join" doc:"the application is open to the owner's hand"`
	CanObject  []string  `json:"can_object" doc:"group, drafts"`
	Meeting    string    `json:"meeting,omitempty"`
}

// MyRecall is a proposal to recall a member.
type MyRecall struct {
	Recall
	Name   string `json:"name"`
	Signed bool   `json:"mine" doc:"signed by oneself"`
}

// MyHandover is a hand-over that waits for somebody's hand.
type MyHandover struct {
	Handover
	Gives     bool   `json:"gives" doc:"oneself hands over; otherwise one may sign it off"`
	GiverName string `json:"giver_name"`
}

// MyCommittees lists the committees of the compounds in which who owns a home, sits, or belongs to a board.
func (c *Chamber) MyCommittees(ctx context.Context, who access.Who) (out []MyCommittee, err error) {
	if err := person(who); err != nil {
		return nil, err
	}
	out = []MyCommittee{}
	err = c.db.View(ctx, func(q store.Queryer) error {
		today := c.Today()
		owned, err := store.Texts(ctx, q, `select distinct c.path from people_v_title t join place_v_compound c on t.path >= c.path and t.path < c.path || '~'
where t.person = $1 and t.from_day <= $2 and (t.to_day = '' or t.to_day >= $2) and c.ended_on = '' order by c.path`, who.Person, today)
		if err != nil {
			return err
		}
		// Who left a committee may own nothing more, and still has its papers.
		giving, err := store.Texts(ctx, q, `select distinct path from committee_handover where giver = $1 and received = 0 order by path`, who.Person)
		if err != nil {
			return err
		}
		at := slices.Concat(owned, giving)
		for _, g := range who.Grants {
			if g.Org != "" && (slices.Contains(sitting, g.Post) || g.Post == access.CommitteeAlternate || g.Post == access.BoardMember) {
				at = append(at, string(g.Path))
			}
		}
		slices.Sort(at)
		for _, p := range slices.Compact(at) {
			m, err := c.mine(ctx, q, who, scope.Path(p), slices.Contains(owned, p), today)
			if err != nil {
				return err
			}
			out = append(out, m)
		}
		return nil
	})
	return out, err
}

func (c *Chamber) mine(ctx context.Context, q store.Queryer, who access.Who, at scope.Path, owner bool, today day.Day) (m MyCommittee, err error) {
	m = MyCommittee{Path: at, Owner: owner, Recalls: []MyRecall{}, Handovers: []MyHandover{}}
	if m.Place, err = c.words(ctx, q, at); err != nil {
		return m, err
	}
	elected, interim, err := c.standing(ctx, q, at, today)
	if err != nil {
		return m, err
	}
	if elected == nil {
		elected = interim
	}
	for _, g := range who.Grants {
		switch {
		case g.Org == "" || !g.Path.Covers(at):
		case g.Post == access.BoardMember:
			m.Board = g.Org
		case elected == nil || g.Org != elected.ID:
		case slices.Contains(sitting, g.Post):
			m.Sits = true
			m.Directs = m.Directs || g.Post == access.CommitteeDirector || g.Post == access.InterimDirector
		}
	}
	if m.Board != "" {
		o, err := c.on.Register.Org(ctx, q, m.Board)
		if err != nil {
			return m, err
		}
		m.BoardName = o.Name
	}
	if elected != nil {
		m.Org, m.OrgName, m.Interim = elected.ID, elected.Name, elected == interim
		if err := c.myRecalls(ctx, q, who, &m); err != nil {
			return m, err
		}
	}
	if m.Forming, err = c.myForming(ctx, q, who, at, owner, today); err != nil {
		return m, err
	}
	all, err := handovers(ctx, q, `path = $1 and received = 0 and (giver = $2 or to_org = $3)`, string(at), who.Person, m.Org)
	if err != nil {
		return m, err
	}
	for _, h := range all {
		gives := h.Giver == who.Person
		if !gives && !(m.Sits && m.Org != "") {
			continue
		}
		known, err := people.Names(ctx, q, h.Giver)
		if err != nil {
			return m, err
		}
		m.Handovers = append(m.Handovers, MyHandover{h, gives, known[h.Giver]})
	}
	return m, nil
}

// myRecalls are the proposals under way: those of owners, of all or of a zone, to owners; those of members to members.
func (c *Chamber) myRecalls(ctx context.Context, q store.Queryer, who access.Who, m *MyCommittee) error {
	all, err := recalls(ctx, q, `org = $1 and state in ('proposed', 'put')`, m.Org)
	if err != nil || len(all) == 0 {
		return err
	}
	b, err := c.body(ctx, q, m.Org, c.Today())
	if err != nil {
		return err
	}
	for _, x := range all {
		if !(x.Side == "members" && m.Sits || x.Side != "members" && m.Owner) {
			continue
		}
		if err := c.weigh(ctx, q, &x, b); err != nil {
			return err
		}
		known, err := people.Names(ctx, q, x.Person)
		if err != nil {
			return err
		}
		n, err := store.Count(ctx, q, `select count(*) from committee_recall_sign where recall = $1 and person = $2`, x.ID, who.Person)
		if err != nil {
			return err
		}
		m.Recalls = append(m.Recalls, MyRecall{x, known[x.Person], n > 0})
	}
	return nil
}

func (c *Chamber) myForming(ctx context.Context, q store.Queryer, who access.Who, at scope.Path, owner bool, today day.Day) (*MyForming, error) {
	open, err := formings(ctx, q, `path = $1 and closed = 0`, string(at))
	if err != nil || len(open) == 0 {
		return nil, err
	}
	f := open[0]
	steps, err := taken(ctx, q, f.ID)
	if err != nil {
		return nil, err
	}
	x := &MyForming{ID: f.ID, Kind: f.Kind, Stage: StepWord{f.Stage, stepWords[f.Stage][0], stepWords[f.Stage][1]}, Meeting: f.Meeting, CanObject: []string{}}
	p, _, _, err := c.rules(ctx, q, at, f.Opened.Day(day.Shanghai))
	if err != nil {
		return nil, err
	}
	x.Need = p.Applicants
	if x.Applicants, err = store.Count(ctx, q, `select count(*) from committee_applicant where forming = $1`, f.ID); err != nil {
		return nil, err
	}
	n, err := store.Count(ctx, q, `select count(*) from committee_applicant where forming = $1 and person = $2`, f.ID, who.Person)
	if err != nil {
		return nil, err
	}
	x.Joined = n > 0
	had := done(steps)
	x.CanJoin = owner && !x.Joined && slices.Contains(form.Next(f.Kind, had), form.Applied)
	if owner && !slices.Contains(had, form.Called) {
		for _, w := range []struct {
			about string
			step  form.Step
		}{{"group", form.Posted}, {"drafts", form.Drafts}} {
			if slices.Contains(had, w.step) {
				x.CanObject = append(x.CanObject, w.about)
			}
		}
	}
	return x, nil
}

// has reports whether a row of the board is of a kind of forming, and its name or place holds the words.
func (r Row) has(kind form.Kind, words string) bool {
	return (kind == "" || r.Kind == kind) && strings.Contains(r.Name, strings.TrimSpace(words))
}
