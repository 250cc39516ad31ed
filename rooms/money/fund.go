package money

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"iter"
	"slices"
	"strconv"
	"strings"

	"cuobian/basis/area"
	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/paged"
	"cuobian/basis/scope"
	"cuobian/basis/yuan"
	"cuobian/platform/access"
	"cuobian/platform/sheet"
	"cuobian/platform/store"
	"cuobian/rooms/assembly/tally"
	"cuobian/rooms/money/ledger"
	"cuobian/rooms/place"
)

// Faults of the mirror.
var (
	ErrMirrorSum  = fault.Bad("total", "money.mirror_sum", "各户余额合计 {sum}，与核对总额 {total} 不符", "the balances add up to {sum}, the stated sum is {total}")
	ErrMirrorRows = fault.Bad("rows", "money.mirror_rows", "分户账为空，或者有 {n} 行有误", "there are no rows, or {n} of them are wrong")
	ErrMirrorDay  = fault.Bad("on", "money.mirror_day", "对账日期不能晚于今天，也不能早于上一次", "the day cannot lie ahead, nor before that of the last mirror")
	ErrMirrorFile = fault.Bad("file", "money.mirror_file", "表头应有：房号、首期交存、余额", "the heading needs: 房号, 首期交存, 余额")
	ErrMirrorBusy = fault.New(fault.Conflict, "money.mirror_busy", "有维修资金使用正在结算，付款后再更新分户账", "a use of the fund is being settled; bring the mirror up to date when it is paid")
)

// HomePart is an exclusive part of a compound that shares costs.
type HomePart struct {
	ID      string     `json:"id"`
	Path    scope.Path `json:"path"`
	Label   string     `json:"label"`
	Area    area.Area  `json:"area" doc:"0.01 m²"`
	Unsold  bool       `json:"unsold,omitempty" doc:"the developer pays (R40)"`
	Parking bool       `json:"parking,omitempty"`
	Floor   int        `json:"floor,omitempty" doc:"0 where the register has none"`
}

// partsIn reads the exclusive parts below paths of a compound, in their order: dwellings and shops, and titled parking spaces
// where these count.
func (t *Till) partsIn(ctx context.Context, q store.Queryer, compound scope.Path, paths []scope.Path, parking bool) ([]HomePart, error) {
	homes, err := t.on.Map.HomesIn(ctx, q, compound)
	if err != nil {
		return nil, err
	}
	within := func(p scope.Path) bool {
		return len(paths) == 0 || slices.ContainsFunc(paths, func(at scope.Path) bool { return at.Covers(p) })
	}
	out := []HomePart{}
	for _, h := range homes {
		if h.Use != "dwelling" && h.Use != "shop" || !within(h.Path) {
			continue
		}
		floor, _ := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(h.Floor), "层"))
		out = append(out, HomePart{ID: h.ID, Path: h.Path, Label: cmp.Or(h.Label, h.Name), Area: h.Area, Unsold: h.State == "unsold", Floor: max(floor, 0)})
	}
	if !parking {
		return out, nil
	}
	spaces, err := t.on.Map.ParkingIn(ctx, q, compound)
	for _, s := range spaces {
		if s.Titled && within(s.Path) {
			out = append(out, HomePart{ID: s.ID, Path: s.Path, Label: "车位" + s.Name, Area: s.Area, Unsold: s.State == "unsold", Parking: true})
		}
	}
	return out, err
}

// Range says whose cost it is; the paths decide, none is the whole compound.
type Range struct {
	Kind  string       `json:"kind" enum:"compound,building,unit,list"`
	Paths []scope.Path `json:"paths,omitempty" maxItems:"2000"`
}

func (s Range) words() string {
	out := make([]string, len(s.Paths))
	for i, p := range s.Paths {
		out[i] = string(p)
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

func rangeOf(kind, paths string) Range {
	s := Range{Kind: kind}
	for _, p := range strings.Fields(paths) {
		s.Paths = append(s.Paths, scope.Path(p))
	}
	return s
}

// ErrRange says that a cost range does not lie in the compound.
var ErrRange = fault.Bad("scope", "money.scope", "范围须是本小区、本小区的楼栋、单元或者房屋", "the range is the compound, or buildings, units or homes of it")

// checkRange sees that a range lies within a compound and is of its kind.
func (t *Till) checkRange(ctx context.Context, q store.Queryer, compound scope.Path, s *Range) error {
	if s.Kind == "" {
		s.Kind = "compound"
	}
	want := map[string][]place.Kind{"building": {place.Building}, "unit": {place.Unit}, "list": {place.Building, place.Unit, place.Home, place.Parking}}[s.Kind]
	if (s.Kind == "compound") != (len(s.Paths) == 0) || want == nil && s.Kind != "compound" {
		return ErrRange
	}
	nodes, err := t.on.Map.Nodes(ctx, q, s.Paths...)
	if err != nil {
		return err
	}
	for _, p := range s.Paths {
		n, ok := nodes[p]
		if !ok || !compound.Covers(p) || p == compound || !slices.Contains(want, n.Kind) {
			return ErrRange
		}
	}
	return nil
}

// SubAccount is what one part has in the maintenance fund.
type SubAccount struct {
	Part    string      `json:"part"`
	Label   string      `json:"label"`
	Path    scope.Path  `json:"path"`
	First   yuan.Amount `json:"first" doc:"first deposit"`
	Balance yuan.Amount `json:"balance"`
	AsOf    day.Day     `json:"as_of"`
	Renewal bool        `json:"renewal" doc:"below 30% of the first deposit (R41)"`
	Step    tally.Step  `json:"step"`
}

// SubMove is one change of a sub-account.
type SubMove struct {
	Day     day.Day     `json:"day"`
	Amount  yuan.Amount `json:"amount"`
	Balance yuan.Amount `json:"balance"`
	Ref     string      `json:"ref"`
	Text    string      `json:"text"`
}

// Mirror is one import of the sub-accounts.
type Mirror struct {
	ID    string      `json:"id"`
	On    day.Day     `json:"on"`
	Total yuan.Amount `json:"total"`
	First yuan.Amount `json:"first"`
	Parts int64       `json:"parts"`
	Paper string      `json:"paper"`
	Entry string      `json:"entry,omitempty" doc:"the difference, in the books"`
}

// MirrorRow is one line of the bank's or the authority's list.
type MirrorRow struct {
	Part    string      `json:"part,omitempty" maxLength:"40" doc:"id, or the label below"`
	Label   string      `json:"label,omitempty" maxLength:"60"`
	First   yuan.Amount `json:"first"`
	Balance yuan.Amount `json:"balance"`
}

// MirrorFault is what is wrong with a row, counted from 1.
type MirrorFault struct {
	Row   int    `json:"row"`
	Label string `json:"label" doc:"as the row has it"`
	Zh    string `json:"zh"`
	En    string `json:"en"`
}

// NewMirror is a list of sub-accounts against the sum that its paper states.
type NewMirror struct {
	On    day.Day     `json:"on"`
	Total yuan.Amount `json:"total" doc:"sum of the balances as the bank or the authority states it, in fen"`
	Paper string      `json:"paper" maxLength:"40" doc:"the uploaded statement"`
	Rows  []MirrorRow `json:"rows,omitempty" maxItems:"20000"`
	File  []byte      `json:"file,omitempty" doc:"the list as a workbook (.xlsx), in the place of rows"`
	Try   bool        `json:"try,omitempty" doc:"look only: nothing is kept"`
}

// MirrorLook is what an import would bring, or brought.
type MirrorLook struct {
	Rows       int           `json:"rows"`
	Sum        yuan.Amount   `json:"sum"`
	Total      yuan.Amount   `json:"total"`
	First      yuan.Amount   `json:"first"`
	Difference yuan.Amount   `json:"difference" doc:"against the books before"`
	Faults     []MirrorFault `json:"faults"`
	Absent     []string      `json:"absent" doc:"parts of the compound that the list does not have"`
	Mirror     *Mirror       `json:"mirror,omitempty"`
}

var mirrorHead = []string{"房号", "首期交存", "余额"}

// MirrorSample is an empty list with the homes of the compound, to be filled in.
func (t *Till) MirrorSample(ctx context.Context, who access.Who, compound string) ([]byte, error) {
	n, err := t.compound(ctx, t.db, compound)
	if err != nil {
		return nil, err
	}
	if err := t.may(ctx, t.db, who, Keep, n.Path); err != nil {
		return nil, err
	}
	parts, err := t.partsIn(ctx, t.db, n.Path, nil, true)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	_, err = sheet.Write(&b, sheet.List{Sheet: "分户账", Title: "维修资金分户账（样表）", Purpose: "金额单位：元", Columns: []sheet.Column{{Title: mirrorHead[0], Width: 16}, {Title: mirrorHead[1]}, {Title: mirrorHead[2]}},
		Rows: func(yield func([]any) bool) {
			for _, p := range parts {
				if !yield([]any{p.Label, nil, nil}) {
					return
				}
			}
		}})
	return b.Bytes(), err
}

// MirrorBook is the mirror as a workbook.
func (t *Till) MirrorBook(ctx context.Context, who access.Who, compound string) ([]byte, error) {
	f, err := t.FundAccounts(ctx, who, compound, FundAsk{Limit: -1})
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	_, err = sheet.Write(&b, sheet.List{Sheet: "分户账", Title: "维修资金分户账", Purpose: "金额单位：元；镜像，以银行或者主管部门为准", Mark: t.Today().String(),
		Columns: []sheet.Column{{Title: mirrorHead[0], Width: 16}, {Title: mirrorHead[1]}, {Title: mirrorHead[2]}, {Title: "日期"}, {Title: "须续交"}}, Rows: rowsOf(f.Items)})
	if err != nil {
		return nil, err
	}
	err = t.db.Write(ctx, func(tx *store.Tx) error {
		n, err := t.compound(ctx, tx, compound)
		if err != nil {
			return err
		}
		return t.trail(ctx, tx, who, Read, n.Path, "fund_export", "money/"+compound, "", map[string]any{"rows": len(f.Items)})
	})
	return b.Bytes(), err
}

func rowsOf(list []SubAccount) iter.Seq[[]any] {
	return func(yield func([]any) bool) {
		for _, a := range list {
			due := ""
			if a.Renewal {
				due = "是"
			}
			if !yield([]any{a.Label, sheet.Number(a.First.String()), sheet.Number(a.Balance.String()), a.AsOf.String(), due}) {
				return
			}
		}
	}
}

// readMirror reads a workbook: the first sheet with the heading, from the row below it.
func readMirror(file []byte) ([]MirrorRow, []MirrorFault, error) {
	b, err := sheet.Read("mirror.xlsx", bytes.NewReader(file), sheet.Limits{File: 4 << 20})
	if err != nil {
		return nil, nil, err
	}
	var rows []MirrorRow
	var faults []MirrorFault
	for _, s := range b.Sheets {
		var col [3]int
		head := -1
		for i, r := range s.Rows {
			if head < 0 {
				col = [3]int{-1, -1, -1}
				for c, cell := range r {
					for k, name := range mirrorHead {
						if strings.TrimSpace(cell) == name {
							col[k] = c
						}
					}
				}
				if col[0] >= 0 && col[1] >= 0 && col[2] >= 0 {
					head = i
				}
				continue
			}
			cell := func(k int) string {
				if col[k] < len(r) {
					return strings.TrimSpace(r[col[k]])
				}
				return ""
			}
			if cell(0) == "" {
				continue
			}
			first, err1 := yuan.Parse(cell(1))
			balance, err2 := yuan.Parse(cell(2))
			if err1 != nil || err2 != nil {
				faults = append(faults, MirrorFault{len(rows) + 1, cell(0), "金额有误", "an amount cannot be read"})
			}
			rows = append(rows, MirrorRow{Label: cell(0), First: first, Balance: balance})
		}
		if head >= 0 {
			return rows, faults, nil
		}
	}
	return nil, nil, ErrMirrorFile
}

// ImportMirror keeps the sub-accounts as the bank or the authority has them. Rows must add up to the stated sum to the fen;
// what differs from the books is posted, with the paper. With Try nothing is kept.
func (t *Till) ImportMirror(ctx context.Context, who access.Who, compound string, in NewMirror) (look MirrorLook, err error) {
	rows, bad := in.Rows, []MirrorFault{}
	if len(in.File) > 0 {
		r, f, err := readMirror(in.File)
		if err != nil {
			return look, err
		}
		rows, bad = r, append(bad, f...)
	}
	work := func(tx *store.Tx) error {
		look = MirrorLook{Total: in.Total, Faults: slices.Clone(bad), Absent: []string{}, Rows: len(rows)}
		n, err := t.enters(ctx, tx, who, Keep, compound)
		if err != nil {
			return err
		}
		var last day.Day
		if err := tx.QueryRow(ctx, `select coalesce(max(day), '') from money_mirror where compound = $1`, n.ID).Scan(&last); err != nil {
			return err
		}
		if !in.On.Sound() || in.On > today(tx) || in.On < last {
			return ErrMirrorDay
		}
		parts, err := t.partsIn(ctx, tx, n.Path, nil, true)
		if err != nil {
			return err
		}
		byID, byLabel := map[string]HomePart{}, map[string]HomePart{}
		for _, p := range parts {
			byID[p.ID], byLabel[p.Label] = p, p
		}
		seen := map[string]bool{}
		matched := make([]HomePart, len(rows))
		for i, r := range rows {
			p, ok := byID[r.Part]
			if r.Part == "" {
				p, ok = byLabel[strings.TrimSpace(r.Label)]
			}
			switch {
			case !ok:
				look.Faults = append(look.Faults, MirrorFault{i + 1, strings.TrimSpace(r.Label), "小区内没有这处房屋或者车位", "the compound has no such home or parking space"})
			case seen[p.ID]:
				look.Faults = append(look.Faults, MirrorFault{i + 1, strings.TrimSpace(r.Label), "重复", "stands twice"})
			case r.First < 0 || r.Balance < 0:
				look.Faults = append(look.Faults, MirrorFault{i + 1, strings.TrimSpace(r.Label), "金额不得为负", "an amount must not be negative"})
			}
			seen[p.ID], matched[i] = true, p
			var e1, e2 error
			look.Sum, e1 = yuan.Sum(look.Sum, r.Balance)
			look.First, e2 = yuan.Sum(look.First, r.First)
			if e1 != nil || e2 != nil {
				return ledger.ErrTooBig
			}
		}
		for _, p := range parts {
			if !seen[p.ID] && !p.Unsold {
				look.Absent = append(look.Absent, p.Label)
			}
		}
		slices.SortStableFunc(look.Faults, func(a, b MirrorFault) int { return a.Row - b.Row })
		var had int64
		if had, err = store.Count(ctx, tx, `select coalesce(sum(balance), 0) from money_subaccount where compound = $1`, n.ID); err != nil {
			return err
		}
		look.Difference = look.Sum - yuan.Amount(had)
		if in.Try {
			return nil
		}
		if len(rows) == 0 || len(look.Faults) > 0 {
			return ErrMirrorRows.Fill("n", len(look.Faults))
		}
		if look.Sum != in.Total {
			return ErrMirrorSum.Fill("sum", look.Sum, "total", in.Total)
		}
		if in.Paper == "" {
			return ErrFundPapers
		}
		busy, err := store.Count(ctx, tx, `select count(*) from money_use where compound = $1 and state = 'settled'`, n.ID)
		if err != nil {
			return err
		}
		if busy > 0 {
			return ErrMirrorBusy
		}
		b, err := t.begin(ctx, tx, n)
		if err != nil {
			return err
		}
		m := Mirror{ID: tx.NewID(), On: in.On, Total: in.Total, First: look.First, Parts: int64(len(rows)), Paper: in.Paper}
		if err := t.keepPaper(ctx, tx, who, in.Paper, "money-fund/"+m.ID, n.Path); err != nil {
			return err
		}
		old, err := t.subAccounts(ctx, tx, `compound = $1`, n.ID)
		if err != nil {
			return err
		}
		before := map[string]yuan.Amount{}
		for _, a := range old {
			before[a.Part] = a.Balance
		}
		var accounts, moves [][]any
		for i, r := range rows {
			p := matched[i]
			accounts = append(accounts, []any{p.ID, n.ID, string(p.Path), p.Label, int64(r.First), int64(r.Balance), in.On, int64(tx.Now)})
			if d := r.Balance - before[p.ID]; d != 0 {
				moves = append(moves, []any{tx.NewID(), p.ID, n.ID, in.On, int64(d), int64(r.Balance), "money-fund/" + m.ID, "分户账更新", int64(tx.Now)})
			}
			delete(before, p.ID)
		}
		for part, balance := range before { // no longer on the list
			if balance != 0 {
				moves = append(moves, []any{tx.NewID(), part, n.ID, in.On, int64(-balance), 0, "money-fund/" + m.ID, "分户账更新", int64(tx.Now)})
			}
		}
		if _, err := tx.Exec(ctx, `delete from money_subaccount where compound = $1`, n.ID); err != nil {
			return err
		}
		if _, err := store.Fill(ctx, tx, `insert into money_subaccount (part, compound, path, label, first, balance, as_of, updated) values `, ``, accounts); err != nil {
			return err
		}
		if _, err := store.Fill(ctx, tx, `insert into money_submove (id, part, compound, day, amount, balance, ref, words, at) values `, ``, moves); err != nil {
			return err
		}
		if look.Difference != 0 {
			e, err := t.post(ctx, tx, b, who.Person, ledger.Entry{Day: max(in.On, b.Closed.Add(1)), Text: "维修资金分户账更新", Document: "blobs/" + in.Paper, Decision: "law", Rule: "R41",
				Legs: []ledger.Leg{{Account: "maintenance:bank", Amount: look.Difference}, {Account: "maintenance:rest", Amount: -look.Difference}}})
			if err != nil {
				return err
			}
			m.Entry = e.ID
		}
		if _, err := tx.Exec(ctx, `insert into money_mirror (id, compound, day, total, first, parts, paper, entry, by_person, at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
			m.ID, n.ID, m.On, int64(m.Total), int64(m.First), m.Parts, m.Paper, m.Entry, who.Person, int64(tx.Now)); err != nil {
			return err
		}
		look.Mirror = &m
		return t.trail(ctx, tx, who, Keep, n.Path, "mirror", "money-fund/"+m.ID, "", m)
	}
	return look, t.db.Write(ctx, work)
}

// subAccounts reads sub-accounts; renewal by the law's own 30% (R41).
func (t *Till) subAccounts(ctx context.Context, q store.Queryer, cond string, args ...any) ([]SubAccount, error) {
	return store.All(ctx, q, func(r *sql.Rows) (a SubAccount, err error) {
		var first, balance int64
		if err = r.Scan(&a.Part, &a.Label, &a.Path, &first, &balance, &a.AsOf); err != nil {
			return a, err
		}
		a.First, a.Balance = yuan.Amount(first), yuan.Amount(balance)
		a.Renewal, a.Step = tally.RenewalDue(a.Balance, a.First)
		return a, nil
	}, `select part, label, path, first, balance, as_of from money_subaccount where `+cond+` order by path`, args...)
}

// FundAsk filters the mirror.
type FundAsk struct {
	Renewal bool
	Under   scope.Path
	After   string
	Limit   int // -1 is all
}

// FundFile is the maintenance fund of a compound as it stands.
type FundFile struct {
	paged.List[SubAccount]
	Balance  yuan.Amount `json:"balance"`
	First    yuan.Amount `json:"first"`
	Renewals int64       `json:"renewals" doc:"parts below 30%, of count (R41)"`
	AsOf     day.Day     `json:"as_of"`
	Mirrors  []Mirror    `json:"mirrors"`
	May      []string    `json:"may" doc:"import, apply: what the one who asks may do here"`
}

// FundAccounts shows the mirror; with Renewal only what must be topped up (R41).
func (t *Till) FundAccounts(ctx context.Context, who access.Who, compound string, ask FundAsk) (f FundFile, err error) {
	err = t.db.View(ctx, func(q store.Queryer) error {
		n, err := t.compound(ctx, q, compound)
		if err != nil {
			return err
		}
		if err := t.may(ctx, q, who, Read, n.Path); err != nil {
			return err
		}
		f.Items = []SubAccount{}
		all, err := t.subAccounts(ctx, q, `compound = $1`, n.ID)
		if err != nil {
			return err
		}
		if ask.Limit == 0 || ask.Limit > 1000 {
			ask.Limit = 200
		}
		for _, a := range all {
			f.Balance += a.Balance
			f.First += a.First
			f.AsOf = max(f.AsOf, a.AsOf)
			if a.Renewal {
				f.Renewals++
			}
			if ask.Renewal && !a.Renewal || ask.Under != "" && !ask.Under.Covers(a.Path) {
				continue
			}
			f.Count++
			if ask.After != "" && string(a.Path) <= ask.After {
				continue
			}
			if len(f.Items) == ask.Limit {
				f.Next = string(f.Items[len(f.Items)-1].Path)
				continue
			}
			f.Items = append(f.Items, a)
		}
		f.Mirrors, err = store.All(ctx, q, func(r *sql.Rows) (m Mirror, err error) {
			var total, first int64
			err = r.Scan(&m.ID, &m.On, &total, &first, &m.Parts, &m.Paper, &m.Entry)
			m.Total, m.First = yuan.Amount(total), yuan.Amount(first)
			return m, err
		}, `select id, day, total, first, parts, paper, entry from money_mirror where compound = $1 order by id desc limit 20`, n.ID)
		if f.Mirrors == nil {
			f.Mirrors = []Mirror{}
		}
		f.May = []string{}
		for step, a := range map[string]*access.Action{"import": Keep, "apply": Arrange} {
			if who.Person != "" && t.may(ctx, q, who, a, n.Path) == nil {
				f.May = append(f.May, step)
			}
		}
		slices.Sort(f.May)
		return err
	})
	return f, err
}

// MySub is what a part of one's own has in the fund, with its history and what it bore.
type MySub struct {
	SubAccount
	Moves  []SubMove `json:"moves"`
	Shares []MyShare `json:"shares"`
}

// MyShare is what a part of one's own bore of a use, and of which.
type MyShare struct {
	UseShare
	Title string      `json:"title"`
	Total yuan.Amount `json:"total" doc:"of all parts together"`
	On    day.Day     `json:"on" doc:"settled"`
}

// MyFund shows an owner the sub-accounts of his parts.
func (t *Till) MyFund(ctx context.Context, who access.Who) (out []MySub, err error) {
	if err := person(who); err != nil {
		return nil, err
	}
	out = []MySub{}
	err = t.db.View(ctx, func(q store.Queryer) error {
		list, err := t.subAccounts(ctx, q, `part in (select node from people_v_title where person = $1 and from_day <= $2 and (to_day = '' or to_day >= $2))`, who.Person, t.Today())
		if err != nil {
			return err
		}
		for _, a := range list {
			m := MySub{SubAccount: a}
			if m.Moves, err = store.All(ctx, q, func(r *sql.Rows) (x SubMove, err error) {
				var amount, balance int64
				err = r.Scan(&x.Day, &amount, &balance, &x.Ref, &x.Text)
				x.Amount, x.Balance = yuan.Amount(amount), yuan.Amount(balance)
				return x, err
			}, `select day, amount, balance, ref, words from money_submove where part = $1 order by id desc limit 100`, a.Part); err != nil {
				return err
			}
			shares, err := useShares(ctx, q, `part = $1 and use_id in (select id from money_use where state in ('settled', 'paid', 'published'))`, a.Part)
			if err != nil {
				return err
			}
			m.Shares = []MyShare{}
			for _, s := range shares {
				u, err := t.use(ctx, q, s.Use)
				if err != nil {
					return err
				}
				m.Shares = append(m.Shares, MyShare{s, u.Title, u.Final, u.SettledOn})
			}
			if m.Moves == nil {
				m.Moves = []SubMove{}
			}
			out = append(out, m)
		}
		return nil
	})
	return out, err
}

// keepPaper binds an uploaded paper to ref; a house without files keeps the name alone.
func (t *Till) keepPaper(ctx context.Context, tx *store.Tx, who access.Who, blob, ref string, at scope.Path) error {
	if t.on.Blobs == nil || blob == "" {
		return nil
	}
	return t.on.Blobs.Attach(ctx, tx, blob, who.Account, ref, at, "")
}

// ErrFundPapers says that a paper is missing.
var ErrFundPapers = fault.Bad("papers", "money.papers", "缺少材料：{papers}", "papers are missing: {papers_en}")
