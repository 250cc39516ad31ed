// Package app puts the house together: settings, rooms and the ports between them, jobs, the door. It is the only
// package that knows all rooms.
package app

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/blob"
	"cuobian/platform/jobs"
	"cuobian/platform/rules"
	"cuobian/platform/seal"
	"cuobian/platform/serve"
	"cuobian/platform/store"
	"cuobian/rooms/assembly"
	"cuobian/rooms/cases"
	"cuobian/rooms/committee"
	"cuobian/rooms/duty"
	"cuobian/rooms/money"
	"cuobian/rooms/outreach"
	"cuobian/rooms/people"
	"cuobian/rooms/place"
	"cuobian/rooms/service"
	"cuobian/rooms/standing"
	"cuobian/web"
)

// House is the program with everything in it.
type House struct {
	Config   Config
	DB       *store.DB
	Ring     *seal.Ring
	Pens     *seal.Pens   // by which the house signs
	Stamps   *seal.Stamps // of committees and communities
	Logs     *audit.Logs
	Jobs     *jobs.Runner
	Accounts *access.Accounts
	Map      *place.Map
	Register *people.Register
	Service  *service.Contracts
	Rules    *rules.Book
	Diary    *duty.Diary
	Office   *outreach.Office
	Blobs    *blob.Store
	Desk     *cases.Desk
	Hall     *assembly.Hall
	Chamber  *committee.Chamber
	Till     *money.Till
	Board    *standing.Board
	Door     *serve.Door
	Log      *slog.Logger
	stopping atomic.Bool
}

// Schemas are all rooms' tables.
func Schemas() []store.Schema {
	return []store.Schema{seal.Schema(), audit.Schema(), jobs.Schema(), blob.Schema(), rules.Schema(), access.Schema(), place.Schema(), people.Schema(), service.Schema(),
		duty.Schema(), outreach.Schema(), cases.Schema(), assembly.Schema(), committee.Schema(), money.Schema()}
}

// Sealed are all rooms' sealed columns, for the turning of keys.
func Sealed() []seal.Column {
	var all []seal.Column
	for _, cs := range [][]seal.Column{seal.Sealed(), access.Sealed(), blob.Sealed(), people.Sealed(), outreach.Sealed(), cases.Sealed(), assembly.Sealed(), money.Sealed()} {
		all = append(all, cs...)
	}
	return all
}

// Open opens the house: records, keys, rooms and ports. Nothing runs yet; Start begins the jobs.
func Open(ctx context.Context, c Config, now func() day.Instant, log *slog.Logger) (*House, error) {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	db, err := store.Open(ctx, store.Options{Dir: c.Data, URL: c.Database, Now: now, Log: log})
	if err != nil {
		return nil, err
	}
	h := &House{Config: c, DB: db, Log: log}
	if err := h.open(ctx); err != nil {
		db.Close()
		return nil, err
	}
	return h, nil
}

func (h *House) open(ctx context.Context) (err error) {
	if err := h.DB.Migrate(ctx, Schemas()...); err != nil {
		return err
	}
	if h.Ring, err = seal.Open(ctx, h.DB, h.Config.KeyDir()); err != nil {
		return err
	}
	h.Pens, h.Stamps = seal.NewPens(h.DB, h.Config.KeyDir()), &seal.Stamps{DB: h.DB, Ring: h.Ring}
	h.Logs = audit.NewLogs(h.DB, h.Pens, h.Config.host())
	h.Jobs = jobs.New(h.DB, jobs.Options{Log: h.Log})
	settings := access.DefaultSettings()
	if h.Config.SecondFactor != "" {
		settings.SecondFactor = h.Config.SecondFactor
	}
	h.Accounts = access.NewAccounts(h.DB, h.Ring, settings)
	h.Accounts.Public = h.Config.PublicURL
	h.Map = place.New(h.DB)
	h.Register = people.New(h.DB, h.Ring, h.Map)
	h.Service = service.New(h.DB, h.Register)
	h.Rules = rules.New(h.DB)
	h.Diary = duty.New(h.DB)
	h.Office = outreach.New(h.DB, h.Ring, h.channels()...)
	if h.Blobs, err = blob.New(h.DB, h.Ring, h.Config.Data); err != nil {
		return err
	}
	h.Desk = cases.New(h.DB, h.Ring, h.Diary)
	h.Hall = assembly.New(h.DB, h.Ring, assembly.Rooms{Rules: h.Rules, Map: h.Map, Register: h.Register, Duty: h.Diary, Office: h.Office, Jobs: h.Jobs, Blobs: h.Blobs})
	h.Chamber = committee.New(h.DB, committee.Rooms{Rules: h.Rules, Map: h.Map, Register: h.Register, Duty: h.Diary, Office: h.Office, Stamps: h.Stamps})
	h.Till = money.New(h.DB, money.Rooms{Rules: h.Rules, Map: h.Map, Register: h.Register, Service: h.Service, Duty: h.Diary, Office: h.Office, Hall: h.Hall, Chamber: h.Chamber, Stamps: h.Stamps, Ring: h.Ring, Blobs: h.Blobs, Logs: h.Logs, Jobs: h.Jobs})
	if h.Config.PayLocal {
		secret := make([]byte, 32) // provider and house are one program: nobody else signs or checks
		if _, err := rand.Read(secret); err != nil {
			return err
		}
		h.Till.UseProvider(money.NewLocal(h.DB, secret))
	}
	h.Board = standing.New(h.DB)
	h.join()
	h.work()
	h.Door = serve.New(serve.Config{DB: h.DB, Log: h.Log, Web: web.Dist(), Public: h.Config.PublicURL, Version: "1", Ready: h.ready})
	h.Door.Who = h.Accounts.WhoOf
	h.routes()
	return nil
}

func (h *House) channels() []outreach.Channel {
	c := h.Config
	pick := func(name, url, token string) outreach.Channel {
		if url == "" {
			return outreach.Sink{Channel: name, DB: h.DB, Ring: h.Ring}
		}
		return outreach.Gateway{Channel: name, URL: url, Token: token}
	}
	out := []outreach.Channel{pick("sms", c.SMSURL, c.SMSToken), pick("wechat", c.WechatURL, c.WechatToken)}
	if c.SMTP != "" {
		out = append(out, outreach.Mail{Server: c.SMTP, From: c.SMTPFrom, User: c.SMTPUser, Password: c.SMTPPass})
	}
	return out
}

// Outside lists the addresses that this house may call; there are no others.
func (h *House) Outside() []string {
	var out []string
	for _, a := range []string{h.Config.SMSURL, h.Config.WechatURL, h.Config.SMTP, h.Config.OTLP} {
		if a != "" {
			out = append(out, a)
		}
	}
	return out
}

var errStopping = fault.New(fault.Unavailable, "app.stopping", "系统正在停止", "the system is stopping")

func (h *House) ready() error {
	if h.stopping.Load() {
		return errStopping
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	_, err := store.Count(ctx, h.DB, `select 1`)
	return err
}

// routes hands every room's operations to the door.
func (h *House) routes() {
	serve.AccountRoutes(h.Door, h.Accounts)
	serve.RulesRoutes(h.Door, h.Rules)
	serve.LogRoutes(h.Door, h.Accounts, h.Logs)
	sights := map[string]serve.Sight{"cases": h.Desk.Sight, "assemblies": h.Hall.Sight,
		"assembly-sheets": h.Hall.SheetSight, "assembly-visits": h.Hall.VisitSight, "assembly-proxies": h.Hall.ProxySight}
	for kind, may := range h.Till.Sights() {
		sights[kind] = may
	}
	serve.Blobs(h.Door, h.Blobs, h.Accounts.Limit, sights)
	place.Routes(h.Door, h.Map)
	people.Routes(h.Door, h.Register)
	service.Routes(h.Door, h.Service)
	duty.Routes(h.Door, h.Diary)
	outreach.Routes(h.Door, h.Office)
	cases.Routes(h.Door, h.Desk)
	assembly.Routes(h.Door, h.Hall)
	committee.Routes(h.Door, h.Chamber)
	money.Routes(h.Door, h.Till)
	standing.Routes(h.Door, h.Board)
	serve.JobRoutes(h.Door, h.Jobs)
	h.systemRoutes()
}

// Start begins the jobs.
func (h *House) Start(ctx context.Context) error {
	go func() {
		if err := h.Board.Warm(ctx); err != nil {
			h.Log.Error("board", "err", err.Error())
		}
	}()
	return h.Jobs.Start(ctx)
}

// Close ends the jobs, waiting for those that run, and closes the records.
func (h *House) Close(ctx context.Context) error {
	h.stopping.Store(true)
	return errors.Join(h.Jobs.Stop(ctx), h.DB.Close())
}

func (h *House) today() day.Day { return h.DB.Now().Day(day.Shanghai) }

// work names the jobs and timers.
func (h *House) work() {
	h.Jobs.Handle("duty.due", h.tellDue)
	h.Register.Work(h.Jobs)
	h.Jobs.Every("duty.climb", time.Minute, drain(func(ctx context.Context) (int, error) { return h.Diary.Climb(ctx, 200) }))
	h.Jobs.Handle("assembly.tell", h.Hall.Tell)
	h.Jobs.Handle("assembly.run_off", h.Hall.RunOff)
	h.Jobs.Every("assembly.tick", time.Minute, drain(h.Hall.Tick))
	h.Jobs.Every("assembly.delivered", 10*time.Minute, drain(h.Hall.Delivered))
	h.Jobs.Every("assembly.keep", 24*time.Hour, drain(h.Hall.Keep))
	h.Chamber.Work(h.Jobs)
	h.Till.Work(h.Jobs)
	h.Jobs.Every("cases.sweep", time.Minute, drain(h.Desk.Sweep))
	h.Jobs.Every("blob.sweep", 24*time.Hour, func(ctx context.Context) error {
		_, err := h.Blobs.Sweep(ctx, blobGone)
		return err
	})
	h.Jobs.Often("outreach.dispatch", 2*time.Second, drain(func(ctx context.Context) (int, error) { return h.Office.Dispatch(ctx, 200) }))
	h.Jobs.Often("audit.integrate", 2*time.Second, h.integrate)
	h.Jobs.Often("cases.index", time.Second, drain(h.Desk.Index))
}

// blobGone writes what retention removed into the trail.
func blobGone(ctx context.Context, tx *store.Tx, b blob.Blob) error {
	return audit.Write(ctx, tx, audit.Entry{By: audit.System, Action: "blob.expire", Path: b.Path, Ref: b.Ref, Why: "保存期满", From: map[string]string{"blob": b.ID}})
}

// drain runs step until nothing is left.
func drain(step func(ctx context.Context) (int, error)) func(ctx context.Context) error {
	return func(ctx context.Context) error {
		for {
			n, err := step(ctx)
			if err != nil || n == 0 {
				return err
			}
		}
	}
}

func (h *House) tellDue(ctx context.Context, j jobs.Job) error {
	var m duty.Due
	if err := j.Read(&m); err != nil {
		return err
	}
	to := outreach.To{Person: m.Person}
	if m.Person == "" {
		to = outreach.To{Post: m.Post, Org: m.Org}
	}
	template := map[duty.Act]string{duty.Remind: "duty.remind", duty.Yellow: "duty.card", duty.Escalate: "duty.raised"}[m.Act]
	where, err := h.Map.Words(ctx, h.DB, m.Path)
	if err != nil && !fault.IsKind(err, fault.Missing) {
		return err
	}
	return h.DB.Write(ctx, func(tx *store.Tx) error {
		if err := h.Office.Tell(ctx, tx, outreach.Message{To: []outreach.To{to}, Template: template, Ref: m.Ref, Path: m.Path,
			Words: map[string]string{"title": m.Zh, "title_en": m.En, "place": where, "due": clockText(m.Due)}}); err != nil {
			return err
		}
		return j.Done(ctx, tx)
	})
}

func clockText(i day.Instant) string { return i.Time().In(day.Shanghai).Format("1月2日 15:04") }

// tellReporter words a matter's notice, to a reporter or to whoever holds it. Each of cases' templates has one of outreach's.
func (h *House) tellReporter(ctx context.Context, tx *store.Tx, n cases.Notice) error {
	to := outreach.To{Person: n.Person}
	switch {
	case n.Person != "":
	case n.Post != "":
		to = outreach.To{Post: n.Post, Org: n.Org}
	case n.Phone != "":
		to = outreach.To{Phone: n.Phone}
	default:
		return nil
	}
	return h.Office.Tell(ctx, tx, outreach.Message{To: []outreach.To{to}, Template: "case." + strings.TrimPrefix(n.Template, "cases."), Ref: n.Ref, Path: n.Path, Words: n.Words})
}

// Logger writes lines of JSON to stderr at a level, with what looks personal masked.
func Logger(level string) *slog.Logger {
	var l slog.Level
	if l.UnmarshalText([]byte(level)) != nil {
		l = slog.LevelInfo
	}
	return slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: l, ReplaceAttr: maskAttr}))
}
