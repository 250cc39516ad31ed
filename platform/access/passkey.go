package access

import (
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/platform/store"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
)

// ErrPasskey is the one answer to a passkey that does not fit; ErrNoOrigin where passkeys cannot work at all.
var (
	ErrPasskey  = fault.New(fault.SignIn, "access.passkey", "通行密钥验证没有通过", "the passkey was not accepted")
	ErrNoOrigin = fault.New(fault.Refused, "access.passkey_origin", "通行密钥需要以域名（或 localhost）访问", "passkeys need a host name (or localhost) in the address")
)

// Passkey is one as its owner sees it.
type Passkey struct {
	ID     string      `json:"id"`
	Name   string      `json:"name"`
	MadeAt day.Instant `json:"made_at"`
	UsedAt day.Instant `json:"used_at"`
}

func scanPasskey(r *sql.Rows) (p Passkey, err error) {
	err = r.Scan(&p.ID, &p.Name, &p.MadeAt, &p.UsedAt)
	return p, err
}

// holder is an account as the library wants it.
type holder struct {
	acc  Account
	keys []webauthn.Credential
}

func (h holder) WebAuthnID() []byte                         { return []byte(h.acc.ID) }
func (h holder) WebAuthnName() string                       { return h.acc.Login }
func (h holder) WebAuthnDisplayName() string                { return h.acc.Name }
func (h holder) WebAuthnCredentials() []webauthn.Credential { return h.keys }

// party is the house under the address that people use.
func (a *Accounts) party(from Place) (*webauthn.WebAuthn, error) {
	origin := a.Public
	if origin == "" {
		origin = from.Origin
	}
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" {
		return nil, ErrNoOrigin
	}
	if _, err := netip.ParseAddr(u.Hostname()); err == nil {
		return nil, ErrNoOrigin // browsers bind passkeys to names, not to numbers
	}
	p, err := webauthn.New(&webauthn.Config{RPID: u.Hostname(), RPDisplayName: "厝边 Cuobian", RPOrigins: []string{u.Scheme + "://" + u.Host}})
	if err != nil {
		return nil, ErrNoOrigin.Because(err)
	}
	return p, nil
}

func (a *Accounts) holderOf(ctx context.Context, q store.Queryer, acc Account) (holder, error) {
	h := holder{acc: acc}
	type kept struct {
		id     string
		sealed []byte
	}
	rows, err := store.All(ctx, q, func(r *sql.Rows) (k kept, err error) { err = r.Scan(&k.id, &k.sealed); return k, err },
		`select id, credential from access_passkey where account = $1 order by id`, acc.ID)
	if err != nil {
		return h, err
	}
	for _, k := range rows {
		text, err := a.Ring.Open("access_passkey", "credential", k.id, k.sealed)
		if err != nil {
			return h, err
		}
		var c webauthn.Credential
		if err := json.Unmarshal([]byte(text), &c); err != nil {
			return h, err
		}
		h.keys = append(h.keys, c)
	}
	return h, nil
}

// Challenge is what the browser's passkey API is given (publicKey options), with the ticket for the answer.
type Challenge struct {
	Ticket  string `json:"ticket"`
	Options any    `json:"options" doc:"options for navigator.credentials (WebAuthn)"`
}

// pending is what must be remembered of a challenge until the browser answers.
type pending struct {
	Account string               `json:"account"` // that had the right password, "" for a passkey alone
	Session webauthn.SessionData `json:"session"`
}

func (a *Accounts) challenge(ctx context.Context, tx *store.Tx, kind, account string, p pending, options any) (Challenge, error) {
	b, err := json.Marshal(p)
	if err != nil {
		return Challenge{}, err
	}
	t, err := a.ticket(ctx, tx, kind, account, string(b), 5*time.Minute)
	return Challenge{t, options}, err
}

// BeginPasskey begins signing in with a passkey: after a right password with its ticket, or alone with "" (the device
// then checks its owner, so that it is two factors by itself).
func (a *Accounts) BeginPasskey(ctx context.Context, ticket string, from Place) (Challenge, error) {
	if err := a.perAddress("passkey", from); err != nil {
		return Challenge{}, err
	}
	party, err := a.party(from)
	if err != nil {
		return Challenge{}, err
	}
	options, session, err := party.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return Challenge{}, err
	}
	var out Challenge
	err = a.DB.Write(ctx, func(tx *store.Tx) error {
		p := pending{Session: *session}
		if ticket != "" {
			id, _, err := a.useTicket(ctx, tx, ticketSecond, ticket)
			if err != nil {
				return err
			}
			p.Account = id
		}
		var err error
		out, err = a.challenge(ctx, tx, ticketPasskey, p.Account, p, options.Response)
		return err
	})
	return out, err
}

// FinishPasskey takes the browser's answer (its JSON) and signs in.
func (a *Accounts) FinishPasskey(ctx context.Context, ticket string, answer []byte, from Place) (SignedIn, error) {
	if err := a.perAddress("passkey", from); err != nil {
		return SignedIn{}, err
	}
	party, err := a.party(from)
	if err != nil {
		return SignedIn{}, err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil {
		return SignedIn{}, ErrPasskey.Because(err)
	}
	var out SignedIn
	var wrong error
	err = a.DB.Write(ctx, func(tx *store.Tx) error {
		out, wrong = SignedIn{}, nil
		_, data, err := a.useTicket(ctx, tx, ticketPasskey, ticket)
		if err != nil {
			return err
		}
		if err := a.tearTicket(ctx, tx, ticket); err != nil { // a challenge is answered once
			return err
		}
		var p pending
		if err := json.Unmarshal([]byte(data), &p); err != nil {
			return err
		}
		var acc Account
		find := func(_, handle []byte) (webauthn.User, error) {
			var err error
			if acc, err = a.byID(ctx, tx, string(handle)); err != nil {
				return nil, err
			}
			return a.holderOf(ctx, tx, acc)
		}
		credential, err := party.ValidateDiscoverableLogin(find, p.Session, parsed)
		if err != nil || credential.Authenticator.CloneWarning || p.Account != "" && p.Account != acc.ID {
			wrong = ErrPasskey
			if acc.ID == "" {
				return nil
			}
			return note(ctx, tx, acc.by(), acc, "access.second_failed", "", nil, map[string]any{"how": "passkey", "cloned": err == nil && credential.Authenticator.CloneWarning})
		}
		if acc.State != Active {
			wrong = ErrLocked
			return nil
		}
		if acc.MustChange && acc.tempUntil != 0 && tx.Now >= acc.tempUntil && p.Account != "" {
			wrong = ErrTemp
			return nil
		}
		if err := a.keepCredential(ctx, tx, *credential); err != nil {
			return err
		}
		how := ByPasskey
		if p.Account != "" {
			how = ByPassword
		}
		out, err = a.enter(ctx, tx, acc, how, true, from)
		return err
	})
	if err == nil {
		err = wrong
	}
	return out, err
}

func credentialID(c webauthn.Credential) string { return base64.RawURLEncoding.EncodeToString(c.ID) }

func (a *Accounts) keepCredential(ctx context.Context, tx *store.Tx, c webauthn.Credential) error {
	b, err := json.Marshal(c)
	if err != nil {
		return err
	}
	id := credentialID(c)
	return affected(tx.Exec(ctx, `update access_passkey set credential = $1, used_at = $2 where id = $3`, a.Ring.Seal("access_passkey", "credential", id, string(b)), tx.Now, id))
}

// EnrolPasskey begins the enrolment of a passkey.
func (a *Accounts) EnrolPasskey(ctx context.Context, who Who, password string, from Place) (Challenge, error) {
	acc, err := a.fresh(ctx, who, password)
	if err != nil {
		return Challenge{}, err
	}
	party, err := a.party(from)
	if err != nil {
		return Challenge{}, err
	}
	h, err := a.holderOf(ctx, a.DB, acc)
	if err != nil {
		return Challenge{}, err
	}
	// A passkey that the device does not keep by itself cannot be found without a name later.
	options, session, err := party.BeginRegistration(h, webauthn.WithResidentKeyRequirement(protocol.ResidentKeyRequirementRequired),
		webauthn.WithExclusions(webauthn.Credentials(h.keys).CredentialDescriptors()),
		webauthn.WithAuthenticatorSelection(protocol.AuthenticatorSelection{ResidentKey: protocol.ResidentKeyRequirementRequired, RequireResidentKey: protocol.ResidentKeyRequired(), UserVerification: protocol.VerificationRequired}))
	if err != nil {
		return Challenge{}, err
	}
	var out Challenge
	err = a.DB.Write(ctx, func(tx *store.Tx) error {
		var err error
		out, err = a.challenge(ctx, tx, ticketEnrol, acc.ID, pending{Account: acc.ID, Session: *session}, options.Response)
		return err
	})
	return out, err
}

// ConfirmPasskey keeps the new passkey under a name, and gives recovery codes when there were none.
func (a *Accounts) ConfirmPasskey(ctx context.Context, who Who, ticket, name string, answer []byte, from Place) (key Passkey, recovery []string, err error) {
	if who.Session == "" {
		return key, nil, ErrSignIn
	}
	name = strings.TrimSpace(name)
	if n := len([]rune(name)); n > 40 {
		return key, nil, fault.Bad("name", "access.passkey_name", "名称最多 40 字", "a name has at most 40 characters")
	} else if n == 0 {
		name = "通行密钥"
	}
	party, err := a.party(from)
	if err != nil {
		return key, nil, err
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(answer)
	if err != nil {
		return key, nil, ErrPasskey.Because(err)
	}
	err = a.DB.Write(ctx, func(tx *store.Tx) error {
		recovery = nil
		id, data, err := a.useTicket(ctx, tx, ticketEnrol, ticket)
		if err != nil {
			return err
		}
		if id != who.Account {
			return ErrTicket
		}
		var p pending
		if err := json.Unmarshal([]byte(data), &p); err != nil {
			return err
		}
		acc, err := a.byID(ctx, tx, id)
		if err != nil {
			return err
		}
		h, err := a.holderOf(ctx, tx, acc)
		if err != nil {
			return err
		}
		c, err := party.CreateCredential(h, p.Session, parsed)
		if err != nil {
			return ErrPasskey.Because(err)
		}
		b, err := json.Marshal(c)
		if err != nil {
			return err
		}
		key = Passkey{ID: credentialID(*c), Name: name, MadeAt: tx.Now}
		if _, err := tx.Exec(ctx, `insert into access_passkey (id, account, name, credential, made_at, used_at) values ($1, $2, $3, $4, $5, 0)`,
			key.ID, acc.ID, name, a.Ring.Seal("access_passkey", "credential", key.ID, string(b)), tx.Now); err != nil {
			if store.Unique(err) {
				return ErrPasskey
			}
			return err
		}
		if err := a.tearTicket(ctx, tx, ticket); err != nil {
			return err
		}
		if acc.Kind == Staff {
			if recovery, err = a.enrolled(ctx, tx, acc, who); err != nil {
				return err
			}
		}
		return note(ctx, tx, acc.by(), acc, "access.passkey_enrol", "", nil, map[string]string{"passkey": key.ID})
	})
	return key, recovery, err
}

// Passkeys lists who's own.
func (a *Accounts) Passkeys(ctx context.Context, who Who) ([]Passkey, error) {
	if who.Session == "" {
		return nil, ErrSignIn
	}
	return store.All(ctx, a.DB, scanPasskey, `select id, name, made_at, used_at from access_passkey where account = $1 order by made_at, id`, who.Account)
}

// DropPasskey removes one; not the last second factor where one is required.
func (a *Accounts) DropPasskey(ctx context.Context, who Who, id, password string) error {
	acc, err := a.fresh(ctx, who, password)
	if err != nil {
		return err
	}
	return a.DB.Write(ctx, func(tx *store.Tx) error {
		if err := affected(tx.Exec(ctx, `delete from access_passkey where id = $1 and account = $2`, id, acc.ID)); err != nil {
			return err
		}
		if err := a.mayBeWithout(ctx, tx, acc); err != nil {
			return err
		}
		return note(ctx, tx, acc.by(), acc, "access.passkey_drop", "", nil, map[string]string{"passkey": id})
	})
}
