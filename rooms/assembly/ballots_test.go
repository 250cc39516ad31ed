package assembly

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/seal"
	"cuobian/platform/store"
	"cuobian/rooms/assembly/ballot"
	"cuobian/rooms/assembly/bundle"
	"cuobian/rooms/assembly/tally"
	"cuobian/rooms/people"
)

// polls is the town with a log that signs, and with telephones that answer.
func polls(t testing.TB) *town {
	w := open(t)
	w.Pens = seal.NewPens(w.db, "")
	w.Log = audit.NewLogs(w.db, w.Pens, "test").Public
	w.PersonOfPhone = w.register.PersonOfPhone
	w.PhoneCode = func(_ context.Context, _, code string) error {
		if code != "246810" {
			return access.ErrCode
		}
		return nil
	}
	w.SignedIn = func(_ context.Context, session string) (string, day.Instant, error) {
		if session == "fresh" {
			return access.ByPhone, w.db.Now() - 1, nil
		}
		return access.ByPhone, 1, nil
	}
	return w
}

// phone is a voter's device.
type phone struct {
	who access.Who
	key *ecdsa.PrivateKey
	id  string
}

func (w *town) phone(who access.Who) *phone {
	w.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	w.must(err)
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	w.must(err)
	who.Session = "fresh"
	d, err := w.Register(ctx, who, NewDevice{Key: base64.StdEncoding.EncodeToString(der), Name: "测试手机"})
	w.must(err)
	return &phone{who, key, d.ID}
}

// raw signs as WebCrypto does: the two numbers one after the other.
func (p *phone) sign(text string) string {
	sum := sha256.Sum256([]byte(text))
	r, s, err := ecdsa.Sign(rand.Reader, p.key, sum[:])
	if err != nil {
		panic(err)
	}
	return base64.StdEncoding.EncodeToString(append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...))
}

// fill makes a signed ballot.
func (p *phone) fill(m Meeting, right int64, choices map[string]string) Vote {
	salt := make([]byte, saltLen)
	rand.Read(salt)
	v := Vote{Right: right, Choices: choices, Salt: hex.EncodeToString(salt), Device: p.id}
	b := ballot.Ballot{Meeting: m.ID, Right: int(right), Choices: map[int]tally.Choice{}, Salt: salt}
	for k, c := range choices {
		var n int
		fmt.Sscan(k, &n)
		b.Choices[n] = tally.Choice(c)
	}
	v.Signature = p.sign(b.Commitment())
	return v
}

func agree() map[string]string   { return map[string]string{"1": "agree"} }
func against() map[string]string { return map[string]string{"1": "against"} }

func (w *town) place1() {
	w.t.Helper()
	for {
		n, err := w.Log.Integrate(ctx)
		w.must(err)
		if n == 0 {
			return
		}
	}
}

// check looks at a bundle file and wants it sound.
func (w *town) sound(file []byte) bundle.Report {
	w.t.Helper()
	r := bundle.Check(file, nil)
	if !r.OK {
		for _, c := range r.Checks {
			for _, f := range c.Faults {
				w.t.Errorf("%s: %s: %s", c.Name, f.Where, f.En)
			}
		}
		w.t.Fatal("the bundle is not sound")
	}
	return r
}

// voters of the town by the home of their right.
var voters = map[string]string{"101": "甲", "103": "乙", "104": "丙", "105": "丁", "106": "戊", "107": "己", "108": "庚", "109": "辛"}

func TestVoteByPhone(t *testing.T) {
	w := polls(t)
	m := w.voting()
	phones := map[string]*phone{}
	for home, name := range voters {
		phones[home] = w.phone(w.owner(name))
	}
	b, err := w.Booth(ctx, w.owner("甲"), m.ID)
	w.must(err)
	if !b.Open || len(b.Rights) != 1 || b.Rights[0].Area != 200_00 || b.Rights[0].Voted || len(b.Matters) != 1 {
		t.Fatalf("%+v", b)
	}
	var slips []bundle.Slip
	for home, p := range phones {
		in := p.fill(m, w.right(m, home), agree())
		r, err := w.Cast(ctx, p.who, m.ID, in)
		w.must(err)
		if !r.Signed() || r.Salt != in.Salt || r.Meeting != m.ID || r.Leaf == "" {
			t.Fatalf("%+v", r)
		}
		again, err := w.Cast(ctx, p.who, m.ID, in) // the same again: the same receipt
		w.must(err)
		if again != r {
			t.Errorf("another receipt for the same ballot: %+v", again)
		}
		slips = append(slips, bundle.Slip{Receipt: r, Right: int(in.Right), Choices: map[string]tally.Choice{"1": tally.Agree}})
	}
	if n, _ := store.Count(ctx, w.db, `select count(*) from assembly_ballot`); n != 8 {
		t.Fatalf("%d ballots of 8", n)
	}
	mine, err := w.Receipts(ctx, w.owner("甲"))
	w.must(err)
	if len(mine) != 1 || !mine[0].Signed() || mine[0].Salt != "" || !mine[0].Counts {
		t.Fatalf("%+v", mine)
	}
	// 壬 is the co-owner of 109 and sees the receipt of their one right.
	if theirs, err := w.Receipts(ctx, w.owner("壬")); err != nil || len(theirs) != 1 {
		t.Fatalf("%+v %v", theirs, err)
	}
	list, err := w.MyMeetings(ctx, w.owner("壬"))
	w.must(err)
	if len(list) != 1 || list[0].Voted != 1 || list[0].Rights != 1 {
		t.Fatalf("%+v", list)
	}
	// The first receipt of a new house begins the log; a later ballot waits for its place.
	waits := 0
	for _, s := range slips {
		p, err := w.Place(ctx, s.Commitment)
		w.must(err)
		if p.Waiting {
			waits++
		}
	}
	if waits != len(slips)-1 {
		t.Errorf("%d of %d wait", waits, len(slips))
	}
	_, err = w.Place(ctx, strings.Repeat("0", 64))
	w.want(err, ErrMissing)
	w.place1()
	p, err := w.Place(ctx, mine[0].Commitment)
	if err != nil || p.Waiting || p.Proof == nil {
		t.Fatalf("%+v %v", p, err)
	}
	_, _, err = w.Bundle(ctx, m.ID)
	w.want(err, ErrBundleEarly)
	w.day("2026-03-25")
	if _, err = w.Post(ctx, w.director, m.ID); err != nil {
		t.Fatal(err)
	}
	if _, _, err = w.Bundle(ctx, m.ID); !errors.Is(err, audit.ErrNotYet) {
		t.Fatalf("the log has not taken it in: %v", err)
	}
	w.place1()
	file, _, err := w.Bundle(ctx, m.ID)
	w.must(err)
	r := w.sound(file)
	if r.Ballots != 8 || r.Rights != 9 {
		t.Errorf("%d ballots, %d rights", r.Ballots, r.Rights)
	}
	for _, s := range slips {
		if r := bundle.CheckReceipt(s, file); !r.OK {
			t.Errorf("%+v", r.Checks)
		}
	}
	same, _, err := w.Bundle(ctx, m.ID)
	w.must(err)
	if !bytes.Equal(file, same) {
		t.Error("the same records give other bytes")
	}
	w.day("2026-04-02")
	if _, err = w.Finish(ctx, w.director, m.ID); err != nil {
		t.Fatal(err)
	}
	w.place1()
	if file, _, err = w.Bundle(ctx, m.ID); err != nil {
		t.Fatal(err)
	}
	w.sound(file)
	// The last receipt, asked for once more long after: the same.
	if again, err := w.Receipts(ctx, w.owner("甲")); err != nil || again[0].Signature != mine[0].Signature {
		t.Errorf("another receipt later: %v", err)
	}
}

func TestCastRefused(t *testing.T) {
	w := polls(t)
	m := w.noticed()
	jia := w.phone(w.owner("甲"))
	yi := w.phone(w.owner("乙"))
	own, other := w.right(m, "101"), w.right(m, "103")
	cast := func(p *phone, in Vote) error { _, err := w.Cast(ctx, p.who, m.ID, in); return err }
	w.want(cast(jia, jia.fill(m, own, agree())), ErrNotOpen)
	w.day("2026-03-18")
	w.refused("cast", func(who access.Who) error { _, err := w.Cast(ctx, who, m.ID, jia.fill(m, own, agree())); return err }, w.director)
	w.want(cast(jia, jia.fill(m, other, agree())), ErrNotYours)
	stolen := jia.fill(m, own, agree())
	w.want(cast(yi, stolen), ErrDevice) // 乙 with the ballot that 甲's device signed
	wrong := jia.fill(m, own, agree())
	wrong.Choices = against()
	w.want(cast(jia, wrong), ErrSignature) // changed on the way
	wrong = jia.fill(m, own, agree())
	wrong.Signature = yi.sign("something else")
	w.want(cast(jia, wrong), ErrSignature)
	wrong.Signature = "§"
	w.want(cast(jia, wrong), ErrSignature)
	wrong.Device = yi.id
	w.want(cast(jia, wrong), ErrDevice)
	wrong.Device = ""
	w.want(cast(jia, wrong), ErrDevice)
	for _, c := range []map[string]string{nil, {"1": "invalid"}, {"1": "yes"}, {"2": "agree"}} {
		w.want(cast(jia, jia.fill(m, own, c)), ErrChoices)
	}
	w.want(cast(jia, jia.fill(m, own, map[string]string{"1": "agree", "2": "agree"})), ErrNoMatter)
	short := jia.fill(m, own, agree())
	short.Salt = short.Salt[:32]
	w.want(cast(jia, short), ErrSalt)
	w.want(cast(jia, jia.fill(m, 99, agree())), ErrRight)
	w.want(cast(jia, jia.fill(m, w.right(m, "110"), agree())), ErrNotYours) // the developer's
	w.must(w.TakeOff(ctx, jia.who, jia.id))
	w.want(cast(jia, jia.fill(m, own, agree())), ErrDevice)
	w.want(w.TakeOff(ctx, yi.who, jia.id), ErrMissing)
	if n, _ := store.Count(ctx, w.db, `select count(*) from assembly_ballot`); n != 0 {
		t.Errorf("%d ballots were taken", n)
	}
	if n, _ := store.Count(ctx, w.db, `select count(*) from audit_record where kind = 'assembly.ballot'`); n != 0 {
		t.Errorf("%d records of ballots that were not taken", n)
	}
}

func TestDevices(t *testing.T) {
	w := polls(t)
	key, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	der, _ := x509.MarshalPKIXPublicKey(key.Public())
	in := NewDevice{Key: base64.StdEncoding.EncodeToString(der), Name: "旧手机"}
	old := w.owner("甲")
	old.Session = "stale"
	_, err := w.Register(ctx, old, in)
	w.want(err, ErrFresh)
	in.Phone, in.Code = "13800000001", "000000"
	_, err = w.Register(ctx, old, in)
	w.want(err, access.ErrCode)
	in.Phone, in.Code = "13800000002", "246810" // 乙's telephone, 甲's session
	_, err = w.Register(ctx, old, in)
	w.want(err, ErrFresh)
	in.Phone = "13800000001"
	a, err := w.Register(ctx, old, in)
	w.must(err)
	b, err := w.Register(ctx, old, in)
	w.must(err)
	if a.ID != b.ID {
		t.Error("one key, two devices")
	}
	yi := w.owner("乙")
	yi.Session = "fresh"
	in.Phone, in.Code = "", ""
	_, err = w.Register(ctx, yi, in)
	w.want(err, ErrKeyTaken)
	_, err = w.Register(ctx, access.Who{}, in)
	w.want(err, access.ErrSignIn)
	p384, _ := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	der, _ = x509.MarshalPKIXPublicKey(p384.Public())
	for _, bad := range []string{"", "AAAA", base64.StdEncoding.EncodeToString(der)} {
		_, err = w.Register(ctx, yi, NewDevice{Key: bad})
		w.want(err, ErrKey)
	}
	for range maxDevices {
		w.phone(yi)
	}
	k2, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	der, _ = x509.MarshalPKIXPublicKey(k2.Public())
	_, err = w.Register(ctx, yi, NewDevice{Key: base64.StdEncoding.EncodeToString(der)})
	w.want(err, ErrDevices)
	list, err := w.Devices(ctx, yi)
	w.must(err)
	if len(list) != maxDevices {
		t.Errorf("%d devices", len(list))
	}
}

// Without a device: an agreed method with its clause, or paper.
func TestAgreedMethod(t *testing.T) {
	w := polls(t)
	m := w.voting(func(d *Drafting) {
		d.Sign, d.SignClause = "agreed", "议事规则第十二条：以手机验证码登录即为签名"
	})
	jia := w.owner("甲")
	in := (&phone{who: jia, key: w.phone(jia).key}).fill(m, w.right(m, "101"), agree())
	in.Signature = ""
	_, err := w.Cast(ctx, jia, m.ID, in)
	w.must(err)
	var how string
	w.must(w.db.QueryRow(ctx, `select sign from assembly_ballot`).Scan(&how))
	if how != "agreed" {
		t.Errorf("signed by %q", how)
	}
	in.Device = "nobody's"
	in.Salt = strings.Repeat("ab", 32)
	_, err = w.Cast(ctx, jia, m.ID, in)
	w.want(err, ErrDevice)
}

func TestPaperOnly(t *testing.T) {
	w := polls(t)
	m := w.voting(func(d *Drafting) { d.Sign = "none" })
	p := w.phone(w.owner("甲"))
	_, err := w.Cast(ctx, p.who, m.ID, p.fill(m, w.right(m, "101"), agree()))
	w.want(err, ErrPaperOnly)
}

// First or last, by the number of a right's ballots and never by the clock, which here goes back between the two.
func TestFirstAndLast(t *testing.T) {
	for _, counts := range []string{"first", "last"} {
		w := polls(t)
		m := w.voting(func(d *Drafting) { d.Counts = counts })
		p := w.phone(w.owner("乙"))
		right := w.right(m, "103")
		_, err := w.Cast(ctx, p.who, m.ID, p.fill(m, right, agree()))
		w.must(err)
		w.clock.Advance(-2 * time.Hour)
		_, err = w.Cast(ctx, p.who, m.ID, p.fill(m, right, against()))
		if errors.Is(err, ErrNotOpen) {
			w.clock.Advance(time.Hour)
			_, err = w.Cast(ctx, p.who, m.ID, p.fill(m, right, against()))
		}
		w.must(err)
		got, err := w.effective(ctx, w.db, m)
		w.must(err)
		want := map[string]tally.Choice{"first": tally.Agree, "last": tally.Against}[counts]
		if len(got) != 1 || got[int(right)].Choices[1] != want {
			t.Errorf("%s counts: %+v", counts, got)
		}
		mine, err := w.Receipts(ctx, p.who)
		w.must(err)
		if len(mine) != 2 || mine[0].Counts == mine[1].Counts || (counts == "last") != (mine[0].N == 2 && mine[0].Counts || mine[1].N == 2 && mine[1].Counts) {
			t.Errorf("%s: %+v", counts, mine)
		}
	}
}

// 23:59:59.999999 counts, 24:00 does not; and no clock that goes back opens what has closed.
func TestLastSecond(t *testing.T) {
	w := polls(t)
	m := w.voting()
	a, b := w.phone(w.owner("甲")), w.phone(w.owner("乙"))
	w.clock.Set(m.Closes - 20)
	in := a.fill(m, w.right(m, "101"), agree())
	first, err := w.Cast(ctx, a.who, m.ID, in)
	w.must(err)
	if first.At >= m.Closes {
		t.Fatal("too late for this test")
	}
	w.clock.Set(m.Closes - 1)
	if w.db.Now() < m.Closes {
		t.Fatal("the clock")
	}
	_, err = w.Cast(ctx, b.who, m.ID, b.fill(m, w.right(m, "103"), agree()))
	w.want(err, ErrOver)
	again, err := w.Cast(ctx, a.who, m.ID, in) // the answer was lost on the way: the receipt comes all the same
	w.must(err)
	if again != first {
		t.Error("another receipt")
	}
	if m = w.read1(m.ID); m.State != Closed {
		t.Errorf("who came too late did not make the closing true: %s", m.State)
	}
	w.clock.Set(m.Closes - 1_000_000_000)
	_, err = w.Cast(ctx, b.who, m.ID, b.fill(m, w.right(m, "103"), agree()))
	w.want(err, ErrOver)
	if n, _ := store.Count(ctx, w.db, `select count(*) from assembly_ballot`); n != 1 {
		t.Errorf("%d ballots", n)
	}
}

// Many at once: every ballot is there once, and numbers of one right have no gap.
func TestManyAtOnce(t *testing.T) {
	w := polls(t)
	m := w.voting(func(d *Drafting) { d.Counts = "last" })
	type job struct {
		p  *phone
		in Vote
	}
	var list []job
	for home, name := range voters {
		p := w.phone(w.owner(name))
		for range 5 {
			in := p.fill(m, w.right(m, home), agree())
			list = append(list, job{p, in}, job{p, in}, job{p, in}) // each sent three times over
		}
	}
	var wait sync.WaitGroup
	receipts := make([]bundle.Receipt, len(list))
	errs := make([]error, len(list))
	for i, j := range list {
		wait.Go(func() { receipts[i], errs[i] = w.Cast(ctx, j.p.who, m.ID, j.in) })
	}
	wait.Wait()
	for i := range list {
		if errs[i] != nil {
			t.Fatal(errs[i])
		}
		if i%3 > 0 && receipts[i] != receipts[i-1] {
			t.Error("one ballot, two receipts")
		}
	}
	rows, err := store.All(ctx, w.db, func(r *sql.Rows) (x [3]int64, err error) { err = r.Scan(&x[0], &x[1], &x[2]); return }, `select count(*), min(n), max(n) from assembly_ballot group by right_no`)
	w.must(err)
	for _, x := range rows {
		if x != [3]int64{5, 1, 5} {
			t.Errorf("count, first, last number: %v", x)
		}
	}
	if len(rows) != 8 {
		t.Errorf("%d rights", len(rows))
	}
	if n, _ := store.Count(ctx, w.db, `select count(*) from audit_record where kind = 'assembly.ballot'`); n != 40 {
		t.Errorf("%d records of 40 ballots", n)
	}
}

// Nobody fills the public log for ever.
func TestTooManyTimes(t *testing.T) {
	w := polls(t)
	m := w.voting(func(d *Drafting) { d.Counts = "last" })
	p := w.phone(w.owner("甲"))
	for range maxTimes {
		_, err := w.Cast(ctx, p.who, m.ID, p.fill(m, w.right(m, "101"), agree()))
		w.must(err)
	}
	for range 2 {
		_, err := w.Cast(ctx, p.who, m.ID, p.fill(m, w.right(m, "101"), agree()))
		w.want(err, ErrTimes)
	}
	if n, _ := store.Count(ctx, w.db, `select max(n) from assembly_turn`); n != maxTimes {
		t.Errorf("the last number is %d", n)
	}
}

// A write that is cut leaves neither ballot nor record nor number behind.
func TestCutBetween(t *testing.T) {
	w := polls(t)
	m := w.voting()
	cut := errors.New("power cut")
	real := w.Publish
	w.Publish = func(ctx context.Context, tx *store.Tx, kind string, at scope.Path, ref string, body any) (audit.Leaf, error) {
		l, err := real(ctx, tx, kind, at, ref, body)
		if err == nil && kind == bundle.RecordBallot {
			err = cut
		}
		return l, err
	}
	p := w.phone(w.owner("甲"))
	in := p.fill(m, w.right(m, "101"), agree())
	_, err := w.Cast(ctx, p.who, m.ID, in)
	w.want(err, cut)
	for _, table := range []string{"assembly_ballot", "assembly_turn"} {
		if n, _ := store.Count(ctx, w.db, `select count(*) from `+table); n != 0 {
			t.Errorf("%s holds %d rows", table, n)
		}
	}
	w.Publish = real
	_, err = w.Cast(ctx, p.who, m.ID, in)
	w.must(err)
}

// sworn gives a secret meeting two scrutineers from outside.
func (w *town) sworn(m Meeting) (out []access.Who) {
	w.t.Helper()
	for i, name := range []string{"监一", "监二"} {
		var id string
		w.must(w.db.Write(ctx, func(tx *store.Tx) error {
			p, err := w.register.Put(ctx, tx, audit.System, w.street.Path, newcomer(name, fmt.Sprintf("1370000000%d", i)))
			id = p.ID
			return err
		}))
		who := access.Who{Account: "a-" + id, Person: id, Name: name}
		_, err := w.Join(ctx, w.director, m.ID, Joining{Person: id, Role: Scrutineer})
		w.must(err)
		_, err = w.Swear(ctx, who, m.ID)
		w.must(err)
		out = append(out, who)
	}
	return out
}

func secret(d *Drafting) { yes := true; d.Secret = &yes }

func TestSecretVote(t *testing.T) {
	w := polls(t)
	m := w.noticed(secret)
	w.t = t
	watch := w.sworn(m)
	w.day("2026-03-18")
	m = w.read1(m.ID)
	if m.State != Voting {
		t.Fatal(m.State)
	}
	said := map[string]Vote{}
	i := 0
	for home, name := range voters {
		p := w.phone(w.owner(name))
		c := agree()
		if i++; i == 3 {
			c = against()
		}
		in := p.fill(m, w.right(m, home), c)
		said[name] = in
		_, err := w.Cast(ctx, p.who, m.ID, in)
		w.must(err)
	}
	_, _, err := w.Scrutiny(ctx, watch[0], m.ID)
	w.want(err, ErrState)
	w.day("2026-03-25")
	_, err = w.Post(ctx, w.director, m.ID)
	w.must(err)
	w.place1()
	file, _, err := w.Bundle(ctx, m.ID)
	w.must(err)
	w.sound(file)
	inner, _, err := w.Scrutiny(ctx, watch[0], m.ID)
	w.must(err)
	if r := w.sound(inner); r.Kind != bundle.Scrutineers || r.Of("ballot_signature") == nil || r.Of("ballot_signature").N != int64(len(said))+1 {
		t.Errorf("%s %+v", r.Kind, r.Of("ballot_signature"))
	}
	if strings.Contains(string(file), `"signature"`) || strings.Contains(string(file), `"key"`) {
		t.Error("the public file holds a device's signature")
	}
	w.refused("scrutiny", func(who access.Who) error { _, _, err := w.Scrutiny(ctx, who, m.ID); return err }, w.director, w.secretary, w.office, w.leader, w.owner("甲"))
	if n, _ := store.Count(ctx, w.db, `select count(*) from audit_entry where action = 'assembly.scrutiny'`); n != 1 {
		t.Errorf("%d entries of a file that was taken once", n)
	}
	// Nothing but the scrutineers' file holds a choice beside a right, a salt, or who cast which commitment in public.
	answers := map[string]any{"public bundle": json.RawMessage(file)}
	for name, who := range map[string]access.Who{"director": w.director, "secretary": w.secretary, "office": w.office, "leader": w.leader, "owner": w.owner("甲")} {
		for what, ask := range map[string]func() (any, error){
			"meeting":  func() (any, error) { return w.Get(ctx, who, m.ID) },
			"result":   func() (any, error) { return w.Result(ctx, who, m.ID) },
			"timeline": func() (any, error) { return w.Timeline(ctx, who, m.ID) },
			"turnout":  func() (any, error) { return w.Turnout(ctx, who, m.ID) },
			"gap":      func() (any, error) { return w.Gap(ctx, who, m.ID, 0) },
			"team":     func() (any, error) { return w.Team(ctx, who, m.ID) },
			"booth":    func() (any, error) { return w.Booth(ctx, who, m.ID) },
			"receipts": func() (any, error) { return w.Receipts(ctx, who) },
			"roll":     func() (any, error) { return w.Roll(ctx, who, m.ID, "", 0, 0) },
			"mandates": func() (any, error) { return w.Mandates(ctx, who, m.ID) },
		} {
			x, err := ask()
			if err != nil && !fault.IsKind(err, fault.Refused) {
				t.Errorf("%s of %s: %v", what, name, err)
			}
			answers[name+"'s "+what] = x
		}
	}
	texts := map[string]string{}
	for name, x := range answers {
		b, err := json.Marshal(x)
		w.must(err)
		texts[name] = string(b)
	}
	for table, dump := range w.dump() {
		texts["table "+table] = dump
	}
	for name, text := range texts {
		for person, in := range said {
			if strings.Contains(text, in.Salt) {
				t.Errorf("%s holds the salt of %s", name, person)
			}
		}
		if strings.HasPrefix(name, "table assembly_ballot") && (strings.Contains(text, "agree") || strings.Contains(text, "against")) {
			t.Errorf("%s holds a choice in the clear", name)
		}
		for _, word := range []string{`"choices"`, "choices\\\""} {
			if strings.Contains(text, word) && !strings.HasPrefix(name, "table assembly_") && !strings.Contains(name, "booth") {
				t.Errorf("%s holds %s", name, word)
			}
		}
	}
	// The trail does not join a right to a commitment.
	trail := texts["table audit_entry"]
	for _, in := range said {
		b := ballot.Ballot{Meeting: m.ID, Right: int(in.Right), Choices: map[int]tally.Choice{1: tally.Choice(in.Choices["1"])}}
		b.Salt, _ = hex.DecodeString(in.Salt)
		if strings.Contains(trail, b.Commitment()) {
			t.Error("the trail names a commitment")
		}
	}
	// The exact areas of those who agree stand nowhere in public.
	var result ResultFile
	w.must(json.Unmarshal([]byte(texts["director's result"]), &result))
	for _, o := range result.Items {
		if o.Figures != nil {
			t.Error("exact figures of a secret vote were posted")
		}
	}
}

// dump is every table as text.
func (w *town) dump() map[string]string {
	w.t.Helper()
	list := `select name from sqlite_master where type = 'table'`
	if w.db.Engine == store.Postgres {
		list = `select tablename from pg_tables where schemaname = current_schema()`
	}
	names, err := store.Texts(ctx, w.db, list)
	w.must(err)
	out := map[string]string{}
	for _, name := range names {
		rows, err := w.db.Query(ctx, `select * from `+name)
		w.must(err)
		columns, _ := rows.Columns()
		var b strings.Builder
		for rows.Next() {
			cells := make([]any, len(columns))
			at := make([]any, len(columns))
			for i := range cells {
				at[i] = &cells[i]
			}
			w.must(rows.Scan(at...))
			for _, c := range cells {
				if raw, ok := c.([]byte); ok {
					c = string(raw)
				}
				fmt.Fprintf(&b, "%v|", c)
			}
			b.WriteString("\n")
		}
		rows.Close()
		out[name] = b.String()
	}
	return out
}

// handOf finds somebody's part in a team.
func (w *town) handOf(m Meeting, name string) string {
	w.t.Helper()
	list, err := w.team(ctx, w.db, m.ID, "", w.person[name])
	w.must(err)
	return list[0].ID
}

func TestScrutineers(t *testing.T) {
	w := polls(t)
	m := w.noticed(secret)
	join := func(who access.Who, person, role string) error {
		_, err := w.Join(ctx, who, m.ID, Joining{Person: person, Role: role})
		return err
	}
	w.refused("join", func(who access.Who) error { return join(who, w.person["邻"], Scrutineer) }, w.leader, w.owner("甲"))
	w.want(join(w.director, w.person["甲"], Scrutineer), ErrInside)
	w.want(join(w.director, w.director.Person, Scrutineer), ErrInside)
	w.want(join(w.director, w.secretary.Person, Scrutineer), ErrOfficial)
	w.want(join(w.director, w.office.Person, Scrutineer), ErrOfficial)
	w.want(join(w.director, w.manager.Person, Scrutineer), ErrCompany)
	w.want(join(w.director, w.manager.Person, Typist), ErrCompany)
	w.want(join(w.director, w.manager.Person, Sweeper), ErrCompany)
	w.want(join(w.director, w.secretary.Person, Typist), ErrStubs)
	w.want(join(w.director, "nobody", Typist), ErrPerson)
	w.want(join(w.director, w.person["甲"], "chair"), ErrRole)
	// Who is not of the compound is named by name and number, both exact; an answer does not tell which of them is wrong.
	w.must(w.db.Write(ctx, func(tx *store.Tx) error {
		p, err := w.register.Put(ctx, tx, audit.System, w.street.Path, people.NewPerson{Name: "监一", Phones: []string{"13600009999"}})
		w.person["监一"] = p.ID
		return err
	}))
	exact := func(name, phone string) error {
		x, err := w.Join(ctx, w.director, m.ID, Joining{Name: name, Phone: phone, Role: Scrutineer})
		if err == nil && (x.Person != w.person["监一"] || x.Name != "监一") {
			t.Errorf("%+v", x)
		}
		return err
	}
	for _, x := range [][2]string{{"监二", "13600009999"}, {"监一", "13600009998"}, {"监", "13600009999"}, {"", "13600009999"}, {"监一", ""}} {
		w.want(exact(x[0], x[1]), ErrStranger)
	}
	w.must(exact(" 监一", "136 0000 9999"))
	w.want(exact("监一", "13600009999"), ErrNamed)
	w.must(w.Leave(ctx, w.director, m.ID, w.handOf(m, "监一"), "换人"))
	w.must(join(w.director, w.person["邻"], Scrutineer))
	w.want(join(w.director, w.person["邻"], Scrutineer), ErrNamed)
	w.want(join(w.director, w.person["邻"], Typist), ErrBothRole)
	w.clock.Set(m.Opens)
	_, err := w.Open(ctx, w.director, m.ID)
	w.want(err, ErrSwear)
	p := w.phone(w.owner("甲"))
	_, err = w.Cast(ctx, p.who, m.ID, p.fill(m, w.right(m, "101"), agree())) // opened by time alone: not without scrutineers
	w.want(err, ErrSwear)
	_, err = w.Swear(ctx, w.owner("甲"), m.ID)
	w.want(err, access.ErrRefused)
	watch := w.sworn(m)
	_, err = w.Open(ctx, w.director, m.ID)
	w.must(err)
	_, err = w.Cast(ctx, p.who, m.ID, p.fill(m, w.right(m, "101"), agree()))
	w.must(err)
	team, err := w.Team(ctx, w.director, m.ID)
	w.must(err)
	for _, x := range team {
		if x.Person == watch[0].Person {
			w.want(w.Leave(ctx, w.director, m.ID, x.ID, "出差"), ErrWatched)
		}
		if x.Person == w.person["邻"] {
			w.must(w.Leave(ctx, w.director, m.ID, x.ID, "没有宣誓"))
		}
	}
	if shown, err := w.Team(ctx, w.owner("乙"), m.ID); err != nil || len(shown) != 2 {
		t.Errorf("owners see the scrutineers: %+v %v", shown, err)
	}
}

func newcomer(name, phone string) people.NewPerson {
	return people.NewPerson{Name: name, Phones: []string{phone}}
}

// Ballots and the closing at the same moment: whatever was acknowledged is in the closing's figures, and nothing else is.
func TestRaceAtClosing(t *testing.T) {
	w := polls(t)
	owners := w.big(40)
	m := w.voting()
	type job struct {
		p  *phone
		in Vote
	}
	list := make([]job, len(owners))
	for i, who := range owners {
		p := w.phone(who)
		list[i] = job{p, p.fill(m, w.right(m, who.Name), agree())}
	}
	w.clock.Set(m.Closes - 20) // every look at the clock is a microsecond later
	var wait sync.WaitGroup
	var taken, late atomic.Int64
	for i, j := range list {
		wait.Go(func() {
			switch _, err := w.Cast(ctx, j.p.who, m.ID, j.in); {
			case err == nil:
				taken.Add(1)
			case errors.Is(err, ErrOver):
				late.Add(1)
			default:
				t.Error(err)
			}
		})
		if i%10 == 9 {
			wait.Go(func() {
				if _, err := w.Tick(ctx); err != nil {
					t.Error(err)
				}
			})
		}
	}
	wait.Wait()
	w.clock.Set(m.Closes + 1)
	w.run()
	t.Logf("%d taken, %d too late", taken.Load(), late.Load())
	n, err := store.Count(ctx, w.db, `select count(*) from assembly_ballot where late = $1`, false)
	w.must(err)
	if n != taken.Load() || taken.Load()+late.Load() != 40 {
		t.Errorf("%d ballots, %d acknowledged", n, taken.Load())
	}
	var body string
	w.must(w.db.QueryRow(ctx, `select body from audit_record where kind = 'assembly.closed'`).Scan(&body))
	var s bundle.Seal
	w.must(json.Unmarshal([]byte(body), &s))
	if s.Ballots != n {
		t.Errorf("the closing says %d of %d", s.Ballots, n)
	}
	w.day("2026-03-25")
	_, err = w.Post(ctx, w.director, m.ID)
	w.must(err)
	w.place1()
	file, _, err := w.Bundle(ctx, m.ID)
	w.must(err)
	w.sound(file)
}
