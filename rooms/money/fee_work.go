package money

import (
	"context"
	"time"

	"cuobian/platform/jobs"
)

func (t *Till) feeWork(j *jobs.Runner) {
	t.on.Duty.Keep("money.difference", false)
	t.on.Duty.Keep(dutyProviderDay, false)
	t.on.Duty.Keep(dutyOrder, false)
	j.HandleSlow("money.bills", t.billJob)
	j.Handle("money.refund", t.refundOut)
	j.Every("money.remind", 24*time.Hour, func(ctx context.Context) error {
		_, err := t.Remind(ctx)
		return err
	})
	j.Every("money.pursue", time.Minute, t.Pursue)
	j.Every("money.providers", 24*time.Hour, t.CheckProviders)
}
