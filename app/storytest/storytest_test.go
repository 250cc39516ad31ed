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

// The pages on processes name stories that are there.
func TestProcessesNameTheirStories(t *testing.T) {
	pages, err := filepath.Glob("../../docs/processes/*.md")
	if err != nil || len(pages) == 0 {
		t.Fatal("no pages", err)
	}
	for _, p := range pages {
		b, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		_, names, ok := strings.Cut(string(b), "Stories 故事:")
		if !ok {
			if filepath.Base(p) != "README.md" {
				t.Errorf("%s names no story", p)
			}
			continue
		}
		for _, n := range strings.FieldsFunc(names, func(r rune) bool { return r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') }) {
			if _, err := os.Stat("stories/" + n + ".txt"); err != nil {
				t.Errorf("%s names the story %s, which is not there", p, n)
			}
		}
	}
}
