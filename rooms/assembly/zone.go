package assembly

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/rules"
	"cuobian/platform/store"
	"cuobian/rooms/assembly/roll"
	"cuobian/rooms/assembly/seat"
	"cuobian/rooms/place"
)

// Faults of elections and their zones.
var (
	ErrNoElection  = fault.New(fault.Conflict, "assembly.no_election", "这次会议不选举委员，或还没有设定选区", "this meeting elects nobody, or its zones are not set yet")
	ErrElectsNot   = fault.New(fault.Conflict, "assembly.elects_not", "这次会议的目的不是选举", "this meeting was not drafted to elect")
	ErrZoneTwice   = fault.Bad("zones", "assembly.zone_twice", "一幢楼只能划入一个选区", "a building belongs to one zone")
	ErrZoneMissing = fault.Bad("zones", "assembly.zone_missing", "还有楼幢没有划入选区：{names}", "some buildings are in no zone: {names}")
	ErrZonePlace   = fault.Bad("zones", "assembly.zone_place", "选区由本小区的楼幢组成", "a zone is made of buildings of this compound")
	ErrWeight      = fault.Bad("weight", "assembly.weight", "权重应为人数或面积", "weight is heads or area")
	ErrZoneSeats   = fault.Bad("zones", "assembly.zone_seats", "补选须写明各选区的缺额", "a by-election says how many places each zone fills")
	ErrListed      = fault.New(fault.Conflict, "assembly.listed", "候选人名单已公布，不能再改", "the list of candidates is out and is not changed any more")
)

// Zone is a constituency with its share of the seats.
type Zone struct {
	Name      string       `json:"name" maxLength:"40"`
	Buildings []scope.Path `json:"buildings" maxItems:"200" doc:"paths of buildings"`
	Labels    []string     `json:"labels,omitempty" doc:"their names"`
	Weight    int64        `json:"weight,omitempty" doc:"heads, or area in 0.01 m², of the buildings"`
	Seats     int          `json:"seats,omitempty" doc:"its share; given only for a by-election"`
	Quota     string       `json:"quota,omitempty" doc:"seats × weight / sum, as a fraction"`
}

// Electing is an election as its convener sets it.
type Electing struct {
	Seats  int    `json:"seats" minimum:"1" maximum:"11"`
	Weight string `json:"weight,omitempty" enum:",heads,area"`
	Zones  []Zone `json:"zones" maxItems:"11"`
}

// limits are R19 and R29 as the rules in force have them.
func (h *Hall) limits(ctx context.Context, q store.Queryer, m Meeting) (l seat.Limits, partial bool, err error) {
	l = seat.Preset()
	p, _, err := rules.Params[rules.Committees](ctx, h.on.Rules, q, rules.Committee, m.Path, h.db.Now().Day(day.Shanghai))
	if err != nil {
		return l, false, err
	}
	l.SizeMin, l.SizeMax = p.SizeMin, p.SizeMax
	return l, p.Partial, nil
}

// ErrRunOff keeps a run-off to its tie.
var ErrRunOff = fault.New(fault.Refused, "assembly.run_off", "再次投票只在同票的候选人之间进行，席位、选区和候选人不能改", "a run-off is between those who were equal: its seats, zones and candidates stay as they are")

// noRunOff refuses what would change the seats, zones or candidates of a run-off.
func (h *Hall) noRunOff(ctx context.Context, q store.Queryer, meeting string) error {
	n, err := store.Count(ctx, q, `select count(*) from assembly_election where meeting = $1 and source <> ''`, meeting)
	if err == nil && n > 0 {
		err = ErrRunOff
	}
	return err
}

// SetElection sets seats and zones, and shares the seats by largest remainder; refusals say the numbers. It can be set
// anew until the provisional list is out; candidates whose zone is gone are withdrawn with it.
func (h *Hall) SetElection(ctx context.Context, who access.Who, id string, in Electing) (e Election, err error) {
	_, err = h.step(ctx, who, id, 0, []State{Draft, Posted, Noticed}, func(tx *store.Tx, m *Meeting) error {
		if !m.electsMembers() {
			return ErrElectsNot
		}
		if err := h.noRunOff(ctx, tx, m.ID); err != nil {
			return err
		}
		if out, err := h.listsOut(ctx, tx, m.ID); err != nil || out {
			if err == nil {
				err = ErrListed
			}
			return err
		}
		if in.Weight == "" {
			in.Weight = "heads"
		}
		if in.Weight != "heads" && in.Weight != "area" {
			return ErrWeight
		}
		if err := h.carve(ctx, tx, *m, &in); err != nil {
			return err
		}
		if err := h.putElection(ctx, tx, *m, in, ""); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `update assembly_candidate set state = 'withdrawn', words = '选区调整' where meeting = $1 and state <> 'withdrawn' and zone not in (select name from assembly_zone where meeting = $1)`, m.ID); err != nil {
			return err
		}
		if err := h.event(ctx, tx, who, Convene, *m, "election", "", map[string]any{"seats": in.Seats, "weight": in.Weight, "zones": len(in.Zones)}); err != nil {
			return err
		}
		e, err = h.election(ctx, tx, *m)
		return err
	})
	return e, err
}

func (h *Hall) putElection(ctx context.Context, tx *store.Tx, m Meeting, in Electing, source string) error {
	if _, err := tx.Exec(ctx, `insert into assembly_election (meeting, seats, weight, source, extended, why, listed, result) values ($1, $2, $3, $4, '', '', 0, '')
on conflict (meeting) do update set seats = excluded.seats, weight = excluded.weight`, m.ID, in.Seats, in.Weight, source); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `delete from assembly_zone where meeting = $1`, m.ID); err != nil {
		return err
	}
	for i, z := range in.Zones {
		b, err := json.Marshal(z.Buildings)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `insert into assembly_zone (meeting, no, name, buildings, weight, seats, quota) values ($1, $2, $3, $4, $5, $6, $7)`, m.ID, i+1, z.Name, string(b), z.Weight, z.Seats, z.Quota); err != nil {
			return err
		}
	}
	return nil
}

// carve checks the zones, weighs them by the roll (or by the register before there is one) and shares the seats.
func (h *Hall) carve(ctx context.Context, q store.Queryer, m Meeting, in *Electing) error {
	nodes, err := h.on.Map.NodesIn(ctx, q, m.Path, place.Building)
	if err != nil {
		return err
	}
	left := map[scope.Path]string{}
	for _, n := range nodes {
		if !n.EndedOn.Sound() {
			left[n.Path] = n.Name
		}
	}
	known := len(left)
	var all []scope.Path
	for i := range in.Zones {
		z := &in.Zones[i]
		z.Name = strings.TrimSpace(z.Name)
		if len(z.Buildings) == 0 {
			return ErrZonePlace.At(fmt.Sprintf("zones[%d].buildings", i))
		}
		for _, b := range z.Buildings {
			if slices.Contains(all, b) {
				return ErrZoneTwice.At(fmt.Sprintf("zones[%d].buildings", i))
			}
			if _, ok := left[b]; !ok {
				return ErrZonePlace.At(fmt.Sprintf("zones[%d].buildings", i))
			}
			delete(left, b)
			all = append(all, b)
		}
	}
	by := m.Purpose == "by_election"
	if !by && len(left) > 0 && known > 0 {
		var names []string
		for _, n := range left {
			names = append(names, n)
		}
		slices.Sort(names)
		return ErrZoneMissing.Fill("names", strings.Join(names, "、"))
	}
	r, err := h.rollNow(ctx, q, m)
	if err != nil {
		return err
	}
	weighed := make([]seat.Zone, len(in.Zones))
	for i := range in.Zones {
		z := &in.Zones[i]
		z.Weight = 0
		for _, x := range r.Electorate(roll.Scope{Kind: "list", Paths: z.Buildings}) {
			if in.Weight == "area" {
				z.Weight += int64(x.Area)
			} else {
				z.Weight++
			}
		}
		weighed[i] = seat.Zone{Name: z.Name, Weight: z.Weight}
	}
	if by {
		sum := 0
		for i, z := range in.Zones {
			if z.Name == "" || z.Seats < 1 {
				return ErrZoneSeats.At(fmt.Sprintf("zones[%d].seats", i))
			}
			sum += z.Seats
		}
		if sum != in.Seats {
			return ErrZoneSeats.At("seats")
		}
		return nil
	}
	l, _, err := h.limits(ctx, q, m)
	if err != nil {
		return err
	}
	shares, err := seat.Apportion(in.Seats, weighed, l)
	if err != nil {
		return err
	}
	for i, s := range shares {
		in.Zones[i].Seats, in.Zones[i].Quota = s.Seats, s.Quota
	}
	return nil
}

// rollNow is the roll in force, or what it would be today.
func (h *Hall) rollNow(ctx context.Context, q store.Queryer, m Meeting) (roll.Roll, error) {
	if m.RollVersion > 0 {
		return h.roll(ctx, q, m, m.RollVersion)
	}
	parts, _, err := h.parts(ctx, q, m.Path)
	if err != nil {
		return roll.Roll{}, err
	}
	return roll.Make(roll.Input{Compound: m.Path.Last(), Parts: parts})
}

func (h *Hall) zones(ctx context.Context, q store.Queryer, meeting string) ([]Zone, error) {
	out, err := store.All(ctx, q, func(r *sql.Rows) (z Zone, err error) {
		var b string
		if err = r.Scan(&z.Name, &b, &z.Weight, &z.Seats, &z.Quota); err == nil {
			err = json.Unmarshal([]byte(b), &z.Buildings)
		}
		return z, err
	}, `select name, buildings, weight, seats, quota from assembly_zone where meeting = $1 order by no`, meeting)
	if out == nil {
		out = []Zone{}
	}
	return out, err
}
