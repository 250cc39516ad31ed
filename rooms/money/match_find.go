package money

import (
	"context"
	"database/sql"
	"regexp"
	"slices"
	"strings"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/yuan"
	"cuobian/platform/access"
	"cuobian/platform/store"
	"cuobian/rooms/money/bank"
	"cuobian/rooms/money/ledger"
	"cuobian/rooms/place"
)

// Candidate is something that a line may be.
type Candidate struct {
	To      MatchTo     `json:"to"`
	Amount  yuan.Amount `json:"amount" doc:"of what it would stand for"`
	Words   string      `json:"words"`
	Label   string      `json:"label,omitempty" doc:"the home"`
	Day     day.Day     `json:"day,omitzero"`
	Reasons []Reason    `json:"reasons"`
}

func (c *Candidate) because(code string) {
	if !slices.ContainsFunc(c.Reasons, func(r Reason) bool { return r.Code == code }) {
		c.Reasons = append(c.Reasons, reason(code))
	}
}

func (c Candidate) has(code string) bool {
	return slices.ContainsFunc(c.Reasons, func(r Reason) bool { return r.Code == code })
}

// openEntry is an entry on the bank account of a fund that stands for no line yet.
type openEntry struct {
	ID       string      `json:"id"`
	Day      day.Day     `json:"day"`
	Amount   yuan.Amount `json:"amount"`
	Words    string      `json:"words"`
	Document string      `json:"document"`
	decision string
	reverses string
	no       string // of the receipt
	ref      string
	way      string
	home     string
	payer    string
	payee    string
	paidRef  string
	account  string // fees:bank, or where it waits for the bank: fees:cash, fees:clearing:local
}

type openBill struct {
	id, home string
	rest     yuan.Amount
	due      day.Day
}

// finder knows what lines of one fund of a compound may be.
type finder struct {
	fund     ledger.Fund
	labels   map[string]string   // home: label
	byLabel  map[string][]string // label as people write it: homes
	owners   map[string][]string // name: homes
	payers   map[string][]string // party of a line matched before: homes
	bills    map[string][]openBill
	entries  []openEntry
	sealed   []Candidate            // payments that wait to be carried out
	payeeOf  map[string]string      // payment: payee
	alike    map[yuan.Amount]int    // unmatched lines by sum
	orders   map[string][]openEntry // number of an order, here or at the provider: an entry for each home
	receipts map[string]openEntry   // running number of a receipt
}

// finder reads what lines of a fund may be, at once.
func (t *Till) finder(ctx context.Context, q store.Queryer, n place.Node, fund ledger.Fund) (*finder, error) {
	f := &finder{fund: fund, labels: map[string]string{}, byLabel: map[string][]string{}, owners: map[string][]string{}, payers: map[string][]string{}, bills: map[string][]openBill{}, payeeOf: map[string]string{}, alike: map[yuan.Amount]int{}, orders: map[string][]openEntry{}, receipts: map[string]openEntry{}}
	homes, err := t.on.Map.HomesIn(ctx, q, n.Path)
	if err != nil {
		return nil, err
	}
	for _, h := range homes {
		f.labels[h.ID] = h.Label
		parts := strings.Split(h.Label, "-")
		f.byLabel[h.Label] = append(f.byLabel[h.Label], h.ID)
		if len(parts) == 3 {
			short := parts[0] + "-" + parts[2]
			f.byLabel[short] = append(f.byLabel[short], h.ID)
		}
	}
	lo, hi := n.Path.Bounds()
	now := t.db.Now().Day(day.Shanghai)
	pairs := func(into map[string][]string, query string, args ...any) error {
		rows, err := q.Query(ctx, query, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var name, home string
			if err := rows.Scan(&name, &home); err != nil {
				return err
			}
			if name = strings.TrimSpace(name); len([]rune(name)) >= 2 && !strings.ContainsRune(name, '*') && !slices.Contains(into[name], home) {
				into[name] = append(into[name], home)
			}
		}
		return rows.Err()
	}
	if err := pairs(f.owners, `select p.name, t.node from people_v_title t join people_v_person p on p.id = t.person where t.path >= $1 and t.path < $2 and t.from_day <= $3 and (t.to_day = '' or t.to_day >= $3)
union select p.name, h.node from people_v_household h join people_v_person p on p.id = h.person where h.path >= $1 and h.path < $2 and h.from_day <= $3 and (h.to_day = '' or h.to_day >= $3)`, lo, hi, now); err != nil {
		return nil, err
	}
	if err := pairs(f.payers, `select distinct l.party, m.home from money_bank_match m join money_bank_line l on l.id = m.line where m.compound = $1 and m.home <> '' and m.ended = 0`, n.ID); err != nil {
		return nil, err
	}
	bills, err := store.All(ctx, q, func(r *sql.Rows) (b openBill, err error) {
		err = r.Scan(&b.id, &b.home, &b.rest, &b.due)
		return b, err
	}, `select id, home, amount - paid - waived, due from money_bill where compound = $1 and fund = $2 and state in ('open', 'part') order by due, period_from, id`, n.ID, string(fund))
	if err != nil {
		return nil, err
	}
	for _, b := range bills {
		f.bills[b.home] = append(f.bills[b.home], b)
	}
	if f.entries, err = t.openEntries(ctx, q, n.ID, fund, day.Last); err != nil {
		return nil, err
	}
	codes, err := t.moneyOf(ctx, q, n.ID, fund)
	if err != nil {
		return nil, err
	}
	for _, code := range codes[1:] {
		list, _, err := t.waitingOn(ctx, q, n.ID, fund, code, day.Last)
		if err != nil {
			return nil, err
		}
		f.entries = append(f.entries, list...)
	}
	for _, e := range f.entries {
		if e.no != "" {
			f.receipts[e.no] = e
		}
		if e.ref != "" {
			f.orders[e.ref] = []openEntry{e}
		}
	}
	rows, err := q.Query(ctx, `select o.id, o.outside, r.entry from money_order o join money_order_part p on p.order_id = o.id join money_receipt r on r.id = p.receipt where o.compound = $1 and p.receipt <> ''`, n.ID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id, outside, entry string
		if err := rows.Scan(&id, &outside, &entry); err != nil {
			return nil, err
		}
		if i := slices.IndexFunc(f.entries, func(e openEntry) bool { return e.ID == entry }); i >= 0 {
			f.orders[id] = append(f.orders[id], f.entries[i])
			if outside != "" {
				f.orders[outside] = append(f.orders[outside], f.entries[i])
			}
		}
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	f.sealed, err = store.All(ctx, q, func(r *sql.Rows) (c Candidate, err error) {
		var name string
		err = r.Scan(&c.To.Payment, &c.Amount, &name, &c.Words)
		c.Amount, f.payeeOf[c.To.Payment] = -c.Amount, name
		return c, err
	}, `select id, amount, payee_name, purpose from money_payment where compound = $1 and fund = $2 and state = 'sealed'`, n.ID, string(fund))
	if err != nil {
		return nil, err
	}
	sums, err := store.All(ctx, q, func(r *sql.Rows) (a yuan.Amount, err error) {
		err = r.Scan(&a)
		return a, err
	}, `select amount from money_bank_line where compound = $1 and fund = $2 and state = 'unmatched'`, n.ID, string(fund))
	for _, a := range sums {
		f.alike[a]++
	}
	return f, err
}

// openEntries are the entries on a fund's bank account up to a day that stand for no line: what the books have and the bank
// does not. An entry and what undid it, its reversal or its refund, are left out together.
func (t *Till) openEntries(ctx context.Context, q store.Queryer, compound string, fund ledger.Fund, until day.Day) ([]openEntry, error) {
	return t.entriesOn(ctx, q, compound, fund, string(fund)+":bank", until)
}

// entriesOn are those of one account of the fund.
func (t *Till) entriesOn(ctx context.Context, q store.Queryer, compound string, fund ledger.Fund, account string, until day.Day) ([]openEntry, error) {
	all, err := store.All(ctx, q, func(r *sql.Rows) (e openEntry, err error) {
		err = r.Scan(&e.ID, &e.Day, &e.Amount, &e.Words, &e.Document, &e.decision, &e.reverses, &e.no, &e.ref, &e.way, &e.home, &e.payer, &e.payee, &e.paidRef)
		return e, err
	}, `select e.id, e.day, l.amount, e.words, e.document, e.decision, e.reverses, coalesce(r.no, ''), coalesce(r.ref, ''), coalesce(r.way, ''), coalesce(r.home, ''), coalesce(r.payer, ''), coalesce(p.payee_name, ''), coalesce(p.paid_ref, '')
from (select entry, cast(sum(amount) as bigint) as amount from money_leg where compound = $1 and account = $2 and day <= $3 group by entry) as l
join money_entry e on e.id = l.entry
left join money_receipt r on r.entry = e.id
left join money_payment p on p.entry = e.id
where l.amount <> 0 and not exists (select 1 from money_bank_match m where m.entry = e.id and m.fund = $4 and m.ended = 0)
order by e.day, e.id`, compound, account, until, string(fund))
	if err != nil {
		return nil, err
	}
	at := map[string]int{}
	for i, e := range all {
		at[e.ID] = i
		if strings.HasPrefix(e.Document, "receipts/") {
			at[e.Document] = i
		}
	}
	gone := map[int]bool{}
	for i, e := range all {
		all[i].account = account
		j, is := at[e.reverses]
		if !is && strings.HasPrefix(e.Document, "refunds/") {
			j, is = at[e.decision]
		}
		if is && i != j && !gone[j] && all[j].Amount == -e.Amount {
			gone[i], gone[j] = true, true
		}
	}
	out := all[:0]
	for i, e := range all {
		if !gone[i] {
			out = append(out, e)
		}
	}
	return out, nil
}

var (
	threePart = regexp.MustCompile(`(\d{1,3})\s*(?:[-－–—~#]|号楼|栋|幢|座|号)\s*(\d{1,2})\s*(?:[-－–—]|单元|梯)\s*(\d{3,4})`)
	twoPart   = regexp.MustCompile(`(\d{1,3})\s*(?:[-－–—#]|号楼|栋|幢|座)\s*(\d{3,4})`)
	receiptNo = regexp.MustCompile(`20\d\d-\d{6}`)
)

// homesNamed are the homes that a text names as people write them: 3-1-502, 3幢1单元502室, 3栋502.
func (f *finder) homesNamed(text string) []string {
	var out []string
	edge := func(s string, i, j int) bool {
		return (i == 0 || s[i-1] < '0' || s[i-1] > '9') && (j == len(s) || s[j] < '0' || s[j] > '9')
	}
	add := func(label string) {
		for _, id := range f.byLabel[label] {
			if !slices.Contains(out, id) {
				out = append(out, id)
			}
		}
	}
	zero := func(s string) string { return strings.TrimLeft(s, "0") }
	rest := []byte(text)
	for _, m := range threePart.FindAllStringSubmatchIndex(text, 20) {
		if !edge(text, m[0], m[1]) {
			continue
		}
		add(zero(text[m[2]:m[3]]) + "-" + zero(text[m[4]:m[5]]) + "-" + zero(text[m[6]:m[7]]))
		for i := m[0]; i < m[1]; i++ {
			rest[i] = ' '
		}
	}
	left := string(rest)
	for _, m := range twoPart.FindAllStringSubmatchIndex(left, 20) {
		if edge(left, m[0], m[1]) {
			add(zero(left[m[2]:m[3]]) + "-" + zero(left[m[4]:m[5]]))
		}
	}
	return out
}

// billsOf are the bills of a home that a sum pays exactly: all of them, the oldest with just that sum, or the oldest ones.
func (f *finder) billsOf(home string, a yuan.Amount) []string {
	list := f.bills[home]
	var sum yuan.Amount
	var ids []string
	for _, b := range list {
		sum += b.rest
		ids = append(ids, b.id)
		if sum == a {
			return ids
		}
	}
	for _, b := range list {
		if b.rest == a {
			return []string{b.id}
		}
	}
	return nil
}

// bankFeeMost is the fee of a bank that is posted without being asked.
const bankFeeMost = 200 * yuan.Yuan

// near says whether an entry's day fits a line's: the books may be ten days before the bank and three behind it.
func near(e, l day.Day) bool { d := l.Sub(e); return d >= -3 && d <= 10 }

// find says what a line may be, best first, and whether the first is beyond doubt. What names its order or receipt goes before
// a settlement, a settlement that the bank calls so before the rest.
func (f *finder) find(l BankLine) (out []Candidate, sure bool) {
	list := f.settles(l)
	out, sure = f.guess(l)
	if sure && (out[0].has("order") || out[0].has("receipt")) {
		return out, true
	}
	if len(list) > 0 && settling.MatchString(l.Words+" "+l.Party) {
		return append(list, out...), len(list) == 1
	}
	for _, c := range list {
		if !slices.ContainsFunc(out, func(o Candidate) bool { return slices.Equal(o.To.Entries, c.To.Entries) }) {
			out = append(out, c)
		}
	}
	return out, sure
}

func (f *finder) guess(l BankLine) (out []Candidate, sure bool) {
	if l.Side != bank.In && l.Side != bank.Out {
		return nil, false
	}
	said := strings.Join([]string{l.Words, l.Order, l.Ref, l.Party}, " ")
	entry := func(e openEntry) *Candidate {
		for i := range out {
			if slices.Equal(out[i].To.Entries, []string{e.ID}) {
				return &out[i]
			}
		}
		out = append(out, Candidate{To: MatchTo{Entries: []string{e.ID}}, Amount: e.Amount, Words: e.Words, Label: f.labels[e.home], Day: e.Day})
		return &out[len(out)-1]
	}
	for no, list := range f.orders {
		if l.Order != no && l.Ref != no && (len(no) < 8 || !strings.Contains(l.Words, no)) {
			continue
		}
		var sum yuan.Amount
		var ids []string
		for _, e := range list {
			sum += e.Amount
			ids = append(ids, e.ID)
		}
		switch {
		case sum != l.Amount:
		case len(list) == 1:
			entry(list[0]).because("order")
		case !slices.ContainsFunc(out, func(c Candidate) bool { return slices.Equal(c.To.Entries, ids) }):
			c := Candidate{To: MatchTo{Entries: ids}, Amount: sum, Words: list[0].Words, Day: list[0].Day}
			c.because("order")
			out = append(out, c)
		}
	}
	for _, no := range receiptNo.FindAllString(l.Words, 5) {
		if e, has := f.receipts[no]; has && e.Amount == l.Amount {
			entry(e).because("receipt")
		}
	}
	// The number of the bank's slip, as whoever entered the income wrote it down.
	for _, e := range f.entries {
		if slip := e.Document; e.Amount == l.Amount && len(slip) >= 4 && !strings.Contains(slip, "/") && (l.Ref == slip || l.Order == slip || slices.Contains(strings.Fields(l.Words), slip)) {
			entry(e).because("slip")
		}
	}
	if len(out) == 1 {
		return out, true
	}
	named := f.homesNamed(l.Words + " " + l.Party)
	party := strings.TrimSpace(l.Party)
	var same []openEntry
	deposit := l.Side == bank.In && strings.Contains(l.Words, "现金")
	if deposit { // entered at the desk before the bank shows it
		var paid []openEntry
		for _, e := range f.entries {
			if strings.HasPrefix(e.Document, "deposits/") && e.Amount == l.Amount && near(e.Day, l.Day) {
				paid = append(paid, e)
			}
		}
		for _, e := range paid {
			entry(e).because("cash")
		}
		if len(paid) > 0 {
			return out, len(paid) == 1
		}
	}
	if c, is := f.cash(l); is && deposit && !slices.ContainsFunc(f.entries, func(e openEntry) bool { return e.way == Cash && e.Amount == l.Amount }) {
		return []Candidate{c}, true
	}
	for _, e := range f.entries {
		if e.Amount == l.Amount && near(e.Day, l.Day) && (e.way == "" || (e.way == Cash) == deposit) {
			same = append(same, e)
			c := entry(e)
			if e.home != "" && slices.Contains(named, e.home) {
				c.because("home_words")
			}
			if party != "" && (slices.Contains(f.owners[party], e.home) && e.home != "" || e.payer == party) {
				c.because("owner")
			}
			if e.payee != "" && e.payee == party || e.paidRef != "" && (e.paidRef == l.Ref || strings.Contains(said, e.paidRef)) {
				c.because("payment")
			}
		}
	}
	strong := func(codes ...string) (first int, n int) {
		first = -1
		for i, c := range out {
			if slices.ContainsFunc(codes, c.has) {
				if n++; first < 0 {
					first = i
				}
			}
		}
		return first, n
	}
	best := func(i int) { out[0], out[i] = out[i], out[0] }
	if l.Side == bank.Out {
		if i, n := strong("payment"); n == 1 {
			best(i)
			return out, true
		}
		for _, c := range f.sealed {
			if c.Amount == l.Amount {
				if party != "" && f.payeeOf[c.To.Payment] == party {
					c.because("payment")
				} else {
					c.because("amount")
				}
				out = append(out, c)
			}
		}
		if len(out) == 1 && len(same) == 1 && f.alike[l.Amount] <= 1 {
			out[0].because("amount_day")
			return out, true
		}
		if l.Kind == bank.Fee && len(same) == 0 {
			c := Candidate{To: MatchTo{Account: feeAccount(f.fund)}, Amount: l.Amount, Words: "银行手续费"}
			c.because("bank_words")
			out = append(out, c)
			return out, len(out) == 1 && -l.Amount <= bankFeeMost
		}
		return out, false
	}
	if i, n := strong("home_words", "owner"); n == 1 && len(same) >= 1 {
		for _, h := range named { // the text must not name another home
			if f.labels[h] != out[i].Label {
				return out, false
			}
		}
		best(i)
		return out, true
	}
	homes := map[string]*Candidate{}
	var order []string
	at := func(h, code string) {
		if homes[h] == nil {
			homes[h] = &Candidate{To: MatchTo{Home: h}, Amount: l.Amount, Label: f.labels[h]}
			order = append(order, h)
		}
		homes[h].because(code)
	}
	for _, h := range named {
		at(h, "home_words")
	}
	if party != "" {
		for _, h := range f.owners[party] {
			at(h, "owner")
		}
		for _, h := range f.payers[party] {
			at(h, "payer")
		}
	}
	var exact []string
	for _, h := range order {
		c := homes[h]
		if ids := f.billsOf(h, l.Amount); len(ids) > 0 {
			c.To.Bills = ids
			c.because("amount")
			exact = append(exact, h)
		}
		c.Words = c.Label
	}
	slices.SortStableFunc(order, func(a, b string) int { return len(homes[b].Reasons) - len(homes[a].Reasons) })
	for _, h := range order {
		out = append(out, *homes[h])
	}
	rivals := func(home string) bool { // an entry that may be this very payment, entered at the desk already
		return slices.ContainsFunc(same, func(e openEntry) bool { return e.home == "" || e.home == home })
	}
	if l.Kind == bank.Plain && !deposit {
		switch {
		case len(exact) == 1 && !rivals(exact[0]) && len(named) <= 1 && (len(named) == 0 || named[0] == exact[0]):
			i := slices.IndexFunc(out, func(c Candidate) bool { return c.To.Home == exact[0] })
			best(i)
			return out, true
		case len(same) == 0 && len(exact) == 0 && len(order) == 0:
			for h := range f.bills { // only to be shown: a sum alone names nobody
				if ids := f.billsOf(h, l.Amount); len(ids) > 0 && len(out) < 5 {
					c := Candidate{To: MatchTo{Home: h, Bills: ids}, Amount: l.Amount, Label: f.labels[h], Words: f.labels[h]}
					c.because("amount")
					out = append(out, c)
				}
			}
			slices.SortFunc(out, func(a, b Candidate) int { return strings.Compare(a.Label, b.Label) })
		}
	}
	if c, is := f.cash(l); is {
		out = append(out, c)
	}
	if l.Kind == bank.Interest && len(out) == 0 {
		c := Candidate{To: MatchTo{Account: string(f.fund) + ":earned:other"}, Amount: l.Amount, Words: "银行利息"}
		c.because("bank_words")
		return []Candidate{c}, true
	}
	if len(out) == 1 && len(same) == 1 && len(named) == 0 && (same[0].way != Cash || deposit) && f.alike[l.Amount] <= 1 {
		out[0].because("amount_day")
		return out, true
	}
	return out, false
}

func feeAccount(f ledger.Fund) string {
	switch f {
	case ledger.Income:
		return "income:spent:cost"
	case ledger.Fees, ledger.Company:
		return string(f) + ":spent:office"
	}
	return string(f) + ":spent"
}

// cash says whether a deposit is all cash of the desk up to its day that was not deposited yet.
func (f *finder) cash(l BankLine) (c Candidate, ok bool) {
	var ids []string
	var sum yuan.Amount
	for _, e := range f.entries {
		if e.way != Cash || e.Amount <= 0 || e.Day > l.Day {
			continue
		}
		ids = append(ids, e.ID)
		if sum += e.Amount; sum == l.Amount && len(ids) > 1 {
			c = Candidate{To: MatchTo{Entries: slices.Clone(ids)}, Amount: sum, Words: "缴存现金"}
			c.because("cash")
			ok = true
		}
	}
	return c, ok
}

// settling are words by which a bank says that a payment provider settles.
var settling = regexp.MustCompile(`(?i)结算|清算|收单|商户|财付通|微信支付|支付宝|银联|网联|settle`)

// settles says what of a provider a line may bring in: all that waits up to some day, or all of one day, less a fee of at
// most one percent.
func (f *finder) settles(l BankLine) (out []Candidate) {
	if l.Side != bank.In {
		return nil
	}
	by := map[string][]openEntry{}
	var order []string
	for _, e := range f.entries {
		if underWay(e.account) && e.Day <= l.Day {
			if by[e.account] == nil {
				order = append(order, e.account)
			}
			by[e.account] = append(by[e.account], e)
		}
	}
	for _, account := range order {
		list := by[account]
		add := func(list []openEntry) {
			var sum yuan.Amount
			var ids []string
			for _, e := range list {
				sum += e.Amount
				ids = append(ids, e.ID)
			}
			fee := sum - l.Amount
			if fee < 0 || fee > sum/100 || len(ids) > 200 || fee > 0 && !settling.MatchString(l.Words+" "+l.Party) ||
				slices.ContainsFunc(out, func(c Candidate) bool { return slices.Equal(c.To.Entries, ids) }) {
				return
			}
			c := Candidate{To: MatchTo{Entries: ids, Fee: fee}, Amount: l.Amount, Words: "支付渠道结算", Day: list[len(list)-1].Day}
			c.because("settled")
			if fee > 0 {
				c.because("fee")
			}
			out = append(out, c)
		}
		start := 0
		for i, e := range list {
			if i+1 < len(list) && list[i+1].Day == e.Day {
				continue
			}
			add(list[:i+1])
			add(list[start : i+1])
			start = i + 1
		}
	}
	return out
}

// Automatched is what automatic matching did.
type Automatched struct {
	Seen     int64 `json:"seen" doc:"lines looked at"`
	Matched  int64 `json:"matched" doc:"of them matched, each with its reasons"`
	Proposed int64 `json:"proposed" doc:"of the rest, lines with proposals"`
	Unknown  int64 `json:"unknown" doc:"lines that nothing fits"`
	Refused  int64 `json:"refused" doc:"lines that were changed meanwhile or could not be posted"`
}

// Automatch matches all unmatched lines that are beyond doubt and leaves the others, each line in a write of its own.
func (t *Till) Automatch(ctx context.Context, who access.Who, compound, account string) (out Automatched, err error) {
	n, err := t.bankPlace(ctx, t.db, who, Keep, compound)
	if err != nil {
		return out, err
	}
	cond, args := `compound = $1 and state = 'unmatched'`, []any{n.ID}
	if account != "" {
		if _, err := t.bankAccount(ctx, t.db, n.ID, account); err != nil {
			return out, err
		}
		cond, args = cond+` and account = $2`, append(args, account)
	}
	lines, err := store.All(ctx, t.db, scanLine, `select `+lineColumns+` from money_bank_line where `+cond+` order by day, clock, id limit 5000`, args...)
	if err != nil {
		return out, err
	}
	finders := map[ledger.Fund]*finder{}
	for _, l := range lines {
		f := finders[l.Fund]
		if f == nil {
			if f, err = t.finder(ctx, t.db, n, l.Fund); err != nil {
				return out, err
			}
			finders[l.Fund] = f
		}
		out.Seen++
		all, sure := f.find(l)
		if !sure {
			if len(all) > 0 {
				out.Proposed++
			} else {
				out.Unknown++
			}
			continue
		}
		err := t.db.Write(ctx, func(tx *store.Tx) error {
			if _, err := t.bankPlace(ctx, tx, who, Keep, compound); err != nil {
				return err
			}
			to := all[0].To
			for _, h := range []string{to.Home} { // what the finder saw must still be so
				if h == "" {
					continue
				}
				now, err := t.finderBills(ctx, tx, n.ID, f.fund, h)
				if err != nil {
					return err
				}
				f.bills[h] = now
				if !slices.Equal(f.billsOf(h, l.Amount), to.Bills) {
					return ErrChanged
				}
			}
			_, err := t.match(ctx, tx, who, n.ID, l.ID, to, "auto", all[0].Reasons)
			return err
		})
		switch {
		case err == nil:
			out.Matched++
			f.took(all[0].To, l)
		case fault.Of(err).Kind == fault.Internal || ctx.Err() != nil:
			return out, err
		default:
			out.Refused++
		}
	}
	return out, nil
}

func (t *Till) finderBills(ctx context.Context, q store.Queryer, compound string, fund ledger.Fund, home string) ([]openBill, error) {
	return store.All(ctx, q, func(r *sql.Rows) (b openBill, err error) {
		err = r.Scan(&b.id, &b.home, &b.rest, &b.due)
		return b, err
	}, `select id, home, amount - paid - waived, due from money_bill where compound = $1 and fund = $2 and home = $3 and state in ('open', 'part') order by due, period_from, id`, compound, string(fund), home)
}

// took forgets what a match used up.
func (f *finder) took(to MatchTo, l BankLine) {
	f.alike[l.Amount]--
	f.entries = slices.DeleteFunc(f.entries, func(e openEntry) bool { return slices.Contains(to.Entries, e.ID) })
	for k, list := range f.orders {
		if slices.ContainsFunc(list, func(e openEntry) bool { return slices.Contains(to.Entries, e.ID) }) {
			delete(f.orders, k)
		}
	}
	for k, e := range f.receipts {
		if slices.Contains(to.Entries, e.ID) {
			delete(f.receipts, k)
		}
	}
	if to.Home != "" {
		f.bills[to.Home] = slices.DeleteFunc(f.bills[to.Home], func(b openBill) bool { return slices.Contains(to.Bills, b.id) })
		if p := strings.TrimSpace(l.Party); p != "" && !strings.ContainsRune(p, '*') && !slices.Contains(f.payers[p], to.Home) {
			f.payers[p] = append(f.payers[p], to.Home)
		}
	}
}
