package ledger_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cuobian/platform/sheet"
	"cuobian/rooms/people/ledger"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
)

// plain turns a workbook into what the kernel reads.
func plain(b sheet.Book) ledger.Book {
	out := ledger.Book{Name: b.Name}
	for _, s := range b.Sheets {
		t := ledger.Sheet{Name: s.Name, Rows: s.Rows, Hidden: s.Hidden, Date1904: s.Date1904}
		for _, m := range s.Merges {
			t.Merges = append(t.Merges, ledger.Span(m))
		}
		out.Sheets = append(out.Sheets, t)
	}
	return out
}

func open(t *testing.T, file string) ledger.Book {
	t.Helper()
	b, err := sheet.Open(file, sheet.Limits{})
	if err != nil {
		t.Fatal(file, err)
	}
	return plain(b)
}

// truth is the part of a truth file that must be equal.
type truth struct {
	Street    string                    `json:"street"`
	Compounds map[string]ledger.Figures `json:"compounds"`
	Rejected  []struct {
		Sheet  string `json:"sheet"`
		Row    int    `json:"row"`
		Reason string `json:"reason"`
	} `json:"rejected"`
	Totals ledger.Totals `json:"totals"`
}

func TestTruth(t *testing.T) {
	for _, stem := range []string{"testdata/fengze-small", "testdata/qingyuan-small", "../../../../shared/data/fengze"} {
		t.Run(filepath.Base(stem), func(t *testing.T) {
			want := truth{}
			data, err := os.ReadFile(stem + ".truth.json")
			if errors.Is(err, fs.ErrNotExist) && strings.HasPrefix(stem, "..") {
				t.Skip("the large workbook is not beside the checkout (../shared/data)")
			}
			if err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(data, &want); err != nil {
				t.Fatal(err)
			}
			reading := ledger.Read(open(t, stem+".xlsx"), ledger.Options{})
			text, err := json.Marshal(reading.Summary())
			if err != nil {
				t.Fatal(err)
			}
			got := truth{}
			if err := json.Unmarshal(text, &got); err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Error(d)
			}
			for _, l := range reading.Layouts {
				if l.Problem != nil || l.Kind == ledger.KindUnknown {
					t.Errorf("sheet %s was not understood", l.Sheet)
				}
			}
			if len(reading.Crew) == 0 || reading.Crew[0].Role == "" {
				t.Error("no crew was read")
			}
		})
	}
}

// A second reading gives the same records with the same keys.
func TestSameAgain(t *testing.T) {
	book := open(t, "testdata/qingyuan-small.xlsx")
	a, b := ledger.Read(book, ledger.Options{}), ledger.Read(book, ledger.Options{})
	if d := cmp.Diff(a, b); d != "" {
		t.Error(d)
	}
	seen := map[string]bool{}
	for _, h := range a.Homes {
		if seen[h.Key] {
			t.Fatal("two homes of one key")
		}
		seen[h.Key] = true
	}
}

func TestStreetLedger(t *testing.T) {
	var want struct {
		Sheet      string            `json:"sheet"`
		HeaderRows []int             `json:"header_rows"`
		DataRows   []int             `json:"data_rows"`
		SkipRows   map[string]string `json:"skip_rows"`
		ReportDate string            `json:"report_date"`
		Records    []struct {
			Community     string  `json:"community"`
			Compound      string  `json:"compound"`
			Households    int     `json:"households"`
			Area          string  `json:"area"`
			BuiltYear     *int    `json:"built_year"`
			BuiltText     string  `json:"built_text"`
			HasCommittee  bool    `json:"has_committee"`
			CommitteeDate *string `json:"committee_date"`
			ChairName     *string `json:"chair_name"`
			ChairPhone    *string `json:"chair_phone"`
			Company       *string `json:"company"`
			Fee           *string `json:"fee"`
			Mode          string  `json:"mode"`
			PartyOrg      bool    `json:"party_org"`
			Remark        *string `json:"remark"`
		} `json:"records"`
		TotalCheck struct {
			HouseholdsStated int `json:"households_stated"`
			HouseholdsSum    int `json:"households_sum"`
		} `json:"total_check"`
	}
	load(t, "testdata/xiaoqu_taizhang_1.expected.json", &want)
	r := ledger.Read(open(t, "testdata/xiaoqu_taizhang_1.xlsx"), ledger.Options{})
	l := r.Layouts[0]
	if l.Sheet != want.Sheet || l.Kind != ledger.KindCompounds || !cmp.Equal(l.HeaderRows, want.HeaderRows) {
		t.Errorf("layout %s %s %v", l.Sheet, l.Kind, l.HeaderRows)
	}
	skipped := map[string]string{}
	for _, s := range l.Skipped {
		skipped[fmt.Sprint(s.Row)] = map[string]string{"title": "title", "line": "unit and date line", "total": "total row", "note": "note", "signature": "signature line"}[s.Why]
	}
	if d := cmp.Diff(want.SkipRows, skipped); d != "" {
		t.Error(d)
	}
	if string(r.ReportDate) != want.ReportDate || r.Street != "样例街道" {
		t.Error(r.ReportDate, r.Street)
	}
	if len(r.Compounds) != len(want.Records) || len(r.Rejected) != 0 {
		t.Fatal(len(r.Compounds), r.Rejected)
	}
	maybe := func(p *string) string {
		if p == nil {
			return ""
		}
		return *p
	}
	for i, w := range want.Records {
		c := r.Compounds[i]
		phone := ""
		if len(c.Chair.Phones) > 0 {
			phone = c.Chair.Phones[0]
		}
		year := 0
		if w.BuiltYear != nil {
			year = *w.BuiltYear
		}
		fee := strings.TrimRight(fmt.Sprintf("%d.%04d", c.Fee.High/10000, c.Fee.High%10000), "0")
		if c.Fee.High == 0 {
			fee = ""
		}
		mode := map[string]string{"lump_sum": "包干制", "remuneration": "酬金制"}[c.Charge]
		if mode == "" {
			mode = c.MannerAs
		}
		area := w.Area
		if !strings.Contains(area, ".") {
			area += ".00"
		} else if len(area)-strings.Index(area, ".") == 2 {
			area += "0"
		}
		got := []any{c.Community, c.Name, c.Households, c.Area.String(), c.BuiltYear, c.BuiltText, c.HasCommittee == ledger.Yes, string(c.CommitteeDate), c.Chair.Name, phone, c.Company, fee, mode, c.HasParty == ledger.Yes, c.Remark, c.Source.Row}
		exp := []any{w.Community, w.Compound, w.Households, area, year, w.BuiltText, w.HasCommittee, maybe(w.CommitteeDate), maybe(w.ChairName), maybe(w.ChairPhone), maybe(w.Company), maybe(w.Fee), w.Mode, w.PartyOrg, maybe(w.Remark), want.DataRows[i]}
		if d := cmp.Diff(exp, got); d != "" {
			t.Error(w.Compound, d)
		}
	}
	if len(l.Stated) != 2 || !l.Stated[0].Equal || !l.Stated[1].Equal || l.Stated[0].Sum != fmt.Sprint(want.TotalCheck.HouseholdsSum) {
		t.Error(l.Stated)
	}
}

func TestCommitteeLedger(t *testing.T) {
	var want struct {
		HeaderRow  int `json:"header_row"`
		Committees []struct {
			Compound   string  `json:"compound"`
			Term       int     `json:"term"`
			RecordNo   *string `json:"record_no"`
			From       string  `json:"from_"`
			To         string  `json:"to"`
			Members    int     `json:"members"`
			Alternates int     `json:"alternates"`
			Party      int     `json:"party_members"`
		} `json:"committees"`
		Rooms  map[string][3]string       `json:"rooms"`
		Phones map[string]json.RawMessage `json:"phones"`
	}
	load(t, "testdata/yeweihui_beian_1.expected.json", &want)
	r := ledger.Read(open(t, "testdata/yeweihui_beian_1.xlsx"), ledger.Options{})
	if len(r.Committees) != len(want.Committees) || len(r.Rejected) != 0 || r.Layouts[0].HeaderRows[0] != want.HeaderRow {
		t.Fatal(r.Committees, r.Rejected)
	}
	for i, w := range want.Committees {
		c := r.Committees[i]
		no := ""
		if w.RecordNo != nil {
			no = *w.RecordNo
		}
		// The expected file counts alternates among the members and probationary
		// Party members among the Party members; here they are kept apart.
		got := []any{c.Compound, c.Term, c.RecordNo, string(c.From), string(c.To), c.Regular + c.Alternate, c.Alternate, c.Party + c.Probation}
		exp := []any{w.Compound, w.Term, no, w.From, w.To, w.Members, w.Alternates, w.Party}
		if d := cmp.Diff(exp, got); d != "" {
			t.Error(d)
		}
	}
	if c := r.Committees[0]; c.Regular != 4 || c.Alternate != 1 || c.Party != 2 || c.Probation != 1 {
		t.Error("not kept apart:", c.Regular, c.Alternate, c.Party, c.Probation)
	}
	said := map[string]bool{}
	for _, w := range r.Warnings {
		said[w.Code] = true
	}
	if !said["alternate"] || !said["probationary"] {
		t.Error("not said that they are kept apart")
	}
	for text, w := range want.Rooms {
		b, u, room := ledger.ParseJoint(text)
		if got := [3]string{b, u, room}; got != w {
			t.Errorf("%s: %v, want %v", text, got, w)
		}
	}
	for text, raw := range want.Phones {
		var w []string
		var one string
		if json.Unmarshal(raw, &one) == nil && one != "" {
			w = []string{one}
		} else if err := json.Unmarshal(raw, &w); err != nil {
			t.Fatal(err)
		}
		got, bad := ledger.ParsePhones(text)
		if bad || !cmp.Equal(got, w) {
			t.Errorf("%s: %v %v, want %v", text, got, bad, w)
		}
	}
}

func load(t *testing.T, file string, into any) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatal(err)
	}
}

func TestTemplates(t *testing.T) {
	t.Run("importRoom", func(t *testing.T) {
		r := ledger.Read(open(t, "testdata/importRoom.xlsx"), ledger.Options{Compound: "测试小区"})
		if len(r.Homes) != 1 || len(r.Rejected) != 0 {
			t.Fatal(len(r.Homes), r.Rejected)
		}
		h := r.Homes[0]
		if h.Key != "测试小区/1/1/1001" || h.Area != 9456 || h.Use != ledger.Dwelling || h.State != ledger.Delivered || len(h.Owners) != 1 || h.Owners[0].Name != "测试业主" || h.Owners[0].Phones[0] != "13800000001" || h.Owners[0].Gender != "男" || h.Floor != "1" {
			t.Errorf("%+v", h)
		}
		// Without a compound every row is refused with the reason.
		r = ledger.Read(open(t, "testdata/importRoom.xlsx"), ledger.Options{})
		if len(r.Homes) != 0 || len(r.Rejected) != 1 || r.Rejected[0].Reason != "compound_missing" {
			t.Error(r.Rejected)
		}
	})
	t.Run("hc", func(t *testing.T) {
		r := ledger.Read(open(t, "testdata/hc.xlsx"), ledger.Options{Compound: "测试小区"})
		if len(r.Homes) != 5 || len(r.Parking) != 1 {
			t.Error(len(r.Homes), len(r.Parking))
		}
		if h := r.Homes[1]; h.Owners[0].Name != "张三1" || h.Room != "1012" || h.Area != 9456 {
			t.Errorf("%+v", h)
		}
		var rows []int
		for _, x := range r.Rejected {
			if x.Reason != "owner_unknown" || x.Sheet != "房屋信息" {
				t.Error(x)
			}
			rows = append(rows, x.Row)
		}
		if !cmp.Equal(rows, []int{7, 8, 9}) {
			t.Error(rows)
		}
		kinds := map[string]ledger.Kind{}
		for _, l := range r.Layouts {
			kinds[l.Sheet] = l.Kind
			if l.Kind == ledger.KindUnknown && (l.Problem == nil || !strings.Contains(l.Problem.Zh, l.Sheet) || !strings.Contains(l.Problem.En, l.Sheet)) {
				t.Error("not said which sheet was not understood:", l.Problem)
			}
		}
		want := map[string]ledger.Kind{"楼栋单元": ledger.KindBuildings, "业主信息": ledger.KindOwners, "费用设置": ledger.KindUnknown, "房屋信息": ledger.KindHomes, "车位信息": ledger.KindParking}
		if d := cmp.Diff(want, kinds); d != "" {
			t.Error(d)
		}
	})
	t.Run("importFeeDetail", func(t *testing.T) {
		r := ledger.Read(open(t, "testdata/importFeeDetail.xlsx"), ledger.Options{Compound: "测试小区"})
		if len(r.Homes)+len(r.Residents)+len(r.Parking) != 0 || len(r.Layouts) != 1 || r.Layouts[0].Problem == nil {
			t.Error("a list of fees was taken for a ledger", r.Layouts)
		}
	})
}

// id makes an invented identity number of the unallocated area 359999.
func id(birth string, order int) string {
	s := fmt.Sprintf("359999%s%03d", birth, order)
	sum := 0
	for i, w := range []int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2} {
		sum += int(s[i]-'0') * w
	}
	return s + string("10X98765432"[sum%11])
}

// wb is a workbook made in a test: rows of cells, then merged ranges.
type wb struct {
	sheet  string
	rows   [][]any
	merges []string
}

func make1(t *testing.T, name string, sheets ...wb) ledger.Book {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	for i, s := range sheets {
		if i == 0 {
			check(t, f.SetSheetName("Sheet1", s.sheet))
		} else {
			_, err := f.NewSheet(s.sheet)
			check(t, err)
		}
		for r, row := range s.rows {
			for c, v := range row {
				if v == nil {
					continue
				}
				cell, err := excelize.CoordinatesToCellName(c+1, r+1)
				check(t, err)
				check(t, f.SetCellValue(s.sheet, cell, v))
			}
		}
		for _, m := range s.merges {
			var a, b string
			if i := strings.Index(m, ":"); i > 0 {
				a, b = m[:i], m[i+1:]
			}
			check(t, f.MergeCell(s.sheet, a, b))
		}
	}
	var buf bytes.Buffer
	_, err := f.WriteTo(&buf)
	check(t, err)
	b, err := sheet.Read(name, &buf, sheet.Limits{})
	check(t, err)
	return plain(b)
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// The report with its marked rows reads like the workbook that it came from.
func TestReportReadsAgain(t *testing.T) {
	data, err := os.ReadFile("testdata/fengze-small.xlsx")
	check(t, err)
	first := ledger.Read(open(t, "testdata/fengze-small.xlsx"), ledger.Options{})
	var marks []sheet.Mark
	for _, x := range first.Rejected {
		marks = append(marks, sheet.Mark{Sheet: x.Sheet, Row: x.Row, Col: x.Col, Note: x.Zh})
	}
	var out bytes.Buffer
	check(t, sheet.Report(bytes.NewReader(data), &out, marks, sheet.Limits{}))
	b, err := sheet.Read("x.xlsx", &out, sheet.Limits{})
	check(t, err)
	for _, x := range first.Rejected {
		row := b.Sheets[1].Rows[x.Row-1]
		if row[len(row)-1] != x.Zh {
			t.Errorf("row %d: no note", x.Row)
		}
	}
	second := ledger.Read(plain(b), ledger.Options{})
	if d := cmp.Diff(first.Homes, second.Homes); d != "" {
		t.Error(d)
	}
	expect(t, "refused", refusals(second), refusals(first))
}
