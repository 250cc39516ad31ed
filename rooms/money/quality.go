package money

import (
	"context"
	"database/sql"
	"encoding/json"
	"slices"
	"strings"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/scope"
	basis "cuobian/basis/share"
	"cuobian/basis/yuan"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/store"
	"cuobian/rooms/duty"
	"cuobian/rooms/money/bundle"
	"cuobian/rooms/money/ledger"
	"cuobian/rooms/money/share"
)

// States of a period of pay by quality.
const (
	QualityOpen   = "open"   // 填报指标
	QualityFrozen = "frozen" // 已冻结
	QualityAsked  = "asked"  // 已申请支付
	QualityPaid   = "paid"   // 已支付，暂扣未结
	QualityDone   = "done"   // 暂扣已结
)

// Kinds of duties of pay by quality and budgets.
const (
	DutyHoldBack = "money.hold_back"
	DutyAccounts = "money.accounts"
)

var qualityDuties = []string{DutyHoldBack, DutyAccounts}

// Faults of pay by quality.
var (
	ErrQualityState  = fault.New(fault.Conflict, "money.quality_state", "这一步现在不能办理", "this step cannot be taken now")
	ErrPeriod        = fault.Bad("to", "money.period", "考核期有误，或者还没有结束", "the period cannot be right, or is not over")
	ErrPeriodTwice   = fault.New(fault.Conflict, "money.period_twice", "这段时间已有考核期", "there is a period for these days already")
	ErrContract      = fault.New(fault.Conflict, "money.contract", "该期间没有按质付酬的服务合同", "no contract that pays by quality is in force for this period")
	ErrInput         = fault.Bad("input", "money.input", "没有这项指标，或者数值有误（n 不大于 N，N 为零须说明）", "there is no such input, or its value is wrong (n at most N; where N is zero a reason is needed)")
	ErrCounted       = fault.Bad("input", "money.counted", "该指标由事项统计得出，不能填报", "this input is counted from matters and not entered")
	ErrSheet         = fault.New(fault.Missing, "money.sheet", "没有待确认的填报单", "there is no sheet to be confirmed")
	ErrSheetPaper    = fault.Bad("paper", "money.sheet_paper", "请附签名的填报单", "attach the signed sheet")
	ErrUnconfirmed   = fault.New(fault.Conflict, "money.unconfirmed", "还缺经另一人确认的指标：{inputs}", "inputs that a second person confirmed are missing: {inputs}")
	ErrFigures       = fault.New(fault.Unavailable, "money.figures", "事项统计暂不可用", "the figures of matters are not available")
	ErrOpenDispute   = fault.New(fault.Conflict, "money.open_dispute", "还有争议没有答复", "a dispute is not answered yet")
	ErrHoldBackEarly = fault.New(fault.Conflict, "money.hold_back_early", "暂扣部分须待年度星级结果后结算", "what is held back waits for the yearly star result")
)

// Sheet is an input as it was entered and confirmed.
type Sheet struct {
	ID          string      `json:"id"`
	Input       string      `json:"input"`
	Figure      basis.Share `json:"figure"`
	Absent      string      `json:"absent,omitempty"`
	On          day.Day     `json:"on"`
	Paper       string      `json:"paper"`
	Entered     string      `json:"-"`
	At          day.Instant `json:"at"`
	Confirmed   bool        `json:"confirmed"`
	ConfirmedAt day.Instant `json:"confirmed_at,omitempty"`
	Mine        bool        `json:"mine" doc:"entered by who asks: somebody else confirms it"`
}

// Dispute is a request to correct one input.
type Dispute struct {
	ID      string      `json:"id"`
	Version int64       `json:"version"`
	Input   string      `json:"input"`
	Figure  basis.Share `json:"figure"`
	Why     string      `json:"why"`
	Paper   string      `json:"paper,omitempty"`
	By      string      `json:"-"`
	At      day.Instant `json:"at"`
	State   string      `json:"state" enum:"open,upheld,rejected"`
	Answer  string      `json:"answer,omitempty"`
}

// Quality is a period for which a company is paid by quality.
type Quality struct {
	ID        string        `json:"id"`
	Compound  string        `json:"compound"`
	Path      scope.Path    `json:"path"`
	Contract  string        `json:"contract"`
	Org       string        `json:"org"`
	From      day.Day       `json:"from"`
	To        day.Day       `json:"to"`
	State     string        `json:"state" enum:"open,frozen,asked,paid,done"`
	Version   int           `json:"version" doc:"of the frozen figures; 0 while open"`
	Formula   share.Formula `json:"formula"`
	Base      bundle.Base   `json:"base"`
	Pay       *share.Pay    `json:"pay,omitempty"`
	Hash      string        `json:"hash,omitempty"`
	Frozen    day.Instant   `json:"frozen,omitempty"`
	Payment   string        `json:"payment,omitempty"`
	Paid      yuan.Amount   `json:"paid"`
	Held      yuan.Amount   `json:"held"`
	HeldAsked string        `json:"held_payment,omitempty"`
	HeldPaid  yuan.Amount   `json:"held_paid"`
	By        string        `json:"-"`
	Rules     string        `json:"rules"`
	Demo      bool          `json:"demo,omitempty"`
	At        day.Instant   `json:"at"`
	Row       int64         `json:"row_version"`
}

// Ref is how others name the period.
func (x Quality) Ref() string { return "quality/" + x.ID }

const qualityColumns = `id, compound, path, contract, org, from_day, to_day, state, version, formula, base, result, hash, frozen, payment, paid, held, held_payment, held_paid, by_person, rules, demo, at, row_version`

func scanQuality(r interface{ Scan(...any) error }) (x Quality, err error) {
	var formula, base, result string
	if err = r.Scan(&x.ID, &x.Compound, &x.Path, &x.Contract, &x.Org, &x.From, &x.To, &x.State, &x.Version, &formula, &base, &result, &x.Hash, &x.Frozen, &x.Payment, &x.Paid, &x.Held, &x.HeldAsked, &x.HeldPaid, &x.By, &x.Rules, &x.Demo, &x.At, &x.Row); err != nil {
		return x, err
	}
	if err = json.Unmarshal([]byte(formula), &x.Formula); err == nil {
		err = json.Unmarshal([]byte(base), &x.Base)
	}
	if err == nil && result != "" {
		x.Pay = &share.Pay{}
		err = json.Unmarshal([]byte(result), x.Pay)
	}
	return x, err
}

func (t *Till) quality(ctx context.Context, q store.Queryer, id string) (Quality, error) {
	x, err := scanQuality(q.QueryRow(ctx, `select `+qualityColumns+` from money_quality where id = $1`, id))
	if none(err) {
		err = ErrMissing
	}
	return x, err
}

func (t *Till) saveQuality(ctx context.Context, tx *store.Tx, x *Quality) error {
	result := ""
	if x.Pay != nil {
		result = text(x.Pay)
	}
	n, err := tx.Exec(ctx, `update money_quality set state = $1, version = $2, base = $3, result = $4, hash = $5, frozen = $6, payment = $7, paid = $8, held = $9, held_payment = $10, held_paid = $11, row_version = row_version + 1 where id = $12 and row_version = $13`,
		x.State, x.Version, text(x.Base), result, x.Hash, int64(x.Frozen), x.Payment, int64(x.Paid), int64(x.Held), x.HeldAsked, int64(x.HeldPaid), x.ID, x.Row)
	if err == nil && n == 0 {
		err = ErrChanged
	}
	x.Row++
	return err
}

// NewQuality opens a period. The rate or the fixed sum are those of the contract's terms unless they are given here.
type NewQuality struct {
	From  day.Day      `json:"from"`
	To    day.Day      `json:"to"`
	Rate  *basis.Share `json:"rate,omitempty" doc:"of what was pre-collected"`
	Fixed yuan.Amount  `json:"fixed,omitempty"`
}

// collected is what owners paid ahead and on their bills in a period, into the fund that is held for them, less what was given
// back (R30).
func (t *Till) collected(ctx context.Context, q store.Queryer, compound string, from, to day.Day) (yuan.Amount, error) {
	n, err := store.Count(ctx, q, `select cast(coalesce(sum(l.amount), 0) as bigint) from money_leg l where l.compound = $1 and (l.account in ('fees:bank', 'fees:cash', 'fees:clearing') or l.account >= 'fees:clearing:' and l.account < 'fees:clearing;') and l.day >= $2 and l.day <= $3
and exists (select 1 from money_leg o where o.entry = l.entry and o.account in ('fees:owed', 'fees:ahead'))`, compound, from, to)
	return yuan.Amount(n), err
}

// OpenQuality opens a period under the contract in force on its last day.
func (t *Till) OpenQuality(ctx context.Context, who access.Who, compound string, in NewQuality) (x Quality, err error) {
	err = t.db.Write(ctx, func(tx *store.Tx) error {
		n, err := t.enters(ctx, tx, who, Arrange, compound)
		if err != nil {
			return err
		}
		if !in.From.Sound() || !in.To.Sound() || in.To < in.From || int(in.To-in.From) > 366 {
			return ErrPeriod
		}
		b, err := t.book(ctx, tx, n.ID)
		if err != nil {
			return err
		}
		c, ok, err := t.on.Service.Serving(ctx, tx, n.Path, in.To)
		if err != nil {
			return err
		}
		if !ok || c.Org == "" || !slices.Contains([]string{"remuneration", "quality", "trust"}, c.Pay) {
			return ErrContract
		}
		terms, err := t.on.Service.Terms(ctx, tx, c.ID)
		if err != nil {
			return err
		}
		formula := share.Quality()
		base := bundle.Base{Rate: in.Rate, Fixed: in.Fixed}
		if base.Rate == nil && base.Fixed == 0 {
			if terms.RateD > 0 {
				r := basis.Of(terms.RateN, terms.RateD)
				base.Rate = &r
			}
			base.Fixed = yuan.Amount(terms.Fixed)
		}
		if terms.HoldD > 0 {
			formula.HoldBack = basis.Of(terms.HoldN, terms.HoldD)
		}
		if (base.Rate == nil) == (base.Fixed == 0) || base.Fixed < 0 || base.Rate != nil && (base.Rate.D <= 0 || base.Rate.N <= 0 || base.Rate.N > base.Rate.D) {
			return share.ErrRate
		}
		if err := formula.Check(); err != nil {
			return err
		}
		over, err := store.Count(ctx, tx, `select count(*) from money_quality where compound = $1 and from_day <= $2 and to_day >= $3`, n.ID, in.To, in.From)
		if err != nil {
			return err
		}
		if over > 0 {
			return ErrPeriodTwice
		}
		_, _, pack, err := t.rules(ctx, tx, n.Path, today(tx))
		if err != nil {
			return err
		}
		x = Quality{ID: tx.NewID(), Compound: n.ID, Path: n.Path, Contract: c.ID, Org: c.Org, From: in.From, To: in.To, State: QualityOpen, Formula: formula, Base: base, By: who.Person, Rules: pack, Demo: b.Demo, At: tx.Now, Row: 1}
		if _, err := tx.Exec(ctx, `insert into money_quality (id, compound, path, street, contract, org, from_day, to_day, state, version, formula, base, result, hash, frozen, payment, paid, held, held_payment, held_paid, by_person, rules, demo, at, row_version)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $10, $11, '', '', 0, '', 0, 0, '', 0, $12, $13, $14, $15, 1)`,
			x.ID, x.Compound, string(x.Path), string(x.Path.Street()), x.Contract, x.Org, x.From, x.To, x.State, text(x.Formula), text(x.Base), x.By, x.Rules, x.Demo, int64(x.At)); err != nil {
			if store.Unique(err) {
				return ErrPeriodTwice
			}
			return err
		}
		return t.trail(ctx, tx, who, Arrange, n.Path, "quality", x.Ref(), "", x)
	})
	return x, err
}

func (t *Till) qualityStep(ctx context.Context, who access.Who, id, what, why string, by []*access.Action, from []string, fn func(tx *store.Tx, x *Quality) error) (Quality, error) {
	return take(ctx, t, who, track[Quality]{t.quality, t.saveQuality, ErrQualityState}, step{id, 0, by, what, why, from}, fn)
}

// counted are the inputs that come from matters; the others come from sheets.
var counted = []string{"on_time", "satisfaction"}

// NewSheet is an input as it stands on a signed sheet.
type NewSheet struct {
	Input  string  `json:"input" maxLength:"40"`
	N      int64   `json:"n"`
	D      int64   `json:"d"`
	Absent string  `json:"absent,omitempty" maxLength:"300" doc:"why there was nothing to measure"`
	On     day.Day `json:"on"`
	Paper  string  `json:"paper" maxLength:"40"`
}

func (n NewSheet) sound(f share.Formula) bool {
	known := slices.ContainsFunc(f.Weights, func(w share.Weight) bool { return w.Input == n.Input })
	absent := n.N == 0 && n.D == 0 && strings.TrimSpace(n.Absent) != ""
	return known && (absent || strings.TrimSpace(n.Absent) == "" && n.D > 0 && n.N >= 0 && n.N <= n.D)
}

// EnterSheet enters an input from its signed sheet.
func (t *Till) EnterSheet(ctx context.Context, who access.Who, id string, in NewSheet) (Quality, error) {
	return t.qualityStep(ctx, who, id, "quality_input", "", []*access.Action{Apply}, []string{QualityOpen}, func(tx *store.Tx, x *Quality) error {
		if slices.Contains(counted, in.Input) {
			return ErrCounted
		}
		if !in.sound(x.Formula) {
			return ErrInput
		}
		if in.Paper == "" {
			return ErrSheetPaper
		}
		if !in.On.Sound() || in.On > today(tx) || in.On < x.From {
			return ErrDay
		}
		if err := t.keepPaper(ctx, tx, who, in.Paper, x.Ref(), x.Path); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `insert into money_sheet (id, quality, input, n, d, absent, on_day, paper, entered, at, confirmed, confirmed_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, '', 0)`,
			tx.NewID(), x.ID, in.Input, in.N, in.D, strings.TrimSpace(in.Absent), in.On, in.Paper, who.Person, int64(tx.Now))
		return err
	})
}

// ConfirmSheet confirms a sheet: somebody else than who entered it, of the committee or the community.
func (t *Till) ConfirmSheet(ctx context.Context, who access.Who, id, sheet string) (Quality, error) {
	return t.qualityStep(ctx, who, id, "quality_confirm", "", []*access.Action{ReviewCommittee, ReviewCommunity}, []string{QualityOpen}, func(tx *store.Tx, x *Quality) error {
		list, err := sheets(ctx, tx, x.ID, who.Person)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(list, func(s Sheet) bool { return s.ID == sheet && !s.Confirmed })
		if i < 0 {
			return ErrSheet
		}
		if list[i].Entered == who.Person {
			return ErrSelf
		}
		_, err = tx.Exec(ctx, `update money_sheet set confirmed = $1, confirmed_at = $2 where id = $3`, who.Person, int64(tx.Now), sheet)
		return err
	})
}

func sheets(ctx context.Context, q store.Queryer, quality, viewer string) ([]Sheet, error) {
	out, err := store.All(ctx, q, func(r *sql.Rows) (s Sheet, err error) {
		var confirmed string
		err = r.Scan(&s.ID, &s.Input, &s.Figure.N, &s.Figure.D, &s.Absent, &s.On, &s.Paper, &s.Entered, &s.At, &confirmed, &s.ConfirmedAt)
		s.Confirmed, s.Mine = confirmed != "", viewer != "" && s.Entered == viewer
		return s, err
	}, `select id, input, n, d, absent, on_day, paper, entered, at, confirmed, confirmed_at from money_sheet where quality = $1 order by id`, quality)
	if out == nil {
		out = []Sheet{}
	}
	return out, err
}

// inputs gathers what a period is counted by: figures of matters, and of sheets the last one that was confirmed.
func (t *Till) inputs(ctx context.Context, q store.Queryer, x Quality) ([]share.Input, error) {
	if t.Figures == nil {
		return nil, ErrFigures
	}
	all, err := t.Figures(ctx, q, x.Path, x.From, x.To)
	if err != nil {
		return nil, err
	}
	var out []share.Input
	for _, in := range all {
		if slices.Contains(counted, in.Input) {
			out = append(out, in)
		}
	}
	list, err := sheets(ctx, q, x.ID, "")
	if err != nil {
		return nil, err
	}
	last := map[string]Sheet{}
	for _, s := range list {
		if s.Confirmed {
			last[s.Input] = s
		}
	}
	var missing []string
	for _, w := range x.Formula.Weights {
		if slices.ContainsFunc(out, func(in share.Input) bool { return in.Input == w.Input }) {
			continue
		}
		s, ok := last[w.Input]
		if !ok {
			missing = append(missing, w.Zh)
			continue
		}
		out = append(out, share.Input{Input: w.Input, Figure: s.Figure, Absent: s.Absent, Source: "sheets/" + s.ID})
	}
	if len(missing) > 0 {
		return nil, ErrUnconfirmed.Fill("inputs", strings.Join(missing, "、"))
	}
	return out, nil
}

// freeze keeps a version: its text byte for byte, its hash on the public log.
func (t *Till) freezeQuality(ctx context.Context, tx *store.Tx, x *Quality, inputs []share.Input, why string) error {
	n, err := t.compound(ctx, tx, x.Compound)
	if err != nil {
		return err
	}
	o, err := t.on.Register.Org(ctx, tx, x.Org)
	if err != nil {
		return err
	}
	f, err := bundle.File{Compound: x.Compound, Name: n.Name, Quality: x.ID, Contract: x.Contract, Company: o.Name, From: x.From, To: x.To, Version: x.Version + 1, Prev: x.Hash, Why: why, Base: x.Base, Formula: x.Formula, Inputs: inputs, Frozen: tx.Now, Demo: x.Demo}.Freeze()
	if err != nil {
		return err
	}
	text, err := f.Write()
	if err != nil {
		return err
	}
	x.Version, x.Base, x.Pay, x.Hash, x.Frozen, x.Held = f.Version, f.Base, &f.Pay, f.Hash, tx.Now, f.Pay.Held
	if _, err := tx.Exec(ctx, `insert into money_quality_file (quality, version, words, hash, at) values ($1, $2, $3, $4, $5)`, x.ID, x.Version, string(text), x.Hash, int64(tx.Now)); err != nil {
		return err
	}
	_, err = audit.Publish(ctx, tx, audit.Record{Kind: bundle.RecordQuality, Path: x.Path, Ref: x.Ref(), Body: bundle.Published{Compound: x.Compound, Quality: x.ID, From: x.From, To: x.To, Version: x.Version, Hash: x.Hash, Prev: f.Prev,
		Score: f.Pay.Shown, Earned: f.Pay.Earned, Held: f.Pay.Held}})
	return err
}

// FreezeQuality freezes the inputs after the period's end and computes the pay; by the committee or the community, never by the
// company that is paid.
func (t *Till) FreezeQuality(ctx context.Context, who access.Who, id string) (Quality, error) {
	return t.qualityStep(ctx, who, id, "quality_freeze", "", []*access.Action{ReviewCommittee, ReviewCommunity}, []string{QualityOpen}, func(tx *store.Tx, x *Quality) error {
		if today(tx) <= x.To {
			return ErrPeriod
		}
		in, err := t.inputs(ctx, tx, *x)
		if err != nil {
			return err
		}
		if x.Base.Rate != nil {
			if x.Base.Collected, err = t.collected(ctx, tx, x.Compound, x.From, x.To); err != nil {
				return err
			}
		}
		x.State = QualityFrozen
		return t.freezeQuality(ctx, tx, x, in, "")
	})
}

// file reads a version of a period's file.
func qualityFile(ctx context.Context, q store.Queryer, id string, version int) (f bundle.File, words string, err error) {
	err = q.QueryRow(ctx, `select words from money_quality_file where quality = $1 and version = $2`, id, version).Scan(&words)
	if none(err) {
		return f, "", ErrMissing
	}
	if err == nil {
		err = json.Unmarshal([]byte(words), &f)
	}
	return f, words, err
}

// NewDispute asks for one input to be corrected.
type NewDispute struct {
	Input string `json:"input" maxLength:"40"`
	N     int64  `json:"n"`
	D     int64  `json:"d"`
	Why   string `json:"why" maxLength:"2000"`
	Paper string `json:"paper,omitempty" maxLength:"40"`
}

// DisputeQuality asks for one frozen input to be corrected, before the pay is applied for.
func (t *Till) DisputeQuality(ctx context.Context, who access.Who, id string, in NewDispute) (Quality, error) {
	return t.qualityStep(ctx, who, id, "quality_dispute", in.Why, []*access.Action{Apply}, []string{QualityFrozen}, func(tx *store.Tx, x *Quality) error {
		if !(NewSheet{Input: in.Input, N: in.N, D: in.D}).sound(x.Formula) {
			return ErrInput
		}
		if strings.TrimSpace(in.Why) == "" {
			return ErrReason
		}
		if err := t.keepPaper(ctx, tx, who, in.Paper, x.Ref(), x.Path); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `insert into money_dispute (id, quality, version, input, n, d, why, paper, by_person, at, state, answer, decided, decided_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'open', '', '', 0)`,
			tx.NewID(), x.ID, x.Version, in.Input, in.N, in.D, strings.TrimSpace(in.Why), in.Paper, who.Person, int64(tx.Now))
		return err
	})
}

func disputes(ctx context.Context, q store.Queryer, quality string) ([]Dispute, error) {
	out, err := store.All(ctx, q, func(r *sql.Rows) (d Dispute, err error) {
		err = r.Scan(&d.ID, &d.Version, &d.Input, &d.Figure.N, &d.Figure.D, &d.Why, &d.Paper, &d.By, &d.At, &d.State, &d.Answer)
		return d, err
	}, `select id, version, input, n, d, why, paper, by_person, at, state, answer from money_dispute where quality = $1 order by id`, quality)
	if out == nil {
		out = []Dispute{}
	}
	return out, err
}

// DecideDispute answers a dispute: the street, or the committee, and never who raised it. An upheld one makes a new version in
// which that one input differs.
func (t *Till) DecideDispute(ctx context.Context, who access.Who, id, dispute string, uphold bool, answer string) (Quality, error) {
	return t.qualityStep(ctx, who, id, "quality_decide", answer, []*access.Action{ReviewStreet, ReviewCommittee}, []string{QualityFrozen}, func(tx *store.Tx, x *Quality) error {
		list, err := disputes(ctx, tx, x.ID)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(list, func(d Dispute) bool { return d.ID == dispute && d.State == "open" })
		if i < 0 {
			return ErrMissing
		}
		if list[i].By == who.Person {
			return ErrSelf
		}
		if answer = strings.TrimSpace(answer); answer == "" {
			return ErrReason
		}
		state := "rejected"
		if uphold {
			state = "upheld"
			f, _, err := qualityFile(ctx, tx, x.ID, x.Version)
			if err != nil {
				return err
			}
			for k := range f.Inputs {
				if f.Inputs[k].Input == list[i].Input {
					f.Inputs[k] = share.Input{Input: list[i].Input, Figure: list[i].Figure, Source: "disputes/" + dispute}
				}
			}
			if err := t.freezeQuality(ctx, tx, x, f.Inputs, answer); err != nil {
				return err
			}
		}
		_, err = tx.Exec(ctx, `update money_dispute set state = $1, answer = $2, decided = $3, decided_at = $4 where id = $5`, state, answer, who.Person, int64(tx.Now), dispute)
		return err
	})
}

// SettleQuality applies for the payment of a frozen period; what is held back is owed from then on and settled by SettleHeld.
func (t *Till) SettleQuality(ctx context.Context, who access.Who, id string, to Payee) (Quality, error) {
	return t.qualityStep(ctx, who, id, "quality_settle", "", []*access.Action{Apply}, []string{QualityFrozen}, func(tx *store.Tx, x *Quality) error {
		open, err := store.Count(ctx, tx, `select count(*) from money_dispute where quality = $1 and state = 'open'`, x.ID)
		if err != nil {
			return err
		}
		if open > 0 {
			return ErrOpenDispute
		}
		if x.Pay.Now <= 0 {
			return ErrNothing
		}
		b, err := t.book(ctx, tx, x.Compound)
		if err != nil {
			return err
		}
		if x.Payment, err = t.payCompany(ctx, tx, who, b, x, to, "fees:spent:remuneration", x.Pay.Now, "酬金"); err != nil {
			return err
		}
		x.State = QualityAsked
		return nil
	})
}

func (t *Till) payCompany(ctx context.Context, tx *store.Tx, who access.Who, b Book, x *Quality, to Payee, account string, sum yuan.Amount, what string) (string, error) {
	o, err := t.on.Register.Org(ctx, tx, x.Org)
	if err != nil {
		return "", err
	}
	to.Org, to.Name = o.ID, o.Name
	papers, err := store.Texts(ctx, tx, `select distinct paper from money_sheet where quality = $1 and confirmed <> '' order by paper`, x.ID)
	if err != nil {
		return "", err
	}
	return t.askPayment(ctx, tx, who, b, outlay{fund: ledger.Fees, account: account, amount: sum, to: to, purpose: what + " " + x.From.String() + " 至 " + x.To.String(), decision: "contracts/" + x.Contract, rule: "R30", origin: x.Ref(), papers: papers})
}

// qualityPaymentEnded hears how a payment of a period ended. When the pay is out, what is held back is owed.
func (t *Till) qualityPaymentEnded(ctx context.Context, tx *store.Tx, id string, p Payment) error {
	x, err := t.quality(ctx, tx, id)
	if err != nil {
		return err
	}
	paid := p.State == PaidOut
	switch p.ID {
	case x.Payment:
		if !paid {
			x.State, x.Payment = QualityFrozen, ""
			break
		}
		if err := t.payIsOut(ctx, tx, &x, p.Amount); err != nil {
			return err
		}
	case x.HeldAsked:
		if !paid {
			x.HeldAsked = ""
			break
		}
		x.HeldPaid, x.State = p.Amount, QualityDone
		if err := t.on.Duty.End(ctx, tx, DutyHoldBack, x.Ref(), ""); err != nil {
			return err
		}
	default:
		return nil
	}
	return t.saveQuality(ctx, tx, &x)
}

// payIsOut keeps what of a paid period is held back, and owes its settlement after the year.
func (t *Till) payIsOut(ctx context.Context, tx *store.Tx, x *Quality, paid yuan.Amount) error {
	x.State, x.Paid = QualityPaid, paid
	if x.Held == 0 {
		x.State = QualityDone
		return nil
	}
	b, err := t.book(ctx, tx, x.Compound)
	if err != nil {
		return err
	}
	if _, err := t.post(ctx, tx, b, "system", ledger.Entry{Day: today(tx), Text: "暂扣酬金", Document: x.Ref(), Decision: "contracts/" + x.Contract, Rule: "R30",
		Legs: []ledger.Leg{{Account: "fees:spent:remuneration", Amount: x.Held}, {Account: "fees:held", Amount: -x.Held}}}); err != nil {
		return err
	}
	rule, cal, _, err := t.rules(ctx, tx, x.Path, today(tx))
	if err != nil {
		return err
	}
	post, org, err := t.answers(ctx, tx, x.Path, today(tx))
	if err != nil {
		return err
	}
	end := day.Date(x.To.Year(), 12, 31)
	return t.owe(ctx, tx, duty.Owe{Kind: DutyHoldBack, Ref: x.Ref(), Zh: "结算暂扣酬金", En: "settle what was held back", Path: x.Path, Post: post, Org: org, Evidence: "note"}, cal.Deadline(max(end.End(day.Shanghai), tx.Now), rule.HoldBackSettle, day.Hours{}))
}

// HeldVerdict settles what was held back by the yearly star result: all of it, a part, or nothing, with its paper.
type HeldVerdict struct {
	Amount yuan.Amount `json:"amount" doc:"of what is held; the rest stays with the owners"`
	Reason string      `json:"reason" maxLength:"1000"`
	Paper  string      `json:"paper" maxLength:"40" doc:"the star result"`
	Payee  Payee       `json:"payee"`
}

// SettleHeld settles what was held back, after the end of the year; by committee or community.
func (t *Till) SettleHeld(ctx context.Context, who access.Who, id string, v HeldVerdict) (Quality, error) {
	return t.qualityStep(ctx, who, id, "quality_held", v.Reason, []*access.Action{ReviewCommittee, ReviewCommunity}, []string{QualityPaid}, func(tx *store.Tx, x *Quality) error {
		if today(tx).Year() <= x.To.Year() {
			return ErrHoldBackEarly
		}
		if x.HeldAsked != "" {
			return ErrQualityState
		}
		if v.Amount < 0 || v.Amount > x.Held {
			return ErrAmount
		}
		if strings.TrimSpace(v.Reason) == "" {
			return ErrReason
		}
		if v.Paper == "" {
			return ErrSheetPaper
		}
		if err := t.keepPaper(ctx, tx, who, v.Paper, x.Ref(), x.Path); err != nil {
			return err
		}
		b, err := t.book(ctx, tx, x.Compound)
		if err != nil {
			return err
		}
		if rest := x.Held - v.Amount; rest > 0 {
			if _, err := t.post(ctx, tx, b, who.Person, ledger.Entry{Day: today(tx), Text: "暂扣酬金不予支付，归业主", Document: x.Ref(), Decision: "contracts/" + x.Contract, Rule: "R30",
				Legs: []ledger.Leg{{Account: "fees:held", Amount: rest}, {Account: "fees:spent:remuneration", Amount: -rest}}}); err != nil {
				return err
			}
		}
		if v.Amount == 0 {
			x.State = QualityDone
			return t.on.Duty.End(ctx, tx, DutyHoldBack, x.Ref(), who.Person)
		}
		x.HeldAsked, err = t.payCompany(ctx, tx, who, b, x, v.Payee, "fees:held", v.Amount, "暂扣酬金")
		return err
	})
}

// QualityFile is a period with its sheets and disputes.
type QualityFile struct {
	Quality
	Company  string        `json:"company"`
	Inputs   []share.Input `json:"inputs" doc:"as frozen; while open those that are there"`
	Sheets   []Sheet       `json:"sheets"`
	Disputes []Dispute     `json:"disputes"`
	May      []string      `json:"may" doc:"input, confirm, freeze, dispute, decide, settle, held"`
}

// QualityOf shows a period to who reads the books: company, committee, community and street see the same.
func (t *Till) QualityOf(ctx context.Context, who access.Who, id string) (f QualityFile, err error) {
	err = t.db.View(ctx, func(q store.Queryer) error {
		x, err := t.quality(ctx, q, id)
		if err != nil {
			return err
		}
		if err := t.may(ctx, q, who, Read, x.Path); err != nil {
			return err
		}
		f = QualityFile{Quality: x, Inputs: []share.Input{}, May: []string{}}
		o, err := t.on.Register.Org(ctx, q, x.Org)
		if err != nil {
			return err
		}
		f.Company = o.Name
		if f.Sheets, err = sheets(ctx, q, x.ID, who.Person); err != nil {
			return err
		}
		if f.Disputes, err = disputes(ctx, q, x.ID); err != nil {
			return err
		}
		if x.Version > 0 {
			file, _, err := qualityFile(ctx, q, x.ID, x.Version)
			if err != nil {
				return err
			}
			f.Inputs = file.Inputs
		} else if t.Figures != nil {
			if f.Inputs, err = t.Figures(ctx, q, x.Path, x.From, x.To); err != nil {
				return err
			}
		}
		can := func(name string, ok bool, actions ...*access.Action) {
			for _, a := range actions {
				if ok && t.may(ctx, q, who, a, x.Path) == nil {
					f.May = append(f.May, name)
					return
				}
			}
		}
		can("input", x.State == QualityOpen, Apply)
		can("confirm", x.State == QualityOpen, ReviewCommittee, ReviewCommunity)
		can("freeze", x.State == QualityOpen && t.Today() > x.To, ReviewCommittee, ReviewCommunity)
		can("dispute", x.State == QualityFrozen, Apply)
		can("decide", x.State == QualityFrozen, ReviewStreet, ReviewCommittee)
		can("settle", x.State == QualityFrozen, Apply)
		can("held", x.State == QualityPaid && x.HeldAsked == "", ReviewCommittee, ReviewCommunity)
		return nil
	})
	return f, err
}

// Qualities lists the periods of a compound, newest first.
func (t *Till) Qualities(ctx context.Context, who access.Who, compound string) (out []Quality, err error) {
	err = t.db.View(ctx, func(q store.Queryer) error {
		n, err := t.compound(ctx, q, compound)
		if err != nil {
			return err
		}
		if err := t.may(ctx, q, who, Read, n.Path); err != nil {
			return err
		}
		out, err = store.All(ctx, q, func(r *sql.Rows) (Quality, error) { return scanQuality(r) }, `select `+qualityColumns+` from money_quality where compound = $1 order by from_day desc limit 100`, n.ID)
		if out == nil {
			out = []Quality{}
		}
		return err
	})
	return out, err
}

// QualityBundle is the file of a period's version (0 the newest) as it was frozen, with the proof of its place in the log.
// ErrNotYet of the log while a record waits for its place.
func (t *Till) QualityBundle(ctx context.Context, who access.Who, compound, id string, version int) (words []byte, err error) {
	if who.Account == "" {
		return nil, access.ErrSignIn
	}
	err = t.db.View(ctx, func(q store.Queryer) error {
		x, err := t.quality(ctx, q, id)
		if err != nil {
			return err
		}
		if err := t.may(ctx, q, who, Read, x.Path); err != nil {
			return err
		}
		if x.Compound != compound {
			return ErrMissing
		}
		if version == 0 {
			version = x.Version
		}
		f, _, err := qualityFile(ctx, q, id, version)
		if err != nil {
			return err
		}
		in, err := t.logged(ctx, q, x.Path, x.Ref())
		if err != nil {
			return err
		}
		in.AsOf = 0 // nothing falls due here: the last record's time, so that all who download at one time get the same bytes
		for _, r := range in.Records {
			in.AsOf = max(in.AsOf, r.At)
		}
		f.Proof = &in
		words, err = f.Write()
		return err
	})
	return words, err
}

// QualitySight decides who may look at a sheet: whoever reads the compound's money.
func (t *Till) QualitySight(ctx context.Context, who access.Who, id string) error {
	x, err := t.quality(ctx, t.db, id)
	if err != nil {
		return err
	}
	return t.may(ctx, t.db, who, Read, x.Path)
}
