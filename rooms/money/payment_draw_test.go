package money

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"cuobian/platform/audit/tree"
	"cuobian/platform/store"
)

// toLot brings a payment below the street's limit to its draw.
func (x *house) toLot(who string) Payment {
	x.t.Helper()
	p := x.apply(who, 100_000)
	var err error
	for _, n := range []string{"m0", "m1", "m2", "officer"} {
		p, err = x.Review(ctx, x.who[n], p.ID, "agree", "", p.Hash)
		x.ok(err)
	}
	if p.State != AtDraw || p.Draw != "" || p.DrawRoot != "" || p.DrawRecord == "" {
		x.t.Fatalf("after the community's review: %+v", p)
	}
	return p
}

// The draw follows from a checkpoint that was signed after the community's review, and anybody computes it from the page and
// the public log alone (R38).
func TestDrawFollowsFromTheLog(t *testing.T) {
	x := settled(t, 10_000_000)
	p := x.toLot("staff")
	tr, err := x.Payment(ctx, x.who["staff"], p.ID)
	x.ok(err)
	if tr.Lot == nil || !tr.Lot.Waiting || tr.Lot.Late || tr.Lot.Root != "" {
		t.Fatalf("%+v", tr.Lot)
	}
	if p = x.lots(p); p.State != AtSealing && p.State != AtStreet || p.Sampled != (p.State == AtStreet) {
		t.Fatalf("drawn: %+v", p)
	}
	if tr, err = x.Payment(ctx, x.who["staff"], p.ID); err != nil {
		t.Fatal(err)
	}
	l := tr.Lot
	// As a reader does it: the lot from the line, the root from the signed note, and the note is the first that holds the record.
	sum := sha256.Sum256([]byte(l.Line))
	if in := int64(binary.BigEndian.Uint64(sum[:8])%uint64(l.D)) < l.N; in != p.Sampled || l.Line != "cuobian-draw-2\n"+p.ID+"\n"+l.Root+"\n" || !strings.HasPrefix(p.Draw, fmt.Sprintf("sha256 %x ", sum[:8])) {
		t.Fatalf("%v %+v", in, l)
	}
	keys, err := x.logs.Public.Keys(ctx, x.db)
	x.ok(err)
	note, err := tree.Open(l.Note, keys...)
	x.ok(err)
	if note.Size != l.Size || note.Root.String() != l.Root {
		t.Fatalf("%+v", note.Checkpoint)
	}
	at, err := x.logs.Public.Places(ctx, x.db, []string{l.Record})
	x.ok(err)
	if n, has := at[l.Record]; !has || n >= l.Size {
		t.Fatal("the checkpoint does not hold the record")
	}
	earlier, err := x.logs.Public.Checkpoints(ctx, x.db, at[l.Record], 100)
	x.ok(err)
	if earlier[0] != l.Size {
		t.Fatal("an earlier checkpoint holds the record too")
	}
	if n, err := x.DrawTick(ctx); err != nil || n != 0 {
		t.Fatal("drawn twice", n, err)
	}
}

// Nobody can go round the draw: not by review, seal or payment, and not by changing what was drawn.
func TestNothingPassesTheDraw(t *testing.T) {
	x := settled(t, 10_000_000)
	p := x.toLot("staff")
	for name, who := range x.who {
		for what, do := range map[string]func() error{
			"review": func() error { _, err := x.Review(ctx, who, p.ID, "agree", "", p.Hash); return err },
			"seal":   func() error { _, err := x.Seal(ctx, who, p.ID, p.Hash); return err },
			"pay":    func() error { _, err := x.Pay(ctx, who, p.ID, 0, "1"); return err },
		} {
			if do() == nil {
				t.Errorf("%s may %s before the draw", name, what)
			}
		}
	}
	// Until one passes the street by.
	for i := 0; ; i++ {
		if p = x.lots(p); p.State == AtSealing {
			break
		}
		if i > 60 {
			t.Fatal("each was drawn")
		}
		_, err := x.Withdraw(ctx, x.who["staff"], p.ID, "另行申请")
		x.ok(err)
		p = x.toLot("staff")
	}
	p = x.seal2(p, "m4", "secretary")
	for what, set := range map[string]string{
		"another root":  `update money_payment set draw_root = 'AAAA' where id = $1`,
		"another size":  `update money_payment set draw_size = draw_size + 1 where id = $1`,
		"another lot":   `update money_payment set draw = 'sha256 00 mod 5 = 1 < 1' where id = $1`,
		"no draw":       `delete from money_step where payment = $1 and what = 'draw'`,
		"the first way": `update money_payment set recipe = 1 where id = $1`,
	} {
		errUndo := errors.New("undo")
		err := x.db.Write(ctx, func(tx *store.Tx) error {
			if _, err := tx.Exec(ctx, set, p.ID); err != nil {
				return err
			}
			_, err := x.Till.pay(ctx, tx, x.who["manager"], p.ID, 0, "1")
			if err == nil {
				t.Errorf("%s is paid", what)
			}
			return errUndo
		})
		if !errors.Is(err, errUndo) {
			t.Errorf("%s: %v", what, err)
		}
	}
	_, err := x.Pay(ctx, x.who["manager"], p.ID, 0, "1")
	x.ok(err)
	x.zero()
}

// A log that is late holds the payment; silence climbs and says why, and at the end it lapses. It is never drawn without.
func TestDrawWaitsForALateLog(t *testing.T) {
	x := settled(t, 10_000_000)
	p := x.toLot("staff")
	if n, err := x.DrawTick(ctx); err != nil || n != 0 {
		t.Fatal(n, err)
	}
	if _, err := x.PaymentTick(ctx); err != nil {
		t.Fatal(err)
	}
	if n, _ := store.Count(ctx, x.db, `select count(*) from duty_duty where kind = 'money.silence' and ref = $1`, p.Ref()); n != 0 {
		t.Error("an alarm before its time")
	}
	x.later(61 * time.Minute)
	_, err := x.PaymentTick(ctx)
	x.ok(err)
	words, err := store.Texts(ctx, x.db, `select zh from duty_duty where kind = 'money.silence' and ref = $1 and post = 'street_officer'`, p.Ref())
	x.ok(err)
	if len(words) != 1 || !strings.Contains(words[0], "公共日志滞后") {
		t.Fatal(words)
	}
	tr, err := x.Payment(ctx, x.who["staff"], p.ID)
	x.ok(err)
	if tr.State != AtDraw || !tr.Lot.Late || !tr.Lot.Waiting {
		t.Fatalf("%+v", tr.Lot)
	}
	q := x.toLot("manager") // another, that is drawn once the log is back
	x.later(24 * time.Hour)
	if q = x.lots(q); q.State == AtDraw {
		t.Fatal("not drawn when the log came back")
	}
	if p, _ = x.payment(ctx, x.db, p.ID); p.State == AtDraw || p.DrawSize != q.DrawSize {
		t.Fatalf("%+v", p)
	}
	if n, _ := store.Count(ctx, x.db, `select count(*) from duty_duty where kind = 'money.silence' and ref = $1 and state = 'open'`, p.Ref()); n != 0 {
		t.Error("the alarm stays open")
	}
	z := x.toLot("m3")
	for range 12 {
		x.later(3 * 24 * time.Hour)
		_, err := x.PaymentTick(ctx)
		x.ok(err)
	}
	if z, _ = x.payment(ctx, x.db, z.ID); z.State != LapsedOut {
		t.Fatal(z.State)
	}
	z = x.lots(z)
	if z.State != LapsedOut || z.Draw != "" {
		t.Fatalf("drawn after it lapsed: %+v", z)
	}
}

// Several programs draw at once: one draw is kept.
func TestDrawnOnce(t *testing.T) {
	x := settled(t, 10_000_000)
	p := x.toLot("staff")
	_, err := x.logs.Integrate(ctx)
	x.ok(err)
	var wg sync.WaitGroup
	n, errs := make([]int, 4), make([]error, 4)
	for i := range n {
		wg.Add(1)
		go func() { defer wg.Done(); n[i], errs[i] = x.DrawTick(ctx) }()
	}
	wg.Wait()
	x.ok(errors.Join(errs...))
	if n[0]+n[1]+n[2]+n[3] != 1 {
		t.Error("drawn", n)
	}
	if k, err := store.Count(ctx, x.db, `select count(*) from money_step where payment = $1 and what = 'draw'`, p.ID); err != nil || k != 1 {
		t.Error(k, err)
	}
}
