package access

import (
	"net"
	"net/netip"
	"sync"
	"time"

	"cuobian/basis/day"
	"cuobian/basis/fault"
)

// ErrTooOften is the answer to more attempts than a person makes.
var ErrTooOften = fault.New(fault.TooMany, "access.too_often", "操作太频繁，请稍后再试", "too many attempts, please try again later")

// limits counts attempts per key in fixed windows. It lives in memory: what must outlast a restart is access_failure.
type limits struct {
	mu   sync.Mutex
	seen map[string]window
}

type window struct {
	from day.Instant
	n    int
}

const mostKeys = 20000

// pass counts one attempt and reports whether it is within n per span.
func (l *limits) pass(key string, n int, span time.Duration, now day.Instant) bool {
	if n <= 0 {
		return true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.seen == nil {
		l.seen = map[string]window{}
	}
	if len(l.seen) >= mostKeys {
		for k, w := range l.seen {
			if d := now.Sub(w.from); d > time.Hour || d < 0 {
				delete(l.seen, k)
			}
		}
		if len(l.seen) >= mostKeys {
			clear(l.seen)
		}
	}
	w := l.seen[key]
	if d := now.Sub(w.from); d >= span || d < 0 {
		w = window{from: now}
	}
	w.n++
	l.seen[key] = w
	return w.n <= n
}

// Limit counts one attempt of a kind by key (an address, a phone's index) and refuses the one after n per span. Public
// operations of rooms use it.
func (a *Accounts) Limit(kind, key string, n int, span time.Duration) error {
	if !a.limits.pass(kind+"/"+key, n, span, a.DB.Now()) {
		return ErrTooOften
	}
	return nil
}

// perAddress counts one attempt of a kind from where it comes.
func (a *Accounts) perAddress(kind string, from Place) error {
	if from.Address == "" {
		return nil // not a request of its own: whoever calls has counted it
	}
	return a.Limit(kind, Machine(from.Address), a.Settings.PerAddress, time.Minute)
}

// Machine is the address by which attempts are counted: without the port, and for IPv6 the /64 that one household has.
func Machine(address string) string {
	ip, ok := hostOf(address)
	if !ok {
		return address
	}
	if ip.Is6() {
		p, _ := ip.Prefix(64)
		return p.String()
	}
	return ip.String()
}

// hostOf reads "ip" or "ip:port".
func hostOf(address string) (netip.Addr, bool) {
	host := address
	if h, _, err := net.SplitHostPort(address); err == nil {
		host = h
	}
	ip, err := netip.ParseAddr(host)
	return ip.Unmap().WithZone(""), err == nil
}
