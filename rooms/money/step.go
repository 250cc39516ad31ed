package money

import (
	"context"
	"slices"

	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/store"
	"cuobian/rooms/place"
)

// enters finds a compound for who begins something in it: a named person whose post may do a there.
func (t *Till) enters(ctx context.Context, q store.Queryer, who access.Who, a *access.Action, compound string) (place.Node, error) {
	n, err := t.compound(ctx, q, compound)
	if err == nil {
		err = t.may(ctx, q, who, a, n.Path)
	}
	if err == nil {
		err = person(who)
	}
	return n, err
}

// standing is where a matter lies, where it stands, and what the trail keeps of it.
type standing struct {
	path       scope.Path
	ref, state string
	version    int64
	kept       any
}

// matter is what goes its way step by step: a use of the fund, a shared work, a period of pay by quality.
type matter interface{ stands() standing }

func (u Use) stands() standing     { return standing{u.Path, u.Ref(), u.State, u.Version, u} }
func (p Project) stands() standing { return standing{p.Path, p.Ref(), p.State, p.Version, p} }
func (x Quality) stands() standing {
	return standing{x.Path, x.Ref(), x.State, x.Row, map[string]any{"state": x.State, "version": x.Version, "hash": x.Hash}}
}

// track is how matters of a kind are read and kept, and what is said of a step in the wrong state.
type track[M matter] struct {
	read  func(context.Context, store.Queryer, string) (M, error)
	keep  func(context.Context, *store.Tx, *M) error
	wrong error
}

// step is one step: of which matter, seen at which version (0 is any), by whose action (the first that who has), from which
// states; what and why are for the trail.
type step struct {
	id        string
	version   int64
	by        []*access.Action
	what, why string
	from      []string
}

// take reads the matter, sees that who may take the step now, lets fn change it, and keeps it with its trace.
func take[M matter](ctx context.Context, t *Till, who access.Who, k track[M], s step, fn func(*store.Tx, *M) error) (m M, err error) {
	err = t.db.Write(ctx, func(tx *store.Tx) error {
		if m, err = k.read(ctx, tx, s.id); err != nil {
			return err
		}
		at := m.stands()
		a := s.by[0]
		if i := slices.IndexFunc(s.by, func(a *access.Action) bool { return who.May(a, at.path) == nil }); i >= 0 {
			a = s.by[i]
		}
		if err := t.may(ctx, tx, who, a, at.path); err != nil {
			if a == Look {
				err = ErrMissing
			}
			return err
		}
		if err := person(who); err != nil {
			return err
		}
		if s.version != 0 && s.version != at.version {
			return ErrChanged
		}
		if !slices.Contains(s.from, at.state) {
			return k.wrong
		}
		if err := fn(tx, &m); err != nil {
			return err
		}
		if err := k.keep(ctx, tx, &m); err != nil {
			return err
		}
		at = m.stands()
		return t.trail(ctx, tx, who, a, at.path, s.what, at.ref, s.why, at.kept)
	})
	return m, err
}
