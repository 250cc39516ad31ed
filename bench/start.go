package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"cuobian/app/demo"
)

// start measures the built program from outside: how long the demo takes to answer the first and the second time,
// what memory it holds at rest and under load, and how large the file is. Its neighbour is the same file told to print
// its version.
func start(ctx context.Context, s settings) error {
	info, err := os.Stat(s.program)
	if err != nil {
		return fmt.Errorf("%w (make build makes it)", err)
	}
	program, err := filepath.Abs(s.program)
	if err != nil {
		return err
	}
	version, err := repeat(ctx, 5, func(int) error { return exec.CommandContext(ctx, program, "version").Run() })
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp(s.cache, "start-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	first, err := launch(ctx, program, "demo", dir)
	if err != nil {
		return err
	}
	began := first.ready
	if err := first.stop(); err != nil {
		return err
	}
	second, err := launch(ctx, program, "demo", dir)
	if err != nil {
		return err
	}
	defer second.stop()
	time.Sleep(5 * time.Second)
	rest := second.memory("VmRSS")
	done, err := second.load(ctx, 32, 8*time.Second)
	if err != nil {
		return err
	}
	busy, most := second.memory("VmRSS"), second.memory("VmHWM")
	time.Sleep(20 * time.Second)
	again := second.memory("VmRSS")
	fmt.Println("| what | measured | aim |")
	fmt.Println("|---|--:|--:|")
	fmt.Printf("| `cuobian version`, for comparison | %s ms | |\n", ms(version.at(0.5)))
	fmt.Printf("| first start of the demo, to its first answer | %s ms | 5000 ms |\n", ms(began))
	fmt.Printf("| second start | %s ms | 5000 ms |\n", ms(second.ready))
	fmt.Printf("| memory at rest, 5 s after the start (RSS) | %d MB | 100 MB |\n", rest>>20)
	fmt.Printf("| memory while 32 clients report (RSS; %d taken in) | %d MB | |\n", done, busy>>20)
	fmt.Printf("| highest so far | %d MB | |\n", most>>20)
	fmt.Printf("| memory at rest again, 20 s later | %d MB | 100 MB |\n", again>>20)
	fmt.Printf("| binary | %.1f MB | |\n", float64(info.Size())/1e6)
	return nil
}

// program is a running cuobian.
type program struct {
	cmd   *exec.Cmd
	url   string
	ready time.Duration // from the start to the first answer
}

func launch(ctx context.Context, path, command, dir string, args ...string) (*program, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	addr := l.Addr().String()
	l.Close()
	p := &program{url: "http://" + addr}
	p.cmd = exec.CommandContext(ctx, path, append([]string{command, "--data", dir, "--addr", addr, "--log-level", "error"}, args...)...)
	p.cmd.Stderr = os.Stderr
	began := time.Now()
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	for time.Since(began) < time.Minute {
		res, err := http.Get(p.url + "/healthz")
		if err == nil {
			io.Copy(io.Discard, res.Body)
			res.Body.Close()
			p.ready = time.Since(began)
			return p, nil
		}
		time.Sleep(5 * time.Millisecond)
	}
	p.cmd.Process.Kill()
	return nil, errors.New("the program did not answer within a minute")
}

func (p *program) stop() error {
	if p.cmd.ProcessState != nil {
		return nil
	}
	if err := p.cmd.Process.Signal(os.Interrupt); err != nil {
		return err
	}
	return p.cmd.Wait()
}

// memory reads a line of /proc/PID/status, in bytes; 0 where there is none.
func (p *program) memory(name string) int64 {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, name+":"); ok {
			n, _ := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			return n << 10
		}
	}
	return 0
}

// load reports matters as the demo's hotline operator with n clients.
func (p *program) load(ctx context.Context, n int, span time.Duration) (int64, error) {
	one := newClient(p.url, 0)
	if err := one.signIn(ctx, "hotline", demo.Password); err != nil {
		return 0, err
	}
	b, err := one.do(ctx, "GET", "/api/places?kind=compound", nil)
	if err != nil {
		return 0, err
	}
	var places struct{ Items []struct{ ID string } }
	if err := json.Unmarshal(b, &places); err != nil || len(places.Items) == 0 {
		return 0, fmt.Errorf("no compounds to report from: %w", err)
	}
	var key atomic.Int64
	all := make([]*client, n)
	for i := range all {
		all[i] = newClient(p.url, i)
		all[i].cookie = one.cookie
	}
	r := hammer(ctx, n, span, func(i int) error {
		k := key.Add(1)
		where, text := saying(rand.New(rand.NewPCG(1, uint64(k))))
		body, _ := json.Marshal(map[string]any{"place": places.Items[int(k)%len(places.Items)].ID, "place_text": where, "text": text, "channel": "hotline",
			"client_key": fmt.Sprint("bench-", k), "for_other": map[string]string{"name": "示例来电人", "phone": "13900000000"}})
		_, err := all[i].do(ctx, "POST", "/api/cases", bytes.Clone(body))
		return err
	})
	return r.n, r.err
}
