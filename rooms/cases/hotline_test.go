package cases_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/sheet"
	"cuobian/platform/store"
	"cuobian/rooms/cases"
)

// book writes a workbook as a street gets it from 12345.
func book(t *testing.T, rows ...[]any) *bytes.Buffer {
	t.Helper()
	var b bytes.Buffer
	l := sheet.List{Sheet: "Sheet1", Title: "12345热线转办件（虚构）", Columns: []sheet.Column{{Title: "受理编号"}, {Title: "派单时间"}, {Title: "来电人"}, {Title: "联系电话"}, {Title: "事发地址"}, {Title: "反映内容"}, {Title: "工单类型"}, {Title: "紧急程度"}}}
	l.Rows = slices.Values(rows)
	if _, err := sheet.Write(&b, l); err != nil {
		t.Fatal(err)
	}
	return &b
}

func TestHotlineFile(t *testing.T) {
	s := open(t)
	spots["350503001/"] = cases.Spot{Path: street, Compound: "样例街道"}
	s.PlaceNamed = func(_ context.Context, _ store.Queryer, _ scope.Path, text string) (string, error) {
		if strings.Contains(text, "样例花苑") {
			return "k1", nil
		}
		return "", nil
	}
	rows := [][]any{
		{"QZ1", "2026-02-27 16:00", "测试甲", "13800000061", "样例花苑3幢", "电梯坏了，我的电话13800000061", "报修", "一般"},
		{"QZ2", sheet.Number("46081.5"), "", "", "某某路口", "路灯不亮", "投诉举报", ""}, // 2026-02-28 12:00
		{"QZ1", "2026-02-27 16:00", "测试甲", "13800000061", "样例花苑3幢", "电梯坏了", "报修", ""},
		{"", "2026-02-27 16:00", "", "", "", "没有编号", "", ""},
		{"QZ3", "2026-02-27 16:00", "", "", "样例花苑", "", "", ""},
		{"QZ4", "2027-01-01 08:00", "", "", "样例花苑", "将来的时间", "", ""},
		{"QZ5", "", "", "电话不详", "样例花苑", "电话写了字", "", ""},
		{"制表人：测试"},
	}
	for _, w := range []access.Who{nobody, stranger, officer, manager, neighbour} {
		if _, err := s.ImportHotline(ctx, w, street, "a.xlsx", book(t, rows...), false); err == nil {
			t.Error(w.Person, "may import")
		}
	}
	got, err := s.ImportHotline(ctx, office, street, "a.xlsx", book(t, rows...), true)
	if err != nil || got.Taken != 2 || got.Same != 1 || len(got.Refused) != 4 || len(got.IDs) != 0 {
		t.Fatalf("dry run: %+v %v", got, err)
	}
	if n, _ := store.Count(ctx, s.db, `select count(*) from cases_case`); n != 0 {
		t.Fatal("a dry run wrote", n)
	}
	got, err = s.ImportHotline(ctx, office, "", "a.xlsx", book(t, rows...), false)
	if err != nil || got.Rows != 7 || got.Taken != 2 || got.Placed != 1 || got.Same != 1 || len(got.Refused) != 4 {
		t.Fatalf("%+v %v", got, err)
	}
	for i, want := range []string{"cases.12345_number", "cases.text", "cases.12345_time", "cases.phone"} {
		if r := got.Refused[i]; r.Code != want || r.Row == 0 || r.Column == "" || r.Sheet != "Sheet1" || strings.Contains(r.Zh+r.En, "电话不详") {
			t.Errorf("%d: %+v", i, r)
		}
	}
	first, err := s.Get(ctx, office, got.IDs[0])
	if err != nil || first.CompoundName != "样例花苑" || first.Kind != "repair" || first.CreatedAt.String() != "2026-02-27T08:00:00Z" || strings.Contains(first.Text, "13800000061") || first.Channel != "12345" {
		t.Fatalf("%+v %v", first, err)
	}
	second, err := s.Get(ctx, office, got.IDs[1])
	if err != nil || second.CompoundName != "样例街道" || second.Kind != "complaint" || second.CreatedAt.String() != "2026-02-28T04:00:00Z" {
		t.Fatalf("%+v %v", second, err)
	}
	// The same file again changes nothing.
	again, err := s.ImportHotline(ctx, office, street, "a.xlsx", book(t, rows...), false)
	if err != nil || again.Taken != 0 || again.Same != 3 {
		t.Fatalf("%+v %v", again, err)
	}
	// The sample that is handed out can be taken in.
	var b bytes.Buffer
	if err := cases.HotlineSample(&b); err != nil {
		t.Fatal(err)
	}
	if got, err = s.ImportHotline(ctx, office, street, "sample.xlsx", &b, false); err != nil || got.Taken != 1 || len(got.Refused) != 0 {
		t.Fatalf("%+v %v", got, err)
	}
	if _, err := s.ImportHotline(ctx, office, street, "b.xlsx", book2(t), false); !errors.Is(err, cases.ErrHotlineFile) {
		t.Fatal(err)
	}
}

func book2(t *testing.T) *bytes.Buffer {
	var b bytes.Buffer
	if _, err := sheet.Write(&b, sheet.List{Sheet: "x", Title: "别的表", Columns: []sheet.Column{{Title: "姓名"}}, Rows: slices.Values([][]any{{"测试"}})}); err != nil {
		t.Fatal(err)
	}
	return &b
}

func TestExportNeedsAPurposeAndCarriesAMark(t *testing.T) {
	s := open(t)
	c := report(t, s)
	way(t, s, c.ID, "closed")
	if _, err := s.Report(ctx, neighbour, cases.Report{Place: "k2", Text: "门禁坏了", Channel: "walk_in", Anonymous: true}); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := s.ExportCases(ctx, officer, cases.Find{}, " ", &b); !errors.Is(err, cases.ErrPurpose) {
		t.Fatal(err)
	}
	for _, w := range []access.Who{nobody, stranger, grid, worker, resident} {
		if err := s.ExportCases(ctx, w, cases.Find{}, "月度分析", &b); err == nil {
			t.Error(w.Person, "may export")
		}
	}
	if err := s.ExportCases(ctx, manager, cases.Find{}, "月度分析", &b); err != nil {
		t.Fatal(err)
	}
	got, err := sheet.Read("x.xlsx", &b, sheet.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	all := ""
	for _, r := range got.Sheets[0].Rows {
		all += strings.Join(r, "|") + "\n"
	}
	for _, want := range []string{"\n用途：月度分析", manager.Account, c.Number, "已办结", "满意", "样例物业co1"} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is not in the workbook:\n%s", want, all)
		}
	}
	for _, no := range []string{"门禁坏了", "13800000051", "resident"} {
		if strings.Contains(all, no) {
			t.Errorf("%q is in the workbook", no)
		}
	}
	n, _ := store.Count(ctx, s.db, `select count(*) from audit_entry where action = 'cases.export' and why = '月度分析' and person = 'manager'`)
	if n != 1 {
		t.Fatal(n)
	}
}
