package assembly

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/platform/access"
	"cuobian/platform/store"
)

// Faults of ballot boxes.
var (
	ErrBox        = fault.New(fault.Missing, "assembly.box", "没有这个票箱，或不属于这次会议", "there is no such box, or it is of another meeting")
	ErrBoxNumber  = fault.Bad("number", "assembly.box_number", "请填票箱编号，最多 40 字", "give the box's number, at most 40 characters")
	ErrBoxTwice   = fault.New(fault.Conflict, "assembly.box_twice", "这个编号的票箱已登记", "a box of this number is recorded already")
	ErrSeals      = fault.Bad("seals", "assembly.seals", "请填封条编号，一至二十个，不得重复", "give the numbers of the seals, one to twenty, each once")
	ErrWitnesses  = fault.Bad("witnesses", "assembly.witnesses", "须有两名不同的见证人：本次会议工作人员、名册中的业主或召集人，物业人员除外", "two different witnesses are needed: of the team, of the roll or conveners, and no company staff")
	ErrSealedAt   = fault.Bad("sealed", "assembly.sealed_at", "封箱时间应在表决开始之后、登记之前", "the box was sealed after voting opened and before this is recorded")
	ErrBoxOpened  = fault.New(fault.Conflict, "assembly.box_opened", "这个票箱已开启登记", "the opening of this box is recorded already")
	ErrBoxEarly   = fault.New(fault.Conflict, "assembly.box_early", "表决到 {day} 24:00 截止，此前票箱保持封存", "voting lasts until 24:00 of {day}; the box stays sealed until then")
	ErrBoxFound   = fault.Bad("sheets", "assembly.box_found", "请填箱内票数", "give the number of sheets found in the box")
	ErrBoxNote    = fault.Bad("note", "assembly.box_note", "封条与登记不符或缺失的，请说明情况", "say what happened where the seals are not those recorded")
	ErrBoxShut    = fault.New(fault.Conflict, "assembly.box_shut", "票箱的开启尚未登记", "the box was not recorded as opened")
	ErrBoxBroken  = fault.New(fault.Refused, "assembly.box_broken", "票箱的封条与登记不符，箱内的票在截止后不能登记", "the seals of the box were not those recorded; its sheets are not taken after the closing")
	ErrBoxFull    = fault.New(fault.Conflict, "assembly.box_full", "从这个票箱登记的票已达开箱时清点的 {n} 张", "all {n} sheets that were found in this box are recorded")
	ErrBoxesShut  = fault.New(fault.Conflict, "assembly.boxes_shut", "还有 {n} 个封存的票箱没有登记开启，不能公布初步结果", "{n} sealed boxes are not recorded as opened; the preliminary result waits for them")
	ErrBoxesUntil = fault.New(fault.Conflict, "assembly.box_until", "票箱须在表决期间登记", "a box is recorded while ballots are taken")
)

// Box is a ballot box that was sealed before the closing, with its opening.
type Box struct {
	ID        string      `json:"id"`
	Number    string      `json:"number"`
	Seals     []string    `json:"seals"`
	Witnesses []string    `json:"witnesses" doc:"persons who saw it sealed"`
	Names     []string    `json:"witness_names"`
	Sealed    day.Instant `json:"sealed" doc:"when it was sealed"`
	At        day.Instant `json:"at" doc:"when that was recorded"`
	Blob      string      `json:"blob,omitempty"`
	Opened    day.Instant `json:"opened" doc:"0 while it is shut"`
	OpenedBy  []string    `json:"opened_by" doc:"the two who opened it"`
	Openers   []string    `json:"opener_names"`
	Seen      []string    `json:"seals_seen" doc:"seals as they were at the opening"`
	Intact    bool        `json:"intact" doc:"they are those recorded"`
	Sheets    int64       `json:"sheets" doc:"found in it"`
	Taken     int64       `json:"taken" doc:"of these, recorded as returned"`
	Note      string      `json:"note,omitempty"`
}

const boxColumns = `b.id, b.number, b.seals, b.witness_a, b.witness_b, b.sealed, b.at, b.blob, b.opened, b.opened_by, b.second, b.seals_seen, b.intact, b.sheets, b.note, (select count(*) from assembly_sheet s where s.box = b.id)`

func scanBox(r interface{ Scan(...any) error }) (b Box, err error) {
	var seals, seen, wa, wb, oa, ob string
	err = r.Scan(&b.ID, &b.Number, &seals, &wa, &wb, &b.Sealed, &b.At, &b.Blob, &b.Opened, &oa, &ob, &seen, &b.Intact, &b.Sheets, &b.Note, &b.Taken)
	b.Seals, b.Seen = lines(seals), lines(seen)
	b.Witnesses, b.OpenedBy, b.Names, b.Openers = []string{wa, wb}, []string{}, []string{}, []string{}
	if oa != "" {
		b.OpenedBy = []string{oa, ob}
	}
	return b, err
}

func lines(s string) []string {
	if s == "" {
		return []string{}
	}
	return strings.Split(s, "\n")
}

func (h *Hall) box(ctx context.Context, q store.Queryer, m Meeting, id string) (Box, error) {
	b, err := scanBox(q.QueryRow(ctx, `select `+boxColumns+` from assembly_box b where b.meeting = $1 and (b.id = $2 or b.number = $2)`, m.ID, id))
	if errors.Is(err, sql.ErrNoRows) {
		return b, ErrBox
	}
	return b, err
}

func (h *Hall) boxNames(ctx context.Context, q store.Queryer, b *Box) error {
	for _, x := range []struct {
		ids []string
		to  *[]string
	}{{b.Witnesses, &b.Names}, {b.OpenedBy, &b.Openers}} {
		for _, id := range x.ids {
			name, err := h.on.Register.PersonName(ctx, q, id)
			if err != nil {
				return err
			}
			*x.to = append(*x.to, name)
		}
	}
	return nil
}

// readSeals takes the numbers of seals in any order and case.
func readSeals(in []string) ([]string, error) {
	out := []string{}
	for _, s := range in {
		s = strings.ToUpper(strings.Join(strings.Fields(s), ""))
		if s == "" || utf8.RuneCountInString(s) > 40 || slices.Contains(out, s) {
			return nil, ErrSeals
		}
		out = append(out, s)
	}
	if len(out) > 20 {
		return nil, ErrSeals
	}
	slices.Sort(out)
	return out, nil
}

// witnesses makes sure of two different persons of the meeting: named in its team, on its roll, or with the convener's post;
// nobody of the property company.
func (h *Hall) witnesses(ctx context.Context, tx *store.Tx, m Meeting, two []string) error {
	if len(two) != 2 || two[0] == two[1] {
		return ErrWitnesses
	}
	for _, p := range two {
		if p == "" {
			return ErrWitnesses
		}
		company, err := h.isCompany(ctx, tx, p, today(tx))
		if err != nil {
			return err
		}
		n, err := store.Count(ctx, tx, `select (select count(*) from assembly_team where meeting = $1 and person = $2 and ended = 0) + (select count(*) from assembly_voter where meeting = $1 and person = $2 and ended = 0)`, m.ID, p)
		if err != nil {
			return err
		}
		if n == 0 {
			grants, err := h.on.Register.Grants(ctx, tx, p, today(tx))
			if err != nil {
				return err
			}
			if h.convenes(access.Who{Account: "x", Grants: grants}, m) != nil {
				return ErrWitnesses
			}
		}
		if company {
			return ErrWitnesses
		}
	}
	return nil
}

// Sealing is how a box was sealed.
type Sealing struct {
	Number    string      `json:"number" maxLength:"40"`
	Seals     []string    `json:"seals" maxItems:"20"`
	Witnesses []string    `json:"witnesses" maxItems:"2" doc:"two person ids"`
	Sealed    day.Instant `json:"sealed,omitempty" doc:"when; 0 is now"`
	Blob      string      `json:"blob,omitempty" maxLength:"40" doc:"picture of the sealed box"`
}

// SealBox records, while ballots are taken, that a box with paper ballots was sealed: who takes sheets back does. It is a
// public record at once, so that nobody can seal one afterwards. The same box again is refused.
func (h *Hall) SealBox(ctx context.Context, who access.Who, id string, in Sealing) (b Box, err error) {
	in.Number = strings.TrimSpace(in.Number)
	err = h.late(ctx, id, h.db.Write(ctx, func(tx *store.Tx) error {
		m, err := h.meeting(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := h.hands(ctx, tx, who, m); err != nil {
			return err
		}
		if err := h.taking(ctx, tx, m, tx.Now, "paper"); err != nil {
			return err
		}
		if in.Number == "" || utf8.RuneCountInString(in.Number) > 40 || strings.ContainsAny(in.Number, "\n/") {
			return ErrBoxNumber
		}
		seals, err := readSeals(in.Seals)
		if err != nil || len(seals) == 0 {
			return ErrSeals
		}
		if err := h.witnesses(ctx, tx, m, in.Witnesses); err != nil {
			return err
		}
		if in.Sealed == 0 {
			in.Sealed = tx.Now
		}
		if in.Sealed < m.Opens || in.Sealed > tx.Now {
			return ErrSealedAt
		}
		b = Box{ID: tx.NewID(), Number: in.Number, Seals: seals, Witnesses: in.Witnesses, Names: []string{}, Sealed: in.Sealed, At: tx.Now, Blob: in.Blob, OpenedBy: []string{}, Openers: []string{}, Seen: []string{}}
		n, err := tx.Exec(ctx, `insert into assembly_box (id, meeting, number, seals, witness_a, witness_b, sealed, at, by_person, blob, opened, opened_by, second, seals_seen, intact, sheets, note)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, '', '', '', $11, 0, '') on conflict (meeting, number) do nothing`,
			b.ID, m.ID, b.Number, strings.Join(seals, "\n"), in.Witnesses[0], in.Witnesses[1], int64(b.Sealed), int64(b.At), who.Person, b.Blob, false)
		if err != nil {
			return err
		}
		if n == 0 {
			return ErrBoxTwice
		}
		if err := h.bind(ctx, tx, who, in.Blob, m.Ref(), m); err != nil {
			return err
		}
		if err := h.public(ctx, tx, m, "assembly.box_sealed", map[string]any{"meeting": m.Number, "box": b.Number, "seals": seals, "sealed": b.Sealed}); err != nil {
			return err
		}
		if err := h.event(ctx, tx, who, nil, m, "box_sealed", "", map[string]any{"box": b.Number, "seals": seals, "sealed": b.Sealed, "witnesses": in.Witnesses}); err != nil {
			return err
		}
		return h.boxNames(ctx, tx, &b)
	}))
	return b, err
}

// Unsealing is how a box was found and opened. No seals at all: none was left, or the box is lost.
type Unsealing struct {
	Seals  []string `json:"seals" maxItems:"20" doc:"their numbers as they are at the opening"`
	Second string   `json:"second" maxLength:"40" doc:"person id of who opens it with the caller"`
	Sheets int64    `json:"sheets" minimum:"0" maximum:"100000" doc:"found in it"`
	Note   string   `json:"note,omitempty" maxLength:"500" doc:"needed where the seals are not those recorded"`
	Blob   string   `json:"blob,omitempty" maxLength:"40"`
}

// OpenBox records that two people opened a box, with the seals as they found them and how many sheets lay in it: after the
// closing and before the preliminary result. Where the seals are those recorded its sheets may be recorded as returned even after the closing, and
// not more of them than were found.
func (h *Hall) OpenBox(ctx context.Context, who access.Who, id, box string, in Unsealing) (b Box, err error) {
	in.Note = strings.TrimSpace(in.Note)
	err = h.db.Write(ctx, func(tx *store.Tx) error {
		m, err := h.meeting(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := h.hands(ctx, tx, who, m); err != nil {
			return err
		}
		if err := m.in(Noticed, Voting, Closed); err != nil {
			return err
		}
		if m.State != Closed && tx.Now < m.Closes {
			return ErrBoxEarly.Fill("day", (m.Closes - 1).Day(day.Shanghai))
		}
		if b, err = h.box(ctx, tx, m, box); err != nil {
			return err
		}
		if b.Opened != 0 {
			return ErrBoxOpened
		}
		if err := h.witnesses(ctx, tx, m, []string{who.Person, in.Second}); err != nil {
			return err
		}
		if b.Seen, err = readSeals(in.Seals); err != nil {
			return err
		}
		b.Intact = slices.Equal(b.Seen, b.Seals)
		if !b.Intact && in.Note == "" || utf8.RuneCountInString(in.Note) > 500 {
			return ErrBoxNote
		}
		if in.Sheets < 0 || in.Sheets > 100_000 {
			return ErrBoxFound
		}
		b.Opened, b.OpenedBy, b.Sheets, b.Note = tx.Now, []string{who.Person, in.Second}, in.Sheets, in.Note
		n, err := tx.Exec(ctx, `update assembly_box set opened = $1, opened_by = $2, second = $3, seals_seen = $4, intact = $5, sheets = $6, note = $7 where id = $8 and opened = 0`,
			int64(b.Opened), who.Person, in.Second, strings.Join(b.Seen, "\n"), b.Intact, b.Sheets, b.Note, b.ID)
		if err != nil {
			return err
		}
		if n == 0 {
			return ErrBoxOpened
		}
		if err := h.bind(ctx, tx, who, in.Blob, m.Ref(), m); err != nil {
			return err
		}
		if err := h.public(ctx, tx, m, "assembly.box_opened", map[string]any{"meeting": m.Number, "box": b.Number, "seals": b.Seen, "intact": b.Intact, "sheets": b.Sheets}); err != nil {
			return err
		}
		if err := h.event(ctx, tx, who, nil, m, "box_opened", in.Note, map[string]any{"box": b.Number, "seals": b.Seen, "intact": b.Intact, "n": b.Sheets, "openers": b.OpenedBy}); err != nil {
			return err
		}
		return h.boxNames(ctx, tx, &b)
	})
	return b, err
}

// Boxes lists the boxes of a meeting to those who take sheets back, to the street and to scrutineers.
func (h *Hall) Boxes(ctx context.Context, who access.Who, id string) (out []Box, err error) {
	err = h.db.View(ctx, func(q store.Queryer) error {
		m, err := h.meeting(ctx, q, id)
		if err != nil {
			return err
		}
		if err := h.hands(ctx, q, who, m); err != nil && who.May(Oversee, m.Path) != nil {
			if _, serr := h.acts(ctx, q, who, m, Scrutineer); serr != nil {
				return err
			}
		}
		out, err = store.All(ctx, q, func(r *sql.Rows) (Box, error) { return scanBox(r) }, `select `+boxColumns+` from assembly_box b where b.meeting = $1 order by b.id limit 1000`, m.ID)
		for i := range out {
			if err == nil {
				err = h.boxNames(ctx, q, &out[i])
			}
		}
		return err
	})
	return out, err
}

// outOf checks that a sheet may be recorded as out of a box: opened by two, with the seals recorded, and not more sheets than
// were found. It gives the time of its sealing, before which the sheet was put in.
func (h *Hall) outOf(ctx context.Context, tx *store.Tx, m Meeting, box string) (b Box, err error) {
	if err := m.in(Noticed, Voting, Closed); err != nil {
		return b, err
	}
	if b, err = h.box(ctx, tx, m, box); err != nil {
		return b, err
	}
	switch {
	case b.Opened == 0:
		return b, ErrBoxShut
	case !b.Intact:
		return b, ErrBoxBroken
	case b.Taken >= b.Sheets:
		return b, ErrBoxFull.Fill("n", b.Sheets)
	case !slices.Contains(m.Channels, "paper"):
		return b, ErrChannel
	}
	return b, nil
}

// shutBoxes counts the boxes whose opening is not recorded: the preliminary result waits for them.
func (h *Hall) shutBoxes(ctx context.Context, q store.Queryer, meeting string) (int64, error) {
	return store.Count(ctx, q, `select count(*) from assembly_box where meeting = $1 and opened = 0`, meeting)
}
