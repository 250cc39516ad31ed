package cuobian_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var ruleID = regexp.MustCompile(`\bR\d\d\b`)

// TestRulesStandInThePaper holds that each rule id that the code names stands in docs/rules.md with a code file and a
// test that name it too.
func TestRulesStandInThePaper(t *testing.T) {
	b, err := os.ReadFile("docs/rules.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string][]string{}
	for _, line := range strings.Split(string(b), "\n") {
		cells := strings.Split(line, "|")
		if len(cells) == 8 && ruleID.MatchString(cells[1]) {
			rows[strings.TrimSpace(cells[1])] = cells
		}
	}
	for id, cells := range rows {
		for _, cell := range cells[5:7] {
			name := strings.Trim(strings.TrimSpace(cell), "`")
			text, err := os.ReadFile(name)
			if err != nil || !strings.Contains(string(text), id) {
				t.Errorf("%s: %q does not name it (%v)", id, name, err)
			}
		}
	}
	for _, root := range []string{"basis", "platform", "rooms", "app"} {
		err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			ours := strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") || strings.HasSuffix(name, ".json") && !strings.Contains(name, "testdata")
			if !ours || strings.HasSuffix(name, "records.json") {
				return nil
			}
			text, err := os.ReadFile(name)
			for _, id := range ruleID.FindAllString(string(text), -1) {
				if rows[id] == nil {
					t.Errorf("%s names %s, which docs/rules.md does not have", name, id)
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestPapersLinkToWhatIsThere follows the relative links of the papers.
func TestPapersLinkToWhatIsThere(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)#:]+)\)`)
	var papers []string
	for _, p := range []string{"*.md", "docs/*.md", "docs/*/*.md", "bench/*.md", "app/storytest/stories/*.md"} {
		m, _ := filepath.Glob(p)
		papers = append(papers, m...)
	}
	if len(papers) < 8 {
		t.Fatal("where are the papers?", papers)
	}
	for _, p := range papers {
		b, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range link.FindAllStringSubmatch(string(b), -1) {
			if _, err := os.Stat(filepath.Join(filepath.Dir(p), m[1])); err != nil {
				t.Errorf("%s points to %s, which is not there", p, m[1])
			}
		}
	}
}
