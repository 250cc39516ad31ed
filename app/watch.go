package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"cuobian/platform/jobs"

	"github.com/klauspost/compress/gzhttp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// front puts in front of the door what concerns the network: the caller's address behind trusted proxies, compression,
// traces.
func (c Config) front(h *House) (http.Handler, error) {
	var proxies []netip.Prefix
	for _, s := range c.TrustedProxy {
		p, err := netip.ParsePrefix(s)
		if err != nil {
			return nil, fmt.Errorf("--trusted-proxy %q: want a network such as 10.0.0.0/8", s)
		}
		proxies = append(proxies, p)
	}
	if u, err := url.Parse(c.PublicURL); c.PublicURL != "" && (err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "") {
		return nil, fmt.Errorf("--public-url %q: want an address such as https://xiaoqu.example", c.PublicURL)
	}
	// Event streams must not wait in a compressor, and pictures are compressed already.
	zip, err := gzhttp.NewWrapper(gzhttp.MinSize(1024), gzhttp.ContentTypes([]string{"application/json", "application/problem+json", "text/html", "text/css", "text/javascript", "application/javascript", "image/svg+xml", "application/xml"}))
	if err != nil {
		return nil, err
	}
	var next http.Handler = zip(h.Door.Handler())
	if c.OTLP != "" {
		next = otelhttp.NewHandler(next, "cuobian")
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.RemoteAddr = caller(r, proxies)
		next.ServeHTTP(w, r)
	}), nil
}

// caller is the nearest address on the way that is not a trusted proxy.
func caller(r *http.Request, proxies []netip.Prefix) string {
	trusted := func(s string) bool {
		a, err := netip.ParseAddr(s)
		if err != nil {
			return false
		}
		for _, p := range proxies {
			if p.Contains(a.Unmap()) {
				return true
			}
		}
		return false
	}
	host, port, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil || !trusted(host) {
		return r.RemoteAddr
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		hop := strings.TrimSpace(hops[i])
		if _, err := netip.ParseAddr(hop); err != nil {
			break
		}
		host = hop
		if !trusted(hop) {
			break
		}
	}
	return net.JoinHostPort(host, port)
}

// watcher serves metrics and sends traces while the house serves.
type watcher struct {
	srv    *http.Server
	traces *sdktrace.TracerProvider
}

// Close ends it and sends the last traces.
func (w *watcher) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	var err error
	if w.srv != nil {
		err = w.srv.Close()
	}
	if w.traces != nil {
		err = errors.Join(err, w.traces.Shutdown(ctx))
	}
	return err
}

func (c Config) watch(h *House) (*watcher, error) {
	w := &watcher{}
	if c.OTLP != "" {
		x, err := otlptracehttp.New(context.Background(), otlptracehttp.WithEndpointURL(c.OTLP))
		if err != nil {
			return nil, err
		}
		w.traces = sdktrace.NewTracerProvider(sdktrace.WithBatcher(x))
		otel.SetTracerProvider(w.traces)
	}
	if c.Metrics == "" {
		return w, nil
	}
	l, err := net.Listen("tcp", c.Metrics)
	if err != nil {
		return nil, err
	}
	w.srv = &http.Server{Handler: promhttp.HandlerFor(h.metrics(), promhttp.HandlerOpts{}), ReadHeaderTimeout: 5 * time.Second}
	go w.srv.Serve(l)
	return w, nil
}

// metrics counts answers by operation and status, jobs by state, letters by state. No label names a person.
func (h *House) metrics() *prometheus.Registry {
	reg := prometheus.NewRegistry()
	reg.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	answers := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "cuobian_answer_seconds", Help: "How long answers took, by operation and status.",
		Buckets: []float64{.002, .005, .01, .02, .05, .1, .25, .5, 1, 2.5, 10}}, []string{"operation", "status"})
	reg.MustRegister(answers)
	h.Door.Seen = func(pattern string, status int, took time.Duration) {
		if pattern == "" {
			pattern = "none"
		}
		answers.WithLabelValues(pattern, strconv.Itoa(status)).Observe(took.Seconds())
	}
	reg.MustRegister(&jobCounts{h: h, desc: prometheus.NewDesc("cuobian_jobs", "Jobs by state.", []string{"state"}, nil)})
	reg.MustRegister(&logLag{h: h, size: prometheus.NewDesc("cuobian_log_size", "Leaves of a log.", []string{"log"}, nil),
		lag: prometheus.NewDesc("cuobian_log_waiting_seconds", "Age of the oldest entry not yet placed in a log; more than 60 is an alarm.", []string{"log"}, nil)})
	reg.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "cuobian_books_wrong", Help: "Compounds whose books did not hold in the last nightly proof; more than 0 is an alarm, -1 is not known."}, func() float64 {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		n, err := h.Till.WrongBooks(ctx)
		if err != nil {
			return -1
		}
		return float64(n)
	}))
	return reg
}

// logLag tells of the two logs.
type logLag struct {
	h         *House
	size, lag *prometheus.Desc
}

// Describe names the metrics.
func (l *logLag) Describe(ch chan<- *prometheus.Desc) { ch <- l.size; ch <- l.lag }

// Collect looks at the moment of asking.
func (l *logLag) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	all, err := l.h.Logs.Waiting(ctx, l.h.DB.Now().Add(-logLook))
	if err != nil {
		return
	}
	for _, w := range all {
		lag := 0.0
		if w.Oldest != 0 {
			lag = l.h.DB.Now().Sub(w.Oldest).Seconds()
		}
		ch <- prometheus.MustNewConstMetric(l.size, prometheus.GaugeValue, float64(w.Size), w.Log)
		ch <- prometheus.MustNewConstMetric(l.lag, prometheus.GaugeValue, lag, w.Log)
	}
}

type jobCounts struct {
	h    *House
	desc *prometheus.Desc
}

// Describe names the metric.
func (j *jobCounts) Describe(ch chan<- *prometheus.Desc) { ch <- j.desc }

// Collect counts jobs at the moment of asking.
func (j *jobCounts) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	counts, err := jobs.Counts(ctx, j.h.DB)
	if err != nil {
		return
	}
	for state, n := range counts {
		ch <- prometheus.MustNewConstMetric(j.desc, prometheus.GaugeValue, float64(n), state)
	}
}
