package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// boardAim is for the board's answer at p95 over a city with 1,000,000 matters.
const boardAim = 100 * time.Millisecond

// board measures GET /api/standing over the whole city: the first time (the cube is read), again and again, right
// after each commit, and for one street.
func board(ctx context.Context, s settings) error {
	n := slices.Max(s.sizes)
	fmt.Printf("%d compounds, %d matters; ms, p50 / p95; ✗ misses its aim (p95 within %s ms).\n\n", compounds, n, ms(boardAim))
	fmt.Println("| engine | echo | first answer | city, warm | street, warm | city, after each commit | city, an hour apart | one indicator by street |")
	fmt.Println("|---|--:|--:|--:|--:|--:|--:|--:|")
	echo, err := bareEcho()
	if err != nil {
		return err
	}
	defer echo.Close()
	far := newClient("http://"+echo.Addr, 0)
	for _, engine := range s.engines {
		x, err := grown(ctx, s, engine, n)
		if err != nil {
			return err
		}
		err = x.board(ctx, s, engine, far)
		x.close()
		if err != nil {
			return fmt.Errorf("%s: %w", engine, err)
		}
	}
	return nil
}

func (x *site) board(ctx context.Context, s settings, engine string, far *client) error {
	if err := x.serve(); err != nil {
		return err
	}
	boss, operator := newClient(x.URL, 1), newClient(x.URL, 2)
	if err := boss.signIn(ctx, x.City.District, password); err != nil {
		return err
	}
	if err := operator.signIn(ctx, x.City.Streets[0].Caller, password); err != nil {
		return err
	}
	get := func(path string) func(int) error {
		return func(int) error { _, err := boss.do(ctx, "GET", path, nil); return err }
	}
	city := get("/api/standing?under=" + District)
	bare, err := repeat(ctx, s.asks, func(int) error {
		_, err := far.do(ctx, "POST", "/", []byte(`{"a": "b"}`))
		return err
	})
	if err != nil {
		return err
	}
	first, err := repeat(ctx, 1, city)
	if err != nil {
		return err
	}
	warm, err := repeat(ctx, s.asks, city)
	if err != nil {
		return err
	}
	r := rand.New(rand.NewPCG(1, 1))
	street, err := repeat(ctx, s.asks, func(i int) error {
		return get("/api/standing?under=" + string(x.City.Streets[r.IntN(len(x.City.Streets))].Path))(i)
	})
	if err != nil {
		return err
	}
	report := x.reports(0)
	var after times
	for range s.asks {
		if _, err := operator.do(ctx, "POST", "/api/cases", report()); err != nil {
			return err
		}
		t, err := repeat(ctx, 1, city)
		if err != nil {
			return err
		}
		after = append(after, t...)
	}
	// An hour later what was kept of the roster has grown old, and deadlines have passed.
	var later times
	for i := range min(s.asks, 12) {
		x.Clock.Set(x.DB.Now().Add(time.Hour))
		if i%8 == 0 { // a session ends when it lies idle
			if err := boss.signIn(ctx, x.City.District, password); err != nil {
				return err
			}
		}
		t, err := repeat(ctx, 1, city)
		if err != nil {
			return err
		}
		later = append(later, t...)
	}
	x.Clock.Set(0)
	if err := boss.signIn(ctx, x.City.District, password); err != nil {
		return err
	}
	by, err := repeat(ctx, min(s.asks, 50), get("/api/standing/on_time?by=street&under="+District))
	if err != nil {
		return err
	}
	show := func(t times) string {
		text := ms(t.at(0.5)) + " / " + ms(t.at(0.95))
		if t.at(0.95) > boardAim {
			text += " ✗"
		}
		return text
	}
	fmt.Printf("| %s | %s / %s | %s | %s | %s | %s | %s | %s |\n", engine, ms(bare.at(0.5)), ms(bare.at(0.95)), ms(first[0]), show(warm), show(street), show(after), show(later), show(by))
	return nil
}
