package service

import (
	"context"
	"database/sql"
	"errors"
	"strconv"

	"cuobian/basis/scope"
	"cuobian/platform/store"
	"cuobian/rooms/place"
)

const promiseColumns = `id, contract, path, words, due, state, note, decided_on, version`

func scanPromise(row interface{ Scan(...any) error }) (p Promise, err error) {
	err = row.Scan(&p.ID, &p.Contract, &p.Path, &p.Words, &p.Due, &p.State, &p.Note, &p.DecidedOn, &p.Version)
	return p, err
}

func promise(ctx context.Context, q store.Queryer, id string) (Promise, error) {
	p, err := scanPromise(q.QueryRow(ctx, `select `+promiseColumns+` from service_promise where id = $1`, id))
	if errors.Is(err, sql.ErrNoRows) {
		return p, ErrMissing
	}
	return p, err
}

func (s *Contracts) promises(ctx context.Context, q store.Queryer, contract string) ([]Promise, error) {
	return store.All(ctx, q, func(r *sql.Rows) (Promise, error) { return scanPromise(r) }, `select `+promiseColumns+` from service_promise where contract = $1 order by id`, contract)
}

func insertPromise(ctx context.Context, tx *store.Tx, p Promise) error {
	_, err := tx.Exec(ctx, `insert into service_promise (id, contract, path, words, due, state, note, decided_on, created_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		p.ID, p.Contract, string(p.Path), p.Words, p.Due, p.State, p.Note, p.DecidedOn, tx.Now)
	return err
}

func updatePromise(ctx context.Context, tx *store.Tx, p Promise) error {
	_, err := tx.Exec(ctx, `update service_promise set state = $2, note = $3, decided_on = $4, version = $5 where id = $1`, p.ID, p.State, p.Note, p.DecidedOn, p.Version)
	return err
}

func (s *Contracts) findPromises(ctx context.Context, paths []scope.Path, state, after string, limit int) ([]Promise, error) {
	cond, args := scope.Where("path", 1, paths...)
	arg := func(v any) string {
		args = append(args, v)
		return "$" + strconv.Itoa(len(args))
	}
	if state != "" {
		cond += " and state = " + arg(state)
	}
	if after != "" {
		cond += " and id > " + arg(after)
	}
	n := arg(limit)
	return store.All(ctx, s.db, func(r *sql.Rows) (Promise, error) { return scanPromise(r) }, `select `+promiseColumns+` from service_promise where `+cond+` order by id limit `+n, args...)
}

func clearJoined(ctx context.Context, tx *store.Tx, unit string) error {
	_, err := tx.Exec(ctx, `delete from service_joined where unit = $1`, unit)
	return err
}

func insertJoined(ctx context.Context, tx *store.Tx, j Joined, n place.Node) error {
	_, err := tx.Exec(ctx, `insert into service_joined (compound, path, unit, name, since, created_at) values ($1, $2, $3, $4, $5, $6)
on conflict (compound) do update set unit = excluded.unit, name = excluded.name, since = excluded.since`, n.ID, string(n.Path), j.Unit, j.Name, j.Since, tx.Now)
	return err
}

func (s *Contracts) joinedNodes(ctx context.Context, q store.Queryer, unit string) ([]place.Node, error) {
	ids, err := store.Texts(ctx, q, `select compound from service_joined where unit = $1 order by path`, unit)
	if err != nil {
		return nil, err
	}
	out := []place.Node{}
	for _, id := range ids {
		n, err := s.People.Map.Get(ctx, q, id)
		if err != nil {
			return nil, err
		}
		out = append(out, n)
	}
	return out, nil
}

func (s *Contracts) findJoined(ctx context.Context, paths []scope.Path) ([]Joined, error) {
	cond, args := scope.Where("path", 1, paths...)
	out, err := store.All(ctx, s.db, func(r *sql.Rows) (j Joined, err error) {
		err = r.Scan(&j.Unit, &j.Name, &j.Since)
		return j, err
	}, `select distinct unit, name, since from service_joined where `+cond+` order by unit limit 500`, args...)
	if err != nil {
		return nil, err
	}
	for i := range out {
		if out[i].Compounds, err = s.joinedNodes(ctx, s.db, out[i].Unit); err != nil {
			return nil, err
		}
	}
	return out, nil
}
