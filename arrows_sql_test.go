package cuobian_test

import (
	"fmt"
	"go/ast"
	"go/token"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// hole stands in a folded text for a part that is known only when the program runs.
const hole = "\x00"

// text is one piece of SQL, or of prose: a schema file, or a string of a Go file with its constants put together.
type text struct {
	where string
	sql   string
}

// texts gives a file's pieces. Constants are the strings of its package by name.
func (t tree) texts(f *file, constants map[string]string) (pieces []text) {
	if f.Go == nil {
		return []text{{f.path, f.text}}
	}
	var fold func(ast.Expr) string
	var visit func(ast.Node) bool
	fold = func(e ast.Expr) string {
		switch e := e.(type) {
		case *ast.BasicLit:
			if s, err := strconv.Unquote(e.Value); err == nil && e.Kind == token.STRING {
				return s
			}
		case *ast.ParenExpr:
			return fold(e.X)
		case *ast.BinaryExpr:
			if e.Op == token.ADD {
				return fold(e.X) + fold(e.Y)
			}
		case *ast.Ident:
			if s, ok := constants[e.Name]; ok {
				return s
			}
		default:
			ast.Inspect(e, visit)
		}
		return hole
	}
	visit = func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ImportSpec:
			return false
		case *ast.BasicLit:
			if n.Kind == token.STRING {
				pieces = append(pieces, text{t.where(f, n.Pos()), fold(n)})
			}
		case *ast.BinaryExpr:
			if n.Op == token.ADD {
				pieces = append(pieces, text{t.where(f, n.Pos()), fold(n)})
				return false
			}
		}
		return true
	}
	ast.Inspect(f.Go, visit)
	return pieces
}

// constantsOf gives the strings of a folder's Go files by name; a name with two meanings is left out.
func (t tree) constantsOf(dir string) map[string]string {
	found, twice := map[string]string{}, map[string]bool{}
	for _, f := range t.files {
		if f.Go == nil || f.dir() != dir {
			continue
		}
		ast.Inspect(f.Go, func(n ast.Node) bool {
			v, ok := n.(*ast.ValueSpec)
			if !ok || len(v.Names) != len(v.Values) {
				return true
			}
			for i, name := range v.Names {
				if lit, ok := v.Values[i].(*ast.BasicLit); ok && lit.Kind == token.STRING {
					_, known := found[name.Name]
					twice[name.Name] = twice[name.Name] || known
					found[name.Name], _ = strconv.Unquote(lit.Value)
				}
			}
			return true
		})
	}
	for name := range twice {
		if twice[name] {
			delete(found, name)
		}
	}
	return found
}

var sqlToken = regexp.MustCompile(`(?s)--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|"[^"]*"|[A-Za-z_][A-Za-z0-9_]*|[0-9]+|->>?|::|\x00|\S`)

// tokens gives the words and signs of a piece, words in lower case, without comments.
func tokens(sql string) (out []string) {
	for _, w := range sqlToken.FindAllString(sql, -1) {
		switch {
		case strings.HasPrefix(w, "--"), strings.HasPrefix(w, "/*"):
		case strings.HasPrefix(w, `"`):
			out = append(out, strings.ToLower(strings.Trim(w, `"`)))
		default:
			out = append(out, strings.ToLower(w))
		}
	}
	return out
}

var (
	word     = regexp.MustCompile(`^[a-z_][a-z0-9_]*$`)
	sureSQL  = regexp.MustCompile(`(?is)^\s*(select\b.*\bfrom\b|insert\s+(or\s+\w+\s+)?into\s+\w+\s*(\(|select|values|default)|update\s+\w+\s+(as\s+\w+\s+|\w+\s+)?set\b|delete\s+from\s+\w+\s*($|where|as|;|returning)|with\s+(recursive\s+)?\w+\s*(\([^)]*\)\s*)?as\s+(not\s+)?(materialized\s+)?\(|create\s+(temp\w*\s+|unique\s+|virtual\s+)?(table|view|index|trigger)\b|alter\s+table\b|drop\s+(table|view|index|trigger)\b)`)
	cteName  = regexp.MustCompile(`(?is)(?:\bwith\s+(?:recursive\s+)?|,\s*)(\w+)\s*(?:\([^)]*\)\s*)?as\s+(?:not\s+)?(?:materialized\s+)?\(`)
	articles = []string{"the", "a", "an", "this", "that", "your", "its", "their"} // "Select one from the list" is prose
	afterRef = []string{"where", "join", "left", "right", "full", "inner", "outer", "cross", "natural", "on", "using", "group", "order", "limit", "offset", "union", "except", "intersect", "having", "window", "returning", "set", "for", "values", "select", "indexed", "as", "when", "then", "else", "end"}
)

// use is a table that a piece names and the word before it: from, join, into, update, references, table, view, on.
type use struct{ table, by string }

// uses finds the tables of a piece by their position in the grammar, so that columns, aliases and prose do not count.
func uses(sql string) (found []use) {
	w := tokens(sql)
	at := func(i int) string {
		if i >= 0 && i < len(w) {
			return w[i]
		}
		return ""
	}
	closing := func(i int) int { // i is at "("
		for deep := 0; i < len(w); i++ {
			if w[i] == "(" {
				deep++
			} else if w[i] == ")" {
				if deep--; deep == 0 {
					return i
				}
			}
		}
		return len(w)
	}
	var calls []string // the word before each open parenthesis
	indexed := false   // inside create index or create trigger, before its "on"
	one := func(i int, by string) int {
		for slices.Contains([]string{"only", "lateral", "if", "not", "exists"}, at(i)) {
			i++
		}
		if at(i+1) == "." {
			i += 2
		}
		if word.MatchString(at(i)) && !slices.Contains(articles, at(i)) && (at(i+1) != "(" || by == "into" || by == "references" || by == "table" || by == "view" || by == "on") {
			found = append(found, use{at(i), by})
		}
		return i + 1
	}
	for i := range w {
		switch w[i] {
		case "(":
			calls = append(calls, at(i-1))
		case ")":
			if len(calls) > 0 {
				calls = calls[:len(calls)-1]
			}
		case "from":
			if at(i-1) == "distinct" || len(calls) > 0 && slices.Contains([]string{"extract", "substring", "trim", "overlay"}, calls[len(calls)-1]) {
				continue
			}
			for j := i + 1; ; j++ { // a list: from a, b x, (select …) y
				if at(j) == "(" {
					j = closing(j) + 1
				} else {
					if j = one(j, "from"); at(j) == "(" {
						j = closing(j) + 1
					}
				}
				if at(j) == "as" {
					j++
				}
				if word.MatchString(at(j)) && !slices.Contains(afterRef, at(j)) {
					j++
				}
				if at(j) != "," {
					break
				}
			}
		case "join", "into", "references", "view":
			one(i+1, w[i])
		case "table":
			if at(i-1) != "on" {
				one(i+1, "table")
			}
		case "update":
			if at(i-1) != "for" && at(i-1) != "on" && at(i-1) != "before" && at(i-1) != "after" && !slices.Contains([]string{"set", "of", "on", "or"}, at(i+1)) {
				one(i+1, "update")
			}
		case "index", "trigger":
			indexed = at(i-1) == "create" || at(i-1) == "unique"
		case "on":
			if indexed {
				one(i+1, "on")
				indexed = false
			}
		}
	}
	return found
}

// prefixes are the first words of table names, by the package that owns them.
func prefixes() map[string]string {
	owner := map[string]string{"river": "platform/jobs"}
	for _, line := range floors {
		for _, unit := range strings.Fields(line) {
			if strings.HasPrefix(unit, "platform/") || strings.HasPrefix(unit, "rooms/") || unit == "app" {
				owner[unit[strings.LastIndex(unit, "/")+1:]] = unit
			}
		}
	}
	return owner
}

// keeps tells who has tables: rooms, platform packages and app; tests may look everywhere.
func (f *file) keeps() bool {
	return !f.test() && (strings.HasPrefix(f.path, "rooms/") || strings.HasPrefix(f.path, "platform/") || strings.HasPrefix(f.path, "app/")) && f.unit() != ""
}

var catalog = regexp.MustCompile(`^(sqlite_\w+|pg_\w+|information_schema|schemata|tables|columns|goose\w*)$`)

// ownTablesOnly: a room's SQL names its own tables and the views (cases_v_…) of lower rooms; a schema file may point
// a foreign key at any lower table. So a room can change its tables without asking who reads them.
func ownTablesOnly(t tree) (wrong []string) {
	owners, constants, ctes := prefixes(), map[string]map[string]string{}, map[string]map[string]bool{}
	for _, f := range t.files {
		if !f.keeps() {
			continue
		}
		dir := f.dir()
		if constants[dir] == nil {
			constants[dir], ctes[dir] = t.constantsOf(dir), map[string]bool{}
		}
		for _, piece := range t.texts(f, constants[dir]) {
			for _, m := range cteName.FindAllStringSubmatch(piece.sql, -1) {
				ctes[dir][strings.ToLower(m[1])] = true
			}
		}
	}
	said := map[string]bool{}
	for _, f := range t.files {
		if !f.keeps() {
			continue
		}
		own := f.unit()
		for _, piece := range t.texts(f, constants[f.dir()]) {
			sure := f.Go == nil || sureSQL.MatchString(piece.sql)
			for _, u := range uses(piece.sql) {
				if ctes[f.dir()][u.table] {
					continue
				}
				first, rest, _ := strings.Cut(u.table, "_")
				owner, known := owners[first], rest != ""
				problem := ""
				switch {
				case owner != "" && known && owner == own:
				case owner != "" && known && lineOf(owner) >= lineOf(own):
					problem = fmt.Sprintf("%s names %s of %s, which does not stand below it", own, u.table, owner)
				case owner != "" && known && strings.HasPrefix(rest, "v_"):
				case owner != "" && known && u.by == "references" && f.Go == nil:
				case owner != "" && known:
					problem = fmt.Sprintf("%s names the table %s of %s; ask for a published view %s_v_… or call the room", own, u.table, owner, first)
				case catalog.MatchString(u.table) && strings.HasPrefix(own, "platform/"):
				case sure:
					problem = fmt.Sprintf("%s names the table %s; a table's name begins with its room: %s_…", own, u.table, own[strings.LastIndex(own, "/")+1:])
				}
				if problem != "" && !said[piece.where+problem] {
					said[piece.where+problem] = true
					wrong = append(wrong, piece.where+": "+problem)
				}
			}
		}
	}
	return wrong
}

// forOneEngine tells files that exist once per engine because the engines truly differ (search).
func forOneEngine(p string) bool {
	return regexp.MustCompile(`[._](sqlite|postgres)\.(go|sql)$`).MatchString(p)
}

var (
	noFunction = []string{"now", "strftime", "datetime", "julianday", "unixepoch", "to_char", "to_timestamp", "date_trunc", "date_part", "array_agg", "string_agg", "group_concat", "unnest", "generate_series", "ifnull", "iif", "nvl", "any"}
	noWord     = []string{"ilike", "current_timestamp", "current_date", "current_time", "localtime", "glob", "regexp", "autoincrement", "listen", "notify", "interval", "->", "->>", "::"}
)

// oneSQLText keeps the SQL of both engines one: what only one of them understands stands in a file per engine.
func oneSQLText(t tree) (wrong []string) {
	constants := map[string]map[string]string{}
	for _, f := range t.files {
		if !f.keeps() || f.unit() == "platform/store" || forOneEngine(f.path) {
			continue
		}
		if constants[f.dir()] == nil {
			constants[f.dir()] = t.constantsOf(f.dir())
		}
		for _, piece := range t.texts(f, constants[f.dir()]) {
			if f.Go != nil && !sureSQL.MatchString(piece.sql) {
				continue
			}
			w := append(tokens(piece.sql), "", "")
			for i := range w[:len(w)-2] {
				bad := ""
				switch {
				case slices.Contains(noFunction, w[i]) && w[i+1] == "(":
					bad = w[i] + "()"
				case strings.HasPrefix(w[i], "json") && w[i+1] == "(", strings.HasPrefix(w[i], "pg_advisory"):
					bad = w[i]
				case w[i] == "distinct" && w[i+1] == "on":
					bad = "distinct on"
				case w[i] == "array" && w[i+1] == "[":
					bad = "array[]"
				case w[i] == "?":
					bad = "? as a parameter, not $1"
				case slices.Contains(noWord, w[i]):
					bad = w[i]
				}
				if bad != "" {
					wrong = append(wrong, fmt.Sprintf("%s: SQL with %s; one text serves both engines (CONTRIBUTING.md), or a file per engine: x_sqlite.go, x_postgres.go", piece.where, bad))
				}
			}
		}
	}
	return wrong
}

// fourColumnTypes: instants are bigint microseconds, civil days and ids text, money bigint fen.
func fourColumnTypes(t tree) (wrong []string) {
	for _, f := range t.files {
		if f.Go != nil || !f.keeps() || forOneEngine(f.path) {
			continue
		}
		w := append(tokens(f.text), "", "", "", "", "")
		for i := 0; i < len(w)-5; i++ {
			if w[i] == "alter" && w[i+1] == "table" && w[i+3] == "add" {
				j := i + 4
				if w[j] == "column" {
					j++
				}
				wrong = append(wrong, column(f, w[j], w[j+1])...)
			}
			if w[i] != "table" || i == 0 || w[i-1] != "create" {
				continue
			}
			for w[i] != "(" && w[i] != ";" && i < len(w)-5 {
				i++
			}
			deep, start := 0, true
			for ; i < len(w)-5; i++ {
				switch w[i] {
				case "(":
					deep++
				case ")":
					deep--
				case ",":
					start = start || deep == 1
				default:
					if start {
						wrong = append(wrong, column(f, w[i], w[i+1])...)
						start = false
					}
				}
				if deep == 0 {
					break
				}
			}
		}
	}
	return wrong
}

func column(f *file, name, kind string) []string {
	if slices.Contains([]string{"primary", "unique", "check", "foreign", "constraint"}, name) || slices.Contains([]string{"text", "bigint", "boolean", "bytea"}, kind) {
		return nil
	}
	return []string{fmt.Sprintf("%s: the column %s is %s; columns are text, bigint, boolean or bytea", f.path, name, kind)}
}
