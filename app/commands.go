package app

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"time"

	demoing "cuobian/app/demo"
	"cuobian/basis/day"
	"cuobian/platform/serve"
	"cuobian/platform/store"
)

// DemoCmd serves the demo streets.
type DemoCmd struct {
	Config
	Ahead time.Duration `help:"Let the demo's clock go ahead, such as 480h, to see what time brings. 演示时钟拨快，例如 480h。"`
}

// Run fills the place with demo records when it is empty, and serves.
func (c *DemoCmd) Run(ctx context.Context, p Program) error {
	c.SecondFactor = "optional" // the demo's accounts are printed on the screen
	c.PayLocal = true
	clock := &demoing.Clock{}
	clock.Ahead(c.Ahead)
	return c.Config.serve(ctx, p, clock)
}

// ServeCmd serves the house.
type ServeCmd struct {
	Config
}

// Run serves until the program is told to stop.
func (c *ServeCmd) Run(ctx context.Context, p Program) error { return c.Config.serve(ctx, p, nil) }

// stopTime is how long requests and jobs may take to finish when the program is told to stop.
const stopTime = 20 * time.Second

// serve serves; with a clock of the demo its streets are entered first.
func (c Config) serve(ctx context.Context, p Program, demo *demoing.Clock) error {
	if (c.TLSCert == "") != (c.TLSKey == "") {
		return errors.New("--tls-cert and --tls-key go together")
	}
	log := Logger(c.LogLevel)
	took := store.Stopwatch()
	var now func() day.Instant
	if demo != nil {
		now = demo.Now
	}
	h, err := Open(ctx, c, now, log)
	if err != nil {
		return err
	}
	handler, err := c.front(h)
	if err != nil {
		return errors.Join(err, h.Close(context.Background()))
	}
	var accounts []DemoAccount
	if demo != nil {
		if accounts, err = h.Demo(ctx, demo); err != nil {
			return errors.Join(err, h.Close(context.Background()))
		}
	}
	l, err := net.Listen("tcp", c.Addr)
	if err != nil {
		return errors.Join(err, h.Close(context.Background()))
	}
	if err := h.Start(context.WithoutCancel(ctx)); err != nil {
		return errors.Join(err, h.Close(context.Background()))
	}
	srv := &http.Server{Handler: handler, ReadHeaderTimeout: serve.ReadHeader, IdleTimeout: serve.Idle, MaxHeaderBytes: 64 << 10,
		BaseContext: func(net.Listener) context.Context { return context.WithoutCancel(ctx) }}
	// What strangers send before they speak HTTP is noted with their address: only where somebody asked for it.
	srv.ErrorLog = slog.NewLogLogger(log.Handler(), slog.LevelDebug)
	srv.RegisterOnShutdown(h.Door.Hub.Close)
	scheme := "http"
	if c.TLSCert != "" {
		scheme = "https"
		srv.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	watch, err := c.watch(h)
	if err != nil {
		return errors.Join(err, l.Close(), h.Close(context.Background()))
	}
	defer watch.Close()
	counted := h.Door.Seen
	h.Door.Seen = func(operation string, status int, took time.Duration) {
		if counted != nil {
			counted(operation, status, took)
		}
		// The operation's pattern, not the address: ids and search words stay out of the log.
		log.Debug("answer", "operation", operation, "status", status, "ms", took.Milliseconds())
	}
	fmt.Fprintf(p.Out, "厝边 Cuobian: %s://%s  (%s, %d ms)\n", scheme, l.Addr(), h.DB.Engine, took().Milliseconds())
	if demo != nil {
		printDemo(p.Out, accounts)
	}
	tidy := time.NewTicker(30 * time.Second)
	defer tidy.Stop()
	failed := make(chan error, 1)
	go func() {
		if c.TLSCert != "" {
			failed <- srv.ServeTLS(l, c.TLSCert, c.TLSKey)
		} else {
			failed <- srv.Serve(l)
		}
	}()
	for serving := true; serving; {
		select {
		case <-tidy.C:
			debug.FreeOSMemory() // what a busy hour took goes back to the machine
		case err = <-failed:
			serving = false
		case <-ctx.Done():
			fmt.Fprintln(p.Out, "正在停止，等待手头的事做完… stopping when what is under way is done…")
			stop, cancel := context.WithTimeout(context.Background(), stopTime)
			defer cancel()
			err, serving = srv.Shutdown(stop), false
		}
	}
	end, cancel := context.WithTimeout(context.Background(), stopTime)
	defer cancel()
	return errors.Join(err, h.Close(end))
}

// UserCmd keeps accounts from the command line, for the first ones and for emergencies.
type UserCmd struct {
	Add   UserAddCmd   `cmd:"" help:"Make an account for a new or known person with a post. 新建账号。"`
	List  UserListCmd  `cmd:"" help:"List accounts. 列出账号。"`
	Reset UserResetCmd `cmd:"" help:"Give a new temporary password, and drop the second factor if asked. 重置密码。"`
	Lock  UserLockCmd  `cmd:"" help:"Lock an account. 停用账号。"`
}
