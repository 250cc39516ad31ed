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
	rows, err := r.Holdings(ctx, q, below)
	if err != nil {
		return nil, err
	}
	sets := map[string][]string{}
	for _, x := range rows {
		sets[x.Node] = append(sets[x.Node], x.Identity)
	}
	out := make(map[string]string, len(sets))
	for node, ids := range sets {
		out[node] = owner.Key(ids)
	}
	return out, nil
}

// Holding is a title in force as those who count need it: the part, the person, and the identity of R05, which is opaque
// (the blind index of a document number, or "person:…" where none is known).
type Holding struct {
	Node, Person, Identity string
}

// Holdings reads the titles in force below a path, by part.
func (r *Register) Holdings(ctx context.Context, q store.Queryer, below scope.Path) ([]Holding, error) {
	lo, hi := below.Bounds()
	return store.All(ctx, q, func(x *sql.Rows) (h Holding, err error) {
		err = x.Scan(&h.Node, &h.Person, &h.Identity)
		return h, err
	}, `select t.node, t.person, case when p.id_index = '' then 'person:' || p.id else p.id_index end
from people_title t join people_person p on p.id = t.person where t.to_day = '' and t.path >= $1 and t.path < $2 order by t.node, t.id`, lo, hi)
}
