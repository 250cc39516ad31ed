package service

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/rules"
	"cuobian/platform/store"
)

// Templates are how contracts pay (rules 5).
var Templates = []struct {
	Code, Zh, En string
	Pays         bool // a remuneration out of what is held for the owners
}{
	{"lump_sum", "包干制", "lump sum", false},
	{"remuneration", "酬金制", "statutory remuneration", true},
	{"quality", "业主自管、按质付酬（酬金制变式）", "owner-controlled, paid by quality (a variant of remuneration)", true},
	{"trust", "信托制", "trust", true},
}

// Notices: who ends a contract, and how.
const (
	Dismissal = "dismissal" // 业主解聘 (R32)
	NoRenewal = "refusal"   // 物业服务人不续约 (R33)
)

// Give is to give notice: the owners' committee, or the community beside it, and the company.
var Give = access.Declare("service.notice", "物业合同：解聘、不续约通知", "give notice under a contract",
	access.CommitteeDirector, access.InterimDirector, access.CommunitySecretary, access.CommunityOfficer, access.PropertyManager)

// Faults of terms and notices.
var (
	ErrTerms    = fault.Bad("template", "service.terms", "合同模板有误：酬金制、按质付酬和信托制须写明比例或者固定金额，二者其一", "the template cannot be right: remuneration, pay by quality and trust need a rate or a fixed sum, one of the two")
	ErrNotice   = fault.Bad("last_day", "service.notice_days", "须提前 {n} 日书面通知，最早到 {day}（{rule}）", "notice is given {n} days before: {day} at the earliest ({rule})")
	ErrNoticed  = fault.New(fault.Conflict, "service.noticed", "已经通知过", "notice was given before")
	ErrDecision = fault.New(fault.Refused, "service.decision", "解聘须有业主大会已通过的决定（民法典 278 第四项）", "owners dismiss by a passed resolution (Civil Code 278(4))")
	ErrNoEnd    = fault.New(fault.Conflict, "service.no_end", "该合同没有约定期满日，不存在续约", "the contract has no last day: there is nothing to renew")
	ErrSide     = fault.New(fault.Refused, "service.side", "解聘由业主一方办理，不续约由该物业公司办理", "the owners' side dismisses, the company itself refuses renewal")
)

// Terms are how a contract pays: a rate of what is pre-collected, or a fixed sum in fen a period; and what is held back.
type Terms struct {
	Contract string `json:"contract_id"`
	Template string `json:"template" enum:"lump_sum,remuneration,quality,trust"`
	RateN    int64  `json:"rate_n,omitempty"`
	RateD    int64  `json:"rate_d,omitempty"`
	Fixed    int64  `json:"fixed,omitempty" doc:"fen for each period"`
	HoldN    int64  `json:"hold_n,omitempty" doc:"share held back until the yearly star result"`
	HoldD    int64  `json:"hold_d,omitempty"`
	Text     string `json:"text,omitempty"`
	Version  int64  `json:"version"`
}

func (t Terms) check() error {
	i := slices.IndexFunc(Templates, func(x struct {
		Code, Zh, En string
		Pays         bool
	}) bool {
		return x.Code == t.Template
	})
	if i < 0 || t.RateN < 0 || t.RateD < 0 || t.Fixed < 0 || t.HoldN < 0 || t.HoldD < 0 || t.RateN > t.RateD || t.HoldN > t.HoldD || len([]rune(t.Text)) > 2000 {
		return ErrTerms
	}
	if pays := Templates[i].Pays; pays && (t.RateN > 0) == (t.Fixed > 0) || !pays && (t.RateN > 0 || t.Fixed > 0 || t.HoldN > 0) {
		return ErrTerms
	}
	return nil
}

// Terms reads how a contract pays; the contract's own word where nothing more was written. It asks nobody's rights.
func (s *Contracts) Terms(ctx context.Context, q store.Queryer, contract string) (t Terms, err error) {
	err = q.QueryRow(ctx, `select contract, template, rate_n, rate_d, fixed, hold_n, hold_d, words, version from service_terms where contract = $1`, contract).
		Scan(&t.Contract, &t.Template, &t.RateN, &t.RateD, &t.Fixed, &t.HoldN, &t.HoldD, &t.Text, &t.Version)
	if errors.Is(err, sql.ErrNoRows) {
		c, err := s.Get(ctx, q, contract)
		return Terms{Contract: contract, Template: c.Pay}, err
	}
	return t, err
}

// TermsOf shows how a contract pays to who may see it.
func (s *Contracts) TermsOf(ctx context.Context, who access.Who, contract string) (t Terms, list []Notice, err error) {
	err = s.db.View(ctx, func(q store.Queryer) error {
		c, err := s.Get(ctx, q, contract)
		if err != nil {
			return err
		}
		if err := who.May(See, c.Path); err != nil {
			return err
		}
		if t, err = s.Terms(ctx, q, contract); err != nil {
			return err
		}
		list, err = s.Notices(ctx, q, contract)
		return err
	})
	return t, list, err
}

// SetTerms writes how a contract pays; the contract's own word follows.
func (s *Contracts) SetTerms(ctx context.Context, who access.Who, t Terms, why string) (out Terms, err error) {
	err = s.db.Write(ctx, func(tx *store.Tx) error {
		c, err := s.Get(ctx, tx, t.Contract)
		if err != nil {
			return err
		}
		if err := who.May(Edit, c.Path); err != nil {
			return err
		}
		if strings.TrimSpace(why) == "" {
			return ErrReason
		}
		if err := t.check(); err != nil {
			return err
		}
		old, err := s.Terms(ctx, tx, c.ID)
		if err != nil {
			return err
		}
		if old.Version != t.Version {
			return ErrVersion
		}
		t.Version++
		if _, err := tx.Exec(ctx, `insert into service_terms (contract, template, rate_n, rate_d, fixed, hold_n, hold_d, words, version, at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
on conflict (contract) do update set template = excluded.template, rate_n = excluded.rate_n, rate_d = excluded.rate_d, fixed = excluded.fixed, hold_n = excluded.hold_n, hold_d = excluded.hold_d, words = excluded.words, version = excluded.version, at = excluded.at`,
			t.Contract, t.Template, t.RateN, t.RateD, t.Fixed, t.HoldN, t.HoldD, t.Text, t.Version, int64(tx.Now)); err != nil {
			return err
		}
		by := who.By(Edit, c.Path)
		if c.Pay != t.Template {
			n := c
			n.Pay = t.Template
			if _, err := s.write(ctx, tx, by, c, n, why); err != nil {
				return err
			}
		}
		out = t
		return audit.Write(ctx, tx, audit.Entry{By: by, Action: Edit.Name, Path: c.Path, Ref: "contracts/" + c.ID, Why: why, From: old, To: t})
	})
	return out, err
}

// Notice is a notice by which a contract ends.
type Notice struct {
	ID       string     `json:"id"`
	Contract string     `json:"contract_id"`
	Path     scope.Path `json:"path"`
	Kind     string     `json:"kind" enum:"dismissal,refusal"`
	On       day.Day    `json:"given_on"`
	Last     day.Day    `json:"last_day"`
	Decision string     `json:"decision,omitempty"`
	Text     string     `json:"text"`
}

// Notices reads the notices under a contract.
func (s *Contracts) Notices(ctx context.Context, q store.Queryer, contract string) ([]Notice, error) {
	out, err := store.All(ctx, q, func(r *sql.Rows) (n Notice, err error) {
		err = r.Scan(&n.ID, &n.Contract, &n.Path, &n.Kind, &n.On, &n.Last, &n.Decision, &n.Text)
		return n, err
	}, `select id, contract, path, kind, given_on, last_day, decision, words from service_notice where contract = $1 order by id`, contract)
	if out == nil {
		out = []Notice{}
	}
	return out, err
}

// limits are the days of notice in force: 60 by Civil Code 946, 90 by 947.
func (s *Contracts) limits(ctx context.Context, q store.Queryer, at scope.Path, on day.Day) (dismissal, refusal int, err error) {
	if s.Rules == nil {
		return 60, 90, nil
	}
	p, _, err := rules.Params[rules.Moneys](ctx, s.Rules, q, rules.Money, at, on)
	return p.DismissalDays, p.RefusalDays, err
}

// GiveNotice gives notice under a contract in force. Owners dismiss with 60 days of notice and a passed resolution (R32, Civil
// Code 946): the contract then ends on the last day. A company that will not renew says so 90 days before the end (R33, 947).
func (s *Contracts) GiveNotice(ctx context.Context, who access.Who, contract, kind string, last day.Day, decision, words string) (n Notice, err error) {
	err = s.db.Write(ctx, func(tx *store.Tx) error {
		c, err := s.Get(ctx, tx, contract)
		if err != nil {
			return err
		}
		if err := who.May(Give, c.Path); err != nil {
			return err
		}
		on := tx.Now.Day(day.Shanghai)
		if c.Org == "" || c.To.Sound() && c.To < on || c.From > on {
			return ErrEnded
		}
		if words = strings.TrimSpace(words); words == "" {
			return ErrReason
		}
		g := who.Grant(Give, c.Path)
		ofCompany := g != nil && g.Post == access.PropertyManager
		dismissal, refusal, err := s.limits(ctx, tx, c.Path, on)
		if err != nil {
			return err
		}
		switch kind {
		case Dismissal:
			if ofCompany {
				return ErrSide
			}
			if earliest := on.Add(dismissal); last < earliest {
				return ErrNotice.Fill("n", dismissal, "day", earliest, "rule", "R32")
			}
			if s.Resolved == nil {
				return ErrDecision
			}
			if ok, err := s.Resolved(ctx, tx, c.Path, decision, 4); err != nil || !ok {
				if err == nil {
					err = ErrDecision
				}
				return err
			}
		case NoRenewal:
			if !ofCompany || g.Org != c.Org {
				return ErrSide
			}
			if !c.To.Sound() {
				return ErrNoEnd
			}
			if last = c.To; on.Add(refusal) > last {
				return ErrNotice.Fill("n", refusal, "day", on.Add(refusal), "rule", "R33")
			}
			decision = ""
		default:
			return ErrTerms.At("kind")
		}
		n = Notice{ID: tx.NewID(), Contract: c.ID, Path: c.Path, Kind: kind, On: on, Last: last, Decision: decision, Text: words}
		if _, err := tx.Exec(ctx, `insert into service_notice (id, contract, path, kind, given_on, last_day, decision, words, by_person, at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
			n.ID, n.Contract, string(n.Path), n.Kind, n.On, n.Last, n.Decision, n.Text, who.Person, int64(tx.Now)); err != nil {
			if store.Unique(err) {
				return ErrNoticed
			}
			return err
		}
		by := who.By(Give, c.Path)
		if kind == Dismissal && (!c.To.Sound() || last < c.To) {
			if c, err = s.close(ctx, tx, by, c, last, words, ""); err != nil {
				return err
			}
		}
		if err := s.moved(ctx, tx, c); err != nil {
			return err
		}
		return audit.Write(ctx, tx, audit.Entry{By: by, Action: Give.Name, Path: c.Path, Ref: "contracts/" + c.ID, Why: words, To: n})
	})
	return n, err
}
