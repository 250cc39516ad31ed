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

func qualityRoutes(d *serve.Door, t *Till) {
	serve.List(d, serve.Spec{Method: "GET", Path: "/api/money/{compound}/quality", Room: "money", Zh: "按质付酬的考核期", En: "Periods of pay by quality"},
		func(ctx context.Context, who access.Who, in *ByCompound) ([]Quality, error) {
			return t.Qualities(ctx, who, in.Compound)
		})
	type openIn struct {
		ByCompound
		Body NewQuality
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/money/{compound}/quality", Room: "money", Status: 201, Zh: "开启考核期", En: "Open a period"},
		func(ctx context.Context, who access.Who, in *openIn) (Quality, error) {
			return t.OpenQuality(ctx, who, in.Compound, in.Body)
		})
	serve.One(d, serve.Spec{Method: "GET", Path: "/api/money/{compound}/quality/{id}", Room: "money", Zh: "一个考核期：指标、填报单、得分、金额、争议", En: "A period: inputs, sheets, score, amounts, disputes"},
		func(ctx context.Context, who access.Who, in *ByQuality) (QualityFile, error) {
			f, err := t.QualityOf(ctx, who, in.ID)
			if err == nil && f.Compound != in.Compound {
				err = ErrMissing
			}
			return f, err
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
	serve.One(d, step("input", "填报指标，附签名填报单", "Enter an input from its signed sheet"),
		func(ctx context.Context, who access.Who, in *inputIn) (Quality, error) {
			return t.EnterSheet(ctx, who, in.ID, in.Body)
		})
	type confirmIn struct {
		ByQuality
		Body struct {
			Sheet string `json:"sheet" maxLength:"40"`
		}
	}
	serve.One(d, step("confirm", "另一人确认填报", "Confirm a sheet: another person"),
		func(ctx context.Context, who access.Who, in *confirmIn) (Quality, error) {
			return t.ConfirmSheet(ctx, who, in.ID, in.Body.Sheet)
		})
	serve.One(d, step("freeze", "冻结指标并计算", "Freeze the inputs and compute"),
		func(ctx context.Context, who access.Who, in *ByQuality) (Quality, error) {
			return t.FreezeQuality(ctx, who, in.ID)
		})
	type disputeIn struct {
		ByQuality
		Body NewDispute
	}
	serve.One(d, step("dispute", "请求更正一项指标", "Ask for one input to be corrected"),
		func(ctx context.Context, who access.Who, in *disputeIn) (Quality, error) {
			return t.DisputeQuality(ctx, who, in.ID, in.Body)
		})
	type decideIn struct {
		ByQuality
		Body struct {
			Dispute string `json:"dispute" maxLength:"40"`
			Uphold  bool   `json:"uphold"`
			Answer  string `json:"answer" maxLength:"2000"`
		}
	}
	serve.One(d, step("decide", "答复争议；支持的重算为新版次", "Answer a dispute; an upheld one makes a new version"),
		func(ctx context.Context, who access.Who, in *decideIn) (Quality, error) {
			return t.DecideDispute(ctx, who, in.ID, in.Body.Dispute, in.Body.Uphold, in.Body.Answer)
		})
	type settleIn struct {
		ByQuality
		Body struct {
			Payee Payee `json:"payee"`
		}
	}
	serve.One(d, step("settle", "申请支付本期酬金", "Apply for the pay of the period"),
		func(ctx context.Context, who access.Who, in *settleIn) (Quality, error) {
			return t.SettleQuality(ctx, who, in.ID, in.Body.Payee)
		})
	type heldIn struct {
		ByQuality
		Body HeldVerdict
	}
	serve.One(d, step("held", "依年度星级结果结算暂扣", "Settle what was held back by the yearly star result"),
		func(ctx context.Context, who access.Who, in *heldIn) (Quality, error) {
			return t.SettleHeld(ctx, who, in.ID, in.Body)
		})

	serve.List(d, serve.Spec{Method: "GET", Path: "/api/money/{compound}/budgets", Room: "money", Zh: "年度预算", En: "Budgets of the years"},
		func(ctx context.Context, who access.Who, in *ByCompound) ([]Budget, error) {
			return t.Budgets(ctx, who, in.Compound)
		})
	type budgetIn struct {
		ByCompound
		Body NewBudget
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/money/{compound}/budgets", Room: "money", Status: 201, Zh: "登记年度预算", En: "Keep a year's budget"},
		func(ctx context.Context, who access.Who, in *budgetIn) (Budget, error) {
			return t.PlanBudget(ctx, who, in.Compound, in.Body)
		})
	serve.One(d, serve.Spec{Method: "GET", Path: "/api/money/{compound}/budgets/{id}/accounts", Room: "money", Zh: "年度决算：预算与实际，预收资金归业主", En: "A year's accounts: plan and actual; what is pre-collected is the owners'"},
		func(ctx context.Context, who access.Who, in *ByQuality) (Accounts, error) {
			return t.AccountsOf(ctx, who, in.Compound, in.ID)
		})
	type agreeIn struct {
		ByQuality
		Body struct {
			No       int    `json:"no" doc:"of the line; 0 where it was not in the plan"`
			Account  string `json:"account,omitempty" maxLength:"80" doc:"of what was not in the plan"`
			Decision string `json:"decision" maxLength:"120"`
			Reason   string `json:"reason" maxLength:"1000"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/money/{compound}/budgets/{id}/agree", Room: "money", Zh: "业委会就超支作出决定", En: "The committee's decision on a deviation"},
		func(ctx context.Context, who access.Who, in *agreeIn) (Accounts, error) {
			return t.AgreeDeviation(ctx, who, in.Compound, in.ID, in.Body.No, in.Body.Account, in.Body.Decision, in.Body.Reason)
		})
	type redraftIn struct {
		ByQuality
		Body struct {
			Version int64        `json:"version" doc:"as it was read; 0 for whichever"`
			Text    string       `json:"text" maxLength:"2000"`
			Lines   []BudgetLine `json:"lines" minItems:"1" maxItems:"60"`
		}
	}
	serve.One(d, serve.Spec{Method: "PUT", Path: "/api/money/{compound}/budgets/{id}", Room: "money", Zh: "修改预算草案", En: "Write a draft budget anew"},
		func(ctx context.Context, who access.Who, in *redraftIn) (Budget, error) {
			return t.RedraftBudget(ctx, who, in.Compound, in.ID, in.Body.Version, in.Body.Text, in.Body.Lines)
		})
	type passIn struct {
		ByQuality
		Body struct {
			Version  int64  `json:"version" doc:"as it was read; 0 for whichever"`
			Decision string `json:"decision" maxLength:"120" doc:"assemblies/ID/NO, decisions/ID"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/money/{compound}/budgets/{id}/pass", Room: "money", Zh: "预算通过：附业主大会决议或业委会决定", En: "A budget is agreed, by its decision"},
		func(ctx context.Context, who access.Who, in *passIn) (Budget, error) {
			return t.PassBudget(ctx, who, in.Compound, in.ID, in.Body.Version, in.Body.Decision)
		})
	type publicIn struct {
		Compound string `query:"compound" maxLength:"40"`
	}
	serve.One(d, serve.Spec{Method: "GET", Path: "/api/public/money/held", Room: "money", Public: true, Zh: "为业主代管的资金：预算与实际、按质付酬、年度决算", En: "What is held for the owners: budget and actual, pay by quality, accounts of the years"},
		func(ctx context.Context, who access.Who, in *publicIn) (BoardHeld, error) {
			return t.BoardHeldOf(ctx, in.Compound)
		})
}
