// Package owner counts heads and areas of owners (R05, R06): who counts as one person when owners decide.
//
// R05 (SPC interpretation on divided ownership, art. 9): one exclusive part is one person; all parts that the developer
// has not sold, or sold and not delivered, are one person together; one buyer with several parts is one person. R06
// (art. 2): a titled parking space is an exclusive part.
//
// # Words
//
//   - owner key 业主键: the sorted set of the identities on a title; two titles of one key are one head.
//   - part 专有部分: a dwelling, a shop, a titled parking space.
//   - head 人数.
package owner

import (
	"slices"
	"strings"

	"cuobian/basis/area"
)

// Key is the owner key of a title: its identities as a sorted set. Identities are opaque (blind indexes, or "person:…"
// where no number is known), so a key shows nothing. No identities is the empty key.
func Key(identities []string) string {
	ids := slices.Clone(identities)
	slices.Sort(ids)
	ids = slices.Compact(ids)
	if len(ids) > 0 && ids[0] == "" {
		ids = ids[1:]
	}
	return strings.Join(ids, "|")
}

// Part is one exclusive part.
type Part struct {
	Key       string    // owner key; "" when nobody is known: then the part stands alone as one head
	Developer bool      // unsold, or sold and not delivered
	Area      area.Area // 0.01 m²
}

// Tally is what a compound's parts add up to.
type Tally struct {
	Heads     int64     // H
	Area      area.Area // A
	Parts     int64
	Developer int64 // parts that the developer holds
	Unknown   int64 // parts without a known owner, each counted as a head of its own
}

// Heads tells by R05 which parts are one head together: of gives the head of each part, numbered from 0 as they come, n is
// how many heads there are.
func Heads(parts []Part) (of []int, n int) {
	of = make([]int, len(parts))
	keys := map[string]int{}
	for i, p := range parts {
		key := "owner " + p.Key
		if p.Developer {
			key = "developer"
		}
		head, has := keys[key]
		if !has || p.Key == "" && !p.Developer {
			head = n
			keys[key] = n
			n++
		}
		of[i] = head
	}
	return of, n
}

// Count adds parts up by R05.
func Count(parts []Part) (t Tally) {
	_, n := Heads(parts)
	t.Heads = int64(n)
	for _, p := range parts {
		t.Parts++
		t.Area += p.Area
		switch {
		case p.Developer:
			t.Developer++
		case p.Key == "":
			t.Unknown++
		}
	}
	return t
}
