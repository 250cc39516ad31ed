package assembly

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"cuobian/basis/area"
	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/sheet"
	"cuobian/platform/store"
)

// ErrPurposeWhy is refused an export without a purpose.
var ErrPurposeWhy = fault.Bad("purpose", "assembly.export_purpose", "请写明导出用途", "please say what the export is for")

// Line is a sentence of a paper.
type Line struct {
	Zh string `json:"zh"`
	En string `json:"en"`
}

// Paper is what a print page needs of one of the meeting's papers, as it hangs on the board.
type Paper struct {
	Paper   string        `json:"paper" enum:"roll,notice,ballot,proxy,sign-in,preliminary,final"`
	TitleZh string        `json:"title_zh"`
	TitleEn string        `json:"title_en"`
	Meeting PublicMeeting `json:"meeting"`
	Where   string        `json:"where"`
	Printed day.Instant   `json:"printed"`
	Lines   []Line        `json:"lines" doc:"what the paper says, sentence by sentence"`
	Matters []Matter      `json:"matters"`
	Roll    *RollPage     `json:"roll,omitempty"`
	Right   *RollLine     `json:"right,omitempty" doc:"of a ballot form or a proxy letter"`
	Result  *ResultFile   `json:"result,omitempty"`
	Service *Service      `json:"service,omitempty"`
}

var paperTitles = map[string][2]string{
	"roll": {"业主表决权名册（公示）", "Roll of voting rights (posted)"}, "notice": {"业主大会会议通知", "Notice of the owners' meeting"}, "ballot": {"表决票", "Ballot"},
	"proxy": {"授权委托书", "Proxy letter"}, "sign-in": {"会议签到表", "Sign-in sheet"}, "preliminary": {"表决结果（初步，公示）", "Result (preliminary, posted)"}, "final": {"表决结果（正式）", "Result (final)"},
}

// wholeRoll is how many rights one paper carries.
const wholeRoll = 20000

// Paper makes a paper. Those that name a right are for its voters and the convener.
func (h *Hall) Paper(ctx context.Context, who access.Who, id, paper string, right int64) (p Paper, err error) {
	err = h.db.View(ctx, func(q store.Queryer) error {
		m, err := h.meeting(ctx, q, id)
		if err != nil {
			return err
		}
		if err := h.sees(ctx, q, who, m); err != nil {
			return err
		}
		t, ok := paperTitles[paper]
		if !ok {
			return ErrMissing
		}
		file, err := h.file(ctx, q, m)
		if err != nil {
			return err
		}
		p = Paper{Paper: paper, TitleZh: t[0], TitleEn: t[1], Meeting: m.public(), Where: file.Where, Printed: h.db.Now(), Matters: file.Matters, Lines: []Line{}}
		if m.RollVersion == 0 {
			return ErrNoRoll
		}
		params, _, err := h.rulesOf(ctx, q, m)
		if err != nil {
			return err
		}
		say := func(zh, en string) { p.Lines = append(p.Lines, Line{zh, en}) }
		last := (m.Closes - 1).Day(day.Shanghai)
		switch paper {
		case "roll":
			if p.Roll, err = h.wholeRoll(ctx, q, m); err != nil {
				return err
			}
			say(fmt.Sprintf("共 %d 个表决权（人数），计入面积 %s 平方米；第 %d 版，散列 %s。", p.Roll.Heads, area.Area(p.Roll.Area), p.Roll.Version, p.Roll.Hash),
				fmt.Sprintf("%d rights (heads), %s m² counted; version %d, hash %s.", p.Roll.Heads, area.Area(p.Roll.Area), p.Roll.Version, p.Roll.Hash))
			if err := h.raised(ctx, q, m, "roll", say); err != nil {
				return err
			}
			if p.Roll.Late {
				say("名册在开票后经裁定变更，计票时新旧名册的结果都公布。", "The roll was changed by decision after voting opened; the count prints both rolls.")
			}
			say(fmt.Sprintf("公示期至 %s，业主可提出异议，%s内书面答复（R74）。", m.RollUntil, params.Objection.Chinese()), fmt.Sprintf("Posted until %s; owners may object and are answered in writing within %s (R74).", m.RollUntil, params.Objection.English()))
		case "notice":
			if m.CommunityTold == 0 {
				return m.in(Noticed, Voting, Closed, Preliminary, Final)
			}
			s, err := h.service(ctx, q, m)
			if err != nil {
				return err
			}
			p.Service = &s
			say(fmt.Sprintf("定于 %s 0:00 至 %s 24:00 表决（R09）。", m.Opens.Day(day.Shanghai), last), fmt.Sprintf("Voting lasts from 0:00 of %s until 24:00 of %s (R09).", m.Opens.Day(day.Shanghai), last))
			var z, e []string
			for _, c := range m.Channels {
				z, e = append(z, channelWords[c][0]), append(e, channelWords[c][1])
			}
			say("投票方式："+strings.Join(z, "、")+"。", "Ways of voting: "+strings.Join(e, ", ")+".")
			say(map[string]string{"first": "同一表决权多次投票的，以第一次为准。", "last": "同一表决权多次投票的，以最后一次为准。"}[m.Counts], "Of several ballots of one right the "+m.Counts+" one counts.")
			if m.Secret {
				say("本次为无记名表决：选择不与房号对应公布。", "This vote is secret: no choice is published with its home.")
			} else {
				say("本次为记名表决：房号、选择和面积将公布。", "This vote is open: home, choice and area will be published.")
			}
			say("参与表决的业主须达到人数和面积的三分之二（R01）。", "Owners of two thirds of the heads and of the area must take part (R01).")
		case "ballot", "proxy":
			if right != 0 {
				if h.convenes(who, m) != nil {
					n, err := store.Count(ctx, q, `select count(*) from assembly_voter where meeting = $1 and right_no = $2 and person = $3 and ended = 0`, m.ID, right, who.Person)
					if err != nil {
						return err
					}
					if n == 0 || who.Person == "" {
						return ErrMissing
					}
				}
				page, err := h.rollPage(ctx, q, m, "", right-1, 1)
				if err != nil {
					return err
				}
				if len(page.Items) == 0 || page.Items[0].No != right {
					return ErrRight
				}
				p.Right = &page.Items[0]
				if p.Matters, err = h.votesOn(ctx, q, m, right); err != nil {
					return err
				}
			}
			if paper == "proxy" {
				say(fmt.Sprintf("一名受托人最多接受 %d 份委托（R27）。", params.Proxies), fmt.Sprintf("One holder takes %d mandates at most (R27).", params.Proxies))
				if !params.CompanyProxy {
					say("物业服务企业人员不得担任受托人（R27）。", "Staff of the property company cannot be holders (R27).")
				}
				break
			}
			say("每个议题在“同意”“不同意”“弃权”中选一项，涂改或多选的该项无效。", "Choose one of agree, against, abstain for each matter; a changed or double mark is invalid.")
			say(fmt.Sprintf("请于 %s 24:00 前交回；未交回的不计入参与（R26）。", last), fmt.Sprintf("Return it before 24:00 of %s; what is not returned does not take part (R26).", last))
		case "sign-in":
			if p.Roll, err = h.wholeRoll(ctx, q, m); err != nil {
				return err
			}
		case "preliminary", "final":
			f, err := h.resultFile(ctx, q, m, paper)
			if err != nil {
				return err
			}
			p.Result = &f
			say(fmt.Sprintf("%d/%d 个表决权已投票。", f.Ballots, f.Of), fmt.Sprintf("%d of %d rights voted.", f.Ballots, f.Of))
			if m.Extended > 0 {
				say(fmt.Sprintf("因参与未达三分之二，表决延长 %d 日。", m.Extended), fmt.Sprintf("Voting was extended by %d days because two thirds had not taken part.", m.Extended))
			}
			if slices.ContainsFunc(f.Items, func(o Outcome) bool { return o.Earlier != nil }) {
				say("开票后名册有变更：以现行名册为准，并列出开票时名册的结果。", "The roll changed after voting opened: the roll in force decides, the count on the roll of the opening stands beside it.")
			}
			if slices.ContainsFunc(f.Items, func(o Outcome) bool { return o.Figures != nil && o.Figures.Second != nil }) {
				say("“从多”数字依据已备案条款另列，仅供参考，不改变结果（R26）。", "The second figure follows the clause on file and is shown for reference; it changes no result (R26).")
			}
			if err := h.raised(ctx, q, m, "result", say); err != nil {
				return err
			}
			if paper == "preliminary" {
				say(fmt.Sprintf("公示期至 %s，业主可提出异议（R75）。", m.PrelimUntil), fmt.Sprintf("Posted until %s; owners may object (R75).", m.PrelimUntil))
			} else {
				say("业主认为决定侵害其权益的，可在知道或应当知道之日起一年内请求人民法院撤销（R08）。", "An owner whose rights it injures may ask a court to annul it within one year of knowing (R08).")
			}
			if m.State == Annulled {
				say("本决定已被街道撤销（R12）："+m.EndedWhy, "The street annulled this decision (R12): "+m.EndedWhy)
			}
		}
		return nil
	})
	return p, err
}

// raised says how many objections came in and what became of them, where there are any.
func (h *Hall) raised(ctx context.Context, q store.Queryer, m Meeting, about string, say func(zh, en string)) error {
	o, err := h.objected(ctx, q, m, about)
	if err != nil || o.N == 0 {
		return err
	}
	say(fmt.Sprintf("收到异议 %d 件，已答复 %d 件，其中成立 %d 件。", o.N, o.N-o.Open, o.Upheld), fmt.Sprintf("%d objections came in, %d are answered, %d of them upheld.", o.N, o.N-o.Open, o.Upheld))
	return nil
}

func (h *Hall) wholeRoll(ctx context.Context, q store.Queryer, m Meeting) (*RollPage, error) {
	p, err := h.rollPage(ctx, q, m, "", 0, 1000)
	for err == nil && p.More && len(p.Items) < wholeRoll {
		var next RollPage
		next, err = h.rollPage(ctx, q, m, "", p.Items[len(p.Items)-1].No, 1000)
		p.Items, p.More, p.Next = append(p.Items, next.Items...), next.More, next.Next
	}
	return &p, err
}

// ExportRoll writes the posted roll as a workbook, without names, with the purpose and a watermark line; the trail holds it.
func (h *Hall) ExportRoll(ctx context.Context, who access.Who, id, purpose string, w io.Writer) error {
	m, err := h.meeting(ctx, h.db, id)
	if err != nil {
		return err
	}
	if h.convenes(who, m) != nil {
		if err := who.May(Oversee, m.Path); err != nil {
			return err
		}
	}
	if purpose = strings.TrimSpace(purpose); purpose == "" {
		return ErrPurposeWhy
	}
	var p *RollPage
	if err := h.db.View(ctx, func(q store.Queryer) (err error) {
		p, err = h.wholeRoll(ctx, q, m)
		return err
	}); err != nil {
		return err
	}
	id = ""
	if err := h.db.Write(ctx, func(tx *store.Tx) error {
		id = tx.NewID()
		return audit.Write(ctx, tx, audit.Entry{By: who.By(Convene, m.Path), Action: "assembly.export", Path: m.Path, Ref: m.Ref(), Why: purpose, To: map[string]any{"roll": p.Version, "export": id}})
	}); err != nil {
		return err
	}
	list := sheet.List{Sheet: "名册", Title: fmt.Sprintf("业主表决权名册　%s　第 %d 版　%s", m.Title, p.Version, p.Hash), Purpose: purpose,
		Mark:    "导出人：" + who.Name + "（" + who.Account + "）　时间：" + h.db.Now().Time().In(day.Shanghai).Format("2006-01-02 15:04") + "　编号：" + id,
		Columns: []sheet.Column{{Title: "序号"}, {Title: "表决权", Width: 20}, {Title: "专有部分", Width: 50}, {Title: "计入面积（㎡）"}, {Title: "其中车位（㎡）"}, {Title: "面积来源", Width: 18}, {Title: "建设单位"}}}
	source := map[string]string{"registered": "登记", "surveyed": "实测", "contract": "合同", "": "不明"}
	list.Rows = func(yield func([]any) bool) {
		for _, r := range p.Items {
			var parts, from []string
			for _, x := range r.Parts {
				parts = append(parts, x.Label)
				if s := source[x.Source]; !slices.Contains(from, s) {
					from = append(from, s)
				}
			}
			developer := ""
			if r.Developer {
				developer = "是"
			}
			if !yield([]any{r.No, r.Label, strings.Join(parts, "、"), sheet.Number(area.Area(r.Area).String()), sheet.Number(area.Area(r.Parking).String()), strings.Join(from, "、"), developer}) {
				return
			}
		}
	}
	_, err = sheet.Write(w, list)
	return err
}
