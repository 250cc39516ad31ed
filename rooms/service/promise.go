package service

import (
	"context"
	"slices"
	"strings"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/store"
	"cuobian/rooms/place"
)

// Promise is what a company told the owners it would do.
type Promise struct {
	ID        string     `json:"id"`
	Contract  string     `json:"contract_id"`
	Path      scope.Path `json:"path"`
	Words     string     `json:"text"`
	Due       day.Day    `json:"due,omitempty"`
	State     string     `json:"state" enum:"open,kept,broken"`
	Note      string     `json:"note,omitempty"`
	DecidedOn day.Day    `json:"decided_on,omitempty"`
	Version   int64      `json:"version"`
}

// Promise keeps a promise under a contract that is in force.
func (s *Contracts) Promise(ctx context.Context, who access.Who, contract, words string, due day.Day) (p Promise, err error) {
	err = s.db.Write(ctx, func(tx *store.Tx) error {
		c, err := s.Get(ctx, tx, contract)
		if err != nil {
			return err
		}
		if err := who.May(Edit, c.Path); err != nil {
			return err
		}
		if c.To.Sound() && c.To < tx.Now.Day(day.Shanghai) {
			return ErrEnded
		}
		words = strings.TrimSpace(words)
		if words == "" || len([]rune(words)) > 500 {
			return fault.Bad("text", "service.text", "承诺内容为 1 至 500 字", "a promise has 1 to 500 characters")
		}
		p = Promise{ID: tx.NewID(), Contract: c.ID, Path: c.Path, Words: words, Due: due, State: "open", Version: 1}
		if err := insertPromise(ctx, tx, p); err != nil {
			return err
		}
		tx.Changed(store.Change{Kind: "promises", ID: p.ID, Path: p.Path})
		return audit.Write(ctx, tx, audit.Entry{By: who.By(Edit, p.Path), Action: Edit.Name, Path: p.Path, Ref: "promises/" + p.ID, To: p})
	})
	return p, err
}

// Decide says whether a promise was kept. A broken one may still be kept later.
func (s *Contracts) Decide(ctx context.Context, who access.Who, id, state, note string, version int64) (p Promise, err error) {
	err = s.db.Write(ctx, func(tx *store.Tx) error {
		if p, err = promise(ctx, tx, id); err != nil {
			return err
		}
		if err := who.May(Edit, p.Path); err != nil {
			return err
		}
		if p.Version != version {
			return ErrVersion
		}
		if !slices.Contains([]string{"open", "kept", "broken"}, state) {
			return fault.Bad("state", "service.state", "状态应为未到期、已兑现或未兑现", "the state is open, kept or broken")
		}
		old := p
		p.State, p.Note, p.DecidedOn, p.Version = state, note, tx.Now.Day(day.Shanghai), p.Version+1
		if err := updatePromise(ctx, tx, p); err != nil {
			return err
		}
		tx.Changed(store.Change{Kind: "promises", ID: p.ID, Path: p.Path})
		return audit.Write(ctx, tx, audit.Entry{By: who.By(Edit, p.Path), Action: Edit.Name, Path: p.Path, Ref: "promises/" + p.ID, Why: note, From: old, To: p})
	})
	return p, err
}

// Promises lists promises within who's places, by due day, after the given id of the same list.
func (s *Contracts) Promises(ctx context.Context, who access.Who, under scope.Path, state, after string, limit int) (items []Promise, next string, err error) {
	if err := who.MaySomewhere(See); err != nil {
		return nil, "", err
	}
	if limit <= 0 || limit > 200 {
		limit = 50
	}
	items, err = s.findPromises(ctx, place.Narrow(who.Paths(See), under), state, after, limit+1)
	if len(items) > limit {
		items = items[:limit]
		next = items[limit-1].ID
	}
	return items, next, err
}

// Joined is several compounds managed as one.
type Joined struct {
	Unit      string       `json:"id"`
	Name      string       `json:"name"`
	Since     day.Day      `json:"since,omitempty"`
	Compounds []place.Node `json:"compounds"`
}

// Join manages compounds as one; a compound is in one such unit at most, and moving it takes it out of the other.
// Fewer than two compounds dissolve the unit that unit names.
func (s *Contracts) Join(ctx context.Context, who access.Who, unit, name string, compounds []string, since day.Day, why string) (j Joined, err error) {
	err = s.db.Write(ctx, func(tx *store.Tx) error {
		name = strings.TrimSpace(name)
		if name == "" || len([]rune(name)) > 60 {
			return fault.Bad("name", "service.name", "名称不能为空，也不能超过 60 个字", "a name of 1 to 60 characters is needed")
		}
		if strings.TrimSpace(why) == "" {
			return ErrReason
		}
		compounds = slices.Clone(compounds)
		slices.Sort(compounds)
		compounds = slices.Compact(compounds)
		j = Joined{Unit: unit, Name: name, Since: since, Compounds: []place.Node{}}
		if unit == "" {
			if len(compounds) < 2 {
				return fault.Bad("compounds", "service.two", "连片至少两个小区", "joining needs two compounds at least")
			}
			j.Unit = tx.NewID()
		}
		before, err := s.joinedNodes(ctx, tx, j.Unit)
		if err != nil {
			return err
		}
		if unit != "" && len(before) == 0 {
			return ErrMissing
		}
		for _, n := range before {
			if err := who.May(Edit, n.Path); err != nil {
				return err
			}
		}
		for _, id := range compounds {
			n, err := s.People.Map.Get(ctx, tx, id)
			if err != nil {
				return err
			}
			if err := who.May(Edit, n.Path); err != nil {
				return err
			}
			if n.Kind != place.Compound {
				return ErrPlace
			}
			j.Compounds = append(j.Compounds, n)
		}
		if err := clearJoined(ctx, tx, j.Unit); err != nil {
			return err
		}
		at := before
		if len(j.Compounds) >= 2 {
			for _, n := range j.Compounds {
				if err := insertJoined(ctx, tx, j, n); err != nil {
					return err
				}
			}
			at = append(at, j.Compounds...)
		} else {
			j.Compounds = []place.Node{}
		}
		for _, n := range at {
			tx.Changed(store.Change{Kind: "joined", ID: j.Unit, Path: n.Path})
		}
		return audit.Write(ctx, tx, audit.Entry{By: who.By(Edit, at[0].Path), Action: Edit.Name, Path: at[0].Path, Ref: "joined/" + j.Unit, Why: why, From: ids(before), To: ids(j.Compounds)})
	})
	return j, err
}

func ids(ns []place.Node) []string {
	out := []string{}
	for _, n := range ns {
		out = append(out, n.ID)
	}
	return out
}

// JoinedIn lists the units of joined compounds within who's places.
func (s *Contracts) JoinedIn(ctx context.Context, who access.Who, under scope.Path) ([]Joined, error) {
	if err := who.MaySomewhere(See); err != nil {
		return nil, err
	}
	return s.findJoined(ctx, place.Narrow(who.Paths(See), under))
}
