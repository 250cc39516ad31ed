package committee

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/platform/access"
	"cuobian/platform/seal"
	"cuobian/platform/store"
	"cuobian/rooms/people"
)

// Faults of a committee's seal.
var (
	ErrSealFiled   = fault.New(fault.Conflict, "committee.seal_filed", "印章凭备案回执刻制：请先登记备案（R11）", "a seal is made on the receipt of the filing: enter the filing first (R11)")
	ErrSealForming = fault.New(fault.Conflict, "committee.seal_forming", "这个委员会的印章在组建流程中登记", "this committee's seal is entered in its forming")
	ErrSealInUse   = fault.New(fault.Conflict, "committee.seal_in_use", "委员会已有在用的印章；遗失、损坏的先登记停用", "the committee has a seal in use; take a lost or broken one out of use first")
	ErrSealOver    = fault.New(fault.Conflict, "committee.seal_over", "这个委员会已不在任", "this committee is no longer in office")
	ErrSealEnded   = fault.New(fault.Conflict, "committee.seal_ended", "这枚印章已停用", "this seal is out of use")
	ErrSealKeeper  = fault.Bad("keeper", "committee.seal_keeper", "请写明保管印章的在任委员", "name the member in office who keeps the seal")
)

// Seal is one seal of a committee, in use or out of it. There is one in use at most.
type Seal struct {
	ID     string      `json:"id"`
	Name   string      `json:"name" doc:"as it stands on the seal"`
	Keeper string      `json:"keeper,omitempty" doc:"person id of the member who keeps it"`
	Made   day.Instant `json:"made"`
	Ended  day.Instant `json:"ended,omitempty" doc:"empty while it is in use"`
}

// sealsOf lists the seals of a committee, oldest first.
func (c *Chamber) sealsOf(ctx context.Context, q store.Queryer, org string) ([]Seal, error) {
	out := []Seal{}
	if c.on.Stamps == nil {
		return out, nil
	}
	all, err := c.on.Stamps.Of(ctx, q, "orgs/"+org)
	if err != nil || len(all) == 0 {
		return out, err
	}
	kept, err := store.All(ctx, q, func(r *sql.Rows) (x [2]string, err error) {
		err = r.Scan(&x[0], &x[1])
		return x, err
	}, `select stamp, keeper from committee_seal where org = $1`, org)
	if err != nil {
		return nil, err
	}
	keeper := map[string]string{}
	for _, k := range kept {
		keeper[k[0]] = k[1]
	}
	for _, s := range all {
		out = append(out, Seal{s.ID, s.Name, keeper[s.ID], s.Made, s.Ended})
	}
	return out, nil
}

// inUse is the seal of a committee that is in use, with an empty id where there is none.
func (c *Chamber) inUse(ctx context.Context, q store.Queryer, org string) (x Seal, err error) {
	all, err := c.sealsOf(ctx, q, org)
	for _, s := range slices.Backward(all) {
		if s.Ended == 0 {
			return s, err
		}
	}
	return x, err
}

// cut has a seal made in the house's own ring of named seals and notes it as a paper.
func (c *Chamber) cut(ctx context.Context, tx *store.Tx, who access.Who, o people.Org, forming, ref, name, keeper string, on day.Day) (x Seal, err error) {
	if name = strings.TrimSpace(name); name == "" {
		name = o.Name
	}
	x = Seal{Name: name, Keeper: keeper, Made: tx.Now}
	if c.on.Stamps != nil {
		var s seal.Stamp
		if s, err = c.on.Stamps.Make(ctx, tx, name, o.Path, "orgs/"+o.ID); err != nil {
			return x, err
		}
		x.ID = s.ID
		if err := c.kept(ctx, tx, o.ID, x.ID, keeper); err != nil {
			return x, err
		}
	}
	_, err = c.keep(ctx, tx, who, Paper{Org: o.ID, Forming: forming, Path: o.Path, Kind: "seal", Zh: "印章刻制：" + name, En: "a seal was made: " + name, Ref: ref}, map[string]any{"name": name, "stamp": x.ID, "keeper": keeper, "on": on})
	return x, err
}

func (c *Chamber) kept(ctx context.Context, tx *store.Tx, org, stamp, keeper string) error {
	_, err := tx.Exec(ctx, `insert into committee_seal (stamp, org, keeper) values ($1, $2, $3) on conflict (stamp) do update set keeper = excluded.keeper`, stamp, org, keeper)
	return err
}

// sealing reads a committee for a step on its seal: by a member in office, or by the community.
func (c *Chamber) sealing(ctx context.Context, tx *store.Tx, who access.Who, org string) (b body, a *access.Action, err error) {
	if b, err = c.body(ctx, tx, org, today(tx)); err != nil {
		return b, nil, err
	}
	if a = Sit; !sits(who, b.o.Path, org) {
		if a = Form; who.May(Form, b.o.Path) != nil {
			return b, nil, who.May(Form, b.o.Path)
		}
	}
	if b.o.EndedOn.Sound() && b.o.EndedOn < today(tx) {
		err = ErrSealOver
	}
	return b, a, err
}

// EnterSeal enters the seal of a committee in office outside a forming: of one that no forming here led to, of one whose seal was
// lost, or of one that came back after its successor's election was annulled. A filed committee alone has one; an interim one
// stands on the street's approval instead.
func (c *Chamber) EnterSeal(ctx context.Context, who access.Who, org, name, keeper string, when day.Day) (x Seal, err error) {
	err = c.db.Write(ctx, func(tx *store.Tx) error {
		b, a, err := c.sealing(ctx, tx, who, org)
		if err != nil {
			return err
		}
		n, err := store.Count(ctx, tx, `select count(*) from committee_forming where org = $1 and closed = 0`, org)
		if err != nil {
			return err
		}
		now, err := c.inUse(ctx, tx, org)
		switch {
		case err != nil:
			return err
		case n > 0:
			return ErrSealForming
		case b.o.Kind == people.OwnersCommittee && !b.o.FiledOn.Sound():
			return ErrSealFiled
		case now.ID != "":
			return ErrSealInUse
		case keeper == "":
			return ErrSealKeeper
		case !slices.Contains(b.all, keeper):
			return ErrNotMember.At("keeper")
		}
		on, err := passed(tx, when, b.o.FiledOn)
		if err != nil {
			return err
		}
		if x, err = c.cut(ctx, tx, who, b.o, "", "committees/"+org, name, keeper, on); err != nil {
			return err
		}
		return c.trail(ctx, tx, who, a, b.o.Path, "enter_seal", "committees/"+org, "", map[string]string{"stamp": x.ID, "name": x.Name, "keeper": keeper})
	})
	return x, err
}

// sealAt reads the seal in use of a committee by its id.
func (c *Chamber) sealAt(ctx context.Context, tx *store.Tx, org, id string) (Seal, error) {
	all, err := c.sealsOf(ctx, tx, org)
	if err != nil {
		return Seal{}, err
	}
	i := slices.IndexFunc(all, func(s Seal) bool { return s.ID == id })
	switch {
	case i < 0:
		return Seal{}, ErrMissing
	case all[i].Ended != 0:
		return all[i], ErrSealEnded
	}
	return all[i], nil
}

// KeepSeal gives a seal into another member's keeping.
func (c *Chamber) KeepSeal(ctx context.Context, who access.Who, org, id, keeper string) (x Seal, err error) {
	err = c.db.Write(ctx, func(tx *store.Tx) error {
		b, a, err := c.sealing(ctx, tx, who, org)
		if err != nil {
			return err
		}
		if x, err = c.sealAt(ctx, tx, org, id); err != nil {
			return err
		}
		if keeper == "" {
			return ErrSealKeeper
		}
		if !slices.Contains(b.all, keeper) {
			return ErrNotMember.At("keeper")
		}
		from := x.Keeper
		x.Keeper = keeper
		if err := c.kept(ctx, tx, org, id, keeper); err != nil {
			return err
		}
		if _, err := c.keep(ctx, tx, who, Paper{Org: org, Path: b.o.Path, Kind: "seal", Zh: "印章换人保管：" + x.Name, En: "another member keeps the seal: " + x.Name, Ref: "committees/" + org}, map[string]string{"name": x.Name, "stamp": id, "keeper": keeper, "from_keeper": from}); err != nil {
			return err
		}
		return c.trail(ctx, tx, who, a, b.o.Path, "keep_seal", "committees/"+org, "", map[string]string{"stamp": id, "from": from, "to": keeper})
	})
	return x, err
}

// EndSeal takes a seal out of use with a reason: lost, broken, made anew. Every owner may read that it is; what it sealed before can
// still be checked.
func (c *Chamber) EndSeal(ctx context.Context, who access.Who, org, id, why string) (x Seal, err error) {
	if why = strings.TrimSpace(why); why == "" {
		return x, ErrWhy
	}
	err = c.db.Write(ctx, func(tx *store.Tx) error {
		b, a, err := c.sealing(ctx, tx, who, org)
		if err != nil {
			return err
		}
		if x, err = c.sealAt(ctx, tx, org, id); err != nil {
			return err
		}
		if err := c.on.Stamps.End(ctx, tx, id); err != nil {
			return err
		}
		x.Ended = tx.Now
		if _, err := c.keep(ctx, tx, who, Paper{Org: org, Path: b.o.Path, Kind: "seal", Zh: "印章停用：" + x.Name, En: "the seal is out of use: " + x.Name, Ref: "committees/" + org, Open: true}, map[string]string{"name": x.Name, "stamp": id, "text": why}); err != nil {
			return err
		}
		return c.trail(ctx, tx, who, a, b.o.Path, "end_seal", "committees/"+org, why, map[string]string{"stamp": id})
	})
	return x, err
}

// endStamp takes the former committee's seal out of use, once it was handed over.
func (c *Chamber) endStamp(ctx context.Context, tx *store.Tx, who access.Who, x Handover) error {
	now, err := c.inUse(ctx, tx, x.Org)
	if err != nil || now.ID == "" {
		return err
	}
	if err := c.on.Stamps.End(ctx, tx, now.ID); err != nil {
		return err
	}
	_, err = c.keep(ctx, tx, who, Paper{Org: x.ToOrg, Path: x.Path, Kind: "seal", Zh: "上一届委员会印章停用", En: "the former committee's seal is out of use", Ref: "handovers/" + x.ID}, map[string]string{"name": now.Name, "stamp": now.ID})
	return err
}

// voidSeal takes the seal of a committee out of use whose election was annulled.
func (c *Chamber) voidSeal(ctx context.Context, tx *store.Tx, o people.Org, why string) error {
	now, err := c.inUse(ctx, tx, o.ID)
	if err != nil || now.ID == "" {
		return err
	}
	if err := c.on.Stamps.End(ctx, tx, now.ID); err != nil {
		return err
	}
	_, err = c.keep(ctx, tx, access.System, Paper{Org: o.ID, Path: o.Path, Kind: "seal", Zh: "印章停用：" + now.Name, En: "the seal is out of use: " + now.Name, Ref: "committees/" + o.ID, Open: true}, map[string]string{"name": now.Name, "stamp": now.ID, "text": why})
	return err
}
