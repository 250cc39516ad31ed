package assembly

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"

	"cuobian/basis/fault"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/audit/tree"
	"cuobian/platform/store"
	"cuobian/rooms/assembly/bundle"
	"cuobian/rooms/assembly/roll"
	"cuobian/rooms/assembly/tally"
)

// ErrBundleEarly says that there is nothing to check yet.
var ErrBundleEarly = fault.New(fault.Conflict, "assembly.bundle_early", "初步结果公示后才能下载核对文件", "the file for checking comes with the preliminary result")

// draw makes a bundle without records and log from what is kept now. It opens every ballot: for who counts, seals and
// exports, never for an answer in itself.
func (h *Hall) draw(ctx context.Context, q store.Queryer, m Meeting, kind string) (b bundle.Bundle, r roll.Roll, err error) {
	p, _, err := h.rulesOf(ctx, q, m)
	if err != nil {
		return b, r, err
	}
	list, err := h.matters(ctx, q, m.ID)
	if err != nil {
		return b, r, err
	}
	if r, err = h.roll(ctx, q, m, m.RollVersion); err != nil {
		return b, r, err
	}
	b = bundle.Bundle{Format: bundle.Format, Kind: kind, Meeting: m.facts(p.Group), Matters: asked(list), Ballots: []bundle.Ballot{}, Records: []bundle.Record{}}
	b.Roll = bundle.Roll{Version: r.Version, Hash: r.Hash(), Text: r.Text(), Earlier: []bundle.Version{}}
	versions, err := store.All(ctx, q, func(x *sql.Rows) (v bundle.Version, err error) { err = x.Scan(&v.Version, &v.Hash); return }, `select version, hash from assembly_roll where meeting = $1 and version < $2 order by version`, m.ID, m.RollVersion)
	if err != nil {
		return b, r, err
	}
	b.Roll.Earlier = append(b.Roll.Earlier, versions...)
	all, err := h.all(ctx, q, m.ID)
	if err != nil {
		return b, r, err
	}
	type pen struct{ word, key, signature string }
	pens := map[string]pen{}
	if kind == bundle.Scrutineers {
		list, err := store.All(ctx, q, func(x *sql.Rows) (p pen, err error) { err = x.Scan(&p.word, &p.key, &p.signature); return },
			`select b.word, d.public_key, b.signature from assembly_ballot b join assembly_device d on d.id = b.sign_key where b.meeting = $1 and b.sign = 'device' and b.signature <> ''`, m.ID)
		if err != nil {
			return b, r, err
		}
		for _, p := range list {
			pens[p.word] = p
		}
	}
	for _, o := range all {
		x := bundle.Ballot{Right: int(o.Right), N: int(o.N), Choices: make(map[string]tally.Choice, len(o.Choices)), Salt: o.Salt, Commitment: o.Word, Void: o.Void != 0, Late: o.Late, ID: o.Record, At: o.Received}
		x.Key, x.Signature = pens[o.Word].key, pens[o.Word].signature
		for no, c := range o.Choices {
			x.Choices[strconv.Itoa(no)] = c
		}
		b.Ballots = append(b.Ballots, x)
	}
	if b.Before, err = h.posts(ctx, q, m); err != nil {
		return b, r, err
	}
	effective := b.Effective(r)
	for i, x := range b.Ballots {
		c, has := effective[x.Right]
		b.Ballots[i].Counted = has && c.ID == x.ID
	}
	if err := b.Fill(r, effective); err != nil {
		return b, r, err
	}
	b.Close()
	return b, r, nil
}

// seal is what the record of a result says of the ballots, of the bundle as it stands, and of the meeting's records before
// it.
func (h *Hall) seal(ctx context.Context, tx *store.Tx, m Meeting) (s bundle.Seal, err error) {
	kinds := []string{bundle.Public}
	if m.Secret {
		kinds = append(kinds, bundle.Scrutineers)
	}
	hashes := map[string]string{}
	for _, kind := range kinds {
		b, _, err := h.draw(ctx, tx, m, kind)
		if err != nil {
			return s, err
		}
		s = bundle.SealOf(b.Ballots, true)
		if hashes[kind], err = b.Core(); err != nil {
			return s, err
		}
		if kind == bundle.Scrutineers {
			hashes[bundle.Signatures] = bundle.SignaturesOf(b.Ballots)
		}
	}
	s.Bundle = hashes
	records, err := h.records(ctx, tx, m)
	if err != nil {
		return s, err
	}
	s.Records = []string{}
	for _, p := range records {
		s.Records = append(s.Records, hex.EncodeToString(p.Leaf[:]))
	}
	slices.Sort(s.Records)
	return s, nil
}

// records are the meeting's public records but the ballots, in the order in which they were written.
func (h *Hall) records(ctx context.Context, q store.Queryer, m Meeting) ([]audit.Published, error) {
	return h.Log.Records(ctx, q, audit.FindRecords{Ref: m.Ref(), Path: m.Path, Not: bundle.RecordBallot, Limit: 10000})
}

// Bundle is the public file of a vote, for everybody, once its preliminary result is posted. The same records give the same
// bytes: it stands on the first checkpoint that holds them all.
func (h *Hall) Bundle(ctx context.Context, id string) ([]byte, Meeting, error) {
	m, err := h.meeting(ctx, h.db, id)
	if err != nil {
		return nil, m, err
	}
	if m.State == Draft {
		return nil, m, ErrMissing
	}
	h.files.Lock() // one at a time: everybody may ask, and a large vote takes a second
	defer h.files.Unlock()
	if x, has := h.files.by[m.ID]; has && x.version == m.Version {
		c, err := h.Log.Checkpoint(ctx, h.db, x.size)
		if err != nil {
			return nil, m, err
		}
		if c.Note == x.note {
			return x.file, m, nil
		}
	}
	x := shelved{version: m.Version}
	if x.file, x.size, x.note, err = h.export(ctx, m, bundle.Public); err != nil {
		return nil, m, err
	}
	if h.files.by == nil || len(h.files.by) >= shelfSize {
		h.files.by = map[string]shelved{}
	}
	h.files.by[m.ID] = x
	return x.file, m, nil
}

// shelf keeps the public files last made, while nothing changed: no record of the meeting, no cosignature.
type shelf struct {
	sync.Mutex
	by map[string]shelved
}

type shelved struct {
	file    []byte
	version int64  // of the meeting
	size    int64  // of the log at the checkpoint
	note    string // the checkpoint with its cosignatures
}

const shelfSize = 8

// Scrutiny is the scrutineers' file: a secret vote with its openings. Whoever takes it is written down each time.
func (h *Hall) Scrutiny(ctx context.Context, who access.Who, id string) ([]byte, Meeting, error) {
	m, err := h.meeting(ctx, h.db, id)
	if err != nil {
		return nil, m, err
	}
	if err := h.watches(ctx, h.db, who, m); err != nil {
		return nil, m, err
	}
	kind := bundle.Scrutineers
	if !m.Secret {
		kind = bundle.Public
	}
	file, _, _, err := h.export(ctx, m, kind)
	if err != nil {
		return nil, m, err
	}
	err = h.db.Write(ctx, func(tx *store.Tx) error {
		if err := h.watches(ctx, tx, who, m); err != nil {
			return err
		}
		return h.event(ctx, tx, who, nil, m, "scrutiny", "", map[string]any{"person": who.Person})
	})
	if err != nil {
		return nil, m, err
	}
	return file, m, nil
}

// export makes the file, and says on which checkpoint it stands.
func (h *Hall) export(ctx context.Context, m Meeting, kind string) (file []byte, size int64, note string, err error) {
	err = h.db.View(ctx, func(q store.Queryer) error {
		if m, err = h.meeting(ctx, q, m.ID); err != nil {
			return err
		}
		if m.in(Preliminary, Final) != nil {
			n, err := store.Count(ctx, q, `select count(*) from assembly_result where meeting = $1`, m.ID)
			if err != nil {
				return err
			}
			if m.State != Annulled || n == 0 {
				return ErrBundleEarly
			}
		}
		b, _, err := h.draw(ctx, q, m, kind)
		if err != nil {
			return err
		}
		if size, note, err = h.place(ctx, q, m, &b); err != nil {
			return err
		}
		file, err = b.Write()
		return err
	})
	return file, size, note, err
}

// place puts a bundle's records and ballots into the log: their positions, the first checkpoint that holds them all, and
// the hashes between. It gives that checkpoint's size and note. ErrNotYet of the log while some wait.
func (h *Hall) place(ctx context.Context, q store.Queryer, m Meeting, b *bundle.Bundle) (size int64, note string, err error) {
	records, err := h.records(ctx, q, m)
	if err != nil {
		return 0, "", err
	}
	var positions []int64
	for _, p := range records {
		if p.N < 0 {
			return 0, "", audit.ErrNotYet
		}
		x, err := tree.ParseRecord([]byte(p.Text))
		if err != nil {
			return 0, "", err
		}
		b.Records = append(b.Records, bundle.Record{ID: x.ID, At: x.At, Kind: x.Kind, Body: x.Body, Leaf: p.N})
		positions = append(positions, p.N)
	}
	slices.SortFunc(b.Records, func(x, y bundle.Record) int { return int(x.Leaf - y.Leaf) })
	ids := make([]string, len(b.Ballots))
	for i, x := range b.Ballots {
		ids[i] = x.ID
	}
	at, err := h.Log.Places(ctx, q, ids)
	if err != nil {
		return 0, "", err
	}
	for i := range b.Ballots {
		n, placed := at[b.Ballots[i].ID]
		if !placed {
			return 0, "", audit.ErrNotYet
		}
		b.Ballots[i].Leaf = n
		positions = append(positions, n)
	}
	sizes, err := h.Log.Checkpoints(ctx, q, slices.Max(positions), 1)
	if err != nil {
		return 0, "", err
	}
	if len(sizes) == 0 {
		return 0, "", audit.ErrNotYet
	}
	c, err := h.Log.Checkpoint(ctx, q, sizes[0])
	if err != nil {
		return 0, "", err
	}
	b.Log = bundle.Log{Origin: c.Origin, Keys: []tree.Key{}}
	if b.Log.Pool, err = h.Log.Pool(ctx, q, positions, c.Size); err != nil {
		return 0, "", err
	}
	known, err := h.Log.Keys(ctx, q)
	if err != nil {
		return 0, "", err
	}
	witnesses, err := h.Log.Witnesses(ctx, q, true)
	if err != nil {
		return 0, "", err
	}
	for _, w := range witnesses {
		known = append(known, w.Key)
	}
	opened, err := tree.Open(c.Note, known...)
	if err != nil {
		return 0, "", audit.ErrBroken.Because(err)
	}
	b.Log.Keys = append(b.Log.Keys, opened.Signed...)
	for _, x := range opened.Cosigned {
		b.Log.Keys = append(b.Log.Keys, x.Key)
	}
	slices.Sort(b.Log.Keys)
	b.Log.Checkpoint, err = only(c.Note, b.Log.Keys)
	return c.Size, c.Note, err
}

// only leaves out the lines of a signed note that no known key made.
func only(note string, keys []tree.Key) (string, error) {
	text, lines, err := tree.Lines(note)
	if err != nil {
		return "", err
	}
	var kept []string
	for _, line := range lines {
		one := text + "\n" + line
		if slices.ContainsFunc(keys, func(k tree.Key) bool { return k.Signature(one) != nil }) {
			kept = append(kept, line)
		}
	}
	if len(kept) == 0 {
		return "", errors.New("assembly: a checkpoint without a known signature")
	}
	return text + "\n" + strings.Join(kept, ""), nil
}
