package money

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"cuobian/basis/day"
	"cuobian/basis/yuan"
	"cuobian/platform/store"
	"cuobian/rooms/people"
)

// handPart lists what a part of the room knows to be handed over.
type handPart func(ctx context.Context, q store.Queryer, h Handover) ([]HandItem, error)

// handParts list what else is handed over when a company or a committee leaves, part by part, so that nothing that the next
// one needs is forgotten.
func (t *Till) handParts() []handPart {
	return []handPart{t.bankHands, t.holdHands, t.paymentHands, t.contractHands, t.sourceHands, t.workHands, t.sealHands, t.keyHands, t.paperHands}
}

// during says from when to when, in both languages.
func during(from, to day.Day) (zh, en string) {
	if to.Sound() {
		return from.String() + " 至 " + to.String(), "from " + from.String() + " to " + to.String()
	}
	return from.String() + " 起", "from " + from.String()
}

// holdHands are reservations; those of payments stand with the payments.
func (t *Till) holdHands(ctx context.Context, q store.Queryer, h Handover) (out []HandItem, err error) {
	holds, err := t.holds(ctx, q, `compound = $1 and state = 'held'`, h.Compound)
	for _, x := range holds {
		if strings.HasPrefix(x.Entry.Document, "payments/") {
			continue
		}
		var sum yuan.Amount
		for _, l := range x.Entry.Legs {
			sum += max(l.Amount, 0)
		}
		out = append(out, HandItem{Kind: "hold", Ref: x.Entry.Document, Zh: "预留：" + x.Entry.Text, En: "reserved: " + x.Entry.Text, Amount: sum})
	}
	return out, err
}

// paymentHands are payments that are not at their end: not refused, not withdrawn, or paid and not on the board yet.
func (t *Till) paymentHands(ctx context.Context, q store.Queryer, h Handover) ([]HandItem, error) {
	return store.All(ctx, q, func(r *sql.Rows) (HandItem, error) {
		p, err := scanPayment(r)
		w := [2]string{"等待：" + stageWords[p.State][0], "waiting: " + stageWords[p.State][1]}
		if p.State == PaidOut {
			w = [2]string{"已付款，尚未公布", "paid, not published yet"}
		}
		return HandItem{Kind: "payment", Ref: p.Ref(), Amount: p.Amount, Zh: fmt.Sprintf("办理中的支付第 %d 号：%s，收款方%s（%s）", p.No, p.Purpose, p.PayeeName, w[0]),
			En: fmt.Sprintf("payment no. %d under way: %s, to %s (%s)", p.No, p.Purpose, p.PayeeName, w[1])}, err
	}, `select `+paymentColumns+` from money_payment where compound = $1 and state in ('`+strings.Join(openStates, "', '")+`', 'paid') order by no`, h.Compound)
}

// contractHands are contracts of property service that run, or ended within a month.
func (t *Till) contractHands(ctx context.Context, q store.Queryer, h Handover) ([]HandItem, error) {
	return store.All(ctx, q, func(r *sql.Rows) (x HandItem, err error) {
		var from, to day.Day
		err = r.Scan(&x.Ref, &from, &to)
		zh, en := during(from, to)
		x.Kind, x.Ref, x.Zh, x.En = "contract", "contracts/"+x.Ref, "物业服务合同 "+zh, "property service contract "+en
		return x, err
	}, `select id, from_day, to_day from service_v_contract where compound = $1 and (to_day = '' or to_day >= $2) order by id`, h.Compound, h.Day.AddMonths(-1))
}

// sourceHands are contracts of common income that run, or ended within a year: their rent may still be owed.
func (t *Till) sourceHands(ctx context.Context, q store.Queryer, h Handover) (out []HandItem, err error) {
	list, err := t.sources(ctx, q, `compound = $1 and (to_day = '' or to_day >= $2)`, h.Compound, h.Day.AddMonths(-12))
	for _, s := range list {
		zh, en := during(s.From, s.To)
		x := HandItem{Kind: "contract", Ref: "sources/" + s.ID, Zh: "公共收益合同：" + s.Zh, En: "contract of common income: " + s.En}
		for _, words := range []string{s.Place, s.Party} {
			if words != "" {
				x.Zh, x.En = x.Zh+"，"+words, x.En+", "+words
			}
		}
		x.Zh, x.En = x.Zh+"，"+zh, x.En+", "+en
		if s.Contract != "" && !strings.HasPrefix(s.Contract, "blobs/") {
			x.Zh, x.En = x.Zh+"，合同 "+s.Contract, x.En+", contract "+s.Contract
		}
		if s.Resolution == "" {
			x.Zh, x.En = x.Zh+"（没有决议）", x.En+" (no resolution)"
		}
		out = append(out, x)
	}
	return out, err
}

// workHands are shared works and uses of the maintenance fund that are not at their end: their plans, quotes, contracts and
// acceptances go along.
func (t *Till) workHands(ctx context.Context, q store.Queryer, h Handover) ([]HandItem, error) {
	const from = `select 'projects/' || id, title from money_project where compound = $1 and state not in ('settled', 'dropped')
union all select 'fund-uses/' || id, title from money_use where compound = $1 and state not in ('refused', 'published', 'dropped') order by 1`
	return store.All(ctx, q, func(r *sql.Rows) (x HandItem, err error) {
		var title string
		err = r.Scan(&x.Ref, &title)
		x.Kind, x.Zh, x.En = "work", "进行中的共有工程："+title, "shared work under way: "+title
		if strings.HasPrefix(x.Ref, "fund-uses/") {
			x.Zh, x.En = "维修资金使用中的项目："+title, "use of the maintenance fund under way: "+title
		}
		x.Zh, x.En = x.Zh+"（方案、报价、合同、验收资料）", x.En+" (plans, quotes, contracts, acceptances)"
		return x, err
	}, from, h.Compound)
}

// sealHands are the seals of the side that leaves, each with who keeps the committee's by the resolution.
func (t *Till) sealHands(ctx context.Context, q store.Queryer, h Handover) (out []HandItem, err error) {
	if t.on.Stamps == nil {
		return nil, nil
	}
	stamps, err := t.on.Stamps.Of(ctx, q, "orgs/"+h.From)
	if err != nil {
		return nil, err
	}
	zh, en := "", ""
	if h.Kind == "committee" {
		keeper, _, ok, err := holderOf(ctx, q, h.Compound, RoleKeeperCommittee, t.db.Now())
		if err != nil {
			return nil, err
		}
		if ok {
			names, err := people.Names(ctx, q, keeper)
			if err != nil {
				return nil, err
			}
			zh, en = "（保管人 "+names[keeper]+"）", " (kept by "+names[keeper]+")"
		}
	}
	for _, x := range stamps {
		if x.Ended == 0 {
			out = append(out, HandItem{Kind: "seal", Ref: "stamps/" + x.ID, Zh: "印章：" + x.Name + zh, En: "seal: " + x.Name + en})
		}
	}
	return out, nil
}

// keyHands are what opens accounts: tokens and specimen signatures at each bank account that the side holds or operates, and the
// merchant's number, keys and codes at each provider through which owners have paid, with the orders that are not at their end.
func (t *Till) keyHands(ctx context.Context, q store.Queryer, h Handover) (out []HandItem, err error) {
	accounts, err := t.bankAccounts(ctx, q, `compound = $1 and closed_on = '' and (holder_org = $2 or operator_org = $2)`, h.Compound, h.From)
	if err != nil {
		return nil, err
	}
	for _, a := range accounts {
		out = append(out, HandItem{Kind: "key", Ref: "keys/" + a.ID, Zh: "网银密钥、密码器和预留印鉴：" + a.Bank + " 尾号 " + a.Last4, En: "online banking tokens and specimen signatures: " + a.Bank + " ending in " + a.Last4})
	}
	tills, err := store.All(ctx, q, func(r *sql.Rows) (x HandItem, err error) {
		var provider string
		var open int64
		err = r.Scan(&provider, &open)
		zh, en := t.providerWords(provider)
		return HandItem{Kind: "key", Ref: "providers/" + provider, Zh: fmt.Sprintf("收款渠道“%s”的商户号、密钥和收款码，未完结的订单 %d 笔", zh, open),
			En: fmt.Sprintf("merchant's number, keys and codes at the payment provider %s, with %d open orders", en, open)}, err
	}, `select provider, sum(case when state in ('new', 'open', 'unclear', 'differs') then 1 else 0 end) from money_order where compound = $1 group by provider order by provider`, h.Compound)
	return append(out, tills...), err
}

// paperHands are the books themselves, and what owners asked and nobody has answered.
func (t *Till) paperHands(ctx context.Context, q store.Queryer, h Handover) (out []HandItem, err error) {
	var first, last day.Day
	var count int64
	if err := q.QueryRow(ctx, `select count(*), coalesce(min(day), ''), coalesce(max(day), '') from money_entry where compound = $1`, h.Compound).Scan(&count, &first, &last); err != nil {
		return nil, err
	}
	if count > 0 {
		out = append(out, HandItem{Kind: "papers", Ref: "books/" + h.Compound, Zh: fmt.Sprintf("会计凭证 %d 份，%s 至 %s，以及账簿、票据、银行对账单", count, first, last), En: fmt.Sprintf("%d vouchers from %s to %s, with books, receipts and bank statements", count, first, last)})
	}
	asked, err := store.Count(ctx, q, `select count(*) from money_question where compound = $1 and answered = 0`, h.Compound)
	if err == nil && asked > 0 {
		out = append(out, HandItem{Kind: "papers", Ref: "questions/" + h.Compound, Zh: fmt.Sprintf("业主对公示提出、尚未答复的问题 %d 件", asked), En: fmt.Sprintf("%d questions of owners about what was published, not answered yet", asked)})
	}
	return out, err
}
