package duty

import (
	"context"
	"database/sql"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/store"
)

//go:embed ladders.json
var ladderData []byte

//go:embed schema
var scripts embed.FS

// Schema is the room's tables.
func Schema() store.Schema { return store.Schema{Room: "duty", Floor: 5, FS: scripts} }

// Act is what a step of a ladder does.
type Act string

const (
	Remind   Act = "remind"      // tell whoever owes
	Yellow   Act = "card_yellow" // give a yellow card and tell
	Escalate Act = "escalate"    // tell a higher post, which from now on sees it among its own
)

// Step is one rung: After counts from the deadline, in minutes; negative is before it.
type Step struct {
	After int64       `json:"after_minutes"`
	Act   Act         `json:"act"`
	Post  access.Post `json:"post,omitempty"` // whom an escalation reaches
}

// Ladder is a list of steps in order of time.
type Ladder []Step

var presets = func() map[string]Ladder {
	m := map[string]Ladder{}
	if err := json.Unmarshal(ladderData, &m); err != nil {
		panic("duty: ladders.json: " + err.Error())
	}
	return m
}()

// ErrLadder refuses a ladder that cannot be climbed.
var ErrLadder = fault.Bad("steps", "duty.ladder", "阶梯须按时间先后排列，动作须为提醒、黄牌或升级，升级须写明岗位", "steps must be in order of time, be remind, card_yellow or escalate, and an escalation must name a post")

// Steps gives the ladder in force at a place: the nearest that somebody set, else the preset, else "default".
func Steps(ctx context.Context, q store.Queryer, name string, at scope.Path) (Ladder, error) {
	above := at.Above()
	args := []any{name}
	for _, p := range above {
		args = append(args, string(p))
	}
	var text string
	err := q.QueryRow(ctx, `select steps from duty_ladder where name = $1 and path in (`+store.Marks(2, len(above))+`) order by length(path) desc limit 1`, args...).Scan(&text)
	if err == nil {
		var l Ladder
		return l, json.Unmarshal([]byte(text), &l)
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return nil, err
	}
	if l, ok := presets[name]; ok {
		return l, nil
	}
	return presets["default"], nil
}

// laddersKept is how long it is believed that the ladders are as they were read: another process on the same database may
// set one. What is set in this program holds at once.
const laddersKept = 2 * time.Second

// keptLadders are all ladders that somebody set, by name and place; few.
type keptLadders struct {
	mu    sync.Mutex
	epoch int
	read  day.Instant // 0 never
	set   map[string]map[scope.Path]Ladder
}

func (k *keptLadders) forget() {
	k.mu.Lock()
	k.epoch++
	k.read, k.set = 0, nil
	k.mu.Unlock()
}

// now gives the ladders if they are believed at this moment.
func (k *keptLadders) now(at day.Instant) (set map[string]map[scope.Path]Ladder, epoch int, ok bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.set, k.epoch, k.read != 0 && at >= k.read && at < k.read.Add(laddersKept)
}

// Ready reads the ladders, so that Owe need not; before a write that has to be short.
func (d *Diary) Ready(ctx context.Context) error {
	now := d.db.Now()
	_, epoch, ok := d.ladders.now(now)
	if ok {
		return nil
	}
	set := map[string]map[scope.Path]Ladder{}
	_, err := store.All(ctx, d.db, func(r *sql.Rows) (none struct{}, err error) {
		var name, text string
		var at scope.Path
		var l Ladder
		if err = r.Scan(&name, &at, &text); err == nil {
			err = json.Unmarshal([]byte(text), &l)
		}
		if set[name] == nil {
			set[name] = map[scope.Path]Ladder{}
		}
		set[name][at] = l
		return none, err
	}, `select name, path, steps from duty_ladder`)
	if err != nil {
		return err
	}
	k := &d.ladders
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.epoch == epoch {
		k.read, k.set = now, set
	}
	return nil
}

// steps is Steps from what is believed, or else read.
func (d *Diary) steps(ctx context.Context, q store.Queryer, name string, at scope.Path) (Ladder, error) {
	set, _, ok := d.ladders.now(d.db.Now())
	if !ok {
		return Steps(ctx, q, name, at)
	}
	for _, p := range at.Above() {
		if l, ok := set[name][p]; ok {
			return l, nil
		}
	}
	if l, ok := presets[name]; ok {
		return l, nil
	}
	return presets["default"], nil
}

// at is when step i of the ladder is climbed, 0 when there is none. Steps that lie before now are skipped when a
// duty is new: nobody is reminded of what was just written.
func (l Ladder) at(i int, due day.Instant) day.Instant {
	if i >= len(l) {
		return 0
	}
	return due + day.Instant(time.Duration(l[i].After)*time.Minute/time.Microsecond)
}

func (l Ladder) first(now, due day.Instant) (step int, next day.Instant) {
	for step = 0; step < len(l) && l[step].After < 0 && l.at(step, due) <= now; step++ {
	}
	return step, l.at(step, due)
}

func (l Ladder) check() error {
	for i, s := range l {
		if i > 0 && s.After < l[i-1].After || (s.Act != Remind && s.Act != Yellow && s.Act != Escalate) || (s.Act == Escalate) != (s.Post != "") {
			return ErrLadder
		}
	}
	return nil
}

// SetLadder puts a ladder in force at a place and below it, for duties owed from then on.
func (d *Diary) SetLadder(ctx context.Context, who access.Who, name string, at scope.Path, l Ladder, why string) error {
	if err := who.May(SetLadders, at); err != nil {
		return err
	}
	if err := l.check(); err != nil {
		return err
	}
	b, err := json.Marshal(l)
	if err != nil {
		return err
	}
	return d.db.Write(ctx, func(tx *store.Tx) error {
		tx.After(d.ladders.forget)
		old, err := Steps(ctx, tx, name, at)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `insert into duty_ladder (name, path, steps, by_person, at) values ($1, $2, $3, $4, $5)
on conflict (name, path) do update set steps = excluded.steps, by_person = excluded.by_person, at = excluded.at`,
			name, string(at), string(b), who.Person, int64(tx.Now)); err != nil {
			return err
		}
		return audit.Write(ctx, tx, audit.Entry{By: who.By(SetLadders, at), Action: SetLadders.Name, Path: at, Ref: "ladder/" + name, Why: why, From: old, To: l})
	})
}

// Climb does the steps that have come due by the clock, at most n duties; it says how many it did. A job calls it.
func (d *Diary) Climb(ctx context.Context, n int) (int, error) {
	now := d.db.Now()
	ids, err := store.Texts(ctx, d.db, `select id from duty_duty where state = 'open' and next_at > 0 and next_at <= $1 order by next_at limit $2`, int64(now), n)
	if err != nil {
		return 0, err
	}
	for _, id := range ids {
		if err := d.db.Write(ctx, func(tx *store.Tx) error { return d.climb(ctx, tx, id) }); err != nil {
			return 0, fmt.Errorf("duty %s: %w", id, err)
		}
	}
	return len(ids), nil
}

func (d *Diary) climb(ctx context.Context, tx *store.Tx, id string) error {
	x, err := one(ctx, tx, `id = $1`, id)
	if err != nil {
		return err
	}
	if x.State != Open || x.nextAt == 0 || x.nextAt > tx.Now {
		return nil
	}
	l, err := Steps(ctx, tx, x.ladder, x.Path)
	if err != nil {
		return err
	}
	// The ladder may have been shortened since; then there is nothing left to climb.
	if x.step < len(l) {
		s := l[x.step]
		switch s.Act {
		case Yellow:
			if err := d.giveCard(ctx, tx, x); err != nil {
				return err
			}
		case Escalate:
			x.Level++
			if !slices.Contains(strings.Fields(x.raised), string(s.Post)) {
				x.raised = strings.TrimSpace(x.raised + " " + string(s.Post))
			}
			if _, err := tx.Exec(ctx, `insert into duty_raised (duty, post, street, path) values ($1, $2, $3, $4) on conflict do nothing`,
				x.ID, string(s.Post), string(x.Path.Street()), string(x.Path)); err != nil {
				return err
			}
		}
		if err := d.publish(ctx, tx, x, s); err != nil {
			return err
		}
	}
	x.step++
	next := l.at(x.step, x.Due)
	if _, err := tx.Exec(ctx, `update duty_duty set step = $1, next_at = $2, level = $3, raised = $4 where id = $5`,
		x.step, int64(next), x.Level, x.raised, x.ID); err != nil {
		return err
	}
	tx.Changed(store.Change{Kind: "duty", ID: x.ID, Path: x.Path})
	return nil
}

// Due is what the room publishes when a step is climbed.
type Due struct {
	Duty   string      `json:"duty"`
	Ref    string      `json:"ref"`
	Kind   string      `json:"kind"`
	Zh     string      `json:"zh"`
	En     string      `json:"en"`
	Path   scope.Path  `json:"path"`
	Act    Act         `json:"act"`
	Post   access.Post `json:"post"`   // whom to tell: the post (with org), or
	Org    string      `json:"org"`    //
	Person string      `json:"person"` // this person
	Due    day.Instant `json:"due"`
}

func (d *Diary) publish(ctx context.Context, tx *store.Tx, x Duty, s Step) error {
	if d.Publish == nil {
		return nil
	}
	m := Due{Duty: x.ID, Ref: x.Ref, Kind: x.Kind, Zh: x.Zh, En: x.En, Path: x.Path, Act: s.Act, Post: x.Post, Org: x.Org, Person: x.Person, Due: x.Due}
	if s.Act == Escalate {
		m.Post, m.Org, m.Person = s.Post, "", ""
	}
	return d.Publish(ctx, tx, m)
}
