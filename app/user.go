package app

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"time"

	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/seal"
	"cuobian/platform/store"
	"cuobian/rooms/people"
)

// quiet opens the house for one command; nothing runs in it.
func (p Place) open(ctx context.Context) (*House, error) {
	c := Config{Place: p}
	return Open(ctx, c, nil, slog.New(slog.DiscardHandler))
}

// there opens the house for one command on records that are there already: a folder misspelled on the command line must not
// become an empty house, nor an empty backup.
func (p Place) there(ctx context.Context, do func(h *House) error) error {
	if err := p.held(); err != nil {
		return err
	}
	return p.with(ctx, do)
}

func (p Place) held() error {
	if p.Database == "" && !store.Held(p.Data) {
		return fmt.Errorf("there are no records in %s; name the folder with --data, or the database with --database", p.Data)
	}
	return nil
}

// with opens the house for one command and closes it afterwards.
func (p Place) with(ctx context.Context, do func(h *House) error) error {
	h, err := p.open(ctx)
	if err != nil {
		return err
	}
	return errors.Join(do(h), h.DB.Close())
}

// UserAddCmd makes an account.
type UserAddCmd struct {
	Place
	Login  string `arg:"" help:"Sign-in name."`
	Name   string `help:"Name of the person; made when nobody is named with --person." placeholder:"NAME"`
	Person string `help:"Id of a person on the roster instead of a new one." placeholder:"ID"`
	Post   string `help:"Post, such as street_officer, system_admin, security_admin, audit_admin." placeholder:"POST"`
	At     string `help:"Where: a street's name or code, or a path; empty is everywhere." placeholder:"PLACE"`
	Stdin  bool   `help:"Read the password from standard input instead of making a temporary one."`
}

var errUserName = errors.New("name the person with --name, or one of the roster with --person")

// Run makes it and prints the temporary password once.
func (c *UserAddCmd) Run(ctx context.Context, p Program) error {
	return c.with(ctx, func(h *House) error {
		if (c.Name == "") == (c.Person == "") {
			return errUserName
		}
		if c.Post != "" && !slices.ContainsFunc(access.Words, func(w access.Word) bool { return string(w.Post) == c.Post && w.Post != access.Resident }) {
			var all []string
			for _, w := range access.Words {
				all = append(all, string(w.Post))
			}
			return fmt.Errorf("there is no post %q; the posts are %s", c.Post, strings.Join(all, ", "))
		}
		password := ""
		if c.Stdin {
			sc := bufio.NewScanner(p.In)
			sc.Scan()
			password = strings.TrimRight(sc.Text(), "\r\n")
		}
		made, err := h.AddStaff(ctx, c.Login, c.Person, c.Name, access.Post(c.Post), c.At, password)
		if err != nil {
			return err
		}
		fmt.Fprintln(p.Out, "账号 account:", made.Account.Login)
		if made.Password != "" {
			fmt.Fprintln(p.Out, "临时密码 temporary password (shown once):", made.Password)
		}
		return nil
	})
}

// where finds a place by a street's name or code, or takes it as a path.
func (h *House) where(ctx context.Context, at string) (scope.Path, error) {
	if at == "" {
		return scope.Everywhere, nil
	}
	if n, err := h.Map.Get(ctx, h.DB, at); err == nil {
		return n.Path, nil
	} else if !fault.IsKind(err, fault.Missing) {
		return "", err
	}
	if n, err := h.Map.At(ctx, h.DB, scope.Path(at)); err == nil {
		return n.Path, nil
	} else if !fault.IsKind(err, fault.Missing) {
		return "", err
	}
	if strings.Trim(at, "0123456789") == "" && len(at) <= 6 {
		return scope.Path(at), nil // a district or city
	}
	var path scope.Path
	err := h.DB.Write(ctx, func(tx *store.Tx) error {
		n, err := h.Map.EnsureStreet(ctx, tx, audit.System, "", at)
		path = n.Path
		return err
	})
	return path, err
}

// AddStaff makes an account for a person, new when only named, with a post when one is given.
func (h *House) AddStaff(ctx context.Context, login, person, name string, post access.Post, at, password string) (access.Made, error) {
	path, err := h.where(ctx, at)
	if err != nil {
		return access.Made{}, err
	}
	// The account first: a sign-in name that is taken must not leave a person behind.
	if person == "" {
		if err := h.DB.Write(ctx, func(tx *store.Tx) error {
			p, err := h.Register.Put(ctx, tx, audit.System, path, people.NewPerson{Name: name})
			person = p.ID
			return err
		}); err != nil {
			return access.Made{}, err
		}
	}
	made, err := h.Accounts.Make(ctx, access.System, access.NewAccount{Login: login, Person: person, Path: path, Password: password})
	if err != nil || post == "" {
		return made, err
	}
	_, err = h.Register.Appoint(ctx, access.System, people.Term{Post: post, Person: person, Path: path})
	return made, err
}

// UserListCmd lists accounts.
type UserListCmd struct {
	Place
}

// Run lists them.
func (c *UserListCmd) Run(ctx context.Context, p Program) error {
	return c.there(ctx, func(h *House) error {
		after := ""
		for {
			page, err := h.Accounts.List(ctx, access.System, access.FindAccounts{After: after, Limit: 200})
			if err != nil {
				return err
			}
			for _, a := range page.Items {
				fmt.Fprintf(p.Out, "%-20s %-9s %-8s %s\n", a.Login, a.Kind, a.State, a.Name)
			}
			if after = page.Next; after == "" {
				return nil
			}
		}
	})
}

// UserResetCmd gives a new temporary password.
type UserResetCmd struct {
	Place
	Login  string `arg:"" help:"Sign-in name."`
	Second bool   `help:"Drop the second factor too."`
	Why    string `help:"Reason; kept in the trail." required:"" placeholder:"WORDS"`
}

// Run resets it.
func (c *UserResetCmd) Run(ctx context.Context, p Program) error {
	return c.there(ctx, func(h *House) error {
		id, err := h.accountID(ctx, c.Login)
		if err != nil {
			return err
		}
		password, err := h.Accounts.Reset(ctx, access.System, id, c.Why, c.Second)
		if err == nil {
			fmt.Fprintln(p.Out, "临时密码 temporary password (shown once):", password)
		}
		return err
	})
}

// UserLockCmd locks an account.
type UserLockCmd struct {
	Place
	Login string `arg:"" help:"Sign-in name."`
	Why   string `help:"Reason; kept in the trail." required:"" placeholder:"WORDS"`
}

// Run locks it.
func (c *UserLockCmd) Run(ctx context.Context, p Program) error {
	return c.there(ctx, func(h *House) error {
		id, err := h.accountID(ctx, c.Login)
		if err != nil {
			return err
		}
		return h.Accounts.Lock(ctx, access.System, id, c.Why)
	})
}

func (h *House) accountID(ctx context.Context, login string) (string, error) {
	page, err := h.Accounts.List(ctx, access.System, access.FindAccounts{Text: login, Limit: 200})
	if err != nil {
		return "", err
	}
	for _, a := range page.Items {
		if a.Login == login {
			return a.ID, nil
		}
	}
	return "", fmt.Errorf("there is no account %q", login)
}

// KeysCmd turns the encryption key, or the signing keys.
type KeysCmd struct {
	Place
	Sign bool `help:"Make new signing keys (Ed25519 and SM2) instead. The old ones sign beside them until their files are taken away."`
}

// Run makes a new key and seals every field again with it. It may be run again after an interruption.
func (c *KeysCmd) Run(ctx context.Context, p Program) error {
	return c.there(ctx, func(h *House) error {
		if c.Sign {
			return h.turnPens(ctx, p)
		}
		took := store.Stopwatch()
		n, changed, err := h.Accounts.TurnKeys(ctx, access.System, Sealed(), nil)
		if err == nil {
			fmt.Fprintf(p.Out, "密钥 key %d；重新加密 sealed again: %d (%s)\n请另行备份 back it up apart: %s\n", n, changed, took().Round(time.Millisecond), c.KeyDir())
		}
		return err
	})
}

// turnPens makes new signing keys and leaves the entry.
func (h *House) turnPens(ctx context.Context, p Program) error {
	for _, kind := range []string{seal.Ed25519, seal.SM2} {
		s, err := h.Pens.Turn(ctx, kind)
		if err != nil {
			return err
		}
		if err := h.DB.Write(ctx, func(tx *store.Tx) error {
			return audit.Write(ctx, tx, audit.Entry{By: audit.System, Action: "keys.sign", Path: scope.Everywhere, Ref: "pen/" + s.Name(), To: map[string]any{"public": s.Public()}})
		}); err != nil {
			return err
		}
		text, err := seal.PublicPEM(kind, s.Public())
		if err != nil {
			return err
		}
		fmt.Fprintf(p.Out, "签名密钥 signing key %s\n%s", s.Name(), text)
	}
	fmt.Fprintf(p.Out, "旧密钥继续同时签名，见证人跟上之后再移走旧文件；请另行备份\nthe old keys sign beside them; take their files away when the witnesses have followed; back up: %s\n", h.Config.KeyDir())
	return nil
}

// TrailCmd checks an exported audit trail, anywhere, without the house.
type TrailCmd struct {
	File string `arg:"" help:"Exported trail (.jsonl)." type:"existingfile"`
}

// Run reads every entry against its hash.
func (c *TrailCmd) Run(p Program) error {
	f, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer f.Close()
	_, lines, err := access.CheckTrail(f)
	if err == nil {
		fmt.Fprintf(p.Out, "留痕完好 the trail holds together: %d entries\n", lines)
	}
	return err
}

// OpenapiCmd prints the document of operations.
type OpenapiCmd struct{}

// Run prints it.
func (OpenapiCmd) Run(ctx context.Context, p Program) error {
	doc, err := Document(ctx)
	if err == nil {
		_, err = p.Out.Write(doc)
	}
	return err
}
