package app

import (
	"context"

	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/jobs"
	"cuobian/platform/serve"
	"cuobian/platform/store"
)

// SeeSystem is who may look at the machine room.
var SeeSystem = access.Declare("app.system", "查看系统状态、外部地址和后台任务", "see the state of the system, addresses outside and jobs", access.SystemAdmin, access.Auditor)

// RetryJobs is who may run a given-up job again.
var RetryJobs = access.Declare("app.jobs", "重试失败的后台任务", "retry jobs that were given up", access.SystemAdmin)

// systemRoutes adds what concerns the program itself.
func (h *House) systemRoutes() {
	type systemOut struct {
		Body struct {
			Engine  store.Engine   `json:"engine"`
			Outside []string       `json:"outside" doc:"the only addresses that this program may call"`
			Keys    []int          `json:"keys" doc:"numbers of the encryption keys"`
			Jobs    map[string]int `json:"jobs" doc:"jobs by state"`
		}
	}
	serve.Op(h.Door, serve.Spec{Method: "GET", Path: "/api/system", Room: "system", Zh: "系统状态与可访问的外部地址", En: "State of the system, and the addresses it may call"},
		func(ctx context.Context, who access.Who, _ *struct{}) (*systemOut, error) {
			if err := who.MaySomewhere(SeeSystem); err != nil {
				return nil, err
			}
			out := &systemOut{}
			out.Body.Engine, out.Body.Outside, out.Body.Keys = h.DB.Engine, h.Outside(), h.Ring.Keys()
			var err error
			out.Body.Jobs, err = jobs.Counts(ctx, h.DB)
			return out, err
		})
	type jobsIn struct {
		State string `query:"state" enum:"waiting,running,dead" default:"dead"`
	}
	type jobsOut struct {
		Body struct {
			Items []jobs.Row `json:"items"`
		}
	}
	serve.Op(h.Door, serve.Spec{Method: "GET", Path: "/api/jobs", Room: "system", Zh: "后台任务", En: "Jobs"},
		func(ctx context.Context, who access.Who, in *jobsIn) (*jobsOut, error) {
			if err := who.MaySomewhere(SeeSystem); err != nil {
				return nil, err
			}
			out := &jobsOut{}
			var err error
			if out.Body.Items, err = jobs.List(ctx, h.DB, in.State, 200); err != nil {
				return nil, err
			}
			for i := range out.Body.Items {
				out.Body.Items[i].Args = nil // what a job is about is not the system administrator's to read
			}
			return out, nil
		})
	type retryIn struct {
		ID string `path:"id"`
	}
	serve.Op(h.Door, serve.Spec{Method: "POST", Path: "/api/jobs/{id}/retry", Room: "system", Zh: "重试失败的任务", En: "Run a given-up job again"},
		func(ctx context.Context, who access.Who, in *retryIn) (*struct{}, error) {
			if err := who.MaySomewhere(RetryJobs); err != nil {
				return nil, err
			}
			return nil, h.DB.Write(ctx, func(tx *store.Tx) error {
				if err := h.Jobs.Retry(ctx, tx, in.ID); err != nil {
					return err
				}
				return audit.Write(ctx, tx, audit.Entry{By: who.By(RetryJobs, scope.Everywhere), Action: RetryJobs.Name, Ref: "job/" + in.ID})
			})
		})
}
