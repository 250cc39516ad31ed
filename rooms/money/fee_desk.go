package money

import (
	"context"
	"database/sql"
	"strconv"
	"strings"

	"cuobian/basis/day"
	"cuobian/basis/paged"
	"cuobian/basis/scope"
	"cuobian/basis/yuan"
	"cuobian/platform/access"
	"cuobian/platform/seal"
	"cuobian/platform/store"
	"cuobian/rooms/people"
)

// DeskHome is a home as the cashier finds it.
type DeskHome struct {
	ID      string      `json:"id"`
	Label   string      `json:"label" doc:"3-1-502"`
	Place   string      `json:"place"`
	Names   []string    `json:"names" doc:"of today's owners, masked"`
	Owed    yuan.Amount `json:"owed"`
	Overdue yuan.Amount `json:"overdue"`
	path    scope.Path
}

const homesAtOnce = 20

// FindHomes finds homes of a compound by label or its end, rented parking space, or by an owner's name or last four digits.
// Names come masked and numbers not at all: who pays at the desk says the name.
func (t *Till) FindHomes(ctx context.Context, who access.Who, compound, words string) ([]DeskHome, error) {
	n, err := t.there(ctx, t.db, who, Collect, compound)
	if err != nil {
		return nil, err
	}
	words = strings.TrimSpace(words)
	if words == "" {
		return []DeskHome{}, nil
	}
	lo, hi := n.Path.Bounds()
	like := store.Literal(words)
	ids, err := store.Texts(ctx, t.db, `select id from place_v_home where path >= $1 and path < $2 and ended_on = '' and (label = $3 or name = $3 or label like $4 escape '\' or label like $5 escape '\' or id in (select home from money_space where compound = $6 and label = $3))
order by case when label = $3 then 0 when name = $3 then 1 else 2 end, path limit $7`, lo, hi, words, like+"%", "%-"+like, n.ID, homesAtOnce)
	if err != nil {
		return nil, err
	}
	if len([]rune(words)) >= 2 {
		found, err := t.on.Register.Search(ctx, access.System, people.Find{Query: words, Under: n.Path, Limit: homesAtOnce})
		if err != nil {
			return nil, err
		}
		for _, p := range found.Items {
			for _, s := range p.At {
				if s.Node != "" && (s.Kind == "owner" || s.Kind == "family" || s.Kind == "tenant") && n.Path.Covers(s.Path) {
					ids = append(ids, s.Node)
				}
			}
		}
	}
	seen, args := map[string]bool{}, []any{}
	for _, id := range ids {
		if !seen[id] && len(args) < homesAtOnce {
			seen[id] = true
			args = append(args, id)
		}
	}
	if len(args) == 0 {
		return []DeskHome{}, nil
	}
	list, err := store.All(ctx, t.db, func(r *sql.Rows) (h DeskHome, err error) {
		err = r.Scan(&h.ID, &h.Label, &h.path)
		h.Names = []string{}
		return h, err
	}, `select id, label, path from place_v_home where id in (`+store.Marks(1, len(args))+`)`, args...)
	if err != nil {
		return nil, err
	}
	by, at := map[string]*DeskHome{}, []scope.Path{}
	for i := range list {
		by[list[i].ID] = &list[i]
		at = append(at, list[i].path)
	}
	place, err := t.on.Map.WordsFor(ctx, t.db, at...)
	if err != nil {
		return nil, err
	}
	on := t.Today()
	marks := store.Marks(2, len(args))
	if err := eachRow(ctx, t.db, func(r *sql.Rows) error {
		var id, name string
		err := r.Scan(&id, &name)
		if h := by[id]; err == nil && h != nil {
			h.Names = append(h.Names, seal.MaskName(name))
		}
		return err
	}, `select o.node, p.name from people_v_title o join people_v_person p on p.id = o.person where o.from_day <= $1 and (o.to_day = '' or o.to_day >= $1) and o.node in (`+marks+`) order by o.node, o.id`, append([]any{on}, args...)...); err != nil {
		return nil, err
	}
	if err := eachRow(ctx, t.db, func(r *sql.Rows) error {
		var id string
		var owed, over yuan.Amount
		err := r.Scan(&id, &owed, &over)
		if h := by[id]; err == nil && h != nil {
			h.Owed, h.Overdue = owed, over
		}
		return err
	}, `select home, cast(sum(amount - paid - waived) as bigint), cast(sum(case when due < $1 then amount - paid - waived else 0 end) as bigint) from money_bill where state in ('open', 'part') and home in (`+marks+`) group by home`, append([]any{on}, args...)...); err != nil {
		return nil, err
	}
	out := []DeskHome{}
	for _, id := range args {
		if h := by[id.(string)]; h != nil {
			h.Place = place[h.path]
			out = append(out, *h)
		}
	}
	return out, nil
}

func eachRow(ctx context.Context, q store.Queryer, fn func(*sql.Rows) error, text string, args ...any) error {
	rows, err := q.Query(ctx, text, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := fn(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// MeterRow is a meter in use with its latest reading.
type MeterRow struct {
	ID    string  `json:"id"`
	Home  string  `json:"home,omitempty" doc:"empty: a shared meter"`
	Place string  `json:"place,omitempty" doc:"the home's label"`
	Sort  string  `json:"sort"`
	Label string  `json:"label"`
	Day   day.Day `json:"day,omitempty" doc:"of the latest reading"`
	Value int64   `json:"value" doc:"thousandths of the unit"`
	Used  int64   `json:"used" doc:"against the reading before; 0 where there is none or the meter was new"`
}

// Meters lists the meters of a compound, home by home, as they are walked.
func (t *Till) Meters(ctx context.Context, who access.Who, compound, sort string) ([]MeterRow, error) {
	n, err := t.there(ctx, t.db, who, Collect, compound)
	if err != nil {
		return nil, err
	}
	return store.All(ctx, t.db, func(r *sql.Rows) (m MeterRow, err error) {
		var value, before sql.NullInt64
		var on sql.NullString
		var fresh sql.NullBool
		if err = r.Scan(&m.ID, &m.Home, &m.Place, &m.Sort, &m.Label, &on, &value, &fresh, &before); err != nil {
			return m, err
		}
		m.Value = value.Int64
		if on.Valid {
			m.Day, err = day.Parse(on.String)
		}
		if before.Valid && !fresh.Bool {
			m.Used = value.Int64 - before.Int64
		}
		return m, err
	}, `select m.id, m.home, coalesce(h.label, ''), m.sort, m.label, r.day, r.value, r.fresh, (select b.value from money_reading b where b.meter = m.id and b.day < r.day order by b.day desc limit 1)
from money_meter m left join place_v_home h on h.id = m.home left join money_reading r on r.meter = m.id and r.day = (select max(x.day) from money_reading x where x.meter = m.id)
where m.compound = $1 and m.ended_on = '' and ($2 = '' or m.sort = $2) order by m.sort, case when m.home = '' then 1 else 0 end, h.path, m.label limit 5000`, n.ID, sort)
}

// DeskOrder is an order at a provider as the desk sees it.
type DeskOrder struct {
	Order
	Place   string      `json:"place"`
	Outside string      `json:"outside,omitempty" doc:"the provider's number"`
	Got     yuan.Amount `json:"got" doc:"what the provider said it took"`
	Note    string      `json:"note,omitempty" doc:"how the desk cleared it"`
	Paper   string      `json:"paper,omitempty"`
	Silent  bool        `json:"silent,omitempty" doc:"asked just now, the provider did not answer"`
}

// DeskOrders is some of a compound's orders at payment providers, newest first.
type DeskOrders = paged.List[DeskOrder]

// Orders lists a compound's orders at payment providers. The payment page's address is the payer's alone and is not given.
func (t *Till) Orders(ctx context.Context, who access.Who, compound, state, after string) (p DeskOrders, err error) {
	n, err := t.there(ctx, t.db, who, Collect, compound)
	if err != nil {
		return p, err
	}
	p.Items = []DeskOrder{}
	if p.Count, err = store.Count(ctx, t.db, `select count(*) from money_order where compound = $1 and ($2 = '' or state = $2)`, n.ID, state); err != nil {
		return p, err
	}
	const most = 50
	list, err := t.orders(ctx, t.db, `compound = $1 and ($2 = '' or state = $2) and ($3 = '' or id < $3) order by id desc limit `+strconv.Itoa(most+1), n.ID, state, after)
	if err != nil {
		return p, err
	}
	if len(list) > most {
		list = list[:most]
		p.Next = list[most-1].ID
	}
	var at []scope.Path
	for _, o := range list {
		at = append(at, o.path)
	}
	words, err := t.on.Map.WordsFor(ctx, t.db, at...)
	for _, o := range list {
		d := DeskOrder{Order: o, Place: words[o.path], Outside: o.outside, Got: o.got, Note: o.note, Paper: o.paper}
		d.URL, d.QR = "", ""
		p.Items = append(p.Items, d)
	}
	return p, err
}
