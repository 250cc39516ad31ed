package demo

import (
	"context"
	"fmt"
	"slices"
	"time"

	"cuobian/basis/day"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/store"
	"cuobian/rooms/assembly"
	"cuobian/rooms/assembly/tally"
	"cuobian/rooms/place"
)

// xinghuai is where the finished election was held. NeighbourPhone is of an owner there, in the zone that elects once more,
// VoterPhone of one where the provisional list has hung.
const (
	xinghuai       = "兴淮花苑"
	NeighbourPhone = "13800000004"
	VoterPhone     = "13800000005"
)

// elections holds three: in 兴淮花苑 one by constituency that is finished, with an alternate, a tie and an empty seat; there
// again the by-election for that seat, at nomination, one co-signature short; and in a third compound one whose provisional
// list has hung, with an objection that waits for its answer.
func (p Parts) elections(ctx context.Context, at map[access.Post]string, today day.Day) error {
	officer, err := p.hand(ctx, at[access.CommunityOfficer], "社区工作人员（示例）")
	if err != nil {
		return err
	}
	street, err := p.hand(ctx, at[access.StreetOfficer], "街道物管办（示例）")
	if err != nil {
		return err
	}
	var one place.Node
	var other place.Node
	var path scope.Path
	if err := p.DB.QueryRow(ctx, `select path from place_v_node where kind = 'compound' and name = $1`, xinghuai).Scan(&path); err != nil {
		return err
	}
	all, err := p.Map.NodesIn(ctx, p.DB, path.Parent(), place.Compound)
	if err != nil {
		return err
	}
	for _, n := range all {
		switch {
		case n.Path == path:
			one = n
		case n.Name != mingxin && other.ID == "":
			other = n
		}
	}
	n, err := store.Count(ctx, p.DB, `select count(*) from people_v_person`)
	if err != nil {
		return err
	}
	p.Clock.Set(today.Add(-70).Start(day.Shanghai).Add(9 * time.Hour))
	m := &maker{}
	var few []string
	if err := p.DB.Write(ctx, func(tx *store.Tx) error {
		*m = maker{Parts: p, ctx: ctx, tx: tx, names: &namer{n: int(n)}}
		m.homes(one, 5, 1, 6, NeighbourPhone)
		few = m.homes(other, 5, 1, 2, VoterPhone)
		if m.err != nil {
			return m.err
		}
		return p.Map.Demo(ctx, tx, one.Path.Parent())
	}); err != nil {
		return err
	}
	phones, err := p.phones(ctx, one.Path)
	if err != nil {
		return err
	}
	if err := p.finished(ctx, officer, at, phones, one, today); err != nil {
		return fmt.Errorf("the finished election: %w", err)
	}
	if err := p.nominating(ctx, officer, phones, one, today); err != nil {
		return fmt.Errorf("the by-election: %w", err)
	}
	if err := p.hanging(ctx, street, at, few, other, today); err != nil {
		return fmt.Errorf("the provisional list: %w", err)
	}
	return nil
}

// stand is somebody put forward: the owner by number, the zone, by whom, and what is said.
type stand struct {
	zone, owner      int
	by, party, words string
}

// listed drafts an election of five members in three zones, and takes it to its notice with everybody examined.
func (p Parts) listed(ctx context.Context, who access.Who, at map[access.Post]string, c place.Node, convener, title string, plan assembly.Plan, carve [][]int, stands []stand, owners []string) (m assembly.Meeting, zones []assembly.Zone, candidates []assembly.Candidate, err error) {
	buildings, err := p.Map.NodesIn(ctx, p.DB, c.Path, place.Building)
	if err != nil {
		return m, nil, nil, err
	}
	if m, err = p.Hall.Draft(ctx, who, assembly.Drafting{Compound: c.ID, Title: title, Purpose: "election", Convener: convener, Counts: "last", Channels: []string{"door", "paper", "phone"}, Plan: plan}); err != nil {
		return m, nil, nil, err
	}
	for i, in := range carve {
		z := assembly.Zone{Name: fmt.Sprintf("第%d选区", i+1)}
		for _, b := range in {
			z.Buildings = append(z.Buildings, buildings[b-1].Path)
		}
		zones = append(zones, z)
	}
	if _, err = p.Hall.SetElection(ctx, who, m.ID, assembly.Electing{Seats: 5, Weight: "heads", Zones: zones}); err != nil {
		return m, nil, nil, err
	}
	if _, err = p.Hall.PostRoll(ctx, who, m.ID, 0); err != nil {
		return m, nil, nil, err
	}
	for _, s := range stands {
		x, err := p.Hall.Nominate(ctx, who, m.ID, assembly.Nomination{Zone: zones[s.zone].Name, Person: owners[s.owner], By: s.by, Party: s.party, Statement: s.words})
		if err != nil {
			return m, nil, nil, err
		}
		if _, err := p.Hall.Examine(ctx, who, m.ID, x.ID, true, nil, ""); err != nil {
			return m, nil, nil, err
		}
		candidates = append(candidates, x)
	}
	for _, post := range []access.Post{access.Auditor, access.HotlineOperator} {
		if _, err := p.Hall.Join(ctx, who, m.ID, assembly.Joining{Person: at[post], Role: assembly.Scrutineer}); err != nil {
			return m, nil, nil, err
		}
		s, err := p.hand(ctx, at[post], "监票人（示例）")
		if err != nil {
			return m, nil, nil, err
		}
		if _, err := p.Hall.Swear(ctx, s, m.ID); err != nil {
			return m, nil, nil, err
		}
	}
	m, err = p.Hall.GiveNotice(ctx, who, m.ID, 0, nil)
	return m, zones, candidates, err
}

// finished is the whole way. Zone 1 elects two and has an alternate; in zone 2 two are equal for the second seat by heads and
// by area, which a run-off settles; nobody of zone 3 passes, so that its seat stays empty.
func (p Parts) finished(ctx context.Context, officer access.Who, at map[access.Post]string, phones []device, c place.Node, today day.Day) error {
	from := today.Add(-62)
	p.Clock.Set(from.Start(day.Shanghai).Add(9 * time.Hour))
	var owners []string
	for _, d := range phones {
		owners = append(owners, d.who.Person)
	}
	m, _, _, err := p.listed(ctx, officer, at, c, "community", "业主委员会换届选举", assembly.Plan{RollOn: from}, [][]int{{2, 3}, {4, 5}, {1}}, []stand{
		{0, 12, "party", "member", "退休教师，楼里多年的热心人，愿意把公共收益的账一笔一笔讲清楚。（示例）"},
		{0, 17, "community", "", "做过工程监理，盯得住外墙和水管的维修。（示例）"},
		{0, 26, "community", "", "在社区当过志愿者，时间充裕。（示例）"},
		{1, 36, "party", "member", "会计，愿意管账，每季度公布一次。（示例）"},
		{1, 41, "community", "", "电工，消防和照明的事可以找我。（示例）"},
		{1, 49, "community", "", "做物流的，熟悉停车和快递的安排。（示例）"},
		{2, 3, "community", "", "开过小店，会跟人打交道。（示例）"},
		{2, 8, "party", "", "愿意为老年人跑腿。（示例）"},
	}, owners)
	if err != nil {
		return err
	}
	if _, err := p.Hall.ProvisionalList(ctx, officer, m.ID); err != nil {
		return err
	}
	p.Clock.Set(from.Add(8).Start(day.Shanghai).Add(9 * time.Hour))
	if _, err := p.Hall.FinalList(ctx, officer, m.ID); err != nil {
		return err
	}
	// Ten of each building's twelve vote. Building and number of each owner follow from the order of the homes.
	agrees := func(i, no int) bool {
		b, j := i/12+1, i%12
		switch no {
		case 1:
			return b <= 4
		case 2:
			return b <= 3 || b == 4 && j < 5
		case 3:
			return b >= 3
		case 4:
			return b != 1
		case 5:
			return b <= 3
		case 6:
			return b >= 3
		case 7:
			return b <= 2 || b == 3 && j < 4
		}
		return b == 1 || b == 5
	}
	voted := 0
	for i, d := range phones {
		if i%12 >= 10 {
			continue
		}
		p.Clock.Set(m.Opens.Add(9*time.Hour + time.Duration(i)*61*time.Minute))
		if voted++; voted == 1 {
			if err := p.tick(ctx); err != nil {
				return err
			}
		}
		if err := p.cast(ctx, d, m.ID, func(no int) tally.Choice {
			switch {
			case agrees(i, no):
				return tally.Agree
			case (i+no)%4 == 0:
				return tally.Abstain
			}
			return tally.Against
		}); err != nil {
			return err
		}
	}
	p.Clock.Set(m.Closes.Add(9 * time.Hour))
	if err := p.tick(ctx); err != nil {
		return err
	}
	if _, err := p.Hall.Post(ctx, officer, m.ID); err != nil {
		return err
	}
	p.Clock.Set(m.PrelimUntil.Add(1).Start(day.Shanghai).Add(9 * time.Hour))
	_, err = p.Hall.Finish(ctx, officer, m.ID)
	return err
}

// nominating is the by-election for the seat that stayed empty: one candidate of the Party branch, and one who put herself
// forward and has nine of the ten co-signatures that she needs (R29).
func (p Parts) nominating(ctx context.Context, officer access.Who, phones []device, c place.Node, today day.Day) error {
	on := today.Add(-6)
	p.Clock.Set(on.Start(day.Shanghai).Add(10 * time.Hour))
	buildings, err := p.Map.NodesIn(ctx, p.DB, c.Path, place.Building)
	if err != nil {
		return err
	}
	m, err := p.Hall.Draft(ctx, officer, assembly.Drafting{Compound: c.ID, Title: "业主委员会补选（第3选区一名）", Purpose: "by_election", Convener: "community", Counts: "last", Channels: []string{"door", "paper", "phone"},
		Plan: assembly.Plan{RollOn: on, ProvisionalOn: today.Add(2), OpensOn: today.Add(21)}})
	if err != nil {
		return err
	}
	zone := assembly.Zone{Name: "第3选区", Buildings: []scope.Path{buildings[0].Path}, Seats: 1}
	if _, err := p.Hall.SetElection(ctx, officer, m.ID, assembly.Electing{Seats: 1, Weight: "heads", Zones: []assembly.Zone{zone}}); err != nil {
		return err
	}
	if _, err := p.Hall.PostRoll(ctx, officer, m.ID, 0); err != nil {
		return err
	}
	x, err := p.Hall.Nominate(ctx, officer, m.ID, assembly.Nomination{Zone: zone.Name, Person: phones[11].who.Person, By: "party", Party: "member", Statement: "退伍军人，做事有始有终。（示例）"})
	if err != nil {
		return err
	}
	if _, err := p.Hall.Examine(ctx, officer, m.ID, x.ID, true, nil, ""); err != nil {
		return err
	}
	p.Clock.Set(today.Add(-5).Start(day.Shanghai).Add(19 * time.Hour))
	self, err := p.Hall.Nominate(ctx, phones[1].who, m.ID, assembly.Nomination{Zone: zone.Name, By: "self", Statement: "护士，关心楼里的老人；想把一楼的空房改成休息室。（示例）"})
	if err != nil {
		return err
	}
	for i, d := range phones[2:11] {
		p.Clock.Set(today.Add(-4).Start(day.Shanghai).Add(time.Duration(9+2*i) * time.Hour))
		if _, err := p.Hall.Cosign(ctx, d.who, m.ID, self.ID); err != nil {
			return err
		}
	}
	return nil
}

// hanging is an election that the street convened for a compound, with its provisional list out for nine days: nobody may
// object any more, and one objection waits for the community's answer.
func (p Parts) hanging(ctx context.Context, street access.Who, at map[access.Post]string, owners []string, c place.Node, today day.Day) error {
	from := today.Add(-20)
	p.Clock.Set(from.Start(day.Shanghai).Add(9 * time.Hour))
	m, _, candidates, err := p.listed(ctx, street, at, c, "street", "业主委员会换届选举（划区推选）", assembly.Plan{RollOn: from, ProvisionalOn: today.Add(-9), ListOn: today.Add(-1), OpensOn: today.Add(10)},
		[][]int{{1, 2}, {3, 4}, {5}}, []stand{
			{0, 0, "party", "member", "愿意把停车位的事管好。（示例）"}, {0, 3, "community", "", "做过出纳，账目每月公布。（示例）"}, {0, 6, "community", "", "熟悉消防设施。（示例）"},
			{1, 8, "party", "member", "退休干部，愿意做调解。（示例）"}, {1, 11, "community", "", "懂水电，随叫随到。（示例）"}, {1, 14, "community", "probation", "年轻人，会用电脑。（示例）"},
			{2, 16, "party", "", "愿意照看小区的花木。（示例）"}, {2, 18, "community", "", "当过楼长。（示例）"},
		}, owners)
	if err != nil {
		return err
	}
	p.Clock.Set(today.Add(-9).Start(day.Shanghai).Add(9 * time.Hour))
	if _, err := p.Hall.ProvisionalList(ctx, street, m.ID); err != nil {
		return err
	}
	p.Clock.Set(today.Add(-4).Start(day.Shanghai).Add(20 * time.Hour))
	who := access.Who{Account: "demo-" + owners[5], Person: owners[5], Lang: "zh", Grants: []access.Grant{{Post: access.Resident, Path: c.Path}}}
	i := slices.IndexFunc(candidates, func(x assembly.Candidate) bool { return x.Person == owners[6] })
	_, err = p.Hall.Challenge(ctx, who, m.ID, candidates[i].ID, "他家阳台外搭了铁棚，城管来过两次还没有拆。（示例）")
	return err
}
