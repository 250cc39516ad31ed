package money

import (
	"context"
	"database/sql"
	"strings"

	"cuobian/basis/day"
	"cuobian/basis/yuan"
	"cuobian/platform/store"
	"cuobian/rooms/money/ledger"
)

// yearEnds is how the document of a year's end begins.
const yearEnds = "year-ends/"

// endYears writes the end of every year whose last day a closing takes in (R30): what was earned and spent goes to each fund's
// rest. The turnovers are up to date.
func (t *Till) endYears(ctx context.Context, tx *store.Tx, b Book, person string, through day.Day) error {
	first := b.Begun
	if b.Closed.Sound() && b.Closed >= first {
		first = b.Closed.Add(1)
	}
	if !first.Sound() {
		return nil
	}
	for year := first.Year(); day.Date(year, 12, 31) <= through; year++ {
		balances, err := t.balancesOn(ctx, tx, b.Compound, day.Date(year, 12, 31))
		if err != nil {
			return err
		}
		c, err := t.chart(ctx, tx, b.Compound)
		if err != nil {
			return err
		}
		e, ok, err := c.YearEnd(tx.NewID(), year, balances)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		if _, err := t.postNew(ctx, tx, b, person, e); err != nil {
			return err
		}
		if err := keepYearEnd(ctx, tx, e.ID, b.Compound, year); err != nil {
			return err
		}
		if _, err := t.bring(ctx, tx, b.Compound); err != nil {
			return err
		}
	}
	return nil
}

func keepYearEnd(ctx context.Context, tx *store.Tx, entry, compound string, year int) error {
	_, err := tx.Exec(ctx, `insert into money_year_end (entry, compound, year) values ($1, $2, $3)`, entry, compound, year)
	return err
}

// keepUndone keeps that an entry took a year's end back.
func keepUndone(ctx context.Context, tx *store.Tx, compound string, e ledger.Entry) error {
	if !strings.HasPrefix(e.Document, yearEnds) {
		return nil
	}
	_, err := tx.Exec(ctx, `insert into money_year_end (entry, compound, year) select $1, compound, year from money_year_end where entry = $2 and compound = $3`, e.ID, e.Reverses, compound)
	return err
}

// carried is what ends of years moved on each account in some days; debit above zero.
func (t *Till) carried(ctx context.Context, q store.Queryer, compound string, from, to day.Day) (map[string]yuan.Amount, error) {
	out := map[string]yuan.Amount{}
	rows, err := store.All(ctx, q, func(r *sql.Rows) (b ledger.Balance, err error) { err = r.Scan(&b.Account, &b.Amount); return b, err },
		`select l.account, cast(sum(l.amount) as bigint) from money_year_end y join money_leg l on l.entry = y.entry where y.compound = $1 and l.day >= $2 and l.day <= $3 group by l.account`, compound, from, to)
	for _, b := range rows {
		out[b.Account] = b.Amount
	}
	return out, err
}
