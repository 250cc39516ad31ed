package assembly

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"

	"cuobian/platform/store"
)

// carried is what a merge of two records of one person moved, each by its keys.
type carried struct {
	Voters     []key    `json:"voters,omitempty"`     // meeting, right: rows that the kept person got beside those of the gone one
	Signs      []key    `json:"signs,omitempty"`      // demand, time: signatures of the gone person
	NewSigns   []string `json:"new_signs,omitempty"`  // of these, demands that the kept one had not signed
	Candidates []string `json:"candidates,omitempty"` // ids
	Cosigned   []key    `json:"cosigned,omitempty"`   // candidate, time
	Papers     []string `json:"papers,omitempty"`     // paper of each
	NewCosigns []string `json:"new_cosigns,omitempty"`
	Devices    []string `json:"devices,omitempty"`
	Proxies    []string `json:"proxies,omitempty"`
	Offers     []string `json:"offers,omitempty"`  // held
	Offered    []string `json:"offered,omitempty"` // given
	Team       []string `json:"team,omitempty"`
	Challenges []string `json:"challenges,omitempty"` // objections to candidates
	Proposed   []string `json:"proposed,omitempty"`   // who is proposed
	Proposals  []string `json:"proposals,omitempty"`  // who proposes
}

// key is a row's: an id, and a right's number or an instant.
type key struct {
	ID string `json:"id"`
	N  int64  `json:"n"`
}

func keys(r *sql.Rows) (k key, err error) {
	err = r.Scan(&k.ID, &k.N)
	return k, err
}

// Merged lets a person go on under another id, when two records on the register were one person: who may cast, who signed,
// whose device and mandate it is. A frozen roll's rights stay as they are. What it moves it writes down, for Parted.
func (h *Hall) Merged(ctx context.Context, tx *store.Tx, kept, gone string) error {
	var c carried
	var err error
	texts := func(to *[]string, query string) {
		if err == nil {
			*to, err = store.Texts(ctx, tx, query, kept, gone)
		}
	}
	two := func(to *[]key, query string, args ...any) {
		if err == nil {
			*to, err = store.All(ctx, tx, keys, query, args...)
		}
	}
	two(&c.Voters, `insert into assembly_voter (meeting, right_no, person, capacity, ended, paper, by_person, at) select meeting, right_no, $1, capacity, ended, paper, by_person, at from assembly_voter where person = $2
on conflict (meeting, right_no, person) do nothing returning meeting, right_no`, kept, gone)
	two(&c.Signs, `select demand, at from assembly_demand_sign where person = $1 order by demand`, gone)
	texts(&c.NewSigns, `insert into assembly_demand_sign (demand, person, at) select demand, $1, at from assembly_demand_sign where person = $2 on conflict (demand, person) do nothing returning demand`)
	texts(&c.Candidates, `update assembly_candidate set person = $1 where person = $2 and not exists (select 1 from assembly_candidate c where c.meeting = assembly_candidate.meeting and c.person = $1 and c.state <> 'withdrawn') returning id`)
	two(&c.Cosigned, `select candidate, at from assembly_cosigner where person = $1 order by candidate`, gone)
	if err == nil {
		c.Papers, err = store.Texts(ctx, tx, `select paper from assembly_cosigner where person = $1 order by candidate`, gone)
	}
	texts(&c.NewCosigns, `insert into assembly_cosigner (candidate, person, paper, at) select candidate, $1, paper, at from assembly_cosigner where person = $2 on conflict (candidate, person) do nothing returning candidate`)
	texts(&c.Devices, `update assembly_device set person = $1 where person = $2 returning id`)
	texts(&c.Proxies, `update assembly_proxy set holder = $1 where holder = $2 returning id`)
	texts(&c.Offers, `update assembly_offer set holder = $1 where holder = $2 returning id`)
	texts(&c.Offered, `update assembly_offer set by_person = $1 where by_person = $2 returning id`)
	texts(&c.Team, `update assembly_team set person = $1 where person = $2 and not exists (select 1 from assembly_team t where t.meeting = assembly_team.meeting and t.role = assembly_team.role and t.person = $1) returning id`)
	texts(&c.Challenges, `update assembly_challenge set person = $1 where person = $2 and (state <> 'open' or not exists (select 1 from assembly_challenge c where c.candidate = assembly_challenge.candidate and c.person = $1 and c.state = 'open')) returning id`)
	texts(&c.Proposed, `update assembly_proposal set person = $1 where person = $2 returning id`)
	texts(&c.Proposals, `update assembly_proposal set by_person = $1 where by_person = $2 returning id`)
	if err != nil {
		return err
	}
	for _, q := range []string{`delete from assembly_cosigner where person = $1`, `delete from assembly_demand_sign where person = $1`} {
		if _, err := tx.Exec(ctx, q, gone); err != nil {
			return err
		}
	}
	facts, err := json.Marshal(c)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `insert into assembly_merge (id, kept, gone, facts, at, parted) values ($1, $2, $3, $4, $5, 0)`, tx.NewID(), kept, gone, string(facts), int64(tx.Now))
	return err
}

// Parted gives back what the merge of these two moved: who may cast which right, signatures, candidacies, devices, mandates and
// parts in teams. What the kept person did meanwhile in these rights stays done.
func (h *Hall) Parted(ctx context.Context, tx *store.Tx, kept, gone string) error {
	var id, text string
	err := tx.QueryRow(ctx, `select id, facts from assembly_merge where kept = $1 and gone = $2 and parted = 0 order by id desc limit 1`, kept, gone).Scan(&id, &text)
	if errors.Is(err, sql.ErrNoRows) {
		return nil // merged before this was written down
	}
	if err != nil {
		return err
	}
	var c carried
	if err := json.Unmarshal([]byte(text), &c); err != nil {
		return err
	}
	exec := func(query string, args ...any) {
		if err == nil {
			_, err = tx.Exec(ctx, query, args...)
		}
	}
	for _, v := range c.Voters {
		exec(`delete from assembly_voter where meeting = $1 and right_no = $2 and person = $3`, v.ID, v.N, kept)
	}
	for _, x := range c.NewSigns {
		exec(`delete from assembly_demand_sign where demand = $1 and person = $2`, x, kept)
	}
	for _, x := range c.Signs {
		exec(`insert into assembly_demand_sign (demand, person, at) values ($1, $2, $3) on conflict (demand, person) do nothing`, x.ID, gone, x.N)
	}
	for _, x := range c.NewCosigns {
		exec(`delete from assembly_cosigner where candidate = $1 and person = $2`, x, kept)
	}
	for i, x := range c.Cosigned {
		exec(`insert into assembly_cosigner (candidate, person, paper, at) values ($1, $2, $3, $4) on conflict (candidate, person) do nothing`, x.ID, gone, c.Papers[i], x.N)
	}
	for _, back := range []struct {
		query string
		ids   []string
	}{
		{`update assembly_candidate set person = $1 where id = $2 and person = $3`, c.Candidates},
		{`update assembly_device set person = $1 where id = $2 and person = $3`, c.Devices},
		{`update assembly_proxy set holder = $1 where id = $2 and holder = $3`, c.Proxies},
		{`update assembly_offer set holder = $1 where id = $2 and holder = $3`, c.Offers},
		{`update assembly_offer set by_person = $1 where id = $2 and by_person = $3`, c.Offered},
		{`update assembly_team set person = $1 where id = $2 and person = $3`, c.Team},
		{`update assembly_challenge set person = $1 where id = $2 and person = $3`, c.Challenges},
		{`update assembly_proposal set person = $1 where id = $2 and person = $3`, c.Proposed},
		{`update assembly_proposal set by_person = $1 where id = $2 and by_person = $3`, c.Proposals},
	} {
		for _, x := range back.ids {
			exec(back.query, gone, x, kept)
		}
	}
	exec(`update assembly_merge set parted = $1 where id = $2`, int64(tx.Now), id)
	return err
}
