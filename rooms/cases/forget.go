package cases

import (
	"context"
	"database/sql"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/store"
	"cuobian/rooms/cases/course"
)

// ErrNeeded says why a reporter's data cannot be deleted yet.
var ErrNeeded = fault.New(fault.Conflict, "cases.needed", "事项办结前需要联系方式回访，办结后可以删除", "until the matter is closed the number is needed for the call-back; it can be deleted afterwards")

// Kept is what is kept about somebody in one matter, for themselves.
type Kept struct {
	ID     string      `json:"id"`
	Number string      `json:"number"`
	State  string      `json:"state"`
	At     day.Instant `json:"at"`
	As     string      `json:"as" enum:"self,other,follower,machine"`
	Name   string      `json:"name"`
	Phone  string      `json:"phone"`
	Text   string      `json:"text" doc:"as it was sent"`
}

// Mine shows somebody the words, names and numbers that matters keep from them, newest first; it leaves an entry.
func (d *Desk) Mine(ctx context.Context, who access.Who) ([]Kept, error) {
	if who.Account == "" {
		return nil, access.ErrSignIn
	}
	type kept struct {
		Kept
		rid, words       string
		name, phone, raw []byte
	}
	rows, err := store.All(ctx, d.db, func(r *sql.Rows) (k kept, err error) {
		err = r.Scan(&k.ID, &k.Number, &k.State, &k.At, &k.As, &k.rid, &k.name, &k.phone, &k.words, &k.raw)
		return k, err
	}, `select c.id, c.number, c.state, c.created, r.kind, r.id, r.name, r.phone, c.words, c.raw from cases_reporter r join cases_case c on c.id = r.case_id
where r.account = $1 and r.account <> '' order by r.case_id desc limit 200`, who.Account)
	if err != nil {
		return nil, err
	}
	out := []Kept{}
	for _, k := range rows {
		if k.Name, err = d.ring.Open("cases_reporter", "name", k.rid, k.name); err != nil {
			return nil, err
		}
		if k.Phone, err = d.ring.Open("cases_reporter", "phone", k.rid, k.phone); err != nil {
			return nil, err
		}
		if k.As != "follower" {
			k.Text = k.words
			if len(k.raw) > 0 {
				if k.Text, err = d.ring.Open("cases_case", "raw", k.ID, k.raw); err != nil {
					return nil, err
				}
			}
		}
		out = append(out, k.Kept)
	}
	return out, d.db.Write(ctx, func(tx *store.Tx) error {
		return audit.Write(ctx, tx, audit.Entry{By: audit.By{Account: who.Account, Person: who.Person}, Action: "cases.own_data", Ref: "account/" + who.Account})
	})
}

// Forget deletes the name and number that a closed matter keeps from who, and, where who reported it, the unmasked
// words. Staff who may see them may delete them for a reporter who asks on the telephone, with the reason. The masked
// words and what was done stay: they are the record of the work.
func (d *Desk) Forget(ctx context.Context, who access.Who, id, reason string) (Case, error) {
	who = d.live(who)
	var out row
	err := d.db.Write(ctx, func(tx *store.Tx) error {
		if who.Account == "" && !who.System {
			return access.ErrSignIn
		}
		old, err := readRow(ctx, tx, id)
		if err != nil {
			return err
		}
		follows, err := store.Count(ctx, tx, `select count(*) from cases_reporter where case_id = $1 and account = $2 and account <> '' and kind = 'follower'`, id, who.Account)
		if err != nil {
			return err
		}
		mine := old.reportedBy(who)
		if !mine && follows == 0 && !d.sees(who, old) {
			return access.ErrMissing
		}
		out, err = d.change(ctx, tx, who, old, func(s *scene) error {
			if !mine && follows == 0 {
				if err := s.may(Reveal); err != nil {
					return err
				}
				if !d.seesReporter(who, old) {
					return access.ErrRefused
				}
				if reason == "" {
					return ErrReason
				}
			}
			if s.c.State.Live() {
				return ErrNeeded
			}
			if !mine && follows > 0 {
				return s.forget(reason, emptyReporter+` and account = $3 and kind = 'follower'`, []byte{}, id, who.Account)
			}
			return s.forgetReporter(reason)
		})
		return err
	})
	if err != nil {
		return Case{}, err
	}
	if !d.sees(who, out) {
		return Case{ID: out.ID, Number: out.Number, State: string(out.State), CoHandlers: []string{}, Photos: []Photo{}, May: []string{}}, nil
	}
	return d.show(ctx, d.db, who, out)
}

const emptyReporter = `update cases_reporter set name = $1, phone = $1, phone_index = '', shown_name = '', shown_phone = '' where case_id = $2`

// forget writes the event and empties what the statement names.
func (s *scene) forget(reason, statement string, args ...any) error {
	s.why = mask(reason)
	if err := s.do(course.Forget, false, Facts{}, reason); err != nil {
		return err
	}
	_, err := s.tx.Exec(s.ctx, statement, args...)
	return err
}

// forgetReporter empties the reporter's name and number and the unmasked words.
func (s *scene) forgetReporter(reason string) error {
	if err := s.forget(reason, emptyReporter+` and kind <> 'follower'`, []byte{}, s.c.ID); err != nil {
		return err
	}
	_, err := s.tx.Exec(s.ctx, `update cases_case set raw = $1, last4 = '' where id = $2`, []byte{}, s.c.ID)
	return err
}

// ForgetPerson does the same in every closed matter that a person reported, in the write in which the register makes
// the person anonymous. Open matters keep what is needed to answer, until they are closed and asked about again.
func (d *Desk) ForgetPerson(ctx context.Context, tx *store.Tx, who access.Who, person, why string) error {
	if person == "" {
		return nil
	}
	ids, err := store.Texts(ctx, tx, `select id from cases_case where reporter_person = $1 and not live`, person)
	if err != nil {
		return err
	}
	for _, id := range ids {
		old, err := readRow(ctx, tx, id)
		if err != nil {
			return err
		}
		if _, err := d.change(ctx, tx, who, old, func(s *scene) error { return s.forgetReporter(why) }); err != nil {
			return err
		}
	}
	return nil
}
