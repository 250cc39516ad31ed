package money

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/basis/yuan"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/audit/tree"
	"cuobian/platform/rules"
	"cuobian/platform/store"
	"cuobian/rooms/duty"
	"cuobian/rooms/money/ledger"
	"cuobian/rooms/money/statement"
	"cuobian/rooms/outreach"
	"cuobian/rooms/people"
	"cuobian/rooms/place"
)

// States of a payment. The first three are the reviews, each named after who reviews.
const (
	AtCommittee   = "committee" // 待业委会审核; the sum is reserved
	AtCommunity   = "community" // 待社区审核
	AtDraw        = "drawing"   // 等待抽签：the public log signs, and the lot is drawn
	AtStreet      = "street"    // 待街道审核
	AtSealing     = "sealing"   // 待用印
	AtSealed1     = "sealed_1"  // 已用一章
	AtSealed      = "sealed"    // 已用两章，待付款
	PaidOut       = "paid"      // 已付款入账
	PublishedOut  = "published" // 已公示
	RefusedOut    = "refused"
	LapsedOut     = "lapsed"
	WithdrawnOut  = "withdrawn"
	sideCommittee = "committee"
	sideCommunity = "community"
	sideStreet    = "street"
)

var openStates = []string{AtCommittee, AtCommunity, AtDraw, AtStreet, AtSealing, AtSealed1, AtSealed}

// Kinds of duties of a payment; its own steps end them.
const (
	dutyReview  = "money.review"
	dutySeal    = "money.seal"
	dutyPay     = "money.pay"
	dutyPublish = "money.publish"
	dutySilence = "money.silence"
)

// incomeDuties are the kinds of duties that the steps of public income alone end.
var incomeDuties = []string{dutyReview, dutySeal, dutyPay, dutyPublish, dutySilence, dutyGap, dutyIncomeIn, dutyStatement, dutyAnswer}

// Faults of payments.
var (
	ErrState     = fault.New(fault.Conflict, "money.state", "这笔支付已到下一步，请刷新", "this payment has moved on, please reload")
	ErrHand      = fault.New(fault.Refused, "money.hand", "您已经手这笔支付：同一人不能再审核、用印或者付款", "you have had a hand in this payment already: nobody may review, seal or pay a second time")
	ErrHandOther = fault.Bad("person", "money.hand_other", "此人已经手这笔支付（申请、审核、用印或者已回避），不能再要求回避；认为有关联的，请在审核时不同意", "this person has had a hand in this payment (applied, reviewed, sealed or is recused) and cannot be recused any more; whoever sees a relation refuses it in a review")
	ErrCopies    = fault.Bad("copies", "money.copies", "已经公示；补充时须附遮蔽后的副本", "it stands on the board already; to add to it, send a masked copy")
	ErrRecused   = fault.New(fault.Refused, "money.recused", "收款方与您有关联，应当回避", "the payee is related to you: you are recused")
	ErrMember    = fault.New(fault.Refused, "money.member", "只有该小区在任的业委会委员可以签署", "only members of the compound's committee may sign")
	ErrNamed     = fault.New(fault.Refused, "money.named", "该审核由决议指定的人办理", "this review is for the person whom a resolution names")
	ErrKeeper    = fault.New(fault.Refused, "money.keeper", "只有决议确定的、仍在任的印章保管人可以用印", "only the keeper whom a resolution names, still in office, may use the seal")
	ErrNoStamp   = fault.New(fault.Conflict, "money.no_stamp", "委员会的印章已停用：请先在业委会页面登记新的印章", "the committee's seal is out of use: enter another on the committee's page first")
	ErrSide      = fault.New(fault.Conflict, "money.sealed_side", "这枚印章已经盖过", "this seal stands already")
	ErrPaper     = fault.Bad("hash", "money.paper", "您看到的文件已不是最新的，请重新打开核对", "the paper you saw is not the present one: open it again")
	ErrPayee     = fault.Bad("payee_name", "money.payee", "须写明收款方", "say who is paid")
	ErrPurpose   = fault.Bad("purpose", "money.purpose", "须写明用途", "say what it is for")
	ErrAccount   = fault.Bad("account", "money.account", "支出科目有误：须是该资金的支出或者应付科目", "the account must be one of this fund's costs or debts")
	ErrDocuments = fault.Bad("documents", "money.documents", "须附凭证（合同、发票或者报价）", "documents are needed: contract, invoice or quotes")
	ErrQuotes    = fault.Bad("quotes", "money.quotes", "金额超过限额，须附规定家数的不同报价", "above the limit so many quotes of different firms are needed")
	ErrDecision  = fault.Bad("decision", "money.decision", "须写明依据的决定：业主大会决定、业委会决定、预算或者合同", "name the decision: of the assembly, of the committee, a budget or a contract")
	ErrChoice    = fault.Bad("choice", "money.choice", "只能同意或者不同意", "the choice is agree or against")
	ErrRef       = fault.Bad("ref", "money.ref", "须写明银行回单号", "give the number of the bank's slip")
)

// Quote is an offer that was asked for.
type Quote struct {
	From   string      `json:"from" maxLength:"120"`
	Amount yuan.Amount `json:"amount" minimum:"1"`
}

// Paper is a document of a payment.
type Paper struct {
	Blob   string `json:"blob" maxLength:"40"`
	Kind   string `json:"kind" enum:"document,contract,invoice,quote,acceptance,copy"`
	Hash   string `json:"hash,omitempty" readOnly:"true"`
	Public bool   `json:"public,omitempty" doc:"a copy with private data masked, which everybody may see"`
}

// NewPayment is an application.
type NewPayment struct {
	Compound    string      `json:"compound" maxLength:"40"`
	Fund        ledger.Fund `json:"fund" maxLength:"20"`
	Account     string      `json:"account" maxLength:"60" doc:"income:spent:cost"`
	Amount      yuan.Amount `json:"amount"`
	PayeeKind   string      `json:"payee_kind,omitempty" enum:"org,person" default:"org"`
	PayeeOrg    string      `json:"payee_org,omitempty" maxLength:"40" doc:"organisation on the register, where it is one"`
	PayeePerson string      `json:"payee_person,omitempty" maxLength:"40"`
	PayeeName   string      `json:"payee_name" maxLength:"120"`
	PayeeBank   string      `json:"payee_bank,omitempty" maxLength:"60" doc:"account number; kept sealed"`
	Purpose     string      `json:"purpose" maxLength:"200" doc:"stands on the board: no names of persons"`
	Decision    string      `json:"decision" maxLength:"120" doc:"assemblies/ID/NO, decisions/ID, budgets/ID/LINE, contracts/ID"`
	BudgetLine  string      `json:"budget_line,omitempty" maxLength:"120"`
	Documents   []Paper     `json:"documents,omitempty" maxItems:"30"`
	Quotes      []Quote     `json:"quotes,omitempty" maxItems:"20"`
	Origin      string      `json:"-"` // projects/…, quality/…, fund/…: which part of the room made it
}

// Payment is money that leaves a fund, from application to board.
type Payment struct {
	ID          string      `json:"id"`
	No          int64       `json:"no"`
	Compound    string      `json:"compound"`
	Path        scope.Path  `json:"path"`
	Place       string      `json:"place,omitempty"`
	Fund        ledger.Fund `json:"fund"`
	Account     string      `json:"account"`
	Amount      yuan.Amount `json:"amount"`
	PayeeKind   string      `json:"payee_kind"`
	PayeeOrg    string      `json:"payee_org,omitempty"`
	PayeePerson string      `json:"payee_person,omitempty"`
	PayeeName   string      `json:"payee_name"`
	PayeeLast4  string      `json:"payee_last4,omitempty"`
	Purpose     string      `json:"purpose"`
	Decision    string      `json:"decision"`
	BudgetLine  string      `json:"budget_line,omitempty"`
	Quotes      []Quote     `json:"quotes"`
	Origin      string      `json:"origin,omitempty"`
	State       string      `json:"state" enum:"committee,community,drawing,street,sealing,sealed_1,sealed,paid,published,refused,lapsed,withdrawn"`
	Hold        string      `json:"hold,omitempty"`
	Hash        string      `json:"hash" doc:"of the application"`
	PaperHash   string      `json:"paper_hash,omitempty" doc:"of the paper under the seals"`
	Rules       string      `json:"rules"`
	Org         string      `json:"org,omitempty" doc:"the committee that reviews"`
	Applicant   string      `json:"applicant"`
	Applied     day.Instant `json:"applied"`
	Since       day.Instant `json:"since"`
	Due         day.Instant `json:"due,omitempty" doc:"of the present step"`
	Level       int         `json:"level" doc:"how often silence made it climb"`
	Expires     day.Instant `json:"expires"`
	Draw        string      `json:"draw,omitempty" doc:"the draw by which the street reviews or not"`
	DrawRecord  string      `json:"draw_record,omitempty" doc:"in the public log; the draw follows from the first signed checkpoint that holds it"`
	DrawSize    int64       `json:"draw_size,omitempty" doc:"of that checkpoint"`
	DrawRoot    string      `json:"draw_root,omitempty"`
	Judged      yuan.Amount `json:"judged" doc:"the sum of this and of payments alike: by it reviews and quotes are asked for"`
	Split       string      `json:"split,omitempty" enum:",street,quotes" doc:"the limit that the sum passes and the amount alone does not"`
	Acting      string      `json:"acting,omitempty" enum:",community" doc:"the residents' committee acts for a committee that is not there"`
	Sampled     bool        `json:"sampled"`
	Reason      string      `json:"reason,omitempty"`
	PaidOn      day.Day     `json:"paid_on,omitempty"`
	Paid        day.Instant `json:"paid,omitempty"`
	PaidRef     string      `json:"paid_ref,omitempty"`
	Entry       string      `json:"entry,omitempty"`
	PublishDue  day.Instant `json:"publish_due,omitempty"`
	Published   day.Instant `json:"published,omitempty"`
	Version     int64       `json:"version"`
	Demo        bool        `json:"demo,omitempty"`

	application, paper string
	next               day.Instant
	recipe             int64 // of the draw
}

// Ref names the payment for other rooms.
func (p Payment) Ref() string { return "payments/" + p.ID }

const paymentColumns = `id, no, compound, path, fund, account, amount, payee_kind, payee_org, payee_person, payee_name, payee_last4, purpose, decision, budget_line, quotes, origin, state, hold, hash, application, paper, paper_hash, rules, org, applicant, applied, since, due, next_at, level, expires, draw, sampled, reason, paid_on, paid, paid_ref, entry, publish_due, published, version, demo, recipe, draw_record, draw_size, draw_root, judged, split, acting`

func scanPayment(r interface{ Scan(...any) error }) (p Payment, err error) {
	var quotes string
	if err = r.Scan(&p.ID, &p.No, &p.Compound, &p.Path, &p.Fund, &p.Account, &p.Amount, &p.PayeeKind, &p.PayeeOrg, &p.PayeePerson, &p.PayeeName, &p.PayeeLast4, &p.Purpose, &p.Decision, &p.BudgetLine, &quotes, &p.Origin, &p.State, &p.Hold, &p.Hash, &p.application, &p.paper, &p.PaperHash, &p.Rules, &p.Org, &p.Applicant, &p.Applied, &p.Since, &p.Due, &p.next, &p.Level, &p.Expires, &p.Draw, &p.Sampled, &p.Reason, &p.PaidOn, &p.Paid, &p.PaidRef, &p.Entry, &p.PublishDue, &p.Published, &p.Version, &p.Demo, &p.recipe, &p.DrawRecord, &p.DrawSize, &p.DrawRoot, &p.Judged, &p.Split, &p.Acting); err != nil {
		return p, err
	}
	return p, json.Unmarshal([]byte(quotes), &p.Quotes)
}

func (t *Till) payment(ctx context.Context, q store.Queryer, id string) (Payment, error) {
	p, err := scanPayment(q.QueryRow(ctx, `select `+paymentColumns+` from money_payment where id = $1`, id))
	if none(err) {
		err = ErrMissing
	}
	return p, err
}

// save writes what changes on the way. Whoever was first wins.
func (t *Till) savePayment(ctx context.Context, tx *store.Tx, p *Payment) error {
	p.Version++
	n, err := tx.Exec(ctx, `update money_payment set state = $3, hold = $4, paper = $5, paper_hash = $6, since = $7, due = $8, next_at = $9, level = $10, draw = $11, sampled = $12, reason = $13, paid_on = $14, paid = $15, paid_ref = $16, entry = $17, publish_due = $18, published = $19, version = $20, draw_record = $21, draw_size = $22, draw_root = $23
where id = $1 and version = $2`, p.ID, p.Version-1, p.State, p.Hold, p.paper, p.PaperHash, int64(p.Since), int64(p.Due), int64(p.next), p.Level, p.Draw, p.Sampled, p.Reason, p.PaidOn, int64(p.Paid), p.PaidRef, p.Entry, int64(p.PublishDue), int64(p.Published), p.Version, p.DrawRecord, p.DrawSize, p.DrawRoot)
	if err == nil && n == 0 {
		err = ErrChanged
	}
	return err
}

// hand gives a person a part in a payment; nobody has two.
func hand(ctx context.Context, tx *store.Tx, payment, person, part string) error {
	n, err := tx.Exec(ctx, `insert into money_hand (payment, person, part) values ($1, $2, $3) on conflict (payment, person) do nothing`, payment, person, part)
	if err == nil && n == 0 {
		err = ErrHand
	}
	return err
}

func (t *Till) step(ctx context.Context, tx *store.Tx, p Payment, who access.Who, a *access.Action, what, choice, words string, facts any) error {
	f := "{}"
	if facts != nil {
		f = text(facts)
	}
	post := ""
	if a != nil {
		post = who.By(a, p.Path).Post
	}
	_, err := tx.Exec(ctx, `insert into money_step (id, payment, what, stage, person, post, choice, words, facts, at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`, tx.NewID(), p.ID, what, p.State, who.Person, post, choice, words, f, int64(tx.Now))
	return err
}

func hashOf(v any) (text, hash string, err error) {
	b, err := tree.Canonical(v)
	if err != nil {
		return "", "", err
	}
	sum := sha256.Sum256(b)
	return string(b), hex.EncodeToString(sum[:]), nil
}

// related reports whether a payee is a person, bears that person's name, or is an organisation in which the person holds an
// office: such a person is recused.
func (t *Till) related(ctx context.Context, q store.Queryer, p Payment, person string) (string, error) {
	if person == "" {
		return "", nil
	}
	if p.PayeePerson == person {
		return "收款方是本人", nil
	}
	if p.PayeeKind == "person" {
		name, err := t.on.Register.PersonName(ctx, q, person)
		if err != nil {
			return "", err
		}
		if name == p.PayeeName {
			return "收款方与本人同名", nil
		}
	}
	if p.PayeeOrg != "" {
		on := t.Today()
		n, err := store.Count(ctx, q, `select count(*) from people_v_term where org = $1 and person = $2 and from_day <= $3 and (to_day = '' or to_day >= $3)`, p.PayeeOrg, person, on)
		if err != nil {
			return "", err
		}
		if n > 0 {
			return "在收款单位任职", nil
		}
	}
	return "", nil
}

// free refuses who is recused from a payment.
func (t *Till) free(ctx context.Context, q store.Queryer, p Payment, person string) error {
	n, err := store.Count(ctx, q, `select count(*) from money_recusal where payment = $1 and person = $2`, p.ID, person)
	if err != nil {
		return err
	}
	if n > 0 {
		return ErrRecused
	}
	why, err := t.related(ctx, q, p, person)
	if err == nil && why != "" {
		err = ErrRecused
	}
	return err
}

// Submit applies for a payment.
func (t *Till) Submit(ctx context.Context, who access.Who, in NewPayment) (p Payment, err error) {
	if err := person(who); err != nil {
		return p, err
	}
	in.Origin = ""
	err = t.db.Write(ctx, func(tx *store.Tx) error {
		n, err := t.compound(ctx, tx, in.Compound)
		if err != nil {
			return err
		}
		if err := t.may(ctx, tx, who, Apply, n.Path); err != nil {
			return err
		}
		p, err = t.submitPayment(ctx, tx, who, in)
		return err
	})
	return p, err
}

// submitPayment applies for a payment in the caller's write and reserves its sum. Who may is the caller's to check.
func (t *Till) submitPayment(ctx context.Context, tx *store.Tx, who access.Who, in NewPayment) (p Payment, err error) {
	n, err := t.compound(ctx, tx, in.Compound)
	if err != nil {
		return p, err
	}
	b, err := t.book(ctx, tx, n.ID)
	if err != nil {
		return p, err
	}
	rule, cal, name, err := t.rules(ctx, tx, n.Path, today(tx))
	if err != nil {
		return p, err
	}
	seats, err := t.bench(ctx, tx, n.Path, who.Person, today(tx), rule)
	if err == nil && seats.Refused != nil {
		err = seats.Refused
	}
	if err != nil {
		return p, err
	}
	if in.PayeeKind == "" {
		in.PayeeKind = "org"
	}
	in.PayeeName, in.Purpose, in.Decision, in.BudgetLine = strings.TrimSpace(in.PayeeName), strings.TrimSpace(in.Purpose), strings.TrimSpace(in.Decision), strings.TrimSpace(in.BudgetLine)
	quotes, err := t.sound(ctx, tx, n, in, rule)
	if err != nil {
		return p, err
	}
	if in.Quotes == nil {
		in.Quotes = []Quote{}
	}
	p = Payment{ID: tx.NewID(), Compound: n.ID, Path: n.Path, Fund: in.Fund, Account: in.Account, Amount: in.Amount, PayeeKind: in.PayeeKind, PayeeOrg: in.PayeeOrg, PayeePerson: in.PayeePerson, PayeeName: in.PayeeName, PayeeLast4: last4(in.PayeeBank),
		Purpose: in.Purpose, Decision: in.Decision, BudgetLine: in.BudgetLine, Quotes: in.Quotes, Origin: in.Origin, State: AtCommittee, Rules: name, Org: seats.Org, Acting: seats.Acting, recipe: byLog, Applicant: who.Person, Applied: tx.Now, Version: 1, Demo: n.Demo}
	p.Expires = cal.Deadline(tx.Now, rule.Expire, day.Hours{}).At
	if p.No, err = store.Count(ctx, tx, `select coalesce(max(no), 0) + 1 from money_payment where compound = $1`, n.ID); err != nil {
		return p, err
	}
	index := t.bankIndex(in.PayeeBank)
	others, err := t.alike(ctx, tx, p, index, rule)
	if err != nil {
		return p, err
	}
	if err := judge(&p, others, quotes, rule); err != nil {
		return p, err
	}
	docs, err := t.papersIn(ctx, tx, who, p, in)
	if err != nil {
		return p, err
	}
	if p.application, p.Hash, err = hashOf(p.applied(docs, others)); err != nil {
		return p, err
	}
	if p.Hold, err = t.reserve(ctx, tx, b, who.Person, ledger.Entry{Day: today(tx), Text: p.Purpose, Document: p.Ref(), Decision: p.Decision, Rule: "R38", Legs: p.legs()}, p.Expires); err != nil {
		return p, err
	}
	sealed := []byte{}
	if bank := strings.TrimSpace(in.PayeeBank); bank != "" {
		sealed = t.on.Ring.Seal("money_payment", "payee_bank", p.ID, bank)
	}
	if _, err := tx.Exec(ctx, `insert into money_payment (`+paymentColumns+`, street, payee_bank, payee_index)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, '', '', $22, $23, $24, $25, $26, 0, 0, 0, $27, '', $28, '', '', 0, '', '', 0, 0, 1, $29, $30, '', 0, '', $31, $32, $33, $34, $35, $36)`,
		p.ID, p.No, p.Compound, string(p.Path), string(p.Fund), p.Account, int64(p.Amount), p.PayeeKind, p.PayeeOrg, p.PayeePerson, p.PayeeName, p.PayeeLast4, p.Purpose, p.Decision, p.BudgetLine, text(p.Quotes), p.Origin, p.State, p.Hold, p.Hash, p.application, p.Rules, p.Org, p.Applicant, int64(p.Applied), int64(p.Applied), int64(p.Expires), false, p.Demo, p.recipe, int64(p.Judged), p.Split, p.Acting, string(p.Path.Street()), sealed, index); err != nil {
		return p, err
	}
	for _, x := range docs {
		if _, err := tx.Exec(ctx, `insert into money_paper (payment, blob, kind, hash, public, by_person, at) values ($1, $2, $3, $4, $5, $6, $7) on conflict (payment, blob) do nothing`, p.ID, x.Blob, x.Kind, x.Hash, x.Public, who.Person, int64(tx.Now)); err != nil {
			return p, err
		}
	}
	for _, x := range others {
		if _, err := tx.Exec(ctx, `insert into money_alike (payment, other, why) values ($1, $2, $3)`, p.ID, x.ID, x.Why); err != nil {
			return p, err
		}
	}
	if who.Person != "" {
		if err := hand(ctx, tx, p.ID, who.Person, "apply"); err != nil {
			return p, err
		}
	}
	if err := t.step(ctx, tx, p, who, Apply, "apply", "", "", map[string]string{"hash": p.Hash}); err != nil {
		return p, err
	}
	for _, m := range seats.members {
		why, err := t.related(ctx, tx, p, m)
		if err != nil {
			return p, err
		}
		if why != "" {
			if err := t.keepRecusal(ctx, tx, p, m, why, true); err != nil {
				return p, err
			}
		}
	}
	if err := t.enter(ctx, tx, &p, AtCommittee, rule, cal); err != nil {
		return p, err
	}
	if err := t.savePayment(ctx, tx, &p); err != nil {
		return p, err
	}
	return p, t.trail(ctx, tx, who, Apply, p.Path, "apply", p.Ref(), "", map[string]any{"amount": p.Amount, "account": p.Account, "hash": p.Hash})
}

// sound judges an application by itself. quotes says that there are as many as a sum above the limit needs, or that the part
// of the room which applies has compared them itself.
func (t *Till) sound(ctx context.Context, tx *store.Tx, n place.Node, in NewPayment, rule rules.Moneys) (quotes bool, err error) {
	switch {
	case in.Amount <= 0:
		return false, ErrAmount
	case in.PayeeName == "" || in.PayeeKind != "org" && in.PayeeKind != "person":
		return false, ErrPayee
	case in.Purpose == "":
		return false, ErrPurpose
	case len(in.Documents) == 0 && in.Origin == "":
		return false, ErrDocuments
	}
	c, err := t.chart(ctx, tx, n.ID)
	if err != nil {
		return false, err
	}
	if a, has := c[in.Account]; !has || a.Fund() != in.Fund || a.Class != ledger.Cost && a.Class != ledger.Debt {
		return false, ErrAccount
	}
	kind, rest, _ := strings.Cut(in.Decision, "/")
	switch {
	case kind == "assemblies" || kind == "decisions":
		if err := t.resolved(ctx, tx, access.Who{}, n.Path, in.Decision, "", "", 0); err != nil {
			if err == ErrResolution {
				err = ErrDecision
			}
			return false, err
		}
	case !slices.Contains([]string{"budgets", "contracts", "tariffs"}, kind) || rest == "":
		if in.Origin == "" || in.Decision == "" {
			return false, ErrDecision
		}
	}
	from := map[string]bool{}
	for _, x := range in.Quotes {
		if strings.TrimSpace(x.From) == "" || x.Amount <= 0 {
			return false, ErrQuotes
		}
		from[strings.TrimSpace(x.From)] = true
	}
	quotes = len(from) >= rule.Quotes || in.Origin != ""
	if int64(in.Amount) > rule.QuotesFrom && !quotes {
		return false, ErrQuotes
	}
	return quotes, nil
}

func last4(number string) string {
	var digits []rune
	for _, r := range number {
		if r >= '0' && r <= '9' {
			digits = append(digits, r)
		}
	}
	if len(digits) < 8 {
		return ""
	}
	return string(digits[len(digits)-4:])
}

// papersIn takes the documents of an application in. A part of the room may name papers that it keeps itself.
func (t *Till) papersIn(ctx context.Context, tx *store.Tx, who access.Who, p Payment, in NewPayment) ([]Paper, error) {
	out := []Paper{}
	for _, x := range in.Documents {
		b, err := t.on.Blobs.Find(ctx, tx, x.Blob)
		if err != nil {
			return nil, err
		}
		if b.State != "kept" || in.Origin == "" {
			if err := t.attach(ctx, tx, who, x.Blob, p.Ref(), p.Path); err != nil {
				return nil, err
			}
		}
		if x.Kind == "" {
			x.Kind = "document"
		}
		x.Hash = b.Hash
		out = append(out, x)
	}
	return out, nil
}

// applied is the canonical text of the application.
func (p Payment) applied(docs []Paper, others []Alike) map[string]any {
	papers, alike := []map[string]any{}, []map[string]any{}
	for _, x := range others {
		alike = append(alike, map[string]any{"payment": x.ID, "no": x.No, "amount": x.Amount})
	}
	for _, x := range docs {
		papers = append(papers, map[string]any{"kind": x.Kind, "sha256": x.Hash})
	}
	return map[string]any{"format": "cuobian.payment.1", "payment": p.ID, "no": p.No, "compound": p.Compound, "fund": p.Fund, "account": p.Account, "amount": p.Amount,
		"payee": map[string]any{"kind": p.PayeeKind, "name": p.PayeeName, "org": p.PayeeOrg, "last4": p.PayeeLast4}, "purpose": p.Purpose, "decision": p.Decision, "budget_line": p.BudgetLine,
		"documents": papers, "quotes": p.Quotes, "applicant": p.Applicant, "applied": p.Applied, "rules": p.Rules,
		"judged": p.Judged, "alike": alike, "acting": p.Acting}
}

func (p Payment) legs() []ledger.Leg {
	from := string(p.Fund) + ":bank"
	if p.Fund == ledger.Petty {
		from = "petty:cash"
	}
	return []ledger.Leg{{Account: p.Account, Amount: p.Amount}, {Account: from, Amount: -p.Amount}}
}

var stageWords = map[string][2]string{
	AtCommittee: {"审核支付（业委会）", "review a payment (committee)"}, AtCommunity: {"审核支付（社区）", "review a payment (community)"}, AtStreet: {"审核支付（街道）", "review a payment (street)"},
	AtDraw:    {"抽签（等公共日志签名）", "draw a payment (waits for the public log)"},
	AtSealing: {"用印", "put the seal under a payment"}, AtSealed1: {"用第二枚印", "put the second seal under a payment"}, AtSealed: {"付款", "carry out a sealed payment"},
}

// enter brings a payment to a step: its deadline, and the duty of who takes it.
func (t *Till) enter(ctx context.Context, tx *store.Tx, p *Payment, state string, rule rules.Moneys, cal *day.Calendar) error {
	for _, k := range []string{dutyReview, dutySeal, dutyPay, dutySilence} {
		if err := t.on.Duty.End(ctx, tx, k, p.Ref(), ""); err != nil {
			return err
		}
	}
	p.State, p.Since, p.Level, p.Due, p.next = state, tx.Now, 0, 0, 0
	limit, kind := rule.Seal, dutySeal
	o := duty.Owe{Ref: p.Ref(), Path: p.Path}
	switch state {
	case AtCommittee:
		limit, kind, o.Post, o.Org = rule.ReviewCommittee, dutyReview, access.CommitteeDirector, p.Org
		if p.Acting != "" {
			o.Post = access.CommunityOfficer
		} else if org, err := t.on.Register.Org(ctx, tx, p.Org); err == nil && org.Kind == people.InterimCommittee {
			o.Post = access.InterimDirector
		}
	case AtDraw:
		limit, kind = rule.DrawWait, ""
	case AtCommunity:
		limit, kind, o.Post = rule.ReviewCommunity, dutyReview, access.CommunityOfficer
	case AtStreet:
		limit, kind, o.Post = rule.ReviewStreet, dutyReview, access.StreetOfficer
	case AtSealing, AtSealed1:
		two := p.two()
		role := two[0].role
		if n, err := store.Count(ctx, tx, `select count(*) from money_seal where payment = $1 and side = $2`, p.ID, two[0].side); err != nil || n > 0 {
			if err != nil {
				return err
			}
			role = two[1].role
		}
		keeper, _, ok, err := holderOf(ctx, tx, p.Compound, role, tx.Now)
		if err != nil {
			return err
		}
		if o.Person = keeper; !ok {
			o.Post = access.CommunitySecretary // who sees to it that a keeper is named
		}
	case AtSealed:
		kind = dutyPay
		o.Post, o.Org = p.payer()
	default: // ended
		return nil
	}
	due := cal.Deadline(tx.Now, limit, day.Hours{})
	p.Due, p.next = due.At, due.At
	if p.next == 0 || p.Expires != 0 && p.Expires < p.next {
		p.next = p.Expires
	}
	if kind == "" {
		return nil // nobody's to do: the log's
	}
	w := stageWords[state]
	o.Kind, o.Zh, o.En = kind, fmt.Sprintf("%s：第 %d 号，%s 元", w[0], p.No, p.Amount), fmt.Sprintf("%s: no. %d, %s yuan", w[1], p.No, p.Amount)
	return t.owe(ctx, tx, o, due)
}

// payer is the post that pays and publishes.
func (p Payment) payer() (access.Post, string) {
	if p.Acting != "" {
		return access.CommunityOfficer, ""
	}
	return access.CommitteeDirector, p.Org
}

// turn loads a payment for a step of who.
func (t *Till) turn(ctx context.Context, tx *store.Tx, who access.Who, id string, a *access.Action, states ...string) (p Payment, rule rules.Moneys, cal *day.Calendar, err error) {
	if p, err = t.payment(ctx, tx, id); err != nil {
		return
	}
	if err = t.may(ctx, tx, who, a, p.Path); err != nil {
		return
	}
	if err = person(who); err != nil {
		return
	}
	if !slices.Contains(states, p.State) {
		if err = ErrState; p.State == AtDraw {
			err = ErrDrawing
		}
		return
	}
	rule, cal, _, err = t.rules(ctx, tx, p.Path, p.Applied.Day(day.Shanghai))
	return
}

// Review signs or refuses a payment in the review that it is in. The committee reviews as a body: more than half of its
// members in office sign (R38, R21); community and street by one person each.
func (t *Till) Review(ctx context.Context, who access.Who, id, choice, words, hash string) (p Payment, err error) {
	words = strings.TrimSpace(words)
	if choice != "agree" && choice != "against" {
		return p, ErrChoice
	}
	if choice == "against" && words == "" {
		return p, ErrReason
	}
	err = t.db.Write(ctx, func(tx *store.Tx) error {
		if p, err = t.payment(ctx, tx, id); err != nil {
			return err
		}
		a := p.reviewing()
		p, rule, cal, err := t.turn(ctx, tx, who, id, a, AtCommittee, AtCommunity, AtStreet)
		if err != nil {
			return err
		}
		if choice == "agree" && hash != p.Hash {
			return ErrPaper
		}
		var members []string
		if p.Acting == "" {
			if _, members, _, err = t.committeeAt(ctx, tx, p.Path, today(tx)); err != nil {
				return err
			}
		}
		if err := t.reviews(ctx, tx, who, p, members); err != nil {
			return err
		}
		if err := t.free(ctx, tx, p, who.Person); err != nil {
			return err
		}
		if err := hand(ctx, tx, p.ID, who.Person, p.State); err != nil {
			return err
		}
		if err := t.step(ctx, tx, p, who, a, "review", choice, words, map[string]string{"hash": p.Hash}); err != nil {
			return err
		}
		next := ""
		if p.State == AtCommittee && p.Acting == "" {
			agreed, err := t.signed(ctx, tx, p.ID, "agree", members)
			if err != nil {
				return err
			}
			against, err := t.signed(ctx, tx, p.ID, "against", members)
			if err != nil {
				return err
			}
			switch {
			case 2*agreed > len(members):
				next = AtCommunity
			case 2*against >= len(members):
				next = RefusedOut
			}
		} else if choice == "against" {
			next = RefusedOut
		} else if p.State == AtStreet {
			next = AtSealing
		} else if p.State == AtCommittee {
			next = AtCommunity
		} else if next, err = t.toDraw(ctx, tx, &p, rule); err != nil {
			return err
		}
		if err := t.advance(ctx, tx, who, &p, next, words, rule, cal); err != nil {
			return err
		}
		return t.trail(ctx, tx, who, a, p.Path, "review", p.Ref(), words, map[string]string{"choice": choice, "hash": p.Hash, "state": p.State})
	})
	if err != nil {
		return p, err
	}
	return t.payment(ctx, t.db, id)
}

// reviewing is the action of the review a payment is in; where the community acts for a committee, the first is its too.
func (p Payment) reviewing() *access.Action {
	switch {
	case p.State == AtCommunity, p.State == AtCommittee && p.Acting != "":
		return ReviewCommunity
	case p.State == AtCommittee:
		return ReviewCommittee
	case p.State == AtStreet:
		return ReviewStreet
	}
	return Read
}

// reviews checks that who may take the review a payment is in.
func (t *Till) reviews(ctx context.Context, tx *store.Tx, who access.Who, p Payment, members []string) error {
	if p.State == AtCommittee && p.Acting != "" {
		return nil
	}
	if p.State == AtCommittee {
		if !slices.Contains(members, who.Person) {
			return ErrMember
		}
		return nil
	}
	kind := RoleCommunity
	if p.State == AtStreet {
		kind = RoleStreet
	}
	named, _, ok, err := holderOf(ctx, tx, p.Compound, kind, tx.Now)
	if err != nil || !ok || named == who.Person {
		return err
	}
	// Somebody else of the same post steps in only where the one named cannot: recused, had a hand, or out of office.
	if t.fits(ctx, tx, p.Path, named, rolePosts[kind]) != nil || t.free(ctx, tx, p, named) != nil {
		return nil
	}
	if n, err := store.Count(ctx, tx, `select count(*) from money_hand where payment = $1 and person = $2`, p.ID, named); err != nil || n > 0 {
		return err
	}
	return ErrNamed
}

// signed counts the committee's signatures of those who are members today.
func (t *Till) signed(ctx context.Context, q store.Queryer, payment, choice string, members []string) (n int, err error) {
	by, err := store.Texts(ctx, q, `select person from money_step where payment = $1 and what = 'review' and stage = 'committee' and choice = $2`, payment, choice)
	for _, m := range members {
		if slices.Contains(by, m) {
			n++
		}
	}
	return n, err
}

// advance moves a payment on, or leaves it where next is "".
func (t *Till) advance(ctx context.Context, tx *store.Tx, who access.Who, p *Payment, next, words string, rule rules.Moneys, cal *day.Calendar) error {
	switch next {
	case "":
	case RefusedOut, WithdrawnOut, LapsedOut:
		return t.letGo(ctx, tx, p, next, words, rule, cal)
	case AtSealing:
		if err := t.freeze(ctx, tx, p); err != nil {
			return err
		}
		fallthrough
	default:
		if err := t.enter(ctx, tx, p, next, rule, cal); err != nil {
			return err
		}
	}
	return t.savePayment(ctx, tx, p)
}

// freeze writes the paper that the seals stand under: the application and the reviews of it.
func (t *Till) freeze(ctx context.Context, tx *store.Tx, p *Payment) error {
	steps, err := t.steps(ctx, tx, p.ID)
	if err != nil {
		return err
	}
	reviews := []map[string]any{}
	for _, s := range steps {
		if s.What == "review" {
			reviews = append(reviews, map[string]any{"stage": s.Stage, "person": s.Person, "post": s.Post, "choice": s.Choice, "at": s.At})
		}
	}
	p.paper, p.PaperHash, err = hashOf(map[string]any{"format": "cuobian.payment.1", "application": json.RawMessage(p.application), "hash": p.Hash, "reviews": reviews, "draw": p.Draw, "sampled": p.Sampled})
	return err
}

// letGo ends a payment that will not be paid: its sum is free again.
func (t *Till) letGo(ctx context.Context, tx *store.Tx, p *Payment, as, why string, rule rules.Moneys, cal *day.Calendar) error {
	b, err := t.book(ctx, tx, p.Compound)
	if err != nil {
		return err
	}
	if err := t.release(ctx, tx, b, p.Hold, why); err != nil && err != ledger.ErrDone {
		return err
	}
	p.Reason = why
	if err := t.enter(ctx, tx, p, as, rule, cal); err != nil {
		return err
	}
	if err := t.savePayment(ctx, tx, p); err != nil {
		return err
	}
	if p.Applicant != "" {
		zh := map[string]string{RefusedOut: "未获同意", WithdrawnOut: "已撤回", LapsedOut: "已过期失效"}[as]
		en := map[string]string{RefusedOut: "was refused", WithdrawnOut: "was withdrawn", LapsedOut: "has lapsed"}[as]
		if err := t.tell(ctx, tx, p.Path, p.Ref(), "支付申请"+zh, "Your application for a payment "+en, fmt.Sprintf("第 %d 号支付申请%s：%s", p.No, zh, why), fmt.Sprintf("Application no. %d %s: %s", p.No, en, why), outreach.To{Person: p.Applicant}); err != nil {
			return err
		}
	}
	return t.ended(ctx, tx, *p)
}

// ended tells the part of the room that a payment was made by.
func (t *Till) ended(ctx context.Context, tx *store.Tx, p Payment) error {
	for prefix, fn := range t.paymentEnded {
		if strings.HasPrefix(p.Origin, prefix) {
			return fn(ctx, tx, p)
		}
	}
	return nil
}

// Withdraw takes an application back, by who applied, as long as it is not paid.
func (t *Till) Withdraw(ctx context.Context, who access.Who, id, why string) (p Payment, err error) {
	if why = strings.TrimSpace(why); why == "" {
		return p, ErrReason
	}
	err = t.db.Write(ctx, func(tx *store.Tx) error {
		var rule rules.Moneys
		var cal *day.Calendar
		if p, rule, cal, err = t.turn(ctx, tx, who, id, Apply, openStates...); err != nil {
			return err
		}
		if p.Applicant != who.Person {
			return access.ErrRefused
		}
		if err := t.step(ctx, tx, p, who, Apply, "withdraw", "", why, nil); err != nil {
			return err
		}
		if err := t.letGo(ctx, tx, &p, WithdrawnOut, why, rule, cal); err != nil {
			return err
		}
		return t.trail(ctx, tx, who, Apply, p.Path, "withdraw", p.Ref(), why, nil)
	})
	return p, err
}

func (t *Till) keepRecusal(ctx context.Context, tx *store.Tx, p Payment, person, why string, computed bool) error {
	if _, err := tx.Exec(ctx, `insert into money_recusal (payment, person, why, computed, at) values ($1, $2, $3, $4, $5) on conflict (payment, person) do nothing`, p.ID, person, why, computed, int64(tx.Now)); err != nil {
		return err
	}
	return t.step(ctx, tx, p, access.Who{Person: person}, nil, "recuse", "", why, map[string]bool{"computed": computed})
}

// Recuse declares that the payee is related to who, or, by the street, to somebody else. It cannot be taken back.
func (t *Till) Recuse(ctx context.Context, who access.Who, id, other, why string) (p Payment, err error) {
	if why = strings.TrimSpace(why); why == "" {
		return p, ErrReason
	}
	err = t.db.Write(ctx, func(tx *store.Tx) error {
		if p, _, _, err = t.turn(ctx, tx, who, id, Read, openStates...); err != nil {
			return err
		}
		if other == "" {
			other = who.Person
		}
		if other != who.Person {
			if err := who.May(Oversee, p.Path); err != nil {
				return err
			}
			if err := t.fits(ctx, tx, p.Path, other, handsPosts); err != nil {
				return err
			}
		} else if who.May(ReviewCommittee, p.Path) != nil && who.May(ReviewCommunity, p.Path) != nil && who.May(ReviewStreet, p.Path) != nil {
			return access.ErrRefused
		}
		if err := hand(ctx, tx, p.ID, other, "recused"); err != nil {
			if err == ErrHand && other != who.Person {
				err = ErrHandOther
			}
			return err
		}
		if err := t.keepRecusal(ctx, tx, p, other, why, false); err != nil {
			return err
		}
		return t.trail(ctx, tx, who, Read, p.Path, "recuse", p.Ref(), why, map[string]string{"person": other})
	})
	return p, err
}

// Seal puts one of the two seals under the paper of a payment: by the keeper whom a resolution names, still in office, with
// the seal of that keeper's body. hash is that of the paper which the keeper has before the eyes.
func (t *Till) Seal(ctx context.Context, who access.Who, id, hash string) (p Payment, err error) {
	err = t.db.Write(ctx, func(tx *store.Tx) error {
		var rule rules.Moneys
		var cal *day.Calendar
		if p, rule, cal, err = t.turn(ctx, tx, who, id, Seal, AtSealing, AtSealed1); err != nil {
			return err
		}
		var o people.Org
		var members []string
		if p.Acting == "" {
			if o, members, _, err = t.committeeAt(ctx, tx, p.Path, today(tx)); err != nil {
				return err
			}
		}
		side, err := t.keeps(ctx, tx, who, p, members)
		if err != nil {
			return err
		}
		if err := t.free(ctx, tx, p, who.Person); err != nil {
			return err
		}
		if hash != p.PaperHash {
			return ErrPaper
		}
		if n, err := store.Count(ctx, tx, `select count(*) from money_seal where payment = $1 and side = $2`, p.ID, side); err != nil || n > 0 {
			if err == nil {
				err = ErrSide
			}
			return err
		}
		if err := hand(ctx, tx, p.ID, who.Person, "seal_"+side); err != nil {
			return err
		}
		n, err := t.on.Map.Get(ctx, tx, p.Compound)
		if err != nil {
			return err
		}
		s, err := t.stampOf(ctx, tx, n, side, o)
		if err != nil {
			return err
		}
		sum, err := hex.DecodeString(p.PaperHash)
		if err != nil {
			return err
		}
		u, err := t.on.Stamps.Use(ctx, tx, s.ID, sum)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `insert into money_seal (payment, stamp, side, name, public, keeper, signer, hash, at, sig) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`, p.ID, s.ID, side, s.Name, s.Public, who.Person, who.Person, p.PaperHash, int64(u.At), u.Sig); err != nil {
			return err
		}
		if err := t.step(ctx, tx, p, who, Seal, "seal", "", s.Name, map[string]string{"stamp": s.ID, "side": side, "hash": p.PaperHash}); err != nil {
			return err
		}
		next := AtSealed1
		if p.State == AtSealed1 {
			next = AtSealed
		}
		if err := t.advance(ctx, tx, who, &p, next, "", rule, cal); err != nil {
			return err
		}
		return t.trail(ctx, tx, who, Seal, p.Path, "seal", p.Ref(), "", map[string]string{"stamp": s.ID, "keeper": who.Person, "hash": p.PaperHash})
	})
	return p, err
}

// keeps says which side's seal who keeps: named by a resolution in force, and in office today.
func (t *Till) keeps(ctx context.Context, tx *store.Tx, who access.Who, p Payment, members []string) (string, error) {
	for _, x := range p.two() {
		named, _, ok, err := holderOf(ctx, tx, p.Compound, x.role, tx.Now)
		if err != nil {
			return "", err
		}
		if !ok || named != who.Person {
			continue
		}
		in := slices.Contains(members, who.Person)
		if x.side != sideCommittee {
			in = t.fits(ctx, tx, p.Path, who.Person, rolePosts[x.role]) == nil
		}
		if in {
			return x.side, nil
		}
	}
	return "", ErrKeeper
}

// Pay carries a sealed payment out: by one who had no hand in it. It is posted from its reservation on that day.
func (t *Till) Pay(ctx context.Context, who access.Who, id string, on day.Day, ref string) (p Payment, err error) {
	err = t.db.Write(ctx, func(tx *store.Tx) error {
		p, err = t.pay(ctx, tx, who, id, on, ref)
		return err
	})
	return p, err
}

// pay is Pay within a write: a line of the bank may carry a payment out, too.
func (t *Till) pay(ctx context.Context, tx *store.Tx, who access.Who, id string, on day.Day, ref string) (p Payment, err error) {
	if ref = strings.TrimSpace(ref); ref == "" {
		return p, ErrRef
	}
	var rule rules.Moneys
	var cal *day.Calendar
	if p, rule, cal, err = t.turn(ctx, tx, who, id, Pay, AtSealed); err != nil {
		return p, err
	}
	if on == 0 {
		on = today(tx)
	}
	if on > today(tx) || on < p.Applied.Day(day.Shanghai) {
		return p, ErrDay
	}
	if err := t.whole(ctx, tx, p, rule); err != nil {
		return p, err
	}
	if err := hand(ctx, tx, p.ID, who.Person, "pay"); err != nil {
		return p, err
	}
	b, err := t.book(ctx, tx, p.Compound)
	if err != nil {
		return p, err
	}
	e, err := t.settle(ctx, tx, b, who.Person, p.Hold, on)
	if err != nil {
		return p, err
	}
	if err := t.step(ctx, tx, p, who, Pay, "pay", "", ref, map[string]any{"on": on, "entry": e.ID}); err != nil {
		return p, err
	}
	if err := t.enter(ctx, tx, &p, PaidOut, rule, cal); err != nil {
		return p, err
	}
	due := cal.Deadline(tx.Now, rule.Publish, day.Hours{})
	p.PaidOn, p.Paid, p.PaidRef, p.Entry, p.PublishDue, p.next = on, tx.Now, ref, e.ID, due.At, due.At
	if err := t.savePayment(ctx, tx, &p); err != nil {
		return p, err
	}
	post, org := p.payer()
	if err := t.owe(ctx, tx, duty.Owe{Kind: dutyPublish, Ref: p.Ref(), Path: p.Path, Post: post, Org: org, Zh: fmt.Sprintf("公示已付款：第 %d 号，%s 元", p.No, p.Amount), En: fmt.Sprintf("put a payment on the board: no. %d, %s yuan", p.No, p.Amount)}, due); err != nil {
		return p, err
	}
	if err := t.ended(ctx, tx, p); err != nil {
		return p, err
	}
	return p, t.trail(ctx, tx, who, Pay, p.Path, "pay", p.Ref(), "", map[string]any{"entry": e.ID, "on": on})
}

// whole looks once more at the whole way of a payment before money leaves: three reviews, or two and the recorded draw, and
// two seals of two persons under the paper of these reviews.
func (t *Till) whole(ctx context.Context, q store.Queryer, p Payment, rule rules.Moneys) error {
	steps, err := t.steps(ctx, q, p.ID)
	if err != nil {
		return err
	}
	stages, hands, body := map[string]bool{}, map[string]bool{p.Applicant: true}, 0
	for _, s := range steps {
		if s.What != "review" || s.Choice != "agree" {
			continue
		}
		if hands[s.Person] {
			return ErrHand
		}
		hands[s.Person], stages[s.Stage] = true, true
		if s.Stage == AtCommittee {
			body++
		}
	}
	spared, err := t.spared(ctx, q, p, steps, rule)
	if err != nil {
		return err
	}
	if body == 0 || !stages[AtCommunity] || !stages[AtStreet] && !spared {
		return ErrState
	}
	seals, err := t.seals(ctx, q, p.ID)
	if err != nil {
		return err
	}
	if len(seals) != 2 || seals[0].Stamp == seals[1].Stamp || seals[0].Signer == seals[1].Signer {
		return ErrState
	}
	for _, s := range seals {
		if hands[s.Signer] || s.Hash != p.PaperHash || !s.Good {
			return ErrHand
		}
	}
	return nil
}

// Publish puts a paid payment on the board, with masked copies of its papers where they were sent. What nobody published by
// its deadline goes up by itself, without copies.
func (t *Till) Publish(ctx context.Context, who access.Who, id string, copies []string) (p Payment, err error) {
	err = t.db.Write(ctx, func(tx *store.Tx) error {
		if p, _, _, err = t.turn(ctx, tx, who, id, Apply, PaidOut, PublishedOut); err != nil {
			return err
		}
		if p.State == PublishedOut && len(copies) == 0 {
			return ErrCopies
		}
		for _, x := range copies {
			b, err := t.on.Blobs.Find(ctx, tx, x)
			if err != nil {
				return err
			}
			if err := t.attach(ctx, tx, who, x, p.Ref(), p.Path); err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, `insert into money_paper (payment, blob, kind, hash, public, by_person, at) values ($1, $2, 'copy', $3, $4, $5, $6) on conflict (payment, blob) do update set public = excluded.public`, p.ID, x, b.Hash, true, who.Person, int64(tx.Now)); err != nil {
				return err
			}
		}
		if p.State == PublishedOut {
			return t.trail(ctx, tx, who, Apply, p.Path, "public_copy", p.Ref(), "", map[string]int{"copies": len(copies)})
		}
		return t.publishPayment(ctx, tx, who, &p)
	})
	return p, err
}

func (t *Till) publishPayment(ctx context.Context, tx *store.Tx, who access.Who, p *Payment) error {
	if err := t.on.Duty.End(ctx, tx, dutyPublish, p.Ref(), who.Person); err != nil {
		return err
	}
	p.State, p.Published, p.next, p.Due, p.Since = PublishedOut, tx.Now, 0, 0, tx.Now
	if err := t.savePayment(ctx, tx, p); err != nil {
		return err
	}
	if err := t.step(ctx, tx, *p, who, Apply, "publish", "", "", nil); err != nil {
		return err
	}
	if _, err := audit.Publish(ctx, tx, audit.Record{Kind: "money.payment", Path: p.Path, Ref: p.Ref(), Body: map[string]any{"compound": p.Compound, "payment": p.ID, "no": p.No, "amount": p.Amount, "account": p.Account, "paid_on": p.PaidOn, "hash": p.PaperHash}}); err != nil {
		return err
	}
	return t.trail(ctx, tx, who, Apply, p.Path, "publish", p.Ref(), "", nil)
}

// silent are the posts to which silence climbs, one after another.
var silent = map[string][]access.Post{
	AtCommittee: {access.CommunitySecretary, access.StreetOfficer, access.DistrictOfficer},
	AtCommunity: {access.CommunitySecretary, access.StreetOfficer, access.DistrictOfficer},
	AtDraw:      {access.StreetOfficer, access.StreetLeader, access.DistrictOfficer},
	AtStreet:    {access.StreetLeader, access.DistrictOfficer},
	AtSealing:   {access.CommunitySecretary, access.StreetOfficer, access.DistrictOfficer},
	AtSealed1:   {access.CommunitySecretary, access.StreetOfficer, access.DistrictOfficer},
	AtSealed:    {access.CommunitySecretary, access.StreetOfficer, access.DistrictOfficer},
}

// PaymentTick lets silence climb, lapses what ran out of time, and publishes what is due. It never approves anything. It says
// how many payments it moved.
func (t *Till) PaymentTick(ctx context.Context) (int, error) {
	ids, err := store.Texts(ctx, t.db, `select id from money_payment where next_at > 0 and next_at <= $1 order by next_at limit 100`, int64(t.db.Now()))
	if err != nil {
		return 0, err
	}
	for _, id := range ids {
		if err := t.db.Write(ctx, func(tx *store.Tx) error {
			p, err := t.payment(ctx, tx, id)
			if err != nil || p.next == 0 || p.next > tx.Now {
				return err
			}
			rule, cal, _, err := t.rules(ctx, tx, p.Path, p.Applied.Day(day.Shanghai))
			if err != nil {
				return err
			}
			if p.State == PaidOut {
				return t.publishPayment(ctx, tx, access.System, &p)
			}
			if p.Expires != 0 && p.Expires <= tx.Now {
				if err := t.step(ctx, tx, p, access.System, nil, "lapse", "", "", nil); err != nil {
					return err
				}
				return t.letGo(ctx, tx, &p, LapsedOut, "超过期限未办结，申请失效", rule, cal)
			}
			posts := silent[p.State]
			to := posts[min(p.Level, len(posts)-1)]
			p.Level++
			p.next = cal.Deadline(tx.Now, rule.Silence, day.Hours{}).At
			if p.next == 0 || p.Expires != 0 && p.Expires < p.next {
				p.next = p.Expires
			}
			if err := t.step(ctx, tx, p, access.System, nil, "silence", "", string(to), map[string]int{"level": p.Level}); err != nil {
				return err
			}
			w := stageWords[p.State]
			if p.State == AtDraw {
				w = [2]string{"抽签：公共日志滞后，支付等待", "draw it: the public log is late and the payment waits"}
			}
			if err := t.owe(ctx, tx, duty.Owe{Kind: dutySilence, Ref: p.Ref(), Path: p.Path, Post: to, Zh: fmt.Sprintf("逾期未%s，请督促：第 %d 号", w[0], p.No), En: fmt.Sprintf("overdue, see to it: %s, no. %d", w[1], p.No)}, cal.Deadline(tx.Now, rule.Silence, day.Hours{})); err != nil {
				return err
			}
			return t.savePayment(ctx, tx, &p)
		}); err != nil {
			return 0, fmt.Errorf("payment %s: %w", id, err)
		}
	}
	return len(ids), nil
}

// Step is one thing that happened to a payment.
type Step struct {
	What   string         `json:"what" enum:"apply,review,recuse,draw,seal,pay,publish,withdraw,lapse,silence"`
	Stage  string         `json:"stage"`
	Person string         `json:"person,omitempty"`
	Name   string         `json:"name,omitempty"`
	Post   string         `json:"post,omitempty"`
	Choice string         `json:"choice,omitempty"`
	Words  string         `json:"words,omitempty"`
	Facts  map[string]any `json:"facts,omitempty"`
	At     day.Instant    `json:"at"`
}

func (t *Till) steps(ctx context.Context, q store.Queryer, payment string) ([]Step, error) {
	out, err := store.All(ctx, q, func(r *sql.Rows) (s Step, err error) {
		var facts string
		if err = r.Scan(&s.What, &s.Stage, &s.Person, &s.Name, &s.Post, &s.Choice, &s.Words, &facts, &s.At); err != nil {
			return s, err
		}
		return s, json.Unmarshal([]byte(facts), &s.Facts)
	}, `select s.what, s.stage, s.person, coalesce(p.name, ''), s.post, s.choice, s.words, s.facts, s.at from money_step s left join people_v_person p on p.id = s.person where s.payment = $1 order by s.id`, payment)
	if out == nil {
		out = []Step{}
	}
	return out, err
}

// SealUse is one of the two seals under a payment.
type SealUse struct {
	Stamp  string      `json:"stamp"`
	Side   string      `json:"side" enum:"committee,community,street"`
	Name   string      `json:"name"`
	Public []byte      `json:"public"`
	Keeper string      `json:"keeper"`
	Signer string      `json:"signer"`
	Who    string      `json:"who,omitempty"`
	Hash   string      `json:"hash"`
	At     day.Instant `json:"at"`
	Sig    []byte      `json:"sig"`
	Good   bool        `json:"good" doc:"the signature stands under this hash"`
}

func (t *Till) seals(ctx context.Context, q store.Queryer, payment string) ([]SealUse, error) {
	out, err := store.All(ctx, q, func(r *sql.Rows) (s SealUse, err error) {
		err = r.Scan(&s.Stamp, &s.Side, &s.Name, &s.Public, &s.Keeper, &s.Signer, &s.Who, &s.Hash, &s.At, &s.Sig)
		s.Good = statement.Seal{Stamp: s.Stamp, Name: s.Name, Public: s.Public, At: s.At, Sig: s.Sig}.Good(s.Hash)
		return s, err
	}, `select s.stamp, s.side, s.name, s.public, s.keeper, s.signer, coalesce(p.name, ''), s.hash, s.at, s.sig from money_seal s left join people_v_person p on p.id = s.signer where s.payment = $1 order by s.at, s.stamp`, payment)
	if out == nil {
		out = []SealUse{}
	}
	return out, err
}

// Trail is the whole way of a payment on one page.
type Trail struct {
	Payment
	Papers  []Paper   `json:"papers"`
	Steps   []Step    `json:"steps"`
	Seals   []SealUse `json:"seals"`
	Recused []Recusal `json:"recused"`
	Members int       `json:"members" doc:"of the committee, today"`
	Signed  int       `json:"signed" doc:"of them, who agreed"`
	Needs   int       `json:"needs" doc:"more than half of the members"`
	Overdue bool      `json:"overdue"`
	May     []string  `json:"may" doc:"what the one who asks may do now"`
	Keeper1 string    `json:"keeper_committee,omitempty"`
	Keeper2 string    `json:"keeper_community,omitempty"`
	Keeper3 string    `json:"keeper_street,omitempty" doc:"where the community acts for a committee"`
	Name    string    `json:"applicant_name"`
	Zh      string    `json:"account_zh,omitempty" doc:"what the account is called; of one payment, not in lists"`
	En      string    `json:"account_en,omitempty"`
	Alike   []Alike   `json:"alike" doc:"payments to the same payee for the same thing within the window, by whose sum this one is judged"`
	Window  int       `json:"window" doc:"days of the window"`
	Lot     *Lot      `json:"lot,omitempty"`
	RulesZh string    `json:"rules_zh" doc:"what its rules are called"`
	RulesEn string    `json:"rules_en"`
}

// Recusal is who keeps out of a payment.
type Recusal struct {
	Person   string      `json:"person"`
	Name     string      `json:"name"`
	Why      string      `json:"why"`
	Computed bool        `json:"computed"`
	At       day.Instant `json:"at"`
}

// Payment reads a payment with its whole way.
func (t *Till) Payment(ctx context.Context, who access.Who, id string) (x Trail, err error) {
	if x.Payment, err = t.payment(ctx, t.db, id); err != nil {
		return x, err
	}
	if err := t.may(ctx, t.db, who, Read, x.Path); err != nil {
		return x, err
	}
	c, err := t.chart(ctx, t.db, x.Compound)
	if err != nil {
		return x, err
	}
	x.Zh, x.En = c[x.Account].Zh, c[x.Account].En
	return x, t.fillTrail(ctx, t.db, who, &x)
}

func (t *Till) papers(ctx context.Context, q store.Queryer, payment string) ([]Paper, error) {
	out, err := store.All(ctx, q, func(r *sql.Rows) (p Paper, err error) {
		err = r.Scan(&p.Blob, &p.Kind, &p.Hash, &p.Public)
		return p, err
	}, `select blob, kind, hash, public from money_paper where payment = $1 order by at, blob`, payment)
	if out == nil {
		out = []Paper{}
	}
	return out, err
}

func (t *Till) fillTrail(ctx context.Context, q store.Queryer, who access.Who, x *Trail) (err error) {
	if x.Papers, err = t.papers(ctx, q, x.ID); err != nil {
		return err
	}
	if x.Steps, err = t.steps(ctx, q, x.ID); err != nil {
		return err
	}
	if x.Seals, err = t.seals(ctx, q, x.ID); err != nil {
		return err
	}
	x.RulesZh, x.RulesEn = rules.Called(x.Rules)
	x.Recused, err = store.All(ctx, q, func(r *sql.Rows) (y Recusal, err error) {
		err = r.Scan(&y.Person, &y.Name, &y.Why, &y.Computed, &y.At)
		return y, err
	}, `select r.person, p.name, r.why, r.computed, r.at from money_recusal r join people_v_person p on p.id = r.person where r.payment = $1 order by r.at, r.person`, x.ID)
	if err != nil {
		return err
	}
	if x.Recused == nil {
		x.Recused = []Recusal{}
	}
	_, members, _, err := t.committeeAt(ctx, q, x.Path, t.Today())
	if err != nil && err != ErrCommittee {
		return err
	}
	x.Members, x.Needs = len(members), len(members)/2+1
	if x.Acting != "" {
		members, x.Members, x.Needs = nil, 0, 1
	}
	if x.Signed, err = t.signed(ctx, q, x.ID, "agree", members); err != nil {
		return err
	}
	if x.Place, err = t.on.Map.Words(ctx, q, x.Path); err != nil && !fault.IsKind(err, fault.Missing) {
		return err
	}
	if x.Applicant != "" {
		if x.Name, err = t.on.Register.PersonName(ctx, q, x.Applicant); err != nil {
			return err
		}
	}
	now := t.db.Now()
	k1, _, _, err := holderOf(ctx, q, x.Compound, RoleKeeperCommittee, now)
	if err != nil {
		return err
	}
	k2, _, _, err := holderOf(ctx, q, x.Compound, RoleKeeperCommunity, now)
	if err != nil {
		return err
	}
	x.Keeper1, x.Keeper2 = k1, k2
	if x.Acting != "" {
		x.Keeper1 = ""
		if x.Keeper3, _, _, err = holderOf(ctx, q, x.Compound, RoleKeeperStreet, now); err != nil {
			return err
		}
	}
	if x.Alike, err = t.alikeOf(ctx, q, x.ID); err != nil {
		return err
	}
	rule, _, _, err := t.rules(ctx, q, x.Path, x.Applied.Day(day.Shanghai))
	if err != nil {
		return err
	}
	x.Window, x.Lot = rule.SplitDays, t.lotFor(x.Payment, x.Steps, rule, now)
	x.Overdue = x.Due != 0 && x.Due < now && slices.Contains(openStates, x.State)
	x.May = t.mayNow(ctx, q, who, *x, members)
	return nil
}

// mayNow says which steps the one who asks may take, so that a page shows no button in vain. The step itself checks again.
func (t *Till) mayNow(ctx context.Context, q store.Queryer, who access.Who, x Trail, members []string) []string {
	out := []string{}
	if who.Person == "" || t.free(ctx, q, x.Payment, who.Person) != nil {
		return out
	}
	n, err := store.Count(ctx, q, `select count(*) from money_hand where payment = $1 and person = $2`, x.ID, who.Person)
	fresh := err == nil && n == 0
	may := func(a *access.Action) bool { return t.may(ctx, q, who, a, x.Path) == nil }
	switch {
	case x.State == AtCommittee && fresh && x.Acting == "" && slices.Contains(members, who.Person), x.State == AtCommittee && fresh && x.Acting != "" && may(ReviewCommunity), x.State == AtCommunity && fresh && may(ReviewCommunity), x.State == AtStreet && fresh && may(ReviewStreet):
		out = append(out, "review", "refuse", "recuse")
	case (x.State == AtSealing || x.State == AtSealed1) && fresh && slices.Contains([]string{x.Keeper1, x.Keeper2, x.Keeper3}, who.Person) && may(Seal):
		out = append(out, "seal")
	case x.State == AtSealed && fresh && may(Pay):
		out = append(out, "pay")
	case (x.State == PaidOut || x.State == PublishedOut) && may(Apply):
		out = append(out, "publish")
	}
	if slices.Contains(openStates, x.State) && x.Applicant == who.Person {
		out = append(out, "withdraw")
	}
	return out
}

// PaperOf is the text that is signed now: the application while it is reviewed, with the reviews once it is sealed.
func (t *Till) PaperOf(ctx context.Context, who access.Who, id string) (text, hash string, err error) {
	p, err := t.payment(ctx, t.db, id)
	if err != nil {
		return "", "", err
	}
	if err := t.may(ctx, t.db, who, Read, p.Path); err != nil {
		return "", "", err
	}
	if p.PaperHash != "" {
		return p.paper, p.PaperHash, nil
	}
	return p.application, p.Hash, nil
}

// FindPayments filters payments.
type FindPayments struct {
	Under    scope.Path
	Compound string
	State    string // a state, or open, ended
	Mine     bool   // those that wait for who
	Query    string // of purpose, payee, number, amount or the compound's name
	After    string
	Limit    int
}

// Payments lists payments within who's area, newest first.
func (t *Till) Payments(ctx context.Context, who access.Who, f FindPayments) (items []Trail, next string, count int64, more bool, err error) {
	if err := who.MaySomewhere(Read); err != nil {
		return nil, "", 0, false, err
	}
	if f.Limit <= 0 || f.Limit > 200 {
		f.Limit = 50
	}
	cond, args := scope.Where("path", 1, who.Paths(Read)...)
	add := func(c string, v ...any) {
		n := make([]any, len(v))
		for i := range v {
			args = append(args, v[i])
			n[i] = len(args)
		}
		cond += " and " + fmt.Sprintf(c, n...)
	}
	if f.Under != "" {
		lo, hi := f.Under.Bounds()
		add("path >= $%d and path < $%d", lo, hi)
	}
	if f.Compound != "" {
		add("compound = $%d", f.Compound)
	}
	switch f.State {
	case "":
	case "open":
		cond += " and state in ('" + strings.Join(openStates, "', '") + "')"
	case "ended":
		cond += " and state not in ('" + strings.Join(openStates, "', '") + "')"
	default:
		add("state = $%d", f.State)
	}
	if f.Mine {
		cond += " and state in ('" + strings.Join(openStates, "', '") + "', 'paid')"
	}
	words, args := typed(f.Query, "money_payment.path", "no", "amount", args, "purpose", "payee_name")
	cond += words
	if count, err = store.Count(ctx, t.db, `select count(*) from (select 1 as x from money_payment where `+cond+` limit 1001) t`, args...); err != nil {
		return nil, "", 0, false, err
	}
	if count > 1000 {
		count, more = 1000, true
	}
	if f.After != "" {
		add("id < $%d", f.After)
	}
	limit := f.Limit + 1
	if f.Mine {
		limit = 1000
	}
	list, err := store.All(ctx, t.db, func(r *sql.Rows) (Payment, error) { return scanPayment(r) }, `select `+paymentColumns+` from money_payment where `+cond+fmt.Sprintf(` order by id desc limit %d`, limit), args...)
	if err != nil {
		return nil, "", 0, false, err
	}
	items = []Trail{}
	for _, p := range list {
		// A company's posts see the compounds that it serves, no others.
		if t.may(ctx, t.db, who, Read, p.Path) != nil {
			continue
		}
		x := Trail{Payment: p}
		if err := t.fillTrail(ctx, t.db, who, &x); err != nil {
			return nil, "", 0, false, err
		}
		if f.Mine && len(x.May) == 0 {
			continue
		}
		if len(items) == f.Limit {
			next = items[f.Limit-1].ID
			break
		}
		items = append(items, x)
	}
	if f.Mine {
		count, more = int64(len(items)), next != ""
	}
	return items, next, count, more, nil
}

// PaymentSight lets those who may read a compound's payments see their papers, and everybody the public copies of what stands
// on the board.
func (t *Till) PaymentSight(ctx context.Context, who access.Who, id string) error {
	p, err := t.payment(ctx, t.db, id)
	if err != nil {
		return err
	}
	return t.may(ctx, t.db, who, Read, p.Path)
}
