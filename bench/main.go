// Bench measures the house side by side with bare neighbours in the same run: `make bench`, or
// `go run ./bench [flags] [parts…]`. README.md holds the last table and says how to read it.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"math"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"slices"
	"strconv"
	"strings"
	"time"
)

// settings are the flags.
type settings struct {
	full      bool
	sizes     []int
	engines   []string
	cache     string
	seconds   float64
	asks      int
	profile   string
	program   string
	database  string // from CUOBIAN_TEST_DATABASE_URL
	only      string
	clients   []int
	homes     int
	voters    int
	records   int
	entries   int
	compounds []int
}

// part is something that is measured.
type part struct {
	name string
	run  func(ctx context.Context, s settings) error
}

var parts = []part{
	{"intake", intake},
	{"lists", lists},
	{"board", board},
	{"import", imports},
	{"start", start},
	{"votes", votes},
	{"log", logs},
	{"money", books},
	{"fees", bills},
	{"formings", formings},
}

func main() {
	var s settings
	var sizes, engines, clients, boards string
	flag.BoolVar(&s.full, "full", false, "also 1,000,000 cases")
	flag.StringVar(&sizes, "sizes", "10000,100000", "numbers of cases for lists; the board takes the largest")
	flag.StringVar(&engines, "engines", "sqlite,postgres", "engines to measure")
	flag.StringVar(&clients, "clients", "1,8,32", "numbers of clients of the intake and of ballots")
	flag.StringVar(&s.cache, "cache", "", "folder that keeps the generated records for the next run; empty keeps nothing")
	flag.Float64Var(&s.seconds, "seconds", 4, "how long each load of the intake and of ballots runs")
	flag.IntVar(&s.homes, "homes", 5000, "homes of the compound that is counted")
	flag.IntVar(&s.voters, "voters", 1000, "voters of the vote that is held with belenios-tool too")
	flag.IntVar(&s.records, "records", 1_000_000, "records of other meetings in the log")
	flag.IntVar(&s.entries, "entries", 1_000_000, "entries of the year that is closed")
	flag.StringVar(&boards, "compounds", "300,1000,3000", "numbers of compounds on the board of formings")
	flag.IntVar(&s.asks, "asks", 300, "how often each list is asked for")
	flag.StringVar(&s.profile, "profile", "", "folder for processor profiles, one a part")
	flag.StringVar(&s.program, "program", "bin/cuobian", "the built program, for start and memory")
	flag.StringVar(&s.only, "only", "", "only lists, or parts of votes (rate, count, reference), whose name holds this")
	flag.Usage = func() {
		var names []string
		for _, p := range parts {
			names = append(names, p.name)
		}
		fmt.Fprintf(os.Stderr, "bench [flags] [parts]; parts: %s; without any, all.\n", strings.Join(names, ", "))
		flag.PrintDefaults()
	}
	flag.Parse()
	for _, name := range flag.Args() {
		if !slices.ContainsFunc(parts, func(p part) bool { return p.name == name }) {
			log.Fatalf("bench: there is no part %q (-help lists them)", name)
		}
	}
	s.database = os.Getenv("CUOBIAN_TEST_DATABASE_URL")
	for _, x := range strings.Split(sizes, ",") {
		n, err := strconv.Atoi(x)
		if err != nil || n < 1000 {
			log.Fatalf("bench: %q is no number of cases", x)
		}
		s.sizes = append(s.sizes, n)
	}
	for _, x := range strings.Split(clients, ",") {
		n, err := strconv.Atoi(x)
		if err != nil || n < 1 {
			log.Fatalf("bench: %q is no number of clients", x)
		}
		s.clients = append(s.clients, n)
	}
	for _, x := range strings.Split(boards, ",") {
		n, err := strconv.Atoi(x)
		if err != nil || n < 10 {
			log.Fatalf("bench: %q is no number of compounds", x)
		}
		s.compounds = append(s.compounds, n)
	}
	if s.full && !slices.Contains(s.sizes, 1_000_000) {
		s.sizes = append(s.sizes, 1_000_000)
	}
	for _, e := range strings.Split(engines, ",") {
		if e == "postgres" && s.database == "" {
			fmt.Println("PostgreSQL is left out: CUOBIAN_TEST_DATABASE_URL is not set (make bench sets it)")
			continue
		}
		s.engines = append(s.engines, e)
	}
	if s.cache == "" {
		dir, err := os.MkdirTemp("", "cuobian-bench-")
		if err != nil {
			log.Fatal(err)
		}
		s.cache = dir
		defer os.RemoveAll(dir)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	fmt.Printf("%s, %d cores, load at the start %s\n", runtime.Version(), runtime.NumCPU(), load())
	for _, p := range parts {
		if args := flag.Args(); len(args) > 0 && !slices.Contains(args, p.name) {
			continue
		}
		fmt.Printf("\n## %s\n\n", p.name)
		if err := profiled(s, p.name, func() error { return p.run(ctx, s) }); err != nil {
			fmt.Println("not measured:", err)
			stop()
			if s.cache != "" && flag.Lookup("cache").Value.String() == "" {
				os.RemoveAll(s.cache)
			}
			os.Exit(1)
		}
	}
	fmt.Printf("\nload at the end %s\n", load())
}

func profiled(s settings, name string, fn func() error) error {
	if s.profile == "" {
		return fn()
	}
	f, err := os.Create(filepath.Join(s.profile, name+".prof"))
	if err != nil {
		return err
	}
	defer f.Close()
	if err := pprof.StartCPUProfile(f); err != nil {
		return err
	}
	defer pprof.StopCPUProfile()
	return fn()
}

// load is the machine's own account of how busy it was in the last minute; "unknown" where it keeps none.
func load() string {
	b, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	return strings.Fields(string(b))[0]
}

// times are how long something took, again and again.
type times []time.Duration

// at is the time that a share p of all were within.
func (t times) at(p float64) time.Duration {
	if len(t) == 0 {
		return 0
	}
	x := slices.Clone(t)
	slices.Sort(x)
	return x[min(len(x)-1, int(math.Ceil(p*float64(len(x))))-1)]
}

func ms(d time.Duration) string {
	return strconv.FormatFloat(float64(d.Microseconds())/1000, 'f', 1, 64)
}

// repeat measures n calls.
func repeat(ctx context.Context, n int, fn func(i int) error) (t times, err error) {
	for i := range n {
		if ctx.Err() != nil {
			return t, ctx.Err()
		}
		began := time.Now()
		if err := fn(i); err != nil {
			return t, err
		}
		t = append(t, time.Since(began))
	}
	return t, nil
}
