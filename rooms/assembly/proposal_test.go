package assembly

import (
	"fmt"
	"sync"
	"testing"

	"cuobian/basis/fault"
	"cuobian/platform/access"
	"cuobian/platform/store"
)

// R29: a neighbour is invited to stand; who says yes stands by own choice, with who proposed as first co-signer.
func TestProposal(t *testing.T) {
	w := elects(t)
	_, err := w.SetElection(ctx, w.office, w.m.ID, w.three())
	w.must(err)
	w.want(w.Propose(ctx, w.by(0, 1), w.m.ID, Proposing{Home: "1-102", Name: "1幢业主2"}), ErrMissing) // a draft
	_, err = w.PostRoll(ctx, w.office, w.m.ID, 0)
	w.must(err)
	page, err := w.PublicOne(ctx, w.m.ID, 0, 3)
	w.must(err)
	label := page.Roll.Items[2].Parts[0].Label // 1幢业主3
	w.want(w.Propose(ctx, w.by(0, 1), w.m.ID, Proposing{Home: label}), ErrProposal)
	asked := func() []Proposal {
		e, err := w.MyElection(ctx, w.by(0, 2), w.m.ID)
		w.must(err)
		return e.Proposals
	}
	// Wrong names and homes get the same answer as right ones, and ask nobody.
	w.must(w.Propose(ctx, w.by(0, 1), w.m.ID, Proposing{Home: label, Name: "1幢业主4"}))
	w.must(w.Propose(ctx, w.by(0, 1), w.m.ID, Proposing{Home: "9-999", Name: "1幢业主3"}))
	if got := asked(); len(got) != 0 {
		t.Fatalf("%+v", got)
	}
	w.must(w.Propose(ctx, w.by(0, 1), w.m.ID, Proposing{Home: label, Name: "1幢业主3", Words: "您做过会计"}))
	w.must(w.Propose(ctx, w.by(1, 1), w.m.ID, Proposing{Home: label, Name: "1幢业主3"}))
	got := asked()
	if len(got) != 2 || got[0].Zone != "东区" || got[0].Words != "您做过会计" {
		t.Fatalf("%+v", got)
	}
	if e, err := w.MyElection(ctx, w.by(0, 1), w.m.ID); err != nil || len(e.Proposals) != 0 || len(e.Candidates) != 0 {
		t.Fatalf("others see %+v %v", e, err)
	}
	// Only who is asked answers, and once, from two phones too.
	_, err = w.AnswerProposal(ctx, w.by(0, 1), w.m.ID, got[0].ID, true, Nomination{})
	w.want(err, ErrMissing)
	var wg sync.WaitGroup
	errs := make([]error, 3)
	for i := range errs {
		wg.Go(func() {
			_, errs[i] = w.AnswerProposal(ctx, w.by(0, 2), w.m.ID, got[0].ID, true, Nomination{Statement: "愿意"})
		})
	}
	wg.Wait()
	done := 0
	for _, err := range errs {
		if err == nil {
			done++
		} else if fault.Of(err).Code != ErrProposalOver.Code {
			t.Error(err)
		}
	}
	all, err := w.candidates(ctx, w.db, `c.meeting = $1`, w.m.ID)
	w.must(err)
	if done != 1 || len(all) != 1 || all[0].By != "self" || all[0].Cosigners != 1 || all[0].State != "nominated" || all[0].Person != w.owners[0][2] {
		t.Fatalf("%d %+v", done, all)
	}
	_, err = w.AnswerProposal(ctx, w.by(0, 2), w.m.ID, got[1].ID, false, Nomination{})
	w.want(err, ErrProposalOver)
	// Saying no makes no candidate; five are the most.
	other := page.Roll.Items[1].Parts[0].Label
	w.must(w.Propose(ctx, w.by(2, 1), w.m.ID, Proposing{Home: other, Name: "1幢业主2"}))
	e, err := w.MyElection(ctx, w.by(0, 1), w.m.ID)
	w.must(err)
	_, err = w.AnswerProposal(ctx, w.by(0, 1), w.m.ID, e.Proposals[0].ID, false, Nomination{})
	w.must(err)
	for i := range 4 {
		w.must(w.Propose(ctx, w.by(2, 1), w.m.ID, Proposing{Home: "9-999", Name: fmt.Sprint(i)}))
	}
	err = w.Propose(ctx, w.by(2, 1), w.m.ID, Proposing{Home: other, Name: "1幢业主2"})
	if fault.Of(err).Code != ErrManyProposals.Code {
		t.Error(err)
	}
	n, err := store.Count(ctx, w.db, `select count(*) from assembly_candidate where meeting = $1`, w.m.ID)
	w.must(err)
	if n != 1 {
		t.Errorf("%d candidates", n)
	}
	w.refused("propose", func(x access.Who) error {
		return w.Propose(ctx, x, w.m.ID, Proposing{Home: label, Name: "1幢业主3"})
	}, w.office)
	w.refused("answer", func(x access.Who) error {
		_, err := w.AnswerProposal(ctx, x, w.m.ID, got[0].ID, true, Nomination{})
		return err
	})
	late, _ := hanging(t)
	late.want(late.Propose(ctx, late.by(0, 9), late.m.ID, Proposing{Home: label, Name: "1幢业主9"}), ErrListed)
}
