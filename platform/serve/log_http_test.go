package serve_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/audit/tree"
	"cuobian/platform/seal"
	"cuobian/platform/serve"
	"cuobian/platform/store"
	"cuobian/platform/store/storetest"

	"golang.org/x/mod/sumdb/note"
)

// board is a house with logs alone, asked over HTTP; the people are invented.
type board struct {
	t    *testing.T
	db   *store.DB
	logs *audit.Logs
	url  string
}

func openBoard(t *testing.T) *board {
	t.Helper()
	db := storetest.Open(t, nil, seal.Schema(), audit.Schema(), access.Schema())
	b := &board{t: t, db: db, logs: audit.NewLogs(db, seal.NewPens(db, ""), "xiaoqu.example")}
	posts := map[string][]access.Grant{
		"security":  {{Post: access.SecurityAdmin, Path: street}},
		"auditor":   {{Post: access.Auditor, Path: street}},
		"neighbour": {{Post: access.Auditor, Path: neighbor}},
		"officer":   {{Post: access.StreetOfficer, Path: street}},
		"over":      nil, // the term ended: no grants any more
	}
	d := serve.New(serve.Config{DB: db})
	d.Who = func(r *http.Request) (access.Who, error) {
		name := r.Header.Get("X-Account")
		return access.Who{Account: name, Grants: posts[name]}, nil
	}
	serve.LogRoutes(d, access.NewAccounts(db, seal.Memory(), access.DefaultSettings()), b.logs)
	srv := httptest.NewServer(d.Handler())
	t.Cleanup(srv.Close)
	b.url = srv.URL
	return b
}

func (b *board) do(who, method, path string, in, out any) (status int, code string) {
	b.t.Helper()
	var body io.Reader
	if in != nil {
		j, err := json.Marshal(in)
		if err != nil {
			b.t.Fatal(err)
		}
		body = bytes.NewReader(j)
	}
	r, err := http.NewRequest(method, b.url+path, body)
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("X-Account", who)
	r.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	var p struct {
		Code string `json:"code"`
	}
	if resp.StatusCode >= 300 {
		json.Unmarshal(raw, &p)
	} else if out != nil {
		if err := json.Unmarshal(raw, out); err != nil {
			b.t.Fatalf("%s: %v", raw, err)
		}
	}
	return resp.StatusCode, p.Code
}

func (b *board) publish(n int) (out []audit.Leaf) {
	b.t.Helper()
	if err := b.db.Write(context.Background(), func(tx *store.Tx) error {
		out = nil
		for i := range n {
			l, err := audit.Publish(context.Background(), tx, audit.Record{Kind: "test.record", Path: street.Child("c"), Ref: "test/1", Body: map[string]int{"n": i}})
			if err != nil {
				return err
			}
			out = append(out, l)
		}
		return nil
	}); err != nil {
		b.t.Fatal(err)
	}
	if _, err := b.logs.Integrate(context.Background()); err != nil {
		b.t.Fatal(err)
	}
	return out
}

type publicLog struct {
	Origin       string
	Keys         []tree.Key
	PEM          []struct{ Kind, PEM string }
	Size         int64
	Checkpoint   string
	SM2Signature []byte `json:"sm2_signature"`
	Cosignatures []struct{ Witness string }
}

func TestPublicLog(t *testing.T) {
	b := openBoard(t)
	if status, code := b.do("", "GET", "/api/public/log", nil, nil); status != 404 || code != "audit.no_checkpoint" {
		t.Errorf("before anything: %d %s", status, code)
	}
	first := b.publish(7)
	b.publish(5)
	var l publicLog
	if status, code := b.do("", "GET", "/api/public/log", nil, &l); status != 200 || l.Size != 12 {
		t.Fatalf("%d %s %+v", status, code, l)
	}
	now, err := tree.Open(l.Checkpoint, l.Keys...)
	if err != nil || now.Origin != l.Origin || !now.SM2() {
		t.Fatalf("%+v %v", now, err)
	}
	for _, k := range l.PEM {
		kind, public, err := seal.ReadPublicPEM([]byte(k.PEM))
		if err != nil || kind != k.Kind {
			t.Error(k, err)
		}
		if kind == seal.SM2 && !seal.Verify(seal.SM2, public, []byte(now.Text()), l.SM2Signature) {
			t.Error("the SM2 signature is not over the three lines")
		}
	}
	var p audit.Proof
	if status, code := b.do("", "GET", "/api/public/log/proof?leaf="+hex.EncodeToString(first[3].Hash[:]), nil, &p); status != 200 || tree.CheckInclusion(now.Checkpoint, 3, tree.Leaf(first[3].Text), p.Hashes) != nil {
		t.Errorf("%d %s %+v", status, code, p)
	}
	var old audit.Signed
	b.do("", "GET", "/api/public/log/checkpoints?size=7", nil, &old)
	was, err := tree.Open(old.Note, l.Keys...)
	if err != nil {
		t.Fatal(err)
	}
	var c struct{ Proof []tree.Hash }
	if status, code := b.do("", "GET", "/api/public/log/consistency?from=7&to=12", nil, &c); status != 200 || tree.CheckConsistency(was.Checkpoint, now.Checkpoint, c.Proof) != nil {
		t.Errorf("%d %s %v", status, code, c)
	}
	var r struct {
		Items []audit.Published
		Next  string
	}
	got := 0
	for after := ""; ; after = r.Next {
		r.Items, r.Next = nil, ""
		if status, code := b.do("", "GET", "/api/public/log/records?ref=test/1&limit=5&path="+string(street)+"&after="+after, nil, &r); status != 200 {
			t.Fatal(status, code)
		}
		for _, x := range r.Items {
			if x.N != int64(got) || tree.Leaf([]byte(x.Text)) != x.Leaf {
				t.Errorf("%+v", x)
			}
			got++
		}
		if r.Next == "" {
			break
		}
	}
	if got != 12 {
		t.Errorf("%d records", got)
	}
	for path, want := range map[string]int{"/api/public/log/proof?leaf=" + strings.Repeat("ab", 32): 404, "/api/public/log/proof?leaf=" + strings.Repeat("zz", 32): 422, "/api/public/log/proof": 422,
		"/api/public/log/checkpoints?size=8": 404, "/api/public/log/checkpoints?size=-1": 422, "/api/public/log/consistency?from=7&to=13": 422, "/api/public/log/consistency?from=0&to=7": 422,
		"/api/public/log/consistency?from=9&to=7": 422, "/api/public/log/records?limit=1000": 422} {
		if status, code := b.do("", "GET", path, nil, nil); status != want {
			t.Errorf("%s: %d %s", path, status, code)
		}
	}
	limited := false
	for range 700 {
		status, code := b.do("", "GET", "/api/public/log/checkpoints", nil, nil)
		if limited = status == 429 && code == "access.too_often"; limited {
			break
		}
	}
	if !limited {
		t.Error("anybody may ask without end")
	}
}

func TestPrivateLogForAuditors(t *testing.T) {
	b := openBoard(t)
	ctx := context.Background()
	write := func(at scope.Path) {
		if err := b.db.Write(ctx, func(tx *store.Tx) error {
			return audit.Write(ctx, tx, audit.Entry{By: audit.System, Action: "test.do", Path: at, Ref: "test/1"})
		}); err != nil {
			t.Fatal(err)
		}
	}
	write(street)
	write(neighbor)
	write(street)
	if _, err := b.logs.Integrate(ctx); err != nil {
		t.Fatal(err)
	}
	write(street)
	lines, err := audit.List(ctx, b.db, audit.Find{Paths: []scope.Path{scope.Everywhere}})
	if err != nil || len(lines) != 4 {
		t.Fatal(lines, err)
	}
	waits, mine, theirs := lines[0].ID, lines[1].ID, lines[2].ID
	var l publicLog
	if status, code := b.do("auditor", "GET", "/api/audit/log", nil, &l); status != 200 || l.Size != 3 {
		t.Fatal(status, code, l)
	}
	c, err := tree.Open(l.Checkpoint, l.Keys...)
	if err != nil {
		t.Fatal(err)
	}
	var p audit.Proof
	if status, code := b.do("auditor", "GET", "/api/audit/"+mine+"/proof", nil, &p); status != 200 || tree.CheckInclusion(c.Checkpoint, p.N, tree.Hash(lines[1].Hash()), p.Hashes) != nil {
		t.Errorf("%d %s %+v", status, code, p)
	}
	for _, x := range []struct {
		who, path string
		status    int
		code      string
	}{
		{"", "/api/audit/log", 401, "access.sign_in"}, {"officer", "/api/audit/log", 403, "access.refused"}, {"over", "/api/audit/log", 403, "access.refused"},
		{"", "/api/audit/" + mine + "/proof", 401, "access.sign_in"}, {"officer", "/api/audit/" + mine + "/proof", 403, "access.refused"}, {"over", "/api/audit/" + mine + "/proof", 403, "access.refused"},
		{"security", "/api/audit/" + mine + "/proof", 403, "access.refused"},
		{"auditor", "/api/audit/" + theirs + "/proof", 404, "access.missing"}, {"neighbour", "/api/audit/" + mine + "/proof", 404, "access.missing"}, {"auditor", "/api/audit/none/proof", 404, "access.missing"},
		{"auditor", "/api/audit/" + waits + "/proof", 409, "audit.not_yet"},
		{"", "/api/audit/log/checkpoints", 401, "access.sign_in"}, {"officer", "/api/audit/log/checkpoints", 403, "access.refused"},
		{"", "/api/audit/log/consistency?from=1&to=2", 401, "access.sign_in"}, {"officer", "/api/audit/log/consistency?from=1&to=2", 403, "access.refused"},
		{"auditor", "/api/audit/log/checkpoints", 200, ""}, {"auditor", "/api/audit/log/consistency?from=1&to=2", 200, ""}, {"neighbour", "/api/audit/" + theirs + "/proof", 200, ""},
		{"", "/api/public/log", 404, "audit.no_checkpoint"}, // the private log is not shown as the public one
	} {
		if status, code := b.do(x.who, "GET", x.path, nil, nil); status != x.status || code != x.code {
			t.Errorf("%s %s: %d %s", x.who, x.path, status, code)
		}
	}
}

func TestWitnesses(t *testing.T) {
	b := openBoard(t)
	b.publish(3)
	public, private, _ := ed25519.GenerateKey(rand.Reader)
	key, err := tree.NewKey(tree.Witness, "committee.example", public)
	if err != nil {
		t.Fatal(err)
	}
	var l publicLog
	b.do("", "GET", "/api/public/log", nil, &l)
	cosign := func(signed string, at int64) string {
		w, err := key.Cosigner(private, at)
		if err != nil {
			t.Fatal(err)
		}
		text, lines, err := tree.Lines(signed)
		if err != nil {
			t.Fatal(err)
		}
		mine, err := note.Sign(&note.Note{Text: text}, w)
		if err != nil {
			t.Fatal(err)
		}
		_, own, _ := tree.Lines(string(mine))
		return text + "\n" + strings.Join(lines, "") + strings.Join(own, "")
	}
	send := func(signed string) (int, string) {
		return b.do("", "POST", "/api/public/log/cosignatures", map[string]string{"checkpoint": signed}, nil)
	}
	good := cosign(l.Checkpoint, 1795000000)
	if status, code := send(good); status != 403 || code != "audit.cosign" {
		t.Errorf("a stranger's cosignature: %d %s", status, code)
	}
	add := map[string]any{"key": key, "why": "示例小区业委会"}
	for who, want := range map[string]int{"": 401, "officer": 403, "auditor": 403, "over": 403} {
		if status, _ := b.do(who, "POST", "/api/log/witnesses", add, nil); status != want {
			t.Errorf("%q adds a witness: %d", who, status)
		}
		if status, _ := b.do(who, "GET", "/api/log/witnesses", nil, nil); status != want {
			t.Errorf("%q reads the register: %d", who, status)
		}
	}
	for _, bad := range []string{"x", string(l.Keys[0]), string(key) + "x", strings.Replace(string(key), "committee", "other", 1)} {
		if status, code := b.do("security", "POST", "/api/log/witnesses", map[string]any{"key": bad, "why": "x"}, nil); status != 422 || code != "audit.witness_key" {
			t.Errorf("%q as a key: %d %s", bad, status, code)
		}
	}
	var w audit.Witness
	if status, code := b.do("security", "POST", "/api/log/witnesses", add, &w); status != 201 || w.Name != "committee.example" {
		t.Fatal(status, code)
	}
	if status, code := b.do("security", "POST", "/api/log/witnesses", add, nil); status != 409 || code != "audit.witness_name" {
		t.Errorf("twice: %d %s", status, code)
	}
	forged := strings.Replace(l.Checkpoint, "\n3\n", "\n4\n", 1)
	_, other, _ := ed25519.GenerateKey(rand.Reader)
	if _, err := key.Cosigner(other, 1); err == nil {
		t.Error("another's key signs under this name")
	}
	for name, bad := range map[string]string{"without a cosignature": l.Checkpoint, "nonsense": "x", "a forged size": cosign(forged, 1), "with a bit flipped": strings.Replace(good, "\n— committee.example ", "\n— committee.example A", 1),
		"another root": cosign(fmt.Sprintf("%s\n3\n%s\n\n— x AAAAAAAA\n", l.Origin, tree.Leaf(nil)), 1)} {
		if status, code := send(bad); status != 403 || code != "audit.cosign" {
			t.Errorf("%s: %d %s", name, status, code)
		}
	}
	for range 2 { // the second changes nothing
		if status, code := send(good); status != 200 {
			t.Fatal(status, code)
		}
	}
	b.do("", "GET", "/api/public/log", nil, &l)
	if len(l.Cosignatures) != 1 || l.Cosignatures[0].Witness != "committee.example" {
		t.Errorf("%+v", l.Cosignatures)
	}
	if o, err := tree.Open(l.Checkpoint, append(l.Keys, key)...); err != nil || len(o.Cosigned) != 1 || o.Cosigned[0].Time != 1795000000 {
		t.Errorf("%+v %v", o, err)
	}
	var register struct{ Items []audit.Witness }
	if status, _ := b.do("security", "GET", "/api/log/witnesses", nil, &register); status != 200 || len(register.Items) != 1 || register.Items[0].Size != 3 || register.Items[0].Last == 0 {
		t.Errorf("%d %+v", status, register)
	}
	end := map[string]string{"why": "任期届满"}
	for who, want := range map[string]int{"": 401, "officer": 403, "over": 403} {
		if status, _ := b.do(who, "POST", "/api/log/witnesses/"+w.ID+"/end", end, nil); status != want {
			t.Errorf("%q ends a witness: %d", who, status)
		}
	}
	if status, _ := b.do("security", "POST", "/api/log/witnesses/"+w.ID+"/end", end, nil); status != 200 {
		t.Error(status)
	}
	if status, code := b.do("security", "POST", "/api/log/witnesses/"+w.ID+"/end", end, nil); status != 404 || code != "audit.witness_missing" {
		t.Errorf("ended twice: %d %s", status, code)
	}
	b.publish(1)
	b.do("", "GET", "/api/public/log", nil, &l)
	if status, code := send(cosign(l.Checkpoint, 1795000100)); status != 403 || code != "audit.cosign" {
		t.Errorf("an ended witness: %d %s", status, code)
	}
	trail, err := audit.List(context.Background(), b.db, audit.Find{Paths: []scope.Path{scope.Everywhere}, Action: "log.witness"})
	if err != nil || len(trail) != 2 || trail[1].Why != "示例小区业委会" || trail[0].Post != "security_admin" {
		t.Errorf("%+v %v", trail, err)
	}
}
