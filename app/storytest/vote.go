package storytest

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"

	"cuobian/platform/access"
	"cuobian/rooms/assembly/ballot"
	"cuobian/rooms/assembly/tally"
)

// device is a voter's phone with the key that it keeps.
type device struct {
	id  string
	key *ecdsa.PrivateKey
}

// vote casts a ballot as a phone does: vote NAME in $meeting [right N] agree, or 1=agree 2=against. The device is registered
// by a code on the voter's telephone the first time; it makes the salt, commits to the choices and signs the commitment. What
// the answer says is looked at by the lines that follow; a name with several rights votes the first unless one is named.
func (s *story) vote(f []string) {
	who, meeting, says := f[1], s.fill(f[3]), f[4:]
	s.ask(who, "GET", "/api/me/assemblies/"+meeting, nil)
	if s.status != http.StatusOK {
		return // an expectation says which refusal it is
	}
	var booth struct {
		Meeting struct{ ID string }
		Rights  []struct {
			No      int
			Proxy   string
			Matters []int
		}
	}
	s.must(json.Unmarshal(s.body, &booth))
	if len(booth.Rights) == 0 {
		s.fail("%s has no right in this meeting", who)
	}
	right := booth.Rights[0]
	if says[0] == "right" {
		no, err := strconv.Atoi(s.fill(says[1]))
		s.must(err)
		for _, x := range booth.Rights {
			if x.No == no {
				right = x
			}
		}
		says = says[2:]
	}
	b := ballot.Ballot{Meeting: booth.Meeting.ID, Right: right.No, Choices: map[int]tally.Choice{}, Salt: make([]byte, 32)}
	rand.Read(b.Salt)
	choices := map[string]string{}
	for _, no := range right.Matters {
		for _, x := range says {
			m, c, one := strings.Cut(x, "=")
			if !one {
				c = m
			}
			if !one || m == strconv.Itoa(no) {
				b.Choices[no], choices[strconv.Itoa(no)] = tally.Choice(c), c
			}
		}
	}
	d := s.device(who)
	if d == nil {
		return
	}
	word := b.Commitment()
	sum := sha256.Sum256([]byte(word))
	sig, err := ecdsa.SignASN1(rand.Reader, d.key, sum[:])
	s.must(err)
	s.words["commitment"] = word
	s.ask(who, "POST", "/api/assemblies/"+meeting+"/ballots", map[string]any{"right": right.No, "choices": choices, "salt": hex.EncodeToString(b.Salt), "device": d.id,
		"signature": base64.StdEncoding.EncodeToString(sig), "proxy": right.Proxy})
}

// device finds a voter's phone, or registers one by a code.
func (s *story) device(who string) *device {
	if d := s.devices[who]; d != nil {
		return d
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	s.must(err)
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	s.must(err)
	phones, err := s.house.Register.Phones(ctx, s.house.DB, s.persons[who])
	s.must(err)
	if len(phones) == 0 {
		s.fail("%s has no telephone", who)
	}
	if s.code == "" {
		s.code = "135791"
		s.house.Accounts.UseCode(s.code)
	}
	s.must(s.house.Accounts.PhoneProof(ctx, phones[0], access.Place{}))
	s.ask(who, "POST", "/api/me/devices", map[string]any{"public_key": base64.StdEncoding.EncodeToString(der), "name": "手机", "phone": phones[0], "code": s.code})
	if s.status >= 300 {
		return nil
	}
	var made struct{ ID string }
	s.must(json.Unmarshal(s.body, &made))
	s.devices[who] = &device{made.ID, key}
	return s.devices[who]
}

// ask sends a request with a JSON body.
func (s *story) ask(who, method, path string, body any) {
	var b bytes.Buffer
	if body != nil {
		s.must(json.NewEncoder(&b).Encode(body))
	}
	r := httptest.NewRequest(method, path, &b)
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	s.send(who, r)
}
