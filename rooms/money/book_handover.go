package money

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/basis/yuan"
	"cuobian/platform/access"
	"cuobian/platform/rules"
	"cuobian/platform/store"
	"cuobian/rooms/duty"
	"cuobian/rooms/money/ledger"
	"cuobian/rooms/people"
	"cuobian/rooms/place"
)

// Refusals of hand-overs.
var (
	ErrHandKind  = fault.Bad("kind", "money.hand_kind", "移交方须是物业公司或业主委员会，接收方不能是同一单位", "who hands over is a property company or a committee, and never the same as who takes over")
	ErrHandOpen  = fault.New(fault.Conflict, "money.hand_open", "该单位的移交正在进行", "a hand-over of this organisation is under way")
	ErrHandOver  = fault.New(fault.Conflict, "money.hand_over", "这次移交已经签收", "this hand-over was signed off already")
	ErrHandGiver = fault.New(fault.Refused, "money.hand_giver", "由移交单位的人移交；其不到场时由社区代为清点", "it is handed over by somebody of the side that leaves, or by the community in their absence")
	ErrHandTaker = fault.New(fault.Refused, "money.hand_taker", "接收人须是接收单位的人，不能是移交的同一个人", "it is received by somebody of the side that takes over, never the one who handed it over")
	ErrHandLeft  = fault.New(fault.Conflict, "money.hand_left", "还有项目没有移交或者接收", "some items are not handed over or not received yet")
	ErrHandGiven = fault.New(fault.Conflict, "money.hand_given", "移交方还没有签字", "the side that leaves has not signed yet")
	ErrHandNote  = fault.Bad("note", "money.hand_note", "有差异、缺失或者代为清点时须写明情况", "a difference, something missing, or a count in their absence needs a note")
)

// Duties of the side that leaves and of the one that takes over.
const (
	dutyHandover = "money.handover"
	dutyTakeOver = "money.handover_take"
)

// HandItem is one thing that is handed over: an account with what the books say, cash, a claim, a payment
// under way, a contract, a seal, keys, works, papers.
type HandItem struct {
	ID       string      `json:"id"`
	No       int64       `json:"no"`
	Kind     string      `json:"kind" enum:"account,cash,balance,hold,payment,contract,seal,key,work,papers,other"`
	Ref      string      `json:"ref,omitempty"`
	Zh       string      `json:"zh"`
	En       string      `json:"en"`
	Amount   yuan.Amount `json:"amount" doc:"what the books say, where it is money"`
	Counted  yuan.Amount `json:"counted" doc:"what the receiver counted"`
	State    string      `json:"state" enum:"open,given,missing,received,differs"`
	Note     string      `json:"note,omitempty"`
	Giver    string      `json:"giver,omitempty"`
	Given    day.Instant `json:"given,omitempty"`
	Receiver string      `json:"receiver,omitempty"`
	Received day.Instant `json:"received,omitempty"`
}

// Handover is the hand-over of a compound's money matters by a company that leaves (Civil Code 949) or by a committee to the
// next (R23). It ends with a signature of each side.
type Handover struct {
	ID        string      `json:"id"`
	Compound  string      `json:"compound"`
	Kind      string      `json:"kind" enum:"company,committee"`
	From      string      `json:"from_org"`
	FromName  string      `json:"from_name"`
	To        string      `json:"to_org,omitempty" doc:"empty: the community keeps it for the next"`
	ToName    string      `json:"to_name"`
	Rule      string      `json:"rule"`
	Day       day.Day     `json:"day" doc:"as of which the list was made"`
	Due       day.Instant `json:"due,omitempty"`
	State     string      `json:"state" enum:"open,signed,done"`
	Note      string      `json:"note,omitempty"`
	Items     []HandItem  `json:"items"`
	Differs   int         `json:"differs" doc:"items missing or not as the books say"`
	Giver     string      `json:"giver,omitempty"`
	GiverName string      `json:"giver_name,omitempty"`
	Given     day.Instant `json:"given,omitempty"`
	Receiver  string      `json:"receiver,omitempty"`
	TakerName string      `json:"receiver_name,omitempty"`
	Received  day.Instant `json:"received,omitempty"`
	At        day.Instant `json:"at"`
	Version   int64       `json:"version"`
	Place     string      `json:"place,omitempty" doc:"name of the compound, in the list of one's own"`
	May       []string    `json:"may" doc:"give: of the side that leaves; stand: may give in its absence, with a note; take: of the side that takes over"`
	path      scope.Path
}

func (t *Till) handovers(ctx context.Context, q store.Queryer, cond string, args ...any) ([]Handover, error) {
	all, err := store.All(ctx, q, func(r *sql.Rows) (h Handover, err error) {
		err = r.Scan(&h.ID, &h.Compound, &h.Kind, &h.From, &h.To, &h.FromName, &h.ToName, &h.Rule, &h.Day, &h.Due, &h.State, &h.Note, &h.Giver, &h.Given, &h.Receiver, &h.Received, &h.At, &h.Version, &h.path)
		return h, err
	}, `select h.id, h.compound, h.kind, h.from_org, h.to_org, h.from_name, h.to_name, h.rule, h.day, h.due, h.state, h.note, h.giver, h.given, h.receiver, h.received, h.at, h.version, b.path
from money_handover h join money_book b on b.compound = h.compound where `+cond+` order by h.id desc`, args...)
	if err != nil {
		return nil, err
	}
	for i := range all {
		h := &all[i]
		if h.Items, err = store.All(ctx, q, func(r *sql.Rows) (x HandItem, err error) {
			var words string
			if err = r.Scan(&x.ID, &x.No, &x.Kind, &x.Ref, &words, &x.Amount, &x.Counted, &x.State, &x.Note, &x.Giver, &x.Given, &x.Receiver, &x.Received); err != nil {
				return x, err
			}
			return x, json.Unmarshal([]byte(words), &x)
		}, `select id, no, kind, ref, words, amount, counted, state, note, giver, given, receiver, received from money_handover_item where handover = $1 order by no`, h.ID); err != nil {
			return nil, err
		}
		for _, x := range h.Items {
			if x.State == "missing" || x.State == "differs" {
				h.Differs++
			}
		}
		names, err := people.Names(ctx, q, h.Giver, h.Receiver)
		if err != nil {
			return nil, err
		}
		h.GiverName, h.TakerName = names[h.Giver], names[h.Receiver]
	}
	return all, nil
}

// sides says what somebody may do in a hand-over: of the side that leaves, of the one that takes over, near enough to stand in.
func (t *Till) sides(ctx context.Context, q store.Queryer, who access.Who, h Handover) (gives, takes, stands bool, err error) {
	if gives, err = side(ctx, q, who, h.From); err != nil {
		return
	}
	stands = who.Holds(h.path, nearby...)
	if takes = stands && h.To == ""; h.To != "" {
		takes, err = side(ctx, q, who, h.To)
	}
	return
}

// Handovers are a compound's hand-overs, the latest first: all for those who read its books, and for the others those in which they
// are of a side, as the next company's people are before their contract begins and the last one's after it ended.
func (t *Till) Handovers(ctx context.Context, who access.Who, compound string) ([]Handover, error) {
	if err := person(who); err != nil {
		return nil, err
	}
	n, err := t.compound(ctx, t.db, compound)
	if err != nil {
		return nil, err
	}
	all, err := t.handovers(ctx, t.db, `h.compound = $1`, n.ID)
	if err != nil {
		return nil, err
	}
	refused := t.may(ctx, t.db, who, Read, n.Path)
	out, err := t.sided(ctx, who, all, refused == nil)
	if err == nil && refused != nil && len(out) == 0 {
		err = refused
	}
	return out, err
}

// sided says of each hand-over what somebody may do, and leaves out those in which they are of no side unless all may be read.
func (t *Till) sided(ctx context.Context, who access.Who, all []Handover, reads bool) ([]Handover, error) {
	out := []Handover{}
	for _, h := range all {
		gives, takes, stands, err := t.sides(ctx, t.db, who, h)
		if err != nil {
			return nil, err
		}
		if !reads && !gives && !takes && !stands {
			continue
		}
		h.May = []string{}
		for _, x := range []struct {
			name string
			ok   bool
		}{{"give", gives}, {"stand", stands && !gives}, {"take", takes}} {
			if x.ok && h.State != "done" {
				h.May = append(h.May, x.name)
			}
		}
		out = append(out, h)
	}
	return out, nil
}

// MyHandovers are the hand-overs in which somebody is of a side, or stands in for one, wherever they are; the latest first.
func (t *Till) MyHandovers(ctx context.Context, who access.Who) ([]Handover, error) {
	if err := person(who); err != nil {
		return nil, err
	}
	conds, args := []string{`exists (select 1 from people_v_term e where e.person = $1 and e.org in (h.from_org, h.to_org) and e.org <> '')`}, []any{who.Person}
	for _, g := range who.Grants {
		if g.Org != "" {
			args = append(args, g.Org)
			conds = append(conds, fmt.Sprintf(`$%d in (h.from_org, h.to_org)`, len(args)))
		} else if slices.Contains(nearby, g.Post) {
			lo, hi := g.Path.Bounds()
			args = append(args, lo, hi)
			conds = append(conds, fmt.Sprintf(`(b.path >= $%d and b.path < $%d and h.state <> 'done')`, len(args)-1, len(args)))
		}
	}
	all, err := t.handovers(ctx, t.db, `(`+strings.Join(conds, " or ")+`)`, args...)
	if err != nil {
		return nil, err
	}
	out, err := t.sided(ctx, who, all[:min(len(all), 50)], false)
	for i := range out {
		n, e := t.compound(ctx, t.db, out[i].Compound)
		if e != nil {
			return nil, e
		}
		out[i].Place = n.Name
	}
	return out, err
}

// Handover is one hand-over.
func (t *Till) Handover(ctx context.Context, who access.Who, compound, id string) (h Handover, err error) {
	all, err := t.Handovers(ctx, who, compound)
	if err != nil {
		return h, err
	}
	i := slices.IndexFunc(all, func(x Handover) bool { return x.ID == id })
	if i < 0 {
		return h, ErrMissing
	}
	return all[i], nil
}

// NewHandover begins one. Due zero is the ten days of R23.
type NewHandover struct {
	From, To string // organisations; To "" is the community
	Due      day.Day
	Note     string
	More     []string // things that the house does not know of: rooms, keys, plans
}

// BeginHandover makes the list of what is to be handed over from what stands open, and owes it.
func (t *Till) BeginHandover(ctx context.Context, who access.Who, compound string, nh NewHandover) (h Handover, err error) {
	if err := person(who); err != nil {
		return h, err
	}
	n, err := t.compound(ctx, t.db, compound)
	if err != nil {
		return h, err
	}
	a := Keep
	if err := t.may(ctx, t.db, who, Keep, n.Path); err != nil {
		if who.May(Oversee, n.Path) != nil {
			return h, err
		}
		a = Oversee
	}
	err = t.db.Write(ctx, func(tx *store.Tx) error {
		if h, err = t.startHandover(ctx, tx, who.Person, n, nh); err != nil {
			return err
		}
		return t.trail(ctx, tx, who, a, n.Path, "handover", "money-handovers/"+h.ID, h.Note, map[string]any{"from": h.From, "to": h.To, "items": len(h.Items)})
	})
	return h, err
}

// startHandover begins a hand-over in the caller's write; by is a person, or nobody where a clock begins it.
func (t *Till) startHandover(ctx context.Context, tx *store.Tx, by string, n place.Node, nh NewHandover) (h Handover, err error) {
	b, err := t.begin(ctx, tx, n)
	if err != nil {
		return h, err
	}
	from, err := orgName(ctx, tx, nh.From)
	if err != nil {
		return h, err
	}
	to, err := orgName(ctx, tx, nh.To)
	if err != nil {
		return h, err
	}
	kind, rule := "committee", "R23"
	switch from.Kind {
	case people.PropertyCompany:
		kind, rule = "company", "民法典 949"
		served, err := store.Count(ctx, tx, `select count(*) from service_v_contract where compound = $1 and org = $2`, n.ID, from.ID)
		if err != nil {
			return h, err
		}
		if served == 0 {
			return h, ErrHandKind
		}
	case people.OwnersCommittee, people.InterimCommittee:
		if from.Path != n.Path {
			return h, ErrHandKind
		}
	default:
		return h, ErrHandKind
	}
	if to.ID == from.ID || to.ID != "" && to.Path != n.Path && !to.Path.Covers(n.Path) {
		return h, ErrHandKind
	}
	open, err := store.Count(ctx, tx, `select count(*) from money_handover where compound = $1 and from_org = $2 and state <> 'done'`, n.ID, from.ID)
	if err != nil {
		return h, err
	}
	if open > 0 {
		return h, ErrHandOpen
	}
	toName := to.Name
	if to.ID == "" {
		toName = "社区居民委员会（代管）"
	}
	h = Handover{ID: tx.NewID(), Compound: n.ID, Kind: kind, From: from.ID, FromName: from.Name, To: to.ID, ToName: toName, Rule: rule, Day: today(tx), State: "open", Note: strings.TrimSpace(nh.Note), At: tx.Now, Version: 1, path: n.Path}
	due := day.Due{At: nh.Due.End(day.Shanghai)}
	if !nh.Due.Sound() {
		p, cal, _, err := rules.ParamsAndDays[rules.Committees](ctx, t.on.Rules, tx, rules.Committee, n.Path, h.Day)
		if err != nil {
			return h, err
		}
		due = cal.Deadline(tx.Now, p.HandoverCommittee, day.Hours{})
	} else if nh.Due < h.Day {
		return h, ErrDay
	}
	h.Due = due.At
	if _, err := tx.Exec(ctx, `insert into money_handover (id, compound, kind, from_org, to_org, from_name, to_name, rule, day, due, state, note, giver, given, receiver, received, by_person, at, version) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'open', $11, '', 0, '', 0, $12, $13, 1)`,
		h.ID, n.ID, kind, from.ID, to.ID, from.Name, toName, rule, h.Day, int64(h.Due), h.Note, by, int64(tx.Now)); err != nil {
		return h, err
	}
	if h.Items, err = t.handList(ctx, tx, b, h); err != nil {
		return h, err
	}
	for _, s := range nh.More {
		if s = strings.TrimSpace(s); s != "" {
			h.Items = append(h.Items, HandItem{Kind: "other", Zh: s, En: s})
		}
	}
	rows := make([][]any, len(h.Items))
	for i := range h.Items {
		x := &h.Items[i]
		x.ID, x.No, x.State = tx.NewID(), int64(i+1), "open"
		rows[i] = []any{x.ID, h.ID, x.No, x.Kind, x.Ref, text(map[string]string{"zh": x.Zh, "en": x.En}), int64(x.Amount), 0, "open", "", "", 0, "", 0}
	}
	if _, err := store.Fill(ctx, tx, `insert into money_handover_item (id, handover, no, kind, ref, words, amount, counted, state, note, giver, given, receiver, received) values`, "", rows); err != nil {
		return h, err
	}
	post := access.PropertyManager
	if kind == "committee" {
		if post = access.CommitteeDirector; from.Kind == people.InterimCommittee {
			post = access.InterimDirector
		}
	}
	o := duty.Owe{Kind: dutyHandover, Ref: "money-handovers/" + h.ID, Zh: "移交账户、合同、印章和账册（" + rule + "）", En: "hand over accounts, contracts, seals and books (" + rule + ")", Path: n.Path, Post: post, Org: from.ID}
	if o.Person, err = lastHolder(ctx, tx, n.Path, from.ID, post, h.Day); err != nil {
		return h, err
	}
	if err := t.owe(ctx, tx, o, due); err != nil {
		return h, err
	}
	take := duty.Owe{Kind: dutyTakeOver, Ref: o.Ref, Zh: "清点接收账户、合同、印章和账册（" + rule + "）", En: "count and receive accounts, contracts, seals and books (" + rule + ")", Path: n.Path, Post: access.CommunityOfficer, Org: to.ID}
	switch to.Kind {
	case people.PropertyCompany:
		take.Post = access.PropertyManager
	case people.OwnersCommittee:
		take.Post = access.CommitteeDirector
	case people.InterimCommittee:
		take.Post = access.InterimDirector
	}
	h.May = []string{}
	return h, t.owe(ctx, tx, take, due)
}

// lastHolder is who held a post of an organisation at a place last, where nobody holds it any more; "" where somebody does.
func lastHolder(ctx context.Context, q store.Queryer, at scope.Path, org string, post access.Post, on day.Day) (string, error) {
	list, err := store.Texts(ctx, q, `select case when to_day = '' or to_day >= $4 then '' else person end from people_v_term where org = $1 and path = $2 and post = $3 and from_day <= $4 and deputy_for = ''
order by case when to_day = '' or to_day >= $4 then 0 else 1 end, to_day desc, id desc limit 1`, org, string(at), string(post), on)
	if err != nil || len(list) == 0 {
		return "", err
	}
	return list[0], nil
}

// handList is what stands open: balances of every fund but the company's own, and what each part of the room knows.
func (t *Till) handList(ctx context.Context, tx *store.Tx, b Book, h Handover) (out []HandItem, err error) {
	s, err := t.balancesOn(ctx, tx, b.Compound, today(tx))
	if err != nil {
		return nil, err
	}
	c, err := t.chart(ctx, tx, b.Compound)
	if err != nil {
		return nil, err
	}
	for _, x := range s {
		a := c[x.Account]
		if a.Fund() == ledger.Company || a.Class != ledger.Asset && a.Class != ledger.Debt {
			continue
		}
		i := HandItem{Kind: "balance", Ref: "accounts/" + x.Account, Zh: a.Zh, En: a.En, Amount: x.Amount}
		switch {
		case a.Covered && a.Fund() == ledger.Petty:
			i.Kind = "cash"
		case a.Covered:
			i.Kind = "account"
		case a.Class == ledger.Debt:
			i.Amount = -i.Amount
		}
		out = append(out, i)
	}
	for _, part := range t.handParts() {
		more, err := part(ctx, tx, h)
		if err != nil {
			return nil, err
		}
		out = append(out, more...)
	}
	return out, nil
}

// side says whether somebody is of an organisation: today by a post, or by a term that ended, as a former member hands over.
func side(ctx context.Context, q store.Queryer, who access.Who, org string) (bool, error) {
	if org == "" {
		return false, nil
	}
	if slices.ContainsFunc(who.Grants, func(g access.Grant) bool { return g.Org == org }) {
		return true, nil
	}
	n, err := store.Count(ctx, q, `select count(*) from people_v_term where org = $1 and person = $2`, org, who.Person)
	return n > 0, err
}

// handing runs a step of a hand-over: fn gets the hand-over and who the asker is in it.
func (t *Till) handing(ctx context.Context, who access.Who, compound, id, what string, fn func(tx *store.Tx, h *Handover, gives, takes, stands bool) error) (h Handover, err error) {
	if err := person(who); err != nil {
		return h, err
	}
	err = t.db.Write(ctx, func(tx *store.Tx) error {
		all, err := t.handovers(ctx, tx, `h.id = $1 and h.compound = $2`, id, compound)
		if err != nil {
			return err
		}
		if len(all) == 0 {
			return ErrMissing
		}
		h = all[0]
		gives, takes, stands, err := t.sides(ctx, tx, who, h)
		if err != nil {
			return err
		}
		if !gives && !takes && !stands && who.May(Read, h.path) != nil {
			return ErrMissing
		}
		if h.State == "done" {
			return ErrHandOver
		}
		if err := fn(tx, &h, gives, takes, stands); err != nil {
			return err
		}
		if all, err = t.handovers(ctx, tx, `h.id = $1`, id); err != nil {
			return err
		}
		h = all[0]
		h.May = []string{}
		return t.trail(ctx, tx, who, Keep, h.path, what, "money-handovers/"+id, "", map[string]any{"state": h.State})
	})
	return h, err
}

func (h *Handover) item(id string) *HandItem {
	for i := range h.Items {
		if h.Items[i].ID == id {
			return &h.Items[i]
		}
	}
	return nil
}

// GiveItem hands an item over, or says that it is missing. The community may in the absence of the side that leaves, with a
// note.
func (t *Till) GiveItem(ctx context.Context, who access.Who, compound, id, item string, missing bool, note string) (Handover, error) {
	note = strings.TrimSpace(note)
	return t.handing(ctx, who, compound, id, "give", func(tx *store.Tx, h *Handover, gives, takes, stands bool) error {
		x := h.item(item)
		switch {
		case !gives && !stands:
			return ErrHandGiver
		case x == nil:
			return ErrMissing
		case x.Received != 0 || h.Given != 0:
			return ErrChanged
		case (missing || !gives) && note == "":
			return ErrHandNote
		}
		state := "given"
		if missing {
			state = "missing"
		}
		return touched(tx.Exec(ctx, `update money_handover_item set state = $1, note = $2, giver = $3, given = $4 where id = $5 and received = 0`, state, note, who.Person, int64(tx.Now), item))
	})
}

// touched turns a write that touched no row into ErrChanged.
func touched(n int64, err error) error {
	if err == nil && n == 0 {
		err = ErrChanged
	}
	return err
}

// ReceiveItem receives an item: counted is what the receiver found where it is money. What differs from the books, and what is
// missing, needs a note.
func (t *Till) ReceiveItem(ctx context.Context, who access.Who, compound, id, item string, counted yuan.Amount, note string) (Handover, error) {
	note = strings.TrimSpace(note)
	return t.handing(ctx, who, compound, id, "receive", func(tx *store.Tx, h *Handover, gives, takes, _ bool) error {
		x := h.item(item)
		switch {
		case !takes:
			return ErrHandTaker
		case x == nil:
			return ErrMissing
		case x.Given == 0:
			return ErrHandLeft
		case x.Received != 0:
			return ErrChanged
		case x.Giver == who.Person:
			return ErrHandTaker
		}
		state, text := "received", x.Note
		switch {
		case x.State == "missing":
			state = "missing"
		case counted != x.Amount:
			state = "differs"
		}
		if state == "differs" && note == "" {
			return ErrHandNote
		}
		if note != "" {
			text = strings.TrimSpace(text + "；" + note)
			text = strings.TrimPrefix(text, "；")
		}
		return touched(tx.Exec(ctx, `update money_handover_item set state = $1, counted = $2, note = $3, receiver = $4, received = $5 where id = $6 and received = 0`, state, int64(counted), text, who.Person, int64(tx.Now), item))
	})
}

// SignHandover puts the signature of a side under the list: first the side that leaves (or the community in its absence, with
// a note), then the side that takes over, another person. The second ends it and the duty.
func (t *Till) SignHandover(ctx context.Context, who access.Who, compound, id, note string) (Handover, error) {
	note = strings.TrimSpace(note)
	return t.handing(ctx, who, compound, id, "sign_handover", func(tx *store.Tx, h *Handover, gives, takes, stands bool) error {
		if slices.ContainsFunc(h.Items, func(x HandItem) bool { return x.Received == 0 }) {
			return ErrHandLeft
		}
		if note != "" {
			note = strings.TrimPrefix(strings.TrimSpace(h.Note+"；"+note), "；")
		} else {
			note = h.Note
		}
		if h.Given == 0 && (gives || stands && !takes) {
			if !gives && note == h.Note {
				return ErrHandNote
			}
			return touched(tx.Exec(ctx, `update money_handover set giver = $1, given = $2, state = 'signed', note = $3, version = version + 1 where id = $4 and version = $5`, who.Person, int64(tx.Now), note, h.ID, h.Version))
		}
		switch {
		case h.Given == 0 && takes:
			return ErrHandGiven
		case !takes || h.Giver == who.Person:
			return ErrHandTaker
		}
		if err := touched(tx.Exec(ctx, `update money_handover set receiver = $1, received = $2, state = 'done', note = $3, version = version + 1 where id = $4 and version = $5`, who.Person, int64(tx.Now), note, h.ID, h.Version)); err != nil {
			return err
		}
		if err := t.on.Duty.End(ctx, tx, dutyTakeOver, "money-handovers/"+h.ID, who.Person); err != nil {
			return err
		}
		return t.on.Duty.End(ctx, tx, dutyHandover, "money-handovers/"+h.ID, who.Person)
	})
}
