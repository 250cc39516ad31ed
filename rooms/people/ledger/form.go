package ledger

import "strings"

// form reads a sheet that is a form, each label with its value on its right:
//
//	小区名称 │ 东方花园 │ 所属社区 │ 东湖社区
//	总户数   │ 320     │ 物业企业 │ 某某物业
//
// It gives the form as a table of one row, nil where the sheet is none. Only
// compounds are kept as forms.
func (d *reader) form(g *grid, index int) *table {
	if len(g.sheet.Rows) > 80 || g.width > 40 {
		return nil
	}
	allowed := map[Field]bool{}
	for _, k := range kinds {
		if k.kind == KindCompounds {
			for _, f := range k.fields {
				allowed[f] = true
			}
		}
	}
	known := func(label, parent string) Field {
		best, sure := NoField, 0
		for _, m := range d.meanings(label, parent) {
			if allowed[m.field] && m.sure > sure && m.sure >= 88 {
				best, sure = m.field, m.sure
			}
		}
		return best
	}
	row := make([]string, 0, 16)
	t := &table{index: index}
	t.Sheet, t.Kind = g.sheet.Name, KindCompounds
	at := 0
	taken := map[Field]bool{}
	for r := range g.sheet.Rows {
		for c := 0; c < len(g.sheet.Rows[r]); c++ {
			label := clean(g.raw(r, c))
			if label == "" || runes(label) > 20 {
				continue
			}
			f := known(strings.TrimRight(label, ":"), "")
			if f == NoField || taken[f] {
				continue
			}
			next := c + 1
			for next < len(g.sheet.Rows[r]) && next < c+6 && clean(g.raw(r, next)) == "" && g.inside(r, c, next) {
				next++
			}
			text := g.raw(r, next)
			if f == FCompound {
				at = r + 1
			}
			if known(strings.TrimRight(clean(text), ":"), "") != NoField {
				continue // a label stands there: this one was left empty
			}
			taken[f] = true
			row = append(row, text)
			t.Columns = append(t.Columns, Column{Col: len(row), Letter: letter(len(row)), Label: tight(label), Field: f, Confidence: 75})
			c = next
		}
	}
	t.settle()
	if !taken[FCompound] || len(row) < 4 || value(row[t.col(FCompound)]) == "" {
		return nil
	}
	// The row of the compound's name stands for the record.
	virtual := &Sheet{Name: g.sheet.Name, Rows: make([][]string, at), Date1904: g.sheet.Date1904}
	virtual.Rows[at-1] = row
	t.grid = newGrid(virtual)
	t.FirstRow, t.LastRow, t.fixed = at, at, true
	t.title = append(t.title, firstLines(g)...)
	return t
}

// inside reports whether columns a and b of a row belong to one merged cell.
func (g *grid) inside(r, a, b int) bool {
	for _, m := range g.tops[r] {
		if m.Left-1 <= a && b < m.Right {
			return true
		}
	}
	return false
}

func firstLines(g *grid) []string {
	for r := range g.sheet.Rows {
		if n := g.texts(r); n == 1 {
			for _, cell := range g.sheet.Rows[r] {
				if l := clean(cell); l != "" {
					return []string{l}
				}
			}
		} else if n > 1 {
			break
		}
	}
	return nil
}
