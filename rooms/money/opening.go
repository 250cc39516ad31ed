package money

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/yuan"
	"cuobian/platform/access"
	"cuobian/platform/sheet"
	"cuobian/platform/store"
	"cuobian/rooms/money/ledger"
	"cuobian/rooms/place"
)

// Refusals of openings.
var (
	ErrOpening     = fault.New(fault.Invalid, "money.opening", "期初数据有问题，请先按预览逐项更正", "something in the opening is not right; mend what the preview names")
	ErrOpeningFile = fault.Bad("file", "money.opening_file", "请使用期初样表：“余额”“核对”“欠费”三张表", "use the sample: the sheets 余额, 核对 and 欠费")
	ErrOpeningUsed = fault.New(fault.Refused, "money.opening_used", "该资金已有其他分录，期初不能再冲正；请用分录更正", "the fund has other entries by now; correct the opening by an entry")
)

// mostAmount is the biggest figure of an opening, ten trillion yuan, as in the kernel.
const mostAmount yuan.Amount = 1_000_000_000_000_000

// OpeningRow is a balance on the day of moving in: assets and debts as people write them, both above zero.
type OpeningRow struct {
	Row     int         `json:"row,omitempty" doc:"in the sheet"`
	Fund    ledger.Fund `json:"fund"`
	Account string      `json:"account" doc:"code below the fund (bank, owed, ahead, payable, held) or the whole code"`
	Amount  yuan.Amount `json:"amount"`
}

// OpeningTotal is what the outgoing side stated, signed paper in hand: assets less debts of a fund.
type OpeningTotal struct {
	Row   int         `json:"row,omitempty"`
	Fund  ledger.Fund `json:"fund"`
	Total yuan.Amount `json:"total"`
}

// OpeningArrear is what a home owes for days before, or has paid ahead (kind ahead).
type OpeningArrear struct {
	Row    int         `json:"row,omitempty"`
	Home   string      `json:"home" doc:"as on the doors: 3-1-502"`
	Kind   string      `json:"kind" enum:"property,parking,utility,other,ahead"`
	Fund   ledger.Fund `json:"fund"`
	From   day.Day     `json:"from"`
	To     day.Day     `json:"to"`
	Amount yuan.Amount `json:"amount"`
	home   string      // id
}

// Opening is all that a compound moves in with.
type Opening struct {
	Day      day.Day
	Decision string
	Paper    string
	Papers   []string
	Balances []OpeningRow
	Totals   []OpeningTotal
	Arrears  []OpeningArrear
	faults   []OpeningFault // of reading a workbook
}

// OpeningFault names what is not right, by sheet, row and field.
type OpeningFault struct {
	Sheet string `json:"sheet" enum:"余额,核对,欠费,"`
	Row   int    `json:"row"`
	Field string `json:"field"`
	Zh    string `json:"zh"`
	En    string `json:"en"`
}

// OpeningFund is one fund of a preview.
type OpeningFund struct {
	Fund       ledger.Fund `json:"fund"`
	Zh         string      `json:"zh"`
	En         string      `json:"en"`
	Sum        yuan.Amount `json:"sum" doc:"assets less debts, as the rows add up"`
	Total      yuan.Amount `json:"total" doc:"as stated"`
	Difference yuan.Amount `json:"difference"`
	Owed       yuan.Amount `json:"owed"`
	Arrears    yuan.Amount `json:"arrears" doc:"of the homes; equals owed"`
	Ahead      yuan.Amount `json:"ahead" doc:"paid ahead"`
	Prepaid    yuan.Amount `json:"prepaid" doc:"of the homes; equals ahead"`
	Begun      bool        `json:"begun" doc:"the fund has entries already"`
	Agrees     bool        `json:"agrees"`
}

// OpeningPreview says what an opening would do. Nothing is written.
type OpeningPreview struct {
	Day      day.Day         `json:"day"`
	Funds    []OpeningFund   `json:"funds"`
	Balances []OpeningRow    `json:"balances"`
	Arrears  []OpeningArrear `json:"arrears"`
	Faults   []OpeningFault  `json:"faults"`
	Ready    bool            `json:"ready" doc:"it can be written"`
}

var openingAccounts = []struct{ code, zh string }{{"bank", "银行存款"}, {"cash", "现金"}, {"owed", "应收"}, {"ahead", "预收"}, {"payable", "应付"}, {"held", "押金和暂扣"}}

// judgeOpening looks at an opening: what is wrong with it, and the kernel's openings fund by fund where nothing is.
func (t *Till) judgeOpening(ctx context.Context, q store.Queryer, n place.Node, o *Opening) (p OpeningPreview, out []ledger.Opening, err error) {
	p = OpeningPreview{Day: o.Day, Funds: []OpeningFund{}, Balances: []OpeningRow{}, Arrears: []OpeningArrear{}, Faults: slices.Clone(o.faults)}
	if p.Faults == nil {
		p.Faults = []OpeningFault{}
	}
	wrong := func(sheet string, row int, field, zh, en string) {
		p.Faults = append(p.Faults, OpeningFault{sheet, row, field, zh, en})
	}
	on := t.Today()
	if !o.Day.Sound() || o.Day > on {
		wrong("", 0, "day", "期初日期有误，不能晚于今天", "the day is not right; it cannot be after today")
	}
	if strings.TrimSpace(o.Decision) == "" {
		wrong("", 0, "decision", "请写明依据的决定或合同", "name the decision or contract")
	}
	b, err := t.book(ctx, q, n.ID)
	if err != nil && !errors.Is(err, ErrNoBook) {
		return p, nil, err
	}
	if b.Closed.Sound() && o.Day <= b.Closed {
		wrong("", 0, "day", "该期间已结账", "the period is closed")
	}
	c, err := t.chart(ctx, q, n.ID)
	if err != nil {
		return p, nil, err
	}
	sums := map[ledger.Fund]*OpeningFund{}
	legs := map[ledger.Fund][]ledger.Leg{}
	fundOf := func(f ledger.Fund) *OpeningFund {
		if sums[f] == nil {
			sums[f] = &OpeningFund{Fund: f}
			sums[f].Zh, sums[f].En = f.Name()
		}
		return sums[f]
	}
	seen := map[string]bool{}
	for i := range o.Balances {
		r := &o.Balances[i]
		if !slices.Contains(ledger.Funds(), r.Fund) {
			wrong("余额", r.Row, "fund", "没有这项资金", "there is no such fund")
			continue
		}
		if !strings.HasPrefix(r.Account, string(r.Fund)+":") {
			r.Account = string(r.Fund) + ":" + r.Account
		}
		a, has := c[r.Account]
		if !has || a.Class != ledger.Asset && a.Class != ledger.Debt {
			wrong("余额", r.Row, "account", "没有这个科目，或者不是资产、负债科目", "there is no such account, or it is neither an asset nor a debt")
			continue
		}
		if seen[r.Account] {
			wrong("余额", r.Row, "account", "同一科目出现两次", "the account stands twice")
			continue
		}
		if seen[r.Account] = true; r.Amount <= 0 || r.Amount > mostAmount {
			wrong("余额", r.Row, "amount", "金额须大于零", "the amount has to be above zero")
			continue
		}
		f, amount := fundOf(r.Fund), r.Amount
		if a.Class == ledger.Debt {
			amount = -amount
		}
		f.Sum += amount
		if r.Account == string(r.Fund)+":owed" {
			f.Owed += amount
		}
		if r.Account == string(r.Fund)+":ahead" {
			f.Ahead -= amount
		}
		legs[r.Fund] = append(legs[r.Fund], ledger.Leg{Account: r.Account, Amount: amount})
	}
	stated := map[ledger.Fund]bool{}
	for _, x := range o.Totals {
		if !slices.Contains(ledger.Funds(), x.Fund) || stated[x.Fund] {
			wrong("核对", x.Row, "fund", "没有这项资金，或者出现两次", "there is no such fund, or it stands twice")
			continue
		}
		stated[x.Fund] = true
		fundOf(x.Fund).Total = x.Total
	}
	if len(o.Arrears) > 0 {
		homes := map[string][]string{}
		lo, hi := n.Path.Bounds()
		all, err := store.All(ctx, q, func(r *sql.Rows) (x [2]string, err error) {
			err = r.Scan(&x[0], &x[1])
			return x, err
		}, `select id, label from place_v_home where path >= $1 and path < $2 and ended_on = ''`, lo, hi)
		if err != nil {
			return p, nil, err
		}
		for _, x := range all {
			homes[x[1]] = append(homes[x[1]], x[0])
		}
		for i := range o.Arrears {
			r := &o.Arrears[i]
			switch ids := homes[strings.TrimSpace(r.Home)]; {
			case len(ids) != 1:
				wrong("欠费", r.Row, "home", "房号在本小区找不到，或者不止一套", "the home is not found here, or there are several")
			case !slices.Contains([]ledger.Fund{ledger.Fees, ledger.Company, ledger.Income}, r.Fund):
				wrong("欠费", r.Row, "fund", "欠费应属于物业服务资金、企业自有资金或公共收益", "arrears belong to the service fees, the company's own money or the public income")
			case !slices.Contains([]string{"property", "parking", "utility", "other", "ahead"}, r.Kind):
				wrong("欠费", r.Row, "kind", "没有这种费用", "there is no such fee")
			case r.Kind != "ahead" && (!r.From.Sound() || !r.To.Sound() || r.To < r.From):
				wrong("欠费", r.Row, "from", "所属期有误", "the period is not right")
			case r.Amount <= 0 || r.Amount > mostAmount:
				wrong("欠费", r.Row, "amount", "金额须大于零", "the amount has to be above zero")
			default:
				if r.home = ids[0]; r.Kind == "ahead" {
					fundOf(r.Fund).Prepaid += r.Amount
				} else {
					fundOf(r.Fund).Arrears += r.Amount
				}
			}
		}
	}
	for _, f := range ledger.Funds() {
		x := sums[f]
		if x == nil {
			continue
		}
		x.Difference = x.Sum - x.Total
		lo, hi := string(f)+":", string(f)+";"
		begun, err := store.Count(ctx, q, `select (select count(*) from money_turnover where compound = $1 and account >= $2 and account < $3 and (debit <> 0 or credit <> 0))
+ (select count(*) from money_new n join money_leg l on l.entry = n.entry where n.compound = $1 and l.account >= $2 and l.account < $3)`, n.ID, lo, hi)
		if err != nil {
			return p, nil, err
		}
		if begun > 0 { // but what was reversed to nothing may be opened again
			left, err := store.Count(ctx, q, `select count(*) from money_entry e where e.compound = $1 and e.reverses = '' and not exists (select 1 from money_entry u where u.reverses = e.id and u.reverses <> '')
and exists (select 1 from money_leg l where l.entry = e.id and l.account >= $2 and l.account < $3)`, n.ID, lo, hi)
			if err != nil {
				return p, nil, err
			}
			x.Begun = left > 0
		}
		switch {
		case x.Begun:
			wrong("余额", 0, "fund", x.Zh+"已有分录，不能再录期初", x.En+": has entries already; it cannot be opened again")
		case len(legs[f]) == 0:
			wrong("余额", 0, "fund", x.Zh+"没有余额行", x.En+": has no balances")
		case !stated[f]:
			wrong("核对", 0, "total", x.Zh+"缺少核对数", x.En+": the stated sum is missing")
		case x.Difference != 0:
			wrong("核对", 0, "total", x.Zh+"与核对数相差 "+x.Difference.String()+" 元", x.En+": differs from the stated sum by "+x.Difference.String()+" yuan")
		case x.Arrears != x.Owed && f != ledger.Works && f != ledger.Maintenance:
			wrong("欠费", 0, "amount", x.Zh+"各户欠费合计与应收余额相差 "+(x.Arrears-x.Owed).String()+" 元", x.En+": the arrears of the homes differ from what is owed by "+(x.Arrears-x.Owed).String()+" yuan")
		case x.Prepaid != x.Ahead && f != ledger.Works && f != ledger.Maintenance:
			wrong("欠费", 0, "amount", x.Zh+"各户预存合计与预收余额相差 "+(x.Prepaid-x.Ahead).String()+" 元", x.En+": what the homes have paid ahead differs from the account by "+(x.Prepaid-x.Ahead).String()+" yuan")
		default:
			x.Agrees = true
			out = append(out, ledger.Opening{Fund: f, Day: o.Day, Decision: strings.TrimSpace(o.Decision), Rule: "R30", Balances: legs[f], Total: x.Total})
		}
		p.Funds = append(p.Funds, *x)
	}
	if len(sums) == 0 && len(p.Faults) == 0 {
		wrong("余额", 0, "amount", "没有任何余额", "there are no balances")
	}
	p.Balances, p.Arrears = append(p.Balances, o.Balances...), append(p.Arrears, o.Arrears...)
	p.Ready = len(p.Faults) == 0
	return p, out, nil
}

// PreviewOpening says what an opening would do and what is wrong with it.
func (t *Till) PreviewOpening(ctx context.Context, who access.Who, compound string, o Opening) (p OpeningPreview, err error) {
	n, err := t.compound(ctx, t.db, compound)
	if err != nil {
		return p, err
	}
	if err := t.may(ctx, t.db, who, Keep, n.Path); err != nil {
		return p, err
	}
	p, _, err = t.judgeOpening(ctx, t.db, n, &o)
	return p, err
}

// Open writes the opening of a compound: its books are begun, an entry for each fund, and a bill for what each home owes. It
// all agrees to the fen, or nothing is written.
func (t *Till) Open(ctx context.Context, who access.Who, compound string, o Opening) (out []EntryLine, err error) {
	if err := person(who); err != nil {
		return nil, err
	}
	n, err := t.compound(ctx, t.db, compound)
	if err != nil {
		return nil, err
	}
	if err := t.may(ctx, t.db, who, Keep, n.Path); err != nil {
		return nil, err
	}
	err = t.db.Write(ctx, func(tx *store.Tx) error {
		out = nil
		b, err := t.begin(ctx, tx, n)
		if err != nil {
			return err
		}
		p, funds, err := t.judgeOpening(ctx, tx, n, &o)
		if err != nil {
			return err
		}
		if !p.Ready {
			return ErrOpening
		}
		c, err := t.chart(ctx, tx, n.ID)
		if err != nil {
			return err
		}
		first := tx.NewID()
		document, err := t.handPapers(ctx, tx, who, n, first, o.Paper, o.Papers)
		if err != nil {
			return err
		}
		entries := map[ledger.Fund]string{}
		for i, f := range funds {
			if f.ID = first; i > 0 {
				f.ID = tx.NewID()
			}
			// Its own kind of voucher, so that an opening is known for what it is; the paper stands behind it.
			f.Document = "openings/" + document
			e, err := c.Opening(f)
			if err != nil {
				return err
			}
			if e, err = t.postNew(ctx, tx, b, who.Person, e); err != nil {
				return err
			}
			entries[f.Fund] = e.ID
			line, err := t.written(ctx, tx, e.ID)
			if err != nil {
				return err
			}
			out = append(out, line)
		}
		if err := t.arrearBills(ctx, tx, b, who.Person, o, entries); err != nil {
			return err
		}
		if o.Day < b.Begun {
			if _, err := tx.Exec(ctx, `update money_book set begun_on = $1 where compound = $2`, o.Day, n.ID); err != nil {
				return err
			}
		}
		return t.trail(ctx, tx, who, Keep, n.Path, "open", "books/"+n.ID, "", map[string]any{"day": o.Day, "document": document, "funds": p.Funds, "arrears": len(o.Arrears)})
	})
	return out, err
}

// openingAlone lets an opening be reversed only while nothing else stands in its fund, nor a bill on it.
func (t *Till) openingAlone(ctx context.Context, tx *store.Tx, compound string, e ledger.Entry) error {
	f := ledger.Account{Code: e.Legs[0].Account}.Fund()
	n, err := store.Count(ctx, tx, `select count(*) from money_entry x where x.compound = $1 and x.id <> $2 and x.reverses = '' and not exists (select 1 from money_entry u where u.reverses = x.id and u.reverses <> '')
and exists (select 1 from money_leg l where l.entry = x.id and l.account >= $3 and l.account < $4)`, compound, e.ID, string(f)+":", string(f)+";")
	if err != nil {
		return err
	}
	if n > 0 || slices.ContainsFunc(e.Legs, func(l ledger.Leg) bool {
		return strings.HasSuffix(l.Account, ":owed") || strings.HasSuffix(l.Account, ":ahead")
	}) {
		return ErrOpeningUsed
	}
	return nil
}

// OpeningSample writes the sample workbook of an opening, filled with invented figures that agree.
func OpeningSample(w io.Writer) error {
	rows := func(list ...[]any) func(func([]any) bool) {
		return func(yield func([]any) bool) {
			for _, r := range list {
				if !yield(r) {
					return
				}
			}
		}
	}
	_, err := sheet.Write(w,
		sheet.List{Sheet: "余额", Columns: []sheet.Column{{Title: "资金", Width: 22}, {Title: "科目", Width: 18}, {Title: "金额（元）"}},
			Rows: rows([]any{"预收物业服务资金", "银行存款", sheet.Number("125000.50")}, []any{"预收物业服务资金", "应收", sheet.Number("1530.00")}, []any{"预收物业服务资金", "预收", sheet.Number("8600.00")},
				[]any{"公共收益", "银行存款", sheet.Number("42300.00")}, []any{"备用金", "现金", sheet.Number("2000.00")})},
		sheet.List{Sheet: "核对", Columns: []sheet.Column{{Title: "资金", Width: 22}, {Title: "核对数（资产减负债，元）", Width: 26}},
			Rows: rows([]any{"预收物业服务资金", sheet.Number("117930.50")}, []any{"公共收益", sheet.Number("42300.00")}, []any{"备用金", sheet.Number("2000.00")})},
		sheet.List{Sheet: "欠费", Columns: []sheet.Column{{Title: "房号", Width: 14}, {Title: "费用", Width: 12}, {Title: "所属期起", Width: 12}, {Title: "所属期止", Width: 12}, {Title: "金额（元）"}, {Title: "资金", Width: 22}},
			Rows: rows([]any{"1-101", "物业费", "2025-01-01", "2025-12-31", sheet.Number("1020.00")}, []any{"1-201", "停车费", "2025-07-01", "2025-12-31", sheet.Number("510.00")}, []any{"2-101", "预存", "", "", sheet.Number("8600.00")})})
	return err
}

// ReadOpening reads a workbook made after the sample. What cannot be read is kept as a fault of its row and told by the
// preview; only a file of another form is refused here.
func ReadOpening(name string, r io.Reader) (o Opening, err error) {
	book, err := sheet.Read(name, r, sheet.Limits{Rows: 60000, Columns: 40, Sheets: 10})
	if err != nil {
		return o, err
	}
	find := func(name string, heads ...string) (rows [][]string, at int, cols []int, ok bool) {
		for _, s := range book.Sheets {
			if strings.TrimSpace(s.Name) != name {
				continue
			}
			for i, row := range s.Rows[:min(len(s.Rows), 10)] {
				cols = cols[:0]
				for _, h := range heads {
					cols = append(cols, slices.IndexFunc(row, func(c string) bool { return strings.HasPrefix(strings.TrimSpace(c), h) }))
				}
				if !slices.Contains(cols, -1) {
					return s.Rows[i+1:], i + 2, cols, true
				}
			}
		}
		return nil, 0, nil, false
	}
	cell := func(row []string, i int) string {
		if i >= len(row) {
			return ""
		}
		return strings.TrimSpace(row[i])
	}
	blank := func(row []string) bool {
		return !slices.ContainsFunc(row, func(c string) bool { return strings.TrimSpace(c) != "" })
	}
	wrong := func(sheet string, row int, field, zh, en string) {
		o.faults = append(o.faults, OpeningFault{sheet, row, field, zh, en})
	}
	amount := func(sheet string, row int, field, s string) (yuan.Amount, bool) {
		a, err := yuan.Parse(s)
		if err != nil {
			wrong(sheet, row, field, "金额有误，最多两位小数", "the amount cannot be read; two decimals at most")
		}
		return a, err == nil
	}
	rows, at, cols, ok := find("余额", "资金", "科目", "金额")
	if !ok {
		return o, ErrOpeningFile
	}
	for i, row := range rows {
		if blank(row) {
			continue
		}
		r := OpeningRow{Row: at + i, Fund: fundNamed(cell(row, cols[0])), Account: cell(row, cols[1])}
		for _, a := range openingAccounts {
			if r.Account == a.zh {
				r.Account = a.code
			}
		}
		if r.Amount, ok = amount("余额", r.Row, "amount", cell(row, cols[2])); ok && r.Amount != 0 {
			o.Balances = append(o.Balances, r)
		}
	}
	if rows, at, cols, ok = find("核对", "资金", "核对数"); !ok {
		return o, ErrOpeningFile
	}
	for i, row := range rows {
		if blank(row) {
			continue
		}
		x := OpeningTotal{Row: at + i, Fund: fundNamed(cell(row, cols[0]))}
		if x.Total, ok = amount("核对", x.Row, "total", cell(row, cols[1])); ok {
			o.Totals = append(o.Totals, x)
		}
	}
	kinds := map[string]string{"物业费": "property", "物业服务费": "property", "停车费": "parking", "水电费": "utility", "代收水电费": "utility", "其他": "other", "预存": "ahead"}
	if rows, at, cols, ok = find("欠费", "房号", "费用", "所属期起", "所属期止", "金额"); ok {
		fund := -1
		for _, s := range book.Sheets {
			if strings.TrimSpace(s.Name) == "欠费" && at >= 2 && len(s.Rows) >= at-1 {
				fund = slices.IndexFunc(s.Rows[at-2], func(c string) bool { return strings.TrimSpace(c) == "资金" })
			}
		}
		for i, row := range rows {
			if blank(row) {
				continue
			}
			r := OpeningArrear{Row: at + i, Home: cell(row, cols[0]), Kind: cell(row, cols[1]), Fund: ledger.Fees}
			if k := kinds[r.Kind]; k != "" {
				r.Kind = k
			}
			if fund >= 0 && cell(row, fund) != "" {
				r.Fund = fundNamed(cell(row, fund))
			}
			var ok1, ok2 bool
			r.From, ok1 = cellDay(cell(row, cols[2]), false)
			r.To, ok2 = cellDay(cell(row, cols[3]), true)
			if r.Kind != "ahead" && (!ok1 || !ok2) {
				wrong("欠费", r.Row, "from", "日期有误，应为 2025-01-01", "the day cannot be read; it has the form 2025-01-01")
				continue
			}
			if r.Amount, ok = amount("欠费", r.Row, "amount", cell(row, cols[4])); ok {
				o.Arrears = append(o.Arrears, r)
			}
		}
	}
	return o, nil
}

// fundNamed finds a fund by its code or its name; what is none stays as it is and is refused by its row.
func fundNamed(s string) ledger.Fund {
	for _, f := range ledger.Funds() {
		zh, en := f.Name()
		if s == string(f) || s == zh || strings.EqualFold(s, en) || f == ledger.Maintenance && s == "维修资金" {
			return f
		}
	}
	return ledger.Fund(s)
}

// cellDay reads 2025-01-31, 2025/1/31, 2025年1月31日, 2025-01 (its first day, or its last) and a workbook's own day number.
func cellDay(s string, last bool) (day.Day, bool) {
	if n, err := strconv.Atoi(s); err == nil && n > 20000 && n < 80000 {
		return day.Date(1899, 12, 30).Add(n), true
	}
	s = strings.NewReplacer("/", "-", ".", "-", "年", "-", "月", "-", "日", "").Replace(s)
	parts := strings.Split(strings.Trim(s, "-"), "-")
	if len(parts) != 2 && len(parts) != 3 {
		return 0, false
	}
	for i, p := range parts {
		if len(p) == 1 {
			parts[i] = "0" + p
		}
	}
	if len(parts) == 2 {
		d, err := day.Parse(strings.Join(parts, "-") + "-01")
		if err == nil && last {
			d = monthEnd(d)
		}
		return d, err == nil && d.Sound()
	}
	d, err := day.Parse(strings.Join(parts, "-"))
	return d, err == nil && d.Sound()
}
