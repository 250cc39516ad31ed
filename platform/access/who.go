package access

import (
	"context"
	"slices"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/platform/audit"
	"cuobian/platform/store"
)

// Faults of the two axes.
var (
	ErrSignIn  = fault.New(fault.SignIn, "access.sign_in", "请先登录", "please sign in first")
	ErrRefused = fault.New(fault.Refused, "access.refused", "您的岗位不能做这件事", "your post may not do this")
	ErrMissing = fault.New(fault.Missing, "access.missing", "没有找到，或不在您的范围内", "not found, or not within your area")
)

// Grant is one post held at one place: both axes at once.
type Grant struct {
	Term   string     `json:"term"` // the term in people that gives it, "" for a resident's
	Post   Post       `json:"post"`
	Path   scope.Path `json:"path"`
	Org    string     `json:"org"`    // organisation id, for posts in a company or committee
	Deputy string     `json:"deputy"` // the person stood in for, when it is a deputy's
	From   day.Day    `json:"from"`
	To     day.Day    `json:"to"` // last day, zero when open
}

// Who is somebody at the door.
type Who struct {
	Account string // "" when nobody is signed in
	Person  string
	Name    string
	Lang    string // "zh" or "en"
	Session string
	Must    string // what must be done first (MustPassword, MustSecond); until then there are no grants
	System  bool   // the program itself: jobs, command line
	Grants  []Grant
}

// System is the program itself; it may do everything and is named so in the audit trail.
var System = Who{Account: "system", Name: "系统", Lang: "zh", System: true}

// Action is something that posts may do. Rooms declare theirs once, as package variables.
type Action struct {
	Name   string // "cases.handle"
	Zh, En string
	Posts  []Post
}

var actions []*Action

// Declare makes an action and puts it on the list that the access page shows.
func Declare(name, zh, en string, posts ...Post) *Action {
	a := &Action{Name: name, Zh: zh, En: en, Posts: posts}
	actions = append(actions, a)
	return a
}

// Actions lists what is declared, by name.
func Actions() []*Action {
	out := slices.Clone(actions)
	slices.SortFunc(out, func(a, b *Action) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
	return out
}

// Grant finds the grant by which who may do a at path, nil when there is none.
func (w Who) Grant(a *Action, at scope.Path) *Grant {
	for i, g := range w.Grants {
		if slices.Contains(a.Posts, g.Post) && g.Path.Covers(at) {
			return &w.Grants[i]
		}
	}
	return nil
}

// May checks both axes: ErrSignIn for nobody, ErrMissing outside who's places (what is missing and what you may not
// see look the same), ErrRefused where who may see but not do.
func (w Who) May(a *Action, at scope.Path) error {
	if w.System || w.Grant(a, at) != nil {
		return nil
	}
	if w.Account == "" {
		return ErrSignIn
	}
	for _, g := range w.Grants {
		if g.Path.Covers(at) {
			return ErrRefused
		}
	}
	return ErrMissing
}

// MaySomewhere checks the first axis alone.
func (w Who) MaySomewhere(a *Action) error {
	if w.System || len(w.Paths(a)) > 0 {
		return nil
	}
	if w.Account == "" {
		return ErrSignIn
	}
	return ErrRefused
}

// Paths are the places where who may do a, for filters in SQL (scope.Where).
func (w Who) Paths(a *Action) []scope.Path {
	if w.System {
		return []scope.Path{scope.Everywhere}
	}
	var out []scope.Path
	for _, g := range w.Grants {
		if slices.Contains(a.Posts, g.Post) {
			out = append(out, g.Path)
		}
	}
	return out
}

// Holds reports whether who holds one of posts at a place that covers at.
func (w Who) Holds(at scope.Path, posts ...Post) bool {
	for _, g := range w.Grants {
		if g.Path.Covers(at) && slices.Contains(posts, g.Post) {
			return true
		}
	}
	return false
}

// By names who for the audit trail, with the post that allows a at path.
func (w Who) By(a *Action, at scope.Path) audit.By {
	by := audit.By{Account: w.Account, Person: w.Person}
	if g := w.Grant(a, at); g != nil {
		by.Post = string(g.Post)
	}
	return by
}

// GrantsOf reads the grants of a person on a day; people fills it in.
type GrantsOf func(ctx context.Context, q store.Queryer, person string, on day.Day) ([]Grant, error)

type whoKey struct{}

// With puts who into a request's context.
func With(ctx context.Context, w Who) context.Context { return context.WithValue(ctx, whoKey{}, w) }

// From takes who out of a request's context; nobody when there is none.
func From(ctx context.Context) Who {
	w, _ := ctx.Value(whoKey{}).(Who)
	return w
}
