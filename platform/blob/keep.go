package blob

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"cuobian/basis/day"
	"cuobian/platform/store"
)

// Days is how long each kind is kept after the day from which Expire counts: photographs three years (evidence of a
// matter can be asked for in the usual limitation period), voice one, files ten.
var Days = map[Kind]int{Photo: 3 * 365, Voice: 365, File: 10 * 365}

// Expire says, within the caller's write, that what belongs to ref goes when its days are over, counted from a day such as
// that on which the matter was closed. No day: it is kept until somebody says so (a matter that was reopened).
func (s *Store) Expire(ctx context.Context, tx *store.Tx, ref string, from day.Day) error {
	for kind, days := range Days {
		on := ""
		if !from.IsZero() {
			on = from.Add(days).String()
		}
		if _, err := tx.Exec(ctx, `update blob_blob set expire_on = $3 where ref = $1 and kind = $2 and state = 'kept'`, ref, kind, on); err != nil {
			return err
		}
	}
	return nil
}

// Hold keeps what belongs to ref whatever its day says; why is shown to those who ask. The empty why lets go.
func (s *Store) Hold(ctx context.Context, tx *store.Tx, ref, why string) error {
	_, err := tx.Exec(ctx, `update blob_blob set held = $2 where ref = $1 and state = 'kept'`, ref, why)
	return err
}

// Drop removes one within the caller's write: a loose one by its sender, or one that a person may have deleted. The
// row stays as a note that something was there, without what the camera said. ErrHeld when it is on hold.
func (s *Store) Drop(ctx context.Context, tx *store.Tx, id string) error {
	b, err := s.Find(ctx, tx, id)
	if err != nil {
		return err
	}
	if b.Held != "" {
		return ErrHeld
	}
	if b.State == "gone" {
		return nil
	}
	q := `update blob_blob set state = 'gone', gone_at = $2, name = $3, taken_at = $3, spot = $3 where id = $1`
	args := []any{id, int64(tx.Now), []byte{}}
	if b.State == "loose" {
		q, args = `delete from blob_blob where id = $1`, args[:1]
	}
	if _, err := tx.Exec(ctx, q, args...); err != nil {
		return err
	}
	tx.After(func() { s.remove(id) })
	return nil
}

// Sweep removes what has expired by today, what was sent a day ago and belongs to nothing, and files without a row. A
// daily timer calls it. gone is told of each expired one within its write, for the audit trail; nil is nobody.
func (s *Store) Sweep(ctx context.Context, gone func(ctx context.Context, tx *store.Tx, b Blob) error) (n int, err error) {
	now := s.db.Now()
	today := now.Day(day.Shanghai).String()
	over, err := store.All(ctx, s.db, scanRows, `select `+columns+` from blob_blob where (state = 'kept' and expire_on <> '' and expire_on <= $1 and held = '') or (state = 'loose' and made_at < $2) order by id`,
		today, int64(now.Add(-looseTime)))
	if err != nil {
		return 0, err
	}
	for _, b := range over {
		err := s.db.Write(ctx, func(tx *store.Tx) error {
			now, err := s.Find(ctx, tx, b.ID)
			if err != nil || now.State != b.State || now.Expire != b.Expire || now.Held != "" {
				return err // somebody attached, held or reopened it meanwhile
			}
			if gone != nil && b.State == "kept" {
				if err := gone(ctx, tx, b); err != nil {
					return err
				}
			}
			return s.Drop(ctx, tx, b.ID)
		})
		if err != nil {
			return n, err
		}
		n++
	}
	return n, s.strays(ctx, now)
}

// strays removes files whose row was never committed or is gone: those that were written more than a day ago.
func (s *Store) strays(ctx context.Context, now day.Instant) error {
	return filepath.WalkDir(s.dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil || now.Time().Sub(info.ModTime()) < 24*time.Hour {
			return nil
		}
		id, _, _ := strings.Cut(d.Name(), ".")
		if okID(id) {
			b, err := s.Find(ctx, s.db, id)
			if err == nil && b.State != "gone" {
				return nil
			}
			if err != nil && err != error(ErrMissing) {
				return err
			}
		}
		return os.Remove(p)
	})
}
