package cases

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"cuobian/basis/day"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/seal"
	"cuobian/platform/store"
	"cuobian/platform/store/storetest"
	"cuobian/rooms/cases/course"
	"cuobian/rooms/cases/words"
	"cuobian/rooms/duty"
)

// TestAtScale measures lists and searches of a city: CUOBIAN_SCALE=1000000 go test -run AtScale -v ./rooms/cases
// It asserts the aims with room to spare for a busy machine: first pages under 20 ms, searches under 100 ms at p99.
func TestAtScale(t *testing.T) {
	n, _ := strconv.Atoi(os.Getenv("CUOBIAN_SCALE"))
	if n == 0 {
		t.Skip("set CUOBIAN_SCALE to the number of matters to measure with")
	}
	ctx := context.Background()
	db := storetest.Open(t, nil, audit.Schema(), duty.Schema(), Schema())
	d := New(db, seal.Memory(), duty.New(db))
	began := time.Now()
	fillCity(t, d, n)
	t.Logf("%d matters filled in %v", n, time.Since(began).Round(time.Second))
	began = time.Now()
	if _, err := d.Index(ctx); err != nil {
		t.Fatal(err)
	}
	if db.Engine == store.Postgres {
		if err := db.Write(ctx, func(tx *store.Tx) error { _, err := tx.Exec(ctx, `analyze cases_case`); return err }); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("indexed in %v", time.Since(began).Round(time.Second))
	grant := func(post access.Post, paths ...scope.Path) access.Who {
		w := access.Who{Account: "a", Person: "p"}
		for _, p := range paths {
			w.Grants = append(w.Grants, access.Grant{Post: post, Path: p})
		}
		return w
	}
	district := grant(access.DistrictOfficer, "350503")
	office := grant(access.StreetOfficer, "350503007/")
	community := grant(access.CommunityOfficer, "350503007/c7.3/")
	manager := grant(access.PropertyManager, "350503007/c7.3/k7.3.1/", "350503009/c9.1/k9.1.2/", "350503011/c11.0/k11.0.4/")
	for _, x := range []struct {
		name string
		who  access.Who
		f    Find
		aim  time.Duration
	}{
		{"district, newest", district, Find{}, 20 * time.Millisecond},
		{"street, newest", office, Find{}, 20 * time.Millisecond},
		{"street, taken", office, Find{States: []string{"taken"}}, 20 * time.Millisecond},
		{"street, live", office, Find{States: []string{"live"}}, 20 * time.Millisecond},
		{"street, closed", office, Find{States: []string{"closed"}}, 20 * time.Millisecond},
		{"street, dogs", office, Find{Category: "dog"}, 20 * time.Millisecond},
		{"street, overdue", office, Find{Overdue: true}, 20 * time.Millisecond},
		{"district, overdue", district, Find{Overdue: true}, 20 * time.Millisecond},
		{"community, newest", community, Find{}, 20 * time.Millisecond},
		{"community, taken", community, Find{States: []string{"taken"}}, 20 * time.Millisecond},
		{"three compounds, newest", manager, Find{}, 20 * time.Millisecond},
		{"compound, overdue", manager, Find{Overdue: true}, 20 * time.Millisecond},
		{"street, last week", office, Find{From: db.Now().Day(day.Shanghai).Add(-7)}, 20 * time.Millisecond},
		{"street, search common", office, Find{Q: "电梯"}, 100 * time.Millisecond},
		{"district, search common", district, Find{Q: "电梯"}, 100 * time.Millisecond},
		{"district, search two common", district, Find{Q: "电梯 漏水"}, 100 * time.Millisecond},
		{"street, search rare", office, Find{Q: "石敢当"}, 100 * time.Millisecond},
		{"district, search rare", district, Find{Q: "石敢当"}, 100 * time.Millisecond},
		{"district, search none", district, Find{Q: "没有这个词语"}, 100 * time.Millisecond},
		{"compound, search", manager, Find{Q: "漏水"}, 100 * time.Millisecond},
		{"community, search taken", community, Find{Q: "垃圾", States: []string{"taken"}}, 100 * time.Millisecond},
	} {
		var took []time.Duration
		var p Page
		for range 30 {
			began := time.Now()
			var err error
			if p, err = d.List(ctx, x.who, x.f); err != nil {
				t.Fatal(x.name, err)
			}
			took = append(took, time.Since(began))
		}
		slices.Sort(took)
		t.Logf("%-30s p50 %8v  p99 %8v  %d shown of %d", x.name, took[15].Round(10*time.Microsecond), took[29].Round(10*time.Microsecond), len(p.Items), p.Count)
		if took[29] > 3*x.aim {
			t.Errorf("%s: %v, aim %v", x.name, took[29], x.aim)
		}
	}
	began = time.Now()
	if _, err := d.Counts(ctx, office, "", ""); err != nil {
		t.Fatal(err)
	}
	t.Logf("counts of a street in %v", time.Since(began))
}

// fillCity writes n invented matters: 60 streets, 2,300 compounds, the newest 3% still open.
func fillCity(t *testing.T, d *Desk, n int) {
	ctx := context.Background()
	r := rand.New(rand.NewPCG(1, 2))
	cats := words.Categories()
	parts := []string{"电梯", "楼道灯", "漏水", "垃圾桶", "停车位", "外墙", "广场舞噪音", "消防栓", "狗没拴绳", "门禁", "水压", "绿化", "快递柜", "飞线充电", "地下室", "公告栏", "井盖", "单元门", "监控", "化粪池"}
	more := []string{"坏了", "没人管", "很久没修", "影响出行", "味道很大", "晚上特别吵", "请尽快处理", "已经反映过三次", "老人不方便", "物业不理"}
	now := int64(d.db.Now())
	var cols []string
	for _, c := range new(row).cells() {
		cols = append(cols, c.name)
	}
	head := `insert into cases_case (` + strings.Join(cols, ", ") + `) values`
	if d.db.Engine == store.Postgres {
		head = `insert into cases_case (` + strings.Join(cols, ", ") + `, tokens) values`
	}
	for done := 0; done < n; {
		err := d.db.Write(ctx, func(tx *store.Tx) error {
			var rows [][]any
			for i := range 2000 {
				k := done + i
				c := row{ID: tx.NewID(), Number: fmt.Sprintf("%09d", 100000000+k)}
				c.Doc = int64(k + 1)
				s := r.IntN(60)
				com := r.IntN(6)
				c.place(scope.Path(fmt.Sprintf("3505030%02d/c%d.%d/k%d.%d.%d/b1/", s, s, com, s, com, r.IntN(6))))
				cat := cats[r.IntN(len(cats))]
				c.Category, c.Kind, c.Urgency, c.Level, c.Channel = cat.Code, string(cat.Kind), Normal, "simple", "phone"
				c.CompoundName = "样例" + c.Compound
				c.Words = parts[r.IntN(20)] + more[r.IntN(10)] + "，" + parts[r.IntN(20)] + more[r.IntN(10)] + "，" + more[r.IntN(10)]
				if k%50000 == 7 {
					c.Words += "，石敢当也倒了"
				}
				c.Created = day.Instant(now - int64(n-k)*int64(3*365*24*time.Hour/time.Microsecond)/int64(n))
				c.Updated, c.Version, c.State = c.Created, 1, course.Closed
				c.ResolveDue = c.Created.Add(5 * 24 * time.Hour)
				if r.IntN(100) < 3 {
					c.State = []course.State{course.Reported, course.Dispatched, course.Taken, course.Handled, course.Verified}[r.IntN(5)]
					c.Live = true
					if c.State != course.Verified {
						c.Due = c.ResolveDue
					}
				}
				var args []any
				for _, x := range c.cells() {
					args = append(args, value(x.at))
				}
				if d.db.Engine == store.Postgres {
					args = append(args, quoted(c.tokens(), " "))
				}
				rows = append(rows, args)
			}
			_, err := store.Fill(ctx, tx, head, "", rows)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		done += 2000
	}
}
