package committee

import (
	"testing"

	"cuobian/platform/access"
	"cuobian/rooms/committee/form"
)

// What stands on an owner's, a member's and a leaver's telephone; a neighbour's has nothing of it.
func TestMyCommittees(t *testing.T) {
	x := build(t)
	one := func(person string) MyCommittee {
		t.Helper()
		all, err := x.MyCommittees(ctx, x.as(person))
		x.ok(err)
		if len(all) != 1 {
			t.Fatalf("%+v", all)
		}
		return all[0]
	}
	if _, err := x.MyCommittees(ctx, access.Who{}); err == nil {
		t.Fatal("a stranger is answered")
	}
	f, err := x.OpenForming(ctx, x.officer(), x.here.ID, form.First, "")
	x.ok(err)
	if m := one(x.owners[3]); m.Forming == nil || !m.Forming.CanJoin || m.Forming.Joined || m.Forming.Applicants != 0 || !m.Owner || m.Sits {
		t.Fatalf("%+v %+v", m, m.Forming)
	}
	_, err = x.Join(ctx, x.as(x.owners[3]), f.ID)
	x.ok(err)
	if m := one(x.owners[3]); m.Forming.CanJoin || !m.Forming.Joined || m.Forming.Applicants != 1 {
		t.Fatalf("%+v", m.Forming)
	}
	if m := one(x.others[0]); m.Forming != nil || m.Path != x.there.Path {
		t.Fatalf("a neighbour sees %+v", m)
	}
	none, err := x.MyCommittees(ctx, x.as(x.somebody("过客")))
	x.ok(err)
	if len(none) != 0 {
		t.Fatalf("%+v", none)
	}
	b, err := x.Formings(ctx, x.office(), Look{Kind: form.First})
	x.ok(err)
	if b.Count != 1 || b.Items[0].Forming != f.ID {
		t.Fatalf("%+v", b)
	}
	if b, err = x.Formings(ctx, x.office(), Look{Kind: form.Interim}); err != nil || b.Count != 0 {
		t.Fatalf("%+v %v", b, err)
	}
	_, err = x.EndForming(ctx, x.officer(), f.ID, "试")
	x.ok(err)

	o := x.seated()
	if m := one(x.owners[0]); m.Org != o.ID || !m.Sits || m.Forming != nil && m.Forming.CanJoin {
		t.Fatalf("%+v", m)
	}
	r, err := x.ProposeRecall(ctx, x.as(x.owners[11]), o.ID, x.owners[7], "not_doing", "从不到会", false)
	x.ok(err)
	if m := one(x.owners[11]); len(m.Recalls) != 1 || !m.Recalls[0].Signed || m.Recalls[0].ID != r.ID || m.Recalls[0].Of != 12 || m.Recalls[0].Name == "" {
		t.Fatalf("%+v", m.Recalls)
	}
	if m := one(x.owners[10]); len(m.Recalls) != 1 || m.Recalls[0].Signed {
		t.Fatalf("%+v", m.Recalls)
	}
	x.ok(x.Resign(ctx, x.as(x.owners[1]), o.ID, "", "搬走"))
	if m := one(x.owners[1]); len(m.Handovers) != 1 || !m.Handovers[0].Gives || m.Sits {
		t.Fatalf("%+v", m)
	}
	if m := one(x.owners[0]); len(m.Handovers) != 1 || m.Handovers[0].Gives || m.Handovers[0].GiverName == "" {
		t.Fatalf("%+v", m.Handovers)
	}
	// The director's desk names who hands over, though the director may not look persons up.
	page, err := x.Committee(ctx, x.as(x.owners[0]), o.ID)
	x.ok(err)
	if len(page.Handovers) != 1 || page.Names[page.Handovers[0].Giver] != "业主2" || page.Names[page.Recalls[0].Person] == "" {
		t.Fatalf("%+v %+v", page.Handovers, page.Names)
	}
	if page, err = x.Committee(ctx, x.as(x.owners[10]), o.ID); err != nil || len(page.Names) != 0 {
		t.Fatalf("%+v %v", page.Names, err)
	}
	if m := one(x.owners[10]); len(m.Handovers) != 0 {
		t.Fatalf("%+v", m.Handovers)
	}
}
