package app

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cuobian/platform/access"
	"cuobian/platform/store/storetest"
)

func open(t *testing.T) *House {
	t.Helper()
	c := Config{}
	c.Data = t.TempDir()
	c.SecondFactor = "optional"
	c.SMSURL = "https://sms.example/send"
	c.Database = storetest.Prepare(t, c.Data, Schemas()...)
	h, err := Open(context.Background(), c, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.Close(context.Background()) })
	return h
}

// asks answers as somebody who holds one post, or as a stranger.
func asks(h *House, post access.Post, method, path string) (int, string) {
	h.Door.Who = func(*http.Request) (access.Who, error) {
		if post == "" {
			return access.Who{}, nil
		}
		return access.Who{Account: "a", Person: "p", Grants: []access.Grant{{Post: post}}}, nil
	}
	w := httptest.NewRecorder()
	handlerOf(h).ServeHTTP(w, httptest.NewRequest(method, path, nil))
	b, _ := io.ReadAll(w.Body)
	return w.Code, string(b)
}

var handlers = map[*House]http.Handler{}

func handlerOf(h *House) http.Handler {
	if handlers[h] == nil {
		handlers[h] = h.Door.Handler()
	}
	return handlers[h]
}

func TestSystemPageIsTheSystemAdministrators(t *testing.T) {
	h := open(t)
	if err := h.Jobs.Prepare(context.Background()); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/api/system", "/api/jobs"} {
		if code, _ := asks(h, "", "GET", path); code != 401 {
			t.Errorf("%s by a stranger: %d", path, code)
		}
		for _, wrong := range []access.Post{access.Resident, access.StreetLeader, access.SecurityAdmin} {
			if code, _ := asks(h, wrong, "GET", path); code != 403 {
				t.Errorf("%s by %s: %d", path, wrong, code)
			}
		}
	}
	code, body := asks(h, access.SystemAdmin, "GET", "/api/system")
	if code != 200 || !strings.Contains(body, "sms.example") {
		t.Fatal(code, body)
	}
	if code, _ := asks(h, access.StreetOfficer, "POST", "/api/jobs/x/retry"); code != 403 {
		t.Error(code)
	}
	if code, _ := asks(h, access.SystemAdmin, "POST", "/api/jobs/x/retry"); code != 404 {
		t.Error(code)
	}
}

func TestAnswersCarryTheirHeadersAndNeverEcho(t *testing.T) {
	h := open(t)
	h.Door.Who = func(*http.Request) (access.Who, error) {
		return access.Who{Account: "a", Person: "p", Grants: []access.Grant{{Post: access.StreetOfficer, Path: "350503002/"}}}, nil
	}
	r := httptest.NewRequest("POST", "/api/people", strings.NewReader(`{"name":"陈某","identity":"350503199001011234","wrong_field":"13812345678"}`))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	handlerOf(h).ServeHTTP(w, r)
	body := w.Body.String()
	if w.Code != 422 || strings.Contains(body, "13812345678") || strings.Contains(body, "19900101") {
		t.Error(w.Code, body)
	}
	var p struct{ Zh, En, Code string }
	if json.Unmarshal([]byte(body), &p) != nil || p.Zh == "" || p.En == "" || p.Code == "" {
		t.Error(body)
	}
	if csp := w.Header().Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'self'") || strings.Contains(csp, "unsafe-eval") || strings.Contains(csp, "script-src 'self' 'unsafe") {
		t.Error(csp)
	}
	cross := httptest.NewRequest("POST", "/api/people", strings.NewReader(`{}`))
	cross.Header.Set("Sec-Fetch-Site", "cross-site")
	w = httptest.NewRecorder()
	handlerOf(h).ServeHTTP(w, cross)
	if w.Code != 403 || !strings.Contains(w.Body.String(), "serve.cross_origin") {
		t.Error(w.Code, w.Body)
	}
	for path, want := range map[string]int{"/healthz": 200, "/readyz": 200, "/api/nothing": 404, "/assets/none.js": 404} {
		w = httptest.NewRecorder()
		handlerOf(h).ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		if w.Code != want {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}

func TestCallerBehindTrustedProxies(t *testing.T) {
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	for _, c := range []struct{ remote, forwarded, want string }{
		{"203.0.113.9:1", "198.51.100.1", "203.0.113.9:1"}, // not a proxy: what it claims does not count
		{"10.0.0.2:1", "198.51.100.1", "198.51.100.1:1"},
		{"10.0.0.2:1", "192.0.2.66, 198.51.100.1, 10.0.0.3", "198.51.100.1:1"}, // what the caller wrote in front does not count
		{"10.0.0.2:1", "", "10.0.0.2:1"},
		{"10.0.0.2:1", "nonsense", "10.0.0.2:1"},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = c.remote
		if c.forwarded != "" {
			r.Header.Set("X-Forwarded-For", c.forwarded)
		}
		if got := caller(r, proxies); got != c.want {
			t.Errorf("%+v: %s", c, got)
		}
	}
}

func TestMetricsNameNoPerson(t *testing.T) {
	h := open(t)
	reg := h.metrics()
	asks(h, access.StreetOfficer, "GET", "/api/people/0123456789abcdef0123")
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	seen := false
	for _, f := range families {
		text := f.String()
		if strings.Contains(text, "0123456789abcdef") {
			t.Error("an id is a label:", text)
		}
		seen = seen || strings.Contains(text, "/api/people/{id}")
	}
	if !seen {
		t.Error("the operation was not counted by its pattern")
	}
}

// The program stops cleanly: what was acknowledged is there, and it comes up again.
func TestServeStopsAndStartsAgain(t *testing.T) {
	if os.Getenv(storetest.EnvURL) != "" {
		t.Skip("once is enough: this is about the program, not the engine")
	}
	c := Config{}
	c.Data, c.Addr, c.SecondFactor, c.LogLevel = filepath.Join(t.TempDir(), "d"), freeAddr(t), "optional", "error"
	for range 2 {
		ctx, stop := context.WithCancel(context.Background())
		ended := make(chan error, 1)
		go func() { ended <- c.serve(ctx, Program{Version: "test", Out: io.Discard, Err: io.Discard}, nil) }()
		up := false
		for range 100 {
			if res, err := http.Get("http://" + c.Addr + "/readyz"); err == nil {
				res.Body.Close()
				up = res.StatusCode == 200
				break
			}
			time.Sleep(100 * time.Millisecond)
		}
		stop()
		if err := <-ended; err != nil || !up {
			t.Fatal(up, err)
		}
	}
	if err := (Config{Network: Network{TLSCert: "x"}}).serve(context.Background(), Program{}, nil); err == nil {
		t.Error("a certificate without its key was taken")
	}
}

func freeAddr(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
