package access

import (
	"context"

	"cuobian/platform/audit"
	"cuobian/platform/seal"
	"cuobian/platform/store"
)

// TurnKeys adds a sealing key and brings everything sealed before under it; columns are all rooms' (their Sealed()).
// Where a turn was broken off before, it ends that one and adds no further key. It tells the newest key's number and how
// many values changed.
func (a *Accounts) TurnKeys(ctx context.Context, who Who, columns []seal.Column, step func(changed int)) (number, changed int, err error) {
	if err := who.MaySomewhere(TurnKeys); err != nil {
		return 0, 0, err
	}
	stale, err := a.Ring.Stale(ctx, a.DB, columns)
	if err != nil {
		return 0, 0, err
	}
	if keys := a.Ring.Keys(); stale > 0 {
		number = keys[len(keys)-1]
	} else if number, err = a.Ring.Rotate(ctx, a.DB); err != nil {
		return 0, 0, err
	}
	if changed, err = a.Ring.Reseal(ctx, a.DB, columns, step); err != nil {
		return number, changed, err
	}
	at := who.Paths(TurnKeys)[0]
	err = a.DB.Write(ctx, func(tx *store.Tx) error {
		return audit.Write(ctx, tx, audit.Entry{By: who.By(TurnKeys, at), Action: TurnKeys.Name, Path: at, Ref: "seal", To: map[string]int{"key": number, "resealed": changed}})
	})
	return number, changed, err
}
