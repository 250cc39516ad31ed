package assembly

import (
	"bytes"
	"context"
	"net/http"

	"cuobian/basis/day"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/serve"
)

const workbook = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

// ByID names a meeting in the path, by id or number.
type ByID struct {
	ID string `path:"id" maxLength:"40"`
}

type (
	meetingOut struct{ Body Meeting }
	resultOut  struct{ Body ResultFile }
	demandOut  struct{ Body DemandFile }
	reasonIn   struct {
		ID   string `path:"id" maxLength:"40"`
		Body struct {
			Reason string `json:"reason" maxLength:"1000"`
		}
	}
)

// Routes adds the room's operations.
func Routes(door *serve.Door, h *Hall) {
	meetingRoutes(door, h)
	rollRoutes(door, h)
	stepRoutes(door, h)
	demandRoutes(door, h)
	publicRoutes(door, h)
	ballotRoutes(door, h)
	electionRoutes(door, h)
}

func meetingRoutes(door *serve.Door, h *Hall) {
	type listIn struct {
		Under scope.Path `query:"under"`
		State []string   `query:"state"`
		Q     string     `query:"q" maxLength:"60" doc:"of title, number or the compound's name"`
		After string     `query:"after" maxLength:"40"`
		Limit int        `query:"limit" minimum:"0" maximum:"200"`
	}
	type listOut struct{ Body Page }
	serve.Op(door, serve.Spec{Method: "GET", Path: "/api/assemblies", Room: "assembly", Zh: "业主大会会议列表", En: "Meetings of owners' assemblies, newest first"},
		func(ctx context.Context, who access.Who, in *listIn) (*listOut, error) {
			p, err := h.List(ctx, who, Find{Under: in.Under, States: in.State, Query: in.Q, After: in.After, Limit: in.Limit})
			return &listOut{p}, err
		})
	type draftIn struct{ Body Drafting }
	serve.Op(door, serve.Spec{Method: "POST", Path: "/api/assemblies", Room: "assembly", Status: 201, Zh: "起草会议", En: "Draft a meeting"},
		func(ctx context.Context, who access.Who, in *draftIn) (*meetingOut, error) {
			m, err := h.Draft(ctx, who, in.Body)
			return &meetingOut{m}, err
		})
	type planIn struct {
		Compound string    `query:"compound" required:"true" maxLength:"200"`
		Start    serve.Day `query:"start"`
		Purpose  string    `query:"purpose" enum:",decision,election,first,by_election,recall"`
		Voting   int       `query:"voting" minimum:"0" maximum:"366" doc:"days of voting"`
	}
	type planOut struct{ Body Timetable }
	serve.Op(door, serve.Spec{Method: "GET", Path: "/api/assemblies/plan", Room: "assembly", Zh: "最早的合法日程，说明每个日期的依据", En: "The earliest lawful timetable, with the reason of each date"},
		func(ctx context.Context, who access.Who, in *planIn) (*planOut, error) {
			t, err := h.Plan(ctx, who, in.Compound, in.Purpose, in.Start.Day, in.Voting)
			return &planOut{t}, err
		})
	type checkIn struct {
		Body struct {
			Compound string `json:"compound" maxLength:"200"`
			Purpose  string `json:"purpose,omitempty" enum:"decision,election,first,by_election,recall"`
			Plan     Plan   `json:"plan"`
		}
	}
	serve.Op(door, serve.Spec{Method: "POST", Path: "/api/assemblies/plan", Room: "assembly", Zh: "检查日程，列出不合法之处", En: "What the law forbids of a timetable"},
		func(ctx context.Context, who access.Who, in *checkIn) (*planOut, error) {
			t, err := h.CheckPlan(ctx, who, in.Body.Compound, in.Body.Purpose, in.Body.Plan)
			return &planOut{t}, err
		})
	type fileOut struct{ Body File }
	serve.Op(door, serve.Spec{Method: "GET", Path: "/api/assemblies/{id}", Room: "assembly", Zh: "一次会议", En: "One meeting"},
		func(ctx context.Context, who access.Who, in *ByID) (*fileOut, error) {
			f, err := h.Get(ctx, who, in.ID)
			return &fileOut{f}, err
		})
	type changeIn struct {
		ID   string `path:"id" maxLength:"40"`
		Body Change
	}
	serve.Op(door, serve.Spec{Method: "PATCH", Path: "/api/assemblies/{id}", Room: "assembly", Zh: "修改草案", En: "Correct a draft"},
		func(ctx context.Context, who access.Who, in *changeIn) (*meetingOut, error) {
			m, err := h.Change(ctx, who, in.ID, in.Body)
			return &meetingOut{m}, err
		})
	type addIn struct {
		ID      string `path:"id" maxLength:"40"`
		Version int64  `query:"version"`
		Body    Wording
	}
	type matterOut struct{ Body Matter }
	serve.Op(door, serve.Spec{Method: "POST", Path: "/api/assemblies/{id}/matters", Room: "assembly", Status: 201, Zh: "增加议题", En: "Add a matter"},
		func(ctx context.Context, who access.Who, in *addIn) (*matterOut, error) {
			x, err := h.AddMatter(ctx, who, in.ID, in.Version, in.Body)
			return &matterOut{x}, err
		})
	type rewordIn struct {
		ID      string `path:"id" maxLength:"40"`
		No      int64  `path:"no"`
		Version int64  `query:"version"`
		Body    Wording
	}
	serve.Op(door, serve.Spec{Method: "PATCH", Path: "/api/assemblies/{id}/matters/{no}", Room: "assembly", Zh: "修改议题", En: "Word a matter anew"},
		func(ctx context.Context, who access.Who, in *rewordIn) (*matterOut, error) {
			x, err := h.ChangeMatter(ctx, who, in.ID, in.No, in.Version, in.Body)
			return &matterOut{x}, err
		})
	type dropIn struct {
		ID      string `path:"id" maxLength:"40"`
		No      int64  `path:"no"`
		Version int64  `query:"version"`
	}
	serve.Op(door, serve.Spec{Method: "DELETE", Path: "/api/assemblies/{id}/matters/{no}", Room: "assembly", Zh: "删除议题", En: "Take a matter off the draft"},
		func(ctx context.Context, who access.Who, in *dropIn) (*struct{}, error) {
			return nil, h.DropMatter(ctx, who, in.ID, in.No, in.Version)
		})
	type timelineOut struct {
		Body struct {
			Items []Moment `json:"items"`
		}
	}
	serve.Op(door, serve.Spec{Method: "GET", Path: "/api/assemblies/{id}/timeline", Room: "assembly", Zh: "会议经过", En: "What happened, in plain words"},
		func(ctx context.Context, who access.Who, in *ByID) (*timelineOut, error) {
			out := &timelineOut{}
			var err error
			out.Body.Items, err = h.Timeline(ctx, who, in.ID)
			return out, err
		})
	type paperIn struct {
		ID    string `path:"id" maxLength:"40"`
		Paper string `path:"paper" enum:"roll,notice,ballot,proxy,sign-in,preliminary,final"`
		Right int64  `query:"right" doc:"of a ballot form or a proxy letter: the right; 0 is a blank form"`
	}
	type paperOut struct{ Body Paper }
	serve.Op(door, serve.Spec{Method: "GET", Path: "/api/assemblies/{id}/papers/{paper}", Room: "assembly", Zh: "可张贴的文书", En: "A paper as it hangs on the board"},
		func(ctx context.Context, who access.Who, in *paperIn) (*paperOut, error) {
			p, err := h.Paper(ctx, who, in.ID, in.Paper, in.Right)
			return &paperOut{p}, err
		})
}

func rollRoutes(door *serve.Door, h *Hall) {
	type versionIn struct {
		ID   string `path:"id" maxLength:"40"`
		Body struct {
			Version int64 `json:"version,omitempty" doc:"of the meeting as it was read; 0 does not ask"`
		}
	}
	type figuresOut struct{ Body RollFigures }
	serve.Op(door, serve.Spec{Method: "POST", Path: "/api/assemblies/{id}/roll", Room: "assembly", Zh: "名册定稿并公示（R74）", En: "Freeze the roll and post it for objections"},
		func(ctx context.Context, who access.Who, in *versionIn) (*figuresOut, error) {
			f, err := h.PostRoll(ctx, who, in.ID, in.Body.Version)
			return &figuresOut{f}, err
		})
	type rollIn struct {
		ID       string `path:"id" maxLength:"40"`
		Building string `query:"building" maxLength:"200"`
		After    int64  `query:"after"`
		Limit    int    `query:"limit" minimum:"0" maximum:"1000"`
	}
	type rollOut struct{ Body RollPage }
	serve.Op(door, serve.Spec{Method: "GET", Path: "/api/assemblies/{id}/roll", Room: "assembly", Zh: "表决权名册（不含姓名）", En: "The roll of rights, without names"},
		func(ctx context.Context, who access.Who, in *rollIn) (*rollOut, error) {
			p, err := h.Roll(ctx, who, in.ID, in.Building, in.After, in.Limit)
			return &rollOut{p}, err
		})
	door.Raw("GET /api/assemblies/{id}/roll.xlsx", func(w http.ResponseWriter, r *http.Request, who access.Who) error {
		if who.Account == "" {
			return access.ErrSignIn
		}
		var b bytes.Buffer
		if err := h.ExportRoll(r.Context(), who, r.PathValue("id"), r.URL.Query().Get("purpose"), &b); err != nil {
			return err
		}
		w.Header().Set("Content-Type", workbook)
		w.Header().Set("Content-Disposition", `attachment; filename="roll.xlsx"`)
		_, err := w.Write(b.Bytes())
		return err
	})
	type nameIn struct {
		ID   string `path:"id" maxLength:"40"`
		Body Naming
	}
	serve.Op(door, serve.Spec{Method: "POST", Path: "/api/assemblies/{id}/voters", Room: "assembly", Zh: "登记共有人推选的投票人、监护人、代理人", En: "Record a named voter, guardian or agent with its paper"},
		func(ctx context.Context, who access.Who, in *nameIn) (*struct{}, error) {
			return nil, h.Name(ctx, who, in.ID, in.Body)
		})
	for _, x := range []struct{ path, about, zh, en string }{
		{"objections", "roll", "对名册的异议", "objections to the roll"},
		{"result-objections", "result", "对初步结果的异议", "objections to the preliminary result"},
	} {
		type objectIn struct {
			ID   string `path:"id" maxLength:"40"`
			Body struct {
				Text string `json:"text" maxLength:"2000"`
				Home string `json:"home,omitempty" maxLength:"40"`
			}
		}
		type objectionOut struct{ Body Objection }
		serve.Op(door, serve.Spec{Method: "POST", Path: "/api/assemblies/{id}/" + x.path, Room: "assembly", Status: 201, Zh: "提出" + x.zh, En: "Raise " + x.en},
			func(ctx context.Context, who access.Who, in *objectIn) (*objectionOut, error) {
				o, err := h.Object(ctx, who, in.ID, x.about, in.Body.Text, in.Body.Home)
				return &objectionOut{o}, err
			})
		type objectionsOut struct {
			Body struct {
				Items []Objection `json:"items"`
				Next  string      `json:"next"`
				Count int64       `json:"count" doc:"of all, also those not shown"`
				More  bool        `json:"more"`
			}
		}
		serve.Op(door, serve.Spec{Method: "GET", Path: "/api/assemblies/{id}/" + x.path, Room: "assembly", Zh: x.zh + "列表", En: "List " + x.en},
			func(ctx context.Context, who access.Who, in *ByID) (*objectionsOut, error) {
				out := &objectionsOut{}
				var err error
				out.Body.Items, out.Body.Count, err = h.Objections(ctx, who, in.ID, x.about)
				return out, err
			})
		type decideIn struct {
			ID   string `path:"id" maxLength:"40"`
			OID  string `path:"oid" maxLength:"40"`
			Body Ruling
		}
		serve.Op(door, serve.Spec{Method: "POST", Path: "/api/assemblies/{id}/" + x.path + "/{oid}/decide", Room: "assembly", Zh: "答复" + x.zh, En: "Decide " + x.en},
			func(ctx context.Context, who access.Who, in *decideIn) (*objectionOut, error) {
				o, err := h.DecideObjection(ctx, who, in.ID, in.OID, in.Body)
				return &objectionOut{o}, err
			})
	}
}

func stepRoutes(door *serve.Door, h *Hall) {
	type noticeIn struct {
		ID   string `path:"id" maxLength:"40"`
		Body struct {
			Version int64 `json:"version,omitempty"`
			Plan    *Plan `json:"plan,omitempty" doc:"days that move with the notice"`
		}
	}
	serve.Op(door, serve.Spec{Method: "POST", Path: "/api/assemblies/{id}/notice", Room: "assembly", Zh: "发出会议通知（R09）", En: "Give notice of the meeting"},
		func(ctx context.Context, who access.Who, in *noticeIn) (*meetingOut, error) {
			m, err := h.GiveNotice(ctx, who, in.ID, in.Body.Version, in.Body.Plan)
			return &meetingOut{m}, err
		})
	type serviceOut struct{ Body Service }
	serve.Op(door, serve.Spec{Method: "GET", Path: "/api/assemblies/{id}/service", Room: "assembly", Zh: "送达情况", En: "Who was reached by notice, and by what"},
		func(ctx context.Context, who access.Who, in *ByID) (*serviceOut, error) {
			s, err := h.ServiceOf(ctx, who, in.ID)
			return &serviceOut{s}, err
		})
	type serveIn struct {
		ID   string `path:"id" maxLength:"40"`
		Body struct {
			Right int64  `json:"right,omitempty" doc:"0 with posted: every right not reached otherwise"`
			Way   string `json:"way" enum:"read,sms,paper,posted"`
			Blob  string `json:"blob,omitempty" maxLength:"40"`
		}
	}
	serve.Op(door, serve.Spec{Method: "POST", Path: "/api/assemblies/{id}/service", Room: "assembly", Zh: "登记书面送达或张贴", En: "Record service on paper or by posting"},
		func(ctx context.Context, who access.Who, in *serveIn) (*serviceOut, error) {
			s, err := h.Serve(ctx, who, in.ID, in.Body.Right, in.Body.Way, in.Body.Blob)
			return &serviceOut{s}, err
		})
	for _, x := range []struct {
		path, zh, en string
		do           func(context.Context, access.Who, string) (Meeting, error)
	}{
		{"open", "开始表决（到期自动）", "Open voting, by hand after its time", h.Open},
		{"close", "截止表决（到期自动）", "Close voting, by hand where lawful", h.Close},
	} {
		serve.Op(door, serve.Spec{Method: "POST", Path: "/api/assemblies/{id}/" + x.path, Room: "assembly", Zh: x.zh, En: x.en},
			func(ctx context.Context, who access.Who, in *ByID) (*meetingOut, error) {
				m, err := x.do(ctx, who, in.ID)
				return &meetingOut{m}, err
			})
	}
	type extendIn struct {
		ID   string `path:"id" maxLength:"40"`
		Body struct {
			Until  day.Day `json:"until" doc:"new last day of voting"`
			Reason string  `json:"reason" maxLength:"1000"`
		}
	}
	serve.Op(door, serve.Spec{Method: "POST", Path: "/api/assemblies/{id}/extend", Room: "assembly", Zh: "延长表决期", En: "Extend voting"},
		func(ctx context.Context, who access.Who, in *extendIn) (*meetingOut, error) {
			m, err := h.Extend(ctx, who, in.ID, in.Body.Until, in.Body.Reason)
			return &meetingOut{m}, err
		})
	serve.Op(door, serve.Spec{Method: "POST", Path: "/api/assemblies/{id}/cancel", Room: "assembly", Zh: "取消会议", En: "Cancel the meeting"},
		func(ctx context.Context, who access.Who, in *reasonIn) (*meetingOut, error) {
			m, err := h.Cancel(ctx, who, in.ID, in.Body.Reason)
			return &meetingOut{m}, err
		})
	type annulIn struct {
		ID   string `path:"id" maxLength:"40"`
		Body struct {
			Reason string `json:"reason" maxLength:"1000"`
			Basis  string `json:"basis" maxLength:"500" doc:"the law it rests on"`
		}
	}
	serve.Op(door, serve.Spec{Method: "POST", Path: "/api/assemblies/{id}/annul", Room: "assembly", Zh: "街道撤销违法决定（R12）", En: "Annul an unlawful decision"},
		func(ctx context.Context, who access.Who, in *annulIn) (*meetingOut, error) {
			m, err := h.AnnulMeeting(ctx, who, in.ID, in.Body.Reason, in.Body.Basis)
			return &meetingOut{m}, err
		})
	for _, x := range []struct {
		method, path, zh, en string
		do                   func(context.Context, access.Who, string) (ResultFile, error)
	}{
		{"POST", "preliminary", "计票并公示初步结果（R75）", "Count and post the preliminary result", h.Post},
		{"POST", "final", "公布正式结果", "Post the final result", h.Finish},
		{"GET", "result", "已公示的结果和推导", "The result as posted, with its derivation", h.Result},
	} {
		serve.Op(door, serve.Spec{Method: x.method, Path: "/api/assemblies/{id}/" + x.path, Room: "assembly", Zh: x.zh, En: x.en},
			func(ctx context.Context, who access.Who, in *ByID) (*resultOut, error) {
				f, err := x.do(ctx, who, in.ID)
				return &resultOut{f}, err
			})
	}
}

func demandRoutes(door *serve.Door, h *Hall) {
	type demandIn struct {
		Body struct {
			Compound string   `json:"compound" maxLength:"200"`
			Text     string   `json:"text" maxLength:"2000"`
			Matters  []string `json:"matters,omitempty" maxItems:"20"`
		}
	}
	serve.Op(door, serve.Spec{Method: "POST", Path: "/api/assembly-demands", Room: "assembly", Status: 201, Zh: "提议召开业主大会（R10）", En: "Ask for a meeting of the assembly"},
		func(ctx context.Context, who access.Who, in *demandIn) (*demandOut, error) {
			f, err := h.Demand(ctx, who, in.Body.Compound, in.Body.Text, in.Body.Matters)
			return &demandOut{f}, err
		})
	type demandsIn struct {
		Under scope.Path `query:"under"`
		Stage string     `query:"stage" maxLength:"20"`
		Q     string     `query:"q" maxLength:"60" doc:"of its words or the compound's name"`
		After string     `query:"after" maxLength:"40"`
		Limit int        `query:"limit" minimum:"0" maximum:"200"`
	}
	type demandsOut struct{ Body DemandPage }
	serve.Op(door, serve.Spec{Method: "GET", Path: "/api/assembly-demands", Room: "assembly", Zh: "提议列表", En: "Demands, newest first"},
		func(ctx context.Context, who access.Who, in *demandsIn) (*demandsOut, error) {
			p, err := h.Demands(ctx, who, in.Under, in.Stage, in.Q, in.After, in.Limit)
			return &demandsOut{p}, err
		})
	serve.Op(door, serve.Spec{Method: "GET", Path: "/api/assembly-demands/{id}", Room: "assembly", Zh: "一项提议及其人数、面积", En: "One demand with its support by both counts"},
		func(ctx context.Context, who access.Who, in *ByID) (*demandOut, error) {
			f, err := h.GetDemand(ctx, who, in.ID)
			return &demandOut{f}, err
		})
	serve.Op(door, serve.Spec{Method: "POST", Path: "/api/assembly-demands/{id}/sign", Room: "assembly", Zh: "签名提议", En: "Sign a demand"},
		func(ctx context.Context, who access.Who, in *ByID) (*demandOut, error) {
			f, err := h.Sign(ctx, who, in.ID)
			return &demandOut{f}, err
		})
	serve.Op(door, serve.Spec{Method: "POST", Path: "/api/assembly-demands/{id}/unsign", Room: "assembly", Zh: "撤回自己的签名（召集或责令之前）", En: "Take the own name off a demand, before a meeting is drafted or ordered"},
		func(ctx context.Context, who access.Who, in *ByID) (*demandOut, error) {
			f, err := h.Unsign(ctx, who, in.ID)
			return &demandOut{f}, err
		})
	serve.Op(door, serve.Spec{Method: "POST", Path: "/api/assembly-demands/{id}/order", Room: "assembly", Zh: "街道责令委员会召集", En: "The street orders the committee to convene"},
		func(ctx context.Context, who access.Who, in *reasonIn) (*demandOut, error) {
			f, err := h.Order(ctx, who, in.ID, in.Body.Reason)
			return &demandOut{f}, err
		})
	serve.Op(door, serve.Spec{Method: "POST", Path: "/api/assembly-demands/{id}/entrust", Room: "assembly", Zh: "委托社区组织", En: "The community is entrusted with the meeting"},
		func(ctx context.Context, who access.Who, in *reasonIn) (*demandOut, error) {
			f, err := h.Entrust(ctx, who, in.ID, in.Body.Reason)
			return &demandOut{f}, err
		})
}

// publicRoutes are for everybody, without signing in: what was posted and nothing else.
func publicRoutes(door *serve.Door, h *Hall) {
	type listIn struct {
		Compound string `query:"compound" maxLength:"200"`
		After    string `query:"after" maxLength:"40"`
		Limit    int    `query:"limit" minimum:"0" maximum:"100"`
	}
	type listOut struct{ Body PublicPage }
	serve.Op(door, serve.Spec{Method: "GET", Path: "/api/public/assemblies", Room: "assembly", Public: true, Zh: "小区公示的会议", En: "Meetings that were posted in a compound"},
		func(ctx context.Context, who access.Who, in *listIn) (*listOut, error) {
			p, err := h.Public(ctx, in.Compound, in.After, in.Limit)
			return &listOut{p}, err
		})
	type oneIn struct {
		ID    string `path:"id" maxLength:"40"`
		After int64  `query:"after" doc:"last right of the roll seen"`
		Limit int    `query:"limit" minimum:"0" maximum:"1000"`
	}
	type oneOut struct{ Body PublicFile }
	serve.Op(door, serve.Spec{Method: "GET", Path: "/api/public/assemblies/{id}", Room: "assembly", Public: true, Zh: "会议的公示文书", En: "The posted papers of a meeting"},
		func(ctx context.Context, who access.Who, in *oneIn) (*oneOut, error) {
			f, err := h.PublicOne(ctx, in.ID, in.After, in.Limit)
			return &oneOut{f}, err
		})
}
