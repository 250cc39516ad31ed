package place

import (
	"context"
	"database/sql"
	"errors"

	"cuobian/basis/day"
	"cuobian/basis/scope"
	"cuobian/platform/store"
)

func scan(r *sql.Rows) (n Node, err error) {
	err = r.Scan(&n.ID, &n.Path, &n.Parent, &n.Kind, &n.Name, &n.sort, &n.Label, &n.Address, &n.EndedOn, &n.Demo, &n.Version)
	return n, err
}

func one(r *sql.Row) (n Node, err error) {
	err = r.Scan(&n.ID, &n.Path, &n.Parent, &n.Kind, &n.Name, &n.sort, &n.Label, &n.Address, &n.EndedOn, &n.Demo, &n.Version)
	if errors.Is(err, sql.ErrNoRows) {
		return n, ErrMissing
	}
	return n, err
}

// child finds the living place of that kind and name directly below parent.
func child(ctx context.Context, q store.Queryer, parent string, kind Kind, name string) (Node, error) {
	return one(q.QueryRow(ctx, `select `+nodeColumns+` from place_node where parent = $1 and kind = $2 and name = $3 and ended_on = ''`, parent, string(kind), name))
}

func insertNodes(ctx context.Context, tx *store.Tx, nodes []Node) error {
	rows := make([][]any, len(nodes))
	for i, n := range nodes {
		initials := ""
		if n.Kind != Home && n.Kind != Parking && n.Kind != Unit && n.Kind != Building {
			initials = firstOf(Initials(n.Name, false))
		}
		rows[i] = []any{n.ID, string(n.Path), n.Parent, string(n.Kind), n.Name, Sort(n.Name), n.Label, initials, n.Address, n.EndedOn, n.Demo, int64(tx.Now), int64(tx.Now)}
	}
	if _, err := store.Fill(ctx, tx, `insert into place_node (id, path, parent, kind, name, sort, label, initials, address, ended_on, demo, created_at, changed_at) values`, "", rows); err != nil {
		return err
	}
	return insertTokens(ctx, tx, nodes)
}

// insertTokens keeps the words of places down to compounds; buildings and homes are found by label.
func insertTokens(ctx context.Context, tx *store.Tx, nodes []Node) error {
	var rows [][]any
	for _, n := range nodes {
		switch n.Kind {
		case Building, Unit, Home, Parking:
			continue
		}
		for _, t := range Tokens(n.Name, false) {
			rows = append(rows, []any{n.Path.Street().Last(), t, string(n.Path), n.ID})
		}
	}
	_, err := store.Fill(ctx, tx, `insert into place_token (street, token, path, node) values`, `on conflict do nothing`, rows)
	return err
}

func bump(ctx context.Context, tx *store.Tx, id string) error {
	_, err := tx.Exec(ctx, `update place_node set version = version + 1, changed_at = $2 where id = $1`, id, int64(tx.Now))
	return err
}

func setAddress(ctx context.Context, tx *store.Tx, n Node) error {
	_, err := tx.Exec(ctx, `update place_node set address = $2 where id = $1`, n.ID, n.Address)
	return err
}

func compoundFacts(ctx context.Context, q store.Queryer, id string) (f CompoundFacts, err error) {
	err = q.QueryRow(ctx, `select type, built_year, built_text, delivered_on, grid_id, lane_id, developer, buildings, units, households, parking_said, area_said, remark
from place_compound where id = $1`, id).Scan(&f.Type, &f.BuiltYear, &f.BuiltText, &f.DeliveredOn, &f.GridID, &f.LaneID, &f.Developer,
		&f.Buildings, &f.Units, &f.Households, &f.ParkingSaid, &f.AreaSaid, &f.Remark)
	if errors.Is(err, sql.ErrNoRows) {
		return f, ErrMissing
	}
	return f, err
}

func putCompound(ctx context.Context, tx *store.Tx, id string, f CompoundFacts) error {
	_, err := tx.Exec(ctx, `insert into place_compound (id, type, built_year, built_text, delivered_on, grid_id, lane_id, developer, buildings, units, households, parking_said, area_said, remark)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
on conflict (id) do update set type = excluded.type, built_year = excluded.built_year, built_text = excluded.built_text, delivered_on = excluded.delivered_on,
grid_id = excluded.grid_id, lane_id = excluded.lane_id, developer = excluded.developer, buildings = excluded.buildings, units = excluded.units,
households = excluded.households, parking_said = excluded.parking_said, area_said = excluded.area_said, remark = excluded.remark`,
		id, f.Type, f.BuiltYear, f.BuiltText, f.DeliveredOn, f.GridID, f.LaneID, f.Developer, f.Buildings, f.Units, f.Households, f.ParkingSaid, int64(f.AreaSaid), f.Remark)
	return err
}

func homeFacts(ctx context.Context, q store.Queryer, id string) (f HomeFacts, err error) {
	err = q.QueryRow(ctx, `select usage, usage_text, floor, area, area_source, inner_area, state, state_said, occupancy, title_no, delivered_on, remark from place_home where id = $1`, id).
		Scan(&f.Use, &f.UseText, &f.Floor, &f.Area, &f.AreaSource, &f.InnerArea, &f.State, &f.StateSaid, &f.Occupancy, &f.TitleNo, &f.DeliveredOn, &f.Remark)
	if errors.Is(err, sql.ErrNoRows) {
		return f, ErrMissing
	}
	return f, err
}

// HomeRow is a home with its facts, for writing many at once.
type HomeRow struct {
	Node
	HomeFacts
}

func putHomes(ctx context.Context, tx *store.Tx, homes []HomeRow) error {
	rows := make([][]any, len(homes))
	for i, h := range homes {
		rows[i] = []any{h.ID, string(h.Path), h.Use, h.UseText, h.Floor, int64(h.Area), string(h.AreaSource), int64(h.InnerArea), h.State, h.StateSaid,
			h.Occupancy, h.TitleNo, h.DeliveredOn, h.HomeFacts.Remark}
	}
	_, err := store.Fill(ctx, tx, `insert into place_home (id, path, usage, usage_text, floor, area, area_source, inner_area, state, state_said, occupancy, title_no, delivered_on, remark) values`,
		`on conflict (id) do update set usage = excluded.usage, usage_text = excluded.usage_text, floor = excluded.floor, area = excluded.area, area_source = excluded.area_source,
inner_area = excluded.inner_area, state = excluded.state, state_said = excluded.state_said, occupancy = excluded.occupancy, title_no = excluded.title_no,
delivered_on = excluded.delivered_on, remark = excluded.remark`, rows)
	return err
}

func parkingFacts(ctx context.Context, q store.Queryer, id string) (f ParkingFacts, err error) {
	err = q.QueryRow(ctx, `select titled, area, area_source, state, state_said, title_no, remark from place_parking where id = $1`, id).
		Scan(&f.Titled, &f.Area, &f.AreaSource, &f.State, &f.StateSaid, &f.TitleNo, &f.Remark)
	if errors.Is(err, sql.ErrNoRows) {
		return f, ErrMissing
	}
	return f, err
}

// ParkingRow is a parking space with its facts, for writing many at once.
type ParkingRow struct {
	Node
	ParkingFacts
}

func putParking(ctx context.Context, tx *store.Tx, spaces []ParkingRow) error {
	rows := make([][]any, len(spaces))
	for i, p := range spaces {
		rows[i] = []any{p.ID, string(p.Path), p.Titled, int64(p.Area), string(p.AreaSource), p.State, p.StateSaid, p.TitleNo, p.ParkingFacts.Remark}
	}
	_, err := store.Fill(ctx, tx, `insert into place_parking (id, path, titled, area, area_source, state, state_said, title_no, remark) values`,
		`on conflict (id) do update set titled = excluded.titled, area = excluded.area, area_source = excluded.area_source, state = excluded.state,
state_said = excluded.state_said, title_no = excluded.title_no, remark = excluded.remark`, rows)
	return err
}

// HomesIn reads the living homes below a path with their facts, in the order of their paths.
func (m *Map) HomesIn(ctx context.Context, q store.Queryer, below scope.Path) ([]HomeRow, error) {
	lo, hi := below.Bounds()
	return store.All(ctx, q, func(r *sql.Rows) (h HomeRow, err error) {
		h.Kind = Home
		err = r.Scan(&h.ID, &h.Path, &h.Parent, &h.Name, &h.Label, &h.EndedOn, &h.Demo, &h.Version, &h.Use, &h.UseText, &h.Floor, &h.Area, &h.AreaSource, &h.InnerArea,
			&h.State, &h.StateSaid, &h.Occupancy, &h.TitleNo, &h.DeliveredOn, &h.HomeFacts.Remark)
		return h, err
	}, `select n.id, n.path, n.parent, n.name, n.label, n.ended_on, n.demo, n.version, h.usage, h.usage_text, h.floor, h.area, h.area_source, h.inner_area,
h.state, h.state_said, h.occupancy, h.title_no, h.delivered_on, h.remark
from place_home h join place_node n on n.id = h.id where h.path >= $1 and h.path < $2 and n.ended_on = '' order by h.path`, lo, hi)
}

// ParkingIn reads the living parking spaces below a path with their facts, in the order of their paths.
func (m *Map) ParkingIn(ctx context.Context, q store.Queryer, below scope.Path) ([]ParkingRow, error) {
	lo, hi := below.Bounds()
	return store.All(ctx, q, func(r *sql.Rows) (p ParkingRow, err error) {
		p.Kind = Parking
		err = r.Scan(&p.ID, &p.Path, &p.Parent, &p.Name, &p.EndedOn, &p.Demo, &p.Version, &p.Titled, &p.Area, &p.AreaSource, &p.State, &p.StateSaid, &p.TitleNo, &p.ParkingFacts.Remark)
		return p, err
	}, `select n.id, n.path, n.parent, n.name, n.ended_on, n.demo, n.version, h.titled, h.area, h.area_source, h.state, h.state_said, h.title_no, h.remark
from place_parking h join place_node n on n.id = h.id where h.path >= $1 and h.path < $2 and n.ended_on = '' order by h.path`, lo, hi)
}

// NodesIn reads the living places of some kinds below a path, in the order of their paths.
func (m *Map) NodesIn(ctx context.Context, q store.Queryer, below scope.Path, kinds ...Kind) ([]Node, error) {
	var out []Node
	for _, k := range kinds {
		cond, args := scope.Where("path", 2, below)
		nodes, err := store.All(ctx, q, scan, `select `+nodeColumns+` from place_node where kind = $1 and `+cond+` and ended_on = '' order by path`, append([]any{string(k)}, args...)...)
		if err != nil {
			return nil, err
		}
		out = append(out, nodes...)
	}
	return out, nil
}

// CompoundsIn reads the living compounds that lie in one of paths; the path of a grid or lane gives its compounds.
func (m *Map) CompoundsIn(ctx context.Context, q store.Queryer, paths ...scope.Path) ([]Node, error) {
	cond, args := scope.Where("n.path", 1, paths...)
	var ids []any
	for _, p := range paths {
		ids = append(ids, p.Last())
	}
	if len(ids) == 0 {
		return nil, nil
	}
	marks := store.Marks(len(args)+1, len(ids))
	return store.All(ctx, q, scan, `select n.id, n.path, n.parent, n.kind, n.name, n.sort, n.label, n.address, n.ended_on, n.demo, n.version
from place_node n join place_compound c on c.id = n.id
where n.kind = 'compound' and n.ended_on = '' and (`+cond+` or c.grid_id in (`+marks+`) or c.lane_id in (`+marks+`)) order by n.path`, append(args, ids...)...)
}

// Spot is a public code at a place.
type Spot struct {
	Code      string      `json:"code"`
	Node      string      `json:"node"`
	Name      string      `json:"name" doc:"东梯, 3幢楼下垃圾桶 …"`
	CreatedAt day.Instant `json:"created_at"`
}

func spotByCode(ctx context.Context, q store.Queryer, code string) (s Spot, err error) {
	err = q.QueryRow(ctx, `select code, node, name, created_at from place_spot where code = $1 and ended_at = 0`, code).Scan(&s.Code, &s.Node, &s.Name, &s.CreatedAt)
	if errors.Is(err, sql.ErrNoRows) {
		return s, ErrMissing
	}
	return s, err
}
