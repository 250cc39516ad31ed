package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"

	"cuobian/platform/access"
	"cuobian/platform/blob"
	"cuobian/platform/store"
	"cuobian/rooms/people"
	"cuobian/rooms/people/ledger"
)

// ImportCmd takes in a workbook.
type ImportCmd struct {
	Place
	File     string `arg:"" help:"Workbook (.xlsx)." type:"existingfile"`
	Street   string `help:"Street, when the workbook does not name it." placeholder:"NAME"`
	Compound string `help:"Compound, for sheets that name none." placeholder:"NAME"`
	DryRun   bool   `help:"Read and compare only; keep nothing."`
	JSON     bool   `help:"Print what was understood as JSON."`
	Report   string `help:"Write the same workbook with the refused rows marked." placeholder:"OUT.xlsx" type:"path"`
}

// importMemory is what an import's memory is held to, so that it does not take the machine from those who work on it.
const importMemory = 384 << 20

// Run takes it in and says what became of every row.
func (c *ImportCmd) Run(ctx context.Context, p Program) error {
	debug.SetMemoryLimit(importMemory)
	return c.with(ctx, func(h *House) error {
		o := people.ImportOptions{Street: c.Street, Compound: c.Compound, DryRun: c.DryRun, Report: c.Report}
		if !c.JSON {
			o.Progress = func(done, total int) { fmt.Fprintf(p.Err, "\r%d / %d", done, total) }
		}
		res, err := h.Register.ImportFile(ctx, access.System, c.File, o)
		if err != nil {
			return err
		}
		// A sheet that was not understood is said, and a workbook of which nothing was is a failure.
		understood := false
		for _, l := range res.Mapping {
			understood = understood || l.Problem == nil && l.Kind != ledger.KindUnknown && l.Kind != ledger.KindEmpty
		}
		if c.JSON {
			enc := json.NewEncoder(p.Out)
			enc.SetEscapeHTML(false)
			enc.SetIndent("", " ")
			if err := enc.Encode(res); err != nil || understood {
				return err
			}
			return errNothingRead
		}
		t := res.Summary.Totals
		fmt.Fprintf(p.Err, "\r")
		fmt.Fprintf(p.Out, "小区 compounds %d，房屋 homes %d，车位 parking %d，退回 refused %d，提醒 warnings %d\n", t.Compounds, t.Homes, t.Parking, t.Rejected, len(res.Warnings))
		for i, r := range res.Summary.Rejected {
			if i == 50 {
				fmt.Fprintf(p.Out, "  … 其余见 --report 或 --json, the rest with --report or --json\n")
				break
			}
			fmt.Fprintf(p.Out, "  %s 第 %d 行 row %d [%s] %s\n", r.Sheet, r.Row, r.Row, r.Reason, r.Zh)
		}
		for i, w := range res.Warnings {
			if i == 20 {
				fmt.Fprintf(p.Out, "  … 其余提醒见 --json, further warnings with --json\n")
				break
			}
			where := w.Sheet
			if w.Row > 0 {
				where += fmt.Sprintf(" 第 %d 行 row %d", w.Row, w.Row)
			}
			fmt.Fprintf(p.Out, "  提醒 %s [%s] %s\n", where, w.Code, w.Zh)
		}
		for _, l := range res.Mapping {
			if l.Problem != nil {
				fmt.Fprintf(p.Out, "  %s\n  %s\n", l.Problem.Zh, l.Problem.En)
			}
		}
		if !understood {
			return errNothingRead
		}
		if c.DryRun {
			fmt.Fprintln(p.Out, "试运行，未保存 dry run, nothing was kept")
		}
		return nil
	})
}

var errNothingRead = errors.New("没有看懂任何工作表 no sheet of this workbook was understood")

// ExportCmd writes the roster.
type ExportCmd struct {
	Place
	File    string `arg:"" help:"Workbook to write (.xlsx)." type:"path"`
	At      string `help:"Street (name or code), community or compound (path or id)." required:"" placeholder:"PLACE"`
	Purpose string `help:"What it is for; stands in the workbook and in the trail." required:"" placeholder:"WORDS"`
}

// Run writes it.
func (c *ExportCmd) Run(ctx context.Context, p Program) error {
	return c.there(ctx, func(h *House) error {
		at, err := h.where(ctx, c.At)
		if err != nil {
			return err
		}
		return writeNew(c.File, func(w io.Writer) error { return h.Register.ExportRoster(ctx, access.System, at, c.Purpose, w) })
	})
}

// writeNew writes a file that must not exist yet, readable by its owner alone, and leaves none behind on failure.
func writeNew(name string, write func(io.Writer) error) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	err = write(f)
	if err == nil {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close())
	if err != nil {
		os.Remove(name)
	}
	return err
}

// BackupCmd writes everything to one archive.
type BackupCmd struct {
	Place
	File     string `arg:"" help:"Archive to write (.tar.gz); it must not exist yet." type:"path"`
	KeysOnly bool   `help:"Write the encryption keys instead, to be kept elsewhere than the records."`
}

// Run writes it, also while the house serves.
func (c *BackupCmd) Run(ctx context.Context, p Program) error {
	if c.KeysOnly {
		return writeNew(c.File, func(w io.Writer) error {
			n, err := store.BackupKeys(w, c.KeyDir())
			if err == nil {
				fmt.Fprintf(p.Out, "密钥 keys: %d\n", n)
			}
			return err
		})
	}
	if err := c.held(); err != nil {
		return err
	}
	db, err := store.Open(ctx, store.Options{Dir: c.Data, URL: c.Database})
	if err != nil {
		return err
	}
	defer db.Close()
	return writeNew(c.File, func(w io.Writer) error {
		list, err := db.Backup(ctx, w, c.keep(p.Version))
		if err != nil {
			return err
		}
		if len(list.Tables) == 0 {
			return errors.New("the database holds no records of a house yet; nothing was backed up")
		}
		var rows int64
		for _, t := range list.Tables {
			rows += t.Rows
		}
		fmt.Fprintf(p.Out, "已备份 backed up: %d tables, %d rows, %d entries\n密钥另行备份 the keys are not in it: cuobian backup --keys-only\n", len(list.Tables), rows, len(list.Entries))
		return nil
	})
}

func (p Place) keep(version string) store.Keep {
	return store.Keep{Schemas: Schemas(), Files: filepath.Join(p.Data, blob.FilesDir), Program: version}
}

// RestoreCmd brings an archive back.
type RestoreCmd struct {
	Place
	File     string `arg:"" help:"Archive that backup wrote." type:"existingfile"`
	KeysOnly bool   `help:"Bring back the keys from an archive of keys."`
	Check    bool   `help:"Only check every hash in the archive."`
}

// Run brings it back into an empty folder or database.
func (c *RestoreCmd) Run(ctx context.Context, p Program) error {
	f, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer f.Close()
	if c.KeysOnly {
		n, err := store.RestoreKeys(ctx, f, c.KeyDir())
		if err == nil {
			fmt.Fprintf(p.Out, "密钥 keys: %d\n", n)
		}
		return err
	}
	if c.Check {
		list, err := store.Check(ctx, f)
		if err == nil {
			fmt.Fprintf(p.Out, "完好 whole: %d entries, %s\n", len(list.Entries), list.At)
		}
		return err
	}
	db, err := store.Open(ctx, store.Options{Dir: c.Data, URL: c.Database})
	if err != nil {
		return err
	}
	list, err := db.Restore(ctx, f, c.keep(p.Version))
	if err = errors.Join(err, db.Close()); err != nil {
		return err
	}
	fmt.Fprintf(p.Out, "已恢复 restored: %d tables, as of %s\n", len(list.Tables), list.At)
	// The rooms make again what is kept for one engine alone (full text), which also shows that the keys are the right ones.
	return c.with(ctx, func(h *House) error {
		_, err := h.Desk.Again(ctx)
		return err
	})
}
