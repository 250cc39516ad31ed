package money

import (
	"bytes"
	"context"
	"net/http"

	"cuobian/basis/day"
	"cuobian/basis/paged"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/blob"
	"cuobian/platform/serve"
)

func incomeRoutes(d *serve.Door, t *Till) {
	sourceRoutes(d, t)
	paymentRoutes(d, t)
	roleRoutes(d, t)
	statementRoutes(d, t)
	boardRoutes(d, t)
}

func sourceRoutes(d *serve.Door, t *Till) {
	serve.List(d, serve.Spec{Method: "GET", Path: "/api/money/{compound}/sources", Room: "money", Zh: "公共收益来源：合同、决议、缺口", En: "Sources of common income: contracts, resolutions, gaps"},
		func(ctx context.Context, who access.Who, in *ByCompound) ([]Source, error) {
			return t.Sources(ctx, who, in.Compound)
		})
	type addIn struct {
		ByCompound
		Body NewSource
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/money/{compound}/sources", Room: "money", Zh: "登记公共收益来源", En: "Enter a source of common income"},
		func(ctx context.Context, who access.Who, in *addIn) (Source, error) {
			return t.AddSource(ctx, who, in.Compound, in.Body)
		})
	type endIn struct {
		ByCompound
		ByID
		Body struct {
			On     day.Day `json:"on"`
			Reason string  `json:"reason" maxLength:"500"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/money/{compound}/sources/{id}/end", Room: "money", Zh: "终止公共收益合同", En: "End a source's contract"},
		func(ctx context.Context, who access.Who, in *endIn) (Source, error) {
			return t.EndSource(ctx, who, in.ID, in.Body.On, in.Body.Reason)
		})
	type allowIn struct {
		ByCompound
		ByID
		Body struct {
			Resolution string `json:"resolution" maxLength:"120" doc:"assemblies/ID/NO of a matter of item 8, or blobs/ID of a paper's picture with its words"`
			Words      string `json:"words,omitempty" maxLength:"500"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/money/{compound}/sources/{id}/allow", Room: "money", Zh: "补登允许该来源的决议", En: "Put the resolution on record that allows a source"},
		func(ctx context.Context, who access.Who, in *allowIn) (Source, error) {
			return t.AllowSource(ctx, who, in.ID, in.Body.Resolution, in.Body.Words)
		})
	type gapIn struct {
		ByCompound
		ByID
		Body struct {
			From       day.Day `json:"from" doc:"first day of the period"`
			Resolution string  `json:"resolution" maxLength:"120" doc:"assemblies/ID/NO, decisions/ID, or blobs/ID of a paper's picture with its words"`
			Words      string  `json:"words,omitempty" maxLength:"500"`
			Reason     string  `json:"reason" maxLength:"500"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/money/{compound}/sources/{id}/gap", Room: "money", Zh: "经决定不再追收某一期的收入", En: "Let the income of a period go, by a decision"},
		func(ctx context.Context, who access.Who, in *gapIn) (Source, error) {
			return t.LetGap(ctx, who, in.ID, in.Body.From, in.Body.Resolution, in.Body.Words, in.Body.Reason)
		})
	type incomesIn struct {
		ByCompound
		Source string `query:"source" maxLength:"40"`
		After  string `query:"after" maxLength:"40"`
		Limit  int    `query:"limit" minimum:"0" maximum:"200"`
	}
	serve.One(d, serve.Spec{Method: "GET", Path: "/api/money/{compound}/incomes", Room: "money", Zh: "公共收益", En: "Common income"},
		func(ctx context.Context, who access.Who, in *incomesIn) (paged.List[Income], error) {
			items, next, n, more, err := t.Incomes(ctx, who, in.Compound, in.Source, in.After, in.Limit)
			return paged.List[Income]{Items: items, Next: next, Count: n, More: more}, err
		})
	type incomeIn struct {
		ByCompound
		Body NewIncome
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/money/{compound}/incomes", Room: "money", Zh: "登记公共收益；没有决议的照记并标记", En: "Record common income; what no resolution allows is recorded and flagged"},
		func(ctx context.Context, who access.Who, in *incomeIn) (Income, error) {
			return t.AddIncome(ctx, who, in.Compound, in.Body)
		})
	type receiveIn struct {
		ByCompound
		ByID
		Body ReceivedIn
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/money/{compound}/incomes/{id}/receive", Room: "money", Zh: "公共收益到账", En: "Income reached the account"},
		func(ctx context.Context, who access.Who, in *receiveIn) (Income, error) {
			return t.ReceiveIncome(ctx, who, in.ID, in.Body)
		})
	type judgeIn struct {
		ByCompound
		ByID
		Body struct {
			No     int    `json:"no" minimum:"1"`
			Reason string `json:"reason" maxLength:"500"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/money/{compound}/incomes/{id}/cost", Room: "money", Zh: "认定一项成本合理，准予列支", En: "Find a cost reasonable, so that it is taken off"},
		func(ctx context.Context, who access.Who, in *judgeIn) (Income, error) {
			return t.JudgeCost(ctx, who, in.ID, in.Body.No, in.Body.Reason)
		})
}

func paymentRoutes(d *serve.Door, t *Till) {
	type listIn struct {
		Under    scope.Path `query:"under"`
		Compound string     `query:"compound" maxLength:"40"`
		State    string     `query:"state" enum:",open,ended,committee,community,drawing,street,sealing,sealed_1,sealed,paid,published,refused,lapsed,withdrawn"`
		Mine     bool       `query:"mine" doc:"only those that wait for the one who asks"`
		Q        string     `query:"q" maxLength:"60" doc:"of purpose, payee, number, amount or the compound's name"`
		After    string     `query:"after" maxLength:"40"`
		Limit    int        `query:"limit" minimum:"0" maximum:"200"`
	}
	serve.One(d, serve.Spec{Method: "GET", Path: "/api/payments", Room: "money", Zh: "支付：全部，或者待我办理", En: "Payments: all, or those that wait for me"},
		func(ctx context.Context, who access.Who, in *listIn) (paged.List[Trail], error) {
			items, next, n, more, err := t.Payments(ctx, who, FindPayments{Under: in.Under, Compound: in.Compound, State: in.State, Mine: in.Mine, Query: in.Q, After: in.After, Limit: in.Limit})
			return paged.List[Trail]{Items: items, Next: next, Count: n, More: more}, err
		})
	type splitsIn struct {
		Under scope.Path `query:"under"`
		Open  bool       `query:"open" doc:"only those with a payment under way"`
	}
	serve.List(d, serve.Spec{Method: "GET", Path: "/api/money/splits", Room: "money", Zh: "单笔不超限、合计超限的同类支付", En: "Payments alike that stay below a limit one by one and pass it together"},
		func(ctx context.Context, who access.Who, in *splitsIn) ([]Cluster, error) {
			return t.Splits(ctx, who, in.Under, in.Open)
		})
	serve.One(d, serve.Spec{Method: "GET", Path: "/api/money/{compound}/bench", Room: "money", Zh: "支付由谁审核、谁用印；没有业委会时由谁代行", En: "Who reviews and seals payments, and who acts where there is no committee"},
		func(ctx context.Context, who access.Who, in *ByCompound) (Bench, error) {
			return t.BenchOf(ctx, who, in.Compound)
		})
	type submitIn struct{ Body NewPayment }
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/payments", Room: "money", Zh: "申请支付，金额即行预留", En: "Apply for a payment; its sum is reserved at once"},
		func(ctx context.Context, who access.Who, in *submitIn) (Payment, error) {
			return t.Submit(ctx, who, in.Body)
		})
	serve.One(d, serve.Spec{Method: "GET", Path: "/api/payments/{id}", Room: "money", Zh: "一笔支付的全过程", En: "A payment with its whole way"},
		func(ctx context.Context, who access.Who, in *ByID) (Trail, error) {
			return t.Payment(ctx, who, in.ID)
		})
	type paperOut struct {
		Body struct {
			Text string `json:"text" doc:"canonical JSON: exactly what the hash is over"`
			Hash string `json:"hash" doc:"SHA-256; given back with a review or a seal"`
		}
	}
	serve.Op(d, serve.Spec{Method: "GET", Path: "/api/payments/{id}/paper", Room: "money", Zh: "要签署的文件和散列", En: "The paper to sign, and its hash"},
		func(ctx context.Context, who access.Who, in *ByID) (*paperOut, error) {
			out := &paperOut{}
			var err error
			out.Body.Text, out.Body.Hash, err = t.PaperOf(ctx, who, in.ID)
			return out, err
		})
	type reviewIn struct {
		ByID
		Body struct {
			Hash   string `json:"hash" maxLength:"64" doc:"of the paper that was read"`
			Choice string `json:"choice,omitempty" enum:"agree,against" default:"agree"`
			Reason string `json:"reason,omitempty" maxLength:"500"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/payments/{id}/review", Room: "money", Zh: "审核：业委会过半数委员签字算一审，社区、街道各一审", En: "Review: more than half of the committee's members are one, community and street one each"},
		func(ctx context.Context, who access.Who, in *reviewIn) (Payment, error) {
			return t.Review(ctx, who, in.ID, in.Body.Choice, in.Body.Reason, in.Body.Hash)
		})
	type reasonIn struct {
		ByID
		Body struct {
			Reason string `json:"reason" maxLength:"500"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/payments/{id}/refuse", Room: "money", Zh: "审核不同意，写明理由", En: "Refuse in a review, with the reason"},
		func(ctx context.Context, who access.Who, in *reasonIn) (Payment, error) {
			return t.Review(ctx, who, in.ID, "against", in.Body.Reason, "")
		})
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/payments/{id}/withdraw", Room: "money", Zh: "申请人撤回", En: "The applicant takes it back"},
		func(ctx context.Context, who access.Who, in *reasonIn) (Payment, error) {
			return t.Withdraw(ctx, who, in.ID, in.Body.Reason)
		})
	type recuseIn struct {
		ByID
		Body struct {
			Person string `json:"person,omitempty" maxLength:"40" doc:"empty: oneself; another by the street alone"`
			Reason string `json:"reason" maxLength:"500"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/payments/{id}/recuse", Room: "money", Zh: "回避：收款方与本人有关联", En: "Recusal: the payee is related"},
		func(ctx context.Context, who access.Who, in *recuseIn) (Payment, error) {
			return t.Recuse(ctx, who, in.ID, in.Body.Person, in.Body.Reason)
		})
	type sealIn struct {
		ByID
		Body struct {
			Hash string `json:"hash" maxLength:"64" doc:"of the paper that was read"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/payments/{id}/seal", Room: "money", Zh: "用印：SM2 签名盖在文件散列上", En: "Put the seal: an SM2 signature under the paper's hash"},
		func(ctx context.Context, who access.Who, in *sealIn) (Payment, error) {
			return t.Seal(ctx, who, in.ID, in.Body.Hash)
		})
	type payIn struct {
		ByID
		Body struct {
			On  day.Day `json:"on,omitempty" doc:"empty: today"`
			Ref string  `json:"ref" maxLength:"120" doc:"number of the bank's slip"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/payments/{id}/pay", Room: "money", Zh: "付款并入账", En: "Pay and post"},
		func(ctx context.Context, who access.Who, in *payIn) (Payment, error) {
			return t.Pay(ctx, who, in.ID, in.Body.On, in.Body.Ref)
		})
	type publishIn struct {
		ByID
		Body struct {
			Copies []string `json:"copies,omitempty" maxItems:"20" doc:"masked copies of the documents, as uploaded files"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/payments/{id}/publish", Room: "money", Zh: "上公示栏，可附遮蔽后的凭证副本", En: "Put it on the board, with masked copies of its papers"},
		func(ctx context.Context, who access.Who, in *publishIn) (Payment, error) {
			return t.Publish(ctx, who, in.ID, in.Body.Copies)
		})
}

func roleRoutes(d *serve.Door, t *Till) {
	serve.List(d, serve.Spec{Method: "GET", Path: "/api/money/{compound}/roles", Room: "money", Zh: "谁审核、谁保管印章", En: "Who reviews and who keeps the seals"},
		func(ctx context.Context, who access.Who, in *ByCompound) ([]Role, error) {
			return t.Roles(ctx, who, in.Compound)
		})
	serve.List(d, serve.Spec{Method: "GET", Path: "/api/money/{compound}/office-holders", Room: "money", Zh: "可以审核、用印的在任人员", En: "Who is in office to review and to keep seals"},
		func(ctx context.Context, who access.Who, in *ByCompound) ([]OfficeHolder, error) {
			return t.OfficeHolders(ctx, who, in.Compound)
		})
	type askIn struct {
		ByCompound
		Body NewRole
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/money/{compound}/roles", Room: "money", Zh: "按决议更换审核人、印章保管人，冷静期后生效", En: "Change who reviews or keeps a seal, by a resolution, after cooling"},
		func(ctx context.Context, who access.Who, in *askIn) (Role, error) {
			return t.AskRole(ctx, who, in.Compound, in.Body)
		})
	type cancelIn struct {
		ByCompound
		ByID
		Body struct {
			Reason string `json:"reason" maxLength:"500"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/money/{compound}/roles/{id}/cancel", Room: "money", Zh: "冷静期内撤销", En: "Take it back within the cooling period"},
		func(ctx context.Context, who access.Who, in *cancelIn) (Role, error) {
			return t.CancelRole(ctx, who, in.ID, in.Body.Reason)
		})
}

func statementRoutes(d *serve.Door, t *Till) {
	serve.List(d, serve.Spec{Method: "GET", Path: "/api/money/{compound}/statements", Room: "money", Zh: "公示报表：待公示的和已公示的", En: "Statements: those to be posted and those posted"},
		func(ctx context.Context, who access.Who, in *ByCompound) ([]Statement, error) {
			return t.Statements(ctx, who, in.Compound)
		})
	type byBoth struct {
		ByCompound
		ByID
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/money/{compound}/statements/{id}/post", Room: "money", Zh: "盖章公示", En: "Seal and post"},
		func(ctx context.Context, who access.Who, in *byBoth) (Statement, error) {
			return t.PostStatement(ctx, who, in.ID)
		})
	type correctIn struct {
		ByCompound
		ByID
		Body struct {
			Reason string `json:"reason" maxLength:"500"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/money/{compound}/statements/{id}/correct", Room: "money", Zh: "出更正版，指明旧版", En: "Draw up a new version that names the old one"},
		func(ctx context.Context, who access.Who, in *correctIn) (Statement, error) {
			return t.CorrectStatement(ctx, who, in.ID, in.Body.Reason)
		})
	type underIn struct {
		Under scope.Path `query:"under"`
	}
	type publishingOut struct {
		Body struct {
			Items []Publishing `json:"items"`
			N     int          `json:"n" doc:"that published the last quarter due"`
			Of    int          `json:"of" doc:"of so many with income on their books"`
		}
	}
	serve.Op(d, serve.Spec{Method: "GET", Path: "/api/money/publishing", Room: "money", Zh: "哪些小区没有公示", En: "Which compounds have not published"},
		func(ctx context.Context, who access.Who, in *underIn) (*publishingOut, error) {
			out := &publishingOut{}
			var err error
			out.Body.Items, out.Body.N, out.Body.Of, err = t.PublishingOf(ctx, who, in.Under)
			return out, err
		})
	type samplesIn struct {
		Under  scope.Path `query:"under"`
		Period string     `query:"period" maxLength:"8" doc:"2026Q3; empty: the last one"`
	}
	serve.One(d, serve.Spec{Method: "GET", Path: "/api/money/samples", Room: "money", Zh: "审计抽样，任何人凭种子可复算", En: "The auditors' sample; whoever has the seed draws the same"},
		func(ctx context.Context, who access.Who, in *samplesIn) (Sample, error) {
			return t.Samples(ctx, who, in.Under, in.Period)
		})
	serve.List(d, serve.Spec{Method: "GET", Path: "/api/money/{compound}/questions", Room: "money", Zh: "业主对账目的询问", En: "Owners' questions about the accounts"},
		func(ctx context.Context, who access.Who, in *ByCompound) ([]Question, error) {
			return t.Questions(ctx, who, in.Compound)
		})
	type answerIn struct {
		ByCompound
		ByID
		Body struct {
			Text string `json:"text" maxLength:"2000"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/money/{compound}/questions/{id}/answer", Room: "money", Zh: "答复询问", En: "Answer a question"},
		func(ctx context.Context, who access.Who, in *answerIn) (Question, error) {
			return t.Answer(ctx, who, in.ID, in.Body.Text)
		})
	type askIn struct {
		Body struct {
			Compound  string `json:"compound" maxLength:"40"`
			Statement string `json:"statement,omitempty" maxLength:"40"`
			Entry     string `json:"entry,omitempty" maxLength:"40"`
			Text      string `json:"text" maxLength:"2000"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/me/money/questions", Room: "money", Zh: "就公示的报表或者某一笔提问", En: "Ask about a published statement or one of its lines"},
		func(ctx context.Context, who access.Who, in *askIn) (Question, error) {
			return t.Ask(ctx, who, in.Body.Compound, in.Body.Statement, in.Body.Entry, in.Body.Text)
		})
}

func boardRoutes(d *serve.Door, t *Till) {
	type boardIn struct {
		Compound string `query:"compound" required:"true" maxLength:"40"`
	}
	serve.One(d, serve.Spec{Method: "GET", Path: "/api/public/money", Room: "money", Public: true, Zh: "公共收益公示：钱从哪里来、到哪里去", En: "Public income: where it came from and where it went"},
		func(ctx context.Context, _ access.Who, in *boardIn) (BoardMoney, error) {
			return t.Board(ctx, in.Compound)
		})
	serve.One(d, serve.Spec{Method: "GET", Path: "/api/public/money/statements/{id}", Room: "money", Public: true, Zh: "一份已公示的报表", En: "A posted statement"},
		func(ctx context.Context, _ access.Who, in *ByID) (Statement, error) {
			return t.BoardStatementOf(ctx, in.ID)
		})
	type lineIn struct {
		Entry string `path:"entry" maxLength:"40"`
	}
	serve.One(d, serve.Spec{Method: "GET", Path: "/api/public/money/lines/{entry}", Room: "money", Public: true, Zh: "公示的一笔，直到凭证", En: "A published line down to its voucher"},
		func(ctx context.Context, _ access.Who, in *lineIn) (BoardLine, error) {
			return t.BoardLineOf(ctx, in.Entry)
		})
	d.Raw("GET /api/public/money/files/{compound}", func(w http.ResponseWriter, r *http.Request, _ access.Who) error {
		file, err := t.StatementFile(r.Context(), r.PathValue("compound"), r.URL.Query().Get("fund"))
		if err != nil {
			return err
		}
		serve.Save(w, r, "statements.json", "application/json", "", bytes.NewReader(file), false)
		return nil
	})
	d.Raw("GET /api/public/money/copies/{blob}", func(w http.ResponseWriter, r *http.Request, _ access.Who) error {
		size := blob.Full
		if r.URL.Query().Get("size") == string(blob.Thumb) {
			size = blob.Thumb
		}
		c, err := t.PublicCopy(r.Context(), r.PathValue("blob"), size)
		if err != nil {
			return err
		}
		serve.Save(w, r, c.Name, c.Type, c.Tag, c.Reader, true)
		return nil
	})
}
