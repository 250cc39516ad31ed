package course

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestTheUsualWay(t *testing.T) {
	s := State("")
	for _, step := range []struct {
		step Step
		to   State
	}{{Report, Reported}, {Dispatch, Dispatched}, {Return, Returned}, {Dispatch, Dispatched}, {Take, Taken}, {Pause, Taken}, {Resume, Taken},
		{Handle, Handled}, {Fail, Taken}, {Handle, Handled}, {Verify, Verified}, {Confirm, Confirmed}, {Miss, Confirmed}, {Reopen, Reopened},
		{Dispatch, Dispatched}, {Take, Taken}, {Handle, Handled}, {Verify, Verified}, {Silence, Unconfirmed}, {Mediate, Mediation}, {Escalate, Mediation}, {Settle, Closed}} {
		next, ok := After(s, step.step)
		if !ok || next != step.to {
			t.Fatalf("%s in %s: %s %v, want %s", step.step, s, next, ok, step.to)
		}
		s = next
	}
}

func TestWhatMayNotBe(t *testing.T) {
	for _, x := range []struct {
		s    State
		step Step
	}{
		{Reported, Handle}, {Dispatched, Handle}, {Taken, Verify}, {Handled, Confirm}, {Handled, Callback}, {Taken, Confirm}, {Verified, Callback},
		{Verified, Handle}, {Closed, Handle}, {Closed, Callback}, {Merged, Handle}, {Withdrawn, Dispatch}, {Refused, Take}, {Handled, Withdraw},
		{Handled, Return}, {Taken, Take}, {Reported, Take}, {Mediation, Callback}, {Confirmed, Silence}, {Reported, Pause},
	} {
		if to, ok := After(x.s, x.step); ok || to != x.s {
			t.Errorf("%s in %s went to %s", x.step, x.s, to)
		}
	}
}

// Nothing closes without having been verified, unless it was merged, withdrawn, refused or settled after it was.
func TestNothingClosesUnverified(t *testing.T) {
	steps := make([]Step, 0, len(moves))
	for s := range moves {
		steps = append(steps, s)
	}
	slices.Sort(steps)
	rapid.Check(t, func(t *rapid.T) {
		s, verified, silent := State(""), false, false
		for range 40 {
			step := rapid.SampledFrom(steps).Draw(t, "step")
			next, ok := After(s, step)
			if !ok {
				continue
			}
			if s = next; !s.Known() {
				t.Fatalf("%s led to %q", step, s)
			}
			verified = verified || step == Verify
			silent = step == Silence || silent && s == Unconfirmed
			if s == Closed && !verified {
				t.Fatalf("closed by %s without being verified", step)
			}
			if s == Confirmed && silent {
				t.Fatal("silence became a confirmation")
			}
		}
	})
}

func TestWhoMayNot(t *testing.T) {
	hands := []string{"lin", "chen"}
	for _, x := range []struct {
		name string
		got  Wrong
		want Wrong
	}{
		{"a handler verifies", MayVerify("chen", hands), OwnWork},
		{"nobody verifies", MayVerify("", hands), OwnWork},
		{"another verifies", MayVerify("wu", hands), ""},
		{"a handler calls", MayCall("lin", hands, "wu", 1), OwnWork},
		{"the verifier calls among many", MayCall("wu", hands, "wu", 3), SameCheck},
		{"the verifier calls among two", MayCall("wu", hands, "wu", 2), ""},
		{"a third calls", MayCall("he", hands, "wu", 9), ""},
		{"the same hands again", MayTake("lin", hands), SameHands},
		{"other hands", MayTake("wu", hands), ""},
	} {
		if x.got != x.want {
			t.Errorf("%s: %q, want %q", x.name, x.got, x.want)
		}
	}
}

func TestReturnsAndUnhappyReporters(t *testing.T) {
	for _, x := range []struct {
		before     int
		street, ok bool
	}{{0, false, true}, {1, true, true}, {2, false, false}} {
		if street, ok := Returning(x.before, 1); street != x.street || ok != x.ok {
			t.Errorf("returned %d times before: street %v, allowed %v", x.before, street, ok)
		}
	}
	if Unhappy(0) != Reopen || Unhappy(1) != Mediate {
		t.Error("once reopened, then mediation")
	}
}
