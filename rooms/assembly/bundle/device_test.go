package bundle

import (
	"slices"
	"strings"
	"testing"
)

// What is done to a device's signature is found and named; who makes it anew with another key is found by the hash that the
// result's record carries.
func TestDeviceSignatures(t *testing.T) {
	m := vote(t, 120, true, Scrutineers)
	file := m.file(t)
	r := Check(file, nil)
	if !r.OK || r.Of("ballot_signature").N < 50 {
		t.Fatal(story(r))
	}
	signed := slices.IndexFunc(m.b.Ballots, func(x Ballot) bool { return x.Key != "" })
	raw := slices.IndexFunc(m.b.Ballots, func(x Ballot) bool { return len(x.Signature) == 88 })
	bare := slices.IndexFunc(m.b.Ballots, func(x Ballot) bool { return x.Key == "" })
	if signed < 0 || raw < 0 || bare < 0 {
		t.Fatal("the vote has not all kinds of ballots")
	}
	for name, do := range map[string]func(b *Bundle){
		"of another ballot":         func(b *Bundle) { b.Ballots[signed].Signature = m.b.Ballots[raw+1].Signature },
		"a key exchanged":           func(b *Bundle) { b.Ballots[signed].Key = m.keyBeside(signed) },
		"no key":                    func(b *Bundle) { b.Ballots[signed].Key = "" },
		"no signature":              func(b *Bundle) { b.Ballots[signed].Signature = "" },
		"both dropped":              func(b *Bundle) { b.Ballots[signed].Key, b.Ballots[signed].Signature = "", "" },
		"signed anew by a stranger": func(b *Bundle) { b.Ballots[signed].signs(t, 99_999) },
		"signed who did not":        func(b *Bundle) { b.Ballots[bare].signs(t, b.Ballots[bare].Right) },
		"moved to another ballot": func(b *Bundle) {
			x, y := &b.Ballots[signed], &b.Ballots[bare]
			y.Key, y.Signature, x.Key, x.Signature = x.Key, x.Signature, "", ""
		},
		"not base64": func(b *Bundle) { b.Ballots[raw].Signature = strings.Replace(b.Ballots[raw].Signature, "=", "!", 1) },
	} {
		b := again(t, file)
		do(b)
		forged, err := b.Write()
		if err != nil {
			t.Fatal(err)
		}
		r := Check(forged, nil)
		if r.OK || !slices.Contains(wrongs(r), "ballot_signature") {
			t.Errorf("%s: found by %v", name, wrongs(r))
		}
	}
	// Neither public file holds one.
	for _, k := range kinds {
		if k.kind != Public {
			continue
		}
		b := again(t, vote(t, 60, k.secret, k.kind).file(t))
		b.Ballots[0].signs(t, 1)
		forged, err := b.Write()
		if err != nil {
			t.Fatal(err)
		}
		if r := Check(forged, nil); r.OK || !slices.Contains(wrongs(r), "ballot_signature") {
			t.Errorf("%s: %v", k.name, wrongs(r))
		}
	}
}

// keyBeside is the key of another ballot's device.
func (m *made) keyBeside(i int) string {
	for _, x := range m.b.Ballots {
		if x.Key != "" && x.Key != m.b.Ballots[i].Key {
			return x.Key
		}
	}
	return ""
}

// A result that was published before signatures came into the file: they are checked one by one, and the report says that
// none can be missed.
func TestDeviceSignaturesBefore(t *testing.T) {
	m := vote(t, 60, true, Scrutineers)
	last := &m.b.Records[len(m.b.Records)-1]
	var s Seal
	if !last.into(&s) {
		t.Fatal("no seal")
	}
	m.b.Records = m.b.Records[:len(m.b.Records)-1]
	m.leaves = m.leaves[:len(m.leaves)-1]
	delete(s.Bundle, Signatures)
	m.record(t, RecordPreliminary, s)
	m.sign(t)
	r := Check(m.file(t), nil)
	if !r.OK || !slices.ContainsFunc(r.Not, func(w Words) bool { return strings.Contains(w.En, "without a hash over the signatures") }) {
		t.Error(story(r), r.Not)
	}
	m.b.Ballots[0].Signature = m.b.Ballots[0].Signature[:20]
	if m.b.Ballots[0].Key == "" {
		t.Fatal("the first ballot is not signed")
	}
	if r := Check(m.file(t), nil); r.OK {
		t.Error("a spoilt signature was not found")
	}
}
