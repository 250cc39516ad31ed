package standing

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

//go:embed indicators.json
var indicatorData []byte

// Indicator is what is counted, over what. Its rows are one SQL text over published views that gives, for each thing
// in the denominator: path, id, name in Chinese, name in English, and whether it is counted in the numerator.
//
// Parameters: $1 as-of day, $2 and $3 the range of paths, $4 the day twelve months before, $5 whether interim
// committees count (1 or 0), $6 and $7 the period's instants, $8 the as-of instant. A text that does not use all of
// them is given those it uses, renumbered.
type Indicator struct {
	ID        string   `json:"id"`
	Version   int      `json:"version"`
	Group     string   `json:"group" doc:"four (四升一降), cases, people, service"`
	Direction string   `json:"direction" enum:"up,down,none" doc:"which way is better"`
	Shape     string   `json:"shape" enum:"ratio,count,change,missing"`
	Period    string   `json:"period,omitempty" enum:"month" doc:"month, or empty: as of a day"`
	Zh        string   `json:"zh"`
	En        string   `json:"en"`
	CountedZh string   `json:"counted_zh,omitempty"`
	CountedEn string   `json:"counted_en,omitempty"`
	OverZh    string   `json:"over_zh,omitempty"`
	OverEn    string   `json:"over_en,omitempty"`
	MissingZh string   `json:"missing_zh,omitempty"`
	MissingEn string   `json:"missing_en,omitempty"`
	Of        string   `json:"of,omitempty" doc:"the count that a change is of"`
	Beside    string   `json:"beside,omitempty" doc:"the figure that must stand beside it"`
	Param     string   `json:"param,omitempty" doc:"a parameter that is printed under the figure"`
	Rules     []string `json:"rules"`
	Post      []string `json:"post,omitempty"`
	Cube      string   `json:"-"`
	Rows      string   `json:"-"`
}

// postRows counts persons who hold one of these posts, each person once.
const postRows = `select min(t.path), t.person, t.person_name, t.person_name, true from people_v_term t where t.path >= $2 and t.path < $3 and t.post in (%s) and t.deputy_for = '' and t.from_day <= $1 and (t.to_day = '' or t.to_day >= $1) group by t.person, t.person_name`

// Indicators are all there are, in the order of the board.
var Indicators = func() []Indicator {
	var raw []struct {
		Indicator
		Cube string `json:"cube"`
		Rows string `json:"rows"`
	}
	if err := json.Unmarshal(indicatorData, &raw); err != nil {
		panic("standing: indicators.json: " + err.Error())
	}
	out := make([]Indicator, len(raw))
	for i, r := range raw {
		r.Indicator.Cube, r.Indicator.Rows = r.Cube, r.Rows
		if len(r.Post) > 0 {
			r.Indicator.Rows = fmt.Sprintf(postRows, "'"+strings.Join(r.Post, "', '")+"'")
			r.CountedZh, r.CountedEn = "在任的"+r.Zh, "in office: "+strings.ToLower(r.En)
		}
		out[i] = r.Indicator
	}
	return out
}()

// ByID finds an indicator.
func ByID(id string) (Indicator, bool) {
	i := slices.IndexFunc(Indicators, func(x Indicator) bool { return x.ID == id })
	if i < 0 {
		return Indicator{}, false
	}
	return Indicators[i], true
}

// bind gives an indicator's text the parameters that it uses, renumbered from 1 in the order of their numbers.
func bind(text string, all [8]any) (string, []any) {
	var args []any
	var pairs []string
	for i := range all {
		mark := fmt.Sprintf("$%d", i+1)
		if strings.Contains(text, mark) {
			args = append(args, all[i])
			pairs = append(pairs, mark, fmt.Sprintf("$%d", len(args)))
		}
	}
	return strings.NewReplacer(pairs...).Replace(text), args
}
