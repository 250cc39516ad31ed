package committee

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/store"
	"cuobian/rooms/outreach"
	"cuobian/rooms/people"
)

// Faults of supervisory boards.
var (
	ErrBoardSize = fault.Bad("members", "committee.board_size", "监事会、顾问组由 3 至 5 人组成", "a board has three to five members")
	ErrBoardWho  = fault.Bad("members", "committee.board_who", "成员不能是业委会委员、其家庭成员或物业公司人员", "nobody of the committee, of a member's household or of the property company")
	ErrBoardTwo  = fault.New(fault.Conflict, "committee.board", "这个小区已有在任的监事会（顾问组）", "the compound has a board already")
	ErrBoardNone = fault.New(fault.Conflict, "committee.no_committee", "这个小区没有在任的委员会可以质询", "there is no committee here to ask")
	ErrAnswered  = fault.New(fault.Conflict, "committee.answered", "这项质询已经答复", "this question was answered already")
	ErrAnswerBy  = fault.New(fault.Refused, "committee.answer_by", "质询由委员会主任答复", "the committee's director answers")
)

// Board sizes: 3–5 respected, skilled owners (source pages; no law).
const boardLeast, boardMost = 3, 5

// Question is a board's question with its answer.
type Question struct {
	ID       string      `json:"id"`
	Board    string      `json:"board"`
	Org      string      `json:"org" doc:"the committee asked"`
	Path     scope.Path  `json:"path"`
	Words    string      `json:"text"`
	Person   string      `json:"person"`
	At       day.Instant `json:"at"`
	Due      day.Instant `json:"due"`
	Answer   string      `json:"answer,omitempty"`
	Answered day.Instant `json:"answered,omitempty"`
	By       string      `json:"by,omitempty" doc:"who answered"`
	Late     bool        `json:"late"`
}

func (c *Chamber) questions(ctx context.Context, q store.Queryer, cond string, args ...any) ([]Question, error) {
	now := c.db.Now()
	out, err := store.All(ctx, q, func(r *sql.Rows) (x Question, err error) {
		err = r.Scan(&x.ID, &x.Board, &x.Org, &x.Path, &x.Words, &x.Person, &x.At, &x.Due, &x.Answer, &x.Answered, &x.By)
		x.Late = x.Answered == 0 && x.Due < now || x.Answered > x.Due
		return x, err
	}, `select id, board, org, path, words, person, at, due, answer, answered, by_person from committee_question where `+cond+` order by id`, args...)
	if out == nil {
		out = []Question{}
	}
	return out, err
}

// FoundBoard sets up a supervisory board or an advisory group: three to five persons, apart from the committee, its
// members' households and the company.
func (c *Chamber) FoundBoard(ctx context.Context, who access.Who, compound, name string, persons []string, until day.Day) (o people.Org, err error) {
	err = c.db.Write(ctx, func(tx *store.Tx) error {
		n, err := c.compound(ctx, tx, compound)
		if err != nil {
			return err
		}
		if err := who.May(Form, n.Path); err != nil {
			return err
		}
		if len(persons) < boardLeast || len(persons) > boardMost {
			return ErrBoardSize
		}
		on := today(tx)
		had, err := c.on.Register.OrgsAt(ctx, tx, n.Path, on, people.SupervisoryBoard)
		if err != nil {
			return err
		}
		if len(had) > 0 {
			return ErrBoardTwo
		}
		for i, p := range persons {
			if slices.Contains(persons[:i], p) {
				return ErrGroupSame
			}
			if _, err := c.on.Register.Person(ctx, tx, p); err != nil {
				return err
			}
			apart, err := c.apart(ctx, tx, p, n.Path, on)
			if err != nil {
				return err
			}
			if !apart {
				return ErrBoardWho.At(fmt.Sprintf("members[%d]", i))
			}
		}
		if name = strings.TrimSpace(name); name == "" {
			name = n.Name + "监事会"
		}
		by := who.By(Form, n.Path)
		if o, err = c.on.Register.PutOrg(ctx, tx, by, people.Org{Kind: people.SupervisoryBoard, Name: name, Path: n.Path, FoundedOn: on, To: until, Demo: n.Demo}); err != nil {
			return err
		}
		for _, p := range persons {
			if _, err := c.on.Register.PutTerm(ctx, tx, by, people.Term{Org: o.ID, Post: access.BoardMember, Person: p, Path: n.Path, From: on, To: until}); err != nil {
				return err
			}
		}
		return c.trail(ctx, tx, who, Form, n.Path, "board", "committees/"+o.ID, "", map[string]any{"members": len(persons)})
	})
	return o, err
}

// apart reports that a person is not of the committee, not of a member's household, and not of a company that works here.
func (c *Chamber) apart(ctx context.Context, q store.Queryer, person string, at scope.Path, on day.Day) (bool, error) {
	lo, hi := at.Bounds()
	n, err := store.Count(ctx, q, `select (select count(*) from people_v_term where person = $1 and path = $2 and post in ('committee_director', 'committee_member', 'committee_alternate', 'interim_director', 'interim_member') and from_day <= $3 and (to_day = '' or to_day >= $3))
+ (select count(*) from people_v_term where person = $1 and post in ('property_manager', 'property_staff') and from_day <= $3 and (to_day = '' or to_day >= $3))
+ (select count(*) from people_v_household h join people_v_household m on m.node = h.node and m.person <> h.person
   join people_v_term t on t.person = m.person and t.path = $2 and t.post in ('committee_director', 'committee_member', 'interim_director', 'interim_member') and t.from_day <= $3 and (t.to_day = '' or t.to_day >= $3)
   where h.person = $1 and h.path >= $4 and h.path < $5 and h.from_day <= $3 and (h.to_day = '' or h.to_day >= $3) and m.from_day <= $3 and (m.to_day = '' or m.to_day >= $3))`, person, string(at), on, lo, hi)
	return n == 0, err
}

// AskCommittee is a board's question; the director answers within the days of the preset.
func (c *Chamber) AskCommittee(ctx context.Context, who access.Who, board, words string) (x Question, err error) {
	if words = strings.TrimSpace(words); words == "" {
		return x, ErrWords
	}
	err = c.db.Write(ctx, func(tx *store.Tx) error {
		o, err := c.on.Register.Org(ctx, tx, board)
		if err != nil {
			return err
		}
		if o.Kind != people.SupervisoryBoard {
			return ErrMissing
		}
		if err := who.May(Ask, o.Path); err != nil {
			return err
		}
		if !slices.ContainsFunc(who.Grants, func(g access.Grant) bool { return g.Post == access.BoardMember && g.Org == board }) {
			return access.ErrRefused
		}
		elected, interim, err := c.standing(ctx, tx, o.Path, today(tx))
		if err != nil {
			return err
		}
		committee, post := elected, access.CommitteeDirector
		if committee == nil {
			committee, post = interim, access.InterimDirector
		}
		if committee == nil {
			return ErrBoardNone
		}
		p, cal, _, err := c.rules(ctx, tx, o.Path, today(tx))
		if err != nil {
			return err
		}
		due := room(cal, today(tx), p.Answer)
		x = Question{ID: tx.NewID(), Board: board, Org: committee.ID, Path: o.Path, Words: words, Person: who.Person, At: tx.Now, Due: due.At}
		if _, err := tx.Exec(ctx, `insert into committee_question (id, board, org, path, words, person, at, due, answer, answered, by_person) values ($1, $2, $3, $4, $5, $6, $7, $8, '', 0, '')`,
			x.ID, board, x.Org, string(x.Path), words, who.Person, int64(x.At), int64(x.Due)); err != nil {
			return err
		}
		if err := c.owe(ctx, tx, dutyAnswer, "questions/"+x.ID, "答复监事会（顾问组）质询", "answer the board's question", x.Path, holder{post: post, org: committee.ID}, due); err != nil {
			return err
		}
		if _, err := c.keep(ctx, tx, who, Paper{Org: committee.ID, Path: x.Path, Kind: "question", Zh: "监事会（顾问组）质询", En: "a question of the board", Ref: "questions/" + x.ID}, x); err != nil {
			return err
		}
		if err := c.tell(ctx, tx, x.Path, "questions/"+x.ID, "收到质询", "A question of the board", "监事会（顾问组）提出质询，请按期答复。", "The supervisory board has asked a question; please answer in time.", outreach.To{Post: post, Org: committee.ID}); err != nil {
			return err
		}
		return c.trail(ctx, tx, who, Ask, x.Path, "ask", "committees/"+x.Org, "", map[string]string{"question": x.ID})
	})
	return x, err
}

// AnswerBoard is the director's answer, posted for every owner.
func (c *Chamber) AnswerBoard(ctx context.Context, who access.Who, id, answer string) (x Question, err error) {
	if answer = strings.TrimSpace(answer); answer == "" {
		return x, ErrWords.At("answer")
	}
	err = c.db.Write(ctx, func(tx *store.Tx) error {
		all, err := c.questions(ctx, tx, `id = $1`, id)
		if err != nil {
			return err
		}
		if len(all) == 0 {
			return ErrMissing
		}
		x = all[0]
		if err := who.May(Know, x.Path); err != nil {
			return err
		}
		if !slices.ContainsFunc(who.Grants, func(g access.Grant) bool {
			return (g.Post == access.CommitteeDirector || g.Post == access.InterimDirector) && g.Org == x.Org
		}) {
			return ErrAnswerBy
		}
		n, err := tx.Exec(ctx, `update committee_question set answer = $1, answered = $2, by_person = $3 where id = $4 and answered = 0`, answer, int64(tx.Now), who.Person, id)
		if err == nil && n == 0 {
			err = ErrAnswered
		}
		if err != nil {
			return err
		}
		x.Answer, x.Answered, x.By, x.Late = answer, tx.Now, who.Person, tx.Now > x.Due
		if err := c.met(ctx, tx, dutyAnswer, "questions/"+id, who.Person); err != nil {
			return err
		}
		if _, err := c.keep(ctx, tx, who, Paper{Org: x.Org, Path: x.Path, Kind: "question", Zh: "对质询的答复", En: "the answer to a question", Ref: "questions/" + id, Open: true}, x); err != nil {
			return err
		}
		return c.trail(ctx, tx, who, Sit, x.Path, "answer_board", "committees/"+x.Org, "", map[string]string{"question": id})
	})
	return x, err
}

// QuestionsOf lists a board's questions, newest first: for its members and whoever may read a committee's papers.
func (c *Chamber) QuestionsOf(ctx context.Context, who access.Who, board string) ([]Question, error) {
	o, err := c.on.Register.Org(ctx, c.db, board)
	if err != nil {
		return nil, err
	}
	if o.Kind != people.SupervisoryBoard {
		return nil, ErrMissing
	}
	if err := who.May(Know, o.Path); err != nil {
		return nil, err
	}
	cond := `board = $1`
	if who.May(Read, o.Path) != nil {
		cond += ` and answered > 0`
	}
	return c.questions(ctx, c.db, cond, board)
}
