package people

import (
	"context"

	"cuobian/platform/access"
	"cuobian/platform/serve"
)

func meRoutes(d *serve.Door, r *Register) {
	type mineIn struct {
		Full bool `query:"full" doc:"open my own numbers; leaves an entry in the trail"`
	}
	serve.One(d, serve.Spec{Method: "GET", Path: "/api/me/data", Room: "people", Zh: "系统保存了我的哪些信息", En: "What is kept about me"},
		func(ctx context.Context, who access.Who, in *mineIn) (MyData, error) {
			return r.Mine(ctx, who, in.Full)
		})
	type askIn struct {
		Body struct {
			Kind string `json:"kind" enum:"correct,delete"`
			Text string `json:"text" minLength:"1" maxLength:"1000"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/me/corrections", Room: "people", Zh: "请求更正或删除我的信息", En: "Ask for a correction or deletion of what is kept about me"},
		func(ctx context.Context, who access.Who, in *askIn) (Correction, error) {
			return r.Ask(ctx, who, in.Body.Kind, in.Body.Text)
		})
	type listIn struct {
		State string `query:"state" enum:",open,granted,refused"`
	}
	serve.List(d, serve.Spec{Method: "GET", Path: "/api/corrections", Room: "people", Zh: "居民的更正和删除请求", En: "What people ask to have corrected or deleted"},
		func(ctx context.Context, who access.Who, in *listIn) ([]Correction, error) {
			return r.Asked(ctx, who, in.State)
		})
	type decideIn struct {
		ID   string `path:"id"`
		Body struct {
			Grant   bool   `json:"grant"`
			Answer  string `json:"answer" minLength:"1" maxLength:"500"`
			Version int64  `json:"version" minimum:"1"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/corrections/{id}/decide", Room: "people", Zh: "答复更正或删除请求", En: "Decide a request"},
		func(ctx context.Context, who access.Who, in *decideIn) (Correction, error) {
			return r.DecideAsked(ctx, who, in.ID, in.Body.Grant, in.Body.Answer, in.Body.Version)
		})
}
