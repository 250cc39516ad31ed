package assembly

import (
	"context"
	"database/sql"
	"errors"
	"strings"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/platform/access"
	"cuobian/platform/store"
)

// Faults of mandates (R27).
var (
	ErrLetter       = fault.Bad("letter_blob", "assembly.letter", "请附书面委托书", "attach the written mandate")
	ErrHolder       = fault.Bad("holder", "assembly.holder", "请选择登记在册的受托人；业主不能委托自己", "choose a holder on the register, other than a voter of this right")
	ErrTooMany      = fault.New(fault.Refused, "assembly.proxies", "R27 一人受托不超过 {n} 份", "R27: one holder has at most {n} mandates")
	ErrCompanyProxy = fault.New(fault.Refused, "assembly.company_proxy", "R27 物业服务企业人员不得受托投票", "R27: the property company's staff may not be proxies")
	ErrHasProxy     = fault.New(fault.Conflict, "assembly.has_proxy", "这个表决权已有有效委托，请先撤销", "this right has a standing mandate; revoke it first")
)

// Mandate is a written proxy.
type Mandate struct {
	ID       string      `json:"id"`
	Right    int64       `json:"right"`
	Label    string      `json:"label,omitempty"`
	Holder   string      `json:"holder"`
	Name     string      `json:"holder_name,omitempty"`
	At       day.Instant `json:"at"`
	Ended    day.Instant `json:"ended"`
	EndedWhy string      `json:"ended_why,omitempty"`
}

func scanMandate(r *sql.Rows) (x Mandate, err error) {
	err = r.Scan(&x.ID, &x.Right, &x.Holder, &x.At, &x.Ended, &x.EndedWhy)
	return x, err
}

const mandateColumns = `id, right_no, holder, at, ended, ended_why`

func (h *Hall) isCompany(ctx context.Context, q store.Queryer, person string, on day.Day) (bool, error) {
	n, err := store.Count(ctx, q, `select count(*) from people_v_term where person = $1 and post in ('property_manager', 'property_staff') and from_day <= $2 and (to_day = '' or to_day >= $2)`, person, on)
	return n > 0, err
}

// Mandate records a written proxy: a voter of the right gives it, or the convener records the letter. What the preset bounds
// is refused (R27).
func (h *Hall) Mandate(ctx context.Context, who access.Who, id string, right int64, holder, letter string) (out Mandate, err error) {
	err = h.db.Write(ctx, func(tx *store.Tx) error {
		m, err := h.meeting(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := h.sees(ctx, tx, who, m); err != nil {
			return err
		}
		if h.convenes(who, m) != nil {
			if err := h.mayCast(ctx, tx, m, right, who.Person, ""); err != nil {
				return err
			}
		}
		if err := m.mandates(tx.Now); err != nil {
			return err
		}
		if letter == "" {
			return ErrLetter
		}
		if _, err := h.votesOn(ctx, tx, m, right); err != nil {
			return err
		}
		out = Mandate{ID: tx.NewID(), Right: right, Holder: holder, At: tx.Now}
		if out.Name, err = h.entrusted(ctx, tx, m, out.ID, right, holder); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `insert into assembly_proxy (id, meeting, right_no, holder, letter, by_person, at, ended, ended_why) values ($1, $2, $3, $4, $5, $6, $7, 0, '')`,
			out.ID, m.ID, right, holder, letter, who.Person, int64(tx.Now)); err != nil {
			return err
		}
		if err := h.bind(ctx, tx, who, letter, "assembly-proxies/"+out.ID, m); err != nil {
			return err
		}
		return h.note(ctx, tx, who, m, "proxy", map[string]any{"right": right, "holder": holder, "letter": letter})
	})
	return out, err
}

// lastGiven keeps the order of mandates when the clock went back.
func lastGiven(list []Mandate) (at day.Instant) {
	for _, x := range list {
		at = max(at, x.At)
	}
	return at
}

// Revoke ends a mandate: a voter of the right, or the convener with the letter of revocation. What the holder cast before
// stays a ballot of the right; the owner's own counts by the rule of first or last.
func (h *Hall) Revoke(ctx context.Context, who access.Who, id, proxy, why string) (out Mandate, err error) {
	if why = strings.TrimSpace(why); why == "" {
		return out, ErrReason
	}
	err = h.db.Write(ctx, func(tx *store.Tx) error {
		m, err := h.meeting(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := h.sees(ctx, tx, who, m); err != nil {
			return err
		}
		list, err := store.All(ctx, tx, scanMandate, `select `+mandateColumns+` from assembly_proxy where meeting = $1 and id = $2`, m.ID, proxy)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			return ErrMissing
		}
		out = list[0]
		if h.convenes(who, m) != nil {
			if err := h.mayCast(ctx, tx, m, out.Right, who.Person, ""); err != nil {
				return err
			}
		}
		if out.Ended != 0 {
			return nil
		}
		out.Ended, out.EndedWhy = tx.Now, why
		if _, err := tx.Exec(ctx, `update assembly_proxy set ended = $1, ended_why = $2 where id = $3`, int64(tx.Now), why, proxy); err != nil {
			return err
		}
		return h.note(ctx, tx, who, m, "proxy_revoked", map[string]any{"right": out.Right, "why": why})
	})
	return out, err
}

// Mandates lists proxies: all of them to the convener and the street, to others those they gave or hold.
func (h *Hall) Mandates(ctx context.Context, who access.Who, id string) ([]Mandate, error) {
	m, err := h.meeting(ctx, h.db, id)
	if err != nil {
		return nil, err
	}
	if err := h.sees(ctx, h.db, who, m); err != nil {
		return nil, err
	}
	all := h.convenes(who, m) == nil || who.May(Oversee, m.Path) == nil
	list, err := store.All(ctx, h.db, scanMandate, `select `+mandateColumns+` from assembly_proxy p where meeting = $1 and ($2 or holder = $3
 or exists (select 1 from assembly_voter v where v.meeting = p.meeting and v.right_no = p.right_no and v.person = $3 and v.ended = 0)) order by id limit 2000`, m.ID, all, who.Person)
	if err != nil {
		return nil, err
	}
	for i := range list {
		if list[i].Name, err = h.on.Register.PersonName(ctx, h.db, list[i].Holder); err != nil {
			return nil, err
		}
		if list[i].Label, err = h.label(ctx, h.db, m.ID, list[i].Right); err != nil {
			return nil, err
		}
	}
	if list == nil {
		list = []Mandate{}
	}
	return list, nil
}

// ProxySight decides who sees the letter of a mandate: its holder, the voters of its right, the convener, and scrutineers
// once voting is over.
func (h *Hall) ProxySight(ctx context.Context, who access.Who, proxy string) error {
	var id, holder string
	var right int64
	err := h.db.QueryRow(ctx, `select meeting, holder, right_no from assembly_proxy where id = $1`, proxy).Scan(&id, &holder, &right)
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
	if who.Person != "" && who.Person == holder || h.convenes(who, m) == nil || h.mayCast(ctx, h.db, m, right, who.Person, "") == nil {
		return nil
	}
	return h.watches(ctx, h.db, who, m)
}
