package money

import (
	"context"
	"time"

	"cuobian/platform/jobs"
)

// incomeWork takes up the jobs of public income: silence that climbs, gaps, and statements that are made when a period ends.
func (t *Till) incomeWork(j *jobs.Runner) {
	drained := func(step func(context.Context) (int, error)) func(context.Context) error {
		return func(ctx context.Context) error {
			for {
				n, err := step(ctx)
				if err != nil || n == 0 {
					return err
				}
			}
		}
	}
	j.Every("money.payments", 10*time.Minute, drained(t.PaymentTick))
	j.Every("money.gaps", time.Hour, drained(t.GapTick))
	j.Every("money.statements", time.Hour, drained(t.StatementTick))
}
