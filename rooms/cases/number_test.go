package cases

import (
	"testing"
	"time"

	"cuobian/platform/store/storetest"

	"pgregory.net/rapid"
)

func TestNumbersAreHeardRight(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := NewNumber()
		if got, ok := ReadNumber(n[:3] + " " + n[3:6] + "-" + n[6:]); !ok || got != n {
			t.Fatal(n)
		}
		i := rapid.IntRange(0, numberLen-1).Draw(t, "place")
		wrong := []byte(n)
		wrong[i] = '0' + (wrong[i]-'0'+byte(rapid.IntRange(1, 9).Draw(t, "by")))%10
		if _, ok := ReadNumber(string(wrong)); ok {
			t.Fatalf("%s heard as %s", n, wrong)
		}
	})
	for _, no := range []string{"", "12345678", "1234567890", "12345678a", "012345678"} {
		if _, ok := ReadNumber(no); ok {
			t.Error(no)
		}
	}
	if n, ok := ReadNumber("７９４６２３０１" + string(rune('０')+rune(check([]byte("79462301"))-'0'))); !ok || n[:8] != "79462301" {
		t.Error("full-width digits", n)
	}
}

func TestDocsFollowIDs(t *testing.T) {
	// 2026-03-02 and a moment later; the middle is the sequence within a millisecond.
	ids := []string{"06ear3s6g00004fhb5gr", "06ear3s6g00006tbp8x5", "06ear3s6g0000pjtnaa0", "06ear3s7000004fhb5gr", "06ezzzzzz00004fhb5gr"}
	last := int64(0)
	for _, id := range ids {
		d := docOf(id)
		if d <= last {
			t.Errorf("%s: %d is not above %d", id, d, last)
		}
		last = d
	}
}

func TestIDsAreBoundByTime(t *testing.T) {
	clock := storetest.NewClock("2026-03-02T09:00:00+08:00")
	db := storetest.Open(t, clock)
	id, now := db.NewID(), clock.Now()
	if idAt(now) > id || idAt(now.Add(time.Second)) <= id || idAt(now.Add(-time.Second)) > id || len(idAt(now)) != 20 {
		t.Error(id, idAt(now), idAt(now.Add(time.Second)))
	}
}
