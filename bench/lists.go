package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"
)

// aims of the lists' slowest answers.
const (
	listAim   = 20 * time.Millisecond
	searchAim = 100 * time.Millisecond
)

// asked is one list that somebody opens.
type asked struct {
	name string
	who  []*client
	path func(r *rand.Rand) string
	aim  time.Duration
	deep bool // ask for the page after the first as well
}

// lists measures inbox, lists and search over HTTP, one at a time, in growing cities. Every ask is by another of
// several people, so that no answer comes from one place's warm pages alone.
func lists(ctx context.Context, s settings) error {
	echo, err := bareEcho()
	if err != nil {
		return err
	}
	defer echo.Close()
	far := newClient("http://"+echo.Addr, 0)
	bare, err := repeat(ctx, s.asks, func(int) error {
		_, err := far.do(ctx, "POST", "/", []byte(`{"a": "b"}`))
		return err
	})
	if err != nil {
		return err
	}
	fmt.Printf("Bare echo, one client: p50 %s ms, p99 %s ms. Times are p50 / p99 in ms; ✗ misses its aim (lists %s ms, search %s ms at p99).\n\n", ms(bare.at(0.5)), ms(bare.at(0.99)), ms(listAim), ms(searchAim))
	var names []string
	cells := map[string][]string{}
	head := "| list |"
	rule := "|---|"
	for _, engine := range s.engines {
		for _, n := range s.sizes {
			x, err := grown(ctx, s, engine, n)
			if err != nil {
				return err
			}
			head += fmt.Sprintf(" %s %d |", engine, n)
			rule += "--:|"
			err = x.lists(ctx, s, func(name string, t times, aim time.Duration) {
				if !slices.Contains(names, name) {
					names = append(names, name)
				}
				text := ms(t.at(0.5)) + " / " + ms(t.at(0.99))
				fmt.Fprintf(os.Stderr, "%s %d: %s: %s\n", engine, n, name, text)
				if t.at(0.99) > aim {
					text += " ✗"
				}
				cells[name] = append(cells[name], text)
			})
			x.close()
			if err != nil {
				return fmt.Errorf("%s with %d matters: %w", engine, n, err)
			}
		}
	}
	fmt.Println(head)
	fmt.Println(rule)
	for _, n := range names {
		fmt.Printf("| %s | %s |\n", n, strings.Join(cells[n], " | "))
	}
	return nil
}

func (x *site) lists(ctx context.Context, s settings, tell func(string, times, time.Duration)) error {
	if err := x.serve(); err != nil {
		return err
	}
	k := 0
	in := func(logins ...string) ([]*client, error) {
		var out []*client
		for _, l := range logins {
			k++
			c := newClient(x.URL, k)
			if err := c.signIn(ctx, l, password); err != nil {
				return nil, err
			}
			out = append(out, c)
		}
		return out, nil
	}
	var st, cm, mg []string
	for _, v := range x.City.Streets {
		st = append(st, v.Login)
	}
	for _, v := range x.City.Communities {
		if v.Login != "" {
			cm = append(cm, v.Login)
		}
	}
	for _, v := range x.City.Compounds {
		if v.Login != "" {
			mg = append(mg, v.Login)
		}
	}
	district, err := in(x.City.District)
	if err != nil {
		return err
	}
	streets, err := in(st...)
	if err != nil {
		return err
	}
	communities, err := in(cm...)
	if err != nil {
		return err
	}
	managers, err := in(mg...)
	if err != nil {
		return err
	}
	at := func(q string) func(*rand.Rand) string {
		return func(*rand.Rand) string { return "/api/cases" + q }
	}
	numbers := x.numbers(ctx)
	all := []asked{
		{name: "inbox, street", who: streets, path: func(*rand.Rand) string { return "/api/duties" }, aim: listAim, deep: true},
		{name: "inbox, community", who: communities, path: func(*rand.Rand) string { return "/api/duties" }, aim: listAim},
		{name: "inbox, company", who: managers, path: func(*rand.Rand) string { return "/api/duties" }, aim: listAim},
		{name: "inbox, street, overdue", who: streets, path: func(*rand.Rand) string { return "/api/duties?overdue=true" }, aim: listAim},
		{name: "cases, district", who: district, path: at(""), aim: listAim},
		{name: "cases, street", who: streets, path: at(""), aim: listAim, deep: true},
		{name: "cases, community", who: communities, path: at(""), aim: listAim},
		{name: "cases, company", who: managers, path: at(""), aim: listAim, deep: true},
		{name: "cases, district, one compound", who: district, path: x.compoundOf, aim: listAim},
		{name: "counts, street", who: streets, path: at("/counts"), aim: listAim},
		{name: "counts, company", who: managers, path: at("/counts"), aim: listAim},
		{name: "cases, street, live", who: streets, path: at("?state=live"), aim: listAim},
		{name: "cases, street, reported", who: streets, path: at("?state=reported"), aim: listAim},
		{name: "cases, street, closed", who: streets, path: at("?state=closed"), aim: listAim},
		{name: "cases, street, withdrawn (none)", who: streets, path: at("?state=withdrawn"), aim: listAim},
		{name: "cases, street, category", who: streets, path: at("?category=lift"), aim: listAim},
		{name: "cases, street, urgent", who: streets, path: at("?urgency=urgent"), aim: listAim},
		{name: "cases, street, channel qr", who: streets, path: at("?channel=qr"), aim: listAim},
		{name: "cases, street, channel 12345 (none)", who: streets, path: at("?channel=12345"), aim: listAim},
		{name: "cases, street, kind consult", who: streets, path: at("?kind=consult"), aim: listAim},
		{name: "cases, street, two years ago", who: streets, path: x.longAgo, aim: listAim},
		{name: "cases, street, overdue", who: streets, path: at("?overdue=true"), aim: listAim},
		{name: "cases, street, by deadline", who: streets, path: at("?sort=due"), aim: listAim},
		{name: "cases, street, one company", who: streets, path: x.holderOf, aim: listAim},
		{name: "cases, street, all filters", who: streets, path: at("?state=closed&category=lift&urgency=urgent&channel=qr"), aim: listAim},
		{name: "cases, district, channel 12345 (none)", who: district, path: at("?channel=12345"), aim: listAim},
		{name: "cases, community, closed, urgent", who: communities, path: at("?state=closed&urgency=urgent"), aim: listAim},
		{name: "cases, company, channel 12345 (none)", who: managers, path: at("?channel=12345"), aim: listAim},
		{name: "cases, company, held by me", who: managers, path: at("?mine=holding"), aim: listAim},
		{name: "search a common word, street", who: streets, path: at("?q=" + url.QueryEscape("电梯")), aim: searchAim, deep: true},
		{name: "search two words, street", who: streets, path: at("?q=" + url.QueryEscape("消防通道 堵住")), aim: searchAim},
		{name: "search a place, street", who: streets, path: at("?q=" + url.QueryEscape("3幢2单元")), aim: searchAim},
		{name: "search a number, street", who: streets, path: func(r *rand.Rand) string { return "/api/cases?q=" + numbers[r.IntN(len(numbers))] }, aim: searchAim},
		{name: "search what nobody said, street", who: streets, path: at("?q=" + url.QueryEscape("飞机场")), aim: searchAim},
		{name: "search two words never together, street", who: streets, path: at("?q=" + url.QueryEscape("电梯门禁路灯井盖")), aim: searchAim},
		{name: "search a common word, company", who: managers, path: at("?q=" + url.QueryEscape("电梯")), aim: searchAim},
		{name: "search a common word, community", who: communities, path: at("?q=" + url.QueryEscape("电梯")), aim: searchAim},
		{name: "search a common word, district", who: district, path: at("?q=" + url.QueryEscape("电梯")), aim: searchAim},
		{name: "search two words never together, district", who: district, path: at("?q=" + url.QueryEscape("漏水 味道")), aim: searchAim},
		{name: "search a common word, street, live", who: streets, path: at("?state=live&q=" + url.QueryEscape("电梯")), aim: searchAim},
	}
	r := rand.New(rand.NewPCG(3, 3))
	for _, a := range all {
		if !strings.Contains(a.name, s.only) {
			continue
		}
		var next []string
		first := func(i int) error {
			path := a.path(r)
			b, err := a.who[i%len(a.who)].do(ctx, "GET", path, nil)
			if err == nil && a.deep && len(next) < 8 {
				var p struct{ Next string }
				if err := json.Unmarshal(b, &p); err != nil {
					return err
				}
				sep := "?"
				if strings.Contains(path, "?") {
					sep = "&"
				}
				next = append(next, path+sep+"after="+url.QueryEscape(p.Next))
			}
			return err
		}
		if _, err := repeat(ctx, len(a.who), first); err != nil { // once each, to open what a running house has open
			return err
		}
		n := s.asks
		began := time.Now()
		var t times
		for len(t) < n && (len(t) < 10 || time.Since(began) < 10*time.Second) {
			got, err := repeat(ctx, 1, func(int) error { return first(len(t)) })
			if err != nil {
				return err
			}
			t = append(t, got...)
		}
		tell(a.name, t, a.aim)
		if a.deep {
			t, err := repeat(ctx, min(n, 100), func(i int) error {
				_, err := a.who[i%len(a.who)].do(ctx, "GET", next[i%len(next)], nil)
				return err
			})
			if err != nil {
				return err
			}
			tell(a.name+", second page", t, a.aim)
		}
	}
	return nil
}

// numbers are some matters' numbers.
func (x *site) numbers(ctx context.Context) (out []string) {
	rows, err := x.DB.Query(ctx, `select number from cases_case order by id desc limit 50`)
	if err != nil {
		return []string{"100000000"}
	}
	defer rows.Close()
	for rows.Next() {
		var n string
		if rows.Scan(&n) == nil {
			out = append(out, n)
		}
	}
	return out
}

func (x *site) compoundOf(r *rand.Rand) string {
	return "/api/cases?under=" + url.QueryEscape(string(x.City.Compounds[r.IntN(len(x.City.Compounds))].Path))
}

func (x *site) holderOf(r *rand.Rand) string {
	return "/api/cases?holder=" + x.City.Compounds[r.IntN(len(x.City.Compounds))].Org
}

func (x *site) longAgo(*rand.Rand) string {
	at := time.Now().Add(-span + 10*24*time.Hour)
	return "/api/cases?from=" + at.Format("2006-01-02") + "&to=" + at.AddDate(0, 1, 0).Format("2006-01-02")
}
