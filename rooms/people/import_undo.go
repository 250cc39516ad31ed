package people

import (
	"context"
	"database/sql"
	"encoding/json"

	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/audit"
	"cuobian/platform/jobs"
	"cuobian/platform/seal"
	"cuobian/platform/store"
	"cuobian/rooms/place"
)

// undo is one going-back over the acts of an import, latest first.
type undo struct {
	r   *Register
	by  audit.By
	im  ImportRecord
	res UndoResult
}

// Undo takes an import back: what it made goes, what it changed becomes as it was. What was touched since stays and is
// named, and so does what stands on it.
func (r *Register) Undo(ctx context.Context, who access.Who, id string, version int64, why string) (UndoResult, error) {
	im, err := r.LookImport(ctx, who, id)
	if err != nil {
		return UndoResult{}, err
	}
	// Who imported a compound of their community takes that import back themselves; another's is the street's to undo.
	if err := who.May(Import, im.Street); err != nil && (im.Account != who.Account || mayImport(who, im.Street) != nil) {
		return UndoResult{}, err
	}
	switch im.State {
	case Queued, Running, Undoing:
		return UndoResult{}, ErrRunning
	case Done, Failed:
	default:
		return UndoResult{}, ErrNotRun
	}
	if im.Version != version {
		return UndoResult{}, ErrVersion
	}
	if why == "" {
		return UndoResult{}, ErrReason
	}
	acts, err := store.Count(ctx, r.db, `select count(*) from people_import_act where import = $1`, id)
	if err != nil {
		return UndoResult{}, err
	}
	by := who.By(Import, im.Street)
	later := r.jobs != nil && acts > manyActs
	if err := r.db.Write(ctx, func(tx *store.Tx) error {
		n, err := tx.Exec(ctx, `update people_import set state = 'undoing', version = version + 1 where id = $1 and version = $2`, id, version)
		if err == nil && n == 0 {
			err = ErrVersion
		}
		if err == nil && later {
			err = r.jobs.Put(ctx, tx, undoKind, undoArgs{id, by, why}, jobs.When{Unique: id, Tries: 3})
		}
		return err
	}); err != nil {
		return UndoResult{}, err
	}
	if later {
		return UndoResult{Queued: true, Kept: []Difference{}}, nil
	}
	return r.undo(ctx, im, by, why)
}

// manyActs is how many acts are taken back while somebody waits; more are left to a job.
const manyActs = 3000

const undoKind = "people.import_undo"

type undoArgs struct {
	ID  string
	By  audit.By
	Why string
}

// undo goes back over an import; broken off, it goes on where it stood.
func (r *Register) undo(ctx context.Context, im ImportRecord, by audit.By, why string) (UndoResult, error) {
	id := im.ID
	u := &undo{r: r, by: by, im: im}
	u.res.Kept = []Difference{}
	if im.Undone != nil {
		u.res = *im.Undone
	}
	for first := true; ; first = false {
		var left int
		before := u.res
		err := r.db.Write(ctx, func(tx *store.Tx) (err error) {
			u.res = UndoResult{Undone: before.Undone, Count: before.Count, Kept: append([]Difference{}, before.Kept...)}
			if first && r.ServiceForget != nil {
				n, kept, err := r.ServiceForget(ctx, tx, u.by, id)
				if err != nil {
					return err
				}
				u.res.Undone += n
				for _, at := range kept {
					u.keep(Difference{Kind: "held", Words: r.PlaceName(ctx, tx, at), Zh: "物业合同已被修改", En: "its contract was changed since"})
				}
			}
			if left, err = u.some(ctx, tx); err != nil {
				return err
			}
			_, err = tx.Exec(ctx, `update people_import set undone = $2 where id = $1`, id, text(u.res))
			return err
		})
		if err != nil {
			return u.res, err
		}
		if left == 0 {
			break
		}
	}
	err := r.db.Write(ctx, func(tx *store.Tx) error {
		if _, err := tx.Exec(ctx, `update people_import set state = 'undone', finished_at = $2, version = version + 1 where id = $1`, id, tx.Now); err != nil {
			return err
		}
		tx.Changed(store.Change{Kind: "imports", ID: id, Path: im.Street})
		return audit.Write(ctx, tx, audit.Entry{By: u.by, Action: "people.import_undo", Path: im.Street, Ref: "imports/" + id, Why: why, To: map[string]int{"undone": u.res.Undone, "kept": u.res.Count}})
	})
	return u.res, err
}

func (u *undo) keep(d Difference) {
	u.res.Count++
	if len(u.res.Kept) < mostDifferences {
		u.res.Kept = append(u.res.Kept, d)
	}
}

// some takes the latest acts back, removes them from the list, and says how many it found.
func (u *undo) some(ctx context.Context, tx *store.Tx) (int, error) {
	type row struct {
		act
		seq int64
	}
	rows, err := store.All(ctx, tx, func(r *sql.Rows) (a row, err error) {
		err = r.Scan(&a.seq, &a.src.Sheet, &a.src.Row, &a.kind, &a.ref, &a.version, &a.before)
		return a, err
	}, `select seq, sheet, line, kind, ref, version, before from people_import_act where import = $1 order by seq desc limit 200`, u.im.ID)
	if err != nil {
		return 0, err
	}
	for _, a := range rows {
		done, err := u.one(ctx, tx, a.act)
		if err != nil {
			return 0, err
		}
		if done {
			u.res.Undone++
		}
		if _, err := tx.Exec(ctx, `delete from people_import_act where import = $1 and seq = $2`, u.im.ID, a.seq); err != nil {
			return 0, err
		}
	}
	return len(rows), nil
}

var touched = Difference{Kind: "held", Zh: "导入后已被修改或使用，保留", En: "was changed or used since the import; it stays"}

func (u *undo) named(words string, a act) Difference {
	d := touched
	d.Words, d.Sheet, d.Row, d.Node = words, a.src.Sheet, a.src.Row, a.ref
	return d
}

func (u *undo) one(ctx context.Context, tx *store.Tx, a act) (bool, error) {
	r := u.r
	switch a.kind {
	case "household":
		h, err := r.household(ctx, tx, a.ref)
		if fault.IsKind(err, fault.Missing) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		if h.Version != a.version {
			u.keep(u.named(r.PlaceName(ctx, tx, h.Path)+" "+seal.MaskName(h.Name), a))
			return false, nil
		}
		_, err = tx.Exec(ctx, `delete from people_household where id = $1`, a.ref)
		return true, err
	case "title", "title_end", "share":
		return u.title(ctx, tx, a)
	case "phone":
		n, err := tx.Exec(ctx, `delete from people_phone where id = $1`, a.ref)
		if err != nil || n == 0 {
			return false, err
		}
		return true, r.relink(ctx, tx, a.before)
	case "identity":
		n, err := tx.Exec(ctx, `update people_person set id_kind = '', id_sealed = null, id_index = '', id_last4 = '', version = version - 1 where id = $1 and id_index = $2`, a.ref, a.before)
		if err != nil || n == 0 {
			return false, err
		}
		return true, r.relink(ctx, tx, a.ref)
	case "person":
		return u.person(ctx, tx, a)
	case "term", "term_facts":
		t, err := r.Term(ctx, tx, a.ref)
		if fault.IsKind(err, fault.Missing) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		if t.Version != a.version {
			u.keep(u.named(r.PlaceName(ctx, tx, t.Path)+" "+t.Name, a))
			return false, nil
		}
		if a.kind == "term" {
			_, err = tx.Exec(ctx, `delete from people_term where id = $1`, a.ref)
			return true, err
		}
		var old Term
		if err := json.Unmarshal([]byte(a.before), &old); err != nil {
			return false, err
		}
		_, err = tx.Exec(ctx, `update people_term set party = $2, to_day = $3, version = version - 1 where id = $1`, a.ref, old.Party, old.To)
		return true, err
	case "org", "org_facts":
		o, err := r.Org(ctx, tx, a.ref)
		if fault.IsKind(err, fault.Missing) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		if a.kind == "org_facts" {
			var old Org
			if err := json.Unmarshal([]byte(a.before), &old); err != nil {
				return false, err
			}
			if o.Version != a.version {
				u.keep(u.named(o.Name, a))
				return false, nil
			}
			old.Version = o.Version - 1
			return true, updateOrg(ctx, tx, old)
		}
		terms, err := store.Count(ctx, tx, `select count(*) from people_term where org = $1`, a.ref)
		if err != nil {
			return false, err
		}
		if o.Version != a.version || terms > 0 {
			u.keep(u.named(o.Name, a))
			return false, nil
		}
		_, err = tx.Exec(ctx, `delete from people_org where id = $1`, a.ref)
		return true, err
	case "facts", "compound":
		return u.facts(ctx, tx, a)
	case "node":
		return u.node(ctx, tx, a)
	}
	return false, nil
}

func (u *undo) title(ctx context.Context, tx *store.Tx, a act) (bool, error) {
	var path scope.Path
	var name string
	var version int64
	err := tx.QueryRow(ctx, `select t.path, p.name, t.version from people_title t join people_person p on p.id = t.person where t.id = $1`, a.ref).Scan(&path, &name, &version)
	if err == sql.ErrNoRows {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if version != a.version {
		u.keep(u.named(u.r.PlaceName(ctx, tx, path)+" "+seal.MaskName(name), a))
		return false, nil
	}
	switch a.kind {
	case "title":
		_, err = tx.Exec(ctx, `delete from people_title where id = $1`, a.ref)
	case "title_end":
		again, e := store.Count(ctx, tx, `select count(*) from people_title t join people_title o on o.node = t.node and o.to_day = '' and o.id <> t.id where t.id = $1`, a.ref)
		if e != nil {
			return false, e
		}
		if again > 0 { // the home has owners that were entered since: the former one does not come back
			u.keep(u.named(u.r.PlaceName(ctx, tx, path)+" "+seal.MaskName(name), a))
			return false, nil
		}
		_, err = tx.Exec(ctx, `update people_title set to_day = '', why = '', version = version - 1 where id = $1`, a.ref)
	case "share":
		var old [2]int64
		if err := json.Unmarshal([]byte(a.before), &old); err != nil {
			return false, err
		}
		_, err = tx.Exec(ctx, `update people_title set share_n = $2, share_d = $3, version = version - 1 where id = $1`, a.ref, old[0], old[1])
	}
	return err == nil, err
}

func (u *undo) person(ctx context.Context, tx *store.Tx, a act) (bool, error) {
	p, err := u.r.Person(ctx, tx, a.ref)
	if fault.IsKind(err, fault.Missing) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	used, err := store.Count(ctx, tx, `select (select count(*) from people_title where person = $1) + (select count(*) from people_household where person = $1)
+ (select count(*) from people_term where person = $1) + (select count(*) from people_merge where kept = $1 or gone = $1) + (select count(*) from people_correction where person = $1)`, a.ref)
	if err != nil {
		return false, err
	}
	if used > 0 || p.Version != a.version {
		u.keep(u.named(seal.MaskName(p.Name), a))
		return false, nil
	}
	if err := u.r.unword(ctx, tx, a.ref); err != nil {
		return false, err
	}
	for _, q := range []string{`delete from people_phone where person = $1`, `delete from people_link where person = $1`, `delete from people_person where id = $1`} {
		if _, err := tx.Exec(ctx, q, a.ref); err != nil {
			return false, err
		}
	}
	return true, nil
}

func (u *undo) facts(ctx context.Context, tx *store.Tx, a act) (bool, error) {
	n, err := u.r.Map.Get(ctx, tx, a.ref)
	if fault.IsKind(err, fault.Missing) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if n.Version != a.version {
		u.keep(u.named(u.r.PlaceName(ctx, tx, n.Path), a))
		return false, nil
	}
	why := "撤销导入"
	switch n.Kind {
	case place.Compound:
		var f place.CompoundFacts
		if err = json.Unmarshal([]byte(a.before), &f); err == nil {
			err = u.r.Map.SetCompound(ctx, tx, u.by, n, f, why)
		}
	case place.Home:
		var f place.HomeFacts
		if err = json.Unmarshal([]byte(a.before), &f); err == nil {
			err = u.r.Map.SetHome(ctx, tx, u.by, n, f, why)
		}
	case place.Parking:
		var f place.ParkingFacts
		if err = json.Unmarshal([]byte(a.before), &f); err == nil {
			err = u.r.Map.SetParking(ctx, tx, u.by, n, f, why)
		}
	}
	if err != nil {
		return false, err
	}
	return true, u.r.Map.Rewind(ctx, tx, n.ID, a.version-1)
}

func (u *undo) node(ctx context.Context, tx *store.Tx, a act) (bool, error) {
	n, err := u.r.Map.Get(ctx, tx, a.ref)
	if fault.IsKind(err, fault.Missing) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	used, err := store.Count(ctx, tx, `select (select count(*) from people_title where node = $1) + (select count(*) from people_household where node = $1)`, a.ref)
	if err != nil {
		return false, err
	}
	if n.Kind == place.Compound || n.Kind == place.Community || n.Kind == place.Grid {
		lo, hi := n.Path.Bounds()
		more, err := store.Count(ctx, tx, `select (select count(*) from people_term where path >= $1 and path < $2) + (select count(*) from people_org where path >= $1 and path < $2)`, lo, hi)
		if err != nil {
			return false, err
		}
		used += more
	}
	if used == 0 && u.r.InUse != nil {
		busy, err := u.r.InUse(ctx, tx, n.Path)
		if err != nil {
			return false, err
		}
		if busy {
			used++
		}
	}
	gone := false
	if used == 0 {
		if gone, err = u.r.Map.Uproot(ctx, tx, a.ref, a.version); err != nil {
			return false, err
		}
	}
	if !gone {
		u.keep(u.named(u.r.PlaceName(ctx, tx, n.Path), a))
		return false, nil
	}
	if n.Kind != place.Compound {
		return true, nil
	}
	if _, err := tx.Exec(ctx, `delete from people_word where path = $1`, string(n.Path)); err != nil {
		return false, err
	}
	_, err = tx.Exec(ctx, `delete from people_link where path = $1`, string(n.Path))
	return true, err
}
