package committee

import (
	"context"
	"database/sql"
	"slices"

	"cuobian/basis/area"
	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/paged"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/rules"
	"cuobian/platform/store"
	"cuobian/rooms/committee/form"
	"cuobian/rooms/people"
	"cuobian/rooms/place"
)

// Where a compound stands, beside the steps of a forming under way.
const (
	NotYet   = "not_yet"   // 未到条件
	Ready    = "due"       // 应启动未启动
	Standing = "committee" // 业委会在任
	Expiring = "expiring"  // 三个月内届满
	Expired  = "expired"   // 已届满
	Short    = "broken"    // 委员不足半数
	Stopgap  = "interim"   // 临管会在任
)

// StageWord is a stage with its names.
type StageWord struct {
	Stage string `json:"stage"`
	Zh    string `json:"zh"`
	En    string `json:"en"`
}

// Stages are all stages of the board, in its order.
var Stages = func() []StageWord {
	out := []StageWord{{NotYet, "未到启动条件", "not due yet"}, {Ready, "应启动未启动", "due, not begun"}}
	for _, k := range []form.Kind{form.First, form.Interim} {
		for _, s := range form.Way(k) {
			if s == form.Opened && k == form.Interim {
				continue
			}
			out = append(out, StageWord{string(s), stepWords[s][0], stepWords[s][1]})
		}
	}
	return append(out, StageWord{Stopgap, "临时管理委员会在任", "an interim committee in office"}, StageWord{Short, "委员不足半数", "fewer than half of the members left"},
		StageWord{Expired, "已届满", "term over"}, StageWord{Expiring, "即将届满", "term ends within months"}, StageWord{Standing, "业委会在任", "a committee in office"})
}()

// Row is where one compound stands.
type Row struct {
	Compound string      `json:"compound" doc:"id of the place"`
	Path     scope.Path  `json:"path"`
	Name     string      `json:"name"`
	Place    string      `json:"place" doc:"community and compound"`
	Stage    string      `json:"stage"`
	Forming  string      `json:"forming,omitempty"`
	Kind     form.Kind   `json:"kind,omitempty"`
	Since    day.Instant `json:"since,omitempty" doc:"when the forming began"`
	Due      day.Instant `json:"due,omitempty" doc:"the earliest open deadline"`
	Duty     string      `json:"duty,omitempty" doc:"what that deadline is of"`
	Overdue  int         `json:"overdue" doc:"open deadlines that have passed"`
	Blockers []Blocker   `json:"blockers" doc:"unsolved"`
	Org      string      `json:"org,omitempty" doc:"the committee in office"`
	OrgName  string      `json:"org_name,omitempty"`
	Interim  bool        `json:"interim,omitempty"`
	TermEnds day.Day     `json:"term_ends,omitempty"`
	Members  int         `json:"members" doc:"in office, alternates apart"`
	Of       int         `json:"of" doc:"members agreed, 0 not on record"`
}

// Count is how many compounds are at a stage, of all that are listed.
type Count struct {
	StageWord
	N  int `json:"n"`
	Of int `json:"of"`
}

// Board is where every compound of an area stands.
type Board struct {
	paged.List[Row]
	Stages   []Count        `json:"stages" doc:"of all compounds in the area, before the filters"`
	Overdue  int            `json:"overdue" doc:"compounds with something overdue"`
	Blocked  map[string]int `json:"blocked" doc:"compounds with an unsolved blocker, by kind"`
	AsOf     day.Instant    `json:"as_of"`
	Rules    string         `json:"rules" doc:"the preset in force at the area"`
	RulesZh  string         `json:"rules_zh"`
	RulesEn  string         `json:"rules_en"`
	SourceZh string         `json:"source_zh"`
	SourceEn string         `json:"source_en"`
}

// Look filters the board.
type Look struct {
	Under   scope.Path
	Stage   string
	Kind    form.Kind // of the forming under way
	Blocker string    // start, elect, perform
	Overdue bool
	Query   string
	After   string // path
	Limit   int
}

// Formings is the board: every compound in who's area, those without any process too.
func (c *Chamber) Formings(ctx context.Context, who access.Who, f Look) (b Board, err error) {
	if err := who.MaySomewhere(Follow); err != nil {
		return b, err
	}
	if f.Limit <= 0 || f.Limit > 200 {
		f.Limit = 50
	}
	b = Board{List: paged.List[Row]{Items: []Row{}}, Stages: []Count{}, Blocked: map[string]int{"start": 0, "elect": 0, "perform": 0}}
	paths := place.Narrow(who.Paths(Follow), f.Under)
	if len(paths) == 0 {
		return b, nil
	}
	var rows []Row
	err = c.db.View(ctx, func(q store.Queryer) error {
		b.AsOf = c.db.Now()
		at := f.Under
		if at == "" {
			at = paths[0]
		}
		force, err := c.on.Rules.InForce(ctx, q, rules.Committee, at, c.Today())
		if err != nil {
			return err
		}
		b.Rules, b.RulesZh, b.RulesEn, b.SourceZh, b.SourceEn = force.Name(), force.Preset.Zh, force.Preset.En, force.Preset.SourceZh, force.Preset.Source
		if rows, err = c.rows(ctx, q, paths); err != nil {
			return err
		}
		var kept []Row
		by := map[string]int{}
		for _, r := range rows {
			by[r.Stage]++
			if r.Overdue > 0 {
				b.Overdue++
			}
			kinds := map[string]bool{}
			for _, x := range r.Blockers {
				if !kinds[x.Kind] {
					b.Blocked[x.Kind]++
				}
				kinds[x.Kind] = true
			}
			if f.Stage != "" && r.Stage != f.Stage || f.Blocker != "" && !kinds[f.Blocker] || f.Overdue && r.Overdue == 0 || !r.has(f.Kind, f.Query) {
				continue
			}
			kept = append(kept, r)
		}
		for _, w := range Stages {
			if n := by[w.Stage]; n > 0 {
				b.Stages = append(b.Stages, Count{w, n, len(rows)})
			}
		}
		b.Count = int64(len(kept))
		if f.After != "" {
			kept = kept[min(slices.IndexFunc(append(slices.Clone(kept), Row{Path: "~"}), func(r Row) bool { return string(r.Path) > f.After }), len(kept)):]
		}
		if len(kept) > f.Limit {
			kept = kept[:f.Limit]
			b.Next = string(kept[f.Limit-1].Path)
		}
		b.Items = append(b.Items, kept...)
		var all []scope.Path
		for _, r := range b.Items {
			all = append(all, r.Path)
		}
		words, err := c.on.Map.WordsFor(ctx, q, all...)
		for i := range b.Items {
			b.Items[i].Place = words[b.Items[i].Path]
		}
		return err
	})
	return b, err
}

// rows works every compound's stage out, by path.
func (c *Chamber) rows(ctx context.Context, q store.Queryer, paths []scope.Path) ([]Row, error) {
	today, now := c.Today(), c.db.Now()
	where, args := scope.Where("path", 1, paths...)
	said := map[scope.Path]string{}
	rows, err := store.All(ctx, q, func(r *sql.Rows) (x Row, err error) {
		var on string
		x.Blockers = []Blocker{}
		err = r.Scan(&x.Compound, &x.Path, &x.Name, &on)
		said[x.Path] = on
		return x, err
	}, `select id, path, name, delivered_on from place_v_compound where `+where+` and ended_on = '' order by path`, args...)
	if err != nil {
		return nil, err
	}
	at := map[scope.Path]*Row{}
	for i := range rows {
		at[rows[i].Path] = &rows[i]
	}
	open, err := formings(ctx, q, where+` and closed = 0`, args...)
	if err != nil {
		return nil, err
	}
	for _, f := range open {
		if r := at[f.Path]; r != nil {
			r.Forming, r.Kind, r.Since, r.Stage = f.ID, f.Kind, f.Opened, string(f.Stage)
		}
	}
	late, err := store.All(ctx, q, func(r *sql.Rows) (x struct {
		path scope.Path
		kind string
		due  day.Instant
	}, err error) {
		err = r.Scan(&x.path, &x.kind, &x.due)
		return x, err
	}, `select path, kind, due from committee_due where `+where+` and met = 0 and kind <> 'committee.task' order by due`, args...)
	if err != nil {
		return nil, err
	}
	for _, d := range late {
		if r := at[d.path]; r != nil {
			if r.Due == 0 {
				r.Due, r.Duty = d.due, d.kind
			}
			if d.due < now {
				r.Overdue++
			}
		}
	}
	stuck, err := blockers(ctx, q, where+` and solved = 0`, args...)
	if err != nil {
		return nil, err
	}
	for _, x := range stuck {
		if r := at[x.Path]; r != nil {
			r.Blockers = append(r.Blockers, x)
		}
	}
	sizes, err := store.All(ctx, q, func(r *sql.Rows) (x struct {
		org string
		n   int
	}, err error) {
		err = r.Scan(&x.org, &x.n)
		return x, err
	}, `select org, size from committee_org where `+where, args...)
	if err != nil {
		return nil, err
	}
	agreed := map[string]int{}
	for _, s := range sizes {
		agreed[s.org] = s.n
	}
	p, _, _, err := c.rules(ctx, q, paths[0], today)
	if err != nil {
		return nil, err
	}
	for _, below := range paths {
		standing, err := c.on.Register.Committees(ctx, q, below, today)
		if err != nil {
			return nil, err
		}
		for _, s := range standing {
			r := at[s.Org.Path]
			if r == nil || r.Org != "" && s.Interim {
				continue
			}
			r.Org, r.OrgName, r.Interim, r.TermEnds, r.Members, r.Of = s.Org.ID, s.Org.Name, s.Interim, s.Org.To, s.Members.Members, agreed[s.Org.ID]
		}
	}
	var nothing []scope.Path
	for _, r := range rows {
		if r.Forming == "" && r.Org == "" {
			nothing = append(nothing, r.Path)
		}
	}
	ripe, err := c.ripe(ctx, q, nothing, said, today)
	if err != nil {
		return nil, err
	}
	for i := range rows {
		r := &rows[i]
		switch {
		case r.Forming != "":
		case r.Org == "":
			if r.Stage = NotYet; ripe[r.Path] {
				r.Stage = Ready
			}
		case r.Interim && (!r.TermEnds.Sound() || r.TermEnds >= today):
			r.Stage = Stopgap
		case r.Of > 0 && form.Broken(r.Members, r.Of):
			r.Stage = Short
		case r.TermEnds.Sound() && r.TermEnds < today:
			r.Stage = Expired
		case r.TermEnds.Sound() && r.TermEnds.AddMonths(-p.ReelectMonths) <= today:
			r.Stage = Expiring
		default:
			r.Stage = Standing
		}
	}
	return rows, nil
}

// ripe tells which of many compounds are due for their first assembly (R13), as Ripe does for one. said are the days on which they
// were first delivered, by the register; only where that day does not tell are their homes read, of many compounds at once.
func (c *Chamber) ripe(ctx context.Context, q store.Queryer, all []scope.Path, said map[scope.Path]string, today day.Day) (map[scope.Path]bool, error) {
	out, params, first := map[scope.Path]bool{}, map[scope.Path]rules.Committees{}, map[scope.Path]day.Day{}
	var read []scope.Path
	known := map[string]rules.Committees{} // by the preset's name: most places stand under the same
	for _, at := range all {
		f, err := c.on.Rules.InForce(ctx, q, rules.Committee, at, today)
		if err != nil {
			return nil, err
		}
		p, ok := known[f.Name()]
		if !ok {
			if err := f.Read(&p); err != nil {
				return nil, err
			}
			known[f.Name()] = p
		}
		var d form.Delivery
		if on, err := day.Parse(said[at]); err == nil {
			d.First = on
		}
		if form.Trigger(d, p.DeliveredN, p.DeliveredD, p.DeliveredYears, today).Met {
			out[at] = true
			continue
		}
		params[at], first[at] = p, d.First
		read = append(read, at)
	}
	for part := range slices.Chunk(read, 40) {
		args := make([]any, len(part))
		for i, at := range part {
			args[i] = string(at)
		}
		sums, err := deliveries(ctx, q, `c.path in (`+store.Marks(1, len(part))+`)`, args...)
		if err != nil {
			return nil, err
		}
		for _, at := range part {
			d, p := sums[at], params[at]
			if on := first[at]; on.Sound() && (!d.First.Sound() || on < d.First) {
				d.First = on
			}
			out[at] = form.Trigger(d, p.DeliveredN, p.DeliveredD, p.DeliveredYears, today).Met
		}
	}
	return out, nil
}

// deliveries sums the homes and shops of compounds up: all area, what is delivered, the first day of delivery.
func deliveries(ctx context.Context, q store.Queryer, cond string, args ...any) (map[scope.Path]form.Delivery, error) {
	out := map[scope.Path]form.Delivery{}
	_, err := store.All(ctx, q, func(r *sql.Rows) (x struct{}, err error) {
		var at scope.Path
		var all, delivered int64
		var first string
		if err = r.Scan(&at, &all, &delivered, &first); err != nil {
			return x, err
		}
		d := form.Delivery{Area: area.Area(all), Delivered: area.Area(delivered)}
		if on, err := day.Parse(first); err == nil {
			d.First = on
		}
		out[at] = d
		return x, nil
	}, `select c.path, sum(h.area), sum(case when h.state = 'delivered' then h.area else 0 end), coalesce(min(case when h.delivered_on <> '' then h.delivered_on end), '')
from place_v_compound c join place_v_home h on h.path >= c.path and h.path < c.path || '~'
where `+cond+` and h.usage in ('dwelling', 'shop') and h.ended_on = '' group by c.path`, args...)
	return out, err
}

// File is all that stands on one forming.
type File struct {
	Forming
	RulesZh    string            `json:"rules_zh" doc:"what its rules are called"`
	RulesEn    string            `json:"rules_en"`
	Steps      []Taken           `json:"steps"`
	Next       []StepWord        `json:"next" doc:"steps that may come now"`
	Way        []StepWord        `json:"way" doc:"all steps, in order"`
	MeetingIs  string            `json:"meeting_state,omitempty" doc:"of the assembly's meeting; one that is over and elected nobody makes room for another"`
	Deadlines  []Due             `json:"deadlines"`
	Ripe       form.Ripe         `json:"trigger" doc:"R13, as of today"`
	Applicants int64             `json:"applicants"`
	Need       int               `json:"applicants_needed"`
	Group      []form.Sitter     `json:"group"`
	GroupUntil day.Day           `json:"group_until,omitempty" doc:"last day on which the group's list hangs"`
	DraftsFrom day.Day           `json:"meeting_from,omitempty" doc:"first day on which voting may begin"`
	Objections []Objection       `json:"objections"`
	Team       []TeamMember      `json:"team"`
	Tasks      []Task            `json:"tasks"`
	Blockers   []Blocker         `json:"blockers"`
	Papers     []Paper           `json:"papers"`
	Names      map[string]string `json:"names" doc:"names of the persons whose ids stand here"`
	May        []string          `json:"may" doc:"form, order, team, sit"`
}

// Forming reads one with all that stands on it: whoever follows formings there, is in its team, or sits in its
// committee; an owner sees what was posted.
func (c *Chamber) Forming(ctx context.Context, who access.Who, id string) (x File, err error) {
	err = c.db.View(ctx, func(q store.Queryer) error {
		f, err := c.forming(ctx, q, id)
		if err != nil {
			return err
		}
		team, err := helps(ctx, q, id, who.Person)
		if err != nil {
			return err
		}
		full := who.May(Follow, f.Path) == nil || team || f.Org != "" && sits(who, f.Path, f.Org)
		if !full {
			if err := who.May(Know, f.Path); err != nil {
				return err
			}
		}
		x.Forming, x.Names, x.May = f, map[string]string{}, []string{}
		x.RulesZh, x.RulesEn = rules.Called(f.Rules)
		if x.Place, err = c.words(ctx, q, f.Path); err != nil {
			return err
		}
		if x.Steps, err = taken(ctx, q, id); err != nil {
			return err
		}
		x.Next, x.Way = []StepWord{}, []StepWord{}
		for _, s := range form.Way(f.Kind) {
			x.Way = append(x.Way, StepWord{s, stepWords[s][0], stepWords[s][1]})
		}
		if f.Closed == 0 {
			for _, s := range form.Next(f.Kind, done(x.Steps)) {
				x.Next = append(x.Next, StepWord{s, stepWords[s][0], stepWords[s][1]})
			}
		}
		if f.Meeting != "" {
			if err := q.QueryRow(ctx, `select state from assembly_v_meeting where id = $1`, f.Meeting).Scan(&x.MeetingIs); err != nil && !none(err) {
				return err
			}
			if f.Closed == 0 && slices.Contains(over, x.MeetingIs) && !slices.Contains(done(x.Steps), form.Elected) {
				x.Next = append(x.Next, StepWord{form.Called, stepWords[form.Called][0], stepWords[form.Called][1]})
			}
		}
		p, _, _, err := c.rules(ctx, q, f.Path, f.Opened.Day(day.Shanghai))
		if err != nil {
			return err
		}
		if x.Ripe, err = c.Ripe(ctx, q, f.Path, p, c.Today()); err != nil {
			return err
		}
		x.Need = p.Applicants
		if x.Applicants, err = store.Count(ctx, q, `select count(*) from committee_applicant where forming = $1`, id); err != nil {
			return err
		}
		w := &work{f: f, steps: x.Steps, p: p}
		x.GroupUntil = w.groupUntil()
		if d := on(x.Steps, form.Drafts); d.Sound() {
			x.DraftsFrom = w.meetingFrom(d)
		}
		x.Group, x.Objections, x.Team, x.Tasks, x.Blockers, x.Deadlines, x.Papers = []form.Sitter{}, []Objection{}, []TeamMember{}, []Task{}, []Blocker{}, []Due{}, []Paper{}
		if full || slices.Contains(done(x.Steps), form.Posted) || slices.Contains(done(x.Steps), form.Proposed) {
			if x.Group, err = sitters(ctx, q, id); err != nil {
				return err
			}
		}
		if x.Papers, err = papers(ctx, q, `forming = $1`+map[bool]string{false: ` and open`}[full], id); err != nil {
			return err
		}
		if x.Papers == nil {
			x.Papers = []Paper{}
		}
		if !full {
			for i := range x.Steps {
				x.Steps[i].Person, x.Steps[i].Facts = "", nil
			}
			for i := range x.Papers {
				x.Papers[i].By = ""
			}
			return nil
		}
		if x.Objections, err = objections(ctx, q, id); err != nil {
			return err
		}
		if x.Team, err = c.team(ctx, q, id); err != nil {
			return err
		}
		if x.Tasks, err = c.tasks(ctx, q, `t.forming = $1`, id); err != nil {
			return err
		}
		if x.Blockers, err = blockers(ctx, q, `forming = $1`, id); err != nil {
			return err
		}
		refs := []string{f.Ref()}
		if f.Org != "" {
			refs = append(refs, "committees/"+f.Org)
		}
		if x.Deadlines, err = dues(ctx, q, c.db.Now(), refs...); err != nil {
			return err
		}
		if x.Names, err = people.Names(ctx, q, x.persons()...); err != nil {
			return err
		}
		if who.May(Form, f.Path) == nil {
			x.May = append(x.May, "form")
		}
		if who.May(Order, f.Path) == nil {
			x.May = append(x.May, "order")
		}
		if team {
			x.May = append(x.May, "team")
		}
		if f.Org != "" && sits(who, f.Path, f.Org) {
			x.May = append(x.May, "sit")
		}
		return nil
	})
	return x, err
}

// persons are the ids that stand in a forming's file.
func (x File) persons() (ids []string) {
	for _, s := range x.Steps {
		ids = append(ids, s.Person)
	}
	for _, s := range x.Group {
		ids = append(ids, s.Person)
	}
	for _, o := range x.Objections {
		ids = append(ids, o.Person)
	}
	for _, b := range x.Blockers {
		ids = append(ids, b.By, b.SolvedBy)
	}
	for _, p := range x.Papers {
		ids = append(ids, p.By)
	}
	return ids
}

// FilingOf is the filing's papers as they are printed, from the day of the election on.
func (c *Chamber) FilingOf(ctx context.Context, who access.Who, id string) (x Filing, err error) {
	err = c.db.View(ctx, func(q store.Queryer) error {
		f, err := c.forming(ctx, q, id)
		if err != nil {
			return err
		}
		if who.May(Follow, f.Path) != nil && !(f.Org != "" && sits(who, f.Path, f.Org)) {
			return who.May(Follow, f.Path)
		}
		if f.Org == "" || f.Kind == form.Interim {
			return ErrOrder.Fill("need", stepWords[form.Elected][0], "need_en", stepWords[form.Elected][1], "step", stepWords[form.Filed][0], "step_en", stepWords[form.Filed][1])
		}
		o, err := c.on.Register.Org(ctx, q, f.Org)
		if err != nil {
			return err
		}
		if x, err = c.filing(ctx, q, f, o); err != nil {
			return err
		}
		steps, err := taken(ctx, q, id)
		if err != nil {
			return err
		}
		var filed struct {
			Enclosed []string `json:"enclosed"`
		}
		facts(steps, form.Filed, &filed)
		x.On, x.Enclosed = on(steps, form.Filed), filed.Enclosed
		err = q.QueryRow(ctx, `select due from committee_due where ref = $1 and kind = $2 order by n desc limit 1`, "committees/"+f.Org, dutyFile).Scan(&x.Due)
		if none(err) {
			err = nil
		}
		return err
	})
	return x, err
}

// Page is a committee with all that stands on it.
type Page struct {
	Org        people.Org        `json:"org"`
	Interim    bool              `json:"interim"`
	Place      string            `json:"place"`
	Size       int               `json:"size" doc:"members agreed, 0 not on record"`
	Counted    people.Members    `json:"counted"`
	Members    []people.Term     `json:"members"`
	Alternates []people.Term     `json:"alternates"`
	Former     []people.Term     `json:"former" doc:"who left during this term of office"`
	Zones      []Zone            `json:"zones"`
	Shoulder   bool              `json:"one_shoulder"`
	Alarms     []Alarm           `json:"alarms"`
	Deadlines  []Due             `json:"deadlines"`
	Vacancies  []Vacancy         `json:"vacancies"`
	Recalls    []Recall          `json:"recalls"`
	Handovers  []Handover        `json:"handovers"`
	Questions  []Question        `json:"questions"`
	Blockers   []Blocker         `json:"blockers"`
	Seals      []Seal            `json:"seals" doc:"oldest first; one in use at most"`
	Boards     []people.Org      `json:"boards" doc:"supervisory boards of the compound"`
	Forming    string            `json:"forming,omitempty" doc:"the forming it came from"`
	Open       string            `json:"open_forming,omitempty" doc:"the re-election under way"`
	Rules      string            `json:"rules"`
	RulesZh    string            `json:"rules_zh"`
	RulesEn    string            `json:"rules_en"`
	Names      map[string]string `json:"names" doc:"names of the persons whose ids stand here"`
	May        []string          `json:"may" doc:"sit, form, ask"`
}

// persons are the ids that stand on a committee's page beside its terms.
func (x Page) persons() (ids []string) {
	for _, v := range x.Vacancies {
		ids = append(ids, v.FilledBy)
	}
	for _, r := range x.Recalls {
		ids = append(ids, r.Person)
	}
	for _, h := range x.Handovers {
		ids = append(ids, h.Giver, h.Receiver)
	}
	for _, q := range x.Questions {
		ids = append(ids, q.Person, q.By)
	}
	for _, b := range x.Blockers {
		ids = append(ids, b.By, b.SolvedBy)
	}
	for _, s := range x.Seals {
		ids = append(ids, s.Keeper)
	}
	return ids
}

// Alarm is something that a committee has to see to.
type Alarm struct {
	Kind string      `json:"kind" enum:"term_ends,term_over,broken,no_director,vacancy,not_filed,no_seal,seal_keeper,overdue"`
	Rule string      `json:"rule,omitempty"`
	Zh   string      `json:"zh"`
	En   string      `json:"en"`
	Due  day.Instant `json:"due,omitempty"`
}

// Committee reads one committee. Owners see members, zones, posted papers and answered questions.
func (c *Chamber) Committee(ctx context.Context, who access.Who, id string) (x Page, err error) {
	err = c.db.View(ctx, func(q store.Queryer) error {
		o, err := c.org(ctx, q, id)
		if err != nil {
			return err
		}
		if err := who.May(Know, o.Path); err != nil {
			return err
		}
		full := who.May(Read, o.Path) == nil
		b, err := c.body(ctx, q, id, c.Today())
		if err != nil {
			return err
		}
		x = Page{Org: o, Interim: o.Kind == people.InterimCommittee, Members: []people.Term{}, Alternates: []people.Term{}, Former: []people.Term{}, Alarms: []Alarm{}, Deadlines: []Due{}, Vacancies: []Vacancy{}, Recalls: []Recall{},
			Handovers: []Handover{}, Questions: []Question{}, Blockers: []Blocker{}, Seals: []Seal{}, Boards: []people.Org{}, Names: map[string]string{}, May: []string{}, Rules: b.rules}
		if x.Place, err = c.words(ctx, q, o.Path); err != nil {
			return err
		}
		x.Counted = people.CountMembers(b.terms)
		for _, t := range b.terms {
			if t.Post == access.CommitteeAlternate {
				x.Alternates = append(x.Alternates, t)
			} else {
				x.Members = append(x.Members, t)
			}
		}
		all, err := c.on.Register.Terms(ctx, q, people.TermFind{Org: id})
		if err != nil {
			return err
		}
		for _, t := range all {
			if full && t.To.Sound() && t.To < c.Today() && t.From <= t.To {
				x.Former = append(x.Former, t)
			}
		}
		if x.Zones, err = zonesOf(ctx, q, id); err != nil {
			return err
		}
		var filed day.Instant
		if err := q.QueryRow(ctx, `select size, forming, filed_at from committee_org where org = $1`, id).Scan(&x.Size, &x.Forming, &filed); err != nil && !none(err) {
			return err
		}
		both, err := c.on.Register.OneShoulder(ctx, q, o.Path, c.Today())
		if err != nil {
			return err
		}
		x.Shoulder = slices.ContainsFunc(both, func(t people.Term) bool { return t.Org == id })
		if x.Boards, err = c.on.Register.OrgsAt(ctx, q, o.Path, c.Today(), people.SupervisoryBoard); err != nil {
			return err
		}
		if x.Boards == nil {
			x.Boards = []people.Org{}
		}
		if x.Questions, err = c.questions(ctx, q, `org = $1`+map[bool]string{false: ` and answered > 0`}[full], id); err != nil {
			return err
		}
		open, err := formings(ctx, q, `path = $1 and closed = 0`, string(o.Path))
		if err != nil {
			return err
		}
		for _, f := range open {
			x.Open = f.ID
		}
		force, err := c.on.Rules.InForce(ctx, q, rules.Committee, o.Path, c.Today())
		if err != nil {
			return err
		}
		x.RulesZh, x.RulesEn = force.Preset.Zh, force.Preset.En
		if sits(who, o.Path, id) {
			x.May = append(x.May, "sit")
		}
		if who.May(Form, o.Path) == nil {
			x.May = append(x.May, "form")
		}
		if who.May(Ask, o.Path) == nil {
			x.May = append(x.May, "ask")
		}
		if !full {
			x.Org.FiledNo = o.FiledNo
			return nil
		}
		if x.Vacancies, err = vacancies(ctx, q, id); err != nil {
			return err
		}
		if x.Recalls, err = recalls(ctx, q, `org = $1`, id); err != nil {
			return err
		}
		for i := range x.Recalls {
			if err := c.weigh(ctx, q, &x.Recalls[i], b); err != nil {
				return err
			}
		}
		if x.Handovers, err = handovers(ctx, q, `(org = $1 or to_org = $1)`, id); err != nil {
			return err
		}
		if x.Blockers, err = blockers(ctx, q, `org = $1 or (forming <> '' and forming = $2)`, id, x.Open); err != nil {
			return err
		}
		if x.Seals, err = c.sealsOf(ctx, q, id); err != nil {
			return err
		}
		refs := []string{"committees/" + id}
		for _, h := range x.Handovers {
			refs = append(refs, "handovers/"+h.ID)
		}
		for _, s := range x.Questions {
			refs = append(refs, "questions/"+s.ID)
		}
		meetings, err := store.Texts(ctx, q, `select id from committee_meeting where org = $1`, id)
		if err != nil {
			return err
		}
		for _, m := range meetings {
			refs = append(refs, "meetings/"+m)
		}
		if x.Deadlines, err = dues(ctx, q, c.db.Now(), refs...); err != nil {
			return err
		}
		x.Alarms = c.alarms(b, x, filed)
		x.Names, err = people.Names(ctx, q, x.persons()...)
		return err
	})
	return x, err
}

// alarms are what a committee has to see to today.
func (c *Chamber) alarms(b body, x Page, filed day.Instant) []Alarm {
	out := []Alarm{}
	today := c.Today()
	if b.o.EndedOn.Sound() && b.o.EndedOn < today {
		return out
	}
	if to := b.o.To; to.Sound() {
		switch {
		case to < today:
			out = append(out, Alarm{Kind: "term_over", Rule: "R20", Zh: "任期已于 " + to.String() + " 届满", En: "the term ended on " + to.String(), Due: to.End(day.Shanghai)})
		case to.AddMonths(-b.p.ReelectMonths) <= today:
			out = append(out, Alarm{Kind: "term_ends", Rule: "R22", Zh: "任期将于 " + to.String() + " 届满，应启动换届", En: "the term ends on " + to.String() + ": begin the re-election", Due: to.End(day.Shanghai)})
		}
	}
	if x.Size > 0 && form.Broken(len(b.all), x.Size) {
		out = append(out, Alarm{Kind: "broken", Rule: "R24", Zh: "在任委员不足半数", En: "fewer than half of the members are left"})
	} else if x.Size > len(b.all) {
		out = append(out, Alarm{Kind: "vacancy", Rule: "R29", Zh: "委员有缺额", En: "places are empty"})
	}
	if b.director == "" {
		out = append(out, Alarm{Kind: "no_director", Zh: "没有在任的主任", En: "there is no director"})
	}
	if x.Forming != "" && filed == 0 && b.o.Kind == people.OwnersCommittee {
		out = append(out, Alarm{Kind: "not_filed", Rule: "R11", Zh: "还没有报送备案", En: "not filed yet"})
	}
	if i := slices.IndexFunc(x.Seals, func(s Seal) bool { return s.Ended == 0 }); i < 0 && len(x.Seals) > 0 {
		out = append(out, Alarm{Kind: "no_seal", Zh: "印章已停用，没有在用的印章；收回或重新刻制后请登记", En: "the seal is out of use and there is no other: enter it when it is back or made anew"})
	} else if i >= 0 && x.Seals[i].Keeper != "" && !slices.Contains(b.all, x.Seals[i].Keeper) {
		out = append(out, Alarm{Kind: "seal_keeper", Zh: "印章保管人已不在任，请换人保管", En: "who keeps the seal is no longer in office: give it to another member"})
	}
	for _, d := range x.Deadlines {
		if d.Met == 0 && d.Late {
			out = append(out, Alarm{Kind: "overdue", Rule: d.Rule, Zh: "逾期：" + d.Zh, En: "overdue: " + d.En, Due: d.Due})
		}
	}
	return out
}

func vacancies(ctx context.Context, q store.Queryer, org string) ([]Vacancy, error) {
	out, err := store.All(ctx, q, func(r *sql.Rows) (x Vacancy, err error) {
		err = r.Scan(&x.ID, &x.Person, &x.Name, &x.Post, &x.Zone, &x.Ground, &x.Words, &x.At, &x.State, &x.FilledBy, &x.Filled)
		return x, err
	}, `select v.id, v.person, p.name, v.post, v.zone, v.ground, v.words, v.at, v.state, v.filled_by, v.filled from committee_vacancy v join people_v_person p on p.id = v.person where v.org = $1 order by v.id`, org)
	if out == nil {
		out = []Vacancy{}
	}
	return out, err
}

// ErrCursor refuses a page mark that no page gave.
var ErrCursor = fault.Bad("after", "committee.cursor", "翻页标记无效，请从头查看", "the page mark is not valid, start again")

// PapersOf lists every paper of a committee on one page, newest first; owners see what was posted.
func (c *Chamber) PapersOf(ctx context.Context, who access.Who, org, kind, after string, limit int) (items []Paper, next string, count int64, err error) {
	if limit <= 0 || limit > 200 {
		limit = 100
	}
	o, err := c.on.Register.Org(ctx, c.db, org)
	if err != nil {
		return nil, "", 0, err
	}
	if !isCommittee(o) {
		return nil, "", 0, ErrMissing
	}
	if err := who.May(Know, o.Path); err != nil {
		return nil, "", 0, err
	}
	full := who.May(Read, o.Path) == nil
	cond, args := `org = $1`, []any{org}
	if !full {
		cond += ` and open`
	}
	if kind != "" {
		args = append(args, kind)
		cond += ` and kind = $2`
	}
	if count, err = store.Count(ctx, c.db, `select count(*) from committee_paper where `+cond, args...); err != nil {
		return nil, "", 0, err
	}
	all, err := papers(ctx, c.db, cond, args...)
	if err != nil {
		return nil, "", 0, err
	}
	slices.Reverse(all)
	items = []Paper{}
	for _, p := range all {
		if after != "" && p.ID >= after {
			continue
		}
		if len(items) == limit {
			next = items[limit-1].ID
			break
		}
		if !full {
			p.By = ""
		}
		items = append(items, p)
	}
	return items, next, count, nil
}

// MeetingFile is a meeting with who was there and what was decided.
type MeetingFile struct {
	Meeting
	Presence  []Presence `json:"presence"`
	Decisions []Decision `json:"decisions"`
	Due       []Due      `json:"deadlines"`
}

// Meetings lists a committee's meetings, newest first. Owners see agendas, and results once the minutes are posted.
func (c *Chamber) Meetings(ctx context.Context, who access.Who, org string) (out []MeetingFile, err error) {
	out = []MeetingFile{}
	err = c.db.View(ctx, func(q store.Queryer) error {
		o, err := c.org(ctx, q, org)
		if err != nil {
			return err
		}
		if err := who.May(Know, o.Path); err != nil {
			return err
		}
		all, err := store.All(ctx, q, func(r *sql.Rows) (Meeting, error) { return scanMeeting(r) }, `select `+meetingColumns+` from committee_meeting m where m.org = $1 order by m.no desc`, org)
		if err != nil {
			return err
		}
		for _, m := range all {
			f, err := c.meetingFile(ctx, q, who, m)
			if err != nil {
				return err
			}
			out = append(out, f)
		}
		return nil
	})
	return out, err
}

func (c *Chamber) meetingFile(ctx context.Context, q store.Queryer, who access.Who, m Meeting) (f MeetingFile, err error) {
	f = MeetingFile{Meeting: m, Presence: []Presence{}, Decisions: []Decision{}, Due: []Due{}}
	if who.May(Read, m.Path) != nil && m.State != "minuted" {
		return f, nil
	}
	if f.Presence, err = store.All(ctx, q, func(r *sql.Rows) (p Presence, err error) {
		err = r.Scan(&p.Person, &p.Name, &p.Role, &p.At)
		return p, err
	}, `select a.person, p.name, a.role, a.at from committee_presence a join people_v_person p on p.id = a.person where a.meeting = $1 order by a.at, a.person`, m.ID); err != nil {
		return f, err
	}
	if f.Presence == nil {
		f.Presence = []Presence{}
	}
	if f.Decisions, err = decisions(ctx, q, `meeting = $1`, m.ID); err != nil {
		return f, err
	}
	var ids []string
	for _, d := range f.Decisions {
		for _, s := range d.Signs {
			ids = append(ids, s.Person)
		}
	}
	known, err := people.Names(ctx, q, ids...)
	if err != nil {
		return f, err
	}
	for i := range f.Decisions {
		for j := range f.Decisions[i].Signs {
			f.Decisions[i].Signs[j].Name = known[f.Decisions[i].Signs[j].Person]
		}
	}
	f.Due, err = dues(ctx, q, c.db.Now(), "meetings/"+m.ID)
	return f, err
}

// MeetingOf reads one meeting.
func (c *Chamber) MeetingOf(ctx context.Context, who access.Who, id string) (f MeetingFile, err error) {
	err = c.db.View(ctx, func(q store.Queryer) error {
		m, err := c.meeting(ctx, q, id)
		if err != nil {
			return err
		}
		if err := who.May(Know, m.Path); err != nil {
			return err
		}
		f, err = c.meetingFile(ctx, q, who, m)
		return err
	})
	return f, err
}
