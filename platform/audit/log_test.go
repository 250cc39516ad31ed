package audit

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"cuobian/basis/day"
	"cuobian/platform/audit/tree"
	"cuobian/platform/seal"
	"cuobian/platform/store"
	"cuobian/platform/store/storetest"

	"golang.org/x/mod/sumdb/tlog"
)

var ctx = context.Background()

func open(t testing.TB, clock *storetest.Clock) (*store.DB, *Logs) {
	t.Helper()
	db := storetest.Open(t, clock, seal.Schema(), Schema())
	return db, NewLogs(db, seal.NewPens(db, ""), "xiaoqu.example")
}

func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func publish(t testing.TB, db *store.DB, n int) (out []Leaf) {
	t.Helper()
	if err := db.Write(ctx, func(tx *store.Tx) error {
		out = out[:0]
		for i := range n {
			if _, err := Publish(ctx, tx, Record{Kind: "test.record", Path: "350503002/c/x/", Ref: "test/1", Body: map[string]any{"n": i, "字": nil, "w": "示例"}}); err == nil {
				return errors.New("a key that is not ASCII was taken")
			}
			l, err := Publish(ctx, tx, Record{Kind: "test.record", Path: "350503002/c/x/", Ref: "test/1", Body: map[string]any{"n": i, "w": "示例 <b>"}})
			if err != nil {
				return err
			}
			out = append(out, l)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return out
}

func entries(t testing.TB, db *store.DB, n int) {
	t.Helper()
	if err := db.Write(ctx, func(tx *store.Tx) error {
		for i := range n {
			if err := Write(ctx, tx, Entry{By: System, Action: "test.do", Path: "350503002/", Ref: "test/" + strconv.Itoa(i), Why: "示例"}); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

// check goes through a log from outside: every leaf has one place, every place a proof in the signed checkpoint, and
// the tree is the one that x/mod makes of the leaves in this order.
func check(t testing.TB, l *Log, want int64) tree.Opened {
	t.Helper()
	var o tree.Opened
	if err := l.db.View(ctx, func(q store.Queryer) error {
		c, err := l.Checkpoint(ctx, q, 0)
		if err != nil {
			return err
		}
		keys, err := l.Keys(ctx, q)
		if err != nil {
			return err
		}
		if o, err = tree.Open(c.Note, keys...); err != nil {
			return err
		}
		if o.Size != want || !o.SM2() || o.Checkpoint != c.Checkpoint {
			return fmt.Errorf("the checkpoint has %d leaves, not %d (SM2 %v)", o.Size, want, o.SM2())
		}
		rows, err := store.Count(ctx, q, `select count(*) from `+l.table)
		if err != nil {
			return err
		}
		places, err := store.Count(ctx, q, `select count(*) from audit_seq where log = $1`, l.Name)
		if err != nil || rows != want || places != want {
			return fmt.Errorf("%d rows, %d places, want %d: %v", rows, places, want, err)
		}
		pool := tree.Pool{}
		ids, err := store.Texts(ctx, q, `select entry from audit_seq where log = $1 order by n`, l.Name)
		if err != nil {
			return err
		}
		for n, id := range ids {
			var leaf []byte
			if err := q.QueryRow(ctx, `select leaf from `+l.table+` where id = $1`, id).Scan(&leaf); err != nil {
				return err
			}
			hs, err := tlog.StoredHashesForRecordHash(int64(n), tree.Hash(leaf), pool)
			if err != nil {
				return err
			}
			for i, h := range hs {
				pool[tlog.StoredHashCount(int64(n))+int64(i)] = h
			}
		}
		if root, err := tlog.TreeHash(want, pool); err != nil || root != o.Root {
			return fmt.Errorf("the root is not that of the leaves: %v", err)
		}
		for n := int64(0); n < want; n += 1 + want/97 {
			p, err := l.ProofAt(ctx, q, n, 0)
			if err != nil {
				return fmt.Errorf("proof of %d: %w", n, err)
			}
			if err := tree.CheckInclusion(o.Checkpoint, n, p.Leaf, p.Hashes); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatalf("%s log: %v", l.Name, err)
	}
	return o
}

func TestIntegration(t *testing.T) {
	db, logs := open(t, nil)
	entries(t, db, 5) // before anybody thought of a log
	if n := must(logs.Integrate(ctx))(t); n != 5 {
		t.Fatalf("%d placed", n)
	}
	check(t, logs.Private, 5)
	if _, err := logs.Public.Checkpoint(ctx, db, 0); !errors.Is(err, ErrNoCheckpoint) {
		t.Errorf("an empty log has a checkpoint: %v", err)
	}
	var seen []tree.Checkpoint
	total := 0
	for _, k := range []int{1, 1, 1, 250, 3, 1, 255, 256, 257, 700} { // over the edges of tiles
		publish(t, db, k)
		total += k
		if n := must(logs.Integrate(ctx))(t); n != k {
			t.Fatalf("%d placed, not %d", n, k)
		}
		o := check(t, logs.Public, int64(total))
		seen = append(seen, o.Checkpoint)
	}
	for i, a := range seen {
		for _, b := range seen[i:] {
			p := must(logs.Public.Consistency(ctx, db, a.Size, b.Size))(t)
			if err := tree.CheckConsistency(a, b, p); err != nil {
				t.Errorf("%d to %d: %v", a.Size, b.Size, err)
			}
		}
		at := must(logs.Public.Checkpoint(ctx, db, a.Size))(t)
		p := must(logs.Public.ProofAt(ctx, db, a.Size-1, a.Size))(t)
		if at.Checkpoint != a || tree.CheckInclusion(a, a.Size-1, p.Leaf, p.Hashes) != nil {
			t.Errorf("an old checkpoint of %d", a.Size)
		}
	}
	if n := must(logs.Private.Whole(ctx))(t); n != 5 {
		t.Errorf("whole: %d", n)
	}
	if n := must(logs.Public.Whole(ctx))(t); n != int64(total) {
		t.Errorf("whole: %d", n)
	}
	if !strings.HasPrefix(seen[0].Origin, "xiaoqu.example/log/") || !strings.HasSuffix(seen[0].Origin, "/public") {
		t.Errorf("origin %s", seen[0].Origin)
	}
	// A second program, which knows nothing yet, goes on from the same edge.
	publish(t, db, 300)
	other := NewLogs(db, logs.Pens, "elsewhere.example")
	if n := must(other.Integrate(ctx))(t); n != 300 {
		t.Errorf("%d placed by another program", n)
	}
	publish(t, db, 1)
	if n := must(logs.Integrate(ctx))(t); n != 1 {
		t.Errorf("%d placed by the first again", n)
	}
	check(t, logs.Public, int64(total)+301)
}

func TestAtRestNothingIsWritten(t *testing.T) {
	clock := storetest.NewClock("2026-11-21T09:00:00+08:00")
	db, logs := open(t, clock)
	publish(t, db, 3)
	must(logs.Integrate(ctx))(t)
	before := must(store.Count(ctx, db, `select count(*) from audit_checkpoint`))(t)
	writes := 0
	logs.Public.step = func(string) error { writes++; return nil }
	logs.Private.step = logs.Public.step
	for range 50 {
		clock.Advance(time.Hour) // through all sweeps
		if n := must(logs.Integrate(ctx))(t); n != 0 {
			t.Fatalf("%d placed", n)
		}
	}
	if after := must(store.Count(ctx, db, `select count(*) from audit_checkpoint`))(t); after != before || writes != 0 {
		t.Errorf("%d writes and %d checkpoints at rest", writes, after-before)
	}
}

func TestProofs(t *testing.T) {
	db, logs := open(t, nil)
	first := publish(t, db, 400)
	if _, err := logs.Public.Proof(ctx, db, first[0].Hash); !errors.Is(err, ErrNotYet) {
		t.Errorf("before the first integration: %v", err)
	}
	must(logs.Integrate(ctx))(t)
	waits := publish(t, db, 1)[0]
	if _, err := logs.Public.Proof(ctx, db, waits.Hash); !errors.Is(err, ErrNotYet) {
		t.Errorf("a record that waits: %v", err)
	}
	if _, err := logs.Public.Proof(ctx, db, tree.Leaf([]byte("no"))); !errors.Is(err, ErrNoRecord) {
		t.Errorf("no record: %v", err)
	}
	if _, err := logs.Private.Proof(ctx, db, first[0].Hash); !errors.Is(err, ErrNoRecord) {
		t.Errorf("a record asked of the private log: %v", err)
	}
	if _, err := logs.Private.ProofOf(ctx, db, first[0].ID); !errors.Is(err, ErrNoRecord) {
		t.Errorf("a record's id asked of the private log: %v", err)
	}
	p := must(logs.Public.Proof(ctx, db, first[7].Hash))(t)
	if p.N != 7 || p.Size != 400 || p.Leaf != tree.Leaf(first[7].Text) {
		t.Errorf("%+v", p)
	}
	if p, err := logs.Public.ProofAt(ctx, db, 400, 0); !errors.Is(err, ErrNotYet) {
		t.Errorf("%+v %v", p, err)
	}
	if _, err := logs.Public.ProofAt(ctx, db, 3, 399); !errors.Is(err, ErrNoCheckpoint) {
		t.Errorf("a size that nobody signed: %v", err)
	}
	for _, r := range [][2]int64{{0, 5}, {-1, 5}, {6, 5}, {5, 401}} {
		if _, err := logs.Public.Consistency(ctx, db, r[0], r[1]); !errors.Is(err, ErrRange) {
			t.Errorf("%v: %v", r, err)
		}
	}
	found := must(logs.Public.Records(ctx, db, FindRecords{Ref: "test/1", Limit: 10000}))(t)
	if len(found) != 401 || found[7].N != 7 || found[7].Text != string(first[7].Text) || found[7].Leaf != first[7].Hash || found[400].N != -1 {
		t.Errorf("%d records, the last at %d", len(found), found[len(found)-1].N)
	}
	if _, err := tree.ParseRecord([]byte(found[7].Text)); err != nil {
		t.Error(err)
	}
	if next := must(logs.Public.Records(ctx, db, FindRecords{Path: "350503002/", Kind: "test", After: found[398].ID}))(t); len(next) != 2 {
		t.Errorf("%d after the 399th", len(next))
	}
	for _, f := range []FindRecords{{Ref: "test/2"}, {Path: "350503003/"}, {Path: "350503002/c/x/y/"}, {Kind: "tes"}} {
		if got := must(logs.Public.Records(ctx, db, f))(t); len(got) != 0 {
			t.Errorf("%+v: %d", f, len(got))
		}
	}
	// Many at once.
	var positions []int64
	for i := int64(0); i < 400; i += 3 {
		positions = append(positions, i)
	}
	pool := must(logs.Public.Pool(ctx, db, positions, 400))(t)
	c := must(logs.Public.Checkpoint(ctx, db, 400))(t)
	for _, n := range positions {
		if err := pool.Check(c.Checkpoint, n, first[n].Hash); err != nil {
			t.Fatalf("%d: %v", n, err)
		}
		if pool.Check(c.Checkpoint, n, first[n+0].Hash) != nil || pool.Check(c.Checkpoint, n, first[(n+1)%400].Hash) == nil {
			t.Fatalf("%d is proved for another record", n)
		}
	}
	for _, bad := range [][]int64{{400}, {-1}} {
		if _, err := logs.Public.Pool(ctx, db, bad, 400); !errors.Is(err, ErrRange) {
			t.Errorf("%v: %v", bad, err)
		}
	}
	ids := []string{"none", waits.ID}
	for _, l := range first[:250] {
		ids = append(ids, l.ID)
	}
	if at := must(logs.Public.Places(ctx, db, ids))(t); len(at) != 250 || at[first[249].ID] != 249 {
		t.Errorf("%d places", len(at))
	}
}

var errCut = errors.New("cut")

// The program ends in the middle of an integration, at each step of it, and another goes on.
func TestCutBetweenSteps(t *testing.T) {
	db, logs := open(t, nil)
	total := int64(0)
	for round, at := range []string{"size", "positions", "tile", "tile", "checkpoint", "size", "tile", "checkpoint"} {
		for name, end := range map[string]func(){"error": func() {}, "panic": func() { panic("killed") }} {
			publish(t, db, 300+round)
			total += int64(300 + round)
			reached := false
			logs.Public.step = func(step string) error {
				if step != at {
					return nil
				}
				reached = true
				end()
				return errCut
			}
			func() {
				defer func() { recover() }()
				if _, err := logs.Public.Integrate(ctx); !errors.Is(err, errCut) {
					t.Errorf("%s %s: %v", at, name, err)
				}
			}()
			if !reached {
				t.Fatalf("%s was not reached", at)
			}
			if round%2 == 0 {
				logs = NewLogs(db, logs.Pens, "")
			}
			logs.Public.step = nil
			if n := must(logs.Public.Integrate(ctx))(t); n != 300+round {
				t.Fatalf("after %s %s %d were placed", at, name, n)
			}
		}
	}
	check(t, logs.Public, total)
	must(logs.Public.Whole(ctx))(t)
}

// Two programs on one database, writers beside them.
func TestSeveralAtOnce(t *testing.T) {
	db, logs := open(t, nil)
	var wait sync.WaitGroup
	done := make(chan struct{})
	const writers, each = 4, 40
	for range writers {
		wait.Add(1)
		go func() {
			defer wait.Done()
			for range each {
				publish(t, db, 3)
				entries(t, db, 1)
			}
		}()
	}
	var integrators sync.WaitGroup
	for range 3 {
		mine := NewLogs(db, logs.Pens, "xiaoqu.example")
		integrators.Add(1)
		go func() {
			defer integrators.Done()
			for {
				if _, err := mine.Integrate(ctx); err != nil {
					t.Error(err)
					return
				}
				select {
				case <-done:
					return
				case <-time.After(5 * time.Millisecond):
				}
			}
		}()
	}
	wait.Wait()
	close(done)
	integrators.Wait()
	must(logs.Integrate(ctx))(t)
	check(t, logs.Public, writers*each*3)
	check(t, logs.Private, writers*each)
	must(logs.Public.Whole(ctx))(t)
	must(logs.Private.Whole(ctx))(t)
}

// Entries whose ids lie before what is placed already: a clock that was set back, and a write that was long under way.
func TestPassedBy(t *testing.T) {
	clock := storetest.NewClock("2026-11-21T09:00:00+08:00")
	db, logs := open(t, clock)
	start := clock.Now()
	total := int64(0)
	put := func(at day.Instant, n int) {
		now := clock.Now()
		clock.Set(at)
		publish(t, db, n)
		clock.Set(now)
		total += int64(n)
	}
	placed := func(want int, why string) {
		t.Helper()
		if n := must(logs.Public.Integrate(ctx))(t); n != want {
			t.Errorf("%s: %d placed, want %d", why, n, want)
		}
	}
	put(start, 10)
	placed(10, "the first")
	clock.Advance(10 * time.Minute)
	put(clock.Now(), 10)
	placed(10, "later")
	put(clock.Now().Add(-3*time.Second), 2)
	placed(2, "three seconds late")
	put(clock.Now().Add(-10*time.Minute), 3) // another program's clock is slow
	clock.Advance(31 * time.Second)
	placed(3, "ten minutes late, after half a minute")
	put(clock.Now().Add(3*time.Hour), 1) // the clock was wrong for a moment
	placed(1, "from the future")
	put(clock.Now(), 4)
	placed(4, "the clock is right again")
	clock.Advance(time.Minute)
	put(clock.Now(), 4)
	placed(4, "and goes on below the newest")
	put(start.Add(-48*time.Hour), 5) // two days back
	placed(0, "two days back, at once")
	if w := must(logs.Public.Waiting(ctx, db, 0))(t); !w.Late || w.Oldest == 0 {
		t.Errorf("nobody is told: %+v", w)
	}
	clock.Advance(25 * time.Hour)
	placed(5, "two days back, with the daily sweep")
	put(start.Add(-72*time.Hour), 2)
	logs = NewLogs(db, logs.Pens, "")
	placed(2, "at the start")
	if w := must(logs.Public.Waiting(ctx, db, 0))(t); w.Late || w.Oldest != 0 || w.Size != total || w.Signed != total {
		t.Errorf("%+v", w)
	}
	check(t, logs.Public, total)
}

func TestTampering(t *testing.T) {
	change := func(db *store.DB, sql string) {
		t.Helper()
		if err := db.Write(ctx, func(tx *store.Tx) error { _, err := tx.Exec(ctx, sql); return err }); err != nil {
			t.Fatal(err)
		}
	}
	for name, sql := range map[string]string{
		"a body":          `update audit_record set body = '{"n":1000000}' where id = (select entry from audit_seq where n = 5 and log = 'public')`,
		"a leaf":          `update audit_record set leaf = (select leaf from audit_record where id = (select entry from audit_seq where n = 6 and log = 'public')) where id = (select entry from audit_seq where n = 590 and log = 'public')`,
		"a kind":          `update audit_record set kind = 'test.other' where id = (select entry from audit_seq where n = 599 and log = 'public')`,
		"a record gone":   `delete from audit_record where id = (select entry from audit_seq where n = 300 and log = 'public')`,
		"a place gone":    `delete from audit_seq where n = 300`,
		"the last gone":   `delete from audit_seq where n = 599`,
		"two changed":     `update audit_seq set n = case n when 3 then 4 when 4 then -3 else n end where n = 3 or n = 4`,
		"a tile":          `update audit_tile set data = (select data from audit_tile where log = 'public' and level = 0 and n = 1) where log = 'public' and level = 0 and n = 0`,
		"an upper tile":   `update audit_tile set data = (select leaf from audit_record order by id limit 1) where log = 'public' and level = 1`,
		"the size":        `update audit_log set size = 599 where log = 'public'`,
		"the checkpoint":  `update audit_checkpoint set note = replace(note, '600', '601')`,
		"its signatures":  `update audit_checkpoint set note = replace(note, 'A', 'B')`,
		"another public":  `update audit_log set origin = 'other.example/log'`,
		"the key renewed": `delete from seal_pen`,
	} {
		t.Run(strings.ReplaceAll(name, " ", "_"), func(t *testing.T) {
			db, logs := open(t, nil)
			publish(t, db, 600)
			must(logs.Integrate(ctx))(t)
			must(logs.Public.Whole(ctx))(t)
			if name == "two changed" { // past the primary key, one at a time
				change(db, `update audit_seq set n = -1 where n = 3`)
				change(db, `update audit_seq set n = 3 where n = 4`)
				change(db, `update audit_seq set n = 4 where n = -1`)
			} else {
				change(db, sql)
			}
			if name == "the size" {
				if _, err := NewLogs(db, logs.Pens, "").Public.Integrate(ctx); err == nil {
					t.Error("it was signed on")
				}
				return
			}
			if _, err := logs.Public.Whole(ctx); !errors.Is(err, ErrBroken) {
				t.Errorf("not found: %v", err)
			}
		})
	}
	// A changed entry has no proof, and a tree that was changed is not signed on.
	db, logs := open(t, nil)
	first := publish(t, db, 100)
	must(logs.Integrate(ctx))(t)
	change(db, `update audit_record set leaf = (select leaf from audit_record order by id desc limit 1) where id = '`+first[5].ID+`'`)
	if _, err := logs.Public.ProofOf(ctx, db, first[5].ID); !errors.Is(err, ErrBroken) {
		t.Errorf("a changed row is proved: %v", err)
	}
	if _, err := logs.Public.ProofOf(ctx, db, first[6].ID); !errors.Is(err, ErrBroken) {
		t.Errorf("a neighbour of a changed row is proved by a tree that was not signed: %v", err)
	}
	publish(t, db, 1)
	if _, err := NewLogs(db, logs.Pens, "").Integrate(ctx); !errors.Is(err, ErrBroken) {
		t.Errorf("a changed tree was signed on: %v", err)
	}
}

func TestTurnedKeys(t *testing.T) {
	db, logs := open(t, nil)
	publish(t, db, 1)
	must(logs.Integrate(ctx))(t)
	old := must(logs.Public.Keys(ctx, db))(t)
	if len(old) != 2 || old[0].Kind() != tree.Ed25519 || old[1].Kind() != tree.SM2 {
		t.Fatal(old)
	}
	must(logs.Pens.Turn(ctx, seal.Ed25519))(t)
	publish(t, db, 1)
	must(logs.Integrate(ctx))(t)
	keys := must(logs.Public.Keys(ctx, db))(t)
	c := must(logs.Public.Checkpoint(ctx, db, 0))(t)
	// Who knows the old key only, and who knows the new one only, both can read it; the first checkpoint stays readable.
	for _, known := range [][]tree.Key{{old[0]}, {keys[1]}, keys} {
		if _, err := tree.Open(c.Note, known...); err != nil {
			t.Errorf("%v: %v", known, err)
		}
	}
	was := must(logs.Public.Checkpoint(ctx, db, 1))(t)
	if _, err := tree.Open(was.Note, keys...); err != nil || len(keys) != 3 {
		t.Errorf("%d keys, %v", len(keys), err)
	}
	must(logs.Public.Whole(ctx))(t)
}

func TestOldCheckpointsAreThinned(t *testing.T) {
	clock := storetest.NewClock("2026-11-21T09:00:00+08:00")
	db, logs := open(t, clock)
	for range 5 { // five hours, a checkpoint every ten minutes
		for range 6 {
			publish(t, db, 1)
			must(logs.Integrate(ctx))(t)
			clock.Advance(10 * time.Minute)
		}
	}
	sizes := func() []int64 { return must(logs.Public.Checkpoints(ctx, db, 0, 100))(t) }
	if err := db.Write(ctx, func(tx *store.Tx) error {
		for _, size := range []int{2, 3, 8} {
			if _, err := tx.Exec(ctx, `insert into audit_cosign (log, size, witness, line, at) values ('public', $1, 'w', 'x', 0)`, size); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	clock.Advance(89 * 24 * time.Hour)
	must(logs.Integrate(ctx))(t)
	if got := sizes(); len(got) != 30 {
		t.Fatalf("too early: %v", got)
	}
	clock.Advance(26 * time.Hour)
	publish(t, db, 1) // also when something waits just then
	must(logs.Integrate(ctx))(t)
	if got := fmt.Sprint(sizes()); got != "[3 6 8 12 18 24 30 31]" {
		t.Errorf("kept %s", got)
	}
	if n := must(store.Count(ctx, db, `select count(*) from audit_cosign`))(t); n != 2 {
		t.Errorf("%d cosignatures are kept", n)
	}
	must(logs.Public.Whole(ctx))(t)
	check(t, logs.Public, 31)
}

// A program of its own that publishes, integrates, and is killed by signal 9 at one step of it.
func TestKilled(t *testing.T) {
	if step := os.Getenv("CUOBIAN_TEST_KILL_AT"); step != "" {
		o := store.Options{Dir: os.Getenv("CUOBIAN_TEST_KILL_DIR"), URL: os.Getenv("CUOBIAN_TEST_KILL_URL")}
		if o.URL != "" {
			o.Dir = ""
		}
		db, err := store.Open(ctx, o)
		if err != nil {
			t.Fatal(err)
		}
		logs := NewLogs(db, seal.NewPens(db, os.Getenv("CUOBIAN_TEST_KILL_DIR")+"/keys"), "")
		publish(t, db, 300)
		logs.Public.step = func(at string) error {
			if at == step {
				p, _ := os.FindProcess(os.Getpid())
				p.Kill()
				select {}
			}
			return nil
		}
		if step == "after" {
			must(logs.Integrate(ctx))(t)
			p, _ := os.FindProcess(os.Getpid())
			p.Kill()
			select {}
		}
		must(logs.Integrate(ctx))(t)
		return
	}
	dir := t.TempDir()
	o := store.Options{Dir: dir, URL: storetest.Prepare(t, dir)}
	use := func(do func(db *store.DB, logs *Logs)) {
		t.Helper()
		db, err := store.Open(ctx, o)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		if err := db.Migrate(ctx, seal.Schema(), Schema()); err != nil {
			t.Fatal(err)
		}
		do(db, NewLogs(db, seal.NewPens(db, dir+"/keys"), ""))
	}
	use(func(db *store.DB, logs *Logs) { publish(t, db, 10); must(logs.Integrate(ctx))(t) })
	total := int64(10)
	for _, step := range []string{"size", "positions", "tile", "checkpoint", "after"} {
		cmd := exec.Command(os.Args[0], "-test.run", "^TestKilled$")
		cmd.Env = append(os.Environ(), "CUOBIAN_TEST_KILL_AT="+step, "CUOBIAN_TEST_KILL_DIR="+dir, "CUOBIAN_TEST_KILL_URL="+o.URL)
		out, err := cmd.CombinedOutput()
		if err == nil || !strings.Contains(err.Error(), "killed") {
			t.Fatalf("%s: it was not killed: %v %s", step, err, out)
		}
		total += 300
		use(func(db *store.DB, logs *Logs) {
			want := 300
			if step == "after" {
				want = 0
			}
			if n := must(logs.Integrate(ctx))(t); n != want {
				t.Errorf("killed at %s: %d placed, want %d", step, n, want)
			}
			check(t, logs.Public, total)
			must(logs.Public.Whole(ctx))(t)
		})
	}
}

// Speed of a backlog: CUOBIAN_TEST_LOG_LEAVES=1000000 go test -run Backlog -v ./platform/audit
func TestBacklog(t *testing.T) {
	total := 3000
	if s := os.Getenv("CUOBIAN_TEST_LOG_LEAVES"); s != "" {
		var err error
		if total, err = strconv.Atoi(s); err != nil {
			t.Fatal(err)
		}
	}
	db, logs := open(t, nil)
	took := store.Stopwatch()
	for n := 0; n < total; n += 1000 {
		entries(t, db, min(1000, total-n))
	}
	t.Logf("%d entries written in %v", total, took())
	took = store.Stopwatch()
	if n := must(logs.Integrate(ctx))(t); n != total {
		t.Fatalf("%d placed", n)
	}
	all := took()
	t.Logf("placed in %v, %.0f a second", all, float64(total)/all.Seconds())
	took = store.Stopwatch()
	const proofs = 200
	for i := range proofs {
		n := int64(i) * int64(total) / proofs
		must(logs.Private.ProofAt(ctx, db, n, 0))(t)
	}
	t.Logf("a proof in %v", took()/proofs)
	took = store.Stopwatch()
	var positions []int64
	for i := range min(total, 5000) {
		positions = append(positions, int64(total-1-i))
	}
	pool := must(logs.Private.Pool(ctx, db, positions, int64(total)))(t)
	t.Logf("a pool of %d hashes for %d records in %v", len(pool), len(positions), took())
	took = store.Stopwatch()
	again := NewLogs(db, logs.Pens, "")
	must(again.Integrate(ctx))(t)
	t.Logf("the sweep at the start in %v", took())
	took = store.Stopwatch()
	must(again.Integrate(ctx))(t)
	t.Logf("a run with nothing to do in %v", took())
	entries(t, db, 1)
	took = store.Stopwatch()
	must(again.Integrate(ctx))(t)
	t.Logf("one entry placed and signed in %v", took())
	took = store.Stopwatch()
	n := must(logs.Private.Whole(ctx))(t)
	t.Logf("gone through whole in %v", took())
	if n != int64(total)+1 {
		t.Errorf("%d leaves", n)
	}
}

// Writers beside the integration, and how long a record waits for its place when the log is filled every two seconds as
// in the house: CUOBIAN_TEST_LOG_SECONDS=10 go test -run Beside -v ./platform/audit
func TestBeside(t *testing.T) {
	span := 300 * time.Millisecond
	if s := os.Getenv("CUOBIAN_TEST_LOG_SECONDS"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatal(err)
		}
		span = time.Duration(n) * time.Second
	}
	for _, filled := range []bool{false, true} {
		db, logs := open(t, nil)
		stop := make(chan struct{})
		var filler sync.WaitGroup
		if filled {
			filler.Add(1)
			go func() {
				defer filler.Done()
				tick := time.NewTicker(min(2*time.Second, span/4))
				defer tick.Stop()
				for {
					if _, err := logs.Integrate(ctx); err != nil {
						t.Error(err)
						return
					}
					select {
					case <-stop:
						return
					case <-tick.C:
					}
				}
			}()
		}
		var writers sync.WaitGroup
		var written atomic.Int64
		took := store.Stopwatch()
		for range 32 {
			writers.Add(1)
			go func() {
				defer writers.Done()
				for took() < span {
					if err := db.Write(ctx, func(tx *store.Tx) error {
						if err := Write(ctx, tx, Entry{By: System, Action: "test.do", Path: "350503002/", Ref: "test/1"}); err != nil {
							return err
						}
						_, err := Publish(ctx, tx, Record{Kind: "test.record", Path: "350503002/", Ref: "test/1", Body: map[string]int{"n": 1}})
						return err
					}); err != nil {
						t.Error(err)
						return
					}
					written.Add(1)
				}
			}()
		}
		writers.Wait()
		t.Logf("filled %v: %d writes a second, an entry and a record each", filled, written.Load()*1000/took().Milliseconds())
		if filled {
			l := publish(t, db, 1)[0]
			waited := store.Stopwatch()
			for {
				p, err := logs.Public.Proof(ctx, db, l.Hash)
				if err == nil && p.Leaf == l.Hash {
					break
				}
				if !errors.Is(err, ErrNotYet) || waited() > AlarmAfter {
					t.Fatal(err)
				}
				time.Sleep(5 * time.Millisecond)
			}
			t.Logf("a record written just then had its place and proof after %v", waited())
		}
		close(stop)
		filler.Wait()
		if filled {
			must(logs.Integrate(ctx))(t)
			check(t, logs.Private, written.Load())
		}
	}
}
