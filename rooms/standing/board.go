package standing

import (
	"context"
	"database/sql"
	"slices"
	"strings"
	"sync"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/basis/share"
	"cuobian/platform/access"
	"cuobian/platform/store"
	"cuobian/rooms/cases"
)

// See is who may see figures with the rows behind them; the public board shows figures only.
var See = access.Declare("standing.see", "查看指标与明细", "see indicators and the rows behind them",
	access.DistrictOfficer, access.StreetLeader, access.DivisionCadre, access.SectionCadre, access.StreetOfficer, access.CommunitySecretary, access.CommunityOfficer,
	access.BranchSecretary, access.CommitteeDirector, access.InterimDirector, access.PropertyManager, access.GridWorker, access.Supervisor, access.Auditor, access.HotlineOperator)

// Faults of the room.
var (
	ErrIndicator = fault.New(fault.Missing, "standing.indicator", "没有这个指标", "there is no such indicator")
	ErrBy        = fault.Bad("by", "standing.by", "只能按街道、社区、小区或月份展开", "break down by street, community, compound or month")
	ErrMonth     = fault.Bad("month", "standing.month", "月份写法如 2025-02", "write the month as 2025-02")
)

// Figure is an indicator at a place, with its proof.
type Figure struct {
	Indicator
	Under    scope.Path `json:"under"`
	AsOf     day.Day    `json:"as_of"`
	From     day.Day    `json:"from" doc:"first day of the period, empty for figures as of a day"`
	To       day.Day    `json:"to" doc:"last day of the period"`
	N        int64      `json:"n"`
	D        int64      `json:"d" doc:"0 for counts"`
	Text     string     `json:"text" doc:"98.37 for a ratio (truncated to two decimals), the number for a count, -96.36 for a change; empty without records"`
	Fraction string     `json:"fraction" doc:"121/123; 110 → 4 for a change"`
	Records  bool       `json:"records" doc:"false: no records yet, and no figure"`
	BaseFrom day.Day    `json:"base_from" doc:"first day of the base period, for changes"`
	BaseTo   day.Day    `json:"base_to"`
	Interim  bool       `json:"interim" doc:"interim committees are counted in, where the indicator has that parameter"`
}

// Row is one thing behind a figure.
type Row struct {
	Path    scope.Path `json:"path"`
	ID      string     `json:"id"`
	Zh      string     `json:"zh"`
	En      string     `json:"en"`
	Counted bool       `json:"counted" doc:"in the numerator; all rows are in the denominator"`
}

// Board computes figures. It keeps what it computed until something changes.
type Board struct {
	db   *store.DB
	cube *cube
	// Interim says whether interim committees count as formed at a place; app fills it in from the rule pack.
	Interim func(ctx context.Context, at scope.Path, on day.Day) (bool, error)

	mu    sync.Mutex
	era   int64
	cache map[cacheKey]cached
}

type cacheKey struct {
	id    string
	under scope.Path
	asOf  day.Day
}

type cached struct {
	era  int64
	at   day.Instant
	rows []Row
}

// New makes a board. It listens for changes of the roster to forget what it kept.
func New(db *store.DB) *Board {
	b := &Board{db: db, cube: newCube(db), cache: map[cacheKey]cached{}}
	db.OnChange(func(c store.Change) {
		switch c.Kind {
		case "duty", "message", "card":
		case "cases":
			b.cube.touch(c.Path)
		default:
			b.mu.Lock()
			b.era++
			b.mu.Unlock()
		}
	})
	return b
}

// Ask is what to compute: under a place, as of a day; month figures over the month of that day, up to it.
type Ask struct {
	Under scope.Path
	AsOf  day.Day
	// Base is the first day of the month that changes are measured from; zero is the last month before with matters.
	Base day.Day
}

func (b *Board) fill(a Ask) Ask {
	today := b.db.Now().Day(day.Shanghai)
	if a.AsOf.IsZero() || a.AsOf > today {
		a.AsOf = today
	}
	return a
}

func monthStart(d day.Day) day.Day {
	y, m, _ := d.Date()
	return day.Date(y, m, 1)
}

func monthEnd(d day.Day) day.Day { return monthStart(d).AddMonths(1).Add(-1) }

// Figures computes the whole board.
func (b *Board) Figures(ctx context.Context, a Ask) ([]Figure, error) {
	out := make([]Figure, 0, len(Indicators))
	for _, x := range Indicators {
		f, err := b.figure(ctx, x, b.fill(a))
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, nil
}

// Figure computes one indicator.
func (b *Board) Figure(ctx context.Context, id string, a Ask) (Figure, error) {
	x, ok := ByID(id)
	if !ok {
		return Figure{}, ErrIndicator
	}
	return b.figure(ctx, x, b.fill(a))
}

func (b *Board) figure(ctx context.Context, x Indicator, a Ask) (Figure, error) {
	f := Figure{Indicator: x, Under: a.Under, AsOf: a.AsOf}
	if x.Period == "month" {
		f.From, f.To = monthStart(a.AsOf), a.AsOf
	}
	switch x.Shape {
	case "missing":
		return f, nil
	case "change":
		of, _ := ByID(x.Of)
		now, err := b.figure(ctx, of, a)
		if err != nil {
			return f, err
		}
		base, err := b.base(ctx, a)
		if err != nil {
			return f, err
		}
		then, err := b.figure(ctx, of, Ask{Under: a.Under, AsOf: min(monthEnd(base), a.AsOf)})
		if err != nil {
			return f, err
		}
		f.From, f.To, f.BaseFrom, f.BaseTo = now.From, now.To, then.From, then.To
		f.N, f.D = now.N, then.N
		// A change needs both months on record.
		if f.Records = now.Records && then.Records; f.Records {
			f.Fraction = itoa(then.N) + " → " + itoa(now.N)
			if then.N > 0 {
				f.Text = share.Change(then.N, now.N)
			}
		}
		return f, nil
	}
	n, d, err := b.count(ctx, x, a)
	if err != nil {
		return f, err
	}
	if x.Param == "interim" {
		if f.Interim, err = b.interim(ctx, a); err != nil {
			return f, err
		}
	}
	f.present(n, d)
	if x.Period == "month" && x.Shape == "count" && !f.Records {
		// No complaints is a figure, zero, in a month in which the street kept its matters here at all.
		kept, err := b.cube.kept(ctx, a.Under.Street(), monthStart(a.AsOf))
		if err != nil {
			return f, err
		}
		if kept {
			f.Records, f.Text = true, "0"
		}
	}
	return f, nil
}

// base is the month that a change is measured from when none is asked for: the month before, or the last one before it
// in which the street kept its matters here, a year back at most.
func (b *Board) base(ctx context.Context, a Ask) (day.Day, error) {
	if !a.Base.IsZero() {
		return a.Base, nil
	}
	before := monthStart(a.AsOf).AddMonths(-1)
	for back := range 12 {
		month := before.AddMonths(-back)
		kept, err := b.cube.kept(ctx, a.Under.Street(), month)
		if err != nil || kept {
			return month, err
		}
	}
	return before, nil
}

func (f *Figure) present(n, d int64) {
	f.N = n
	if f.Shape == "count" {
		f.Records = n > 0
		if f.Records {
			f.Text = itoa(n)
		}
		return
	}
	f.D = d
	f.Records = d > 0
	if f.Records {
		f.Text = share.Share{N: n, D: d}.Percent()
		f.Fraction = itoa(n) + "/" + itoa(d)
	}
}

// whole reports whether a month figure as of a day is that of the whole month: its last day, or today.
func (b *Board) whole(asOf day.Day) bool {
	return asOf == monthEnd(asOf) || asOf == b.db.Now().Day(day.Shanghai)
}

func (b *Board) count(ctx context.Context, x Indicator, a Ask) (n, d int64, err error) {
	if x.Cube != "" && b.whole(a.AsOf) {
		c, err := b.cube.sum(ctx, a.Under, monthStart(a.AsOf))
		if err != nil {
			return 0, 0, err
		}
		n, d = c.of(x.Cube)
		return n, d, nil
	}
	rows, err := b.rows(ctx, x, a)
	for _, r := range rows {
		d++
		if r.Counted {
			n++
		}
	}
	return n, d, err
}

func (b *Board) interim(ctx context.Context, a Ask) (bool, error) {
	if b.Interim == nil {
		return false, nil
	}
	return b.Interim(ctx, a.Under, a.AsOf)
}

// otherProcesses is how long a figure may lag behind a roster change that another program on the same database made;
// this program's own changes are seen at once.
const otherProcesses = 15_000_000

// Warm reads all matters once, so that the first look at the board does not wait for it.
func (b *Board) Warm(ctx context.Context) error {
	b.cube.mu.Lock()
	defer b.cube.mu.Unlock()
	return b.cube.fresh(ctx)
}

// rows reads the rows behind an indicator; those as of a day are kept until the roster changes.
func (b *Board) rows(ctx context.Context, x Indicator, a Ask) ([]Row, error) {
	key := cacheKey{x.ID, a.Under, a.AsOf}
	b.mu.Lock()
	era := b.era
	if c, ok := b.cache[key]; ok && c.era == era && (b.db.Engine == store.SQLite || b.db.Now()-c.at < otherProcesses) {
		b.mu.Unlock()
		return c.rows, nil
	}
	b.mu.Unlock()
	lo, hi := a.Under.Bounds()
	if hi == "" {
		hi = "~"
	}
	interim, err := b.interim(ctx, a)
	if err != nil {
		return nil, err
	}
	counts := 0
	if interim {
		counts = 1
	}
	// This month and past ones are the whole month, as in the cube: what was verified before its day counts where its
	// deadline lies. As of a day inside a past month they end with that day.
	end := a.AsOf
	if b.whole(a.AsOf) {
		end = monthEnd(a.AsOf)
	}
	text, args := bind(x.Rows, [8]any{a.AsOf.String(), lo, hi, a.AsOf.AddMonths(-12).String(), counts,
		int64(monthStart(a.AsOf).Start(day.Shanghai)), int64(end.Add(1).Start(day.Shanghai)), int64(min(end.Add(1).Start(day.Shanghai), b.db.Now()))})
	if x.Cube != "" && strings.Count(string(a.Under), "/") > 1 {
		text = strings.Replace(text, " where ", " where not v.confidential and ", 1) // counted at the street alone, as in the cube
	}
	rows, err := store.All(ctx, b.db, func(r *sql.Rows) (v Row, err error) {
		err = r.Scan(&v.Path, &v.ID, &v.Zh, &v.En, &v.Counted)
		return v, err
	}, text, args...)
	if err != nil || x.Period == "month" {
		return rows, err
	}
	b.mu.Lock()
	if len(b.cache) > 5000 {
		clear(b.cache)
	}
	b.cache[key] = cached{era, b.db.Now(), rows}
	b.mu.Unlock()
	return rows, nil
}

// Rows lists what is behind a figure, sorted by place.
func (b *Board) Rows(ctx context.Context, who access.Who, id string, a Ask) ([]Row, error) {
	x, ok := ByID(id)
	if !ok {
		return nil, ErrIndicator
	}
	if err := who.May(See, a.Under); err != nil {
		return nil, err
	}
	if x.Of != "" {
		x, _ = ByID(x.Of)
	}
	if x.Rows == "" {
		return []Row{}, nil
	}
	rows, err := b.rows(ctx, x, b.fill(a))
	rows = slices.Clone(rows)
	if err == nil && x.Cube != "" && !who.System && who.Grant(cases.Secret, a.Under) == nil {
		// A confidential matter is counted, so that the rows are as many as the figure says; which one it is, and where, its
		// company and community do not read here either.
		lo, hi := a.Under.Bounds()
		secret, e := store.Texts(ctx, b.db, `select id from cases_v_case where confidential and path >= $1 and path < $2`, lo, hi)
		if e != nil {
			return nil, e
		}
		for i, r := range rows {
			if slices.Contains(secret, r.ID) {
				rows[i] = Row{Path: b.fill(a).Under, Zh: "保密事项", En: "a confidential matter", Counted: r.Counted}
			}
		}
	}
	slices.SortFunc(rows, func(p, q Row) int {
		if c := strings.Compare(string(p.Path), string(q.Path)); c != 0 {
			return c
		}
		return strings.Compare(p.ID, q.ID)
	})
	return rows, err
}

// Part is a figure of one part of a place, or of one month.
type Part struct {
	Key  string `json:"key" doc:"the part's path, or the month"`
	Name string `json:"name"`
	Figure
}

// Parts breaks an indicator down by street, community or compound, or over twelve months.
func (b *Board) Parts(ctx context.Context, id, by string, a Ask) ([]Part, error) {
	x, ok := ByID(id)
	if !ok {
		return nil, ErrIndicator
	}
	a = b.fill(a)
	if by == "month" {
		var out []Part
		for i := 11; i >= 0; i-- {
			at := a.AsOf
			if i > 0 {
				at = monthEnd(monthStart(a.AsOf).AddMonths(-i))
			}
			f, err := b.figure(ctx, x, Ask{Under: a.Under, AsOf: at})
			if err != nil {
				return nil, err
			}
			out = append(out, Part{Key: at.Month(), Name: at.Month(), Figure: f})
		}
		return out, nil
	}
	kind := map[string]string{"street": "street", "community": "community", "compound": "compound"}[by]
	if kind == "" {
		return nil, ErrBy
	}
	lo, hi := a.Under.Bounds()
	if hi == "" {
		hi = "~"
	}
	parts, err := store.All(ctx, b.db, func(r *sql.Rows) (p Part, err error) {
		err = r.Scan(&p.Key, &p.Name)
		return p, err
	}, `select path, name from place_v_node where kind = $1 and path >= $2 and path < $3 and ended_on = '' order by path`, kind, lo, hi)
	if err != nil {
		return nil, err
	}
	if x.Shape == "missing" || x.Shape == "change" || x.Cube != "" {
		for i := range parts {
			if parts[i].Figure, err = b.figure(ctx, x, Ask{Under: scope.Path(parts[i].Key), AsOf: a.AsOf, Base: a.Base}); err != nil {
				return nil, err
			}
		}
		return parts, nil
	}
	rows, err := b.rows(ctx, x, a)
	if err != nil {
		return nil, err
	}
	interim, err := b.interim(ctx, a)
	if err != nil {
		return nil, err
	}
	at := map[string]int{}
	for i := range parts {
		parts[i].Figure = Figure{Indicator: x, Under: scope.Path(parts[i].Key), AsOf: a.AsOf, Interim: interim && x.Param == "interim"}
		at[parts[i].Key] = i
	}
	sums := make([][2]int64, len(parts))
	for _, r := range rows {
		for _, p := range r.Path.Above() {
			if i, ok := at[string(p)]; ok {
				sums[i][1]++
				if r.Counted {
					sums[i][0]++
				}
				break
			}
		}
	}
	for i := range parts {
		parts[i].present(sums[i][0], sums[i][1])
	}
	return parts, nil
}
