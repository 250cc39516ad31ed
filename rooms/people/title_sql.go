package people

import (
	"context"
	"database/sql"
	"errors"

	"cuobian/basis/scope"
	"cuobian/platform/store"
	"cuobian/rooms/people/owner"
)

func (r *Register) titles(ctx context.Context, q store.Queryer, node string) ([]Title, error) {
	return store.All(ctx, q, func(row *sql.Rows) (t Title, err error) {
		err = row.Scan(&t.ID, &t.Node, &t.Path, &t.Person, &t.Name, &t.ShareN, &t.ShareD, &t.From, &t.To, &t.Why, &t.Version)
		return t, err
	}, `select t.id, t.node, t.path, t.person, p.name, t.share_n, t.share_d, t.from_day, t.to_day, t.why, t.version
from people_title t join people_person p on p.id = t.person where t.node = $1 order by t.to_day desc, t.id`, node)
}

const householdColumns = `h.id, h.node, h.path, h.person, p.name, h.relation, h.kin, h.from_day, h.to_day, h.version`

func scanHousehold(row interface{ Scan(...any) error }) (h Household, err error) {
	err = row.Scan(&h.ID, &h.Node, &h.Path, &h.Person, &h.Name, &h.Relation, &h.Kin, &h.From, &h.To, &h.Version)
	return h, err
}

func (r *Register) households(ctx context.Context, q store.Queryer, node string) ([]Household, error) {
	return store.All(ctx, q, func(row *sql.Rows) (Household, error) { return scanHousehold(row) },
		`select `+householdColumns+` from people_household h join people_person p on p.id = h.person where h.node = $1 order by h.to_day desc, h.id`, node)
}

func (r *Register) household(ctx context.Context, q store.Queryer, id string) (Household, error) {
	h, err := scanHousehold(q.QueryRow(ctx, `select `+householdColumns+` from people_household h join people_person p on p.id = h.person where h.id = $1`, id))
	if errors.Is(err, sql.ErrNoRows) {
		return h, ErrMissing
	}
	return h, err
}

// ownerKeys gives the R05 key of every home and parking space below a path that has owners today.
func (r *Register) ownerKeys(ctx context.Context, q store.Queryer, below scope.Path) (map[string]string, error) {
	lo, hi := below.Bounds()
	type row struct{ node, id string }
	rows, err := store.All(ctx, q, func(x *sql.Rows) (o row, err error) {
		err = x.Scan(&o.node, &o.id)
		return o, err
	}, `select t.node, case when p.id_index = '' then 'person:' || p.id else p.id_index end
from people_title t join people_person p on p.id = t.person where t.to_day = '' and t.path >= $1 and t.path < $2 order by t.node`, lo, hi)
	if err != nil {
		return nil, err
	}
	sets := map[string][]string{}
	for _, x := range rows {
		sets[x.node] = append(sets[x.node], x.id)
	}
	out := make(map[string]string, len(sets))
	for node, ids := range sets {
		out[node] = owner.Key(ids)
	}
	return out, nil
}
