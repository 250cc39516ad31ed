package cases

import (
	"context"

	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/serve"
	"cuobian/rooms/cases/words"

	"github.com/danielgtaylor/huma/v2"
)

// ByID names a matter in the path. (huma skips embedded types that are not exported.)
type ByID struct {
	ID string `path:"id" maxLength:"40"`
}

// Filter is the query of a list.
type Filter struct {
	Under    scope.Path `query:"under"`
	State    []string   `query:"state" doc:"states, or live, or paused"`
	Category string     `query:"category"`
	Kind     string     `query:"kind"`
	Urgency  string     `query:"urgency"`
	Holder   string     `query:"holder"`
	Overdue  bool       `query:"overdue"`
	Channel  string     `query:"channel"`
	From     serve.Day  `query:"from"`
	To       serve.Day  `query:"to"`
	Q        string     `query:"q" maxLength:"100"`
	Sort     string     `query:"sort" enum:"newest,due" default:"newest"`
	Mine     string     `query:"mine" enum:",reported,holding"`
}

func (in Filter) find() Find {
	return Find{Under: in.Under, States: in.State, Category: in.Category, Kind: in.Kind, Urgency: in.Urgency, Holder: in.Holder, Overdue: in.Overdue,
		Channel: in.Channel, From: in.From.Day, To: in.To.Day, Q: in.Q, Sort: in.Sort, Mine: in.Mine}
}

// Routes adds the room's operations.
func Routes(door *serve.Door, d *Desk) {
	Open311Routes(door, d)
	fileRoutes(door, d)
	type listIn struct {
		Filter
		After string `query:"after" maxLength:"60"`
		Limit int    `query:"limit" minimum:"0" maximum:"200"`
	}
	serve.One(door, serve.Spec{Method: "GET", Path: "/api/cases", Room: "cases", Zh: "事项列表，新的在前", En: "Matters, newest first"},
		func(ctx context.Context, who access.Who, in *listIn) (Page, error) {
			f := in.find()
			f.After, f.Limit = in.After, in.Limit
			return d.List(ctx, who, f)
		})
	type countsIn struct {
		Under scope.Path `query:"under"`
		Mine  string     `query:"mine" enum:",reported,holding"`
	}
	serve.List(door, serve.Spec{Method: "GET", Path: "/api/cases/counts", Room: "cases", Zh: "各状态件数", En: "How many matters stand in each state"},
		func(ctx context.Context, who access.Who, in *countsIn) ([]Counted, error) {
			return d.Counts(ctx, who, in.Under, in.Mine)
		})
	type suggestIn struct {
		Text string `query:"text" maxLength:"4000"`
	}
	serve.One(door, serve.Spec{Method: "GET", Path: "/api/cases/suggest", Room: "cases", Zh: "按文字建议类别和紧急程度", En: "Category and urgency suggested by the words"},
		func(ctx context.Context, who access.Who, in *suggestIn) (Suggestion, error) {
			return d.Suggest(in.Text), nil
		})
	type wordsOut struct {
		Body struct {
			Categories    []words.Category `json:"categories"`
			ReturnReasons []Code           `json:"return_reasons"`
			PauseReasons  []Code           `json:"pause_reasons"`
			Marks         []Code           `json:"marks"`
			Channels      []string         `json:"channels"`
			Urgencies     []string         `json:"urgencies"`
			Levels        []string         `json:"levels"`
			Kinds         []string         `json:"kinds"`
		}
	}
	serve.Op(door, serve.Spec{Method: "GET", Path: "/api/public/case-words", Room: "cases", Public: true, Zh: "类别、原因等取值", En: "Categories, reasons and other lists"},
		func(ctx context.Context, who access.Who, in *struct{}) (*wordsOut, error) {
			out := &wordsOut{}
			out.Body.Categories, out.Body.ReturnReasons, out.Body.PauseReasons, out.Body.Marks = words.Categories(), ReturnReasons, PauseReasons, Marks
			out.Body.Channels, out.Body.Urgencies, out.Body.Levels, out.Body.Kinds = posts2(own, byStaff, machines), urgencies, levels, kinds
			return out, nil
		})
	type reportIn struct{ Body Report }
	serve.One(door, serve.Spec{Method: "POST", Path: "/api/cases", Room: "cases", Status: 201, Zh: "登记事项", En: "Report a matter"},
		func(ctx context.Context, who access.Who, in *reportIn) (Case, error) {
			return d.Report(ctx, who, in.Body)
		})
	serve.One(door, serve.Spec{Method: "GET", Path: "/api/cases/{id}", Room: "cases", Zh: "一件事项（编号或id）", En: "One matter, by id or number"},
		func(ctx context.Context, who access.Who, in *ByID) (Case, error) {
			return d.Get(ctx, who, in.ID)
		})
	serve.List(door, serve.Spec{Method: "GET", Path: "/api/cases/{id}/timeline", Room: "cases", Zh: "办理过程", En: "The timeline, in plain words"},
		func(ctx context.Context, who access.Who, in *ByID) ([]Moment, error) {
			return d.Timeline(ctx, who, in.ID)
		})
	serve.List(door, serve.Spec{Method: "GET", Path: "/api/cases/{id}/alike", Room: "cases", Zh: "可能重复的事项", En: "Matters that may be the same"},
		func(ctx context.Context, who access.Who, in *ByID) ([]Alike, error) {
			return d.Alike(ctx, who, in.ID)
		})
	type alikeIn struct {
		Place    string `query:"place" maxLength:"200"`
		Category string `query:"category" maxLength:"40"`
		Text     string `query:"text" maxLength:"4000"`
	}
	serve.List(door, serve.Spec{Method: "GET", Path: "/api/cases/alike", Room: "cases", Zh: "登记时可能重复的事项", En: "Matters that may be the one being typed"},
		func(ctx context.Context, who access.Who, in *alikeIn) ([]Alike, error) {
			return d.AlikeText(ctx, who, in.Place, in.Category, in.Text)
		})

	type sendIn struct {
		ByID
		Body Sending
	}
	post := func(name, zh, en string) serve.Spec {
		return serve.Spec{Method: "POST", Path: "/api/cases/{id}/" + name, Room: "cases", Zh: zh, En: en}
	}
	serve.One(door, post("dispatch", "受理并派单", "Give it to a holder"), func(ctx context.Context, who access.Who, in *sendIn) (Case, error) {
		return d.Dispatch(ctx, who, in.ID, in.Body)
	})
	serve.One(door, post("classify", "调整类别、紧急程度、难度", "Set right category, urgency and level"), func(ctx context.Context, who access.Who, in *sendIn) (Case, error) {
		return d.Classify(ctx, who, in.ID, in.Body)
	})
	type noteIn struct {
		ByID
		Body struct {
			Note string `json:"note,omitempty" maxLength:"2000"`
		}
	}
	serve.One(door, post("refuse", "不予受理", "Do not accept it"), func(ctx context.Context, who access.Who, in *noteIn) (Case, error) {
		return d.Refuse(ctx, who, in.ID, in.Body.Note)
	})
	serve.One(door, post("take", "接单", "Take it"), func(ctx context.Context, who access.Who, in *ByID) (Case, error) {
		return d.Take(ctx, who, in.ID)
	})
	type handoverIn struct {
		ByID
		Body struct {
			To     string `json:"to" maxLength:"40" doc:"person id"`
			Reason string `json:"reason" maxLength:"500"`
		}
	}
	serve.One(door, post("handover", "转交同事", "Hand it to a colleague"), func(ctx context.Context, who access.Who, in *handoverIn) (Case, error) {
		return d.Handover(ctx, who, in.ID, in.Body.To, in.Body.Reason)
	})
	type returnIn struct {
		ByID
		Body struct {
			Reason string `json:"reason_code" maxLength:"40"`
			Note   string `json:"note,omitempty" maxLength:"2000"`
		}
	}
	serve.One(door, post("return", "退单", "Send it back"), func(ctx context.Context, who access.Who, in *returnIn) (Case, error) {
		return d.Return(ctx, who, in.ID, in.Body.Reason, in.Body.Note)
	})
	type remarkIn struct {
		ByID
		Body struct {
			Text   string `json:"text,omitempty" maxLength:"2000"`
			Public bool   `json:"public,omitempty"`
			Mark   string `json:"mark,omitempty" enum:",contacted,acting,arrived"`
		}
	}
	serve.One(door, post("remark", "备注（内部或公开）", "Add words, internal or public"), func(ctx context.Context, who access.Who, in *remarkIn) (Case, error) {
		return d.Remark(ctx, who, in.ID, in.Body.Text, in.Body.Public, in.Body.Mark)
	})
	serve.One(door, post("urge", "催单", "Urge"), func(ctx context.Context, who access.Who, in *noteIn) (Case, error) {
		return d.Urge(ctx, who, in.ID, in.Body.Note)
	})
	type askIn struct {
		ByID
		Body struct {
			Reason string `json:"reason" maxLength:"500"`
			Days   int    `json:"days" minimum:"1" maximum:"60"`
		}
	}
	serve.One(door, post("extension", "申请延期", "Ask for an extension"), func(ctx context.Context, who access.Who, in *askIn) (Case, error) {
		return d.Ask(ctx, who, in.ID, in.Body.Reason, in.Body.Days)
	})
	type decideIn struct {
		ByID
		Body struct {
			Grant bool   `json:"grant"`
			Note  string `json:"note,omitempty" maxLength:"2000"`
		}
	}
	serve.One(door, post("extension/decide", "审批延期", "Decide on an extension"), func(ctx context.Context, who access.Who, in *decideIn) (Case, error) {
		return d.DecideExtension(ctx, who, in.ID, in.Body.Grant, in.Body.Note)
	})
	type pauseIn struct {
		ByID
		Body struct {
			Reason string `json:"reason" maxLength:"40"`
			Note   string `json:"note,omitempty" maxLength:"2000"`
		}
	}
	serve.One(door, post("pause", "暂停计时", "Stop the clock for a listed reason"), func(ctx context.Context, who access.Who, in *pauseIn) (Case, error) {
		return d.Pause(ctx, who, in.ID, in.Body.Reason, in.Body.Note)
	})
	serve.One(door, post("resume", "恢复计时", "Let the clock run on"), func(ctx context.Context, who access.Who, in *ByID) (Case, error) {
		return d.Resume(ctx, who, in.ID)
	})
	type coIn struct {
		ByID
		Body struct {
			Add    []string `json:"add,omitempty" maxItems:"20"`
			Remove []string `json:"remove,omitempty" maxItems:"20"`
		}
	}
	serve.One(door, post("cohandlers", "协办人员", "Who helps"), func(ctx context.Context, who access.Who, in *coIn) (Case, error) {
		return d.CoHandlers(ctx, who, in.ID, in.Body.Add, in.Body.Remove)
	})
	type handleIn struct {
		ByID
		Body Handling
	}
	serve.One(door, post("handle", "办理完成，附前后照片", "Handled, with evidence"), func(ctx context.Context, who access.Who, in *handleIn) (Case, error) {
		return d.Handle(ctx, who, in.ID, in.Body)
	})
	type verifyIn struct {
		ByID
		Body struct {
			OK     bool     `json:"ok"`
			Note   string   `json:"note,omitempty" maxLength:"2000"`
			Photos []string `json:"photo_ids,omitempty" maxItems:"9"`
		}
	}
	serve.One(door, post("verify", "核实办理结果", "Verify what was handled"), func(ctx context.Context, who access.Who, in *verifyIn) (Case, error) {
		return d.Verify(ctx, who, in.ID, in.Body.OK, in.Body.Note, in.Body.Photos)
	})
	type confirmIn struct {
		ByID
		Body struct {
			Result  string `json:"result" enum:"satisfied,partly,dissatisfied"`
			Note    string `json:"note,omitempty" maxLength:"2000"`
			ByPhone bool   `json:"by_phone,omitempty" doc:"staff heard it on the telephone"`
		}
	}
	serve.One(door, post("confirm", "报事人确认", "The reporter's answer"), func(ctx context.Context, who access.Who, in *confirmIn) (Case, error) {
		return d.Confirm(ctx, who, in.ID, in.Body.Result, in.Body.Note, in.Body.ByPhone)
	})
	type callIn struct {
		ByID
		Body struct {
			Result string `json:"result" enum:"satisfied,partly,dissatisfied,unreachable"`
			Note   string `json:"note,omitempty" maxLength:"2000"`
		}
	}
	serve.One(door, post("callback", "回访", "Call back"), func(ctx context.Context, who access.Who, in *callIn) (Case, error) {
		return d.CallBack(ctx, who, in.ID, in.Body.Result, in.Body.Note)
	})
	serve.One(door, post("reopen", "重新办理", "Reopen, once"), func(ctx context.Context, who access.Who, in *noteIn) (Case, error) {
		return d.Reopen(ctx, who, in.ID, in.Body.Note)
	})
	type mediateIn struct {
		ByID
		Body struct {
			Settled bool   `json:"settled"`
			Note    string `json:"note" maxLength:"2000"`
		}
	}
	serve.One(door, post("mediate", "调解结果", "How a stage of mediation ended"), func(ctx context.Context, who access.Who, in *mediateIn) (Case, error) {
		return d.MediateCase(ctx, who, in.ID, in.Body.Settled, in.Body.Note)
	})
	type mergeIn struct {
		ByID
		Body struct {
			Into string `json:"into" maxLength:"40" doc:"id or number"`
		}
	}
	serve.One(door, post("merge", "并单", "Merge into another"), func(ctx context.Context, who access.Who, in *mergeIn) (Case, error) {
		return d.Merge(ctx, who, in.ID, in.Body.Into)
	})
	serve.One(door, post("split", "拆分", "Take a merged matter out again"), func(ctx context.Context, who access.Who, in *ByID) (Case, error) {
		return d.Split(ctx, who, in.ID)
	})
	type followIn struct {
		ByID
		Body Contact
	}
	serve.One(door, post("follow", "我也遇到", "I have the same trouble"), func(ctx context.Context, who access.Who, in *followIn) (Case, error) {
		return d.Follow(ctx, who, in.ID, in.Body)
	})
	type reasonIn struct {
		ByID
		Body struct {
			Reason string `json:"reason,omitempty" maxLength:"500"`
		}
	}
	serve.One(door, post("withdraw", "撤回", "Withdraw"), func(ctx context.Context, who access.Who, in *reasonIn) (Case, error) {
		return d.Withdraw(ctx, who, in.ID, in.Body.Reason)
	})
	serve.One(door, post("objection", "对派单提出异议", "Object to the assignment"), func(ctx context.Context, who access.Who, in *reasonIn) (Case, error) {
		return d.Object(ctx, who, in.ID, in.Body.Reason)
	})
	type ruleIn struct {
		ByID
		Body struct {
			Uphold bool    `json:"uphold"`
			To     Sending `json:"to,omitempty"`
			Note   string  `json:"note" maxLength:"2000"`
		}
	}
	serve.One(door, post("objection/decide", "裁定派单异议", "Decide an objection"), func(ctx context.Context, who access.Who, in *ruleIn) (Case, error) {
		return d.RuleObjection(ctx, who, in.ID, in.Body.Uphold, in.Body.To, in.Body.Note)
	})
	type revealIn struct {
		ByID
		Body struct {
			Field  string `json:"field" enum:"text,name,phone"`
			Reason string `json:"reason" maxLength:"500"`
		}
	}
	serve.One(door, post("reveal", "查看原文或联系方式（留痕）", "See what is masked, with a reason"), func(ctx context.Context, who access.Who, in *revealIn) (Revealed, error) {
		return d.Reveal(ctx, who, in.ID, in.Body.Field, in.Body.Reason)
	})
	serve.One(door, post("forget", "删除报事人姓名和联系方式", "Delete the reporter's name and number"), func(ctx context.Context, who access.Who, in *reasonIn) (Case, error) {
		return d.Forget(ctx, who, in.ID, in.Body.Reason)
	})
	serve.List(door, serve.Spec{Method: "GET", Path: "/api/me/reports", Room: "cases", Zh: "我反映事项中保存的个人信息", En: "What matters keep about me"},
		func(ctx context.Context, who access.Who, in *struct{}) ([]Kept, error) {
			return d.Mine(ctx, who)
		})
	type bulkIn struct{ Body Bulk }
	serve.List(door, serve.Spec{Method: "POST", Path: "/api/cases/bulk", Room: "cases", Zh: "批量办理", En: "One step on many matters"},
		func(ctx context.Context, who access.Who, in *bulkIn) ([]Outcome, error) {
			return d.Many(ctx, who, in.Body)
		})

	type templatesIn struct {
		Step string `query:"step" maxLength:"40"`
	}
	serve.List(door, serve.Spec{Method: "GET", Path: "/api/case-templates", Room: "cases", Zh: "常用语", En: "Templates"},
		func(ctx context.Context, who access.Who, in *templatesIn) ([]Template, error) {
			return d.Templates(ctx, who, in.Step)
		})
	type templateIn struct {
		Body struct {
			ID    string     `json:"id,omitempty" maxLength:"40"`
			Path  scope.Path `json:"path"`
			Step  string     `json:"step,omitempty" maxLength:"40"`
			Title string     `json:"title,omitempty" maxLength:"60"`
			Words string     `json:"words,omitempty" maxLength:"2000" doc:"empty takes the template away"`
		}
	}
	serve.One(door, serve.Spec{Method: "POST", Path: "/api/case-templates", Room: "cases", Zh: "设定常用语", En: "Set a template"},
		func(ctx context.Context, who access.Who, in *templateIn) (Template, error) {
			b := in.Body
			return d.SetTemplate(ctx, who, Template{ID: b.ID, Path: b.Path, Step: b.Step, Title: b.Title, Words: b.Words})
		})
	type routesIn struct {
		Under scope.Path `query:"under"`
	}
	serve.List(door, serve.Spec{Method: "GET", Path: "/api/case-routes", Room: "cases", Zh: "派单规则", En: "The table of routes at a place"},
		func(ctx context.Context, who access.Who, in *routesIn) ([]Route, error) {
			return d.Routes(ctx, who, in.Under)
		})
	type routeIn struct {
		Body struct {
			Path     scope.Path `json:"path"`
			Category string     `json:"category,omitempty" maxLength:"40"`
			Mode     string     `json:"mode,omitempty" maxLength:"40"`
			Level    string     `json:"level,omitempty" enum:",simple,multi,complex"`
			ToKind   string     `json:"to_kind,omitempty" maxLength:"40"`
			ToOrg    string     `json:"to_org,omitempty" maxLength:"40"`
			ToPost   string     `json:"to_post,omitempty" maxLength:"40"`
			Auto     bool       `json:"auto,omitempty"`
			Note     string     `json:"note,omitempty" maxLength:"200"`
		}
	}
	serve.Do(door, serve.Spec{Method: "PUT", Path: "/api/case-routes", Room: "cases", Zh: "设定派单规则", En: "Set a rule of the table of routes"},
		func(ctx context.Context, who access.Who, in *routeIn) error {
			b := in.Body
			return d.SetRoute(ctx, who, Route{Path: b.Path, Category: b.Category, Mode: b.Mode, Level: b.Level, ToKind: b.ToKind, ToOrg: b.ToOrg, ToPost: b.ToPost, Auto: b.Auto, Note: b.Note})
		})

	type askNumberIn struct {
		Number string `path:"number" maxLength:"30"`
		Last4  string `query:"phone_last4" maxLength:"4"`
	}
	serve.One(door, serve.Spec{Method: "GET", Path: "/api/public/cases/{number}", Room: "cases", Public: true, Zh: "凭编号和电话后四位查询", En: "Ask by number and the last four digits of the telephone"},
		func(ctx context.Context, who access.Who, in *askNumberIn) (PublicCase, error) {
			return d.AskByNumber(ctx, in.Number, in.Last4)
		})
	serve.List(door, serve.Spec{Method: "GET", Path: "/api/public/compounds/{id}/cases", Room: "cases", Public: true, Zh: "小区公示：不含姓名", En: "A compound's public list, without names"},
		func(ctx context.Context, who access.Who, in *ByID) ([]PublicCase, error) {
			return d.Board(ctx, in.ID)
		})
	serve.One(door, serve.Spec{Method: "POST", Path: "/api/public/cases", Room: "cases", Public: true, Status: 201, Zh: "不登录登记事项", En: "Report without signing in"},
		func(ctx context.Context, who access.Who, in *publicIn) (Receipt, error) {
			return d.ReportOpenly(ctx, who, in.from, in.Body)
		})
}

// publicIn is a report by somebody who is not signed in, with the address it comes from.
type publicIn struct {
	Body OpenReport
	from string
}

// Resolve notes the address for the limit on reports; it is kept nowhere.
func (in *publicIn) Resolve(ctx huma.Context) []error {
	in.from = ctx.RemoteAddr()
	return nil
}

func posts2(lists ...[]string) (all []string) {
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}
