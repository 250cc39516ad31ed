package assembly

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/audit/tree"
	"cuobian/platform/seal"
	"cuobian/rooms/assembly/bundle"
)

// ErrNoLog says that receipts cannot be signed here.
var ErrNoLog = fault.New(fault.Unavailable, "assembly.no_log", "公开日志没有启用，暂时不能开具回执", "the public log is not in use: receipts cannot be signed")

// pen is the key that signs receipts, as it stands in signed notes.
func (h *Hall) pen(ctx context.Context) (seal.Signer, tree.Key, error) {
	if h.Log == nil || h.Pens == nil {
		return nil, "", ErrNoLog
	}
	by, err := h.Pens.Newest(ctx, seal.Ed25519)
	if err != nil {
		return nil, "", err
	}
	origin, err := h.Log.Origin(ctx, h.db)
	if errors.Is(err, audit.ErrNoCheckpoint) { // the very first records of a new house
		if _, err = h.Log.Integrate(ctx); err == nil {
			origin, err = h.Log.Origin(ctx, h.db)
		}
	}
	if err != nil {
		return nil, "", err
	}
	k, err := tree.NewKey(tree.Ed25519, origin, by.Public())
	return by, k, err
}

// receipt signs a ballot's receipt; the same ballot gives the same receipt while the key is the same.
func (h *Hall) receipt(ctx context.Context, m Meeting, k kept, salt string) (bundle.Receipt, error) {
	by, key, err := h.pen(ctx)
	if err != nil {
		return bundle.Receipt{}, err
	}
	r := bundle.Receipt{Format: bundle.ReceiptFormat, Meeting: m.ID, Number: m.Number, Commitment: k.Word, Salt: salt, At: k.Received, Leaf: k.Leaf, Key: string(key)}
	sig, err := by.Sign([]byte(r.Text()))
	r.Signature = base64.StdEncoding.EncodeToString(sig)
	return r, err
}

// OwnReceipt is a receipt of one's own with what it belongs to.
type OwnReceipt struct {
	bundle.Receipt
	Title   string      `json:"title"`
	State   State       `json:"state"`
	Right   int64       `json:"right"`
	Label   string      `json:"label"`
	N       int64       `json:"n" doc:"which of the right's ballots it is"`
	Channel string      `json:"channel"`
	Given   day.Instant `json:"given" doc:"when it was given, on paper or at the door before it was received"`
	Counts  bool        `json:"counts" doc:"it is the one that counts as things stand"`
	Void    bool        `json:"void"`
}

// Receipts are those of the rights that the caller may cast, newest first: of the caller's own ballots, and of those on
// paper and at the door. They hold no salt: that stays on the device.
func (h *Hall) Receipts(ctx context.Context, who access.Who) ([]OwnReceipt, error) {
	if who.Person == "" {
		return nil, access.ErrSignIn
	}
	rows, err := h.db.Query(ctx, `select b.id, b.meeting, b.right_no, b.n, b.channel, b.word, b.at, b.received, b.record, b.leaf, b.person, b.void, b.late, m.number, m.title, m.state, m.counts, r.label,
 not exists (select 1 from assembly_ballot o where o.meeting = b.meeting and o.right_no = b.right_no and o.void = 0 and (m.counts = 'first' and o.n < b.n or m.counts = 'last' and o.n > b.n))
from assembly_ballot b join assembly_meeting m on m.id = b.meeting join assembly_right r on r.meeting = b.meeting and r.no = b.right_no
where b.person = $1 or exists (select 1 from assembly_voter v where v.meeting = b.meeting and v.right_no = b.right_no and v.person = $1 and v.ended = 0 and b.proxy = '')
order by b.id desc limit 500`, who.Person)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	type one struct {
		OwnReceipt
		k      kept
		counts string
	}
	var list []one
	for rows.Next() {
		var o one
		k := &o.k
		if err := rows.Scan(&k.ID, &k.Meeting, &k.Right, &k.N, &k.Channel, &k.Word, &k.At, &k.Received, &k.Record, &k.Leaf, &k.Person, &k.Void, &k.Late,
			&o.Number, &o.Title, &o.State, &o.counts, &o.Label, &o.Counts); err != nil {
			return nil, err
		}
		list = append(list, o)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	rows.Close()
	out := []OwnReceipt{}
	for _, o := range list {
		r, err := h.receipt(ctx, Meeting{ID: o.k.Meeting, Number: o.Number}, o.k, "")
		if err != nil {
			return nil, err
		}
		o.Receipt = r
		o.Right, o.N, o.Channel, o.Given, o.Void = o.k.Right, o.k.N, o.k.Channel, o.k.At, o.k.Void != 0
		o.OwnReceipt.Counts = o.OwnReceipt.Counts && !o.Void
		out = append(out, o.OwnReceipt)
	}
	return out, nil
}

// Placed is where a ballot stands in the public log.
type Placed struct {
	Commitment string       `json:"commitment"`
	Meeting    string       `json:"meeting"`
	Number     string       `json:"number"`
	Received   day.Instant  `json:"at"`
	Leaf       string       `json:"leaf"`
	Text       string       `json:"text" doc:"the record's exact text, whose hash is the leaf: who asks checks that it holds the commitment"`
	Waiting    bool         `json:"waiting" doc:"kept, and not yet placed in the log: some seconds"`
	Void       bool         `json:"void"`
	Proof      *audit.Proof `json:"proof,omitempty"`
}

// Place shows anybody where the ballot of a commitment stands in the log, with the proof and the signed checkpoint. It says
// neither whose it is nor what.
func (h *Hall) Place(ctx context.Context, commitment string) (p Placed, err error) {
	if b, err := hex.DecodeString(commitment); err != nil || len(b) != 32 {
		return p, ErrMissing
	}
	k, there, err := h.byWord(ctx, h.db, commitment)
	if err != nil {
		return p, err
	}
	if !there {
		return p, ErrMissing
	}
	m, err := h.meeting(ctx, h.db, k.Meeting)
	if err != nil {
		return p, err
	}
	p = Placed{Commitment: k.Word, Meeting: m.ID, Number: m.Number, Received: k.Received, Leaf: k.Leaf, Void: k.Void != 0}
	body, err := tree.Canonical(bundle.BallotBody{Meeting: m.Number, Commitment: k.Word})
	if err != nil {
		return p, err
	}
	text, err := tree.Record{ID: k.Record, At: k.Received, Kind: bundle.RecordBallot, Path: m.Path, Ref: m.Ref(), Body: body}.Text()
	if err != nil {
		return p, err
	}
	p.Text = string(text)
	if h.Log == nil {
		return p, ErrNoLog
	}
	proof, err := h.Log.ProofOf(ctx, h.db, k.Record)
	if errors.Is(err, audit.ErrNotYet) {
		p.Waiting = true
		return p, nil
	}
	p.Proof = &proof
	return p, err
}
