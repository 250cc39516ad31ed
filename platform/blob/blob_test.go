package blob

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"cuobian/basis/day"
	"cuobian/platform/seal"
	"cuobian/platform/store"
	"cuobian/platform/store/storetest"
)

var ctx = context.Background()

func open(t *testing.T, clock *storetest.Clock) (*Store, *store.DB) {
	t.Helper()
	db := storetest.Open(t, clock, seal.Schema(), Schema())
	s, err := New(db, seal.Memory(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return s, db
}

// exif writes an Exif block: orientation 6, taken 2026-03-02 09:15:30 +08:00 at 24.906500 N 118.587250 E.
func exif(order binary.AppendByteOrder, turn uint16) []byte {
	b := []byte("II*\x00")
	if order == binary.BigEndian {
		b = []byte("MM\x00*")
	}
	u16 := func(v uint16) { b = order.AppendUint16(b, v) }
	u32 := func(v uint32) { b = order.AppendUint32(b, v) }
	entry := func(tag, kind uint16, count uint32, value func()) { u16(tag); u16(kind); u32(count); value() }
	// 8: three entries (2+36+4=42) → 50: exif, two entries (2+24+4=30) → 80: gps, four entries (2+48+4=54) → 134: data
	const date, zone, lat, lng = 134, 154, 162, 186
	u32(8)
	u16(3)
	entry(0x0112, 3, 1, func() { u16(turn); u16(0) })
	entry(0x8769, 4, 1, func() { u32(50) })
	entry(0x8825, 4, 1, func() { u32(80) })
	u32(0)
	u16(2)
	entry(0x9003, 2, 20, func() { u32(date) })
	entry(0x9011, 2, 7, func() { u32(zone) })
	u32(0)
	u16(4)
	entry(1, 2, 2, func() { b = append(b, "N\x00\x00\x00"...) })
	entry(2, 5, 3, func() { u32(lat) })
	entry(3, 2, 2, func() { b = append(b, "E\x00\x00\x00"...) })
	entry(4, 5, 3, func() { u32(lng) })
	u32(0)
	b = append(b, "2026:03:02 09:15:30\x00+08:00\x00\x00"...)
	for _, v := range []uint32{24, 1, 54, 1, 2340, 100, 118, 1, 35, 1, 1410, 100} {
		u32(v)
	}
	return b
}

// quarters is a picture with a red, a green, a blue and a white quarter (from upper left, by rows).
func quarters(w, h int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := []color.RGBA{{220, 0, 0, 255}, {0, 200, 0, 255}, {0, 0, 220, 255}, {255, 255, 255, 255}}[x*2/w+y*2/h*2]
			img.SetRGBA(x, y, c)
		}
	}
	return img
}

func jpegOf(t *testing.T, img image.Image, exif []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	if exif == nil {
		return b.Bytes()
	}
	body := append([]byte("Exif\x00\x00"), exif...)
	out := append([]byte{0xff, 0xd8, 0xff, 0xe1}, binary.BigEndian.AppendUint16(nil, uint16(len(body)+2))...)
	return append(append(out, body...), b.Bytes()[2:]...)
}

func put(t *testing.T, s *Store, kind Kind, raw []byte) Blob {
	t.Helper()
	b, err := s.Put(ctx, "a1", kind, "name", bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func content(t *testing.T, s *Store, b Blob, size Size) []byte {
	t.Helper()
	c, err := s.Open(ctx, b, size)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(c)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// near names the colour of a pixel.
func near(img image.Image, x, y int) string {
	r, g, b, _ := img.At(x, y).RGBA()
	hi := func(v uint32) string { return map[bool]string{true: "1", false: "0"}[v > 0x8000] }
	return map[string]string{"100": "red", "010": "green", "001": "blue", "111": "white"}[hi(r)+hi(g)+hi(b)]
}

func corners(t *testing.T, raw []byte) string {
	t.Helper()
	img, err := jpeg.Decode(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	w, h := img.Bounds().Dx(), img.Bounds().Dy()
	return fmt.Sprintf("%dx%d %s %s %s %s", w, h, near(img, w/4, h/4), near(img, w*3/4, h/4), near(img, w/4, h*3/4), near(img, w*3/4, h*3/4))
}

func TestPhotographIsWrittenAnewUprightAndSmall(t *testing.T) {
	s, db := open(t, storetest.NewClock("2026-03-02T10:00:00+08:00"))
	for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
		b := put(t, s, Photo, jpegOf(t, quarters(3000, 2000), exif(order, 6)))
		raw := content(t, s, b, Full)
		if got := corners(t, raw); got != "1365x2048 blue red white green" || b.Width != 1365 || b.Height != 2048 {
			t.Fatal(got, b.Width, b.Height)
		}
		if bytes.Contains(raw, []byte("Exif")) || bytes.Contains(raw, []byte("2026:03:02")) {
			t.Fatal("what the camera wrote is still there")
		}
		if got := corners(t, content(t, s, b, Thumb)); got != "213x320 blue red white green" {
			t.Fatal(got)
		}
		kept, err := s.Find(ctx, db, b.ID)
		if err != nil {
			t.Fatal(err)
		}
		spot, err := s.Spot(kept)
		if err != nil || !spot.Known || spot.Lat != 24_906_500 || spot.Lng != 118_587_250 || spot.Taken.String() != "2026-03-02T01:15:30Z" {
			t.Fatal(spot, err)
		}
		if len(kept.spot) == 0 || bytes.Contains(kept.spot, []byte("24906500")) {
			t.Fatal("the place is not sealed")
		}
		// The file on disk is sealed as well.
		disk, err := os.ReadFile(s.file(b.ID, ""))
		if err != nil || bytes.Contains(disk, []byte("JFIF")) || bytes.Contains(disk, raw[:64]) {
			t.Fatal("the file lies open", err)
		}
	}
}

func TestEveryOrientation(t *testing.T) {
	want := []string{"red green blue white", "green red white blue", "white blue green red", "blue white red green",
		"red blue green white", "blue red white green", "white green blue red", "green white red blue"}
	for i, w := range want {
		img := upright(shrink(quarters(40, 20), 2048), i+1)
		raw, err := encode(img, 95)
		if err != nil {
			t.Fatal(err)
		}
		size := map[bool]string{false: "40x20 ", true: "20x40 "}[i >= 4]
		if got := corners(t, raw); got != size+w {
			t.Errorf("orientation %d: %s, want %s", i+1, got, size+w)
		}
	}
}

func TestBrokenExifSaysNothing(t *testing.T) {
	whole := exif(binary.LittleEndian, 6)
	plain := jpegOf(t, quarters(40, 20), nil)
	for cut := range whole {
		raw := jpegOf(t, quarters(40, 20), whole[:cut])
		readShot(raw) // must not panic or read beyond
		for _, flip := range []byte{0xff, 0x80, 0x01} {
			bad := slices.Clone(whole)
			bad[cut] ^= flip
			readShot(jpegOf(t, quarters(4, 2), bad))
		}
	}
	if got := readShot(plain); got.turn != 1 || got.known || got.taken != 0 {
		t.Fatal(got)
	}
}

func TestOtherPictures(t *testing.T) {
	s, _ := open(t, nil)
	// PNG with an eXIf chunk and a clear background, which becomes white.
	var p bytes.Buffer
	img := image.NewNRGBA(image.Rect(0, 0, 40, 20))
	if err := png.Encode(&p, img); err != nil {
		t.Fatal(err)
	}
	chunk := append([]byte("eXIf"), exif(binary.BigEndian, 6)...)
	withExif := append(slices.Clone(p.Bytes()[:33]), binary.BigEndian.AppendUint32(nil, uint32(len(chunk)-4))...)
	withExif = append(append(withExif, chunk...), binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE(chunk))...)
	b := put(t, s, Photo, append(withExif, p.Bytes()[33:]...))
	if got := corners(t, content(t, s, b, Full)); got != "20x40 white white white white" {
		t.Fatal(got)
	}
	webp, err := os.ReadFile("testdata/blue-purple-pink.lossy.webp")
	if err != nil {
		t.Fatal(err)
	}
	if b := put(t, s, Photo, webp); b.Type != "image/jpeg" || b.Width != 150 || b.Height != 100 {
		t.Fatal(b)
	}
}

func TestRefusedPictures(t *testing.T) {
	s, _ := open(t, nil)
	bomb := jpegOf(t, quarters(8, 8), nil) // claims 65,500 × 65,500 pixels in a few hundred bytes
	i := bytes.Index(bomb, []byte{0xff, 0xc0})
	binary.BigEndian.PutUint16(bomb[i+5:], 65500)
	binary.BigEndian.PutUint16(bomb[i+7:], 65500)
	good := jpegOf(t, quarters(800, 600), nil)
	for name, c := range map[string]struct {
		raw  []byte
		want error
	}{
		"heic":     {append([]byte{0, 0, 0, 24}, "ftypheic\x00\x00\x00\x00mif1heic"...), ErrHeic},
		"html":     {[]byte("<html><script>alert(1)</script>"), ErrPicture},
		"svg":      {[]byte(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`), ErrPicture},
		"gif":      {[]byte("GIF89a\x01\x00\x01\x00\x00\x00\x00;"), ErrPicture},
		"cut":      {good[:len(good)/2], ErrPicture},
		"pixels":   {bomb, ErrPixels},
		"empty":    {nil, ErrEmpty},
		"too long": {append(slices.Clone(good), make([]byte, Limits[Photo])...), ErrLarge},
	} {
		if _, err := s.Put(ctx, "a1", Photo, "x.jpg", bytes.NewReader(c.raw)); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	n := 0
	filepath.WalkDir(s.dir, func(_ string, d fs.DirEntry, _ error) error {
		if !d.IsDir() {
			n++
		}
		return nil
	})
	if n != 0 {
		t.Fatal("files left behind:", n)
	}
}

func TestMarkOnCopiesOfWhatIsAttached(t *testing.T) {
	clock := storetest.NewClock("2026-03-02T10:00:00+08:00")
	s, db := open(t, clock)
	b := put(t, s, Photo, jpegOf(t, quarters(1200, 900), exif(binary.LittleEndian, 1)))
	before := content(t, s, b, Full)
	attach := func(id, sender, ref string) error {
		return db.Write(ctx, func(tx *store.Tx) error {
			return s.Attach(ctx, tx, id, sender, ref, "350503002/c/x/", "东海街道 · 示范小区 3幢 垵厝")
		})
	}
	if err := attach(b.ID, "somebody else", "cases/1"); !errors.Is(err, ErrMissing) {
		t.Fatal(err)
	}
	if err := attach(b.ID, "", "cases/1"); !errors.Is(err, ErrMissing) {
		t.Fatal("nobody attached it:", err)
	}
	if err := attach(b.ID, "a1", "cases/1"); err != nil {
		t.Fatal(err)
	}
	if err := attach(b.ID, "a1", "cases/1"); err != nil {
		t.Fatal("a second time is the same:", err)
	}
	if err := attach(b.ID, "a1", "cases/2"); !errors.Is(err, ErrAttached) {
		t.Fatal(err)
	}
	b, err := s.Find(ctx, db, b.ID)
	if err != nil || b.Mark != "2026-03-02 09:15 拍摄\n东海街道 · 示范小区 3幢 垵厝" {
		t.Fatal(b.Mark, err)
	}
	after := content(t, s, b, Full)
	if bytes.Equal(before, after) || !bytes.Equal(after, content(t, s, b, Full)) {
		t.Fatal("no mark, or another one every time")
	}
	img, err := jpeg.Decode(bytes.NewReader(after))
	if err != nil {
		t.Fatal(err)
	}
	white, dark := 0, 0
	for y := 790; y < 900; y++ {
		for x := range 300 {
			r, g, bl, _ := img.At(x, y).RGBA()
			switch {
			case min(r, g, bl) > 0xc000:
				white++
			case max(r, g, bl) < 0x8000:
				dark++
			}
		}
	}
	if white < 1000 || dark < 5000 { // below this corner is plain blue, without either
		t.Fatal("no writing to be seen:", white, dark)
	}
	if os.Getenv("CUOBIAN_LOOK") != "" {
		os.WriteFile("/tmp/mark.jpg", after, 0o600)
	}
	// A camera whose clock is wrong by years is not believed.
	clock.Advance(400 * 24 * time.Hour)
	old := put(t, s, Photo, jpegOf(t, quarters(400, 300), exif(binary.LittleEndian, 1)))
	if err := attach(old.ID, ByProgram, "cases/3"); err != nil {
		t.Fatal(err)
	}
	if old, err = s.Find(ctx, db, old.ID); err != nil || !strings.HasPrefix(old.Mark, "2027-04-06 10:00 接收\n") {
		t.Fatal(old.Mark, err)
	}
}

func TestTheFontHasTheWords(t *testing.T) {
	f, err := markFont()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range "泉州市丰泽区东海街道北峰清源鲤城晋江厝垵浔埭洛阳幢单元室号楼拍摄接收0123456789-:·" {
		if i, err := f.GlyphIndex(nil, r); err != nil || i == 0 {
			t.Errorf("%c is missing: %v", r, err)
		}
	}
}

// A phone's video atoms: user data with a place beside the sound track.
func box(kind string, parts ...[]byte) []byte {
	body := slices.Concat(parts...)
	return append(append(binary.BigEndian.AppendUint32(nil, uint32(len(body)+8)), kind...), body...)
}

func m4a(track string) []byte {
	hdlr := box("hdlr", make([]byte, 8), []byte(track), make([]byte, 12), []byte("Core Media Audio\x00"))
	return slices.Concat(box("ftyp", []byte("M4A \x00\x00\x00\x00M4A mp42")),
		box("moov", box("mvhd", make([]byte, 4), []byte("\xe4\x11\x22\x33\xe4\x11\x22\x33"), make([]byte, 88)), box("trak", box("mdia", hdlr)),
			box("udta", box("\xa9xyz", []byte("\x00\x12\x15\xc7+24.9065+118.5873/"))),
			box("meta", []byte("com.apple.quicktime.location.ISO6709 +24.9065+118.5873/"))),
		box("mdat", []byte("the sound itself")))
}

func oggPage(flags byte, seq uint32, packet []byte) []byte {
	var lace []byte
	for n := len(packet); ; n -= 255 {
		if n < 255 {
			lace = append(lace, byte(n))
			break
		}
		lace = append(lace, 255)
	}
	b := append([]byte("OggS\x00"), flags)
	b = append(b, make([]byte, 8)...)
	b = binary.LittleEndian.AppendUint32(b, 7)
	b = binary.LittleEndian.AppendUint32(b, seq)
	b = append(b, 0, 0, 0, 0, byte(len(lace)))
	b = append(append(b, lace...), packet...)
	binary.LittleEndian.PutUint32(b[22:], oggSum(b))
	return b
}

func wav(extra ...[]byte) []byte {
	chunk := func(name string, body []byte) []byte {
		return append(append([]byte(name), binary.LittleEndian.AppendUint32(nil, uint32(len(body)))...), body...)
	}
	body := slices.Concat(append([][]byte{[]byte("WAVE"), chunk("fmt ", make([]byte, 16))}, append(extra, chunk("data", []byte("samples!")))...)...)
	return append(append([]byte("RIFF"), binary.LittleEndian.AppendUint32(nil, uint32(len(body)))...), body...)
}

func TestRecordingsLoseTheirTags(t *testing.T) {
	s, _ := open(t, nil)
	secret := []byte("+24.9065+118.5873")
	tags := slices.Concat([]byte("OpusTags"), []byte{4, 0, 0, 0}, []byte("phon"), []byte{1, 0, 0, 0}, []byte{26, 0, 0, 0}, []byte("LOCATION="), secret)
	ogg := slices.Concat(oggPage(2, 0, []byte("OpusHead\x01\x01\x00\x00\x80\xbb\x00\x00\x00\x00\x00")), oggPage(0, 1, tags), oggPage(4, 2, []byte("sound")))
	webmTags := slices.Concat([]byte{0x12, 0x54, 0xc3, 0x67, 0x80 | byte(2+1+len(secret)), 0x73, 0x73, 0x80 | byte(len(secret))}, secret)
	webm := slices.Concat([]byte("\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm"), make([]byte, 24), []byte("\x18\x53\x80\x67\x01\xff\xff\xff\xff\xff\xff\xff"), []byte("cluster of sound"), webmTags)
	id3 := slices.Concat([]byte("ID3\x04\x00\x00\x00\x00\x00\x1b"), append([]byte("TXXX"), make([]byte, 6)...), secret)
	mp3 := slices.Concat(id3, []byte{0xff, 0xfb, 0x90, 0x00}, []byte("frames of sound"), append([]byte("TAG"), append(slices.Clone(secret), make([]byte, 108)...)...))
	list := append([]byte("LIST"), binary.LittleEndian.AppendUint32(nil, uint32(len(secret)+1))...)
	for _, c := range []struct {
		kind, keeps string
		raw         []byte
		same        bool // as long as before
	}{
		{"audio/mp4", "the sound itself", m4a("soun"), true},
		{"audio/ogg", "sound", ogg, true},
		{"audio/webm", "cluster of sound", webm, true},
		{"audio/mpeg", "frames of sound", mp3, false},
		{"audio/wav", "samples!", wav(append(append(list, secret...), 0)), false},
		{"audio/amr", "speech", []byte("#!AMR\nspeech"), true},
		{"audio/aac", "speech", []byte("\xff\xf1\x50\x80speech"), true},
	} {
		b, err := s.Put(ctx, "a1", Voice, "x.mp3", bytes.NewReader(c.raw))
		if err != nil {
			t.Errorf("%s: %v", c.kind, err)
			continue
		}
		got := content(t, s, b, "")
		if b.Type != c.kind || !bytes.Contains(got, []byte(c.keeps)) || bytes.Contains(got, []byte("24.9065")) || bytes.Contains(got, []byte("\xe4\x11\x22\x33")) || c.same && len(got) != len(c.raw) {
			t.Errorf("%s: %s, %d of %d bytes: %q", c.kind, b.Type, len(got), len(c.raw), got)
		}
	}
	clean, ok := withoutTagsOgg(ogg)
	if !ok {
		t.Fatal("ogg")
	}
	for p := 0; p < len(clean); { // every page's checksum is right again
		n := 27 + int(clean[p+26])
		for _, l := range clean[p+27 : p+n] {
			n += int(l)
		}
		page := slices.Clone(clean[p : p+n])
		sum := binary.LittleEndian.Uint32(page[22:])
		clear(page[22:26])
		if oggSum(page) != sum {
			t.Error("checksum of the page at", p)
		}
		p += n
	}
	for name, raw := range map[string][]byte{"video": m4a("vide"), "text": []byte("hello"), "picture": jpegOf(t, quarters(8, 8), nil), "cut mp4": m4a("soun")[:60], "no samples": wav()[:20],
		"html": []byte("<script>alert(1)</script>")} {
		if _, err := s.Put(ctx, "a1", Voice, "x", bytes.NewReader(raw)); !errors.Is(err, ErrSound) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The checksum of RFC 3533 has this check value (CRC-32/MPEG-2 family without the initial ones).
func TestOggChecksum(t *testing.T) {
	if got := oggSum([]byte("123456789")); got != 0x89a1897f {
		t.Fatalf("%08x", got)
	}
}

func TestFiles(t *testing.T) {
	s, _ := open(t, nil)
	b, err := s.Put(ctx, "a1", File, `C:\docs\通知"<书>.pdf`, strings.NewReader("%PDF-1.4\nx\n%%EOF\n"))
	if err != nil {
		t.Fatal(err)
	}
	c, err := s.Open(ctx, b, "")
	if err != nil || c.Type != "application/pdf" || c.Name != "通知书.pdf" {
		t.Fatal(c, err)
	}
	for _, raw := range []string{"MZ\x90", "PK\x03\x04nonsense", "<html>", "%PDF-1.4 without an end"} {
		if _, err := s.Put(ctx, "a1", File, "x.pdf", strings.NewReader(raw)); !errors.Is(err, ErrFile) {
			t.Errorf("%q: %v", raw, err)
		}
	}
	if _, err := s.Put(ctx, "a1", "video", "x", strings.NewReader("x")); !errors.Is(err, ErrKind) {
		t.Error(err)
	}
}

func TestRetentionHoldAndOrphans(t *testing.T) {
	clock := storetest.NewClock("2026-03-02T10:00:00+08:00")
	s, db := open(t, clock)
	raw := jpegOf(t, quarters(40, 30), exif(binary.LittleEndian, 1))
	kept, held, orphan := put(t, s, Photo, raw), put(t, s, Photo, raw), put(t, s, Photo, raw)
	write := func(fn func(tx *store.Tx) error) {
		t.Helper()
		if err := db.Write(ctx, fn); err != nil {
			t.Fatal(err)
		}
	}
	write(func(tx *store.Tx) error { return s.Attach(ctx, tx, kept.ID, "a1", "cases/1", "3505/", "") })
	write(func(tx *store.Tx) error { return s.Attach(ctx, tx, held.ID, "a1", "cases/2", "3505/", "") })
	write(func(tx *store.Tx) error { return s.Hold(ctx, tx, "cases/2", "诉讼") })
	closed := clock.Now().Day(day.Shanghai)
	write(func(tx *store.Tx) error {
		return errors.Join(s.Expire(ctx, tx, "cases/1", closed), s.Expire(ctx, tx, "cases/2", closed))
	})
	var told []string
	sweep := func(want int) {
		t.Helper()
		n, err := s.Sweep(ctx, func(_ context.Context, _ *store.Tx, b Blob) error { told = append(told, b.ID); return nil })
		if err != nil || n != want {
			t.Fatal(n, want, err)
		}
	}
	there := func(b Blob) bool { _, err := os.Stat(s.file(b.ID, "")); return err == nil }
	content(t, s, kept, Thumb) // a copy goes too
	sweep(0)
	clock.Advance(25 * time.Hour)
	sweep(1)
	if there(orphan) || !there(kept) {
		t.Fatal("the orphan stayed, or took somebody along")
	}
	clock.Set((closed.Add(Days[Photo]) - 1).Start(day.Shanghai) + 1)
	sweep(0)
	clock.Set(closed.Add(Days[Photo]).Start(day.Shanghai) + 1)
	sweep(1)
	if there(kept) || !there(held) || !slices.Equal(told, []string{kept.ID}) {
		t.Fatal(there(kept), there(held), told)
	}
	copies, _ := filepath.Glob(s.file(kept.ID, "") + "*")
	gone, err := s.Find(ctx, db, kept.ID)
	if err != nil || gone.State != "gone" || len(gone.spot) != 0 || len(copies) != 0 {
		t.Fatal(gone, copies, err)
	}
	if _, err := s.Open(ctx, gone, Full); !errors.Is(err, ErrGone) {
		t.Fatal(err)
	}
	if err := db.Write(ctx, func(tx *store.Tx) error { return s.Drop(ctx, tx, held.ID) }); !errors.Is(err, ErrHeld) {
		t.Fatal(err)
	}
	write(func(tx *store.Tx) error { return s.Hold(ctx, tx, "cases/2", "") })
	write(func(tx *store.Tx) error { return s.Expire(ctx, tx, "cases/2", 0) }) // reopened
	clock.Advance(10 * 365 * 24 * time.Hour)
	sweep(0)
	if !there(held) {
		t.Fatal("a reopened matter lost its picture")
	}
	// A file whose row was never committed.
	stray := s.file("0123456789abcdefghjk", "")
	os.MkdirAll(filepath.Dir(stray), 0o700)
	os.WriteFile(stray, []byte("x"), 0o600)
	sweep(0)
	if _, err := os.Stat(stray); !os.IsNotExist(err) {
		t.Fatal("the stray file stayed:", err)
	}
}

func TestTicketsAndLooseThings(t *testing.T) {
	clock := storetest.NewClock("2026-03-02T10:00:00+08:00")
	s, db := open(t, clock)
	token, err := s.Ticket(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for range perTicket {
		if sender, err := s.Spend(ctx, token); err != nil || sender != TicketSender(token) {
			t.Fatal(sender, err)
		}
	}
	if _, err := s.Spend(ctx, token); !errors.Is(err, ErrTicket) {
		t.Fatal(err)
	}
	token, _ = s.Ticket(ctx)
	clock.Advance(3 * time.Hour)
	for _, bad := range []string{token, "", "guess"} {
		if _, err := s.Spend(ctx, bad); !errors.Is(err, ErrTicket) {
			t.Error(bad, err)
		}
	}
	if n, err := store.Count(ctx, db, `select count(*) from blob_ticket where hash = $1`, token); err != nil || n != 0 {
		t.Fatal("a ticket is kept in the clear", err)
	}
	amr := []byte("#!AMR\nspeech")
	for range maxLoose {
		put(t, s, Voice, amr)
	}
	if _, err := s.Put(ctx, "a1", Voice, "", bytes.NewReader(amr)); !errors.Is(err, ErrLoose) {
		t.Fatal(err)
	}
	if _, err := s.Put(ctx, "a2", Voice, "", bytes.NewReader(amr)); err != nil {
		t.Fatal(err)
	}
}
