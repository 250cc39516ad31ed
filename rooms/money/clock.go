package money

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"time"

	"cuobian/basis/day"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/jobs"
	"cuobian/platform/rules"
	"cuobian/platform/store"
	"cuobian/rooms/duty"
	"cuobian/rooms/people"
	"cuobian/rooms/place"
	"cuobian/rooms/service"
)

// Kinds of duties that a contract's clock raises.
const (
	DutyRenewal = "money.renewal" // the owners' side: decide whether the contract is renewed (R32)
	DutyRefusal = "money.refusal" // the company: say whether it will not renew (R33)
)

var clockDuties = []string{DutyRenewal, DutyRefusal}

// What a clock raised for a contract.
const (
	clockOwners   = "owners"
	clockCompany  = "company"
	clockHandover = "handover"
	clockAccounts = "accounts/" // and the year
)

// handWithin is how many days after a contract's end its hand-over still begins by itself: what ended long before the house kept
// the compound is not dug up.
const handWithin = 31

// clocked is a contract as its clock sees it.
type clocked struct {
	id, compound, org string
	path              scope.Path
	from, to          day.Day
}

func (t *Till) clocked(ctx context.Context, q store.Queryer, cond string, args ...any) ([]clocked, error) {
	return store.All(ctx, q, func(r *sql.Rows) (c clocked, err error) {
		err = r.Scan(&c.id, &c.compound, &c.path, &c.org, &c.from, &c.to)
		return c, err
	}, `select c.id, c.compound, c.path, c.org, c.from_day, c.to_day from service_v_contract c where c.org <> '' and `+cond+` order by c.id`, args...)
}

// clockWork takes up the clocks of contracts.
func (t *Till) clockWork(j *jobs.Runner) {
	j.Every("money.clocks", time.Hour, func(ctx context.Context) error {
		_, err := t.ClockTick(ctx)
		return err
	})
}

// ClockTick raises what contracts' clocks have reached: notice, hand-over, accounts. It says how many.
func (t *Till) ClockTick(ctx context.Context) (n int, err error) {
	for _, step := range []func(context.Context) (int, error){t.noticeTick, t.handTick, t.accountsTick} {
		k, err := step(ctx)
		n += k
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

// mark keeps that a clock raised something; false where it had before.
func mark(ctx context.Context, tx *store.Tx, c clocked, what string) (bool, error) {
	n, err := tx.Exec(ctx, `insert into money_clock (contract, what, path, raised) values ($1, $2, $3, $4) on conflict (contract, what) do nothing`, c.id, what, string(c.path), int64(tx.Now))
	return n > 0, err
}

// clockDecided reports whether a contract's end is decided: notice was given, it was ended, or the next one is signed.
func clockDecided(ctx context.Context, q store.Queryer, c clocked) (bool, error) {
	n, err := store.Count(ctx, q, `select (select count(*) from service_v_notice where contract = $1) + (select count(*) from service_v_contract where path = $2 and id <> $1 and from_day > $3)`, c.id, string(c.path), c.from)
	return n > 0, err
}

// noticeTick owes the decision on renewal before the last day on which notice can be given, to the owners' side and to the
// company, and lets the company's go when that day is past: silence of a company is no refusal (R33).
func (t *Till) noticeTick(ctx context.Context) (n int, err error) {
	on := t.Today()
	list, err := t.clocked(ctx, t.db, `c.from_day <= $1 and c.to_day >= $1 and c.to_day <= $2 and (select count(*) from money_clock k where k.contract = c.id and k.what in ($3, $4)) < 2
and not exists (select 1 from service_v_notice x where x.contract = c.id) and not exists (select 1 from service_v_contract x where x.path = c.path and x.from_day > c.from_day)`, on, on.Add(366), clockOwners, clockCompany)
	if err != nil {
		return 0, err
	}
	for _, c := range list {
		p, _, _, err := t.rules(ctx, t.db, c.path, on)
		if err != nil {
			return n, err
		}
		if on < c.to.Add(-max(p.RefusalDays, p.DismissalDays)-p.WarnDays) {
			continue
		}
		if err := t.db.Write(ctx, func(tx *store.Tx) error {
			k, err := t.noticeDue(ctx, tx, c)
			n += k
			return err
		}); err != nil {
			return n, err
		}
	}
	past, err := t.clocked(ctx, t.db, `c.to_day <> '' and exists (select 1 from money_clock k where k.contract = c.id and k.what = $1) and c.to_day >= $2 and c.to_day <= $3`, clockCompany, on, on.Add(366))
	if err != nil {
		return n, err
	}
	for _, c := range past {
		if err := t.db.Write(ctx, func(tx *store.Tx) error {
			p, _, _, err := t.rules(ctx, tx, c.path, today(tx))
			if err != nil || today(tx) <= c.to.Add(-p.RefusalDays) {
				return err
			}
			return t.on.Duty.Void(ctx, tx, DutyRefusal, "contracts/"+c.id, "")
		}); err != nil {
			return n, err
		}
	}
	return n, nil
}

func (t *Till) noticeDue(ctx context.Context, tx *store.Tx, c clocked) (n int, err error) {
	if done, err := clockDecided(ctx, tx, c); done || err != nil {
		return 0, err
	}
	on := today(tx)
	p, _, _, err := t.rules(ctx, tx, c.path, on)
	if err != nil {
		return 0, err
	}
	end := c.to.String()
	if last := c.to.Add(-p.RefusalDays); on >= last.Add(-p.WarnDays) && on <= last {
		fresh, err := mark(ctx, tx, c, clockCompany)
		if err != nil {
			return n, err
		}
		if fresh {
			n++
			if err := t.owe(ctx, tx, duty.Owe{Kind: DutyRefusal, Ref: "contracts/" + c.id, Path: c.path, Post: access.PropertyManager, Org: c.org,
				Zh: "物业合同 " + end + " 期满：不续约的须在 " + last.String() + " 前书面通知业主（R33）", En: "the contract ends on " + end + ": a company that will not renew gives notice by " + last.String() + " (R33)"}, day.Due{At: last.End(day.Shanghai)}); err != nil {
				return n, err
			}
		}
	}
	last := c.to.Add(-p.DismissalDays)
	if on < last.Add(-p.WarnDays) {
		return n, nil
	}
	if last < on { // the house learned of it late: what is left is the decision before the end
		last = c.to
	}
	fresh, err := mark(ctx, tx, c, clockOwners)
	if err != nil || !fresh {
		return n, err
	}
	post, org, err := t.answers(ctx, tx, c.path, on)
	if err != nil {
		return n, err
	}
	return n + 1, t.owe(ctx, tx, duty.Owe{Kind: DutyRenewal, Ref: "contracts/" + c.id, Path: c.path, Post: post, Org: org,
		Zh: "物业合同 " + end + " 期满：在 " + last.String() + " 前由业主决定续聘或者另聘（R32）", En: "the contract ends on " + end + ": the owners decide by " + last.String() + " whether to renew it (R32)"}, day.Due{At: last.End(day.Shanghai)})
}

// contractMoved hears of a contract: a renewal, a notice or an end settles the duties of the contract that it is about.
func (t *Till) contractMoved(ctx context.Context, tx *store.Tx, c service.Contract) error {
	open, err := t.clocked(ctx, tx, `c.path = $1 and exists (select 1 from money_clock k where k.contract = c.id and k.what in ($2, $3))`, string(c.Path), clockOwners, clockCompany)
	if err != nil {
		return err
	}
	for _, x := range open {
		done, err := clockDecided(ctx, tx, x)
		if err != nil {
			return err
		}
		if !done && (x.id != c.ID || c.EndedWhy == "") {
			continue
		}
		for _, kind := range clockDuties {
			if err := t.on.Duty.End(ctx, tx, kind, "contracts/"+x.id, ""); err != nil {
				return err
			}
		}
	}
	return nil
}

// handTick begins the hand-over of the books by a company whose contract is over and that does not go on (Civil Code 949): to the
// company that serves now, else to the committee, else to the community.
func (t *Till) handTick(ctx context.Context) (n int, err error) {
	on := t.Today()
	list, err := t.clocked(ctx, t.db, `c.to_day <> '' and c.to_day < $1 and c.to_day >= $2 and not exists (select 1 from money_clock k where k.contract = c.id and k.what = $3)
and exists (select 1 from money_book b where b.compound = c.compound)`, on, on.Add(-handWithin), clockHandover)
	if err != nil {
		return 0, err
	}
	for _, c := range list {
		begun := false
		if err := t.db.Write(ctx, func(tx *store.Tx) (err error) {
			begun, err = t.handOver(ctx, tx, c)
			return err
		}); err != nil {
			return n, err
		}
		if begun {
			n++
		}
	}
	return n, nil
}

func (t *Till) handOver(ctx context.Context, tx *store.Tx, c clocked) (begun bool, err error) {
	fresh, err := mark(ctx, tx, c, clockHandover)
	if err != nil || !fresh {
		return false, err
	}
	for _, kind := range clockDuties {
		if err := t.on.Duty.Void(ctx, tx, kind, "contracts/"+c.id, ""); err != nil {
			return false, err
		}
	}
	node, err := t.on.Map.Get(ctx, tx, c.compound)
	if err != nil || node.Kind != place.Compound || node.EndedOn.Sound() {
		return false, err
	}
	from, err := orgName(ctx, tx, c.org)
	if err != nil || from.Kind != people.PropertyCompany {
		return false, err
	}
	now, _, err := t.on.Service.Serving(ctx, tx, c.path, today(tx))
	if err != nil || now.Org == c.org {
		return false, err
	}
	to := ""
	if now.Org != "" {
		o, err := orgName(ctx, tx, now.Org)
		if err != nil {
			return false, err
		}
		if o.Path == c.path || o.Path.Covers(c.path) {
			to = o.ID
		}
	}
	if to == "" {
		o, _, _, err := t.committeeAt(ctx, tx, c.path, today(tx))
		if err != nil && !errors.Is(err, ErrCommittee) {
			return false, err
		}
		to = o.ID
	}
	h, err := t.startHandover(ctx, tx, "", node, NewHandover{From: c.org, To: to, Note: "合同 " + c.to.String() + " 终止"})
	if errors.Is(err, ErrHandOpen) {
		return false, nil // somebody began it by hand
	}
	if err != nil {
		return false, err
	}
	return true, t.trail(ctx, tx, access.System, Keep, c.path, "handover", "money-handovers/"+h.ID, h.Note, map[string]any{"from": h.From, "to": h.To, "items": len(h.Items)})
}

// accountsTick owes last year's accounts to the company whose pay comes out of the owners' money (R30), where the compound had
// books in that year and nobody filed them.
func (t *Till) accountsTick(ctx context.Context) (n int, err error) {
	year := t.Today().Year() - 1
	first, last := day.Date(year, 1, 1), day.Date(year, 12, 31)
	list, err := t.clocked(ctx, t.db, `c.pay in ('remuneration', 'quality', 'trust') and c.from_day <= $1 and (c.to_day = '' or c.to_day >= $2)
and not exists (select 1 from service_v_contract x where x.path = c.path and x.from_day > c.from_day and x.from_day <= $1)
and exists (select 1 from money_book b where b.compound = c.compound and b.begun_on <= $1) and not exists (select 1 from money_accounts a where a.compound = c.compound and a.year = $3)
and not exists (select 1 from money_clock k where k.contract = c.id and k.what = $4)`, last, first, year, clockAccounts+strconv.Itoa(year))
	if err != nil {
		return 0, err
	}
	for _, c := range list {
		if err := t.db.Write(ctx, func(tx *store.Tx) error {
			fresh, err := mark(ctx, tx, c, clockAccounts+strconv.Itoa(year))
			if err != nil || !fresh {
				return err
			}
			n++
			p, cal, _, err := t.rules(ctx, tx, c.path, today(tx))
			if err != nil {
				return err
			}
			return t.oweAccounts(ctx, tx, c, year, p, cal)
		}); err != nil {
			return n, err
		}
	}
	return n, nil
}

func accountsRef(compound string, year int) string {
	return "money-accounts/" + compound + "/" + strconv.Itoa(year)
}

func (t *Till) oweAccounts(ctx context.Context, tx *store.Tx, c clocked, year int, p rules.Moneys, cal *day.Calendar) error {
	due := accountsDue(tx, year, p, cal)
	n, err := t.on.Map.Get(ctx, tx, c.compound)
	if err != nil {
		return err
	}
	if err := t.dueAccounts(ctx, tx, n, year, due.At); err != nil {
		return err
	}
	o := duty.Owe{Kind: DutyAccounts, Ref: accountsRef(c.compound, year), Path: c.path, Post: access.PropertyManager, Org: c.org,
		Zh: "公布 " + strconv.Itoa(year) + " 年度决算（R30）", En: "file the accounts of " + strconv.Itoa(year) + " (R30)"}
	if o.Person, err = lastHolder(ctx, tx, c.path, c.org, o.Post, today(tx)); err != nil {
		return err
	}
	return t.owe(ctx, tx, o, due)
}
