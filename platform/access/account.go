package access

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"embed"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"time"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/platform/audit"
	"cuobian/platform/seal"
	"cuobian/platform/store"
)

//go:embed schema
var scripts embed.FS

// Schema is accounts, sessions and what belongs to them.
func Schema() store.Schema { return store.Schema{Room: "access", Floor: 1, FS: scripts} }

// Sealed are the columns that a turn of the key takes along.
func Sealed() []seal.Column {
	return []seal.Column{
		{Table: "access_account", Key: "id", Column: "totp"},
		{Table: "access_passkey", Key: "id", Column: "credential"},
		{Table: "access_ticket", Key: "id", Column: "data"},
	}
}

// Settings are the limits of the door.
type Settings struct {
	SecondFactor  string        // "required": staff without one may only enrol it; "optional"
	StaffIdle     time.Duration // a staff session ends after so long without a request
	StaffLongest  time.Duration // and after so long in any case
	ResidentFor   time.Duration // a resident's session
	Failures      int           // wrong passwords in a row before the lock
	LockFor       time.Duration
	CodeFor       time.Duration // how long a phone code holds
	CodeTries     int
	CodesPerHour  int           // to one number
	PerAddress    int           // attempts per minute from one address
	TemporaryFor  time.Duration // how long a temporary password holds
	PasswordRunes int           // the shortest password
}

// DefaultSettings are those of a house in earnest.
func DefaultSettings() Settings {
	return Settings{
		SecondFactor: "required", StaffIdle: 12 * time.Hour, StaffLongest: 7 * 24 * time.Hour, ResidentFor: 30 * 24 * time.Hour,
		Failures: 5, LockFor: 15 * time.Minute, CodeFor: 5 * time.Minute, CodeTries: 5, CodesPerHour: 5, PerAddress: 30,
		TemporaryFor: 72 * time.Hour, PasswordRunes: 10,
	}
}

// Accounts is where people are known by their sign-in. The function fields are filled by app; nil ones are left out.
type Accounts struct {
	DB       *store.DB
	Ring     *seal.Ring
	Settings Settings
	// Grants reads what a person may do where on a day.
	Grants GrantsOf
	// Resolve follows a person who was merged with another to the one that stayed.
	Resolve func(ctx context.Context, q store.Queryer, person string) (string, error)
	// PersonOfPhone finds a person of the roster by phone; "" when there is none, or more than one.
	PersonOfPhone func(ctx context.Context, q store.Queryer, phone string) (person, name string, err error)
	// SendCode hands a code to the channels.
	SendCode func(ctx context.Context, tx *store.Tx, phone, person, code string) error
	// PersonName names a person for a new account; an unknown one is a fault.
	PersonName func(ctx context.Context, q store.Queryer, person string) (string, error)
	// PlaceName names a place for GET /api/me.
	PlaceName func(ctx context.Context, q store.Queryer, at scope.Path) string
	// Unread counts a person's unread messages.
	Unread func(ctx context.Context, q store.Queryer, person string) (int, error)
	// Public is the address under which people reach the house, "" for each request's own. Passkeys are bound to it.
	Public string

	limits limits
	grants grantCache
	hashes chan struct{} // passwords hashed at once: 19 MiB each
	codes  func() string // phone codes; nil is chance
}

// giving are the kinds of changes after which somebody may have other grants: persons, terms, homes, organisations and
// the places themselves (a grid's compounds).
var giving = []string{"people", "terms", "homes", "orgs", "place"}

// NewAccounts opens the accounts of a store.
func NewAccounts(db *store.DB, ring *seal.Ring, s Settings) *Accounts {
	a := &Accounts{DB: db, Ring: ring, Settings: s, hashes: make(chan struct{}, 2)}
	db.OnChange(func(c store.Change) {
		if slices.Contains(giving, c.Kind) {
			a.grants.forget()
		}
	})
	return a
}

// Kinds of accounts.
const (
	Staff       = "staff"
	ResidentOne = "resident"
)

// States of accounts.
const (
	Active = "active"
	Locked = "locked" // by a security administrator
	Ended  = "ended"
)

// Account is one account as its keepers see it: without its secrets.
type Account struct {
	ID         string      `json:"id"`
	Login      string      `json:"login"`
	Kind       string      `json:"kind"`
	Person     string      `json:"person"`
	Path       scope.Path  `json:"path"`
	Name       string      `json:"name"`
	Lang       string      `json:"lang"`
	Elder      bool        `json:"elder"`
	MustChange bool        `json:"must_change"`
	HasTOTP    bool        `json:"has_totp"`
	State      string      `json:"state"`
	MadeAt     day.Instant `json:"made_at"`
	SignedInAt day.Instant `json:"signed_in_at"`
	Version    int64       `json:"version"`

	password  string
	tempUntil day.Instant
	totp      []byte
	totpStep  int64
}

const accountColumns = `id, login, kind, person, path, name, lang, elder, password, must_change, temp_until, totp, totp_step, state, made_at, signed_in_at, version`

type row interface{ Scan(...any) error }

func scanAccount(r row) (a Account, err error) {
	err = r.Scan(&a.ID, &a.Login, &a.Kind, &a.Person, &a.Path, &a.Name, &a.Lang, &a.Elder, &a.password, &a.MustChange, &a.tempUntil, &a.totp, &a.totpStep, &a.State, &a.MadeAt, &a.SignedInAt, &a.Version)
	a.HasTOTP = len(a.totp) > 0
	return a, err
}

func (a *Accounts) byLogin(ctx context.Context, q store.Queryer, login string) (Account, error) {
	return scanAccount(q.QueryRow(ctx, `select `+accountColumns+` from access_account where login = $1`, login))
}

func (a *Accounts) byID(ctx context.Context, q store.Queryer, id string) (Account, error) {
	acc, err := scanAccount(q.QueryRow(ctx, `select `+accountColumns+` from access_account where id = $1`, id))
	if errors.Is(err, store.ErrNone) {
		return acc, ErrMissing
	}
	return acc, err
}

func (acc Account) by() audit.By { return audit.By{Account: acc.ID, Person: acc.Person} }

// note writes an entry about an account.
func note(ctx context.Context, tx *store.Tx, by audit.By, acc Account, action, why string, from, to any) error {
	return audit.Write(ctx, tx, audit.Entry{By: by, Action: action, Path: acc.Path, Ref: "accounts/" + acc.ID, Why: why, From: from, To: to})
}

// token makes 256 bits of chance for a cookie or a key.
func token() string {
	b := make([]byte, 32)
	rand.Read(b)
	return base64.RawURLEncoding.EncodeToString(b)
}

// hashed is how tokens are kept: whoever reads the table cannot use them.
func hashed(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// cleanLogin is a login as it is compared.
func cleanLogin(s string) string { return seal.Normal(seal.Login, s) }

func loginFault(login string) *fault.Fault {
	if n := len(login); n < 2 || n > 64 {
		return fault.Bad("login", "access.login_length", "账号长度应为 2 到 64 个字符", "a sign-in name has 2 to 64 characters")
	}
	if strings.ContainsAny(login, " /\t\n\\\"'<>") {
		return fault.Bad("login", "access.login_letters", "账号中不能有空格、引号或斜杠", "a sign-in name has no spaces, quotes or slashes")
	}
	return nil
}

func shanghai(at day.Instant) day.Day { return at.Day(day.Shanghai) }

func affected(n int64, err error) error {
	if err == nil && n == 0 {
		return ErrMissing
	}
	return err
}

func isNone(err error) bool { return errors.Is(err, sql.ErrNoRows) }
