package access

import (
	"context"

	"cuobian/platform/audit"
	"cuobian/platform/seal"
	"cuobian/platform/store"
)

// TurnKeys adds a sealing key and brings everything sealed before under it; columns are all rooms' (their Sealed()).
// It can be broken off: Reseal goes on where it stood. It tells the new key's number and how many values changed.
func (a *Accounts) TurnKeys(ctx context.Context, who Who, columns []seal.Column, step func(changed int)) (number, changed int, err error) {
	if err := who.MaySomewhere(TurnKeys); err != nil {
		return 0, 0, err
	}
	if number, err = a.Ring.Rotate(ctx, a.DB); err != nil {
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
