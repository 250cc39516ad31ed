package committee

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"cuobian/basis/day"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/jobs"
	"cuobian/platform/store"
	"cuobian/rooms/outreach"
	"cuobian/rooms/people"
)

// Work names the timers: the alarms of R22 and memberships that end by themselves, once a day; matters of the zones
// every five minutes.
func (c *Chamber) Work(run *jobs.Runner) {
	c.Listen(run)
	run.Every("committee.watch", 24*time.Hour, func(ctx context.Context) error {
		_, err := c.Watch(ctx)
		return err
	})
	run.Every("committee.zones", 5*time.Minute, func(ctx context.Context) error {
		_, err := c.TellZones(ctx)
		return err
	})
}

// Watch owes the re-election of every committee whose term ends within the months of R22 (by the director; by the
// community once the term is over), and ends memberships of owners who own no more. It says how many it touched.
func (c *Chamber) Watch(ctx context.Context) (n int, err error) {
	today := c.Today()
	// A generous reach: the preset of each place decides below.
	orgs, err := store.Texts(ctx, c.db, `select id from people_v_org where kind in ('owners_committee', 'interim_committee') and founded_on <= $1 and (ended_on = '' or ended_on >= $1) and to_day <> '' and to_day <= $2 order by id`, today, today.AddMonths(12))
	if err != nil {
		return 0, err
	}
	for _, id := range orgs {
		did, err := c.alarm(ctx, id)
		if err != nil {
			return n, err
		}
		n += did
	}
	// Who had a title here that ended, and has none now. Somebody who never had one on record stays: the roster may lack it.
	gone, err := store.All(ctx, c.db, func(r *sql.Rows) (x [2]string, err error) {
		err = r.Scan(&x[0], &x[1])
		return x, err
	}, `select distinct t.org, t.person from people_v_term t
where t.org <> '' and t.post in ('committee_director', 'committee_member') and t.from_day <= $1 and (t.to_day = '' or t.to_day >= $1)
and exists (select 1 from people_v_title o where o.person = t.person and o.path >= t.path and o.path < t.path || '~' and o.to_day <> '' and o.to_day < $1)
and not exists (select 1 from people_v_title o where o.person = t.person and o.path >= t.path and o.path < t.path || '~' and (o.to_day = '' or o.to_day >= $1)) order by 1, 2`, today)
	if err != nil {
		return n, err
	}
	for _, x := range gone {
		if err := c.db.Write(ctx, func(tx *store.Tx) error {
			b, err := c.body(ctx, tx, x[0], today)
			if err != nil || !slices.Contains(b.all, x[1]) {
				return err
			}
			return c.leave(ctx, tx, access.System, Form, b, x[1], "no_longer_owner", "名册记录其已不再是本小区业主")
		}); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// alarm owes one committee's re-election when its time has come.
func (c *Chamber) alarm(ctx context.Context, org string) (n int, err error) {
	err = c.db.Write(ctx, func(tx *store.Tx) error {
		n = 0
		b, err := c.body(ctx, tx, org, today(tx))
		if err != nil {
			return err
		}
		if !b.o.To.Sound() || b.o.To.AddMonths(-b.p.ReelectMonths) > today(tx) {
			return nil
		}
		ref := "committees/" + org
		// Once a term of office: a re-election that was begun, or this alarm before, is enough.
		had, err := store.Count(ctx, tx, `select (select count(*) from committee_due where ref = $1 and kind = $2) + (select count(*) from committee_forming where former = $3 and closed = 0)`, ref, dutyReelect, org)
		if err != nil || had > 0 {
			return err
		}
		by := holder{post: access.CommitteeDirector, org: org}
		switch {
		case b.o.Kind == people.InterimCommittee:
			by = holder{post: access.CommunityOfficer}
		case b.director == "" || b.o.To < today(tx):
			by = holder{post: access.CommunityOfficer}
		}
		due := max(b.o.To, today(tx))
		n = 1
		if err := c.owe(ctx, tx, dutyReelect, ref, fmt.Sprintf("启动换届：任期 %s 届满（R22）", b.o.To), fmt.Sprintf("begin the re-election: the term ends on %s (R22)", b.o.To), b.o.Path, by, day.Due{At: due.End(day.Shanghai)}); err != nil {
			return err
		}
		return c.tell(ctx, tx, b.o.Path, ref, "委员会即将届满", "The committee's term ends soon", b.o.Name+"任期至 "+b.o.To.String()+"，请启动换届并报告街道。", "The term ends on "+b.o.To.String()+"; begin the re-election and report to the street.",
			outreach.To{Post: access.CommitteeDirector, Org: org}, outreach.To{Post: access.CommunityOfficer})
	})
	return n, err
}

// MyBuildings is a member's own part of the compound with its open matters.
type MyBuildings struct {
	Org       string        `json:"org"`
	Committee string        `json:"committee"`
	Path      scope.Path    `json:"path"`
	Post      access.Post   `json:"post"`
	Zone      string        `json:"zone" doc:"empty: no zone on record, the whole compound"`
	Buildings []NamedPlace  `json:"buildings"`
	Open      int64         `json:"open"`
	Overdue   int64         `json:"overdue"`
	Closed    int64         `json:"closed_month" doc:"closed in the last 30 days"`
	Matters   []ZoneMatter  `json:"matters" doc:"open ones, soonest deadline first, up to 200"`
	More      bool          `json:"more"`
	Members   []people.Term `json:"members" doc:"who else is of this zone"`
}

// NamedPlace is a place with its name.
type NamedPlace struct {
	Path scope.Path `json:"path"`
	Name string     `json:"name"`
}

// ZoneMatter is one matter of a zone, as its member sees it: no reporter, no words.
type ZoneMatter struct {
	ID       string      `json:"id"`
	Number   string      `json:"number"`
	Path     scope.Path  `json:"path"`
	Place    string      `json:"place"`
	Category string      `json:"category"`
	Kind     string      `json:"kind"`
	Urgency  string      `json:"urgency"`
	State    string      `json:"state"`
	Created  day.Instant `json:"created"`
	Due      day.Instant `json:"due"`
	Overdue  bool        `json:"overdue"`
}

// zoneTerms are the seats of a person in committees today, with the buildings each answers for.
func (c *Chamber) zoneTerms(ctx context.Context, q store.Queryer, person string) (out []MyBuildings, err error) {
	terms, err := c.on.Register.Terms(ctx, q, people.TermFind{Person: person, On: c.Today(), Posts: sitting})
	if err != nil {
		return nil, err
	}
	for _, t := range terms {
		if t.Org == "" {
			continue
		}
		o, err := c.on.Register.Org(ctx, q, t.Org)
		if err != nil {
			return nil, err
		}
		m := MyBuildings{Org: t.Org, Committee: o.Name, Path: o.Path, Post: t.Post, Zone: t.Zone, Buildings: []NamedPlace{}, Matters: []ZoneMatter{}, Members: []people.Term{}}
		zones, err := zonesOf(ctx, q, t.Org)
		if err != nil {
			return nil, err
		}
		at := []scope.Path{o.Path}
		for _, z := range zones {
			if z.Name == t.Zone && t.Zone != "" {
				at = z.Buildings
			}
		}
		known, err := c.on.Map.Names(ctx, q, at...)
		if err != nil {
			return nil, err
		}
		for _, p := range at {
			m.Buildings = append(m.Buildings, NamedPlace{p, known[p]})
		}
		all, err := c.terms(ctx, q, t.Org, c.Today())
		if err != nil {
			return nil, err
		}
		for _, x := range all {
			if x.Zone == t.Zone && x.Person != person && x.Post != access.CommitteeAlternate {
				m.Members = append(m.Members, x)
			}
		}
		out = append(out, m)
	}
	return out, nil
}

func (m MyBuildings) paths() (out []scope.Path) {
	for _, b := range m.Buildings {
		out = append(out, b.Path)
	}
	return out
}

// Mine is what a member's buildings need: the open matters there, confidential ones apart (they are not told).
func (c *Chamber) Mine(ctx context.Context, who access.Who) (out []MyBuildings, err error) {
	if err := person(who); err != nil {
		return nil, err
	}
	out = []MyBuildings{}
	err = c.db.View(ctx, func(q store.Queryer) error {
		seats, err := c.zoneTerms(ctx, q, who.Person)
		if err != nil {
			return err
		}
		now := c.db.Now()
		for _, m := range seats {
			where, args := scope.Where("path", 1, m.paths()...)
			where += ` and merged_into = '' and confidential = false`
			n := len(args)
			if err := q.QueryRow(ctx, `select coalesce(sum(case when closed = 0 then 1 else 0 end), 0), coalesce(sum(case when closed = 0 and resolve_due > 0 and resolve_due < `+fmt.Sprintf("$%d", n+1)+` then 1 else 0 end), 0),
coalesce(sum(case when closed >= `+fmt.Sprintf("$%d", n+2)+` then 1 else 0 end), 0) from cases_v_case where `+where, append(slices.Clone(args), int64(now), int64(now.Add(-30*24*time.Hour)))...).Scan(&m.Open, &m.Overdue, &m.Closed); err != nil {
				return err
			}
			if m.Matters, err = store.All(ctx, q, func(r *sql.Rows) (x ZoneMatter, err error) {
				err = r.Scan(&x.ID, &x.Number, &x.Path, &x.Category, &x.Kind, &x.Urgency, &x.State, &x.Created, &x.Due)
				x.Overdue = x.Due != 0 && x.Due < now
				return x, err
			}, `select id, number, path, category, kind, urgency, state, created, resolve_due from cases_v_case where `+where+` and closed = 0 order by resolve_due, id limit 201`, args...); err != nil {
				return err
			}
			if m.Matters == nil {
				m.Matters = []ZoneMatter{}
			}
			if m.More = len(m.Matters) > 200; m.More {
				m.Matters = m.Matters[:200]
			}
			var at []scope.Path
			for _, x := range m.Matters {
				at = append(at, x.Path)
			}
			words, err := c.on.Map.WordsFor(ctx, q, at...)
			if err != nil {
				return err
			}
			for i := range m.Matters {
				m.Matters[i].Place = words[m.Matters[i].Path]
			}
			out = append(out, m)
		}
		return nil
	})
	return out, err
}

// TellZones tells members of the matters that came since the last time in their zones, each once.
func (c *Chamber) TellZones(ctx context.Context) (told int, err error) {
	type zone struct {
		org, name string
		at        []scope.Path
		path      scope.Path
		told      day.Instant
	}
	zones, err := store.All(ctx, c.db, func(r *sql.Rows) (z zone, err error) {
		var b string
		if err = r.Scan(&z.org, &z.name, &b, &z.told, &z.path); err == nil {
			err = json.Unmarshal([]byte(b), &z.at)
		}
		return z, err
	}, `select z.org, z.name, z.buildings, z.told, o.path from committee_zone z join people_v_org o on o.id = z.org where o.ended_on = '' order by z.org, z.no`)
	if err != nil {
		return 0, err
	}
	for _, z := range zones {
		if len(z.at) == 0 {
			continue
		}
		where, args := scope.Where("path", 1, z.at...)
		// Ten minutes of overlap: a matter written beside the last look is not lost, and nobody is told twice.
		since := z.told.Add(-10 * time.Minute)
		fresh, err := store.All(ctx, c.db, func(r *sql.Rows) (x ZoneMatter, err error) {
			err = r.Scan(&x.ID, &x.Number, &x.Path, &x.Created)
			return x, err
		}, `select id, number, path, created from cases_v_case where `+where+fmt.Sprintf(` and created >= $%d and merged_into = '' and confidential = false
and not exists (select 1 from committee_told t where t.matter = cases_v_case.id) order by created, id limit 500`, len(args)+1), append(args, int64(since))...)
		if err != nil {
			return told, err
		}
		if len(fresh) == 0 {
			continue
		}
		n := 0
		if err := c.db.Write(ctx, func(tx *store.Tx) error {
			n = 0
			terms, err := c.terms(ctx, tx, z.org, today(tx))
			if err != nil {
				return err
			}
			for _, t := range terms {
				if t.Zone != z.name || t.Post == access.CommitteeAlternate {
					continue
				}
				for _, x := range fresh {
					if x.Created < t.From.Start(day.Shanghai) {
						continue
					}
					new, err := tx.Exec(ctx, `insert into committee_told (matter, person, at) values ($1, $2, $3) on conflict (matter, person) do nothing`, x.ID, t.Person, int64(tx.Now))
					if err != nil {
						return err
					}
					if new == 0 {
						continue
					}
					where, err := c.words(ctx, tx, x.Path)
					if err != nil {
						return err
					}
					n++
					if err := c.tell(ctx, tx, x.Path, "cases/"+x.ID, "您的楼栋有新事项", "A new matter in your buildings", strings.TrimSpace(where+" "+x.Number), strings.TrimSpace(where+" "+x.Number), outreach.To{Person: t.Person}); err != nil {
						return err
					}
				}
			}
			if n == 0 && fresh[len(fresh)-1].Created <= z.told {
				return nil
			}
			_, err = tx.Exec(ctx, `update committee_zone set told = $1 where org = $2 and name = $3`, int64(fresh[len(fresh)-1].Created), z.org, z.name)
			return err
		}); err != nil {
			return told, err
		}
		told += n
	}
	return told, nil
}
