package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"cuobian/platform/store"
)

// formingsAim is for the board of formings at p95 over a district of 1,000 compounds.
const formingsAim = 100 * time.Millisecond

// formings measures GET /api/formings: where each of very many compounds stands, with its earliest deadline, its blockers and its
// committee, of a district, of one stage, of what is overdue, and of one street.
func formings(ctx context.Context, s settings) error {
	fmt.Printf("Half of the compounds have a committee of five, a fifth a forming under way, the others %d homes and nothing yet. ms, p50 / p95; ✗ misses its aim (p95 within %s ms up to 1,000 compounds).\n\n", formingHomes, ms(formingsAim))
	fmt.Println("| engine | compounds | echo | district | its next page | one stage | overdue only | one street |")
	fmt.Println("|---|--:|--:|--:|--:|--:|--:|--:|")
	echo, err := bareEcho()
	if err != nil {
		return err
	}
	defer echo.Close()
	far := newClient("http://"+echo.Addr, 0)
	for _, engine := range s.engines {
		for _, n := range s.compounds {
			if err := formingsOn(ctx, s, engine, n, far); err != nil {
				return fmt.Errorf("%s, %d: %w", engine, n, err)
			}
		}
	}
	return nil
}

func formingsOn(ctx context.Context, s settings, engine string, n int, far *client) error {
	dir, err := os.MkdirTemp(s.cache, "formings-"+engine+"-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	x, err := open(ctx, s, engine, dir, fmt.Sprintf("bench_formings_%d_%d", n, os.Getpid()))
	if err != nil {
		return err
	}
	defer x.drop()
	defer x.close()
	if err := x.build(ctx, n); err != nil {
		return err
	}
	if err := x.atStages(ctx); err != nil {
		return err
	}
	if engine == "postgres" { // as the server does by itself within a minute
		if err := x.DB.Write(ctx, func(tx *store.Tx) error { _, err := tx.Exec(ctx, `analyze`); return err }); err != nil {
			return err
		}
	}
	if err := x.serve(); err != nil {
		return err
	}
	boss := newClient(x.URL, 1)
	if err := boss.signIn(ctx, x.City.District, password); err != nil {
		return err
	}
	bare, err := repeat(ctx, s.asks, func(int) error {
		_, err := far.do(ctx, "POST", "/", []byte(`{"a": "b"}`))
		return err
	})
	if err != nil {
		return err
	}
	row := fmt.Sprintf("| %s | %d | %s / %s |", engine, n, ms(bare.at(0.5)), ms(bare.at(0.95)))
	half := string(x.City.Compounds[n/2].Path)
	for _, path := range []string{"", "?after=" + half, "?stage=drafts", "?overdue=true", "?under=" + string(x.City.Streets[0].Path)} {
		get := func(int) error { _, err := boss.do(ctx, "GET", "/api/formings"+path, nil); return err }
		if err := get(0); err != nil {
			return err
		}
		t, err := repeat(ctx, min(s.asks, 60), get)
		if err != nil {
			return err
		}
		row += " " + ms(t.at(0.5)) + " / " + ms(t.at(0.95))
		if n <= 1000 && t.at(0.95) > formingsAim {
			row += " ✗"
		}
		row += " |"
	}
	fmt.Println(row)
	return nil
}

const formingHomes = 120

// atStages writes, in bulk, what a board reads: committees with members, formings with deadlines and blockers, homes.
func (x *site) atStages(ctx context.Context) error {
	all := x.City.Compounds
	stages := []string{"opened", "applied", "grouped", "posted", "papers", "drafts", "called", "elected"}
	for first := 0; first < len(all); first += 100 {
		err := x.DB.Write(ctx, func(tx *store.Tx) error {
			var orgs, terms, sizes, formings, steps, dues, blockers, nodes, homes [][]any
			now, day := int64(tx.Now), int64(24*time.Hour/time.Microsecond)
			for i := first; i < min(first+100, len(all)); i++ {
				c := all[i]
				street := string(c.Path.Street())
				switch k := i % 10; {
				case k < 5:
					org := tx.NewID()
					orgs = append(orgs, []any{org, "owners_committee", c.Name + "业主委员会", string(c.Path), "2024-01-01", "2028-12-31", 1, true, now, now})
					sizes = append(sizes, []any{org, string(c.Path), 5, "", "", "house", 0, ""})
					for j := range 5 {
						post := "committee_member"
						if j == 0 {
							post = "committee_director"
						}
						terms = append(terms, []any{tx.NewID(), org, post, all[(i+j)%len(all)].Manager, string(c.Path), "2024-01-01", "2028-12-31", now})
					}
					dues = append(dues, []any{"committees/" + org, "committee.minutes", 1, string(c.Path), street, "R21", now - day, now + int64(i%9)*day, false, 0, false})
				case k < 7:
					id, stage := tx.NewID(), stages[i/10%len(stages)]
					formings = append(formings, []any{id, string(c.Path), street, "first", stage, "", "", "", 0, "house", now - 40*day, 0, "", "", true, "", 1})
					steps = append(steps, []any{tx.NewID(), id, "opened", "2026-01-05", now, "", "", "{}"})
					for j, kind := range []string{"committee.group", "committee.papers", "committee.finish"} {
						dues = append(dues, []any{"formings/" + id, kind, 1, string(c.Path), street, "R14", now - 40*day, now + int64(10*j-5)*day, false, 0, false})
					}
					if i%4 == 0 {
						blockers = append(blockers, []any{tx.NewID(), string(c.Path), street, id, "", "start", "联名凑不齐（示例）", now, c.Manager, 0, "", ""})
					}
				default:
					for j := range formingHomes {
						h := tx.NewID()
						at := string(c.Path) + h + "/"
						nodes = append(nodes, []any{h, at, c.ID, "home", fmt.Sprintf("%d", j), fmt.Sprintf("%04d", j), true, now, now})
						homes = append(homes, []any{h, at, "dwelling", 9000, "registered", []string{"delivered", "unsold"}[j%2], "2025-06-01"})
					}
				}
			}
			for _, f := range []struct {
				text string
				rows [][]any
			}{
				{`insert into people_org (id, kind, name, path, founded_on, to_day, number, demo, created_at, changed_at) values`, orgs},
				{`insert into people_term (id, org, post, person, path, from_day, to_day, created_at) values`, terms},
				{`insert into committee_org (org, path, size, forming, meeting, rules, filed_at, stamp) values`, sizes},
				{`insert into committee_forming (id, path, street, kind, stage, former, org, meeting, size, rules, opened, closed, ended_why, why, demo, by_person, version) values`, formings},
				{`insert into committee_step (id, forming, step, on_day, at, person, post, facts) values`, steps},
				{`insert into committee_due (ref, kind, n, path, street, rule, since, due, provisional, met, void) values`, dues},
				{`insert into committee_blocker (id, path, street, forming, org, kind, words, at, by_person, solved, solved_by, note) values`, blockers},
				{`insert into place_node (id, path, parent, kind, name, sort, demo, created_at, changed_at) values`, nodes},
				{`insert into place_home (id, path, usage, area, area_source, state, delivered_on) values`, homes},
			} {
				if len(f.rows) == 0 {
					continue
				}
				if _, err := store.Fill(ctx, tx, f.text, "", f.rows); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	// A third of those with nothing yet do not say when they were delivered: their homes do.
	return x.DB.Write(ctx, func(tx *store.Tx) error {
		for i := 9; i < len(all); i += 10 {
			if _, err := tx.Exec(ctx, `update place_compound set delivered_on = '' where id = $1`, all[i].ID); err != nil {
				return err
			}
		}
		return nil
	})
}
