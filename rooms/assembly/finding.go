package assembly

import (
	"context"
	"database/sql"
	"strings"
	"unicode/utf8"

	"cuobian/basis/fault"
	"cuobian/platform/access"
	"cuobian/platform/store"
	"cuobian/rooms/place"
)

// ErrFind asks for enough of a name, so that nobody reads the register off letter by letter.
var ErrFind = fault.Bad("q", "assembly.find", "请输入至少两个字的姓名，或房号（如 3-502）", "type two characters of a name at least, or a home such as 3-502")

const findLimit = 20

// Neighbour is somebody of the meeting's compound as its convener finds them: no number, no share, no history.
type Neighbour struct {
	ID    string   `json:"id"`
	Name  string   `json:"name"`
	Homes []string `json:"homes" doc:"labels of the compound's homes in which the person has a title or lives as family"`
}

// Neighbours finds owners of the meeting's compound, and family that lives in its homes, for the convener, who names team,
// voters, holders of mandates and candidates. Tenants are not among them. Each search is written down, without its words.
// Faults: ErrFind.
func (h *Hall) Neighbours(ctx context.Context, who access.Who, id, query string) (out []Neighbour, err error) {
	query = strings.TrimSpace(query)
	n := utf8.RuneCountInString(query)
	err = h.db.Write(ctx, func(tx *store.Tx) error {
		out = []Neighbour{}
		m, err := h.meeting(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := h.convenes(who, m); err != nil {
			return err
		}
		if err := m.in(Draft, Posted, Noticed, Voting, Closed); err != nil {
			return err
		}
		if n < 2 || n > 60 {
			return ErrFind
		}
		way, homes := "name", []place.Node{}
		if strings.ContainsAny(place.Plain(query), "0123456789") {
			way = "home"
			if homes, err = h.on.Map.Search(ctx, tx, query, 5, place.Home, m.Path); err != nil {
				return err
			}
		}
		lo, hi := m.Path.Bounds()
		args := []any{lo, hi}
		cond := ""
		switch {
		case len(homes) > 0:
			for _, x := range homes {
				args = append(args, x.ID)
			}
			cond = `l.node in (` + store.Marks(3, len(homes)) + `)`
		default: // a name may have a digit too
			way = "name"
			args = append(args, store.Within(query), strings.ToLower(query), place.After(strings.ToLower(query)))
			cond = `(p.name like $3 escape '\' or p.initials >= $4 and p.initials < $5)`
		}
		type line struct{ id, name, label string }
		lines, err := store.All(ctx, tx, func(r *sql.Rows) (x line, err error) { err = r.Scan(&x.id, &x.name, &x.label); return },
			`select p.id, p.name, n.label from (select person, node from people_v_title where path >= $1 and path < $2 and to_day = ''
 union select person, node from people_v_household where path >= $1 and path < $2 and to_day = '' and relation in ('owner', 'family')) as l
join people_v_person p on p.id = l.person join place_v_node n on n.id = l.node and n.kind = 'home' where p.status = '' and `+cond+` order by p.name, p.id, n.label limit 400`, args...)
		if err != nil {
			return err
		}
		for _, x := range lines {
			if k := len(out); k == 0 || out[k-1].ID != x.id {
				if k == findLimit {
					break
				}
				out = append(out, Neighbour{ID: x.id, Name: x.name})
			}
			out[len(out)-1].Homes = append(out[len(out)-1].Homes, x.label)
		}
		return h.note(ctx, tx, who, m, "people", map[string]any{"by": way, "found": len(out)})
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
