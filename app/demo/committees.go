package demo

import (
	"context"
	"fmt"
	"slices"
	"time"

	"cuobian/basis/day"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/store"
	"cuobian/rooms/committee"
	"cuobian/rooms/committee/form"
	"cuobian/rooms/people"
	"cuobian/rooms/place"
)

// elected gives 明鑫花苑 the committee that stands today: after the pages' day its first committee handed over to a second
// one, elected on paper and entered as it was. The director's account is its director.
func (p Parts) elected(ctx context.Context, c place.Node, buildings []scope.Path, owners []string, director string, officer access.Who) error {
	if i := slices.Index(owners, director); i >= 0 {
		owners[i], owners[1] = owners[1], owners[i]
	}
	if err := p.write(ctx, "2025-04-10T09:00", func(tx *store.Tx) error {
		orgs, err := p.Register.OrgsAt(ctx, tx, c.Path, tx.Now.Day(day.Shanghai), people.OwnersCommittee)
		if err != nil || len(orgs) == 0 {
			return err
		}
		_, err = p.Register.PutTerm(ctx, tx, audit.System, people.Term{Org: orgs[0].ID, Post: access.CommitteeDirector, Person: owners[3], Path: c.Path, From: d("2025-04-10")})
		return err
	}); err != nil {
		return err
	}
	e := committee.Elected{Meeting: "demo-paper-election", Path: c.Path, On: d("2025-06-02"), Purpose: "election", Size: 9, Demo: true}
	for i, b := range buildings {
		e.Zones = append(e.Zones, committee.Zone{Name: fmt.Sprintf("第%d选区", i+1), Buildings: []scope.Path{b}, Seats: 3})
	}
	each := len(owners) / len(buildings)
	for i, at := range []int{1, each, 2 * each, 2, each + 1, 2*each + 1, 4, each + 2, 2*each + 2} {
		party := ""
		if i < 5 {
			party = "member"
		}
		e.Members = append(e.Members, committee.Seat{Person: owners[at], Zone: e.Zones[at/each].Name, Party: party, Heads: int64(58 - 3*i), Area: int64(6200_00 - 290_00*i)})
	}
	e.Alternates = []committee.Seat{{Person: owners[2*each+3], Zone: e.Zones[2].Name, Heads: 30, Area: 3100_00}}
	var org string
	if err := p.write(ctx, "2025-06-02T10:00", func(tx *store.Tx) error {
		if err := p.Chamber.Elect(ctx, tx, e); err != nil {
			return err
		}
		orgs, err := p.Register.OrgsAt(ctx, tx, c.Path, tx.Now.Day(day.Shanghai), people.OwnersCommittee)
		if err == nil && len(orgs) == 1 {
			org = orgs[0].ID
		}
		return err
	}); err != nil {
		return err
	}
	who := func(person string) access.Who { w, _ := p.hand(ctx, person, "委员（示例）"); return w }
	meet := func(called, held, title string, first bool, agenda []string, decisions []string, minutes string) error {
		p.set(called)
		at, err := day.ParseInstant(held + ":00+08:00")
		if err != nil {
			return err
		}
		m, err := p.Chamber.CallMeeting(ctx, who(director), org, committee.Calling{Title: title, Room: "小区党群服务站", Agenda: agenda, Planned: at, First: first})
		if err != nil {
			return err
		}
		p.Clock.Set(at.Add(5 * time.Minute))
		present := []string{director}
		for _, m := range e.Members[1:6] {
			present = append(present, m.Person)
		}
		present = append(present, e.Alternates[0].Person)
		if _, err := p.Chamber.Attend(ctx, who(director), m.ID, present); err != nil {
			return err
		}
		if _, err := p.Chamber.Hold(ctx, who(director), m.ID); err != nil {
			return err
		}
		for i, text := range decisions {
			kind, subject := "", ""
			if first && i == 0 {
				kind, subject = "director", director
			}
			x, err := p.Chamber.Decide(ctx, who(director), m.ID, text, kind, subject)
			if err != nil {
				return err
			}
			for _, s := range present[:5] {
				if _, err := p.Chamber.Sign(ctx, who(s), x.ID, "agree"); err != nil {
					return err
				}
			}
		}
		p.Clock.Set(at.Add(20 * time.Hour))
		_, err = p.Chamber.Minute(ctx, who(director), m.ID, minutes)
		return err
	}
	if err := meet("2025-06-02T15:00", "2025-06-05T19:30", "首次委员会会议", true, []string{"推选主任", "委员分工"}, []string{"推选主任（示例）", "委员分工：财务一名、工程一名、联络两名（示例）"}, "推选出主任，完成分工。（示例）"); err != nil {
		return err
	}
	// The old committee's hand-over, signed off within its ten days.
	p.set("2025-06-09T16:00")
	page, err := p.Chamber.Committee(ctx, officer, org)
	if err != nil {
		return err
	}
	for _, h := range page.Handovers {
		if _, err := p.Chamber.Give(ctx, who(h.Giver), h.ID, []committee.Item{{What: "公章", Count: 1, State: "there"}, {What: "会议记录", Count: 6, State: "there"}, {What: "2023 年账册", Count: 1, State: "missing", Note: "存于原物业，待移交（示例）"}}, ""); err != nil {
			return err
		}
		if _, err := p.Chamber.Receive(ctx, who(director), h.ID, "已清点（示例）"); err != nil {
			return err
		}
		if err := p.Chamber.Audit(ctx, who(director), h.Org, "示例会计师事务所", "任期收支与账册相符，缺一册待补。（示例）"); err != nil {
			return err
		}
	}
	p.set("2025-06-16T10:00")
	if err := p.Chamber.FileAlone(ctx, who(director), org, "示例备〔2025〕1号"); err != nil {
		return err
	}
	if err := meet("2025-09-01T10:00", "2025-09-12T19:30", "九月例会", false, []string{"更换单元门锁", "停车收入公示"}, []string{"更换 6 个单元的门锁，费用从公共收益列支。（示例）", "每季度公布停车收入。（示例）"}, "两项决定均由过半数委员签字通过。（示例）"); err != nil {
		return err
	}
	// A board asks, and is answered.
	p.set("2025-10-13T10:00")
	board, err := p.Chamber.FoundBoard(ctx, officer, c.ID, c.Name+"监事会（示例）", []string{owners[each+4], owners[each+5], owners[2*each+4]}, 0)
	if err != nil {
		return err
	}
	q, err := p.Chamber.AskCommittee(ctx, who(owners[each+4]), board.ID, "第三季度停车收入为何还没有公布？（示例）")
	if err != nil {
		return err
	}
	p.set("2025-10-17T18:00")
	if _, err := p.Chamber.AnswerBoard(ctx, who(director), q.ID, "已于 10 月 16 日张贴在公告栏，收支表可在文件页查看。（示例）"); err != nil {
		return err
	}
	return p.tonight(ctx, org, who, director, e.Members)
}

// tonight is a meeting held two hours ago: its decision waits for two more signatures, the director's among them.
func (p Parts) tonight(ctx context.Context, org string, who func(string) access.Who, director string, members []committee.Seat) error {
	at := store.Wall().Add(-2 * time.Hour)
	p.Clock.Set(at.Add(-12 * 24 * time.Hour))
	m, err := p.Chamber.CallMeeting(ctx, who(director), org, committee.Calling{Title: "本月例会", Room: "小区党群服务站", Agenda: []string{"水泵房防水", "电动车集中充电点"}, Planned: at})
	if err != nil {
		return err
	}
	p.Clock.Set(at.Add(5 * time.Minute))
	present := []string{director}
	for _, s := range members[1:6] {
		present = append(present, s.Person)
	}
	if _, err := p.Chamber.Attend(ctx, who(director), m.ID, present); err != nil {
		return err
	}
	if _, err := p.Chamber.Hold(ctx, who(director), m.ID); err != nil {
		return err
	}
	x, err := p.Chamber.Decide(ctx, who(director), m.ID, "水泵房做防水，费用 4,800 元从公共收益列支。（示例）", "", "")
	if err != nil {
		return err
	}
	for _, i := range []int{1, 2, 4} {
		if _, err := p.Chamber.Sign(ctx, who(members[i].Person), x.ID, "agree"); err != nil {
			return err
		}
	}
	return nil
}

// reelected is a re-election six days ago: the new committee has to meet, to file and to take over from the one before, whose
// seal was entered. It was elected on paper and entered as it was.
func (p Parts) reelected(ctx context.Context, c place.Node, owners []string, officer access.Who) error {
	who := func(person string) access.Who { w, _ := p.hand(ctx, person, "委员（示例）"); return w }
	var org string
	if err := p.write(ctx, "2025-06-03T09:00", func(tx *store.Tx) error {
		orgs, err := p.Register.OrgsAt(ctx, tx, c.Path, tx.Now.Day(day.Shanghai), people.OwnersCommittee)
		if err != nil || len(orgs) != 1 {
			return fmt.Errorf("%s has %d committees: %w", c.Name, len(orgs), err)
		}
		org = orgs[0].ID
		for i, post := range []access.Post{access.CommitteeDirector, access.CommitteeMember, access.CommitteeMember} {
			if _, err := p.Register.PutTerm(ctx, tx, audit.System, people.Term{Org: org, Post: post, Person: owners[i], Path: c.Path, From: d("2025-06-03")}); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		return err
	}
	p.set("2025-06-20T10:00")
	if err := p.Chamber.FileAlone(ctx, who(owners[0]), org, "示例备〔2025〕2号"); err != nil {
		return err
	}
	p.set("2025-06-23T10:00")
	if _, err := p.Chamber.EnterSeal(ctx, who(owners[0]), org, "", owners[1], 0); err != nil {
		return err
	}
	back := func(days int) { p.Clock.Set(store.Wall().Add(-time.Duration(days) * 24 * time.Hour)) }
	back(60)
	f, err := p.Chamber.OpenForming(ctx, officer, c.ID, form.Reelection, "业主要求换届（示例）")
	if err != nil {
		return err
	}
	group := []form.Sitter{{Name: "街道代表（示例）", Side: form.Street, Head: true}, {Name: "居委会代表（示例）", Side: form.Community}}
	for _, o := range owners[3:6] {
		group = append(group, form.Sitter{Person: o, Side: form.Owner})
	}
	back(56)
	if _, err := p.Chamber.Group(ctx, officer, f.ID, group, 0); err != nil {
		return err
	}
	back(54)
	if _, err := p.Chamber.PostGroup(ctx, officer, f.ID, 0); err != nil {
		return err
	}
	back(44)
	if _, err := p.Chamber.Drafts(ctx, officer, f.ID, []string{"rules", "regulation", "roll", "candidates"}, "草案（示例）", 0); err != nil {
		return err
	}
	back(6)
	e := committee.Elected{Meeting: "demo-paper-reelection", Path: c.Path, On: p.DB.Now().Day(day.Shanghai), Purpose: "election", Size: 5, Demo: true}
	for i, o := range owners[6:11] {
		party := ""
		if i < 3 {
			party = "member"
		}
		e.Members = append(e.Members, committee.Seat{Person: o, Party: party, Heads: int64(28 - i), Area: int64(2800_00 - 90_00*i)})
	}
	e.Alternates = []committee.Seat{{Person: owners[11], Heads: 20, Area: 1900_00}}
	defer p.Clock.Set(0)
	return p.DB.Write(ctx, func(tx *store.Tx) error { return p.Chamber.Elect(ctx, tx, e) })
}

// forming enters compounds at different steps of forming, dated back from now, with what stands in their way.
func (p Parts) forming(ctx context.Context, compounds []place.Node, owners map[string][]string, officer access.Who, helper string) error {
	back := func(days int) {
		p.Clock.Set(store.Wall().Add(-time.Duration(days) * 24 * time.Hour))
	}
	group := func(of []string) []form.Sitter {
		out := []form.Sitter{{Name: "街道代表（示例）", Side: form.Street, Head: true}, {Name: "居委会代表（示例）", Side: form.Community}}
		for _, o := range of[:3] {
			out = append(out, form.Sitter{Person: o, Side: form.Owner})
		}
		return out
	}
	for i, c := range compounds {
		kind := form.First
		if i == 4 {
			kind = form.Interim
		}
		back([]int{6, 75, 40, 62, 30}[i])
		f, err := p.Chamber.OpenForming(ctx, officer, c.ID, kind, "居民反映需要成立业委会（示例）")
		if err != nil {
			return err
		}
		if err := p.Chamber.NameTeam(ctx, officer, f.ID, helper, "专班联络员"); err != nil {
			return err
		}
		block := func(kind, text string) error {
			_, err := p.Chamber.Block(ctx, officer, f.ID, "", kind, text)
			return err
		}
		of := owners[c.ID]
		switch i {
		case 0:
			if _, err := p.Chamber.AddTask(ctx, officer, f.ID, "上门联络业主，凑足联名（示例）", helper, p.DB.Now().Day(day.Shanghai).Add(20)); err != nil {
				return err
			}
			if err := block("start", "业主多在外地，联名凑不齐（示例）"); err != nil {
				return err
			}
			continue
		case 4:
			all := []form.Sitter{{Person: helper, Side: form.Community, Head: true}, {Person: officer.Person, Side: form.Street}, {Person: of[5], Side: form.Community}}
			for _, o := range of[:4] {
				all = append(all, form.Sitter{Person: o, Side: form.Owner})
			}
			if _, err := p.Chamber.Propose(ctx, officer, f.ID, all, 0); err != nil {
				return err
			}
			back(25)
			if _, err := p.Chamber.AppointInterim(ctx, officer, f.ID, 0); err != nil {
				return err
			}
			continue
		}
		if _, err := p.Chamber.Apply(ctx, officer, f.ID, "developer", nil, 0); err != nil {
			return err
		}
		if i == 1 { // its sixty days have run out
			if err := block("start", "建设单位已注销，资料不全（示例）"); err != nil {
				return err
			}
			continue
		}
		back([]int{0, 0, 30, 52}[i])
		if _, err := p.Chamber.Group(ctx, officer, f.ID, group(of), 0); err != nil {
			return err
		}
		back([]int{0, 0, 26, 48}[i])
		if _, err := p.Chamber.PostGroup(ctx, officer, f.ID, 0); err != nil {
			return err
		}
		back([]int{0, 0, 15, 38}[i])
		if _, err := p.Chamber.Papers(ctx, officer, f.ID, false, []string{"业主名册", "面积清册", "规划图（示例）"}, 0); err != nil {
			return err
		}
		if i == 2 {
			continue
		}
		back(34)
		if _, err := p.Chamber.Drafts(ctx, officer, f.ID, []string{"rules", "regulation", "roll", "candidates"}, "草案（示例）", 0); err != nil {
			return err
		}
		if err := block("elect", "候选人不足，参与表决的人难到三分之二（示例）"); err != nil {
			return err
		}
	}
	p.Clock.Set(0)
	return nil
}

// set moves the clock to a minute of Beijing.
func (p Parts) set(at string) {
	i, err := day.ParseInstant(at + ":00+08:00")
	if err != nil {
		panic("demo: " + at)
	}
	p.Clock.Set(i)
}

func (p Parts) write(ctx context.Context, at string, fn func(tx *store.Tx) error) error {
	p.set(at)
	return p.DB.Write(ctx, fn)
}
