package storytest_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cuobian/app/storytest"
)

func TestStories(t *testing.T) {
	files, err := filepath.Glob("stories/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no stories", err)
	}
	for _, f := range files {
		t.Run(strings.TrimSuffix(filepath.Base(f), ".txt"), func(t *testing.T) {
			t.Parallel()
			b, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			storytest.Run(t, f, string(b))
		})
	}
}
