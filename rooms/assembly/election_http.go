package assembly

import (
	"context"

	"cuobian/platform/access"
	"cuobian/platform/serve"
)

func electionRoutes(door *serve.Door, h *Hall) {
	type setIn struct {
		ByID
		Body Electing
	}
	serve.One(door, serve.Spec{Method: "POST", Path: "/api/assemblies/{id}/election", Room: "assembly", Zh: "设定席位和选区，按最大余数分配（R19、R29）", En: "Set seats and zones; seats are shared by largest remainder"},
		func(ctx context.Context, who access.Who, in *setIn) (Election, error) {
			return h.SetElection(ctx, who, in.ID, in.Body)
		})
	serve.One(door, serve.Spec{Method: "GET", Path: "/api/assemblies/{id}/election", Room: "assembly", Zh: "选区、候选人、名单和选举结果", En: "Zones, candidates, lists and the election's result"},
		func(ctx context.Context, who access.Who, in *ByID) (Election, error) {
			return h.Election(ctx, who, in.ID)
		})
	serve.One(door, serve.Spec{Method: "GET", Path: "/api/public/assemblies/{id}/election", Room: "assembly", Public: true, Zh: "公示的选区、候选人名单和选举结果", En: "Zones, list of candidates and result, as posted"},
		func(ctx context.Context, _ access.Who, in *ByID) (Election, error) {
			return h.PublicElection(ctx, in.ID)
		})
	type nominateIn struct {
		ByID
		Body Nomination
	}
	serve.One(door, serve.Spec{Method: "POST", Path: "/api/assemblies/{id}/candidates", Room: "assembly", Status: 201, Zh: "提名候选人：党支部、社区或自荐", En: "Nominate: by the Party branch, the community or oneself"},
		func(ctx context.Context, who access.Who, in *nominateIn) (Candidate, error) {
			return h.Nominate(ctx, who, in.ID, in.Body)
		})
	type oneIn struct {
		ByID
		Cid string `path:"cid" maxLength:"40"`
	}
	serve.One(door, serve.Spec{Method: "POST", Path: "/api/assemblies/{id}/candidates/{cid}/cosign", Room: "assembly", Zh: "本选区业主联名", En: "An owner of the zone co-signs"},
		func(ctx context.Context, who access.Who, in *oneIn) (Candidate, error) {
			return h.Cosign(ctx, who, in.ID, in.Cid)
		})
	type examineIn struct {
		ByID
		Cid  string `path:"cid" maxLength:"40"`
		Body struct {
			OK      bool     `json:"ok"`
			Grounds []string `json:"grounds,omitempty" maxItems:"9" enum:"capacity,law,regulation,arrears,company,illegal_building,dishonest,time,other"`
			Reason  string   `json:"reason,omitempty" maxLength:"2000"`
		}
	}
	serve.One(door, serve.Spec{Method: "POST", Path: "/api/assemblies/{id}/candidates/{cid}/examine", Room: "assembly", Zh: "审查候选人资格，不通过须写明情形和理由", En: "Examine a candidate; a refusal names grounds and reason"},
		func(ctx context.Context, who access.Who, in *examineIn) (Candidate, error) {
			return h.Examine(ctx, who, in.ID, in.Cid, in.Body.OK, in.Body.Grounds, in.Body.Reason)
		})
	type withdrawIn struct {
		ByID
		Cid  string `path:"cid" maxLength:"40"`
		Body struct {
			Reason string `json:"reason" maxLength:"1000"`
		}
	}
	serve.One(door, serve.Spec{Method: "POST", Path: "/api/assemblies/{id}/candidates/{cid}/withdraw", Room: "assembly", Zh: "退出候选", En: "Withdraw a candidacy"},
		func(ctx context.Context, who access.Who, in *withdrawIn) (Candidate, error) {
			return h.Withdraw(ctx, who, in.ID, in.Cid, in.Body.Reason)
		})
	serve.One(door, serve.Spec{Method: "POST", Path: "/api/assemblies/{id}/candidates/extend", Room: "assembly", Zh: "候选人不足，提名延长一次", En: "Extend nomination once, where candidates are too few"},
		func(ctx context.Context, who access.Who, in *reasonIn) (Election, error) {
			return h.ExtendNomination(ctx, who, in.ID, in.Body.Reason)
		})
	serve.One(door, serve.Spec{Method: "POST", Path: "/api/assemblies/{id}/candidates/provisional", Room: "assembly", Zh: "公布候选人初步名单（表决前 15 日）", En: "Post the provisional list of candidates"},
		func(ctx context.Context, who access.Who, in *ByID) (Election, error) {
			return h.ProvisionalList(ctx, who, in.ID)
		})
	serve.One(door, serve.Spec{Method: "POST", Path: "/api/assemblies/{id}/candidates/final", Room: "assembly", Zh: "公布候选人正式名单（表决前 7 日），每名候选人成为一项议题", En: "Post the final list: each candidate becomes a matter"},
		func(ctx context.Context, who access.Who, in *ByID) (Election, error) {
			return h.FinalList(ctx, who, in.ID)
		})
	serve.One(door, serve.Spec{Method: "GET", Path: "/api/me/assemblies/{id}/election", Room: "assembly", Zh: "我的选举页：能为谁联名、能否自荐、能否提异议", En: "An election as an owner has it: whom to co-sign, whether to stand, what may be objected to"},
		func(ctx context.Context, who access.Who, in *ByID) (MyElection, error) {
			return h.MyElection(ctx, who, in.ID)
		})
	type proposeIn struct {
		ByID
		Body Proposing
	}
	type receivedOut struct {
		Body struct {
			Received bool `json:"received" doc:"the same whether home and name fit somebody or not"`
		}
	}
	serve.Op(door, serve.Spec{Method: "POST", Path: "/api/me/assemblies/{id}/proposals", Room: "assembly", Zh: "推荐邻居当候选人；由本人决定", En: "Propose a neighbour as a candidate, who decides"},
		func(ctx context.Context, who access.Who, in *proposeIn) (*receivedOut, error) {
			out := &receivedOut{}
			out.Body.Received = true
			return out, h.Propose(ctx, who, in.ID, in.Body)
		})
	type standIn struct {
		ByID
		Pid  string `path:"pid" maxLength:"40"`
		Body struct {
			Yes       bool   `json:"yes"`
			Party     string `json:"party,omitempty" enum:",member,probation"`
			Statement string `json:"statement,omitempty" maxLength:"2000"`
		}
	}
	serve.One(door, serve.Spec{Method: "POST", Path: "/api/me/assemblies/{id}/proposals/{pid}/answer", Room: "assembly", Zh: "答复邻居的推荐：同意即为自荐", En: "Answer a neighbour's proposal: yes is a candidacy of one's own"},
		func(ctx context.Context, who access.Who, in *standIn) (Candidate, error) {
			return h.AnswerProposal(ctx, who, in.ID, in.Pid, in.Body.Yes, Nomination{Party: in.Body.Party, Statement: in.Body.Statement})
		})
	type challengeIn struct {
		ByID
		Cid  string `path:"cid" maxLength:"40"`
		Body struct {
			Text string `json:"text" maxLength:"2000"`
		}
	}
	serve.One(door, serve.Spec{Method: "POST", Path: "/api/assemblies/{id}/candidates/{cid}/objections", Room: "assembly", Status: 201, Zh: "业主对初步名单上的候选人提异议（R29）", En: "An owner objects to a candidate on the provisional list"},
		func(ctx context.Context, who access.Who, in *challengeIn) (Challenge, error) {
			return h.Challenge(ctx, who, in.ID, in.Cid, in.Body.Text)
		})
	type answerIn struct {
		ByID
		Oid  string `path:"oid" maxLength:"40"`
		Body struct {
			Uphold bool   `json:"uphold"`
			Answer string `json:"answer" maxLength:"2000"`
		}
	}
	serve.One(door, serve.Spec{Method: "POST", Path: "/api/assemblies/{id}/candidate-objections/{oid}/answer", Room: "assembly", Zh: "社区答复对候选人的异议；成立的，候选人除名", En: "The community answers an objection to a candidate; upheld, the candidate is struck"},
		func(ctx context.Context, who access.Who, in *answerIn) (Challenge, error) {
			return h.AnswerChallenge(ctx, who, in.ID, in.Oid, in.Body.Uphold, in.Body.Answer)
		})
}
