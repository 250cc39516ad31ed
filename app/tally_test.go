package app

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// R01, R02, R03, R05: the written cases come out as they expect, and the edges too.
func TestTallyCases(t *testing.T) {
	for file, n := range map[string]int{"civil_code_278_cases.json": 11, "edges.json": 16} {
		var out, errs bytes.Buffer
		c := TallyCmd{File: filepath.Join("testdata", "votes", file), JSON: true, Lang: "both"}
		if err := c.Run(Program{Out: &out, Err: &errs}); err != nil {
			t.Errorf("%s: %v\n%s", file, err, errs.String())
		}
		var got []struct {
			ID               string
			TotalArea        string `json:"total_area"`
			Passes           *bool
			ParticipationMet *bool `json:"participation_met"`
			Derivation       []struct {
				Rule  string
				Holds bool
			}
		}
		if err := json.Unmarshal(out.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		if len(got) != n {
			t.Fatalf("%s: %d cases", file, len(got))
		}
		for _, g := range got {
			if g.Passes == nil || g.ParticipationMet == nil || len(g.Derivation) < 7 {
				t.Errorf("%s %s: %+v", file, g.ID, g)
				continue
			}
			all := true
			for _, s := range g.Derivation {
				all = all && s.Holds
			}
			if all != *g.Passes {
				t.Errorf("%s %s: the steps say %v, the result %v", file, g.ID, all, *g.Passes)
			}
		}
		if file == "civil_code_278_cases.json" && (got[0].TotalArea != "900.0" || got[8].TotalArea != "2284.86") {
			t.Error(got[0].TotalArea, got[8].TotalArea)
		}
	}
}

// A figure that a case expects otherwise is named, and the program fails.
func TestTallyNamesDifferences(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("testdata", "votes", "civil_code_278_cases.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, change := range [][3]string{
		{`"yes_persons": 4`, `"yes_persons": 5`, "d01: cases[0].expected.yes_persons: 应为 expected 5，算得 counted 4"},
		{`"yes_area": "1517.87"`, `"yes_area": "1517.88"`, "d20: cases[8].expected.yes_area: 应为 expected 1517.88，算得 counted 1517.87"},
		{`"passes": true`, `"passes": false`, "d01: cases[0].expected.passes: 应为 expected false，算得 counted true"},
	} {
		changed := strings.Replace(string(text), change[0], change[1], 1)
		if changed == string(text) {
			t.Fatal("nothing to change for", change[0])
		}
		var errs bytes.Buffer
		err := (&TallyCmd{File: "-", Lang: "zh"}).Run(Program{In: strings.NewReader(changed), Out: &bytes.Buffer{}, Err: &errs})
		if err == nil || strings.Count(errs.String(), "\n") != 1 || !strings.HasPrefix(errs.String(), change[2]) {
			t.Errorf("%s: %v %s", change[2], err, errs.String())
		}
	}
}

// What cannot be read is named with its case and field, and never repeats a number.
func TestTallyNamesWhatItCannotRead(t *testing.T) {
	one := func(units, rest string) string {
		return `{"cases":[{"id":"x","kind":"ordinary","units":[` + units + `]` + rest + `}]}`
	}
	a := `{"unit":"1-1","owner":"A","area":"10"}`
	for _, c := range []struct{ file, field, says string }{
		{one(`{"unit":"1-1","owner":"A","area":"x"}`, ``), "x: cases[0].units[0](1-1).area", "not a number"},
		{one(`{"unit":"1-1","owner":"A","area":-1}`, ``), "x: cases[0].units[0](1-1).area", "negative"},
		{one(`{"unit":"1-1","owner":"A","area":"0"}`, ``), "x: cases[0].units[0](1-1).area", "above zero"},
		{one(`{"unit":"1-1","owner":"A","area":"1.005"}`, ``), "x: cases[0].units[0](1-1).area", "two decimals"},
		{one(`{"unit":"1-1","owner":"A","area":1.5e-2}`, ``), "x: cases[0].units[0](1-1).area", "two decimals"},
		{one(`{"unit":"1-1","owner":"A","area":"99999999999999"}`, ``), "x: cases[0].units[0](1-1).area", "too large"},
		{one(`{"unit":"1-1","owner":"A","area":null}`, ``), "x: cases[0].units[0](1-1).area", "missing"},
		{one(`{"unit":"1-1","owner":"A","area":true}`, ``), "x: cases[0].units[0](1-1).area", "missing"},
		{one(`{"unit":"1-1","owner":"A"}`, ``), "x: cases[0].units[0](1-1).area", "missing"},
		{one(`{"unit":"1-1","area":"10"}`, ``), "x: cases[0].units[0](1-1).owner", "missing"},
		{one(`{"owner":"A","area":"10"}`, ``), "x: cases[0].units[0].unit", "missing"},
		{one(`{"unit":"1-1","owner":350502198001011234,"area":"10"}`, ``), "x: cases[0].units[0](1-1).owner", "15 digits"},
		{one(`{"unit":"1-1","owner":"A","area":"10","state":"lost"}`, ``), "x: cases[0].units[0](1-1).state", "unsold"},
		{one(a+`,`+a, ``), "x: cases[0].units[1](1-1).unit", "twice"},
		{one(`{"unit":"1-1","owner":"A","area":"10","area":"20"}`, ``), "x: cases[0].units[0](1-1).area", "twice"},
		{one(`{"unit":"1-1","owner":"A","area":"10","size":"20"}`, ``), "x: cases[0].units[0](1-1).size", "not known"},
		{one(`7`, ``), "x: cases[0].units[0]", "object"},
		{one(a, `,"ballots":{"B":"yes"}`), `x: cases[0].ballots["B"]`, "not among the units"},
		{one(a, `,"ballots":{"350502198001011234":"yes"}`), `x: cases[0].ballots["***"]`, "not among the units"},
		{one(a, `,"ballots":{"A":"maybe"}`), `x: cases[0].ballots["A"]`, "choice is not known"},
		{one(a, `,"ballots":{"A":true}`), `x: cases[0].ballots["A"]`, "choice is not known"},
		{one(a, `,"ballots":{"A":"yes","A":"yes"}`), `x: cases[0].ballots["A"]`, "twice"},
		{one(a, `,"ballots":7`), `x: cases[0].ballots`, "should be"},
		{one(a, `,"ballots":[{"owner":"A"}]`), `x: cases[0].ballots[0]`, "missing"},
		{one(`{"unit":"1","owner":"A、B","area":1}`, `,"ballots":{"A":"yes","B":"no"}`), `x: cases[0].ballots["B"]`, "contradict"},
		{one(`{"unit":"1","owner":"A、B","area":1},{"unit":"2","owner":"A、C","area":1}`, `,"ballots":{"A":"yes"}`), `x: cases[0].ballots["A"]`, "several rights"},
		{one(`{"unit":"1","owner":"A、B","voter":"B","area":1}`, `,"ballots":{"A":"yes"}`), `x: cases[0].ballots["A"]`, "no right is cast"},
		{one(`{"unit":"1","owner":"A","state":"undelivered","area":1}`, `,"ballots":{"A":"yes"}`), `x: cases[0].ballots["A"]`, "not delivered"},
		{one(`{"unit":"1","owner":"A","building":"1","area":1},{"unit":"2","owner":"B","building":"2","area":1}`, `,"scope":{"buildings":["1"]},"ballots":{"B":"yes"}`), `x: cases[0].ballots["B"]`, "no part in the scope"},
		{one(a, `,"scope":{"buildings":["9"]}`), `x: cases[0].scope.buildings[0]`, "no such place"},
		{one(a, `,"scope":{}`), `x: cases[0].scope`, "empty"},
		{one(a, `,"guardians":{"A":"G"},"ballots":{"A":"yes"}`), `x: cases[0].ballots["A"]`, "the guardian casts"},
		{one(a, `,"guardians":{"A":"G"},"ballots":[{"owner":"A","by":"A","choice":"yes"}]`), `x: cases[0].ballots[0]`, "who cast it"},
		{one(a, `,"guardians":{"A":"G"},"ballots":[{"owner":"A","by":"H","choice":"yes"}]`), `x: cases[0].ballots[0]`, "who cast it"},
		{one(a, `,"ballots":[{"owner":"A","by":"G","choice":"yes"}]`), `x: cases[0].ballots[0]`, "who cast it"},
		{one(a, `,"ballots":[{"owner":"A","by":["A","G"],"choice":"yes"}]`), `x: cases[0].ballots[0].by`, "one person"},
		{one(a+`,{"unit":"1-2","owner":"B","area":1}`, `,"guardians":{"A":"G","B":"G"},"ballots":{"G":"yes"}`), `x: cases[0].ballots["G"]`, "several rights"},
		{one(`{"unit":"1","owner":"A、B","area":1}`, `,"guardians":{"B":"G"},"ballots":{"A":"yes","G":"no"}`), `x: cases[0].ballots["G"]`, "contradict"},
		{one(`{"unit":"1","owner":"A、B","area":1}`, `,"guardians":{"B":"G"},"ballots":{"B":"yes"}`), `x: cases[0].ballots["B"]`, "no right is cast"},
		{one(a, `,"guardians":{"C":"G"}`), `x: cases[0].guardians["C"]`, "not among the units"},
		{one(a, `,"guardians":{"350502198001011234":"G"}`), `x: cases[0].guardians["***"]`, "not among the units"},
		{one(a, `,"guardians":{"A":""}`), `x: cases[0].guardians["A"]`, "guardian is missing"},
		{one(a, `,"guardians":{"A":"A"}`), `x: cases[0].guardians["A"]`, "his own guardian"},
		{one(a, `,"guardians":{"A":"G","A":"H"}`), `x: cases[0].guardians["A"]`, "twice"},
		{one(a+`,{"unit":"1-2","owner":"B","area":1}`, `,"guardians":{"A":"B","B":"G"}`), `x: cases[0].guardians`, "guardian himself"},
		{one(`{"unit":"1","owner":"D","state":"unsold","area":1}`, `,"guardians":{"D":"G"}`), `x: cases[0].guardians["D"]`, "developer has no guardian"},
		{one(a, `,"guardians":["A"]`), `x: cases[0].guardians`, "should be"},
		{one(a, `,"touched":["B"]`), `x: cases[0].touched[0]`, "not among"},
		{one(a, `,"wish":1`), `x: cases[0].wish`, "not known"},
		{one(a, `,"expected":{"passed":true}`), `x: cases[0].expected.passed`, "not known"},
		{one(a, `,"expected":{"passes":"yes"}`), `x: cases[0].expected.passes`, "true or false"},
		{one(a, `,"expected":{"total_persons":1.5}`), `x: cases[0].expected.total_persons`, "whole number"},
		{one(a, `,"expected":{"total_area":"much"}`), `x: cases[0].expected.total_area`, "square metres"},
		{`{"cases":[{"id":"x","kind":"10","units":[]}]}`, "x: cases[0].kind", "not known"},
		{`{"cases":[{"id":"x","units":[]}]}`, "x: cases[0].kind", "missing"},
		{`{"cases":[{"kind":1,"units":[]}]}`, "cases[0].id", "missing"},
		{`{"cases":[{"id":"x","kind":1}]}`, "x: cases[0].units", "missing"},
		{`[{"id":"x","kind":1,"units":[]},{"id":"x","kind":1,"units":[]}]`, "x: cases[1].id", "twice"},
	} {
		var out, errs bytes.Buffer
		err := (&TallyCmd{File: "-", JSON: true, Lang: "both"}).Run(Program{In: strings.NewReader(c.file), Out: &out, Err: &errs})
		if err == nil || !strings.HasPrefix(errs.String(), c.field+": ") || !strings.Contains(errs.String(), c.says) {
			t.Errorf("%s: want %s … %s, got %v\n%s", c.file, c.field, c.says, err, errs.String())
		}
		if strings.Contains(errs.String()+out.String(), "198001011234") {
			t.Errorf("%s: the number is repeated", c.field)
		}
		if decided := strings.Contains(out.String(), `"passes"`); decided != strings.Contains(c.field, ".expected.") && !strings.Contains(c.file, `},{"id"`) {
			t.Errorf("%s: decided %v", c.field, decided)
		}
		if !json.Valid(out.Bytes()) {
			t.Errorf("%s: what is printed is not JSON", c.field)
		}
	}
	for _, bad := range []string{``, `{`, `7`, `{"cases":7}`, `{"cases":[]}`, `{"kases":[]}`, `{}`, `{"cases":[]} x`, `null`} {
		if err := (&TallyCmd{File: "-", Lang: "both"}).Run(Program{In: strings.NewReader(bad), Out: &bytes.Buffer{}, Err: &bytes.Buffer{}}); err == nil {
			t.Errorf("%s was taken", bad)
		}
	}
}

// For people: both languages, or the one asked for; a broken case does not keep the others back.
func TestTallyPrints(t *testing.T) {
	file := `{"cases":[{"id":"bad","kind":1},{"id":"good","kind":8,"clause":"议事规则第9条","units":[{"unit":"1","owner":"A","area":"66.67"},{"unit":"P","use":"parking","owner":"A","area":"10"}],"ballots":{"A":"yes"}}]}`
	for lang, want := range map[string][2]string{"zh": {"通过", "passed"}, "en": {"passed", "通过"}} {
		var out bytes.Buffer
		if err := (&TallyCmd{File: "-", Lang: lang}).Run(Program{In: strings.NewReader(file), Out: &out, Err: &bytes.Buffer{}}); err == nil {
			t.Error("a broken case passed")
		}
		if s := out.String(); !strings.Contains(s, want[0]) || strings.Contains(s, want[1]) || !strings.Contains(s, "4×76.67 = 306.68  ≥  3×76.67 = 230.01") || !strings.Contains(s, "民法典 278(8)") || !strings.Contains(s, "议事规则第9条") {
			t.Errorf("%s\n%s", lang, s)
		}
	}
}
