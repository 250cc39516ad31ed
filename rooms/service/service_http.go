package service

import (
	"context"

	"cuobian/basis/day"
	"cuobian/basis/paged"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/serve"
	"cuobian/rooms/people"
)

type idIn struct {
	ID string `path:"id" maxLength:"40"`
}

// View is a contract as it is shown.
type View struct {
	Contract
	FeeFen   int64     `json:"fee_fen_per_m2" doc:"whole fen per m² and month; fee_low and fee_high are exact"`
	Words    string    `json:"words" doc:"where"`
	Promises []Promise `json:"promises,omitempty"`
}

func (s *Contracts) view(ctx context.Context, c Contract, p []Promise) View {
	return View{Contract: c, FeeFen: c.FeeFen(), Words: s.People.PlaceName(ctx, s.db, c.Path), Promises: p}
}

type contractBody struct {
	Compound string  `json:"compound_id,omitempty" maxLength:"40"`
	Org      string  `json:"org,omitempty" maxLength:"40"`
	Mode     Mode    `json:"mode" enum:"market,street_run,community_run,state_run,self_managed,none"`
	FeeLow   int64   `json:"fee_low,omitempty" minimum:"0" doc:"hundredths of a fen per m² and month; 0.85 yuan is 8500"`
	FeeHigh  int64   `json:"fee_high,omitempty" minimum:"0"`
	FeeText  string  `json:"fee_text,omitempty" maxLength:"100"`
	Pay      string  `json:"pay,omitempty" enum:",lump_sum,remuneration,quality,trust"`
	From     day.Day `json:"from_day,omitempty"`
	To       day.Day `json:"to_day,omitempty"`
	Replace  bool    `json:"replace,omitempty" doc:"end the contract in force the day before"`
	Version  int64   `json:"version,omitempty" doc:"the one that was looked at, for a correction"`
	Reason   string  `json:"reason,omitempty" maxLength:"200"`
}

func (b contractBody) contract(id string) Contract {
	return Contract{ID: id, Compound: b.Compound, Org: b.Org, Mode: b.Mode, FeeLow: b.FeeLow, FeeHigh: b.FeeHigh, FeeText: b.FeeText, Pay: b.Pay, From: b.From, To: b.To, Version: b.Version}
}

// Routes adds the room's operations.
func Routes(d *serve.Door, s *Contracts) {
	termsRoutes(d, s)
	type findIn struct {
		Under scope.Path `query:"under" maxLength:"200"`
		Mode  Mode       `query:"mode" enum:",market,street_run,community_run,state_run,self_managed,none"`
		Org   string     `query:"org" maxLength:"40"`
		On    serve.Day  `query:"on" doc:"in force on that day; today when left out"`
		All   bool       `query:"all" doc:"ended ones too"`
		After string     `query:"after" maxLength:"40"`
		Limit int        `query:"limit" minimum:"0" maximum:"200"`
	}
	type listOut struct{ Body paged.List[View] }
	serve.Op(d, serve.Spec{Method: "GET", Path: "/api/contracts", Room: "service", Zh: "哪家物业服务哪个小区", En: "Who serves which compound"},
		func(ctx context.Context, who access.Who, in *findIn) (*listOut, error) {
			f := Find{Under: in.Under, Mode: in.Mode, Org: in.Org, On: in.On.Day, After: in.After, Limit: in.Limit}
			if !in.All && !f.On.Sound() {
				f.On = s.People.Today()
			}
			out := &listOut{}
			items, next, count, more, err := s.List(ctx, who, f)
			if err != nil {
				return nil, err
			}
			out.Body.Items, out.Body.Next, out.Body.Count, out.Body.More = []View{}, next, count, more
			var at []scope.Path
			for _, c := range items {
				at = append(at, c.Path)
			}
			words, err := s.People.Map.WordsFor(ctx, s.db, at...)
			for _, c := range items {
				out.Body.Items = append(out.Body.Items, View{Contract: c, FeeFen: c.FeeFen(), Words: words[c.Path]})
			}
			return out, err
		})
	serve.One(d, serve.Spec{Method: "GET", Path: "/api/contracts/{id}", Room: "service", Zh: "一份物业合同", En: "One contract"},
		func(ctx context.Context, who access.Who, in *idIn) (View, error) {
			c, p, err := s.Look(ctx, who, in.ID)
			if err != nil {
				return View{}, err
			}
			return s.view(ctx, c, p), nil
		})
	type signIn struct{ Body contractBody }
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/contracts", Room: "service", Zh: "登记物业合同", En: "Keep a contract"},
		func(ctx context.Context, who access.Who, in *signIn) (View, error) {
			c, err := s.Sign(ctx, who, in.Body.contract(""), in.Body.Replace)
			if err != nil {
				return View{}, err
			}
			return s.view(ctx, c, nil), nil
		})
	type changeIn struct {
		ID   string `path:"id"`
		Body contractBody
	}
	serve.One(d, serve.Spec{Method: "PATCH", Path: "/api/contracts/{id}", Room: "service", Zh: "更正物业合同，需写明原因", En: "Correct a contract, with a reason"},
		func(ctx context.Context, who access.Who, in *changeIn) (View, error) {
			c, err := s.Change(ctx, who, in.Body.contract(in.ID), in.Body.Reason)
			if err != nil {
				return View{}, err
			}
			return s.view(ctx, c, nil), nil
		})
	type endIn struct {
		ID   string `path:"id"`
		Body struct {
			Version int64   `json:"version" minimum:"1"`
			Last    day.Day `json:"last_day,omitempty" doc:"today when left out"`
			Reason  string  `json:"reason" minLength:"1" maxLength:"200"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/contracts/{id}/end", Room: "service", Zh: "结束物业合同", En: "End a contract"},
		func(ctx context.Context, who access.Who, in *endIn) (View, error) {
			c, err := s.End(ctx, who, in.ID, in.Body.Last, in.Body.Version, in.Body.Reason)
			if err != nil {
				return View{}, err
			}
			return s.view(ctx, c, nil), nil
		})
	type promiseIn struct {
		ID   string `path:"id"`
		Body struct {
			Text string  `json:"text" minLength:"1" maxLength:"500"`
			Due  day.Day `json:"due,omitempty"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/contracts/{id}/promises", Room: "service", Zh: "登记服务承诺", En: "Keep a promise made to owners"},
		func(ctx context.Context, who access.Who, in *promiseIn) (Promise, error) {
			return s.Promise(ctx, who, in.ID, in.Body.Text, in.Body.Due)
		})
	type promisesIn struct {
		Under scope.Path `query:"under" maxLength:"200"`
		State string     `query:"state" enum:",open,kept,broken"`
		After string     `query:"after" maxLength:"40"`
		Limit int        `query:"limit" minimum:"0" maximum:"200"`
	}
	type promisesOut struct {
		Body struct {
			Items []Promise `json:"items"`
			Next  string    `json:"next"`
		}
	}
	serve.Op(d, serve.Spec{Method: "GET", Path: "/api/promises", Room: "service", Zh: "服务承诺", En: "Promises made to owners"},
		func(ctx context.Context, who access.Who, in *promisesIn) (*promisesOut, error) {
			out := &promisesOut{}
			var err error
			out.Body.Items, out.Body.Next, err = s.Promises(ctx, who, in.Under, in.State, in.After, in.Limit)
			return out, err
		})
	type decideIn struct {
		ID   string `path:"id"`
		Body struct {
			State   string `json:"state" enum:"open,kept,broken"`
			Note    string `json:"note,omitempty" maxLength:"500"`
			Version int64  `json:"version" minimum:"1"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/promises/{id}/decide", Room: "service", Zh: "承诺是否兑现", En: "Was a promise kept"},
		func(ctx context.Context, who access.Who, in *decideIn) (Promise, error) {
			return s.Decide(ctx, who, in.ID, in.Body.State, in.Body.Note, in.Body.Version)
		})
	type servingIn struct {
		At scope.Path `query:"at" required:"true" maxLength:"300"`
		On serve.Day  `query:"on"`
	}
	type servingOut struct {
		Body struct {
			Known    bool          `json:"known"`
			Contract *View         `json:"contract,omitempty"`
			Staff    []people.Term `json:"staff"`
		}
	}
	serve.Op(d, serve.Spec{Method: "GET", Path: "/api/serving", Room: "service", Zh: "今天由谁服务", En: "Who serves a place today, and its people"},
		func(ctx context.Context, who access.Who, in *servingIn) (*servingOut, error) {
			if err := who.May(See, in.At); err != nil {
				return nil, err
			}
			on := in.On.Day
			if !on.Sound() {
				on = s.People.Today()
			}
			out := &servingOut{}
			out.Body.Staff = []people.Term{}
			c, ok, err := s.Serving(ctx, s.db, in.At, on)
			if err != nil || !ok {
				return out, err
			}
			v := s.view(ctx, c, nil)
			out.Body.Known, out.Body.Contract = true, &v
			_, staff, err := s.Staff(ctx, s.db, in.At, on)
			out.Body.Staff = append(out.Body.Staff, staff...)
			return out, err
		})
	type joinIn struct {
		Body struct {
			ID        string   `json:"id,omitempty" maxLength:"40" doc:"a unit that is there already"`
			Name      string   `json:"name" minLength:"1" maxLength:"60"`
			Compounds []string `json:"compounds" maxItems:"200"`
			Since     day.Day  `json:"since,omitempty"`
			Reason    string   `json:"reason" minLength:"1" maxLength:"200"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/joined", Room: "service", Zh: "连片小区", En: "Manage compounds as one"},
		func(ctx context.Context, who access.Who, in *joinIn) (Joined, error) {
			b := in.Body
			return s.Join(ctx, who, b.ID, b.Name, b.Compounds, b.Since, b.Reason)
		})
	type underIn struct {
		Under scope.Path `query:"under" maxLength:"200"`
	}
	serve.List(d, serve.Spec{Method: "GET", Path: "/api/joined", Room: "service", Zh: "连片小区列表", En: "Joined compounds"},
		func(ctx context.Context, who access.Who, in *underIn) ([]Joined, error) {
			return s.JoinedIn(ctx, who, in.Under)
		})
}
