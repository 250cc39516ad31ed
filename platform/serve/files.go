package serve

import (
	"bytes"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"

	"cuobian/platform/access"
)

// Files serves the built browser side: hashed assets for a year, the doors' pages fresh. Each door is one page whose
// router knows the rest: /console/…, /p/…, and the public board at /, /b/… and /screen.
func Files(web fs.FS) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			WriteProblem(w, Answer(access.ErrMissing))
			return
		}
		name := strings.TrimPrefix(path.Clean(r.URL.Path), "/")
		if strings.HasPrefix(name, "assets/") {
			w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		} else {
			w.Header().Set("Cache-Control", "no-cache")
		}
		if name != "" && !strings.HasSuffix(name, "/") {
			if b, err := fs.ReadFile(web, name); err == nil {
				http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(b))
				return
			}
			if strings.HasPrefix(name, "assets/") || path.Ext(name) != "" {
				http.NotFound(w, r)
				return
			}
		}
		door := "board/index.html"
		switch {
		case name == "console" || strings.HasPrefix(name, "console/"):
			door = "console/index.html"
		case name == "p" || strings.HasPrefix(name, "p/"):
			door = "pocket/index.html"
		}
		b, err := fs.ReadFile(web, door)
		if err != nil {
			http.Error(w, "The browser side is not built into this program: run `make build`.\n网页部分尚未编入：请运行 make build。", http.StatusNotFound)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Write(b)
	})
}
