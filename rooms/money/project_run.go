package money

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"cuobian/basis/day"
	"cuobian/basis/scope"
	"cuobian/basis/yuan"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/audit/tree"
	"cuobian/platform/store"
	"cuobian/rooms/assembly/tally"
	"cuobian/rooms/money/ledger"
	"cuobian/rooms/place"
)

func (t *Till) projectHome(ctx context.Context, q store.Queryer, project, part string) (ProjectHome, error) {
	list, err := projectHomes(ctx, q, `project = $1 and part = $2`, project, part)
	if err != nil {
		return ProjectHome{}, err
	}
	if len(list) == 0 {
		return ProjectHome{}, ErrOutside
	}
	return list[0], nil
}

// Pledge writes down that a home takes part and pays its share: by its owner's phone, or on a paper. What is not sold the
// developer pledges on a paper.
func (t *Till) Pledge(ctx context.Context, who access.Who, id string, w Word) (Project, error) {
	return t.projectStep(ctx, who, id, 0, Look, "project_pledge", "", []string{ProjectPledging}, func(tx *store.Tx, p *Project) error {
		h, err := t.projectHome(ctx, tx, p.ID, w.Part)
		if err != nil {
			return err
		}
		if h.State != homeAsked {
			return ErrPledged
		}
		if h.Amount == 0 {
			return ErrNoPay
		}
		way, person, err := t.speaks(ctx, tx, who, *p, h.Path, w.Paper)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `update money_project_home set state = $1, way = $2, person = $3, paper = $4, said_at = $5, why = '' where project = $6 and part = $7`, homePledged, way, person, w.Paper, int64(tx.Now), p.ID, h.Part)
		return err
	})
}

// RefuseProject writes down that a home does not take part, with its reason; the others' shares are counted anew.
func (t *Till) RefuseProject(ctx context.Context, who access.Who, id string, w Word) (Project, error) {
	return t.projectStep(ctx, who, id, 0, Look, "project_refuse", w.Why, []string{ProjectPledging}, func(tx *store.Tx, p *Project) error {
		h, err := t.projectHome(ctx, tx, p.ID, w.Part)
		if err != nil {
			return err
		}
		if h.State == homeRefused {
			return ErrPledged
		}
		if strings.TrimSpace(w.Why) == "" {
			return ErrReason
		}
		way, person, err := t.speaks(ctx, tx, who, *p, h.Path, w.Paper)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `update money_project_home set state = $1, way = $2, person = $3, paper = $4, said_at = $5, why = $6, amount = 0 where project = $7 and part = $8`, homeRefused, way, person, w.Paper, int64(tx.Now), strings.TrimSpace(w.Why), p.ID, h.Part); err != nil {
			return err
		}
		return t.reshare(ctx, tx, *p)
	})
}

// Grant is a subsidy: promised it lowers the shares, received it is in the escrow.
type Grant struct {
	Giver  string      `json:"giver" maxLength:"100"`
	Amount yuan.Amount `json:"amount"`
	Paper  string      `json:"paper" maxLength:"40"`
}

// Subsidy is a subsidy as kept; entry is empty until it came in.
type Subsidy struct {
	ID     string      `json:"id"`
	Giver  string      `json:"giver"`
	Amount yuan.Amount `json:"amount"`
	Paper  string      `json:"paper"`
	Entry  string      `json:"entry,omitempty"`
	Back   yuan.Amount `json:"back,omitempty" doc:"goes back to the giver"`
}

func subsidies(ctx context.Context, q store.Queryer, project string) ([]Subsidy, error) {
	out, err := store.All(ctx, q, func(r *sql.Rows) (s Subsidy, err error) {
		err = r.Scan(&s.ID, &s.Giver, &s.Amount, &s.Paper, &s.Entry, &s.Back)
		return s, err
	}, `select id, giver, amount, paper, entry, back from money_project_subsidy where project = $1 order by id`, project)
	if out == nil {
		out = []Subsidy{}
	}
	return out, err
}

// SubsidyPromised keeps a promised subsidy, before money is collected; shares are counted anew.
func (t *Till) SubsidyPromised(ctx context.Context, who access.Who, id string, version int64, g Grant) (Project, error) {
	return t.projectStep(ctx, who, id, version, Arrange, "project_subsidy", "", []string{ProjectConsented, ProjectPlanned, ProjectPledging}, func(tx *store.Tx, p *Project) error {
		if g.Giver = strings.TrimSpace(g.Giver); g.Giver == "" {
			return ErrWords.At("giver")
		}
		if g.Amount <= 0 {
			return ErrAmount
		}
		if g.Paper == "" {
			return lacking(nil, "minutes")
		}
		p.Subsidy += g.Amount
		if p.State == ProjectPledging && p.Subsidy > p.Cost {
			return ErrSubsidySum
		}
		if err := t.keepPaper(ctx, tx, who, g.Paper, p.Ref(), p.Path); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `insert into money_project_subsidy (id, project, giver, amount, paper, entry, by_person, at) values ($1, $2, $3, $4, $5, '', $6, $7)`, tx.NewID(), p.ID, g.Giver, int64(g.Amount), g.Paper, who.Person, int64(tx.Now)); err != nil {
			return err
		}
		if p.State == ProjectPledging {
			return t.reshare(ctx, tx, *p)
		}
		return nil
	})
}

// SubsidyReceived posts a subsidy that came into the escrow.
func (t *Till) SubsidyReceived(ctx context.Context, who access.Who, id, subsidy string, on day.Day) (Project, error) {
	return t.projectStep(ctx, who, id, 0, Keep, "project_subsidy_in", "", []string{ProjectPledging, ProjectCollecting, ProjectBuilding}, func(tx *store.Tx, p *Project) error {
		list, err := subsidies(ctx, tx, p.ID)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(list, func(s Subsidy) bool { return s.ID == subsidy && s.Entry == "" })
		if i < 0 {
			return ErrMissing
		}
		b, err := t.book(ctx, tx, p.Compound)
		if err != nil {
			return err
		}
		if !on.Sound() {
			on = today(tx)
		}
		if on > today(tx) {
			return ErrDay
		}
		e, err := t.post(ctx, tx, b, who.Person, ledger.Entry{Day: on, Text: "工程补助到账：" + p.Title, Document: p.Ref(), Decision: p.Decision, Rule: "R46",
			Legs: []ledger.Leg{{Account: "works:bank", Amount: list[i].Amount}, {Account: "works:earned:subsidy", Amount: -list[i].Amount}}})
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `update money_project_subsidy set entry = $1 where id = $2`, e.ID, subsidy)
		return err
	})
}

// CollectProject bills the pledges, when every home that pays has pledged or refused.
func (t *Till) CollectProject(ctx context.Context, who access.Who, id string, version int64) (Project, error) {
	return t.projectStep(ctx, who, id, version, Arrange, "project_collect", "", []string{ProjectPledging}, func(tx *store.Tx, p *Project) error {
		homes, err := projectHomes(ctx, tx, `project = $1`, p.ID)
		if err != nil {
			return err
		}
		open, pays := 0, 0
		for _, h := range homes {
			if h.State == homeAsked && h.Amount > 0 {
				open++
			}
			if h.State == homePledged {
				pays++
			}
		}
		if open > 0 {
			return ErrPledges.Fill("n", open)
		}
		if pays == 0 && p.Cost > p.Subsidy {
			return ErrPledges.Fill("n", len(homes))
		}
		b, err := t.book(ctx, tx, p.Compound)
		if err != nil {
			return err
		}
		for _, h := range homes {
			if h.State != homePledged {
				continue
			}
			bill, err := t.oweBill(ctx, tx, b, who, debt{part: h.Part, kind: Pledge, fund: ledger.Works, amount: h.Amount, origin: p.Ref() + "/" + h.Part, words: p.Title, decision: p.Decision, rule: "R46", why: h.Step})
			if err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, `update money_project_home set bill = $1 where project = $2 and part = $3`, bill, p.ID, h.Part); err != nil {
				return err
			}
		}
		p.State = ProjectCollecting
		if pays == 0 {
			p.State, p.BegunOn = ProjectBuilding, today(tx)
		}
		return nil
	})
}

// projectBillPaid hears that money came in on a pledge, or was taken back. When all is in, the works begin; what a late
// joiner paid goes back to those who paid before.
func (t *Till) projectBillPaid(ctx context.Context, tx *store.Tx, id, part string, amount yuan.Amount, by string) error {
	h, err := t.projectHome(ctx, tx, id, part)
	if err != nil {
		return err
	}
	p, err := t.project(ctx, tx, id)
	if err != nil {
		return err
	}
	if amount < 0 && p.State != ProjectCollecting {
		return ErrProjectState
	}
	h.Paid += amount
	return t.homeSettled(ctx, tx, p, h, by)
}

// projectBillBorne hears that another fund paid in what a pledge asked for: the home is let off, the escrow has the money. What is
// left in the end goes back to the fund as to those homes that paid.
func (t *Till) projectBillBorne(ctx context.Context, tx *store.Tx, id, part string, amount yuan.Amount) error {
	h, err := t.projectHome(ctx, tx, id, part)
	if err != nil {
		return err
	}
	p, err := t.project(ctx, tx, id)
	if err != nil {
		return err
	}
	h.Waived += amount
	return t.homeSettled(ctx, tx, p, h, "system")
}

// homeSettled keeps what a home paid and what it was let off, and goes on when nothing is left to wait for.
func (t *Till) homeSettled(ctx context.Context, tx *store.Tx, p Project, h ProjectHome, by string) error {
	rest := h.Amount - h.Paid - h.Waived
	if h.Paid < 0 || rest < 0 {
		return ErrProjectState
	}
	state := homePledged
	if rest == 0 {
		state = homePaid
	}
	id := p.ID
	if _, err := tx.Exec(ctx, `update money_project_home set paid = $1, waived = $2, state = $3 where project = $4 and part = $5`, int64(h.Paid), int64(h.Waived), state, id, h.Part); err != nil {
		return err
	}
	if h.Late {
		first := h.Amount - h.Extra
		if h.passed > 0 || h.Paid+h.Waived < first {
			return nil
		}
		if _, err := tx.Exec(ctx, `update money_project_home set passed = $1 where project = $2 and part = $3`, int64(first), id, h.Part); err != nil {
			return err
		}
		return t.giveBack(ctx, tx, p, h.Part, first, by, "后加入住户缴款返还："+p.Title)
	}
	if p.State != ProjectCollecting {
		return nil
	}
	left, err := store.Count(ctx, tx, `select count(*) from money_project_home where project = $1 and state = $2`, id, homePledged)
	if err != nil || left > 0 {
		return err
	}
	p.State, p.BegunOn = ProjectBuilding, today(tx)
	return t.saveProject(ctx, tx, &p)
}

// Escrow is what a project has, and what was asked for.
type Escrow struct {
	Paid      yuan.Amount `json:"paid" doc:"by homes"`
	Borne     yuan.Amount `json:"borne" doc:"by other funds in homes' place"`
	Subsidies yuan.Amount `json:"subsidies" doc:"received"`
	Asked     yuan.Amount `json:"asked" doc:"payments applied for or made"`
	Out       yuan.Amount `json:"out" doc:"paid out"`
	Owed      yuan.Amount `json:"owed" doc:"to be given back and not applied for, to homes, funds and givers"`
	Left      yuan.Amount `json:"left"`
}

func escrow(ctx context.Context, q store.Queryer, project string) (e Escrow, err error) {
	var paid, borne, back, lent, in, given, asked, out, returned int64
	for _, x := range []struct {
		sql string
		to  []any
	}{
		{`select coalesce(sum(paid), 0), coalesce(sum(waived), 0), coalesce(sum(back), 0) from money_project_home where project = $1`, []any{&paid, &borne, &back}},
		{`select coalesce(sum(amount), 0), coalesce(sum(back), 0) from money_project_subsidy where project = $1 and entry <> ''`, []any{&in, &given}},
		{`select coalesce(sum(case when state <> 'refused' then amount else 0 end), 0), coalesce(sum(case when state = 'paid' then amount else 0 end), 0), coalesce(sum(case when state <> 'refused' and what like 'back%' then amount else 0 end), 0)
from money_project_payment where project = $1`, []any{&asked, &out, &returned}},
	} {
		if err = q.QueryRow(ctx, x.sql, project).Scan(x.to...); err != nil {
			return e, err
		}
	}
	if err = q.QueryRow(ctx, `select cast(coalesce(sum(g.back), 0) as bigint) from money_bearing g join money_bill b on b.id = g.bill where b.origin >= $1 and b.origin < $2 and g.state = 'paid'`, "projects/"+project+"/", "projects/"+project+"0").Scan(&lent); err != nil {
		return e, err
	}
	e = Escrow{Paid: yuan.Amount(paid), Borne: yuan.Amount(borne), Subsidies: yuan.Amount(in), Asked: yuan.Amount(asked), Out: yuan.Amount(out), Owed: yuan.Amount(back + lent + given - returned)}
	e.Left = e.Paid + e.Borne + e.Subsidies - e.Asked - e.Owed
	return e, nil
}

// Stage is a milestone of the works.
type Stage struct {
	No       int         `json:"no"`
	Title    string      `json:"title"`
	Parts    int64       `json:"parts"`
	Amount   yuan.Amount `json:"amount"`
	Final    yuan.Amount `json:"final" doc:"as accepted"`
	State    string      `json:"state" enum:"open,reported,accepted,paid"`
	Text     string      `json:"text,omitempty"`
	Papers   []Evidence  `json:"papers"`
	Reported string      `json:"-"`
	Mine     bool        `json:"mine" doc:"reported by who asks: somebody else accepts it"`
	DoneOn   day.Day     `json:"done_on,omitempty"`
	Accepted string      `json:"-"`
	Note     string      `json:"note,omitempty"`
	Payment  string      `json:"payment,omitempty"`
	Payee    string      `json:"payee,omitempty"`
}

func stages(ctx context.Context, q store.Queryer, project string) ([]Stage, error) {
	out, err := store.All(ctx, q, func(r *sql.Rows) (s Stage, err error) {
		var papers string
		var amount, final int64
		if err = r.Scan(&s.No, &s.Title, &s.Parts, &amount, &final, &s.State, &s.Text, &papers, &s.Reported, &s.DoneOn, &s.Accepted, &s.Note, &s.Payment, &s.Payee); err != nil {
			return s, err
		}
		s.Amount, s.Final = yuan.Amount(amount), yuan.Amount(final)
		return s, json.Unmarshal([]byte(papers), &s.Papers)
	}, `select no, title, parts, amount, final, state, words, papers, reported, done_on, accepted, note, payment, payee from money_project_stage where project = $1 order by no`, project)
	if out == nil {
		out = []Stage{}
	}
	return out, err
}

func saveStage(ctx context.Context, tx *store.Tx, project string, s Stage) error {
	_, err := tx.Exec(ctx, `update money_project_stage set final = $1, state = $2, words = $3, papers = $4, reported = $5, done_on = $6, accepted = $7, note = $8, payment = $9, payee = $10 where project = $11 and no = $12`,
		int64(s.Final), s.State, s.Text, text(s.Papers), s.Reported, s.DoneOn, s.Accepted, s.Note, s.Payment, s.Payee, project, s.No)
	return err
}

func stageAt(list []Stage, no int, state string) (Stage, error) {
	i := slices.IndexFunc(list, func(s Stage) bool { return s.No == no && s.State == state })
	if i < 0 {
		return Stage{}, ErrStage
	}
	return list[i], nil
}

// ReportStage reports a milestone as reached, with evidence.
func (t *Till) ReportStage(ctx context.Context, who access.Who, id string, no int, on day.Day, words string, papers []Evidence) (Project, error) {
	return t.projectStep(ctx, who, id, 0, Arrange, "project_milestone", "", []string{ProjectBuilding}, func(tx *store.Tx, p *Project) error {
		list, err := stages(ctx, tx, p.ID)
		if err != nil {
			return err
		}
		s, err := stageAt(list, no, "open")
		if err != nil {
			return err
		}
		if len(papers) == 0 {
			return ErrEvidence
		}
		if !on.Sound() {
			on = today(tx)
		}
		if on > today(tx) || on < p.BegunOn {
			return ErrDay
		}
		if s.Papers, err = t.keepPapers(ctx, tx, who, p.Ref(), p.Path, s.Papers, papers); err != nil {
			return err
		}
		s.State, s.Text, s.DoneOn, s.Reported = "reported", strings.TrimSpace(words), on, who.Person
		return saveStage(ctx, tx, p.ID, s)
	})
}

// Acceptance is a verdict on a milestone; Final is what is paid for it, at most its sum.
type Acceptance struct {
	No    int         `json:"no"`
	OK    bool        `json:"ok"`
	Final yuan.Amount `json:"final,omitempty" doc:"0 is the whole sum"`
	Note  string      `json:"note,omitempty" maxLength:"2000"`
	Payee Payee       `json:"payee,omitempty"`
}

// AcceptStage accepts a milestone, by somebody else than who reported it, and applies for its payment out of the escrow; or
// sends it back with a reason.
func (t *Till) AcceptStage(ctx context.Context, who access.Who, id string, a Acceptance) (Project, error) {
	return t.projectStep(ctx, who, id, 0, Arrange, "project_accept", a.Note, []string{ProjectBuilding}, func(tx *store.Tx, p *Project) error {
		list, err := stages(ctx, tx, p.ID)
		if err != nil {
			return err
		}
		s, err := stageAt(list, a.No, "reported")
		if err != nil {
			return err
		}
		if who.Person == s.Reported {
			return ErrSelf
		}
		s.Note = strings.TrimSpace(a.Note)
		if !a.OK {
			if s.Note == "" {
				return ErrReason
			}
			s.State = "open"
			return saveStage(ctx, tx, p.ID, s)
		}
		if a.Final == 0 {
			a.Final = s.Amount
		}
		if a.Final < 0 || a.Final > s.Amount {
			return ErrStageSum
		}
		s.State, s.Final, s.Accepted = "accepted", a.Final, who.Person
		if s.Payment, err = t.payStage(ctx, tx, who, p, s, a.Payee); err != nil {
			return err
		}
		s.Payee = strings.TrimSpace(a.Payee.Name)
		return saveStage(ctx, tx, p.ID, s)
	})
}

// payStage applies for the payment of an accepted milestone.
func (t *Till) payStage(ctx context.Context, tx *store.Tx, who access.Who, p *Project, s Stage, to Payee) (string, error) {
	var blobs []string
	for _, x := range s.Papers {
		blobs = append(blobs, x.Blob)
	}
	account := "works:spent:build"
	return t.payProject(ctx, tx, who, p, "stage/"+strconv.Itoa(s.No), account, s.Final, to, p.Title+"："+s.Title, blobs)
}

// payProject applies for a payment out of a project's own escrow: never more than it has.
func (t *Till) payProject(ctx context.Context, tx *store.Tx, who access.Who, p *Project, what, account string, sum yuan.Amount, to Payee, purpose string, blobs []string) (string, error) {
	if to.Name = strings.TrimSpace(to.Name); to.Name == "" {
		return "", ErrUsePayee
	}
	e, err := escrow(ctx, tx, p.ID)
	if err != nil {
		return "", err
	}
	left := e.Left
	if strings.HasPrefix(what, "back") {
		left += e.Owed
	}
	if sum > left {
		return "", ErrEscrow.Fill("left", left, "need", sum)
	}
	b, err := t.book(ctx, tx, p.Compound)
	if err != nil {
		return "", err
	}
	list, err := bids(ctx, tx, p.ID)
	if err != nil {
		return "", err
	}
	id, err := t.askPayment(ctx, tx, who, b, outlay{fund: ledger.Works, account: account, amount: sum, to: to, purpose: purpose, decision: p.Decision, rule: "R46", origin: p.Ref(), papers: blobs, bids: list})
	if err != nil {
		return "", err
	}
	_, err = tx.Exec(ctx, `insert into money_project_payment (payment, project, what, amount, state) values ($1, $2, $3, $4, 'asked')`, id, p.ID, what, int64(sum))
	return id, err
}

// PayAgain applies anew for a milestone whose payment was refused, or for what is to be given back: to the homes in one payment to
// the payee, to each fund and giver in one of its own.
func (t *Till) PayAgain(ctx context.Context, who access.Who, id string, no int, to Payee) (Project, error) {
	return t.projectStep(ctx, who, id, 0, Arrange, "project_pay", "", []string{ProjectBuilding, ProjectSettled, ProjectDropped}, func(tx *store.Tx, p *Project) error {
		if no == 0 {
			return t.payBack(ctx, tx, who, p, to)
		}
		list, err := stages(ctx, tx, p.ID)
		if err != nil {
			return err
		}
		s, err := stageAt(list, no, "accepted")
		if err != nil {
			return err
		}
		if s.Payment != "" {
			return ErrStage
		}
		if s.Payment, err = t.payStage(ctx, tx, who, p, s, to); err != nil {
			return err
		}
		s.Payee = strings.TrimSpace(to.Name)
		return saveStage(ctx, tx, p.ID, s)
	})
}

// projectPaymentEnded hears how a payment of a project ended.
func (t *Till) projectPaymentEnded(ctx context.Context, tx *store.Tx, id, payment string, paid bool) error {
	state := "refused"
	if paid {
		state = "paid"
	}
	var what string
	var sum yuan.Amount
	if err := tx.QueryRow(ctx, `update money_project_payment set state = $1 where payment = $2 and project = $3 returning what, amount`, state, payment, id).Scan(&what, &sum); err != nil {
		return err
	}
	if fund := strings.TrimPrefix(what, "back/"); paid && (fund == string(ledger.Income) || fund == string(ledger.Company)) {
		p, err := t.project(ctx, tx, id)
		if err != nil {
			return err
		}
		return t.fundBack(ctx, tx, p, ledger.Fund(fund), payment, sum)
	}
	no, of := strings.CutPrefix(what, "stage/")
	if !of {
		return nil
	}
	n, err := strconv.Atoi(no)
	if err != nil {
		return err
	}
	list, err := stages(ctx, tx, id)
	if err != nil {
		return err
	}
	s, err := stageAt(list, n, "accepted")
	if err != nil {
		return err
	}
	if s.State = "paid"; !paid {
		s.State, s.Payment = "accepted", ""
	}
	return saveStage(ctx, tx, id, s)
}

// SettleProject closes the works when every milestone is accepted and paid: what is left goes back to those who really paid, homes
// and the funds that bore a share in a home's place, in proportion, and the settlement is put into the public log.
func (t *Till) SettleProject(ctx context.Context, who access.Who, id string, version int64) (Project, error) {
	return t.projectStep(ctx, who, id, version, Arrange, "project_settle", "", []string{ProjectBuilding}, func(tx *store.Tx, p *Project) error {
		open, err := store.Count(ctx, tx, `select count(*) from money_project_stage where project = $1 and state <> 'paid'`, p.ID)
		if err != nil {
			return err
		}
		if open > 0 {
			return ErrStagesOpen.Fill("n", open)
		}
		if err := changesSettled(ctx, tx, p.ID); err != nil {
			return err
		}
		if err := bearingsOpen(ctx, tx, p.ID); err != nil {
			return err
		}
		e, err := escrow(ctx, tx, p.ID)
		if err != nil {
			return err
		}
		p.State, p.SettledOn, p.Surplus = ProjectSettled, today(tx), e.Left
		if e.Left > 0 {
			if err := t.giveBack(ctx, tx, *p, "", e.Left, who.Person, "工程结余返还："+p.Title); err != nil {
				return err
			}
		}
		page, err := t.projectPage(ctx, tx, *p)
		if err != nil {
			return err
		}
		p.Hash = page.Hash
		_, err = audit.Publish(ctx, tx, audit.Record{Kind: "money.use", Path: p.Path, Ref: p.Ref(), Body: map[string]any{"compound": p.Compound, "use": p.ID, "kind": "project", "category": p.Kind,
			"cost": int64(p.Cost), "final": int64(e.Out), "surplus": int64(p.Surplus), "parts": len(page.Homes), "hash": p.Hash}})
		return err
	})
}

// lateInterest is simple interest by days over a year of 365, cut to a fen.
func lateInterest(sum yuan.Amount, basis, days int64) yuan.Amount {
	if basis <= 0 || days <= 0 {
		return 0
	}
	x := new(big.Int).Mul(big.NewInt(int64(sum)), big.NewInt(basis))
	x.Mul(x, big.NewInt(days)).Quo(x, big.NewInt(10000*365))
	return yuan.Amount(x.Int64())
}

// lateShare is what a home would have paid beside those who pay, of what the works really cost them, and the interest since
// the works began.
func (t *Till) lateShare(ctx context.Context, q store.Queryer, p Project, part string, on day.Day) (ProjectHome, error) {
	all, err := projectHomes(ctx, q, `project = $1`, p.ID)
	if err != nil {
		return ProjectHome{}, err
	}
	var in []ProjectHome
	for _, h := range all {
		if h.State != homeRefused || h.Part == part {
			in = append(in, h)
		}
	}
	paid, err := t.backers(ctx, q, p.ID)
	if err != nil {
		return ProjectHome{}, err
	}
	var net yuan.Amount
	for _, b := range paid {
		if b.Kind != backGiver {
			net += b.left()
		}
	}
	counted, _, err := shareOut(p.Plan.Method, net, 0, in)
	if err != nil {
		return ProjectHome{}, err
	}
	i := slices.IndexFunc(counted, func(h ProjectHome) bool { return h.Part == part })
	if i < 0 {
		return ProjectHome{}, ErrOutside
	}
	h := counted[i]
	rule, _, _, err := t.rules(ctx, q, p.Path, on)
	if err != nil {
		return h, err
	}
	h.Interest = lateInterest(h.Amount, rule.LateInterestBasis, int64(on-p.BegunOn))
	h.Amount += h.Interest
	return h, nil
}

// JoinProject lets a home in that had refused: it pays its part of what the works cost, with interest, and that goes back to
// those who paid.
func (t *Till) JoinProject(ctx context.Context, who access.Who, id string, w Word) (Project, error) {
	return t.projectStep(ctx, who, id, 0, Look, "project_join", "", []string{ProjectBuilding, ProjectSettled}, func(tx *store.Tx, p *Project) error {
		h, err := t.projectHome(ctx, tx, p.ID, w.Part)
		if err != nil {
			return err
		}
		if h.State != homeRefused {
			return ErrAlreadyJoined
		}
		way, person, err := t.speaks(ctx, tx, who, *p, h.Path, w.Paper)
		if err != nil {
			return err
		}
		if h, err = t.lateShare(ctx, tx, *p, w.Part, today(tx)); err != nil {
			return err
		}
		if h.Amount <= 0 {
			return ErrNoPay
		}
		b, err := t.book(ctx, tx, p.Compound)
		if err != nil {
			return err
		}
		bill, err := t.oweBill(ctx, tx, b, who, debt{part: h.Part, kind: Pledge, fund: ledger.Works, amount: h.Amount, origin: p.Ref() + "/" + h.Part, words: p.Title, decision: p.Decision, rule: "R46", why: h.Step})
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `update money_project_home set state = $1, way = $2, person = $3, paper = $4, said_at = $5, amount = $6, step = $7, interest = $8, bill = $9, late = $10 where project = $11 and part = $12`,
			homePledged, way, person, w.Paper, int64(tx.Now), int64(h.Amount), text(h.Step), int64(h.Interest), bill, true, p.ID, h.Part)
		return err
	})
}

// ProjectPage is what everybody may see of a settled project: labels and shares, no names.
type ProjectPage struct {
	ID        string      `json:"id"`
	Compound  string      `json:"compound"`
	Kind      string      `json:"kind"`
	Title     string      `json:"title"`
	State     string      `json:"state"`
	Decision  string      `json:"decision"`
	Cost      yuan.Amount `json:"cost"`
	Subsidy   yuan.Amount `json:"subsidy"`
	Surplus   yuan.Amount `json:"surplus"`
	BegunOn   day.Day     `json:"begun_on"`
	SettledOn day.Day     `json:"settled_on"`
	Homes     []PageHome  `json:"homes"`
	Borne     []PageBorne `json:"borne,omitempty" doc:"what other funds bore in homes' places"`
	Stages    []PageStage `json:"stages"`
	Changes   []PageStage `json:"changes,omitempty" doc:"what was agreed beyond the chosen quote, by milestone"`
	Hash      string      `json:"hash,omitempty"`
	Demo      bool        `json:"demo,omitempty"`
}

// PageHome is a home's share as published.
type PageHome struct {
	Label  string      `json:"label"`
	Amount yuan.Amount `json:"amount"`
	Back   yuan.Amount `json:"back"`
	Joined bool        `json:"joined"`
}

// PageBorne is what a fund bore in a home's place, as published.
type PageBorne struct {
	Fund   ledger.Fund `json:"fund"`
	Label  string      `json:"label" doc:"the home"`
	Amount yuan.Amount `json:"amount"`
	Back   yuan.Amount `json:"back"`
}

// PageStage is a milestone as published.
type PageStage struct {
	Title string      `json:"title"`
	Final yuan.Amount `json:"final"`
	Payee string      `json:"payee,omitempty"`
}

func (t *Till) projectPage(ctx context.Context, q store.Queryer, p Project) (out ProjectPage, err error) {
	out = ProjectPage{ID: p.ID, Compound: p.Compound, Kind: p.Kind, Title: p.Title, State: p.State, Decision: p.Decision, Cost: p.Cost, Subsidy: p.Subsidy, Surplus: p.Surplus, BegunOn: p.BegunOn, SettledOn: p.SettledOn, Homes: []PageHome{}, Stages: []PageStage{}, Demo: p.Demo}
	homes, err := projectHomes(ctx, q, `project = $1 and late = $2`, p.ID, false)
	if err != nil {
		return out, err
	}
	for _, h := range homes {
		out.Homes = append(out.Homes, PageHome{h.Label, h.Amount, h.Back, h.State != homeRefused})
	}
	paid, err := t.backers(ctx, q, p.ID)
	if err != nil {
		return out, err
	}
	for _, b := range paid {
		if b.Kind == backFund {
			out.Borne = append(out.Borne, PageBorne{b.Fund, b.Label, b.Paid, b.Back})
		}
	}
	list, err := stages(ctx, q, p.ID)
	if err != nil {
		return out, err
	}
	for _, s := range list {
		out.Stages = append(out.Stages, PageStage{s.Title, s.Final, s.Payee})
	}
	agreed, err := changes(ctx, q, p.ID)
	if err != nil {
		return out, err
	}
	for _, c := range agreed {
		if c.State == ChangeAgreed {
			out.Changes = append(out.Changes, PageStage{Title: list[c.Stage-1].Title, Final: c.Amount})
		}
	}
	canonical, err := tree.Canonical(out)
	if err != nil {
		return out, err
	}
	sum := sha256.Sum256(canonical)
	out.Hash = hex.EncodeToString(sum[:])
	return out, nil
}

// ProjectFile is a shared work with all that belongs to it.
type ProjectFile struct {
	Project
	Homes     []ProjectHome `json:"homes"`
	Bids      []Bid         `json:"quotes"`
	Stages    []Stage       `json:"milestones"`
	Subsidies []Subsidy     `json:"subsidies"`
	Escrow    Escrow        `json:"escrow"`
	Payments  []WorkPayment `json:"payments" doc:"out of the escrow, for those who read the books"`
	Count     *tally.Result `json:"count,omitempty" doc:"of the consents, while they are asked for"`
	Said      []Said        `json:"said" doc:"for those who read the books"`
	Mine      []string      `json:"mine" doc:"parts of one's own in the range"`
	Parts     []HomePart    `json:"parts" doc:"of the range, and those whose own space the works use"`
	Changes   []Change      `json:"changes"`
	Reserve   yuan.Amount   `json:"reserve" doc:"what is left of the contingency"`
	Backers   []Backer      `json:"backers" doc:"whose money is in it, and what goes back to whom, or would if it were settled now; for those who read the books"`
	Returns   []Return      `json:"returns" doc:"owed back and not applied for; for those who read the books"`
	May       []string      `json:"may" doc:"steps at the desk that the one who asks may take now"`
}

// WorkPayment is a payment out of an escrow that was asked for.
type WorkPayment struct {
	UsePayment
	What string `json:"what" doc:"stage/NO; back: what goes back to homes; back/FUND, back/subsidy/ID: to a fund, to a giver"`
}

// ProjectOf shows a shared work: to who reads the books, and to the owners and residents of the compound.
func (t *Till) ProjectOf(ctx context.Context, who access.Who, id string) (f ProjectFile, err error) {
	err = t.db.View(ctx, func(q store.Queryer) error {
		p, err := t.project(ctx, q, id)
		if err != nil {
			return err
		}
		if err := t.may(ctx, q, who, Look, p.Path); err != nil {
			if who.Account == "" {
				return err
			}
			return ErrMissing
		}
		f = ProjectFile{Project: p, Said: []Said{}, Mine: []string{}, May: []string{}, Payments: []WorkPayment{}, Backers: []Backer{}, Returns: []Return{}}
		if f.Homes, err = projectHomes(ctx, q, `project = $1`, p.ID); err != nil {
			return err
		}
		if f.Bids, err = bids(ctx, q, p.ID); err != nil {
			return err
		}
		if f.Stages, err = stages(ctx, q, p.ID); err != nil {
			return err
		}
		for i := range f.Stages {
			f.Stages[i].Mine = who.Person != "" && f.Stages[i].Reported == who.Person
		}
		if f.Subsidies, err = subsidies(ctx, q, p.ID); err != nil {
			return err
		}
		if f.Escrow, err = escrow(ctx, q, p.ID); err != nil {
			return err
		}
		if p.State == ProjectInitiative {
			res, err := t.countConsents(ctx, q, p, "")
			if err != nil {
				return err
			}
			f.Count = &res
		}
		all, err := t.partsIn(ctx, q, p.Path, nil, true)
		if err != nil {
			return err
		}
		label := map[string]string{}
		f.Parts = []HomePart{}
		for _, x := range all {
			in := !x.Parking && (len(p.Range.Paths) == 0 || slices.ContainsFunc(p.Range.Paths, func(at scope.Path) bool { return at.Covers(x.Path) }))
			if !in && !slices.Contains(p.Touched, x.ID) {
				continue
			}
			f.Parts = append(f.Parts, x)
			label[x.ID] = x.Label
			if !in {
				continue
			}
			mine, err := owns(ctx, q, who.Person, x.Path, t.Today())
			if err != nil {
				return err
			}
			if mine {
				f.Mine = append(f.Mine, x.ID)
			}
		}
		reads := t.may(ctx, q, who, Read, p.Path) == nil
		if err := t.fillChanges(ctx, q, who, &f, label, reads); err != nil || !reads {
			return err
		}
		if f.Backers, err = t.settling(ctx, q, p, f.Escrow.Left); err != nil {
			return err
		}
		if f.Returns, err = t.returns(ctx, q, p.ID); err != nil {
			return err
		}
		f.May = f.mayNow(who.Person, t.may(ctx, q, who, Arrange, p.Path) == nil, t.may(ctx, q, who, Keep, p.Path) == nil)
		if f.Payments, err = store.All(ctx, q, func(r *sql.Rows) (x WorkPayment, err error) {
			err = r.Scan(&x.Payment, &x.What, &x.Amount, &x.State)
			return x, err
		}, `select payment, what, amount, state from money_project_payment where project = $1 order by payment`, p.ID); err != nil {
			return err
		}
		if f.Payments == nil {
			f.Payments = []WorkPayment{}
		}
		words, err := said(ctx, q, p.ID, "")
		for _, s := range words {
			s.Label = label[s.Part]
			f.Said = append(f.Said, s)
		}
		slices.SortFunc(f.Said, func(a, b Said) int { return strings.Compare(a.Label+a.Part, b.Label+b.Part) })
		return err
	})
	return f, err
}

// SharePreview is each home's share, and why, of a cost.
type SharePreview struct {
	Cost    yuan.Amount   `json:"cost"`
	Subsidy yuan.Amount   `json:"subsidy"`
	Homes   []ProjectHome `json:"homes"`
	Steps   []tally.Step  `json:"steps"`
}

// PreviewProject shows what each home would pay of a cost by a method; the project's own where they are not given.
func (t *Till) PreviewProject(ctx context.Context, who access.Who, id string, cost yuan.Amount, m Method) (v SharePreview, err error) {
	err = t.db.View(ctx, func(q store.Queryer) error {
		p, err := t.project(ctx, q, id)
		if err != nil {
			return err
		}
		if err := t.may(ctx, q, who, Look, p.Path); err != nil {
			if who.Account == "" {
				return err
			}
			return ErrMissing
		}
		if m.By == "" && p.Plan != nil {
			m = p.Plan.Method
		}
		if m.By == "" {
			for _, k := range ProjectKinds {
				if k.Code == p.Kind {
					m.By = k.By
				}
			}
			if m.By == "floor" {
				m.Table = "zhengzhou"
			}
		}
		if err := m.check(); err != nil {
			return err
		}
		if cost == 0 {
			cost = p.Cost
		}
		if cost == 0 {
			list, err := bids(ctx, q, p.ID)
			if err != nil {
				return err
			}
			if len(list) > 0 {
				cost = list[0].Amount
				if p.Plan != nil {
					cost += p.Plan.Contingency
					for _, x := range p.Plan.Extras {
						cost += x.Amount
					}
				}
			}
		}
		if cost <= 0 {
			return ErrAmount.At("cost")
		}
		if err := t.floorsKnown(ctx, q, p, m); err != nil {
			return err
		}
		parts, err := t.partsIn(ctx, q, p.Path, p.Range.Paths, false)
		if err != nil {
			return err
		}
		refused, err := store.Texts(ctx, q, `select part from money_project_home where project = $1 and state = $2`, p.ID, homeRefused)
		if err != nil {
			return err
		}
		var homes []ProjectHome
		for i, x := range parts {
			if !slices.Contains(refused, x.ID) {
				homes = append(homes, ProjectHome{No: i + 1, Part: x.ID, Path: x.Path, Label: x.Label, Floor: projectFloor(x, m), Area: x.Area, Unsold: x.Unsold, State: homeAsked})
			}
		}
		v = SharePreview{Cost: cost, Subsidy: min(p.Subsidy, cost)}
		v.Homes, v.Steps, err = shareOut(m, cost, v.Subsidy, homes)
		return err
	})
	return v, err
}

// ProjectBrief is a project in a list.
type ProjectBrief struct {
	Project
	Asked int64 `json:"asked" doc:"homes that have not spoken"`
	Paid  int64 `json:"paid" doc:"homes that have paid"`
	Homes int64 `json:"homes" doc:"homes that pay"`
}

// FindProjects filters shared works.
type FindProjects struct {
	Under    scope.Path
	Compound string
	State    string
	Query    string // of title, words, cost or the compound's name
	After    string
}

// Projects lists shared works within who's places, newest first.
func (t *Till) Projects(ctx context.Context, who access.Who, f FindProjects) (out []ProjectBrief, next string, err error) {
	out = []ProjectBrief{}
	if err := who.MaySomewhere(Look); err != nil {
		return out, "", err
	}
	err = t.db.View(ctx, func(q store.Queryer) error {
		paths := who.Paths(Look)
		under := f.Under
		if f.Compound != "" {
			n, err := t.compound(ctx, q, f.Compound)
			if err != nil {
				return err
			}
			if err := t.may(ctx, q, who, Look, n.Path); err != nil {
				return ErrMissing
			}
			under = n.Path
		}
		if under != "" {
			var kept []scope.Path
			for _, p := range paths {
				switch {
				case under.Covers(p):
					kept = append(kept, p)
				case p.Covers(under):
					kept = append(kept, under)
				}
			}
			if paths = kept; len(paths) == 0 {
				return nil
			}
		}
		if f.After == "" {
			f.After = "~"
		}
		cond, args := scope.Where("path", 4, paths...)
		args = append([]any{f.State, f.State, f.After}, args...)
		words, args := typed(f.Query, "money_project.path", "", "cost", args, "title", "words")
		list, err := store.All(ctx, q, func(r *sql.Rows) (Project, error) { return scanProject(r) }, `select `+projectColumns+` from money_project where ($1 = '' or state = $2) and id < $3 and `+cond+words+` order by id desc limit 51`, args...)
		if err != nil {
			return err
		}
		if len(list) > 50 {
			list = list[:50]
			next = list[49].ID
		}
		for _, p := range list {
			b := ProjectBrief{Project: p}
			if err := q.QueryRow(ctx, `select coalesce(sum(case when state = 'asked' and amount > 0 then 1 else 0 end), 0), coalesce(sum(case when state = 'paid' then 1 else 0 end), 0), coalesce(sum(case when state <> 'refused' and amount > 0 then 1 else 0 end), 0) from money_project_home where project = $1`, p.ID).Scan(&b.Asked, &b.Paid, &b.Homes); err != nil {
				return err
			}
			out = append(out, b)
		}
		return nil
	})
	return out, next, err
}

// MyProject is a shared work as an owner sees it: each own home's share, and why.
type MyProject struct {
	Project
	Parts []MyPart `json:"parts"`
}

// MyPart is a home of one's own in a shared work.
type MyPart struct {
	HomePart
	Choice string       `json:"choice,omitempty" doc:"what was said of the initiative"`
	Share  *ProjectHome `json:"share,omitempty"`
}

// MyProjects lists the shared works that concern a part of one's own.
func (t *Till) MyProjects(ctx context.Context, who access.Who) (out []MyProject, err error) {
	if err := person(who); err != nil {
		return nil, err
	}
	out = []MyProject{}
	err = t.db.View(ctx, func(q store.Queryer) error {
		mine, err := store.Texts(ctx, q, `select distinct path from people_v_title where person = $1 and from_day <= $2 and (to_day = '' or to_day >= $2)`, who.Person, t.Today())
		if err != nil {
			return err
		}
		compounds := map[scope.Path]bool{}
		for _, m := range mine {
			compounds[place.CompoundPath(scope.Path(m))] = true
		}
		for c := range compounds {
			list, err := store.All(ctx, q, func(r *sql.Rows) (Project, error) { return scanProject(r) }, `select `+projectColumns+` from money_project where compound = $1 order by id desc limit 100`, c.Last())
			if err != nil {
				return err
			}
			for _, p := range list {
				words, err := said(ctx, q, p.ID, "")
				if err != nil {
					return err
				}
				homes, err := projectHomes(ctx, q, `project = $1`, p.ID)
				if err != nil {
					return err
				}
				parts, err := t.partsIn(ctx, q, p.Path, nil, true)
				if err != nil {
					return err
				}
				x := MyProject{Project: p}
				for _, part := range parts {
					in := len(p.Range.Paths) == 0 && !part.Parking || slices.ContainsFunc(p.Range.Paths, func(at scope.Path) bool { return at.Covers(part.Path) })
					if !slices.Contains(mine, string(part.Path)) || !in && !slices.Contains(p.Touched, part.ID) {
						continue
					}
					m := MyPart{HomePart: part, Choice: words[part.ID].Choice}
					if i := slices.IndexFunc(homes, func(h ProjectHome) bool { return h.Part == part.ID }); i >= 0 {
						m.Share = &homes[i]
					}
					x.Parts = append(x.Parts, m)
				}
				if len(x.Parts) > 0 {
					out = append(out, x)
				}
			}
		}
		slices.SortFunc(out, func(a, b MyProject) int { return strings.Compare(b.ID, a.ID) })
		return nil
	})
	return out, err
}

// ProjectSight decides who may look at a paper of a project: signed papers of homes are for those who read the books.
func (t *Till) ProjectSight(ctx context.Context, who access.Who, id string) error {
	p, err := t.project(ctx, t.db, id)
	if err != nil {
		return err
	}
	return t.may(ctx, t.db, who, Read, p.Path)
}

// proveProjects holds the escrows against the books: what homes and givers paid in, less what was paid out, is in the bank.
func (t *Till) proveProjects(ctx context.Context, q store.Queryer, compound string) ([]Proof, error) {
	var in, out int64
	if err := q.QueryRow(ctx, `select (select coalesce(sum(h.paid + h.waived), 0) from money_project_home h join money_project p on p.id = h.project where p.compound = $1)
 + (select coalesce(sum(s.amount), 0) from money_project_subsidy s join money_project p on p.id = s.project where p.compound = $1 and s.entry <> ''),
 (select coalesce(sum(x.amount), 0) from money_project_payment x join money_project p on p.id = x.project where p.compound = $1 and x.state = 'paid')`, compound).Scan(&in, &out); err != nil {
		return nil, err
	}
	bank, err := t.liquid(ctx, q, compound, ledger.Works)
	if err != nil {
		return nil, err
	}
	ahead, err := t.balance(ctx, q, compound, "works:ahead")
	return []Proof{{Account: "works:bank", Books: bank + ahead, Parts: yuan.Amount(in - out), Holds: bank+ahead == yuan.Amount(in-out)}}, err
}

// PublicProjects lists the settled works of a compound, newest first.
func (t *Till) PublicProjects(ctx context.Context, compound string) (out []ProjectPage, err error) {
	out = []ProjectPage{}
	err = t.db.View(ctx, func(q store.Queryer) error {
		list, err := store.All(ctx, q, func(r *sql.Rows) (Project, error) { return scanProject(r) }, `select `+projectColumns+` from money_project where compound = $1 and state = 'settled' order by id desc limit 100`, compound)
		for _, p := range list {
			x, err := t.projectPage(ctx, q, p)
			if err != nil {
				return err
			}
			x.Hash = p.Hash // as it was settled: what came back later is not in it
			out = append(out, x)
		}
		return err
	})
	return out, err
}
