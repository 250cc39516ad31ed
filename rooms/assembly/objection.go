package assembly

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"

	"cuobian/basis/area"
	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/platform/access"
	"cuobian/platform/store"
	"cuobian/rooms/assembly/roll"
	"cuobian/rooms/duty"
	"cuobian/rooms/outreach"
	"cuobian/rooms/people/owner"
)

// Faults of objections.
var (
	ErrObjectText  = fault.Bad("text", "assembly.objection_text", "请写明异议，最多 2000 字", "say what is wrong, at most 2,000 characters")
	ErrObjectLate  = fault.New(fault.Conflict, "assembly.objection_late", "{rule} 异议期已于 {day} 届满", "{rule}: objections ended on {day}")
	ErrManyObjects = fault.New(fault.TooMany, "assembly.objections_many", "您还有 10 件异议等待答复，请等答复后再提", "ten objections of yours wait for an answer; please wait for them")
	ErrAnswer      = fault.Bad("answer", "assembly.answer", "请书面答复异议人", "an answer in writing is needed")
	ErrChanges     = fault.Bad("changes", "assembly.changes", "支持对名册的异议，须指明要更正的房屋", "to uphold an objection to the roll, name the homes it changes")
	ErrDecided     = fault.New(fault.Conflict, "assembly.decided", "这一异议已经处理", "this objection was decided already")
	ErrOpenObjects = fault.New(fault.Conflict, "assembly.objections_open", "还有 {n} 件异议没有答复", "{n} objections are not answered yet")
	ErrVoid        = fault.Bad("void", "assembly.void", "没有这张票，或已作废；只能在结果异议中作废", "there is no such ballot, or it is void already; a ballot is declared void on an objection to the result")
	ErrOwnDecision = fault.New(fault.Refused, "assembly.own_decision", "表决开始后，名册异议由社区或街道裁定，召集人不能自己裁定", "after voting opened the community or the street decides, never the convener")
)

// Objection is an owner's objection to the roll (R74) or to the preliminary result (R75).
type Objection struct {
	ID      string      `json:"id"`
	About   string      `json:"about" enum:"roll,result"`
	Home    string      `json:"home,omitempty"`
	Text    string      `json:"text"`
	At      day.Instant `json:"at"`
	State   string      `json:"state" enum:"open,upheld,dismissed,moot" doc:"moot: the meeting ended before it was answered"`
	Answer  string      `json:"answer,omitempty"`
	Decided day.Instant `json:"decided,omitempty"`
	LedTo   int64       `json:"led_to,omitempty" doc:"the version of the roll it led to"`
	Late    bool        `json:"late" doc:"raised after voting opened"`
	Mine    bool        `json:"mine"`
	person  string
}

const objectionColumns = `id, about, person, node, words, at, state, answer, decided, led_to`

func scanObjection(r interface{ Scan(...any) error }) (o Objection, err error) {
	err = r.Scan(&o.ID, &o.About, &o.person, &o.Home, &o.Text, &o.At, &o.State, &o.Answer, &o.Decided, &o.LedTo)
	return o, err
}

// Object raises an objection, to the roll while it is posted or later (then it is late), to the result while it is posted.
func (h *Hall) Object(ctx context.Context, who access.Who, id, about, text, home string) (o Objection, err error) {
	err = h.db.Write(ctx, func(tx *store.Tx) error {
		m, err := h.meeting(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := h.attends(ctx, tx, who, m); err != nil {
			return err
		}
		if text = strings.TrimSpace(text); text == "" || len([]rune(text)) > 2000 {
			return ErrObjectText
		}
		if about == "roll" {
			if err := h.rolled(ctx, tx, who, m); err != nil {
				return err
			}
			if err := m.in(Posted, Noticed, Voting, Closed, Preliminary); err != nil {
				return err
			}
		} else {
			if err := m.in(Preliminary); err != nil {
				return err
			}
			if today(tx) > m.PrelimUntil {
				return ErrObjectLate.Fill("rule", "R75", "day", m.PrelimUntil)
			}
		}
		if home != "" {
			n, err := h.on.Map.Get(ctx, tx, home)
			if fault.IsKind(err, fault.Missing) || err == nil && !m.Path.Covers(n.Path) {
				return ErrHome
			}
			if err != nil {
				return err
			}
		}
		waiting, err := store.Count(ctx, tx, `select count(*) from assembly_objection where meeting = $1 and person = $2 and state = 'open'`, m.ID, who.Person)
		if err != nil {
			return err
		}
		if waiting >= mostObjections {
			return ErrManyObjects
		}
		o = Objection{ID: tx.NewID(), About: about, Home: home, Text: text, At: tx.Now, State: "open", Late: m.Opened(tx.Now), Mine: true, person: who.Person}
		if _, err := tx.Exec(ctx, `insert into assembly_objection (id, meeting, about, person, node, words, at, state, answer, by_person, decided, led_to) values ($1, $2, $3, $4, $5, $6, $7, 'open', '', '', 0, 0)`,
			o.ID, m.ID, about, who.Person, home, text, int64(tx.Now)); err != nil {
			return err
		}
		p, cal, err := h.rulesOf(ctx, tx, m)
		if err != nil {
			return err
		}
		if h.on.Duty != nil {
			post, org := m.convenerPost()
			if about == "roll" && o.Late {
				post, org = m.judge(), ""
			}
			d := due(cal, tx.Now, p.Objection)
			if _, err := h.on.Duty.Owe(ctx, tx, duty.Owe{Kind: DutyObjection, Ref: "assembly-objections/" + o.ID, Zh: "答复异议：" + m.Title, En: "Answer an objection: " + m.Title, Path: m.Path, Post: post, Org: org, Due: d.At, Provisional: d.Provisional}); err != nil {
				return err
			}
		}
		return h.event(ctx, tx, who, Attend, m, "objection", "", map[string]any{"objection": o.ID, "about": about, "home": home, "late": o.Late})
	})
	return o, err
}

// ErrRollOnly is a tenant's objection to the roll.
var ErrRollOnly = fault.New(fault.Refused, "assembly.roll_only", "只有本小区业主和名册上的投票人可以对名册提出异议（R74）", "only owners of the compound and voters on the roll object to the roll (R74)")

// rolled makes sure that who owns something in the compound or is named on its roll: a tenant has no right that the roll could
// have wrong.
func (h *Hall) rolled(ctx context.Context, q store.Queryer, who access.Who, m Meeting) error {
	ok, err := h.owns(ctx, q, who.Person, m.Path)
	if err != nil || ok {
		return err
	}
	n, err := store.Count(ctx, q, `select count(*) from assembly_voter where meeting = $1 and person = $2 and ended = 0`, m.ID, who.Person)
	if err == nil && n == 0 {
		err = ErrRollOnly
	}
	return err
}

// mostObjections is how many of one person wait for an answer at once.
const mostObjections = 10

// handOver gives the objections to the roll that are still open when voting opens to who decides them from then on.
func (h *Hall) handOver(ctx context.Context, tx *store.Tx, m Meeting) error {
	if h.on.Duty == nil {
		return nil
	}
	open, err := store.Texts(ctx, tx, `select id from assembly_objection where meeting = $1 and about = 'roll' and state = 'open' order by id`, m.ID)
	if err != nil {
		return err
	}
	for _, id := range open {
		if err := h.on.Duty.Move(ctx, tx, DutyObjection, "assembly-objections/"+id, duty.Owe{Post: m.judge()}); err != nil && !errors.Is(err, ErrMissing) {
			return err
		}
	}
	return nil
}

// judge is the post that decides late objections to the roll: never the convener's.
func (m Meeting) judge() access.Post {
	if m.Convener == "community" {
		return access.StreetOfficer
	}
	return access.CommunitySecretary
}

// attends reports whether who is an owner or resident of the compound, or on the roll, and the meeting is posted.
func (h *Hall) attends(ctx context.Context, q store.Queryer, who access.Who, m Meeting) error {
	if who.Account == "" {
		return access.ErrSignIn
	}
	if m.Shown() && who.Person != "" {
		if who.May(Attend, m.Path) == nil {
			return nil
		}
		n, err := store.Count(ctx, q, `select count(*) from assembly_voter where meeting = $1 and person = $2 and ended = 0`, m.ID, who.Person)
		if err != nil || n > 0 {
			return err
		}
	}
	if who.May(Look, m.Path) == nil {
		return access.ErrRefused
	}
	return ErrMissing
}

// Objections lists them: all to staff who see the meeting, to others their own and how many there are.
func (h *Hall) Objections(ctx context.Context, who access.Who, id, about string) (items []Objection, count int64, err error) {
	err = h.db.View(ctx, func(q store.Queryer) error {
		m, err := h.meeting(ctx, q, id)
		if err != nil {
			return err
		}
		if err := h.sees(ctx, q, who, m); err != nil {
			return err
		}
		opened, err := h.openedAt(ctx, q, m)
		if err != nil {
			return err
		}
		all, err := store.All(ctx, q, func(r *sql.Rows) (Objection, error) { return scanObjection(r) }, `select `+objectionColumns+` from assembly_objection where meeting = $1 and ($2 = '' or about = $2) order by id`, m.ID, about)
		if err != nil {
			return err
		}
		count, items = int64(len(all)), []Objection{}
		staff := who.May(Look, m.Path) == nil
		for _, o := range all {
			o.Mine = who.Person != "" && o.person == who.Person
			o.Late = opened != 0 && o.At >= opened
			if staff || o.Mine {
				items = append(items, o)
			}
		}
		return nil
	})
	return items, count, err
}

// Objected is how many objections there are about one thing, as everybody may know it.
type Objected struct {
	About  string `json:"about" enum:"roll,result"`
	N      int64  `json:"n"`
	Open   int64  `json:"open"`
	Upheld int64  `json:"upheld"`
}

func (h *Hall) objected(ctx context.Context, q store.Queryer, m Meeting, about string) (o Objected, err error) {
	o.About = about
	err = q.QueryRow(ctx, `select count(*), coalesce(sum(case when state in ('open', 'moot') then 1 else 0 end), 0), coalesce(sum(case when state = 'upheld' then 1 else 0 end), 0) from assembly_objection where meeting = $1 and about = $2`, m.ID, about).Scan(&o.N, &o.Open, &o.Upheld)
	return o, err
}

// openedAt is when voting opened, 0 where it has not.
func (h *Hall) openedAt(ctx context.Context, q store.Queryer, m Meeting) (at day.Instant, err error) {
	if !m.Opened(h.db.Now()) {
		return 0, nil
	}
	return m.Opens, nil
}

// Ruling is how an objection was decided. Changes are homes whose entry in the roll follows the register as it is now.
type Ruling struct {
	Uphold  bool     `json:"uphold"`
	Answer  string   `json:"answer" maxLength:"2000"`
	Changes []string `json:"changes,omitempty" maxItems:"500" doc:"homes and parking spaces; the register is corrected first"`
	Void    []string `json:"void,omitempty" maxItems:"100" doc:"commitments of ballots that do not count, of an objection to the result: a forged signature, a ballot cast by nobody who might"`
}

// DecideObjection answers an objection. Upheld before opening it makes a new version of the roll; after opening a late
// version, which the community or the street decides and never the convener. Upheld during the posting of the result, the
// count is made again.
func (h *Hall) DecideObjection(ctx context.Context, who access.Who, id, oid string, r Ruling) (o Objection, err error) {
	err = h.db.Write(ctx, func(tx *store.Tx) error {
		m, err := h.meeting(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := h.sees(ctx, tx, who, m); err != nil {
			return err
		}
		o, err = scanObjection(tx.QueryRow(ctx, `select `+objectionColumns+` from assembly_objection where id = $1 and meeting = $2`, oid, m.ID))
		if errors.Is(err, sql.ErrNoRows) {
			return ErrMissing
		}
		if err != nil {
			return err
		}
		late := o.About == "roll" && m.Opened(tx.Now)
		a := Convene
		if late {
			a = Late
			if err := h.judges(ctx, tx, who, m); err != nil {
				return err
			}
		} else if err := h.convenes(who, m); err != nil {
			return err
		}
		if err := m.in(Posted, Noticed, Voting, Closed, Preliminary); err != nil {
			return err
		}
		if o.State != "open" {
			return ErrDecided
		}
		if r.Answer = strings.TrimSpace(r.Answer); r.Answer == "" {
			return ErrAnswer
		}
		o.State, o.Answer, o.Decided = "dismissed", r.Answer, tx.Now
		if r.Uphold {
			o.State = "upheld"
			if o.About == "roll" && len(r.Changes) == 0 {
				return ErrChanges
			}
		}
		if len(r.Void) > 0 && (!r.Uphold || o.About != "result") {
			return ErrVoid
		}
		if r.Uphold && (len(r.Changes) > 0 || len(r.Void) > 0) && m.Opened(tx.Now) {
			late = true
			if err := h.judges(ctx, tx, who, m); err != nil {
				return err
			}
		}
		for _, word := range r.Void {
			k, ok, err := h.byWord(ctx, tx, word)
			if err != nil {
				return err
			}
			if !ok || k.Meeting != m.ID || k.Void != 0 {
				return ErrVoid
			}
			if err := h.void(ctx, tx, who, Late, m, k.ID, r.Answer); err != nil {
				return err
			}
		}
		if r.Uphold && len(r.Changes) > 0 {
			if err := h.revise(ctx, tx, who, a, &m, r.Changes, late, o.ID); err != nil {
				return err
			}
			o.LedTo = m.RollVersion
		}
		if _, err := tx.Exec(ctx, `update assembly_objection set state = $1, answer = $2, by_person = $3, decided = $4, led_to = $5 where id = $6`, o.State, o.Answer, who.Person, int64(tx.Now), o.LedTo, o.ID); err != nil {
			return err
		}
		if err := h.event(ctx, tx, who, a, m, "decided", "", map[string]any{"objection": o.ID, "about": o.About, "upheld": r.Uphold, "roll": o.LedTo}); err != nil {
			return err
		}
		if m.State == Preliminary && r.Uphold {
			if err := h.repost(ctx, tx, who, a, &m); err != nil {
				return err
			}
		}
		if h.on.Duty != nil {
			if err := h.on.Duty.End(ctx, tx, DutyObjection, "assembly-objections/"+o.ID, who.Person); err != nil {
				return err
			}
		}
		if h.on.Office != nil && o.person != "" {
			words, err := h.words(ctx, tx, m)
			if err != nil {
				return err
			}
			words["result"], words["result_en"] = "未予支持", "not upheld"
			if r.Uphold {
				words["result"], words["result_en"] = "予以支持", "upheld"
			}
			words["answer"] = o.Answer
			if err := h.on.Office.Tell(ctx, tx, outreach.Message{To: []outreach.To{{Person: o.person}}, Template: "assembly.answered", Ref: m.Ref(), Path: m.Path, Words: words}); err != nil {
				return err
			}
		}
		return h.save(ctx, tx, &m)
	})
	return o, err
}

// repost counts again after an upheld objection and posts the result anew. Where another outcome follows, owners have the
// whole period of objections again (R75); else it runs on.
func (h *Hall) repost(ctx context.Context, tx *store.Tx, who access.Who, a *access.Action, m *Meeting) error {
	before, err := h.resultFile(ctx, tx, *m, stagePreliminary)
	if err != nil {
		return err
	}
	if err := h.recount(ctx, tx, who, a, m, "异议成立"); err != nil {
		return err
	}
	after, err := h.resultFile(ctx, tx, *m, stagePreliminary)
	if err != nil {
		return err
	}
	same := slices.EqualFunc(before.Items, after.Items, func(x, y Outcome) bool { return x.Matter == y.Matter && x.Passed == y.Passed })
	if same {
		return nil
	}
	p, c, err := h.rulesOf(ctx, tx, *m)
	if err != nil {
		return err
	}
	last, provisional := c.AddDays(today(tx), p.ResultDays)
	m.PrelimUntil = max(m.PrelimUntil, last)
	m.FinalOn = max(m.FinalOn, m.PrelimUntil.Add(1))
	if h.on.Duty != nil {
		if err := h.on.Duty.Move(ctx, tx, DutyFinal, m.Ref(), duty.Owe{Due: m.FinalOn.End(day.Shanghai), Provisional: provisional}); err != nil && !errors.Is(err, ErrMissing) {
			return err
		}
	}
	return h.tellAll(ctx, tx, *m, "assembly.preliminary", nil)
}

// convenedBy are the steps whose doer has acted as convener.
const convenedBy = `'draft', 'change', 'matter', 'roll', 'notice', 'extended', 'preliminary'`

// judges reports whether who may decide what changes the roll or the ballots after opening: community or street, but not
// for a meeting that the own office convened, nor who took a convener's step in it.
func (h *Hall) judges(ctx context.Context, q store.Queryer, who access.Who, m Meeting) error {
	if err := who.May(Late, m.Path); err != nil || who.System {
		return err
	}
	acted, err := store.Count(ctx, q, `select count(*) from assembly_event where meeting = $1 and person = $2 and kind in (`+convenedBy+`)`, m.ID, who.Person)
	if err != nil {
		return err
	}
	if who.Person != "" && (who.Person == m.ByPerson || acted > 0) {
		return ErrOwnDecision
	}
	if !outside(who, m) {
		return ErrOwnDecision
	}
	return nil
}

// outside tells whether somebody sits at the street or the community over a meeting that the same office did not convene.
func outside(who access.Who, m Meeting) bool {
	return slices.ContainsFunc(who.Grants, func(g access.Grant) bool {
		if !g.Path.Covers(m.Path) {
			return false
		}
		switch g.Post {
		case access.StreetOfficer:
			return m.Convener != "street" && m.Convener != "preparatory"
		case access.CommunitySecretary, access.CommunityOfficer:
			return m.Convener != "community"
		}
		return false
	})
}

// sameOwners brings the keys of a frozen roll to the identities of today: who had no document number then and has one now,
// or was merged with another record, is the same owner still and no second head.
func (h *Hall) sameOwners(ctx context.Context, q store.Queryer, old *roll.Roll, people map[string][]string) error {
	of := map[string]string{} // person → identity now
	for identity, persons := range people {
		for _, p := range persons {
			of[p] = identity
		}
	}
	for i, x := range old.Rights {
		ids := strings.Split(x.Key, "|")
		changed := false
		for k, id := range ids {
			person, bare := strings.CutPrefix(id, "person:")
			if !bare || people[id] != nil {
				continue
			}
			now, err := h.on.Register.Resolve(ctx, q, person)
			if fault.IsKind(err, fault.Missing) {
				continue
			}
			if err != nil {
				return err
			}
			if identity := of[now]; identity != "" && identity != id {
				ids[k], changed = identity, true
			}
		}
		if changed {
			old.Rights[i].Key = owner.Key(ids)
		}
	}
	return nil
}

// revise makes the next version of the roll: the named homes as the register has them now, all others as they were.
func (h *Hall) revise(ctx context.Context, tx *store.Tx, who access.Who, a *access.Action, m *Meeting, homes []string, late bool, objection string) error {
	old, err := h.roll(ctx, tx, *m, m.RollVersion)
	if err != nil {
		return err
	}
	now, people, err := h.parts(ctx, tx, m.Path)
	if err != nil {
		return err
	}
	if err := h.sameOwners(ctx, tx, &old, people); err != nil {
		return err
	}
	in := roll.Input{Compound: m.Path.Last()}
	known := map[string]bool{}
	for _, x := range old.Rights {
		for _, p := range x.Places {
			known[p.ID] = true
			if slices.Contains(homes, p.ID) {
				continue
			}
			part := roll.Part{ID: p.ID, Label: p.Label, Path: p.Path, Use: p.Use, Areas: []area.Figure{{Area: p.Area, Source: p.Source}}, State: p.State, Titled: true, Building: p.Building, Unit: p.Unit, Zone: p.Zone}
			if !x.Developer && x.Key != "" {
				part.Owners = strings.Split(x.Key, "|")
			}
			in.Parts = append(in.Parts, part)
		}
	}
	for _, id := range homes {
		i := slices.IndexFunc(now, func(p roll.Part) bool { return p.ID == id })
		if i < 0 && !known[id] {
			return ErrHome.At("changes")
		}
		if i >= 0 {
			in.Parts = append(in.Parts, now[i])
		}
	}
	next, changes, err := roll.Next(old, in)
	if err != nil {
		return err
	}
	// A posted text holds no voters: who may cast follows from the owners, and that change is told.
	changes = slices.DeleteFunc(changes, func(c roll.Change) bool { return c.Code == "voters" })
	if len(changes) == 0 {
		return ErrNoChange
	}
	m.RollVersion = int64(next.Version)
	why := make([]string, len(changes))
	for i, c := range changes {
		why[i] = c.Zh
	}
	if err := h.keepRoll(ctx, tx, *m, old, next, people, late, strings.Join(why, "；")); err != nil {
		return err
	}
	heads, space := counts(next, m.CountParking)
	if err := h.event(ctx, tx, who, a, *m, "roll_changed", "", map[string]any{"version": next.Version, "hash": next.Hash(), "heads": heads, "area": space, "late": late, "objection": objection, "changes": changes}); err != nil {
		return err
	}
	if err := h.public(ctx, tx, *m, "assembly.roll_changed", map[string]any{"meeting": m.Number, "version": next.Version, "hash": next.Hash(), "earlier": old.Hash(), "heads": heads, "area": space, "late": late, "changes": changes}); err != nil {
		return err
	}
	if late {
		return h.tellAll(ctx, tx, *m, "assembly.roll_changed", map[string]string{"why": strings.Join(why, "；")})
	}
	return nil
}
