package outreach

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/smtp"
	"strings"
	"time"

	"cuobian/platform/seal"
	"cuobian/platform/store"
)

// Letter is what a channel delivers.
type Letter struct {
	ID      string // the same for every try, so that a provider can refuse doubles
	Address string // telephone number, mail address or WeChat open id
	Title   string
	Text    string
}

// Channel brings letters to people. Deliver returns the provider's own number for it. An error is tried again later
// unless it wraps ErrNever.
type Channel interface {
	Name() string
	Deliver(ctx context.Context, l Letter) (provider string, err error)
}

// ErrNever marks a delivery that will not work however often it is tried (no such number).
var ErrNever = errors.New("outreach: undeliverable")

// Sink keeps letters in the database instead of sending them: for the demo, for tests, and until a channel is set up.
type Sink struct {
	Channel string
	DB      *store.DB
	Ring    *seal.Ring
}

// Name is that of the channel the sink stands for.
func (s Sink) Name() string { return s.Channel }

// Deliver keeps the letter.
func (s Sink) Deliver(ctx context.Context, l Letter) (string, error) {
	var id string
	err := s.DB.Write(ctx, func(tx *store.Tx) error {
		id = tx.NewID()
		body, err := json.Marshal(l)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `insert into outreach_sink (id, letter, channel, address, body, at) values ($1, $2, $3, $4, $5, $6)`,
			id, l.ID, s.Channel, s.Ring.Seal("outreach_sink", "address", id, l.Address), s.Ring.Seal("outreach_sink", "body", id, string(body)), int64(tx.Now))
		return err
	})
	return "sink-" + id, err
}

// Gateway posts letters as JSON {id, to, title, text} to an address that the operator configured: an SMS provider, a
// WeChat template adapter. 2xx is delivered, 4xx never, the rest is tried again. The answer may name an id.
type Gateway struct {
	Channel, URL, Token string
	Client              *http.Client
}

// Name is the channel's.
func (g Gateway) Name() string { return g.Channel }

// Deliver posts the letter.
func (g Gateway) Deliver(ctx context.Context, l Letter) (string, error) {
	b, err := json.Marshal(map[string]string{"id": l.ID, "to": l.Address, "title": l.Title, "text": l.Text})
	if err != nil {
		return "", err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, g.URL, bytes.NewReader(b))
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "application/json")
	if g.Token != "" {
		req.Header.Set("Authorization", "Bearer "+g.Token)
	}
	c := g.Client
	if c == nil {
		c = &http.Client{Timeout: 15 * time.Second}
	}
	res, err := c.Do(req)
	if err != nil {
		return "", errors.New("the gateway did not answer") // err would name the address
	}
	defer res.Body.Close()
	var out struct {
		ID string `json:"id"`
	}
	json.NewDecoder(io.LimitReader(res.Body, 1<<16)).Decode(&out)
	switch {
	case res.StatusCode < 300:
		return out.ID, nil
	case res.StatusCode >= 400 && res.StatusCode < 500 && res.StatusCode != http.StatusTooManyRequests && res.StatusCode != http.StatusRequestTimeout:
		return "", fmt.Errorf("%w: the gateway answered %d", ErrNever, res.StatusCode)
	}
	return "", fmt.Errorf("the gateway answered %d", res.StatusCode)
}

// Mail sends letters by SMTP; the server must offer STARTTLS unless it is this machine.
type Mail struct {
	Server, From, User, Password string // Server is host:port
}

// Name is "mail".
func (Mail) Name() string { return "mail" }

// Deliver sends one mail.
func (m Mail) Deliver(_ context.Context, l Letter) (string, error) {
	if strings.ContainsAny(l.Address, "\r\n") || !strings.Contains(l.Address, "@") {
		return "", ErrNever
	}
	host, _, err := net.SplitHostPort(m.Server)
	if err != nil {
		return "", err
	}
	var auth smtp.Auth
	if m.User != "" {
		auth = smtp.PlainAuth("", m.User, m.Password, host)
	}
	id := "<" + l.ID + "@" + host + ">"
	msg := "From: " + m.From + "\r\nTo: " + l.Address + "\r\nSubject: " + mime.BEncoding.Encode("utf-8", l.Title) + "\r\nMessage-ID: " + id +
		"\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + strings.ReplaceAll(l.Text, "\n", "\r\n") + "\r\n"
	if err := smtp.SendMail(m.Server, auth, m.From, []string{l.Address}, []byte(msg)); err != nil {
		return "", errors.New("the mail server refused or did not answer")
	}
	return id, nil
}
