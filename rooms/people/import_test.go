package people

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/seal"
	"cuobian/platform/store/storetest"
	"cuobian/rooms/people/ledger"
	"cuobian/rooms/place"

	"github.com/google/go-cmp/cmp"
)

const fengze = "../../../shared/data/fengze"

func empty(t *testing.T) *Register {
	t.Helper()
	db := storetest.Open(t, storetest.NewClock("2025-01-06T09:00:00+08:00"), audit.Schema(), place.Schema(), Schema())
	return New(db, seal.Memory(), place.New(db))
}

type truth struct {
	Street    string                    `json:"street"`
	Compounds map[string]ledger.Figures `json:"compounds"`
	Rejected  []struct {
		Sheet  string `json:"sheet"`
		Row    int    `json:"row"`
		Reason string `json:"reason"`
	} `json:"rejected"`
	Totals ledger.Totals `json:"totals"`
}

func readTruth(t *testing.T, file string) (want truth) {
	t.Helper()
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) && strings.HasPrefix(file, fengze) {
		t.Skip("the large workbook is not beside the checkout (../shared/data)")
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &want); err != nil {
		t.Fatal(err)
	}
	return want
}

// What --json prints equals the truth, and so does what the register holds afterwards; a second run changes nothing.
func TestImportEqualsTheTruth(t *testing.T) {
	for _, stem := range []string{"ledger/testdata/fengze-small", "ledger/testdata/qingyuan-small", fengze} {
		t.Run(filepath.Base(stem), func(t *testing.T) {
			want := readTruth(t, stem+".truth.json")
			if testing.Short() && stem == fengze {
				t.Skip("-short leaves the large workbook out")
			}
			r := empty(t)
			began := time.Now()
			var calls int
			res, err := r.ImportFile(ctx, access.System, stem+".xlsx", ImportOptions{Progress: func(done, total int) { calls++ }})
			if err != nil {
				t.Fatal(err)
			}
			took := time.Since(began)
			var mem runtime.MemStats
			runtime.ReadMemStats(&mem)
			t.Logf("%d homes in %v, %d MB from the system, %d steps told", want.Totals.Homes, took, mem.Sys>>20, calls)
			text, err := json.Marshal(res)
			if err != nil {
				t.Fatal(err)
			}
			var got truth
			if err := json.Unmarshal(text, &got); err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Error(d)
			}
			street, err := r.Map.Named(ctx, r.db, "350503", place.Street, want.Street)
			if err != nil || len(street) != 1 {
				t.Fatal(street, err)
			}
			var total ledger.Totals
			compounds, err := r.Map.CompoundsIn(ctx, r.db, street[0].Path)
			if err != nil || len(compounds) != want.Totals.Compounds {
				t.Fatal(len(compounds), err)
			}
			for _, c := range compounds {
				tally, err := r.Heads(ctx, r.db, c.Path)
				if err != nil {
					t.Fatal(err)
				}
				w := want.Compounds[c.Name]
				homes, err := r.Map.HomesIn(ctx, r.db, c.Path)
				if err != nil {
					t.Fatal(err)
				}
				spaces, err := r.Map.ParkingIn(ctx, r.db, c.Path)
				if err != nil {
					t.Fatal(err)
				}
				var area int64
				n := 0
				for _, h := range homes {
					if h.Use == "dwelling" || h.Use == "shop" {
						n++
					}
					area += int64(h.Area)
				}
				for _, p := range spaces {
					area += int64(p.Area)
				}
				if int(tally.Heads) != w.Heads || n != w.Homes || len(spaces) != w.Parking || area != w.Area {
					t.Errorf("%s: the register holds %d heads, %d homes, %d spaces, area %d; want %+v", c.Name, tally.Heads, n, len(spaces), area, w)
				}
				total.HeadsSum += int(tally.Heads)
			}
			if total.HeadsSum != want.Totals.HeadsSum {
				t.Error("heads", total.HeadsSum, want.Totals.HeadsSum)
			}
			again, err := r.ImportFile(ctx, access.System, stem+".xlsx", ImportOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if !again.Changes.Nothing() || again.Changes.Moves != 0 || again.Changes.Missing != 0 {
				b, _ := json.Marshal(again.Changes)
				t.Errorf("a second run changes something: %.2000s", b)
			}
		})
	}
}
