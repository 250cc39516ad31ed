package serve

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"

	"cuobian/platform/access"
	"cuobian/platform/store"
)

// Hub tells browsers that something changed. It carries no content: kind and id only, to those whose places cover it.
type Hub struct {
	mu     sync.Mutex
	subs   map[chan store.Change]access.Who
	closed bool
}

// NewHub makes an empty hub.
func NewHub() *Hub { return &Hub{subs: map[chan store.Change]access.Who{}} }

// Tell hands a change to whoever may know of it; a browser that is slow misses some and asks again later anyway.
func (h *Hub) Tell(c store.Change) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for ch, who := range h.subs {
		if !concerns(who, c) {
			continue
		}
		select {
		case ch <- c:
		default:
		}
	}
}

func concerns(w access.Who, c store.Change) bool {
	if c.Person != "" {
		return c.Person == w.Person
	}
	for _, g := range w.Grants {
		if g.Path.Covers(c.Path) {
			return true
		}
	}
	return w.System
}

// events streams changes (server-sent events). A comment every 25 s keeps proxies from closing the line.
func (d *Door) events(w http.ResponseWriter, r *http.Request) {
	who := access.From(r.Context())
	if who.Account == "" {
		WriteProblem(w, Answer(access.ErrSignIn))
		return
	}
	rc := http.NewResponseController(w)
	rc.SetWriteDeadline(time.Time{})
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Accel-Buffering", "no")
	ch := make(chan store.Change, 64)
	d.Hub.mu.Lock()
	if d.Hub.closed {
		d.Hub.mu.Unlock()
		return
	}
	d.Hub.subs[ch] = who
	d.Hub.mu.Unlock()
	defer func() {
		d.Hub.mu.Lock()
		delete(d.Hub.subs, ch)
		d.Hub.mu.Unlock()
	}()
	fmt.Fprint(w, ": hello\n\n")
	if rc.Flush() != nil {
		return
	}
	beat := time.NewTicker(25 * time.Second)
	defer beat.Stop()
	for {
		select {
		case c, open := <-ch:
			if !open {
				return
			}
			b, _ := json.Marshal(map[string]string{"kind": c.Kind, "id": c.ID})
			fmt.Fprintf(w, "event: change\ndata: %s\n\n", b)
		case <-beat.C:
			// A session or term that ended meanwhile ends the stream, or narrows what it tells.
			now, err := d.Who(r)
			if err != nil || now.Account == "" {
				return
			}
			d.Hub.mu.Lock()
			if !d.Hub.closed {
				d.Hub.subs[ch] = now
			}
			d.Hub.mu.Unlock()
			fmt.Fprint(w, ": still here\n\n")
		case <-r.Context().Done():
			return
		}
		if rc.Flush() != nil {
			return
		}
	}
}

// Close ends all streams, so that a shutdown does not wait for them.
func (h *Hub) Close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	for ch := range h.subs {
		close(ch)
	}
	clear(h.subs)
}
