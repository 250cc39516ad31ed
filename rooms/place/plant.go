package place

import (
	"context"

	"cuobian/basis/scope"
	"cuobian/platform/store"
)

// Plant writes many new places at once for an import, which keeps one trail entry and one line per row of its own.
// Collect in one write, then Flush in the same.
type Plant struct {
	m       *Map
	nodes   []Node
	homes   []HomeRow
	parking []ParkingRow
	touched map[string]bool
}

// Plant begins.
func (m *Map) Plant() *Plant { return &Plant{m: m, touched: map[string]bool{}} }

// New plans a new place below parent; the caller has made sure that there is none of that kind and name.
func (p *Plant) New(id string, parent Node, kind Kind, name string) Node {
	n := p.m.shape(id, parent, kind, name)
	p.nodes = append(p.nodes, n)
	return n
}

// Home plans a home's facts; changed says that the home was there before.
func (p *Plant) Home(n Node, f HomeFacts, changed bool) {
	p.homes = append(p.homes, HomeRow{n, f})
	if changed {
		p.touched[n.ID] = true
	}
}

// Parking plans a parking space's facts.
func (p *Plant) Parking(n Node, f ParkingFacts, changed bool) {
	p.parking = append(p.parking, ParkingRow{n, f})
	if changed {
		p.touched[n.ID] = true
	}
}

// Flush writes what was planned.
func (p *Plant) Flush(ctx context.Context, tx *store.Tx) error {
	if err := insertNodes(ctx, tx, p.nodes); err != nil {
		return err
	}
	if err := putHomes(ctx, tx, p.homes); err != nil {
		return err
	}
	if err := putParking(ctx, tx, p.parking); err != nil {
		return err
	}
	for id := range p.touched {
		if err := bump(ctx, tx, id); err != nil {
			return err
		}
	}
	p.nodes, p.homes, p.parking = nil, nil, nil
	clear(p.touched)
	return nil
}

// Uproot removes places that an import made and nobody touched since, leaves first: each must be at that version and
// have nothing below it. It says whether the place was removed.
func (m *Map) Uproot(ctx context.Context, tx *store.Tx, id string, version int64) (bool, error) {
	below, err := store.Count(ctx, tx, `select count(*) from place_node where parent = $1`, id)
	if err != nil || below > 0 {
		return false, err
	}
	spots, err := store.Count(ctx, tx, `select count(*) from place_spot where node = $1`, id)
	if err != nil || spots > 0 {
		return false, err
	}
	n, err := m.Get(ctx, tx, id)
	if err != nil || n.Version != version {
		return false, err
	}
	for _, q := range []string{
		`delete from place_home where id = $1`, `delete from place_parking where id = $1`, `delete from place_compound where id = $1`,
		`delete from place_token where node = $1`, `delete from place_node where id = $1`,
	} {
		if _, err := tx.Exec(ctx, q, id); err != nil {
			return false, err
		}
	}
	return true, nil
}

// Demo marks a street and what lies below it as invented records of the demonstration.
func (m *Map) Demo(ctx context.Context, tx *store.Tx, street scope.Path) error {
	lo, hi := street.Bounds()
	_, err := tx.Exec(ctx, `update place_node set demo = true where path >= $1 and path < $2`, lo, hi)
	return err
}

// Rewind gives a place whose change was taken back exactly the version that it had before that change, so that an
// earlier import can be undone too.
func (m *Map) Rewind(ctx context.Context, tx *store.Tx, id string, version int64) error {
	_, err := tx.Exec(ctx, `update place_node set version = $2 where id = $1`, id, version)
	return err
}
