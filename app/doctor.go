package app

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"cuobian/basis/day"
	"cuobian/basis/scope"
	"cuobian/platform/audit"
	"cuobian/platform/jobs"
	"cuobian/platform/seal"
	"cuobian/platform/store"
	"cuobian/web"
)

// DoctorCmd looks whether everything is in order.
type DoctorCmd struct {
	Config
}

// errDoctor says that something is not in order; what it is was printed.
type errDoctor int

func (e errDoctor) Error() string {
	return fmt.Sprintf("有 %d 项需要处理 %d things need attention", int(e), int(e))
}

// Run prints one line for each thing looked at.
func (c *DoctorCmd) Run(ctx context.Context, p Program) error {
	bad := 0
	line := func(err error, zh, en, fact string) {
		mark := "好 ok  "
		if err != nil {
			bad++
			mark, fact = "坏 BAD ", err.Error()
		}
		fmt.Fprintf(p.Out, "%s%s %s: %s\n", mark, zh, en, fact)
	}
	var h *House
	err := c.held()
	if err == nil {
		h, err = Open(ctx, c.Config, nil, nil)
	}
	if err != nil {
		line(err, "记录", "records", "")
		return errDoctor(bad)
	}
	defer h.DB.Close()
	line(nil, "数据库", "database", string(h.DB.Engine))
	line(h.durable(ctx), "写入即落盘", "writes are synced", "on")
	line(h.whole(ctx), "数据库自检", "integrity", "whole")
	line(nil, "密钥", "keys", fmt.Sprintf("%v in %s", h.Ring.Keys(), c.KeyDir()))
	line(keysApart(c.Place), "密钥权限", "keys are private", "0600")
	stale, err := h.Ring.Stale(ctx, h.DB, Sealed())
	line(err, "待更换密钥的字段", "fields sealed with an older key", fmt.Sprint(stale))
	counts, err := jobs.Counts(ctx, h.DB)
	if err == nil && counts["dead"] > 0 {
		err = fmt.Errorf("%d jobs were given up; see them in the console", counts["dead"])
	}
	line(err, "后台任务", "jobs", fmt.Sprintf("waiting %d, running %d, given up %d", counts["waiting"], counts["running"], counts["dead"]))
	for _, log := range h.Logs.Both() {
		n, err := log.Whole(ctx)
		text := fmt.Sprint(n)
		if err == nil {
			var w audit.Waiting
			if w, err = log.Waiting(ctx, h.DB, 0); w.Late {
				// What was written while the house was closed, or came back with a backup, is placed when it serves: no damage.
				text += "; 留意 note: an entry of " + w.Oldest.Time().In(day.Shanghai).Format("2006-01-02 15:04:05") + " waits for its place; it gets it while the house is served"
			}
		}
		line(err, map[string]string{audit.Public: "公开日志与记录一致", audit.Private: "留痕日志与记录一致"}[log.Name], "the "+log.Name+" log follows from its records", text)
	}
	pens, err := h.pens(ctx)
	line(err, "签名密钥", "signing keys", pens)
	proved, wrong, err := h.Desk.ProveAll(ctx)
	if err == nil && len(wrong) > 0 {
		err = fmt.Errorf("%d matters are not what their events say, such as %s", len(wrong), wrong[0])
	}
	line(err, "事项与经过一致", "matters follow from their events", fmt.Sprint(proved))
	cal, err := h.Rules.Calendar(ctx, h.DB, scope.Everywhere)
	known := "known two months ahead"
	if err == nil {
		if ahead := h.today().AddMonths(2); !cal.Known(ahead) {
			// The notice for a year comes out in the autumn before it: something to do, nothing out of order.
			known = fmt.Sprintf("留意 note: the holidays of %d are not entered yet; deadlines that cross into it are provisional", ahead.Year())
		}
	}
	line(err, "节假日安排", "holidays", known)
	pages := fmt.Errorf("the browser side is not built in: run make build")
	if web.Built() {
		pages = nil
	}
	line(pages, "网页", "browser side", "built in")
	outside := "none"
	if all := h.Outside(); len(all) > 0 {
		outside = strings.Join(all, ", ")
	}
	line(nil, "可访问的外部地址", "addresses that it may call", outside)
	if bad > 0 {
		return errDoctor(bad)
	}
	return nil
}

// durable asserts the settings without which an acknowledged write could be lost.
func (h *House) durable(ctx context.Context) error {
	return h.DB.Write(ctx, func(tx *store.Tx) error {
		var got string
		if h.DB.Engine == store.Postgres {
			if err := tx.QueryRow(ctx, `show synchronous_commit`).Scan(&got); err != nil || got == "on" || got == "remote_apply" {
				return err
			}
			return fmt.Errorf("synchronous_commit is %s; it must be on", got)
		}
		if err := tx.QueryRow(ctx, `pragma synchronous`).Scan(&got); err != nil || got == "2" {
			return err
		}
		return fmt.Errorf("synchronous is %s; it must be FULL", got)
	})
}

func (h *House) whole(ctx context.Context) error {
	if h.DB.Engine == store.Postgres {
		return nil
	}
	var got string
	if err := h.DB.QueryRow(ctx, `pragma quick_check`).Scan(&got); err != nil || got == "ok" {
		return err
	}
	return fmt.Errorf("%s; restore the last backup", got)
}

func keysApart(p Place) error {
	return filepath.WalkDir(p.KeyDir(), func(name string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		i, err := d.Info()
		if err == nil && i.Mode().Perm()&0o077 != 0 {
			err = fmt.Errorf("%s can be read by others (%v)", name, i.Mode().Perm())
		}
		return err
	})
}

// pens names the signing keys that are here; a kind that has signed nothing yet has none.
func (h *House) pens(ctx context.Context) (string, error) {
	var names []string
	for _, kind := range []string{seal.Ed25519, seal.SM2} {
		known, err := h.Pens.Known(ctx, h.DB, kind)
		if err != nil || len(known) == 0 {
			return "none yet", err
		}
		all, err := h.Pens.Signers(ctx, kind)
		if err != nil {
			return "", err
		}
		for _, s := range all {
			names = append(names, s.Name())
		}
	}
	return strings.Join(names, ", "), nil
}
