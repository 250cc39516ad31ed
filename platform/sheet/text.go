package sheet

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"cuobian/basis/fault"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
)

// ErrText is a file that is no text in a known encoding.
var ErrText = fault.New(fault.Invalid, "sheet.text", "文件不是可识别的文本（UTF-8、UTF-16 或 GBK）。", "The file is no text in UTF-8, UTF-16 or GBK.")

// Text gives a text file as UTF-8 without its mark: UTF-8, UTF-16 with a mark, else GB18030, which holds GBK and
// GB2312. What cannot be read so, or holds a zero byte, is ErrText.
func Text(data []byte) (string, error) {
	switch {
	case bytes.HasPrefix(data, []byte("\xef\xbb\xbf")):
		data = data[3:]
	case bytes.HasPrefix(data, []byte("\xff\xfe")), bytes.HasPrefix(data, []byte("\xfe\xff")):
		out, err := unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM).NewDecoder().Bytes(data)
		if err != nil {
			return "", ErrText
		}
		data = out
	}
	if bytes.IndexByte(data, 0) >= 0 {
		return "", ErrText
	}
	if utf8.Valid(data) {
		return string(data), nil
	}
	out, err := simplifiedchinese.GB18030.NewDecoder().String(string(data))
	if err != nil || strings.ContainsRune(out, utf8.RuneError) {
		return "", ErrText
	}
	return out, nil
}
