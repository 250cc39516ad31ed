package duty

import (
	"context"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/serve"
)

// ByID names a duty in the path; huma skips embedded types that are not exported.
type ByID struct {
	ID string `path:"id"`
}

// Routes adds the room's operations.
func Routes(door *serve.Door, d *Diary) {
	type inboxIn struct {
		Kind    string    `query:"kind" doc:"a kind, or a room's name for all of its kinds"`
		From    serve.Day `query:"from" doc:"first day of deadlines"`
		To      serve.Day `query:"to" doc:"last day of deadlines"`
		Overdue bool      `query:"overdue"`
		After   string    `query:"after"`
		Limit   int       `query:"limit" minimum:"0" maximum:"200"`
	}
	serve.One(door, serve.Spec{Method: "GET", Path: "/api/duties", Room: "duty", Zh: "我的一天：自己要办的事，按时限先后", En: "My day: what I owe, soonest first"},
		func(ctx context.Context, who access.Who, in *inboxIn) (Page, error) {
			ask := Ask{Kind: in.Kind, After: in.After, Limit: in.Limit, Overdue: in.Overdue}
			if !in.From.IsZero() {
				ask.From = in.From.Start(day.Shanghai)
			}
			if !in.To.IsZero() {
				ask.To = in.To.Add(1).Start(day.Shanghai)
			}
			return d.Inbox(ctx, who, ask)
		})
	serve.One(door, serve.Spec{Method: "GET", Path: "/api/duties/{id}", Room: "duty", Zh: "一件责任事项", En: "One duty"},
		func(ctx context.Context, who access.Who, in *ByID) (Duty, error) {
			return d.Get(ctx, who, in.ID)
		})
	type overdueIn struct {
		By    string     `query:"by" enum:"person,post,place" default:"place"`
		Under scope.Path `query:"under"`
	}
	serve.List(door, serve.Spec{Method: "GET", Path: "/api/overdue", Room: "duty", Zh: "辖区内未办与逾期，按人、岗位或地点汇总", En: "Open and overdue duties by person, post or place"},
		func(ctx context.Context, who access.Who, in *overdueIn) ([]Heap, error) {
			return d.Overdue(ctx, who, in.Under, in.By)
		})
	type handIn struct {
		ByID
		Body struct {
			To     string `json:"to" doc:"person id"`
			Reason string `json:"reason" maxLength:"500"`
		}
	}
	serve.Do(door, serve.Spec{Method: "POST", Path: "/api/duties/{id}/handover", Room: "duty", Zh: "移交给同事", En: "Hand a duty to a colleague"},
		func(ctx context.Context, who access.Who, in *handIn) error {
			return d.Handover(ctx, who, in.ID, in.Body.To, in.Body.Reason)
		})
	type finishIn struct {
		ByID
		Body struct {
			Note string `json:"note" maxLength:"2000"`
		}
	}
	serve.Do(door, serve.Spec{Method: "POST", Path: "/api/duties/{id}/finish", Room: "duty", Zh: "报告已办", En: "Say that a duty is done"},
		func(ctx context.Context, who access.Who, in *finishIn) error {
			return d.Finish(ctx, who, in.ID, in.Body.Note)
		})
	type checkIn struct {
		ByID
		Body struct {
			OK     bool   `json:"ok"`
			Reason string `json:"reason,omitempty" maxLength:"500"`
		}
	}
	serve.Do(door, serve.Spec{Method: "POST", Path: "/api/duties/{id}/check", Room: "duty", Zh: "核实办结或退回重办", En: "End a done duty or send it back"},
		func(ctx context.Context, who access.Who, in *checkIn) error {
			return d.Check(ctx, who, in.ID, in.Body.OK, in.Body.Reason)
		})
	type cardsIn struct {
		Before string `query:"before"`
		Limit  int    `query:"limit" minimum:"0" maximum:"200" default:"50"`
	}
	serve.List(door, serve.Spec{Method: "GET", Path: "/api/cards", Room: "duty", Zh: "黄牌与红牌", En: "Yellow and red cards"},
		func(ctx context.Context, who access.Who, in *cardsIn) ([]Card, error) {
			return d.Cards(ctx, who, in.Before, in.Limit)
		})
	type appealIn struct {
		ByID
		Body struct {
			Text string `json:"text" maxLength:"2000"`
		}
	}
	serve.Do(door, serve.Spec{Method: "POST", Path: "/api/cards/{id}/appeal", Room: "duty", Zh: "对黄红牌申诉", En: "Appeal against a card"},
		func(ctx context.Context, who access.Who, in *appealIn) error {
			return d.AppealCard(ctx, who, in.ID, in.Body.Text)
		})
	type decideIn struct {
		ByID
		Body struct {
			Withdraw bool   `json:"withdraw"`
			Answer   string `json:"answer" maxLength:"2000"`
		}
	}
	serve.Do(door, serve.Spec{Method: "POST", Path: "/api/cards/{id}/decide", Room: "duty", Zh: "裁定申诉", En: "Decide an appeal"},
		func(ctx context.Context, who access.Who, in *decideIn) error {
			return d.DecideCard(ctx, who, in.ID, in.Body.Withdraw, in.Body.Answer)
		})
	type ladderIn struct {
		Name  string     `path:"name"`
		Under scope.Path `query:"under"`
	}
	type ladderOut struct {
		Body struct {
			Steps Ladder `json:"steps"`
		}
	}
	serve.Op(door, serve.Spec{Method: "GET", Path: "/api/ladders/{name}", Room: "duty", Zh: "在某处有效的提醒升级阶梯", En: "The reminder ladder in force at a place"},
		func(ctx context.Context, who access.Who, in *ladderIn) (*ladderOut, error) {
			if err := who.May(Work, in.Under); err != nil && who.May(Oversee, in.Under) != nil {
				return nil, err
			}
			l, err := Steps(ctx, d.db, in.Name, in.Under)
			out := &ladderOut{}
			out.Body.Steps = l
			return out, err
		})
	type setIn struct {
		Name string `path:"name" maxLength:"40"`
		Body struct {
			Under  scope.Path `json:"under"`
			Steps  Ladder     `json:"steps" maxItems:"20"`
			Reason string     `json:"reason" maxLength:"500"`
		}
	}
	serve.Do(door, serve.Spec{Method: "PUT", Path: "/api/ladders/{name}", Room: "duty", Zh: "设定提醒升级阶梯", En: "Set a reminder ladder"},
		func(ctx context.Context, who access.Who, in *setIn) error {
			if in.Body.Reason == "" {
				return fault.Join(ErrReason)
			}
			return d.SetLadder(ctx, who, in.Name, in.Body.Under, in.Body.Steps, in.Body.Reason)
		})
}
