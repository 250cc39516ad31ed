package rule

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"cuobian/basis/day"
)

const good = `{"name":"p","zh":"包","en":"pack","rules":["R50"],"presets":[
 {"id":"house","zh":"一","en":"one","source": "rules 9.3", "source_zh": "rules 9.3","grade":"A","params":{"accept":"1wd","resolve":{"simple":"5wd","multi":"10wd"},"tries":3}},
 {"id":"city","zh":"二","en":"two","source": "a city", "source_zh": "a city","grade":"S","params":{"resolve":{"simple":"3wd"}}}]}`

func TestPresetsAreWhole(t *testing.T) {
	p, err := ReadPack([]byte(good))
	if err != nil {
		t.Fatal(err)
	}
	type params struct {
		Accept  day.Limit            `json:"accept"`
		Resolve map[string]day.Limit `json:"resolve"`
		Tries   int                  `json:"tries"`
	}
	var v params
	x, _ := p.Preset("city")
	if err := x.Read(&v); err != nil || v.Accept.String() != "1wd" || v.Resolve["simple"].String() != "3wd" || v.Resolve["multi"].String() != "10wd" || v.Tries != 3 {
		t.Errorf("%+v %v", v, err)
	}
	if x, ok := p.Preset(""); !ok || x.ID != "house" {
		t.Error("the first preset is not the one in force where nobody chose")
	}
	if _, ok := p.Preset("moon"); ok {
		t.Error("a preset that is not there")
	}
	var few struct {
		Accept day.Limit `json:"accept"`
	}
	if err := x.Read(&few); !errors.Is(err, ErrPack) {
		t.Errorf("a parameter was ignored: %v", err)
	}
}

func TestPackRefusals(t *testing.T) {
	for name, bad := range map[string][2]string{
		"no rules":         {`["R50"]`, `[]`},
		"twice":            {`"id":"city"`, `"id":"house"`},
		"unknown field":    {`"name":"p"`, `"name":"p","colour":1`},
		"unknown grade":    {`"grade":"S"`, `"grade":"X"`},
		"no source":        {`"source": "a city", "source_zh": "a city"`, `"source": "", "source_zh": ""`},
		"not in the first": {`{"resolve":{"simple":"3wd"}}`, `{"resolved":"3wd"}`},
	} {
		text := strings.Replace(good, bad[0], bad[1], 1)
		if text == good || !json.Valid([]byte(text)) {
			t.Fatalf("%s changes nothing", name)
		}
		if _, err := ReadPack([]byte(text)); !errors.Is(err, ErrPack) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestInForce(t *testing.T) {
	r := Rule{From: day.MustParse("2025-06-10"), To: day.MustParse("2030-06-10")}
	for on, want := range map[string]bool{"2025-06-09": false, "2025-06-10": true, "2030-06-10": true, "2030-06-11": false} {
		if r.InForce(day.MustParse(on)) != want {
			t.Errorf("%s: %v", on, !want)
		}
	}
	if !(Rule{}).InForce(day.MustParse("1999-01-01")) {
		t.Error("a rule without dates always holds")
	}
}
