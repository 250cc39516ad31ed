package store

import (
	"time"

	"cuobian/basis/day"
)

// Wall is the wall clock. Only this package and cmd read it; all others are given one.
func Wall() day.Instant { return day.Instant(time.Now().UnixMicro()) }

// Stopwatch starts and gives a function that says how long ago that was, for logs and metrics.
func Stopwatch() func() time.Duration {
	began := time.Now()
	return func() time.Duration { return time.Since(began) }
}
