package sheet

import (
	"archive/zip"
	"bufio"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"cuobian/basis/fault"

	"github.com/xuri/excelize/v2"
)

// Book is a workbook as plain text.
type Book struct {
	Name   string // file name without folder and ending
	Sheets []Sheet
}

// Sheet is one sheet. Rows[0] is row 1, Rows[0][0] column A. Cells hold the
// stored value, not what is shown: a date is its serial number. Blank cells at
// the end of a row and blank rows at the end of a sheet are left out.
type Sheet struct {
	Name     string
	Rows     [][]string
	Merges   []Span
	Hidden   bool
	Date1904 bool
}

// Span is a merged range, counted from 1, both ends in.
type Span struct{ Top, Left, Bottom, Right int }

// Limits keep a hostile or absurd file from taking the machine. Zero fields
// take the default.
type Limits struct {
	File     int64 // bytes of the file; default 64 MB
	Unpacked int64 // bytes unpacked; default 1 GB
	Sheets   int   // default 200
	Rows     int   // rows with content of all sheets; default 300,000
	Columns  int   // last column with content; default 400
	Cells    int   // cells with content of all sheets; default 6,000,000
}

func (l Limits) orDefault() Limits {
	set := func(v *int, d int) {
		if *v <= 0 {
			*v = d
		}
	}
	if l.File <= 0 {
		l.File = 64 << 20
	}
	if l.Unpacked <= 0 {
		l.Unpacked = 1 << 30
	}
	set(&l.Sheets, 200)
	set(&l.Rows, 300_000)
	set(&l.Columns, 400)
	set(&l.Cells, 6_000_000)
	return l
}

// Faults of reading.
var (
	ErrNotBook   = fault.New(fault.Invalid, "sheet.not_book", "文件不是 .xlsx 工作簿。", "The file is no .xlsx workbook.")
	ErrOld       = fault.New(fault.Invalid, "sheet.old_or_locked", "文件是旧版 .xls 或设有密码，请用表格软件打开后另存为不加密的 .xlsx。", "The file is an old .xls or has a password; open it and save it as .xlsx without one.")
	ErrDamaged   = fault.New(fault.Invalid, "sheet.damaged", "工作簿已损坏，无法读取。", "The workbook is damaged and cannot be read.")
	ErrTooLarge  = fault.New(fault.TooLarge, "sheet.too_large", "文件过大。", "The file is too large.")
	ErrBomb      = fault.New(fault.TooLarge, "sheet.unpacked_too_large", "文件解压后过大，不予打开。", "Unpacked, the file would be too large; it was not opened.")
	ErrTooMany   = fault.New(fault.TooLarge, "sheet.too_many_cells", "工作簿的工作表、行、列或单元格过多，请分开导入。", "The workbook has too many sheets, rows, columns or cells; import it in parts.")
	ErrNoContent = fault.New(fault.Invalid, "sheet.empty", "工作簿里没有内容。", "The workbook holds nothing.")
)

// Open reads a workbook from a file.
func Open(file string, limits Limits) (Book, error) {
	f, err := os.Open(file)
	if err != nil {
		return Book{}, err
	}
	defer f.Close()
	return Read(filepath.Base(file), f, limits)
}

// Read reads a workbook. name is the file's name.
func Read(name string, r io.Reader, limits Limits) (Book, error) {
	data, err := Check(r, limits)
	if err != nil {
		return Book{}, err
	}
	return readBytes(name, data, limits.orDefault())
}

// Check reads a file into memory and makes sure that it is a workbook of
// bearable size, without unpacking it.
func Check(r io.Reader, limits Limits) ([]byte, error) {
	limits = limits.orDefault()
	data, err := io.ReadAll(io.LimitReader(r, limits.File+1))
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > limits.File {
		return nil, ErrTooLarge
	}
	if bytes.HasPrefix(data, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")) {
		return nil, ErrOld
	}
	if !bytes.HasPrefix(data, []byte("PK\x03\x04")) {
		return nil, ErrNotBook
	}
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, ErrDamaged
	}
	if len(z.File) > 5000 {
		return nil, ErrBomb
	}
	var sum uint64
	book := false
	for _, f := range z.File {
		book = book || f.Name == "xl/workbook.xml" || strings.HasSuffix(f.Name, "/workbook.xml") || f.Name == "[Content_Types].xml"
		// The sizes are the file's own claim; the zip reader fails when more comes out.
		if f.UncompressedSize64 > uint64(limits.Unpacked) {
			return nil, ErrBomb
		}
		if sum += f.UncompressedSize64; sum > uint64(limits.Unpacked) {
			return nil, ErrBomb
		}
		if f.UncompressedSize64 > 16<<20 && f.CompressedSize64 > 0 && f.UncompressedSize64/f.CompressedSize64 > 400 {
			return nil, ErrBomb
		}
	}
	if !book {
		return nil, ErrNotBook
	}
	return data, nil
}

// inMemory is how large a part may be before the library unpacks it to a file
// of the temporary folder. Ledgers hold identity numbers, so what is usual stays
// in memory: 30,000 homes are about 30 MB.
const inMemory = 160 << 20

func options(limits Limits) excelize.Options {
	return excelize.Options{RawCellValue: true, UnzipSizeLimit: limits.Unpacked, UnzipXMLSizeLimit: min(inMemory, limits.Unpacked)}
}

func readBytes(name string, data []byte, limits Limits) (book Book, err error) {
	defer func() { // the reader meets files that no one wrote by hand
		if recover() != nil {
			book, err = Book{}, ErrDamaged
		}
	}()
	f, err := excelize.OpenReader(bytes.NewReader(data), options(limits))
	if err != nil {
		if errors.Is(err, excelize.ErrWorkbookPassword) {
			return Book{}, ErrOld
		}
		return Book{}, ErrDamaged
	}
	defer f.Close()
	book.Name = strings.TrimSuffix(path.Base(filepath.ToSlash(name)), path.Ext(name))
	names := f.GetSheetList()
	if len(names) > limits.Sheets {
		return Book{}, ErrTooMany
	}
	parts := partsOf(data)
	date1904 := false
	if p, err := f.GetWorkbookProps(); err == nil && p.Date1904 != nil {
		date1904 = *p.Date1904
	}
	rows, cells := 0, 0
	for _, n := range names {
		s := Sheet{Name: n, Date1904: date1904}
		if visible, err := f.GetSheetVisible(n); err == nil {
			s.Hidden = !visible
		}
		it, err := f.Rows(n)
		if err != nil {
			continue // a chart
		}
		blank := 0
		for it.Next() {
			row, err := it.Columns(excelize.Options{RawCellValue: true})
			if err != nil {
				it.Close()
				return Book{}, ErrDamaged
			}
			end := 0
			for i, c := range row {
				if c != "" {
					end = i + 1
					cells++
				}
			}
			if end == 0 {
				blank++
				continue
			}
			if end > limits.Columns || cells > limits.Cells {
				it.Close()
				return Book{}, ErrTooMany
			}
			if rows++; rows > limits.Rows || len(s.Rows)+blank > 1<<20 {
				it.Close()
				return Book{}, ErrTooMany
			}
			for ; blank > 0; blank-- {
				s.Rows = append(s.Rows, nil)
			}
			s.Rows = append(s.Rows, row[:end:end])
		}
		failed := it.Error()
		it.Close()
		if failed != nil {
			return Book{}, ErrDamaged
		}
		s.Merges = mergesOf(data, parts[n])
		book.Sheets = append(book.Sheets, s)
	}
	if cells == 0 {
		return Book{}, ErrNoContent
	}
	return book, nil
}

// partsOf gives the part of the package that holds each sheet. The library
// would load a whole sheet into memory to say which cells are merged.
func partsOf(data []byte) map[string]string {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil
	}
	read := func(name string, into any) bool {
		f, err := z.Open(name)
		if err != nil {
			return false
		}
		defer f.Close()
		return xml.NewDecoder(io.LimitReader(f, 8<<20)).Decode(into) == nil
	}
	var w struct {
		Sheets []struct {
			Name string     `xml:"name,attr"`
			Any  []xml.Attr `xml:",any,attr"`
		} `xml:"sheets>sheet"`
	}
	var rels struct {
		Rel []struct {
			ID     string `xml:"Id,attr"`
			Target string `xml:"Target,attr"`
		} `xml:"Relationship"`
	}
	if !read("xl/workbook.xml", &w) || !read("xl/_rels/workbook.xml.rels", &rels) {
		return nil
	}
	targets := map[string]string{}
	for _, r := range rels.Rel {
		t := r.Target
		if strings.HasPrefix(t, "/") {
			t = t[1:]
		} else {
			t = path.Join("xl", t)
		}
		targets[r.ID] = t
	}
	parts := map[string]string{}
	for _, s := range w.Sheets {
		for _, a := range s.Any {
			if a.Name.Local == "id" {
				parts[s.Name] = targets[a.Value]
			}
		}
	}
	return parts
}

var mergeRef = regexp.MustCompile(`mergeCell\s[^>]*?ref="([A-Za-z]{1,3})([0-9]{1,7}):([A-Za-z]{1,3})([0-9]{1,7})"`)

// mergesOf reads the merged ranges that stand behind a sheet's rows.
func mergesOf(data []byte, part string) []Span {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil || part == "" {
		return nil
	}
	f, err := z.Open(part)
	if err != nil {
		return nil
	}
	defer f.Close()
	r := bufio.NewReaderSize(f, 1<<16)
	var tail []byte
	const mark = "</sheetData>"
	var window []byte
	buf := make([]byte, 1<<16)
	found := false
	for !found {
		n, err := r.Read(buf)
		window = append(window, buf[:n]...)
		if i := bytes.Index(window, []byte(mark)); i >= 0 {
			tail, found = append(tail, window[i:]...), true
			break
		}
		if i := bytes.Index(window, []byte("sheetData/>")); i >= 0 {
			tail, found = append(tail, window[i:]...), true
			break
		}
		if i := bytes.Index(window, []byte(":sheetData>")); i >= 0 && bytes.Contains(window[:i], []byte("</")) && bytes.HasSuffix(window[:i], []byte("x")) {
			tail, found = append(tail, window[i:]...), true
			break
		}
		if len(window) > 64 {
			window = append(window[:0], window[len(window)-64:]...)
		}
		if err != nil {
			return nil
		}
	}
	rest, _ := io.ReadAll(io.LimitReader(r, 16<<20))
	tail = append(tail, rest...)
	var out []Span
	for _, m := range mergeRef.FindAllSubmatch(tail, 100_000) {
		s := Span{Left: columnNumber(m[1]), Right: columnNumber(m[3])}
		s.Top, _ = strconv.Atoi(string(m[2]))
		s.Bottom, _ = strconv.Atoi(string(m[4]))
		if s.Top > s.Bottom {
			s.Top, s.Bottom = s.Bottom, s.Top
		}
		if s.Left > s.Right {
			s.Left, s.Right = s.Right, s.Left
		}
		if s.Top > 0 && s.Left > 0 {
			out = append(out, s)
		}
	}
	return out
}

func columnNumber(letters []byte) int {
	n := 0
	for _, b := range bytes.ToUpper(letters) {
		n = n*26 + int(b-'A') + 1
	}
	return n
}
