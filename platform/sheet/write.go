package sheet

import (
	"errors"
	"io"
	"iter"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"
)

// Number is a decimal number as text ("98.56") that goes into a cell as a
// number. What is no plain decimal goes in as text.
type Number string

// Column is one column of a list.
type Column struct {
	Title string
	Width float64 // in characters; 0 takes 14
}

// List is what goes into a sheet of its own.
type List struct {
	Sheet   string // name of the sheet
	Title   string // first row
	Purpose string // why it was exported; second row
	Mark    string // watermark line: who, when, number of the export; second row and printed foot
	Columns []Column
	// Rows gives the cells of each row: string (always text, so identity numbers
	// keep their digits), Number, int, int64 or nil.
	Rows iter.Seq[[]any]
}

// Write writes lists as a workbook, a sheet each, row by row. It gives the
// number of rows written.
func Write(w io.Writer, lists ...List) (rows int, err error) {
	f := excelize.NewFile()
	defer f.Close()
	head, err := f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}, Alignment: &excelize.Alignment{Vertical: "center", WrapText: true},
		Fill:   excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"F2E6DC"}},
		Border: []excelize.Border{{Type: "bottom", Style: 1, Color: "9C4A3A"}}})
	if err != nil {
		return 0, err
	}
	title, err := f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true, Size: 14}})
	if err != nil {
		return 0, err
	}
	pale, err := f.NewStyle(&excelize.Style{Font: &excelize.Font{Color: "7A6A60", Size: 9}})
	if err != nil {
		return 0, err
	}
	text, err := f.NewStyle(&excelize.Style{NumFmt: 49}) // @: stays text when edited
	if err != nil {
		return 0, err
	}
	used := map[string]bool{}
	for i, l := range lists {
		name := sheetName(l.Sheet, used)
		if i == 0 {
			err = f.SetSheetName("Sheet1", name)
		} else {
			_, err = f.NewSheet(name)
		}
		if err != nil {
			return rows, err
		}
		about := l.Mark
		if l.Purpose != "" {
			about = strings.TrimSpace("用途：" + l.Purpose + "　" + l.Mark)
		}
		if foot := strings.NewReplacer("&", "&&").Replace(about); foot != "" {
			if r := []rune(foot); len(r) > 200 {
				foot = string(r[:200])
			}
			if err := f.SetHeaderFooter(name, &excelize.HeaderFooterOptions{OddFooter: "&L" + foot + "&R&P/&N"}); err != nil {
				return rows, err
			}
		}
		sw, err := f.NewStreamWriter(name)
		if err != nil {
			return rows, err
		}
		for c, col := range l.Columns {
			width := col.Width
			if width <= 0 {
				width = 14
			}
			if err := sw.SetColWidth(c+1, c+1, min(width, 120)); err != nil {
				return rows, err
			}
		}
		above := 1 // rows that stay in view: title, purpose, heads
		for _, s := range []string{l.Title, about} {
			if s != "" {
				above++
			}
		}
		if err := sw.SetPanes(&excelize.Panes{Freeze: true, YSplit: above, TopLeftCell: "A" + strconv.Itoa(above+1), ActivePane: "bottomLeft"}); err != nil {
			return rows, err
		}
		at := 1
		line := func(style int, s string) error {
			if s == "" {
				return nil
			}
			cell, err := excelize.CoordinatesToCellName(1, at)
			if err != nil {
				return err
			}
			at++
			return sw.SetRow(cell, []any{excelize.Cell{StyleID: style, Value: Harmless(s)}})
		}
		if err := line(title, l.Title); err != nil {
			return rows, err
		}
		if err := line(pale, about); err != nil {
			return rows, err
		}
		heads := make([]any, len(l.Columns))
		for c, col := range l.Columns {
			heads[c] = excelize.Cell{StyleID: head, Value: Harmless(col.Title)}
		}
		cell, err := excelize.CoordinatesToCellName(1, at)
		if err != nil {
			return rows, err
		}
		if err := sw.SetRow(cell, heads); err != nil {
			return rows, err
		}
		if l.Rows != nil {
			for row := range l.Rows {
				at++
				cells := make([]any, len(row))
				for c, v := range row {
					if cells[c], err = cellOf(v, text); err != nil {
						return rows, err
					}
				}
				cell, err := excelize.CoordinatesToCellName(1, at)
				if err != nil {
					return rows, ErrTooMany
				}
				if err := sw.SetRow(cell, cells); err != nil {
					return rows, err
				}
				rows++
			}
		}
		if err := sw.Flush(); err != nil {
			return rows, err
		}
	}
	_, err = f.WriteTo(w)
	return rows, err
}

func cellOf(v any, text int) (any, error) {
	switch v := v.(type) {
	case nil:
		return nil, nil
	case string:
		return excelize.Cell{StyleID: text, Value: Harmless(v)}, nil
	case int:
		return v, nil
	case int64:
		return v, nil
	case Number:
		// A float only as the way through the library: up to 15 digits it prints
		// the decimal that it was given.
		s := string(v)
		n, err := strconv.ParseFloat(s, 64)
		if err != nil || len(s) > 15 || strconv.FormatFloat(n, 'f', -1, 64) != strings.TrimSuffix(trimZeros(s), ".") {
			return excelize.Cell{StyleID: text, Value: Harmless(s)}, nil
		}
		return n, nil
	}
	return nil, errors.New("sheet: a cell of this type cannot be written")
}

func trimZeros(s string) string {
	if strings.Contains(s, ".") {
		return strings.TrimRight(s, "0")
	}
	return s
}

// Harmless keeps a text from being run as a formula, also when the sheet is
// saved as CSV: a leading = + - @ or control sign gets an apostrophe before it.
// Numbers and telephones (-3.5, +86 138…) stay.
func Harmless(s string) string {
	if s == "" {
		return s
	}
	switch s[0] {
	case '=', '@', '\t', '\r', '\n', '|', '%':
		return "'" + s
	case '+', '-':
		if strings.Trim(s[1:], "0123456789.- ") != "" {
			return "'" + s
		}
	}
	if strings.HasPrefix(s, "＝") || strings.HasPrefix(s, "＠") || strings.HasPrefix(s, "＋") || strings.HasPrefix(s, "－") && len(s) > len("－") {
		return "'" + s
	}
	return s
}

// sheetName makes a name that a workbook takes: at most 31 signs, none of
// \ / ? * : [ ], no two alike.
func sheetName(s string, used map[string]bool) string {
	s = strings.Map(func(r rune) rune {
		if strings.ContainsRune(`\/?*:[]`, r) {
			return ' '
		}
		return r
	}, s)
	s = strings.Trim(strings.TrimSpace(s), "'")
	if s == "" {
		s = "Sheet"
	}
	base := []rune(s)
	if len(base) > 28 {
		base = base[:28]
	}
	s = string(base)
	for i := 2; used[strings.ToLower(s)]; i++ {
		s = string(base) + strconv.Itoa(i)
	}
	used[strings.ToLower(s)] = true
	return s
}
