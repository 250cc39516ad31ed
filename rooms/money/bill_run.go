package money

import (
	"context"
	"errors"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/basis/yuan"
	"cuobian/platform/jobs"
	"cuobian/platform/store"
	"cuobian/rooms/money/ledger"
)

// billsAtOnce is how many homes one write of a billing goes through: few enough that others hardly wait.
const billsAtOnce = 1000

type runJob struct {
	Run string `json:"run"`
}

func (t *Till) putRun(ctx context.Context, tx *store.Tx, r Run) error {
	if t.on.Jobs == nil {
		return nil
	}
	return t.on.Jobs.Put(ctx, tx, "money.bills", runJob{r.ID}, jobs.When{Unique: r.ID})
}

func (t *Till) billJob(ctx context.Context, j jobs.Job) error {
	var a runJob
	if err := j.Read(&a); err != nil {
		return err
	}
	err := t.doRun(ctx, a.Run)
	var f *fault.Fault
	if errors.As(err, &f) && (f.Kind == fault.Invalid || f.Kind == fault.Refused || j.Last) {
		return t.db.Write(ctx, func(tx *store.Tx) error {
			_, err := tx.Exec(ctx, `update money_run set state = 'failed', error = $2 where id = $1 and state <> 'done'`, a.Run, f.Zh+" "+f.En)
			return err
		})
	}
	return err
}

// doRun makes the bills of a billing, some homes a write. Each write holds its bills, the entry of their sum and how far
// it got; so it goes on where it was ended, and two at once make no bill twice.
func (t *Till) doRun(ctx context.Context, id string) error {
	list, err := t.runs(ctx, t.db, `id = $1`, id)
	if err != nil {
		return err
	}
	if len(list) == 0 || list[0].State == "done" {
		return nil
	}
	run := list[0]
	x, err := t.readBilling(ctx, t.db, run, run.Ended == 0)
	if err != nil {
		return err
	}
	p, cal, _, err := t.rules(ctx, t.db, run.path, t.Today())
	if err != nil {
		return err
	}
	if err := t.db.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, `update money_run set state = 'running', total = $2 where id = $1`, run.ID, len(x.ones))
		tx.Changed(store.Change{Kind: "runs", ID: run.ID, Path: run.path})
		return err
	}); err != nil {
		return err
	}
	ahead, err := t.aheadIn(ctx, t.db, run.Compound)
	if err != nil {
		return err
	}
	from := 0
	for from < len(x.ones) && run.donePath != "" && string(x.ones[from].home.Path) <= run.donePath {
		from++
	}
	at, step := run.donePath, t.atOnce
	if step == 0 {
		step = billsAtOnce
	}
	for ; from < len(x.ones); from += step {
		part := x.ones[from:min(from+step, len(x.ones))]
		var drafts []draft
		for i := range part {
			d, err := x.of(&part[i])
			if err != nil {
				return err
			}
			drafts = append(drafts, d...)
		}
		next := string(part[len(part)-1].home.Path)
		if err := t.db.Write(ctx, func(tx *store.Tx) error {
			return t.writeBills(ctx, tx, x, part, drafts, cal.Deadline(tx.Now, p.BillDue, day.Hours{}).Day(), at, next, from+len(part), ahead)
		}); err != nil {
			return err
		}
		at = next
	}
	return t.db.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, `update money_run set state = 'done', ended = $2 where id = $1 and state = 'running'`, run.ID, int64(tx.Now))
		tx.Changed(store.Change{Kind: "runs", ID: run.ID, Path: run.path})
		return err
	})
}

func (t *Till) writeBills(ctx context.Context, tx *store.Tx, x *billing, part []one, drafts []draft, due day.Day, before, next string, done int, ahead map[string]bool) error {
	run := x.run
	b, err := t.book(ctx, tx, run.Compound)
	if err != nil {
		return err
	}
	there, err := t.madeBefore(ctx, tx, run, part[0].home.Path, scope.Path(next))
	if err != nil {
		return err
	}
	zh, en := run.Kind.Words()
	zh, en = run.Period.String()+" "+zh, run.Period.String()+" "+en
	on, dueAt := today(tx), int64(due.Start(day.Shanghai))
	rows := make([][]any, 0, len(drafts))
	sums := map[ledger.Fund]yuan.Amount{}
	entries := map[ledger.Fund]string{}
	decisions := map[ledger.Fund]string{}
	var total yuan.Amount
	type paying struct {
		home string
		fund ledger.Fund
		bill string
	}
	var pay []paying
	for _, d := range drafts {
		if there[d.who.id+string(d.fund)] {
			continue
		}
		if entries[d.fund] == "" {
			entries[d.fund] = tx.NewID()
			decisions[d.fund] = "law"
			for _, s := range d.steps {
				if s.Tariff != "" {
					decisions[d.fund] = "tariffs/" + s.Tariff
					break
				}
			}
		}
		if sums[d.fund], err = yuan.Sum(sums[d.fund], d.amount); err != nil {
			return err
		}
		total += d.amount
		id := tx.NewID()
		decision := ""
		for _, s := range d.steps {
			if s.Decision != "" {
				decision = s.Decision
				break
			}
		}
		rows = append(rows, []any{id, run.Compound, string(d.who.home.Path), d.who.id, "", string(run.Kind), string(d.fund), run.Period.From, run.Period.To, int64(d.amount), 0, 0, due, dueAt, "open", "", zh, en,
			text(d.steps), decision, earnedOf(d.fund, run.Kind), entries[d.fund], run.ID, 0, on, run.person, int64(tx.Now)})
		if ahead[d.who.id+string(d.fund)] {
			pay = append(pay, paying{d.who.id, d.fund, id})
		}
	}
	for _, f := range ledger.Funds() {
		if sums[f] == 0 {
			continue
		}
		if _, err := t.post(ctx, tx, b, run.person, ledger.Entry{ID: entries[f], Day: on, Text: "出账：" + zh, Document: "runs/" + run.ID, Decision: decisions[f], Rule: ruleOf(f),
			Legs: []ledger.Leg{{Account: string(f) + ":owed", Amount: sums[f]}, {Account: earnedOf(f, run.Kind), Amount: -sums[f]}}}); err != nil {
			return err
		}
	}
	if _, err := store.Fill(ctx, tx, insertBill, "", rows); err != nil {
		return err
	}
	for _, a := range pay {
		if _, err := t.useAhead(ctx, tx, b, a.home, a.fund, a.bill); err != nil {
			return err
		}
	}
	n, err := tx.Exec(ctx, `update money_run set done = $2, done_path = $3, bills = bills + $4, amount = amount + $5 where id = $1 and state = 'running' and done_path = $6`,
		run.ID, done, next, len(rows), int64(total), before)
	if err == nil && n == 0 {
		err = ErrChanged // another runner has this billing
	}
	tx.Changed(store.Change{Kind: "runs", ID: run.ID, Path: run.path})
	return err
}

// FinishBills does a billing now instead of waiting for its job, which then finds nothing to do: for the command line, the
// demonstration and measurements.
func (t *Till) FinishBills(ctx context.Context, run string) error { return t.doRun(ctx, run) }
