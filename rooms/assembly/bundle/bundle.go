package bundle

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"slices"
	"strconv"
	"strings"

	"cuobian/basis/area"
	"cuobian/basis/day"
	"cuobian/basis/scope"
	"cuobian/platform/audit/tree"
	"cuobian/rooms/assembly/ballot"
	"cuobian/rooms/assembly/roll"
	"cuobian/rooms/assembly/tally"
)

// Format is the first thing a reader looks at.
const Format = "cuobian.vote.1"

// Kinds of bundles.
const (
	Public      = "public"
	Scrutineers = "scrutineers"
)

// Kinds of records, as far as they are checked. Others are carried along.
const (
	RecordRoll        = "assembly.roll"
	RecordRollChanged = "assembly.roll_changed"
	RecordNotice      = "assembly.notice"
	RecordOpened      = "assembly.opened"
	RecordBallot      = "assembly.ballot"
	RecordVoid        = "assembly.ballot_void"
	RecordClosed      = "assembly.closed"
	RecordPreliminary = "assembly.preliminary"
	RecordFinal       = "assembly.final"
)

// Bundle is the whole file.
type Bundle struct {
	Format  string   `json:"format"`
	Kind    string   `json:"kind"`
	Meeting Meeting  `json:"meeting"`
	Matters []Matter `json:"matters"` // by number
	Roll    Roll     `json:"roll"`
	Ballots []Ballot `json:"ballots"` // by right and n; of a secret vote in public by commitment
	Groups  []Group  `json:"groups"`  // by matter; empty in an open vote
	Results []Result `json:"results"` // by matter
	Records []Record `json:"records"` // by position, without the ballots
	Log     Log      `json:"log"`

	// Before are the sums of a secret vote that were published before, by matter: with other figures now, only the
	// conditions are published (ballot.Later).
	Before map[int][]ballot.Sums `json:"-"`
}

// Meeting is what of a meeting does not change after opening but by a record.
type Meeting struct {
	ID           string      `json:"id"`
	Number       string      `json:"number"`
	Path         scope.Path  `json:"path"`
	Title        string      `json:"title"`
	Purpose      string      `json:"purpose"`
	Secret       bool        `json:"secret"`
	Counts       string      `json:"counts"` // first, last
	CountParking bool        `json:"count_parking"`
	Clause       string      `json:"unreturned_clause"`
	Opens        day.Instant `json:"opens"`
	Closes       day.Instant `json:"closes"`
	GroupMin     int64       `json:"group_min"` // heads that a published figure of a secret vote needs
	Demo         bool        `json:"demo"`
}

// Ref is how the records name the meeting.
func (m Meeting) Ref() string { return "assemblies/" + m.ID }

// Matter is what is voted on.
type Matter struct {
	No      int          `json:"no"`
	Title   string       `json:"title"`
	Text    string       `json:"text"`
	Item    int          `json:"item"` // of Civil Code 278; 0 where it is not one
	Rule    tally.Rule   `json:"rule"`
	Kind    string       `json:"kind"` // tally.Kind.Code, may be empty
	Scope   string       `json:"scope"`
	Paths   []scope.Path `json:"paths"`   // empty is the whole compound
	Touched []string     `json:"touched"` // homes whose own part the work takes up (R45)
}

// Roll is the roll in force at the count, and the hashes of the versions before it.
type Roll struct {
	Version int       `json:"version"`
	Hash    string    `json:"hash"`
	Text    string    `json:"text"` // canonical text (kernel roll)
	Earlier []Version `json:"earlier"`
}

// Version is an earlier roll.
type Version struct {
	Version int    `json:"version"`
	Hash    string `json:"hash"`
}

// Ballot is one ballot. Right, N, Choices and Salt are absent from the public file of a secret vote; Key and Signature are in
// the scrutineers' file alone, where a device signed the commitment. Core does not hold these two: Seal has a hash of its own.
type Ballot struct {
	Right      int                     `json:"right,omitempty"`
	N          int                     `json:"n,omitempty"`
	Choices    map[string]tally.Choice `json:"choices,omitempty"`
	Salt       string                  `json:"salt,omitempty"`
	Commitment string                  `json:"commitment"`
	Counted    bool                    `json:"counted"`
	Void       bool                    `json:"void"`
	Late       bool                    `json:"late"`                // given in time on paper or at a door, entered after the closing
	ID         string                  `json:"id"`                  // of its record
	At         day.Instant             `json:"at"`                  // of its record
	Leaf       int64                   `json:"leaf"`                // position in the log
	Key        string                  `json:"key,omitempty"`       // the device's public key: P-256, SPKI, base64
	Signature  string                  `json:"signature,omitempty"` // over Commitment: ECDSA with SHA-256, base64
}

// Group is what of one matter of a secret vote is published.
type Group struct {
	Matter int         `json:"matter"`
	Sums   ballot.Sums `json:"sums"`
}

// Result is a matter decided. Figures are absent from the public file of a secret vote; its derivation then is the one that
// may be published (ballot.Sums.Steps).
type Result struct {
	Matter     int           `json:"matter"`
	Passed     bool          `json:"passed"`
	Figures    *tally.Result `json:"figures,omitempty"` // steps and flags are left empty
	Derivation []tally.Step  `json:"derivation"`
}

// Record is a public record of the meeting; with the meeting's path and ref it is the log's record.
type Record struct {
	ID   string          `json:"id"`
	At   day.Instant     `json:"at"`
	Kind string          `json:"kind"`
	Body json.RawMessage `json:"body"`
	Leaf int64           `json:"leaf"`
}

// Log is the signed state of the log, and the hashes that lead from the leaves to its root.
type Log struct {
	Origin     string     `json:"origin"`
	Keys       []tree.Key `json:"keys"`       // the log's own, Ed25519 and SM2, and its witnesses'
	Checkpoint string     `json:"checkpoint"` // signed note: Ed25519, SM2 and cosignatures are its lines
	Pool       tree.Pool  `json:"pool"`
}

// Write is the file's bytes: the same for the same bundle.
func (b Bundle) Write() ([]byte, error) {
	text, err := tree.Canonical(b)
	if err != nil {
		return nil, err
	}
	return append(text, '\n'), nil
}

// read takes a file apart; strict in its fields, not in its form.
func read(file []byte, into any) error {
	dec := json.NewDecoder(bytes.NewReader(file))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		return err
	}
	if _, err := dec.Token(); err != io.EOF {
		return io.ErrUnexpectedEOF
	}
	return nil
}

// core is what the record of the result carries the hash of.
type core struct {
	Format  string       `json:"format"`
	Kind    string       `json:"kind"`
	Meeting Meeting      `json:"meeting"`
	Matters []Matter     `json:"matters"`
	Roll    Roll         `json:"roll"`
	Ballots []coreBallot `json:"ballots"`
	Groups  []Group      `json:"groups"`
	Results []Result     `json:"results"`
}

type coreBallot struct {
	Right      int                     `json:"right,omitempty"`
	N          int                     `json:"n,omitempty"`
	Choices    map[string]tally.Choice `json:"choices,omitempty"`
	Salt       string                  `json:"salt,omitempty"`
	Commitment string                  `json:"commitment"`
	Counted    bool                    `json:"counted"`
	Void       bool                    `json:"void"`
	Late       bool                    `json:"late"`
}

// Core is the hash of all that the result's record speaks for: the bundle without records and log.
func (b Bundle) Core() (string, error) {
	c := core{b.Format, b.Kind, b.Meeting, b.Matters, b.Roll, make([]coreBallot, len(b.Ballots)), b.Groups, b.Results}
	for i, x := range b.Ballots {
		c.Ballots[i] = coreBallot{x.Right, x.N, x.Choices, x.Salt, x.Commitment, x.Counted, x.Void, x.Late}
	}
	text, err := tree.Canonical(c)
	if err != nil {
		return "", err
	}
	return hash(text), nil
}

func hash(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// Root is the SHA-256 over commitments, sorted, a line each, as lower-case hex.
func Root(commitments []string) string {
	list := slices.Sorted(slices.Values(commitments))
	h := sha256.New()
	for _, c := range list {
		io.WriteString(h, c)
		io.WriteString(h, "\n")
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Seal is what the records of the closing and of a result say of the ballots; a result's also of the bundle and of the
// meeting's records before it.
type Seal struct {
	Ballots int64             `json:"ballots"`
	Late    int64             `json:"late"` // of these, entered after the closing
	Root    string            `json:"root"`
	Bundle  map[string]string `json:"bundle,omitempty"`  // Core by kind; of a secret vote also Signatures
	Records []string          `json:"records,omitempty"` // leaf hashes in hex, sorted; without ballots
}

// SealOf seals ballots; those entered after the closing are left out where late is false.
func SealOf(ballots []Ballot, late bool) Seal {
	var list []string
	s := Seal{}
	for _, x := range ballots {
		if x.Late && !late {
			continue
		}
		if x.Late {
			s.Late++
		}
		list = append(list, x.Commitment)
	}
	s.Ballots, s.Root = int64(len(list)), Root(list)
	return s
}

// Question is the hash of what is asked and how it is counted, as the record of the opening carries it: the meeting but its
// closing, which an extension moves, and the matters.
func Question(m Meeting, matters []Matter) (string, error) {
	m.Closes = 0
	text, err := tree.Canonical(struct {
		Meeting Meeting  `json:"meeting"`
		Matters []Matter `json:"matters"`
	}{m, matters})
	return hash(text), err
}

// record is the log's record of one of the meeting's.
func (m Meeting) record(id string, at day.Instant, kind string, body json.RawMessage) tree.Record {
	return tree.Record{ID: id, At: at, Kind: kind, Path: m.Path, Ref: m.Ref(), Body: body}
}

// BallotBody is the body of a ballot's record.
type BallotBody struct {
	Meeting    string `json:"meeting"` // its number
	Commitment string `json:"commitment"`
}

func (m Meeting) ballotRecord(b Ballot) (tree.Record, error) {
	body, err := tree.Canonical(BallotBody{m.Number, b.Commitment})
	return m.record(b.ID, b.At, RecordBallot, body), err
}

// Params are how a matter is decided. Homes that the work takes up stand for the rights that hold them.
func (m Meeting) Params(x Matter, r roll.Roll) tally.Params {
	p := tally.Params{Rule: x.Rule, Kind: x.Kind, CountParking: m.CountParking, Clause: m.Clause}
	for _, right := range r.Rights {
		if slices.ContainsFunc(right.Places, func(at roll.Place) bool { return slices.Contains(x.Touched, at.ID) }) {
			p.Touched = append(p.Touched, right.No)
		}
	}
	return p
}

// Electorate are the rights that vote on a matter.
func (x Matter) Electorate(r roll.Roll) []tally.Right {
	return r.Electorate(roll.Scope{Kind: x.Scope, Paths: x.Paths})
}

// Group is the building that a right is counted with in a secret vote: that of its first part in the matter's scope.
func (x Matter) Group(r roll.Right) string {
	s := roll.Scope{Kind: x.Scope, Paths: x.Paths}
	for _, p := range r.Places {
		if len(s.Paths) == 0 || slices.ContainsFunc(s.Paths, func(q scope.Path) bool { return q.Covers(p.Path) }) {
			return p.Building
		}
	}
	return ""
}

// Votes are a matter's rights with their choices, as ballot.Publish takes them: those that count, with the area that
// counts (R06).
func (m Meeting) Votes(x Matter, r roll.Roll, choices map[int]tally.Choice) []ballot.Vote {
	var out []ballot.Vote
	for _, e := range x.Electorate(r) {
		if e.Spaces && !m.CountParking {
			continue
		}
		a := e.Area
		if m.CountParking {
			a = area.Sum(a, e.Parking)
		}
		right, _ := r.Find(e.No)
		c := choices[e.No]
		if c == "" {
			c = tally.None
		}
		out = append(out, ballot.Vote{Right: e.No, Group: x.Group(right), Area: a, Choice: c})
	}
	return out
}

// Count decides every matter from the effective ballots by right.
func Count(m Meeting, matters []Matter, r roll.Roll, effective map[int]ballot.Cast) ([]tally.Result, error) {
	out := make([]tally.Result, len(matters))
	for i, x := range matters {
		rights := x.Electorate(r)
		in := make(map[int]bool, len(rights))
		for _, e := range rights {
			in[e.No] = true
		}
		choices := ballot.ChoicesOf(effective, x.No)
		for no := range choices {
			if !in[no] {
				delete(choices, no) // a right without a part in the scope has no vote in it
			}
		}
		res, err := tally.Decide(m.Params(x, r), rights, choices)
		if err != nil {
			return nil, err
		}
		out[i] = res
	}
	return out, nil
}

// plain is a result as it goes into the file.
func plain(res tally.Result) *tally.Result {
	res.Steps, res.Flags = []tally.Step{}, []tally.Flag{}
	return &res
}

// Fill makes results and groups from the ballots, for the kind of bundle. effective are by right.
func (b *Bundle) Fill(r roll.Roll, effective map[int]ballot.Cast) error {
	results, err := Count(b.Meeting, b.Matters, r, effective)
	if err != nil {
		return err
	}
	b.Results, b.Groups = []Result{}, []Group{}
	for i, res := range results {
		x := b.Matters[i]
		one := Result{Matter: x.No, Passed: res.Passed, Figures: plain(res), Derivation: res.Steps}
		if b.Meeting.Secret {
			sums := ballot.Publish(b.Meeting.Votes(x, r, ballot.ChoicesOf(effective, x.No)), b.Meeting.GroupMin)
			if b.Kind == Public {
				for _, before := range b.Before[x.No] {
					sums = ballot.Later(before, sums)
				}
			}
			b.Groups = append(b.Groups, Group{x.No, sums})
			if b.Kind == Public {
				one.Figures, one.Derivation = nil, sums.Steps(res)
			}
		}
		if one.Derivation == nil {
			one.Derivation = []tally.Step{}
		}
		b.Results = append(b.Results, one)
	}
	return nil
}

// Close takes from a secret vote's public file what only scrutineers see.
func (b *Bundle) Close() {
	if !b.Meeting.Secret || b.Kind != Public {
		return
	}
	for i := range b.Ballots {
		x := &b.Ballots[i]
		x.Right, x.N, x.Choices, x.Salt = 0, 0, nil, ""
	}
	b.order()
}

func (b *Bundle) order() {
	slices.SortFunc(b.Ballots, b.compare)
}

func (b *Bundle) compare(x, y Ballot) int {
	if !b.opened() {
		return strings.Compare(x.Commitment, y.Commitment)
	}
	if x.Right != y.Right {
		return x.Right - y.Right
	}
	return x.N - y.N
}

// opened reports whether the file holds the choices.
func (b *Bundle) opened() bool { return !b.Meeting.Secret || b.Kind == Scrutineers }

// cast is a ballot as the kernel takes it.
func (b *Bundle) cast(x Ballot) (ballot.Cast, ballot.Ballot, bool) {
	choices := make(map[int]tally.Choice, len(x.Choices))
	for k, c := range x.Choices {
		n, err := strconv.Atoi(k)
		if err != nil || strconv.Itoa(n) != k {
			return ballot.Cast{}, ballot.Ballot{}, false
		}
		choices[n] = c
	}
	salt, err := hex.DecodeString(x.Salt)
	if err != nil || hex.EncodeToString(salt) != x.Salt {
		return ballot.Cast{}, ballot.Ballot{}, false
	}
	return ballot.Cast{ID: x.ID, Right: x.Right, N: x.N, Void: x.Void, Choices: choices}, ballot.Ballot{Meeting: b.Meeting.ID, Right: x.Right, Choices: choices, Salt: salt}, true
}

// Effective are the ballots that count, by right; rights that are no longer in the roll have none.
func (b *Bundle) Effective(r roll.Roll) map[int]ballot.Cast {
	all := make([]ballot.Cast, 0, len(b.Ballots))
	for _, x := range b.Ballots {
		c, _, ok := b.cast(x)
		if _, in := r.Find(x.Right); ok && in {
			all = append(all, c)
		}
	}
	out, _ := ballot.Effective(all, ballot.Counts(b.Meeting.Counts), ballot.Window{})
	return out
}
