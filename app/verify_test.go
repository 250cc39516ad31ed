package app

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cuobian/rooms/assembly/bundle"
	pay "cuobian/rooms/money/bundle"
	"cuobian/rooms/money/share"
)

func bundleFile(t *testing.T, name string) string {
	t.Helper()
	return filepath.Join("..", "rooms", "assembly", "bundle", "testdata", name+".json")
}

// A sound file of every kind passes, and says what it proves and what not, in both languages.
func TestVerify(t *testing.T) {
	for _, name := range []string{"open", "secret", "scrutineers"} {
		var out bytes.Buffer
		if err := (&VerifyCmd{File: bundleFile(t, name), Lang: "both"}).Run(Program{Out: &out, Err: &out}); err != nil {
			t.Fatal(name, err, out.String())
		}
		for _, want := range []string{"能证明", "不能证明", "What it does not prove", "--key", "✓"} {
			if !strings.Contains(out.String(), want) {
				t.Errorf("%s does not say %q", name, want)
			}
		}
		if strings.Contains(out.String(), "✗") {
			t.Error(out.String())
		}
		out.Reset()
		if err := (&VerifyCmd{File: bundleFile(t, name), JSON: true, Lang: "zh"}).Run(Program{Out: &out, Err: &out}); err != nil {
			t.Fatal(err)
		}
		var r bundle.Report
		if err := json.Unmarshal(out.Bytes(), &r); err != nil || !r.OK || len(r.Checks) < 14 {
			t.Errorf("%v %+v", err, r)
		}
	}
}

// With the log's own key nothing is left open; with another one it fails.
func TestVerifyKey(t *testing.T) {
	file, err := os.ReadFile(bundleFile(t, "open"))
	if err != nil {
		t.Fatal(err)
	}
	var b bundle.Bundle
	if err := json.Unmarshal(file, &b); err != nil {
		t.Fatal(err)
	}
	key := string(b.Log.Keys[0])
	on := filepath.Join(t.TempDir(), "key.txt")
	if err := os.WriteFile(on, []byte("公告栏上的公钥\n"+key+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, k := range []string{key, on} {
		var out bytes.Buffer
		if err := (&VerifyCmd{File: "-", Key: []string{k}, Lang: "en"}).Run(Program{In: bytes.NewReader(file), Out: &out, Err: &out}); err != nil {
			t.Fatal(err, out.String())
		}
		if strings.Contains(out.String(), "--key") {
			t.Error("it still asks for the key")
		}
	}
	for _, k := range []string{string(b.Log.Keys[1]), "nothing", bundleFile(t, "open") + "x"} {
		if err := (&VerifyCmd{File: "-", Key: []string{k}, Lang: "en"}).Run(Program{In: bytes.NewReader(file), Out: &bytes.Buffer{}, Err: &bytes.Buffer{}}); err == nil {
			t.Errorf("key %.20q passed", k)
		}
	}
}

// A forged file fails, and the check that found it is named with the place.
func TestVerifyForged(t *testing.T) {
	file, err := os.ReadFile(bundleFile(t, "open"))
	if err != nil {
		t.Fatal(err)
	}
	for name, forged := range map[string][]byte{
		"roll_hash":   bytes.Replace(file, []byte("\\t80.37\\t"), []byte("\\t90.37\\t"), 1),
		"count":       bytes.Replace(file, []byte(`"passed":true`), []byte(`"passed":false`), 1),
		"form":        append(bytes.Clone(file), ' '),
		"ballot_void": bytes.Replace(file, []byte(`"void":true`), []byte(`"void":false`), 1),
	} {
		if bytes.Equal(forged, file) {
			t.Fatal(name, "changes nothing")
		}
		var out bytes.Buffer
		if err := (&VerifyCmd{File: "-", JSON: true, Lang: "en"}).Run(Program{In: bytes.NewReader(forged), Out: &out, Err: &out}); err == nil {
			t.Errorf("%s passed", name)
		}
		var r bundle.Report
		if err := json.Unmarshal(out.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
		if f := r.Of(name); f == nil || f.OK || len(f.Faults) == 0 {
			t.Errorf("%s is not named: %+v", name, f)
		}
		out.Reset()
		if err := (&VerifyCmd{File: "-", Lang: "both"}).Run(Program{In: bytes.NewReader(forged), Out: &out, Err: &out}); err == nil || !strings.Contains(out.String(), "✗") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A compound's published accounts: sound ones pass, a late and a missing one are named.
func TestVerifyStatements(t *testing.T) {
	for name, want := range map[string]string{"sound": "", "late": "2026-02", "missing": "2026-02"} {
		var out bytes.Buffer
		err := (&VerifyCmd{File: filepath.Join("..", "rooms", "money", "statement", "testdata", name+".json"), Lang: "both"}).Run(Program{Out: &out, Err: &out})
		if (err == nil) != (want == "") || !strings.Contains(out.String(), "样例花苑 公示报表") || !strings.Contains(out.String(), want) || strings.Contains(out.String(), "✗") != (want != "") {
			t.Errorf("%s: %v\n%s", name, err, out.String())
		}
	}
}

// A year's accounts: sound ones pass, late and missing ones are named (R30).
func TestVerifyAnnual(t *testing.T) {
	for name, want := range map[string]string{"annual-sound": "", "annual-late": "2023", "annual-missing": "2025"} {
		var out bytes.Buffer
		err := (&VerifyCmd{File: filepath.Join("..", "rooms", "money", "statement", "testdata", name+".json"), Lang: "both"}).Run(Program{Out: &out, Err: &out})
		if (err == nil) != (want == "") || !strings.Contains(out.String(), "样例花苑 年度决算") || !strings.Contains(out.String(), "year "+want) && want != "" || strings.Contains(out.String(), "✗") != (want != "") {
			t.Errorf("%s: %v\n%s", name, err, out.String())
		}
	}
}

// A file of pay by quality is recomputed from the command line: a sound one passes, one with another input or another sum does
// not, and says where (R30).
func TestVerifyPay(t *testing.T) {
	file, err := os.ReadFile(filepath.Join("..", "rooms", "money", "bundle", "testdata", "sound.json"))
	if err != nil {
		t.Fatal(err)
	}
	var sound pay.File
	if err := json.Unmarshal(file, &sound); err != nil {
		t.Fatal(err)
	}
	verify := func(f pay.File, stdin, asJSON bool) (string, error) {
		t.Helper()
		text, err := f.Write()
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		c, p := &VerifyCmd{File: "-", Lang: "both", JSON: asJSON}, Program{In: bytes.NewReader(text), Out: &out, Err: &out}
		if !stdin {
			c.File = filepath.Join(t.TempDir(), "pay.json")
			if err := os.WriteFile(c.File, text, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		err = c.Run(p)
		return out.String(), err
	}
	for _, stdin := range []bool{true, false} {
		out, err := verify(sound, stdin, false)
		if err != nil || strings.Contains(out, "✗") {
			t.Fatal(err, out)
		}
		for _, want := range []string{"样例花苑 按质付酬", "pay by quality", sound.Pay.Earned.String(), "能证明", "What it does not prove"} {
			if !strings.Contains(out, want) {
				t.Errorf("it does not say %q:\n%s", want, out)
			}
		}
	}
	for where, change := range map[string]func(*pay.File){"inputs.patrols": func(f *pay.File) {
		f.Inputs = append([]share.Input{}, f.Inputs...)
		for i := range f.Inputs {
			if f.Inputs[i].Input == "patrols" {
				f.Inputs[i].Figure.N++
			}
		}
	}, "pay.earned": func(f *pay.File) { f.Pay.Earned++ }, "hash": func(f *pay.File) { f.To++ }, "proof": func(f *pay.File) { f.Proof = nil }} {
		bad := sound
		change(&bad)
		out, err := verify(bad, true, false)
		if err == nil || !strings.Contains(out, where) || !strings.Contains(out, "✗") {
			t.Errorf("%s: %v\n%s", where, err, out)
		}
		out, err = verify(bad, true, true)
		var r pay.Report
		if err == nil || json.Unmarshal([]byte(out), &r) != nil || r.OK {
			t.Errorf("%s as JSON: %v\n%s", where, err, out)
		}
	}
}
