package people

import (
	"context"

	"cuobian/basis/day"
	"cuobian/basis/paged"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/serve"
	"cuobian/rooms/place"
)

func orgRoutes(d *serve.Door, r *Register) {
	type orgsIn struct {
		Under scope.Path `query:"under" maxLength:"200"`
		Kind  string     `query:"kind" maxLength:"40"`
		Q     string     `query:"q" maxLength:"60"`
		On    serve.Day  `query:"on" doc:"only those that stood on that day"`
		After string     `query:"after" maxLength:"40"`
		Limit int        `query:"limit" minimum:"0" maximum:"200"`
	}
	type orgsOut struct{ Body paged.List[Org] }
	serve.Op(d, serve.Spec{Method: "GET", Path: "/api/orgs", Room: "people", Zh: "组织列表", En: "Organisations"},
		func(ctx context.Context, who access.Who, in *orgsIn) (*orgsOut, error) {
			f := OrgFind{Under: in.Under, Query: in.Q, On: in.On.Day, After: in.After, Limit: in.Limit}
			if in.Kind != "" {
				f.Kinds = []OrgKind{OrgKind(in.Kind)}
			}
			out := &orgsOut{}
			var err error
			out.Body.Items, out.Body.Next, out.Body.Count, out.Body.More, err = r.Orgs(ctx, who, f)
			return out, err
		})
	type wordsOut struct {
		Body struct {
			Orgs  []OrgWord     `json:"orgs"`
			Posts []access.Word `json:"posts"`
		}
	}
	serve.Op(d, serve.Spec{Method: "GET", Path: "/api/posts", Room: "people", Zh: "组织类型和岗位名称", En: "Names of kinds of organisations and of posts"},
		func(ctx context.Context, who access.Who, in *struct{}) (*wordsOut, error) {
			out := &wordsOut{}
			out.Body.Orgs, out.Body.Posts = OrgWords, access.Words
			return out, nil
		})
	type orgBody struct {
		Kind      OrgKind    `json:"kind,omitempty"`
		Name      string     `json:"name" minLength:"1" maxLength:"60"`
		Path      scope.Path `json:"path,omitempty" maxLength:"200"`
		Parent    string     `json:"parent,omitempty" maxLength:"40"`
		FoundedOn day.Day    `json:"founded_on,omitempty"`
		EndedOn   day.Day    `json:"ended_on,omitempty"`
		FiledOn   day.Day    `json:"filed_on,omitempty"`
		FiledNo   string     `json:"filed_no,omitempty" maxLength:"60"`
		Number    int64      `json:"number,omitempty" minimum:"0" maximum:"99"`
		To        day.Day    `json:"to_day,omitempty"`
		Version   int64      `json:"version,omitempty" doc:"the one that was looked at, for a correction"`
		Reason    string     `json:"reason,omitempty" maxLength:"200"`
	}
	from := func(id string, b orgBody) Org {
		return Org{ID: id, Kind: b.Kind, Name: b.Name, Path: b.Path, Parent: b.Parent, FoundedOn: b.FoundedOn, EndedOn: b.EndedOn, FiledOn: b.FiledOn,
			FiledNo: b.FiledNo, Number: b.Number, To: b.To, Version: b.Version}
	}
	type foundIn struct{ Body orgBody }
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/orgs", Room: "people", Zh: "登记组织", En: "Enter an organisation"},
		func(ctx context.Context, who access.Who, in *foundIn) (Org, error) {
			return r.Found(ctx, who, from("", in.Body))
		})
	serve.One(d, serve.Spec{Method: "GET", Path: "/api/orgs/{id}", Room: "people", Zh: "一个组织及其岗位", En: "An organisation with its terms"},
		func(ctx context.Context, who access.Who, in *idIn) (OrgFile, error) {
			return r.LookOrg(ctx, who, in.ID)
		})
	type changeIn struct {
		ID   string `path:"id"`
		Body orgBody
	}
	serve.One(d, serve.Spec{Method: "PATCH", Path: "/api/orgs/{id}", Room: "people", Zh: "更正组织，需写明原因", En: "Correct an organisation, with a reason"},
		func(ctx context.Context, who access.Who, in *changeIn) (Org, error) {
			return r.ChangeOrg(ctx, who, from(in.ID, in.Body), in.Body.Reason)
		})

	type termsIn struct {
		Under  scope.Path `query:"under" maxLength:"200"`
		Post   string     `query:"post" maxLength:"40"`
		Person string     `query:"person" maxLength:"40"`
		Org    string     `query:"org" maxLength:"40"`
		On     serve.Day  `query:"on" doc:"in force on that day; today when left out"`
		All    bool       `query:"all" doc:"ended and future terms too"`
		After  string     `query:"after" maxLength:"40"`
		Limit  int        `query:"limit" minimum:"0" maximum:"200"`
	}
	type termsOut struct {
		Body struct {
			Items []Term  `json:"items"`
			Words WordsOf `json:"words"`
			Next  string  `json:"next"`
			Count int64   `json:"count"`
			More  bool    `json:"more"`
		}
	}
	serve.Op(d, serve.Spec{Method: "GET", Path: "/api/terms", Room: "people", Zh: "任期列表", En: "Terms of posts"},
		func(ctx context.Context, who access.Who, in *termsIn) (*termsOut, error) {
			if err := who.MaySomewhere(SeePosts); err != nil {
				return nil, err
			}
			f := TermFind{Person: in.Person, Org: in.Org, On: in.On.Day, After: in.After}
			if !in.All && !f.On.Sound() {
				f.On = r.Today()
			}
			if in.Post != "" {
				f.Posts = []access.Post{access.Post(in.Post)}
			}
			limit := in.Limit
			if limit == 0 {
				limit = 50
			}
			out := &termsOut{}
			out.Body.Items, out.Body.Words = []Term{}, WordsOf{}
			items, count, err := r.listTerms(ctx, f, place.Narrow(who.Paths(SeePosts), in.Under), limit)
			if err != nil {
				return nil, err
			}
			if out.Body.Count = count; count > CountTo {
				out.Body.Count, out.Body.More = CountTo, true
			}
			if len(items) > limit {
				items = items[:limit]
				out.Body.Next = items[limit-1].ID
			}
			var at []scope.Path
			for _, t := range items {
				out.Body.Items = append(out.Body.Items, t)
				at = append(at, t.Path)
			}
			named, err := r.Map.WordsFor(ctx, r.db, at...)
			for p, w := range named {
				out.Body.Words[string(p)] = w
			}
			if err != nil {
				return nil, err
			}
			return out, nil
		})
	type appointIn struct {
		Body struct {
			Org       string      `json:"org,omitempty" maxLength:"40"`
			Post      access.Post `json:"post"`
			Title     string      `json:"title,omitempty" maxLength:"60"`
			Person    string      `json:"person" maxLength:"40"`
			Path      scope.Path  `json:"path,omitempty" maxLength:"200" doc:"where; the organisation's place when left out"`
			From      day.Day     `json:"from_day,omitempty" doc:"today when left out"`
			To        day.Day     `json:"to_day,omitempty"`
			Party     string      `json:"party,omitempty" enum:",member,probation"`
			Zone      string      `json:"zone,omitempty" maxLength:"60"`
			DeputyFor string      `json:"deputy_for,omitempty" maxLength:"40"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/terms", Room: "people", Zh: "任命岗位", En: "Appoint somebody to a post"},
		func(ctx context.Context, who access.Who, in *appointIn) (Term, error) {
			b := in.Body
			return r.Appoint(ctx, who, Term{Org: b.Org, Post: b.Post, Title: b.Title, Person: b.Person, Path: b.Path, From: b.From, To: b.To, Party: b.Party, Zone: b.Zone, DeputyFor: b.DeputyFor})
		})
	type changeTermIn struct {
		ID   string `path:"id"`
		Body struct {
			Version int64   `json:"version" minimum:"1"`
			Reason  string  `json:"reason" minLength:"1" maxLength:"200"`
			Title   string  `json:"title,omitempty" maxLength:"60"`
			From    day.Day `json:"from_day"`
			To      day.Day `json:"to_day,omitempty"`
			Party   string  `json:"party,omitempty" enum:",member,probation"`
			Zone    string  `json:"zone,omitempty" maxLength:"60"`
		}
	}
	serve.One(d, serve.Spec{Method: "PATCH", Path: "/api/terms/{id}", Room: "people", Zh: "更正任期，需写明原因", En: "Correct a term, with a reason"},
		func(ctx context.Context, who access.Who, in *changeTermIn) (Term, error) {
			b := in.Body
			return r.ChangeTerm(ctx, who, Term{ID: in.ID, Version: b.Version, Title: b.Title, From: b.From, To: b.To, Party: b.Party, Zone: b.Zone}, b.Reason)
		})
	type endIn struct {
		ID   string `path:"id"`
		Body struct {
			Version int64   `json:"version" minimum:"1"`
			Last    day.Day `json:"last_day,omitempty" doc:"today when left out"`
			Reason  string  `json:"reason" minLength:"1" maxLength:"200"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/terms/{id}/end", Room: "people", Zh: "免去岗位", En: "End a term"},
		func(ctx context.Context, who access.Who, in *endIn) (Term, error) {
			return r.EndTerm(ctx, who, in.ID, in.Body.Last, in.Body.Version, in.Body.Reason)
		})

	type underIn struct {
		Under scope.Path `query:"under" maxLength:"200"`
		On    serve.Day  `query:"on" doc:"today when left out"`
	}
	on := func(in *underIn) day.Day {
		if in.On.Sound() {
			return in.On.Day
		}
		return r.Today()
	}
	type coverageOut struct {
		Body struct {
			Items   []Covered `json:"items"`
			Lacking int       `json:"lacking" doc:"compounds that lack a required post"`
		}
	}
	serve.Op(d, serve.Spec{Method: "GET", Path: "/api/coverage", Room: "people", Zh: "包干责任覆盖：哪个小区缺哪个岗位", En: "Which compound lacks which required post, who covers it, since when"},
		func(ctx context.Context, who access.Who, in *underIn) (*coverageOut, error) {
			out := &coverageOut{}
			var err error
			out.Body.Items, err = r.Coverage(ctx, who, in.Under, on(in))
			for _, c := range out.Body.Items {
				if c.Lacking > 0 {
					out.Body.Lacking++
				}
			}
			return out, err
		})
	type requireIn struct {
		Body struct {
			Path scope.Path  `json:"path" maxLength:"200"`
			Post access.Post `json:"post"`
			Need bool        `json:"need"`
		}
	}
	serve.Do(d, serve.Spec{Method: "POST", Path: "/api/coverage/required", Room: "people", Zh: "设定必配岗位", En: "Say which posts compounds need"},
		func(ctx context.Context, who access.Who, in *requireIn) error {
			return r.Require(ctx, who, in.Body.Path, in.Body.Post, in.Body.Need)
		})
	type crewsOut struct {
		Body struct {
			Items    []Crew `json:"items"`
			Complete int    `json:"complete"`
		}
	}
	serve.Op(d, serve.Spec{Method: "GET", Path: "/api/crews", Room: "people", Zh: "每个小区的法官、民警、干部、网格员", En: "Judge, officer, cadre and grid worker of every compound"},
		func(ctx context.Context, who access.Who, in *underIn) (*crewsOut, error) {
			out := &crewsOut{}
			var err error
			out.Body.Items, err = r.Crews(ctx, who, in.Under, on(in))
			for _, c := range out.Body.Items {
				if c.Complete {
					out.Body.Complete++
				}
			}
			return out, err
		})
	type committeesOut struct {
		Body struct {
			Items    []Committee `json:"items"`
			Filed    int         `json:"committees" doc:"without interim ones"`
			Interim  int         `json:"interim"`
			Majority int         `json:"party_majority" doc:"of the committees, interim ones left out"`
			Shoulder int         `json:"one_shoulder"`
		}
	}
	serve.Op(d, serve.Spec{Method: "GET", Path: "/api/committees", Room: "people", Zh: "业委会与临管会、党员过半、一肩挑", En: "Committees, Party majority, director and secretary in one"},
		func(ctx context.Context, who access.Who, in *underIn) (*committeesOut, error) {
			if err := who.MaySomewhere(SeePosts); err != nil {
				return nil, err
			}
			out := &committeesOut{}
			out.Body.Items = []Committee{}
			for _, p := range place.Narrow(who.Paths(SeePosts), in.Under) {
				some, err := r.Committees(ctx, r.db, p, on(in))
				if err != nil {
					return nil, err
				}
				out.Body.Items = append(out.Body.Items, some...)
			}
			for _, c := range out.Body.Items {
				if c.Shoulder {
					out.Body.Shoulder++
				}
				if c.Interim {
					out.Body.Interim++
					continue
				}
				out.Body.Filed++
				if c.Members.Majority {
					out.Body.Majority++
				}
			}
			return out, nil
		})
}
