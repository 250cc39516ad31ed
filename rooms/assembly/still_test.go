package assembly

import (
	"errors"
	"testing"

	"cuobian/platform/store"
	"cuobian/rooms/assembly/tally"
)

// Between the look at a meeting and the write of a ballot anything may end: the write sees it.
func TestStillHolds(t *testing.T) {
	for name, x := range map[string]struct {
		change string // of the records, after the meeting was read; "" is none
		late   bool
		want   error
	}{
		"nothing":           {},
		"a harmless change": {change: `update assembly_meeting set version = version + 1`},
		"device taken off":  {change: `update assembly_device set ended = 1`, want: ErrDevice},
		"voter ended":       {change: `update assembly_voter set ended = 1`, want: ErrNotYours},
		"right ended":       {change: `update assembly_right set ended = 1`, late: true, want: ErrRight},
		"closed":            {change: `update assembly_meeting set state = 'closed'`, late: true, want: ErrOver},
		"cancelled":         {change: `update assembly_meeting set state = 'cancelled'`, late: true, want: ErrNotOpen},
	} {
		t.Run(name, func(t *testing.T) {
			w := polls(t)
			m := w.voting()
			p := w.phone(w.owner("甲"))
			c := cast{right: w.right(m, "101"), choices: map[int]tally.Choice{1: tally.Agree}, person: p.who.Person, sign: "device", key: p.id}
			w.must(w.db.Write(ctx, func(tx *store.Tx) error {
				if x.change == "" {
					return nil
				}
				if _, err := tx.Exec(ctx, x.change); err != nil || !x.late {
					return err
				}
				_, err := tx.Exec(ctx, `update assembly_meeting set version = version + 1`)
				return err
			}))
			var n int64
			err := w.db.Write(ctx, func(tx *store.Tx) (err error) { _, n, err = w.still(ctx, tx, m, c); return err })
			// Only where nothing changed the one look gives the number too.
			if want := map[string]int64{"nothing": 1}[name]; n != want {
				t.Errorf("number %d", n)
			}
			if !errors.Is(err, x.want) {
				t.Errorf("got %v, want %v", err, x.want)
			}
		})
	}
}

// The same ballot again gets its receipt, also where the right may cast no more, or the device was taken off.
func TestReceiptAgain(t *testing.T) {
	w := polls(t)
	m := w.voting()
	p := w.phone(w.owner("甲"))
	var last Vote
	for range maxTimes {
		last = p.fill(m, w.right(m, "101"), agree())
		_, err := w.Cast(ctx, p.who, m.ID, last)
		w.must(err)
	}
	_, err := w.Cast(ctx, p.who, m.ID, p.fill(m, w.right(m, "101"), agree()))
	w.want(err, ErrTimes)
	first, err := w.Cast(ctx, p.who, m.ID, last)
	w.must(err)
	w.must(w.TakeOff(ctx, p.who, p.id))
	again, err := w.Cast(ctx, p.who, m.ID, last)
	w.must(err)
	if first != again {
		t.Error("another receipt")
	}
	if n, _ := store.Count(ctx, w.db, `select max(n) from assembly_ballot`); n != maxTimes { // one number each, without a gap
		t.Errorf("the last is number %d", n)
	}
	if n, _ := store.Count(ctx, w.db, `select count(*) from assembly_ballot`); n != maxTimes {
		t.Errorf("%d ballots", n)
	}
	_, err = w.Cast(ctx, p.who, m.ID, p.fill(m, w.right(m, "101"), agree()))
	w.want(err, ErrDevice)
}
