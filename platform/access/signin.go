package access

import (
	"context"
	"errors"
	"time"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/platform/audit"
	"cuobian/platform/seal"
	"cuobian/platform/store"
)

// Faults of signing in. ErrPassword is the same for a wrong password and for a name that nobody has.
var (
	ErrPassword = fault.New(fault.SignIn, "access.password", "账号或密码不对", "the name or the password is wrong")
	ErrLockOut  = fault.New(fault.TooMany, "access.locked_out", "连续多次输错，请 {minutes} 分钟后再试", "too many wrong attempts, please try again in {minutes} minutes")
	ErrLocked   = fault.New(fault.Refused, "access.locked", "账号已停用，请联系安全管理员", "this account is locked, please ask the security administrator")
	ErrTemp     = fault.New(fault.Refused, "access.temporary_over", "临时密码已过期，请联系安全管理员重新发放", "the temporary password has run out, please ask the security administrator for another")
	ErrTicket   = fault.New(fault.SignIn, "access.ticket", "这一步已超时，请重新登录", "this step took too long, please sign in again")
	ErrCode     = fault.New(fault.SignIn, "access.code", "验证码不对或已过期", "the code is wrong or has run out")
)

// SignedIn is the answer to one step of signing in.
type SignedIn struct {
	Next    string   `json:"next" enum:"done,totp,passkey" doc:"done: signed in; totp or passkey: one more step with this ticket"`
	Ways    []string `json:"ways,omitempty" doc:"all second factors that the account has: totp, passkey, recovery"`
	Ticket  string   `json:"ticket,omitempty"`
	Must    string   `json:"must,omitempty" enum:"password,second_factor" doc:"what must be done before anything else"`
	Token   string   `json:"-"` // the session's cookie
	Session Session  `json:"-"`
	Kind    string   `json:"-"`
}

// loginIndex keeps attempts on names that nobody has without keeping the names: people type passwords there.
func (a *Accounts) loginIndex(login string) string { return a.Ring.Index(seal.Login, login) }

func lockOut(until, now day.Instant) error {
	return ErrLockOut.Fill("minutes", int((until.Sub(now)+time.Minute-1)/time.Minute))
}

// lockedUntil reads the lock on a name, whether anybody has it or not.
func lockedUntil(ctx context.Context, q store.Queryer, index string) (until day.Instant, err error) {
	err = q.QueryRow(ctx, `select locked_until from access_failure where login = $1`, index).Scan(&until)
	if isNone(err) {
		return 0, nil
	}
	return until, err
}

// failed counts one wrong attempt on a name and locks it after too many within an hour of each other.
func (a *Accounts) failed(ctx context.Context, tx *store.Tx, index string) (lockedUntil day.Instant, err error) {
	var n int
	var last, until day.Instant
	err = tx.QueryRow(ctx, `select failures, last_at, locked_until from access_failure where login = $1`, index).Scan(&n, &last, &until)
	if err != nil && !isNone(err) {
		return 0, err
	}
	if until != 0 && until <= tx.Now || tx.Now.Sub(last) > time.Hour {
		n, until = 0, 0
	}
	if n++; n >= a.Settings.Failures {
		until = tx.Now.Add(a.Settings.LockFor)
	}
	_, err = tx.Exec(ctx, `insert into access_failure (login, failures, last_at, locked_until) values ($1, $2, $3, $4)
on conflict (login) do update set failures = excluded.failures, last_at = excluded.last_at, locked_until = excluded.locked_until`, index, n, tx.Now, until)
	if err != nil {
		return 0, err
	}
	_, err = tx.Exec(ctx, `delete from access_failure where last_at < $1`, tx.Now.Add(-24*time.Hour))
	return until, err
}

func forgive(ctx context.Context, tx *store.Tx, index string) error {
	_, err := tx.Exec(ctx, `delete from access_failure where login = $1`, index)
	return err
}

// SignIn takes a name and a password. What goes wrong looks the same, and takes as long, whether anybody has the name
// or not. Faults: ErrPassword, ErrLockOut, ErrTooOften; and, once the password was right, ErrLocked and ErrTemp.
func (a *Accounts) SignIn(ctx context.Context, login, password string, from Place) (SignedIn, error) {
	if err := a.perAddress("sign_in", from); err != nil {
		return SignedIn{}, err
	}
	login = cleanLogin(login)
	index := a.loginIndex(login)
	now := a.DB.Now()
	until, err := lockedUntil(ctx, a.DB, index)
	if err != nil {
		return SignedIn{}, a.DB.Fault(err)
	}
	if until > now {
		return SignedIn{}, lockOut(until, now)
	}
	acc, err := a.byLogin(ctx, a.DB, login)
	if err != nil && !isNone(err) {
		return SignedIn{}, a.DB.Fault(err)
	}
	known := err == nil && acc.Kind == Staff
	kept := acc.password
	if !known {
		kept = ""
	}
	right, err := a.checkPassword(ctx, kept, password)
	if err != nil {
		return SignedIn{}, err
	}
	if !right {
		return SignedIn{}, a.refuse(ctx, index, known, acc, from)
	}
	if acc.State != Active {
		return SignedIn{}, a.turnAway(ctx, acc, ErrLocked)
	}
	if acc.MustChange && acc.tempUntil != 0 && now >= acc.tempUntil {
		return SignedIn{}, a.turnAway(ctx, acc, ErrTemp)
	}
	ways, err := a.secondFactors(ctx, a.DB, acc)
	if err != nil {
		return SignedIn{}, a.DB.Fault(err)
	}
	var out SignedIn
	err = a.DB.Write(ctx, func(tx *store.Tx) error {
		// Many guesses at once have all passed the first look at the lock.
		until, err := lockedUntil(ctx, tx, index)
		if err != nil {
			return err
		}
		if until > tx.Now {
			return lockOut(until, tx.Now)
		}
		if len(ways) > 0 {
			out = SignedIn{Next: ways[0], Ways: ways}
			out.Ticket, err = a.ticket(ctx, tx, ticketSecond, acc.ID, "", 5*time.Minute)
			return err
		}
		out, err = a.enter(ctx, tx, acc, ByPassword, false, from)
		return err
	})
	return out, err
}

// enter ends the steps: failures forgiven, session opened, trail written.
func (a *Accounts) enter(ctx context.Context, tx *store.Tx, acc Account, how string, second bool, from Place) (SignedIn, error) {
	if err := forgive(ctx, tx, a.loginIndex(acc.Login)); err != nil {
		return SignedIn{}, err
	}
	t, s, err := a.open(ctx, tx, acc, how, second, from)
	if err != nil {
		return SignedIn{}, err
	}
	out := SignedIn{Next: "done", Token: t, Session: s, Kind: acc.Kind}
	if acc.Kind == Staff {
		switch {
		case acc.MustChange:
			out.Must = MustPassword
		case !second && a.Settings.SecondFactor == "required":
			out.Must = MustSecond
		}
	}
	return out, note(ctx, tx, acc.by(), acc, "access.sign_in", "", nil, map[string]any{"how": how, "second": second, "session": s.ID})
}

// refuse writes the failure down and gives the one answer.
func (a *Accounts) refuse(ctx context.Context, index string, known bool, acc Account, from Place) error {
	var until, now day.Instant
	err := a.DB.Write(ctx, func(tx *store.Tx) error {
		var err error
		now = tx.Now
		if until, err = a.failed(ctx, tx, index); err != nil {
			return err
		}
		e := audit.Entry{Action: "access.sign_in_failed", Ref: "logins/" + index, To: map[string]any{"network": network(from.Address), "locked": until != 0}}
		if known {
			e.Ref, e.Path = "accounts/"+acc.ID, acc.Path
		}
		return audit.Write(ctx, tx, e)
	})
	if err != nil {
		return err
	}
	if until > now {
		return lockOut(until, now)
	}
	return ErrPassword
}

func (a *Accounts) turnAway(ctx context.Context, acc Account, why *fault.Fault) error {
	err := a.DB.Write(ctx, func(tx *store.Tx) error {
		return note(ctx, tx, acc.by(), acc, "access.sign_in_refused", why.Code, nil, nil)
	})
	return errors.Join(err, why)
}

// Kinds of tickets: what stands between two steps.
const (
	ticketSecond  = "second"        // the password was right
	ticketTOTP    = "totp"          // a secret shown, not yet confirmed
	ticketPasskey = "passkey"       // a challenge for signing in
	ticketEnrol   = "passkey_enrol" // a challenge for a new passkey
)

// ticket keeps data for the next step, sealed, under a token that is kept hashed.
func (a *Accounts) ticket(ctx context.Context, tx *store.Tx, kind, account, data string, span time.Duration) (string, error) {
	t := token()
	id := hashed(t)
	if _, err := tx.Exec(ctx, `delete from access_ticket where until < $1`, tx.Now); err != nil {
		return "", err
	}
	_, err := tx.Exec(ctx, `insert into access_ticket (id, kind, account, data, tries, until) values ($1, $2, $3, $4, 0, $5)`,
		id, kind, account, a.Ring.Seal("access_ticket", "data", id, data), tx.Now.Add(span))
	return t, err
}

const ticketTries = 5

// useTicket reads a ticket and counts the try; ErrTicket when it is not there, over, or tried too often.
func (a *Accounts) useTicket(ctx context.Context, tx *store.Tx, kind, t string) (account, data string, err error) {
	id := hashed(t)
	var sealed []byte
	err = tx.QueryRow(ctx, `update access_ticket set tries = tries + 1 where id = $1 and kind = $2 and until > $3 and tries < $4 returning account, data`,
		id, kind, tx.Now, ticketTries).Scan(&account, &sealed)
	if isNone(err) {
		return "", "", ErrTicket
	}
	if err != nil {
		return "", "", err
	}
	data, err = a.Ring.Open("access_ticket", "data", id, sealed)
	return account, data, err
}

func (a *Accounts) tearTicket(ctx context.Context, tx *store.Tx, t string) error {
	_, err := tx.Exec(ctx, `delete from access_ticket where id = $1`, hashed(t))
	return err
}
