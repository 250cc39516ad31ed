package serve_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/jobs"
	"cuobian/platform/serve"
	"cuobian/platform/store"
	"cuobian/platform/store/storetest"
)

func TestDeadJobsAreSeenRetriedAndDropped(t *testing.T) {
	ctx := context.Background()
	db := storetest.Open(t, nil, jobs.Schema(), audit.Schema())
	r := jobs.New(db, jobs.Options{})
	broken := true
	r.Handle("send", func(context.Context, jobs.Job) error {
		if broken {
			return errors.New("no line")
		}
		return nil
	})
	for range 2 {
		if err := db.Write(ctx, func(tx *store.Tx) error { return r.Put(ctx, tx, "send", nil, jobs.When{Tries: 1}) }); err != nil {
			t.Fatal(err)
		}
	}
	r.RunDue(ctx)
	broken = false
	d := serve.New(serve.Config{DB: db})
	posts := map[string]access.Post{"admin": access.SystemAdmin, "street": access.StreetLeader}
	d.Who = func(r *http.Request) (access.Who, error) {
		name := r.Header.Get("X-Account")
		if name == "" {
			return access.Who{}, nil
		}
		return access.Who{Account: name, Grants: []access.Grant{{Post: posts[name], Path: scope.Street("350503002")}}}, nil
	}
	serve.JobRoutes(d, r)
	server := httptest.NewServer(d.Handler())
	defer server.Close()
	g := gate{t, server.URL, http.DefaultClient}
	_, body, _ := g.do("admin", "GET", "/api/jobs?state=dead", "", nil)
	var list struct {
		Items  []jobs.Row
		Counts map[string]int
	}
	if err := json.Unmarshal(body, &list); err != nil || len(list.Items) != 2 || list.Counts["dead"] != 2 || list.Items[0].Error != "no line" {
		t.Fatalf("%s %v", body, err)
	}
	one, two := "/api/jobs/"+list.Items[0].ID, "/api/jobs/"+list.Items[1].ID
	for account, want := range map[string]int{"": 401, "street": 403} {
		for _, c := range [][2]string{{"GET", "/api/jobs"}, {"POST", one + "/retry"}, {"POST", one + "/drop"}} {
			if status, _, _ := g.do(account, c[0], c[1], "", nil); status != want {
				t.Errorf("%q %s %s: %d", account, c[0], c[1], status)
			}
		}
	}
	for _, c := range []struct {
		path string
		want int
	}{{one + "/retry", 204}, {one + "/retry", 404}, {two + "/drop", 204}, {two + "/drop", 404}} {
		if status, body, _ := g.do("admin", "POST", c.path, "", nil); status != c.want {
			t.Errorf("%s: %d %s", c.path, status, body)
		}
	}
	if n, err := r.RunDue(ctx); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	trail, err := audit.List(ctx, db, audit.Find{Paths: []scope.Path{scope.Everywhere}, Action: "jobs.keep"})
	if err != nil || len(trail) != 2 || trail[0].Post != string(access.SystemAdmin) {
		t.Fatal(trail, err)
	}
}
