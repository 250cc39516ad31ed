package demo

import (
	"context"
	"fmt"

	"cuobian/basis/area"
	"cuobian/basis/day"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/store"
	"cuobian/rooms/people"
	"cuobian/rooms/place"
	"cuobian/rooms/service"
)

// The days of the pages.
var (
	March2025    = day.MustParse("2025-03-31")
	December2024 = day.MustParse("2024-12-19")
)

// maker enters one street in one write.
type maker struct {
	Parts
	ctx   context.Context
	tx    *store.Tx
	names *namer
	err   error

	street      place.Node
	communities []place.Node
	compounds   []place.Node
}

func (m *maker) fail(err error) bool {
	if m.err == nil {
		m.err = err
	}
	return m.err != nil
}

func (m *maker) begin(code, name string) {
	var err error
	m.street, err = m.Map.EnsureStreet(m.ctx, m.tx, audit.System, code, name)
	if m.fail(err) {
		return
	}
	for _, d := range place.Divisions(code) {
		n, _, err := m.Map.Ensure(m.ctx, m.tx, audit.System, m.street, place.Community, d.Name)
		if m.fail(err) {
			return
		}
		m.communities = append(m.communities, n)
	}
}

func (m *maker) community(short string) place.Node {
	for _, c := range m.communities {
		if place.Stem(c.Name) == place.Stem(short) || c.Name == short+"社区" {
			return c
		}
	}
	return m.communities[0]
}

func (m *maker) compound(in place.Node, name, kind string, delivered day.Day, households int64) place.Node {
	if m.err != nil {
		return place.Node{}
	}
	n, _, err := m.Map.Ensure(m.ctx, m.tx, audit.System, in, place.Compound, name)
	if m.fail(err) {
		return n
	}
	y := delivered.Year()
	m.fail(m.Map.SetCompound(m.ctx, m.tx, audit.System, n, place.CompoundFacts{Type: kind, BuiltYear: int64(y - 1), DeliveredOn: delivered,
		Buildings: -1, Units: -1, Households: households, ParkingSaid: -1, Remark: "示例数据"}, ""))
	m.compounds = append(m.compounds, n)
	return n
}

func (m *maker) person(at scope.Path, phones ...string) string {
	if m.err != nil {
		return ""
	}
	p, err := m.Register.Put(m.ctx, m.tx, audit.System, at, people.NewPerson{Name: m.names.next(), Phones: phones, Demo: true})
	m.fail(err)
	return p.ID
}

func (m *maker) org(kind people.OrgKind, name string, at scope.Path, founded day.Day) people.Org {
	if m.err != nil {
		return people.Org{}
	}
	o, err := m.Register.PutOrg(m.ctx, m.tx, audit.System, people.Org{Kind: kind, Name: name, Path: at, FoundedOn: founded, Demo: true})
	m.fail(err)
	return o
}

func (m *maker) term(post access.Post, person, org string, at scope.Path, from day.Day, party string) {
	if m.err != nil {
		return
	}
	_, err := m.Register.PutTerm(m.ctx, m.tx, audit.System, people.Term{Post: post, Person: person, Org: org, Path: at, From: from, Party: party})
	m.fail(err)
}

func (m *maker) serve(c place.Node, company string, mode service.Mode, since day.Day) {
	if m.err != nil {
		return
	}
	m.contract(c, company, mode, since, "lump_sum")
}

func (m *maker) contract(c place.Node, company string, mode service.Mode, since day.Day, pay string) {
	if company == "" {
		pay = ""
	}
	_, err := m.Service.Put(m.ctx, m.tx, audit.System, service.Contract{Compound: c.ID, Org: company, Mode: mode, From: since, Pay: pay})
	m.fail(err)
}

// spread deals n posts over places in turn, one new person each.
func (m *maker) spread(n int, post access.Post, org string, places []place.Node, from day.Day, party string) (persons []string) {
	for i := range n {
		at := places[i%len(places)].Path
		p := m.person(at)
		m.term(post, p, org, at, from, party)
		persons = append(persons, p)
	}
	return persons
}

// over gives each of the places to one of n new persons, as evenly as it goes: n persons, every place covered.
func (m *maker) over(n int, post access.Post, places []place.Node, from day.Day) {
	persons := make([]string, n)
	for i := range max(n, len(places)) {
		at := places[i%len(places)]
		k := i % n
		if persons[k] == "" {
			persons[k] = m.person(at.Path)
		}
		if i < len(places) || i < n {
			m.term(post, persons[k], "", at.Path, from, "member")
		}
	}
}

var kinds = []string{"商品房（普通）", "老旧小区", "安置房", "商品房（中高端）", "单位宿舍"}

func d(text string) day.Day { return day.MustParse(text) }

// fengze is 丰泽街道: 130 compounds, of which 123 were delivered twelve months before the page.
func (m *maker) fengze() {
	m.begin("350503002", "丰泽街道")
	if m.err != nil {
		return
	}
	lists := count("F14") // one problem list a compound
	old := count("F10")
	named := []struct{ name, community, kind string }{{"明鑫花苑", "源淮", "商品房（普通）"}, {"兴淮花苑", "源淮", "老旧小区"}, {"海关宿舍", "丰泽", "老旧小区"}}
	eligible := 123 // 121 committees are 98.37% of these alone
	for i := range lists {
		in := m.communities[i%len(m.communities)]
		name := fmt.Sprintf("%s示例小区%d号", place.Stem(in.Name), i/len(m.communities)+1)
		kind := kinds[i%len(kinds)]
		if i < len(named) {
			in, name, kind = m.community(named[i].community), named[i].name, named[i].kind
		} else if i <= old {
			kind = "老旧小区"
		} else if kind == "老旧小区" {
			kind = "商品房（普通）"
		}
		delivered := day.Date(1996+i%26, 1, 1).Add(17 * (i % 20))
		if i >= eligible {
			delivered = d("2024-06-01").Add(30 * (i - eligible))
		}
		m.compound(in, name, kind, delivered, int64(60+13*(i%17)))
	}
	if m.err != nil {
		return
	}
	for i := range count("F06") {
		m.org(people.OwnersCommittee, m.compounds[i].Name+"业主委员会", m.compounds[i].Path, d("2021-01-10").Add(i*12))
	}
	for i := range count("F03") {
		m.org(people.Branch, m.compounds[i].Name+"党支部", m.compounds[i].Path, d("2019-07-01").Add(i*20))
	}
	m.over(count("F02"), access.SectionCadre, m.compounds, d("2024-01-08"))
	zones := count("F01")
	for z := range zones {
		p := m.person(m.street.Path)
		for i, c := range m.communities {
			if i%zones == z {
				m.term(access.DivisionCadre, p, "", c.Path, d("2024-01-08"), "member")
			}
		}
	}
	m.spread(count("F04"), access.BuildingLead, "", m.compounds, d("2024-03-01"), "member")
	m.spread(count("F18"), access.Supervisor, "", m.communities, d("2024-05-06"), "")
	market, run, companies := count("F08"), count("F10"), count("F09")
	var firms, own []people.Org
	for i := range 26 {
		firms = append(firms, m.org(people.PropertyCompany, fmt.Sprintf("示例物业服务公司（%s）", string(rune('A'+i))), m.street.Path, d("2010-01-01")))
	}
	for i := range companies {
		c := m.communities[i%len(m.communities)]
		name := place.Stem(c.Name) + "社区领办物业（示例）"
		if i >= len(m.communities) {
			name = "丰泽街道自办物业（示例）"
		}
		own = append(own, m.org(people.PropertyCompany, name, m.street.Path, d("2023-06-01")))
	}
	// The old compounds come first: 兴淮花苑 and 海关宿舍 with those after them.
	k, n := 0, 0
	for i, c := range m.compounds {
		switch {
		case i >= 1 && n < run:
			m.serve(c, own[n%companies].ID, map[bool]service.Mode{true: service.StreetRun, false: service.CommunityRun}[n%companies >= len(m.communities)], d("2024-02-01").Add(n*7))
			n++
		case k < market:
			m.serve(c, firms[k%len(firms)].ID, service.Market, d("2022-01-01").Add(k*9))
			k++
		default:
			m.serve(c, "", service.SelfManaged, d("2020-01-01"))
		}
	}
}

// donghu is 东湖街道. Of its 95 committees the members of 44 are on record, 36 of them with a Party-member majority:
// 81.81% cannot be a share of 95.
func (m *maker) donghu() {
	m.begin("350503001", "东湖街道")
	if m.err != nil {
		return
	}
	committees, interim := count("F38"), 7
	named := []struct{ name, community, kind string }{{"太平洋花园", "铭湖", "商品房（中高端）"}, {"国际星城", "圣湖", "商品房（中高端）"}, {"东湖新村", "东湖", "安置房"}, {"尚园", "凤山", "商品房（普通）"}}
	for i := range committees + 5 {
		in := m.communities[i%len(m.communities)]
		name, kind := fmt.Sprintf("%s示例小区%d号", place.Stem(in.Name), i/len(m.communities)+1), kinds[(i+1)%len(kinds)]
		if i < len(named) {
			in, name, kind = m.community(named[i].community), named[i].name, named[i].kind
		}
		m.compound(in, name, kind, day.Date(1994+i%27, 3, 1).Add(11*(i%25)), int64(50+11*(i%19)))
	}
	branches, groups, shoulder := count("F34"), count("F35"), count("F37")
	recorded, red := 44, 36
	var secretaries []string
	for i := range branches {
		c := m.compounds[i]
		o := m.org(people.Branch, c.Name+"党支部", c.Path, d("2020-07-01").Add(i*25))
		p := m.person(c.Path)
		secretaries = append(secretaries, p)
		m.term(access.BranchSecretary, p, o.ID, c.Path, d("2024-01-10"), "member")
	}
	for i := range groups {
		c := m.compounds[i%branches]
		m.org(people.PartyGroup, fmt.Sprintf("%s第%d党小组", c.Name, i/branches+1), c.Path, d("2022-07-01").Add(i*6))
	}
	for i := range committees {
		c := m.compounds[i]
		kind, name, director, member := people.OwnersCommittee, "业主委员会", access.CommitteeDirector, access.CommitteeMember
		if i >= committees-interim {
			kind, name, director, member = people.InterimCommittee, "临时管理委员会", access.InterimDirector, access.InterimMember
		}
		o := m.org(kind, c.Name+name, c.Path, d("2021-05-01").Add(i*14))
		if i >= recorded {
			continue
		}
		from := max(o.FoundedOn, d("2024-03-01"))
		for j := range 5 {
			post, p, party := member, "", ""
			if j < 3 && i < red || j < 2 {
				party = "member"
			}
			if j == 0 {
				post = director
				if i < shoulder {
					p = secretaries[i]
				}
			}
			if p == "" {
				p = m.person(c.Path)
			}
			m.term(post, p, o.ID, c.Path, from, party)
		}
	}
	leads := count("F36")
	m.spread(leads-18, access.BuildingLead, "", m.compounds, d("2024-09-01"), "member")
	m.spread(18, access.LaneLead, "", m.communities, d("2024-09-01"), "member")
	for _, x := range []struct {
		figure string
		post   access.Post
	}{{"F40", access.SectionCadre}, {"F41", access.Judge}, {"F42", access.Police}, {"F43", access.GridWorker}} {
		m.over(count(x.figure), x.post, m.compounds, d("2024-10-08"))
	}
	// The street's own desk; how it took its past matters through is not in the pages.
	m.term(access.StreetOfficer, m.person(m.street.Path), "", m.street.Path, d("2024-01-08"), "")
	m.term(access.CommunityOfficer, m.person(m.street.Path), "", m.street.Path, d("2024-01-08"), "")
	m.term(access.CommunitySecretary, m.person(m.street.Path), "", m.street.Path, d("2024-01-08"), "")
	for i := range count("F51") {
		m.org(people.VolunteerTeam, m.compounds[i].Name+"志愿服务队", m.compounds[i].Path, d("2024-10-20").Add(i*3))
	}
	for i := range count("F60") {
		m.org(people.SupervisoryBoard, m.compounds[i].Name+map[bool]string{true: "监事会", false: "顾问组"}[i%2 == 0], m.compounds[i].Path, d("2024-11-01").Add(i*4))
	}
	// At least as many companies as have an account for public income (F53).
	var firms []people.Org
	for i := range count("F53") {
		name := "东湖示例物业服务公司"
		if i > 0 {
			name += fmt.Sprintf("（%d）", i+1)
		}
		firms = append(firms, m.org(people.PropertyCompany, name, m.street.Path, d("2012-01-01")))
	}
	k := 0
	for i, c := range m.compounds {
		if i%4 == 3 {
			m.serve(c, "", service.SelfManaged, d("2019-01-01"))
		} else {
			m.serve(c, firms[k%len(firms)].ID, service.Market, d("2021-01-01").Add(i*9))
			k++
		}
	}
}

// qingyuan is 清源街道 with the six compounds that its page tells of.
func (m *maker) qingyuan() {
	m.begin("350503004", "清源街道")
	if m.err != nil {
		return
	}
	firm := m.org(people.PropertyCompany, "清源示例物业服务公司", m.street.Path, d("2013-01-01"))
	for i, x := range []struct{ name, community, kind string }{{"西湖豪苑", "普明", "商品房（普通）"}, {"西湖豪庭", "北门", "商品房（中高端）"}, {"西湖印象", "西门", "商品房（中高端）"},
		{"普明电力宿舍", "普明", "老旧小区"}, {"邮电小区", "西宝", "老旧小区"}, {"新华小区", "环清", "老旧小区"}} {
		c := m.compound(m.community(x.community), x.name, x.kind, d("2002-05-01").Add(i*370), int64(80+30*i))
		o := m.org(people.OwnersCommittee, x.name+"业主委员会", c.Path, d("2022-03-01").Add(i*40))
		m.term(access.CommitteeDirector, m.person(c.Path), o.ID, c.Path, d("2024-01-05"), "member")
		if m.err != nil {
			return
		}
		pay := "lump_sum"
		if x.name == "西湖豪庭" {
			pay = "remuneration" // 酬金制
		}
		m.contract(c, firm.ID, service.Market, d("2022-06-01"), pay)
	}
}

// homes builds a compound's buildings with owners who live there, so that the roster and the doors have people in them.
func (m *maker) homes(c place.Node, buildings, units, floors int, phones ...string) (owners []string) {
	if m.err != nil {
		return nil
	}
	for b := 1; b <= buildings; b++ {
		building, _, err := m.Map.Ensure(m.ctx, m.tx, audit.System, c, place.Building, fmt.Sprintf("%d幢", b))
		if m.fail(err) {
			return nil
		}
		for u := 1; u <= units; u++ {
			unit, _, err := m.Map.Ensure(m.ctx, m.tx, audit.System, building, place.Unit, fmt.Sprintf("%d单元", u))
			if m.fail(err) {
				return nil
			}
			for f := 1; f <= floors; f++ {
				for r := 1; r <= 2; r++ {
					h, _, err := m.Map.Ensure(m.ctx, m.tx, audit.System, unit, place.Home, fmt.Sprintf("%d0%d", f, r))
					if m.fail(err) || m.fail(m.Map.SetHome(m.ctx, m.tx, audit.System, h, place.HomeFacts{Use: "dwelling", Floor: fmt.Sprint(f), Area: area.Area(8900 + 1350*int64(r) + 7*int64(f)),
						AreaSource: area.Registered, State: "delivered", StateSaid: true}, "")) {
						return nil
					}
					var phone []string
					if len(owners) < len(phones) {
						phone = phones[len(owners) : len(owners)+1]
					}
					p := m.person(c.Path, phone...)
					owners = append(owners, p)
					if m.fail(m.Register.SetOwners(m.ctx, m.tx, audit.System, h, []people.Owner{{Person: p}}, d("2015-06-01").Add(f*31))) {
						return nil
					}
					if _, err := m.Register.PutHousehold(m.ctx, m.tx, audit.System, h, people.Household{Person: p, Relation: "owner", From: d("2015-08-01")}); m.fail(err) {
						return nil
					}
				}
			}
		}
	}
	return owners
}
