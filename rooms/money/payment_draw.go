package money

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/yuan"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/audit/tree"
	"cuobian/platform/rules"
	"cuobian/platform/store"
)

// Recipes of the draw. The first is that of payments from before the second was there.
const (
	byID  = 1 // the payment's id alone
	byLog = 2 // the id with the root of a checkpoint that was signed after the community's review
)

// ErrDrawing says that a payment waits for its draw.
var ErrDrawing = fault.New(fault.Conflict, "money.drawing", "这笔支付正在等公共日志的检查点来抽签，谁也不能代替", "this payment waits for the public log's checkpoint to be drawn; nobody can stand in for it")

// Draw is the lot by which the street reviews a payment below its limit. The line "cuobian-draw-2", the payment's id and the
// root (base64, as the checkpoint has it) stand each on a line of its own; of the SHA-256 of these the first eight bytes modulo
// d are the lot; below n the street reviews. Nobody knows the root before the community has signed, and anybody computes it
// again afterwards (R38).
func Draw(payment, root string, n, d int64) (text string, in bool) {
	return lot("cuobian-draw-2\n"+payment+"\n"+root+"\n", n, d)
}

func lot(line string, n, d int64) (text string, in bool) {
	sum := sha256.Sum256([]byte(line))
	if d < 1 {
		return "", true
	}
	at := int64(binary.BigEndian.Uint64(sum[:8]) % uint64(d))
	return fmt.Sprintf("sha256 %s mod %d = %d < %d", hex.EncodeToString(sum[:8]), d, at, n), at < n
}

// lotOf computes a payment's draw again by its own recipe.
func lotOf(p Payment, rule rules.Moneys) (text string, in bool) {
	if p.recipe == byID {
		return lot("cuobian-draw-1\n"+p.ID+"\n", rule.SampleN, rule.SampleD)
	}
	if p.DrawRoot == "" {
		return "", true
	}
	return Draw(p.ID, p.DrawRoot, rule.SampleN, rule.SampleD)
}

// toDraw decides, after the community's review, whether the street reviews: always above its limit, where payments alike pass
// it together, and where others act for a committee; else by lot, for which a record goes into the public log.
func (t *Till) toDraw(ctx context.Context, tx *store.Tx, p *Payment, rule rules.Moneys) (next string, err error) {
	if p.always(rule) {
		p.Sampled = true
		return AtStreet, nil
	}
	leaf, err := audit.Publish(ctx, tx, audit.Record{Kind: "money.draw", Path: p.Path, Ref: p.Ref(), Body: map[string]any{"compound": p.Compound, "payment": p.ID, "no": p.No, "hash": p.Hash, "n": rule.SampleN, "d": rule.SampleD}})
	p.DrawRecord = leaf.ID
	return AtDraw, err
}

// always reports that the street reviews a payment whatever the lot.
func (p Payment) always(rule rules.Moneys) bool {
	return int64(max(p.Amount, p.Judged)) > rule.StreetFrom || p.Acting != ""
}

// DrawTick draws the payments whose record the public log has signed for. It says how many it drew.
func (t *Till) DrawTick(ctx context.Context) (n int, err error) {
	type waiting struct{ id, record string }
	rows, err := t.db.Query(ctx, `select id, draw_record from money_payment where state = 'drawing' order by id limit 200`)
	if err != nil {
		return 0, err
	}
	var list []waiting
	for rows.Next() {
		var w waiting
		if err := rows.Scan(&w.id, &w.record); err != nil {
			rows.Close()
			return 0, err
		}
		list = append(list, w)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return 0, err
	}
	for _, w := range list {
		c, err := t.firstSigned(ctx, t.db, w.record)
		if errors.Is(err, audit.ErrNotYet) || errors.Is(err, audit.ErrNoCheckpoint) {
			continue
		}
		if err != nil {
			return n, fmt.Errorf("draw of payment %s: %w", w.id, err)
		}
		err = t.db.Write(ctx, func(tx *store.Tx) error { return t.drawn(ctx, tx, w.id, w.record, c) })
		if errors.Is(err, ErrState) || errors.Is(err, ErrChanged) {
			continue // another program was first, or it was withdrawn meanwhile
		}
		if err != nil {
			return n, fmt.Errorf("draw of payment %s: %w", w.id, err)
		}
		n++
	}
	return n, nil
}

// firstSigned is the smallest signed checkpoint of the public log that holds a record.
func (t *Till) firstSigned(ctx context.Context, q store.Queryer, record string) (audit.Signed, error) {
	at, err := t.on.Logs.Public.Places(ctx, q, []string{record})
	if err != nil {
		return audit.Signed{}, err
	}
	n, placed := at[record]
	if !placed {
		return audit.Signed{}, audit.ErrNotYet
	}
	sizes, err := t.on.Logs.Public.Checkpoints(ctx, q, n, 1)
	if err != nil {
		return audit.Signed{}, err
	}
	if len(sizes) == 0 {
		return audit.Signed{}, audit.ErrNotYet
	}
	return t.on.Logs.Public.Checkpoint(ctx, q, sizes[0])
}

func (t *Till) drawn(ctx context.Context, tx *store.Tx, id, record string, c audit.Signed) error {
	p, err := t.payment(ctx, tx, id)
	if err != nil {
		return err
	}
	if p.State != AtDraw || p.DrawRecord != record {
		return ErrState
	}
	rule, cal, _, err := t.rules(ctx, tx, p.Path, p.Applied.Day(day.Shanghai))
	if err != nil {
		return err
	}
	p.DrawSize, p.DrawRoot = c.Size, c.Root.String()
	p.Draw, p.Sampled = Draw(p.ID, p.DrawRoot, rule.SampleN, rule.SampleD)
	if err := t.step(ctx, tx, p, access.System, nil, "draw", "", "", map[string]any{"draw": p.Draw, "in": p.Sampled, "limit": rule.StreetFrom, "n": rule.SampleN, "d": rule.SampleD, "record": record, "size": c.Size, "root": p.DrawRoot, "note": c.Note}); err != nil {
		return err
	}
	next := AtSealing
	if p.Sampled {
		next = AtStreet
	}
	if err := t.advance(ctx, tx, access.System, &p, next, "", rule, cal); err != nil {
		return err
	}
	return t.trail(ctx, tx, access.System, Apply, p.Path, "draw", p.Ref(), "", map[string]any{"draw": p.Draw, "size": c.Size, "root": p.DrawRoot})
}

// spared reports that the lot let a payment pass the street by: the draw on record is computed again, and the checkpoint that
// it was drawn with bears the signatures of this house's log.
func (t *Till) spared(ctx context.Context, q store.Queryer, p Payment, steps []Step, rule rules.Moneys) (bool, error) {
	text, in := lotOf(p, rule)
	i := slices.IndexFunc(steps, func(s Step) bool { return s.What == "draw" })
	if p.always(rule) || i < 0 || in || p.Sampled || p.Draw != text {
		return false, nil
	}
	if p.recipe == byID {
		return true, nil
	}
	signed, _ := steps[i].Facts["note"].(string)
	keys, err := t.on.Logs.Public.Keys(ctx, q)
	if err != nil {
		return false, err
	}
	o, err := tree.Open(signed, keys...)
	return err == nil && o.Size == p.DrawSize && o.Root.String() == p.DrawRoot, nil
}

// Lot is how a payment is or was drawn, so that anybody computes it again.
type Lot struct {
	Recipe  int64       `json:"recipe" enum:"1,2"`
	N       int64       `json:"n"`
	D       int64       `json:"d"`
	Limit   yuan.Amount `json:"limit" doc:"above it nothing is drawn: the street reviews"`
	Line    string      `json:"line,omitempty" doc:"SHA-256 is taken of exactly this"`
	Record  string      `json:"record,omitempty" doc:"in the public log, of the community's review"`
	Size    int64       `json:"size,omitempty" doc:"of the first signed checkpoint that holds the record"`
	Root    string      `json:"root,omitempty"`
	Note    string      `json:"note,omitempty" doc:"that checkpoint as it was signed"`
	Waiting bool        `json:"waiting" doc:"the log has not signed for the record yet"`
	Late    bool        `json:"late" doc:"the log is late: the payment waits"`
	Since   day.Instant `json:"since,omitempty"`
}

func (t *Till) lotFor(p Payment, steps []Step, rule rules.Moneys, now day.Instant) *Lot {
	if p.State != AtDraw && p.Draw == "" {
		return nil
	}
	l := &Lot{Recipe: p.recipe, N: rule.SampleN, D: rule.SampleD, Limit: yuan.Amount(rule.StreetFrom), Record: p.DrawRecord, Size: p.DrawSize, Root: p.DrawRoot}
	if p.State == AtDraw {
		l.Waiting, l.Since = true, p.Since
		l.Late = now.Sub(p.Since) > audit.AlarmAfter
		return l
	}
	l.Line = "cuobian-draw-2\n" + p.ID + "\n" + p.DrawRoot + "\n"
	if p.recipe == byID {
		l.Line = "cuobian-draw-1\n" + p.ID + "\n"
	}
	for _, s := range steps {
		if s.What == "draw" {
			l.Note, _ = s.Facts["note"].(string)
		}
	}
	return l
}
