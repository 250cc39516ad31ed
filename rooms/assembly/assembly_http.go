package assembly

import (
	"bytes"
	"context"
	"net/http"

	"cuobian/basis/day"
	"cuobian/basis/paged"
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
	reasonIn struct {
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
	serve.One(door, serve.Spec{Method: "GET", Path: "/api/assemblies", Room: "assembly", Zh: "业主大会会议列表", En: "Meetings of owners' assemblies, newest first"},
		func(ctx context.Context, who access.Who, in *listIn) (Page, error) {
			return h.List(ctx, who, Find{Under: in.Under, States: in.State, Query: in.Q, After: in.After, Limit: in.Limit})
		})
	type draftIn struct{ Body Drafting }
	serve.One(door, serve.Spec{Method: "POST", Path: "/api/assemblies", Room: "assembly", Status: 201, Zh: "起草会议", En: "Draft a meeting"},
		func(ctx context.Context, who access.Who, in *draftIn) (Meeting, error) {
			return h.Draft(ctx, who, in.Body)
		})
	type planIn struct {
		Compound string    `query:"compound" required:"true" maxLength:"200"`
		Start    serve.Day `query:"start"`
		Purpose  string    `query:"purpose" enum:",decision,election,first,by_election,recall"`
		Voting   int       `query:"voting" minimum:"0" maximum:"366" doc:"days of voting"`
	}
	serve.One(door, serve.Spec{Method: "GET", Path: "/api/assemblies/plan", Room: "assembly", Zh: "最早的合法日程，说明每个日期的依据", En: "The earliest lawful timetable, with the reason of each date"},
		func(ctx context.Context, who access.Who, in *planIn) (Timetable, error) {
			return h.Plan(ctx, who, in.Compound, in.Purpose, in.Start.Day, in.Voting)
		})
	type checkIn struct {
		Body struct {
			Compound string `json:"compound" maxLength:"200"`
			Purpose  string `json:"purpose,omitempty" enum:"decision,election,first,by_election,recall"`
			Plan     Plan   `json:"plan"`
		}
	}
	serve.One(door, serve.Spec{Method: "POST", Path: "/api/assemblies/plan", Room: "assembly", Zh: "检查日程，列出不合法之处", En: "What the law forbids of a timetable"},
		func(ctx context.Context, who access.Who, in *checkIn) (Timetable, error) {
			return h.CheckPlan(ctx, who, in.Body.Compound, in.Body.Purpose, in.Body.Plan)
		})
	serve.One(door, serve.Spec{Method: "GET", Path: "/api/assemblies/{id}", Room: "assembly", Zh: "一次会议", En: "One meeting"},
		func(ctx context.Context, who access.Who, in *ByID) (File, error) {
			return h.Get(ctx, who, in.ID)
		})
	type changeIn struct {
		ID   string `path:"id" maxLength:"40"`
		Body Change
	}
	serve.One(door, serve.Spec{Method: "PATCH", Path: "/api/assemblies/{id}", Room: "assembly", Zh: "修改草案", En: "Correct a draft"},
		func(ctx context.Context, who access.Who, in *changeIn) (Meeting, error) {
			return h.Change(ctx, who, in.ID, in.Body)
		})
	type addIn struct {
		ID      string `path:"id" maxLength:"40"`
		Version int64  `query:"version"`
		Body    Wording
	}
	serve.One(door, serve.Spec{Method: "POST", Path: "/api/assemblies/{id}/matters", Room: "assembly", Status: 201, Zh: "增加议题", En: "Add a matter"},
		func(ctx context.Context, who access.Who, in *addIn) (Matter, error) {
			return h.AddMatter(ctx, who, in.ID, in.Version, in.Body)
		})
	type rewordIn struct {
		ID      string `path:"id" maxLength:"40"`
		No      int64  `path:"no"`
		Version int64  `query:"version"`
		Body    Wording
	}
	serve.One(door, serve.Spec{Method: "PATCH", Path: "/api/assemblies/{id}/matters/{no}", Room: "assembly", Zh: "修改议题", En: "Word a matter anew"},
		func(ctx context.Context, who access.Who, in *rewordIn) (Matter, error) {
			return h.ChangeMatter(ctx, who, in.ID, in.No, in.Version, in.Body)
		})
	type dropIn struct {
		ID      string `path:"id" maxLength:"40"`
		No      int64  `path:"no"`
		Version int64  `query:"version"`
	}
	serve.Do(door, serve.Spec{Method: "DELETE", Path: "/api/assemblies/{id}/matters/{no}", Room: "assembly", Zh: "删除议题", En: "Take a matter off the draft"},
		func(ctx context.Context, who access.Who, in *dropIn) error {
			return h.DropMatter(ctx, who, in.ID, in.No, in.Version)
		})
	serve.List(door, serve.Spec{Method: "GET", Path: "/api/assemblies/{id}/timeline", Room: "assembly", Zh: "会议经过", En: "What happened, in plain words"},
		func(ctx context.Context, who access.Who, in *ByID) ([]Moment, error) {
			return h.Timeline(ctx, who, in.ID)
		})
	type paperIn struct {
		ID    string `path:"id" maxLength:"40"`
		Paper string `path:"paper" enum:"roll,notice,ballot,proxy,sign-in,preliminary,final"`
		Right int64  `query:"right" doc:"of a ballot form or a proxy letter: the right; 0 is a blank form"`
	}
	serve.One(door, serve.Spec{Method: "GET", Path: "/api/assemblies/{id}/papers/{paper}", Room: "assembly", Zh: "可张贴的文书", En: "A paper as it hangs on the board"},
		func(ctx context.Context, who access.Who, in *paperIn) (Paper, error) {
			return h.Paper(ctx, who, in.ID, in.Paper, in.Right)
		})
}

func rollRoutes(door *serve.Door, h *Hall) {
	type versionIn struct {
		ID   string `path:"id" maxLength:"40"`
		Body struct {
			Version int64 `json:"version,omitempty" doc:"of the meeting as it was read; 0 does not ask"`
		}
	}
	serve.One(door, serve.Spec{Method: "POST", Path: "/api/assemblies/{id}/roll", Room: "assembly", Zh: "名册定稿并公示（R74）", En: "Freeze the roll and post it for objections"},
		func(ctx context.Context, who access.Who, in *versionIn) (RollFigures, error) {
			return h.PostRoll(ctx, who, in.ID, in.Body.Version)
		})
	type rollIn struct {
		ID       string `path:"id" maxLength:"40"`
		Building string `query:"building" maxLength:"200"`
		After    int64  `query:"after"`
		Limit    int    `query:"limit" minimum:"0" maximum:"1000"`
	}
	serve.One(door, serve.Spec{Method: "GET", Path: "/api/assemblies/{id}/roll", Room: "assembly", Zh: "表决权名册（不含姓名）", En: "The roll of rights, without names"},
		func(ctx context.Context, who access.Who, in *rollIn) (RollPage, error) {
			return h.Roll(ctx, who, in.ID, in.Building, in.After, in.Limit)
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
	serve.Do(door, serve.Spec{Method: "POST", Path: "/api/assemblies/{id}/voters", Room: "assembly", Zh: "登记共有人推选的投票人、监护人、代理人", En: "Record a named voter, guardian or agent with its paper"},
		func(ctx context.Context, who access.Who, in *nameIn) error {
			return h.Name(ctx, who, in.ID, in.Body)
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
		serve.One(door, serve.Spec{Method: "POST", Path: "/api/assemblies/{id}/" + x.path, Room: "assembly", Status: 201, Zh: "提出" + x.zh, En: "Raise " + x.en},
			func(ctx context.Context, who access.Who, in *objectIn) (Objection, error) {
				return h.Object(ctx, who, in.ID, x.about, in.Body.Text, in.Body.Home)
			})
		type objectionsOut struct{ Body paged.List[Objection] }
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
		serve.One(door, serve.Spec{Method: "POST", Path: "/api/assemblies/{id}/" + x.path + "/{oid}/decide", Room: "assembly", Zh: "答复" + x.zh, En: "Decide " + x.en},
			func(ctx context.Context, who access.Who, in *decideIn) (Objection, error) {
				return h.DecideObjection(ctx, who, in.ID, in.OID, in.Body)
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
	serve.One(door, serve.Spec{Method: "POST", Path: "/api/assemblies/{id}/notice", Room: "assembly", Zh: "发出会议通知（R09）", En: "Give notice of the meeting"},
		func(ctx context.Context, who access.Who, in *noticeIn) (Meeting, error) {
			return h.GiveNotice(ctx, who, in.ID, in.Body.Version, in.Body.Plan)
		})
	serve.One(door, serve.Spec{Method: "GET", Path: "/api/assemblies/{id}/service", Room: "assembly", Zh: "送达情况", En: "Who was reached by notice, and by what"},
		func(ctx context.Context, who access.Who, in *ByID) (Service, error) {
			return h.ServiceOf(ctx, who, in.ID)
		})
	type serveIn struct {
		ID   string `path:"id" maxLength:"40"`
		Body struct {
			Right int64  `json:"right,omitempty" doc:"0 with posted: every right not reached otherwise"`
			Way   string `json:"way" enum:"read,sms,paper,posted"`
			Blob  string `json:"blob,omitempty" maxLength:"40"`
		}
	}
	serve.One(door, serve.Spec{Method: "POST", Path: "/api/assemblies/{id}/service", Room: "assembly", Zh: "登记书面送达或张贴", En: "Record service on paper or by posting"},
		func(ctx context.Context, who access.Who, in *serveIn) (Service, error) {
			return h.Serve(ctx, who, in.ID, in.Body.Right, in.Body.Way, in.Body.Blob)
		})
	for _, x := range []struct {
		path, zh, en string
		do           func(context.Context, access.Who, string) (Meeting, error)
	}{
		{"open", "开始表决（到期自动）", "Open voting, by hand after its time", h.Open},
		{"close", "截止表决（到期自动）", "Close voting, by hand where lawful", h.Close},
	} {
		serve.One(door, serve.Spec{Method: "POST", Path: "/api/assemblies/{id}/" + x.path, Room: "assembly", Zh: x.zh, En: x.en},
			func(ctx context.Context, who access.Who, in *ByID) (Meeting, error) {
				return x.do(ctx, who, in.ID)
			})
	}
	type extendIn struct {
		ID   string `path:"id" maxLength:"40"`
		Body struct {
			Until  day.Day `json:"until" doc:"new last day of voting"`
			Reason string  `json:"reason" maxLength:"1000"`
		}
	}
	serve.One(door, serve.Spec{Method: "POST", Path: "/api/assemblies/{id}/extend", Room: "assembly", Zh: "延长表决期", En: "Extend voting"},
		func(ctx context.Context, who access.Who, in *extendIn) (Meeting, error) {
			return h.Extend(ctx, who, in.ID, in.Body.Until, in.Body.Reason)
		})
	serve.One(door, serve.Spec{Method: "POST", Path: "/api/assemblies/{id}/cancel", Room: "assembly", Zh: "取消会议", En: "Cancel the meeting"},
		func(ctx context.Context, who access.Who, in *reasonIn) (Meeting, error) {
			return h.Cancel(ctx, who, in.ID, in.Body.Reason)
		})
	type annulIn struct {
		ID   string `path:"id" maxLength:"40"`
		Body struct {
			Reason string `json:"reason" maxLength:"1000"`
			Basis  string `json:"basis" maxLength:"500" doc:"the law it rests on"`
		}
	}
	serve.One(door, serve.Spec{Method: "POST", Path: "/api/assemblies/{id}/annul", Room: "assembly", Zh: "街道撤销违法决定（R12）", En: "Annul an unlawful decision"},
		func(ctx context.Context, who access.Who, in *annulIn) (Meeting, error) {
			return h.AnnulMeeting(ctx, who, in.ID, in.Body.Reason, in.Body.Basis)
		})
	for _, x := range []struct {
		method, path, zh, en string
		do                   func(context.Context, access.Who, string) (ResultFile, error)
	}{
		{"POST", "preliminary", "计票并公示初步结果（R75）", "Count and post the preliminary result", h.Post},
		{"POST", "final", "公布正式结果", "Post the final result", h.Finish},
		{"GET", "result", "已公示的结果和推导", "The result as posted, with its derivation", h.Result},
	} {
		serve.One(door, serve.Spec{Method: x.method, Path: "/api/assemblies/{id}/" + x.path, Room: "assembly", Zh: x.zh, En: x.en},
			func(ctx context.Context, who access.Who, in *ByID) (ResultFile, error) {
				return x.do(ctx, who, in.ID)
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
	serve.One(door, serve.Spec{Method: "POST", Path: "/api/assembly-demands", Room: "assembly", Status: 201, Zh: "提议召开业主大会（R10）", En: "Ask for a meeting of the assembly"},
		func(ctx context.Context, who access.Who, in *demandIn) (DemandFile, error) {
			return h.Demand(ctx, who, in.Body.Compound, in.Body.Text, in.Body.Matters)
		})
	type demandsIn struct {
		Under scope.Path `query:"under"`
		Stage string     `query:"stage" maxLength:"20"`
		Q     string     `query:"q" maxLength:"60" doc:"of its words or the compound's name"`
		After string     `query:"after" maxLength:"40"`
		Limit int        `query:"limit" minimum:"0" maximum:"200"`
	}
	serve.One(door, serve.Spec{Method: "GET", Path: "/api/assembly-demands", Room: "assembly", Zh: "提议列表", En: "Demands, newest first"},
		func(ctx context.Context, who access.Who, in *demandsIn) (DemandPage, error) {
			return h.Demands(ctx, who, in.Under, in.Stage, in.Q, in.After, in.Limit)
		})
	serve.One(door, serve.Spec{Method: "GET", Path: "/api/assembly-demands/{id}", Room: "assembly", Zh: "一项提议及其人数、面积", En: "One demand with its support by both counts"},
		func(ctx context.Context, who access.Who, in *ByID) (DemandFile, error) {
			return h.GetDemand(ctx, who, in.ID)
		})
	serve.One(door, serve.Spec{Method: "POST", Path: "/api/assembly-demands/{id}/sign", Room: "assembly", Zh: "签名提议", En: "Sign a demand"},
		func(ctx context.Context, who access.Who, in *ByID) (DemandFile, error) {
			return h.Sign(ctx, who, in.ID)
		})
	serve.One(door, serve.Spec{Method: "POST", Path: "/api/assembly-demands/{id}/unsign", Room: "assembly", Zh: "撤回自己的签名（召集或责令之前）", En: "Take the own name off a demand, before a meeting is drafted or ordered"},
		func(ctx context.Context, who access.Who, in *ByID) (DemandFile, error) {
			return h.Unsign(ctx, who, in.ID)
		})
	serve.One(door, serve.Spec{Method: "POST", Path: "/api/assembly-demands/{id}/order", Room: "assembly", Zh: "街道责令委员会召集", En: "The street orders the committee to convene"},
		func(ctx context.Context, who access.Who, in *reasonIn) (DemandFile, error) {
			return h.Order(ctx, who, in.ID, in.Body.Reason)
		})
	serve.One(door, serve.Spec{Method: "POST", Path: "/api/assembly-demands/{id}/entrust", Room: "assembly", Zh: "委托社区组织", En: "The community is entrusted with the meeting"},
		func(ctx context.Context, who access.Who, in *reasonIn) (DemandFile, error) {
			return h.Entrust(ctx, who, in.ID, in.Body.Reason)
		})
}

// publicRoutes are for everybody, without signing in: what was posted and nothing else.
func publicRoutes(door *serve.Door, h *Hall) {
	type listIn struct {
		Compound string `query:"compound" maxLength:"200"`
		After    string `query:"after" maxLength:"40"`
		Limit    int    `query:"limit" minimum:"0" maximum:"100"`
	}
	serve.One(door, serve.Spec{Method: "GET", Path: "/api/public/assemblies", Room: "assembly", Public: true, Zh: "小区公示的会议", En: "Meetings that were posted in a compound"},
		func(ctx context.Context, who access.Who, in *listIn) (PublicPage, error) {
			return h.Public(ctx, in.Compound, in.After, in.Limit)
		})
	type oneIn struct {
		ID    string `path:"id" maxLength:"40"`
		After int64  `query:"after" doc:"last right of the roll seen"`
		Limit int    `query:"limit" minimum:"0" maximum:"1000"`
	}
	serve.One(door, serve.Spec{Method: "GET", Path: "/api/public/assemblies/{id}", Room: "assembly", Public: true, Zh: "会议的公示文书", En: "The posted papers of a meeting"},
		func(ctx context.Context, who access.Who, in *oneIn) (PublicFile, error) {
			return h.PublicOne(ctx, in.ID, in.After, in.Limit)
		})
}
