package sheet

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"
)

// Mark is a row of a workbook to be marked, with the sentence that says why.
type Mark struct {
	Sheet string
	Row   int // from 1
	Col   int // the cell to blame, from 1; 0 none
	Note  string
}

// Fills of a marked row and of the cell to blame.
const (
	rowFill  = "F9DCD6"
	cellFill = "E9967A"
)

// Report writes the workbook r again with marked rows: the row's cells filled,
// the cell to blame in a stronger colour, and the sentence in a column of its
// own behind the last one. Everything else stays as it was: only the marked rows
// of a sheet's XML are changed, because loading 30,000 rows to mark 300 would
// take half a gigabyte.
func Report(r io.Reader, w io.Writer, marks []Mark, limits Limits) (err error) {
	limits = limits.orDefault()
	data, err := Check(r, limits)
	if err != nil {
		return err
	}
	defer func() {
		if recover() != nil {
			err = ErrDamaged
		}
	}()
	parts := partsOf(data)
	pages := map[string]*page{} // by part
	for _, m := range marks {
		part := parts[m.Sheet]
		if part == "" {
			return errors.New("sheet: a mark names a sheet that the workbook does not have")
		}
		p := pages[part]
		if p == nil {
			p = &page{rows: map[int]*marked{}}
			pages[part] = p
		}
		row := p.rows[m.Row]
		if row == nil {
			row = &marked{cols: map[int]bool{}}
			p.rows[m.Row] = row
		}
		if m.Col > 0 {
			row.cols[m.Col] = true
		}
		if m.Note != "" {
			row.notes = append(row.notes, m.Note)
		}
	}
	styles := map[[2]int]int{} // style as it was, strength → style with a fill
	for part, p := range pages {
		xml, err := unpack(data, part, limits)
		if err != nil {
			return err
		}
		if !bytes.Contains(xml, []byte("<sheetData")) {
			return ErrDamaged // prefixed names: no program in use writes them
		}
		p.survey(xml, styles)
	}
	f, err := excelize.OpenReader(bytes.NewReader(data), options(limits))
	if err != nil {
		return ErrDamaged
	}
	defer f.Close()
	for key := range styles {
		s, err := f.GetStyle(key[0])
		if err != nil || s == nil {
			s = &excelize.Style{}
		}
		s.Fill = excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{[]string{rowFill, cellFill}[key[1]]}}
		if styles[key], err = f.NewStyle(s); err != nil {
			return err
		}
	}
	note, err := f.NewStyle(&excelize.Style{Font: &excelize.Font{Color: "A61B1B", Bold: true},
		Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{rowFill}}})
	if err != nil {
		return err
	}
	var styled bytes.Buffer
	if _, err := f.WriteTo(&styled); err != nil {
		return err
	}
	z, err := zip.NewReader(bytes.NewReader(styled.Bytes()), int64(styled.Len()))
	if err != nil {
		return err
	}
	out := zip.NewWriter(w)
	for _, entry := range z.File {
		p := pages[entry.Name]
		if p == nil {
			if err := out.Copy(entry); err != nil {
				return err
			}
			continue
		}
		xml, err := unpack(styled.Bytes(), entry.Name, limits)
		if err != nil {
			return err
		}
		to, err := out.Create(entry.Name)
		if err != nil {
			return err
		}
		if err := p.write(to, xml, styles, note); err != nil {
			return err
		}
	}
	return out.Close()
}

func unpack(data []byte, part string, limits Limits) ([]byte, error) {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, ErrDamaged
	}
	f, err := z.Open(part)
	if err != nil {
		return nil, ErrDamaged
	}
	defer f.Close()
	xml, err := io.ReadAll(io.LimitReader(f, limits.Unpacked))
	if err != nil {
		return nil, ErrDamaged
	}
	return xml, nil
}

// page is a sheet with rows to mark.
type page struct {
	rows map[int]*marked
	last int // last column in use
}

type marked struct {
	cols  map[int]bool
	notes []string
}

var (
	rowTag  = []byte("<row")
	rowEnd  = []byte("</row>")
	cellTag = regexp.MustCompile(`<c(\s[^>]*?)?(/?)>`)
	attrR   = regexp.MustCompile(`\sr="([A-Z]{0,3})([0-9]*)"`)
	attrS   = regexp.MustCompile(`\ss="([0-9]+)"`)
)

// each calls back for every row: its number, its opening tag and its content.
// It gives the bytes between rows unchanged to keep.
func each(xml []byte, keep func([]byte) error, row func(n int, tag, content []byte) error) error {
	number := 0
	for {
		i := bytes.Index(xml, rowTag)
		for i >= 0 && i+4 < len(xml) && xml[i+4] != ' ' && xml[i+4] != '>' && xml[i+4] != '/' && xml[i+4] != '\n' {
			next := bytes.Index(xml[i+4:], rowTag) // <rowBreaks
			if next < 0 {
				i = -1
				break
			}
			i += 4 + next
		}
		if i < 0 {
			return keep(xml)
		}
		if err := keep(xml[:i]); err != nil {
			return err
		}
		xml = xml[i:]
		end := bytes.IndexByte(xml, '>')
		if end < 0 {
			return ErrDamaged
		}
		tag, content, after := xml[:end+1], []byte(nil), end+1
		if xml[end-1] != '/' {
			close := bytes.Index(xml[end:], rowEnd)
			if close < 0 {
				return ErrDamaged
			}
			content, after = xml[end+1:end+close], end+close+len(rowEnd)
		}
		number++
		if m := attrR.FindSubmatch(tag); m != nil {
			if n, err := strconv.Atoi(string(m[2])); err == nil {
				number = n
			}
		}
		if err := row(number, tag, content); err != nil {
			return err
		}
		xml = xml[after:]
	}
}

// survey finds the last column and the styles that marked cells have.
func (p *page) survey(xml []byte, styles map[[2]int]int) {
	_ = each(xml, func([]byte) error { return nil }, func(n int, tag, content []byte) error {
		if i := bytes.LastIndex(content, []byte("<c ")); i >= 0 {
			if m := attrR.FindSubmatch(content[i:]); m != nil {
				p.last = max(p.last, columnNumber(m[1]))
			}
		}
		row := p.rows[n]
		if row == nil {
			return nil
		}
		at := 0
		for _, m := range cellTag.FindAllSubmatch(content, -1) {
			style := 0
			at, style = cellOfTag(m[1], at)
			strength := 0
			if row.cols[at] {
				strength = 1
			}
			styles[[2]int{style, strength}] = 0
		}
		return nil
	})
}

// cellOfTag gives the column and style of a cell's tag; before is the column of
// the cell before it.
func cellOfTag(attributes []byte, before int) (column, style int) {
	column = before + 1
	if m := attrR.FindSubmatch(attributes); m != nil && len(m[1]) > 0 {
		column = columnNumber(m[1])
	}
	if m := attrS.FindSubmatch(attributes); m != nil {
		style, _ = strconv.Atoi(string(m[1]))
	}
	return column, style
}

// write writes the sheet with its marked rows changed.
func (p *page) write(w io.Writer, xml []byte, styles map[[2]int]int, note int) error {
	put := func(b []byte) error { _, err := w.Write(b); return err }
	column, err := excelize.ColumnNumberToName(p.last + 1)
	if err != nil {
		return err
	}
	first := true
	keep := func(b []byte) error {
		if first { // what stands before the rows: the widths of columns
			first = false
			width := `<col min="` + strconv.Itoa(p.last+1) + `" max="` + strconv.Itoa(p.last+1) + `" width="48" customWidth="1"/>`
			if i := bytes.Index(b, []byte("</cols>")); i >= 0 && !covered(b[:i], p.last+1) {
				if err := put(b[:i]); err != nil {
					return err
				}
				if err := put([]byte(width)); err != nil {
					return err
				}
				b = b[i:]
			} else if i := bytes.Index(b, []byte("<sheetData")); i >= 0 && !bytes.Contains(b, []byte("<cols")) {
				if err := put(b[:i]); err != nil {
					return err
				}
				if err := put([]byte("<cols>" + width + "</cols>")); err != nil {
					return err
				}
				b = b[i:]
			}
		}
		return put(b)
	}
	return each(xml, keep, func(n int, tag, content []byte) error {
		row := p.rows[n]
		if row == nil {
			if err := put(tag); err != nil || len(tag) > 1 && tag[len(tag)-2] == '/' {
				return err
			}
			if err := put(content); err != nil {
				return err
			}
			return put(rowEnd)
		}
		var b bytes.Buffer
		b.Write(bytes.TrimSuffix(bytes.TrimSuffix(tag, []byte(">")), []byte("/")))
		b.WriteByte('>')
		at, from := 0, 0
		for _, m := range cellTag.FindAllSubmatchIndex(content, -1) {
			b.Write(content[from:m[0]])
			from = m[1]
			var attributes []byte
			if m[2] >= 0 {
				attributes = content[m[2]:m[3]]
			}
			style := 0
			at, style = cellOfTag(attributes, at)
			strength := 0
			if row.cols[at] {
				strength = 1
			}
			b.WriteString("<c")
			b.Write(attrS.ReplaceAll(attributes, nil))
			b.WriteString(` s="` + strconv.Itoa(styles[[2]int{style, strength}]) + `"`)
			b.Write(content[m[4]:m[5]])
			b.WriteByte('>')
		}
		b.Write(content[from:])
		if len(row.notes) > 0 {
			b.WriteString(`<c r="` + column + strconv.Itoa(n) + `" s="` + strconv.Itoa(note) + `" t="inlineStr"><is><t xml:space="preserve">`)
			b.WriteString(escape(Harmless(strings.Join(row.notes, "；"))))
			b.WriteString(`</t></is></c>`)
		}
		b.Write(rowEnd)
		return put(b.Bytes())
	})
}

var colRange = regexp.MustCompile(`<col\s[^>]*?>`)
var attrMax = regexp.MustCompile(`\smax="([0-9]+)"`)

// covered reports whether a width is already set for column n or beyond.
func covered(cols []byte, n int) bool {
	for _, c := range colRange.FindAll(cols, -1) {
		if m := attrMax.FindSubmatch(c); m != nil {
			if v, err := strconv.Atoi(string(m[1])); err != nil || v >= n {
				return true
			}
		}
	}
	return false
}

func escape(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, s)
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
}
