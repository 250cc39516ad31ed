package assembly

import (
	"cmp"
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"cuobian/basis/area"
	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/store"
	"cuobian/rooms/assembly/bundle"
	"cuobian/rooms/assembly/roll"
	"cuobian/rooms/assembly/sweep"
	"cuobian/rooms/assembly/tally"
	"cuobian/rooms/place"
)

// Results of a visit.
var (
	visitResults = []string{"voted", "absent", "refused", "later", "landlord_away", "moved"}
	visitReasons = []string{"", "no_trust", "no_interest", "fee_dispute", "with_developer", "wants_paper", "wants_phone", "tenant_only", "other"}
)

// Faults of visits.
var (
	ErrVisitResult = fault.Bad("result", "assembly.visit_result", "请选择上门结果", "say how the visit ended")
	ErrVisitReason = fault.Bad("reason", "assembly.visit_reason", "请从列表中选择原因", "choose the reason from the list")
	ErrVisitNote   = fault.Bad("note", "assembly.visit_note", "备注最多 500 字", "a note has 500 characters at most")
	ErrSecond      = fault.Bad("with", "assembly.second_visitor", "上门须两人同行：请填写同组的另一位上门人员", "two visit together: name the other one, of the same pair")
	ErrSaid        = fault.Bad("said_at", "assembly.said_at", "上门时间须在表决期间，且不能晚于现在", "the time of the visit lies within voting and not in the future")
	ErrGlass       = fault.Bad("ballot.signature_blob", "assembly.glass", "上门投票须有业主的签名", "a ballot at the door needs the owner's signature")
	ErrOwnDoor     = fault.New(fault.Refused, "assembly.own_door", "不能上门收取自己的票", "nobody collects the ballot of an own right")
	ErrNotHere     = fault.New(fault.Refused, "assembly.not_here", "这处房屋不在您负责的楼栋", "this home is not in the buildings that you visit")
)

// DoorBallot is a ballot given at the door.
type DoorBallot struct {
	Choices   map[string]string `json:"choices"`
	Signature string            `json:"signature_blob" maxLength:"40" doc:"upload: the owner's signature on the glass, or the signed sheet"`
}

// Call is a visit as two visitors report it, at once or when their telephone finds a signal again.
type Call struct {
	Right     int64       `json:"right"`
	With      string      `json:"with" maxLength:"40" doc:"the second visitor"`
	Result    string      `json:"result" maxLength:"20" enum:"voted,absent,refused,later,landlord_away,moved"`
	Reason    string      `json:"reason,omitempty" maxLength:"20" enum:",no_trust,no_interest,fee_dispute,with_developer,wants_paper,wants_phone,tenant_only,other"`
	Note      string      `json:"note,omitempty" maxLength:"2000"`
	Ballot    *DoorBallot `json:"ballot,omitempty"`
	ClientKey string      `json:"client_key,omitempty" maxLength:"64" doc:"made by the sender; the same key twice is one visit"`
	Said      day.Instant `json:"said_at" doc:"when it was, by the visitors' clock"`
}

// Visited is a visit as it was kept.
type Visited struct {
	ID      string          `json:"id"`
	Right   int64           `json:"right"`
	Result  string          `json:"result"`
	Reason  string          `json:"reason"`
	Said    day.Instant     `json:"said_at"`
	At      day.Instant     `json:"at" doc:"when it came in"`
	Receipt *bundle.Receipt `json:"receipt,omitempty" doc:"of the ballot, for the owner"`
	ballot  string
}

const visitColumns = `id, right_no, result, reason, said, at, ballot`

func scanVisit(r interface{ Scan(...any) error }) (v Visited, err error) {
	err = r.Scan(&v.ID, &v.Right, &v.Result, &v.Reason, &v.Said, &v.At, &v.ballot)
	return v, err
}

// Visit keeps what two visitors report. What they collected in time is taken until the preliminary result, with the time
// they say and the time it came in side by side. Faults: ErrSaid, ErrSecond, ErrNotHere, ErrGlass, the choices'.
func (h *Hall) Visit(ctx context.Context, who access.Who, id string, in Call) (v Visited, err error) {
	in.Note = strings.TrimSpace(in.Note)
	err = fault.Join(pick(!slices.Contains(visitResults, in.Result), ErrVisitResult), pick(!slices.Contains(visitReasons, in.Reason), ErrVisitReason),
		pick(utf8.RuneCountInString(in.Note) > 500, ErrVisitNote), pick(in.Said == 0, ErrSaid), pick(in.Ballot != nil && in.Ballot.Signature == "", ErrGlass),
		pick(in.Ballot != nil && in.Result != "voted", ErrVisitResult))
	if err != nil {
		return v, err
	}
	var m Meeting
	err = h.db.Write(ctx, func(tx *store.Tx) error {
		if m, err = h.meeting(ctx, tx, id); err != nil {
			return err
		}
		me, err := h.acts(ctx, tx, who, m, Sweeper)
		if err != nil {
			return err
		}
		if in.ClientKey != "" {
			v, err = scanVisit(tx.QueryRow(ctx, `select `+visitColumns+` from assembly_visit where meeting = $1 and person = $2 and client_key = $3`, m.ID, who.Person, in.ClientKey))
			if !errors.Is(err, sql.ErrNoRows) {
				return err
			}
		}
		if err := m.in(Noticed, Voting, Closed); err != nil {
			return err
		}
		if m.Opens == 0 || in.Said < m.Opens || in.Said >= m.Closes || in.Said > tx.Now {
			return ErrSaid
		}
		if m.State == Noticed {
			if err := h.taking(ctx, tx, m, tx.Now, m.Channels[0]); err != nil {
				return err
			}
		}
		other, err := h.team(ctx, tx, m.ID, Sweeper, in.With)
		if err != nil {
			return err
		}
		if in.With == "" || in.With == who.Person || len(other) == 0 || me.Pair != other[0].Pair {
			return ErrSecond
		}
		parts, err := store.Texts(ctx, tx, `select path from assembly_part where meeting = $1 and right_no = $2 and ended = 0`, m.ID, in.Right)
		if err != nil {
			return err
		}
		if len(parts) == 0 {
			return ErrRight
		}
		if !slices.ContainsFunc(parts, func(p string) bool { return me.covers(scope.Path(p)) }) {
			return ErrNotHere
		}
		v = Visited{ID: tx.NewID(), Right: in.Right, Result: in.Result, Reason: in.Reason, Said: in.Said, At: tx.Now}
		blob := ""
		if in.Ballot != nil {
			if !slices.Contains(m.Channels, "door") {
				return ErrChannel
			}
			for _, p := range []string{who.Person, in.With} {
				if err := h.mayCast(ctx, tx, m, in.Right, p, ""); err == nil {
					return ErrOwnDoor
				} else if !errors.Is(err, ErrNotYours) {
					return err
				}
			}
			matters, err := h.votesOn(ctx, tx, m, in.Right)
			if err != nil {
				return err
			}
			choices, err := choose(matters, in.Ballot.Choices, false)
			if err != nil {
				return err
			}
			salt := make([]byte, saltLen)
			rand.Read(salt)
			k, err := h.put(ctx, tx, who, m, cast{right: in.Right, choices: choices, salt: salt, channel: "door", at: in.Said, sign: "glass", visit: v.ID})
			if err != nil {
				return err
			}
			v.ballot, blob = k.ID, in.Ballot.Signature
			if err := h.bind(ctx, tx, who, blob, "assembly-visits/"+v.ID, m); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(ctx, `insert into assembly_visit (id, meeting, right_no, person, second, result, reason, note, ballot, blob, client_key, said, at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
			v.ID, m.ID, in.Right, who.Person, in.With, in.Result, in.Reason, h.ring.Seal("assembly_visit", "note", v.ID, in.Note), v.ballot, blob, in.ClientKey, int64(in.Said), int64(tx.Now)); err != nil {
			return err
		}
		tx.Changed(store.Change{Kind: "assemblies", ID: m.ID, Path: m.Path})
		return h.note(ctx, tx, who, m, "visit", map[string]any{"right": in.Right, "with": in.With, "result": in.Result, "reason": in.Reason, "said_at": in.Said, "ballot": v.ballot != ""})
	})
	if err != nil || v.ballot == "" {
		return v, err
	}
	k, err := scanKept(h.db.QueryRow(ctx, `select `+keptColumns+` from assembly_ballot where id = $1`, v.ballot))
	if err != nil {
		return v, err
	}
	r, err := h.receipt(ctx, m, k, "")
	v.Receipt = &r
	return v, err
}

func pick(wrong bool, f *fault.Fault) *fault.Fault {
	if wrong {
		return f
	}
	return nil
}

// VisitSight decides who sees the signature given at a door: the sworn scrutineers once voting is over.
func (h *Hall) VisitSight(ctx context.Context, who access.Who, visit string) error {
	return h.sight(ctx, who, `select meeting from assembly_visit where id = $1`, visit)
}

func (h *Hall) sight(ctx context.Context, who access.Who, query, id string) error {
	var meeting string
	err := h.db.QueryRow(ctx, query, id).Scan(&meeting)
	if errors.Is(err, sql.ErrNoRows) {
		return ErrMissing
	}
	if err != nil {
		return err
	}
	m, err := h.meeting(ctx, h.db, meeting)
	if err != nil {
		return err
	}
	return h.watches(ctx, h.db, who, m)
}

// Cell is one home on the grid of a building.
type Cell struct {
	Home   string   `json:"home"`
	Label  string   `json:"label"`
	Right  int64    `json:"right"`
	Area   int64    `json:"area" doc:"of the whole right, 0.01 m²"`
	Voted  bool     `json:"voted"`
	Needed bool     `json:"needed" doc:"belongs to the smallest set that closes the gap"`
	Last   *Visited `json:"last,omitempty" doc:"the last visit to this right"`

	path  scope.Path
	floor int
	unit  scope.Path
	out   bool
}

// Floor is one row of the grid, top floor first.
type Floor struct {
	Floor int    `json:"floor"`
	Cells []Cell `json:"cells"`
}

// Grid is a building as those who sweep it see it.
type Grid struct {
	Building scope.Path `json:"building"`
	Name     string     `json:"name"`
	Rights   int64      `json:"rights"`
	Voted    int64      `json:"voted"`
	Floors   []Floor    `json:"floors"`
}

// standing is how every right stands, read once.
type turnout struct {
	r      roll.Roll
	rights []tally.Right
	voted  map[int]bool
	last   map[int]Visited
	areas  map[int]area.Area
}

// turnout reads who has voted: a ballot that is not void, or a sheet that came back.
func (h *Hall) turnout(ctx context.Context, q store.Queryer, m Meeting) (t turnout, err error) {
	if m.RollVersion == 0 {
		return t, ErrNoRoll
	}
	if t.r, err = h.roll(ctx, q, m, m.RollVersion); err != nil {
		return t, err
	}
	t.voted, t.last, t.areas = map[int]bool{}, map[int]Visited{}, map[int]area.Area{}
	numbers := func(query string) error {
		all, err := store.All(ctx, q, func(r *sql.Rows) (n int, err error) { err = r.Scan(&n); return n, err }, query, m.ID)
		for _, n := range all {
			t.voted[n] = true
		}
		return err
	}
	if err = numbers(`select distinct right_no from assembly_ballot where meeting = $1 and void = 0`); err != nil {
		return t, err
	}
	if err = numbers(`select distinct right_no from assembly_sheet where meeting = $1 and state in ('returned', 'differs')`); err != nil {
		return t, err
	}
	visits, err := store.All(ctx, q, func(r *sql.Rows) (Visited, error) { return scanVisit(r) }, `select `+visitColumns+` from assembly_visit where meeting = $1 order by said, id`, m.ID)
	if err != nil {
		return t, err
	}
	for _, v := range visits {
		t.last[int(v.Right)] = v
	}
	for _, e := range t.r.Electorate(roll.Scope{}) {
		if e.Spaces && !m.CountParking {
			continue
		}
		a := e.Area
		if m.CountParking {
			a = area.Sum(a, e.Parking)
		}
		t.rights = append(t.rights, e)
		t.areas[e.No] = a
	}
	return t, nil
}

// out reports whether a right is not asked again: refused, or out of reach.
func (t turnout) out(no int) bool {
	v, visited := t.last[no]
	return visited && (v.Result == "refused" || v.Result == "moved")
}

// gap measures the way to two thirds among the rights of a matter, 0 being the whole compound.
func (t turnout) gap(m Meeting, matters []Matter, no int64) sweep.Gap {
	in := t.rights
	for _, x := range matters {
		if x.No == no && len(x.Scope.Paths) > 0 {
			in = t.r.Electorate(x.rollScope())
		}
	}
	var list []sweep.Right
	for _, e := range in {
		if e.Spaces && !m.CountParking {
			continue
		}
		a := e.Area
		if m.CountParking {
			a = area.Sum(a, e.Parking)
		}
		list = append(list, sweep.Right{No: e.No, Area: a, Voted: t.voted[e.No], Out: e.Unknown || t.out(e.No)})
	}
	return sweep.Look(list)
}

// cells are the homes of the roll below a place.
func (h *Hall) cells(ctx context.Context, q store.Queryer, m Meeting, t turnout, at scope.Path) ([]Cell, error) {
	homes, err := h.on.Map.HomesIn(ctx, q, at)
	if err != nil {
		return nil, err
	}
	floors := map[string]int{}
	for _, x := range homes {
		floors[x.ID] = floorOf(x.Floor, x.Name)
	}
	needed := map[int]bool{}
	for _, no := range t.gap(m, nil, 0).Smallest {
		needed[no] = true
	}
	var out []Cell
	for _, e := range t.rights {
		r, _ := t.r.Find(e.No)
		for _, p := range r.Places {
			if !at.Covers(p.Path) || p.Use == roll.Parking && !e.Spaces {
				continue
			}
			c := Cell{Home: p.ID, Label: p.Label, Right: int64(e.No), Area: int64(t.areas[e.No]), Voted: t.voted[e.No], Needed: needed[e.No], path: p.Path, floor: floors[p.ID], unit: p.Path.Parent(), out: t.out(e.No)}
			if v, visited := t.last[e.No]; visited {
				c.Last = &v
			}
			out = append(out, c)
		}
	}
	slices.SortFunc(out, func(a, b Cell) int { return roll.Natural(a.Label, b.Label) })
	return out, nil
}

// floorOf reads a floor: as registered, else from the number on the door (1203 is on the twelfth).
func floorOf(said, name string) int {
	n := 0
	for _, r := range said {
		if r < '0' || r > '9' {
			n = 0
			break
		}
		n = 10*n + int(r-'0')
	}
	if n > 0 && n < 200 {
		return n
	}
	digits := 0
	for i := len(name); i > 0 && name[i-1] >= '0' && name[i-1] <= '9'; i-- {
		digits++
	}
	if digits < 3 || digits > 5 {
		return 0
	}
	n = 0
	for _, r := range name[len(name)-digits : len(name)-2] {
		n = 10*n + int(r-'0')
	}
	return n
}

// Sweep shows a building floor by floor, to those who sweep it and to nobody else.
func (h *Hall) Sweep(ctx context.Context, who access.Who, id string, building scope.Path) (g Grid, err error) {
	err = h.db.View(ctx, func(q store.Queryer) error {
		m, err := h.meeting(ctx, q, id)
		if err != nil {
			return err
		}
		me, err := h.acts(ctx, q, who, m, Sweeper)
		if err != nil {
			return err
		}
		if !m.Path.Covers(building) || building == m.Path {
			return ErrHome.At("building")
		}
		if !me.covers(building) {
			return ErrNotHere
		}
		t, err := h.turnout(ctx, q, m)
		if err != nil {
			return err
		}
		names, err := h.on.Map.Nodes(ctx, q, building)
		if err != nil {
			return err
		}
		g = Grid{Building: building, Name: names[building].Name, Floors: []Floor{}}
		cells, err := h.cells(ctx, q, m, t, building)
		if err != nil {
			return err
		}
		seen := map[int64]bool{}
		for _, c := range cells {
			if !seen[c.Right] {
				seen[c.Right] = true
				g.Rights++
				if c.Voted {
					g.Voted++
				}
			}
			i := slices.IndexFunc(g.Floors, func(f Floor) bool { return f.Floor == c.floor })
			if i < 0 {
				i = len(g.Floors)
				g.Floors = append(g.Floors, Floor{Floor: c.floor})
			}
			g.Floors[i].Cells = append(g.Floors[i].Cells, c)
		}
		slices.SortFunc(g.Floors, func(a, b Floor) int { return b.Floor - a.Floor })
		return nil
	})
	return g, err
}

// BuildingTurnout is n of N of one building.
type BuildingTurnout struct {
	Building scope.Path `json:"building"`
	Name     string     `json:"name"`
	Rights   int64      `json:"rights"`
	Voted    int64      `json:"voted"`
}

// Turnout is how far the vote has come, in figures: for the convener, who does not see who.
type Turnout struct {
	Rights    int64             `json:"rights"`
	Voted     int64             `json:"voted"`
	Visits    map[string]int64  `json:"visits" doc:"rights by the result of their last visit"`
	Reasons   map[string]int64  `json:"reasons" doc:"of these, by reason"`
	Buildings []BuildingTurnout `json:"buildings"`
	Unsettled int64             `json:"unsettled" doc:"sheets that came back and are not typed"`
}

// Turnout counts; who may see the meeting by post, and its team.
func (h *Hall) Turnout(ctx context.Context, who access.Who, id string) (out Turnout, err error) {
	err = h.db.View(ctx, func(q store.Queryer) error {
		m, err := h.meeting(ctx, q, id)
		if err != nil {
			return err
		}
		if err := who.May(Look, m.Path); err != nil {
			if list, terr := h.team(ctx, q, m.ID, "", who.Person); terr != nil || len(list) == 0 || who.Person == "" {
				return cmp.Or(terr, err)
			}
		}
		t, err := h.turnout(ctx, q, m)
		if err != nil {
			return err
		}
		out = Turnout{Visits: map[string]int64{}, Reasons: map[string]int64{}, Buildings: []BuildingTurnout{}}
		at := map[string]int{}
		for _, e := range t.rights {
			r, _ := t.r.Find(e.No)
			name := r.Places[0].Building
			i, has := at[name]
			if !has {
				i = len(out.Buildings)
				at[name] = i
				out.Buildings = append(out.Buildings, BuildingTurnout{Name: name, Building: buildingOf(m.Path, r.Places[0].Path)})
			}
			out.Rights++
			out.Buildings[i].Rights++
			if t.voted[e.No] {
				out.Voted++
				out.Buildings[i].Voted++
			}
			if v, visited := t.last[e.No]; visited {
				out.Visits[v.Result]++
				if v.Reason != "" {
					out.Reasons[v.Reason]++
				}
			}
		}
		slices.SortFunc(out.Buildings, func(a, b BuildingTurnout) int { return roll.Natural(a.Name, b.Name) })
		out.Unsettled, err = h.unsettled(ctx, q, m.ID)
		return err
	})
	return out, err
}

// buildingOf is the path of the building that a part lies in.
func buildingOf(compound, part scope.Path) scope.Path {
	at := part
	for at.Parent() != compound && compound.Covers(at.Parent()) && at.Parent() != at {
		at = at.Parent()
	}
	return at
}

// GapView is the way to the gate. Who sweeps sees the labels of the smallest set within the own buildings, staff the exact
// figures. Others see heads and whole per cent of the area, and of few rights nothing: areas are public, so that an exact
// sum asked for again and again would tell who has just voted.
type GapView struct {
	Matter int64       `json:"matter" doc:"0: the whole compound"`
	Total  tally.Count `json:"total"`
	Part   tally.Count `json:"part"`
	Heads  int64       `json:"heads" doc:"still missing to two thirds (R01)"`
	Area   area.Area   `json:"area" doc:"still missing, 0.01 m²"`
	Met    bool        `json:"met"`
	Able   bool        `json:"possible" doc:"those who can still be asked would close it"`
	Set    int         `json:"set" doc:"how many rights the smallest set has"`
	Brings tally.Count `json:"brings"`
	Rough  bool        `json:"rough" doc:"areas are cut off to whole per cent of the total"`
	Hidden bool        `json:"hidden" doc:"too few rights for figures"`
	Mine   []Cell      `json:"mine,omitempty" doc:"of the smallest set, in the own buildings"`
}

// rough makes a gap fit for everybody.
func (v *GapView) rough(least int64) {
	if v.Total.Heads < least {
		*v = GapView{Matter: v.Matter, Total: v.Total, Met: v.Met, Able: v.Able, Hidden: true}
		return
	}
	need := v.Part.Area + v.Area
	hundredth := max(v.Total.Area/100, 1)
	v.Part.Area = v.Part.Area / hundredth * hundredth
	if v.Area > 0 {
		v.Area = max(need-v.Part.Area, 0)
	}
	v.Brings.Area, v.Rough = 0, true
}

// Gap measures how far the vote is from both two thirds.
func (h *Hall) Gap(ctx context.Context, who access.Who, id string, matter int64) (out GapView, err error) {
	err = h.db.View(ctx, func(q store.Queryer) error {
		m, err := h.meeting(ctx, q, id)
		if err != nil {
			return err
		}
		if err := h.sees(ctx, q, who, m); err != nil {
			return err
		}
		t, err := h.turnout(ctx, q, m)
		if err != nil {
			return err
		}
		matters, err := h.matters(ctx, q, m.ID)
		if err != nil {
			return err
		}
		g := t.gap(m, matters, matter)
		out = GapView{Matter: matter, Total: g.Total, Part: g.Part, Heads: g.Heads, Area: g.Area, Met: g.Met, Able: g.Possible, Set: len(g.Smallest), Brings: g.Brings}
		me, err := h.acts(ctx, q, who, m, Sweeper)
		if err != nil { // figures are all there is for who does not sweep
			if who.May(Look, m.Path) != nil {
				p, _, err := h.rulesOf(ctx, q, m)
				if err != nil {
					return err
				}
				out.rough(p.Group)
			}
			return nil
		}
		cells, err := h.cells(ctx, q, m, t, m.Path)
		if err != nil {
			return err
		}
		seen := map[int64]bool{}
		for _, c := range cells {
			if slices.Contains(g.Smallest, int(c.Right)) && me.covers(c.path) && !seen[c.Right] {
				seen[c.Right] = true
				out.Mine = append(out.Mine, c)
			}
		}
		return nil
	})
	return out, err
}

// Route is the way of a pair through its buildings: building by building, each from the top floor down. Who voted is left
// out, and who refused or moved unless again is asked for.
type Route struct {
	Pair  string `json:"pair"`
	Items []Cell `json:"items"`
	Count int64  `json:"count"`
	Left  int64  `json:"left_out" doc:"not voted, and not asked again"`
}

// Route plans the way of the caller's own pair.
func (h *Hall) Route(ctx context.Context, who access.Who, id, pair string, again bool) (out Route, err error) {
	err = h.db.View(ctx, func(q store.Queryer) error {
		m, err := h.meeting(ctx, q, id)
		if err != nil {
			return err
		}
		me, err := h.acts(ctx, q, who, m, Sweeper)
		if err != nil {
			return err
		}
		if pair != "" && pair != me.Pair {
			return ErrNotHere
		}
		t, err := h.turnout(ctx, q, m)
		if err != nil {
			return err
		}
		cells, err := h.cells(ctx, q, m, t, m.Path)
		if err != nil {
			return err
		}
		out = Route{Pair: me.Pair, Items: []Cell{}}
		unit := map[scope.Path]string{}
		nodes, err := h.on.Map.NodesIn(ctx, q, m.Path, place.Building, place.Unit)
		if err != nil {
			return err
		}
		for _, n := range nodes {
			unit[n.Path] = n.Name
		}
		seen := map[int64]bool{}
		for _, c := range cells {
			if c.Voted || seen[c.Right] || !me.covers(c.path) {
				continue
			}
			seen[c.Right] = true
			if c.out && !again {
				out.Left++
				continue
			}
			out.Items = append(out.Items, c)
		}
		slices.SortStableFunc(out.Items, func(a, b Cell) int {
			x, y := buildingOf(m.Path, a.path), buildingOf(m.Path, b.path)
			return cmp.Or(roll.Natural(unit[x], unit[y]), roll.Natural(unit[a.unit], unit[b.unit]), b.floor-a.floor, roll.Natural(a.Label, b.Label))
		})
		out.Count = int64(len(out.Items))
		return nil
	})
	return out, err
}
