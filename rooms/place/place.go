package place

import (
	"context"
	"embed"
	"slices"
	"strings"

	"cuobian/basis/area"
	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/store"
)

//go:embed schema
var scripts embed.FS

// Schema is the tables of places.
func Schema() store.Schema { return store.Schema{Room: "place", Floor: 2, FS: scripts} }

// Kind is a kind of place.
type Kind string

// Kinds of places, from the top.
const (
	Street    Kind = "street"
	Community Kind = "community"
	Grid      Kind = "grid"
	Lane      Kind = "lane"
	Compound  Kind = "compound"
	Building  Kind = "building"
	Unit      Kind = "unit"
	Home      Kind = "home"
	Parking   Kind = "parking"
)

// within says in which kinds of places a kind may lie.
var within = map[Kind][]Kind{
	Community: {Street},
	Grid:      {Community},
	Lane:      {Community},
	Compound:  {Community},
	Building:  {Compound},
	Unit:      {Building},
	Home:      {Compound, Building, Unit},
	Parking:   {Compound, Building},
}

// Node is a place.
type Node struct {
	ID      string     `json:"id"`
	Path    scope.Path `json:"path"`
	Parent  string     `json:"parent"`
	Kind    Kind       `json:"kind"`
	Name    string     `json:"name"`
	Label   string     `json:"label,omitempty" doc:"building, unit and room below the compound: 3-1-502"`
	Address string     `json:"address,omitempty"`
	EndedOn day.Day    `json:"ended_on,omitempty" doc:"last day, empty while it stands"`
	Demo    bool       `json:"demo,omitempty" doc:"an invented record of the demonstration"`
	Version int64      `json:"version"`
	sort    string
}

// CompoundFacts are a compound's own facts; -1 is not said.
type CompoundFacts struct {
	Type        string    `json:"type,omitempty" doc:"as written: 商品房（普通）, 老旧小区 …"`
	BuiltYear   int64     `json:"built_year,omitempty"`
	BuiltText   string    `json:"built_text,omitempty"`
	DeliveredOn day.Day   `json:"delivered_on,omitempty"`
	GridID      string    `json:"grid_id,omitempty"`
	LaneID      string    `json:"lane_id,omitempty"`
	Developer   string    `json:"developer,omitempty"`
	Buildings   int64     `json:"buildings,omitempty" default:"-1"`
	Units       int64     `json:"units,omitempty" default:"-1"`
	Households  int64     `json:"households,omitempty" default:"-1"`
	ParkingSaid int64     `json:"parking_said,omitempty" default:"-1"`
	AreaSaid    area.Area `json:"area_said,omitempty" doc:"0.01 m², as a list says; not the sum of the homes"`
	Remark      string    `json:"remark,omitempty"`
}

// HomeFacts are a home's own facts. Area is in 0.01 m² (R04: source registered, surveyed, contract).
type HomeFacts struct {
	Use         string      `json:"use" enum:"dwelling,shop,garage,common"`
	UseText     string      `json:"use_text,omitempty"`
	Floor       string      `json:"floor,omitempty"`
	Area        area.Area   `json:"area"`
	AreaSource  area.Source `json:"area_source,omitempty"`
	InnerArea   area.Area   `json:"inner_area,omitempty"`
	State       string      `json:"state" enum:"delivered,undelivered,unsold"`
	StateSaid   bool        `json:"state_said,omitempty"`
	Occupancy   string      `json:"occupancy,omitempty"`
	TitleNo     string      `json:"title_no,omitempty"`
	DeliveredOn day.Day     `json:"delivered_on,omitempty"`
	Remark      string      `json:"remark,omitempty"`
}

// ParkingFacts are a parking space's own facts.
type ParkingFacts struct {
	Titled     bool        `json:"titled"`
	Area       area.Area   `json:"area"`
	AreaSource area.Source `json:"area_source,omitempty"`
	State      string      `json:"state" enum:"delivered,undelivered,unsold"`
	StateSaid  bool        `json:"state_said,omitempty"`
	TitleNo    string      `json:"title_no,omitempty"`
	Remark     string      `json:"remark,omitempty"`
}

// What posts may do with places.
var (
	See = access.Declare("place.see", "查看地点", "see places",
		access.DistrictOfficer, access.StreetLeader, access.DivisionCadre, access.SectionCadre, access.StreetOfficer, access.HotlineOperator,
		access.CommunitySecretary, access.CommunityOfficer, access.BranchSecretary, access.GroupLeader, access.BuildingLead, access.LaneLead,
		access.CommitteeDirector, access.CommitteeMember, access.CommitteeAlternate, access.InterimDirector, access.InterimMember, access.BoardMember,
		access.PropertyManager, access.PropertyStaff, access.GridWorker, access.Judge, access.Police, access.Supervisor, access.Expert,
		access.VolunteerLeader, access.JointMember, access.Resident, access.SystemAdmin, access.Auditor)
	Edit = access.Declare("place.edit", "登记和更正地点", "enter and correct places",
		access.StreetOfficer, access.CommunitySecretary, access.CommunityOfficer)
)

// Faults of places.
var (
	ErrMissing = fault.New(fault.Missing, "place.missing", "没有找到这个地点，或不在您的范围内", "there is no such place, or it is not within your area")
	ErrTwice   = fault.New(fault.Conflict, "place.twice", "这里已有同名的地点", "there is already a place of that name here")
	ErrVersion = fault.New(fault.Conflict, "place.version", "别人刚刚改过这条记录，请看过新内容后再改", "somebody else changed this record just now; look at it again before you change it")
	ErrWithin  = fault.New(fault.Invalid, "place.within", "这种地点不能放在那里", "that kind of place cannot lie there")
	ErrName    = fault.Bad("name", "place.name", "名称不能为空，也不能超过 60 个字", "a name of 1 to 60 characters is needed")
	ErrEnded   = fault.New(fault.Conflict, "place.ended", "这个地点已停用", "this place has been ended")
	ErrHolds   = fault.New(fault.Conflict, "place.holds", "下面还有在用的地点，先处理它们", "there are living places below it; end them first")
	ErrCursor  = fault.Bad("after", "place.cursor", "翻页标记无效，请从头查看", "the page mark is not valid, start again")
	ErrNeedWhy = fault.Bad("reason", "place.reason", "请写明原因", "a reason is needed")
)

// Map is the tree of places.
type Map struct {
	db *store.DB
}

// New makes the map over a store.
func New(db *store.DB) *Map { return &Map{db: db} }

const nodeColumns = `id, path, parent, kind, name, sort, label, address, ended_on, demo, version`

// Get finds a place by its id.
func (m *Map) Get(ctx context.Context, q store.Queryer, id string) (Node, error) {
	return one(q.QueryRow(ctx, `select `+nodeColumns+` from place_node where id = $1`, id))
}

// At finds a place by its path.
func (m *Map) At(ctx context.Context, q store.Queryer, path scope.Path) (Node, error) {
	return one(q.QueryRow(ctx, `select `+nodeColumns+` from place_node where path = $1`, string(path)))
}

// Names gives the names of places by path, for lists that show where.
func (m *Map) Names(ctx context.Context, q store.Queryer, paths ...scope.Path) (map[scope.Path]string, error) {
	nodes, err := m.nodesAt(ctx, q, paths)
	out := make(map[scope.Path]string, len(nodes))
	for p, n := range nodes {
		out[p] = n.Name
	}
	return out, err
}

// Nodes gives places by path, with few queries; a path that is not there is left out.
func (m *Map) Nodes(ctx context.Context, q store.Queryer, paths ...scope.Path) (map[scope.Path]Node, error) {
	return m.nodesAt(ctx, q, paths)
}

// Words says where a path is in words, from the community down: "源淮社区 明鑫花苑 3-1-502". A street alone is its name; above
// streets it names the division.
func (m *Map) Words(ctx context.Context, q store.Queryer, path scope.Path) (string, error) {
	all, err := m.WordsFor(ctx, q, path)
	if err != nil {
		return "", err
	}
	w, ok := all[path]
	if !ok {
		return "", ErrMissing
	}
	return w, nil
}

// WordsFor says where many paths are in words, with few queries; a path that is not there is left out.
func (m *Map) WordsFor(ctx context.Context, q store.Queryer, paths ...scope.Path) (map[scope.Path]string, error) {
	out := map[scope.Path]string{}
	var all []scope.Path
	for _, path := range paths {
		for _, p := range path.Above() {
			if p.Street() == "" {
				break
			}
			all = append(all, p)
		}
	}
	nodes, err := m.nodesAt(ctx, q, all)
	if err != nil {
		return nil, err
	}
	for _, path := range paths {
		if path.Street() == "" {
			if d, ok := DivisionOf(string(path)); ok || path == scope.Everywhere {
				out[path] = d.Zh
			}
			continue
		}
		if _, ok := nodes[path]; !ok {
			continue
		}
		var words []string
		for _, p := range path.Above() {
			n, ok := nodes[p]
			if !ok || n.Kind == Street && p != path || n.Label != "" && p != path {
				continue
			}
			if n.Label != "" {
				words = append(words, n.Label)
			} else {
				words = append(words, n.Name)
			}
		}
		slices.Reverse(words)
		out[path] = strings.Join(words, " ")
	}
	return out, nil
}

// nodesAt reads places by path, 50 a query.
func (m *Map) nodesAt(ctx context.Context, q store.Queryer, paths []scope.Path) (map[scope.Path]Node, error) {
	out := map[scope.Path]Node{}
	paths = slices.Clone(paths)
	slices.Sort(paths)
	paths = slices.Compact(paths)
	for part := range slices.Chunk(paths, 50) {
		size := 50 // few sizes, so that the texts stay prepared
		if len(part) <= 8 {
			size = 8
		}
		args := make([]any, size)
		for i := range args {
			args[i] = string(part[min(i, len(part)-1)])
		}
		nodes, err := store.All(ctx, q, scan, `select `+nodeColumns+` from place_node where path in (`+store.Marks(1, size)+`)`, args...)
		if err != nil {
			return nil, err
		}
		for _, x := range nodes {
			out[x.Path] = x
		}
	}
	return out, nil
}

// CompoundPath is the path of the compound that path lies in, "" above compounds.
func CompoundPath(path scope.Path) scope.Path { return cutPath(path, 3) }

// CommunityPath is the path of the community that path lies in, "" above communities.
func CommunityPath(path scope.Path) scope.Path { return cutPath(path, 2) }

func cutPath(path scope.Path, elements int) scope.Path {
	for i, r := range string(path) {
		if r == '/' {
			if elements--; elements == 0 {
				return path[:i+1]
			}
		}
	}
	return ""
}

// Compound reads a compound's facts; the zero facts with -1 when none were kept.
func (m *Map) Compound(ctx context.Context, q store.Queryer, id string) (CompoundFacts, error) {
	return compoundFacts(ctx, q, id)
}

// Home reads a home's facts.
func (m *Map) Home(ctx context.Context, q store.Queryer, id string) (HomeFacts, error) {
	return homeFacts(ctx, q, id)
}

// Parking reads a parking space's facts.
func (m *Map) Parking(ctx context.Context, q store.Queryer, id string) (ParkingFacts, error) {
	return parkingFacts(ctx, q, id)
}

// EnsureStreet finds a street by its official name or code, or makes it, in the caller's write. A street that the
// divisions do not know (or that is demonstrated) gets the code given; code "" and an unknown name is ErrMissing.
func (m *Map) EnsureStreet(ctx context.Context, tx *store.Tx, by audit.By, code, name string) (Node, error) {
	if code == "" {
		d, ok := DivisionNamed("", name, 9)
		if !ok {
			d, ok = DivisionNamed("350503", name, 9)
		}
		if !ok {
			nodes, err := store.All(ctx, tx, scan, `select `+nodeColumns+` from place_node where parent = '' and kind = 'street' and name = $1`, name)
			if err != nil {
				return Node{}, err
			}
			if len(nodes) == 1 {
				return nodes[0], nil
			}
			return Node{}, ErrMissing.At("street")
		}
		code, name = d.Code, d.Name
	}
	if n, err := m.Get(ctx, tx, code); err == nil || !fault.IsKind(err, fault.Missing) {
		return n, err
	}
	if d, ok := DivisionOf(code); ok {
		name = d.Name
	}
	return m.put(ctx, tx, by, Node{ID: code, Path: scope.Street(code), Kind: Street, Name: name}, "")
}

// Ensure finds the living place of that kind and name directly below parent, or makes it, in the caller's write. made
// says which. Communities take their official code as id where the divisions know them. The caller has checked who may.
func (m *Map) Ensure(ctx context.Context, tx *store.Tx, by audit.By, parent Node, kind Kind, name string) (n Node, made bool, err error) {
	if !slices.Contains(within[kind], parent.Kind) {
		return n, false, ErrWithin
	}
	name = strings.TrimSpace(name)
	if name == "" || len([]rune(name)) > 60 {
		return n, false, ErrName
	}
	if kind == Community {
		name = CommunityName(name)
		if d, ok := DivisionNamed(parent.ID, name, 12); ok && len(parent.ID) == 9 {
			name = CommunityName(d.Name)
		}
	}
	n, err = child(ctx, tx, parent.ID, kind, name)
	if err == nil || !fault.IsKind(err, fault.Missing) {
		return n, false, err
	}
	n, err = m.put(ctx, tx, by, m.shape(tx.NewID(), parent, kind, name), "")
	return n, err == nil, err
}

// shape makes the node of a new place below parent.
func (m *Map) shape(id string, parent Node, kind Kind, name string) Node {
	if kind == Community && len(parent.ID) == 9 {
		if d, ok := DivisionNamed(parent.ID, name, 12); ok {
			id = d.Code
		}
	}
	return Node{ID: id, Path: parent.Path.Child(id), Parent: parent.ID, Kind: kind, Name: name, Label: labelBelow(parent, kind, name), Demo: parent.Demo, Version: 1}
}

// labelBelow is the door's label: building, unit and room without their words.
func labelBelow(parent Node, kind Kind, name string) string {
	switch kind {
	case Building, Unit, Home:
	default:
		return ""
	}
	short := Plain(name)
	for _, s := range []string{"号楼", "单元", "幢", "栋", "座", "梯", "楼", "室"} {
		if rest, ok := strings.CutSuffix(short, s); ok && rest != "" {
			short = rest
			break
		}
	}
	if parent.Label == "" {
		return short
	}
	return parent.Label + "-" + short
}

// put writes a new place with its tokens, facts row and trail.
func (m *Map) put(ctx context.Context, tx *store.Tx, by audit.By, n Node, why string) (Node, error) {
	n.Version = 1
	if err := insertNodes(ctx, tx, []Node{n}); err != nil {
		if store.Unique(err) {
			return n, ErrTwice.At("name")
		}
		return n, err
	}
	if err := m.emptyFacts(ctx, tx, n); err != nil {
		return n, err
	}
	if err := audit.Write(ctx, tx, audit.Entry{By: by, Action: Edit.Name, Path: n.Path, Ref: "place/" + n.ID, Why: why, To: n}); err != nil {
		return n, err
	}
	tx.Changed(store.Change{Kind: "place", ID: n.ID, Path: n.Path})
	return n, nil
}

func (m *Map) emptyFacts(ctx context.Context, tx *store.Tx, n Node) error {
	switch n.Kind {
	case Compound:
		return putCompound(ctx, tx, n.ID, CompoundFacts{Buildings: -1, Units: -1, Households: -1, ParkingSaid: -1})
	case Home:
		return putHomes(ctx, tx, []HomeRow{{n, HomeFacts{Use: "dwelling", State: "delivered"}}})
	case Parking:
		return putParking(ctx, tx, []ParkingRow{{n, ParkingFacts{Titled: true, State: "delivered"}}})
	}
	return nil
}

// SetCompound writes a compound's facts in the caller's write, with the trail.
func (m *Map) SetCompound(ctx context.Context, tx *store.Tx, by audit.By, n Node, f CompoundFacts, why string) error {
	old, err := compoundFacts(ctx, tx, n.ID)
	if err != nil {
		return err
	}
	if old == f {
		return nil
	}
	if err := putCompound(ctx, tx, n.ID, f); err != nil {
		return err
	}
	return m.touched(ctx, tx, by, n, why, old, f)
}

// SetHome writes a home's facts in the caller's write, with the trail.
func (m *Map) SetHome(ctx context.Context, tx *store.Tx, by audit.By, n Node, f HomeFacts, why string) error {
	old, err := homeFacts(ctx, tx, n.ID)
	if err != nil {
		return err
	}
	if old == f {
		return nil
	}
	if err := putHomes(ctx, tx, []HomeRow{{n, f}}); err != nil {
		return err
	}
	return m.touched(ctx, tx, by, n, why, old, f)
}

// SetParking writes a parking space's facts in the caller's write, with the trail.
func (m *Map) SetParking(ctx context.Context, tx *store.Tx, by audit.By, n Node, f ParkingFacts, why string) error {
	old, err := parkingFacts(ctx, tx, n.ID)
	if err != nil {
		return err
	}
	if old == f {
		return nil
	}
	if err := putParking(ctx, tx, []ParkingRow{{n, f}}); err != nil {
		return err
	}
	return m.touched(ctx, tx, by, n, why, old, f)
}

func (m *Map) touched(ctx context.Context, tx *store.Tx, by audit.By, n Node, why string, from, to any) error {
	if err := bump(ctx, tx, n.ID); err != nil {
		return err
	}
	if err := audit.Write(ctx, tx, audit.Entry{By: by, Action: Edit.Name, Path: n.Path, Ref: "place/" + n.ID, Why: why, From: from, To: to}); err != nil {
		return err
	}
	tx.Changed(store.Change{Kind: "place", ID: n.ID, Path: n.Path})
	return nil
}

// Draft is a place entered by hand.
type Draft struct {
	Parent   string         `json:"parent,omitempty" doc:"id of the place above; empty for a street"`
	Kind     Kind           `json:"kind" enum:"street,community,grid,lane,compound,building,unit,home,parking"`
	Code     string         `json:"code,omitempty" pattern:"^[0-9]{9}$" doc:"official code, for a street"`
	Name     string         `json:"name,omitempty" maxLength:"60"`
	Address  string         `json:"address,omitempty" maxLength:"200"`
	Compound *CompoundFacts `json:"compound,omitempty"`
	Home     *HomeFacts     `json:"home,omitempty"`
	Parking  *ParkingFacts  `json:"parking,omitempty"`
}

// Add enters a place by hand.
func (m *Map) Add(ctx context.Context, who access.Who, d Draft) (n Node, err error) {
	if d.Kind == Street {
		if err := who.May(Edit, scope.Street(d.Code).Parent()); err != nil {
			return n, err
		}
		err = m.db.Write(ctx, func(tx *store.Tx) error {
			n, err = m.EnsureStreet(ctx, tx, who.By(Edit, scope.Street(d.Code)), d.Code, d.Name)
			return err
		})
		return n, err
	}
	err = m.db.Write(ctx, func(tx *store.Tx) error {
		parent, err := m.Get(ctx, tx, d.Parent)
		if err != nil {
			return err
		}
		if err := who.May(Edit, parent.Path); err != nil {
			return err
		}
		if parent.EndedOn.Sound() {
			return ErrEnded
		}
		if err := d.check(); err != nil {
			return err
		}
		var made bool
		if n, made, err = m.Ensure(ctx, tx, who.By(Edit, parent.Path), parent, d.Kind, d.Name); err != nil {
			return err
		}
		if !made {
			return ErrTwice.At("name")
		}
		if d.Address != "" {
			n.Address = d.Address
			if err := setAddress(ctx, tx, n); err != nil {
				return err
			}
		}
		by := who.By(Edit, n.Path)
		return m.setFacts(ctx, tx, by, n, d.Compound, d.Home, d.Parking, "")
	})
	return n, err
}

func (m *Map) setFacts(ctx context.Context, tx *store.Tx, by audit.By, n Node, c *CompoundFacts, h *HomeFacts, p *ParkingFacts, why string) error {
	switch {
	case c != nil && n.Kind == Compound:
		for _, id := range []string{c.GridID, c.LaneID} {
			if id == "" {
				continue
			}
			g, err := m.Get(ctx, tx, id)
			if err != nil {
				return err
			}
			if g.Parent != n.Parent {
				return ErrWithin.At("grid_id")
			}
		}
		return m.SetCompound(ctx, tx, by, n, *c, why)
	case h != nil && n.Kind == Home:
		return m.SetHome(ctx, tx, by, n, *h, why)
	case p != nil && n.Kind == Parking:
		return m.SetParking(ctx, tx, by, n, *p, why)
	}
	return nil
}

func (d Draft) check() error {
	var bad *fault.Fault
	if d.Home != nil && d.Home.Use != "common" && d.Home.Area <= 0 || d.Parking != nil && d.Parking.Titled && d.Parking.Area < 0 {
		bad = fault.Bad("area", "place.area", "面积应大于零，单位 0.01 平方米", "the area must be above zero, in 0.01 m²")
	}
	return fault.Join(bad)
}

// Correction changes a place by hand; nil fields stay. Version is the one that was looked at.
type Correction struct {
	Version  int64          `json:"version" minimum:"1"`
	Reason   string         `json:"reason" minLength:"1" maxLength:"200"`
	Name     *string        `json:"name,omitempty" maxLength:"60"`
	Address  *string        `json:"address,omitempty" maxLength:"200"`
	End      *bool          `json:"end,omitempty" doc:"true ends the place today, false revives it"`
	Compound *CompoundFacts `json:"compound,omitempty"`
	Home     *HomeFacts     `json:"home,omitempty"`
	Parking  *ParkingFacts  `json:"parking,omitempty"`
}

// Correct changes a place by hand.
func (m *Map) Correct(ctx context.Context, who access.Who, id string, c Correction) (n Node, err error) {
	err = m.db.Write(ctx, func(tx *store.Tx) error {
		if n, err = m.Get(ctx, tx, id); err != nil {
			return err
		}
		if err := who.May(Edit, n.Path); err != nil {
			return err
		}
		if n.Version != c.Version {
			return ErrVersion
		}
		if strings.TrimSpace(c.Reason) == "" {
			return ErrNeedWhy
		}
		if err := (Draft{Home: c.Home, Parking: c.Parking}).check(); err != nil {
			return err
		}
		by, old := who.By(Edit, n.Path), n
		if c.Name != nil && strings.TrimSpace(*c.Name) != n.Name {
			name := strings.TrimSpace(*c.Name)
			if name == "" {
				return ErrName
			}
			if err := m.rename(ctx, tx, &n, name); err != nil {
				return err
			}
		}
		if c.Address != nil {
			n.Address = *c.Address
			if err := setAddress(ctx, tx, n); err != nil {
				return err
			}
		}
		if c.End != nil && *c.End != n.EndedOn.Sound() {
			if *c.End {
				live, err := store.Count(ctx, tx, `select count(*) from place_node where parent = $1 and ended_on = ''`, n.ID)
				if err != nil {
					return err
				}
				if live > 0 {
					return ErrHolds
				}
				n.EndedOn = tx.Now.Day(day.Shanghai)
			} else {
				n.EndedOn = 0
			}
			if _, err := tx.Exec(ctx, `update place_node set ended_on = $2 where id = $1`, n.ID, n.EndedOn); err != nil {
				if store.Unique(err) {
					return ErrTwice.At("end")
				}
				return err
			}
		}
		if n != old {
			if err := m.touched(ctx, tx, by, n, c.Reason, old, n); err != nil {
				return err
			}
		}
		if err := m.setFacts(ctx, tx, by, n, c.Compound, c.Home, c.Parking, c.Reason); err != nil {
			return err
		}
		n, err = m.Get(ctx, tx, id)
		return err
	})
	return n, err
}

// rename changes a name, its tokens, and the labels of what lies below.
func (m *Map) rename(ctx context.Context, tx *store.Tx, n *Node, name string) error {
	parent, err := m.Get(ctx, tx, n.Parent)
	if err != nil && !fault.IsKind(err, fault.Missing) {
		return err
	}
	oldLabel := n.Label
	n.Name, n.sort = name, Sort(name)
	n.Label = labelBelow(parent, n.Kind, name)
	if _, err := tx.Exec(ctx, `update place_node set name = $2, sort = $3, label = $4, initials = $5 where id = $1`,
		n.ID, n.Name, n.sort, n.Label, firstOf(Initials(name, false))); err != nil {
		if store.Unique(err) {
			return ErrTwice.At("name")
		}
		return err
	}
	if oldLabel != "" && oldLabel != n.Label {
		if _, err := tx.Exec(ctx, `update place_node set label = $3 || substr(label, $4), version = version + 1 where path > $1 and path < $2 and label <> ''`,
			string(n.Path), After(string(n.Path)), n.Label, len([]rune(oldLabel))+1); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(ctx, `delete from place_token where node = $1`, n.ID); err != nil {
		return err
	}
	return insertTokens(ctx, tx, []Node{*n})
}

func firstOf(s []string) string {
	if len(s) == 0 {
		return ""
	}
	return s[0]
}
