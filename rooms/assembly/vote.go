package assembly

import (
	"context"

	"cuobian/basis/day"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/store"
)

// Ballots are the ports of what takes ballots; app fills them in.
type Ballots struct {
	// PhoneCode checks a code that was sent to a telephone and uses it up.
	PhoneCode func(ctx context.Context, phone, code string) error
	// PersonOfPhone is the one person of the roster with this number.
	PersonOfPhone func(ctx context.Context, q store.Queryer, phone string) (id, name string, err error)
	// SignedIn says how and when a session began (access.ByPhone …).
	SignedIn func(ctx context.Context, session string) (how string, at day.Instant, err error)
	// Attach makes an upload of who's part of ref at a place, with words drawn on a photograph; "" draws the time alone.
	Attach func(ctx context.Context, tx *store.Tx, who access.Who, blob, ref string, at scope.Path, words string) error
}
