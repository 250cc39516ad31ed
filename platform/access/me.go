package access

import (
	"context"
	"database/sql"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/platform/store"
)

// Me is who is signed in, for the browser.
type Me struct {
	Account      string    `json:"account"`
	Login        string    `json:"login"`
	Kind         string    `json:"kind" enum:"staff,resident"`
	Person       string    `json:"person"`
	Name         string    `json:"name"`
	Lang         string    `json:"lang" enum:"zh,en"`
	Elder        bool      `json:"elder"`
	Must         string    `json:"must" doc:"password or second_factor when that must be done first, else empty"`
	Grants       []MeGrant `json:"grants"`
	Actions      []string  `json:"actions" doc:"what some of the grants allow, by name"`
	SecondFactor string    `json:"second_factor" enum:"none,totp,passkey" doc:"the one that is asked for first"`
	Second       MeSecond  `json:"second"`
	Unread       int       `json:"unread"`
	Version      int64     `json:"version"`
}

// MeGrant is a grant with its words.
type MeGrant struct {
	Post      Post       `json:"post"`
	PostZh    string     `json:"post_zh"`
	PostEn    string     `json:"post_en"`
	Path      scope.Path `json:"path"`
	PlaceName string     `json:"place_name"`
	Org       string     `json:"org"`
	Deputy    string     `json:"deputy"`
	To        day.Day    `json:"to"`
}

// MeSecond says which second factors there are.
type MeSecond struct {
	TOTP     bool `json:"totp"`
	Passkeys int  `json:"passkeys"`
	Recovery int  `json:"recovery" doc:"recovery codes left"`
	Required bool `json:"required"`
}

// WordOf names a post in both languages.
func WordOf(p Post) Word {
	for _, w := range Words {
		if w.Post == p {
			return w
		}
	}
	return Word{p, string(p), string(p)}
}

// Me tells who is signed in.
func (a *Accounts) Me(ctx context.Context, who Who) (Me, error) {
	if who.Session == "" {
		return Me{}, ErrSignIn
	}
	acc, err := a.byID(ctx, a.DB, who.Account)
	if err != nil {
		return Me{}, a.DB.Fault(err)
	}
	me := Me{Account: acc.ID, Login: acc.Login, Kind: acc.Kind, Person: acc.Person, Name: acc.Name, Lang: acc.Lang, Elder: acc.Elder, Must: who.Must, Version: acc.Version, Grants: []MeGrant{}, Actions: []string{}}
	for _, g := range who.Grants {
		w := WordOf(g.Post)
		m := MeGrant{Post: g.Post, PostZh: w.Zh, PostEn: w.En, Path: g.Path, Org: g.Org, Deputy: g.Deputy, To: g.To}
		if a.PlaceName != nil {
			m.PlaceName = a.PlaceName(ctx, a.DB, g.Path)
		}
		me.Grants = append(me.Grants, m)
	}
	for _, act := range Actions() {
		if len(who.Paths(act)) > 0 {
			me.Actions = append(me.Actions, act.Name)
		}
	}
	keys, err := store.Count(ctx, a.DB, `select count(*) from access_passkey where account = $1`, acc.ID)
	if err != nil {
		return me, a.DB.Fault(err)
	}
	left, err := store.Count(ctx, a.DB, `select count(*) from access_recovery where account = $1 and used_at = 0`, acc.ID)
	if err != nil {
		return me, a.DB.Fault(err)
	}
	me.SecondFactor = "none"
	if acc.HasTOTP {
		me.SecondFactor = "totp"
	} else if keys > 0 {
		me.SecondFactor = "passkey"
	}
	me.Second = MeSecond{TOTP: acc.HasTOTP, Passkeys: int(keys), Recovery: int(left), Required: acc.Kind == Staff && a.Settings.SecondFactor == "required"}
	if a.Unread != nil && acc.Person != "" {
		if me.Unread, err = a.Unread(ctx, a.DB, acc.Person); err != nil {
			return me, err
		}
	}
	return me, nil
}

// Choices are how somebody wants to be shown things; nil leaves one as it is.
type Choices struct {
	Lang  *string `json:"lang,omitempty" enum:"zh,en"`
	Elder *bool   `json:"elder,omitempty"`
}

// Choose keeps them.
func (a *Accounts) Choose(ctx context.Context, who Who, c Choices) error {
	if who.Session == "" {
		return ErrSignIn
	}
	if c.Lang != nil && *c.Lang != "zh" && *c.Lang != "en" {
		return fault.Bad("lang", "access.lang", "语言只能是 zh 或 en", "the language is zh or en")
	}
	return a.DB.Write(ctx, func(tx *store.Tx) error {
		acc, err := a.byID(ctx, tx, who.Account)
		if err != nil {
			return err
		}
		from := map[string]any{"lang": acc.Lang, "elder": acc.Elder}
		if c.Lang != nil {
			acc.Lang = *c.Lang
		}
		if c.Elder != nil {
			acc.Elder = *c.Elder
		}
		if _, err := tx.Exec(ctx, `update access_account set lang = $1, elder = $2, version = version + 1 where id = $3`, acc.Lang, acc.Elder, acc.ID); err != nil {
			return err
		}
		return note(ctx, tx, acc.by(), acc, "access.choices", "", from, map[string]any{"lang": acc.Lang, "elder": acc.Elder})
	})
}

// ChangePassword takes the old and the new one, and ends all other sessions.
func (a *Accounts) ChangePassword(ctx context.Context, who Who, old, password string) error {
	if who.Session == "" {
		return ErrSignIn
	}
	if err := a.Limit("fresh", who.Account, 5, 60e9); err != nil {
		return err
	}
	acc, err := a.byID(ctx, a.DB, who.Account)
	if err != nil {
		return a.DB.Fault(err)
	}
	if acc.Kind != Staff {
		return ErrRefused
	}
	ok, err := a.checkPassword(ctx, acc.password, old)
	if err != nil {
		return err
	}
	if !ok {
		return fault.Bad("old", "access.password_wrong", "原密码不对", "the old password is wrong")
	}
	if f := a.passwordFault("password", acc.Login, password); f != nil {
		return f
	}
	if old == password {
		return fault.Bad("password", "access.password_same", "新密码不能与原密码相同", "the new password must differ from the old one")
	}
	hash, err := a.hashPassword(ctx, password)
	if err != nil {
		return err
	}
	return a.DB.Write(ctx, func(tx *store.Tx) error {
		n, err := tx.Exec(ctx, `update access_account set password = $1, must_change = false, temp_until = 0, version = version + 1 where id = $2 and version = $3`, hash, acc.ID, acc.Version)
		if err != nil {
			return err
		}
		if n == 0 {
			return store.ErrBusy
		}
		if _, err := endSessions(ctx, tx, acc.ID, who.Session); err != nil {
			return err
		}
		return note(ctx, tx, acc.by(), acc, "access.password", "", nil, nil)
	})
}

// Kept is what accounts keep about a person, for the person: no secrets, no other people.
type Kept struct {
	Accounts []Account `json:"accounts"`
	Sessions []Session `json:"sessions"`
	Passkeys []Passkey `json:"passkeys"`
	Consents []Consent `json:"consents"`
}

// About gathers it; people asks for GET /api/me/data.
func (a *Accounts) About(ctx context.Context, q store.Queryer, person string) (k Kept, err error) {
	if person == "" {
		return Kept{[]Account{}, []Session{}, []Passkey{}, []Consent{}}, nil
	}
	if k.Accounts, err = store.All(ctx, q, func(r *sql.Rows) (Account, error) { return scanAccount(r) }, `select `+accountColumns+` from access_account where person = $1 order by id`, person); err != nil {
		return k, err
	}
	if k.Sessions, err = store.All(ctx, q, func(r *sql.Rows) (s Session, err error) {
		err = r.Scan(&s.ID, &s.How, &s.MadeAt, &s.SeenAt, &s.Until, &s.Agent, &s.Address)
		return s, err
	}, `select s.id, s.how, s.made_at, s.seen_at, s.until, s.agent, s.address from access_session s join access_account a on a.id = s.account where a.person = $1 order by s.id desc`, person); err != nil {
		return k, err
	}
	if k.Passkeys, err = store.All(ctx, q, scanPasskey, `select p.id, p.name, p.made_at, p.used_at from access_passkey p join access_account a on a.id = p.account where a.person = $1 order by p.made_at, p.id`, person); err != nil {
		return k, err
	}
	k.Consents, err = consentsOf(ctx, q, person)
	return k, err
}

// Forget ends a person's own (resident's) account inside the caller's write: sessions, passkeys and the name go; the
// trail keeps the account's id. Staff accounts stay until the security administrator ends them.
func (a *Accounts) Forget(ctx context.Context, tx *store.Tx, who Who, person, why string) error {
	acc, err := scanAccount(tx.QueryRow(ctx, `select `+accountColumns+` from access_account where person = $1 and kind = 'resident'`, person))
	if isNone(err) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, q := range []string{`delete from access_session where account = $1`, `delete from access_passkey where account = $1`, `delete from access_recovery where account = $1`,
		`update access_account set state = 'ended', person = '', name = '', version = version + 1 where id = $1`} {
		if _, err := tx.Exec(ctx, q, acc.ID); err != nil {
			return err
		}
	}
	return note(ctx, tx, who.By(KeepAccounts, acc.Path), acc, "access.account_forget", why, nil, nil)
}

// Close ends who's own resident account, as the person wishes.
func (a *Accounts) Close(ctx context.Context, who Who) error {
	if who.Session == "" {
		return ErrSignIn
	}
	return a.DB.Write(ctx, func(tx *store.Tx) error {
		acc, err := a.byID(ctx, tx, who.Account)
		if err != nil {
			return err
		}
		if acc.Kind != ResidentOne {
			return fault.New(fault.Refused, "access.staff_close", "工作账号由安全管理员停用", "a staff account is ended by the security administrator")
		}
		return a.Forget(ctx, tx, who, acc.Person, "own wish")
	})
}
