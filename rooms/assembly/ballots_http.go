package assembly

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"

	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/serve"
	"cuobian/rooms/assembly/bundle"
)

// ballotRoutes adds what voters, visitors, typists and scrutineers do, and the files by which anybody checks a vote.
func ballotRoutes(door *serve.Door, h *Hall) {
	voterRoutes(door, h)
	mandateRoutes(door, h)
	sheetRoutes(door, h)
	teamRoutes(door, h)
	fileRoutes(door, h)
}

// ByMeeting names a meeting in a path, by id or number.
type ByMeeting struct {
	ID string `path:"id" maxLength:"40"`
}

func ballotOp(method, path, zh, en string) serve.Spec {
	return serve.Spec{Method: method, Path: path, Room: "assembly", Zh: zh, En: en}
}

func voterRoutes(door *serve.Door, h *Hall) {
	serve.List(door, ballotOp("GET", "/api/me/assemblies", "我可以投票的会议", "Meetings in which I may vote"), func(ctx context.Context, who access.Who, in *struct{}) ([]MyMeeting, error) {
		return h.MyMeetings(ctx, who)
	})
	serve.One(door, ballotOp("GET", "/api/me/assemblies/{id}", "投票页：议题、规则、我的表决权", "The booth: matters, rules, my rights"), func(ctx context.Context, who access.Who, in *ByMeeting) (Booth, error) {
		return h.Booth(ctx, who, in.ID)
	})
	serve.List(door, ballotOp("GET", "/api/me/devices", "我的投票设备", "My devices for voting"), func(ctx context.Context, who access.Who, in *struct{}) ([]Device, error) {
		return h.Devices(ctx, who)
	})
	type deviceIn struct{ Body NewDevice }
	spec := ballotOp("POST", "/api/me/devices", "登记投票设备的公钥（手机验证码之后）", "Register a device's key, after a code on the phone")
	spec.Status = 201
	serve.One(door, spec, func(ctx context.Context, who access.Who, in *deviceIn) (Device, error) {
		return h.Register(ctx, who, in.Body)
	})
	serve.Do(door, ballotOp("DELETE", "/api/me/devices/{id}", "停用投票设备", "Take a device off"), func(ctx context.Context, who access.Who, in *ByMeeting) error {
		return h.TakeOff(ctx, who, in.ID)
	})
	type voteIn struct {
		ByMeeting
		Body Vote
	}
	spec = ballotOp("POST", "/api/assemblies/{id}/ballots", "投票，返回回执", "Cast a ballot; the answer is its receipt")
	spec.Status = 201
	serve.One(door, spec, func(ctx context.Context, who access.Who, in *voteIn) (bundle.Receipt, error) {
		return h.Cast(ctx, who, in.ID, in.Body)
	})
	serve.List(door, ballotOp("GET", "/api/me/receipts", "我的回执", "My receipts"), func(ctx context.Context, who access.Who, in *struct{}) ([]OwnReceipt, error) {
		return h.Receipts(ctx, who)
	})
	type placeIn struct {
		Commitment string `path:"commitment" maxLength:"64"`
	}
	spec = ballotOp("GET", "/api/public/receipts/{commitment}", "一张票在公开日志中的位置与证明", "Where a ballot stands in the public log, with its proof")
	spec.Public = true
	serve.One(door, spec, func(ctx context.Context, who access.Who, in *placeIn) (Placed, error) {
		return h.Place(ctx, in.Commitment)
	})
	type proxyIn struct {
		ByMeeting
		Body struct {
			Right  int64  `json:"right"`
			Holder string `json:"holder" maxLength:"40" doc:"person id"`
			Letter string `json:"letter_blob" maxLength:"40"`
		}
	}
	spec = ballotOp("POST", "/api/assemblies/{id}/proxies", "登记书面委托（R27）", "Record a written proxy")
	spec.Status = 201
	serve.One(door, spec, func(ctx context.Context, who access.Who, in *proxyIn) (Mandate, error) {
		return h.Mandate(ctx, who, in.ID, in.Body.Right, in.Body.Holder, in.Body.Letter)
	})
	serve.List(door, ballotOp("GET", "/api/assemblies/{id}/proxies", "委托列表", "Proxies"), func(ctx context.Context, who access.Who, in *ByMeeting) ([]Mandate, error) {
		return h.Mandates(ctx, who, in.ID)
	})
	type revokeIn struct {
		ByMeeting
		Proxy string `path:"pid" maxLength:"40"`
		Body  struct {
			Reason string `json:"reason" maxLength:"500"`
		}
	}
	serve.One(door, ballotOp("POST", "/api/assemblies/{id}/proxies/{pid}/revoke", "撤销委托", "Revoke a proxy"), func(ctx context.Context, who access.Who, in *revokeIn) (Mandate, error) {
		return h.Revoke(ctx, who, in.ID, in.Proxy, in.Body.Reason)
	})
}

// mandateRoutes are what owners and holders do with mandates by phone.
func mandateRoutes(door *serve.Door, h *Hall) {
	serve.List(door, ballotOp("GET", "/api/me/proxies", "我给出的、请我接受的委托", "Mandates that I gave or was asked to take"), func(ctx context.Context, who access.Who, in *struct{}) ([]MyProxy, error) {
		return h.MyProxies(ctx, who, "")
	})
	serve.List(door, ballotOp("GET", "/api/me/assemblies/{id}/proxies", "这次会议中我的委托", "My mandates in a meeting"), func(ctx context.Context, who access.Who, in *ByMeeting) ([]MyProxy, error) {
		return h.MyProxies(ctx, who, in.ID)
	})
	type offerIn struct {
		ByMeeting
		Body Offering
	}
	spec := ballotOp("POST", "/api/me/assemblies/{id}/proxies", "用手机委托他人投票，受托人接受后生效（R27）", "Give a mandate by phone; it stands once its holder accepts")
	spec.Status = 201
	serve.One(door, spec, func(ctx context.Context, who access.Who, in *offerIn) (MyProxy, error) {
		return h.Offer(ctx, who, in.ID, in.Body)
	})
	type ByProxy struct {
		ByMeeting
		Proxy string `path:"pid" maxLength:"40"`
	}
	serve.One(door, ballotOp("POST", "/api/me/assemblies/{id}/proxies/{pid}/accept", "接受委托", "Accept a mandate"), func(ctx context.Context, who access.Who, in *ByProxy) (MyProxy, error) {
		return h.Accept(ctx, who, in.ID, in.Proxy)
	})
	type wordIn struct {
		ByProxy
		Body struct {
			Reason string `json:"reason,omitempty" maxLength:"500"`
		}
	}
	serve.One(door, ballotOp("POST", "/api/me/assemblies/{id}/proxies/{pid}/decline", "不接受委托，或辞去已接受的委托", "Decline a mandate, or lay it down"), func(ctx context.Context, who access.Who, in *wordIn) (MyProxy, error) {
		return h.Decline(ctx, who, in.ID, in.Proxy, in.Body.Reason)
	})
	serve.One(door, ballotOp("POST", "/api/me/assemblies/{id}/proxies/{pid}/revoke", "撤回或撤销自己给出的委托", "Take an own mandate back"), func(ctx context.Context, who access.Who, in *wordIn) (MyProxy, error) {
		return h.TakeBack(ctx, who, in.ID, in.Proxy, in.Body.Reason)
	})
}

func sheetRoutes(door *serve.Door, h *Hall) {
	type printIn struct {
		ByMeeting
		Body struct {
			Rights []int64 `json:"rights,omitempty" maxItems:"2000" doc:"empty: all"`
		}
	}
	spec := ballotOp("POST", "/api/assemblies/{id}/sheets", "印制纸质票（编号、二维码、存根）", "Make paper ballots: code, QR, stub")
	spec.Status = 201
	serve.One(door, spec, func(ctx context.Context, who access.Who, in *printIn) (Printing, error) {
		return h.PrintSheets(ctx, who, in.ID, in.Body.Rights)
	})
	type sheetsIn struct {
		ByMeeting
		State string `query:"state" enum:",printed,returned,differs,settled,void"`
		After string `query:"after" maxLength:"20"`
		Limit int    `query:"limit" minimum:"0" maximum:"500"`
	}
	serve.One(door, ballotOp("GET", "/api/assemblies/{id}/sheets", "纸质票列表（不含房号）", "Paper ballots by code"), func(ctx context.Context, who access.Who, in *sheetsIn) (SheetPage, error) {
		return h.Sheets(ctx, who, in.ID, in.State, in.After, in.Limit)
	})
	type ByCode struct {
		ByMeeting
		Code string `path:"code" maxLength:"20"`
	}
	serve.One(door, ballotOp("GET", "/api/assemblies/{id}/sheets/{code}", "一张纸质票", "One sheet, for typing"), func(ctx context.Context, who access.Who, in *ByCode) (Sheet, error) {
		return h.Sheet(ctx, who, in.ID, in.Code)
	})
	type returnIn struct {
		ByCode
		Body struct {
			Blob string `json:"blob" maxLength:"40" doc:"picture of the sheet"`
			Box  string `json:"box,omitempty" maxLength:"40" doc:"id or number of the sealed box it came out of; then after the closing as well"`
		}
	}
	serve.One(door, ballotOp("POST", "/api/assemblies/{id}/sheets/{code}/return", "登记收回", "A sheet came back"), func(ctx context.Context, who access.Who, in *returnIn) (Sheet, error) {
		return h.Return(ctx, who, in.ID, in.Code, in.Body.Blob, in.Body.Box)
	})
	serve.List(door, ballotOp("GET", "/api/assemblies/{id}/boxes", "封存的票箱", "Sealed ballot boxes"), func(ctx context.Context, who access.Who, in *ByMeeting) ([]Box, error) {
		return h.Boxes(ctx, who, in.ID)
	})
	type sealIn struct {
		ByMeeting
		Body Sealing
	}
	spec = ballotOp("POST", "/api/assemblies/{id}/boxes", "登记票箱封存（编号、封条、两名见证人）", "Record that a box was sealed: number, seals, two witnesses")
	spec.Status = 201
	serve.One(door, spec, func(ctx context.Context, who access.Who, in *sealIn) (Box, error) {
		return h.SealBox(ctx, who, in.ID, in.Body)
	})
	type unsealIn struct {
		ByMeeting
		Box  string `path:"box" maxLength:"40"`
		Body Unsealing
	}
	serve.One(door, ballotOp("POST", "/api/assemblies/{id}/boxes/{box}/open", "登记两人开箱（封条、票数）", "Record that two people opened a box: its seals, how many sheets"), func(ctx context.Context, who access.Who, in *unsealIn) (Box, error) {
		return h.OpenBox(ctx, who, in.ID, in.Box, in.Body)
	})
	type typeIn struct {
		ByCode
		Body struct {
			Choices map[string]string `json:"choices" doc:"by matter number: agree, against, abstain, invalid"`
		}
	}
	serve.One(door, ballotOp("POST", "/api/assemblies/{id}/sheets/{code}/entries", "录票（两人各录一次）", "Type a sheet; two do, each alone"), func(ctx context.Context, who access.Who, in *typeIn) (Sheet, error) {
		return h.Type(ctx, who, in.ID, in.Code, in.Body.Choices)
	})
	serve.One(door, ballotOp("POST", "/api/assemblies/{id}/sheets/{code}/settle", "第三人裁定录票差异", "A third settles what two typed differently"), func(ctx context.Context, who access.Who, in *typeIn) (Sheet, error) {
		return h.Settle(ctx, who, in.ID, in.Code, in.Body.Choices)
	})
	type voidIn struct {
		ByCode
		Body struct {
			Reason string `json:"reason" maxLength:"500"`
		}
	}
	serve.One(door, ballotOp("POST", "/api/assemblies/{id}/sheets/{code}/void", "纸质票作废", "Declare a sheet void"), func(ctx context.Context, who access.Who, in *voidIn) (Sheet, error) {
		return h.VoidSheet(ctx, who, in.ID, in.Code, in.Body.Reason)
	})
}

func teamRoutes(door *serve.Door, h *Hall) {
	serve.List(door, ballotOp("GET", "/api/assemblies/{id}/team", "录票、上门、监票人员", "Typists, visitors, scrutineers"), func(ctx context.Context, who access.Who, in *ByMeeting) ([]Hand, error) {
		return h.Team(ctx, who, in.ID)
	})
	type findIn struct {
		ByMeeting
		Q string `query:"q" maxLength:"60" doc:"two characters of a name, its initials, or a home such as 3-502"`
	}
	serve.List(door, ballotOp("GET", "/api/assemblies/{id}/people", "召集人查找本小区业主及其家属（只有姓名和房号，留痕）", "The convener finds owners and their families of the compound: name and homes, nothing else; written down"), func(ctx context.Context, who access.Who, in *findIn) ([]Neighbour, error) {
		return h.Neighbours(ctx, who, in.ID, in.Q)
	})
	type joinIn struct {
		ByMeeting
		Body Joining
	}
	spec := ballotOp("POST", "/api/assemblies/{id}/team", "指定工作人员", "Name somebody for the team")
	spec.Status = 201
	serve.One(door, spec, func(ctx context.Context, who access.Who, in *joinIn) (Hand, error) {
		return h.Join(ctx, who, in.ID, in.Body)
	})
	type leaveIn struct {
		ByMeeting
		Hand string `path:"hand" maxLength:"40"`
		Body struct {
			Reason string `json:"reason" maxLength:"500"`
		}
	}
	serve.Do(door, ballotOp("POST", "/api/assemblies/{id}/team/{hand}/end", "结束某人的工作", "End somebody's part"), func(ctx context.Context, who access.Who, in *leaveIn) error {
		return h.Leave(ctx, who, in.ID, in.Hand, in.Body.Reason)
	})
	type oathOut struct {
		Body struct {
			Hand
			Zh string `json:"zh"`
			En string `json:"en"`
		}
	}
	serve.Op(door, ballotOp("POST", "/api/assemblies/{id}/oath", "监票人宣誓", "A scrutineer swears"), func(ctx context.Context, who access.Who, in *ByMeeting) (*oathOut, error) {
		x, err := h.Swear(ctx, who, in.ID)
		out := &oathOut{}
		out.Body.Hand, out.Body.Zh, out.Body.En = x, OathZh, OathEn
		return out, err
	})
	type sweepIn struct {
		ByMeeting
		Building scope.Path `query:"building" maxLength:"200"`
	}
	serve.One(door, ballotOp("GET", "/api/assemblies/{id}/sweep", "扫楼：一栋楼的楼层图（仅负责该楼的人）", "A building floor by floor, for those who sweep it"), func(ctx context.Context, who access.Who, in *sweepIn) (Grid, error) {
		return h.Sweep(ctx, who, in.ID, in.Building)
	})
	serve.One(door, ballotOp("GET", "/api/assemblies/{id}/sweep/totals", "参与进度（只有数字）", "How far the vote has come, in figures"), func(ctx context.Context, who access.Who, in *ByMeeting) (Turnout, error) {
		return h.Turnout(ctx, who, in.ID)
	})
	type gapIn struct {
		ByMeeting
		Matter int64 `query:"matter" minimum:"0"`
	}
	serve.One(door, ballotOp("GET", "/api/assemblies/{id}/sweep/gap", "距离双三分之二的差额和最少户", "The gap to both two thirds, and the smallest set"), func(ctx context.Context, who access.Who, in *gapIn) (GapView, error) {
		return h.Gap(ctx, who, in.ID, in.Matter)
	})
	type routeIn struct {
		ByMeeting
		Pair  string `query:"pair" maxLength:"20"`
		Again bool   `query:"again" doc:"also who refused or moved"`
	}
	serve.One(door, ballotOp("GET", "/api/assemblies/{id}/sweep/route", "本组上门路线", "The own pair's way"), func(ctx context.Context, who access.Who, in *routeIn) (Route, error) {
		return h.Route(ctx, who, in.ID, in.Pair, in.Again)
	})
	type visitIn struct {
		ByMeeting
		Body Call
	}
	spec = ballotOp("POST", "/api/assemblies/{id}/visits", "登记上门（可离线，重复提交只记一次）", "Record a visit; offline ones come in later, once")
	spec.Status = 201
	serve.One(door, spec, func(ctx context.Context, who access.Who, in *visitIn) (Visited, error) {
		return h.Visit(ctx, who, in.ID, in.Body)
	})
}

func fileRoutes(door *serve.Door, h *Hall) {
	send := func(w http.ResponseWriter, r *http.Request, name, tag string, b []byte) error {
		w.Header().Set("Cache-Control", "no-cache")
		serve.Save(w, r, name, "application/json", tag, bytes.NewReader(b), false)
		return nil
	}
	public := func(w http.ResponseWriter, r *http.Request, who access.Who) error {
		b, m, err := h.Bundle(r.Context(), r.PathValue("id"))
		if err != nil {
			return err
		}
		return send(w, r, "vote-"+m.Number+".json", "", b)
	}
	door.Raw("GET /api/assemblies/{id}/bundle.json", public)
	door.Raw("GET /api/public/assemblies/{id}/bundle.json", public)
	door.Raw("GET /api/assemblies/{id}/scrutiny.json", func(w http.ResponseWriter, r *http.Request, who access.Who) error {
		b, m, err := h.Scrutiny(r.Context(), who, r.PathValue("id"))
		if err != nil {
			return err
		}
		return send(w, r, "scrutiny-"+m.Number+".json", "", b)
	})
	door.Raw("GET /api/assemblies/{id}/city.xlsx", func(w http.ResponseWriter, r *http.Request, who access.Who) error {
		var b bytes.Buffer
		if err := h.CitySample(r.Context(), who, r.PathValue("id"), &b); err != nil {
			return err
		}
		w.Header().Set("Content-Type", workbook)
		w.Header().Set("Content-Disposition", `attachment; filename="city.xlsx"`)
		_, err := w.Write(b.Bytes())
		return err
	})
	door.Raw("POST /api/assemblies/{id}/city", func(w http.ResponseWriter, r *http.Request, who access.Who) error {
		if who.Account == "" {
			return access.ErrSignIn
		}
		r.Body = http.MaxBytesReader(w, r.Body, 9<<20)
		file, head, err := r.FormFile("file")
		if err != nil {
			return fault.Bad("file", "assembly.city_form", "请选择 .xlsx 或 .csv 文件", "please choose an .xlsx or .csv file")
		}
		defer file.Close()
		out, err := h.TakeCity(r.Context(), who, r.PathValue("id"), head.Filename, file)
		if err != nil {
			return err
		}
		w.Header().Set("Content-Type", "application/json")
		return json.NewEncoder(w).Encode(out)
	})
}
