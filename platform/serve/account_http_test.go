package serve_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"cuobian/basis/day"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/rules"
	"cuobian/platform/seal"
	"cuobian/platform/serve"
	"cuobian/platform/store"
	"cuobian/platform/store/storetest"

	"github.com/pquerna/otp/totp"
)

var (
	street   = scope.Street("350503002")
	neighbor = scope.Street("350503005")
)

const password = "厝边门前三角梅 2026"

// door is a house of accounts and rules alone, served whole; the people are invented.
type door struct {
	t        *testing.T
	clock    *storetest.Clock
	accounts *access.Accounts
	api      *serve.Door
	srv      *httptest.Server
	mu       sync.Mutex
	codes    map[string]string
}

var posts = map[string][]access.Grant{
	"p-sec":     {{Post: access.SecurityAdmin, Path: street}},
	"p-sys":     {{Post: access.SystemAdmin, Path: scope.Everywhere}},
	"p-aud":     {{Post: access.AuditAdmin, Path: street}},
	"p-far-sec": {{Post: access.SecurityAdmin, Path: neighbor}},
	"p-officer": {{Post: access.StreetOfficer, Path: street}},
	"p-grid":    {{Post: access.GridWorker, Path: street.Child("350503002001")}},
	"p-lin":     {{Post: access.Resident, Path: street.Child("350503002001").Child("c1")}, {Post: access.StreetOfficer, Path: street}},
	"p-over":    {{Post: access.Auditor, Path: street, To: day.MustParse("2026-03-01")}},
}

func open(t *testing.T, second string) *door {
	t.Helper()
	h := &door{t: t, clock: storetest.NewClock("2026-03-02T09:00:00+08:00"), codes: map[string]string{}}
	db := storetest.Open(t, h.clock, seal.Schema(), audit.Schema(), rules.Schema(), access.Schema())
	ring, err := seal.Open(context.Background(), db, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	s := access.DefaultSettings()
	s.SecondFactor, s.PerAddress = second, 1000
	h.accounts = access.NewAccounts(db, ring, s)
	h.accounts.Grants = func(_ context.Context, _ store.Queryer, person string, _ day.Day) ([]access.Grant, error) {
		return slices.Clone(posts[person]), nil
	}
	h.accounts.PersonOfPhone = func(_ context.Context, _ store.Queryer, phone string) (string, string, error) {
		if phone == "13800001234" {
			return "p-lin", "林阿姨", nil
		}
		return "", "", nil
	}
	h.accounts.SendCode = func(_ context.Context, _ *store.Tx, phone, _, code string) error {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.codes[phone] = code
		return nil
	}
	h.api = serve.New(serve.Config{DB: db, Version: "test"})
	h.api.Who = h.accounts.WhoOf
	serve.AccountRoutes(h.api, h.accounts)
	serve.RulesRoutes(h.api, rules.New(db))
	h.srv = httptest.NewServer(h.api.Handler())
	t.Cleanup(h.srv.Close)
	for person, g := range posts {
		if person == "p-lin" {
			continue
		}
		at := g[0].Path
		if _, err := h.accounts.Make(context.Background(), access.System, access.NewAccount{Login: strings.TrimPrefix(person, "p-"), Person: person, Path: at, Password: password}); err != nil {
			t.Fatal(err)
		}
	}
	return h
}

// browser is one with a jar of its own.
type browser struct {
	*door
	cookie *http.Cookie
	bearer string
}

type answer struct {
	status int
	body   map[string]any
	text   string
	header http.Header
}

func (b *browser) do(method, path string, body any) answer {
	b.t.Helper()
	var in io.Reader
	if body != nil {
		j, err := json.Marshal(body)
		if err != nil {
			b.t.Fatal(err)
		}
		in = bytes.NewReader(j)
	}
	r, err := http.NewRequest(method, b.srv.URL+path, in)
	if err != nil {
		b.t.Fatal(err)
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if b.cookie != nil {
		r.AddCookie(b.cookie)
	}
	if b.bearer != "" {
		r.Header.Set("Authorization", "Bearer "+b.bearer)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, c := range resp.Cookies() {
		if c.Name == access.Cookie {
			b.cookie = c
			if c.MaxAge < 0 {
				b.cookie = nil
			}
		}
	}
	a := answer{status: resp.StatusCode, text: string(text), header: resp.Header}
	json.Unmarshal(text, &a.body)
	return a
}

func (a answer) code() string { s, _ := a.body["code"].(string); return s }

func (h *door) signIn(login string) *browser {
	h.t.Helper()
	b := &browser{door: h}
	if a := b.do("POST", "/api/sign-in", map[string]string{"name": login, "password": password}); a.status != 200 || a.body["next"] != "done" {
		h.t.Fatalf("%s: %d %s", login, a.status, a.text)
	}
	return b
}

type M = map[string]any

func TestSignInByTheDoor(t *testing.T) {
	h := open(t, "optional")
	b := &browser{door: h}
	if a := b.do("GET", "/api/me", nil); a.status != 401 || a.code() != "access.sign_in" {
		t.Errorf("a stranger: %d %s", a.status, a.text)
	}
	a := b.do("POST", "/api/sign-in", M{"name": "officer", "password": "geheim-geraten"})
	if a.status != 401 || a.code() != "access.password" || strings.Contains(a.text, "geraten") {
		t.Errorf("wrong password: %d %s", a.status, a.text)
	}
	if x := b.do("POST", "/api/sign-in", M{"name": "nobody-there", "password": "geheim-geraten"}); x.text != a.text || x.status != a.status {
		t.Errorf("an unknown name is told apart: %s", x.text)
	}
	a = b.do("POST", "/api/sign-in", M{"name": "officer", "password": password})
	if a.status != 200 || b.cookie == nil || !b.cookie.HttpOnly || b.cookie.SameSite != http.SameSiteLaxMode || b.cookie.Path != "/" || b.cookie.MaxAge < 6*24*3600 {
		t.Fatalf("%d %s %+v", a.status, a.text, b.cookie)
	}
	if strings.Contains(a.text, b.cookie.Value) {
		t.Error("the session's token is in the body")
	}
	a = b.do("GET", "/api/me", nil)
	if a.status != 200 || a.body["name"] != "officer" || !strings.Contains(a.text, "街道物管办") || !strings.Contains(a.text, "rules.switch") {
		t.Errorf("me: %s", a.text)
	}
	if a = b.do("PATCH", "/api/me", M{"lang": "en", "elder": true}); a.body["lang"] != "en" || a.body["elder"] != true {
		t.Errorf("choices: %s", a.text)
	}
	if a = b.do("POST", "/api/sign-in", M{"name": "officer", "password": password, "colour": 1}); a.status != 422 {
		t.Errorf("an unknown field: %d", a.status)
	}
	if a = b.do("POST", "/api/sign-out", M{}); a.status != 204 && a.status != 200 || b.cookie != nil {
		t.Errorf("signing out: %d %s", a.status, a.text)
	}
	if a = b.do("GET", "/api/me", nil); a.status != 401 {
		t.Errorf("after signing out: %d", a.status)
	}
}

// Under an address with https the cookie never goes over plain http.
func TestTheCookieBehindHTTPS(t *testing.T) {
	h := open(t, "optional")
	h.api.Public = "https://xiaoqu.example"
	b := &browser{door: h}
	if a := b.do("POST", "/api/sign-in", M{"name": "officer", "password": password}); a.status != 200 || b.cookie == nil || !b.cookie.Secure {
		t.Errorf("%d %+v", a.status, b.cookie)
	}
}

// Every operation that needs a session refuses a stranger, whatever is sent; the list comes from the document itself.
func TestStrangersAreRefusedEverywhere(t *testing.T) {
	h := open(t, "optional")
	b := &browser{door: h}
	var doc struct {
		Paths map[string]map[string]struct {
			Security []any `json:"security"`
		} `json:"paths"`
	}
	if err := json.Unmarshal(h.api.Document(), &doc); err != nil {
		t.Fatal(err)
	}
	asked := 0
	for path, methods := range doc.Paths {
		for method, op := range methods {
			if len(op.Security) == 0 {
				continue
			}
			asked++
			real := strings.NewReplacer("{id}", "x", "{pack}", "cases_clock", "{year}", "2027").Replace(path)
			var body any
			if method != "get" && method != "delete" {
				body = sound[strings.ToUpper(method)+" "+path]
			}
			if a := b.do(strings.ToUpper(method), real, body); a.status != 401 {
				t.Errorf("%s %s: %d %s", method, path, a.status, a.text)
			}
		}
	}
	if asked < 25 {
		t.Errorf("only %d operations asked", asked)
	}
	if a := b.do("GET", "/api/audit/export?purpose=x", nil); a.status != 401 {
		t.Errorf("export: %d", a.status)
	}
}

// sound are bodies that are well formed, so that only who asks decides.
var sound = map[string]any{
	"PATCH /api/me":                        M{"lang": "en"},
	"POST /api/me/password":                M{"old": "x", "password": "y"},
	"POST /api/me/totp":                    M{},
	"POST /api/me/totp/confirm":            M{"ticket": "x", "code": "1"},
	"POST /api/me/totp/drop":               M{},
	"POST /api/me/recovery-codes":          M{},
	"POST /api/me/passkeys/begin":          M{},
	"POST /api/me/passkeys/finish":         M{"ticket": "x", "credential": M{}},
	"POST /api/me/passkeys/{id}/drop":      M{},
	"POST /api/consents":                   M{"kind": "privacy", "version": "2026-1", "given": true},
	"POST /api/accounts":                   M{"login": "new", "person": "p-new", "path": string(street)},
	"POST /api/accounts/{id}/reset":        M{"why": "x"},
	"POST /api/accounts/{id}/lock":         M{"why": "x"},
	"POST /api/accounts/{id}/unlock":       M{"why": "x"},
	"POST /api/accounts/{id}/end-sessions": M{"why": "x"},
	"POST /api/keys":                       M{"name": "热线", "posts": []string{"hotline_operator"}, "path": string(street), "until": "2026-06-01T00:00:00Z"},
	"POST /api/rules/{pack}/switch":        M{"preset": "three_ten", "path": string(street), "why": "试行"},
	"POST /api/calendars/{year}":           M{"path": string(street), "days": []M{{"day": "2027-01-01", "off": true, "name": "元旦"}}, "why": "试验"},
}

// The wrong post, the neighbour's post and the ended term are refused; the right one is let in.
func TestPostsAtTheDoor(t *testing.T) {
	h := open(t, "optional")
	in := map[string]*browser{}
	for _, login := range []string{"sec", "sys", "aud", "far-sec", "officer", "grid", "over"} {
		in[login] = h.signIn(login)
	}
	id := func(login string) string {
		var s string
		if err := h.accounts.DB.QueryRow(context.Background(), `select id from access_account where login = $1`, login).Scan(&s); err != nil {
			t.Fatal(err)
		}
		return s
	}
	grid := id("grid")
	for _, v := range []struct {
		who, method, path string
		body              any
		status            int
	}{
		{"grid", "GET", "/api/accounts", nil, 403}, {"sys", "GET", "/api/accounts", nil, 403}, {"aud", "GET", "/api/accounts", nil, 403}, {"sec", "GET", "/api/accounts", nil, 200},
		{"sys", "POST", "/api/accounts", sound["POST /api/accounts"], 403}, // the system administrator grants nothing
		{"aud", "POST", "/api/accounts", sound["POST /api/accounts"], 403}, // the audit administrator only reads
		{"far-sec", "POST", "/api/accounts", sound["POST /api/accounts"], 404},
		{"sec", "POST", "/api/accounts", M{"login": "second", "person": "p-sec", "path": string(street)}, 403}, // not for oneself
		{"sec", "POST", "/api/accounts", sound["POST /api/accounts"], 201},
		{"sec", "POST", "/api/accounts", sound["POST /api/accounts"], 409},
		{"grid", "POST", "/api/accounts/" + grid + "/lock", M{"why": "x"}, 403},
		{"far-sec", "POST", "/api/accounts/" + grid + "/lock", M{"why": "x"}, 404},
		{"far-sec", "POST", "/api/accounts/nobody/lock", M{"why": "x"}, 404},
		{"sec", "POST", "/api/accounts/" + id("sec") + "/reset", M{"why": "x"}, 403},
		{"sec", "POST", "/api/accounts/" + id("sec") + "/unlock", M{"why": "x"}, 403},
		{"sec", "POST", "/api/accounts/" + grid + "/lock", M{"why": ""}, 422},
		{"sec", "POST", "/api/accounts/" + grid + "/lock", M{"why": "离职"}, 204},
		{"grid", "GET", "/api/me", nil, 401}, // at once
		{"sec", "GET", "/api/audit", nil, 403}, {"sys", "GET", "/api/audit", nil, 403}, {"officer", "GET", "/api/audit", nil, 403}, {"over", "GET", "/api/audit", nil, 403},
		{"aud", "GET", "/api/audit?action=access", nil, 200}, {"aud", "GET", "/api/audit?path=" + string(neighbor), nil, 404},
		{"sec", "GET", "/api/audit/export?purpose=x", nil, 403}, {"aud", "GET", "/api/audit/export", nil, 422}, {"aud", "GET", "/api/audit/export?purpose=year", nil, 200},
		{"officer", "GET", "/api/access", nil, 403}, {"aud", "GET", "/api/access", nil, 200},
		{"officer", "GET", "/api/keys", nil, 403}, {"sys", "POST", "/api/keys", sound["POST /api/keys"], 403}, {"far-sec", "POST", "/api/keys", sound["POST /api/keys"], 404}, {"sec", "POST", "/api/keys", sound["POST /api/keys"], 201},
		{"sec", "POST", "/api/keys", M{"name": "坏", "posts": []string{"security_admin"}, "path": string(street), "until": "2036-06-01T00:00:00Z"}, 422},
		{"sec", "POST", "/api/rules/cases_clock/switch", sound["POST /api/rules/{pack}/switch"], 403},
		{"officer", "POST", "/api/rules/cases_clock/switch", M{"preset": "three_ten", "path": string(neighbor), "why": "x"}, 404},
		{"officer", "POST", "/api/rules/cases_clock/switch", M{"preset": "moon", "path": string(street), "why": "x"}, 404},
		{"officer", "POST", "/api/rules/cases_clock/switch", sound["POST /api/rules/{pack}/switch"], 200},
		{"officer", "GET", "/api/rules?path=" + string(street), nil, 200},
		{"aud", "POST", "/api/calendars/2027", sound["POST /api/calendars/{year}"], 403},
		{"officer", "POST", "/api/calendars/2027", M{"path": "", "days": []M{{"day": "2027-01-01", "off": true, "name": "元旦"}}, "why": "x"}, 404},
		{"sys", "POST", "/api/calendars/2027", M{"path": "", "days": []M{{"day": "2027-01-01", "off": true, "name": "元旦"}}, "why": "国办通知"}, 200},
		{"officer", "GET", "/api/calendars?path=" + string(street), nil, 200},
	} {
		a := in[v.who].do(v.method, v.path, v.body)
		if a.status != v.status {
			t.Errorf("%s %s %s: %d %s, want %d", v.who, v.method, v.path, a.status, a.text, v.status)
		}
		if a.status >= 400 && (a.body["zh"] == nil || a.body["en"] == nil) {
			t.Errorf("%s %s %s: no words: %s", v.who, v.method, v.path, a.text)
		}
	}
	a := in["officer"].do("GET", "/api/rules?path="+string(street), nil)
	if !strings.Contains(a.text, `"in_force":"three_ten"`) {
		t.Errorf("the choice does not show: %.300s", a.text)
	}
	if a = in["officer"].do("GET", "/api/calendars?path="+string(street), nil); a.body["next"] != float64(2028) {
		t.Errorf("next: %v", a.body["next"])
	}
	a = in["aud"].do("GET", "/api/audit/export?purpose=year", nil)
	head, n, err := access.CheckTrail(strings.NewReader(a.text))
	if err != nil || n < 10 || head.Purpose != "year" || !strings.Contains(a.header.Get("Content-Disposition"), "attachment") {
		t.Errorf("exported: %+v %d %v", head, n, err)
	}
}

func TestSecondFactorByTheDoor(t *testing.T) {
	h := open(t, "required")
	b := &browser{door: h}
	a := b.do("POST", "/api/sign-in", M{"name": "officer", "password": password})
	if a.body["next"] != "done" || a.body["must"] != "second_factor" {
		t.Fatal(a.text)
	}
	if a = b.do("POST", "/api/rules/cases_clock/switch", sound["POST /api/rules/{pack}/switch"]); a.status != 404 && a.status != 403 {
		t.Errorf("before enrolling: %d", a.status)
	}
	if a = b.do("POST", "/api/me/totp", M{}); a.status != 200 || a.body["qr"] == "" {
		t.Fatalf("%d %s", a.status, a.text)
	}
	secret, ticket := a.body["secret"].(string), a.body["ticket"].(string)
	code := func() string {
		c, err := totp.GenerateCode(secret, h.clock.Now().Time())
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	if a = b.do("POST", "/api/me/totp/confirm", M{"ticket": ticket, "code": "000000"}); a.status != 422 {
		t.Errorf("a wrong code: %d", a.status)
	}
	a = b.do("POST", "/api/me/totp/confirm", M{"ticket": ticket, "code": code()})
	recovery, _ := a.body["recovery_codes"].([]any)
	if a.status != 200 || len(recovery) != 10 {
		t.Fatalf("%d %s", a.status, a.text)
	}
	if a = b.do("POST", "/api/rules/cases_clock/switch", sound["POST /api/rules/{pack}/switch"]); a.status != 200 {
		t.Errorf("after enrolling: %d %s", a.status, a.text)
	}
	other := &browser{door: h}
	a = other.do("POST", "/api/sign-in", M{"name": "officer", "password": password})
	if a.body["next"] != "totp" || other.cookie != nil {
		t.Fatalf("without the second step: %s", a.text)
	}
	again := code() // of the step that enrolling used up
	if x := other.do("POST", "/api/sign-in/totp", M{"ticket": a.body["ticket"], "code": again}); x.status != 401 {
		t.Errorf("a code twice: %d", x.status)
	}
	h.clock.Advance(31 * time.Second)
	if x := other.do("POST", "/api/sign-in/totp", M{"ticket": a.body["ticket"], "code": code()}); x.status != 200 || other.cookie == nil {
		t.Errorf("the second step: %d %s", x.status, x.text)
	}
	third := &browser{door: h}
	a = third.do("POST", "/api/sign-in", M{"name": "officer", "password": password})
	if x := third.do("POST", "/api/sign-in/totp", M{"ticket": a.body["ticket"], "code": recovery[0]}); x.status != 200 {
		t.Errorf("a recovery code: %d %s", x.status, x.text)
	}
	a = third.do("POST", "/api/sign-in", M{"name": "officer", "password": password})
	if x := third.do("POST", "/api/sign-in/totp", M{"ticket": a.body["ticket"], "code": recovery[0]}); x.status != 401 {
		t.Errorf("a recovery code twice: %d %s", x.status, x.text)
	}
	if a = b.do("POST", "/api/me/totp/drop", M{}); a.status != 403 || a.code() != "access.last_second" {
		t.Errorf("dropping the last one: %d %s", a.status, a.text)
	}
	h.clock.Advance(16 * time.Minute)
	if a = b.do("POST", "/api/me/recovery-codes", M{}); a.code() != "access.fresh" {
		t.Errorf("a quarter of an hour later: %s", a.text)
	}
	if a = b.do("POST", "/api/me/recovery-codes", M{"password": password}); a.status != 200 {
		t.Errorf("with the password: %s", a.text)
	}
}

func TestResidentsByTheDoor(t *testing.T) {
	h := open(t, "required")
	b := &browser{door: h}
	known := b.do("POST", "/api/sign-in/phone", M{"phone": "138 0000 1234"})
	unknown := b.do("POST", "/api/sign-in/phone", M{"phone": "13900009999"})
	if known.status != 200 || known.text != unknown.text || unknown.status != 200 {
		t.Errorf("a number that nobody has is told apart: %s %s", known.text, unknown.text)
	}
	if len(h.codes) != 1 {
		t.Errorf("codes sent: %d", len(h.codes))
	}
	if a := b.do("POST", "/api/sign-in/phone/confirm", M{"phone": "13900009999", "code": "123456"}); a.status != 401 {
		t.Errorf("unknown number: %d", a.status)
	}
	a := b.do("POST", "/api/sign-in/phone/confirm", M{"phone": "13800001234", "code": h.codes["13800001234"]})
	if a.status != 200 || b.cookie == nil || b.cookie.MaxAge < 29*24*3600 {
		t.Fatalf("%d %s", a.status, a.text)
	}
	if a = b.do("GET", "/api/me", nil); a.body["kind"] != "resident" || strings.Contains(a.text, "street_officer") || !strings.Contains(a.text, `"post":"resident"`) {
		t.Errorf("a phone code carries staff posts: %s", a.text)
	}
	if a = b.do("POST", "/api/consents", sound["POST /api/consents"]); a.status != 200 {
		t.Errorf("consent: %s", a.text)
	}
	if a = b.do("POST", "/api/consents", M{"kind": "privacy", "version": "1999", "given": true}); a.status != 422 {
		t.Errorf("an unknown version: %d", a.status)
	}
	if a = b.do("POST", "/api/consents", M{"kind": "privacy", "version": "2026-1", "given": false}); a.status != 200 {
		t.Errorf("taking back: %s", a.text)
	}
	a = b.do("GET", "/api/consents", nil)
	if said, _ := a.body["said"].([]any); len(said) != 2 || !strings.Contains(a.text, `"given":false,"asked":true`) {
		t.Errorf("consents: %s", a.text)
	}
	if a = b.do("GET", "/api/me/kept", nil); a.status != 200 || !strings.Contains(a.text, "林阿姨") || strings.Contains(a.text, "p-officer") {
		t.Errorf("kept: %d %s", a.status, a.text)
	}
	if a = b.do("POST", "/api/me/close", M{}); a.status != 204 {
		t.Errorf("closing: %d %s", a.status, a.text)
	}
	if a = b.do("GET", "/api/me", nil); a.status != 401 {
		t.Errorf("after closing: %d", a.status)
	}
}

func TestKeysOfMachines(t *testing.T) {
	h := open(t, "optional")
	sec := h.signIn("sec")
	a := sec.do("POST", "/api/keys", sound["POST /api/keys"])
	secret, _ := a.body["secret"].(string)
	key, _ := a.body["key"].(map[string]any)
	if !strings.HasPrefix(secret, "cbk_") {
		t.Fatal(a.text)
	}
	if x := sec.do("GET", "/api/keys", nil); strings.Contains(x.text, secret) || !strings.Contains(x.text, "热线") {
		t.Errorf("list: %s", x.text)
	}
	m := &browser{door: h, bearer: secret}
	if x := m.do("GET", "/api/rules", nil); x.status != 200 {
		t.Errorf("with the key: %d %s", x.status, x.text)
	}
	if x := m.do("GET", "/api/accounts", nil); x.status != 403 {
		t.Errorf("beyond its posts: %d", x.status)
	}
	if x := m.do("GET", "/api/sessions", nil); x.status != 401 {
		t.Errorf("a machine has no sessions: %d", x.status)
	}
	if x := (&browser{door: h, bearer: secret + "x"}).do("GET", "/api/rules", nil); x.status != 401 {
		t.Errorf("another key: %d", x.status)
	}
	if x := sec.do("DELETE", "/api/keys/"+key["id"].(string), nil); x.status != 204 {
		t.Errorf("ending: %d", x.status)
	}
	if x := m.do("GET", "/api/rules", nil); x.status != 401 {
		t.Errorf("an ended key: %d", x.status)
	}
}
