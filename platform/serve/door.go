package serve

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"path"
	"reflect"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"cuobian/basis/fault"
	"cuobian/platform/access"
	"cuobian/platform/store"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// Door is the HTTP side of the house.
type Door struct {
	API huma.API
	Mux *http.ServeMux
	DB  *store.DB
	Hub *Hub
	Log *slog.Logger
	// Who finds out who asks; platform/access fills it in. A fault ends the request.
	Who func(r *http.Request) (access.Who, error)
	// Public is the address under which people reach the house, such as https://xiaoqu.example; "" is the request's own.
	Public string
	// Seen is told of every answer: the operation's pattern ("" for none), its status and how long it took.
	Seen  func(pattern string, status int, took time.Duration)
	ready func() error
	web   fs.FS
}

// Status maps a kind of fault to its HTTP status: the one table.
func Status(k fault.Kind) int {
	switch k {
	case fault.Invalid:
		return http.StatusUnprocessableEntity
	case fault.SignIn:
		return http.StatusUnauthorized
	case fault.Refused:
		return http.StatusForbidden
	case fault.Missing:
		return http.StatusNotFound
	case fault.Conflict:
		return http.StatusConflict
	case fault.TooMany:
		return http.StatusTooManyRequests
	case fault.TooLarge:
		return http.StatusRequestEntityTooLarge
	case fault.Unavailable:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// Problem is a fault as it goes out (application/problem+json): code, a sentence in both languages, and fields.
type Problem struct {
	StatusCode int           `json:"status" doc:"HTTP status"`
	Code       string        `json:"code" doc:"stable code, such as cases.own_callback"`
	Zh         string        `json:"zh" doc:"what went wrong, in Chinese"`
	En         string        `json:"en" doc:"what went wrong, in English"`
	Fields     []fault.Field `json:"fields,omitempty" doc:"where in what was sent"`
}

func (p *Problem) Error() string  { return p.Code }
func (p *Problem) GetStatus() int { return p.StatusCode }

// ContentType is that of problem answers (RFC 9457).
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// Answer makes a fault's problem.
func Answer(err error) *Problem {
	f := fault.Of(err)
	return &Problem{StatusCode: Status(f.Kind), Code: f.Code, Zh: f.Zh, En: f.En, Fields: f.Fields}
}

// Config is what a door needs.
type Config struct {
	DB      *store.DB
	Log     *slog.Logger
	Web     fs.FS // the built browser side
	Public  string
	Version string
	Ready   func() error // nil error when the house can serve
}

// New makes a door without operations.
func New(c Config) *Door {
	mux := http.NewServeMux()
	hc := huma.DefaultConfig("Cuobian 厝边", c.Version)
	hc.OpenAPIPath, hc.DocsPath, hc.SchemasPath = "", "", ""
	hc.CreateHooks = nil // no $schema in bodies
	hc.Info.Description = "Streets, compounds, matters and their deadlines. 街道、小区、事项与时限。"
	hc.AllowAdditionalPropertiesByDefault = false
	hc.Components.Schemas = written(huma.NewMapRegistry("#/components/schemas/", namer()))
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	d := &Door{API: humago.New(mux, hc), Mux: mux, DB: c.DB, Hub: NewHub(), Log: c.Log, Public: strings.TrimSuffix(c.Public, "/"), ready: c.Ready, web: c.Web}
	d.Who = func(*http.Request) (access.Who, error) { return access.Who{}, nil }
	return d
}

// schemaName keeps the types of rooms apart: people.Page is PeoplePage.
func schemaName(t reflect.Type, hint string) string {
	name := huma.DefaultSchemaNamer(t, hint)
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if p := t.PkgPath(); t.Name() != "" && strings.HasPrefix(p, "cuobian/") {
		room := path.Base(p)
		return strings.ToUpper(room[:1]) + room[1:] + name
	}
	return name
}

// namer names the document's schemas. Types that are local to a function may share a name; the later ones get a
// number, in the order of registration, so the document stays the same.
func namer() func(t reflect.Type, hint string) string {
	given, taken := map[reflect.Type]string{}, map[string]bool{}
	return func(t reflect.Type, hint string) string {
		for t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		if name, ok := given[t]; ok {
			return name
		}
		name := schemaName(t, hint)
		for base, n := name, 2; taken[name]; n++ {
			name = base + strconv.Itoa(n)
		}
		given[t], taken[name] = name, true
		return name
	}
}

// Spec is one operation's face.
type Spec struct {
	Method string // GET, POST, PUT, PATCH, DELETE
	Path   string // "/api/cases/{id}/callback"
	Zh, En string // one sentence each for the document
	Room   string // tag
	Public bool   // may be called without signing in
	Status int    // success status, 0 is 200 or 204
	Limit  int64  // body bytes, 0 is 1 MiB
}

// Op adds a typed operation. I and O are huma input and output structs (path, query and header tags, Body).
func Op[I, O any](d *Door, s Spec, fn func(ctx context.Context, who access.Who, in *I) (*O, error)) {
	if s.Limit == 0 {
		s.Limit = 1 << 20
	}
	op := huma.Operation{
		OperationID: opID(s), Method: s.Method, Path: s.Path, Summary: s.En, Description: s.Zh,
		Tags: []string{s.Room}, MaxBodyBytes: s.Limit, DefaultStatus: s.Status,
	}
	if !s.Public {
		op.Security = []map[string][]string{{"session": {}}}
	}
	if t := reflect.TypeFor[I](); t.Kind() == reflect.Struct {
		for i := range t.NumField() {
			// huma would leave its parameters unread, without a word.
			if f := t.Field(i); f.Anonymous && !f.IsExported() {
				panic("serve: " + s.Method + " " + s.Path + " embeds " + f.Name + ", which is not exported")
			}
		}
	}
	huma.Register(d.API, op, func(ctx context.Context, in *I) (*O, error) {
		who := access.From(ctx)
		if !s.Public && who.Account == "" {
			return nil, Answer(access.ErrSignIn)
		}
		out, err := fn(ctx, who, in)
		if err != nil {
			return nil, d.problem(ctx, s.Path, err)
		}
		return out, nil
	})
}

// One adds an operation that answers with one thing.
func One[I, T any](d *Door, s Spec, fn func(ctx context.Context, who access.Who, in *I) (T, error)) {
	type one struct{ Body T }
	Op(d, s, func(ctx context.Context, who access.Who, in *I) (*one, error) {
		x, err := fn(ctx, who, in)
		return &one{x}, err
	})
}

// Listed is a whole list on the wire: {"items": [...], "count": n}, never null.
type Listed[T any] struct {
	Items []T `json:"items"`
	Count int `json:"count"`
}

// List adds an operation that answers with a whole list.
func List[I, T any](d *Door, s Spec, fn func(ctx context.Context, who access.Who, in *I) ([]T, error)) {
	One(d, s, func(ctx context.Context, who access.Who, in *I) (Listed[T], error) {
		list, err := fn(ctx, who, in)
		if list == nil {
			list = []T{}
		}
		return Listed[T]{list, len(list)}, err
	})
}

// Do adds an operation that has nothing to answer with (204).
func Do[I any](d *Door, s Spec, fn func(ctx context.Context, who access.Who, in *I) error) {
	Op(d, s, func(ctx context.Context, who access.Who, in *I) (*struct{}, error) { return nil, fn(ctx, who, in) })
}

// opID is "cases_callback" for POST /api/cases/{id}/callback and so on: method and nouns.
func opID(s Spec) string {
	var b strings.Builder
	b.WriteString(strings.ToLower(s.Method))
	for _, part := range strings.Split(strings.TrimPrefix(s.Path, "/api"), "/") {
		part = strings.Trim(part, "{}")
		if part != "" {
			b.WriteString("_" + strings.NewReplacer("-", "_", ".", "_").Replace(part))
		}
	}
	return b.String()
}

func (d *Door) problem(ctx context.Context, where string, err error) *Problem {
	if errors.Is(err, context.Canceled) {
		return &Problem{StatusCode: 499, Code: "gone", Zh: "请求已取消", En: "the request was cancelled"}
	}
	var known *fault.Fault
	if !errors.As(err, &known) {
		err = d.DB.Fault(err) // reads hand out the engine's own errors
	}
	p := Answer(err)
	if p.StatusCode >= 500 {
		d.Log.ErrorContext(ctx, "fault", "path", where, "code", p.Code, "err", err.Error())
	}
	return p
}

// Raw adds a handler that huma's shapes do not fit: uploads, pictures, downloads, Open311. The pattern is that of
// http.ServeMux ("POST /api/blobs"). A returned error becomes a problem answer.
func (d *Door) Raw(pattern string, fn func(w http.ResponseWriter, r *http.Request, who access.Who) error) {
	d.Mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		if err := fn(w, r, access.From(r.Context())); err != nil {
			WriteProblem(w, d.problem(r.Context(), pattern, err))
		}
	})
}

// WriteProblem writes a problem answer.
func WriteProblem(w http.ResponseWriter, p *Problem) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.StatusCode)
	json.NewEncoder(w).Encode(p)
}

// Handler is the whole door: headers, cross-origin protection, who asks, then operations, events, health and files.
func (d *Door) Handler() http.Handler {
	d.Mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) { w.Write([]byte("ok\n")) })
	d.Mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		if d.ready != nil {
			if err := d.ready(); err != nil {
				WriteProblem(w, Answer(err))
				return
			}
		}
		w.Write([]byte("ready\n"))
	})
	d.Mux.HandleFunc("GET /api/openapi.json", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Write(d.Document())
	})
	d.Mux.HandleFunc("GET /api/events", d.events)
	d.Mux.HandleFunc("/api/", func(w http.ResponseWriter, r *http.Request) { WriteProblem(w, Answer(access.ErrMissing)) })
	if d.web != nil {
		d.Mux.Handle("/", Files(d.web))
	}
	d.DB.OnChange(d.Hub.Tell)
	cross := http.NewCrossOriginProtection()
	if d.Public != "" {
		cross.AddTrustedOrigin(d.Public)
	}
	cross.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		WriteProblem(w, Answer(fault.New(fault.Refused, "serve.cross_origin", "请求来自别的网站，已拒绝", "the request came from another site and was refused")))
	}))
	return d.guard(cross.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		who, err := d.Who(r)
		if err != nil {
			WriteProblem(w, d.problem(r.Context(), "who", err))
			return
		}
		r = r.WithContext(access.With(r.Context(), who))
		if d.Seen == nil {
			d.Mux.ServeHTTP(w, r)
			return
		}
		took, rec := store.Stopwatch(), &recorder{ResponseWriter: w, status: http.StatusOK}
		d.Mux.ServeHTTP(rec, r)
		d.Seen(r.Pattern, rec.status, took())
	})))
}

// recorder remembers the status of an answer.
type recorder struct {
	http.ResponseWriter
	status int
}

func (r *recorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController reach flushing and deadlines.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// guard catches panics and sets the headers that every answer carries.
func (d *Door) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if p := recover(); p != nil && p != http.ErrAbortHandler {
				d.Log.ErrorContext(r.Context(), "panic", "path", r.URL.Path, "what", p, "stack", string(debug.Stack()))
				WriteProblem(w, Answer(errors.New("panic")))
			}
		}()
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; style-src 'self'; script-src 'self'; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(self), microphone=(self), geolocation=(self)")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		if r.TLS != nil || strings.HasPrefix(d.Public, "https://") {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		if strings.HasPrefix(r.URL.Path, "/api/") {
			h.Set("Cache-Control", "no-store")
			h.Set("Date", d.DB.Now().Time().Format(http.TimeFormat)) // browsers go by the house's clock
		}
		next.ServeHTTP(w, r)
	})
}

// Document is the OpenAPI document of all operations, indented, the same bytes for the same operations.
func (d *Door) Document() []byte {
	o := d.API.OpenAPI()
	if o.Components.SecuritySchemes == nil {
		o.Components.SecuritySchemes = map[string]*huma.SecurityScheme{"session": {Type: "apiKey", In: "cookie", Name: "cuobian"}}
	}
	b, err := json.Marshal(o)
	if err != nil {
		return []byte("{}")
	}
	var v any
	json.Unmarshal(b, &v)
	b, _ = json.MarshalIndent(v, "", " ")
	return append(b, '\n')
}

// Timeouts for the server that cmd or app makes.
const (
	ReadHeader = 10 * time.Second
	Idle       = 2 * time.Minute
)
