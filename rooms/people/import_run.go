package people

import (
	"context"
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
	"cuobian/rooms/people/ledger"
	"cuobian/rooms/place"
)

// chunk is how many rows one write takes: few enough that others hardly wait.
const chunk = 400

// run is one going-over of a reading: dry, it only counts; else it writes chunk by chunk.
type run struct {
	r       *Register
	who     access.Who
	by      audit.By
	id      string // the import
	dry     bool
	reading *ledger.Reading
	street  place.Node
	stored  bool // the street is on the register
	on      day.Day
	seq     int64
	done    int
	total   int
	tell    func(done, total int)
	changes Changes
	kept    int // records kept, and how many there were when PostgreSQL last looked at the tables
	learnt  int

	nodes  map[string]place.Node // ledger compound key → its node
	byID   map[string]string     // identity index → person
	byCrew map[string]string     // post, name and phone → person, for those who answer for several compounds
}

func (r *Register) newRun(ctx context.Context, who access.Who, im ImportRecord, reading *ledger.Reading, o ImportOptions) (*run, error) {
	x := &run{r: r, who: who, by: im.by, id: im.ID, dry: o.DryRun, reading: reading, tell: o.Progress, total: int(im.Total),
		nodes: map[string]place.Node{}, byID: map[string]string{}, byCrew: map[string]string{}}
	x.street = place.Node{ID: im.Street.Last(), Path: im.Street, Kind: place.Street, Name: im.StreetName}
	n, err := r.Map.At(ctx, r.db, im.Street)
	if err == nil {
		x.street, x.stored = n, true
	} else if !fault.IsKind(err, fault.Missing) {
		return nil, err
	}
	today := r.Today()
	x.on = lastDay(reading.ReportDate)
	if !x.on.Sound() || x.on > today {
		x.on = today
	}
	return x, nil
}

// firstDay is the day of a ledger's date; of a month or year its first. Zero where it says none.
func firstDay(d ledger.Date) day.Day {
	s := string(d)
	switch len(s) {
	case 4:
		s += "-01-01"
	case 7:
		s += "-01"
	}
	got, err := day.Parse(s)
	if err != nil {
		return 0
	}
	return got
}

// lastDay is the day of a ledger's date; of a month its last.
func lastDay(d ledger.Date) day.Day {
	if len(d) == 7 {
		return firstDay(d).AddMonths(1).Add(-1)
	}
	if len(d) == 10 {
		return firstDay(d)
	}
	return 0
}

// write runs fn in one write; dry, fn reads only and must not reach here.
func (x *run) write(ctx context.Context, fn func(tx *store.Tx) error) error {
	return x.r.db.Write(ctx, fn)
}

// progress counts records done; the kept count moves with the chunks.
func (x *run) progress(n int) {
	x.done += n
	if x.tell != nil {
		x.tell(x.done, x.total)
	}
}

// all goes over everything: places first, then homes and parking by compound, then who lives and who answers.
func (x *run) all(ctx context.Context) error {
	x.changes.List = []Difference{}
	if err := x.compounds(ctx); err != nil {
		return err
	}
	homes := map[string][]ledger.Home{}
	for _, h := range x.reading.Homes {
		homes[h.Compound] = append(homes[h.Compound], h)
	}
	parking := map[string][]ledger.Parking{}
	for _, p := range x.reading.Parking {
		parking[p.Compound] = append(parking[p.Compound], p)
	}
	residents := map[string][]ledger.Resident{}
	for _, l := range x.reading.Residents {
		residents[l.Compound] = append(residents[l.Compound], l)
	}
	for _, c := range x.reading.Compounds {
		if len(homes[c.Key])+len(parking[c.Key])+len(residents[c.Key]) == 0 {
			continue
		}
		if err := x.inside(ctx, c, homes[c.Key], parking[c.Key], residents[c.Key]); err != nil {
			return err
		}
	}
	if err := x.committees(ctx); err != nil {
		return err
	}
	return x.crew(ctx)
}

// act notes what a run did to one record, for the undo.
type act struct {
	src     ledger.Source
	kind    string // node, facts, compound, person, phone, identity, title, title_end, share, household, org, org_facts, term
	ref     string
	version int64 // after the act
	before  string
}

func (x *run) keepActs(ctx context.Context, tx *store.Tx, acts []act, after int) error {
	rows := make([][]any, len(acts))
	for i, a := range acts {
		rows[i] = []any{x.id, x.seq + int64(i) + 1, a.src.Sheet, int64(a.src.Row), a.kind, a.ref, a.version, a.before}
	}
	if _, err := store.Fill(ctx, tx, `insert into people_import_act (import, seq, sheet, line, kind, ref, version, before) values`, "", rows); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `update people_import set done = $2 where id = $1`, x.id, int64(x.done+after)); err != nil {
		return err
	}
	tx.Changed(store.Change{Kind: "imports", ID: x.id, Path: x.street.Path})
	return nil
}

func text(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(b)
}

// compounds makes or finds communities and compounds and keeps what a compound ledger says of them.
func (x *run) compounds(ctx context.Context) error {
	if !x.dry && !x.stored {
		if err := x.write(ctx, func(tx *store.Tx) (err error) {
			x.street, err = x.r.Map.EnsureStreet(ctx, tx, x.by, x.street.ID, x.street.Name)
			return err
		}); err != nil {
			return err
		}
		x.stored = true
	}
	for _, c := range x.reading.Compounds {
		community, known, err := x.community(ctx, c)
		if err != nil {
			return err
		}
		node := place.Node{}
		if known {
			node, err = x.r.Map.Find(ctx, x.r.db, community.ID, place.Compound, c.Name)
			if err != nil && !fault.IsKind(err, fault.Missing) {
				return err
			}
		}
		at := community.Path
		if node.ID != "" {
			at = node.Path
		}
		if err := x.who.May(Import, at); err != nil && x.who.May(Import, community.Path) != nil {
			return fault.New(fault.Refused, "people.import_outside", "台账里有不在您范围内的小区，请分开导入", "the ledger holds compounds outside your area; import yours alone")
		}
		if x.dry {
			x.dryCompound(ctx, c, node)
			if node.ID == "" {
				node = place.Node{Name: c.Name, Kind: place.Compound, Path: community.Path}
			}
			x.nodes[c.Key] = node
			x.progress(1)
			continue
		}
		var acts []act
		var changes Changes
		err = x.write(ctx, func(tx *store.Tx) (err error) {
			acts, changes = nil, x.changes
			changes.List = slices.Clone(x.changes.List)
			if !known {
				made := false
				if community, made, err = x.r.Map.Ensure(ctx, tx, x.by, x.street, place.Community, community.Name); err != nil {
					return err
				}
				if made {
					changes.Communities.New++
					acts = append(acts, act{c.Source, "node", community.ID, 1, ""})
				}
			}
			made := node.ID == ""
			if made {
				if node, made, err = x.r.Map.Ensure(ctx, tx, x.by, community, place.Compound, c.Name); err != nil {
					return err
				}
			}
			if made {
				changes.Compounds.New++
				acts = append(acts, act{c.Source, "node", node.ID, 0, ""})
			}
			more, err := x.compoundFacts(ctx, tx, &changes, community, &node, c, made)
			if err != nil {
				return err
			}
			if made {
				acts[len(acts)-1].version = node.Version
			}
			acts = append(acts, more...)
			return x.keepActs(ctx, tx, acts, 1)
		})
		if err != nil {
			return err
		}
		x.seq += int64(len(acts))
		x.changes = changes
		x.nodes[c.Key] = node
		x.progress(1)
	}
	return nil
}

// noCommunity holds compounds whose ledger names no community.
const noCommunity = "未填社区"

func (x *run) community(ctx context.Context, c ledger.Compound) (n place.Node, known bool, err error) {
	name := c.Community
	if name == "" {
		// A compound of that name that the street has once is the one.
		if x.stored {
			found, err := x.r.Map.Named(ctx, x.r.db, x.street.Path, place.Compound, c.Name)
			if err != nil {
				return n, false, err
			}
			if len(found) == 1 {
				n, err := x.r.Map.Get(ctx, x.r.db, found[0].Parent)
				return n, err == nil, err
			}
		}
		name = noCommunity
	}
	n = place.Node{Name: name, Kind: place.Community, Path: x.street.Path}
	if !x.stored {
		return n, false, nil
	}
	all, err := x.r.Map.NodesIn(ctx, x.r.db, x.street.Path, place.Community)
	if err != nil {
		return n, false, err
	}
	for _, a := range all {
		if place.Stem(a.Name) == place.Stem(name) {
			return a, true, nil
		}
	}
	return n, false, nil
}

// told puts what a ledger says over what is known; what it does not say stays.
func told(old place.CompoundFacts, c ledger.Compound) place.CompoundFacts {
	f := old
	say := func(into *string, v string) {
		if v != "" {
			*into = v
		}
	}
	count := func(into *int64, v int) {
		if v >= 0 && c.Listed {
			*into = int64(v)
		}
	}
	say(&f.Type, c.Kind)
	if c.BuiltYear > 0 {
		f.BuiltYear = int64(c.BuiltYear)
	}
	say(&f.BuiltText, c.BuiltText)
	say(&f.Developer, c.Developer)
	say(&f.Remark, c.Remark)
	count(&f.Buildings, c.Buildings)
	count(&f.Units, c.Units)
	count(&f.Households, c.Households)
	count(&f.ParkingSaid, c.ParkingLot)
	if c.Area > 0 {
		f.AreaSaid = c.Area
	}
	return f
}

func (x *run) service(c ledger.Compound, n place.Node) ServiceFact {
	f := ServiceFact{By: x.by, Import: x.id, Compound: n, Company: c.Company, Manner: c.Manner, MannerAs: c.MannerAs, Charge: c.Charge,
		FeeLow: c.Fee.Low, FeeHigh: c.Fee.High, FeeText: c.Fee.Text, Since: firstDay(c.Since)}
	return f
}

func (x *run) dryCompound(ctx context.Context, c ledger.Compound, node place.Node) {
	if node.ID == "" {
		x.changes.Compounds.New++
		return
	}
	old, err := x.r.Map.Compound(ctx, x.r.db, node.ID)
	if err == nil && told(old, c) == old {
		x.changes.Compounds.Same++
		return
	}
	x.changes.Compounds.Changed++
	x.changes.note(Difference{Kind: "facts", Node: node.ID, Words: node.Name, Zh: "小区基本情况有变化", En: "the compound's facts change", Sheet: c.Source.Sheet, Row: c.Source.Row})
}

// compoundFacts writes what the ledger says of one compound: facts, grid, service, committee, branch, who answers.
func (x *run) compoundFacts(ctx context.Context, tx *store.Tx, ch *Changes, community place.Node, node *place.Node, c ledger.Compound, made bool) (acts []act, err error) {
	old, err := x.r.Map.Compound(ctx, tx, node.ID)
	if err != nil {
		return nil, err
	}
	f := told(old, c)
	if c.Grid != "" {
		g, madeGrid, err := x.r.Map.Ensure(ctx, tx, x.by, community, place.Grid, c.Grid)
		if err != nil {
			return nil, err
		}
		if madeGrid {
			acts = append(acts, act{c.Source, "node", g.ID, 1, ""})
		}
		f.GridID = g.ID
	}
	if c.Address != "" && c.Address != node.Address && node.Address == "" {
		if err := x.r.Map.SetAddress(ctx, tx, x.by, *node, c.Address); err != nil {
			return nil, err
		}
	}
	if f != old {
		if err := x.r.Map.SetCompound(ctx, tx, x.by, *node, f, "台账导入"); err != nil {
			return nil, err
		}
		if !made {
			ch.Compounds.Changed++
			ch.note(Difference{Kind: "facts", Node: node.ID, Words: node.Name, Zh: "小区基本情况有变化", En: "the compound's facts change", Sheet: c.Source.Sheet, Row: c.Source.Row})
		}
	} else if !made {
		ch.Compounds.Same++
	}
	if *node, err = x.r.Map.Get(ctx, tx, node.ID); err != nil {
		return nil, err
	}
	if f != old && !made {
		acts = append(acts, act{c.Source, "compound", node.ID, node.Version, text(old)})
	}
	if x.r.ServiceOf != nil && c.Listed {
		news, err := x.r.ServiceOf(ctx, tx, x.service(c, *node))
		if err != nil {
			return nil, err
		}
		if news {
			ch.Service.Changed++
		} else if c.Manner != "" || c.Company != "" {
			ch.Service.Same++
		}
	}
	if !c.Listed {
		return acts, nil
	}
	more, err := x.orgsOf(ctx, tx, ch, *node, c)
	return append(acts, more...), err
}

// org finds the standing organisation of a kind at a compound, or makes it.
func (x *run) org(ctx context.Context, tx *store.Tx, ch *Changes, src ledger.Source, want Org) (o Org, acts []act, err error) {
	all, err := x.r.OrgsAt(ctx, tx, want.Path, x.r.db.Now().Day(day.Shanghai), want.Kind)
	if err != nil {
		return o, nil, err
	}
	for _, a := range all {
		if a.Path != want.Path || want.Kind == PartyGroup && a.Name != want.Name {
			continue
		}
		if want.Number > 0 && a.Number > 0 && a.Number != want.Number {
			continue
		}
		next := a
		if want.FoundedOn.Sound() {
			next.FoundedOn = want.FoundedOn
		}
		if want.Number > 0 {
			next.Number = want.Number
		}
		if want.FiledNo != "" {
			next.FiledNo = want.FiledNo
		}
		if want.To.Sound() {
			next.To = want.To
		}
		if want.SaidMembers > 0 {
			next.SaidMembers, next.SaidParty = want.SaidMembers, want.SaidParty
		}
		if next == a {
			ch.Orgs.Same++
			return a, nil, nil
		}
		next.Version++
		if err := updateOrg(ctx, tx, next); err != nil {
			return o, nil, err
		}
		ch.Orgs.Changed++
		if err := audit.Write(ctx, tx, audit.Entry{By: x.by, Action: Import.Name, Path: a.Path, Ref: "orgs/" + a.ID, From: a, To: next}); err != nil {
			return o, nil, err
		}
		return next, []act{{src, "org_facts", a.ID, next.Version, text(a)}}, nil
	}
	want.Demo = x.street.Demo
	if o, err = x.r.PutOrg(ctx, tx, x.by, want); err != nil {
		return o, nil, err
	}
	ch.Orgs.New++
	return o, []act{{src, "org", o.ID, 1, ""}}, nil
}

// orgsOf keeps the committee, the branch and who answers, as a compound ledger's row says.
func (x *run) orgsOf(ctx context.Context, tx *store.Tx, ch *Changes, n place.Node, c ledger.Compound) (acts []act, err error) {
	from := x.on
	if c.HasCommittee == ledger.Yes && (c.CommitteeState == "formed" || c.CommitteeState == "") {
		o, more, err := x.org(ctx, tx, ch, c.Source, Org{Kind: OwnersCommittee, Name: n.Name + "业主委员会", Path: n.Path, FoundedOn: firstDay(c.CommitteeDate),
			SaidMembers: int64(max(c.CommitteeMembers, 0)), SaidParty: int64(max(c.CommitteeParty, 0))})
		if err != nil {
			return nil, err
		}
		acts = append(acts, more...)
		if o.FoundedOn.Sound() {
			from = o.FoundedOn
		}
		if more, err = x.seat(ctx, tx, ch, c.Source, c.Chair, Term{Org: o.ID, Post: access.CommitteeDirector, Path: n.Path, From: from}); err != nil {
			return nil, err
		}
		acts = append(acts, more...)
	}
	if c.HasParty == ledger.Yes {
		name := c.PartyOrg
		if name == "" {
			name = n.Name + "党支部"
		}
		o, more, err := x.org(ctx, tx, ch, c.Source, Org{Kind: Branch, Name: name, Path: n.Path})
		if err != nil {
			return nil, err
		}
		acts = append(acts, more...)
		if more, err = x.seat(ctx, tx, ch, c.Source, c.Secretary, Term{Org: o.ID, Post: access.BranchSecretary, Path: n.Path, From: x.on, Party: "member"}); err != nil {
			return nil, err
		}
		acts = append(acts, more...)
	}
	more, err := x.seat(ctx, tx, ch, c.Source, c.Responsible, Term{Post: access.SectionCadre, Path: n.Path, From: x.on, Title: c.Responsible.Post})
	return append(acts, more...), err
}

// seat makes sure that somebody holds a post: a term of that name and post at the place stays, else one begins.
func (x *run) seat(ctx context.Context, tx *store.Tx, ch *Changes, src ledger.Source, p ledger.Person, t Term) (acts []act, err error) {
	if strings.TrimSpace(p.Name) == "" {
		return nil, nil
	}
	open, err := x.r.Terms(ctx, tx, TermFind{Posts: []access.Post{t.Post}, Paths: []scope.Path{t.Path}})
	if err != nil {
		return nil, err
	}
	for _, o := range open {
		if place.Plain(o.Name) != place.Plain(p.Name) || o.Org != t.Org && o.Org != "" && t.Org != "" {
			continue
		}
		if o.To.Sound() && o.To < x.r.Today() && o.To != t.To {
			continue
		}
		next := o
		if t.Party != "" {
			next.Party = t.Party
		}
		if t.To.Sound() {
			next.To = t.To
		}
		if next == o {
			ch.Terms.Same++
			return nil, nil
		}
		next.Version++
		if err := x.changeTerm(ctx, tx, o, next); err != nil {
			return nil, err
		}
		ch.Terms.Changed++
		return []act{{src, "term_facts", o.ID, next.Version, text(o)}}, nil
	}
	id, made, more, err := x.somebody(ctx, tx, src, p, t.Post, t.Path)
	if err != nil {
		return nil, err
	}
	if made {
		ch.Persons.New++
	}
	t.Person = id
	if !t.From.Sound() || t.To.Sound() && t.To < t.From {
		t.From = x.on
	}
	got, err := x.r.PutTerm(ctx, tx, x.by, t)
	if fault.Of(err).Code == ErrHeld.Code && err != nil {
		ch.Terms.Same++
		return more, nil
	}
	if err != nil {
		return nil, err
	}
	ch.Terms.New++
	return append(more, act{src, "term", got.ID, 1, ""}), nil
}

// somebody finds a person of a post by number, telephone or, for one who answers for several compounds, by the same
// post in the same street; else enters them.
func (x *run) somebody(ctx context.Context, tx *store.Tx, src ledger.Source, p ledger.Person, post access.Post, at scope.Path) (id string, made bool, acts []act, err error) {
	draft := x.draft(p)
	if ids, err := x.r.byIdentity(ctx, tx, draft.Identity); err != nil || len(ids) > 0 {
		if err != nil {
			return "", false, nil, err
		}
		return ids[0], false, nil, x.r.linkTo(ctx, tx, ids[0], at)
	}
	for _, f := range draft.Phones {
		all, err := x.r.byPhone(ctx, tx, f)
		if err != nil {
			return "", false, nil, err
		}
		for _, a := range all {
			if place.Plain(a.Name) == place.Plain(draft.Name) {
				return a.ID, false, nil, x.r.linkTo(ctx, tx, a.ID, at)
			}
		}
	}
	if len(draft.Phones) == 0 && draft.Identity == "" {
		same, err := x.r.Terms(ctx, tx, TermFind{Posts: []access.Post{post}, At: x.street.Path, On: x.r.Today()})
		if err != nil {
			return "", false, nil, err
		}
		for _, t := range same {
			if place.Plain(t.Name) == place.Plain(draft.Name) {
				return t.Person, false, nil, x.r.linkTo(ctx, tx, t.Person, at)
			}
		}
	}
	made = true
	id = tx.NewID()
	if err := x.r.insertPersons(ctx, tx, []personRow{{id, draft}}); err != nil {
		return "", false, nil, err
	}
	if err := x.r.link(ctx, tx, []link{{id, draft.Name, at, x.r.last4s(draft)}}); err != nil {
		return "", false, nil, err
	}
	return id, true, []act{{src, "person", id, 1, ""}}, nil
}

func (x *run) draft(p ledger.Person) NewPerson {
	name := strings.Join(strings.Fields(p.Name), " ")
	if r := []rune(name); len(r) > 60 {
		name = string(r[:60])
	}
	n := NewPerson{Name: name, Kind: "person", Gender: p.Gender, IDKind: p.Identity.Kind, Identity: p.Identity.Number, Demo: x.street.Demo}
	if p.Organisation {
		n.Kind = "org"
	}
	for _, f := range p.Phones {
		if f = seal.Normal(seal.Phone, f); f != "" && !slices.Contains(n.Phones, f) {
			n.Phones = append(n.Phones, f)
		}
	}
	return n
}

var memberPosts = map[string]struct {
	post  access.Post
	title string
}{
	"chair": {access.CommitteeDirector, "主任"}, "deputy": {access.CommitteeMember, "副主任"}, "member": {access.CommitteeMember, "委员"},
	"alternate": {access.CommitteeAlternate, "候补委员"},
}

// committees keeps owners' committees with their members; alternates and probationary members apart.
func (x *run) committees(ctx context.Context) error {
	for _, c := range x.reading.Committees {
		node, ok := x.nodes[c.Compound]
		if !ok {
			continue
		}
		if x.dry {
			for range c.Members {
				x.changes.Terms.New++
			}
			if node.ID != "" {
				open, err := x.r.Terms(ctx, x.r.db, TermFind{At: node.Path})
				if err != nil {
					return err
				}
				x.changes.Terms.New -= len(c.Members)
				for _, m := range c.Members {
					if slices.ContainsFunc(open, func(t Term) bool { return place.Plain(t.Name) == place.Plain(m.Person.Name) }) {
						x.changes.Terms.Same++
					} else {
						x.changes.Terms.New++
					}
				}
			}
			x.progress(1)
			continue
		}
		if err := x.keep(ctx, func(tx *store.Tx, ch *Changes) ([]act, error) {
			from, to := firstDay(c.From), lastDay(c.To)
			o, acts, err := x.org(ctx, tx, ch, c.Source, Org{Kind: OwnersCommittee, Name: node.Name + "业主委员会", Path: node.Path, FoundedOn: from, To: to,
				FiledNo: c.RecordNo, Number: int64(c.Term)})
			if err != nil {
				return nil, err
			}
			if !from.Sound() {
				from = x.on
			}
			for _, m := range c.Members {
				post, ok := memberPosts[m.Post]
				if m.Alternate {
					post, ok = memberPosts["alternate"], true
				}
				if !ok {
					continue // a clerk or whoever the ledger lists beside the members
				}
				title := m.PostAs
				if title == "" {
					title = post.title
				}
				party := map[string]string{"member": "member", "probationary": "probation"}[m.Party]
				more, err := x.seat(ctx, tx, ch, m.Source, m.Person, Term{Org: o.ID, Post: post.post, Title: title, Path: node.Path, From: from, To: to, Party: party})
				if err != nil {
					return nil, err
				}
				acts = append(acts, more...)
			}
			return acts, nil
		}); err != nil {
			return err
		}
		x.progress(1)
	}
	return nil
}

var crewRoles = map[string]access.Post{"judge": access.Judge, "police": access.Police, "cadre": access.SectionCadre, "grid": access.GridWorker, "supervisor": access.Supervisor}

// crew keeps who answers for a compound without living there.
func (x *run) crew(ctx context.Context) error {
	for list := x.reading.Crew; len(list) > 0; {
		n := min(len(list), 20)
		part := list[:n]
		list = list[n:]
		if x.dry {
			for _, c := range part {
				node := x.nodes[c.Compound]
				post, ok := crewRoles[c.Role]
				if !ok {
					continue
				}
				same := false
				if node.ID != "" {
					open, err := x.r.Terms(ctx, x.r.db, TermFind{Posts: []access.Post{post}, Paths: []scope.Path{node.Path}, On: x.r.Today()})
					if err != nil {
						return err
					}
					same = slices.ContainsFunc(open, func(t Term) bool { return place.Plain(t.Name) == place.Plain(c.Person.Name) })
				}
				if same {
					x.changes.Terms.Same++
				} else {
					x.changes.Terms.New++
				}
			}
			x.progress(n)
			continue
		}
		if err := x.keep(ctx, func(tx *store.Tx, ch *Changes) (acts []act, err error) {
			for _, c := range part {
				node, ok := x.nodes[c.Compound]
				post, known := crewRoles[c.Role]
				if !ok || !known {
					continue
				}
				title := strings.TrimSpace(c.Employer + " " + c.Post)
				if r := []rune(title); len(r) > 60 {
					title = string(r[:60])
				}
				more, err := x.seat(ctx, tx, ch, c.Source, c.Person, Term{Post: post, Title: title, Path: node.Path, From: x.on})
				if err != nil {
					return nil, err
				}
				acts = append(acts, more...)
			}
			return acts, nil
		}); err != nil {
			return err
		}
		x.progress(n)
	}
	return nil
}

// keep runs one small write with its acts; counts move only when it is kept.
func (x *run) keep(ctx context.Context, fn func(tx *store.Tx, ch *Changes) ([]act, error)) error {
	var acts []act
	var ch Changes
	err := x.write(ctx, func(tx *store.Tx) (err error) {
		ch = x.changes
		ch.List = slices.Clone(x.changes.List)
		if acts, err = fn(tx, &ch); err != nil {
			return err
		}
		return x.keepActs(ctx, tx, acts, 0)
	})
	if err != nil {
		return err
	}
	x.changes, x.seq = ch, x.seq+int64(len(acts))
	return nil
}
