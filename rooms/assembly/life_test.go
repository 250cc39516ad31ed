package assembly

import (
	"testing"

	"cuobian/platform/store"
	"cuobian/rooms/assembly/tally"
)

// A meeting from its draft to its final result, with nine heads of whom seven vote.
func TestFromDraftToFinal(t *testing.T) {
	w := open(t)
	m := w.drafted()
	if m.RollOn.String() != "2026-03-02" || m.Plan().OpensOn.String() != "2026-03-18" || m.Plan().ClosesOn.String() != "2026-03-24" {
		t.Fatalf("plan %+v", m.Plan())
	}
	f, err := w.PostRoll(ctx, w.director, m.ID, m.Version)
	w.must(err)
	if f.Heads != 9 || f.Area != 1000_00 || f.Version != 1 || len(f.Hash) != 64 {
		t.Fatalf("roll %+v", f)
	}
	m, err = w.GiveNotice(ctx, w.director, m.ID, 0, nil)
	w.must(err)
	w.run()
	s, err := w.ServiceOf(ctx, w.director, m.ID)
	w.must(err)
	if s.Of != 9 || s.N != 0 {
		t.Fatalf("service %+v", s)
	}
	w.day("2026-03-18")
	if m = w.read1(m.ID); m.State != Voting {
		t.Fatalf("state %s", m.State)
	}
	for _, home := range []string{"101", "103", "104", "105", "106", "107"} {
		w.says(m, w.right(m, home), tally.Agree)
	}
	w.says(m, w.right(m, "109"), tally.Against)
	w.day("2026-03-25")
	if m = w.read1(m.ID); m.State != Closed {
		t.Fatalf("state %s", m.State)
	}
	r, err := w.Post(ctx, w.director, m.ID)
	w.must(err)
	if !r.Items[0].Passed || r.Items[0].Figures.Part.Heads != 7 || r.Items[0].Figures.Part.Area != 800_00 || r.Items[0].Figures.Agree.Heads != 6 || len(r.Items[0].Derivation) == 0 {
		t.Fatalf("result %+v", r.Items[0].Figures)
	}
	_, err = w.Finish(ctx, w.director, m.ID)
	w.want(err, ErrFinalEarly)
	w.day("2026-04-02")
	r, err = w.Finish(ctx, w.director, m.ID)
	w.must(err)
	if r.Stage != "final" || r.State != Final {
		t.Fatalf("final %+v", r)
	}
	n, err := store.Count(ctx, w.db, `select count(*) from jobs_job where kind = 'assembly.final'`)
	w.must(err)
	if n != 1 {
		t.Fatalf("%d jobs", n)
	}
	moments, err := w.Timeline(ctx, w.director, m.ID)
	w.must(err)
	for _, x := range moments {
		t.Log(x.N, x.At, x.Zh)
	}
}
