package people

import (
	"path/filepath"
	"strings"
	"testing"

	"cuobian/platform/access"

	"github.com/xuri/excelize/v2"
)

// A street that nobody knows is made, but not unnoticed. Homes as a matrix, as forms and side by side go in, a second
// run changes nothing. All people and compounds are invented.
func TestStrangeLayoutsGoInOnce(t *testing.T) {
	sheets := map[string][][]any{
		"matrix": {{"示例明园2幢业主分布图"}, {"楼层", "01室", "02室"}, {"2层", "甲明月 88.5㎡ 13800000101", "乙清风 77㎡"}, {"1层", "丙海生 88.5㎡", "丁小满 77㎡ 未售"}},
		"forms": {{"小区名称", "示例明园", "楼栋", "3幢"}, {"房号", "101", "建筑面积", "66.6"}, {"业主姓名", "戊立春", "联系电话", "13800000105"}, nil,
			{"小区名称", "示例明园", "楼栋", "3幢"}, {"房号", "102", "建筑面积", "0"}, {"业主姓名", "庚白露", "联系电话", ""}},
		"beside": {{"示例明园"}, {"楼栋", "房号", "面积", "业主", nil, "楼栋", "房号", "面积", "业主"}, {"5幢", "101", 50.5, "辛处暑", nil, "6幢", "101", 60.5, "辛处暑"}, {"5幢", "102", 50.5, "壬寒露", nil, "6幢", "102", 60.5, nil}},
	}
	f := excelize.NewFile()
	defer f.Close()
	for _, name := range []string{"matrix", "forms", "beside"} {
		if _, err := f.NewSheet(name); err != nil {
			t.Fatal(err)
		}
		for r, row := range sheets[name] {
			for c, v := range row {
				cell, _ := excelize.CoordinatesToCellName(c+1, r+1)
				if v == nil {
					continue
				}
				if err := f.SetCellValue(name, cell, v); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	if err := f.DeleteSheet("Sheet1"); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "示例.xlsx")
	if err := f.SaveAs(file); err != nil {
		t.Fatal(err)
	}
	r := empty(t)
	first, err := r.ImportFile(ctx, access.System, file, ImportOptions{Street: "风泽街道"})
	if err != nil {
		t.Fatal(err)
	}
	c := first.Summary.Compounds
	if len(c) != 1 || c[0].Homes != 8 || c[0].Area != 8850*2+7700*2+6660+5050*2+6050 || c[0].DeveloperHomes != 1 || c[0].Heads != 7 {
		t.Errorf("%+v", c)
	}
	var refused []string
	for _, x := range first.Summary.Rejected {
		refused = append(refused, x.Sheet+" "+x.Reason)
		if x.Row == 0 || x.Col == 0 {
			t.Errorf("no place: %+v", x)
		}
	}
	if got := strings.Join(refused, ", "); got != "forms area, beside owner_missing" {
		t.Error(got)
	}
	if w := first.Summary.Warned; len(w) == 0 || w[0].Code != "street_new" || !strings.Contains(w[0].Zh, "丰泽街道") {
		t.Errorf("%+v", w)
	}
	again, err := r.ImportFile(ctx, access.System, file, ImportOptions{Street: "风泽街道"})
	if err != nil {
		t.Fatal(err)
	}
	if !again.Changes.Nothing() || again.Changes.Missing != 0 {
		t.Errorf("a second run changes something: %+v", again.Changes)
	}
	for _, w := range again.Summary.Warned {
		if w.Code == "street_new" {
			t.Error("a street that is on the register is not new")
		}
	}
	for _, known := range []string{"丰泽街道", "丰泽"} {
		res, err := r.ImportFile(ctx, access.System, file, ImportOptions{Street: known, DryRun: true})
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range res.Summary.Warned {
			if w.Code == "street_new" {
				t.Error(known, w.Zh)
			}
		}
	}
}

func TestCloseNames(t *testing.T) {
	for pair, want := range map[[2]string]bool{{"丰泽", "风泽"}: true, {"丰泽", "泽丰"}: true, {"东湖", "丰泽"}: false, {"北峰", "北峰街"}: true, {"清源", "清园"}: true, {"城东", "东海"}: false, {"丰泽", "丰泽区"}: true, {"甲", "乙"}: false} {
		if closeNames(pair[0], pair[1]) != want || closeNames(pair[1], pair[0]) != want {
			t.Error(pair)
		}
	}
}
