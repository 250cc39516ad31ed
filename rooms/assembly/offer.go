package assembly

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/platform/access"
	"cuobian/platform/seal"
	"cuobian/platform/store"
	"cuobian/rooms/assembly/ballot"
	"cuobian/rooms/assembly/bundle"
	"cuobian/rooms/outreach"
	"cuobian/rooms/place"
)

// States of a mandate that is given by phone.
const (
	OfferOpen      = "offered"   // 等待受托人接受
	OfferAccepted  = "accepted"  // 已接受
	OfferDeclined  = "declined"  // 受托人没有接受
	OfferWithdrawn = "withdrawn" // 委托人撤回
	OfferEnded     = "ended"     // 接受后被撤销或辞去
	OfferLapsed    = "lapsed"    // 表决截止仍未接受
)

const (
	maxOffers = 10 // of one right in one meeting: each may send a message to somebody
	// OfferForm is the first line of a mandate's text, which the owner's device signs.
	OfferForm = "cuobian mandate 1"
)

// Faults of mandates by phone.
var (
	ErrOfferHolder = fault.Bad("phone", "assembly.offer_holder", "请填受托人的手机号，或者房号加姓名，两种方式选一种", "give the holder's telephone number, or a home and a name: one of the two")
	ErrOfferPhone  = fault.Bad("phone", "assembly.offer_phone", "手机号的格式不对", "this is not the form of a telephone number")
	ErrOffered     = fault.New(fault.Conflict, "assembly.offered", "这个表决权的委托还在等待接受，请先撤回", "a mandate of this right waits to be accepted; take it back first")
	ErrOffers      = fault.New(fault.TooMany, "assembly.offers", "这个表决权发出的委托太多，请改用书面委托", "too many mandates were offered for this right; please use a written one")
	ErrOfferState  = fault.New(fault.Conflict, "assembly.offer_state", "这份委托目前不能做这一步", "this step cannot be taken with the mandate as it stands")
)

// Offering is a mandate as an owner gives it by phone. Either Phone, or Home and Name; a name beside a number must be the
// number's. Where the meeting's ballots are signed by devices the mandate is too: the signature is over Text.
type Offering struct {
	Right     int64  `json:"right"`
	Name      string `json:"name,omitempty" maxLength:"40" doc:"the holder's whole name; needed with a home"`
	Phone     string `json:"phone,omitempty" maxLength:"30"`
	Home      string `json:"home,omitempty" maxLength:"80" doc:"a home of this compound with its building, as people write it: 3幢502, 3-2-502"`
	Device    string `json:"device,omitempty" maxLength:"40"`
	Signature string `json:"signature,omitempty" maxLength:"200" doc:"base64: ECDSA P-256 with SHA-256 over the mandate's text: the lines 'cuobian mandate 1', meeting id, right, name, phone, home, each as sent and each with a line feed behind it"`
}

// Text is what the owner's device signs.
func (o Offering) Text(meeting string) string {
	return strings.Join([]string{OfferForm, meeting, strconv.FormatInt(o.Right, 10), o.Name, o.Phone, o.Home, ""}, "\n")
}

// MyProxy is a mandate that the caller gave or was asked to take. Its answer is the same whether or not the register knows
// the holder: only an acceptance tells.
type MyProxy struct {
	ID      string      `json:"id"`
	Meeting string      `json:"meeting"`
	Number  string      `json:"number"`
	Title   string      `json:"title"`
	Closes  day.Instant `json:"closes"`
	Right   int64       `json:"right"`
	Label   string      `json:"label"`
	Side    string      `json:"side" enum:"given,held"`
	State   string      `json:"state" enum:"offered,accepted,declined,withdrawn,ended,lapsed"`
	Way     string      `json:"way" enum:"phone,paper"`
	Name    string      `json:"name" doc:"of the other side: of a given one the holder as typed until accepted; of a held one the owner, family name alone until accepted"`
	Phone   string      `json:"phone,omitempty" doc:"as typed, masked; of given ones"`
	Home    string      `json:"home,omitempty" doc:"as typed; of given ones"`
	At      day.Instant `json:"at"`
	Ended   day.Instant `json:"ended"`
	Why     string      `json:"ended_why,omitempty"`
}

type offer struct {
	ID, Meeting      string
	Right            int64
	By, Holder, Name string
	Said             []byte
	Phone            bool
	State            string
	At, Ended        day.Instant
	Why              string
}

const offerColumns = `o.id, o.meeting, o.right_no, o.by_person, o.holder, o.name, o.said, o.phone, o.state, o.at, o.ended, o.why`

func scanOffer(r interface{ Scan(...any) error }) (o offer, err error) {
	err = r.Scan(&o.ID, &o.Meeting, &o.Right, &o.By, &o.Holder, &o.Name, &o.Said, &o.Phone, &o.State, &o.At, &o.Ended, &o.Why)
	return o, err
}

// mandates says whether mandates of a meeting are given and taken now: after its roll is posted and before the last instant.
func (m Meeting) mandates(now day.Instant) error {
	if err := m.in(Posted, Noticed, Voting); err != nil {
		return err
	}
	if m.Closes != 0 && now >= m.Closes {
		return ErrOver
	}
	if !slices.Contains(m.Channels, "proxy") {
		return ErrChannel
	}
	return nil
}

func (o *Offering) check() error {
	o.Name, o.Home = strings.TrimSpace(o.Name), strings.TrimSpace(o.Home)
	if strings.ContainsAny(o.Name+o.Phone+o.Home, "\n\r") || utf8.RuneCountInString(o.Name) > 40 || utf8.RuneCountInString(o.Home) > 80 {
		return ErrOfferHolder
	}
	if (o.Phone == "") == (o.Home == "") || o.Home != "" && o.Name == "" {
		return ErrOfferHolder
	}
	if p := seal.Normal(seal.Phone, o.Phone); o.Phone != "" && (len(p) < 7 || len(p) > 20) {
		return ErrOfferPhone
	}
	return nil
}

// Offer gives a mandate by phone (R27): a voter of the right names the holder by telephone number, or by home and name. The
// holder gets a message and accepts; only then it stands, and only then its limits are looked at, so that the answer here is
// the same for somebody known, somebody unknown and somebody who may not. Faults: ErrOfferHolder, ErrOfferPhone, ErrOffered,
// ErrHasProxy, ErrOffers, ErrDevice, ErrSignature, ErrPaperOnly.
func (h *Hall) Offer(ctx context.Context, who access.Who, id string, in Offering) (out MyProxy, err error) {
	if who.Account == "" || who.Person == "" {
		return out, access.ErrSignIn
	}
	text := in
	if err := in.check(); err != nil {
		return out, err
	}
	err = h.db.Write(ctx, func(tx *store.Tx) error {
		m, err := h.meeting(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := h.sees(ctx, tx, who, m); err != nil {
			return err
		}
		if err := h.mayCast(ctx, tx, m, in.Right, who.Person, ""); err != nil {
			return err
		}
		if err := m.mandates(tx.Now); err != nil {
			return err
		}
		if _, err := h.votesOn(ctx, tx, m, in.Right); err != nil {
			return err
		}
		switch m.Sign {
		case "none":
			return ErrPaperOnly
		case "device":
			key, err := h.device(ctx, tx, in.Device, who.Person)
			if err != nil {
				return err
			}
			if !bundle.Signed(key, text.Text(m.ID), in.Signature) {
				return ErrSignature
			}
		}
		for _, x := range []struct {
			query string
			most  int64
			fault error
		}{
			{`select count(*) from assembly_offer where meeting = $1 and right_no = $2 and state = 'offered'`, 1, ErrOffered},
			{`select count(*) from assembly_proxy where meeting = $1 and right_no = $2 and ended = 0`, 1, ErrHasProxy},
			{`select count(*) from assembly_offer where meeting = $1 and right_no = $2`, maxOffers, ErrOffers},
		} {
			n, err := store.Count(ctx, tx, x.query, m.ID, in.Right)
			if err != nil {
				return err
			}
			if n >= x.most {
				return x.fault
			}
		}
		holder, err := h.meant(ctx, tx, m, in)
		if err != nil {
			return err
		}
		o := offer{ID: tx.NewID(), Meeting: m.ID, Right: in.Right, By: who.Person, Holder: holder, Name: in.Name, Phone: in.Phone != "", State: OfferOpen, At: tx.Now}
		o.Said = h.ring.Seal("assembly_offer", "said", o.ID, in.Phone+in.Home)
		if _, err := tx.Exec(ctx, `insert into assembly_offer (id, meeting, right_no, by_person, holder, name, said, phone, device, signature, state, at, ended, why) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 0, '')`,
			o.ID, m.ID, o.Right, o.By, o.Holder, o.Name, o.Said, o.Phone, in.Device, in.Signature, o.State, int64(o.At)); err != nil {
			return err
		}
		if err := h.note(ctx, tx, who, m, "proxy_offer", map[string]any{"right": in.Right}); err != nil {
			return err
		}
		if holder != "" && holder != who.Person && h.on.Office != nil {
			where, err := h.on.Map.Words(ctx, tx, m.Path)
			if err != nil && !fault.IsKind(err, fault.Missing) {
				return err
			}
			if err := h.on.Office.Tell(ctx, tx, outreach.Message{To: []outreach.To{{Person: holder}}, Template: "assembly.proxy", Ref: m.Ref(), Path: m.Path,
				Words: map[string]string{"place": where, "title": m.Title}}); err != nil {
				return err
			}
		}
		out, err = h.mine(ctx, tx, m, o, who.Person)
		return err
	})
	return out, err
}

// meant finds the one person that an owner names; "" when there is none, or several.
func (h *Hall) meant(ctx context.Context, q store.Queryer, m Meeting, in Offering) (string, error) {
	if in.Phone != "" {
		id, name, err := h.on.Register.PersonOfPhone(ctx, q, in.Phone)
		if err != nil || in.Name != "" && name != in.Name {
			return "", err
		}
		return id, nil
	}
	homes, err := h.on.Map.Search(ctx, q, in.Home, 5, place.Home, m.Path)
	if err != nil {
		return "", err
	}
	var found []string
	for _, n := range homes {
		some, err := store.Texts(ctx, q, `select p.id from people_v_person p where p.status = '' and p.name = $1 and p.id in
(select person from people_v_title where node = $2 and to_day = '' union select person from people_v_household where node = $2 and to_day = '')`, in.Name, n.ID)
		if err != nil {
			return "", err
		}
		found = append(found, some...)
	}
	slices.Sort(found)
	if found = slices.Compact(found); len(found) != 1 {
		return "", nil
	}
	return found[0], nil
}

// mine is an offer as one of its two sides sees it.
func (h *Hall) mine(ctx context.Context, q store.Queryer, m Meeting, o offer, person string) (x MyProxy, err error) {
	x = MyProxy{ID: o.ID, Meeting: m.ID, Number: m.Number, Title: m.Title, Closes: m.Closes, Right: o.Right, Side: "given", State: o.State, Way: "phone", At: o.At, Ended: o.Ended, Why: o.Why}
	if x.Label, err = h.label(ctx, q, m.ID, o.Right); err != nil {
		return x, err
	}
	if o.State == OfferOpen && (m.in(Posted, Noticed, Voting) != nil || m.Closes != 0 && h.db.Now() >= m.Closes) {
		x.State = OfferLapsed
	}
	if o.State == OfferAccepted {
		err := q.QueryRow(ctx, `select ended, ended_why from assembly_proxy where id = $1`, o.ID).Scan(&x.Ended, &x.Why)
		if err != nil {
			return x, err
		}
		if x.Ended != 0 {
			x.State = OfferEnded
		}
	}
	if o.Holder == person && o.Holder != "" && o.By != person {
		x.Side = "held"
		if x.Name, err = h.on.Register.PersonName(ctx, q, o.By); err != nil {
			return x, err
		}
		if o.State != OfferAccepted {
			x.Name = seal.MaskName(x.Name)
		}
		return x, nil
	}
	said, err := h.ring.Open("assembly_offer", "said", o.ID, o.Said)
	if err != nil {
		return x, err
	}
	if x.Home = said; o.Phone {
		x.Home, x.Phone = "", seal.Mask(seal.Phone, said)
	}
	x.Name = o.Name
	if o.State == OfferAccepted {
		x.Name, err = h.on.Register.PersonName(ctx, q, o.Holder)
	}
	return x, err
}

// MyProxies lists the mandates that the caller gave or was asked to take, newest first: of one meeting, or of all when id is
// "". Mandates on paper are there too.
func (h *Hall) MyProxies(ctx context.Context, who access.Who, id string) ([]MyProxy, error) {
	if who.Account == "" || who.Person == "" {
		return nil, access.ErrSignIn
	}
	out := []MyProxy{}
	err := h.db.View(ctx, func(q store.Queryer) error {
		meetings := map[string]Meeting{}
		at := func(id string) (m Meeting, err error) {
			if m, known := meetings[id]; known {
				return m, nil
			}
			m, err = h.meeting(ctx, q, id)
			meetings[m.ID] = m
			return m, err
		}
		if id != "" {
			m, err := at(id)
			if err != nil {
				return err
			}
			if err := h.sees(ctx, q, who, m); err != nil {
				return err
			}
			id = m.ID
		}
		offers, err := store.All(ctx, q, func(r *sql.Rows) (offer, error) { return scanOffer(r) }, `select `+offerColumns+` from assembly_offer o where ($2 = '' or o.meeting = $2) and (o.by_person = $1 or o.holder = $1
 or exists (select 1 from assembly_voter v where v.meeting = o.meeting and v.right_no = o.right_no and v.person = $1 and v.ended = 0)) order by o.id desc limit 200`, who.Person, id)
		if err != nil {
			return err
		}
		for _, o := range offers {
			m, err := at(o.Meeting)
			if err != nil {
				return err
			}
			x, err := h.mine(ctx, q, m, o, who.Person)
			if err != nil {
				return err
			}
			out = append(out, x)
		}
		type letter struct {
			Mandate
			meeting string
		}
		letters, err := store.All(ctx, q, func(r *sql.Rows) (x letter, err error) {
			err = r.Scan(&x.meeting, &x.ID, &x.Right, &x.Holder, &x.At, &x.Ended, &x.EndedWhy)
			return x, err
		}, `select p.meeting, p.id, p.right_no, p.holder, p.at, p.ended, p.ended_why from assembly_proxy p where p.letter <> '' and ($2 = '' or p.meeting = $2) and (p.holder = $1
 or exists (select 1 from assembly_voter v where v.meeting = p.meeting and v.right_no = p.right_no and v.person = $1 and v.ended = 0)) order by p.id desc limit 200`, who.Person, id)
		if err != nil {
			return err
		}
		for _, l := range letters {
			m, err := at(l.meeting)
			if err != nil {
				return err
			}
			x := MyProxy{ID: l.ID, Meeting: m.ID, Number: m.Number, Title: m.Title, Closes: m.Closes, Right: l.Right, Side: "given", State: OfferAccepted, Way: "paper", At: l.At, Ended: l.Ended, Why: l.EndedWhy}
			if l.Ended != 0 {
				x.State = OfferEnded
			}
			if x.Label, err = h.label(ctx, q, m.ID, l.Right); err != nil {
				return err
			}
			if x.Name, err = h.on.Register.PersonName(ctx, q, l.Holder); err != nil {
				return err
			}
			if l.Holder == who.Person {
				x.Side, x.Name = "held", ""
			}
			out = append(out, x)
		}
		slices.SortStableFunc(out, func(a, b MyProxy) int { return strings.Compare(b.ID, a.ID) })
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// offered reads an offer of a meeting inside a write. Whoever is neither side finds none.
func (h *Hall) offered(ctx context.Context, q store.Queryer, who access.Who, id, proxy string) (m Meeting, o offer, err error) {
	if who.Account == "" || who.Person == "" {
		return m, o, access.ErrSignIn
	}
	if m, err = h.meeting(ctx, q, id); err != nil {
		return m, o, err
	}
	o, err = scanOffer(q.QueryRow(ctx, `select `+offerColumns+` from assembly_offer o where o.meeting = $1 and o.id = $2`, m.ID, proxy))
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrMissing
	}
	return m, o, err
}

// Accept makes an offer a mandate: the holder does, and nobody else. What the preset bounds is refused here (R27). The same
// again changes nothing.
func (h *Hall) Accept(ctx context.Context, who access.Who, id, proxy string) (out MyProxy, err error) {
	err = h.db.Write(ctx, func(tx *store.Tx) error {
		m, o, err := h.offered(ctx, tx, who, id, proxy)
		if err != nil {
			return err
		}
		if o.Holder != who.Person {
			return ErrMissing
		}
		if o.State == OfferAccepted {
			out, err = h.mine(ctx, tx, m, o, who.Person)
			return err
		}
		if o.State != OfferOpen {
			return ErrOfferState
		}
		if err := m.mandates(tx.Now); err != nil {
			return err
		}
		if err := h.mayCast(ctx, tx, m, o.Right, o.By, ""); err != nil { // who gave it may have sold since
			return err
		}
		if _, err := h.entrusted(ctx, tx, m, o.ID, o.Right, o.Holder); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `insert into assembly_proxy (id, meeting, right_no, holder, letter, by_person, at, ended, ended_why) values ($1, $2, $3, $4, '', $5, $6, 0, '')`,
			o.ID, m.ID, o.Right, o.Holder, o.By, int64(tx.Now)); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `update assembly_offer set state = $1 where id = $2`, OfferAccepted, o.ID); err != nil {
			return err
		}
		o.State = OfferAccepted
		if err := h.note(ctx, tx, who, m, "proxy", map[string]any{"right": o.Right, "holder": o.Holder, "by": "phone"}); err != nil {
			return err
		}
		out, err = h.mine(ctx, tx, m, o, who.Person)
		return err
	})
	return out, err
}

// Decline is the holder's no, or laying down what was accepted. What was cast before stays a ballot of the right.
func (h *Hall) Decline(ctx context.Context, who access.Who, id, proxy, why string) (out MyProxy, err error) {
	return h.dismiss(ctx, who, id, proxy, why, func(q store.Queryer, m Meeting, o offer) (string, error) {
		if o.Holder != who.Person {
			return "", ErrMissing
		}
		return OfferDeclined, nil
	})
}

// TakeBack withdraws an own offer, or revokes an own mandate given by phone or on paper.
func (h *Hall) TakeBack(ctx context.Context, who access.Who, id, proxy, why string) (out MyProxy, err error) {
	out, err = h.dismiss(ctx, who, id, proxy, why, func(q store.Queryer, m Meeting, o offer) (string, error) {
		if h.mayCast(ctx, q, m, o.Right, who.Person, "") != nil {
			return "", ErrMissing
		}
		return OfferWithdrawn, nil
	})
	if !errors.Is(err, ErrMissing) || who.Person == "" {
		return out, err
	}
	m, err := h.meeting(ctx, h.db, id)
	if err != nil {
		return out, err
	}
	var right int64
	err = h.db.QueryRow(ctx, `select right_no from assembly_proxy where meeting = $1 and id = $2`, m.ID, proxy).Scan(&right)
	if errors.Is(err, sql.ErrNoRows) || err == nil && h.mayCast(ctx, h.db, m, right, who.Person, "") != nil {
		return out, ErrMissing // whose it is stays untold
	}
	if err != nil {
		return out, err
	}
	if why = strings.TrimSpace(why); why == "" {
		why = "本人撤销"
	}
	x, err := h.Revoke(ctx, who, id, proxy, why)
	if err != nil {
		return out, err
	}
	list, err := h.MyProxies(ctx, who, m.ID)
	if err != nil {
		return out, err
	}
	if i := slices.IndexFunc(list, func(p MyProxy) bool { return p.ID == x.ID }); i >= 0 {
		return list[i], nil
	}
	return out, ErrMissing
}

func (h *Hall) dismiss(ctx context.Context, who access.Who, id, proxy, why string, may func(store.Queryer, Meeting, offer) (string, error)) (out MyProxy, err error) {
	why = strings.TrimSpace(why)
	if utf8.RuneCountInString(why) > 500 {
		return out, ErrReason
	}
	err = h.db.Write(ctx, func(tx *store.Tx) error {
		m, o, err := h.offered(ctx, tx, who, id, proxy)
		if err != nil {
			return err
		}
		to, err := may(tx, m, o)
		if err != nil {
			return err
		}
		switch o.State {
		case OfferOpen:
			o.State, o.Ended, o.Why = to, tx.Now, why
			if _, err := tx.Exec(ctx, `update assembly_offer set state = $1, ended = $2, why = $3 where id = $4`, o.State, int64(o.Ended), o.Why, o.ID); err != nil {
				return err
			}
			if err := h.note(ctx, tx, who, m, "proxy_"+to, map[string]any{"right": o.Right}); err != nil {
				return err
			}
		case OfferAccepted:
			if why == "" {
				why = map[string]string{OfferDeclined: "受托人辞去", OfferWithdrawn: "本人撤销"}[to]
			}
			n, err := tx.Exec(ctx, `update assembly_proxy set ended = $1, ended_why = $2 where id = $3 and ended = 0`, int64(tx.Now), why, o.ID)
			if err != nil {
				return err
			}
			if n > 0 {
				if err := h.note(ctx, tx, who, m, "proxy_revoked", map[string]any{"right": o.Right, "why": why}); err != nil {
					return err
				}
			}
		default:
			if o.State != to {
				return ErrOfferState
			}
		}
		out, err = h.mine(ctx, tx, m, o, who.Person)
		return err
	})
	return out, err
}

// entrusted checks that a person may hold a mandate of a right (R27): known and living, no voter of it, nobody of the
// property company, within the number, and the right has no other.
func (h *Hall) entrusted(ctx context.Context, tx *store.Tx, m Meeting, id string, right int64, holder string) (name string, err error) {
	p, err := h.on.Register.Person(ctx, tx, holder)
	if fault.IsKind(err, fault.Missing) || err == nil && p.Status != "" {
		return "", ErrHolder
	}
	if err != nil {
		return "", err
	}
	if err := h.mayCast(ctx, tx, m, right, holder, ""); err == nil {
		return "", ErrHolder
	} else if !errors.Is(err, ErrNotYours) {
		return "", err
	}
	limits, _, err := h.rulesOf(ctx, tx, m)
	if err != nil {
		return "", err
	}
	company, err := h.isCompany(ctx, tx, holder, today(tx))
	if err != nil {
		return "", err
	}
	held, err := store.All(ctx, tx, scanMandate, `select `+mandateColumns+` from assembly_proxy where meeting = $1 and ended = 0 and (holder = $2 or right_no = $3) order by id`, m.ID, holder, right)
	if err != nil {
		return "", err
	}
	list := make([]ballot.Mandate, 0, len(held)+1)
	for _, x := range held {
		list = append(list, ballot.Mandate{ID: x.ID, Right: int(x.Right), Holder: x.Holder, Given: x.At})
	}
	list = append(list, ballot.Mandate{ID: id, Right: int(right), Holder: holder, Given: max(tx.Now, lastGiven(held)+1), Company: company})
	for _, r := range ballot.Proxies(list, ballot.Limits{PerHolder: limits.Proxies, Company: limits.CompanyProxy}) {
		switch {
		case r.ID != id:
		case r.Code == "company":
			return "", ErrCompanyProxy
		case r.Code == "twice":
			return "", ErrHasProxy
		default:
			return "", ErrTooMany.Fill("n", limits.Proxies)
		}
	}
	return p.Name, nil
}
