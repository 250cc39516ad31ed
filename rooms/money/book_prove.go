package money

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"

	"cuobian/basis/day"
	"cuobian/basis/yuan"
	"cuobian/platform/access"
	"cuobian/platform/store"
	"cuobian/rooms/money/ledger"
	"cuobian/rooms/outreach"
)

// prover compares control accounts with the parts that they are made of.
type prover func(ctx context.Context, q store.Queryer, compound string) ([]Proof, error)

// Proofs are what is proved of one compound's books.
type Proofs struct {
	Compound string      `json:"compound"`
	At       day.Instant `json:"at"`
	Holds    bool        `json:"holds"`
	Entries  int64       `json:"entries"`
	Items    []Proof     `json:"items" doc:"each with what the books say and what its parts add up to"`
}

// named puts the name of the account, or of the fund, before what is proved of it.
func (x *Proof) named(c ledger.Chart) {
	a, known := c[x.Account]
	zh, en := a.Zh, a.En
	if fund, all := strings.CutSuffix(x.Account, ":*"); !known && (all || !strings.Contains(fund, ":")) && slices.Contains(ledger.Funds(), ledger.Fund(fund)) {
		zh, en = ledger.Fund(fund).Name()
	}
	switch {
	case zh == "" || strings.HasPrefix(x.Zh, zh):
	case x.Zh == "":
		x.Zh, x.En = zh+"与明细一致", en+" equals its parts"
	default:
		x.Zh, x.En = zh+"："+x.Zh, en+": "+x.En
	}
}

// proveAll proves everything of one compound in one moment: all accounts add up to zero, each fund too, and so each entry;
// turnovers and what is new are the legs; closings are the legs of their days; nothing is held that is not there; and control
// accounts equal their parts.
func (t *Till) proveAll(ctx context.Context, q store.Queryer, compound string) (p Proofs, err error) {
	p = Proofs{Compound: compound, At: t.db.Now(), Holds: true, Items: []Proof{}}
	chart, err := t.chart(ctx, q, compound)
	if err != nil {
		return p, err
	}
	add := func(x Proof) {
		x.named(chart)
		p.Items = append(p.Items, x)
		p.Holds = p.Holds && x.Holds
	}
	if p.Entries, err = store.Count(ctx, q, `select count(*) from money_entry where compound = $1`, compound); err != nil {
		return p, err
	}
	legs := map[string]yuan.Amount{}
	if err := balances(ctx, q, legs, `select account, cast(sum(amount) as bigint) from money_leg where compound = $1 group by account`, compound); err != nil {
		return p, err
	}
	var sum yuan.Amount
	funds := map[ledger.Fund]yuan.Amount{}
	for account, a := range legs {
		sum += a
		funds[ledger.Account{Code: account}.Fund()] += a
	}
	add(Proof{Account: "*", Books: sum, Holds: sum == 0, Zh: "全部科目合计为零", En: "all accounts add up to zero"})
	for _, f := range ledger.Funds() {
		zh, en := f.Name()
		if a := funds[f]; a != 0 {
			add(Proof{Account: string(f) + ":*", Books: a, Zh: zh + "合计为零", En: en + " adds up to zero"})
		}
	}
	odd, err := store.Count(ctx, q, `select count(*) from (select entry from money_leg where compound = $1 group by entry having sum(amount) <> 0) as odd`, compound)
	if err != nil {
		return p, err
	}
	add(Proof{Account: "*", Books: yuan.Amount(odd), Holds: odd == 0, Count: true, Zh: "借贷不平的凭证数", En: "entries that do not balance"})
	if odd, err = store.Count(ctx, q, `select count(*) from money_leg l where l.compound = $1 and not exists (select 1 from money_entry e where e.id = l.entry and e.compound = l.compound and e.day = l.day)`, compound); err != nil {
		return p, err
	}
	add(Proof{Account: "*", Books: yuan.Amount(odd), Holds: odd == 0, Count: true, Zh: "没有凭证或日期不同的分录行", En: "legs without their entry, or of another day"})
	shown, err := t.flows(ctx, q, compound, 0, day.Last)
	if err != nil {
		return p, err
	}
	accounts := slices.Collect(maps.Keys(legs))
	for account := range shown {
		if _, has := legs[account]; !has {
			accounts = append(accounts, account)
		}
	}
	slices.Sort(accounts)
	for _, account := range accounts {
		if a := shown[account].Debit - shown[account].Credit; a != legs[account] {
			add(Proof{Account: account, Books: a, Parts: legs[account], Zh: "发生额与分录一致", En: "turnovers equal the legs"})
		}
	}
	add(Proof{Account: "*", Books: yuan.Amount(len(accounts)), Parts: yuan.Amount(len(accounts)), Holds: true, Count: true, Zh: "逐科目核对的科目数", En: "accounts compared one by one"})
	wrong, err := store.All(ctx, q, func(r *sql.Rows) (x Proof, err error) {
		err = r.Scan(&x.Account, &x.Books, &x.Parts)
		return x, err
	}, `select c.account, c.amount, (select cast(coalesce(sum(l.amount), 0) as bigint) from money_leg l where l.compound = c.compound and l.account = c.account and l.day <= c.through)
from money_closing_balance c join money_book b on b.compound = c.compound and b.closed = c.through
where c.compound = $1 and c.amount <> (select coalesce(sum(l.amount), 0) from money_leg l where l.compound = c.compound and l.account = c.account and l.day <= c.through)`, compound)
	if err != nil {
		return p, err
	}
	for _, x := range wrong {
		x.Zh, x.En = "已结账余额未变", "a closed balance has not moved"
		add(x)
	}
	held, err := t.held(ctx, q, compound)
	if err != nil {
		return p, err
	}
	for _, account := range slices.Sorted(maps.Keys(held)) {
		x := Proof{Account: account, Books: legs[account], Parts: held[account], Holds: true, Zh: "余额与其中已预留", En: "balance, and held of it"}
		x.Holds = x.Books >= x.Parts || reversedBelow(x.Books)
		add(x)
	}
	for _, prove := range t.provers() {
		more, err := prove(ctx, q, compound)
		if err != nil {
			return p, err
		}
		for _, x := range more {
			add(x)
		}
	}
	return p, nil
}

// reversedBelow: a cheque that bounced may leave less than nothing, and then what is held is not covered; that is seen in the
// books themselves and is no error of counting.
func reversedBelow(a yuan.Amount) bool { return a < 0 }

func balances(ctx context.Context, q store.Queryer, into map[string]yuan.Amount, query string, args ...any) error {
	rows, err := q.Query(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var account string
		var a yuan.Amount
		if err := rows.Scan(&account, &a); err != nil {
			return err
		}
		into[account] += a
	}
	return rows.Err()
}

// Prove proves one compound's books now.
func (t *Till) Prove(ctx context.Context, who access.Who, compound string) (p Proofs, err error) {
	n, err := t.readable(ctx, who, compound)
	if err != nil {
		return p, err
	}
	err = t.db.View(ctx, func(q store.Queryer) error {
		if _, err := t.book(ctx, q, n.ID); err != nil {
			return err
		}
		p, err = t.proveAll(ctx, q, n.ID)
		return err
	})
	return p, err
}

// ProveBooks proves all books, each night: what does not hold is kept, told to the street and the community of the place, and
// fails the job, so that it stands on the system page too.
func (t *Till) ProveBooks(ctx context.Context) error {
	if err := t.Bring(ctx); err != nil {
		return err
	}
	all, err := store.Texts(ctx, t.db, `select compound from money_book order by compound`)
	if err != nil {
		return err
	}
	bad := 0
	for _, compound := range all {
		var p Proofs
		if err := t.db.View(ctx, func(q store.Queryer) error {
			p, err = t.proveAll(ctx, q, compound)
			return err
		}); err != nil {
			return err
		}
		var wrong []string
		for _, x := range p.Items {
			if !x.Holds {
				wrong = append(wrong, fmt.Sprintf("%s：%s（账面 %s，明细 %s）", x.Account, x.Zh, x.Books, x.Parts))
			}
		}
		if err := t.db.Write(ctx, func(tx *store.Tx) error {
			var held bool
			err := tx.QueryRow(ctx, `select holds from money_proof where compound = $1`, compound).Scan(&held)
			if none(err) {
				held, err = true, nil
			}
			if err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, `insert into money_proof (compound, at, holds, wrong) values ($1, $2, $3, $4)
on conflict (compound) do update set at = excluded.at, holds = excluded.holds, wrong = excluded.wrong`, compound, int64(tx.Now), p.Holds, strings.Join(wrong, "\n")); err != nil {
				return err
			}
			if p.Holds || !held {
				return nil
			}
			b, err := t.book(ctx, tx, compound)
			if err != nil {
				return err
			}
			return t.tell(ctx, tx, b.Path, "books/"+compound, "账目核对未通过", "The books do not add up",
				fmt.Sprintf("夜间核对发现 %d 处不符，请立即查看并通知系统管理员。", len(wrong)), fmt.Sprintf("The nightly proof found %d differences; look at once and tell the administrator.", len(wrong)),
				outreach.To{Post: access.StreetOfficer}, outreach.To{Post: access.CommunityOfficer})
		}); err != nil {
			return err
		}
		if !p.Holds {
			bad++
		}
	}
	if bad > 0 {
		return ErrUnproved.Because(fmt.Errorf("%d of %d", bad, len(all)))
	}
	return nil
}

// WrongBooks counts the books whose last proof did not hold, for the metrics.
func (t *Till) WrongBooks(ctx context.Context) (int64, error) {
	return store.Count(ctx, t.db, `select count(*) from money_proof where not holds`)
}
