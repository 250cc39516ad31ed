package money

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/yuan"
	"cuobian/platform/store"
	"cuobian/rooms/duty"
	"cuobian/rooms/money/ledger"
)

// dutyAccount asks for the bank account of a fund that has money and no account on record.
const dutyAccount = "money.account"

func missingRef(compound string, fund ledger.Fund) string {
	return "fund/" + compound + "/" + string(fund)
}

// AccountTick raises a duty for each fund whose money is on its way to a bank, and for public income that is said to lie at one,
// while the fund has no account on record: such money never arrives. It ends the duty where that is over, and says how many it
// raised or ended.
func (t *Till) AccountTick(ctx context.Context) (int, error) {
	type miss struct {
		compound string
		fund     ledger.Fund
		sum      yuan.Amount
	}
	list, err := store.All(ctx, t.db, func(r *sql.Rows) (m miss, err error) {
		err = r.Scan(&m.compound, &m.fund, &m.sum)
		return m, err
	}, `select s.compound, s.fund, cast(sum(s.sum) as bigint) from (
select compound, substr(account, 1, length(account) - 5) as fund, debit - credit as sum from money_turnover where account = 'income:bank'
union all select compound, 'fees', debit - credit from money_turnover where account like 'fees:clearing%'
union all select compound, 'company', debit - credit from money_turnover where account like 'company:clearing%'
union all select compound, 'income', debit - credit from money_turnover where account like 'income:clearing%') s
where not exists (select 1 from money_bank_account a where a.compound = s.compound and a.fund = s.fund and a.closed_on = '')
group by s.compound, s.fund having sum(s.sum) > 0 order by s.compound, s.fund`)
	if err != nil {
		return 0, err
	}
	open, err := store.Texts(ctx, t.db, `select ref from money_deposit_due where ref like 'fund/%'`)
	if err != nil {
		return 0, err
	}
	raised, done := map[string]bool{}, 0
	for _, ref := range open {
		raised[ref] = true
	}
	for _, m := range list {
		ref := missingRef(m.compound, m.fund)
		if raised[ref] {
			delete(raised, ref)
			continue
		}
		err := t.db.Write(ctx, func(tx *store.Tx) error {
			n, err := t.compound(ctx, tx, m.compound)
			if err != nil {
				return err
			}
			p, cal, _, err := t.rules(ctx, tx, n.Path, today(tx))
			if err != nil {
				return err
			}
			zh, en := m.fund.Name()
			o := duty.Owe{Kind: dutyAccount, Ref: ref, Path: n.Path, Zh: fmt.Sprintf("登记银行账户：%s有 %s 元，没有登记账户", zh, m.sum), En: fmt.Sprintf("enter the bank account: %s has %s yuan and no account on record", en, m.sum)}
			if o.Post, o.Org, err = t.keeper(ctx, tx, n); err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, `insert into money_deposit_due (ref, since, at) values ($1, $2, $2) on conflict (ref) do nothing`, ref, int64(tx.Now)); err != nil {
				return err
			}
			return t.owe(ctx, tx, o, cal.Deadline(tx.Now, p.IncomeIn, day.Hours{}))
		})
		if err != nil && !fault.IsKind(err, fault.Invalid) { // a compound that ended owes nothing
			return done, err
		}
		done++
	}
	for ref := range raised { // an account was entered, or nothing is left
		compound, fund, _ := strings.Cut(strings.TrimPrefix(ref, "fund/"), "/")
		if err := t.db.Write(ctx, func(tx *store.Tx) error { return t.accountThere(ctx, tx, compound, ledger.Fund(fund), "") }); err != nil {
			return done, err
		}
		done++
	}
	return done, nil
}

// accountThere ends the duty to enter a fund's account.
func (t *Till) accountThere(ctx context.Context, tx *store.Tx, compound string, fund ledger.Fund, by string) error {
	ref := missingRef(compound, fund)
	if _, err := tx.Exec(ctx, `delete from money_deposit_due where ref = $1`, ref); err != nil {
		return err
	}
	return t.on.Duty.End(ctx, tx, dutyAccount, ref, by)
}
