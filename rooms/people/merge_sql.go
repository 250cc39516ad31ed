package people

import (
	"context"
	"database/sql"
	"errors"
	"strconv"

	"cuobian/basis/scope"
	"cuobian/platform/store"
)

func latestMerge(ctx context.Context, q store.Queryer, kept string) (id, gone, moved string, err error) {
	err = q.QueryRow(ctx, `select id, gone, moved from people_merge where kept = $1 and parted_at = 0 order by id desc limit 1`, kept).Scan(&id, &gone, &moved)
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrNotMerged
	}
	return id, gone, moved, err
}

func (r *Register) titlesOf(ctx context.Context, q store.Queryer, person string) ([]Title, error) {
	return store.All(ctx, q, func(row *sql.Rows) (t Title, err error) {
		err = row.Scan(&t.ID, &t.Node, &t.Path, &t.Person, &t.Name, &t.ShareN, &t.ShareD, &t.From, &t.To, &t.Why, &t.Version)
		return t, err
	}, `select t.id, t.node, t.path, t.person, p.name, t.share_n, t.share_d, t.from_day, t.to_day, t.why, t.version
from people_title t join people_person p on p.id = t.person where t.person = $1 order by t.path, t.from_day`, person)
}

func (r *Register) householdsOf(ctx context.Context, q store.Queryer, person string) ([]Household, error) {
	return store.All(ctx, q, func(row *sql.Rows) (Household, error) { return scanHousehold(row) },
		`select `+householdColumns+` from people_household h join people_person p on p.id = h.person where h.person = $1 order by h.path, h.from_day`, person)
}

const correctionColumns = `c.id, c.person, p.name, c.path, c.kind, c.text_sealed, c.state, c.answer, c.created_at, c.decided_at, c.version`

func (r *Register) scanCorrection(row interface{ Scan(...any) error }) (c Correction, err error) {
	if err = row.Scan(&c.ID, &c.Person, &c.Name, &c.path, &c.Kind, &c.sealed, &c.State, &c.Answer, &c.CreatedAt, &c.DecidedAt, &c.Version); err != nil {
		return c, err
	}
	c.Text, err = r.ring.Open("people_correction", "text_sealed", c.ID, c.sealed)
	return c, err
}

func (r *Register) correction(ctx context.Context, q store.Queryer, id string) (Correction, error) {
	c, err := r.scanCorrection(q.QueryRow(ctx, `select `+correctionColumns+` from people_correction c join people_person p on p.id = c.person where c.id = $1`, id))
	if errors.Is(err, sql.ErrNoRows) {
		return c, ErrMissing
	}
	return c, err
}

func (r *Register) corrections(ctx context.Context, q store.Queryer, person string, paths []scope.Path, state string, limit int) ([]Correction, error) {
	cond, args := "1=1", []any(nil)
	if person == "" {
		cond, args = scope.Where("c.path", 1, paths...)
	} else {
		cond, args = "c.person = $1", []any{person}
	}
	if state != "" {
		args = append(args, state)
		cond += " and c.state = $" + strconv.Itoa(len(args))
	}
	args = append(args, limit)
	return store.All(ctx, q, func(row *sql.Rows) (Correction, error) { return r.scanCorrection(row) },
		`select `+correctionColumns+` from people_correction c join people_person p on p.id = c.person where `+cond+` order by c.id limit $`+strconv.Itoa(len(args)), args...)
}

// mergedInto is the record that a person was merged into, "" for one that stands.
func mergedInto(ctx context.Context, q store.Queryer, id string) (next string, err error) {
	err = q.QueryRow(ctx, `select merged_into from people_person where id = $1`, id).Scan(&next)
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrMissing
	}
	return next, err
}
