package money

import "cuobian/platform/jobs"

// Work takes up the room's jobs, part by part.
func (t *Till) Work(j *jobs.Runner) {
	t.feeWork(j)
	t.fundWork(j)
}
