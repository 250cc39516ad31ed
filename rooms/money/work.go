package money

import (
	"context"

	"cuobian/platform/access"
	"cuobian/platform/jobs"
)

// Work takes up the room's jobs, part by part.
func (t *Till) Work(j *jobs.Runner) {
	t.bookWork(j)
	t.feeWork(j)
	t.fundWork(j)
	t.incomeWork(j)
	t.bankWork(j)
	t.clockWork(j)
}

// provers compare control accounts with their parts, part by part; the nightly proof calls them.
func (t *Till) provers() []prover {
	return []prover{t.proveBills, t.proveFund, t.proveProjects, t.proveIncome, t.proveBank, t.proveTill}
}

// Sights say who may see the files under a thing of the room, by the kind of its reference.
func (t *Till) Sights() map[string]func(ctx context.Context, who access.Who, id string) error {
	return map[string]func(ctx context.Context, who access.Who, id string) error{
		"entries": t.EntrySight, "payments": t.PaymentSight, "incomes": t.IncomeSight, "sources": t.SourceSight, "roles": t.RoleSight,
		"fund-uses": t.UseSight, "money-fund": t.MirrorSight, "projects": t.ProjectSight, "quality": t.QualitySight, "orders": t.OrderSight,
	}
}
