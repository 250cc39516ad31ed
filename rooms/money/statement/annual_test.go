package statement

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"cuobian/basis/day"
	"cuobian/platform/audit/tree"
	"cuobian/rooms/assembly/bundle"

	"golang.org/x/mod/sumdb/tlog"
)

// filing is a compound's yearly accounts on their way into a log.
type filing struct {
	f      AnnualFile
	leaves []tlog.Hash
	n      int
}

func (m *filing) record(t testing.TB, kind string, at day.Instant, body any) {
	t.Helper()
	text, err := tree.Canonical(body)
	if err != nil {
		t.Fatal(err)
	}
	m.n++
	m.leaves = append(m.leaves, tree.Leaf([]byte{byte(m.n)}))
	r := Record{ID: "r" + string(rune('a'+m.n)), At: at, Kind: kind, Body: text, Leaf: int64(len(m.leaves))}
	h, err := m.f.Leaf(r, AnnualRef(m.f.Compound))
	if err != nil {
		t.Fatal(err)
	}
	m.leaves = append(m.leaves, h)
	m.f.Records = append(m.f.Records, r)
}

func (m *filing) file(t testing.TB, a Annual, at day.Instant) {
	t.Helper()
	var err error
	if a.Planned, a.Actual, err = a.Sums(); err != nil {
		t.Fatal(err)
	}
	m.record(t, RecordAccounts, at, AnnualFiled{Compound: "k1", Year: a.Year, Version: a.Version, Hash: a.Hash(), Prev: a.Prev, Planned: a.Planned, Actual: a.Actual, Collected: a.Collected, Owners: a.Owners})
	m.f.Accounts = append(m.f.Accounts, a)
}

func of(y int) Annual {
	return Annual{Compound: "k1", Name: "样例花苑", Year: y, Version: 1, Decision: "decisions/d1", Collected: 300_000_00, Owners: 20_000_00, Held: 1_000_00,
		Lines: []AnnualLine{{Account: "fees:spent:staff", Zh: "人员费用", En: "staff", Planned: 100_000_00, Actual: 112_000_00, Agreed: "decisions/d2"}, {Account: "fees:spent:office", Zh: "办公", En: "office", Actual: 500_00}}}
}

// annuals are three years filed in time, the second with a correction. skip is never filed, slow late, drop never recorded as due.
func annuals(t testing.TB, skip, slow, drop int) *filing {
	t.Helper()
	m := &filing{f: AnnualFile{Format: AnnualFormat, Compound: "k1", Name: "样例花苑", Accounts: []Annual{}, Proof: Proof{Path: "350503002/c1/k1/", AsOf: day.MustParse("2026-06-01").Start(day.Shanghai), Records: []Record{}}}}
	for i, y := range []int{2023, 2024, 2025} {
		due := day.Date(y+1, 3, 31).End(day.Shanghai)
		if y != drop {
			m.record(t, RecordAccountsDue, day.Date(y+1, 1, 1).Start(day.Shanghai), AnnualDue{Compound: "k1", Year: y, N: int64(i + 1), Due: due})
		}
		at := day.Date(y+1, 2, 10).Start(day.Shanghai)
		if y == slow {
			at = due + 1
		}
		if y != skip {
			m.file(t, of(y), at)
		}
		if y == 2024 && skip != 2024 {
			a := m.f.Accounts[len(m.f.Accounts)-1]
			b := a
			b.Lines = slices.Clone(a.Lines)
			b.Version, b.Prev, b.Why = 2, a.Hash(), "超支一行已有决定"
			b.Lines[1].Agreed = "decisions/d3"
			m.file(t, b, at+1)
		}
	}
	m.sign(t)
	return m
}

func (m *filing) sign(t testing.TB) { m.f.Log = signed(t, m.leaves, m.f.Records) }

func TestAnnualIsSound(t *testing.T) {
	m := annuals(t, 0, 0, 0)
	file, err := m.f.Write()
	if err != nil {
		t.Fatal(err)
	}
	r := CheckAnnual(file, bundle.Known{m.f.Log.Keys[0]})
	if !r.OK || r.Statements != 4 || r.Due != 3 || r.Name != "样例花苑" || len(r.Proved) != 1 {
		t.Fatalf("%v %+v", wrongs(r), r)
	}
	for _, c := range r.Checks {
		if c.N == 0 {
			t.Errorf("%s looked at nothing", c.Name)
		}
	}
}

// Whoever changes, adds or drops anything of yearly accounts is found, and where (R30).
func TestAnnualForgeries(t *testing.T) {
	for _, x := range []struct {
		name string
		do   func(t *testing.T) *filing
		want []string
	}{
		{"one changed fen", func(t *testing.T) *filing {
			m := annuals(t, 0, 0, 0)
			m.f.Accounts[0].Lines[0].Actual++
			return m
		}, []string{"accounts_hash", "accounts_sums", "vanished"}},
		{"one changed fen, added up again", func(t *testing.T) *filing {
			m := annuals(t, 0, 0, 0)
			m.f.Accounts[0].Lines[0].Actual++
			m.f.Accounts[0].Actual++
			return m
		}, []string{"accounts_hash"}},
		{"owners' money changed", func(t *testing.T) *filing {
			m := annuals(t, 0, 0, 0)
			m.f.Accounts[3].Owners -= 100
			return m
		}, []string{"accounts_hash"}},
		{"a record of other sums", func(t *testing.T) *filing {
			m := annuals(t, 0, 0, 0)
			var p AnnualFiled
			if err := json.Unmarshal(m.f.Records[1].Body, &p); err != nil {
				t.Fatal(err)
			}
			p.Actual--
			m.f.Records[1].Body, _ = tree.Canonical(p)
			return m
		}, []string{"in_log", "accounts_sums"}},
		{"accounts added", func(t *testing.T) *filing {
			m := annuals(t, 0, 0, 0)
			a := of(2022)
			a.Planned, a.Actual, _ = a.Sums()
			m.f.Accounts = append([]Annual{a}, m.f.Accounts...)
			return m
		}, []string{"in_log"}},
		{"a record added", func(t *testing.T) *filing {
			m := annuals(t, 0, 0, 0)
			extra := m.f.Records[0]
			extra.Leaf += 2
			m.f.Records = slices.Insert(m.f.Records, 1, extra)
			return m
		}, []string{"in_log"}},
		{"accounts dropped from the file", func(t *testing.T) *filing {
			m := annuals(t, 0, 0, 0)
			m.f.Accounts = slices.Delete(m.f.Accounts, 0, 1)
			return m
		}, []string{"vanished"}},
		{"the version before dropped", func(t *testing.T) *filing {
			m := annuals(t, 0, 0, 0)
			m.f.Accounts = slices.Delete(m.f.Accounts, 1, 2)
			m.f.Records = slices.Delete(m.f.Records, 3, 4)
			m.sign(t)
			return m
		}, []string{"changed"}},
		{"a year dropped with its records", func(t *testing.T) *filing {
			m := annuals(t, 0, 0, 0)
			m.f.Accounts = slices.Delete(m.f.Accounts, 0, 1)
			m.f.Records = slices.Delete(m.f.Records, 0, 2)
			m.sign(t)
			return m
		}, []string{"vanished"}},
		{"never filed", func(t *testing.T) *filing { return annuals(t, 2025, 0, 0) }, []string{"vanished"}},
		{"never recorded as due", func(t *testing.T) *filing { return annuals(t, 0, 0, 2024) }, []string{"vanished"}},
		{"late", func(t *testing.T) *filing { return annuals(t, 0, 2023, 0) }, []string{"late"}},
		{"a second one that names nothing", func(t *testing.T) *filing {
			m := annuals(t, 0, 0, 0)
			a := of(2025)
			a.Lines = slices.Clone(a.Lines)
			a.Lines[0].Actual -= 100
			m.file(t, a, m.f.AsOf-1)
			m.sign(t)
			return m
		}, []string{"changed"}},
		{"another checkpoint", func(t *testing.T) *filing {
			m := annuals(t, 0, 0, 0)
			m.f.Log.Checkpoint = string(bytes.Replace([]byte(m.f.Log.Checkpoint), []byte("\n14\n"), []byte("\n15\n"), 1))
			return m
		}, []string{"checkpoint_signature"}},
		{"another compound's", func(t *testing.T) *filing {
			m := annuals(t, 0, 0, 0)
			m.f.Compound = "k2"
			return m
		}, []string{"in_log"}},
	} {
		t.Run(x.name, func(t *testing.T) {
			file, err := x.do(t).f.Write()
			if err != nil {
				t.Fatal(err)
			}
			r := CheckAnnual(file, nil)
			found := wrongs(r)
			if r.OK {
				t.Fatal("not found")
			}
			for _, w := range x.want {
				if !slices.Contains(found, w) {
					t.Errorf("%s is not among %v", w, found)
				}
			}
		})
	}
}

// No bit may be turned unseen, but for the day that the file says it is of.
func TestEveryByteOfAnnual(t *testing.T) {
	file, _ := annuals(t, 0, 0, 0).f.Write()
	at := bytes.Index(file, []byte(`"as_of":"`))
	for i := 0; i < len(file); i += 7 {
		if i >= at && i < at+32 {
			continue
		}
		turned := bytes.Clone(file)
		turned[i] ^= 1
		if CheckAnnual(turned, nil).OK {
			t.Fatalf("byte %d (%q) was turned unseen", i, file[max(0, i-30):i+1])
		}
	}
	for _, x := range []string{"", "null", "{}", `{"format":"cuobian.accounts.1"}`, `{"format":"cuobian.statement.1"}`} {
		if CheckAnnual([]byte(x), nil).OK {
			t.Errorf("%q passed", x)
		}
	}
}

// The files in testdata are read by `cuobian verify` and by the page's own check in their tests.
func TestGoldenAnnual(t *testing.T) {
	for name, want := range map[string][]string{"annual-sound": nil, "annual-late": {"late"}, "annual-missing": {"vanished"}} {
		path := filepath.Join("testdata", name+".json")
		if os.Getenv("CUOBIAN_TEST_WRITE") != "" {
			m := annuals(t, map[string]int{"annual-missing": 2025}[name], map[string]int{"annual-late": 2023}[name], 0)
			file, err := m.f.Write()
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, file, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		file, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if r := CheckAnnual(file, nil); !slices.Equal(wrongs(r), want) {
			t.Errorf("%s: %v", name, wrongs(r))
		}
	}
}

// A year is a kind of statement too, with its own span.
func TestYearSpan(t *testing.T) {
	from, to, ok := Span(Year, "2026")
	if !ok || from != day.MustParse("2026-01-01") || to != day.MustParse("2026-12-31") || Next(Year, "2026") != "2027" || PeriodOf(Year, to) != "2026" {
		t.Fatal(from, to, ok)
	}
	for _, x := range []string{"2026-01", "2026Q1", "26", "", "2026Y1"} {
		if _, _, ok := Span(Year, x); ok {
			t.Errorf("%q is a year", x)
		}
	}
	if _, _, ok := Span(Month, "2026"); ok {
		t.Error("2026 is a month")
	}
}
