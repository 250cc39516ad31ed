package duty

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/store"
)

// State of a duty.
type State string

const (
	Open  State = "open"
	Done  State = "done"
	Ended State = "ended"
	Void  State = "void"
)

// Everyone who can owe anything.
var staff = []access.Post{
	access.DistrictOfficer, access.StreetLeader, access.DivisionCadre, access.SectionCadre, access.StreetOfficer, access.HotlineOperator,
	access.CommunitySecretary, access.CommunityOfficer, access.BranchSecretary, access.GroupLeader, access.BuildingLead, access.LaneLead,
	access.CommitteeDirector, access.CommitteeMember, access.InterimDirector, access.InterimMember, access.BoardMember,
	access.PropertyManager, access.PropertyStaff, access.GridWorker, access.Judge, access.Police, access.Supervisor,
	access.Expert, access.VolunteerLeader, access.JointMember,
}

// What posts may do with duties.
var (
	Work       = access.Declare("duty.work", "办理自己的责任事项", "work on one's own duties", staff...)
	Oversee    = access.Declare("duty.oversee", "查看辖区内逾期情况", "see what is overdue in one's area", access.DistrictOfficer, access.StreetLeader, access.DivisionCadre, access.SectionCadre, access.StreetOfficer, access.CommunitySecretary, access.CommunityOfficer, access.PropertyManager, access.Auditor)
	EndDuty    = access.Declare("duty.end", "核实并办结责任事项", "check and end a duty", access.StreetOfficer, access.StreetLeader, access.CommunitySecretary, access.CommunityOfficer, access.SectionCadre, access.Supervisor)
	SetLadders = access.Declare("duty.ladder", "设定提醒升级阶梯", "set reminder ladders", access.StreetOfficer, access.StreetLeader)
	JudgeCards = access.Declare("duty.card", "裁定黄红牌申诉", "decide appeals against cards", access.StreetOfficer, access.StreetLeader, access.DistrictOfficer)
)

// Faults of the room.
var (
	ErrState    = fault.New(fault.Conflict, "duty.state", "这件事已经办过了，请刷新", "this duty has moved on, please reload")
	ErrOwn      = fault.New(fault.Refused, "duty.own", "办理人不能核实自己办的事", "whoever did it cannot end it")
	ErrEvidence = fault.Bad("note", "duty.evidence", "请写明办理情况，并附上要求的凭据", "say what was done and attach what is asked for")
	ErrReason   = fault.Bad("reason", "duty.reason", "请写明移交理由", "please give a reason")
	ErrSteps    = fault.New(fault.Refused, "duty.own_steps", "这件事请在事项里办理，办完这里自动结束", "this is worked on in its matter; it ends here by itself")
	ErrToWhom   = fault.Bad("to", "duty.to", "只能移交给在该处任职的人", "only somebody who holds a post there can take it over")
)

// Duty is something owed.
type Duty struct {
	ID          string      `json:"id"`
	Kind        string      `json:"kind"`
	Ref         string      `json:"ref" doc:"what it is about: kind and id, such as cases/0k3…"`
	Zh          string      `json:"zh"`
	En          string      `json:"en"`
	Path        scope.Path  `json:"path"`
	Post        access.Post `json:"post"`
	Org         string      `json:"org"`
	Person      string      `json:"person"`
	Starts      day.Instant `json:"starts"`
	Due         day.Instant `json:"due"`
	Provisional bool        `json:"provisional" doc:"the deadline crosses a year whose holidays are not published yet"`
	Evidence    string      `json:"evidence" doc:"what must be shown"`
	Level       int         `json:"level" doc:"how often it was escalated"`
	State       State       `json:"state"`
	DoneBy      string      `json:"done_by"`
	DoneAt      day.Instant `json:"done_at"`
	DoneNote    string      `json:"done_note"`
	EndedBy     string      `json:"ended_by"`
	EndedAt     day.Instant `json:"ended_at"`
	Page        string      `json:"page,omitempty" doc:"in a list: what opens it where ref alone does not say, kind and id, such as assemblies/0k3…"`
	Steps       bool        `json:"steps,omitempty" doc:"in a list: it ends by the steps of its room alone"`

	ladder string
	step   int
	nextAt day.Instant
	raised string // the posts that it was escalated to, with spaces between
}

// Owe is a new duty. Post with Path (and Org, for a company's post) or Person says who owes it.
type Owe struct {
	Kind, Ref, Zh, En string
	Path              scope.Path
	Post              access.Post
	Org, Person       string
	Due               day.Instant
	Provisional       bool
	Evidence          string
	Ladder            string // "" is the default one
}

// Diary is where duties are written.
type Diary struct {
	db *store.DB
	// Publish hands a climbed step to whoever tells people; app fills it in (a job in the same write).
	Publish func(ctx context.Context, tx *store.Tx, m Due) error
	// HoldsPost says whether a person holds a post that covers a place today, in that organisation when it is named;
	// app fills it in from people.
	HoldsPost func(ctx context.Context, q store.Queryer, person string, at scope.Path, org string) (bool, error)
	// RedRule says whether this holder's yellow cards make a red one at this moment (R51); app fills it in.
	RedRule func(ctx context.Context, q store.Queryer, org, person string, at scope.Path, now day.Instant) (bool, error)

	// PageOf names what opens a duty whose reference is a part of something bigger, "" where the reference itself is it; app
	// fills it in from the rooms.
	PageOf func(ctx context.Context, q store.Queryer, ref string) (string, error)

	keeps   map[string]bool // kinds: their rooms alone end them; true where they hand them over too
	ladders keptLadders
}

// Keep says that duties of a kind end by the steps of their room alone, not by Finish; nor by Handover where handed.
// A room says so when it opens.
func (d *Diary) Keep(kind string, handed bool) {
	if d.keeps == nil {
		d.keeps = map[string]bool{}
	}
	d.keeps[kind] = handed
}

// New makes a diary.
func New(db *store.DB) *Diary { return &Diary{db: db} }

// Owe writes a duty in the caller's write. One open duty of a kind for one ref: a second is an error.
func (d *Diary) Owe(ctx context.Context, tx *store.Tx, o Owe) (string, error) {
	if o.Ladder == "" {
		o.Ladder = "default"
	}
	l, err := d.steps(ctx, tx, o.Ladder, o.Path)
	if err != nil {
		return "", err
	}
	step, next := l.first(tx.Now, o.Due)
	id := tx.NewID()
	_, err = tx.Exec(ctx, `insert into duty_duty (id, kind, ref, zh, en, path, street, post, org, person, starts, due, provisional, evidence, ladder, step, next_at, level, raised, state, done_by, done_at, done_note, ended_by, ended_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, 0, '', 'open', '', 0, '', '', 0)`,
		id, o.Kind, o.Ref, o.Zh, o.En, string(o.Path), string(o.Path.Street()), string(o.Post), o.Org, o.Person, int64(tx.Now), int64(o.Due), o.Provisional, o.Evidence, o.Ladder, step, int64(next))
	if err != nil {
		return "", err
	}
	tx.Changed(store.Change{Kind: "duty", ID: id, Path: o.Path})
	return id, nil
}

// Move changes who owes the open duty of this kind for ref, or its deadline; zero fields of o stay as they are, but
// naming any of Post, Org, Person replaces all three.
func (d *Diary) Move(ctx context.Context, tx *store.Tx, kind, ref string, o Owe) error {
	x, err := one(ctx, tx, `ref = $1 and kind = $2 and state in ('open', 'done')`, ref, kind)
	if err != nil {
		return err
	}
	if o.Post != "" || o.Org != "" || o.Person != "" {
		x.Post, x.Org, x.Person = o.Post, o.Org, o.Person
	}
	if o.Zh != "" {
		x.Zh, x.En = o.Zh, o.En
	}
	if o.Due != 0 && o.Due != x.Due {
		x.Due, x.Provisional = o.Due, o.Provisional
		l, err := Steps(ctx, tx, x.ladder, x.Path)
		if err != nil {
			return err
		}
		x.step, x.nextAt = l.first(tx.Now, x.Due)
	}
	if _, err := tx.Exec(ctx, `update duty_duty set post = $1, org = $2, person = $3, due = $4, provisional = $5, step = $6, next_at = $7, zh = $8, en = $9 where id = $10`,
		string(x.Post), x.Org, x.Person, int64(x.Due), x.Provisional, x.step, int64(x.nextAt), x.Zh, x.En, x.ID); err != nil {
		return err
	}
	tx.Changed(store.Change{Kind: "duty", ID: x.ID, Path: x.Path})
	return nil
}

// Halt stops the ladder of an open duty while its clock is paused; Move with a new deadline starts it again.
func (d *Diary) Halt(ctx context.Context, tx *store.Tx, kind, ref string) error {
	_, err := tx.Exec(ctx, `update duty_duty set next_at = 0 where ref = $1 and kind = $2 and state = 'open'`, ref, kind)
	return err
}

// End ends the open duty of this kind for ref, if there is one: the room that owed it knows that it is met.
func (d *Diary) End(ctx context.Context, tx *store.Tx, kind, ref, byPerson string) error {
	return d.close(ctx, tx, Ended, kind, ref, byPerson)
}

// Void drops the open duty of this kind for ref, if there is one: nobody owes it any more.
func (d *Diary) Void(ctx context.Context, tx *store.Tx, kind, ref, byPerson string) error {
	return d.close(ctx, tx, Void, kind, ref, byPerson)
}

func (d *Diary) close(ctx context.Context, tx *store.Tx, to State, kind, ref, by string) error {
	x, err := one(ctx, tx, `ref = $1 and kind = $2 and state in ('open', 'done')`, ref, kind)
	if errors.Is(err, access.ErrMissing) {
		return nil
	}
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `update duty_duty set state = $1, ended_by = $2, ended_at = $3, next_at = 0 where id = $4`, string(to), by, int64(tx.Now), x.ID); err != nil {
		return err
	}
	if err := lower(ctx, tx, x); err != nil {
		return err
	}
	tx.Changed(store.Change{Kind: "duty", ID: x.ID, Path: x.Path})
	return nil
}

// lower takes an ended duty from the inboxes that it was raised to.
func lower(ctx context.Context, tx *store.Tx, x Duty) error {
	if x.raised == "" {
		return nil
	}
	_, err := tx.Exec(ctx, `delete from duty_raised where duty = $1`, x.ID)
	return err
}

const columns = `id, kind, ref, zh, en, path, post, org, person, starts, due, provisional, evidence, level, state, done_by, done_at, done_note, ended_by, ended_at, ladder, step, next_at, raised`

func scanDuty(r interface{ Scan(...any) error }) (x Duty, err error) {
	err = r.Scan(&x.ID, &x.Kind, &x.Ref, &x.Zh, &x.En, &x.Path, &x.Post, &x.Org, &x.Person, &x.Starts, &x.Due, &x.Provisional, &x.Evidence, &x.Level, &x.State,
		&x.DoneBy, &x.DoneAt, &x.DoneNote, &x.EndedBy, &x.EndedAt, &x.ladder, &x.step, &x.nextAt, &x.raised)
	return x, err
}

func one(ctx context.Context, q store.Queryer, cond string, args ...any) (Duty, error) {
	x, err := scanDuty(q.QueryRow(ctx, `select `+columns+` from duty_duty where `+cond, args...))
	if errors.Is(err, sql.ErrNoRows) {
		return x, access.ErrMissing
	}
	return x, err
}

// Owes reports whether a duty is who's: by name, by standing in for that person, or by the post at the place.
func (x Duty) Owes(who access.Who) bool {
	if x.Person != "" && x.Person == who.Person {
		return true // also somebody who holds no post any more, such as a director who hands over
	}
	for _, g := range who.Grants {
		if x.Person != "" {
			if x.Person == g.Deputy {
				return true
			}
			continue
		}
		if g.Path.Covers(x.Path) && (g.Post == x.Post && (x.Org == "" || x.Org == g.Org)) {
			return true
		}
	}
	return slices.ContainsFunc(who.Grants, func(g access.Grant) bool {
		return slices.Contains(strings.Fields(x.raised), string(g.Post)) && g.Path.Covers(x.Path)
	})
}

// Get reads one duty that who owes or oversees.
func (d *Diary) Get(ctx context.Context, who access.Who, id string) (Duty, error) {
	x, err := one(ctx, d.db, `id = $1`, id)
	if err != nil {
		return x, err
	}
	if !x.Owes(who) && !oversees(who, x.Path, x.Org) && who.May(EndDuty, x.Path) != nil {
		return Duty{}, access.ErrMissing
	}
	return x, nil
}

// mine reads a duty for a step by the one who owes it.
func (d *Diary) mine(ctx context.Context, tx *store.Tx, who access.Who, id string) (Duty, error) {
	if who.Account == "" {
		return Duty{}, access.ErrSignIn
	}
	x, err := one(ctx, tx, `id = $1`, id)
	if err != nil {
		return x, err
	}
	if !x.Owes(who) && !who.System {
		return Duty{}, notYours(who, x.Path)
	}
	return x, nil
}

// Handover gives a duty to a colleague who holds a post there.
func (d *Diary) Handover(ctx context.Context, who access.Who, id, to, why string) error {
	if why == "" {
		return ErrReason
	}
	return d.db.Write(ctx, func(tx *store.Tx) error {
		x, err := d.mine(ctx, tx, who, id)
		if err != nil {
			return err
		}
		if x.State != Open {
			return ErrState
		}
		if d.keeps[x.Kind] {
			return ErrSteps
		}
		if d.HoldsPost != nil {
			ok, err := d.HoldsPost(ctx, tx, to, x.Path, x.Org)
			if err != nil {
				return err
			}
			if !ok {
				return ErrToWhom
			}
		}
		if _, err := tx.Exec(ctx, `insert into duty_handover (id, duty, at, by_person, from_person, to_person, why) values ($1, $2, $3, $4, $5, $6, $7)`,
			tx.NewID(), x.ID, int64(tx.Now), who.Person, x.Person, to, why); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `update duty_duty set person = $1 where id = $2`, to, x.ID); err != nil {
			return err
		}
		tx.Changed(store.Change{Kind: "duty", ID: x.ID, Path: x.Path})
		return audit.Write(ctx, tx, audit.Entry{By: who.By(Work, x.Path), Action: "duty.handover", Path: x.Path, Ref: "duty/" + x.ID, Why: why,
			From: map[string]string{"person": x.Person}, To: map[string]string{"person": to}})
	})
}

// Finish is the doer's word that a plain duty is done, with a note; rooms that own a duty's ref have steps of their own.
func (d *Diary) Finish(ctx context.Context, who access.Who, id, note string) error {
	return d.db.Write(ctx, func(tx *store.Tx) error {
		x, err := d.mine(ctx, tx, who, id)
		if err != nil {
			return err
		}
		if x.State != Open {
			return ErrState
		}
		if _, kept := d.keeps[x.Kind]; kept {
			return ErrSteps
		}
		if note == "" {
			return ErrEvidence
		}
		if _, err := tx.Exec(ctx, `update duty_duty set state = 'done', done_by = $1, done_at = $2, done_note = $3, next_at = 0 where id = $4`,
			who.Person, int64(tx.Now), note, x.ID); err != nil {
			return err
		}
		tx.Changed(store.Change{Kind: "duty", ID: x.ID, Path: x.Path})
		return audit.Write(ctx, tx, audit.Entry{By: who.By(Work, x.Path), Action: "duty.finish", Path: x.Path, Ref: "duty/" + x.ID, To: map[string]string{"note": note}})
	})
}

// Check ends a done duty, or sends it back to be done again; never by whoever did it.
func (d *Diary) Check(ctx context.Context, who access.Who, id string, ok bool, why string) error {
	return d.db.Write(ctx, func(tx *store.Tx) error {
		x, err := one(ctx, tx, `id = $1`, id)
		if err != nil {
			return err
		}
		if err := who.May(EndDuty, x.Path); err != nil {
			return err
		}
		switch {
		case x.State != Done:
			return ErrState
		case x.DoneBy == who.Person:
			return ErrOwn
		case !ok && why == "":
			return ErrReason
		}
		if ok {
			if _, err = tx.Exec(ctx, `update duty_duty set state = 'ended', ended_by = $1, ended_at = $2 where id = $3`, who.Person, int64(tx.Now), x.ID); err == nil {
				err = lower(ctx, tx, x)
			}
		} else {
			l, e := Steps(ctx, tx, x.ladder, x.Path)
			if e != nil {
				return e
			}
			step, next := l.first(tx.Now, x.Due)
			_, err = tx.Exec(ctx, `update duty_duty set state = 'open', done_by = '', done_at = 0, step = $1, next_at = $2 where id = $3`, step, int64(next), x.ID)
		}
		if err != nil {
			return err
		}
		tx.Changed(store.Change{Kind: "duty", ID: x.ID, Path: x.Path})
		return audit.Write(ctx, tx, audit.Entry{By: who.By(EndDuty, x.Path), Action: "duty.check", Path: x.Path, Ref: "duty/" + x.ID, Why: why, To: map[string]bool{"ok": ok}})
	})
}

// notYours is what somebody gets who does not owe the duty: refused within one's area, missing outside it.
func notYours(who access.Who, at scope.Path) error {
	if err := who.May(Work, at); err != nil {
		return err
	}
	return access.ErrRefused
}
