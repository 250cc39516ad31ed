package app

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cuobian/platform/access"
	"cuobian/rooms/people"

	"github.com/xuri/excelize/v2"
)

// A folder misspelled on the command line is refused, and is not made.
func TestCommandsOnNothing(t *testing.T) {
	ctx := context.Background()
	var out bytes.Buffer
	p := Program{Version: "test", Out: &out, Err: &out}
	nowhere := Place{Data: filepath.Join(t.TempDir(), "nowhere")}
	archive := filepath.Join(t.TempDir(), "a.tar.gz")
	for name, run := range map[string]func() error{
		"backup": func() error { return (&BackupCmd{Place: nowhere, File: archive}).Run(ctx, p) },
		"export": func() error {
			return (&ExportCmd{Place: nowhere, File: archive, At: "350503002", Purpose: "核对"}).Run(ctx, p)
		},
		"list":   func() error { return (&UserListCmd{Place: nowhere}).Run(ctx, p) },
		"keys":   func() error { return (&KeysCmd{Place: nowhere}).Run(ctx, p) },
		"doctor": func() error { return (&DoctorCmd{Config: Config{Place: nowhere}}).Run(ctx, p) },
	} {
		if err := run(); err == nil {
			t.Errorf("%s worked on a folder that is not there", name)
		}
		for _, made := range []string{nowhere.Data, archive} {
			if _, err := os.Stat(made); err == nil {
				t.Errorf("%s made %s", name, made)
			}
		}
	}
	if !strings.Contains(out.String(), "there are no records in") {
		t.Error("the doctor does not say that nothing is there:", out.String())
	}
}

// What came back from a backup is whole: persons are found by name, matters by their words, sealed numbers open.
func TestRestoredHouseFindsEverything(t *testing.T) {
	ctx := context.Background()
	var out bytes.Buffer
	p := Program{Version: "test", Out: &out, Err: &out}
	from, to := Place{Data: t.TempDir()}, Place{Data: filepath.Join(t.TempDir(), "to")}
	file := book(t, []any{"社区", "小区", "楼栋", "单元", "房号", "业主姓名", "联系电话", "建筑面积"}, []any{"源淮社区", "示例花园", "1幢", "1单元", "201", "林示例", "13800000021", "88.5"})
	records, keys := filepath.Join(t.TempDir(), "records.tar.gz"), filepath.Join(t.TempDir(), "keys.tar.gz")
	for _, step := range []interface {
		Run(context.Context, Program) error
	}{
		&ImportCmd{Place: from, File: file, Street: "丰泽街道"},
		&BackupCmd{Place: from, File: records}, &BackupCmd{Place: from, File: keys, KeysOnly: true},
		&RestoreCmd{Place: to, File: keys, KeysOnly: true}, &RestoreCmd{Place: to, File: records},
	} {
		if err := step.Run(ctx, p); err != nil {
			t.Fatalf("%T: %v %s", step, err, out.String())
		}
	}
	if err := to.there(ctx, func(h *House) error {
		for _, q := range []string{"林示例", "lsl", "0021"} {
			found, err := h.Register.Search(ctx, access.System, people.Find{Query: q})
			if err != nil || len(found.Items) != 1 {
				t.Errorf("%s finds %d persons: %v", q, len(found.Items), err)
				continue
			}
			if phones, err := h.Register.Phones(ctx, h.DB, found.Items[0].ID); err != nil || len(phones) != 1 || phones[0] != "13800000021" {
				t.Errorf("the number did not come back: %v", err)
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

func book(t *testing.T, rows ...[]any) string {
	t.Helper()
	f := excelize.NewFile()
	for i, r := range rows {
		cell, _ := excelize.CoordinatesToCellName(1, i+1)
		if err := f.SetSheetRow("Sheet1", cell, &r); err != nil {
			t.Fatal(err)
		}
	}
	name := filepath.Join(t.TempDir(), "book.xlsx")
	if err := f.SaveAs(name); err != nil {
		t.Fatal(err)
	}
	return name
}

// A workbook of which no sheet was understood is a failure that names the sheet; one refused row is not.
func TestImportSaysWhatItDidNotUnderstand(t *testing.T) {
	run := func(file string, asJSON bool) (string, error) {
		var out bytes.Buffer
		c := ImportCmd{Place: Place{Data: t.TempDir()}, File: file, Street: "丰泽街道", DryRun: true, JSON: asJSON}
		err := c.Run(context.Background(), Program{Out: &out, Err: &bytes.Buffer{}})
		return out.String(), err
	}
	strange := book(t, []any{"设备号", "品牌", "吨位"}, []any{"T1", "某牌", 1}, []any{"T2", "某牌", 2})
	for _, asJSON := range []bool{false, true} {
		if out, err := run(strange, asJSON); err == nil || !strings.Contains(out, "Sheet1") || !strings.Contains(out, "没有看懂") {
			t.Errorf("a strange workbook passed: %v %s", err, out)
		}
	}
	refused := book(t, []any{"小区", "楼栋", "单元", "房号", "业主姓名", "建筑面积"}, []any{"示例花园", "1幢", "1单元", "201", "甲一", "0"})
	if out, err := run(refused, false); err != nil || !strings.Contains(out, "[area]") {
		t.Errorf("a refused row is told, and no failure: %v %s", err, out)
	}
}
