package demo

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"

	"cuobian/basis/day"
	"cuobian/basis/yuan"
	"cuobian/platform/access"
	"cuobian/platform/blob"

	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// Vouchers are drawn at the first start: an invoice or a contract as a page of text, marked 演示 across it.
const pageW, pageH = 560, 760

// page draws a sheet of paper with a title and lines as grey JPEG.
func page(title string, lines []string) ([]byte, error) {
	f, err := blob.Font()
	if err != nil {
		return nil, err
	}
	img := image.NewGray(image.Rect(0, 0, pageW, pageH))
	draw.Draw(img, img.Bounds(), image.White, image.Point{}, draw.Src)
	write := func(size float64, ink color.Gray, x, y int, s string) error {
		face, err := opentype.NewFace(f, &opentype.FaceOptions{Size: size, DPI: 72, Hinting: font.HintingNone})
		if err != nil {
			return err
		}
		defer face.Close()
		d := font.Drawer{Dst: img, Src: image.NewUniform(ink), Face: face, Dot: fixed.P(x, y)}
		if x < 0 { // in the middle
			d.Dot.X = (fixed.I(pageW) - d.MeasureString(s)) / 2
		}
		d.DrawString(s)
		return nil
	}
	if err := write(170, color.Gray{232}, -1, 440, "演示"); err != nil {
		return nil, err
	}
	if err := write(32, color.Gray{20}, -1, 80, title); err != nil {
		return nil, err
	}
	for x := 40; x < pageW-40; x++ {
		img.SetGray(x, 104, color.Gray{60})
		img.SetGray(x, pageH-70, color.Gray{60})
	}
	for i, l := range lines {
		if err := write(19, color.Gray{30}, 48, 150+i*42, l); err != nil {
			return nil, err
		}
	}
	if err := write(15, color.Gray{90}, -1, pageH-38, "演示数据：人、单位、号码都是编的，不是凭证"); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = jpeg.Encode(&b, img, &jpeg.Options{Quality: 70})
	return b.Bytes(), err
}

// pdf wraps a grey page into a PDF of one A4 sheet.
func pdf(picture []byte) []byte {
	var b bytes.Buffer
	var at []int
	object := func(text string, stream []byte) {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\n", len(at), text)
		if stream != nil {
			b.WriteString("stream\n")
			b.Write(stream)
			b.WriteString("\nendstream\n")
		}
		b.WriteString("endobj\n")
	}
	const show = "q 595 0 0 808 0 17 cm /P Do Q"
	b.WriteString("%PDF-1.4\n")
	object("<< /Type /Catalog /Pages 2 0 R >>", nil)
	object("<< /Type /Pages /Kids [3 0 R] /Count 1 >>", nil)
	object("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /XObject << /P 5 0 R >> >> >>", nil)
	object(fmt.Sprintf("<< /Length %d >>", len(show)), []byte(show))
	object(fmt.Sprintf("<< /Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceGray /BitsPerComponent 8 /Filter /DCTDecode /Length %d >>", pageW, pageH, len(picture)), picture)
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(at)+1)
	for _, n := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", n)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(at)+1, start)
	return b.Bytes()
}

// invoice uploads the picture of an invoice; masked is the copy for the board, without the payee's account.
func (p Parts) invoice(ctx context.Context, who access.Who, n int, fen yuan.Amount, payee, purpose string, masked bool) (string, error) {
	number, title := account(payee), "发票（演示）"
	if masked {
		number, title = "＊＊＊＊＊＊＊＊", "发票（公示副本，演示）"
	}
	raw, err := page(title, []string{
		fmt.Sprintf("发票号码：示例 %08d", 26110000+n), "开票日期：" + p.Clock.Now().Day(day.Shanghai).String(), "购买方：明鑫花苑业主大会（示例）", "销售方：" + payee,
		"项目：" + purpose, "数量：1 项", "金额：¥" + fen.String() + " 元", "税额：已含", "价税合计：¥" + fen.String() + " 元", "开户行：示例银行丰泽支行", "账号：" + number, "开票人：示例",
	})
	if err != nil {
		return "", err
	}
	x, err := p.Blobs.Put(ctx, who.Account, blob.Photo, "", bytes.NewReader(raw))
	return x.ID, err
}

// contract uploads a contract as a PDF of one page.
func (p Parts) contract(ctx context.Context, who access.Who, n int, fen yuan.Amount, payee, purpose string) (string, error) {
	raw, err := page("施工合同（演示）", []string{
		fmt.Sprintf("合同编号：示例合〔2026〕%d 号", n), "甲方：明鑫花苑业主大会（示例）", "乙方：" + payee, "工程内容：" + purpose, "合同价款：¥" + fen.String() + " 元", "工期：十五日",
		"质量：验收合格后付款，质保两年", "付款：凭发票和验收单，经三审两印", "甲方签章：（示例）", "乙方签章：（示例）",
	})
	if err != nil {
		return "", err
	}
	x, err := p.Blobs.Put(ctx, who.Account, blob.File, "合同.pdf", bytes.NewReader(pdf(raw)))
	return x.ID, err
}
