package assembly

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/store"
	"cuobian/rooms/outreach"
)

// Faults of proposals.
var (
	ErrProposal      = fault.Bad("home", "assembly.proposal", "请写邻居的房号（按名册的写法）和姓名", "give the neighbour's home as the roll writes it, and the name")
	ErrManyProposals = fault.New(fault.TooMany, "assembly.proposals_many", "一次选举最多推荐 {n} 人次", "at most {n} proposals in one election")
	ErrProposalOver  = fault.New(fault.Conflict, "assembly.proposal_over", "这次推荐已经答复", "this proposal was answered already")
)

// mostProposals is how many times one owner proposes somebody in one election.
const mostProposals = 5

// Proposal is a neighbour's proposal that somebody stand. R29 knows nomination by the branch, the community and oneself: so
// it is an invitation, and who says yes stands by own choice and needs co-signers as everybody who does.
type Proposal struct {
	ID    string      `json:"id"`
	Zone  string      `json:"zone"`
	Words string      `json:"words,omitempty" doc:"what the neighbour said of it"`
	At    day.Instant `json:"at"`
}

// Proposing names the neighbour by home and name.
type Proposing struct {
	Home  string `json:"home" maxLength:"60" doc:"as the posted roll writes it"`
	Name  string `json:"name" maxLength:"60"`
	Words string `json:"words,omitempty" maxLength:"500"`
}

// Propose proposes a neighbour. Nobody is told whether home and name fit somebody: so the answer gives no owner away.
func (h *Hall) Propose(ctx context.Context, who access.Who, id string, in Proposing) error {
	in.Home, in.Name, in.Words = strings.TrimSpace(in.Home), strings.TrimSpace(in.Name), strings.TrimSpace(in.Words)
	return h.db.Write(ctx, func(tx *store.Tx) error {
		m, zones, err := h.electing(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := h.attends(ctx, tx, who, m); err != nil {
			return err
		}
		if ok, err := h.within(ctx, tx, who.Person, m.Path); err != nil || !ok {
			if err == nil {
				err = ErrCosign
			}
			return err
		}
		if err := h.stage(ctx, tx, m, zones, false); err != nil {
			return err
		}
		if in.Home == "" || in.Name == "" {
			return ErrProposal
		}
		n, err := store.Count(ctx, tx, `select count(*) from assembly_proposal where meeting = $1 and by_person = $2`, m.ID, who.Person)
		if err != nil {
			return err
		}
		if n >= mostProposals {
			return ErrManyProposals.Fill("n", mostProposals)
		}
		zone, person, err := h.neighbour(ctx, tx, m, zones, in)
		if err != nil {
			return err
		}
		if person == who.Person {
			person = ""
		}
		if _, err := tx.Exec(ctx, `insert into assembly_proposal (id, meeting, zone, person, by_person, words, state, at, candidate) values ($1, $2, $3, $4, $5, $6, 'open', $7, '')`,
			tx.NewID(), m.ID, zone, person, who.Person, in.Words, int64(tx.Now)); err != nil {
			return err
		}
		if person != "" && h.on.Office != nil {
			words, err := h.words(ctx, tx, m)
			if err != nil {
				return err
			}
			if err := h.on.Office.Tell(ctx, tx, outreach.Message{To: []outreach.To{{Person: person}}, Template: "assembly.proposed", Ref: m.Ref(), Path: m.Path, Words: words}); err != nil {
				return err
			}
		}
		return h.event(ctx, tx, who, nil, m, "proposed", "", nil)
	})
}

// neighbour finds the owner of a home of the roll by name, with the zone; empty where nobody fits.
func (h *Hall) neighbour(ctx context.Context, q store.Queryer, m Meeting, zones []Zone, in Proposing) (zone, person string, err error) {
	r, err := h.rollNow(ctx, q, m)
	if err != nil {
		return "", "", err
	}
	for _, x := range r.Rights {
		for _, p := range x.Places {
			if p.Label != in.Home {
				continue
			}
			i := slices.IndexFunc(zones, func(z Zone) bool {
				return slices.ContainsFunc(z.Buildings, func(b scope.Path) bool { return b.Covers(p.Path) })
			})
			if i < 0 {
				return "", "", nil
			}
			err = q.QueryRow(ctx, `select t.person from people_v_title t join people_v_person p on p.id = t.person where t.path = $1 and t.to_day = '' and p.name = $2 order by t.person limit 1`, p.Path, in.Name).Scan(&person)
			if errors.Is(err, sql.ErrNoRows) {
				return "", "", nil
			}
			return zones[i].Name, person, err
		}
	}
	return "", "", nil
}

// proposals are those that wait for a person's yes or no, one for each zone.
func (h *Hall) proposals(ctx context.Context, q store.Queryer, meeting, person string) ([]Proposal, error) {
	all, err := store.All(ctx, q, func(r *sql.Rows) (p Proposal, err error) {
		err = r.Scan(&p.ID, &p.Zone, &p.Words, &p.At)
		return p, err
	}, `select id, zone, words, at from assembly_proposal where meeting = $1 and person = $2 and state = 'open' order by id`, meeting, person)
	if all == nil {
		all = []Proposal{}
	}
	return all, err
}

// AnswerProposal says yes or no to a proposal. Yes makes the candidacy, as one's own, with who proposed as first co-signer
// where that is an owner of the zone; it answers what else waits.
func (h *Hall) AnswerProposal(ctx context.Context, who access.Who, id, pid string, yes bool, in Nomination) (c Candidate, err error) {
	if who.Person == "" {
		return c, access.ErrSignIn
	}
	err = h.db.Write(ctx, func(tx *store.Tx) error {
		m, zones, err := h.electing(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := h.sees(ctx, tx, who, m); err != nil {
			return err
		}
		var zone, by, state string
		err = tx.QueryRow(ctx, `select zone, by_person, state from assembly_proposal where id = $1 and meeting = $2 and person = $3`, pid, m.ID, who.Person).Scan(&zone, &by, &state)
		if errors.Is(err, sql.ErrNoRows) {
			return ErrMissing
		}
		if err != nil {
			return err
		}
		if state != "open" {
			return ErrProposalOver
		}
		if !yes {
			if _, err := tx.Exec(ctx, `update assembly_proposal set state = 'declined' where id = $1`, pid); err != nil {
				return err
			}
			return h.event(ctx, tx, who, nil, m, "proposal_declined", "", nil)
		}
		if c, err = h.nominate(ctx, tx, who, id, Nomination{Zone: zone, By: "self", Party: in.Party, Statement: in.Statement}); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `update assembly_proposal set state = 'accepted', candidate = $1 where meeting = $2 and person = $3 and state = 'open'`, c.ID, m.ID, who.Person); err != nil {
			return err
		}
		i := slices.IndexFunc(zones, func(z Zone) bool { return z.Name == zone })
		ok, err := h.within(ctx, tx, by, zones[i].Buildings...)
		if err != nil || !ok {
			return err
		}
		n, err := tx.Exec(ctx, `insert into assembly_cosigner (candidate, person, paper, at) values ($1, $2, $3, $4) on conflict (candidate, person) do nothing`, c.ID, by, false, int64(tx.Now))
		c.Cosigners += n
		return err
	})
	return c, err
}
