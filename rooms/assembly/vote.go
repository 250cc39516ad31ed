package assembly

import (
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"strconv"

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
)

// Ballots are the ports of what takes ballots; app fills them in.
type Ballots struct {
	// PhoneCode checks a code that was sent to a telephone and uses it up.
	PhoneCode func(ctx context.Context, phone, code string) error
	// PersonOfPhone is the one person of the roster with this number.
	PersonOfPhone func(ctx context.Context, q store.Queryer, phone string) (id, name string, err error)
	// SignedIn says how and when a session began (access.ByPhone …).
	SignedIn func(ctx context.Context, session string) (how string, at day.Instant, err error)
	// Log is the public log, Pens are the keys it signs with: receipts and bundles need both.
	Log  *audit.Log
	Pens *seal.Pens

	files shelf
}

func publish(ctx context.Context, tx *store.Tx, kind string, at scope.Path, ref string, body any) (audit.Leaf, error) {
	return audit.Publish(ctx, tx, audit.Record{Kind: kind, Path: at, Ref: ref, Body: body})
}

// Faults of casting.
var (
	ErrNotOpen   = fault.New(fault.Conflict, "assembly.not_open", "现在不在表决时间内", "voting is not open now")
	ErrOver      = fault.New(fault.Conflict, "assembly.over", "表决已截止，不再收票", "voting is over; no more ballots are taken")
	ErrNotYours  = fault.New(fault.Refused, "assembly.not_yours", "您不能代表这个表决权投票", "you may not cast this right's ballot")
	ErrChannel   = fault.New(fault.Conflict, "assembly.channel", "这次会议没有采用这种投票方式", "this meeting does not take ballots in this way")
	ErrPaperOnly = fault.New(fault.Conflict, "assembly.paper_only", "这次会议没有约定电子签名方式，请用纸质票（R28）", "no electronic signature was agreed for this meeting; please vote on paper (R28)")
	ErrChoices   = fault.Bad("choices", "assembly.choices", "每个议题选一项：同意、不同意或弃权", "make one choice for each matter: agree, against or abstain")
	ErrNoMatter  = fault.Bad("choices", "assembly.no_matter", "这个表决权不参与这个议题的表决（R05）", "this right does not vote on that matter (R05)")
	ErrSalt      = fault.Bad("salt", "assembly.salt", "随机数应为设备生成的 32 字节（十六进制）", "the salt must be 32 bytes from the device, in hex")
	ErrTwice     = fault.New(fault.Conflict, "assembly.ballot_twice", "这张票已收到过", "this ballot was taken in already")
	ErrTimes     = fault.New(fault.TooMany, "assembly.times", "这个表决权投票次数太多，不再接收", "this right has cast too many ballots; no more are taken")
	ErrSwear     = fault.New(fault.Conflict, "assembly.scrutineers", "无记名表决须先有两名宣誓的监票人", "a secret vote needs two sworn scrutineers before it opens")
)

const (
	saltLen  = 32
	maxTimes = 30 // ballots of one right: each is a public record for ever
)

// Vote is a ballot as a voter's device sends it. Salt is made there; the signature is over the commitment in hex.
type Vote struct {
	Right     int64             `json:"right"`
	Choices   map[string]string `json:"choices" doc:"by matter number: agree, against, abstain"`
	Salt      string            `json:"salt" maxLength:"64" doc:"32 bytes by chance, made on the device, hex"`
	Device    string            `json:"device,omitempty" maxLength:"40"`
	Signature string            `json:"signature,omitempty" maxLength:"200" doc:"base64: ECDSA P-256 with SHA-256 over the commitment in hex"`
	Proxy     string            `json:"proxy,omitempty" maxLength:"40" doc:"the mandate, where a proxy casts"`
}

// cast is a ballot on its way into the records.
type cast struct {
	right   int64
	n       int64 // its number, where that was given before; else the next one
	choices map[int]tally.Choice
	salt    []byte
	channel string
	at      day.Instant // when it was given; zero is now
	person  string      // who cast it: voter or proxy, "" where that is not known
	proxy   string
	sign    string // device, agreed, paper, glass, city
	key     string // device
	sig     string
	sheet   string
	visit   string
}

// kept is a ballot in the records, without what it says.
type kept struct {
	ID, Meeting   string
	Right, N      int64
	Channel, Word string
	At, Received  day.Instant
	Record, Leaf  string
	Person        string
	Void          day.Instant
	Late          bool
}

const keptColumns = `id, meeting, right_no, n, channel, word, at, received, record, leaf, person, void, late`

func scanKept(r interface{ Scan(...any) error }) (k kept, err error) {
	err = r.Scan(&k.ID, &k.Meeting, &k.Right, &k.N, &k.Channel, &k.Word, &k.At, &k.Received, &k.Record, &k.Leaf, &k.Person, &k.Void, &k.Late)
	return k, err
}

func (h *Hall) byWord(ctx context.Context, q store.Queryer, word string) (kept, bool, error) {
	k, err := scanKept(q.QueryRow(ctx, `select `+keptColumns+` from assembly_ballot where word = $1`, word))
	if errors.Is(err, sql.ErrNoRows) {
		return k, false, nil
	}
	return k, err == nil, err
}

// taking says whether ballots are taken in now, and through this channel. It reads the time of the write.
func (h *Hall) taking(ctx context.Context, q store.Queryer, m Meeting, now day.Instant, channel string) error {
	switch {
	case m.State == Closed || m.State == Preliminary || m.State == Final || m.Opens != 0 && now >= m.Closes && (m.State == Voting || m.State == Noticed):
		return ErrOver
	case !m.Takes(now):
		return ErrNotOpen
	case !slices.Contains(m.Channels, channel):
		return ErrChannel
	}
	if m.Secret && m.State == Noticed { // opened by time; the timer has not written it down yet
		ok, err := h.scrutineersReady(ctx, q, m.ID)
		if err != nil {
			return err
		}
		if !ok {
			return ErrSwear
		}
	}
	return nil
}

// votesOn are the matters on which a right votes.
func (h *Hall) votesOn(ctx context.Context, q store.Queryer, m Meeting, right int64) ([]Matter, error) {
	rows, err := q.Query(ctx, `select r.spaces, r.unknown, coalesce(p.path, '') from assembly_right r left join assembly_part p on p.meeting = r.meeting and p.right_no = r.no and p.ended = 0
where r.meeting = $1 and r.no = $2 and r.ended = 0`, m.ID, right)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var parts []string
	there := false
	for rows.Next() {
		var spaces, unknown bool
		var path string
		if err := rows.Scan(&spaces, &unknown, &path); err != nil {
			return nil, err
		}
		if unknown || spaces && !m.CountParking {
			return nil, ErrRight
		}
		there, parts = true, append(parts, path)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return nil, err
	}
	if !there {
		return nil, ErrRight
	}
	all, err := h.matters(ctx, q, m.ID)
	if err != nil {
		return nil, err
	}
	var out []Matter
	for _, x := range all {
		if x.concerns(parts) {
			out = append(out, x)
		}
	}
	return out, nil
}

// concerns reports whether one of these parts lies in the matter's scope.
func (m Matter) concerns(parts []string) bool {
	return len(m.Scope.Paths) == 0 || slices.ContainsFunc(parts, func(p string) bool {
		return slices.ContainsFunc(m.Scope.Paths, func(s scope.Path) bool { return s.Covers(scope.Path(p)) })
	})
}

// choose reads choices: one for each matter of the right and none for another. Only on paper one can be invalid.
func choose(matters []Matter, in map[string]string, paper bool) (map[int]tally.Choice, error) {
	out := make(map[int]tally.Choice, len(in))
	for _, x := range matters {
		c := tally.Choice(in[strconv.FormatInt(x.No, 10)])
		if !c.Takes() && !(paper && c == tally.Invalid) {
			return nil, ErrChoices.At("choices." + strconv.FormatInt(x.No, 10))
		}
		out[int(x.No)] = c
	}
	if len(in) != len(out) {
		return nil, ErrNoMatter
	}
	return out, nil
}

// mayCast checks that a person may cast a right: a voter of it, or the holder of a mandate.
func (h *Hall) mayCast(ctx context.Context, q store.Queryer, m Meeting, right int64, person, proxy string) error {
	query, args := `select count(*) from assembly_voter where meeting = $1 and right_no = $2 and person = $3 and ended = 0`, []any{m.ID, right, person}
	if proxy != "" {
		query, args = `select count(*) from assembly_proxy where meeting = $1 and right_no = $2 and holder = $3 and ended = 0 and id = $4`, append(args, proxy)
	}
	n, err := store.Count(ctx, q, query, args...)
	if err == nil && (n == 0 || person == "") {
		err = ErrNotYours
	}
	return err
}

// Cast takes a ballot by phone. The same ballot again gives the same receipt, also after the closing. Faults: ErrNotOpen,
// ErrOver, ErrNotYours, ErrDevice, ErrSignature, ErrPaperOnly, the choices'.
func (h *Hall) Cast(ctx context.Context, who access.Who, id string, in Vote) (bundle.Receipt, error) {
	if who.Account == "" || who.Person == "" {
		return bundle.Receipt{}, access.ErrSignIn
	}
	m, err := h.meeting(ctx, h.db, id)
	if err != nil {
		return bundle.Receipt{}, err
	}
	if err := h.sees(ctx, h.db, who, m); err != nil {
		return bundle.Receipt{}, err
	}
	salt, err := hex.DecodeString(in.Salt)
	if err != nil || len(salt) != saltLen || hex.EncodeToString(salt) != in.Salt {
		return bundle.Receipt{}, ErrSalt
	}
	matters, err := h.votesOn(ctx, h.db, m, in.Right)
	if err != nil {
		return bundle.Receipt{}, err
	}
	choices, err := choose(matters, in.Choices, false)
	if err != nil {
		return bundle.Receipt{}, err
	}
	c := cast{right: in.Right, choices: choices, salt: salt, channel: "phone", person: who.Person, proxy: in.Proxy, sign: m.Sign, key: in.Device, sig: in.Signature}
	word := c.commitment(m)
	if m.Sign == "none" {
		return bundle.Receipt{}, ErrPaperOnly
	}
	if m.Sign == "device" || in.Device != "" {
		key, err := h.device(ctx, h.db, in.Device, who.Person)
		if err == nil && !bundle.Signed(key, word, in.Signature) {
			err = ErrSignature
		}
		if err != nil {
			// One that was taken in before gets its receipt: the device may have been taken off since.
			if k, there, lerr := h.byWord(ctx, h.db, word); lerr != nil || there && k.Person == who.Person {
				return h.again(ctx, m, k, in.Salt, lerr)
			}
			return bundle.Receipt{}, err
		}
		c.sign = "device"
	}
	var k kept
	err = h.db.Write(ctx, func(tx *store.Tx) error {
		c := c
		now, n, err := h.still(ctx, tx, m, c)
		if err != nil {
			return err
		}
		c.n = n
		k, err = h.put(ctx, tx, who, now, c)
		return err
	})
	if err != nil { // perhaps it was taken in before, and something ended since
		switch old, there, lerr := h.byWord(ctx, h.db, word); {
		case lerr != nil:
			return bundle.Receipt{}, lerr
		case there && old.Person == who.Person:
			return h.again(ctx, m, old, in.Salt, nil)
		}
	}
	if errors.Is(err, ErrOver) {
		if cerr := h.shut(ctx, m.ID); cerr != nil {
			return bundle.Receipt{}, cerr
		}
	}
	if err != nil {
		return bundle.Receipt{}, err
	}
	return h.receipt(ctx, m, k, in.Salt)
}

// still makes sure, inside the write, that what a ballot was checked against still holds, and gives the meeting as it is now
// with the ballot's number among its right's, 0 where that is still to be taken. One statement is enough for both where the
// meeting is of the version that was read before: then its matters and its roll are too.
func (h *Hall) still(ctx context.Context, tx *store.Tx, m Meeting, c cast) (now Meeting, n int64, err error) {
	if c.proxy == "" && h.taking(ctx, tx, m, tx.Now, "phone") == nil {
		err := tx.QueryRow(ctx, `insert into assembly_turn (meeting, right_no, n) select id, cast($2 as bigint), 1 from assembly_meeting where id = $1 and version = $4
 and exists (select 1 from assembly_voter where meeting = $1 and right_no = $2 and person = $3 and ended = 0)
 and ($6 or exists (select 1 from assembly_device where id = $5 and person = $3 and ended = 0))
on conflict (meeting, right_no) do update set n = assembly_turn.n + 1 returning n`, m.ID, c.right, c.person, m.Version, c.key, c.sign != "device").Scan(&n)
		if err == nil && n > maxTimes {
			err = ErrTimes
		}
		if !errors.Is(err, sql.ErrNoRows) {
			return m, n, err
		}
	}
	m, err = h.anew(ctx, tx, m, c)
	return m, 0, err
}

// anew checks a ballot once more from the beginning: something changed since it was looked at, or a mandate is used.
func (h *Hall) anew(ctx context.Context, tx *store.Tx, m Meeting, c cast) (Meeting, error) {
	m, err := h.meeting(ctx, tx, m.ID)
	if err != nil {
		return m, err
	}
	if err := h.taking(ctx, tx, m, tx.Now, "phone"); err != nil {
		return m, err
	}
	if err := h.mayCast(ctx, tx, m, c.right, c.person, c.proxy); err != nil {
		return m, err
	}
	if c.sign == "device" {
		if _, err := h.device(ctx, tx, c.key, c.person); err != nil {
			return m, err
		}
	}
	now, err := h.votesOn(ctx, tx, m, c.right)
	if err == nil && len(now) != len(c.choices) { // the roll changed meanwhile
		err = ErrChoices
	}
	return m, err
}

func (h *Hall) again(ctx context.Context, m Meeting, k kept, salt string, err error) (bundle.Receipt, error) {
	if err != nil {
		return bundle.Receipt{}, err
	}
	return h.receipt(ctx, m, k, salt)
}

func (c cast) commitment(m Meeting) string {
	return ballot.Ballot{Meeting: m.ID, Right: int(c.right), Choices: c.choices, Salt: c.salt}.Commitment()
}

// content is what is sealed of a ballot.
type content struct {
	Choices map[int]tally.Choice `json:"choices"`
	Salt    string               `json:"salt"`
}

// put writes a ballot with its public record and its trace. It reads nothing that other ballots write: the number comes from
// the right's own row, so that a hundred who vote at once do not wait for one another. ErrTwice when it is there already.
// The trace says which right was cast, never what, and not with which commitment.
func (h *Hall) put(ctx context.Context, tx *store.Tx, who access.Who, m Meeting, c cast) (kept, error) {
	k := kept{ID: tx.NewID(), Meeting: m.ID, Right: c.right, Channel: c.channel, Word: c.commitment(m), At: c.at, Received: tx.Now, Person: c.person, Late: m.State == Closed}
	if k.At == 0 {
		k.At = tx.Now
	}
	if k.N = c.n; k.N == 0 {
		if err := h.turn(ctx, tx, m.ID, c.right, &k.N); err != nil {
			return k, err
		}
		if k.N > maxTimes {
			return k, ErrTimes
		}
	}
	plain, err := json.Marshal(content{c.choices, hex.EncodeToString(c.salt)})
	if err != nil {
		return k, err
	}
	leaf, err := h.Publish(ctx, tx, bundle.RecordBallot, m.Path, m.Ref(), bundle.BallotBody{Meeting: m.Number, Commitment: k.Word})
	if err != nil {
		return k, err
	}
	k.Record, k.Leaf = leaf.ID, hex.EncodeToString(leaf.Hash[:])
	n, err := tx.Exec(ctx, `insert into assembly_ballot (id, meeting, right_no, n, channel, at, word, sealed, person, proxy, sign, sign_key, signature, sheet, visit, void, void_why, record, leaf, received, late)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 0, '', $16, $17, $18, $19) on conflict (word) do nothing`,
		k.ID, m.ID, c.right, k.N, c.channel, int64(k.At), k.Word, h.ring.Seal("assembly_ballot", "sealed", k.ID, string(plain)), c.person, c.proxy, c.sign, c.key, c.sig, c.sheet, c.visit,
		k.Record, k.Leaf, int64(k.Received), k.Late)
	if err != nil {
		return k, err
	}
	if n == 0 {
		return k, ErrTwice
	}
	tx.Changed(store.Change{Kind: "assemblies", ID: m.ID, Path: m.Path})
	return k, audit.Write(ctx, tx, audit.Entry{By: audit.By{Account: who.Account, Person: who.Person}, Action: "assembly.cast", Path: m.Path, Ref: m.Ref(),
		To: map[string]any{"right": c.right, "n": k.N, "channel": c.channel}})
}

// turn gives the next number among a right's ballots.
func (h *Hall) turn(ctx context.Context, tx *store.Tx, meeting string, right int64, n *int64) error {
	return tx.QueryRow(ctx, `insert into assembly_turn (meeting, right_no, n) values ($1, $2, 1) on conflict (meeting, right_no) do update set n = assembly_turn.n + 1 returning n`, meeting, right).Scan(n)
}

// said opens what a ballot says.
func (h *Hall) said(id string, sealed []byte) (c content, err error) {
	text, err := h.ring.Open("assembly_ballot", "sealed", id, sealed)
	if err != nil {
		return c, err
	}
	return c, json.Unmarshal([]byte(text), &c)
}

// opened is a ballot with what it says.
type opened struct {
	kept
	content
}

// all reads every ballot of a meeting with what it says, by right and n. For the count and the bundle alone.
// ErrForgotten where the years of keeping are over.
func (h *Hall) all(ctx context.Context, q store.Queryer, meeting string) ([]opened, error) {
	if err := h.remembered(ctx, q, meeting); err != nil {
		return nil, err
	}
	return store.All(ctx, q, func(r *sql.Rows) (o opened, err error) {
		var sealed []byte
		k := &o.kept
		if err = r.Scan(&k.ID, &k.Meeting, &k.Right, &k.N, &k.Channel, &k.Word, &k.At, &k.Received, &k.Record, &k.Leaf, &k.Person, &k.Void, &k.Late, &sealed); err != nil {
			return o, err
		}
		o.content, err = h.said(k.ID, sealed)
		return o, err
	}, `select `+keptColumns+`, sealed from assembly_ballot where meeting = $1 order by right_no, n`, meeting)
}

// effective are the ballots that count, by right of the roll as it stands now. For the count.
func (h *Hall) effective(ctx context.Context, q store.Queryer, m Meeting) (map[int]ballot.Cast, error) {
	list, err := h.all(ctx, q, m.ID)
	if err != nil {
		return nil, err
	}
	r, err := h.roll(ctx, q, m, m.RollVersion)
	if err != nil {
		return nil, err
	}
	casts := make([]ballot.Cast, 0, len(list))
	for _, o := range list {
		if _, in := r.Find(int(o.Right)); in {
			casts = append(casts, ballot.Cast{ID: o.ID, Right: int(o.Right), N: int(o.N), At: o.At, Void: o.Void != 0, Choices: o.Choices})
		}
	}
	out, _ := ballot.Effective(casts, ballot.Counts(m.Counts), ballot.Window{})
	return out, nil
}

// void declares a ballot void, with a public record: an upheld objection, a forged signature. Another of the right then
// counts.
func (h *Hall) void(ctx context.Context, tx *store.Tx, who access.Who, a *access.Action, m Meeting, id, why string) error {
	var word string
	var right int64
	err := tx.QueryRow(ctx, `update assembly_ballot set void = $1, void_why = $2 where id = $3 and meeting = $4 and void = 0 returning word, right_no`, int64(tx.Now), why, id, m.ID).Scan(&word, &right)
	if errors.Is(err, sql.ErrNoRows) {
		return ErrMissing
	}
	if err != nil {
		return err
	}
	if err := h.public(ctx, tx, m, bundle.RecordVoid, bundle.BallotBody{Meeting: m.Number, Commitment: word}); err != nil {
		return err
	}
	return h.event(ctx, tx, who, a, m, "ballot_void", why, map[string]any{"right": right})
}

// shut writes down that voting is over where somebody came too late before the timer did, so that no clock that goes back
// opens it again.
func (h *Hall) shut(ctx context.Context, id string) error {
	return h.db.Write(ctx, func(tx *store.Tx) error {
		m, err := h.meeting(ctx, tx, id)
		if err != nil || m.State != Voting || tx.Now < m.Closes {
			return err
		}
		if err := h.close(ctx, tx, access.System, nil, &m); err != nil {
			return err
		}
		return h.save(ctx, tx, &m)
	})
}
