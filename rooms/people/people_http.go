package people

import (
	"context"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/serve"
	"cuobian/rooms/place"
)

type idIn struct {
	ID string `path:"id" maxLength:"40"`
}

type personBody struct {
	Name     string   `json:"name" minLength:"1" maxLength:"60"`
	Kind     string   `json:"kind,omitempty" enum:",person,org"`
	Gender   string   `json:"gender,omitempty" enum:",男,女"`
	Phones   []string `json:"phones,omitempty" maxItems:"5"`
	IDKind   string   `json:"id_kind,omitempty" enum:",resident,credit,passport,permit,other"`
	Identity string   `json:"identity,omitempty" maxLength:"40"`
}

func (b personBody) draft() NewPerson {
	return NewPerson{Name: b.Name, Kind: b.Kind, Gender: b.Gender, Phones: b.Phones, IDKind: b.IDKind, Identity: b.Identity}
}

// PersonFile is a person with what ties them to places that the viewer may see.
type PersonFile struct {
	Person     Person      `json:"person"`
	Titles     []Title     `json:"titles"`
	Households []Household `json:"households"`
	Terms      []Term      `json:"terms"`
	Words      WordsOf     `json:"words" doc:"paths in words"`
	MayReveal  bool        `json:"may_reveal"`
	MayEdit    bool        `json:"may_edit"`
}

// WordsOf names paths.
type WordsOf map[string]string

func (r *Register) file(ctx context.Context, who access.Who, id string) (f PersonFile, err error) {
	p, _, err := r.within(ctx, r.db, who, See, id)
	if err != nil {
		return f, err
	}
	f = PersonFile{Person: p, Titles: []Title{}, Households: []Household{}, Terms: []Term{}, Words: WordsOf{}}
	word := func(at scope.Path) {
		if _, ok := f.Words[string(at)]; !ok {
			f.Words[string(at)] = r.PlaceName(ctx, r.db, at)
		}
	}
	seen := func(at scope.Path) bool { return who.May(See, at) == nil }
	titles, err := r.titlesOf(ctx, r.db, id)
	if err != nil {
		return f, err
	}
	for _, t := range titles {
		if seen(t.Path) {
			f.Titles = append(f.Titles, t)
			word(t.Path)
		}
	}
	lives, err := r.householdsOf(ctx, r.db, id)
	if err != nil {
		return f, err
	}
	for _, h := range lives {
		if seen(h.Path) {
			f.Households = append(f.Households, h)
			word(h.Path)
		}
	}
	if f.Terms, err = r.Terms(ctx, r.db, TermFind{Person: id}); err != nil {
		return f, err
	}
	for _, t := range f.Terms {
		word(t.Path)
	}
	_, _, err = r.within(ctx, r.db, who, Reveal, id)
	f.MayReveal = err == nil
	_, _, err = r.within(ctx, r.db, who, Edit, id)
	f.MayEdit = err == nil
	return f, nil
}

// Routes adds the room's operations.
func Routes(d *serve.Door, r *Register) {
	personRoutes(d, r)
	homeRoutes(d, r)
	orgRoutes(d, r)
	meRoutes(d, r)
	importRoutes(d, r)
}

func personRoutes(d *serve.Door, r *Register) {
	type findIn struct {
		Q     string     `query:"q" maxLength:"60" doc:"name, pinyin initials, a home, last four digits, or a whole number"`
		Under scope.Path `query:"under" maxLength:"200"`
		After string     `query:"after" maxLength:"300"`
		Limit int        `query:"limit" minimum:"0" maximum:"200"`
	}
	serve.One(d, serve.Spec{Method: "GET", Path: "/api/people", Room: "people", Zh: "查找人员（号码打码）", En: "Find people, numbers masked"},
		func(ctx context.Context, who access.Who, in *findIn) (Page, error) {
			return r.Search(ctx, who, Find{Query: in.Q, Under: in.Under, After: in.After, Limit: in.Limit})
		})
	type enterIn struct {
		Body struct {
			At       string   `json:"at" doc:"id of the place that the person belongs to"`
			Name     string   `json:"name" minLength:"1" maxLength:"60"`
			Kind     string   `json:"kind,omitempty" enum:",person,org"`
			Gender   string   `json:"gender,omitempty" enum:",男,女"`
			Phones   []string `json:"phones,omitempty" maxItems:"5"`
			IDKind   string   `json:"id_kind,omitempty" enum:",resident,credit,passport,permit,other"`
			Identity string   `json:"identity,omitempty" maxLength:"40"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/people", Room: "people", Zh: "登记人员", En: "Enter a person by hand"},
		func(ctx context.Context, who access.Who, in *enterIn) (Person, error) {
			b := in.Body
			return r.Enter(ctx, who, b.At, NewPerson{Name: b.Name, Kind: b.Kind, Gender: b.Gender, Phones: b.Phones, IDKind: b.IDKind, Identity: b.Identity})
		})
	serve.One(d, serve.Spec{Method: "GET", Path: "/api/people/{id}", Room: "people", Zh: "一位人员", En: "One person"},
		func(ctx context.Context, who access.Who, in *idIn) (PersonFile, error) {
			return r.file(ctx, who, in.ID)
		})
	type correctIn struct {
		ID   string `path:"id"`
		Body struct {
			Version  int64     `json:"version" minimum:"1"`
			Reason   string    `json:"reason" minLength:"1" maxLength:"200"`
			Name     *string   `json:"name,omitempty" maxLength:"60"`
			Gender   *string   `json:"gender,omitempty" enum:",男,女"`
			Phones   *[]string `json:"phones,omitempty" maxItems:"5" doc:"replaces all numbers"`
			IDKind   string    `json:"id_kind,omitempty" enum:",resident,credit,passport,permit,other"`
			Identity *string   `json:"identity,omitempty" maxLength:"40"`
		}
	}
	serve.One(d, serve.Spec{Method: "PATCH", Path: "/api/people/{id}", Room: "people", Zh: "更正人员，需写明原因", En: "Correct a person, with a reason"},
		func(ctx context.Context, who access.Who, in *correctIn) (Person, error) {
			b := in.Body
			return r.Correct(ctx, who, in.ID, Change{Version: b.Version, Reason: b.Reason, Name: b.Name, Gender: b.Gender, Phones: b.Phones, IDKind: b.IDKind, Identity: b.Identity})
		})
	type revealIn struct {
		ID   string `path:"id"`
		Body struct {
			Field  string `json:"field" enum:"phone,identity"`
			Reason string `json:"reason" minLength:"2" maxLength:"200"`
		}
	}
	type revealOut struct {
		Body struct {
			Values []string `json:"values"`
		}
	}
	serve.Op(d, serve.Spec{Method: "POST", Path: "/api/people/{id}/reveal", Room: "people", Zh: "查看完整号码，写明原因并留痕", En: "See a full number, with a reason that is kept"},
		func(ctx context.Context, who access.Who, in *revealIn) (*revealOut, error) {
			v, err := r.ShowNumber(ctx, who, in.ID, in.Body.Field, in.Body.Reason)
			out := &revealOut{}
			out.Body.Values = append([]string{}, v...)
			return out, err
		})
	type mergeIn struct {
		ID   string `path:"id"`
		Body struct {
			Other  string `json:"other" doc:"the record that goes into this one"`
			Reason string `json:"reason" minLength:"1" maxLength:"200"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/people/{id}/merge", Room: "people", Zh: "合并重复人员", En: "Merge a double into this person"},
		func(ctx context.Context, who access.Who, in *mergeIn) (Person, error) {
			return r.Merge(ctx, who, in.ID, in.Body.Other, in.Body.Reason)
		})
	type partIn struct {
		ID   string `path:"id"`
		Body struct {
			Reason string `json:"reason" minLength:"1" maxLength:"200"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/people/{id}/part", Room: "people", Zh: "拆分最近一次合并", En: "Take the latest merge apart again"},
		func(ctx context.Context, who access.Who, in *partIn) (Person, error) {
			return r.Part(ctx, who, in.ID, in.Body.Reason)
		})
}

func homeRoutes(d *serve.Door, r *Register) {
	serve.One(d, serve.Spec{Method: "GET", Path: "/api/homes/{id}", Room: "people", Zh: "一户：业主、住户和变更历史", En: "A home: owners, household and history"},
		func(ctx context.Context, who access.Who, in *idIn) (HomeFile, error) {
			return r.File(ctx, who, in.ID)
		})
	type ownerIn struct {
		Person string      `json:"person,omitempty" doc:"id of somebody on the register"`
		New    *personBody `json:"new,omitempty" doc:"or somebody new"`
		ShareN int64       `json:"share_n,omitempty" minimum:"0"`
		ShareD int64       `json:"share_d,omitempty" minimum:"0"`
	}
	type moveIn struct {
		ID   string `path:"id"`
		Body struct {
			Owners []ownerIn `json:"owners" maxItems:"50"`
			On     day.Day   `json:"on,omitempty" doc:"the day from which they own it; today when left out"`
			Reason string    `json:"reason" minLength:"1" maxLength:"200"`
		}
	}
	type titlesOut struct {
		Body struct {
			Owners []Title `json:"owners"`
		}
	}
	serve.Op(d, serve.Spec{Method: "POST", Path: "/api/homes/{id}/move", Room: "people", Zh: "产权变更", En: "Change the owners from a day on"},
		func(ctx context.Context, who access.Who, in *moveIn) (*titlesOut, error) {
			var owners []Owner
			for _, o := range in.Body.Owners {
				x := Owner{Person: o.Person, ShareN: o.ShareN, ShareD: o.ShareD}
				if o.New != nil {
					n := o.New.draft()
					x.New = &n
				}
				owners = append(owners, x)
			}
			out := &titlesOut{}
			var err error
			out.Body.Owners, err = r.Move(ctx, who, in.ID, owners, in.Body.On, in.Body.Reason)
			if out.Body.Owners == nil {
				out.Body.Owners = []Title{}
			}
			return out, err
		})
	type titleIn struct {
		ID   string `path:"id"`
		Body struct {
			Version int64   `json:"version" minimum:"1"`
			Reason  string  `json:"reason" minLength:"1" maxLength:"200"`
			ShareN  int64   `json:"share_n,omitempty" minimum:"0"`
			ShareD  int64   `json:"share_d,omitempty" minimum:"0"`
			From    day.Day `json:"from_day,omitempty"`
			To      day.Day `json:"to_day,omitempty"`
		}
	}
	serve.One(d, serve.Spec{Method: "PATCH", Path: "/api/titles/{id}", Room: "people", Zh: "更正产权的日期或份额，需写明原因", En: "Correct the days or the share of a title, with a reason"},
		func(ctx context.Context, who access.Who, in *titleIn) (Title, error) {
			b := in.Body
			return r.ChangeTitle(ctx, who, Title{ID: in.ID, Version: b.Version, ShareN: b.ShareN, ShareD: b.ShareD, From: b.From, To: b.To}, b.Reason)
		})
	type liveIn struct {
		ID   string `path:"id"`
		Body struct {
			Person   string      `json:"person,omitempty"`
			New      *personBody `json:"new,omitempty"`
			Relation string      `json:"relation" enum:"owner,tenant,family"`
			Kin      string      `json:"kin,omitempty" maxLength:"20"`
			From     day.Day     `json:"from_day,omitempty"`
			To       day.Day     `json:"to_day,omitempty"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/homes/{id}/household", Room: "people", Zh: "登记住户", En: "Add somebody to the household"},
		func(ctx context.Context, who access.Who, in *liveIn) (Household, error) {
			b := in.Body
			var fresh *NewPerson
			if b.New != nil {
				n := b.New.draft()
				fresh = &n
			}
			return r.MoveIn(ctx, who, in.ID, Household{Person: b.Person, Relation: b.Relation, Kin: b.Kin, From: b.From, To: b.To}, fresh)
		})
	type outIn struct {
		ID   string `path:"id"`
		Body struct {
			Version int64   `json:"version" minimum:"1"`
			Last    day.Day `json:"last_day,omitempty" doc:"today when left out"`
			Reason  string  `json:"reason" minLength:"1" maxLength:"200"`
		}
	}
	serve.Do(d, serve.Spec{Method: "POST", Path: "/api/households/{id}/end", Room: "people", Zh: "住户迁出", En: "Somebody moves out"},
		func(ctx context.Context, who access.Who, in *outIn) error {
			return r.MoveOut(ctx, who, in.ID, in.Body.Last, in.Body.Version, in.Body.Reason)
		})
	type headsIn struct {
		Under scope.Path `query:"under" required:"true" maxLength:"200"`
	}
	type headsOut struct {
		Body struct {
			Heads     int64 `json:"heads" doc:"R05"`
			Area      int64 `json:"area" doc:"0.01 m²"`
			Parts     int64 `json:"parts"`
			Developer int64 `json:"developer"`
			Unknown   int64 `json:"unknown"`
		}
	}
	serve.Op(d, serve.Spec{Method: "GET", Path: "/api/heads", Room: "people", Zh: "业主人数与面积（R05、R06）", En: "Owners' heads and area by R05 and R06"},
		func(ctx context.Context, who access.Who, in *headsIn) (*headsOut, error) {
			if err := who.May(SeePosts, in.Under); err != nil {
				return nil, err
			}
			if place.CompoundPath(in.Under) == "" {
				return nil, fault.Bad("under", "people.compound", "请指定小区", "name a compound")
			}
			t, err := r.Heads(ctx, r.db, in.Under)
			out := &headsOut{}
			out.Body.Heads, out.Body.Area, out.Body.Parts, out.Body.Developer, out.Body.Unknown = t.Heads, int64(t.Area), t.Parts, t.Developer, t.Unknown
			return out, err
		})
}
