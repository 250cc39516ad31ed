package access_test

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/seal"
	"cuobian/platform/store"
	"cuobian/platform/store/storetest"
)

// house is a door with invented people, whose terms the tests write down in terms.
type house struct {
	*access.Accounts
	t     *testing.T
	clock *storetest.Clock
	mu    sync.Mutex
	terms map[string][]access.Grant
	sent  []string // "phone code"
}

var (
	here      = access.Place{Address: "10.1.2.3:4567", Agent: "test"}
	fengze    = scope.Street("350503002")
	elsewhere = scope.Street("350503005")
	bg        = context.Background()
)

func newHouse(t *testing.T, second string) *house {
	t.Helper()
	h := &house{t: t, clock: storetest.NewClock("2026-03-02T09:00:00+08:00"), terms: map[string][]access.Grant{}}
	db := storetest.Open(t, h.clock, seal.Schema(), audit.Schema(), access.Schema())
	ring, err := seal.Open(bg, db, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	s := access.DefaultSettings()
	s.SecondFactor = second
	h.Accounts = access.NewAccounts(db, ring, s)
	h.Grants = func(_ context.Context, _ store.Queryer, person string, _ day.Day) ([]access.Grant, error) {
		h.mu.Lock()
		defer h.mu.Unlock()
		return slices.Clone(h.terms[person]), nil
	}
	h.PersonOfPhone = func(_ context.Context, _ store.Queryer, phone string) (string, string, error) {
		if phone == "13800001234" {
			return "p-lin", "林阿姨", nil
		}
		return "", "", nil
	}
	h.SendCode = func(_ context.Context, _ *store.Tx, phone, person, code string) error {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.sent = append(h.sent, phone+" "+code)
		return nil
	}
	return h
}

func (h *house) give(person string, post access.Post, at scope.Path) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.terms[person] = append(h.terms[person], access.Grant{Term: "t-" + string(post), Post: post, Path: at})
}

const password = "厝边门前三角梅 2026"

// staff makes an account that has its own password already.
func (h *house) staff(login, person string, at scope.Path) access.Account {
	h.t.Helper()
	made, err := h.Make(bg, access.System, access.NewAccount{Login: login, Person: person, Path: at, Name: login, Password: password})
	if err != nil {
		h.t.Fatal(err)
	}
	return made.Account
}

// in signs in with the password alone and tells who is at the door then.
func (h *house) in(login string) access.Who {
	h.t.Helper()
	s, err := h.SignIn(bg, login, password, here)
	if err != nil {
		h.t.Fatalf("%s: %v", login, err)
	}
	if s.Next != "done" {
		h.t.Fatalf("%s: next is %s", login, s.Next)
	}
	return h.who(s.Token)
}

func (h *house) who(token string) access.Who {
	h.t.Helper()
	w, err := h.TokenWho(bg, token)
	if err != nil {
		h.t.Fatal(err)
	}
	return w
}

func (h *house) trail(action string) []audit.Line {
	h.t.Helper()
	lines, err := audit.List(bg, h.DB, audit.Find{Paths: []scope.Path{scope.Everywhere}, Action: action})
	if err != nil {
		h.t.Fatal(err)
	}
	return lines
}

func want(t *testing.T, what string, err error, is *fault.Fault) {
	t.Helper()
	if !errors.Is(err, is) {
		t.Errorf("%s: %v, want %s", what, err, is.Code)
	}
}

func wantCode(t *testing.T, what string, err error, code string) {
	t.Helper()
	if err == nil || fault.Of(err).Code != code {
		t.Errorf("%s: %v, want %s", what, err, code)
	}
}

func TestSignInAndOut(t *testing.T) {
	h := newHouse(t, "optional")
	h.give("p-chen", access.StreetOfficer, fengze)
	h.staff("Chen", "p-chen", fengze)
	s, err := h.SignIn(bg, " chen ", password, here)
	if err != nil || s.Next != "done" || s.Token == "" || s.Must != "" {
		t.Fatalf("%+v %v", s, err)
	}
	w := h.who(s.Token)
	if w.Person != "p-chen" || len(w.Grants) != 1 || w.Grants[0].Post != access.StreetOfficer {
		t.Fatalf("%+v", w)
	}
	var kept string
	if err := h.DB.QueryRow(bg, `select token from access_session`).Scan(&kept); err != nil || kept == s.Token || strings.Contains(kept, s.Token) {
		t.Errorf("the token is kept as it is: %v", err)
	}
	r := httptest.NewRequest("GET", "/api/me", nil)
	r.Header.Set("Cookie", access.Cookie+"="+s.Token)
	if w, err := h.WhoOf(r); err != nil || w.Person != "p-chen" {
		t.Errorf("by the cookie: %+v %v", w, err)
	}
	if w, err := h.WhoOf(httptest.NewRequest("GET", "/", nil)); err != nil || w.Account != "" {
		t.Errorf("without a cookie: %+v %v", w, err)
	}
	list, err := h.Sessions(bg, w)
	if err != nil || len(list) != 1 || !list[0].Current || list[0].Address != "10.1.2.0/24" {
		t.Errorf("sessions %+v %v", list, err)
	}
	if err := h.EndSession(bg, w, list[0].ID); err != nil {
		t.Fatal(err)
	}
	if w := h.who(s.Token); w.Account != "" {
		t.Error("signed out and still somebody")
	}
	if n := len(h.trail("access.sign_in")); n != 1 {
		t.Errorf("%d entries of signing in", n)
	}
	if n := len(h.trail("access.sign_out")); n != 1 {
		t.Errorf("%d entries of signing out", n)
	}
}

func TestWrongPasswordsLockTheNameOnly(t *testing.T) {
	h := newHouse(t, "optional")
	h.staff("chen", "p-chen", fengze)
	// The same happens to a name that nobody has: nothing can be learned from it.
	for _, login := range []string{"chen", "nobody"} {
		for i := range 4 {
			_, err := h.SignIn(bg, login, "wrong", here)
			if !errors.Is(err, access.ErrPassword) {
				t.Fatalf("%s, try %d: %v", login, i+1, err)
			}
		}
		_, err := h.SignIn(bg, login, "wrong", here)
		want(t, login+", fifth try", err, access.ErrLockOut)
		_, err = h.SignIn(bg, login, password, here)
		want(t, login+", right password while locked", err, access.ErrLockOut)
		if strings.Contains(err.Error(), "{") || !strings.Contains(err.Error(), "15 minutes") {
			t.Errorf("text: %v", err)
		}
	}
	h.clock.Advance(16 * time.Minute)
	if _, err := h.SignIn(bg, "chen", password, here); err != nil {
		t.Errorf("after the lock: %v", err)
	}
	var n int
	h.DB.QueryRow(bg, `select count(*) from access_failure where login = 'nobody' or login = 'chen'`).Scan(&n)
	if n != 0 {
		t.Error("names that were tried are kept readable")
	}
	for _, l := range h.trail("access.sign_in_failed") {
		if strings.Contains(l.Ref+l.To, "nobody") || l.Account != "" {
			t.Errorf("the trail repeats what was typed: %+v", l)
		}
	}
}

func TestTooManyFromOneAddress(t *testing.T) {
	h := newHouse(t, "optional")
	var err error
	for i := range h.Settings.PerAddress { // each over a connection of its own
		if _, err = h.SecondFactor(bg, "none", "000000", access.Place{Address: fmt.Sprintf("10.1.2.3:%d", 5000+i)}); !errors.Is(err, access.ErrTicket) {
			t.Fatal(err)
		}
	}
	_, err = h.SecondFactor(bg, "none", "000000", here)
	want(t, "one more", err, access.ErrTooOften)
	_, err = h.SecondFactor(bg, "none", "000000", access.Place{Address: "10.9.9.9:1"})
	want(t, "from elsewhere", err, access.ErrTicket)
	h.clock.Advance(time.Minute)
	_, err = h.SecondFactor(bg, "none", "000000", here)
	want(t, "a minute later", err, access.ErrTicket)
}

func TestMachines(t *testing.T) {
	for in, want := range map[string]string{"10.1.2.3:99": "10.1.2.3", "10.1.2.3": "10.1.2.3", "[2001:db8:1:2:3::4]:99": "2001:db8:1:2::/64", "::ffff:10.1.2.3": "10.1.2.3", "pipe": "pipe"} {
		if got := access.Machine(in); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}

func TestSessionsEnd(t *testing.T) {
	h := newHouse(t, "optional")
	h.staff("chen", "p-chen", fengze)
	s, err := h.SignIn(bg, "chen", password, here)
	if err != nil {
		t.Fatal(err)
	}
	for range 13 { // in use every eleven hours: never idle for twelve
		h.clock.Advance(11 * time.Hour)
		if h.who(s.Token).Account == "" {
			t.Fatal("a session in use ended")
		}
	}
	h.clock.Advance(12*time.Hour + time.Minute)
	if h.who(s.Token).Account != "" {
		t.Error("an idle session lives on")
	}
	if s, err = h.SignIn(bg, "chen", password, here); err != nil {
		t.Fatal(err)
	}
	for range 30 {
		h.clock.Advance(6 * time.Hour)
		h.who(s.Token)
	}
	if h.who(s.Token).Account != "" {
		t.Error("a session in use outlives a week")
	}
}

func TestASessionWritesAtMostOnceAMinute(t *testing.T) {
	h := newHouse(t, "optional")
	h.staff("chen", "p-chen", fengze)
	s, err := h.SignIn(bg, "chen", password, here)
	if err != nil {
		t.Fatal(err)
	}
	seen := func() (at day.Instant) {
		if err := h.DB.QueryRow(bg, `select seen_at from access_session`).Scan(&at); err != nil {
			t.Fatal(err)
		}
		return at
	}
	first := seen()
	h.clock.Advance(50 * time.Second)
	h.who(s.Token)
	if seen() != first {
		t.Error("written within a minute")
	}
	h.clock.Advance(20 * time.Second)
	h.who(s.Token)
	if seen() == first {
		t.Error("not written after a minute")
	}
}

func TestAnEndedTermLosesItsRightByTheClock(t *testing.T) {
	h := newHouse(t, "optional")
	h.terms["p-chen"] = []access.Grant{{Post: access.StreetOfficer, Path: fengze, From: day.MustParse("2026-01-01"), To: day.MustParse("2026-03-02")}}
	h.staff("chen", "p-chen", fengze)
	h.clock.Advance(14 * time.Hour) // 23:00
	s, err := h.SignIn(bg, "chen", password, here)
	if err != nil {
		t.Fatal(err)
	}
	if len(h.who(s.Token).Grants) != 1 {
		t.Fatal("no grant on the last day")
	}
	h.clock.Set(day.InstantOf(time.Date(2026, 3, 2, 23, 59, 59, 999_000_000, day.Shanghai)))
	if len(h.who(s.Token).Grants) != 1 {
		t.Error("no grant in the last second")
	}
	h.clock.Advance(10 * time.Millisecond)
	if n := len(h.who(s.Token).Grants); n != 0 {
		t.Errorf("%d grants after the last day", n)
	}
}

func TestAChangeInPeopleCountsAtOnce(t *testing.T) {
	h := newHouse(t, "optional")
	h.give("p-chen", access.StreetOfficer, fengze)
	h.staff("chen", "p-chen", fengze)
	s, err := h.SignIn(bg, "chen", password, here)
	if err != nil {
		t.Fatal(err)
	}
	h.who(s.Token)
	h.mu.Lock()
	h.terms["p-chen"] = nil
	h.mu.Unlock()
	if err := h.DB.Write(bg, func(tx *store.Tx) error {
		tx.Changed(store.Change{Kind: "people", ID: "p-chen", Path: fengze})
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if n := len(h.who(s.Token).Grants); n != 0 {
		t.Errorf("%d grants after the change", n)
	}
	h.Resolve = func(context.Context, store.Queryer, string) (string, error) { return "p-stays", nil }
	h.give("p-stays", access.Resident, fengze)
	h.clock.Advance(3 * time.Second)
	if w := h.who(s.Token); w.Person != "p-stays" || len(w.Grants) != 1 || w.Grants[0].Post != access.Resident {
		t.Errorf("after two persons became one: %+v", w)
	}
	h.Resolve = nil
	h.give("p-chen", access.GridWorker, fengze) // told by nobody
	h.clock.Advance(3 * time.Second)
	if n := len(h.who(s.Token).Grants); n != 1 {
		t.Errorf("%d grants after three seconds", n)
	}
}

func TestTemporaryPassword(t *testing.T) {
	h := newHouse(t, "optional")
	h.give("p-sec", access.SecurityAdmin, fengze)
	h.give("p-new", access.GridWorker, fengze)
	h.staff("sec", "p-sec", fengze)
	sec := h.in("sec")
	made, err := h.Make(bg, sec, access.NewAccount{Login: "new", Person: "p-new", Path: fengze})
	if err != nil || len(made.Password) != 12 {
		t.Fatalf("%+v %v", made, err)
	}
	s, err := h.SignIn(bg, "new", made.Password, here)
	if err != nil || s.Must != access.MustPassword {
		t.Fatalf("%+v %v", s, err)
	}
	w := h.who(s.Token)
	if w.Must != access.MustPassword || len(w.Grants) != 0 {
		t.Fatalf("before the change: %+v", w)
	}
	wantCode(t, "short", h.ChangePassword(bg, w, made.Password, "short"), "access.password_short")
	wantCode(t, "easy", h.ChangePassword(bg, w, made.Password, "password1234"), "access.password_easy")
	wantCode(t, "the name", h.ChangePassword(bg, w, made.Password, "new-2026-abcdef"), "access.password_easy")
	wantCode(t, "one letter", h.ChangePassword(bg, w, made.Password, "aaaaaaaaaaaa"), "access.password_easy")
	wantCode(t, "wrong old", h.ChangePassword(bg, w, "nonsense", password), "access.password_wrong")
	h.clock.Advance(time.Minute)
	if err := h.ChangePassword(bg, w, made.Password, password); err != nil {
		t.Fatal(err)
	}
	if w := h.who(s.Token); w.Must != "" || len(w.Grants) != 1 {
		t.Errorf("after the change: %+v", w)
	}
	again, err := h.Reset(bg, sec, made.Account.ID, "忘记密码", false)
	if err != nil {
		t.Fatal(err)
	}
	if h.who(s.Token).Account != "" {
		t.Error("a reset leaves sessions alive")
	}
	h.clock.Advance(73 * time.Hour)
	_, err = h.SignIn(bg, "new", again, here)
	want(t, "a temporary password after three days", err, access.ErrTemp)
}

// Every request asks this once: one read of a joined row, and the grants from memory.
func BenchmarkWho(b *testing.B) {
	t := &testing.T{}
	clock := storetest.NewClock("2026-03-02T09:00:00+08:00")
	db := storetest.Open(b, clock, seal.Schema(), audit.Schema(), access.Schema())
	s := access.DefaultSettings()
	s.SecondFactor = "optional"
	h := &house{t: t, clock: clock, terms: map[string][]access.Grant{}, Accounts: access.NewAccounts(db, seal.Memory(), s)}
	h.Grants = func(context.Context, store.Queryer, string, day.Day) ([]access.Grant, error) {
		return []access.Grant{{Post: access.StreetOfficer, Path: fengze}}, nil
	}
	h.staff("chen", "p-chen", fengze)
	in, err := h.SignIn(bg, "chen", password, here)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if w, err := h.TokenWho(bg, in.Token); err != nil || len(w.Grants) != 1 {
			b.Fatal(err)
		}
	}
}
