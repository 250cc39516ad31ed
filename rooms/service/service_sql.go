package service

import (
	"context"
	"database/sql"
	"errors"
	"strconv"

	"cuobian/basis/day"
	"cuobian/basis/scope"
	"cuobian/platform/store"
	"cuobian/rooms/people"
)

const contractColumns = `c.id, c.compound, c.path, c.org, coalesce(o.name, ''), c.mode, c.mode_text, c.fee_low, c.fee_high, c.fee_text, c.pay, c.from_day, c.to_day, c.ended_why, c.origin, c.version`

const fromContract = ` from service_contract c left join people_v_org o on o.id = c.org `

func scan(row interface{ Scan(...any) error }) (c Contract, err error) {
	err = row.Scan(&c.ID, &c.Compound, &c.Path, &c.Org, &c.OrgName, &c.Mode, &c.ModeText, &c.FeeLow, &c.FeeHigh, &c.FeeText, &c.Pay, &c.From, &c.To, &c.EndedWhy, &c.Origin, &c.Version)
	return c, err
}

// Get reads a contract. Who may see is for the caller to check.
func (s *Contracts) Get(ctx context.Context, q store.Queryer, id string) (Contract, error) {
	c, err := scan(q.QueryRow(ctx, `select `+contractColumns+fromContract+`where c.id = $1`, id))
	if errors.Is(err, sql.ErrNoRows) {
		return c, ErrMissing
	}
	return c, err
}

func (s *Contracts) of(ctx context.Context, q store.Queryer, compound string) ([]Contract, error) {
	return store.All(ctx, q, func(r *sql.Rows) (Contract, error) { return scan(r) }, `select `+contractColumns+fromContract+`where c.compound = $1 order by c.from_day`, compound)
}

func (s *Contracts) serving(ctx context.Context, q store.Queryer, compound string, on day.Day) (Contract, bool, error) {
	c, err := scan(q.QueryRow(ctx, `select `+contractColumns+fromContract+`where c.compound = $1 and c.from_day <= $2 and (c.to_day = '' or c.to_day >= $2) order by c.from_day desc limit 1`, compound, on))
	if errors.Is(err, sql.ErrNoRows) {
		return c, false, nil
	}
	return c, err == nil, err
}

func (s *Contracts) open(ctx context.Context, q store.Queryer, compound string) (Contract, bool, error) {
	c, err := scan(q.QueryRow(ctx, `select `+contractColumns+fromContract+`where c.compound = $1 and c.to_day = ''`, compound))
	if errors.Is(err, sql.ErrNoRows) {
		return c, false, nil
	}
	return c, err == nil, err
}

func (s *Contracts) find(ctx context.Context, q store.Queryer, f Find, paths []scope.Path) ([]Contract, int64, error) {
	cond, args := scope.Where("c.path", 1, paths...)
	arg := func(v any) string {
		args = append(args, v)
		return "$" + strconv.Itoa(len(args))
	}
	if f.Mode != "" {
		cond += " and c.mode = " + arg(string(f.Mode))
	}
	if f.Org != "" {
		cond += " and c.org = " + arg(f.Org)
	}
	if f.On.Sound() {
		d := arg(f.On)
		cond += " and c.from_day <= " + d + " and (c.to_day = '' or c.to_day >= " + d + ")"
	}
	count, err := store.Count(ctx, q, `select count(*) from (select 1 as x from service_contract c where `+cond+` limit `+strconv.Itoa(people.CountTo+1)+`) as page`, args...)
	if err != nil {
		return nil, 0, err
	}
	if f.After != "" {
		cond += " and c.id > " + arg(f.After)
	}
	limit := arg(f.Limit + 1)
	out, err := store.All(ctx, q, func(r *sql.Rows) (Contract, error) { return scan(r) }, `select `+contractColumns+fromContract+`where `+cond+` order by c.id limit `+limit, args...)
	return out, count, err
}

func insert(ctx context.Context, tx *store.Tx, c Contract) error {
	_, err := tx.Exec(ctx, `insert into service_contract (id, compound, path, org, mode, mode_text, fee_low, fee_high, fee_text, pay, from_day, to_day, ended_why, origin, created_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
		c.ID, c.Compound, string(c.Path), c.Org, string(c.Mode), c.ModeText, c.FeeLow, c.FeeHigh, c.FeeText, c.Pay, c.From, c.To, c.EndedWhy, c.Origin, tx.Now)
	return err
}

func update(ctx context.Context, tx *store.Tx, c Contract) error {
	_, err := tx.Exec(ctx, `update service_contract set mode = $2, mode_text = $3, fee_low = $4, fee_high = $5, fee_text = $6, pay = $7, from_day = $8, to_day = $9, ended_why = $10, version = $11 where id = $1`,
		c.ID, string(c.Mode), c.ModeText, c.FeeLow, c.FeeHigh, c.FeeText, c.Pay, c.From, c.To, c.EndedWhy, c.Version)
	return err
}

func (s *Contracts) from(ctx context.Context, q store.Queryer, origin string) ([]Contract, error) {
	return store.All(ctx, q, func(r *sql.Rows) (Contract, error) { return scan(r) }, `select `+contractColumns+fromContract+`where c.origin = $1 order by c.id`, origin)
}

func remove(ctx context.Context, tx *store.Tx, id string) error {
	_, err := tx.Exec(ctx, `delete from service_contract where id = $1`, id)
	return err
}
