package assembly

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"cuobian/basis/day"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/store"
	"cuobian/rooms/assembly/bundle"
	"cuobian/rooms/assembly/tally"
	"cuobian/rooms/people"
	"cuobian/rooms/place"
)

// big adds homes to the town's compound, each with an owner of its own, all invented.
func (w *town) big(homes int) (owners []access.Who) {
	w.t.Helper()
	for from := 0; from < homes; from += 500 {
		w.must(w.db.Write(ctx, func(tx *store.Tx) error {
			for i := from; i < min(from+500, homes); i++ {
				at := w.here
				for _, x := range []struct {
					kind place.Kind
					name string
				}{{place.Building, fmt.Sprintf("大%d幢", i/100+1)}, {place.Home, fmt.Sprint(101 + i%100/4*100 + i%4)}} {
					n, _, err := w.on.Map.Ensure(ctx, tx, audit.System, at, x.kind, x.name)
					if err != nil {
						return err
					}
					at = n
				}
				if err := w.on.Map.SetHome(ctx, tx, audit.System, at, place.HomeFacts{Use: "dwelling", Area: 80_00, AreaSource: "registered", State: "delivered"}, ""); err != nil {
					return err
				}
				name := fmt.Sprintf("业主%d", i)
				p, err := w.register.Put(ctx, tx, audit.System, w.here.Path, people.NewPerson{Name: name, Phones: []string{fmt.Sprintf("135%08d", i)}})
				if err != nil {
					return err
				}
				w.person[name], w.home[name] = p.ID, at
				owners = append(owners, w.owner(name))
				if err := w.register.SetOwners(ctx, tx, audit.System, at, []people.Owner{{Person: p.ID}}, day.MustParse("2020-01-01")); err != nil {
					return err
				}
			}
			return nil
		}))
	}
	return owners
}

// A hundred owners within the same moment, each with a device of the own: every ballot is taken once, and none waits long.
func TestHundredAtOnce(t *testing.T) {
	w := polls(t)
	owners := w.big(100)
	m := w.voting()
	type job struct {
		p  *phone
		in Vote
	}
	list := make([]job, len(owners))
	for i, who := range owners {
		p := w.phone(who)
		list[i] = job{p, p.fill(m, w.right(m, who.Name), agree())}
	}
	var wait sync.WaitGroup
	var tries atomic.Int64
	real := w.Publish
	w.Publish = func(ctx context.Context, tx *store.Tx, kind string, at scope.Path, ref string, body any) (audit.Leaf, error) {
		tries.Add(1)
		return real(ctx, tx, kind, at, ref, body)
	}
	start := time.Now()
	errs := make([]error, len(list))
	for i, j := range list {
		wait.Go(func() { _, errs[i] = w.Cast(ctx, j.p.who, m.ID, j.in) })
	}
	wait.Wait()
	t.Logf("%d ballots in %v on %s, %d tries", len(list), time.Since(start), w.db.Engine, tries.Load())
	w.Publish = real
	for _, err := range errs {
		w.must(err)
	}
	if tries.Load() > 120 {
		t.Errorf("%d tries for 100 ballots: rights wait for one another", tries.Load())
	}
	if n, _ := store.Count(ctx, w.db, `select count(distinct right_no) from assembly_ballot where n = 1`); n != 100 {
		t.Errorf("%d rights voted", n)
	}
	w.day("2026-03-25")
	_, err := w.Post(ctx, w.director, m.ID)
	w.must(err)
	w.place1()
	file, _, err := w.Bundle(ctx, m.ID)
	w.must(err)
	if r := w.sound(file); r.Ballots != 100 {
		t.Errorf("%d ballots in the bundle", r.Ballots)
	}
}

// BenchmarkFiveThousand counts, bundles and checks a compound of 5,000 homes; the aim is under three seconds for all.
func BenchmarkFiveThousand(b *testing.B) {
	w := polls(b)
	w.big(5000)
	m := w.voting()
	w.must(w.db.Write(ctx, func(tx *store.Tx) error {
		for no := int64(1); no <= 5000; no++ {
			c := cast{right: no, choices: map[int]tally.Choice{1: tally.Agree}, salt: make([]byte, saltLen), channel: "phone"}
			copy(c.salt, fmt.Sprint(no))
			if no%5 == 0 {
				c.choices[1] = tally.Against
			}
			if _, err := w.put(ctx, tx, access.System, m, c); err != nil {
				return err
			}
		}
		return nil
	}))
	w.day("2026-03-25")
	start := time.Now()
	_, err := w.Post(ctx, w.director, m.ID)
	w.must(err)
	b.Logf("count and preliminary result: %v", time.Since(start))
	w.place1()
	b.ResetTimer()
	for b.Loop() {
		start := time.Now()
		if _, err := w.results(ctx, w.db, w.read1(m.ID)); err != nil {
			b.Fatal(err)
		}
		counted := time.Since(start)
		file, _, _, err := w.export(ctx, m, bundle.Public)
		w.must(err)
		made := time.Since(start)
		if r := bundle.Check(file, nil); !r.OK || r.Ballots != 5000 {
			b.Fatal("not sound")
		}
		all := time.Since(start)
		b.Logf("count %v, bundle %v (%d bytes), verify %v, together %v", counted, made-counted, len(file), all-made, all)
	}
}
