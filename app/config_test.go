package app

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestGoldenSettings holds every setting of every command with its default and meaning.
func TestGoldenSettings(t *testing.T) {
	cli := CLI{}
	p, err := Parser(&cli, nil, func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	var walk func(n *kong.Node, path string)
	walk = func(n *kong.Node, path string) {
		fmt.Fprintf(&b, "%s\n", path)
		for _, f := range n.Flags {
			if f.Name == "help" {
				continue
			}
			fmt.Fprintf(&b, "  --%s %s default=%q env=%s\n    %s\n", f.Name, f.FormatPlaceHolder(), f.Default, strings.Join(f.Envs, ","), f.Help)
		}
		for _, c := range n.Children {
			walk(c, path+" "+c.Name)
		}
	}
	walk(p.Model.Node, "cuobian")
	const file = "testdata/settings.golden"
	if *update {
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil || string(want) != b.String() {
		t.Errorf("settings changed; look at them and run `go test ./app -run Golden -update` (%v)\n%s", err, b.String())
	}
}

func TestSettingsAreStrict(t *testing.T) {
	dir := t.TempDir()
	write := func(text string) string {
		name := dir + "/settings"
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	parse := func(text string, args ...string) (CLI, error) {
		cli := CLI{}
		args = append([]string{"--config=" + write(text)}, args...)
		p, err := Parser(&cli, args, func(string) string { return "" })
		if err != nil {
			return cli, err
		}
		_, err = p.Parse(args)
		return cli, err
	}
	cli, err := parse("# where\naddr = 0.0.0.0:9000\ntrusted-proxy = 10.0.0.0/8\n", "serve")
	if err != nil || cli.Serve.Addr != "0.0.0.0:9000" || len(cli.Serve.TrustedProxy) != 1 {
		t.Fatal(cli.Serve, err)
	}
	if cli, err := parse("addr = 0.0.0.0:9000", "serve", "--addr", "127.0.0.1:1"); err != nil || cli.Serve.Addr != "127.0.0.1:1" {
		t.Error("the command line must win", cli.Serve.Addr, err)
	}
	t.Setenv("CUOBIAN_ADDR", "127.0.0.1:2")
	if cli, err := parse("addr = 0.0.0.0:9000", "serve"); err != nil || cli.Serve.Addr != "127.0.0.1:2" {
		t.Error("the environment must come before the file", cli.Serve.Addr, err)
	}
	if cli, err := parse("addr = 0.0.0.0:9000", "serve", "--addr", "127.0.0.1:1"); err != nil || cli.Serve.Addr != "127.0.0.1:1" {
		t.Error("the command line must come before the environment", cli.Serve.Addr, err)
	}
	for text, want := range map[string]string{"adr = 1": "adr", "addr": "name = value", "addr = a\naddr = b": "twice"} {
		if _, err := parse(text, "serve"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
	c := CLI{}
	p, _ := Parser(&c, nil, func(string) string { return "" })
	if err := CheckEnv(p.Model, []string{"CUOBIAN_PUBLIC_URL=x", "CUOBIAN_TEST_BIN=y", "HOME=z"}); err != nil {
		t.Error(err)
	}
	if err := CheckEnv(p.Model, []string{"CUOBIAN_PUBLICURL=x"}); err == nil {
		t.Error("an unknown name in the environment passed")
	}
}
