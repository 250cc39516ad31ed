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

// An undone import that nobody touched leaves every table as it was.
func TestUndoLeavesNothing(t *testing.T) {
	r := empty(t)
	tables := []string{"place_node", "place_home", "place_parking", "place_compound", "place_token", "people_person", "people_phone", "people_link", "people_word",
		"people_title", "people_household", "people_org", "people_term", "people_import_act"}
	counts := func() map[string]int64 {
		out := map[string]int64{}
		for _, x := range tables {
			out[x] = count1(t, r.db, `select count(*) from `+x)
		}
		return out
	}
	if _, err := r.ImportFile(ctx, access.System, "ledger/testdata/xiaoqu_taizhang_1.xlsx", ImportOptions{Street: "丰泽街道"}); err != nil {
		t.Fatal(err)
	}
	before := counts()
	res, err := r.ImportFile(ctx, access.System, "ledger/testdata/fengze-small.xlsx", ImportOptions{})
	if err != nil {
		t.Fatal(err)
	}
	between := counts()
	if between["place_home"] == before["place_home"] || between["people_word"] == before["people_word"] {
		t.Fatal("nothing was imported")
	}
	im, err := r.LookImport(ctx, access.System, res.ID)
	if err != nil {
		t.Fatal(err)
	}
	u, err := r.Undo(ctx, access.System, im.ID, im.Version, "撤销")
	if err != nil || u.Count != 0 {
		t.Fatal(u, err)
	}
	after := counts()
	for _, x := range tables {
		if after[x] != before[x] {
			t.Errorf("%s: %d rows before, %d after", x, before[x], after[x])
		}
	}
}
