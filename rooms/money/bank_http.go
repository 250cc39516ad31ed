package money

import (
	"context"

	"cuobian/basis/day"
	"cuobian/basis/paged"
	"cuobian/basis/yuan"
	"cuobian/platform/access"
	"cuobian/platform/serve"
	"cuobian/rooms/money/ledger"
)

// ByAccount names an account of a compound.
type ByAccount struct {
	ByCompound
	Account string `path:"account" maxLength:"40"`
}

// ByBankFile names a statement of an account.
type ByBankFile struct {
	ByAccount
	File string `path:"file" maxLength:"40"`
}

// ByLine names a line of a compound's accounts.
type ByLine struct {
	ByCompound
	Line string `path:"line" maxLength:"40"`
}

func bankRoutes(d *serve.Door, t *Till) {
	type reasonBody struct {
		Reason string `json:"reason" maxLength:"300"`
	}
	type accountsOut struct{ Body paged.List[BankAccount] }
	serve.Op(d, serve.Spec{Method: "GET", Path: "/api/money/{compound}/accounts", Room: "money", Zh: "银行账户：资金、开户单位、银行余额、未对上的流水", En: "Accounts at banks: fund, holder, the bank's balance, unmatched lines"},
		func(ctx context.Context, who access.Who, in *ByCompound) (*accountsOut, error) {
			list, err := t.Accounts(ctx, who, in.Compound)
			out := &accountsOut{}
			out.Body.Items, out.Body.Count = append([]BankAccount{}, list...), int64(len(list))
			return out, err
		})
	type openIn struct {
		ByCompound
		Body struct {
			Fund     ledger.Fund `json:"fund" enum:"fees,company,income,works,maintenance"`
			Bank     string      `json:"bank" maxLength:"60"`
			Name     string      `json:"name,omitempty" maxLength:"80"`
			Number   string      `json:"number" maxLength:"60" doc:"kept sealed; the last four signs are shown"`
			Holder   string      `json:"holder_org" maxLength:"40"`
			Kind     string      `json:"holder_kind" enum:"assembly,committee,community,company"`
			Operator string      `json:"operator_org,omitempty" maxLength:"40"`
			Opened   day.Day     `json:"opened_on,omitempty"`
			Opening  yuan.Amount `json:"opening,omitempty"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/money/{compound}/accounts", Room: "money", Zh: "登记银行账户（账号加密保存）", En: "Put an account on record; its number is kept sealed", Status: 201},
		func(ctx context.Context, who access.Who, in *openIn) (BankAccount, error) {
			b := in.Body
			return t.OpenAccount(ctx, who, in.Compound, BankAccount{Fund: b.Fund, Bank: b.Bank, Name: b.Name, Holder: b.Holder, Kind: b.Kind, Operator: b.Operator, Opened: b.Opened, Opening: b.Opening}, b.Number)
		})
	type accountIn struct {
		ByAccount
		Body reasonBody
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/money/{compound}/accounts/{account}/close", Room: "money", Zh: "账户销户，须写明原因", En: "Close an account, with a reason"},
		func(ctx context.Context, who access.Who, in *accountIn) (BankAccount, error) {
			return t.CloseAccount(ctx, who, in.Compound, in.Account, in.Body.Reason)
		})
	type numberOut struct {
		Body struct {
			Number string `json:"number"`
		}
	}
	serve.Op(d, serve.Spec{Method: "POST", Path: "/api/money/{compound}/accounts/{account}/reveal", Room: "money", Zh: "查看完整账号，写明原因并留痕", En: "See a full account number, with a reason that is kept"},
		func(ctx context.Context, who access.Who, in *accountIn) (*numberOut, error) {
			n, err := t.ShowAccount(ctx, who, in.Compound, in.Account, in.Body.Reason)
			out := &numberOut{}
			out.Body.Number = n
			return out, err
		})
	type filesOut struct{ Body paged.List[BankFile] }
	serve.Op(d, serve.Spec{Method: "GET", Path: "/api/money/{compound}/accounts/{account}/files", Room: "money", Zh: "已上传的对账单", En: "Statements that were sent"},
		func(ctx context.Context, who access.Who, in *ByAccount) (*filesOut, error) {
			list, err := t.BankFiles(ctx, who, in.Compound, in.Account)
			out := &filesOut{}
			out.Body.Items, out.Body.Count = append([]BankFile{}, list...), int64(len(list))
			return out, err
		})
	type sendIn struct {
		ByAccount
		Body struct {
			Name    string `json:"name" maxLength:"200"`
			Content []byte `json:"content" doc:"the file as the bank gave it, in base64; 8 MB at most"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/money/{compound}/accounts/{account}/files", Room: "money", Zh: "上传对账单并预览：认出是哪家银行、读出流水、核对文件自己的合计和余额", En: "Send a statement and see what is in it; nothing is imported yet", Status: 201, Limit: 12 << 20},
		func(ctx context.Context, who access.Who, in *sendIn) (BankFile, error) {
			return t.SendStatement(ctx, who, in.Compound, in.Account, in.Body.Name, in.Body.Content)
		})
	type importIn struct {
		ByBankFile
		Body struct {
			Reason string `json:"reason,omitempty" maxLength:"300" doc:"needed where the file is doubtful"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/money/{compound}/accounts/{account}/files/{file}/import", Room: "money", Zh: "导入对账单：每行流水只进一次", En: "Import a statement: each line once"},
		func(ctx context.Context, who access.Who, in *importIn) (BankFile, error) {
			return t.ImportStatement(ctx, who, in.Compound, in.Account, in.File, in.Body.Reason)
		})
	type dropIn struct {
		ByBankFile
		Body reasonBody
	}
	type done struct{}
	serve.Op(d, serve.Spec{Method: "POST", Path: "/api/money/{compound}/accounts/{account}/files/{file}/drop", Room: "money", Zh: "作废未导入的对账单", En: "Set a statement aside that was not imported"},
		func(ctx context.Context, who access.Who, in *dropIn) (*done, error) {
			return &done{}, t.DropStatement(ctx, who, in.Compound, in.Account, in.File, in.Body.Reason)
		})

	type linesIn struct {
		ByCompound
		State   string  `query:"state" enum:",unmatched,matched,ignored"`
		Account string  `query:"account" maxLength:"40"`
		Query   string  `query:"q" maxLength:"60" doc:"payer, words, or a sum"`
		From    day.Day `query:"from"`
		To      day.Day `query:"to"`
		After   string  `query:"after" maxLength:"40"`
		Limit   int     `query:"limit" minimum:"0" maximum:"200"`
	}
	type linesOut struct{ Body paged.List[BankLine] }
	serve.Op(d, serve.Spec{Method: "GET", Path: "/api/money/{compound}/lines", Room: "money", Zh: "银行流水：未对上、已对上、已忽略", En: "Lines of statements: unmatched, matched, ignored"},
		func(ctx context.Context, who access.Who, in *linesIn) (*linesOut, error) {
			list, next, n, more, err := t.Lines(ctx, who, in.Compound, FindLines{State: in.State, Account: in.Account, Query: in.Query, From: in.From, To: in.To, After: in.After, Limit: in.Limit})
			out := &linesOut{}
			out.Body.Items, out.Body.Next, out.Body.Count, out.Body.More = append([]BankLine{}, list...), next, n, more
			return out, err
		})
	serve.One(d, serve.Spec{Method: "GET", Path: "/api/money/{compound}/lines/{line}", Room: "money", Zh: "一行流水，以及它可能对应的账单、分录或支付（附理由）", En: "One line with what it may be, and why"},
		func(ctx context.Context, who access.Who, in *ByLine) (BankLine, error) {
			return t.Line(ctx, who, in.Compound, in.Line)
		})
	type matchIn struct {
		ByLine
		Body MatchTo
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/money/{compound}/lines/{line}/match", Room: "money", Zh: "对上：分录、某户账单、支付或科目；差一分也要写明", En: "Match a line to entries, a home's bills, a payment or an account; a difference of one fen is explained or refused"},
		func(ctx context.Context, who access.Who, in *matchIn) (BankLine, error) {
			return t.Match(ctx, who, in.Compound, in.Line, in.Body)
		})
	type whyIn struct {
		ByLine
		Body reasonBody
	}
	for _, op := range []struct {
		path, zh, en string
		do           func(ctx context.Context, who access.Who, in *whyIn) (BankLine, error)
	}{
		{"unmatch", "解除对应，须写明原因；对账时自动生成的收据、分录一并冲回", "Part a line from what it stands for, with a reason; what matching made is undone", func(ctx context.Context, who access.Who, in *whyIn) (BankLine, error) {
			return t.Unmatch(ctx, who, in.Compound, in.Line, in.Body.Reason)
		}},
		{"ignore", "忽略，须写明原因", "Set a line aside, with a reason", func(ctx context.Context, who access.Who, in *whyIn) (BankLine, error) {
			return t.Ignore(ctx, who, in.Compound, in.Line, in.Body.Reason, false)
		}},
		{"unignore", "取消忽略，须写明原因", "Take a line back that was set aside, with a reason", func(ctx context.Context, who access.Who, in *whyIn) (BankLine, error) {
			return t.Ignore(ctx, who, in.Compound, in.Line, in.Body.Reason, true)
		}},
	} {
		serve.One(d, serve.Spec{Method: "POST", Path: "/api/money/{compound}/lines/{line}/" + op.path, Room: "money", Zh: op.zh, En: op.en},
			func(ctx context.Context, who access.Who, in *whyIn) (BankLine, error) {
				return op.do(ctx, who, in)
			})
	}
	type autoIn struct {
		ByCompound
		Body struct {
			Account string `json:"account,omitempty" maxLength:"40"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/money/{compound}/match", Room: "money", Zh: "自动对账：只对没有疑问的流水，写明理由；其余只给建议", En: "Match what is beyond doubt, with reasons; the rest is only proposed"},
		func(ctx context.Context, who access.Who, in *autoIn) (Automatched, error) {
			return t.Automatch(ctx, who, in.Compound, in.Body.Account)
		})

	serve.One(d, serve.Spec{Method: "GET", Path: "/api/money/{compound}/till", Room: "money", Zh: "柜台现金、在途资金、缴存和盘点", En: "The till: cash, money on its way, deposits and counts"},
		func(ctx context.Context, who access.Who, in *ByCompound) (TillView, error) {
			return t.Desk(ctx, who, in.Compound)
		})
	type payInIn struct {
		ByCompound
		Body struct {
			Fund    ledger.Fund `json:"fund" enum:"fees,company,income,works,maintenance"`
			Amount  yuan.Amount `json:"amount" doc:"fen"`
			On      day.Day     `json:"on,omitempty" doc:"empty: today"`
			Account string      `json:"account,omitempty" maxLength:"40" doc:"account that it was paid into; empty: the fund's first"`
			Ref     string      `json:"ref,omitempty" maxLength:"60" doc:"number on the bank's slip"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/money/{compound}/till/deposits", Room: "money", Status: 201, Zh: "柜台现金缴存银行", En: "Pay cash of the till into the bank"},
		func(ctx context.Context, who access.Who, in *payInIn) (Deposit, error) {
			b := in.Body
			return t.PayIn(ctx, who, in.Compound, Deposit{Fund: b.Fund, Amount: b.Amount, On: b.On, Account: b.Account, Ref: b.Ref})
		})
	type undoIn struct {
		ByCompound
		ID   string `path:"id" maxLength:"40"`
		Body reasonBody
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/money/{compound}/till/deposits/{id}/undo", Room: "money", Zh: "撤回填错、银行未到账的缴存", En: "Take a deposit back that was entered wrongly and that the bank does not show"},
		func(ctx context.Context, who access.Who, in *undoIn) (Deposit, error) {
			return t.UndoPayIn(ctx, who, in.Compound, in.ID, in.Body.Reason)
		})
	type countIn struct {
		ByCompound
		Body struct {
			Fund    ledger.Fund `json:"fund" enum:"fees,company,income,works,maintenance"`
			Books   yuan.Amount `json:"books" doc:"what the page showed while it was counted"`
			Counted yuan.Amount `json:"counted"`
			Reason  string      `json:"reason,omitempty" maxLength:"300" doc:"needed where they differ"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/money/{compound}/till/counts", Room: "money", Status: 201, Zh: "日终盘点现金：清点数对账面，差额写明原因", En: "Close the till's day: cash counted against the account, a difference explained"},
		func(ctx context.Context, who access.Who, in *countIn) (TillCount, error) {
			b := in.Body
			return t.CountTill(ctx, who, in.Compound, TillCount{Fund: b.Fund, Books: b.Books, Counted: b.Counted, Reason: b.Reason})
		})

	type tillClearIn struct {
		ByCompound
		Body struct {
			Fund   ledger.Fund `json:"fund" enum:"fees,company,income,works,maintenance"`
			How    string      `json:"how" enum:"found,borne,kept" doc:"found: made good in cash, or given back; borne: a shortage is the company's own cost; kept: nobody claims what is over"`
			Amount yuan.Amount `json:"amount" doc:"fen, at most what is over or short"`
			Paper  string      `json:"paper,omitempty" maxLength:"40" doc:"uploaded decision; needed for borne"`
			Reason string      `json:"reason" maxLength:"300"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/money/{compound}/till/clear", Room: "money", Zh: "了结待查长短款：补回或退还、企业承担、无人认领转收入", En: "Clear what is over or short in a till: made good or given back, borne by the company, or kept"},
		func(ctx context.Context, who access.Who, in *tillClearIn) (TillFund, error) {
			b := in.Body
			return t.ClearTill(ctx, who, in.Compound, TillClearing{Fund: b.Fund, How: b.How, Amount: b.Amount, Paper: b.Paper, Reason: b.Reason})
		})

	type monthsIn struct {
		ByCompound
		Month string `path:"month" maxLength:"10" doc:"2026-10, or all"`
	}
	type monthsOut struct{ Body paged.List[Reconciliation] }
	serve.Op(d, serve.Spec{Method: "GET", Path: "/api/money/{compound}/reconciliations/{month}", Room: "money", Zh: "每月银行对账：账面、银行、差额、双方未达的每一笔", En: "A month's reconciliation: books, bank, difference, and all that stands on one side alone"},
		func(ctx context.Context, who access.Who, in *monthsIn) (*monthsOut, error) {
			month := in.Month
			if month == "all" {
				month = ""
			}
			list, err := t.Reconciliations(ctx, who, in.Compound, month)
			out := &monthsOut{}
			out.Body.Items, out.Body.Count = append([]Reconciliation{}, list...), int64(len(list))
			return out, err
		})
	type monthIn struct {
		ByCompound
		Month string `path:"month" maxLength:"10"`
		Body  Explained
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/money/{compound}/reconciliations/{month}", Room: "money", Zh: "说明差异、完成对账（每项差异都须说明）", En: "Explain what differs and say that the month is done; every difference needs its explanation"},
		func(ctx context.Context, who access.Who, in *monthIn) (Reconciliation, error) {
			return t.Reconcile(ctx, who, in.Compound, in.Month, in.Body)
		})
	type checkIn struct {
		ByCompound
		Month string `path:"month" maxLength:"10"`
		Body  struct {
			Fund    ledger.Fund `json:"fund" enum:"fees,company,income,works,maintenance"`
			Account string      `json:"account,omitempty" maxLength:"40" doc:"may be left out where the fund has one"`
			Agree   bool        `json:"agree"`
			Reason  string      `json:"reason,omitempty" maxLength:"300"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/money/{compound}/reconciliations/{month}/check", Room: "money", Zh: "复核对账（做的人不能自己复核），或者退回", En: "Check a reconciliation that somebody else did, or send it back"},
		func(ctx context.Context, who access.Who, in *checkIn) (Reconciliation, error) {
			return t.CheckMonth(ctx, who, in.Compound, in.Month, in.Body.Fund, in.Body.Account, in.Body.Agree, in.Body.Reason)
		})
}
