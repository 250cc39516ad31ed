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
	var entries []money.EntryLine
	for f := (money.EntryFind{Account: "fees:bank", Limit: 200}); ; {
		page, err := p.Till.Entries(ctx, access.System, id, f)
		if err != nil {
			return err
		}
		entries = append(entries, page.Items...)
		if page.Next == "" || len(page.Items) == 0 {
			break
		}
		f.After = page.Next
	}
	slices.SortFunc(entries, func(a, b money.EntryLine) int {
		if a.Day != b.Day {
			return int(a.Day - b.Day)
		}
		return strings.Compare(a.ID, b.ID)
	})
	if len(entries) < 10 {
		return fmt.Errorf("西湖豪庭 took money %d times", len(entries))
	}
	fees, err := p.Till.OpenAccount(ctx, access.System, id, money.BankAccount{Fund: ledger.Fees, Bank: "示例银行", Name: "物业费监管户", Holder: s.org, Kind: "company", Opened: entries[0].Day.Add(-200)}, "9900000000700001")
	if err != nil {
		return err
	}
	if s.committee != "" {
		if _, err := p.Till.OpenAccount(ctx, access.System, id, money.BankAccount{Fund: ledger.Income, Bank: "示例银行", Name: "公共收益专户", Holder: s.committee, Kind: "committee", Operator: s.org, Opened: entries[0].Day.Add(-200)}, "9900000000700002"); err != nil {
			return err
		}
	}
	var text strings.Builder
	text.WriteString("账号,9900000000700001\n交易日期,收入,支出,余额,对方户名,摘要,附言,流水号\n")
	var balance yuan.Amount
	today := p.Clock.Now().Day(day.Shanghai)
	n := 0
	line := func(on day.Day, a yuan.Amount, party, kind, words string) {
		balance += a
		in, out := a.String(), ""
		if a < 0 {
			in, out = "", (-a).String()
		}
		n++
		fmt.Fprintf(&text, "%s,%s,%s,%s,%s,%s,%s,SL%08d\n", min(on, today), in, out, balance, party, kind, words, n)
	}
	for k, e := range entries[:len(entries)-3] {
		var a yuan.Amount
		for _, l := range e.Legs {
			if l.Account == "fees:bank" {
				a += l.Amount
			}
		}
		no := receiptOf.FindString(e.Text)
		switch k {
		case len(entries) / 2:
			line(e.Day, a-1, "示例付款人", "转账", "物业费")
		default:
			line(e.Day, a, "示例付款人", "转账", "物业费 收据"+no)
		}
	}
	last := entries[len(entries)-4].Day
	line(last, -12_00, "示例银行", "手续费", "网银服务费")
	line(last, 3_21, "示例银行", "存款利息", "结息")
	line(last, 88_00, "示例来款人", "转账", "")
	f, err := p.Till.SendStatement(ctx, access.System, id, fees.ID, "示例银行对账单.csv", []byte(text.String()))
	if err != nil {
		return err
	}
	if _, err := p.Till.ImportStatement(ctx, access.System, id, fees.ID, f.ID, ""); err != nil {
		return err
	}
	_, err = p.Till.Automatch(ctx, access.System, id, fees.ID)
	return err
}
