package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"time"

	"cuobian/app/poll"
	"cuobian/basis/scope"
	"cuobian/platform/audit"
	"cuobian/platform/audit/tree"
	"cuobian/platform/store"
	"cuobian/rooms/assembly/bundle"
)

// logs measures the public log with very many records: ballots of other meetings, written in bulk before and between the
// ballots of a large compound and then really integrated; proofs, and that compound's bundle inside this log.
func logs(ctx context.Context, s settings) error {
	fmt.Printf("%d records of other meetings, half before and half between the %d ballots of a compound of as many homes; ms.\n\n", s.records, s.homes)
	for _, engine := range s.engines {
		if err := logOn(ctx, s, engine); err != nil {
			return fmt.Errorf("%s: %w", engine, err)
		}
	}
	return nil
}

func logOn(ctx context.Context, s settings, engine string) error {
	x, p, end, err := held(ctx, s, engine, "log", poll.Plan{Homes: s.homes, Matters: 1})
	if err != nil {
		return err
	}
	defer end()
	fmt.Printf("| %s | measured |\n|---|--:|\n", engine)
	const rounds = 50
	o := &others{path: p.Meeting.Path.Street() + "other/"}
	var bulk time.Duration
	write := func(n int) error {
		began := time.Now()
		err := o.write(ctx, x.DB, n)
		bulk += time.Since(began)
		return err
	}
	if err := write(s.records / 2); err != nil {
		return err
	}
	for i := range rounds {
		if err := p.Cast(ctx, p.Owners[i*len(p.Owners)/rounds:(i+1)*len(p.Owners)/rounds], 1); err != nil {
			return err
		}
		if err := write((i+1)*(s.records-s.records/2)/rounds - i*(s.records-s.records/2)/rounds); err != nil {
			return err
		}
	}
	fmt.Printf("| %d records written in bulk | %s |\n", o.n, ms(bulk))
	before := processor()
	began := time.Now()
	n, err := x.Logs.Public.Integrate(ctx)
	took := time.Since(began)
	if err != nil {
		return err
	}
	fmt.Printf("| %d records integrated and signed | %s (%.0f a second; %s of the house's processor) |\n", n, ms(took), float64(n)/took.Seconds(), ms(processor()-before))
	if engine == "postgres" { // as the server does by itself within a minute; until then its plans read all positions
		if err := x.DB.Write(ctx, func(tx *store.Tx) error { _, err := tx.Exec(ctx, `analyze`); return err }); err != nil {
			return err
		}
	}
	closed, posted, placed, err := ended(ctx, x, p)
	if err != nil {
		return err
	}
	fmt.Printf("| that meeting closed | %s |\n| counted and posted | %s |\n| its last records placed and signed | %s |\n", ms(closed), ms(posted), ms(placed))
	r := rand.New(rand.NewPCG(5, 5))
	size, err := store.Count(ctx, x.DB, `select size from audit_log where log = 'public'`)
	if err != nil {
		return err
	}
	proofs, err := repeat(ctx, 500, func(int) error {
		_, err := x.Logs.Public.ProofAt(ctx, x.DB, r.Int64N(size), 0)
		return err
	})
	if err != nil {
		return err
	}
	fmt.Printf("| a proof, made and checked (p50 / p99 of 500) | %s / %s |\n", us(proofs.at(0.5)), us(proofs.at(0.99)))
	words, err := store.Texts(ctx, x.DB, `select word from assembly_ballot order by word limit 500`)
	if err != nil {
		return err
	}
	if err := x.serve(); err != nil {
		return err
	}
	anybody := newClient(x.URL, 1)
	asked, err := repeat(ctx, len(words), func(i int) error {
		b, err := anybody.do(ctx, "GET", "/api/public/receipts/"+words[i], nil)
		var got struct{ Proof *audit.Proof }
		if err == nil && (json.Unmarshal(b, &got) != nil || got.Proof == nil) {
			err = fmt.Errorf("no proof: %.200s", b)
		}
		return err
	})
	if err != nil {
		return err
	}
	fmt.Printf("| a ballot's place and proof over HTTP (p50 / p99 of %d) | %s / %s |\n", len(words), ms(asked.at(0.5)), ms(asked.at(0.99)))
	file, made, checked, err := bundled(ctx, x, p, 5)
	if err != nil {
		return err
	}
	var b bundle.Bundle
	if err := json.Unmarshal(file, &b); err != nil {
		return err
	}
	fmt.Printf("| the meeting's bundle: %.1f MB, %d hashes for %d ballots | %s |\n", float64(len(file))/1e6, len(b.Log.Pool), len(b.Ballots), ms(made))
	fmt.Printf("| verified | %s (%.3f a ballot) |\n", ms(checked), float64(checked.Microseconds())/1000/float64(max(len(b.Ballots), 1)))
	all := posted + made + checked
	mark := ""
	if all > votesAim {
		mark = " ✗"
	}
	fmt.Printf("| counted and posted + bundle + verified (aim %s) | %s%s |\n", ms(votesAim), ms(all), mark)
	if err := o.write(ctx, x.DB, 1); err != nil {
		return err
	}
	one, err := repeat(ctx, 1, func(int) error { _, err := x.Logs.Public.Integrate(ctx); return err })
	if err != nil {
		return err
	}
	again := audit.NewLogs(x.DB, x.Pens, "")
	sweep, err := repeat(ctx, 1, func(int) error { _, err := again.Public.Integrate(ctx); return err })
	if err != nil {
		return err
	}
	idle, err := repeat(ctx, 20, func(int) error { _, err := again.Public.Integrate(ctx); return err })
	if err != nil {
		return err
	}
	fmt.Printf("| one more record placed and signed | %s |\n| the look through all of it at a start | %s |\n| a run with nothing to do | %s |\n\n", ms(one.at(1)), ms(sweep.at(1)), ms(idle.at(0.5)))
	return nil
}

// others are ballots of meetings elsewhere, as audit.Publish writes them, with commitments to nothing.
type others struct {
	path scope.Path
	n    int
}

// write adds some of them, two thousand in a write.
func (o *others) write(ctx context.Context, db *store.DB, n int) error {
	const share = 2000
	for n > 0 {
		k := min(n, share)
		if err := db.Write(ctx, func(tx *store.Tx) error {
			rows := make([][]any, k)
			for i := range rows {
				no := (o.n + i) / 3000 // ballots of one meeting
				sum := sha256.Sum256(fmt.Append(nil, "other ", o.n+i))
				body, err := tree.Canonical(bundle.BallotBody{Meeting: fmt.Sprintf("2026%06d", 900000+no), Commitment: hex.EncodeToString(sum[:])})
				if err != nil {
					return err
				}
				x := tree.Record{ID: tx.NewID(), At: tx.Now, Kind: bundle.RecordBallot, Path: o.path, Ref: fmt.Sprintf("assemblies/other%d", no), Body: body}
				leaf, err := x.Leaf()
				if err != nil {
					return err
				}
				rows[i] = []any{x.ID, int64(x.At), x.Kind, string(x.Path), x.Ref, string(body), leaf[:]}
			}
			_, err := store.Fill(ctx, tx, `insert into audit_record (id, at, kind, path, ref, body, leaf) values`, "", rows)
			return err
		}); err != nil {
			return err
		}
		o.n, n = o.n+k, n-k
	}
	return nil
}
