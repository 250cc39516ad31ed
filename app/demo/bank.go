package demo

import (
	"context"
	"database/sql"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"cuobian/basis/day"
	"cuobian/basis/yuan"
	"cuobian/platform/access"
	"cuobian/platform/store"
	"cuobian/rooms/money"
	"cuobian/rooms/money/ledger"
)

// bank opens the public-income accounts of 39 companies in 东湖街道 (F53), and gives 西湖豪庭 two accounts and a statement of
// its bank, whose lines are matched where they are beyond doubt.
func (p Parts) bank(ctx context.Context) error {
	if err := p.incomeAccounts(ctx); err != nil {
		return err
	}
	if err := p.desk(ctx); err != nil {
		return err
	}
	return p.statement(ctx)
}

// serving is a compound with the company that serves it and its committee, "" without one.
type serving struct{ compound, org, committee string }

func (p Parts) serving(ctx context.Context, under string) ([]serving, error) {
	on := p.Clock.Now().Day(day.Shanghai)
	return store.All(ctx, p.DB, func(r *sql.Rows) (s serving, err error) {
		err = r.Scan(&s.compound, &s.org, &s.committee)
		return s, err
	}, `select s.compound, s.org, coalesce((select min(o.id) from people_v_org o where o.path = s.path and o.kind in ('owners_committee', 'interim_committee') and o.ended_on = ''), '')
from service_v_contract s where s.path >= $1 and s.path < $2 and s.org <> '' and s.from_day <= $3 and (s.to_day = '' or s.to_day >= $3) order by s.from_day, s.path`, under, under+"~", on)
}

// incomeAccounts: one account for each of so many companies, half of them in the company's name, half in the committee's
// and operated by the company. One more was opened after the day of the page.
func (p Parts) incomeAccounts(ctx context.Context) error {
	list, err := p.serving(ctx, "350503001/")
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, s := range list {
		if seen[s.org] || len(seen) == count("F53") {
			continue
		}
		seen[s.org] = true
		n := len(seen)
		a := money.BankAccount{Fund: ledger.Income, Bank: "示例银行", Name: "公共收益专户", Holder: s.org, Kind: "company", Opened: d("2023-05-08").Add(n * 16)}
		if n%2 == 0 && s.committee != "" {
			a.Holder, a.Kind, a.Operator = s.committee, "committee", s.org
		}
		if _, err := p.Till.OpenAccount(ctx, access.System, s.compound, a, fmt.Sprintf("9900000000%06d", n)); err != nil {
			return err
		}
	}
	if len(seen) != count("F53") {
		return fmt.Errorf("%d companies serve in 东湖街道", len(seen))
	}
	return nil
}

var receiptOf = regexp.MustCompile(`20\d\d-\d{6}`)

// statement: what the desk took in half a year as the bank shows it, but for the last three; with a fee, interest, a payer
// whom nobody knows, a sum that lacks a fen, and a home whose payment the desk has not entered.
func (p Parts) statement(ctx context.Context) error {
	var id string
	if err := p.DB.QueryRow(ctx, `select id from place_v_compound where name = '西湖豪庭'`).Scan(&id); err != nil {
		return err
	}
	list, err := p.serving(ctx, "350503004/")
	if err != nil {
		return err
	}
	i := slices.IndexFunc(list, func(s serving) bool { return s.compound == id })
	if i < 0 {
		return fmt.Errorf("nobody serves 西湖豪庭")
	}
	s := list[i]
	entries, err := p.entriesOf(ctx, id, "fees:bank")
	if err != nil {
		return err
	}
	if len(entries) < 6 {
		return fmt.Errorf("西湖豪庭 took money %d times", len(entries))
	}
	fees, err := p.Till.OpenAccount(ctx, access.System, id, money.BankAccount{Fund: ledger.Fees, Bank: "示例银行", Name: "物业费监管户", Holder: s.org, Kind: "company", Opened: entries[0].Day.Add(-200)}, "9900000000700001")
	if err != nil {
		return err
	}
	var income money.BankAccount
	if s.committee != "" {
		if income, err = p.Till.OpenAccount(ctx, access.System, id, money.BankAccount{Fund: ledger.Income, Bank: "示例银行", Name: "公共收益专户", Holder: s.committee, Kind: "committee", Operator: s.org, Opened: entries[0].Day.Add(-200)}, "9900000000700002"); err != nil {
			return err
		}
	}
	if err := p.shown(ctx, id, fees.ID, "fees", "9900000000700001", true); err != nil {
		return err
	}
	if income.ID == "" {
		return nil
	}
	return p.shown(ctx, id, income.ID, "income", "9900000000700002", false)
}

// entriesOf are the entries of an account and all below it, the oldest first.
func (p Parts) entriesOf(ctx context.Context, compound, account string) (entries []money.EntryLine, err error) {
	for f := (money.EntryFind{Account: account, Limit: 200}); ; {
		page, err := p.Till.Entries(ctx, access.System, compound, f)
		if err != nil {
			return nil, err
		}
		entries = append(entries, page.Items...)
		if page.Next == "" || len(page.Items) == 0 {
			break
		}
		f.After = page.Next
	}
	// What was entered of the years before the bills came before the account's first statement.
	entries = slices.DeleteFunc(entries, func(e money.EntryLine) bool { return strings.HasPrefix(e.Document, "papers/") })
	slices.SortFunc(entries, func(a, b money.EntryLine) int {
		if a.Day != b.Day {
			return int(a.Day - b.Day)
		}
		return strings.Compare(a.ID, b.ID)
	})
	return entries, nil
}

// desk gives 明鑫花苑 the company's account, with the lines of what its desk took until yesterday, and the committee's account of
// public income, with what contracts and parking brought and what was paid.
func (p Parts) desk(ctx context.Context) error {
	var id, path string
	if err := p.DB.QueryRow(ctx, `select id, path from place_v_compound where name = $1`, mingxin).Scan(&id, &path); err != nil {
		return err
	}
	list, err := p.serving(ctx, path)
	if err != nil || len(list) == 0 {
		return err
	}
	entries, err := p.entriesOf(ctx, id, "company:bank")
	if err != nil || len(entries) == 0 {
		return err
	}
	a, err := p.Till.OpenAccount(ctx, access.System, id, money.BankAccount{Fund: ledger.Company, Bank: "示例银行", Name: "物业费收款户", Holder: list[0].org, Kind: "company", Opened: entries[0].Day.Add(-30)}, "9900000000700003")
	if err != nil {
		return err
	}
	if err := p.shown(ctx, id, a.ID, "company", "9900000000700003", false); err != nil {
		return err
	}
	if entries, err = p.entriesOf(ctx, id, "income:bank"); err != nil || len(entries) == 0 || list[0].committee == "" {
		return err
	}
	if a, err = p.Till.OpenAccount(ctx, access.System, id, money.BankAccount{Fund: ledger.Income, Bank: "示例银行", Name: "公共收益专户", Holder: list[0].committee, Kind: "committee", Operator: list[0].org, Opened: entries[0].Day.Add(-30)}, "9900000000700004"); err != nil {
		return err
	}
	return p.shown(ctx, id, a.ID, "income", "9900000000700004", false)
}

// shown sends the statement of a fund's account and matches it: transfers, deposits and payments line by line, what providers took by
// the day, less their fee. With odd ones the last three are missing, one lacks a fen, and there are a fee, interest and a payer
// whom nobody knows.
func (p Parts) shown(ctx context.Context, id, account, fund, number string, odd bool) error {
	type row struct {
		on                 day.Day
		a                  yuan.Amount
		party, kind, words string
	}
	var rows []row
	entries, err := p.entriesOf(ctx, id, fund+":bank")
	if err != nil {
		return err
	}
	if odd {
		entries = entries[:len(entries)-3]
	}
	lacks := !odd
	for k, e := range entries {
		var a yuan.Amount
		for _, l := range e.Legs {
			if l.Account == fund+":bank" {
				a += l.Amount
			}
		}
		no := receiptOf.FindString(e.Text)
		switch {
		case strings.HasPrefix(e.Document, "deposits/"):
			rows = append(rows, row{e.Day, a, "", "现金存入", "缴款"})
		case !lacks && no != "" && k >= len(entries)/2:
			lacks = true
			rows = append(rows, row{e.Day, a - 1, "示例付款人", "转账", "物业费"})
		case no != "":
			rows = append(rows, row{e.Day, a, "示例付款人", "转账", "物业费 收据" + no})
		case a > 0:
			rows = append(rows, row{e.Day, a, "示例付款人", "转账", e.Text + " " + e.Document})
		case strings.HasPrefix(e.Document, "payments/"):
			x, err := p.Till.Payment(ctx, access.System, strings.TrimPrefix(e.Document, "payments/"))
			if err != nil {
				return err
			}
			rows = append(rows, row{e.Day, a, x.PayeeName, "转账", x.PaidRef})
		}
	}
	way, err := p.entriesOf(ctx, id, fund+":clearing")
	if err != nil {
		return err
	}
	today := p.Clock.Now().Day(day.Shanghai)
	type on struct {
		day     day.Day
		account string
	}
	sums := map[on]yuan.Amount{}
	for _, e := range way {
		for _, l := range e.Legs {
			if strings.HasPrefix(l.Account, fund+":clearing") {
				sums[on{e.Day, l.Account}] += l.Amount
			}
		}
	}
	for k, a := range sums {
		if k.day.Add(1) < today && a > 0 {
			rows = append(rows, row{k.day.Add(1), a - a*38/10000, "示例收单机构", "结算", "T+1 结算" + strings.TrimPrefix(k.account, fund+":clearing")})
		}
	}
	slices.SortStableFunc(rows, func(a, b row) int {
		if a.on != b.on {
			return int(a.on - b.on)
		}
		return strings.Compare(a.words, b.words)
	})
	if odd {
		last := rows[len(rows)-1].on
		rows = append(rows, row{last, -12_00, "示例银行", "手续费", "网银服务费"}, row{last, 3_21, "示例银行", "存款利息", "结息"}, row{last, 88_00, "示例来款人", "转账", ""})
	}
	if len(rows) == 0 {
		return nil
	}
	var text strings.Builder
	text.WriteString("账号," + number + "\n交易日期,收入,支出,余额,对方户名,摘要,附言,流水号\n")
	balance, err := p.before(ctx, id, fund)
	if err != nil {
		return err
	}
	for n, r := range rows {
		balance += r.a
		in, out := r.a.String(), ""
		if r.a < 0 {
			in, out = "", (-r.a).String()
		}
		fmt.Fprintf(&text, "%s,%s,%s,%s,%s,%s,%s,SL%08d\n", min(r.on, today), in, out, balance, r.party, r.kind, r.words, n+1)
	}
	f, err := p.Till.SendStatement(ctx, access.System, id, account, "示例银行对账单.csv", []byte(text.String()))
	if err != nil {
		return err
	}
	if _, err := p.Till.ImportStatement(ctx, access.System, id, account, f.ID, ""); err != nil {
		return err
	}
	_, err = p.Till.Automatch(ctx, access.System, id, account)
	return err
}

// before is what a fund's bank account held of the years before the bills.
func (p Parts) before(ctx context.Context, compound, fund string) (sum yuan.Amount, err error) {
	for f := (money.EntryFind{Account: fund + ":bank", Limit: 200}); ; {
		page, err := p.Till.Entries(ctx, access.System, compound, f)
		if err != nil {
			return 0, err
		}
		for _, e := range page.Items {
			for _, l := range e.Legs {
				if strings.HasPrefix(e.Document, "papers/") && l.Account == fund+":bank" {
					sum += l.Amount
				}
			}
		}
		if page.Next == "" || len(page.Items) == 0 {
			return sum, nil
		}
		f.After = page.Next
	}
}
