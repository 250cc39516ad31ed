package cases

import (
	"context"
	"io"
	"slices"
	"strings"
	"time"

	"cuobian/basis/day"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/sheet"
	"cuobian/platform/store"
	"cuobian/rooms/cases/words"
)

// mostExported is how many matters one workbook takes.
const mostExported = 50000

// ExportCases writes what a filter finds as a workbook, within the places where who may export: masked texts, no names
// of reporters, with the purpose and a watermark line. The trail holds who took what along and why.
func (d *Desk) ExportCases(ctx context.Context, who access.Who, f Find, purpose string, w io.Writer) error {
	who = d.live(who)
	if err := who.MaySomewhere(Export); err != nil {
		return err
	}
	if purpose = strings.TrimSpace(purpose); purpose == "" {
		return ErrPurpose
	}
	if !who.System {
		who.Grants = slices.DeleteFunc(slices.Clone(who.Grants), func(g access.Grant) bool { return !slices.Contains(Export.Posts, g.Post) })
	}
	if _, err := d.branches(who, f); err != nil {
		return err
	}
	id := ""
	err := d.db.Write(ctx, func(tx *store.Tx) error {
		id = tx.NewID()
		return audit.Write(ctx, tx, audit.Entry{By: who.By(Export, f.Under), Action: Export.Name, Path: f.Under, Ref: "export/" + id, Why: purpose,
			To: map[string]any{"states": f.States, "category": f.Category, "channel": f.Channel, "from": f.From, "to": f.To, "overdue": f.Overdue, "mine": f.Mine}})
	})
	if err != nil {
		return err
	}
	list := sheet.List{Sheet: "事项", Title: "投诉、报修、整改事项", Purpose: purpose,
		Mark: "导出人：" + who.Name + "（" + who.Account + "）　时间：" + d.db.Now().Time().In(day.Shanghai).Format("2006-01-02 15:04") + "　编号：" + id}
	list.Columns = []sheet.Column{{Title: "编号"}, {Title: "登记时间", Width: 17}, {Title: "小区", Width: 18}, {Title: "位置", Width: 18}, {Title: "类别"}, {Title: "性质"}, {Title: "紧急程度"},
		{Title: "状态", Width: 18}, {Title: "内容（已打码）", Width: 60}, {Title: "来源"}, {Title: "承办单位", Width: 20}, {Title: "承办岗位"}, {Title: "应办结", Width: 17}, {Title: "响应", Width: 17},
		{Title: "办理", Width: 17}, {Title: "核实", Width: 17}, {Title: "按期"}, {Title: "确认"}, {Title: "回访"}, {Title: "办结", Width: 17}, {Title: "退单"}, {Title: "重办"}, {Title: "催单"}}
	var failed error
	orgs := map[string]string{}
	list.Rows = func(yield func([]any) bool) {
		f.Limit, f.NoCount, f.After = 200, true, ""
		for n := 0; n < mostExported; {
			p, err := d.List(ctx, who, f)
			if err != nil {
				failed = err
				return
			}
			for _, c := range p.Items {
				if c.Holder.Org != "" && orgs[c.Holder.Org] == "" && d.OrgOf != nil {
					o, err := d.OrgOf(ctx, d.db, c.Holder.Org)
					if err != nil {
						failed = err
						return
					}
					orgs[c.Holder.Org] = o.Name
				}
				if !yield(exportRow(c, orgs[c.Holder.Org])) {
					return
				}
				n++
			}
			if p.Next == "" {
				return
			}
			f.After = p.Next
		}
	}
	if _, err := sheet.Write(w, list); err != nil {
		return err
	}
	return failed
}

func exportRow(c Case, org string) []any {
	at := func(i day.Instant) string {
		if i == 0 {
			return ""
		}
		return i.Time().In(day.Shanghai).Truncate(time.Minute).Format("2006-01-02 15:04")
	}
	state, _ := stateWords(c.State)
	onTime := ""
	if c.OnTime != nil {
		onTime = map[bool]string{true: "是", false: "否"}[*c.OnTime]
	}
	word := func(code string) string {
		switch w := resultWords[code]; {
		case code == "unconfirmed":
			return "未确认"
		default:
			return w[0]
		}
	}
	return []any{c.Number, at(c.CreatedAt), c.CompoundName, c.PlaceText, c.CategoryZh, words.Kind(c.Kind).Chinese(), urgencyWords[c.Urgency][0], state, c.Text, channelZh[c.Channel], org, c.Holder.PostZh,
		at(c.ResolveDue), at(c.RespondedAt), at(c.HandledAt), at(c.VerifiedAt), onTime, word(c.Confirmation), word(c.Callback), at(c.ClosedAt), c.Returned, c.Reopened, c.Urged}
}

var channelZh = map[string]string{"phone": "手机", "qr": "扫码", "public": "免登录", "hotline": "专线", "grid": "网格员", "supervisor": "监督员", "walk_in": "来访", "12345": "12345", "open311": "接口", "machine": "设备"}
