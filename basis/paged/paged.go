// Package paged is the shape of a list that is read page by page.
package paged

// List is one page. Where counting stops early, More says that there are more than Count.
type List[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next" doc:"pass as after for the next page; empty at the end"`
	Count int64  `json:"count" doc:"how many there are in all pages, as far as they were counted"`
	More  bool   `json:"more" doc:"there are more than count"`
}
