package cases

import (
	"context"
	"database/sql"
	"slices"

	"cuobian/basis/day"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/seal"
	"cuobian/platform/store"
	"cuobian/rooms/cases/course"
	"cuobian/rooms/cases/words"
)

// Case is a matter as it is shown.
type Case struct {
	ID           string      `json:"id"`
	Number       string      `json:"number"`
	Path         scope.Path  `json:"path"`
	CompoundID   string      `json:"compound_id"`
	CompoundName string      `json:"compound_name"`
	PlaceText    string      `json:"place_text"`
	Category     string      `json:"category"`
	CategoryZh   string      `json:"category_zh"`
	CategoryEn   string      `json:"category_en"`
	Kind         string      `json:"kind"`
	Urgency      string      `json:"urgency"`
	Level        string      `json:"level"`
	State        string      `json:"state"`
	Text         string      `json:"text" doc:"with personal numbers masked"`
	Confidential bool        `json:"confidential"`
	Channel      string      `json:"channel"`
	Reporter     *Shown      `json:"reporter,omitempty" doc:"masked; for those who may know"`
	Holder       Holder      `json:"holder"`
	CoHandlers   []string    `json:"co_handlers"`
	AcceptDue    day.Instant `json:"accept_due"`
	RespondDue   day.Instant `json:"respond_due"`
	RespondedAt  day.Instant `json:"responded_at"`
	ActDue       day.Instant `json:"act_due" doc:"urgent matters: something is set in motion"`
	ActedAt      day.Instant `json:"acted_at"`
	SiteDue      day.Instant `json:"site_due" doc:"urgent matters: somebody is on site"`
	ArrivedAt    day.Instant `json:"arrived_at"`
	ResolveDue   day.Instant `json:"resolve_due"`
	Provisional  bool        `json:"provisional" doc:"the due crosses a year whose holidays are not published yet"`
	ReturnDue    day.Instant `json:"return_due"`
	HandledAt    day.Instant `json:"handled_at"`
	VerifiedAt   day.Instant `json:"verified_at"`
	ConfirmDue   day.Instant `json:"confirm_due"`
	ConfirmedAt  day.Instant `json:"confirmed_at"`
	Confirmation string      `json:"confirmation"`
	CallbackDue  day.Instant `json:"callback_due"`
	CalledBackAt day.Instant `json:"called_back_at"`
	Callback     string      `json:"callback"`
	Tries        int64       `json:"tries"`
	ClosedAt     day.Instant `json:"closed_at"`
	OnTime       *bool       `json:"on_time"`
	Overdue      bool        `json:"overdue"`
	Paused       bool        `json:"paused"`
	PauseReason  string      `json:"pause_reason"`
	PausedUntil  day.Instant `json:"paused_until"`
	Extension    string      `json:"extension"`
	Objection    string      `json:"objection"`
	Returned     int64       `json:"returned"`
	Reopened     int64       `json:"reopened"`
	Stage        string      `json:"stage"`
	Urged        int64       `json:"urged"`
	MergedInto   string      `json:"merged_into"`
	Followers    int64       `json:"followers"`
	Photos       []Photo     `json:"photos"`
	PhotoCount   int64       `json:"photo_count" doc:"pictures and recordings"`
	CreatedAt    day.Instant `json:"created_at"`
	UpdatedAt    day.Instant `json:"updated_at"`
	Version      int64       `json:"version"`
	May          []string    `json:"may" doc:"steps that the viewer may do now"`
}

// Shown is a reporter as others see them.
type Shown struct {
	Kind  string `json:"kind" enum:"self,other,anonymous,machine"`
	Name  string `json:"name"`
	Phone string `json:"phone"`
	Mine  bool   `json:"mine"`
}

// Holder is who owes the matter.
type Holder struct {
	Org     string `json:"org"`
	OrgName string `json:"org_name"`
	Post    string `json:"post"`
	PostZh  string `json:"post_zh"`
	PostEn  string `json:"post_en"`
	Person  string `json:"person"`
	Name    string `json:"name"`
}

// Photo is a picture or recording of a matter.
type Photo struct {
	Blob  string      `json:"id"`
	Kind  string      `json:"kind" enum:"photo,voice"`
	Stage string      `json:"stage" enum:"report,before,after,verify"`
	At    day.Instant `json:"at"`
}

// reporter is a row of cases_reporter.
type reporter struct {
	ID, Kind, Account, Person string
	name, phone               []byte
	ShownName, ShownPhone     string
}

const reporterColumns = `id, kind, account, person, name, phone, shown_name, shown_phone`

func scanReporter(r *sql.Rows) (x reporter, err error) {
	err = r.Scan(&x.ID, &x.Kind, &x.Account, &x.Person, &x.name, &x.phone, &x.ShownName, &x.ShownPhone)
	return x, err
}

// reporters are those of the matter and of every matter merged into it.
func (d *Desk) reporters(ctx context.Context, q store.Queryer, id string) ([]reporter, error) {
	return store.All(ctx, q, scanReporter, `select `+reporterColumns+` from cases_reporter where case_id = $1
union all select `+reporterColumns+` from cases_reporter where case_id in (select id from cases_case where merged_into = $1 and merged_into <> '') order by id`, id)
}

func postWord(post string) (zh, en string) {
	for _, w := range access.Words {
		if string(w.Post) == post {
			return w.Zh, w.En
		}
	}
	return post, post
}

// outline is a matter as a list shows it: without what has to be read from other tables.
func (d *Desk) outline(who access.Who, c row, now day.Instant) Case {
	cat, _ := words.ByCode(c.Category)
	out := Case{ID: c.ID, Number: c.Number, Path: c.Path, CompoundID: c.Compound, CompoundName: c.CompoundName, PlaceText: c.PlaceText,
		Category: c.Category, CategoryZh: cat.Zh, CategoryEn: cat.En, Kind: c.Kind, Urgency: c.Urgency, Level: c.Level, State: string(c.State), Text: c.Words,
		Confidential: c.Confidential, Channel: c.Channel, Holder: Holder{Org: c.HolderOrg, Post: c.HolderPost, Person: c.HolderPerson},
		CoHandlers: c.Co, AcceptDue: c.AcceptDue, RespondDue: c.RespondDue, RespondedAt: c.RespondedAt, ActDue: c.ActDue, ActedAt: c.ActedAt, SiteDue: c.SiteDue, ArrivedAt: c.ArrivedAt, ResolveDue: c.ResolveDue, Provisional: c.Provisional,
		ReturnDue: c.ReturnDue, HandledAt: c.HandledAt, VerifiedAt: c.VerifiedAt, ConfirmDue: c.ConfirmDue, ConfirmedAt: c.ConfirmedAt, Confirmation: c.Confirmation,
		CallbackDue: c.CallbackDue, CalledBackAt: c.CalledBackAt, Callback: c.Callback, Tries: c.Tries, ClosedAt: c.ClosedAt,
		Overdue: c.Due != 0 && now > c.Due, Paused: c.PausedUntil > now, PauseReason: c.PauseReason, PausedUntil: c.PausedUntil, Extension: c.Extension,
		Objection: c.Objection, Returned: c.Returned, Reopened: c.Reopened, Stage: c.Stage, Urged: c.Urged, MergedInto: c.MergedInto, Followers: c.Followers,
		PhotoCount: c.Photos, CreatedAt: c.Created, UpdatedAt: c.Updated, Version: c.Version, May: []string{}, Photos: []Photo{}}
	if out.CoHandlers == nil {
		out.CoHandlers = []string{}
	}
	out.Holder.PostZh, out.Holder.PostEn = postWord(c.HolderPost)
	switch {
	case c.OnTime.Valid:
		out.OnTime = &c.OnTime.Bool
	case out.Overdue:
		no := false
		out.OnTime = &no
	}
	return out
}

// show is a matter with everything that who may see.
func (d *Desk) show(ctx context.Context, q store.Queryer, who access.Who, c row) (Case, error) {
	out := d.outline(who, c, d.db.Now())
	var err error
	if c.HolderOrg != "" && d.OrgOf != nil {
		o, err := d.OrgOf(ctx, q, c.HolderOrg)
		if err != nil {
			return out, err
		}
		out.Holder.OrgName = o.Name
	}
	if c.HolderPerson != "" && d.NameOf != nil {
		if out.Holder.Name, err = d.NameOf(ctx, q, c.HolderPerson); err != nil {
			out.Holder.Name = ""
		}
	}
	if c.Photos == 0 && c.HandledAt == 0 {
		// nothing to look for
	} else if out.Photos, err = store.All(ctx, q, func(r *sql.Rows) (p Photo, err error) {
		err = r.Scan(&p.Blob, &p.Kind, &p.Stage, &p.At)
		return p, err
	}, `select blob, kind, stage, at from cases_photo where case_id = $1 order by at, blob`, c.ID); err != nil {
		return out, err
	}
	mine := c.reportedBy(who)
	if mine || d.seesReporter(who, c) {
		out.Reporter = &Shown{Kind: c.ReporterKind, Mine: mine}
		if c.Last4 == "" && (c.ReporterKind == "anonymous" || c.ReporterKind == "machine") {
			out.May = d.may(who, c, d.db.Now())
			return out, nil
		}
		rs, err := store.All(ctx, q, scanReporter, `select `+reporterColumns+` from cases_reporter where case_id = $1 and kind <> 'follower' order by id`, c.ID)
		if err != nil {
			return out, err
		}
		if len(rs) > 0 {
			out.Reporter.Name, out.Reporter.Phone = rs[0].ShownName, rs[0].ShownPhone
		}
	}
	out.May = d.may(who, c, d.db.Now())
	return out, nil
}

// showNew is a matter that was just taken in, without pictures, as show would read it.
func (d *Desk) showNew(who access.Who, c row, p intake) Case {
	now := d.db.Now()
	out := d.outline(who, c, now)
	if p.route != nil && c.HolderOrg != "" {
		out.Holder.OrgName = p.route.orgName
	}
	if mine := c.reportedBy(who); mine || d.seesReporter(who, c) {
		out.Reporter = &Shown{Kind: c.ReporterKind, Mine: mine}
		if p.named() {
			out.Reporter.Name, out.Reporter.Phone = seal.MaskName(p.name), seal.Mask(seal.Phone, p.phone)
		}
	}
	out.May = d.may(who, c, now)
	return out
}

// seesReporter: the desks, and whoever works on it unless it is confidential.
func (d *Desk) seesReporter(who access.Who, c row) bool {
	if who.System {
		return true
	}
	if c.Confidential {
		return who.Grant(Reporter, c.Path) != nil && who.Grant(Secret, c.Path) != nil
	}
	return who.Grant(Reporter, c.Path) != nil || c.worksOn(who)
}

// may lists the steps that who may do now: what the state, the posts and who did what before allow.
func (d *Desk) may(who access.Who, c row, now day.Instant) []string {
	out := []string{}
	can := func(s course.Step) bool { _, ok := course.After(c.State, s); return ok }
	put := func(ok bool, steps ...course.Step) {
		for _, s := range steps {
			if ok && can(s) {
				out = append(out, string(s))
			}
		}
	}
	me := actor(who)
	mine := c.reportedBy(who)
	handled := slices.Contains(c.Hands, me)
	desk := who.System || who.Grant(Dispatch, c.Path) != nil
	street := who.System || who.Holds(c.Path, streetPosts...)
	holds := (who.System || c.heldBy(who)) && who.May(Handle, c.Path) == nil
	helps := holds || slices.Contains(c.Co, who.Person) && who.Person != "" && who.May(Handle, c.Path) == nil
	call := who.May(Callback, c.Path) == nil && !handled
	put(desk && (c.Returned < 2 || street), course.Dispatch)
	put(desk, course.Refuse, course.Classify, course.Merge, course.Split)
	put(holds && course.MayTake(me, c.BeforeHands) == "", course.Take)
	put(holds, course.Handover)
	put(holds && (c.ReturnDue == 0 || now <= c.ReturnDue) && c.Returned < 2, course.Return)
	put(holds && c.Extension == "", course.Ask)
	put(holds && c.PausedUntil <= now, course.Pause)
	put(holds && c.PausedUntil > now, course.Resume)
	put(holds || desk, course.CoHandler)
	put(holds && c.Objection == "", course.Object)
	put(helps, course.Handle)
	if c.Extension == "asked" {
		s := scene{who: who, c: c}
		put(s.above() == nil, course.Extend)
	}
	if c.Objection == "raised" {
		put(street || who.Holds(c.Path, access.DistrictOfficer), course.Rule)
	}
	put(who.May(Verify, c.Path) == nil && !handled, course.Verify)
	put(mine || call, course.Confirm)
	put(call && (c.Verifier != me || d.Hands != nil), course.Callback)
	put((mine || call) && c.Reopened == 0, course.Reopen)
	put(who.May(Mediate, c.Path) == nil, course.Settle)
	put(mine || desk, course.Withdraw)
	put(mine || desk || who.May(Intake, c.Path) == nil, course.Urge)
	put(true, course.Remark)
	put(who.May(Reveal, c.Path) == nil && d.seesReporter(who, c), course.Reveal)
	return out
}

// Get is one matter by id.
func (d *Desk) Get(ctx context.Context, who access.Who, id string) (Case, error) {
	who = d.live(who)
	if who.Account == "" && !who.System {
		return Case{}, access.ErrSignIn
	}
	c, err := readRow(ctx, d.db, id)
	if number, ok := ReadNumber(id); ok && err != nil {
		c, err = readNumber(ctx, d.db, number)
	}
	if err != nil {
		return Case{}, err
	}
	if !d.sees(who, c) {
		return Case{}, access.ErrMissing
	}
	return d.show(ctx, d.db, who, c)
}
