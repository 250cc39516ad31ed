package audit

import (
	"context"
	"database/sql"
	"errors"
	"strings"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/platform/audit/tree"
	"cuobian/platform/store"
)

// Faults of witnesses.
var (
	ErrWitnessKey     = fault.Bad("key", "audit.witness_key", "公钥格式不对：请填写 cuobian witness 打印的一整行", "this is no witness's key: enter the whole line that cuobian witness prints")
	ErrWitnessName    = fault.New(fault.Conflict, "audit.witness_name", "已有同名的见证人在用；请先停用它", "a witness of this name is in use; end it first")
	ErrWitnessMissing = fault.New(fault.Missing, "audit.witness_missing", "没有这个见证人，或已停用", "there is no such witness, or it was ended")
	ErrCosign         = fault.New(fault.Refused, "audit.cosign", "见证签名未被接受：检查点与本日志不符，或不是登记在用的见证人所签", "the cosignature is not taken: the checkpoint is not this log's, or no registered witness signed it")
)

// Witness is somebody else who looks at the public log and signs what they saw.
type Witness struct {
	ID    string      `json:"id"`
	Name  string      `json:"name"` // the key's name
	Key   tree.Key    `json:"key"`
	Made  day.Instant `json:"made_at"`
	Ended day.Instant `json:"ended_at"`       // zero while in use
	Last  day.Instant `json:"last_signed_at"` // when its latest cosignature came in
	Size  int64       `json:"last_size"`      // and of which size
}

// Witnesses lists the register, newest first; ended ones too when all is set.
func (l *Log) Witnesses(ctx context.Context, q store.Queryer, all bool) ([]Witness, error) {
	return store.All(ctx, q, func(r *sql.Rows) (w Witness, err error) {
		err = r.Scan(&w.ID, &w.Name, &w.Key, &w.Made, &w.Ended, &w.Last, &w.Size)
		return w, err
	}, `select id, name, key, made_at, ended_at, signed_at, signed_size from audit_witness where ended_at = 0 or $1 order by id desc`, all)
}

// AddWitness registers a witness by its key. The caller checks who may, and writes the trail. ErrWitnessKey,
// ErrWitnessName.
func (l *Log) AddWitness(ctx context.Context, tx *store.Tx, key tree.Key) (Witness, error) {
	key = tree.Key(strings.TrimSpace(string(key)))
	if key.Kind() != tree.Witness {
		return Witness{}, ErrWitnessKey
	}
	w := Witness{ID: tx.NewID(), Name: key.Name(), Key: key, Made: tx.Now}
	n, err := tx.Exec(ctx, `insert into audit_witness (id, name, key, made_at, ended_at) values ($1, $2, $3, $4, 0) on conflict (name) where ended_at = 0 do nothing`,
		w.ID, w.Name, string(w.Key), int64(w.Made))
	if err == nil && n == 0 {
		err = ErrWitnessName
	}
	return w, err
}

// EndWitness takes a witness off the register; what it signed before stays. ErrWitnessMissing.
func (l *Log) EndWitness(ctx context.Context, tx *store.Tx, id string) (w Witness, err error) {
	err = tx.QueryRow(ctx, `update audit_witness set ended_at = $2 where id = $1 and ended_at = 0 returning id, name, key, made_at, ended_at`, id, int64(tx.Now)).
		Scan(&w.ID, &w.Name, &w.Key, &w.Made, &w.Ended)
	if errors.Is(err, store.ErrNone) {
		err = ErrWitnessMissing
	}
	return w, err
}

// Cosign takes in a checkpoint that registered witnesses have signed, as they send it: the signed note with their
// lines. It must be one that this log has signed, bit for bit. It says who signed; a second cosignature of one witness
// for one size changes nothing. Signatures are checked before anything is written, so that a stranger's nonsense keeps
// no writer waiting. ErrCosign.
func (l *Log) Cosign(ctx context.Context, signed string) ([]tree.Cosigned, error) {
	text, _, err := tree.Lines(signed)
	if err != nil {
		return nil, ErrCosign
	}
	c, err := tree.ParseCheckpoint(text)
	if err != nil || c.Size == 0 {
		return nil, ErrCosign
	}
	var known []tree.Key
	byKey := map[tree.Key]string{}
	if err := l.db.View(ctx, func(q store.Queryer) error {
		ours, err := l.Checkpoint(ctx, q, c.Size)
		if errors.Is(err, ErrNoCheckpoint) || err == nil && ours.Checkpoint != c {
			return ErrCosign
		}
		if err != nil {
			return err
		}
		if known, err = l.Keys(ctx, q); err != nil {
			return err
		}
		all, err := l.Witnesses(ctx, q, false)
		for _, w := range all {
			known = append(known, w.Key)
			byKey[w.Key] = w.ID
		}
		return err
	}); err != nil {
		return nil, err
	}
	o, err := tree.Open(signed, known...)
	if err != nil || len(o.Cosigned) == 0 {
		return nil, ErrCosign
	}
	return o.Cosigned, l.db.Write(ctx, func(tx *store.Tx) error {
		for _, s := range o.Cosigned {
			if _, err := tx.Exec(ctx, `insert into audit_cosign (log, size, witness, line, at) values ($1, $2, $3, $4, $5) on conflict (log, size, witness) do nothing`,
				l.Name, c.Size, byKey[s.Key], s.Key.Line(signed), int64(tx.Now)); err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, `update audit_witness set signed_at = $2, signed_size = $3 where id = $1 and signed_size < $3`, byKey[s.Key], int64(tx.Now), c.Size); err != nil {
				return err
			}
		}
		return nil
	})
}
