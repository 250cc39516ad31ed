package app

import (
	"context"
	"strconv"
	"strings"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/jobs"
	"cuobian/platform/rules"
	"cuobian/platform/store"
	"cuobian/rooms/assembly"
	"cuobian/rooms/cases"
	"cuobian/rooms/committee"
	"cuobian/rooms/duty"
	"cuobian/rooms/money/share"
	"cuobian/rooms/outreach"
)

// join fills in the ports between rooms.
func (h *House) join() {
	h.Accounts.Grants = h.Register.Grants
	h.Accounts.PersonOfPhone = h.Register.PersonOfPhone
	h.Accounts.Resolve = h.Register.Resolve
	h.Accounts.PersonName = h.Register.PersonName
	h.Accounts.PlaceName = func(ctx context.Context, q store.Queryer, at scope.Path) string {
		s, err := h.Map.Words(ctx, q, at)
		if err != nil {
			return ""
		}
		return s
	}
	h.Accounts.Unread = func(ctx context.Context, _ store.Queryer, person string) (int, error) {
		n, err := h.Office.Unread(ctx, person)
		return int(n), err
	}
	h.Accounts.SendCode = func(ctx context.Context, tx *store.Tx, phone, person, code string) error {
		return h.Office.Tell(ctx, tx, outreach.Message{To: []outreach.To{{Phone: phone}}, Template: "signin.code", Words: map[string]string{"code": code}})
	}
	h.Office.Holders = func(ctx context.Context, q store.Queryer, post access.Post, at scope.Path, org string) ([]string, error) {
		terms, err := h.Register.Holders(ctx, q, at, h.today(), post)
		var out []string
		for _, t := range terms {
			if org == "" || t.Org == org {
				out = append(out, t.Person)
			}
		}
		return out, err
	}
	h.Office.Address = func(ctx context.Context, q store.Queryer, person, channel string) (string, string, error) {
		if channel != "sms" {
			return "", "zh", nil // WeChat ids and mail addresses are not on the roster yet
		}
		phones, err := h.Register.Phones(ctx, q, person)
		if err != nil || len(phones) == 0 {
			return "", "zh", err
		}
		return phones[0], "zh", nil
	}
	h.Diary.HoldsPost = func(ctx context.Context, q store.Queryer, person string, at scope.Path, org string) (bool, error) {
		grants, err := h.Register.Grants(ctx, q, person, h.today())
		if err != nil {
			return false, err
		}
		for _, g := range grants {
			if g.Post != access.Resident && g.Path.Covers(at) && (org == "" || g.Org == org) {
				return true, nil
			}
		}
		return false, nil
	}
	h.Diary.Publish = func(ctx context.Context, tx *store.Tx, m duty.Due) error {
		return h.Jobs.Put(ctx, tx, "duty.due", m, jobs.When{})
	}
	h.Diary.PageOf = func(ctx context.Context, q store.Queryer, ref string) (string, error) {
		kind, id, _ := strings.Cut(ref, "/")
		switch kind {
		case "assembly-objections":
			return h.Hall.PageOf(ctx, q, id)
		case "handovers", "tasks", "questions", "meetings":
			return h.Chamber.PageOf(ctx, q, kind, id)
		}
		return "", nil
	}
	h.joinDesk()
	h.Hall.Log, h.Hall.Pens = h.Logs.Public, h.Pens
	h.Hall.PersonOfPhone, h.Hall.SignedIn = h.Register.PersonOfPhone, h.Accounts.SignedIn
	h.Hall.PhoneCode = func(ctx context.Context, phone, code string) error {
		return h.Accounts.CheckProof(ctx, phone, code, access.Place{})
	}
	h.Chamber.Outcome = func(ctx context.Context, q store.Queryer, meeting string) (committee.Elected, bool, error) {
		e, ok, err := h.Hall.Elected(ctx, q, meeting)
		out := committee.Elected{Meeting: e.Meeting, Path: e.Path, On: e.On, Purpose: e.Purpose, Size: e.Seats, Members: seats(e.Elected), Alternates: seats(e.Alternates), Zones: []committee.Zone{}, Demo: e.Demo}
		for _, z := range e.Zones {
			out.Zones = append(out.Zones, committee.Zone{Name: z.Name, Buildings: z.Buildings, Seats: z.Seats})
		}
		return out, ok, err
	}
	h.Service.Rules = h.Rules
	h.Service.Resolved = h.resolved
	h.Till.Figures = h.figures
	h.Board.Interim = func(ctx context.Context, at scope.Path, on day.Day) (bool, error) {
		p, _, err := rules.Params[rules.Counting](ctx, h.Rules, h.DB, rules.Standing, at, on)
		return p.InterimCounts, err
	}
	h.Register.Merged = func(ctx context.Context, tx *store.Tx, kept, gone string) error {
		if err := h.Hall.Merged(ctx, tx, kept, gone); err != nil {
			return err
		}
		if err := h.Chamber.Merged(ctx, tx, kept, gone); err != nil {
			return err
		}
		return h.Till.Merged(ctx, tx, kept, gone)
	}
	h.Register.Parted = h.Hall.Parted
	h.Register.ServiceOf = h.Service.Learn
	h.Register.ServiceAt = h.Service.Told
	h.Register.ServiceForget = h.Service.Forget
	h.Register.Forgotten = func(ctx context.Context, tx *store.Tx, who access.Who, person, why string) error {
		if err := h.Desk.ForgetPerson(ctx, tx, who, person, why); err != nil {
			return err
		}
		return h.Accounts.Forget(ctx, tx, who, person, why)
	}
	h.Register.InUse = func(ctx context.Context, q store.Queryer, at scope.Path) (bool, error) {
		lo, hi := at.Bounds()
		n, err := store.Count(ctx, q, `select count(*) from (select id from cases_v_case where path >= $1 and path < $2 limit 1) as one`, lo, hi)
		return n > 0, err
	}
}

func seats(in []assembly.Seated) []committee.Seat {
	out := []committee.Seat{}
	for _, x := range in {
		out = append(out, committee.Seat{Person: x.Person, Zone: x.Zone, Party: x.Party, Heads: x.Heads, Area: x.Area})
	}
	return out
}

// joinDesk fills in what matters need of the rooms below.
func (h *House) joinDesk() {
	h.Desk.Stand(cases.Rooms{Rules: h.Rules, Map: h.Map, Register: h.Register, Contracts: h.Service, Blobs: h.Blobs})
	h.Desk.Tell = h.tellReporter
	h.Desk.PhoneCode = func(ctx context.Context, phone, code string) error {
		// Attempts are counted by the desk, per address, before it asks.
		return h.Accounts.CheckProof(ctx, phone, code, access.Place{})
	}
}

// resolved reports whether owners passed what a decision names: "assemblies/ID/NO", final, of an item and a compound.
func (h *House) resolved(ctx context.Context, q store.Queryer, at scope.Path, decision string, item int) (bool, error) {
	rest, of := strings.CutPrefix(decision, "assemblies/")
	meeting, number, _ := strings.Cut(rest, "/")
	no, err := strconv.ParseInt(number, 10, 64)
	if !of || err != nil {
		return false, nil
	}
	r, err := h.Hall.Resolution(ctx, q, meeting, no)
	if fault.IsKind(err, fault.Missing) {
		return false, nil
	}
	return err == nil && r.Holds() && r.Item == item && r.Path == at, err
}

// figures are what pay by quality takes from matters, counted as the board's indicators on_time and satisfaction are.
func (h *House) figures(ctx context.Context, q store.Queryer, at scope.Path, from, to day.Day) ([]share.Input, error) {
	lo, hi := at.Bounds()
	begin, end := int64(from.Start(day.Shanghai)), int64(to.End(day.Shanghai))
	out := []share.Input{}
	for _, x := range []struct{ input, zh, sql string }{
		{"on_time", "考核期内没有到期事项", `select coalesce(sum(case when verified_at > 0 and verified_at <= resolve_due then 1 else 0 end), 0), count(*) from cases_v_case
where path >= $1 and path < $2 and merged_into = '' and resolve_due >= $3 and resolve_due <= $4 and (verified_at > 0 or closed = 0)`},
		{"satisfaction", "考核期内没有回访结果", `select coalesce(sum(case when callback = 'satisfied' then 1 else 0 end), 0), count(*) from cases_v_case
where path >= $1 and path < $2 and merged_into = '' and closed >= $3 and closed <= $4 and callback in ('satisfied', 'partly', 'dissatisfied')`},
	} {
		in := share.Input{Input: x.input, Source: "cases/" + x.input + "/" + from.String() + "/" + to.String()}
		if err := q.QueryRow(ctx, x.sql, lo, hi, begin, end).Scan(&in.Figure.N, &in.Figure.D); err != nil {
			return nil, err
		}
		if in.Figure.D == 0 {
			in.Figure.N, in.Absent = 0, x.zh
		}
		out = append(out, in)
	}
	return out, nil
}
