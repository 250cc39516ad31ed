package app

import (
	"context"
	"log/slog"
	"os"

	"cuobian/basis/day"
)

// Document is the OpenAPI document of all operations; it opens an empty house in a temporary folder for it.
func Document(ctx context.Context) ([]byte, error) {
	dir, err := os.MkdirTemp("", "cuobian-openapi-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	c := Config{}
	c.Data = dir
	h, err := Open(ctx, c, func() day.Instant { return 0 }, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	doc := h.Door.Document()
	return doc, h.DB.Close()
}
