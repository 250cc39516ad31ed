package crashtest

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"cuobian/app"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/store"
	"cuobian/platform/store/storetest"
	"cuobian/rooms/place"
)

// The program dies three times while its bookkeeper posts and reverses: every entry that it acknowledged is there, none
// stands twice, and the books hold. (A till that dies between reserve and post is killed in rooms/money.)
func TestKilledProgramKeepsTheBooks(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	database := storetest.Prepare(t, dir)
	compound := plantBooks(t, dir, database)
	at := "/api/money/" + compound
	var mu sync.Mutex
	told, undone := map[string]string{}, map[string]string{} // paper: entry; entry: its reversal
	worst := ""
	var next atomic.Int64
	on := time.Now().In(time.FixedZone("CST", 8*60*60)).Format("2006-01-02")
	send := func(p *running, path string, v any, took func(id string)) bool {
		status, body, err := p.post(path, v)
		if err != nil {
			return false // killed: it does not know
		}
		var e struct{ ID string }
		json.Unmarshal(body, &e)
		mu.Lock()
		defer mu.Unlock()
		if status != 201 || e.ID == "" {
			worst = fmt.Sprintf("%d %s", status, body)
			return true
		}
		took(e.ID)
		return true
	}
	for life := range 3 {
		p := start(t, dir, database)
		if life == 0 {
			if status, body, err := p.post(at+"/opening", map[string]any{"day": on, "decision": "contracts/试验", "paper": "移交表",
				"balances": []any{map[string]any{"fund": "income", "account": "bank", "amount": 500}}, "totals": []any{map[string]any{"fund": "income", "total": 500}}}); err != nil || status != 201 {
				t.Fatal(status, string(body), err)
			}
		}
		var wg sync.WaitGroup
		for client := range 12 {
			wg.Add(1)
			go func() {
				defer wg.Done()
				for {
					paper, entry := fmt.Sprintf("回单-%06d", next.Add(1)), ""
					if !send(p, at+"/entries", map[string]any{"day": on, "text": "收到场地租金", "decision": "contracts/试验", "rule": "R34", "paper": paper,
						"legs": []any{map[string]any{"account": "income:bank", "amount": 100}, map[string]any{"account": "income:earned:venue", "amount": -100}}},
						func(id string) { told[paper], entry = id, id }) {
						return
					}
					if client%3 == 0 && entry != "" && !send(p, at+"/entries/"+entry+"/reverse", map[string]any{"reason": "试验冲正"}, func(id string) { undone[entry] = id }) {
						return
					}
				}
			}()
		}
		want := 0
		for range 1200 {
			mu.Lock()
			n := len(told)
			mu.Unlock()
			if want == 0 {
				want = n + 100
			}
			if n >= want {
				break
			}
			time.Sleep(25 * time.Millisecond)
		}
		p.kill()
		wg.Wait()
		if len(told) < want {
			t.Fatalf("life %d: %d entries, %s", life, len(told), worst)
		}
	}
	if worst != "" {
		t.Error("an answer that helps nobody:", worst)
	}
	p := start(t, dir, database)
	for entry, reversal := range undone {
		var e struct {
			ReversedBy string `json:"reversed_by"`
		}
		status, body, err := p.get(at + "/entries/" + entry)
		if err != nil || status != 200 || json.Unmarshal(body, &e) != nil || e.ReversedBy != reversal {
			t.Fatal("a reversal that was acknowledged is lost:", status, string(body), err)
		}
	}
	var proof struct {
		Holds   bool
		Entries int
	}
	for range 100 { // until the turnovers are up to date too
		status, body, err := p.get(at + "/proof")
		if err != nil || status != 200 || json.Unmarshal(body, &proof) != nil || !proof.Holds {
			t.Fatal("the books do not hold:", status, string(body), err)
		}
		var v struct{ Waiting int }
		if _, body, err = p.get(at); err != nil || json.Unmarshal(body, &v) != nil {
			t.Fatal(string(body), err)
		}
		if v.Waiting == 0 {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	p.stop()
	db, err := store.Open(ctx, store.Options{Dir: dir, URL: database})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	count := func(q string, args ...any) int64 {
		n, err := store.Count(ctx, db, q, args...)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	for paper, id := range told {
		if count(`select count(*) from money_entry where id = $1 and document = $2`, id, "papers/"+paper) != 1 {
			t.Fatal("an entry that was acknowledged is lost:", paper)
		}
	}
	for what, q := range map[string]string{
		"papers that were posted twice":   `select count(*) from (select document from money_entry where reverses = '' group by document having count(*) > 1) as x`,
		"fen that the books are off":      `select cast(coalesce(sum(amount), 0) as bigint) from money_leg`,
		"entries without both legs":       `select count(*) from money_entry e where (select count(*) from money_leg l where l.entry = e.id) <> 2`,
		"entries without a number":        `select count(*) from money_entry e where not exists (select 1 from money_voucher v where v.entry = e.id)`,
		"months whose numbers have a gap": `select count(*) from (select month, count(*) as n, max(no) as last from money_voucher group by month) as x where n <> last`,
		"entries by hand without a trail": `select count(*) from money_entry e where reverses = '' and document like 'papers/%' and not exists (select 1 from audit_entry a where a.ref = 'entries/' || e.id)`,
	} {
		if n := count(q); n != 0 {
			t.Error(n, what)
		}
	}
	t.Logf("%d entries and %d reversals acknowledged, %d there", len(told), len(undone), proof.Entries)
}

// plantBooks makes a compound whose community's officer signs in; it gives the compound's id.
func plantBooks(t *testing.T, dir, url string) (compound string) {
	t.Helper()
	c := app.Config{}
	c.Data, c.Database, c.SecondFactor = dir, url, "optional"
	h, err := app.Open(ctx, c, nil, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer h.DB.Close()
	var community place.Node
	if err := h.DB.Write(ctx, func(tx *store.Tx) error {
		s, err := h.Map.EnsureStreet(ctx, tx, audit.System, "", "东海街道")
		if err != nil {
			return err
		}
		if community, _, err = h.Map.Ensure(ctx, tx, audit.System, s, place.Community, "试验社区"); err != nil {
			return err
		}
		n, _, err := h.Map.Ensure(ctx, tx, audit.System, community, place.Compound, "试验小区")
		compound = n.ID
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := h.AddStaff(ctx, login, "", "试验员", access.CommunityOfficer, community.ID, password); err != nil {
		t.Fatal(err)
	}
	return compound
}
