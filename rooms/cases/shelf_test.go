package cases

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
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
	"cuobian/rooms/duty"
)

// TestListsAreWhatTheFiltersSay asks for lists with filters drawn by lot, page by page, at every kind of place, and
// compares them, their counts and the counts by state with a plain going through of all matters.
func TestListsAreWhatTheFiltersSay(t *testing.T) {
	ctx := context.Background()
	clock := storetest.NewClock("2026-11-21T10:00:00+08:00")
	db := storetest.Open(t, clock, audit.Schema(), duty.Schema(), Schema())
	d := New(db, seal.Memory(), duty.New(db))
	now := db.Now()
	r := rand.New(rand.NewPCG(7, 7))
	pick := func(l ...string) string { return l[r.IntN(len(l))] }
	var cols []string
	for _, c := range new(row).cells() {
		cols = append(cols, c.name)
	}
	head := `insert into cases_case (` + strings.Join(cols, ", ")
	if db.Engine == store.Postgres {
		head += `, tokens`
	}
	things := []string{"电梯坏了", "路灯不亮", "垃圾没人清理", "门禁失灵，石敢当也倒了"}
	var all []row
	var rows [][]any
	const n = 4000
	for k := range n {
		clock.Set(now.Add(-time.Duration(n-k) * (90 * 24 * time.Hour / n)))
		c := row{ID: db.NewID(), Number: fmt.Sprintf("%09d", 100000000+k), Version: 1}
		c.Doc = docOf(c.ID)
		street := pick("350503001", "350503001", "350503002", "350504001")
		path := scope.Path(street + "/")
		if r.IntN(20) > 0 {
			path += scope.Path("c" + street + pick("1", "2") + "/")
			if r.IntN(20) > 0 {
				path += scope.Path("k" + path.Last() + pick("1", "2", "3") + "/")
			}
		}
		c.place(path)
		c.Category, c.Kind, c.Urgency, c.Level = pick("lift", "lift", "dog", "lighting"), pick("complaint", "repair", "repair", "repair"), Normal, "simple"
		if r.IntN(10) == 0 {
			c.Urgency = pick("high", "urgent")
		}
		c.Channel = pick("phone", "phone", "phone", "qr", "qr", "hotline")
		if street == "350503002" && r.IntN(200) == 0 {
			c.Channel = "12345"
		}
		c.Created, c.Updated = db.Now(), now
		if r.IntN(10) == 0 {
			c.Created = c.Created.Add(-time.Duration(r.IntN(40*24)) * time.Hour)
		}
		c.State = course.Closed
		if r.IntN(4) == 0 {
			c.State = course.States[r.IntN(len(course.States))]
		}
		if c.Live = c.State.Live(); c.Live {
			c.Due = now.Add(time.Duration(r.IntN(96)-48)*time.Hour + 30*time.Minute)
			if c.State == course.Taken && r.IntN(3) == 0 {
				c.PausedUntil = now.Add(time.Hour)
			}
		}
		if c.State != course.Reported {
			c.HolderOrg = pick("o1", "o2", "o2", "")
			c.HolderPerson = pick("p1", "p2", "")
		}
		c.Confidential = r.IntN(50) == 0
		c.Words = things[r.IntN(len(things))]
		all = append(all, c)
		args := []any{}
		for _, x := range c.cells() {
			args = append(args, value(x.at))
		}
		if db.Engine == store.Postgres {
			args = append(args, quoted(c.tokens(), " "))
		}
		rows = append(rows, args)
	}
	clock.Set(now)
	for part := range slices.Chunk(rows, 500) {
		if err := db.Write(ctx, func(tx *store.Tx) error {
			_, err := store.Fill(ctx, tx, head+`) values`, "", part)
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := d.Index(ctx); err != nil {
		t.Fatal(err)
	}
	grant := func(post access.Post, paths ...scope.Path) access.Who {
		w := access.Who{Account: "a", Person: "p1"}
		for _, p := range paths {
			w.Grants = append(w.Grants, access.Grant{Post: post, Path: p, Org: map[access.Post]string{access.PropertyManager: "o1"}[post]})
		}
		return w
	}
	people := []access.Who{grant(access.DistrictOfficer, "350503"), grant(access.StreetOfficer, "350503001/"), grant(access.StreetOfficer, "350503002/"),
		grant(access.CommunityOfficer, "350503001/c3505030011/"), grant(access.PropertyManager, "350503001/c3505030011/kc35050300111/", "350503002/c3505030022/kc35050300222/")}
	sees := func(w access.Who, c row) bool {
		at := func(ps []scope.Path) bool {
			return slices.ContainsFunc(ps, func(p scope.Path) bool { return p.Covers(c.Path) })
		}
		return at(w.Paths(Secret)) || !c.Confidential && at(w.Paths(View))
	}
	fits := func(f Find, c row) bool {
		state := len(f.States) == 0
		for _, s := range f.States {
			state = state || s == string(c.State) || s == "live" && c.Live || s == "paused" && c.Live && c.State == course.Taken && c.PausedUntil > now
		}
		return state && f.Under.Covers(c.Path) && (f.Category == "" || f.Category == c.Category) && (f.Kind == "" || f.Kind == c.Kind) &&
			(f.Urgency == "" || f.Urgency == c.Urgency) && (f.Channel == "" || f.Channel == c.Channel) &&
			(f.Holder == "" || f.Holder == c.HolderOrg || f.Holder == c.HolderPerson) &&
			(!f.Overdue || c.Due > 0 && c.Due < now) && (f.From == 0 || c.Created >= f.From.Start(day.Shanghai)) && (f.To == 0 || c.Created <= f.To.End(day.Shanghai)) &&
			(f.Q == "" || holds(c.tokens(), asked(f.Q)))
	}
	some := 0
	for i := range 500 {
		var f Find
		if r.IntN(2) == 0 {
			f.States = [][]string{{"closed"}, {"live"}, {"paused"}, {"withdrawn"}, {"taken", "closed"}, {"live", "paused", "refused"}}[r.IntN(6)]
		}
		lot := func(into *string, l ...string) {
			if r.IntN(4) == 0 {
				*into = pick(l...)
			}
		}
		lot(&f.Category, "lift", "dog", "noise")
		lot(&f.Kind, "complaint", "repair", "help")
		lot(&f.Urgency, "normal", "high", "urgent")
		lot(&f.Channel, "phone", "hotline", "12345", "machine")
		lot(&f.Holder, "o1", "o2", "p1", "p2", "nobody")
		lot(&f.Q, "电梯", "石敢当", "没有人说过", "垃圾 路灯", "失灵 门禁")
		f.Overdue = r.IntN(8) == 0
		if r.IntN(4) == 0 {
			f.From = (now.Add(-time.Duration(r.IntN(100)) * 24 * time.Hour)).Day(day.Shanghai)
		}
		if r.IntN(4) == 0 {
			f.To = (now.Add(-time.Duration(r.IntN(100)) * 24 * time.Hour)).Day(day.Shanghai)
		}
		if r.IntN(4) == 0 {
			f.Under = scope.Path(pick("350503", "350503001/", "350503001/c3505030011/", "350503001/c3505030011/kc35050300112/"))
		}
		f.Limit = 1 + r.IntN(120)
		who := people[i%len(people)]
		var want []string
		for _, c := range all {
			if sees(who, c) && fits(f, c) {
				want = append(want, c.ID)
			}
		}
		slices.Reverse(want)
		if f.Overdue && f.Q == "" {
			due := map[string]day.Instant{}
			for _, c := range all {
				due[c.ID] = c.Due
			}
			slices.SortFunc(want, func(a, b string) int {
				if due[a] != due[b] {
					return int(due[a] - due[b])
				}
				return strings.Compare(a, b)
			})
		}
		p, err := d.List(ctx, who, f)
		if err == access.ErrMissing && len(want) == 0 {
			continue
		}
		if err != nil {
			t.Fatalf("%+v: %v", f, err)
		}
		if n := int64(len(want)); p.Count != min(n, most) || p.More != (n > most) {
			t.Fatalf("%s %+v: %d counted, more %v; there are %d", who.Grants[0].Path, f, p.Count, p.More, n)
		}
		var got []string
		for page := 0; page < 5; page++ {
			for _, c := range p.Items {
				got = append(got, c.ID)
			}
			if p.Next == "" {
				break
			}
			f.After = p.Next
			if p, err = d.List(ctx, who, f); err != nil {
				t.Fatal(err)
			}
		}
		if !slices.Equal(got, want[:min(len(want), 5*f.Limit)]) {
			for i := range got {
				if got[i] != want[i] {
					t.Fatalf("%s %+v: number %d of %d is %s, not %s", who.Grants[0].Path, f, i, len(got), got[i], want[i])
				}
			}
			t.Fatalf("%s %+v: %d listed, not the %d wanted or in another order", who.Grants[0].Path, f, len(got), min(len(want), 5*f.Limit))
		}
		if len(want) > 0 {
			some++
		}
	}
	if some < 100 {
		t.Errorf("only %d lists held anything", some)
	}
	for _, who := range people {
		sums := map[string]int64{}
		for _, c := range all {
			if sees(who, c) {
				sums[string(c.State)]++
				if c.Due > 0 && c.Due < now {
					sums["overdue"]++
				}
			}
		}
		counted, err := d.Counts(ctx, who, "", "")
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range counted {
			if c.N != min(sums[c.State], most) {
				t.Errorf("%s: %d %s counted, there are %d", who.Grants[0].Path, c.N, c.State, sums[c.State])
			}
		}
	}
}
