package assembly

import (
	"context"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/platform/access"
	"cuobian/platform/blob"
	"cuobian/platform/store"
)

// ErrForgotten says that the choices were removed when the years of keeping were over.
var ErrForgotten = fault.New(fault.Conflict, "assembly.forgotten", "保存期已满，票的内容已删除；已下载的核对文件仍可核对", "the years of keeping are over and what the ballots say was removed; files that were taken before can still be checked")

// forgotten reports whether a meeting's choices were removed.
func (h *Hall) forgotten(ctx context.Context, q store.Queryer, meeting string) (bool, error) {
	n, err := store.Count(ctx, q, `select count(*) from assembly_forgotten where meeting = $1`, meeting)
	return n > 0, err
}

// Keep removes, once the years of keeping that a meeting was held under are over, what its ballots say and who cast them,
// what was typed, visitors' notes, what mandates by phone name, and every picture and letter that is not on hold. Roll,
// notices, figures, derivation, the trail and the public log stay. It says how many meetings it went through; a daily timer
// calls it.
func (h *Hall) Keep(ctx context.Context) (int, error) {
	now := h.db.Now()
	// No preset keeps less than a year: whatever ended within it is not even looked at.
	ids, err := store.Texts(ctx, h.db, `select id from assembly_meeting m where state in ('final', 'cancelled', 'annulled') and updated < $1
 and not exists (select 1 from assembly_forgotten f where f.meeting = m.id) order by id limit 1000`, int64(now.Day(day.Shanghai).AddMonths(-12).Start(day.Shanghai)))
	if err != nil {
		return 0, err
	}
	done := 0
	for _, id := range ids {
		did := false
		err := h.db.Write(ctx, func(tx *store.Tx) (err error) {
			did, err = h.forget(ctx, tx, id)
			return err
		})
		if err != nil {
			return done, err
		}
		if did {
			done++
			h.files.Lock()
			delete(h.files.by, id)
			h.files.Unlock()
		}
	}
	return done, nil
}

func (h *Hall) forget(ctx context.Context, tx *store.Tx, id string) (bool, error) {
	m, err := h.meeting(ctx, tx, id)
	if err != nil {
		return false, err
	}
	p, _, err := h.rulesOf(ctx, tx, m)
	if err != nil {
		return false, err
	}
	if p.KeepYears < 1 || today(tx) <= m.Updated.Day(day.Shanghai).AddMonths(12*p.KeepYears) {
		return false, nil
	}
	if n, err := tx.Exec(ctx, `insert into assembly_forgotten (meeting, at) values ($1, $2) on conflict (meeting) do nothing`, m.ID, int64(tx.Now)); err != nil || n == 0 {
		return false, err
	}
	refs := []string{m.Ref()}
	for prefix, query := range map[string]string{
		"assembly-sheets/":  `select code from assembly_sheet where meeting = $1 order by code`,
		"assembly-visits/":  `select id from assembly_visit where meeting = $1 order by id`,
		"assembly-proxies/": `select id from assembly_proxy where meeting = $1 order by id`,
	} {
		some, err := store.Texts(ctx, tx, query, m.ID)
		if err != nil {
			return false, err
		}
		for _, x := range some {
			refs = append(refs, prefix+x)
		}
	}
	if h.on.Blobs != nil {
		from := today(tx).Add(-max(blob.Days[blob.Photo], blob.Days[blob.Voice], blob.Days[blob.File]))
		for _, ref := range refs { // all are over by today; the sweep of uploads removes them, with its trace
			if err := h.on.Blobs.Expire(ctx, tx, ref, from); err != nil {
				return false, err
			}
		}
	}
	for _, x := range []struct{ table, column, query string }{
		{"assembly_ballot", "sealed", `select id from assembly_ballot where meeting = $1 order by id`},
		{"assembly_visit", "note", `select id from assembly_visit where meeting = $1 order by id`},
		{"assembly_offer", "said", `select id from assembly_offer where meeting = $1 order by id`},
	} {
		ids, err := store.Texts(ctx, tx, x.query, m.ID)
		if err != nil {
			return false, err
		}
		for _, id := range ids { // an empty value under the same seal, so that a turning of keys goes over it like any other
			plain := ""
			if x.table == "assembly_ballot" {
				plain = `{}`
			}
			if _, err := tx.Exec(ctx, `update `+x.table+` set `+x.column+` = $1 where id = $2`, h.ring.Seal(x.table, x.column, id, plain), id); err != nil {
				return false, err
			}
		}
	}
	for _, q := range []string{
		`delete from assembly_entry where sheet in (select code from assembly_sheet where meeting = $1)`,
		`update assembly_ballot set person = '', proxy = '', sign_key = '', signature = '' where meeting = $1`,
		`update assembly_offer set name = '', why = '', signature = '' where meeting = $1`,
		`update assembly_visit set reason = '' where meeting = $1`,
	} {
		if _, err := tx.Exec(ctx, q, m.ID); err != nil {
			return false, err
		}
	}
	return true, h.event(ctx, tx, access.System, nil, m, "forgotten", "", map[string]any{"years": p.KeepYears, "refs": len(refs)})
}

// remembered refuses what needs the choices of a meeting that were removed.
func (h *Hall) remembered(ctx context.Context, q store.Queryer, meeting string) error {
	gone, err := h.forgotten(ctx, q, meeting)
	if err == nil && gone {
		err = ErrForgotten
	}
	return err
}
