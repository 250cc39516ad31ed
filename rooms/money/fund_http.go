package money

import (
	"context"
	"net/http"
	"net/url"

	"cuobian/basis/day"
	"cuobian/basis/paged"
	"cuobian/basis/scope"
	"cuobian/basis/yuan"
	"cuobian/platform/access"
	"cuobian/platform/serve"
	"cuobian/rooms/money/share"
)

// ByUse names a use of a compound's fund in the path.
type ByUse struct {
	Compound string `path:"compound" maxLength:"40"`
	ID       string `path:"id" maxLength:"40"`
}

// workbook sends a workbook that was made in memory.
func workbook(w http.ResponseWriter, name string, body []byte) error {
	w.Header().Set("Content-Type", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
	w.Header().Set("Content-Disposition", "attachment; filename=\"fund.xlsx\"; filename*=UTF-8''"+url.PathEscape(name))
	w.Header().Set("Cache-Control", "no-store")
	_, err := w.Write(body)
	return err
}

func fundRoutes(d *serve.Door, t *Till) {
	type accountsIn struct {
		ByCompound
		Renewal bool       `query:"renewal" doc:"only what must be topped up (R41)"`
		Under   scope.Path `query:"under" maxLength:"200"`
		After   string     `query:"after" maxLength:"200"`
		Limit   int        `query:"limit" minimum:"0" maximum:"1000"`
	}
	serve.One(d, serve.Spec{Method: "GET", Path: "/api/money/{compound}/fund/accounts", Room: "money", Zh: "维修资金分户账（镜像）", En: "Sub-accounts of the maintenance fund, as a mirror"},
		func(ctx context.Context, who access.Who, in *accountsIn) (FundFile, error) {
			return t.FundAccounts(ctx, who, in.Compound, FundAsk{Renewal: in.Renewal, Under: in.Under, After: in.After, Limit: in.Limit})
		})
	serve.One(d, serve.Spec{Method: "GET", Path: "/api/money/{compound}/fund/renewals", Room: "money", Zh: "余额不足首期三成、须续交的房屋（R41）", En: "Homes whose balance is below 30% of the first deposit (R41)"},
		func(ctx context.Context, who access.Who, in *accountsIn) (FundFile, error) {
			return t.FundAccounts(ctx, who, in.Compound, FundAsk{Renewal: true, Under: in.Under, After: in.After, Limit: in.Limit})
		})
	type mirrorIn struct {
		ByCompound
		Body NewMirror
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/money/{compound}/fund/accounts", Room: "money", Limit: 8 << 20, Zh: "导入分户账，与核对总额一致才保存；可先试读", En: "Import the sub-accounts against a stated sum; may be tried first"},
		func(ctx context.Context, who access.Who, in *mirrorIn) (MirrorLook, error) {
			return t.ImportMirror(ctx, who, in.Compound, in.Body)
		})
	type groundsIn struct {
		ByCompound
		Item int `query:"item" minimum:"0" maximum:"9" doc:"of Civil Code 278: only such resolutions"`
	}
	serve.List(d, serve.Spec{Method: "GET", Path: "/api/money/{compound}/grounds", Room: "money", Zh: "支付、使用维修资金和工程可以依据的业主大会决定、业委会决定", En: "Resolutions and committee decisions that payments, uses of the fund and works may stand on"},
		func(ctx context.Context, who access.Who, in *groundsIn) ([]Ground, error) {
			return t.Grounds(ctx, who, in.Compound, in.Item)
		})
	d.Raw("GET /api/money/{compound}/fund/accounts.xlsx", func(w http.ResponseWriter, r *http.Request, who access.Who) error {
		if who.Account == "" {
			return access.ErrSignIn
		}
		b, err := t.MirrorBook(r.Context(), who, r.PathValue("compound"))
		if err != nil {
			return err
		}
		return workbook(w, "维修资金分户账.xlsx", b)
	})
	d.Raw("GET /api/money/{compound}/fund/sample.xlsx", func(w http.ResponseWriter, r *http.Request, who access.Who) error {
		if who.Account == "" {
			return access.ErrSignIn
		}
		b, err := t.MirrorSample(r.Context(), who, r.PathValue("compound"))
		if err != nil {
			return err
		}
		return workbook(w, "维修资金分户账样表.xlsx", b)
	})
	type kindsOut struct {
		Body struct {
			Source     string      `json:"source"`
			Papers     []PaperKind `json:"papers"`
			Categories []Category  `json:"categories"`
		}
	}
	serve.Op(d, serve.Spec{Method: "GET", Path: "/api/money/{compound}/fund/emergencies", Room: "money", Zh: "紧急情形及所需材料（R42、R43）", En: "Kinds of emergencies and their papers (R42, R43)"},
		func(ctx context.Context, who access.Who, in *ByCompound) (*kindsOut, error) {
			if err := who.MaySomewhere(Look); err != nil {
				return nil, err
			}
			out := &kindsOut{}
			out.Body.Source, out.Body.Papers, out.Body.Categories = Emergencies.Source, Emergencies.Papers, Emergencies.Categories
			return out, nil
		})
	type usesIn struct {
		ByCompound
		State string `query:"state" maxLength:"20"`
		After string `query:"after" maxLength:"40"`
	}
	serve.One(d, serve.Spec{Method: "GET", Path: "/api/money/{compound}/fund/uses", Room: "money", Zh: "维修资金使用", En: "Uses of the maintenance fund"},
		func(ctx context.Context, who access.Who, in *usesIn) (paged.List[Use], error) {
			list, next, err := t.Uses(ctx, who, in.Compound, in.State, in.After)
			return paged.List[Use]{Items: list, Next: next, Count: int64(len(list)), More: next != ""}, err
		})
	type applyIn struct {
		ByCompound
		Body NewUse
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/money/{compound}/fund/uses", Room: "money", Status: 201, Zh: "申请使用维修资金：依业主表决或者应急", En: "Apply for a use of the fund: by vote, or in an emergency"},
		func(ctx context.Context, who access.Who, in *applyIn) (Use, error) {
			return t.ApplyUse(ctx, who, in.Compound, in.Body)
		})
	serve.One(d, serve.Spec{Method: "GET", Path: "/api/money/{compound}/fund/uses/{id}", Room: "money", Zh: "一笔维修资金使用及各户分摊", En: "A use of the fund with each share"},
		func(ctx context.Context, who access.Who, in *ByUse) (UseFile, error) {
			f, err := t.UseOf(ctx, who, in.ID)
			if err == nil && f.Compound != in.Compound {
				err = ErrMissing
			}
			return f, err
		})
	step := func(name, zh, en string) serve.Spec {
		return serve.Spec{Method: "POST", Path: "/api/money/{compound}/fund/uses/{id}/" + name, Room: "money", Zh: zh, En: en}
	}
	type reviewIn struct {
		ByUse
		Body struct {
			OK      bool   `json:"ok"`
			Reason  string `json:"reason,omitempty" maxLength:"1000"`
			Version int64  `json:"version,omitempty"`
		}
	}
	serve.One(d, step("review", "审核应急使用：业委会、社区或者街道", "Review an emergency: committee, community or street"),
		func(ctx context.Context, who access.Who, in *reviewIn) (Use, error) {
			return t.ReviewUse(ctx, who, in.ID, in.Body.Version, in.Body.OK, in.Body.Reason)
		})
	type startIn struct {
		ByUse
		Body struct {
			On      day.Day    `json:"on,omitempty"`
			Papers  []Evidence `json:"papers,omitempty" maxItems:"20"`
			Version int64      `json:"version,omitempty"`
		}
	}
	serve.One(d, step("start", "登记开工", "Write down that works began"),
		func(ctx context.Context, who access.Who, in *startIn) (Use, error) {
			return t.StartUse(ctx, who, in.ID, in.Body.Version, in.Body.On, in.Body.Papers)
		})
	type finishIn struct {
		ByUse
		Body struct {
			On      day.Day     `json:"on,omitempty"`
			Final   yuan.Amount `json:"final"`
			Papers  []Evidence  `json:"papers,omitempty" maxItems:"20"`
			Version int64       `json:"version,omitempty"`
		}
	}
	serve.One(d, step("finish", "报告完工和实际费用", "Report the works done and their cost"),
		func(ctx context.Context, who access.Who, in *finishIn) (Use, error) {
			return t.FinishUse(ctx, who, in.ID, in.Body.Version, in.Body.On, in.Body.Final, in.Body.Papers)
		})
	type revoteIn struct {
		ByUse
		Body struct {
			Meeting string `json:"meeting" maxLength:"40"`
			Matter  int64  `json:"matter"`
			Version int64  `json:"version,omitempty"`
		}
	}
	serve.One(d, step("revote", "超支重新表决的决定（R44）", "The new vote on an overrun (R44)"),
		func(ctx context.Context, who access.Who, in *revoteIn) (Use, error) {
			return t.RevoteUse(ctx, who, in.ID, in.Body.Version, in.Body.Meeting, in.Body.Matter)
		})
	type settleIn struct {
		ByUse
		Body struct {
			Payee   Payee `json:"payee"`
			Version int64 `json:"version,omitempty"`
		}
	}
	serve.One(d, step("settle", "验收结算：各户分摊、不足部分出账、申请支付", "Accept and settle: shares, shortfall bills, payment"),
		func(ctx context.Context, who access.Who, in *settleIn) (Use, error) {
			return t.SettleUse(ctx, who, in.ID, in.Body.Version, in.Body.Payee)
		})
	serve.One(d, step("pay", "就后来缴入的部分再申请支付", "Apply for a payment of what came in since"),
		func(ctx context.Context, who access.Who, in *settleIn) (Use, error) {
			return t.PayUse(ctx, who, in.ID, in.Body.Version, in.Body.Payee)
		})
	type versionIn struct {
		ByUse
		Body struct {
			Version int64 `json:"version,omitempty"`
		}
	}
	type whyIn struct {
		ByUse
		Body struct {
			Reason  string `json:"reason" maxLength:"1000"`
			Version int64  `json:"version,omitempty"`
		}
	}
	serve.One(d, step("limit", "超支部分不由维修资金承担，按批准的金额结算（R44）", "The fund bears what was approved and no more (R44)"),
		func(ctx context.Context, who access.Who, in *whyIn) (Use, error) {
			return t.LimitUse(ctx, who, in.ID, in.Body.Version, in.Body.Reason)
		})
	serve.One(d, step("drop", "开工前放弃使用，须写明原因", "Give a use up before its works begin, with the reason"),
		func(ctx context.Context, who access.Who, in *whyIn) (Use, error) {
			return t.DropUse(ctx, who, in.ID, in.Body.Version, in.Body.Reason)
		})
	serve.One(d, step("publish", "公布总额和各户分摊", "Publish total and shares"),
		func(ctx context.Context, who access.Who, in *versionIn) (Use, error) {
			return t.PublishUse(ctx, who, in.ID, in.Body.Version)
		})
	type publicIn struct {
		Compound string `query:"compound" maxLength:"40" required:"true"`
	}
	serve.List(d, serve.Spec{Method: "GET", Path: "/api/public/money/uses", Room: "money", Public: true, Zh: "已公布的维修资金使用", En: "Published uses of the fund"},
		func(ctx context.Context, who access.Who, in *publicIn) ([]UsePage, error) {
			return t.PublicUses(ctx, in.Compound)
		})
	serve.List(d, serve.Spec{Method: "GET", Path: "/api/public/money/projects", Room: "money", Public: true, Zh: "已结算的共有工程", En: "Settled shared works"},
		func(ctx context.Context, who access.Who, in *publicIn) ([]ProjectPage, error) {
			return t.PublicProjects(ctx, in.Compound)
		})
	serve.List(d, serve.Spec{Method: "GET", Path: "/api/me/fund", Room: "money", Zh: "我的维修资金分户账", En: "My sub-accounts of the fund"},
		func(ctx context.Context, who access.Who, in *struct{}) ([]MySub, error) {
			return t.MyFund(ctx, who)
		})
	projectRoutes(d, t)
}

// ByProject names a shared work of a compound in the path.
type ByProject struct {
	Compound string `path:"compound" maxLength:"40"`
	ID       string `path:"id" maxLength:"40"`
}

func projectRoutes(d *serve.Door, t *Till) {
	type listIn struct {
		Under    scope.Path `query:"under" maxLength:"200"`
		Compound string     `query:"compound" maxLength:"40"`
		State    string     `query:"state" maxLength:"20"`
		Q        string     `query:"q" maxLength:"60" doc:"of title, words, cost or the compound's name"`
		After    string     `query:"after" maxLength:"40"`
	}
	type listBody struct {
		paged.List[ProjectBrief]
		May []string `json:"may" doc:"begin, where a compound is named"`
	}
	serve.One(d, serve.Spec{Method: "GET", Path: "/api/money/projects", Room: "money", Zh: "辖区内的共有工程", En: "Shared works within one's places"},
		func(ctx context.Context, who access.Who, in *listIn) (listBody, error) {
			list, next, err := t.Projects(ctx, who, FindProjects{in.Under, in.Compound, in.State, in.Q, in.After})
			return listBody{paged.List[ProjectBrief]{Items: list, Next: next, Count: int64(len(list)), More: next != ""}, t.WorksMay(ctx, who, in.Compound)}, err
		})
	type hereIn struct {
		ByCompound
		State string `query:"state" maxLength:"20"`
		Q     string `query:"q" maxLength:"60"`
		After string `query:"after" maxLength:"40"`
	}
	serve.One(d, serve.Spec{Method: "GET", Path: "/api/money/{compound}/projects", Room: "money", Zh: "小区的共有工程", En: "Shared works of a compound"},
		func(ctx context.Context, who access.Who, in *hereIn) (listBody, error) {
			list, next, err := t.Projects(ctx, who, FindProjects{Compound: in.Compound, State: in.State, Query: in.Q, After: in.After})
			return listBody{paged.List[ProjectBrief]{Items: list, Next: next, Count: int64(len(list)), More: next != ""}, t.WorksMay(ctx, who, in.Compound)}, err
		})
	type beginIn struct {
		ByCompound
		Body NewProject
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/money/{compound}/projects", Room: "money", Status: 201, Zh: "发起共有工程", En: "Begin a shared work"},
		func(ctx context.Context, who access.Who, in *beginIn) (Project, error) {
			return t.BeginProject(ctx, who, in.Compound, in.Body)
		})
	type kind struct {
		Code string `json:"code"`
		Zh   string `json:"zh"`
		En   string `json:"en"`
		By   string `json:"by"`
	}
	type presetsOut struct {
		Body struct {
			Kinds []kind       `json:"kinds"`
			Lifts []share.Lift `json:"lifts" doc:"presets of floor coefficients; none is law here (R46)"`
		}
	}
	serve.Op(d, serve.Spec{Method: "GET", Path: "/api/money/{compound}/projects/presets", Room: "money", Zh: "工程种类和楼层系数预设", En: "Kinds of works, presets of floor coefficients"},
		func(ctx context.Context, who access.Who, in *ByCompound) (*presetsOut, error) {
			if err := who.MaySomewhere(Look); err != nil {
				return nil, err
			}
			out := &presetsOut{}
			for _, k := range ProjectKinds {
				out.Body.Kinds = append(out.Body.Kinds, kind(k))
			}
			out.Body.Lifts = share.Lifts()
			return out, nil
		})
	serve.One(d, serve.Spec{Method: "GET", Path: "/api/money/{compound}/projects/{id}", Room: "money", Zh: "一项共有工程：各户份额及缘由", En: "A shared work: each home's share, and why"},
		func(ctx context.Context, who access.Who, in *ByProject) (ProjectFile, error) {
			f, err := t.ProjectOf(ctx, who, in.ID)
			if err == nil && f.Compound != in.Compound {
				err = ErrMissing
			}
			return f, err
		})
	type previewIn struct {
		ByProject
		Cost  int64  `query:"cost" doc:"fen; the project's own where it is 0" minimum:"0"`
		By    string `query:"by" enum:",floor,area,home"`
		Table string `query:"table" maxLength:"40"`
	}
	serve.One(d, serve.Spec{Method: "GET", Path: "/api/money/{compound}/projects/{id}/preview", Room: "money", Zh: "试算各户分摊", En: "What each home would pay, and why"},
		func(ctx context.Context, who access.Who, in *previewIn) (SharePreview, error) {
			return t.PreviewProject(ctx, who, in.ID, yuan.Amount(in.Cost), Method{By: in.By, Table: in.Table})
		})
	step := func(name, zh, en string) serve.Spec {
		return serve.Spec{Method: "POST", Path: "/api/money/{compound}/projects/{id}/" + name, Room: "money", Zh: zh, En: en}
	}
	type wordIn struct {
		ByProject
		Body Word
	}
	word := func(name, zh, en string, fn func(context.Context, access.Who, string, Word) (Project, error)) {
		serve.One(d, step(name, zh, en), func(ctx context.Context, who access.Who, in *wordIn) (Project, error) {
			return fn(ctx, who, in.ID, in.Body)
		})
	}
	word("consent", "登记意见：业主本人或者凭签名照片", "What a home says: by its owner, or on a signed paper", t.Consent)
	word("pledge", "认缴份额", "Pledge a share", t.Pledge)
	word("refuse", "不参加，须写明原因", "Refuse, with the reason", t.RefuseProject)
	word("join", "后加入：补缴份额和利息", "Join late, with interest", t.JoinProject)
	type decideIn struct {
		ByProject
		Body struct {
			Meeting string `json:"meeting,omitempty" maxLength:"40" doc:"of a resolution of item 7; else the consents written down are counted"`
			Matter  int64  `json:"matter,omitempty"`
			Version int64  `json:"version,omitempty"`
		}
	}
	serve.One(d, step("decide", "统计意见，或者依据业主大会决定（R45）", "Count the consents, or act on a resolution (R45)"),
		func(ctx context.Context, who access.Who, in *decideIn) (Project, error) {
			return t.DecideProject(ctx, who, in.ID, in.Body.Version, in.Body.Meeting, in.Body.Matter)
		})
	type planIn struct {
		ByProject
		Body struct {
			Plan
			Version int64 `json:"version,omitempty"`
		}
	}
	serve.One(d, step("plan", "拟定方案：做法、分摊办法、节点", "Plan: how it is done, how it is shared, milestones"),
		func(ctx context.Context, who access.Who, in *planIn) (Project, error) {
			return t.PlanProject(ctx, who, in.ID, in.Body.Version, in.Body.Plan)
		})
	type bidIn struct {
		ByProject
		Body NewBid
	}
	serve.One(d, step("quote", "登记报价", "Keep a quote"),
		func(ctx context.Context, who access.Who, in *bidIn) (Project, error) {
			return t.BidProject(ctx, who, in.ID, in.Body)
		})
	type chooseIn struct {
		ByProject
		Body struct {
			Quote   string `json:"quote" maxLength:"40"`
			Reason  string `json:"reason" maxLength:"1000"`
			Version int64  `json:"version,omitempty"`
		}
	}
	serve.One(d, step("choose", "选定报价并说明理由，各户份额随之确定", "Choose a quote with the reason; the shares are fixed"),
		func(ctx context.Context, who access.Who, in *chooseIn) (Project, error) {
			return t.ChooseQuote(ctx, who, in.ID, in.Body.Version, in.Body.Quote, in.Body.Reason)
		})
	type versionIn struct {
		ByProject
		Body struct {
			Version int64 `json:"version,omitempty"`
		}
	}
	serve.One(d, step("collect", "各户均已表示后出账", "Bill the pledges when all have spoken"),
		func(ctx context.Context, who access.Who, in *versionIn) (Project, error) {
			return t.CollectProject(ctx, who, in.ID, in.Body.Version)
		})
	type grantIn struct {
		ByProject
		Body struct {
			Grant
			Version int64 `json:"version,omitempty"`
		}
	}
	serve.One(d, step("subsidy", "登记补助", "Keep a promised subsidy"),
		func(ctx context.Context, who access.Who, in *grantIn) (Project, error) {
			return t.SubsidyPromised(ctx, who, in.ID, in.Body.Version, in.Body.Grant)
		})
	type receivedIn struct {
		ByProject
		Body struct {
			Subsidy string  `json:"subsidy" maxLength:"40"`
			On      day.Day `json:"on,omitempty"`
		}
	}
	serve.One(d, step("subsidy-received", "补助到账", "A subsidy came in"),
		func(ctx context.Context, who access.Who, in *receivedIn) (Project, error) {
			return t.SubsidyReceived(ctx, who, in.ID, in.Body.Subsidy, in.Body.On)
		})
	type stageIn struct {
		ByProject
		Body struct {
			No     int        `json:"no"`
			On     day.Day    `json:"on,omitempty"`
			Text   string     `json:"text,omitempty" maxLength:"2000"`
			Papers []Evidence `json:"papers,omitempty" maxItems:"20"`
		}
	}
	serve.One(d, step("milestone", "报告节点完成，附照片或者材料", "Report a milestone, with evidence"),
		func(ctx context.Context, who access.Who, in *stageIn) (Project, error) {
			return t.ReportStage(ctx, who, in.ID, in.Body.No, in.Body.On, in.Body.Text, in.Body.Papers)
		})
	type acceptIn struct {
		ByProject
		Body Acceptance
	}
	serve.One(d, step("accept", "验收节点：不是报告的人，并申请支付", "Accept a milestone, by another than who reported it, and apply for its payment"),
		func(ctx context.Context, who access.Who, in *acceptIn) (Project, error) {
			return t.AcceptStage(ctx, who, in.ID, in.Body)
		})
	type payIn struct {
		ByProject
		Body struct {
			No    int   `json:"no,omitempty" doc:"milestone; 0 is what goes back: to homes through this payee, to funds and givers to themselves"`
			Payee Payee `json:"payee"`
		}
	}
	serve.One(d, step("pay", "再次申请支付，或者申请退还各户和承担的资金", "Apply for a payment again, or for what goes back to homes and to funds that bore a share"),
		func(ctx context.Context, who access.Who, in *payIn) (Project, error) {
			return t.PayAgain(ctx, who, in.ID, in.Body.No, in.Body.Payee)
		})
	serve.One(d, step("settle", "结算，结余按实际缴入的比例退还", "Settle; what is left goes back to who really paid, in proportion"),
		func(ctx context.Context, who access.Who, in *versionIn) (Project, error) {
			return t.SettleProject(ctx, who, in.ID, in.Body.Version)
		})
	type changeIn struct {
		ByProject
		Body NewChange
	}
	serve.One(d, step("change", "登记变更：预备费之内由另一人确认，超出须重新征求同意（R44、R45）", "Order a change: another confirms it within the contingency, beyond it the range is asked again (R44, R45)"),
		func(ctx context.Context, who access.Who, in *changeIn) (Project, error) {
			return t.OrderChange(ctx, who, in.ID, in.Body)
		})
	type changeWordIn struct {
		ByProject
		Body struct {
			Word
			Change string `json:"change" maxLength:"40"`
		}
	}
	serve.One(d, step("change-consent", "对变更表示意见：业主本人，或者登记纸质意见", "Say yes or no to a change: an owner, or on a paper"),
		func(ctx context.Context, who access.Who, in *changeWordIn) (Project, error) {
			return t.ConsentChange(ctx, who, in.ID, in.Body.Change, in.Body.Word)
		})
	type verdictIn struct {
		ByProject
		Body ChangeVerdict
	}
	serve.One(d, step("change-decide", "确认变更、统计意见，或者放弃变更", "Confirm a change, count what was said of it, or give it up"),
		func(ctx context.Context, who access.Who, in *verdictIn) (Project, error) {
			return t.DecideChange(ctx, who, in.ID, in.Body)
		})
	type dropIn struct {
		ByProject
		Body struct {
			Reason  string `json:"reason" maxLength:"1000"`
			Version int64  `json:"version,omitempty"`
		}
	}
	serve.One(d, step("drop", "终止工程，须写明原因；已缴的退还", "Give the works up, with the reason; what was paid goes back"),
		func(ctx context.Context, who access.Who, in *dropIn) (Project, error) {
			return t.DropProject(ctx, who, in.ID, in.Body.Version, in.Body.Reason)
		})
	serve.List(d, serve.Spec{Method: "GET", Path: "/api/me/projects", Room: "money", Zh: "与我有关的共有工程：我的份额及缘由", En: "Shared works that concern me: my share, and why"},
		func(ctx context.Context, who access.Who, in *struct{}) ([]MyProject, error) {
			return t.MyProjects(ctx, who)
		})
}
