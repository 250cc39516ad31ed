package crashtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"cuobian/app"
	"cuobian/app/demo"
	"cuobian/app/poll"
	"cuobian/basis/day"
	"cuobian/platform/access"
	"cuobian/platform/audit/tree"
	"cuobian/platform/store"
	"cuobian/platform/store/storetest"
	"cuobian/rooms/assembly"
	"cuobian/rooms/assembly/bundle"
)

const directorLogin = "crash-director"

// election is an invented compound in which owners vote at the program, and what they were told.
type election struct {
	*poll.Poll
	t             *testing.T
	dir, database string

	mu    sync.Mutex
	sent  []cast                    // everything that left a telephone
	told  map[string]bundle.Receipt // commitment → receipt, acknowledged
	worst string                    // an answer that is neither a receipt nor a fault that helps
	next  atomic.Int64
}

// cast is a ballot with whose it is.
type cast struct {
	owner *poll.Owner
	vote  assembly.Vote
	word  string
}

// house opens the house of the election in this process, between two lives of the program.
func (e *election) house(clock *demo.Clock, do func(h *app.House)) {
	e.t.Helper()
	c := app.Config{}
	c.Data, c.Database, c.SecondFactor = e.dir, e.database, "optional"
	h, err := app.Open(ctx, c, clock.Now, slog.New(slog.DiscardHandler))
	if err != nil {
		e.t.Fatal(err)
	}
	defer h.DB.Close()
	do(h)
}

// elect makes the compound; its meeting began so many days ago. Ballots are taken from the 16th day to the 22nd.
func elect(t *testing.T, database string, homes, daysAgo int) *election {
	t.Helper()
	e := &election{t: t, dir: t.TempDir(), database: database, told: map[string]bundle.Receipt{}}
	clock := &demo.Clock{}
	e.house(clock, func(h *app.House) {
		from := store.Wall().Day(day.Shanghai).Add(-daysAgo)
		p, err := poll.Hold(ctx, h, clock, poll.Plan{Name: "试验小区", Homes: homes, Matters: 2, From: from})
		if err != nil {
			t.Fatal(err)
		}
		e.Poll = p
		if daysAgo > 22 { // all have voted by now
			if err := p.Cast(ctx, p.Owners, 2); err != nil {
				t.Fatal(err)
			}
		}
		clock.Set(0)
		if _, err := h.AddStaff(ctx, login, "", "试验员", access.HotlineOperator, "东海街道", password); err != nil {
			t.Fatal(err)
		}
		if _, err := h.Accounts.Make(ctx, access.System, access.NewAccount{Login: directorLogin, Person: p.Director.Person, Path: p.Meeting.Path, Password: password}); err != nil {
			t.Fatal(err)
		}
		if daysAgo <= 22 {
			if err := poll.SignIn(ctx, h, p.Owners); err != nil {
				t.Fatal(err)
			}
		}
	})
	return e
}

// ask sends a request with an owner's session.
func ask(p *running, method, path, cookie string, v any) (int, []byte, error) {
	var b bytes.Buffer
	if v != nil {
		if err := json.NewEncoder(&b).Encode(v); err != nil {
			return 0, nil, err
		}
	}
	r, err := http.NewRequest(method, p.url+path, &b)
	if err != nil {
		return 0, nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Cookie", access.Cookie+"="+cookie)
	res, err := (&http.Client{Timeout: 30 * time.Second, Transport: p.http.Transport}).Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	return res.StatusCode, body, err
}

// send sends a ballot; false when the line broke.
func (e *election) send(p *running, c cast) bool {
	status, body, err := ask(p, "POST", "/api/assemblies/"+e.Meeting.ID+"/ballots", c.owner.Cookie, c.vote)
	if err != nil {
		return false
	}
	var got struct {
		bundle.Receipt
		Code string
	}
	json.Unmarshal(body, &got)
	if status == 503 {
		defer time.Sleep(20 * time.Millisecond)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	switch {
	case status == 201 && got.Commitment == c.word && got.Signed():
		if was, told := e.told[c.word]; told && was != got.Receipt {
			e.worst = "sent again, the ballot got another receipt: " + string(body)
		}
		e.told[c.word] = got.Receipt
	case status == 503 && got.Code != "":
	default:
		e.worst = fmt.Sprintf("%d %s", status, body)
	}
	return true
}

// fill makes the i-th ballot of an owner.
func (e *election) fill(o *poll.Owner, i int) cast {
	v, word, err := e.Fill(o, poll.Choice(i), 2)
	if err != nil {
		panic(err)
	}
	c := cast{o, v, word}
	e.mu.Lock()
	e.sent = append(e.sent, c)
	e.mu.Unlock()
	return c
}

func (e *election) acknowledged() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.told)
}

func (e *election) await(p *running, n int) {
	e.t.Helper()
	for range 1200 {
		if e.acknowledged() >= n {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	e.t.Fatalf("waited a minute for %d receipts, got %d; worst %s\n%s", n, e.acknowledged(), e.worst, tail(p.log))
}

// telephones is how many vote at once, each the next owner's ballot when the last one is acknowledged.
const telephones = 32

// vote lets owners vote in turns, again and again, until stop is closed or the program is gone. A ballot that was not
// taken is sent once more.
func (e *election) vote(p *running, stop <-chan struct{}) *sync.WaitGroup {
	var wait sync.WaitGroup
	for range telephones {
		wait.Go(func() {
			for {
				n := int(e.next.Add(1))
				c := e.fill(e.Owners[n%len(e.Owners)], n)
				for told := false; !told; {
					select {
					case <-stop:
						return
					default:
					}
					if !e.send(p, c) {
						return
					}
					e.mu.Lock()
					_, told = e.told[c.word]
					told = told || e.worst != ""
					e.mu.Unlock()
				}
			}
		})
	}
	return &wait
}

// again sends every ballot once more: what was acknowledged gets the receipt it had, what was not is taken now.
func (e *election) again(p *running) {
	e.t.Helper()
	before := e.acknowledged()
	var wait sync.WaitGroup
	gate := make(chan struct{}, 8)
	for _, c := range e.sent {
		wait.Go(func() {
			gate <- struct{}{}
			defer func() { <-gate }()
			if !e.send(p, c) {
				e.mu.Lock()
				e.worst = "the line broke without anybody being killed"
				e.mu.Unlock()
			}
		})
	}
	wait.Wait()
	if e.worst != "" {
		e.t.Fatalf("%s\n%s", e.worst, lines(p.log, `"internal"`, 5))
	}
	if len(e.told) != len(e.sent) {
		e.t.Fatalf("%d ballots sent, %d taken", len(e.sent), len(e.told))
	}
	e.t.Logf("%d receipts before, %d ballots in all", before, len(e.sent))
}

// placed waits until every receipt's ballot has its place in the log, and checks each proof as anybody could: the record
// says the commitment, its hash is the receipt's leaf, and stands in the checkpoint that the receipt's key signed.
func (e *election) placed(p *running) {
	e.t.Helper()
	seen := map[int64]string{}
	for word, r := range e.told {
		var got assembly.Placed
		for try := 0; ; try++ {
			status, body, err := p.get("/api/public/receipts/" + word)
			if err != nil || status != 200 || json.Unmarshal(body, &got) != nil {
				e.t.Fatalf("a receipt's ballot cannot be found: %d %s %v", status, body, err)
			}
			if !got.Waiting {
				break
			}
			if try > 600 {
				e.t.Fatalf("a ballot has no place in the log after a minute\n%s", tail(p.log))
			}
			time.Sleep(100 * time.Millisecond)
		}
		leaf := tree.Leaf([]byte(got.Text))
		if fmt.Sprintf("%x", leaf[:]) != r.Leaf || !bytes.Contains([]byte(got.Text), []byte(word)) {
			e.t.Fatalf("the log has another record than the receipt says: %s", got.Text)
		}
		point, err := tree.Open(got.Proof.Checkpoint, tree.Key(r.Key))
		if err != nil {
			e.t.Fatal(err)
		}
		if err := tree.CheckInclusion(point.Checkpoint, got.Proof.N, leaf, got.Proof.Hashes); err != nil {
			e.t.Fatal(err)
		}
		if other := seen[got.Proof.N]; other != "" {
			e.t.Fatalf("two ballots at place %d", got.Proof.N)
		}
		seen[got.Proof.N] = word
	}
}

// whole ends the vote and looks through the records, the log and the bundle: each acknowledged ballot is in all of them,
// once.
func (e *election) whole() {
	e.t.Helper()
	clock := &demo.Clock{}
	clock.Set(e.Meeting.Closes.Add(9 * time.Hour))
	e.house(clock, func(h *app.House) {
		count := func(q string) int {
			n, err := store.Count(ctx, h.DB, q)
			if err != nil {
				e.t.Fatal(err)
			}
			return int(n)
		}
		for what, q := range map[string]string{
			"ballots": `select count(*) from assembly_ballot`,
			"records": `select count(*) from audit_record where kind = 'assembly.ballot'`,
			"ballots with the record that names them": `select count(*) from assembly_ballot b join audit_record r on r.id = b.record where r.body like '%' || b.word || '%'`,
			"traces": `select count(*) from audit_entry where action = 'assembly.cast'`,
		} {
			if n := count(q); n != len(e.told) {
				e.t.Errorf("%d %s for %d receipts", n, what, len(e.told))
			}
		}
		if n := count(`select count(*) from (select right_no from assembly_ballot group by right_no having min(n) <> 1 or max(n) <> count(*)) as x`); n != 0 {
			e.t.Errorf("%d rights with numbers missing", n)
		}
		if err := poll.Pass(ctx, h); err != nil {
			e.t.Fatal(err)
		}
		if _, err := h.Hall.Post(ctx, e.Director, e.Meeting.ID); err != nil {
			e.t.Fatal(err)
		}
		file := e.bundle(h)
		for i, c := range e.sent {
			if i%25 != 0 {
				continue
			}
			if r := bundle.CheckReceipt(bundle.Slip{Receipt: e.told[c.word]}, file); !r.OK {
				e.t.Fatalf("a receipt does not hold in the bundle: %+v", r.Checks)
			}
		}
		if _, err := h.Logs.Public.Whole(ctx); err != nil {
			e.t.Error(err)
		}
		if h.DB.Engine == store.SQLite {
			var said string
			if err := h.DB.QueryRow(ctx, `pragma integrity_check`).Scan(&said); err != nil || said != "ok" {
				e.t.Errorf("%s %v", said, err)
			}
		}
	})
}

// bundle takes the public file, checks it, and finds every receipt's ballot in it, once.
func (e *election) bundle(h *app.House) []byte {
	e.t.Helper()
	for {
		n, err := h.Logs.Integrate(ctx)
		if err != nil {
			e.t.Fatal(err)
		}
		if n == 0 {
			break
		}
	}
	file, _, err := h.Hall.Bundle(ctx, e.Meeting.ID)
	if err != nil {
		e.t.Fatal(err)
	}
	if r := bundle.Check(file, nil); !r.OK {
		for _, c := range r.Checks {
			for _, f := range c.Faults {
				e.t.Errorf("%s: %s: %s", c.Name, f.Where, f.En)
			}
		}
		e.t.Fatal("the bundle is not sound")
	}
	var b bundle.Bundle
	if err := json.Unmarshal(file, &b); err != nil {
		e.t.Fatal(err)
	}
	in := map[string]int{}
	for _, x := range b.Ballots {
		in[x.Commitment]++
	}
	for word := range e.told {
		if in[word] != 1 {
			e.t.Fatalf("an acknowledged ballot is %d times in the bundle", in[word])
		}
	}
	if len(e.told) > 0 && len(in) != len(e.told) {
		e.t.Fatalf("%d ballots in the bundle, %d receipts", len(in), len(e.told))
	}
	return file
}

// The program dies three times while owners vote at 32 telephones.
func TestKilledWhileOwnersVote(t *testing.T) {
	t.Parallel()
	e := elect(t, storetest.Prepare(t, ""), 128, 18)
	for range 3 {
		p := start(t, e.dir, e.database)
		stop := make(chan struct{})
		wait := e.vote(p, stop)
		e.await(p, e.acknowledged()+100)
		p.kill()
		close(stop)
		wait.Wait()
	}
	p := start(t, e.dir, e.database)
	e.again(p)
	e.placed(p)
	p.stop()
	e.whole()
}

// The database server dies twice while owners vote at 32 telephones; the program goes on by itself.
func TestKilledServerWhileOwnersVote(t *testing.T) {
	t.Parallel()
	if !onPostgres() {
		t.Skip("needs PostgreSQL; set " + storetest.EnvURL)
	}
	s := newServer(t)
	e := elect(t, s.url, 128, 18)
	p := start(t, e.dir, s.url)
	stop := make(chan struct{})
	wait := e.vote(p, stop)
	for range 2 {
		e.await(p, e.acknowledged()+100)
		s.kill()
		time.Sleep(300 * time.Millisecond)
		s.start()
	}
	e.await(p, e.acknowledged()+60)
	close(stop)
	wait.Wait()
	e.again(p)
	e.placed(p)
	p.stop()
	e.whole()
}

// A hundred owners vote within one second: a hundred ballots, each with a proof that holds.
func TestHundredVoteWithinASecond(t *testing.T) {
	t.Parallel()
	e := elect(t, storetest.Prepare(t, ""), 100, 18)
	p := start(t, e.dir, e.database)
	began := time.Now()
	var wait sync.WaitGroup
	for i, o := range e.Owners {
		c := e.fill(o, i)
		wait.Go(func() {
			time.Sleep(time.Duration(rand.IntN(int(time.Second))))
			e.send(p, c)
		})
	}
	wait.Wait()
	t.Logf("the last of 100 had the receipt after %v", time.Since(began))
	if e.worst != "" || len(e.told) != 100 {
		t.Fatalf("%d receipts; %s", len(e.told), e.worst)
	}
	e.placed(p)
	p.stop()
	e.whole()
}

// posted is what the records hold of a preliminary result, each of which must be there or none.
func (e *election) posted() (state string, closed int, parts [4]int) {
	e.t.Helper()
	db, err := store.Open(ctx, store.Options{Dir: e.sqliteDir(), URL: e.database})
	if err != nil {
		e.t.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRow(ctx, `select state from assembly_meeting where id = $1`, e.Meeting.ID).Scan(&state); err != nil {
		e.t.Fatal(err)
	}
	count := func(q string) int {
		n, err := store.Count(ctx, db, q)
		if err != nil {
			e.t.Fatal(err)
		}
		return int(n)
	}
	closed = count(`select count(*) from audit_record where kind = 'assembly.closed'`)
	for i, q := range []string{
		`select count(*) from assembly_result where stage = 'preliminary'`,
		`select count(*) from assembly_event where kind = 'preliminary'`,
		`select count(*) from audit_record where kind = 'assembly.preliminary'`,
		`select count(*) from audit_entry where action = 'assembly.preliminary'`,
	} {
		parts[i] = count(q)
	}
	return state, closed, parts
}

func (e *election) sqliteDir() string {
	if e.database != "" {
		return ""
	}
	return e.dir
}

// The program is killed while it counts and posts, a little later each time, until a result is there: before that nothing
// of one is, then all of it, once; and it can be asked for again each time.
func TestKilledWhilePosting(t *testing.T) {
	t.Parallel()
	e := elect(t, storetest.Prepare(t, ""), 240, 30)
	nothing := 0
	for life := 0; ; life++ {
		p := start(t, e.dir, e.database)
		status, body, err := p.post("/api/sign-in", map[string]any{"name": directorLogin, "password": password})
		if err != nil || status != 200 {
			t.Fatalf("the director: %d %s %v", status, body, err)
		}
		// The timer closes at its start or the director does; the second one is told that it is closed.
		status, body, err = p.post("/api/assemblies/"+e.Meeting.ID+"/close", map[string]any{})
		if err != nil || status != 200 && !bytes.Contains(body, []byte("assembly.state")) {
			t.Fatalf("closing: %d %s %v", status, body, err)
		}
		post := make(chan int, 1)
		go func() {
			status, _, err := p.post("/api/assemblies/"+e.Meeting.ID+"/preliminary", map[string]any{})
			if err != nil {
				status = 0
			}
			post <- status
		}()
		told := 0
		if life < 14 {
			time.Sleep(time.Duration(life*life) * 3 * time.Millisecond)
			p.kill()
			told = <-post
		} else if told = <-post; told != 200 {
			t.Fatalf("it cannot be posted any more: %d\n%s", told, tail(p.log))
		} else {
			p.stop()
		}
		state, closed, parts := e.posted()
		if closed != 1 {
			t.Fatalf("%d records of the closing", closed)
		}
		if state == "closed" {
			if parts != [4]int{} || told == 200 {
				t.Fatalf("life %d: half a result: %v, told %d", life, parts, told)
			}
			nothing++
			continue
		}
		if state != "preliminary" || parts != [4]int{2, 1, 1, 1} {
			t.Fatalf("life %d: %s with %v", life, state, parts)
		}
		break
	}
	t.Logf("killed %d times with nothing posted", nothing)
	p := start(t, e.dir, e.database)
	if status, _, err := p.post("/api/sign-in", map[string]any{"name": directorLogin, "password": password}); err != nil || status != 200 {
		t.Fatal(status, err)
	}
	status, body, err := p.post("/api/assemblies/"+e.Meeting.ID+"/preliminary", map[string]any{})
	if err != nil || status != 409 || !bytes.Contains(body, []byte("assembly.state")) {
		t.Fatalf("posted twice: %d %s %v", status, body, err)
	}
	p.stop()
	if _, _, parts := e.posted(); parts != [4]int{2, 1, 1, 1} {
		t.Fatalf("%v", parts)
	}
	clock := &demo.Clock{}
	e.house(clock, func(h *app.House) {
		file := e.bundle(h)
		if r := bundle.Check(file, nil); r.Ballots != 240 {
			t.Errorf("%d ballots of 240", r.Ballots)
		}
	})
}
