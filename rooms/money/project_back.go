package money

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/basis/yuan"
	"cuobian/platform/access"
	"cuobian/platform/store"
	"cuobian/rooms/assembly/tally"
	"cuobian/rooms/money/ledger"
)

// Faults of giving back.
var (
	ErrBearingOpen = fault.New(fault.Conflict, "money.bearing_open", "还有 {n} 笔他方承担的付款没有办结", "{n} payments by which another fund bears a share are still under way")
	ErrDropPaid    = fault.New(fault.Conflict, "money.drop_paid", "已经有节点报告完成或者申请了工程款，不能终止：请按实际完成核定后结算", "a milestone is reported or was applied for: the works cannot be given up; accept what was really done, and settle")
)

// What is given back to.
const (
	backHome  = "home"
	backFund  = "fund"
	backGiver = "giver"
)

// Backer is one whose money is in a shared work: a home, a fund that bore a home's share in its place, or who gave a subsidy.
// What goes back goes to who really paid, in proportion (R46); a subsidy comes back where no home or fund has anything left in the
// works, or where the works are given up.
type Backer struct {
	Kind  string      `json:"kind" enum:"home,fund,giver"`
	ID    string      `json:"id" doc:"of the part, the bearing or the subsidy"`
	Part  string      `json:"part,omitempty" doc:"the home; of a fund that in whose place it paid"`
	Label string      `json:"label" doc:"of the home, or who gave"`
	Fund  ledger.Fund `json:"fund,omitempty"`
	Paid  yuan.Amount `json:"paid" doc:"in the end, out of one's own"`
	Back  yuan.Amount `json:"back" doc:"goes back, or went"`
	Now   yuan.Amount `json:"now,omitempty" doc:"what would go back if the works were settled now"`
	Step  *tally.Step `json:"step,omitempty"`
	path  scope.Path
}

// left is what is still in the works.
func (b Backer) left() yuan.Amount { return max(b.Paid-b.Back, 0) }

// bornes are the bearings of a project's bills that were paid in.
func bornes(ctx context.Context, q store.Queryer, project string) ([]Backer, error) {
	of := "projects/" + project + "/"
	return store.All(ctx, q, func(r *sql.Rows) (b Backer, err error) {
		var origin string
		b.Kind = backFund
		err = r.Scan(&b.ID, &origin, &b.Fund, &b.Paid, &b.Back)
		b.Part = strings.TrimPrefix(origin, of)
		return b, err
	}, `select g.id, b.origin, g.fund, g.amount, g.back from money_bearing g join money_bill b on b.id = g.bill where b.origin >= $1 and b.origin < $2 and g.state = 'paid' order by g.id`, of, "projects/"+project+"0")
}

// backers lists whose money is in a project: homes by number, then funds, then givers. What a fund paid in a home's place is the
// fund's, also where the home had paid meanwhile and has it to its credit.
func (t *Till) backers(ctx context.Context, q store.Queryer, project string) (out []Backer, err error) {
	homes, err := projectHomes(ctx, q, `project = $1`, project)
	if err != nil {
		return nil, err
	}
	borne, err := bornes(ctx, q, project)
	if err != nil {
		return nil, err
	}
	out = []Backer{}
	label := map[string]string{}
	by := map[string]yuan.Amount{}
	for _, b := range borne {
		by[b.Part] += b.Paid
	}
	for _, h := range homes {
		label[h.Part] = h.Label
		if own := max(h.Paid+h.Waived-by[h.Part], 0); own > 0 || h.Back > 0 {
			out = append(out, Backer{Kind: backHome, ID: h.Part, Part: h.Part, Label: h.Label, Paid: own, Back: h.Back, path: h.Path})
		}
	}
	for _, b := range borne {
		b.Label = label[b.Part]
		out = append(out, b)
	}
	given, err := subsidies(ctx, q, project)
	if err != nil {
		return nil, err
	}
	for _, s := range given {
		if s.Entry != "" {
			out = append(out, Backer{Kind: backGiver, ID: s.ID, Label: s.Giver, Paid: s.Amount, Back: s.Back})
		}
	}
	return out, nil
}

// shareBack shares a sum among those whose money is in the works, in proportion of what each has in them; but to who is left out.
// Givers take part only where nobody else has anything in.
func shareBack(all []Backer, but string, sum yuan.Amount) ([]Backer, error) {
	in := slices.DeleteFunc(slices.Clone(all), func(b Backer) bool { return b.left() == 0 || but != "" && b.Part == but })
	if paid := slices.DeleteFunc(slices.Clone(in), func(b Backer) bool { return b.Kind == backGiver }); len(paid) > 0 {
		in = paid
	}
	weights := make([]int64, len(in))
	var whole yuan.Amount
	for i, b := range in {
		weights[i] = int64(b.left())
		whole += b.left()
	}
	parts, err := yuan.Split(sum, weights)
	if err != nil {
		return nil, ErrNoShares.Because(err)
	}
	for i := range in {
		in[i].Now = parts[i]
		in[i].Step = &tally.Step{Rule: "R46", Zh: "按实际缴入的比例退还", En: "back in proportion of what was really paid in", Left: sum.String() + "×" + in[i].left().String() + "/" + whole.String(), Rel: "=", Right: parts[i].String(), Holds: true}
	}
	return in, nil
}

// giveBack owes a sum to those whose money is in the works, in proportion; but to who is left out.
func (t *Till) giveBack(ctx context.Context, tx *store.Tx, p Project, but string, sum yuan.Amount, by, words string) error {
	all, err := t.backers(ctx, tx, p.ID)
	if err != nil {
		return err
	}
	list, err := shareBack(all, but, sum)
	if err != nil {
		return err
	}
	return t.oweBack(ctx, tx, p, list, by, words)
}

// oweBack keeps what goes back to each, tells the homes, and posts it.
func (t *Till) oweBack(ctx context.Context, tx *store.Tx, p Project, list []Backer, by, words string) error {
	b, err := t.book(ctx, tx, p.Compound)
	if err != nil {
		return err
	}
	var paid, given yuan.Amount
	for _, x := range list {
		if x.Now == 0 {
			continue
		}
		switch x.Kind {
		case backHome:
			paid += x.Now
			if _, err := tx.Exec(ctx, `update money_project_home set back = back + $1 where project = $2 and part = $3`, int64(x.Now), p.ID, x.Part); err != nil {
				return err
			}
			if err := t.tellOwners(ctx, tx, x.path, p.Ref(), "共有工程退款", "Money back from shared works", p.Title+"："+x.Label+" 应退 "+x.Now.String()+" 元。", p.Title+": "+x.Label+" gets "+x.Now.String()+" yuan back."); err != nil {
				return err
			}
		case backFund:
			paid += x.Now
			if _, err := tx.Exec(ctx, `update money_bearing set back = back + $1 where id = $2`, int64(x.Now), x.ID); err != nil {
				return err
			}
		default:
			given += x.Now
			if _, err := tx.Exec(ctx, `update money_project_subsidy set back = back + $1 where id = $2`, int64(x.Now), x.ID); err != nil {
				return err
			}
		}
	}
	legs := []ledger.Leg{}
	if paid > 0 {
		legs = append(legs, ledger.Leg{Account: "works:earned:pledge", Amount: paid})
	}
	if given > 0 {
		legs = append(legs, ledger.Leg{Account: "works:earned:subsidy", Amount: given})
	}
	if len(legs) == 0 {
		return nil
	}
	_, err = t.post(ctx, tx, b, by, ledger.Entry{Day: today(tx), Text: words, Document: p.Ref(), Decision: p.Decision, Rule: "R46", Legs: append(legs, ledger.Leg{Account: "works:payable", Amount: -paid - given})})
	return err
}

// Return is what is owed back and not applied for: to the homes in one payment, to each fund and each giver in one of its own.
type Return struct {
	What   string      `json:"what" doc:"back, back/FUND, back/subsidy/ID: how its payments are marked"`
	Name   string      `json:"name,omitempty" doc:"the fund or the giver, who is paid"`
	Fund   ledger.Fund `json:"fund,omitempty"`
	Amount yuan.Amount `json:"amount"`
}

// returns lists what is owed back and not applied for.
func (t *Till) returns(ctx context.Context, q store.Queryer, project string) ([]Return, error) {
	all, err := t.backers(ctx, q, project)
	if err != nil {
		return nil, err
	}
	asked := map[string]yuan.Amount{}
	if err := balances(ctx, q, asked, `select what, cast(sum(amount) as bigint) from money_project_payment where project = $1 and state <> 'refused' group by what`, project); err != nil {
		return nil, err
	}
	out := []Return{}
	add := func(r Return) {
		i := slices.IndexFunc(out, func(x Return) bool { return x.What == r.What })
		if i < 0 {
			out = append(out, r)
		} else {
			out[i].Amount += r.Amount
		}
	}
	for _, b := range all {
		switch b.Kind {
		case backHome:
			add(Return{What: "back", Amount: b.Back})
		case backFund:
			zh, _ := b.Fund.Name()
			add(Return{What: "back/" + string(b.Fund), Name: zh, Fund: b.Fund, Amount: b.Back})
		default:
			add(Return{What: "back/subsidy/" + b.ID, Name: b.Label, Amount: b.Back})
		}
	}
	for i := range out {
		out[i].Amount -= asked[out[i].What]
	}
	return slices.DeleteFunc(out, func(r Return) bool { return r.Amount <= 0 }), nil
}

// payBack applies for payments of what is owed back: of the homes' to the payee that is named, of a fund's to that fund, of a
// subsidy to its giver.
func (t *Till) payBack(ctx context.Context, tx *store.Tx, who access.Who, p *Project, to Payee) error {
	list, err := t.returns(ctx, tx, p.ID)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return ErrNothing
	}
	for _, r := range list {
		payee, purpose := Payee{Name: r.Name}, "退还"+r.Name+"："+p.Title
		if r.What == "back" {
			payee, purpose = to, "退还各户："+p.Title
		}
		if _, err := t.payProject(ctx, tx, who, p, r.What, "works:payable", r.Amount, payee, purpose, nil); err != nil {
			return err
		}
	}
	return nil
}

// fundBack posts in a fund what came back to it: it lowers what the fund spent.
func (t *Till) fundBack(ctx context.Context, tx *store.Tx, p Project, fund ledger.Fund, payment string, sum yuan.Amount) error {
	b, err := t.book(ctx, tx, p.Compound)
	if err != nil {
		return err
	}
	_, err = t.post(ctx, tx, b, "system", ledger.Entry{Day: today(tx), Text: "退回承担的共有工程款：" + p.Title, Document: "payments/" + payment, Decision: p.Decision, Rule: "R46",
		Legs: []ledger.Leg{{Account: string(fund) + ":bank", Amount: sum}, {Account: string(fund) + ":spent:other", Amount: -sum}}})
	return err
}

// bearingsOpen refuses to end works while a fund's payment in a home's place is under way.
func bearingsOpen(ctx context.Context, q store.Queryer, project string) error {
	n, err := store.Count(ctx, q, `select count(*) from money_bearing g join money_bill b on b.id = g.bill where b.origin >= $1 and b.origin < $2 and g.state = 'asked'`, "projects/"+project+"/", "projects/"+project+"0")
	if err == nil && n > 0 {
		err = ErrBearingOpen.Fill("n", n)
	}
	return err
}

// DropProject gives a project up, with the reason. While money is collected, or built before anything was applied for, each gets
// back what it paid, funds and givers of subsidies too, and what homes still owe is no longer asked for.
func (t *Till) DropProject(ctx context.Context, who access.Who, id string, version int64, why string) (Project, error) {
	return t.projectStep(ctx, who, id, version, Arrange, "project_drop", why, []string{ProjectInitiative, ProjectConsented, ProjectPlanned, ProjectPledging, ProjectCollecting, ProjectBuilding}, func(tx *store.Tx, p *Project) error {
		if p.Why = strings.TrimSpace(why); p.Why == "" {
			return ErrReason
		}
		begun, err := store.Count(ctx, tx, `select (select count(*) from money_project_stage where project = $1 and state <> 'open') + (select count(*) from money_project_payment where project = $1 and state <> 'refused')`, p.ID)
		if err != nil {
			return err
		}
		if begun > 0 {
			return ErrDropPaid
		}
		if err := bearingsOpen(ctx, tx, p.ID); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `update money_project_change set state = $1, why = $2, decided = $3, decided_at = $4 where project = $5 and state in ('ordered', 'asked')`, ChangeDropped, p.Why, who.Person, int64(tx.Now), p.ID); err != nil {
			return err
		}
		if err := t.letOff(ctx, tx, who, *p); err != nil {
			return err
		}
		homes, err := projectHomes(ctx, tx, `project = $1 and state <> $2`, p.ID, homeRefused)
		if err != nil {
			return err
		}
		for _, h := range homes {
			if h.Unsold {
				continue
			}
			if err := t.tellOwners(ctx, tx, h.Path, p.Ref(), "共有工程终止", "Shared works given up", p.Title+"已终止："+p.Why+"。没有缴的不再收取，已缴的退还。", p.Title+" is given up: "+p.Why+". What is not paid is no longer asked for, what was paid goes back."); err != nil {
				return err
			}
		}
		all, err := t.backers(ctx, tx, p.ID)
		if err != nil {
			return err
		}
		for i := range all {
			all[i].Now = all[i].left()
		}
		p.State = ProjectDropped
		return t.oweBack(ctx, tx, *p, all, who.Person, "工程终止退还："+p.Title)
	})
}

// letOff takes back what homes still owe for works that are given up.
func (t *Till) letOff(ctx context.Context, tx *store.Tx, who access.Who, p Project) error {
	list, err := t.bills(ctx, tx, `compound = $1 and origin >= $2 and origin < $3 and state in ('open', 'part') order by id`, p.Compound, p.Ref()+"/", p.Ref()+"0")
	if err != nil || len(list) == 0 {
		return err
	}
	b, err := t.book(ctx, tx, p.Compound)
	if err != nil {
		return err
	}
	for _, x := range list {
		if x.Rest <= 0 {
			continue
		}
		e, err := t.post(ctx, tx, b, who.Person, ledger.Entry{Day: today(tx), Text: "工程终止，不再收取：" + x.Zh, Document: "bills/" + x.ID, Decision: p.Decision, Rule: "R46",
			Legs: []ledger.Leg{{Account: x.earned, Amount: x.Rest}, {Account: "works:owed", Amount: -x.Rest}}})
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `update money_bill set waived = waived + $2, state = case when paid = 0 and waived = 0 then 'void' else 'waived' end where id = $1`, x.ID, int64(x.Rest)); err != nil {
			return err
		}
		if err := t.waiver(ctx, tx, who, x, "drop", x.Rest, p.Decision, p.Why, e.ID, ""); err != nil {
			return err
		}
	}
	return nil
}

// settling is what would go back to whom if works were settled now; after the settlement and the giving up, what went.
func (t *Till) settling(ctx context.Context, q store.Queryer, p Project, left yuan.Amount) ([]Backer, error) {
	all, err := t.backers(ctx, q, p.ID)
	if err != nil {
		return nil, err
	}
	if p.State != ProjectBuilding || left <= 0 {
		return all, nil
	}
	list, err := shareBack(all, "", left)
	if err != nil {
		return nil, err
	}
	for _, x := range list {
		i := slices.IndexFunc(all, func(b Backer) bool { return b.Kind == x.Kind && b.ID == x.ID })
		all[i] = x
	}
	return all, nil
}
