package people

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"cuobian/platform/access"
	"cuobian/rooms/place"
)

// What the filed committees hold afterwards: alternates apart, probationary members apart.
func TestCommitteeLedgerKeepsAlternatesApart(t *testing.T) {
	var want struct {
		Committees []struct {
			Compound   string
			Term       int64
			Members    int // with the alternates, as the file counts
			Alternates int
			Party      int `json:"party_members"`
		}
	}
	data, err := os.ReadFile("ledger/testdata/yeweihui_beian_1.expected.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &want); err != nil {
		t.Fatal(err)
	}
	r := empty(t)
	if _, err := r.ImportFile(ctx, access.System, "ledger/testdata/yeweihui_beian_1.xlsx", ImportOptions{Street: "样例街道"}); err != nil {
		t.Fatal(err)
	}
	s := street(t, r, "样例街道")
	if place.Stem(s.Name) != "样例" || !strings.HasPrefix(s.ID, "x") {
		t.Error("a street that the divisions do not know has an id of its own:", s)
	}
	all, err := r.Committees(ctx, r.db, s.Path, r.Today())
	if err != nil || len(all) != len(want.Committees) {
		t.Fatal(all, err)
	}
	for _, w := range want.Committees {
		found := false
		for _, c := range all {
			if c.Org.Name != w.Compound+"业主委员会" {
				continue
			}
			found = true
			if c.Org.Number != w.Term || c.Members.Members+c.Members.Alternates != w.Members || c.Members.Alternates != w.Alternates {
				t.Errorf("%s: %+v, want %+v", w.Compound, c, w)
			}
			if c.Members.Party+c.Members.Probation > w.Party {
				t.Errorf("%s: %d Party members and %d probationary ones among the members, the file says %d in all", w.Compound, c.Members.Party, c.Members.Probation, w.Party)
			}
		}
		if !found {
			t.Error("no committee of", w.Compound)
		}
	}
}

// The workbook of compounds: facts and posts as its file says.
func TestCompoundLedger(t *testing.T) {
	r := empty(t)
	res, err := r.ImportFile(ctx, access.System, "ledger/testdata/xiaoqu_taizhang_1.xlsx", ImportOptions{})
	if err != nil {
		t.Fatal(err)
	}
	s := street(t, r, "样例街道")
	all, err := r.Map.CompoundsIn(ctx, r.db, s.Path)
	if err != nil || len(all) != len(res.Summary.Compounds) || len(all) == 0 {
		t.Fatal(all, err)
	}
	one, err := r.Map.Named(ctx, r.db, s.Path, place.Compound, "样例一花苑")
	if err != nil || len(one) != 1 {
		t.Fatal(one, err)
	}
	f, err := r.Map.Compound(ctx, r.db, one[0].ID)
	if err != nil || f.Households != 486 || f.AreaSaid != 5231640 || f.BuiltYear != 1998 {
		t.Errorf("%+v %v", f, err)
	}
	terms, err := r.Terms(ctx, r.db, TermFind{At: one[0].Path, Posts: []access.Post{access.CommitteeDirector}})
	if err != nil || len(terms) != 1 || terms[0].Name != "王某某" || terms[0].From.String() != "2023-06-18" {
		t.Error(terms, err)
	}
}
