package outreach

import (
	"context"
	"database/sql"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/seal"
	"cuobian/platform/store"
)

//go:embed schema
var scripts embed.FS

//go:embed templates.json
var templateData []byte

// Schema is the room's tables.
func Schema() store.Schema { return store.Schema{Room: "outreach", Floor: 6, FS: scripts} }

// Template is the words of a message.
type Template struct {
	ZhTitle  string   `json:"zh_title"`
	Zh       string   `json:"zh"`
	EnTitle  string   `json:"en_title"`
	En       string   `json:"en"`
	Legal    bool     `json:"legal,omitempty" doc:"goes out whatever the receiver chose"`
	Urgent   bool     `json:"urgent,omitempty" doc:"goes out in quiet hours too"`
	Channels []string `json:"channels" doc:"ways outside, tried in parallel"`
}

var presets = func() map[string]Template {
	m := map[string]Template{}
	if err := json.Unmarshal(templateData, &m); err != nil {
		panic("outreach: templates.json: " + err.Error())
	}
	return m
}()

// What posts may do.
var (
	SeeOutbox = access.Declare("outreach.outbox", "查看外发消息的送达情况", "see deliveries", access.StreetOfficer, access.StreetLeader, access.DistrictOfficer, access.SystemAdmin, access.Auditor)
	Word      = access.Declare("outreach.template", "修改消息模板", "word templates", access.StreetOfficer, access.StreetLeader)
)

// Faults of the room.
var (
	ErrTemplate = fault.Bad("code", "outreach.template", "没有这个模板", "there is no such template")
	ErrWords    = fault.Bad("zh", "outreach.words", "中英文标题和正文都要填写，且只能使用原模板中的{填空}", "title and text are needed in both languages, with no {blanks} but the template's own")
	ErrChannel  = fault.Bad("channel", "outreach.channel", "没有这个渠道", "there is no such channel")
)

// To is whom to tell: a person, a telephone number of somebody not on the roster, or whoever holds a post at a place.
type To struct {
	Person string
	Phone  string
	Post   access.Post
	Org    string
}

// Message is what to tell.
type Message struct {
	To       []To
	Template string
	Words    map[string]string // fill the template's {names}; of two words name and name_en the second goes into the English text
	Ref      string
	Path     scope.Path
}

// Office is where messages are written and letters go out.
type Office struct {
	db       *store.DB
	ring     *seal.Ring
	channels map[string]Channel
	// Holders finds the persons who hold a post that covers a place today (in that organisation when it is named).
	Holders func(ctx context.Context, q store.Queryer, post access.Post, at scope.Path, org string) ([]string, error)
	// Address finds where a channel reaches a person ("" when nowhere) and the person's language ("zh" or "en").
	Address func(ctx context.Context, q store.Queryer, person, channel string) (address, lang string, err error)
	// Quiet is when only urgent letters go out: minutes of the day from and to, in Shanghai. Equal is never.
	QuietFrom, QuietTo int
}

// New makes an office with these channels. Quiet hours are 22:00–8:00.
func New(db *store.DB, ring *seal.Ring, channels ...Channel) *Office {
	o := &Office{db: db, ring: ring, channels: map[string]Channel{}, QuietFrom: 22 * 60, QuietTo: 8 * 60}
	for _, c := range channels {
		o.channels[c.Name()] = c
	}
	return o
}

// template gives the words in force at a place: the nearest a street worded, else the preset.
func template(ctx context.Context, q store.Queryer, code string, at scope.Path) (Template, error) {
	t, ok := presets[code]
	if !ok {
		return t, ErrTemplate
	}
	above := at.Above()
	args := []any{code}
	for _, p := range above {
		args = append(args, string(p))
	}
	err := q.QueryRow(ctx, `select zh_title, zh, en_title, en from outreach_template where code = $1 and path in (`+store.Marks(2, len(above))+`) order by length(path) desc limit 1`, args...).
		Scan(&t.ZhTitle, &t.Zh, &t.EnTitle, &t.En)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return t, err
	}
	return t, nil
}

// Tell writes the messages in the caller's write: one row a receiver. Letters follow after the commit.
func (o *Office) Tell(ctx context.Context, tx *store.Tx, m Message) error {
	t, err := template(ctx, tx, m.Template, m.Path)
	if err != nil {
		return err
	}
	var zh, en []string
	for k, v := range m.Words {
		if own, ok := m.Words[k+"_en"]; ok {
			zh, en = append(zh, "{"+k+"}", v), append(en, "{"+k+"}", own)
		} else {
			zh, en = append(zh, "{"+k+"}", v), append(en, "{"+k+"}", v)
		}
	}
	fillZh, fillEn := strings.NewReplacer(zh...), strings.NewReplacer(en...)
	told := map[string]bool{}
	write := func(person, phone string) error {
		if told[person+"|"+phone] {
			return nil
		}
		told[person+"|"+phone] = true
		id := tx.NewID()
		sealed := []byte{}
		if phone != "" {
			sealed = o.ring.Seal("outreach_message", "phone", id, phone)
		}
		letters := "waiting"
		if len(t.Channels) == 0 {
			letters = "none"
		}
		_, err := tx.Exec(ctx, `insert into outreach_message (id, template, person, phone, path, ref, zh_title, zh, en_title, en, legal, urgent, at, read_at, letters)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 0, $14)`,
			id, m.Template, person, sealed, string(m.Path), m.Ref, fillZh.Replace(t.ZhTitle), fillZh.Replace(t.Zh), fillEn.Replace(t.EnTitle), fillEn.Replace(t.En), t.Legal, t.Urgent, int64(tx.Now), letters)
		if err == nil && person != "" {
			tx.Changed(store.Change{Kind: "message", ID: id, Person: person})
		}
		return err
	}
	for _, to := range m.To {
		switch {
		case to.Person != "":
			err = write(to.Person, "")
		case to.Phone != "":
			err = write("", to.Phone)
		case to.Post != "" && o.Holders != nil:
			var persons []string
			if persons, err = o.Holders(ctx, tx, to.Post, m.Path, to.Org); err != nil {
				return err
			}
			for _, p := range persons {
				if err = write(p, ""); err != nil {
					return err
				}
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Sent tells which persons a message of a template about ref, written at a place, has reached by a channel, and when.
func (o *Office) Sent(ctx context.Context, q store.Queryer, at scope.Path, ref, template, channel string) (map[string]day.Instant, error) {
	type row struct {
		person string
		at     day.Instant
	}
	rows, err := store.All(ctx, q, func(r *sql.Rows) (x row, err error) { err = r.Scan(&x.person, &x.at); return },
		`select m.person, min(l.sent_at) from outreach_letter l join outreach_message m on m.id = l.message
where l.path = $1 and l.state = 'sent' and l.channel = $2 and m.ref = $3 and m.template = $4 and m.person <> '' group by m.person`, string(at), channel, ref, template)
	out := make(map[string]day.Instant, len(rows))
	for _, x := range rows {
		out[x.person] = x.at
	}
	return out, err
}

// Dispatch makes letters of new messages and delivers what is due; it says how many it touched. A job calls it often.
func (o *Office) Dispatch(ctx context.Context, n int) (int, error) {
	made, err := o.address(ctx, n)
	if err != nil {
		return made, err
	}
	sent, err := o.deliver(ctx, n)
	return made + sent, err
}

func (o *Office) address(ctx context.Context, n int) (int, error) {
	type row struct {
		id, template, person string
		path                 scope.Path
		legal, urgent, phone bool
	}
	news, err := store.All(ctx, o.db, func(r *sql.Rows) (x row, err error) {
		err = r.Scan(&x.id, &x.template, &x.person, &x.path, &x.legal, &x.urgent, &x.phone)
		return x, err
	}, `select id, template, person, path, legal, urgent, length(phone) > 0 from outreach_message where letters = 'waiting' order by id limit $1`, n)
	if err != nil || len(news) == 0 {
		return 0, err
	}
	return len(news), o.db.Write(ctx, func(tx *store.Tx) error {
		for _, x := range news {
			made := 0
			for _, c := range presets[x.template].Channels {
				if o.channels[c] == nil || x.phone && c != "sms" {
					continue
				}
				if x.person != "" && !x.legal {
					refuses, err := refuses(ctx, tx, x.person, c)
					if err != nil {
						return err
					}
					if refuses {
						continue
					}
				}
				at := tx.Now
				if !x.urgent {
					at = o.loud(at)
				}
				if _, err := tx.Exec(ctx, `insert into outreach_letter (id, message, channel, person, path, state, tries, next_at, error, provider, at, sent_at)
values ($1, $2, $3, $4, $5, 'waiting', 0, $6, '', '', $7, 0) on conflict (message, channel) do nothing`,
					tx.NewID(), x.id, c, x.person, string(x.path), int64(at), int64(tx.Now)); err != nil {
					return err
				}
				made++
			}
			state := "made"
			if made == 0 {
				state = "none"
			}
			if _, err := tx.Exec(ctx, `update outreach_message set letters = $1 where id = $2`, state, x.id); err != nil {
				return err
			}
		}
		return nil
	})
}

func refuses(ctx context.Context, q store.Queryer, person, channel string) (no bool, err error) {
	err = q.QueryRow(ctx, `select refuses from outreach_choice where person = $1 and channel = $2`, person, channel).Scan(&no)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return no, err
}

// loud is at itself, or the end of the quiet hours it lies in.
func (o *Office) loud(at day.Instant) day.Instant {
	d := at.Day(day.Shanghai)
	m := int(at.Sub(d.Start(day.Shanghai)) / time.Minute)
	from, to := o.QuietFrom, o.QuietTo
	switch {
	case from == to:
	case from < to && m >= from && m < to, from > to && m < to:
		return d.Start(day.Shanghai).Add(time.Duration(to) * time.Minute)
	case from > to && m >= from:
		return d.Add(1).Start(day.Shanghai).Add(time.Duration(to) * time.Minute)
	}
	return at
}

// errNowhere: the channel reaches this person nowhere, which is no failure.
var errNowhere = errors.New("outreach: no address")

// pauses between tries of one letter; after the last it is given up and stays visible as failed.
var pauses = []time.Duration{time.Minute, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 8 * time.Hour}

func (o *Office) deliver(ctx context.Context, n int) (int, error) {
	ids, err := store.Texts(ctx, o.db, `select id from outreach_letter where state = 'waiting' and next_at <= $1 order by next_at limit $2`, int64(o.db.Now()), n)
	if err != nil {
		return 0, err
	}
	for _, id := range ids {
		if err := o.deliverOne(ctx, id); err != nil {
			return 0, err
		}
	}
	return len(ids), nil
}

func (o *Office) deliverOne(ctx context.Context, id string) error {
	var x struct {
		message, channel, person        string
		zhTitle, zh, enTitle, en, phone string
		tries                           int
		sealed                          []byte
		mine                            bool
	}
	// Claiming moves next_at, so that another process does not take the same letter while this one is on its way.
	err := o.db.Write(ctx, func(tx *store.Tx) error {
		claimed, err := tx.Exec(ctx, `update outreach_letter set tries = tries + 1, next_at = $1 where id = $2 and state = 'waiting' and next_at <= $3`,
			int64(tx.Now.Add(2*time.Minute)), id, int64(tx.Now))
		if x.mine = claimed == 1; err != nil || !x.mine {
			return err
		}
		return tx.QueryRow(ctx, `select l.message, l.channel, l.person, l.tries, m.zh_title, m.zh, m.en_title, m.en, m.phone from outreach_letter l join outreach_message m on m.id = l.message where l.id = $1`, id).
			Scan(&x.message, &x.channel, &x.person, &x.tries, &x.zhTitle, &x.zh, &x.enTitle, &x.en, &x.sealed)
	})
	if err != nil || !x.mine {
		return err
	}
	l := Letter{ID: id, Title: x.zhTitle, Text: x.zh}
	var provider string
	c := o.channels[x.channel]
	if len(x.sealed) > 0 {
		l.Address, err = o.ring.Open("outreach_message", "phone", x.message, x.sealed)
	} else if o.Address != nil {
		var lang string
		if l.Address, lang, err = o.Address(ctx, o.db, x.person, x.channel); lang == "en" {
			l.Title, l.Text = x.enTitle, x.en
		}
	}
	switch {
	case err != nil:
	case c == nil:
		err = fmt.Errorf("%w: channel not set up", ErrNever)
	case l.Address == "":
		err = errNowhere
	default:
		provider, err = c.Deliver(ctx, l)
	}
	return o.db.Write(ctx, func(tx *store.Tx) error {
		state, next, what := "sent", day.Instant(0), ""
		sent := tx.Now
		if err != nil {
			state, what, sent = "failed", err.Error(), 0
			if err == errNowhere {
				state, what = "none", ""
			} else if x.tries <= len(pauses) && !errors.Is(err, ErrNever) {
				state, next = "waiting", tx.Now.Add(pauses[x.tries-1])
			}
		}
		_, e := tx.Exec(ctx, `update outreach_letter set state = $1, next_at = $2, error = $3, provider = $4, sent_at = $5 where id = $6 and state = 'waiting'`,
			state, int64(next), what, provider, int64(sent), id)
		return e
	})
}

// Line is a message as its receiver reads it.
type Line struct {
	ID      string      `json:"id"`
	Ref     string      `json:"ref"`
	ZhTitle string      `json:"zh_title"`
	Zh      string      `json:"zh"`
	EnTitle string      `json:"en_title"`
	En      string      `json:"en"`
	Legal   bool        `json:"legal"`
	At      day.Instant `json:"at"`
	ReadAt  day.Instant `json:"read_at"`
}

// Mine lists who's own messages, newest first, below the id before.
func (o *Office) Mine(ctx context.Context, who access.Who, before string, limit int) (items []Line, unread int64, err error) {
	if who.Person == "" {
		return nil, 0, access.ErrSignIn
	}
	cond, args := "", []any{who.Person, limit}
	if before != "" {
		cond, args = " and id < $3", append(args, before)
	}
	items, err = store.All(ctx, o.db, func(r *sql.Rows) (x Line, err error) {
		err = r.Scan(&x.ID, &x.Ref, &x.ZhTitle, &x.Zh, &x.EnTitle, &x.En, &x.Legal, &x.At, &x.ReadAt)
		return x, err
	}, `select id, ref, zh_title, zh, en_title, en, legal, at, read_at from outreach_message where person = $1`+cond+` order by id desc limit $2`, args...)
	if err != nil {
		return nil, 0, err
	}
	unread, err = o.Unread(ctx, who.Person)
	return items, unread, err
}

// Unread counts a person's unread messages, up to 1,000.
func (o *Office) Unread(ctx context.Context, person string) (int64, error) {
	return store.Count(ctx, o.db, `select count(*) from (select 1 as x from outreach_message where person = $1 and read_at = 0 limit 1000) t`, person)
}

// Read marks a message of who's as read, or all of them when id is "all".
func (o *Office) Read(ctx context.Context, who access.Who, id string) error {
	if who.Person == "" {
		return access.ErrSignIn
	}
	return o.db.Write(ctx, func(tx *store.Tx) error {
		if id == "all" {
			_, err := tx.Exec(ctx, `update outreach_message set read_at = $1 where person = $2 and read_at = 0`, int64(tx.Now), who.Person)
			return err
		}
		n, err := tx.Exec(ctx, `update outreach_message set read_at = case when read_at = 0 then $1 else read_at end where id = $2 and person = $3`, int64(tx.Now), id, who.Person)
		if err == nil && n == 0 {
			err = access.ErrMissing
		}
		return err
	})
}

// Choice says whether a person refuses a channel.
type Choice struct {
	Channel string `json:"channel" enum:"sms,wechat,mail"`
	Refuses bool   `json:"refuses"`
}

// Choices are who's own, one for each channel that is set up.
func (o *Office) Choices(ctx context.Context, who access.Who) ([]Choice, error) {
	if who.Person == "" {
		return nil, access.ErrSignIn
	}
	out := []Choice{}
	for name := range o.channels {
		no, err := refuses(ctx, o.db, who.Person, name)
		if err != nil {
			return nil, err
		}
		out = append(out, Choice{name, no})
	}
	slices.SortFunc(out, func(a, b Choice) int { return strings.Compare(a.Channel, b.Channel) })
	return out, nil
}

// Choose sets one of who's own choices.
func (o *Office) Choose(ctx context.Context, who access.Who, c Choice) error {
	if who.Person == "" {
		return access.ErrSignIn
	}
	if o.channels[c.Channel] == nil {
		return ErrChannel
	}
	return o.db.Write(ctx, func(tx *store.Tx) error {
		if _, err := tx.Exec(ctx, `insert into outreach_choice (person, channel, refuses, at) values ($1, $2, $3, $4) on conflict (person, channel) do update set refuses = excluded.refuses, at = excluded.at`,
			who.Person, c.Channel, c.Refuses, int64(tx.Now)); err != nil {
			return err
		}
		return audit.Write(ctx, tx, audit.Entry{By: audit.By{Account: who.Account, Person: who.Person}, Action: "outreach.choose", Ref: "person/" + who.Person, To: c})
	})
}

// Delivery is a letter as staff see it: no address, no text.
type Delivery struct {
	ID       string      `json:"id"`
	Channel  string      `json:"channel"`
	Person   string      `json:"person"`
	Path     scope.Path  `json:"path"`
	Template string      `json:"template"`
	Ref      string      `json:"ref"`
	State    string      `json:"state" enum:"waiting,sent,failed,none" doc:"none: the channel reaches this person nowhere"`
	Tries    int         `json:"tries"`
	NextAt   day.Instant `json:"next_at"`
	Error    string      `json:"error"`
	At       day.Instant `json:"at"`
	SentAt   day.Instant `json:"sent_at"`
}

// Outbox lists deliveries in who's area, newest first.
func (o *Office) Outbox(ctx context.Context, who access.Who, state, before string, limit int) ([]Delivery, error) {
	if err := who.MaySomewhere(SeeOutbox); err != nil {
		return nil, err
	}
	cond, args := scope.Where("l.path", 1, who.Paths(SeeOutbox)...)
	add := func(c, v string) {
		if v != "" {
			args = append(args, v)
			cond += fmt.Sprintf(" and "+c, len(args))
		}
	}
	add("l.state = $%d", state)
	add("l.id < $%d", before)
	args = append(args, limit)
	return store.All(ctx, o.db, func(r *sql.Rows) (x Delivery, err error) {
		err = r.Scan(&x.ID, &x.Channel, &x.Person, &x.Path, &x.Template, &x.Ref, &x.State, &x.Tries, &x.NextAt, &x.Error, &x.At, &x.SentAt)
		return x, err
	}, `select l.id, l.channel, l.person, l.path, m.template, m.ref, l.state, l.tries, l.next_at, l.error, l.at, l.sent_at
from outreach_letter l join outreach_message m on m.id = l.message where `+cond+fmt.Sprintf(` order by l.id desc limit $%d`, len(args)), args...)
}

// Retry sends a failed letter once more.
func (o *Office) Retry(ctx context.Context, who access.Who, id string) error {
	if err := who.MaySomewhere(SeeOutbox); err != nil {
		return err
	}
	return o.db.Write(ctx, func(tx *store.Tx) error {
		var path scope.Path
		err := tx.QueryRow(ctx, `select path from outreach_letter where id = $1 and state = 'failed'`, id).Scan(&path)
		if errors.Is(err, sql.ErrNoRows) {
			return access.ErrMissing
		}
		if err != nil {
			return err
		}
		if err := who.May(SeeOutbox, path); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `update outreach_letter set state = 'waiting', tries = 0, next_at = $1 where id = $2`, int64(tx.Now), id); err != nil {
			return err
		}
		return audit.Write(ctx, tx, audit.Entry{By: who.By(SeeOutbox, path), Action: "outreach.retry", Path: path, Ref: "letter/" + id})
	})
}

// Worded is a template in force at a place.
type Worded struct {
	Code string `json:"code"`
	Template
	Own bool `json:"own" doc:"worded by this street"`
}

// Templates lists the templates in force at a place.
func (o *Office) Templates(ctx context.Context, who access.Who, at scope.Path) ([]Worded, error) {
	if err := who.May(Word, at); err != nil {
		return nil, err
	}
	out := []Worded{}
	for code, preset := range presets {
		t, err := template(ctx, o.db, code, at)
		if err != nil {
			return nil, err
		}
		out = append(out, Worded{code, t, t.Zh != preset.Zh || t.En != preset.En || t.ZhTitle != preset.ZhTitle})
	}
	slices.SortFunc(out, func(a, b Worded) int { return strings.Compare(a.Code, b.Code) })
	return out, nil
}

// SetTemplate words a template for a place and below it.
func (o *Office) SetTemplate(ctx context.Context, who access.Who, code string, at scope.Path, t Template) error {
	if err := who.May(Word, at); err != nil {
		return err
	}
	preset, ok := presets[code]
	if !ok {
		return ErrTemplate
	}
	known := blanks(preset.Zh + preset.ZhTitle + preset.En + preset.EnTitle)
	for _, s := range []string{t.Zh, t.ZhTitle, t.En, t.EnTitle} {
		if strings.TrimSpace(s) == "" || slices.ContainsFunc(blanks(s), func(b string) bool { return !slices.Contains(known, b) }) {
			return ErrWords
		}
	}
	return o.db.Write(ctx, func(tx *store.Tx) error {
		if _, err := tx.Exec(ctx, `insert into outreach_template (code, path, zh_title, zh, en_title, en, by_person, at) values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict (code, path) do update set zh_title = excluded.zh_title, zh = excluded.zh, en_title = excluded.en_title, en = excluded.en, by_person = excluded.by_person, at = excluded.at`,
			code, string(at), t.ZhTitle, t.Zh, t.EnTitle, t.En, who.Person, int64(tx.Now)); err != nil {
			return err
		}
		return audit.Write(ctx, tx, audit.Entry{By: who.By(Word, at), Action: Word.Name, Path: at, Ref: "template/" + code, To: t})
	})
}

func blanks(s string) (out []string) {
	for {
		i := strings.IndexByte(s, '{')
		if i < 0 {
			return out
		}
		j := strings.IndexByte(s[i:], '}')
		if j < 0 {
			return append(out, s[i:]) // an open brace is a blank nobody knows
		}
		out = append(out, s[i:i+j+1])
		s = s[i+j+1:]
	}
}

// Letters reads back what the local sink kept for an address (demo and tests), newest first.
func (o *Office) Letters(ctx context.Context, address string) ([]Letter, error) {
	rows, err := store.All(ctx, o.db, func(r *sql.Rows) (x struct {
		id, channel   string
		address, body []byte
	}, err error) {
		err = r.Scan(&x.id, &x.channel, &x.address, &x.body)
		return x, err
	}, `select id, channel, address, body from outreach_sink order by id desc limit 500`)
	if err != nil {
		return nil, err
	}
	out := []Letter{}
	for _, x := range rows {
		a, err := o.ring.Open("outreach_sink", "address", x.id, x.address)
		if err != nil {
			return nil, err
		}
		if address != "" && a != address {
			continue
		}
		body, err := o.ring.Open("outreach_sink", "body", x.id, x.body)
		if err != nil {
			return nil, err
		}
		var l Letter
		if err := json.Unmarshal([]byte(body), &l); err != nil {
			return nil, err
		}
		out = append(out, l)
	}
	return out, nil
}

// Sealed lists this room's sealed columns, for key rotation.
func Sealed() []seal.Column {
	return []seal.Column{{Table: "outreach_message", Key: "id", Column: "phone"}, {Table: "outreach_sink", Key: "id", Column: "address"}, {Table: "outreach_sink", Key: "id", Column: "body"}}
}
