package demo

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"cuobian/basis/day"
	"cuobian/basis/scope"
	"cuobian/basis/yuan"
	"cuobian/platform/access"
	"cuobian/platform/store"
	"cuobian/rooms/money"
	"cuobian/rooms/money/ledger"
	"cuobian/rooms/place"
	"cuobian/rooms/service"
)

// works gives 明鑫花苑 the mirror of its maintenance fund, an emergency that was confirmed, a lift half way in one staircase and
// fire pipes at their initiative; and 西湖豪庭 a contract that pays by quality with a frozen quarter.
func (p Parts) works(ctx context.Context, accounts []Account) error {
	defer p.Clock.Set(0)
	now := p.Clock.Now()
	c, err := p.incomeCast(ctx, accounts)
	if err != nil {
		return err
	}
	at := func(on day.Day, hour int) { p.Clock.Set(on.Start(day.Shanghai).Add(time.Duration(hour) * time.Hour)) }
	today := now.Day(day.Shanghai)
	homes, err := p.Map.HomesIn(ctx, p.DB, c.n.Path)
	if err != nil {
		return err
	}
	at(today.Add(-60), 9)
	paper, err := p.photo(ctx, c.manager, 301)
	if err != nil {
		return err
	}
	mirror := money.NewMirror{On: today.Add(-61), Paper: paper}
	for i, h := range homes {
		first := yuan.Amount(int64(h.Area) * 60) // 60 yuan for each m²
		left := first * yuan.Amount(40+i*7%50) / 100
		if i%9 == 4 {
			left = first * 22 / 100
		}
		mirror.Rows = append(mirror.Rows, money.MirrorRow{Part: h.ID, First: first, Balance: left})
		mirror.Total += left
	}
	if _, err := p.Till.ImportMirror(ctx, c.manager, c.n.ID, mirror); err != nil {
		return err
	}
	at(today.Add(-6), 10)
	var papers []money.Evidence
	for i, k := range []string{"photo", "estimate"} {
		b, err := p.photo(ctx, c.manager, 310+i)
		if err != nil {
			return err
		}
		papers = append(papers, money.Evidence{Kind: k, Blob: b})
	}
	use, err := p.Till.ApplyUse(ctx, c.manager, c.n.ID, money.NewUse{Title: "3幢屋面渗漏抢修（示例）", Text: "雨后顶层渗漏，须立即封堵（示例）。", Kind: "emergency", Category: "leak", Cost: 18_600_00, Papers: papers})
	if err != nil {
		return err
	}
	at(today.Add(-5), 10)
	if _, err := p.Till.ReviewUse(ctx, c.officer, use.ID, 0, true, ""); err != nil {
		return err
	}
	if err := p.lift(ctx, c, homes, today, at); err != nil {
		return fmt.Errorf("lift: %w", err)
	}
	at(today.Add(-4), 10)
	pipes, err := p.Till.BeginProject(ctx, c.manager, c.n.ID, money.NewProject{Kind: "fire", Title: "消防管网改造（示例）", Text: "更换室外消防管网和室内立管（示例）。", Range: money.Range{Kind: "compound"}})
	if err != nil {
		return err
	}
	for i, h := range homes {
		if i < 20 || i%3 == 0 {
			continue
		}
		if err := p.says(ctx, h, func(who access.Who) error {
			_, err := p.Till.Consent(ctx, who, pipes.ID, money.Word{Part: h.ID, Choice: []string{"agree", "agree", "agree", "against"}[i%4]})
			return err
		}); err != nil {
			return err
		}
	}
	p.Clock.Set(now)
	list, err := p.serving(ctx, string(c.n.Path))
	if err != nil {
		return err
	}
	if len(list) > 0 && list[0].committee != "" { // where pledges lie until they are paid out
		if _, err := p.Till.OpenAccount(ctx, access.System, c.n.ID, money.BankAccount{Fund: ledger.Works, Bank: "示例银行", Name: "共有工程专户", Holder: list[0].committee, Kind: "committee", Operator: list[0].org, Opened: today}, "9900000000700005"); err != nil {
			return err
		}
	}
	return p.quality(ctx, today, at)
}

// says does something as an owner of a home.
func (p Parts) says(ctx context.Context, h place.HomeRow, do func(access.Who) error) error {
	persons, err := store.Texts(ctx, p.DB, `select person from people_v_title where node = $1 and to_day = '' order by id`, h.ID)
	if err != nil || len(persons) == 0 {
		return err
	}
	who, err := p.hand(ctx, persons[0], "业主（示例）")
	if err != nil {
		return err
	}
	return do(who)
}

// lift brings a lift of one staircase to its first milestone: reported, not yet accepted.
func (p Parts) lift(ctx context.Context, c incomeCast, homes []place.HomeRow, today day.Day, at func(day.Day, int)) error {
	var unit scope.Path
	var in []place.HomeRow
	for _, h := range homes {
		if strings.HasPrefix(h.Label, "1-1-") && unit == "" {
			unit = h.Path.Parent()
		}
		if unit != "" && unit.Covers(h.Path) {
			in = append(in, h)
		}
	}
	if len(in) == 0 {
		return errors.New("no staircase 1-1")
	}
	at(today.Add(-55), 9)
	x, err := p.Till.BeginProject(ctx, c.manager, c.n.ID, money.NewProject{Kind: "lift", Title: "1幢1单元加装电梯（示例）", Text: "北侧外挂一部六层六站电梯（示例）。", Range: money.Range{Kind: "unit", Paths: []scope.Path{unit}}})
	if err != nil {
		return err
	}
	for i, h := range in {
		choice := "agree"
		if i == 1 {
			choice = "abstain"
		}
		at(today.Add(-54), 10+i/2)
		if err := p.says(ctx, h, func(who access.Who) error {
			_, err := p.Till.Consent(ctx, who, x.ID, money.Word{Part: h.ID, Choice: choice})
			return err
		}); err != nil {
			return err
		}
	}
	at(today.Add(-50), 9)
	if _, err := p.Till.DecideProject(ctx, c.officer, x.ID, 0, "", 0); err != nil {
		return err
	}
	paper := func(who access.Who, n int) (string, error) { return p.photo(ctx, who, n) }
	plan := money.Plan{Text: "六层六站，载重 450 千克，工期四个月（示例）。", Method: money.Method{By: "floor", Table: "guangzhou"}, Extras: []money.Extra{{Title: "设计和监理（示例）", Amount: 28_000_00}},
		Stages: []money.StagePlan{{Title: "基础和井道", Parts: 4}, {Title: "设备安装", Parts: 4}, {Title: "监督检验和移交", Parts: 2}}}
	if _, err := p.Till.PlanProject(ctx, c.manager, x.ID, 0, plan); err != nil {
		return err
	}
	grant, err := paper(c.officer, 330)
	if err != nil {
		return err
	}
	if _, err := p.Till.SubsidyPromised(ctx, c.officer, x.ID, 0, money.Grant{Giver: "区级补助（示例）", Amount: 100_000_00, Paper: grant}); err != nil {
		return err
	}
	at(today.Add(-45), 9)
	for i, b := range []money.NewBid{{Party: "示例电梯公司", Amount: 432_000_00}, {Party: "示例乙电梯公司", Amount: 455_000_00}, {Party: "示例丙电梯公司", Amount: 468_500_00}} {
		if b.Paper, err = paper(c.manager, 340+i); err != nil {
			return err
		}
		if _, err := p.Till.BidProject(ctx, c.manager, x.ID, b); err != nil {
			return err
		}
	}
	f, err := p.Till.ProjectOf(ctx, c.manager, x.ID)
	if err != nil {
		return err
	}
	if _, err := p.Till.ChooseQuote(ctx, c.officer, x.ID, 0, f.Bids[0].ID, "报价最低，质保五年（示例）"); err != nil {
		return err
	}
	if f, err = p.Till.ProjectOf(ctx, c.manager, x.ID); err != nil {
		return err
	}
	at(today.Add(-40), 19)
	for _, h := range f.Homes {
		if h.Amount == 0 {
			continue
		}
		if err := p.says(ctx, place.HomeRow{Node: place.Node{ID: h.Part}}, func(who access.Who) error {
			_, err := p.Till.Pledge(ctx, who, x.ID, money.Word{Part: h.Part})
			return err
		}); err != nil {
			return err
		}
	}
	at(today.Add(-35), 9)
	if _, err := p.Till.CollectProject(ctx, c.manager, x.ID, 0); err != nil {
		return err
	}
	if f, err = p.Till.ProjectOf(ctx, c.manager, x.ID); err != nil {
		return err
	}
	at(today.Add(-30), 15)
	var list []money.Receipt
	for _, h := range f.Homes {
		if h.Bill != "" {
			list = append(list, money.Receipt{Home: h.Part, Way: money.Transfer, Amount: h.Amount, On: today.Add(-30), Fund: ledger.Works, Bills: []string{h.Bill}, Ref: "示例电梯款 " + h.Label})
		}
	}
	if _, err := p.Till.ReceiveAll(ctx, access.System, c.n.ID, list); err != nil {
		return err
	}
	at(today.Add(-28), 9)
	if _, err := p.Till.SubsidyReceived(ctx, c.manager, x.ID, f.Subsidies[0].ID, today.Add(-28)); err != nil {
		return err
	}
	at(today.Add(-2), 16)
	pit, err := paper(c.manager, 350)
	if err != nil {
		return err
	}
	_, err = p.Till.ReportStage(ctx, c.manager, x.ID, 1, today.Add(-2), "基础和井道完成（示例）。", []money.Evidence{{Kind: "photo", Blob: pit}})
	return err
}

// quality gives 西湖豪庭 a contract that pays by quality and its last quarter, frozen.
func (p Parts) quality(ctx context.Context, today day.Day, at func(day.Day, int)) error {
	found, err := p.Map.CompoundsIn(ctx, p.DB, "350503")
	if err != nil {
		return err
	}
	var n place.Node
	for _, x := range found {
		if x.Name == "西湖豪庭" {
			n = x
		}
	}
	on := today.Add(-3)
	at(on, 9)
	contract, ok, err := p.Service.Serving(ctx, p.DB, n.Path, on)
	if err != nil || !ok {
		return errors.Join(err, errors.New("西湖豪庭 has no contract"))
	}
	if _, err := p.Service.SetTerms(ctx, access.System, service.Terms{Contract: contract.ID, Template: "quality", RateN: 10, RateD: 100, HoldN: 10, HoldD: 100, Text: "业主自管，按质付酬：酬金为预收资金的百分之十，乘以质量系数；一成暂扣至年度星级结果（示例）。"}, "示例合同"); err != nil {
		return err
	}
	managers, err := p.Register.Holders(ctx, p.DB, n.Path, on, access.PropertyManager)
	if err != nil || len(managers) != 1 {
		return errors.Join(err, errors.New("西湖豪庭 has no manager"))
	}
	company, err := p.hand(ctx, managers[0].Person, "项目经理（示例）")
	if err != nil {
		return err
	}
	cast := []access.Who{company}
	for _, post := range []access.Post{access.CommitteeDirector, access.CommunityOfficer, access.CommunitySecretary} {
		terms, err := p.Register.Holders(ctx, p.DB, n.Path, on, post)
		if err != nil {
			return err
		}
		for _, t := range terms {
			w, err := p.hand(ctx, t.Person, t.Name)
			if err != nil {
				return err
			}
			cast = append(cast, w)
		}
	}
	if len(cast) < 2 {
		return fmt.Errorf("西湖豪庭 has %d people of the community", len(cast))
	}
	first := day.MustParse(on.Month() + "-01")
	for _, m, _ := first.Date(); int(m)%3 != 1; _, m, _ = first.Date() {
		first = first.AddMonths(-1)
	}
	// The last quarter of the year before was paid, and what is held back of it waits for the star result.
	year := day.Date(on.Year(), 1, 1)
	at(year.Add(24), 9)
	old, err := p.frozenQuality(ctx, cast, n, money.NewQuality{From: year.AddMonths(-3), To: year.Add(-1)}, 350)
	if err != nil {
		return err
	}
	at(year.Add(39), 9)
	if err := p.DB.Write(ctx, func(tx *store.Tx) error { return p.Till.PayPast(ctx, tx, access.System, old) }); err != nil {
		return err
	}
	at(on, 9)
	_, err = p.frozenQuality(ctx, cast, n, money.NewQuality{From: first.AddMonths(-3), To: first.Add(-1)}, 360)
	return err
}

// frozenQuality is a period with its sheets, confirmed by another and frozen.
func (p Parts) frozenQuality(ctx context.Context, cast []access.Who, n place.Node, in money.NewQuality, hue int) (string, error) {
	on := p.Clock.Now().Day(day.Shanghai)
	q, err := p.Till.OpenQuality(ctx, cast[0], n.ID, in)
	if err != nil {
		return "", err
	}
	for i, s := range []money.NewSheet{{Input: "patrols", N: 88, D: 92}, {Input: "hazards", N: 11, D: 12}, {Input: "stars", Absent: "年度星级评价尚未公布（示例）"}} {
		if s.Paper, err = p.photo(ctx, cast[0], hue+i); err != nil {
			return "", err
		}
		s.On = on
		if _, err := p.Till.EnterSheet(ctx, cast[0], q.ID, s); err != nil {
			return "", err
		}
	}
	f, err := p.Till.QualityOf(ctx, cast[1], q.ID)
	if err != nil {
		return "", err
	}
	for _, s := range f.Sheets {
		if _, err := p.Till.ConfirmSheet(ctx, cast[1], q.ID, s.ID); err != nil {
			return "", err
		}
	}
	_, err = p.Till.FreezeQuality(ctx, cast[1], q.ID)
	return q.ID, err
}
