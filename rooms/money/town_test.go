package money

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"cuobian/basis/area"
	"cuobian/basis/day"
	"cuobian/basis/scope"
	"cuobian/basis/yuan"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/blob"
	"cuobian/platform/jobs"
	"cuobian/platform/rules"
	"cuobian/platform/seal"
	"cuobian/platform/store"
	"cuobian/platform/store/storetest"
	"cuobian/rooms/assembly"
	"cuobian/rooms/cases"
	"cuobian/rooms/committee"
	"cuobian/rooms/duty"
	"cuobian/rooms/outreach"
	"cuobian/rooms/people"
	"cuobian/rooms/place"
	"cuobian/rooms/service"
)

var ctx = context.Background()

// town is an invented street with two compounds, each served by a company of its own: here (two buildings of three homes,
// 100.00 m² each, one owner each) and there beside it (one home). All names are invented.
type town struct {
	*Till
	t                 testing.TB
	db                *store.DB
	clock             *storetest.Clock
	ring              *seal.Ring
	reg               *people.Register
	m                 *place.Map
	run               *jobs.Runner
	logs              *audit.Logs
	stamps            *seal.Stamps
	street, community place.Node
	here, there       place.Node
	homes             []place.Node // of here: 1-101, 1-201, 1-301, 2-101, 2-201, 2-301
	owners            []string     // of here, one for each home
	neighbour         string       // owner of the home there
	one, two          people.Org   // companies that serve here and there
	committee         people.Org   // of here
}

func build(t testing.TB) *town {
	t.Helper()
	x := &town{t: t, clock: storetest.NewClock("2026-11-10T09:00:00+08:00")}
	x.db = storetest.Open(t, x.clock, seal.Schema(), audit.Schema(), jobs.Schema(), blob.Schema(), rules.Schema(), access.Schema(), place.Schema(), people.Schema(), service.Schema(), duty.Schema(), outreach.Schema(), cases.Schema(), assembly.Schema(), committee.Schema(), Schema())
	x.ring = seal.Memory()
	x.m = place.New(x.db)
	x.reg = people.New(x.db, x.ring, x.m)
	book, diary := rules.New(x.db), duty.New(x.db)
	office := outreach.New(x.db, x.ring)
	office.Holders = func(ctx context.Context, q store.Queryer, post access.Post, at scope.Path, org string) ([]string, error) {
		terms, err := x.reg.Holders(ctx, q, at, x.Today(), post)
		var out []string
		for _, t := range terms {
			if org == "" || t.Org == org {
				out = append(out, t.Person)
			}
		}
		return out, err
	}
	dir := t.TempDir()
	blobs, err := blob.New(x.db, x.ring, dir)
	x.ok(err)
	x.stamps = &seal.Stamps{DB: x.db, Ring: x.ring}
	x.run = jobs.New(x.db, jobs.Options{})
	pens := seal.NewPens(x.db, dir)
	x.logs = audit.NewLogs(x.db, pens, "test.example")
	hall := assembly.New(x.db, x.ring, assembly.Rooms{Rules: book, Map: x.m, Register: x.reg, Duty: diary, Office: office, Jobs: x.run, Blobs: blobs})
	hall.Log, hall.Pens = x.logs.Public, pens
	chamber := committee.New(x.db, committee.Rooms{Rules: book, Map: x.m, Register: x.reg, Duty: diary, Office: office, Stamps: x.stamps})
	contracts := service.New(x.db, x.reg)
	x.Till = New(x.db, Rooms{Rules: book, Map: x.m, Register: x.reg, Service: contracts, Duty: diary, Office: office, Hall: hall, Chamber: chamber, Stamps: x.stamps, Ring: x.ring, Blobs: blobs, Logs: x.logs, Jobs: x.run})
	x.Work(x.run)
	x.write(func(tx *store.Tx) (err error) {
		x.homes, x.owners = nil, nil
		if x.street, err = x.m.EnsureStreet(ctx, tx, audit.System, "350503001", ""); err != nil {
			return err
		}
		if x.community, _, err = x.m.Ensure(ctx, tx, audit.System, x.street, place.Community, "测试社区"); err != nil {
			return err
		}
		if x.here, _, err = x.m.Ensure(ctx, tx, audit.System, x.community, place.Compound, "样例花苑"); err != nil {
			return err
		}
		if x.there, _, err = x.m.Ensure(ctx, tx, audit.System, x.community, place.Compound, "样例新村"); err != nil {
			return err
		}
		for i := range 2 {
			b, _, err := x.m.Ensure(ctx, tx, audit.System, x.here, place.Building, fmt.Sprintf("%d幢", i+1))
			if err != nil {
				return err
			}
			for j := range 3 {
				h, p, err := x.home(tx, b, fmt.Sprintf("%d01", j+1), fmt.Sprintf("业主%d", i*3+j+1))
				if err != nil {
					return err
				}
				x.homes, x.owners = append(x.homes, h), append(x.owners, p)
			}
		}
		b, _, err := x.m.Ensure(ctx, tx, audit.System, x.there, place.Building, "1幢")
		if err != nil {
			return err
		}
		if _, x.neighbour, err = x.home(tx, b, "101", "邻居一"); err != nil {
			return err
		}
		for _, c := range []struct {
			org  *people.Org
			name string
			at   place.Node
		}{{&x.one, "甲物业", x.here}, {&x.two, "乙物业", x.there}} {
			if *c.org, err = x.reg.PutOrg(ctx, tx, audit.System, people.Org{Kind: people.PropertyCompany, Name: c.name, Path: x.street.Path}); err != nil {
				return err
			}
			if _, err = contracts.Put(ctx, tx, audit.System, service.Contract{Compound: c.at.ID, Org: c.org.ID, Mode: service.Market, Pay: "remuneration", From: day.MustParse("2024-01-01")}); err != nil {
				return err
			}
		}
		x.committee, err = x.reg.PutOrg(ctx, tx, audit.System, people.Org{Kind: people.OwnersCommittee, Name: "样例花苑业委会", Path: x.here.Path})
		return err
	})
	return x
}

func (x *town) home(tx *store.Tx, b place.Node, name, owner string) (place.Node, string, error) {
	h, _, err := x.m.Ensure(ctx, tx, audit.System, b, place.Home, name)
	if err != nil {
		return h, "", err
	}
	from := day.MustParse("2020-10-01")
	if err := x.m.SetHome(ctx, tx, audit.System, h, place.HomeFacts{Use: "dwelling", Area: 10000, AreaSource: area.Registered, State: "delivered", StateSaid: true, DeliveredOn: from}, ""); err != nil {
		return h, "", err
	}
	p, err := x.reg.Put(ctx, tx, audit.System, h.Path, people.NewPerson{Name: owner})
	if err != nil {
		return h, "", err
	}
	if err := x.reg.SetOwners(ctx, tx, audit.System, h, []people.Owner{{Person: p.ID}}, from); err != nil {
		return h, "", err
	}
	_, err = x.reg.PutHousehold(ctx, tx, audit.System, h, people.Household{Person: p.ID, Relation: "owner", From: from})
	return h, p.ID, err
}

func (x *town) write(fn func(tx *store.Tx) error) {
	x.t.Helper()
	x.ok(x.db.Write(ctx, fn))
}

// refuses runs a write that must be refused with want.
func (x *town) refuses(want error, fn func(tx *store.Tx) error) {
	x.t.Helper()
	x.refused(x.db.Write(ctx, fn), want)
}

func (x *town) ok(err error) {
	x.t.Helper()
	if err != nil {
		x.t.Fatal(err)
	}
}

func (x *town) refused(err, want error) {
	x.t.Helper()
	if !errors.Is(err, want) {
		x.t.Fatalf("got %v, want %v", err, want)
	}
}

// as is somebody with a post at a place; org may be "".
func (x *town) as(person string, post access.Post, at scope.Path, org string) access.Who {
	return access.Who{Account: "a-" + person, Person: person, Lang: "zh", Grants: []access.Grant{{Post: post, Path: at, Org: org}}}
}

func (x *town) manager() access.Who {
	return x.as("manager", access.PropertyManager, x.here.Path, x.one.ID)
}
func (x *town) cashier() access.Who {
	return x.as("cashier", access.PropertyStaff, x.here.Path, x.one.ID)
}
func (x *town) director() access.Who {
	return x.as(x.owners[0], access.CommitteeDirector, x.here.Path, x.committee.ID)
}
func (x *town) member(n int) access.Who {
	return x.as(x.owners[n], access.CommitteeMember, x.here.Path, x.committee.ID)
}
func (x *town) officer() access.Who {
	return x.as("officer", access.CommunityOfficer, x.community.Path, "")
}
func (x *town) office() access.Who {
	return x.as("office", access.StreetOfficer, x.street.Path, "")
}
func (x *town) owner(n int) access.Who {
	return x.as(x.owners[n], access.Resident, x.homes[n].Path, "")
}

// strangers are those whom every operation of the books of here must refuse: nobody, the neighbours' manager and director,
// a company that serves elsewhere with a post here, and a worker whose post is not for money.
func (x *town) strangers() map[string]access.Who {
	return map[string]access.Who{
		"nobody":                         {},
		"somebody without a post":        {Account: "a-x", Person: "x"},
		"the neighbours' manager":        x.as("m2", access.PropertyManager, x.there.Path, x.two.ID),
		"the neighbours' director":       x.as(x.neighbour, access.CommitteeDirector, x.there.Path, ""),
		"a company that does not serve":  x.as("m3", access.PropertyManager, x.here.Path, x.two.ID),
		"a grid worker (no such action)": x.as("g", access.GridWorker, x.here.Path, ""),
	}
}

func (x *town) to(at string) {
	i, err := day.ParseInstant(at + ":00+08:00")
	x.ok(err)
	x.clock.Set(i)
}

// book is the books of here, begun.
func (x *town) begun(n place.Node) (b Book) {
	x.t.Helper()
	x.write(func(tx *store.Tx) (err error) {
		b, err = x.begin(ctx, tx, n)
		return err
	})
	return b
}

func (x *town) shows(compound, account string, want yuan.Amount) {
	x.t.Helper()
	got, err := x.balance(ctx, x.db, compound, account)
	x.ok(err)
	if got != want {
		x.t.Fatalf("%s shows %s, want %s", account, got, want)
	}
}

// zero fails unless all accounts of all books add up to zero.
func (x *town) zero() {
	x.t.Helper()
	n, err := store.Count(ctx, x.db, `select cast(coalesce(sum(amount), 0) as bigint) from money_leg`)
	x.ok(err)
	if n != 0 {
		x.t.Fatal("the sum of all accounts is", n)
	}
}
