package audit

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"embed"
	"encoding/json"
	"fmt"

	"cuobian/basis/day"
	"cuobian/basis/scope"
	"cuobian/platform/store"
)

//go:embed schema
var scripts embed.FS

// Schema is the audit trail's tables.
func Schema() store.Schema { return store.Schema{Room: "audit", Floor: 1, FS: scripts} }

// By is who acted.
type By struct {
	Account string // account id; "system" for jobs and the command line, "" for somebody not signed in
	Person  string // person id, opaque here
	Post    string // the post that allowed it
}

// System is the program itself.
var System = By{Account: "system"}

// Entry is what happened to one thing.
type Entry struct {
	By     By
	Action string     // "cases.callback"
	Path   scope.Path // where
	Ref    string     // kind and id: "cases/0k3…"
	Why    string     // reason given, when one was asked for
	From   any        // before, nil when it is new; written as JSON
	To     any        // after
}

// Line is an entry as it was kept.
type Line struct {
	ID      string      `json:"id"`
	At      day.Instant `json:"at"`
	Account string      `json:"account"`
	Person  string      `json:"person"`
	Post    string      `json:"post"`
	Action  string      `json:"action"`
	Path    scope.Path  `json:"path"`
	Ref     string      `json:"ref"`
	Why     string      `json:"why"`
	From    string      `json:"from"`
	To      string      `json:"to"`
	Leaf    []byte      `json:"leaf"`
}

// Write adds one entry to the trail.
func Write(ctx context.Context, tx *store.Tx, e Entry) error {
	l := Line{ID: tx.NewID(), At: tx.Now, Account: e.By.Account, Person: e.By.Person, Post: e.By.Post, Action: e.Action, Path: e.Path, Ref: e.Ref, Why: e.Why}
	var err error
	if l.From, err = text(e.From); err != nil {
		return err
	}
	if l.To, err = text(e.To); err != nil {
		return err
	}
	l.Leaf = l.Hash()
	_, err = tx.Exec(ctx, `insert into audit_entry (id, at, account, person, post, action, path, ref, why, before, after, leaf)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
		l.ID, int64(l.At), l.Account, l.Person, l.Post, l.Action, string(l.Path), l.Ref, l.Why, l.From, l.To, l.Leaf)
	return err
}

func text(v any) (string, error) {
	if v == nil {
		return "", nil
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return "", fmt.Errorf("audit: %w", err)
	}
	return string(bytes.TrimSpace(b.Bytes())), nil
}

// Hash is the RFC 6962 leaf hash of the entry's canonical text: every field with its length before it.
func (l Line) Hash() []byte {
	h := sha256.New()
	h.Write([]byte{0})
	for _, s := range []string{l.ID, fmt.Sprint(int64(l.At)), l.Account, l.Person, l.Post, l.Action, string(l.Path), l.Ref, l.Why, l.From, l.To} {
		fmt.Fprintf(h, "%d:", len(s))
		h.Write([]byte(s))
	}
	return h.Sum(nil)
}

// Find filters the trail; empty fields are not asked for. Newest first, below Before when it is set.
type Find struct {
	Paths  []scope.Path
	Ref    string
	Person string
	Action string // exact, or a room's name for all of its actions
	Before string // an entry id
	Limit  int
}

// List reads the trail.
func List(ctx context.Context, q store.Queryer, f Find) ([]Line, error) {
	cond, args := scope.Where("path", 1, f.Paths...)
	add := func(c, v string) {
		if v != "" {
			args = append(args, v)
			cond += fmt.Sprintf(" and "+c, len(args))
		}
	}
	add("ref = $%d", f.Ref)
	add("person = $%d", f.Person)
	if f.Action != "" {
		args = append(args, f.Action, f.Action+".", f.Action+"/")
		cond += fmt.Sprintf(" and (action = $%d or (action >= $%d and action < $%d))", len(args)-2, len(args)-1, len(args))
	}
	add("id < $%d", f.Before)
	if f.Limit <= 0 || f.Limit > 10000 {
		f.Limit = 100
	}
	args = append(args, f.Limit)
	return store.All(ctx, q, scan, `select id, at, account, person, post, action, path, ref, why, before, after, leaf from audit_entry where `+cond+
		fmt.Sprintf(` order by id desc limit $%d`, len(args)), args...)
}

// Get reads one entry; ErrNoRecord.
func Get(ctx context.Context, q store.Queryer, id string) (Line, error) {
	all, err := store.All(ctx, q, scan, `select id, at, account, person, post, action, path, ref, why, before, after, leaf from audit_entry where id = $1`, id)
	if err == nil && len(all) == 0 {
		err = ErrNoRecord
	}
	if err != nil {
		return Line{}, err
	}
	return all[0], nil
}

func scan(r *sql.Rows) (l Line, err error) {
	err = r.Scan(&l.ID, &l.At, &l.Account, &l.Person, &l.Post, &l.Action, &l.Path, &l.Ref, &l.Why, &l.From, &l.To, &l.Leaf)
	return l, err
}
