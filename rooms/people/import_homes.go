package people

import (
	"context"
	"slices"
	"strings"

	"cuobian/basis/area"
	"cuobian/basis/day"
	"cuobian/platform/seal"
	"cuobian/platform/store"
	"cuobian/rooms/people/ledger"
	"cuobian/rooms/place"
)

// interior is a compound as the register has it: places, facts, open titles, and who is tied to it.
type interior struct {
	node   place.Node
	under  map[string]place.Node // parent id, kind, name → place
	homes  map[string]place.HomeFacts
	spaces map[string]place.ParkingFacts
	titles map[string][]held // node → open titles
	ever   map[string]bool   // nodes that had an owner before
	linked map[string]bool   // persons tied to the compound
	plain  map[string]string // name of owners without number and telephone → person
}

// held is an open title with what is needed to tell its owner.
type held struct {
	id, person, name, idIndex string
	shareN, shareD            int64
	from                      day.Day
	version                   int64
}

func key(parent string, kind place.Kind, name string) string {
	return parent + "\x00" + string(kind) + "\x00" + name
}

// look reads a compound's interior; of one that is not there yet it is empty.
func (x *run) look(ctx context.Context, node place.Node) (in *interior, err error) {
	in = &interior{node: node, under: map[string]place.Node{}, homes: map[string]place.HomeFacts{}, spaces: map[string]place.ParkingFacts{},
		titles: map[string][]held{}, ever: map[string]bool{}, linked: map[string]bool{}, plain: map[string]string{}}
	if node.ID == "" {
		return in, nil
	}
	err = x.r.db.View(ctx, func(q store.Queryer) error {
		nodes, err := x.r.Map.NodesIn(ctx, q, node.Path, place.Building, place.Unit)
		if err != nil {
			return err
		}
		for _, n := range nodes {
			in.under[key(n.Parent, n.Kind, n.Name)] = n
		}
		homes, err := x.r.Map.HomesIn(ctx, q, node.Path)
		if err != nil {
			return err
		}
		for _, h := range homes {
			in.under[key(h.Parent, place.Home, h.Name)] = h.Node
			in.homes[h.ID] = h.HomeFacts
		}
		spaces, err := x.r.Map.ParkingIn(ctx, q, node.Path)
		if err != nil {
			return err
		}
		for _, p := range spaces {
			in.under[key(p.Parent, place.Parking, p.Name)] = p.Node
			in.spaces[p.ID] = p.ParkingFacts
		}
		return x.r.ownersIn(ctx, q, in)
	})
	return in, err
}

// batch is what one chunk writes. Its own maps lie over the interior until the write is kept.
type batch struct {
	x       *run
	in      *interior
	q       store.Queryer
	newID   func() string
	plant   *place.Plant
	under   map[string]place.Node
	byID    map[string]string
	byPhone map[string][]known // phone index → persons of that number
	plain   map[string]string
	linked  map[string]bool
	persons []personRow
	links   []link
	relink  []string
	phones  map[string][]string  // person → numbers to add
	number  map[string]NewPerson // person → identity to add
	titles  [][]any
	ended   []held
	endOn   map[string]day.Day
	shares  []share
	lives   []life
	acts    []act
	changes Changes
	held    map[string][]held // node → open titles after this batch
}

type known struct{ id, name, idIndex string }
type share struct {
	id      string
	n, d    int64
	version int64
}
type life struct {
	src      ledger.Source
	node     place.Node
	person   string
	relation string
	kin      string
	from, to day.Day
}

func (x *run) batch(in *interior, q store.Queryer, newID func() string) *batch {
	b := &batch{x: x, in: in, q: q, newID: newID, plant: x.r.Map.Plant(), under: map[string]place.Node{}, byID: map[string]string{}, byPhone: map[string][]known{},
		plain: map[string]string{}, linked: map[string]bool{}, phones: map[string][]string{}, number: map[string]NewPerson{}, endOn: map[string]day.Day{}, held: map[string][]held{}}
	b.changes = x.changes
	b.changes.List = slices.Clone(x.changes.List)
	return b
}

// inside goes over one compound's homes, parking and residents, chunk by chunk.
func (x *run) inside(ctx context.Context, c ledger.Compound, homes []ledger.Home, parking []ledger.Parking, residents []ledger.Resident) error {
	in, err := x.look(ctx, x.nodes[c.Key])
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	step := func(n int, people []ledger.Person, fn func(b *batch) error) error {
		if x.dry {
			b := x.batch(in, x.r.db, x.r.db.NewID)
			if err := b.prefetch(ctx, people); err != nil {
				return err
			}
			if err := fn(b); err != nil {
				return err
			}
			x.absorb(b)
			x.progress(n)
			return nil
		}
		var b *batch
		if err := x.write(ctx, func(tx *store.Tx) error {
			b = x.batch(in, tx, tx.NewID)
			if err := b.prefetch(ctx, people); err != nil {
				return err
			}
			if err := fn(b); err != nil {
				return err
			}
			return b.flush(ctx, tx, n)
		}); err != nil {
			return err
		}
		x.absorb(b)
		x.seq += int64(len(b.acts))
		x.progress(n)
		return x.learn(ctx, n)
	}
	for part := range slices.Chunk(homes, chunk) {
		var people []ledger.Person
		for _, h := range part {
			people = append(people, h.Owners...)
		}
		if err := step(len(part), people, func(b *batch) error {
			for _, h := range part {
				b.home(h, seen)
			}
			return nil
		}); err != nil {
			return err
		}
	}
	for part := range slices.Chunk(parking, chunk) {
		var people []ledger.Person
		for _, p := range part {
			people = append(people, p.Owners...)
		}
		if err := step(len(part), people, func(b *batch) error {
			for _, p := range part {
				b.space(p, seen)
			}
			return nil
		}); err != nil {
			return err
		}
	}
	for part := range slices.Chunk(residents, chunk) {
		var people []ledger.Person
		for _, l := range part {
			people = append(people, l.Person)
		}
		if err := step(len(part), people, func(b *batch) error {
			for _, l := range part {
				if err := b.resident(ctx, l); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return err
		}
	}
	if len(homes) > 0 {
		x.missing(in, seen)
	}
	return nil
}

// learn lets PostgreSQL look at the tables that an import fills, after its first chunk and each time it has grown by half:
// of tables that it knew empty it would read all rows for each question, until its own look a minute later.
func (x *run) learn(ctx context.Context, n int) error {
	x.kept += n
	if x.r.db.Engine != store.Postgres || x.kept < x.learnt+x.learnt/2 {
		return nil
	}
	x.learnt = x.kept
	return x.write(ctx, func(tx *store.Tx) error {
		for _, t := range []string{"people_person", "people_phone", "people_title", "people_link", "people_word"} {
			if _, err := tx.Exec(ctx, `analyze `+t); err != nil {
				return err
			}
		}
		return nil
	})
}

// missing lists the homes that the register has and the workbook does not; nothing is done to them.
func (x *run) missing(in *interior, seen map[string]bool) {
	var gone []place.Node
	for _, n := range in.under {
		if n.Kind == place.Home && !seen[n.ID] {
			gone = append(gone, n)
		}
	}
	slices.SortFunc(gone, func(a, b place.Node) int { return strings.Compare(place.Sort(a.Label), place.Sort(b.Label)) })
	x.changes.Missing += len(gone)
	for _, n := range gone {
		x.changes.note(Difference{Kind: "missing", Node: n.ID, Words: in.node.Name + " " + n.Label, Zh: "台账里没有这一户（或该行被退回），保留不动", En: "the workbook does not list this home, or its row was refused; it stays"})
	}
}

// absorb takes over what a kept batch found and made.
func (x *run) absorb(b *batch) {
	for k, v := range b.under {
		b.in.under[k] = v
	}
	for k, v := range b.byID {
		x.byID[k] = v
	}
	for k, v := range b.plain {
		b.in.plain[k] = v
	}
	for k := range b.linked {
		b.in.linked[k] = true
	}
	for k, v := range b.held {
		b.in.titles[k] = v
		b.in.ever[k] = true
	}
	x.changes = b.changes
}

// at finds or plans a place.
func (b *batch) at(src ledger.Source, parent place.Node, kind place.Kind, name string) (n place.Node, made bool) {
	k := key(parent.ID, kind, name)
	if n, ok := b.under[k]; ok {
		return n, false
	}
	if n, ok := b.in.under[k]; ok {
		return n, false
	}
	n = b.plant.New(b.newID(), parent, kind, name)
	b.under[k] = n
	b.acts = append(b.acts, act{src, "node", n.ID, 1, ""})
	return n, true
}

// door finds or plans the place of a home: below its unit, its building, or the compound.
func (b *batch) door(src ledger.Source, building, unit string) place.Node {
	at := b.in.node
	if at.ID == "" { // dry and the compound is new: any id will do
		at.ID = "new"
	}
	if building != "" {
		at, _ = b.at(src, at, place.Building, clip(building))
		if unit != "" {
			at, _ = b.at(src, at, place.Unit, clip(unit))
		}
	}
	return at
}

func clip(name string) string {
	if r := []rune(name); len(r) > 60 {
		return string(r[:60])
	}
	return name
}

func roomName(building, unit, room string) string {
	if building == "" && unit != "" {
		return clip(unit + "-" + room)
	}
	return clip(room)
}

func (b *batch) home(h ledger.Home, seen map[string]bool) {
	parent := b.door(h.Source, h.Building, h.Unit)
	n, made := b.at(h.Source, parent, place.Home, roomName(h.Building, h.Unit, h.Room))
	seen[n.ID] = true
	old := b.in.homes[n.ID]
	f := old
	if made {
		f = place.HomeFacts{State: string(ledger.Delivered)}
	}
	f.Use = string(h.Use)
	say := func(into *string, v string) {
		if v != "" {
			*into = v
		}
	}
	say(&f.UseText, h.UseAs)
	say(&f.Floor, h.Floor)
	say(&f.Occupancy, h.Occupancy)
	say(&f.TitleNo, h.Title)
	say(&f.Remark, h.Remark)
	if h.InnerArea > 0 {
		f.InnerArea = h.InnerArea
	}
	if d := firstDay(h.Delivered); d.Sound() {
		f.DeliveredOn = d
	}
	if h.StateSaid || made {
		f.State, f.StateSaid = string(h.State), h.StateSaid
	}
	f.Area, f.AreaSource = chosen(old.Area, old.AreaSource, h.Area, h.AreaSource)
	where := b.in.node.Name + " " + n.Label
	switch {
	case made:
		b.changes.Homes.New++
		b.plant.Home(n, f, false)
	case f != old:
		b.changes.Homes.Changed++
		b.plant.Home(n, f, true)
		b.acts = append(b.acts, act{h.Source, "facts", n.ID, n.Version + 1, text(old)})
		d := Difference{Kind: "facts", Node: n.ID, Words: where, Zh: "房屋情况有变化", En: "the home's facts change", Sheet: h.Source.Sheet, Row: h.Source.Row}
		if f.Area != old.Area {
			d.Zh, d.En = "面积 "+old.Area.String()+" → "+f.Area.String()+" ㎡", "area "+old.Area.String()+" → "+f.Area.String()+" m²"
		}
		b.changes.note(d)
		n.Version++
		b.under[key(n.Parent, place.Home, n.Name)] = n
	default:
		b.changes.Homes.Same++
	}
	b.owners(h.Source, n, made, h.Owners, h.State, where)
}

// chosen keeps a figure of a stronger source (R04) against one of a weaker.
func chosen(was area.Area, wasFrom area.Source, a area.Area, from area.Source) (area.Area, area.Source) {
	if was > 0 && (a <= 0 || wasFrom.Over(from) && from != area.Unknown) {
		return was, wasFrom
	}
	if was == a && from == area.Unknown {
		return was, wasFrom
	}
	return a, from
}

func (b *batch) space(p ledger.Parking, seen map[string]bool) {
	parent := b.door(p.Source, p.Building, "")
	n, made := b.at(p.Source, parent, place.Parking, clip(p.Number))
	seen[n.ID] = true
	old := b.in.spaces[n.ID]
	f := old
	f.Titled = p.Titled
	if p.Title != "" {
		f.TitleNo = p.Title
	}
	if p.Remark != "" {
		f.Remark = p.Remark
	}
	if p.StateSaid || made {
		f.State, f.StateSaid = string(p.State), p.StateSaid
	}
	f.Area, f.AreaSource = chosen(old.Area, old.AreaSource, p.Area, p.AreaSource)
	where := b.in.node.Name + " " + n.Name
	switch {
	case made:
		b.changes.Parking.New++
		b.plant.Parking(n, f, false)
	case f != old:
		b.changes.Parking.Changed++
		b.plant.Parking(n, f, true)
		b.acts = append(b.acts, act{p.Source, "facts", n.ID, n.Version + 1, text(old)})
		b.changes.note(Difference{Kind: "facts", Node: n.ID, Words: where, Zh: "车位情况有变化", En: "the parking space's facts change", Sheet: p.Source.Sheet, Row: p.Source.Row})
		n.Version++
		b.under[key(n.Parent, place.Parking, n.Name)] = n
	default:
		b.changes.Parking.Same++
	}
	b.owners(p.Source, n, made, p.Owners, p.State, where)
}

// owners makes the workbook's owners the owners: the same set changes nothing, another set is a move with a date.
func (b *batch) owners(src ledger.Source, n place.Node, made bool, owners []ledger.Person, state ledger.State, where string) {
	current := b.in.titles[n.ID]
	if h, ok := b.held[n.ID]; ok {
		current = h
	}
	if len(owners) == 0 && (state != ledger.Unsold || len(current) == 0) {
		return
	}
	type want struct {
		id   string
		n, d int64
	}
	var wants []want
	for _, p := range owners {
		id := b.who(src, p, current)
		if slices.ContainsFunc(wants, func(w want) bool { return w.id == id }) {
			continue
		}
		wants = append(wants, want{id: id, n: p.Share.Num, d: p.Share.Den})
	}
	move := false
	var after, gone []held
	for _, h := range current {
		if !slices.ContainsFunc(wants, func(w want) bool { return w.id == h.person }) {
			gone = append(gone, h)
		}
	}
	from := day.Day(0)
	if len(current) > 0 || b.in.ever[n.ID] || !made && len(current) == 0 {
		from = b.x.on
	}
	for _, h := range gone {
		move = true
		b.changes.Titles.Changed++
		last := b.x.on.Add(-1)
		if h.from.Sound() && last < h.from {
			last = h.from
		}
		b.ended = append(b.ended, h)
		b.endOn[h.id] = last
		b.acts = append(b.acts, act{src, "title_end", h.id, h.version + 1, ""})
	}
	for _, w := range wants {
		i := slices.IndexFunc(current, func(h held) bool { return h.person == w.id })
		if i >= 0 {
			h := current[i]
			if w.d > 0 && (h.shareN != w.n || h.shareD != w.d) {
				b.changes.Titles.Changed++
				b.acts = append(b.acts, act{src, "share", h.id, h.version + 1, text([]int64{h.shareN, h.shareD})})
				h.shareN, h.shareD, h.version = w.n, w.d, h.version+1
				b.shares = append(b.shares, share{h.id, w.n, w.d, h.version})
			} else {
				b.changes.Titles.Same++
			}
			after = append(after, h)
			continue
		}
		if len(current) > 0 {
			move = true
		}
		id := b.newID()
		b.titles = append(b.titles, []any{id, n.ID, string(n.Path), w.id, w.n, w.d, from})
		b.acts = append(b.acts, act{src, "title", id, 1, ""})
		b.changes.Titles.New++
		after = append(after, held{id: id, person: w.id, shareN: w.n, shareD: w.d, from: from, version: 1})
	}
	b.held[n.ID] = after
	if move {
		b.changes.Moves++
		names := func(hs []held) string {
			var out []string
			for _, h := range hs {
				out = append(out, seal.MaskName(h.name))
			}
			return strings.Join(out, "、")
		}
		var to []string
		for _, p := range owners {
			to = append(to, seal.MaskName(p.Name))
		}
		b.changes.note(Difference{Kind: "move", Node: n.ID, Words: where, Sheet: src.Sheet, Row: src.Row,
			Zh: "产权变更（" + b.x.on.String() + "）：" + names(current) + " → " + strings.Join(to, "、"),
			En: "new owners from " + b.x.on.String() + ": " + names(current) + " → " + strings.Join(to, ", ")})
	}
}

// who finds the person of a cell, or plans a new one. The same number is the same person; without one the same name is,
// who owns here already, has the same telephone, or stands in the same compound without either.
func (b *batch) who(src ledger.Source, p ledger.Person, current []held) string {
	x := b.x
	d := x.draft(p)
	idIndex := x.r.ring.Index(seal.Identity, d.Identity)
	name := place.Plain(d.Name)
	id := ""
	if idIndex != "" {
		if id = b.byID[idIndex]; id == "" {
			id = x.byID[idIndex]
		}
	}
	if id == "" {
		for _, h := range current {
			if place.Plain(h.name) == name && (idIndex == "" || h.idIndex == "") {
				id = h.person
			}
		}
	}
	if id == "" {
		for _, f := range d.Phones {
			for _, k := range b.byPhone[x.r.ring.Index(seal.Phone, f)] {
				if place.Plain(k.name) == name && (idIndex == "" || k.idIndex == "") {
					id = k.id
				}
			}
		}
	}
	if id == "" && idIndex == "" && len(d.Phones) == 0 {
		if id = b.plain[name]; id == "" {
			id = b.in.plain[name]
		}
	}
	if id == "" {
		id = b.newID()
		b.persons = append(b.persons, personRow{id, d})
		b.links = append(b.links, link{id, d.Name, b.in.node.Path, x.r.last4s(d)})
		b.linked[id] = true
		b.acts = append(b.acts, act{src, "person", id, 1, ""})
		b.changes.Persons.New++
		for _, f := range d.Phones {
			i := x.r.ring.Index(seal.Phone, f)
			b.byPhone[i] = append(b.byPhone[i], known{id, d.Name, idIndex})
		}
		if idIndex == "" && len(d.Phones) == 0 {
			b.plain[name] = id
		}
	} else {
		b.known(src, id, d, idIndex)
	}
	if idIndex != "" {
		b.byID[idIndex] = id
	}
	return id
}

// known adds to somebody on the register what the workbook knows besides: a number, a telephone, this compound.
func (b *batch) known(src ledger.Source, id string, d NewPerson, idIndex string) {
	changed := false
	fresh := slices.IndexFunc(b.persons, func(p personRow) bool { return p.id == id })
	if idIndex != "" && b.byID[idIndex] == "" && b.x.byID[idIndex] == "" {
		if fresh >= 0 {
			b.persons[fresh].IDKind, b.persons[fresh].Identity = d.IDKind, d.Identity
		} else {
			b.number[id] = d
			b.acts = append(b.acts, act{src, "identity", id, 0, idIndex})
			changed = true
		}
	}
	for _, f := range d.Phones {
		i := b.x.r.ring.Index(seal.Phone, f)
		if slices.ContainsFunc(b.byPhone[i], func(k known) bool { return k.id == id }) {
			continue
		}
		b.byPhone[i] = append(b.byPhone[i], known{id, d.Name, idIndex})
		if fresh >= 0 {
			b.persons[fresh].Phones = append(b.persons[fresh].Phones, f)
			for j := range b.links {
				if b.links[j].person == id {
					b.links[j].last4 = append(b.links[j].last4, seal.Last4(seal.Phone, f))
				}
			}
		} else {
			b.phones[id] = append(b.phones[id], f)
			changed = true
		}
	}
	if !b.linked[id] && !b.in.linked[id] {
		b.linked[id] = true
		b.relink = append(b.relink, id)
	} else if changed && fresh < 0 {
		b.relink = append(b.relink, id)
	}
	if changed {
		b.changes.Persons.Changed++
	} else {
		b.changes.Persons.Same++
	}
}

func (b *batch) resident(ctx context.Context, l ledger.Resident) error {
	parent := b.in.node
	find := func(kind place.Kind, name string) bool {
		k := key(parent.ID, kind, name)
		n, ok := b.under[k]
		if !ok {
			n, ok = b.in.under[k]
		}
		parent = n
		return ok
	}
	ok := parent.ID != ""
	if ok && l.Building != "" {
		if ok = find(place.Building, clip(l.Building)); ok && l.Unit != "" {
			ok = find(place.Unit, clip(l.Unit))
		}
	}
	if ok {
		ok = find(place.Home, roomName(l.Building, l.Unit, l.Room))
	}
	if !ok {
		b.changes.note(Difference{Kind: "held", Words: b.in.node.Name, Zh: "住户所在的房屋不在册，未登记", En: "the resident's home is not on the register; not entered", Sheet: l.Source.Sheet, Row: l.Source.Row})
		return nil
	}
	relation, kin := "family", l.Relation
	switch l.Role {
	case "tenant":
		relation = "tenant"
	case "temporary":
		relation = "tenant"
		if kin == "" {
			kin = "临时居住"
		}
	}
	if r := []rune(kin); len(r) > 20 {
		kin = string(r[:20])
	}
	id := b.who(l.Source, l.Person, nil)
	n, err := store.Count(ctx, b.q, `select count(*) from people_household where node = $1 and person = $2 and relation = $3`, parent.ID, id, relation)
	if err != nil {
		return err
	}
	if n > 0 || slices.ContainsFunc(b.lives, func(o life) bool { return o.node.ID == parent.ID && o.person == id && o.relation == relation }) {
		b.changes.Households.Same++
		return nil
	}
	b.changes.Households.New++
	b.lives = append(b.lives, life{l.Source, parent, id, relation, kin, firstDay(l.From), lastDay(l.To)})
	return nil
}
