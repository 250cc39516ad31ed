// Package clock counts the periods of a matter from the list of what happened to it: how long until it is accepted,
// answered, resolved, confirmed and called back, and whether each was in time.
//
// Nothing is kept here: the same events, calendar and periods always give the same clocks (R49, R52, R53; rules 9.3).
// The clock of resolution stops when the matter is found done by another (verified), not when the handler says so,
// and stands still only for the listed reasons, each with a cap.
package clock

import (
	"slices"
	"time"

	"cuobian/basis/day"
)

// Kind is what happened.
type Kind string

// What the clocks know of.
const (
	Reported   Kind = "report"
	Classified Kind = "classify"
	Dispatched Kind = "dispatch"
	Refused    Kind = "refuse"
	Taken      Kind = "take"
	Contacted  Kind = "contacted" // the reporter was spoken to
	Acting     Kind = "acting"    // something was set in motion
	Arrived    Kind = "arrived"   // somebody is on site
	Returned   Kind = "return"
	Paused     Kind = "pause"
	Resumed    Kind = "resume"
	Extended   Kind = "extend"
	Handled    Kind = "handle"
	Verified   Kind = "verify"
	Failed     Kind = "fail"
	Confirmed  Kind = "confirm"
	Silent     Kind = "silence"
	Called     Kind = "callback"
	Reopened   Kind = "reopen"
	Mediated   Kind = "mediate"
	Ended      Kind = "end" // closed, merged, withdrawn or settled
	Split      Kind = "split"
)

// Event is one thing that happened. Which fields count depends on Kind.
type Event struct {
	Kind   Kind
	At     day.Instant
	Urgent bool   // Reported, Classified
	Length string // Reported, Classified: a key of Periods.Resolve
	Reason string // Paused: a key of Periods.Pause
	N      int    // Extended: how many more of the unit
}

// Periods are the lengths in force, from the rule pack cases_clock. Those of a matter are the ones of the day on
// which it was reported.
type Periods struct {
	Hours    day.Hours            `json:"hours"`    // office hours, for limits in oh
	Accept   day.Limit            `json:"accept"`   // report → dispatched or refused
	Answer   day.Limit            `json:"answer"`   // report → taken, or the reporter spoken to
	Urgent   Minutes              `json:"urgent"`   // for lifts with people in them, fire, gas, façades, burst pipes
	Resolve  map[string]day.Limit `json:"resolve"`  // consult, simple, multi, complex
	Reopen   day.Limit            `json:"reopen"`   // reopened → verified again
	Return   day.Limit            `json:"return"`   // dispatched → may still be returned
	Returns  int                  `json:"returns"`  // how often, before the street decides
	Confirm  day.Limit            `json:"confirm"`  // verified → silence counts as unconfirmed
	Callback day.Limit            `json:"callback"` // confirmed or silent → called back
	Tries    int                  `json:"tries"`    // unanswered calls until a reporter counts as unreachable
	Sample   int                  `json:"sample"`   // per cent of satisfied matters that are called back; others always
	Pause    map[string]day.Limit `json:"pause"`    // reason → cap
	Extend   int                  `json:"extend"`   // how many extensions
	Alike    int                  `json:"alike"`    // days within which matters may be one
	Object   day.Limit            `json:"object"`   // dispatched → objection to the assignment
	Mediate  day.Limit            `json:"mediate"`  // one stage of mediation
}

// Minutes are the clocks of urgent matters, all from the report.
type Minutes struct {
	Answer day.Limit `json:"answer"`
	Act    day.Limit `json:"act"`
	Site   day.Limit `json:"site"`
}

// Preset is rules 9.3, and our own choice where that is silent: the caps of a pause for a court or a vote, and one
// stage of mediation.
func Preset() Periods {
	return Periods{
		Accept:   day.Limit{N: 1, Unit: day.WorkingDays},
		Answer:   day.Limit{N: 24, Unit: day.ClockHours},
		Urgent:   Minutes{day.Limit{N: 15, Unit: day.Minutes}, day.Limit{N: 30, Unit: day.Minutes}, day.Limit{N: 2, Unit: day.ClockHours}},
		Resolve:  map[string]day.Limit{"consult": wd(2), "simple": wd(5), "multi": wd(10), "complex": wd(15)},
		Reopen:   wd(5),
		Return:   day.Limit{N: 4, Unit: day.OfficeHours},
		Returns:  1,
		Confirm:  wd(3),
		Callback: wd(3),
		Tries:    3,
		Sample:   100,
		Pause:    map[string]day.Limit{"reporter": wd(5), "court": {N: 180, Unit: day.Days}, "vote": {N: 60, Unit: day.Days}},
		Extend:   1,
		Alike:    7,
		Object:   wd(5),
		Mediate:  wd(10),
	}
}

func wd(n int) day.Limit { return day.Limit{N: n, Unit: day.WorkingDays} }

// Clock is one period: where it ends and when it was met. The zero Clock is not running and never did.
type Clock struct {
	Due day.Due     `json:"due"`
	Met day.Instant `json:"met"` // zero while it runs
}

// Runs reports whether it still runs.
func (c Clock) Runs() bool { return c.Due.At != 0 && c.Met == 0 }

// Overdue reports whether it runs and its end has passed.
func (c Clock) Overdue(now day.Instant) bool { return c.Runs() && now > c.Due.At }

// Clocks is how a matter stands.
type Clocks struct {
	Accept, Answer, Act, Site Clock
	Resolve                   Clock     // of the present round
	Length                    day.Limit // of the present round, without what was added
	Confirm, Callback, Return Clock
	Round                     int         // 0, and one more for each reopening
	Missed                    bool        // a round before this was verified late
	PauseReason               string      // standing still for this reason
	PausedAt                  day.Instant // since then
	PausedUntil               day.Instant // and no longer than this
	Extended                  int         // how many of Length's unit were added in this round
	ended                     bool
}

// OnTime reports whether the matter was verified within its due, in every round; known is false while it is still open
// and could be in time.
func (c Clocks) OnTime(now day.Instant) (known, on bool) {
	if c.Missed {
		return true, false
	}
	switch {
	case c.Resolve.Met != 0:
		return true, !c.Resolve.Due.Late(c.Resolve.Met)
	case c.Resolve.Overdue(now) && !c.ended:
		return true, false
	}
	return false, false
}

type pause struct {
	reason   string
	from, to day.Instant
}

// Run counts the clocks of events, oldest first, as they stand at now.
func Run(cal *day.Calendar, p Periods, events []Event, now day.Instant) Clocks {
	var c Clocks
	var urgent, verified bool
	var length string
	var began day.Instant
	var pauses []pause
	var open *pause
	used := map[string]int{} // of a reason's cap, in its unit
	stop := func(k *Clock, at day.Instant) {
		if k.Runs() {
			k.Met = at
		}
	}
	start := func(at day.Instant, l day.Limit) Clock { return Clock{Due: cal.Deadline(at, l, p.Hours)} }
	classify := func(at day.Instant) {
		// The periods run from the report, whatever it is called later.
		if urgent {
			c.Answer.Due = cal.Deadline(began, p.Urgent.Answer, p.Hours)
			c.Act.Due, c.Site.Due = cal.Deadline(began, p.Urgent.Act, p.Hours), cal.Deadline(began, p.Urgent.Site, p.Hours)
		} else {
			c.Answer.Due = cal.Deadline(began, p.Answer, p.Hours)
			c.Act, c.Site = Clock{}, Clock{}
		}
	}
	endPause := func(at day.Instant) {
		if open == nil {
			return
		}
		open.to = min(at, open.to)
		used[open.reason] += spent(cal, p, p.Pause[open.reason].Unit, open.from, open.to)
		pauses = append(pauses, *open)
		open = nil
		c.PauseReason, c.PausedAt, c.PausedUntil = "", 0, 0
	}
	reported := day.Instant(0)
	for _, e := range events {
		switch e.Kind {
		case Reported:
			began, reported, urgent, length = e.At, e.At, e.Urgent, e.Length
			c.Accept = start(e.At, p.Accept)
			classify(e.At)
		case Classified:
			urgent, length = e.Urgent, e.Length
			if c.Round == 0 {
				classify(e.At)
			}
		case Dispatched:
			endPause(e.At)
			stop(&c.Accept, e.At)
			c.Return = start(e.At, p.Return)
		case Refused:
			stop(&c.Accept, e.At)
			stop(&c.Answer, e.At)
			c.Return, c.ended = Clock{}, true
		case Taken, Contacted:
			stop(&c.Answer, e.At)
		case Acting:
			stop(&c.Answer, e.At)
			stop(&c.Act, e.At)
		case Arrived:
			stop(&c.Answer, e.At)
			stop(&c.Act, e.At)
			stop(&c.Site, e.At)
		case Returned:
			endPause(e.At)
			stop(&c.Return, e.At)
			c.Accept = start(e.At, p.Accept) // it waits for a holder again
		case Paused:
			if open != nil && open.to <= e.At {
				endPause(e.At) // it had come to its cap
			}
			limit, listed := p.Pause[e.Reason]
			if !listed || open != nil {
				continue
			}
			// The cap is for all pauses of one reason together.
			if limit.N -= used[e.Reason]; limit.N < 1 {
				continue
			}
			end := cal.Deadline(e.At, limit, p.Hours).At
			open = &pause{e.Reason, e.At, end}
			c.PauseReason, c.PausedAt, c.PausedUntil = e.Reason, e.At, end
		case Resumed:
			endPause(e.At)
		case Extended:
			c.Extended += e.N
		case Handled:
			endPause(e.At)
			stop(&c.Answer, e.At)
			stop(&c.Act, e.At)
			stop(&c.Site, e.At)
			c.Return = Clock{}
		case Verified:
			verified = true
			c.Resolve.Met = e.At
			c.Confirm = start(e.At, p.Confirm)
		case Failed:
			verified, c.Resolve.Met = false, 0
		case Confirmed, Silent:
			stop(&c.Confirm, e.At)
			c.Callback = start(e.At, p.Callback)
		case Called:
			stop(&c.Callback, e.At)
		case Reopened:
			due := resolveDue(cal, p, began, c, length, pauses)
			c.Missed = c.Missed || due.Late(c.Resolve.Met)
			stop(&c.Confirm, e.At)
			stop(&c.Callback, e.At)
			c.Round++
			began, verified, pauses, open = e.At, false, nil, nil
			used = map[string]int{}
			c.Resolve, c.Extended, c.Return = Clock{}, 0, Clock{}
			c.Confirm, c.Callback = Clock{}, Clock{}
			c.Accept = start(e.At, p.Accept)
			c.ended = false
		case Mediated:
			stop(&c.Confirm, e.At)
			stop(&c.Callback, e.At)
		case Ended:
			endPause(e.At)
			for _, k := range []*Clock{&c.Accept, &c.Answer, &c.Act, &c.Site, &c.Confirm, &c.Callback, &c.Return} {
				stop(k, e.At)
			}
			c.ended = true
		case Split:
			c.ended = false
			for _, k := range []*Clock{&c.Accept, &c.Answer, &c.Act, &c.Site} {
				k.Met = 0
			}
		}
	}
	if reported == 0 {
		return c
	}
	if open != nil {
		if open.to <= now {
			endPause(now)
		} else {
			// While it stands still the end is told as if it stood still to the cap.
			pauses = append(pauses, *open)
		}
	}
	c.Resolve.Due = resolveDue(cal, p, began, c, length, pauses)
	c.Length = roundLength(p, c.Round, length)
	if !verified {
		c.Resolve.Met = 0
	}
	if c.ended && !verified {
		c.Resolve = Clock{}
	}
	return c
}

func roundLength(p Periods, round int, length string) day.Limit {
	if round > 0 {
		return p.Reopen
	}
	if l, ok := p.Resolve[length]; ok {
		return l
	}
	return p.Resolve["simple"]
}

// resolveDue is where the round's clock of resolution ends: its length and what was added, and the time it stood still.
// A working day counts as stood still when it lies after the day of the pause and up to the day of going on.
func resolveDue(cal *day.Calendar, p Periods, began day.Instant, c Clocks, length string, pauses []pause) day.Due {
	l := roundLength(p, c.Round, length)
	if l.IsZero() {
		return day.Due{}
	}
	l.N += min(c.Extended, l.N)
	due := cal.Deadline(began, l, p.Hours)
	pauses = slices.Clone(pauses)
	slices.SortFunc(pauses, func(a, b pause) int { return int(min(max(a.from-b.from, -1), 1)) })
	for _, s := range pauses {
		if s.from > due.At || s.to <= s.from {
			continue
		}
		from, to := s.from.Day(day.Shanghai), s.to.Day(day.Shanghai)
		switch l.Unit {
		case day.WorkingDays:
			if still := cal.Working(from.Add(1), to); still > 0 {
				last, provisional := cal.AddWorking(due.Day(), still)
				due = day.Due{At: last.End(day.Shanghai), Provisional: due.Provisional || provisional}
			}
		case day.Minutes, day.ClockHours:
			due.At = due.At.Add(s.to.Sub(s.from))
		case day.OfficeHours:
			at, provisional := cal.AddOfficeHours(p.Hours, due.At, cal.OfficeTime(p.Hours, s.from, s.to))
			due = day.Due{At: at, Provisional: due.Provisional || provisional}
		default:
			if still := to.Sub(from); still > 0 {
				last, provisional := cal.AddDays(due.Day(), still)
				due = day.Due{At: last.End(day.Shanghai), Provisional: due.Provisional || provisional}
			}
		}
	}
	return due
}

// spent is how much of a cap a pause took, in the cap's unit; what was begun counts, but a pause within one day takes
// no day.
func spent(cal *day.Calendar, p Periods, unit day.Unit, from, to day.Instant) int {
	a, b := from.Day(day.Shanghai), to.Day(day.Shanghai)
	up := func(d, unit time.Duration) int { return int((d + unit - 1) / unit) }
	switch unit {
	case day.WorkingDays:
		return cal.Working(a.Add(1), b)
	case day.Days:
		return b.Sub(a)
	case day.Months:
		n := 0
		for a.AddMonths(n+1) <= b {
			n++
		}
		return n
	case day.OfficeHours:
		return up(cal.OfficeTime(p.Hours, from, to), time.Hour)
	case day.ClockHours:
		return up(to.Sub(from), time.Hour)
	}
	return up(to.Sub(from), time.Minute)
}

// Left reports whether a pause for a reason may begin at now: it is listed, and its cap is not used up.
func Left(cal *day.Calendar, p Periods, events []Event, reason string, now day.Instant) bool {
	c := Run(cal, p, append(slices.Clone(events), Event{Kind: Paused, At: now, Reason: reason}), now)
	return c.PauseReason == reason && c.PausedUntil > now
}
