package serve

import (
	"context"

	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/jobs"
	"cuobian/platform/store"
)

// What a system administrator may do with jobs. Jobs belong to the whole house, so the place does not matter.
var (
	seeJobs  = access.Declare("jobs.see", "查看后台任务", "see background jobs", access.SystemAdmin)
	keepJobs = access.Declare("jobs.keep", "重试或放弃失败的后台任务", "retry or drop background jobs that failed", access.SystemAdmin)
)

// JobRoutes adds the list of background jobs, and retrying and dropping of dead ones.
func JobRoutes(d *Door, r *jobs.Runner) {
	type listIn struct {
		State string `query:"state" enum:",waiting,running,dead"`
		Limit int    `query:"limit" minimum:"0" maximum:"500"`
	}
	type listOut struct {
		Body struct {
			Items  []jobs.Row     `json:"items"`
			Counts map[string]int `json:"counts"`
		}
	}
	Op(d, Spec{Method: "GET", Path: "/api/jobs", Room: "jobs", Zh: "后台任务及其状态", En: "Background jobs and their states"},
		func(ctx context.Context, who access.Who, in *listIn) (*listOut, error) {
			if err := who.MaySomewhere(seeJobs); err != nil {
				return nil, err
			}
			if in.Limit == 0 {
				in.Limit = 100
			}
			out := &listOut{}
			err := d.DB.View(ctx, func(q store.Queryer) (err error) {
				if out.Body.Items, err = jobs.List(ctx, q, in.State, in.Limit); err != nil {
					return err
				}
				out.Body.Counts, err = jobs.Counts(ctx, q)
				return err
			})
			return out, err
		})
	type oneIn struct {
		ID string `path:"id" maxLength:"60"`
	}
	step := func(name, zh, en string, do func(ctx context.Context, tx *store.Tx, id string) error) {
		Do(d, Spec{Method: "POST", Path: "/api/jobs/{id}/" + name, Room: "jobs", Zh: zh, En: en},
			func(ctx context.Context, who access.Who, in *oneIn) error {
				if err := who.MaySomewhere(keepJobs); err != nil {
					return err
				}
				by := audit.By{Account: who.Account, Person: who.Person}
				for _, p := range who.Paths(keepJobs) {
					by = who.By(keepJobs, p)
					break
				}
				return d.DB.Write(ctx, func(tx *store.Tx) error {
					if err := do(ctx, tx, in.ID); err != nil {
						return err
					}
					return audit.Write(ctx, tx, audit.Entry{By: by, Action: keepJobs.Name, Path: scope.Everywhere, Ref: "jobs/" + in.ID, To: map[string]string{"step": name}})
				})
			})
	}
	step("retry", "重试已放弃的任务", "Let a dead job run again", r.Retry)
	step("drop", "删除已放弃的任务", "Remove a dead job", jobs.Drop)
}
