package assembly

import (
	"context"

	"cuobian/platform/access"
	"cuobian/platform/serve"
)

func electionRoutes(door *serve.Door, h *Hall) {
	type electionOut struct{ Body Election }
	type candidateOut struct{ Body Candidate }
	type setIn struct {
		ByID
		Body Electing
	}
	serve.Op(door, serve.Spec{Method: "POST", Path: "/api/assemblies/{id}/election", Room: "assembly", Zh: "设定席位和选区，按最大余数分配（R19、R29）", En: "Set seats and zones; seats are shared by largest remainder"},
		func(ctx context.Context, who access.Who, in *setIn) (*electionOut, error) {
			e, err := h.SetElection(ctx, who, in.ID, in.Body)
			return &electionOut{e}, err
		})
	serve.Op(door, serve.Spec{Method: "GET", Path: "/api/assemblies/{id}/election", Room: "assembly", Zh: "选区、候选人、名单和选举结果", En: "Zones, candidates, lists and the election's result"},
		func(ctx context.Context, who access.Who, in *ByID) (*electionOut, error) {
			e, err := h.Election(ctx, who, in.ID)
			return &electionOut{e}, err
		})
	serve.Op(door, serve.Spec{Method: "GET", Path: "/api/public/assemblies/{id}/election", Room: "assembly", Public: true, Zh: "公示的选区、候选人名单和选举结果", En: "Zones, list of candidates and result, as posted"},
		func(ctx context.Context, _ access.Who, in *ByID) (*electionOut, error) {
			e, err := h.PublicElection(ctx, in.ID)
			return &electionOut{e}, err
		})
	type nominateIn struct {
		ByID
		Body Nomination
	}
	serve.Op(door, serve.Spec{Method: "POST", Path: "/api/assemblies/{id}/candidates", Room: "assembly", Status: 201, Zh: "提名候选人：党支部、社区或自荐", En: "Nominate: by the Party branch, the community or oneself"},
		func(ctx context.Context, who access.Who, in *nominateIn) (*candidateOut, error) {
			c, err := h.Nominate(ctx, who, in.ID, in.Body)
			return &candidateOut{c}, err
		})
	type oneIn struct {
		ByID
		Cid string `path:"cid" maxLength:"40"`
	}
	serve.Op(door, serve.Spec{Method: "POST", Path: "/api/assemblies/{id}/candidates/{cid}/cosign", Room: "assembly", Zh: "本选区业主联名", En: "An owner of the zone co-signs"},
		func(ctx context.Context, who access.Who, in *oneIn) (*candidateOut, error) {
			c, err := h.Cosign(ctx, who, in.ID, in.Cid)
			return &candidateOut{c}, err
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
	serve.Op(door, serve.Spec{Method: "POST", Path: "/api/assemblies/{id}/candidates/{cid}/examine", Room: "assembly", Zh: "审查候选人资格，不通过须写明情形和理由", En: "Examine a candidate; a refusal names grounds and reason"},
		func(ctx context.Context, who access.Who, in *examineIn) (*candidateOut, error) {
			c, err := h.Examine(ctx, who, in.ID, in.Cid, in.Body.OK, in.Body.Grounds, in.Body.Reason)
			return &candidateOut{c}, err
		})
	type withdrawIn struct {
		ByID
		Cid  string `path:"cid" maxLength:"40"`
		Body struct {
			Reason string `json:"reason" maxLength:"1000"`
		}
	}
	serve.Op(door, serve.Spec{Method: "POST", Path: "/api/assemblies/{id}/candidates/{cid}/withdraw", Room: "assembly", Zh: "退出候选", En: "Withdraw a candidacy"},
		func(ctx context.Context, who access.Who, in *withdrawIn) (*candidateOut, error) {
			c, err := h.Withdraw(ctx, who, in.ID, in.Cid, in.Body.Reason)
			return &candidateOut{c}, err
		})
	serve.Op(door, serve.Spec{Method: "POST", Path: "/api/assemblies/{id}/candidates/extend", Room: "assembly", Zh: "候选人不足，提名延长一次", En: "Extend nomination once, where candidates are too few"},
		func(ctx context.Context, who access.Who, in *reasonIn) (*electionOut, error) {
			e, err := h.ExtendNomination(ctx, who, in.ID, in.Body.Reason)
			return &electionOut{e}, err
		})
	serve.Op(door, serve.Spec{Method: "POST", Path: "/api/assemblies/{id}/candidates/provisional", Room: "assembly", Zh: "公布候选人初步名单（表决前 15 日）", En: "Post the provisional list of candidates"},
		func(ctx context.Context, who access.Who, in *ByID) (*electionOut, error) {
			e, err := h.ProvisionalList(ctx, who, in.ID)
			return &electionOut{e}, err
		})
	serve.Op(door, serve.Spec{Method: "POST", Path: "/api/assemblies/{id}/candidates/final", Room: "assembly", Zh: "公布候选人正式名单（表决前 7 日），每名候选人成为一项议题", En: "Post the final list: each candidate becomes a matter"},
		func(ctx context.Context, who access.Who, in *ByID) (*electionOut, error) {
			e, err := h.FinalList(ctx, who, in.ID)
			return &electionOut{e}, err
		})
}
