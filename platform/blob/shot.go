package blob

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"time"

	"cuobian/basis/day"
)

// shot is what a camera wrote beside its picture: which way up, when, where. Written after the Exif 2.32 standard
// (CIPA DC-008); everything else in it is not read.
type shot struct {
	turn     int // Exif orientation, 1 to 8
	taken    day.Instant
	known    bool
	lat, lng int64 // millionths of a degree
}

func (s shot) spot() string {
	if !s.known {
		return ""
	}
	return fmt.Sprintf("%d,%d", s.lat, s.lng)
}

// readShot finds the Exif block of a JPEG, PNG or WebP and reads it. A picture without one, or with a broken one, is
// upright and says nothing.
func readShot(raw []byte) shot {
	out := shot{turn: 1}
	if t := exifBlock(raw); t != nil {
		out.read(t)
	}
	return out
}

func exifBlock(raw []byte) []byte {
	switch {
	case bytes.HasPrefix(raw, []byte{0xff, 0xd8}):
		for p := 2; p+4 <= len(raw) && raw[p] == 0xff; {
			marker := raw[p+1]
			if marker == 0xff { // fill byte
				p++
				continue
			}
			if marker == 0xda || marker == 0xd9 { // the picture itself begins
				return nil
			}
			n := int(binary.BigEndian.Uint16(raw[p+2:]))
			if n < 2 || p+2+n > len(raw) {
				return nil
			}
			if body := raw[p+4 : p+2+n]; marker == 0xe1 && bytes.HasPrefix(body, []byte("Exif\x00\x00")) {
				return body[6:]
			}
			p += 2 + n
		}
	case bytes.HasPrefix(raw, []byte("\x89PNG\r\n\x1a\n")):
		for p := 8; p+12 <= len(raw); {
			n := int(binary.BigEndian.Uint32(raw[p:]))
			if n < 0 || n > len(raw)-p-12 {
				return nil
			}
			if string(raw[p+4:p+8]) == "eXIf" {
				return raw[p+8 : p+8+n]
			}
			p += 12 + n
		}
	case len(raw) > 12 && string(raw[:4]) == "RIFF" && string(raw[8:12]) == "WEBP":
		for p := 12; p+8 <= len(raw); {
			n := int(binary.LittleEndian.Uint32(raw[p+4:]))
			if n < 0 || n > len(raw)-p-8 {
				return nil
			}
			if string(raw[p:p+4]) == "EXIF" {
				return bytes.TrimPrefix(raw[p+8:p+8+n], []byte("Exif\x00\x00"))
			}
			p += 8 + n + n&1
		}
	}
	return nil
}

// tiff is an Exif block: entries of 12 bytes in directories at offsets.
type tiff struct {
	b     []byte
	order binary.ByteOrder
}

type entry struct {
	kind  uint16
	count uint32
	value []byte // the bytes of the value, wherever they stand
}

var widths = map[uint16]int{1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1, 9: 4, 10: 8}

func (t tiff) directory(at uint32) map[uint16]entry {
	out := map[uint16]entry{}
	if int64(at)+2 > int64(len(t.b)) || at < 8 {
		return out
	}
	n := int(t.order.Uint16(t.b[at:]))
	for i := range min(n, 200) {
		p := int(at) + 2 + 12*i
		if p+12 > len(t.b) {
			break
		}
		e := entry{kind: t.order.Uint16(t.b[p+2:]), count: t.order.Uint32(t.b[p+4:])}
		w := widths[e.kind]
		if w == 0 || e.count > 1<<16 {
			continue
		}
		size := w * int(e.count)
		from := p + 8
		if size > 4 {
			from = int(t.order.Uint32(t.b[p+8:]))
		}
		if from < 0 || from > len(t.b)-size {
			continue
		}
		e.value = t.b[from : from+size]
		out[t.order.Uint16(t.b[p:])] = e
	}
	return out
}

func (t tiff) number(e entry) (uint32, bool) {
	switch {
	case e.kind == 3 && len(e.value) >= 2:
		return uint32(t.order.Uint16(e.value)), true
	case e.kind == 4 && len(e.value) >= 4:
		return t.order.Uint32(e.value), true
	}
	return 0, false
}

func text(e entry) string {
	if e.kind != 2 {
		return ""
	}
	return strings.TrimRight(string(e.value), "\x00 ")
}

// degrees are three fractions (degrees, minutes, seconds) as millionths of a degree, rounded half up.
func (t tiff) degrees(e entry, most int64) (int64, bool) {
	if e.kind != 5 || len(e.value) < 24 {
		return 0, false
	}
	var sum int64 // billionths of a degree
	for i, unit := range []int64{1_000_000_000, 1_000_000_000 / 60, 1_000_000_000 / 3600} {
		n, d := int64(t.order.Uint32(e.value[8*i:])), int64(t.order.Uint32(e.value[8*i+4:]))
		if d == 0 {
			if n == 0 {
				continue
			}
			return 0, false
		}
		if n/d > 360 {
			return 0, false
		}
		sum += n / d * unit
		sum += n % d * unit / d
	}
	out := (sum + 500) / 1000
	return out, out <= most
}

func (s *shot) read(b []byte) {
	t := tiff{b: b}
	switch {
	case len(b) < 8:
		return
	case string(b[:4]) == "II*\x00":
		t.order = binary.LittleEndian
	case string(b[:4]) == "MM\x00*":
		t.order = binary.BigEndian
	default:
		return
	}
	main := t.directory(t.order.Uint32(b[4:]))
	if n, ok := t.number(main[0x0112]); ok && n >= 1 && n <= 8 {
		s.turn = int(n)
	}
	when, zone := text(main[0x0132]), ""
	if at, ok := t.number(main[0x8769]); ok {
		exif := t.directory(at)
		if w := text(exif[0x9003]); w != "" { // DateTimeOriginal before the file's own date
			when, zone = w, text(exif[0x9011])
		} else {
			zone = text(exif[0x9010])
		}
	}
	if at, err := time.Parse("2006:01:02 15:04:05Z07:00", when+zone); err == nil && zone != "" {
		s.taken = day.InstantOf(at)
	} else if at, err := time.ParseInLocation("2006:01:02 15:04:05", when, day.Shanghai); err == nil {
		s.taken = day.InstantOf(at)
	}
	if at, ok := t.number(main[0x8825]); ok {
		gps := t.directory(at)
		lat, ok1 := t.degrees(gps[2], 90_000_000)
		lng, ok2 := t.degrees(gps[4], 180_000_000)
		north, east := text(gps[1]), text(gps[3])
		if ok1 && ok2 && (north == "N" || north == "S") && (east == "E" || east == "W") {
			if north == "S" {
				lat = -lat
			}
			if east == "W" {
				lng = -lng
			}
			s.lat, s.lng, s.known = lat, lng, true
		}
	}
}
