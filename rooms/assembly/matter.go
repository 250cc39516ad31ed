package assembly

import (
	"context"
	"database/sql"
	"errors"
	"strings"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/store"
	"cuobian/rooms/assembly/roll"
	"cuobian/rooms/assembly/tally"
	"cuobian/rooms/place"
)

// Faults of matters.
var (
	ErrMatterTitle = fault.Bad("title", "assembly.matter_title", "请写议题名称，最多 100 字", "a title of 1 to 100 characters is needed")
	ErrMatterText  = fault.Bad("text", "assembly.matter_text", "请写明议题内容，最多 8000 字", "say what is to be decided, at most 8,000 characters")
	ErrItem        = fault.Bad("item", "assembly.item", "请选择民法典第278条的事项（1–9），或第279条的住改商", "choose an item of Civil Code 278 (1 to 9), or the change of a dwelling to business (279)")
	ErrRule        = fault.Bad("rule", "assembly.rule", "这一事项的表决规则由法律规定，不能改（R02、R03、R07）", "the law sets how this matter is decided; it cannot be chosen (R02, R03, R07)")
	ErrScope       = fault.Bad("scope", "assembly.scope", "表决范围须是本小区内的楼栋、单元或房屋", "the scope is buildings, units or homes of this compound")
	ErrMatters     = fault.Bad("matters", "assembly.matters", "至少要有一项议题", "there must be at least one matter")
	ErrBarred      = fault.New(fault.Conflict, "assembly.barred", "同一议题未通过，{until} 前不能再次提交表决", "the same motion failed; it cannot be put again before {until}")
	ErrCandidate   = fault.New(fault.Conflict, "assembly.candidate", "候选人议题由选举步骤生成，不能在此修改", "a candidate's matter comes from the election and is not changed here")
)

// Scope says whose matter it is; the paths decide.
type Scope struct {
	Kind  string       `json:"kind" enum:"compound,building,unit,list"`
	Paths []scope.Path `json:"paths,omitempty" maxItems:"2000"`
}

// Matter is what is voted on.
type Matter struct {
	No        int64    `json:"no"`
	Title     string   `json:"title"`
	Text      string   `json:"text"`
	Item      int      `json:"item" doc:"of Civil Code 278; 0 is 279"`
	Kind      string   `json:"kind" doc:"code of the kind"`
	Rule      string   `json:"rule" enum:"ordinary,special,unanimous"`
	Scope     Scope    `json:"scope"`
	Touched   []string `json:"touched" doc:"homes whose own part the work takes up: each must agree (R45)"`
	Candidate string   `json:"candidate,omitempty"`
	RuleZh    string   `json:"rule_zh"`
	RuleEn    string   `json:"rule_en"`
	Law       string   `json:"law"`
	KindZh    string   `json:"kind_zh"`
	KindEn    string   `json:"kind_en"`
}

// Wording is a matter as its convener writes it.
type Wording struct {
	Title   string   `json:"title" maxLength:"100"`
	Text    string   `json:"text" maxLength:"8000"`
	Item    int      `json:"item" minimum:"0" maximum:"9" doc:"of Civil Code 278; 0 with rule unanimous is 279"`
	Kind    string   `json:"kind,omitempty" maxLength:"30" doc:"lift, for adding a lift (R45); else from the item"`
	Rule    string   `json:"rule,omitempty" enum:"ordinary,special,unanimous" doc:"unanimous for a dwelling that becomes business premises (R07); else by the item"`
	Scope   Scope    `json:"scope,omitempty"`
	Touched []string `json:"touched,omitempty" maxItems:"200"`
}

const matterColumns = `no, title, words, item, rule, scope, paths, candidate, kind, touched`

func scanMatter(r *sql.Rows) (m Matter, err error) {
	var paths, touched string
	if err = r.Scan(&m.No, &m.Title, &m.Text, &m.Item, &m.Rule, &m.Scope.Kind, &paths, &m.Candidate, &m.Kind, &touched); err != nil {
		return m, err
	}
	for _, p := range strings.Fields(paths) {
		m.Scope.Paths = append(m.Scope.Paths, scope.Path(p))
	}
	m.Touched = strings.Fields(touched)
	m.told()
	return m, nil
}

// told fills in the words of a matter's rule and kind.
func (m *Matter) told() {
	k := m.kind()
	m.Kind, m.Law, m.KindZh, m.KindEn = k.Code, k.Law, k.Zh, k.En
	m.RuleZh, m.RuleEn = tally.Rule(m.Rule).Name()
	if m.Touched == nil {
		m.Touched = []string{}
	}
}

func (m Matter) kind() tally.Kind {
	if k, ok := tally.KindOf(m.Kind); ok {
		return k
	}
	if k, ok := tally.Item(m.Item); ok {
		return k
	}
	k, _ := tally.KindOf(tally.Dwell)
	return k
}

// rollScope is the scope as the roll's kernel takes it.
func (m Matter) rollScope() roll.Scope { return roll.Scope{Kind: m.Scope.Kind, Paths: m.Scope.Paths} }

// matters reads what a meeting votes on, by number.
func (h *Hall) matters(ctx context.Context, q store.Queryer, meeting string) ([]Matter, error) {
	return store.All(ctx, q, scanMatter, `select `+matterColumns+` from assembly_matter where meeting = $1 order by no`, meeting)
}

// matter makes a matter of its wording, by the law's own rule.
func (h *Hall) matter(ctx context.Context, q store.Queryer, m Meeting, w Wording) (x Matter, err error) {
	x = Matter{Title: strings.TrimSpace(w.Title), Text: strings.TrimSpace(w.Text), Item: w.Item, Kind: w.Kind, Scope: w.Scope, Touched: w.Touched}
	if n := len([]rune(x.Title)); n == 0 || n > 100 {
		return x, ErrMatterTitle
	}
	if n := len([]rune(x.Text)); n == 0 || n > 8000 {
		return x, ErrMatterText
	}
	if w.Item == 0 && w.Rule != string(tally.Unanimous) && w.Kind != tally.Dwell {
		return x, ErrItem
	}
	k := x.kind()
	if k.Item != w.Item {
		return x, ErrItem
	}
	if w.Rule != "" && w.Rule != string(k.Rule) {
		return x, ErrRule
	}
	x.Kind, x.Rule = k.Code, string(k.Rule)
	if x.Scope.Kind == "" {
		x.Scope.Kind = "compound"
	}
	want := map[string][]place.Kind{"building": {place.Building}, "unit": {place.Unit}, "list": {place.Building, place.Unit, place.Home, place.Parking}}[x.Scope.Kind]
	if (x.Scope.Kind == "compound") != (len(x.Scope.Paths) == 0) || want == nil && x.Scope.Kind != "compound" {
		return x, ErrScope
	}
	nodes, err := h.on.Map.Nodes(ctx, q, x.Scope.Paths...)
	if err != nil {
		return x, err
	}
	for _, p := range x.Scope.Paths {
		n, ok := nodes[p]
		if !ok || !m.Path.Covers(p) || !containsKind(want, n.Kind) {
			return x, ErrScope
		}
	}
	for _, id := range x.Touched {
		n, err := h.on.Map.Get(ctx, q, id)
		if fault.IsKind(err, fault.Missing) || err == nil && !m.Path.Covers(n.Path) {
			return x, ErrScope.At("touched")
		}
		if err != nil {
			return x, err
		}
	}
	if err := h.barred(ctx, q, m, x); err != nil {
		return x, err
	}
	x.told()
	return x, nil
}

func containsKind(list []place.Kind, k place.Kind) bool {
	for _, x := range list {
		if x == k {
			return true
		}
	}
	return false
}

// barred refuses a motion that failed in the compound within the preset's days: the same item, scope and title.
func (h *Hall) barred(ctx context.Context, q store.Queryer, m Meeting, x Matter) error {
	p, _, err := h.rulesOf(ctx, q, m)
	if err != nil || p.BarDays == 0 {
		return err
	}
	var failed day.Instant
	err = q.QueryRow(ctx, `select r.at from assembly_result r join assembly_meeting g on g.id = r.meeting join assembly_matter x on x.meeting = r.meeting and x.no = r.matter
where g.path = $1 and g.id <> $2 and g.state = 'final' and r.stage = 'final' and r.passed = $3 and x.item = $4 and x.paths = $5 and x.title = $6 and x.candidate = '' order by r.at desc limit 1`,
		string(m.Path), m.ID, false, x.Item, joinPaths(x.Scope.Paths), x.Title).Scan(&failed)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	until := failed.Day(day.Shanghai).Add(p.BarDays)
	on := m.Opens.Day(day.Shanghai)
	if m.Opens == 0 {
		on = h.db.Now().Day(day.Shanghai)
	}
	if on <= until {
		return ErrBarred.Fill("until", until.Add(1))
	}
	return nil
}

func joinPaths(paths []scope.Path) string {
	words := make([]string, len(paths))
	for i, p := range paths {
		words[i] = string(p)
	}
	return strings.Join(words, " ")
}

// AddMatter puts a matter on the draft's agenda.
func (h *Hall) AddMatter(ctx context.Context, who access.Who, id string, version int64, w Wording) (out Matter, err error) {
	_, err = h.step(ctx, who, id, version, []State{Draft}, func(tx *store.Tx, m *Meeting) error {
		x, err := h.matter(ctx, tx, *m, w)
		if err != nil {
			return err
		}
		if out, err = h.putMatter(ctx, tx, *m, x); err != nil {
			return err
		}
		return h.event(ctx, tx, who, Convene, *m, "matter", "", map[string]any{"no": out.No, "title": out.Title, "item": out.Item, "rule": out.Rule, "scope": out.Scope})
	})
	return out, err
}

// putMatter writes a matter under the next number.
func (h *Hall) putMatter(ctx context.Context, tx *store.Tx, m Meeting, x Matter) (Matter, error) {
	last, err := store.Count(ctx, tx, `select coalesce(max(no), 0) from assembly_matter where meeting = $1`, m.ID)
	if err != nil {
		return x, err
	}
	x.No = last + 1
	_, err = tx.Exec(ctx, `insert into assembly_matter (meeting, no, title, words, item, rule, scope, paths, candidate, kind, touched) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		m.ID, x.No, x.Title, x.Text, x.Item, x.Rule, x.Scope.Kind, joinPaths(x.Scope.Paths), x.Candidate, x.Kind, strings.Join(x.Touched, " "))
	return x, err
}

// ChangeMatter words a matter anew while the meeting is a draft.
func (h *Hall) ChangeMatter(ctx context.Context, who access.Who, id string, no int64, version int64, w Wording) (out Matter, err error) {
	_, err = h.step(ctx, who, id, version, []State{Draft}, func(tx *store.Tx, m *Meeting) error {
		if err := h.plainMatter(ctx, tx, m.ID, no); err != nil {
			return err
		}
		if out, err = h.matter(ctx, tx, *m, w); err != nil {
			return err
		}
		out.No = no
		if _, err := tx.Exec(ctx, `update assembly_matter set title = $1, words = $2, item = $3, rule = $4, scope = $5, paths = $6, kind = $7, touched = $8 where meeting = $9 and no = $10`,
			out.Title, out.Text, out.Item, out.Rule, out.Scope.Kind, joinPaths(out.Scope.Paths), out.Kind, strings.Join(out.Touched, " "), m.ID, no); err != nil {
			return err
		}
		return h.event(ctx, tx, who, Convene, *m, "matter", "", map[string]any{"no": no, "title": out.Title, "item": out.Item, "rule": out.Rule, "scope": out.Scope, "changed": true})
	})
	return out, err
}

// DropMatter takes a matter off a draft's agenda; the others keep their numbers.
func (h *Hall) DropMatter(ctx context.Context, who access.Who, id string, no int64, version int64) error {
	_, err := h.step(ctx, who, id, version, []State{Draft}, func(tx *store.Tx, m *Meeting) error {
		if err := h.plainMatter(ctx, tx, m.ID, no); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `delete from assembly_matter where meeting = $1 and no = $2`, m.ID, no); err != nil {
			return err
		}
		return h.event(ctx, tx, who, Convene, *m, "matter_dropped", "", map[string]any{"no": no})
	})
	return err
}

// plainMatter checks that a matter is there and is no candidate's.
func (h *Hall) plainMatter(ctx context.Context, q store.Queryer, meeting string, no int64) error {
	var candidate string
	err := q.QueryRow(ctx, `select candidate from assembly_matter where meeting = $1 and no = $2`, meeting, no).Scan(&candidate)
	if errors.Is(err, sql.ErrNoRows) {
		return ErrMissing
	}
	if err == nil && candidate != "" {
		return ErrCandidate
	}
	return err
}
