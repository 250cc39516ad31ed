package crashtest

import (
	"bytes"
	"encoding/json"
	"image"
	"image/jpeg"
	"io"
	"mime/multipart"
	"net/url"
	"os/exec"
	"path/filepath"
	"testing"

	"cuobian/platform/store/storetest"
)

// command runs the program to its end.
func command(t *testing.T, args ...string) string {
	t.Helper()
	out, err := exec.Command(program, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("cuobian %v: %v\n%s", args, err, out)
	}
	return string(out)
}

func (p *running) upload() string {
	p.t.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	f, err := m.CreateFormFile("file", "lift.jpg")
	if err != nil {
		p.t.Fatal(err)
	}
	if err := jpeg.Encode(f, image.NewRGBA(image.Rect(0, 0, 640, 480)), nil); err != nil {
		p.t.Fatal(err)
	}
	m.Close()
	r, err := p.http.Post(p.url+"/api/blobs?kind=photo", m.FormDataContentType(), &b)
	if err != nil {
		p.t.Fatal(err)
	}
	defer r.Body.Close()
	body, _ := io.ReadAll(r.Body)
	var got struct{ ID string }
	if err := json.Unmarshal(body, &got); err != nil || r.StatusCode != 201 {
		p.t.Fatalf("upload: %d %s", r.StatusCode, body)
	}
	return got.ID
}

// A backup is taken while people report, and restored into each engine that there is: a matter from before it is
// found by its words, with its photograph, by an operator who signs in as always.
func TestBackupWhileServingRestoresElsewhere(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	database := storetest.Prepare(t, dir)
	place := func(dir, database string) []string {
		if database == "" {
			return []string{"--data", dir}
		}
		return []string{"--data", dir, "--database", database}
	}
	l := newLoad(plant(t, dir, database))
	p := start(t, dir, database)
	photo := p.upload()
	status, body, err := p.post("/api/cases", map[string]any{"compound_id": l.compound, "text": "地下车库喷淋管漏水", "channel": "hotline", "client_key": "with-photo", "photo_ids": []string{photo}})
	var kept struct{ ID, Number string }
	if err != nil || status != 201 || json.Unmarshal(body, &kept) != nil {
		t.Fatal(status, string(body), err)
	}
	stop := make(chan struct{})
	wg := l.run(p, 4, stop)
	l.await(t, p, "some matters", func() bool { return l.acknowledged() >= 20 })
	before := map[string]string{}
	l.mu.Lock()
	for k, n := range l.told {
		before[k] = n
	}
	l.mu.Unlock()
	archive, keys := filepath.Join(dir, "all.tar.gz"), filepath.Join(dir, "keys.tar")
	command(t, append([]string{"backup", archive}, place(dir, database)...)...)
	command(t, append([]string{"backup", keys, "--keys-only"}, place(dir, database)...)...)
	close(stop)
	wg.Wait()
	p.stop()
	targets := map[string]string{"sqlite": ""}
	if onPostgres() {
		targets["postgres"] = storetest.Prepare(t, "")
	}
	for engine, database := range targets {
		to := t.TempDir()
		command(t, append([]string{"restore", keys, "--keys-only"}, place(to, database)...)...)
		command(t, append([]string{"restore", archive}, place(to, database)...)...)
		q := start(t, to, database)
		for key, number := range before {
			if status, body, err := q.get("/api/cases/" + number); err != nil || status != 200 || !bytes.Contains(body, []byte(key)) {
				t.Fatalf("%s: %s is not there: %d %s %v", engine, number, status, body, err)
			}
		}
		if status, body, err := q.get("/api/cases?q=" + url.QueryEscape("喷淋管漏水")); err != nil || status != 200 || !bytes.Contains(body, []byte(kept.Number)) {
			t.Errorf("%s: not found by its words: %d %.300s %v", engine, status, body, err)
		}
		if status, body, err := q.get("/api/blobs/" + photo); err != nil || status != 200 || !bytes.HasPrefix(body, []byte{0xff, 0xd8}) {
			t.Errorf("%s: the photograph: %d %.200q %v", engine, status, body, err)
		}
		l.report(q, "after the restore "+engine)
		if l.told["after the restore "+engine] == "" {
			t.Errorf("%s: it takes nothing in: %s", engine, l.worst)
		}
		q.stop()
		if out, err := exec.Command(program, append([]string{"restore", archive}, place(to, database)...)...).CombinedOutput(); err == nil {
			t.Errorf("%s: restored over what was there: %s", engine, out)
		}
	}
}
