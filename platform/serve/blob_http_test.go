package serve_test

import (
	"bytes"
	"context"
	"encoding/json"
	"image"
	"image/jpeg"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"cuobian/platform/access"
	"cuobian/platform/blob"
	"cuobian/platform/seal"
	"cuobian/platform/serve"
	"cuobian/platform/store"
	"cuobian/platform/store/storetest"
)

type gate struct {
	t    *testing.T
	url  string
	http *http.Client
}

// do sends as account ("" is nobody) and gives the status, the body and the headers.
func (g gate) do(account, method, path, kind string, body io.Reader) (int, []byte, http.Header) {
	g.t.Helper()
	r, err := http.NewRequest(method, g.url+path, body)
	if err != nil {
		g.t.Fatal(err)
	}
	r.Header.Set("X-Account", account)
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	w, err := g.http.Do(r)
	if err != nil {
		g.t.Fatal(err)
	}
	defer w.Body.Close()
	raw, err := io.ReadAll(w.Body)
	if err != nil {
		g.t.Fatal(err)
	}
	return w.StatusCode, raw, w.Header
}

func (g gate) send(account, query, name string, raw []byte) (int, blob.Blob, string) {
	g.t.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	m.WriteField("note", "ignored")
	f, _ := m.CreateFormFile("file", name)
	f.Write(raw)
	m.Close()
	status, body, _ := g.do(account, "POST", "/api/blobs"+query, m.FormDataContentType(), &b)
	var got struct {
		blob.Blob
		Code string `json:"code"`
	}
	if err := json.Unmarshal(body, &got); err != nil {
		g.t.Fatalf("%s: %v", body, err)
	}
	return status, got.Blob, got.Code
}

func picture(t *testing.T) []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewRGBA(image.Rect(0, 0, 600, 400)), nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func openGate(t *testing.T) (gate, *store.DB, *blob.Store) {
	db := storetest.Open(t, nil, seal.Schema(), blob.Schema())
	s, err := blob.New(db, seal.Memory(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	d := serve.New(serve.Config{DB: db})
	d.Who = func(r *http.Request) (access.Who, error) { return access.Who{Account: r.Header.Get("X-Account")}, nil }
	tickets := 0
	limit := func(kind, _ string, n int, _ time.Duration) error {
		if kind == "upload.ticket" {
			if tickets++; tickets > 3 {
				return access.ErrTooOften
			}
		}
		return nil
	}
	serve.Blobs(d, s, limit, map[string]serve.Sight{"cases": func(_ context.Context, who access.Who, id string) error {
		if who.Account == "neighbour" {
			return access.ErrRefused
		}
		return nil
	}})
	server := httptest.NewServer(d.Handler())
	t.Cleanup(server.Close)
	jar, _ := cookiejar.New(nil)
	return gate{t, server.URL, &http.Client{Jar: jar}}, db, s
}

func TestUploadSeenByWhoMay(t *testing.T) {
	g, db, s := openGate(t)
	status, b, code := g.send("a1", "?kind=photo", "x.html", picture(t))
	if status != 201 || b.Type != "image/jpeg" || b.Width != 600 {
		t.Fatal(status, b, code)
	}
	path := "/api/blobs/" + b.ID
	for account, want := range map[string]int{"a1": 200, "a2": 404, "": 404} {
		if status, _, _ := g.do(account, "GET", path, "", nil); status != want {
			t.Errorf("loose, %q: %d", account, status)
		}
	}
	err := db.Write(context.Background(), func(tx *store.Tx) error {
		return s.Attach(context.Background(), tx, b.ID, "a1", "cases/1", "3505/", "某处")
	})
	if err != nil {
		t.Fatal(err)
	}
	for account, want := range map[string]int{"a1": 200, "a2": 200, "neighbour": 404} {
		if status, _, _ := g.do(account, "GET", path+"?size=thumb", "", nil); status != want {
			t.Errorf("attached, %q: %d", account, status)
		}
	}
	status, raw, h := g.do("a1", "GET", path, "", nil)
	if status != 200 || h.Get("Content-Type") != "image/jpeg" || h.Get("X-Content-Type-Options") != "nosniff" ||
		!strings.Contains(h.Get("Content-Security-Policy"), "sandbox") || !strings.HasPrefix(h.Get("Content-Disposition"), "inline;") || len(raw) < 1000 {
		t.Fatal(status, h, len(raw))
	}
	if status, _, _ := g.do("a1", "DELETE", path, "", nil); status != 409 {
		t.Fatal("what belongs to a matter was deleted by its sender:", status)
	}
	_, loose, _ := g.send("a1", "", "", picture(t))
	if status, _, _ := g.do("a2", "DELETE", "/api/blobs/"+loose.ID, "", nil); status != 404 {
		t.Fatal(status)
	}
	if status, _, _ := g.do("a1", "DELETE", "/api/blobs/"+loose.ID, "", nil); status != 204 {
		t.Fatal(status)
	}
	if status, _, _ := g.do("a1", "GET", "/api/blobs/"+loose.ID, "", nil); status != 404 {
		t.Fatal(status)
	}
}

func TestUploadsCannotExecute(t *testing.T) {
	g, _, _ := openGate(t)
	page := []byte("<html><script>alert(1)</script>")
	for _, q := range []string{"?kind=photo", "?kind=voice", "?kind=file"} {
		if status, _, code := g.send("a1", q, "x.html", page); status != 422 || !strings.HasPrefix(code, "blob.") {
			t.Errorf("%s: %d %s", q, status, code)
		}
	}
	pdf := append([]byte("%PDF-1.4\n"), append(page, "\n%%EOF\n"...)...)
	status, b, _ := g.send("a1", "?kind=file", "通知 <b>\"x.html", pdf)
	if status != 201 {
		t.Fatal(status)
	}
	_, _, h := g.do("a1", "GET", "/api/blobs/"+b.ID, "", nil)
	if h.Get("Content-Type") != "application/pdf" || !strings.HasPrefix(h.Get("Content-Disposition"), "attachment;") || strings.ContainsAny(h.Get("Content-Disposition"), "<>\n") {
		t.Fatal(h)
	}
	if status, _, code := g.send("a1", "?kind=program", "x", page); status != 422 || code != "blob.kind" {
		t.Error(status, code)
	}
	if status, _, code := g.send("a1", "?kind=photo", "x", make([]byte, 15<<20+1)); status != 413 || code != "blob.large" {
		t.Error(status, code)
	}
	if status, _, code := g.send("a1", "?kind=photo", "x", make([]byte, 17<<20)); status != 413 || code != "blob.large" {
		t.Error(status, code)
	}
	for _, kind := range []string{"image/jpeg", "multipart/form-data; boundary=x"} {
		if status, body, _ := g.do("a1", "POST", "/api/blobs", kind, strings.NewReader("--x\r\n")); status != 422 || !bytes.Contains(body, []byte("blob.form")) {
			t.Errorf("%s: %d %s", kind, status, body)
		}
	}
}

func TestUploadWithoutAccount(t *testing.T) {
	g, db, s := openGate(t)
	if status, _, _ := g.do("", "POST", "/api/public/upload-ticket", "", nil); status != 204 {
		t.Fatal(status)
	}
	var last blob.Blob
	for i := range 11 {
		status, b, code := g.send("", "", "", picture(t))
		switch {
		case i < 10 && status != 201:
			t.Fatal(i, status, code)
		case i == 10 && (status != 401 || code != "blob.ticket"):
			t.Fatal(status, code)
		case i < 10:
			last = b
		}
	}
	if status, _, _ := g.do("", "GET", "/api/blobs/"+last.ID, "", nil); status != 200 {
		t.Fatal("one's own preview:", status)
	}
	stranger := g
	jar, _ := cookiejar.New(nil)
	stranger.http = &http.Client{Jar: jar}
	if status, _, _ := stranger.do("", "GET", "/api/blobs/"+last.ID, "", nil); status != 404 {
		t.Fatal("a stranger's:", status)
	}
	if status, _, _ := stranger.send("", "", "", picture(t)); status != 201 { // brings its own ticket
		t.Fatal(status)
	}
	b, err := s.Find(context.Background(), db, last.ID)
	if err != nil || !strings.HasPrefix(b.Sender, "ticket:") || b.Sender == "ticket:" {
		t.Fatal(b.Sender, err)
	}
	for i, want := range []int{204, 429} {
		if status, _, _ := g.do("", "POST", "/api/public/upload-ticket", "", nil); status != want {
			t.Fatal(i, status)
		}
	}
}
