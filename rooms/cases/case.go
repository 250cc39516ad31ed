package cases

import (
	"context"
	"database/sql"
	"encoding/base32"
	"encoding/json"
	"errors"
	"strings"

	"cuobian/basis/day"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/store"
	"cuobian/rooms/cases/course"
)

// row is a matter as it is kept.
type row struct {
	ID, Number                          string
	Doc                                 int64
	Path                                scope.Path
	District                            string // the six digits of its street's code
	Street, Community, Compound         string
	CompoundName, PlaceText             string
	Category, Kind, Urgency, Level      string
	State                               course.State
	Live                                bool
	Channel, Words                      string
	Raw                                 []byte // sealed; empty where masking changed nothing
	Confidential                        bool
	ByAccount                           string // who typed it
	ReporterKind                        string // self, other, anonymous, machine
	ReporterPerson, ReporterAccount     string
	ClientKey, Last4                    string
	HolderOrg, HolderPost, HolderPerson string
	Dispatcher                          string   // actor who dispatched last
	Co                                  []string // persons who help
	Hands                               []string // actors who took, worked on or handled it, in any round
	BeforeHands                         []string // those of earlier rounds
	Verifier                            string
	Created, Updated                    day.Instant
	Version                             int64
	AcceptDue, RespondDue, RespondedAt  day.Instant
	ActDue, ActedAt                     day.Instant // of urgent matters
	SiteDue, ArrivedAt                  day.Instant
	ResolveDue                          day.Instant
	Provisional                         bool
	Due                                 day.Instant // ResolveDue while the clock of resolution runs, else 0
	ReturnDue                           day.Instant
	HandledAt, VerifiedAt               day.Instant
	OnTime                              sql.NullBool
	ConfirmDue, ConfirmedAt             day.Instant
	Confirmation                        string
	CallbackDue, CalledBackAt           day.Instant
	Callback                            string
	Tries                               int64
	ClosedAt                            day.Instant
	PauseReason                         string
	PausedUntil                         day.Instant
	Extension                           string // "", asked, granted, declined
	Objection                           string // "", raised, upheld, rejected
	DecideDue, MediateDue               day.Instant
	Photos                              int64
	Returned, Reopened                  int64
	Stage                               string // of mediation: community, street, district
	Urged                               int64
	MergedInto                          string
	Followers                           int64
	SourceRef                           string
	Rules                               string // the rule pack it was taken in under
}

// texts is a list of texts in one column, as JSON.
type texts struct{ at *[]string }

func (t texts) Scan(from any) error {
	var s string
	switch v := from.(type) {
	case string:
		s = v
	case []byte:
		s = string(v)
	}
	*t.at = nil
	if s == "" {
		return nil
	}
	return json.Unmarshal([]byte(s), t.at)
}

func (t texts) text() string {
	if len(*t.at) == 0 {
		return ""
	}
	b, _ := json.Marshal(*t.at)
	return string(b)
}

type cell struct {
	name  string
	at    any
	fixed bool // written once
}

func (c *row) cells() []cell {
	f := func(name string, at any) cell { return cell{name, at, true} }
	v := func(name string, at any) cell { return cell{name, at, false} }
	return []cell{
		f("id", &c.ID), f("number", &c.Number), f("doc", &c.Doc), f("path", &c.Path), f("district", &c.District), f("street", &c.Street), f("community", &c.Community),
		f("compound", &c.Compound), f("compound_name", &c.CompoundName), f("place_text", &c.PlaceText), v("category", &c.Category),
		v("kind", &c.Kind), v("urgency", &c.Urgency), v("level", &c.Level), v("state", &c.State), v("live", &c.Live), f("channel", &c.Channel),
		f("words", &c.Words), f("raw", &c.Raw), v("confidential", &c.Confidential), f("by_account", &c.ByAccount), f("reporter_kind", &c.ReporterKind),
		f("reporter_person", &c.ReporterPerson), f("reporter_account", &c.ReporterAccount), f("client_key", &c.ClientKey), f("last4", &c.Last4),
		v("holder_org", &c.HolderOrg), v("holder_post", &c.HolderPost), v("holder_person", &c.HolderPerson), v("dispatcher", &c.Dispatcher),
		v("co", texts{&c.Co}), v("hands", texts{&c.Hands}), v("before_hands", texts{&c.BeforeHands}), v("verifier", &c.Verifier),
		f("created", &c.Created), v("updated", &c.Updated), v("version", &c.Version), v("accept_due", &c.AcceptDue), v("respond_due", &c.RespondDue),
		v("responded_at", &c.RespondedAt), v("act_due", &c.ActDue), v("acted_at", &c.ActedAt), v("site_due", &c.SiteDue), v("arrived_at", &c.ArrivedAt),
		v("resolve_due", &c.ResolveDue), v("provisional", &c.Provisional), v("due", &c.Due),
		v("return_due", &c.ReturnDue), v("handled_at", &c.HandledAt), v("verified_at", &c.VerifiedAt), v("on_time", &c.OnTime),
		v("confirm_due", &c.ConfirmDue), v("confirmed_at", &c.ConfirmedAt), v("confirmation", &c.Confirmation), v("callback_due", &c.CallbackDue),
		v("called_back_at", &c.CalledBackAt), v("callback", &c.Callback), v("tries", &c.Tries), v("closed_at", &c.ClosedAt),
		v("pause_reason", &c.PauseReason), v("paused_until", &c.PausedUntil), v("extension", &c.Extension), v("objection", &c.Objection),
		v("decide_due", &c.DecideDue), v("mediate_due", &c.MediateDue), v("photos", &c.Photos), v("returned", &c.Returned), v("reopened", &c.Reopened),
		v("stage", &c.Stage), v("urged", &c.Urged), v("merged_into", &c.MergedInto), v("followers", &c.Followers), f("source_ref", &c.SourceRef),
		f("rules", &c.Rules),
	}
}

// value is what is written for a cell.
func value(at any) any {
	switch p := at.(type) {
	case *string:
		return *p
	case *int64:
		return *p
	case *bool:
		return *p
	case *[]byte:
		if *p == nil {
			return []byte{}
		}
		return *p
	case *day.Instant:
		return int64(*p)
	case *scope.Path:
		return string(*p)
	case *course.State:
		return string(*p)
	case *sql.NullBool:
		if !p.Valid {
			return nil
		}
		return p.Bool
	case texts:
		return p.text()
	}
	panic("cases: a column of an unknown type")
}

// unlessThere ends an insert that may meet a matter of the same number or key.
const unlessThere = ` on conflict do nothing`

var caseColumns, caseInsert, caseInsertPostgres, caseUpdate = func() (cols, ins, insPG, upd string) {
	var names, sets []string
	for _, c := range new(row).cells() {
		names = append(names, c.name)
		if !c.fixed {
			sets = append(sets, c.name)
		}
	}
	cols = strings.Join(names, ", ")
	ins = `insert into cases_case (` + cols + `) values (` + store.Marks(1, len(names)) + `)`
	insPG = `insert into cases_case (` + cols + `, tokens) values (` + store.Marks(1, len(names)) + `, ` + wordsPostgres(len(names)+1) + `)`
	upd = `update cases_case set (` + strings.Join(sets, ", ") + `) = (` + store.Marks(1, len(sets)) + `)`
	upd += ` where id = ` + store.Marks(len(sets)+1, 1) + ` and version = ` + store.Marks(len(sets)+2, 1)
	return
}()

var caseInsertCareful, caseInsertPostgresCareful = caseInsert + unlessThere, caseInsertPostgres + unlessThere

func scanRow(r interface{ Scan(...any) error }) (c row, err error) {
	cells := c.cells()
	to := make([]any, len(cells))
	for i := range cells {
		to[i] = cells[i].at
	}
	err = r.Scan(to...)
	return c, err
}

func scanRows(r *sql.Rows) (row, error) { return scanRow(r) }

func readRow(ctx context.Context, q store.Queryer, id string) (row, error) {
	return oneRow(q.QueryRow(ctx, `select `+caseColumns+` from cases_case where id = $1`, id))
}

func readNumber(ctx context.Context, q store.Queryer, number string) (row, error) {
	return oneRow(q.QueryRow(ctx, `select `+caseColumns+` from cases_case where number = $1`, number))
}

func oneRow(r *sql.Row) (row, error) {
	c, err := scanRow(r)
	if errors.Is(err, sql.ErrNoRows) {
		return c, access.ErrMissing
	}
	return c, err
}

// insert writes a new matter; false where its number or its key is already there.
func (c *row) insert(ctx context.Context, tx *store.Tx) (bool, error) {
	cells := c.cells()
	args := make([]any, 0, len(cells)+1)
	for _, x := range cells {
		args = append(args, value(x.at))
	}
	text, careful := caseInsert, caseInsertCareful
	if tx.DB().Engine == store.Postgres {
		text, careful = caseInsertPostgres, caseInsertPostgresCareful
		args = append(args, quoted(c.tokens(), " "))
	}
	if !tx.Gathers() {
		text = careful // what is gathered and meets one comes here again
	}
	n, err := tx.Exec(ctx, text, args...)
	return n == 1, err
}

// update writes what may change; a matter that somebody else changed meanwhile is ErrChanged.
func (c *row) update(ctx context.Context, tx *store.Tx, version int64) error {
	c.Version = version + 1
	var args []any
	for _, x := range c.cells() {
		if !x.fixed {
			args = append(args, value(x.at))
		}
	}
	n, err := tx.Exec(ctx, caseUpdate, append(args, c.ID, version)...)
	if err == nil && n == 0 {
		return ErrChanged
	}
	return err
}

// place fills the columns that lists look for.
func (c *row) place(p scope.Path) {
	c.Path = p
	parts := strings.Split(strings.TrimSuffix(string(p), "/"), "/")
	c.Street = parts[0]
	if len(c.Street) > 6 {
		c.District = c.Street[:6]
	}
	if len(parts) > 1 {
		c.Community = parts[1]
	}
	if len(parts) > 2 {
		c.Compound = parts[2]
	}
}

var idText = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// docOf makes the whole number by which the full-text index orders a matter: the milliseconds of its id since 2020,
// twelve bits of its sequence, ten random bits. Later ids give greater numbers.
func docOf(id string) int64 {
	b, err := idText.DecodeString(id + strings.Repeat("0", 24-len(id)))
	if err != nil || len(b) < 13 {
		return 0
	}
	var ms, rest uint64
	for _, x := range b[:6] {
		ms = ms<<8 | uint64(x)
	}
	for _, x := range b[6:11] {
		rest = rest<<8 | uint64(x)
	}
	seq := rest >> 20 & 0xfff // the 20 bits of sequence lead the 40 of rest
	random := rest >> 10 & 0x3ff
	const since2020 = 1577836800000
	return int64((ms-since2020)<<22 | seq<<10 | random)
}

// idAt is not above any id made at or after an instant.
func idAt(at day.Instant) string {
	var b [15]byte
	for i, ms := 5, uint64(max(at, 0))/1000; i >= 0; i-- {
		b[i] = byte(ms)
		ms >>= 8
	}
	return idText.EncodeToString(b[:])[:20]
}
