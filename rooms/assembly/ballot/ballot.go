package ballot

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/rooms/assembly/tally"
)

// Form is the first line of a canonical text.
const Form = "cuobian ballot 1"

// SaltLen is the least number of bytes of a salt.
const SaltLen = 16

// Ballot is what a right says, by matter number.
type Ballot struct {
	Meeting string               // id
	Right   int                  // number in the roll
	Choices map[int]tally.Choice // by matter number; none is as good as absent
	Salt    []byte               // from the voter's device, at least SaltLen
}

// Refusals of Check.
var (
	errMeeting = fault.New(fault.Invalid, "ballot.meeting", "缺少会议编号或者编号有误", "the meeting's id is missing or unsound")
	errRight   = fault.New(fault.Invalid, "ballot.right", "表决权编号应为正整数", "the number of the right is not above zero")
	errMatter  = fault.New(fault.Invalid, "ballot.matter", "议题编号应为正整数", "a matter's number is not above zero")
	errChoice  = fault.New(fault.Invalid, "ballot.choice", "选项不认识", "a choice is not known")
	errSalt    = fault.New(fault.Invalid, "ballot.salt", "随机数过短", "the salt is too short")
)

// Check refuses a ballot that cannot be committed to.
func (b Ballot) Check() error {
	switch {
	case b.Meeting == "" || strings.ContainsFunc(b.Meeting, unicode.IsControl) || !utf8.ValidString(b.Meeting):
		return errMeeting.At("meeting")
	case b.Right < 1:
		return errRight.At("right")
	case len(b.Salt) < SaltLen:
		return errSalt.At("salt")
	}
	for _, m := range slices.Sorted(maps.Keys(b.Choices)) {
		if m < 1 {
			return errMatter.At("choices")
		}
		if !b.Choices[m].Known() {
			return errChoice.At("choices." + strconv.Itoa(m))
		}
	}
	return nil
}

// Text is the canonical text: lines of fields between tabs, each ended by a newline; matters by number, those without a
// choice left out; the salt in lower-case hex.
//
//	cuobian ballot 1
//	meeting	ID
//	right	NO
//	choice	MATTER	agree|against|abstain|invalid
//	salt	HEX
func (b Ballot) Text() string {
	var s strings.Builder
	s.WriteString(Form + "\nmeeting\t" + b.Meeting + "\nright\t" + strconv.Itoa(b.Right) + "\n")
	for _, m := range slices.Sorted(maps.Keys(b.Choices)) {
		if c := b.Choices[m]; c != tally.None && c != "" {
			s.WriteString("choice\t" + strconv.Itoa(m) + "\t" + string(c) + "\n")
		}
	}
	s.WriteString("salt\t" + hex.EncodeToString(b.Salt) + "\n")
	return s.String()
}

// Commitment is the SHA-256 of the canonical text as lower-case hex.
func (b Ballot) Commitment() string {
	sum := sha256.Sum256([]byte(b.Text()))
	return hex.EncodeToString(sum[:])
}

// Counts is which ballot of a right counts, chosen before opening.
type Counts string

// First or last.
const (
	First Counts = "first"
	Last  Counts = "last"
)

// Known reports whether c is one of the two.
func (c Counts) Known() bool { return c == First || c == Last }

// Cast is a ballot that came in.
type Cast struct {
	ID      string
	Right   int
	N       int         // running number of the right's ballots, 1, 2, …: it decides the order, not the clock
	At      day.Instant // when it came in; decides the order where N is equal (an import without numbers)
	Void    bool        // declared void; another of the right takes its place
	Choices map[int]tally.Choice
}

// Out is a ballot that does not count, and why.
type Out struct {
	ID    string `json:"id"`
	Right int    `json:"right"`
	Code  string `json:"code"` // void, early, late, replaced
	Zh    string `json:"zh"`
	En    string `json:"en"`
}

// Window is when ballots are taken: Opens is within, Closes is not (24:00 of the last day). Zero is without a bound.
type Window struct{ Opens, Closes day.Instant }

// Effective gives the one ballot of each right that counts, and why the others do not. The order of the list does not
// matter: what counts is N, then At, then ID.
func Effective(cast []Cast, counts Counts, w Window) (map[int]Cast, []Out) {
	list := slices.Clone(cast)
	slices.SortFunc(list, func(a, b Cast) int {
		return cmp.Or(cmp.Compare(a.Right, b.Right), cmp.Compare(a.N, b.N), cmp.Compare(a.At, b.At), cmp.Compare(a.ID, b.ID))
	})
	chosen, out := map[int]Cast{}, []Out{}
	drop := func(c Cast, code, zh, en string) { out = append(out, Out{c.ID, c.Right, code, zh, en}) }
	for _, c := range list {
		switch {
		case c.Void:
			drop(c, "void", "已作废", "declared void")
			continue
		case w.Opens != 0 && c.At < w.Opens:
			drop(c, "early", "表决开始之前收到", "came in before voting opened")
			continue
		case w.Closes != 0 && c.At >= w.Closes:
			drop(c, "late", "表决截止之后收到", "came in after voting closed")
			continue
		}
		held, has := chosen[c.Right]
		if has && counts == First {
			drop(c, "replaced", "以第一张票为准", "the first ballot counts")
			continue
		}
		if has {
			drop(held, "replaced", "以最后一张票为准", "the last ballot counts")
		}
		chosen[c.Right] = c
	}
	slices.SortFunc(out, func(a, b Out) int { return cmp.Or(cmp.Compare(a.Right, b.Right), cmp.Compare(a.ID, b.ID)) })
	return chosen, out
}

// ChoicesOf are the choices of one matter by right number, as tally.Decide takes them.
func ChoicesOf(effective map[int]Cast, matter int) map[int]tally.Choice {
	out := make(map[int]tally.Choice, len(effective))
	for right, c := range effective {
		if choice := c.Choices[matter]; choice != "" && choice != tally.None {
			out[right] = choice
		}
	}
	return out
}
