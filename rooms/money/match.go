package money

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/basis/yuan"
	"cuobian/platform/access"
	"cuobian/platform/store"
	"cuobian/rooms/money/bank"
	"cuobian/rooms/money/ledger"
)

// Faults of matching.
var (
	ErrLineState  = fault.New(fault.Conflict, "money.line_state", "这行流水已经办过了，请刷新", "this line was dealt with already, please reload")
	ErrTarget     = fault.Bad("to", "money.target", "请选择一笔分录、一户及其账单、一笔支付或者一个科目", "choose an entry, a home and its bills, a payment, or an account")
	ErrEntryTaken = fault.New(fault.Conflict, "money.entry_taken", "这笔分录已经对上另一行流水", "this entry stands for another line already")
	ErrEntryOther = fault.Bad("entries", "money.entry_other", "这笔分录不在该资金的银行科目上", "this entry does not touch the bank of this fund")
	ErrUneven     = fault.New(fault.Conflict, "money.uneven", "流水 {line} 元，所选合计 {chosen} 元，差 {difference} 元；差额须写明原因和科目", "the line is {line}, what was chosen is {chosen}, the difference {difference}: give it a reason and an account")
	ErrOutgoing   = fault.Bad("account", "money.outgoing", "业主的钱只能通过支付审批付出；银行手续费除外", "the owners' money leaves only through a payment that was approved; bank fees apart")
	ErrSideOf     = fault.Bad("home", "money.match_side", "付出的流水不能对到账单", "what went out pays no bill")
	ErrFee        = fault.Bad("fee", "money.settle_fee", "渠道手续费不能小于零，也不能超过结算额的 2%，且须对到在途资金", "a provider's fee is not below zero nor above 2% of what it settles, and belongs to money under way")
	ErrOnWay      = fault.Bad("account", "money.on_way", "该科目上的在途资金只有 {has} 元，不够 {want} 元", "only {has} is on its way there, not {want}")
	ErrToAccount  = fault.Bad("account", "money.match_account", "只能选该资金的收入、支出或者应付科目", "the account has to be an earning, a cost or a debt of this fund")
)

// Reason is why a line stands for something.
type Reason struct {
	Code string `json:"code" enum:"order,receipt,slip,home_words,owner,payer,amount,amount_day,cash,settled,fee,payment,bank_words,hand"`
	Zh   string `json:"zh"`
	En   string `json:"en"`
}

var reasons = map[string][2]string{
	"order":      {"订单号相同", "the same order number"},
	"receipt":    {"附言中有收据号", "the text names the receipt"},
	"slip":       {"回单号相同", "the number of the slip is the same"},
	"home_words": {"附言中写明门牌", "the text names the home"},
	"owner":      {"付款人与业主或住户同名", "the payer has the name of an owner or resident"},
	"payer":      {"该付款人以前为这户付过", "the payer paid for this home before"},
	"amount":     {"金额与未付账单相等", "the sum equals open bills"},
	"amount_day": {"金额相等、日期相近，且别无他选", "the same sum within days, and nothing else fits"},
	"cash":       {"等于尚未缴存的现金", "equals the cash not yet deposited"},
	"settled":    {"等于支付渠道尚未到账的收款", "equals what a payment provider has not settled yet"},
	"fee":        {"差额是渠道手续费", "the difference is the provider's fee"},
	"payment":    {"收款人与支付单相同", "the payee is that of the payment"},
	"bank_words": {"银行摘要写明手续费或利息", "the bank says that it is a fee or interest"},
	"hand":       {"经办人对上", "matched by hand"},
}

func reason(code string) Reason { return Reason{code, reasons[code][0], reasons[code][1]} }

// MatchTo says what a line is. Entries are of the books already: on the fund's bank, or waiting in its till or at a provider,
// and then matching pays them in (Fee: what the provider kept of it). Account may be the till or what is on its way too, where
// receipts are not named one by one. Home and Bills make a receipt; Payment carries a sealed
// payment out; Account posts it there. Rest takes what is left over, with a reason.
type MatchTo struct {
	Entries []string    `json:"entries,omitempty" maxItems:"200"`
	Home    string      `json:"home,omitempty" maxLength:"40"`
	Bills   []string    `json:"bills,omitempty" maxItems:"100" doc:"in the order in which they are paid; empty: all open ones, oldest first"`
	Payment string      `json:"payment,omitempty" maxLength:"40"`
	Account string      `json:"account,omitempty" maxLength:"60" doc:"fees:earned:other"`
	Fee     yuan.Amount `json:"fee,omitempty" doc:"fen that the provider kept, at most 2%; posted apart"`
	Reason  string      `json:"reason,omitempty" maxLength:"200"`
	Rest    *Rest       `json:"rest,omitempty"`
}

// Rest is a difference that is seen and explained.
type Rest struct {
	Account string `json:"account" maxLength:"60"`
	Reason  string `json:"reason" maxLength:"200"`
}

// BankMatch is what a line stands for.
type BankMatch struct {
	ID      string      `json:"id"`
	Line    string      `json:"line"`
	Entry   string      `json:"entry"`
	Amount  yuan.Amount `json:"amount"`
	Home    string      `json:"home,omitempty"`
	Label   string      `json:"label,omitempty"`
	How     string      `json:"how" enum:"auto,hand"`
	Why     []Reason    `json:"why"`
	Made    bool        `json:"made" doc:"the entry was made by matching"`
	Settles yuan.Amount `json:"settles,omitempty" doc:"an entry of the till or a provider that this line settles: its sum is in the entry that matching made"`
	Words   string      `json:"words" doc:"the entry's text"`
	Day     day.Day     `json:"day"`
}

// BankLine is a line of a statement.
type BankLine struct {
	ID       string       `json:"id"`
	Account  string       `json:"account"`
	Fund     ledger.Fund  `json:"fund"`
	Row      int64        `json:"row"`
	Day      day.Day      `json:"day"`
	Clock    string       `json:"time,omitempty"`
	Amount   yuan.Amount  `json:"amount"`
	Side     bank.Side    `json:"side" enum:"in,out,between,void"`
	Balance  *yuan.Amount `json:"balance,omitempty"`
	Party    string       `json:"party"`
	Tail     string       `json:"tail,omitempty"`
	Words    string       `json:"text"`
	Ref      string       `json:"ref,omitempty"`
	Order    string       `json:"order,omitempty"`
	Kind     bank.Kind    `json:"kind,omitempty"`
	State    string       `json:"state" enum:"unmatched,matched,ignored"`
	Reason   string       `json:"reason,omitempty"`
	Matches  []BankMatch  `json:"matches"`
	Proposed []Candidate  `json:"proposed,omitempty" doc:"what it may be, best first; nothing is done by it"`
	Open     []openEntry  `json:"open,omitempty" doc:"entries of the books near its day that stand for no line yet: on the bank, in the till, on their way"`
	Version  int64        `json:"version"`

	compound string
	path     scope.Path
}

const lineColumns = `id, account, compound, path, fund, row_no, day, clock, amount, side, known, balance, party, tail, words, ref, order_no, kind, state, reason, version`

func scanLine(r *sql.Rows) (l BankLine, err error) {
	var known bool
	var balance yuan.Amount
	err = r.Scan(&l.ID, &l.Account, &l.compound, &l.path, &l.Fund, &l.Row, &l.Day, &l.Clock, &l.Amount, &l.Side, &known, &balance, &l.Party, &l.Tail, &l.Words, &l.Ref, &l.Order, &l.Kind, &l.State, &l.Reason, &l.Version)
	if known {
		l.Balance = &balance
	}
	l.Matches = []BankMatch{}
	return l, err
}

func (t *Till) bankLine(ctx context.Context, q store.Queryer, compound, id string) (BankLine, error) {
	all, err := store.All(ctx, q, scanLine, `select `+lineColumns+` from money_bank_line where id = $1 and compound = $2`, id, compound)
	if err == nil && len(all) == 0 {
		err = ErrMissing
	}
	if err != nil {
		return BankLine{}, err
	}
	return all[0], nil
}

// FindLines asks for lines.
type FindLines struct {
	State   string
	Account string
	Query   string
	From    day.Day
	To      day.Day
	After   string
	Limit   int
}

// Lines lists the lines of a compound's accounts, newest imports last, with how many there are in all.
func (t *Till) Lines(ctx context.Context, who access.Who, compound string, f FindLines) (out []BankLine, next string, count int64, more bool, err error) {
	n, err := t.bankPlace(ctx, t.db, who, Keep, compound)
	if err != nil {
		return nil, "", 0, false, err
	}
	if f.Limit <= 0 || f.Limit > 200 {
		f.Limit = 100
	}
	cond, args := `compound = $1`, []any{n.ID}
	add := func(c string, v any) {
		args = append(args, v)
		cond += fmt.Sprintf(c, len(args))
	}
	if f.State != "" {
		add(` and state = $%d`, f.State)
	}
	if f.Account != "" {
		add(` and account = $%d`, f.Account)
	}
	if f.From.Sound() {
		add(` and day >= $%d`, f.From)
	}
	if f.To.Sound() {
		add(` and day <= $%d`, f.To)
	}
	if q := strings.TrimSpace(f.Query); q != "" {
		if a, e := yuan.Parse(q); e == nil {
			args = append(args, int64(a), -int64(a))
			cond += fmt.Sprintf(` and (amount = $%d or amount = $%d)`, len(args)-1, len(args))
		} else {
			q = store.Within(q)
			args = append(args, q)
			cond += fmt.Sprintf(` and (party like $%d escape '\' or words like $%d escape '\')`, len(args), len(args))
		}
	}
	if count, err = store.Count(ctx, t.db, `select count(*) from money_bank_line where `+cond, args...); err != nil {
		return nil, "", 0, false, err
	}
	if f.After != "" {
		add(` and id > $%d`, f.After)
	}
	if out, err = store.All(ctx, t.db, scanLine, `select `+lineColumns+` from money_bank_line where `+cond+fmt.Sprintf(` order by id limit %d`, f.Limit+1), args...); err != nil {
		return nil, "", 0, false, err
	}
	if more = len(out) > f.Limit; more {
		out = out[:f.Limit]
		next = out[len(out)-1].ID
	}
	return out, next, count, more, t.fillMatches(ctx, t.db, out)
}

func (t *Till) fillMatches(ctx context.Context, q store.Queryer, lines []BankLine) error {
	if len(lines) == 0 {
		return nil
	}
	at, ids := map[string]int{}, []any{}
	for i, l := range lines {
		at[l.ID] = i
		ids = append(ids, l.ID)
	}
	list, err := store.All(ctx, q, func(r *sql.Rows) (m BankMatch, err error) {
		var why string
		if err = r.Scan(&m.ID, &m.Line, &m.Entry, &m.Amount, &m.Home, &m.How, &why, &m.Made, &m.Settles, &m.Words, &m.Day, &m.Label); err != nil {
			return m, err
		}
		return m, json.Unmarshal([]byte(why), &m.Why)
	}, `select m.id, m.line, m.entry, m.amount, m.home, m.how, m.why, m.made, m.settles, e.words, e.day, coalesce(h.label, '') from money_bank_match m join money_entry e on e.id = m.entry left join place_v_node h on h.id = m.home where m.ended = 0 and m.line in (`+store.Marks(1, len(ids))+`) order by m.id`, ids...)
	if err != nil {
		return err
	}
	for _, m := range list {
		i := at[m.Line]
		lines[i].Matches = append(lines[i].Matches, m)
	}
	return nil
}

// Line shows one line with what it may be.
func (t *Till) Line(ctx context.Context, who access.Who, compound, id string) (l BankLine, err error) {
	n, err := t.bankPlace(ctx, t.db, who, Keep, compound)
	if err != nil {
		return l, err
	}
	if l, err = t.bankLine(ctx, t.db, n.ID, id); err != nil {
		return l, err
	}
	one := []BankLine{l}
	if err := t.fillMatches(ctx, t.db, one); err != nil {
		return l, err
	}
	l = one[0]
	if l.State == "unmatched" {
		f, err := t.finder(ctx, t.db, n, l.Fund)
		if err != nil {
			return l, err
		}
		l.Proposed, _ = f.find(l)
		for _, e := range f.entries {
			if near(e.Day, l.Day) && (e.Amount > 0) == (l.Amount > 0) && len(l.Open) < 200 {
				l.Open = append(l.Open, e)
			}
		}
	}
	return l, nil
}

// Match makes a line stand for what somebody says it is.
func (t *Till) Match(ctx context.Context, who access.Who, compound, id string, to MatchTo) (l BankLine, err error) {
	err = t.db.Write(ctx, func(tx *store.Tx) error {
		n, err := t.bankPlace(ctx, tx, who, Keep, compound)
		if err != nil {
			return err
		}
		l, err = t.match(ctx, tx, who, n.ID, id, to, "hand", []Reason{reason("hand")})
		return err
	})
	return l, err
}

// match is the one way a line comes to stand for entries.
func (t *Till) match(ctx context.Context, tx *store.Tx, who access.Who, compound, id string, to MatchTo, how string, why []Reason) (l BankLine, err error) {
	if l, err = t.bankLine(ctx, tx, compound, id); err != nil {
		return l, err
	}
	if l.State != "unmatched" || l.Side != bank.In && l.Side != bank.Out {
		return l, ErrLineState
	}
	a, err := t.bankAccount(ctx, tx, compound, l.Account)
	if err != nil {
		return l, err
	}
	b, err := t.book(ctx, tx, compound)
	if err != nil {
		return l, err
	}
	if len(to.Entries) == 0 && to.Home == "" && to.Payment == "" && to.Account == "" {
		return l, ErrTarget
	}
	own := string(a.Fund) + ":bank"
	ref := "bank-lines/" + l.ID
	type part struct {
		entry   string
		amount  yuan.Amount
		home    string
		made    bool
		settles yuan.Amount
	}
	var parts []part
	left := l.Amount
	waiting := map[string]yuan.Amount{} // what of the till or a provider the line brings in
	var from []string
	for i, e := range to.Entries {
		if slices.Contains(to.Entries[:i], e) {
			return l, ErrEntryTaken
		}
		leg, err := t.legOf(ctx, tx, compound, e, own)
		if err == ErrEntryOther {
			account, sum, e2 := t.waitingLeg(ctx, tx, compound, a.Fund, e)
			if e2 != nil {
				return l, e2
			}
			if waiting[account] == 0 && !slices.Contains(from, account) {
				from = append(from, account)
			}
			waiting[account] += sum
			parts = append(parts, part{entry: e, settles: sum})
			continue
		}
		if err != nil {
			return l, err
		}
		parts = append(parts, part{entry: e, amount: leg})
		left -= leg
	}
	on := l.Day
	if b.Closed.Sound() && on <= b.Closed {
		on = today(tx)
	}
	if len(from) == 0 && to.Account != "" && inHand(to.Account) && to.Account != own && left != 0 {
		if err := t.mayBring(ctx, tx, compound, a, to.Account, left+to.Fee); err != nil {
			return l, err
		}
		from, waiting[to.Account] = append(from, to.Account), left+to.Fee
	}
	if to.Fee != 0 {
		var gross yuan.Amount
		all := true
		for _, account := range from {
			gross, all = gross+waiting[account], all && underWay(account)
		}
		if len(from) == 0 || !all || to.Fee < 0 || to.Fee > gross/50 {
			return l, ErrFee
		}
	}
	if len(from) > 0 {
		in := -to.Fee
		e := ledger.Entry{Day: on, Text: lineText(l, to.Reason), Document: ref, Decision: "law", Rule: fundRule(a.Fund)}
		for _, account := range from {
			if in += waiting[account]; waiting[account] != 0 {
				e.Legs = append(e.Legs, ledger.Leg{Account: account, Amount: -waiting[account]})
			}
		}
		if in == 0 {
			return l, ErrTarget // what was taken and what was given back: the bank shows nothing of it
		}
		e.Legs = append([]ledger.Leg{{Account: own, Amount: in}}, e.Legs...)
		if to.Fee > 0 {
			e.Legs = append(e.Legs, ledger.Leg{Account: string(a.Fund) + ":spent:charges", Amount: to.Fee})
		}
		if e, err = t.post(ctx, tx, b, who.Person, e); err != nil {
			return l, err
		}
		parts = append(parts, part{entry: e.ID, amount: in, made: true})
		left -= in
	}
	if to.Payment != "" {
		entry, err := t.carriedOut(ctx, tx, who, compound, to.Payment, l)
		if err != nil {
			return l, err
		}
		leg, err := t.legOf(ctx, tx, compound, entry, own)
		if err != nil {
			return l, err
		}
		parts = append(parts, part{entry: entry, amount: leg})
		left -= leg
	}
	rest := left
	if to.Home != "" {
		if l.Side != bank.In || left <= 0 {
			return l, ErrSideOf
		}
		before, err := store.Count(ctx, tx, `select count(*) from money_bank_match where line = $1`, l.ID)
		if err != nil {
			return l, err
		}
		r, err := t.receive(ctx, tx, b, Receipt{Way: Transfer, Home: to.Home, Amount: left, Bills: to.Bills, Fund: a.Fund, On: l.Day, Ref: fmt.Sprintf("%s/%d", ref, before), Payer: l.Party, Person: who.Person})
		if err != nil {
			return l, err
		}
		leg, err := t.legOf(ctx, tx, compound, r.Entry, own)
		if err != nil {
			return l, err
		}
		parts = append(parts, part{entry: r.Entry, amount: leg, home: to.Home, made: true})
		rest = left - leg
	} else if to.Account != "" && left != 0 && !inHand(to.Account) {
		if err := t.mayPostTo(ctx, tx, compound, a.Fund, to.Account, l); err != nil {
			return l, err
		}
		if l.Kind == bank.Plain && strings.TrimSpace(to.Reason) == "" {
			return l, ErrReason
		}
		e, err := t.post(ctx, tx, b, who.Person, ledger.Entry{Day: on, Text: lineText(l, to.Reason), Document: ref, Decision: "law", Rule: fundRule(a.Fund), Legs: []ledger.Leg{{Account: own, Amount: left}, {Account: to.Account, Amount: -left}}})
		if err != nil {
			return l, err
		}
		parts = append(parts, part{entry: e.ID, amount: left, made: true})
		rest = 0
	}
	if rest != 0 {
		if to.Rest == nil {
			return l, ErrUneven.Fill("line", l.Amount.String(), "chosen", (l.Amount - rest).String(), "difference", rest.String())
		}
		if strings.TrimSpace(to.Rest.Reason) == "" {
			return l, ErrReason
		}
		small := l
		small.Kind = bank.Fee // a difference is explained by its reason, whichever way it goes
		if rest < -maxDifference || rest > maxDifference {
			small.Kind = l.Kind
		}
		small.Amount = rest
		if err := t.mayPostTo(ctx, tx, compound, a.Fund, to.Rest.Account, small); err != nil {
			return l, err
		}
		e, err := t.post(ctx, tx, b, who.Person, ledger.Entry{Day: on, Text: "对账差额：" + strings.TrimSpace(to.Rest.Reason), Document: ref, Decision: "law", Rule: fundRule(a.Fund), Legs: []ledger.Leg{{Account: own, Amount: rest}, {Account: to.Rest.Account, Amount: -rest}}})
		if err != nil {
			return l, err
		}
		parts = append(parts, part{entry: e.ID, amount: rest, made: true})
	}
	for _, p := range parts {
		_, err := tx.Exec(ctx, `insert into money_bank_match (id, line, account, compound, fund, entry, amount, home, how, why, made, settles, by_person, at, ended, ended_by, ended_why) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 0, '', '')`,
			tx.NewID(), l.ID, l.Account, compound, string(a.Fund), p.entry, int64(p.amount), p.home, how, text(why), p.made, int64(p.settles), who.Person, int64(tx.Now))
		if store.Unique(err) {
			err = ErrEntryTaken
		}
		if err != nil {
			return l, err
		}
	}
	if err := t.lineTo(ctx, tx, &l, "matched", strings.TrimSpace(to.Reason), who.Person); err != nil {
		return l, err
	}
	all := []BankLine{l}
	if err := t.fillMatches(ctx, tx, all); err != nil {
		return l, err
	}
	return all[0], t.trail(ctx, tx, who, Keep, l.path, "match", ref, "", map[string]any{"how": how, "why": why, "parts": len(parts), "amount": l.Amount})
}

// carriedOut is the entry of a payment: of one that was paid, or of a sealed one that the line carries out now, by one who
// may pay and had no hand in it.
func (t *Till) carriedOut(ctx context.Context, tx *store.Tx, who access.Who, compound, id string, l BankLine) (string, error) {
	p, err := t.payment(ctx, tx, id)
	if err != nil || p.Compound != compound || p.Fund != l.Fund {
		if err == nil {
			err = ErrTarget
		}
		return "", err
	}
	if p.Entry != "" {
		return p.Entry, nil
	}
	if -l.Amount != p.Amount {
		return "", ErrUneven.Fill("line", l.Amount.String(), "chosen", (-p.Amount).String(), "difference", (l.Amount + p.Amount).String())
	}
	ref := l.Ref
	if ref == "" {
		ref = "bank-lines/" + l.ID
	}
	p, err = t.pay(ctx, tx, who, id, l.Day, ref)
	return p.Entry, err
}

// maxDifference is how much of a line may be explained away as a difference without being called a fee or a payment.
const maxDifference = 10 * yuan.Yuan

func lineText(l BankLine, why string) string {
	words := map[bank.Kind]string{bank.Fee: "银行手续费", bank.Interest: "银行利息", bank.Refund: "银行退款"}[l.Kind]
	if words == "" {
		words = "银行流水"
	}
	if why = strings.TrimSpace(why); why != "" {
		words += "：" + why
	}
	return words
}

// fundRule is the rule by which money of a fund is kept.
func fundRule(f ledger.Fund) string {
	switch f {
	case ledger.Income:
		return "R34"
	case ledger.Maintenance:
		return "R39"
	case ledger.Works:
		return "R46"
	}
	return "R30"
}

// legOf is what an entry moves on an account, 0 refused, and not matched yet.
func (t *Till) legOf(ctx context.Context, tx *store.Tx, compound, entry, account string) (a yuan.Amount, err error) {
	if err = tx.QueryRow(ctx, `select cast(coalesce(sum(amount), 0) as bigint) from money_leg where entry = $1 and compound = $2 and account = $3`, entry, compound, account).Scan(&a); err != nil {
		return 0, err
	}
	if a == 0 {
		return 0, ErrEntryOther
	}
	fund, _, _ := strings.Cut(account, ":")
	n, err := store.Count(ctx, tx, `select count(*) from money_bank_match where entry = $1 and fund = $2 and ended = 0`, entry, fund)
	if err == nil && n > 0 {
		err = ErrEntryTaken
	}
	return a, err
}

// waitingLeg is what an entry holds in the till or at a provider, not matched yet.
func (t *Till) waitingLeg(ctx context.Context, tx *store.Tx, compound string, fund ledger.Fund, entry string) (account string, a yuan.Amount, err error) {
	at := string(fund) + ":"
	list, err := store.All(ctx, tx, func(r *sql.Rows) (l ledger.Leg, err error) { err = r.Scan(&l.Account, &l.Amount); return }, `select account, cast(sum(amount) as bigint) from money_leg where entry = $1 and compound = $2 and (account in ($3, $4) or account >= $5 and account < $6) group by account having sum(amount) <> 0`,
		entry, compound, at+"cash", at+"clearing", at+"clearing:", at+"clearing;")
	if err != nil {
		return "", 0, err
	}
	if len(list) != 1 {
		return "", 0, ErrEntryOther
	}
	n, err := store.Count(ctx, tx, `select count(*) from money_bank_match where entry = $1 and fund = $2 and ended = 0`, entry, string(fund))
	if err == nil && n > 0 {
		err = ErrEntryTaken
	}
	return list[0].Account, list[0].Amount, err
}

// mayBring says whether a line may bring in what lies in the till or is on its way, as much as is there; what goes out may only be
// on its way to another account of the same fund.
func (t *Till) mayBring(ctx context.Context, tx *store.Tx, compound string, a BankAccount, account string, want yuan.Amount) error {
	c, err := t.chart(ctx, tx, compound)
	if err != nil {
		return err
	}
	x, has := c[account]
	if !has || x.Fund() != a.Fund {
		return ErrToAccount
	}
	if want < 0 {
		others, err := store.Count(ctx, tx, `select count(*) from money_bank_account where compound = $1 and fund = $2 and id <> $3 and closed_on = ''`, compound, string(a.Fund), a.ID)
		if err == nil && (others == 0 || account != string(a.Fund)+":clearing") {
			err = ErrOutgoing
		}
		return err
	}
	if has, err := t.balance(ctx, tx, compound, account); err != nil || has < want {
		if err == nil {
			err = ErrOnWay.Fill("has", has.String(), "want", want.String())
		}
		return err
	}
	return nil
}

// mayPostTo lets a line be posted to an earning, a cost or a debt of its fund. What goes out of the owners' money this way
// is a fee of the bank and nothing else.
func (t *Till) mayPostTo(ctx context.Context, tx *store.Tx, compound string, fund ledger.Fund, account string, l BankLine) error {
	c, err := t.chart(ctx, tx, compound)
	if err != nil {
		return err
	}
	x, has := c[account]
	if !has || x.Fund() != fund || x.Class != ledger.Earning && x.Class != ledger.Cost && x.Class != ledger.Debt || strings.HasSuffix(account, ":ahead") {
		return ErrToAccount
	}
	if l.Amount < 0 && l.Kind != bank.Fee && fund != ledger.Company {
		return ErrOutgoing
	}
	return nil
}

func (t *Till) lineTo(ctx context.Context, tx *store.Tx, l *BankLine, state, why, by string) error {
	n, err := tx.Exec(ctx, `update money_bank_line set state = $1, reason = $2, by_person = $3, version = version + 1 where id = $4 and version = $5`, state, why, by, l.ID, l.Version)
	if err == nil && n == 0 {
		err = ErrLineState
	}
	if err != nil {
		return err
	}
	l.State, l.Reason = state, why
	l.Version++
	tx.Changed(store.Change{Kind: "bank-lines", ID: l.ID, Path: l.path})
	return nil
}

// Unmatch parts a line from what it stood for, with a reason. What matching itself posted is reversed; a receipt that it
// gave is given back, so that its bills are open again. What was in the books before stays there.
func (t *Till) Unmatch(ctx context.Context, who access.Who, compound, id, why string) (l BankLine, err error) {
	err = t.db.Write(ctx, func(tx *store.Tx) error {
		n, err := t.bankPlace(ctx, tx, who, Keep, compound)
		if err != nil {
			return err
		}
		if why = strings.TrimSpace(why); why == "" {
			return ErrReason
		}
		if l, err = t.bankLine(ctx, tx, n.ID, id); err != nil {
			return err
		}
		if l.State != "matched" {
			return ErrLineState
		}
		b, err := t.book(ctx, tx, n.ID)
		if err != nil {
			return err
		}
		list := []BankLine{l}
		if err := t.fillMatches(ctx, tx, list); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `update money_bank_match set ended = $1, ended_by = $2, ended_why = $3 where line = $4 and ended = 0`, int64(tx.Now), who.Person, why, l.ID); err != nil {
			return err
		}
		for _, m := range list[0].Matches {
			if !m.Made {
				continue
			}
			e, err := t.entry(ctx, tx, n.ID, m.Entry)
			if err != nil {
				return err
			}
			switch kind, of, _ := strings.Cut(e.Document, "/"); kind {
			case "receipts":
				r, err := t.receipt(ctx, tx, of)
				if err != nil {
					return err
				}
				if rest := r.Amount - r.Refunded; rest > 0 {
					if _, err := t.refund(ctx, tx, who, n, of, rest, r.Way, "银行流水对错："+why); err != nil {
						return err
					}
				}
			case "bank-lines":
				on := e.Day
				if b.Closed.Sound() && on <= b.Closed {
					on = today(tx)
				}
				if _, err := t.reverse(ctx, tx, b, who.Person, m.Entry, on, e.Document, e.Decision, why); err != nil {
					return err
				}
			}
		}
		if err := t.lineTo(ctx, tx, &l, "unmatched", "", who.Person); err != nil {
			return err
		}
		return t.trail(ctx, tx, who, Keep, n.Path, "unmatch", "bank-lines/"+l.ID, why, nil)
	})
	return l, err
}

// Ignore sets a line aside with a reason; Unignore takes it back.
func (t *Till) Ignore(ctx context.Context, who access.Who, compound, id, why string, back bool) (l BankLine, err error) {
	err = t.db.Write(ctx, func(tx *store.Tx) error {
		n, err := t.bankPlace(ctx, tx, who, Keep, compound)
		if err != nil {
			return err
		}
		if why = strings.TrimSpace(why); why == "" {
			return ErrReason
		}
		if l, err = t.bankLine(ctx, tx, n.ID, id); err != nil {
			return err
		}
		from, to, what := "unmatched", "ignored", "ignore"
		if back {
			from, to, what = to, from, "unignore"
		}
		if l.State != from {
			return ErrLineState
		}
		if err := t.lineTo(ctx, tx, &l, to, why, who.Person); err != nil {
			return err
		}
		return t.trail(ctx, tx, who, Keep, n.Path, what, "bank-lines/"+l.ID, why, nil)
	})
	return l, err
}
