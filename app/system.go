package app

import (
	"context"

	"cuobian/platform/access"
	"cuobian/platform/jobs"
	"cuobian/platform/serve"
	"cuobian/platform/store"
)

// SeeSystem is who may look at the machine room.
var SeeSystem = access.Declare("app.system", "查看系统状态、外部地址和后台任务", "see the state of the system, addresses outside and jobs", access.SystemAdmin, access.Auditor)

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
}
