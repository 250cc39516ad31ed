package committee

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/store"
	"cuobian/rooms/people"
)

// Faults of special teams.
var (
	ErrInTeam  = fault.New(fault.Conflict, "committee.in_team", "此人已在专班中", "this person is in the team already")
	ErrNoTeam  = fault.Bad("person", "committee.not_in_team", "任务只能交给专班成员", "a task goes to somebody in the team")
	ErrTaskDue = fault.Bad("due", "committee.task_due", "期限不能早于今天", "the deadline cannot lie in the past")
	ErrBlocker = fault.Bad("kind", "committee.blocker", "堵点分为启动难、选举难、履职难", "a blocker is of start, elect or perform")
)

// TeamMember is somebody of a special team.
type TeamMember struct {
	ID     string      `json:"id"`
	Person string      `json:"person"`
	Name   string      `json:"name"`
	Role   string      `json:"role"`
	Since  day.Instant `json:"since"`
	Ended  day.Instant `json:"ended,omitempty"`
}

// Task is something that somebody of the team does by a day.
type Task struct {
	ID     string      `json:"id"`
	Words  string      `json:"text"`
	Person string      `json:"person"`
	Name   string      `json:"name"`
	Due    day.Instant `json:"due"`
	At     day.Instant `json:"at"`
	Done   day.Instant `json:"done,omitempty"`
	DoneBy string      `json:"done_by,omitempty"`
	Note   string      `json:"note,omitempty"`
	Late   bool        `json:"late"`
}

// Blocker is what stands in the way.
type Blocker struct {
	ID       string      `json:"id"`
	Path     scope.Path  `json:"path"`
	Forming  string      `json:"forming,omitempty"`
	Org      string      `json:"org,omitempty"`
	Kind     string      `json:"kind" enum:"start,elect,perform" doc:"启动难, 选举难, 履职难"`
	Words    string      `json:"text"`
	At       day.Instant `json:"at"`
	By       string      `json:"by"`
	Solved   day.Instant `json:"solved,omitempty"`
	SolvedBy string      `json:"solved_by,omitempty"`
	Note     string      `json:"note,omitempty"`
}

func (c *Chamber) team(ctx context.Context, q store.Queryer, forming string) ([]TeamMember, error) {
	out, err := store.All(ctx, q, func(r *sql.Rows) (x TeamMember, err error) {
		err = r.Scan(&x.ID, &x.Person, &x.Name, &x.Role, &x.Since, &x.Ended)
		return x, err
	}, `select t.id, t.person, p.name, t.role, t.since, t.ended from committee_team t join people_v_person p on p.id = t.person where t.forming = $1 order by t.id`, forming)
	if out == nil {
		out = []TeamMember{}
	}
	return out, err
}

func (c *Chamber) tasks(ctx context.Context, q store.Queryer, cond string, args ...any) ([]Task, error) {
	now := c.db.Now()
	out, err := store.All(ctx, q, func(r *sql.Rows) (x Task, err error) {
		err = r.Scan(&x.ID, &x.Words, &x.Person, &x.Name, &x.Due, &x.At, &x.Done, &x.DoneBy, &x.Note)
		x.Late = x.Done == 0 && x.Due < now || x.Done > x.Due
		return x, err
	}, `select t.id, t.words, t.person, p.name, t.due, t.at, t.done, t.done_by, t.note from committee_task t join people_v_person p on p.id = t.person where `+cond+` order by t.id`, args...)
	if out == nil {
		out = []Task{}
	}
	return out, err
}

func blockers(ctx context.Context, q store.Queryer, cond string, args ...any) ([]Blocker, error) {
	out, err := store.All(ctx, q, func(r *sql.Rows) (x Blocker, err error) {
		err = r.Scan(&x.ID, &x.Path, &x.Forming, &x.Org, &x.Kind, &x.Words, &x.At, &x.By, &x.Solved, &x.SolvedBy, &x.Note)
		return x, err
	}, `select id, path, forming, org, kind, words, at, by_person, solved, solved_by, note from committee_blocker where `+cond+` order by id`, args...)
	if out == nil {
		out = []Blocker{}
	}
	return out, err
}

// helps reports whether a person is in a forming's team.
func helps(ctx context.Context, q store.Queryer, forming, person string) (bool, error) {
	if person == "" {
		return false, nil
	}
	n, err := store.Count(ctx, q, `select count(*) from committee_team where forming = $1 and person = $2 and ended = 0`, forming, person)
	return n > 0, err
}

// helper reads a forming for whoever takes its steps or is in its team.
func (c *Chamber) helper(ctx context.Context, q store.Queryer, who access.Who, id string) (Forming, error) {
	f, err := c.forming(ctx, q, id)
	if err != nil {
		return f, err
	}
	may := who.May(Form, f.Path)
	if may == nil {
		return f, nil
	}
	if ok, err := helps(ctx, q, id, who.Person); err != nil || ok {
		return f, err
	}
	return f, may
}

// NameTeam puts somebody into the special team. Anybody on the register may help, whatever their post.
func (c *Chamber) NameTeam(ctx context.Context, who access.Who, id, member, role string) error {
	if role = strings.TrimSpace(role); role == "" {
		return ErrWords.At("role")
	}
	return c.db.Write(ctx, func(tx *store.Tx) error {
		w, err := c.begin(ctx, tx, who, Form, id)
		if err != nil {
			return err
		}
		if w.f.Closed != 0 {
			return ErrEnded
		}
		if _, err := c.on.Register.Person(ctx, tx, member); err != nil {
			return err
		}
		n, err := tx.Exec(ctx, `insert into committee_team (id, forming, person, role, since, ended) values ($1, $2, $3, $4, $5, 0) on conflict (forming, person) where ended = 0 do nothing`, tx.NewID(), id, member, role, int64(tx.Now))
		if err == nil && n == 0 {
			err = ErrInTeam
		}
		if err != nil {
			return err
		}
		return c.trail(ctx, tx, who, Form, w.f.Path, "team", w.f.Ref(), "", map[string]string{"person": member, "role": role})
	})
}

// LeaveTeam ends somebody's part in the team.
func (c *Chamber) LeaveTeam(ctx context.Context, who access.Who, id, member string) error {
	return c.db.Write(ctx, func(tx *store.Tx) error {
		w, err := c.begin(ctx, tx, who, Form, id)
		if err != nil {
			return err
		}
		n, err := tx.Exec(ctx, `update committee_team set ended = $1 where forming = $2 and person = $3 and ended = 0`, int64(tx.Now), id, member)
		if err == nil && n == 0 {
			err = ErrMissing
		}
		if err != nil {
			return err
		}
		return c.trail(ctx, tx, who, Form, w.f.Path, "team_end", w.f.Ref(), "", map[string]string{"person": member})
	})
}

// AddTask gives somebody of the team something to do by the end of a day; it is a duty of that person.
func (c *Chamber) AddTask(ctx context.Context, who access.Who, id, words, member string, due day.Day) (t Task, err error) {
	if words = strings.TrimSpace(words); words == "" {
		return t, ErrWords
	}
	err = c.db.Write(ctx, func(tx *store.Tx) error {
		f, err := c.helper(ctx, tx, who, id)
		if err != nil {
			return err
		}
		if f.Closed != 0 {
			return ErrEnded
		}
		if ok, err := helps(ctx, tx, id, member); err != nil || !ok {
			if err == nil {
				err = ErrNoTeam
			}
			return err
		}
		if due < today(tx) {
			return ErrTaskDue
		}
		t = Task{ID: tx.NewID(), Words: words, Person: member, Due: due.End(day.Shanghai), At: tx.Now}
		if _, err := tx.Exec(ctx, `insert into committee_task (id, forming, words, person, due, at, done, done_by, note) values ($1, $2, $3, $4, $5, $6, 0, '', '')`, t.ID, id, words, member, int64(t.Due), int64(t.At)); err != nil {
			return err
		}
		if err := c.owe(ctx, tx, dutyTask, "tasks/"+t.ID, "组建专班任务："+short(words), "a task of the special team", f.Path, holder{person: member}, day.Due{At: t.Due}); err != nil {
			return err
		}
		return c.trail(ctx, tx, who, Form, f.Path, "task", f.Ref(), "", map[string]string{"task": t.ID, "person": member})
	})
	return t, err
}

func short(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}

// DoTask ends a task with a note: by who has it, or by whoever takes the steps.
func (c *Chamber) DoTask(ctx context.Context, who access.Who, id, task, note string) error {
	if note = strings.TrimSpace(note); note == "" {
		return ErrWords.At("note")
	}
	if err := person(who); err != nil {
		return err
	}
	return c.db.Write(ctx, func(tx *store.Tx) error {
		f, err := c.helper(ctx, tx, who, id)
		if err != nil {
			return err
		}
		all, err := c.tasks(ctx, tx, `t.id = $1 and t.forming = $2`, task, id)
		if err != nil {
			return err
		}
		if len(all) == 0 {
			return ErrMissing
		}
		if all[0].Person != who.Person && who.May(Form, f.Path) != nil {
			return access.ErrRefused
		}
		n, err := tx.Exec(ctx, `update committee_task set done = $1, done_by = $2, note = $3 where id = $4 and done = 0`, int64(tx.Now), who.Person, note, task)
		if err == nil && n == 0 {
			err = ErrChanged
		}
		if err != nil {
			return err
		}
		if err := c.met(ctx, tx, dutyTask, "tasks/"+task, who.Person); err != nil {
			return err
		}
		return c.trail(ctx, tx, who, Form, f.Path, "task_done", f.Ref(), "", map[string]string{"task": task})
	})
}

// Block notes what stands in the way: of a forming (forming is its id), or of a committee (org).
func (c *Chamber) Block(ctx context.Context, who access.Who, forming, org, kind, words string) (b Blocker, err error) {
	if !slices.Contains([]string{"start", "elect", "perform"}, kind) {
		return b, ErrBlocker
	}
	if words = strings.TrimSpace(words); words == "" {
		return b, ErrWords
	}
	if err := person(who); err != nil {
		return b, err
	}
	err = c.db.Write(ctx, func(tx *store.Tx) error {
		b = Blocker{ID: tx.NewID(), Forming: forming, Org: org, Kind: kind, Words: words, At: tx.Now, By: who.Person}
		ref := "formings/" + forming
		if forming != "" {
			f, err := c.helper(ctx, tx, who, forming)
			if err != nil {
				return err
			}
			b.Path = f.Path
		} else {
			o, err := c.org(ctx, tx, org)
			if err != nil {
				return err
			}
			if !sits(who, o.Path, org) {
				if err := who.May(Form, o.Path); err != nil {
					return err
				}
			}
			b.Path, ref = o.Path, "committees/"+org
		}
		if _, err := tx.Exec(ctx, `insert into committee_blocker (id, path, street, forming, org, kind, words, at, by_person, solved, solved_by, note) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, '', '')`,
			b.ID, string(b.Path), string(b.Path.Street()), forming, org, kind, words, int64(b.At), b.By); err != nil {
			return err
		}
		return c.trail(ctx, tx, who, Form, b.Path, "block", ref, "", map[string]string{"blocker": b.ID, "kind": kind})
	})
	return b, err
}

// Solve ends a blocker with a note.
func (c *Chamber) Solve(ctx context.Context, who access.Who, id, note string) error {
	if note = strings.TrimSpace(note); note == "" {
		return ErrWords.At("note")
	}
	if err := person(who); err != nil {
		return err
	}
	return c.db.Write(ctx, func(tx *store.Tx) error {
		all, err := blockers(ctx, tx, `id = $1`, id)
		if err != nil {
			return err
		}
		if len(all) == 0 {
			return ErrMissing
		}
		b := all[0]
		may := who.May(Form, b.Path)
		if may != nil && b.Forming != "" {
			ok, err := helps(ctx, tx, b.Forming, who.Person)
			if err != nil {
				return err
			}
			if ok {
				may = nil
			}
		}
		if may != nil && !(b.Org != "" && sits(who, b.Path, b.Org)) {
			return may
		}
		n, err := tx.Exec(ctx, `update committee_blocker set solved = $1, solved_by = $2, note = $3 where id = $4 and solved = 0`, int64(tx.Now), who.Person, note, id)
		if err == nil && n == 0 {
			err = ErrChanged
		}
		if err != nil {
			return err
		}
		return c.trail(ctx, tx, who, Form, b.Path, "solve", "blockers/"+id, "", nil)
	})
}

// isCommittee reports the two kinds of committees.
func isCommittee(o people.Org) bool {
	return o.Kind == people.OwnersCommittee || o.Kind == people.InterimCommittee
}
