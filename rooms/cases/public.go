package cases

import (
	"context"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/platform/access"
)

// OpenReport is a report by somebody who is not signed in.
type OpenReport struct {
	Place     string   `json:"place,omitempty" maxLength:"200"`
	At        string   `json:"at,omitempty" maxLength:"100" doc:"the code on a QR sticker"`
	Compound  string   `json:"compound_id,omitempty" maxLength:"40"`
	PlaceText string   `json:"place_text,omitempty" maxLength:"200"`
	Text      string   `json:"text" maxLength:"4000"`
	Category  string   `json:"category,omitempty" maxLength:"40"`
	Name      string   `json:"name,omitempty" maxLength:"60"`
	Phone     string   `json:"phone,omitempty" maxLength:"30"`
	Code      string   `json:"code,omitempty" maxLength:"10" doc:"sent to the telephone"`
	Secret    bool     `json:"confidential,omitempty"`
	Photos    []string `json:"photo_ids,omitempty" maxItems:"9"`
	Voice     string   `json:"voice_id,omitempty" maxLength:"40"`
	ClientKey string   `json:"client_key,omitempty" maxLength:"64"`
}

// Receipt is what somebody without an account takes away.
type Receipt struct {
	Number     string      `json:"number"`
	CreatedAt  day.Instant `json:"created_at"`
	RespondDue day.Instant `json:"respond_due"`
	ResolveDue day.Instant `json:"resolve_due"`
}

// perHour is how many reports without an account one network address may send in an hour.
const perHour = 20

// ErrCode refuses a code that was not sent to that telephone.
var ErrCode = fault.Bad("code", "cases.code", "验证码不对或已过期", "the code is wrong or too old")

// gate counts what came from an address in the last hour, in memory only.
type gate struct {
	mu   sync.Mutex
	seen map[string][]day.Instant
}

func (g *gate) pass(from string, now day.Instant, n int) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.seen == nil {
		g.seen = map[string][]day.Instant{}
	}
	since := now.Add(-time.Hour)
	if len(g.seen) > 10000 {
		for k, at := range g.seen {
			if at[len(at)-1] < since {
				delete(g.seen, k)
			}
		}
	}
	at := slices.DeleteFunc(g.seen[from], func(t day.Instant) bool { return t < since })
	if len(at) >= n {
		g.seen[from] = at
		return false
	}
	g.seen[from] = append(at, now)
	return true
}

// ReportOpenly takes in a matter from somebody who is not signed in: with name and telephone (checked by a code where
// codes can be sent), or anonymously. One address may send 20 in an hour.
func (d *Desk) ReportOpenly(ctx context.Context, who access.Who, from string, in OpenReport) (Receipt, error) {
	if host, _, err := net.SplitHostPort(from); err == nil {
		from = host
	}
	if !d.gate.pass(from, d.db.Now(), perHour) {
		return Receipt{}, ErrFrequent
	}
	if in.Phone != "" && d.PhoneCode != nil {
		if err := d.PhoneCode(ctx, in.Phone, in.Code); err != nil {
			if fault.IsKind(err, fault.Internal) || fault.IsKind(err, fault.Unavailable) {
				return Receipt{}, err
			}
			return Receipt{}, ErrCode
		}
	}
	r := Report{Place: in.Place, At: in.At, Compound: in.Compound, PlaceText: in.PlaceText, Text: in.Text, Category: in.Category, Phone: in.Phone,
		Channel: "public", Secret: in.Secret, Photos: in.Photos, Voice: in.Voice, name: strings.TrimSpace(in.Name)}
	if in.ClientKey != "" {
		// Without an account the key stands alone; the sender makes it long and random.
		if len(in.ClientKey) < 16 {
			return Receipt{}, fault.Bad("client_key", "cases.client_key", "标识太短", "the key is too short")
		}
		r.ClientKey = in.ClientKey
	}
	// Only the ticket of the uploads is taken along from who asks.
	c, err := d.report(ctx, access.Who{Session: who.Session}, r)
	return Receipt{Number: c.Number, CreatedAt: c.Created, RespondDue: c.RespondDue, ResolveDue: c.ResolveDue}, err
}
