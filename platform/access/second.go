package access

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base32"
	"image/png"
	"math/big"
	"net/url"
	"strconv"
	"strings"
	"time"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/platform/store"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
)

// Faults of second factors.
var (
	ErrSecond = fault.New(fault.SignIn, "access.second", "第二步验证没有通过", "the second step did not succeed")
	ErrFresh  = fault.New(fault.Refused, "access.fresh", "为了安全，请输入密码确认（或重新登录）后再改", "to be safe, please confirm with your password, or sign in again, before changing this")
)

const (
	totpPeriod = 30
	totpDigits = otp.DigitsSix
)

// secondFactors lists what an account has, the first to be asked for first.
func (a *Accounts) secondFactors(ctx context.Context, q store.Queryer, acc Account) ([]string, error) {
	var ways []string
	if acc.HasTOTP {
		ways = append(ways, "totp")
	}
	n, err := store.Count(ctx, q, `select count(*) from access_passkey where account = $1`, acc.ID)
	if err != nil {
		return nil, err
	}
	if n > 0 {
		ways = append(ways, "passkey")
	}
	if len(ways) > 0 {
		if n, err = store.Count(ctx, q, `select count(*) from access_recovery where account = $1 and used_at = 0`, acc.ID); err != nil {
			return nil, err
		}
		if n > 0 {
			ways = append(ways, "recovery")
		}
	}
	return ways, nil
}

// totpStep finds the time step that a code belongs to: now, one before or one after; 0 when none.
func totpStep(secret, code string, now day.Instant) int64 {
	at := now.Time().Unix() / totpPeriod
	for _, step := range []int64{at, at - 1, at + 1} {
		ok, err := hotp.ValidateCustom(code, uint64(step), secret, hotp.ValidateOpts{Digits: totpDigits, Algorithm: otp.AlgorithmSHA1})
		if err == nil && ok {
			return step
		}
	}
	return 0
}

func cleanCode(code string) string {
	return strings.ToLower(strings.NewReplacer(" ", "", "-", "").Replace(strings.TrimSpace(code)))
}

// SecondFactor ends a sign-in with a code of the authenticator, or with a recovery code, each good once.
func (a *Accounts) SecondFactor(ctx context.Context, ticket, code string, from Place) (SignedIn, error) {
	if err := a.perAddress("second", from); err != nil {
		return SignedIn{}, err
	}
	code = cleanCode(code)
	var out SignedIn
	var wrong error
	err := a.DB.Write(ctx, func(tx *store.Tx) error {
		out, wrong = SignedIn{}, nil
		id, _, err := a.useTicket(ctx, tx, ticketSecond, ticket)
		if err == ErrTicket {
			return ErrTicket
		}
		if err != nil {
			return err
		}
		acc, err := a.byID(ctx, tx, id)
		if err != nil {
			return err
		}
		index := a.loginIndex(acc.Login)
		if until, err := lockedUntil(ctx, tx, index); err != nil {
			return err
		} else if until > tx.Now {
			wrong = lockOut(until, tx.Now)
			return nil
		}
		if acc.State != Active {
			return ErrLocked
		}
		ok, how, err := a.checkSecond(ctx, tx, acc, code)
		if err != nil {
			return err
		}
		if !ok {
			// The try stays counted: the write is kept, and the answer is a fault.
			until, err := a.failed(ctx, tx, index)
			if err != nil {
				return err
			}
			wrong = ErrSecond
			if until > tx.Now {
				wrong = lockOut(until, tx.Now)
			}
			return note(ctx, tx, acc.by(), acc, "access.second_failed", "", nil, map[string]any{"locked": until != 0})
		}
		if err := a.tearTicket(ctx, tx, ticket); err != nil {
			return err
		}
		if how == "recovery" {
			if err := note(ctx, tx, acc.by(), acc, "access.recovery_used", "", nil, nil); err != nil {
				return err
			}
		}
		out, err = a.enter(ctx, tx, acc, ByPassword, true, from)
		return err
	})
	if err == nil {
		err = wrong
	}
	return out, err
}

func (a *Accounts) checkSecond(ctx context.Context, tx *store.Tx, acc Account, code string) (ok bool, how string, err error) {
	if len(code) == totpDigits.Length() && acc.HasTOTP {
		secret, err := a.Ring.Open("access_account", "totp", acc.ID, acc.totp)
		if err != nil {
			return false, "", err
		}
		step := totpStep(secret, code, tx.Now)
		if step <= acc.totpStep {
			return false, "", nil // wrong, or used before
		}
		n, err := tx.Exec(ctx, `update access_account set totp_step = $1 where id = $2 and totp_step < $1`, step, acc.ID)
		return n == 1, "totp", err
	}
	n, err := tx.Exec(ctx, `update access_recovery set used_at = $1 where account = $2 and code = $3 and used_at = 0`, tx.Now, acc.ID, a.recoveryHash(acc, code))
	return n == 1, "recovery", err
}

// freshFor is how long after signing in secrets may be changed without the password.
const freshFor = 15 * time.Minute

// fresh asks for the password again unless who signed in a moment ago.
func (a *Accounts) fresh(ctx context.Context, who Who, password string) (Account, error) {
	if who.Session == "" {
		return Account{}, ErrSignIn
	}
	acc, err := a.byID(ctx, a.DB, who.Account)
	if err != nil {
		return acc, err
	}
	var made day.Instant
	if err := a.DB.QueryRow(ctx, `select made_at from access_session where id = $1`, who.Session).Scan(&made); err != nil {
		if isNone(err) {
			return acc, ErrSignIn
		}
		return acc, a.DB.Fault(err)
	}
	if password == "" {
		if a.DB.Now().Sub(made) <= freshFor {
			return acc, nil
		}
		return acc, ErrFresh
	}
	if err := a.Limit("fresh", acc.ID, 5, time.Minute); err != nil {
		return acc, err
	}
	ok, err := a.checkPassword(ctx, acc.password, password)
	if err == nil && !ok {
		err = fault.Bad("password", "access.password_wrong", "密码不对", "the password is wrong")
	}
	return acc, err
}

// NewTOTP is a secret to put into an authenticator; it counts once confirmed.
type NewTOTP struct {
	Ticket string `json:"ticket"`
	Secret string `json:"secret" doc:"to type in by hand"`
	URL    string `json:"url" doc:"otpauth://…"`
	QR     []byte `json:"qr" doc:"the same as a picture, PNG"`
}

// EnrolTOTP begins the enrolment of an authenticator.
func (a *Accounts) EnrolTOTP(ctx context.Context, who Who, password string) (NewTOTP, error) {
	acc, err := a.fresh(ctx, who, password)
	if err != nil {
		return NewTOTP{}, err
	}
	if acc.Kind != Staff {
		return NewTOTP{}, ErrRefused
	}
	raw := make([]byte, 20)
	rand.Read(raw)
	secret := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(raw)
	q := url.Values{"secret": {secret}, "issuer": {"Cuobian"}, "algorithm": {"SHA1"}, "digits": {totpDigits.String()}, "period": {strconv.Itoa(totpPeriod)}}
	out := NewTOTP{Secret: secret, URL: (&url.URL{Scheme: "otpauth", Host: "totp", Path: "/Cuobian:" + acc.Login, RawQuery: q.Encode()}).String()}
	key, err := otp.NewKeyFromURL(out.URL)
	if err != nil {
		return NewTOTP{}, err
	}
	img, err := key.Image(240, 240)
	if err != nil {
		return NewTOTP{}, err
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		return NewTOTP{}, err
	}
	out.QR = b.Bytes()
	err = a.DB.Write(ctx, func(tx *store.Tx) error {
		var err error
		out.Ticket, err = a.ticket(ctx, tx, ticketTOTP, acc.ID, secret, 15*time.Minute)
		return err
	})
	return out, err
}

// ConfirmTOTP keeps the secret once a code of it was right, and gives new recovery codes, shown this once. The session
// counts as one with a second factor from here on.
func (a *Accounts) ConfirmTOTP(ctx context.Context, who Who, ticket, code string) (recovery []string, err error) {
	if who.Session == "" {
		return nil, ErrSignIn
	}
	code = cleanCode(code)
	var wrong error
	err = a.DB.Write(ctx, func(tx *store.Tx) error {
		recovery, wrong = nil, nil
		id, secret, err := a.useTicket(ctx, tx, ticketTOTP, ticket)
		if err != nil {
			return err
		}
		if id != who.Account {
			return ErrTicket
		}
		step := totpStep(secret, code, tx.Now)
		if step == 0 {
			wrong = fault.Bad("code", "access.code_wrong", "验证码不对", "the code is wrong")
			return nil
		}
		acc, err := a.byID(ctx, tx, id)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `update access_account set totp = $1, totp_step = $2, version = version + 1 where id = $3`, a.Ring.Seal("access_account", "totp", id, secret), step, id); err != nil {
			return err
		}
		if err := a.tearTicket(ctx, tx, ticket); err != nil {
			return err
		}
		if recovery, err = a.enrolled(ctx, tx, acc, who); err != nil {
			return err
		}
		return note(ctx, tx, acc.by(), acc, "access.totp_enrol", "", nil, nil)
	})
	if err == nil {
		err = wrong
	}
	return recovery, err
}

// enrolled lifts the session and makes recovery codes when there are none.
func (a *Accounts) enrolled(ctx context.Context, tx *store.Tx, acc Account, who Who) ([]string, error) {
	if _, err := tx.Exec(ctx, `update access_session set second = true where id = $1 and account = $2`, who.Session, acc.ID); err != nil {
		return nil, err
	}
	n, err := store.Count(ctx, tx, `select count(*) from access_recovery where account = $1 and used_at = 0`, acc.ID)
	if err != nil || n > 0 {
		return nil, err
	}
	return a.newRecovery(ctx, tx, acc)
}

const recoveryCodes = 10

// recoveryHash depends on the ring: without the keys nothing can be tried against the table.
func (a *Accounts) recoveryHash(acc Account, code string) string {
	return a.Ring.Index("recovery", acc.ID+"/"+code)
}

// digits makes n digits by chance; they can be typed on a telephone.
func digits(n int) string {
	var b strings.Builder
	for range n {
		d, err := rand.Int(rand.Reader, big.NewInt(10))
		if err != nil {
			panic(err)
		}
		b.WriteString(d.String())
	}
	return b.String()
}

func (a *Accounts) newRecovery(ctx context.Context, tx *store.Tx, acc Account) ([]string, error) {
	if _, err := tx.Exec(ctx, `delete from access_recovery where account = $1`, acc.ID); err != nil {
		return nil, err
	}
	codes := make([]string, 0, recoveryCodes)
	for range recoveryCodes {
		c := digits(16)
		if _, err := tx.Exec(ctx, `insert into access_recovery (account, code, used_at) values ($1, $2, 0)`, acc.ID, a.recoveryHash(acc, c)); err != nil {
			return nil, err
		}
		codes = append(codes, c[:4]+"-"+c[4:8]+"-"+c[8:12]+"-"+c[12:])
	}
	return codes, nil
}

// NewRecovery gives ten new recovery codes; the old ones are void.
func (a *Accounts) NewRecovery(ctx context.Context, who Who, password string) (codes []string, err error) {
	acc, err := a.fresh(ctx, who, password)
	if err != nil {
		return nil, err
	}
	err = a.DB.Write(ctx, func(tx *store.Tx) error {
		var err error
		if codes, err = a.newRecovery(ctx, tx, acc); err != nil {
			return err
		}
		return note(ctx, tx, acc.by(), acc, "access.recovery_new", "", nil, nil)
	})
	return codes, err
}

// DropTOTP removes the authenticator; not the last second factor where one is required.
func (a *Accounts) DropTOTP(ctx context.Context, who Who, password string) error {
	acc, err := a.fresh(ctx, who, password)
	if err != nil {
		return err
	}
	return a.DB.Write(ctx, func(tx *store.Tx) error {
		if err := affected(tx.Exec(ctx, `update access_account set totp = $1, totp_step = 0, version = version + 1 where id = $2 and totp <> $1`, []byte{}, acc.ID)); err != nil {
			return err
		}
		if err := a.mayBeWithout(ctx, tx, acc); err != nil {
			return err
		}
		return note(ctx, tx, acc.by(), acc, "access.totp_drop", "", nil, nil)
	})
}

// mayBeWithout refuses to leave staff without the second factor that they must have; the write is then not kept.
func (a *Accounts) mayBeWithout(ctx context.Context, tx *store.Tx, acc Account) error {
	if acc.Kind != Staff || a.Settings.SecondFactor != "required" {
		return nil
	}
	acc, err := a.byID(ctx, tx, acc.ID)
	if err != nil {
		return err
	}
	keys, err := store.Count(ctx, tx, `select count(*) from access_passkey where account = $1`, acc.ID)
	if err != nil {
		return err
	}
	if keys == 0 && !acc.HasTOTP {
		return fault.New(fault.Refused, "access.last_second", "至少要保留一种第二步验证方式", "one second factor must stay")
	}
	return nil
}
