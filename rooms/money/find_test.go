package money

import (
	"testing"

	"cuobian/basis/scope"
	"cuobian/platform/access"
)

// Books, payments and works are found by what somebody types, and never beyond what they may see.
func TestTyped(t *testing.T) {
	x := settled(t, 10_000_000)
	first := x.apply("staff", 600_000)
	other := x.applying("staff", 123_456)
	other.Purpose, other.PayeeName = "清洗水箱 5%_A", "丁Clean公司"
	second, err := x.Submit(ctx, x.who["staff"], other)
	x.ok(err)
	for q, want := range map[string][]string{
		"": {second.ID, first.ID}, "灯具": {first.ID}, "水箱": {second.ID}, "CLEAN": {second.ID}, "clean公司": {second.ID}, "1": {first.ID}, "2": {second.ID}, "1234.56": {second.ID},
		"6000": {first.ID}, "5%_a": {second.ID}, "%": {second.ID}, "_": {second.ID}, `\`: {}, "样例花苑": {second.ID, first.ID}, "ylhy": {second.ID, first.ID}, "样例新村": {}, "6222020200112233445": {}, "' or ''='": {},
	} {
		got, _, n, _, err := x.Payments(ctx, x.who["street"], FindPayments{Query: q})
		x.ok(err)
		if len(got) != len(want) || int(n) != len(want) {
			t.Errorf("payments of %q: %d, counted %d, want %d", q, len(got), n, len(want))
			continue
		}
		for i := range want {
			if got[i].ID != want[i] {
				t.Errorf("payments of %q: %s at %d, want %s", q, got[i].ID, i, want[i])
			}
		}
		if got, _, _, _, err := x.Payments(ctx, x.as("m2", access.PropertyManager, x.there.Path, x.two.ID), FindPayments{Query: q}); err != nil || len(got) > 0 {
			t.Errorf("the neighbours' manager finds %d by %q (%v)", len(got), q, err)
		}
	}
	for q, want := range map[string]int{"": 2, "花苑": 1, " 样例 ": 2, "yl": 2, "YLX": 1, "lhy": 0, "没有": 0, "%": 0} {
		got, err := x.Books(ctx, x.who["street"], FindBooks{Query: q})
		x.ok(err)
		if len(got.Items) != want || int(got.Of) != want {
			t.Errorf("books of %q: %d of %d, want %d", q, len(got.Items), got.Of, want)
		}
	}
	// Those with books come first; each page goes on where the one before ended, and the filters count what they show.
	var seen []BookLine
	for after := ""; ; {
		got, err := x.Books(ctx, x.who["street"], FindBooks{After: after, Limit: 1})
		x.ok(err)
		seen = append(seen, got.Items...)
		if after = got.Next; after == "" {
			break
		}
	}
	if len(seen) != 2 || !seen[0].Has || seen[1].Has {
		t.Errorf("books page by page: %+v", seen)
	}
	for state, want := range map[string][]string{"with": {seen[0].Compound}, "without": {seen[1].Compound}, "wrong": nil} {
		got, err := x.Books(ctx, x.who["street"], FindBooks{State: state})
		x.ok(err)
		if len(got.Items) != len(want) || got.Count != int64(len(want)) || got.N != 1 || got.Of != 2 || len(want) > 0 && got.Items[0].Compound != want[0] {
			t.Errorf("books %s: %+v, want %v", state, got, want)
		}
	}
	p, err := x.BeginProject(ctx, x.who["manager"], x.here.ID, NewProject{Kind: "water", Title: "1幢加装电梯", Text: "六层无电梯", Range: Range{Kind: "building", Paths: []scope.Path{x.homes[0].Path.Parent()}}})
	x.ok(err)
	for q, want := range map[string]int{"": 1, "电梯": 1, "六层": 1, "样例花苑": 1, "消防": 0, "样例新村": 0} {
		got, _, err := x.Projects(ctx, x.who["street"], FindProjects{Query: q})
		x.ok(err)
		if len(got) != want || want > 0 && got[0].ID != p.ID {
			t.Errorf("works of %q: %d, want %d", q, len(got), want)
		}
		if got, _, err := x.Projects(ctx, x.as("m2", access.PropertyManager, x.there.Path, x.two.ID), FindProjects{Query: q}); err != nil || len(got) > 0 {
			t.Errorf("the neighbours' manager finds %d works by %q (%v)", len(got), q, err)
		}
	}
}
