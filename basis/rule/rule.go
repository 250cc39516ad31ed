// Package rule says what a rule is: a record with its number, where and when it holds, where it was read, and how sure
// that reading is. Thresholds and periods that differ by place stand in packs; which pack is in force where, since
// when and by whose word is kept by platform/rules.
//
// # Words
//
//   - rule 规则: one record, R05.
//   - grade 依据等级: how sure the reading is.
//   - pack 规则包: the parameters that one part of the house works by.
//   - preset 预设: one set of values for a pack.
package rule

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"cuobian/basis/day"
)

// Grade is how sure a reading is.
type Grade string

const (
	Primary   Grade = "P" // the text of the law or of the ordinance itself
	Secondary Grade = "S" // a report or a copy
	Memory    Grade = "M" // remembered, to be checked before it decides anything
	Assumed   Grade = "A" // our own choice where nothing was found
)

// Zh is the grade in Chinese, En in English.
func (g Grade) Zh() string {
	return map[Grade]string{Primary: "法律法规原文", Secondary: "转载或报道", Memory: "待核实", Assumed: "本系统设定"}[g]
}

// En is the grade in English.
func (g Grade) En() string {
	return map[Grade]string{Primary: "text of the law", Secondary: "copy or report", Memory: "to be checked", Assumed: "our own choice"}[g]
}

// Rule is one record of the rule table.
type Rule struct {
	ID           string  `json:"id"` // R05
	Zh           string  `json:"zh"`
	En           string  `json:"en"`
	Jurisdiction string  `json:"jurisdiction"` // CN, CN-35 (Fujian), CN-3505 (Quanzhou); "" is the house's own
	From         day.Day `json:"from"`         // in force from, zero where that does not matter
	To           day.Day `json:"to"`           // last day in force, zero when open
	Source       string  `json:"source"`
	Grade        Grade   `json:"grade"`
}

// InForce reports whether the rule holds on a day.
func (r Rule) InForce(on day.Day) bool {
	return (r.From.IsZero() || on >= r.From) && (r.To.IsZero() || on <= r.To)
}

// Preset is one set of values for a pack.
type Preset struct {
	ID     string `json:"id"`
	Zh     string `json:"zh"`
	En     string `json:"en"`
	Source string `json:"source"`
	// SourceZh is the source in Chinese, for people.
	SourceZh string          `json:"source_zh"`
	Grade    Grade           `json:"grade"`
	Params   json.RawMessage `json:"params"`
}

// Pack is what one part of the house works by: its presets, the first of which holds where nobody chose.
type Pack struct {
	Name    string   `json:"name"` // cases_clock
	Zh      string   `json:"zh"`
	En      string   `json:"en"`
	Rules   []string `json:"rules"` // R50, R52
	Presets []Preset `json:"presets"`
}

// ErrPack is returned for a pack that cannot be read.
var ErrPack = errors.New("not a rule pack")

// ReadPack reads a pack's JSON and refuses one without presets, with two presets of one id, or with unknown fields.
// A preset's params may leave out what the first preset says; the rest is taken from there, so that every preset is
// whole.
func ReadPack(data []byte) (Pack, error) {
	var p Pack
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&p); err != nil {
		return p, fmt.Errorf("%w: %w", ErrPack, err)
	}
	if p.Name == "" || p.Zh == "" || p.En == "" || len(p.Rules) == 0 || len(p.Presets) == 0 {
		return p, fmt.Errorf("%w: %s has no name, words, rules or presets", ErrPack, p.Name)
	}
	var first map[string]any
	for i := range p.Presets {
		x := &p.Presets[i]
		if slices.ContainsFunc(p.Presets[:i], func(y Preset) bool { return y.ID == x.ID }) || x.ID == "" || x.Zh == "" || x.En == "" || x.Source == "" || x.SourceZh == "" || x.Grade.En() == "" {
			return p, fmt.Errorf("%w: %s: preset %q is twice there or says too little", ErrPack, p.Name, x.ID)
		}
		var params map[string]any
		if err := decodeNumbers(x.Params, &params); err != nil {
			return p, fmt.Errorf("%w: %s/%s: %w", ErrPack, p.Name, x.ID, err)
		}
		if i == 0 {
			first = params
			continue
		}
		for k := range params {
			if _, known := first[k]; !known {
				return p, fmt.Errorf("%w: %s/%s: %s is not in the first preset", ErrPack, p.Name, x.ID, k)
			}
		}
		whole, err := json.Marshal(over(first, params))
		if err != nil {
			return p, err
		}
		x.Params = whole
	}
	return p, nil
}

// decodeNumbers keeps numbers as they are written.
func decodeNumbers(data []byte, into any) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	return dec.Decode(into)
}

// over lays b over a, objects key by key.
func over(a, b map[string]any) map[string]any {
	out := map[string]any{}
	for k, v := range a {
		out[k] = v
	}
	for k, v := range b {
		if x, ok := out[k].(map[string]any); ok {
			if y, ok := v.(map[string]any); ok {
				out[k] = over(x, y)
				continue
			}
		}
		out[k] = v
	}
	return out
}

// Preset finds a preset; "" is the first.
func (p Pack) Preset(id string) (Preset, bool) {
	if id == "" && len(p.Presets) > 0 {
		return p.Presets[0], true
	}
	for _, x := range p.Presets {
		if x.ID == id {
			return x, true
		}
	}
	return Preset{}, false
}

// Read puts the values into a struct; a value that the struct does not know is an error, so that no parameter is
// written down and then ignored.
func (x Preset) Read(into any) error {
	dec := json.NewDecoder(bytes.NewReader(x.Params))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		return fmt.Errorf("%w: preset %s: %w", ErrPack, x.ID, err)
	}
	return nil
}
