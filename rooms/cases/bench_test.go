package cases_test

import (
	"fmt"
	"sync/atomic"
	"testing"

	"cuobian/platform/store"
	"cuobian/rooms/cases"
)

// BenchmarkIntake takes matters in from 32 reporters at once, each acknowledged when it is durable.
func BenchmarkIntake(b *testing.B) {
	s := open(b)
	var n atomic.Int64
	b.SetParallelism(32)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			k := n.Add(1)
			if _, err := s.Report(ctx, resident, cases.Report{Place: "h502", Text: "楼道灯坏了好几天，晚上看不见，电话13800000051", Category: "lighting", Urgency: "normal", Channel: "phone", Phone: "13800000051", ClientKey: fmt.Sprint("k", k)}); err != nil {
				b.Error(err)
				return
			}
		}
	})
}

// BenchmarkBareRow commits single rows of the same engine beside it.
func BenchmarkBareRow(b *testing.B) {
	s := open(b)
	b.SetParallelism(32)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := s.db.Write(ctx, func(tx *store.Tx) error {
				_, err := tx.Exec(ctx, `insert into cases_guess (case_id, day, n) values ($1, '2026-03-02', 1)`, tx.NewID())
				return err
			}); err != nil {
				b.Error(err)
				return
			}
		}
	})
}
