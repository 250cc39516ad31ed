package serve

import "cuobian/basis/day"

// Day is a civil day in a query or path ("2026-11-21"). A plain day.Day is an integer kind, which huma reads as a number.
type Day struct{ day.Day }

// Instant is a moment in a query (RFC 3339).
type Instant struct{ day.Instant }
