package cases

import (
	"context"
	"slices"
	"strings"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/platform/access"
	"cuobian/platform/store"
	"cuobian/rooms/cases/course"
	"cuobian/rooms/cases/words"
)

// Alike is a matter that may be the same.
type Alike struct {
	Case  Case `json:"case"`
	Share int  `json:"share" doc:"how alike the words are, 0 to 100"`
}

// alikeFrom is how alike the words must be where the place within the compound is not the same.
const alikeFrom = 25

// Alike offers matters that may be one with this: the same compound and category within 7 days (rules 9.3), the
// likeliest first. Words that are very alike count in another category too.
func (d *Desk) Alike(ctx context.Context, who access.Who, id string) ([]Alike, error) {
	who = d.live(who)
	if err := who.MaySomewhere(Dispatch); err != nil && who.MaySomewhere(Intake) != nil {
		return nil, err
	}
	c, err := readRow(ctx, d.db, id)
	if err != nil {
		return nil, err
	}
	if !d.sees(who, c) {
		return nil, access.ErrMissing
	}
	return d.alike(ctx, who, c)
}

// AlikeText offers matters that may be the one that is being typed.
func (d *Desk) AlikeText(ctx context.Context, who access.Who, place, category, text string) ([]Alike, error) {
	who = d.live(who)
	if who.Account == "" {
		return nil, access.ErrSignIn
	}
	if d.Place == nil {
		return nil, ErrPlace
	}
	spot, err := d.Place(ctx, d.db, place)
	if err != nil {
		return nil, err
	}
	c := row{Category: category, Words: mask(text), Created: d.db.Now()}
	c.place(spot.Path)
	if c.Category == "" {
		said := words.Read(text)
		c.Category, _ = suggested(said, said.Suggest(), "", Normal)
	}
	return d.alike(ctx, who, c)
}

func (d *Desk) alike(ctx context.Context, who access.Who, c row) ([]Alike, error) {
	p, _, _, err := d.rules(ctx, d.db, c.Path, c.Created.Day(day.Shanghai))
	if err != nil {
		return nil, err
	}
	span := int64(p.Alike) * 24 * 3600 * 1e6
	rows, err := store.All(ctx, d.db, scanRows, `select `+caseColumns+` from cases_case where compound = $1 and live and id <> $2 and created >= $3 and created <= $4 and state in ('reported', 'dispatched', 'taken', 'returned') order by id desc limit 200`,
		c.Compound, c.ID, int64(c.Created)-span, int64(c.Created)+span)
	if err != nil {
		return nil, err
	}
	now := d.db.Now()
	out := []Alike{}
	for _, x := range rows {
		share := words.Alike(c.Words, x.Words)
		same := x.Category == c.Category && (share >= alikeFrom || x.Path == c.Path)
		if !d.sees(who, x) || !same && share < 60 {
			continue
		}
		out = append(out, Alike{d.outline(who, x, now), share})
	}
	slices.SortStableFunc(out, func(a, b Alike) int {
		if (a.Case.Category == c.Category) != (b.Case.Category == c.Category) {
			if a.Case.Category == c.Category {
				return -1
			}
			return 1
		}
		return b.Share - a.Share
	})
	return out[:min(len(out), 10)], nil
}

// Merge makes a matter one with another of the same street that is still open: it is counted once, its reporters follow
// the other and are told now and of the outcome.
func (d *Desk) Merge(ctx context.Context, who access.Who, id, into string) (Case, error) {
	who = d.live(who)
	var out row
	if who.Account == "" && !who.System {
		return Case{}, access.ErrSignIn
	}
	err := d.db.Write(ctx, func(tx *store.Tx) error {
		c, err := readRow(ctx, tx, id)
		if err == nil && !d.sees(who, c) {
			err = access.ErrMissing
		}
		if err != nil {
			return err
		}
		if err := who.May(Dispatch, c.Path); err != nil {
			return err
		}
		target, err := readRow(ctx, tx, into)
		if number, ok := ReadNumber(into); ok && err != nil {
			target, err = readNumber(ctx, tx, number)
		}
		if err != nil || !d.sees(who, target) || target.ID == id || target.MergedInto != "" {
			return ErrInto
		}
		var merged row
		out, err = d.stepIn(ctx, tx, who, id, func(s *scene) error {
			if err := s.may(Dispatch); err != nil {
				return err
			}
			if target.Street != s.c.Street || s.c.Confidential != target.Confidential {
				return ErrInto
			}
			if _, ok := course.After(target.State, course.Follow); !ok {
				return ErrInto
			}
			s.c.MergedInto, s.c.ClosedAt = target.ID, s.tx.Now
			merged = s.c
			if err := s.do(course.Merge, true, Facts{Number: target.Number, Case: target.ID}, ""); err != nil {
				return err
			}
			return s.notify("cases.merged", map[string]string{"into": target.Number})
		})
		if err != nil {
			return err
		}
		// What was merged into the one that is merged now follows along.
		if _, err := tx.Exec(ctx, `update cases_case set merged_into = $1 where merged_into = $2 and merged_into <> ''`, target.ID, id); err != nil {
			return err
		}
		if err := who.May(Dispatch, target.Path); err != nil {
			return err
		}
		_, err = d.change(ctx, tx, who, target, func(s *scene) error {
			s.by = Dispatch
			s.c.Followers += 1 + merged.Followers
			return s.do(course.Follow, true, Facts{Number: merged.Number, Case: merged.ID}, "")
		})
		return err
	})
	if err != nil {
		return Case{}, err
	}
	return d.show(ctx, d.db, who, out)
}

// Split takes a merged matter out again; it starts anew where it stood, with the clocks of its report.
func (d *Desk) Split(ctx context.Context, who access.Who, id string) (Case, error) {
	return d.step(ctx, who, id, func(s *scene) error {
		if err := s.may(Dispatch); err != nil {
			return err
		}
		if s.c.State != course.Merged {
			return ErrState
		}
		if _, err := s.tx.Exec(s.ctx, `update cases_case set followers = followers - 1, version = version + 1 where id = $1 and followers > 0`, s.c.MergedInto); err != nil {
			return err
		}
		s.c.MergedInto, s.c.ClosedAt = "", 0
		s.c.HolderOrg, s.c.HolderPost, s.c.HolderPerson = "", "", ""
		if err := s.do(course.Split, true, Facts{}, ""); err != nil {
			return err
		}
		return s.news("已恢复单独办理", "it is handled on its own again")
	})
}

// Follow is one more person who has the same trouble; they are told like the reporter.
func (d *Desk) Follow(ctx context.Context, who access.Who, id string, c Contact) (Case, error) {
	who = d.live(who)
	var out row
	err := d.db.Write(ctx, func(tx *store.Tx) error {
		old, err := readRow(ctx, tx, id)
		if err != nil {
			return err
		}
		if who.Account == "" {
			return access.ErrSignIn
		}
		// A neighbour may join what stands on the public board; what is confidential only who sees it.
		if !d.sees(who, old) && (old.Confidential || !slices.ContainsFunc(who.Grants, func(g access.Grant) bool { return strings.Contains(string(g.Path), "/"+old.Compound+"/") })) {
			return access.ErrMissing
		}
		phone := normalPhone(c.Phone)
		if phone != "" && !looksLikePhone(phone) {
			return ErrPhone
		}
		staff := c.Name != "" || phone != ""
		if staff {
			if err := who.May(Intake, old.Path); err != nil {
				return err
			}
		}
		out, err = d.change(ctx, tx, who, old, func(s *scene) error {
			account, person, name := who.Account, who.Person, who.Name
			if staff {
				account, person, name = "", c.Person, c.Name
			} else {
				n, err := store.Count(ctx, tx, `select count(*) from cases_reporter where case_id = $1 and account = $2`, id, who.Account)
				if err != nil || n > 0 {
					return err
				}
			}
			s.c.Followers++
			if err := s.do(course.Follow, true, Facts{}, ""); err != nil {
				return err
			}
			return d.writeReporter(ctx, tx, id, "follower", account, person, name, phone)
		})
		return err
	})
	if err != nil {
		return Case{}, err
	}
	if !d.sees(who, out) {
		return Case{ID: out.ID, Number: out.Number, State: string(out.State), Followers: out.Followers, CoHandlers: []string{}, Photos: []Photo{}, May: []string{}}, nil
	}
	return d.show(ctx, d.db, who, out)
}

// Revealed is what was masked.
type Revealed struct {
	Field string `json:"field"`
	Value string `json:"value"`
}

// Reveal shows the original words, the name or the telephone number of the reporter, with a reason; who looked is part
// of the timeline and of the trail.
func (d *Desk) Reveal(ctx context.Context, who access.Who, id, field, reason string) (Revealed, error) {
	if strings.TrimSpace(reason) == "" {
		return Revealed{}, ErrReason
	}
	out := Revealed{Field: field}
	_, err := d.step(ctx, who, id, func(s *scene) error {
		if err := s.may(Reveal); err != nil {
			// Whoever works on it may call the reporter, unless it is confidential.
			if s.c.Confidential || !s.c.worksOn(s.who) {
				return err
			}
			s.by = Handle
		}
		if !d.seesReporter(s.who, s.c) {
			return access.ErrRefused
		}
		var err error
		switch field {
		case "text":
			out.Value = s.c.Words
			if len(s.c.Raw) > 0 {
				out.Value, err = d.ring.Open("cases_case", "raw", s.c.ID, s.c.Raw)
			}
		case "name", "phone":
			var rs []reporter
			rs, err = store.All(s.ctx, s.tx, scanReporter, `select `+reporterColumns+` from cases_reporter where case_id = $1 and kind <> 'follower' order by id`, s.c.ID)
			if err == nil && len(rs) > 0 {
				sealed := rs[0].phone
				if field == "name" {
					sealed = rs[0].name
				}
				out.Value, err = d.ring.Open("cases_reporter", field, rs[0].ID, sealed)
			}
		default:
			return fault.Bad("field", "cases.field", "只能查看原文、姓名或电话", "only text, name or phone can be revealed")
		}
		if err != nil {
			return err
		}
		s.why = mask(reason)
		return s.do(course.Reveal, false, Facts{Field: field}, reason)
	})
	if err != nil {
		return Revealed{}, err
	}
	return out, nil
}

// Bulk is one step on many matters.
type Bulk struct {
	IDs    []string `json:"ids" maxItems:"200"`
	Action string   `json:"action" enum:"dispatch,take,classify,remark,urge,verify,merge,refuse"`
	To     Sending  `json:"to,omitempty"`
	Note   string   `json:"note,omitempty" maxLength:"2000"`
	Public bool     `json:"public,omitempty"`
	Into   string   `json:"into,omitempty" maxLength:"40"`
}

// Outcome says how the step went for one matter.
type Outcome struct {
	ID   string `json:"id"`
	OK   bool   `json:"ok"`
	Code string `json:"code,omitempty"`
	Zh   string `json:"zh,omitempty"`
	En   string `json:"en,omitempty"`
}

// Many does a step on many matters, each on its own: one that is refused leaves the others done.
func (d *Desk) Many(ctx context.Context, who access.Who, b Bulk) ([]Outcome, error) {
	if len(b.IDs) == 0 || len(b.IDs) > 200 {
		return nil, ErrMany
	}
	do := map[string]func(id string) (Case, error){
		"dispatch": func(id string) (Case, error) { return d.Dispatch(ctx, who, id, b.To) },
		"take":     func(id string) (Case, error) { return d.Take(ctx, who, id) },
		"classify": func(id string) (Case, error) { return d.Classify(ctx, who, id, b.To) },
		"remark":   func(id string) (Case, error) { return d.Remark(ctx, who, id, b.Note, b.Public, "") },
		"urge":     func(id string) (Case, error) { return d.Urge(ctx, who, id, b.Note) },
		"verify":   func(id string) (Case, error) { return d.Verify(ctx, who, id, true, b.Note, nil) },
		"merge":    func(id string) (Case, error) { return d.Merge(ctx, who, id, b.Into) },
		"refuse":   func(id string) (Case, error) { return d.Refuse(ctx, who, id, b.Note) },
	}[b.Action]
	if do == nil {
		return nil, fault.Bad("action", "cases.action", "不支持的批量操作", "that step cannot be done in bulk")
	}
	out := []Outcome{}
	for _, id := range b.IDs {
		o := Outcome{ID: id, OK: true}
		if _, err := do(id); err != nil {
			f := fault.Of(err)
			if f.Kind == fault.Internal || f.Kind == fault.Unavailable {
				return out, err
			}
			o = Outcome{ID: id, Code: f.Code, Zh: f.Zh, En: f.En}
		}
		out = append(out, o)
	}
	return out, nil
}
