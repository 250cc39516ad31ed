package money

import (
	"context"
	"database/sql"
	"strings"

	"cuobian/basis/day"
	"cuobian/basis/yuan"
	"cuobian/platform/access"
	"cuobian/platform/blob"
	"cuobian/platform/store"
	"cuobian/rooms/money/ledger"
	"cuobian/rooms/money/statement"
)

// BoardFlow is a stream of the picture: from a source into the fund, or out of it to a use.
type BoardFlow struct {
	Into    bool        `json:"into"`
	Account string      `json:"account"`
	Zh      string      `json:"zh"`
	En      string      `json:"en"`
	Amount  yuan.Amount `json:"amount" doc:"always above zero"`
}

// BoardStatement is a statement in the list of the board.
type BoardStatement struct {
	ID       string      `json:"id"`
	Kind     string      `json:"kind"`
	Period   string      `json:"period"`
	Version  int         `json:"version"`
	State    string      `json:"state" enum:"due,posted,replaced"`
	Due      day.Instant `json:"due"`
	Posted   day.Instant `json:"posted,omitempty"`
	Until    day.Day     `json:"until,omitempty"`
	Late     bool        `json:"late"`
	Received yuan.Amount `json:"received"`
	Spent    yuan.Amount `json:"spent"`
	Closing  yuan.Amount `json:"closing"`
	Hash     string      `json:"hash,omitempty"`
}

// BoardPayment is a payment as everybody may see it: a person who was paid by the first sign of the name, no account number,
// of the documents only the copies made for the board.
type BoardPayment struct {
	No      int64       `json:"no"`
	Entry   string      `json:"entry"`
	On      day.Day     `json:"on"`
	Account string      `json:"account"`
	Zh      string      `json:"zh"`
	En      string      `json:"en"`
	Amount  yuan.Amount `json:"amount"`
	Payee   string      `json:"payee"`
	Purpose string      `json:"purpose"`
	Hash    string      `json:"hash"`
}

// BoardSource is a source as everybody may see it.
type BoardSource struct {
	Kind    string      `json:"kind"`
	Zh      string      `json:"zh"`
	En      string      `json:"en"`
	Place   string      `json:"place"`
	Party   string      `json:"party"`
	From    day.Day     `json:"from"`
	To      day.Day     `json:"to,omitempty"`
	Amount  yuan.Amount `json:"amount"`
	Every   string      `json:"every"`
	Allowed bool        `json:"allowed"`
}

// BoardMoney is a compound's public income for everybody: where it came from and where it went in the last published quarter
// (or month, where there is no quarter yet), all statements, payments and sources. Only what was published stands here.
type BoardMoney struct {
	Compound   string           `json:"compound"`
	Name       string           `json:"name"`
	Fund       string           `json:"fund"`
	Statement  string           `json:"statement,omitempty" doc:"the one that the picture is of"`
	Period     string           `json:"period,omitempty"`
	Opening    yuan.Amount      `json:"opening"`
	Received   yuan.Amount      `json:"received"`
	Spent      yuan.Amount      `json:"spent"`
	Closing    yuan.Amount      `json:"closing"`
	Flows      []BoardFlow      `json:"flows"`
	Balances   []statement.Sum  `json:"balances"`
	Statements []BoardStatement `json:"statements"`
	Posted     int              `json:"posted" doc:"how many were posted in time"`
	Of         int              `json:"of" doc:"of how many that were due"`
	Payments   []BoardPayment   `json:"payments"`
	Sources    []BoardSource    `json:"sources"`
	Demo       bool             `json:"demo,omitempty"`
}

// Board is the overview for everybody.
func (t *Till) Board(ctx context.Context, compound string) (x BoardMoney, err error) {
	n, err := t.compound(ctx, t.db, compound)
	if err != nil {
		return x, err
	}
	x = BoardMoney{Compound: n.ID, Name: n.Name, Fund: string(ledger.Income), Flows: []BoardFlow{}, Balances: []statement.Sum{}, Statements: []BoardStatement{}, Payments: []BoardPayment{}, Sources: []BoardSource{}, Demo: n.Demo}
	list, err := t.statements(ctx, t.db, `compound = $1 and fund = $2 order by from_day desc, kind desc, version desc limit 120`, n.ID, x.Fund)
	if err != nil {
		return x, err
	}
	now := t.db.Now()
	shown := -1
	for i, s := range list {
		b := BoardStatement{ID: s.ID, Kind: s.Kind, Period: s.Period, Version: s.Version, State: s.State, Due: s.Due, Late: s.Late, Hash: s.Hash}
		if s.Posted != 0 {
			b.Posted, b.Until, b.Received, b.Spent, b.Closing = s.Posted, s.Until, s.Words.Received, s.Words.Spent, s.Words.Closing
			if s.State == "posted" && s.Kind != statement.Year && (shown < 0 || list[shown].Kind == statement.Month && s.Kind == statement.Quarter) {
				shown = i
			}
		}
		if s.Version == 1 && s.Due < now {
			x.Of++
			if s.Posted != 0 && !s.Late {
				x.Posted++
			}
		}
		x.Statements = append(x.Statements, b)
	}
	if shown >= 0 {
		s := list[shown]
		w := s.Words
		x.Statement, x.Period, x.Opening, x.Received, x.Spent, x.Closing, x.Balances = s.ID, s.Period, w.Opening, w.Received, w.Spent, w.Closing, w.Balances
		for _, a := range w.Totals {
			f := BoardFlow{Into: a.Amount > 0, Account: a.Account, Zh: a.Zh, En: a.En, Amount: a.Amount}
			if f.Amount < 0 {
				f.Amount = -f.Amount
			}
			if f.Amount != 0 {
				x.Flows = append(x.Flows, f)
			}
		}
	}
	c, err := t.chart(ctx, t.db, n.ID)
	if err != nil {
		return x, err
	}
	paid, err := store.All(ctx, t.db, func(r *sql.Rows) (Payment, error) { return scanPayment(r) }, `select `+paymentColumns+` from money_payment where compound = $1 and published > 0 order by id desc limit 100`, n.ID)
	if err != nil {
		return x, err
	}
	for _, p := range paid {
		x.Payments = append(x.Payments, p.board(c[p.Account]))
	}
	sources, err := t.sources(ctx, t.db, `compound = $1 and (to_day = '' or to_day >= $2)`, n.ID, t.Today())
	if err != nil {
		return x, err
	}
	for _, s := range sources {
		party := s.Party
		if s.PartyKind == "person" {
			party = maskName(party)
		}
		x.Sources = append(x.Sources, BoardSource{Kind: s.Kind, Zh: s.Zh, En: s.En, Place: statement.Masked(s.Place), Party: statement.Masked(party), From: s.From, To: s.To, Amount: s.Amount, Every: s.Every, Allowed: s.Allowed})
	}
	return x, nil
}

func (p Payment) board(a ledger.Account) BoardPayment {
	payee, purpose := p.PayeeName, p.Purpose
	if p.PayeeKind == "person" {
		payee = maskName(payee)
		purpose = strings.ReplaceAll(purpose, p.PayeeName, payee)
	}
	return BoardPayment{No: p.No, Entry: p.Entry, On: p.PaidOn, Account: p.Account, Zh: a.Zh, En: a.En, Amount: p.Amount, Payee: statement.Masked(payee), Purpose: statement.Masked(purpose), Hash: p.PaperHash}
}

// BoardStatementOf is one posted statement for everybody, with its lines.
func (t *Till) BoardStatementOf(ctx context.Context, id string) (Statement, error) {
	all, err := t.statements(ctx, t.db, `id = $1 and posted > 0`, id)
	if err != nil {
		return Statement{}, err
	}
	if len(all) == 0 {
		return Statement{}, ErrStatement
	}
	return all[0], nil
}

// onBoard says which posted statement, if any, or which published payment an entry stands in. What is not published is missing.
func (t *Till) onBoard(ctx context.Context, q store.Queryer, compound, entry string) (statements []string, err error) {
	if statements, err = store.Texts(ctx, q, `select s.id from money_statement_line l join money_statement s on s.id = l.statement where l.entry = $1 and s.posted > 0 and ($2 = '' or s.compound = $2) order by s.id`, entry, compound); err != nil {
		return nil, err
	}
	n, err := store.Count(ctx, q, `select count(*) from money_payment where entry = $1 and published > 0 and ($2 = '' or compound = $2)`, entry, compound)
	if err == nil && n == 0 && len(statements) == 0 {
		err = ErrMissing
	}
	return statements, err
}

// BoardLine is one line down to its voucher, with private data masked.
type BoardLine struct {
	Entry      string        `json:"entry"`
	Compound   string        `json:"compound"`
	Day        day.Day       `json:"day"`
	Words      string        `json:"words"`
	Voucher    string        `json:"voucher" doc:"kind of the voucher: payments, incomes, bank …"`
	Rule       string        `json:"rule"`
	Legs       []LegShown    `json:"legs"`
	Reverses   string        `json:"reverses,omitempty"`
	Statements []string      `json:"statements"`
	Payment    *BoardPayment `json:"payment,omitempty"`
	Way        []BoardStep   `json:"way" doc:"of a payment: who reviewed and sealed, by post"`
	Copies     []Copy        `json:"copies" doc:"masked copies of its documents, for GET /api/public/money/copies/{blob}"`
	Hashes     []string      `json:"hashes" doc:"SHA-256 of the documents that are not shown"`
	Income     *BoardIncome  `json:"income,omitempty"`
	Questions  []Question    `json:"questions" doc:"that were answered"`
}

// LegShown is a leg with the name of its account.
type LegShown struct {
	Account string      `json:"account"`
	Zh      string      `json:"zh"`
	En      string      `json:"en"`
	Amount  yuan.Amount `json:"amount"`
}

// BoardStep is a step of a payment without the person.
type BoardStep struct {
	What   string      `json:"what"`
	Stage  string      `json:"stage"`
	Post   string      `json:"post,omitempty"`
	Choice string      `json:"choice,omitempty"`
	Words  string      `json:"words,omitempty" doc:"the seal's name, or the draw"`
	At     day.Instant `json:"at"`
}

// Copy is a masked copy.
type Copy struct {
	Blob string `json:"blob"`
	Kind string `json:"kind"`
}

// BoardIncome is what stands behind a line of income.
type BoardIncome struct {
	Kind    string      `json:"kind"`
	From    day.Day     `json:"from"`
	To      day.Day     `json:"to"`
	Gross   yuan.Amount `json:"gross"`
	Taken   yuan.Amount `json:"taken"`
	Refused yuan.Amount `json:"refused"`
	Net     yuan.Amount `json:"net"`
	Flagged bool        `json:"flagged"`
	Flag    string      `json:"flag,omitempty"`
}

// BoardLineOf opens a published line down to its voucher.
func (t *Till) BoardLineOf(ctx context.Context, entry string) (x BoardLine, err error) {
	statements, err := t.onBoard(ctx, t.db, "", entry)
	if err != nil {
		return x, err
	}
	var compound string
	if err := t.db.QueryRow(ctx, `select compound from money_entry where id = $1`, entry).Scan(&compound); err != nil {
		if none(err) {
			err = ErrMissing
		}
		return x, err
	}
	e, err := t.entry(ctx, t.db, compound, entry)
	if err != nil {
		return x, err
	}
	c, err := t.chart(ctx, t.db, compound)
	if err != nil {
		return x, err
	}
	kind, id, _ := strings.Cut(e.Document, "/")
	x = BoardLine{Entry: e.ID, Compound: compound, Day: e.Day, Voucher: kind, Rule: e.Rule, Reverses: e.Reverses, Statements: statements, Legs: []LegShown{}, Way: []BoardStep{}, Copies: []Copy{}, Hashes: []string{}}
	if x.Statements == nil {
		x.Statements = []string{}
	}
	if x.Words, err = t.masked(ctx, t.db, e.Text, e.Document, t.moved(c, e)); err != nil {
		return x, err
	}
	for _, l := range e.Legs {
		x.Legs = append(x.Legs, LegShown{l.Account, c[l.Account].Zh, c[l.Account].En, l.Amount})
	}
	switch kind {
	case "payments":
		p, err := t.payment(ctx, t.db, id)
		if err != nil {
			return x, err
		}
		b := p.board(c[p.Account])
		x.Payment = &b
		steps, err := t.steps(ctx, t.db, id)
		if err != nil {
			return x, err
		}
		for _, s := range steps {
			y := BoardStep{What: s.What, Stage: s.Stage, Post: s.Post, Choice: s.Choice, At: s.At}
			if s.What == "seal" {
				y.Words = s.Words
			}
			if s.What == "draw" {
				y.Words = p.Draw
			}
			if s.What != "recuse" {
				x.Way = append(x.Way, y)
			}
		}
		papers, err := t.papers(ctx, t.db, id)
		if err != nil {
			return x, err
		}
		for _, d := range papers {
			if d.Public && p.Published != 0 {
				x.Copies = append(x.Copies, Copy{d.Blob, d.Kind})
			} else {
				x.Hashes = append(x.Hashes, d.Hash)
			}
		}
	case "incomes":
		all, err := t.incomes(ctx, t.db, `id = $1`, id)
		if err != nil {
			return x, err
		}
		if len(all) == 1 {
			y := all[0]
			x.Income = &BoardIncome{y.Zh, y.From, y.To, y.Gross, y.Taken, y.Refused, y.Net, y.Flagged, y.Flag}
		}
	}
	asked, err := t.questions(ctx, t.db, access.Who{}, `entry = $1 and answered > 0`, entry)
	for i := range asked {
		asked[i].Text, asked[i].Answer = statement.Masked(asked[i].Text), statement.Masked(asked[i].Answer)
	}
	x.Questions = asked
	return x, err
}

// PublicCopy opens a masked copy of a published payment's document, for everybody.
func (t *Till) PublicCopy(ctx context.Context, id string, size blob.Size) (*blob.Content, error) {
	n, err := store.Count(ctx, t.db, `select count(*) from money_paper d join money_payment p on p.id = d.payment where d.blob = $1 and d.public = $2 and p.published > 0`, id, true)
	if err != nil {
		return nil, err
	}
	if n == 0 {
		return nil, ErrMissing
	}
	b, err := t.on.Blobs.Find(ctx, t.db, id)
	if err != nil {
		return nil, err
	}
	return t.on.Blobs.Open(ctx, b, size)
}

// moved is the name of the account that an entry earned or spent on, or of its first.
func (t *Till) moved(c ledger.Chart, e ledger.Entry) string {
	for _, l := range e.Legs {
		if a := c[l.Account]; a.Class == ledger.Earning || a.Class == ledger.Cost {
			return a.Zh
		}
	}
	return c[e.Legs[0].Account].Zh
}
