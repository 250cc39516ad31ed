package standing

import (
	"context"
	"database/sql"
	"errors"
	"slices"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/serve"
	"cuobian/platform/store"
)

// Compound is what a board at the gate shows: who serves, which posts are filled, and figures with n/N. No persons.
type Compound struct {
	ID         string   `json:"id"`
	Name       string   `json:"name"`
	Street     string   `json:"street_name,omitempty"`
	Community  string   `json:"community_name,omitempty"`
	Address    string   `json:"address,omitempty"`
	BuiltYear  int64    `json:"built_year,omitempty"`
	Households int64    `json:"households,omitempty"`
	Demo       bool     `json:"demo"`
	Service    *Served  `json:"service,omitempty"`
	Posts      []Seat   `json:"posts"`
	Figures    []Figure `json:"figures"`
	AsOf       day.Day  `json:"as_of"`
}

// Served is the contract in force today.
type Served struct {
	Company  string   `json:"company_name,omitempty"`
	Mode     string   `json:"mode"`
	Fee      int64    `json:"fee_fen_per_m2,omitempty" doc:"fen per square metre and month"`
	Pay      string   `json:"pay,omitempty"`
	From     string   `json:"from,omitempty"`
	Promises []string `json:"promises"`
}

// Seat is a post that answers for the compound, and whether somebody holds it today.
type Seat struct {
	access.Word
	Covered bool `json:"covered"`
}

// shownPosts are those that residents turn to.
var shownPosts = []access.Post{access.CommunityOfficer, access.BranchSecretary, access.CommitteeDirector, access.InterimDirector, access.PropertyManager, access.GridWorker, access.Police, access.Supervisor}

var errCompound = fault.New(fault.Missing, "standing.compound", "没有这个小区", "there is no such compound")

// Compound reads a compound's board.
func (b *Board) Compound(ctx context.Context, id string) (Compound, error) {
	c := Compound{ID: id, Posts: []Seat{}, Figures: []Figure{}, AsOf: b.db.Now().Day(day.Shanghai)}
	var path scope.Path
	err := b.db.QueryRow(ctx, `select path, name, address, built_year, households, demo from place_v_compound where id = $1 and ended_on = ''`, id).
		Scan(&path, &c.Name, &c.Address, &c.BuiltYear, &c.Households, &c.Demo)
	if errors.Is(err, sql.ErrNoRows) {
		return c, errCompound
	}
	if err != nil {
		return c, err
	}
	c.BuiltYear, c.Households = max(c.BuiltYear, 0), max(c.Households, 0)
	over := []any{}
	for _, p := range path.Above() {
		over = append(over, string(p))
	}
	names, err := store.All(ctx, b.db, func(r *sql.Rows) (n [2]string, err error) { return n, r.Scan(&n[0], &n[1]) },
		`select kind, name from place_v_node where path in (`+store.Marks(1, len(over))+`)`, over...)
	if err != nil {
		return c, err
	}
	for _, n := range names {
		switch n[0] {
		case "street":
			c.Street = n[1]
		case "community":
			c.Community = n[1]
		}
	}
	today := c.AsOf.String()
	var s Served
	var contract, org string
	err = b.db.QueryRow(ctx, `select id, org, mode, fee_low, pay, from_day from service_v_contract where compound = $1 and from_day <= $2 and (to_day = '' or to_day >= $2) order by from_day desc limit 1`, id, today).
		Scan(&contract, &org, &s.Mode, &s.Fee, &s.Pay, &s.From)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return c, err
	}
	if err == nil {
		s.Fee /= 100
		if org != "" {
			if err := b.db.QueryRow(ctx, `select name from people_v_org where id = $1`, org).Scan(&s.Company); err != nil && !errors.Is(err, sql.ErrNoRows) {
				return c, err
			}
		}
		if s.Promises, err = store.Texts(ctx, b.db, `select words from service_v_promise where contract = $1 order by due, id`, contract); err != nil {
			return c, err
		}
		if s.Promises == nil {
			s.Promises = []string{}
		}
		c.Service = &s
	}
	// A post at the compound itself, or above it in the community.
	held, err := store.Texts(ctx, b.db, `select distinct post from people_v_term where (path = $1 or path in (`+store.Marks(3, len(over))+`)) and from_day <= $2 and (to_day = '' or to_day >= $2)`,
		append([]any{string(path), today}, over...)...)
	if err != nil {
		return c, err
	}
	for _, w := range access.Words {
		if slices.Contains(shownPosts, w.Post) {
			covered := slices.Contains(held, string(w.Post))
			if w.Post == access.InterimDirector && !covered {
				continue // only where there is one instead of a committee
			}
			c.Posts = append(c.Posts, Seat{Word: w, Covered: covered})
		}
	}
	for _, x := range Indicators {
		if x.Group != "cases" {
			continue
		}
		f, err := b.figure(ctx, x, b.fill(Ask{Under: path}))
		if err != nil {
			return c, err
		}
		if f.Records {
			c.Figures = append(c.Figures, f)
		}
	}
	return c, nil
}

func compoundRoute(door *serve.Door, b *Board) {
	type in struct {
		ID string `path:"id" maxLength:"40"`
	}
	serve.One(door, serve.Spec{Method: "GET", Path: "/api/public/compounds/{id}", Room: "standing", Public: true, Zh: "小区公示：物业、岗位与指标", En: "A compound's public board: service, posts and figures"},
		func(ctx context.Context, _ access.Who, in *in) (Compound, error) {
			return b.Compound(ctx, in.ID)
		})
}
