package cases

import (
	"context"
	"database/sql"
	"strings"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/seal"
	"cuobian/platform/store"
)

// Template is a text that a desk uses often.
type Template struct {
	ID    string      `json:"id"`
	Path  scope.Path  `json:"path" doc:"offered here and below"`
	Step  string      `json:"step" doc:"remark, refuse, handle, callback, … or empty for any"`
	Title string      `json:"title"`
	Words string      `json:"words" doc:"may hold {number}, {compound}, {holder}, {due}"`
	At    day.Instant `json:"at"`
}

// ErrTemplate refuses a template without title or words.
var ErrTemplate = fault.Bad("words", "cases.template_words", "请填写标题和内容", "a template needs a title and words")

// Templates lists those offered at who's places, nearest first.
func (d *Desk) Templates(ctx context.Context, who access.Who, step string) ([]Template, error) {
	who = d.live(who)
	if err := who.MaySomewhere(Handle); err != nil && who.MaySomewhere(SetWords) != nil {
		return nil, err
	}
	seen := map[scope.Path]bool{}
	var args []any
	for _, g := range who.Grants {
		for _, p := range g.Path.Above() {
			if !seen[p] {
				seen[p] = true
				args = append(args, string(p))
			}
		}
	}
	if who.System {
		args = append(args, "")
	}
	return store.All(ctx, d.db, func(r *sql.Rows) (t Template, err error) {
		err = r.Scan(&t.ID, &t.Path, &t.Step, &t.Title, &t.Words, &t.At)
		return t, err
	}, `select id, path, step, title, words, at from cases_template where path in (`+store.Marks(2, len(args))+`) and ($1 = '' or step = '' or step = $1) order by path desc, title, id`, append([]any{step}, args...)...)
}

// SetTemplate writes a template; with an id it replaces that one, and without words it takes it away.
func (d *Desk) SetTemplate(ctx context.Context, who access.Who, t Template) (Template, error) {
	who = d.live(who)
	if err := who.May(SetWords, t.Path); err != nil {
		return t, err
	}
	if t.ID == "" && (strings.TrimSpace(t.Title) == "" || strings.TrimSpace(t.Words) == "") {
		return t, ErrTemplate
	}
	err := d.db.Write(ctx, func(tx *store.Tx) error {
		t.At = tx.Now
		action := "cases.template"
		switch {
		case t.ID == "":
			t.ID = tx.NewID()
			if _, err := tx.Exec(ctx, `insert into cases_template (id, path, step, title, words, by_person, at) values ($1, $2, $3, $4, $5, $6, $7)`, t.ID, string(t.Path), t.Step, t.Title, t.Words, who.Person, int64(tx.Now)); err != nil {
				return err
			}
		case t.Words == "":
			action = "cases.template_gone"
			n, err := tx.Exec(ctx, `delete from cases_template where id = $1 and path = $2`, t.ID, string(t.Path))
			if err != nil {
				return err
			}
			if n == 0 {
				return access.ErrMissing
			}
		default:
			n, err := tx.Exec(ctx, `update cases_template set step = $1, title = $2, words = $3, by_person = $4, at = $5 where id = $6 and path = $7`, t.Step, t.Title, t.Words, who.Person, int64(tx.Now), t.ID, string(t.Path))
			if err != nil {
				return err
			}
			if n == 0 {
				return access.ErrMissing
			}
		}
		return audit.Write(ctx, tx, audit.Entry{By: who.By(SetWords, t.Path), Action: action, Path: t.Path, Ref: "template/" + t.ID, To: map[string]string{"title": t.Title, "step": t.Step}})
	})
	return t, err
}

func normalPhone(phone string) string { return seal.Normal(seal.Phone, phone) }
