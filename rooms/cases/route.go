package cases

import (
	"context"
	"database/sql"
	"errors"
	"slices"

	"cuobian/basis/day"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/store"
)

// Route is one rule of the table: which holder a category goes to. An empty category, mode or level is any.
type Route struct {
	ID       string      `json:"id"`
	Path     scope.Path  `json:"path" doc:"where it is in force: here and below"`
	Category string      `json:"category"`
	Mode     string      `json:"mode" doc:"how the compound is served: market, street_run, community_run, state_run, self_managed, none"`
	Level    string      `json:"level" enum:",simple,multi,complex"`
	ToKind   string      `json:"to_kind" doc:"serving: the organisation that serves the compound; or a kind of organisation; or empty"`
	ToOrg    string      `json:"to_org" doc:"one organisation"`
	ToPost   string      `json:"to_post"`
	Auto     bool        `json:"auto" doc:"dispatched at once, without a desk"`
	Note     string      `json:"note"`
	ByPerson string      `json:"by_person"`
	At       day.Instant `json:"at"`

	org, orgName string
}

// serving in ToKind is the organisation that serves the compound.
const serving = "serving"

// presets are the rules that hold where a street has set none: what a company does goes to the company, what is not a
// company's goes to the community, matters about the company or an election to the street.
var presets = []Route{
	{Category: "fee", ToPost: string(access.StreetOfficer)},
	{Category: "property_staff", ToPost: string(access.StreetOfficer)},
	{Category: "company_leaves", ToPost: string(access.StreetOfficer)},
	{Category: "property_hire", ToPost: string(access.StreetOfficer)},
	{Category: "election", ToPost: string(access.StreetOfficer)},
	{Category: "committee", ToPost: string(access.StreetOfficer)},
	{Category: "assembly_query", ToPost: string(access.StreetOfficer)},
	{Category: "public_income", ToPost: string(access.StreetOfficer)},
	{Category: "maintenance_fund", ToPost: string(access.StreetOfficer)},
	{Category: "lift_add", ToPost: string(access.CommunityOfficer)},
	{Category: "renovation", ToPost: string(access.CommunityOfficer)},
	{Category: "house_quality", ToPost: string(access.StreetOfficer)},
	{Category: "neighbour", ToPost: string(access.CommunityOfficer)},
	{Category: "elderly", ToPost: string(access.CommunityOfficer)},
	{Category: "community", ToPost: string(access.CommunityOfficer)},
	{Category: "praise", ToPost: string(access.CommunityOfficer)},
	{Category: "not_here", ToPost: string(access.StreetOfficer)},
	{Level: "complex", ToPost: string(access.StreetOfficer)},
	{Level: "multi", ToPost: string(access.CommunityOfficer)},
	{Mode: "none", ToPost: string(access.CommunityOfficer)},
	{Mode: "self_managed", ToPost: string(access.CommitteeDirector)},
	{ToKind: serving, ToPost: string(access.PropertyManager)},
}

// fits says how closely a rule meets a matter, -1 where it does not: category before level before mode.
func (r Route) fits(category, mode, level string) int {
	n := 0
	for i, x := range [][2]string{{r.Mode, mode}, {r.Level, level}, {r.Category, category}} {
		if x[0] == "" {
			continue
		}
		if x[0] != x[1] {
			return -1
		}
		n += 1 << i
	}
	return n
}

const routeColumns = `id, path, category, mode, level, to_kind, to_org, to_post, auto, note, by_person, at`

func scanRoute(r *sql.Rows) (x Route, err error) {
	err = r.Scan(&x.ID, &x.Path, &x.Category, &x.Mode, &x.Level, &x.ToKind, &x.ToOrg, &x.ToPost, &x.Auto, &x.Note, &x.ByPerson, &x.At)
	return x, err
}

func (d *Desk) routesAt(ctx context.Context, q store.Queryer, at scope.Path) ([]Route, error) {
	above := at.Above()
	args := make([]any, len(above))
	for i, p := range above {
		args[i] = string(p)
	}
	return store.All(ctx, q, scanRoute, `select `+routeColumns+` from cases_route where path in (`+store.Marks(1, len(args))+`) order by path desc, category, level, mode`, args...)
}

// routeFor finds the holder for a matter: the closest rule of the nearest place, else a preset. Nil where none fits. A
// rule that points at an organisation which is not there gives its post alone.
func (d *Desk) routeFor(ctx context.Context, q store.Queryer, c row) (*Route, error) {
	mode, serves := "", ""
	var err error
	if d.Served != nil {
		if mode, serves, err = d.Served(ctx, q, c.Path); err != nil && !errors.Is(err, access.ErrMissing) {
			return nil, err
		}
	}
	set, err := d.routesAt(ctx, q, c.Path)
	if err != nil {
		return nil, err
	}
	var best *Route
	score := -1
	near := -1
	for i := range set {
		if n := set[i].fits(c.Category, mode, c.Level); n >= 0 && (len(set[i].Path) > near || len(set[i].Path) == near && n > score) {
			best, score, near = &set[i], n, len(set[i].Path)
		}
	}
	if best == nil {
		for i := range presets {
			if n := presets[i].fits(c.Category, mode, c.Level); n > score {
				x := presets[i]
				best, score = &x, n
			}
		}
	}
	if best == nil {
		return nil, nil
	}
	switch {
	case best.ToOrg != "":
		best.org = best.ToOrg
	case best.ToKind == serving:
		if best.org = serves; serves == "" {
			best.ToPost = string(access.CommunityOfficer)
		}
	case best.ToKind != "" && d.OrgFor != nil:
		if best.org, err = d.OrgFor(ctx, q, best.ToKind, c.Path); err != nil {
			return nil, err
		}
	}
	// A confidential matter does not go to the company or the community by itself.
	if c.Confidential {
		best.org, best.ToPost, best.Auto = "", string(access.StreetOfficer), false
	}
	if best.Auto && best.org != "" && d.OrgOf != nil {
		o, err := d.OrgOf(ctx, q, best.org)
		if err != nil {
			return nil, err
		}
		best.orgName = o.Name
	}
	return best, nil
}

// Routes lists the rules in force at a place, nearest first, and the presets behind them.
func (d *Desk) Routes(ctx context.Context, who access.Who, at scope.Path) ([]Route, error) {
	who = d.live(who)
	if err := who.May(Dispatch, at); err != nil {
		return nil, err
	}
	set, err := d.routesAt(ctx, d.db, at)
	return append(set, presets...), err
}

// SetRoute puts a rule in force at a place, or replaces the one for the same category, mode and level; a rule without
// a holder is taken away.
func (d *Desk) SetRoute(ctx context.Context, who access.Who, r Route) error {
	who = d.live(who)
	if err := who.May(SetRoutes, r.Path); err != nil {
		return err
	}
	if r.ToPost != "" && !slices.Contains(Handle.Posts, access.Post(r.ToPost)) {
		return ErrHolder
	}
	return d.db.Write(ctx, func(tx *store.Tx) error {
		if r.ToPost == "" && r.ToOrg == "" && r.ToKind == "" {
			n, err := tx.Exec(ctx, `delete from cases_route where path = $1 and category = $2 and mode = $3 and level = $4`, string(r.Path), r.Category, r.Mode, r.Level)
			if err != nil {
				return err
			}
			if n == 0 {
				return access.ErrMissing
			}
		} else if _, err := tx.Exec(ctx, `insert into cases_route (id, path, category, mode, level, to_org, to_kind, to_post, auto, note, by_person, at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
on conflict (path, category, mode, level) do update set to_org = excluded.to_org, to_kind = excluded.to_kind, to_post = excluded.to_post, auto = excluded.auto, note = excluded.note, by_person = excluded.by_person, at = excluded.at`,
			tx.NewID(), string(r.Path), r.Category, r.Mode, r.Level, r.ToOrg, r.ToKind, r.ToPost, r.Auto, r.Note, who.Person, int64(tx.Now)); err != nil {
			return err
		}
		tx.After(func() {
			d.auto.Lock()
			d.auto.read = 0
			d.auto.Unlock()
		})
		return audit.Write(ctx, tx, audit.Entry{By: who.By(SetRoutes, r.Path), Action: SetRoutes.Name, Path: r.Path, Ref: "route/" + r.Category + "/" + r.Mode + "/" + r.Level, To: r})
	})
}
