package money

import (
	"context"
	"fmt"
	"strings"

	"cuobian/basis/day"
	"cuobian/basis/paged"
	"cuobian/basis/scope"
	"cuobian/basis/yuan"
	"cuobian/platform/access"
	"cuobian/platform/store"
)

// FindReceipts asks for receipts. Text is a receipt's number or its end, a home's label or number, a payer's name, the number
// of a transfer, or a sum.
type FindReceipts struct {
	Text     string
	Way      string
	From, To day.Day
	After    string
	Limit    int
}

// ReceiptPage is some of a compound's receipts, the newest first.
type ReceiptPage struct {
	paged.List[Receipt]
	Sum yuan.Amount `json:"sum" doc:"of all that the filter finds, less what was given back"`
}

// Receipts lists a compound's receipts.
func (t *Till) Receipts(ctx context.Context, who access.Who, compound string, f FindReceipts) (p ReceiptPage, err error) {
	p.Items = []Receipt{}
	n, err := t.there(ctx, t.db, who, Collect, compound)
	if err != nil {
		return p, err
	}
	if f.Limit <= 0 || f.Limit > 200 {
		f.Limit = 50
	}
	cond, args := `compound = $1 and way <> 'prepaid'`, []any{n.ID}
	arg := func(v any) string {
		args = append(args, v)
		return fmt.Sprintf("$%d", len(args))
	}
	if f.Way != "" {
		cond += ` and way = ` + arg(f.Way)
	}
	if f.From.Sound() {
		cond += ` and day >= ` + arg(f.From)
	}
	if f.To.Sound() {
		cond += ` and day <= ` + arg(f.To)
	}
	if s := strings.TrimSpace(f.Text); s != "" {
		like := strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(s)
		or := `no = ` + arg(s) + ` or ref = ` + arg(s) + ` or no like ` + arg("%-%"+like) + ` escape '\' or payer like ` + arg("%"+like+"%") + ` escape '\'`
		if a, err := yuan.Parse(s); err == nil {
			or += ` or amount = ` + arg(int64(a))
		}
		homes, err := t.homesNamed(ctx, n.Path, s)
		if err != nil {
			return p, err
		}
		if len(homes) > 0 {
			or += ` or home in (` + store.Marks(len(args)+1, len(homes)) + `)`
			args = append(args, homes...)
		}
		cond += ` and (` + or + `)`
	}
	if err := t.db.QueryRow(ctx, `select count(*), cast(coalesce(sum(amount - refunded), 0) as bigint) from money_receipt where `+cond, args...).Scan(&p.Count, &p.Sum); err != nil {
		return p, err
	}
	if f.After != "" {
		cond += ` and id < ` + arg(f.After)
	}
	list, err := t.receipts(ctx, t.db, cond+fmt.Sprintf(` order by id desc limit %d`, f.Limit+1), args...)
	if err != nil {
		return p, err
	}
	if len(list) > f.Limit {
		list = list[:f.Limit]
		p.Next = list[f.Limit-1].ID
	}
	var at []scope.Path
	for _, r := range list {
		at = append(at, r.Path)
	}
	words, err := t.on.Map.WordsFor(ctx, t.db, at...)
	for _, r := range list {
		r.Place = words[r.Path]
		p.Items = append(p.Items, r)
	}
	return p, err
}
