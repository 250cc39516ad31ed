package demo

import (
	"context"
	"fmt"
	"runtime/debug"
	"slices"
	"sync/atomic"
	"time"

	"cuobian/basis/day"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/blob"
	"cuobian/platform/jobs"
	"cuobian/platform/store"
	"cuobian/rooms/assembly"
	"cuobian/rooms/cases"
	"cuobian/rooms/committee"
	"cuobian/rooms/money"
	"cuobian/rooms/people"
	"cuobian/rooms/place"
	"cuobian/rooms/service"
)

// Password and Code open every account of the demonstration; they are printed at its start.
const (
	Password = "lamp-bridge-harbour"
	Code     = "246810"
)

// Parts are the rooms that the demonstration is entered into.
type Parts struct {
	DB       *store.DB
	Map      *place.Map
	Register *people.Register
	Service  *service.Contracts
	Accounts *access.Accounts
	Desk     *cases.Desk
	Hall     *assembly.Hall
	Chamber  *committee.Chamber
	Till     *money.Till
	Blobs    *blob.Store
	Jobs     *jobs.Runner
	Logs     *audit.Logs
	Clock    *Clock
}

// Clock is the wall clock, set back while the past is entered. The zero clock is right.
type Clock struct{ shift, ahead atomic.Int64 }

// Ahead lets the clock go before the wall clock from here on, so that somebody sees what the days to come bring.
func (c *Clock) Ahead(d time.Duration) {
	c.ahead.Store(d.Microseconds())
	c.Set(0)
}

// Now tells the time.
func (c *Clock) Now() day.Instant {
	return store.Wall() + day.Instant(c.shift.Load())
}

// Set moves the clock so that it is now at; 0 sets it right.
func (c *Clock) Set(at day.Instant) {
	if at == 0 {
		c.shift.Store(c.ahead.Load())
		return
	}
	c.shift.Store(int64(at - store.Wall()))
}

// Account is one account to look around with.
type Account struct {
	Login, Phone string
	Zh, En       string
	post         access.Post
	person       string
	path         scope.Path
	org          string
}

// Accounts are one for each kind of person. A resident signs in by phone.
var Accounts = []Account{
	{Login: "district", Zh: "区住建（全区）", En: "district officer", post: access.DistrictOfficer},
	{Login: "street", Zh: "街道物管办", En: "street property office", post: access.StreetOfficer},
	{Login: "leader", Zh: "街道领导", En: "street leader", post: access.StreetLeader},
	{Login: "hotline", Zh: "专线话务员", En: "hotline operator", post: access.HotlineOperator},
	{Login: "community", Zh: "社区工作人员", En: "community officer", post: access.CommunityOfficer},
	{Login: "secretary", Zh: "社区书记", En: "community secretary", post: access.CommunitySecretary},
	{Login: "manager", Zh: "物业经理", En: "property manager", post: access.PropertyManager},
	{Login: "staff", Zh: "物业人员", En: "property staff", post: access.PropertyStaff},
	{Login: "grid", Zh: "网格员", En: "grid worker", post: access.GridWorker},
	{Login: "supervisor", Zh: "监督员", En: "supervisor", post: access.Supervisor},
	{Login: "director", Zh: "业委会主任", En: "committee director", post: access.CommitteeDirector},
	{Login: "auditor", Zh: "审计员", En: "auditor", post: access.Auditor},
	{Login: "sysadmin", Zh: "系统管理员", En: "system administrator", post: access.SystemAdmin},
	{Login: "secadmin", Zh: "安全管理员", En: "security administrator", post: access.SecurityAdmin},
	{Login: "auditadmin", Zh: "审计管理员", En: "audit administrator", post: access.AuditAdmin},
	{Phone: "13800000001", Zh: "居民（明鑫花苑）", En: "resident"},
}

// outsiders have a number on the register: a convener names scrutineers by name and number.
var outsiders = map[access.Post]string{access.Auditor: "13800000006", access.HotlineOperator: "13800000007"}

const (
	districtPath = scope.Path("350503")
	mingxin      = "明鑫花苑"
)

// Fill enters the demonstration into an empty store, or finds it there. The clock is right again when it returns.
func Fill(ctx context.Context, p Parts) ([]Account, error) {
	p.Accounts.UseCode(Code)
	defer p.Clock.Set(0)
	n, err := store.Count(ctx, p.DB, `select count(*) from place_v_node`)
	if err != nil || n > 0 {
		return slices.Concat(Accounts, Held), err
	}
	defer debug.SetGCPercent(debug.SetGCPercent(400)) // it is short: memory is cheaper than looking for free memory
	accounts := Accounts
	err = p.DB.Alone(ctx, func() (err error) {
		accounts, err = p.fill(ctx)
		return err
	})
	return accounts, err
}

func (p Parts) fill(ctx context.Context) ([]Account, error) {
	names := &namer{}
	var fengze *maker
	for _, fill := range []func(*maker){(*maker).donghu, (*maker).fengze, (*maker).qingyuan} {
		m := &maker{Parts: p, ctx: ctx, names: names}
		if err := p.DB.Write(ctx, func(tx *store.Tx) error {
			// On PostgreSQL a write may run again: it begins anew each time.
			*m = maker{Parts: p, ctx: ctx, tx: tx, names: &namer{n: names.n}}
			fill(m)
			if m.err != nil {
				return m.err
			}
			return p.Map.Demo(ctx, tx, m.street.Path)
		}); err != nil {
			return nil, fmt.Errorf("demo: %w", err)
		}
		names.n = m.names.n
		if m.street.Name == "丰泽街道" {
			fengze = m
		}
	}
	accounts, err := fengze.people(ctx)
	if err != nil {
		return nil, fmt.Errorf("demo: %w", err)
	}
	if err := fengze.committees(ctx, accounts); err != nil {
		return nil, fmt.Errorf("demo: committees: %w", err)
	}
	if err := p.past(ctx); err != nil {
		return nil, fmt.Errorf("demo: past matters: %w", err)
	}
	if err := p.live(ctx, accounts); err != nil {
		return nil, fmt.Errorf("demo: live matters: %w", err)
	}
	if err := p.assemblies(ctx, accounts); err != nil {
		return nil, fmt.Errorf("demo: assemblies: %w", err)
	}
	if err := p.heldYears(ctx); err != nil {
		return nil, fmt.Errorf("demo: what is held for owners: %w", err)
	}
	if err := p.fees(ctx); err != nil {
		return nil, fmt.Errorf("demo: fees: %w", err)
	}
	if err := p.publishing(ctx); err != nil {
		return nil, fmt.Errorf("demo: who publishes: %w", err)
	}
	if err := p.income(ctx, accounts); err != nil {
		return nil, fmt.Errorf("demo: public income: %w", err)
	}
	if err := p.bank(ctx); err != nil {
		return nil, fmt.Errorf("demo: bank: %w", err)
	}
	if err := p.works(ctx, accounts); err != nil {
		return nil, fmt.Errorf("demo: fund and works: %w", err)
	}
	return slices.Concat(Accounts, Held), nil
}

// people makes the accounts, with homes in 明鑫花苑 for the residents.
func (m *maker) people(ctx context.Context) ([]Account, error) {
	c := m.compounds[0]
	accounts := append([]Account(nil), Accounts...)
	if err := m.DB.Write(ctx, func(tx *store.Tx) error {
		m.tx, m.err = tx, nil
		serving, _, err := m.Service.Serving(ctx, tx, c.Path, d("2026-01-01"))
		if err != nil {
			return err
		}
		owners := m.homes(c, 3, 2, 6, "13800000001", "13800000002", "13800000003")
		if m.err != nil {
			return m.err
		}
		for i := range accounts {
			a := &accounts[i]
			if a.Phone != "" {
				a.person = owners[0]
				continue
			}
			switch a.post {
			case access.DistrictOfficer:
				a.path = districtPath
			case access.SystemAdmin, access.SecurityAdmin, access.AuditAdmin, access.Auditor:
				a.path = scope.Everywhere
			case access.CommunityOfficer, access.CommunitySecretary, access.GridWorker, access.Supervisor:
				a.path = c.Path.Parent()
			case access.PropertyManager, access.PropertyStaff:
				a.path, a.org = c.Path, serving.Org
			case access.CommitteeDirector:
				a.path = c.Path
			default:
				a.path = m.street.Path
			}
			if a.post == access.CommitteeDirector {
				a.person = owners[1] // committees() has him elected
				continue
			}
			var phones []string
			if n := outsiders[a.post]; n != "" {
				phones = []string{n}
			}
			a.person = m.person(a.path, phones...)
			m.term(a.post, a.person, a.org, a.path, d("2025-06-02"), "") // after the pages: these posts are not among their figures
		}
		return m.err
	}); err != nil {
		return nil, err
	}
	hash, err := m.Accounts.Hash(ctx, Password)
	if err != nil {
		return nil, err
	}
	for _, a := range accounts {
		if a.Phone != "" {
			continue
		}
		if _, err := m.Accounts.Make(ctx, access.System, access.NewAccount{Login: a.Login, Person: a.person, Path: a.path, Password: Password, Hashed: hash}); err != nil {
			return nil, err
		}
	}
	return accounts, nil
}

// committees enters the committee of 明鑫花苑 and formings of compounds without one.
func (m *maker) committees(ctx context.Context, accounts []Account) error {
	defer m.Clock.Set(0)
	var officer, helper, director string
	for _, a := range accounts {
		switch a.post {
		case access.StreetOfficer:
			officer = a.person
		case access.CommunityOfficer:
			helper = a.person
		case access.CommitteeDirector:
			director = a.person
		}
	}
	c := m.compounds[0]
	owners := map[string][]string{}
	rest := m.compounds[count("F06") : count("F06")+5]
	if err := m.DB.Write(ctx, func(tx *store.Tx) error {
		m.tx, m.err = tx, nil
		clear(owners)
		for _, x := range rest {
			owners[x.ID] = m.homes(x, 1, 1, 3)
		}
		owners[m.compounds[count("F06")-1].ID] = m.homes(m.compounds[count("F06")-1], 1, 1, 6)
		if m.err != nil {
			return m.err
		}
		return m.Map.Demo(ctx, tx, m.street.Path)
	}); err != nil {
		return err
	}
	buildings, err := m.Map.NodesIn(ctx, m.DB, c.Path, place.Building)
	if err != nil {
		return err
	}
	var at []scope.Path
	for _, b := range buildings {
		at = append(at, b.Path)
	}
	live, err := store.Texts(ctx, m.DB, `select person from people_v_title where path >= $1 and path < $2 order by path`, string(c.Path), string(c.Path)+"~")
	if err != nil {
		return err
	}
	m.set("2025-06-02T09:00")
	street, err := m.hand(ctx, officer, "街道物管办（示例）")
	if err != nil {
		return err
	}
	if err := m.elected(ctx, c, at, live, director, street); err != nil {
		return err
	}
	if err := m.reelected(ctx, m.compounds[count("F06")-1], owners[m.compounds[count("F06")-1].ID], street); err != nil {
		return err
	}
	return m.forming(ctx, rest, owners, street, helper)
}
