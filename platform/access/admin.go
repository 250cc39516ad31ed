package access

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/paged"
	"cuobian/basis/scope"
	"cuobian/platform/audit"
	"cuobian/platform/store"
)

// What the separated administrators may do. None of them may do another's; nobody keeps their own account.
var (
	KeepAccounts = Declare("access.accounts", "管理账号：新建、停用、重置密码、结束会话", "keep accounts: make, lock, reset, end sessions", SecurityAdmin)
	KeepKeys     = Declare("access.keys", "管理接口密钥", "keep keys of machines", SecurityAdmin)
	ReadTrail    = Declare("access.trail", "查阅操作留痕", "read the audit trail", AuditAdmin, Auditor)
	TakeTrail    = Declare("access.trail_export", "导出操作留痕", "take the audit trail along", AuditAdmin, Auditor)
	SeeActions   = Declare("access.actions", "查看各岗位可做的操作", "see which post may do what", SystemAdmin, SecurityAdmin, AuditAdmin, Auditor)
	TurnKeys     = Declare("access.turn_keys", "更换加密密钥", "turn the sealing keys", SystemAdmin)
)

// Faults of keeping accounts.
var (
	ErrOwnAccount = fault.New(fault.Refused, "access.own_account", "不能管理自己的账号", "nobody keeps their own account")
	ErrLogin      = fault.New(fault.Conflict, "access.login_taken", "这个账号名已被使用", "this sign-in name is taken")
	ErrSeparate   = fault.New(fault.Refused, "access.separate_admins", "系统、安全、审计管理员必须由不同的人担任", "the system, security and audit administrators must be different people")
	ErrGrantAdmin = fault.New(fault.Refused, "access.grant_admin", "只有安全管理员可以任命管理员和审计员，且不能任命自己", "only the security administrator appoints administrators and auditors, and never themself")
)

// AdminPost reports whether a post is one of the administrators' or an auditor's.
func AdminPost(p Post) bool { return slices.Contains(admins, p) || p == Auditor }

// MayAppoint checks the rules of the separated administrators for whoever makes terms: posts that are no
// administrator's pass; the others need the security administrator of that place, not for themself, and none of the
// other two held by the person.
func (w Who) MayAppoint(post Post, person string, at scope.Path, held []Post) error {
	if !AdminPost(post) {
		return nil
	}
	for _, h := range held {
		if slices.Contains(admins, post) && slices.Contains(admins, h) && h != post {
			return ErrSeparate
		}
	}
	if w.System {
		return nil
	}
	if person == w.Person || !w.Holds(at, SecurityAdmin) {
		return ErrGrantAdmin
	}
	return nil
}

// countTo is up to where lists count.
const countTo = 1000

// FindAccounts filters the list; empty fields are not asked for.
type FindAccounts struct {
	Text  string // beginning of the login, or part of the name
	State string
	Kind  string
	After string // a login
	Limit int
}

// List shows the accounts of who's places.
func (a *Accounts) List(ctx context.Context, who Who, f FindAccounts) (paged.List[Account], error) {
	var p paged.List[Account]
	if err := who.MaySomewhere(KeepAccounts); err != nil {
		return p, err
	}
	cond, args := scope.Where("path", 1, who.Paths(KeepAccounts)...)
	add := func(c string, v any) {
		args = append(args, v)
		cond += fmt.Sprintf(" and "+c, len(args))
	}
	if f.State != "" {
		add("state = $%d", f.State)
	}
	if f.Kind != "" {
		add("kind = $%d", f.Kind)
	}
	if t := cleanLogin(f.Text); t != "" {
		t = store.Literal(t)
		args = append(args, t+"%", "%"+t+"%")
		cond += fmt.Sprintf(` and (login like $%d escape '\' or name like $%d escape '\')`, len(args)-1, len(args))
	}
	n, err := store.Count(ctx, a.DB, `select count(*) from (select 1 from access_account where `+cond+fmt.Sprintf(` limit %d) x`, countTo+1), args...)
	if err != nil {
		return p, a.DB.Fault(err)
	}
	if n > countTo {
		n, p.More = countTo, true
	}
	p.Count = n
	if f.After != "" {
		add("login > $%d", f.After)
	}
	if f.Limit <= 0 || f.Limit > 200 {
		f.Limit = 50
	}
	p.Items, err = store.All(ctx, a.DB, func(r *sql.Rows) (Account, error) { return scanAccount(r) },
		`select `+accountColumns+` from access_account where `+cond+fmt.Sprintf(` order by login limit %d`, f.Limit+1), args...)
	if err != nil {
		return p, a.DB.Fault(err)
	}
	if len(p.Items) > f.Limit {
		p.Items = p.Items[:f.Limit]
		p.Next = p.Items[f.Limit-1].Login
	}
	return p, nil
}

// NewAccount is what makes a staff account.
type NewAccount struct {
	Login  string     `json:"login" maxLength:"64"`
	Person string     `json:"person" doc:"the person in the roster, whose terms give the account its posts"`
	Path   scope.Path `json:"path" doc:"the place that keeps the account"`
	Lang   string     `json:"lang,omitempty" enum:"zh,en"`
	// Password is set by the command line alone; otherwise a temporary one is made, to be changed at the first sign-in.
	Password string `json:"-"`
	// Hashed is what Hash gave for Password, where many accounts begin with one that everybody may know.
	Hashed string `json:"-"`
	Name   string `json:"-"` // taken from the person
}

// Made is a new account with its temporary password, shown this once.
type Made struct {
	Account  Account `json:"account"`
	Password string  `json:"temporary_password,omitempty"`
}

// Make makes a staff account.
func (a *Accounts) Make(ctx context.Context, who Who, in NewAccount) (Made, error) {
	var out Made
	if err := who.May(KeepAccounts, in.Path); err != nil {
		return out, err
	}
	login := cleanLogin(in.Login)
	if f := loginFault(login); f != nil {
		return out, f
	}
	if !who.System && in.Person != "" && in.Person == who.Person {
		return out, ErrOwnAccount
	}
	if a.PersonName != nil && in.Person != "" {
		name, err := a.PersonName(ctx, a.DB, in.Person)
		if err != nil {
			return out, err
		}
		in.Name = name
	}
	if in.Name == "" {
		in.Name = login
	}
	acc := Account{Login: login, Kind: Staff, Person: in.Person, Path: in.Path, Name: in.Name, Lang: in.Lang, State: Active}
	if acc.Lang != "en" {
		acc.Lang = "zh"
	}
	password := in.Password
	if password == "" || !who.System {
		password = chance(12)
		out.Password = password
		acc.MustChange = true
		acc.tempUntil = a.DB.Now().Add(a.Settings.TemporaryFor)
	} else if f := a.passwordFault("password", login, password); f != nil {
		return out, f
	}
	hash := in.Hashed
	if hash == "" || out.Password != "" {
		var err error
		if hash, err = a.hashPassword(ctx, password); err != nil {
			return out, err
		}
	}
	err := a.DB.Write(ctx, func(tx *store.Tx) error {
		acc.ID, acc.MadeAt, acc.Version = tx.NewID(), tx.Now, 1
		if err := insertAccount(ctx, tx, acc, hash, who.Account); err != nil {
			if store.Unique(err) {
				return ErrLogin.At("login")
			}
			return err
		}
		return note(ctx, tx, who.By(KeepAccounts, acc.Path), acc, "access.account_new", "", nil, map[string]any{"login": login, "person": acc.Person})
	})
	out.Account = acc
	return out, err
}

// keep runs one change of an account by its keeper.
func (a *Accounts) keep(ctx context.Context, who Who, id, action, why string, fn func(tx *store.Tx, acc Account) (from, to any, err error)) error {
	return a.DB.Write(ctx, func(tx *store.Tx) error {
		acc, err := a.byID(ctx, tx, id)
		if err != nil {
			// What is not there looks like what may not be seen, also to those who keep no accounts.
			if e := who.MaySomewhere(KeepAccounts); e != nil {
				return e
			}
			return err
		}
		if err := who.May(KeepAccounts, acc.Path); err != nil {
			return err
		}
		if !who.System && (acc.ID == who.Account || acc.Person != "" && acc.Person == who.Person) {
			return ErrOwnAccount
		}
		from, to, err := fn(tx, acc)
		if err != nil {
			return err
		}
		return note(ctx, tx, who.By(KeepAccounts, acc.Path), acc, action, why, from, to)
	})
}

func endSessions(ctx context.Context, tx *store.Tx, account, but string) (int64, error) {
	return tx.Exec(ctx, `delete from access_session where account = $1 and id <> $2`, account, but)
}

func needWhy(why string) error {
	if strings.TrimSpace(why) == "" {
		return fault.Bad("why", "access.why", "请说明原因", "please give a reason")
	}
	return nil
}

// Lock takes an account out of use and ends its sessions.
func (a *Accounts) Lock(ctx context.Context, who Who, id, why string) error {
	return a.setState(ctx, who, id, why, "access.account_lock", Active, Locked)
}

// Unlock brings an account back, and lifts the lock-out after wrong passwords.
func (a *Accounts) Unlock(ctx context.Context, who Who, id, why string) error {
	return a.setState(ctx, who, id, why, "access.account_unlock", Locked, Active)
}

func (a *Accounts) setState(ctx context.Context, who Who, id, why, action, from, to string) error {
	if err := needWhy(why); err != nil {
		return err
	}
	return a.keep(ctx, who, id, action, why, func(tx *store.Tx, acc Account) (any, any, error) {
		if acc.State == Ended || to == Locked && acc.State != from {
			return nil, nil, fault.New(fault.Conflict, "access.state", "账号当前状态不能这样改", "the account's state does not allow this")
		}
		if _, err := tx.Exec(ctx, `update access_account set state = $1, version = version + 1 where id = $2`, to, id); err != nil {
			return nil, nil, err
		}
		if to == Locked {
			if _, err := endSessions(ctx, tx, id, ""); err != nil {
				return nil, nil, err
			}
		} else if err := forgive(ctx, tx, a.loginIndex(acc.Login)); err != nil {
			return nil, nil, err
		}
		return map[string]string{"state": acc.State}, map[string]string{"state": to}, nil
	})
}

// Reset gives a new temporary password and ends all sessions; with second also the second factors go, for somebody
// who lost theirs.
func (a *Accounts) Reset(ctx context.Context, who Who, id, why string, second bool) (temporary string, err error) {
	if err := needWhy(why); err != nil {
		return "", err
	}
	if err := who.MaySomewhere(KeepAccounts); err != nil {
		return "", err // before the slow part
	}
	temporary = chance(12)
	hash, err := a.hashPassword(ctx, temporary)
	if err != nil {
		return "", err
	}
	err = a.keep(ctx, who, id, "access.account_reset", why, func(tx *store.Tx, acc Account) (any, any, error) {
		if acc.Kind != Staff || acc.State == Ended {
			return nil, nil, fault.New(fault.Conflict, "access.no_password", "该账号没有密码可重置", "this account has no password to reset")
		}
		if _, err := tx.Exec(ctx, `update access_account set password = $1, must_change = true, temp_until = $2, version = version + 1 where id = $3`, hash, tx.Now.Add(a.Settings.TemporaryFor), id); err != nil {
			return nil, nil, err
		}
		if second {
			if _, err := tx.Exec(ctx, `update access_account set totp_step = 0, totp = $2 where id = $1`, id, []byte{}); err != nil {
				return nil, nil, err
			}
			for _, q := range []string{`delete from access_passkey where account = $1`, `delete from access_recovery where account = $1`} {
				if _, err := tx.Exec(ctx, q, id); err != nil {
					return nil, nil, err
				}
			}
		}
		if err := forgive(ctx, tx, a.loginIndex(acc.Login)); err != nil {
			return nil, nil, err
		}
		_, err := endSessions(ctx, tx, id, "")
		return nil, map[string]bool{"second_factors_removed": second}, err
	})
	if err != nil {
		return "", err
	}
	return temporary, nil
}

// EndAll ends all sessions of an account.
func (a *Accounts) EndAll(ctx context.Context, who Who, id, why string) error {
	if err := needWhy(why); err != nil {
		return err
	}
	return a.keep(ctx, who, id, "access.sessions_end", why, func(tx *store.Tx, acc Account) (any, any, error) {
		n, err := endSessions(ctx, tx, id, "")
		return nil, map[string]int64{"ended": n}, err
	})
}

// Key is a machine's key, such as that of a hotline system that speaks Open311.
type Key struct {
	ID     string      `json:"id"`
	Name   string      `json:"name"`
	Posts  []Post      `json:"posts"`
	Path   scope.Path  `json:"path"`
	MadeAt day.Instant `json:"made_at"`
	Until  day.Instant `json:"until"`
	Ended  bool        `json:"ended"`
	UsedAt day.Instant `json:"used_at"`
}

// keyWord begins every key, so that one that strays can be found.
const keyWord = "cbk_"

// MakeKey makes a key that stands for posts at a place until a moment. The key itself is shown this once.
func (a *Accounts) MakeKey(ctx context.Context, who Who, name string, posts []Post, at scope.Path, until day.Instant) (Key, string, error) {
	if err := who.May(KeepKeys, at); err != nil {
		return Key{}, "", err
	}
	var bad []*fault.Fault
	if n := len([]rune(strings.TrimSpace(name))); n < 2 || n > 60 {
		bad = append(bad, fault.Bad("name", "access.key_name", "请填写密钥名称（2–60 字）", "please name the key (2 to 60 characters)"))
	}
	if len(posts) == 0 {
		bad = append(bad, fault.Bad("posts", "access.key_posts", "请至少选一个岗位", "please choose at least one post"))
	}
	for _, p := range posts {
		if AdminPost(p) || !slices.ContainsFunc(Words, func(w Word) bool { return w.Post == p }) {
			bad = append(bad, fault.Bad("posts", "access.key_post", "密钥不能用于这个岗位", "a key cannot stand for this post"))
		}
	}
	now := a.DB.Now()
	if until <= now || until.Sub(now) > 366*24*time.Hour {
		bad = append(bad, fault.Bad("until", "access.key_until", "有效期应在一年之内", "a key holds for at most a year"))
	}
	if err := fault.Join(bad...); err != nil {
		return Key{}, "", err
	}
	secret := keyWord + token()
	k := Key{Name: strings.TrimSpace(name), Posts: posts, Path: at, Until: until}
	err := a.DB.Write(ctx, func(tx *store.Tx) error {
		k.ID, k.MadeAt = tx.NewID(), tx.Now
		if _, err := tx.Exec(ctx, `insert into access_key (id, token, name, posts, path, made_at, made_by, until, ended, used_at) values ($1, $2, $3, $4, $5, $6, $7, $8, false, 0)`,
			k.ID, hashed(secret), k.Name, joinPosts(posts), string(at), tx.Now, who.Account, until); err != nil {
			return err
		}
		return audit.Write(ctx, tx, audit.Entry{By: who.By(KeepKeys, at), Action: "access.key_new", Path: at, Ref: "keys/" + k.ID, To: k})
	})
	return k, secret, err
}

func joinPosts(posts []Post) string {
	s := make([]string, len(posts))
	for i, p := range posts {
		s[i] = string(p)
	}
	return strings.Join(s, ",")
}

func splitPosts(s string) (posts []Post) {
	for p := range strings.SplitSeq(s, ",") {
		posts = append(posts, Post(p))
	}
	return posts
}

// Keys lists the keys of who's places.
func (a *Accounts) Keys(ctx context.Context, who Who) ([]Key, error) {
	if err := who.MaySomewhere(KeepKeys); err != nil {
		return nil, err
	}
	cond, args := scope.Where("path", 1, who.Paths(KeepKeys)...)
	return store.All(ctx, a.DB, scanKey, `select id, name, posts, path, made_at, until, ended, used_at from access_key where `+cond+` order by id desc limit 500`, args...)
}

func scanKey(r *sql.Rows) (k Key, err error) {
	var posts string
	err = r.Scan(&k.ID, &k.Name, &posts, &k.Path, &k.MadeAt, &k.Until, &k.Ended, &k.UsedAt)
	k.Posts = splitPosts(posts)
	return k, err
}

// EndKey makes a key useless.
func (a *Accounts) EndKey(ctx context.Context, who Who, id string) error {
	return a.DB.Write(ctx, func(tx *store.Tx) error {
		if err := who.MaySomewhere(KeepKeys); err != nil {
			return err
		}
		var at scope.Path
		if err := tx.QueryRow(ctx, `select path from access_key where id = $1 and ended = false`, id).Scan(&at); isNone(err) {
			return ErrMissing
		} else if err != nil {
			return err
		}
		if err := who.May(KeepKeys, at); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `update access_key set ended = true where id = $1`, id); err != nil {
			return err
		}
		return audit.Write(ctx, tx, audit.Entry{By: who.By(KeepKeys, at), Action: "access.key_end", Path: at, Ref: "keys/" + id})
	})
}

// KeyWho is the machine that a key stands for; ErrSignIn for one that is not there, over or ended. Open311 passes its
// api_key here.
func (a *Accounts) KeyWho(ctx context.Context, key string) (Who, error) {
	if !strings.HasPrefix(key, keyWord) {
		return Who{}, ErrSignIn
	}
	rows, err := store.All(ctx, a.DB, scanKey, `select id, name, posts, path, made_at, until, ended, used_at from access_key where token = $1`, hashed(key))
	if err != nil {
		return Who{}, a.DB.Fault(err)
	}
	now := a.DB.Now()
	if len(rows) == 0 || rows[0].Ended || now >= rows[0].Until {
		return Who{}, ErrSignIn
	}
	k := rows[0]
	w := Who{Account: "key/" + k.ID, Name: k.Name, Lang: "zh"}
	for _, p := range k.Posts {
		w.Grants = append(w.Grants, Grant{Post: p, Path: k.Path})
	}
	if now.Sub(k.UsedAt) >= seenEvery {
		// Like a session: being in use is written once a minute at most, and a full disk stops nobody from reading.
		a.DB.Write(ctx, func(tx *store.Tx) error {
			_, err := tx.Exec(ctx, `update access_key set used_at = $1 where id = $2`, now, k.ID)
			return err
		})
	}
	return w, nil
}
