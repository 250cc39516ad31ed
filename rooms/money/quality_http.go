package money

import (
	"context"
	"net/http"
	"strconv"

	"cuobian/platform/access"
	"cuobian/platform/serve"
)

// ByQuality names a period of pay by quality in the path.
type ByQuality struct {
	Compound string `path:"compound" maxLength:"40"`
	ID       string `path:"id" maxLength:"40"`
}

type qualityOut struct{ Body Quality }

func qualityRoutes(d *serve.Door, t *Till) {
	type listBody struct {
		Items []Quality `json:"items"`
		Count int       `json:"count"`
	}
	type listOut struct{ Body listBody }
	serve.Op(d, serve.Spec{Method: "GET", Path: "/api/money/{compound}/quality", Room: "money", Zh: "按质付酬的考核期", En: "Periods of pay by quality"},
		func(ctx context.Context, who access.Who, in *ByCompound) (*listOut, error) {
			list, err := t.Qualities(ctx, who, in.Compound)
			return &listOut{listBody{list, len(list)}}, err
		})
	type openIn struct {
		ByCompound
		Body NewQuality
	}
	serve.Op(d, serve.Spec{Method: "POST", Path: "/api/money/{compound}/quality", Room: "money", Status: 201, Zh: "开启考核期", En: "Open a period"},
		func(ctx context.Context, who access.Who, in *openIn) (*qualityOut, error) {
			x, err := t.OpenQuality(ctx, who, in.Compound, in.Body)
			return &qualityOut{x}, err
		})
	type fileOut struct{ Body QualityFile }
	serve.Op(d, serve.Spec{Method: "GET", Path: "/api/money/{compound}/quality/{id}", Room: "money", Zh: "一个考核期：指标、填报单、得分、金额、争议", En: "A period: inputs, sheets, score, amounts, disputes"},
		func(ctx context.Context, who access.Who, in *ByQuality) (*fileOut, error) {
			f, err := t.QualityOf(ctx, who, in.ID)
			if err == nil && f.Compound != in.Compound {
				err = ErrMissing
			}
			return &fileOut{f}, err
		})
	d.Raw("GET /api/money/{compound}/quality/{id}/bundle.json", func(w http.ResponseWriter, r *http.Request, who access.Who) error {
		version, _ := strconv.Atoi(r.URL.Query().Get("version"))
		b, err := t.QualityBundle(r.Context(), who, r.PathValue("compound"), r.PathValue("id"), version)
		if err != nil {
			return err
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Disposition", `attachment; filename="pay.json"`)
		w.Header().Set("Cache-Control", "no-store")
		_, err = w.Write(b)
		return err
	})
	step := func(name, zh, en string) serve.Spec {
		return serve.Spec{Method: "POST", Path: "/api/money/{compound}/quality/{id}/" + name, Room: "money", Zh: zh, En: en}
	}
	type inputIn struct {
		ByQuality
		Body NewSheet
	}
	serve.Op(d, step("input", "填报指标，附签名填报单", "Enter an input from its signed sheet"),
		func(ctx context.Context, who access.Who, in *inputIn) (*qualityOut, error) {
			x, err := t.EnterSheet(ctx, who, in.ID, in.Body)
			return &qualityOut{x}, err
		})
	type confirmIn struct {
		ByQuality
		Body struct {
			Sheet string `json:"sheet" maxLength:"40"`
		}
	}
	serve.Op(d, step("confirm", "另一人确认填报", "Confirm a sheet: another person"),
		func(ctx context.Context, who access.Who, in *confirmIn) (*qualityOut, error) {
			x, err := t.ConfirmSheet(ctx, who, in.ID, in.Body.Sheet)
			return &qualityOut{x}, err
		})
	serve.Op(d, step("freeze", "冻结指标并计算", "Freeze the inputs and compute"),
		func(ctx context.Context, who access.Who, in *ByQuality) (*qualityOut, error) {
			x, err := t.FreezeQuality(ctx, who, in.ID)
			return &qualityOut{x}, err
		})
	type disputeIn struct {
		ByQuality
		Body NewDispute
	}
	serve.Op(d, step("dispute", "请求更正一项指标", "Ask for one input to be corrected"),
		func(ctx context.Context, who access.Who, in *disputeIn) (*qualityOut, error) {
			x, err := t.DisputeQuality(ctx, who, in.ID, in.Body)
			return &qualityOut{x}, err
		})
	type decideIn struct {
		ByQuality
		Body struct {
			Dispute string `json:"dispute" maxLength:"40"`
			Uphold  bool   `json:"uphold"`
			Answer  string `json:"answer" maxLength:"2000"`
		}
	}
	serve.Op(d, step("decide", "答复争议；支持的重算为新版次", "Answer a dispute; an upheld one makes a new version"),
		func(ctx context.Context, who access.Who, in *decideIn) (*qualityOut, error) {
			x, err := t.DecideDispute(ctx, who, in.ID, in.Body.Dispute, in.Body.Uphold, in.Body.Answer)
			return &qualityOut{x}, err
		})
	type settleIn struct {
		ByQuality
		Body struct {
			Payee Payee `json:"payee"`
		}
	}
	serve.Op(d, step("settle", "申请支付本期酬金", "Apply for the pay of the period"),
		func(ctx context.Context, who access.Who, in *settleIn) (*qualityOut, error) {
			x, err := t.SettleQuality(ctx, who, in.ID, in.Body.Payee)
			return &qualityOut{x}, err
		})
	type heldIn struct {
		ByQuality
		Body HeldVerdict
	}
	serve.Op(d, step("held", "依年度星级结果结算暂扣", "Settle what was held back by the yearly star result"),
		func(ctx context.Context, who access.Who, in *heldIn) (*qualityOut, error) {
			x, err := t.SettleHeld(ctx, who, in.ID, in.Body)
			return &qualityOut{x}, err
		})

	type budgetsBody struct {
		Items []Budget `json:"items"`
		Count int      `json:"count"`
	}
	type budgetsOut struct{ Body budgetsBody }
	serve.Op(d, serve.Spec{Method: "GET", Path: "/api/money/{compound}/budgets", Room: "money", Zh: "年度预算", En: "Budgets of the years"},
		func(ctx context.Context, who access.Who, in *ByCompound) (*budgetsOut, error) {
			list, err := t.Budgets(ctx, who, in.Compound)
			return &budgetsOut{budgetsBody{list, len(list)}}, err
		})
	type budgetIn struct {
		ByCompound
		Body NewBudget
	}
	type budgetOut struct{ Body Budget }
	serve.Op(d, serve.Spec{Method: "POST", Path: "/api/money/{compound}/budgets", Room: "money", Status: 201, Zh: "登记年度预算", En: "Keep a year's budget"},
		func(ctx context.Context, who access.Who, in *budgetIn) (*budgetOut, error) {
			x, err := t.PlanBudget(ctx, who, in.Compound, in.Body)
			return &budgetOut{x}, err
		})
	type accountsOut struct{ Body Accounts }
	serve.Op(d, serve.Spec{Method: "GET", Path: "/api/money/{compound}/budgets/{id}/accounts", Room: "money", Zh: "年度决算：预算与实际，预收资金归业主", En: "A year's accounts: plan and actual; what is pre-collected is the owners'"},
		func(ctx context.Context, who access.Who, in *ByQuality) (*accountsOut, error) {
			a, err := t.AccountsOf(ctx, who, in.Compound, in.ID)
			return &accountsOut{a}, err
		})
	type agreeIn struct {
		ByQuality
		Body struct {
			No       int    `json:"no"`
			Decision string `json:"decision" maxLength:"120"`
			Reason   string `json:"reason" maxLength:"1000"`
		}
	}
	serve.Op(d, serve.Spec{Method: "POST", Path: "/api/money/{compound}/budgets/{id}/agree", Room: "money", Zh: "业委会就超支作出决定", En: "The committee's decision on a deviation"},
		func(ctx context.Context, who access.Who, in *agreeIn) (*accountsOut, error) {
			a, err := t.AgreeDeviation(ctx, who, in.Compound, in.ID, in.Body.No, in.Body.Decision, in.Body.Reason)
			return &accountsOut{a}, err
		})
	type redraftIn struct {
		ByQuality
		Body struct {
			Version int64        `json:"version" doc:"as it was read; 0 for whichever"`
			Text    string       `json:"text" maxLength:"2000"`
			Lines   []BudgetLine `json:"lines" minItems:"1" maxItems:"60"`
		}
	}
	serve.Op(d, serve.Spec{Method: "PUT", Path: "/api/money/{compound}/budgets/{id}", Room: "money", Zh: "修改预算草案", En: "Write a draft budget anew"},
		func(ctx context.Context, who access.Who, in *redraftIn) (*budgetOut, error) {
			x, err := t.RedraftBudget(ctx, who, in.Compound, in.ID, in.Body.Version, in.Body.Text, in.Body.Lines)
			return &budgetOut{x}, err
		})
	type passIn struct {
		ByQuality
		Body struct {
			Version  int64  `json:"version" doc:"as it was read; 0 for whichever"`
			Decision string `json:"decision" maxLength:"120" doc:"assemblies/ID/NO, decisions/ID"`
		}
	}
	serve.Op(d, serve.Spec{Method: "POST", Path: "/api/money/{compound}/budgets/{id}/pass", Room: "money", Zh: "预算通过：附业主大会决议或业委会决定", En: "A budget is agreed, by its decision"},
		func(ctx context.Context, who access.Who, in *passIn) (*budgetOut, error) {
			x, err := t.PassBudget(ctx, who, in.Compound, in.ID, in.Body.Version, in.Body.Decision)
			return &budgetOut{x}, err
		})
	type publicIn struct {
		Compound string `query:"compound" maxLength:"40"`
	}
	type heldForOut struct{ Body BoardHeld }
	serve.Op(d, serve.Spec{Method: "GET", Path: "/api/public/money/held", Room: "money", Public: true, Zh: "为业主代管的资金：预算与实际、按质付酬、年度决算", En: "What is held for the owners: budget and actual, pay by quality, accounts of the years"},
		func(ctx context.Context, who access.Who, in *publicIn) (*heldForOut, error) {
			x, err := t.BoardHeldOf(ctx, in.Compound)
			return &heldForOut{x}, err
		})
}
