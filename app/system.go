package app

import (
	"context"
	"net/url"
	"time"

	"cuobian/platform/access"
	"cuobian/platform/audit"
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
			Engine  store.Engine    `json:"engine"`
			Outside []string        `json:"outside" doc:"the only addresses that this program may call"`
			Keys    []int           `json:"keys" doc:"numbers of the encryption keys"`
			Jobs    map[string]int  `json:"jobs" doc:"jobs by state"`
			Logs    []audit.Waiting `json:"logs" doc:"the two logs, and what waits for its place in them"`
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
			if out.Body.Jobs, err = jobs.Counts(ctx, h.DB); err != nil {
				return nil, err
			}
			out.Body.Logs, err = h.Logs.Waiting(ctx, h.DB.Now().Add(-logLook))
			return out, err
		})
}

// logLook is how far back metrics and the system page look for entries that wait for their place; doctor looks at all.
const logLook = 24 * time.Hour

// host is the name in the origin of new logs.
func (c Config) host() string {
	u, err := url.Parse(c.PublicURL)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// integrate places what waits in the logs, and says so when it waits too long.
func (h *House) integrate(ctx context.Context) error {
	_, err := h.Logs.Integrate(ctx)
	if err != nil {
		return err
	}
	_, err = h.Till.DrawTick(ctx) // payments that wait for a checkpoint
	return err
}
