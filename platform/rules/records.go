package rules

import (
	_ "embed"
	"encoding/json"
	"slices"
	"sync"

	"cuobian/basis/rule"
)

//go:embed records.json
var recordData []byte

var records = sync.OnceValue(func() []rule.Rule {
	var out []rule.Rule
	if err := json.Unmarshal(recordData, &out); err != nil {
		panic("records.json: " + err.Error())
	}
	return out
})

// Records are the rule records that the code, the packs and the indicators name, by number.
func Records() []rule.Rule { return slices.Clone(records()) }

// Record finds one.
func Record(id string) (rule.Rule, bool) {
	for _, r := range records() {
		if r.ID == id {
			return r, true
		}
	}
	return rule.Rule{}, false
}
