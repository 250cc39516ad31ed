package blob

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"slices"
)

const xlsxType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

// document tells what a file is by its content.
func document(raw []byte) (string, error) {
	if bytes.HasPrefix(raw, []byte("%PDF-")) && bytes.Contains(raw[max(0, len(raw)-2048):], []byte("%%EOF")) {
		return "application/pdf", nil
	}
	if bytes.HasPrefix(raw, []byte("PK\x03\x04")) {
		z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
		if err != nil {
			return "", ErrFile
		}
		has := map[string]bool{}
		for _, f := range z.File {
			has[f.Name] = true
		}
		if has["[Content_Types].xml"] && has["xl/workbook.xml"] && !has["xl/vbaProject.bin"] {
			return xlsxType, nil
		}
	}
	return "", ErrFile
}

// sound tells what a recording is by its content and takes out what it says besides: names, devices, places.
func sound(raw []byte) (kind string, content []byte, err error) {
	ok := true
	switch {
	case bytes.HasPrefix(raw, []byte{0x1a, 0x45, 0xdf, 0xa3}) && bytes.Contains(raw[:min(64, len(raw))], []byte("webm")):
		kind, content = "audio/webm", withoutTagsWebM(raw)
	case bytes.HasPrefix(raw, []byte("OggS")):
		kind = "audio/ogg"
		content, ok = withoutTagsOgg(raw)
	case bytes.HasPrefix(raw, []byte("#!AMR\n")) || bytes.HasPrefix(raw, []byte("#!AMR-WB\n")):
		kind, content = "audio/amr", raw // has no room for tags
	case len(raw) > 12 && string(raw[:4]) == "RIFF" && string(raw[8:12]) == "WAVE":
		kind = "audio/wav"
		content, ok = withoutTagsWAV(raw)
	case len(raw) > 12 && string(raw[4:8]) == "ftyp" && !heic(raw):
		kind = "audio/mp4"
		content, ok = withoutTagsMP4(raw)
	default:
		content, ok = withoutTagsMP3(raw)
		switch kind = "audio/mpeg"; {
		case !ok || len(content) < 4 || content[0] != 0xff || content[1]&0xe0 != 0xe0:
			ok = false
		case content[1]&0xf6 == 0xf0: // AAC in ADTS frames
			kind = "audio/aac"
		case content[1]&0x18 == 0x08 || content[1]&0x06 == 0 || content[2]&0xf0 == 0xf0:
			ok = false // reserved values: no MPEG audio frame
		}
	}
	if !ok || len(content) == 0 {
		return "", nil, ErrSound
	}
	return kind, content, nil
}

// withoutTagsMP3 cuts ID3v2 off the front and ID3v1 and APE off the end.
func withoutTagsMP3(b []byte) ([]byte, bool) {
	for len(b) > 10 && string(b[:3]) == "ID3" {
		n := int(b[6]&0x7f)<<21 | int(b[7]&0x7f)<<14 | int(b[8]&0x7f)<<7 | int(b[9]&0x7f)
		n += 10
		if b[5]&0x10 != 0 { // footer
			n += 10
		}
		if n > len(b) {
			return nil, false
		}
		b = b[n:]
	}
	if n := len(b); n > 128 && string(b[n-128:n-125]) == "TAG" {
		b = b[:n-128]
	}
	if n := len(b); n > 32 && string(b[n-32:n-24]) == "APETAGEX" {
		size := int(binary.LittleEndian.Uint32(b[n-20:]))
		if b[n-32+23]&0x80 != 0 { // a header as well
			size += 32
		}
		if size < 32 || size > n {
			return nil, false
		}
		b = b[:n-size]
	}
	return b, true
}

// withoutTagsWAV keeps the format and the samples only.
func withoutTagsWAV(b []byte) ([]byte, bool) {
	out := append([]byte{}, b[:12]...)
	form, data := false, false
	for p := 12; p+8 <= len(b); {
		name, n := string(b[p:p+4]), int64(binary.LittleEndian.Uint32(b[p+4:]))
		end := min(int64(len(b)), int64(p)+8+n) // recorders that were cut off write a length beyond the end
		switch name {
		case "fmt ", "fact", "data":
			part := b[p+8 : end]
			out = append(out, name...)
			out = binary.LittleEndian.AppendUint32(out, uint32(len(part)))
			out = append(out, part...)
			if len(part)&1 == 1 {
				out = append(out, 0)
			}
			form, data = form || name == "fmt ", data || name == "data" && len(part) > 0
		}
		next := int64(p) + 8 + n + n&1
		if next > int64(len(b)) {
			break
		}
		p = int(next)
	}
	binary.LittleEndian.PutUint32(out[4:], uint32(len(out)-8))
	return out, form && data
}

// withoutTagsMP4 turns user data and metadata boxes (where phones write the place) into free space of equal length, so that
// the sample tables stay right. A file with a video track is no voice note.
func withoutTagsMP4(b []byte) ([]byte, bool) {
	out := slices.Clone(b)
	sound, video := false, false
	var walk func(from, to, depth int) bool
	walk = func(from, to, depth int) bool {
		for p := from; p < to; {
			if p+8 > to {
				return false
			}
			n, head := int(binary.BigEndian.Uint32(out[p:])), 8
			switch {
			case n == 0:
				n = to - p
			case n == 1:
				if p+16 > to {
					return false
				}
				n64 := binary.BigEndian.Uint64(out[p+8:])
				if n64 > uint64(to-p) {
					return false
				}
				n, head = int(n64), 16
			}
			if n < head || n > to-p {
				return false
			}
			switch kind := string(out[p+4 : p+8]); kind {
			case "moov", "trak", "mdia", "minf", "stbl", "edts", "moof", "traf", "mvex":
				if depth > 8 || !walk(p+head, p+n, depth+1) {
					return false
				}
			case "hdlr":
				if n >= head+12 {
					switch string(out[p+head+8 : p+head+12]) {
					case "vide":
						video = true
					case "soun":
						sound = true
					}
					clear(out[min(p+n, p+head+24) : p+n]) // the handler's name
				}
			case "mvhd", "tkhd", "mdhd": // when it was made and changed
				wide := 8
				if n > head && out[p+head] == 1 {
					wide = 16
				}
				if n < head+4+wide {
					return false
				}
				clear(out[p+head+4 : p+head+4+wide])
			case "udta", "meta", "uuid", "skip", "free", "wide", "XMP_":
				copy(out[p+4:], "free")
				clear(out[p+head : p+n])
			}
			p += n
		}
		return true
	}
	return out, walk(0, len(out), 0) && sound && !video
}

// withoutTagsWebM turns Tags and Attachments into a Void element of equal length. Both are found by their four-byte id, a
// length that fits, and the id of their first child, wherever they stand: a recorder that streams does not know
// where its segments end.
func withoutTagsWebM(b []byte) []byte {
	out := slices.Clone(b)
	for _, e := range []struct{ id, child []byte }{
		{[]byte{0x12, 0x54, 0xc3, 0x67}, []byte{0x73, 0x73}},
		{[]byte{0x19, 0x41, 0xa4, 0x69}, []byte{0x61, 0xa7}},
	} {
		for p := 0; ; {
			i := bytes.Index(out[p:], e.id)
			if i < 0 {
				break
			}
			p += i
			if n, width, ok := vint(out[p+4:]); ok && n <= int64(len(out)-p-4-width) && bytes.HasPrefix(out[p+4+width:], e.child) && 4+width+int(n) >= 9 {
				whole := 4 + width + int(n)
				out[p] = 0xec // Void, its length in eight bytes
				binary.BigEndian.PutUint64(out[p+1:], 1<<56|uint64(whole-9))
				clear(out[p+9 : p+whole])
				p += whole
				continue
			}
			p += 4
		}
	}
	// DateUTC of the segment's head: the id and length, then eight bytes.
	if i := bytes.Index(out[:min(1024, len(out))], []byte{0x44, 0x61, 0x88}); i >= 0 && i+11 <= len(out) {
		clear(out[i+3 : i+11])
	}
	return out
}

// vint reads an EBML length. An unknown length is not ok.
func vint(b []byte) (n int64, width int, ok bool) {
	if len(b) == 0 || b[0] == 0 {
		return 0, 0, false
	}
	width = 1
	for m := byte(0x80); b[0]&m == 0; m >>= 1 {
		width++
	}
	if len(b) < width {
		return 0, 0, false
	}
	n = int64(b[0]) & (1<<(8-width) - 1)
	for _, c := range b[1:width] {
		n = n<<8 | int64(c)
	}
	return n, width, n != 1<<(7*width)-1
}

// withoutTagsOgg empties the comment packet (the second of an Opus or Vorbis stream) without changing its length, and makes the
// page's checksum right again. Comments that go over several pages (pictures) are refused.
func withoutTagsOgg(b []byte) ([]byte, bool) {
	out := slices.Clone(b)
	cleaned := false
	for p := 0; p < len(out); {
		if p+27 > len(out) || string(out[p:p+4]) != "OggS" {
			return nil, false
		}
		segments := int(out[p+26])
		if p+27+segments > len(out) {
			return nil, false
		}
		body := p + 27 + segments
		end := body
		for _, n := range out[p+27 : body] {
			end += int(n)
		}
		if end > len(out) {
			if !cleaned {
				return nil, false
			}
			return out[:p], true // a recording that was cut off: whole pages only
		}
		// Comment packets begin a page of their own (RFC 7845, Vorbis I).
		magic, after := []byte(nil), 0
		switch {
		case bytes.HasPrefix(out[body:end], []byte("OpusTags")):
			magic = []byte("OpusTags")
		case bytes.HasPrefix(out[body:end], []byte("\x03vorbis")):
			magic, after = []byte("\x03vorbis"), 1
		}
		if magic != nil {
			length := 0
			for _, n := range out[p+27 : body] {
				length += int(n)
				if n < 255 {
					break
				}
			}
			if length%255 == 0 && length == segments*255 { // goes on in the next page
				return nil, false
			}
			packet := out[body : body+length]
			if len(packet) < len(magic)+8+after {
				return nil, false
			}
			clear(packet[len(magic):]) // no vendor, no comments
			if after == 1 {
				packet[len(magic)+8] = 1 // Vorbis ends its comments with a set bit
			}
			clear(out[p+22 : p+26])
			binary.LittleEndian.PutUint32(out[p+22:], oggSum(out[p:end]))
			cleaned = true
		}
		p = end
	}
	return out, cleaned
}

// oggSum is the page checksum of RFC 3533: CRC-32 with polynomial 0x04c11db7, from zero, not reflected.
func oggSum(b []byte) (crc uint32) {
	for _, c := range b {
		crc ^= uint32(c) << 24
		for range 8 {
			if crc&0x80000000 != 0 {
				crc = crc<<1 ^ 0x04c11db7
			} else {
				crc <<= 1
			}
		}
	}
	return crc
}
