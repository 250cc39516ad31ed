package scope

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestCoversIsTheRange(t *testing.T) {
	part := rapid.SampledFrom([]string{"", "35", "3505", "350503", "350504", "350503002/", "350503002/a/", "350503002/a/b/", "350503002/ab/", "350503003/a/"})
	rapid.Check(t, func(t *rapid.T) {
		p, q := Path(part.Draw(t, "p")), Path(part.Draw(t, "q"))
		lo, hi := p.Bounds()
		inRange := string(q) >= lo && (hi == "" || string(q) < hi)
		if inRange != p.Covers(q) {
			t.Fatalf("%q over %q: range %v, covers %v", p, q, inRange, p.Covers(q))
		}
	})
}

func TestParents(t *testing.T) {
	got := []string{}
	for _, p := range Path("350503002/c/k/").Above() {
		got = append(got, string(p))
	}
	want := "350503002/c/k/ 350503002/c/ 350503002/ 350503 3505 35 "
	if s := strings.Join(got, " "); s != want {
		t.Fatalf("got %q, want %q", s, want)
	}
	if Path("350503002/c/k/").Street() != "350503002/" || Path("3505").Street() != "" {
		t.Fatal("street of a path")
	}
}

func TestWhere(t *testing.T) {
	sql, args := Where("c.path", 3, "350503002/", "350503002/a/", "350504")
	if sql != "((c.path >= $3 and c.path < $4) or (c.path >= $5 and c.path < $6))" || len(args) != 4 || args[1] != "3505030020" {
		t.Fatal(sql, args)
	}
	if sql, args := Where("x", 1); sql != "1=0" || args != nil {
		t.Fatal("no scope must be nowhere")
	}
	if sql, _ := Where("x", 1, "350503", Everywhere); sql != "1=1" {
		t.Fatal(sql)
	}
	if _, args := Where("x", 1, "350503002/", "350503002/"); len(args) != 2 {
		t.Fatal("the same place twice", args)
	}
}
