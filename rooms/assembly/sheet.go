package assembly

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"errors"
	"maps"
	"math/big"
	"slices"
	"strings"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/paged"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/store"
	"cuobian/rooms/assembly/tally"
)

// States of a paper ballot.
const (
	SheetPrinted  = "printed"  // handed out or waiting to be
	SheetReturned = "returned" // back in time, to be typed by two
	SheetDiffers  = "differs"  // two typed it differently; a third settles
	SheetSettled  = "settled"  // a ballot
	SheetVoid     = "void"
)

// Faults of paper ballots.
var (
	ErrSheet       = fault.New(fault.Missing, "assembly.sheet", "没有这张纸质票，或不属于这次会议", "there is no such sheet, or it is of another meeting")
	ErrSheetState  = fault.New(fault.Conflict, "assembly.sheet_state", "这张纸质票目前不能做这一步", "this step cannot be taken with the sheet as it stands")
	ErrSheetList   = fault.New(fault.Conflict, "assembly.sheet_list", "候选人正式名单公布后才能打印选票（R29）", "ballots of an election are printed after its final list of candidates (R29)")
	ErrPicture     = fault.Bad("blob", "assembly.sheet_picture", "请附票面照片", "attach a picture of the sheet")
	ErrTypedTwice  = fault.New(fault.Conflict, "assembly.typed_twice", "您已录入过这张票；第二次录入须由另一人完成", "you typed this sheet already; somebody else types it the second time")
	ErrOwnSheet    = fault.New(fault.Refused, "assembly.own_entry", "录过这张票的人不能裁定差异", "who typed the sheet does not settle it")
	ErrOwnBallot   = fault.New(fault.Refused, "assembly.own_ballot", "不能录入自己的票", "nobody types the ballot of an own right")
	ErrSheetRights = fault.Bad("rights", "assembly.sheet_rights", "请选择名册中的表决权，一次最多 2000 张", "choose rights of the roll, 2,000 at most at a time")
)

// Sheet is a paper ballot as far as its code tells.
type Sheet struct {
	Code     string      `json:"code"`
	State    string      `json:"state" enum:"printed,returned,differs,settled,void"`
	Printed  day.Instant `json:"printed"`
	Returned day.Instant `json:"returned"`
	Settled  day.Instant `json:"settled"`
	Blob     string      `json:"blob,omitempty" doc:"the picture, for those who type and for scrutineers"`
	Entries  int64       `json:"entries" doc:"how many have typed it"`
	Mine     bool        `json:"mine" doc:"the caller typed it"`
	Right    int64       `json:"right,omitempty" doc:"in an open vote, for typing"`
	Label    string      `json:"label,omitempty" doc:"in an open vote, for typing"`
	Matters  []Matter    `json:"matters,omitempty" doc:"what stands on it, for typing"`
	VoidWhy  string      `json:"void_why,omitempty"`
	Box      string      `json:"box,omitempty" doc:"id of the sealed box that it came out of"`

	right int64
	n     int64
}

const sheetColumns = `s.code, s.state, s.printed, s.returned, s.settled, s.blob, s.right_no, s.n, s.void_why, s.box,
 (select count(*) from assembly_entry e where e.sheet = s.code), (select count(*) from assembly_entry e where e.sheet = s.code and e.person = $2)`

func scanSheet(r interface{ Scan(...any) error }) (s Sheet, err error) {
	var mine int64
	err = r.Scan(&s.Code, &s.State, &s.Printed, &s.Returned, &s.Settled, &s.Blob, &s.right, &s.n, &s.VoidWhy, &s.Box, &s.Entries, &mine)
	s.Mine = mine > 0
	return s, err
}

// sheet reads a sheet of a meeting by its code; person is whose own entry is looked for.
func (h *Hall) sheet(ctx context.Context, q store.Queryer, m Meeting, code, person string) (Sheet, error) {
	s, err := scanSheet(q.QueryRow(ctx, `select `+sheetColumns+` from assembly_sheet s where s.meeting = $1 and s.code = $3`, m.ID, person, readCode(code)))
	if errors.Is(err, sql.ErrNoRows) {
		return s, ErrSheet
	}
	return s, err
}

// codeSigns are letters and digits that are not mistaken for one another.
const codeSigns = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"

// newCode is ten signs by chance and one that checks them, in groups as people read them aloud.
func newCode() string {
	b := make([]byte, 10)
	for i := range b {
		n, _ := rand.Int(rand.Reader, big.NewInt(int64(len(codeSigns))))
		b[i] = codeSigns[n.Int64()]
	}
	c := string(b) + codeCheck(string(b))
	return c[:4] + "-" + c[4:8] + "-" + c[8:]
}

// codeCheck is the sum of the signs, each by its place: one wrong sign, or two that changed places, is seen.
func codeCheck(s string) string {
	sum := 0
	for i := range len(s) {
		sum += (i + 1) * strings.IndexByte(codeSigns, s[i])
	}
	return string(codeSigns[sum%len(codeSigns)])
}

// readCode takes a code as people type it; what cannot be one stays what it is and is not found.
func readCode(text string) string {
	t := strings.ToUpper(strings.NewReplacer("-", "", " ", "").Replace(strings.TrimPrefix(strings.TrimSpace(text), "S:")))
	if len(t) != 11 || codeCheck(t[:10]) != t[10:] {
		return ""
	}
	return t[:4] + "-" + t[4:8] + "-" + t[8:]
}

// PrintedSheet is what goes to the printer: the sheet, and its stub, which is cut off and kept apart.
type PrintedSheet struct {
	Code    string   `json:"code"`
	QR      string   `json:"qr"`
	Right   int64    `json:"right" doc:"on the stub; in an open vote on the sheet too"`
	Label   string   `json:"label" doc:"on the stub; in an open vote on the sheet too"`
	Area    int64    `json:"area" doc:"0.01 m², on the stub; in an open vote on the sheet too"`
	Matters []Matter `json:"matters"`
}

// Printing is a batch of sheets.
type Printing struct {
	Meeting string         `json:"meeting"`
	Number  string         `json:"number"`
	Title   string         `json:"title"`
	Secret  bool           `json:"secret" doc:"the sheet itself then names no home"`
	Counts  string         `json:"counts"`
	Closes  day.Instant    `json:"closes"`
	Items   []PrintedSheet `json:"items"`
}

// PrintSheets makes paper ballots, one for each right; the convener does, from the notice on. No rights is all that can be
// cast. A right may have several: the one that counts is decided as among all its ballots.
func (h *Hall) PrintSheets(ctx context.Context, who access.Who, id string, rights []int64) (out Printing, err error) {
	err = h.db.Write(ctx, func(tx *store.Tx) error {
		m, err := h.meeting(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := h.convenes(who, m); err != nil {
			return err
		}
		if err := m.in(Posted, Noticed, Voting); err != nil {
			return err
		}
		if !slices.Contains(m.Channels, "paper") {
			return ErrChannel
		}
		e, _, err := h.electionRow(ctx, tx, m.ID)
		if err != nil && !errors.Is(err, ErrNoElection) {
			return err
		}
		if err == nil && !e.Listed {
			return ErrSheetList
		}
		type right struct {
			no, area int64
			label    string
		}
		all, err := store.All(ctx, tx, func(r *sql.Rows) (x right, err error) { err = r.Scan(&x.no, &x.label, &x.area); return },
			`select no, label, area from assembly_right where meeting = $1 and ended = 0 and unknown = $2 and (spaces = $2 or $3) order by no`, m.ID, false, m.CountParking)
		if err != nil {
			return err
		}
		if len(rights) == 0 {
			for _, x := range all {
				rights = append(rights, x.no)
			}
		}
		if len(rights) == 0 || len(rights) > 2000 {
			return ErrSheetRights
		}
		type part struct {
			right int64
			path  string
		}
		parts, err := store.All(ctx, tx, func(r *sql.Rows) (p part, err error) { err = r.Scan(&p.right, &p.path); return },
			`select right_no, path from assembly_part where meeting = $1 and ended = 0`, m.ID)
		if err != nil {
			return err
		}
		at := map[int64][]string{}
		for _, p := range parts {
			at[p.right] = append(at[p.right], p.path)
		}
		matters, err := h.matters(ctx, tx, m.ID)
		if err != nil {
			return err
		}
		out = Printing{Meeting: m.ID, Number: m.Number, Title: m.Title, Secret: m.Secret, Counts: m.Counts, Closes: m.Closes, Items: []PrintedSheet{}}
		var rows [][]any
		for _, no := range rights {
			i, found := slices.BinarySearchFunc(all, no, func(x right, no int64) int { return int(x.no - no) })
			if !found {
				return ErrSheetRights
			}
			x := all[i]
			p := PrintedSheet{Code: newCode(), Right: x.no, Label: x.label, Area: x.area, Matters: []Matter{}}
			p.QR = "S:" + p.Code
			for _, y := range matters {
				if y.concerns(at[no]) {
					p.Matters = append(p.Matters, y)
				}
			}
			if len(p.Matters) == 0 {
				continue
			}
			out.Items = append(out.Items, p)
			rows = append(rows, []any{p.Code, m.ID, x.no, 0, SheetPrinted, int64(tx.Now), who.Person, 0, "", "", 0, "", ""})
		}
		if _, err := store.Fill(ctx, tx, `insert into assembly_sheet (code, meeting, right_no, n, state, printed, printed_by, returned, returned_by, blob, settled, ballot, void_why) values`, "", rows); err != nil {
			return err
		}
		return h.event(ctx, tx, who, Convene, m, "sheets", "", map[string]any{"n": len(rows)})
	})
	return out, err
}

// hands reports whether who may take sheets back: a typist or sweeper of the meeting, or its convener.
func (h *Hall) hands(ctx context.Context, q store.Queryer, who access.Who, m Meeting) error {
	if h.convenes(who, m) == nil {
		return nil
	}
	if _, err := h.acts(ctx, q, who, m, Typist); err == nil {
		return nil
	}
	_, err := h.acts(ctx, q, who, m, Sweeper)
	return err
}

// Return records that a sheet came back, with its picture, while ballots are taken. Its place among the right's ballots is
// that of its return, however late it is typed. Once is enough: the same again changes nothing. Out of a box that was sealed
// before the closing it comes back after it as well: box is its id or number, ” where it was handed back.
func (h *Hall) Return(ctx context.Context, who access.Who, id, code, blob, box string) (s Sheet, err error) {
	err = h.late(ctx, id, h.db.Write(ctx, func(tx *store.Tx) error {
		m, err := h.meeting(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := h.hands(ctx, tx, who, m); err != nil {
			return err
		}
		if s, err = h.sheet(ctx, tx, m, code, who.Person); err != nil {
			return err
		}
		if s.State == SheetReturned {
			s.show(m, false)
			return nil
		}
		if s.State != SheetPrinted {
			return ErrSheetState
		}
		back := tx.Now
		if box != "" {
			b, err := h.outOf(ctx, tx, m, box)
			if err != nil {
				return err
			}
			if s.Box, back = b.ID, b.Sealed; s.Printed > b.Sealed {
				return ErrSheetState // printed after the box was sealed: it was never in it
			}
		} else if err := h.taking(ctx, tx, m, tx.Now, "paper"); err != nil {
			return err
		}
		if blob == "" {
			return ErrPicture
		}
		// A right that is no longer in the roll has no ballot.
		if _, err := h.votesOn(ctx, tx, m, s.right); err != nil {
			return err
		}
		if err := h.turn(ctx, tx, m.ID, s.right, &s.n); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `update assembly_sheet set state = $1, returned = $2, returned_by = $3, blob = $4, n = $5, box = $6 where code = $7`, SheetReturned, int64(back), who.Person, blob, s.n, s.Box, s.Code); err != nil {
			return err
		}
		if err := h.bind(ctx, tx, who, blob, "assembly-sheets/"+s.Code, m); err != nil {
			return err
		}
		s.State, s.Returned, s.Blob = SheetReturned, back, blob
		s.show(m, false)
		tx.Changed(store.Change{Kind: "assemblies", ID: m.ID, Path: m.Path})
		return h.note(ctx, tx, who, m, "sheet_returned", map[string]any{"sheet": s.Code, "box": s.Box})
	}))
	return s, err
}

// late makes the closing true where a write found that it is over.
func (h *Hall) late(ctx context.Context, id string, err error) error {
	if errors.Is(err, ErrOver) {
		if m, merr := h.meeting(ctx, h.db, id); merr == nil {
			if cerr := h.shut(ctx, m.ID); cerr != nil {
				return cerr
			}
		}
	}
	return err
}

// bind makes an upload part of a thing of the meeting.
func (h *Hall) bind(ctx context.Context, tx *store.Tx, who access.Who, blob, ref string, m Meeting) error {
	if h.on.Blobs == nil || blob == "" {
		return nil
	}
	return h.on.Blobs.Attach(ctx, tx, blob, who.Account, ref, m.Path, "")
}

// note writes into the trail without an event: what happens many times in a meeting, side by side.
func (h *Hall) note(ctx context.Context, tx *store.Tx, who access.Who, m Meeting, action string, facts any) error {
	return audit.Write(ctx, tx, audit.Entry{By: audit.By{Account: who.Account, Person: who.Person}, Action: "assembly." + action, Path: m.Path, Ref: m.Ref(), To: facts})
}

// show leaves out what the one who asks may not see.
func (s *Sheet) show(m Meeting, types bool) {
	if m.Secret {
		s.Right, s.Label = 0, ""
	}
	if !types {
		s.Blob = ""
	}
}

// Type records what a typist reads on a sheet. Each types alone: nobody sees what the other wrote. When two agree the sheet
// is a ballot; when they differ a third settles.
func (h *Hall) Type(ctx context.Context, who access.Who, id, code string, in map[string]string) (s Sheet, err error) {
	return h.entry(ctx, who, id, code, in, false)
}

// Settle decides a sheet that two typed differently; whoever typed it does not.
func (h *Hall) Settle(ctx context.Context, who access.Who, id, code string, in map[string]string) (Sheet, error) {
	return h.entry(ctx, who, id, code, in, true)
}

func (h *Hall) entry(ctx context.Context, who access.Who, id, code string, in map[string]string, settles bool) (s Sheet, err error) {
	err = h.db.Write(ctx, func(tx *store.Tx) error {
		m, err := h.meeting(ctx, tx, id)
		if err != nil {
			return err
		}
		if _, err := h.acts(ctx, tx, who, m, Typist); err != nil {
			return err
		}
		if err := m.in(Noticed, Voting, Closed); err != nil {
			return err
		}
		if s, err = h.sheet(ctx, tx, m, code, who.Person); err != nil {
			return err
		}
		switch {
		case s.Mine && settles:
			return ErrOwnSheet
		case s.Mine:
			return ErrTypedTwice
		case settles && s.State != SheetDiffers, !settles && s.State != SheetReturned:
			return ErrSheetState
		}
		if err := h.mayCast(ctx, tx, m, s.right, who.Person, ""); err == nil {
			return ErrOwnBallot
		} else if !errors.Is(err, ErrNotYours) {
			return err
		}
		matters, err := h.votesOn(ctx, tx, m, s.right)
		if err != nil {
			return err
		}
		choices, err := choose(matters, in, true)
		if err != nil {
			return err
		}
		plain, err := json.Marshal(choices)
		if err != nil {
			return err
		}
		others, err := store.All(ctx, tx, func(r *sql.Rows) (c map[int]tally.Choice, err error) {
			var id string
			var sealed []byte
			if err = r.Scan(&id, &sealed); err != nil {
				return nil, err
			}
			text, err := h.ring.Open("assembly_entry", "sealed", id, sealed)
			if err == nil {
				err = json.Unmarshal([]byte(text), &c)
			}
			return c, err
		}, `select id, sealed from assembly_entry where sheet = $1`, s.Code)
		if err != nil {
			return err
		}
		entry := tx.NewID()
		if _, err := tx.Exec(ctx, `insert into assembly_entry (sheet, person, id, settles, sealed, at) values ($1, $2, $3, $4, $5, $6)`,
			s.Code, who.Person, entry, settles, h.ring.Seal("assembly_entry", "sealed", entry, string(plain)), int64(tx.Now)); err != nil {
			return err
		}
		s.Mine = true
		s.Entries++
		if err := h.note(ctx, tx, who, m, "sheet_typed", map[string]any{"sheet": s.Code, "settles": settles}); err != nil {
			return err
		}
		switch {
		case settles || len(others) == 1 && maps.Equal(others[0], choices):
			s.State = SheetSettled
			err = h.settle(ctx, tx, who, m, &s, choices, "")
		case len(others) == 1:
			s.State = SheetDiffers
			_, err = tx.Exec(ctx, `update assembly_sheet set state = $1 where code = $2`, s.State, s.Code)
		}
		tx.Changed(store.Change{Kind: "assemblies", ID: m.ID, Path: m.Path})
		s.show(m, true)
		return err
	})
	return s, err
}

// settle makes a ballot of a sheet; a sheet that is void becomes a void ballot, so that none of a right's numbers is
// missing.
func (h *Hall) settle(ctx context.Context, tx *store.Tx, who access.Who, m Meeting, s *Sheet, choices map[int]tally.Choice, why string) error {
	salt := make([]byte, saltLen)
	rand.Read(salt)
	k, err := h.put(ctx, tx, who, m, cast{right: s.right, n: s.n, choices: choices, salt: salt, channel: "paper", at: s.Returned, sign: "paper", sheet: s.Code})
	if err != nil {
		return err
	}
	s.Settled = tx.Now
	if _, err := tx.Exec(ctx, `update assembly_sheet set state = $1, settled = $2, ballot = $3, void_why = $4 where code = $5`, s.State, int64(tx.Now), k.ID, why, s.Code); err != nil {
		return err
	}
	if why == "" {
		return nil
	}
	return h.void(ctx, tx, who, Convene, m, k.ID, why)
}

// VoidSheet takes a sheet out: one that was lost or spoilt before it came back, or one that came back and cannot be a
// ballot (not signed, torn, of another hand). The convener does, with a reason; a sheet that is a ballot already is not
// touched.
func (h *Hall) VoidSheet(ctx context.Context, who access.Who, id, code, why string) (s Sheet, err error) {
	if why = strings.TrimSpace(why); why == "" {
		return s, ErrReason
	}
	err = h.db.Write(ctx, func(tx *store.Tx) error {
		m, err := h.meeting(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := h.convenes(who, m); err != nil {
			return err
		}
		if err := m.in(Posted, Noticed, Voting, Closed); err != nil {
			return err
		}
		if s, err = h.sheet(ctx, tx, m, code, who.Person); err != nil {
			return err
		}
		switch s.State {
		case SheetPrinted:
			if _, err := tx.Exec(ctx, `update assembly_sheet set state = $1, void_why = $2 where code = $3`, SheetVoid, why, s.Code); err != nil {
				return err
			}
			s.State = SheetVoid
			return h.note(ctx, tx, who, m, "sheet_void", map[string]any{"sheet": s.Code, "why": why})
		case SheetReturned, SheetDiffers:
		default:
			return ErrSheetState
		}
		matters, err := h.votesOn(ctx, tx, m, s.right)
		if err != nil && !errors.Is(err, ErrRight) { // a right that ended meanwhile has no matters left
			return err
		}
		choices := map[int]tally.Choice{}
		for _, x := range matters {
			choices[int(x.No)] = tally.Invalid
		}
		s.State, s.VoidWhy = SheetVoid, why
		s.show(m, false)
		return h.settle(ctx, tx, who, m, &s, choices, why)
	})
	return s, err
}

// unsettled are the sheets that came back and are no ballots yet: the preliminary count waits for them.
func (h *Hall) unsettled(ctx context.Context, q store.Queryer, meeting string) (int64, error) {
	return store.Count(ctx, q, `select count(*) from assembly_sheet where meeting = $1 and state in ('returned', 'differs')`, meeting)
}

// SheetPage lists sheets.
type SheetPage struct {
	paged.List[Sheet]
	By map[string]int64 `json:"by_state"`
}

// Sheets lists sheets by code, to the convener and to typists. Whose they are is on the stubs and not here, since the list
// would tell who has not voted; of an open vote typists see it of those that they type.
func (h *Hall) Sheets(ctx context.Context, who access.Who, id, state, after string, limit int) (p SheetPage, err error) {
	if limit <= 0 || limit > 500 {
		limit = 100
	}
	err = h.db.View(ctx, func(q store.Queryer) error {
		m, err := h.meeting(ctx, q, id)
		if err != nil {
			return err
		}
		types := false
		if _, err := h.acts(ctx, q, who, m, Typist); err == nil {
			types = true
		} else if h.convenes(who, m) != nil {
			return err
		}
		p.By = map[string]int64{}
		rows, err := q.Query(ctx, `select state, count(*) from assembly_sheet where meeting = $1 group by state`, m.ID)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var s string
			var n int64
			if err := rows.Scan(&s, &n); err != nil {
				return err
			}
			p.By[s] = n
			if state == "" || s == state {
				p.Count += n
			}
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			return err
		}
		p.Items, err = store.All(ctx, q, func(r *sql.Rows) (Sheet, error) { return scanSheet(r) },
			`select `+sheetColumns+` from assembly_sheet s where s.meeting = $1 and ($3 = '' or s.state = $3) and s.code > $4 order by s.code limit $5`, m.ID, who.Person, state, after, limit+1)
		if err != nil {
			return err
		}
		if len(p.Items) > limit {
			p.Items = p.Items[:limit]
			p.Next = p.Items[limit-1].Code
		}
		for i := range p.Items {
			s := &p.Items[i]
			if !m.Secret && types && (s.State == SheetReturned || s.State == SheetDiffers) {
				s.Right = s.right
				if s.Label, err = h.label(ctx, q, m.ID, s.right); err != nil {
					return err
				}
			}
			s.show(m, types)
		}
		return nil
	})
	return p, err
}

func (h *Hall) label(ctx context.Context, q store.Queryer, meeting string, right int64) (text string, err error) {
	err = q.QueryRow(ctx, `select label from assembly_right where meeting = $1 and no = $2`, meeting, right).Scan(&text)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return text, err
}

// Sheet shows one sheet to a typist, with its picture and what stands on it.
func (h *Hall) Sheet(ctx context.Context, who access.Who, id, code string) (s Sheet, err error) {
	err = h.db.View(ctx, func(q store.Queryer) error {
		m, err := h.meeting(ctx, q, id)
		if err != nil {
			return err
		}
		if _, err := h.acts(ctx, q, who, m, Typist); err != nil {
			return err
		}
		if s, err = h.sheet(ctx, q, m, code, who.Person); err != nil {
			return err
		}
		if s.Matters, err = h.votesOn(ctx, q, m, s.right); err != nil {
			return err
		}
		if !m.Secret {
			s.Right = s.right
			if s.Label, err = h.label(ctx, q, m.ID, s.right); err != nil {
				return err
			}
		}
		s.show(m, true)
		return nil
	})
	return s, err
}

// SheetSight decides who sees the picture of a sheet: typists of its meeting while it is being typed, and sworn
// scrutineers once voting is over.
func (h *Hall) SheetSight(ctx context.Context, who access.Who, code string) error {
	var id, state string
	err := h.db.QueryRow(ctx, `select meeting, state from assembly_sheet where code = $1`, code).Scan(&id, &state)
	if errors.Is(err, sql.ErrNoRows) {
		return ErrMissing
	}
	if err != nil {
		return err
	}
	m, err := h.meeting(ctx, h.db, id)
	if err != nil {
		return err
	}
	if state == SheetReturned || state == SheetDiffers {
		if _, err := h.acts(ctx, h.db, who, m, Typist); err == nil {
			return nil
		}
	}
	return h.watches(ctx, h.db, who, m)
}

// watches is nil for a sworn scrutineer of a meeting whose voting is over.
func (h *Hall) watches(ctx context.Context, q store.Queryer, who access.Who, m Meeting) error {
	x, err := h.acts(ctx, q, who, m, Scrutineer)
	if err != nil {
		return err
	}
	if x.Oath == 0 {
		return ErrOath
	}
	return m.in(Closed, Preliminary, Final, Annulled)
}

// ErrOath asks for the oath first.
var ErrOath = fault.New(fault.Refused, "assembly.oath", "请先宣誓", "please swear first")
