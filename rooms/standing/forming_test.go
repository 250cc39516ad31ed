package standing_test

import (
	"testing"
	"time"

	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/rules"
	"cuobian/platform/seal"
	"cuobian/platform/store"
	"cuobian/rooms/committee"
	"cuobian/rooms/committee/form"
	"cuobian/rooms/duty"
	"cuobian/rooms/people"
	"cuobian/rooms/place"
	"cuobian/rooms/standing"
)

// R13, R18: who has begun of those who should, and what is late; a board's questions answered in time.
func TestFormingFigures(t *testing.T) {
	x := build(t)
	m := place.New(x.db)
	c := committee.New(x.db, committee.Rooms{Rules: rules.New(x.db), Map: m, Register: x.register, Duty: duty.New(x.db), Stamps: &seal.Stamps{DB: x.db, Ring: seal.Memory()}})
	all := standing.Ask{Under: x.street.Path}
	want := func(id, fraction string) {
		t.Helper()
		if f := x.figure(t, id, all); f.Fraction != fraction {
			t.Fatalf("%s is %s, want %s", id, f.Fraction, fraction)
		}
	}
	if f := x.figure(t, "forming_late", all); f.Records {
		t.Fatalf("a share of no formings: %+v", f)
	}
	want("forming", "0/1") // the compound delivered last month is not asked yet
	officer := access.Who{Account: "o", Person: "o", Grants: []access.Grant{{Post: access.StreetOfficer, Path: x.street.Path}}}
	f, err := c.OpenForming(ctx, officer, x.first.ID, form.First, "")
	if err != nil {
		t.Fatal(err)
	}
	want("forming", "1/1")
	if _, err := c.Apply(ctx, officer, f.ID, "developer", nil, 0); err != nil {
		t.Fatal(err)
	}
	want("forming_late", "0/1")
	x.clock.Advance(70 * 24 * time.Hour)
	want("forming_late", "1/1")
	if _, err := c.EndForming(ctx, officer, f.ID, "改办换届"); err != nil {
		t.Fatal(err)
	}
	want("forming", "0/1")
	o := x.org(t, people.OwnersCommittee, x.first, "2025-01-05")
	x.term(t, access.CommitteeDirector, o, "member")
	if f := x.figure(t, "forming", all); f.Records {
		t.Fatalf("a compound with a committee is counted: %+v", f)
	}
	var three []string
	if err := x.db.Write(ctx, func(tx *store.Tx) error {
		three = nil
		for range 3 {
			p, err := x.register.Put(ctx, tx, audit.System, x.first.Path, people.NewPerson{Name: "监事" + tx.NewID()})
			if err != nil {
				return err
			}
			three = append(three, p.ID)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	board, err := c.FoundBoard(ctx, officer, x.first.ID, "", three, 0)
	if err != nil {
		t.Fatal(err)
	}
	grant := func(post access.Post, org string, at scope.Path) access.Who {
		return access.Who{Account: "w", Person: three[0], Grants: []access.Grant{{Post: post, Path: at, Org: org}}}
	}
	for range 2 {
		if _, err := c.AskCommittee(ctx, grant(access.BoardMember, board.ID, x.first.Path), board.ID, "收支？"); err != nil {
			t.Fatal(err)
		}
	}
	if f := x.figure(t, "board_answers", all); f.Records {
		t.Fatalf("nothing is due yet: %+v", f)
	}
	questions, err := c.QuestionsOf(ctx, officer, board.ID)
	if err != nil || len(questions) != 2 {
		t.Fatal(err)
	}
	if _, err := c.AnswerBoard(ctx, grant(access.CommitteeDirector, o.ID, x.first.Path), questions[0].ID, "已公布"); err != nil {
		t.Fatal(err)
	}
	want("board_answers", "1/1")
	x.clock.Advance(11 * 24 * time.Hour)
	want("board_answers", "1/2")
	if f := x.figure(t, "boards", all); f.Text != "1" {
		t.Fatal(f.Text)
	}
}
