package cases

import (
	"context"
	"slices"
	"strings"

	"cuobian/basis/day"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/store"
	"cuobian/rooms/cases/clock"
	"cuobian/rooms/cases/course"
	"cuobian/rooms/cases/words"
	"cuobian/rooms/duty"
)

// scene is one step on one matter, inside a write.
type scene struct {
	d       *Desk
	ctx     context.Context
	tx      *store.Tx
	who     access.Who
	by      *access.Action // what allows it, for the trail; nil for the reporter
	c       row
	log     []event
	periods clock.Periods
	cal     *day.Calendar
	why     string
	tell    []Notice
	fresh   int // events at the end of log that this step added
}

// step reads a matter, checks that who may know of it, runs do, and keeps what came of it: event, clocks, duties, trail.
func (d *Desk) step(ctx context.Context, who access.Who, id string, do func(s *scene) error) (Case, error) {
	who = d.live(who)
	var out row
	err := d.db.Write(ctx, func(tx *store.Tx) error {
		var err error
		out, err = d.stepIn(ctx, tx, who, id, do)
		return err
	})
	if err != nil {
		return Case{}, err
	}
	return d.show(ctx, d.db, who, out)
}

func (d *Desk) stepIn(ctx context.Context, tx *store.Tx, who access.Who, id string, do func(s *scene) error) (row, error) {
	if who.Account == "" && !who.System {
		return row{}, access.ErrSignIn
	}
	old, err := readRow(ctx, tx, id)
	if err != nil {
		return row{}, err
	}
	if !d.sees(who, old) {
		return row{}, access.ErrMissing
	}
	return d.change(ctx, tx, who, old, do)
}

func (d *Desk) change(ctx context.Context, tx *store.Tx, who access.Who, old row, do func(s *scene) error) (row, error) {
	s := &scene{d: d, ctx: ctx, tx: tx, who: who, c: old}
	s.c.Co, s.c.Hands, s.c.BeforeHands = slices.Clone(old.Co), slices.Clone(old.Hands), slices.Clone(old.BeforeHands)
	var err error
	if s.log, err = readEvents(ctx, tx, old.ID); err != nil {
		return row{}, err
	}
	if s.periods, s.cal, _, err = d.rules(ctx, tx, old.Path, old.Created.Day(day.Shanghai)); err != nil {
		return row{}, err
	}
	if err := do(s); err != nil {
		return row{}, err
	}
	if s.fresh == 0 {
		return old, nil
	}
	return s.c, s.keep(old)
}

func (s *scene) keep(old row) error {
	s.c.count(s.cal, s.periods, s.log, s.tx.Now)
	s.c.Updated = s.tx.Now
	if err := s.c.update(s.ctx, s.tx, old.Version); err != nil {
		return err
	}
	for _, e := range s.log[len(s.log)-s.fresh:] {
		if err := e.insert(s.ctx, s.tx, s.c.ID); err != nil {
			return err
		}
	}
	if err := s.d.owe(s.ctx, s.tx, old, s.c, actor(s.who)); err != nil {
		return err
	}
	if s.d.Expire != nil && (old.ClosedAt != 0) != (s.c.ClosedAt != 0) && s.c.Photos > 0 {
		if err := s.d.Expire(s.ctx, s.tx, "cases/"+s.c.ID, s.c.ClosedAt.Day(day.Shanghai)); err != nil {
			return err
		}
	}
	if s.d.Tell != nil {
		for _, n := range s.tell {
			if err := s.d.Tell(s.ctx, s.tx, n); err != nil {
				return err
			}
		}
	}
	s.tx.Changed(s.c.changed())
	if s.c.ReporterPerson != "" {
		s.tx.Changed(store.Change{Kind: "cases", ID: s.c.ID, Person: s.c.ReporterPerson})
	}
	last := s.log[len(s.log)-1]
	by := audit.By{Account: s.who.Account, Person: s.who.Person}
	if s.by != nil {
		by = s.who.By(s.by, s.c.Path)
	}
	type held struct {
		State  course.State `json:"state"`
		Org    string       `json:"org,omitempty"`
		Post   string       `json:"post,omitempty"`
		Person string       `json:"person,omitempty"`
	}
	return audit.Write(s.ctx, s.tx, audit.Entry{By: by, Action: "cases." + last.Kind, Path: s.c.Path, Ref: "cases/" + s.c.ID, Why: s.why,
		From: held{old.State, old.HolderOrg, old.HolderPost, old.HolderPerson},
		To: struct {
			held
			Facts Facts `json:"facts"`
		}{held{s.c.State, s.c.HolderOrg, s.c.HolderPost, s.c.HolderPerson}, last.Facts}})
}

// do moves the matter and writes the event. The words of the event are masked.
func (s *scene) do(step course.Step, public bool, f Facts, text string) error {
	next, ok := course.After(s.c.State, step)
	if !ok {
		return ErrState
	}
	s.c.State = next
	s.note(step, public, f, text)
	return nil
}

func (s *scene) note(step course.Step, public bool, f Facts, text string) {
	e := event{ID: s.tx.NewID(), At: s.tx.Now, Kind: string(step), Account: s.who.Account, Person: s.who.Person, Public: public, Facts: f, Words: mask(text)}
	if s.by != nil || s.who.System {
		e.Name = s.who.Name
		e.Post = string(s.post())
	}
	s.log = append(s.log, e)
	s.fresh++
}

func (s *scene) post() access.Post {
	if s.by == nil {
		return ""
	}
	if g := s.who.Grant(s.by, s.c.Path); g != nil {
		return g.Post
	}
	return ""
}

// may checks both axes and remembers what allowed the step.
func (s *scene) may(a *access.Action) error {
	if err := s.who.May(a, s.c.Path); err != nil {
		return err
	}
	s.by = a
	return nil
}

// holding checks that who holds the matter: in person, by the post, by the organisation, or as a co-handler.
func (s *scene) holding(co bool) error {
	if err := s.who.May(Handle, s.c.Path); err != nil {
		return err
	}
	s.by = Handle
	if s.who.System || s.c.heldBy(s.who) || co && slices.Contains(s.c.Co, s.who.Person) {
		return nil
	}
	return ErrNotHolder
}

// heldBy reports whether who is the holder: the person, where one is named; else whoever holds the post, or a handling
// post of the organisation, at the place.
func (c *row) heldBy(who access.Who) bool {
	if c.HolderPerson != "" {
		if c.HolderPerson == actor(who) {
			return true
		}
		return slices.ContainsFunc(who.Grants, func(g access.Grant) bool { return g.Deputy == c.HolderPerson && g.Path.Covers(c.Path) })
	}
	return c.inLine(who)
}

// inLine reports whether who stands where the matter was sent, whoever of them took it.
func (c *row) inLine(who access.Who) bool {
	for _, g := range who.Grants {
		if !g.Path.Covers(c.Path) || !slices.Contains(Handle.Posts, g.Post) {
			continue
		}
		switch {
		case c.HolderOrg != "" && g.Org != c.HolderOrg:
		case c.HolderPost != "" && string(g.Post) != c.HolderPost && c.HolderOrg == "":
		case c.HolderOrg == "" && c.HolderPost == "":
		default:
			return true
		}
	}
	return false
}

func add(list []string, s string) []string {
	if s == "" || slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}

// rank is how high a post stands: 1 in the compound, 2 in the community, 3 in the street's offices, 4 above those.
func rank(p string) int {
	switch access.Post(p) {
	case access.CommunitySecretary, access.CommunityOfficer:
		return 2
	case access.StreetOfficer, access.HotlineOperator, access.SectionCadre, access.DivisionCadre:
		return 3
	case access.StreetLeader, access.DistrictOfficer:
		return 4
	}
	return 1
}

// above checks that who stands above the holder of the matter.
func (s *scene) above() error {
	if err := s.may(Decide); err != nil {
		return err
	}
	if s.who.System {
		return nil
	}
	need := rank(s.c.HolderPost) + 1
	for _, g := range s.who.Grants {
		if g.Path.Covers(s.c.Path) && slices.Contains(Decide.Posts, g.Post) && rank(string(g.Post)) >= need {
			return nil
		}
	}
	return ErrNotUp
}

// decider is the post one level above the holder, which owes decisions on extensions.
func (c *row) decider() access.Post {
	switch rank(c.HolderPost) {
	case 1:
		if c.Confidential {
			return access.StreetOfficer
		}
		return access.CommunityOfficer
	case 2:
		return access.StreetOfficer
	case 3:
		return access.StreetLeader
	}
	return access.DistrictOfficer
}

// owed lists what posts and persons owe on a matter as it stands: kind → duty. It is a function of the row, so what
// changed between two rows is what has to be written.
func (c *row) owed() map[string]duty.Owe {
	out := map[string]duty.Owe{}
	if c.ID == "" || !c.State.Live() {
		return out
	}
	ref := "cases/" + c.ID
	office := access.CommunityOfficer
	if c.Confidential || rank(c.HolderPost) == 2 || c.Channel == "hotline" || c.Channel == "12345" || c.Community == "" {
		office = access.StreetOfficer
	}
	ladder := ""
	if c.Urgency == Urgent {
		ladder = "urgent"
	}
	// What is owed on a confidential matter is written at the street, so that neither inbox, board, card nor ladder tells
	// the community or the company of it.
	at := c.Path
	if c.Confidential {
		at, ladder = scope.Path(c.Street+"/"), "confidential"
	}
	cat, _ := words.ByCode(c.Category)
	put := func(kind, zh, en string, post access.Post, org, person string, due day.Instant, evidence string) {
		zh = strings.TrimSpace(zh + "：" + cat.Zh + " " + c.CompoundName + " " + c.Number)
		en += ": " + cat.En + " " + c.Number
		where := at
		if person == "" && rank(string(post)) < 3 {
			where = c.Path // whom the street gave it to owes it where they stand
		}
		out[kind] = duty.Owe{Kind: kind, Ref: ref, Zh: zh, En: en, Path: where, Post: post, Org: org, Person: person,
			Due: due, Provisional: c.Provisional, Evidence: evidence, Ladder: ladder}
	}
	holder := access.Post(c.HolderPost)
	if holder == "" && c.HolderPerson == "" {
		holder = access.PropertyManager
	}
	switch c.State {
	case course.Reported, course.Returned, course.Reopened:
		if c.Returned > 1 {
			office = access.StreetOfficer
		}
		due := c.AcceptDue
		if c.Urgency == Urgent && c.RespondedAt == 0 {
			due = min(due, c.RespondDue)
		}
		put("cases.dispatch", "派单", "dispatch", office, "", "", due, "")
	case course.Dispatched:
		due := c.RespondDue
		if c.RespondedAt != 0 {
			due = c.ReturnDue
		}
		put("cases.take", "接单", "take", holder, c.HolderOrg, c.HolderPerson, due, "")
	case course.Taken:
		put("cases.handle", "办理", "handle", holder, c.HolderOrg, c.HolderPerson, c.ResolveDue, "photo")
	case course.Handled:
		put("cases.verify", "核实", "verify", office, "", "", c.ResolveDue, "note")
	case course.Confirmed, course.Unconfirmed:
		put("cases.callback", "回访", "call back", office, "", "", c.CallbackDue, "note")
	case course.Mediation:
		put("cases.mediate", "调解", "mediate", map[string]access.Post{"community": access.CommunitySecretary, "street": access.StreetOfficer, "district": access.DistrictOfficer}[c.Stage],
			"", "", c.MediateDue, "note")
	}
	if c.State == course.Dispatched || c.State == course.Taken {
		if c.ActDue != 0 && c.ActedAt == 0 {
			put("cases.act", "采取措施", "act on", holder, c.HolderOrg, c.HolderPerson, c.ActDue, "")
		}
		if c.SiteDue != 0 && c.ArrivedAt == 0 {
			put("cases.site", "到现场", "be on site for", holder, c.HolderOrg, c.HolderPerson, c.SiteDue, "")
		}
	}
	if c.Extension == "asked" {
		put("cases.extension", "审批延期", "decide an extension of", c.decider(), "", "", c.DecideDue, "")
	}
	if c.Objection == "raised" {
		put("cases.objection", "裁定派单异议", "decide an objection to", access.StreetOfficer, "", "", c.DecideDue, "")
	}
	return out
}

// changed is what browsers hear of: a confidential matter only at the street.
func (c *row) changed() store.Change {
	x := store.Change{Kind: "cases", ID: c.ID, Path: c.Path}
	if c.Confidential {
		x.Path = c.Path.Street()
	}
	return x
}

// owe writes what changed in what is owed between two rows of a matter.
func (d *Desk) owe(ctx context.Context, tx *store.Tx, old, c row, by string) error {
	if d.duty == nil {
		return nil
	}
	before, now := old.owed(), c.owed()
	for _, kind := range dutyKinds {
		was, had := before[kind]
		is, has := now[kind]
		switch {
		case had && has && was.Path != is.Path:
			if err := d.duty.Void(ctx, tx, kind, was.Ref, by); err != nil {
				return err
			}
			if _, err := d.duty.Owe(ctx, tx, is); err != nil {
				return err
			}
		case had && has:
			if was != is {
				if err := d.duty.Move(ctx, tx, kind, is.Ref, is); err != nil {
					return err
				}
			}
			// A pause that moves nothing (the end had passed before it) leaves the ladder climbing.
			if c.PausedUntil != 0 && old.PausedUntil == 0 && is.Due != was.Due {
				if err := d.duty.Halt(ctx, tx, kind, is.Ref); err != nil {
					return err
				}
			}
		case had && (!c.State.Live() && c.State != course.Closed || c.State == course.Returned):
			if err := d.duty.Void(ctx, tx, kind, was.Ref, by); err != nil {
				return err
			}
		case had:
			if err := d.duty.End(ctx, tx, kind, was.Ref, by); err != nil {
				return err
			}
		case has:
			if _, err := d.duty.Owe(ctx, tx, is); err != nil {
				return err
			}
		}
	}
	return nil
}

var dutyKinds = []string{"cases.dispatch", "cases.take", "cases.act", "cases.site", "cases.handle", "cases.verify", "cases.callback", "cases.mediate", "cases.extension", "cases.objection"}

// sees reports whether who may know of a matter: by post and place, as its reporter, or as one who works on it.
func (d *Desk) sees(who access.Who, c row) bool {
	if who.System {
		return true
	}
	if who.Account == "" {
		return false
	}
	if c.reportedBy(who) || c.ByAccount == who.Account || c.worksOn(who) {
		return true
	}
	if who.Grant(View, c.Path) == nil {
		return false
	}
	return !c.Confidential || who.Grant(Secret, c.Path) != nil
}

// reportedBy reports whether who is the reporter: the person concerned, or whoever typed it for themselves or for
// somebody who does not use the system.
func (c *row) reportedBy(who access.Who) bool {
	if who.Person != "" && c.ReporterPerson == who.Person {
		return true
	}
	return who.Account != "" && c.ReporterAccount == who.Account && (c.ReporterKind == "self" || slices.Contains(own, c.Channel))
}

// worksOn reports whether who holds it, helps with it, or stands in the line it was sent to.
func (c *row) worksOn(who access.Who) bool {
	if !c.State.Live() && c.State != course.Closed {
		return false
	}
	return c.heldBy(who) && who.Grant(Handle, c.Path) != nil || who.Person != "" && slices.Contains(c.Co, who.Person) && who.Grant(Handle, c.Path) != nil
}

// notify prepares a notice to every reporter of the matter and of those merged into it.
func (s *scene) notify(template string, more map[string]string) error {
	if s.d.Tell == nil {
		return nil
	}
	fill := map[string]string{"number": s.c.Number, "compound": s.c.CompoundName}
	for k, v := range more {
		fill[k] = v
	}
	rs, err := s.d.reporters(s.ctx, s.tx, s.c.ID)
	if err != nil {
		return err
	}
	for _, r := range rs {
		phone, err := s.d.ring.Open("cases_reporter", "phone", r.ID, r.phone)
		if err != nil {
			return err
		}
		if r.Account == "" && r.Person == "" && phone == "" {
			continue
		}
		s.tell = append(s.tell, Notice{Ref: "cases/" + s.c.ID, Path: s.c.Path, Template: template, Account: r.Account, Person: r.Person, Phone: phone, Words: fill})
	}
	return nil
}

// tellHolder prepares a notice to whoever holds the matter now: the person, or the post there.
func (s *scene) tellHolder(template string) {
	if s.d.Tell == nil || s.c.HolderPerson == "" && s.c.HolderPost == "" && s.c.HolderOrg == "" {
		return
	}
	cat, _ := words.ByCode(s.c.Category)
	n := Notice{Ref: "cases/" + s.c.ID, Path: s.c.Path, Template: template, Person: s.c.HolderPerson,
		Words: map[string]string{"number": s.c.Number, "compound": s.c.CompoundName, "place": strings.TrimSpace(s.c.CompoundName + " " + s.c.PlaceText), "title": cat.Zh, "title_en": cat.En}}
	if n.Person == "" {
		n.Post, n.Org = access.Post(s.c.HolderPost), s.c.HolderOrg
		if n.Post == "" {
			n.Post = access.PropertyManager
		}
	}
	k := clock.Run(s.cal, s.periods, ticks(s.log), s.tx.Now)
	n.Words["due"] = k.Resolve.Due.Day().String()
	s.tell = append(s.tell, n)
}
