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

type caseOut struct{ Body Case }

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
	type pageOut struct{ Body Page }
	serve.Op(door, serve.Spec{Method: "GET", Path: "/api/cases", Room: "cases", Zh: "事项列表，新的在前", En: "Matters, newest first"},
		func(ctx context.Context, who access.Who, in *listIn) (*pageOut, error) {
			f := in.find()
			f.After, f.Limit = in.After, in.Limit
			p, err := d.List(ctx, who, f)
			return &pageOut{p}, err
		})
	type countsIn struct {
		Under scope.Path `query:"under"`
		Mine  string     `query:"mine" enum:",reported,holding"`
	}
	type countsOut struct {
		Body struct {
			Items []Counted `json:"items"`
		}
	}
	serve.Op(door, serve.Spec{Method: "GET", Path: "/api/cases/counts", Room: "cases", Zh: "各状态件数", En: "How many matters stand in each state"},
		func(ctx context.Context, who access.Who, in *countsIn) (*countsOut, error) {
			out := &countsOut{}
			var err error
			out.Body.Items, err = d.Counts(ctx, who, in.Under, in.Mine)
			return out, err
		})
	type suggestIn struct {
		Text string `query:"text" maxLength:"4000"`
	}
	type suggestOut struct{ Body Suggestion }
	serve.Op(door, serve.Spec{Method: "GET", Path: "/api/cases/suggest", Room: "cases", Zh: "按文字建议类别和紧急程度", En: "Category and urgency suggested by the words"},
		func(ctx context.Context, who access.Who, in *suggestIn) (*suggestOut, error) {
			return &suggestOut{d.Suggest(in.Text)}, nil
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
	serve.Op(door, serve.Spec{Method: "POST", Path: "/api/cases", Room: "cases", Status: 201, Zh: "登记事项", En: "Report a matter"},
		func(ctx context.Context, who access.Who, in *reportIn) (*caseOut, error) {
			c, err := d.Report(ctx, who, in.Body)
			return &caseOut{c}, err
		})
	serve.Op(door, serve.Spec{Method: "GET", Path: "/api/cases/{id}", Room: "cases", Zh: "一件事项（编号或id）", En: "One matter, by id or number"},
		func(ctx context.Context, who access.Who, in *ByID) (*caseOut, error) {
			c, err := d.Get(ctx, who, in.ID)
			return &caseOut{c}, err
		})
	type timelineOut struct {
		Body struct {
			Items []Moment `json:"items"`
		}
	}
	serve.Op(door, serve.Spec{Method: "GET", Path: "/api/cases/{id}/timeline", Room: "cases", Zh: "办理过程", En: "The timeline, in plain words"},
		func(ctx context.Context, who access.Who, in *ByID) (*timelineOut, error) {
			out := &timelineOut{}
			var err error
			out.Body.Items, err = d.Timeline(ctx, who, in.ID)
			return out, err
		})
	type alikeOut struct {
		Body struct {
			Items []Alike `json:"items"`
		}
	}
	serve.Op(door, serve.Spec{Method: "GET", Path: "/api/cases/{id}/alike", Room: "cases", Zh: "可能重复的事项", En: "Matters that may be the same"},
		func(ctx context.Context, who access.Who, in *ByID) (*alikeOut, error) {
			out := &alikeOut{}
			var err error
			out.Body.Items, err = d.Alike(ctx, who, in.ID)
			return out, err
		})
	type alikeIn struct {
		Place    string `query:"place" maxLength:"200"`
		Category string `query:"category" maxLength:"40"`
		Text     string `query:"text" maxLength:"4000"`
	}
	serve.Op(door, serve.Spec{Method: "GET", Path: "/api/cases/alike", Room: "cases", Zh: "登记时可能重复的事项", En: "Matters that may be the one being typed"},
		func(ctx context.Context, who access.Who, in *alikeIn) (*alikeOut, error) {
			out := &alikeOut{}
			var err error
			out.Body.Items, err = d.AlikeText(ctx, who, in.Place, in.Category, in.Text)
			return out, err
		})

	type sendIn struct {
		ByID
		Body Sending
	}
	post := func(name, zh, en string) serve.Spec {
		return serve.Spec{Method: "POST", Path: "/api/cases/{id}/" + name, Room: "cases", Zh: zh, En: en}
	}
	serve.Op(door, post("dispatch", "受理并派单", "Give it to a holder"), func(ctx context.Context, who access.Who, in *sendIn) (*caseOut, error) {
		c, err := d.Dispatch(ctx, who, in.ID, in.Body)
		return &caseOut{c}, err
	})
	serve.Op(door, post("classify", "调整类别、紧急程度、难度", "Set right category, urgency and level"), func(ctx context.Context, who access.Who, in *sendIn) (*caseOut, error) {
		c, err := d.Classify(ctx, who, in.ID, in.Body)
		return &caseOut{c}, err
	})
	type noteIn struct {
		ByID
		Body struct {
			Note string `json:"note,omitempty" maxLength:"2000"`
		}
	}
	serve.Op(door, post("refuse", "不予受理", "Do not accept it"), func(ctx context.Context, who access.Who, in *noteIn) (*caseOut, error) {
		c, err := d.Refuse(ctx, who, in.ID, in.Body.Note)
		return &caseOut{c}, err
	})
	serve.Op(door, post("take", "接单", "Take it"), func(ctx context.Context, who access.Who, in *ByID) (*caseOut, error) {
		c, err := d.Take(ctx, who, in.ID)
		return &caseOut{c}, err
	})
	type handoverIn struct {
		ByID
		Body struct {
			To     string `json:"to" maxLength:"40" doc:"person id"`
			Reason string `json:"reason" maxLength:"500"`
		}
	}
	serve.Op(door, post("handover", "转交同事", "Hand it to a colleague"), func(ctx context.Context, who access.Who, in *handoverIn) (*caseOut, error) {
		c, err := d.Handover(ctx, who, in.ID, in.Body.To, in.Body.Reason)
		return &caseOut{c}, err
	})
	type returnIn struct {
		ByID
		Body struct {
			Reason string `json:"reason_code" maxLength:"40"`
			Note   string `json:"note,omitempty" maxLength:"2000"`
		}
	}
	serve.Op(door, post("return", "退单", "Send it back"), func(ctx context.Context, who access.Who, in *returnIn) (*caseOut, error) {
		c, err := d.Return(ctx, who, in.ID, in.Body.Reason, in.Body.Note)
		return &caseOut{c}, err
	})
	type remarkIn struct {
		ByID
		Body struct {
			Text   string `json:"text,omitempty" maxLength:"2000"`
			Public bool   `json:"public,omitempty"`
			Mark   string `json:"mark,omitempty" enum:",contacted,acting,arrived"`
		}
	}
	serve.Op(door, post("remark", "备注（内部或公开）", "Add words, internal or public"), func(ctx context.Context, who access.Who, in *remarkIn) (*caseOut, error) {
		c, err := d.Remark(ctx, who, in.ID, in.Body.Text, in.Body.Public, in.Body.Mark)
		return &caseOut{c}, err
	})
	serve.Op(door, post("urge", "催单", "Urge"), func(ctx context.Context, who access.Who, in *noteIn) (*caseOut, error) {
		c, err := d.Urge(ctx, who, in.ID, in.Body.Note)
		return &caseOut{c}, err
	})
	type askIn struct {
		ByID
		Body struct {
			Reason string `json:"reason" maxLength:"500"`
			Days   int    `json:"days" minimum:"1" maximum:"60"`
		}
	}
	serve.Op(door, post("extension", "申请延期", "Ask for an extension"), func(ctx context.Context, who access.Who, in *askIn) (*caseOut, error) {
		c, err := d.Ask(ctx, who, in.ID, in.Body.Reason, in.Body.Days)
		return &caseOut{c}, err
	})
	type decideIn struct {
		ByID
		Body struct {
			Grant bool   `json:"grant"`
			Note  string `json:"note,omitempty" maxLength:"2000"`
		}
	}
	serve.Op(door, post("extension/decide", "审批延期", "Decide on an extension"), func(ctx context.Context, who access.Who, in *decideIn) (*caseOut, error) {
		c, err := d.DecideExtension(ctx, who, in.ID, in.Body.Grant, in.Body.Note)
		return &caseOut{c}, err
	})
	type pauseIn struct {
		ByID
		Body struct {
			Reason string `json:"reason" maxLength:"40"`
			Note   string `json:"note,omitempty" maxLength:"2000"`
		}
	}
	serve.Op(door, post("pause", "暂停计时", "Stop the clock for a listed reason"), func(ctx context.Context, who access.Who, in *pauseIn) (*caseOut, error) {
		c, err := d.Pause(ctx, who, in.ID, in.Body.Reason, in.Body.Note)
		return &caseOut{c}, err
	})
	serve.Op(door, post("resume", "恢复计时", "Let the clock run on"), func(ctx context.Context, who access.Who, in *ByID) (*caseOut, error) {
		c, err := d.Resume(ctx, who, in.ID)
		return &caseOut{c}, err
	})
	type coIn struct {
		ByID
		Body struct {
			Add    []string `json:"add,omitempty" maxItems:"20"`
			Remove []string `json:"remove,omitempty" maxItems:"20"`
		}
	}
	serve.Op(door, post("cohandlers", "协办人员", "Who helps"), func(ctx context.Context, who access.Who, in *coIn) (*caseOut, error) {
		c, err := d.CoHandlers(ctx, who, in.ID, in.Body.Add, in.Body.Remove)
		return &caseOut{c}, err
	})
	type handleIn struct {
		ByID
		Body Handling
	}
	serve.Op(door, post("handle", "办理完成，附前后照片", "Handled, with evidence"), func(ctx context.Context, who access.Who, in *handleIn) (*caseOut, error) {
		c, err := d.Handle(ctx, who, in.ID, in.Body)
		return &caseOut{c}, err
	})
	type verifyIn struct {
		ByID
		Body struct {
			OK     bool     `json:"ok"`
			Note   string   `json:"note,omitempty" maxLength:"2000"`
			Photos []string `json:"photo_ids,omitempty" maxItems:"9"`
		}
	}
	serve.Op(door, post("verify", "核实办理结果", "Verify what was handled"), func(ctx context.Context, who access.Who, in *verifyIn) (*caseOut, error) {
		c, err := d.Verify(ctx, who, in.ID, in.Body.OK, in.Body.Note, in.Body.Photos)
		return &caseOut{c}, err
	})
	type confirmIn struct {
		ByID
		Body struct {
			Result  string `json:"result" enum:"satisfied,partly,dissatisfied"`
			Note    string `json:"note,omitempty" maxLength:"2000"`
			ByPhone bool   `json:"by_phone,omitempty" doc:"staff heard it on the telephone"`
		}
	}
	serve.Op(door, post("confirm", "报事人确认", "The reporter's answer"), func(ctx context.Context, who access.Who, in *confirmIn) (*caseOut, error) {
		c, err := d.Confirm(ctx, who, in.ID, in.Body.Result, in.Body.Note, in.Body.ByPhone)
		return &caseOut{c}, err
	})
	type callIn struct {
		ByID
		Body struct {
			Result string `json:"result" enum:"satisfied,partly,dissatisfied,unreachable"`
			Note   string `json:"note,omitempty" maxLength:"2000"`
		}
	}
	serve.Op(door, post("callback", "回访", "Call back"), func(ctx context.Context, who access.Who, in *callIn) (*caseOut, error) {
		c, err := d.CallBack(ctx, who, in.ID, in.Body.Result, in.Body.Note)
		return &caseOut{c}, err
	})
	serve.Op(door, post("reopen", "重新办理", "Reopen, once"), func(ctx context.Context, who access.Who, in *noteIn) (*caseOut, error) {
		c, err := d.Reopen(ctx, who, in.ID, in.Body.Note)
		return &caseOut{c}, err
	})
	type mediateIn struct {
		ByID
		Body struct {
			Settled bool   `json:"settled"`
			Note    string `json:"note" maxLength:"2000"`
		}
	}
	serve.Op(door, post("mediate", "调解结果", "How a stage of mediation ended"), func(ctx context.Context, who access.Who, in *mediateIn) (*caseOut, error) {
		c, err := d.MediateCase(ctx, who, in.ID, in.Body.Settled, in.Body.Note)
		return &caseOut{c}, err
	})
	type mergeIn struct {
		ByID
		Body struct {
			Into string `json:"into" maxLength:"40" doc:"id or number"`
		}
	}
	serve.Op(door, post("merge", "并单", "Merge into another"), func(ctx context.Context, who access.Who, in *mergeIn) (*caseOut, error) {
		c, err := d.Merge(ctx, who, in.ID, in.Body.Into)
		return &caseOut{c}, err
	})
	serve.Op(door, post("split", "拆分", "Take a merged matter out again"), func(ctx context.Context, who access.Who, in *ByID) (*caseOut, error) {
		c, err := d.Split(ctx, who, in.ID)
		return &caseOut{c}, err
	})
	type followIn struct {
		ByID
		Body Contact
	}
	serve.Op(door, post("follow", "我也遇到", "I have the same trouble"), func(ctx context.Context, who access.Who, in *followIn) (*caseOut, error) {
		c, err := d.Follow(ctx, who, in.ID, in.Body)
		return &caseOut{c}, err
	})
	type reasonIn struct {
		ByID
		Body struct {
			Reason string `json:"reason,omitempty" maxLength:"500"`
		}
	}
	serve.Op(door, post("withdraw", "撤回", "Withdraw"), func(ctx context.Context, who access.Who, in *reasonIn) (*caseOut, error) {
		c, err := d.Withdraw(ctx, who, in.ID, in.Body.Reason)
		return &caseOut{c}, err
	})
	serve.Op(door, post("objection", "对派单提出异议", "Object to the assignment"), func(ctx context.Context, who access.Who, in *reasonIn) (*caseOut, error) {
		c, err := d.Object(ctx, who, in.ID, in.Body.Reason)
		return &caseOut{c}, err
	})
	type ruleIn struct {
		ByID
		Body struct {
			Uphold bool    `json:"uphold"`
			To     Sending `json:"to,omitempty"`
			Note   string  `json:"note" maxLength:"2000"`
		}
	}
	serve.Op(door, post("objection/decide", "裁定派单异议", "Decide an objection"), func(ctx context.Context, who access.Who, in *ruleIn) (*caseOut, error) {
		c, err := d.RuleObjection(ctx, who, in.ID, in.Body.Uphold, in.Body.To, in.Body.Note)
		return &caseOut{c}, err
	})
	type revealIn struct {
		ByID
		Body struct {
			Field  string `json:"field" enum:"text,name,phone"`
			Reason string `json:"reason" maxLength:"500"`
		}
	}
	type revealOut struct{ Body Revealed }
	serve.Op(door, post("reveal", "查看原文或联系方式（留痕）", "See what is masked, with a reason"), func(ctx context.Context, who access.Who, in *revealIn) (*revealOut, error) {
		r, err := d.Reveal(ctx, who, in.ID, in.Body.Field, in.Body.Reason)
		return &revealOut{r}, err
	})
	serve.Op(door, post("forget", "删除报事人姓名和联系方式", "Delete the reporter's name and number"), func(ctx context.Context, who access.Who, in *reasonIn) (*caseOut, error) {
		c, err := d.Forget(ctx, who, in.ID, in.Body.Reason)
		return &caseOut{c}, err
	})
	type keptOut struct {
		Body struct {
			Items []Kept `json:"items"`
		}
	}
	serve.Op(door, serve.Spec{Method: "GET", Path: "/api/me/reports", Room: "cases", Zh: "我反映事项中保存的个人信息", En: "What matters keep about me"},
		func(ctx context.Context, who access.Who, in *struct{}) (*keptOut, error) {
			out := &keptOut{}
			var err error
			out.Body.Items, err = d.Mine(ctx, who)
			return out, err
		})
	type bulkIn struct{ Body Bulk }
	type bulkOut struct {
		Body struct {
			Items []Outcome `json:"items"`
		}
	}
	serve.Op(door, serve.Spec{Method: "POST", Path: "/api/cases/bulk", Room: "cases", Zh: "批量办理", En: "One step on many matters"},
		func(ctx context.Context, who access.Who, in *bulkIn) (*bulkOut, error) {
			out := &bulkOut{}
			var err error
			out.Body.Items, err = d.Many(ctx, who, in.Body)
			return out, err
		})

	type templatesIn struct {
		Step string `query:"step" maxLength:"40"`
	}
	type templatesOut struct {
		Body struct {
			Items []Template `json:"items"`
		}
	}
	serve.Op(door, serve.Spec{Method: "GET", Path: "/api/case-templates", Room: "cases", Zh: "常用语", En: "Templates"},
		func(ctx context.Context, who access.Who, in *templatesIn) (*templatesOut, error) {
			out := &templatesOut{}
			var err error
			out.Body.Items, err = d.Templates(ctx, who, in.Step)
			return out, err
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
	type templateOut struct{ Body Template }
	serve.Op(door, serve.Spec{Method: "POST", Path: "/api/case-templates", Room: "cases", Zh: "设定常用语", En: "Set a template"},
		func(ctx context.Context, who access.Who, in *templateIn) (*templateOut, error) {
			b := in.Body
			t, err := d.SetTemplate(ctx, who, Template{ID: b.ID, Path: b.Path, Step: b.Step, Title: b.Title, Words: b.Words})
			return &templateOut{t}, err
		})
	type routesIn struct {
		Under scope.Path `query:"under"`
	}
	type routesOut struct {
		Body struct {
			Items []Route `json:"items"`
		}
	}
	serve.Op(door, serve.Spec{Method: "GET", Path: "/api/case-routes", Room: "cases", Zh: "派单规则", En: "The table of routes at a place"},
		func(ctx context.Context, who access.Who, in *routesIn) (*routesOut, error) {
			out := &routesOut{}
			var err error
			out.Body.Items, err = d.Routes(ctx, who, in.Under)
			return out, err
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
	serve.Op(door, serve.Spec{Method: "PUT", Path: "/api/case-routes", Room: "cases", Zh: "设定派单规则", En: "Set a rule of the table of routes"},
		func(ctx context.Context, who access.Who, in *routeIn) (*struct{}, error) {
			b := in.Body
			return nil, d.SetRoute(ctx, who, Route{Path: b.Path, Category: b.Category, Mode: b.Mode, Level: b.Level, ToKind: b.ToKind, ToOrg: b.ToOrg, ToPost: b.ToPost, Auto: b.Auto, Note: b.Note})
		})

	type askNumberIn struct {
		Number string `path:"number" maxLength:"30"`
		Last4  string `query:"phone_last4" maxLength:"4"`
	}
	type publicOut struct{ Body PublicCase }
	serve.Op(door, serve.Spec{Method: "GET", Path: "/api/public/cases/{number}", Room: "cases", Public: true, Zh: "凭编号和电话后四位查询", En: "Ask by number and the last four digits of the telephone"},
		func(ctx context.Context, who access.Who, in *askNumberIn) (*publicOut, error) {
			c, err := d.AskByNumber(ctx, in.Number, in.Last4)
			return &publicOut{c}, err
		})
	type boardOut struct {
		Body struct {
			Items []PublicCase `json:"items"`
		}
	}
	serve.Op(door, serve.Spec{Method: "GET", Path: "/api/public/compounds/{id}/cases", Room: "cases", Public: true, Zh: "小区公示：不含姓名", En: "A compound's public list, without names"},
		func(ctx context.Context, who access.Who, in *ByID) (*boardOut, error) {
			out := &boardOut{}
			var err error
			out.Body.Items, err = d.Board(ctx, in.ID)
			return out, err
		})
	type openOut struct{ Body Receipt }
	serve.Op(door, serve.Spec{Method: "POST", Path: "/api/public/cases", Room: "cases", Public: true, Status: 201, Zh: "不登录登记事项", En: "Report without signing in"},
		func(ctx context.Context, who access.Who, in *publicIn) (*openOut, error) {
			r, err := d.ReportOpenly(ctx, who, in.from, in.Body)
			return &openOut{r}, err
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
