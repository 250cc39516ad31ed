package cases

import (
	"context"
	"strings"
	"sync"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/blob"
	"cuobian/platform/rules"
	"cuobian/platform/store"
	"cuobian/rooms/cases/clock"
	"cuobian/rooms/duty"
	"cuobian/rooms/people"
	"cuobian/rooms/place"
	"cuobian/rooms/service"
)

// Rooms are the lower rooms and parts that a desk stands on.
type Rooms struct {
	Rules     *rules.Book
	Map       *place.Map
	Register  *people.Register
	Contracts *service.Contracts
	Blobs     *blob.Store
}

// periods are the presets of the clocks by name, once read: they are part of the program, and nobody changes them.
var periods sync.Map

// Stand fills in the desk's ports from the rooms below; what is nil stays as it was.
func (d *Desk) Stand(on Rooms) {
	today := func() day.Day { return d.db.Now().Day(day.Shanghai) }
	if b := on.Rules; b != nil {
		d.Rules = func(ctx context.Context, q store.Queryer, at scope.Path, day day.Day) (clock.Periods, *day.Calendar, string, error) {
			var p clock.Periods
			f, err := b.InForce(ctx, q, rules.CasesClock, at, day)
			if err != nil {
				return p, nil, "", err
			}
			name := f.Name()
			if known, ok := periods.Load(name); ok {
				p = known.(clock.Periods)
			} else {
				if err := f.Read(&p); err != nil {
					return p, nil, "", err
				}
				periods.Store(name, p)
			}
			cal, err := b.Calendar(ctx, q, at)
			return p, cal, name, err
		}
		if d.duty != nil {
			d.duty.RedRule = func(ctx context.Context, q store.Queryer, org, person string, at scope.Path, now day.Instant) (bool, error) {
				f, err := b.InForce(ctx, q, rules.DutyCards, at, now.Day(day.Shanghai))
				if err != nil {
					return false, err
				}
				var c rules.Cards
				if err := f.Read(&c); err != nil {
					return false, err
				}
				since := now.Day(day.Shanghai).Add(-c.WithinDays).Start(day.Shanghai)
				yellow, err := duty.Yellows(ctx, q, org, person, since)
				if err != nil || yellow < int64(c.Yellow) {
					return false, err
				}
				upheld, err := Upheld(ctx, q, org, person, since)
				return upheld >= int64(c.Upheld), err
			}
		}
	}
	if m := on.Map; m != nil {
		d.Place = func(ctx context.Context, q store.Queryer, ref string) (Spot, error) {
			var n place.Node
			var spot string
			var err error
			if strings.Contains(ref, "/") {
				n, err = m.At(ctx, q, scope.Path(ref))
			} else if n, err = m.Get(ctx, q, ref); fault.IsKind(err, fault.Missing) {
				var s place.Spot
				if s, n, err = m.Spot(ctx, q, ref); err == nil {
					spot = s.Name
				}
			}
			if err != nil {
				return Spot{}, err
			}
			out := Spot{Path: n.Path, Text: strings.TrimSpace(n.Label + " " + spot)}
			if c := place.CompoundPath(n.Path); c != "" && c != n.Path {
				names, err := m.Names(ctx, q, c)
				if err != nil {
					return out, err
				}
				out.Compound = names[c]
			} else {
				out.Compound = n.Name
			}
			return out, nil
		}
	}
	if m := on.Map; m != nil {
		d.PlaceNamed = func(ctx context.Context, q store.Queryer, within scope.Path, text string) (string, error) {
			found, err := m.Search(ctx, q, text, 2, place.Compound, within)
			if err != nil || len(found) != 1 {
				return "", err
			}
			return found[0].ID, nil
		}
	}
	if c := on.Contracts; c != nil {
		d.Served = func(ctx context.Context, q store.Queryer, at scope.Path) (string, string, error) {
			x, ok, err := c.Serving(ctx, q, at, today())
			if err != nil || !ok {
				return "", "", err
			}
			return string(x.Mode), x.Org, nil
		}
	}
	if r := on.Register; r != nil {
		d.OrgOf = func(ctx context.Context, q store.Queryer, id string) (Org, error) {
			o, err := r.Org(ctx, q, id)
			return Org{Name: o.Name, Kind: string(o.Kind)}, err
		}
		d.NameOf = r.PersonName
		d.PhoneOf = func(ctx context.Context, q store.Queryer, person string) (string, error) {
			phones, err := r.Phones(ctx, q, person)
			if err != nil || len(phones) == 0 {
				return "", err
			}
			return phones[0], nil
		}
		d.OrgFor = func(ctx context.Context, q store.Queryer, kind string, at scope.Path) (string, error) {
			for p := at; p.Street() != ""; p = p.Parent() {
				list, err := r.OrgsAt(ctx, q, p, today(), people.OrgKind(kind))
				if err != nil {
					return "", err
				}
				for _, o := range list {
					if o.Path.Covers(at) {
						return o.ID, nil
					}
				}
			}
			return "", nil
		}
		d.Hands = func(ctx context.Context, q store.Queryer, community scope.Path, verify, call []access.Post) (int, error) {
			seen := map[string]bool{}
			terms, err := r.Holders(ctx, q, community, today(), append(append([]access.Post{}, verify...), call...)...)
			if err != nil {
				return 0, err
			}
			for _, t := range terms {
				if t.Path == community {
					seen[t.Person] = true
				}
			}
			return len(seen), nil
		}
	}
	if s := on.Blobs; s != nil {
		d.Attach = func(ctx context.Context, tx *store.Tx, who access.Who, id, ref string, at scope.Path, where string) error {
			sender := who.Account
			switch {
			case who.System:
				sender = blob.ByProgram
			case sender == "":
				sender = who.Session // the upload ticket of somebody without an account
			}
			return s.Attach(ctx, tx, id, sender, ref, at, where)
		}
		d.Expire = s.Expire
	}
}

// Upheld counts the complaints of a holder that were verified since an instant; merged ones count once (R51).
func Upheld(ctx context.Context, q store.Queryer, org, person string, since day.Instant) (int64, error) {
	if org != "" {
		return store.Count(ctx, q, `select count(*) from cases_v_upheld where org = $1 and verified_at >= $2`, org, int64(since))
	}
	return store.Count(ctx, q, `select count(*) from cases_v_upheld where org = '' and person = $1 and person <> '' and verified_at >= $2`, person, int64(since))
}

// Sight decides whether who may look at what is attached to a matter: whoever sees the matter.
func (d *Desk) Sight(ctx context.Context, who access.Who, id string) error {
	c, err := readRow(ctx, d.db, id)
	if err != nil {
		return err
	}
	if !d.sees(d.live(who), c) {
		return access.ErrMissing
	}
	return nil
}

// Sweep does what the clock brings by itself: silence after the days for confirming, and clocks that run on when the
// cap of a pause has passed, and ends that were provisional after the calendar changed; and on SQLite it brings the full-text table up to date. It says how much it did. A timer
// calls it.
func (d *Desk) Sweep(ctx context.Context) (int, error) {
	silent, err := d.Silence(ctx, 200)
	if err != nil {
		return silent, err
	}
	woken, err := d.wake(ctx, 200)
	if err != nil {
		return silent + woken, err
	}
	moved := 0
	if d.rulesNew.CompareAndSwap(true, false) {
		if moved, err = d.Recount(ctx); err != nil {
			d.rulesNew.Store(true)
			return silent + woken + moved, err
		}
	}
	indexed, err := d.Index(ctx)
	return silent + woken + moved + indexed, err
}
