package fault_test

import (
	"testing"

	"cuobian/basis/fault"
)

func TestFillReachesTheFields(t *testing.T) {
	declared := fault.Bad("zones", "room.missing", "还有楼幢没有划入：{names}", "not in any zone: {names}")
	got := declared.Fill("names", "3幢")
	if got.Zh != "还有楼幢没有划入：3幢" || got.Fields[0].Zh != got.Zh || got.Fields[0].En != "not in any zone: 3幢" {
		t.Fatalf("filled: %+v", got)
	}
	if declared.Fields[0].Zh != "还有楼幢没有划入：{names}" {
		t.Fatal("the declared fault changed")
	}
	if at := declared.Fill("names", "3幢").At("zones[0]"); at.Fields[1].Zh != at.Zh {
		t.Fatalf("named after filling: %+v", at.Fields)
	}
}
