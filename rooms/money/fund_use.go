package money

import (
	"context"
	"crypto/sha256"
	"database/sql"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"cuobian/basis/area"
	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/basis/yuan"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/audit/tree"
	"cuobian/platform/store"
	"cuobian/rooms/assembly"
	"cuobian/rooms/assembly/tally"
	"cuobian/rooms/duty"
	"cuobian/rooms/money/ledger"
	"cuobian/rooms/outreach"
)

// Category is a kind of emergency in which the fund is used without a prior vote (R42).
type Category struct {
	Code   string   `json:"code"`
	Zh     string   `json:"zh"`
	En     string   `json:"en"`
	Papers []string `json:"papers" doc:"kinds of papers it needs"`
	Deemed bool     `json:"deemed" doc:"silence approves after five working days: lifts alone (R43)"`
}

// PaperKind is a kind of paper.
type PaperKind struct {
	Code string `json:"code"`
	Zh   string `json:"zh"`
	En   string `json:"en"`
}

//go:embed emergencies.json
var emergencyText []byte

// Emergencies are the categories and kinds of papers, with where they come from.
var Emergencies = func() (e struct {
	Source     string      `json:"source"`
	Papers     []PaperKind `json:"papers"`
	Categories []Category  `json:"categories"`
}) {
	if err := json.Unmarshal(emergencyText, &e); err != nil {
		panic(err)
	}
	return e
}()

// Evidence is an uploaded file with what it is.
type Evidence struct {
	Kind string `json:"kind" maxLength:"20"`
	Blob string `json:"blob" maxLength:"40"`
}

// States of a use of the fund.
const (
	UseApplied   = "applied"   // 待审核: an emergency
	UseApproved  = "approved"  // 已同意
	UseRefused   = "refused"   // 未同意
	UseStarted   = "started"   // 施工中
	UseFinished  = "finished"  // 已完工，待验收结算
	UseOverrun   = "overrun"   // 超支，须重新表决
	UseSettled   = "settled"   // 已结算
	UsePaid      = "paid"      // 已支付
	UsePublished = "published" // 已公布
	UseDropped   = "dropped"   // 已放弃: before works began
)

// Kinds of duties of the fund: its own steps end them.
const (
	DutyUseReview  = "money.use_review"
	DutyUseStart   = "money.use_start"
	DutyUsePublish = "money.use_publish"
)

// Payee is who gets a payment out of the fund or of a shared work. The bank account is sealed with the payment.
type Payee struct {
	Org  string `json:"org,omitempty" maxLength:"40"`
	Name string `json:"name" maxLength:"100"`
	Bank string `json:"bank,omitempty" maxLength:"200" doc:"bank and account number"`
}

// Use is a use of the maintenance fund.
type Use struct {
	ID        string      `json:"id"`
	Compound  string      `json:"compound"`
	Path      scope.Path  `json:"path"`
	Title     string      `json:"title"`
	Text      string      `json:"text"`
	Kind      string      `json:"kind" enum:"vote,emergency"`
	Category  string      `json:"category,omitempty"`
	Range     Range       `json:"range"`
	Parking   bool        `json:"count_parking"`
	Cost      yuan.Amount `json:"cost" doc:"as approved"`
	Final     yuan.Amount `json:"final" doc:"as reported"`
	Decision  string      `json:"decision" doc:"assemblies/ID/NO, or law"`
	Again     string      `json:"again,omitempty" doc:"the vote on an overrun (R44)"`
	Approval  string      `json:"approval,omitempty" enum:",voted,committee,community,street,deemed"`
	State     string      `json:"state" enum:"applied,approved,refused,started,finished,overrun,settled,paid,published,dropped"`
	Why       string      `json:"why,omitempty"`
	Papers    []Evidence  `json:"papers"`
	PayeeName string      `json:"payee,omitempty"`
	Due       day.Instant `json:"due,omitempty" doc:"of the review"`
	Deemed    bool        `json:"deemed,omitempty" doc:"silence approves (R43)"`
	Applied   string      `json:"-"`
	AppliedAt day.Instant `json:"applied_at"`
	Reviewed  string      `json:"-"`
	Reported  string      `json:"-"`
	Accepted  string      `json:"-"`
	StartedOn day.Day     `json:"started_on,omitempty"`
	DoneOn    day.Day     `json:"done_on,omitempty"`
	SettledOn day.Day     `json:"settled_on,omitempty"`
	Published day.Instant `json:"published,omitempty"`
	Hash      string      `json:"hash,omitempty"`
	Rules     string      `json:"rules"`
	Demo      bool        `json:"demo,omitempty"`
	Version   int64       `json:"version"`
}

// Ref is how others name the use.
func (u Use) Ref() string { return "fund-uses/" + u.ID }

// UseShare is what one part bears of a use.
type UseShare struct {
	No        int         `json:"no"`
	Part      string      `json:"part"`
	Path      scope.Path  `json:"path"`
	Label     string      `json:"label"`
	Area      area.Area   `json:"area" doc:"0.01 m²"`
	Developer bool        `json:"developer,omitempty" doc:"unsold: the developer pays (R40)"`
	Amount    yuan.Amount `json:"amount"`
	Drawn     yuan.Amount `json:"drawn" doc:"from the sub-account"`
	Short     yuan.Amount `json:"short" doc:"billed, because the sub-account has no more"`
	Bill      string      `json:"bill,omitempty"`
	Paid      yuan.Amount `json:"paid" doc:"of the bill"`
	Waived    yuan.Amount `json:"waived,omitempty" doc:"of the bill: another fund bore it by a decision, and paid it in"`
	Use       string      `json:"use"`
}

// NewUse is an application to use the fund.
type NewUse struct {
	Title    string      `json:"title" maxLength:"100"`
	Text     string      `json:"text" maxLength:"4000"`
	Kind     string      `json:"kind" enum:"vote,emergency"`
	Category string      `json:"category,omitempty" maxLength:"20" doc:"of an emergency (R42)"`
	Range    Range       `json:"range,omitempty" doc:"of an emergency; of a vote that of its matter"`
	Parking  bool        `json:"count_parking,omitempty" doc:"titled parking shares (R06)"`
	Cost     yuan.Amount `json:"cost"`
	Meeting  string      `json:"meeting,omitempty" maxLength:"40"`
	Matter   int64       `json:"matter,omitempty"`
	Papers   []Evidence  `json:"papers,omitempty" maxItems:"40"`
}

// Faults of uses.
var (
	ErrUseState    = fault.New(fault.Conflict, "money.use_state", "这一步现在不能办理", "this step cannot be taken now")
	ErrUseVote     = fault.New(fault.Refused, "money.use_vote", "没有可以执行的业主大会决定：须为本小区、已公布正式结果、已通过且未撤销的相应事项", "there is no resolution to act on: it must be of this compound, final, passed, not annulled, and of the right item")
	ErrOtherRange  = fault.New(fault.Refused, "money.other_range", "该决定的列支范围与申请不同", "the resolution was taken by another cost range")
	ErrDecidedOnce = fault.New(fault.Conflict, "money.decided_once", "该决定已用于另一笔维修资金", "the resolution was used for another use of the fund")
	ErrCategory    = fault.Bad("category", "money.category", "请选择紧急情形", "choose the kind of emergency")
	ErrSelf        = fault.New(fault.Refused, "money.self", "不能审核或者验收自己经手的事项", "nobody reviews or accepts what he applied for or reported")
	ErrOverrun     = fault.New(fault.Conflict, "money.overrun", "超支超过一成且超过一万元，须经重新表决后才能结算（R44）", "more than a tenth and more than 10,000 yuan over: a new vote comes before settlement (R44)")
	ErrUsePayee    = fault.Bad("payee", "money.use_payee", "请写明收款单位", "say who is paid")
	ErrNothing     = fault.New(fault.Conflict, "money.nothing_due", "目前没有可以申请支付的金额", "there is nothing to be paid now")
	ErrNoShares    = fault.Bad("range", "money.no_shares", "列支范围内没有可以分摊的房屋面积", "there is no area in the range to share the cost by")
)

const useColumns = `id, compound, path, title, words, kind, category, scope, paths, parking, cost, final, decision, again, approval, state, why, papers, payee, due, deemed, applied, applied_at, reviewed, reported, accepted, started_on, done_on, settled_on, published, hash, rules, demo, version`

func scanUse(r interface{ Scan(...any) error }) (u Use, err error) {
	var paths, papers string
	var cost, final int64
	err = r.Scan(&u.ID, &u.Compound, &u.Path, &u.Title, &u.Text, &u.Kind, &u.Category, &u.Range.Kind, &paths, &u.Parking, &cost, &final, &u.Decision, &u.Again, &u.Approval, &u.State, &u.Why, &papers, &u.PayeeName,
		&u.Due, &u.Deemed, &u.Applied, &u.AppliedAt, &u.Reviewed, &u.Reported, &u.Accepted, &u.StartedOn, &u.DoneOn, &u.SettledOn, &u.Published, &u.Hash, &u.Rules, &u.Demo, &u.Version)
	if err != nil {
		return u, err
	}
	u.Cost, u.Final, u.Range = yuan.Amount(cost), yuan.Amount(final), rangeOf(u.Range.Kind, paths)
	return u, json.Unmarshal([]byte(papers), &u.Papers)
}

func (t *Till) use(ctx context.Context, q store.Queryer, id string) (Use, error) {
	u, err := scanUse(q.QueryRow(ctx, `select `+useColumns+` from money_use where id = $1`, id))
	if none(err) {
		err = ErrMissing
	}
	return u, err
}

func (t *Till) saveUse(ctx context.Context, tx *store.Tx, u *Use) error {
	n, err := tx.Exec(ctx, `update money_use set cost = $1, final = $2, again = $3, approval = $4, state = $5, why = $6, papers = $7, payee = $8, due = $9, reviewed = $10, reported = $11, accepted = $12,
started_on = $13, done_on = $14, settled_on = $15, published = $16, hash = $17, version = version + 1 where id = $18 and version = $19`,
		int64(u.Cost), int64(u.Final), u.Again, u.Approval, u.State, u.Why, text(u.Papers), u.PayeeName, int64(u.Due), u.Reviewed, u.Reported, u.Accepted,
		u.StartedOn, u.DoneOn, u.SettledOn, int64(u.Published), u.Hash, u.ID, u.Version)
	if err == nil && n == 0 {
		err = ErrChanged
	}
	u.Version++
	return err
}

func useShares(ctx context.Context, q store.Queryer, cond string, args ...any) ([]UseShare, error) {
	out, err := store.All(ctx, q, func(r *sql.Rows) (s UseShare, err error) {
		var amount, drawn, short, paid, waived, space int64
		err = r.Scan(&s.Use, &s.No, &s.Part, &s.Path, &s.Label, &space, &s.Developer, &amount, &drawn, &short, &s.Bill, &paid, &waived)
		s.Area, s.Amount, s.Drawn, s.Short, s.Paid, s.Waived = area.Area(space), yuan.Amount(amount), yuan.Amount(drawn), yuan.Amount(short), yuan.Amount(paid), yuan.Amount(waived)
		return s, err
	}, `select use_id, no, part, path, label, area, developer, amount, drawn, short, bill, paid, waived from money_use_share where `+cond+` order by use_id, no`, args...)
	if out == nil {
		out = []UseShare{}
	}
	return out, err
}

// passedMatter reads a resolution that can be acted on: of the compound, of an item of Civil Code 278, passed and final.
func (t *Till) passedMatter(ctx context.Context, q store.Queryer, at scope.Path, meeting string, no int64, item int) (r assembly.Resolution, err error) {
	r, err = t.on.Hall.Resolution(ctx, q, meeting, no)
	if fault.IsKind(err, fault.Missing) {
		return r, ErrUseVote
	}
	if err == nil && (r.Path != at || !r.Holds() || r.Item != item) {
		err = ErrUseVote
	}
	return r, err
}

func decisionOf(r assembly.Resolution) string {
	return "assemblies/" + r.Meeting + "/" + strconv.FormatInt(r.Matter, 10)
}

// keepPapers binds papers and refuses kinds that nobody knows; it gives what was had and added.
func (t *Till) keepPapers(ctx context.Context, tx *store.Tx, who access.Who, ref string, at scope.Path, had, add []Evidence) ([]Evidence, error) {
	out := slices.Clone(had)
	for _, p := range add {
		if p.Blob == "" || !slices.ContainsFunc(Emergencies.Papers, func(k PaperKind) bool { return k.Code == p.Kind }) {
			return nil, ErrFundPapers.Fill("papers", "材料种类", "papers_en", "the kind of a paper")
		}
		if err := t.keepPaper(ctx, tx, who, p.Blob, ref, at); err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}

// lacking says which kinds of papers are missing.
func lacking(had []Evidence, need ...string) error {
	var zh, en []string
	for _, k := range need {
		if !slices.ContainsFunc(had, func(p Evidence) bool { return p.Kind == k }) {
			i := slices.IndexFunc(Emergencies.Papers, func(p PaperKind) bool { return p.Code == k })
			zh, en = append(zh, Emergencies.Papers[i].Zh), append(en, Emergencies.Papers[i].En)
		}
	}
	if len(zh) > 0 {
		return ErrFundPapers.Fill("papers", strings.Join(zh, "、"), "papers_en", strings.Join(en, ", "))
	}
	return nil
}

// answers is who answers for a compound's decisions: the committee's director in office, else the interim one's, else the
// community.
func (t *Till) answers(ctx context.Context, q store.Queryer, at scope.Path, on day.Day) (post access.Post, org string, err error) {
	for _, p := range heads {
		terms, err := t.on.Register.Holders(ctx, q, at, on, p)
		if err != nil {
			return "", "", err
		}
		if len(terms) > 0 {
			return p, terms[0].Org, nil
		}
	}
	return access.CommunitySecretary, "", nil
}

// ApplyUse applies for a use of the fund. By vote it acts on a final resolution of item 5, with the cost range that voted (R39);
// in an emergency it needs its category's papers (R42), and a review that for lifts alone is deemed given by silence (R43).
func (t *Till) ApplyUse(ctx context.Context, who access.Who, compound string, in NewUse) (u Use, err error) {
	err = t.db.Write(ctx, func(tx *store.Tx) error {
		n, err := t.enters(ctx, tx, who, Arrange, compound)
		if err != nil {
			return err
		}
		b, err := t.book(ctx, tx, n.ID)
		if err != nil {
			return err
		}
		u = Use{ID: tx.NewID(), Compound: n.ID, Path: n.Path, Title: strings.TrimSpace(in.Title), Text: strings.TrimSpace(in.Text), Kind: in.Kind, Range: in.Range, Parking: in.Parking, Cost: in.Cost,
			Decision: "law", State: UseApplied, Applied: who.Person, AppliedAt: tx.Now, Demo: b.Demo, Version: 1, Papers: []Evidence{}}
		if u.Title == "" || u.Text == "" {
			return ErrWords
		}
		if u.Cost <= 0 {
			return ErrAmount.At("cost")
		}
		p, cal, pack, err := t.rules(ctx, tx, n.Path, today(tx))
		if err != nil {
			return err
		}
		u.Rules = pack
		if u.Papers, err = t.keepPapers(ctx, tx, who, u.Ref(), n.Path, nil, in.Papers); err != nil {
			return err
		}
		switch in.Kind {
		case "vote":
			r, err := t.passedMatter(ctx, tx, n.Path, in.Meeting, in.Matter, 5)
			if err != nil {
				return err
			}
			own := Range{Kind: r.Scope.Kind, Paths: r.Scope.Paths}
			if in.Range.Kind != "" && (in.Range.Kind != own.Kind || in.Range.words() != own.words()) {
				return ErrOtherRange
			}
			u.Range, u.Parking, u.Decision, u.State, u.Approval = own, r.CountParking, decisionOf(r), UseApproved, "voted"
		case "emergency":
			i := slices.IndexFunc(Emergencies.Categories, func(c Category) bool { return c.Code == in.Category })
			if i < 0 {
				return ErrCategory
			}
			c := Emergencies.Categories[i]
			if err := t.checkRange(ctx, tx, n.Path, &u.Range); err != nil {
				return err
			}
			if err := lacking(u.Papers, c.Papers...); err != nil {
				return err
			}
			l := p.ReviewCommittee
			if c.Deemed {
				l = p.LiftReview
			}
			due := cal.Deadline(tx.Now, l, day.Hours{})
			u.Category, u.Due, u.Deemed = c.Code, due.At, c.Deemed
			post, org, err := t.answers(ctx, tx, n.Path, today(tx))
			if err != nil {
				return err
			}
			if err := t.owe(ctx, tx, duty.Owe{Kind: DutyUseReview, Ref: u.Ref(), Zh: "审核维修资金应急使用：" + u.Title, En: "review an emergency use of the fund: " + u.Title, Path: n.Path, Post: post, Org: org, Evidence: "note"}, due); err != nil {
				return err
			}
		default:
			return ErrCategory.At("kind")
		}
		shares, err := t.split(ctx, tx, u, u.Cost)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `insert into money_use (id, compound, path, street, title, words, kind, category, scope, paths, parking, cost, final, decision, again, approval, state, why, papers, payee, due, deemed, applied, applied_at,
reviewed, reported, accepted, started_on, done_on, settled_on, published, hash, rules, demo, version) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 0, $13, '', $14, $15, '', $16, '', $17, $18, $19, $20, '', '', '', '', '', '', 0, '', $21, $22, 1)`,
			u.ID, u.Compound, string(u.Path), string(u.Path.Street()), u.Title, u.Text, u.Kind, u.Category, u.Range.Kind, u.Range.words(), u.Parking, int64(u.Cost), u.Decision, u.Approval, u.State, text(u.Papers),
			int64(u.Due), u.Deemed, u.Applied, int64(u.AppliedAt), u.Rules, u.Demo); err != nil {
			if store.Unique(err) {
				return ErrDecidedOnce
			}
			return err
		}
		if u.State == UseApproved {
			if err := t.oweUse(ctx, tx, u, DutyUseStart, "实施维修：", "carry out the repair: ", cal.Deadline(tx.Now, p.CarryOut, day.Hours{})); err != nil {
				return err
			}
		}
		return t.trail(ctx, tx, who, Arrange, n.Path, "use_apply", u.Ref(), "", map[string]any{"use": u, "parts": len(shares)})
	})
	return u, err
}

func (t *Till) oweUse(ctx context.Context, tx *store.Tx, u Use, kind, zh, en string, due day.Due) error {
	post, org, err := t.answers(ctx, tx, u.Path, today(tx))
	if err != nil {
		return err
	}
	return t.owe(ctx, tx, duty.Owe{Kind: kind, Ref: u.Ref(), Zh: zh + u.Title, En: en + u.Title, Path: u.Path, Post: post, Org: org, Evidence: "note"}, due)
}

// split shares a cost over the range by area, with what each sub-account can bear (R40).
func (t *Till) split(ctx context.Context, q store.Queryer, u Use, cost yuan.Amount) ([]UseShare, error) {
	parts, err := t.partsIn(ctx, q, u.Path, u.Range.Paths, u.Parking)
	if err != nil {
		return nil, err
	}
	rights := make([]tally.Right, len(parts))
	for i, p := range parts {
		rights[i] = tally.Right{No: i + 1, Area: p.Area, Developer: p.Unsold}
	}
	shared, err := tally.SplitFund(cost, rights, true)
	if err != nil {
		return nil, ErrNoShares.Because(err)
	}
	accounts, err := t.subAccounts(ctx, q, `compound = $1`, u.Compound)
	if err != nil {
		return nil, err
	}
	has := map[string]yuan.Amount{}
	for _, a := range accounts {
		has[a.Part] = a.Balance
	}
	out := make([]UseShare, len(shared))
	for i, s := range shared {
		p := parts[s.No-1]
		x := UseShare{Use: u.ID, No: s.No, Part: p.ID, Path: p.Path, Label: p.Label, Area: s.Area, Developer: s.Developer, Amount: s.Amount}
		if !s.Developer {
			x.Drawn = min(max(has[p.ID], 0), s.Amount)
		}
		x.Short = s.Amount - x.Drawn
		out[i] = x
	}
	return out, nil
}

func (t *Till) useTrack() track[Use] { return track[Use]{t.use, t.saveUse, ErrUseState} }

func (t *Till) useStep(ctx context.Context, who access.Who, id string, version int64, a *access.Action, what, why string, from []string, fn func(tx *store.Tx, u *Use) error) (Use, error) {
	return take(ctx, t, who, t.useTrack(), step{id, version, []*access.Action{a}, what, why, from}, fn)
}

// reviewers may review an emergency, and whose review it is then.
var reviewers = []struct {
	a  *access.Action
	by string
}{{ReviewCommittee, "committee"}, {ReviewCommunity, "community"}, {ReviewStreet, "street"}}

// ReviewUse confirms an emergency, or refuses it with a reason. Committee, community or street confirm (R42); never who applied.
func (t *Till) ReviewUse(ctx context.Context, who access.Who, id string, version int64, ok bool, why string) (Use, error) {
	by := make([]*access.Action, len(reviewers))
	for i, x := range reviewers {
		by[i] = x.a
	}
	return take(ctx, t, who, t.useTrack(), step{id, version, by, "use_review", why, []string{UseApplied}}, func(tx *store.Tx, u *Use) error {
		if who.Person == u.Applied {
			return ErrSelf
		}
		if !ok && strings.TrimSpace(why) == "" {
			return ErrReason
		}
		u.Reviewed, u.Why, u.Due = who.Person, strings.TrimSpace(why), 0
		if err := t.on.Duty.End(ctx, tx, DutyUseReview, u.Ref(), who.Person); err != nil {
			return err
		}
		if !ok {
			u.State = UseRefused
			return nil
		}
		i := slices.IndexFunc(by, func(a *access.Action) bool { return who.May(a, u.Path) == nil })
		return t.approve(ctx, tx, u, reviewers[i].by)
	})
}

func (t *Till) approve(ctx context.Context, tx *store.Tx, u *Use, by string) error {
	u.State, u.Approval, u.Due = UseApproved, by, 0
	p, cal, _, err := t.rules(ctx, tx, u.Path, today(tx))
	if err != nil {
		return err
	}
	return t.oweUse(ctx, tx, *u, DutyUseStart, "实施维修：", "carry out the repair: ", cal.Deadline(tx.Now, p.CarryOut, day.Hours{}))
}

// fundTick approves what silence approves: emergencies of lifts whose review did not come in time (R43).
func (t *Till) fundTick(ctx context.Context) (n int, err error) {
	ids, err := store.Texts(ctx, t.db, `select id from money_use where due > 0 and due < $1 and deemed = $2 and state = $3 order by due limit 100`, int64(t.db.Now()), true, UseApplied)
	for _, id := range ids {
		if err == nil {
			err = t.db.Write(ctx, func(tx *store.Tx) error {
				u, err := t.use(ctx, tx, id)
				if err != nil || u.State != UseApplied || !u.Deemed || u.Due == 0 || u.Due >= tx.Now {
					return err
				}
				if err := t.approve(ctx, tx, &u, "deemed"); err != nil {
					return err
				}
				if err := t.on.Duty.Void(ctx, tx, DutyUseReview, u.Ref(), ""); err != nil {
					return err
				}
				if err := t.saveUse(ctx, tx, &u); err != nil {
					return err
				}
				n++
				return t.trail(ctx, tx, access.System, Arrange, u.Path, "use_deemed", u.Ref(), "R43", u)
			})
		}
	}
	return n, err
}

// StartUse writes down that the works began.
func (t *Till) StartUse(ctx context.Context, who access.Who, id string, version int64, on day.Day, papers []Evidence) (Use, error) {
	return t.useStep(ctx, who, id, version, Arrange, "use_start", "", []string{UseApproved}, func(tx *store.Tx, u *Use) (err error) {
		if !on.Sound() {
			on = today(tx)
		}
		if on > today(tx) || on < u.AppliedAt.Day(day.Shanghai) {
			return ErrDay
		}
		u.State, u.StartedOn = UseStarted, on
		if u.Papers, err = t.keepPapers(ctx, tx, who, u.Ref(), u.Path, u.Papers, papers); err != nil {
			return err
		}
		return t.on.Duty.End(ctx, tx, DutyUseStart, u.Ref(), who.Person)
	})
}

// over reports whether a final cost exceeds the approved one by more than the share and more than the sum (R44).
func over(cost, final yuan.Amount, n, d, from int64) bool {
	more := int64(final - cost)
	return more > from && more*d > int64(cost)*n
}

// FinishUse reports the works done and what they cost, with invoice and acceptance. An overrun of more than a tenth and more
// than 10,000 yuan waits for a new vote (R44).
func (t *Till) FinishUse(ctx context.Context, who access.Who, id string, version int64, on day.Day, final yuan.Amount, papers []Evidence) (Use, error) {
	return t.useStep(ctx, who, id, version, Arrange, "use_finish", "", []string{UseStarted}, func(tx *store.Tx, u *Use) (err error) {
		if !on.Sound() {
			on = today(tx)
		}
		if on > today(tx) || on < u.StartedOn {
			return ErrDay
		}
		if final <= 0 {
			return ErrAmount.At("final")
		}
		if u.Papers, err = t.keepPapers(ctx, tx, who, u.Ref(), u.Path, u.Papers, papers); err != nil {
			return err
		}
		if err := lacking(u.Papers, "invoice", "acceptance"); err != nil {
			return err
		}
		p, _, _, err := t.rules(ctx, tx, u.Path, today(tx))
		if err != nil {
			return err
		}
		u.Final, u.DoneOn, u.Reported, u.State = final, on, who.Person, UseFinished
		if over(u.Cost, final, p.OverrunN, p.OverrunD, p.OverrunFrom) {
			u.State = UseOverrun
		}
		return nil
	})
}

// RevoteUse puts the new vote on an overrun under the use: of item 5, by the same cost range, final after the works were reported.
func (t *Till) RevoteUse(ctx context.Context, who access.Who, id string, version int64, meeting string, matter int64) (Use, error) {
	return t.useStep(ctx, who, id, version, Arrange, "use_revote", "", []string{UseOverrun}, func(tx *store.Tx, u *Use) error {
		r, err := t.passedMatter(ctx, tx, u.Path, meeting, matter, 5)
		if err != nil {
			return err
		}
		if r.Scope.Kind != u.Range.Kind || (Range{Paths: r.Scope.Paths}).words() != u.Range.words() {
			return ErrOtherRange
		}
		d := decisionOf(r)
		used, err := store.Count(ctx, tx, `select count(*) from money_use where (decision = $1 and state not in ('refused', 'dropped')) or again = $1`, d)
		if err != nil {
			return err
		}
		if used > 0 || r.On < u.DoneOn {
			return ErrDecidedOnce
		}
		u.Again, u.State = d, UseFinished
		return nil
	})
}

// LimitUse settles an overrun without a new vote, or after one that did not pass: the fund bears what was approved, and no more
// (R44). The trail keeps what was reported.
func (t *Till) LimitUse(ctx context.Context, who access.Who, id string, version int64, why string) (Use, error) {
	return t.useStep(ctx, who, id, version, Arrange, "use_limit", why, []string{UseOverrun}, func(tx *store.Tx, u *Use) error {
		if u.Why = strings.TrimSpace(why); u.Why == "" {
			return ErrReason
		}
		u.Final, u.State = u.Cost, UseFinished
		return nil
	})
}

// DropUse gives a use up before its works begin, with the reason. Its resolution is free again.
func (t *Till) DropUse(ctx context.Context, who access.Who, id string, version int64, why string) (Use, error) {
	return t.useStep(ctx, who, id, version, Arrange, "use_drop", why, []string{UseApplied, UseApproved}, func(tx *store.Tx, u *Use) error {
		if u.Why = strings.TrimSpace(why); u.Why == "" {
			return ErrReason
		}
		u.State, u.Due = UseDropped, 0
		for _, k := range []string{DutyUseReview, DutyUseStart} {
			if err := t.on.Duty.Void(ctx, tx, k, u.Ref(), who.Person); err != nil {
				return err
			}
		}
		return nil
	})
}

func (u Use) rule() string {
	if u.Kind == "emergency" {
		return "R42"
	}
	return "R39"
}

// SettleUse accepts the works and settles the cost: by somebody else than who reported it. Shares are final, sub-accounts
// bear what they can, the rest is billed (R40), and a payment is applied for.
func (t *Till) SettleUse(ctx context.Context, who access.Who, id string, version int64, to Payee) (Use, error) {
	return t.useStep(ctx, who, id, version, Arrange, "use_settle", "", []string{UseFinished, UseOverrun}, func(tx *store.Tx, u *Use) error {
		if u.State == UseOverrun {
			return ErrOverrun
		}
		if who.Person == u.Reported {
			return ErrSelf
		}
		if to.Name = strings.TrimSpace(to.Name); to.Name == "" {
			return ErrUsePayee
		}
		b, err := t.book(ctx, tx, u.Compound)
		if err != nil {
			return err
		}
		shares, err := t.split(ctx, tx, *u, u.Final)
		if err != nil {
			return err
		}
		u.Accepted, u.PayeeName, u.State, u.SettledOn = who.Person, to.Name, UseSettled, today(tx)
		if _, err := t.post(ctx, tx, b, who.Person, ledger.Entry{Day: u.SettledOn, Text: "维修费用结算：" + u.Title, Document: u.Ref(), Decision: u.Decision, Rule: u.rule(),
			Legs: []ledger.Leg{{Account: u.spent(), Amount: u.Final}, {Account: "maintenance:payable", Amount: -u.Final}}}); err != nil {
			return err
		}
		rows := make([][]any, 0, len(shares))
		for _, s := range shares {
			if s.Drawn > 0 {
				var left int64
				err := tx.QueryRow(ctx, `update money_subaccount set balance = balance - $1, updated = $2 where part = $3 returning balance`, int64(s.Drawn), int64(tx.Now), s.Part).Scan(&left)
				if err != nil {
					return err
				}
				if _, err := tx.Exec(ctx, `insert into money_submove (id, part, compound, day, amount, balance, ref, words, at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
					tx.NewID(), s.Part, u.Compound, u.SettledOn, int64(-s.Drawn), left, u.Ref(), u.Title, int64(tx.Now)); err != nil {
					return err
				}
			}
			if s.Short > 0 {
				if s.Bill, err = t.oweBill(ctx, tx, b, who, debt{part: s.Part, kind: Shortfall, fund: ledger.Maintenance, amount: s.Short, origin: u.Ref() + "/" + s.Part, words: u.Title, decision: u.Decision, rule: "R40",
					why: tally.Step{Rule: "R40", Zh: "按面积分摊的费用减去分户已列支", En: "the share by area less what the sub-account bore", Left: s.Amount.String() + "−" + s.Drawn.String(), Rel: "=", Right: s.Short.String(), Holds: true}}); err != nil {
					return err
				}
			}
			rows = append(rows, []any{u.ID, s.No, s.Part, string(s.Path), s.Label, int64(s.Area), s.Developer, int64(s.Amount), int64(s.Drawn), int64(s.Short), s.Bill, 0})
		}
		if _, err := store.Fill(ctx, tx, `insert into money_use_share (use_id, no, part, path, label, area, developer, amount, drawn, short, bill, paid) values `, ``, rows); err != nil {
			return err
		}
		p, cal, _, err := t.rules(ctx, tx, u.Path, today(tx))
		if err != nil {
			return err
		}
		if err := t.oweUse(ctx, tx, *u, DutyUsePublish, "公布维修资金使用总额和各户分摊：", "publish total and shares of a use of the fund: ", cal.Deadline(tx.Now, p.PublishUse, day.Hours{})); err != nil {
			return err
		}
		if err := t.tellShares(ctx, tx, *u, shares); err != nil {
			return err
		}
		_, err = t.payUse(ctx, tx, who, b, u, to)
		return err
	})
}

// tellShares tells each owner what his part bears.
func (t *Till) tellShares(ctx context.Context, tx *store.Tx, u Use, shares []UseShare) error {
	for _, s := range shares {
		if s.Developer {
			continue
		}
		if err := t.tellOwners(ctx, tx, s.Path, u.Ref(), "维修资金使用", "Use of the maintenance fund", u.Title+"："+s.Label+" 分摊 "+s.Amount.String()+" 元，从分户账列支 "+s.Drawn.String()+" 元，须补交 "+s.Short.String()+" 元。",
			u.Title+": "+s.Label+" bears "+s.Amount.String()+" yuan; "+s.Drawn.String()+" come from its account, "+s.Short.String()+" are billed."); err != nil {
			return err
		}
	}
	return nil
}

// tellOwners sends a message to those who hold a part today.
func (t *Till) tellOwners(ctx context.Context, tx *store.Tx, part scope.Path, ref, zhTitle, enTitle, zh, en string) error {
	persons, err := store.Texts(ctx, tx, `select person from people_v_title where path = $1 and from_day <= $2 and (to_day = '' or to_day >= $2)`, string(part), today(tx))
	if err != nil {
		return err
	}
	var to []outreach.To
	for _, p := range persons {
		to = append(to, outreach.To{Person: p})
	}
	return t.tell(ctx, tx, part, ref, zhTitle, enTitle, zh, en, to...)
}

// payUse applies for a payment of what the fund has for the use and nobody has asked for yet: what the sub-accounts bore, and
// what came in on the bills.
func (t *Till) payUse(ctx context.Context, tx *store.Tx, who access.Who, b Book, u *Use, to Payee) (sum yuan.Amount, err error) {
	var drawn, paid, asked int64
	if err := tx.QueryRow(ctx, `select coalesce(sum(drawn), 0), coalesce(sum(paid + waived), 0) from money_use_share where use_id = $1`, u.ID).Scan(&drawn, &paid); err != nil {
		return 0, err
	}
	if err := tx.QueryRow(ctx, `select coalesce(sum(amount), 0) from money_use_payment where use_id = $1 and state <> 'refused'`, u.ID).Scan(&asked); err != nil {
		return 0, err
	}
	if sum = yuan.Amount(drawn + paid - asked); sum <= 0 {
		return 0, nil
	}
	var blobs []string
	for _, p := range u.Papers {
		blobs = append(blobs, p.Blob)
	}
	id, err := t.askPayment(ctx, tx, who, b, outlay{fund: ledger.Maintenance, account: "maintenance:payable", amount: sum, to: to, purpose: u.Title, decision: u.Decision, rule: u.rule(), origin: u.Ref(), papers: blobs})
	if err != nil {
		return 0, err
	}
	_, err = tx.Exec(ctx, `insert into money_use_payment (use_id, payment, amount, state) values ($1, $2, $3, 'asked')`, u.ID, id, int64(sum))
	return sum, err
}

// PayUse applies for a payment of what came in since the last one.
func (t *Till) PayUse(ctx context.Context, who access.Who, id string, version int64, to Payee) (Use, error) {
	return t.useStep(ctx, who, id, version, Arrange, "use_pay", "", []string{UseSettled}, func(tx *store.Tx, u *Use) error {
		if to.Name = strings.TrimSpace(to.Name); to.Name == "" {
			return ErrUsePayee
		}
		b, err := t.book(ctx, tx, u.Compound)
		if err != nil {
			return err
		}
		u.PayeeName = to.Name
		sum, err := t.payUse(ctx, tx, who, b, u, to)
		if err == nil && sum <= 0 {
			err = ErrNothing
		}
		return err
	})
}

// usePaymentEnded hears how a payment of a use ended.
func (t *Till) usePaymentEnded(ctx context.Context, tx *store.Tx, id, payment string, paid bool) error {
	state := "refused"
	if paid {
		state = "paid"
	}
	if _, err := tx.Exec(ctx, `update money_use_payment set state = $1 where use_id = $2 and payment = $3`, state, id, payment); err != nil {
		return err
	}
	if !paid {
		return nil
	}
	u, err := t.use(ctx, tx, id)
	if err != nil {
		return err
	}
	return t.usePaidUp(ctx, tx, u)
}

// usePaidUp ends a settled use when all of it is paid out.
func (t *Till) usePaidUp(ctx context.Context, tx *store.Tx, u Use) error {
	sum, err := store.Count(ctx, tx, `select cast(coalesce(sum(amount), 0) as bigint) from money_use_payment where use_id = $1 and state = 'paid'`, u.ID)
	if err != nil || u.State != UseSettled || yuan.Amount(sum) != u.Final {
		return err
	}
	u.State = UsePaid
	return t.saveUse(ctx, tx, &u)
}

// useBillPaid hears that money came in on a shortfall bill.
func (t *Till) useBillPaid(ctx context.Context, tx *store.Tx, id, part string, amount yuan.Amount) error {
	n, err := tx.Exec(ctx, `update money_use_share set paid = paid + $1 where use_id = $2 and part = $3 and paid + $1 + waived <= short and paid + $1 >= 0`, int64(amount), id, part)
	if err == nil && n == 0 {
		err = ErrAmount
	}
	return err
}

// useBillBorne hears that another fund paid in what a shortfall bill asked for: the money is there, the payee's claim stands.
func (t *Till) useBillBorne(ctx context.Context, tx *store.Tx, id, part string, amount yuan.Amount) error {
	n, err := tx.Exec(ctx, `update money_use_share set waived = waived + $1 where use_id = $2 and part = $3 and paid + waived + $1 <= short`, int64(amount), id, part)
	if err == nil && n == 0 {
		err = ErrAmount
	}
	return err
}

// spent is the account that the use is a cost in.
func (u Use) spent() string {
	if u.Kind == "emergency" {
		return "maintenance:spent:emergency"
	}
	return "maintenance:spent:repair"
}

// UsePage is what is published of a use: totals and each part's share, with labels and without names.
type UsePage struct {
	ID        string      `json:"id"`
	Compound  string      `json:"compound"`
	Title     string      `json:"title"`
	Text      string      `json:"text"`
	Kind      string      `json:"kind"`
	Category  string      `json:"category"`
	Cost      yuan.Amount `json:"cost"`
	Final     yuan.Amount `json:"final"`
	Decision  string      `json:"decision"`
	Approval  string      `json:"approval"`
	Payee     string      `json:"payee"`
	DoneOn    day.Day     `json:"done_on"`
	SettledOn day.Day     `json:"settled_on"`
	Drawn     yuan.Amount `json:"drawn"`
	Short     yuan.Amount `json:"short"`
	Shares    []PageShare `json:"shares"`
	Hash      string      `json:"hash,omitempty"`
	Published day.Instant `json:"published,omitempty"`
	Demo      bool        `json:"demo,omitempty"`
}

// PageShare is a share as published.
type PageShare struct {
	Label  string      `json:"label"`
	Area   area.Area   `json:"area"`
	Amount yuan.Amount `json:"amount"`
	Drawn  yuan.Amount `json:"drawn"`
	Short  yuan.Amount `json:"short"`
	By     string      `json:"by,omitempty" doc:"developer, where the part is not sold"`
}

// usePage makes the page and its hash.
func (t *Till) usePage(ctx context.Context, q store.Queryer, u Use) (p UsePage, err error) {
	p = UsePage{ID: u.ID, Compound: u.Compound, Title: u.Title, Text: u.Text, Kind: u.Kind, Category: u.Category, Cost: u.Cost, Final: u.Final, Decision: u.Decision, Approval: u.Approval, Payee: u.PayeeName, DoneOn: u.DoneOn, SettledOn: u.SettledOn,
		Shares: []PageShare{}, Demo: u.Demo}
	shares, err := useShares(ctx, q, `use_id = $1`, u.ID)
	if err != nil {
		return p, err
	}
	for _, s := range shares {
		x := PageShare{Label: s.Label, Area: s.Area, Amount: s.Amount, Drawn: s.Drawn, Short: s.Short}
		if s.Developer {
			x.By = "developer"
		}
		p.Drawn += s.Drawn
		p.Short += s.Short
		p.Shares = append(p.Shares, x)
	}
	text, err := tree.Canonical(p)
	if err != nil {
		return p, err
	}
	sum := sha256.Sum256(text)
	p.Hash, p.Published = hex.EncodeToString(sum[:]), u.Published
	return p, nil
}

// PublishUse puts totals and shares on the board, and their hash into the public log (R43 and the house's preset).
func (t *Till) PublishUse(ctx context.Context, who access.Who, id string, version int64) (Use, error) {
	return t.useStep(ctx, who, id, version, Arrange, "use_publish", "", []string{UseSettled, UsePaid}, func(tx *store.Tx, u *Use) error {
		if u.Published != 0 {
			return ErrUseState
		}
		p, err := t.usePage(ctx, tx, *u)
		if err != nil {
			return err
		}
		u.Published, u.Hash = tx.Now, p.Hash
		if u.State == UsePaid {
			u.State = UsePublished
		}
		if err := t.on.Duty.End(ctx, tx, DutyUsePublish, u.Ref(), who.Person); err != nil {
			return err
		}
		_, err = audit.Publish(ctx, tx, audit.Record{Kind: "money.use", Path: u.Path, Ref: u.Ref(), Body: map[string]any{"compound": u.Compound, "use": u.ID, "kind": u.Kind, "category": u.Category,
			"cost": int64(u.Cost), "final": int64(u.Final), "drawn": int64(p.Drawn), "short": int64(p.Short), "parts": len(p.Shares), "hash": p.Hash}})
		return err
	})
}

// PublicUses lists the published uses of a compound, newest first.
func (t *Till) PublicUses(ctx context.Context, compound string) (out []UsePage, err error) {
	out = []UsePage{}
	err = t.db.View(ctx, func(q store.Queryer) error {
		list, err := store.All(ctx, q, func(r *sql.Rows) (Use, error) { return scanUse(r) }, `select `+useColumns+` from money_use where compound = $1 and published > 0 order by id desc limit 200`, compound)
		for _, u := range list {
			p, err := t.usePage(ctx, q, u)
			if err != nil {
				return err
			}
			out = append(out, p)
		}
		return err
	})
	return out, err
}

// UseFile is a use with all that belongs to it.
type UseFile struct {
	Use
	Shares   []UseShare   `json:"shares" doc:"as settled, or as they would be now"`
	Payments []UsePayment `json:"payments"`
	Steps    []tally.Step `json:"steps"`
	May      []string     `json:"may" doc:"review, start, finish, revote, limit, settle, pay, publish, drop: what the one who asks may do now"`
}

// useMay says which steps the one who asks may take, so that a page shows no button in vain. The step itself checks again.
func (t *Till) useMay(ctx context.Context, q store.Queryer, who access.Who, f UseFile) []string {
	out := []string{}
	if who.Person == "" {
		return out
	}
	can := func(step string, ok bool, by ...*access.Action) {
		if ok && slices.ContainsFunc(by, func(a *access.Action) bool { return t.may(ctx, q, who, a, f.Path) == nil }) {
			out = append(out, step)
		}
	}
	can("review", f.State == UseApplied && who.Person != f.Applied, ReviewCommittee, ReviewCommunity, ReviewStreet)
	can("start", f.State == UseApproved, Arrange)
	can("finish", f.State == UseStarted, Arrange)
	can("revote", f.State == UseOverrun, Arrange)
	can("limit", f.State == UseOverrun, Arrange)
	can("settle", f.State == UseFinished && who.Person != f.Reported, Arrange)
	var left yuan.Amount
	for _, s := range f.Shares {
		left += s.Drawn + s.Paid + s.Waived
	}
	for _, p := range f.Payments {
		if p.State != "refused" {
			left -= p.Amount
		}
	}
	can("pay", f.State == UseSettled && left > 0, Arrange)
	can("publish", f.Published == 0 && (f.State == UseSettled || f.State == UsePaid), Arrange)
	can("drop", f.State == UseApplied || f.State == UseApproved, Arrange)
	return out
}

// UsePayment is a payment that was asked for.
type UsePayment struct {
	Payment string      `json:"payment"`
	Amount  yuan.Amount `json:"amount"`
	State   string      `json:"state" enum:"asked,paid,refused"`
}

// UseOf shows a use with its shares.
func (t *Till) UseOf(ctx context.Context, who access.Who, id string) (f UseFile, err error) {
	err = t.db.View(ctx, func(q store.Queryer) error {
		u, err := t.use(ctx, q, id)
		if err != nil {
			return err
		}
		if err := t.may(ctx, q, who, Read, u.Path); err != nil {
			return err
		}
		f = UseFile{Use: u, Steps: []tally.Step{}}
		if u.SettledOn.Sound() {
			f.Shares, err = useShares(ctx, q, `use_id = $1`, u.ID)
		} else if u.State != UseRefused && u.State != UseDropped {
			cost := u.Cost
			if u.Final > 0 {
				cost = u.Final
			}
			f.Shares, err = t.split(ctx, q, u, cost)
		}
		if err != nil {
			return err
		}
		if f.Shares == nil {
			f.Shares = []UseShare{}
		}
		var sum yuan.Amount
		for _, s := range f.Shares {
			sum += s.Amount
		}
		if len(f.Shares) > 0 {
			want := u.Cost
			if u.Final > 0 {
				want = u.Final
			}
			f.Steps = append(f.Steps, tally.Step{Rule: "R40", Zh: "按专有面积分摊，各户之和等于总额；未售部分由建设单位承担", En: "shared by exclusive area, what the parts bear adds up; the developer pays for what is unsold", Left: sum.String(), Rel: "=", Right: want.String(), Holds: sum == want})
		}
		if u.Final > 0 {
			p, _, _, err := t.rules(ctx, q, u.Path, u.AppliedAt.Day(day.Shanghai))
			if err != nil {
				return err
			}
			o := over(u.Cost, u.Final, p.OverrunN, p.OverrunD, p.OverrunFrom)
			step := tally.Step{Rule: "R44", Zh: "没有超支，或者没有同时超过一成和一万元，不须重新表决", En: "not over, or not more than both a tenth and 10,000 yuan: no new vote is needed", Left: (u.Final - u.Cost).String(), Rel: "≤",
				Right: "max(" + yuan.Amount(p.OverrunFrom).String() + ", " + strconv.FormatInt(p.OverrunN, 10) + "/" + strconv.FormatInt(p.OverrunD, 10) + "×" + u.Cost.String() + ")", Holds: true}
			if o {
				step.Zh, step.En, step.Rel = "超支同时超过一成和一万元，须重新表决", "over by more than a tenth and more than 10,000 yuan: a new vote is needed", ">"
			}
			f.Steps = append(f.Steps, step)
		}
		f.Payments, err = store.All(ctx, q, func(r *sql.Rows) (x UsePayment, err error) {
			var amount int64
			err = r.Scan(&x.Payment, &amount, &x.State)
			x.Amount = yuan.Amount(amount)
			return x, err
		}, `select payment, amount, state from money_use_payment where use_id = $1 order by payment`, u.ID)
		if f.Payments == nil {
			f.Payments = []UsePayment{}
		}
		f.May = t.useMay(ctx, q, who, f)
		return err
	})
	return f, err
}

// Uses lists the uses of a compound, newest first.
func (t *Till) Uses(ctx context.Context, who access.Who, compound, state, before string) (out []Use, next string, err error) {
	err = t.db.View(ctx, func(q store.Queryer) error {
		n, err := t.compound(ctx, q, compound)
		if err != nil {
			return err
		}
		if err := t.may(ctx, q, who, Read, n.Path); err != nil {
			return err
		}
		if before == "" {
			before = "~"
		}
		out, err = store.All(ctx, q, func(r *sql.Rows) (Use, error) { return scanUse(r) }, `select `+useColumns+` from money_use where compound = $1 and ($2 = '' or state = $2) and id < $3 order by id desc limit 51`, n.ID, state, before)
		if len(out) > 50 {
			out = out[:50]
			next = out[49].ID
		}
		if out == nil {
			out = []Use{}
		}
		return err
	})
	return out, next, err
}

// UseSight decides who may look at a paper of a use: whoever reads the compound's money.
func (t *Till) UseSight(ctx context.Context, who access.Who, id string) error {
	u, err := t.use(ctx, t.db, id)
	if err != nil {
		return err
	}
	return t.may(ctx, t.db, who, Read, u.Path)
}

// MirrorSight decides who may look at the statement behind a mirror.
func (t *Till) MirrorSight(ctx context.Context, who access.Who, id string) error {
	var compound string
	err := t.db.QueryRow(ctx, `select compound from money_mirror where id = $1`, id).Scan(&compound)
	if none(err) {
		return ErrMissing
	}
	if err != nil {
		return err
	}
	n, err := t.compound(ctx, t.db, compound)
	if err != nil {
		return err
	}
	return t.may(ctx, t.db, who, Read, n.Path)
}

// proveFund holds the mirror against the books: what the parts have is what the bank has and homes still owe, less what waits
// to be paid out.
func (t *Till) proveFund(ctx context.Context, q store.Queryer, compound string) ([]Proof, error) {
	had, err := store.Count(ctx, q, `select coalesce(sum(balance), 0) from money_subaccount where compound = $1`, compound)
	if err != nil {
		return nil, err
	}
	books, err := t.liquid(ctx, q, compound, ledger.Maintenance)
	if err != nil {
		return nil, err
	}
	for _, a := range []string{"maintenance:owed", "maintenance:ahead", "maintenance:payable"} {
		x, err := t.balance(ctx, q, compound, a)
		if err != nil {
			return nil, err
		}
		books += x
	}
	return []Proof{{Account: "maintenance", Books: books, Parts: yuan.Amount(had), Holds: books == yuan.Amount(had)}}, nil
}
