package people

import (
	"bytes"
	"encoding/json"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cuobian/basis/day"
	"cuobian/platform/access"
	"cuobian/platform/jobs"
	"cuobian/platform/serve"
	"cuobian/platform/sheet"
	"cuobian/platform/store"
	"cuobian/rooms/place"
)

func street(t *testing.T, r *Register, name string) place.Node {
	t.Helper()
	got, err := r.Map.Named(ctx, r.db, "", place.Street, name)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) == 1 {
		return got[0]
	}
	all, err := r.Map.NodesIn(ctx, r.db, "", place.Street)
	if err != nil || len(all) != 1 {
		t.Fatal(all, err)
	}
	return all[0]
}

// Export and import again: nothing changes.
func TestExportRoundTrips(t *testing.T) {
	for _, stem := range []string{"fengze-small", "qingyuan-small", "xiaoqu_taizhang_1", "yeweihui_beian_1"} {
		t.Run(stem, func(t *testing.T) {
			r := empty(t)
			first, err := r.ImportFile(ctx, access.System, "ledger/testdata/"+stem+".xlsx", ImportOptions{Street: map[bool]string{true: "样例街道"}[strings.HasSuffix(stem, "_1")]})
			if err != nil {
				t.Fatal(err)
			}
			if first.Changes.Nothing() {
				t.Fatal("nothing was imported")
			}
			s := street(t, r, first.Summary.Street)
			file := filepath.Join(t.TempDir(), "out.xlsx")
			var b bytes.Buffer
			if err := r.ExportRoster(ctx, access.System, s.Path, "核对", &b); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
				t.Fatal(err)
			}
			back, err := r.ImportFile(ctx, access.System, file, ImportOptions{Street: s.Name})
			if err != nil {
				t.Fatal(err)
			}
			if !back.Changes.Nothing() || back.Changes.Missing != 0 || back.Changes.Homes.Same != first.Changes.Homes.New || back.Changes.Parking.Same != first.Changes.Parking.New {
				c, _ := json.MarshalIndent(back.Changes, "", " ")
				t.Errorf("export and import again changed something: %.3000s", c)
				for _, x := range back.Summary.Rejected {
					t.Log(x)
				}
				for _, x := range back.Warnings[:min(5, len(back.Warnings))] {
					t.Log(x)
				}
			}
			if len(back.Summary.Rejected) != 0 {
				t.Error("refused of its own export:", back.Summary.Rejected[:1])
			}
		})
	}
}

// edit changes cells of a workbook of ours: next month's file.
func nextMonth(t *testing.T, edit func(rows [][]any) [][]any) string {
	t.Helper()
	rows := edit([][]any{
		{"源淮社区", "明鑫花苑", "1幢", "1单元", "101", "住宅", "98.56", "林甲", "990000198001010012", "13800000001"},
		{"源淮社区", "明鑫花苑", "1幢", "1单元", "102", "住宅", "88.10", "陈乙", "", "13800000002"},
		{"源淮社区", "明鑫花苑", "1幢", "1单元", "201", "住宅", "98.56", "黄丙", "", ""},
	})
	var columns []sheet.Column
	for _, c := range []string{"社区", "小区", "幢号", "单元", "房号", "用途", "建筑面积（㎡）", "产权人", "证件号码", "联系电话"} {
		columns = append(columns, sheet.Column{Title: c})
	}
	file := filepath.Join(t.TempDir(), "丰泽街道.xlsx")
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sheet.Write(f, sheet.List{Sheet: "房屋业主", Title: "丰泽街道房屋业主", Columns: columns, Rows: func(yield func([]any) bool) {
		for _, r := range rows {
			if !yield(r) {
				return
			}
		}
	}}); err != nil {
		t.Fatal(err)
	}
	f.Close()
	return file
}

func same(rows [][]any) [][]any { return rows }

func (h *house) upload(t *testing.T, who access.Who, file string, out any) int {
	t.Helper()
	d := serve.New(serve.Config{DB: h.db, Version: "test"})
	d.Who = func(*http.Request) (access.Who, error) { return who, nil }
	Routes(d, h.Register)
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	m.WriteField("street", "丰泽街道")
	f, _ := m.CreateFormFile("file", "丰泽.xlsx")
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	f.Write(data)
	m.Close()
	q := httptest.NewRequest("POST", "/api/imports", &b)
	q.Header.Set("Content-Type", m.FormDataContentType())
	w := httptest.NewRecorder()
	d.Handler().ServeHTTP(w, q)
	if w.Code >= 500 {
		t.Fatalf("upload: %d %s", w.Code, w.Body)
	}
	if w.Code == 200 {
		if err := json.Unmarshal(w.Body.Bytes(), out); err != nil {
			t.Fatal(err)
		}
	}
	return w.Code
}

func count1(t *testing.T, db *store.DB, q string) int64 {
	t.Helper()
	n, err := store.Count(ctx, db, q)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestPreviewRunNextMonthUndo(t *testing.T) {
	h := build(t)
	run := jobs.New(h.db, jobs.Options{})
	if err := h.db.Migrate(ctx, jobs.Schema()); err != nil {
		t.Fatal(err)
	}
	h.Work(run)
	var im ImportRecord
	for name, x := range map[string]struct {
		who  access.Who
		want int
	}{"stranger": {access.Who{}, 401}, "wrong post": {who(access.GridWorker, h.street.Path), 403}, "ended term": {access.Who{Account: "a"}, 403}, "another street": {who(access.StreetOfficer, "350503001/"), 404}} {
		if code := h.upload(t, x.who, nextMonth(t, same), &im); code != x.want {
			t.Errorf("%s uploads: %d, want %d", name, code, x.want)
		}
	}
	homes := count1(t, h.db, `select count(*) from place_home`)
	if code := h.upload(t, h.officer, nextMonth(t, same), &im); code != 200 || im.State != Previewed || im.Changes.Homes.New != 3 || im.Changes.Persons.New != 3 || len(im.Mapping) == 0 {
		t.Fatalf("%d %+v", code, im)
	}
	if n := count1(t, h.db, `select count(*) from place_home`); n != homes {
		t.Fatal("a preview wrote homes")
	}
	var report []byte
	_ = report
	if code := h.ask(t, h.officer, "POST", "/api/imports/"+im.ID+"/run", `{"version":9}`, nil); code != 409 {
		t.Error("an old version runs:", code)
	}
	if code := h.ask(t, h.officer, "POST", "/api/imports/"+im.ID+"/run", `{"version":1}`, &im); code != 200 || im.State != Queued {
		t.Fatal(code, im.State)
	}
	if _, err := run.RunDue(ctx); err != nil {
		t.Fatal(err)
	}
	if code := h.ask(t, h.officer, "GET", "/api/imports/"+im.ID, "", &im); code != 200 || im.State != Done || im.Done != im.Total || im.Changes.Homes.New != 3 {
		t.Fatalf("%d %+v", code, im)
	}
	first := im
	if code := h.ask(t, who(access.StreetOfficer, h.neighbour.Path), "GET", "/api/imports/"+im.ID, "", nil); code != 404 {
		t.Error("somebody else's import:", code)
	}
	for _, op := range []string{"run", "undo", "mapping"} {
		for name, w := range map[string]access.Who{"stranger": {}, "wrong post": who(access.GridWorker, h.street.Path), "neighbour": who(access.StreetOfficer, h.neighbour.Path), "ended term": {Account: "a"}} {
			body := map[string]string{"run": `{"version":1}`, "undo": `{"version":1,"reason":"x"}`, "mapping": `{"version":1,"mapping":[]}`}[op]
			if code := h.ask(t, w, "POST", "/api/imports/"+im.ID+"/"+op, body, nil); code < 401 || code > 404 {
				t.Errorf("%s: %s answered %d", name, op, code)
			}
		}
	}
	// Next month: 102 is sold, 201 is gone from the list, 301 is new, 101 has another area.
	file := nextMonth(t, func(rows [][]any) [][]any {
		rows[0][6] = "99.00"
		rows[1][7], rows[1][9] = "新乙", "13800000003"
		rows[2] = []any{"源淮社区", "明鑫花苑", "1幢", "1单元", "301", "住宅", "70", "黄丙", "", ""}
		return rows
	})
	h.clock.Set(day.MustParse("2026-04-10").Start(day.Shanghai))
	if code := h.upload(t, h.officer, file, &im); code != 200 {
		t.Fatal(code)
	}
	kinds := map[string]string{}
	for _, d := range im.Changes.List {
		if d.Kind == "missing" && !strings.Contains(d.Words, "1-1-201") {
			continue // the two homes of the fixture
		}
		kinds[d.Kind] = d.Words + " " + d.Zh
	}
	if im.Changes.Moves != 1 || im.Changes.Homes.New != 1 || im.Changes.Homes.Changed != 1 || kinds["missing"] == "" || !strings.Contains(kinds["move"], "1-1-102") || !strings.Contains(kinds["facts"], "98.56 → 99.00") {
		t.Fatalf("differences: %+v %v", im.Changes, kinds)
	}
	if strings.Contains(kinds["move"], "新乙") {
		t.Error("a name in the clear in a kept difference")
	}
	if code := h.ask(t, h.officer, "POST", "/api/imports/"+im.ID+"/run", `{"version":1}`, &im); code != 200 {
		t.Fatal(code)
	}
	if _, err := run.RunDue(ctx); err != nil {
		t.Fatal(err)
	}
	sold, err := h.Map.Search(ctx, h.db, "明鑫 1-1-102", 5, place.Home, h.street.Path)
	if err != nil || len(sold) != 1 {
		t.Fatal(sold, err)
	}
	f, err := h.File(ctx, h.officer, sold[0].ID)
	if err != nil || len(f.Owners) != 1 || f.Owners[0].Name != "新乙" || f.Owners[0].From != day.MustParse("2026-04-10") || len(f.History) != 1 || f.History[0].To != day.MustParse("2026-04-09") {
		t.Fatalf("%+v %v", f, err)
	}
	if gone, _ := h.Map.Search(ctx, h.db, "明鑫 1-1-201", 5, place.Home, h.street.Path); len(gone) != 1 {
		t.Error("a home that the list no longer has was deleted")
	}
	// Undo the second; somebody touched 301 since.
	made, _ := h.Map.Search(ctx, h.db, "明鑫 1-1-301", 5, place.Home, h.street.Path)
	if _, err := h.MoveIn(ctx, h.officer, made[0].ID, Household{Relation: "tenant"}, &NewPerson{Name: "租客"}); err != nil {
		t.Fatal(err)
	}
	h.ask(t, h.officer, "GET", "/api/imports/"+im.ID, "", &im)
	var u UndoResult
	if code := h.ask(t, h.officer, "POST", "/api/imports/"+im.ID+"/undo", `{"version":`+version(im)+`,"reason":"传错文件"}`, &u); code != 200 {
		t.Fatal(code)
	}
	if u.Count != 1 || !strings.Contains(u.Kept[0].Words, "1-1-301") {
		t.Errorf("what was touched is named: %+v", u)
	}
	if f, err = h.File(ctx, h.officer, sold[0].ID); err != nil || len(f.Owners) != 1 || f.Owners[0].Name != "陈乙" || len(f.History) != 0 {
		t.Errorf("not as before the import: %+v %v", f, err)
	}
	// Undo the first: only what the tenant's home stands on stays.
	h.ask(t, h.officer, "GET", "/api/imports/"+first.ID, "", &first)
	if code := h.ask(t, h.officer, "POST", "/api/imports/"+first.ID+"/undo", `{"version":`+version(first)+`,"reason":"重来"}`, &u); code != 200 {
		t.Fatal(code)
	}
	if n := count1(t, h.db, `select count(*) from place_home`); n != homes+1 {
		t.Error("homes left:", n-homes)
	}
	for _, name := range []string{"林甲", "陈乙", "新乙"} {
		if got, _ := h.Search(ctx, h.officer, Find{Query: name}); len(got.Items) != 0 {
			t.Error("still on the register:", name)
		}
	}
	if code := h.ask(t, h.officer, "POST", "/api/imports/"+first.ID+"/undo", `{"version":`+version(first)+`,"reason":"x"}`, nil); code != 409 {
		t.Error("undone twice:", code)
	}
}

func version(im ImportRecord) string {
	b, _ := json.Marshal(im.Version)
	return string(b)
}

func TestReportAndExportNeedTheRight(t *testing.T) {
	h := build(t)
	out := filepath.Join(t.TempDir(), "report.xlsx")
	res, err := h.ImportFile(ctx, access.System, "ledger/testdata/fengze-small.xlsx", ImportOptions{Report: out})
	if err != nil || len(res.Summary.Rejected) != 6 {
		t.Fatal(res.Summary.Rejected, err)
	}
	b, err := sheet.Open(out, sheet.Limits{})
	if err != nil || len(b.Sheets) < 3 {
		t.Fatal(b.Name, err)
	}
	for path, want := range map[string]map[string]int{
		"/api/imports/" + res.ID + "/report.xlsx":                                                  {"stranger": 401, "wrong post": 403, "neighbour": 404, "officer": 200},
		"/api/export/roster.xlsx?under=" + string(h.compound.Path) + "&purpose=%E6%A0%B8%E5%AF%B9": {"stranger": 401, "wrong post": 403, "neighbour": 404, "officer": 200},
		"/api/export/roster.xlsx?under=" + string(h.compound.Path):                                 {"officer": 422},
	} {
		for name, code := range want {
			w := map[string]access.Who{"stranger": {}, "wrong post": who(access.GridWorker, h.street.Path), "neighbour": who(access.StreetOfficer, h.neighbour.Path), "officer": h.officer}[name]
			if got := h.ask(t, w, "GET", path, "", nil); got != code {
				t.Errorf("%s: %s answered %d, want %d", name, path, got, code)
			}
		}
	}
	if n := count1(t, h.db, `select count(*) from audit_entry where action = 'people.export' and why <> ''`); n != 1 {
		t.Error("exports in the trail:", n)
	}
	texts := dump(t, h.db, "people_import")
	for _, secret := range []string{"18900006287", "359999196212251343", "张俊景"} {
		if contains(texts, secret) {
			t.Error("the import's record holds personal data in the clear")
		}
	}
	if contains(dump(t, h.db, "people_import_file"), "PK\x03\x04") {
		t.Error("the workbook is kept in the clear")
	}
	h.clock.Advance(31 * 24 * 60 * 60 * 1_000_000_000)
	if err := h.ForgetWorkbooks(ctx); err != nil {
		t.Fatal(err)
	}
	if n := count1(t, h.db, `select count(*) from people_import_file`); n != 0 {
		t.Error("a workbook stays past its retention")
	}
}

// The mapping of a preview can be corrected; what was understood before does not stick.
func TestMappingIsCorrected(t *testing.T) {
	h := build(t)
	var im ImportRecord
	if code := h.upload(t, h.officer, nextMonth(t, same), &im); code != 200 {
		t.Fatal(code)
	}
	for i := range im.Mapping[0].Columns {
		if im.Mapping[0].Columns[i].Field == "owner_phone" {
			im.Mapping[0].Columns[i].Field = ""
		}
	}
	mapping, err := json.Marshal(im.Mapping)
	if err != nil {
		t.Fatal(err)
	}
	body := `{"version":1,"mapping":` + string(mapping) + `}`
	if code := h.ask(t, h.officer, "POST", "/api/imports/"+im.ID+"/mapping", body, &im); code != 200 || im.Version != 2 {
		t.Fatal(code, im.Version)
	}
	if code := h.ask(t, h.officer, "POST", "/api/imports/"+im.ID+"/mapping", body, nil); code != 409 {
		t.Error("two people correct one mapping:", code)
	}
	phones := count1(t, h.db, `select count(*) from people_phone`)
	if code := h.ask(t, h.officer, "POST", "/api/imports/"+im.ID+"/run", `{"version":2}`, &im); code != 200 || im.State != Done || im.Changes.Homes.New != 3 {
		t.Fatal(code, im.State, im.Problem)
	}
	if n := count1(t, h.db, `select count(*) from people_phone`); n != phones {
		t.Error("a column that was struck out was read:", n-phones)
	}
	var list struct{ Items []ImportRecord }
	if code := h.ask(t, h.officer, "GET", "/api/imports", "", &list); code != 200 || len(list.Items) != 1 || list.Items[0].State != Done {
		t.Error(code, list)
	}
	if code := h.ask(t, h.officer, "GET", "/api/import-fields?kind=homes", "", nil); code != 200 {
		t.Error(code)
	}
}

// A community's officer imports the community's compounds and no others.
func TestImportWithinOnesCommunity(t *testing.T) {
	h := build(t)
	mine := who(access.CommunityOfficer, h.community.Path)
	var im ImportRecord
	if code := h.upload(t, mine, nextMonth(t, same), &im); code != 200 || im.Changes.Homes.New != 3 {
		t.Fatal(code)
	}
	other := nextMonth(t, func(rows [][]any) [][]any {
		rows[2][0], rows[2][1] = "丰泽社区", "海关宿舍"
		return rows
	})
	if code := h.upload(t, mine, other, &im); code != 403 {
		t.Error("another community's compound in the same file:", code)
	}
	if code := h.upload(t, h.officer, other, &im); code != 200 {
		t.Error(code)
	}
}
