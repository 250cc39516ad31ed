package money

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/basis/yuan"
	"cuobian/platform/access"
	"cuobian/platform/serve"
	"cuobian/rooms/money/ledger"
)

const workbookType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

// ByEntry names an entry of a compound in the path.
type ByEntry struct {
	Compound string `path:"compound" maxLength:"40"`
	ID       string `path:"id" maxLength:"40"`
}

// ByItem names an item of a hand-over in the path.
type ByItem struct {
	Compound string `path:"compound" maxLength:"40"`
	ID       string `path:"id" maxLength:"40"`
	Item     string `path:"item" maxLength:"40"`
}

type openingBody struct {
	Day      day.Day         `json:"day"`
	Decision string          `json:"decision" maxLength:"200" doc:"the contract or resolution it stands on"`
	Paper    string          `json:"paper,omitempty" maxLength:"100" doc:"number of the signed paper"`
	Papers   []string        `json:"papers,omitempty" maxItems:"10" doc:"files sent before"`
	Balances []OpeningRow    `json:"balances" maxItems:"200"`
	Totals   []OpeningTotal  `json:"totals" maxItems:"6"`
	Arrears  []OpeningArrear `json:"arrears,omitempty" maxItems:"60000"`
}

func (b openingBody) opening() Opening {
	return Opening{Day: b.Day, Decision: b.Decision, Paper: b.Paper, Papers: b.Papers, Balances: b.Balances, Totals: b.Totals, Arrears: b.Arrears}
}

// bookRoutes adds the operations of the books.
func bookRoutes(d *serve.Door, t *Till) {
	type listIn struct {
		Under scope.Path `query:"under" maxLength:"200"`
		Q     string     `query:"q" maxLength:"60" doc:"of the compound's name, or the beginning of its initials"`
		State string     `query:"state" enum:",with,without,wrong" doc:"with books, without, or with books that do not agree"`
		After string     `query:"after" maxLength:"200"`
		Limit int        `query:"limit" minimum:"0" maximum:"200"`
	}
	serve.One(d, serve.Spec{Method: "GET", Path: "/api/money/books", Room: "money", Zh: "哪些小区建了账", En: "Which compounds have books"},
		func(ctx context.Context, who access.Who, in *listIn) (BookList, error) {
			return t.Books(ctx, who, FindBooks{in.Under, in.Q, in.State, in.After, in.Limit})
		})
	serve.One(d, serve.Spec{Method: "GET", Path: "/api/money/{compound}", Room: "money", Zh: "一个小区的账：各项资金、余额、预留、结账", En: "A compound's books at a glance"},
		func(ctx context.Context, who access.Who, in *ByCompound) (BookView, error) {
			return t.View(ctx, who, in.Compound)
		})
	serve.List(d, serve.Spec{Method: "GET", Path: "/api/money/{compound}/chart", Room: "money", Zh: "科目表", En: "The chart of accounts"},
		func(ctx context.Context, who access.Who, in *ByCompound) ([]ledger.Account, error) {
			return t.Chart(ctx, who, in.Compound)
		})
	openingRoutes(d, t)
	type entriesIn struct {
		ByCompound
		Fund    ledger.Fund `query:"fund" maxLength:"20"`
		Account string      `query:"account" maxLength:"80"`
		From    serve.Day   `query:"from"`
		To      serve.Day   `query:"to"`
		Q       string      `query:"q" maxLength:"60"`
		After   string      `query:"after" maxLength:"80"`
		Limit   int         `query:"limit" minimum:"0" maximum:"200"`
	}
	serve.One(d, serve.Spec{Method: "GET", Path: "/api/money/{compound}/entries", Room: "money", Zh: "记账凭证", En: "Entries"},
		func(ctx context.Context, who access.Who, in *entriesIn) (EntryPage, error) {
			return t.Entries(ctx, who, in.Compound, EntryFind{Fund: in.Fund, Account: in.Account, From: in.From.Day, To: in.To.Day, Q: in.Q, After: in.After, Limit: in.Limit})
		})
	serve.One(d, serve.Spec{Method: "GET", Path: "/api/money/{compound}/entries/{id}", Room: "money", Zh: "一笔分录的全部来历", En: "An entry with its whole trail"},
		func(ctx context.Context, who access.Who, in *ByEntry) (EntryFile, error) {
			return t.Entry(ctx, who, in.Compound, in.ID)
		})
	type handIn struct {
		ByCompound
		Body struct {
			Day      day.Day      `json:"day"`
			Text     string       `json:"text" maxLength:"200"`
			Decision string       `json:"decision" maxLength:"200"`
			Rule     string       `json:"rule" maxLength:"10" pattern:"^R[0-9]{2}$"`
			Paper    string       `json:"paper,omitempty" maxLength:"100"`
			Papers   []string     `json:"papers,omitempty" maxItems:"10"`
			Legs     []ledger.Leg `json:"legs" maxItems:"100"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/money/{compound}/entries", Room: "money", Zh: "手工记账：须有凭证、决定和依据", En: "Write an entry by hand: with document, decision and rule", Status: 201},
		func(ctx context.Context, who access.Who, in *handIn) (EntryLine, error) {
			b := in.Body
			return t.WriteByHand(ctx, who, in.Compound, Hand{Day: b.Day, Text: b.Text, Decision: b.Decision, Rule: b.Rule, Paper: b.Paper, Papers: b.Papers, Legs: b.Legs})
		})
	type reverseIn struct {
		ByEntry
		Body struct {
			On     day.Day  `json:"on,omitempty" doc:"today where left out"`
			Reason string   `json:"reason" maxLength:"300"`
			Paper  string   `json:"paper,omitempty" maxLength:"100"`
			Papers []string `json:"papers,omitempty" maxItems:"10"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/money/{compound}/entries/{id}/reverse", Room: "money", Zh: "冲正，须写明原因", En: "Reverse an entry, with a reason", Status: 201},
		func(ctx context.Context, who access.Who, in *reverseIn) (EntryLine, error) {
			return t.ReverseByHand(ctx, who, in.Compound, in.ID, in.Body.On, in.Body.Reason, in.Body.Paper, in.Body.Papers)
		})
	type closeIn struct {
		ByCompound
		Body struct {
			Through day.Day `json:"through"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/money/{compound}/close", Room: "money", Zh: "结账：该日及以前不再记账", En: "Close all days through one", Status: 201},
		func(ctx context.Context, who access.Who, in *closeIn) (Closed, error) {
			return t.Close(ctx, who, in.Compound, in.Body.Through)
		})
	serve.List(d, serve.Spec{Method: "GET", Path: "/api/money/{compound}/closings", Room: "money", Zh: "已结账期间", En: "Closed periods"},
		func(ctx context.Context, who access.Who, in *ByCompound) ([]Closed, error) {
			return t.Closings(ctx, who, in.Compound)
		})
	type statementIn struct {
		ByCompound
		Fund ledger.Fund `query:"fund" maxLength:"20"`
		From serve.Day   `query:"from" required:"true"`
		To   serve.Day   `query:"to" required:"true"`
	}
	serve.One(d, serve.Spec{Method: "GET", Path: "/api/money/{compound}/statement", Room: "money", Zh: "收支和余额表：月、季、年或任意日期", En: "Earned, spent and balances: month, quarter, year or any days"},
		func(ctx context.Context, who access.Who, in *statementIn) (BookStatement, error) {
			return t.Statement(ctx, who, in.Compound, in.Fund, in.From.Day, in.To.Day)
		})
	serve.One(d, serve.Spec{Method: "GET", Path: "/api/money/{compound}/proof", Room: "money", Zh: "现在核对：合计为零、发生额与分录、统驭科目与明细", En: "Prove the books now"},
		func(ctx context.Context, who access.Who, in *ByCompound) (Proofs, error) {
			return t.Prove(ctx, who, in.Compound)
		})
	d.Raw("GET /api/money/{compound}/books.xlsx", func(w http.ResponseWriter, r *http.Request, who access.Who) error {
		if who.Account == "" {
			return access.ErrSignIn
		}
		from, err := day.Parse(r.URL.Query().Get("from"))
		if err != nil || !from.Sound() {
			return fault.Bad("from", "money.day", "日期有误", "the day cannot be right")
		}
		to, err := day.Parse(r.URL.Query().Get("to"))
		if err != nil || to < from {
			return fault.Bad("to", "money.day", "日期有误", "the day cannot be right")
		}
		out := &download{w: w, name: "books.xlsx", kind: workbookType}
		return out.end(t.Workbook(r.Context(), who, r.PathValue("compound"), from, to, out))
	})
	d.Raw("GET /api/money/{compound}/journal.txt", func(w http.ResponseWriter, r *http.Request, who access.Who) error {
		if who.Account == "" {
			return access.ErrSignIn
		}
		out := &download{w: w, name: "books.journal", kind: "text/plain; charset=utf-8"}
		return out.end(t.Journal(r.Context(), who, r.PathValue("compound"), out))
	})
	handoverRoutes(d, t)
}

// download sends the headers with the first bytes, so that a fault before them is still an answer; a fault after them cuts
// the file short.
type download struct {
	w          http.ResponseWriter
	name, kind string
	begun      bool
}

// Write sends a part.
func (d *download) Write(b []byte) (int, error) {
	if !d.begun {
		d.begun = true
		d.w.Header().Set("Content-Type", d.kind)
		d.w.Header().Set("Content-Disposition", `attachment; filename="`+d.name+`"`)
		d.w.Header().Set("Cache-Control", "no-store")
	}
	return d.w.Write(b)
}

func (d *download) end(err error) error {
	if err != nil && d.begun {
		panic(http.ErrAbortHandler)
	}
	return err
}

func openingRoutes(d *serve.Door, t *Till) {
	d.Raw("GET /api/money/{compound}/opening.xlsx", func(w http.ResponseWriter, r *http.Request, who access.Who) error {
		if who.Account == "" {
			return access.ErrSignIn
		}
		if err := who.MaySomewhere(Keep); err != nil {
			return err
		}
		var b bytes.Buffer
		if err := OpeningSample(&b); err != nil {
			return err
		}
		out := &download{w: w, name: "opening.xlsx", kind: workbookType}
		_, err := out.Write(b.Bytes())
		return out.end(err)
	})
	// opening reads what was sent: JSON, or a form with the workbook as "file" and day, decision, paper, papers beside it.
	opening := func(w http.ResponseWriter, r *http.Request, who access.Who) (o Opening, err error) {
		if who.Account == "" {
			return o, access.ErrSignIn
		}
		if err := who.MaySomewhere(Keep); err != nil {
			return o, err
		}
		r.Body = http.MaxBytesReader(w, r.Body, 32<<20)
		bad := fault.Bad("body", "money.opening_body", "提交的内容无法读取", "what was sent cannot be read")
		if strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
			var b openingBody
			if err := json.NewDecoder(r.Body).Decode(&b); err != nil {
				return o, bad.Because(err)
			}
			return b.opening(), nil
		}
		parts, err := r.MultipartReader()
		if err != nil {
			return o, bad.Because(err)
		}
		texts, found := map[string]string{}, false
		for {
			p, err := parts.NextPart()
			if err == io.EOF {
				break
			}
			if err != nil {
				return o, bad.Because(err)
			}
			if p.FileName() == "" {
				b, err := io.ReadAll(io.LimitReader(p, 4<<10))
				if err != nil {
					return o, bad.Because(err)
				}
				texts[p.FormName()] = string(b)
				continue
			}
			if o, err = ReadOpening(p.FileName(), p); err != nil {
				return o, err
			}
			found = true
		}
		if !found {
			return o, ErrOpeningFile
		}
		if o.Day, err = day.Parse(texts["day"]); err != nil {
			return o, fault.Bad("day", "money.day", "日期有误", "the day cannot be right")
		}
		o.Decision, o.Paper = texts["decision"], texts["paper"]
		for _, id := range strings.Split(texts["papers"], ",") {
			if id = strings.TrimSpace(id); id != "" {
				o.Papers = append(o.Papers, id)
			}
		}
		return o, nil
	}
	answer := func(w http.ResponseWriter, status int, v any) error {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		return json.NewEncoder(w).Encode(v)
	}
	d.Raw("POST /api/money/{compound}/opening/preview", func(w http.ResponseWriter, r *http.Request, who access.Who) error {
		o, err := opening(w, r, who)
		if err != nil {
			return err
		}
		p, err := t.PreviewOpening(r.Context(), who, r.PathValue("compound"), o)
		if err != nil {
			return err
		}
		return answer(w, 200, p)
	})
	d.Raw("POST /api/money/{compound}/opening", func(w http.ResponseWriter, r *http.Request, who access.Who) error {
		o, err := opening(w, r, who)
		if err != nil {
			return err
		}
		all, err := t.Open(r.Context(), who, r.PathValue("compound"), o)
		if err != nil {
			return err
		}
		return answer(w, 201, map[string]any{"items": all, "count": len(all)})
	})
}

func handoverRoutes(d *serve.Door, t *Till) {
	type none struct{}
	serve.List(d, serve.Spec{Method: "GET", Path: "/api/me/money-handovers", Room: "money", Zh: "我参与的移交：移交方、接收方", En: "Hand-overs in which one is of a side"},
		func(ctx context.Context, who access.Who, _ *none) ([]Handover, error) { return t.MyHandovers(ctx, who) })
	serve.List(d, serve.Spec{Method: "GET", Path: "/api/money/{compound}/handovers", Room: "money", Zh: "账户、合同、印章的移交", En: "Hand-overs of accounts, contracts and seals"},
		func(ctx context.Context, who access.Who, in *ByCompound) ([]Handover, error) {
			return t.Handovers(ctx, who, in.Compound)
		})
	type beginIn struct {
		ByCompound
		Body struct {
			From string   `json:"from_org" maxLength:"40"`
			To   string   `json:"to_org,omitempty" maxLength:"40" doc:"left out: the community keeps it for the next"`
			Due  day.Day  `json:"due,omitempty" doc:"as agreed; ten days where left out (R23)"`
			Note string   `json:"note,omitempty" maxLength:"500"`
			More []string `json:"more,omitempty" maxItems:"100" doc:"rooms, keys, plans"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/money/{compound}/handovers", Room: "money", Zh: "开始移交：清单由系统按账生成", En: "Begin a hand-over; the list is made from the books", Status: 201},
		func(ctx context.Context, who access.Who, in *beginIn) (Handover, error) {
			b := in.Body
			return t.BeginHandover(ctx, who, in.Compound, NewHandover{From: b.From, To: b.To, Due: b.Due, Note: b.Note, More: b.More})
		})
	serve.One(d, serve.Spec{Method: "GET", Path: "/api/money/{compound}/handovers/{id}", Room: "money", Zh: "一次移交", En: "One hand-over"},
		func(ctx context.Context, who access.Who, in *ByEntry) (Handover, error) {
			return t.Handover(ctx, who, in.Compound, in.ID)
		})
	type giveIn struct {
		ByItem
		Body struct {
			Missing bool   `json:"missing,omitempty"`
			Note    string `json:"note,omitempty" maxLength:"300"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/money/{compound}/handovers/{id}/items/{item}/give", Room: "money", Zh: "移交一项，或写明缺失", En: "Hand an item over, or say that it is missing"},
		func(ctx context.Context, who access.Who, in *giveIn) (Handover, error) {
			return t.GiveItem(ctx, who, in.Compound, in.ID, in.Item, in.Body.Missing, in.Body.Note)
		})
	type takeIn struct {
		ByItem
		Body struct {
			Counted yuan.Amount `json:"counted" doc:"fen found, where it is money; 0 otherwise"`
			Note    string      `json:"note,omitempty" maxLength:"300"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/money/{compound}/handovers/{id}/items/{item}/receive", Room: "money", Zh: "接收一项，写明清点数", En: "Receive an item, with what was counted"},
		func(ctx context.Context, who access.Who, in *takeIn) (Handover, error) {
			return t.ReceiveItem(ctx, who, in.Compound, in.ID, in.Item, in.Body.Counted, in.Body.Note)
		})
	type signIn struct {
		ByEntry
		Body struct {
			Note string `json:"note,omitempty" maxLength:"500"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/money/{compound}/handovers/{id}/sign", Room: "money", Zh: "签字：先移交方，后接收方", En: "Sign: first who hands over, then who receives"},
		func(ctx context.Context, who access.Who, in *signIn) (Handover, error) {
			return t.SignHandover(ctx, who, in.Compound, in.ID, in.Body.Note)
		})
}
