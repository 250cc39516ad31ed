package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"cuobian/app/poll"
	"cuobian/basis/day"
	"cuobian/platform/store"
	"cuobian/rooms/assembly/bundle"
)

// votesAim is for counting, bundling and verifying a compound of 5,000 homes.
const votesAim = 3 * time.Second

// votes measures ballots over HTTP, each answered with a receipt when it is durable, beside bare commits of one row; how
// long a ballot waits for its place in the log; the count, the bundle and its verification of a large compound; and the
// reference of verifiable voting in the same run.
func votes(ctx context.Context, s settings) error {
	for _, x := range []struct {
		name string
		run  func(context.Context, settings) error
	}{{"rate", rates}, {"count", counts}, {"reference", reference}} {
		if !strings.Contains(x.name, s.only) {
			continue
		}
		if err := x.run(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

func rates(ctx context.Context, s settings) error {
	fmt.Println("| engine | clients | ballots/s | p50 ms | p99 ms | bare commits/s | ballots ÷ commits | echo/s | ballots ÷ echo | processor ms a ballot |")
	fmt.Println("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|")
	var notes []string
	for _, engine := range s.engines {
		more, err := votesOn(ctx, s, engine)
		if err != nil {
			return fmt.Errorf("%s: %w", engine, err)
		}
		notes = append(notes, more...)
	}
	fmt.Println()
	for _, n := range notes {
		fmt.Println(n)
	}
	return nil
}

func counts(ctx context.Context, s settings) error {
	fmt.Printf("\nA compound of %d homes, all of which voted on three matters; ms; ✗ misses its aim (count, bundle and verify within %s ms).\n\n", s.homes, ms(votesAim))
	fmt.Println("| engine | vote | closed | counted and posted | placed in the log | bundle | bundle MB | verified | verified, a ballot | `cuobian verify` | count + bundle + verify |")
	fmt.Println("|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|")
	for _, engine := range s.engines {
		for _, secret := range []bool{false, true} {
			if err := countOn(ctx, s, engine, secret); err != nil {
				return fmt.Errorf("%s: %w", engine, err)
			}
		}
	}
	return nil
}

// held opens a house with a poll at its first morning of voting.
func held(ctx context.Context, s settings, engine, name string, plan poll.Plan) (x *site, p *poll.Poll, end func(), err error) {
	dir, err := os.MkdirTemp(s.cache, name+"-"+engine+"-")
	if err != nil {
		return nil, nil, nil, err
	}
	x, err = open(ctx, s, engine, dir, fmt.Sprintf("bench_%s_%d", name, os.Getpid()))
	if err != nil {
		os.RemoveAll(dir)
		return nil, nil, nil, err
	}
	end = func() {
		x.close()
		x.drop()
		os.RemoveAll(dir)
	}
	plan.Name, plan.From = "样板花苑", day.MustParse("2026-03-02")
	if p, err = poll.Hold(ctx, x.House, x.Clock, plan); err == nil {
		err = x.settle(ctx)
	}
	if err != nil {
		end()
		return nil, nil, nil, err
	}
	return x, p, end, nil
}

// settle does what waits: jobs, messages, the log.
func (x *site) settle(ctx context.Context) error {
	for {
		jobs, err := x.Jobs.RunDue(ctx)
		if err != nil {
			return err
		}
		told, err := x.Office.Dispatch(ctx, 1000)
		if err != nil {
			return err
		}
		placed, err := x.Logs.Integrate(ctx)
		if err != nil {
			return err
		}
		if jobs+told+placed == 0 {
			return nil
		}
	}
}

func votesOn(ctx context.Context, s settings, engine string) ([]string, error) {
	most := slices.Max(s.clients)
	// Owners vote in turns, again and again, within what one right may cast; so many that each is at one telephone.
	x, p, end, err := held(ctx, s, engine, "votes", poll.Plan{Homes: max(20*most, int(s.seconds*500)), Matters: 3, Counts: "last"})
	if err != nil {
		return nil, err
	}
	defer end()
	if err := poll.SignIn(ctx, x.House, p.Owners); err != nil {
		return nil, err
	}
	if err := x.serve(); err != nil {
		return nil, err
	}
	bare, err := bareCommits(ctx, s, engine, x.Config.Data)
	if err != nil {
		return nil, err
	}
	defer bare.close()
	echo, err := bareEcho()
	if err != nil {
		return nil, err
	}
	defer echo.Close()
	house, far := make([]*client, most), make([]*client, most)
	for i := range most {
		house[i], far[i] = newClient(x.URL, i), newClient("http://"+echo.Addr, i)
	}
	path := "/api/assemblies/" + p.Meeting.ID + "/ballots"
	var turn atomic.Int64
	ballot := func(i int) (body []byte, word string, err error) {
		k := int(turn.Add(1))
		o := p.Owners[k%len(p.Owners)]
		house[i].cookie = o.Cookie
		v, word, err := p.Fill(o, poll.Choice(k), 3)
		if err != nil {
			return nil, "", err
		}
		body, err = json.Marshal(v)
		return body, word, err
	}
	cast := func(i int) (string, time.Duration, error) {
		body, word, err := ballot(i)
		if err != nil {
			return "", 0, err
		}
		began := time.Now()
		answer, err := house[i].do(ctx, "POST", path, body)
		took := time.Since(began)
		if err == nil && !bytes.Contains(answer, []byte(word)) {
			err = fmt.Errorf("no receipt: %.200s", answer)
		}
		return word, took, err
	}
	like, _, err := ballot(0)
	if err != nil {
		return nil, err
	}
	before, err := counted(ctx, x.DB)
	if err != nil {
		return nil, err
	}
	const few = 20
	for range few {
		if _, _, err := cast(0); err != nil {
			return nil, err
		}
	}
	after, err := counted(ctx, x.DB)
	if err != nil {
		return nil, err
	}
	note := fmt.Sprintf("%s: rows written by one ballot:", engine)
	for _, t := range tablesOf(after) {
		if n := after[t] - before[t]; n > 0 {
			note += fmt.Sprintf(" %s %.3g,", t, float64(n)/few)
		}
	}
	notes := []string{note + " of first ballots"}

	span := time.Duration(s.seconds * float64(time.Second))
	for _, n := range s.clients {
		var took times
		var mu sync.Mutex
		var ours, commits, echoes rate
		var burnt time.Duration
		for range 4 { // in turns, so that a busy moment meets all
			commits.add(hammer(ctx, n, span/4, func(i int) error { return bare.commit(ctx, i) }))
			echoes.add(hammer(ctx, n, span/8, func(i int) error { _, err := far[i].do(ctx, "POST", "/", like); return err }))
			began := processor()
			ours.add(hammer(ctx, n, span/4, func(i int) error {
				_, t, err := cast(i)
				mu.Lock()
				took = append(took, t)
				mu.Unlock()
				return err
			}))
			burnt += processor() - began
		}
		for _, r := range []rate{ours, commits, echoes} {
			if r.err != nil {
				return nil, r.err
			}
		}
		fmt.Printf("| %s | %d | %.0f | %s | %s | %.0f | %.0f%% | %.0f | %.1f%% | %s |\n", engine, n, ours.per(), ms(took.at(0.5)), ms(took.at(0.99)),
			commits.per(), 100*ours.per()/commits.per(), echoes.per(), 100*ours.per()/echoes.per(), ms(burnt/time.Duration(max(ours.n, 1))))
	}
	wait, err := x.waits(ctx, most, 2*span, cast)
	if err != nil {
		return nil, err
	}
	return append(notes, engine+": "+wait), nil
}

// waits lets clients vote with the house's jobs at work, and measures from each receipt to the moment when a signed
// checkpoint that holds the ballot can be read.
func (x *site) waits(ctx context.Context, clients int, span time.Duration, cast func(i int) (string, time.Duration, error)) (string, error) {
	if err := x.settle(ctx); err != nil {
		return "", err
	}
	if err := x.Start(ctx); err != nil {
		return "", err
	}
	type seen struct {
		size int64
		at   time.Time
	}
	var list []seen
	latest := func() (int64, error) {
		return store.Count(ctx, x.DB, `select coalesce(max(size), 0) from audit_checkpoint where log = 'public'`)
	}
	stop, done := make(chan struct{}), make(chan error, 1)
	go func() {
		for {
			size, err := latest()
			if err != nil {
				done <- err
				return
			}
			if len(list) == 0 || list[len(list)-1].size != size {
				list = append(list, seen{size, time.Now()})
			}
			select {
			case <-stop:
				done <- nil
				return
			case <-time.After(5 * time.Millisecond):
			}
		}
	}()
	acknowledged := map[string]time.Time{}
	var mu sync.Mutex
	r := hammer(ctx, clients, span, func(i int) error {
		word, _, err := cast(i)
		mu.Lock()
		acknowledged[word] = time.Now()
		mu.Unlock()
		return err
	})
	if r.err != nil {
		return "", r.err
	}
	for began := time.Now(); ; time.Sleep(50 * time.Millisecond) {
		left, err := store.Count(ctx, x.DB, `select count(*) from assembly_ballot b where not exists (select 1 from audit_seq s where s.log = 'public' and s.entry = b.record)`)
		if err != nil {
			return "", err
		}
		if left == 0 {
			break
		}
		if time.Since(began) > 2*time.Minute {
			return "", fmt.Errorf("%d ballots have no place in the log after two minutes", left)
		}
	}
	time.Sleep(100 * time.Millisecond)
	close(stop)
	if err := <-done; err != nil {
		return "", err
	}
	rows, err := x.DB.Query(ctx, `select b.word, s.n from assembly_ballot b join audit_seq s on s.log = 'public' and s.entry = b.record`)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	var took times
	for rows.Next() {
		var word string
		var n int64
		if err := rows.Scan(&word, &n); err != nil {
			return "", err
		}
		at, ours := acknowledged[word]
		if !ours {
			continue
		}
		i, _ := slices.BinarySearchFunc(list, n+1, func(s seen, size int64) int { return int(s.size - size) })
		if i == len(list) {
			return "", fmt.Errorf("a ballot's place %d is in no checkpoint", n)
		}
		took = append(took, max(list[i].at.Sub(at), 0))
	}
	if err := rows.Err(); err != nil {
		return "", err
	}
	return fmt.Sprintf("from a receipt to a signed checkpoint that holds the ballot, %d ballots of %d clients at %.0f a second: p50 %s ms, p99 %s ms, longest %s ms", len(took), clients, r.per(),
		ms(took.at(0.5)), ms(took.at(0.99)), ms(took.at(1))), nil
}

// ended closes a poll, posts its result and places all in the log; how long each took.
func ended(ctx context.Context, x *site, p *poll.Poll) (closed, posted, placed time.Duration, err error) {
	x.Clock.Set(p.Meeting.Closes.Add(9 * time.Hour))
	began := time.Now()
	if err = p.Pass(ctx); err != nil {
		return
	}
	closed, began = time.Since(began), time.Now()
	if _, err = x.Hall.Post(ctx, p.Director, p.Meeting.ID); err != nil {
		return
	}
	posted, began = time.Since(began), time.Now()
	for n := 1; n > 0 && err == nil; {
		n, err = x.Logs.Public.Integrate(ctx)
	}
	return closed, posted, time.Since(began), err
}

// bundled takes the file of a poll, which is made for the first one who asks and then kept, and checks it some times, of
// which it gives the median.
func bundled(ctx context.Context, x *site, p *poll.Poll, again int) (file []byte, made, checked time.Duration, err error) {
	m, err := repeat(ctx, 1, func(int) (err error) { file, _, err = x.Hall.Bundle(ctx, p.Meeting.ID); return err })
	if err != nil {
		return nil, 0, 0, err
	}
	c, err := repeat(ctx, again, func(int) error {
		if r := bundle.Check(file, nil); !r.OK || r.Ballots != int64(len(p.Owners)) {
			return fmt.Errorf("the bundle is not sound: %d ballots of %d", r.Ballots, len(p.Owners))
		}
		return nil
	})
	return file, m.at(0.5), c.at(0.5), err
}

// verified runs the built program on a file; zero where there is none.
func verified(ctx context.Context, s settings, file []byte, again int) (time.Duration, error) {
	if !exists(s.program) {
		return 0, nil
	}
	name := filepath.Join(s.cache, "vote.json")
	if err := os.WriteFile(name, file, 0o600); err != nil {
		return 0, err
	}
	defer os.Remove(name)
	t, err := repeat(ctx, again, func(int) error {
		if out, err := exec.CommandContext(ctx, s.program, "verify", name).CombinedOutput(); err != nil {
			return fmt.Errorf("cuobian verify: %w %.300s", err, out)
		}
		return nil
	})
	return t.at(0.5), err
}

func countOn(ctx context.Context, s settings, engine string, secret bool) error {
	x, p, end, err := held(ctx, s, engine, "count", poll.Plan{Homes: s.homes, Matters: 3, Secret: secret})
	if err != nil {
		return err
	}
	defer end()
	if err := p.Cast(ctx, p.Owners, 3); err != nil {
		return err
	}
	if err := x.settle(ctx); err != nil {
		return err
	}
	closed, posted, placed, err := ended(ctx, x, p)
	if err != nil {
		return err
	}
	file, made, checked, err := bundled(ctx, x, p, 5)
	if err != nil {
		return err
	}
	outside, err := verified(ctx, s, file, 3)
	if err != nil {
		return err
	}
	kind, all, mark := "open", posted+made+checked, ""
	if secret {
		kind = "secret"
	}
	if all > votesAim {
		mark = " ✗"
	}
	program := "not built"
	if outside > 0 {
		program = ms(outside)
	}
	fmt.Printf("| %s | %s | %s | %s | %s | %s | %.1f | %s | %.3f | %s | %s%s |\n", engine, kind, ms(closed), ms(posted), ms(placed), ms(made), float64(len(file))/1e6, ms(checked),
		float64(checked.Microseconds())/1000/float64(s.homes), program, ms(all), mark)
	return nil
}
