package outreach

import (
	"context"

	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/serve"
)

type idIn struct {
	ID string `path:"id"`
}

// List is one page of a list; huma reads embedded types only when they are exported.
type List struct {
	Before string `query:"before"`
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

// Routes adds the room's operations.
func Routes(door *serve.Door, o *Office) {
	type mineOut struct {
		Body struct {
			Items  []Line `json:"items"`
			Unread int64  `json:"unread"`
		}
	}
	serve.Op(door, serve.Spec{Method: "GET", Path: "/api/messages", Room: "outreach", Zh: "我的站内信", En: "My messages"},
		func(ctx context.Context, who access.Who, in *List) (*mineOut, error) {
			out := &mineOut{}
			var err error
			out.Body.Items, out.Body.Unread, err = o.Mine(ctx, who, in.Before, in.Limit)
			return out, err
		})
	serve.Do(door, serve.Spec{Method: "POST", Path: "/api/messages/{id}/read", Room: "outreach", Zh: "标为已读（all 为全部）", En: "Mark as read (all for all)"},
		func(ctx context.Context, who access.Who, in *idIn) error {
			return o.Read(ctx, who, in.ID)
		})
	serve.List(door, serve.Spec{Method: "GET", Path: "/api/me/choices", Room: "outreach", Zh: "我的接收设置", En: "Which channels I refuse"},
		func(ctx context.Context, who access.Who, _ *struct{}) ([]Choice, error) {
			return o.Choices(ctx, who)
		})
	type chooseIn struct{ Body Choice }
	serve.Do(door, serve.Spec{Method: "PUT", Path: "/api/me/choices", Room: "outreach", Zh: "设置是否接收某渠道（法定通知除外）", En: "Refuse or allow a channel (legal notices excepted)"},
		func(ctx context.Context, who access.Who, in *chooseIn) error {
			return o.Choose(ctx, who, in.Body)
		})
	type outboxIn struct {
		List
		State string `query:"state" enum:"waiting,sent,failed"`
	}
	serve.List(door, serve.Spec{Method: "GET", Path: "/api/outbox", Room: "outreach", Zh: "外发消息送达记录", En: "Deliveries"},
		func(ctx context.Context, who access.Who, in *outboxIn) ([]Delivery, error) {
			return o.Outbox(ctx, who, in.State, in.Before, in.Limit)
		})
	serve.Do(door, serve.Spec{Method: "POST", Path: "/api/outbox/{id}/retry", Room: "outreach", Zh: "重发失败的消息", En: "Send a failed letter again"},
		func(ctx context.Context, who access.Who, in *idIn) error {
			return o.Retry(ctx, who, in.ID)
		})
	type underIn struct {
		Under scope.Path `query:"under"`
	}
	serve.List(door, serve.Spec{Method: "GET", Path: "/api/templates", Room: "outreach", Zh: "消息模板", En: "Message templates"},
		func(ctx context.Context, who access.Who, in *underIn) ([]Worded, error) {
			return o.Templates(ctx, who, in.Under)
		})
	type wordIn struct {
		Code string `path:"code"`
		Body struct {
			Under   scope.Path `json:"under"`
			ZhTitle string     `json:"zh_title" maxLength:"60"`
			Zh      string     `json:"zh" maxLength:"500"`
			EnTitle string     `json:"en_title" maxLength:"120"`
			En      string     `json:"en" maxLength:"1000"`
		}
	}
	serve.Do(door, serve.Spec{Method: "PUT", Path: "/api/templates/{code}", Room: "outreach", Zh: "修改本街道的消息模板", En: "Word a template for a street"},
		func(ctx context.Context, who access.Who, in *wordIn) error {
			b := in.Body
			return o.SetTemplate(ctx, who, in.Code, b.Under, Template{ZhTitle: b.ZhTitle, Zh: b.Zh, EnTitle: b.EnTitle, En: b.En})
		})
}
