package access_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"slices"
	"testing"
	"time"

	"cuobian/platform/access"

	"github.com/go-webauthn/webauthn/protocol/webauthncbor"
)

// device is a small authenticator: it makes one passkey (ES256, no attestation) and signs with it.
type device struct {
	t      *testing.T
	id     []byte
	key    *ecdsa.PrivateKey
	handle string // the account, as it was told when the passkey was made
	count  uint32
}

func newDevice(t *testing.T) *device {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	id := make([]byte, 32)
	rand.Read(id)
	return &device{t: t, id: id, key: key}
}

const (
	present  = 0x01
	verified = 0x04
	attested = 0x40
)

var b64 = base64.RawURLEncoding.EncodeToString

func (d *device) data(rp string, flags byte) []byte {
	sum := sha256.Sum256([]byte(rp))
	d.count++
	return binary.BigEndian.AppendUint32(append(sum[:], flags), d.count)
}

// options reads what the browser would be given.
func options(t *testing.T, c access.Challenge) (challenge, user string, m map[string]any) {
	t.Helper()
	b, err := json.Marshal(c.Options)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &m); err != nil {
		t.Fatal(err)
	}
	challenge, _ = m["challenge"].(string)
	if u, ok := m["user"].(map[string]any); ok {
		user, _ = u["id"].(string)
	}
	return challenge, user, m
}

func clientData(kind, challenge, origin string) []byte {
	b, _ := json.Marshal(map[string]any{"type": kind, "challenge": challenge, "origin": origin, "crossOrigin": false})
	return b
}

func (d *device) create(c access.Challenge, origin, rp string) []byte {
	d.t.Helper()
	challenge, user, m := options(d.t, c)
	d.handle = user
	if sel, _ := m["authenticatorSelection"].(map[string]any); sel["residentKey"] != "required" || sel["userVerification"] != "required" {
		d.t.Errorf("asked for %v", m["authenticatorSelection"])
	}
	public, err := d.key.PublicKey.ECDH()
	if err != nil {
		d.t.Fatal(err)
	}
	point := public.Bytes()
	cose, err := webauthncbor.Marshal(map[int]any{1: 2, 3: -7, -1: 1, -2: point[1:33], -3: point[33:]})
	if err != nil {
		d.t.Fatal(err)
	}
	auth := append(d.data(rp, present|verified|attested), make([]byte, 16)...)
	auth = binary.BigEndian.AppendUint16(auth, uint16(len(d.id)))
	auth = append(append(auth, d.id...), cose...)
	object, err := webauthncbor.Marshal(map[string]any{"fmt": "none", "attStmt": map[string]any{}, "authData": auth})
	if err != nil {
		d.t.Fatal(err)
	}
	return d.answer(map[string]any{"clientDataJSON": b64(clientData("webauthn.create", challenge, origin)), "attestationObject": b64(object)})
}

func (d *device) answer(response map[string]any) []byte {
	b, err := json.Marshal(map[string]any{"id": b64(d.id), "rawId": b64(d.id), "type": "public-key", "response": response})
	if err != nil {
		d.t.Fatal(err)
	}
	return b
}

func (d *device) get(c access.Challenge, origin, rp string, flags byte) []byte {
	d.t.Helper()
	challenge, _, _ := options(d.t, c)
	client := clientData("webauthn.get", challenge, origin)
	auth := d.data(rp, flags)
	hash := sha256.Sum256(client)
	sum := sha256.Sum256(append(slices.Clone(auth), hash[:]...))
	sig, err := ecdsa.SignASN1(rand.Reader, d.key, sum[:])
	if err != nil {
		d.t.Fatal(err)
	}
	return d.answer(map[string]any{"clientDataJSON": b64(client), "authenticatorData": b64(auth), "signature": b64(sig), "userHandle": d.handle})
}

const (
	origin = "https://xiaoqu.example"
	rp     = "xiaoqu.example"
)

func TestPasskeys(t *testing.T) {
	h := newHouse(t, "required")
	h.Public = origin
	h.give("p-chen", access.StreetOfficer, fengze)
	h.staff("chen", "p-chen", fengze)
	h.staff("wang", "p-wang", fengze)
	s, err := h.SignIn(bg, "chen", password, here)
	if err != nil || s.Must != access.MustSecond {
		t.Fatalf("%+v %v", s, err)
	}
	chen := h.who(s.Token)
	d := newDevice(t)
	c, err := h.EnrolPasskey(bg, chen, "", here)
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = h.ConfirmPasskey(bg, chen, c.Ticket, "手机", d.create(c, "https://evil.example", rp), here)
	want(t, "made for another site", err, access.ErrPasskey)
	wang, err := h.SignIn(bg, "wang", password, here)
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = h.ConfirmPasskey(bg, h.who(wang.Token), c.Ticket, "手机", d.create(c, origin, rp), here)
	want(t, "made by another account", err, access.ErrTicket)
	key, recovery, err := h.ConfirmPasskey(bg, chen, c.Ticket, "手机", d.create(c, origin, rp), here)
	if err != nil || key.Name != "手机" || len(recovery) != 10 {
		t.Fatalf("%+v %d %v", key, len(recovery), err)
	}
	if w := h.who(s.Token); w.Must != "" || len(w.Grants) != 1 {
		t.Errorf("after enrolling: %+v", w)
	}

	begin := func(ticket string) access.Challenge {
		t.Helper()
		c, err := h.BeginPasskey(bg, ticket, here)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	// Alone: the device has checked its owner.
	c = begin("")
	answer := d.get(c, origin, rp, present|verified)
	in, err := h.FinishPasskey(bg, c.Ticket, answer, here)
	if err != nil || in.Next != "done" || in.Must != "" {
		t.Fatalf("%+v %v", in, err)
	}
	if w := h.who(in.Token); w.Person != "p-chen" || len(w.Grants) != 1 {
		t.Errorf("%+v", w)
	}
	_, err = h.FinishPasskey(bg, c.Ticket, answer, here)
	want(t, "an answer twice", err, access.ErrTicket)
	// After the password.
	half, err := h.SignIn(bg, "chen", password, here)
	if err != nil || half.Next != "passkey" || half.Token != "" {
		t.Fatalf("%+v %v", half, err)
	}
	c = begin(half.Ticket)
	if in, err = h.FinishPasskey(bg, c.Ticket, d.get(c, origin, rp, present|verified), here); err != nil || in.Token == "" {
		t.Errorf("after the password: %v", err)
	}
	for name, make := range map[string]func(c access.Challenge) []byte{
		"without looking at its owner": func(c access.Challenge) []byte { return d.get(c, origin, rp, present) },
		"for another site":             func(c access.Challenge) []byte { return d.get(c, "https://evil.example", rp, present|verified) },
		"for another party":            func(c access.Challenge) []byte { return d.get(c, origin, "evil.example", present|verified) },
		"for another challenge":        func(access.Challenge) []byte { return d.get(begin(""), origin, rp, present|verified) },
		"by another device": func(c access.Challenge) []byte {
			x := newDevice(t)
			x.handle, x.count = d.handle, d.count
			return x.get(c, origin, rp, present|verified)
		},
		"with another's key under its id": func(c access.Challenge) []byte {
			x := newDevice(t)
			x.id, x.handle, x.count = d.id, d.handle, d.count
			return x.get(c, origin, rp, present|verified)
		},
		"by a copy that counts behind": func(c access.Challenge) []byte {
			d.count = 0
			return d.get(c, origin, rp, present|verified)
		},
		"nonsense": func(access.Challenge) []byte { return []byte(`{}`) },
	} {
		c := begin("")
		if _, err := h.FinishPasskey(bg, c.Ticket, make(c), here); err == nil {
			t.Errorf("%s: signed in", name)
		} else {
			want(t, name, err, access.ErrPasskey)
		}
	}
	d.count = 1000
	// Wang's right password and Chen's passkey are two halves of two people.
	h.enrol(h.who(wang.Token))
	half, err = h.SignIn(bg, "wang", password, here)
	if err != nil {
		t.Fatal(err)
	}
	c = begin(half.Ticket)
	_, err = h.FinishPasskey(bg, c.Ticket, d.get(c, origin, rp, present|verified), here)
	want(t, "another's passkey after a password", err, access.ErrPasskey)

	wantCode(t, "the last one", h.DropPasskey(bg, chen, key.ID, password), "access.last_second")
	want(t, "by another", h.DropPasskey(bg, h.who(wang.Token), key.ID, ""), access.ErrMissing)
	h.Settings.SecondFactor = "optional"
	if err := h.DropPasskey(bg, chen, key.ID, password); err != nil {
		t.Error(err)
	}
	c = begin("")
	_, err = h.FinishPasskey(bg, c.Ticket, d.get(c, origin, rp, present|verified), here)
	want(t, "after it was removed", err, access.ErrPasskey)
}

func TestPasskeysNeedAName(t *testing.T) {
	h := newHouse(t, "optional")
	h.staff("chen", "p-chen", fengze)
	chen := h.in("chen")
	_, err := h.EnrolPasskey(bg, chen, "", here)
	want(t, "no address", err, access.ErrNoOrigin)
	_, err = h.BeginPasskey(bg, "", access.Place{Address: "127.0.0.1:1", Origin: "http://127.0.0.1:8080"})
	want(t, "a number for an address", err, access.ErrNoOrigin)
	if _, err := h.EnrolPasskey(bg, chen, "", access.Place{Address: "127.0.0.1:1", Origin: "http://localhost:8080"}); err != nil {
		t.Errorf("localhost: %v", err)
	}
	h.clock.Advance(16 * time.Minute)
	_, err = h.EnrolPasskey(bg, chen, "", access.Place{Address: "127.0.0.1:1", Origin: "http://localhost:8080"})
	want(t, "long after signing in", err, access.ErrFresh)
}
