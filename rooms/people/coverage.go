package people

import (
	"context"
	"database/sql"
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

// Cover is one required post of one compound: who holds it, how, since when; or since when nobody does.
type Cover struct {
	Post    access.Post `json:"post"`
	Covered bool        `json:"covered"`
	Direct  bool        `json:"direct" doc:"a term at the compound itself or below; false is through a grid, lane, community or street"`
	Holders []Term      `json:"holders"`
	Since   day.Day     `json:"since,omitempty" doc:"since when it is covered, or lacking; empty when it never was covered"`
}

// Covered is a compound with its required posts.
type Covered struct {
	Compound place.Node `json:"compound"`
	Posts    []Cover    `json:"posts"`
	Lacking  int        `json:"lacking"`
}

// Required are the posts that every compound at a place needs: the nearest word of the tree for each post.
func (r *Register) Required(ctx context.Context, q store.Queryer, at scope.Path) ([]access.Post, error) {
	all, err := r.required(ctx, q)
	if err != nil {
		return nil, err
	}
	return requiredAt(all, at), nil
}

type required struct {
	path scope.Path
	post access.Post
	need bool
}

func (r *Register) required(ctx context.Context, q store.Queryer) ([]required, error) {
	return store.All(ctx, q, func(row *sql.Rows) (x required, err error) {
		err = row.Scan(&x.path, &x.post, &x.need)
		return x, err
	}, `select path, post, need from people_required order by path`)
}

func requiredAt(all []required, at scope.Path) (out []access.Post) {
	need := map[access.Post]bool{}
	for _, x := range all { // shorter paths come first where one lies in the other
		if x.path.Covers(at) {
			need[x.post] = x.need
		}
	}
	for _, w := range access.Words {
		if need[w.Post] {
			out = append(out, w.Post)
		}
	}
	return out
}

// Require says that compounds at a place need a post, or do not.
func (r *Register) Require(ctx context.Context, who access.Who, at scope.Path, post access.Post, need bool) error {
	if err := who.May(Appoint, at); err != nil {
		return err
	}
	if !slices.ContainsFunc(access.Words, func(w access.Word) bool { return w.Post == post }) {
		return errPost
	}
	return r.db.Write(ctx, func(tx *store.Tx) error {
		if _, err := tx.Exec(ctx, `insert into people_required (path, post, need) values ($1, $2, $3) on conflict (path, post) do update set need = excluded.need`, string(at), string(post), need); err != nil {
			return err
		}
		return audit.Write(ctx, tx, audit.Entry{By: who.By(Appoint, at), Action: Appoint.Name, Path: at, Ref: "required/" + string(post), To: map[string]any{"need": need}})
	})
}

// Coverage computes for every compound below a path who holds each required post on a day.
func (r *Register) Coverage(ctx context.Context, who access.Who, under scope.Path, on day.Day) ([]Covered, error) {
	if err := who.MaySomewhere(SeePosts); err != nil {
		return nil, err
	}
	paths := place.Narrow(who.Paths(SeePosts), under)
	out := []Covered{}
	err := r.db.View(ctx, func(q store.Queryer) (err error) {
		out, err = r.CoverageIn(ctx, q, paths, on)
		return err
	})
	return out, err
}

// ground is what coverage is computed from: compounds, and every term that could answer for one of them.
type ground struct {
	compounds []place.Node
	facts     map[string][]scope.Path // compound id → path of its grid and lane
	terms     map[access.Post][]Term
}

func (r *Register) survey(ctx context.Context, q store.Queryer, paths []scope.Path, posts []access.Post) (g ground, err error) {
	if g.compounds, err = r.Map.CompoundsIn(ctx, q, paths...); err != nil {
		return g, err
	}
	g.facts, g.terms = map[string][]scope.Path{}, map[access.Post][]Term{}
	cond, args := scope.Where("path", 1, paths...)
	type beside struct {
		id, grid, lane string
		path           scope.Path
	}
	all, err := store.All(ctx, q, func(row *sql.Rows) (b beside, err error) {
		err = row.Scan(&b.id, &b.path, &b.grid, &b.lane)
		return b, err
	}, `select id, path, grid_id, lane_id from place_v_compound where `+cond, args...)
	if err != nil {
		return g, err
	}
	for _, b := range all {
		for _, id := range []string{b.grid, b.lane} {
			if id != "" {
				g.facts[b.id] = append(g.facts[b.id], b.path.Parent().Child(id))
			}
		}
	}
	seen := map[string]bool{}
	add := func(ts []Term, err error) error {
		for _, t := range ts {
			if !seen[t.ID] {
				seen[t.ID] = true
				g.terms[t.Post] = append(g.terms[t.Post], t)
			}
		}
		return err
	}
	for _, p := range paths {
		if err := add(r.Terms(ctx, q, TermFind{At: p, Posts: posts})); err != nil {
			return g, err
		}
		if err := add(r.Terms(ctx, q, TermFind{Paths: p.Above(), Posts: posts})); err != nil {
			return g, err
		}
	}
	// Grids and lanes beside a single compound that was asked for.
	var besides []scope.Path
	for _, c := range g.compounds {
		besides = append(besides, g.facts[c.ID]...)
	}
	besides = compactPaths(besides)
	for len(besides) > 0 {
		n := min(len(besides), 100)
		if err := add(r.Terms(ctx, q, TermFind{Paths: besides[:n], Posts: posts})); err != nil {
			return g, err
		}
		besides = besides[n:]
	}
	return g, nil
}

// answering are the terms of a post that answer for a compound, in force or not, and whether each is direct.
func (g ground) answering(c place.Node, post access.Post) (direct, through []Term) {
	for _, t := range g.terms[post] {
		switch {
		case c.Path.Covers(t.Path):
			direct = append(direct, t)
		case t.Path.Covers(c.Path), slices.Contains(g.facts[c.ID], t.Path):
			through = append(through, t)
		}
	}
	return direct, through
}

func cover(post access.Post, direct, through []Term, on day.Day) Cover {
	c := Cover{Post: post, Holders: []Term{}}
	inForce := func(ts []Term) (out []Term) {
		for _, t := range ts {
			if t.In(on) {
				out = append(out, t)
			}
		}
		return out
	}
	if d := inForce(direct); len(d) > 0 {
		c.Covered, c.Direct, c.Holders = true, true, d
	} else if h := inForce(through); len(h) > 0 {
		c.Covered, c.Holders = true, h
	}
	if c.Covered {
		c.Since = c.Holders[0].From
		for _, t := range c.Holders {
			c.Since = min(c.Since, t.From)
		}
		return c
	}
	for _, t := range append(slices.Clone(direct), through...) {
		if t.To.Sound() && t.To < on {
			c.Since = max(c.Since, t.To.Add(1))
		}
	}
	return c
}

// CoverageIn is Coverage for parts of the program that answer for who may see.
func (r *Register) CoverageIn(ctx context.Context, q store.Queryer, paths []scope.Path, on day.Day) ([]Covered, error) {
	all, err := r.required(ctx, q)
	if err != nil {
		return nil, err
	}
	var posts []access.Post
	for _, x := range all {
		posts = append(posts, x.post)
	}
	slices.Sort(posts)
	posts = slices.Compact(posts)
	out := []Covered{}
	if len(paths) == 0 || len(posts) == 0 {
		return out, nil
	}
	g, err := r.survey(ctx, q, paths, posts)
	if err != nil {
		return nil, err
	}
	for _, c := range g.compounds {
		x := Covered{Compound: c, Posts: []Cover{}}
		for _, post := range requiredAt(all, c.Path) {
			direct, through := g.answering(c, post)
			cv := cover(post, direct, through, on)
			if !cv.Covered {
				x.Lacking++
			}
			x.Posts = append(x.Posts, cv)
		}
		out = append(out, x)
	}
	return out, nil
}

// crewPosts are the four that every compound has: one judge, one officer, one cadre, one grid worker.
var crewPosts = []access.Post{access.Judge, access.Police, access.SectionCadre, access.GridWorker}

// Crew is a compound's four.
type Crew struct {
	Compound place.Node `json:"compound"`
	Posts    []Cover    `json:"posts" doc:"judge, police, section_cadre, grid_worker"`
	Complete bool       `json:"complete"`
}

// Crews lists the crew of every compound below a path on a day.
func (r *Register) Crews(ctx context.Context, who access.Who, under scope.Path, on day.Day) ([]Crew, error) {
	if err := who.MaySomewhere(SeePosts); err != nil {
		return nil, err
	}
	out := []Crew{}
	paths := place.Narrow(who.Paths(SeePosts), under)
	if len(paths) == 0 {
		return out, nil
	}
	err := r.db.View(ctx, func(q store.Queryer) error {
		g, err := r.survey(ctx, q, paths, crewPosts)
		if err != nil {
			return err
		}
		for _, c := range g.compounds {
			x := Crew{Compound: c, Complete: true}
			for _, post := range crewPosts {
				direct, through := g.answering(c, post)
				cv := cover(post, direct, through, on)
				x.Complete = x.Complete && cv.Covered
				x.Posts = append(x.Posts, cv)
			}
			out = append(out, x)
		}
		return nil
	})
	return out, err
}

// Members counts a committee (1.3 of rules.md): alternates apart, probationary Party members apart.
type Members struct {
	Members    int  `json:"members" doc:"director and members, without alternates"`
	Alternates int  `json:"alternates"`
	Party      int  `json:"party" doc:"Party members among the members; probationary ones are not counted"`
	Probation  int  `json:"probation" doc:"probationary Party members among the members"`
	Majority   bool `json:"party_majority" doc:"Party members are more than half of the members"`
}

// CountMembers counts the terms of one committee that are in force. A person with two terms in it counts once.
func CountMembers(terms []Term) (m Members) {
	alternates := map[string]bool{}
	party := map[string]string{} // member → party
	for _, t := range terms {
		switch t.Post {
		case access.CommitteeDirector, access.CommitteeMember, access.InterimDirector, access.InterimMember:
			if was, ok := party[t.Person]; !ok || was == "" || t.Party == "member" {
				party[t.Person] = t.Party
			}
		case access.CommitteeAlternate:
			alternates[t.Person] = true
		}
	}
	for person, p := range party {
		delete(alternates, person)
		m.Members++
		switch p {
		case "member":
			m.Party++
		case "probation":
			m.Probation++
		}
	}
	m.Alternates = len(alternates)
	m.Majority = 2*m.Party > m.Members
	return m
}

// Committee is an owners' or interim committee that stands on a day.
type Committee struct {
	Org      Org     `json:"org"`
	Interim  bool    `json:"interim"`
	Members  Members `json:"members"`
	Director string  `json:"director,omitempty" doc:"person"`
	Shoulder bool    `json:"one_shoulder" doc:"the director is the compound's branch secretary too"`
}

// Committees lists the committees that stand below a path on a day, interim ones marked.
func (r *Register) Committees(ctx context.Context, q store.Queryer, below scope.Path, on day.Day) ([]Committee, error) {
	orgs, err := r.OrgsAt(ctx, q, below, on, OwnersCommittee, InterimCommittee)
	if err != nil {
		return nil, err
	}
	terms, err := r.Terms(ctx, q, TermFind{At: below, On: on, Posts: []access.Post{access.CommitteeDirector, access.CommitteeMember, access.CommitteeAlternate,
		access.InterimDirector, access.InterimMember, access.BranchSecretary}})
	if err != nil {
		return nil, err
	}
	byOrg, secretaries := map[string][]Term{}, map[[2]string]bool{}
	for _, t := range terms {
		if t.Post == access.BranchSecretary {
			secretaries[[2]string{string(linkPath(t.Path)), t.Person}] = true
		} else {
			byOrg[t.Org] = append(byOrg[t.Org], t)
		}
	}
	out := []Committee{}
	for _, o := range orgs {
		c := Committee{Org: o, Interim: o.Kind == InterimCommittee, Members: CountMembers(byOrg[o.ID])}
		for _, t := range byOrg[o.ID] {
			if t.Post == access.CommitteeDirector || t.Post == access.InterimDirector {
				c.Director = t.Person
				c.Shoulder = c.Shoulder || secretaries[[2]string{string(linkPath(t.Path)), t.Person}]
			}
		}
		out = append(out, c)
	}
	return out, nil
}

// OneShoulder lists who is committee director and branch secretary of one compound on a day (一肩挑): two terms each.
func (r *Register) OneShoulder(ctx context.Context, q store.Queryer, below scope.Path, on day.Day) ([]Term, error) {
	terms, err := r.Terms(ctx, q, TermFind{At: below, On: on, Posts: []access.Post{access.CommitteeDirector, access.BranchSecretary}})
	if err != nil {
		return nil, err
	}
	both := map[[2]string]map[access.Post]bool{}
	key := func(t Term) [2]string { return [2]string{string(linkPath(t.Path)), t.Person} }
	for _, t := range terms {
		if both[key(t)] == nil {
			both[key(t)] = map[access.Post]bool{}
		}
		both[key(t)][t.Post] = true
	}
	out := []Term{}
	for _, t := range terms {
		if t.Post == access.CommitteeDirector && len(both[key(t)]) == 2 {
			out = append(out, t)
		}
	}
	return out, nil
}

// PlaceName is where in words, for GET /api/me; "" for what is not there.
func (r *Register) PlaceName(ctx context.Context, q store.Queryer, at scope.Path) string {
	w, err := r.Map.Words(ctx, q, at)
	if err != nil && !fault.IsKind(err, fault.Missing) {
		return ""
	}
	return strings.TrimSpace(w)
}
