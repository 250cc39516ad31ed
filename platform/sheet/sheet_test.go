package sheet_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"strings"
	"testing"

	"cuobian/platform/sheet"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
)

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// book makes a workbook with the given cells of Sheet1.
func book(t *testing.T, change func(f *excelize.File)) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	change(f)
	var b bytes.Buffer
	_, err := f.WriteTo(&b)
	check(t, err)
	return b.Bytes()
}

func TestRead(t *testing.T) {
	data := book(t, func(f *excelize.File) {
		check(t, f.SetCellValue("Sheet1", "A1", "标题"))
		check(t, f.MergeCell("Sheet1", "A1", "D1"))
		check(t, f.SetCellValue("Sheet1", "A3", "359999197001010113"))
		check(t, f.SetCellValue("Sheet1", "B3", 98.5))
		check(t, f.SetCellValue("Sheet1", "C3", 44805))
		style, err := f.NewStyle(&excelize.Style{NumFmt: 14})
		check(t, err)
		check(t, f.SetCellStyle("Sheet1", "C3", "C3", style))
		check(t, f.SetCellValue("Sheet1", "E4", "末"))
		check(t, f.MergeCell("Sheet1", "B3", "B4"))
		_, err = f.NewSheet("隐藏")
		check(t, err)
		check(t, f.SetCellValue("隐藏", "A1", "x"))
		check(t, f.SetSheetVisible("隐藏", false))
	})
	b, err := sheet.Read("台账.xlsx", bytes.NewReader(data), sheet.Limits{})
	check(t, err)
	want := sheet.Book{Name: "台账", Sheets: []sheet.Sheet{
		{Name: "Sheet1", Rows: [][]string{{"标题"}, nil, {"359999197001010113", "98.5", "44805"}, {"", "", "", "", "末"}}, Merges: []sheet.Span{{Top: 1, Left: 1, Bottom: 1, Right: 4}, {Top: 3, Left: 2, Bottom: 4, Right: 2}}},
		{Name: "隐藏", Rows: [][]string{{"x"}}, Hidden: true},
	}}
	if d := cmp.Diff(want, b); d != "" {
		t.Error(d)
	}
}

func TestNotBooks(t *testing.T) {
	packed := func(name string, fill int) []byte {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		w, err := z.Create(name)
		check(t, err)
		_, err = w.Write(bytes.Repeat([]byte("0"), fill))
		check(t, err)
		check(t, z.Close())
		return b.Bytes()
	}
	good := book(t, func(f *excelize.File) { check(t, f.SetCellValue("Sheet1", "A1", 1)) })
	for name, c := range map[string]struct {
		data []byte
		want error
	}{
		"nothing":        {nil, sheet.ErrNotBook},
		"text":           {[]byte("序号,小区"), sheet.ErrNotBook},
		"old":            {[]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest"), sheet.ErrOld},
		"cut":            {good[:len(good)/2], sheet.ErrDamaged},
		"another zip":    {packed("letter.txt", 10), sheet.ErrNotBook},
		"bomb":           {packed("xl/workbook.xml", 40<<20), sheet.ErrBomb},
		"no parts":       {packed("xl/workbook.xml", 10), sheet.ErrDamaged},
		"empty workbook": {book(t, func(*excelize.File) {}), sheet.ErrNoContent},
	} {
		_, err := sheet.Read("x.xlsx", bytes.NewReader(c.data), sheet.Limits{})
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	if _, err := sheet.Read("x.xlsx", bytes.NewReader(good), sheet.Limits{File: 100}); !errors.Is(err, sheet.ErrTooLarge) {
		t.Error(err)
	}
	if _, err := sheet.Read("x.xlsx", bytes.NewReader(good), sheet.Limits{Unpacked: 100}); !errors.Is(err, sheet.ErrBomb) {
		t.Error(err)
	}
	far := book(t, func(f *excelize.File) { check(t, f.SetCellValue("Sheet1", "XFD1", 1)) })
	if _, err := sheet.Read("x.xlsx", bytes.NewReader(far), sheet.Limits{}); !errors.Is(err, sheet.ErrTooMany) {
		t.Error(err)
	}
	many := book(t, func(f *excelize.File) {
		for i := 1; i <= 20; i++ {
			check(t, f.SetCellValue("Sheet1", fmt.Sprintf("A%d", i), i))
		}
	})
	if _, err := sheet.Read("x.xlsx", bytes.NewReader(many), sheet.Limits{Rows: 19}); !errors.Is(err, sheet.ErrTooMany) {
		t.Error(err)
	}
	if _, err := sheet.Read("x.xlsx", bytes.NewReader(many), sheet.Limits{Cells: 19}); !errors.Is(err, sheet.ErrTooMany) {
		t.Error(err)
	}
	deep := book(t, func(f *excelize.File) { check(t, f.SetCellValue("Sheet1", "A1048576", 1)) })
	if b, err := sheet.Read("x.xlsx", bytes.NewReader(deep), sheet.Limits{}); err != nil || len(b.Sheets[0].Rows) != 1<<20 {
		t.Error("a cell in the last row:", err)
	}
}

// No cut of a workbook makes the reader panic.
func TestCuts(t *testing.T) {
	good := book(t, func(f *excelize.File) { check(t, f.SetCellValue("Sheet1", "A1", "x")) })
	for n := 0; n < len(good); n += 7 {
		if _, err := sheet.Read("x.xlsx", bytes.NewReader(good[:n]), sheet.Limits{}); err == nil {
			t.Error("a cut workbook was read:", n)
		}
		torn := bytes.Clone(good)
		torn[n] ^= 0x5a
		_, _ = sheet.Read("x.xlsx", bytes.NewReader(torn), sheet.Limits{})
	}
}

func TestReport(t *testing.T) {
	data := book(t, func(f *excelize.File) {
		for c, v := range []string{"序号", "房号", "面积"} {
			cell, _ := excelize.CoordinatesToCellName(c+1, 1)
			check(t, f.SetCellValue("Sheet1", cell, v))
		}
		check(t, f.SetSheetRow("Sheet1", "A2", &[]any{1, "101", 80}))
		check(t, f.SetSheetRow("Sheet1", "A3", &[]any{2, "102", -1}))
		bold, err := f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
		check(t, err)
		check(t, f.SetCellStyle("Sheet1", "B3", "B3", bold))
	})
	var out bytes.Buffer
	check(t, sheet.Report(bytes.NewReader(data), &out, []sheet.Mark{{Sheet: "Sheet1", Row: 3, Col: 3, Note: "面积不是大于零的数。"}, {Sheet: "Sheet1", Row: 3, Note: "=2+2"}}, sheet.Limits{}))
	f, err := excelize.OpenReader(bytes.NewReader(out.Bytes()))
	check(t, err)
	defer f.Close()
	if v, _ := f.GetCellValue("Sheet1", "D3"); v != "面积不是大于零的数。；=2+2" {
		t.Error("note:", v)
	}
	fill := func(cell string) (string, bool) {
		id, err := f.GetCellStyle("Sheet1", cell)
		check(t, err)
		s, err := f.GetStyle(id)
		check(t, err)
		bold := s.Font != nil && s.Font.Bold
		if len(s.Fill.Color) == 0 {
			return "", bold
		}
		return s.Fill.Color[0], bold
	}
	if c, _ := fill("A2"); c != "" {
		t.Error("an accepted row is marked")
	}
	row, _ := fill("A3")
	cell, _ := fill("C3")
	kept, bold := fill("B3")
	if row == "" || cell == "" || row == cell || kept != row || !bold {
		t.Error("marks:", row, cell, kept, bold)
	}
	if v, _ := f.GetCellValue("Sheet1", "B3"); v != "102" {
		t.Error("the row itself changed:", v)
	}
	if err := sheet.Report(bytes.NewReader(data), &out, []sheet.Mark{{Sheet: "没有", Row: 1}}, sheet.Limits{}); err == nil {
		t.Error("a mark in a sheet that is not there")
	}
}

func rows(list ...[]any) iter.Seq[[]any] {
	return func(yield func([]any) bool) {
		for _, r := range list {
			if !yield(r) {
				return
			}
		}
	}
}

func TestWrite(t *testing.T) {
	var out bytes.Buffer
	n, err := sheet.Write(&out,
		sheet.List{Sheet: "房屋/业主", Title: "房屋", Purpose: "核对面积", Mark: "测试导出 第 7 号", Columns: []sheet.Column{{Title: "姓名"}, {Title: "证件号码", Width: 22}, {Title: "面积"}, {Title: "套数"}},
			Rows: rows([]any{"张三", "359999197001010113", sheet.Number("98.50"), 1}, []any{"=HYPERLINK(\"x\")", "013800000001", sheet.Number("98.5.1"), nil}, []any{"+86 13800000001", "-3.5", sheet.Number("12345678901234567890"), int64(2)})},
		sheet.List{Sheet: "房屋/业主", Columns: []sheet.Column{{Title: "@x"}}},
	)
	check(t, err)
	if n != 3 {
		t.Error(n)
	}
	b, err := sheet.Read("x.xlsx", bytes.NewReader(out.Bytes()), sheet.Limits{})
	check(t, err)
	want := [][]string{
		{"房屋"}, {"用途：核对面积　测试导出 第 7 号"}, {"姓名", "证件号码", "面积", "套数"},
		{"张三", "359999197001010113", "98.5", "1"},
		{"'=HYPERLINK(\"x\")", "013800000001", "98.5.1"},
		{"+86 13800000001", "-3.5", "12345678901234567890", "2"},
	}
	if d := cmp.Diff(want, b.Sheets[0].Rows); d != "" {
		t.Error(d)
	}
	if b.Sheets[0].Name == b.Sheets[1].Name || b.Sheets[1].Rows[0][0] != "'@x" {
		t.Error(b.Sheets[0].Name, b.Sheets[1])
	}
	f, err := excelize.OpenReader(bytes.NewReader(out.Bytes()))
	check(t, err)
	defer f.Close()
	for cell, kind := range map[string]bool{"B4": true, "C4": false, "D4": false, "B6": true, "C6": true} {
		typ, err := f.GetCellType(b.Sheets[0].Name, cell)
		check(t, err)
		if text := typ == excelize.CellTypeInlineString || typ == excelize.CellTypeSharedString; text != kind {
			t.Error(cell, "is text:", text)
		}
		if formula, _ := f.GetCellFormula(b.Sheets[0].Name, cell); formula != "" {
			t.Error(cell, "is a formula")
		}
	}
	if h, err := f.GetHeaderFooter(b.Sheets[0].Name); err != nil || h == nil || !strings.Contains(h.OddFooter, "第 7 号") {
		t.Error("no watermark on paper:", h, err)
	}
}

func TestHarmless(t *testing.T) {
	for text, want := range map[string]string{"=1": "'=1", "@a": "'@a", "+cmd": "'+cmd", "-2+3": "'-2+3", "-3.5": "-3.5", "+86 13800000001": "+86 13800000001", "\t=1": "'\t=1", "＝1": "'＝1", "张三": "张三", "": "", "-": "-"} {
		if got := sheet.Harmless(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// The report on a workbook of 30,000 homes.
func TestLargeReport(t *testing.T) {
	data, err := os.ReadFile("../../../shared/data/fengze.xlsx")
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("the large workbook is not beside the checkout (../shared/data)")
	}
	check(t, err)
	var marks []sheet.Mark
	for r := 100; r < 30000; r += 100 {
		marks = append(marks, sheet.Mark{Sheet: "房屋业主", Row: r, Col: 8, Note: "测试"})
	}
	var out bytes.Buffer
	check(t, sheet.Report(bytes.NewReader(data), &out, marks, sheet.Limits{}))
	b, err := sheet.Read("x.xlsx", bytes.NewReader(out.Bytes()), sheet.Limits{})
	check(t, err)
	rows := b.Sheets[1].Rows
	if len(rows) != 30634 || rows[99][len(rows[99])-1] != "测试" {
		t.Error(len(rows))
	}
}
