package money

import "cuobian/platform/serve"

// ByID names a thing in the path; huma skips embedded types that are not exported.
type ByID struct {
	ID string `path:"id" maxLength:"40"`
}

// ByCompound names a compound in the path.
type ByCompound struct {
	Compound string `path:"compound" maxLength:"40"`
}

// Routes adds the room's operations, part by part. What is not below a compound has a first word of its own
// (/api/payments/{id}): net/http's mux refuses /api/money/payments/{id} beside /api/money/{compound}/entries.
func Routes(d *serve.Door, t *Till) {
	bookRoutes(d, t)
	feeRoutes(d, t)
	fundRoutes(d, t)
	qualityRoutes(d, t)
	accountsRoutes(d, t)
	incomeRoutes(d, t)
	bankRoutes(d, t)
}
