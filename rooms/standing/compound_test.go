package standing_test

import (
	"encoding/json"
	"strings"
	"testing"

	"cuobian/basis/fault"
	"cuobian/platform/access"
	"cuobian/rooms/people"
	"cuobian/rooms/standing"
)

// The board at the gate says which posts are filled and never by whom.
func TestCompound(t *testing.T) {
	x := build(t)
	before, err := x.board.Compound(ctx, x.first.ID)
	if err != nil {
		t.Fatal(err)
	}
	if before.Name != "老小区" || before.Community != "铭湖社区" || before.Street != "东湖街道" || before.Service != nil || covered(before.Posts, access.CommitteeDirector) {
		t.Fatalf("%+v", before)
	}
	x.term(t, access.CommitteeDirector, x.org(t, people.OwnersCommittee, x.first, "2020-01-01"), "member")
	after, err := x.board.Compound(ctx, x.first.ID)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(after)
	if err != nil || !covered(after.Posts, access.CommitteeDirector) || strings.Contains(string(text), "某人") {
		t.Fatalf("%s %v", text, err)
	}
	if other, err := x.board.Compound(ctx, x.second.ID); err != nil || covered(other.Posts, access.CommitteeDirector) {
		t.Fatalf("%+v %v", other, err)
	}
	for _, id := range []string{"", "none", x.street.ID} {
		if _, err := x.board.Compound(ctx, id); !fault.IsKind(err, fault.Missing) {
			t.Fatalf("%q: %v", id, err)
		}
	}
}

func covered(seats []standing.Seat, post access.Post) bool {
	for _, s := range seats {
		if s.Post == post {
			return s.Covered
		}
	}
	return false
}
