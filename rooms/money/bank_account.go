package money

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/basis/yuan"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/seal"
	"cuobian/platform/store"
	"cuobian/rooms/money/ledger"
	"cuobian/rooms/people"
)

// bankNumber keeps account numbers apart from other sealed values.
const bankNumber seal.Kind = "bank_account"

var bankSealed = []seal.Column{{Table: "money_bank_account", Key: "id", Column: "number"}, {Table: "money_bank_file", Key: "id", Column: "sealed"}}

// Faults of accounts.
var (
	ErrNumber      = fault.Bad("number", "money.bank_number", "账号须为 4 至 34 位的数字或字母", "an account number has 4 to 34 digits or letters")
	ErrNumberTwice = fault.New(fault.Conflict, "money.bank_number_twice", "这个账号已经登记", "this account number is on record already")
	ErrHolder      = fault.Bad("holder_org", "money.holder", "没有这个开户单位，或与类别不符；公共收益账户由业委会、社区，或正在服务的物业公司开立", "there is no such holder, or it is not of that kind: a committee, the community, or the company that serves the compound")
	ErrShut        = fault.New(fault.Conflict, "money.account_closed", "该账户已销户", "the account is closed")
	ErrUnsettled   = fault.New(fault.Conflict, "money.account_unsettled", "还有没有对上的流水，不能销户", "lines are still unmatched: the account cannot be closed")
	ErrBank        = fault.Bad("bank", "money.bank_name", "请写明开户银行", "name the bank")
)

// BankAccount is an account at a bank or a wallet in which one fund of a compound lies.
type BankAccount struct {
	ID        string      `json:"id"`
	Compound  string      `json:"compound"`
	Fund      ledger.Fund `json:"fund" enum:"fees,company,income,works,maintenance"`
	Bank      string      `json:"bank" maxLength:"60"`
	Name      string      `json:"name,omitempty" maxLength:"80" doc:"what people call it"`
	Last4     string      `json:"last4" readOnly:"true"`
	Holder    string      `json:"holder_org" maxLength:"40" doc:"organisation in whose name it is"`
	Kind      string      `json:"holder_kind" enum:"assembly,committee,community,company"`
	HolderZh  string      `json:"holder_name,omitempty" readOnly:"true"`
	Operator  string      `json:"operator_org,omitempty" maxLength:"40" doc:"company that operates it for the holder"`
	Opened    day.Day     `json:"opened_on"`
	Closed    day.Day     `json:"closed_on,omitempty" readOnly:"true"`
	Opening   yuan.Amount `json:"opening" doc:"balance on the day before the first statement, where statements show none"`
	Unmatched int64       `json:"unmatched" readOnly:"true" doc:"lines that stand for nothing in the books yet"`
	Balance   *BankShown  `json:"balance,omitempty" readOnly:"true" doc:"what the bank showed last"`
	Version   int64       `json:"version" readOnly:"true"`
	Demo      bool        `json:"demo,omitempty" readOnly:"true"`

	path scope.Path
}

// BankShown is a balance of the bank at the end of a day.
type BankShown struct {
	On     day.Day     `json:"on"`
	Amount yuan.Amount `json:"amount"`
	Stated bool        `json:"stated" doc:"a statement says so; otherwise it is the opening balance and all lines since"`
}

const bankColumns = `id, compound, path, fund, bank, name, last4, holder_org, holder_kind, operator_org, opened_on, closed_on, opening, version, demo`

func scanBank(r *sql.Rows) (a BankAccount, err error) {
	err = r.Scan(&a.ID, &a.Compound, &a.path, &a.Fund, &a.Bank, &a.Name, &a.Last4, &a.Holder, &a.Kind, &a.Operator, &a.Opened, &a.Closed, &a.Opening, &a.Version, &a.Demo)
	return a, err
}

func (t *Till) bankAccounts(ctx context.Context, q store.Queryer, cond string, args ...any) ([]BankAccount, error) {
	return store.All(ctx, q, scanBank, `select `+bankColumns+` from money_bank_account where `+cond+` order by fund, opened_on, id`, args...)
}

// bankAccount finds an account of a compound.
func (t *Till) bankAccount(ctx context.Context, q store.Queryer, compound, id string) (BankAccount, error) {
	all, err := t.bankAccounts(ctx, q, `id = $1 and compound = $2`, id, compound)
	if err == nil && len(all) == 0 {
		err = ErrMissing
	}
	if err != nil {
		return BankAccount{}, err
	}
	return all[0], nil
}

func cleanNumber(s string) string {
	return strings.ToUpper(strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' || r == '\t' {
			return -1
		}
		return r
	}, strings.TrimSpace(s)))
}

func lastFour(s string) string { return s[len(s)-4:] }

// OpenAccount puts an account on record.
func (t *Till) OpenAccount(ctx context.Context, who access.Who, compound string, a BankAccount, number string) (out BankAccount, err error) {
	err = t.db.Write(ctx, func(tx *store.Tx) error {
		n, err := t.bankPlace(ctx, tx, who, Keep, compound)
		if err != nil {
			return err
		}
		if out, err = t.openAccount(ctx, tx, who.Person, n.ID, a, number); err != nil {
			return err
		}
		return t.trail(ctx, tx, who, Keep, n.Path, "account", "accounts/"+out.ID, "", map[string]any{"fund": out.Fund, "bank": out.Bank, "last4": out.Last4, "holder": out.Holder})
	})
	return out, err
}

func (t *Till) openAccount(ctx context.Context, tx *store.Tx, by, compound string, a BankAccount, number string) (BankAccount, error) {
	n, err := t.compound(ctx, tx, compound)
	if err != nil {
		return a, err
	}
	number = cleanNumber(number)
	if len(number) < 4 || len(number) > 34 || strings.IndexFunc(number, func(r rune) bool { return !(r >= '0' && r <= '9' || r >= 'A' && r <= 'Z') }) >= 0 {
		return a, ErrNumber
	}
	if a.Bank = strings.TrimSpace(a.Bank); a.Bank == "" {
		return a, ErrBank
	}
	if !slices.Contains([]ledger.Fund{ledger.Fees, ledger.Company, ledger.Income, ledger.Works, ledger.Maintenance}, a.Fund) {
		return a, errFund
	}
	if !a.Opened.Sound() {
		a.Opened = today(tx)
	}
	if a.Opened > today(tx) {
		return a, ErrDay.At("opened_on")
	}
	for _, h := range []struct{ org, kind string }{{a.Holder, a.Kind}, {a.Operator, "company"}} {
		if h.org == "" && h.kind == "company" && h.org != a.Holder {
			continue
		}
		if err := t.mayHold(ctx, tx, n.Path, h.org, h.kind); err != nil {
			return a, err
		}
	}
	b, err := t.begin(ctx, tx, n)
	if err != nil {
		return a, err
	}
	a.ID, a.Compound, a.path, a.Last4, a.Version, a.Demo = tx.NewID(), b.Compound, n.Path, lastFour(number), 1, n.Demo
	_, err = tx.Exec(ctx, `insert into money_bank_account (id, compound, path, street, fund, bank, name, number, number_index, last4, holder_org, holder_kind, operator_org, opened_on, closed_on, closed_why, opening, by_person, at, version, demo)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, '', '', $15, $16, $17, 1, $18)`,
		a.ID, n.ID, string(n.Path), string(n.Path.Street()), string(a.Fund), a.Bank, strings.TrimSpace(a.Name), t.on.Ring.Seal("money_bank_account", "number", a.ID, number), t.on.Ring.Index(bankNumber, number), a.Last4,
		a.Holder, a.Kind, a.Operator, a.Opened, int64(a.Opening), by, int64(tx.Now), n.Demo)
	if store.Unique(err) {
		err = ErrNumberTwice
	}
	if err != nil {
		return a, err
	}
	return a, t.accountThere(ctx, tx, n.ID, a.Fund, by)
}

// mayHold checks the holder of an account: a committee of the compound, a community or street body above it, or a company
// that serves it.
func (t *Till) mayHold(ctx context.Context, q store.Queryer, at scope.Path, org, kind string) error {
	var is, path, ended string
	err := q.QueryRow(ctx, `select kind, path, ended_on from people_v_org where id = $1`, org).Scan(&is, &path, &ended)
	if none(err) {
		return ErrHolder
	}
	if err != nil {
		return err
	}
	if ended != "" {
		return ErrHolder
	}
	switch kind {
	case "assembly", "committee":
		if (is != string(people.OwnersCommittee) && is != string(people.InterimCommittee)) || path != string(at) {
			return ErrHolder
		}
	case "community":
		if !scope.Path(path).Covers(at) || path == string(at) || is == string(people.PropertyCompany) {
			return ErrHolder
		}
	case "company":
		if is != string(people.PropertyCompany) {
			return ErrHolder
		}
		if err := t.serves(ctx, q, org, at); err != nil {
			return ErrHolder
		}
	default:
		return ErrHolder
	}
	return nil
}

// Accounts lists a compound's accounts, the open ones first.
func (t *Till) Accounts(ctx context.Context, who access.Who, compound string) (out []BankAccount, err error) {
	n, err := t.bankPlace(ctx, t.db, who, Read, compound)
	if err != nil {
		return nil, err
	}
	if out, err = t.bankAccounts(ctx, t.db, `compound = $1`, n.ID); err != nil {
		return nil, err
	}
	for i := range out {
		a := &out[i]
		if a.Unmatched, err = store.Count(ctx, t.db, `select count(*) from money_bank_line where account = $1 and state = 'unmatched'`, a.ID); err != nil {
			return nil, err
		}
		if b, err := t.bankShown(ctx, t.db, *a, day.Last); err != nil {
			return nil, err
		} else if b.On.Sound() {
			a.Balance = &b
		}
		if err := t.db.QueryRow(ctx, `select name from people_v_org where id = $1`, a.Holder).Scan(&a.HolderZh); err != nil && !none(err) {
			return nil, err
		}
	}
	slices.SortStableFunc(out, func(a, b BankAccount) int {
		return map[bool]int{true: 1, false: 0}[a.Closed.Sound()] - map[bool]int{true: 1, false: 0}[b.Closed.Sound()]
	})
	return out, nil
}

// bankShown is what the bank shows at the end of a day: the last stated balance and what came after it.
func (t *Till) bankShown(ctx context.Context, q store.Queryer, a BankAccount, on day.Day) (b BankShown, err error) {
	var from day.Day
	var clock string
	var seq int64
	err = q.QueryRow(ctx, `select day, clock, seq, balance from money_bank_line where account = $1 and day <= $2 and known = true and side in ('in', 'out') order by day desc, clock desc, seq desc limit 1`, a.ID, on).Scan(&from, &clock, &seq, &b.Amount)
	switch {
	case none(err):
		b.Amount = a.Opening
		var since yuan.Amount
		if err = q.QueryRow(ctx, `select cast(coalesce(sum(amount), 0) as bigint), coalesce(max(day), '') from money_bank_line where account = $1 and day <= $2 and side in ('in', 'out')`, a.ID, on).Scan(&since, &b.On); err != nil {
			return b, err
		}
		b.Amount += since
		return b, nil
	case err != nil:
		return b, err
	}
	b.On, b.Stated = from, true
	var since yuan.Amount
	var last day.Day
	if err = q.QueryRow(ctx, `select cast(coalesce(sum(amount), 0) as bigint), coalesce(max(day), '') from money_bank_line where account = $1 and day <= $2 and side in ('in', 'out') and known = false and (day > $3 or day = $3 and clock > $4)`, a.ID, on, from, clock).Scan(&since, &last); err != nil {
		return b, err
	}
	if last > b.On {
		b.On, b.Stated = last, false
	}
	b.Amount += since
	return b, nil
}

// CloseAccount ends an account, with a reason; nothing in it may be unmatched.
func (t *Till) CloseAccount(ctx context.Context, who access.Who, compound, id, reason string) (a BankAccount, err error) {
	err = t.db.Write(ctx, func(tx *store.Tx) error {
		n, err := t.bankPlace(ctx, tx, who, Keep, compound)
		if err != nil {
			return err
		}
		if reason = strings.TrimSpace(reason); reason == "" {
			return ErrReason
		}
		if a, err = t.bankAccount(ctx, tx, n.ID, id); err != nil {
			return err
		}
		if a.Closed.Sound() {
			return ErrShut
		}
		open, err := store.Count(ctx, tx, `select count(*) from money_bank_line where account = $1 and state = 'unmatched'`, id)
		if err != nil {
			return err
		}
		if open > 0 {
			return ErrUnsettled
		}
		a.Closed = today(tx)
		if _, err := tx.Exec(ctx, `update money_bank_account set closed_on = $1, closed_why = $2, version = version + 1 where id = $3 and closed_on = ''`, a.Closed, reason, id); err != nil {
			return err
		}
		return t.trail(ctx, tx, who, Keep, n.Path, "account_close", "accounts/"+id, reason, nil)
	})
	return a, err
}

// ShowAccount opens an account's number for a reason, which the trail keeps.
func (t *Till) ShowAccount(ctx context.Context, who access.Who, compound, id, reason string) (number string, err error) {
	err = t.db.Write(ctx, func(tx *store.Tx) error {
		n, err := t.bankPlace(ctx, tx, who, Keep, compound)
		if err != nil {
			return err
		}
		if len([]rune(strings.TrimSpace(reason))) < 2 {
			return ErrReason
		}
		if _, err := t.bankAccount(ctx, tx, n.ID, id); err != nil {
			return err
		}
		var sealed []byte
		if err := tx.QueryRow(ctx, `select number from money_bank_account where id = $1`, id).Scan(&sealed); err != nil {
			return err
		}
		if number, err = t.on.Ring.Open("money_bank_account", "number", id, sealed); err != nil {
			return err
		}
		return audit.Write(ctx, tx, audit.Entry{By: who.By(Keep, n.Path), Action: "money.account_show", Path: n.Path, Ref: "accounts/" + id, Why: strings.TrimSpace(reason)})
	})
	return number, err
}

// bankHands are the accounts that whoever leaves holds or operates.
func (t *Till) bankHands(ctx context.Context, q store.Queryer, h Handover) (out []HandItem, err error) {
	list, err := t.bankAccounts(ctx, q, `compound = $1 and closed_on = '' and (holder_org = $2 or operator_org = $2)`, h.Compound, h.From)
	for _, a := range list {
		zh, en := a.Fund.Name()
		b, err := t.bankShown(ctx, q, a, day.Last)
		if err != nil {
			return nil, err
		}
		out = append(out, HandItem{Kind: "account", Ref: "accounts/" + a.ID, Zh: a.Bank + " 尾号 " + a.Last4 + "：" + zh, En: a.Bank + " ending in " + a.Last4 + ": " + en, Amount: b.Amount})
	}
	return out, err
}
