package sheet

import (
	"bytes"
	"errors"
	"math/rand"
	"os"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// The sample is a bank's statement (see testdata/SOURCE.md).
func TestReadOld(t *testing.T) {
	data, err := os.ReadFile("testdata/old.xls")
	if err != nil {
		t.Fatal(err)
	}
	b, err := ReadOld("账单.xls", data, Limits{})
	if err != nil || b.Name != "账单" || len(b.Sheets) != 1 {
		t.Fatal(err, b.Name, len(b.Sheets))
	}
	s := b.Sheets[0]
	if len(s.Rows) != 6 || s.Rows[1][6] != "交易对手名称" || s.Rows[2][4] != "3.88" || s.Rows[0][1] != "6200000000001230" {
		t.Errorf("%q", s.Rows)
	}
	for _, limit := range []Limits{{File: 100}, {Rows: 2}, {Columns: 3}, {Cells: 5}} {
		if _, err := ReadOld("x", data, limit); !errors.Is(err, ErrTooLarge) && !errors.Is(err, ErrTooMany) {
			t.Errorf("%+v: %v", limit, err)
		}
	}
	if _, err := ReadOld("x", []byte("PK\x03\x04"), Limits{}); !errors.Is(err, ErrNotBook) {
		t.Error(err)
	}
	if _, err := ReadOld("x", data[:700], Limits{}); err == nil {
		t.Error("half a workbook was read")
	}
}

// Whatever byte is wrong, reading ends without a panic; the container's own counts do not decide how much memory is taken.
func TestDamagedOldBooks(t *testing.T) {
	data, err := os.ReadFile("testdata/old.xls")
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewSource(1))
	failed := 0
	for range 4000 {
		c := bytes.Clone(data)
		for range 1 + r.Intn(6) {
			p := r.Intn(len(c))
			if r.Intn(2) == 0 {
				p = r.Intn(1536)
			}
			c[p] = byte(r.Intn(256))
		}
		if _, err := ReadOld("x", c, Limits{}); err != nil {
			failed++
		}
	}
	if failed == 0 || failed == 4000 {
		t.Error(failed)
	}
}

func TestText(t *testing.T) {
	gbk, _ := simplifiedchinese.GBK.NewEncoder().String("物业费,12.00")
	for _, in := range []string{"物业费,12.00", "\xef\xbb\xbf物业费,12.00", gbk, "\xff\xfei\x72\x1a\x4e9\x8d,\x001\x002\x00.\x000\x000\x00"} {
		if got, err := Text([]byte(in)); err != nil || got != "物业费,12.00" {
			t.Errorf("%q: %q %v", in, got, err)
		}
	}
	for _, in := range []string{"a\x00b", "\xff\xff\xff"} {
		if _, err := Text([]byte(in)); !errors.Is(err, ErrText) {
			t.Errorf("%q: %v", in, err)
		}
	}
}
