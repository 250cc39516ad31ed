package money

import (
	"context"

	"cuobian/basis/day"
	"cuobian/platform/access"
	"cuobian/platform/store"
	"cuobian/rooms/money/ledger"
	"cuobian/rooms/money/statement"
	"cuobian/rooms/people"
	"cuobian/rooms/place"
)

// EnterPast enters, in the caller's write, what a source brought in one period as it was kept elsewhere: contract, income,
// that it reached the account, and what was spent of it. Only the program itself may.
func (t *Till) EnterPast(ctx context.Context, tx *store.Tx, who access.Who, n place.Node, s NewSource, from, to, on day.Day, spent string) error {
	if !who.System {
		return access.ErrRefused
	}
	src, err := t.addSource(ctx, tx, who, n, s)
	if err != nil {
		return err
	}
	x, err := t.addIncome(ctx, tx, who, n, NewIncome{Source: src.ID, From: from, To: to, TakenOn: on, Gross: s.Amount, Received: ReceivedIn{Amount: s.Amount, On: on}})
	if err != nil || spent == "" {
		return err
	}
	b, err := t.book(ctx, tx, n.ID)
	if err != nil {
		return err
	}
	_, err = t.post(ctx, tx, b, who.Person, ledger.Entry{Day: on, Text: spent, Document: "papers/" + x.ID, Decision: "sources/" + src.ID, Rule: "R34", Legs: []ledger.Leg{{Account: "income:spent", Amount: s.Amount}, {Account: "income:bank", Amount: -s.Amount}}})
	return err
}

// PostPast makes, in the caller's write, what statements of a compound are due, and where post is true has them posted by by
// with the community's seal. Only the program itself may.
func (t *Till) PostPast(ctx context.Context, tx *store.Tx, who, by access.Who, n place.Node, post bool) error {
	if !who.System {
		return access.ErrRefused
	}
	b, err := t.book(ctx, tx, n.ID)
	if err != nil {
		return err
	}
	p, cal, _, err := t.rules(ctx, tx, n.Path, today(tx))
	if err != nil {
		return err
	}
	for _, kind := range statement.Kinds {
		for made := true; made; {
			if made, err = t.dueNext(ctx, tx, b, string(ledger.Income), kind, p, cal); err != nil {
				return err
			}
		}
	}
	if !post {
		return nil
	}
	due, err := t.statements(ctx, tx, `compound = $1 and state = 'due' order by to_day, kind`, n.ID)
	if err != nil {
		return err
	}
	for i := range due {
		if err := t.postStatement(ctx, tx, by, n, &due[i], sideCommunity, people.Org{}); err != nil {
			return err
		}
	}
	return nil
}
