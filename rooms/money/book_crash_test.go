package money

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"cuobian/basis/day"
	"cuobian/basis/yuan"
	"cuobian/platform/audit"
	"cuobian/platform/seal"
	"cuobian/platform/store"
	"cuobian/platform/store/storetest"
	"cuobian/rooms/duty"
	"cuobian/rooms/money/ledger"
	"cuobian/rooms/people"
	"cuobian/rooms/place"
	"cuobian/rooms/service"
)

const crashEnv = "CUOBIAN_TEST_TILL" // folder or address, and the compound, of a child that is going to be killed

const crashDay = "2026-11-02"

func crashTill(at string) (*Till, error) {
	o := store.Options{Dir: at}
	if strings.HasPrefix(at, "postgres") {
		o = store.Options{URL: at, Readers: 12}
	}
	db, err := store.Open(ctx, o)
	return New(db, Rooms{Duty: duty.New(db)}), err
}

// TestCrashChild is the program that is killed: eight clients reserve, then post or release, and bring money in; a line is
// printed for what is durable. It ends by being killed.
func TestCrashChild(t *testing.T) {
	at, compound, ok := strings.Cut(os.Getenv(crashEnv), " ")
	if !ok {
		t.Skip("runs inside TestKilledBetweenReserveAndPost")
	}
	till, err := crashTill(at)
	if err != nil {
		t.Fatal(err)
	}
	b, err := till.book(ctx, till.db, compound)
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	say := func(what, id string) {
		mu.Lock()
		fmt.Fprintf(os.Stdout, "\n@%s %s\n", what, id)
		mu.Unlock()
	}
	go func() {
		for {
			if err := till.Bring(ctx); err != nil {
				fmt.Fprintln(os.Stdout, "\n@! "+err.Error())
			}
		}
	}()
	on := d(crashDay)
	for client := range 8 {
		go func() {
			for n := 0; ; n++ {
				var id string
				err := till.db.Write(ctx, func(tx *store.Tx) (err error) {
					id, err = till.reserve(ctx, tx, b, "p", entryOf(on, 100, "income:spent:cost", "income:bank"), 0)
					return err
				})
				if err == nil {
					say("H", id)
					if n%4 == 3 {
						continue // stays reserved
					}
					err = till.db.Write(ctx, func(tx *store.Tx) error {
						if (n+client)%3 == 0 {
							return till.release(ctx, tx, b, id, "退回")
						}
						_, err := till.settle(ctx, tx, b, "q", id, on)
						return err
					})
					if err == nil {
						say(map[bool]string{true: "R", false: "P"}[(n+client)%3 == 0], id)
					}
				}
				if err == nil {
					var e ledger.Entry
					err = till.db.Write(ctx, func(tx *store.Tx) (err error) {
						e, err = till.post(ctx, tx, b, "p", entryOf(on, 30, "income:bank", "income:earned:venue"))
						return err
					})
					if err == nil {
						say("E", e.ID)
					}
				}
				if err != nil {
					say("!", strings.ReplaceAll(err.Error(), "\n", " "))
				}
			}
		}()
	}
	time.Sleep(10 * time.Minute)
}

// TestKilledBetweenReserveAndPost kills a till with kill -9, three times, while it reserves, posts and releases, on the engine of
// this run: what was acknowledged is there, nothing stands twice, what was reserved is posted afterwards, and the books are
// at zero.
func TestKilledBetweenReserveAndPost(t *testing.T) {
	at := t.TempDir()
	if url := storetest.Prepare(t, at); url != "" {
		at = url
	}
	till, err := crashTill(at)
	if err != nil {
		t.Fatal(err)
	}
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ok(till.db.Migrate(ctx, audit.Schema(), seal.Schema(), place.Schema(), people.Schema(), service.Schema(), Schema()))
	var b Book
	m := place.New(till.db)
	ok(till.db.Write(ctx, func(tx *store.Tx) error {
		s, err := m.EnsureStreet(ctx, tx, audit.System, "350503001", "")
		if err != nil {
			return err
		}
		c, _, err := m.Ensure(ctx, tx, audit.System, s, place.Community, "测试社区")
		if err != nil {
			return err
		}
		n, _, err := m.Ensure(ctx, tx, audit.System, c, place.Compound, "样例花苑")
		if err != nil {
			return err
		}
		if b, err = till.begin(ctx, tx, n); err != nil {
			return err
		}
		_, err = till.post(ctx, tx, b, "p", entryOf(d(crashDay), 100_000_000, "income:bank", "income:earned:venue"))
		return err
	}))
	told := map[string]string{} // id: the last that was said of it
	between := 0
	for life := range 3 {
		till.db.Close()
		c := exec.Command(os.Args[0], "-test.run=^TestCrashChild$", "-test.v")
		c.Env = append(os.Environ(), crashEnv+"="+at+" "+b.Compound)
		out, err := c.StdoutPipe()
		ok(err)
		ok(c.Start())
		lines, want := bufio.NewScanner(out), 150+life*60
		timer := time.AfterFunc(60*time.Second, func() { c.Process.Kill() })
		for n := 0; lines.Scan(); {
			what, id, cut := strings.Cut(strings.TrimPrefix(lines.Text(), "@"), " ")
			if !strings.HasPrefix(lines.Text(), "@") || !cut {
				continue
			}
			if what == "!" {
				t.Error("the till said:", id)
			}
			told[id] = what
			if n++; n == want {
				c.Process.Kill() // kill -9; what is in the pipe was acknowledged too
			}
		}
		c.Wait()
		if !timer.Stop() {
			t.Fatal("the till was too slow")
		}
		if till, err = crashTill(at); err != nil {
			t.Fatal(err)
		}
		states := map[string]ledger.State{}
		holds, err := till.holds(ctx, till.db, `compound = $1`, b.Compound)
		ok(err)
		for _, h := range holds {
			states[h.ID] = h.State
		}
		for id, what := range told {
			e, err := till.entry(ctx, till.db, b.Compound, id)
			state := states[id]
			switch {
			case what == "E" && (err != nil || len(e.Legs) != 2):
				t.Fatal("an acknowledged entry is lost:", id, err)
			case what == "H" && state == "":
				t.Fatal("an acknowledged reservation is lost:", id)
			case what == "P" && (state != ledger.Posted || err != nil):
				t.Fatal("an acknowledged posting is lost:", id, state, err)
			case what == "R" && state != ledger.Released:
				t.Fatal("an acknowledged release is lost:", id, state)
			}
		}
		for id, state := range states {
			n, err := store.Count(ctx, till.db, `select count(*) from money_entry where id = $1`, id)
			ok(err)
			if (state == ledger.Posted) != (n == 1) {
				t.Fatal("half a posting:", id, state, n)
			}
			if state == ledger.Held {
				between++
			}
		}
		whole(t, till, b)
		// What the last life left between reserve and post is posted now, once.
		for id, state := range states {
			if state != ledger.Held {
				continue
			}
			settle := func() error {
				return till.db.Write(ctx, func(tx *store.Tx) error {
					_, err := till.settle(ctx, tx, b, "q", id, d(crashDay))
					return err
				})
			}
			ok(settle())
			if err := settle(); err == nil {
				t.Fatal("posted twice:", id)
			}
			told[id] = "P"
		}
		whole(t, till, b)
	}
	if between == 0 {
		t.Error("never killed between reserve and post")
	}
	t.Logf("%d acknowledged, %d were between reserve and post", len(told), between)
	till.db.Close()
}

// whole proves the books after a life.
func whole(t *testing.T, till *Till, b Book) {
	t.Helper()
	for _, when := range []string{"as it was left", "brought up to date"} {
		var sum yuan.Amount
		all, err := till.flows(ctx, till.db, b.Compound, 0, day.Last)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range all {
			sum += f.Debit - f.Credit
		}
		if sum != 0 {
			t.Fatal(when, "the books add up to", sum)
		}
		legs := map[string]yuan.Amount{}
		if err := balances(context.Background(), till.db, legs, `select account, cast(sum(amount) as bigint) from money_leg where compound = $1 group by account`, b.Compound); err != nil {
			t.Fatal(err)
		}
		for account, a := range legs {
			if f := all[account]; f.Debit-f.Credit != a {
				t.Fatal(when, account, "shows", f.Debit-f.Credit, "its legs are", a)
			}
		}
		if err := till.Bring(ctx); err != nil {
			t.Fatal(err)
		}
	}
	n, err := store.Count(ctx, till.db, `select count(*) from money_entry e where not exists (select 1 from money_voucher v where v.entry = e.id)`)
	if err != nil || n != 0 {
		t.Fatal(n, "entries without a number", err)
	}
}
