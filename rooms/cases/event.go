package cases

import (
	"context"
	"database/sql"
	"encoding/json"

	"cuobian/basis/day"
	"cuobian/platform/access"
	"cuobian/platform/store"
	"cuobian/rooms/cases/clock"
	"cuobian/rooms/cases/course"
)

// Facts are the particulars of an event. They hold ids, codes and names of organisations, never a reporter's data.
type Facts struct {
	Category string   `json:"category,omitempty"`
	Kind     string   `json:"kind,omitempty"`
	Urgency  string   `json:"urgency,omitempty"`
	Level    string   `json:"level,omitempty"`
	Channel  string   `json:"channel,omitempty"`
	Org      string   `json:"org,omitempty"`
	OrgName  string   `json:"org_name,omitempty"`
	Post     string   `json:"post,omitempty"`
	Person   string   `json:"person,omitempty"`
	Name     string   `json:"name,omitempty"` // of the person who works on it
	Reason   string   `json:"reason,omitempty"`
	N        int      `json:"n,omitempty"`
	Unit     string   `json:"unit,omitempty"`
	Result   string   `json:"result,omitempty"`
	Mark     string   `json:"mark,omitempty"` // contacted, acting, arrived
	Number   string   `json:"number,omitempty"`
	Case     string   `json:"case,omitempty"`
	Stage    string   `json:"stage,omitempty"`
	Street   bool     `json:"street,omitempty"` // the street decides the holder now
	Phone    bool     `json:"phone,omitempty"`  // by telephone, through staff
	Add      []string `json:"add,omitempty"`
	Remove   []string `json:"remove,omitempty"`
	Field    string   `json:"field,omitempty"`
}

// event is one thing that happened to a matter.
type event struct {
	ID      string
	At      day.Instant
	Kind    string
	Account string
	Person  string
	Name    string // of staff; a reporter's is left out
	Post    string
	Public  bool // may be read by everybody, without names
	Facts   Facts
	Words   string // a remark, masked
}

func scanEvent(r *sql.Rows) (e event, err error) {
	var facts string
	if err = r.Scan(&e.ID, &e.At, &e.Kind, &e.Account, &e.Person, &e.Name, &e.Post, &e.Public, &facts, &e.Words); err != nil {
		return e, err
	}
	return e, json.Unmarshal([]byte(facts), &e.Facts)
}

func readEvents(ctx context.Context, q store.Queryer, id string) ([]event, error) {
	return store.All(ctx, q, scanEvent, `select id, at, kind, account, person, name, post, public, facts, words from cases_event where case_id = $1 order by id`, id)
}

func (e event) insert(ctx context.Context, tx *store.Tx, id string) error {
	facts, err := json.Marshal(e.Facts)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `insert into cases_event (id, case_id, at, kind, account, person, name, post, public, facts, words) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		e.ID, id, int64(e.At), e.Kind, e.Account, e.Person, e.Name, e.Post, e.Public, string(facts), e.Words)
	return err
}

// actor is who acts, as it is compared: the person, or the account where it has none.
func actor(who access.Who) string {
	switch {
	case who.Person != "":
		return who.Person
	case who.Account != "":
		return "account:" + who.Account
	}
	return ""
}

func (e event) actor() string { return actor(access.Who{Account: e.Account, Person: e.Person}) }

// length is the key by which the period of resolution is looked up.
func length(kind, level string) string {
	if kind == "consult" {
		return "consult"
	}
	return level
}

// ticks are what the clocks know of the events.
func ticks(log []event) []clock.Event {
	var out []clock.Event
	for _, e := range log {
		t := clock.Event{At: e.At, Reason: e.Facts.Reason, N: e.Facts.N, Urgent: e.Facts.Urgency == Urgent, Length: length(e.Facts.Kind, e.Facts.Level)}
		switch course.Step(e.Kind) {
		case course.Report, course.Classify, course.Dispatch, course.Take, course.Return, course.Pause, course.Resume, course.Extend,
			course.Handle, course.Verify, course.Fail, course.Confirm, course.Silence, course.Callback, course.Reopen, course.Mediate, course.Refuse, course.Split:
			t.Kind = clock.Kind(e.Kind)
		case course.Handover:
			t.Kind = clock.Resumed // whoever takes it on begins with a running clock
		case course.Remark:
			if e.Facts.Mark == "" {
				continue
			}
			t.Kind = clock.Kind(e.Facts.Mark)
		case course.Close, course.Merge, course.Withdraw, course.Settle:
			t.Kind = clock.Ended
		default:
			continue
		}
		out = append(out, t)
	}
	return out
}

// count writes the clocks of a matter into its row.
func (c *row) count(cal *day.Calendar, p clock.Periods, log []event, now day.Instant) clock.Clocks {
	k := clock.Run(cal, p, ticks(log), now)
	c.AcceptDue, c.ReturnDue = k.Accept.Due.At, k.Return.Due.At
	c.RespondDue, c.RespondedAt = k.Answer.Due.At, k.Answer.Met
	c.ActDue, c.ActedAt, c.SiteDue, c.ArrivedAt = k.Act.Due.At, k.Act.Met, k.Site.Due.At, k.Site.Met
	c.ResolveDue, c.Provisional = k.Resolve.Due.At, k.Resolve.Due.Provisional
	c.VerifiedAt = k.Resolve.Met
	c.Due = 0
	if k.Resolve.Runs() && c.State.Live() {
		c.Due = k.Resolve.Due.At
	}
	c.ConfirmDue, c.CallbackDue = k.Confirm.Due.At, k.Callback.Due.At
	c.PauseReason, c.PausedUntil = k.PauseReason, k.PausedUntil
	c.OnTime = sql.NullBool{}
	// An open matter that is overdue is told by its due; only what cannot change any more is kept.
	if k.Missed || k.Resolve.Met != 0 {
		_, on := k.OnTime(now)
		c.OnTime = sql.NullBool{Bool: on, Valid: true}
	}
	c.Live = c.State.Live()
	return k
}
