package assembly

import (
	"fmt"
	"sync"
	"testing"

	"cuobian/basis/fault"
	"cuobian/platform/access"
)

// Sheets in a box that was sealed before the closing count when it is opened after it, by two and with its seals whole, as
// many as were found in it; those of a box that was not recorded, or was tampered with, do not.
func TestSealedBox(t *testing.T) {
	w := polls(t)
	m := w.voting()
	one, two := w.hand(m, "录一", Typist, ""), w.hand(m, "录二", Typist, "")
	sweep := w.hand(m, "上门一", Sweeper, "一组")
	codes := map[string]string{}
	for _, home := range []string{"101", "103", "104", "105", "106"} {
		codes[home] = w.sheetOf(m, home)
	}
	seals := []string{"f-002", " F-001"}
	pair := []string{one.Person, w.person["庚"]}
	sealed := func(who access.Who, s Sealing) (Box, error) { return w.SealBox(ctx, who, m.ID, s) }
	ok := Sealing{Number: "1", Seals: seals, Witnesses: pair, Blob: "photo"}
	for want, spoil := range map[*fault.Fault]func(s *Sealing){
		ErrBoxNumber: func(s *Sealing) { s.Number = " " }, ErrSeals: func(s *Sealing) { s.Seals = []string{"1", "1"} },
		ErrWitnesses: func(s *Sealing) { s.Witnesses = []string{one.Person, one.Person} },
		ErrSealedAt:  func(s *Sealing) { s.Sealed = w.db.Now() + 1e12 },
	} {
		s := ok
		spoil(&s)
		_, err := sealed(one, s)
		w.want(err, want)
	}
	for _, p := range [][]string{{one.Person, w.manager.Person}, {one.Person, w.person["邻"]}, {one.Person, ""}, {one.Person}, nil} {
		s := ok
		s.Witnesses = p
		_, err := sealed(one, s)
		w.want(err, ErrWitnesses)
	}
	s := ok
	s.Seals = nil
	_, err := sealed(one, s)
	w.want(err, ErrSeals)
	s = ok
	s.Sealed = m.Opens - 1
	_, err = sealed(one, s)
	w.want(err, ErrSealedAt)
	w.refused("seal", func(who access.Who) error { _, err := sealed(who, ok); return err }, w.leader, w.owner("甲"))
	box, err := sealed(sweep, ok)
	w.must(err)
	if box.Seals[0] != "F-001" || box.Opened != 0 || len(box.Names) != 2 || box.Names[1] != "庚" {
		t.Errorf("%+v", box)
	}
	_, err = sealed(one, ok)
	w.want(err, ErrBoxTwice)
	s = ok
	s.Number = "2"
	torn, err := sealed(one, s)
	w.must(err)
	_, err = w.OpenBox(ctx, one, m.ID, box.ID, Unsealing{Seals: seals, Second: two.Person, Sheets: 2})
	w.want(err, ErrBoxEarly)     // it stays sealed while ballots are taken
	after := w.sheetOf(m, "107") // printed after the sealing

	w.day("2026-03-25")
	s.Number = "3"
	_, err = sealed(one, s) // nobody seals one afterwards
	w.want(err, ErrOver)
	back := func(who access.Who, home, box string) (Sheet, error) {
		return w.Return(ctx, who, m.ID, codes[home], "blob-"+home, box)
	}
	_, err = back(one, "101", "")
	w.want(err, ErrOver)
	_, err = back(one, "101", box.ID)
	w.want(err, ErrBoxShut)
	_, err = back(one, "101", "nix")
	w.want(err, ErrBox)
	_, err = w.Post(ctx, w.director, m.ID)
	w.want(err, ErrBoxesShut)

	whole := Unsealing{Seals: []string{"F-001", "f-002"}, Second: two.Person, Sheets: 2}
	open := func(who access.Who, box string, u Unsealing) (Box, error) {
		return w.OpenBox(ctx, who, m.ID, box, u)
	}
	w.refused("unseal", func(who access.Who) error { _, err := open(who, box.ID, whole); return err }, w.leader, w.owner("甲"))
	u := whole
	u.Second = one.Person
	_, err = open(one, box.ID, u)
	w.want(err, ErrWitnesses)
	u = whole
	u.Seals = []string{"F-001"}
	_, err = open(one, box.ID, u)
	w.want(err, ErrBoxNote)
	_, err = open(one, "nix", whole)
	w.want(err, ErrBox)
	var all sync.WaitGroup
	faults := make([]error, 4)
	for i := range faults { // two at once: one record
		all.Add(1)
		go func() { defer all.Done(); _, faults[i] = open(one, box.ID, whole) }()
	}
	all.Wait()
	good := 0
	for _, err := range faults {
		if err == nil {
			good++
		} else {
			w.want(err, ErrBoxOpened)
		}
	}
	if good != 1 {
		t.Errorf("%d openings", good)
	}
	_, err = back(one, "101", torn.ID)
	w.want(err, ErrBoxShut)
	torn, err = open(one, "2", Unsealing{Seals: []string{"F-001"}, Second: two.Person, Sheets: 3, Note: "一张封条被撕"})
	w.must(err)
	if torn.Intact {
		t.Errorf("%+v", torn)
	}
	_, err = back(one, "101", torn.ID)
	w.want(err, ErrBoxBroken)
	w.refused("return out of a box", func(who access.Who) error { _, err := back(who, "101", box.ID); return err }, w.leader, w.owner("甲"))
	_, err = w.Return(ctx, one, m.ID, codes["101"], "", box.ID)
	w.want(err, ErrPicture)
	_, err = w.Return(ctx, one, m.ID, after, "blob", box.ID)
	w.want(err, ErrSheetState)

	faults = make([]error, 3)
	for i, home := range []string{"101", "103", "104"} { // three at once out of a box of two
		all.Add(1)
		go func() { defer all.Done(); _, faults[i] = back(one, home, "1") }()
	}
	all.Wait()
	var in []string
	for i, home := range []string{"101", "103", "104"} {
		if faults[i] == nil {
			in = append(in, home)
		} else if !fault.IsKind(faults[i], fault.Conflict) {
			t.Error(faults[i])
		}
	}
	if len(in) != 2 {
		t.Fatalf("%v taken", in)
	}
	_, err = back(one, "105", box.ID)
	w.want(err, ErrBoxFull)
	_, err = w.Post(ctx, w.director, m.ID)
	if err == nil || fmt.Sprint(err) != fmt.Sprint(ErrUnsettled.Fill("n", 2)) {
		t.Errorf("%v", err)
	}
	for _, home := range in {
		for _, who := range []access.Who{one, two} {
			_, err := w.Type(ctx, who, m.ID, codes[home], agree())
			w.must(err)
		}
	}
	list, err := w.Boxes(ctx, w.office, m.ID)
	w.must(err)
	if len(list) != 2 || list[0].Taken != 2 || list[0].Sheets != 2 || !list[0].Intact || list[0].Openers[1] != "录二" || list[1].Intact {
		t.Errorf("%+v", list)
	}
	w.refused("boxes", func(who access.Who) error { _, err := w.Boxes(ctx, who, m.ID); return err }, w.owner("甲"))
	casts, err := w.all(ctx, w.db, m.ID)
	w.must(err)
	for _, c := range casts {
		if c.At != box.Sealed || !c.Late || c.At >= m.Closes || c.Received < m.Closes {
			t.Errorf("%+v", c.kept)
		}
	}
	f, err := w.Post(ctx, w.director, m.ID)
	w.must(err)
	if len(casts) != 2 || f.Items[0].Figures.Agree.Heads != 2 {
		t.Errorf("%d %+v", len(casts), f.Items[0].Figures)
	}
	w.place1()
	file, _, err := w.Bundle(ctx, m.ID)
	w.must(err)
	w.sound(file)
	_, err = back(one, "105", box.ID)
	w.want(err, ErrState)
	if moments, err := w.Timeline(ctx, w.owner("甲"), m.ID); err != nil || len(moments) < 4 {
		t.Errorf("%+v %v", moments, err)
	}
}
