package money

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/store"
	"cuobian/rooms/duty"
	"cuobian/rooms/outreach"
)

const dutyAnswer = "money.answer" // answer a question about a line

// Faults of questions.
var (
	ErrOwners   = fault.New(fault.Refused, "money.owners", "只有本小区的业主、住户可以提问", "only owners and residents of the compound may ask")
	ErrAbout    = fault.Bad("entry", "money.about", "请指明哪一份报表或者哪一笔", "say which statement or which line")
	ErrAnswered = fault.New(fault.Conflict, "money.answered", "已经答复过", "it is answered already")
)

// Question is an owner's about a published statement or a line of one.
type Question struct {
	ID        string      `json:"id"`
	Compound  string      `json:"compound"`
	Path      scope.Path  `json:"path"`
	Statement string      `json:"statement,omitempty"`
	Entry     string      `json:"entry,omitempty"`
	Text      string      `json:"text"`
	At        day.Instant `json:"at"`
	Due       day.Instant `json:"due"`
	Answer    string      `json:"answer,omitempty"`
	Answered  day.Instant `json:"answered,omitempty"`
	Late      bool        `json:"late"`
	Mine      bool        `json:"mine"`
	person    string
}

func (t *Till) questions(ctx context.Context, q store.Queryer, who access.Who, cond string, args ...any) ([]Question, error) {
	now := t.db.Now()
	list, err := store.All(ctx, q, func(r *sql.Rows) (x Question, err error) {
		err = r.Scan(&x.ID, &x.Compound, &x.Path, &x.Statement, &x.Entry, &x.person, &x.Text, &x.At, &x.Due, &x.Answer, &x.Answered)
		x.Late = x.Answered == 0 && x.Due < now || x.Answered > x.Due
		x.Mine = x.person != "" && x.person == who.Person
		return x, err
	}, `select id, compound, path, statement, entry, person, words, at, due, answer, answered from money_question where `+cond+` order by id desc limit 200`, args...)
	if list == nil {
		list = []Question{}
	}
	return list, err
}

// belongs reports whether who owns or lives in the compound.
func belongs(who access.Who, at scope.Path) bool { return who.Holds(at, access.Resident) }

// Ask asks about a line or a statement that stands on the board. The committee answers within the days of the rules.
func (t *Till) Ask(ctx context.Context, who access.Who, compound, statementID, entry, words string) (x Question, err error) {
	if err := person(who); err != nil {
		return x, err
	}
	if words = strings.TrimSpace(words); words == "" {
		return x, ErrWords
	}
	err = t.db.Write(ctx, func(tx *store.Tx) error {
		n, err := t.compound(ctx, tx, compound)
		if err != nil {
			return err
		}
		if !belongs(who, n.Path) {
			own, err := owns(ctx, tx, who.Person, n.Path, today(tx))
			if err != nil {
				return err
			}
			if !own {
				return ErrOwners
			}
		}
		if statementID == "" && entry == "" {
			return ErrAbout
		}
		if statementID != "" {
			if k, err := store.Count(ctx, tx, `select count(*) from money_statement where id = $1 and compound = $2 and posted > 0`, statementID, n.ID); err != nil || k == 0 {
				if err == nil {
					err = ErrAbout
				}
				return err
			}
		}
		if entry != "" {
			if _, err := t.onBoard(ctx, tx, n.ID, entry); err != nil {
				if err == ErrMissing {
					err = ErrAbout
				}
				return err
			}
		}
		p, cal, _, err := t.rules(ctx, tx, n.Path, today(tx))
		if err != nil {
			return err
		}
		due := cal.Deadline(tx.Now, p.Answer, day.Hours{})
		x = Question{ID: tx.NewID(), Compound: n.ID, Path: n.Path, Statement: statementID, Entry: entry, Text: words, At: tx.Now, Due: due.At, Mine: true}
		if _, err := tx.Exec(ctx, `insert into money_question (id, compound, path, street, statement, entry, person, words, at, due, answer, answered, by_person) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, '', 0, '')`,
			x.ID, x.Compound, string(x.Path), string(x.Path.Street()), x.Statement, x.Entry, who.Person, x.Text, int64(x.At), int64(x.Due)); err != nil {
			return err
		}
		o := duty.Owe{Kind: dutyAnswer, Ref: "money-questions/" + x.ID, Path: n.Path, Post: access.CommunityOfficer, Zh: "答复业主对公共收益账目的询问", En: "answer an owner's question about the accounts"}
		if c, _, _, err := t.committeeAt(ctx, tx, n.Path, today(tx)); err == nil {
			o.Post, o.Org = access.CommitteeDirector, c.ID
		} else if err != ErrCommittee {
			return err
		}
		if err := t.owe(ctx, tx, o, due); err != nil {
			return err
		}
		return t.trail(ctx, tx, who, Look, n.Path, "ask", "money-questions/"+x.ID, "", map[string]string{"statement": statementID, "entry": entry})
	})
	return x, err
}

// Questions lists a compound's: to those who may read its books all, to owners and residents their own and those answered.
func (t *Till) Questions(ctx context.Context, who access.Who, compound string) ([]Question, error) {
	n, err := t.compound(ctx, t.db, compound)
	if err != nil {
		return nil, err
	}
	if t.may(ctx, t.db, who, Read, n.Path) == nil {
		return t.questions(ctx, t.db, who, `compound = $1`, compound)
	}
	if !belongs(who, n.Path) {
		return nil, ErrMissing
	}
	return t.questions(ctx, t.db, who, `compound = $1 and (person = $2 or answered > 0)`, compound, who.Person)
}

// Answer answers a question: the committee's director or a member, or the community; never who asked it.
func (t *Till) Answer(ctx context.Context, who access.Who, id, words string) (x Question, err error) {
	if err := person(who); err != nil {
		return x, err
	}
	if words = strings.TrimSpace(words); words == "" {
		return x, ErrWords
	}
	err = t.db.Write(ctx, func(tx *store.Tx) error {
		all, err := t.questions(ctx, tx, who, `id = $1`, id)
		if err != nil {
			return err
		}
		if len(all) == 0 {
			return ErrMissing
		}
		x = all[0]
		if err := t.may(ctx, tx, who, Apply, x.Path); err != nil {
			return err
		}
		if x.person == who.Person {
			return access.ErrRefused
		}
		x.Answer, x.Answered = words, tx.Now
		x.Late = x.Answered > x.Due
		n, err := tx.Exec(ctx, `update money_question set answer = $2, answered = $3, by_person = $4 where id = $1 and answered = 0`, id, words, int64(tx.Now), who.Person)
		if err == nil && n == 0 {
			err = ErrAnswered
		}
		if err != nil {
			return err
		}
		if err := t.on.Duty.End(ctx, tx, dutyAnswer, "money-questions/"+id, who.Person); err != nil {
			return err
		}
		if err := t.tell(ctx, tx, x.Path, "money-questions/"+id, "您对账目的询问已答复", "Your question about the accounts is answered", fmt.Sprintf("答复：%s", words), "Answer: "+words, outreach.To{Person: x.person}); err != nil {
			return err
		}
		return t.trail(ctx, tx, who, Apply, x.Path, "answer", "money-questions/"+id, "", nil)
	})
	return x, err
}
