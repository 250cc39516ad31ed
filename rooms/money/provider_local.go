package money

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"

	"cuobian/basis/day"
	"cuobian/basis/yuan"
	"cuobian/platform/store"
)

// Local is a provider for demonstrations and tests: no money moves. It stands for what a wallet keeps elsewhere, in a table
// of its own that nothing else of the room reads, and signs its notices as wallets do.
type Local struct {
	db     *store.DB
	secret []byte
}

// Local is the local provider where it is in use, else nil.
func (t *Till) Local() *Local {
	l, _ := t.providers["local"].(*Local)
	return l
}

// SignatureHeader is where the local provider's signature stands: hex of HMAC-SHA256 over the body.
const SignatureHeader = "X-Local-Signature"

// NewLocal makes the local provider with the secret that its notices are signed by.
func NewLocal(db *store.DB, secret []byte) *Local { return &Local{db, secret} }

// Name is "local".
func (l *Local) Name() string { return "local" }

// Words is its name for people.
func (l *Local) Words() (zh, en string) { return "演示支付渠道", "demo provider" }

// Begin opens an order: its page is served by the house.
func (l *Local) Begin(ctx context.Context, o Order) (b Begun, err error) {
	err = l.db.Write(ctx, func(tx *store.Tx) error {
		if _, err := tx.Exec(ctx, `insert into money_local (outside, order_id, amount, words, state, back, day, at) values ($1, $2, $3, '', 'waiting', 0, '', $4) on conflict (order_id) do nothing`, tx.NewID(), o.ID, int64(o.Amount), int64(tx.Now)); err != nil {
			return err
		}
		return tx.QueryRow(ctx, `select outside from money_local where order_id = $1`, o.ID).Scan(&b.Outside)
	})
	b.URL = "/api/pay/local/orders/" + b.Outside
	b.QR = b.URL
	return b, err
}

func (l *Local) find(ctx context.Context, cond string, arg any) (a Answer, back yuan.Amount, err error) {
	err = l.db.QueryRow(ctx, `select order_id, outside, amount, state, back from money_local where `+cond, arg).Scan(&a.Order, &a.Outside, &a.Amount, &a.State, &back)
	return a, back, err
}

// Query asks what became of an order.
func (l *Local) Query(ctx context.Context, o Order) (Answer, error) {
	a, _, err := l.find(ctx, `order_id = $1`, o.ID)
	if none(err) {
		return Answer{Order: o.ID, State: "gone"}, nil
	}
	if err == nil && a.State == "silent" {
		return Answer{}, errSilent
	}
	return a, err
}

// Refund gives back at most what was paid; the same id twice is one refund.
func (l *Local) Refund(ctx context.Context, o Order, id string, amount yuan.Amount) error {
	return l.db.Write(ctx, func(tx *store.Tx) error {
		var words string
		if err := tx.QueryRow(ctx, `select words from money_local where order_id = $1 and state = 'paid'`, o.ID).Scan(&words); err != nil {
			return err
		}
		var done []string
		json.Unmarshal([]byte(words), &done)
		for _, d := range done {
			if d == id {
				return nil
			}
		}
		n, err := tx.Exec(ctx, `update money_local set back = back + $2, words = $3 where order_id = $1 and back + $2 <= amount`, o.ID, int64(amount), text(append(done, id)))
		if err == nil && n == 0 {
			err = ErrTooMuch
		}
		return err
	})
}

// Statement is what was paid on a day.
func (l *Local) Statement(ctx context.Context, on day.Day) ([]StatementLine, error) {
	return store.All(ctx, l.db, func(r *sql.Rows) (x StatementLine, err error) {
		err = r.Scan(&x.Order, &x.Outside, &x.Amount, &x.Back)
		return x, err
	}, `select order_id, outside, amount, back from money_local where day = $1 and state = 'paid' order by outside`, on)
}

// Notice checks the signature and reads the notice.
func (l *Local) Notice(header func(string) string, body []byte) (a Answer, err error) {
	got, err := hex.DecodeString(header(SignatureHeader))
	if err != nil || !hmac.Equal(got, l.sign(body)) {
		return a, ErrSignature
	}
	return a, json.Unmarshal(body, &a)
}

func (l *Local) sign(body []byte) []byte {
	m := hmac.New(sha256.New, l.secret)
	m.Write(body)
	return m.Sum(nil)
}

// Pay is somebody paying on the provider's page. It gives the notice that the provider sends, and its signature.
func (l *Local) Pay(ctx context.Context, outside string) (body []byte, signature string, err error) {
	err = l.db.Write(ctx, func(tx *store.Tx) error {
		n, err := tx.Exec(ctx, `update money_local set state = 'paid', day = $2 where outside = $1 and state in ('waiting', 'silent')`, outside, today(tx))
		if err != nil || n > 0 {
			return err
		}
		var state string
		if err = tx.QueryRow(ctx, `select state from money_local where outside = $1`, outside).Scan(&state); none(err) {
			err = ErrMissing
		}
		return err // paid before: the notice goes out again, as wallets do
	})
	if err != nil {
		return nil, "", err
	}
	a, _, err := l.find(ctx, `outside = $1`, outside)
	if err != nil {
		return nil, "", err
	}
	body, err = json.Marshal(a)
	return body, hex.EncodeToString(l.sign(body)), err
}

// Hush makes the local provider answer nothing about an order until it is paid, as wallets sometimes do; for demonstrations.
func (l *Local) Hush(ctx context.Context, outside string) error {
	return l.db.Write(ctx, func(tx *store.Tx) error {
		n, err := tx.Exec(ctx, `update money_local set state = 'silent' where outside = $1 and state = 'waiting'`, outside)
		if err == nil && n == 0 {
			err = ErrMissing
		}
		return err
	})
}

var errSilent = errors.New("the local provider was told not to answer")

// Page is what the payer sees, and the house's order to come back to.
func (l *Local) Page(ctx context.Context, outside string) (amount yuan.Amount, state, order string, err error) {
	a, _, err := l.find(ctx, `outside = $1`, outside)
	if none(err) {
		return 0, "", "", ErrMissing
	}
	return a.Amount, a.State, a.Order, err
}
