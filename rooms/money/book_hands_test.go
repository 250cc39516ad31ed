package money

import (
	"slices"
	"strings"
	"testing"
	"time"

	"cuobian/basis/day"
	"cuobian/basis/scope"
	"cuobian/platform/store"
)

// The list of a hand-over names whatever stands open: contracts of common income, payments under way, works, keys and tills,
// questions; nothing that is at its end, nothing of the neighbours.
func TestHandoverForgetsNothing(t *testing.T) {
	x := settled(t, 10_000_000)
	running := x.source(func(n *NewSource) { n.Party, n.Place, n.Contract = "戊广告公司", "1幢大厅", "2026-18" })
	ended := x.source(func(n *NewSource) {
		n.Party, n.From, n.To = "己场地公司", day.MustParse("2023-01-01"), day.MustParse("2024-12-31")
	})
	open, refused := x.apply("staff", 600_000), x.apply("staff", 100)
	_, err := x.Withdraw(ctx, x.who["staff"], refused.ID, "报价不清")
	x.ok(err)
	paid := x.agree(x.apply("staff", 200_000), "m0", "m1", "m2")
	paid = x.agree(paid, "officer")
	if paid.State == AtStreet {
		paid = x.agree(paid, "street")
	}
	paid, err = x.Pay(ctx, x.who["manager"], x.seal2(paid, "m4", "secretary").ID, 0, "回单 7")
	x.ok(err)
	work, err := x.BeginProject(ctx, x.who["manager"], x.here.ID, NewProject{Kind: "water", Title: "1幢供水管网", Text: "更换", Range: Range{Kind: "building", Paths: []scope.Path{x.homes[0].Path.Parent()}}})
	x.ok(err)
	dropped, err := x.BeginProject(ctx, x.who["manager"], x.here.ID, NewProject{Kind: "fire", Title: "消防管网", Text: "更换", Range: Range{Kind: "compound"}})
	x.ok(err)
	_, err = x.DropProject(ctx, x.who["manager"], dropped.ID, 0, "范围过大")
	x.ok(err)
	account := x.feesAccount()
	x.write(func(tx *store.Tx) error { // an order that nobody has paid yet
		_, err := tx.Exec(ctx, `insert into money_order (id, compound, path, home, provider, amount, bills, state, url, qr, outside, got, receipt, until, asked, person, at, ended) values ('o1', $1, $2, $3, 'local', 1, '[]', 'open', '', '', 'z1', 0, '', 0, 0, '', 0, 0)`, x.here.ID, string(x.here.Path), x.homes[0].ID)
		return err
	})
	_, err = x.Publish(ctx, x.who["staff"], paid.ID, nil)
	x.ok(err)
	_, err = x.Ask(ctx, x.owner(5), x.here.ID, "", paid.Entry, "这笔为什么？")
	x.ok(err)
	company, err := x.BeginHandover(ctx, x.who["officer"], x.here.ID, NewHandover{From: x.one.ID})
	x.ok(err)
	refs := func(h Handover) (out []string) {
		for _, i := range h.Items {
			out = append(out, i.Kind+" "+i.Ref)
			if i.Zh == "" || i.En == "" || strings.Contains(i.Zh+i.En, "222233445") {
				t.Errorf("words of %+v", i)
			}
		}
		return out
	}
	list := refs(company)
	has := func(list []string, want ...string) {
		t.Helper()
		for _, w := range want {
			if !slices.Contains(list, w) {
				t.Errorf("the list forgets %s: %q", w, list)
			}
		}
	}
	has(list, "contract sources/"+running.ID, "payment "+open.Ref(), "work projects/"+work.ID, "account accounts/"+account.ID, "key keys/"+account.ID, "key providers/local", "papers questions/"+x.here.ID, "papers books/"+x.here.ID)
	for _, gone := range []string{ended.ID, refused.ID, paid.ID, dropped.ID, "hold "} {
		if slices.ContainsFunc(list, func(s string) bool { return strings.Contains(s, gone) }) {
			t.Errorf("%s is at its end, or stands there twice: %q", gone, list)
		}
	}
	// The committee's seal goes with the name of its keeper; the company's account is not the committee's.
	committee, err := x.BeginHandover(ctx, x.who["officer"], x.here.ID, NewHandover{From: x.committee.ID})
	x.ok(err)
	i := slices.IndexFunc(committee.Items, func(i HandItem) bool { return i.Kind == "seal" })
	if i < 0 || !strings.Contains(committee.Items[i].Zh, "保管人 业主5") {
		t.Errorf("the seal of %+v", committee.Items)
	}
	list = refs(committee)
	has(list, "contract sources/"+running.ID, "payment "+open.Ref())
	if slices.Contains(list, "key keys/"+account.ID) {
		t.Error("the company's token is with the committee")
	}
	// Money that is counted otherwise needs a note, a payment like an account.
	at := slices.IndexFunc(company.Items, func(i HandItem) bool { return i.Kind == "payment" })
	p := company.Items[at]
	if p.Amount != open.Amount || !strings.Contains(p.Zh, "第 1 号") || !strings.Contains(p.En, "review a payment (committee)") {
		t.Fatalf("%+v", p)
	}
	_, err = x.GiveItem(ctx, x.who["manager"], x.here.ID, company.ID, p.ID, false, "")
	x.ok(err)
	_, err = x.ReceiveItem(ctx, x.who["officer"], x.here.ID, company.ID, p.ID, 1, "")
	x.refused(err, ErrHandNote)
	// The neighbours have none of it.
	other := x.begun(x.there)
	x.later(time.Hour)
	next, err := x.BeginHandover(ctx, x.who["officer"], other.Compound, NewHandover{From: x.two.ID})
	x.ok(err)
	if list := refs(next); len(list) != 1 || !strings.HasPrefix(list[0], "contract contracts/") {
		t.Errorf("the neighbours hand over %q", list)
	}
}
