package people

import (
	"context"
	"database/sql"
	"fmt"

	"cuobian/basis/scope"
	"cuobian/platform/store"
)

// exportOwners reads the open titles below a compound with plain numbers.
func (r *Register) exportOwners(ctx context.Context, q store.Queryer, below scope.Path) (map[string][]exportOwner, error) {
	lo, hi := below.Bounds()
	type row struct {
		node, person, name string
		sealed             []byte
		n, d               int64
	}
	rows, err := store.All(ctx, q, func(x *sql.Rows) (o row, err error) {
		err = x.Scan(&o.node, &o.person, &o.name, &o.sealed, &o.n, &o.d)
		return o, err
	}, `select t.node, p.id, p.name, p.id_sealed, t.share_n, t.share_d from people_title t join people_person p on p.id = t.person where t.to_day = '' and t.path >= $1 and t.path < $2 order by t.node, t.id`, lo, hi)
	if err != nil {
		return nil, err
	}
	out := map[string][]exportOwner{}
	for _, x := range rows {
		o := exportOwner{name: x.name}
		if o.identity, o.phone, err = r.exportNumbers(ctx, q, x.person, x.sealed); err != nil {
			return nil, err
		}
		if x.d > 0 {
			o.share = fmt.Sprintf("%d/%d", x.n, x.d)
		}
		out[x.node] = append(out[x.node], o)
	}
	return out, nil
}

func (r *Register) exportLives(ctx context.Context, q store.Queryer, below scope.Path) ([]exportLife, error) {
	lo, hi := below.Bounds()
	type row struct {
		exportLife
		person string
		sealed []byte
	}
	rows, err := store.All(ctx, q, func(x *sql.Rows) (o row, err error) {
		err = x.Scan(&o.node, &o.person, &o.name, &o.sealed, &o.relation, &o.kin, &o.from, &o.to)
		return o, err
	}, `select h.node, p.id, p.name, p.id_sealed, h.relation, h.kin, h.from_day, h.to_day from people_household h join people_person p on p.id = h.person
where h.relation <> 'owner' and h.path >= $1 and h.path < $2 order by h.node, h.id`, lo, hi)
	if err != nil {
		return nil, err
	}
	var out []exportLife
	for _, x := range rows {
		if x.identity, x.phone, err = r.exportNumbers(ctx, q, x.person, x.sealed); err != nil {
			return nil, err
		}
		out = append(out, x.exportLife)
	}
	return out, nil
}
