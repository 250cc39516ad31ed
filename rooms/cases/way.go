package cases

import (
	"context"
	"slices"
	"strings"

	"cuobian/basis/fault"
	"cuobian/platform/access"
	"cuobian/platform/store"
	"cuobian/rooms/cases/clock"
	"cuobian/rooms/cases/course"
	"cuobian/rooms/cases/words"
)

// Sending names a holder, and may set right what the matter is.
type Sending struct {
	Org      string `json:"org,omitempty" maxLength:"40"`
	Person   string `json:"person,omitempty" maxLength:"40"`
	Post     string `json:"post,omitempty" maxLength:"40"`
	Category string `json:"category,omitempty" maxLength:"40"`
	Kind     string `json:"kind,omitempty" maxLength:"20"`
	Urgency  string `json:"urgency,omitempty" maxLength:"20"`
	Level    string `json:"level,omitempty" maxLength:"20"`
	Note     string `json:"note,omitempty" maxLength:"2000"`
}

// Dispatch gives a matter to an organisation, a post or a person. With none named the table of routes says who.
// After the second return only the street may (ErrStreet).
func (d *Desk) Dispatch(ctx context.Context, who access.Who, id string, to Sending) (Case, error) {
	return d.step(ctx, who, id, func(s *scene) error { return s.dispatch(to) })
}

func (s *scene) dispatch(to Sending) error {
	if err := s.may(Dispatch); err != nil {
		return err
	}
	if s.c.Returned > 1 && !s.who.System && !s.who.Holds(s.c.Path, streetPosts...) {
		return ErrStreet
	}
	if err := s.classify(to.Category, to.Kind, to.Urgency, to.Level); err != nil {
		return err
	}
	f := Facts{Org: to.Org, Post: to.Post, Person: to.Person}
	if to.Org == "" && to.Post == "" && to.Person == "" {
		r, err := s.d.routeFor(s.ctx, s.tx, s.c)
		if err != nil {
			return err
		}
		if r == nil || r.org == "" && r.ToPost == "" {
			return ErrHolder
		}
		f.Org, f.Post = r.org, r.ToPost
	}
	if f.Post != "" && !slices.Contains(Handle.Posts, access.Post(f.Post)) {
		return ErrHolder
	}
	if f.Person != "" && slices.Contains(s.c.BeforeHands, f.Person) {
		return ErrSameHands
	}
	if err := s.names(&f); err != nil {
		return err
	}
	// Going to another holder from dispatched or taken is a new way; the one who had it keeps what was done.
	s.c.HolderOrg, s.c.HolderPost, s.c.HolderPerson, s.c.Dispatcher = f.Org, f.Post, f.Person, actor(s.who)
	s.c.Objection = ""
	f.Category, f.Kind, f.Urgency, f.Level = s.c.Category, s.c.Kind, s.c.Urgency, s.c.Level
	if err := s.do(course.Dispatch, true, f, to.Note); err != nil {
		return err
	}
	s.tellHolder("cases.dispatched")
	return s.received(f)
}

// names fills in the names of the organisation and the person that work on it.
func (s *scene) names(f *Facts) error {
	if f.Org != "" && s.d.OrgOf != nil {
		o, err := s.d.OrgOf(s.ctx, s.tx, f.Org)
		if err != nil {
			if fault.IsKind(err, fault.Missing) {
				return ErrHolder
			}
			return err
		}
		f.OrgName = o.Name
	}
	if f.Person != "" && s.d.NameOf != nil {
		name, err := s.d.NameOf(s.ctx, s.tx, f.Person)
		if err != nil {
			if fault.IsKind(err, fault.Missing) {
				return ErrHolder
			}
			return err
		}
		f.Name = name
	}
	return nil
}

// classify sets right what the matter is; an event is written where something changed.
func (s *scene) classify(category, kind, urgency, level string) error {
	was := [4]string{s.c.Category, s.c.Kind, s.c.Urgency, s.c.Level}
	if category != "" {
		cat, known := words.ByCode(category)
		if !known {
			return ErrCategory
		}
		if category != s.c.Category && kind == "" {
			s.c.Kind = string(cat.Kind)
		}
		s.c.Category = category
	}
	for _, x := range []struct {
		to    *string
		value string
		known []string
		bad   *fault.Fault
	}{{&s.c.Kind, kind, kinds, ErrKind}, {&s.c.Urgency, urgency, urgencies, ErrUrgency}, {&s.c.Level, level, levels, ErrLevel}} {
		if x.value == "" {
			continue
		}
		if !slices.Contains(x.known, x.value) {
			return x.bad
		}
		*x.to = x.value
	}
	if was == [4]string{s.c.Category, s.c.Kind, s.c.Urgency, s.c.Level} {
		return nil
	}
	return s.do(course.Classify, true, Facts{Category: s.c.Category, Kind: s.c.Kind, Urgency: s.c.Urgency, Level: s.c.Level}, "")
}

// received tells the reporter the first time that the matter is accepted, with the date, and later who has it.
func (s *scene) received(f Facts) error {
	for _, e := range s.log[:len(s.log)-s.fresh] {
		if e.Kind == string(course.Dispatch) {
			zh, en := s.holderWords()
			return s.news("已转由"+zh+"办理", "it was sent on to "+en)
		}
	}
	k := clock.Run(s.cal, s.periods, ticks(s.log), s.tx.Now)
	return s.notify("cases.received", map[string]string{"due": k.Resolve.Due.Day().String()})
}

// holderWords names the holder without names of persons.
func (s *scene) holderWords() (zh, en string) {
	if s.c.HolderOrg != "" && s.d.OrgOf != nil {
		if o, err := s.d.OrgOf(s.ctx, s.tx, s.c.HolderOrg); err == nil {
			return o.Name, o.Name
		}
	}
	return postWord(s.c.HolderPost)
}

// news tells the reporters something in free words.
func (s *scene) news(zh, en string) error {
	return s.notify("cases.note", map[string]string{"text": zh, "text_en": en})
}

func closedWords(result string) map[string]string {
	w := resultWords[result]
	return map[string]string{"result": w[0], "result_en": w[1]}
}

// Classify sets right category, kind, urgency or level.
func (d *Desk) Classify(ctx context.Context, who access.Who, id string, to Sending) (Case, error) {
	return d.step(ctx, who, id, func(s *scene) error {
		if err := s.may(Dispatch); err != nil {
			return err
		}
		return s.classify(to.Category, to.Kind, to.Urgency, to.Level)
	})
}

// Refuse does not accept a matter, with the reason and where it belongs.
func (d *Desk) Refuse(ctx context.Context, who access.Who, id, note string) (Case, error) {
	return d.step(ctx, who, id, func(s *scene) error {
		if err := s.may(Dispatch); err != nil {
			return err
		}
		if note == "" {
			return ErrNote
		}
		s.c.ClosedAt = s.tx.Now
		if err := s.do(course.Refuse, true, Facts{}, note); err != nil {
			return err
		}
		return s.news("不予受理："+mask(note), "not accepted: "+mask(note))
	})
}

// Take says: I am on it. Of two who take at once one wins, the other gets ErrState.
func (d *Desk) Take(ctx context.Context, who access.Who, id string) (Case, error) {
	return d.step(ctx, who, id, func(s *scene) error {
		if err := s.holding(false); err != nil {
			return err
		}
		me := actor(s.who)
		if course.MayTake(me, s.c.BeforeHands) != "" {
			return ErrSameHands
		}
		s.c.HolderPerson = me
		if s.c.HolderPost == "" {
			s.c.HolderPost = string(s.post())
		}
		s.c.Hands = add(s.c.Hands, me)
		if err := s.do(course.Take, true, Facts{Org: s.c.HolderOrg, Post: string(s.post()), Person: s.who.Person, Name: s.who.Name}, ""); err != nil {
			return err
		}
		zh, en := s.holderWords()
		return s.notify("cases.taken", map[string]string{"holder": zh, "holder_en": en})
	})
}

// Handover gives a matter to a colleague of the same organisation or line, who must take it.
func (d *Desk) Handover(ctx context.Context, who access.Who, id, to, reason string) (Case, error) {
	return d.step(ctx, who, id, func(s *scene) error {
		if err := s.holding(false); err != nil {
			return err
		}
		if reason == "" {
			return ErrReason
		}
		if to == "" || to == actor(s.who) {
			return fault.Bad("to", ErrHolder.Code, ErrHolder.Zh, ErrHolder.En)
		}
		if slices.Contains(s.c.BeforeHands, to) {
			return ErrSameHands
		}
		f := Facts{Org: s.c.HolderOrg, Person: to}
		if err := s.names(&f); err != nil {
			return err
		}
		if d.duty != nil && d.duty.HoldsPost != nil {
			ok, err := d.duty.HoldsPost(s.ctx, s.tx, to, s.c.Path, s.c.HolderOrg)
			if err != nil {
				return err
			}
			if !ok {
				return fault.Bad("to", ErrHolder.Code, ErrHolder.Zh, ErrHolder.En)
			}
		}
		s.c.HolderPerson = to
		s.why = reason
		if err := s.do(course.Handover, false, f, reason); err != nil {
			return err
		}
		s.tellHolder("cases.dispatched")
		return nil
	})
}

// ReturnReasons are why a matter may be returned, by code.
var ReturnReasons = []Code{
	{"not_ours", "不属本单位职责", "not our duty"},
	{"not_here", "不在本辖区", "not in our area"},
	{"wrong_place", "地点有误", "the place is wrong"},
	{"unclear", "诉求不清，无法联系报事人", "it is unclear and the reporter cannot be reached"},
	{"duplicate", "重复事项", "it is there already"},
	{"expertise", "需专业部门处置", "it needs a specialised department"},
}

// Code is one value of a list, with its names.
type Code struct {
	Code string `json:"code"`
	Zh   string `json:"zh"`
	En   string `json:"en"`
}

func listed(list []Code, code string) (Code, bool) {
	i := slices.IndexFunc(list, func(c Code) bool { return c.Code == code })
	if i < 0 {
		return Code{}, false
	}
	return list[i], true
}

// Return sends a matter back within 4 office hours, with a reason. The second time the street decides who holds it,
// and then it stays there (R49; rules 9.3).
func (d *Desk) Return(ctx context.Context, who access.Who, id, reason, note string) (Case, error) {
	return d.step(ctx, who, id, func(s *scene) error {
		if err := s.holding(false); err != nil {
			return err
		}
		if _, ok := listed(ReturnReasons, reason); !ok {
			return ErrReasonCode
		}
		if _, ok := course.After(s.c.State, course.Return); !ok {
			return ErrState
		}
		street, ok := course.Returning(int(s.c.Returned), s.periods.Returns)
		if !ok {
			return ErrReturns
		}
		if s.c.ReturnDue != 0 && s.tx.Now > s.c.ReturnDue {
			return ErrReturnLate
		}
		f := Facts{Reason: reason, Org: s.c.HolderOrg, Post: s.c.HolderPost, Person: s.c.HolderPerson, Street: street}
		s.c.Returned++
		s.c.HolderOrg, s.c.HolderPost, s.c.HolderPerson = "", "", ""
		s.c.Extension = clearAsked(s.c.Extension)
		s.why = reason
		return s.do(course.Return, true, f, note)
	})
}

func clearAsked(extension string) string {
	if extension == "asked" {
		return ""
	}
	return extension
}

// Marks are what a remark may say has happened; they stop clocks.
var Marks = []Code{{"contacted", "已联系报事人", "the reporter was spoken to"}, {"acting", "已采取措施", "something was set in motion"}, {"arrived", "已到现场", "somebody is on site"}}

// Remark adds words to a matter: internal ones for staff, public ones for everybody. A mark may come with it from the
// holder.
func (d *Desk) Remark(ctx context.Context, who access.Who, id, text string, public bool, mark string) (Case, error) {
	return d.step(ctx, who, id, func(s *scene) error {
		if text == "" && mark == "" {
			return ErrText
		}
		if mark != "" {
			if _, ok := listed(Marks, mark); !ok {
				return fault.Bad("mark", "cases.mark", "标记有误", "the mark is not one of ours")
			}
			if err := s.holding(true); err != nil {
				return err
			}
		} else if s.c.reportedBy(s.who) {
			public = false // what a reporter adds is for those who work on it
		} else if s.c.worksOn(s.who) {
			s.by = Handle
		} else if err := s.staff(); err != nil {
			return err
		}
		if err := s.do(course.Remark, public, Facts{Mark: mark}, text); err != nil || !public {
			return err
		}
		m, _ := listed(Marks, mark)
		return s.news(strings.TrimSpace(m.Zh+" "+mask(text)), strings.TrimSpace(m.En+" "+mask(text)))
	})
}

// staff is whoever may dispatch, verify or call back here.
func (s *scene) staff() (err error) {
	for _, a := range []*access.Action{Dispatch, Verify, Callback, Mediate, Intake} {
		if err = s.may(a); err == nil {
			return nil
		}
	}
	return err
}

// Urge is a reminder by the reporter or the desk.
func (d *Desk) Urge(ctx context.Context, who access.Who, id, note string) (Case, error) {
	return d.step(ctx, who, id, func(s *scene) error {
		if !s.c.reportedBy(s.who) {
			if err := s.staff(); err != nil {
				return err
			}
		}
		s.c.Urged++
		if err := s.do(course.Urge, true, Facts{}, note); err != nil {
			return err
		}
		s.tellHolder("cases.urged")
		return nil
	})
}

// Ask asks for an extension, once and not longer than the period itself; one level above the holder decides.
func (d *Desk) Ask(ctx context.Context, who access.Who, id, reason string, days int) (Case, error) {
	return d.step(ctx, who, id, func(s *scene) error {
		if err := s.holding(false); err != nil {
			return err
		}
		if reason == "" {
			return ErrReason
		}
		if s.c.Extension != "" {
			return ErrExtended
		}
		k := clock.Run(s.cal, s.periods, ticks(s.log), s.tx.Now)
		if days < 1 || days > k.Length.N {
			return ErrExtension
		}
		s.c.Extension = "asked"
		s.c.DecideDue = s.cal.Deadline(s.tx.Now, s.periods.Accept, s.periods.Hours).At
		s.why = reason
		return s.do(course.Ask, false, Facts{N: days, Unit: string(k.Length.Unit)}, reason)
	})
}

// DecideExtension grants or declines what was asked; the reporters are told of a new date.
func (d *Desk) DecideExtension(ctx context.Context, who access.Who, id string, grant bool, note string) (Case, error) {
	return d.step(ctx, who, id, func(s *scene) error {
		if err := s.above(); err != nil {
			return err
		}
		if s.c.Extension != "asked" {
			return ErrState
		}
		i := len(s.log) - 1
		for ; i >= 0 && s.log[i].Kind != string(course.Ask); i-- {
		}
		if i < 0 {
			return ErrState
		}
		asked := s.log[i]
		if asked.actor() == actor(s.who) && !s.who.System {
			return ErrNotUp
		}
		s.c.DecideDue = 0
		if !grant {
			if note == "" {
				return ErrNote
			}
			s.c.Extension = "declined"
			return s.do(course.Decline, false, Facts{}, note)
		}
		s.c.Extension = "granted"
		if err := s.do(course.Extend, true, Facts{N: asked.Facts.N, Unit: asked.Facts.Unit}, note); err != nil {
			return err
		}
		k := clock.Run(s.cal, s.periods, ticks(s.log), s.tx.Now)
		return s.notify("cases.extended", map[string]string{"due": k.Resolve.Due.Day().String(), "why": asked.Words})
	})
}

// PauseReasons are the only reasons for which a clock stands still (rules 9.3).
var PauseReasons = []Code{{"reporter", "等待报事人配合", "waiting for the reporter"}, {"court", "诉讼或信访程序中", "before a court or in a petition"}, {"vote", "业主表决进行中", "an owners' vote is in progress"}}

// Pause stops the clock of resolution for a listed reason, up to its cap.
func (d *Desk) Pause(ctx context.Context, who access.Who, id, reason, note string) (Case, error) {
	return d.step(ctx, who, id, func(s *scene) error {
		if err := s.holding(false); err != nil {
			return err
		}
		if _, ok := listed(PauseReasons, reason); !ok {
			return ErrPause
		}
		if s.c.PausedUntil > s.tx.Now {
			return ErrPaused
		}
		if !clock.Left(s.cal, s.periods, ticks(s.log), reason, s.tx.Now) {
			return ErrPauseUsed
		}
		s.why = reason
		return s.do(course.Pause, true, Facts{Reason: reason}, note)
	})
}

// Resume lets the clock run on.
func (d *Desk) Resume(ctx context.Context, who access.Who, id string) (Case, error) {
	return d.step(ctx, who, id, func(s *scene) error {
		if err := s.holding(false); err != nil {
			return err
		}
		if s.c.PausedUntil == 0 {
			return ErrNotPaused
		}
		return s.do(course.Resume, true, Facts{}, "")
	})
}

// CoHandlers adds persons who help, or takes them away.
func (d *Desk) CoHandlers(ctx context.Context, who access.Who, id string, more, less []string) (Case, error) {
	return d.step(ctx, who, id, func(s *scene) error {
		if err := s.holding(false); err != nil && s.may(Dispatch) != nil {
			return err
		}
		for _, p := range more {
			f := Facts{Person: p}
			if err := s.names(&f); err != nil {
				return err
			}
			s.c.Co, s.c.Hands = add(s.c.Co, p), add(s.c.Hands, p)
		}
		s.c.Co = slices.DeleteFunc(s.c.Co, func(p string) bool { return slices.Contains(less, p) })
		return s.do(course.CoHandler, false, Facts{Add: more, Remove: less}, "")
	})
}

// Handling is what shows that a matter is handled.
type Handling struct {
	Note   string   `json:"note" maxLength:"2000"`
	Before []string `json:"before_photo_ids,omitempty" maxItems:"9"`
	After  []string `json:"after_photo_ids,omitempty" maxItems:"9"`
}

// noPhoto are kinds of matters that have nothing to photograph.
var noPhoto = []string{"consult", "suggestion", "praise"}

// Handle says that it is done and shows it: a note, and a photograph of how it looks now where there is something to
// see.
func (d *Desk) Handle(ctx context.Context, who access.Who, id string, h Handling) (Case, error) {
	return d.step(ctx, who, id, func(s *scene) error {
		if err := s.holding(true); err != nil {
			return err
		}
		if h.Note == "" {
			return ErrNote
		}
		if len(h.After) == 0 && !slices.Contains(noPhoto, s.c.Kind) {
			return ErrEvidence
		}
		if len(h.Before) > maxPhotos || len(h.After) > maxPhotos {
			return ErrPhotos
		}
		s.c.Hands = add(add(s.c.Hands, actor(s.who)), s.c.HolderPerson)
		s.c.HandledAt = s.tx.Now
		s.c.Extension = clearAsked(s.c.Extension)
		if err := s.do(course.Handle, true, Facts{N: len(h.After)}, h.Note); err != nil {
			return err
		}
		s.c.Photos += int64(len(h.Before) + len(h.After))
		if err := d.attach(s.ctx, s.tx, s.who, &s.c, "before", h.Before, ""); err != nil {
			return err
		}
		return d.attach(s.ctx, s.tx, s.who, &s.c, "after", h.After, "")
	})
}

// Verify says that another has looked and found it done, which stops the clock of resolution, or not done, and then it
// goes back to its holder.
func (d *Desk) Verify(ctx context.Context, who access.Who, id string, ok bool, note string, photos []string) (Case, error) {
	return d.step(ctx, who, id, func(s *scene) error {
		if err := s.may(Verify); err != nil {
			return err
		}
		if s.c.State != course.Handled {
			return ErrState
		}
		if course.MayVerify(actor(s.who), s.c.Hands) != "" {
			return ErrOwnWork
		}
		if len(photos) > maxPhotos {
			return ErrPhotos
		}
		s.c.Photos += int64(len(photos))
		if err := d.attach(s.ctx, s.tx, s.who, &s.c, "verify", photos, ""); err != nil {
			return err
		}
		if !ok {
			if note == "" {
				return ErrNote
			}
			s.c.HandledAt = 0
			return s.do(course.Fail, true, Facts{}, note)
		}
		s.c.Verifier = actor(s.who)
		if err := s.do(course.Verify, true, Facts{}, note); err != nil {
			return err
		}
		return s.notify("cases.handled", nil)
	})
}

// Answers a reporter can give.
const (
	Satisfied    = "satisfied"
	Partly       = "partly"
	Dissatisfied = "dissatisfied"
	Unreachable  = "unreachable"
)

// Confirm is the reporter's own answer, or the answer that staff took on the telephone (byPhone; not by a handler).
// Dissatisfied reopens once, then the community mediates.
func (d *Desk) Confirm(ctx context.Context, who access.Who, id, result, note string, byPhone bool) (Case, error) {
	return d.step(ctx, who, id, func(s *scene) error { return s.confirm(result, note, byPhone) })
}

func (s *scene) confirm(result, note string, byPhone bool) error {
	if !slices.Contains([]string{Satisfied, Partly, Dissatisfied}, result) {
		return ErrResult
	}
	switch {
	case byPhone:
		if err := s.may(Callback); err != nil {
			return err
		}
		if slices.Contains(s.c.Hands, actor(s.who)) {
			return ErrOwnCall
		}
	case !s.c.reportedBy(s.who) && !s.who.System:
		return access.ErrRefused
	}
	if s.c.State != course.Verified {
		return ErrState
	}
	s.c.Confirmation, s.c.ConfirmedAt = result, s.tx.Now
	f := Facts{Result: result, Phone: byPhone}
	if result == Dissatisfied {
		return s.unhappy(f, note)
	}
	if err := s.do(course.Confirm, true, f, note); err != nil {
		return err
	}
	if result == Satisfied && !sampled(s.c.Number, s.periods.Sample) {
		s.c.ClosedAt = s.tx.Now
		return s.do(course.Close, true, Facts{}, "")
	}
	return nil
}

// sampled says whether a satisfied matter is called back, by its number: the same for everybody who asks.
func sampled(number string, percent int) bool {
	n := 0
	for _, r := range number {
		n = (n*31 + int(r-'0')) % 9973
	}
	return n%100 < percent
}

// unhappy reopens the matter for another handler, or brings it into mediation.
func (s *scene) unhappy(f Facts, note string) error {
	if course.Unhappy(int(s.c.Reopened)) == course.Mediate {
		return s.mediate(f, note)
	}
	s.c.Reopened++
	s.c.BeforeHands = slices.Clone(s.c.Hands)
	s.c.HolderOrg, s.c.HolderPost, s.c.HolderPerson = "", "", ""
	s.c.HandledAt, s.c.Verifier, s.c.Tries, s.c.Co, s.c.ClosedAt, s.c.Extension = 0, "", 0, nil, 0, ""
	s.c.Returned = 0
	if err := s.do(course.Reopen, true, f, note); err != nil {
		return err
	}
	return s.notify("cases.reopened", nil)
}

func (s *scene) mediate(f Facts, note string) error {
	s.c.Stage = "community"
	if s.c.Confidential {
		s.c.Stage = "street"
	}
	s.c.MediateDue = s.cal.Deadline(s.tx.Now, s.periods.Mediate, s.periods.Hours).At
	s.c.ClosedAt = 0
	f.Stage = s.c.Stage
	if err := s.do(course.Mediate, true, f, note); err != nil {
		return err
	}
	w := stageWords[s.c.Stage]
	return s.news("已转入调解："+w[0], "it goes into mediation by "+w[1])
}

// Reopen is the reporter's, or the desk's for them: once.
func (d *Desk) Reopen(ctx context.Context, who access.Who, id, note string) (Case, error) {
	return d.step(ctx, who, id, func(s *scene) error {
		if !s.c.reportedBy(s.who) {
			if err := s.may(Callback); err != nil {
				return err
			}
			if slices.Contains(s.c.Hands, actor(s.who)) {
				return ErrOwnCall
			}
		}
		if note == "" {
			return ErrNote
		}
		if s.c.Reopened > 0 {
			return ErrReopened
		}
		return s.unhappy(Facts{Result: Dissatisfied}, note)
	})
}

// CallBack writes down what the reporter said when called, or that nobody answered: after the third try in vain the
// reporter counts as unreachable and the matter closes. Who handled it may not call, nor who verified it unless the
// community has two people or fewer for both.
func (d *Desk) CallBack(ctx context.Context, who access.Who, id, result, note string) (Case, error) {
	return d.step(ctx, who, id, func(s *scene) error {
		if err := s.may(Callback); err != nil {
			return err
		}
		if !slices.Contains([]string{Satisfied, Partly, Dissatisfied, Unreachable}, result) {
			return ErrResult
		}
		if _, ok := course.After(s.c.State, course.Callback); !ok {
			return ErrState
		}
		hands := 3 // unknown: enough people
		if d.Hands != nil {
			n, err := d.Hands(s.ctx, s.tx, community(s.c.Path), Verify.Posts, Callback.Posts)
			if err != nil {
				return err
			}
			hands = n
		}
		switch course.MayCall(actor(s.who), s.c.Hands, s.c.Verifier, hands) {
		case course.OwnWork:
			return ErrOwnCall
		case course.SameCheck:
			return ErrSameCheck
		}
		if result == Unreachable {
			s.c.Tries++
			if int(s.c.Tries) < s.periods.Tries {
				return s.do(course.Miss, true, Facts{N: int(s.c.Tries)}, note)
			}
		}
		s.c.Callback, s.c.CalledBackAt = result, s.tx.Now
		f := Facts{Result: result}
		if result == Dissatisfied {
			return s.unhappy(f, note)
		}
		s.c.ClosedAt = s.tx.Now
		if err := s.do(course.Callback, true, f, note); err != nil {
			return err
		}
		return s.notify("cases.closed", closedWords(result))
	})
}

// MediateCase ends a stage of mediation: settled closes the matter, otherwise it goes up, from the community to the
// street's joint meeting to the district.
func (d *Desk) MediateCase(ctx context.Context, who access.Who, id string, settled bool, note string) (Case, error) {
	return d.step(ctx, who, id, func(s *scene) error {
		if err := s.may(Mediate); err != nil {
			return err
		}
		if note == "" {
			return ErrNote
		}
		if s.c.State != course.Mediation {
			return ErrState
		}
		need := map[string]int{"community": 2, "street": 3, "district": 4}[s.c.Stage]
		if !s.who.System && !slices.ContainsFunc(s.who.Grants, func(g access.Grant) bool {
			return g.Path.Covers(s.c.Path) && slices.Contains(Mediate.Posts, g.Post) && rank(string(g.Post)) >= need
		}) {
			return ErrNotUp
		}
		if settled || s.c.Stage == "district" {
			result := "settled"
			if !settled {
				result = "unsettled"
			}
			s.c.ClosedAt = s.tx.Now
			if err := s.do(course.Settle, true, Facts{Result: result, Stage: s.c.Stage}, note); err != nil {
				return err
			}
			s.c.MediateDue = 0
			return s.notify("cases.closed", closedWords(result))
		}
		s.c.Stage = map[string]string{"community": "street", "street": "district"}[s.c.Stage]
		s.c.MediateDue = s.cal.Deadline(s.tx.Now, s.periods.Mediate, s.periods.Hours).At
		return s.do(course.Escalate, true, Facts{Stage: s.c.Stage}, note)
	})
}

// Withdraw is the reporter's word that it is no longer wanted, before it is handled.
func (d *Desk) Withdraw(ctx context.Context, who access.Who, id, reason string) (Case, error) {
	return d.step(ctx, who, id, func(s *scene) error {
		if !s.c.reportedBy(s.who) {
			if err := s.may(Dispatch); err != nil {
				return err
			}
			if reason == "" {
				return ErrReason
			}
		}
		s.c.ClosedAt = s.tx.Now
		s.why = reason
		return s.do(course.Withdraw, true, Facts{}, reason)
	})
}

// Object raises an objection to the assignment, within its period; the street decides.
func (d *Desk) Object(ctx context.Context, who access.Who, id, reason string) (Case, error) {
	return d.step(ctx, who, id, func(s *scene) error {
		if err := s.holding(false); err != nil {
			return err
		}
		if reason == "" {
			return ErrReason
		}
		if s.c.Objection != "" {
			return ErrObjected
		}
		i := len(s.log) - 1
		for ; i >= 0 && s.log[i].Kind != string(course.Dispatch); i-- {
		}
		if i >= 0 && s.tx.Now > s.cal.Deadline(s.log[i].At, s.periods.Object, s.periods.Hours).At {
			return ErrObjectLate
		}
		s.c.Objection = "raised"
		s.c.DecideDue = s.cal.Deadline(s.tx.Now, s.periods.Accept, s.periods.Hours).At
		s.why = reason
		return s.do(course.Object, false, Facts{}, reason)
	})
}

// RuleObjection upholds the objection, and the matter goes to the holder named, or rejects it.
func (d *Desk) RuleObjection(ctx context.Context, who access.Who, id string, uphold bool, to Sending, note string) (Case, error) {
	return d.step(ctx, who, id, func(s *scene) error {
		if err := s.may(Decide); err != nil {
			return err
		}
		if !s.who.System && !s.who.Holds(s.c.Path, append([]access.Post{access.DistrictOfficer}, streetPosts...)...) {
			return ErrStreet
		}
		if s.c.Objection != "raised" {
			return ErrState
		}
		if note == "" {
			return ErrNote
		}
		result := "rejected"
		if uphold {
			result = "upheld"
		}
		s.c.DecideDue = 0
		if err := s.do(course.Rule, false, Facts{Result: result}, note); err != nil {
			return err
		}
		if uphold {
			if err := s.dispatch(to); err != nil {
				return err
			}
		}
		s.c.Objection = result
		return nil
	})
}

// Silence turns verified matters whose reporters did not answer in time into unconfirmed ones, at most n; it says how
// many. A job calls it.
func (d *Desk) Silence(ctx context.Context, n int) (int, error) {
	ids, err := store.Texts(ctx, d.db, `select id from cases_case where state = 'verified' and confirm_due > 0 and confirm_due < $1 order by confirm_due limit $2`, int64(d.db.Now()), n)
	if err != nil {
		return 0, err
	}
	n = 0
	for _, id := range ids {
		c, err := d.step(ctx, access.System, id, func(s *scene) error {
			if s.c.State != course.Verified || s.c.ConfirmDue >= s.tx.Now {
				return nil
			}
			s.c.Confirmation, s.c.ConfirmedAt = "unconfirmed", 0
			return s.do(course.Silence, true, Facts{}, "")
		})
		if err != nil {
			return n, err
		}
		if c.State == string(course.Unconfirmed) {
			n++
		}
	}
	return n, nil
}

// wake lets clocks run on whose pause has come to its cap; it says how many.
func (d *Desk) wake(ctx context.Context, n int) (int, error) {
	ids, err := store.Texts(ctx, d.db, `select id from cases_case where paused_until > 0 and paused_until <= $1 order by paused_until limit $2`, int64(d.db.Now()), n)
	if err != nil {
		return 0, err
	}
	n = 0
	for _, id := range ids {
		c, err := d.step(ctx, access.System, id, func(s *scene) error {
			if s.c.PausedUntil == 0 || s.c.PausedUntil > s.tx.Now || s.c.State != course.Taken {
				return nil
			}
			return s.do(course.Resume, true, Facts{Reason: s.c.PauseReason}, "")
		})
		if err != nil {
			return n, err
		}
		if c.PausedUntil == 0 {
			n++
		}
	}
	return n, nil
}
