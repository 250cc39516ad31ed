package duty

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/store"
)

// Card is a written warning for an overdue duty.
type Card struct {
	ID         string      `json:"id"`
	Colour     string      `json:"colour" enum:"yellow,red"`
	Duty       string      `json:"duty"`
	Ref        string      `json:"ref"`
	Path       scope.Path  `json:"path"`
	Org        string      `json:"org"`
	Person     string      `json:"person"`
	Post       access.Post `json:"post"`
	Zh         string      `json:"zh"`
	En         string      `json:"en"`
	GivenAt    day.Instant `json:"given_at"`
	State      string      `json:"state" enum:"given,appealed,upheld,withdrawn"`
	Appeal     string      `json:"appeal"`
	AppealedBy string      `json:"appealed_by"`
	AppealedAt day.Instant `json:"appealed_at"`
	Answer     string      `json:"answer"`
	DecidedBy  string      `json:"decided_by"`
	DecidedAt  day.Instant `json:"decided_at"`
	Version    int64       `json:"version"`
}

// Faults of cards.
var (
	ErrAppeal   = fault.New(fault.Conflict, "duty.card_state", "这张牌已经申诉过或已裁定", "this card was already appealed or decided")
	ErrOwnCard  = fault.New(fault.Refused, "duty.own_card", "不能裁定自己的申诉", "nobody decides their own appeal")
	ErrWhyCard  = fault.Bad("text", "duty.card_text", "请写明理由", "please give the reasons")
	errNoHolder = errors.New("duty: a card needs a holder")
)

// giveCard writes a yellow card for an overdue duty, and a red one when the rule says so.
func (d *Diary) giveCard(ctx context.Context, tx *store.Tx, x Duty) error {
	if x.Org == "" && x.Person == "" && x.Post == "" {
		return errNoHolder
	}
	if err := d.writeCard(ctx, tx, "yellow", x); err != nil {
		return err
	}
	if d.RedRule == nil {
		return nil
	}
	red, err := d.RedRule(ctx, tx, x.Org, x.Person, x.Path, tx.Now)
	if err != nil || !red {
		return err
	}
	return d.writeCard(ctx, tx, "red", x)
}

func (d *Diary) writeCard(ctx context.Context, tx *store.Tx, colour string, x Duty) error {
	id := tx.NewID()
	if _, err := tx.Exec(ctx, `insert into duty_card (id, colour, duty, ref, path, org, person, post, zh, en, given_at, state, appeal, appealed_by, appealed_at, answer, decided_by, decided_at, version)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'given', '', '', 0, '', '', 0, 1)`,
		id, colour, x.ID, x.Ref, string(x.Path), x.Org, x.Person, string(x.Post), x.Zh, x.En, int64(tx.Now)); err != nil {
		return err
	}
	tx.Changed(store.Change{Kind: "card", ID: id, Path: x.Path})
	return audit.Write(ctx, tx, audit.Entry{By: audit.System, Action: "duty.card_" + colour, Path: x.Path, Ref: "card/" + id, To: map[string]string{"duty": x.ID, "org": x.Org}})
}

// Yellows counts an organisation's (or, without one, a person's) yellow cards that stand, since an instant.
func Yellows(ctx context.Context, q store.Queryer, org, person string, since day.Instant) (int64, error) {
	if org != "" {
		return store.Count(ctx, q, `select count(*) from duty_card where org = $1 and colour = 'yellow' and state <> 'withdrawn' and given_at >= $2`, org, int64(since))
	}
	return store.Count(ctx, q, `select count(*) from duty_card where org = '' and person = $1 and colour = 'yellow' and state <> 'withdrawn' and given_at >= $2`, person, int64(since))
}

const cardColumns = `id, colour, duty, ref, path, org, person, post, zh, en, given_at, state, appeal, appealed_by, appealed_at, answer, decided_by, decided_at, version`

func scanCard(r interface{ Scan(...any) error }) (c Card, err error) {
	err = r.Scan(&c.ID, &c.Colour, &c.Duty, &c.Ref, &c.Path, &c.Org, &c.Person, &c.Post, &c.Zh, &c.En, &c.GivenAt, &c.State, &c.Appeal, &c.AppealedBy, &c.AppealedAt, &c.Answer, &c.DecidedBy, &c.DecidedAt, &c.Version)
	return c, err
}

func (c Card) holder(who access.Who) bool {
	for _, g := range who.Grants {
		if c.Person != "" && (c.Person == who.Person || c.Person == g.Deputy) || c.Person == "" && g.Post == c.Post && (c.Org == "" || c.Org == g.Org) && g.Path.Covers(c.Path) ||
			c.Org != "" && c.Org == g.Org && g.Post == access.PropertyManager && g.Path.Covers(c.Path) {
			return true
		}
	}
	return false
}

// Cards lists cards that who oversees or holds, newest first.
func (d *Diary) Cards(ctx context.Context, who access.Who, before string, limit int) ([]Card, error) {
	if who.Account == "" {
		return nil, access.ErrSignIn
	}
	paths := append(who.Paths(Oversee), who.Paths(Work)...)
	cond, args := scope.Where("path", 1, paths...)
	if before != "" {
		args = append(args, before)
		cond += fmt.Sprintf(" and id < $%d", len(args))
	}
	args = append(args, limit)
	all, err := store.All(ctx, d.db, func(r *sql.Rows) (Card, error) { return scanCard(r) }, `select `+cardColumns+` from duty_card where `+cond+fmt.Sprintf(` order by id desc limit $%d`, len(args)), args...)
	if err != nil {
		return nil, err
	}
	out := all[:0]
	for _, c := range all {
		if oversees(who, c.Path, c.Org) || c.holder(who) {
			out = append(out, c)
		}
	}
	return out, nil
}

// AppealCard is the holder's objection against a card.
func (d *Diary) AppealCard(ctx context.Context, who access.Who, id, text string) error {
	if text == "" {
		return ErrWhyCard
	}
	return d.card(ctx, who, id, func(tx *store.Tx, c Card) (Card, string, error) {
		if !c.holder(who) {
			return c, "", notYours(who, c.Path)
		}
		if c.State != "given" {
			return c, "", ErrAppeal
		}
		c.State, c.Appeal, c.AppealedBy, c.AppealedAt = "appealed", text, who.Person, tx.Now
		return c, "duty.card_appeal", nil
	})
}

// DecideCard upholds or withdraws an appealed card.
func (d *Diary) DecideCard(ctx context.Context, who access.Who, id string, withdraw bool, answer string) error {
	if answer == "" {
		return ErrWhyCard
	}
	return d.card(ctx, who, id, func(tx *store.Tx, c Card) (Card, string, error) {
		if err := who.May(JudgeCards, c.Path); err != nil {
			return c, "", err
		}
		if c.State != "appealed" {
			return c, "", ErrAppeal
		}
		if c.AppealedBy == who.Person {
			return c, "", ErrOwnCard
		}
		c.State = "upheld"
		if withdraw {
			c.State = "withdrawn"
		}
		c.Answer, c.DecidedBy, c.DecidedAt = answer, who.Person, tx.Now
		return c, "duty.card_decide", nil
	})
}

func (d *Diary) card(ctx context.Context, who access.Who, id string, step func(*store.Tx, Card) (Card, string, error)) error {
	if who.Account == "" {
		return access.ErrSignIn
	}
	return d.db.Write(ctx, func(tx *store.Tx) error {
		old, err := scanCard(tx.QueryRow(ctx, `select `+cardColumns+` from duty_card where id = $1`, id))
		if errors.Is(err, sql.ErrNoRows) {
			return access.ErrMissing
		}
		if err != nil {
			return err
		}
		c, action, err := step(tx, old)
		if err != nil {
			return err
		}
		n, err := tx.Exec(ctx, `update duty_card set state = $1, appeal = $2, appealed_by = $3, appealed_at = $4, answer = $5, decided_by = $6, decided_at = $7, version = version + 1 where id = $8 and version = $9`,
			c.State, c.Appeal, c.AppealedBy, int64(c.AppealedAt), c.Answer, c.DecidedBy, int64(c.DecidedAt), c.ID, old.Version)
		if err != nil {
			return err
		}
		if n == 0 {
			return ErrAppeal
		}
		tx.Changed(store.Change{Kind: "card", ID: c.ID, Path: c.Path})
		return audit.Write(ctx, tx, audit.Entry{By: who.By(Work, c.Path), Action: action, Path: c.Path, Ref: "card/" + c.ID, From: old.State, To: c.State, Why: c.Answer})
	})
}
