package place

import (
	"context"
	"database/sql"

	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/store"
)

func (m *Map) keepSpot(ctx context.Context, tx *store.Tx, who access.Who, n Node, s Spot) error {
	if _, err := tx.Exec(ctx, `insert into place_spot (code, node, name, created_at) values ($1, $2, $3, $4)`, s.Code, s.Node, s.Name, s.CreatedAt); err != nil {
		return err
	}
	tx.Changed(store.Change{Kind: "place", ID: n.ID, Path: n.Path})
	return audit.Write(ctx, tx, audit.Entry{By: who.By(Edit, n.Path), Action: Edit.Name, Path: n.Path, Ref: "place/" + n.ID, To: s})
}

func (m *Map) dropSpot(ctx context.Context, tx *store.Tx, who access.Who, n Node, s Spot) error {
	if _, err := tx.Exec(ctx, `update place_spot set ended_at = $2 where code = $1`, s.Code, tx.Now); err != nil {
		return err
	}
	tx.Changed(store.Change{Kind: "place", ID: n.ID, Path: n.Path})
	return audit.Write(ctx, tx, audit.Entry{By: who.By(Edit, n.Path), Action: Edit.Name, Path: n.Path, Ref: "place/" + n.ID, From: s})
}

func spotsBelow(ctx context.Context, q store.Queryer, path scope.Path) ([]Spot, error) {
	lo, hi := path.Bounds()
	return store.All(ctx, q, func(r *sql.Rows) (s Spot, err error) {
		err = r.Scan(&s.Code, &s.Node, &s.Name, &s.CreatedAt)
		return s, err
	}, `select s.code, s.node, s.name, s.created_at from place_spot s join place_node n on n.id = s.node where s.ended_at = 0 and n.path >= $1 and n.path < $2 order by n.path, s.code limit 2000`, lo, hi)
}

// Find finds the living place of that kind and name directly below parent; ErrMissing when there is none.
func (m *Map) Find(ctx context.Context, q store.Queryer, parent string, kind Kind, name string) (Node, error) {
	return child(ctx, q, parent, kind, name)
}

// Named finds the living places of that kind and exact name below a path.
func (m *Map) Named(ctx context.Context, q store.Queryer, below scope.Path, kind Kind, name string) ([]Node, error) {
	lo, hi := below.Bounds()
	return store.All(ctx, q, scan, `select `+nodeColumns+` from place_node where kind = $1 and path >= $2 and path < $3 and name = $4 and ended_on = '' order by path limit 20`, string(kind), lo, hi, name)
}

// SetAddress writes a place's address in the caller's write, with the trail.
func (m *Map) SetAddress(ctx context.Context, tx *store.Tx, by audit.By, n Node, address string) error {
	old := n
	n.Address = address
	if err := setAddress(ctx, tx, n); err != nil {
		return err
	}
	return m.touched(ctx, tx, by, n, "", old, n)
}
