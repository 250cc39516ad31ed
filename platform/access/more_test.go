package access_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/seal"
	"cuobian/platform/store"

	"github.com/pquerna/otp/totp"
)

// enrol gives an account an authenticator and tells its secret and recovery codes.
func (h *house) enrol(w access.Who) (secret string, recovery []string) {
	h.t.Helper()
	n, err := h.EnrolTOTP(bg, w, "")
	if err != nil {
		h.t.Fatal(err)
	}
	recovery, err = h.ConfirmTOTP(bg, w, n.Ticket, h.code(n.Secret))
	if err != nil {
		h.t.Fatal(err)
	}
	h.clock.Advance(time.Minute) // past the step that confirming used up
	return n.Secret, recovery
}

func (h *house) code(secret string) string {
	c, err := totp.GenerateCode(secret, h.clock.Now().Time())
	if err != nil {
		h.t.Fatal(err)
	}
	return c
}

func TestSecondFactorTriesEnd(t *testing.T) {
	h := newHouse(t, "optional")
	h.staff("chen", "p-chen", fengze)
	secret, _ := h.enrol(h.in("chen"))
	var sealed []byte
	if err := h.DB.QueryRow(bg, `select totp from access_account where login = 'chen'`).Scan(&sealed); err != nil || bytes.Contains(sealed, []byte(secret)) {
		t.Error("the secret is kept readable")
	}
	first, err := h.SignIn(bg, "chen", password, here)
	if err != nil || first.Next != "totp" || first.Token != "" {
		t.Fatalf("%+v %v", first, err)
	}
	for i := range h.Settings.Failures - 1 {
		_, err := h.SecondFactor(bg, first.Ticket, fmt.Sprintf("%06d", i), here)
		want(t, "a guess", err, access.ErrSecond)
	}
	_, err = h.SecondFactor(bg, first.Ticket, "999999", here)
	want(t, "the last guess", err, access.ErrLockOut)
	_, err = h.SecondFactor(bg, first.Ticket, h.code(secret), here)
	if err == nil {
		t.Error("the right code after the lock")
	}
	_, err = h.SignIn(bg, "chen", password, here)
	want(t, "the password after the lock", err, access.ErrLockOut)
	h.clock.Advance(16 * time.Minute)
	again, err := h.SignIn(bg, "chen", password, here)
	if err != nil {
		t.Fatal(err)
	}
	if s, err := h.SecondFactor(bg, again.Ticket, " "+h.code(secret)[:3]+" "+h.code(secret)[3:], here); err != nil || s.Token == "" {
		t.Errorf("written in two groups: %v", err)
	}
	_, err = h.SecondFactor(bg, again.Ticket, h.code(secret), here)
	want(t, "a ticket twice", err, access.ErrTicket)
	late, err := h.SignIn(bg, "chen", password, here)
	if err != nil {
		t.Fatal(err)
	}
	h.clock.Advance(6 * time.Minute)
	_, err = h.SecondFactor(bg, late.Ticket, h.code(secret), here)
	want(t, "a ticket after five minutes", err, access.ErrTicket)
}

func TestASecondFactorOfAnotherDoesNotFit(t *testing.T) {
	h := newHouse(t, "optional")
	h.staff("chen", "p-chen", fengze)
	h.staff("wang", "p-wang", fengze)
	chen := h.in("chen")
	wang := h.in("wang")
	n, err := h.EnrolTOTP(bg, chen, "")
	if err != nil {
		t.Fatal(err)
	}
	_, err = h.ConfirmTOTP(bg, wang, n.Ticket, h.code(n.Secret))
	want(t, "another's enrolment", err, access.ErrTicket)
	_, recovery := h.enrol(chen)
	h.enrol(wang)
	s, err := h.SignIn(bg, "wang", password, here)
	if err != nil {
		t.Fatal(err)
	}
	_, err = h.SecondFactor(bg, s.Ticket, recovery[0], here)
	want(t, "another's recovery code", err, access.ErrSecond)
}

func TestManyGuessesAtOnceDoNotPassTheLock(t *testing.T) {
	h := newHouse(t, "optional")
	h.staff("chen", "p-chen", fengze)
	var wg sync.WaitGroup
	var mu sync.Mutex
	counts := map[string]int{}
	for i := range 12 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			_, err := h.SignIn(bg, "chen", "guess", access.Place{Address: fmt.Sprintf("10.0.%d.1:1", i)})
			mu.Lock()
			defer mu.Unlock()
			switch {
			case errors.Is(err, access.ErrPassword):
				counts["wrong"]++
			case errors.Is(err, access.ErrLockOut):
				counts["locked"]++
			default:
				t.Error(err)
			}
		}()
	}
	wg.Wait()
	if counts["wrong"] != h.Settings.Failures-1 {
		t.Errorf("%v", counts)
	}
	_, err := h.SignIn(bg, "chen", password, here)
	want(t, "after them", err, access.ErrLockOut)
}

// Signing in with a name that nobody has must cost as much as with one that somebody has.
func TestUnknownNamesTakeAsLong(t *testing.T) {
	h := newHouse(t, "optional")
	h.Settings.Failures = 1000
	h.staff("chen", "p-chen", fengze)
	known, unknown := time.Hour, time.Hour
	for range 8 { // turn by turn, so that other work on the machine meets both
		for login, shortest := range map[string]*time.Duration{"chen": &known, "nobody": &unknown} {
			began := time.Now()
			if _, err := h.SignIn(bg, login, "guess", here); !errors.Is(err, access.ErrPassword) {
				t.Fatal(err)
			}
			*shortest = min(*shortest, time.Since(began))
		}
	}
	// Without the work on nobody's password it would be some thirty times shorter.
	if unknown < known/6 || known < unknown/6 {
		t.Errorf("known %v, unknown %v", known, unknown)
	}
}

func (h *house) lastCode(phone string) string {
	h.t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, s := range slices.Backward(h.sent) {
		if p, c, _ := strings.Cut(s, " "); p == phone {
			return c
		}
	}
	h.t.Fatalf("no code went to %s", phone)
	return ""
}

func other(code string) string {
	if code == "000000" {
		return "000001"
	}
	return "000000"
}

func TestPhoneCodes(t *testing.T) {
	h := newHouse(t, "required")
	h.give("p-lin", access.Resident, fengze.Child("c").Child("d"))
	const phone = "13800001234"
	if err := h.PhoneCode(bg, "+86 138 0000 1234", here); err != nil {
		t.Fatal(err)
	}
	var kept string
	if err := h.DB.QueryRow(bg, `select code from access_code`).Scan(&kept); err != nil || strings.Contains(kept, h.lastCode(phone)) {
		t.Error("the code is kept readable")
	}
	want(t, "again within a minute", h.PhoneCode(bg, phone, here), access.ErrTooOften)
	code := h.lastCode(phone)
	for range h.Settings.CodeTries {
		_, err := h.ConfirmPhone(bg, phone, other(code), here)
		want(t, "a wrong code", err, access.ErrCode)
	}
	_, err := h.ConfirmPhone(bg, phone, code, here)
	want(t, "the right code after five tries", err, access.ErrCode)
	h.clock.Advance(time.Minute)
	if err := h.PhoneCode(bg, phone, here); err != nil {
		t.Fatal(err)
	}
	code = h.lastCode(phone)
	h.clock.Advance(5*time.Minute + time.Second)
	_, err = h.ConfirmPhone(bg, phone, code, here)
	want(t, "after five minutes", err, access.ErrCode)
	if err := h.PhoneCode(bg, phone, here); err != nil {
		t.Fatal(err)
	}
	code = h.lastCode(phone)
	s, err := h.ConfirmPhone(bg, phone, code, here)
	if err != nil || s.Token == "" || s.Must != "" {
		t.Fatalf("%+v %v", s, err)
	}
	_, err = h.ConfirmPhone(bg, phone, code, here)
	want(t, "the same code twice", err, access.ErrCode)
	w := h.who(s.Token)
	if w.Person != "p-lin" || len(w.Grants) != 1 {
		t.Errorf("%+v", w)
	}
	h.clock.Advance(29 * 24 * time.Hour)
	if h.who(s.Token).Account == "" {
		t.Error("a resident's session ends before thirty days")
	}
	h.clock.Advance(25 * time.Hour)
	if h.who(s.Token).Account != "" {
		t.Error("a resident's session outlives thirty days")
	}
	for range h.Settings.CodesPerHour {
		err = h.PhoneCode(bg, phone, here)
		h.clock.Advance(time.Minute)
	}
	if err != nil {
		t.Error(err)
	}
	want(t, "too many in an hour", h.PhoneCode(bg, phone, here), access.ErrTooOften)
	wantCode(t, "no number", h.PhoneCode(bg, "2258", here), "access.phone")
	var n int
	h.DB.QueryRow(bg, `select count(*) from access_account where person = 'p-lin'`).Scan(&n)
	if n != 1 {
		t.Errorf("%d accounts of one person", n)
	}
}

func TestAProofIsNoSignIn(t *testing.T) {
	h := newHouse(t, "required")
	const phone = "13911112222" // on no roster
	if err := h.PhoneProof(bg, phone, here); err != nil {
		t.Fatal(err)
	}
	code := h.lastCode(phone)
	_, err := h.ConfirmPhone(bg, phone, code, here)
	want(t, "a proof to sign in", err, access.ErrCode)
	want(t, "a wrong proof", h.CheckProof(bg, phone, other(code), here), access.ErrCode)
	if err := h.CheckProof(bg, phone, code, here); err != nil {
		t.Error(err)
	}
	want(t, "a proof twice", h.CheckProof(bg, phone, code, here), access.ErrCode)
}

// Somebody who is staff and a resident has the staff's posts only with the staff's sign-in.
func TestAPhoneCodeCarriesNoStaffPosts(t *testing.T) {
	h := newHouse(t, "optional")
	for _, p := range []access.Post{access.Resident, access.BuildingLead, access.StreetOfficer, access.SecurityAdmin, access.PropertyManager, access.HotlineOperator} {
		h.give("p-lin", p, fengze)
	}
	h.staff("lin", "p-lin", fengze)
	if err := h.PhoneCode(bg, "13800001234", here); err != nil {
		t.Fatal(err)
	}
	s, err := h.ConfirmPhone(bg, "13800001234", h.lastCode("13800001234"), here)
	if err != nil {
		t.Fatal(err)
	}
	if got := h.who(s.Token).Grants; len(got) != 2 || got[0].Post != access.Resident || got[1].Post != access.BuildingLead {
		t.Errorf("by phone: %+v", got)
	}
	if got := h.in("lin").Grants; len(got) != 6 {
		t.Errorf("by password: %+v", got)
	}
}

func TestAdministratorsAreSeparate(t *testing.T) {
	h := newHouse(t, "optional")
	h.give("p-both", access.SystemAdmin, scope.Everywhere)
	h.give("p-both", access.AuditAdmin, fengze)
	h.give("p-both", access.StreetOfficer, fengze)
	h.staff("both", "p-both", fengze)
	if got := h.in("both").Grants; len(got) != 1 || got[0].Post != access.StreetOfficer {
		t.Errorf("two of the three in one person: %+v", got)
	}
	sec := access.Who{Account: "a", Person: "p-sec", Grants: []access.Grant{{Post: access.SecurityAdmin, Path: fengze}}}
	officer := access.Who{Account: "b", Person: "p-off", Grants: []access.Grant{{Post: access.StreetOfficer, Path: fengze}}}
	sys := access.Who{Account: "c", Person: "p-sys", Grants: []access.Grant{{Post: access.SystemAdmin, Path: scope.Everywhere}}}
	for name, v := range map[string]struct {
		err  error
		want error
	}{
		"an ordinary post":     {officer.MayAppoint(access.GridWorker, "p1", fengze, nil), nil},
		"by security":          {sec.MayAppoint(access.Auditor, "p1", fengze, nil), nil},
		"by an officer":        {officer.MayAppoint(access.Auditor, "p1", fengze, nil), access.ErrGrantAdmin},
		"by system":            {sys.MayAppoint(access.SecurityAdmin, "p1", fengze, nil), access.ErrGrantAdmin},
		"for oneself":          {sec.MayAppoint(access.AuditAdmin, "p-sec", fengze, nil), access.ErrGrantAdmin},
		"elsewhere":            {sec.MayAppoint(access.AuditAdmin, "p1", elsewhere, nil), access.ErrGrantAdmin},
		"a second of three":    {sec.MayAppoint(access.AuditAdmin, "p1", fengze, []access.Post{access.SystemAdmin}), access.ErrSeparate},
		"also by the program":  {access.System.MayAppoint(access.AuditAdmin, "p1", fengze, []access.Post{access.SecurityAdmin}), access.ErrSeparate},
		"the same once more":   {sec.MayAppoint(access.AuditAdmin, "p1", fengze, []access.Post{access.AuditAdmin}), nil},
		"beside another post":  {sec.MayAppoint(access.AuditAdmin, "p1", fengze, []access.Post{access.Resident}), nil},
		"first by the program": {access.System.MayAppoint(access.SecurityAdmin, "p1", fengze, nil), nil},
	} {
		if !errors.Is(v.err, v.want) {
			t.Errorf("%s: %v", name, v.err)
		}
	}
}

func TestTheTrailToTakeAlong(t *testing.T) {
	h := newHouse(t, "optional")
	h.give("p-aud", access.Auditor, fengze)
	h.staff("aud", "p-aud", fengze)
	h.staff("chen", "p-chen", fengze)
	h.staff("far", "p-far", elsewhere)
	h.in("chen")
	h.in("far")
	aud := h.in("aud")
	var file bytes.Buffer
	wantCode(t, "without a purpose", h.ExportTrail(bg, aud, "  ", &file), "access.purpose")
	want(t, "by another", h.ExportTrail(bg, h.in("chen"), "x", &file), access.ErrRefused)
	if file.Len() != 0 {
		t.Error("a refused export wrote something")
	}
	if err := h.ExportTrail(bg, aud, "年度审计", &file); err != nil {
		t.Fatal(err)
	}
	text := file.String()
	head, n, err := access.CheckTrail(strings.NewReader(text))
	if err != nil || n < 6 || head.Purpose != "年度审计" || head.Post != "auditor" || strings.Contains(text, string(elsewhere)) {
		t.Fatalf("%+v %d %v\n%s", head, n, err, text)
	}
	if own := h.trail("access.trail_export"); len(own) != 1 || own[0].Why != "年度审计" || !strings.Contains(text, own[0].ID) {
		t.Error("the export is not in the trail that was taken")
	}
	lines := strings.SplitAfter(text, "\n")
	lines = lines[:len(lines)-1]
	join := func(l ...string) string { return strings.Join(l, "") }
	for name, bad := range map[string]string{
		"a word changed":   strings.Replace(text, "access.sign_in", "access.sign_on", 1),
		"a line left out":  join(append(slices.Clone(lines[:2]), lines[3:]...)...),
		"two lines turned": join(append([]string{lines[0], lines[2], lines[1]}, lines[3:]...)...),
		"a line twice":     join(append([]string{lines[0], lines[1]}, lines[1:]...)...),
		"cut short":        join(lines[:len(lines)-1]...),
		"more after it":    text + lines[1],
		"no head":          join(lines[1:]...),
		"nothing":          "",
		"a field added":    strings.Replace(text, `{"id":`, `{"extra":1,"id":`, 1),
	} {
		if bad == text {
			t.Fatalf("%s changes nothing", name)
		}
		if _, _, err := access.CheckTrail(strings.NewReader(bad)); !errors.Is(err, access.ErrTrail) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTrailOfOnesPlaces(t *testing.T) {
	h := newHouse(t, "optional")
	h.give("p-aud", access.AuditAdmin, fengze)
	h.staff("aud", "p-aud", fengze)
	h.staff("far", "p-far", elsewhere)
	for i := range 5 {
		h.staff(fmt.Sprintf("near%d", i), fmt.Sprintf("p%d", i), fengze.Child("k"))
	}
	aud := h.in("aud")
	p, err := h.Trail(bg, aud, access.FindTrail{Action: "access.account_new", Limit: 4})
	if err != nil || len(p.Items) != 4 || p.Count != 6 || p.Next == "" {
		t.Fatalf("%d of %d, next %q, %v", len(p.Items), p.Count, p.Next, err)
	}
	q, err := h.Trail(bg, aud, access.FindTrail{Action: "access.account_new", Limit: 4, After: p.Next})
	if err != nil || len(q.Items) != 2 || q.Next != "" || q.Items[0].ID >= p.Items[3].ID {
		t.Errorf("second page %+v %v", q, err)
	}
	if p, err = h.Trail(bg, aud, access.FindTrail{Path: fengze.Child("k")}); err != nil || p.Count != 5 {
		t.Errorf("one place: %d %v", p.Count, err)
	}
	_, err = h.Trail(bg, aud, access.FindTrail{Path: elsewhere})
	want(t, "another street", err, access.ErrMissing)
}

func TestWhatIsKeptAboutOne(t *testing.T) {
	h := newHouse(t, "optional")
	if err := h.PhoneCode(bg, "13800001234", here); err != nil {
		t.Fatal(err)
	}
	s, err := h.ConfirmPhone(bg, "13800001234", h.lastCode("13800001234"), here)
	if err != nil {
		t.Fatal(err)
	}
	w := h.who(s.Token)
	if _, err := h.Consent(bg, w, "messages", "2026-1", true); err != nil {
		t.Fatal(err)
	}
	if ok, err := h.Consented(bg, h.DB, "p-lin", "messages"); err != nil || !ok {
		t.Errorf("given: %v %v", ok, err)
	}
	k, err := h.About(bg, h.DB, "p-lin")
	if err != nil || len(k.Accounts) != 1 || len(k.Sessions) != 1 || len(k.Consents) != 1 {
		t.Errorf("%+v %v", k, err)
	}
	if _, err := h.Consent(bg, w, "messages", "2026-1", false); err != nil {
		t.Fatal(err)
	}
	if ok, err := h.Consented(bg, h.DB, "p-lin", "messages"); err != nil || ok {
		t.Errorf("taken back: %v %v", ok, err)
	}
	if ok, err := h.Consented(bg, h.DB, "p-lin", "voice"); err != nil || ok {
		t.Errorf("never asked: %v %v", ok, err)
	}
	if err := h.DB.Write(bg, func(tx *store.Tx) error { return h.Forget(bg, tx, w, "p-lin", "本人要求") }); err != nil {
		t.Fatal(err)
	}
	if h.who(s.Token).Account != "" {
		t.Error("forgotten and still signed in")
	}
	var left int
	h.DB.QueryRow(bg, `select count(*) from access_account where person = 'p-lin' or name = '林阿姨'`).Scan(&left)
	if left != 0 {
		t.Error("the name is still kept")
	}
	h.clock.Advance(2 * time.Minute)
	if err := h.PhoneCode(bg, "13800001234", here); err != nil {
		t.Fatal(err)
	}
	if _, err := h.ConfirmPhone(bg, "13800001234", h.lastCode("13800001234"), here); err != nil {
		t.Errorf("coming back later: %v", err)
	}
	h.staff("chen", "p-chen", fengze)
	wantCode(t, "a staff account", h.Close(bg, h.in("chen")), "access.staff_close")
}

func TestKeysRunOut(t *testing.T) {
	h := newHouse(t, "optional")
	h.give("p-sec", access.SecurityAdmin, fengze)
	h.staff("sec", "p-sec", fengze)
	sec := h.in("sec")
	k, secret, err := h.MakeKey(bg, sec, "热线平台", []access.Post{access.HotlineOperator}, fengze, h.clock.Now().Add(24*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	w, err := h.KeyWho(bg, secret)
	if err != nil || w.Account != "key/"+k.ID || !w.Holds(fengze, access.HotlineOperator) || w.Holds(elsewhere, access.HotlineOperator) {
		t.Errorf("%+v %v", w, err)
	}
	h.clock.Advance(24 * time.Hour)
	_, err = h.KeyWho(bg, secret)
	want(t, "after its time", err, access.ErrSignIn)
	_, _, err = h.MakeKey(bg, sec, "太久", []access.Post{access.HotlineOperator}, fengze, h.clock.Now().Add(400*24*time.Hour))
	wantCode(t, "longer than a year", err, "access.key_until")
}

func TestTurningTheKeys(t *testing.T) {
	h := newHouse(t, "optional")
	h.give("p-sys", access.SystemAdmin, scope.Everywhere)
	h.staff("sys", "p-sys", fengze)
	h.staff("chen", "p-chen", fengze)
	secret, _ := h.enrol(h.in("chen"))
	chen, err := h.SignIn(bg, "chen", password, here)
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = h.TurnKeys(bg, access.Who{Account: "x", Grants: []access.Grant{{Post: access.SecurityAdmin, Path: fengze}}}, access.Sealed(), nil)
	want(t, "by another administrator", err, access.ErrRefused)
	n, changed, err := h.TurnKeys(bg, h.in("sys"), access.Sealed(), nil)
	if err != nil || n != 2 || changed < 1 {
		t.Fatalf("key %d, %d resealed, %v", n, changed, err)
	}
	if stale, err := h.Ring.Stale(bg, h.DB, access.Sealed()); err != nil || stale != 0 {
		t.Errorf("%d stale, %v", stale, err)
	}
	if _, err := h.SecondFactor(bg, chen.Ticket, h.code(secret), here); err != nil {
		t.Errorf("a sign-in begun before: %v", err)
	}
	if _, err := h.Ring.Rotate(bg, h.DB); err != nil { // a turn that was broken off after its first step
		t.Fatal(err)
	}
	if n, changed, err := h.TurnKeys(bg, access.System, access.Sealed(), nil); err != nil || n != 3 || changed < 1 {
		t.Errorf("going on: key %d, %d resealed, %v", n, changed, err)
	}
	if l := h.trail("access.turn_keys"); len(l) != 2 {
		t.Errorf("%d entries", len(l))
	}
	if _, err := seal.Open(bg, h.DB, t.TempDir()); !errors.Is(err, seal.ErrLost) {
		t.Errorf("without the keys: %v", err)
	}
}

// Nothing that was typed or made secret may stand in the tables or in the trail.
func TestSecretsAreNowhere(t *testing.T) {
	h := newHouse(t, "optional")
	h.give("p-sec", access.SecurityAdmin, fengze)
	h.staff("sec", "p-sec", fengze)
	sec := h.in("sec")
	made, err := h.Make(bg, sec, access.NewAccount{Login: "neu", Person: "p-neu", Path: fengze})
	if err != nil {
		t.Fatal(err)
	}
	secret, recovery := h.enrol(h.in("sec"))
	_, key, err := h.MakeKey(bg, sec, "热线平台", []access.Post{access.HotlineOperator}, fengze, h.clock.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	if err := h.PhoneCode(bg, "13800001234", here); err != nil {
		t.Fatal(err)
	}
	h.SignIn(bg, "sec", "typed-by-mistake", here)
	words := append(slices.Clone(recovery), password, made.Password, secret, key, h.lastCode("13800001234"), "13800001234", "typed-by-mistake", strings.ReplaceAll(recovery[0], "-", ""))
	for _, table := range []string{"access_account", "access_session", "access_failure", "access_ticket", "access_code", "access_recovery", "access_passkey", "access_key", "audit_entry"} {
		rows, err := h.DB.Query(bg, `select * from `+table)
		if err != nil {
			t.Fatal(err)
		}
		columns, _ := rows.Columns()
		for rows.Next() {
			cells := make([]any, len(columns))
			for i := range cells {
				cells[i] = new(any)
			}
			if err := rows.Scan(cells...); err != nil {
				t.Fatal(err)
			}
			for i, c := range cells {
				text := fmt.Sprintf("%v", *c.(*any))
				if b, ok := (*c.(*any)).([]byte); ok {
					text = string(b)
				}
				for _, w := range words {
					if len(w) > 5 && strings.Contains(text, w) {
						t.Errorf("%s.%s holds %s", table, columns[i], w)
					}
				}
			}
		}
		rows.Close()
	}
}

func TestKeepingAccounts(t *testing.T) {
	h := newHouse(t, "optional")
	h.give("p-sec", access.SecurityAdmin, fengze)
	h.staff("sec", "p-sec", fengze)
	chen := h.staff("chen", "p-chen", fengze)
	sec := h.in("sec")
	secret, _ := h.enrol(h.in("chen"))
	for range h.Settings.Failures {
		h.SignIn(bg, "chen", "wrong", here)
	}
	_, err := h.SignIn(bg, "chen", password, here)
	want(t, "locked out", err, access.ErrLockOut)
	wantCode(t, "without a reason", h.Unlock(bg, sec, chen.ID, " "), "access.why")
	if err := h.Unlock(bg, sec, chen.ID, "本人来电核实"); err != nil {
		t.Fatal(err)
	}
	s, err := h.SignIn(bg, "chen", password, here)
	if err != nil || s.Next != "totp" {
		t.Fatalf("after unlocking: %+v %v", s, err)
	}
	if s, err = h.SecondFactor(bg, s.Ticket, h.code(secret), here); err != nil {
		t.Fatal(err)
	}
	if err := h.EndAll(bg, sec, chen.ID, "手机遗失"); err != nil || h.who(s.Token).Account != "" {
		t.Errorf("ended sessions: %v", err)
	}
	if err := h.Lock(bg, sec, chen.ID, "离职"); err != nil {
		t.Fatal(err)
	}
	wantCode(t, "locked twice", h.Lock(bg, sec, chen.ID, "离职"), "access.state")
	_, err = h.SignIn(bg, "chen", "wrong", here)
	want(t, "a locked account and a wrong password", err, access.ErrPassword) // tells nothing
	_, err = h.SignIn(bg, "chen", password, here)
	want(t, "a locked account and the right one", err, access.ErrLocked)
	if err := h.Unlock(bg, sec, chen.ID, "复职"); err != nil {
		t.Fatal(err)
	}
	temporary, err := h.Reset(bg, sec, chen.ID, "验证器遗失", true)
	if err != nil {
		t.Fatal(err)
	}
	if s, err = h.SignIn(bg, "chen", temporary, here); err != nil || s.Next != "done" || s.Must != access.MustPassword {
		t.Errorf("without second factors: %+v %v", s, err)
	}
	for _, action := range []string{"access.account_lock", "access.account_unlock", "access.account_reset", "access.sessions_end"} {
		l := h.trail(action)
		if len(l) == 0 || l[0].Person != "p-sec" || l[0].Post != "security_admin" || l[0].Why == "" || l[0].Path != fengze {
			t.Errorf("%s: %+v", action, l)
		}
	}
}

func TestListOfAccounts(t *testing.T) {
	h := newHouse(t, "optional")
	h.give("p-sec", access.SecurityAdmin, fengze)
	h.staff("sec", "p-sec", fengze)
	for i := range 7 {
		h.staff(fmt.Sprintf("grid%d", i), fmt.Sprintf("p%d", i), fengze)
	}
	h.staff("grid-far", "p-far", elsewhere)
	sec := h.in("sec")
	p, err := h.List(bg, sec, access.FindAccounts{Text: "GRID", Limit: 4})
	if err != nil || len(p.Items) != 4 || p.Count != 7 || p.More || p.Next != "grid3" {
		t.Fatalf("%+v %v", p, err)
	}
	if p, err = h.List(bg, sec, access.FindAccounts{Text: "grid", Limit: 4, After: p.Next}); err != nil || len(p.Items) != 3 || p.Next != "" {
		t.Errorf("second page %+v %v", p, err)
	}
	if p, err = h.List(bg, sec, access.FindAccounts{Text: "%"}); err != nil || p.Count != 0 {
		t.Errorf("a sign of the pattern: %+v %v", p, err)
	}
}
