package demo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"cuobian/basis/day"
	"cuobian/basis/scope"
	"cuobian/basis/yuan"
	"cuobian/platform/access"
	"cuobian/platform/store"
	"cuobian/rooms/money"
	"cuobian/rooms/money/ledger"
	"cuobian/rooms/money/statement"
	"cuobian/rooms/people"
	"cuobian/rooms/place"
)

// publishing enters the 57 compounds of 东湖街道 that publish their public income (F54): the last quarter of 2024, brought to
// the account in December and spent in it, posted in January under the community's seal.
func (p Parts) publishing(ctx context.Context) error {
	defer p.Clock.Set(0)
	const street = scope.Path("350503001/")
	found, err := p.Map.CompoundsIn(ctx, p.DB, street)
	if err != nil {
		return err
	}
	if len(found) < count("F54") {
		return errors.New("东湖街道 has too few compounds")
	}
	found = found[:count("F54")]
	terms, err := p.Register.Terms(ctx, p.DB, people.TermFind{At: street, Exact: true, Posts: []access.Post{access.CommunityOfficer}})
	if err != nil || len(terms) == 0 {
		return errors.Join(err, errors.New("东湖街道 has no community officer"))
	}
	by, err := p.hand(ctx, terms[0].Person, terms[0].Name)
	if err != nil {
		return err
	}
	kinds := []struct {
		kind, place, party string
	}{{"lift_ads", "电梯轿厢", "示例传媒公司"}, {"venue", "架空层场地", "示例便利店"}, {"base_station", "楼顶机房", "示例通信公司"}, {"parking", "路面车位", "示例停车公司"}}
	if err := p.write(ctx, "2024-12-20T10:00", func(tx *store.Tx) error {
		for i, n := range found {
			k := kinds[i%len(kinds)]
			if err := p.Till.EnterPast(ctx, tx, access.System, n, money.NewSource{Kind: k.kind, Place: k.place + "（示例）", Party: k.party, From: d("2024-10-01"), To: d("2024-12-31"), Amount: yuan.Amount(180_000 + 9_700*i), Every: "quarter"},
				d("2024-10-01"), d("2024-12-31"), d("2024-12-20"), "公共设施维修（示例）"); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		return err
	}
	return p.write(ctx, "2025-01-10T10:00", func(tx *store.Tx) error {
		for _, n := range found {
			if err := p.Till.PostPast(ctx, tx, access.System, by, n, true); err != nil {
				return err
			}
		}
		return nil
	})
}

// incomeCast are those who take steps in the demonstration's payments.
type incomeCast struct {
	n                                                    place.Node
	manager, staff, officer, secretary, street, director access.Who
	members                                              []access.Who // of the committee but the director
	keeper                                               access.Who   // of its seal, one of them
}

// income gives 明鑫花苑 what common parts bring, payments at every step, and statements of the past months on the board.
func (p Parts) income(ctx context.Context, accounts []Account) error {
	defer p.Clock.Set(0)
	c, err := p.incomeCast(ctx, accounts)
	if err != nil {
		return err
	}
	now := p.Clock.Now()
	month := day.MustParse(now.Day(day.Shanghai).Month() + "-01")
	at := func(on day.Day, hour int) { p.Clock.Set(on.Start(day.Shanghai).Add(time.Duration(hour) * time.Hour)) }
	// The seals' keepers are named by the committee's decision, and are in force a week later.
	at(month.AddMonths(-5).Add(-15), 9)
	decided, err := p.photo(ctx, c.street, 70)
	if err != nil {
		return err
	}
	for kind, who := range map[string]string{money.RoleKeeperCommittee: c.keeper.Person, money.RoleKeeperCommunity: c.secretary.Person} {
		if _, err := p.Till.AskRole(ctx, c.street, c.n.ID, money.NewRole{Kind: kind, Person: who, Resolution: "blobs/" + decided, Words: "推选印章保管人（示例）", Deciders: []string{c.members[0].Person, c.members[1].Person}}); err != nil {
			return err
		}
	}
	first := month.AddMonths(-5)
	at(first, 10)
	paper, err := p.photo(ctx, c.street, 71)
	if err != nil {
		return err
	}
	var sources []money.Source
	for _, s := range []money.NewSource{
		{Kind: "lift_ads", Place: "6 部电梯轿厢（示例）", Party: "示例传媒公司", Contract: "示例合〔2026〕1号", Amount: 600_000, Every: "month", Resolution: "blobs/" + paper, Words: "业主大会决定：同意出租电梯广告位（示例）"},
		{Kind: "base_station", Place: "2 幢楼顶（示例）", Party: "示例通信公司", Contract: "示例合〔2026〕2号", Amount: 900_000, Every: "quarter", Resolution: "blobs/" + paper, Words: "业主大会决定：同意设置通信基站（示例）"},
		{Kind: "venue", Place: "架空层（示例）", Party: "示例便利店", Amount: 150_000, Every: "month"},
	} {
		s.From, s.To = first, first.AddMonths(24).Add(-1)
		x, err := p.Till.AddSource(ctx, c.street, c.n.ID, s)
		if err != nil {
			return err
		}
		sources = append(sources, x)
	}
	for k := range 6 {
		m := first.AddMonths(k)
		if on := m.Add(6); on < now.Day(day.Shanghai) {
			at(on, 10)
			for i, s := range sources {
				if i == 1 && k%3 != 0 || i == 2 && k == 2 {
					continue // a quarter's contract; and one month of the shop is missing
				}
				to := m.AddMonths(1).Add(-1)
				if i == 1 {
					to = m.AddMonths(3).Add(-1)
				}
				if _, err := p.Till.AddIncome(ctx, c.staff, c.n.ID, money.NewIncome{Source: s.ID, From: m, To: to, TakenOn: on, Gross: s.Amount, Received: money.ReceivedIn{Amount: s.Amount, On: on, Ref: fmt.Sprintf("示例回单%d-%d", k+1, i+1)}}); err != nil {
					return err
				}
			}
		}
		if on := m.Add(9); on < now.Day(day.Shanghai).Add(-8) {
			if err := p.paidPast(ctx, c, on, k, at); err != nil {
				return err
			}
		}
		// The month before is posted on its eighth day, but for one that came late and the last, which waits.
		if k == 0 {
			continue
		}
		made := m.Add(2)
		if made >= now.Day(day.Shanghai) {
			continue
		}
		at(made, 9)
		if err := p.DB.Write(ctx, func(tx *store.Tx) error { return p.Till.PostPast(ctx, tx, access.System, c.secretary, c.n, false) }); err != nil {
			return err
		}
		on := m.Add(7)
		if k == 3 {
			on = m.Add(13)
		}
		if k == 5 || on >= now.Day(day.Shanghai) {
			continue
		}
		at(on, 10)
		list, err := p.Till.Statements(ctx, c.street, c.n.ID)
		if err != nil {
			return err
		}
		slices.Reverse(list)
		for _, s := range list {
			if s.State == "due" && (s.Kind == statement.Month || s.Kind == statement.Quarter) {
				if _, err := p.Till.PostStatement(ctx, c.keeper, s.ID); err != nil {
					return err
				}
			}
		}
	}
	return p.paymentsNow(ctx, c, now)
}

func (p Parts) incomeCast(ctx context.Context, accounts []Account) (c incomeCast, err error) {
	found, err := p.Map.CompoundsIn(ctx, p.DB, "350503")
	if err != nil {
		return c, err
	}
	for _, n := range found {
		if n.Name == mingxin {
			c.n = n
		}
	}
	for _, a := range accounts {
		into := map[access.Post]*access.Who{access.PropertyManager: &c.manager, access.PropertyStaff: &c.staff, access.CommunityOfficer: &c.officer, access.CommunitySecretary: &c.secretary, access.StreetOfficer: &c.street, access.CommitteeDirector: &c.director}[a.post]
		if into == nil {
			continue
		}
		if *into, err = p.hand(ctx, a.person, a.Zh+"（示例）"); err != nil {
			return c, err
		}
	}
	terms, err := p.Register.Terms(ctx, p.DB, people.TermFind{At: c.n.Path, Exact: true, Posts: []access.Post{access.CommitteeMember}, On: p.DB.Now().Day(day.Shanghai)})
	if err != nil {
		return c, err
	}
	for _, t := range terms {
		if t.Person == c.director.Person {
			continue
		}
		w, err := p.hand(ctx, t.Person, t.Name)
		if err != nil {
			return c, err
		}
		c.members = append(c.members, w)
	}
	if len(c.members) < 7 {
		return c, fmt.Errorf("明鑫花苑 has %d committee members beside its director", len(c.members))
	}
	c.keeper = c.members[len(c.members)-1]
	return c, nil
}

// account is an invented account number of a payee, the same for the same one.
func account(payee string) string {
	n := 0
	for _, r := range payee {
		n = (n*31 + int(r)) % 100_000
	}
	return fmt.Sprintf("62220202001122%05d", n)
}

// apply applies for a payment with a picture of its invoice.
func (p Parts) apply(ctx context.Context, who access.Who, c incomeCast, n int, fen yuan.Amount, payee, purpose string) (money.Payment, error) {
	invoice, err := p.invoice(ctx, who, n, fen, payee, purpose, false)
	if err != nil {
		return money.Payment{}, err
	}
	in := money.NewPayment{Compound: c.n.ID, Fund: ledger.Income, Account: "income:spent", Amount: fen, PayeeName: payee, PayeeBank: account(payee), Purpose: purpose + "（示例）", Decision: "budgets/demo/3", BudgetLine: "公共设施维修", Documents: []money.Paper{{Blob: invoice, Kind: "invoice"}}}
	if fen > 400_000 { // the bigger ones have a contract, too
		signed, err := p.contract(ctx, who, n, fen, payee, purpose)
		if err != nil {
			return money.Payment{}, err
		}
		in.Documents = append(in.Documents, money.Paper{Blob: signed, Kind: "contract"})
	}
	if fen > 2_000_000 {
		in.Quotes = []money.Quote{{From: payee, Amount: fen}, {From: "示例乙公司", Amount: fen + 150_000}, {From: "示例丙公司", Amount: fen + 320_000}}
	}
	return p.Till.Submit(ctx, who, in)
}

// bring takes a payment on to a state, hour by hour.
func (p Parts) bring(ctx context.Context, c incomeCast, x money.Payment, to string) (money.Payment, error) {
	var err error
	step := func(do func() (money.Payment, error)) bool {
		p.Clock.Set(p.Clock.Now().Add(40 * time.Minute))
		x, err = do()
		return err == nil && x.State != to
	}
	agree := func(who access.Who) func() (money.Payment, error) {
		return func() (money.Payment, error) { return p.Till.Review(ctx, who, x.ID, "agree", "", x.Hash) }
	}
	for x.State != to && err == nil {
		switch x.State {
		case money.AtCommittee:
			for _, m := range c.members[:5] {
				if x.State == money.AtCommittee && !step(agree(m)) {
					break
				}
			}
		case money.AtCommunity:
			step(agree(c.officer))
		case money.AtDraw: // at once, while the log looks around this time: it signs, and the lot is drawn
			if _, err = p.Logs.Public.Integrate(ctx); err != nil {
				return x, err
			}
			if _, err = p.Till.DrawTick(ctx); err != nil {
				return x, err
			}
			var t money.Trail
			if t, err = p.Till.Payment(ctx, c.street, x.ID); err == nil && t.State == money.AtDraw {
				err = errors.New("the log did not sign for a payment's draw")
			}
			x = t.Payment
		case money.AtStreet:
			step(agree(c.street))
		case money.AtSealing:
			step(func() (money.Payment, error) { return p.Till.Seal(ctx, c.keeper, x.ID, x.PaperHash) })
		case money.AtSealed1:
			step(func() (money.Payment, error) { return p.Till.Seal(ctx, c.secretary, x.ID, x.PaperHash) })
		case money.AtSealed:
			step(func() (money.Payment, error) {
				return p.Till.Pay(ctx, c.director, x.ID, 0, "示例回单 "+x.ID[len(x.ID)-4:])
			})
		case money.PaidOut:
			step(func() (money.Payment, error) {
				copied, err := p.invoice(ctx, c.staff, int(x.No)+90, x.Amount, x.PayeeName, strings.TrimSuffix(x.Purpose, "（示例）"), true)
				if err != nil {
					return x, err
				}
				return p.Till.Publish(ctx, c.staff, x.ID, []string{copied})
			})
		default:
			return x, fmt.Errorf("payment %d cannot come from %s to %s", x.No, x.State, to)
		}
	}
	return x, err
}

// paidPast is what was paid in a past month, published within its days; and one month's refusal.
func (p Parts) paidPast(ctx context.Context, c incomeCast, on day.Day, k int, at func(day.Day, int)) error {
	at(on, 9)
	things := []string{"更换楼道灯具", "疏通化粪池", "补种绿篱", "更换单元门锁", "水泵检修", "消防栓换阀"}
	x, err := p.apply(ctx, c.staff, c, 40+k, yuan.Amount(120_000+35_000*k), "示例维修公司", things[k%len(things)])
	if err != nil {
		return err
	}
	if _, err := p.bring(ctx, c, x, money.PublishedOut); err != nil {
		return err
	}
	if k == 1 {
		at(on.Add(3), 9)
		x, err := p.apply(ctx, c.manager, c, 60, 380_000, "示例园艺公司", "摆放花卉")
		if err != nil {
			return err
		}
		if x, err = p.bring(ctx, c, x, money.AtCommunity); err != nil {
			return err
		}
		if _, err := p.Till.Review(ctx, c.officer, x.ID, "against", "没有列入预算（示例）", ""); err != nil {
			return err
		}
		x, err = p.apply(ctx, c.manager, c, 61, 90_000, "示例清洗公司", "清洗外墙")
		if err != nil {
			return err
		}
		_, err = p.Till.Withdraw(ctx, c.manager, x.ID, "报价有误，另行申请（示例）")
		return err
	}
	return nil
}

// paymentsNow are one payment that waits for each step, begun within the last two days.
func (p Parts) paymentsNow(ctx context.Context, c incomeCast, now day.Instant) error {
	for i, x := range []struct {
		to, payee, purpose string
		fen                yuan.Amount
	}{
		{money.PaidOut, "示例门业公司", "更换车库门", 260_000}, {money.AtSealed, "示例灯具公司", "更换庭院灯", 310_000}, {money.AtSealed1, "示例管道公司", "更换排水管", 540_000},
		{money.AtSealing, "示例广告公司", "更新公告栏", 95_000}, {money.AtStreet, "示例电梯公司", "电梯门机检修", 650_000}, {money.AtCommunity, "示例消防公司", "灭火器充装", 180_000}, {money.AtCommittee, "示例防水公司", "水泵房防水", 480_000},
	} {
		p.Clock.Set(now.Add(-time.Duration(30-2*i) * time.Hour))
		pay, err := p.apply(ctx, c.staff, c, 10+i, x.fen, x.payee, x.purpose)
		if err != nil {
			return err
		}
		if x.to == money.AtCommittee { // four of nine have signed: the director's makes it
			for _, m := range c.members[:4] {
				if _, err := p.Till.Review(ctx, m, pay.ID, "agree", "", pay.Hash); err != nil {
					return err
				}
			}
			continue
		}
		if x.to == money.AtSealing && pay.State != money.AtSealing {
			if _, err := p.bring(ctx, c, pay, money.AtSealing); err != nil {
				return err
			}
			continue
		}
		if _, err := p.bring(ctx, c, pay, x.to); err != nil {
			return err
		}
	}
	return nil
}
