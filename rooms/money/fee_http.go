package money

import (
	"bytes"
	"context"
	"fmt"
	"html"
	"io"
	"net/http"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/basis/yuan"
	"cuobian/platform/access"
	"cuobian/platform/serve"
	"cuobian/rooms/money/ledger"
	"cuobian/rooms/money/tariff"
)

const feeSheet = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

// ByBill names a bill of a compound in the path.
type ByBill struct {
	Compound string `path:"compound" maxLength:"40"`
	ID       string `path:"id" maxLength:"40"`
}

func feeRoutes(d *serve.Door, t *Till) {
	const at = "/api/money/{compound}"
	type tariffsOut struct {
		Body struct {
			Items     []Tariff   `json:"items"`
			Discounts []Discount `json:"discounts"`
		}
	}
	serve.Op(d, serve.Spec{Method: "GET", Path: at + "/tariffs", Room: "money", Zh: "收费标准和减免", En: "Tariffs and discounts of a compound"},
		func(ctx context.Context, who access.Who, in *ByCompound) (*tariffsOut, error) {
			out := &tariffsOut{}
			var err error
			out.Body.Items, out.Body.Discounts, err = t.Tariffs(ctx, who, in.Compound)
			return out, err
		})
	type tariffIn struct {
		Compound string `path:"compound" maxLength:"40"`
		Body     struct {
			Kind     BillKind      `json:"kind" enum:"property,parking,utility"`
			Item     string        `json:"item,omitempty" maxLength:"60"`
			ItemEn   string        `json:"item_en,omitempty" maxLength:"60"`
			By       tariff.By     `json:"by" enum:"area,unit,head,meter,terms"`
			Rate     tariff.Rate   `json:"rate,omitempty" minimum:"0" doc:"hundredths of a fen: 0.85 yuan is 8500"`
			Tiers    []tariff.Tier `json:"tiers,omitempty" maxItems:"10"`
			Terms    []tariff.Term `json:"terms,omitempty" maxItems:"10"`
			Low      yuan.Amount   `json:"low,omitempty" doc:"fen, of a whole month"`
			High     yuan.Amount   `json:"high,omitempty" doc:"fen; 0 is none"`
			Use      string        `json:"use,omitempty" maxLength:"30"`
			Under    scope.Path    `json:"under,omitempty" maxLength:"200"`
			Fund     ledger.Fund   `json:"fund,omitempty" enum:",fees,company,income"`
			Spaces   bool          `json:"spaces,omitempty"`
			Meter    string        `json:"meter,omitempty" maxLength:"30"`
			Decision string        `json:"decision" maxLength:"100" doc:"assemblies/ID/NO, contracts/ID, blobs/ID, or law for an official price"`
			From     day.Day       `json:"from_day"`
			To       day.Day       `json:"to_day,omitempty"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: at + "/tariffs", Room: "money", Status: 201, Zh: "设定收费标准", En: "Set a tariff"},
		func(ctx context.Context, who access.Who, in *tariffIn) (Tariff, error) {
			b := in.Body
			return t.SetTariff(ctx, who, Tariff{Compound: in.Compound, Kind: b.Kind, Fund: b.Fund, Spaces: b.Spaces, Meter: b.Meter,
				Tariff: tariff.Tariff{Item: b.Item, ItemEn: b.ItemEn, By: b.By, Rate: b.Rate, Tiers: b.Tiers, Terms: b.Terms, Low: b.Low, High: b.High, Use: b.Use, Under: b.Under, Decision: b.Decision, From: b.From, To: b.To}})
		})
	type endIn struct {
		Compound string `path:"compound" maxLength:"40"`
		ID       string `path:"id" maxLength:"40"`
		Body     struct {
			Last   day.Day `json:"last" doc:"last day"`
			Reason string  `json:"reason" maxLength:"1000"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: at + "/tariffs/{id}/end", Room: "money", Zh: "停用收费标准", En: "End a tariff"},
		func(ctx context.Context, who access.Who, in *endIn) (Tariff, error) {
			return t.EndTariff(ctx, who, in.Compound, in.ID, in.Body.Last, in.Body.Reason)
		})
	type discountIn struct {
		Compound string `path:"compound" maxLength:"40"`
		Body     struct {
			Kind     BillKind   `json:"kind" enum:"property,parking,utility"`
			Item     string     `json:"item,omitempty" maxLength:"60" doc:"empty: every item of the kind"`
			Under    scope.Path `json:"under,omitempty" maxLength:"200" doc:"a home, a building; empty: the compound"`
			N        int64      `json:"n" doc:"n of d is taken off"`
			D        int64      `json:"d"`
			Words    string     `json:"words" maxLength:"100"`
			Decision string     `json:"decision" maxLength:"100"`
			From     day.Day    `json:"from_day"`
			To       day.Day    `json:"to_day,omitempty"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: at + "/discounts", Room: "money", Status: 201, Zh: "按决议设定减免", En: "Set a discount by a decision"},
		func(ctx context.Context, who access.Who, in *discountIn) (Discount, error) {
			b := in.Body
			return t.SetDiscount(ctx, who, Discount{Compound: in.Compound, Kind: b.Kind, Discount: tariff.Discount{Item: b.Item, Under: b.Under, N: b.N, D: b.D, Words: b.Words, Decision: b.Decision, From: b.From, To: b.To}})
		})
	type spaceIn struct {
		Compound string `path:"compound" maxLength:"40"`
		Body     struct {
			ID    string  `json:"id,omitempty" maxLength:"40" doc:"of a rent that ends on to_day; empty: a new one"`
			Home  string  `json:"home,omitempty" maxLength:"40"`
			Label string  `json:"label,omitempty" maxLength:"60"`
			From  day.Day `json:"from_day,omitempty"`
			To    day.Day `json:"to_day,omitempty"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: at + "/spaces", Room: "money", Zh: "登记或结束车位租用", En: "Keep or end the rent of a parking space"},
		func(ctx context.Context, who access.Who, in *spaceIn) (Space, error) {
			b := in.Body
			return t.Rent(ctx, who, in.Compound, Space{ID: b.ID, Home: b.Home, Label: b.Label, From: b.From, To: b.To})
		})
	type spacesIn struct {
		Compound string `path:"compound" maxLength:"40"`
		Q        string `query:"q" maxLength:"60" doc:"label of the space or of the home"`
	}
	serve.List(d, serve.Spec{Method: "GET", Path: at + "/spaces", Room: "money", Zh: "车位租用一览", En: "Rented parking spaces and who rents them"},
		func(ctx context.Context, who access.Who, in *spacesIn) ([]SpaceRow, error) {
			return t.Spaces(ctx, who, in.Compound, in.Q)
		})
	serve.List(d, serve.Spec{Method: "GET", Path: at + "/shared", Room: "money", Zh: "各期公摊总额", En: "Sums that homes share, period by period"},
		func(ctx context.Context, who access.Who, in *ByCompound) ([]SharedRow, error) {
			return t.SharedSums(ctx, who, in.Compound)
		})
	type dropSharedIn struct {
		Compound string `path:"compound" maxLength:"40"`
		ID       string `path:"id" maxLength:"40"`
		Body     struct {
			Reason string `json:"reason" maxLength:"300"`
		}
	}
	serve.Do(d, serve.Spec{Method: "POST", Path: at + "/shared/{id}/drop", Room: "money", Zh: "撤回填错、尚未出账的公摊总额", En: "Take a shared sum back of which no bills were made yet"},
		func(ctx context.Context, who access.Who, in *dropSharedIn) error {
			return t.DropShared(ctx, who, in.Compound, in.ID, in.Body.Reason)
		})
	serve.List(d, serve.Spec{Method: "GET", Path: at + "/provider-days", Room: "money", Zh: "支付渠道每日对账：相符、不符、未到", En: "Providers' days beside our orders: agreeing, differing, missing"},
		func(ctx context.Context, who access.Who, in *ByCompound) ([]ProviderDay, error) {
			return t.ProviderDays(ctx, who, in.Compound)
		})
	type readingsIn struct {
		Compound string `path:"compound" maxLength:"40"`
		Body     struct {
			Rows []Reading `json:"rows" maxItems:"5000"`
		}
	}
	type keptOut struct {
		Body struct {
			Kept int `json:"kept"`
		}
	}
	serve.Op(d, serve.Spec{Method: "POST", Path: at + "/readings", Room: "money", Zh: "录入水电表读数", En: "Take meter readings in, all or none"},
		func(ctx context.Context, who access.Who, in *readingsIn) (*keptOut, error) {
			out := &keptOut{}
			var err error
			out.Body.Kept, err = t.Readings(ctx, who, in.Compound, in.Body.Rows)
			return out, err
		})
	type sharedIn struct {
		Compound string `path:"compound" maxLength:"40"`
		Body     struct {
			Period   string      `json:"period" maxLength:"10"`
			Item     string      `json:"item" maxLength:"60"`
			ItemEn   string      `json:"item_en,omitempty" maxLength:"60"`
			Amount   int64       `json:"amount" doc:"fen"`
			Weigh    string      `json:"weigh" enum:"area,equal,head"`
			Under    scope.Path  `json:"under,omitempty" maxLength:"200"`
			Fund     ledger.Fund `json:"fund,omitempty" enum:",fees,company,income"`
			Decision string      `json:"decision" maxLength:"100"`
			Document string      `json:"document" maxLength:"100" doc:"the utility's bill: blobs/… or its number"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: at + "/shared", Room: "money", Status: 201, Zh: "登记本期公摊总额", En: "Keep a sum that homes share in a period"},
		func(ctx context.Context, who access.Who, in *sharedIn) (Shared, error) {
			b := in.Body
			p, err := tariff.ParsePeriod(b.Period)
			if err != nil {
				return Shared{}, err
			}
			return t.Share(ctx, who, in.Compound, Shared{Period: p, Item: b.Item, ItemEn: b.ItemEn, Amount: b.Amount, Weigh: b.Weigh, Under: b.Under, Fund: b.Fund, Decision: b.Decision, Document: b.Document})
		})
	type periodIn struct {
		Compound string `path:"compound" maxLength:"40"`
		Body     struct {
			Period string     `json:"period" maxLength:"10" doc:"2026-10, 2026-Q4, 2026-H2 or 2026"`
			Kinds  []BillKind `json:"kinds" minItems:"1" maxItems:"3" enum:"property,parking,utility"`
		}
	}
	serve.List(d, serve.Spec{Method: "POST", Path: at + "/bills/preview", Room: "money", Zh: "试算本期账单", En: "Count the bills of a period without making them"},
		func(ctx context.Context, who access.Who, in *periodIn) ([]Preview, error) {
			return t.PreviewBills(ctx, who, in.Compound, in.Body.Period, in.Body.Kinds)
		})
	serve.List(d, serve.Spec{Method: "POST", Path: at + "/bills", Room: "money", Status: 202, Zh: "出账（后台进行，重复点击不会重复出账）", En: "Make the bills of a period, as a job; again makes only what is missing"},
		func(ctx context.Context, who access.Who, in *periodIn) ([]Run, error) {
			return t.MakeBills(ctx, who, in.Compound, in.Body.Period, in.Body.Kinds)
		})
	serve.List(d, serve.Spec{Method: "GET", Path: at + "/runs", Room: "money", Zh: "出账记录和进度", En: "Billings and how far they are"},
		func(ctx context.Context, who access.Who, in *ByCompound) ([]Run, error) {
			return t.ListRuns(ctx, who, in.Compound)
		})
	type billsIn struct {
		Compound string    `path:"compound" maxLength:"40"`
		State    string    `query:"state" enum:",open,part,paid,waived,void,overdue"`
		Home     string    `query:"home" maxLength:"40"`
		Kind     BillKind  `query:"kind" enum:",property,parking,utility,shortfall,pledge,other"`
		Q        string    `query:"q" maxLength:"60" doc:"a home's label or number"`
		Period   string    `query:"period" maxLength:"10"`
		From     serve.Day `query:"from" doc:"first day on which it is due"`
		To       serve.Day `query:"to" doc:"last"`
		After    string    `query:"after" maxLength:"40"`
		Limit    int       `query:"limit" minimum:"0" maximum:"200"`
	}
	serve.One(d, serve.Spec{Method: "GET", Path: at + "/bills", Room: "money", Zh: "账单列表", En: "Bills of a compound, newest first"},
		func(ctx context.Context, who access.Who, in *billsIn) (BillPage, error) {
			return t.Bills(ctx, who, in.Compound, FindBills{State: in.State, Home: in.Home, Kind: in.Kind, Period: in.Period, Text: in.Q, From: in.From.Day, To: in.To.Day, After: in.After, Limit: in.Limit})
		})
	type homeIn struct {
		Compound string `path:"compound" maxLength:"40"`
		Home     string `path:"home" maxLength:"40"`
	}
	type findIn struct {
		Compound string `path:"compound" maxLength:"40"`
		Q        string `query:"q" maxLength:"60" doc:"label or its end, a parking space, an owner's name or last four digits"`
	}
	serve.List(d, serve.Spec{Method: "GET", Path: at + "/homes", Room: "money", Zh: "柜台找房屋：房号、车位、姓名、号码后四位", En: "Find a home at the desk: label, space, name, last four digits"},
		func(ctx context.Context, who access.Who, in *findIn) ([]DeskHome, error) {
			return t.FindHomes(ctx, who, in.Compound, in.Q)
		})
	type metersIn struct {
		Compound string `path:"compound" maxLength:"40"`
		Sort     string `query:"sort" maxLength:"30"`
	}
	serve.List(d, serve.Spec{Method: "GET", Path: at + "/meters", Room: "money", Zh: "水电表和最近读数", En: "Meters with their latest readings"},
		func(ctx context.Context, who access.Who, in *metersIn) ([]MeterRow, error) {
			return t.Meters(ctx, who, in.Compound, in.Sort)
		})
	type ordersIn struct {
		Compound string `path:"compound" maxLength:"40"`
		State    string `query:"state" enum:",new,open,paid,expired,unclear,differs"`
		After    string `query:"after" maxLength:"40"`
	}
	serve.One(d, serve.Spec{Method: "GET", Path: at + "/orders", Room: "money", Zh: "线上支付的订单", En: "Orders at payment providers"},
		func(ctx context.Context, who access.Who, in *ordersIn) (DeskOrders, error) {
			return t.Orders(ctx, who, in.Compound, in.State, in.After)
		})
	serve.One(d, serve.Spec{Method: "POST", Path: at + "/orders/{id}/ask", Room: "money", Zh: "再向支付渠道查询一笔订单", En: "Ask the provider again what became of an order"},
		func(ctx context.Context, who access.Who, in *ByBill) (DeskOrder, error) {
			return t.AskOrder(ctx, who, in.Compound, in.ID)
		})
	type clearIn struct {
		Compound string `path:"compound" maxLength:"40"`
		ID       string `path:"id" maxLength:"40"`
		Body     struct {
			How     string      `json:"how" enum:"paid,unpaid,take,returned" doc:"paid, unpaid: of an unclear order, as the provider's own record shows; take: receive what really came of one that differs; returned: the provider gave it back"`
			Outside string      `json:"outside,omitempty" maxLength:"60" doc:"the provider's number; needed for paid"`
			Amount  yuan.Amount `json:"amount,omitempty" doc:"fen that the provider's record shows; needed for paid"`
			Paper   string      `json:"paper,omitempty" maxLength:"40" doc:"an uploaded picture of that record; needed for paid and returned"`
			Reason  string      `json:"reason" maxLength:"500"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: at + "/orders/{id}/clear", Room: "money", Zh: "了结渠道不回应或金额不符的订单", En: "Clear an order whose provider does not answer or took another amount"},
		func(ctx context.Context, who access.Who, in *clearIn) (DeskOrder, error) {
			b := in.Body
			return t.ClearOrder(ctx, who, in.Compound, in.ID, Clearing{How: b.How, Outside: b.Outside, Amount: b.Amount, Paper: b.Paper, Reason: b.Reason})
		})
	serve.One(d, serve.Spec{Method: "GET", Path: at + "/homes/{home}/account", Room: "money", Zh: "一户的账：账单、收款、预存", En: "What a home owes, paid and has paid ahead"},
		func(ctx context.Context, who access.Who, in *homeIn) (Account, error) {
			return t.HomeAccount(ctx, who, in.Compound, in.Home)
		})
	type receiptIn struct {
		Compound string `path:"compound" maxLength:"40"`
		Body     struct {
			Home   string      `json:"home" maxLength:"40"`
			Way    string      `json:"way" enum:"cash,qr,transfer,prepaid"`
			Amount yuan.Amount `json:"amount" doc:"fen"`
			Bills  []string    `json:"bills,omitempty" maxItems:"200" doc:"in the order in which they are paid; empty: all open ones, oldest first"`
			Fund   ledger.Fund `json:"fund,omitempty" doc:"only this fund's bills; what is left is paid ahead into it"`
			On     day.Day     `json:"on,omitempty" doc:"day on which the money came; empty: today"`
			Ref    string      `json:"ref,omitempty" maxLength:"100" doc:"number of the transfer; a second receipt for it is refused"`
			Payer  string      `json:"payer,omitempty" maxLength:"60"`
			Once   string      `json:"once,omitempty" maxLength:"60" doc:"a key of the page's own against a second click"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: at + "/receipts", Room: "money", Status: 201, Zh: "柜台收款，开收据", En: "Take money at the desk and give a receipt"},
		func(ctx context.Context, who access.Who, in *receiptIn) (PrintedReceipt, error) {
			b := in.Body
			r, err := t.Receive(ctx, who, in.Compound, Receipt{Home: b.Home, Way: b.Way, Amount: b.Amount, Bills: b.Bills, Fund: b.Fund, On: b.On, Ref: b.Ref, Payer: b.Payer}, b.Once)
			if err != nil {
				return PrintedReceipt{}, err
			}
			return t.printed(ctx, r)
		})
	type receiptsIn struct {
		Compound string    `path:"compound" maxLength:"40"`
		Q        string    `query:"q" maxLength:"60" doc:"number, home, payer, number of a transfer, or a sum"`
		Way      string    `query:"way" enum:",cash,qr,transfer"`
		From     serve.Day `query:"from"`
		To       serve.Day `query:"to"`
		After    string    `query:"after" maxLength:"40"`
		Limit    int       `query:"limit" minimum:"0" maximum:"200"`
	}
	serve.One(d, serve.Spec{Method: "GET", Path: at + "/receipts", Room: "money", Zh: "收据列表：收据号、房号、付款人、金额", En: "Receipts of a compound, newest first, by number, home, payer or sum"},
		func(ctx context.Context, who access.Who, in *receiptsIn) (ReceiptPage, error) {
			return t.Receipts(ctx, who, in.Compound, FindReceipts{Text: in.Q, Way: in.Way, From: in.From.Day, To: in.To.Day, After: in.After, Limit: in.Limit})
		})
	serve.One(d, serve.Spec{Method: "GET", Path: at + "/receipts/{id}", Room: "money", Zh: "一张收据（可打印）", En: "One receipt, as it is printed"},
		func(ctx context.Context, who access.Who, in *ByBill) (PrintedReceipt, error) {
			return t.ShowReceipt(ctx, who, in.Compound, in.ID)
		})
	type refundIn struct {
		Compound string `path:"compound" maxLength:"40"`
		ID       string `path:"id" maxLength:"40"`
		Body     struct {
			Amount yuan.Amount `json:"amount"`
			Way    string      `json:"way,omitempty" enum:",cash,qr,transfer" doc:"empty: as it came in"`
			Reason string      `json:"reason" maxLength:"1000"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: at + "/receipts/{id}/refund", Room: "money", Status: 201, Zh: "退款，不超过该收据的余额", En: "Give back, never more than is left of the receipt"},
		func(ctx context.Context, who access.Who, in *refundIn) (Refund, error) {
			return t.GiveBack(ctx, who, in.Compound, in.ID, in.Body.Amount, in.Body.Way, in.Body.Reason)
		})
	type waiveIn struct {
		Compound string `path:"compound" maxLength:"40"`
		ID       string `path:"id" maxLength:"40"`
		Body     struct {
			Amount   yuan.Amount `json:"amount"`
			Decision string      `json:"decision" maxLength:"100" doc:"assemblies/ID/NO, contracts/ID or blobs/ID"`
			Reason   string      `json:"reason" maxLength:"1000"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: at + "/bills/{id}/waive", Room: "money", Zh: "按决定减免账单", En: "Waive some of a bill by a decision"},
		func(ctx context.Context, who access.Who, in *waiveIn) (Bill, error) {
			return t.Waive(ctx, who, in.Compound, in.ID, in.Body.Amount, in.Body.Decision, in.Body.Reason)
		})
	type bearIn struct {
		Compound string `path:"compound" maxLength:"40"`
		ID       string `path:"id" maxLength:"40"`
		Body     struct {
			Amount   yuan.Amount `json:"amount"`
			Fund     ledger.Fund `json:"fund" enum:"income,company" doc:"that bears it"`
			Decision string      `json:"decision" maxLength:"120" doc:"assemblies/ID/NO or decisions/ID; of the company's own money also blobs/ID"`
			Reason   string      `json:"reason" maxLength:"1000"`
		}
	}
	type borneIn struct {
		Compound string `path:"compound" maxLength:"40"`
		ID       string `path:"id" maxLength:"40"`
	}
	serve.List(d, serve.Spec{Method: "GET", Path: at + "/bills/{id}/bear", Room: "money", Zh: "承担这张账单的其他资金", En: "Other funds that bear this bill, or are asked to"},
		func(ctx context.Context, who access.Who, in *borneIn) ([]Bearing, error) {
			return t.Bearings(ctx, who, in.Compound, in.ID)
		})
	serve.One(d, serve.Spec{Method: "POST", Path: at + "/bills/{id}/bear", Room: "money", Status: 201, Zh: "由其他资金承担维修资金补交款或者工程份额：申请支付，付清后免除", En: "Let another fund bear a shortfall or a share of works: a payment is applied for, and the home is let off when it is paid"},
		func(ctx context.Context, who access.Who, in *bearIn) (Bearing, error) {
			return t.Bear(ctx, who, in.Compound, in.ID, in.Body.Fund, in.Body.Amount, in.Body.Decision, in.Body.Reason)
		})
	type correctIn struct {
		Compound string `path:"compound" maxLength:"40"`
		ID       string `path:"id" maxLength:"40"`
		Body     struct {
			Amount yuan.Amount `json:"amount" doc:"the right amount; 0 voids the bill"`
			Reason string      `json:"reason" maxLength:"1000"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: at + "/bills/{id}/correct", Room: "money", Zh: "更正账单：冲正后重开", En: "Correct a bill: it is reversed and made anew"},
		func(ctx context.Context, who access.Who, in *correctIn) (Bill, error) {
			return t.Correct(ctx, who, in.Compound, in.ID, in.Body.Amount, in.Body.Reason)
		})
	type arrearsIn struct {
		Compound string `path:"compound" maxLength:"40"`
		Limit    int    `query:"limit" minimum:"0" maximum:"1000"`
	}
	serve.One(d, serve.Spec{Method: "GET", Path: at + "/arrears", Room: "money", Zh: "欠费清单（催缴依民法典944，不停水电）", En: "Arrears (reminders by Civil Code 944; water and power are never cut off)"},
		func(ctx context.Context, who access.Who, in *arrearsIn) (ArrearsPage, error) {
			return t.Arrears(ctx, who, in.Compound, in.Limit)
		})
	type spanIn struct {
		Compound string    `path:"compound" maxLength:"40"`
		From     serve.Day `query:"from" doc:"first day on which bills were due; empty: the year's first"`
		To       serve.Day `query:"to" doc:"last; empty: today"`
	}
	serve.List(d, serve.Spec{Method: "GET", Path: at + "/collection", Room: "money", Zh: "收缴率：物业费、停车费", En: "Collection rates of property fee and parking, n of N"},
		func(ctx context.Context, who access.Who, in *spanIn) ([]Rate, error) {
			return t.Collection(ctx, who, in.Compound, in.From.Day, in.To.Day)
		})
	d.Raw("GET /api/money/{compound}/invoices.xlsx", func(w http.ResponseWriter, r *http.Request, who access.Who) error {
		if who.Account == "" {
			return access.ErrSignIn
		}
		q := r.URL.Query()
		from, e1 := day.Parse(q.Get("from"))
		to, e2 := day.Parse(q.Get("to"))
		if e1 != nil || e2 != nil {
			return ErrDay
		}
		var b bytes.Buffer
		if err := t.ExportInvoices(r.Context(), who, r.PathValue("compound"), from, to, q.Get("purpose"), &b); err != nil {
			return err
		}
		w.Header().Set("Content-Type", feeSheet)
		w.Header().Set("Content-Disposition", `attachment; filename="invoices.xlsx"`)
		_, err := w.Write(b.Bytes())
		return err
	})
	type differencesIn struct {
		Compound string `path:"compound" maxLength:"40"`
		State    string `query:"state" enum:",open,settled"`
	}
	serve.List(d, serve.Spec{Method: "GET", Path: at + "/differences", Room: "money", Zh: "与支付渠道对账的差异", En: "Differences from the payment providers' statements"},
		func(ctx context.Context, who access.Who, in *differencesIn) ([]Difference, error) {
			return t.Differences(ctx, who, in.Compound, in.State)
		})
	type settleIn struct {
		Compound string `path:"compound" maxLength:"40"`
		ID       string `path:"id" maxLength:"40"`
		Body     struct {
			Note string `json:"note" maxLength:"1000" doc:"what was found"`
		}
	}
	serve.Do(d, serve.Spec{Method: "POST", Path: at + "/differences/{id}/settle", Room: "money", Zh: "说明并了结差异", En: "Say what a difference was, and close it"},
		func(ctx context.Context, who access.Who, in *settleIn) error {
			return t.SettleDifference(ctx, who, in.Compound, in.ID, in.Body.Note)
		})

	serve.One(d, serve.Spec{Method: "POST", Path: at + "/differences/{id}/keep", Room: "money", Zh: "重复收到的一笔记作预交，可从收据退款", En: "Keep a second payment as paid ahead; it can be given back from its receipt"},
		func(ctx context.Context, who access.Who, in *settleIn) (Receipt, error) {
			return t.KeepSecond(ctx, who, in.Compound, in.ID, in.Body.Note)
		})
	type empty struct{}
	serve.One(d, serve.Spec{Method: "GET", Path: "/api/me/bills", Room: "money", Zh: "我的账单", En: "One's own bills"},
		func(ctx context.Context, who access.Who, _ *empty) (Mine, error) {
			return t.MyBills(ctx, who)
		})
	type payIn struct {
		Body struct {
			Bills    []string `json:"bills" minItems:"1" maxItems:"50"`
			Provider string   `json:"provider" maxLength:"30"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/me/bills/pay", Room: "money", Zh: "在线支付自己的账单（金额由系统计算）", En: "Pay one's own bills online; the amount is counted here"},
		func(ctx context.Context, who access.Who, in *payIn) (Order, error) {
			return t.PayBills(ctx, who, in.Body.Bills, in.Body.Provider)
		})
	serve.One(d, serve.Spec{Method: "GET", Path: "/api/me/orders/{id}", Room: "money", Zh: "我的一次支付", En: "One's own payment"},
		func(ctx context.Context, who access.Who, in *ByID) (Order, error) {
			return t.MyOrder(ctx, who, in.ID)
		})
	serve.List(d, serve.Spec{Method: "GET", Path: "/api/me/receipts-of-fees", Room: "money", Zh: "我的缴费收据", En: "One's own receipts"},
		func(ctx context.Context, who access.Who, _ *empty) ([]PrintedReceipt, error) {
			return t.MyReceipts(ctx, who)
		})
	d.Raw("POST /api/pay/{provider}/notify", func(w http.ResponseWriter, r *http.Request, _ access.Who) error {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 64<<10))
		if err != nil {
			return fault.New(fault.TooLarge, "money.notice_size", "通知过大", "the notice is too large")
		}
		if err := t.Notified(r.Context(), r.PathValue("provider"), r.Header.Get, body); err != nil {
			return err
		}
		_, err = io.WriteString(w, "success")
		return err
	})
	localRoutes(d, t)
}

// localRoutes is the page of the local provider, there only where it is configured.
func localRoutes(d *serve.Door, t *Till) {
	local := t.Local
	d.Raw("GET /api/pay/local/orders/{outside}", func(w http.ResponseWriter, r *http.Request, _ access.Who) error {
		l := local()
		if l == nil {
			return ErrMissing
		}
		amount, state, order, err := l.Page(r.Context(), r.PathValue("outside"))
		if err != nil {
			return err
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		act := `<form method="post"><p><button type="submit" autofocus>确认支付 Pay</button></p></form>`
		if state == "silent" {
			act += `<p>渠道现在不回应查询。The provider answers no question now.</p>`
		} else {
			act += `<form method="post" action="/api/pay/local/orders/` + html.EscapeString(r.PathValue("outside")) + `/hush"><p><button type="submit">演示：渠道不回应 Demo: no answer</button></p></form>`
		}
		back := `<p><a href="/p/money/orders/` + order + `">返回 Back</a></p>`
		if state == "paid" {
			act = `<p><strong>✓ 已支付 Paid</strong></p>`
		}
		act += back
		_, err = fmt.Fprintf(w, `<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>演示支付 Demo payment</title></head><body><main><h1>演示支付 Demo payment</h1><p>不会发生真实扣款。No money moves.</p><p>金额 Amount: <strong>¥%s</strong></p>%s</main></body></html>`, amount.Grouped(), act)
		return err
	})
	d.Raw("POST /api/pay/local/orders/{outside}/hush", func(w http.ResponseWriter, r *http.Request, _ access.Who) error {
		l := local()
		if l == nil {
			return ErrMissing
		}
		if err := l.Hush(r.Context(), r.PathValue("outside")); err != nil {
			return err
		}
		http.Redirect(w, r, "/api/pay/local/orders/"+r.PathValue("outside"), http.StatusSeeOther)
		return nil
	})
	d.Raw("POST /api/pay/local/orders/{outside}", func(w http.ResponseWriter, r *http.Request, _ access.Who) error {
		l := local()
		if l == nil {
			return ErrMissing
		}
		body, signature, err := l.Pay(r.Context(), r.PathValue("outside"))
		if err != nil {
			return err
		}
		if err := t.Notified(r.Context(), l.Name(), func(string) string { return signature }, body); err != nil {
			return err
		}
		http.Redirect(w, r, "/api/pay/local/orders/"+r.PathValue("outside"), http.StatusSeeOther)
		return nil
	})
}
