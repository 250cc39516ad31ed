package money

import (
	"context"
	"database/sql"
	"embed"
	"encoding/json"
	"errors"
	"slices"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/blob"
	"cuobian/platform/jobs"
	"cuobian/platform/rules"
	"cuobian/platform/seal"
	"cuobian/platform/store"
	"cuobian/rooms/assembly"
	"cuobian/rooms/committee"
	"cuobian/rooms/duty"
	"cuobian/rooms/money/share"
	"cuobian/rooms/outreach"
	"cuobian/rooms/people"
	"cuobian/rooms/place"
	"cuobian/rooms/service"
)

//go:embed schema
var scripts embed.FS

// Schema is the room's tables.
func Schema() store.Schema { return store.Schema{Room: "money", Floor: 10, FS: scripts} }

// Sealed are the room's sealed columns, for the turning of keys.
func Sealed() []seal.Column {
	return append([]seal.Column{{Table: "money_payment", Key: "id", Column: "payee_bank"}}, bankSealed...)
}

var (
	company  = []access.Post{access.PropertyManager, access.PropertyStaff}
	sitting  = []access.Post{access.CommitteeDirector, access.CommitteeMember, access.InterimDirector, access.InterimMember}
	heads    = []access.Post{access.CommitteeDirector, access.InterimDirector}
	nearby   = []access.Post{access.CommunitySecretary, access.CommunityOfficer}
	above    = []access.Post{access.DistrictOfficer, access.StreetLeader, access.DivisionCadre, access.SectionCadre, access.StreetOfficer}
	checking = []access.Post{access.BoardMember, access.CommitteeAlternate, access.BranchSecretary, access.Auditor}
)

// What posts may do with money. Company posts act only for the company that serves the compound on that day.
var (
	// Read is to read books, bills, payments and papers of a compound.
	Read = access.Declare("money.read", "查看小区账目", "read a compound's books", slices.Concat(company, sitting, nearby, above, checking)...)
	// Collect is the cashier's: bills, payments at the desk, receipts, refunds.
	Collect = access.Declare("money.collect", "收费：账单、收款、收据、退款", "collect: bills, payments, receipts, refunds", slices.Concat(company, heads, nearby)...)
	// Keep is the bookkeeper's: openings, entries by hand, reversals, closings, bank statements, sheets.
	Keep = access.Declare("money.keep", "记账：期初、分录、冲正、结账、对账", "keep the books: openings, entries, reversals, closings, reconciliation", slices.Concat([]access.Post{access.PropertyManager}, heads, nearby)...)
	// Apply is to ask for a payment out of the owners' money.
	Apply = access.Declare("money.apply", "申请支付", "apply for a payment", slices.Concat(company, sitting, nearby)...)
	// ReviewCommittee, ReviewCommunity and ReviewStreet are the three reviews (R38).
	ReviewCommittee = access.Declare("money.review_committee", "业委会审核支付", "review a payment as a committee", sitting...)
	ReviewCommunity = access.Declare("money.review_community", "社区审核支付", "review a payment as the community", nearby...)
	ReviewStreet    = access.Declare("money.review_street", "街道审核支付", "review a payment as the street", access.StreetOfficer, access.SectionCadre)
	// Seal is to put one of the two seals under a payment.
	Seal = access.Declare("money.seal", "用印", "put a seal under a payment", slices.Concat(sitting, nearby, []access.Post{access.StreetOfficer, access.SectionCadre})...)
	// Pay is to carry a sealed payment out.
	Pay = access.Declare("money.pay", "付款", "carry a payment out", slices.Concat(company, heads, nearby)...)
	// Arrange is to plan: tariffs, contracts of common income, budgets, works, uses of the maintenance fund.
	Arrange = access.Declare("money.arrange", "设定收费标准、公共收益合同、预算和工程", "set tariffs, contracts of common income, budgets and works", slices.Concat([]access.Post{access.PropertyManager}, heads, nearby, []access.Post{access.StreetOfficer})...)
	// Oversee is the street's: who has not published, sampling, changes of roles, confirmation of emergencies.
	Oversee = access.Declare("money.oversee", "监督小区资金", "oversee the money of compounds", access.StreetOfficer, access.StreetLeader, access.DistrictOfficer)
	// Look is what owners and residents may: published statements, their own bills, questions about a line.
	Look = access.Declare("money.look", "查看本小区公示账目、自己的账单", "see published statements and one's own bills", slices.Concat(company, sitting, nearby, above, checking, []access.Post{access.Resident})...)
)

// Faults that several parts of the room give.
var (
	ErrMissing = access.ErrMissing
	ErrChanged = fault.New(fault.Conflict, "money.changed", "别人刚刚更新了，请刷新后再试", "somebody else has just changed this, please reload")
	ErrReason  = fault.Bad("reason", "money.reason", "请写明原因", "please give a reason")
	ErrWords   = fault.Bad("text", "money.text", "请写明内容", "please say what it is about")
	ErrDay     = fault.Bad("on", "money.day", "日期有误", "the day cannot be right")
	ErrAmount  = fault.Bad("amount", "money.amount", "金额须大于零", "the amount has to be above zero")
	ErrPlace   = fault.Bad("compound", "money.compound", "没有找到这个小区", "there is no such compound")
	ErrNoBook  = fault.New(fault.Conflict, "money.no_book", "该小区尚未建账", "the compound has no books yet")
	ErrCompany = fault.New(fault.Refused, "money.company", "只有正在为该小区服务的物业公司可以办理", "only the company that serves the compound may do this")
)

// Rooms are the parts below that a till stands on. Office and Stamps may be nil.
type Rooms struct {
	Rules    *rules.Book
	Map      *place.Map
	Register *people.Register
	Service  *service.Contracts
	Duty     *duty.Diary
	Office   *outreach.Office
	Hall     *assembly.Hall
	Chamber  *committee.Chamber
	Stamps   *seal.Stamps
	Ring     *seal.Ring
	Blobs    *blob.Store
	Logs     *audit.Logs
	Jobs     *jobs.Runner
}

// Till is where a compound's money is kept.
type Till struct {
	db *store.DB
	on Rooms
	// paymentEnded tells the part of the room that made a payment, by the beginning of its Origin ("projects/"), that it was
	// paid, refused, withdrawn or has lapsed; each part fills in its own in New.
	paymentEnded map[string]func(context.Context, *store.Tx, Payment) error
	// Figures are what pay by quality takes from matters: on time and satisfaction of a compound in a period; app fills it in.
	Figures func(ctx context.Context, q store.Queryer, compound scope.Path, from, to day.Day) ([]share.Input, error)
	fees
}

// New makes a till.
func New(db *store.DB, on Rooms) *Till {
	t := &Till{db: db, on: on, paymentEnded: map[string]func(context.Context, *store.Tx, Payment) error{}}
	for _, kind := range slices.Concat(incomeDuties, fundDuties, qualityDuties, clockDuties) {
		on.Duty.Keep(kind, false)
	}
	t.fundHooks()
	if on.Service != nil {
		on.Service.Moved = t.contractMoved
	}
	return t
}

func today(tx *store.Tx) day.Day { return tx.Now.Day(day.Shanghai) }

// Today is the civil day of the store's clock.
func (t *Till) Today() day.Day { return t.db.Now().Day(day.Shanghai) }

// rules are the parameters and the calendar in force at a place on a day, and the name of the pack.
func (t *Till) rules(ctx context.Context, q store.Queryer, at scope.Path, on day.Day) (p rules.Moneys, cal *day.Calendar, name string, err error) {
	return rules.ParamsAndDays[rules.Moneys](ctx, t.on.Rules, q, rules.Money, at, on)
}

// compound finds a living compound by its id.
func (t *Till) compound(ctx context.Context, q store.Queryer, id string) (place.Node, error) {
	n, err := t.on.Map.Get(ctx, q, id)
	if fault.IsKind(err, fault.Missing) || err == nil && (n.Kind != place.Compound || n.EndedOn.Sound()) {
		return n, ErrPlace
	}
	return n, err
}

// may checks what a post may do at a compound: ErrMissing for who may not even read there, so that nothing is learned.
// Who acts for a company must act for the one that serves the compound today.
func (t *Till) may(ctx context.Context, q store.Queryer, who access.Who, a *access.Action, at scope.Path) error {
	if err := who.May(a, at); err != nil {
		if a != Look && who.May(Read, at) != nil {
			return ErrMissing
		}
		return err
	}
	g := who.Grant(a, at)
	if g == nil || !slices.Contains(company, g.Post) {
		return nil
	}
	return t.serves(ctx, q, g.Org, at)
}

// serves refuses a company that does not serve the compound today.
func (t *Till) serves(ctx context.Context, q store.Queryer, org string, at scope.Path) error {
	on := t.Today()
	n, err := store.Count(ctx, q, `select count(*) from service_v_contract where path = $1 and org = $2 and org <> '' and from_day <= $3 and (to_day = '' or to_day >= $3)`, string(at), org, on)
	if err == nil && n == 0 {
		err = ErrCompany
	}
	return err
}

// owns reports whether a person holds a title at a place on a day.
func owns(ctx context.Context, q store.Queryer, person string, at scope.Path, on day.Day) (bool, error) {
	if person == "" {
		return false, nil
	}
	lo, hi := at.Bounds()
	n, err := store.Count(ctx, q, `select count(*) from people_v_title where person = $1 and path >= $2 and path < $3 and from_day <= $4 and (to_day = '' or to_day >= $4)`, person, lo, hi, on)
	return n > 0, err
}

// trail writes the audit entry and tells browsers. ref is kind and id: "payments/0k3…".
func (t *Till) trail(ctx context.Context, tx *store.Tx, who access.Who, a *access.Action, at scope.Path, what, ref, why string, to any) error {
	kind, id := "money", ref
	if i := slices.Index([]byte(ref), '/'); i > 0 {
		kind, id = ref[:i], ref[i+1:]
	}
	tx.Changed(store.Change{Kind: kind, ID: id, Path: at})
	return audit.Write(ctx, tx, audit.Entry{By: who.By(a, at), Action: "money." + what, Path: at, Ref: ref, Why: why, To: to})
}

// owe writes a duty of the room; an open one of the same kind for ref makes room.
func (t *Till) owe(ctx context.Context, tx *store.Tx, o duty.Owe, due day.Due) error {
	if due.At == 0 {
		return nil
	}
	if err := t.on.Duty.Void(ctx, tx, o.Kind, o.Ref, ""); err != nil {
		return err
	}
	o.Due, o.Provisional = due.At, due.Provisional
	_, err := t.on.Duty.Owe(ctx, tx, o)
	return err
}

// tell sends a plain message in the caller's write.
func (t *Till) tell(ctx context.Context, tx *store.Tx, at scope.Path, ref, zhTitle, enTitle, zh, en string, to ...outreach.To) error {
	if t.on.Office == nil || len(to) == 0 {
		return nil
	}
	return t.on.Office.Tell(ctx, tx, outreach.Message{To: to, Template: "plain", Ref: ref, Path: at, Words: map[string]string{"title": zhTitle, "title_en": enTitle, "text": zh, "text_en": en}})
}

func none(err error) bool { return errors.Is(err, sql.ErrNoRows) }

// text is v as JSON for a column; an empty list is [].
func text(v any) string {
	b, err := json.Marshal(v)
	if err != nil || string(b) == "null" {
		return "[]"
	}
	return string(b)
}

// person is the one who asks as a person; a job or the command line has none.
func person(who access.Who) error {
	if who.Account == "" {
		return access.ErrSignIn
	}
	if who.Person == "" {
		return access.ErrRefused
	}
	return nil
}
