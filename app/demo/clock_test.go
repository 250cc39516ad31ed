package demo_test

import (
	"testing"
	"time"

	"cuobian/app/demo"
	"cuobian/platform/store"
)

// A clock that goes ahead comes back to that, not to the wall, after the past was entered.
func TestClockGoesAhead(t *testing.T) {
	c := &demo.Clock{}
	ahead := func() time.Duration { return (c.Now().Sub(store.Wall()) + time.Second).Truncate(time.Hour) }
	if ahead() != 0 {
		t.Error("the zero clock is right")
	}
	c.Ahead(480 * time.Hour)
	c.Set(store.Wall().Add(-time.Hour))
	if got := ahead(); got > 0 {
		t.Error("set back, it says", got)
	}
	c.Set(0)
	if got := ahead(); got != 480*time.Hour {
		t.Error("set right, it is ahead by", got)
	}
}
