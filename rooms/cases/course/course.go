// Package course says which step may follow which on the way of a matter, and whom a step may not be done by.
//
// A matter goes reported → dispatched → taken → handled → verified → confirmed or unconfirmed → closed. Beside that
// way stand returned, reopened, mediation, merged, withdrawn and refused. A pause stops a clock and is no state.
// (R49; rules 9.3)
package course

import "slices"

// State is where a matter stands.
type State string

// The states.
const (
	Reported    State = "reported"    // 已受理登记, waits for a holder
	Dispatched  State = "dispatched"  // 已派单, waits to be taken
	Taken       State = "taken"       // 已接单, is worked on
	Returned    State = "returned"    // 已退单, waits for another holder
	Handled     State = "handled"     // 已办理, waits to be verified by another
	Verified    State = "verified"    // 已核实, waits for the reporter
	Confirmed   State = "confirmed"   // 报事人已确认, waits for the call-back
	Unconfirmed State = "unconfirmed" // 逾期未确认, waits for the call-back
	Reopened    State = "reopened"    // 已重办, waits for another handler
	Mediation   State = "mediation"   // 调解中
	Closed      State = "closed"      // 已办结
	Merged      State = "merged"      // 已并单
	Withdrawn   State = "withdrawn"   // 已撤回
	Refused     State = "refused"     // 不予受理
)

// States lists all states in the order of the way.
var States = []State{Reported, Dispatched, Taken, Returned, Handled, Verified, Confirmed, Unconfirmed, Reopened, Mediation, Closed, Merged, Withdrawn, Refused}

// Live reports whether somebody still owes something on the matter.
func (s State) Live() bool {
	return s != Closed && s != Merged && s != Withdrawn && s != Refused && s != ""
}

// Known reports whether s is a state.
func (s State) Known() bool { return slices.Contains(States, s) }

// Step is what is done to a matter.
type Step string

// The steps that move a matter, and those that leave it where it is.
const (
	Report    Step = "report"
	Dispatch  Step = "dispatch"
	Refuse    Step = "refuse"
	Take      Step = "take"
	Handover  Step = "handover"
	Return    Step = "return"
	Handle    Step = "handle"
	Verify    Step = "verify" // found to be done
	Fail      Step = "fail"   // found not to be done
	Confirm   Step = "confirm"
	Silence   Step = "silence" // the days for confirming have passed
	Callback  Step = "callback"
	Miss      Step = "miss" // a call-back nobody answered
	Reopen    Step = "reopen"
	Mediate   Step = "mediate" // goes into mediation
	Settle    Step = "settle"  // mediation ends in agreement or for good
	Escalate  Step = "escalate"
	Close     Step = "close"
	Merge     Step = "merge"
	Split     Step = "split"
	Withdraw  Step = "withdraw"
	Classify  Step = "classify"
	Remark    Step = "remark"
	Urge      Step = "urge"
	Pause     Step = "pause"
	Resume    Step = "resume"
	Ask       Step = "ask"    // asks for an extension
	Extend    Step = "extend" // the extension is granted
	Decline   Step = "decline"
	CoHandler Step = "cohandlers"
	Object    Step = "object" // objects to the assignment
	Rule      Step = "rule"   // the objection is decided
	Follow    Step = "follow"
	Reveal    Step = "reveal"
	Forget    Step = "forget" // name and number of the reporter are deleted
)

type move struct {
	from []State
	to   State // "" stays
}

var live = []State{Reported, Dispatched, Taken, Returned, Handled, Verified, Confirmed, Unconfirmed, Reopened, Mediation}

var moves = map[Step]move{
	Report:    {[]State{""}, Reported},
	Dispatch:  {[]State{Reported, Returned, Reopened, Dispatched, Taken}, Dispatched},
	Refuse:    {[]State{Reported, Returned}, Refused},
	Take:      {[]State{Dispatched}, Taken},
	Handover:  {[]State{Dispatched, Taken}, Dispatched},
	Return:    {[]State{Dispatched, Taken}, Returned},
	Handle:    {[]State{Taken}, Handled},
	Verify:    {[]State{Handled}, Verified},
	Fail:      {[]State{Handled}, Taken},
	Confirm:   {[]State{Verified}, Confirmed},
	Silence:   {[]State{Verified}, Unconfirmed},
	Callback:  {[]State{Confirmed, Unconfirmed}, Closed},
	Miss:      {[]State{Confirmed, Unconfirmed}, ""},
	Reopen:    {[]State{Verified, Confirmed, Unconfirmed, Closed}, Reopened},
	Mediate:   {[]State{Verified, Confirmed, Unconfirmed, Closed}, Mediation},
	Settle:    {[]State{Mediation}, Closed},
	Escalate:  {[]State{Mediation}, ""},
	Close:     {[]State{Confirmed}, Closed},
	Merge:     {[]State{Reported, Dispatched, Taken, Returned}, Merged},
	Split:     {[]State{Merged}, Reported},
	Withdraw:  {[]State{Reported, Dispatched, Taken, Returned}, Withdrawn},
	Classify:  {[]State{Reported, Dispatched, Taken, Returned, Reopened}, ""},
	Remark:    {States, ""},
	Urge:      {live, ""},
	Pause:     {[]State{Taken}, ""},
	Resume:    {[]State{Taken}, ""},
	Ask:       {[]State{Taken}, ""},
	Extend:    {[]State{Dispatched, Taken}, ""},
	Decline:   {live, ""},
	CoHandler: {[]State{Dispatched, Taken}, ""},
	Object:    {[]State{Dispatched, Taken}, ""},
	Rule:      {[]State{Dispatched, Taken}, ""},
	Follow:    {live, ""},
	Reveal:    {States, ""},
	Forget:    {[]State{Closed, Merged, Withdrawn, Refused}, ""},
}

// After is the state after a step; ok is false where the step may not be done in that state.
func After(s State, step Step) (next State, ok bool) {
	m, known := moves[step]
	if !known || !slices.Contains(m.from, s) {
		return s, false
	}
	if m.to == "" {
		return s, true
	}
	return m.to, true
}

// Unhappy is the step after a dissatisfied answer: reopened once, then mediation (rules 9.3).
func Unhappy(reopenedBefore int) Step {
	if reopenedBefore == 0 {
		return Reopen
	}
	return Mediate
}

// Returning says who gets a matter that is returned: the one who dispatches the first time; the second time the
// street decides, and then it stays with whom the street names (rules 9.3). ok is false where it may not be returned
// any more.
func Returning(returnedBefore, allowed int) (street, ok bool) {
	switch {
	case returnedBefore < allowed:
		return false, true
	case returnedBefore == allowed:
		return true, true
	}
	return false, false
}

// Wrong says why somebody may not do a step; "" is no reason.
type Wrong string

// Reasons that have to do with who did what before.
const (
	OwnWork   Wrong = "own_work"   // verifies or calls back what this person handled
	SameCheck Wrong = "same_check" // calls back what this person verified, in a community with enough people
	SameHands Wrong = "same_hands" // takes again what this person handled before it was reopened
)

// MayVerify: who verifies did not handle.
func MayVerify(by string, handlers []string) Wrong {
	if by == "" || slices.Contains(handlers, by) {
		return OwnWork
	}
	return ""
}

// MayCall: who calls back did not handle; nor verify, unless the community has two people or fewer to do both.
// hands counts those whose post may verify or call back there.
func MayCall(by string, handlers []string, verifier string, hands int) Wrong {
	if by == "" || slices.Contains(handlers, by) {
		return OwnWork
	}
	if by == verifier && hands > 2 {
		return SameCheck
	}
	return ""
}

// MayTake: after a reopening, another handler takes it.
func MayTake(by string, before []string) Wrong {
	if slices.Contains(before, by) {
		return SameHands
	}
	return ""
}
