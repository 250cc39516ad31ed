package money

import (
	"context"

	"cuobian/platform/store"
)

// Merged moves what names a person to the one who is kept: bills in the name of a person, and payments under way.
func (t *Till) Merged(ctx context.Context, tx *store.Tx, kept, gone string) error {
	if kept == "" || gone == "" {
		return nil
	}
	if _, err := tx.Exec(ctx, `update money_bill set person = $1 where person = $2 and person <> ''`, kept, gone); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `update money_order set person = $1 where person = $2`, kept, gone)
	return err
}
