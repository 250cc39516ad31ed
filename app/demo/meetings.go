package demo

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"cuobian/basis/day"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/store"
	"cuobian/rooms/assembly"
)

// drafted leaves what a convener's desk has before it: a by-election being prepared by the community, with its zone and
// candidates (one examined, one refused, one waiting), and a demand that owners are signing, short of a fifth (R10).
func (p Parts) drafted(ctx context.Context, at map[access.Post]string, phones []device, compound scope.Path, today day.Day) error {
	officer, err := p.hand(ctx, at[access.CommunityOfficer], "社区工作人员（示例）")
	if err != nil {
		return err
	}
	p.Clock.Set(today.Add(-1).Start(day.Shanghai).Add(10 * time.Hour))
	defer p.Clock.Set(0)
	lo, hi := compound.Bounds()
	buildings, err := store.All(ctx, p.DB, func(r *sql.Rows) (x scope.Path, err error) { err = r.Scan(&x); return }, `select path from place_v_node where kind = 'building' and path >= $1 and path < $2 order by path`, lo, hi)
	if err != nil || len(buildings) == 0 || len(phones) < 12 {
		return err
	}
	m, err := p.Hall.Draft(ctx, officer, assembly.Drafting{Compound: string(compound), Title: "补选第3选区委员一名", Purpose: "by_election", Convener: "community", Counts: "last", Channels: []string{"phone", "paper", "door"},
		Plan: assembly.Plan{RollOn: today.Add(1)}})
	if err != nil {
		return fmt.Errorf("the by-election: %w", err)
	}
	zone := "第3选区"
	if _, err := p.Hall.SetElection(ctx, officer, m.ID, assembly.Electing{Seats: 1, Weight: "heads", Zones: []assembly.Zone{{Name: zone, Buildings: buildings[len(buildings)-1:], Seats: 1}}}); err != nil {
		return fmt.Errorf("its zone: %w", err)
	}
	for i, x := range []struct{ by, party, words string }{{"party", "member", "退休电工，愿意管好公共照明和水泵。（示例）"}, {"community", "", "会计，能看懂公共收益的账。（示例）"}, {"community", "probation", "在业主群里办过团购，熟悉大家。（示例）"}} {
		c, err := p.Hall.Nominate(ctx, officer, m.ID, assembly.Nomination{Zone: zone, Person: phones[len(phones)-2-3*i].who.Person, By: x.by, Party: x.party, Statement: x.words})
		if err != nil {
			return fmt.Errorf("candidate %d: %w", i+1, err)
		}
		switch i {
		case 0:
			_, err = p.Hall.Examine(ctx, officer, m.ID, c.ID, true, nil, "")
		case 1:
			_, err = p.Hall.Examine(ctx, officer, m.ID, c.ID, false, []string{"arrears"}, "拖欠物业费十四个月，经书面催告仍不缴。（示例）")
		}
		if err != nil {
			return fmt.Errorf("examining candidate %d: %w", i+1, err)
		}
	}
	f, err := p.Hall.Demand(ctx, phones[1].who, string(compound), "公共收益的账要向业主公开，并讨论用途。（示例）", []string{"公开2025年公共收益账目", "公共收益用于更换单元门禁"})
	if err != nil {
		return fmt.Errorf("the demand: %w", err)
	}
	for _, i := range []int{5, 9, 14, 22, 30, 41, 50} {
		if i >= len(phones) {
			break
		}
		if _, err := p.Hall.Sign(ctx, phones[i].who, f.ID); err != nil {
			return fmt.Errorf("signing the demand: %w", err)
		}
	}
	return nil
}
