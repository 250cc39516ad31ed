package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"cuobian/basis/day"
	"cuobian/basis/yuan"
	"cuobian/platform/access"
	"cuobian/platform/store"
	"cuobian/rooms/money"
	"cuobian/rooms/money/ledger"
)

// statementAim is what the year's statement may take after the close.
const statementAim = time.Second

// books measures postings that are durable when they are answered, beside bare commits of one row in turns; and the close and
// the statement of a year with very many entries, beside hledger checking the same journal.
func books(ctx context.Context, s settings) error {
	fmt.Println("| engine | clients | postings/s | p50 ms | p99 ms | bare commits/s | postings ÷ commits | processor ms a posting |")
	fmt.Println("|---|--:|--:|--:|--:|--:|--:|--:|")
	for _, engine := range s.engines {
		if err := onBooks(ctx, s, engine, "rate", postings); err != nil {
			return fmt.Errorf("%s: %w", engine, err)
		}
	}
	fmt.Printf("\nA posting is an entry by hand of two legs with its papers, rights and trail: an entry, two legs, a mark for the turnovers, an audit entry.\n\n%d entries of a year in one compound, written in bulk; ms.\n\n", s.entries)
	for _, engine := range s.engines {
		if err := onBooks(ctx, s, engine, "year", year); err != nil {
			return fmt.Errorf("%s: %w", engine, err)
		}
	}
	return nil
}

// onBooks opens a house with the books of one compound, begun with an opening, and its bookkeeper.
func onBooks(ctx context.Context, s settings, engine, name string, run func(context.Context, settings, string, string, *site, string, access.Who) error) error {
	dir, err := os.MkdirTemp(s.cache, "money-"+engine+"-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	x, err := open(ctx, s, engine, dir, fmt.Sprintf("bench_money_%s_%d", name, os.Getpid()))
	if err != nil {
		return err
	}
	defer x.drop()
	defer x.close()
	if err := x.build(ctx, 20); err != nil {
		return err
	}
	c := x.City.Compounds[0]
	officer := x.City.Communities[c.Community].Officer
	who := access.Who{Account: "bench", Person: officer, Lang: "zh", Grants: []access.Grant{{Post: access.CommunityOfficer, Path: c.Path}}}
	today := x.Till.Today()
	y, _, _ := today.Date()
	if _, err := x.Till.Open(ctx, who, c.ID, money.Opening{Day: day.Date(y-1, 1, 1), Decision: "contracts/bench", Paper: "bench",
		Balances: []money.OpeningRow{{Fund: ledger.Income, Account: "bank", Amount: 1_000_000_00}}, Totals: []money.OpeningTotal{{Fund: ledger.Income, Total: 1_000_000_00}}}); err != nil {
		return err
	}
	return run(ctx, s, engine, dir, x, c.ID, who)
}

func postings(ctx context.Context, s settings, engine, dir string, x *site, compound string, who access.Who) error {
	bare, err := bareCommits(ctx, s, engine, dir)
	if err != nil {
		return err
	}
	defer bare.close()
	on := x.Till.Today()
	span := time.Duration(s.seconds * float64(time.Second)) //float: figures of the measurement
	for _, n := range s.clients {
		var took times
		var mu sync.Mutex
		var ours, commits rate
		var burnt time.Duration
		for range 4 { // in turns, so that a busy moment meets both
			commits.add(hammer(ctx, n, span/4, func(i int) error { return bare.commit(ctx, i) }))
			before := processor()
			ours.add(hammer(ctx, n, span/4, func(i int) error {
				began := time.Now()
				_, err := x.Till.WriteByHand(ctx, who, compound, money.Hand{Day: on, Text: "收到场地租金", Decision: "contracts/bench", Rule: "R34", Paper: "回单",
					Legs: []ledger.Leg{{Account: "income:bank", Amount: 12_345}, {Account: "income:earned:venue", Amount: -12_345}}})
				mu.Lock()
				took = append(took, time.Since(began))
				mu.Unlock()
				return err
			}))
			burnt += processor() - before
		}
		for _, r := range []rate{ours, commits} {
			if r.err != nil {
				return r.err
			}
		}
		fmt.Printf("| %s | %d | %.0f | %s | %s | %.0f | %.0f%% | %.2f |\n", engine, n, ours.per(), ms(took.at(0.5)), ms(took.at(0.99)), commits.per(), 100*ours.per()/commits.per(), //float: figures of the measurement
			float64(burnt.Microseconds())/1000/float64(max(ours.n, 1))) //float: figures of the measurement
	}
	return x.proved(ctx, compound, who)
}

// proved proves the books: a figure from books that do not add up is none.
func (x *site) proved(ctx context.Context, compound string, who access.Who) error {
	p, err := x.Till.Prove(ctx, who, compound)
	if err != nil {
		return err
	}
	for _, i := range p.Items {
		if !i.Holds {
			return fmt.Errorf("the books do not add up: %s %s", i.Account, i.En)
		}
	}
	return nil
}

func year(ctx context.Context, s settings, engine, dir string, x *site, compound string, who access.Who) error {
	fmt.Printf("| %s | measured |\n|---|--:|\n", engine)
	y, _, _ := x.Till.Today().Date()
	first, last := day.Date(y-1, 1, 1), day.Date(y-1, 12, 31)
	began := time.Now()
	if err := entered(ctx, x.DB, compound, first, s.entries); err != nil {
		return err
	}
	fmt.Printf("| written in bulk | %s |\n", ms(time.Since(began)))
	if engine == "postgres" { // as the server does by itself within a minute
		if err := x.DB.Write(ctx, func(tx *store.Tx) error { _, err := tx.Exec(ctx, `analyze`); return err }); err != nil {
			return err
		}
	}
	began = time.Now()
	if err := x.Till.Bring(ctx); err != nil {
		return err
	}
	fmt.Printf("| turnovers and voucher numbers, all at once (they come by the second in life) | %s |\n", ms(time.Since(began)))
	began = time.Now()
	if _, err := x.Till.Close(ctx, who, compound, last); err != nil {
		return err
	}
	fmt.Printf("| the year closed | %s |\n", ms(time.Since(began)))
	statement := func(int) error {
		st, err := x.Till.Statement(ctx, who, compound, "", first, last)
		if err == nil && (!st.Final || len(st.Lines) < 5) {
			err = fmt.Errorf("the statement is not whole: %d lines", len(st.Lines))
		}
		return err
	}
	fresh, err := repeat(ctx, 1, statement)
	if err != nil {
		return err
	}
	again, err := repeat(ctx, 20, statement)
	if err != nil {
		return err
	}
	mark := ""
	if fresh.at(1) > statementAim {
		mark = " ✗"
	}
	fmt.Printf("| the year's statement after it, the first time (aim %s) | %s%s |\n| again, p50 of 20 | %s |\n", ms(statementAim), ms(fresh.at(1)), mark, ms(again.at(0.5))) //float: figures of the measurement
	began = time.Now()
	if err := x.proved(ctx, compound, who); err != nil {
		return err
	}
	fmt.Printf("| everything proved, leg by leg | %s |\n", ms(time.Since(began)))
	name := filepath.Join(dir, "books.journal")
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	defer f.Close()
	began = time.Now()
	if err := x.Till.Journal(ctx, who, compound, f); err != nil {
		return err
	}
	size, err := f.Seek(0, 1)
	if err != nil {
		return err
	}
	fmt.Printf("| the journal written, %.0f MB | %s |\n", float64(size)/1e6, ms(time.Since(began))) //float: figures of the measurement
	hledger, err := exec.LookPath("hledger")
	if err != nil {
		fmt.Print("| hledger | not installed here (scripts/need hledger) |\n\n")
		return nil
	}
	for _, args := range [][]string{{"check", "--strict", "ordereddates"}, {"incomestatement", "-Y"}} {
		c := exec.CommandContext(ctx, hledger, append([]string{"-f", name}, args...)...)
		c.Env = append(os.Environ(), "LANG=C.UTF-8", "LC_ALL=C.UTF-8")
		began = time.Now()
		out, err := c.CombinedOutput()
		took := time.Since(began)
		if err != nil {
			return fmt.Errorf("hledger %s: %w: %.300s", strings.Join(args, " "), err, out)
		}
		memory := ""
		if u, ok := c.ProcessState.SysUsage().(*syscall.Rusage); ok {
			memory = fmt.Sprintf(", %d MB", u.Maxrss>>10)
		}
		fmt.Printf("| hledger %s of the same journal | %s%s |\n", strings.Join(args, " "), ms(took), memory)
	}
	fmt.Println()
	return nil
}

// entered writes entries of a year in bulk as the till writes them, and leaves the turnovers to the till.
func entered(ctx context.Context, db *store.DB, compound string, first day.Day, n int) error {
	r := rand.New(rand.NewPCG(7, 7))
	in := []string{"income:earned:lift_ads", "income:earned:parking", "income:earned:venue", "income:earned:other"}
	out := []string{"income:spent:cost", "income:spent:tax", "income:spent:other"}
	days := make([]day.Day, n)
	for i := range days {
		days[i] = first.Add(r.IntN(365))
	}
	slices.Sort(days)
	const share = 5000
	for part := range slices.Chunk(days, share) {
		if err := db.Write(ctx, func(tx *store.Tx) error {
			entries, legs, fresh := make([][]any, 0, len(part)), make([][]any, 0, 2*len(part)), make([][]any, 0, len(part))
			for _, on := range part {
				id, amount := tx.NewID(), yuan.Amount(1+r.IntN(100_000))
				to, from := "income:bank", in[r.IntN(len(in))]
				if r.IntN(4) == 0 {
					to, from, amount = out[r.IntN(len(out))], "income:bank", amount/4+1
				}
				entries = append(entries, []any{id, compound, on, "公共收益收支", "papers/回单", "contracts/bench", "R34", "", "", "bench", int64(tx.Now)})
				legs = append(legs, []any{id, 1, compound, to, on, int64(amount)}, []any{id, 2, compound, from, on, -int64(amount)})
				fresh = append(fresh, []any{id, compound})
			}
			if _, err := store.Fill(ctx, tx, `insert into money_entry (id, compound, day, words, document, decision, rule, reverses, reason, by_person, at) values`, "", entries); err != nil {
				return err
			}
			if _, err := store.Fill(ctx, tx, `insert into money_leg (entry, line, compound, account, day, amount) values`, "", legs); err != nil {
				return err
			}
			_, err := store.Fill(ctx, tx, `insert into money_new (entry, compound) values`, "", fresh)
			return err
		}); err != nil {
			return err
		}
	}
	return nil
}
