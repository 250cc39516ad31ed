// Package cuobian_test holds the house to its plan: who may know whom (docs/decisions/0001), and what each kind of
// package must not do. It reads the sources only; nothing is run. arrows_sql_test.go looks into the SQL,
// arrows_proof_test.go shows that every rule can fail.
package cuobian_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// floors lists what stands on what, lowest line first. An import goes only to a lower line; what stands on the same
// line are neighbours, who do not know each other. A package belongs to the entry that is the longest prefix of its
// path. A new room gets its line here and in docs/decisions.
var floors = []string{
	"basis/fault",
	"basis/area basis/day basis/paged basis/scope basis/share basis/yuan",
	"basis/rule basis/signoff",
	"platform/store",
	"platform/seal",
	"platform/blob platform/jobs platform/sheet",
	"platform/audit",
	"platform/rules",
	"platform/access",
	"platform/serve",
	"rooms/place",
	"rooms/people",
	"rooms/service",
	"rooms/duty",
	"rooms/outreach",
	"rooms/cases",
	"rooms/assembly rooms/council",
	"rooms/committee",
	"rooms/money rooms/upkeep rooms/enforcement",
	"rooms/perception rooms/gate rooms/care rooms/plans",
	"rooms/standing",
	"api web",
	"app",
	"bench cmd/cuobian",
}

// house are the rules, each a function from the sources to what is wrong with them.
var house = []struct {
	name string
	rule func(tree) []string
}{
	{"arrows point down", arrowsPointDown},
	{"only http files know serve", onlyHTTPKnowsServe},
	{"kernels are pure", kernelsArePure},
	{"nobody looks at the clock", nobodyReadsTheClock},
	{"no floats near law or money", noFloats},
	{"packages say what they are", packagesAreTold},
	{"plain names", plainNames},
	{"own tables only", ownTablesOnly},
	{"one SQL text", oneSQLText},
	{"four column types", fourColumnTypes},
}

func TestHouse(t *testing.T) {
	sources := load(t)
	for _, r := range house {
		t.Run(strings.ReplaceAll(r.name, " ", "_"), func(t *testing.T) {
			for _, wrong := range r.rule(sources) {
				t.Error(wrong)
			}
		})
	}
}

// file is one Go or SQL source; Go is nil for SQL.
type file struct {
	path string // slash-separated, from the root of the module
	text string
	Go   *ast.File
}

type tree struct {
	files []*file
	at    *token.FileSet
}

func grow(texts map[string]string) (tree, error) {
	t := tree{at: token.NewFileSet()}
	for p, text := range texts {
		f := &file{path: p, text: text}
		if strings.HasSuffix(p, ".go") {
			var err error
			if f.Go, err = parser.ParseFile(t.at, p, text, parser.ParseComments); err != nil {
				return t, err
			}
		}
		t.files = append(t.files, f)
	}
	slices.SortFunc(t.files, func(a, b *file) int { return strings.Compare(a.path, b.path) })
	return t, nil
}

func load(t *testing.T) tree {
	t.Helper()
	texts := map[string]string{}
	err := filepath.WalkDir(".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			name := d.Name()
			if p != "." && (strings.HasPrefix(name, ".") || slices.Contains([]string{"node_modules", "testdata", "dist", "bin"}, name)) {
				return fs.SkipDir
			}
			if _, err := os.Stat(filepath.Join(p, "go.mod")); p != "." && err == nil {
				return fs.SkipDir // a module of its own
			}
			return nil
		}
		if ext := path.Ext(p); ext == ".go" || ext == ".sql" {
			text, err := os.ReadFile(p)
			if err != nil {
				return err
			}
			texts[filepath.ToSlash(p)] = string(text)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, must := range []string{"basis/", "platform/"} {
		if !slices.ContainsFunc(slicesKeys(texts), func(p string) bool { return strings.HasPrefix(p, must) }) {
			t.Fatalf("no sources below %s: the test does not see the house", must)
		}
	}
	sources, err := grow(texts)
	if err != nil {
		t.Fatal(err)
	}
	return sources
}

func slicesKeys(m map[string]string) (keys []string) {
	for k := range m {
		keys = append(keys, k)
	}
	return keys
}

func (t tree) where(f *file, pos token.Pos) string {
	return fmt.Sprintf("%s:%d", f.path, t.at.Position(pos).Line)
}

func (f *file) dir() string  { return path.Dir(f.path) }
func (f *file) test() bool   { return strings.HasSuffix(f.path, "_test.go") || forTests(f.dir()) }
func (f *file) unit() string { return unitOf(f.dir()) }

// forTests tells packages such as platform/store/storetest, which serve tests only.
func forTests(dir string) bool { return strings.HasSuffix(path.Base(dir), "test") }

// kernel tells a package below a room, such as rooms/cases/words, and the arithmetic of the log.
func kernel(dir string) bool {
	return strings.HasPrefix(dir, "rooms/") && strings.Count(dir, "/") >= 2 && !forTests(dir) || dir == "platform/audit/tree"
}

func unitOf(dir string) string {
	for _, line := range floors {
		for _, name := range strings.Fields(line) {
			if dir == name || strings.HasPrefix(dir, name+"/") {
				return name
			}
		}
	}
	return ""
}

// lineOf counts from 0 at the bottom; -1 is nowhere.
func lineOf(unit string) int {
	return slices.IndexFunc(floors, func(line string) bool { return slices.Contains(strings.Fields(line), unit) })
}

// inside gives the path of an import below the module's root.
func inside(imported *ast.ImportSpec) (string, bool) {
	p, _ := strconv.Unquote(imported.Path.Value)
	return strings.CutPrefix(p, "cuobian/")
}

func arrowsPointDown(t tree) (wrong []string) {
	strangers := map[string]bool{}
	for _, f := range t.files {
		if f.Go == nil || f.dir() == "." {
			continue
		}
		from := f.unit()
		if from == "" {
			if !strangers[f.dir()] {
				strangers[f.dir()] = true
				wrong = append(wrong, fmt.Sprintf("%s stands on no floor: give it a line in arrows_test.go and a decision record", f.dir()))
			}
			continue
		}
		for _, i := range f.Go.Imports {
			dir, ok := inside(i)
			if !ok {
				continue
			}
			to, here := unitOf(dir), t.where(f, i.Pos())
			switch {
			case to == "":
				wrong = append(wrong, fmt.Sprintf("%s: imports %s, which stands on no floor", here, dir))
			case forTests(dir) && !f.test():
				wrong = append(wrong, fmt.Sprintf("%s: imports %s, which is for tests only", here, dir))
			case to == from:
			case lineOf(to) == lineOf(from):
				wrong = append(wrong, fmt.Sprintf("%s: %s imports its neighbour %s; neighbours on a line do not know each other", here, from, to))
			case lineOf(to) > lineOf(from):
				wrong = append(wrong, fmt.Sprintf("%s: %s imports %s, which stands above it; an import goes only to a lower line", here, from, to))
			}
		}
	}
	return wrong
}

func onlyHTTPKnowsServe(t tree) (wrong []string) {
	for _, f := range t.files {
		if f.Go == nil || f.test() || !strings.HasPrefix(f.path, "rooms/") || strings.HasSuffix(f.path, "_http.go") {
			continue
		}
		for _, i := range f.Go.Imports {
			if dir, ok := inside(i); ok && unitOf(dir) == "platform/serve" {
				wrong = append(wrong, fmt.Sprintf("%s: only a room's *_http.go may import platform/serve", t.where(f, i.Pos())))
			}
		}
	}
	return wrong
}

// impure are packages of the standard library that reach outside the arguments of a function.
var impure = regexp.MustCompile(`^(os|net|database|syscall|log|plugin|testing)(/|$)|^(crypto|math)/rand(/|$)|^io/ioutil$`)

// basisMay are the modules that basis uses besides the standard library: arithmetic without I/O.
var basisMay = regexp.MustCompile(`^github\.com/6tail/lunar-go(/|$)`)

// treeMay are the modules of the log's arithmetic: proofs, notes, and signatures over texts it is given.
var treeMay = regexp.MustCompile(`^golang\.org/x/mod/sumdb/|^github\.com/emmansun/gmsm/`)

func kernelsArePure(t tree) (wrong []string) {
	for _, f := range t.files {
		inBasis := strings.HasPrefix(f.path, "basis/")
		if f.Go == nil || f.test() || !inBasis && !kernel(f.dir()) {
			continue
		}
		for _, i := range f.Go.Imports {
			p, _ := strconv.Unquote(i.Path.Value)
			here := t.where(f, i.Pos())
			if dir, ok := inside(i); ok {
				if !strings.HasPrefix(dir, "basis/") && (inBasis || !kernel(dir)) {
					wrong = append(wrong, fmt.Sprintf("%s: imports %s; a kernel knows only basis, other kernels and the standard library", here, dir))
				}
				continue
			}
			first, _, _ := strings.Cut(p, "/")
			switch {
			case inBasis && p == "database/sql/driver": // types only: how a day or an amount becomes a column
			case impure.MatchString(p):
				wrong = append(wrong, fmt.Sprintf("%s: imports %s; basis and kernels do no I/O: take what you need as arguments", here, p))
			case strings.Contains(first, ".") && !(inBasis && basisMay.MatchString(p)) && !(f.dir() == "platform/audit/tree" && treeMay.MatchString(p)):
				wrong = append(wrong, fmt.Sprintf("%s: imports %s; a kernel knows only basis, other kernels and the standard library", here, p))
			}
		}
	}
	return wrong
}

// nobodyReadsTheClock: elsewhere the time is tx.Now, or the store's clock, so that a story can move it.
func nobodyReadsTheClock(t tree) (wrong []string) {
	for _, f := range t.files {
		if f.Go == nil || f.test() || slices.Contains([]string{"platform/store", "cmd/cuobian", "bench"}, f.unit()) {
			continue
		}
		clock := ""
		for _, i := range f.Go.Imports {
			if i.Path.Value == `"time"` {
				clock = "time"
				if i.Name != nil {
					clock = i.Name.Name
				}
			}
		}
		if clock == "" {
			continue
		}
		ast.Inspect(f.Go, func(n ast.Node) bool {
			s, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if x, ok := s.X.(*ast.Ident); ok && x.Name == clock && slices.Contains([]string{"Now", "Since", "Until"}, s.Sel.Name) {
				wrong = append(wrong, fmt.Sprintf("%s: time.%s; only platform/store and cmd look at the clock: use tx.Now or the store's clock", t.where(f, s.Pos()), s.Sel.Name))
			}
			return true
		})
	}
	return wrong
}

var floatReason = regexp.MustCompile(`//float: \S`)

// noFloats covers basis, kernels and whatever has money in its path. A line that must have one says why: //float: reason.
func noFloats(t tree) (wrong []string) {
	for _, f := range t.files {
		if f.Go == nil || f.test() || !strings.HasPrefix(f.path, "basis/") && !kernel(f.dir()) && !strings.Contains(f.path, "money") {
			continue
		}
		lines := strings.Split(f.text, "\n")
		ast.Inspect(f.Go, func(n ast.Node) bool {
			what := ""
			switch n := n.(type) {
			case *ast.Ident:
				if n.Name == "float64" || n.Name == "float32" || n.Name == "ParseFloat" || n.Name == "FormatFloat" {
					what = n.Name
				}
			case *ast.BasicLit:
				if n.Kind == token.FLOAT {
					what = n.Value
				}
			}
			if what != "" && !floatReason.MatchString(lines[t.at.Position(n.Pos()).Line-1]) {
				wrong = append(wrong, fmt.Sprintf("%s: %s; no floats near law or money: count fen, 0.01 m² and products, or end the line with //float: reason", t.where(f, n.Pos()), what))
			}
			return true
		})
	}
	return wrong
}

var han = regexp.MustCompile(`\p{Han}`)

func packagesAreTold(t tree) (wrong []string) {
	told, room := map[string]string{}, map[string]bool{}
	for _, f := range t.files {
		if f.Go == nil || strings.HasSuffix(f.path, "_test.go") {
			continue
		}
		told[f.dir()] += f.Go.Doc.Text()
		if path.Dir(f.dir()) == "rooms" {
			room[f.dir()] = room[f.dir()] || path.Base(f.path) == "doc.go"
		}
	}
	for dir, doc := range told {
		if strings.TrimSpace(doc) == "" {
			wrong = append(wrong, fmt.Sprintf("%s: no package comment says what it is", dir))
		}
	}
	for dir, has := range room {
		if !has {
			wrong = append(wrong, fmt.Sprintf("%s: a room has a doc.go with its purpose, Words and Never", dir))
			continue
		}
		for _, heading := range []string{"Words", "Never"} {
			if !regexp.MustCompile(`(?m)^# ` + heading + `$`).MatchString(told[dir]) {
				wrong = append(wrong, fmt.Sprintf("%s/doc.go: the heading %q is missing", dir, "# "+heading))
			}
		}
		if _, words, ok := strings.Cut(told[dir], "# Words\n"); ok && !han.MatchString(words) {
			wrong = append(wrong, fmt.Sprintf("%s/doc.go: the Words stand with their Chinese", dir))
		}
	}
	slices.Sort(wrong)
	return wrong
}

var (
	emptyPackage = regexp.MustCompile(`(?i)^(internal|commons?|utils?|helpers?|misc)$`)
	emptyName    = regexp.MustCompile(`(Manager|Helper|Util|Utils|Impl|DTO|Repository)(s?)$`)
)

func plainNames(t tree) (wrong []string) {
	seen := map[string]bool{}
	for _, f := range t.files {
		if f.Go == nil {
			continue
		}
		for _, name := range append(strings.Split(f.dir(), "/"), f.Go.Name.Name) {
			if emptyPackage.MatchString(name) && !seen[f.dir()] {
				seen[f.dir()] = true
				wrong = append(wrong, fmt.Sprintf("%s: a package called %s says nothing: name it after its subject", f.dir(), name))
			}
		}
		for _, d := range f.Go.Decls {
			var names []*ast.Ident
			switch d := d.(type) {
			case *ast.FuncDecl:
				names = append(names, d.Name)
			case *ast.GenDecl:
				for _, s := range d.Specs {
					if s, ok := s.(*ast.TypeSpec); ok {
						names = append(names, s.Name)
					}
				}
			}
			for _, n := range names {
				if emptyName.MatchString(n.Name) {
					wrong = append(wrong, fmt.Sprintf("%s: %s: no Manager, Helper, Util, Impl, DTO or Repository; name it after where it happens", t.where(f, n.Pos()), n.Name))
				}
			}
		}
	}
	return wrong
}
