package place

import (
	"context"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/store"
)

// Find asks for places; empty fields are not asked for.
type Find struct {
	Under  scope.Path
	Parent string // id: only what lies directly below it
	Kind   Kind
	Query  string // name, part of a name, pinyin initials, or a home's label (3-1-502), also after a compound's name
	After  string // the next of the page before
	Limit  int    // 0 is 50, at most 200
}

// Page is one page of places.
type Page struct {
	Items []Node
	Next  string // "" on the last page
	Count int64  // up to 1,000
	More  bool   // more than Count
}

// CountTo is how far lists are counted; beyond, they say "1,000+".
const CountTo = 1000

// List gives the living places that who may see. A query is answered best first, without further pages.
func (m *Map) List(ctx context.Context, who access.Who, f Find) (p Page, err error) {
	if err := who.MaySomewhere(See); err != nil {
		return p, err
	}
	paths := Narrow(who.Paths(See), f.Under)
	if f.Limit <= 0 || f.Limit > 200 {
		f.Limit = 50
	}
	if f.Query != "" {
		p.Items, err = m.Search(ctx, m.db, f.Query, f.Limit, f.Kind, paths...)
		p.Count = int64(len(p.Items))
		p.More = len(p.Items) == f.Limit
		return p, err
	}
	cond, args := scope.Where("path", 1, paths...)
	arg := func(v any) string {
		args = append(args, v)
		return "$" + strconv.Itoa(len(args))
	}
	cond += " and ended_on = ''"
	order := "path"
	if f.Kind != "" {
		cond += " and kind = " + arg(string(f.Kind))
	}
	if f.Parent != "" {
		cond += " and parent = " + arg(f.Parent)
		order = "sort, id"
	}
	if p.Count, err = store.Count(ctx, m.db, `select count(*) from (select 1 as x from place_node where `+cond+` limit `+strconv.Itoa(CountTo+1)+`) as page`, args...); err != nil {
		return p, err
	}
	if p.Count > CountTo {
		p.Count, p.More = CountTo, true
	}
	if f.After != "" {
		if f.Parent != "" {
			sort, id, ok := strings.Cut(f.After, "\t")
			if !ok {
				return p, ErrCursor
			}
			a, b := arg(sort), arg(id)
			cond += " and (sort > " + a + " or (sort = " + a + " and id > " + b + "))"
		} else {
			cond += " and path > " + arg(f.After)
		}
	}
	p.Items, err = store.All(ctx, m.db, scan, `select `+nodeColumns+` from place_node where `+cond+` order by `+order+` limit `+arg(f.Limit+1), args...)
	if err == nil && len(p.Items) > f.Limit {
		p.Items = p.Items[:f.Limit]
		last := p.Items[f.Limit-1]
		p.Next = string(last.Path)
		if f.Parent != "" {
			p.Next = last.sort + "\t" + last.ID
		}
	}
	return p, err
}

// Narrow keeps of paths what also lies under; under "" keeps all.
func Narrow(paths []scope.Path, under scope.Path) (out []scope.Path) {
	for _, p := range paths {
		switch {
		case p.Covers(under):
			out = append(out, under)
		case under.Covers(p):
			out = append(out, p)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

var labelWord = regexp.MustCompile(`^[0-9a-z]*[0-9][0-9a-z]*([-#幢栋座号楼单元梯室]+[0-9a-z]*)*$`)

// LabelOf turns how people write a door (3幢1单元502, 3#-502, 3栋502室) into a label (3-1-502, 3-502); "" when the word is
// no door.
func LabelOf(word string) string {
	w := Plain(word)
	if !labelWord.MatchString(w) {
		return ""
	}
	w = strings.NewReplacer("号楼", "-", "单元", "-", "幢", "-", "栋", "-", "座", "-", "梯", "-", "楼", "-", "号", "-", "室", "-", "#", "-").Replace(w)
	parts := slices.DeleteFunc(strings.Split(w, "-"), func(s string) bool { return s == "" })
	return strings.Join(parts, "-")
}

// Search finds living places by words inside paths: compounds and the like by name or pinyin initials, homes by their
// label after a compound's words ("明鑫 3-502", "mx 3-1-502") or alone. Best first: a name that begins so, then one that
// contains it.
func (m *Map) Search(ctx context.Context, q store.Queryer, query string, limit int, kind Kind, paths ...scope.Path) ([]Node, error) {
	words := strings.Fields(query)
	if len(words) == 0 || len([]rune(query)) > 100 || len(paths) == 0 {
		return []Node{}, nil
	}
	label := ""
	if n := len(words); LabelOf(words[n-1]) != "" {
		label, words = LabelOf(words[n-1]), words[:n-1]
	} else if n == 1 { // 明鑫花苑3-502 in one word
		if i := strings.IndexAny(words[0], "0123456789０１２３４５６７８９"); i > 0 {
			if l := LabelOf(words[0][i:]); l != "" {
				label, words = l, []string{words[0][:i]}
			}
		}
	}
	if label == "" {
		return m.named(ctx, q, strings.Join(words, ""), limit, kind, paths)
	}
	under := paths
	if len(words) > 0 {
		named, err := m.named(ctx, q, strings.Join(words, ""), 20, "", paths)
		if err != nil {
			return nil, err
		}
		under = nil
		for _, n := range named {
			if n.Kind == Compound || n.Kind == Community {
				under = append(under, n.Path)
			}
		}
		if len(under) == 0 {
			return []Node{}, nil
		}
	}
	out, err := m.labelled(ctx, q, label, limit, kind, under)
	if err != nil || len(words) > 0 || len(out) > 0 {
		return out, err
	}
	if i := strings.IndexAny(label, "0123456789"); i > 0 && !strings.Contains(query, " ") { // mx3-502: initials, then a door
		return m.Search(ctx, q, label[:i]+" "+label[i:], limit, kind, paths...)
	}
	return m.named(ctx, q, label, limit, kind, paths)
}

func (m *Map) labelled(ctx context.Context, q store.Queryer, label string, limit int, kind Kind, paths []scope.Path) ([]Node, error) {
	cond, args := scope.Where("path", 3, paths...)
	extra := ""
	if kind != "" {
		args = append(args, string(kind))
		extra = " and kind = $" + strconv.Itoa(len(args)+2)
	}
	args = append([]any{label, limit}, args...)
	out, err := store.All(ctx, q, scan, `select `+nodeColumns+` from place_node where label = $1 and `+cond+extra+` and ended_on = '' order by path limit $2`, args...)
	if err != nil || len(out) > 0 || strings.Count(label, "-") != 1 {
		return out, err
	}
	// 3-502 where the compound has units: 3-?-502.
	building, room, _ := strings.Cut(label, "-")
	args[0] = building + "-"
	args = append(args, After(building+"-"), "%-"+strings.NewReplacer("%", "", "_", "").Replace(room))
	n := strconv.Itoa
	return store.All(ctx, q, scan, `select `+nodeColumns+` from place_node where label >= $1 and label < $`+n(len(args)-1)+` and label like $`+n(len(args))+
		` and `+cond+extra+` and ended_on = '' order by path limit $2`, args...)
}

func (m *Map) named(ctx context.Context, q store.Queryer, query string, limit int, kind Kind, paths []scope.Path) ([]Node, error) {
	query = Plain(query)
	if query == "" {
		return []Node{}, nil
	}
	// The street comes first in the key, so every street is asked for itself; Everywhere asks all that there are.
	var streets []string
	for _, p := range paths {
		if s := p.Street(); s != "" {
			streets = append(streets, s.Last())
			continue
		}
		lo, hi := p.Bounds()
		some, err := store.Texts(ctx, q, `select id from place_node where kind = 'street' and parent = '' and path >= $1 and ($2 = '' or path < $2) order by id`, lo, hi)
		if err != nil {
			return nil, err
		}
		streets = append(streets, some...)
	}
	slices.Sort(streets)
	streets = slices.Compact(streets)
	hits := map[string]bool{}
	var found []Node
	for _, street := range streets {
		cond, args := scope.Where("t.path", 5, paths...)
		extra := ""
		args = append([]any{street, query, After(query), max(limit, 50)}, args...)
		if kind != "" {
			args = append(args, string(kind))
			extra = " and n.kind = $" + strconv.Itoa(len(args))
		}
		some, err := store.All(ctx, q, scan, `select n.id, n.path, n.parent, n.kind, n.name, n.sort, n.label, n.address, n.ended_on, n.demo, n.version
from place_token t join place_node n on n.id = t.node
where t.street = $1 and t.token >= $2 and t.token < $3 and `+cond+extra+` and n.ended_on = '' order by t.token, t.path limit $4`, args...)
		if err != nil {
			return nil, err
		}
		for _, n := range some {
			if !hits[n.ID] {
				hits[n.ID] = true
				found = append(found, n)
			}
		}
	}
	slices.SortStableFunc(found, func(a, b Node) int {
		if c := rank(a, query) - rank(b, query); c != 0 {
			return c
		}
		return strings.Compare(string(a.Path), string(b.Path))
	})
	if len(found) > limit {
		found = found[:limit]
	}
	if found == nil {
		found = []Node{}
	}
	return found, nil
}

func rank(n Node, query string) int {
	name := Plain(n.Name)
	switch {
	case name == query:
		return 0
	case strings.HasPrefix(name, query):
		return 1
	case strings.Contains(name, query):
		return 2
	}
	return 3
}

// Spot opens the place behind a public code.
func (m *Map) Spot(ctx context.Context, q store.Queryer, code string) (Spot, Node, error) {
	s, err := spotByCode(ctx, q, strings.ToLower(code))
	if err != nil {
		return s, Node{}, err
	}
	n, err := m.Get(ctx, q, s.Node)
	if err == nil && n.EndedOn.Sound() {
		err = ErrMissing
	}
	return s, n, err
}

// PutSpot makes a public code for a lift, a bin or a stairwell at a place.
func (m *Map) PutSpot(ctx context.Context, who access.Who, node, name string) (s Spot, err error) {
	err = m.db.Write(ctx, func(tx *store.Tx) error {
		n, err := m.Get(ctx, tx, node)
		if err != nil {
			return err
		}
		if err := who.May(Edit, n.Path); err != nil {
			return err
		}
		name = strings.TrimSpace(name)
		if name == "" || len([]rune(name)) > 60 {
			return ErrName
		}
		// The id's random tail: short enough to type under a torn code, long enough not to be guessed in bulk.
		s = Spot{Code: tx.NewID()[10:], Node: node, Name: name, CreatedAt: tx.Now}
		return m.keepSpot(ctx, tx, who, n, s)
	})
	return s, err
}

// EndSpot takes a public code back, as when its sticker was moved.
func (m *Map) EndSpot(ctx context.Context, who access.Who, code string) error {
	return m.db.Write(ctx, func(tx *store.Tx) error {
		s, err := spotByCode(ctx, tx, code)
		if err != nil {
			return err
		}
		n, err := m.Get(ctx, tx, s.Node)
		if err != nil {
			return err
		}
		if err := who.May(Edit, n.Path); err != nil {
			return err
		}
		return m.dropSpot(ctx, tx, who, n, s)
	})
}

// Spots lists the public codes at a place and below it.
func (m *Map) Spots(ctx context.Context, who access.Who, node string) ([]Spot, error) {
	n, err := m.Get(ctx, m.db, node)
	if err != nil {
		return nil, err
	}
	if err := who.May(See, n.Path); err != nil {
		if fault.IsKind(err, fault.Missing) {
			return nil, ErrMissing
		}
		return nil, err
	}
	return spotsBelow(ctx, m.db, n.Path)
}
