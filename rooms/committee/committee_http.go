package committee

import (
	"context"

	"cuobian/basis/day"
	"cuobian/basis/paged"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/serve"
	"cuobian/rooms/committee/form"
	"cuobian/rooms/people"
)

// ByID names a thing in the path; huma skips embedded types that are not exported.
type ByID struct {
	ID string `path:"id" maxLength:"40"`
}

// ByOrg names a committee in the path.
type ByOrg struct {
	Org string `path:"org" maxLength:"40"`
}

// Routes adds the room's operations.
func Routes(d *serve.Door, c *Chamber) {
	formingRoutes(d, c)
	committeeRoutes(d, c)
}

func formingRoutes(d *serve.Door, c *Chamber) {
	type boardIn struct {
		Under   scope.Path `query:"under" maxLength:"200"`
		Stage   string     `query:"stage" maxLength:"20"`
		Kind    form.Kind  `query:"kind" enum:",first,reelection,interim"`
		Blocker string     `query:"blocker" enum:",start,elect,perform"`
		Overdue bool       `query:"overdue"`
		Query   string     `query:"q" maxLength:"60"`
		After   string     `query:"after" maxLength:"200"`
		Limit   int        `query:"limit" minimum:"0" maximum:"200"`
	}
	serve.One(d, serve.Spec{Method: "GET", Path: "/api/formings", Room: "committee", Zh: "组建进度：辖区内每个小区到了哪一步", En: "Where every compound stands in forming its committee"},
		func(ctx context.Context, who access.Who, in *boardIn) (Board, error) {
			return c.Formings(ctx, who, Look{Under: in.Under, Stage: in.Stage, Kind: in.Kind, Blocker: in.Blocker, Overdue: in.Overdue, Query: in.Query, After: in.After, Limit: in.Limit})
		})
	type openIn struct {
		Body struct {
			Compound string    `json:"compound" maxLength:"40"`
			Kind     form.Kind `json:"kind" enum:"first,reelection,interim"`
			Reason   string    `json:"reason,omitempty" maxLength:"500"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/formings", Room: "committee", Zh: "立项：首次组建、换届或临时管理委员会", En: "Begin a forming", Status: 201},
		func(ctx context.Context, who access.Who, in *openIn) (Forming, error) {
			return c.OpenForming(ctx, who, in.Body.Compound, in.Body.Kind, in.Body.Reason)
		})
	serve.One(d, serve.Spec{Method: "GET", Path: "/api/formings/{id}", Room: "committee", Zh: "一次组建：步骤、期限、筹备组、专班、堵点、文件", En: "One forming"},
		func(ctx context.Context, who access.Who, in *ByID) (File, error) {
			return c.Forming(ctx, who, in.ID)
		})
	serve.One(d, serve.Spec{Method: "GET", Path: "/api/formings/{id}/filing", Room: "committee", Zh: "备案材料（打印用）", En: "The papers of a filing, for print"},
		func(ctx context.Context, who access.Who, in *ByID) (Filing, error) {
			return c.FilingOf(ctx, who, in.ID)
		})
	type reasonIn struct {
		ByID
		Body struct {
			Reason string `json:"reason" maxLength:"500"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/formings/{id}/end", Room: "committee", Zh: "终止组建，需写明理由", En: "Give a forming up, with a reason"},
		func(ctx context.Context, who access.Who, in *reasonIn) (Forming, error) {
			return c.EndForming(ctx, who, in.ID, in.Body.Reason)
		})
	type joinOut struct {
		Body struct {
			Applicants int64 `json:"applicants"`
		}
	}
	serve.Op(d, serve.Spec{Method: "POST", Path: "/api/formings/{id}/join", Room: "committee", Zh: "业主联名申请召开首次业主大会", En: "Join the owners who apply for the first assembly"},
		func(ctx context.Context, who access.Who, in *ByID) (*joinOut, error) {
			n, err := c.Join(ctx, who, in.ID)
			out := &joinOut{}
			out.Body.Applicants = n
			return out, err
		})
	type applyIn struct {
		ByID
		Body struct {
			By     string   `json:"by" enum:"developer,owners"`
			Owners []string `json:"owners,omitempty" maxItems:"200" doc:"owners who signed on paper: person ids"`
			On     day.Day  `json:"on,omitempty"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/formings/{id}/apply", Room: "committee", Zh: "登记申请（R13）", En: "Write the application down"},
		func(ctx context.Context, who access.Who, in *applyIn) (Forming, error) {
			return c.Apply(ctx, who, in.ID, in.Body.By, in.Body.Owners, in.Body.On)
		})
	type groupIn struct {
		ByID
		Body struct {
			Members []form.Sitter `json:"members" maxItems:"31"`
			On      day.Day       `json:"on,omitempty"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/formings/{id}/group", Room: "committee", Zh: "成立筹备组（R14）", En: "Form the preparatory group"},
		func(ctx context.Context, who access.Who, in *groupIn) (Forming, error) {
			return c.Group(ctx, who, in.ID, in.Body.Members, in.Body.On)
		})
	type dayIn struct {
		ByID
		Body struct {
			On day.Day `json:"on,omitempty"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/formings/{id}/post-group", Room: "committee", Zh: "公示筹备组名单（R15）", En: "Post the group's list"},
		func(ctx context.Context, who access.Who, in *dayIn) (Forming, error) {
			return c.PostGroup(ctx, who, in.ID, in.Body.On)
		})
	type objectIn struct {
		ByID
		Body struct {
			About string `json:"about" enum:"group,drafts"`
			Text  string `json:"text" maxLength:"2000"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/formings/{id}/objections", Room: "committee", Zh: "业主提出异议", En: "An owner's objection", Status: 201},
		func(ctx context.Context, who access.Who, in *objectIn) (Objection, error) {
			return c.Object(ctx, who, in.ID, in.Body.About, in.Body.Text)
		})
	type answerIn struct {
		ByID
		Oid  string `path:"oid" maxLength:"40"`
		Body struct {
			Answer string `json:"answer" maxLength:"2000"`
		}
	}
	serve.Do(d, serve.Spec{Method: "POST", Path: "/api/formings/{id}/objections/{oid}/answer", Room: "committee", Zh: "书面答复异议", En: "Answer an objection in writing"},
		func(ctx context.Context, who access.Who, in *answerIn) error {
			return c.Answer(ctx, who, in.ID, in.Oid, in.Body.Answer)
		})
	type papersIn struct {
		ByID
		Body struct {
			Registry bool     `json:"registry,omitempty" doc:"the registry gave them, confirmed by the street"`
			Papers   []string `json:"papers" maxItems:"30"`
			On       day.Day  `json:"on,omitempty"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/formings/{id}/papers", Room: "committee", Zh: "收到建设单位资料，或经街道确认向登记机构查询（R16）", En: "The developer's papers, or the registry's"},
		func(ctx context.Context, who access.Who, in *papersIn) (Forming, error) {
			return c.Papers(ctx, who, in.ID, in.Body.Registry, in.Body.Papers, in.Body.On)
		})
	type draftsIn struct {
		ByID
		Body struct {
			Drafts []string `json:"drafts" maxItems:"10" doc:"rules, regulation, roll, candidates: all four"`
			Text   string   `json:"text,omitempty" maxLength:"20000"`
			On     day.Day  `json:"on,omitempty"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/formings/{id}/drafts", Room: "committee", Zh: "公示草案（R17）", En: "Post the drafts"},
		func(ctx context.Context, who access.Who, in *draftsIn) (Forming, error) {
			return c.Drafts(ctx, who, in.ID, in.Body.Drafts, in.Body.Text, in.Body.On)
		})
	type callIn struct {
		ByID
		Body struct {
			Meeting string `json:"meeting" maxLength:"40"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/formings/{id}/assembly", Room: "committee", Zh: "关联选举的业主大会会议", En: "Link the assembly that elects"},
		func(ctx context.Context, who access.Who, in *callIn) (Forming, error) {
			return c.Call(ctx, who, in.ID, in.Body.Meeting)
		})
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/formings/{id}/propose", Room: "committee", Zh: "提出临时管理委员会人选（R25）", En: "Propose an interim committee"},
		func(ctx context.Context, who access.Who, in *groupIn) (Forming, error) {
			return c.Propose(ctx, who, in.ID, in.Body.Members, in.Body.On)
		})
	type appointIn struct {
		ByID
		Body struct {
			Until day.Day `json:"until,omitempty"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/formings/{id}/appoint", Room: "committee", Zh: "街道批准临时管理委员会（R25）", En: "The street approves the interim committee"},
		func(ctx context.Context, who access.Who, in *appointIn) (Forming, error) {
			return c.AppointInterim(ctx, who, in.ID, in.Body.Until)
		})
	type fileIn struct {
		ByID
		Body struct {
			Enclosed []string `json:"enclosed,omitempty" maxItems:"30"`
			On       day.Day  `json:"on,omitempty"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/formings/{id}/file", Room: "committee", Zh: "报送备案（R11）", En: "File the committee"},
		func(ctx context.Context, who access.Who, in *fileIn) (Forming, error) {
			return c.File(ctx, who, in.ID, in.Body.On, in.Body.Enclosed)
		})
	type acceptIn struct {
		ByID
		Body struct {
			Number string  `json:"number" maxLength:"60"`
			On     day.Day `json:"on,omitempty"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/formings/{id}/accept", Room: "committee", Zh: "街道出具备案回执", En: "The street's receipt of the filing"},
		func(ctx context.Context, who access.Who, in *acceptIn) (Forming, error) {
			return c.Accept(ctx, who, in.ID, in.Body.Number, in.Body.On)
		})
	type sealIn struct {
		ByID
		Body struct {
			Name   string  `json:"name,omitempty" maxLength:"60" doc:"as it stands on the seal; the committee's name when left out"`
			Keeper string  `json:"keeper,omitempty" maxLength:"40" doc:"the member who keeps it"`
			On     day.Day `json:"on,omitempty"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/formings/{id}/seal", Room: "committee", Zh: "刻制印章", En: "Have the seal made"},
		func(ctx context.Context, who access.Who, in *sealIn) (Forming, error) {
			return c.Seal(ctx, who, in.ID, in.Body.Name, in.Body.Keeper, in.Body.On)
		})
	type firstIn struct {
		ByID
		Body struct {
			Planned day.Instant `json:"planned"`
			Room    string      `json:"room,omitempty" maxLength:"100"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/formings/{id}/first-meeting", Room: "committee", Zh: "召集首次委员会会议", En: "Call the committee's first meeting", Status: 201},
		func(ctx context.Context, who access.Who, in *firstIn) (Meeting, error) {
			return c.FirstMeeting(ctx, who, in.ID, in.Body.Planned, in.Body.Room)
		})
	type teamIn struct {
		ByID
		Body struct {
			Person string `json:"person" maxLength:"40"`
			Role   string `json:"role" maxLength:"60"`
		}
	}
	serve.Do(d, serve.Spec{Method: "POST", Path: "/api/formings/{id}/team", Room: "committee", Zh: "组建专班：加入成员", En: "Name somebody to the special team"},
		func(ctx context.Context, who access.Who, in *teamIn) error {
			return c.NameTeam(ctx, who, in.ID, in.Body.Person, in.Body.Role)
		})
	type leaveIn struct {
		ByID
		Person string `path:"person" maxLength:"40"`
	}
	serve.Do(d, serve.Spec{Method: "DELETE", Path: "/api/formings/{id}/team/{person}", Room: "committee", Zh: "组建专班：移出成员", En: "End somebody's part in the team"},
		func(ctx context.Context, who access.Who, in *leaveIn) error {
			return c.LeaveTeam(ctx, who, in.ID, in.Person)
		})
	type taskIn struct {
		ByID
		Body struct {
			Text   string  `json:"text" maxLength:"500"`
			Person string  `json:"person" maxLength:"40"`
			Due    day.Day `json:"due"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/formings/{id}/tasks", Room: "committee", Zh: "专班任务", En: "Give a task", Status: 201},
		func(ctx context.Context, who access.Who, in *taskIn) (Task, error) {
			return c.AddTask(ctx, who, in.ID, in.Body.Text, in.Body.Person, in.Body.Due)
		})
	type doneIn struct {
		ByID
		Tid  string `path:"tid" maxLength:"40"`
		Body struct {
			Note string `json:"note" maxLength:"1000"`
		}
	}
	serve.Do(d, serve.Spec{Method: "POST", Path: "/api/formings/{id}/tasks/{tid}/done", Room: "committee", Zh: "任务办结", En: "End a task"},
		func(ctx context.Context, who access.Who, in *doneIn) error {
			return c.DoTask(ctx, who, in.ID, in.Tid, in.Body.Note)
		})
	type blockIn struct {
		ByID
		Body struct {
			Kind string `json:"kind" enum:"start,elect,perform"`
			Text string `json:"text" maxLength:"1000"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/formings/{id}/blockers", Room: "committee", Zh: "登记堵点（启动难、选举难、履职难）", En: "Note a blocker", Status: 201},
		func(ctx context.Context, who access.Who, in *blockIn) (Blocker, error) {
			return c.Block(ctx, who, in.ID, "", in.Body.Kind, in.Body.Text)
		})
	type solveIn struct {
		ByID
		Body struct {
			Note string `json:"note" maxLength:"1000"`
		}
	}
	serve.Do(d, serve.Spec{Method: "POST", Path: "/api/blockers/{id}/solve", Room: "committee", Zh: "堵点已化解", En: "A blocker is solved"},
		func(ctx context.Context, who access.Who, in *solveIn) error {
			return c.Solve(ctx, who, in.ID, in.Body.Note)
		})
}

func committeeRoutes(d *serve.Door, c *Chamber) {
	serve.One(d, serve.Spec{Method: "GET", Path: "/api/committees/{org}", Room: "committee", Zh: "一个委员会：委员、选区、任期、提醒、移交、质询", En: "One committee"},
		func(ctx context.Context, who access.Who, in *ByOrg) (Page, error) {
			return c.Committee(ctx, who, in.Org)
		})
	type papersIn struct {
		ByOrg
		Kind  string `query:"kind" maxLength:"20"`
		After string `query:"after" maxLength:"40"`
		Limit int    `query:"limit" minimum:"0" maximum:"200"`
	}
	type papersOut struct{ Body paged.List[Paper] }
	serve.Op(d, serve.Spec{Method: "GET", Path: "/api/committees/{org}/papers", Room: "committee", Zh: "委员会的全部文件：公告、纪要、备案、用印、移交、质询", En: "Every paper of a committee, newest first"},
		func(ctx context.Context, who access.Who, in *papersIn) (*papersOut, error) {
			out := &papersOut{}
			items, next, n, err := c.PapersOf(ctx, who, in.Org, in.Kind, in.After, in.Limit)
			out.Body.Items, out.Body.Next, out.Body.Count = items, next, n
			return out, err
		})
	serve.List(d, serve.Spec{Method: "GET", Path: "/api/committees/{org}/meetings", Room: "committee", Zh: "委员会会议", En: "A committee's meetings, newest first"},
		func(ctx context.Context, who access.Who, in *ByOrg) ([]MeetingFile, error) {
			return c.Meetings(ctx, who, in.Org)
		})
	type callIn struct {
		ByOrg
		Body Calling
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/committees/{org}/meetings", Room: "committee", Zh: "召集委员会会议（主任，或三分之一委员）", En: "Call a meeting: the director, or a third of the members", Status: 201},
		func(ctx context.Context, who access.Who, in *callIn) (Meeting, error) {
			return c.CallMeeting(ctx, who, in.Org, in.Body)
		})
	serve.One(d, serve.Spec{Method: "GET", Path: "/api/committee-meetings/{id}", Room: "committee", Zh: "一次委员会会议", En: "One meeting of a committee"},
		func(ctx context.Context, who access.Who, in *ByID) (MeetingFile, error) {
			return c.MeetingOf(ctx, who, in.ID)
		})
	type attendIn struct {
		ByID
		Body struct {
			Persons []string `json:"persons,omitempty" maxItems:"30" doc:"who is there; oneself when left out"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/committee-meetings/{id}/presence", Room: "committee", Zh: "签到", En: "Sign in"},
		func(ctx context.Context, who access.Who, in *attendIn) (Meeting, error) {
			return c.Attend(ctx, who, in.ID, in.Body.Persons)
		})
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/committee-meetings/{id}/hold", Room: "committee", Zh: "到会过半数，会议开始（R21）", En: "More than half are there: the meeting is held"},
		func(ctx context.Context, who access.Who, in *ByID) (Meeting, error) {
			return c.Hold(ctx, who, in.ID)
		})
	type cancelIn struct {
		ByID
		Body struct {
			Reason string `json:"reason" maxLength:"500"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/committee-meetings/{id}/cancel", Room: "committee", Zh: "取消会议", En: "Call a meeting off"},
		func(ctx context.Context, who access.Who, in *cancelIn) (Meeting, error) {
			return c.CancelMeeting(ctx, who, in.ID, in.Body.Reason)
		})
	type decideIn struct {
		ByID
		Body struct {
			Text    string `json:"text" maxLength:"4000"`
			Kind    string `json:"kind,omitempty" enum:",plain,director"`
			Subject string `json:"subject,omitempty" maxLength:"40" doc:"of kind director: the member to be chosen"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/committee-meetings/{id}/decisions", Room: "committee", Zh: "提请委员签字的决定", En: "Put a decision to the members", Status: 201},
		func(ctx context.Context, who access.Who, in *decideIn) (Decision, error) {
			return c.Decide(ctx, who, in.ID, in.Body.Text, in.Body.Kind, in.Body.Subject)
		})
	type signIn struct {
		ByID
		Body struct {
			Choice string `json:"choice" enum:"agree,against"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/committee-decisions/{id}/sign", Room: "committee", Zh: "签字（全体委员过半数签字方为决定，R21）", En: "Sign a decision"},
		func(ctx context.Context, who access.Who, in *signIn) (Decision, error) {
			return c.Sign(ctx, who, in.ID, in.Body.Choice)
		})
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/committee-decisions/{id}/drop", Room: "committee", Zh: "主任撤下未获过半数签字的决定", En: "The director takes off a decision that was not signed by more than half"},
		func(ctx context.Context, who access.Who, in *cancelIn) (Decision, error) {
			return c.Drop(ctx, who, in.ID, in.Body.Reason)
		})
	type minuteIn struct {
		ByID
		Body struct {
			Minutes string `json:"minutes" maxLength:"20000"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/committee-meetings/{id}/minutes", Room: "committee", Zh: "公布会议纪要（三日内，R21）", En: "Post the minutes"},
		func(ctx context.Context, who access.Who, in *minuteIn) (Meeting, error) {
			return c.Minute(ctx, who, in.ID, in.Body.Minutes)
		})
	type resignIn struct {
		ByOrg
		Body struct {
			Person string `json:"person,omitempty" maxLength:"40" doc:"oneself when left out; another's on paper, by the community"`
			Reason string `json:"reason" maxLength:"1000"`
		}
	}
	serve.Do(d, serve.Spec{Method: "POST", Path: "/api/committees/{org}/resign", Room: "committee", Zh: "委员辞职", En: "Resign"},
		func(ctx context.Context, who access.Who, in *resignIn) error {
			return c.Resign(ctx, who, in.Org, in.Body.Person, in.Body.Reason)
		})
	type endIn struct {
		ByOrg
		Body struct {
			Person string `json:"person" maxLength:"40"`
			Ground string `json:"ground" enum:"no_longer_owner,incapacity,crime,other"`
			Text   string `json:"text" maxLength:"1000"`
		}
	}
	serve.Do(d, serve.Spec{Method: "POST", Path: "/api/committees/{org}/end-member", Room: "committee", Zh: "委员职务自动终止", En: "A membership ended by itself"},
		func(ctx context.Context, who access.Who, in *endIn) error {
			return c.End(ctx, who, in.Org, in.Body.Person, in.Body.Ground, in.Body.Text)
		})
	type recallIn struct {
		ByOrg
		Body struct {
			Person string `json:"person" maxLength:"40"`
			Ground string `json:"ground" enum:"not_doing,gain,owner_duty,harm"`
			Text   string `json:"text" maxLength:"2000"`
			Zone   bool   `json:"zone,omitempty" doc:"owners of the member's own zone propose in its name"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/committees/{org}/recalls", Room: "committee", Zh: "提议罢免委员（三分之一委员、百分之二十业主，或本选区百分之二十业主）", En: "Propose to recall a member", Status: 201},
		func(ctx context.Context, who access.Who, in *recallIn) (Recall, error) {
			return c.ProposeRecall(ctx, who, in.Org, in.Body.Person, in.Body.Ground, in.Body.Text, in.Body.Zone)
		})
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/recalls/{id}/sign", Room: "committee", Zh: "联名罢免", En: "Sign a recall"},
		func(ctx context.Context, who access.Who, in *ByID) (Recall, error) {
			return c.SignRecall(ctx, who, in.ID)
		})
	type putIn struct {
		ByID
		Body struct {
			Meeting string `json:"meeting" maxLength:"40"`
			Matter  int64  `json:"matter" minimum:"1"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/recalls/{id}/put", Room: "committee", Zh: "罢免提交业主大会表决", En: "Link the meeting that decides a recall"},
		func(ctx context.Context, who access.Who, in *putIn) (Recall, error) {
			return c.PutRecall(ctx, who, in.ID, in.Body.Meeting, in.Body.Matter)
		})
	type wordsIn struct {
		ByOrg
		Body struct {
			Text string `json:"text" maxLength:"4000"`
		}
	}
	serve.Do(d, serve.Spec{Method: "POST", Path: "/api/committees/{org}/refile", Room: "committee", Zh: "变更备案（三十日内）", En: "File a change"},
		func(ctx context.Context, who access.Who, in *wordsIn) error {
			return c.Refile(ctx, who, in.Org, in.Body.Text)
		})
	type useSealIn struct {
		ByOrg
		Paper string `path:"paper" maxLength:"40"`
		Body  struct {
			Reason string `json:"reason" maxLength:"500"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/committees/{org}/papers/{paper}/stamp", Room: "committee", Zh: "主任用印，写明事由，计入用印记录", En: "The director seals a paper; the use is logged"},
		func(ctx context.Context, who access.Who, in *useSealIn) (Paper, error) {
			return c.UseSeal(ctx, who, in.Org, in.Paper, in.Body.Reason)
		})
	type sealIn struct {
		ByOrg
		Body struct {
			Name   string  `json:"name,omitempty" maxLength:"60" doc:"as it stands on the seal; the committee's name when left out"`
			Keeper string  `json:"keeper" maxLength:"40" doc:"the member who keeps it"`
			On     day.Day `json:"on,omitempty" doc:"when it was made or came back"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/committees/{org}/seals", Room: "committee", Zh: "登记印章：未经本系统组建的，或原印章停用后的", En: "Enter the seal of a committee that no forming here led to, or whose seal is out of use", Status: 201},
		func(ctx context.Context, who access.Who, in *sealIn) (Seal, error) {
			return c.EnterSeal(ctx, who, in.Org, in.Body.Name, in.Body.Keeper, in.Body.On)
		})
	type keeperIn struct {
		ByOrg
		ByID
		Body struct {
			Keeper string `json:"keeper" maxLength:"40" doc:"the member who keeps it from now on"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/committees/{org}/seals/{id}/keeper", Room: "committee", Zh: "印章换人保管", En: "Another member keeps the seal"},
		func(ctx context.Context, who access.Who, in *keeperIn) (Seal, error) {
			return c.KeepSeal(ctx, who, in.Org, in.ID, in.Body.Keeper)
		})
	type endSealIn struct {
		ByOrg
		ByID
		Body struct {
			Reason string `json:"reason" maxLength:"500"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/committees/{org}/seals/{id}/end", Room: "committee", Zh: "印章停用，写明理由", En: "Take a seal out of use, with a reason"},
		func(ctx context.Context, who access.Who, in *endSealIn) (Seal, error) {
			return c.EndSeal(ctx, who, in.Org, in.ID, in.Body.Reason)
		})
	type aloneIn struct {
		ByOrg
		Body struct {
			Number string `json:"number" maxLength:"60"`
		}
	}
	serve.Do(d, serve.Spec{Method: "POST", Path: "/api/committees/{org}/filed", Room: "committee", Zh: "登记未经本系统组建的委员会的备案", En: "The filing of a committee that no forming here led to"},
		func(ctx context.Context, who access.Who, in *aloneIn) error {
			return c.FileAlone(ctx, who, in.Org, in.Body.Number)
		})
	type auditIn struct {
		ByOrg
		Body struct {
			Auditor string `json:"auditor" maxLength:"100"`
			Text    string `json:"text" maxLength:"8000"`
		}
	}
	serve.Do(d, serve.Spec{Method: "POST", Path: "/api/committees/{org}/audits", Room: "committee", Zh: "公布审计结果", En: "Post the result of an audit"},
		func(ctx context.Context, who access.Who, in *auditIn) error {
			return c.Audit(ctx, who, in.Org, in.Body.Auditor, in.Body.Text)
		})
	type blockIn struct {
		ByOrg
		Body struct {
			Kind string `json:"kind" enum:"start,elect,perform"`
			Text string `json:"text" maxLength:"1000"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/committees/{org}/blockers", Room: "committee", Zh: "登记委员会的堵点", En: "Note a blocker of a committee", Status: 201},
		func(ctx context.Context, who access.Who, in *blockIn) (Blocker, error) {
			return c.Block(ctx, who, "", in.Org, in.Body.Kind, in.Body.Text)
		})
	type giveIn struct {
		ByID
		Body struct {
			Items []Item `json:"items" maxItems:"200"`
			Note  string `json:"note,omitempty" maxLength:"1000"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/handovers/{id}/give", Room: "committee", Zh: "填写移交清单", En: "Make the list of a hand-over"},
		func(ctx context.Context, who access.Who, in *giveIn) (Handover, error) {
			return c.Give(ctx, who, in.ID, in.Body.Items, in.Body.Note)
		})
	type receiveIn struct {
		ByID
		Body struct {
			Note string `json:"note,omitempty" maxLength:"1000"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/handovers/{id}/receive", Room: "committee", Zh: "签收移交清单", En: "Sign a hand-over off"},
		func(ctx context.Context, who access.Who, in *receiveIn) (Handover, error) {
			return c.Receive(ctx, who, in.ID, in.Body.Note)
		})
	type boardIn struct {
		Body struct {
			Compound string   `json:"compound" maxLength:"40"`
			Name     string   `json:"name,omitempty" maxLength:"60"`
			Members  []string `json:"members" maxItems:"9" doc:"person ids, three to five"`
			Until    day.Day  `json:"until,omitempty"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/boards", Room: "committee", Zh: "成立监事会（顾问组）", En: "Set up a supervisory board", Status: 201},
		func(ctx context.Context, who access.Who, in *boardIn) (people.Org, error) {
			return c.FoundBoard(ctx, who, in.Body.Compound, in.Body.Name, in.Body.Members, in.Body.Until)
		})
	serve.List(d, serve.Spec{Method: "GET", Path: "/api/boards/{org}/questions", Room: "committee", Zh: "监事会（顾问组）的质询", En: "A board's questions"},
		func(ctx context.Context, who access.Who, in *ByOrg) ([]Question, error) {
			return c.QuestionsOf(ctx, who, in.Org)
		})
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/boards/{org}/questions", Room: "committee", Zh: "提出质询（十日内答复）", En: "Ask a question, answered in ten days", Status: 201},
		func(ctx context.Context, who access.Who, in *wordsIn) (Question, error) {
			return c.AskCommittee(ctx, who, in.Org, in.Body.Text)
		})
	type answerIn struct {
		ByID
		Body struct {
			Answer string `json:"answer" maxLength:"4000"`
		}
	}
	serve.One(d, serve.Spec{Method: "POST", Path: "/api/questions/{id}/answer", Room: "committee", Zh: "主任答复质询", En: "The director's answer"},
		func(ctx context.Context, who access.Who, in *answerIn) (Question, error) {
			return c.AnswerBoard(ctx, who, in.ID, in.Body.Answer)
		})
	serve.List(d, serve.Spec{Method: "GET", Path: "/api/me/buildings", Room: "committee", Zh: "我的楼栋：委员选区内的事项", En: "My buildings: matters of a member's zone"},
		func(ctx context.Context, who access.Who, in *struct{}) ([]MyBuildings, error) {
			return c.Mine(ctx, who)
		})
	serve.List(d, serve.Spec{Method: "GET", Path: "/api/me/committees", Room: "committee", Zh: "我的小区的委员会：组建、联名、移交", En: "The committees of my compounds: what to join, to sign, to hand over"},
		func(ctx context.Context, who access.Who, in *struct{}) ([]MyCommittee, error) {
			return c.MyCommittees(ctx, who)
		})
}
