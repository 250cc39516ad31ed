package access

import (
	"context"
	"database/sql"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"cuobian/basis/day"
	"cuobian/platform/store"
)

// Cookie is the name of the session's cookie.
const Cookie = "cuobian"

// How somebody signed in.
const (
	ByPassword = "password"
	ByPasskey  = "passkey"
	ByPhone    = "phone"
)

// What must be done before anything else.
const (
	MustPassword = "password"      // the temporary password must be changed
	MustSecond   = "second_factor" // a second factor must be enrolled
)

// Session is a signed-in browser.
type Session struct {
	ID      string      `json:"id"`
	How     string      `json:"how" enum:"password,passkey,phone"`
	MadeAt  day.Instant `json:"made_at"`
	SeenAt  day.Instant `json:"seen_at"`
	Until   day.Instant `json:"until"`
	Agent   string      `json:"agent"`   // the browser's own words, shortened
	Address string      `json:"address"` // the network, not the machine
	Current bool        `json:"current"`
}

// phonePosts are the posts that come with a resident's account (a code on the phone): a resident's own, and those that
// residents hold. All others need the staff's sign-in, also where the same person has both.
var phonePosts = []Post{Resident, BranchSecretary, GroupLeader, BuildingLead, LaneLead, CommitteeDirector, CommitteeMember,
	CommitteeAlternate, InterimDirector, InterimMember, BoardMember, VolunteerLeader, JointMember, Expert}

// admins are the three that one person never unites.
var admins = []Post{SystemAdmin, SecurityAdmin, AuditAdmin}

// Place is where a request comes from.
type Place struct {
	Address string // "ip" or "ip:port"
	Agent   string
	Origin  string // "https://xiaoqu.example", for passkeys
}

// network is the address without the machine: /24 or /48.
func network(address string) string {
	ip, ok := hostOf(address)
	if !ok {
		return ""
	}
	bits := 24
	if ip.Is6() {
		bits = 48
	}
	p, _ := ip.Prefix(bits)
	return p.String()
}

func shortAgent(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' {
			return -1
		}
		return r
	}, s)
	if r := []rune(s); len(r) > 160 {
		s = string(r[:160])
	}
	return s
}

// open makes a session inside a write; the cookie's token is given once and kept hashed.
func (a *Accounts) open(ctx context.Context, tx *store.Tx, acc Account, how string, second bool, from Place) (secret string, s Session, err error) {
	t := token()
	s = Session{ID: tx.NewID(), How: how, MadeAt: tx.Now, SeenAt: tx.Now, Agent: shortAgent(from.Agent), Address: network(from.Address), Current: true}
	s.Until = tx.Now.Add(a.Settings.StaffLongest)
	if acc.Kind == ResidentOne {
		s.Until = tx.Now.Add(a.Settings.ResidentFor)
	}
	if _, err = tx.Exec(ctx, `delete from access_session where until < $1`, tx.Now); err != nil {
		return "", s, err
	}
	if _, err = tx.Exec(ctx, `insert into access_session (id, token, account, how, second, made_at, seen_at, until, agent, address) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		s.ID, hashed(t), acc.ID, how, second, s.MadeAt, s.SeenAt, s.Until, s.Agent, s.Address); err != nil {
		return "", s, err
	}
	if _, err = tx.Exec(ctx, `update access_account set signed_in_at = $1 where id = $2`, tx.Now, acc.ID); err != nil {
		return "", s, err
	}
	return t, s, nil
}

// seenEvery is how often at most a session writes that it is in use.
const seenEvery = time.Minute

// WhoOf finds out who asks: the session's cookie, or a key in the Authorization header ("Bearer …"). Nobody is no
// fault; a request with an ended session is one by nobody.
func (a *Accounts) WhoOf(r *http.Request) (Who, error) {
	ctx := r.Context()
	if k, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		return a.KeyWho(ctx, strings.TrimSpace(k))
	}
	c, err := r.Cookie(Cookie)
	if err != nil || c.Value == "" {
		return Who{}, nil
	}
	return a.TokenWho(ctx, c.Value)
}

// SignedIn says how and when a session began; zero values for one that has ended.
func (a *Accounts) SignedIn(ctx context.Context, session string) (how string, at day.Instant, err error) {
	err = a.DB.QueryRow(ctx, `select how, made_at from access_session where id = $1`, session).Scan(&how, &at)
	if isNone(err) {
		err = nil
	}
	return how, at, a.DB.Fault(err)
}

// TokenWho is who a session's token stands for; nobody when it has ended.
func (a *Accounts) TokenWho(ctx context.Context, token string) (Who, error) {
	var s Session
	var second bool
	var acc Account
	err := a.DB.QueryRow(ctx, `select s.id, s.how, s.second, s.made_at, s.seen_at, s.until, a.id, a.kind, a.person, a.name, a.lang, a.must_change, a.state, a.login
from access_session s join access_account a on a.id = s.account where s.token = $1`, hashed(token)).
		Scan(&s.ID, &s.How, &second, &s.MadeAt, &s.SeenAt, &s.Until, &acc.ID, &acc.Kind, &acc.Person, &acc.Name, &acc.Lang, &acc.MustChange, &acc.State, &acc.Login)
	if isNone(err) {
		return Who{}, nil
	}
	if err != nil {
		return Who{}, a.DB.Fault(err)
	}
	now := a.DB.Now()
	if acc.State != Active || now >= s.Until || acc.Kind == Staff && now.Sub(s.SeenAt) > a.Settings.StaffIdle {
		return Who{}, nil
	}
	w := Who{Account: acc.ID, Person: acc.Person, Name: acc.Name, Lang: acc.Lang, Session: s.ID}
	if acc.Kind == Staff {
		switch {
		case acc.MustChange:
			w.Must = MustPassword
		case !second && a.Settings.SecondFactor == "required":
			w.Must = MustSecond
		}
	}
	if w.Must != "" {
		w.Person = "" // neither the posts nor what the person is involved in
	} else {
		if w.Person, w.Grants, err = a.grantsFor(ctx, acc.Person, now); err != nil {
			return Who{}, err
		}
		if acc.Kind == ResidentOne {
			w.Grants = slices.DeleteFunc(w.Grants, func(g Grant) bool { return !slices.Contains(phonePosts, g.Post) })
		}
	}
	if now.Sub(s.SeenAt) >= seenEvery {
		err := a.DB.Write(ctx, func(tx *store.Tx) error {
			_, err := tx.Exec(ctx, `update access_session set seen_at = $1 where id = $2 and seen_at < $1`, now, s.ID)
			return err
		})
		if err != nil && ctx.Err() != nil {
			return Who{}, ctx.Err()
		}
		// A full disk must not keep people from reading.
	}
	return w, nil
}

// grantCache keeps grants for at most two seconds, and not over a change in people.
type grantCache struct {
	mu    sync.Mutex
	epoch int
	kept  map[string]keptGrants
}

type keptGrants struct {
	at     day.Instant
	person string
	grants []Grant
}

const grantsKept = 2 * time.Second

func (c *grantCache) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.epoch++
	c.kept = nil
}

// grantsFor gives the person whom an account's person has become, and a copy of their grants today. A term that has not begun or has ended gives none, whatever
// the reader said; who holds two of the three administrators' posts has neither.
func (a *Accounts) grantsFor(ctx context.Context, account string, now day.Instant) (person string, out []Grant, err error) {
	if a.Grants == nil || account == "" {
		return account, nil, nil
	}
	today := shanghai(now)
	c := &a.grants
	c.mu.Lock()
	k, ok := c.kept[account]
	epoch := c.epoch
	c.mu.Unlock()
	if age := now.Sub(k.at); !ok || age < 0 || age > grantsKept || shanghai(k.at) != today {
		k = keptGrants{at: now, person: account}
		if a.Resolve != nil {
			if k.person, err = a.Resolve(ctx, a.DB, account); err != nil {
				return "", nil, err
			}
		}
		if k.grants, err = a.Grants(ctx, a.DB, k.person, today); err != nil {
			return "", nil, err
		}
		c.mu.Lock()
		if c.epoch == epoch {
			if c.kept == nil || len(c.kept) > 10000 {
				c.kept = map[string]keptGrants{}
			}
			c.kept[account] = k
		}
		c.mu.Unlock()
	}
	held := map[Post]bool{}
	for _, g := range k.grants {
		if !g.From.IsZero() && g.From > today || !g.To.IsZero() && g.To < today {
			continue
		}
		if slices.Contains(admins, g.Post) {
			held[g.Post] = true
		}
		out = append(out, g)
	}
	if len(held) > 1 {
		out = slices.DeleteFunc(out, func(g Grant) bool { return slices.Contains(admins, g.Post) })
	}
	return k.person, out, nil
}

// Sessions lists who's own sessions, the current one marked.
func (a *Accounts) Sessions(ctx context.Context, who Who) ([]Session, error) {
	if who.Session == "" {
		return nil, ErrSignIn
	}
	return store.All(ctx, a.DB, func(r *sql.Rows) (s Session, err error) {
		err = r.Scan(&s.ID, &s.How, &s.MadeAt, &s.SeenAt, &s.Until, &s.Agent, &s.Address)
		s.Current = s.ID == who.Session
		return s, err
	}, `select id, how, made_at, seen_at, until, agent, address from access_session where account = $1 and until > $2 order by id desc limit 200`, who.Account, a.DB.Now())
}

// EndSession ends one of who's own sessions, the current one too (signing out).
func (a *Accounts) EndSession(ctx context.Context, who Who, id string) error {
	if who.Session == "" {
		return ErrSignIn
	}
	return a.DB.Write(ctx, func(tx *store.Tx) error {
		acc, err := a.byID(ctx, tx, who.Account)
		if err != nil {
			return err
		}
		if err := affected(tx.Exec(ctx, `delete from access_session where id = $1 and account = $2`, id, who.Account)); err != nil {
			return err
		}
		action := "access.session_end"
		if id == who.Session {
			action = "access.sign_out"
		}
		return note(ctx, tx, acc.by(), acc, action, "", nil, nil)
	})
}
