package blob

import (
	"bytes"
	"context"
	"embed"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
	"strings"
	"sync"

	scale "golang.org/x/image/draw"
	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/webp"
)

const (
	fullSide  = 2048
	thumbSide = 320
)

// room waits until there is memory for a picture of so many pixels.
func (s *Store) room(ctx context.Context, pixels int) (free func(), err error) {
	slots := s.work
	if pixels > 12_000_000 {
		slots = s.big
	}
	select {
	case slots <- struct{}{}:
		return func() { <-slots }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// picture reads a photograph and writes it anew: JPEG, upright, at most 2048 px. Its size is looked at before any
// pixel is.
func (s *Store) picture(ctx context.Context, raw []byte, turn int) (content []byte, w, h int, err error) {
	var size func([]byte) (image.Config, error)
	var read func([]byte) (image.Image, error)
	switch {
	case bytes.HasPrefix(raw, []byte{0xff, 0xd8, 0xff}):
		size = func(b []byte) (image.Config, error) { return jpeg.DecodeConfig(bytes.NewReader(b)) }
		read = func(b []byte) (image.Image, error) { return jpeg.Decode(bytes.NewReader(b)) }
	case bytes.HasPrefix(raw, []byte("\x89PNG\r\n\x1a\n")):
		size = func(b []byte) (image.Config, error) { return png.DecodeConfig(bytes.NewReader(b)) }
		read = func(b []byte) (image.Image, error) { return png.Decode(bytes.NewReader(b)) }
	case len(raw) > 12 && string(raw[:4]) == "RIFF" && string(raw[8:12]) == "WEBP":
		size = func(b []byte) (image.Config, error) { return webp.DecodeConfig(bytes.NewReader(b)) }
		read = func(b []byte) (image.Image, error) { return webp.Decode(bytes.NewReader(b)) }
	case heic(raw):
		return nil, 0, 0, ErrHeic
	default:
		return nil, 0, 0, ErrPicture
	}
	c, err := size(raw)
	if err != nil || c.Width < 1 || c.Height < 1 {
		return nil, 0, 0, ErrPicture.Because(err)
	}
	most := maxPixels
	if c.ColorModel == color.RGBA64Model || c.ColorModel == color.NRGBA64Model {
		most /= 4 // eight bytes a pixel
	}
	if c.Width > most/c.Height {
		return nil, 0, 0, ErrPixels
	}
	free, err := s.room(ctx, c.Width*c.Height)
	if err != nil {
		return nil, 0, 0, err
	}
	defer free()
	img, err := read(raw)
	if err != nil {
		return nil, 0, 0, ErrPicture.Because(err)
	}
	small := upright(shrink(img, fullSide), turn)
	content, err = encode(small, 85)
	return content, small.Bounds().Dx(), small.Bounds().Dy(), err
}

func encode(img image.Image, quality int) ([]byte, error) {
	var b bytes.Buffer
	err := jpeg.Encode(&b, img, &jpeg.Options{Quality: quality})
	return b.Bytes(), err
}

// heic tells pictures in the HEIF family (iPhones) and AVIF, which are not read here.
func heic(raw []byte) bool {
	if len(raw) < 12 || string(raw[4:8]) != "ftyp" {
		return false
	}
	switch string(raw[8:12]) {
	case "heic", "heix", "hevc", "hevx", "heim", "heis", "mif1", "msf1", "avif", "avis":
		return true
	}
	return false
}

// shrink paints img on white, at most side px long.
func shrink(img image.Image, side int) *image.RGBA {
	b := img.Bounds()
	w, h := b.Dx(), b.Dy()
	if long := max(w, h); long > side {
		w, h = max(1, (w*side+long/2)/long), max(1, (h*side+long/2)/long)
	}
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(out, out.Bounds(), image.White, image.Point{}, draw.Src)
	switch {
	case w == b.Dx() && h == b.Dy():
		draw.Draw(out, out.Bounds(), img, b.Min, draw.Over)
	case b.Dx() >= 2*w: // far smaller: an average of what lies under each pixel
		scale.BiLinear.Scale(out, out.Bounds(), img, b, draw.Over, nil)
	default:
		scale.ApproxBiLinear.Scale(out, out.Bounds(), img, b, draw.Over, nil)
	}
	return out
}

// upright turns by the Exif orientation: 2 mirrored, 3 upside down, 4 flipped, 5 to 8 lying on a side.
func upright(img *image.RGBA, turn int) *image.RGBA {
	if turn < 2 || turn > 8 {
		return img
	}
	w, h := img.Bounds().Dx(), img.Bounds().Dy()
	ow, oh := w, h
	if turn >= 5 {
		ow, oh = h, w
	}
	out := image.NewRGBA(image.Rect(0, 0, ow, oh))
	for y := range oh {
		for x := range ow {
			sx, sy := x, y
			switch turn {
			case 2:
				sx = w - 1 - x
			case 3:
				sx, sy = w-1-x, h-1-y
			case 4:
				sy = h - 1 - y
			case 5:
				sx, sy = y, x
			case 6:
				sx, sy = y, h-1-x
			case 7:
				sx, sy = w-1-y, h-1-x
			case 8:
				sx, sy = w-1-y, x
			}
			*(*[4]byte)(out.Pix[out.PixOffset(x, y):]) = [4]byte(img.Pix[img.PixOffset(sx, sy):])
		}
	}
	return out
}

// copyOf makes a copy for others of a kept photograph: small, or with its mark.
func (s *Store) copyOf(ctx context.Context, whole []byte, size Size, mark string) ([]byte, error) {
	free, err := s.room(ctx, 0)
	if err != nil {
		return nil, err
	}
	defer free()
	img, err := jpeg.Decode(bytes.NewReader(whole))
	if err != nil {
		return nil, err
	}
	if size == Thumb {
		return encode(shrink(img, thumbSide), 80)
	}
	out := shrink(img, fullSide)
	if err := drawMark(out, mark); err != nil {
		return nil, err
	}
	return encode(out, 85)
}

//go:embed font/mark.otf
var fonts embed.FS

var markFont = sync.OnceValues(func() (*opentype.Font, error) {
	b, err := fonts.ReadFile("font/mark.otf")
	if err != nil {
		return nil, err
	}
	return opentype.Parse(b)
})

// Font is the font that pictures are written with: ASCII, GB 2312 and some place names.
func Font() (*opentype.Font, error) { return markFont() }

// drawMark writes the lines of mark into the lower left corner, white on a dark band, about a thirtieth of the
// shorter side high. A line that is too wide is cut with an ellipsis.
func drawMark(img *image.RGBA, mark string) error {
	w, h := img.Bounds().Dx(), img.Bounds().Dy()
	size := max(11, min(w, h)/28)
	pad := size / 2
	if mark == "" || w < 8*size || h < 4*size {
		return nil
	}
	f, err := markFont()
	if err != nil {
		return err
	}
	face, err := opentype.NewFace(f, &opentype.FaceOptions{Size: float64(size), DPI: 72, Hinting: font.HintingNone})
	if err != nil {
		return err
	}
	defer face.Close()
	lines := strings.Split(mark, "\n")
	wide := fixed.Int26_6(0)
	for i := range lines {
		for font.MeasureString(face, lines[i]) > fixed.I(w-2*pad) {
			r := []rune(strings.TrimSuffix(lines[i], "…"))
			lines[i] = string(r[:len(r)-1]) + "…"
		}
		wide = max(wide, font.MeasureString(face, lines[i]))
	}
	step := size * 13 / 10
	top := h - step*len(lines) - pad
	draw.Draw(img, image.Rect(0, top-pad/2, wide.Ceil()+2*pad, h), image.NewUniform(color.NRGBA{0, 0, 0, 140}), image.Point{}, draw.Over)
	d := font.Drawer{Dst: img, Src: image.White, Face: face}
	for i, l := range lines {
		d.Dot = fixed.P(pad, top+step*i+size)
		d.DrawString(l)
	}
	return nil
}
