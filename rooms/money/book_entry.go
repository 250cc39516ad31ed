package money

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/paged"
	"cuobian/basis/scope"
	"cuobian/basis/yuan"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/blob"
	"cuobian/platform/sheet"
	"cuobian/platform/store"
	"cuobian/rooms/money/ledger"
	"cuobian/rooms/people"
	"cuobian/rooms/place"
)

// Refusals of what is written by hand.
var (
	ErrByPayment = fault.New(fault.Refused, "money.by_payment", "动用业主共有资金须走支付审批，不能手工记账", "owners' common money is spent by a payment with its reviews and seals, not by an entry by hand")
	ErrByPart    = fault.New(fault.Refused, "money.by_part", "应收、预收由账单和收款自动记账；维修资金由分户账自动记账", "what is owed or paid ahead is kept by bills and receipts, the maintenance fund by its sub-accounts")
	ErrOfPart    = fault.New(fault.Refused, "money.of_part", "这笔分录由业务自动生成，请在原业务中退回或更正", "this entry was made by its matter; take it back there")
	ErrCursor    = fault.Bad("after", "money.cursor", "翻页位置不对，请重新打开列表", "that page mark is not one of ours, please open the list again")
)

// readable finds a compound whose books somebody may read.
func (t *Till) readable(ctx context.Context, who access.Who, compound string) (place.Node, error) {
	n, err := t.compound(ctx, t.db, compound)
	if err == nil {
		err = t.may(ctx, t.db, who, Read, n.Path)
	}
	return n, err
}

// Chart is a compound's accounts, by code.
func (t *Till) Chart(ctx context.Context, who access.Who, compound string) ([]ledger.Account, error) {
	n, err := t.readable(ctx, who, compound)
	if err != nil {
		return nil, err
	}
	c, err := t.chart(ctx, t.db, n.ID)
	if err != nil {
		return nil, err
	}
	out := make([]ledger.Account, 0, len(c))
	for _, code := range slices.Sorted(maps.Keys(c)) {
		out = append(out, c[code])
	}
	return out, nil
}

// EntryLine is an entry with what people want to know of it.
type EntryLine struct {
	ledger.Entry
	Voucher    string      `json:"voucher,omitempty" doc:"记-2026-11-0001; empty for the seconds until it is given"`
	ReversedBy string      `json:"reversed_by,omitempty"`
	Person     string      `json:"person,omitempty"`
	PersonName string      `json:"person_name,omitempty"`
	At         day.Instant `json:"at"`
	Sum        yuan.Amount `json:"sum" doc:"of its debits"`
}

// EntryFind filters entries; what is empty is not asked for.
type EntryFind struct {
	Fund     ledger.Fund
	Account  string
	From, To day.Day
	Q        string // in the words, the document or the voucher's number
	After    string
	Limit    int // 0 is 50
}

// EntryPage is one page of entries, the latest day first.
type EntryPage = paged.List[EntryLine]

const mostCounted = 1000

// Entries lists entries of a compound.
func (t *Till) Entries(ctx context.Context, who access.Who, compound string, f EntryFind) (p EntryPage, err error) {
	p.Items = []EntryLine{}
	n, err := t.readable(ctx, who, compound)
	if err != nil {
		return p, err
	}
	if f.Fund != "" && !slices.Contains(ledger.Funds(), f.Fund) {
		return p, errFund
	}
	if f.Limit <= 0 || f.Limit > 200 {
		f.Limit = 50
	}
	cond, args := `e.compound = $1`, []any{n.ID}
	and := func(c string, v ...any) {
		marks := make([]any, len(v))
		for i := range v {
			args = append(args, v[i])
			marks[i] = len(args)
		}
		cond += " and " + fmt.Sprintf(c, marks...)
	}
	if f.From.Sound() {
		and("e.day >= $%d", f.From)
	}
	if f.To.Sound() {
		and("e.day <= $%d", f.To)
	}
	if f.Account != "" { // and all below it
		and("exists (select 1 from money_leg l where l.entry = e.id and (l.account = $%d or l.account >= $%d and l.account < $%d))", f.Account, f.Account+":", f.Account+";")
	}
	if f.Fund != "" {
		and("exists (select 1 from money_leg l where l.entry = e.id and l.account >= $%d and l.account < $%d)", string(f.Fund)+":", string(f.Fund)+";")
	}
	if q := strings.TrimSpace(f.Q); q != "" {
		var month string
		var no int64
		if v := strings.TrimPrefix(q, "记-"); len(v) > 8 && v[7] == '-' { // 2026-11-0001
			month = v[:7]
			no, _ = strconv.ParseInt(v[8:], 10, 64)
		}
		like := store.Within(q)
		and(`(e.words like $%d escape '\' or e.document like $%d escape '\' or e.id = $%d or exists (select 1 from money_voucher v where v.entry = e.id and v.month = $%d and v.no = $%d))`, like, like, q, month, no)
	}
	if p.Count, err = store.Count(ctx, t.db, fmt.Sprintf(`select count(*) from (select 1 from money_entry e where %s limit %d) as few`, cond, mostCounted+1), args...); err != nil {
		return p, err
	}
	if p.More = p.Count > mostCounted; p.More {
		p.Count = mostCounted
	}
	if f.After != "" {
		d, id, ok := strings.Cut(f.After, "_")
		on, err := day.Parse(d)
		if !ok || err != nil {
			return p, ErrCursor
		}
		and("(e.day < $%d or e.day = $%d and e.id < $%d)", on, on, id)
	}
	args = append(args, f.Limit+1)
	if p.Items, err = t.lines(ctx, t.db, cond+fmt.Sprintf(` order by e.day desc, e.id desc limit $%d`, len(args)), args...); err != nil {
		return p, err
	}
	if len(p.Items) > f.Limit {
		p.Items = p.Items[:f.Limit]
		last := p.Items[f.Limit-1]
		p.Next = last.Day.String() + "_" + last.ID
	}
	return p, nil
}

// lines reads entries with their legs; cond may carry an order and a limit.
func (t *Till) lines(ctx context.Context, q store.Queryer, cond string, args ...any) ([]EntryLine, error) {
	out, err := store.All(ctx, q, func(r *sql.Rows) (e EntryLine, err error) {
		var month sql.NullString
		var no sql.NullInt64
		err = r.Scan(&e.ID, &e.Day, &e.Text, &e.Document, &e.Decision, &e.Rule, &e.Reverses, &e.Reason, &e.Person, &e.At, &month, &no, &e.ReversedBy)
		e.Voucher = VoucherName(month.String, no.Int64)
		return e, err
	}, `select e.id, e.day, e.words, e.document, e.decision, e.rule, e.reverses, e.reason, e.by_person, e.at, v.month, v.no,
coalesce((select u.id from money_entry u where u.reverses = e.id and u.reverses <> ''), '')
from money_entry e left join money_voucher v on v.entry = e.id where `+cond, args...)
	if err != nil {
		return nil, err
	}
	place, ids := map[string]int{}, make([]any, len(out))
	for i, e := range out {
		place[e.ID], ids[i] = i, e.ID
	}
	for part := range slices.Chunk(ids, 100) {
		rows, err := q.Query(ctx, `select entry, account, amount from money_leg where entry in (`+store.Marks(1, len(part))+`) order by entry, line`, part...)
		if err != nil {
			return nil, err
		}
		for rows.Next() {
			var id string
			var l ledger.Leg
			if err := rows.Scan(&id, &l.Account, &l.Amount); err != nil {
				rows.Close()
				return nil, err
			}
			e := &out[place[id]]
			e.Legs = append(e.Legs, l)
			if l.Amount > 0 {
				e.Sum += l.Amount
			}
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			return nil, err
		}
	}
	persons := make([]string, len(out))
	for i, e := range out {
		persons[i] = e.Person
	}
	names, err := people.Names(ctx, q, persons...)
	for i := range out {
		out[i].PersonName = names[out[i].Person]
	}
	return out, err
}

// EntryFile is the whole trail of an entry.
type EntryFile struct {
	EntryLine
	Accounts []ledger.Account `json:"accounts" doc:"of its legs"`
	Undoes   *EntryLine       `json:"undoes,omitempty" doc:"the entry that this one reverses"`
	Undone   *EntryLine       `json:"undone,omitempty" doc:"the entry that reverses this one"`
	Hold     *Hold            `json:"hold,omitempty" doc:"its reservation, where it was reserved first"`
	Beside   []EntryLine      `json:"beside" doc:"other entries of the same document"`
	Papers   []EntryPaper     `json:"papers" doc:"files that hang on it"`
	Closed   bool             `json:"closed" doc:"its day is closed"`
	Trail    []EntryTrail     `json:"trail" doc:"what the audit trail says of it and of its document, oldest first"`
	ByHand   bool             `json:"by_hand" doc:"it may be reversed by hand"`
}

// EntryPaper is a file under an entry.
type EntryPaper struct {
	ID   string    `json:"id"`
	Kind blob.Kind `json:"kind"`
}

// EntryTrail is one line of the audit trail.
type EntryTrail struct {
	At     day.Instant `json:"at"`
	Name   string      `json:"name,omitempty"`
	Post   access.Post `json:"post,omitempty"`
	Action string      `json:"action"`
	Why    string      `json:"why,omitempty"`
}

// Entry is one entry with everything that hangs on it.
func (t *Till) Entry(ctx context.Context, who access.Who, compound, id string) (f EntryFile, err error) {
	n, err := t.readable(ctx, who, compound)
	if err != nil {
		return f, err
	}
	b, err := t.book(ctx, t.db, n.ID)
	if err != nil {
		return f, err
	}
	one := func(cond string, args ...any) (*EntryLine, error) {
		all, err := t.lines(ctx, t.db, cond, args...)
		if err != nil || len(all) == 0 {
			return nil, err
		}
		return &all[0], nil
	}
	e, err := one(`e.id = $1 and e.compound = $2`, id, n.ID)
	if err == nil && e == nil {
		err = ErrMissing
	}
	if err != nil {
		return f, err
	}
	f.EntryLine, f.Closed, f.ByHand = *e, b.Closed.Sound() && e.Day <= b.Closed, byHand(e.Document) && e.Reverses == "" && e.ReversedBy == ""
	if e.Reverses != "" {
		if f.Undoes, err = one(`e.id = $1`, e.Reverses); err != nil {
			return f, err
		}
	}
	if e.ReversedBy != "" {
		if f.Undone, err = one(`e.id = $1`, e.ReversedBy); err != nil {
			return f, err
		}
	}
	c, err := t.chart(ctx, t.db, n.ID)
	if err != nil {
		return f, err
	}
	accounts := map[string]ledger.Account{}
	for _, l := range e.Legs {
		accounts[l.Account] = c[l.Account]
	}
	for _, code := range slices.Sorted(maps.Keys(accounts)) {
		f.Accounts = append(f.Accounts, accounts[code])
	}
	if h, err := t.hold(ctx, t.db, b, id); err == nil {
		f.Hold = &h
	} else if !errors.Is(err, ledger.ErrMissing) {
		return f, err
	}
	if f.Beside, err = t.lines(ctx, t.db, `e.document = $1 and e.compound = $2 and e.id <> $3 order by e.id limit 50`, e.Document, n.ID, id); err != nil {
		return f, err
	}
	f.Papers, f.Trail = []EntryPaper{}, []EntryTrail{}
	var said []audit.Line
	for _, ref := range []string{"entries/" + id, e.Document} {
		if strings.HasPrefix(ref, "papers/") || strings.HasPrefix(ref, "blobs/") {
			continue
		}
		files, err := blob.Of(ctx, t.db, ref)
		if err != nil {
			return f, err
		}
		for _, x := range files {
			f.Papers = append(f.Papers, EntryPaper{x.ID, x.Kind})
		}
		more, err := audit.List(ctx, t.db, audit.Find{Paths: []scope.Path{n.Path}, Ref: ref, Limit: 100})
		if err != nil {
			return f, err
		}
		said = append(said, more...)
	}
	slices.SortFunc(said, func(x, y audit.Line) int { return strings.Compare(x.ID, y.ID) })
	var ids []string
	for _, l := range said {
		ids = append(ids, l.Person)
	}
	names, err := people.Names(ctx, t.db, ids...)
	for _, l := range said {
		f.Trail = append(f.Trail, EntryTrail{At: l.At, Name: names[l.Person], Post: access.Post(l.Post), Action: l.Action, Why: l.Why})
	}
	return f, err
}

// EntrySight says who may see a file under an entry: those who may read its books.
func (t *Till) EntrySight(ctx context.Context, who access.Who, id string) error {
	var compound string
	if err := t.db.QueryRow(ctx, `select compound from money_entry where id = $1`, id).Scan(&compound); err != nil {
		if none(err) {
			err = ErrMissing
		}
		return err
	}
	_, err := t.readable(ctx, who, compound)
	return err
}

// Hand is an entry by hand. Papers are files that were sent before; Paper is the number of a paper voucher; one of the two.
type Hand struct {
	Day      day.Day
	Text     string
	Decision string
	Rule     string
	Paper    string
	Papers   []string
	Legs     []ledger.Leg
}

// byHand: the document of an entry that no other part of the room made; the end of a year is taken back by hand too.
func byHand(document string) bool {
	return strings.HasPrefix(document, "papers/") || strings.HasPrefix(document, "blobs/") || strings.HasPrefix(document, "openings/") || strings.HasPrefix(document, yearEnds)
}

// handLegs refuses what the parts of the room keep, and what must go through a payment: of the owners' common money only the
// bank's own charges leave by hand.
func handLegs(c ledger.Chart, legs []ledger.Leg) error {
	charges := true
	for _, l := range legs {
		a := c[l.Account]
		_, subject, _ := strings.Cut(l.Account, ":")
		if a.Fund() == ledger.Maintenance || subject == "owed" || strings.HasPrefix(subject, "owed:") || subject == "ahead" || strings.HasPrefix(subject, "ahead:") {
			return ErrByPart
		}
		if l.Amount > 0 && subject != "spent:charges" {
			charges = false
		}
	}
	takes, err := c.Takes(legs)
	if err != nil {
		return err
	}
	for account := range takes {
		if f := c[account].Fund(); (f == ledger.Income || f == ledger.Works) && !charges {
			return ErrByPayment
		}
	}
	return nil
}

// handPapers makes an entry's document out of files or a number, and hangs the files on it.
func (t *Till) handPapers(ctx context.Context, tx *store.Tx, who access.Who, n place.Node, entry, paper string, files []string) (document string, err error) {
	for _, id := range files {
		if err := t.on.Blobs.Attach(ctx, tx, id, who.Account, "entries/"+entry, n.Path, n.Name); err != nil {
			return "", err
		}
	}
	if len(files) > 0 {
		return "blobs/" + files[0], nil
	}
	if paper = strings.TrimSpace(paper); paper != "" {
		return "papers/" + paper, nil
	}
	return "", ledger.ErrPapers
}

// WriteByHand writes an entry by hand.
func (t *Till) WriteByHand(ctx context.Context, who access.Who, compound string, h Hand) (out EntryLine, err error) {
	if err := person(who); err != nil {
		return out, err
	}
	n, err := t.compound(ctx, t.db, compound)
	if err != nil {
		return out, err
	}
	if err := t.may(ctx, t.db, who, Keep, n.Path); err != nil {
		return out, err
	}
	var id string
	b := Book{Compound: n.ID, Path: n.Path} // post reads the books themselves
	err = t.db.Write(ctx, func(tx *store.Tx) error {
		if h.Day > today(tx) {
			return ErrDay
		}
		c, err := t.chartOf(ctx, tx, n.ID, h.Legs)
		if err != nil {
			return err
		}
		if err := handLegs(c, h.Legs); err != nil {
			return err
		}
		e := ledger.Entry{ID: tx.NewID(), Day: h.Day, Text: h.Text, Decision: h.Decision, Rule: h.Rule, Legs: h.Legs}
		if e.Document, err = t.handPapers(ctx, tx, who, n, e.ID, h.Paper, h.Papers); err != nil {
			return err
		}
		id = e.ID
		if e, err = t.postNew(ctx, tx, b, who.Person, e); err != nil {
			return err
		}
		return t.trail(ctx, tx, who, Keep, n.Path, "entry", "entries/"+e.ID, "", e)
	})
	if err != nil {
		return out, err
	}
	return t.written(ctx, t.db, id)
}

// written reads an entry back.
func (t *Till) written(ctx context.Context, q store.Queryer, id string) (EntryLine, error) {
	all, err := t.lines(ctx, q, `e.id = $1`, id)
	if err == nil && len(all) == 0 {
		err = ErrMissing
	}
	if err != nil {
		return EntryLine{}, err
	}
	return all[0], nil
}

// ReverseByHand reverses an entry that was written by hand, on a day that is open, with a reason. What bills, receipts or
// payments wrote is taken back there, so that parts and books stay equal.
func (t *Till) ReverseByHand(ctx context.Context, who access.Who, compound, id string, on day.Day, reason, paper string, files []string) (out EntryLine, err error) {
	if err := person(who); err != nil {
		return out, err
	}
	n, err := t.compound(ctx, t.db, compound)
	if err != nil {
		return out, err
	}
	if err := t.may(ctx, t.db, who, Keep, n.Path); err != nil {
		return out, err
	}
	err = t.db.Write(ctx, func(tx *store.Tx) error {
		b, err := t.book(ctx, tx, n.ID)
		if err != nil {
			return err
		}
		e, err := t.entry(ctx, tx, n.ID, id)
		if errors.Is(err, ledger.ErrMissing) {
			err = ErrMissing
		}
		if err != nil {
			return err
		}
		if e.Reverses == "" && !byHand(e.Document) {
			return ErrOfPart
		}
		if strings.HasPrefix(e.Document, "openings/") {
			if err := t.openingAlone(ctx, tx, n.ID, e); err != nil {
				return err
			}
		}
		if !on.Sound() {
			on = today(tx)
		}
		if on > today(tx) {
			return ErrDay
		}
		if strings.TrimSpace(reason) == "" {
			return ErrReason
		}
		document := e.Document // the voucher that was wrong
		if len(files) > 0 || strings.TrimSpace(paper) != "" {
			if document, err = t.handPapers(ctx, tx, who, n, id, paper, files); err != nil {
				return err
			}
		}
		if strings.HasPrefix(e.Document, yearEnds) {
			document = e.Document // so that statements leave both out
		}
		m, err := t.reverse(ctx, tx, b, who.Person, id, on, document, e.Decision, reason)
		if err != nil {
			return err
		}
		if err := keepUndone(ctx, tx, n.ID, m); err != nil {
			return err
		}
		if out, err = t.written(ctx, tx, m.ID); err != nil {
			return err
		}
		return t.trail(ctx, tx, who, Keep, n.Path, "reverse", "entries/"+id, reason, m)
	})
	return out, err
}

// LetGo releases reservations whose time ran out a day ago and that nobody let go: refusals and time-outs are the matter of
// whoever reserved, and this is the net below. It runs every hour.
func (t *Till) LetGo(ctx context.Context) error {
	late, err := t.holds(ctx, t.db, `state = 'held' and until > 0 and until < $1`, int64(t.db.Now())-24*3600*1_000_000)
	if err != nil {
		return err
	}
	for _, h := range late {
		err := t.db.Write(ctx, func(tx *store.Tx) error {
			b, err := t.book(ctx, tx, h.Compound)
			if err != nil {
				return err
			}
			if err := t.release(ctx, tx, b, h.ID, "超时自动释放"); err != nil {
				return err
			}
			return t.trail(ctx, tx, access.System, Keep, b.Path, "let_go", "books/"+h.Compound, "超时自动释放", map[string]string{"hold": h.ID, "document": h.Entry.Document})
		})
		if err != nil && !errors.Is(err, ledger.ErrDone) {
			return err
		}
	}
	return nil
}

// each reads entries with their legs by day, one after the other, within one snapshot.
func each(ctx context.Context, q store.Queryer, compound string, from, to day.Day, fn func(e ledger.Entry, voucher string) error) error {
	if !from.Sound() {
		from = day.First
	}
	if !to.Sound() {
		to = day.Last
	}
	rows, err := q.Query(ctx, `select e.id, e.day, e.words, e.document, e.decision, e.rule, e.reverses, e.reason, coalesce(v.month, ''), coalesce(v.no, 0), l.account, l.amount
from money_entry e join money_leg l on l.entry = e.id left join money_voucher v on v.entry = e.id
where e.compound = $1 and e.day >= $2 and e.day <= $3 order by e.day, e.id, l.line`, compound, from, to)
	if err != nil {
		return err
	}
	defer rows.Close()
	var e ledger.Entry
	var voucher string
	for rows.Next() {
		var x ledger.Entry
		var l ledger.Leg
		var month string
		var no int64
		if err := rows.Scan(&x.ID, &x.Day, &x.Text, &x.Document, &x.Decision, &x.Rule, &x.Reverses, &x.Reason, &month, &no, &l.Account, &l.Amount); err != nil {
			return err
		}
		if x.ID != e.ID {
			if e.ID != "" {
				if err := fn(e, voucher); err != nil {
					return err
				}
			}
			x.Legs = e.Legs[:0]
			e, voucher = x, VoucherName(month, no)
		}
		e.Legs = append(e.Legs, l)
	}
	if err := rows.Err(); err != nil || e.ID == "" {
		return err
	}
	return fn(e, voucher)
}

// Journal writes the whole books as a plain-text journal for hledger, from the tables as they stand in one moment. The
// balances that it asserts are those of the turnovers, so that hledger compares them with the entries.
func (t *Till) Journal(ctx context.Context, who access.Who, compound string, w io.Writer) error {
	n, err := t.readable(ctx, who, compound)
	if err != nil {
		return err
	}
	return t.db.View(ctx, func(q store.Queryer) error {
		if _, err := t.book(ctx, q, n.ID); err != nil {
			return err
		}
		c, err := t.chart(ctx, q, n.ID)
		if err != nil {
			return err
		}
		all, err := t.flows(ctx, q, n.ID, 0, day.Last)
		if err != nil {
			return err
		}
		sums := map[string]yuan.Amount{}
		for account, f := range all {
			sums[account] = f.Debit - f.Credit
		}
		j := ledger.NewJournal(w, c)
		if err := each(ctx, q, n.ID, 0, 0, func(e ledger.Entry, _ string) error { j.Add(e); return nil }); err != nil {
			return err
		}
		return j.End(sums)
	})
}

// mostRows is what one sheet of a workbook takes, less its heads.
const mostRows = 1_048_000

// Workbook writes the books of some days as a workbook: balances and entries leg by leg.
func (t *Till) Workbook(ctx context.Context, who access.Who, compound string, from, to day.Day, w io.Writer) error {
	n, err := t.readable(ctx, who, compound)
	if err != nil {
		return err
	}
	mark := "导出人：" + who.Name + "（" + who.Account + "）　时间：" + t.db.Now().Time().In(day.Shanghai).Format("2006-01-02 15:04")
	return t.db.View(ctx, func(q store.Queryer) error {
		s, err := t.bookStatement(ctx, q, n.ID, "", from, to)
		if err != nil {
			return err
		}
		legs, err := store.Count(ctx, q, `select count(*) from (select 1 from money_entry e join money_leg l on l.entry = e.id where e.compound = $1 and e.day >= $2 and e.day <= $3 limit $4) as few`, n.ID, from, to, mostRows+1)
		if err != nil {
			return err
		}
		if legs > mostRows {
			return sheet.ErrTooMany
		}
		names := map[string]string{}
		c, err := t.chart(ctx, q, n.ID)
		if err != nil {
			return err
		}
		for code, a := range c {
			names[code] = a.Zh
		}
		money := func(a yuan.Amount) sheet.Number { return sheet.Number(a.String()) }
		var failed error
		_, err = sheet.Write(w,
			sheet.List{Sheet: "科目余额", Title: n.Name + " 科目余额表 " + from.String() + " 至 " + to.String(), Mark: mark,
				Columns: []sheet.Column{{Title: "科目代码", Width: 28}, {Title: "科目", Width: 36}, {Title: "期初余额（元）"}, {Title: "借方发生（元）"}, {Title: "贷方发生（元）"}, {Title: "期末余额（元）"}},
				Rows: func(yield func([]any) bool) {
					for _, l := range s.Lines {
						if !yield([]any{l.Account, l.Zh, money(l.Opening), money(l.Debit), money(l.Credit), money(l.Closing)}) {
							return
						}
					}
				}},
			sheet.List{Sheet: "分录", Title: n.Name + " 记账凭证 " + from.String() + " 至 " + to.String(), Mark: mark,
				Columns: []sheet.Column{{Title: "凭证号", Width: 18}, {Title: "日期"}, {Title: "摘要", Width: 40}, {Title: "科目代码", Width: 28}, {Title: "科目", Width: 36}, {Title: "借方（元）"}, {Title: "贷方（元）"}, {Title: "凭证", Width: 26}, {Title: "决定", Width: 26}, {Title: "依据"}, {Title: "冲正", Width: 22}, {Title: "冲正原因", Width: 24}, {Title: "编号", Width: 22}},
				Rows: func(yield func([]any) bool) {
					stop := errors.New("stop")
					failed = each(ctx, q, n.ID, from, to, func(e ledger.Entry, voucher string) error {
						for _, l := range e.Legs {
							var debit, credit any
							if l.Amount > 0 {
								debit = money(l.Amount)
							} else {
								credit = money(-l.Amount)
							}
							if !yield([]any{voucher, e.Day.String(), e.Text, l.Account, names[l.Account], debit, credit, e.Document, e.Decision, e.Rule, e.Reverses, e.Reason, e.ID}) {
								return stop
							}
						}
						return nil
					})
					if errors.Is(failed, stop) {
						failed = nil
					}
				}})
		return errors.Join(failed, err)
	})
}

// BookLine is one compound's books in a list.
type BookLine struct {
	Book
	Name  string      `json:"name"`
	Has   bool        `json:"has" doc:"books are begun"`
	Holds bool        `json:"holds" doc:"the last proof held, or none was made yet"`
	Proof day.Instant `json:"proof_at,omitempty"`
}

// key is where the line stands in the list.
func (x BookLine) key() string {
	if x.Has {
		return "0" + string(x.Path)
	}
	return "1" + string(x.Path)
}

// BookList says which compounds have books: N of Of.
type BookList struct {
	paged.List[BookLine]
	N  int64 `json:"n" doc:"of them with books"`
	Of int64 `json:"of"`
}

// FindBooks filters compounds by place and name.
type FindBooks struct {
	Under scope.Path
	Query string // of the compound's name, or the beginning of its initials
	State string // with, without, or wrong: with books that do not agree; empty is all
	After string
	Limit int
}

// Books lists compounds within who's places: those with books first, then the others, each by place.
func (t *Till) Books(ctx context.Context, who access.Who, f FindBooks) (out BookList, err error) {
	out.Items = []BookLine{}
	if err := who.MaySomewhere(Read); err != nil {
		return out, err
	}
	if f.Limit <= 0 || f.Limit > 200 {
		f.Limit = 50
	}
	cond, args := scope.Where("c.path", 1, who.Paths(Read)...)
	if f.Under != "" {
		lo, hi := f.Under.Bounds()
		cond += fmt.Sprintf(" and c.path >= $%d and c.path < $%d", len(args)+1, len(args)+2)
		args = append(args, lo, hi)
	}
	words, args := typed(f.Query, "c.path", "", "", args)
	cond += words
	const from = ` from place_v_compound c left join money_book b on b.compound = c.id left join money_proof p on p.compound = c.id where c.ended_on = '' and `
	var wrong int64
	if err := t.db.QueryRow(ctx, `select count(*), count(b.compound), count(case when not p.holds then 1 end)`+from+cond, args...).Scan(&out.Of, &out.N, &wrong); err != nil {
		return out, err
	}
	switch f.State {
	case "with":
		out.Count, cond = out.N, cond+` and b.compound is not null`
	case "without":
		out.Count, cond = out.Of-out.N, cond+` and b.compound is null`
	case "wrong":
		out.Count, cond = wrong, cond+` and not p.holds`
	default:
		out.Count = out.Of
	}
	const key = `(case when b.compound is null then '1' else '0' end || c.path)`
	if f.After != "" {
		args = append(args, f.After)
		cond += fmt.Sprintf(" and "+key+" > $%d", len(args))
	}
	args = append(args, f.Limit+1)
	all, err := store.All(ctx, t.db, func(r *sql.Rows) (x BookLine, err error) {
		var holds sql.NullBool
		var at sql.NullInt64
		err = r.Scan(&x.Compound, &x.Path, &x.Name, &x.Demo, &x.Has, &x.Begun, &x.Closed, &holds, &at)
		x.Holds, x.Proof = !holds.Valid || holds.Bool, day.Instant(at.Int64)
		return x, err
	}, `select c.id, c.path, c.name, c.demo, b.compound is not null, coalesce(b.begun_on, ''), coalesce(b.closed, ''), p.holds, p.at`+from+cond+fmt.Sprintf(` order by `+key+` limit $%d`, len(args)), args...)
	if err != nil {
		return out, err
	}
	if len(all) > f.Limit {
		all = all[:f.Limit]
		out.Next = all[f.Limit-1].key()
	}
	for _, x := range all {
		if err := t.may(ctx, t.db, who, Read, x.Path); err != nil {
			continue // a company that no longer serves here
		}
		out.Items = append(out.Items, x)
	}
	return out, nil
}

// FundView is one fund as it stands.
type FundView struct {
	Fund      ledger.Fund `json:"fund" enum:"fees,company,income,maintenance,works,petty"`
	Zh        string      `json:"zh"`
	En        string      `json:"en"`
	Bank      yuan.Amount `json:"bank"`
	Cash      yuan.Amount `json:"cash" doc:"in the till of the desk; petty cash stands under bank"`
	OnWay     yuan.Amount `json:"on_way" doc:"taken by payment providers, not at the bank yet"`
	Held      yuan.Amount `json:"held"`
	Available yuan.Amount `json:"available"`
	Owed      yuan.Amount `json:"owed"`
	Ahead     yuan.Amount `json:"ahead"`
	Payable   yuan.Amount `json:"payable"`
	Deposits  yuan.Amount `json:"deposits"`
	Earned    yuan.Amount `json:"earned" doc:"this year"`
	Spent     yuan.Amount `json:"spent" doc:"this year"`
	Rest      yuan.Amount `json:"rest" doc:"assets less debts"`
	NoAccount bool        `json:"no_account" doc:"money is at the bank or on its way there by the books, and no account is on record; the maintenance fund is a mirror of accounts elsewhere"`
}

// BookView is a compound's books at a glance.
type BookView struct {
	Book
	Name     string      `json:"name"`
	Has      bool        `json:"has"`
	Today    day.Day     `json:"today"`
	Funds    []FundView  `json:"funds"`
	Holds    []Hold      `json:"holds" doc:"what is reserved"`
	Entries  int64       `json:"entries"`
	Waiting  int64       `json:"waiting" doc:"entries that have no voucher number yet"`
	Proof    day.Instant `json:"proof_at,omitempty"`
	Proved   bool        `json:"proved" doc:"the last proof held"`
	ToClose  day.Day     `json:"to_close,omitempty" doc:"the last day of the earliest month that is over and open"`
	Handover []string    `json:"handovers" doc:"hand-overs under way: ids"`
	May      []string    `json:"may" doc:"keep, collect, apply, arrange"`
}

// View is a compound's books at a glance; without books it says so.
func (t *Till) View(ctx context.Context, who access.Who, compound string) (v BookView, err error) {
	n, err := t.readable(ctx, who, compound)
	if err != nil {
		return v, err
	}
	v = BookView{Name: n.Name, Today: t.Today(), Funds: []FundView{}, Holds: []Hold{}, Handover: []string{}, May: []string{}}
	v.Compound, v.Path, v.Demo = n.ID, n.Path, n.Demo
	for _, x := range []struct {
		name string
		a    *access.Action
	}{{"keep", Keep}, {"collect", Collect}, {"apply", Apply}, {"arrange", Arrange}} {
		if t.may(ctx, t.db, who, x.a, n.Path) == nil {
			v.May = append(v.May, x.name)
		}
	}
	err = t.db.View(ctx, func(q store.Queryer) error {
		b, err := t.book(ctx, q, n.ID)
		if errors.Is(err, ErrNoBook) {
			return nil
		}
		if err != nil {
			return err
		}
		v.Book, v.Has = b, true
		y, _, _ := v.Today.Date()
		s, err := t.bookStatement(ctx, q, n.ID, "", day.Date(y, 1, 1), v.Today)
		if err != nil {
			return err
		}
		held, err := t.held(ctx, q, n.ID)
		if err != nil {
			return err
		}
		has, err := store.Texts(ctx, q, `select distinct fund from money_bank_account where compound = $1 and closed_on = ''`, n.ID)
		if err != nil {
			return err
		}
		for _, f := range ledger.Funds() {
			x := FundView{Fund: f}
			x.Zh, x.En = f.Name()
			for _, l := range s.Lines {
				fund, subject, _ := strings.Cut(l.Account, ":")
				if fund != string(f) {
					continue
				}
				switch {
				case subject == "bank" || l.Account == "petty:cash":
					x.Bank += l.Closing
				case subject == "cash":
					x.Cash += l.Closing
				case underWay(l.Account):
					x.OnWay += l.Closing
				case subject == "owed" || strings.HasPrefix(subject, "owed:"):
					x.Owed += l.Closing
				case subject == "ahead" || strings.HasPrefix(subject, "ahead:"):
					x.Ahead -= l.Closing
				case subject == "payable":
					x.Payable -= l.Closing
				case subject == "held":
					x.Deposits -= l.Closing
				}
				switch l.Class {
				case ledger.Earning:
					x.Earned += l.Amount
				case ledger.Cost:
					x.Spent += l.Amount
				case ledger.Asset, ledger.Debt:
					x.Rest += l.Closing
				}
			}
			for account, a := range held {
				if (ledger.Account{Code: account}).Fund() == f {
					x.Held += a
				}
			}
			x.Available = x.Bank - x.Held
			x.NoAccount = f != ledger.Petty && f != ledger.Maintenance && (x.Bank != 0 || x.OnWay != 0) && !slices.Contains(has, string(f))
			v.Funds = append(v.Funds, x)
		}
		if v.Holds, err = t.holds(ctx, q, `compound = $1 and state = 'held'`, n.ID); err != nil {
			return err
		}
		if v.Entries, err = store.Count(ctx, q, `select count(*) from money_entry where compound = $1`, n.ID); err != nil {
			return err
		}
		if v.Waiting, err = store.Count(ctx, q, `select count(*) from money_new where compound = $1`, n.ID); err != nil {
			return err
		}
		if err := q.QueryRow(ctx, `select at, holds from money_proof where compound = $1`, n.ID).Scan(&v.Proof, &v.Proved); err != nil && !none(err) {
			return err
		}
		end := monthEnd(b.Begun)
		if b.Closed.Sound() {
			end = monthEnd(b.Closed.Add(1))
		}
		if end < v.Today {
			v.ToClose = end
		}
		v.Handover, err = store.Texts(ctx, q, `select id from money_handover where compound = $1 and state = 'open' order by id`, n.ID)
		return err
	})
	return v, err
}

// orgName is an organisation's name, "" where there is none.
func orgName(ctx context.Context, q store.Queryer, id string) (o people.Org, err error) {
	if id == "" {
		return o, nil
	}
	err = q.QueryRow(ctx, `select id, kind, name, path from people_v_org where id = $1`, id).Scan(&o.ID, &o.Kind, &o.Name, &o.Path)
	if none(err) {
		err = ErrMissing
	}
	return o, err
}
