package sheet

import (
	"bytes"
	"encoding/binary"
	"io"
	"math"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"unicode/utf16"

	"github.com/richardlehane/mscfb"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// Kinds of records of an old workbook that carry what is read (MS-XLS 2.3; the older ones of BIFF5 with them).
const (
	recFormula  = 0x0006
	recEOF      = 0x000a
	recDate1904 = 0x0022
	recPassword = 0x002f
	recContinue = 0x003c
	recSheet    = 0x0085
	recMulRK    = 0x00bd
	recRString  = 0x00d6
	recMerges   = 0x00e5
	recSST      = 0x00fc
	recLabelSST = 0x00fd
	recNumber   = 0x0203
	recLabel    = 0x0204
	recBool     = 0x0205
	recString   = 0x0207
	recRK       = 0x027e
	recBOF      = 0x0809
)

// IsOld reports whether a file is of the older, binary kind (.xls).
func IsOld(data []byte) bool {
	return bytes.HasPrefix(data, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"))
}

// ReadOld reads an old workbook (.xls, BIFF8 or BIFF5) as Read does a new one: stored values, a date as its serial
// number, the last result of a formula. ErrOld where it has a password.
func ReadOld(name string, data []byte, limits Limits) (book Book, err error) {
	limits = limits.orDefault()
	defer func() { // the reader meets files that no one wrote by hand
		if recover() != nil {
			book, err = Book{}, ErrDamaged
		}
	}()
	if int64(len(data)) > limits.File {
		return Book{}, ErrTooLarge
	}
	if !IsOld(data) {
		return Book{}, ErrNotBook
	}
	stream, err := workbookStream(data)
	if err != nil {
		return Book{}, err
	}
	o := oldBook{data: stream, limits: limits}
	if err := o.globals(); err != nil {
		return Book{}, err
	}
	book.Name = strings.TrimSuffix(path.Base(filepath.ToSlash(name)), path.Ext(name))
	for _, s := range o.sheets {
		rows, merges, err := o.rows(s.at)
		if err != nil {
			return Book{}, err
		}
		book.Sheets = append(book.Sheets, Sheet{Name: s.name, Rows: rows, Merges: merges, Hidden: s.hidden, Date1904: o.date1904})
	}
	if o.cells == 0 {
		return Book{}, ErrNoContent
	}
	return book, nil
}

// workbookStream takes the workbook out of its container.
func workbookStream(data []byte) ([]byte, error) {
	if err := soundContainer(data); err != nil {
		return nil, err
	}
	r, err := mscfb.New(bytes.NewReader(data))
	if err != nil {
		return nil, ErrDamaged
	}
	for n := 0; n < 4096; n++ {
		f, err := r.Next()
		if err != nil {
			break
		}
		if f.Name != "Workbook" && f.Name != "WORKBOOK" && f.Name != "Book" {
			if f.Name == "EncryptedPackage" {
				return nil, ErrOld
			}
			continue
		}
		if f.Size > int64(len(data)) {
			return nil, ErrDamaged
		}
		out, err := io.ReadAll(io.LimitReader(f, int64(len(data))))
		if err != nil {
			return nil, ErrDamaged
		}
		return out, nil
	}
	return nil, ErrNotBook
}

// soundContainer refuses a header whose counts of sectors cannot be those of a file of this length; the library takes
// its memory by them.
func soundContainer(data []byte) error {
	if len(data) < 512 {
		return ErrDamaged
	}
	shift := binary.LittleEndian.Uint16(data[30:])
	if shift != 9 && shift != 12 {
		return ErrDamaged
	}
	sectors := uint32(len(data)>>shift) + 1
	for _, at := range []int{40, 44, 64, 72} { // directory, FAT, mini FAT, DIFAT sectors
		if binary.LittleEndian.Uint32(data[at:]) > sectors {
			return ErrDamaged
		}
	}
	return nil
}

type oldSheet struct {
	name   string
	at     int
	hidden bool
}

type oldBook struct {
	data     []byte
	limits   Limits
	sheets   []oldSheet
	shared   []string
	old5     bool
	date1904 bool
	count    int // rows of all sheets
	cells    int
}

// next is the record at an offset and the offset behind it; ok is false at the end.
func (o *oldBook) next(at int) (kind int, body []byte, end int, ok bool) {
	if at < 0 || at+4 > len(o.data) {
		return 0, nil, 0, false
	}
	kind = int(binary.LittleEndian.Uint16(o.data[at:]))
	end = at + 4 + int(binary.LittleEndian.Uint16(o.data[at+2:]))
	if end > len(o.data) {
		return 0, nil, 0, false
	}
	return kind, o.data[at+4 : end], end, true
}

func (o *oldBook) globals() error {
	kind, body, at, ok := o.next(0)
	if !ok || kind != recBOF || len(body) < 4 {
		return ErrDamaged
	}
	switch binary.LittleEndian.Uint16(body) {
	case 0x0600:
	case 0x0500:
		o.old5 = true
	default:
		return ErrNotBook
	}
	for {
		kind, body, end, ok := o.next(at)
		if !ok {
			return ErrDamaged
		}
		switch kind {
		case recEOF:
			return nil
		case recPassword:
			return ErrOld
		case recDate1904:
			o.date1904 = len(body) > 1 && body[0] == 1
		case recSheet:
			if len(body) < 8 {
				return ErrDamaged
			}
			if len(o.sheets) >= o.limits.Sheets {
				return ErrTooMany
			}
			if body[5] != 0 { // a chart or a macro
				break
			}
			var name string
			if o.old5 {
				name = narrow(body[7:], int(body[6]))
			} else {
				c := &chain{parts: [][]byte{body[7:]}}
				name = c.text(int(body[6]))
			}
			o.sheets = append(o.sheets, oldSheet{name: name, at: int(binary.LittleEndian.Uint32(body)), hidden: body[4] != 0})
		case recSST:
			c := &chain{parts: [][]byte{body}}
			for {
				k, more, e, ok := o.next(end)
				if !ok || k != recContinue {
					break
				}
				c.parts = append(c.parts, more)
				end = e
			}
			c.skip(4)
			n := int(c.u32())
			if n > len(o.data) || n > o.limits.Cells {
				return ErrTooMany
			}
			for i := 0; i < n && !c.over(); i++ {
				o.shared = append(o.shared, c.rich())
			}
		}
		at = end
	}
}

// rows reads the sheet whose first record stands at an offset.
func (o *oldBook) rows(at int) ([][]string, []Span, error) {
	kind, _, at, ok := o.next(at)
	if !ok || kind != recBOF {
		return nil, nil, ErrDamaged
	}
	var rows [][]string
	var merges []Span
	waiting, row, col := false, 0, 0 // a formula whose text is in the next record
	put := func(r, c int, text string) error {
		if text == "" {
			return nil
		}
		if c >= o.limits.Columns || r >= 1<<16 {
			return ErrTooMany
		}
		for r >= len(rows) {
			rows = append(rows, nil)
		}
		if len(rows[r]) == 0 {
			if o.count++; o.count > o.limits.Rows {
				return ErrTooMany
			}
		}
		for c >= len(rows[r]) {
			rows[r] = append(rows[r], "")
		}
		rows[r][c] = text
		if o.cells++; o.cells > o.limits.Cells {
			return ErrTooMany
		}
		return nil
	}
	for {
		kind, body, end, ok := o.next(at)
		if !ok {
			return nil, nil, ErrDamaged
		}
		if kind == recEOF {
			return rows, merges, nil
		}
		r, c := 0, 0
		if len(body) >= 4 {
			r, c = int(binary.LittleEndian.Uint16(body)), int(binary.LittleEndian.Uint16(body[2:]))
		}
		var err error
		switch {
		case kind == recPassword:
			return nil, nil, ErrOld
		case kind == recLabelSST && len(body) >= 10:
			if n := int(binary.LittleEndian.Uint32(body[6:])); n >= 0 && n < len(o.shared) {
				err = put(r, c, o.shared[n])
			}
		case kind == recNumber && len(body) >= 14:
			err = put(r, c, number(math.Float64frombits(binary.LittleEndian.Uint64(body[6:]))))
		case kind == recRK && len(body) >= 10:
			err = put(r, c, number(rk(binary.LittleEndian.Uint32(body[6:]))))
		case kind == recMulRK && len(body) >= 6:
			for i := 4; i+6 <= len(body)-2 && err == nil; i += 6 {
				err = put(r, c+(i-4)/6, number(rk(binary.LittleEndian.Uint32(body[i+2:]))))
			}
		case (kind == recLabel || kind == recRString) && len(body) >= 8:
			n := int(binary.LittleEndian.Uint16(body[6:]))
			if o.old5 {
				err = put(r, c, narrow(body[8:], n))
			} else {
				s := &chain{parts: [][]byte{body[8:]}}
				err = put(r, c, s.text(n))
			}
		case kind == recBool && len(body) >= 8 && body[7] == 0:
			err = put(r, c, map[bool]string{true: "TRUE", false: "FALSE"}[body[6] != 0])
		case kind == recFormula && len(body) >= 14:
			if body[12] != 0xff || body[13] != 0xff {
				err = put(r, c, number(math.Float64frombits(binary.LittleEndian.Uint64(body[6:]))))
			} else if body[6] == 0 {
				waiting, row, col = true, r, c
			} else if body[6] == 1 {
				err = put(r, c, map[bool]string{true: "TRUE", false: "FALSE"}[body[8] != 0])
			}
		case kind == recString && waiting && len(body) >= 3:
			waiting = false
			n := int(binary.LittleEndian.Uint16(body))
			if o.old5 {
				err = put(row, col, narrow(body[2:], n))
			} else {
				s := &chain{parts: [][]byte{body[2:]}}
				err = put(row, col, s.text(n))
			}
		case kind == recMerges && len(body) >= 2 && len(merges) < 100_000:
			for i := 2; i+8 <= len(body); i += 8 {
				u := func(k int) int { return int(binary.LittleEndian.Uint16(body[i+k:])) + 1 }
				merges = append(merges, Span{Top: u(0), Bottom: u(2), Left: u(4), Right: u(6)})
			}
		}
		if err != nil {
			return nil, nil, err
		}
		at = end
	}
}

// rk is a number packed into 30 bits.
func rk(v uint32) float64 {
	var f float64
	if v&2 != 0 {
		f = float64(int32(v) >> 2)
	} else {
		f = math.Float64frombits(uint64(v&^3) << 32)
	}
	if v&1 != 0 {
		f /= 100
	}
	return f
}

// number is a stored number as decimal text, with the 15 digits that the program shows.
func number(f float64) string {
	if math.IsNaN(f) || math.IsInf(f, 0) || math.Abs(f) >= 1e15 {
		return strconv.FormatFloat(f, 'g', -1, 64)
	}
	g, err := strconv.ParseFloat(strconv.FormatFloat(f, 'e', 14, 64), 64)
	if err != nil {
		return ""
	}
	return strconv.FormatFloat(g, 'f', -1, 64)
}

// narrow is text of one or two bytes a sign, as BIFF5 has it; in this country it is GBK.
func narrow(b []byte, n int) string {
	if n > len(b) {
		n = len(b)
	}
	out, err := simplifiedchinese.GB18030.NewDecoder().Bytes(b[:n])
	if err != nil {
		return ""
	}
	return string(out)
}

// chain reads across the records into which a long one was cut.
type chain struct {
	parts [][]byte
	part  int
	at    int
}

func (c *chain) over() bool {
	for c.part < len(c.parts) && c.at >= len(c.parts[c.part]) {
		c.part, c.at = c.part+1, 0
	}
	return c.part >= len(c.parts)
}

func (c *chain) byte() byte {
	if c.over() {
		return 0
	}
	b := c.parts[c.part][c.at]
	c.at++
	return b
}

func (c *chain) u16() uint16 { lo := c.byte(); return uint16(lo) | uint16(c.byte())<<8 }
func (c *chain) u32() uint32 { lo := c.u16(); return uint32(lo) | uint32(c.u16())<<16 }

func (c *chain) skip(n int) {
	for n > 0 && !c.over() {
		k := min(n, len(c.parts[c.part])-c.at)
		c.at += k
		n -= k
	}
}

// text is n signs with the flag byte before them.
func (c *chain) text(n int) string { return c.signs(n, c.byte()&1 != 0) }

// signs reads n signs; where a record ends among them the next one begins with a flag of its own.
func (c *chain) signs(n int, wide bool) string {
	var units []uint16
	for n > 0 && c.part < len(c.parts) {
		p := c.parts[c.part]
		if c.at >= len(p) {
			if c.part++; c.part >= len(c.parts) {
				break
			}
			c.at = 0
			if len(c.parts[c.part]) == 0 {
				continue
			}
			wide = c.parts[c.part][0]&1 != 0
			c.at = 1
			continue
		}
		if wide {
			if c.at+2 > len(p) {
				c.at = len(p)
				continue
			}
			units = append(units, binary.LittleEndian.Uint16(p[c.at:]))
			c.at += 2
		} else {
			units = append(units, uint16(p[c.at]))
			c.at++
		}
		n--
	}
	return string(utf16.Decode(units))
}

// rich is a text of the shared table, without its fonts and readings.
func (c *chain) rich() string {
	n := int(c.u16())
	flag := c.byte()
	runs, ext := 0, 0
	if flag&8 != 0 {
		runs = int(c.u16())
	}
	if flag&4 != 0 {
		ext = int(c.u32())
	}
	s := c.signs(n, flag&1 != 0)
	c.skip(4 * runs)
	c.skip(ext)
	return s
}
