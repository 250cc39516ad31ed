package money

import (
	"context"
	"database/sql"
	"io"
	"strconv"

	"cuobian/basis/day"
	"cuobian/basis/paged"
	"cuobian/basis/scope"
	"cuobian/basis/share"
	"cuobian/basis/yuan"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/sheet"
	"cuobian/platform/store"
	"cuobian/rooms/money/ledger"
	"cuobian/rooms/money/tariff"
	"cuobian/rooms/outreach"
)

// ownBills is the condition that a person (parameter n) may see a bill as its debtor on a day (n+1): who owned the home in
// the bill's days, whom the bill names, or who lives there today as the owner's family or as owner. A tenant is not told what
// the owner owes, nor a buyer what the seller did.
func ownBills(n int) string {
	p, d := "$"+strconv.Itoa(n), "$"+strconv.Itoa(n+1)
	return `(person = ` + p + ` or (person = '' and (exists (select 1 from people_v_title o where o.node = money_bill.home and o.person = ` + p + ` and o.from_day <= money_bill.period_to and (o.to_day = '' or o.to_day >= money_bill.period_from))
or exists (select 1 from people_v_household o where o.node = money_bill.home and o.person = ` + p + ` and o.relation <> 'tenant' and o.from_day <= ` + d + ` and (o.to_day = '' or o.to_day >= ` + d + `) and o.from_day <= money_bill.period_to))))`
}

// FindBills asks for bills.
type FindBills struct {
	State  string // "", open (open or in part), part, paid, waived, void, overdue
	Home   string
	Kind   BillKind
	Period string
	Text   string  // of the home's name, such as 3-1-502
	From   day.Day // due from; zero: no bound
	To     day.Day
	After  string
	Limit  int
}

// BillPage is some bills, newest first.
type BillPage = paged.List[Bill]

// Bills lists a compound's bills.
func (t *Till) Bills(ctx context.Context, who access.Who, compound string, f FindBills) (p BillPage, err error) {
	n, err := t.there(ctx, t.db, who, Read, compound)
	if err != nil {
		return p, err
	}
	cond, args := `compound = $1`, []any{n.ID}
	arg := func(v any) string {
		args = append(args, v)
		return "$" + strconv.Itoa(len(args))
	}
	switch f.State {
	case "":
	case "open":
		cond += ` and state in ('open', 'part')`
	case "overdue":
		cond += ` and state in ('open', 'part') and due < ` + arg(t.Today())
	default:
		cond += ` and state = ` + arg(f.State)
	}
	if f.Home != "" {
		cond += ` and home = ` + arg(f.Home)
	}
	if f.Kind != "" {
		cond += ` and kind = ` + arg(string(f.Kind))
	}
	if f.Period != "" {
		x, err := tariff.ParsePeriod(f.Period)
		if err != nil {
			return p, err
		}
		cond += ` and period_from <= ` + arg(x.To) + ` and period_to >= ` + arg(x.From)
	}
	if f.From.Sound() {
		cond += ` and due >= ` + arg(f.From)
	}
	if f.To.Sound() {
		cond += ` and due <= ` + arg(f.To)
	}
	if f.Text != "" {
		homes, err := t.homesNamed(ctx, n.Path, f.Text)
		if err != nil {
			return p, err
		}
		if len(homes) == 0 {
			return BillPage{Items: []Bill{}}, nil
		}
		cond += ` and home in (` + store.Marks(len(args)+1, len(homes)) + `)`
		args = append(args, homes...)
	}
	if p.Count, err = store.Count(ctx, t.db, `select count(*) from (select 1 as x from money_bill where `+cond+` limit 10001) as page`, args...); err != nil {
		return p, err
	}
	if p.Count > 10000 {
		p.Count, p.More = 10000, true
	}
	if f.After != "" {
		cond += ` and id < ` + arg(f.After)
	}
	limit := f.Limit
	if limit <= 0 || limit > 200 {
		limit = 50
	}
	if p.Items, err = t.bills(ctx, t.db, cond+` order by id desc limit `+arg(limit+1), args...); err != nil {
		return p, err
	}
	if len(p.Items) > limit {
		p.Items = p.Items[:limit]
		p.Next = p.Items[limit-1].ID
	}
	return p, t.placed(ctx, p.Items)
}

// placed fills in where each bill's home is, in words.
func (t *Till) placed(ctx context.Context, list []Bill) error {
	var at []scope.Path
	for _, b := range list {
		at = append(at, b.Path)
	}
	words, err := t.on.Map.WordsFor(ctx, t.db, at...)
	for i := range list {
		list[i].Place = words[list[i].Path]
	}
	return err
}

// homesNamed are homes whose label holds a text, at most a hundred.
func (t *Till) homesNamed(ctx context.Context, at scope.Path, words string) ([]any, error) {
	lo, hi := at.Bounds()
	list, err := store.Texts(ctx, t.db, `select id from place_v_home where path >= $1 and path < $2 and (label = $3 or name = $3) order by path limit 100`, lo, hi, words)
	var out []any
	for _, s := range list {
		out = append(out, s)
	}
	return out, err
}

// PaidAhead is what a home has paid ahead into a fund.
type PaidAhead struct {
	Fund   ledger.Fund `json:"fund"`
	Amount yuan.Amount `json:"amount"`
}

// Account is all that a home owes, paid and has paid ahead: the cashier's view.
type Account struct {
	Home     string      `json:"home"`
	Place    string      `json:"place"`
	Owed     yuan.Amount `json:"owed"`
	Overdue  yuan.Amount `json:"overdue"`
	Ahead    []PaidAhead `json:"ahead"`
	Bills    []Bill      `json:"bills" doc:"open ones first, oldest first; then the latest 60 of the others"`
	Receipts []Receipt   `json:"receipts" doc:"the latest 60"`
	Refunds  []Refund    `json:"refunds"`
	Spaces   []Space     `json:"spaces"`
}

// HomeAccount is the account of a home.
func (t *Till) HomeAccount(ctx context.Context, who access.Who, compound, home string) (a Account, err error) {
	n, err := t.there(ctx, t.db, who, Collect, compound)
	if err != nil {
		return a, err
	}
	h, err := t.homeIn(ctx, t.db, n, home)
	if err != nil {
		return a, missing(err)
	}
	a = Account{Home: h.ID}
	if a.Bills, err = t.bills(ctx, t.db, `home = $1 and state in ('open', 'part') order by due, period_from, id`, h.ID); err != nil {
		return a, err
	}
	for _, b := range a.Bills {
		a.Owed += b.Rest
		if b.Overdue {
			a.Overdue += b.Rest
		}
	}
	rest, err := t.bills(ctx, t.db, `home = $1 and state not in ('open', 'part') order by id desc limit 60`, h.ID)
	if err != nil {
		return a, err
	}
	a.Bills = append(a.Bills, rest...)
	if a.Receipts, err = t.receipts(ctx, t.db, `home = $1 order by id desc limit 60`, h.ID); err != nil {
		return a, err
	}
	if a.Refunds, err = store.All(ctx, t.db, scanRefund, `select f.id, f.no, f.receipt, f.amount, f.ahead, f.way, f.reason, f.at from money_refund f join money_receipt r on r.id = f.receipt where r.home = $1 order by f.id desc limit 60`, h.ID); err != nil {
		return a, err
	}
	if a.Spaces, err = store.All(ctx, t.db, func(r *sql.Rows) (s Space, err error) {
		err = r.Scan(&s.ID, &s.Home, &s.Label, &s.From, &s.To)
		return s, err
	}, `select id, home, label, from_day, to_day from money_space where home = $1 order by from_day desc, id`, h.ID); err != nil {
		return a, err
	}
	if a.Ahead, err = t.aheads(ctx, h.ID); err != nil {
		return a, err
	}
	if err := t.placed(ctx, a.Bills); err != nil {
		return a, err
	}
	a.Place, err = t.on.Map.Words(ctx, t.db, h.Path)
	return a, err
}

func scanRefund(r *sql.Rows) (f Refund, err error) {
	err = r.Scan(&f.ID, &f.No, &f.Receipt, &f.Amount, &f.Ahead, &f.Way, &f.Reason, &f.At)
	return f, err
}

func (t *Till) aheads(ctx context.Context, home string) ([]PaidAhead, error) {
	return store.All(ctx, t.db, func(r *sql.Rows) (p PaidAhead, err error) { err = r.Scan(&p.Fund, &p.Amount); return },
		`select fund, cast(sum(amount) as bigint) from money_ahead where home = $1 group by fund having sum(amount) <> 0 order by fund`, home)
}

// PrintedReceipt is a receipt with what stands on the paper.
type PrintedReceipt struct {
	Receipt
	CompoundName string   `json:"compound_name"`
	Company      string   `json:"company,omitempty" doc:"who collects"`
	Refunds      []Refund `json:"refunds"`
	Capital      string   `json:"capital" doc:"the amount in Chinese numerals for papers, such as 壹佰贰拾元整"`
}

// ShowReceipt is one receipt for its desk, or for whoever owed what it paid.
func (t *Till) ShowReceipt(ctx context.Context, who access.Who, compound, id string) (p PrintedReceipt, err error) {
	r, err := t.receipt(ctx, t.db, id)
	if err != nil {
		return p, err
	}
	if r.Compound != compound {
		return p, ErrMissing
	}
	n, err := t.on.Map.Get(ctx, t.db, r.Compound)
	if err != nil {
		return p, err
	}
	if err := t.may(ctx, t.db, who, Collect, n.Path); err != nil {
		own, e := store.Count(ctx, t.db, `select count(*) from money_receipt where id = $1 and `+ownReceipts(2), id, who.Person, t.Today())
		if e != nil || own == 0 || who.Person == "" {
			return p, missing(err)
		}
	}
	return t.printed(ctx, r)
}

func (t *Till) printed(ctx context.Context, r Receipt) (p PrintedReceipt, err error) {
	p.Receipt = r
	p.Capital = capital(r.Amount)
	n, err := t.on.Map.Get(ctx, t.db, r.Compound)
	if err != nil {
		return p, err
	}
	p.CompoundName = n.Name
	if p.Place, err = t.on.Map.Words(ctx, t.db, r.Path); err != nil {
		return p, err
	}
	err = t.db.QueryRow(ctx, `select o.name from service_v_contract c join people_v_org o on o.id = c.org where c.path = $1 and c.from_day <= $2 and (c.to_day = '' or c.to_day >= $2) order by c.from_day desc limit 1`, string(n.Path), r.On).Scan(&p.Company)
	if err != nil && !none(err) {
		return p, err
	}
	p.Refunds, err = store.All(ctx, t.db, scanRefund, `select id, no, receipt, amount, ahead, way, reason, at from money_refund where receipt = $1 order by id`, r.ID)
	return p, err
}

// ownReceipts is ownBills for receipts: who owned the home on its day, or lives there with the owner's family.
func ownReceipts(n int) string {
	p, d := "$"+strconv.Itoa(n), "$"+strconv.Itoa(n+1)
	return `(exists (select 1 from people_v_title o where o.node = money_receipt.home and o.person = ` + p + ` and o.from_day <= money_receipt.day and (o.to_day = '' or o.to_day >= money_receipt.day))
or exists (select 1 from people_v_household o where o.node = money_receipt.home and o.person = ` + p + ` and o.relation <> 'tenant' and o.from_day <= money_receipt.day and (o.to_day = '' or o.to_day >= ` + d + `)))`
}

// capital writes an amount in the numerals of papers.
func capital(a yuan.Amount) string {
	const digits = "零壹贰叁肆伍陆柒捌玖"
	dg := []rune(digits)
	if a < 0 {
		return "负" + capital(-a)
	}
	whole, jiao, fen := int64(a/100), int64(a/10%10), int64(a%10)
	out := ""
	if whole > 0 {
		s := strconv.FormatInt(whole, 10)
		units := []string{"", "拾", "佰", "仟"}
		groups := []string{"", "万", "亿", "万亿"}
		zero, inGroup := false, false
		for i, r := range s {
			place := len(s) - 1 - i
			if r == '0' {
				zero = true
			} else {
				if zero && out != "" {
					out += "零"
				}
				zero, inGroup = false, true
				out += string(dg[r-'0']) + units[place%4]
			}
			if place%4 == 0 {
				if inGroup && place > 0 {
					out += groups[place/4]
				}
				inGroup = false
			}
		}
		out += "元"
	}
	switch {
	case jiao == 0 && fen == 0:
		if out == "" {
			out = "零元"
		}
		return out + "整"
	case jiao == 0 && out != "":
		out += "零"
	case jiao > 0:
		out += string(dg[jiao]) + "角"
	}
	if fen > 0 {
		return out + string(dg[fen]) + "分"
	}
	return out + "整"
}

// Mine is what one owes oneself.
type Mine struct {
	Items     []Bill      `json:"items" doc:"open ones first, oldest first; then the latest 60 others"`
	Owed      yuan.Amount `json:"owed"`
	Overdue   yuan.Amount `json:"overdue"`
	Ahead     []MyAhead   `json:"ahead" doc:"what one's homes have paid ahead"`
	Providers []string    `json:"providers" doc:"ways of paying online"`
	Count     int64       `json:"count"`
	Next      string      `json:"next"`
	More      bool        `json:"more"`
}

// MyAhead is what a home of one's own has paid ahead into a fund.
type MyAhead struct {
	Home  string `json:"home"`
	Place string `json:"place"`
	PaidAhead
}

// myAheads are what the homes that one owns today have paid ahead.
func (t *Till) myAheads(ctx context.Context, person string) ([]MyAhead, error) {
	out := []MyAhead{}
	homes, err := store.Texts(ctx, t.db, `select distinct node from people_v_title where person = $1 and from_day <= $2 and (to_day = '' or to_day >= $2) order by node`, person, t.Today())
	if err != nil {
		return nil, err
	}
	for _, h := range homes {
		sums, err := t.aheads(ctx, h)
		if err != nil {
			return nil, err
		}
		for _, a := range sums {
			n, err := t.on.Map.Get(ctx, t.db, h)
			if err != nil {
				return nil, err
			}
			place, err := t.on.Map.Words(ctx, t.db, n.Path)
			if err != nil {
				return nil, err
			}
			out = append(out, MyAhead{h, place, a})
		}
	}
	return out, nil
}

// MyBills are one's own bills.
func (t *Till) MyBills(ctx context.Context, who access.Who) (m Mine, err error) {
	if err := person(who); err != nil {
		return m, err
	}
	m.Providers = t.Providers()
	if m.Items, err = t.mine(ctx, who, `state in ('open', 'part')`, `order by due, period_from, id limit 200`); err != nil {
		return m, err
	}
	for _, b := range m.Items {
		m.Owed += b.Rest
		if b.Overdue {
			m.Overdue += b.Rest
		}
	}
	rest, err := t.mine(ctx, who, `state in ('paid', 'waived')`, `order by id desc limit 60`)
	if err != nil {
		return m, err
	}
	m.Items = append(m.Items, rest...)
	m.Count = int64(len(m.Items))
	if m.Ahead, err = t.myAheads(ctx, who.Person); err != nil {
		return m, err
	}
	return m, t.placed(ctx, m.Items)
}

// mine finds bills by the homes that one has to do with, and those that name one, so that not every bill is asked.
func (t *Till) mine(ctx context.Context, who access.Who, cond, order string) ([]Bill, error) {
	homes, err := t.homesOf(ctx, who.Person)
	if err != nil {
		return nil, err
	}
	named, err := t.bills(ctx, t.db, `person = $1 and person <> '' and `+cond+` `+order, who.Person)
	if err != nil || len(homes) == 0 {
		return named, err
	}
	list, err := t.bills(ctx, t.db, `home in (`+store.Marks(3, len(homes))+`) and person = '' and `+cond+` and `+ownBills(1)+` `+order, append([]any{who.Person, t.Today()}, homes...)...)
	return append(list, named...), err
}

// homesOf are the homes that a person owns or owned, lives or lived in.
func (t *Till) homesOf(ctx context.Context, person string) ([]any, error) {
	list, err := store.Texts(ctx, t.db, `select node from people_v_title where person = $1 union select node from people_v_household where person = $1`, person)
	var out []any
	for _, h := range list {
		out = append(out, h)
	}
	return out, err
}

// MyReceipts are the receipts for one's homes.
func (t *Till) MyReceipts(ctx context.Context, who access.Who) ([]PrintedReceipt, error) {
	if err := person(who); err != nil {
		return nil, err
	}
	out := []PrintedReceipt{}
	homes, err := t.homesOf(ctx, who.Person)
	if err != nil || len(homes) == 0 {
		return out, err
	}
	list, err := t.receipts(ctx, t.db, `home in (`+store.Marks(3, len(homes))+`) and `+ownReceipts(1)+` order by id desc limit 100`, append([]any{who.Person, t.Today()}, homes...)...)
	if err != nil {
		return nil, err
	}
	for _, r := range list {
		p, err := t.printed(ctx, r)
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}

// Arrear is what a home owes past its day.
type Arrear struct {
	Home     string      `json:"home"`
	Path     scope.Path  `json:"path"`
	Place    string      `json:"place"`
	Amount   yuan.Amount `json:"amount"`
	Bills    int64       `json:"bills"`
	Oldest   day.Day     `json:"oldest" doc:"the earliest day on which something was due"`
	Days     int         `json:"days" doc:"since then"`
	Reminded int64       `json:"reminded" doc:"reminders of the oldest"`
}

// ArrearsPage is who owes, most first.
type ArrearsPage struct {
	paged.List[Arrear]
	Amount yuan.Amount `json:"amount" doc:"of all of them"`
}

// Arrears lists the homes of a compound that owe past the day, most first.
func (t *Till) Arrears(ctx context.Context, who access.Who, compound string, limit int) (p ArrearsPage, err error) {
	n, err := t.there(ctx, t.db, who, Collect, compound)
	if err != nil {
		return p, err
	}
	on := t.Today()
	if err := t.db.QueryRow(ctx, `select count(distinct home), cast(coalesce(sum(amount - paid - waived), 0) as bigint) from money_bill where compound = $1 and state in ('open', 'part') and due < $2`, n.ID, on).Scan(&p.Count, &p.Amount); err != nil {
		return p, err
	}
	if limit <= 0 || limit > 1000 {
		limit = 200
	}
	p.Items, err = store.All(ctx, t.db, func(r *sql.Rows) (a Arrear, err error) {
		err = r.Scan(&a.Home, &a.Path, &a.Amount, &a.Bills, &a.Oldest, &a.Reminded)
		a.Days = on.Sub(a.Oldest)
		return a, err
	}, `select home, path, cast(sum(amount - paid - waived) as bigint), count(*), min(due), max(reminded) from money_bill where compound = $1 and state in ('open', 'part') and due < $2 group by home, path order by 3 desc, home limit $3`, n.ID, on, limit)
	if err != nil {
		return p, err
	}
	var at []scope.Path
	for _, a := range p.Items {
		at = append(at, a.Path)
	}
	words, err := t.on.Map.WordsFor(ctx, t.db, at...)
	for i := range p.Items {
		p.Items[i].Place = words[p.Items[i].Path]
	}
	return p, err
}

// Rate is how much of what was billed came in. Sums are fen; N of D.
type Rate struct {
	Kind    BillKind    `json:"kind" enum:"property,parking"`
	Billed  yuan.Amount `json:"billed" doc:"D: due in these days, without what was waived or void"`
	Got     yuan.Amount `json:"got" doc:"N: of it paid by now"`
	Percent string      `json:"percent" doc:"cut to two decimals; empty where nothing was due"`
	Bills   int64       `json:"bills"`
	Settled int64       `json:"settled" doc:"bills with nothing left"`
}

// Collection is the rate of property fee and of parking by what was due from a day to a day.
func (t *Till) Collection(ctx context.Context, who access.Who, compound string, from, to day.Day) ([]Rate, error) {
	n, err := t.there(ctx, t.db, who, Read, compound)
	if err != nil {
		return nil, err
	}
	if !to.Sound() {
		to = t.Today()
	}
	if !from.Sound() {
		from = day.MustParse(to.String()[:4] + "-01-01")
	}
	if to < from {
		return nil, ErrDay
	}
	lo, hi := n.Path.Bounds()
	out := []Rate{}
	for _, k := range []BillKind{PropertyFee, ParkingFee} {
		r := Rate{Kind: k}
		if err := t.db.QueryRow(ctx, `select cast(coalesce(sum(owed), 0) as bigint), cast(coalesce(sum(paid), 0) as bigint), count(*), coalesce(sum(settled), 0) from money_v_collection where path >= $1 and path < $2 and kind = $3 and due >= $4 and due <= $5`, lo, hi, string(k), from, to).
			Scan(&r.Billed, &r.Got, &r.Bills, &r.Settled); err != nil {
			return nil, err
		}
		r.Percent = share.Of(int64(r.Got), int64(r.Billed)).Percent()
		out = append(out, r)
	}
	return out, nil
}

// ExportInvoices writes what an invoice program needs of a period: one row for each part that a receipt paid. Names and numbers of
// persons are not in it.
func (t *Till) ExportInvoices(ctx context.Context, who access.Who, compound string, from, to day.Day, purpose string, w io.Writer) error {
	n, err := t.there(ctx, t.db, who, Collect, compound)
	if err != nil {
		return err
	}
	if purpose == "" {
		return ErrReason
	}
	if !from.Sound() || !to.Sound() || to < from || to.Sub(from) > 400 {
		return ErrDay
	}
	type line struct {
		no, day, item, itemEn, fund string
		path                        scope.Path
		from, to                    day.Day
		amount                      yuan.Amount
		way, payer                  string
	}
	list, err := store.All(ctx, t.db, func(r *sql.Rows) (l line, err error) {
		err = r.Scan(&l.no, &l.day, &l.path, &l.item, &l.itemEn, &l.fund, &l.from, &l.to, &l.amount, &l.way, &l.payer)
		return l, err
	}, `select r.no, r.day, r.path, b.words, b.words_en, b.fund, b.period_from, b.period_to, cast(sum(p.amount) as bigint), r.way, r.payer from money_receipt r join money_part p on p.receipt = r.id join money_bill b on b.id = p.bill
where r.compound = $1 and r.day >= $2 and r.day <= $3 and r.way <> 'prepaid' group by r.id, r.no, r.day, r.path, b.words, b.words_en, b.fund, b.period_from, b.period_to, r.way, r.payer having sum(p.amount) <> 0 order by r.no, b.period_from limit 100000`, n.ID, from, to)
	if err != nil {
		return err
	}
	var at []scope.Path
	for _, l := range list {
		at = append(at, l.path)
	}
	words, err := t.on.Map.WordsFor(ctx, t.db, at...)
	if err != nil {
		return err
	}
	if err := t.db.Write(ctx, func(tx *store.Tx) error {
		return t.trail(ctx, tx, who, Collect, n.Path, "invoices", "books/"+n.ID, purpose, map[string]any{"from": from, "to": to, "rows": len(list)})
	}); err != nil {
		return err
	}
	_, err = sheet.Write(w, sheet.List{Sheet: "开票", Title: n.Name + " 开票数据 " + from.String() + "—" + to.String(), Purpose: purpose, Mark: "厝边导出",
		Columns: []sheet.Column{{Title: "收据号", Width: 16}, {Title: "收款日期", Width: 12}, {Title: "房屋", Width: 36}, {Title: "付款人", Width: 16}, {Title: "项目", Width: 24}, {Title: "所属期起", Width: 12}, {Title: "所属期止", Width: 12}, {Title: "金额（元）", Width: 14}, {Title: "方式", Width: 10}, {Title: "资金", Width: 12}},
		Rows: func(yield func([]any) bool) {
			for _, l := range list {
				if !yield([]any{l.no, l.day, words[l.path], l.payer, l.item, l.from.String(), l.to.String(), sheet.Number(l.amount.String()), l.way, l.fund}) {
					return
				}
			}
		}})
	return err
}

// Remind goes up the ladder of reminders: a home whose bills are overdue is told at each step of the rule pack, once for all its
// bills of that step. There is no step that cuts anything off: Civil Code 944 forbids it, and the program has no such operation.
func (t *Till) Remind(ctx context.Context) (int, error) {
	on := t.Today()
	type line struct {
		compound, home string
		path           scope.Path
		due            day.Day
		reminded       int64
		bill           string
		rest           yuan.Amount
	}
	list, err := store.All(ctx, t.db, func(r *sql.Rows) (l line, err error) {
		err = r.Scan(&l.compound, &l.home, &l.path, &l.due, &l.reminded, &l.bill, &l.rest)
		return l, err
	}, `select compound, home, path, due, reminded, id, amount - paid - waived from money_bill where state in ('open', 'part') and due < $1 and due >= $2 and reminded < 10 order by home, due, id`, on, on.Add(-400))
	if err != nil {
		return 0, err
	}
	said := 0
	for len(list) > 0 {
		home := list[0].home
		n := 1
		for n < len(list) && list[n].home == home {
			n++
		}
		of := list[:n]
		list = list[n:]
		err := t.db.Write(ctx, func(tx *store.Tx) error {
			p, cal, _, err := t.rules(ctx, tx, of[0].path, on)
			if err != nil {
				return err
			}
			var due []line
			var sum yuan.Amount
			for _, l := range of {
				step := l.reminded
				for int(step) < len(p.Reminders) && cal.Deadline(l.due.End(day.Shanghai), p.Reminders[step], day.Hours{}).At < tx.Now {
					step++
				}
				if step == l.reminded {
					continue
				}
				l.reminded = step
				due = append(due, l)
				sum += l.rest
			}
			if len(due) == 0 {
				return nil
			}
			owners, err := store.Texts(ctx, tx, `select person from people_v_title where node = $1 and from_day <= $2 and (to_day = '' or to_day >= $2) order by person`, home, on)
			if err != nil {
				return err
			}
			for _, l := range due {
				if c, err := tx.Exec(ctx, `update money_bill set reminded = $2 where id = $1 and reminded < $2 and state in ('open', 'part')`, l.bill, l.reminded); err != nil || c == 0 {
					if err == nil {
						err = ErrChanged
					}
					return err
				}
				if _, err := tx.Exec(ctx, `insert into money_reminder (id, compound, home, bill, step, told, at) values ($1, $2, $3, $4, $5, $6, $7)`, tx.NewID(), l.compound, home, l.bill, l.reminded, len(owners), int64(tx.Now)); err != nil {
					return err
				}
			}
			where, err := t.on.Map.Words(ctx, tx, of[0].path)
			if err != nil {
				return err
			}
			var to []outreach.To
			for _, o := range owners {
				to = append(to, outreach.To{Person: o})
			}
			zh := where + " 有 " + strconv.Itoa(len(due)) + " 笔费用已过缴费日，共 " + sum.Grouped() + " 元，最早应于 " + due[0].due.String() + " 缴纳。请核对账单并缴纳；如有异议，可向物业或居委会提出。依据《民法典》第九百四十四条，业主应当按照约定支付物业费；物业服务人不得采取停止供电、供水、供热、供燃气等方式催交物业费，本系统也没有这类操作。"
			en := where + ": " + strconv.Itoa(len(due)) + " bills are past their day, ¥" + sum.Grouped() + " in all, the earliest due on " + due[0].due.String() + ". Please check and pay them; if something is wrong, tell the company or the community. Civil Code 944: owners pay the fee as agreed; water, power, heat and gas are never cut off to collect it, and this system has no such operation."
			if err := t.tell(ctx, tx, of[0].path, "bills/"+due[0].bill, "物业费用提醒", "A reminder of fees", zh, en, to...); err != nil {
				return err
			}
			said++
			return audit.Write(ctx, tx, audit.Entry{By: audit.System, Action: "money.remind", Path: of[0].path, Ref: "bills/" + due[0].bill, Why: "民法典 944", To: map[string]any{"bills": len(due), "amount": sum, "told": len(owners)}})
		})
		if err != nil && err != ErrChanged {
			return said, err
		}
	}
	return said, nil
}
