package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"cuobian/app/poll"
	"cuobian/rooms/assembly"
	"cuobian/rooms/assembly/bundle"
)

// belenios is an election of Debian's belenios-tool in a folder of its own: voters' credentials, three trustees, one
// question with the three answers of a ballot here, in the group that its own demonstration uses.
type belenios struct {
	dir, uuid   string
	credentials []string
	keys        []string
}

const beleniosGroup = "BELENIOS-2048"

// run calls the tool with input and gives what it prints.
func (b *belenios) run(ctx context.Context, in []byte, args ...string) ([]byte, error) {
	c := exec.CommandContext(ctx, "belenios-tool", args...)
	c.Dir, c.Stdin = b.dir, bytes.NewReader(in)
	c.Env = append(os.Environ(), "BELENIOS_USE_URANDOM=1")
	var wrong bytes.Buffer
	c.Stderr = &wrong
	out, err := c.Output()
	if err != nil {
		return nil, fmt.Errorf("belenios-tool %s: %w %.300s", strings.Join(args, " "), err, wrong.Bytes())
	}
	return out, nil
}

func (b *belenios) files(pattern string) []string {
	list, _ := filepath.Glob(filepath.Join(b.dir, pattern))
	return list
}

// one renames the only file of a pattern.
func (b *belenios) one(pattern, name string) error {
	list := b.files(pattern)
	if len(list) != 1 {
		return fmt.Errorf("belenios-tool made %d files %s", len(list), pattern)
	}
	return os.Rename(list[0], filepath.Join(b.dir, name))
}

// setup makes the election: credentials, trustees, parameters, the public archive.
func (b *belenios) setup(ctx context.Context, voters int) error {
	out, err := b.run(ctx, nil, "setup", "generate-token")
	if err != nil {
		return err
	}
	b.uuid = strings.TrimSpace(string(out))
	election := []string{"--uuid", b.uuid, "--group", beleniosGroup}
	if _, err := b.run(ctx, nil, append([]string{"setup", "generate-credentials", "--count", fmt.Sprint(voters)}, election...)...); err != nil {
		return err
	}
	if err := errors.Join(b.one("*.pubcreds", "public_creds.json"), b.one("*.privcreds", "private_creds.txt")); err != nil {
		return err
	}
	list, err := os.ReadFile(filepath.Join(b.dir, "private_creds.txt"))
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(list)) {
		if f := strings.Fields(line); len(f) == 2 {
			b.credentials = append(b.credentials, f[1])
		}
	}
	if len(b.credentials) != voters {
		return fmt.Errorf("belenios-tool made %d credentials of %d", len(b.credentials), voters)
	}
	var public []byte
	for range 3 {
		if _, err := b.run(ctx, nil, "setup", "generate-trustee-key", "--group", beleniosGroup); err != nil {
			return err
		}
	}
	for _, name := range b.files("*.pubkey") {
		k, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		public = append(public, k...)
		b.keys = append(b.keys, strings.TrimSuffix(name, ".pubkey")+".privkey")
	}
	question, _ := json.Marshal(map[string]any{"name": "Invented", "description": "更换水泵（示例）", "administrator": "bench", "credential_authority": "bench",
		"questions": []any{map[string]any{"question": "Replace the pump?", "answers": []string{"agree", "against", "abstain"}, "min": 1, "max": 1}}})
	if err := errors.Join(os.WriteFile(filepath.Join(b.dir, "public_keys.jsons"), public, 0o600), os.WriteFile(filepath.Join(b.dir, "question.json"), question, 0o600)); err != nil {
		return err
	}
	for _, args := range [][]string{{"setup", "make-trustees"}, append([]string{"setup", "make-election", "--template", "question.json"}, election...), {"archive", "init"}} {
		if _, err := b.run(ctx, nil, args...); err != nil {
			return err
		}
	}
	for _, name := range []string{"public_keys.jsons", "election.json", "trustees.json", "public_creds.json"} { // the archive has them
		os.Remove(filepath.Join(b.dir, name))
	}
	return nil
}

// fill makes a voter's ballot: encrypted choices with their proofs, signed with the credential.
func (b *belenios) fill(ctx context.Context, i int) ([]byte, error) {
	choice := []string{"[[1,0,0]]", "[[1,0,0]]", "[[1,0,0]]", "[[0,1,0]]", "[[0,0,1]]"}[i%5]
	err := errors.Join(os.WriteFile(filepath.Join(b.dir, "credential"), []byte(b.credentials[i]), 0o600), os.WriteFile(filepath.Join(b.dir, "choice"), []byte(choice), 0o600))
	if err != nil {
		return nil, err
	}
	return b.run(ctx, nil, "election", "generate-ballot", "--privcred", "credential", "--ballot", "choice")
}

func (b *belenios) event(ctx context.Context, kind string, body []byte) error {
	_, err := b.run(ctx, body, "archive", "add-event", "--type", kind)
	return err
}

// tally ends voting, adds the ballots up under encryption, lets each trustee decrypt, and gives the sums per answer, and
// how long each of the three took.
func (b *belenios) tally(ctx context.Context) (sums []string, took [3]time.Duration, err error) {
	if err := b.event(ctx, "EndBallots", nil); err != nil {
		return nil, took, err
	}
	step := func(i int, kind string, args ...string) (out []byte, err error) {
		t, err := repeat(ctx, 1, func(int) error {
			if out, err = b.run(ctx, nil, args...); err != nil {
				return err
			}
			return b.event(ctx, kind, out)
		})
		took[i] += t.at(1)
		return out, err
	}
	if _, err := step(0, "EncryptedTally", "election", "compute-encrypted-tally"); err != nil {
		return nil, took, err
	}
	for i, key := range b.keys {
		if _, err := step(1, "PartialDecryption", "election", "decrypt", "--privkey", key, "--trustee-id", fmt.Sprint(i+1)); err != nil {
			return nil, took, err
		}
	}
	out, err := step(2, "Result", "election", "compute-result")
	if err != nil {
		return nil, took, err
	}
	var r struct {
		Result [][]json.RawMessage `json:"result"`
	}
	if err := json.Unmarshal(out, &r); err != nil || len(r.Result) != 1 {
		return nil, took, fmt.Errorf("the result of belenios-tool cannot be read: %.200s", out)
	}
	for _, x := range r.Result[0] {
		sums = append(sums, strings.Trim(string(x), `"`))
	}
	return sums, took, nil
}

// reference holds one vote of some voters twice: with belenios-tool, and here.
func reference(ctx context.Context, s settings) error {
	n := s.voters
	fmt.Printf("\nThe same vote of %d voters on one matter, one after another on one machine: belenios-tool, each step a process as it is made to be used, and the house on SQLite, without the web.\n\n", n)
	if out, err := exec.CommandContext(ctx, "scripts/need", "belenios-tool").CombinedOutput(); err != nil {
		fmt.Printf("belenios-tool is left out: %s\n", bytes.TrimSpace(out))
		return nil
	}
	dir, err := os.MkdirTemp(s.cache, "belenios-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	b := &belenios{dir: dir}
	none, err := repeat(ctx, 20, func(int) error { _, err := b.run(ctx, nil, "--version"); return err })
	if err != nil {
		return err
	}
	took := func(do func() error) (time.Duration, error) {
		t, err := repeat(ctx, 1, func(int) error { return do() })
		return t.at(1), err
	}
	setup, err := took(func() error { return b.setup(ctx, n) })
	if err != nil {
		return err
	}
	filled, taken := times{}, times{}
	for i := range n {
		var body []byte
		t, err := took(func() (err error) { body, err = b.fill(ctx, i); return err })
		if err != nil {
			return err
		}
		filled = append(filled, t)
		if t, err = took(func() error { return b.event(ctx, "Ballot", body) }); err != nil {
			return err
		}
		taken = append(taken, t)
	}
	sums, tallied, err := b.tally(ctx)
	if err != nil {
		return err
	}
	checked, err := took(func() error { _, err := b.run(ctx, nil, "election", "verify", "--dir", b.dir); return err })
	if err != nil {
		return err
	}
	archive, err := os.Stat(filepath.Join(b.dir, b.uuid+".bel"))
	if err != nil {
		return err
	}

	var x *site
	var p *poll.Poll
	var end func()
	prepared, err := took(func() (err error) {
		x, p, end, err = held(ctx, s, "sqlite", "reference", poll.Plan{Homes: n, Matters: 1})
		return err
	})
	if err != nil {
		return err
	}
	defer end()
	fills, casts := times{}, times{}
	for i, o := range p.Owners {
		var v assembly.Vote
		t, err := took(func() (err error) { v, _, err = p.Fill(o, poll.Choice(i), 1); return err })
		if err != nil {
			return err
		}
		fills = append(fills, t)
		if t, err = took(func() error { _, err := x.Hall.Cast(ctx, o.Who, p.Meeting.ID, v); return err }); err != nil {
			return err
		}
		casts = append(casts, t)
	}
	closed, posted, placed, err := ended(ctx, x, p)
	if err != nil {
		return err
	}
	file, made, looked, err := bundled(ctx, x, p, 3)
	if err != nil {
		return err
	}
	outside, err := verified(ctx, s, file, 3)
	if err != nil {
		return err
	}
	if err := agrees(file, sums); err != nil {
		return err
	}
	sum := func(t times) (all time.Duration) {
		for _, d := range t {
			all += d
		}
		return all
	}
	own := ms(looked) + " (within the process)"
	if outside > 0 {
		own = ms(outside) + " (process), " + ms(looked) + " within one"
	}
	fmt.Println("| ms | belenios-tool | the house |")
	fmt.Println("|---|--:|--:|")
	fmt.Printf("| a process that does nothing (`--version`) | %s | |\n", ms(none.at(0.5)))
	fmt.Printf("| setting up: credentials, three trustees, election; the compound with people, roll, notice, telephones' keys | %s | %s |\n", ms(setup), ms(prepared))
	fmt.Printf("| a ballot made on the voter's side, p50 / p99 | %s / %s | %s / %s |\n", ms(filled.at(0.5)), ms(filled.at(0.99)), us(fills.at(0.5)), us(fills.at(0.99)))
	fmt.Printf("| a ballot taken, p50 / p99 | %s / %s | %s / %s |\n", ms(taken.at(0.5)), ms(taken.at(0.99)), ms(casts.at(0.5)), ms(casts.at(0.99)))
	fmt.Printf("| all ballots made and taken | %s | %s |\n", ms(sum(filled)+sum(taken)), ms(sum(fills)+sum(casts)))
	fmt.Printf("| counted: encrypted sum + three decryptions + result; closed + counted and posted | %s + %s + %s | %s + %s |\n", ms(tallied[0]), ms(tallied[1]), ms(tallied[2]), ms(closed), ms(posted))
	fmt.Printf("| placed in the log, public file made | | %s |\n", ms(placed+made))
	fmt.Printf("| verified | %s | %s |\n", ms(checked), own)
	fmt.Printf("| public file, MB | %.1f | %.1f |\n", float64(archive.Size())/1e6, float64(len(file))/1e6)
	fmt.Printf("\nBoth counted %s (agree, against, abstain).\n", strings.Join(sums, ", "))
	return nil
}

// us is a short time in ms with more figures.
func us(d time.Duration) string { return fmt.Sprintf("%.3f", float64(d.Nanoseconds())/1e6) }

// agrees compares the sums per answer with those of the house's open file.
func agrees(file []byte, sums []string) error {
	var b bundle.Bundle
	if err := json.Unmarshal(file, &b); err != nil {
		return err
	}
	in := map[string]int{}
	for _, x := range b.Ballots {
		in[string(x.Choices["1"])]++
	}
	if here := fmt.Sprintf("%d %d %d", in["agree"], in["against"], in["abstain"]); here != strings.Join(sums, " ") {
		return fmt.Errorf("belenios-tool counted %v, the house %s", sums, here)
	}
	return nil
}
