package service

import (
	"context"

	"cuobian/basis/day"
	"cuobian/platform/access"
	"cuobian/platform/serve"
)

// ByContract names a contract in the path.
type ByContract struct {
	ID string `path:"id" maxLength:"40"`
}

func termsRoutes(d *serve.Door, s *Contracts) {
	type termsBody struct {
		Terms
		Notices []Notice `json:"notices"`
	}
	serve.One(d, serve.Spec{Method: "GET", Path: "/api/contracts/{id}/terms", Room: "service", Zh: "合同的计酬条款和通知", En: "How a contract pays, and its notices"},
		func(ctx context.Context, who access.Who, in *ByContract) (termsBody, error) {
			t, list, err := s.TermsOf(ctx, who, in.ID)
			return termsBody{t, list}, err
		})
	type setIn struct {
		ByContract
		Body struct {
			Template string `json:"template" enum:"lump_sum,remuneration,quality,trust"`
			RateN    int64  `json:"rate_n,omitempty" minimum:"0"`
			RateD    int64  `json:"rate_d,omitempty" minimum:"0"`
			Fixed    int64  `json:"fixed,omitempty" minimum:"0"`
			HoldN    int64  `json:"hold_n,omitempty" minimum:"0"`
			HoldD    int64  `json:"hold_d,omitempty" minimum:"0"`
			Text     string `json:"text,omitempty" maxLength:"2000"`
			Version  int64  `json:"version" doc:"0 where none were written"`
			Reason   string `json:"reason" maxLength:"500"`
		}
	}
	serve.One(d, serve.Spec{Method: "PUT", Path: "/api/contracts/{id}/terms", Room: "service", Zh: "写明合同模板和计酬条款", En: "Write a contract's template and how it pays"},
		func(ctx context.Context, who access.Who, in *setIn) (Terms, error) {
			b := in.Body
			return s.SetTerms(ctx, who, Terms{Contract: in.ID, Template: b.Template, RateN: b.RateN, RateD: b.RateD, Fixed: b.Fixed, HoldN: b.HoldN, HoldD: b.HoldD, Text: b.Text, Version: b.Version}, b.Reason)
		})
	type noticeIn struct {
		ByContract
		Body struct {
			Last     day.Day `json:"last_day,omitempty"`
			Decision string  `json:"decision,omitempty" maxLength:"120" doc:"assemblies/ID/NO"`
			Text     string  `json:"text" maxLength:"2000"`
		}
	}
	for _, x := range []struct{ path, kind, zh, en string }{{"dismiss", Dismissal, "业主解聘物业企业，提前六十日（R32）", "Owners dismiss the company, 60 days before (R32)"}, {"refuse-renewal", NoRenewal, "物业企业不续约，期满九十日前（R33）", "The company will not renew, 90 days before the end (R33)"}} {
		serve.One(d, serve.Spec{Method: "POST", Path: "/api/contracts/{id}/" + x.path, Room: "service", Zh: x.zh, En: x.en},
			func(ctx context.Context, who access.Who, in *noticeIn) (Notice, error) {
				return s.GiveNotice(ctx, who, in.ID, x.kind, in.Body.Last, in.Body.Decision, in.Body.Text)
			})
	}
}
