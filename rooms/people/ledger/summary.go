package ledger

import (
	"bytes"
	"encoding/json"

	"cuobian/basis/area"
)

// Figures are what a summary states of one compound.
type Figures struct {
	Community string `json:"community"`
	Kind      string `json:"kind"`
	Homes     int    `json:"homes"` // dwellings and shops
	Area      int64  `json:"area"`  // homes, garages and parking, in 0.01 m²
	// Heads is R05: distinct owner sets over what is delivered, titled parking
	// included, and one for the developer where it still holds anything.
	Heads          int `json:"heads"`
	DeveloperHomes int `json:"developer_homes"`
	Parking        int `json:"parking"`
	Garages        int `json:"garages,omitempty"`
}

// Named are figures with the compound's name, in ledger order.
type Named struct {
	Name string
	Figures
}

// Summary is what `cuobian import --json` prints.
type Summary struct {
	Street    string
	Compounds []Named
	Rejected  []Refusal
	Warned    []Warning
	Totals    Totals
}

// Totals of a summary.
type Totals struct {
	Compounds int   `json:"compounds"`
	Homes     int   `json:"homes"`
	Parking   int   `json:"parking"`
	Area      int64 `json:"area"`
	HeadsSum  int   `json:"heads_sum"`
	Rejected  int   `json:"rejected"`
}

// Summary counts a reading.
func (r *Reading) Summary() Summary {
	out := Summary{Street: r.Street, Rejected: r.Rejected, Warned: r.Warnings}
	at := map[string]int{}
	times := map[string]int{}
	for _, c := range r.Compounds {
		times[c.Name]++
	}
	for i, c := range r.Compounds {
		at[c.Key] = i
		name := c.Name
		if times[name] > 1 {
			name += "（" + c.Community + "）"
		}
		out.Compounds = append(out.Compounds, Named{Name: name, Figures: Figures{Community: c.Community, Kind: c.Kind}})
	}
	sums := make([]area.Area, len(r.Compounds))
	heads := make([]map[string]bool, len(r.Compounds))
	held := make([]bool, len(r.Compounds))
	for i := range heads {
		heads[i] = map[string]bool{}
	}
	count := func(i int, state State, key string) {
		switch {
		case state.HeldByDeveloper():
			held[i] = true
		case key != "":
			heads[i][key] = true
		}
	}
	for _, h := range r.Homes {
		i, ok := at[h.Compound]
		if !ok || h.Use == Common {
			continue
		}
		f := &out.Compounds[i].Figures
		if h.Use == Garage {
			f.Garages++
		} else {
			f.Homes++
			if h.State.HeldByDeveloper() {
				f.DeveloperHomes++
			}
		}
		sums[i] = area.Sum(sums[i], h.Area)
		count(i, h.State, h.OwnerKey)
	}
	for _, p := range r.Parking {
		i, ok := at[p.Compound]
		if !ok {
			continue
		}
		out.Compounds[i].Parking++
		sums[i] = area.Sum(sums[i], p.Area)
		if p.Titled {
			count(i, p.State, p.OwnerKey)
		}
	}
	out.Totals.Compounds = len(out.Compounds)
	out.Totals.Rejected = len(r.Rejected)
	for i := range out.Compounds {
		f := &out.Compounds[i].Figures
		f.Area = int64(sums[i])
		f.Heads = len(heads[i])
		if held[i] {
			f.Heads++
		}
		out.Totals.Homes += f.Homes
		out.Totals.Parking += f.Parking
		out.Totals.Area += f.Area
		out.Totals.HeadsSum += f.Heads
	}
	return out
}

// MarshalJSON writes compounds as an object in ledger order. "rejected" holds
// sheet, row and reason only; "refusals" has column and sentences beside them.
func (s Summary) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	write := func(key string, v any) error {
		k, err := json.Marshal(key)
		if err != nil {
			return err
		}
		text, err := json.Marshal(v)
		if err != nil {
			return err
		}
		if b.Len() > 1 {
			b.WriteByte(',')
		}
		b.Write(k)
		b.WriteByte(':')
		b.Write(text)
		return nil
	}
	type refused struct {
		Sheet  string `json:"sheet"`
		Row    int    `json:"row"`
		Reason string `json:"reason"`
	}
	rows := make([]refused, 0, len(s.Rejected))
	for _, r := range s.Rejected {
		rows = append(rows, refused{r.Sheet, r.Row, r.Reason})
	}
	full := s.Rejected
	if full == nil {
		full = []Refusal{}
	}
	warned := s.Warned
	if warned == nil {
		warned = []Warning{}
	}
	b.WriteByte('{')
	if err := write("street", s.Street); err != nil {
		return nil, err
	}
	b.WriteString(`,"compounds":{`)
	for i, c := range s.Compounds {
		k, err := json.Marshal(c.Name)
		if err != nil {
			return nil, err
		}
		v, err := json.Marshal(c.Figures)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(k)
		b.WriteByte(':')
		b.Write(v)
	}
	b.WriteByte('}')
	for _, part := range []struct {
		key string
		v   any
	}{{"rejected", rows}, {"refusals", full}, {"warned", warned}, {"totals", s.Totals}} {
		if err := write(part.key, part.v); err != nil {
			return nil, err
		}
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}
