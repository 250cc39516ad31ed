package standing

import (
	"context"
	"io"
	"slices"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/sheet"
	"cuobian/platform/store"
)

// ErrPurpose asks for the purpose of an export.
var ErrPurpose = fault.Bad("purpose", "standing.purpose", "请写明导出用途", "please say what the export is for")

// Report writes the monthly report to the district: a sheet of figures with their proof, and a sheet of every
// compound's figures. It is an export: the purpose stands on it and in the trail.
func (b *Board) Report(ctx context.Context, who access.Who, at scope.Path, month day.Day, purpose string, w io.Writer) error {
	if err := who.May(See, at); err != nil {
		return err
	}
	a := b.fill(Ask{Under: at, AsOf: monthEnd(month)})
	figures, err := b.Figures(ctx, a)
	if err != nil {
		return err
	}
	var mark string
	if err := b.db.Write(ctx, func(tx *store.Tx) error {
		id := tx.NewID()
		mark = "导出人 " + who.Name + "；时间 " + tx.Now.Time().In(day.Shanghai).Format("2006-01-02 15:04") + "；编号 " + id
		return audit.Write(ctx, tx, audit.Entry{By: who.By(See, at), Action: "standing.report", Path: at, Ref: "export/" + id, Why: purpose, To: map[string]string{"month": month.Month()}})
	}); err != nil {
		return err
	}
	period := func(f Figure) string {
		if f.Period == "month" || f.Shape == "change" {
			return f.From.String() + " – " + f.To.String()
		}
		return f.AsOf.String()
	}
	value := func(f Figure) any {
		switch {
		case f.Shape == "missing":
			return f.MissingZh
		case !f.Records:
			return "暂无记录"
		case f.Shape == "ratio" || f.Shape == "change" && f.Text != "":
			return f.Text + "%"
		case f.Shape == "count":
			return sheet.Number(f.Text)
		}
		return f.Fraction
	}
	rows := func(yield func([]any) bool) {
		for _, f := range figures {
			base := ""
			if !f.BaseFrom.IsZero() {
				base = f.BaseFrom.Month()
			}
			over := f.OverZh
			if f.Param == "interim" {
				over += map[bool]string{true: "；临管会计入", false: "；临管会不计入"}[f.Interim]
			}
			if !yield([]any{f.Zh, value(f), f.Fraction, f.CountedZh, over, period(f), base, f.ID, int64(f.Version)}) {
				return
			}
		}
	}
	lists := []sheet.List{{Sheet: "指标", Title: "物业管理“四升一降”月报 " + month.Month(), Purpose: purpose, Mark: mark,
		Columns: []sheet.Column{{Title: "指标", Width: 28}, {Title: "数值", Width: 14}, {Title: "分子/分母", Width: 16}, {Title: "分子口径", Width: 36}, {Title: "分母口径", Width: 36}, {Title: "时期", Width: 26}, {Title: "基期", Width: 12}, {Title: "编号", Width: 18}, {Title: "版本", Width: 8}}, Rows: rows}}
	for _, id := range []string{"party_cover", "oc_rate", "complaints_month", "on_time", "satisfaction"} {
		parts, err := b.Parts(ctx, id, "compound", a)
		if err != nil {
			return err
		}
		x, _ := ByID(id)
		lists = append(lists, sheet.List{Sheet: x.Zh, Title: x.Zh + "，按小区", Purpose: purpose, Mark: mark,
			Columns: []sheet.Column{{Title: "小区", Width: 28}, {Title: "数值", Width: 14}, {Title: "分子/分母", Width: 16}},
			Rows: func(yield func([]any) bool) {
				for _, p := range slices.Clone(parts) {
					if !yield([]any{p.Name, value(p.Figure), p.Fraction}) {
						return
					}
				}
			}})
	}
	_, err = sheet.Write(w, lists...)
	return err
}
