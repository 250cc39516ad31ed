package demo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"cuobian/basis/day"
	"cuobian/basis/yuan"
	"cuobian/platform/access"
	"cuobian/platform/store"
	"cuobian/rooms/committee"
	"cuobian/rooms/money"
	"cuobian/rooms/people"
	"cuobian/rooms/place"
)

const xihu = "西湖豪庭"

// Held are the accounts of 西湖豪庭, whose company is paid by quality out of the owners' money: company, committee, community and
// street each recompute its pay.
var Held = []Account{
	{Login: "xh-manager", Zh: "物业经理（西湖豪庭）", En: "property manager", post: access.PropertyManager},
	{Login: "xh-director", Zh: "业委会主任（西湖豪庭）", En: "committee director", post: access.CommitteeDirector},
	{Login: "xh-member", Zh: "业委会委员（西湖豪庭）", En: "committee member", post: access.CommitteeMember},
	{Login: "xh-community", Zh: "社区工作人员（北门社区）", En: "community officer", post: access.CommunityOfficer},
	{Login: "xh-street", Zh: "街道物管办（清源街道）", En: "street property office", post: access.StreetOfficer},
}

// heldCast are those who have a part in the money of 西湖豪庭.
type heldCast struct {
	n                          place.Node
	committee                  string
	manager, director, officer access.Who
	members                    []access.Who
}

// heldPeople gives 西湖豪庭 its company's manager, three more members of its committee, and the offices that look after it.
func (p Parts) heldPeople(ctx context.Context) (c heldCast, err error) {
	found, err := p.Map.CompoundsIn(ctx, p.DB, "350503")
	if err != nil {
		return c, err
	}
	for _, x := range found {
		if x.Name == xihu {
			c.n = x
		}
	}
	on := p.Clock.Now().Day(day.Shanghai)
	orgs, err := p.Register.OrgsAt(ctx, p.DB, c.n.Path, on, people.OwnersCommittee)
	if err != nil || len(orgs) != 1 {
		return c, errors.Join(err, errors.New(xihu+" has no committee"))
	}
	c.committee = orgs[0].ID
	contract, ok, err := p.Service.Serving(ctx, p.DB, c.n.Path, on)
	if err != nil || !ok {
		return c, errors.Join(err, errors.New(xihu+" has no contract"))
	}
	directors, err := p.Register.Holders(ctx, p.DB, c.n.Path, on, access.CommitteeDirector)
	if err != nil || len(directors) != 1 {
		return c, errors.Join(err, errors.New(xihu+" has no director"))
	}
	persons := map[access.Post]string{access.CommitteeDirector: directors[0].Person}
	var members []string
	if err := p.DB.Write(ctx, func(tx *store.Tx) error {
		m := &maker{Parts: p, ctx: ctx, tx: tx, names: &namer{n: 6000}}
		members = nil
		add := func(post access.Post, org string, at place.Node) {
			id := m.person(at.Path)
			m.term(post, id, org, at.Path, d("2024-01-05"), "")
			persons[post] = id
			if post == access.CommitteeMember {
				members = append(members, id)
			}
		}
		street, err := p.Map.At(ctx, tx, c.n.Path.Street())
		if err != nil {
			return err
		}
		community, err := p.Map.At(ctx, tx, c.n.Path.Parent())
		if err != nil {
			return err
		}
		add(access.PropertyManager, contract.Org, c.n)
		add(access.CommitteeMember, c.committee, c.n)
		add(access.CommitteeMember, c.committee, c.n)
		add(access.CommunityOfficer, "", community)
		add(access.StreetOfficer, "", street)
		if m.err != nil {
			return m.err
		}
		return p.Map.Demo(ctx, tx, c.n.Path.Street())
	}); err != nil {
		return c, err
	}
	hash, err := p.Accounts.Hash(ctx, Password)
	if err != nil {
		return c, err
	}
	for _, a := range Held {
		if _, err := p.Accounts.Make(ctx, access.System, access.NewAccount{Login: a.Login, Person: persons[a.post], Path: c.n.Path, Password: Password, Hashed: hash}); err != nil {
			return c, err
		}
	}
	for post, into := range map[access.Post]*access.Who{access.PropertyManager: &c.manager, access.CommitteeDirector: &c.director, access.CommunityOfficer: &c.officer} {
		if *into, err = p.hand(ctx, persons[post], "示例"); err != nil {
			return c, err
		}
	}
	for _, id := range append([]string{c.director.Person}, members...) {
		w, err := p.hand(ctx, id, "委员（示例）")
		if err != nil {
			return c, err
		}
		c.members = append(c.members, w)
	}
	return c, nil
}

// heldYears gives 西湖豪庭 the two years before its bills begin, with their budgets, closed: the accounts of the first are filed, those
// of the second wait; and this year's budget with what was spent until the bills begin.
func (p Parts) heldYears(ctx context.Context) error {
	defer p.Clock.Set(0)
	c, err := p.heldPeople(ctx)
	if err != nil {
		return err
	}
	first := day.MustParse(p.Clock.Now().Day(day.Shanghai).Month() + "-01").AddMonths(-5) // of the bills
	this := first.Year()
	at := func(on day.Day, hour int) { p.Clock.Set(on.Start(day.Shanghai).Add(time.Duration(hour) * time.Hour)) }
	lines := func(k int) []money.BudgetLine { // a year's plan
		grow := yuan.Amount(100 + 3*k)
		plan := []money.BudgetLine{{Account: "fees:spent:staff", Title: "人员费用", Amount: 31_200 * grow}, {Account: "fees:spent:cleaning", Title: "保洁", Amount: 9_600 * grow}, {Account: "fees:spent:energy", Title: "公共水电", Amount: 5_400 * grow},
			{Account: "fees:spent:repair", Title: "小修", Amount: 3_600 * grow}}
		if k == 2 { // this year the company is paid by quality
			plan = append(plan, money.BudgetLine{Account: "fees:spent:remuneration", Title: "物业酬金", Amount: 6_200 * grow})
		}
		return plan
	}
	for k := range 3 {
		year := this - 2 + k
		january := day.Date(year, 1, 9)
		texts := []string{fmt.Sprintf("通过 %d 年度物业服务资金预算。（示例）", year)}
		if k > 0 {
			texts = append(texts, fmt.Sprintf("同意 %d 年度人员费用超出预算的部分，原因是节日值守加班。（示例）", year-1))
		}
		if k == 2 {
			texts = append(texts, "通过下一年度物业服务资金预算草案。（示例）")
		}
		decisions, err := p.heldMeeting(ctx, c, january, texts)
		if err != nil {
			return err
		}
		for month := range 12 {
			on := day.Date(year, time.Month(month+1), 20)
			if on < first.Add(-25) {
				if err := p.heldMonth(ctx, c, on, k, at); err != nil {
					return err
				}
			}
			switch {
			case month == 0:
				at(january.Add(12), 9)
				if _, err := p.Till.PlanBudget(ctx, c.manager, c.n.ID, money.NewBudget{Year: year, Decision: decisions[0], Text: fmt.Sprintf("%d 年度物业服务资金预算（示例）", year), Lines: lines(k)}); err != nil {
					return err
				}
			case month == 1 && k == 1:
				at(day.Date(year, 2, 25), 10)
				if err := p.heldFiled(ctx, c, year-1, decisions[1]); err != nil {
					return err
				}
			}
		}
		if k < 2 {
			at(day.Date(year+1, 1, 8), 10)
			if _, err := p.Till.Close(ctx, c.manager, c.n.ID, day.Date(year, 12, 31)); err != nil {
				return err
			}
		}
	}
	return nil
}

// heldFiled agrees to what went over in a year and files its accounts.
func (p Parts) heldFiled(ctx context.Context, c heldCast, year int, decision string) error {
	list, err := p.Till.Budgets(ctx, c.manager, c.n.ID)
	if err != nil {
		return err
	}
	for _, b := range list {
		a, err := p.Till.AccountsOf(ctx, c.director, c.n.ID, b.ID)
		if err != nil {
			return err
		}
		if b.Year == year && a.Items[0].Needs {
			if _, err := p.Till.AgreeDeviation(ctx, c.director, c.n.ID, b.ID, 1, "", decision, "节日值守加班（示例）"); err != nil {
				return err
			}
		}
	}
	_, err = p.Till.FileAccounts(ctx, c.manager, c.n.ID, year, "")
	return err
}

// heldMonth is what a month brought and cost.
func (p Parts) heldMonth(ctx context.Context, c heldCast, on day.Day, k int, at func(day.Day, int)) error {
	at(on, 16)
	costs := []money.BudgetLine{{Account: "fees:spent:staff", Title: "人员工资", Amount: yuan.Amount(298_000 + 6_000*k)}, {Account: "fees:spent:cleaning", Title: "保洁", Amount: 79_500}, {Account: "fees:spent:energy", Title: "公共水电", Amount: yuan.Amount(41_000 + 700*(int(on)%7))}}
	if int(on)%3 == 0 {
		costs = append(costs, money.BudgetLine{Account: "fees:spent:repair", Title: "小修", Amount: 62_000})
	}
	if _, m, _ := on.Date(); m == 11 {
		costs = append(costs, money.BudgetLine{Account: "fees:spent:insurance", Title: "公众责任险", Amount: 118_000})
	}
	return p.DB.Write(ctx, func(tx *store.Tx) error {
		return p.Till.EnterHeld(ctx, tx, access.System, c.n, on, yuan.Amount(512_000+900*(int(on)%5)), costs, "law")
	})
}

// heldMeeting has the committee meet and decide on what is asked.
func (p Parts) heldMeeting(ctx context.Context, c heldCast, called day.Day, texts []string) (decisions []string, err error) {
	p.Clock.Set(called.Start(day.Shanghai).Add(9 * time.Hour))
	held := called.Add(9).Start(day.Shanghai).Add(19 * time.Hour)
	m, err := p.Chamber.CallMeeting(ctx, c.director, c.committee, committee.Calling{Title: "年度例会（示例）", Room: "小区架空层", Agenda: []string{"年度预算"}, Planned: held})
	if err != nil {
		return nil, err
	}
	p.Clock.Set(held.Add(5 * time.Minute))
	var present []string
	for _, w := range c.members {
		present = append(present, w.Person)
	}
	if _, err := p.Chamber.Attend(ctx, c.director, m.ID, present); err != nil {
		return nil, err
	}
	if _, err := p.Chamber.Hold(ctx, c.director, m.ID); err != nil {
		return nil, err
	}
	for _, text := range texts {
		x, err := p.Chamber.Decide(ctx, c.director, m.ID, text, "", "")
		if err != nil {
			return nil, err
		}
		for _, w := range c.members[:2] { // more than half
			if _, err := p.Chamber.Sign(ctx, w, x.ID, "agree"); err != nil {
				return nil, err
			}
		}
		decisions = append(decisions, "decisions/"+x.ID)
	}
	p.Clock.Set(held.Add(15 * time.Hour))
	_, err = p.Chamber.Minute(ctx, c.director, m.ID, "三名委员到会，决定均经签字通过。（示例）")
	return decisions, err
}
