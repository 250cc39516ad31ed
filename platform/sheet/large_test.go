package sheet_test

import (
	"errors"
	"io/fs"
	"os"
	"runtime"
	"testing"
	"time"

	"cuobian/platform/sheet"
)

// Opening 30,000 homes stays far below the 30 s and 500 MB of an import, and
// leaves nothing in the temporary folder.
func TestLargeRead(t *testing.T) {
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	start := time.Now()
	b, err := sheet.Open("../../../shared/data/fengze.xlsx", sheet.Limits{})
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("the large workbook is not beside the checkout (../shared/data)")
	}
	check(t, err)
	took := time.Since(start)
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	t.Logf("%d rows in %v, %d MB from the system", len(b.Sheets[1].Rows), took, m.Sys>>20)
	if took > 20*time.Second || m.Sys > 400<<20 {
		t.Errorf("%v, %d MB", took, m.Sys>>20)
	}
	left, err := os.ReadDir(tmp)
	check(t, err)
	if len(left) > 0 || len(b.Sheets[1].Rows) != 30634 {
		t.Error("left behind:", len(left))
	}
}
